//! `perimeter.audit/1`: an audit, to be kept and compared with the next. Described by `schemas/audit-1.schema.json`.
//!
//! As with a verdict: fields may be added; none is renamed, removed, or given another meaning. What [`parse`] reads is what
//! [`render`] of the same version of the tool wrote: two versions may weigh the same guarantee differently, and a difference
//! between audits is to be one of the network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::carveout::site::LastJustified;
use crate::report::issue::{Issue, issues};
use crate::report::text::escape_json;
use crate::verdict::audit::comparison::{self, Earlier, EarlierFinding, EarlierSite};
use crate::verdict::audit::{Age, Audit, Point, ReadRepository, Truth, Weighed, Written};
use crate::verdict::{Judged, Severity};

use super::v1::{Cause, DocumentedFact, FootprintPart, Notice, Perimeter, Receipt};

/// The name of this version, first field of every document.
pub const SCHEMA: &str = "perimeter.audit/1";

/// What wrote a document.
const TOOL: &str = "perimeter";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The audit as JSON, with a line break at the end.
#[must_use]
pub fn render(audit: &Audit) -> String {
    // Nothing here can fail to serialise: every key is text, and nothing but memory is written to.
    let json = serde_json::to_string_pretty(&Document::of(audit)).unwrap_or_default();
    let mut safe = escape_json(&json);
    safe.push('\n');
    safe
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool<'static>,
    date: &'a str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_days: Option<u64>,
    counts: Counts,
    inputs: Inputs<'a>,
    carve_outs: Vec<Site<'a>>,
    findings: Vec<Finding<'a>>,
    notices: Vec<Notice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Comparison<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct Counts {
    carve_outs: usize,
    #[serde(rename = "true")]
    is_true: usize,
    #[serde(rename = "false")]
    is_false: usize,
    undecidable: usize,
    stale: usize,
    age_not_known: usize,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Inputs<'a> {
    repositories: Vec<Repository<'a>>,
    files: Vec<File<'a>>,
    read: &'a [String],
}

#[derive(Serialize)]
struct Repository<'a> {
    name: &'a str,
    commit: Option<&'a str>,
    has_changes: bool,
}

#[derive(Serialize)]
struct File<'a> {
    kind: &'a str,
    name: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Site<'a> {
    id: &'a str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    end_line: usize,
    guarantee: &'a str,
    justification: &'a str,
    stands_at: Option<&'a str>,
    owners: &'a [String],
    truth: &'static str,
    status: &'static str,
    because: Vec<WitnessPoint<'a>>,
    scope: &'static str,
    footprint: Vec<FootprintPart<'a>>,
    age: SiteAge<'a>,
    stale: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    perimeter: Option<Perimeter<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt<'a>>,
}

/// One thing that bears on a guarantee.
#[derive(Serialize)]
struct WitnessPoint<'a> {
    truth: &'static str,
    words: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<DocumentedFact<'a>>,
    sources: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct SiteAge<'a> {
    days: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<Commit<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not_known: Option<&'a str>,
}

#[derive(Serialize)]
struct Commit<'a> {
    commit: &'a str,
    date: &'a str,
    author: &'a str,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: &'static str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    end_line: usize,
    message: &'a str,
    help: &'a str,
    fingerprint: String,
}

#[derive(Serialize)]
struct Comparison<'a> {
    with: &'a str,
    date: &'a str,
    differences: Vec<Difference<'a>>,
    new_findings: &'a [String],
    settled_findings: Vec<SettledFinding<'a>>,
    inputs: &'a [String],
}

#[derive(Serialize)]
struct Difference<'a> {
    what: &'static str,
    id: &'a str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    guarantee: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    guarantee_before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification_before: Option<&'a str>,
    owners: &'a [String],
    before: Option<&'static str>,
    after: Option<&'static str>,
}

#[derive(Serialize)]
struct SettledFinding<'a> {
    rule: &'a str,
    repository: &'a str,
    path: &'a str,
    line: usize,
    message: &'a str,
}

impl<'a> Document<'a> {
    fn of(audit: &'a Audit) -> Self {
        let verdict = &audit.verdict;
        let of_severity = |severity| {
            let findings = verdict.findings.iter();
            findings.filter(|one| one.severity == severity).count()
        };
        let weighed = || audit.weighed.iter();
        Self {
            schema: SCHEMA,
            tool: Tool {
                name: TOOL,
                version: VERSION,
            },
            date: &audit.today,
            verdict: verdict.conclusion.word(),
            max_age_days: audit.most_days,
            counts: Counts {
                carve_outs: audit.weighed.len(),
                is_true: audit.count(Truth::True),
                is_false: audit.count(Truth::False),
                undecidable: audit.count(Truth::Undecidable),
                stale: weighed().filter(|one| one.is_stale).count(),
                age_not_known: weighed().filter(|one| one.age.days.is_none()).count(),
                errors: of_severity(Severity::Error),
                warnings: of_severity(Severity::Warning),
            },
            inputs: Inputs {
                repositories: audit.repositories.iter().map(Repository::of).collect(),
                files: audit
                    .files
                    .iter()
                    .map(|file| File {
                        kind: file.kind,
                        name: &file.name,
                        sha256: &file.sha256,
                    })
                    .collect(),
                read: &verdict.inputs,
            },
            carve_outs: audit
                .sites()
                .map(|(judged, weighed)| Site::of(judged, weighed, audit))
                .collect(),
            findings: issues(verdict).into_iter().map(Finding::of).collect(),
            notices: verdict.notices.iter().map(Notice::of).collect(),
            comparison: audit.comparison.as_ref().map(Comparison::of),
        }
    }
}

impl<'a> Repository<'a> {
    fn of(repository: &'a ReadRepository) -> Self {
        Self {
            name: &repository.name,
            commit: repository.commit.as_deref(),
            has_changes: repository.is_changed,
        }
    }
}

impl<'a> Site<'a> {
    fn of(judged: &'a Judged, weighed: &'a Weighed, audit: &'a Audit) -> Self {
        let carve_out = &judged.carve_out;
        let location = &carve_out.location;
        let point = |point: &'a Point| WitnessPoint {
            truth: point.truth.word(),
            words: &point.words,
            fact: point.evidence.as_ref().map(DocumentedFact::of),
            sources: point
                .origins
                .iter()
                .map(|id| Cause::of(audit.verdict.origins.get(*id)))
                .collect(),
        };
        Self {
            id: &carve_out.id,
            repository: &carve_out.repository,
            path: &location.path,
            line: location.line,
            end_line: location.end_line,
            guarantee: &carve_out.guarantee,
            justification: &carve_out.justification,
            stands_at: weighed.stands_at.as_deref(),
            owners: &carve_out.owners,
            truth: weighed.truth.word(),
            status: judged.status.word(),
            because: weighed.points.iter().map(point).collect(),
            scope: carve_out.footprint.scope.word(),
            footprint: FootprintPart::all(&carve_out.footprint),
            age: SiteAge::of(&weighed.age),
            stale: weighed.is_stale,
            perimeter: judged.perimeter.as_ref().map(Perimeter::of),
            receipt: judged.receipt.as_ref().map(Receipt::of),
        }
    }
}

impl<'a> SiteAge<'a> {
    fn of(age: &'a Age) -> Self {
        let commit = |last: &'a LastJustified| Commit {
            commit: &last.commit,
            date: &last.date,
            author: &last.author,
        };
        Self {
            days: age.days,
            written: match &age.written {
                Written::In(last) => Some(commit(last)),
                Written::NotCommitted | Written::NotKnown(_) => None,
            },
            receipt: age.receipt.as_deref(),
            why_not_known: match &age.written {
                Written::In(_) => None,
                Written::NotCommitted => Some("it is in the work tree and in no commit"),
                Written::NotKnown(why) => Some(why),
            },
        }
    }
}

impl<'a> Finding<'a> {
    fn of(issue: Issue<'a>) -> Self {
        let finding = issue.finding;
        Self {
            rule: finding.rule.id(),
            severity: finding.severity.word(),
            repository: &finding.repository,
            path: &finding.location.path,
            line: finding.location.line,
            end_line: finding.location.end_line,
            message: &finding.message,
            help: &finding.help,
            fingerprint: issue.fingerprint,
        }
    }
}

impl<'a> Comparison<'a> {
    fn of(comparison: &'a comparison::Comparison) -> Self {
        Self {
            with: &comparison.name,
            date: &comparison.date,
            differences: comparison
                .differences
                .iter()
                .map(|one| Difference {
                    what: one.kind.word(),
                    id: &one.id,
                    repository: &one.repository,
                    path: &one.path,
                    line: one.line,
                    guarantee: &one.guarantee,
                    guarantee_before: one.guarantee_before.as_deref(),
                    justification: one.justifications.as_ref().map(|[_, now]| now.as_str()),
                    justification_before: one
                        .justifications
                        .as_ref()
                        .map(|[then, _]| then.as_str()),
                    owners: &one.owners,
                    before: one.before.map(Truth::word),
                    after: one.after.map(Truth::word),
                })
                .collect(),
            new_findings: &comparison.new_findings,
            settled_findings: comparison
                .settled_findings
                .iter()
                .map(|one| SettledFinding {
                    rule: &one.rule,
                    repository: &one.place.0,
                    path: &one.place.1,
                    line: one.place.2,
                    message: &one.message,
                })
                .collect(),
            inputs: &comparison.inputs,
        }
    }
}

/// What of a document tells which version it is of.
#[derive(Deserialize)]
struct Head {
    schema: Option<String>,
    tool: Option<WrittenTool>,
    date: Option<String>,
}

#[derive(Deserialize)]
struct WrittenTool {
    version: String,
}

/// What of a document is compared.
#[derive(Deserialize)]
struct WrittenAudit {
    date: String,
    max_age_days: Option<u64>,
    inputs: WrittenInputs,
    carve_outs: Vec<WrittenSite>,
    findings: Vec<WrittenFinding>,
}

#[derive(Deserialize)]
struct WrittenInputs {
    repositories: Vec<WrittenRepository>,
    files: Vec<WrittenFile>,
}

#[derive(Deserialize)]
struct WrittenRepository {
    name: String,
    commit: Option<String>,
    has_changes: bool,
}

#[derive(Deserialize)]
struct WrittenFile {
    kind: String,
    name: String,
    sha256: String,
}

#[derive(Deserialize)]
struct WrittenSite {
    id: String,
    repository: String,
    path: String,
    line: usize,
    guarantee: String,
    justification: String,
    stands_at: Option<String>,
    owners: Vec<String>,
    truth: String,
    stale: bool,
}

#[derive(Deserialize)]
struct WrittenFinding {
    rule: String,
    repository: String,
    path: String,
    line: usize,
    message: String,
    fingerprint: String,
}

/// Read an audit that was written down; `name` is for messages.
///
/// # Errors
///
/// If it is none, or one of another schema or another version of the tool; says what to do.
pub fn parse(name: &str, bytes: &[u8]) -> Result<Earlier, String> {
    let not_one = |error: &serde_json::Error| {
        format!("{name} is not what `perimeter audit --format json` writes: {error}")
    };
    let head: Head = serde_json::from_slice(bytes).map_err(|error| not_one(&error))?;
    match head.schema.as_deref() {
        Some(SCHEMA) => {}
        Some(other) => {
            return Err(format!(
                "{name} is of the form {other}, and only {SCHEMA} can be compared: it is what `perimeter audit --format json` writes"
            ));
        }
        None => {
            return Err(format!(
                "{name} is not what `perimeter audit --format json` writes: it has no `schema`"
            ));
        }
    }
    let written_by = head.tool.map_or_else(String::new, |tool| tool.version);
    if written_by != VERSION {
        let date = head.date.unwrap_or_default();
        return Err(format!(
            "{name} was written by {TOOL} {written_by}, and this is {VERSION}, which may weigh the same guarantee differently: make it \
             anew with this version from the inputs that it names, with `perimeter audit --head COMMIT --today {date} --format json`"
        ));
    }
    let audit: WrittenAudit = serde_json::from_slice(bytes).map_err(|error| not_one(&error))?;
    let mut sites = Vec::new();
    for site in audit.carve_outs {
        let Some(truth) = Truth::of(&site.truth) else {
            return Err(format!(
                "{name}: carve-out {}: `{}` is no truth that {SCHEMA} knows",
                site.id, site.truth
            ));
        };
        sites.push(EarlierSite {
            id: site.id,
            repository: site.repository,
            path: site.path,
            line: site.line,
            guarantee: site.guarantee,
            justification: site.justification,
            stands_at: site.stands_at,
            owners: site.owners,
            truth,
            is_stale: site.stale,
        });
    }
    let findings: BTreeMap<String, EarlierFinding> = audit
        .findings
        .into_iter()
        .map(|one| {
            let finding = EarlierFinding {
                rule: one.rule,
                place: (one.repository, one.path, one.line),
                message: one.message,
            };
            (one.fingerprint, finding)
        })
        .collect();
    let repositories = audit.inputs.repositories.into_iter();
    let files = audit.inputs.files.into_iter();
    Ok(Earlier {
        name: name.to_owned(),
        date: audit.date,
        most_days: audit.max_age_days,
        repositories: repositories
            .map(|one| ReadRepository {
                name: one.name,
                commit: one.commit,
                is_changed: one.has_changes,
            })
            .collect(),
        files: files.map(|one| (one.kind, one.name, one.sha256)).collect(),
        sites,
        findings,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn document(schema: &str, version: &str, truth: &str) -> String {
        format!(
            r#"{{"schema": "{schema}", "tool": {{"name": "perimeter", "version": "{version}"}}, "date": "2026-08-22", "added": 1,
            "inputs": {{"repositories": [{{"name": "acme", "commit": null, "has_changes": false}}], "files": []}},
            "carve_outs": [{{"id": "1", "repository": "acme", "path": "a", "line": 1, "guarantee": "g", "justification": "j",
            "stands_at": null, "owners": [], "truth": "{truth}", "stale": false}}], "findings": []}}"#
        )
    }

    #[test]
    fn an_audit_of_this_version_is_read_and_any_other_is_refused_with_what_to_do() {
        let read = |text: &str| parse("old.json", text.as_bytes());
        let earlier = read(&document(SCHEMA, VERSION, "true")).unwrap();
        assert_eq!(earlier.sites[0].truth, Truth::True);
        for (text, expected) in [
            (
                document("perimeter.audit/2", VERSION, "true"),
                "is of the form perimeter.audit/2",
            ),
            (
                document("perimeter.check/1", VERSION, "true"),
                "only perimeter.audit/1 can be compared",
            ),
            (
                document(SCHEMA, "0.0.1", "true"),
                "was written by perimeter 0.0.1",
            ),
            (document(SCHEMA, "0.0.1", "true"), "--today 2026-08-22"),
            (
                document(SCHEMA, VERSION, "perhaps"),
                "`perhaps` is no truth",
            ),
            ("{}".to_owned(), "it has no `schema`"),
            (
                "[1".to_owned(),
                "is not what `perimeter audit --format json` writes",
            ),
            (
                format!(r#"{{"schema": "{SCHEMA}", "tool": {{"version": "{VERSION}"}}}}"#),
                "missing field",
            ),
        ] {
            let error = read(&text).unwrap_err();
            assert!(
                error.starts_with("old.json") && error.contains(expected),
                "{error}"
            );
        }
    }
}
