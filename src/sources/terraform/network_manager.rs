//! Azure Virtual Network Manager: networks that are joined by being members of groups, with no peering of their own.
//!
//! Four sorts of resources say it together: groups, members, configurations, and deployments. A configuration joins nothing until
//! a deployment names it, and a deployment is the whole of what is in effect in its region: what it no longer names is taken
//! away. A mesh joins all its members, those of one region unless it is global; a hub-and-spoke configuration peers each
//! with the hub. Membership by policy is not in any plan, and is said.
//!
//! Sources: <https://learn.microsoft.com/azure/virtual-network-manager/concept-connectivity-configuration>,
//! <https://learn.microsoft.com/azure/virtual-network-manager/concept-deployments>

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::graph::fragment::{End, Fragment, LinkDeclaration, NodeDeclaration, Notice};
use crate::graph::identity::{Key, Reference};
use crate::graph::link::{Beyond, LinkKind, LinkState};
use crate::graph::node::{AddressSpace, Forwards, NodeKind, Place};
use crate::graph::origin::OriginId;
use crate::graph::protection::ProtectionRule;

/// Above so many members a mesh is told as one hub that joins them all, not as a peering of every two.
const MAX_MEMBERS_IN_PAIRS: usize = 48;

/// One resource of a network manager.
#[derive(Debug)]
pub struct Piece {
    /// Its identifiers; the address is the last.
    pub(super) keys: Vec<Key>,
    /// Its name.
    pub(super) name: Option<String>,
    /// What it says.
    pub(super) content: Content,
    /// Who says so.
    pub(super) origin: OriginId,
}

/// What a resource of a network manager says.
#[derive(Debug)]
pub(super) enum Content {
    /// There is a group.
    Group,
    /// A network belongs to a group.
    Member {
        /// The group.
        group: Vec<Reference>,
        /// The network.
        network: Vec<Reference>,
    },
    /// How networks of groups are joined, once deployed.
    Configuration {
        /// All with all; otherwise each with the hub.
        is_mesh: bool,
        /// Across regions.
        is_global: bool,
        /// The hub, where there is one.
        hub: Vec<Reference>,
        /// Whose members.
        groups: Vec<AppliedGroup>,
        /// How the links protect traffic.
        protection: Vec<ProtectionRule>,
    },
    /// Configurations are in effect in a region.
    Deployment {
        /// Where; `None`: not told.
        region: Option<String>,
        /// Which sort of configuration it is about.
        access: Option<String>,
        /// The configurations.
        configurations: Vec<Reference>,
    },
}

/// A group as a configuration uses it.
#[derive(Debug)]
pub(super) struct AppliedGroup {
    /// The group.
    pub(super) group: Vec<Reference>,
    /// Its members are joined with each other, too.
    pub(super) is_meshed: bool,
    /// Across regions.
    pub(super) is_global: bool,
    /// They use the gateways of the hub.
    pub(super) uses_hub_gateway: bool,
}

/// A network in a group.
#[derive(Clone)]
struct Member {
    network: Reference,
    region: Option<String>,
    origins: BTreeSet<OriginId>,
}

/// A configuration in effect, as what joins the networks of one set.
struct Effective<'p> {
    key: &'p Key,
    name: Option<String>,
    role: &'static str,
    origins: BTreeSet<OriginId>,
    protection: &'p [ProtectionRule],
    beyond: Option<[Beyond; 2]>,
}

/// Add the links that a network manager makes, and say what in it cannot be seen.
pub fn expand(pieces: &[Piece], fragment: &mut Fragment) -> Vec<Notice> {
    let pieces = Pieces::of(pieces, fragment);
    let mut notices = Vec::new();
    for (configuration, deployed) in pieces.deployed() {
        let Some(piece) = pieces.by_key.get(&configuration).copied() else {
            notices.push(not_seen(
                &configuration,
                "is deployed, and no input describes it: whom it joins is not known",
            ));
            continue;
        };
        let Content::Configuration {
            is_mesh,
            is_global,
            hub,
            groups,
            protection,
        } = &piece.content
        else {
            continue;
        };
        let mut effective = Effective {
            key: piece.keys.last().unwrap_or(&configuration),
            name: piece.name.clone(),
            role: "connected group",
            origins: deployed.values().flatten().copied().collect(),
            protection,
            beyond: None,
        };
        effective.origins.insert(piece.origin);
        let mut in_mesh: Vec<Member> = Vec::new();
        let mut across = *is_global;
        for applied in groups {
            let members = pieces.members(applied, &deployed);
            if members.is_empty() {
                let group = applied.group.iter().flat_map(keys_of).next();
                notices.push(not_seen(
                    &group.unwrap_or_else(|| configuration.clone()),
                    "is in a deployed configuration and has no member in the input: a policy may put networks into it, and no plan \
                     shows which",
                ));
            }
            if *is_mesh {
                across |= applied.is_global;
                in_mesh.extend(members);
                continue;
            }
            if applied.is_meshed {
                effective.mesh(&members, applied.is_global, fragment);
            }
            let spokes = Effective {
                role: "hub-and-spoke peering",
                origins: effective.origins.clone(),
                name: effective.name.clone(),
                beyond: Some(beyond(applied.uses_hub_gateway)),
                ..effective
            };
            for hub in hub {
                for member in &members {
                    spokes.join(member, &hub_member(hub), fragment);
                }
            }
        }
        effective.mesh(&in_mesh, across, fragment);
    }
    notices
}

fn not_seen(key: &Key, message: &str) -> Notice {
    Notice {
        kind: "policy-not-understood",
        subject: key.as_str().to_owned(),
        message: message.to_owned(),
    }
}

fn hub_member(hub: &Reference) -> Member {
    Member {
        network: hub.clone(),
        region: None,
        origins: BTreeSet::new(),
    }
}

/// What the halves of a hub-and-spoke peering open, that of the spoke first.
fn beyond(uses_hub_gateway: bool) -> [Beyond; 2] {
    let spoke = Beyond {
        lends_gateways: false,
        borrows_gateways: uses_hub_gateway,
        // Nothing read says that it does not.
        takes_forwarded: true,
    };
    let hub = Beyond {
        lends_gateways: uses_hub_gateway,
        borrows_gateways: false,
        takes_forwarded: true,
    };
    [spoke, hub]
}

fn keys_of(reference: &Reference) -> Vec<Key> {
    match reference {
        Reference::To(key) => vec![key.clone()],
        Reference::OneOf(keys) => keys.clone(),
        Reference::Unresolved { .. } => Vec::new(),
    }
}

/// All pieces of one snapshot.
struct Pieces<'p> {
    all: &'p [Piece],
    by_key: HashMap<Key, &'p Piece>,
    regions: HashMap<Key, Option<String>>,
}

impl<'p> Pieces<'p> {
    fn of(all: &'p [Piece], fragment: &Fragment) -> Self {
        let mut by_key = HashMap::new();
        for piece in all {
            by_key.extend(piece.keys.iter().map(|key| (key.clone(), piece)));
        }
        let networks = fragment
            .nodes
            .iter()
            .filter(|node| node.kind == NodeKind::Network && !all.is_empty());
        let regions = networks.flat_map(|node| {
            node.keys
                .iter()
                .map(|key| (key.clone(), node.place.region.clone()))
        });
        Self {
            all,
            by_key,
            regions: regions.collect(),
        }
    }

    /// The address of a piece by any of its keys; the key itself, where nothing describes it.
    fn identity(&self, key: &Key) -> Key {
        let piece = self.by_key.get(key).and_then(|piece| piece.keys.last());
        piece.unwrap_or(key).clone()
    }

    fn identities(&self, references: &[Reference]) -> BTreeSet<Key> {
        let keys = references.iter().flat_map(keys_of);
        keys.map(|key| self.identity(&key)).collect()
    }

    /// Connectivity configurations in effect, with the regions they are in effect in and who says so.
    fn deployed(&self) -> BTreeMap<Key, BTreeMap<Option<String>, BTreeSet<OriginId>>> {
        let mut deployed: BTreeMap<Key, BTreeMap<_, BTreeSet<OriginId>>> = BTreeMap::new();
        for piece in self.all {
            if let Content::Deployment {
                region,
                access,
                configurations,
            } = &piece.content
                && access
                    .as_ref()
                    .is_none_or(|access| access.eq_ignore_ascii_case("Connectivity"))
            {
                for key in self.identities(configurations) {
                    let regions = deployed.entry(key).or_default();
                    let origins = regions.entry(region.clone()).or_default();
                    origins.insert(piece.origin);
                }
            }
        }
        deployed
    }

    /// The members of a group that lie where a configuration is in effect, or may.
    fn members(
        &self,
        applied: &AppliedGroup,
        deployed: &BTreeMap<Option<String>, BTreeSet<OriginId>>,
    ) -> Vec<Member> {
        let groups = self.identities(&applied.group);
        let mut members = Vec::new();
        for piece in self.all {
            let Content::Member { group, network } = &piece.content else {
                continue;
            };
            if self.identities(group).is_disjoint(&groups) {
                continue;
            }
            for network in network {
                let region = keys_of(network)
                    .iter()
                    .find_map(|key| self.regions.get(key).cloned().flatten());
                let is_reached = region.is_none()
                    || deployed.contains_key(&None)
                    || deployed.contains_key(&region);
                if is_reached {
                    members.push(Member {
                        network: network.clone(),
                        region,
                        origins: BTreeSet::from([piece.origin]),
                    });
                }
            }
        }
        members.sort_by(|a, b| a.network.cmp(&b.network));
        members.dedup_by(|next, kept| {
            let same = next.network == kept.network;
            if same {
                kept.origins.extend(&next.origins);
            }
            same
        });
        members
    }
}

impl Effective<'_> {
    /// Join all members with each other: those of one region, or all.
    fn mesh(&self, members: &[Member], across: bool, fragment: &mut Fragment) {
        let apart = |a: &Member, b: &Member| {
            !across && a.region.is_some() && b.region.is_some() && a.region != b.region
        };
        if members.len() <= MAX_MEMBERS_IN_PAIRS {
            for (position, first) in members.iter().enumerate() {
                for second in &members[position + 1..] {
                    if first.network != second.network && !apart(first, second) {
                        self.join(first, second, fragment);
                    }
                }
            }
            return;
        }
        let mut by_region: BTreeMap<Option<&String>, Vec<&Member>> = BTreeMap::new();
        for member in members {
            let region = member.region.as_ref().filter(|_| !across);
            by_region.entry(region).or_default().push(member);
        }
        for (region, members) in by_region {
            let place = region.map_or("everywhere", String::as_str);
            let key = Key::Address(format!("{}#{place}", self.key));
            for origin in &self.origins {
                fragment.nodes.push(NodeDeclaration {
                    kind: NodeKind::Hub,
                    keys: vec![key.clone()],
                    role: self.role.to_owned(),
                    name: self.name.clone(),
                    labels: BTreeSet::new(),
                    place: Place::default(),
                    within: Vec::new(),
                    address_space: AddressSpace::default(),
                    forwards: Forwards::Everywhere,
                    opens: None,
                    properties: BTreeMap::new(),
                    origin: *origin,
                });
            }
            for member in members {
                let ends = [
                    end(&member.network, NodeKind::Network),
                    end(&Reference::To(key.clone()), NodeKind::Hub),
                ];
                self.link(LinkKind::Attachment, ends, &member.origins, None, fragment);
            }
        }
    }

    fn join(&self, first: &Member, second: &Member, fragment: &mut Fragment) {
        let origins = &first.origins | &second.origins;
        let ends = [first, second].map(|one| end(&one.network, NodeKind::Network));
        let [near, far] = ends;
        match self.beyond {
            None => self.link(LinkKind::Peering, [near, far], &origins, None, fragment),
            Some([spoke, hub]) => {
                let there = [near.clone(), far.clone()];
                self.link(LinkKind::Peering, there, &origins, Some(spoke), fragment);
                self.link(
                    LinkKind::Peering,
                    [far, near],
                    &origins,
                    Some(hub),
                    fragment,
                );
            }
        }
    }

    /// One link, stated once by everything that it follows from.
    fn link(
        &self,
        kind: LinkKind,
        ends: [End; 2],
        origins: &BTreeSet<OriginId>,
        half: Option<Beyond>,
        fragment: &mut Fragment,
    ) {
        let names = [0, 1].map(|side| match ends[side].reference {
            Reference::To(ref key) => key.as_str().to_owned(),
            ref other => format!("{other:?}"),
        });
        let key = Key::Address(format!("{}#{}~{}", self.key, names[0], names[1]));
        for origin in self.origins.union(origins) {
            fragment.links.push(LinkDeclaration {
                kind,
                keys: vec![key.clone()],
                role: self.role.to_owned(),
                name: self.name.clone(),
                ends: ends.clone(),
                state: LinkState::Effective,
                protection: self.protection.to_vec(),
                carrier: None,
                properties: BTreeMap::new(),
                joins_default: (None, None),
                dynamic_prefixes: false,
                half,
                origin: *origin,
            });
        }
    }
}

fn end(reference: &Reference, kind: NodeKind) -> End {
    End {
        reference: reference.clone(),
        kind,
        role: kind.slug().to_owned(),
        place: Place::default(),
    }
}
