//! The network as a picture: all of it, around one part, or what a change touches.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::carveout::site::CarveOut;
use crate::change::diff::Snapshot;
use crate::cli::{GraphArgs, GraphFormat};
use crate::graph::fragment::Notice;
use crate::graph::origin::Origins;
use crate::graph::{BoundaryId, Graph};
use crate::picture::view::{Extent, Pinned, View};
use crate::picture::{self, Pin};
use crate::query::Part;
use crate::report::json::graph::{Document, Resting};
use crate::report::text::counted;
use crate::report::{dot, html, json, mermaid, outline, svg};
use crate::verdict::picture::pinned;

use super::UsageError;
use super::binding::{Binder, bind_settings, name_apart};
use super::check::{Weighed, weigh};
use super::inputs::{
    Environment, Inputs, Span, described_inputs, gathered_notices, read_to_tell, start,
};
use super::query::resolve;

/// Read the inputs and draw them.
///
/// # Errors
///
/// If an input cannot be read, or nothing in the network bears a name.
pub fn run(args: &GraphArgs, environment: Environment<'_>) -> Result<String> {
    if args.changed {
        return changed(args, environment);
    }
    if args.change_set.base.is_some() {
        return Err(UsageError::BaseWithoutChange.into());
    }
    let inputs = read_to_tell(&args.change_set.inputs, Span::Today, &[], environment)?;
    let graphs = [&inputs.network.before.graph, &inputs.network.after.graph];
    let bound = bind_settings(&inputs.settings, graphs[0], graphs[1], true)?;
    let snapshot = if args.before {
        &inputs.network.before
    } else {
        &inputs.network.after
    };
    let mut carve_outs = Vec::new();
    for (index, survey) in inputs.surveys.iter().enumerate() {
        let binder = Binder {
            survey,
            index,
            network: &inputs.network,
            roots: &inputs.roots,
            bound: &bound,
            at_base: None,
        };
        carve_outs.extend(binder.all());
    }
    name_apart(carve_outs.iter_mut());
    let pins: Vec<Pinned> = carve_outs.iter().map(resting).collect();
    let (extent, subject) = match &args.part {
        None => (Extent::Whole, "the network".to_owned()),
        Some(name) => {
            let parts = resolve(&bound.names, &snapshot.graph, name)?;
            let subject = format!(
                "{} and what is up to {} away",
                named(&snapshot.graph, &parts),
                counted(usize::from(args.depth), "link")
            );
            (Extent::Around(parts, usize::from(args.depth)), subject)
        }
    };
    let view = View::of_snapshot(snapshot, &extent, &pins);
    let resting: Vec<Resting<'_>> = carve_outs
        .iter()
        .map(|carve_out| Resting {
            carve_out,
            status: None,
        })
        .collect();
    let shown = Shown {
        view: &view,
        subject: &subject,
        snapshots: [snapshot, snapshot],
        carve_outs: &resting,
        shows: match extent {
            Extent::Whole => "whole",
            Extent::Around(..) => "surroundings",
        },
    };
    Ok(render(args.format, &shown, &inputs))
}

/// What the change set touches.
fn changed(args: &GraphArgs, environment: Environment<'_>) -> Result<String> {
    let span = Span::ChangeSet(start(&args.change_set));
    let inputs = read_to_tell(&args.change_set.inputs, span, &[], environment)?;
    let Weighed {
        difference,
        changes,
        carve_outs,
        ..
    } = weigh(&inputs)?;
    let pins = pinned(&difference, &carve_outs, &|_| true);
    let view = View::of_changes(&difference, &changes, &pins);
    let subject = match changes.as_slice() {
        [] => "no perimeter change".to_owned(),
        [one] => one.summary.clone(),
        many => counted(many.len(), "perimeter change"),
    };
    let resting: Vec<Resting<'_>> = carve_outs
        .iter()
        .map(|judged| Resting {
            carve_out: &judged.carve_out,
            status: Some(judged.status),
        })
        .collect();
    let shown = Shown {
        view: &view,
        subject: &subject,
        snapshots: [&inputs.network.before, &inputs.network.after],
        carve_outs: &resting,
        shows: "change",
    };
    Ok(render(args.format, &shown, &inputs))
}

/// What is drawn, with what a program is told beside.
struct Shown<'s> {
    view: &'s View<'s>,
    subject: &'s str,
    snapshots: [&'s Snapshot; 2],
    carve_outs: &'s [Resting<'s>],
    shows: &'static str,
}

fn render(format: GraphFormat, shown: &Shown<'_>, inputs: &Inputs) -> String {
    let origins: &Origins = &inputs.network.origins;
    let notices: Vec<Notice> = gathered_notices(inputs.network.notices.clone(), &inputs.surveys);
    let read = described_inputs(inputs.network.inputs.clone(), &inputs.surveys);
    let subject = shown.subject;
    let drawn = || picture::draw(shown.view);
    match format {
        GraphFormat::Table => outline::render(&drawn(), notices.len()),
        GraphFormat::Dot => dot::render(&drawn(), subject),
        GraphFormat::Mermaid => mermaid::render_file(&drawn()),
        GraphFormat::Svg => svg::render(&drawn(), subject),
        GraphFormat::Html => html::graph::render(&drawn(), subject, &read, notices.len()),
        GraphFormat::Json => json::graph::render(&Document {
            view: shown.view,
            snapshots: shown.snapshots,
            carve_outs: shown.carve_outs,
            shows: shown.shows,
            origins,
            notices: &notices,
            inputs: &read,
        }),
    }
}

fn resting(carve_out: &CarveOut) -> Pinned {
    let parts = carve_out.footprint.parts.iter();
    Pinned {
        pin: Pin {
            id: carve_out.id.clone(),
            place: format!("{}:{}", carve_out.location.path, carve_out.location.line),
            falls: false,
        },
        on: parts.map(|part| part.boundary.clone()).collect(),
    }
}

/// "vpc prod", or "vpc prod and 2 more".
fn named(graph: &Graph, parts: &BTreeSet<BoundaryId>) -> String {
    let first = parts.first().map(|id| Part::of(graph, id).words());
    let first = first.unwrap_or_default();
    match parts.len() {
        0 | 1 => first,
        many => format!("{first} and {} more", many - 1),
    }
}
