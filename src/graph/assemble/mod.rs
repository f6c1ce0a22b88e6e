//! Fragments to one graph: declarations that share a key become one node or link, ends nobody describes become foreign
//! nodes, and references that cannot be resolved become nodes that say so.

mod addresses;
mod links;
mod tables;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ipnet::IpNet;
use petgraph::graph::NodeIndex;

use super::fragment::{
    AssociationRole, ContainmentDeclaration, Fragment, NodeDeclaration, Notice, Topic,
};
use super::identity::{Key, NodeId, Reference};
use super::node::{AddressSpace, Forwards, Node, NodeKind, Place, Standing};
use super::origin::OriginId;
use super::protection::Test;
use super::snapshot::{Exposure, Graph, Item, Plaintext, Statement};
use super::table::Destination;

use links::{LinkGroup, group_links};

/// Stitch fragments into one snapshot. Earlier fragments know better where two describe the same thing.
#[must_use]
pub fn assemble(fragment: Fragment) -> Graph {
    let mut assembly = Assembly {
        graph: Graph::default(),
        hints: hints(&fragment),
        spaces: Vec::new(),
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
    let mut groups = group_links(fragment.links);
    let pending_properties = assembly.set_node_properties(fragment.properties, &groups);
    let has_addresses = fragment
        .exposures
        .iter()
        .any(|exposure| !exposure.addresses.is_empty());
    if has_addresses || groups.iter().any(LinkGroup::has_addressed_end) {
        assembly.survey_addresses();
        assembly.place_ends(&mut groups);
    }
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
        let mut of = assembly.meant(&exposure.of, &exposure.where_it_has);
        let origin = assembly.decided_by(&of, &exposure.where_it_has);
        let addressed = exposure.addresses.iter();
        of.extend(addressed.flat_map(|text| assembly.networks_at(text)));
        if of.is_empty() && !(exposure.of.is_empty() && exposure.addresses.is_empty()) {
            continue;
        }
        assembly.graph.exposures.push(Exposure {
            of,
            subject: exposure.subject,
            words: exposure.words,
            opens: exposure.opens,
            origin: origin.unwrap_or(exposure.origin),
        });
    }
    for plaintext in fragment.plaintext {
        let of = assembly.meant(&plaintext.of, &plaintext.where_it_has);
        if of.is_empty() && !plaintext.where_it_has.is_empty() {
            continue;
        }
        assembly.graph.plaintext.push(Plaintext {
            of,
            subject: plaintext.subject,
            words: plaintext.words,
            far_side: plaintext.far_side,
            origin: plaintext.origin,
        });
    }
    for statement in fragment.statements {
        assembly.state(statement);
    }
    assembly.settle_unknown_ends();
    assembly.say_what_is_foreign();
    assembly.finish()
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
    let subnets = fragment.containments.iter();
    let subnets = subnets.filter(|one| one.kind == NodeKind::Subnet);
    told.extend(subnets.map(|one| (&one.of, (2, NodeKind::Subnet, "subnet"))));
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
    // An instance or interface has no word of its own beside its identifier.
    for (key, kind) in &fragment.kinds {
        best.entry(key).or_insert((9, *kind, ""));
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
    /// Which addresses the described networks hold.
    spaces: Vec<(IpNet, NodeIndex)>,
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
                incarnation: None,
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
        if node.incarnation.is_none() {
            node.incarnation = declaration.incarnation;
        }
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
            incarnation: None,
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

    /// What doors and traffic in the clear are said of, as far as it has the properties that are asked for.
    fn meant(&mut self, of: &[Reference], where_it_has: &[(String, Test)]) -> BTreeSet<NodeIndex> {
        let found: BTreeSet<NodeIndex> = of
            .iter()
            .map(|reference| {
                self.find_or_make(reference, NodeKind::Subnet, "subnet", &Place::default())
            })
            .collect();
        // A condition that only the apply decides may hold.
        let passes = |index: &NodeIndex| {
            let node = &self.graph.inner[*index];
            let mut tests = where_it_has.iter();
            tests.all(|(name, test)| test.passes(node.property(name)) != Some(false))
        };
        found.into_iter().filter(passes).collect()
    }

    /// The resource that sets what conditions ask for, where one does.
    fn decided_by(
        &self,
        of: &BTreeSet<NodeIndex>,
        where_it_has: &[(String, Test)],
    ) -> Option<OriginId> {
        let nodes = of.iter().map(|index| &self.graph.inner[*index]);
        let mut set = nodes.flat_map(|node| {
            let asked = where_it_has.iter();
            asked.filter_map(|(name, _)| node.properties.get(name))
        });
        set.next().map(|property| property.origin)
    }

    fn state(&mut self, statement: super::fragment::StatementDeclaration) {
        let mut find = |reference: &Reference| {
            self.find_or_make(reference, NodeKind::Cluster, "cluster", &Place::default())
        };
        let mut of: BTreeSet<NodeIndex> = statement.of.iter().map(&mut find).collect();
        let lasts_with = statement.lasts_with.as_ref().map(find);
        if statement.of_networks {
            let networks = of.iter().flat_map(|&one| self.graph.network_indices(one));
            of.extend(networks.collect::<Vec<_>>());
        }
        let held_by = match statement.of_holders {
            true => self
                .graph
                .holders(&of, statement.topic == Topic::Encryption),
            false => BTreeMap::new(),
        };
        self.graph.statements.push(Statement {
            of,
            held_by,
            topic: statement.topic,
            about: statement.about,
            matter: statement.matter,
            exception_to: statement.exception_to,
            value: statement.value,
            counts: statement.counts,
            openness: statement.openness,
            words: statement.words,
            lasts_with,
            origins: statement.origins,
        });
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
            let is_told_apart = matches!(node.kind, NodeKind::Network | NodeKind::Hub)
                || node.kind.lies_in_networks();
            if let (true, Some(name)) = (is_told_apart, &node.name) {
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
    use crate::graph::link::LinkState;

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
