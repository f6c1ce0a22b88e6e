//! An audit as one page that needs nothing else, in the manner of a verdict's.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::report::audit::{
    Site, Undecided, age_words, by_owner, conclusion, counts, differences, findings_elsewhere,
    findings_moved, further_counts, next_steps, places, point_word, sites, undecided,
};
use crate::report::text::counted;
use crate::report::{footprint_words, has_several_repositories};
use crate::verdict::audit::comparison::Difference;
use crate::verdict::audit::{Audit, Comparison, Point, Truth};
use crate::verdict::{Conclusion, Severity};

use super::{
    LINES_SPELLED_OUT, Page, SCRIPT, SHOWN_IN_FULL, STYLE, WHAT_IT_IS, capital, name, owners,
    policy, sentence, source, spoken, words,
};

/// Owners that are listed.
const MOST_OWNERS: usize = 500;

/// The audit as a page, with a line break at the end.
#[must_use]
pub fn render(audit: &Audit) -> String {
    let page = Page {
        verdict: &audit.verdict,
        several_repositories: has_several_repositories(&audit.verdict),
        falling: Vec::new(),
    };
    let sites = sites(audit);
    let audited = Audited {
        page: &page,
        audit,
        sites: &sites,
    };
    let mut text = audited.render().into_string();
    text.push('\n');
    text
}

struct Audited<'a> {
    page: &'a Page<'a>,
    audit: &'a Audit,
    sites: &'a [Site<'a>],
}

impl Audited<'_> {
    fn render(&self) -> Markup {
        let verdict = &self.audit.verdict;
        let sections = [
            ("since", "Since the last", self.comparison()),
            ("carve-outs", "Carve-outs", self.carve_outs()),
            ("findings", "Findings", self.findings()),
            ("owners", "Owners", self.owners()),
            ("notices", "Notices", self.page.notices()),
            ("inputs", "Inputs", Some(self.inputs())),
        ];
        let steps = next_steps(self.audit);
        let word = conclusion(self.audit);
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    meta name="color-scheme" content="light dark";
                    title { "perimeter: audit of " (name(&self.audit.today)) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header.verdict .(verdict.conclusion.word()) {
                        p.tool { "perimeter audit of " (name(&self.audit.today)) }
                        h1 { span.sign aria-hidden="true" { (self.sign()) } " " (capital(word)) }
                        p.counts { (sentence(&counts(self.audit))) }
                        @for line in further_counts(self.audit) { p { (sentence(&line)) } }
                        p.intro { (WHAT_IT_IS) " An audit holds each against the network as it is." }
                        @if !steps.is_empty() {
                            h2 { "What to do" }
                            ol.steps { @for step in steps { li { (spoken(&sentence(step))) } } }
                        }
                    }
                    nav aria-label="Sections" {
                        @for (id, title, section) in &sections {
                            @if section.is_some() { a href={ "#" (id) } { (title) } }
                        }
                    }
                    main {
                        @for (id, _, section) in &sections {
                            @if let Some(section) = section { section id=(id) { (section) } }
                        }
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }

    fn sign(&self) -> &'static str {
        match self.audit.verdict.conclusion {
            Conclusion::Blocked => "✕",
            Conclusion::Clear => "✓",
        }
    }

    /// All carve-outs: those that need someone, those that nobody can decide, those that hold.
    fn carve_outs(&self) -> Option<Markup> {
        let is_open = |site: &Site<'_>| site.weighed.truth == Truth::Undecidable;
        let (needing, rest): (Vec<_>, Vec<_>) =
            self.sites.iter().partition(|site| site.needs_someone());
        let (open, holding): (Vec<_>, Vec<_>) = rest.into_iter().partition(|site| is_open(site));
        let (together, alone): (Vec<_>, Vec<_>) = undecided(self.sites)
            .into_iter()
            .partition(Undecided::is_told_together);
        let alone: Vec<&Site<'_>> = alone
            .iter()
            .flat_map(|group| &group.sites)
            .copied()
            .collect();
        let title = format!("{} undecidable", counted(open.len(), "guarantee"));
        let groups = [
            (
                format!(
                    "{} that {} someone",
                    counted(needing.len(), "carve-out"),
                    if needing.len() == 1 { "needs" } else { "need" }
                ),
                needing,
            ),
            (title.clone(), alone),
            (
                format!("{} true", counted(holding.len(), "guarantee")),
                holding,
            ),
        ];
        (!self.sites.is_empty()).then(|| {
            html! {
                p.find hidden {
                    label for="find" { "Find by path, owner or word" }
                    input #find type="search" autocomplete="off" spellcheck="false";
                    output for="find" {}
                }
                @for (heading, sites) in &groups {
                    @let is_open = *heading == title;
                    @if !sites.is_empty() || (is_open && !together.is_empty()) { h2 { (heading) } }
                    @if is_open { @for group in &together { (self.told_together(group)) } }
                    @for site in sites.iter().take(SHOWN_IN_FULL) { (self.site(site)) }
                    @if sites.len() > SHOWN_IN_FULL {
                        h3 { "The other " (sites.len() - SHOWN_IN_FULL) ", in one line each" }
                        ul.short { @for site in sites.iter().skip(SHOWN_IN_FULL) { (self.line(site)) } }
                    }
                }
            }
        })
    }

    fn place(&self, site: &Site<'_>) -> Markup {
        let carve_out = &site.judged.carve_out;
        let location = &carve_out.location;
        self.page
            .path(&carve_out.repository, &location.path, location.line)
    }

    fn site(&self, site: &Site<'_>) -> Markup {
        let carve_out = &site.judged.carve_out;
        let excerpt = &carve_out.excerpt;
        html! {
            article.carve-out .(class(site.weighed.truth)) id={ "site-" (carve_out.id) } {
                h3 { span.status { (site.state()) } " " (self.place(site)) }
                p.reason { (words(&carve_out.guarantee)) }
                ul.points {
                    @for point in site.weighed.points.iter().take(LINES_SPELLED_OUT) { (self.point(point)) }
                }
                @if !excerpt.is_empty() {
                    details {
                        summary { "The comment in its place" }
                        (source(excerpt, carve_out.location.line, carve_out.location.end_line))
                    }
                }
                @for finding in &site.findings { (self.page.finding(finding)) }
                dl {
                    @if let Some(help) = site.help() { dt { "What to do" } dd.help { (words(help)) } }
                    dt { "Rests on" }
                    dd { (words(&footprint_words(carve_out))) }
                    dt { "Age" }
                    dd { (words(&age_words(&site.weighed.age))) }
                    dt { "Owners" }
                    dd { @if carve_out.owners.is_empty() { "nobody" } @else { (owners(site.judged)) } }
                    dt { "Id" }
                    dd { code { (name(&carve_out.id)) } }
                }
            }
        }
    }

    /// What is not known of many, once; they themselves are folded.
    fn told_together(&self, group: &Undecided<'_>) -> Markup {
        let class = class(Truth::Undecidable);
        html! {
            article.carve-out .(class) {
                h3 { (counted(group.sites.len(), "guarantee")) " for the same reason" }
                ul.points {
                    @for reason in group.reasons.iter().take(LINES_SPELLED_OUT) {
                        li .(class) { span.mark { (point_word(Truth::Undecidable)) } (words(reason)) }
                    }
                }
                details {
                    summary { "The carve-outs" }
                    ul.short { @for site in &group.sites { (self.line(site)) } }
                }
            }
        }
    }

    fn point(&self, point: &Point) -> Markup {
        let places = places(point, &self.audit.verdict.origins);
        html! {
            li .(class(point.truth)) {
                span.mark { (point_word(point.truth)) }
                (words(&point.words))
                @for place in &places { " " code { (name(place)) } }
                @if let Some(fact) = &point.evidence {
                    " " span.hint {
                        code { (name(&fact.fact)) } ": " (words(&fact.claim)) " " (name(&fact.source)) ", read " (name(&fact.read))
                    }
                }
            }
        }
    }

    fn line(&self, site: &Site<'_>) -> Markup {
        html! {
            li.carve-out .(class(site.weighed.truth)) {
                span.status { (site.state()) } " " (self.place(site)) " " (words(&site.judged.carve_out.guarantee))
                " " (owners(site.judged))
            }
        }
    }

    fn findings(&self) -> Option<Markup> {
        let findings = findings_elsewhere(self.audit);
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .count();
        (!findings.is_empty()).then(|| {
            html! {
                h2 { (counted(findings.len(), "finding")) " on no carve-out, " (errors) " of severity error" }
                @for finding in findings { (self.page.finding(finding)) }
            }
        })
    }

    fn owners(&self) -> Option<Markup> {
        let owners = by_owner(self.sites);
        (!owners.is_empty()).then(|| {
            html! {
                h2 { "By owner" }
                div.scroll {
                    table {
                        thead {
                            tr {
                                @for title in ["Owner", "Carve-outs", "Need someone", "False", "Undecidable", "Stale"] {
                                    th scope="col" { (title) }
                                }
                            }
                        }
                        tbody {
                            @for (owner, count) in owners.iter().take(MOST_OWNERS) {
                                tr {
                                    td { (name(owner)) }
                                    @for number in [count.all, count.need_someone, count.is_false, count.undecidable, count.stale] {
                                        td { (number) }
                                    }
                                }
                            }
                        }
                    }
                }
                @if owners.len() > MOST_OWNERS { p.hint { "and " (owners.len() - MOST_OWNERS) " more" } }
            }
        })
    }

    fn comparison(&self) -> Option<Markup> {
        let comparison = self.audit.comparison.as_ref()?;
        Some(html! {
            h2 { "Since " (name(&comparison.date)) }
            p.hint { "Compared with " code { (name(&comparison.name)) } "." }
            (self.differences(comparison))
            @if let Some(moved) = findings_moved(comparison) { p { (sentence(&moved)) } }
            @if !comparison.inputs.is_empty() {
                details {
                    summary { "What was read otherwise than then" }
                    ul { @for one in &comparison.inputs { li { (words(one)) } } }
                }
            }
        })
    }

    fn differences(&self, comparison: &Comparison) -> Markup {
        let groups = differences(comparison);
        html! {
            @if groups.is_empty() { p { "No carve-out differs." } }
            @for (kind, all) in groups {
                h3 { (all.len()) " " (kind.words()) }
                ul.short { @for one in all { (self.difference(one)) } }
            }
        }
    }

    fn difference(&self, one: &Difference) -> Markup {
        let is_there = one.after.is_some();
        html! {
            li {
                (self.page.path(&one.repository, &one.path, one.line)) " "
                @if is_there { a href={ "#site-" (one.id) } { (words(&one.guarantee)) } }
                @else { (words(&one.guarantee)) }
                @if let Some(before) = &one.guarantee_before { " " span.hint { "before: " (words(before)) } }
                @if let Some([before, now]) = &one.justifications {
                    " " span.hint { "justified: " (words(now)) } " " span.hint { "before: " (words(before)) }
                }
                @for owner in one.owners.iter().take(LINES_SPELLED_OUT) { " " span.owner { (name(owner)) } }
            }
        }
    }

    fn inputs(&self) -> Markup {
        html! {
            (self.page.inputs())
            ul {
                @for repository in &self.audit.repositories {
                    li {
                        "repository " (name(&repository.name)) " at "
                        code { (name(repository.commit.as_deref().unwrap_or("no commit yet"))) }
                        @if repository.is_changed { ", with changes in the work tree" }
                    }
                }
                @for file in &self.audit.files {
                    li { (file.kind) " " code { (name(&file.name)) } ", SHA-256 " code { (name(&file.sha256)) } }
                }
            }
        }
    }
}

fn class(truth: Truth) -> &'static str {
    match truth {
        Truth::False => "is-false",
        Truth::Undecidable => "is-undecidable",
        Truth::True => "is-true",
    }
}
