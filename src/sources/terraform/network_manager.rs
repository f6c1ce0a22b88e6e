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

/// How many links may be stated one by one before every further mesh is a hub.
const MAX_LINKS: usize = 50_000;

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
#[derive(Debug, Clone)]
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
    /// Networks by the group they are in.
    in_groups: HashMap<Key, Vec<Member>>,
}

impl<'p> Pieces<'p> {
    fn of(all: &'p [Piece], fragment: &Fragment) -> Self {
        let mut by_key = HashMap::new();
        for piece in all {
            by_key.extend(piece.keys.iter().map(|key| (key.clone(), piece)));
        }
        let mut pieces = Self {
            all,
            by_key,
            in_groups: HashMap::new(),
        };
        if all.is_empty() {
            return pieces;
        }
        let networks = fragment.nodes.iter();
        let networks = networks.filter(|node| node.kind == NodeKind::Network);
        let regions: HashMap<&Key, &Option<String>> = networks
            .flat_map(|node| node.keys.iter().map(|key| (key, &node.place.region)))
            .collect();
        for piece in all {
            let Content::Member { group, network } = &piece.content else {
                continue;
            };
            for key in pieces.identities(group) {
                for network in network {
                    let keys = keys_of(network);
                    let region = keys.iter().find_map(|key| regions.get(key).copied());
                    pieces
                        .in_groups
                        .entry(key.clone())
                        .or_default()
                        .push(Member {
                            network: network.clone(),
                            region: region.cloned().flatten(),
                            origins: BTreeSet::from([piece.origin]),
                        });
                }
            }
        }
        pieces
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
        let all = groups.iter().filter_map(|group| self.in_groups.get(group));
        let is_reached = |member: &&Member| {
            member.region.is_none()
                || deployed.contains_key(&None)
                || deployed.contains_key(&member.region)
        };
        let mut members: Vec<Member> = all.flatten().filter(is_reached).cloned().collect();
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
        if members.len() <= MAX_MEMBERS_IN_PAIRS && fragment.links.len() < MAX_LINKS {
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
                    incarnation: None,
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
        around: false,
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::link::LinkKind;
    use crate::graph::testing::{network, to};

    use super::*;

    fn piece(address: &str, content: Content) -> Piece {
        let somebody = network("somebody", []).declared().nodes[0].origin;
        Piece {
            keys: vec![Key::Address(address.to_owned())],
            name: None,
            content,
            origin: somebody,
        }
    }

    fn address(address: &str) -> Vec<Reference> {
        vec![Reference::To(Key::Address(address.to_owned()))]
    }

    fn mesh(name: &str, is_global: bool) -> Piece {
        let group = AppliedGroup {
            group: address("group"),
            is_meshed: false,
            is_global: false,
            uses_hub_gateway: false,
        };
        let content = Content::Configuration {
            is_mesh: true,
            is_global,
            hub: Vec::new(),
            groups: vec![group],
            protection: Vec::new(),
        };
        piece(name, content)
    }

    fn deployed(region: &str, configuration: &str) -> Piece {
        let content = Content::Deployment {
            region: Some(region.to_owned()),
            access: Some("Connectivity".to_owned()),
            configurations: address(configuration),
        };
        piece(&format!("deployment.{region}"), content)
    }

    fn member(network: &str) -> Piece {
        let content = Content::Member {
            group: address("group"),
            network: vec![to(network)],
        };
        piece(&format!("member.{network}"), content)
    }

    /// Two networks here, one elsewhere, all in one group, and what the pieces join of them.
    fn joined(pieces: Vec<Piece>) -> (Vec<String>, usize) {
        let mut fragment = Fragment::default();
        for (name, region) in [("a", "here"), ("b", "here"), ("far", "elsewhere")] {
            fragment.extend(network(name, []).in_region(region).declared());
        }
        let members = ["a", "b", "far"].map(member);
        let pieces: Vec<Piece> = pieces.into_iter().chain(members).collect();
        let notices = expand(&pieces, &mut fragment);
        let mut pairs: Vec<String> = fragment
            .links
            .iter()
            .filter(|link| link.kind == LinkKind::Peering)
            .map(|link| {
                let name = |end: &End| format!("{:?}", end.reference).replace(['"', ')'], "");
                let [near, far] = [&link.ends[0], &link.ends[1]]
                    .map(|end| name(end).rsplit(':').next().unwrap_or_default().to_owned());
                format!("{near}~{far}")
            })
            .collect();
        pairs.sort();
        pairs.dedup();
        (pairs, notices.len())
    }

    #[test]
    fn a_mesh_joins_the_members_of_a_region_once_it_is_deployed_there() {
        assert!(joined(vec![mesh("m", false)]).0.is_empty());
        assert!(
            joined(vec![mesh("m", false), deployed("here", "other")])
                .0
                .is_empty()
        );
        let here = vec![mesh("m", false), deployed("here", "m")];
        assert_eq!(joined(here).0, ["a~b"]);
        let both = vec![
            mesh("m", false),
            deployed("here", "m"),
            deployed("elsewhere", "m"),
        ];
        assert_eq!(joined(both).0, ["a~b"]);
    }

    #[test]
    fn a_global_mesh_joins_the_members_of_all_regions_it_is_deployed_in() {
        let both = vec![
            mesh("m", true),
            deployed("here", "m"),
            deployed("elsewhere", "m"),
        ];
        assert_eq!(joined(both).0, ["a~b", "a~far", "b~far"]);
        let here = vec![mesh("m", true), deployed("here", "m")];
        assert_eq!(joined(here).0, ["a~b"]);
    }

    #[test]
    fn a_hub_is_peered_with_each_member_and_they_are_not_with_each_other() {
        let group = AppliedGroup {
            group: address("group"),
            is_meshed: false,
            is_global: false,
            uses_hub_gateway: true,
        };
        let content = Content::Configuration {
            is_mesh: false,
            is_global: false,
            hub: vec![to("hub")],
            groups: vec![group],
            protection: Vec::new(),
        };
        let pieces = vec![piece("star", content), deployed("here", "star")];
        assert_eq!(joined(pieces).0, ["a~hub", "b~hub", "hub~a", "hub~b"]);
    }

    #[test]
    fn what_is_deployed_and_not_in_view_is_said() {
        assert_eq!(joined(vec![deployed("here", "elsewhere")]).1, 1);
        assert_eq!(joined(vec![mesh("m", false), deployed("here", "m")]).1, 0);
        let empty = Content::Configuration {
            is_mesh: true,
            is_global: false,
            hub: Vec::new(),
            groups: vec![AppliedGroup {
                group: address("by-policy"),
                is_meshed: false,
                is_global: false,
                uses_hub_gateway: false,
            }],
            protection: Vec::new(),
        };
        assert_eq!(joined(vec![piece("m", empty), deployed("here", "m")]).1, 1);
    }

    #[test]
    fn a_large_mesh_is_one_hub() {
        let mut fragment = Fragment::default();
        let mut pieces = vec![mesh("m", false), deployed("here", "m")];
        for number in 0..=MAX_MEMBERS_IN_PAIRS {
            pieces.push(member(&format!("n{number}")));
        }
        expand(&pieces, &mut fragment);
        assert!(fragment.nodes.iter().any(|node| node.kind == NodeKind::Hub));
        assert!(
            fragment
                .links
                .iter()
                .all(|link| link.kind == LinkKind::Attachment)
        );
    }
}
