//! The findings of a verdict as trackers of findings want them: the most important first, each in a place of the
//! repository at hand, each with a fingerprint by which a later run recognises it.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::location::Location;
use crate::verdict::{Finding, Judged, Rule, Severity, Verdict};

use super::place_of;

/// Hexadecimal digits of a fingerprint: enough that two never meet by chance.
const DIGITS: usize = 32;

/// One finding, ready to be tracked.
#[derive(Debug)]
pub struct Issue<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The carve-out it sits on, if it sits on one.
    pub judged: Option<&'a Judged>,
    /// What stays the same when lines move: of the rule and the carve-out's words, or else of path and message. No two
    /// issues of a verdict share it.
    pub fingerprint: String,
    /// Where to show it in the repository of the change set.
    pub place: Location,
    /// Whether the finding itself is in another repository: then `place` is a cause of it, or, where no cause has one, the
    /// path behind the name of its repository.
    pub is_elsewhere: bool,
}

/// All findings, errors before warnings, what cannot be mended by words first, then by place.
#[must_use]
pub fn issues(verdict: &Verdict) -> Vec<Issue<'_>> {
    let judged: BTreeMap<(&str, &str, usize), &Judged> = verdict
        .carve_outs
        .iter()
        .map(|judged| {
            let carve_out = &judged.carve_out;
            (place_of(&carve_out.repository, &carve_out.location), judged)
        })
        .collect();
    let home = verdict.repositories.first().map_or("", String::as_str);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut issues: Vec<Issue<'_>> = verdict
        .findings
        .iter()
        .map(|finding| {
            let judged = judged
                .get(&place_of(&finding.repository, &finding.location))
                .copied();
            let is_elsewhere = !home.is_empty() && finding.repository != home;
            let mut fingerprint = fingerprint(finding, judged, is_elsewhere);
            let before = seen.entry(fingerprint.clone()).or_insert(0);
            *before += 1;
            if *before > 1 {
                fingerprint.push_str(&format!("-{before}"));
            }
            Issue {
                finding,
                judged,
                fingerprint,
                place: if is_elsewhere {
                    place_at_home(finding, verdict)
                } else {
                    finding.location.clone()
                },
                is_elsewhere,
            }
        })
        .collect();
    issues.sort_by_key(|issue| {
        let finding = issue.finding;
        (finding.severity, weight(finding.rule), issue.is_elsewhere)
    });
    issues
}

fn fingerprint(finding: &Finding, judged: Option<&Judged>, is_elsewhere: bool) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    add(finding.rule.id());
    if is_elsewhere {
        add(&finding.repository);
    }
    match judged {
        Some(judged) => add(&judged.carve_out.id),
        None => {
            add(&finding.location.path);
            add(&finding.message);
        }
    }
    let mut digits: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    digits.truncate(DIGITS);
    digits
}

/// What only a change of network or code mends comes first, then what words mend, then faults of the marker itself.
fn weight(rule: Rule) -> u8 {
    match rule {
        Rule::ExternalCarveOut
        | Rule::AuthenticationCarveOut
        | Rule::HighTrustCarveOut
        | Rule::GatewayUnverifiedToken
        | Rule::LongLivedCertificate => 0,
        Rule::GuaranteeBroken
        | Rule::CrossSitePlaintext
        | Rule::GatewayBypass
        | Rule::IpBasedAuthorization => 1,
        Rule::UnmarkedPlaintext => 2,
        Rule::MustRejustify | Rule::StaleCarveOut => 3,
        Rule::UnanchoredGuarantee
        | Rule::UnreadSource
        | Rule::UnreadRepository
        | Rule::UnplacedChange
        | Rule::UnplacedCluster => 4,
        Rule::MalformedMarker
        | Rule::MissingGuarantee
        | Rule::MissingJustification
        | Rule::NearMissMarker => 5,
    }
}

/// The first cause of a finding that is in the repository of the change set.
fn place_at_home(finding: &Finding, verdict: &Verdict) -> Location {
    let home = verdict.repositories.first().map_or("", String::as_str);
    finding
        .related
        .iter()
        .find_map(|(location, _)| {
            let (repository, path) = repository_of(location, verdict);
            (repository == home).then(|| Location {
                path: path.to_owned(),
                ..location.clone()
            })
        })
        .unwrap_or_else(|| Location {
            path: format!("{}/{}", finding.repository, finding.location.path),
            ..finding.location.clone()
        })
}

/// The repository that the location of a cause is in, and its path there.
#[must_use]
pub fn repository_of<'a>(location: &'a Location, verdict: &'a Verdict) -> (&'a str, &'a str) {
    let path = location.path.as_str();
    let home = verdict.repositories.first().map_or("", String::as_str);
    if verdict.repositories.len() < 2 {
        return (home, path);
    }
    verdict
        .repositories
        .iter()
        .find_map(|name| Some((name.as_str(), path.strip_prefix(name)?.strip_prefix('/')?)))
        .unwrap_or((home, path))
}

/// What is wrong and what to do, as paragraphs of plain text, each ending like a sentence; with the place, where that is another repository.
#[must_use]
pub fn paragraphs(issue: &Issue<'_>) -> Vec<String> {
    let finding = issue.finding;
    let mut paragraphs = Vec::new();
    if issue.is_elsewhere {
        paragraphs.push(format!("In {}:{}.", finding.repository, finding.location));
    }
    paragraphs.push(finding.message.clone());
    if !finding.help.is_empty() {
        paragraphs.push(format!("What to do: {}", finding.help));
    }
    paragraphs.retain(|text| !text.trim().is_empty());
    for paragraph in &mut paragraphs {
        if !paragraph.trim_end().ends_with(['.', '!', '?', ':', ';']) {
            paragraph.push('.');
        }
    }
    if paragraphs.is_empty() {
        paragraphs.push(finding.rule.summary().to_owned());
    }
    paragraphs
}

/// How many errors and how many warnings are in the rest of the list.
#[must_use]
pub fn counts(issues: &[Issue<'_>]) -> (usize, usize) {
    let errors = issues
        .iter()
        .filter(|issue| issue.finding.severity == Severity::Error)
        .count();
    (errors, issues.len() - errors)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::fixture;

    fn prints(verdict: &Verdict) -> Vec<String> {
        let issues = issues(verdict);
        issues.into_iter().map(|issue| issue.fingerprint).collect()
    }

    #[test]
    fn what_only_the_network_can_mend_comes_first() {
        let verdict = fixture::verdict();
        let rules: Vec<&str> = issues(&verdict)
            .iter()
            .map(|issue| issue.finding.rule.id())
            .collect();
        assert_eq!(
            rules,
            [
                "guarantee-broken",
                "must-rejustify",
                "unanchored-guarantee",
                "near-miss-marker"
            ]
        );
    }

    #[test]
    fn fingerprints_survive_moved_lines_and_renamed_files_and_not_other_words() {
        let before = fixture::verdict();
        let mut moved = fixture::verdict();
        for judged in &mut moved.carve_outs {
            judged.carve_out.location.line += 7;
            judged.carve_out.location.path.push_str(".renamed");
        }
        for finding in &mut moved.findings {
            finding.location.line += 7;
            if finding.rule != Rule::NearMissMarker {
                finding.location.path.push_str(".renamed");
            }
        }
        assert_eq!(prints(&before), prints(&moved));
        let mut reworded = fixture::verdict();
        for judged in &mut reworded.carve_outs {
            judged.carve_out.id.push('0');
        }
        let (before, reworded) = (prints(&before), prints(&reworded));
        assert!(before.iter().zip(&reworded).take(3).all(|(a, b)| a != b));
        assert_eq!(before[3], reworded[3], "it sits on no carve-out");
    }

    #[test]
    fn no_two_issues_share_a_fingerprint() {
        for verdict in [fixture::many(50), fixture::many_of_texts(50, "x")] {
            let prints = prints(&verdict);
            assert_eq!(prints.iter().collect::<BTreeSet<_>>().len(), prints.len());
        }
    }

    #[test]
    fn a_finding_of_another_repository_is_shown_at_its_cause() {
        let mut verdict = fixture::verdict();
        verdict.repositories = vec!["network".into(), "shop".into()];
        let shown = |verdict: &Verdict| {
            let issues = issues(verdict);
            let issue = issues
                .iter()
                .find(|issue| issue.finding.rule == Rule::MustRejustify)
                .unwrap();
            (
                issue.is_elsewhere,
                issue.place.to_string(),
                paragraphs(issue).swap_remove(0),
            )
        };
        let place = "In shop:services/limits/config.yaml:6.".to_owned();
        let without_cause = "shop/services/limits/config.yaml:6".to_owned();
        for finding in &mut verdict.findings {
            for (location, _) in &mut finding.related {
                location.path = format!("shop/{}", location.path);
            }
        }
        assert_eq!(shown(&verdict), (true, without_cause, place.clone()));
        for finding in &mut verdict.findings {
            finding.related = vec![(Location::line("network/peering.tf", 41), "here".into())];
        }
        assert_eq!(shown(&verdict), (true, "peering.tf:41".to_owned(), place));
    }
}
