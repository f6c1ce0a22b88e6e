//! The parts and links that a picture is about, each once, with what becomes of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::change::Change;
use crate::change::diff::{Difference, Snapshot};
use crate::graph::fragment::Topic;
use crate::graph::link::{Link, LinkKind};
use crate::graph::node::Node;
use crate::graph::perimeter::FactKind;
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};

use super::{Direction, Fate, Internet, Pin};

/// Everything to show of one snapshot, or of two laid over each other.
#[derive(Debug, Default)]
pub struct View<'g> {
    /// Parts, by identity.
    pub parts: Vec<Part<'g>>,
    /// Links between them, by identity; those that go stand behind.
    pub joints: Vec<Joint<'g>>,
}

/// A part of the network.
#[derive(Debug)]
pub struct Part<'g> {
    /// As it will be; as it was, if it goes.
    pub node: &'g Node,
    /// What happens to it.
    pub fate: Fate,
    /// What it lies in directly: indices of parts.
    pub within: Vec<usize>,
    /// Whether there is a way between it and the internet that follows from no link.
    pub internet: Option<Internet>,
    /// Whether it was asked for, and so is drawn however small it is.
    pub is_wanted: bool,
    /// Links of it that lead to parts that are not in view.
    pub more_links: usize,
    /// Carve-outs that rest on it.
    pub pins: Vec<Pin>,
}

/// A link.
#[derive(Debug)]
pub struct Joint<'g> {
    /// As it will be; as it was, if it goes.
    pub link: &'g Link,
    /// As it was, if it was.
    pub before: Option<&'g Link>,
    /// Indices of its ends among the parts.
    pub ends: [usize; 2],
    /// What happens to it.
    pub fate: Fate,
    /// Which way traffic gets over it.
    pub direction: Direction,
    /// Carve-outs that rest on it.
    pub pins: Vec<Pin>,
}

/// A carve-out, and what it rests on.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The carve-out.
    pub pin: Pin,
    /// What it rests on, by identity after the change.
    pub on: BTreeSet<BoundaryId>,
}

/// What to show.
#[derive(Debug, Clone)]
pub enum Extent {
    /// All there is.
    Whole,
    /// Some parts, what is in them and what they lie in, and what is so many links away.
    Around(BTreeSet<BoundaryId>, usize),
}

impl<'g> View<'g> {
    /// One snapshot, as it is.
    #[must_use]
    pub fn of_snapshot(snapshot: &'g Snapshot, extent: &Extent, pinned: &[Pinned]) -> Self {
        let graph = &snapshot.graph;
        let (ids, wanted) = match extent {
            Extent::Whole => (
                graph.nodes().map(|node| node.id.clone()).collect(),
                BTreeSet::new(),
            ),
            Extent::Around(start, steps) => around(graph, start, *steps),
        };
        let canvas = Canvas {
            sides: [snapshot, snapshot],
            successors: &BTreeMap::new(),
            altered: BTreeSet::new(),
        };
        canvas.view(&ids, &wanted, pinned)
    }

    /// What changes touch, before and after in one: the boundaries they concern, what these lie in, and the links between them.
    #[must_use]
    pub fn of_changes(
        difference: &'g Difference<'g>,
        changes: &[Change],
        pinned: &[Pinned],
    ) -> Self {
        let (before, after) = (&difference.before.graph, &difference.after.graph);
        let mut wanted: BTreeSet<NodeId> = BTreeSet::new();
        for (boundary, _) in changes.iter().flat_map(|change| &change.boundaries) {
            match boundary {
                BoundaryId::Node(node) => {
                    wanted.insert(difference.current(node).clone());
                }
                BoundaryId::Link(link) => {
                    let ends = after.ends(link).or_else(|| before.ends(link));
                    let ends = ends.into_iter().flatten();
                    wanted.extend(ends.map(|end| difference.current(&end.id).clone()));
                }
            }
        }
        // Where a carve-out falls is shown, though the change is about a network around it.
        let falling = pinned.iter().filter(|one| one.pin.falls);
        let within: Vec<NodeId> = falling
            .flat_map(|one| &one.on)
            .filter_map(|boundary| match boundary {
                BoundaryId::Node(id) => Some(id),
                BoundaryId::Link(_) => None,
            })
            .filter(|id| {
                let around = [after, before].map(|graph| graph.ancestors_of(id));
                let mut around = around.iter().flatten();
                around.any(|one| wanted.contains(difference.current(&one.id)))
            })
            .cloned()
            .collect();
        wanted.extend(within);
        let mut ids = wanted.clone();
        for id in &wanted {
            for graph in [after, before] {
                let around = graph.ancestors_of(id).into_iter();
                ids.extend(around.map(|one| difference.current(&one.id).clone()));
            }
        }
        let own = difference.facts.iter().filter_map(|fact| {
            let is_own = matches!(
                fact.key.0,
                FactKind::AddressSpace
                    | FactKind::Property
                    | FactKind::Exposure
                    | FactKind::Egress
                    | FactKind::Plaintext
                    | FactKind::Stated(_)
            );
            match fact.boundary {
                BoundaryId::Node(id) if is_own => Some(difference.current(id).clone()),
                _ => None,
            }
        });
        let moved = difference.places.iter().map(|one| one.boundary.clone());
        let canvas = Canvas {
            sides: [difference.before, difference.after],
            successors: &difference.successors,
            altered: own.chain(moved).collect(),
        };
        canvas.view(&ids, &wanted, pinned)
    }
}

/// The parts within so many links of some, with all that these lie in; and what of it was asked for.
fn around(
    graph: &Graph,
    start: &BTreeSet<BoundaryId>,
    steps: usize,
) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
    let mut wanted = BTreeSet::new();
    for boundary in start {
        match boundary {
            BoundaryId::Node(id) => {
                wanted.insert(id.clone());
            }
            BoundaryId::Link(id) => {
                let ends = graph.ends(id).into_iter().flatten();
                wanted.extend(ends.map(|end| end.id.clone()));
            }
        }
    }
    let mut neighbours: BTreeMap<&NodeId, BTreeSet<&NodeId>> = BTreeMap::new();
    for link in graph.links() {
        if let Some([first, second]) = graph.ends(&link.id) {
            neighbours.entry(&first.id).or_default().insert(&second.id);
            neighbours.entry(&second.id).or_default().insert(&first.id);
        }
    }
    // What a part lies in bounds its traffic, and what lies in it is part of it: neither is a step.
    let mut children: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
    for node in graph.nodes() {
        for parent in graph.parents_of(&node.id) {
            children.entry(&parent.id).or_default().push(&node.id);
        }
    }
    let mut distance: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut todo: VecDeque<(NodeId, usize)> = VecDeque::new();
    for id in &wanted {
        todo.push_back((id.clone(), 0));
        todo.extend(graph.ancestors_of(id).iter().map(|one| (one.id.clone(), 0)));
        let mut inside: Vec<&NodeId> = children.get(id).into_iter().flatten().copied().collect();
        let mut seen: BTreeSet<&NodeId> = inside.iter().copied().collect();
        while let Some(next) = inside.pop() {
            todo.push_back((next.clone(), 0));
            let deeper = children.get(next).into_iter().flatten().copied();
            inside.extend(deeper.filter(|one| seen.insert(one)));
        }
    }
    while let Some((id, far)) = todo.pop_front() {
        if distance.contains_key(&id) {
            continue;
        }
        if far < steps {
            for next in neighbours.get(&id).into_iter().flatten() {
                todo.push_back(((*next).clone(), far + 1));
                let around = graph.ancestors_of(next).into_iter();
                todo.extend(around.map(|one| (one.id.clone(), far + 1)));
            }
        }
        distance.insert(id, far);
    }
    (distance.into_keys().collect(), wanted)
}

/// Two snapshots to draw over each other; the same one twice for a single one.
struct Canvas<'g, 'c> {
    sides: [&'g Snapshot; 2],
    successors: &'c BTreeMap<NodeId, NodeId>,
    /// Parts of which something other than their links is not the same.
    altered: BTreeSet<NodeId>,
}

impl<'g> Canvas<'g, '_> {
    fn current<'n>(&'n self, id: &'n NodeId) -> &'n NodeId {
        self.successors.get(id).unwrap_or(id)
    }

    fn view(
        &self,
        ids: &BTreeSet<NodeId>,
        wanted: &BTreeSet<NodeId>,
        pinned: &[Pinned],
    ) -> View<'g> {
        let [before, after] = self.sides.map(|side| &side.graph);
        let found = |id: &NodeId| after.node(id).or_else(|| before.node(id));
        let nodes: Vec<&'g Node> = ids.iter().filter_map(found).collect();
        let index: BTreeMap<&NodeId, usize> = nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (&node.id, index))
            .collect();
        let mut pins: BTreeMap<&BoundaryId, Vec<Pin>> = BTreeMap::new();
        for one in pinned {
            for boundary in &one.on {
                pins.entry(boundary).or_default().push(one.pin.clone());
            }
        }
        let pins_on = |boundary: &BoundaryId| pins.get(boundary).cloned().unwrap_or_default();
        let mut parts: Vec<Part<'g>> = nodes
            .iter()
            .map(|node| {
                let parents = [after, before].map(|graph| graph.parents_of(&node.id));
                let within: BTreeSet<usize> = parents
                    .iter()
                    .find(|parents| !parents.is_empty())
                    .into_iter()
                    .flatten()
                    .filter_map(|parent| index.get(self.current(&parent.id)).copied())
                    .collect();
                Part {
                    node,
                    fate: self.fate_of(&node.id),
                    within: within.into_iter().collect(),
                    internet: self.internet(&BoundaryId::Node(node.id.clone())),
                    is_wanted: wanted.contains(&node.id),
                    more_links: 0,
                    pins: pins_on(&BoundaryId::Node(node.id.clone())),
                }
            })
            .collect();
        let [passing_before, passing_after] = self.sides.map(Passing::of);
        let mut joints = Vec::new();
        for (graph, passing, is_first) in [
            (after, &passing_after, true),
            (before, &passing_before, false),
        ] {
            for link in graph.links() {
                if !is_first && after.link(&link.id).is_some() {
                    continue;
                }
                let Some(ends) = graph.ends(&link.id) else {
                    continue;
                };
                let ends = ends.map(|end| index.get(self.current(&end.id)).copied());
                match ends {
                    [Some(first), Some(second)] => {
                        let direction = passing.direction(link, graph);
                        let earlier = before.link(&link.id);
                        let was = earlier.map(|link| passing_before.direction(link, before));
                        joints.push(Joint {
                            link,
                            before: earlier,
                            ends: [first, second],
                            fate: match link_fate(link, before, after) {
                                Fate::Kept if was != Some(direction) => Fate::Changed,
                                fate => fate,
                            },
                            direction,
                            pins: pins_on(&BoundaryId::Link(link.id.clone())),
                        });
                    }
                    [Some(one), None] | [None, Some(one)] => parts[one].more_links += 1,
                    [None, None] => {}
                }
            }
        }
        View { parts, joints }
    }

    fn fate_of(&self, id: &NodeId) -> Fate {
        let [was, is] = self.sides.map(|side| side.graph.node(id).is_some());
        let replaces = self.successors.values().any(|heir| heir == id);
        match (was, is) {
            (false, true) if replaces => Fate::Changed,
            (false, true) => Fate::Added,
            (true, false) => Fate::Removed,
            _ if self.altered.contains(id) => Fate::Changed,
            _ => Fate::Kept,
        }
    }

    /// What opens a part to the internet, by the facts of both sides.
    fn internet(&self, boundary: &BoundaryId) -> Option<Internet> {
        let [was, is] = self.sides.map(|side| {
            let facts = side.perimeters.facts.get(boundary).into_iter().flatten();
            let opens = |kind: FactKind, value: &str| match kind {
                FactKind::Exposure => !value.is_empty(),
                FactKind::Stated(Topic::Exposure) => true,
                _ => false,
            };
            let mut gets_out = false;
            for ((kind, _), fact) in facts {
                if opens(*kind, &fact.value) {
                    return Some(true);
                }
                gets_out |= *kind == FactKind::Egress && !fact.value.is_empty();
            }
            gets_out.then_some(false)
        });
        let fate = match (was, is) {
            (None, Some(_)) => Fate::Added,
            (Some(_), None) => Fate::Removed,
            (was, is) if was != is => Fate::Changed,
            _ => Fate::Kept,
        };
        is.or(was).map(|gets_in| Internet {
            gets_in,
            fate,
            of_some: 0,
        })
    }
}

fn link_fate(link: &Link, before: &Graph, after: &Graph) -> Fate {
    match (before.link(&link.id), after.link(&link.id)) {
        (None, _) => Fate::Added,
        (_, None) => Fate::Removed,
        (Some(was), Some(is)) => {
            let same =
                was.in_transit.protection == is.in_transit.protection && was.state == is.state;
            if same { Fate::Kept } else { Fate::Changed }
        }
    }
}

/// Over which attachments of hubs traffic gets in and out.
struct Passing<'g> {
    leaves: BTreeSet<&'g LinkId>,
    arrives: BTreeSet<&'g LinkId>,
}

impl<'g> Passing<'g> {
    fn of(snapshot: &'g Snapshot) -> Self {
        let departures = &snapshot.perimeters.departures;
        // Who starts from each set that many share: what only one of its members reaches, and is that member, is no way.
        let mut starts: BTreeMap<*const crate::graph::reach::ReachSet, BTreeSet<&NodeId>> =
            BTreeMap::new();
        for departure in departures {
            let set = std::sync::Arc::as_ptr(&departure.reach);
            starts.entry(set).or_default().insert(&departure.from);
        }
        let mut passing = Self {
            leaves: BTreeSet::new(),
            arrives: BTreeSet::new(),
        };
        let mut seen = BTreeSet::new();
        for departure in departures {
            let ends = &departure.reach.ends;
            let others = ends.len() - usize::from(ends.contains_key(&departure.from));
            if others > 0 {
                passing.leaves.insert(&departure.attachment);
            }
            let set = std::sync::Arc::as_ptr(&departure.reach);
            if !seen.insert(set) {
                continue;
            }
            let from = &starts[&set];
            for (end, way) in ends {
                let by_others = from.len() - usize::from(from.contains(end));
                if by_others > 0 {
                    passing.arrives.extend(way.links.last());
                }
            }
        }
        passing
    }

    /// Of an attachment or line to a hub, as the hub's tables say; of any other link, by its kind.
    fn direction(&self, link: &Link, graph: &Graph) -> Direction {
        let by_tables = matches!(
            link.kind,
            LinkKind::Attachment | LinkKind::Vpn | LinkKind::Interconnect
        );
        match link.kind {
            _ if by_tables => {}
            LinkKind::PrivateEndpoint | LinkKind::Sharing | LinkKind::Mesh => {
                return Direction::Forward;
            }
            _ => return Direction::Both,
        }
        let Some([first, second]) = graph.ends(&link.id) else {
            return Direction::Both;
        };
        use crate::graph::node::NodeKind::Hub;
        match (first.kind == Hub, second.kind == Hub) {
            // Between two hubs, tables of both decide, and no departure starts.
            (true, true) | (false, false) => Direction::Both,
            (hub_is_first, _) => {
                let toward_hub = self.leaves.contains(&link.id);
                let from_hub = self.arrives.contains(&link.id);
                let direction = match (toward_hub, from_hub) {
                    (true, true) => Direction::Both,
                    (true, false) => Direction::Forward,
                    (false, true) => Direction::Backward,
                    (false, false) => Direction::Closed,
                };
                if hub_is_first {
                    direction.reversed()
                } else {
                    direction
                }
            }
        }
    }
}
