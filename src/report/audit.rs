//! Wording of an audit that several formats share.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::origin::Origins;
use crate::verdict::audit::comparison::{Difference, Kind};
use crate::verdict::audit::{Age, Audit, Comparison, Point, Truth, Weighed, Written};
use crate::verdict::{Conclusion, Finding, Judged, Rule, Severity, Status};

use super::place_of;
use super::text::counted;

/// Places of one point that are spelled out before the rest is counted.
pub(super) const PLACES_SPELLED_OUT: usize = 3;

/// What a person reads of one carve-out.
pub(super) struct Site<'a> {
    pub(super) judged: &'a Judged,
    pub(super) weighed: &'a Weighed,
    /// What else was found at it, beside that it is false, stale or unanchored.
    pub(super) findings: Vec<&'a Finding>,
}

impl Site<'_> {
    /// Whether somebody has to act on it.
    pub(super) fn needs_someone(&self) -> bool {
        self.judged.status.blocks()
            || self
                .findings
                .iter()
                .any(|finding| finding.severity == Severity::Error)
    }

    /// What to do about it, where that is more than what goes for all of its sort.
    pub(super) fn help(&self) -> Option<&str> {
        let is_unanchored = self.judged.status == Status::Unanchored;
        self.judged.help.as_deref().filter(|_| is_unanchored)
    }

    /// What it comes to: "false", "true, stale".
    pub(super) fn state(&self) -> String {
        let mut words = vec![self.weighed.truth.word()];
        if self.judged.status == Status::Unanchored {
            words.push("unanchored");
        }
        if self.weighed.is_stale {
            words.push("stale");
        } else if self.judged.status == Status::MustRejustify {
            words.push("of unknown age");
        }
        words.join(", ")
    }
}

/// The carve-outs of an audit as a person reads them: those that need someone first, the worst before the others.
pub(super) fn sites(audit: &Audit) -> Vec<Site<'_>> {
    let mut at: BTreeMap<(&str, &str, usize), Vec<&Finding>> = BTreeMap::new();
    for finding in &audit.verdict.findings {
        if !is_said_by_truth(finding.rule) {
            at.entry(place_of(&finding.repository, &finding.location))
                .or_default()
                .push(finding);
        }
    }
    let mut sites: Vec<Site<'_>> = audit
        .sites()
        .map(|(judged, weighed)| {
            let carve_out = &judged.carve_out;
            let place = place_of(&carve_out.repository, &carve_out.location);
            Site {
                judged,
                weighed,
                findings: at.get(&place).cloned().unwrap_or_default(),
            }
        })
        .collect();
    sites.sort_by_key(|site| {
        let needs_no_one = !site.needs_someone();
        (needs_no_one, site.weighed.truth, !site.weighed.is_stale)
    });
    sites
}

/// Carve-outs that cannot be decided for the same reasons, and need nobody otherwise.
pub(super) struct Undecided<'a> {
    /// What could not be known, in words that go for all of them.
    pub(super) reasons: Vec<String>,
    /// They themselves, in the order in which a person reads them; never empty.
    pub(super) sites: Vec<&'a Site<'a>>,
}

impl Undecided<'_> {
    /// Whether the reasons are told once for all of them, and not beside each.
    pub(super) fn is_told_together(&self) -> bool {
        self.sites.len() >= WORTH_ONE_REASON
    }
}

/// From so many on, what is not known is told once and not beside each.
const WORTH_ONE_REASON: usize = 3;

/// The undecidable ones by what could not be known: the reason of most first.
pub(super) fn undecided<'a>(sites: &'a [Site<'a>]) -> Vec<Undecided<'a>> {
    let open = sites
        .iter()
        .filter(|site| !site.needs_someone() && site.weighed.truth == Truth::Undecidable);
    let mut groups: Vec<Undecided<'a>> = Vec::new();
    let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for site in open {
        let points = site.weighed.points.iter();
        let unknown = points.filter(|point| point.truth == Truth::Undecidable);
        let reasons: Vec<String> = unknown
            .map(|point| without_quotation(&point.words))
            .collect();
        let place = *places.entry(reasons.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.sites.push(site),
            None => groups.push(Undecided {
                reasons,
                sites: vec![site],
            }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.sites.len()));
    groups
}

/// What a point says without the words of the guarantee that it begins with.
fn without_quotation(words: &str) -> String {
    let quoted = words
        .strip_prefix('"')
        .and_then(|rest| rest.split_once('"'));
    match quoted {
        Some((_, rest)) => format!("\"…\"{rest}"),
        None => words.to_owned(),
    }
}

/// Findings that sit on no carve-out, in the order of the verdict.
pub(super) fn findings_elsewhere(audit: &Audit) -> Vec<&Finding> {
    let places: Vec<_> = audit
        .verdict
        .carve_outs
        .iter()
        .map(|judged| place_of(&judged.carve_out.repository, &judged.carve_out.location))
        .collect();
    let findings = audit.verdict.findings.iter();
    findings
        .filter(|one| !places.contains(&place_of(&one.repository, &one.location)))
        .collect()
}

/// Rules whose findings repeat what is told of a carve-out anyway.
fn is_said_by_truth(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::GuaranteeBroken
            | Rule::UnanchoredGuarantee
            | Rule::StaleCarveOut
            | Rule::MustRejustify
    )
}

/// What the audit comes to, in a few words.
pub(super) fn conclusion(audit: &Audit) -> &'static str {
    match audit.verdict.conclusion {
        Conclusion::Blocked => "somebody must act",
        Conclusion::Clear if audit.count(Truth::Undecidable) > 0 => "nothing false was found",
        Conclusion::Clear => "nothing to do",
    }
}

/// What to do next, each a sentence without its full stop.
pub(super) fn next_steps(audit: &Audit) -> Vec<&'static str> {
    let has = |status| {
        audit
            .verdict
            .carve_outs
            .iter()
            .any(|one| one.status == status)
    };
    let mut steps = Vec::new();
    if audit.count(Truth::False) > 0 {
        steps.push(
            "where a guarantee is false, change the network so that it holds, or turn encryption on and delete the comment; other \
             words do not mend it",
        );
    }
    if has(Status::MustRejustify) || audit.weighed.iter().any(|one| one.is_stale) {
        steps.push(
            "where one is stale, or of unknown age, look whether guarantee and justification still hold: then write them anew, or record a receipt with \
             `perimeter justify ID --from AUDIT.json --reason TEXT`",
        );
    }
    if has(Status::Unanchored) {
        steps.push(
            "where one is unanchored, name what it rests on, or bind its path in the settings",
        );
    }
    let of_their_own = sites(audit).iter().any(|site| !site.findings.is_empty());
    if of_their_own || !findings_elsewhere(audit).is_empty() {
        steps.push("settle the findings: `perimeter explain RULE` tells what each is about");
    }
    if audit.count(Truth::Undecidable) > 0 {
        steps.push(
            "where one is undecidable, look for yourself at what could not be known; `bindings` in the settings tell where code \
             runs, and `perimeter carve-outs --explain` how words are understood",
        );
    }
    steps
}

/// "8 carve-outs: 1 false, 2 undecidable, 5 true".
pub(super) fn counts(audit: &Audit) -> String {
    if audit.weighed.is_empty() {
        return "no carve-outs".to_owned();
    }
    let total = counted(audit.weighed.len(), "carve-out");
    let of_each: Vec<String> = Truth::ALL
        .into_iter()
        .map(|truth| format!("{} {}", audit.count(truth), truth.word()))
        .collect();
    format!("{total}: {}", of_each.join(", "))
}

/// What else there is to count, one line each.
pub(super) fn further_counts(audit: &Audit) -> Vec<String> {
    let mut lines = Vec::new();
    let weighed = || audit.weighed.iter();
    if let Some(most) = audit.most_days {
        let stale = weighed().filter(|one| one.is_stale).count();
        let limit = counted(usize::try_from(most).unwrap_or(usize::MAX), "day");
        lines.push(format!("{stale} stale, older than {limit}"));
    }
    let unknown = weighed().filter(|one| one.age.days.is_none()).count();
    if unknown > 0 {
        lines.push(format!("{unknown} of an age that cannot be told"));
    }
    let on_sites: usize = sites(audit).iter().map(|site| site.findings.len()).sum();
    let others = findings_elsewhere(audit).len();
    if on_sites + others > 0 {
        let words = match (on_sites, others) {
            (0, others) => counted(others, "further finding"),
            (on_sites, 0) => format!("{} on carve-outs", counted(on_sites, "further finding")),
            (on_sites, others) => format!(
                "{}: {on_sites} on carve-outs, {others} elsewhere",
                counted(on_sites + others, "further finding")
            ),
        };
        lines.push(words);
    }
    lines
}

/// Since when its words stand: "written 2026-03-02 by Ada (1234567), 265 days ago".
pub(super) fn age_words(age: &Age) -> String {
    let mut words = match &age.written {
        Written::In(last) => {
            let commit: String = last.commit.chars().take(7).collect();
            format!("written {} by {} ({commit})", last.date, last.author)
        }
        Written::NotCommitted => "in no commit yet".to_owned(),
        Written::NotKnown(why) => format!("since when it stands cannot be told: {why}"),
    };
    if let Some(receipt) = &age.receipt {
        words.push_str(&format!(", justified by a receipt of {receipt}"));
    }
    match age.days {
        Some(0) if !matches!(age.written, Written::NotCommitted) => words.push_str(", today"),
        Some(days) if !matches!(age.written, Written::NotCommitted) => {
            let days = usize::try_from(days).unwrap_or(usize::MAX);
            words.push_str(&format!(", {} ago", counted(days, "day")));
        }
        _ => {}
    }
    words
}

/// The places that a point follows from, where their source is at hand; else their addresses.
pub(super) fn places(point: &Point, origins: &Origins) -> Vec<String> {
    let all: BTreeSet<String> = point
        .origins
        .iter()
        .map(|id| {
            let origin = origins.get(*id);
            match &origin.location {
                Some(location) => format!("{location} {}", origin.address),
                None => origin.address.clone(),
            }
        })
        .collect();
    let more = all.len().saturating_sub(PLACES_SPELLED_OUT);
    let mut places: Vec<String> = all.into_iter().take(PLACES_SPELLED_OUT).collect();
    if more > 0 {
        places.push(format!("{more} more"));
    }
    places
}

/// How a point stands to its guarantee, in one word.
pub(super) fn point_word(truth: Truth) -> &'static str {
    match truth {
        Truth::False => "false",
        Truth::Undecidable => "not known",
        Truth::True => "holds",
    }
}

/// What the carve-outs of one owner come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OfOwner {
    pub(super) all: usize,
    pub(super) is_false: usize,
    pub(super) undecidable: usize,
    pub(super) stale: usize,
    pub(super) need_someone: usize,
}

/// The carve-outs by owner, who has most to do first. What several own counts for each.
pub(super) fn by_owner<'a>(sites: &'a [Site<'a>]) -> Vec<(&'a str, OfOwner)> {
    let mut owners: BTreeMap<&str, OfOwner> = BTreeMap::new();
    for site in sites {
        let own = site.judged.carve_out.owners.iter().map(String::as_str);
        let nobody = site.judged.carve_out.owners.is_empty().then_some(NOBODY);
        for owner in own.chain(nobody) {
            let count = owners.entry(owner).or_default();
            count.all += 1;
            count.is_false += usize::from(site.weighed.truth == Truth::False);
            count.undecidable += usize::from(site.weighed.truth == Truth::Undecidable);
            count.stale += usize::from(site.weighed.is_stale);
            count.need_someone += usize::from(site.needs_someone());
        }
    }
    let mut owners: Vec<(&str, OfOwner)> = owners.into_iter().collect();
    owners.sort_by_key(|(_, count)| std::cmp::Reverse(count.need_someone));
    owners
}

/// What stands for those without an owner.
const NOBODY: &str = "nobody";

/// The differences to an earlier audit, by kind.
pub(super) fn differences(comparison: &Comparison) -> Vec<(Kind, Vec<&Difference>)> {
    let of_kind = |kind| {
        let differences = comparison.differences.iter();
        let own: Vec<&Difference> = differences.filter(|one| one.kind == kind).collect();
        (!own.is_empty()).then_some((kind, own))
    };
    Kind::ALL.into_iter().filter_map(of_kind).collect()
}

/// Findings that came and went since an earlier audit, in one line; `None`: none.
pub(super) fn findings_moved(comparison: &Comparison) -> Option<String> {
    let (new, settled) = (
        comparison.new_findings.len(),
        comparison.settled_findings.len(),
    );
    (new + settled > 0).then(|| format!("{} new, {settled} settled", counted(new, "finding")))
}
