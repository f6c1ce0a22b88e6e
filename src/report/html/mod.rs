//! The verdict as one page that needs nothing else: no network, no fonts, no script to be read.
//!
//! Style and script are files beside this one, put in as they are. The page's own policy (CSP) names them by their digests
//! and forbids everything else, so even a hole in the escaping would load and run nothing. Every foreign text goes through
//! [`text`](super::text) and is then escaped by `maud`. What a script adds is comfort: without it the views of the picture
//! switch, links lead to places, and all words are there.

pub mod audit;
pub mod graph;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::change::{Change, Effect};
use crate::graph::origin::Origin;
use crate::picture::{Fate, Picture, PictureLink, PictureNode};
use crate::verdict::{Conclusion, Finding, Judged, Severity, Status, Verdict};

use super::layout::Layout;
use super::text::{clip, counted, for_terminal, prose, source_line};
use super::{boxes, svg};
use super::{
    causes, details, falling, findings_of_their_own, footprint_words, has_several_repositories,
    headline, last_justified_words, next_steps, notice_groups, path_in, reason, unaffected_words,
    with_status,
};

const STYLE: &str = concat!(
    include_str!("../colours.css"),
    include_str!("../picture.css"),
    include_str!("page.css")
);
const SCRIPT: &str = include_str!("page.js");

/// Carve-outs shown with their source before the rest gets one line each.
const SHOWN_IN_FULL: usize = 500;
/// Characters of one text, of one name, of one line of source, and lines of one excerpt.
const LONGEST_TEXT: usize = 2_000;
const LONGEST_NAME: usize = 300;
const LONGEST_EXCERPT: usize = 24;
/// Causes, differences, subjects or places spelled out before the rest is counted.
const LINES_SPELLED_OUT: usize = 30;
/// Columns of the role of a part, with the changes it is about.
const MORE_OF_ROLE: usize = 23;
/// From this width on a drawing is not squeezed into a narrow page.
const WIDE: usize = 560;

/// For the reader who never heard of one.
const WHAT_IT_IS: &str = "A carve-out is a place in the code that skips encryption because the network around it is \
     closed. Its comment says what keeps the traffic safe.";

/// The verdict as a page, with a line break at the end.
#[must_use]
pub fn render(verdict: &Verdict) -> String {
    let page = Page {
        verdict,
        several_repositories: has_several_repositories(verdict),
        falling: falling(verdict),
    };
    let mut text = page.render().into_string();
    text.push('\n');
    text
}

fn digest(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text))
}

/// Nothing but our own style and script, and no request to anybody.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}

/// Foreign prose.
fn words(text: &str) -> String {
    prose(&clip(text, LONGEST_TEXT))
}

/// Prose of our own, in which what stands between backticks is code. Foreign prose makes no tags.
fn spoken(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Foreign text that is copied as it is: a path, an address, a name.
fn name(text: &str) -> String {
    for_terminal(&clip(text, LONGEST_NAME))
}

struct Page<'a> {
    verdict: &'a Verdict,
    several_repositories: bool,
    falling: Vec<&'a Judged>,
}

impl Page<'_> {
    fn render(&self) -> Markup {
        let steps = next_steps(self.verdict);
        let is_idle = matches!(steps.as_slice(), ["nothing to do"]);
        let headline = headline(self.verdict);
        let (word, counts) = headline.split_once(": ").unwrap_or((&headline, ""));
        let sections = [
            ("picture", "Picture", self.picture()),
            ("changes", "Changes", self.changes()),
            ("carve-outs", "Carve-outs", self.falling()),
            ("findings", "Findings", self.findings()),
            ("settled", "Settled", self.settled()),
            ("unaffected", "Unaffected", self.unaffected()),
            ("notices", "Notices", self.notices()),
            ("inputs", "Inputs", Some(self.inputs())),
        ];
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    meta name="color-scheme" content="light dark";
                    title { "perimeter: " (word) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header.verdict .(word) {
                        p.tool { "perimeter" }
                        h1 { span.sign aria-hidden="true" { (self.sign()) } " " (capital(word)) }
                        p.counts { (sentence(counts)) }
                        @if !falling(self.verdict).is_empty() { p.intro { (WHAT_IT_IS) } }
                        @if !is_idle {
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
        match self.verdict.conclusion {
            Conclusion::Blocked => "✕",
            Conclusion::Clear => "✓",
        }
    }

    fn path(&self, repository: &str, path: &str, line: usize) -> Markup {
        let path = path_in(repository, path, self.several_repositories);
        html! { code.place { (name(&path)) ":" (line) } }
    }

    /// The changed neighbourhood as a drawing, and in words.
    fn picture(&self) -> Option<Markup> {
        let picture = &self.verdict.picture;
        let layout = svg::layout(picture, 0);
        if layout.nodes.is_empty() {
            return None;
        }
        Some(html! {
            h2 { "What changes in the network" }
            @if self.is_only_about_what_passes() {
                p { "No part and no link comes or goes: what changes is where traffic may pass. The changes below say how." }
            }
            p.hint {
                "Choose a part to see its links, and the carve-outs that rest on it."
                @if let Some(change) = self.verdict.changes.first() {
                    " " (name(&change.id)) " and the like are the changes listed below."
                }
            }
            div.figure {
                input type="radio" name="view" id="view-change" checked;
                label for="view-change" { "The change" }
                input type="radio" name="view" id="view-before";
                label for="view-before" { "Before" }
                input type="radio" name="view" id="view-after";
                label for="view-after" { "After" }
                div.canvas tabindex="0" role="region" aria-label="Drawing of the changed neighbourhood" {
                    (drawing(picture, &layout, &|node| self.concerned(node)))
                }
                (legend(picture))
            }
            div #selected role="status" aria-live="polite" {}
            details.parts open {
                summary { "The same in words" }
                ul { @for index in 0..picture.nodes.len() { (part(picture, index, &self.falling_at(index))) } }
            }
        })
    }

    /// Whether the drawing is the same before and after.
    fn is_only_about_what_passes(&self) -> bool {
        let picture = &self.verdict.picture;
        let mut fates = picture
            .nodes
            .iter()
            .map(|node| node.fate)
            .chain(picture.links.iter().map(|link| link.fate));
        fates.all(|fate| fate == Fate::Kept)
    }

    /// The changes that a part is a boundary of: ", c1".
    fn concerned(&self, node: &PictureNode) -> String {
        let concerns = |change: &&Change| {
            let mut boundaries = change.boundaries.iter();
            boundaries.any(|(boundary, _)| {
                boundary.as_str() == node.id
                    || node.members.iter().any(|one| one.id == boundary.as_str())
            })
        };
        let changes = self.verdict.changes.iter().filter(concerns);
        let words: Vec<&str> = changes.map(|change| change.id.as_str()).collect();
        if words.is_empty() {
            return String::new();
        }
        svg::cut(&format!(", {}", words.join(", ")), MORE_OF_ROLE)
    }

    /// The carve-outs that rest on a part and fall, one line each.
    fn falling_at(&self, index: usize) -> Vec<Markup> {
        let node = &self.verdict.picture.nodes[index];
        let rests_here = |judged: &(usize, &&Judged)| {
            let parts = &judged.1.carve_out.footprint.parts;
            parts.iter().any(|part| part.boundary.as_str() == node.id)
        };
        let falling = self.falling.iter().enumerate().filter(rests_here);
        let line = |(index, judged): (usize, &&Judged)| {
            html! {
                "✕ carve-out "
                a href={ "#carve-out-" (index) } {
                    (self.path(&judged.carve_out.repository, &judged.carve_out.location.path, judged.carve_out.location.line))
                }
                " " (judged.status.words())
            }
        };
        falling.map(line).collect()
    }

    fn changes(&self) -> Option<Markup> {
        let changes = &self.verdict.changes;
        (!changes.is_empty()).then(|| {
            html! {
                h2 { (counted(changes.len(), "perimeter change")) }
                @for (index, change) in changes.iter().enumerate() { (self.change(index, change)) }
            }
        })
    }

    fn change(&self, index: usize, change: &Change) -> Markup {
        let causes = causes(change, self.verdict);
        let details = details(change);
        let effect = match change.effect {
            Effect::Widens => "widens",
            Effect::Narrows => "narrows",
            Effect::Alters => "alters",
        };
        html! {
            article.change id={ "change-" (index) } {
                h3 { span.id { (name(&change.id)) } " " (words(&change.summary)) }
                p.tags {
                    span.tag { (change.category.word().replace('_', " ")) }
                    span.tag .(effect) { (change.effect.word()) " the perimeter" }
                    @if change.informative { span.tag { "reported only: no carve-out falls by it" } }
                }
                @if !causes.is_empty() {
                    h4 { "Caused by" }
                    ul {
                        @for origin in causes.iter().take(LINES_SPELLED_OUT) { li { (cause(origin)) } }
                        (more(causes.len(), "cause"))
                    }
                }
                @if !change.evidence.is_empty() {
                    h4 { "What is documented" }
                    ul {
                        @for evidence in change.evidence.iter().take(LINES_SPELLED_OUT) {
                            li {
                                code { (name(&evidence.fact)) } ": " (words(&evidence.claim)) " "
                                span.hint { (name(&evidence.source)) ", read " (name(&evidence.read)) }
                            }
                        }
                        (more(change.evidence.len(), "fact"))
                    }
                }
                @if !details.is_empty() {
                    h4 { "What differs" }
                    ul {
                        @for (part, touch) in details.iter().take(LINES_SPELLED_OUT) {
                            li { strong { (name(part)) } " " (words(&touch.words)) }
                        }
                        (more(details.len(), "difference"))
                    }
                }
            }
        }
    }

    fn falling(&self) -> Option<Markup> {
        let falling = &self.falling;
        (!falling.is_empty()).then(|| {
            html! {
                h2 { (counted(falling.len(), "carve-out")) " that must be re-justified or removed" }
                p.find hidden {
                    label for="find" { "Find by path, owner or word" }
                    input #find type="search" autocomplete="off" spellcheck="false";
                    output for="find" {}
                }
                @for (index, judged) in falling.iter().enumerate().take(SHOWN_IN_FULL) {
                    (self.carve_out(index, judged))
                }
                @if falling.len() > SHOWN_IN_FULL {
                    h3 { "The other " (falling.len() - SHOWN_IN_FULL) ", in one line each" }
                    ul.short {
                        @for (index, judged) in falling.iter().enumerate().skip(SHOWN_IN_FULL) {
                            (self.line_of(Some(index), judged))
                        }
                    }
                }
            }
        })
    }

    fn carve_out(&self, index: usize, judged: &Judged) -> Markup {
        let carve_out = &judged.carve_out;
        let last = last_justified_words(carve_out);
        let excerpt = &carve_out.excerpt;
        html! {
            article.carve-out .(judged.status.word()) id={ "carve-out-" (index) } {
                h3 {
                    span.status { (judged.status.words()) }
                    " " (self.path(&carve_out.repository, &carve_out.location.path, carve_out.location.line))
                }
                p.reason { (words(&reason(judged, self.verdict))) }
                @if excerpt.is_empty() {
                    p.words { (words(&carve_out.guarantee)) "; " (words(&carve_out.justification)) }
                } @else {
                    (source(excerpt, carve_out.location.line, carve_out.location.end_line))
                }
                dl {
                    dt { "Why" }
                    dd { (words(&judged.explanation)) }
                    @if !judged.because.is_empty() { dt { "Because of" } dd { (self.because(judged)) } }
                    @if let Some(help) = &judged.help { dt { "What to do" } dd.help { (words(help)) } }
                    dt { "Rests on" }
                    dd { (words(&footprint_words(carve_out))) }
                    @if !carve_out.owners.is_empty() { dt { "Owners" } dd { (owners(judged)) } }
                    @if let Some(last) = last { dt { "Last justified" } dd { (words(&last)) } }
                    @if let Some(link) = &carve_out.permalink { dt { "Shown at" } dd { a href=(link) { (name(link)) } } }
                    dt { "Id" }
                    dd { code { (name(&carve_out.id)) } }
                }
            }
        }
    }

    /// The changes a carve-out falls under, as links.
    fn because(&self, judged: &Judged) -> Markup {
        let index_of = |id: &String| {
            self.verdict
                .changes
                .iter()
                .position(|change| change.id == *id)
        };
        html! {
            @for (count, id) in judged.because.iter().take(LINES_SPELLED_OUT).enumerate() {
                @if count > 0 { br; }
                @match index_of(id) {
                    Some(index) => {
                        a href={ "#change-" (index) } { (name(id)) }
                        " " (words(&self.verdict.changes[index].summary))
                    }
                    None => { (name(id)) }
                }
            }
            @if judged.because.len() > LINES_SPELLED_OUT {
                br; "and " (judged.because.len() - LINES_SPELLED_OUT) " more changes"
            }
        }
    }

    fn line_of(&self, index: Option<usize>, judged: &Judged) -> Markup {
        let carve_out = &judged.carve_out;
        html! {
            li.carve-out .(judged.status.word()) id=[index.map(|index| format!("carve-out-{index}"))] {
                (self.path(&carve_out.repository, &carve_out.location.path, carve_out.location.line))
                " " span.status { (judged.status.words()) }
                " " (words(&clip(&reason(judged, self.verdict), LONGEST_NAME)))
                @if !carve_out.owners.is_empty() { " " (owners(judged)) }
            }
        }
    }

    fn findings(&self) -> Option<Markup> {
        let findings = findings_of_their_own(self.verdict);
        let before = self.verdict.findings_from_before;
        (!findings.is_empty() || before > 0).then(|| {
            html! {
                h2 { (counted(findings.len(), "finding")) }
                @for finding in &findings { (self.finding(finding)) }
                @if before > 0 {
                    p.hint { (counted(before, "more finding")) " from before this change set, which block nothing." }
                }
            }
        })
    }

    fn finding(&self, finding: &Finding) -> Markup {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        html! {
            article.finding .(severity) {
                h3 {
                    span.status { (severity) }
                    " " (self.path(&finding.repository, &finding.location.path, finding.location.line))
                }
                p.reason { code { (finding.rule.id()) } ": " (words(&finding.message)) }
                dl {
                    @if !finding.help.is_empty() { dt { "What to do" } dd.help { (words(&finding.help)) } }
                    dt { "The rule" }
                    dd { (capital(finding.rule.summary())) ". " (spoken(finding.rule.description())) }
                    @if !finding.related.is_empty() {
                        dt { "See" }
                        dd {
                            ul {
                                @for (location, text) in finding.related.iter().take(LINES_SPELLED_OUT) {
                                    li { code { (name(&location.to_string())) } " " (words(text)) }
                                }
                                (more(finding.related.len(), "place"))
                            }
                        }
                    }
                }
            }
        }
    }

    fn settled(&self) -> Option<Markup> {
        let statuses = [Status::Added, Status::Rejustified, Status::Removed];
        let any = |status| with_status(self.verdict, status).next().is_some();
        statuses.into_iter().any(any).then(|| {
            html! {
                h2 { "Carve-outs that this change set wrote, rewrote or removed" }
                ul.short {
                    @for status in statuses {
                        @for judged in with_status(self.verdict, status) { (self.line_of(None, judged)) }
                    }
                }
            }
        })
    }

    fn unaffected(&self) -> Option<Markup> {
        let count = with_status(self.verdict, Status::Unaffected).count();
        (count > 0).then(|| {
            html! {
                h2 { (counted(count, "carve-out")) " " (unaffected_words(self.verdict)) }
                details {
                    summary { "List them" }
                    ul.short {
                        @for judged in with_status(self.verdict, Status::Unaffected) { (self.line_of(None, judged)) }
                    }
                }
            }
        })
    }

    fn notices(&self) -> Option<Markup> {
        let notices = &self.verdict.notices;
        (!notices.is_empty()).then(|| {
            html! {
                h2 { (counted(notices.len(), "notice")) }
                p.hint { "What was not understood, or is good to know." }
                ul {
                    @for group in notice_groups(notices) {
                        li {
                            code { (name(group.kind)) } ": " (words(group.message)) " "
                            @for (count, subject) in group.subjects.iter().take(LINES_SPELLED_OUT).enumerate() {
                                @if count > 0 { ", " }
                                code { (name(subject)) }
                            }
                            @if group.subjects.len() > LINES_SPELLED_OUT {
                                " and " (group.subjects.len() - LINES_SPELLED_OUT) " more"
                            }
                        }
                    }
                }
            }
        })
    }

    fn inputs(&self) -> Markup {
        html! {
            h2 { "What was looked at" }
            ul { @for input in &self.verdict.inputs { li { (words(input)) } } }
            p.hint { "Written by perimeter " (env!("CARGO_PKG_VERSION")) ". This page loads nothing and sends nothing." }
        }
    }
}

fn cause(origin: &Origin) -> Markup {
    let attributes: Vec<String> = origin
        .attributes
        .iter()
        .take(LINES_SPELLED_OUT)
        .map(|attribute| name(attribute))
        .collect();
    html! {
        @if let Some(location) = &origin.location { code.place { (name(&location.to_string())) } " " }
        code { (name(&origin.address)) }
        " (" (origin.action_word())
        @if !attributes.is_empty() { ": " (attributes.join(", ")) }
        @if origin.attributes.len() > attributes.len() { " and " (origin.attributes.len() - attributes.len()) " more" }
        ")"
        @for step in origin.steps.iter().take(LINES_SPELLED_OUT) {
            br;
            code.place { (name(&step.location.to_string())) } " " (words(&step.words()))
        }
    }
}

fn owners(judged: &Judged) -> Markup {
    let owners = &judged.carve_out.owners;
    html! {
        @for owner in owners.iter().take(LINES_SPELLED_OUT) { span.owner { (name(owner)) } " " }
        @if owners.len() > LINES_SPELLED_OUT { "and " (owners.len() - LINES_SPELLED_OUT) " more" }
    }
}

/// Source with line numbers, the marker underlined.
fn source(excerpt: &[(usize, String)], line: usize, end_line: usize) -> Markup {
    let lines: BTreeMap<usize, &str> = excerpt
        .iter()
        .take(LONGEST_EXCERPT)
        .map(|(number, text)| (*number, text.as_str()))
        .collect();
    html! {
        pre.source tabindex="0" aria-label="Source" {
            @for (number, text) in &lines {
                @let text = source_line(&clip(text, LONGEST_NAME));
                @let indent = text.len() - text.trim_start().len();
                span.line {
                    span.number { (number) }
                    @if (line..=end_line).contains(number) {
                        (text.get(..indent).unwrap_or_default())
                        mark { (text.get(indent..).unwrap_or_default()) }
                    } @else {
                        (text)
                    }
                    "\n"
                }
            }
        }
    }
}

fn more(all: usize, noun: &str) -> Markup {
    html! {
        @if all > LINES_SPELLED_OUT { li { "and " (counted(all - LINES_SPELLED_OUT, &format!("more {noun}"))) } }
    }
}

/// The drawing, with parts that lead to their words.
fn drawing(
    picture: &Picture,
    layout: &Layout,
    more_of_role: &dyn Fn(&PictureNode) -> String,
) -> Markup {
    // Drawn a third larger where there is room.
    let (width, height) = (layout.width * 4 / 3, layout.height * 4 / 3);
    html! {
        svg.wide[layout.width > WIDE] viewBox={ "0 0 " (layout.width) " " (layout.height) } width=(width) height=(height)
            role="group" aria-label="Parts of the network and the links between them" {
            (svg::drawing(picture, layout, true, more_of_role))
        }
    }
}

/// What lines mean, and what is not drawn.
fn legend(picture: &Picture) -> Markup {
    let has = |fate: Fate| {
        picture.nodes.iter().any(|node| node.fate == fate)
            || picture.links.iter().any(|link| link.fate == fate)
    };
    html! {
        p.legend {
            @if has(Fate::Added) { span.key.added { "+ added" } }
            @if has(Fate::Removed) { span.key.removed { "− removed" } }
            @if has(Fate::Changed) { span.key.changed { "± changed" } }
            span.key.kept { "as before" }
            @for words in svg::line_legend(picture).iter().chain(&svg::said_once(picture)).chain(&boxes::remarks(picture)) { span { (prose(words)) } }
        }
    }
}

/// One part of the picture with its links and what rests on it.
fn part(picture: &Picture, index: usize, resting: &[Markup]) -> Markup {
    let node = &picture.nodes[index];
    let said = boxes::words(node);
    let links: Vec<&PictureLink> = picture
        .links
        .iter()
        .filter(|link| link.from == index || link.to == index)
        .collect();
    html! {
        li id={ "part-" (index) } {
            strong {
                @if node.members.is_empty() { (name(&node.role)) " " }
                (name(&said.name))
            }
            span {
                ": " (svg::fate_words(node.fate))
                @for note in &said.notes { "; " (words(note)) }
                @if let Some(pins) = &said.pins { "; " (pins.trim_start_matches("✕ ")) }
                "."
            }
            @if !node.members.is_empty() {
                " " @for (count, member) in node.members.iter().enumerate() { @if count > 0 { ", " } (name(&member.name)) }
            }
            @if !links.is_empty() || !resting.is_empty() {
                ul {
                    @for link in links.iter().take(LINES_SPELLED_OUT) {
                        li class=(svg::fate_class(link.fate)) { (svg::link_sentence(picture, link)) }
                    }
                    @if links.len() > LINES_SPELLED_OUT { li { "and " (links.len() - LINES_SPELLED_OUT) " more links" } }
                    @for line in resting.iter().take(LINES_SPELLED_OUT) { li.falls { (line) } }
                    @if resting.len() > LINES_SPELLED_OUT {
                        li.falls { "and " (resting.len() - LINES_SPELLED_OUT) " more carve-outs" }
                    }
                }
            }
        }
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

fn sentence(text: &str) -> String {
    format!("{}.", capital(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;
    use crate::report::fixture;
    use crate::report::text::acts_unseen;

    /// The tags of a page with their attributes' names, in order; but for lines of text in the drawing, of which a longer
    /// name has more.
    fn tags(page: &str) -> Vec<String> {
        let body = page.replace(STYLE, "").replace(SCRIPT, "");
        let tag = Regex::new("<[^>]*>").unwrap();
        let value = Regex::new("=\"[^\"]*\"").unwrap();
        tag.find_iter(&body)
            .map(|found| value.replace_all(found.as_str(), "").into_owned())
            .filter(|tag| tag != "<text class x y>" && tag != "</text>")
            .collect()
    }

    /// The snapshot without style and script, and with a line for each tag that begins a block.
    #[test]
    fn what_a_browser_is_given() {
        let page = render(&fixture::verdict())
            .replace(STYLE, "[style]")
            .replace(SCRIPT, "[script]")
            .replace(&digest(STYLE), "[digest of the style]")
            .replace(&digest(SCRIPT), "[digest of the script]");
        let block = Regex::new("<(header|nav|main|section|article|h[1-4]|p|ul|ol|li|dl|dt|g|a|div|details|pre|script|style|meta)\\b").unwrap();
        insta::assert_snapshot!(block.replace_all(&page, "\n<$1"));
    }

    #[test]
    fn nothing_changed_is_said_and_nothing_drawn() {
        let page = render(&fixture::nothing());
        assert!(page.contains("No perimeter change; all 5 carve-outs stand."));
        assert!(!page.contains("<svg") && !page.contains("What to do"));
    }

    #[test]
    fn the_policy_names_style_and_script_and_allows_nothing_else() {
        let page = render(&fixture::verdict());
        assert!(policy().starts_with("default-src 'none'; style-src 'sha256-"));
        assert!(!policy().contains("unsafe") && !policy().contains("http"));
        // What the digests are of is what stands between the tags.
        let between = |tag: &str| {
            let start = page.find(&format!("<{tag}>")).unwrap() + tag.len() + 2;
            let end = page[start..].find(&format!("</{tag}>")).unwrap();
            digest(&page[start..start + end])
        };
        assert_eq!(between("style"), digest(STYLE));
        assert_eq!(between("script"), digest(SCRIPT));
    }

    #[test]
    fn the_page_asks_nobody_for_anything() {
        for source in [STYLE, SCRIPT] {
            for way in [
                "url(",
                "@import",
                "http:",
                "https:",
                "fetch",
                "XMLHttp",
                "import(",
                "</",
                "eval",
                "innerHTML",
            ] {
                assert!(!source.contains(way), "{way}");
            }
        }
        let page = render(&fixture::verdict());
        let markup = page.replace(STYLE, "").replace(SCRIPT, "");
        for attribute in [
            " src=",
            " srcset=",
            " action=",
            " style=",
            " onclick=",
            "<link",
            "<img",
            "<iframe",
        ] {
            assert!(!markup.contains(attribute), "{attribute}");
        }
        let reference = Regex::new(r#"href="([^"]*)""#).unwrap();
        assert!(
            reference
                .captures_iter(&markup)
                .all(|found| found[1].starts_with('#'))
        );
    }

    #[test]
    fn every_reference_within_the_page_leads_somewhere() {
        let page = render(&fixture::many(600));
        let ids = |pattern: &str| -> std::collections::BTreeSet<String> {
            let pattern = Regex::new(pattern).unwrap();
            pattern
                .captures_iter(&page)
                .map(|found| found[1].to_owned())
                .collect()
        };
        let missing: Vec<String> = ids("href=\"#([^\"]*)\"")
            .difference(&ids(" id=\"([^\"]*)\""))
            .cloned()
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn beyond_some_hundred_the_source_is_left_out_and_no_carve_out_is() {
        let page = render(&fixture::many(600));
        assert_eq!(page.matches("<pre").count(), SHOWN_IN_FULL);
        assert!((0..600).all(|index| page.contains(&format!("service-{index:04}/config.yaml:2"))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn whatever_the_texts_the_tags_are_the_same(
            text in prop_oneof![any::<String>(), "[<>&\"'/= a-z]{1,40}", Just("</script><script>alert(1)</script>".to_owned())]
        ) {
            let page = render(&fixture::of_texts(&format!("x{text}")));
            prop_assert_eq!(tags(&page), tags(&render(&fixture::of_texts("x"))));
            let body = page.replace(STYLE, "").replace(SCRIPT, "");
            prop_assert!(!body.chars().any(|character| character != '\n' && acts_unseen(character)));
        }
    }
}
