//! `perimeter.carve-outs/1`: how guarantees are read. Described by `schemas/carve-outs-1.schema.json`.
//!
//! The types here are frozen. Fields may be added; none is renamed, removed, or given another meaning.

use serde::Serialize;

use crate::carveout::guarantee::{Carried, is_ambiguous};
use crate::carveout::names::{Mention, Target};
use crate::carveout::site::FootprintPart;
use crate::report;
use crate::verdict::reading::{self, ReadClaim, Reading};

/// The name of this version, first field of every document.
pub const SCHEMA: &str = "perimeter.carve-outs/1";

/// The readings as JSON, with a line break at the end; what would act in a terminal is escaped.
#[must_use]
pub fn render(readings: &reading::Readings) -> String {
    let document = Readings {
        schema: SCHEMA,
        carve_outs: readings.carve_outs.iter().map(CarveOut::of).collect(),
        inputs: &readings.inputs,
    };
    // Nothing here can fail to serialise: every key is text, and nothing but memory is written to.
    let json = serde_json::to_string_pretty(&document).unwrap_or_default();
    let mut safe = report::text::escape_json(&json);
    safe.push('\n');
    safe
}

#[derive(Serialize)]
struct Readings<'a> {
    schema: &'static str,
    carve_outs: Vec<CarveOut<'a>>,
    inputs: &'a [String],
}

#[derive(Serialize)]
struct CarveOut<'a> {
    id: &'a str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    end_line: usize,
    guarantee: &'a str,
    words: Vec<Stretch<'a>>,
    not_understood: Vec<&'a str>,
    carried: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_kind: Option<&'static str>,
    names: Vec<Name<'a>>,
    claims: Vec<Claim<'a>>,
    scope: &'static str,
    ground: &'static str,
    why: String,
    footprint: Vec<Part<'a>>,
    near: &'a [String],
    advice: &'a [String],
}

#[derive(Serialize)]
struct Stretch<'a> {
    text: &'a str,
    role: &'static str,
}

#[derive(Serialize)]
struct Name<'a> {
    text: &'a str,
    is_variant: bool,
    is_ambiguous: bool,
    is_ruled_out: bool,
    candidates: Vec<Candidate<'a>>,
}

#[derive(Serialize)]
struct Candidate<'a> {
    node: &'a str,
    name: &'a str,
    via: &'static str,
    how: &'static str,
}

#[derive(Serialize)]
struct Claim<'a> {
    text: &'a str,
    claim: Option<&'a str>,
    truth: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct Part<'a> {
    node: &'a str,
    name: &'a str,
    via: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

impl<'a> CarveOut<'a> {
    fn of(reading: &'a Reading) -> Self {
        let (carve_out, guarantee) = (&reading.carve_out, &reading.guarantee);
        let (carried, link_kind) = match guarantee.carried {
            Carried::Locally => ("locally", None),
            Carried::Inside => ("inside", None),
            Carried::OverLinks(kind) => ("over_links", Some(kind.word())),
        };
        let kept = guarantee.mentions.iter().map(|one| Name::of(one, false));
        let ruled_out = guarantee.ruled_out.iter().map(|one| Name::of(one, true));
        Self {
            id: &carve_out.id,
            repository: &carve_out.repository,
            path: &carve_out.location.path,
            line: carve_out.location.line,
            end_line: carve_out.location.end_line,
            guarantee: &carve_out.guarantee,
            words: guarantee
                .account
                .iter()
                .map(|stretch| Stretch {
                    text: &stretch.words,
                    role: stretch.role.word(),
                })
                .collect(),
            not_understood: guarantee.not_understood(),
            carried,
            link_kind,
            names: kept.chain(ruled_out).collect(),
            claims: reading.claims.iter().map(Claim::of).collect(),
            scope: carve_out.footprint.scope.word(),
            ground: reading.ground.word(),
            why: reading.why(),
            footprint: carve_out.footprint.parts.iter().map(Part::of).collect(),
            near: &reading.near,
            advice: &reading.advice,
        }
    }
}

impl<'a> Name<'a> {
    fn of(mention: &'a Mention, is_ruled_out: bool) -> Self {
        let candidate = |target: &'a Target| Candidate {
            node: target.boundary.as_str(),
            name: &target.name,
            via: target.via.word(),
            how: target.how.word(),
        };
        Self {
            text: &mention.words,
            is_variant: mention.is_variant,
            is_ambiguous: is_ambiguous(mention),
            is_ruled_out,
            candidates: mention.targets.iter().map(candidate).collect(),
        }
    }
}

impl<'a> Claim<'a> {
    fn of(claim: &'a ReadClaim) -> Self {
        Self {
            text: &claim.text,
            claim: claim.claim.as_deref(),
            truth: claim.truth.word(),
            why: claim.why.as_deref(),
        }
    }
}

impl<'a> Part<'a> {
    fn of(part: &'a FootprintPart) -> Self {
        Self {
            node: part.boundary.as_str(),
            name: &part.name,
            via: part.via.word(),
            file: part
                .location
                .as_ref()
                .map(|location| location.path.as_str()),
            line: part.location.as_ref().map(|location| location.line),
        }
    }
}
