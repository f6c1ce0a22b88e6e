//! Carve-outs with their source, why they fall and what to do; the others in one line each.

use std::collections::{BTreeMap, BTreeSet};

use annotate_snippets::{AnnotationKind, Group, Level, Origin as Place, Renderer, Snippet};
use comfy_table::{ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr;

use crate::report::text::{clip, counted, for_terminal, prose, source_line, wrap};
use crate::report::{
    falling, footprint_words, is_quiet, last_justified_words, path_in, reason, receipt_words,
    unaffected_words, with_status,
};
use crate::verdict::{Judged, Status};

use super::{
    LINES_SPELLED_OUT, LONGEST_LINE, LONGEST_TEXT, NARROWEST, Page, SHOWN_IN_FULL, Style,
    WIDEST_PROSE, shortened,
};

/// From here on a summary of all that fall stands below them.
const WORTH_A_SUMMARY: usize = 4;
/// Names in one cell of that summary.
const NAMES_IN_A_CELL: usize = 3;
/// Lines of source around a marker.
const LONGEST_EXCERPT: usize = 24;
/// How far from its marker a line of an excerpt may stand.
const WIDEST_GAP: usize = 200;

/// For the reader who never heard of one.
const WHAT_IT_IS: &str = "A carve-out skips encryption because the network around it is closed, and this change alters that network.";

impl Page<'_> {
    pub(super) fn falling(&self) -> String {
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
    pub(super) fn carve_out(&self, judged: &Judged, in_full: bool, with_help: bool) -> String {
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
    pub(super) fn change_words(&self, id: &str) -> String {
        let change = self.verdict.changes.iter().find(|change| change.id == id);
        change.map_or_else(
            || id.to_owned(),
            |change| format!("{id}, {}", clip(&change.summary, LONGEST_LINE)),
        )
    }

    /// The source of a place below a title, its lines marked; and whether the first of them is shown.
    pub(super) fn with_source<'t>(
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
        let columns = if self.options.cuts_source {
            // The second bar is that of a mark over several lines.
            let gutter = last.to_string().len() + " | | ".len();
            self.options.width.max(NARROWEST).saturating_sub(gutter)
        } else {
            usize::MAX
        };
        // Lines between that are not at hand stay empty, and are folded away.
        let mut source = String::new();
        let mut shown = Vec::new();
        let mut marked: Option<(usize, usize)> = None;
        for number in first..=last {
            let text = lines
                .get(&number)
                .map(|text| shortened(&source_line(&clip(text, LONGEST_LINE)), columns));
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

    pub(super) fn renderer(&self) -> Renderer {
        let renderer = if self.options.color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.term_width(self.options.width.max(NARROWEST))
    }

    /// All that fall, one line each.
    pub(super) fn summary(&self, falling: &[&Judged]) -> String {
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

    pub(super) fn spot(&self, judged: &Judged) -> String {
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
    pub(super) fn settled(&self) -> String {
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

    pub(super) fn line_of(&self, judged: &Judged) -> String {
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

    pub(super) fn unaffected(&self) -> String {
        let unaffected: Vec<&Judged> = with_status(self.verdict, Status::Unaffected).collect();
        if unaffected.is_empty() || (is_quiet(self.verdict) && !self.options.verbose) {
            return String::new();
        }
        let title = format!(
            "{} {}",
            counted(unaffected.len(), "carve-out"),
            unaffected_words(self.verdict)
        );
        if !self.options.verbose {
            return self.paint(Style::Quiet, &title);
        }
        let lines: Vec<String> = unaffected
            .iter()
            .map(|judged| self.line_of(judged))
            .collect();
        format!("{}\n{}", self.title(&title), lines.join("\n"))
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
