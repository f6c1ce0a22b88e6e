//! 8. A verdict or a picture as text, one file per format.
//!
//! Values in, text out: no report decides what passes, and none touches disk, clock or terminal. Names, comments and paths
//! come from whoever opened the pull request, so every one of them goes through [`text`] on its way out. The same verdict
//! gives the same bytes. Wording that several formats share stands here.

pub mod answer;
mod audit;
mod boxes;
pub mod dot;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod issue;
pub mod json;
pub mod junit;
mod layout;
pub mod markdown;
pub mod mermaid;
pub mod outline;
pub mod readings;
pub mod sarif;
pub mod svg;
pub mod table;
pub mod text;

#[cfg(test)]
mod fixture;

use std::collections::{BTreeMap, BTreeSet};

use crate::carveout::site::{CarveOut, Scope};
use crate::change::{Category, Change, Touch};

use crate::graph::BoundaryId;
use crate::graph::fragment::Notice;
use crate::graph::origin::Origin;
use crate::graph::protection::Evidence;
use crate::location::Location;
use crate::verdict::{Conclusion, Finding, Judged, Rule, Severity, Status, Verdict};

use text::counted;

/// The verdict in one line: what it is, and the numbers behind it.
fn headline(verdict: &Verdict) -> String {
    let mut parts = Vec::new();
    let total = verdict.carve_outs.len();
    let falling = verdict
        .carve_outs
        .iter()
        .filter(|judged| judged.status.blocks())
        .count();
    let findings = findings_of_their_own(verdict);
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let warnings = findings.len() - errors;
    let changes = changes_counted(verdict);

    if falling > 0 {
        parts.push(format!(
            "{falling} of {} must be re-justified or removed",
            counted(total, "carve-out")
        ));
    }
    if errors > 0 {
        parts.push(counted(errors, "finding"));
    }
    parts.push(changes);
    if falling == 0 {
        parts.push(settled(verdict));
    }
    if warnings > 0 {
        parts.push(counted(warnings, "warning"));
    }
    format!("{}: {}", verdict.conclusion.word(), parts.join("; "))
}

fn changes_counted(verdict: &Verdict) -> String {
    let reported_only = verdict
        .changes
        .iter()
        .filter(|change| change.informative)
        .count();
    match (verdict.changes.len(), reported_only) {
        (0, _) => "no perimeter change".to_owned(),
        (all, 0) => counted(all, "perimeter change"),
        (all, some) => format!(
            "{} ({some} reported only)",
            counted(all, "perimeter change")
        ),
    }
}

/// Whether a finding says that a carve-out may be affected, and that nobody can tell.
fn is_in_doubt(verdict: &Verdict) -> bool {
    verdict.findings.iter().any(|one| one.rule.is_doubt())
}

/// What to call the carve-outs on which nothing fell, as far as that is known.
fn unaffected_words(verdict: &Verdict) -> &'static str {
    if is_in_doubt(verdict) {
        "not known to be affected"
    } else {
        "unaffected"
    }
}

/// What became of the carve-outs when none of them falls.
fn settled(verdict: &Verdict) -> String {
    let total = verdict.carve_outs.len();
    let moved = moved(verdict);
    if total > 0 && moved.is_empty() && is_in_doubt(verdict) {
        return match total {
            1 => "the 1 carve-out may be affected: see the findings".to_owned(),
            _ => format!(
                "none of {total} carve-outs is known to be affected, and some may be: see the findings"
            ),
        };
    }
    match (total, moved.is_empty(), verdict.changes.is_empty()) {
        (0, ..) => "no carve-outs".to_owned(),
        (_, false, _) => format!("of {}, {}", counted(total, "carve-out"), moved.join(", ")),
        (1, true, false) => "the 1 carve-out is not affected".to_owned(),
        (_, true, false) => format!("none of {total} carve-outs is affected"),
        (1, true, true) => "the 1 carve-out stands".to_owned(),
        (_, true, true) => format!("all {total} carve-outs stand"),
    }
}

/// What the change set itself did to carve-outs: "1 re-justified".
fn moved(verdict: &Verdict) -> Vec<String> {
    [Status::Added, Status::Rejustified, Status::Removed]
        .into_iter()
        .filter_map(|status| match with_status(verdict, status).count() {
            0 => None,
            count => Some(format!("{count} {}", status.words())),
        })
        .collect()
}

/// What a notice asks for, of those that say that this change set was not seen whole.
fn asked(notice: &Notice) -> Option<&'static str> {
    Some(match notice.kind {
        "errored-plan" => {
            "mend what `terraform plan` reports, plan again and check that plan: this one lacks changes"
        }
        "incomplete-plan" => {
            "check the plan of the rest as well, once there is one: this one is not of the whole configuration"
        }
        "missing-resource-changes" => {
            "pass what `terraform show -json PLAN` writes, unfiltered, and run the check again"
        }
        _ => return None,
    })
}

/// What to do next, each a sentence without its full stop.
fn next_steps(verdict: &Verdict) -> Vec<&'static str> {
    let mut asked: Vec<&str> = verdict.notices.iter().filter_map(asked).collect();
    asked.sort_unstable();
    asked.dedup();
    if verdict.conclusion == Conclusion::Clear {
        let is_warned = !findings_of_their_own(verdict).is_empty();
        asked.extend(is_warned.then_some("nothing blocks; look at each warning"));
        if asked.is_empty() {
            asked.push("nothing to do");
        }
        return asked;
    }
    let any = |status| with_status(verdict, status).next().is_some();
    let mut steps = Vec::new();
    if any(Status::MustRejustify) || any(Status::Unanchored) {
        steps.push(
            "in this change set, rewrite the guarantee or justification of each carve-out so that it is true of the network \
             after the change; or, where its words are true as they stand, record why with `perimeter justify` or \
             `perimeter review`; or turn encryption back on and delete the comment",
        );
    }
    if any(Status::Broken) {
        steps.push(
            "where a carve-out is broken, fix the network or turn encryption back on; other words do not clear it",
        );
    }
    if findings_of_their_own(verdict)
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        steps.push("settle each finding of severity error");
    }
    steps.extend(asked);
    steps.push("then run the check again");
    steps
}

fn with_status(verdict: &Verdict, status: Status) -> impl Iterator<Item = &Judged> {
    verdict
        .carve_outs
        .iter()
        .filter(move |judged| judged.status == status)
}

/// The carve-outs that someone must act on, the worst first.
#[must_use]
pub fn falling(verdict: &Verdict) -> Vec<&Judged> {
    let mut falling: Vec<&Judged> = verdict
        .carve_outs
        .iter()
        .filter(|judged| judged.status.blocks())
        .collect();
    falling.sort_by_key(|judged| judged.status);
    falling
}

/// The findings that do not merely repeat a carve-out which is listed as falling.
fn findings_of_their_own(verdict: &Verdict) -> Vec<&Finding> {
    let listed: BTreeSet<(&str, &str, usize)> = verdict
        .carve_outs
        .iter()
        .filter(|judged| judged.status.blocks())
        .map(|judged| place_of(&judged.carve_out.repository, &judged.carve_out.location))
        .collect();
    let repeats = |finding: &Finding| {
        matches!(
            finding.rule,
            Rule::MustRejustify | Rule::GuaranteeBroken | Rule::UnanchoredGuarantee
        ) && listed.contains(&place_of(&finding.repository, &finding.location))
    };
    verdict
        .findings
        .iter()
        .filter(|finding| !repeats(finding))
        .collect()
}

/// Findings that one setting or one habit makes many times in a file, together; each list is in the given order. One that points
/// at other places stays by itself, so that they are told.
fn alike<'f>(findings: &[&'f Finding]) -> Vec<Vec<&'f Finding>> {
    let mut lists: Vec<Vec<&Finding>> = Vec::new();
    let mut places = BTreeMap::new();
    for finding in findings {
        if !finding.related.is_empty() {
            lists.push(vec![finding]);
            continue;
        }
        let about = (
            (finding.rule, finding.severity, finding.help.as_str()),
            (finding.repository.as_str(), &*finding.location.path),
        );
        let place = *places.entry(about).or_insert(lists.len());
        match lists.get_mut(place) {
            Some(list) => list.push(finding),
            None => lists.push(vec![finding]),
        }
    }
    lists
}

fn place_of<'a>(repository: &'a str, location: &'a Location) -> (&'a str, &'a str, usize) {
    (repository, &location.path, location.line)
}

/// Whether there is nothing in this verdict that a reader has not known before.
#[must_use]
pub fn is_quiet(verdict: &Verdict) -> bool {
    verdict.conclusion == Conclusion::Clear
        && !verdict.notices.iter().any(|notice| asked(notice).is_some())
        && verdict.changes.is_empty()
        && verdict.findings.is_empty()
        && verdict
            .carve_outs
            .iter()
            .all(|judged| judged.status == Status::Unaffected)
}

/// Whether paths need their repository beside them to be understood.
fn has_several_repositories(verdict: &Verdict) -> bool {
    let of_carve_outs = verdict
        .carve_outs
        .iter()
        .map(|judged| &judged.carve_out.repository);
    let of_findings = verdict.findings.iter().map(|finding| &finding.repository);
    of_carve_outs
        .chain(of_findings)
        .collect::<BTreeSet<_>>()
        .len()
        > 1
}

/// A path as a reader finds it: with its repository where there are several.
fn path_in(repository: &str, path: &str, several_repositories: bool) -> String {
    if several_repositories {
        format!("{repository}:{path}")
    } else {
        path.to_owned()
    }
}

/// The names of a change's boundaries, and of everything it touches.
fn names(change: &Change) -> BTreeMap<&BoundaryId, &str> {
    let listed = change
        .boundaries
        .iter()
        .map(|(boundary, name)| (boundary, name));
    listed
        .chain(&change.names)
        .map(|(boundary, name)| (boundary, name.as_str()))
        .collect()
}

/// What a change does to a boundary, boundary by boundary in the order of their names.
fn details(change: &Change) -> Vec<(&str, &Touch)> {
    let names = names(change);
    let mut details: Vec<(&str, &Touch)> = change
        .touched
        .iter()
        .flat_map(|(boundary, touches)| {
            let name = names
                .get(boundary)
                .copied()
                .unwrap_or_else(|| boundary.as_str());
            touches.iter().map(move |touch| (name, touch))
        })
        .collect();
    details.sort_by_key(|(name, touch)| (*name, &touch.words));
    // A boundary made anew is touched under both its identities; a person knows one name.
    details.dedup_by(|a, b| a.0 == b.0 && a.1.words == b.1.words);
    details
}

/// What is documented of the protection that a change is about; a change of topology is read without it.
fn documented(change: &Change) -> &[Evidence] {
    if change.category == Category::Encryption {
        &change.evidence
    } else {
        &[]
    }
}

/// The causes of a change, those that the plan touches first.
fn causes<'a>(change: &Change, verdict: &'a Verdict) -> Vec<&'a Origin> {
    let mut causes: Vec<&Origin> = change
        .causes
        .iter()
        .map(|&cause| verdict.origins.get(cause))
        .collect();
    causes.sort_by_key(|origin| !origin.action.changes());
    causes
}

/// By whom a carve-out was justified without new words, when and why; `None` where no receipt counts.
fn receipt_words(judged: &Judged) -> Option<String> {
    let receipt = judged.receipt.as_ref().filter(|receipt| receipt.fits)?;
    Some(format!(
        "justified by {} on {}: {}",
        receipt.author(),
        receipt.date,
        receipt.reason
    ))
}

/// Why a carve-out is listed, in half a line.
fn reason(judged: &Judged, verdict: &Verdict) -> String {
    let because = judged.because.join(", ");
    if let (Status::Rejustified, Some(words)) = (judged.status, receipt_words(judged)) {
        return format!("invalidated by {because}, and {words}");
    }
    match judged.status {
        Status::Broken if because.is_empty() => "its guarantee is false".to_owned(),
        Status::Broken => format!("its guarantee is false after {because}"),
        Status::MustRejustify if because.is_empty() => "what it rests on changed".to_owned(),
        Status::MustRejustify => {
            let verb = if judged.because.len() == 1 {
                "changes"
            } else {
                "change"
            };
            format!("{because} {verb} {}", fallen_parts(judged, verdict))
        }
        Status::Unanchored => {
            "it names no part of the network, so every perimeter change may void it".to_owned()
        }
        Status::Added => "new in this change set".to_owned(),
        Status::Rejustified if because.is_empty() => "invalidated, and re-justified".to_owned(),
        Status::Rejustified => format!("invalidated by {because}, and re-justified"),
        Status::Removed => "marker and plaintext setting are gone".to_owned(),
        Status::Unaffected => "nothing it rests on changed".to_owned(),
    }
}

/// The parts of a footprint that the changes touch; the whole footprint when none of them says so.
fn fallen_parts(judged: &Judged, verdict: &Verdict) -> String {
    let parts = &judged.carve_out.footprint.parts;
    let because: Vec<&Change> = verdict
        .changes
        .iter()
        .filter(|change| judged.because.contains(&change.id))
        .collect();
    let fallen: Vec<&str> = parts
        .iter()
        .filter(|part| {
            because
                .iter()
                .any(|change| change.touched.contains_key(&part.boundary))
        })
        .map(|part| part.name.as_str())
        .collect();
    // A thing that moves, or a name that passes on, changes no part: what it is stands in the change.
    let changes_no_part = because
        .iter()
        .all(|change| change.touched.is_empty() || change.category == Category::Migration);
    if fallen.is_empty() && changes_no_part && !because.is_empty() {
        return "what its words mean".to_owned();
    }
    match (fallen.is_empty(), parts.is_empty()) {
        (false, _) => fallen.join(", "),
        (true, false) => parts
            .iter()
            .map(|part| part.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        (true, true) => "what it rests on".to_owned(),
    }
}

/// What a carve-out rests on and how that is known, in half a line.
fn footprint_words(carve_out: &CarveOut) -> String {
    let parts: Vec<String> = carve_out
        .footprint
        .parts
        .iter()
        .map(|part| match &part.location {
            Some(location) => format!("{} ({}; {location})", part.name, part.via.words()),
            None => format!("{} ({})", part.name, part.via.words()),
        })
        .collect();
    match (carve_out.footprint.scope, parts.is_empty()) {
        (Scope::Unanchored, _) | (Scope::Inside | Scope::OverLinks, true) => {
            "nothing that can be resolved".to_owned()
        }
        (Scope::Local, true) => "one host: no network".to_owned(),
        (Scope::Local, false) => format!("one host: {}", parts.join(", ")),
        (Scope::Inside, false) => parts.join(", "),
        (Scope::OverLinks, false) => format!("the link {}", parts.join(", ")),
    }
}

/// Date, author and short commit of the last justification.
fn last_justified_words(carve_out: &CarveOut) -> Option<String> {
    let last = carve_out.last_justified.as_ref()?;
    let commit: String = last.commit.chars().take(7).collect();
    Some(format!("{} by {} ({commit})", last.date, last.author))
}

/// Notices of one kind.
struct NoticeGroup<'a> {
    kind: &'a str,
    message: &'a str,
    subjects: Vec<&'a str>,
}

/// Notices that say the same of different subjects, gathered; in order of kind and message.
fn notice_groups(notices: &[Notice]) -> Vec<NoticeGroup<'_>> {
    let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for notice in notices {
        groups
            .entry((notice.kind, &notice.message))
            .or_default()
            .push(&notice.subject);
    }
    groups
        .into_iter()
        .map(|((kind, message), subjects)| NoticeGroup {
            kind,
            message,
            subjects,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::carveout::site::Via;

    #[test]
    fn headline_and_steps_agree_with_findings_and_notices() {
        let mut verdict = fixture::nothing();
        assert_eq!(next_steps(&verdict), ["nothing to do"]);
        assert!(is_quiet(&verdict));
        verdict.notices.push(Notice {
            kind: "errored-plan",
            subject: "plan".to_owned(),
            message: String::new(),
        });
        assert!(next_steps(&verdict)[0].starts_with("mend what `terraform plan` reports"));
        assert!(!is_quiet(&verdict));
        let mut in_doubt = fixture::verdict();
        in_doubt.conclusion = Conclusion::Clear;
        in_doubt
            .carve_outs
            .retain(|judged| judged.status == Status::Unaffected);
        in_doubt.findings.truncate(1);
        assert!(!headline(&in_doubt).contains("may be"));
        in_doubt.findings[0].rule = Rule::UnplacedChange;
        assert!(
            headline(&in_doubt).contains("may be affected"),
            "{}",
            headline(&in_doubt)
        );
        assert_eq!(unaffected_words(&in_doubt), "not known to be affected");
    }

    #[test]
    fn the_headline_counts_what_someone_must_act_on() {
        assert_eq!(
            headline(&fixture::verdict()),
            "blocked: 3 of 5 carve-outs must be re-justified or removed; 1 finding; 2 perimeter changes"
        );
        let mut only_findings = fixture::verdict();
        only_findings
            .carve_outs
            .retain(|judged| !judged.status.blocks());
        only_findings.changes.truncate(1);
        only_findings.changes[0].informative = true;
        only_findings
            .findings
            .retain(|finding| finding.rule == Rule::NearMissMarker);
        assert_eq!(
            headline(&only_findings),
            "blocked: 1 finding; 1 perimeter change (1 reported only); of 2 carve-outs, 1 re-justified"
        );
    }

    #[test]
    fn a_clear_headline_says_what_was_looked_at() {
        let mut verdict = fixture::nothing();
        assert_eq!(
            headline(&verdict),
            "clear: no perimeter change; all 5 carve-outs stand"
        );
        verdict.changes = fixture::verdict().changes;
        assert_eq!(
            headline(&verdict),
            "clear: 2 perimeter changes; none of 5 carve-outs is affected"
        );
        verdict.carve_outs.clear();
        assert_eq!(
            headline(&verdict),
            "clear: 2 perimeter changes; no carve-outs"
        );
    }

    #[test]
    fn a_finding_on_a_listed_carve_out_is_a_repetition_and_one_on_an_added_carve_out_is_not() {
        let mut verdict = fixture::verdict();
        let rules = |verdict: &Verdict| {
            findings_of_their_own(verdict)
                .iter()
                .map(|one| one.rule)
                .collect::<Vec<_>>()
        };
        assert_eq!(rules(&verdict), [Rule::NearMissMarker]);
        verdict.carve_outs[1].status = Status::Added;
        assert_eq!(rules(&verdict), [Rule::MustRejustify, Rule::NearMissMarker]);
    }

    #[test]
    fn the_reason_names_the_part_that_changed_and_not_the_others() {
        let mut verdict = fixture::verdict();
        let other = crate::carveout::site::FootprintPart {
            boundary: BoundaryId::Node(crate::graph::NodeId::from(
                "network/aws:vpc-other".to_owned(),
            )),
            name: "other".into(),
            via: Via::Named,
            location: None,
        };
        verdict.carve_outs[1].carve_out.footprint.parts.push(other);
        assert_eq!(
            reason(&verdict.carve_outs[1], &verdict),
            "c1 changes prod-us-east"
        );
        verdict.changes.clear();
        assert_eq!(
            reason(&verdict.carve_outs[1], &verdict),
            "c1 changes prod-us-east, other"
        );
    }

    /// Every report may be printed in a CI job, whose runner reads along.
    #[test]
    fn no_report_starts_a_command_of_a_runner_but_annotations() {
        let hostile =
            "x ::error file=a::b ##[error]c ##vso[task.complete]d ##teamcity[e\n::stop-commands::f";
        let verdict = fixture::of_texts(hostile);
        let old = regex::Regex::new(r"##[A-Za-z]*\[").unwrap();
        for (format, text) in [
            (
                "table",
                table::render(&verdict, &table::TableOptions::default()),
            ),
            ("markdown", markdown::render(&verdict)),
            ("html", html::render(&verdict)),
            ("json", json::v1::render(&verdict)),
            ("sarif", sarif::render(&verdict)),
            ("github", github::render(&verdict)),
            ("gitlab", gitlab::render(&verdict)),
            ("junit", junit::render(&verdict)),
        ] {
            assert!(!old.is_match(&text), "{format}");
            let mut commands = text.lines().filter(|line| {
                let line = line.trim_start();
                let ours = [
                    "::error file=",
                    "::notice file=",
                    "::group::all",
                    "::endgroup::",
                ];
                line.starts_with("::")
                    && !(format == "github" && ours.iter().any(|our| line.starts_with(our)))
            });
            assert_eq!(commands.next(), None, "{format}");
        }
    }

    #[test]
    fn paths_name_their_repository_only_where_there_are_several() {
        let mut verdict = fixture::verdict();
        assert!(!has_several_repositories(&verdict));
        verdict.carve_outs[0].carve_out.repository = "billing".into();
        assert!(has_several_repositories(&verdict));
        let shown = table::render(&verdict, &table::TableOptions::default());
        assert!(shown.contains("billing:services/cron/jobs.py:17"));
        assert!(shown.contains("shop:services/limits/config.yaml:6"));
    }

    #[test]
    fn only_a_verdict_without_any_news_is_quiet() {
        assert!(is_quiet(&fixture::nothing()));
        let mut removed = fixture::nothing();
        removed.carve_outs[0].status = Status::Removed;
        assert!(!is_quiet(&removed));
        assert!(!is_quiet(&fixture::verdict()));
    }
}
