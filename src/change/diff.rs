//! Facts that only one of two snapshots has.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::graph::fragment::Counts;
use crate::graph::link::{LinkKind, link_id};
use crate::graph::node::{Node, NodeKind, Place, Standing};
use crate::graph::origin::{Action, OriginId, Origins};
use crate::graph::perimeter::{Fact, FactKey, FactKind, Perimeters};
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};

use super::kind::{ADVERTISED, ENCRYPTION, Effect, RESTRICTED};
use super::moves::{self, Move, PassedName};
use super::reach::{self, ReachChange};

/// One snapshot with its facts.
#[derive(Debug)]
pub struct Snapshot {
    /// The graph.
    pub graph: Graph,
    /// What holds of its boundaries.
    pub perimeters: Perimeters,
}

impl Snapshot {
    /// Survey a graph.
    #[must_use]
    pub fn new(graph: Graph) -> Self {
        let perimeters = graph.perimeters();
        Self { graph, perimeters }
    }
}

/// A fact that differs.
#[derive(Debug)]
pub struct FactChange<'s> {
    /// Whose.
    pub boundary: &'s BoundaryId,
    /// Which.
    pub key: &'s FactKey,
    /// As it was.
    pub before: Option<&'s Fact>,
    /// As it will be.
    pub after: Option<&'s Fact>,
    /// What the difference does.
    pub effect: Effect,
    /// Subnets and tables that come under the fact or leave it.
    pub carriers: BTreeSet<NodeId>,
    /// Of a stated fact that one side lacks: the more general one that holds there instead.
    pub instead: Option<&'s Fact>,
}

/// A boundary that lies elsewhere than before, or a part of one that lies in no region itself.
#[derive(Debug)]
pub struct PlaceChange {
    /// Which, after.
    pub boundary: NodeId,
    /// Of a subnet of the boundary: its name.
    pub part: Option<String>,
    /// Where it was.
    pub before: Place,
    /// Where it will be.
    pub after: Place,
    /// The resources that say where it is.
    pub origins: BTreeSet<OriginId>,
}

/// Everything that differs between two snapshots.
#[derive(Debug)]
pub struct Difference<'s> {
    /// The snapshot before.
    pub before: &'s Snapshot,
    /// The snapshot after.
    pub after: &'s Snapshot,
    /// Facts that differ.
    pub facts: Vec<FactChange<'s>>,
    /// Reach that differs.
    pub reach: Vec<ReachChange>,
    /// Places that differ.
    pub places: Vec<PlaceChange>,
    /// Nodes destroyed and made anew, with the node that takes their place.
    pub successors: BTreeMap<NodeId, NodeId>,
    /// Things inside networks that lie in others than before.
    pub moves: Vec<Move>,
    /// Names that mean something else than before.
    pub passed_names: Vec<PassedName>,
}

impl Difference<'_> {
    /// The identity after the change of a node known before it.
    #[must_use]
    pub fn current<'n>(&'n self, node: &'n NodeId) -> &'n NodeId {
        self.successors.get(node).unwrap_or(node)
    }

    /// Whether a node is another one than before: in place of one of another identity, or under the same.
    #[must_use]
    pub fn is_made_anew(&self, node: &NodeId) -> bool {
        let is_another = match (self.before.graph.node(node), self.after.graph.node(node)) {
            (Some(was), Some(is)) => was.incarnation != is.incarnation,
            _ => false,
        };
        is_another || self.predecessors(node).next().is_some()
    }

    /// The nodes destroyed and made anew as this one.
    pub fn predecessors<'n>(&'n self, node: &'n NodeId) -> impl Iterator<Item = &'n NodeId> {
        self.successors
            .iter()
            .filter(move |(_, heir)| *heir == node)
            .map(|(was, _)| was)
    }

    /// The identity after the change of a link known before it: that of the link between the ends' successors.
    #[must_use]
    pub fn current_link(&self, link: &LinkId) -> LinkId {
        let graphs = [&self.before.graph, &self.after.graph];
        let found = graphs
            .iter()
            .find_map(|graph| Some((graph.link(link)?, graph.ends(link)?)));
        let Some((found, [first, second])) = found else {
            return link.clone();
        };
        link_id(
            found.kind,
            self.current(&first.id),
            self.current(&second.id),
        )
    }

    /// A link of either snapshot that an identity after the change stands for: itself, or the one that it succeeds.
    #[must_use]
    pub fn known_link(&self, current: &LinkId) -> LinkId {
        if self.after.graph.link(current).is_some() || self.before.graph.link(current).is_some() {
            return current.clone();
        }
        let mut earlier = self.before.graph.links();
        let known = earlier.find(|link| self.current_link(&link.id) == *current);
        known.map_or_else(|| current.clone(), |link| link.id.clone())
    }

    /// Whether a link is there on one side only.
    #[must_use]
    pub fn is_one_sided(&self, link: &LinkId) -> bool {
        self.before.graph.link(link).is_some() != self.after.graph.link(link).is_some()
    }

    /// The mesh link in the other direction that comes or goes together with this one: each side calls the other.
    #[must_use]
    pub fn way_back(&self, link: &LinkId) -> Option<LinkId> {
        let back = |graph: &Graph| {
            let found = graph
                .link(link)
                .filter(|link| link.kind == LinkKind::Mesh)?;
            let [from, to] = graph.ends(link)?;
            let back = link_id(found.kind, &to.id, &from.id);
            (back != *link && graph.link(&back).is_some()).then_some(back)
        };
        match (back(&self.before.graph), back(&self.after.graph)) {
            (Some(back), None) | (None, Some(back)) => {
                (self.is_one_sided(link) && self.is_one_sided(&back)).then_some(back)
            }
            _ => None,
        }
    }
}

/// Compare two snapshots.
#[must_use]
pub fn compare<'s>(before: &'s Snapshot, after: &'s Snapshot, origins: &Origins) -> Difference<'s> {
    let heirs = successors(&before.graph, &after.graph);
    Difference {
        before,
        after,
        facts: fact_changes(before, after, origins),
        reach: reach::changes(before, after, origins),
        places: place_changes(before, after, &heirs),
        moves: moves::moves(&before.graph, &after.graph, &heirs),
        passed_names: moves::passed_names(&before.graph, &after.graph, &heirs),
        successors: heirs,
    }
}

fn fact_changes<'s>(
    before: &'s Snapshot,
    after: &'s Snapshot,
    origins: &Origins,
) -> Vec<FactChange<'s>> {
    let mut changes = Vec::new();
    let boundaries: BTreeSet<&BoundaryId> = before
        .perimeters
        .facts
        .keys()
        .chain(after.perimeters.facts.keys())
        .collect();
    for boundary in boundaries {
        let facts_before = before.perimeters.facts.get(boundary);
        let facts_after = after.perimeters.facts.get(boundary);
        let sides = [facts_before, facts_after].into_iter().flatten();
        let keys: BTreeSet<&FactKey> = sides.flat_map(BTreeMap::keys).collect();
        for key in keys {
            let (was, is) = (
                facts_before.and_then(|facts| facts.get(key)),
                facts_after.and_then(|facts| facts.get(key)),
            );
            let own = matches!(
                key.0,
                FactKind::Existence | FactKind::AddressSpace | FactKind::Property
            );
            if own && is_only_seen(boundary, before, after, origins) {
                continue;
            }
            if key.0 == FactKind::Existence && is_told_elsewhere(boundary, before, after) {
                continue;
            }
            if key.0 == FactKind::Exposure && comes_with_its_door(boundary, before, after, origins)
            {
                continue;
            }
            if let (FactKind::Stated(_), Some(fact)) = (key.0, is.or(was)) {
                let sides = [(was, facts_before), (is, facts_after)];
                let general = sides.map(|(_, facts)| more_general(key, fact, facts));
                let sides = [was.or(general[0]), is.or(general[1])];
                let is_lasting = lasts(boundary, [was, is], before, after);
                if let (true, Some(effect)) = (is_lasting, stated_effect(sides)) {
                    changes.push(FactChange {
                        boundary,
                        key,
                        before: was,
                        after: is,
                        effect,
                        carriers: fact.carriers.clone(),
                        instead: if was.is_none() {
                            general[0]
                        } else {
                            general[1]
                        },
                    });
                }
                continue;
            }
            if key.0 == FactKind::Route && is_placed(boundary, before, after) {
                continue;
            }
            let sides = [was, is].into_iter().flatten();
            let goes_with_its_resource = key.0 == FactKind::Plaintext
                || (key.0 == FactKind::Property && key.1.starts_with(ADVERTISED));
            if goes_with_its_resource && sides.clone().any(|fact| comes_or_goes(fact, origins)) {
                continue;
            }
            // What a link that comes or goes is like adds nothing to that.
            let is_closing = protects(key)
                && !matches!(boundary, BoundaryId::Link(link)
                    if before.graph.link(link).is_some() != after.graph.link(link).is_some());
            let (effect, carriers) = match (was, is) {
                (None, Some(fact)) => (
                    if is_closing {
                        Effect::Narrows
                    } else {
                        Effect::Widens
                    },
                    fact.carriers.clone(),
                ),
                (Some(fact), None) => (
                    if is_closing {
                        Effect::Widens
                    } else {
                        Effect::Narrows
                    },
                    fact.carriers.clone(),
                ),
                (Some(was), Some(is)) => {
                    let lasting = |one: &&NodeId| {
                        before.graph.node(one).is_some() && after.graph.node(one).is_some()
                    };
                    let carriers_before: BTreeSet<&NodeId> =
                        was.carriers.iter().filter(lasting).collect();
                    let carriers_after: BTreeSet<&NodeId> =
                        is.carriers.iter().filter(lasting).collect();
                    let value =
                        (was.value != is.value).then(|| value_effect(key, &was.value, &is.value));
                    let gained = carriers_after
                        .difference(&carriers_before)
                        .next()
                        .map(|_| Effect::Widens);
                    let lost = carriers_before
                        .difference(&carriers_after)
                        .next()
                        .map(|_| Effect::Narrows);
                    let Some(effect) = [value, gained, lost]
                        .into_iter()
                        .flatten()
                        .reduce(Effect::and)
                    else {
                        continue;
                    };
                    let moved = carriers_before.symmetric_difference(&carriers_after);
                    (effect, moved.map(|&one| one.clone()).collect())
                }
                (None, None) => continue,
            };
            changes.push(FactChange {
                boundary,
                key,
                before: was,
                after: is,
                effect,
                carriers,
                instead: None,
            });
        }
    }
    changes
}

/// The fact that holds where an exception to it is not stated.
pub(super) fn more_general<'s>(
    key: &FactKey,
    exception: &Fact,
    facts: Option<&'s BTreeMap<FactKey, Fact>>,
) -> Option<&'s Fact> {
    let mut wanted = exception
        .stated
        .iter()
        .flat_map(|stated| &stated.exception_to);
    wanted.find_map(|about| facts?.get(&(key.0, about.clone())))
}

/// Whether a stated fact can differ at all: on what lies inside networks and comes or goes nobody rested, and a fact that takes
/// effect in such a part only comes and goes with it.
fn lasts(
    boundary: &BoundaryId,
    sides: [Option<&Fact>; 2],
    before: &Snapshot,
    after: &Snapshot,
) -> bool {
    let comes_or_goes =
        |id: &NodeId| before.graph.node(id).is_some() != after.graph.node(id).is_some();
    if matches!(boundary, BoundaryId::Node(id) if comes_or_goes(id)) {
        return false;
    }
    let has_carrier =
        |fact: &Fact| fact.carriers.is_empty() || !fact.carriers.iter().all(comes_or_goes);
    let is_one_sided = sides[0].is_some() != sides[1].is_some();
    !is_one_sided || sides.into_iter().flatten().all(has_carrier)
}

/// What the difference of a stated fact does. `None`: there is none, since an exception that says what holds in general says
/// nothing.
fn stated_effect(sides: [Option<&Fact>; 2]) -> Option<Effect> {
    let counts = |fact: &Fact| fact.stated.as_ref().map(|stated| stated.counts);
    let values = sides.map(|fact| {
        let told = fact.filter(|fact| counts(fact) != Some(Counts::Nowhere));
        told.map(|fact| &fact.value)
    });
    if let [Some(fact), None] | [None, Some(fact)] = sides
        && counts(fact) == Some(Counts::OnBothSides)
    {
        return None;
    }
    if values[0] == values[1] {
        return None;
    }
    let openness = |fact: Option<&Fact>| {
        let stated = fact.and_then(|fact| fact.stated.as_ref());
        stated.map_or(0, |stated| stated.openness)
    };
    Some(match openness(sides[0]).cmp(&openness(sides[1])) {
        std::cmp::Ordering::Less => Effect::Widens,
        std::cmp::Ordering::Greater => Effect::Narrows,
        std::cmp::Ordering::Equal => Effect::Alters,
    })
}

/// Whether a node comes into view or leaves it, and is neither made nor destroyed: a data source that is read.
pub(super) fn is_only_seen(
    boundary: &BoundaryId,
    before: &Snapshot,
    after: &Snapshot,
    origins: &Origins,
) -> bool {
    let BoundaryId::Node(id) = boundary else {
        return false;
    };
    let node = match (before.graph.node(id), after.graph.node(id)) {
        (Some(node), None) | (None, Some(node)) => node,
        _ => return false,
    };
    let mut actions = node.origins.iter().map(|one| origins.get(*one).action);
    !node.origins.is_empty() && actions.all(|action| !action.changes())
}

/// Whether what becomes of a boundary inside networks adds nothing: on one that comes nobody rested, and one that goes with what
/// it lies in is told of with that.
fn is_told_elsewhere(boundary: &BoundaryId, before: &Snapshot, after: &Snapshot) -> bool {
    let BoundaryId::Node(id) = boundary else {
        return false;
    };
    let lies_in_networks = |node: &Node| node.kind.lies_in_networks();
    match (before.graph.node(id), after.graph.node(id)) {
        (None, Some(node)) => lies_in_networks(node),
        (Some(node), None) => {
            let mut around = before.graph.ancestors_of(id).into_iter();
            lies_in_networks(node)
                && around
                    .any(|outer| lies_in_networks(outer) && after.graph.node(&outer.id).is_none())
        }
        _ => false,
    }
}

/// Whether a table that speaks for itself lies in a network before or after: what it does there is told of the network.
fn is_placed(boundary: &BoundaryId, before: &Snapshot, after: &Snapshot) -> bool {
    let BoundaryId::Node(id) = boundary else {
        return false;
    };
    let is_table = |graph: &Graph| {
        graph
            .node(id)
            .is_some_and(|node| node.kind == NodeKind::RouteTable)
    };
    let graphs = [&before.graph, &after.graph];
    graphs.iter().any(|graph| is_table(graph))
        && graphs.iter().any(|graph| !graph.networks_of(id).is_empty())
}

/// Whether something that is no network of its own is made or destroyed, together with whatever exposes it: nothing else
/// was closed before, and nothing else is after.
fn comes_with_its_door(
    boundary: &BoundaryId,
    before: &Snapshot,
    after: &Snapshot,
    origins: &Origins,
) -> bool {
    let BoundaryId::Node(id) = boundary else {
        return false;
    };
    let graphs = [&before.graph, &after.graph];
    let node = graphs.iter().find_map(|graph| graph.node(id));
    let lies_alone = node.is_some_and(|node| {
        !matches!(
            node.kind,
            NodeKind::Network | NodeKind::Hub | NodeKind::ServicePerimeter
        )
    });
    let is_replaced = || {
        let mut makers = node.into_iter().flat_map(|node| &node.origins);
        makers.any(|one| origins.get(*one).action == Action::Replace)
    };
    lies_alone && fate(id, before, after, origins).is_some() && !is_replaced()
}

/// Whether a fact is of a resource that is created or destroyed: what it does in the clear is a site of its own, and takes
/// protection from nothing that was there; what it announces is part of the path that it makes.
pub(super) fn comes_or_goes(fact: &Fact, origins: &Origins) -> bool {
    let mut actions = fact.origins.iter().map(|one| origins.get(*one).action);
    actions.any(|action| matches!(action, Action::Create | Action::Delete))
}

/// Whether a fact closes rather than opens: an enforced encryption.
fn protects(key: &FactKey) -> bool {
    let begins = |start: &str| key.1.starts_with(start);
    key.0 == FactKind::Property && (begins(ENCRYPTION) || begins(RESTRICTED))
}

/// What a changed value of one and the same fact does.
fn value_effect(key: &FactKey, before: &str, after: &str) -> Effect {
    let kind = key.0;
    if kind == FactKind::Property {
        let (before, after): (BTreeSet<&str>, BTreeSet<&str>) =
            (before.split(", ").collect(), after.split(", ").collect());
        return match (before.is_subset(&after), after.is_subset(&before)) {
            (true, false) if protects(key) => Effect::Narrows,
            (false, true) if protects(key) => Effect::Widens,
            (true, false) => Effect::Widens,
            (false, true) => Effect::Narrows,
            _ => Effect::Alters,
        };
    }
    let rank = |value: &str| match (kind, value) {
        (FactKind::Protection, word) => Some(i32::from(!word.starts_with("encrypted"))),
        (FactKind::Exposure | FactKind::Egress, "attached") => Some(0),
        (FactKind::Exposure | FactKind::Egress, "routed") => Some(1),
        (
            FactKind::Existence | FactKind::Peering | FactKind::Attachment | FactKind::Beyond,
            "offered",
        ) => Some(0),
        (
            FactKind::Existence | FactKind::Peering | FactKind::Attachment | FactKind::Beyond,
            "effective",
        ) => Some(1),
        _ => None,
    };
    match (rank(before), rank(after)) {
        (Some(before), Some(after)) if before < after => Effect::Widens,
        (Some(before), Some(after)) if before > after => Effect::Narrows,
        _ => Effect::Alters,
    }
}

/// Whether the change set brings a node into being (`Some(true)`) or ends it (`Some(false)`). A node that is merely named or
/// read on one side only has no such fate: it exists all along.
pub(super) fn fate(
    id: &NodeId,
    before: &Snapshot,
    after: &Snapshot,
    origins: &Origins,
) -> Option<bool> {
    let (node, comes) = match (before.graph.node(id), after.graph.node(id)) {
        (None, Some(node)) => (node, true),
        (Some(node), None) => (node, false),
        _ => return None,
    };
    let is_made = node
        .origins
        .iter()
        .any(|origin| origins.get(*origin).action.changes());
    (node.standing == Standing::Described && is_made).then_some(comes)
}

/// Nodes that vanish while the resource that described them describes another node of that kind.
fn successors(before: &Graph, after: &Graph) -> BTreeMap<NodeId, NodeId> {
    let mut by_origin = HashMap::new();
    for node in after.nodes().filter(|node| before.node(&node.id).is_none()) {
        for origin in &node.origins {
            by_origin.entry((*origin, node.kind)).or_insert(&node.id);
        }
    }
    before
        .nodes()
        .filter(|node| after.node(&node.id).is_none())
        .filter_map(|node| {
            let heir = node
                .origins
                .iter()
                .find_map(|origin| by_origin.get(&(*origin, node.kind)))?;
            Some((node.id.clone(), (*heir).clone()))
        })
        .collect()
}

fn place_changes(
    before: &Snapshot,
    after: &Snapshot,
    heirs: &BTreeMap<NodeId, NodeId>,
) -> Vec<PlaceChange> {
    let namesakes = subnets_by_name(&after.graph);
    let mut changes: Vec<PlaceChange> = Vec::new();
    for node in before.graph.nodes() {
        let counts = matches!(node.kind, NodeKind::Network | NodeKind::Subnet);
        if !counts || node.standing != Standing::Described {
            continue;
        }
        let heir = after
            .graph
            .node(heirs.get(&node.id).unwrap_or(&node.id))
            .or_else(|| {
                let networks = before.graph.networks_of(&node.id);
                let slot = (&networks.first()?.id, node.name.as_deref()?);
                match namesakes.get(&slot)?.as_slice() {
                    [only] if before.graph.node(&only.id).is_none() => Some(*only),
                    _ => None,
                }
            });
        let Some(heir) = heir else {
            continue;
        };
        if node.kind == NodeKind::Subnet {
            changes.extend(subnet_change(before, after, node, heir));
            continue;
        }
        let moved = |was: &Option<String>, is: &Option<String>| matches!((was, is), (Some(was), Some(is)) if was != is);
        if moved(&node.place.region, &heir.place.region)
            || moved(&node.place.account, &heir.place.account)
        {
            changes.push(PlaceChange {
                boundary: heir.id.clone(),
                part: None,
                before: node.place.clone(),
                after: heir.place.clone(),
                origins: &node.origins | &heir.origins,
            });
        }
    }
    changes
}

/// Subnets by network and name. The keys of a `for_each` may tell the region, and then a move is written as one resource that
/// goes and another that comes.
fn subnets_by_name(graph: &Graph) -> BTreeMap<(&NodeId, &str), Vec<&Node>> {
    let mut by_name: BTreeMap<(&NodeId, &str), Vec<&Node>> = BTreeMap::new();
    for node in graph.nodes().filter(|node| node.kind == NodeKind::Subnet) {
        let networks = graph.networks_of(&node.id);
        if let ([network], Some(name)) = (networks.as_slice(), &node.name) {
            by_name.entry((&network.id, name)).or_default().push(node);
        }
    }
    by_name
}

/// A subnet that moves to another region inside a network that lies in none: what holds between regions changes there.
fn subnet_change(
    before: &Snapshot,
    after: &Snapshot,
    was: &Node,
    is: &Node,
) -> Option<PlaceChange> {
    let [from, to] = [&was.place.region, &is.place.region].map(Option::as_ref);
    if from? == to? {
        return None;
    }
    let [old, new] = [
        before.graph.networks_of(&was.id),
        after.graph.networks_of(&is.id),
    ];
    let ([old], [new]) = (old.as_slice(), new.as_slice()) else {
        return None;
    };
    (old.id == new.id && new.place.region.is_none()).then(|| PlaceChange {
        boundary: new.id.clone(),
        part: Some(is.display_name()),
        before: was.place.clone(),
        after: is.place.clone(),
        origins: &was.origins | &is.origins,
    })
}
