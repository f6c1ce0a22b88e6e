//! What can be asked of one snapshot of the network: who reaches whom, by which way, and what holds of a part.
//!
//! Answers are values; no wording of a report stands here. Nothing is guessed: where the input does not tell, the answer is
//! *undetermined*, and where a name means several parts of which not all answer alike, it is *ambiguous*.

pub mod ways;
pub mod what_if;

use std::collections::BTreeSet;

use crate::carveout::site::CarveOut;
use crate::change::Change;
use crate::change::diff::Snapshot;
use crate::graph::fragment::Topic;
use crate::graph::node::{Node, NodeKind, Standing};
use crate::graph::origin::OriginId;
use crate::graph::perimeter::{Fact, FactKind};
use crate::graph::protection::{Evidence, InTransit};
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};

/// What a question that can be answered with yes or no comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// There is a way, and the input describes all of it.
    Yes,
    /// There is none, and both ends are described.
    No,
    /// It depends on which of several parts of one name is meant.
    Ambiguous,
    /// The input does not tell: the only ways lead through what it does not describe, or an end lies elsewhere.
    Undetermined,
}

impl Truth {
    /// The word of the JSON contract and for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Ambiguous => "ambiguous",
            Self::Undetermined => "undetermined",
        }
    }

    /// The answer for several parts of one name together.
    fn of_all(answers: &BTreeSet<&'static str>) -> Self {
        let mut words = answers.iter();
        match (words.next(), words.next()) {
            (Some(&"yes"), None) => Self::Yes,
            (Some(&"no"), None) => Self::No,
            (None, _) | (Some(_), None) => Self::Undetermined,
            _ => Self::Ambiguous,
        }
    }
}

/// A part of the network, to show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Identity in the graph.
    pub id: BoundaryId,
    /// What people of its provider call it.
    pub role: String,
    /// Its name for a person.
    pub name: String,
}

impl Part {
    /// A node of a graph.
    #[must_use]
    pub fn of_node(graph: &Graph, id: &NodeId) -> Self {
        let node = graph.node(id);
        Self {
            id: BoundaryId::Node(id.clone()),
            role: node.map_or_else(String::new, |node| node.role.clone()),
            name: node.map_or_else(|| id.to_string(), |node| node.display_name()),
        }
    }

    /// A link of a graph.
    #[must_use]
    pub fn of_link(graph: &Graph, id: &LinkId) -> Self {
        let link = graph.link(id);
        Self {
            id: BoundaryId::Link(id.clone()),
            role: link.map_or_else(String::new, |link| link.role.clone()),
            name: link.map_or_else(|| id.to_string(), |link| link.display_name()),
        }
    }

    /// Either.
    #[must_use]
    pub fn of(graph: &Graph, id: &BoundaryId) -> Self {
        match id {
            BoundaryId::Node(node) => Self::of_node(graph, node),
            BoundaryId::Link(link) => Self::of_link(graph, link),
        }
    }

    /// Role and name, to stand in a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        if self.role.is_empty() {
            self.name.clone()
        } else {
            format!("{} {}", self.role, self.name)
        }
    }
}

/// One thing that was asked, with its answer.
#[derive(Debug)]
pub enum Answer {
    /// What parts reach, and what reaches them.
    Reach(Vec<(Part, ways::Reach)>),
    /// Whether traffic gets from one to another; for every pair of parts that the names mean.
    Path(Truth, Vec<ways::Passage>),
    /// The links at parts.
    Links(Vec<(Part, Vec<Joined>)>),
    /// The doors between parts and the internet.
    Exposure(Vec<(Part, Vec<Holding>)>),
    /// Everything that holds of parts.
    Facts(Vec<(Part, Vec<Holding>)>),
    /// The carve-outs that rest on parts.
    Dependents(Vec<(Part, Vec<Dependent>)>),
    /// What would be if something came or went.
    WhatIf(Supposed),
}

/// What would be if something came or went.
#[derive(Debug)]
pub struct Supposed {
    /// What is supposed, in words: "a peering between vpc a and vpc b is added".
    pub wishes: Vec<String>,
    /// What would change in the perimeter.
    pub changes: Vec<Change>,
    /// The carve-outs that would fall, by repository and place.
    pub falling: Vec<Fallen>,
    /// How many carve-outs would stand.
    pub standing: usize,
}

/// A carve-out that would fall.
#[derive(Debug, Clone)]
pub struct Fallen {
    /// The carve-out.
    pub carve_out: CarveOut,
    /// What it would come to: the word of the JSON contract.
    pub status: &'static str,
    /// The same for a person.
    pub status_words: &'static str,
    /// The changes it would fall under.
    pub because: Vec<String>,
    /// Why.
    pub explanation: String,
}

/// A carve-out that rests on a part.
#[derive(Debug, Clone)]
pub struct Dependent {
    /// The carve-out.
    pub carve_out: CarveOut,
    /// How it comes to rest on the part: "named", "inside it", "unanchored: rests on everything".
    pub how: String,
}

/// A link at a part.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The link.
    pub link: Part,
    /// What it leads to.
    pub far: Part,
    /// How far it has come: offered or effective.
    pub state: &'static str,
    /// How it is protected, and who says so.
    pub in_transit: InTransit,
    /// The resources it follows from.
    pub origins: BTreeSet<OriginId>,
}

/// The links at a part: those of a node, and of what is inside it as its own door; of a link, that link.
#[must_use]
pub fn links(graph: &Graph, of: &BoundaryId) -> Vec<Joined> {
    let mut joined: Vec<Joined> = Vec::new();
    for link in graph.links() {
        let Some([first, second]) = graph.ends(&link.id) else {
            continue;
        };
        let far = match of {
            BoundaryId::Link(id) if *id == link.id => second,
            BoundaryId::Node(id) if first.id == *id => second,
            BoundaryId::Node(id) if second.id == *id => first,
            _ => continue,
        };
        joined.push(Joined {
            link: Part::of_link(graph, &link.id),
            far: Part::of_node(graph, &far.id),
            state: link.state.word(),
            in_transit: link.in_transit.clone(),
            origins: &link.origins | &link.protection_origins,
        });
    }
    joined
}

/// One thing that holds of a part.
#[derive(Debug, Clone)]
pub struct Holding {
    /// What sort of fact.
    pub kind: FactKind,
    /// In words, to stand after the part's name.
    pub words: String,
    /// The documentation it rests on.
    pub evidence: Option<Evidence>,
    /// The resources it follows from.
    pub origins: BTreeSet<OriginId>,
}

/// The facts of a part that pass a test, in their order.
#[must_use]
pub fn facts(
    snapshot: &Snapshot,
    of: &BoundaryId,
    passes: &dyn Fn(FactKind, &Fact) -> bool,
) -> Vec<Holding> {
    let facts = snapshot.perimeters.facts.get(of).into_iter().flatten();
    facts
        .filter(|((kind, _), fact)| !fact.words.is_empty() && passes(*kind, fact))
        .map(|((kind, _), fact)| Holding {
            kind: *kind,
            words: fact.words.clone(),
            evidence: fact.evidence.clone(),
            origins: fact.origins.clone(),
        })
        .collect()
}

/// Whether a fact says how the internet gets in, or traffic out to it.
#[must_use]
pub fn is_exposure(kind: FactKind) -> bool {
    // A gateway that no route leads to opens nothing yet, but it is there to be seen.
    matches!(
        kind,
        FactKind::Exposure | FactKind::Egress | FactKind::Stated(Topic::Exposure)
    )
}

/// The networks and clusters in which the traffic of a part starts and ends: what the part is, or lies in.
#[must_use]
pub fn stands_for(graph: &Graph, of: &NodeId) -> BTreeSet<NodeId> {
    let Some(node) = graph.node(of) else {
        return BTreeSet::new();
    };
    let ids = |nodes: Vec<&Node>| -> BTreeSet<NodeId> {
        nodes.into_iter().map(|one| one.id.clone()).collect()
    };
    match node.kind {
        NodeKind::Network | NodeKind::External | NodeKind::Service | NodeKind::Hub => {
            BTreeSet::from([of.clone()])
        }
        NodeKind::Account => ids(graph.networks_of_account(node)),
        _ => {
            let takes_traffic = |one: &&Node| {
                matches!(
                    one.kind,
                    NodeKind::Network | NodeKind::Cluster | NodeKind::Namespace
                )
            };
            let around = graph.ancestors_of(of).into_iter().filter(takes_traffic);
            let mut all = ids(around.collect());
            all.insert(of.clone());
            all
        }
    }
}

/// Whether the input describes a node, so that what it does not say of it is not so.
#[must_use]
pub fn is_described(graph: &Graph, id: &NodeId) -> bool {
    graph
        .node(id)
        .is_some_and(|node| node.standing == Standing::Described)
}
