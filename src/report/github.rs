//! The verdict for a job on GitHub Actions: annotations on the job's output, and a summary of the step.
//!
//! Annotations are lines such as `::error file=a,line=1::words`, which the runner takes from the output and needs no token
//! for: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands> (read 2026-11-22). A step
//! shows ten of each kind, so the most important come first, and one notice says how many are not shown; all of them stand
//! in the log below. The summary is the Markdown report with more room.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::graph::origin::Action;
use crate::verdict::{Severity, Verdict};

use super::issue::{Issue, counts, issues, paragraphs, repository_of};
use super::text::{clip, counted, for_terminal, prose};
use super::{causes, falling, headline, markdown, next_steps, path_in};

/// Annotations of one kind that a step shows.
const SHOWN_OF_A_KIND: usize = 10;
/// Characters of one message, and of one path in the log.
const LONGEST_TEXT: usize = 2_000;
const LONGEST_PATH: usize = 300;

/// What GitHub takes as the summary of one step, in bytes: 1024 KiB. More, and all of it is refused.
pub const SUMMARY_LIMIT: usize = 1024 * 1024;

/// Annotations, then the whole list for the log; with a line break at the end.
#[must_use]
pub fn render(verdict: &Verdict) -> String {
    let issues = issues(verdict);
    let (errors, warnings): (Vec<&Issue<'_>>, Vec<&Issue<'_>>) = issues
        .iter()
        .partition(|issue| issue.finding.severity == Severity::Error);
    let mut lines = vec![headline(verdict)];
    for (kind, issues) in [("error", &errors), ("warning", &warnings)] {
        lines.extend(
            issues
                .iter()
                .take(SHOWN_OF_A_KIND)
                .map(|issue| annotation(kind, issue)),
        );
    }
    let hidden: Vec<String> = [(&errors, "more error"), (&warnings, "more warning")]
        .into_iter()
        .filter(|(issues, _)| issues.len() > SHOWN_OF_A_KIND)
        .map(|(issues, noun)| counted(issues.len() - SHOWN_OF_A_KIND, noun))
        .collect();
    // The count of what is hidden takes the place of one.
    let room = SHOWN_OF_A_KIND - usize::from(!hidden.is_empty());
    lines.extend(causes_at_hand(verdict).into_iter().take(room));
    if !hidden.is_empty() {
        let message = format!(
            "{} not shown as annotations, because a step shows {SHOWN_OF_A_KIND} of each kind: the log of this step lists all of them.",
            hidden.join(" and ")
        );
        lines.push(format!("::notice title=perimeter::{}", data(&message)));
    }
    if !issues.is_empty() {
        let (errors, warnings) = counts(&issues);
        let title = format!(
            "all findings: {}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        );
        lines.push(format!("::group::{title}"));
        lines.extend(issues.iter().map(|issue| in_the_log(issue, verdict)));
        lines.push("::endgroup::".to_owned());
    }
    lines.extend(next_steps(verdict).iter().map(|step| format!("- {step}")));
    format!("{}\n", lines.join("\n"))
}

/// The Markdown report for the summary of a step, in at most so many bytes; `None` when there is no room for any.
#[must_use]
pub fn summary(verdict: &Verdict, room: usize) -> Option<String> {
    // Whoever renders it may count a line break twice.
    let text = markdown::render_within(verdict, room.min(SUMMARY_LIMIT));
    let text = text
        .strip_prefix(markdown::MARKER)
        .unwrap_or(&text)
        .trim_start();
    (text.len() <= room).then(|| text.to_owned())
}

fn annotation(kind: &str, issue: &Issue<'_>) -> String {
    let place = &issue.place;
    let title = format!(
        "{}: {}",
        issue.finding.rule.id(),
        issue.finding.rule.summary()
    );
    let message: Vec<String> = paragraphs(issue)
        .iter()
        .map(|text| prose(&clip(text, LONGEST_TEXT)))
        .collect();
    format!(
        "::{kind} file={},line={},endLine={},title={}::{}",
        property(&for_terminal(&place.path)),
        place.line.max(1),
        place.end_line.max(place.line).max(1),
        property(&title),
        data(&message.join("\n\n"))
    )
}

/// A notice at each line of this repository that makes carve-outs fall: what stands there is what the change set touches, and
/// the carve-outs mostly are not.
fn causes_at_hand(verdict: &Verdict) -> Vec<String> {
    let mut changes_at: BTreeMap<(&str, usize, usize), Vec<&Change>> = BTreeMap::new();
    let mut fallen: BTreeMap<&str, usize> = BTreeMap::new();
    for judged in falling(verdict) {
        for change in &judged.because {
            *fallen.entry(change).or_default() += 1;
        }
    }
    let home = verdict.repositories.first().map_or("", String::as_str);
    let named = |change: &&Change| fallen.contains_key(change.id.as_str());
    for change in verdict.changes.iter().filter(named) {
        for origin in causes(change, verdict) {
            // Of what is deleted no line is left.
            let stays = origin.action.changes() && origin.action != Action::Delete;
            let Some(location) = origin.location.as_ref().filter(|_| stays) else {
                continue;
            };
            let (repository, path) = repository_of(location, verdict);
            if repository == home {
                let last = location.end_line.max(location.line);
                let place = (path, location.line.max(1), last.max(1));
                changes_at.entry(place).or_default().push(change);
            }
        }
    }
    let notices = changes_at
        .into_iter()
        .map(|((path, line, end_line), changes)| {
            let told = changes.iter().map(|change| {
                let count = fallen.get(change.id.as_str()).copied().unwrap_or_default();
                let verb = if count == 1 { "falls" } else { "fall" };
                format!(
                    "{}: {}. {} {verb} with it.",
                    change.id,
                    prose(&clip(&change.summary, LONGEST_TEXT)),
                    counted(count, "carve-out")
                )
            });
            format!(
                "::notice file={},line={line},endLine={end_line},title={}::{}",
                property(&for_terminal(path)),
                property("perimeter change"),
                data(&told.collect::<Vec<_>>().join("\n"))
            )
        });
    notices.collect()
}

fn in_the_log(issue: &Issue<'_>, verdict: &Verdict) -> String {
    let finding = issue.finding;
    let path = path_in(
        &finding.repository,
        &clip(&finding.location.path, LONGEST_PATH),
        verdict.repositories.len() > 1,
    );
    format!(
        "- {}:{}: {}: {}",
        for_terminal(&path),
        finding.location.line,
        finding.severity.word(),
        finding.rule.id()
    )
}

/// The message of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture;
    use crate::report::text::acts_unseen;

    /// The command, its properties and its message.
    type Command = (String, Vec<(String, String)>, String);

    /// What a runner makes of a line.
    fn command(line: &str) -> Option<Command> {
        let rest = line.trim_start().strip_prefix("::")?;
        let (head, message) = rest.split_once("::")?;
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let undo = |text: &str| {
            text.replace("%2C", ",")
                .replace("%3A", ":")
                .replace("%0A", "\n")
                .replace("%0D", "\r")
                .replace("%25", "%")
        };
        let properties = properties
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), undo(value)))
            .collect();
        Some((name.to_owned(), properties, undo(message)))
    }

    fn commands(text: &str) -> Vec<String> {
        text.lines()
            .filter_map(command)
            .map(|(name, ..)| name)
            .collect()
    }

    #[test]
    fn what_the_runner_reads() {
        insta::assert_snapshot!(render(&fixture::verdict()));
    }

    #[test]
    fn nothing_to_do_annotates_nothing() {
        assert_eq!(
            render(&fixture::nothing()),
            "clear: no perimeter change; all 5 carve-outs stand\n- nothing to do\n"
        );
    }

    #[test]
    fn what_makes_carve_outs_fall_is_annotated_too_and_what_no_one_rests_on_is_not() {
        let causes = |verdict: &Verdict| {
            let text = render(verdict);
            text.lines()
                .filter(|line| line.starts_with("::notice file="))
                .count()
        };
        let mut verdict = fixture::verdict();
        assert_eq!(causes(&verdict), 2);
        for judged in &mut verdict.carve_outs {
            judged.because.clear();
        }
        assert_eq!(causes(&verdict), 0);
    }

    #[test]
    fn properties_and_messages_come_back_as_they_were() {
        let text = "100%, a:b\r\nc%0Ad";
        let line = format!("::error title={}::{}", property(text), data(text));
        let (name, properties, message) = command(&line).unwrap();
        assert_eq!((name.as_str(), message.as_str()), ("error", text));
        assert_eq!(properties, [("title".to_owned(), text.to_owned())]);
    }

    #[test]
    fn ten_of_a_kind_are_shown_and_the_rest_is_counted_and_logged() {
        let text = render(&fixture::many(100));
        let commands = commands(&text);
        let of = |kind: &str| commands.iter().filter(|name| *name == kind).count();
        assert_eq!((of("error"), of("warning")), (10, 0));
        assert!((1..=10).contains(&of("notice")));
        assert!(text.contains("::notice title=perimeter::91 more errors not shown"));
        assert!((0..100).all(|index| text.contains(&format!("- services/service-{index:04}/"))));
    }

    #[test]
    fn a_summary_fits_the_room_there_is_or_is_not_written() {
        let verdict = fixture::many(5_000);
        for room in [SUMMARY_LIMIT, 200_000, 30_000, 10_000] {
            assert!(summary(&verdict, room).unwrap().len() <= room, "{room}");
        }
        assert_eq!(summary(&verdict, 100), None);
        let whole = summary(&fixture::verdict(), SUMMARY_LIMIT).unwrap();
        assert!(whole.starts_with("### ⛔ perimeter: blocked"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_the_texts_the_commands_are_the_same(
            text in prop_oneof![any::<String>(), "[:%#,= \n\r\\[a-z]{0,40}", Just("\n::error::x".to_owned())]
        ) {
            let rendered = render(&fixture::of_texts(&text));
            prop_assert!(!rendered.chars().any(|character| character != '\n' && acts_unseen(character)));
            prop_assert_eq!(commands(&rendered), commands(&render(&fixture::of_texts("x"))));
            let old = regex::Regex::new(r"##[A-Za-z]*\[").unwrap();
            prop_assert!(!old.is_match(&rendered));
        }
    }
}
