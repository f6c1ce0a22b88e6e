//! Fragments to one graph: declarations that share a key become one node or link, ends nobody describes become foreign
//! nodes, and references that cannot be resolved become nodes that say so.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ipnet::IpNet;
use petgraph::graph::{EdgeIndex, NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;

use super::fragment::{
    AssociationRole, ContainmentDeclaration, DestinationDeclaration, End, Fragment,
    LinkDeclaration, NodeDeclaration, Notice,
};
use super::identity::{Key, LinkId, NodeId, Reference};
use super::link::{Link, LinkKind, LinkState, link_id};
use super::node::{AddressSpace, Forwards, Node, NodeKind, Opens, Place, Standing};
use super::origin::OriginId;
use super::protection::{Setting, Test, decide, deciding_origins};
use super::table::{Destination, Member, Route, Table, Target};

/// One snapshot of the perimeter.
#[derive(Debug, Default)]
pub struct Graph {
    pub(super) inner: UnGraph<Node, Link>,
    pub(super) within: Vec<BTreeSet<NodeIndex>>,
    pub(super) tables: BTreeMap<NodeIndex, Table>,
    /// The table of every subnet of a network without one of its own.
    pub(super) main_tables: BTreeMap<NodeIndex, NodeIndex>,
    /// Who says so.
    pub(super) main_origins: BTreeMap<NodeIndex, OriginId>,
    pub(super) default_association: BTreeMap<NodeIndex, NodeIndex>,
    pub(super) default_propagation: BTreeMap<NodeIndex, NodeIndex>,
    pub(super) exposures: Vec<Exposure>,
    pub(super) plaintext: Vec<Plaintext>,
    /// The tables that decide for a subnet or attachment by an association of its own.
    pub(super) associated: BTreeMap<Member, BTreeSet<NodeIndex>>,
    by_id: BTreeMap<NodeId, NodeIndex>,
    links_by_id: BTreeMap<LinkId, EdgeIndex>,
    by_key: HashMap<Key, Item>,
    notices: Vec<Notice>,
}

/// A door to the internet that no route table knows.
#[derive(Debug)]
pub(super) struct Exposure {
    pub(super) of: BTreeSet<NodeIndex>,
    pub(super) subject: String,
    pub(super) words: String,
    pub(super) opens: Opens,
    pub(super) origin: OriginId,
}

/// Traffic that one resource takes or sends in the clear.
#[derive(Debug)]
pub struct Plaintext {
    pub(super) of: BTreeSet<NodeIndex>,
    /// The resource, as its address.
    pub subject: String,
    /// What is in the clear, to stand after the resource's address.
    pub words: String,
    /// Whether the other side is outside the organisation's networks.
    pub is_external: bool,
    /// Who says so.
    pub origin: OriginId,
}

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Node(NodeIndex),
    Link(EdgeIndex),
}

impl Graph {
    /// Every node, by identity.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.by_id.values().map(|&index| &self.inner[index])
    }

    /// Every link, by identity.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links_by_id.values().map(|&index| &self.inner[index])
    }

    /// A node by identity.
    #[must_use]
    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.by_id.get(id).map(|&index| &self.inner[index])
    }

    /// A link by identity.
    #[must_use]
    pub fn link(&self, id: &LinkId) -> Option<&Link> {
        self.links_by_id.get(id).map(|&index| &self.inner[index])
    }

    /// Both ends of a link.
    #[must_use]
    pub fn ends(&self, id: &LinkId) -> Option<[&Node; 2]> {
        let (first, second) = self.inner.edge_endpoints(*self.links_by_id.get(id)?)?;
        Some([&self.inner[first], &self.inner[second]])
    }

    /// A link that joins two nodes directly.
    #[must_use]
    pub fn link_between(&self, first: &NodeId, second: &NodeId) -> Option<&Link> {
        let edge = self
            .inner
            .find_edge(self.index(first)?, self.index(second)?)?;
        Some(&self.inner[edge])
    }

    /// The node that a key stands for.
    #[must_use]
    pub fn node_by_key(&self, key: &Key) -> Option<&Node> {
        match self.by_key.get(key)? {
            Item::Node(index) => Some(&self.inner[*index]),
            Item::Link(_) => None,
        }
    }

    /// The link that a key stands for.
    #[must_use]
    pub fn link_by_key(&self, key: &Key) -> Option<&Link> {
        match self.by_key.get(key)? {
            Item::Link(index) => Some(&self.inner[*index]),
            Item::Node(_) => None,
        }
    }

    /// The networks that a node is, lies in, or may lie in.
    #[must_use]
    pub fn networks_of(&self, id: &NodeId) -> Vec<&Node> {
        let Some(&index) = self.by_id.get(id) else {
            return Vec::new();
        };
        let networks = self.network_indices(index);
        networks
            .into_iter()
            .map(|index| &self.inner[index])
            .collect()
    }

    /// Traffic that resources take or send in the clear.
    #[must_use]
    pub fn plaintext(&self) -> &[Plaintext] {
        &self.plaintext
    }

    /// What the input left open when it was stitched together.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub(super) fn index(&self, id: &NodeId) -> Option<NodeIndex> {
        self.by_id.get(id).copied()
    }

    /// Whether a link only says that a hub is part of the network it lies in.
    #[must_use]
    pub fn is_inner(&self, link: &LinkId) -> bool {
        let Some(ends) = self.ends(link) else {
            return false;
        };
        let [first, second] = ends.map(|node| self.index(&node.id));
        let (Some(first), Some(second)) = (first, second) else {
            return false;
        };
        link.as_str().starts_with(LinkKind::Attachment.slug())
            && (self.is_part_of(first, second) || self.is_part_of(second, first))
    }

    /// Whether a hub lies in a network.
    pub(super) fn is_part_of(&self, hub: NodeIndex, network: NodeIndex) -> bool {
        let is = |index: NodeIndex, kind| self.inner[index].kind == kind;
        is(hub, NodeKind::Hub)
            && is(network, NodeKind::Network)
            && self.network_indices(hub).contains(&network)
    }

    pub(super) fn link_index(&self, id: &LinkId) -> Option<EdgeIndex> {
        self.links_by_id.get(id).copied()
    }

    pub(super) fn network_indices(&self, start: NodeIndex) -> BTreeSet<NodeIndex> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::from([start]);
        let mut todo = vec![start];
        while let Some(index) = todo.pop() {
            let node = &self.inner[index];
            let candidates = match &node.standing {
                Standing::Unresolved { candidates, .. } => {
                    candidates.iter().filter_map(|id| self.index(id)).collect()
                }
                _ => Vec::new(),
            };
            if node.kind == NodeKind::Network && candidates.is_empty() {
                found.insert(index);
                continue;
            }
            let parents = self
                .within
                .get(index.index())
                .into_iter()
                .flatten()
                .copied();
            todo.extend(parents.chain(candidates).filter(|next| seen.insert(*next)));
        }
        found
    }

    /// All that these nodes lie in, themselves among it.
    fn all_around(&self, nodes: [NodeIndex; 2]) -> Vec<&Node> {
        let mut seen = BTreeSet::from(nodes);
        let mut todo = Vec::from(nodes);
        while let Some(index) = todo.pop() {
            let parents = self.within.get(index.index()).into_iter().flatten();
            todo.extend(parents.copied().filter(|next| seen.insert(*next)));
        }
        seen.into_iter().map(|index| &self.inner[index]).collect()
    }

    /// Whether a hub is a network's door to parties outside, such as a VPN gateway. One that is part of the network leads
    /// nowhere until something is joined to it.
    fn leads_outside(&self, index: NodeIndex, network: NodeIndex) -> bool {
        let node = &self.inner[index];
        let is_line = |edge: EdgeIndex| {
            matches!(
                self.inner[edge].kind,
                LinkKind::Vpn | LinkKind::Interconnect
            )
        };
        node.kind == NodeKind::Hub
            && ((node.forwards == Forwards::BetweenOutsideAndInside
                && !self.is_part_of(index, network))
                || self.links_at(index).iter().any(|(edge, _)| is_line(*edge)))
    }

    /// Links at a node, in a stable order, with their far ends.
    pub(super) fn links_at(&self, node: NodeIndex) -> Vec<(EdgeIndex, NodeIndex)> {
        let mut links: Vec<_> = self
            .inner
            .edges(node)
            .map(|edge| {
                let far = if edge.source() == node {
                    edge.target()
                } else {
                    edge.source()
                };
                (edge.id(), far)
            })
            .collect();
        links.sort_by(|a, b| self.inner[a.0].id.cmp(&self.inner[b.0].id));
        links
    }
}

/// Stitch fragments into one snapshot. Earlier fragments know better where two describe the same thing.
#[must_use]
pub fn assemble(fragment: Fragment) -> Graph {
    let mut assembly = Assembly {
        graph: Graph::default(),
        hints: hints(&fragment),
    };
    let mut parents = Vec::new();
    for declaration in fragment.nodes {
        let within = declaration.within.clone();
        let index = assembly.declare_node(declaration);
        parents.push((index, within));
    }
    // What a node lies in may be told by one resource and hidden in another: the hidden one adds nothing then.
    let is_resolved = |reference: &Reference| !matches!(reference, Reference::Unresolved { .. });
    let (told, hidden): (Vec<_>, Vec<_>) = parents
        .into_iter()
        .flat_map(|(index, within)| within.into_iter().map(move |reference| (index, reference)))
        .partition(|(_, reference)| is_resolved(reference));
    for (index, reference) in told.into_iter().chain(hidden) {
        if is_resolved(&reference) || assembly.graph.within[index.index()].is_empty() {
            let parent =
                assembly.find_or_make(&reference, NodeKind::Network, "network", &Place::default());
            assembly.contain(index, parent);
        }
    }
    for one in fragment.containments.into_iter().collect::<BTreeSet<_>>() {
        assembly.contain_elsewhere(&one);
    }
    let groups = group_links(fragment.links);
    let pending_properties = assembly.set_node_properties(fragment.properties, &groups);
    // An end that is meant by what it is part of may be told by a link, which has to be there first.
    let (groups, around): (Vec<_>, Vec<_>) = groups
        .into_iter()
        .partition(|group| !group.has_end_around());
    for group in groups.into_iter().chain(around) {
        assembly.join(group, &pending_properties);
    }
    assembly.attach_parts();
    assembly.lend_gateways();
    for route in fragment.routes {
        assembly.add_route(route);
    }
    let (implied, explicit): (Vec<_>, Vec<_>) = fragment
        .associations
        .into_iter()
        .partition(|one| one.implied);
    for association in implied.into_iter().chain(explicit) {
        assembly.associate(association);
    }
    for exposure in fragment.exposures {
        let of = exposure
            .of
            .iter()
            .map(|reference| {
                assembly.find_or_make(reference, NodeKind::Subnet, "subnet", &Place::default())
            })
            .collect();
        assembly.graph.exposures.push(Exposure {
            of,
            subject: exposure.subject,
            words: exposure.words,
            opens: exposure.opens,
            origin: exposure.origin,
        });
    }
    for plaintext in fragment.plaintext {
        let of = plaintext
            .of
            .iter()
            .map(|reference| {
                assembly.find_or_make(reference, NodeKind::Subnet, "subnet", &Place::default())
            })
            .collect();
        assembly.graph.plaintext.push(Plaintext {
            of,
            subject: plaintext.subject,
            words: plaintext.words,
            is_external: plaintext.is_external,
            origin: plaintext.origin,
        });
    }
    assembly.settle_unknown_ends();
    assembly.say_what_is_foreign();
    assembly.finish()
}

/// Links that share a key, and the properties that others set on them.
struct LinkGroup {
    declarations: Vec<LinkDeclaration>,
    keys: BTreeSet<Key>,
}

impl LinkGroup {
    fn has_end_around(&self) -> bool {
        let mut ends = self.declarations.iter().flat_map(|one| &one.ends);
        ends.any(|end| end.around)
    }
}

/// Declarations of one link by several resources (offer and acceptance) share a key.
fn group_links(declarations: Vec<LinkDeclaration>) -> Vec<LinkGroup> {
    let mut groups: Vec<LinkGroup> = Vec::new();
    // One resource may be links of several kinds: a gateway's attachment, and its users' tunnels.
    let mut by_key: HashMap<(LinkKind, Key), usize> = HashMap::new();
    for declaration in declarations {
        let of_kind = |key: &Key| (declaration.kind, key.clone());
        let known = declaration
            .keys
            .iter()
            .find_map(|key| by_key.get(&of_kind(key)).copied());
        let slot = known.unwrap_or_else(|| {
            groups.push(LinkGroup {
                declarations: Vec::new(),
                keys: BTreeSet::new(),
            });
            groups.len() - 1
        });
        for key in &declaration.keys {
            by_key.entry(of_kind(key)).or_insert(slot);
            groups[slot].keys.insert(key.clone());
        }
        groups[slot].declarations.push(declaration);
    }
    groups
}

/// What a key must stand for, by what refers to it: how telling that is (the less, the more), kind and role.
type Hint<'f> = (u8, NodeKind, &'f str);

/// What nodes must be that only references tell of. Which reference comes first must not decide.
fn hints(fragment: &Fragment) -> HashMap<Key, (NodeKind, String)> {
    let mut told: Vec<(&Reference, Hint<'_>)> = Vec::new();
    for end in fragment.links.iter().flat_map(|link| &link.ends) {
        told.push((&end.reference, (0, end.kind, &end.role)));
    }
    for association in &fragment.associations {
        told.push((&association.table, (0, NodeKind::RouteTable, "route table")));
        let hint = match association.role {
            AssociationRole::Main => (1, NodeKind::Network, "network"),
            AssociationRole::DefaultAssociation | AssociationRole::DefaultPropagation => {
                (1, NodeKind::Hub, "hub")
            }
            AssociationRole::Feeds => (4, NodeKind::Other, "attachment"),
            AssociationRole::Uses => (6, NodeKind::Subnet, "attachment"),
        };
        told.push((&association.member, hint));
    }
    for route in &fragment.routes {
        told.push((&route.table, (0, NodeKind::RouteTable, "route table")));
        if let Some((target, kind)) = &route.target {
            told.push((target, (5, *kind, role_of_target(target))));
        }
    }
    for node in fragment
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Subnet)
    {
        told.extend(
            node.within
                .iter()
                .map(|one| (one, (2, NodeKind::Network, "network"))),
        );
    }
    for property in &fragment.properties {
        told.push((&property.of, (3, NodeKind::Network, "network")));
    }
    let mut best: HashMap<&Key, Hint<'_>> = HashMap::new();
    for (reference, hint) in told {
        let keys = match reference {
            Reference::To(key) => std::slice::from_ref(key),
            Reference::OneOf(keys) => keys,
            Reference::Unresolved { .. } => &[],
        };
        for key in keys {
            let known = best.entry(key).or_insert(hint);
            *known = hint.min(*known);
        }
    }
    let owned = best.into_iter();
    owned
        .map(|(key, (_, kind, role))| (key.clone(), (kind, role.to_owned())))
        .collect()
}

/// What to call a route's target that nothing describes: appliances are named by an address of their network, and some
/// targets only by words.
fn role_of_target(target: &Reference) -> &'static str {
    let Reference::To(Key::Provider(id)) = target else {
        return "attachment";
    };
    let name = id.split_once(':').map_or(id.as_str(), |(_, id)| id);
    if name.parse::<std::net::IpAddr>().is_ok() {
        "address"
    } else if name.contains(' ') {
        ""
    } else {
        "attachment"
    }
}

struct Assembly {
    graph: Graph,
    /// Kind and role of what only references tell of.
    hints: HashMap<Key, (NodeKind, String)>,
}

impl Assembly {
    fn declare_node(&mut self, declaration: NodeDeclaration) -> NodeIndex {
        let known = declaration
            .keys
            .iter()
            .find_map(|key| match self.graph.by_key.get(key) {
                Some(Item::Node(index)) => Some(*index),
                _ => None,
            });
        let index = match known {
            Some(index) => index,
            None => self.insert(Node {
                id: node_id(declaration.kind, &declaration.keys),
                kind: declaration.kind,
                role: declaration.role.clone(),
                name: None,
                labels: BTreeSet::new(),
                keys: BTreeSet::new(),
                place: Place::default(),
                address_space: AddressSpace::default(),
                forwards: declaration.forwards,
                opens: declaration.opens,
                properties: BTreeMap::new(),
                standing: Standing::Described,
                origins: BTreeSet::new(),
                has_namesakes: false,
            }),
        };
        for key in &declaration.keys {
            self.graph
                .by_key
                .entry(key.clone())
                .or_insert(Item::Node(index));
        }
        let node = &mut self.graph.inner[index];
        if node.name.is_none() {
            node.name = declaration.name;
        }
        node.labels.extend(declaration.labels);
        node.keys.extend(declaration.keys);
        node.place.fill_from(&declaration.place);
        if node.address_space == AddressSpace::default() {
            node.address_space = declaration.address_space;
        }
        for (name, value) in declaration.properties {
            node.properties.entry(name).or_insert(value);
        }
        node.origins.insert(declaration.origin);
        index
    }

    fn insert(&mut self, node: Node) -> NodeIndex {
        let id = node.id.clone();
        let index = self.graph.inner.add_node(node);
        self.graph.within.push(BTreeSet::new());
        self.graph.by_id.entry(id).or_insert(index);
        index
    }

    fn contain(&mut self, child: NodeIndex, parent: NodeIndex) {
        if child != parent {
            self.graph.within[child.index()].insert(parent);
        }
    }

    /// Where something lies that its own description does not place.
    fn contain_elsewhere(&mut self, containment: &ContainmentDeclaration) {
        let ContainmentDeclaration {
            of,
            kind,
            within,
            within_kind,
        } = containment;
        let role = |kind: NodeKind| kind.slug().replace('-', " ");
        let child = self.find_or_make(of, *kind, &role(*kind), &Place::default());
        let parent =
            self.find_or_make(within, *within_kind, &role(*within_kind), &Place::default());
        self.contain(child, parent);
    }

    /// The node that a reference names; made up as a foreign or unresolved one where nothing describes it.
    fn find_or_make(
        &mut self,
        reference: &Reference,
        kind: NodeKind,
        role: &str,
        place: &Place,
    ) -> NodeIndex {
        match reference {
            Reference::To(key) => match self.graph.by_key.get(key) {
                Some(Item::Node(index)) => {
                    let node = &mut self.graph.inner[*index];
                    if node.standing == Standing::Foreign {
                        node.place.fill_from(place);
                    }
                    *index
                }
                Some(Item::Link(_)) | None => {
                    let hint = self.hints.get(key).cloned();
                    let (kind, role) = hint
                        .as_ref()
                        .map_or((kind, role), |(kind, role)| (*kind, role));
                    let index = self.made_up(
                        node_id(kind, std::slice::from_ref(key)),
                        kind,
                        role,
                        Standing::Foreign,
                    );
                    self.graph.inner[index].keys.insert(key.clone());
                    self.graph.inner[index].place.fill_from(place);
                    self.graph
                        .by_key
                        .entry(key.clone())
                        .or_insert(Item::Node(index));
                    index
                }
            },
            Reference::OneOf(keys) => {
                let candidates: BTreeSet<NodeIndex> = keys
                    .iter()
                    .map(|key| self.find_or_make(&Reference::To(key.clone()), kind, role, place))
                    .collect();
                if let (1, Some(only)) = (candidates.len(), candidates.first()) {
                    return *only;
                }
                let names: Vec<_> = candidates
                    .iter()
                    .map(|&one| self.graph.inner[one].display_name())
                    .collect();
                let ids = candidates
                    .iter()
                    .map(|&one| self.graph.inner[one].id.clone())
                    .collect();
                let id = NodeId::from(format!(
                    "{}/one-of:{}",
                    kind.slug(),
                    keys.iter().map(Key::as_str).collect::<Vec<_>>().join("|")
                ));
                let standing = Standing::Unresolved {
                    why: format!("one of {}", names.join(", ")),
                    candidates: ids,
                };
                self.made_up(id, kind, role, standing)
            }
            Reference::Unresolved { placeholder, why } => {
                let id = NodeId::from(format!("{}/unknown:{placeholder}", kind.slug()));
                let standing = Standing::Unresolved {
                    why: why.clone(),
                    candidates: Vec::new(),
                };
                let index = self.made_up(id, kind, role, standing);
                self.graph.inner[index].place.fill_from(place);
                index
            }
        }
    }

    fn made_up(&mut self, id: NodeId, kind: NodeKind, role: &str, standing: Standing) -> NodeIndex {
        if let Some(index) = self.graph.index(&id) {
            return index;
        }
        // What lies behind a hub nobody describes is not understood: it counts as open.
        let forwards = if kind == NodeKind::Hub {
            Forwards::Everywhere
        } else {
            Forwards::Nowhere
        };
        self.insert(Node {
            id,
            kind,
            role: role.to_owned(),
            name: None,
            labels: BTreeSet::new(),
            keys: BTreeSet::new(),
            place: Place::default(),
            address_space: AddressSpace {
                prefixes: BTreeSet::new(),
                partly_unknown: true,
                untold: BTreeSet::new(),
                origins: BTreeSet::new(),
            },
            forwards,
            opens: None,
            properties: BTreeMap::new(),
            standing,
            origins: BTreeSet::new(),
            has_namesakes: false,
        })
    }

    /// Set properties on nodes; return those meant for links, by the link's key.
    fn set_node_properties(
        &mut self,
        declarations: Vec<super::fragment::PropertyDeclaration>,
        groups: &[LinkGroup],
    ) -> HashMap<Key, Vec<super::fragment::PropertyDeclaration>> {
        let link_keys: HashSet<&Key> = groups.iter().flat_map(|group| &group.keys).collect();
        let mut for_links: HashMap<Key, Vec<_>> = HashMap::new();
        let mut conditional = Vec::new();
        for declaration in declarations {
            if let Reference::To(key) = &declaration.of
                && link_keys.contains(key)
            {
                for_links.entry(key.clone()).or_default().push(declaration);
                continue;
            }
            let targets: Vec<Reference> = match &declaration.of {
                Reference::OneOf(keys) => keys.iter().cloned().map(Reference::To).collect(),
                other => vec![other.clone()],
            };
            for target in targets {
                let named =
                    self.find_or_make(&target, NodeKind::Network, "network", &Place::default());
                if declaration.of_networks || !declaration.where_it_has.is_empty() {
                    conditional.push((named, declaration.clone()));
                    continue;
                }
                let node = &mut self.graph.inner[named];
                for (name, value) in &declaration.properties {
                    node.properties.insert(name.clone(), value.clone());
                }
                node.address_space
                    .prefixes
                    .extend(&declaration.address_space.prefixes);
                if declaration.address_space != AddressSpace::default() {
                    node.address_space.origins.insert(declaration.origin);
                }
                node.address_space
                    .untold
                    .extend(declaration.address_space.untold.iter().cloned());
                node.address_space.partly_unknown |= declaration.address_space.partly_unknown;
            }
        }
        for (named, declaration) in conditional {
            let bearers = if declaration.of_networks {
                self.graph.network_indices(named)
            } else {
                BTreeSet::from([named])
            };
            for bearer in bearers {
                let node = &mut self.graph.inner[bearer];
                // A condition that only the apply decides may hold.
                let passes =
                    |(name, test): &(String, Test)| test.passes(node.property(name)) != Some(false);
                if declaration.where_it_has.iter().all(passes) {
                    node.properties.extend(declaration.properties.clone());
                }
            }
        }
        for_links
    }

    fn join(
        &mut self,
        group: LinkGroup,
        properties: &HashMap<Key, Vec<super::fragment::PropertyDeclaration>>,
    ) {
        let Some(first) = group.declarations.first() else {
            return;
        };
        let kind = first.kind;
        let ends = [0, 1].map(|side| {
            let sides: Vec<&End> = group
                .declarations
                .iter()
                .map(|one| &one.ends[side])
                .collect();
            let best = sides
                .iter()
                .copied()
                .find(|end| matches!(end.reference, Reference::To(_)))
                .or_else(|| {
                    sides
                        .iter()
                        .copied()
                        .find(|end| matches!(end.reference, Reference::OneOf(_)))
                })
                .or_else(|| sides.first().copied());
            let mut place = Place::default();
            for end in &sides {
                place.fill_from(&end.place);
            }
            best.map(|end| (end, place))
        });
        let [Some(near), Some(far)] = ends else {
            return;
        };
        let [near, far] = [near, far].map(|(end, place)| {
            let around = end.around.then(|| self.around(end)).flatten();
            around.unwrap_or_else(|| self.find_or_make(&end.reference, end.kind, &end.role, &place))
        });
        let [near, far] = [near, far].map(|end| self.network_of_subnet(end));
        let [near, far] = if near == far {
            let Some(ends) = self.told_apart(near) else {
                return;
            };
            ends
        } else {
            [near, far]
        };
        let carrier = group
            .declarations
            .iter()
            .find_map(|one| one.carrier.clone())
            .map(|reference| {
                self.find_or_make(&reference, NodeKind::External, "line", &Place::default())
            });
        let made_by = self.graph.inner[near].id.clone();
        let is_half = group.declarations.iter().any(|one| one.half.is_some());
        // The halves of a link are of one link, whichever end each begins with.
        let [near, far] = if is_half && self.graph.inner[near].id > self.graph.inner[far].id {
            [far, near]
        } else {
            [near, far]
        };
        let nodes = [&self.graph.inner[near], &self.graph.inner[far]];
        let carrier = carrier.map(|index| &self.graph.inner[index]);
        let around = self.graph.all_around([near, far]);
        let setting = Setting {
            ends: nodes,
            carrier,
            around: &around,
        };
        let protection_origins = group
            .declarations
            .iter()
            .flat_map(|one| deciding_origins(&one.protection, setting))
            .collect();
        let in_transit = group
            .declarations
            .iter()
            .filter(|one| !one.protection.is_empty())
            .map(|one| decide(&one.protection, setting))
            .max()
            .unwrap_or_else(super::protection::InTransit::unknown);
        let id = link_id(kind, &nodes[0].id, &nodes[1].id);
        let mut link = Link {
            id: id.clone(),
            kind,
            role: first.role.clone(),
            name: group.declarations.iter().find_map(|one| one.name.clone()),
            keys: group.keys.clone(),
            state: LinkState::Offered,
            in_transit,
            protection_origins,
            carrier: carrier.map(|node| node.id.clone()),
            properties: BTreeMap::new(),
            joins_default: (None, None),
            dynamic_prefixes: false,
            halves: BTreeMap::new(),
            over: None,
            origins: BTreeSet::new(),
        };
        let [near_id, far_id] = nodes.map(|node| node.id.clone());
        for declaration in group.declarations {
            if let Some(half) = declaration.half {
                let known = link.halves.entry(made_by.clone()).or_default();
                *known = known.or(half);
            }
            link.state = link.state.max(declaration.state);
            link.joins_default.0 = link.joins_default.0.or(declaration.joins_default.0);
            link.joins_default.1 = link.joins_default.1.or(declaration.joins_default.1);
            link.dynamic_prefixes |= declaration.dynamic_prefixes;
            link.origins.insert(declaration.origin);
            link.properties.extend(declaration.properties);
        }
        for declaration in group
            .keys
            .iter()
            .filter_map(|key| properties.get(key))
            .flatten()
        {
            link.properties.extend(declaration.properties.clone());
        }
        let index = match self.graph.links_by_id.get(&id) {
            Some(&index) => {
                let known = &mut self.graph.inner[index];
                merge_parallel(known, link);
                if [near_id, far_id]
                    .iter()
                    .all(|end| known.halves.contains_key(end))
                {
                    known.state = LinkState::Effective;
                }
                index
            }
            None => {
                let index = self.graph.inner.add_edge(near, far, link);
                self.graph.links_by_id.insert(id, index);
                index
            }
        };
        for key in group.keys {
            // A data source may describe a line end both as a node and as a link; the link is what routes mean.
            self.graph.by_key.entry(key).or_insert(Item::Link(index));
        }
    }

    /// A described or known subnet stands for the network it lies in: that is what a link joins.
    fn network_of_subnet(&self, index: NodeIndex) -> NodeIndex {
        if self.graph.inner[index].kind != NodeKind::Subnet {
            return index;
        }
        let networks = self.graph.network_indices(index);
        match (networks.len(), networks.first()) {
            (1, Some(only)) => *only,
            _ => index,
        }
    }

    /// What the thing that an end names is part of: the first end of a link, or what a node lies in.
    fn around(&self, end: &End) -> Option<NodeIndex> {
        let Reference::To(key) = &end.reference else {
            return None;
        };
        let is_wanted = |index: &NodeIndex| self.graph.inner[*index].kind == end.kind;
        match self.graph.by_key.get(key)? {
            Item::Link(edge) => {
                let (first, second) = self.graph.inner.edge_endpoints(*edge)?;
                [first, second].into_iter().find(is_wanted)
            }
            Item::Node(index) if end.kind == NodeKind::Network => {
                let networks = self.graph.network_indices(*index);
                networks.first().copied().filter(|_| networks.len() == 1)
            }
            Item::Node(index) => {
                let parents = self.graph.within.get(index.index())?;
                parents.iter().copied().find(is_wanted)
            }
        }
    }

    /// A hub that lies in a network is part of it: the network's door to whatever is joined to that hub.
    fn attach_parts(&mut self) {
        let hubs: Vec<NodeIndex> = self
            .graph
            .by_id
            .values()
            .copied()
            .filter(|&index| self.graph.inner[index].kind == NodeKind::Hub)
            .collect();
        for hub in hubs {
            for network in self.graph.network_indices(hub) {
                let [inner, outer] = [hub, network].map(|index| &self.graph.inner[index]);
                let id = link_id(LinkKind::Attachment, &outer.id, &inner.id);
                if self.graph.links_by_id.contains_key(&id) {
                    continue;
                }
                let link = Link {
                    id: id.clone(),
                    kind: LinkKind::Attachment,
                    role: inner.role.clone(),
                    name: None,
                    keys: BTreeSet::new(),
                    state: LinkState::Effective,
                    in_transit: super::protection::InTransit::unknown(),
                    protection_origins: BTreeSet::new(),
                    carrier: None,
                    properties: BTreeMap::new(),
                    joins_default: (None, None),
                    dynamic_prefixes: false,
                    halves: BTreeMap::new(),
                    over: None,
                    origins: inner.origins.clone(),
                };
                let index = self.graph.inner.add_edge(network, hub, link);
                self.graph.links_by_id.insert(id, index);
            }
        }
    }

    /// Attach networks to the gateways that a peer lends them: a path of its own, over the network in between.
    fn lend_gateways(&mut self) {
        let mut lent = Vec::new();
        for edge in self.graph.links_by_id.values() {
            let peering = &self.graph.inner[*edge];
            let Some((first, second)) = self.graph.inner.edge_endpoints(*edge) else {
                continue;
            };
            for (near, far) in [(first, second), (second, first)] {
                if peering.lender(&self.graph.inner[near].id, &self.graph.inner[far].id) {
                    for (door, hub) in self.graph.links_at(far) {
                        let is_lent = self.graph.inner[door].over.is_some();
                        if !is_lent && self.graph.leads_outside(hub, far) {
                            lent.push((*edge, near, far, hub));
                        }
                    }
                }
            }
        }
        for (edge, near, far, hub) in lent {
            let peering = &self.graph.inner[edge];
            let id = link_id(
                LinkKind::Attachment,
                &self.graph.inner[near].id,
                &self.graph.inner[hub].id,
            );
            if self.graph.links_by_id.contains_key(&id) {
                continue;
            }
            let link = Link {
                id: id.clone(),
                kind: LinkKind::Attachment,
                role: "borrowed gateway".to_owned(),
                name: None,
                keys: BTreeSet::new(),
                state: peering.state,
                in_transit: peering.in_transit.clone(),
                protection_origins: peering.protection_origins.clone(),
                carrier: None,
                properties: BTreeMap::new(),
                joins_default: (None, None),
                dynamic_prefixes: false,
                halves: BTreeMap::new(),
                over: Some(self.graph.inner[far].id.clone()),
                origins: peering.origins.clone(),
            };
            let index = self.graph.inner.add_edge(near, hub, link);
            self.graph.links_by_id.insert(id, index);
        }
    }

    /// Both ends of a link that may be any of the same few nodes. `None`: both are one and the same, which is no link.
    fn told_apart(&mut self, both: NodeIndex) -> Option<[NodeIndex; 2]> {
        let node = &self.graph.inner[both];
        let Standing::Unresolved { candidates, .. } = &node.standing else {
            return None;
        };
        if let [first, second] = candidates.as_slice() {
            return Some([self.graph.index(first)?, self.graph.index(second)?]);
        }
        if candidates.is_empty() {
            return None;
        }
        let id = NodeId::from(format!("{}|other-end", node.id));
        let (kind, role, standing) = (node.kind, node.role.clone(), node.standing.clone());
        Some([both, self.made_up(id, kind, &role, standing)])
    }

    fn table_index(&mut self, reference: &Reference) -> NodeIndex {
        self.find_or_make(
            reference,
            NodeKind::RouteTable,
            "route table",
            &Place::default(),
        )
    }

    fn add_route(&mut self, route: super::fragment::RouteDeclaration) {
        let table = self.table_index(&route.table);
        let targets: Vec<Target> = match &route.target {
            None => vec![Target::Blackhole],
            Some((reference, kind)) => self
                .members(table, reference, *kind)
                .into_iter()
                .map(|member| match member {
                    Member::Node(index) => Target::Node(index),
                    Member::Link(index) => Target::Link(index),
                })
                .collect(),
        };
        let mut origins = vec![route.origin];
        let destinations = match route.destination {
            DestinationDeclaration::Unknown => vec![Destination::Unknown],
            DestinationDeclaration::Prefix(text) => vec![parse_prefix(&text)],
            DestinationDeclaration::List(reference) => {
                let list = self.find_or_make(
                    &reference,
                    NodeKind::PrefixList,
                    "prefix list",
                    &Place::default(),
                );
                let node = &self.graph.inner[list];
                origins.extend(&node.origins);
                origins.extend(&node.address_space.origins);
                let named = Destination::Named(node.display_name());
                let prefixes = &node.address_space.prefixes;
                let unknown = node.address_space.partly_unknown || prefixes.is_empty();
                let known = prefixes.iter().copied().map(Destination::Prefix);
                known.chain(unknown.then_some(named)).collect()
            }
        };
        let table = self.graph.tables.entry(table).or_default();
        for destination in destinations {
            for &target in &targets {
                table.routes.push(Route {
                    destination: destination.clone(),
                    target,
                    origins: origins.clone(),
                });
            }
        }
    }

    /// What a reference in a table means, where both nodes and links may stand.
    fn members(&mut self, table: NodeIndex, reference: &Reference, kind: NodeKind) -> Vec<Member> {
        match reference {
            Reference::To(key) => {
                if let Some(Item::Link(index)) = self.graph.by_key.get(key) {
                    return vec![Member::Link(*index)];
                }
            }
            Reference::OneOf(keys) => {
                let is_link = |key| matches!(self.graph.by_key.get(key), Some(Item::Link(_)));
                if keys.iter().any(is_link) {
                    let each = keys.iter().cloned().map(Reference::To);
                    let all = each.flat_map(|key| self.members(table, &key, kind));
                    return all.collect();
                }
            }
            Reference::Unresolved { .. } => {
                let hub = self.hub_of(table);
                let newborn = hub.map_or_else(Vec::new, |hub| self.newborn_attachments(hub));
                if !newborn.is_empty() {
                    return newborn;
                }
            }
        }
        if let Some(hub) = self.hub_of(table) {
            return vec![self.attachment_or_node(hub, reference)];
        }
        vec![Member::Node(self.find_or_make(
            reference,
            kind,
            "attachment",
            &Place::default(),
        ))]
    }

    /// The attachments of a hub that are yet to be made: what a table calls by an identifier known only after apply.
    fn newborn_attachments(&self, hub: NodeIndex) -> Vec<Member> {
        let links = self.graph.links_at(hub).into_iter();
        links
            .filter(|(edge, _)| {
                let keys = &self.graph.inner[*edge].keys;
                !keys.is_empty() && !keys.iter().any(|key| matches!(key, Key::Provider(_)))
            })
            .map(|(edge, _)| Member::Link(edge))
            .collect()
    }

    /// The hub that a table belongs to.
    fn hub_of(&self, table: NodeIndex) -> Option<NodeIndex> {
        let parents = self.graph.within.get(table.index())?;
        let is_hub = |&&index: &&NodeIndex| self.graph.inner[index].kind == NodeKind::Hub;
        parents.iter().find(is_hub).copied()
    }

    /// An attachment that only the tables of a hub speak of leads to something that nobody describes.
    fn attachment_or_node(&mut self, hub: NodeIndex, reference: &Reference) -> Member {
        let far = self.find_or_make(
            reference,
            NodeKind::Network,
            "attachment",
            &Place::default(),
        );
        if self.graph.inner[far].standing == Standing::Described {
            return Member::Node(far);
        }
        let kind = LinkKind::Attachment;
        let id = link_id(kind, &self.graph.inner[far].id, &self.graph.inner[hub].id);
        let index = match self.graph.links_by_id.get(&id) {
            Some(&index) => index,
            None => {
                let link = Link {
                    id: id.clone(),
                    kind,
                    role: "attachment".to_owned(),
                    name: None,
                    keys: self.graph.inner[far].keys.clone(),
                    state: LinkState::Effective,
                    in_transit: super::protection::InTransit::unknown(),
                    protection_origins: BTreeSet::new(),
                    carrier: None,
                    properties: BTreeMap::new(),
                    joins_default: (None, None),
                    dynamic_prefixes: false,
                    halves: BTreeMap::new(),
                    over: None,
                    origins: BTreeSet::new(),
                };
                let index = self.graph.inner.add_edge(far, hub, link);
                self.graph.links_by_id.insert(id, index);
                index
            }
        };
        Member::Link(index)
    }

    fn associate(&mut self, association: super::fragment::AssociationDeclaration) {
        let table = self.table_index(&association.table);
        let kind = match association.role {
            AssociationRole::Uses => NodeKind::Subnet,
            AssociationRole::Main => NodeKind::Network,
            AssociationRole::DefaultAssociation | AssociationRole::DefaultPropagation => {
                NodeKind::Hub
            }
            AssociationRole::Feeds => NodeKind::Other,
        };
        self.graph
            .tables
            .entry(table)
            .or_default()
            .origins
            .insert(association.origin);
        for member in self.members(table, &association.member, kind) {
            self.associate_member(table, member, &association);
        }
    }

    fn associate_member(
        &mut self,
        table: NodeIndex,
        member: Member,
        association: &super::fragment::AssociationDeclaration,
    ) {
        match (association.role, member) {
            (AssociationRole::Uses, _) => {
                if let Member::Node(user) = member
                    && self.hub_of(table).is_none()
                {
                    // A table that nothing places lies where it is used.
                    for network in self.graph.network_indices(user) {
                        self.contain(table, network);
                    }
                }
                let entry = self.graph.tables.entry(table).or_default();
                entry.associations.push((member, association.origin));
            }
            (AssociationRole::Feeds, _) => {
                let entry = self.graph.tables.entry(table).or_default();
                entry.propagations.push((member, association.origin));
            }
            (AssociationRole::Main, Member::Node(network)) => {
                self.graph.main_tables.insert(network, table);
                self.graph.main_origins.insert(network, association.origin);
                self.contain(table, network);
            }
            (AssociationRole::DefaultAssociation, Member::Node(hub)) => {
                self.graph.default_association.insert(hub, table);
            }
            (AssociationRole::DefaultPropagation, Member::Node(hub)) => {
                self.graph.default_propagation.insert(hub, table);
            }
            (_, Member::Link(_)) => {}
        }
    }

    /// A peering whose end nobody names, met in the routes of exactly one network, ends there; met in none, it may end in
    /// any described network of that place.
    fn settle_unknown_ends(&mut self) {
        let unknown: Vec<NodeIndex> = self
            .graph
            .by_id
            .values()
            .copied()
            .filter(|&index| {
                let node = &self.graph.inner[index];
                node.kind == NodeKind::Network
                    && matches!(&node.standing, Standing::Unresolved { candidates, .. } if candidates.is_empty())
            })
            .collect();
        for index in unknown {
            let links: BTreeSet<EdgeIndex> = self
                .graph
                .links_at(index)
                .into_iter()
                .map(|(link, _)| link)
                .collect();
            let mut routed = BTreeSet::new();
            for (&table, content) in &self.graph.tables {
                if content.routes.iter().any(
                    |route| matches!(route.target, Target::Link(link) if links.contains(&link)),
                ) {
                    routed.extend(self.graph.network_indices(table));
                }
            }
            let place = self.graph.inner[index].place.clone();
            let far: BTreeSet<NodeIndex> = self
                .graph
                .links_at(index)
                .into_iter()
                .map(|(_, far)| far)
                .collect();
            let lies_elsewhere = place == Place::default();
            if lies_elsewhere
                && far.iter().any(|&far| {
                    matches!(self.graph.inner[far].standing, Standing::Unresolved { .. })
                })
            {
                // Both ends are hidden: the one whose place is told is the one in view.
                continue;
            }
            if routed.is_empty() {
                routed = self
                    .graph
                    .by_id
                    .values()
                    .copied()
                    .filter(|&candidate| {
                        let node = &self.graph.inner[candidate];
                        node.kind == NodeKind::Network
                            && node.standing == Standing::Described
                            && may_be_the_same(&place, &node.place)
                    })
                    .collect();
            }
            let candidates: Vec<NodeId> = routed
                .into_iter()
                .filter(|candidate| *candidate != index && !far.contains(candidate))
                .map(|candidate| self.graph.inner[candidate].id.clone())
                .collect();
            if let Standing::Unresolved {
                candidates: slot, ..
            } = &mut self.graph.inner[index].standing
            {
                *slot = candidates;
            }
        }
    }

    fn say_what_is_foreign(&mut self) {
        let mut notices = Vec::new();
        for &index in self.graph.by_id.values() {
            let node = &self.graph.inner[index];
            let linked = self.graph.inner.edges(index).next().is_some();
            match &node.standing {
                Standing::Foreign if node.kind == NodeKind::Hub && linked => notices.push(Notice {
                    kind: "foreign-hub",
                    subject: node.display_name(),
                    message: "no input describes this hub: all that is attached to it counts as reaching all else; \
                              pass the state of the stack that owns it with --context"
                        .to_owned(),
                }),
                Standing::Unresolved { why, candidates } if linked || node.kind == NodeKind::Network => {
                    let candidates: Vec<String> = candidates
                        .iter()
                        .filter_map(|id| self.graph.node(id))
                        .map(Node::display_name)
                        .collect();
                    let consequence = if candidates.is_empty() {
                        "what it stands for is not known".to_owned()
                    } else {
                        format!("counted as each of: {}", candidates.join(", "))
                    };
                    notices.push(Notice {
                        kind: "unresolved-reference",
                        subject: node.id.as_str().split_once(':').map_or("", |(_, rest)| rest).to_owned(),
                        message: format!("{why}; {consequence}"),
                    });
                }
                _ => {}
            }
        }
        self.graph.notices.extend(notices);
    }

    fn finish(mut self) -> Graph {
        for (&index, table) in &self.graph.tables {
            for (member, _) in &table.associations {
                self.graph
                    .associated
                    .entry(*member)
                    .or_default()
                    .insert(index);
            }
        }
        let described: Vec<NodeIndex> = self.graph.tables.keys().copied().collect();
        for index in described {
            let origins = self.graph.inner[index].origins.clone();
            if let Some(table) = self.graph.tables.get_mut(&index) {
                table.origins.extend(origins);
                table.origins.extend(
                    table
                        .routes
                        .iter()
                        .flat_map(|route| route.origins.iter().copied()),
                );
                table
                    .routes
                    .sort_by(|a, b| (&a.destination, a.target).cmp(&(&b.destination, b.target)));
                table.associations.sort_unstable();
                table.propagations.sort_unstable();
            }
        }
        self.tell_namesakes_apart();
        self.graph
    }

    /// Networks and hubs that bear one name are shown with their addresses too.
    fn tell_namesakes_apart(&mut self) {
        let mut bearers: BTreeMap<(NodeKind, String), Vec<NodeIndex>> = BTreeMap::new();
        for &index in self.graph.by_id.values() {
            let node = &self.graph.inner[index];
            if let (NodeKind::Network | NodeKind::Hub, Some(name)) = (node.kind, &node.name) {
                bearers
                    .entry((node.kind, name.clone()))
                    .or_default()
                    .push(index);
            }
        }
        for index in bearers
            .into_values()
            .filter(|bearers| bearers.len() > 1)
            .flatten()
        {
            self.graph.inner[index].has_namesakes = true;
        }
    }
}

/// Two declared links with the same ends are one path: as protected as the weaker of the two.
fn merge_parallel(link: &mut Link, other: Link) {
    link.in_transit = link.in_transit.clone().min(other.in_transit);
    link.state = link.state.max(other.state);
    link.keys.extend(other.keys);
    link.origins.extend(other.origins);
    link.protection_origins.extend(other.protection_origins);
    link.dynamic_prefixes |= other.dynamic_prefixes;
    for (end, half) in other.halves {
        let known = link.halves.entry(end).or_default();
        *known = known.or(half);
    }
    // Whatever table takes in either of them takes in the path.
    let either = |one: Option<bool>, other: Option<bool>| {
        if one == Some(false) { other } else { one }
    };
    link.joins_default = (
        either(link.joins_default.0, other.joins_default.0),
        either(link.joins_default.1, other.joins_default.1),
    );
    if link.name.is_none() {
        link.name = other.name;
    }
    for (name, value) in other.properties {
        link.properties.entry(name).or_insert(value);
    }
}

fn may_be_the_same(first: &Place, second: &Place) -> bool {
    let agree = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
    agree(&first.region, &second.region) && agree(&first.account, &second.account)
}

fn node_id(kind: NodeKind, keys: &[Key]) -> NodeId {
    let key = keys
        .iter()
        .find(|key| matches!(key, Key::Provider(_)))
        .or_else(|| keys.first())
        .map_or("", Key::as_str);
    NodeId::from(format!("{}/{key}", kind.slug()))
}

/// A prefix in canonical form; a bare address is a prefix of its full length.
pub(crate) fn parse_prefix(text: &str) -> Destination {
    let trimmed = text.trim();
    trimmed
        .parse::<IpNet>()
        .or_else(|_| trimmed.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_or_else(
            |_| Destination::Named(trimmed.to_owned()),
            |net| Destination::Prefix(net.trunc()),
        )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::link::LinkKind;
    use crate::graph::protection::Protection;
    use crate::graph::testing::*;

    use super::*;

    fn one_of(names: &[&str]) -> Reference {
        Reference::OneOf(names.iter().map(|name| key(name)).collect())
    }

    fn hidden() -> Reference {
        Reference::Unresolved {
            placeholder: "peering.p.peer".to_owned(),
            why: "behind a local value".to_owned(),
        }
    }

    #[test]
    fn an_offer_and_its_acceptance_are_one_effective_link() {
        let accepter = peer("a", "b").at("accepter").with_link(|link| {
            link.ends.reverse();
        });
        let graph = graph(&[
            network("a", []),
            network("b", []),
            peer("a", "b").offered(),
            accepter,
        ]);
        let links: Vec<_> = graph.links().collect();
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].state, LinkState::Effective);
        assert_eq!(links[0].origins.len(), 2);
    }

    #[test]
    fn an_offer_alone_stays_an_offer() {
        let graph = graph(&[network("a", []), peer("a", "b").offered()]);
        assert_eq!(graph.links().next().unwrap().state, LinkState::Offered);
    }

    #[test]
    fn one_pair_peered_twice_is_one_link_as_protected_as_the_weaker() {
        let second = peer("b", "a").protected(Protection::Unknown);
        let pieces = [
            network("a", []),
            network("b", []),
            peer("a", "b").protected(Protection::Provider),
            second,
        ];
        let graph = graph(&pieces);
        let links: Vec<_> = graph.links().collect();
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].in_transit.protection, Protection::Unknown);
        assert_eq!(links[0].keys.len(), 2);
    }

    #[test]
    fn two_lines_of_one_pair_join_the_default_tables_when_either_does() {
        let apart = vpn("oslo", "t").with_link(|link| {
            link.joins_default = (Some(false), Some(false));
        });
        let second = vpn("oslo", "t")
            .at("second")
            .with_link(|link| link.keys = vec![key("second")]);
        for lines in [[apart.clone(), second.clone()], [second, apart]] {
            let graph = graph(&lines);
            let joined = graph.links().next().unwrap().joins_default;
            assert_ne!(joined.0, Some(false));
            assert_ne!(joined.1, Some(false));
        }
    }

    #[test]
    fn a_network_that_nobody_describes_is_described_by_a_context_with_its_key() {
        let alone = [network("a", []), peer("a", "b")];
        assert!(!graph(&alone).describes(&network_id("b")));
        let mut pieces = alone.to_vec();
        pieces.push(network("b", ["10.2.0.0/16"]).at("context//network.b"));
        assert!(graph(&pieces).describes(&network_id("b")));
    }

    #[test]
    fn a_foreign_network_is_a_network_whatever_names_it_first() {
        let named = [
            subnet("s", "far"),
            attach("far", "t"),
            route("rt", "10.0.0.0/8", "t"),
        ];
        for turn in 0..named.len() {
            let mut pieces = named.to_vec();
            pieces.rotate_left(turn);
            let graph = graph(&pieces);
            assert_eq!(
                graph.node(&network_id("far")).unwrap().kind,
                NodeKind::Network
            );
            assert_eq!(graph.node(&hub_id("t")).unwrap().kind, NodeKind::Hub);
        }
    }

    #[test]
    fn an_end_that_is_one_of_two_may_be_either() {
        let either = peer("a", "x").with_link(|link| link.ends[1].reference = one_of(&["b", "c"]));
        let graph = graph(&[network("a", []), network("b", []), network("c", []), either]);
        let link = graph.links().next().unwrap();
        let [_, far] = graph.ends(&link.id).unwrap();
        let networks: Vec<_> = graph
            .networks_of(&far.id)
            .iter()
            .map(|one| one.id.clone())
            .collect();
        assert_eq!(networks, [network_id("b"), network_id("c")]);
        let only = peer("a", "x").with_link(|link| link.ends[1].reference = one_of(&["b"]));
        let graph = self::graph(&[network("a", []), network("b", []), only]);
        assert!(graph.link(&peering_id("a", "b")).is_some());
    }

    #[test]
    fn a_hidden_end_may_be_any_network_there_unless_routes_tell() {
        let unknown = |region: &'static str| {
            peer("a", "x").with_link(|link| {
                link.ends[1].reference = hidden();
                link.ends[1].place.region = Some(region.to_owned());
            })
        };
        let networks = ["a", "b", "c"].map(|name| network(name, []).in_region("eu-west-1"));
        let candidates = |pieces: Vec<Piece>| -> Vec<String> {
            let graph = graph(&pieces);
            let link = graph
                .links()
                .find(|link| link.kind == LinkKind::Peering)
                .unwrap();
            let [_, far] = graph.ends(&link.id).unwrap();
            let all = graph.networks_of(&far.id);
            all.iter()
                .filter(|one| one.id != far.id)
                .map(|one| one.display_name())
                .collect()
        };
        let with = |more: Vec<Piece>| networks.iter().cloned().chain(more).collect::<Vec<_>>();
        assert_eq!(candidates(with(vec![unknown("eu-west-1")])), ["b", "c"]);
        assert!(candidates(with(vec![unknown("us-east-1")])).is_empty());
        let routed = vec![
            unknown("eu-west-1"),
            table("b-rt", "b"),
            route("b-rt", "10.0.0.0/8", "a~x"),
        ];
        assert_eq!(candidates(with(routed)), ["b"]);
    }

    #[test]
    fn two_halves_of_a_tunnel_are_one_link_and_one_half_is_an_offer() {
        let half = |from: &str, to: &str| {
            join_hubs(from, to).with_link(|link| {
                link.kind = LinkKind::Vpn;
                link.state = LinkState::Offered;
                link.half = Some(super::super::link::Beyond::default());
            })
        };
        let states = |pieces: &[Piece]| -> Vec<LinkState> {
            graph(pieces).links().map(|link| link.state).collect()
        };
        let hubs = [hub("t"), hub("u")];
        let with = |halves: &[Piece]| [&hubs[..], halves].concat();
        assert_eq!(
            states(&with(&[half("t", "u"), half("u", "t")])),
            [LinkState::Effective]
        );
        assert_eq!(states(&with(&[half("t", "u")])), [LinkState::Offered]);
    }

    #[test]
    fn what_is_attached_by_a_subnet_is_attached_to_its_network() {
        let by_subnet = attach("s", "t").with_link(|link| link.ends[0].kind = NodeKind::Subnet);
        let pieces = [network("a", []), subnet("s", "a"), hub("t"), by_subnet];
        let graph = graph(&pieces);
        assert!(graph.link_between(&network_id("a"), &hub_id("t")).is_some());
    }

    #[test]
    fn a_table_that_nothing_places_lies_in_every_network_that_uses_it() {
        let loose = table("rt", "a").with_node(|node| node.within.clear());
        let networks = |more: &[Piece]| -> Vec<String> {
            let pieces = [
                network("a", []),
                network("b", []),
                subnet("s", "a"),
                subnet("z", "b"),
                loose.clone(),
            ];
            let graph = graph(&[&pieces[..], more].concat());
            let table = NodeId::from("route-table/test:rt".to_owned());
            let all = graph.networks_of(&table);
            all.iter().map(|one| one.display_name()).collect()
        };
        assert!(networks(&[]).is_empty());
        assert_eq!(networks(&[associate("rt", "s")]), ["a"]);
        assert_eq!(
            networks(&[associate("rt", "s"), associate("rt", "z")]),
            ["a", "b"]
        );
    }

    #[test]
    fn something_lies_where_somebody_else_says() {
        let pieces = [network("a", []), other("pool"), contain("pool", "a")];
        let graph = graph(&pieces);
        let pool = NodeId::from("other/test:pool".to_owned());
        let networks = graph.networks_of(&pool);
        assert_eq!(networks.len(), 1);
    }

    #[test]
    fn a_link_is_protected_as_what_lies_around_it_says() {
        let rule = |protection, around: Option<&str>| {
            let mut rules = always(protection);
            let test = |value: &str| Test::OneOf(vec![value.to_owned()]);
            let condition = around.map(|value| {
                super::super::protection::LinkCondition::Around("off".to_owned(), test(value))
            });
            rules[0].when.extend(condition);
            rules
        };
        let link = vpn("oslo", "t").with_link(|link| {
            link.protection = [
                rule(Protection::None, Some("true")),
                rule(Protection::Tunnel, None),
            ]
            .concat();
        });
        let inside = hub("t").with_node(|node| node.within = vec![to("wan")]);
        let protection = |off: Option<&str>| {
            let pieces = [
                other("wan").having("off", off),
                inside.clone(),
                link.clone(),
            ];
            graph(&pieces)
                .links()
                .next()
                .map(|link| link.in_transit.protection)
        };
        assert_eq!(protection(Some("true")), Some(Protection::None));
        assert_eq!(protection(Some("false")), Some(Protection::Tunnel));
        assert_eq!(protection(None), Some(Protection::Unknown));
    }

    #[test]
    fn a_destination_is_the_same_however_it_is_written() {
        let pieces = [
            table("rt", "a"),
            route("rt", "10.0.0.7/8", "t"),
            route("rt", "10.1.1.1", "t"),
            route("rt", "2001:DB8::/32", "t"),
            route("rt", "pl-1", "t"),
        ];
        let expected = ["10.0.0.0/8", "10.1.1.1/32", "2001:db8::/32", "pl-1"];
        assert_eq!(graph(&pieces).destinations("rt"), expected);
    }

    #[test]
    fn an_association_that_somebody_made_overrides_the_implied_one() {
        let implied = main_table("rt", "a").with_association(|one| one.implied = true);
        let made = main_table("other", "a");
        for pieces in [[implied.clone(), made.clone()], [made, implied]] {
            let all: Vec<Piece> = [
                network("a", []),
                table("rt", "a"),
                table("other", "a"),
                internet_gateway("igw"),
            ]
            .into_iter()
            .chain(pieces)
            .collect();
            let graph = graph(&all);
            let a = graph.index(&network_id("a")).unwrap();
            let other = graph
                .index(&NodeId::from("route-table/test:other".to_owned()))
                .unwrap();
            assert_eq!(graph.main_tables.get(&a), Some(&other));
        }
    }
}
