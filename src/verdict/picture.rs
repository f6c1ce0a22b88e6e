//! The changed neighbourhood, as a drawing.

use std::collections::BTreeSet;

use crate::change::Change;
use crate::change::diff::Difference;
use crate::graph::BoundaryId;
use crate::picture::view::{Pinned, View};
use crate::picture::{self, Picture, Pin};

use super::Judged;

/// Draw what changes touch: the boundaries concerned, and the links between them and at them.
#[must_use]
pub fn draw(difference: &Difference<'_>, changes: &[Change], carve_outs: &[Judged]) -> Picture {
    let pinned = pinned(difference, carve_outs, &|judged| judged.status.blocks());
    picture::draw(&View::of_changes(difference, changes, &pinned))
}

/// The carve-outs that pass a test, each with what it rests on after the change.
#[must_use]
pub fn pinned(
    difference: &Difference<'_>,
    carve_outs: &[Judged],
    passes: &dyn Fn(&Judged) -> bool,
) -> Vec<Pinned> {
    let pinned = |judged: &Judged| Pinned {
        pin: Pin {
            id: judged.carve_out.id.clone(),
            place: format!(
                "{}:{}",
                judged.carve_out.location.path, judged.carve_out.location.line
            ),
            falls: judged.status.blocks(),
        },
        on: judged
            .carve_out
            .footprint
            .parts
            .iter()
            .map(|part| match &part.boundary {
                BoundaryId::Node(node) => BoundaryId::Node(difference.current(node).clone()),
                BoundaryId::Link(link) => BoundaryId::Link(difference.current_link(link)),
            })
            .collect::<BTreeSet<_>>(),
    };
    let chosen = carve_outs.iter().filter(|judged| passes(judged));
    chosen.map(pinned).collect()
}
