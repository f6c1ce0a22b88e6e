//! Which far ends traffic reaches through hubs.
//!
//! Traffic passes through hubs as far as their route tables let it, and ends at networks and external parties; peering
//! is a link of its own and never part of a path. The answer is a superset: a prefix, table or hub that the input does
//! not tell counts as open.
//!
//! All attachments that use one table share one [`ReachSet`]: a hub with thousands of attachments costs one pass over
//! its table, not one for every pair.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ipnet::IpNet;
use petgraph::graph::{EdgeIndex, NodeIndex};

use super::identity::{LinkId, NodeId};
use super::link::{Link, LinkKind, link_id};
use super::node::{Forwards, NodeKind, Standing};
use super::origin::OriginId;
use super::prefixes::{Addresses, outermost, without};
use super::snapshot::Graph;
use super::table::{Destination, Member, Table, Target};

mod lines;

use lines::{Entry, Goal, Lines};

/// The property of a hub that takes in what parties outside pass on from one of its lines to another.
const TAKES_RETURNED: &str = "takes_returned";

/// The path by which a far end is reached, behind the attachment it starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// Hubs passed, in order.
    pub hubs: Vec<NodeId>,
    /// Links passed after the first attachment, in order; the last one ends at the far end.
    pub links: Vec<LinkId>,
    /// Route tables that decided.
    pub tables: Vec<NodeId>,
    /// The routes, associations and propagations that let the traffic through.
    pub origins: BTreeSet<OriginId>,
    /// The addresses it is taken for, sorted, none within another. `None`: nobody tells, so it may be any. Of a network that
    /// tells addresses of its own, those of them that are handed to it, and others that are.
    pub addresses: Addresses,
}

/// What of a far end is reached, in a form that stays the same when a network adds to its own addresses: that is no news for
/// who reaches it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Extent {
    /// Some of a network's own addresses are reached, or may be.
    pub own: bool,
    /// Those of its own that are not, in prefixes of which a part is.
    pub withheld: Vec<IpNet>,
    /// Other addresses that are handed to it. `None`: any, of what is no network of the input.
    pub others: Addresses,
}

impl Extent {
    /// Whether it is what one expects of a network that is reached.
    #[must_use]
    pub fn is_just_own(&self) -> bool {
        self.own && self.withheld.is_empty() && self.others.as_ref().is_some_and(Vec::is_empty)
    }
}

/// Everything that is reached through one hub by one class of attachments.
#[derive(Debug, Default)]
pub struct ReachSet {
    /// Networks and external parties, each with one witness. A member of the class itself may be among them.
    pub ends: BTreeMap<NodeId, Arc<Way>>,
    /// Equal for equal sets of ends, whatever the snapshot.
    pub digest: u64,
}

/// What one network or external party reaches through one of its attachments.
#[derive(Debug)]
pub struct Departure {
    /// Where the traffic starts.
    pub from: NodeId,
    /// The attachment it takes. The graph has no such link where tables know an attachment that nobody describes.
    pub attachment: LinkId,
    /// The hub it enters.
    pub hub: NodeId,
    /// What it reaches.
    pub reach: Arc<ReachSet>,
}

/// What to look for, where it is not simply what is reached.
#[derive(Debug, Default)]
pub struct Search {
    /// Hubs that count as passing nothing on.
    pub closed_hubs: BTreeSet<NodeId>,
    /// Links that count as carrying nothing.
    pub closed_links: BTreeSet<LinkId>,
    /// Of several ways to a far end, one with a link that is not documented to be encrypted is the witness, if there is any. The
    /// attachment that traffic starts from is no part of the way.
    pub prefers_unencrypted: bool,
}

/// The same, by index.
struct Limits {
    hubs: BTreeSet<NodeIndex>,
    links: BTreeSet<EdgeIndex>,
    prefers_unencrypted: bool,
}

impl Graph {
    /// What every network and external party reaches through hubs, by party and attachment.
    #[must_use]
    pub fn departures(&self) -> Vec<Departure> {
        self.departures_by(&Search::default())
    }

    /// The same, looked for in another way.
    #[must_use]
    pub fn departures_by(&self, search: &Search) -> Vec<Departure> {
        let hubs = search.closed_hubs.iter().filter_map(|id| self.index(id));
        let links = search.closed_links.iter();
        let limits = Limits {
            hubs: hubs.collect(),
            links: links.filter_map(|id| self.link_index(id)).collect(),
            prefers_unencrypted: search.prefers_unencrypted,
        };
        let mut classes: HashMap<Class, Arc<ReachSet>> = HashMap::new();
        let mut departures = Vec::new();
        for link in self.links() {
            let Some((start, hub, edge)) = self.terminal_and_hub(&link.id) else {
                continue;
            };
            if limits.links.contains(&edge) {
                continue;
            }
            let reach = classes
                .entry(self.class(hub, edge))
                .or_insert_with_key(|class| Arc::new(self.reach_of(class, &limits)))
                .clone();
            departures.extend(self.may_be(start).into_iter().map(|start| Departure {
                from: self.inner[start].id.clone(),
                attachment: link.id.clone(),
                hub: self.inner[hub].id.clone(),
                reach: reach.clone(),
            }));
        }
        for (start, hub, table) in self.attachments_not_described() {
            let reach = classes
                .entry(Class::Tables(hub, BTreeSet::from([table])))
                .or_insert_with_key(|class| Arc::new(self.reach_of(class, &limits)))
                .clone();
            let (from, hub) = (&self.inner[start].id, &self.inner[hub].id);
            departures.push(Departure {
                from: from.clone(),
                attachment: link_id(LinkKind::Attachment, from, hub),
                hub: hub.clone(),
                reach,
            });
        }
        departures.sort_by(|a, b| (&a.from, &a.attachment).cmp(&(&b.from, &b.attachment)));
        departures
    }

    /// A node, and the networks it stands for when a reference could not be resolved to one.
    fn may_be(&self, index: NodeIndex) -> BTreeSet<NodeIndex> {
        let mut all = BTreeSet::from([index]);
        if matches!(self.inner[index].standing, Standing::Unresolved { .. }) {
            all.extend(self.network_indices(index));
        }
        all
    }

    /// Attachments that a hub's table decides for and nobody describes: (what stands for it, the hub, the table).
    fn attachments_not_described(&self) -> Vec<(NodeIndex, NodeIndex, NodeIndex)> {
        let mut found = Vec::new();
        for (&table, content) in &self.tables {
            for hub in self.hubs_of(table) {
                let members = content.associations.iter().map(|(member, _)| *member);
                found.extend(members.filter_map(|member| match member {
                    Member::Node(index) if self.inner[index].kind != NodeKind::Hub => {
                        Some((index, hub, table))
                    }
                    _ => None,
                }));
            }
        }
        found
    }

    /// The hubs that a table belongs to; empty when nobody tells, or when it is a network's.
    fn hubs_of(&self, table: NodeIndex) -> BTreeSet<NodeIndex> {
        let around = self.within.get(table.index()).into_iter().flatten();
        let hubs = around.filter(|one| self.inner[**one].kind == NodeKind::Hub);
        let defaults = self
            .default_association
            .iter()
            .chain(&self.default_propagation);
        let by_default = defaults.filter(|(_, one)| **one == table);
        hubs.chain(by_default.map(|(hub, _)| hub))
            .copied()
            .collect()
    }

    /// Whether the hub at one end of a line takes part in what the far end passes from one line to another.
    fn takes_returned(&self, line: EdgeIndex) -> bool {
        let Some((first, second)) = self.inner.edge_endpoints(line) else {
            return false;
        };
        // A value known only after apply may say yes.
        let takes = |index: NodeIndex| {
            let node = &self.inner[index];
            node.kind == NodeKind::Hub
                && node
                    .property(TAKES_RETURNED)
                    .is_some_and(|value| value.known().is_none_or(|text| text == "true"))
        };
        takes(first) || takes(second)
    }

    /// Who says so.
    fn returned_origins(&self, line: EdgeIndex) -> BTreeSet<OriginId> {
        let ends = self.inner.edge_endpoints(line);
        let ends = ends.map_or_else(Vec::new, |(first, second)| vec![first, second]);
        ends.into_iter()
            .filter_map(|end| self.inner[end].properties.get(TAKES_RETURNED))
            .map(|set| set.origin)
            .collect()
    }

    /// For a link between a hub and something that is not one: (the latter, the hub, the link).
    fn terminal_and_hub(&self, id: &LinkId) -> Option<(NodeIndex, NodeIndex, EdgeIndex)> {
        let [first, second] = self.ends(id)?.map(|node| self.index(&node.id));
        let (first, second) = (first?, second?);
        let edge = self.link_index(id)?;
        let is_hub = |index: NodeIndex| self.inner[index].kind == NodeKind::Hub;
        // What nobody describes may be a network, whatever the reference to it looked like.
        let may_start = |index: NodeIndex| {
            let node = &self.inner[index];
            let is_party = matches!(node.kind, NodeKind::Network | NodeKind::External);
            is_party || (!is_hub(index) && node.standing != Standing::Described)
        };
        // Of a hub that nobody describes, what lies behind it may send.
        let is_beyond = |index: NodeIndex| self.inner[index].standing != Standing::Described;
        match (is_hub(first), is_hub(second)) {
            (true, false) if may_start(second) => Some((second, first, edge)),
            (false, true) if may_start(first) => Some((first, second, edge)),
            (true, true) if is_beyond(first) && !is_beyond(second) => Some((first, second, edge)),
            (true, true) if is_beyond(second) && !is_beyond(first) => Some((second, first, edge)),
            _ => None,
        }
    }

    /// Which attachments of a hub reach the same: those that use the same tables, or enter from the same side.
    fn class(&self, hub: NodeIndex, attachment: EdgeIndex) -> Class {
        match self.inner[hub].forwards {
            Forwards::ByTables => match self.tables_of(hub, attachment) {
                Some(tables) => Class::Tables(hub, tables),
                None => Class::Open(hub),
            },
            Forwards::BetweenOutsideAndInside => {
                Class::Side(hub, is_outside(&self.inner[attachment]))
            }
            Forwards::Everywhere => Class::Open(hub),
            Forwards::Nowhere => Class::Tables(hub, BTreeSet::new()),
        }
    }

    /// The tables that decide for traffic from an attachment. `None`: nobody tells, so everything is open.
    fn tables_of(&self, hub: NodeIndex, attachment: EdgeIndex) -> Option<BTreeSet<NodeIndex>> {
        // A link between two hubs may be associated on both sides.
        let is_ours = |table: &&NodeIndex| {
            let hubs = self.hubs_of(**table);
            hubs.is_empty() || hubs.contains(&hub)
        };
        let used: BTreeSet<NodeIndex> = self
            .associated
            .get(&Member::Link(attachment))
            .into_iter()
            .flatten()
            .filter(is_ours)
            .copied()
            .collect();
        let tables = if used.is_empty() && self.inner[attachment].joins_default.0 != Some(false) {
            self.default_association
                .get(&hub)
                .copied()
                .into_iter()
                .collect()
        } else {
            used
        };
        let understood =
            |&index: &NodeIndex| matches!(self.inner[index].standing, Standing::Described);
        tables.iter().all(understood).then_some(tables)
    }

    fn reach_of(&self, class: &Class, limits: &Limits) -> ReachSet {
        let mut walk = Walk {
            graph: self,
            limits,
            todo: VecDeque::from([(class.clone(), None, Trail::default())]),
            passed: BTreeMap::new(),
            lines: BTreeMap::new(),
            found: BTreeMap::new(),
        };
        walk.run();
        let mut hasher = DefaultHasher::new();
        for (end, Trail { way, .. }) in &walk.found {
            (
                end.as_str(),
                way.hubs.first().map(NodeId::as_str),
                self.extent(end, way.addresses.as_deref()),
            )
                .hash(&mut hasher);
        }
        let ends = walk.found.into_iter();
        ReachSet {
            ends: ends
                .map(|(end, trail)| (end, Arc::new(trail.way)))
                .collect(),
            digest: hasher.finish(),
        }
    }

    /// The addresses of a network that the input tells, if it tells any. It may have more.
    #[must_use]
    pub fn told_space(&self, network: &NodeId) -> Option<&BTreeSet<IpNet>> {
        self.told_space_of(self.index(network)?)
    }

    /// What of a far end is reached where it is handed traffic for these addresses.
    #[must_use]
    pub fn extent(&self, end: &NodeId, addresses: Option<&[IpNet]>) -> Extent {
        let (Some(own), Some(addresses)) = (self.told_space(end), addresses) else {
            let is_network = self
                .node(end)
                .is_some_and(|node| node.kind == NodeKind::Network);
            let others = addresses.map(|addresses| IpNet::aggregate(&addresses.to_vec()));
            // Where nobody tells which addresses are a network's own, any may be.
            let may_be_own = is_network && others.is_none();
            return Extent {
                own: may_be_own,
                withheld: Vec::new(),
                others: others.or(may_be_own.then(Vec::new)),
            };
        };
        let reached: BTreeSet<IpNet> = addresses.iter().copied().collect();
        let mut withheld = Vec::new();
        let mut is_met = false;
        for prefix in own {
            let left = without(&[*prefix], &reached);
            let is_whole = left == [*prefix];
            is_met |= !is_whole;
            withheld.extend(left.into_iter().filter(|_| !is_whole));
        }
        let is_own = |one: &&IpNet| own.iter().any(|own| own.contains(*one));
        let others = addresses.iter().filter(|one| !is_own(one)).copied();
        Extent {
            own: is_met,
            withheld: IpNet::aggregate(&withheld),
            others: Some(IpNet::aggregate(&others.collect())),
        }
    }

    /// The addresses that a way to a far end is taken for, where they are not just the far end's own.
    #[must_use]
    pub fn notable_addresses<'w>(&self, end: &NodeId, way: &'w Way) -> Option<&'w Vec<IpNet>> {
        let addresses = way.addresses.as_ref()?;
        (!self.extent(end, Some(addresses)).is_just_own()).then_some(addresses)
    }

    fn told_space_of(&self, index: NodeIndex) -> Option<&BTreeSet<IpNet>> {
        let node = &self.inner[index];
        let space = &node.address_space;
        let is_told = node.kind == NodeKind::Network
            && node.standing == Standing::Described
            && !space.prefixes.is_empty();
        is_told.then_some(&space.prefixes)
    }

    /// The lines of a hub's table: static routes, and the prefixes of what it learns from.
    fn entries(&self, hub: NodeIndex, index: NodeIndex, table: &Table) -> Vec<Entry> {
        let mut entries = Vec::new();
        for route in &table.routes {
            let target = match route.target {
                Target::Link(link) => Some(Goal::Link(link)),
                Target::Blackhole => None,
                Target::Node(node) => Some(self.attachment_to(hub, node)),
            };
            let prefix = match route.destination {
                Destination::Prefix(prefix) => Some(prefix),
                Destination::Named(_) | Destination::Unknown => None,
            };
            if prefix.is_some() || target.is_some() {
                entries.push(Entry {
                    prefix,
                    target,
                    is_static: true,
                    origins: route.origins.iter().copied().collect(),
                });
            }
        }
        let mut learned: BTreeMap<EdgeIndex, BTreeSet<OriginId>> = BTreeMap::new();
        for (member, origin) in &table.propagations {
            match member {
                Member::Link(link) => {
                    learned.entry(*link).or_default().insert(*origin);
                }
                Member::Node(node) => entries.push(Entry {
                    prefix: None,
                    target: Some(Goal::Node(*node)),
                    is_static: false,
                    origins: BTreeSet::from([*origin]),
                }),
            }
        }
        if self.default_propagation.get(&hub) == Some(&index) {
            for (edge, far) in self.links_at(hub) {
                let link = &self.inner[edge];
                // Of a hub behind it only what that announces is learned; between others, routes are written.
                let announces = self.inner[far].kind != NodeKind::Hub || link.dynamic_prefixes;
                let learns = link.joins_default.1 != Some(false) && announces;
                if learns && carries_traffic(link) {
                    learned.entry(edge).or_default();
                }
            }
        }
        for (edge, mut origins) in learned {
            origins.extend(&self.inner[edge].origins);
            for prefix in self.announced(hub, edge) {
                entries.push(Entry {
                    prefix,
                    target: Some(Goal::Link(edge)),
                    is_static: false,
                    origins: origins.clone(),
                });
            }
        }
        entries
    }

    /// A route to a neighbouring hub takes the attachment between the two.
    fn attachment_to(&self, hub: NodeIndex, node: NodeIndex) -> Goal {
        let between = self.links_at(hub).into_iter().find(|(edge, far)| {
            *far == node
                && self.inner[node].kind == NodeKind::Hub
                && carries_traffic(&self.inner[*edge])
        });
        between.map_or(Goal::Node(node), |(edge, _)| Goal::Link(edge))
    }

    /// Where an attachment leads from a hub. Of an attachment of another hub of the same fabric, from which a table may learn:
    /// the end that is no hub.
    fn far_end(&self, hub: NodeIndex, edge: EdgeIndex) -> Option<NodeIndex> {
        let (a, b) = self.inner.edge_endpoints(edge)?;
        let is_of_other_hub = b != hub && self.inner[a].kind == NodeKind::Hub;
        Some(if a == hub || is_of_other_hub { b } else { a })
    }

    /// The prefixes an attachment announces to its hub; `None` among them stands for prefixes nobody tells.
    fn announced(&self, hub: NodeIndex, edge: EdgeIndex) -> Vec<Option<IpNet>> {
        let Some(far) = self.far_end(hub, edge).map(|far| &self.inner[far]) else {
            return Vec::new();
        };
        if far.kind != NodeKind::Network || self.inner[edge].dynamic_prefixes {
            return vec![None];
        }
        let known = far.address_space.prefixes.iter().copied().map(Some);
        let unknown = far.address_space.partly_unknown || far.address_space.prefixes.is_empty();
        known.chain(unknown.then_some(None)).collect()
    }
}

/// Attachments of one hub that reach the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Class {
    /// Those that use these tables.
    Tables(NodeIndex, BTreeSet<NodeIndex>),
    /// Those of a hub that passes everything on.
    Open(NodeIndex),
    /// Those that enter from outside (`true`) or inside.
    Side(NodeIndex, bool),
}

impl Class {
    fn hub(&self) -> NodeIndex {
        match self {
            Self::Tables(hub, _) | Self::Open(hub) | Self::Side(hub, _) => *hub,
        }
    }
}

/// What a class of attachments has been followed for.
#[derive(Default)]
struct Passed {
    everything: bool,
    prefixes: BTreeSet<IpNet>,
}

impl Passed {
    /// Of these addresses, those that are new here; `None` when none is. They count as passed from now on.
    fn fresh(&mut self, addresses: &Addresses) -> Option<Addresses> {
        if self.everything {
            return None;
        }
        let Some(addresses) = addresses else {
            self.everything = true;
            return Some(None);
        };
        let is_known = |prefixes: &BTreeSet<IpNet>, net: IpNet| {
            std::iter::successors(Some(net), IpNet::supernet).any(|net| prefixes.contains(&net))
        };
        let mut fresh = Vec::new();
        for &net in addresses {
            if !is_known(&self.prefixes, net) {
                self.prefixes.insert(net);
                fresh.push(net);
            }
        }
        (!fresh.is_empty()).then_some(Some(fresh))
    }
}

/// A way as it is followed.
#[derive(Clone, Default)]
struct Trail {
    way: Way,
    /// A link of it is not documented to be encrypted; told only where that counts.
    is_bare: bool,
}

struct Walk<'a> {
    graph: &'a Graph,
    limits: &'a Limits,
    /// Traffic that leaves a hub as a class of its attachments does. A queue: paths may be long, and short ones go first.
    todo: VecDeque<(Class, Addresses, Trail)>,
    /// Traffic for other addresses takes other entries, so a class may be followed more than once, and once more by a way that is
    /// bare. It ends: all addresses are prefixes of some table, and each counts once.
    passed: BTreeMap<(Class, bool), Passed>,
    lines: BTreeMap<(NodeIndex, NodeIndex), Arc<Lines>>,
    found: BTreeMap<NodeId, Trail>,
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some((class, addresses, trail)) = self.todo.pop_front() {
            if self.limits.hubs.contains(&class.hub()) {
                continue;
            }
            let state = (class.clone(), trail.is_bare);
            let passed = self.passed.entry(state).or_default();
            if let Some(fresh) = passed.fresh(&addresses) {
                self.leave(&class, fresh.as_deref(), trail);
            }
        }
    }

    /// Follow traffic addressed to any of `addresses` (`None`: to anything) out of a hub.
    fn leave(&mut self, class: &Class, addresses: Option<&[IpNet]>, mut trail: Trail) {
        let hub = class.hub();
        trail.way.hubs.push(self.graph.inner[hub].id.clone());
        match class {
            Class::Tables(_, tables) => {
                for &index in tables {
                    let mut trail = trail.clone();
                    let table = self.graph.inner[index].id.clone();
                    trail.way.tables.push(table);
                    let lines = self.lines(hub, index);
                    for open in lines.effective(addresses) {
                        let far = match open.goal {
                            Goal::Link(edge) => self.graph.far_end(hub, edge),
                            Goal::Node(node) => Some(node),
                        };
                        let own = far.and_then(|far| self.graph.told_space_of(far));
                        let addresses = match own {
                            Some(own) => lines.handed_to(&open, own),
                            None => open.addresses.clone(),
                        };
                        if addresses.as_ref().is_some_and(Vec::is_empty) {
                            continue;
                        }
                        let origins = &open.entry.origins;
                        match open.goal {
                            Goal::Link(edge) => {
                                self.take(hub, edge, addresses, &trail, origins);
                            }
                            Goal::Node(node) => {
                                let mut trail = trail.clone();
                                trail.way.origins.extend(origins);
                                if self.limits.prefers_unencrypted {
                                    // Nobody describes the link, nor how it is protected.
                                    trail.is_bare = true;
                                    let [from, to] =
                                        [hub, node].map(|one| &self.graph.inner[one].id);
                                    let link = link_id(LinkKind::Attachment, from, to);
                                    trail.way.links.push(link);
                                }
                                self.arrive(node, None, addresses, trail);
                            }
                        }
                    }
                }
            }
            Class::Open(_) | Class::Side(..) => {
                for (edge, _) in self.graph.links_at(hub) {
                    let link = &self.graph.inner[edge];
                    let allowed = match class {
                        Class::Side(_, from_outside) => is_outside(link) != *from_outside,
                        _ if self.graph.inner[hub].kind == NodeKind::External => {
                            self.graph.takes_returned(edge)
                        }
                        _ => true,
                    };
                    if allowed && carries_traffic(link) {
                        let addresses = addresses.map(<[IpNet]>::to_vec);
                        let mut origins = link.origins.clone();
                        if self.graph.inner[hub].kind == NodeKind::External {
                            origins.extend(self.graph.returned_origins(edge));
                        }
                        self.take(hub, edge, addresses, &trail, &origins);
                    }
                }
            }
        }
    }

    /// The lines of a hub's table; worked out once.
    fn lines(&mut self, hub: NodeIndex, index: NodeIndex) -> Arc<Lines> {
        let graph = self.graph;
        let slot = self.lines.entry((hub, index));
        let lines = slot.or_insert_with(|| {
            let empty = Table::default();
            let table = graph.tables.get(&index).unwrap_or(&empty);
            Arc::new(Lines::new(graph.entries(hub, index, table)))
        });
        lines.clone()
    }

    fn take(
        &mut self,
        hub: NodeIndex,
        edge: EdgeIndex,
        addresses: Addresses,
        trail: &Trail,
        origins: &BTreeSet<OriginId>,
    ) {
        if self.limits.links.contains(&edge) {
            return;
        }
        let (Some(far), Some((a, b))) = (
            self.graph.far_end(hub, edge),
            self.graph.inner.edge_endpoints(edge),
        ) else {
            return;
        };
        let mut trail = trail.clone();
        let way = &mut trail.way;
        if a != hub && b != hub {
            let other = if far == a { b } else { a };
            way.hubs.push(self.graph.inner[other].id.clone());
        }
        way.links.push(self.graph.inner[edge].id.clone());
        way.origins.extend(origins);
        let link = &self.graph.inner[edge];
        way.origins.extend(&link.origins);
        trail.is_bare |= self.limits.prefers_unencrypted && !link.in_transit.protection.encrypts();
        self.arrive(far, Some(edge), addresses, trail);
    }

    fn arrive(
        &mut self,
        far: NodeIndex,
        by: Option<EdgeIndex>,
        addresses: Addresses,
        mut trail: Trail,
    ) {
        let graph = self.graph;
        let node = &graph.inner[far];
        let is_described = node.standing == Standing::Described;
        if node.kind == NodeKind::Hub
            && let Some(edge) = by
        {
            if !is_described {
                // Nobody tells what lies behind it: the hub itself stands for that.
                let mut behind = trail.clone();
                behind.way.addresses.clone_from(&addresses);
                self.find(far, behind);
            }
            self.todo
                .push_back((graph.class(far, edge), addresses, trail));
            return;
        }
        if node.kind == NodeKind::External
            && node.forwards == Forwards::Everywhere
            && by.is_some_and(|edge| graph.takes_returned(edge))
        {
            let on = (Class::Open(far), addresses.clone(), trail.clone());
            self.todo.push_back(on);
        }
        if let Some(own) = graph.told_space_of(far) {
            // Of traffic for any address, or for one of the network's that nobody tells, what is its own gets there.
            let all_own = || own.iter().copied().collect();
            trail.way.addresses = Some(addresses.unwrap_or_else(all_own));
        } else if node.kind == NodeKind::External || !is_described {
            trail.way.addresses = addresses;
        }
        for network in graph.may_be(far) {
            self.find(network, trail.clone());
        }
    }

    /// Note that a far end is reached. The first way is the witness, a bare one before any other; where addresses count, all ways
    /// add theirs.
    fn find(&mut self, end: NodeIndex, mut trail: Trail) {
        let id = &self.graph.inner[end].id;
        let Some(known) = self.found.get_mut(id) else {
            trail.way.addresses = trail.way.addresses.map(outermost);
            self.found.insert(id.clone(), trail);
            return;
        };
        if trail.is_bare && !known.is_bare {
            std::mem::swap(known, &mut trail);
        }
        let (known, way) = (&mut known.way, trail.way);
        let Some(addresses) = known.addresses.take() else {
            return;
        };
        let all = way
            .addresses
            .map(|more| outermost([addresses.as_slice(), &more].concat()));
        if all.as_ref() != Some(&addresses) {
            known.origins.extend(way.origins);
        }
        known.addresses = all;
    }
}

/// Whether traffic enters a hub from outside over this link.
fn is_outside(link: &Link) -> bool {
    matches!(link.kind, LinkKind::Vpn | LinkKind::Interconnect)
}

fn carries_traffic(link: &Link) -> bool {
    matches!(
        link.kind,
        LinkKind::Attachment | LinkKind::Vpn | LinkKind::Interconnect
    )
}

#[cfg(test)]
mod tests;
