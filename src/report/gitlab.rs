//! The findings as GitLab's code quality report.
//!
//! What GitLab reads: <https://docs.gitlab.com/ci/testing/code_quality/> (read 2026-11-22). It holds findings and nothing
//! else, so a verdict without any is an empty list.

use serde::Serialize;

use crate::verdict::{Rule, Severity, Verdict};

use super::issue::{Issue, issues, paragraphs};
use super::text::{clip, escape_json, prose};

/// Characters of one description.
const LONGEST_TEXT: usize = 2_000;

#[derive(Serialize)]
struct CodeQuality<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The findings as a JSON list, the most important first, with a line break at the end.
#[must_use]
pub fn render(verdict: &Verdict) -> String {
    let issues = issues(verdict);
    let list: Vec<CodeQuality<'_>> = issues.iter().map(of).collect();
    // Nothing here can fail to serialise: every key is text, and nothing but memory is written to.
    let json = serde_json::to_string_pretty(&list).unwrap_or_default();
    format!("{}\n", escape_json(&json))
}

fn of<'a>(issue: &'a Issue<'_>) -> CodeQuality<'a> {
    let description: Vec<String> = paragraphs(issue)
        .iter()
        .map(|text| prose(&clip(text, LONGEST_TEXT)))
        .collect();
    CodeQuality {
        description: description.join(" "),
        check_name: issue.finding.rule.id(),
        fingerprint: &issue.fingerprint,
        severity: match (issue.finding.severity, issue.finding.rule) {
            (Severity::Error, Rule::GuaranteeBroken | Rule::ExternalCarveOut) => "blocker",
            (Severity::Error, _) => "critical",
            (Severity::Warning, _) => "minor",
        },
        location: Place {
            path: &issue.place.path,
            lines: Lines {
                begin: issue.place.line.max(1),
                end: issue.place.end_line.max(issue.place.line).max(1),
            },
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::report::fixture;
    use crate::report::text::acts_unseen;

    #[test]
    fn what_gitlab_reads() {
        insta::assert_snapshot!(render(&fixture::verdict()));
    }

    #[test]
    fn nothing_found_is_an_empty_list_and_no_byte_order_mark() {
        assert_eq!(render(&fixture::nothing()), "[]\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_the_texts_every_entry_is_complete(text in any::<String>()) {
            let json = render(&fixture::of_texts(&text));
            prop_assert!(!json.chars().any(|character| character != '\n' && acts_unseen(character)));
            let list: Vec<Value> = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(list.len(), fixture::verdict().findings.len());
            for entry in list {
                let severities = ["info", "minor", "major", "critical", "blocker"];
                prop_assert!(severities.contains(&entry["severity"].as_str().unwrap()));
                prop_assert!(!entry["description"].as_str().unwrap().is_empty());
                prop_assert!(!entry["fingerprint"].as_str().unwrap().is_empty());
                prop_assert_eq!(entry["location"]["path"].as_str().unwrap(), &text);
                prop_assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            }
        }
    }
}
