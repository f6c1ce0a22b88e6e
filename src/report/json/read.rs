//! `perimeter.check/1` read back, so that a comment can be written where and when the check itself is not run.
//!
//! What comes back is a [`Verdict`] as far as the report for a comment looks at it: the same Markdown, byte for byte. It is no
//! basis for another judgement; digests and what only the graph knows stay behind. The document may have passed through
//! hands that are not to be trusted, so nothing in it is believed to be short, safe or consistent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use crate::carveout::site::{CarveOut, Footprint, FootprintPart, LastJustified, Scope, Via};
use crate::change::{Category, Change, Effect, Touch};
use crate::graph::fragment::Notice;
use crate::graph::origin::{Action, Origin, Origins, Step};
use crate::graph::protection::Evidence;
use crate::graph::{BoundaryId, NodeId};
use crate::location::Location;
use crate::verdict::{Conclusion, Finding, Judged, Receipted, Rule, Severity, Status, Verdict};

use super::picture::{Drawing, UnknownWord};

use super::v1::SCHEMA;

/// Why a document could not be read back.
#[derive(Debug, thiserror::Error)]
pub enum NotRead {
    /// It is not JSON, or lacks what every document of this contract has.
    #[error("it is not what `perimeter check --format json` writes: {0}")]
    Malformed(String),
    /// It is of another contract.
    #[error(
        "it is {0}, and a comment is made of {SCHEMA}: write it with `perimeter check --format json`"
    )]
    OtherSchema(String),
    /// It uses a word that this version does not know.
    #[error(
        "it has the {what} `{word}`, which this version does not know: write and read it with the same version of perimeter"
    )]
    UnknownWord {
        /// What the word stands for.
        what: &'static str,
        /// The word.
        word: String,
    },
}

impl From<serde_json::Error> for NotRead {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// Read a document back.
///
/// # Errors
///
/// If it is not of this contract, or written by a version that knows more words.
pub fn verdict(json: &str) -> Result<Verdict, NotRead> {
    let Named { schema } = serde_json::from_str(json)?;
    if schema != SCHEMA {
        return Err(NotRead::OtherSchema(schema));
    }
    serde_json::from_str::<Check>(json)?.into_verdict()
}

#[derive(Deserialize)]
struct Named {
    schema: String,
}

#[derive(Deserialize)]
struct Check {
    verdict: String,
    changes: Vec<PerimeterChange>,
    carve_outs: Vec<JudgedCarveOut>,
    findings: Vec<ReportedFinding>,
    notices: Vec<ReportedNotice>,
    findings_from_before: usize,
    inputs: Vec<String>,
    // Not written by the first versions.
    #[serde(default)]
    picture: Drawing,
}

#[derive(Deserialize)]
struct PerimeterChange {
    id: String,
    category: String,
    effect: String,
    summary: String,
    boundaries: Vec<String>,
    boundary_names: Vec<String>,
    causes: Vec<Cause>,
    facts: Vec<DocumentedFact>,
    invalidates: bool,
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct DocumentedFact {
    id: String,
    says: String,
    source: String,
    read: String,
}

#[derive(Deserialize)]
struct Cause {
    address: String,
    action: String,
    attributes: Vec<String>,
    file: Option<String>,
    line: Option<usize>,
    #[serde(default)]
    imported: bool,
    #[serde(default)]
    steps: Vec<CauseStep>,
}

#[derive(Deserialize)]
struct CauseStep {
    what: String,
    file: String,
    line: usize,
    differs: bool,
}

#[derive(Deserialize)]
struct Detail {
    boundary: String,
    name: String,
    words: String,
    effect: String,
}

#[derive(Deserialize)]
struct JudgedCarveOut {
    id: String,
    repository: String,
    path: String,
    line: usize,
    end_line: usize,
    guarantee: String,
    justification: String,
    status: String,
    footprint: Vec<Part>,
    because: Vec<String>,
    explanation: String,
    owners: Vec<String>,
    last_justified: Option<Justified>,
    help: Option<String>,
    scope: String,
    receipt: Option<Receipt>,
    #[serde(default)]
    excerpt: Vec<SourceLine>,
    permalink: Option<String>,
}

#[derive(Deserialize)]
struct SourceLine {
    line: usize,
    text: String,
}

#[derive(Deserialize)]
struct Part {
    node: String,
    name: String,
    via: String,
    file: Option<String>,
    line: Option<usize>,
}

#[derive(Deserialize)]
struct Justified {
    commit: String,
    date: String,
    author: String,
}

#[derive(Deserialize)]
struct Receipt {
    fits: bool,
    by: String,
    date: String,
    reason: String,
    differs: Vec<String>,
}

#[derive(Deserialize)]
struct ReportedFinding {
    rule: String,
    severity: String,
    path: String,
    line: usize,
    message: String,
    help: String,
    related: Vec<Related>,
    repository: String,
    end_line: usize,
}

#[derive(Deserialize)]
struct Related {
    path: String,
    line: usize,
    end_line: usize,
    message: String,
}

#[derive(Deserialize)]
struct ReportedNotice {
    kind: String,
    subject: String,
    message: String,
}

impl Check {
    fn into_verdict(self) -> Result<Verdict, NotRead> {
        let mut origins = Origins::default();
        let changes: Vec<Change> = self
            .changes
            .into_iter()
            .map(|change| change.into_change(&mut origins))
            .collect::<Result<_, _>>()?;
        let carve_outs: Vec<Judged> = self
            .carve_outs
            .into_iter()
            .map(JudgedCarveOut::into_judged)
            .collect::<Result<_, _>>()?;
        let repositories: BTreeSet<&str> = carve_outs
            .iter()
            .map(|judged| judged.carve_out.repository.as_str())
            .collect();
        Ok(Verdict {
            conclusion: known(&Conclusion::ALL, Conclusion::word, "verdict", &self.verdict)?,
            repositories: repositories.into_iter().map(str::to_owned).collect(),
            changes,
            origins,
            carve_outs,
            findings: self
                .findings
                .into_iter()
                .map(ReportedFinding::into_finding)
                .collect::<Result<_, _>>()?,
            findings_from_before: self.findings_from_before,
            notices: self
                .notices
                .into_iter()
                .map(ReportedNotice::into_notice)
                .collect::<Result<_, _>>()?,
            picture: self
                .picture
                .into_picture()
                .map_err(|UnknownWord(what, word)| unknown(what, &word))?,
            inputs: self.inputs,
        })
    }
}

impl PerimeterChange {
    fn into_change(self, origins: &mut Origins) -> Result<Change, NotRead> {
        let mut touched: BTreeMap<BoundaryId, Vec<Touch>> = BTreeMap::new();
        let mut names = BTreeMap::new();
        for detail in self.details {
            let boundary = boundary(detail.boundary);
            names.insert(boundary.clone(), detail.name);
            touched.entry(boundary).or_default().push(Touch {
                words: detail.words,
                effect: effect(&detail.effect)?,
                is_protection: false,
                passes_down: false,
                far: None,
            });
        }
        let causes = self.causes.into_iter().map(|cause| {
            Ok(origins.add(Origin {
                address: cause.address,
                action: known(&Action::ALL, Action::word, "action", &cause.action)?,
                attributes: cause.attributes,
                location: place(cause.file, cause.line),
                carrier: None,
                stack: String::new(),
                is_imported: cause.imported,
                steps: cause.steps.into_iter().map(step).collect(),
            }))
        });
        Ok(Change {
            id: self.id,
            category: known(&Category::ALL, Category::word, "category", &self.category)?,
            effect: effect(&self.effect)?,
            summary: self.summary,
            boundaries: self
                .boundaries
                .into_iter()
                .map(boundary)
                .zip(self.boundary_names)
                .collect(),
            touched,
            names,
            causes: causes.collect::<Result<_, NotRead>>()?,
            evidence: self
                .facts
                .into_iter()
                .map(|fact| Evidence {
                    fact: fact.id,
                    claim: fact.says,
                    source: fact.source,
                    read: fact.read,
                })
                .collect(),
            informative: !self.invalidates,
            passes_name: None,
        })
    }
}

impl JudgedCarveOut {
    fn into_judged(self) -> Result<Judged, NotRead> {
        let parts = self.footprint.into_iter().map(|part| {
            Ok(FootprintPart {
                boundary: boundary(part.node),
                name: part.name,
                via: known(&Via::ALL, Via::word, "via", &part.via)?,
                location: place(part.file, part.line),
            })
        });
        let footprint = Footprint::new(
            known(&Scope::ALL, Scope::word, "scope", &self.scope)?,
            parts.collect::<Result<_, NotRead>>()?,
        );
        let excerpt = self.excerpt.into_iter();
        Ok(Judged {
            carve_out: CarveOut {
                id: self.id,
                repository: self.repository,
                location: Location {
                    path: self.path,
                    line: self.line,
                    end_line: self.end_line,
                },
                guarantee: self.guarantee,
                justification: self.justification,
                footprint,
                owners: self.owners,
                last_justified: self.last_justified.map(|last| LastJustified {
                    commit: last.commit,
                    date: last.date,
                    author: last.author,
                }),
                excerpt: excerpt.map(|one| (one.line, one.text)).collect(),
                permalink: self.permalink.filter(|link| is_link(link)),
            },
            status: known(&Status::ALL, Status::word, "status", &self.status)?,
            because: self.because,
            explanation: self.explanation,
            help: self.help,
            false_claim: None,
            perimeter: None,
            receipt: self.receipt.map(|receipt| Receipted {
                by: receipt.by,
                date: receipt.date,
                reason: receipt.reason,
                fits: receipt.fits,
                differs: receipt.differs,
            }),
        })
    }
}

/// Whether a text is such a link as a check makes: whoever wrote the file may have put anything there, and comments show it as a link.
fn is_link(text: &str) -> bool {
    let acts_nowhere = |byte: u8| byte.is_ascii_graphic() && !b"<>\"'`\\".contains(&byte);
    (text.starts_with("https://") || text.starts_with("http://")) && text.bytes().all(acts_nowhere)
}

impl ReportedFinding {
    fn into_finding(self) -> Result<Finding, NotRead> {
        let related = self.related.into_iter().map(|one| {
            let location = Location {
                path: one.path,
                line: one.line,
                end_line: one.end_line,
            };
            (location, one.message)
        });
        Ok(Finding {
            rule: known(&Rule::ALL, Rule::id, "rule", &self.rule)?,
            severity: known(&Severity::ALL, Severity::word, "severity", &self.severity)?,
            repository: self.repository,
            location: Location {
                path: self.path,
                line: self.line,
                end_line: self.end_line,
            },
            message: self.message,
            help: self.help,
            related: related.collect(),
        })
    }
}

impl ReportedNotice {
    fn into_notice(self) -> Result<Notice, NotRead> {
        Ok(Notice {
            kind: notice_kind(&self.kind)?,
            subject: self.subject,
            message: self.message,
        })
    }
}

/// Identities are only compared with each other here, so which of them are links does not matter.
fn boundary(text: String) -> BoundaryId {
    BoundaryId::Node(NodeId::from(text))
}

fn place(file: Option<String>, line: Option<usize>) -> Option<Location> {
    Some(Location::line(file?, line?))
}

fn step(step: CauseStep) -> Step {
    Step {
        what: step.what,
        location: Location::line(step.file, step.line),
        differs: step.differs,
    }
}

fn effect(word: &str) -> Result<Effect, NotRead> {
    known(&Effect::ALL, Effect::word, "effect", word)
}

/// The value of a word of the contract.
fn known<T: Copy>(
    all: &[T],
    word_of: impl Fn(T) -> &'static str,
    what: &'static str,
    word: &str,
) -> Result<T, NotRead> {
    let found = all.iter().copied().find(|&one| word_of(one) == word);
    found.ok_or_else(|| unknown(what, word))
}

fn unknown(what: &'static str, word: &str) -> NotRead {
    NotRead::UnknownWord {
        what,
        word: word.chars().take(80).collect(),
    }
}

/// Letters of the longest kind of notice that is taken, and how many kinds.
const LONGEST_KIND: usize = 60;
const MOST_KINDS: usize = 500;

/// Kinds of notices may be new with any version, and everywhere else they are part of the program: so those read here
/// stay for as long as it runs, and there is a bound on them.
fn notice_kind(word: &str) -> Result<&'static str, NotRead> {
    static KINDS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut kinds = KINDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kind) = kinds.get(word) {
        return Ok(kind);
    }
    let is_kind = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if word.len() > LONGEST_KIND || !word.bytes().all(is_kind) || kinds.len() >= MOST_KINDS {
        return Err(unknown("kind of notice", word));
    }
    let kind: &'static str = Box::leak(word.to_owned().into_boxed_str());
    kinds.insert(kind);
    Ok(kind)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::report::json::v1;
    use crate::report::{fixture, markdown};

    #[test]
    fn a_verdict_read_back_makes_the_same_comment() {
        for original in [
            fixture::verdict(),
            fixture::nothing(),
            fixture::many(300),
            fixture::of_texts("\u{1b}[31m@everyone `<details>` \u{202e}"),
        ] {
            let read = verdict(&v1::render(&original)).unwrap();
            assert_eq!(markdown::render(&read), markdown::render(&original));
        }
    }

    fn changed(pointer: &str, value: Value) -> Result<Verdict, NotRead> {
        let mut json: Value = serde_json::from_str(&v1::render(&fixture::verdict())).unwrap();
        *json.pointer_mut(pointer).unwrap() = value;
        verdict(&json.to_string())
    }

    #[test]
    fn another_contract_is_named_and_an_unknown_word_is_not_guessed_at() {
        let told = |result: Result<Verdict, NotRead>| result.unwrap_err().to_string();
        assert!(told(changed("/schema", json!("perimeter.diff/1"))).contains("perimeter.diff/1"));
        assert!(told(changed("/verdict", json!("fine"))).contains("the verdict `fine`"));
        assert!(told(changed("/carve_outs/0/status", json!("x"))).contains("status"));
        assert!(told(changed("/findings/0/rule", json!("x"))).contains("rule"));
        assert!(told(changed("/notices/0/kind", json!("<b>"))).contains("kind of notice"));
        assert!(told(verdict("[]")).contains("check --format json"));
        assert!(told(verdict("{\"schema\":\"perimeter.check/1\"}")).contains("missing field"));
    }

    #[test]
    fn fields_of_later_versions_are_passed_over_and_those_that_the_first_did_not_write_may_be_missing()
     {
        let mut json: Value = serde_json::from_str(&v1::render(&fixture::verdict())).unwrap();
        json["carve_outs"][0]["permalink"] = json!("added later");
        json.as_object_mut().unwrap().remove("picture");
        assert!(verdict(&json.to_string()).unwrap().picture.nodes.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), at in 0usize..4_000) {
            let _ = verdict(&text);
            let mut json = v1::render(&fixture::verdict());
            let at = json.char_indices().map(|(at, _)| at).nth(at).unwrap_or(0);
            json.insert_str(at, &text);
            if let Ok(read) = verdict(&json) {
                let _ = markdown::render(&read);
            }
        }
    }
}
