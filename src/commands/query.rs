//! One question about the network as it is, answered.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::carveout::names::{NameIndex, Target};
use crate::carveout::site::{CarveOut, FootprintPart, Scope};
use crate::change::diff::Snapshot;
use crate::cli::{QueryArgs, Question};
use crate::graph::fragment::Notice;
use crate::graph::origin::Origins;
use crate::graph::{BoundaryId, Graph, NodeId};
use crate::query::{self, Answer, Dependent, Part, ways};

use super::binding::{Binder, Bound, bind_settings};
use super::inputs::{Environment, Inputs, Span, described_inputs, gathered_notices, read_to_tell};
use super::inventory::Claims;
use super::{UnknownName, UsageError, what_if};

/// What `path` calls what lies outside of everything.
const INTERNET: &str = "internet";

/// An answer with what it takes to show it.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// The resources that its parts follow from.
    pub origins: Origins,
    /// What was not understood of the input.
    pub notices: Vec<Notice>,
    /// What was read, in words.
    pub inputs: Vec<String>,
}

/// Read the inputs and answer.
///
/// # Errors
///
/// If an input cannot be read, or nothing in the network bears a name.
pub fn run(args: &QueryArgs, environment: Environment<'_>) -> Result<Answered> {
    if args.to.is_some() && args.question != Question::Path {
        return Err(UsageError::OnePart.into());
    }
    let is_about_carve_outs = matches!(args.question, Question::Dependents | Question::WhatIf);
    if !args.inventories.is_empty() && !is_about_carve_outs {
        return Err(UsageError::InventoryForNoQuestion.into());
    }
    if args.question == Question::WhatIf {
        return what_if::run(args, environment);
    }
    // A plan tells both; of anything else, what is there is asked for.
    let inputs = read_to_tell(&args.inputs, Span::Today, &args.inventories, environment)?;
    let graphs = [&inputs.network.before.graph, &inputs.network.after.graph];
    let bound = bind_settings(&inputs.settings, graphs[0], graphs[1], true)?;
    let snapshot = if args.before {
        &inputs.network.before
    } else {
        &inputs.network.after
    };
    let asked = |name: &str| resolve(&bound.names, &snapshot.graph, name);
    let mut unseen = Vec::new();
    let answer = match args.question {
        Question::Reach => Answer::Reach(
            nodes(asked(&args.part)?)
                .into_iter()
                .map(|id| {
                    (
                        Part::of_node(&snapshot.graph, &id),
                        ways::reach(snapshot, &id),
                    )
                })
                .collect(),
        ),
        Question::Path => {
            let to = args.to.as_deref().unwrap_or_default();
            path(snapshot, &args.part, to, &asked)?
        }
        Question::Links => Answer::Links(each(&snapshot.graph, asked(&args.part)?, |id| {
            query::links(&snapshot.graph, id)
        })),
        Question::Exposure => Answer::Exposure(each(&snapshot.graph, asked(&args.part)?, |id| {
            query::facts(snapshot, id, &|kind, _| query::is_exposure(kind))
        })),
        Question::Facts => Answer::Facts(each(&snapshot.graph, asked(&args.part)?, |id| {
            query::facts(snapshot, id, &|_, _| true)
        })),
        Question::Dependents | Question::WhatIf => {
            let parts = asked(&args.part)?;
            let carve_outs = carve_outs(&inputs, &bound, &mut unseen);
            Answer::Dependents(each(&snapshot.graph, parts, |id| {
                dependents(&carve_outs, &snapshot.graph, id)
            }))
        }
    };
    let mut notices = gathered_notices(inputs.network.notices, &inputs.surveys);
    notices.extend(unseen);
    let mut described = described_inputs(inputs.network.inputs, &inputs.surveys);
    described.extend(inputs.inventories.description);
    Ok(Answered {
        answer,
        origins: inputs.network.origins,
        notices,
        inputs: described,
    })
}

fn path(
    snapshot: &Snapshot,
    from: &str,
    to: &str,
    asked: &dyn Fn(&str) -> Result<BTreeSet<BoundaryId>>,
) -> Result<Answer> {
    let mut passages = Vec::new();
    match (
        from.eq_ignore_ascii_case(INTERNET),
        to.eq_ignore_ascii_case(INTERNET),
    ) {
        (true, true) => return Err(UsageError::NothingBetween.into()),
        (true, false) => {
            for part in nodes(asked(to)?) {
                passages.push(ways::from_internet(snapshot, &part));
            }
        }
        (false, true) => {
            for part in nodes(asked(from)?) {
                passages.push(ways::to_internet(snapshot, &part));
            }
        }
        (false, false) => {
            let ends = nodes(asked(to)?);
            for start in nodes(asked(from)?) {
                for end in &ends {
                    passages.push(ways::passage(snapshot, &start, end));
                }
            }
        }
    }
    Ok(Answer::Path(ways::together(&passages), passages))
}

/// What a name means: a part by that name, what an alias or site of the settings stands for, or what a guarantee that says so
/// would mean ("the prod VPC").
pub(super) fn resolve(
    names: &NameIndex,
    graph: &Graph,
    name: &str,
) -> Result<BTreeSet<BoundaryId>> {
    let mut targets: Vec<Target> = names.resolve(name);
    if targets.is_empty() {
        let mentions = names.mentions(name).into_iter();
        targets = mentions.flat_map(|mention| mention.targets).collect();
    }
    let mut found: BTreeSet<BoundaryId> = targets.into_iter().map(|one| one.boundary).collect();
    found.retain(|one| match one {
        BoundaryId::Node(id) => graph.node(id).is_some(),
        BoundaryId::Link(id) => graph.link(id).is_some(),
    });
    if found.is_empty() {
        let near = names.suggestions(name);
        let otherwise = "if another stack holds it, pass the state of that stack with --context";
        return Err(UnknownName::among(
            "part of the network",
            name,
            near.iter().map(String::as_str),
            otherwise,
        )
        .into());
    }
    Ok(found)
}

fn nodes(parts: BTreeSet<BoundaryId>) -> Vec<NodeId> {
    let node = |part| match part {
        BoundaryId::Node(id) => Some(id),
        BoundaryId::Link(_) => None,
    };
    parts.into_iter().filter_map(node).collect()
}

fn each<T>(
    graph: &Graph,
    parts: BTreeSet<BoundaryId>,
    of: impl Fn(&BoundaryId) -> T,
) -> Vec<(Part, T)> {
    parts
        .into_iter()
        .map(|id| (Part::of(graph, &id), of(&id)))
        .collect()
}

/// All carve-outs, those of inventories after those at hand; with what could not be bound of these.
fn carve_outs(inputs: &Inputs, bound: &Bound, unseen: &mut Vec<Notice>) -> Vec<CarveOut> {
    let Inputs {
        surveys,
        network,
        roots,
        inventories,
        ..
    } = inputs;
    let mut all = Vec::new();
    for (index, survey) in surveys.iter().enumerate() {
        let binder = Binder {
            survey,
            index,
            network,
            roots,
            bound,
            at_base: None,
        };
        all.extend(binder.all());
    }
    let claims = Claims::of(inventories, network, surveys, roots);
    unseen.extend(inventories.notices.iter().chain(&claims.notices).cloned());
    for (index, one) in inventories.repositories.iter().enumerate() {
        let own_names = one.names(bound, &network.after.graph, unseen);
        let names = own_names.as_ref().map_or(&bound.names, |[names, _]| names);
        let cases = one.cases(index, network, &claims, names, unseen);
        all.extend(cases.into_iter().map(|case| case.carve_out));
    }
    all
}

/// The carve-outs whose guarantee rests on a part, on something inside it, or on a link at it; and those that rest on nothing
/// that can be resolved.
fn dependents(carve_outs: &[CarveOut], graph: &Graph, of: &BoundaryId) -> Vec<Dependent> {
    let mut dependents = Vec::new();
    for carve_out in carve_outs {
        let footprint = &carve_out.footprint;
        let how = match footprint.scope {
            Scope::Local => None,
            Scope::Unanchored => {
                Some("rests on nothing that can be resolved, and so on every part".to_owned())
            }
            Scope::Inside | Scope::OverLinks => footprint
                .parts
                .iter()
                .find_map(|part| rests(graph, part, of)),
        };
        dependents.extend(how.map(|how| Dependent {
            carve_out: carve_out.clone(),
            how,
        }));
    }
    dependents
}

/// How a part of a footprint comes to rest on a boundary, if it does.
fn rests(graph: &Graph, part: &FootprintPart, of: &BoundaryId) -> Option<String> {
    if part.boundary == *of {
        return Some(format!("{}: {}", part.name, part.via.words()));
    }
    let BoundaryId::Node(wanted) = of else {
        return None;
    };
    match &part.boundary {
        BoundaryId::Node(id) => {
            let lies_inside = graph
                .node(id)
                .is_some_and(|node| node.kind.lies_in_networks())
                && graph.ancestors_of(id).iter().any(|one| one.id == *wanted);
            lies_inside.then(|| format!("{}, which lies inside", part.name))
        }
        BoundaryId::Link(id) => {
            let ends = graph.ends(id)?;
            let is_end = ends.iter().any(|end| end.id == *wanted);
            is_end.then(|| format!("{}, which ends there", part.name))
        }
    }
}
