//! Which far ends traffic reaches through hubs.
//!
//! Traffic passes through hubs as far as their route tables let it, and ends at networks and external parties; peering
//! is a link of its own and never part of a path. The answer is a superset: a prefix, table or hub that the input does
//! not tell counts as open.
//!
//! All attachments that use one table share one [`ReachSet`]: a hub with thousands of attachments costs one pass over
//! its table, not one for every pair.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use ipnet::IpNet;
use petgraph::graph::{EdgeIndex, NodeIndex};

use super::assemble::Graph;
use super::fragment::OriginId;
use super::identity::{LinkId, NodeId};
use super::link::{Link, LinkKind};
use super::node::{Forwards, NodeKind, Standing};
use super::table::{Destination, Member, Table, Target};

/// How often traffic may come to one class of attachments before it counts as addressed to anything.
const MAX_VISITS: usize = 64;

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
    /// The addresses it is taken for, where the far end's own networks are not in the input. `None`: any.
    pub addresses: Option<Vec<IpNet>>,
}

/// Everything that is reached through one hub by one class of attachments.
#[derive(Debug, Default)]
pub struct ReachSet {
    /// Networks and external parties, each with one witness. A member of the class itself may be among them.
    pub ends: BTreeMap<NodeId, Rc<Way>>,
    /// Equal for equal sets of ends, whatever the snapshot.
    pub digest: u64,
}

/// What one network or external party reaches through one of its attachments.
#[derive(Debug)]
pub struct Departure {
    /// Where the traffic starts.
    pub from: NodeId,
    /// The attachment it takes.
    pub attachment: LinkId,
    /// The hub it enters.
    pub hub: NodeId,
    /// What it reaches.
    pub reach: Rc<ReachSet>,
}

impl Graph {
    /// What every network and external party reaches through hubs, by party and attachment.
    #[must_use]
    pub fn departures(&self) -> Vec<Departure> {
        let mut classes: HashMap<Class, Rc<ReachSet>> = HashMap::new();
        let mut departures = Vec::new();
        for link in self.links() {
            let Some((start, hub, edge)) = self.terminal_and_hub(&link.id) else {
                continue;
            };
            let class = self.class(hub, edge);
            let reach = classes
                .entry(class)
                .or_insert_with_key(|class| Rc::new(self.reach_of(class)))
                .clone();
            departures.push(Departure {
                from: self.inner[start].id.clone(),
                attachment: link.id.clone(),
                hub: self.inner[hub].id.clone(),
                reach,
            });
        }
        departures.sort_by(|a, b| (&a.from, &a.attachment).cmp(&(&b.from, &b.attachment)));
        departures
    }

    /// For a link between a hub and something that is not one: (the latter, the hub, the link).
    fn terminal_and_hub(&self, id: &LinkId) -> Option<(NodeIndex, NodeIndex, EdgeIndex)> {
        let [first, second] = self.ends(id)?.map(|node| self.index(&node.id));
        let (first, second) = (first?, second?);
        let edge = self.link_index(id)?;
        match (self.inner[first].kind, self.inner[second].kind) {
            (NodeKind::Hub, NodeKind::Network | NodeKind::External) => Some((second, first, edge)),
            (NodeKind::Network | NodeKind::External, NodeKind::Hub) => Some((first, second, edge)),
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
        let used = self
            .associated
            .get(&Member::Link(attachment))
            .cloned()
            .unwrap_or_default();
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

    fn reach_of(&self, class: &Class) -> ReachSet {
        let mut walk = Walk {
            graph: self,
            visited: BTreeMap::new(),
            found: BTreeMap::new(),
        };
        walk.leave(class, None, &Way::default());
        let mut hasher = DefaultHasher::new();
        for (end, way) in &walk.found {
            (
                end.as_str(),
                way.hubs.first().map(NodeId::as_str),
                &way.addresses,
            )
                .hash(&mut hasher);
        }
        ReachSet {
            ends: walk.found,
            digest: hasher.finish(),
        }
    }

    /// The lines of a hub's table: static routes, and the prefixes of what it learns from.
    fn entries(&self, hub: NodeIndex, index: NodeIndex, table: &Table) -> Vec<Entry> {
        let mut entries = Vec::new();
        for route in &table.routes {
            let target = match route.target {
                Target::Link(link) => Some(link),
                Target::Blackhole => None,
                // An attachment that nobody describes: the far end is unknown, the link is not in the graph.
                Target::Node(_) => continue,
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
            if let Member::Link(link) = member {
                learned.entry(*link).or_default().insert(*origin);
            }
        }
        if self.default_propagation.get(&hub) == Some(&index) {
            for (edge, far) in self.links_at(hub) {
                let link = &self.inner[edge];
                let learns =
                    link.joins_default.1 != Some(false) && self.inner[far].kind != NodeKind::Hub;
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
                    target: Some(edge),
                    is_static: false,
                    origins: origins.clone(),
                });
            }
        }
        entries
    }

    /// The prefixes an attachment announces to its hub; `None` among them stands for prefixes nobody tells.
    fn announced(&self, hub: NodeIndex, edge: EdgeIndex) -> Vec<Option<IpNet>> {
        let far = self
            .inner
            .edge_endpoints(edge)
            .map(|(a, b)| if a == hub { b } else { a });
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

struct Entry {
    /// `None`: not told, so it may be any.
    prefix: Option<IpNet>,
    /// `None`: dropped.
    target: Option<EdgeIndex>,
    is_static: bool,
    origins: BTreeSet<OriginId>,
}

/// What traffic has been followed out of a class of attachments.
#[derive(Default)]
struct Visits {
    /// Traffic addressed to these; `None` once it was followed whatever its address.
    addresses: Option<Vec<IpNet>>,
    count: usize,
}

struct Walk<'a> {
    graph: &'a Graph,
    visited: BTreeMap<Class, Visits>,
    found: BTreeMap<NodeId, Rc<Way>>,
}

impl Walk<'_> {
    /// Follow traffic addressed to any of `addresses` (`None`: to anything) out of a hub.
    fn leave(&mut self, class: &Class, addresses: Option<&[IpNet]>, way: &Way) {
        let Some(addresses) = self.not_yet_followed(class, addresses) else {
            return;
        };
        let addresses = addresses.as_deref();
        let hub = class.hub();
        let mut way = way.clone();
        way.hubs.push(self.graph.inner[hub].id.clone());
        match class {
            Class::Tables(_, tables) => {
                for &index in tables {
                    let empty = Table::default();
                    let table = self.graph.tables.get(&index).unwrap_or(&empty);
                    let mut way = way.clone();
                    way.tables.push(self.graph.inner[index].id.clone());
                    let entries = self.graph.entries(hub, index, table);
                    for (edge, open) in by_link(effective(&entries, addresses)) {
                        self.take(hub, edge, open.addresses.as_deref(), &way, &open.origins);
                    }
                }
            }
            Class::Open(_) | Class::Side(..) => {
                for (edge, _) in self.graph.links_at(hub) {
                    let link = &self.graph.inner[edge];
                    let allowed = match class {
                        Class::Side(_, from_outside) => is_outside(link) != *from_outside,
                        _ => true,
                    };
                    if allowed && carries_traffic(link) {
                        self.take(hub, edge, addresses, &way, &link.origins);
                    }
                }
            }
        }
    }

    /// The part of `addresses` that has not been followed out of a class before, now taken as followed. The outer `None`:
    /// nothing is left; the inner one: anything.
    fn not_yet_followed(
        &mut self,
        class: &Class,
        addresses: Option<&[IpNet]>,
    ) -> Option<Option<Vec<IpNet>>> {
        let Some(visits) = self.visited.get_mut(class) else {
            let visits = Visits {
                addresses: addresses.map(<[IpNet]>::to_vec),
                count: 1,
            };
            self.visited.insert(class.clone(), visits);
            return Some(addresses.map(<[IpNet]>::to_vec));
        };
        let followed = visits.addresses.as_mut()?;
        visits.count += 1;
        let Some(addresses) = addresses.filter(|_| visits.count <= MAX_VISITS) else {
            visits.addresses = None;
            return Some(None);
        };
        let fresh: Vec<IpNet> = addresses
            .iter()
            .filter(|address| !followed.iter().any(|known| known.contains(*address)))
            .copied()
            .collect();
        followed.extend(&fresh);
        (!fresh.is_empty()).then_some(Some(fresh))
    }

    fn take(
        &mut self,
        hub: NodeIndex,
        edge: EdgeIndex,
        addresses: Option<&[IpNet]>,
        way: &Way,
        origins: &BTreeSet<OriginId>,
    ) {
        let Some((a, b)) = self.graph.inner.edge_endpoints(edge) else {
            return;
        };
        let far = if a == hub { b } else { a };
        let mut way = way.clone();
        way.links.push(self.graph.inner[edge].id.clone());
        way.origins.extend(origins);
        way.origins.extend(&self.graph.inner[edge].origins);
        let node = &self.graph.inner[far];
        let is_described = node.standing == Standing::Described;
        if node.kind == NodeKind::External || !is_described {
            way.addresses = addresses.map(<[IpNet]>::to_vec);
        }
        match node.kind {
            NodeKind::Hub => {
                if !is_described {
                    // Nobody tells what lies behind it: the hub itself stands for that.
                    self.found
                        .entry(node.id.clone())
                        .or_insert_with(|| Rc::new(way.clone()));
                }
                way.addresses = None;
                let class = self.graph.class(far, edge);
                self.leave(&class, addresses, &way);
            }
            _ => {
                self.found
                    .entry(node.id.clone())
                    .and_modify(|known| *known = Rc::new(known.joined_with(&way)))
                    .or_insert_with(|| Rc::new(way));
            }
        }
    }
}

impl Way {
    /// This way, taken for the addresses of another way to the same end as well.
    fn joined_with(&self, other: &Self) -> Self {
        let mut joined = self.clone();
        match (&mut joined.addresses, &other.addresses) {
            (Some(own), Some(more)) => {
                own.extend(more);
                own.sort_unstable();
                own.dedup();
                joined.origins.extend(&other.origins);
            }
            (own @ Some(_), None) => *own = None,
            (None, _) => {}
        }
        joined
    }
}

/// What a table opens over one link, all its entries together.
struct LinkOpening {
    addresses: Option<Vec<IpNet>>,
    origins: BTreeSet<OriginId>,
}

fn by_link(openings: Vec<Opening<'_>>) -> BTreeMap<EdgeIndex, LinkOpening> {
    let mut links: BTreeMap<EdgeIndex, LinkOpening> = BTreeMap::new();
    for opening in openings {
        let link = links.entry(opening.link).or_insert_with(|| LinkOpening {
            addresses: Some(Vec::new()),
            origins: BTreeSet::new(),
        });
        link.origins.extend(opening.origins);
        match (&mut link.addresses, opening.addresses) {
            (Some(own), Some(more)) => own.extend(more),
            (own, _) => *own = None,
        }
    }
    links
}

/// An entry that decides for some address.
struct Opening<'e> {
    link: EdgeIndex,
    /// The addresses it decides for; `None`: any.
    addresses: Option<Vec<IpNet>>,
    origins: &'e BTreeSet<OriginId>,
}

/// The entries that decide for some address.
///
/// Longest prefix wins; for one prefix a static entry beats a learned one. An entry whose prefix nobody tells decides for
/// something, and hides nothing.
fn effective<'e>(entries: &'e [Entry], addresses: Option<&[IpNet]>) -> Vec<Opening<'e>> {
    let mut by_prefix: BTreeMap<IpNet, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        if let Some(prefix) = entry.prefix {
            by_prefix.entry(prefix).or_default().push(entry);
        }
    }
    let mut result = Vec::new();
    for entry in entries {
        let Some(target) = entry.target else { continue };
        let Some(prefix) = entry.prefix else {
            result.push(Opening {
                link: target,
                addresses: addresses.map(<[IpNet]>::to_vec),
                origins: &entry.origins,
            });
            continue;
        };
        let wanted: Vec<IpNet> = match addresses {
            None => vec![prefix],
            Some(addresses) => addresses
                .iter()
                .filter_map(|address| intersection(*address, prefix))
                .collect(),
        };
        let open: Vec<IpNet> = wanted
            .into_iter()
            .filter(|&wanted| !hidden(wanted, prefix, entry, &by_prefix))
            .collect();
        if !open.is_empty() {
            result.push(Opening {
                link: target,
                addresses: Some(open),
                origins: &entry.origins,
            });
        }
    }
    result
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

/// Whether better entries with another target decide for every address of `wanted`, which lies in the entry's `prefix`.
fn hidden(
    wanted: IpNet,
    prefix: IpNet,
    entry: &Entry,
    by_prefix: &BTreeMap<IpNet, Vec<&Entry>>,
) -> bool {
    let better = |other: &&&Entry, at: IpNet| {
        let wins = at.prefix_len() > prefix.prefix_len()
            || (at == prefix && other.is_static && !entry.is_static);
        wins && other.target != entry.target
    };
    let mut above = Some(wanted);
    while let Some(net) = above {
        if net.prefix_len() < prefix.prefix_len() {
            break;
        }
        if by_prefix
            .get(&net)
            .is_some_and(|others| others.iter().any(|other| better(&other, net)))
        {
            return true;
        }
        above = net.supernet();
    }
    let last = IpNet::from(wanted.broadcast());
    let inside: Vec<IpNet> = by_prefix
        .range(wanted..=last)
        .filter(|(net, others)| **net != wanted && others.iter().any(|other| better(&other, **net)))
        .map(|(net, _)| *net)
        .collect();
    !inside.is_empty()
        && IpNet::aggregate(&inside)
            .iter()
            .any(|net| net.contains(&wanted))
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
