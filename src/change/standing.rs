//! What of the perimeter after a change a justification was made against: everything in it that another comparison could tell
//! as a change, and no word, place in a file, or order.
//!
//! It mirrors `diff` and `group`: whatever touches a boundary there has to show here. What those two pass over (a new
//! subnet, a data source that is merely read, an exception that says what holds anyway) must not show. Where that cannot be
//! told from one side alone, it shows: a receipt made in vain is better than one that covers too much.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ipnet::IpNet;

use crate::graph::fragment::Topic;
use crate::graph::link::LinkKind;
use crate::graph::node::{Node, NodeKind, Place, is_placed_thing};
use crate::graph::origin::Origins;
use crate::graph::perimeter::{Fact, FactKey, FactKind};
use crate::graph::prefixes::Addresses;
use crate::graph::reach::{Departure, Extent, ReachSet};
use crate::graph::{BoundaryId, LinkId, NodeId};

use super::diff::{Difference, comes_or_goes, is_only_seen, more_general};
use super::group::Change;
use super::kind::{Category, ENCRYPTION};

/// One side of what holds around a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// That it is there.
    Existence,
    /// Its prefixes.
    AddressSpace,
    /// Values of its own.
    Property,
    /// Whom it is peered with.
    Peering,
    /// What it is attached to.
    Attachment,
    /// Its routes, and the subnets they hold for.
    Route,
    /// How the internet gets in.
    Exposure,
    /// How it gets out to the internet.
    Egress,
    /// Services made reachable.
    PrivateEndpoint,
    /// Who else may use it.
    Sharing,
    /// What peerings open beyond their far ends.
    Beyond,
    /// How a link protects its traffic.
    Protection,
    /// What is in the clear.
    Plaintext,
    /// What a mesh joins.
    Mesh,
    /// Encryption in effect.
    Encryption,
    /// Authentication in effect.
    Authentication,
    /// What packet filters let through.
    Filter,
    /// What it reaches through hubs, and what reaches it.
    Reach,
    /// Values of the links on its paths.
    Path,
    /// Where it and its peers lie.
    Place,
    /// What it takes in of networks that go.
    Merge,
}

impl Aspect {
    /// Every aspect, in order.
    pub const ALL: [Self; 21] = [
        Self::Existence,
        Self::AddressSpace,
        Self::Property,
        Self::Peering,
        Self::Attachment,
        Self::Route,
        Self::Exposure,
        Self::Egress,
        Self::PrivateEndpoint,
        Self::Sharing,
        Self::Beyond,
        Self::Protection,
        Self::Plaintext,
        Self::Mesh,
        Self::Encryption,
        Self::Authentication,
        Self::Filter,
        Self::Reach,
        Self::Path,
        Self::Place,
        Self::Merge,
    ];

    /// The word in ledgers and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Existence => "existence",
            Self::AddressSpace => "address_space",
            Self::Property => "property",
            Self::Peering => "peering",
            Self::Attachment => "attachment",
            Self::Route => "route",
            Self::Exposure => "exposure",
            Self::Egress => "egress",
            Self::PrivateEndpoint => "private_endpoint",
            Self::Sharing => "sharing",
            Self::Beyond => "beyond",
            Self::Protection => "protection",
            Self::Plaintext => "plaintext",
            Self::Mesh => "mesh",
            Self::Encryption => "encryption",
            Self::Authentication => "authentication",
            Self::Filter => "filter",
            Self::Reach => "reach",
            Self::Path => "path",
            Self::Place => "place",
            Self::Merge => "merge",
        }
    }

    /// The words for a person, to stand before "of prod".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Existence => "the existence",
            Self::AddressSpace => "the address space",
            Self::Property => "the settings",
            Self::Peering => "the peerings",
            Self::Attachment => "the attachments to hubs",
            Self::Route => "the routes",
            Self::Exposure => "the exposure",
            Self::Egress => "the ways out to the internet",
            Self::PrivateEndpoint => "the private endpoints",
            Self::Sharing => "the shares",
            Self::Beyond => "what lies beyond the peerings",
            Self::Protection => "the protection in transit",
            Self::Plaintext => "what is in the clear in the perimeter",
            Self::Mesh => "what the mesh joins in the perimeter",
            Self::Encryption => "the encryption in effect",
            Self::Authentication => "the authentication in effect",
            Self::Filter => "the packet filters",
            Self::Reach => "the reach",
            Self::Path => "the links on the paths",
            Self::Place => "the place, or that of the peers,",
            Self::Merge => "the networks merged into the perimeter",
        }
    }

    fn of(kind: FactKind) -> Self {
        match kind {
            FactKind::Existence => Self::Existence,
            FactKind::AddressSpace => Self::AddressSpace,
            FactKind::Property => Self::Property,
            FactKind::Peering => Self::Peering,
            FactKind::Attachment => Self::Attachment,
            FactKind::Route => Self::Route,
            FactKind::Exposure | FactKind::Stated(Topic::Exposure) => Self::Exposure,
            FactKind::Egress => Self::Egress,
            FactKind::PrivateEndpoint => Self::PrivateEndpoint,
            FactKind::Sharing => Self::Sharing,
            FactKind::Beyond => Self::Beyond,
            FactKind::Protection => Self::Protection,
            FactKind::Plaintext => Self::Plaintext,
            FactKind::Stated(Topic::Mesh | Topic::Export) => Self::Mesh,
            FactKind::Stated(Topic::Encryption) => Self::Encryption,
            FactKind::Stated(Topic::Authentication) => Self::Authentication,
            FactKind::Stated(Topic::Filter) => Self::Filter,
        }
    }

    /// Whether differences of this sort are reported, and invalidate only where the settings ask for it.
    #[must_use]
    pub fn is_told_only(self) -> bool {
        matches!(self, Self::Egress | Self::Filter)
    }
}

/// From where a boundary is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    /// By what stays inside it, or crosses it: all that touches it.
    Own,
    /// By what lies in a boundary that lies in it: what passes down.
    FromInside,
}

/// One thing that holds, as texts whose order means something.
pub type Line = Vec<String>;

/// What holds around a boundary, by aspect; an aspect of which nothing holds is absent.
pub type Around = BTreeMap<Aspect, BTreeSet<Line>>;

/// The perimeter after a change, ready to be asked for what counts in it.
#[derive(Debug)]
pub struct Standing<'d> {
    difference: &'d Difference<'d>,
    origins: &'d Origins,
    merges: Vec<&'d Change>,
    departures: BTreeMap<&'d NodeId, Vec<&'d Departure>>,
    /// Attachments that share what they reach, so that it is looked through once.
    arrivals: Vec<(&'d Arc<ReachSet>, Vec<&'d Departure>)>,
    peers: BTreeMap<&'d NodeId, BTreeSet<&'d NodeId>>,
    /// Links with values that concern whoever uses them.
    valued: BTreeMap<&'d LinkId, BTreeSet<Line>>,
    /// The networks behind those of them that no path takes.
    idle: BTreeMap<&'d LinkId, BTreeSet<&'d NodeId>>,
}

impl<'d> Standing<'d> {
    /// Look at the later of two snapshots.
    #[must_use]
    pub fn new(
        difference: &'d Difference<'d>,
        changes: &'d [Change],
        origins: &'d Origins,
    ) -> Self {
        let after = difference.after;
        let mut departures: BTreeMap<&NodeId, Vec<&Departure>> = BTreeMap::new();
        let mut arrivals: Vec<(&Arc<ReachSet>, Vec<&Departure>)> = Vec::new();
        let mut positions = BTreeMap::new();
        for departure in &after.perimeters.departures {
            departures
                .entry(&departure.from)
                .or_default()
                .push(departure);
            let position = *positions
                .entry(Arc::as_ptr(&departure.reach))
                .or_insert_with(|| {
                    arrivals.push((&departure.reach, Vec::new()));
                    arrivals.len() - 1
                });
            arrivals[position].1.push(departure);
        }
        let mut peers: BTreeMap<&NodeId, BTreeSet<&NodeId>> = BTreeMap::new();
        let peerings = after
            .graph
            .links()
            .filter(|link| link.kind == LinkKind::Peering);
        for [first, second] in peerings.filter_map(|link| after.graph.ends(&link.id)) {
            peers.entry(&first.id).or_default().insert(&second.id);
            peers.entry(&second.id).or_default().insert(&first.id);
        }
        let mut standing = Self {
            difference,
            origins,
            merges: changes
                .iter()
                .filter(|change| change.category == Category::Merge)
                .collect(),
            departures,
            arrivals,
            peers,
            valued: BTreeMap::new(),
            idle: BTreeMap::new(),
        };
        for (boundary, facts) in &after.perimeters.facts {
            let BoundaryId::Link(link) = boundary else {
                continue;
            };
            let is_value =
                |key: &FactKey| key.0 == FactKind::Property && !key.1.starts_with(ENCRYPTION);
            let values = facts.iter().filter(|(key, _)| is_value(key));
            let lines: BTreeSet<Line> = values
                .filter_map(|(key, fact)| standing.line(boundary, key, fact, facts))
                .collect();
            if !lines.is_empty() {
                standing.valued.insert(link, lines);
            }
        }
        if !standing.valued.is_empty() {
            let departures = standing.departures.values().flatten();
            let mut used: BTreeSet<&LinkId> = departures.map(|one| &one.attachment).collect();
            let ways = standing
                .arrivals
                .iter()
                .flat_map(|(reach, _)| reach.ends.values());
            used.extend(ways.flat_map(|way| &way.links));
            let idle = standing.valued.keys().filter(|link| !used.contains(*link));
            standing.idle = idle
                .map(|link| (*link, after.graph.networks_behind(link)))
                .collect();
        }
        standing
    }

    /// What holds around a boundary.
    #[must_use]
    pub fn around(&self, boundary: &BoundaryId, view: View) -> Around {
        let mut around = Around::new();
        let facts = self.difference.after.perimeters.facts.get(boundary);
        for (key, fact) in facts.into_iter().flatten() {
            if (view == View::Own || fact.passes_down(key.0))
                && let Some(line) = facts.and_then(|facts| self.line(boundary, key, fact, facts))
            {
                around.entry(Aspect::of(key.0)).or_default().insert(line);
            }
        }
        if let BoundaryId::Node(node) = boundary {
            if node.as_str().starts_with(NodeKind::Network.slug()) {
                around.insert(Aspect::Reach, self.reach(node));
                around.insert(Aspect::Path, self.path(node));
                around.insert(Aspect::Place, self.places(node));
            }
            if view == View::Own && self.is_placed_thing(node) {
                around.insert(Aspect::Place, self.lies_in(node));
            }
            around.insert(Aspect::Merge, self.merged(node));
        }
        if let BoundaryId::Link(link) = boundary {
            around.insert(Aspect::Path, self.users(link));
        }
        around.retain(|_, lines| !lines.is_empty());
        around
    }

    fn is_placed_thing(&self, node: &NodeId) -> bool {
        let node = self.difference.after.graph.node(node);
        node.is_some_and(is_placed_thing)
    }

    /// What a thing inside networks lies in.
    fn lies_in(&self, thing: &NodeId) -> BTreeSet<Line> {
        let places = self.difference.after.graph.places_of(thing);
        let line = |place: &Node| vec!["in".to_owned(), place.id.to_string()];
        places.into_iter().map(line).collect()
    }

    /// Where those who may use a link send their traffic: any of it may take another way one day.
    fn users(&self, link: &LinkId) -> BTreeSet<Line> {
        let after = self.difference.after;
        let ends = after.graph.ends(link).into_iter().flatten();
        let ends: BTreeSet<&NodeId> = ends.map(|node| &node.id).collect();
        let takes = |departure: &&Departure| {
            let mut ways = departure.reach.ends.values();
            departure.attachment == *link || ways.any(|way| way.links.contains(link))
        };
        let departures: Vec<&Departure> =
            after.perimeters.departures.iter().filter(takes).collect();
        let mut lines: BTreeSet<Line> = BTreeSet::new();
        let mut users = ends;
        for departure in departures {
            users.insert(&departure.from);
            lines.insert(vec![
                departure.from.to_string(),
                departure.attachment.to_string(),
                format!("{:x}", departure.reach.digest),
            ]);
        }
        for user in users {
            let boundary = BoundaryId::Node(user.clone());
            let facts = after.perimeters.facts.get(&boundary);
            for (key, fact) in facts.into_iter().flatten() {
                if key.0 == FactKind::Route
                    && let Some(line) =
                        facts.and_then(|facts| self.line(&boundary, key, fact, facts))
                {
                    lines.insert(with(user.as_str(), line));
                }
            }
        }
        lines
    }

    /// Everything that holds anywhere: what a claim rests on of which nobody can tell what it rests on.
    #[must_use]
    pub fn everywhere(&self) -> Around {
        let mut all = Around::new();
        let after = self.difference.after;
        for (boundary, facts) in &after.perimeters.facts {
            for (key, fact) in facts {
                if let Some(line) = self.line(boundary, key, fact, facts) {
                    all.entry(Aspect::of(key.0))
                        .or_default()
                        .insert(with(boundary.as_str(), line));
                }
            }
        }
        for node in after
            .graph
            .nodes()
            .filter(|node| node.kind == NodeKind::Network)
        {
            for line in self.places(&node.id) {
                all.entry(Aspect::Place)
                    .or_default()
                    .insert(with(node.id.as_str(), line));
            }
            for line in self.merged(&node.id) {
                all.entry(Aspect::Merge)
                    .or_default()
                    .insert(with(node.id.as_str(), line));
            }
        }
        // One line for what attachments reach together: one for each pair would be too many.
        for (reach, departures) in &self.arrivals {
            let ends = reach.ends.iter().map(|(end, way)| {
                let addresses = extent_line(&after.graph.extent(end, way.addresses.as_deref()));
                format!("{end} {addresses}")
            });
            let from: BTreeSet<&str> = departures.iter().map(|one| one.from.as_str()).collect();
            let line = from
                .into_iter()
                .map(str::to_owned)
                .chain(["->".to_owned()])
                .chain(ends);
            all.entry(Aspect::Reach).or_default().insert(line.collect());
        }
        all
    }

    /// A fact as a line. `None`: it adds nothing to the others.
    fn line(
        &self,
        boundary: &BoundaryId,
        key: &FactKey,
        fact: &Fact,
        facts: &BTreeMap<FactKey, Fact>,
    ) -> Option<Line> {
        let (before, after) = (self.difference.before, self.difference.after);
        let is_own = matches!(
            key.0,
            FactKind::Existence | FactKind::AddressSpace | FactKind::Property
        );
        if is_own && is_only_seen(boundary, before, after, self.origins) {
            return None;
        }
        if key.0 == FactKind::Plaintext && comes_or_goes(fact, self.origins) {
            return None;
        }
        let lasts =
            |one: &&NodeId| before.graph.node(one).is_some() && after.graph.node(one).is_some();
        let carriers: Vec<&NodeId> = fact.carriers.iter().filter(lasts).collect();
        if let Some(stated) = &fact.stated {
            let general = more_general(key, fact, Some(facts));
            let general = general.and_then(|general| Some((general, general.stated.as_ref()?)));
            if let Some((_, others)) = general.filter(|(one, _)| one.value == fact.value) {
                // Of facts that stand for each other any says what all say.
                let is_mutual = others.exception_to.contains(&key.1);
                return is_mutual.then(|| vec![stated.matter.clone(), fact.value.clone()]);
            }
            let was_stated = before
                .perimeters
                .facts
                .get(boundary)
                .is_some_and(|facts| facts.contains_key(key));
            if !fact.carriers.is_empty() && carriers.is_empty() && !was_stated {
                return None;
            }
        }
        // Of a stated fact the carrier only tells whether it is there.
        let carriers = carriers
            .iter()
            .filter(|_| fact.stated.is_none())
            .map(ToString::to_string);
        let what = [key.1.clone(), fact.value.clone()];
        Some(what.into_iter().chain(carriers).collect())
    }

    /// What a network reaches through hubs, and what reaches it.
    fn reach(&self, network: &NodeId) -> BTreeSet<Line> {
        type Ranges<'r> = BTreeMap<(&'static str, &'r NodeId, &'r NodeId), Addresses>;
        let mut ranges = Ranges::new();
        let mut add = |key, addresses: &Addresses| {
            let known = ranges.entry(key).or_insert_with(|| Some(Vec::new()));
            match (known.as_mut(), addresses) {
                (Some(known), Some(more)) => known.extend(more),
                _ => *known = None,
            }
        };
        for departure in self.departures.get(network).into_iter().flatten() {
            let ends = departure.reach.ends.iter();
            for (end, way) in ends.filter(|(end, _)| *end != network) {
                add(("reaches", end, end), &way.addresses);
            }
        }
        for (reach, departures) in &self.arrivals {
            if let Some((end, way)) = reach.ends.get_key_value(network) {
                for departure in departures.iter().filter(|one| one.from != *network) {
                    add(("is reached from", &departure.from, end), &way.addresses);
                }
            }
        }
        let graph = &self.difference.after.graph;
        let line = |((verb, far, end), addresses): ((&str, &NodeId, &NodeId), Addresses)| {
            let extent = graph.extent(end, addresses.as_deref());
            vec![verb.to_owned(), far.to_string(), extent_line(&extent)]
        };
        ranges.into_iter().map(line).collect()
    }

    /// The values of links that a network is an end of, or takes on its way through hubs.
    fn path(&self, network: &NodeId) -> BTreeSet<Line> {
        let mut lines = BTreeSet::new();
        if self.valued.is_empty() {
            return lines;
        }
        let mut used: BTreeSet<&LinkId> = BTreeSet::new();
        for departure in self.departures.get(network).into_iter().flatten() {
            used.insert(&departure.attachment);
            used.extend(departure.reach.ends.values().flat_map(|way| &way.links));
        }
        for (reach, departures) in &self.arrivals {
            if let Some(way) = reach.ends.get(network) {
                used.extend(&way.links);
                used.extend(departures.iter().map(|one| &one.attachment));
            }
        }
        for (link, values) in &self.valued {
            let ends = self.difference.after.graph.ends(link);
            let is_end = ends.is_some_and(|ends| ends.iter().any(|end| end.id == *network));
            let is_behind = self
                .idle
                .get(link)
                .is_some_and(|behind| behind.contains(network));
            if is_end || is_behind || used.contains(link) {
                lines.extend(values.iter().map(|line| with(link.as_str(), line.clone())));
            }
        }
        lines
    }

    /// Where a network and its peers lie, and which of its subnets move to another region.
    fn places(&self, network: &NodeId) -> BTreeSet<Line> {
        let graph = &self.difference.after.graph;
        let peers = self.peers.get(network).into_iter().flatten().copied();
        let around = std::iter::once(network).chain(peers);
        let told = |place: &Place| place.region.is_some() || place.account.is_some();
        let lies = around.filter_map(|id| Some((id, &graph.node(id)?.place)));
        let mut lines: BTreeSet<Line> = lies
            .filter(|(_, place)| told(place))
            .map(|(id, place)| place_line(id.as_str(), place))
            .collect();
        let moved = self
            .difference
            .places
            .iter()
            .filter(|one| one.boundary == *network);
        lines.extend(moved.filter_map(|one| Some(place_line(one.part.as_ref()?, &one.after))));
        lines
    }

    fn merged(&self, node: &NodeId) -> BTreeSet<Line> {
        let boundary = BoundaryId::Node(node.clone());
        let merges = self
            .merges
            .iter()
            .filter(|change| change.touched.contains_key(&boundary));
        let line = |change: &&Change| {
            let mut line: Line = change
                .boundaries
                .iter()
                .map(|(one, _)| one.to_string())
                .collect();
            line.sort();
            line
        };
        merges.map(line).collect()
    }
}

fn place_line(what: &str, place: &Place) -> Line {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    vec![what.to_owned(), text(&place.region), text(&place.account)]
}

fn with(whose: &str, mut line: Line) -> Line {
    line.insert(0, whose.to_owned());
    line
}

/// What of a far end is reached, as a part of a line. Empty: a network's own addresses.
fn extent_line(extent: &Extent) -> String {
    let listed = |ranges: &[IpNet]| {
        let texts: Vec<String> = ranges.iter().map(ToString::to_string).collect();
        texts.join(" ")
    };
    let others = extent.others.as_deref().unwrap_or_default();
    if !extent.own || extent.is_just_own() {
        return listed(others);
    }
    format!(
        "own but {} and {}",
        listed(&extent.withheld),
        listed(others)
    )
}
