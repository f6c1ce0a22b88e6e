//! The verdict for a person at a terminal: first what it is, then what changed, then what falls and why, last what to do.

pub mod audit;

use std::collections::{BTreeMap, BTreeSet};

use annotate_snippets::{AnnotationKind, Group, Level, Origin as Place, Renderer, Snippet};
use comfy_table::{ContentArrangement, Table, presets};
use rayon::prelude::*;
use unicode_width::UnicodeWidthStr;

use crate::change::{Change, Effect};
use crate::graph::origin::Origin;
use crate::verdict::{Conclusion, Finding, Judged, Severity, Status, Verdict};

use super::text::{clip, counted, for_terminal, prose, source_line, wrap};
use super::{
    alike, causes, changes_counted, details, documented, falling, findings_of_their_own,
    footprint_words, has_several_repositories, headline, is_quiet, last_justified_words,
    next_steps, notice_groups, path_in, reason, receipt_words, with_status,
};

/// Prose wider than this is hard to read, however wide the terminal.
const WIDEST_PROSE: usize = 100;
/// Narrower than this nothing can be laid out.
const NARROWEST: usize = 40;
/// Causes, and differences, that a change spells out before it counts the rest.
const LINES_SPELLED_OUT: usize = 6;
/// So many more findings of one sort in one file are told beside the first.
const WORTH_ONE_BLOCK: usize = 2;
/// Carve-outs shown with their source before the rest gets one line each.
const SHOWN_IN_FULL: usize = 40;
/// From here on a summary of all that fall stands below them.
const WORTH_A_SUMMARY: usize = 4;
/// Changes that are told beside one carve-out.
const CHANGES_BESIDE_ONE: usize = 3;
/// Names in one cell of that summary.
const NAMES_IN_A_CELL: usize = 3;
/// Inputs that the line on what was compared spells out.
const INPUTS_SPELLED_OUT: usize = 4;
/// Subjects that a notice spells out.
const SUBJECTS_SPELLED_OUT: usize = 3;
/// Lines of source around a marker, and characters of one line.
const LONGEST_EXCERPT: usize = 24;
const LONGEST_LINE: usize = 300;
/// How far from its marker a line of an excerpt may stand.
const WIDEST_GAP: usize = 200;
/// Characters of one text; what is longer was not written to be read.
const LONGEST_TEXT: usize = 2_000;

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableOptions {
    /// Colour, by ANSI escape sequences. Nothing is said by colour alone.
    pub color: bool,
    /// Also list what is unaffected, every difference, every notice, and every carve-out with its source.
    pub verbose: bool,
    /// Columns of the terminal. Prose is never wider than 100.
    pub width: usize,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            color: false,
            verbose: false,
            width: WIDEST_PROSE,
        }
    }
}

/// For the reader who never heard of one.
const WHAT_IT_IS: &str = "A carve-out skips encryption because the network around it is closed, and this change alters that network.";

/// The verdict for a person at a terminal, with a line break at the end.
#[must_use]
pub fn render(verdict: &Verdict, options: &TableOptions) -> String {
    let page = Page {
        verdict,
        options,
        width: options.width.clamp(NARROWEST, WIDEST_PROSE),
        several_repositories: has_several_repositories(verdict),
    };
    let sections = [
        page.head(),
        page.changes(),
        page.falling(),
        page.settled(),
        page.findings(),
        page.notices(),
        page.unaffected(),
        page.foot(),
    ];
    let shown: Vec<String> = sections
        .into_iter()
        .map(|section| section.trim_end().to_owned())
        .filter(|section| !section.is_empty())
        .collect();
    let mut text = shown.join("\n\n");
    text.push('\n');
    text
}

/// The perimeter changes alone, with a line break at the end.
#[must_use]
pub fn render_changes(verdict: &Verdict, options: &TableOptions) -> String {
    let page = Page {
        verdict,
        options,
        width: options.width.clamp(NARROWEST, WIDEST_PROSE),
        several_repositories: has_several_repositories(verdict),
    };
    let mut head = page.paint(Style::Strong, &changes_counted(verdict));
    if let Some(compared) = page.compared() {
        head = format!("{head}\n{compared}");
    }
    let sections = [head, page.changes(), page.notices()];
    let shown: Vec<String> = sections
        .into_iter()
        .map(|section| section.trim_end().to_owned())
        .filter(|section| !section.is_empty())
        .collect();
    let mut text = shown.join("\n\n");
    text.push('\n');
    text
}

/// One carve-out with its source, why it falls and what to do, and the changes that it falls under.
#[must_use]
pub fn render_one(verdict: &Verdict, judged: &Judged, options: &TableOptions) -> String {
    let page = Page {
        verdict,
        options,
        width: options.width.clamp(NARROWEST, WIDEST_PROSE),
        several_repositories: has_several_repositories(verdict),
    };
    let because = verdict
        .changes
        .iter()
        .filter(|change| judged.because.contains(&change.id));
    let shown = because
        .take(CHANGES_BESIDE_ONE)
        .map(|change| page.change(change));
    let blocks: Vec<String> = std::iter::once(page.carve_out(judged, true, true))
        .chain(shown)
        .collect();
    blocks.join("\n\n")
}

struct Page<'a> {
    verdict: &'a Verdict,
    options: &'a TableOptions,
    width: usize,
    several_repositories: bool,
}

impl Page<'_> {
    fn head(&self) -> String {
        let line = headline(self.verdict);
        let (word, rest) = line.split_once(':').unwrap_or((&line, ""));
        let style = match self.verdict.conclusion {
            Conclusion::Blocked => Style::Bad,
            Conclusion::Clear => Style::Good,
        };
        let wrapped = wrap(&format!("{word}:{rest}"), self.width, "");
        let head = self.paint(style, word) + wrapped.get(word.len()..).unwrap_or_default();
        match self.compared() {
            Some(compared) => format!("{head}\n{compared}"),
            None => head,
        }
    }

    /// What the verdict is about: the repositories, of which the first has the change set, before whatever else was read.
    fn compared(&self) -> Option<String> {
        let inputs = self.verdict.inputs.iter();
        let (repositories, others): (Vec<&String>, Vec<&String>) =
            inputs.partition(|input| input.starts_with("repository "));
        let mut named: Vec<String> = repositories
            .into_iter()
            .chain(others)
            .map(|input| clip(input, LONGEST_LINE))
            .collect();
        if named.len() > INPUTS_SPELLED_OUT {
            let more = named.len() - INPUTS_SPELLED_OUT;
            named.truncate(INPUTS_SPELLED_OUT);
            named.push(counted(more, "more input"));
        }
        let line = format!("compared: {}", named.join("; "));
        (!named.is_empty()).then(|| wrap(&line, self.width, ""))
    }

    fn changes(&self) -> String {
        let changes = &self.verdict.changes;
        if changes.is_empty() {
            return String::new();
        }
        let blocks: Vec<String> = changes
            .par_iter()
            .map(|change| self.change(change))
            .collect();
        format!(
            "{}\n{}",
            self.title("perimeter changes"),
            blocks.join("\n\n")
        )
    }

    fn change(&self, change: &Change) -> String {
        let id = for_terminal(&change.id);
        let indent = " ".repeat(id.width() + 4);
        let summary = wrap(&clip(&change.summary, LONGEST_TEXT), self.width, &indent);
        let mut lines = vec![format!(
            "  {}  {}",
            self.paint(Style::Strong, &id),
            summary.trim_start()
        )];

        let style = match change.effect {
            Effect::Widens => Style::Bad,
            Effect::Narrows => Style::Good,
            Effect::Alters => Style::Warn,
        };
        let category = change.category.word().replace('_', " ");
        let effect = self.paint(style, change.effect.word());
        let note = if change.informative {
            "; reported only: no carve-out falls by it"
        } else {
            ""
        };
        lines.push(format!("{indent}{category}, {effect}{note}"));

        let all = if self.options.verbose {
            usize::MAX
        } else {
            LINES_SPELLED_OUT
        };
        let causes = causes(change, self.verdict);
        for origin in causes.iter().take(all) {
            let by = self.paint(Style::Quiet, "by");
            let words = cause_words(origin);
            // Cut only where it does not fit anyway: a path is copied, and a line break in it is not.
            let words = if self.width < WIDEST_PROSE {
                wrap(&words, self.width, &format!("{indent}   "))
                    .trim_start()
                    .to_owned()
            } else {
                words
            };
            lines.push(format!("{indent}{by} {words}"));
        }
        push_left_out(&mut lines, &indent, causes.len(), all, "cause");

        let details = details(change);
        for (name, touch) in details.iter().take(all) {
            let line = format!(
                "{} {}",
                prose(&clip(name, LONGEST_LINE)),
                prose(&clip(&touch.words, LONGEST_TEXT))
            );
            let hanging = format!("{indent}  ");
            let wrapped = wrap(&line, self.width, &hanging);
            lines.push(format!("{indent}- {}", wrapped.trim_start()));
        }
        push_left_out(&mut lines, &indent, details.len(), all, "difference");
        let evidence = if self.options.verbose {
            &change.evidence
        } else {
            documented(change)
        };
        for evidence in evidence {
            let line = format!(
                "{}: {} ({}, read {})",
                evidence.fact, evidence.claim, evidence.source, evidence.read
            );
            let hanging = format!("{indent}  ");
            let wrapped = wrap(&prose(&clip(&line, LONGEST_TEXT)), self.width, &hanging);
            lines.push(format!("{indent}* {}", wrapped.trim_start()));
        }
        lines.join("\n")
    }

    fn falling(&self) -> String {
        let falling = falling(self.verdict);
        if falling.is_empty() {
            return String::new();
        }
        let in_full = if self.options.verbose {
            falling.len()
        } else {
            falling.len().min(SHOWN_IN_FULL)
        };
        let title = self.title(&format!(
            "{} that must be re-justified or removed",
            counted(falling.len(), "carve-out")
        ));
        let what_it_is = self.paint(Style::Quiet, &wrap(WHAT_IT_IS, self.width, ""));
        let mut blocks = vec![format!("{title}\n{what_it_is}")];
        // The same advice is read once.
        let mut advice = BTreeSet::new();
        blocks.extend(falling.iter().take(in_full).map(|judged| {
            let is_new = advice.insert(&judged.help) || self.options.verbose;
            self.carve_out(judged, self.width < WIDEST_PROSE, is_new)
        }));
        let rest = falling.len() - in_full;
        if rest > 0 {
            let note = format!("{rest} more without their source; --verbose shows it.");
            blocks.push(wrap(&note, self.width, "  "));
        }
        if falling.len() >= WORTH_A_SUMMARY {
            blocks.push(format!(
                "{}\n{}",
                self.title("all that fall"),
                self.summary(&falling)
            ));
        }
        blocks.join("\n\n")
    }

    /// One carve-out with its source, why it falls, and what to do.
    ///
    /// In a narrow terminal the source is cut off, so `in_full` the justification is told once more. What to do is told
    /// `with_help`.
    fn carve_out(&self, judged: &Judged, in_full: bool, with_help: bool) -> String {
        let carve_out = &judged.carve_out;
        let title = Level::ERROR
            .with_name(judged.status.words())
            .primary_title(prose(&clip(&reason(judged, self.verdict), LONGEST_LINE)))
            .id(for_terminal(&clip(&carve_out.id, LONGEST_LINE)));
        let path = path_in(
            &carve_out.repository,
            &carve_out.location.path,
            self.several_repositories,
        );
        let (line, end_line) = (carve_out.location.line, carve_out.location.end_line);
        let (mut group, shows_marker) =
            self.with_source(title, &path, line, end_line, &carve_out.excerpt);

        let mut facts = vec![("guarantee", carve_out.guarantee.clone())];
        if !shows_marker || in_full {
            facts.push(("justification", carve_out.justification.clone()));
        }
        facts.push(("rests on", footprint_words(carve_out)));
        facts.push(("why", judged.explanation.clone()));
        let because = judged.because.iter().take(LINES_SPELLED_OUT);
        facts.extend(because.map(|id| ("because of", self.change_words(id))));
        if judged.because.len() > LINES_SPELLED_OUT {
            facts.push(("because of", judged.because[LINES_SPELLED_OUT..].join(", ")));
        }
        if !carve_out.owners.is_empty() {
            facts.push(("owners", carve_out.owners.join(" ")));
        }
        facts.extend(last_justified_words(carve_out).map(|words| ("last justified", words)));
        facts.extend(carve_out.permalink.clone().map(|link| ("shown at", link)));
        let help = judged.help.clone().filter(|_| with_help);
        facts.extend(help.map(|help| ("what to do", help)));
        let facts: Vec<(&str, String)> = facts
            .into_iter()
            .filter(|(_, text)| !text.trim().is_empty())
            .collect();
        let number_width = carve_out
            .excerpt
            .iter()
            .map(|(line, _)| *line)
            .max()
            .unwrap_or(line)
            .to_string()
            .len();
        for (name, text) in &facts {
            let used = number_width + " = : ".len() + name.len();
            let level = if *name == "what to do" {
                Level::HELP
            } else {
                Level::NOTE
            };
            group = group.element(level.with_name(*name).message(wrap(
                &clip(text, LONGEST_TEXT),
                self.width.saturating_sub(used).max(NARROWEST / 2),
                "",
            )));
        }
        self.renderer().render(&[group])
    }

    /// A change by its handle, with as much of its summary as helps to recognise it.
    fn change_words(&self, id: &str) -> String {
        let change = self.verdict.changes.iter().find(|change| change.id == id);
        change.map_or_else(
            || id.to_owned(),
            |change| format!("{id}, {}", clip(&change.summary, LONGEST_LINE)),
        )
    }

    /// The source of a place below a title, its lines marked; and whether the first of them is shown.
    fn with_source<'t>(
        &self,
        title: annotate_snippets::Title<'t>,
        path: &str,
        line: usize,
        end_line: usize,
        excerpt: &[(usize, String)],
    ) -> (Group<'t>, bool) {
        let path = for_terminal(&clip(path, LONGEST_LINE));
        let is_near = |number: usize| number.abs_diff(line) <= WIDEST_GAP;
        let lines: BTreeMap<usize, &str> = excerpt
            .iter()
            .take(LONGEST_EXCERPT)
            .filter(|(number, _)| is_near(*number))
            .map(|(number, text)| (*number, text.as_str()))
            .collect();
        let (Some((&first, _)), Some((&last, _))) =
            (lines.first_key_value(), lines.last_key_value())
        else {
            return (title.element(Place::path(path).line(line)), false);
        };
        // Lines between that are not at hand stay empty, and are folded away.
        let mut source = String::new();
        let mut shown = Vec::new();
        let mut marked: Option<(usize, usize)> = None;
        for number in first..=last {
            let text = lines
                .get(&number)
                .map(|text| source_line(&clip(text, LONGEST_LINE)));
            let start = source.len();
            source.push_str(text.as_deref().unwrap_or_default());
            let end = source.len();
            source.push('\n');
            let Some(text) = text else { continue };
            shown.push(AnnotationKind::Visible.span(start..end));
            if (line..=end_line).contains(&number) {
                let indent = text.len() - text.trim_start().len();
                marked = Some((marked.map_or(start + indent, |(start, _)| start), end));
            }
        }
        let Some((start, end)) = marked else {
            return (title.element(Place::path(path).line(line)), false);
        };
        let has_gaps = lines.len() <= last - first;
        let mut snippet = Snippet::source(source)
            .line_start(first)
            .path(path)
            .fold(has_gaps)
            .annotation(AnnotationKind::Primary.span(start..end));
        if has_gaps {
            snippet = snippet.annotations(shown);
        }
        (title.element(snippet), true)
    }

    fn renderer(&self) -> Renderer {
        let renderer = if self.options.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.term_width(self.options.width.max(NARROWEST))
    }

    /// All that fall, one line each.
    fn summary(&self, falling: &[&Judged]) -> String {
        let mut table = Table::new();
        // Paths are there to be copied: a line may be wider than the terminal, and is never broken.
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        let header = ["status", "where", "because of", "owners"].map(str::to_owned);
        let rows = falling.iter().map(|judged| {
            let carve_out = &judged.carve_out;
            [
                judged.status.words().to_owned(),
                self.spot(judged),
                few(&judged.because),
                few(&carve_out.owners),
            ]
        });
        let rows: Vec<[String; 4]> = rows.collect();
        table.add_row(header);
        table.add_rows(rows);
        table
            .lines()
            .map(|line| format!(" {}\n", line.trim_end()))
            .collect()
    }

    fn spot(&self, judged: &Judged) -> String {
        let location = &judged.carve_out.location;
        let path = path_in(
            &judged.carve_out.repository,
            &location.path,
            self.several_repositories,
        );
        format!(
            "{}:{}",
            for_terminal(&clip(&path, LONGEST_LINE)),
            location.line
        )
    }

    /// What was added, re-justified or removed: one line each.
    fn settled(&self) -> String {
        let mut blocks = Vec::new();
        for status in [Status::Added, Status::Rejustified, Status::Removed] {
            let judged: Vec<&Judged> = with_status(self.verdict, status).collect();
            if judged.is_empty() {
                continue;
            }
            blocks.push(self.title(&format!(
                "{} {}",
                counted(judged.len(), "carve-out"),
                status.words()
            )));
            blocks.extend(judged.iter().map(|judged| self.line_of(judged)));
        }
        blocks.join("\n")
    }

    fn line_of(&self, judged: &Judged) -> String {
        let why = if judged.because.is_empty() {
            String::new()
        } else {
            format!(" ({})", judged.because.join(", "))
        };
        let room = self.width.max(60);
        let spot = self.spot(judged);
        let words = prose(&clip(&judged.carve_out.guarantee, LONGEST_LINE));
        let line = format!("  {spot}{}  ", for_terminal(&why));
        let left = room.saturating_sub(line.width());
        let words = if left < 20 {
            String::new()
        } else {
            shortened(&words, left)
        };
        let line = format!("{line}{words}").trim_end().to_owned();
        match receipt_words(judged) {
            Some(words) => {
                let words = prose(&clip(&words, LONGEST_TEXT));
                format!("{line}\n    {}", wrap(&words, room, "    ").trim_start())
            }
            None => line,
        }
    }

    fn findings(&self) -> String {
        let findings = findings_of_their_own(self.verdict);
        let before = self.verdict.findings_from_before;
        let mut blocks = Vec::new();
        if !findings.is_empty() {
            blocks.push(self.title(&counted(findings.len(), "finding")));
            for list in alike(&findings) {
                match list.as_slice() {
                    [first, others @ ..] if others.len() >= WORTH_ONE_BLOCK => {
                        blocks.push(self.finding(first, others));
                    }
                    few => blocks.extend(few.iter().map(|finding| self.finding(finding, &[]))),
                }
            }
        }
        if before > 0 {
            let (were, do_not) = if before == 1 {
                ("was", "does not")
            } else {
                ("were", "do not")
            };
            let note = format!(
                "{} {were} there before and {do_not} block.",
                counted(before, "finding")
            );
            blocks.push(self.paint(Style::Quiet, &wrap(&note, self.width, "")));
        }
        blocks.join("\n\n")
    }

    /// One finding, with what else is the matter in the same file for the same reason.
    fn finding(&self, finding: &Finding, others: &[&Finding]) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        // A title is one line; what does not fit goes below.
        let message = prose(&clip(&finding.message, LONGEST_TEXT));
        let fits =
            others.is_empty() && message.width() + finding.rule.id().len() + 10 <= self.width;
        let headline = if fits {
            message.as_str()
        } else {
            finding.rule.summary()
        };
        let title = level
            .primary_title(headline.to_owned())
            .id(finding.rule.id());
        let path = path_in(
            &finding.repository,
            &finding.location.path,
            self.several_repositories,
        );
        let at_carve_out = self
            .verdict
            .carve_outs
            .iter()
            .map(|judged| &judged.carve_out)
            .find(|carve_out| {
                carve_out.repository == finding.repository
                    && carve_out.location.path == finding.location.path
                    && carve_out
                        .excerpt
                        .iter()
                        .any(|(line, _)| *line == finding.location.line)
            });
        let excerpt = at_carve_out.map_or(&[][..], |carve_out| &carve_out.excerpt);
        let (line, end_line) = (finding.location.line, finding.location.end_line);
        let (mut group, _) = self.with_source(title, &path, line, end_line, excerpt);
        let number_width = line.to_string().len();
        let mut note = |level: Level<'static>, name: &'static str, text: &str| {
            let room = self
                .width
                .saturating_sub(number_width + " = : ".len() + name.len())
                .max(NARROWEST / 2);
            let message = level
                .with_name(name)
                .message(wrap(&clip(text, LONGEST_TEXT), room, ""));
            group = std::mem::replace(&mut group, Group::with_level(Level::NOTE)).element(message);
        };
        if !fits {
            note(Level::NOTE, "here", &finding.message);
        }
        for (location, words) in finding.related.iter().take(LINES_SPELLED_OUT) {
            note(Level::NOTE, "see", &format!("{location}: {words}"));
        }
        if finding.related.len() > LINES_SPELLED_OUT {
            let more = format!("{} more places", finding.related.len() - LINES_SPELLED_OUT);
            note(Level::NOTE, "see", &more);
        }
        let spelled_out = if self.options.verbose {
            others.len()
        } else {
            LINES_SPELLED_OUT
        };
        for other in others.iter().take(spelled_out) {
            let line = other.location.line;
            note(
                Level::NOTE,
                "and",
                &format!("line {line}: {}", other.message),
            );
        }
        if others.len() > spelled_out {
            let more = format!("{} more in this file", others.len() - spelled_out);
            note(Level::NOTE, "and", &more);
        }
        if !finding.help.is_empty() {
            note(Level::HELP, "what to do", &finding.help);
        }
        self.renderer().render(&[group])
    }

    fn notices(&self) -> String {
        let notices = &self.verdict.notices;
        if notices.is_empty() {
            return String::new();
        }
        let mut lines = vec![self.title(&format!(
            "{}: not understood, or good to know",
            counted(notices.len(), "notice")
        ))];
        let groups = notice_groups(notices);
        let most = if self.options.verbose {
            usize::MAX
        } else {
            LINES_SPELLED_OUT
        };
        let subjects_shown = if self.options.verbose {
            usize::MAX
        } else {
            SUBJECTS_SPELLED_OUT
        };
        for group in groups.iter().take(most) {
            let mut subjects: Vec<String> = group
                .subjects
                .iter()
                .take(subjects_shown)
                .map(|subject| clip(subject, LONGEST_LINE))
                .collect();
            if group.subjects.len() > subjects_shown {
                subjects.push(format!("{} more", group.subjects.len() - subjects_shown));
            }
            let line = format!(
                "{}: {}: {}",
                group.kind,
                subjects.join(", "),
                clip(group.message, LONGEST_TEXT)
            );
            let wrapped = wrap(&line, self.width, "    ");
            lines.push(format!("  {}", wrapped.trim_start()));
        }
        if groups.len() > most {
            let rest: usize = groups
                .iter()
                .skip(most)
                .map(|group| group.subjects.len())
                .sum();
            lines.push(format!("  and {rest} more; --verbose lists them"));
        }
        lines.join("\n")
    }

    fn unaffected(&self) -> String {
        let unaffected: Vec<&Judged> = with_status(self.verdict, Status::Unaffected).collect();
        if unaffected.is_empty() || (is_quiet(self.verdict) && !self.options.verbose) {
            return String::new();
        }
        let title = format!("{} unaffected", counted(unaffected.len(), "carve-out"));
        if !self.options.verbose {
            return self.paint(Style::Quiet, &title);
        }
        let lines: Vec<String> = unaffected
            .iter()
            .map(|judged| self.line_of(judged))
            .collect();
        format!("{}\n{}", self.title(&title), lines.join("\n"))
    }

    fn foot(&self) -> String {
        let steps = next_steps(self.verdict);
        match steps.as_slice() {
            [only] => format!("{} {only}", self.paint(Style::Strong, "next:")),
            steps => {
                let steps = steps.iter().map(|step| {
                    let wrapped = wrap(step, self.width, "    ");
                    format!("  - {}", wrapped.trim_start())
                });
                format!(
                    "{}\n{}",
                    self.paint(Style::Strong, "next:"),
                    steps.collect::<Vec<_>>().join("\n")
                )
            }
        }
    }

    fn title(&self, text: &str) -> String {
        self.paint(Style::Strong, text)
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.options.color {
            format!("\u{1b}[{}m{text}\u{1b}[0m", style.codes())
        } else {
            text.to_owned()
        }
    }
}

/// What colour is for.
#[derive(Debug, Clone, Copy)]
enum Style {
    Strong,
    Quiet,
    Good,
    Warn,
    Bad,
}

impl Style {
    /// Parameters of the ANSI sequence that switches it on.
    fn codes(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Quiet => "2",
            Self::Good => "1;32",
            Self::Warn => "1;33",
            Self::Bad => "1;31",
        }
    }
}

/// "network.tf:41 aws_route.x (create: vpc_id)", or without a place when it is unknown.
fn cause_words(origin: &Origin) -> String {
    let mut words = String::new();
    if let Some(location) = &origin.location {
        words = format!(
            "{} ",
            for_terminal(&clip(&location.to_string(), LONGEST_LINE))
        );
    }
    let mut action = origin.action.word().to_owned();
    if !origin.attributes.is_empty() {
        let shown: Vec<String> = origin
            .attributes
            .iter()
            .take(LINES_SPELLED_OUT)
            .map(|name| for_terminal(&clip(name, 80)))
            .collect();
        action = format!("{action}: {}", shown.join(", "));
        if origin.attributes.len() > shown.len() {
            action = format!(
                "{action} and {} more",
                origin.attributes.len() - shown.len()
            );
        }
    }
    format!(
        "{words}{} ({action})",
        for_terminal(&clip(&origin.address, LONGEST_LINE))
    )
}

fn push_left_out(lines: &mut Vec<String>, indent: &str, all: usize, shown: usize, noun: &str) {
    if all > shown {
        lines.push(format!(
            "{indent}and {}",
            counted(all - shown, &format!("more {noun}"))
        ));
    }
}

/// The first few of a list, and how many more.
fn few(items: &[String]) -> String {
    let shown: Vec<String> = items
        .iter()
        .take(NAMES_IN_A_CELL)
        .map(|item| prose(&clip(item, 80)))
        .collect();
    let more = items.len() - shown.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", shown.join(", "))
}

/// The beginning of a text, in so many columns.
fn shortened(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut shown = String::new();
    for character in text.chars() {
        if shown.width() + 3 > columns {
            break;
        }
        shown.push(character);
    }
    format!("{}…", shown.trim_end())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture;
    use crate::report::text::acts_unseen;

    fn plain(verdict: &Verdict) -> String {
        render(verdict, &TableOptions::default())
    }

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(plain(&fixture::verdict()));
    }

    #[test]
    fn what_a_person_sees_who_asks_for_everything() {
        let options = TableOptions {
            verbose: true,
            width: 72,
            ..TableOptions::default()
        };
        insta::assert_snapshot!(render(&fixture::verdict(), &options));
    }

    #[test]
    fn what_a_person_sees_when_nothing_changed() {
        insta::assert_snapshot!(plain(&fixture::nothing()));
    }

    #[test]
    fn many_that_fall_end_in_a_summary() {
        insta::assert_snapshot!(plain(&fixture::many(5)));
    }

    #[test]
    fn beyond_some_forty_the_source_is_left_to_verbose_and_nothing_is_lost() {
        let verdict = fixture::many(100);
        let short = plain(&verdict);
        assert_eq!(
            short.matches("--> ").count(),
            SHOWN_IN_FULL + 1,
            "one more for the finding"
        );
        assert!(short.contains("60 more without their source"));
        assert!((0..100).all(|index| short.contains(&format!("service-{index:04}/config.yaml:2"))));
        let long = render(
            &verdict,
            &TableOptions {
                verbose: true,
                ..TableOptions::default()
            },
        );
        assert_eq!(long.matches("--> ").count(), 101);
    }

    #[test]
    fn colour_only_when_asked_for_and_never_the_only_sign() {
        let verdict = fixture::verdict();
        let options = TableOptions {
            color: true,
            ..TableOptions::default()
        };
        let colored = render(&verdict, &options);
        assert!(!plain(&verdict).contains('\u{1b}'));
        assert!(colored.starts_with("\u{1b}[1;31mblocked\u{1b}[0m: "));
        let sequence = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
        assert_eq!(sequence.replace_all(&colored, ""), plain(&verdict));
    }

    #[test]
    fn lines_that_are_not_at_hand_are_folded_away() {
        let mut verdict = fixture::verdict();
        let excerpt = &mut verdict.carve_outs[1].carve_out.excerpt;
        excerpt.insert(0, (1, "service: limits".into()));
        excerpt.push((20, "    far: away".into()));
        excerpt.push((9_000, "too far".into()));
        verdict.carve_outs.swap(0, 1);
        verdict.carve_outs.truncate(1);
        insta::assert_snapshot!(plain(&verdict));
    }

    #[test]
    fn a_carve_out_without_source_still_says_where_and_what_it_is() {
        let mut verdict = fixture::verdict();
        verdict.carve_outs[1].carve_out.excerpt.clear();
        let shown = plain(&verdict);
        assert!(shown.contains("services/limits/config.yaml:6"));
        assert!(shown.contains("= justification: an eavesdropper learns only counters"));
    }

    #[test]
    fn a_finding_that_repeats_a_listed_carve_out_is_not_listed_again() {
        let text = plain(&fixture::verdict());
        assert!(!text.contains("[must-rejustify]"));
        assert!(text.contains("[near-miss-marker]"));
    }

    #[test]
    fn one_habit_in_a_file_is_told_once_with_every_line_and_two_are_told_apart() {
        let mut verdict = fixture::verdict();
        let is_near_miss = |finding: &&Finding| finding.rule.id() == "near-miss-marker";
        let first = verdict.findings.iter().find(is_near_miss).unwrap().clone();
        let at = |line: usize| {
            let mut finding = first.clone();
            finding.location.line = line;
            finding.message = format!("setting {line} is as bad");
            finding.related.clear();
            finding
        };
        verdict.findings = vec![at(3), at(7)];
        assert_eq!(plain(&verdict).matches("= and: ").count(), 0);
        let place = (first.location.clone(), "another place".to_owned());
        let pointing = |line| Finding {
            related: vec![place.clone()],
            ..at(line)
        };
        verdict.findings = (3..20).map(pointing).collect();
        assert_eq!(plain(&verdict).matches("= see: ").count(), 17);
        verdict.findings = (3..20).map(at).collect();
        let told = plain(&verdict);
        assert!(told.contains("17 findings"));
        assert!(told.contains("= and: line 9: setting 9 is as bad\n"));
        assert!(!told.contains("line 10:"));
        assert!(told.contains("= and: 10 more in this file\n"));
    }

    #[test]
    fn same_input_same_bytes() {
        assert_eq!(plain(&fixture::verdict()), plain(&fixture::verdict()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_the_texts_nothing_acts_and_nothing_panics(text in prop_oneof![any::<String>(), "[a-z :#\\[]{0,60}"], width in 0usize..300) {
            let options = TableOptions { width, verbose: true, color: false };
            let shown = render(&fixture::of_texts(&text), &options);
            prop_assert!(!shown.chars().any(|character| character != '\n' && acts_unseen(character)));
            prop_assert!(shown.starts_with("blocked: "));
            let colored = render(&fixture::of_texts(&text), &TableOptions { color: true, ..options });
            let sequence = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
            prop_assert_eq!(sequence.replace_all(&colored, ""), shown);
        }

        #[test]
        fn wrapped_prose_keeps_to_its_width(text in "[a-z ]{0,200}", width in 20usize..100) {
            for line in wrap(&text, width, "  ").lines() {
                prop_assert!(line.width() <= width || !line.trim().contains(' '));
            }
        }
    }
}
