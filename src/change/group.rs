//! Differing facts, gathered into what a person would call one change.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::graph::fragment::Topic;
use crate::graph::link::LinkKind;
use crate::graph::node::{NodeKind, Standing};
use crate::graph::origin::{Action, OriginId, Origins};
use crate::graph::perimeter::{Fact, FactKey, FactKind, OF_HUB};
use crate::graph::protection::Evidence;
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};

use super::diff::{Difference, FactChange};
use super::diverted::Diversions;
use super::join::{join_gateways, join_ways_back};
use super::kind::{ADVERTISED, Category, ENCRYPTION, Effect, PLAINTEXT, RESTRICTED};
use super::moves::Move;
use super::reach::ReachChange;
use super::subject::{Group, Subject, Touch};
use super::summary;

/// One semantic difference between two snapshots.
#[derive(Debug, Clone)]
pub struct Change {
    /// Short handle, stable for the same input: `c1`.
    pub id: String,
    /// What sort.
    pub category: Category,
    /// What it does to the perimeter.
    pub effect: Effect,
    /// One line for a person.
    pub summary: String,
    /// The boundaries it concerns, with their names; sorted.
    pub boundaries: Vec<(BoundaryId, String)>,
    /// What differs of each boundary. Only these invalidate.
    pub touched: BTreeMap<BoundaryId, Vec<Touch>>,
    /// The name of everything in `touched`.
    pub names: BTreeMap<BoundaryId, String>,
    /// The resources that bring it about, by address.
    pub causes: Vec<OriginId>,
    /// What is documented of the protection of the links it concerns; sorted.
    pub evidence: Vec<Evidence>,
    /// Reported, and no reason to re-justify: a way out through address translation, or what the settings only report.
    pub informative: bool,
    /// The name that it passes from one to another, if that is what it is.
    pub passes_name: Option<String>,
}

/// Gather a difference into changes, in a stable order.
#[must_use]
pub fn changes(difference: &Difference<'_>, origins: &Origins) -> Vec<Change> {
    let mut reach_at: BTreeMap<NodeId, Vec<&ReachChange>> = BTreeMap::new();
    for change in &difference.reach {
        for end in [&change.from, &change.to] {
            reach_at
                .entry(difference.current(end).clone())
                .or_default()
                .push(change);
        }
    }
    let sorter = Sorter {
        difference,
        reach_at,
        diversions: Diversions::new(difference),
        moves: Moves::new(difference),
    };
    let mut groups: BTreeMap<Subject, Group<'_>> = BTreeMap::new();
    let equal = equal_to_the_heir(difference);
    for (index, change) in difference.facts.iter().enumerate() {
        if equal.contains(&index) {
            continue;
        }
        if let Some(subject) = sorter.fact_subject(change) {
            groups.entry(subject).or_default().facts.push(change);
        }
    }
    for change in &difference.reach {
        groups
            .entry(sorter.reach_subject(change))
            .or_default()
            .reach
            .push(change);
    }
    for place in &difference.places {
        groups
            .entry(Subject::Boundary(place.boundary.clone()))
            .or_default();
    }
    for subject in sorter.moves.by_subject.keys() {
        groups.entry(subject.clone()).or_default();
    }
    for passed in &difference.passed_names {
        groups
            .entry(Subject::Name(passed.name.clone()))
            .or_default();
    }
    join_ways_back(difference, &mut groups);
    join_gateways(difference, &mut groups);
    let changes: Vec<Change> = groups
        .par_iter()
        .map(|(subject, group)| sorter.change(subject, group, origins))
        .collect();
    let mut changes = join_by_cause(changes);
    changes.sort_by(|a, b| {
        (a.category, &a.summary, &a.boundaries).cmp(&(b.category, &b.summary, &b.boundaries))
    });
    for (index, change) in changes.iter_mut().enumerate() {
        change.id = format!("c{}", index + 1);
    }
    changes
}

/// What is documented of what differs, as it was and as it will be.
fn evidence(group: &Group<'_>) -> Vec<Evidence> {
    let facts = group
        .facts
        .iter()
        .flat_map(|change| [change.before, change.after]);
    let evidence: BTreeSet<&Evidence> = facts
        .flatten()
        .filter_map(|fact| fact.evidence.as_ref())
        .collect();
    evidence.into_iter().cloned().collect()
}

/// Facts of a boundary made anew that hold of its heir just as they held of it: that it is another one says it all.
fn equal_to_the_heir(difference: &Difference<'_>) -> BTreeSet<usize> {
    let counts = |kind: FactKind| {
        !matches!(
            kind,
            FactKind::Existence | FactKind::Peering | FactKind::Attachment
        )
    };
    let mut gained: BTreeMap<(&BoundaryId, &FactKey, &str), usize> = BTreeMap::new();
    for (index, change) in difference.facts.iter().enumerate() {
        if let (None, Some(fact)) = (change.before, change.after)
            && counts(change.key.0)
        {
            gained.insert((change.boundary, change.key, &fact.value), index);
        }
    }
    let mut equal = BTreeSet::new();
    for (index, change) in difference.facts.iter().enumerate() {
        let (Some(fact), None, BoundaryId::Node(node)) =
            (change.before, change.after, change.boundary)
        else {
            continue;
        };
        let heir = difference
            .successors
            .get(node)
            .map(|heir| BoundaryId::Node(heir.clone()));
        if let Some(other) = heir.and_then(|heir| {
            gained
                .get(&(&heir, change.key, fact.value.as_str()))
                .copied()
        }) {
            equal.extend([index, other]);
        }
    }
    equal
}

/// One edit that does the same to many boundaries (an entry of a shared prefix list) is one change.
fn join_by_cause(changes: Vec<Change>) -> Vec<Change> {
    let joins = |change: &Change| {
        let of_a_kind = matches!(
            change.category,
            Category::Peering
                | Category::Routing
                | Category::Exposure
                | Category::AddressSpace
                | Category::Authentication
        );
        of_a_kind && !change.causes.is_empty()
    };
    // A change, how many more it stands for, and whether those are of other boundaries.
    let mut joined: Vec<(Change, usize, bool)> = Vec::new();
    let mut places = BTreeMap::new();
    for change in changes {
        let alike = joins(&change).then(|| {
            let kind = (change.category, change.effect, change.informative);
            (kind, change.causes.clone())
        });
        let same = alike.and_then(|alike| match places.entry(alike) {
            Entry::Occupied(place) => Some(*place.get()),
            Entry::Vacant(place) => {
                place.insert(joined.len());
                None
            }
        });
        match same.and_then(|place| joined.get_mut(place)) {
            Some((one, others, is_elsewhere)) => {
                let mut added = change.boundaries.iter();
                *is_elsewhere |= added.any(|boundary| !one.boundaries.contains(boundary));
                for (boundary, touches) in change.touched {
                    one.touched.entry(boundary).or_default().extend(touches);
                }
                one.names.extend(change.names);
                one.boundaries.extend(change.boundaries);
                one.boundaries
                    .sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
                one.boundaries.dedup();
                *others += 1;
            }
            None => joined.push((change, 0, false)),
        }
    }
    let finished = joined
        .into_iter()
        .map(|(mut change, others, is_elsewhere)| {
            if others > 0 {
                change.summary = if is_elsewhere || change.category == Category::Peering {
                    summary::and_others(&change.summary, change.category, others)
                } else {
                    format!("{}; and {others} more of it", change.summary)
                };
            }
            change
        });
    finished.collect()
}

/// What stated facts that differ alike, for the same reason, have in common.
fn stated_subject(topic: Topic, change: &FactChange<'_>) -> Subject {
    let sides = [change.before, change.after].map(|fact| fact.or(change.instead));
    let facts = || sides.into_iter().flatten();
    let matter = facts().find_map(|fact| Some(fact.stated.as_ref()?.matter.clone()));
    Subject::Stated {
        topic,
        matter: matter.unwrap_or_default(),
        transition: sides.map(|fact| fact.map(|fact| fact.value.clone())),
        origins: facts()
            .flat_map(|fact| fact.origins.iter().copied())
            .collect(),
    }
}

struct Sorter<'d> {
    difference: &'d Difference<'d>,
    /// Differing reach by each of its ends.
    reach_at: BTreeMap<NodeId, Vec<&'d ReachChange>>,
    diversions: Diversions<'d>,
    moves: Moves<'d>,
}

/// Things that lie in other networks than before, by the change that tells of them.
struct Moves<'d> {
    by_subject: BTreeMap<Subject, Vec<&'d Move>>,
    /// By the resources that make the things.
    by_origin: BTreeMap<OriginId, Subject>,
}

impl<'d> Moves<'d> {
    fn new(difference: &'d Difference<'d>) -> Self {
        let mut moves = Self {
            by_subject: BTreeMap::new(),
            by_origin: BTreeMap::new(),
        };
        let (before, after) = (&difference.before.graph, &difference.after.graph);
        // What is only named by others is out of sight once nothing names it, and not gone.
        let is_destroyed = |id: &&NodeId| {
            let was = before.node(id);
            let is_described = was.is_some_and(|node| node.standing == Standing::Described);
            is_described && after.node(difference.current(id)).is_none()
        };
        for one in &difference.moves {
            // A move out of networks that are gone is part of that.
            let gone = one.from.iter().find(is_destroyed);
            let subject = match gone {
                Some(network) => Subject::Boundary(network.clone()),
                None => Subject::Move([one.from.clone(), one.to.clone()]),
            };
            for origin in after
                .node(&one.is)
                .into_iter()
                .flat_map(|node| &node.origins)
            {
                moves.by_origin.insert(*origin, subject.clone());
            }
            moves.by_subject.entry(subject).or_default().push(one);
        }
        moves
    }
}

impl<'d> Sorter<'d> {
    /// Whether a boundary is there on one side only, or is made anew.
    fn comes_or_goes(&self, node: &NodeId) -> bool {
        let described = |graph: &Graph| {
            graph
                .node(node)
                .is_some_and(|node| node.standing == Standing::Described)
        };
        described(&self.difference.before.graph) != described(&self.difference.after.graph)
    }

    fn fact_subject(&self, change: &FactChange<'_>) -> Option<Subject> {
        let fact = change.after.or(change.before)?;
        let node = match change.boundary {
            BoundaryId::Link(link) => return Some(self.link_subject(change, link)),
            BoundaryId::Node(node) => node,
        };
        let current = self.difference.current(node).clone();
        let only_link = fact
            .links
            .first()
            .map(|link| Subject::Link(self.difference.current_link(link)));
        Some(match change.key.0 {
            FactKind::Existence => Subject::Boundary(current),
            FactKind::AddressSpace | FactKind::Property | FactKind::Route
                if self.comes_or_goes(node) =>
            {
                Subject::Boundary(current)
            }
            FactKind::AddressSpace => Subject::Addresses(current),
            FactKind::Property if let Some(hub) = &fact.hub => {
                // That it is attached, or no longer, says it all.
                if fact
                    .links
                    .iter()
                    .all(|link| self.difference.is_one_sided(link))
                {
                    return None;
                }
                let hub = BoundaryId::Node(self.difference.current(hub).clone());
                let (name, _) = change.key.1.split_once(OF_HUB)?;
                Subject::Property(hub, name.to_owned())
            }
            FactKind::Property | FactKind::Protection => {
                Subject::Property(change.boundary.clone(), change.key.1.clone())
            }
            FactKind::Peering | FactKind::Attachment => only_link?,
            FactKind::Beyond => only_link
                .filter(|_| {
                    let first = fact.links.first();
                    first.is_some_and(|link| self.difference.is_one_sided(link))
                })
                .unwrap_or_else(|| {
                    let between = fact.hub.as_ref().unwrap_or(node);
                    Subject::Hub(self.difference.current(between).clone())
                }),
            FactKind::PrivateEndpoint => only_link.unwrap_or(Subject::Offer(current)),
            FactKind::Route => self.route_subject(change, current),
            FactKind::Exposure => Subject::Door(current),
            FactKind::Egress => Subject::Egress(current),
            // What goes along with the thing that it is of adds nothing to that.
            FactKind::Plaintext => self
                .move_of(fact)
                .unwrap_or_else(|| Subject::Plaintext(change.key.1.clone())),
            FactKind::Stated(topic) => only_link
                .filter(|_| {
                    let first = fact.links.first();
                    first.is_some_and(|link| self.difference.is_one_sided(link))
                })
                .unwrap_or_else(|| stated_subject(topic, change)),
            FactKind::Sharing => only_link
                .filter(|_| {
                    fact.links
                        .iter()
                        .any(|link| self.difference.is_one_sided(link))
                })
                .unwrap_or_else(|| Subject::Share(change.key.1.clone())),
        })
    }

    /// The moves that one change tells of.
    fn moves_of(&self, subject: &Subject) -> impl Iterator<Item = &'d Move> {
        self.moves
            .by_subject
            .get(subject)
            .into_iter()
            .flatten()
            .copied()
    }

    /// The change that tells of the move of the thing that a fact is of.
    fn move_of(&self, fact: &Fact) -> Option<Subject> {
        let mut origins = fact.origins.iter();
        origins.find_map(|origin| self.moves.by_origin.get(origin).cloned())
    }

    /// The identity that a boundary has in this graph.
    fn identities_in(&self, graph: &Graph, node: &NodeId) -> Option<NodeId> {
        self.both_identities(node)
            .into_iter()
            .find(|id| graph.node(id).is_some())
    }

    fn link_subject(&self, change: &FactChange<'_>, link: &LinkId) -> Subject {
        let current = self.difference.current_link(link);
        match change.key.0 {
            FactKind::Protection if !self.difference.is_one_sided(link) => {
                Subject::Protection(current)
            }
            FactKind::Property if change.key.1.starts_with(ENCRYPTION) => {
                Subject::Protection(current)
            }
            _ => Subject::Link(current),
        }
    }

    /// A route through a link that comes or goes is part of that; so is one toward a hub whose attachment does.
    fn route_subject(&self, change: &FactChange<'_>, network: NodeId) -> Subject {
        let fact = change.after.or(change.before);
        if let Some(link) = fact.and_then(|fact| fact.links.first())
            && self.difference.is_one_sided(link)
        {
            return Subject::Link(self.difference.current_link(link));
        }
        if let Some(hub) = fact.and_then(|fact| fact.hub.as_ref()) {
            for graph in [&self.difference.after.graph, &self.difference.before.graph] {
                let attachment = self
                    .identities_in(graph, &network)
                    .and_then(|network| graph.link_between(&network, hub))
                    .filter(|link| self.difference.is_one_sided(&link.id));
                if let Some(attachment) = attachment {
                    return Subject::Link(self.difference.current_link(&attachment.id));
                }
            }
        }
        // A route toward a hub that a new link makes worth taking.
        let hub = fact.and_then(|fact| fact.hub.as_ref());
        let takes_hub = |reach: &&&ReachChange| hub.is_some_and(|hub| reach.way.hubs.contains(hub));
        let reach = self.reach_at.get(&network).into_iter().flatten();
        if let Some(reach) = reach.into_iter().find(takes_hub)
            && let subject @ Subject::Link(_) = self.reach_subject(reach)
        {
            return subject;
        }
        let target = change
            .key
            .1
            .split_once(" -> ")
            .map_or("", |(_, target)| target);
        Subject::Routing(network, target.to_owned())
    }

    fn reach_subject(&self, change: &ReachChange) -> Subject {
        let path = std::iter::once(&change.attachment).chain(&change.way.links);
        let graphs = [&self.difference.before.graph, &self.difference.after.graph];
        let is_lent = |link: &LinkId| {
            let mut found = graphs.iter().filter_map(|graph| graph.link(link));
            found.any(|link| link.over.is_some())
        };
        let one_sided: Vec<&LinkId> = path
            .filter(|link| {
                let is_inner = |link| graphs.iter().any(|graph| graph.is_inner(link));
                self.difference.is_one_sided(link) && !is_inner(link)
            })
            .collect();
        // A line that comes or goes brings along what peerings lend of it.
        let own = one_sided.iter().find(|link| !is_lent(link));
        if let Some(link) = own.or(one_sided.first()) {
            return Subject::Link(self.difference.current_link(link));
        }
        let hub = change.way.hubs.last().unwrap_or(&change.from);
        Subject::Hub(self.difference.current(hub).clone())
    }

    fn change(&self, subject: &Subject, group: &Group<'_>, origins: &Origins) -> Change {
        let mut touched: BTreeMap<BoundaryId, BTreeSet<Touch>> = BTreeMap::new();
        let mut effects = Vec::new();
        for change in &group.facts {
            effects.push(change.effect);
            let touch = summary::fact_touch(change);
            if matches!(subject, Subject::Boundary(node) if self.difference.is_made_anew(node)) {
                // That it is another one says it all; that it looks like the old one says nothing.
                let anew = summary::anew_touch();
                touched
                    .entry(change.boundary.clone())
                    .or_default()
                    .insert(anew);
                continue;
            }
            if let (FactKind::Property, BoundaryId::Link(link)) = (change.key.0, change.boundary)
                && !matches!(subject, Subject::Protection(_))
            {
                let on_the_way = summary::link_value_touch(self.difference, link, &touch);
                for user in self
                    .users_of(link)
                    .into_iter()
                    .filter(|user| user.as_str().starts_with("network/"))
                {
                    touched
                        .entry(BoundaryId::Node(user))
                        .or_default()
                        .insert(on_the_way.clone());
                }
            }
            touched
                .entry(change.boundary.clone())
                .or_default()
                .insert(touch);
        }
        effects.extend(
            group
                .reach
                .iter()
                .map(|change| summary::reach_effect(change.gained)),
        );
        for (boundary, touch) in summary::reach_touches(self.difference, &group.reach) {
            touched
                .entry(BoundaryId::Node(boundary))
                .or_default()
                .insert(touch);
        }
        for (link, touch) in self.diversions.of(group) {
            touched
                .entry(BoundaryId::Link(link))
                .or_default()
                .insert(touch);
        }
        for one in self.moves_of(subject) {
            effects.push(Effect::Alters);
            let touch = summary::move_touch(self.difference, one);
            for boundary in [&one.was, &one.is] {
                let boundary = BoundaryId::Node(boundary.clone());
                touched.entry(boundary).or_default().insert(touch.clone());
            }
        }
        let mut category = self.category(subject);
        if let Subject::Boundary(node) = subject {
            if let Some(into) = self.merged_into(node) {
                category = Category::Merge;
                let touch = summary::merge_touch(self.difference, node, &into);
                touched
                    .entry(BoundaryId::Node(into))
                    .or_default()
                    .insert(touch);
            }
            for place in self
                .difference
                .places
                .iter()
                .filter(|place| place.boundary == *node)
            {
                let touch = summary::place_touch(place);
                effects.push(Effect::Alters);
                for boundary in self.both_identities(node) {
                    touched
                        .entry(BoundaryId::Node(boundary))
                        .or_default()
                        .insert(touch.clone());
                }
                if !self.difference.is_made_anew(node) {
                    // Under its old name it lies elsewhere; its peers see no other change of that.
                    for peer in self.peers_of(node) {
                        let touch = summary::peer_moved_touch(self.difference, place);
                        let boundary = BoundaryId::Node(peer);
                        touched.entry(boundary).or_default().insert(touch);
                    }
                }
            }
        }
        if matches!(subject, Subject::Plaintext(_)) && summary::clear_move(group).is_some() {
            category = Category::Migration;
        }
        let effect = match category {
            Category::Merge => Effect::Alters,
            // A value that neither opens nor closes by itself does not blur what the others do.
            _ => effects
                .iter()
                .copied()
                .filter(|effect| *effect != Effect::Alters)
                .reduce(Effect::and)
                .filter(|_| !matches!(category, Category::Migration))
                .unwrap_or(Effect::Alters),
        };
        let boundaries = self.concerned(subject, group, &touched);
        let causes = self.causes(subject, group, origins);
        let mut summary = summary::summarise(
            self.difference,
            subject,
            group,
            category,
            effect,
            &boundaries,
        );
        let mut acting = causes.iter().map(|cause| origins.get(*cause)).peekable();
        if acting.peek().is_some() && acting.all(|origin| origin.is_imported) {
            summary.push_str(" (imported)");
        }
        Change {
            id: String::new(),
            category,
            effect,
            summary,
            causes,
            names: touched
                .keys()
                .map(|boundary| {
                    (
                        boundary.clone(),
                        summary::touched_name(self.difference, boundary),
                    )
                })
                .collect(),
            touched: touched
                .into_iter()
                .map(|(boundary, touches)| (boundary, touches.into_iter().collect()))
                .collect(),
            boundaries,
            passes_name: match subject {
                Subject::Name(name) => Some(name.clone()),
                _ => None,
            },
            informative: matches!(
                subject,
                Subject::Egress(_)
                    | Subject::Stated {
                        topic: Topic::Filter,
                        ..
                    }
            ),
            evidence: evidence(group),
        }
    }

    /// The networks that one is peered with before and after.
    fn peers_of(&self, node: &NodeId) -> BTreeSet<NodeId> {
        let graphs = [&self.difference.before.graph, &self.difference.after.graph];
        let [before, after] = graphs.map(|graph| {
            let peerings = graph.links().filter(|link| link.kind == LinkKind::Peering);
            let ends = peerings.filter_map(|link| graph.ends(&link.id));
            ends.filter(|ends| ends.iter().any(|end| end.id == *node))
                .flatten()
                .filter(|end| end.id != *node)
                .map(|end| end.id.clone())
                .collect::<BTreeSet<_>>()
        });
        &before & &after
    }

    fn both_identities(&self, node: &NodeId) -> Vec<NodeId> {
        let before = self.difference.predecessors(node);
        before.chain([node]).cloned().collect()
    }

    fn category(&self, subject: &Subject) -> Category {
        match subject {
            Subject::Boundary(node) => {
                let moved = self
                    .difference
                    .places
                    .iter()
                    .any(|place| place.boundary == *node);
                let graphs = [&self.difference.after.graph, &self.difference.before.graph];
                let is_hub = graphs
                    .iter()
                    .find_map(|graph| graph.node(node))
                    .is_some_and(|node| node.kind == NodeKind::Hub);
                match (moved, is_hub) {
                    (true, _) => Category::Migration,
                    (false, true) => Category::Transit,
                    (false, false) => Category::Boundary,
                }
            }
            Subject::Link(link) => match link.as_str().split('/').next() {
                Some("peering") => Category::Peering,
                Some("vpn") => Category::Vpn,
                Some("interconnect") => Category::Interconnect,
                Some("private-endpoint") => Category::PrivateEndpoint,
                Some("mesh") => Category::Mesh,
                _ => Category::Transit,
            },
            Subject::Move(_) => Category::Migration,
            Subject::Name(_) => Category::Boundary,
            Subject::Protection(_) | Subject::Plaintext(_) => Category::Encryption,
            Subject::Stated { topic, .. } => match topic {
                Topic::Mesh | Topic::Export => Category::Mesh,
                Topic::Encryption => Category::Encryption,
                Topic::Authentication => Category::Authentication,
                Topic::Exposure | Topic::Filter => Category::Exposure,
            },
            Subject::Hub(_) => Category::Transit,
            Subject::Routing(..) => Category::Routing,
            Subject::Door(_) | Subject::Egress(_) => Category::Exposure,
            Subject::Offer(_) => Category::PrivateEndpoint,
            Subject::Share(_) => Category::Sharing,
            Subject::Addresses(_) => Category::AddressSpace,
            Subject::Property(_, name) if name.starts_with(PLAINTEXT) => Category::Encryption,
            Subject::Property(_, name) if name.starts_with(ADVERTISED) => Category::Routing,
            Subject::Property(BoundaryId::Node(node), name)
                if node.as_str().starts_with("service-perimeter/")
                    || name.starts_with(RESTRICTED) =>
            {
                Category::Exposure
            }
            Subject::Property(BoundaryId::Node(node), _)
                if node.as_str().starts_with("network/") =>
            {
                Category::Encryption
            }
            Subject::Property(..) => Category::Transit,
        }
    }

    /// The network that took in what a destroyed one held.
    fn merged_into(&self, gone: &NodeId) -> Option<NodeId> {
        let (before, after) = (&self.difference.before.graph, &self.difference.after.graph);
        before.node(gone).filter(|_| after.node(gone).is_none())?;
        for subnet in before.nodes().filter(|node| node.kind == NodeKind::Subnet) {
            if !before
                .networks_of(&subnet.id)
                .iter()
                .any(|network| network.id == *gone)
            {
                continue;
            }
            let now = after.nodes().find(|node| {
                node.kind == NodeKind::Subnet && !node.origins.is_disjoint(&subnet.origins)
            });
            let networks = now
                .map(|node| after.networks_of(&node.id))
                .unwrap_or_default();
            let lasting = networks
                .iter()
                .find(|network| before.node(&network.id).is_some());
            if let Some(network) = lasting {
                return Some(network.id.clone());
            }
        }
        None
    }

    fn concerned(
        &self,
        subject: &Subject,
        group: &Group<'_>,
        touched: &BTreeMap<BoundaryId, BTreeSet<Touch>>,
    ) -> Vec<(BoundaryId, String)> {
        let mut boundaries: BTreeSet<BoundaryId> = touched
            .keys()
            .filter_map(|boundary| match boundary {
                BoundaryId::Node(node) => {
                    Some(BoundaryId::Node(self.difference.current(node).clone()))
                }
                BoundaryId::Link(_) => None,
            })
            .collect();
        // What something does is told of that, not of all that it lies in.
        let is_held = |change: &&&FactChange<'_>| {
            let stated = change
                .after
                .or(change.before)
                .and_then(|fact| fact.stated.as_ref());
            stated.is_some_and(|stated| stated.is_held)
        };
        for holder in group.facts.iter().filter(is_held) {
            boundaries.remove(holder.boundary);
        }
        if let Subject::Stated { .. } = subject {
            boundaries = self.outermost(boundaries);
        }
        match subject {
            Subject::Protection(link) => {
                boundaries.insert(BoundaryId::Link(link.clone()));
                boundaries.extend(self.users_of(link).into_iter().map(BoundaryId::Node));
            }
            Subject::Link(link) => {
                boundaries.extend(self.ends_of(link).into_iter().map(BoundaryId::Node))
            }
            Subject::Hub(hub) => {
                boundaries.insert(BoundaryId::Node(hub.clone()));
            }
            Subject::Move(places) => {
                let networks = places.iter().flatten();
                let current = networks.map(|id| self.difference.current(id).clone());
                boundaries.extend(current.map(BoundaryId::Node));
            }
            Subject::Name(name) => {
                let passed = self.difference.passed_names.iter();
                let own = passed.filter(|passed| passed.name == *name);
                let bearers = own.flat_map(|passed| passed.from.iter().chain(&passed.to));
                let current = bearers.map(|id| self.difference.current(id).clone());
                boundaries.extend(current.map(BoundaryId::Node));
            }
            // What goes into another network with what it lay in concerns whoever names it, and bounds nothing.
            Subject::Boundary(_) => {
                let things: BTreeSet<&NodeId> = self
                    .moves_of(subject)
                    .flat_map(|one| [&one.was, &one.is])
                    .collect();
                boundaries.retain(
                    |boundary| !matches!(boundary, BoundaryId::Node(id) if things.contains(id)),
                );
            }
            _ => {}
        }
        let mut named: Vec<(BoundaryId, String)> = boundaries
            .into_iter()
            .filter(
                |boundary| !matches!(boundary, BoundaryId::Node(node) if self.is_unresolved(node)),
            )
            .map(|boundary| {
                let name = summary::name_of(self.difference, &boundary);
                (boundary, name)
            })
            .collect();
        named.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        named
    }

    /// Without the workloads whose namespace is among them: what a person would list.
    fn outermost(&self, boundaries: BTreeSet<BoundaryId>) -> BTreeSet<BoundaryId> {
        let graphs = [&self.difference.after.graph, &self.difference.before.graph];
        let is_told_by_its_namespace = |boundary: &BoundaryId| {
            let BoundaryId::Node(id) = boundary else {
                return false;
            };
            let is_inner = |kind| matches!(kind, NodeKind::Workload);
            graphs.iter().any(|graph| {
                graph.node(id).is_some_and(|node| is_inner(node.kind))
                    && graph.ancestors_of(id).into_iter().any(|outer| {
                        outer.kind == NodeKind::Namespace
                            && boundaries.contains(&BoundaryId::Node(outer.id.clone()))
                    })
            })
        };
        let kept = boundaries
            .iter()
            .filter(|one| !is_told_by_its_namespace(one));
        kept.cloned().collect()
    }

    fn is_unresolved(&self, node: &NodeId) -> bool {
        let graphs = [&self.difference.after.graph, &self.difference.before.graph];
        let found = graphs.iter().find_map(|graph| graph.node(node));
        found.is_some_and(|node| matches!(&node.standing, Standing::Unresolved { candidates, .. } if !candidates.is_empty()))
    }

    fn ends_of(&self, link: &LinkId) -> Vec<NodeId> {
        let graphs = [&self.difference.after.graph, &self.difference.before.graph];
        let ends = graphs.iter().find_map(|graph| graph.ends(link));
        ends.map(|ends| {
            ends.map(|node| self.difference.current(&node.id).clone())
                .to_vec()
        })
        .unwrap_or_default()
    }

    /// The ends of a link, and the networks whose paths through hubs take it; where none does, those behind its ends.
    fn users_of(&self, link: &LinkId) -> BTreeSet<NodeId> {
        let after = self.difference.after;
        let mut users: BTreeSet<NodeId> = self.ends_of(link).into_iter().collect();
        let mut has_paths = false;
        for departure in &after.perimeters.departures {
            let from_inside = departure.from.as_str().starts_with("network/");
            for (end, way) in &departure.reach.ends {
                if departure.attachment == *link || way.links.contains(link) {
                    has_paths = true;
                    users.extend(from_inside.then(|| departure.from.clone()));
                    users.extend(end.as_str().starts_with("network/").then(|| end.clone()));
                }
            }
        }
        if !has_paths {
            users.extend(after.graph.networks_behind(link).into_iter().cloned());
        }
        users
    }

    /// The lookups that find the ends of what differs: where no resource changes, they find something else than before.
    fn lookups(&self, subject: &Subject, group: &Group<'_>, origins: &Origins) -> Vec<OriginId> {
        let graphs = [&self.difference.before.graph, &self.difference.after.graph];
        let mut ends: BTreeSet<NodeId> = BTreeSet::new();
        if let Subject::Link(link) = subject {
            for graph in graphs {
                let found = graph.ends(&self.difference.known_link(link));
                ends.extend(found.into_iter().flatten().map(|node| node.id.clone()));
            }
        }
        for change in &group.facts {
            let facts = [change.before, change.after].into_iter().flatten();
            for fact in facts {
                ends.extend(fact.concerns.iter().cloned());
                for link in &fact.links {
                    for graph in graphs {
                        let found = graph.ends(link).into_iter().flatten();
                        ends.extend(found.map(|node| node.id.clone()));
                    }
                }
            }
        }
        let nodes = ends
            .iter()
            .flat_map(|id| graphs.into_iter().filter_map(|graph| graph.node(id)));
        let found = nodes.flat_map(|node| node.origins.iter().copied());
        let read: BTreeSet<OriginId> = found
            .filter(|id| origins.get(*id).action == Action::Read)
            .collect();
        let mut read: Vec<OriginId> = read.into_iter().collect();
        read.sort_by(|a, b| origins.get(*a).address.cmp(&origins.get(*b).address));
        read
    }

    /// The changed resources that differing facts follow from; where none of those changes itself, the ones that can alter
    /// the tables in between, and where none of these does, the lookups that find something else.
    fn causes(&self, subject: &Subject, group: &Group<'_>, origins: &Origins) -> Vec<OriginId> {
        let (before, after) = (&self.difference.before.graph, &self.difference.after.graph);
        let mut direct: BTreeSet<OriginId> = BTreeSet::new();
        let mut indirect: BTreeSet<OriginId> = BTreeSet::new();
        for change in &group.facts {
            direct.extend(
                [change.before, change.after]
                    .into_iter()
                    .flatten()
                    .chain(change.instead)
                    .flat_map(|fact| fact.origins.iter().copied()),
            );
            for carrier in &change.carriers {
                indirect.extend(before.association_origins(carrier));
                indirect.extend(after.association_origins(carrier));
            }
        }
        for change in &group.reach {
            let graph = if change.gained { after } else { before };
            let path = std::iter::once(&change.attachment).chain(&change.way.links);
            direct.extend(
                path.filter_map(|link| graph.link(link))
                    .flat_map(|link| link.origins.iter().copied()),
            );
            direct.extend(&change.way.origins);
            indirect.extend(before.association_origins_of_link(&change.attachment));
            indirect.extend(after.association_origins_of_link(&change.attachment));
            for table in &change.way.tables {
                indirect.extend(before.table_origins(table));
                indirect.extend(after.table_origins(table));
            }
        }
        direct.extend(self.moves_of(subject).flat_map(|one| &one.origins));
        if let Subject::Name(name) = subject {
            let passed = self.difference.passed_names.iter();
            let own = passed.filter(|passed| passed.name == *name);
            let bearers = own.flat_map(|passed| passed.from.iter().chain(&passed.to));
            let nodes = bearers.flat_map(|id| [before.node(id), after.node(id)]);
            direct.extend(
                nodes
                    .flatten()
                    .flat_map(|node| node.origins.iter().copied()),
            );
        }
        if let Subject::Boundary(node) = subject {
            // Its routes come and go with it; what brings it about is what describes it.
            let graphs = [before, after];
            let identities = self.both_identities(node);
            let described = identities
                .iter()
                .flat_map(|id| graphs.iter().filter_map(|graph| graph.node(id)));
            direct = described
                .flat_map(|node| node.origins.iter().copied())
                .collect();
            let moves = self.difference.places.iter();
            let own = moves.filter(|place| place.boundary == *node);
            direct.extend(own.flat_map(|place| place.origins.iter().copied()));
        }
        let changing = |ids: BTreeSet<OriginId>| -> Vec<OriginId> {
            let mut ids: Vec<_> = ids
                .into_iter()
                .filter(|id| origins.get(*id).action.changes())
                .collect();
            ids.sort_by(|a, b| origins.get(*a).address.cmp(&origins.get(*b).address));
            ids
        };
        let direct = changing(direct);
        if !direct.is_empty() {
            return direct;
        }
        let indirect = changing(indirect);
        if indirect.is_empty() {
            self.lookups(subject, group, origins)
        } else {
            indirect
        }
    }
}
