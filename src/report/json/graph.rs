//! `perimeter.graph/1`: everything that was understood of the network. Described by `schemas/graph-1.schema.json`.
//!
//! As with a verdict: fields may be added; none is renamed, removed, or given another meaning.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::carveout::site::CarveOut;
use crate::change::diff::Snapshot;
use crate::graph::BoundaryId;
use crate::graph::fragment;
use crate::graph::link;
use crate::graph::node::{Forwards, NodeKind, Opens, Property, SetProperty, Standing};
use crate::graph::origin::{OriginId, Origins};
use crate::graph::reach::ReachSet;
use crate::picture::view::{Joint, Part, View};
use crate::picture::{Knowledge, Pin};
use crate::report::text::escape_json;
use crate::verdict::Status;

use super::v1::{Cause, DocumentedFact, Notice};

/// The name of this version, first field of every document.
pub const SCHEMA: &str = "perimeter.graph/1";

/// What there is to tell.
#[derive(Debug)]
pub struct Document<'a> {
    /// The parts and links.
    pub view: &'a View<'a>,
    /// Before and after; the same one twice, where there is one only.
    pub snapshots: [&'a Snapshot; 2],
    /// Every carve-out.
    pub carve_outs: &'a [Resting<'a>],
    /// How much is shown: `whole`, `surroundings` or `change`.
    pub shows: &'static str,
    /// The resources that everything comes from.
    pub origins: &'a Origins,
    /// What was not understood.
    pub notices: &'a [fragment::Notice],
    /// What was read, in words.
    pub inputs: &'a [String],
}

/// A carve-out, and what a change means for it, if there is one.
#[derive(Debug)]
pub struct Resting<'a> {
    /// The carve-out.
    pub carve_out: &'a CarveOut,
    /// What it comes to.
    pub status: Option<Status>,
}

/// The graph as JSON, with a line break at the end.
#[must_use]
pub fn render(document: &Document<'_>) -> String {
    let view = document.view;
    let wire = Wire {
        schema: SCHEMA,
        shows: document.shows,
        nodes: view.parts.iter().map(|part| document.node(part)).collect(),
        links: view
            .joints
            .iter()
            .map(|joint| document.link(joint))
            .collect(),
        reach: document.reach(),
        carve_outs: document.carve_outs.iter().map(WireCarveOut::of).collect(),
        notices: document.notices.iter().map(Notice::of).collect(),
        inputs: document.inputs,
    };
    // Nothing here can fail to serialise: every key is text, and nothing but memory is written to.
    let json = serde_json::to_string_pretty(&wire).unwrap_or_default();
    let mut safe = escape_json(&json);
    safe.push('\n');
    safe
}

#[derive(Serialize)]
struct Wire<'a> {
    schema: &'static str,
    shows: &'static str,
    nodes: Vec<Node<'a>>,
    links: Vec<Link<'a>>,
    reach: Vec<Reach<'a>>,
    carve_outs: Vec<WireCarveOut<'a>>,
    notices: Vec<Notice<'a>>,
    inputs: &'a [String],
}

#[derive(Serialize)]
struct Node<'a> {
    id: &'a str,
    kind: &'static str,
    role: &'a str,
    name: String,
    change: &'static str,
    known: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    may_be: Vec<&'a str>,
    within: Vec<&'a str>,
    keys: Vec<&'a str>,
    labels: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    addresses: Vec<String>,
    addresses_partly_unknown: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    forwards: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<&'static str>,
    properties: BTreeMap<&'a str, Option<&'a str>>,
    facts: Vec<Fact<'a>>,
    carve_outs: Vec<&'a str>,
    links_elsewhere: usize,
    sources: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct Link<'a> {
    id: &'a str,
    kind: &'static str,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    ends: [&'a str; 2],
    change: &'static str,
    state: &'static str,
    direction: &'static str,
    protection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<DocumentedFact<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Earlier<'a>>,
    keys: Vec<&'a str>,
    properties: BTreeMap<&'a str, Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    over: Option<&'a str>,
    facts: Vec<Fact<'a>>,
    carve_outs: Vec<&'a str>,
    sources: Vec<Cause<'a>>,
}

/// A link that stays, as it was.
#[derive(Serialize)]
struct Earlier<'a> {
    state: &'static str,
    protection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<DocumentedFact<'a>>,
}

#[derive(Serialize)]
struct Fact<'a> {
    words: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<DocumentedFact<'a>>,
    sources: Vec<Cause<'a>>,
}

/// What some parts reach through one hub: all of the first reach all of the second, but for themselves.
#[derive(Serialize)]
struct Reach<'a> {
    hub: &'a str,
    from: Vec<&'a str>,
    to: Vec<&'a str>,
}

#[derive(Serialize)]
struct WireCarveOut<'a> {
    id: &'a str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    end_line: usize,
    guarantee: &'a str,
    justification: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    scope: &'static str,
    rests_on: Vec<&'a str>,
    owners: &'a [String],
}

impl<'a> Document<'a> {
    fn node(&'a self, part: &'a Part<'_>) -> Node<'a> {
        let node = part.node;
        let (known, why, may_be) = match &node.standing {
            Standing::Described => (Knowledge::Described, None, Vec::new()),
            Standing::Foreign => (Knowledge::Foreign, None, Vec::new()),
            Standing::Unresolved { why, candidates } => (
                Knowledge::Unresolved,
                Some(why.as_str()),
                candidates.iter().map(|id| id.as_str()).collect(),
            ),
        };
        let space = &node.address_space;
        Node {
            id: node.id.as_str(),
            kind: node.kind.slug(),
            role: &node.role,
            name: node.display_name(),
            change: part.fate.word(),
            known: known.word(),
            why,
            may_be,
            within: part
                .within
                .iter()
                .map(|&index| self.view.parts[index].node.id.as_str())
                .collect(),
            keys: node.keys.iter().map(|key| key.as_str()).collect(),
            labels: node.labels.iter().map(String::as_str).collect(),
            region: node.place.region.as_deref(),
            account: node.place.account.as_deref(),
            addresses: space.prefixes.iter().map(ToString::to_string).collect(),
            addresses_partly_unknown: space.partly_unknown || !space.untold.is_empty(),
            forwards: (node.kind == NodeKind::Hub).then_some(match node.forwards {
                Forwards::Nowhere => "nowhere",
                Forwards::Everywhere => "everywhere",
                Forwards::ByTables => "by_tables",
                Forwards::BetweenOutsideAndInside => "between_outside_and_inside",
            }),
            opens: node.opens.map(|opens| match opens {
                Opens::BothWays => "both_ways",
                Opens::Egress => "egress",
            }),
            properties: properties(&node.properties),
            facts: self.facts(&BoundaryId::Node(node.id.clone())),
            carve_outs: pins(&part.pins),
            links_elsewhere: part.more_links,
            sources: self.sources(&node.origins),
        }
    }

    fn link(&'a self, joint: &'a Joint<'_>) -> Link<'a> {
        let link: &link::Link = joint.link;
        let before = joint.before.filter(|before| {
            before.in_transit.protection != link.in_transit.protection || before.state != link.state
        });
        Link {
            id: link.id.as_str(),
            kind: link.kind.slug(),
            role: &link.role,
            name: link.name.as_deref(),
            ends: joint
                .ends
                .map(|index| self.view.parts[index].node.id.as_str()),
            change: joint.fate.word(),
            state: link.state.word(),
            direction: joint.direction.word(),
            protection: link.in_transit.protection.word(),
            fact: link.in_transit.evidence.as_ref().map(DocumentedFact::of),
            before: before.map(|before| Earlier {
                state: before.state.word(),
                protection: before.in_transit.protection.word(),
                fact: before.in_transit.evidence.as_ref().map(DocumentedFact::of),
            }),
            keys: link.keys.iter().map(|key| key.as_str()).collect(),
            properties: properties(&link.properties),
            carrier: link.carrier.as_ref().map(|id| id.as_str()),
            over: link.over.as_ref().map(|id| id.as_str()),
            facts: self.facts(&BoundaryId::Link(link.id.clone())),
            carve_outs: pins(&joint.pins),
            sources: self.sources(&(&link.origins | &link.protection_origins)),
        }
    }

    /// What holds of a boundary: after, or before where it is gone.
    fn facts(&'a self, boundary: &BoundaryId) -> Vec<Fact<'a>> {
        let [before, after] = self.snapshots.map(|one| one.perimeters.facts.get(boundary));
        let facts = after.or(before).into_iter().flatten();
        facts
            .filter(|(_, fact)| !fact.words.is_empty())
            .map(|(_, fact)| Fact {
                words: &fact.words,
                fact: fact.evidence.as_ref().map(DocumentedFact::of),
                sources: self.sources(&fact.origins),
            })
            .collect()
    }

    /// Who reaches whom through hubs, after; parts that reach the same stand together.
    fn reach(&'a self) -> Vec<Reach<'a>> {
        let shown: BTreeSet<&str> = self
            .view
            .parts
            .iter()
            .map(|part| part.node.id.as_str())
            .collect();
        let mut classes: Vec<(&'a str, &'a Arc<ReachSet>, BTreeSet<&'a str>)> = Vec::new();
        let mut position: BTreeMap<(&str, *const ReachSet), usize> = BTreeMap::new();
        for departure in &self.snapshots[1].perimeters.departures {
            let (hub, from) = (departure.hub.as_str(), departure.from.as_str());
            if !shown.contains(from) {
                continue;
            }
            let key = (hub, Arc::as_ptr(&departure.reach));
            let index = *position.entry(key).or_insert_with(|| {
                classes.push((hub, &departure.reach, BTreeSet::new()));
                classes.len() - 1
            });
            classes[index].2.insert(from);
        }
        let reach = |(hub, set, from): (&'a str, &'a Arc<ReachSet>, BTreeSet<&'a str>)| Reach {
            hub,
            from: from.into_iter().collect(),
            to: set
                .ends
                .keys()
                .map(|id| id.as_str())
                .filter(|id| shown.contains(id))
                .collect(),
        };
        classes.into_iter().map(reach).collect()
    }

    fn sources(&'a self, origins: &BTreeSet<OriginId>) -> Vec<Cause<'a>> {
        origins
            .iter()
            .map(|id| Cause::of(self.origins.get(*id)))
            .collect()
    }
}

fn properties(properties: &BTreeMap<String, SetProperty>) -> BTreeMap<&str, Option<&str>> {
    let properties = properties.iter();
    properties
        .map(|(name, set)| (name.as_str(), Property::known(&set.value)))
        .collect()
}

fn pins(pins: &[Pin]) -> Vec<&str> {
    pins.iter().map(|pin| pin.id.as_str()).collect()
}

impl<'a> WireCarveOut<'a> {
    fn of(resting: &'a Resting<'a>) -> Self {
        let carve_out = resting.carve_out;
        let parts = carve_out.footprint.parts.iter();
        Self {
            id: &carve_out.id,
            repository: &carve_out.repository,
            path: &carve_out.location.path,
            line: carve_out.location.line,
            end_line: carve_out.location.end_line,
            guarantee: &carve_out.guarantee,
            justification: &carve_out.justification,
            status: resting.status.map(Status::word),
            scope: carve_out.footprint.scope.word(),
            rests_on: parts.map(|part| part.boundary.as_str()).collect(),
            owners: &carve_out.owners,
        }
    }
}
