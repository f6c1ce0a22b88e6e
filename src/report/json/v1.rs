//! `perimeter.check/1`: the first version of the JSON contract. Described by `schemas/check-1.schema.json`.
//!
//! The types here are frozen. Fields may be added; none is renamed, removed, or given another meaning: that would be a
//! version of its own. Order of fields and items is part of what is stable.

use serde::Serialize;

use crate::carveout::ledger::PerimeterDigest;
use crate::carveout::site::{CarveOut, Footprint, LastJustified};
use crate::change::Change;
use crate::graph;
use crate::graph::origin::{self, Origin, Origins};
use crate::graph::protection::Evidence;
use crate::location::Location;
use crate::report;
use crate::verdict::{self, Judged, Receipted, Status};

use super::picture::Drawing;

/// The name of this version, first field of every document.
pub const SCHEMA: &str = "perimeter.check/1";

/// The name of what [`render_changes`] writes.
pub const CHANGES_SCHEMA: &str = "perimeter.diff/1";

/// The perimeter changes alone as JSON, in the same form as in a verdict. Described by `schemas/diff-1.schema.json`.
#[must_use]
pub fn render_changes(verdict: &verdict::Verdict) -> String {
    let Check {
        changes,
        notices,
        inputs,
        ..
    } = Check::of(verdict);
    let difference = Difference {
        schema: CHANGES_SCHEMA,
        changes,
        notices,
        inputs,
    };
    let json = serde_json::to_string_pretty(&difference).unwrap_or_default();
    let mut safe = report::text::escape_json(&json);
    safe.push('\n');
    safe
}

/// The verdict as JSON, pretty-printed, with a line break at the end.
///
/// Beyond what JSON asks for, what would act in a terminal or turn the direction of writing is escaped.
#[must_use]
pub fn render(verdict: &verdict::Verdict) -> String {
    // Nothing here can fail to serialise: every key is text, and nothing but memory is written to.
    let json = serde_json::to_string_pretty(&Check::of(verdict)).unwrap_or_default();
    let mut safe = report::text::escape_json(&json);
    safe.push('\n');
    safe
}

#[derive(Serialize)]
struct Check<'a> {
    schema: &'static str,
    verdict: &'static str,
    changes: Vec<PerimeterChange<'a>>,
    carve_outs: Vec<JudgedCarveOut<'a>>,
    findings: Vec<Finding<'a>>,
    notices: Vec<Notice<'a>>,
    counts: Counts,
    findings_from_before: usize,
    inputs: &'a [String],
    picture: Drawing,
}

#[derive(Serialize)]
struct Difference<'a> {
    schema: &'static str,
    changes: Vec<PerimeterChange<'a>>,
    notices: Vec<Notice<'a>>,
    inputs: &'a [String],
}

#[derive(Serialize)]
pub(super) struct PerimeterChange<'a> {
    id: &'a str,
    category: &'static str,
    effect: &'static str,
    summary: &'a str,
    boundaries: Vec<&'a str>,
    boundary_names: Vec<&'a str>,
    causes: Vec<Cause<'a>>,
    facts: Vec<DocumentedFact<'a>>,
    invalidates: bool,
    details: Vec<Detail<'a>>,
}

#[derive(Serialize)]
pub(super) struct DocumentedFact<'a> {
    id: &'a str,
    says: &'a str,
    source: &'a str,
    read: &'a str,
}

#[derive(Serialize)]
pub(super) struct Cause<'a> {
    address: &'a str,
    action: &'static str,
    attributes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "is_false")]
    imported: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    what: &'a str,
    file: &'a str,
    line: usize,
    differs: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize)]
struct Detail<'a> {
    boundary: &'a str,
    name: &'a str,
    words: &'a str,
    effect: &'static str,
}

#[derive(Serialize)]
struct JudgedCarveOut<'a> {
    id: &'a str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    end_line: usize,
    guarantee: &'a str,
    justification: &'a str,
    status: &'static str,
    footprint: Vec<FootprintPart<'a>>,
    because: &'a [String],
    explanation: &'a str,
    owners: &'a [String],
    last_justified: Option<Justified<'a>>,
    help: Option<&'a str>,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    perimeter: Option<Perimeter<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permalink: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    excerpt: Vec<SourceLine<'a>>,
}

#[derive(Serialize)]
struct SourceLine<'a> {
    line: usize,
    text: &'a str,
}

#[derive(Serialize)]
pub(super) struct Perimeter<'a> {
    digest: &'a str,
    parts: Vec<PerimeterPart<'a>>,
}

#[derive(Serialize)]
struct PerimeterPart<'a> {
    boundary: &'a str,
    aspect: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
pub(super) struct Receipt<'a> {
    fits: bool,
    by: &'a str,
    date: &'a str,
    reason: &'a str,
    differs: &'a [String],
}

#[derive(Serialize)]
pub(super) struct FootprintPart<'a> {
    node: &'a str,
    name: &'a str,
    via: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
}

#[derive(Serialize)]
struct Justified<'a> {
    commit: &'a str,
    date: &'a str,
    author: &'a str,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: &'static str,
    path: &'a str,
    line: usize,
    message: &'a str,
    help: &'a str,
    related: Vec<Related<'a>>,
    repository: &'a str,
    end_line: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    path: &'a str,
    line: usize,
    end_line: usize,
    message: &'a str,
}

#[derive(Serialize)]
pub(super) struct Notice<'a> {
    kind: &'a str,
    subject: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Counts {
    broken: usize,
    must_rejustify: usize,
    unanchored: usize,
    added: usize,
    rejustified: usize,
    removed: usize,
    unaffected: usize,
}

impl<'a> Check<'a> {
    fn of(verdict: &'a verdict::Verdict) -> Self {
        Self {
            schema: SCHEMA,
            verdict: verdict.conclusion.word(),
            changes: verdict
                .changes
                .iter()
                .map(|change| PerimeterChange::of(change, &verdict.origins))
                .collect(),
            carve_outs: verdict.carve_outs.iter().map(JudgedCarveOut::of).collect(),
            findings: verdict.findings.iter().map(Finding::of).collect(),
            notices: verdict.notices.iter().map(Notice::of).collect(),
            counts: Counts::of(verdict),
            findings_from_before: verdict.findings_from_before,
            inputs: &verdict.inputs,
            picture: Drawing::of(&verdict.picture),
        }
    }
}

impl<'a> PerimeterChange<'a> {
    pub(super) fn of(change: &'a Change, origins: &'a Origins) -> Self {
        let names = report::names(change);
        Self {
            id: &change.id,
            category: change.category.word(),
            effect: change.effect.word(),
            summary: &change.summary,
            boundaries: change
                .boundaries
                .iter()
                .map(|(boundary, _)| boundary.as_str())
                .collect(),
            boundary_names: change
                .boundaries
                .iter()
                .map(|(_, name)| name.as_str())
                .collect(),
            causes: change
                .causes
                .iter()
                .map(|&cause| Cause::of(origins.get(cause)))
                .collect(),
            facts: change.evidence.iter().map(DocumentedFact::of).collect(),
            invalidates: !change.informative,
            details: change
                .touched
                .iter()
                .flat_map(|(boundary, touches)| {
                    let name = names
                        .get(boundary)
                        .copied()
                        .unwrap_or_else(|| boundary.as_str());
                    touches.iter().map(move |touch| Detail {
                        boundary: boundary.as_str(),
                        name,
                        words: &touch.words,
                        effect: touch.effect.word(),
                    })
                })
                .collect(),
        }
    }
}

impl<'a> Notice<'a> {
    pub(super) fn of(notice: &'a graph::fragment::Notice) -> Self {
        Self {
            kind: notice.kind,
            subject: &notice.subject,
            message: &notice.message,
        }
    }
}

impl<'a> DocumentedFact<'a> {
    pub(super) fn of(evidence: &'a Evidence) -> Self {
        Self {
            id: &evidence.fact,
            says: &evidence.claim,
            source: &evidence.source,
            read: &evidence.read,
        }
    }
}

impl<'a> Cause<'a> {
    pub(super) fn of(origin: &'a Origin) -> Self {
        let location: Option<&Location> = origin.location.as_ref();
        Self {
            address: &origin.address,
            action: origin.action.word(),
            attributes: &origin.attributes,
            file: location.map(|location| location.path.as_str()),
            line: location.map(|location| location.line),
            imported: origin.is_imported,
            steps: origin.steps.iter().map(Step::of).collect(),
        }
    }
}

impl<'a> Step<'a> {
    fn of(step: &'a origin::Step) -> Self {
        Self {
            what: &step.what,
            file: &step.location.path,
            line: step.location.line,
            differs: step.differs,
        }
    }
}

impl<'a> JudgedCarveOut<'a> {
    fn of(judged: &'a Judged) -> Self {
        let carve_out: &CarveOut = &judged.carve_out;
        Self {
            id: &carve_out.id,
            repository: &carve_out.repository,
            path: &carve_out.location.path,
            line: carve_out.location.line,
            end_line: carve_out.location.end_line,
            guarantee: &carve_out.guarantee,
            justification: &carve_out.justification,
            status: judged.status.word(),
            footprint: FootprintPart::all(&carve_out.footprint),
            because: &judged.because,
            explanation: &judged.explanation,
            owners: &carve_out.owners,
            last_justified: carve_out.last_justified.as_ref().map(Justified::of),
            help: judged.help.as_deref(),
            scope: carve_out.footprint.scope.word(),
            perimeter: judged.perimeter.as_ref().map(Perimeter::of),
            receipt: judged.receipt.as_ref().map(Receipt::of),
            permalink: carve_out.permalink.as_deref(),
            excerpt: SourceLine::around(judged),
        }
    }
}

impl<'a> FootprintPart<'a> {
    pub(super) fn all(footprint: &'a Footprint) -> Vec<Self> {
        let parts = footprint.parts.iter();
        parts
            .map(|part| Self {
                node: part.boundary.as_str(),
                name: &part.name,
                via: part.via.word(),
                file: part
                    .location
                    .as_ref()
                    .map(|location| location.path.as_str()),
                line: part.location.as_ref().map(|location| location.line),
            })
            .collect()
    }
}

impl<'a> SourceLine<'a> {
    /// The source of what someone must act on; that of the rest would only make the document long.
    fn around(judged: &'a Judged) -> Vec<Self> {
        if !judged.status.blocks() {
            return Vec::new();
        }
        let lines = judged.carve_out.excerpt.iter();
        lines
            .map(|(line, text)| SourceLine { line: *line, text })
            .collect()
    }
}

impl<'a> Perimeter<'a> {
    pub(super) fn of(perimeter: &'a PerimeterDigest) -> Self {
        let parts = perimeter.parts.iter();
        let parts = parts.map(|((boundary, aspect), digest)| PerimeterPart {
            boundary,
            aspect,
            digest,
        });
        Self {
            digest: &perimeter.whole,
            parts: parts.collect(),
        }
    }
}

impl<'a> Receipt<'a> {
    pub(super) fn of(receipt: &'a Receipted) -> Self {
        Self {
            fits: receipt.fits,
            by: &receipt.by,
            date: &receipt.date,
            reason: &receipt.reason,
            differs: &receipt.differs,
        }
    }
}

impl<'a> Justified<'a> {
    fn of(last: &'a LastJustified) -> Self {
        Self {
            commit: &last.commit,
            date: &last.date,
            author: &last.author,
        }
    }
}

impl<'a> Finding<'a> {
    fn of(finding: &'a verdict::Finding) -> Self {
        Self {
            rule: finding.rule.id(),
            severity: finding.severity.word(),
            path: &finding.location.path,
            line: finding.location.line,
            message: &finding.message,
            help: &finding.help,
            related: finding
                .related
                .iter()
                .map(|(location, message)| Related {
                    path: &location.path,
                    line: location.line,
                    end_line: location.end_line,
                    message,
                })
                .collect(),
            repository: &finding.repository,
            end_line: finding.location.end_line,
        }
    }
}

impl Counts {
    fn of(verdict: &verdict::Verdict) -> Self {
        let count = |status: Status| {
            verdict
                .carve_outs
                .iter()
                .filter(|judged| judged.status == status)
                .count()
        };
        Self {
            broken: count(Status::Broken),
            must_rejustify: count(Status::MustRejustify),
            unanchored: count(Status::Unanchored),
            added: count(Status::Added),
            rejustified: count(Status::Rejustified),
            removed: count(Status::Removed),
            unaffected: count(Status::Unaffected),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::{Value, json};

    use super::*;
    use crate::report::fixture;
    use crate::verdict::Rule;

    fn schema() -> Value {
        serde_json::from_str(include_str!("../../../schemas/check-1.schema.json")).unwrap()
    }

    fn rendered(verdict: &verdict::Verdict) -> Value {
        serde_json::from_str(&render(verdict)).unwrap()
    }

    #[test]
    fn the_contract_as_a_program_sees_it() {
        insta::assert_snapshot!(render(&fixture::verdict()));
    }

    #[test]
    fn every_output_follows_the_schema() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        for verdict in [
            fixture::verdict(),
            fixture::nothing(),
            fixture::many(20),
            fixture::of_texts("\u{1b}[31m\"\\ \u{202e}"),
        ] {
            let json = rendered(&verdict);
            let errors: Vec<String> = validator
                .iter_errors(&json)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }

    #[test]
    fn the_schema_refuses_what_is_not_a_verdict_and_lets_fields_be_added() {
        let validator = jsonschema::draft202012::new(&schema()).unwrap();
        let good = rendered(&fixture::verdict());
        let broken = |pointer: &str, value: Value| {
            let mut json = good.clone();
            *json.pointer_mut(pointer).unwrap() = value;
            !validator.is_valid(&json)
        };
        assert!(broken("/schema", json!("perimeter.check/2")));
        assert!(broken("/verdict", json!("maybe")));
        assert!(broken("/changes/0/category", json!("weather")));
        assert!(broken("/carve_outs/0/status", json!("fine")));
        assert!(broken("/carve_outs/0/line", json!(0)));
        assert!(broken("/carve_outs/0/footprint", json!(null)));
        assert!(broken("/findings/0/severity", json!("info")));
        assert!(broken(
            "/changes/0/causes/0",
            json!({"action": "create", "attributes": []})
        ));
        let mut more = good.clone();
        more["carve_outs"][0]["weather"] = json!("added later");
        assert!(validator.is_valid(&more));
    }

    /// Every field that is written is described, and every field that is required is written.
    #[test]
    fn the_schema_describes_every_field() {
        let schema = schema();
        described(&rendered(&fixture::verdict()), &schema, &schema, "");
    }

    fn described(value: &Value, schema: &Value, root: &Value, at: &str) {
        let schema = match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => root
                .pointer(reference.trim_start_matches('#'))
                .expect(reference),
            None => schema,
        };
        match value {
            Value::Object(members) => {
                let properties = schema
                    .get("properties")
                    .and_then(Value::as_object)
                    .expect(at);
                for (name, member) in members {
                    let property = properties
                        .get(name)
                        .unwrap_or_else(|| panic!("{at}/{name} is not described"));
                    let target = property
                        .get("anyOf")
                        .and_then(|choices| {
                            choices
                                .as_array()?
                                .iter()
                                .find(|choice| choice.get("$ref").is_some())
                        })
                        .unwrap_or(property);
                    assert!(
                        property.get("description").is_some(),
                        "{at}/{name} has no description"
                    );
                    described(member, target, root, &format!("{at}/{name}"));
                }
            }
            Value::Array(items) => {
                for item in items {
                    described(
                        item,
                        schema.get("items").expect(at),
                        root,
                        &format!("{at}/*"),
                    );
                }
            }
            _ => {}
        }
    }

    #[test]
    fn the_schema_knows_every_word() {
        let schema = schema();
        let words = |pointer: &str| -> Vec<String> {
            let words = schema
                .pointer(pointer)
                .and_then(Value::as_array)
                .expect(pointer);
            words
                .iter()
                .map(|word| word.as_str().unwrap().to_owned())
                .collect()
        };
        let categories: Vec<&str> = crate::change::kind::Category::ALL
            .into_iter()
            .map(|one| one.word())
            .collect();
        assert_eq!(words("/$defs/category/enum"), categories);
        let statuses: Vec<&str> = Status::ALL.into_iter().map(Status::word).collect();
        assert_eq!(words("/$defs/status/enum"), statuses);
        // Rules come with versions, so the schema does not list them; each is a word in kebab-case.
        let pattern = schema
            .pointer("/$defs/finding/properties/rule/pattern")
            .and_then(Value::as_str)
            .unwrap();
        let pattern = regex::Regex::new(pattern).unwrap();
        assert!(
            Rule::ALL
                .into_iter()
                .all(|rule| pattern.is_match(rule.id()))
        );
    }

    #[test]
    fn places_and_help_that_are_unknown_are_not_made_up() {
        let json = rendered(&fixture::verdict());
        let causes = &json["changes"][1]["causes"];
        assert!(causes[0].get("file").is_none() && causes[0].get("line").is_none());
        assert_eq!(json["changes"][0]["causes"][0]["line"], 41);
        assert_eq!(json["carve_outs"][4]["help"], Value::Null);
    }

    #[test]
    fn texts_come_back_as_they_were_and_nothing_acts_in_a_terminal() {
        let text = "a\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\u{200b}\u{e0041} \"quoted\" \\ end";
        let verdict = fixture::of_texts(text);
        let written = render(&verdict);
        assert!(
            !written
                .chars()
                .any(|character| character != '\n' && report::text::acts_unseen(character))
        );
        assert_eq!(rendered(&verdict)["carve_outs"][0]["guarantee"], text);
    }

    #[test]
    fn same_input_same_bytes() {
        assert_eq!(render(&fixture::verdict()), render(&fixture::verdict()));
    }
}
