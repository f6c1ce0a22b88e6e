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
use super::snapshot::Graph;
use super::table::{Destination, Member, Table, Target};

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
    /// The addresses it is taken for, where the far end's own networks are not in the input; sorted, none within another.
    /// `None`: any.
    pub addresses: Option<Vec<IpNet>>,
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

impl Graph {
    /// What every network and external party reaches through hubs, by party and attachment.
    #[must_use]
    pub fn departures(&self) -> Vec<Departure> {
        self.departures_without(&BTreeSet::new())
    }

    /// The same, as if some hubs passed nothing on.
    #[must_use]
    pub fn departures_without(&self, closed: &BTreeSet<NodeId>) -> Vec<Departure> {
        let closed: BTreeSet<NodeIndex> = closed.iter().filter_map(|id| self.index(id)).collect();
        let mut classes: HashMap<Class, Arc<ReachSet>> = HashMap::new();
        let mut departures = Vec::new();
        for link in self.links() {
            let Some((start, hub, edge)) = self.terminal_and_hub(&link.id) else {
                continue;
            };
            let reach = classes
                .entry(self.class(hub, edge))
                .or_insert_with_key(|class| Arc::new(self.reach_of(class, &closed)))
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
                .or_insert_with_key(|class| Arc::new(self.reach_of(class, &closed)))
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

    fn reach_of(&self, class: &Class, closed: &BTreeSet<NodeIndex>) -> ReachSet {
        let mut walk = Walk {
            graph: self,
            closed,
            todo: VecDeque::from([(class.clone(), None, Way::default())]),
            passed: BTreeMap::new(),
            lines: BTreeMap::new(),
            found: BTreeMap::new(),
        };
        walk.run();
        let mut hasher = DefaultHasher::new();
        for (end, way) in &walk.found {
            (
                end.as_str(),
                way.hubs.first().map(NodeId::as_str),
                &way.addresses,
            )
                .hash(&mut hasher);
        }
        let ends = walk.found.into_iter();
        ReachSet {
            ends: ends.map(|(end, way)| (end, Arc::new(way))).collect(),
            digest: hasher.finish(),
        }
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

    /// The prefixes an attachment announces to its hub; `None` among them stands for prefixes nobody tells.
    fn announced(&self, hub: NodeIndex, edge: EdgeIndex) -> Vec<Option<IpNet>> {
        let far = self.inner.edge_endpoints(edge).map(|(a, b)| {
            let is_hub = |index: NodeIndex| self.inner[index].kind == NodeKind::Hub;
            // Of an attachment of another hub, the end that is no hub.
            if a == hub || (b != hub && is_hub(a)) {
                b
            } else {
                a
            }
        });
        let Some(far) = far.map(|far| &self.inner[far]) else {
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

/// What an entry hands its traffic to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// An attachment.
    Link(EdgeIndex),
    /// An attachment that nobody describes: the link is not in the graph, and this stands for its far end.
    Node(NodeIndex),
}

struct Entry {
    /// `None`: not told, so it may be any.
    prefix: Option<IpNet>,
    /// `None`: dropped.
    target: Option<Goal>,
    is_static: bool,
    origins: BTreeSet<OriginId>,
}

/// Addresses of some traffic; `None`: any.
type Addresses = Option<Vec<IpNet>>;

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

struct Walk<'a> {
    graph: &'a Graph,
    /// Hubs that pass nothing on.
    closed: &'a BTreeSet<NodeIndex>,
    /// Traffic that leaves a hub as a class of its attachments does. A queue: paths may be long, and short ones go first.
    todo: VecDeque<(Class, Addresses, Way)>,
    /// Traffic for other addresses takes other entries, so a class may be followed more than once. It ends: all addresses
    /// are prefixes of some table, and each counts once.
    passed: BTreeMap<Class, Passed>,
    lines: BTreeMap<(NodeIndex, NodeIndex), Arc<Lines>>,
    found: BTreeMap<NodeId, Way>,
}

impl Walk<'_> {
    fn run(&mut self) {
        while let Some((class, addresses, way)) = self.todo.pop_front() {
            if self.closed.contains(&class.hub()) {
                continue;
            }
            let passed = self.passed.entry(class.clone()).or_default();
            if let Some(fresh) = passed.fresh(&addresses) {
                self.leave(&class, fresh.as_deref(), way);
            }
        }
    }

    /// Follow traffic addressed to any of `addresses` (`None`: to anything) out of a hub.
    fn leave(&mut self, class: &Class, addresses: Option<&[IpNet]>, mut way: Way) {
        let hub = class.hub();
        way.hubs.push(self.graph.inner[hub].id.clone());
        match class {
            Class::Tables(_, tables) => {
                for &index in tables {
                    let mut way = way.clone();
                    way.tables.push(self.graph.inner[index].id.clone());
                    let lines = self.lines(hub, index);
                    for open in lines.effective(addresses) {
                        match open.goal {
                            Goal::Link(edge) => {
                                self.take(hub, edge, open.addresses, &way, open.origins);
                            }
                            Goal::Node(node) => {
                                let mut way = way.clone();
                                way.origins.extend(open.origins);
                                self.arrive(node, None, open.addresses, way);
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
                        self.take(hub, edge, addresses, &way, &origins);
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
        way: &Way,
        origins: &BTreeSet<OriginId>,
    ) {
        let Some((a, b)) = self.graph.inner.edge_endpoints(edge) else {
            return;
        };
        let is_hub = |index: NodeIndex| self.graph.inner[index].kind == NodeKind::Hub;
        let mut way = way.clone();
        let far = match (a == hub, b == hub) {
            (true, _) => b,
            (_, true) => a,
            // A table may learn from an attachment of another hub of the same fabric.
            _ => {
                let (far, other) = if is_hub(a) { (b, a) } else { (a, b) };
                way.hubs.push(self.graph.inner[other].id.clone());
                far
            }
        };
        way.links.push(self.graph.inner[edge].id.clone());
        way.origins.extend(origins);
        way.origins.extend(&self.graph.inner[edge].origins);
        self.arrive(far, Some(edge), addresses, way);
    }

    fn arrive(
        &mut self,
        far: NodeIndex,
        by: Option<EdgeIndex>,
        addresses: Addresses,
        mut way: Way,
    ) {
        let graph = self.graph;
        let node = &graph.inner[far];
        let is_described = node.standing == Standing::Described;
        if node.kind == NodeKind::Hub
            && let Some(edge) = by
        {
            if !is_described {
                // Nobody tells what lies behind it: the hub itself stands for that.
                let behind = Way {
                    addresses: addresses.clone(),
                    ..way.clone()
                };
                self.find(far, behind);
            }
            self.todo
                .push_back((graph.class(far, edge), addresses, way));
            return;
        }
        if node.kind == NodeKind::External
            && node.forwards == Forwards::Everywhere
            && by.is_some_and(|edge| graph.takes_returned(edge))
        {
            let on = (Class::Open(far), addresses.clone(), way.clone());
            self.todo.push_back(on);
        }
        if node.kind == NodeKind::External || !is_described {
            way.addresses = addresses;
        }
        for network in graph.may_be(far) {
            self.find(network, way.clone());
        }
    }

    /// Note that a far end is reached. The first way is the witness; where addresses count, all ways add theirs.
    fn find(&mut self, end: NodeIndex, way: Way) {
        let id = &self.graph.inner[end].id;
        let Some(known) = self.found.get_mut(id) else {
            let addresses = way.addresses.map(outermost);
            self.found.insert(id.clone(), Way { addresses, ..way });
            return;
        };
        let Some(addresses) = known.addresses.take() else {
            return;
        };
        known.addresses = way
            .addresses
            .map(|more| outermost([addresses, more].concat()));
        known.origins.extend(way.origins);
    }
}

/// Prefixes in order, without those within others.
fn outermost(mut prefixes: Vec<IpNet>) -> Vec<IpNet> {
    prefixes.sort_unstable();
    // A prefix sorts before those within it.
    prefixes.dedup_by(|next, kept| kept.contains(&*next));
    prefixes
}

/// An entry that decides for some address.
struct Opening<'e> {
    goal: Goal,
    /// The addresses it decides for; `None`: any.
    addresses: Addresses,
    origins: &'e BTreeSet<OriginId>,
}

/// The entries of one table.
struct Lines {
    entries: Vec<Entry>,
    /// Positions in `entries`.
    by_prefix: BTreeMap<IpNet, Vec<usize>>,
}

impl Lines {
    fn new(entries: Vec<Entry>) -> Self {
        let mut by_prefix: BTreeMap<IpNet, Vec<usize>> = BTreeMap::new();
        for (position, entry) in entries.iter().enumerate() {
            if let Some(prefix) = entry.prefix {
                by_prefix.entry(prefix).or_default().push(position);
            }
        }
        Self { entries, by_prefix }
    }

    /// The entries that decide for some address.
    ///
    /// Longest prefix wins; for one prefix a static entry beats a learned one. An entry whose prefix nobody tells decides
    /// for something, and hides nothing. Where better entries take only a part of an address range, all of it counts.
    fn effective(&self, addresses: Option<&[IpNet]>) -> Vec<Opening<'_>> {
        let mut result = Vec::new();
        for entry in &self.entries {
            let Some(goal) = entry.target else { continue };
            let origins = &entry.origins;
            let addresses = match (entry.prefix, addresses) {
                (None, addresses) => addresses.map(<[IpNet]>::to_vec),
                (Some(prefix), None) => Some(vec![prefix]),
                (Some(prefix), Some(addresses)) => {
                    let wanted = addresses.iter();
                    Some(
                        wanted
                            .filter_map(|one| intersection(*one, prefix))
                            .collect(),
                    )
                }
            };
            let open = match (entry.prefix, addresses) {
                (Some(prefix), Some(wanted)) => {
                    let open = wanted.into_iter();
                    Some(
                        open.filter(|wanted| !self.hides(*wanted, prefix, entry))
                            .collect(),
                    )
                }
                (_, any) => any,
            };
            if open
                .as_ref()
                .is_none_or(|open: &Vec<IpNet>| !open.is_empty())
            {
                result.push(Opening {
                    goal,
                    addresses: open,
                    origins,
                });
            }
        }
        result
    }

    /// Whether better entries with another target decide for every address of `wanted`, which lies in the entry's `prefix`.
    fn hides(&self, wanted: IpNet, prefix: IpNet, entry: &Entry) -> bool {
        let has_better = |at: &IpNet, positions: &[usize]| {
            positions
                .iter()
                .map(|&position| &self.entries[position])
                .any(|other| {
                    let wins = at.prefix_len() > prefix.prefix_len()
                        || (*at == prefix && other.is_static && !entry.is_static);
                    wins && other.target != entry.target
                })
        };
        let around = std::iter::successors(Some(wanted), IpNet::supernet)
            .take_while(|net| net.prefix_len() >= prefix.prefix_len());
        for net in around {
            if self
                .by_prefix
                .get(&net)
                .is_some_and(|others| has_better(&net, others))
            {
                return true;
            }
        }
        let last = IpNet::from(wanted.broadcast());
        let inside: Vec<IpNet> = self
            .by_prefix
            .range(wanted..=last)
            .filter(|(net, others)| **net != wanted && has_better(net, others))
            .map(|(net, _)| *net)
            .collect();
        !inside.is_empty()
            && IpNet::aggregate(&inside)
                .iter()
                .any(|net| net.contains(&wanted))
    }
}

fn intersection(first: IpNet, second: IpNet) -> Option<IpNet> {
    if first.contains(&second) {
        Some(second)
    } else if second.contains(&first) {
        Some(first)
    } else {
        None
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
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::testing::*;

    use super::*;

    /// Three networks at a hub with one default table that learns all of them.
    fn flat() -> Vec<Piece> {
        let mut pieces = vec![hub("t"), table("rt", "t")];
        pieces.extend([
            default_association("rt", "t"),
            default_propagation("rt", "t"),
        ]);
        for (name, prefix) in [
            ("a", "10.1.0.0/16"),
            ("b", "10.2.0.0/16"),
            ("c", "10.3.0.0/16"),
        ] {
            pieces.extend([network(name, [prefix]), attach(name, "t")]);
        }
        pieces
    }

    /// Three networks at a hub with no table but those that a test adds.
    fn segmented() -> Vec<Piece> {
        let mut pieces = flat();
        pieces.retain(|piece| !piece.is_association());
        pieces.extend([table("prod", "t"), table("dev", "t")]);
        pieces
    }

    /// `a` at hub `t`, `b` at hub `u`, and what a test adds.
    fn two_hubs() -> Vec<Piece> {
        let mut pieces = vec![join_hubs("t", "u"), attach("a", "t"), attach("b", "u")];
        pieces.extend([network("a", ["10.1.0.0/16"]), network("b", ["10.2.0.0/16"])]);
        for name in ["t", "u"] {
            let rt = format!("{name}-rt");
            pieces.extend([hub(name), table(&rt, name)]);
            pieces.extend([
                default_association(&rt, name),
                default_propagation(&rt, name),
            ]);
        }
        pieces
    }

    fn with(mut pieces: Vec<Piece>, more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        pieces.extend(more);
        pieces
    }

    #[track_caller]
    fn check<const N: usize>(pieces: &[Piece], from: &str, expected: [&str; N]) {
        let expected: BTreeSet<String> = expected.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(graph(pieces).reached_from(&network_id(from)), expected);
    }

    #[test]
    fn a_default_table_that_learns_all_joins_all() {
        check(&flat(), "a", ["b", "c"]);
        check(&flat(), "b", ["a", "c"]);
    }

    #[test]
    fn a_default_table_learns_from_a_hub_that_announces_and_not_from_one_that_is_only_peered() {
        let behind = |announces: bool| {
            let joined = join_hubs("t", "dx").with_link(|link| link.dynamic_prefixes = announces);
            with(
                flat(),
                [
                    hub_forwarding("dx", Forwards::Everywhere),
                    vpn("oslo", "dx"),
                    joined,
                ],
            )
        };
        check(&behind(true), "a", ["b", "c", "oslo"]);
        check(&behind(false), "a", ["b", "c"]);
    }

    #[test]
    fn what_lies_behind_a_hub_that_nobody_describes_may_send() {
        let mut pieces = flat();
        pieces.push(join_hubs("t", "partner"));
        let departures = graph(&pieces).departures();
        let of_partner = departures
            .iter()
            .find(|one| one.from.as_str().contains("partner"))
            .unwrap();
        for name in ["a", "b", "c"] {
            assert!(
                of_partner.reach.ends.contains_key(&network_id(name)),
                "{name}"
            );
        }
        // One that is described sends what is attached to it, and nothing of its own.
        pieces.push(hub("partner"));
        let departures = graph(&pieces).departures();
        assert!(
            departures
                .iter()
                .all(|one| !one.from.as_str().contains("partner"))
        );
    }

    #[test]
    fn an_attachment_outside_the_default_tables_reaches_nothing_and_is_not_reached() {
        let mut pieces = flat();
        pieces.retain(|piece| !piece.is_link());
        pieces.extend([attach("a", "t"), attach("b", "t")]);
        let apart =
            attach("c", "t").with_link(|link| link.joins_default = (Some(false), Some(false)));
        pieces.push(apart);
        check(&pieces, "a", ["b"]);
        check(&pieces, "c", []);
    }

    #[test]
    fn a_segment_reaches_what_its_table_learns_and_nothing_else() {
        let tables = [
            associate("prod", "a@t"),
            associate("dev", "b@t"),
            associate("dev", "c@t"),
            propagate("prod", "b@t"),
            propagate("dev", "c@t"),
        ];
        let pieces = with(segmented(), tables);
        check(&pieces, "a", ["b"]);
        check(&pieces, "b", ["c"]);
        check(&pieces, "c", []);
    }

    #[test]
    fn an_association_of_its_own_replaces_the_default_one() {
        let pieces = with(flat(), [table("empty", "t"), associate("empty", "a@t")]);
        check(&pieces, "a", []);
        check(&pieces, "b", ["a", "c"]);
    }

    #[test]
    fn a_blackhole_hides_what_is_less_specific_and_nothing_more_specific() {
        let dropped = |prefix| with(flat(), [blackhole("rt", prefix)]);
        check(&dropped("10.2.0.0/16"), "a", ["c"]);
        check(&dropped("10.0.0.0/8"), "a", ["b", "c"]);
        check(&dropped("10.2.4.0/24"), "a", ["b", "c"]);
        let halves = [
            blackhole("rt", "10.2.0.0/17"),
            blackhole("rt", "10.2.128.0/17"),
        ];
        check(&with(flat(), halves), "a", ["c"]);
    }

    #[test]
    fn a_static_route_beats_a_learned_one_of_its_length_only() {
        check(
            &with(flat(), [route("rt", "10.2.0.0/16", "c@t")]),
            "a",
            ["c"],
        );
        check(
            &with(flat(), [route("rt", "10.2.0.0/15", "c@t")]),
            "a",
            ["b", "c"],
        );
        check(
            &with(flat(), [route("rt", "10.2.0.0/24", "c@t")]),
            "a",
            ["b", "c"],
        );
    }

    #[test]
    fn a_route_with_a_destination_nobody_tells_opens_and_hides_nothing() {
        let tables = [
            associate("prod", "a@t"),
            route("prod", "?", "c@t"),
            propagate("prod", "b@t"),
        ];
        check(&with(segmented(), tables), "a", ["b", "c"]);
    }

    #[test]
    fn a_network_with_addresses_nobody_tells_is_reached_past_any_blackhole() {
        let pieces = with(
            flat(),
            [
                network("d", []),
                attach("d", "t"),
                blackhole("rt", "0.0.0.0/0"),
            ],
        );
        check(&pieces, "a", ["b", "c", "d"]);
    }

    #[test]
    fn hubs_in_a_chain_pass_on_only_what_they_are_addressed() {
        let there = route("t-rt", "10.2.0.0/16", "t@u");
        check(&with(two_hubs(), [there]), "a", ["b"]);
        check(&two_hubs(), "a", []);
        let elsewhere = route("t-rt", "10.9.0.0/16", "t@u");
        check(&with(two_hubs(), [elsewhere]), "a", []);
    }

    #[test]
    fn every_route_toward_a_far_hub_counts_not_only_the_first() {
        let routes = [
            route("t-rt", "10.0.0.0/16", "t@u"),
            route("t-rt", "10.2.0.0/16", "t@u"),
        ];
        check(&with(two_hubs(), routes), "a", ["b"]);
    }

    #[test]
    fn a_link_of_two_hubs_uses_in_each_the_table_of_that_hub() {
        // Associated in `t`; in `u` it is left to the default table, which knows `b`.
        let pieces = with(
            two_hubs(),
            [
                table("t-peers", "t"),
                associate("t-peers", "t@u"),
                route("t-rt", "10.2.0.0/16", "t@u"),
            ],
        );
        check(&pieces, "a", ["b"]);
        check(&pieces, "b", []);
    }

    #[test]
    fn hubs_in_a_ring_come_to_an_end() {
        let mut pieces = vec![network("a", ["10.1.0.0/16"]), attach("a", "t")];
        for name in ["t", "u", "v"] {
            let rt = format!("{name}-rt");
            pieces.extend([hub(name), table(&rt, name), default_association(&rt, name)]);
        }
        pieces.extend([
            join_hubs("t", "u"),
            join_hubs("u", "v"),
            join_hubs("v", "t"),
        ]);
        pieces.extend([
            route("t-rt", "0.0.0.0/0", "t@u"),
            route("u-rt", "0.0.0.0/0", "u@v"),
            route("v-rt", "0.0.0.0/0", "v@t"),
        ]);
        check(&pieces, "a", []);
        pieces.push(network("b", ["10.2.0.0/16"]));
        pieces.extend([attach("b", "v"), propagate("v-rt", "b@v")]);
        check(&pieces, "a", ["b"]);
    }

    #[test]
    fn a_long_chain_of_hubs_is_followed_to_its_end() {
        let mut pieces = vec![network("a", ["10.1.0.0/16"]), network("b", ["10.2.0.0/16"])];
        for number in 0..300 {
            pieces.push(hub_forwarding(&format!("h{number}"), Forwards::Everywhere));
            if number > 0 {
                pieces.push(join_hubs(
                    &format!("h{}", number - 1),
                    &format!("h{number}"),
                ));
            }
        }
        pieces.extend([attach("a", "h0"), attach("b", "h299")]);
        check(&pieces, "a", ["b"]);
    }

    #[test]
    fn a_gateway_joins_what_is_outside_with_its_network_and_not_two_outsides() {
        let pieces = [
            hub_forwarding("vgw", Forwards::BetweenOutsideAndInside),
            network("a", ["10.1.0.0/16"]),
            network("b", ["10.2.0.0/16"]),
            attach("a", "vgw"),
            attach("b", "vgw"),
            vpn("oslo", "vgw"),
            vpn("bergen", "vgw"),
        ];
        check(&pieces, "a", ["bergen", "oslo"]);
        let from_oslo = graph(&pieces).reached_from(&external_id("oslo"));
        assert_eq!(from_oslo, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    }

    /// Two networks, each with a gateway on one line.
    fn on_one_line(takes: [Option<&str>; 2]) -> Vec<Piece> {
        let mut pieces = vec![passing_on("circuit")];
        for (name, takes) in ["a", "b"].into_iter().zip(takes) {
            let gateway = format!("{name}-gw");
            pieces.extend([
                network(name, []),
                attach(name, &gateway),
                vpn("circuit", &gateway),
            ]);
            let hub = hub_forwarding(&gateway, Forwards::BetweenOutsideAndInside);
            pieces.push(hub.having(TAKES_RETURNED, takes));
        }
        pieces
    }

    #[test]
    fn a_line_joins_the_networks_whose_gateways_take_in_what_it_passes_on() {
        check(
            &on_one_line([Some("true"), Some("true")]),
            "a",
            ["b", "circuit"],
        );
        check(
            &on_one_line([Some("true"), Some("false")]),
            "a",
            ["circuit"],
        );
        check(
            &on_one_line([Some("false"), Some("true")]),
            "a",
            ["circuit"],
        );
        check(&on_one_line([Some("true"), None]), "a", ["b", "circuit"]);
    }

    #[test]
    fn a_party_outside_that_passes_nothing_on_ends_the_path() {
        let mut pieces = on_one_line([Some("true"), Some("true")]);
        pieces.remove(0);
        check(&pieces, "a", ["circuit"]);
    }

    #[test]
    fn a_route_to_a_neighbouring_hub_takes_the_attachment_between_the_two() {
        let firewall = [
            hub_forwarding("fw", Forwards::Everywhere),
            join_hubs("fw", "t"),
            associate("prod", "a@t"),
            associate("dev", "fw@t"),
            propagate("dev", "b@t"),
        ];
        let pieces = with(segmented(), firewall);
        check(&pieces, "a", []);
        check(
            &with(pieces, [route("prod", "0.0.0.0/0", "fw")]),
            "a",
            ["b"],
        );
    }

    #[test]
    fn a_table_that_learns_of_another_hubs_attachment_reaches_its_network() {
        let mut pieces = two_hubs();
        pieces.retain(|piece| piece.name() != "t@u");
        check(&pieces, "a", []);
        check(&with(pieces, [propagate("t-rt", "b@u")]), "a", ["b"]);
    }

    #[test]
    fn a_hub_nobody_describes_joins_all_that_is_attached_to_it() {
        let pieces = [
            network("a", ["10.1.0.0/16"]),
            network("b", ["10.2.0.0/16"]),
            attach("a", "t"),
            attach("b", "t"),
        ];
        check(&pieces, "a", ["b"]);
    }

    #[test]
    fn behind_a_hub_nobody_describes_is_more_than_is_seen() {
        let mut pieces = two_hubs();
        pieces.retain(|piece| !piece.is_about("u"));
        pieces.push(route("t-rt", "10.0.0.0/8", "t@u"));
        check(&pieces, "a", ["b", "u"]);
    }

    #[test]
    fn a_table_with_nothing_in_it_reaches_nothing_and_one_nobody_describes_all() {
        check(&with(segmented(), [associate("prod", "a@t")]), "a", []);
        check(
            &with(segmented(), [associate("elsewhere", "a@t")]),
            "a",
            ["b", "c"],
        );
    }

    #[test]
    fn a_route_to_an_attachment_nobody_describes_reaches_that() {
        let pieces = with(flat(), [route("rt", "10.9.0.0/16", "far-attachment")]);
        check(&pieces, "a", ["b", "c", "far-attachment"]);
        let learned = with(flat(), [propagate("rt", "far-attachment")]);
        check(&learned, "a", ["b", "c", "far-attachment"]);
    }

    #[test]
    fn an_attachment_nobody_describes_reaches_what_its_table_says() {
        let pieces = with(
            segmented(),
            [associate("prod", "far"), propagate("prod", "a@t")],
        );
        let from_far = graph(&pieces).reached_from(&NodeId::from("subnet/test:far".to_owned()));
        assert_eq!(from_far, BTreeSet::from(["a".to_owned()]));
    }

    #[test]
    fn an_attachment_of_one_of_two_networks_counts_for_both() {
        let either = attach("x", "t").with_link(|link| {
            link.ends[0].reference =
                crate::graph::identity::Reference::OneOf(vec![key("d"), key("e")]);
        });
        let more = [
            network("d", ["10.4.0.0/16"]),
            network("e", ["10.5.0.0/16"]),
            either,
        ];
        let pieces = with(flat(), more);
        let from_d = graph(&pieces).reached_from(&network_id("d"));
        assert!(
            ["a", "b", "c"].iter().all(|one| from_d.contains(*one)),
            "{from_d:?}"
        );
        let reached = graph(&pieces).reached_from(&network_id("a"));
        assert!(
            reached.contains("d") && reached.contains("e"),
            "{reached:?}"
        );
    }

    #[test]
    fn all_addresses_that_are_sent_to_a_party_outside_are_told() {
        let pieces = with(
            flat(),
            [
                vpn("oslo", "t").with_link(|link| link.joins_default = (None, Some(false))),
                route("rt", "10.9.0.0/16", "oslo@t"),
                route("rt", "10.8.0.0/16", "oslo@t"),
                route("rt", "10.9.1.0/24", "oslo@t"),
            ],
        );
        let departures = graph(&pieces).departures();
        let from_a = departures
            .iter()
            .find(|one| one.from == network_id("a"))
            .unwrap();
        let way = &from_a.reach.ends[&external_id("oslo")];
        let told: Vec<String> = way
            .addresses
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        assert_eq!(told, ["10.8.0.0/16", "10.9.0.0/16"]);
    }
}
