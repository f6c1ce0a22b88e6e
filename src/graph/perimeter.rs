//! The perimeter of every boundary: the set of facts of what touches it.
//!
//! A fact is what holds in effect. Two snapshots are compared fact by fact, so whatever must not count as a change (an
//! identifier, the order of blocks, the way an equal route is written) must not be part of a fact.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::assemble::{Graph, Plaintext};
use super::fragment::Topic;
use super::identity::{BoundaryId, LinkId, NodeId};
use super::link::{Link, LinkKind, LinkState};
use super::node::{Node, NodeKind, Opens, Property, SetProperty, Standing};
use super::origin::OriginId;
use super::protection::Evidence;
use super::reach::Departure;
use super::table::{Destination, Member, Target};

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

/// What only stated facts have.
#[derive(Debug, Clone)]
pub struct Stated {
    /// Above zero it opens by being there, below zero it closes. Of two values the greater opens more.
    pub openness: i32,
    /// What holds of the same boundary where it is not stated: facts of the same topic, by what they are about.
    pub exception_to: Vec<String>,
    /// What facts have in common that a person would call one.
    pub matter: String,
}

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
                NodeKind::Network | NodeKind::Hub | NodeKind::ServicePerimeter
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
            let exists = fact("exists".to_owned(), &node.origins);
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
        }
    }

    fn properties(&mut self, boundary: &BoundaryId, properties: &BTreeMap<String, SetProperty>) {
        for (name, set) in properties.iter().filter(|(_, set)| set.is_fact) {
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
            let fact = Fact {
                value,
                ..fact(words, &BTreeSet::from([set.origin]))
            };
            self.state(boundary.clone(), FactKind::Property, name.clone(), fact);
        }
    }

    fn links(&mut self) {
        for link in self.graph.links() {
            let Some([first, second]) = self.graph.ends(&link.id) else {
                continue;
            };
            let ends = [first, second].map(|node| self.graph.index(&node.id));
            let [Some(first), Some(second)] = ends else {
                continue;
            };
            // What a peering lends is told as what lies beyond that peering.
            if self.graph.is_inner(&link.id) || link.over.is_some() {
                continue;
            }
            if !matches!(link.kind, LinkKind::Door | LinkKind::Sharing) {
                let boundary = BoundaryId::Link(link.id.clone());
                let state = link.state.word();
                let existence = self.about_link(
                    link,
                    state.to_owned(),
                    format!("exists ({state})"),
                    [first, second],
                );
                self.state(boundary.clone(), FactKind::Existence, "", existence);
                self.properties(&boundary, &link.properties);
                if let Some(carrier) = link
                    .carrier
                    .as_ref()
                    .and_then(|carrier| self.graph.node(carrier))
                {
                    self.properties(&boundary, &carrier.properties);
                }
                self.protection(link, [first, second]);
            }
            match link.kind {
                LinkKind::Peering => {
                    for (near, far) in [(first, second), (second, first)] {
                        self.peering(link, near, far);
                        self.beyond(link, near, far);
                    }
                }
                LinkKind::Attachment | LinkKind::Vpn | LinkKind::Interconnect => {
                    self.attachment(link, first, second);
                    self.attachment(link, second, first);
                }
                LinkKind::PrivateEndpoint => self.private_endpoint(link, first, second),
                LinkKind::Mesh => {
                    self.mesh_link(link, first, second, "finds and calls the services of");
                    self.mesh_link(link, second, first, "has its services found and called by");
                }
                LinkKind::Door | LinkKind::Sharing => {}
            }
        }
    }

    fn about_link(&self, link: &Link, value: String, words: String, ends: [NodeIndex; 2]) -> Fact {
        Fact {
            value,
            links: vec![link.id.clone()],
            concerns: ends.iter().map(|&end| self.node(end).id.clone()).collect(),
            ..fact(words, &link.origins)
        }
    }

    fn protection(&mut self, link: &Link, ends: [NodeIndex; 2]) {
        let protection = link.in_transit.protection;
        let mut words = format!("carries traffic {}", protection.clause());
        if let Some(evidence) = &link.in_transit.evidence {
            words = format!("{words} ({})", evidence.fact);
        }
        // The evidence is part of the words, not of the value: what counts is what holds, not who says so.
        let mut fact = self.about_link(link, protection.word().to_owned(), words, ends);
        fact.origins.extend(&link.protection_origins);
        fact.evidence.clone_from(&link.in_transit.evidence);
        self.state(
            BoundaryId::Link(link.id.clone()),
            FactKind::Protection,
            "",
            fact,
        );
    }

    fn peering(&mut self, link: &Link, near: NodeIndex, far: NodeIndex) {
        let far_node = self.node(far);
        let offered = if link.state == LinkState::Offered {
            "has an offered peering with"
        } else {
            "is peered with"
        };
        let words = format!("{offered} {} {}", far_node.role, far_node.display_name());
        let fact = self.about_link(link, link.state.word().to_owned(), words, [near, far]);
        for bearer in self.bearers(near) {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            self.state(
                boundary,
                FactKind::Peering,
                far_node.id.to_string(),
                fact.clone(),
            );
        }
    }

    /// Clusters that a mesh joins bear it, and so do the networks that it joins by that.
    fn mesh_link(&mut self, link: &Link, near: NodeIndex, far: NodeIndex, verb: &str) {
        let far_node = self.node(far);
        let words = format!("{verb} {} {}", far_node.role, far_node.display_name());
        let stated = Stated {
            openness: 1,
            exception_to: Vec::new(),
            matter: link.id.to_string(),
        };
        let fact = Fact {
            stated: Some(stated),
            ..self.about_link(link, link.state.word().to_owned(), words, [near, far])
        };
        let mut bearers = BTreeMap::from([(near, fact.clone())]);
        let [networks, beyond] = [near, far].map(|end| self.graph.network_indices(end));
        for &network in networks.difference(&beyond) {
            let words = format!(
                "holds {}, which {}",
                self.node(near).display_name(),
                fact.words
            );
            bearers.insert(
                network,
                Fact {
                    words,
                    ..fact.clone()
                },
            );
        }
        for (bearer, fact) in bearers {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            let about = format!("{verb} {}", far_node.id);
            self.state(boundary, FactKind::Stated(Topic::Mesh), about, fact);
        }
    }

    /// What the flags of a peering let the near end do behind the far one; both ends bear it.
    fn beyond(&mut self, link: &Link, near: NodeIndex, far: NodeIndex) {
        let (near_node, far_node) = (self.node(near), self.node(far));
        let names = [near_node, far_node].map(Node::display_name);
        let mut opened = Vec::new();
        if link.lender(&near_node.id, &far_node.id) {
            let mut links: Vec<LinkId> = self
                .graph
                .links_at(near)
                .iter()
                .map(|(edge, _)| &self.graph.inner[*edge])
                .filter(|lent| lent.over.as_ref() == Some(&far_node.id))
                .map(|lent| lent.id.clone())
                .collect();
            links.push(link.id.clone());
            let words = [
                format!("uses the gateways of {}", names[1]),
                format!("lets {} use its gateways", names[0]),
            ];
            opened.push(("gateways", links, words));
        }
        let half = link.halves.get(&near_node.id);
        if half.is_some_and(|half| half.takes_forwarded) {
            let words = [
                format!("takes in what {} passes on", names[1]),
                format!("is allowed to pass traffic on to {}", names[0]),
            ];
            opened.push(("forwarded", vec![link.id.clone()], words));
        }
        for (what, links, words) in opened {
            for (bearer, words) in [near, far].into_iter().zip(words) {
                let words = match link.state {
                    LinkState::Effective => words,
                    LinkState::Offered => format!("{words}, once both halves of the peering exist"),
                };
                let fact = Fact {
                    links: links.clone(),
                    hub: Some(far_node.id.clone()),
                    ..self.about_link(link, link.state.word().to_owned(), words, [near, far])
                };
                let about = format!("{what} {} {}", near_node.id, far_node.id);
                let boundary = BoundaryId::Node(self.node(bearer).id.clone());
                self.state(boundary, FactKind::Beyond, about, fact);
            }
        }
    }

    fn attachment(&mut self, link: &Link, near: NodeIndex, hub: NodeIndex) {
        let (near_node, hub_node) = (self.node(near), self.node(hub));
        // What a peering lends is told as what lies beyond that peering.
        let is_lent = link.over.is_some();
        if hub_node.kind != NodeKind::Hub || near_node.kind == NodeKind::External || is_lent {
            return;
        }
        let words = format!(
            "is attached to {} {}",
            hub_node.role,
            hub_node.display_name()
        );
        let fact = Fact {
            hub: Some(hub_node.id.clone()),
            ..self.about_link(link, link.state.word().to_owned(), words, [near, hub])
        };
        for bearer in self.bearers(near) {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            self.state(
                boundary,
                FactKind::Attachment,
                hub_node.id.to_string(),
                fact.clone(),
            );
        }
    }

    fn private_endpoint(&mut self, link: &Link, consumer: NodeIndex, service: NodeIndex) {
        let (consumer_node, service_node) = (self.node(consumer), self.node(service));
        let words = format!("has a private endpoint to {}", service_node.display_name());
        let fact = self.about_link(
            link,
            link.state.word().to_owned(),
            words,
            [consumer, service],
        );
        for bearer in self.bearers(consumer) {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            self.state(
                boundary,
                FactKind::PrivateEndpoint,
                service_node.id.to_string(),
                fact.clone(),
            );
        }
        let words = format!(
            "serves {} through the private endpoint service {}",
            consumer_node.display_name(),
            service_node.display_name()
        );
        let served = Fact { words, ..fact };
        for provider in self.graph.network_indices(service) {
            if provider != consumer {
                let boundary = BoundaryId::Node(self.node(provider).id.clone());
                self.state(
                    boundary,
                    FactKind::PrivateEndpoint,
                    consumer_node.id.to_string(),
                    served.clone(),
                );
            }
        }
    }

    /// Subnets (and the table itself, where subnets outside the input may use it) in which each table takes effect.
    fn carriers(&self) -> BTreeMap<NodeIndex, BTreeSet<NodeId>> {
        let mut carriers: BTreeMap<NodeIndex, BTreeSet<NodeId>> = BTreeMap::new();
        for (&network, &main) in &self.graph.main_tables {
            let slot = carriers.entry(main).or_default();
            slot.insert(self.node(network).id.clone());
        }
        for node in self
            .graph
            .nodes()
            .filter(|node| node.kind == NodeKind::Subnet)
        {
            let Some(index) = self.graph.index(&node.id) else {
                continue;
            };
            let own = self.graph.associated.get(&Member::Node(index));
            let tables: BTreeSet<NodeIndex> = match own {
                Some(tables) => tables.clone(),
                None => self
                    .graph
                    .network_indices(index)
                    .iter()
                    .filter_map(|network| self.graph.main_tables.get(network).copied())
                    .collect(),
            };
            for table in tables {
                carriers.entry(table).or_default().insert(node.id.clone());
            }
        }
        for (&table, content) in &self.graph.tables {
            let slot = carriers.entry(table).or_default();
            if slot.is_empty() && content.associations.is_empty() {
                slot.insert(self.node(table).id.clone());
            }
        }
        carriers
    }

    /// Of the carriers of a table that several networks use, those that are not in another one.
    fn carriers_in(&self, network: NodeIndex, carriers: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
        let is_elsewhere = |carrier: &NodeId| {
            let Some(index) = self.graph.index(carrier) else {
                return false;
            };
            let networks = self.graph.network_indices(index);
            self.node(index).kind != NodeKind::RouteTable
                && !networks.is_empty()
                && !networks.contains(&network)
        };
        let ours = carriers.iter().filter(|carrier| !is_elsewhere(carrier));
        ours.cloned().collect()
    }

    fn routes(&mut self) {
        let carriers = self.carriers();
        for (&table, content) in &self.graph.tables {
            let networks = self.table_bearers(table);
            let everywhere = carriers.get(&table).cloned().unwrap_or_default();
            let carriers: BTreeMap<NodeIndex, BTreeSet<NodeId>> = networks
                .iter()
                .map(|&network| (network, self.carriers_in(network, &everywhere)))
                .collect();
            for route in &content.routes {
                let origins = route.origins.iter().copied().collect();
                for (&network, carriers) in &carriers {
                    self.route(
                        network,
                        &route.destination,
                        route.target,
                        carriers,
                        &origins,
                    );
                }
            }
            for (member, origin) in &content.propagations {
                let Member::Node(hub) = *member else { continue };
                let learned = Destination::Named("whatever it learns".to_owned());
                for (&network, carriers) in &carriers {
                    self.route(
                        network,
                        &learned,
                        Target::Node(hub),
                        carriers,
                        &BTreeSet::from([*origin]),
                    );
                }
            }
        }
        for link in self
            .graph
            .links()
            .filter(|link| link.kind == LinkKind::Door)
        {
            let Some([first, second]) = self.graph.ends(&link.id) else {
                continue;
            };
            let (network, gateway) = if first.kind == NodeKind::Gateway {
                (second, first)
            } else {
                (first, second)
            };
            let Some(network) = self.graph.index(&network.id) else {
                continue;
            };
            self.door(
                network,
                gateway,
                "attached",
                "is attached to",
                &BTreeSet::new(),
                &link.origins,
            );
        }
    }

    fn route(
        &mut self,
        network: NodeIndex,
        destination: &Destination,
        target: Target,
        carriers: &BTreeSet<NodeId>,
        origins: &BTreeSet<OriginId>,
    ) {
        let (toward, name, links, hub) = match target {
            Target::Blackhole => return,
            Target::Node(index) => {
                let node = self.node(index);
                if node.opens.is_some() {
                    self.door(network, node, "routed", "routes to", carriers, origins);
                    return;
                }
                let hub = (node.kind == NodeKind::Hub).then(|| node.id.clone());
                (
                    node.id.to_string(),
                    format!("{} {}", node.role, node.display_name())
                        .trim_start()
                        .to_owned(),
                    Vec::new(),
                    hub,
                )
            }
            Target::Link(edge) => self.link_target(edge),
        };
        let fact = Fact {
            links,
            hub,
            carriers: carriers.clone(),
            ..fact(format!("routes {destination} to {name}"), origins)
        };
        let boundary = BoundaryId::Node(self.node(network).id.clone());
        self.state(
            boundary,
            FactKind::Route,
            format!("{destination} -> {toward}"),
            fact,
        );
    }

    fn link_target(&self, edge: EdgeIndex) -> (String, String, Vec<LinkId>, Option<NodeId>) {
        let link = &self.graph.inner[edge];
        let name = format!("{} {}", link.role, link.display_name());
        (link.id.to_string(), name, vec![link.id.clone()], None)
    }

    fn door(
        &mut self,
        network: NodeIndex,
        gateway: &Node,
        level: &str,
        verb: &str,
        carriers: &BTreeSet<NodeId>,
        origins: &BTreeSet<OriginId>,
    ) {
        let kind = match gateway.opens {
            Some(Opens::BothWays) | None => FactKind::Exposure,
            Some(Opens::Egress) => FactKind::Egress,
        };
        // The kind of door counts, not which one: a gateway replaced by its like opens nothing new.
        let fact = Fact {
            value: level.to_owned(),
            carriers: carriers.clone(),
            ..fact(
                format!("{verb} the internet through its {}", gateway.role),
                origins,
            )
        };
        let boundary = BoundaryId::Node(self.node(network).id.clone());
        self.state(boundary, kind, gateway.role.clone(), fact);
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
            for &bearer in &statement.of {
                let fact = Fact {
                    value: statement.value.clone(),
                    carriers: carrier.iter().cloned().collect(),
                    stated: Some(Stated {
                        openness: statement.openness,
                        exception_to: statement.exception_to.clone(),
                        matter: statement.matter.clone(),
                    }),
                    ..fact(statement.words.clone(), &statement.origins)
                };
                let boundary = BoundaryId::Node(self.node(bearer).id.clone());
                let about = statement.about.clone();
                self.state(boundary, FactKind::Stated(statement.topic), about, fact);
            }
        }
    }

    /// A share joins resources and principals: every principal gets every resource.
    fn shares(&mut self) {
        for node in self.graph.nodes() {
            let Some(index) = self.graph.index(&node.id) else {
                continue;
            };
            let linked = self.graph.links_at(index);
            let sharing = linked
                .iter()
                .filter(|(edge, _)| self.graph.inner[*edge].kind == LinkKind::Sharing);
            let (principals, resources): (Vec<_>, Vec<_>) =
                sharing.partition(|(_, far)| self.node(*far).kind == NodeKind::External);
            match node.kind {
                NodeKind::Share => {
                    for (share_edge, resource) in &resources {
                        for (principal_edge, principal) in &principals {
                            self.share(*resource, *principal, [*share_edge, *principal_edge]);
                        }
                    }
                }
                NodeKind::Service => self.service(node, index, &principals),
                NodeKind::ServicePerimeter => self.members(node, index),
                NodeKind::Account => self.account(node, index),
                NodeKind::Network | NodeKind::Subnet | NodeKind::Hub => {
                    for (edge, principal) in &principals {
                        self.share(index, *principal, [*edge, *edge]);
                    }
                }
                _ => {}
            }
        }
    }

    /// A service perimeter and what it is drawn around: its rules hold of both.
    fn members(&mut self, perimeter: &Node, index: NodeIndex) {
        let name = format!("{} {}", perimeter.role, perimeter.display_name());
        let rules: BTreeMap<String, SetProperty> = perimeter
            .properties
            .iter()
            .map(|(rule, set)| (format!("{rule} of {name}"), set.clone()))
            .collect();
        for (edge, member) in self.graph.links_at(index) {
            let link = &self.graph.inner[edge];
            if link.kind != LinkKind::Sharing {
                continue;
            }
            let member_node = self.node(member);
            let terms: BTreeMap<String, SetProperty> = link
                .properties
                .iter()
                .map(|(rule, set)| (format!("{rule} of {name}"), set.clone()))
                .collect();
            self.properties(&BoundaryId::Node(member_node.id.clone()), &terms);
            let sides = [
                (perimeter, format!("holds {}", member_node.display_name())),
                (member_node, format!("is in {name}")),
            ];
            for (bearer, words) in sides {
                let about = format!("{} in {}", member_node.id, perimeter.id);
                let boundary = BoundaryId::Node(bearer.id.clone());
                let fact = fact(words, &link.origins);
                self.state(boundary, FactKind::Sharing, about, fact);
            }
            self.properties(&BoundaryId::Node(member_node.id.clone()), &rules);
        }
    }

    /// An account that lets others into its networks.
    fn account(&mut self, account: &Node, index: NodeIndex) {
        for (edge, guest) in self.graph.links_at(index) {
            let link = &self.graph.inner[edge];
            let is_host = self
                .graph
                .ends(&link.id)
                .is_some_and(|[host, _]| host.id == account.id);
            if link.kind != LinkKind::Sharing || !is_host {
                continue;
            }
            let guest = self.node(guest);
            let words = format!("is shared with {} {}", guest.role, guest.display_name());
            let mut bearers = self.networks_in(account);
            if bearers.is_empty() {
                bearers.push(account);
            }
            for bearer in bearers {
                let about = format!("{} with {}", account.id, guest.id);
                let boundary = BoundaryId::Node(bearer.id.clone());
                let shared = fact(words.clone(), &link.origins);
                self.state(boundary, FactKind::Sharing, about, shared);
            }
        }
    }

    /// The networks of an account.
    fn networks_in(&self, account: &Node) -> Vec<&'a Node> {
        let names: BTreeSet<&str> = account
            .keys
            .iter()
            .filter_map(|key| key.as_str().rsplit(['/', ':']).next())
            .collect();
        let is_its_own = |node: &&Node| {
            let owner = node.place.account.as_deref();
            node.kind == NodeKind::Network && owner.is_some_and(|owner| names.contains(owner))
        };
        self.graph.nodes().filter(is_its_own).collect()
    }

    fn share(&mut self, resource: NodeIndex, principal: NodeIndex, edges: [EdgeIndex; 2]) {
        let (resource_node, principal_node) = (self.node(resource), self.node(principal));
        let mut bearers = self.bearers(resource);
        // What is attached to a shared hub is within reach of whoever it is shared with.
        let mut attachments: BTreeMap<NodeIndex, LinkId> = BTreeMap::new();
        if resource_node.kind == NodeKind::Hub {
            for (edge, far) in self.graph.links_at(resource) {
                if self.node(far).kind == NodeKind::Network {
                    attachments.insert(far, self.graph.inner[edge].id.clone());
                }
            }
            bearers.extend(attachments.keys());
        }
        let origins = edges
            .iter()
            .flat_map(|&edge| self.graph.inner[edge].origins.iter().copied())
            .collect();
        let words = format!(
            "shares {} {} with {}",
            resource_node.role,
            resource_node.display_name(),
            principal_node.display_name()
        );
        for bearer in bearers {
            let about = format!("{} with {}", resource_node.id, principal_node.id);
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            let shared = Fact {
                links: attachments.get(&bearer).cloned().into_iter().collect(),
                ..fact(words.clone(), &origins)
            };
            self.state(boundary, FactKind::Sharing, about, shared);
        }
    }

    fn service(&mut self, node: &Node, index: NodeIndex, principals: &[(EdgeIndex, NodeIndex)]) {
        for bearer in self.bearers(index) {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            for (edge, principal) in principals {
                let principal = self.node(*principal);
                let words = format!(
                    "offers private endpoints of {} to {}",
                    node.display_name(),
                    principal.display_name()
                );
                let offered = fact(words, &self.graph.inner[*edge].origins);
                let about = format!("{} to {}", node.id, principal.id);
                self.state(boundary.clone(), FactKind::PrivateEndpoint, about, offered);
            }
            for (name, set) in node.properties.iter().filter(|(_, set)| set.is_fact) {
                let value = set
                    .value
                    .known()
                    .unwrap_or("(known after apply)")
                    .to_owned();
                let words = format!(
                    "offers {} with {} = {value}",
                    node.display_name(),
                    name.replace('_', " ")
                );
                let fact = Fact {
                    value,
                    ..fact(words, &BTreeSet::from([set.origin]))
                };
                self.state(
                    boundary.clone(),
                    FactKind::PrivateEndpoint,
                    format!("{} {name}", node.id),
                    fact,
                );
            }
        }
    }
}

/// Of two values of one fact the one that opens more holds: a peering in effect beside one that is only offered.
fn strength(value: &str) -> (bool, &str) {
    (value != LinkState::Offered.word(), value)
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
