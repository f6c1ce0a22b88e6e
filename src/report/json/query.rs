//! `perimeter.query/1`: the answer to a question. Described by `schemas/query-1.schema.json`.
//!
//! As with a verdict: fields may be added; none is renamed, removed, or given another meaning.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::graph::fragment;
use crate::graph::origin::{OriginId, Origins};
use crate::graph::protection::{Evidence, InTransit};
use crate::query::{self, Answer, ways};
use crate::report::text::escape_json;

use super::v1::{Cause, DocumentedFact, Notice, PerimeterChange};

/// The name of this version, first field of every document.
pub const SCHEMA: &str = "perimeter.query/1";

/// The answer as JSON, with a line break at the end.
#[must_use]
pub fn render(
    answer: &Answer,
    origins: &Origins,
    notices: &[fragment::Notice],
    inputs: &[String],
) -> String {
    let wire = Wire { origins };
    let (question, truth, answers) = wire.answers(answer);
    let document = Document {
        schema: SCHEMA,
        question,
        answer: truth,
        answers,
        notices: notices.iter().map(Notice::of).collect(),
        inputs,
    };
    // Nothing here can fail to serialise: every key is text, and nothing but memory is written to.
    let json = serde_json::to_string_pretty(&document).unwrap_or_default();
    let mut safe = escape_json(&json);
    safe.push('\n');
    safe
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    question: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'static str>,
    answers: Vec<One<'a>>,
    notices: Vec<Notice<'a>>,
    inputs: &'a [String],
}

/// The answer for one part that the name means, or for one pair.
#[derive(Serialize)]
#[serde(untagged)]
enum One<'a> {
    Reach {
        part: Part<'a>,
        reaches: Vec<Way<'a>>,
        reached_from: Vec<Way<'a>>,
    },
    Path {
        from: Part<'a>,
        to: Part<'a>,
        answer: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<&'a str>,
        ways: Vec<Way<'a>>,
    },
    Links {
        part: Part<'a>,
        links: Vec<Joined<'a>>,
    },
    Facts {
        part: Part<'a>,
        facts: Vec<Holding<'a>>,
    },
    Dependents {
        part: Part<'a>,
        carve_outs: Vec<Dependent<'a>>,
    },
    WhatIf {
        supposed: &'a [String],
        changes: Vec<PerimeterChange<'a>>,
        falling: Vec<Fallen<'a>>,
        standing: usize,
    },
}

#[derive(Serialize)]
struct Part<'a> {
    id: &'a str,
    role: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Way<'a> {
    from: Part<'a>,
    to: Part<'a>,
    certain: bool,
    protection: &'static str,
    steps: Vec<Step<'a>>,
    tables: Vec<Part<'a>>,
    sources: Vec<Cause<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<Vec<String>>,
    doubts: Vec<&'a str>,
    remarks: Vec<&'a str>,
}

#[derive(Serialize)]
struct Step<'a> {
    link: Part<'a>,
    to: Part<'a>,
    protection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<DocumentedFact<'a>>,
    sources: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct Joined<'a> {
    link: Part<'a>,
    to: Part<'a>,
    state: &'static str,
    protection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<DocumentedFact<'a>>,
    sources: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct Holding<'a> {
    words: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<DocumentedFact<'a>>,
    sources: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct Dependent<'a> {
    id: &'a str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    end_line: usize,
    guarantee: &'a str,
    justification: &'a str,
    owners: &'a [String],
    how: &'a str,
}

/// A carve-out that would fall.
#[derive(Serialize)]
struct Fallen<'a> {
    id: &'a str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    end_line: usize,
    guarantee: &'a str,
    justification: &'a str,
    owners: &'a [String],
    status: &'static str,
    because: &'a [String],
    explanation: &'a str,
}

struct Wire<'a> {
    origins: &'a Origins,
}

impl<'a> Wire<'a> {
    fn answers(&self, answer: &'a Answer) -> (&'static str, Option<&'static str>, Vec<One<'a>>) {
        match answer {
            Answer::Reach(parts) => {
                let one = |(part, reach): &'a (query::Part, ways::Reach)| One::Reach {
                    part: Part::of(part),
                    reaches: self.ways(&reach.out),
                    reached_from: self.ways(&reach.into),
                };
                ("reach", None, parts.iter().map(one).collect())
            }
            Answer::Path(truth, passages) => {
                let one = |passage: &'a ways::Passage| One::Path {
                    from: Part::of(&passage.from),
                    to: Part::of(&passage.to),
                    answer: passage.truth.word(),
                    why: passage.why.as_deref(),
                    ways: self.ways(&passage.ways),
                };
                (
                    "path",
                    Some(truth.word()),
                    passages.iter().map(one).collect(),
                )
            }
            Answer::Links(parts) => {
                let one = |(part, links): &'a (query::Part, Vec<query::Joined>)| One::Links {
                    part: Part::of(part),
                    links: links.iter().map(|joined| self.joined(joined)).collect(),
                };
                ("links", None, parts.iter().map(one).collect())
            }
            Answer::Exposure(parts) => ("exposure", None, self.facts(parts)),
            Answer::Facts(parts) => ("facts", None, self.facts(parts)),
            Answer::Dependents(parts) => {
                let one = |(part, all): &'a (query::Part, Vec<query::Dependent>)| One::Dependents {
                    part: Part::of(part),
                    carve_outs: all.iter().map(Dependent::of).collect(),
                };
                ("dependents", None, parts.iter().map(one).collect())
            }
            Answer::WhatIf(supposed) => {
                let changes = supposed.changes.iter();
                let one = One::WhatIf {
                    supposed: &supposed.wishes,
                    changes: changes
                        .map(|change| PerimeterChange::of(change, self.origins))
                        .collect(),
                    falling: supposed.falling.iter().map(Fallen::of).collect(),
                    standing: supposed.standing,
                };
                ("what-if", None, vec![one])
            }
        }
    }

    fn facts(&self, parts: &'a [(query::Part, Vec<query::Holding>)]) -> Vec<One<'a>> {
        let one = |(part, facts): &'a (query::Part, Vec<query::Holding>)| One::Facts {
            part: Part::of(part),
            facts: facts
                .iter()
                .map(|fact| Holding {
                    words: &fact.words,
                    fact: fact.evidence.as_ref().map(DocumentedFact::of),
                    sources: self.sources(&fact.origins),
                })
                .collect(),
        };
        parts.iter().map(one).collect()
    }

    fn ways(&self, ways: &'a [ways::Way]) -> Vec<Way<'a>> {
        let one = |way: &'a ways::Way| Way {
            from: Part::of(&way.from),
            to: Part::of(&way.to),
            certain: way.doubts.is_empty(),
            protection: way.protection().word(),
            steps: way.steps.iter().map(|step| self.step(step)).collect(),
            tables: way.tables.iter().map(Part::of).collect(),
            sources: self.sources(&way.origins),
            addresses: way
                .addresses
                .as_ref()
                .map(|all| all.iter().map(ToString::to_string).collect()),
            doubts: way.doubts.iter().map(String::as_str).collect(),
            remarks: way.remarks.iter().map(String::as_str).collect(),
        };
        ways.iter().map(one).collect()
    }

    fn step(&self, step: &'a ways::Step) -> Step<'a> {
        let (protection, fact) = protection(&step.in_transit);
        Step {
            link: Part::of(&step.link),
            to: Part::of(&step.to),
            protection,
            fact,
            sources: self.sources(&step.origins),
        }
    }

    fn joined(&self, joined: &'a query::Joined) -> Joined<'a> {
        let (protection, fact) = protection(&joined.in_transit);
        Joined {
            link: Part::of(&joined.link),
            to: Part::of(&joined.far),
            state: joined.state,
            protection,
            fact,
            sources: self.sources(&joined.origins),
        }
    }

    fn sources(&self, origins: &BTreeSet<OriginId>) -> Vec<Cause<'a>> {
        origins
            .iter()
            .map(|id| Cause::of(self.origins.get(*id)))
            .collect()
    }
}

fn protection(in_transit: &InTransit) -> (&'static str, Option<DocumentedFact<'_>>) {
    let fact: Option<&Evidence> = in_transit.evidence.as_ref();
    (in_transit.protection.word(), fact.map(DocumentedFact::of))
}

impl<'a> Part<'a> {
    fn of(part: &'a query::Part) -> Self {
        Self {
            id: part.id.as_str(),
            role: &part.role,
            name: &part.name,
        }
    }
}

impl<'a> Fallen<'a> {
    fn of(fallen: &'a query::Fallen) -> Self {
        let carve_out = &fallen.carve_out;
        Self {
            id: &carve_out.id,
            repository: &carve_out.repository,
            path: &carve_out.location.path,
            line: carve_out.location.line,
            end_line: carve_out.location.end_line,
            guarantee: &carve_out.guarantee,
            justification: &carve_out.justification,
            owners: &carve_out.owners,
            status: fallen.status,
            because: &fallen.because,
            explanation: &fallen.explanation,
        }
    }
}

impl<'a> Dependent<'a> {
    fn of(dependent: &'a query::Dependent) -> Self {
        let carve_out = &dependent.carve_out;
        Self {
            id: &carve_out.id,
            repository: &carve_out.repository,
            path: &carve_out.location.path,
            line: carve_out.location.line,
            end_line: carve_out.location.end_line,
            guarantee: &carve_out.guarantee,
            justification: &carve_out.justification,
            owners: &carve_out.owners,
            how: &dependent.how,
        }
    }
}
