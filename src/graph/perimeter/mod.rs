//! The perimeter of every boundary: the set of facts of what touches it.
//!
//! A fact is what holds in effect. Two snapshots are compared fact by fact, so whatever must not count as a change (an
//! identifier, the order of blocks, the way an equal route is written) must not be part of a fact.

mod links;
mod routes;
mod shares;

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::fragment::{Counts, Topic};
use super::identity::{BoundaryId, LinkId, NodeId};
use super::link::LinkState;
use super::node::{Node, NodeKind, Opens, Property, SetProperty, Standing};
use super::origin::OriginId;
use super::protection::Evidence;
use super::reach::Departure;
use super::snapshot::{Graph, Plaintext};
use super::table::Member;

/// What sort of thing a fact says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// The boundary is there.
    Existence,
    /// A prefix belongs to it.
    AddressSpace,
    /// A value of its own that counts, such as enforced encryption.
    Property,
    /// It is peered.
    Peering,
    /// It is joined to a hub.
    Attachment,
    /// Its routes send something somewhere.
    Route,
    /// The internet can get in.
    Exposure,
    /// It can get out to the internet.
    Egress,
    /// A service is reachable in it, or one of its own is reachable elsewhere.
    PrivateEndpoint,
    /// Others may place things in it, or use it.
    Sharing,
    /// What a peering opens beyond its far end.
    Beyond,
    /// How a link protects its traffic.
    Protection,
    /// Something in it takes or sends traffic in the clear.
    Plaintext,
    /// What a source states in so many words.
    Stated(Topic),
}

impl FactKind {
    /// Whether it bounds the traffic of what lies inside the boundary too. How a door of its own stands does; a mode takes
    /// effect where it is stated.
    #[must_use]
    pub fn passes_down(self) -> bool {
        !matches!(
            self,
            Self::Protection
                | Self::Plaintext
                | Self::Stated(
                    Topic::Export
                        | Topic::Encryption
                        | Topic::Authentication
                        | Topic::Exposure
                        | Topic::Filter
                )
        )
    }
}

/// One thing that holds of a boundary.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The value that is compared; the fact is the same fact before and after when boundary, kind and `about` agree.
    pub value: String,
    /// In words, to stand after the boundary's name: "is peered with analytics".
    pub words: String,
    /// The links it rests on.
    pub links: Vec<LinkId>,
    /// The hub it leads to, if any.
    pub hub: Option<NodeId>,
    /// Other boundaries it speaks of.
    pub concerns: BTreeSet<NodeId>,
    /// The subnets or tables in which it takes effect. A carrier that only one snapshot has does not count.
    pub carriers: BTreeSet<NodeId>,
    /// The resources it follows from.
    pub origins: BTreeSet<OriginId>,
    /// The documentation it rests on.
    pub evidence: Option<Evidence>,
    /// Of a stated fact: how far it opens, what it is an exception to, and what it has in common with others.
    pub stated: Option<Stated>,
}

impl Fact {
    /// Whether it bounds the traffic of what lies inside its boundary too, as a fact of this kind.
    #[must_use]
    pub fn passes_down(&self, kind: FactKind) -> bool {
        match (kind, &self.stated) {
            // A public load balancer opens what is behind it; a gateway opens all of its network.
            (FactKind::Exposure, _) => !self.value.is_empty(),
            (_, Some(stated)) if stated.is_held => false,
            _ => kind.passes_down(),
        }
    }

    /// The same of what holds the part that it is true of. As that comes or goes, it takes nothing from those around.
    fn held_in(&self, part: &Node) -> Self {
        let mut held = self.clone();
        held.words = format!(
            "holds {} {}, which {}",
            part.role,
            part.display_name(),
            self.words
        );
        if held.carriers.is_empty() {
            held.carriers.insert(part.id.clone());
        }
        if let Some(stated) = &mut held.stated {
            stated.is_held = true;
            for general in &mut stated.exception_to {
                *general = about_held(general, part);
            }
        }
        held
    }
}

/// What a fact of something inside a boundary is about, apart from the same of other things in there.
fn about_held(about: &str, part: &Node) -> String {
    format!("{about} in {}", part.id)
}

/// What only stated facts have.
#[derive(Debug, Clone)]
pub struct Stated {
    /// Above zero it opens by being there, below zero it closes. Of two values the greater opens more.
    pub openness: i32,
    /// What holds of the same boundary where it is not stated: facts of the same topic, by what they are about.
    pub exception_to: Vec<String>,
    /// What facts have in common that a person would call one.
    pub matter: String,
    /// Where it counts.
    pub counts: Counts,
    /// It is true of something inside the boundary, and so bounds the traffic of nothing beside that.
    pub is_held: bool,
}

/// Stands between a value of a hub and the hub, where it is told of a network that is attached to it.
pub const OF_HUB: &str = " @ ";

/// Which fact of a boundary: its kind and what it is about.
pub type FactKey = (FactKind, String);

/// The facts of all boundaries of one snapshot.
#[derive(Debug, Default)]
pub struct Perimeters {
    /// Facts by boundary. Reach through hubs is kept apart, in `departures`.
    pub facts: BTreeMap<BoundaryId, BTreeMap<FactKey, Fact>>,
    /// What each network and external party reaches through hubs.
    pub departures: Vec<Departure>,
}

impl Graph {
    /// State all facts of this snapshot.
    #[must_use]
    pub fn perimeters(&self) -> Perimeters {
        let mut survey = Survey::new(self);
        survey.boundaries();
        survey.links();
        survey.routes();
        survey.exposures();
        survey.plaintext();
        survey.statements();
        survey.shares();
        Perimeters {
            facts: survey.facts,
            departures: self.departures(),
        }
    }

    /// The resources that can alter what a table says.
    #[must_use]
    pub fn table_origins(&self, table: &NodeId) -> BTreeSet<OriginId> {
        self.index(table)
            .and_then(|index| self.tables.get(&index))
            .map(|table| table.origins.clone())
            .unwrap_or_default()
    }

    /// The resources that decide which table a subnet uses; of a network, which is its main table.
    #[must_use]
    pub fn association_origins(&self, subnet: &NodeId) -> BTreeSet<OriginId> {
        let Some(index) = self.index(subnet) else {
            return BTreeSet::new();
        };
        let own = self.member_origins(Member::Node(index));
        if !own.is_empty() {
            return own;
        }
        let networks = self.network_indices(index);
        let mains = networks.iter().filter_map(|one| self.main_origins.get(one));
        mains.copied().collect()
    }

    /// The resources that decide which table an attachment uses.
    #[must_use]
    pub fn association_origins_of_link(&self, link: &LinkId) -> BTreeSet<OriginId> {
        self.link_index(link)
            .map(|index| self.member_origins(Member::Link(index)))
            .unwrap_or_default()
    }

    fn member_origins(&self, member: Member) -> BTreeSet<OriginId> {
        let tables = self.associated.get(&member).into_iter().flatten();
        let associations = tables
            .filter_map(|table| self.tables.get(table))
            .flat_map(|table| &table.associations);
        associations
            .filter(|(one, _)| *one == member)
            .map(|(_, origin)| *origin)
            .collect()
    }
}

struct Survey<'a> {
    graph: &'a Graph,
    facts: BTreeMap<BoundaryId, BTreeMap<FactKey, Fact>>,
}

impl<'a> Survey<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            facts: BTreeMap::new(),
        }
    }

    fn node(&self, index: NodeIndex) -> &'a Node {
        &self.graph.inner[index]
    }

    fn state(
        &mut self,
        boundary: BoundaryId,
        kind: FactKind,
        about: impl Into<String>,
        fact: Fact,
    ) {
        let facts = self.facts.entry(boundary).or_default();
        match facts.entry((kind, about.into())) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(fact);
            }
            std::collections::btree_map::Entry::Occupied(mut slot) => {
                let known = slot.get_mut();
                known.carriers.extend(fact.carriers);
                known.origins.extend(fact.origins);
                if let (Some(stated), Some(other)) = (&mut known.stated, &fact.stated) {
                    // Two that say different things of one: nobody tells which of them holds.
                    stated.openness = stated.openness.max(other.openness);
                    for (text, more) in [
                        (&mut known.value, &fact.value),
                        (&mut known.words, &fact.words),
                    ] {
                        let mut all: BTreeSet<&str> = text.split(" or ").collect();
                        all.extend(more.split(" or "));
                        *text = all.into_iter().collect::<Vec<_>>().join(" or ");
                    }
                } else if strength(&fact.value) > strength(&known.value) {
                    known.value = fact.value;
                    known.words = fact.words;
                }
            }
        }
    }

    /// The boundaries that a fact about a node falls on: its networks, or itself where it lies in none.
    fn bearers(&self, index: NodeIndex) -> BTreeSet<NodeIndex> {
        let mut bearers = self.graph.network_indices(index);
        if bearers.is_empty() || matches!(self.node(index).standing, Standing::Unresolved { .. }) {
            bearers.insert(index);
        }
        bearers
    }

    /// The boundaries that a route falls on: the table's networks, or the table itself where nobody says whose it is.
    /// What a hub's tables let through is told by reach.
    fn table_bearers(&self, table: NodeIndex) -> BTreeSet<NodeIndex> {
        let parents = &self.graph.within[table.index()];
        if parents
            .iter()
            .any(|&parent| self.node(parent).kind == NodeKind::Hub)
        {
            return BTreeSet::new();
        }
        self.bearers(table)
    }

    fn boundaries(&mut self) {
        for node in self.graph.nodes() {
            let is_boundary = matches!(
                node.kind,
                NodeKind::Network
                    | NodeKind::Hub
                    | NodeKind::ServicePerimeter
                    | NodeKind::Cluster
                    | NodeKind::Namespace
            );
            if !is_boundary || node.standing != Standing::Described {
                continue;
            }
            let is_part =
                node.kind == NodeKind::Hub && !self.graph.networks_of(&node.id).is_empty();
            if is_part {
                continue;
            }
            let boundary = BoundaryId::Node(node.id.clone());
            let exists = Fact {
                value: node.incarnation.clone().unwrap_or_default(),
                ..fact("exists".to_owned(), &node.origins)
            };
            self.state(boundary.clone(), FactKind::Existence, "", exists);
            if node.kind == NodeKind::Network {
                let origins = &node.origins | &node.address_space.origins;
                for prefix in &node.address_space.prefixes {
                    let holds = fact(format!("holds {prefix}"), &origins);
                    self.state(
                        boundary.clone(),
                        FactKind::AddressSpace,
                        prefix.to_string(),
                        holds,
                    );
                }
                for untold in &node.address_space.untold {
                    let holds = fact(format!("holds {untold}"), &origins);
                    let about = untold.clone();
                    self.state(boundary.clone(), FactKind::AddressSpace, about, holds);
                }
            }
            self.properties(&boundary, &node.properties);
            if node.kind == NodeKind::Hub {
                self.properties_behind(node);
            }
        }
    }

    /// The values of a hub, as they concern each network that is attached to it.
    fn properties_behind(&mut self, hub: &Node) {
        let Some(index) = self.graph.index(&hub.id) else {
            return;
        };
        let hub_words = format!("{} {}", hub.role, hub.display_name());
        for (edge, far) in self.graph.links_at(index) {
            if self.node(far).kind != NodeKind::Network {
                continue;
            }
            let boundary = BoundaryId::Node(self.node(far).id.clone());
            for (name, set) in hub.properties.iter().filter(|(_, set)| set.is_fact) {
                let own = property(name, set);
                let fact = Fact {
                    words: format!("is attached to {hub_words}, which {}", own.words),
                    hub: Some(hub.id.clone()),
                    links: vec![self.graph.inner[edge].id.clone()],
                    ..own
                };
                let about = format!("{name}{OF_HUB}{}", hub.id);
                self.state(boundary.clone(), FactKind::Property, about, fact);
            }
        }
    }

    fn properties(&mut self, boundary: &BoundaryId, properties: &BTreeMap<String, SetProperty>) {
        for (name, set) in properties.iter().filter(|(_, set)| set.is_fact) {
            let fact = property(name, set);
            self.state(boundary.clone(), FactKind::Property, name.clone(), fact);
        }
    }

    fn exposures(&mut self) {
        for exposure in &self.graph.exposures {
            let bearers: BTreeSet<NodeIndex> = exposure
                .of
                .iter()
                .flat_map(|&index| self.bearers(index))
                .collect();
            for bearer in bearers {
                let (kind, words) = match exposure.opens {
                    Opens::BothWays => (FactKind::Exposure, "is exposed to the internet by"),
                    Opens::Egress => (FactKind::Egress, "reaches the internet through"),
                };
                let words = format!("{words} {}", exposure.words);
                let fact = fact(words, &BTreeSet::from([exposure.origin]));
                let boundary = BoundaryId::Node(self.node(bearer).id.clone());
                self.state(boundary, kind, exposure.subject.clone(), fact);
            }
        }
    }

    fn plaintext(&mut self) {
        for plaintext in &self.graph.plaintext {
            let bearers: BTreeSet<NodeIndex> = plaintext
                .of
                .iter()
                .flat_map(|&index| self.bearers(index))
                .collect();
            for bearer in bearers {
                let Plaintext { subject, words, .. } = plaintext;
                let origins = BTreeSet::from([plaintext.origin]);
                let fact = fact(format!("holds {subject}, which {words}"), &origins);
                let boundary = BoundaryId::Node(self.node(bearer).id.clone());
                self.state(boundary, FactKind::Plaintext, subject.clone(), fact);
            }
        }
    }

    fn statements(&mut self) {
        let graph = self.graph;
        for statement in &graph.statements {
            let carrier = statement
                .lasts_with
                .map(|index| self.node(index).id.clone());
            let fact = Fact {
                value: statement.value.clone(),
                carriers: carrier.into_iter().collect(),
                stated: Some(Stated {
                    openness: statement.openness,
                    exception_to: statement.exception_to.clone(),
                    matter: statement.matter.clone(),
                    is_held: false,
                    counts: statement.counts,
                }),
                ..fact(statement.words.clone(), &statement.origins)
            };
            for &bearer in &statement.of {
                let fact = fact.clone();
                let boundary = BoundaryId::Node(self.node(bearer).id.clone());
                let about = statement.about.clone();
                self.state(boundary, FactKind::Stated(statement.topic), about, fact);
            }
            for (&holder, &held) in &statement.held_by {
                let held = self.node(held);
                let boundary = BoundaryId::Node(self.node(holder).id.clone());
                let about = about_held(&statement.about, held);
                let fact = fact.held_in(held);
                self.state(boundary, FactKind::Stated(statement.topic), about, fact);
            }
        }
    }
}

/// Of two values of one fact the one that opens more holds: a peering in effect beside one that is only offered.
fn strength(value: &str) -> (bool, &str) {
    (value != LinkState::Offered.word(), value)
}

/// A value that counts.
fn property(name: &str, set: &SetProperty) -> Fact {
    let value = match &set.value {
        Property::Known(text) => text.clone(),
        Property::Unknown => "(known after apply)".to_owned(),
    };
    // What follows is whose it is, by its address.
    let (what, whose) = name.split_once(' ').unwrap_or((name, ""));
    let whose = if whose.is_empty() {
        String::new()
    } else {
        format!(" {whose}")
    };
    let words = format!("has {}{whose} = {value}", what.replace('_', " "));
    Fact {
        value,
        ..fact(words, &BTreeSet::from([set.origin]))
    }
}

fn fact(words: String, origins: &BTreeSet<OriginId>) -> Fact {
    Fact {
        value: String::new(),
        words,
        links: Vec::new(),
        hub: None,
        concerns: BTreeSet::new(),
        carriers: BTreeSet::new(),
        origins: origins.clone(),
        stated: None,
        evidence: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::node::Forwards;
    use crate::graph::testing::*;

    use super::*;

    /// The facts of a network of one kind, as what they are about.
    fn facts(pieces: &[Piece], of: &str, kind: FactKind) -> Vec<String> {
        let perimeters = graph(pieces).perimeters();
        let facts = perimeters.facts.get(&inside(of)).into_iter().flatten();
        facts
            .filter(|((known, _), _)| *known == kind)
            .map(|((_, about), fact)| format!("{about} {}", fact.value).trim().to_owned())
            .collect()
    }

    fn carriers(pieces: &[Piece]) -> Vec<String> {
        let perimeters = graph(pieces).perimeters();
        let routes = perimeters.facts[&inside("a")].iter();
        let fact = routes
            .filter(|((kind, _), _)| *kind == FactKind::Route)
            .map(|(_, fact)| fact);
        fact.flat_map(|fact| &fact.carriers)
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_subnet_uses_the_main_table_unless_it_has_one_of_its_own() {
        let pieces = [
            network("a", []),
            hub("t"),
            subnet("s", "a"),
            table("main", "a"),
            main_table("main", "a"),
            route("main", "10.0.0.0/8", "t"),
        ];
        assert_eq!(carriers(&pieces), ["network/test:a", "subnet/test:s"]);
        let own = [table("own", "a"), associate("own", "s")];
        let pieces: Vec<Piece> = pieces.into_iter().chain(own).collect();
        assert_eq!(carriers(&pieces), ["network/test:a"]);
    }

    #[test]
    fn a_table_that_nothing_here_uses_carries_for_itself() {
        let pieces = [
            network("a", []),
            hub("t"),
            table("rt", "a"),
            route("rt", "10.0.0.0/8", "t"),
        ];
        assert_eq!(carriers(&pieces), ["route-table/test:rt"]);
    }

    #[test]
    fn of_a_table_that_two_networks_use_each_bears_its_own_subnets() {
        let pieces = [
            network("a", []),
            network("b", []),
            subnet("s", "a"),
            subnet("z", "b"),
            table("rt", "a").with_node(|node| node.within.clear()),
            associate("rt", "s"),
            associate("rt", "z"),
            route("rt", "10.0.0.0/8", "t"),
        ];
        assert_eq!(carriers(&pieces), ["subnet/test:s"]);
    }

    #[test]
    fn a_blackhole_is_no_fact_of_its_network() {
        let pieces = [
            network("a", []),
            table("rt", "a"),
            blackhole("rt", "10.0.0.0/8"),
        ];
        assert!(facts(&pieces, "a", FactKind::Route).is_empty());
        let open = [
            network("a", []),
            table("rt", "a"),
            route("rt", "10.0.0.0/8", "t"),
        ];
        assert_eq!(facts(&open, "a", FactKind::Route).len(), 1);
    }

    #[test]
    fn both_ends_of_a_peering_bear_it() {
        let pieces = [network("a", []), network("b", []), peer("a", "b").offered()];
        assert_eq!(
            facts(&pieces, "a", FactKind::Peering),
            ["network/test:b offered"]
        );
        assert_eq!(
            facts(&pieces, "b", FactKind::Peering),
            ["network/test:a offered"]
        );
    }

    #[test]
    fn of_two_ways_to_be_peered_the_effective_one_counts() {
        let either = peer("x", "b").offered().with_link(|link| {
            link.ends[0].reference =
                crate::graph::identity::Reference::OneOf(vec![key("a"), key("c")]);
        });
        let pieces = [
            network("a", []),
            network("b", []),
            network("c", []),
            peer("a", "b"),
            either,
        ];
        assert_eq!(
            facts(&pieces, "a", FactKind::Peering),
            ["network/test:b effective"]
        );
        assert_eq!(
            facts(&pieces, "c", FactKind::Peering),
            ["network/test:b offered"]
        );
    }

    /// A gateway that is part of a network.
    fn door_of(network: &str) -> Piece {
        let name = format!("{network}-gateway");
        hub_forwarding(&name, Forwards::BetweenOutsideAndInside)
            .with_node(|node| node.within = vec![to(network)])
    }

    #[test]
    fn a_hub_that_lies_in_a_network_is_part_of_it_and_no_boundary() {
        let pieces = [network("a", []), door_of("a"), vpn("oslo", "a-gateway")];
        let perimeters = graph(&pieces).perimeters();
        let of_gateway = BoundaryId::Node(hub_id("a-gateway"));
        assert!(!perimeters.facts.contains_key(&of_gateway));
        assert!(facts(&pieces, "a", FactKind::Attachment).is_empty());
        let reached = graph(&pieces).reached_from(&network_id("a"));
        assert_eq!(reached, BTreeSet::from(["oslo".to_owned()]));
        // One that lies in none is a boundary of its own.
        let alone = [hub("t"), network("a", []), attach("a", "t")];
        let perimeters = graph(&alone).perimeters();
        assert!(
            perimeters
                .facts
                .contains_key(&BoundaryId::Node(hub_id("t")))
        );
        assert_eq!(facts(&alone, "a", FactKind::Attachment).len(), 1);
    }

    #[test]
    fn an_end_may_be_what_the_named_thing_is_part_of() {
        // A spoke names a tunnel, and means the gateway where it ends.
        let tunnel = vpn("oslo", "a-gateway").with_link(|link| link.keys = vec![key("tunnel")]);
        let spoke =
            |around| join_hubs("tunnel", "t").with_link(move |link| link.ends[0].around = around);
        let with = |spoke| {
            [
                spoke,
                network("a", []),
                network("b", []),
                door_of("a"),
                tunnel.clone(),
                hub_forwarding("t", Forwards::Everywhere),
                attach("b", "t"),
            ]
        };
        let from_b = |pieces: &[Piece]| graph(pieces).reached_from(&network_id("b"));
        assert!(from_b(&with(spoke(true))).contains("oslo"));
        assert!(!from_b(&with(spoke(false))).contains("oslo"));
    }

    #[test]
    fn only_gateways_that_lead_somewhere_are_lent() {
        use crate::graph::link::Beyond;
        let open = Beyond {
            lends_gateways: true,
            borrows_gateways: true,
            takes_forwarded: false,
        };
        let half = move |from: &str, to: &str| {
            peer(from, to)
                .offered()
                .with_link(move |link| link.half = Some(open))
        };
        let idle = vec![
            network("a", []),
            network("b", []),
            door_of("a"),
            half("a", "b"),
            half("b", "a").at("other-half"),
        ];
        let used: Vec<Piece> = idle
            .iter()
            .cloned()
            .chain([vpn("oslo", "a-gateway")])
            .collect();
        let from_b = |pieces: &[Piece]| graph(pieces).reached_from(&network_id("b"));
        assert!(from_b(&idle).is_empty());
        assert!(from_b(&used).contains("oslo"));
    }

    #[test]
    fn a_gateway_counts_more_once_it_is_routed_to() {
        let attached = vec![network("a", []), internet_gateway("igw"), door("a", "igw")];
        assert_eq!(
            facts(&attached, "a", FactKind::Exposure),
            ["internet gateway attached"]
        );
        let routed = [table("rt", "a"), route("rt", "0.0.0.0/0", "igw")];
        let routed: Vec<Piece> = attached.into_iter().chain(routed).collect();
        assert_eq!(
            facts(&routed, "a", FactKind::Exposure),
            ["internet gateway routed"]
        );
    }

    #[test]
    fn a_value_known_after_apply_is_equal_to_no_other() {
        let having = |value| [network("a", []).having("encryption_mode", value)];
        assert_eq!(
            facts(&having(None), "a", FactKind::Property),
            ["encryption_mode (known after apply)"]
        );
        assert_eq!(
            facts(&having(Some("enforce")), "a", FactKind::Property),
            ["encryption_mode enforce"]
        );
    }
}
