//! The findings as SARIF 2.1.0, for code scanning.
//!
//! The standard: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. What GitHub reads of it, and how much
//! it takes: <https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning>
//! (both read 2026-11-22). Results are the findings; carve-outs that stand are none. What is left out because an upload
//! takes no more is counted in a notification, and the most important is kept.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::location::Location;
use crate::verdict::{Rule, Severity, Verdict};

use super::issue::{Issue, issues, paragraphs, repository_of};
use super::text::{clip, counted, escape_json, prose, source_line};
use super::{headline, notice_groups};

/// Results that GitHub keeps of one run.
const MOST_RESULTS: usize = 5_000;
/// Places that GitHub shows of one result.
const MOST_RELATED: usize = 99;
/// What GitHub takes, gzipped, in bytes: 10 MB, less a little.
const UPLOAD_LIMIT: usize = 9_900_000;
/// Notices spelled out before the rest is counted.
const MOST_NOTICES: usize = 50;
/// Characters of one text, of one line of source, and lines of one excerpt.
const LONGEST_TEXT: usize = 2_000;
const LONGEST_LINE: usize = 300;
const LONGEST_EXCERPT: usize = 24;

/// The root of the repository of the change set, as other tools call it.
const SOURCE_ROOT: &str = "%SRCROOT%";

/// The findings as a SARIF log, with a line break at the end.
#[must_use]
pub fn render(verdict: &Verdict) -> String {
    render_as(verdict, Category::Check)
}

/// The findings of an audit as a SARIF log of a category of its own: what the check of a change set uploads does not close them.
#[must_use]
pub fn render_audit(verdict: &Verdict) -> String {
    render_as(verdict, Category::Audit)
}

/// What code scanning keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Category {
    Check,
    Audit,
}

impl Category {
    fn id(self) -> &'static str {
        match self {
            Self::Check => "perimeter/",
            Self::Audit => "perimeter-audit/",
        }
    }
}

fn render_as(verdict: &Verdict, category: Category) -> String {
    let issues = issues(verdict);
    let mut shown = issues.len().min(MOST_RESULTS);
    loop {
        let log = rendered(verdict, category, &issues, shown);
        if shown == 0 || log.len() <= UPLOAD_LIMIT || gzipped(&log) <= UPLOAD_LIMIT {
            return log;
        }
        shown /= 2;
    }
}

fn rendered(verdict: &Verdict, category: Category, issues: &[Issue<'_>], shown: usize) -> String {
    // Nothing here can fail to serialise: every key is text, and nothing but memory is written to.
    let json = serde_json::to_string_pretty(&Log::of(verdict, category, issues, shown))
        .unwrap_or_default();
    format!("{}\n", escape_json(&json))
}

fn gzipped(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail; if it did, the log would count as too large.
    match encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish())
    {
        Ok(bytes) => bytes.len(),
        Err(_) => usize::MAX,
    }
}

/// Where a rule is described, for the package that this was built from; `None` while that says of no public repository.
#[must_use]
pub fn help_uri(rule: Rule) -> Option<String> {
    help_uri_in(env!("CARGO_PKG_REPOSITORY"), rule)
}

fn help_uri_in(repository: &str, rule: Rule) -> Option<String> {
    (!repository.is_empty()).then(|| {
        format!(
            "{repository}/blob/v{}/docs/rules.md#{}",
            env!("CARGO_PKG_VERSION"),
            rule.id()
        )
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    automation_details: AutomationDetails,
    column_kind: &'static str,
    original_uri_base_ids: BTreeMap<String, Base>,
    invocations: [Invocation; 1],
    results: Vec<SarifResult<'a>>,
    properties: RunProperties,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<RuleDescriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleDescriptor {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    default_configuration: Configuration,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: [&'static str; 2],
    precision: &'static str,
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: &'static str,
}

#[derive(Serialize)]
struct Base {
    description: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunProperties {
    verdict: &'static str,
    left_out: usize,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Place; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Place>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<ResultProperties>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultProperties {
    carve_out: String,
    status: &'static str,
    because: Vec<String>,
    owners: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: String,
}

/// Lines count from 1, columns too, in UTF-16 code units; the last column is the one behind the last character.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    end_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Text>,
}

impl<'a> Log<'a> {
    fn of(verdict: &Verdict, category: Category, issues: &'a [Issue<'_>], shown: usize) -> Self {
        let mut bases = BTreeMap::new();
        for (index, name) in verdict.repositories.iter().enumerate() {
            let description = format!("the top of repository {}", prose(name));
            let description = Text { text: description };
            bases.insert(base_id(index), Base { description });
        }
        bases.entry(base_id(0)).or_insert_with(|| Base {
            description: Text {
                text: "the top of the repository".into(),
            },
        });
        Self {
            schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            version: "2.1.0",
            runs: [Run {
                tool: Tool {
                    driver: Driver {
                        name: "perimeter",
                        semantic_version: env!("CARGO_PKG_VERSION"),
                        rules: Rule::ALL.into_iter().map(RuleDescriptor::of).collect(),
                    },
                },
                automation_details: AutomationDetails { id: category.id() },
                column_kind: "utf16CodeUnits",
                original_uri_base_ids: bases,
                invocations: [Invocation {
                    execution_successful: true,
                    tool_execution_notifications: notifications(
                        verdict,
                        category,
                        issues.len() - shown,
                    ),
                }],
                results: issues
                    .iter()
                    .take(shown)
                    .map(|issue| SarifResult::of(issue, verdict))
                    .collect(),
                properties: RunProperties {
                    verdict: verdict.conclusion.word(),
                    left_out: issues.len() - shown,
                },
            }],
        }
    }
}

impl RuleDescriptor {
    fn of(rule: Rule) -> Self {
        let summary = rule.summary();
        let first = summary.chars().next().map(|first| first.to_uppercase());
        let first: String = first.into_iter().flatten().collect();
        let sentence = format!("{first}{}.", summary.get(1..).unwrap_or_default());
        // Lines are broken for a terminal; code stays as it is.
        let paragraphs: Vec<String> = rule
            .description()
            .split("\n\n")
            .map(|paragraph| match paragraph {
                code if code.starts_with("    ") => code.to_owned(),
                words => words.replace('\n', " "),
            })
            .collect();
        let description = doubled_braces(&paragraphs.join("\n\n"));
        Self {
            id: rule.id(),
            short_description: Text {
                text: sentence.clone(),
            },
            full_description: Text {
                text: description.clone(),
            },
            // What a rule finds is an error, but for one that also warns; results say which they are.
            default_configuration: Configuration { level: "error" },
            help: Help {
                markdown: format!("**{sentence}**\n\n{description}"),
                text: description,
            },
            help_uri: help_uri(rule),
            properties: RuleProperties {
                tags: ["security", "network-perimeter"],
                precision: "high",
                security_severity: match rule {
                    Rule::ExternalCarveOut | Rule::GuaranteeBroken => "8.0",
                    Rule::MustRejustify | Rule::UnmarkedPlaintext => "7.0",
                    _ => "5.0",
                },
            },
        }
    }
}

fn notifications(verdict: &Verdict, category: Category, left_out: usize) -> Vec<Notification> {
    let mut notifications = Vec::new();
    let mut add = |level, text: &str| {
        notifications.push(Notification {
            level,
            message: message(text),
        });
    };
    if left_out > 0 {
        let findings = counted(left_out, "finding");
        add(
            "warning",
            &format!(
                "{findings} left out, because an upload takes no more; json, gitlab and junit have all of them"
            ),
        );
    }
    if category == Category::Check {
        add("note", &headline(verdict));
    }
    let groups = notice_groups(&verdict.notices);
    for group in groups.iter().take(MOST_NOTICES) {
        let subjects = match group.subjects.as_slice() {
            [only] => clip(only, LONGEST_LINE),
            [first, rest @ ..] => format!("{} and {} more", clip(first, LONGEST_LINE), rest.len()),
            [] => String::new(),
        };
        let text = clip(group.message, LONGEST_TEXT);
        add("note", &format!("{}: {subjects}: {text}", group.kind));
    }
    if groups.len() > MOST_NOTICES {
        let more = format!("and {} more notices", groups.len() - MOST_NOTICES);
        add("note", &more);
    }
    notifications
}

impl<'a> SarifResult<'a> {
    fn of(issue: &'a Issue<'_>, verdict: &Verdict) -> Self {
        let finding = issue.finding;
        let rule_index = Rule::ALL
            .iter()
            .position(|rule| *rule == finding.rule)
            .unwrap_or_default();
        let mut related: Vec<Place> = Vec::new();
        if issue.is_elsewhere {
            let index = index_of(&finding.repository, verdict);
            related.push(Place {
                id: None,
                physical_location: call_site(issue, base_id(index)),
                message: Some(message("the finding itself")),
            });
        }
        for (location, words) in finding.related.iter().take(MOST_RELATED - related.len()) {
            let (repository, path) = repository_of(location, verdict);
            let base = base_id(index_of(repository, verdict));
            related.push(Place {
                id: None,
                physical_location: plain_place(path, location, base),
                message: Some(message(&clip(words, LONGEST_TEXT))),
            });
        }
        for (index, place) in related.iter_mut().enumerate() {
            place.id = Some(index + 1);
        }
        let mut paragraphs: Vec<String> = paragraphs(issue)
            .iter()
            .map(|text| clip(text, LONGEST_TEXT))
            .collect();
        let more = finding.related.len().saturating_sub(MOST_RELATED);
        if more > 0 {
            paragraphs.push(format!("{} not listed.", counted(more, "related place")));
        }
        let paragraphs: Vec<String> = paragraphs.iter().map(|text| in_message(text)).collect();
        Self {
            rule_id: finding.rule.id(),
            rule_index,
            level: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: Text {
                text: paragraphs.join("\n\n"),
            },
            locations: [Place {
                id: None,
                physical_location: if issue.is_elsewhere {
                    plain_place(&issue.place.path, &issue.place, base_id(0))
                } else {
                    call_site(issue, base_id(0))
                },
                message: None,
            }],
            related_locations: related,
            partial_fingerprints: BTreeMap::from([
                ("perimeter/v1", issue.fingerprint.as_str()),
                // The only one that GitHub looks at.
                ("primaryLocationLineHash", issue.fingerprint.as_str()),
            ]),
            properties: issue.judged.map(|judged| ResultProperties {
                carve_out: prose(&clip(&judged.carve_out.id, LONGEST_LINE)),
                status: judged.status.word(),
                because: shortened(&judged.because),
                owners: shortened(&judged.carve_out.owners),
            }),
        }
    }
}

fn shortened(items: &[String]) -> Vec<String> {
    items
        .iter()
        .take(MOST_NOTICES)
        .map(|item| prose(&clip(item, LONGEST_LINE)))
        .collect()
}

fn index_of(repository: &str, verdict: &Verdict) -> usize {
    let mut names = verdict.repositories.iter();
    names.position(|name| name == repository).unwrap_or(0)
}

/// The first repository is the one that whoever reads this has at hand.
fn base_id(index: usize) -> String {
    match index {
        0 => SOURCE_ROOT.to_owned(),
        other => format!("REPOSITORY{}", other + 1),
    }
}

fn plain_place(path: &str, location: &Location, uri_base_id: String) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: relative_uri(path),
            uri_base_id,
        },
        region: lines(location.line, location.end_line),
        context_region: None,
    }
}

fn lines(line: usize, end_line: usize) -> Region {
    Region {
        start_line: line.max(1),
        start_column: None,
        end_line: end_line.max(line).max(1),
        end_column: None,
        snippet: None,
    }
}

/// The place of a finding with its columns and source, where the source is at hand.
fn call_site(issue: &Issue<'_>, uri_base_id: String) -> PhysicalLocation {
    let location = &issue.finding.location;
    let mut place = plain_place(&location.path, location, uri_base_id);
    let Some(judged) = issue.judged else {
        return place;
    };
    let excerpt = &judged.carve_out.excerpt;
    let is_without_gaps = excerpt
        .windows(2)
        .all(|pair| pair[1].0 == pair[0].0.saturating_add(1));
    let marked: Vec<&str> = excerpt
        .iter()
        .filter(|(number, _)| (location.line..=location.end_line).contains(number))
        .map(|(_, text)| text.as_str())
        .collect();
    let is_whole = marked.len() == location.end_line.saturating_sub(location.line) + 1;
    let (true, true, Some(first), Some(last)) =
        (is_without_gaps, is_whole, marked.first(), marked.last())
    else {
        return place;
    };
    let units = |text: &str| text.chars().map(char::len_utf16).sum::<usize>();
    let indent = &first[..first.len() - first.trim_start().len()];
    let end = last.trim_end();
    if !end.trim().is_empty() && !first.trim().is_empty() {
        place.region.start_column = Some(units(indent) + 1);
        place.region.end_column = Some(units(end) + 1);
    }
    place.region.snippet = Some(snippet(&marked));
    if excerpt.len() > marked.len() && excerpt.len() <= LONGEST_EXCERPT {
        let all: Vec<&str> = excerpt.iter().map(|(_, text)| text.as_str()).collect();
        let (first, last) = (excerpt[0].0, excerpt[excerpt.len() - 1].0);
        place.context_region = Some(Region {
            snippet: Some(snippet(&all)),
            ..lines(first, last)
        });
    }
    place
}

fn snippet(lines: &[&str]) -> Text {
    let lines: Vec<String> = lines
        .iter()
        .take(LONGEST_EXCERPT)
        .map(|line| source_line(&clip(line, LONGEST_LINE)))
        .collect();
    Text {
        text: lines.join("\n"),
    }
}

/// Foreign words as a message.
fn message(text: &str) -> Text {
    Text {
        text: in_message(text),
    }
}

/// Readers of a message make a link of `[a](b)` and fill in `{0}`.
fn in_message(text: &str) -> String {
    doubled_braces(&prose(text).replace("](", "]\\u{28}"))
}

/// How the standard writes a brace that is meant as one.
fn doubled_braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A path as a relative reference: every byte but letters, digits and a few marks is percent-encoded.
fn relative_uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    // Two slashes would begin the name of a host, one would leave the repository.
    uri.trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::report::fixture;
    use crate::report::text::acts_unseen;

    fn validator() -> jsonschema::Validator {
        let schema = include_str!("../../tests/schemas/sarif-2.1.0.schema.json");
        // Two patterns of the schema have a bracket too many, which a strict reader of patterns refuses.
        let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
        let schema: Value = serde_json::from_str(&schema).unwrap();
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap()
    }

    fn parsed(verdict: &Verdict) -> Value {
        serde_json::from_str(&render(verdict)).unwrap()
    }

    #[track_caller]
    fn is_valid(validator: &jsonschema::Validator, log: &Value) {
        let errors: Vec<String> = validator
            .iter_errors(log)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }

    #[test]
    fn what_code_scanning_reads() {
        insta::assert_snapshot!(render(&fixture::verdict()));
    }

    #[test]
    fn every_log_follows_the_standard() {
        let validator = validator();
        let mut elsewhere = fixture::verdict();
        elsewhere.repositories = vec!["network".into(), "shop".into()];
        for verdict in [
            fixture::verdict(),
            fixture::nothing(),
            fixture::many(20),
            elsewhere,
            fixture::of_texts("\u{1b}[31m\"\\ \u{202e} {0} [a](b) :x//y"),
            fixture::of_texts(""),
        ] {
            is_valid(&validator, &parsed(&verdict));
        }
        let mut broken = parsed(&fixture::verdict());
        broken["runs"][0]["results"][0]["level"] = "fatal".into();
        assert!(!validator.is_valid(&broken));
    }

    #[test]
    fn every_result_has_a_place_a_rule_and_a_fingerprint() {
        let log = parsed(&fixture::verdict());
        let run = &log["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), fixture::verdict().findings.len());
        for result in results {
            let place = &result["locations"][0]["physicalLocation"];
            assert!(
                !place["artifactLocation"]["uri"]
                    .as_str()
                    .unwrap()
                    .is_empty()
            );
            let rule = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
            let prints = &result["partialFingerprints"];
            assert_eq!(prints["perimeter/v1"], prints["primaryLocationLineHash"]);
        }
    }

    #[test]
    fn a_marker_is_a_span_and_not_only_a_line() {
        let log = parsed(&fixture::verdict());
        let results = log["runs"][0]["results"].as_array().unwrap();
        let limits = results
            .iter()
            .find(|result| result["ruleId"] == "must-rejustify")
            .unwrap();
        let region = &limits["locations"][0]["physicalLocation"]["region"];
        assert_eq!(
            (region["startLine"].as_u64(), region["startColumn"].as_u64()),
            (Some(6), Some(5))
        );
        assert_eq!(
            (region["endLine"].as_u64(), region["endColumn"].as_u64()),
            (Some(8), Some(16))
        );
        let cause = &limits["relatedLocations"][0];
        assert_eq!(
            cause["physicalLocation"]["artifactLocation"]["uri"],
            "network.tf"
        );
        assert_eq!(cause["message"]["text"], "peering added here");
    }

    #[test]
    fn a_finding_of_another_repository_keeps_its_place_as_a_related_one() {
        let mut verdict = fixture::verdict();
        verdict.repositories = vec!["network".into(), "shop".into()];
        for finding in &mut verdict.findings {
            finding.related = vec![(Location::line("network/peering.tf", 41), "here".into())];
        }
        let log = parsed(&verdict);
        let result = &log["runs"][0]["results"][0];
        let place = |value: &Value| value["physicalLocation"]["artifactLocation"].clone();
        let primary = place(&result["locations"][0]);
        assert_eq!(
            (&primary["uri"], &primary["uriBaseId"]),
            (&"peering.tf".into(), &"%SRCROOT%".into())
        );
        let itself = place(&result["relatedLocations"][0]);
        assert_eq!(
            (&itself["uri"], &itself["uriBaseId"]),
            (&"services/relay/dial.go".into(), &"REPOSITORY2".into())
        );
    }

    #[test]
    fn what_an_upload_cannot_take_is_counted() {
        let log = parsed(&fixture::many(6_000));
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), MOST_RESULTS);
        assert_eq!(run["properties"]["leftOut"], 1_001);
        let first = &run["invocations"][0]["toolExecutionNotifications"][0];
        assert_eq!(first["level"], "warning");
        assert!(
            first["message"]["text"]
                .as_str()
                .unwrap()
                .starts_with("1001 findings left out")
        );
    }

    /// What GitHub takes: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
    /// (read 2026-11-22).
    #[test]
    fn the_published_limits_are_kept_and_each_rule_helps_by_itself() {
        let log = parsed(&fixture::many(6_000));
        assert_eq!(log["runs"].as_array().unwrap().len(), 1);
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert!(rules.len() <= 25_000 && run["tool"].get("extensions").is_none());
        for rule in rules {
            let tags = rule["properties"]["tags"].as_array().unwrap();
            assert!(tags.len() <= 20);
            for words in ["/help/text", "/help/markdown", "/fullDescription/text"] {
                let length = rule.pointer(words).unwrap().as_str().unwrap().len();
                assert!((100..1_024).contains(&length), "{words} {rule}");
            }
        }
        for result in run["results"].as_array().unwrap() {
            let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
            assert!(related + result["locations"].as_array().unwrap().len() <= 100);
        }
    }

    #[test]
    fn a_rule_leads_to_its_page_where_there_is_one_and_nowhere_else() {
        let rule = Rule::MustRejustify;
        assert_eq!(help_uri_in("", rule), None);
        let page = help_uri_in("https://git.example/acme/perimeter", rule).unwrap();
        assert!(page.starts_with("https://git.example/acme/perimeter/blob/v"));
        assert!(page.ends_with("/docs/rules.md#must-rejustify"));
        let log = parsed(&fixture::verdict());
        let rules = log["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        for one in rules {
            let has_page = one.get("helpUri").is_some();
            assert_eq!(has_page, !env!("CARGO_PKG_REPOSITORY").is_empty());
        }
    }

    #[test]
    fn links_and_placeholders_do_not_act() {
        assert_eq!(
            in_message("[a](https://b) {0}"),
            "[a]\\u{{28}}https://b) {{0}}"
        );
        assert_eq!(
            in_message("aws_route.x[\"a\"] (b)"),
            "aws_route.x[\"a\"] (b)"
        );
    }

    #[test]
    fn paths_are_relative_references() {
        assert_eq!(relative_uri("a b/c:d/é.tf"), "a%20b/c%3Ad/%C3%A9.tf");
        assert_eq!(relative_uri("//host/x"), "host/x");
        assert_eq!(relative_uri("javascript:x"), "javascript%3Ax");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn whatever_the_texts_the_log_is_valid(text in any::<String>()) {
            let verdict = fixture::of_texts(&text);
            let log = render(&verdict);
            prop_assert!(!log.chars().any(|character| character != '\n' && acts_unseen(character)));
            let parsed: Value = serde_json::from_str(&log).unwrap();
            for result in parsed["runs"][0]["results"].as_array().unwrap() {
                let shown = result["message"]["text"].as_str().unwrap();
                prop_assert!(!shown.contains("]("));
                prop_assert!(!shown.chars().any(|character| character != '\n' && acts_unseen(character)));
            }
        }
    }
}
