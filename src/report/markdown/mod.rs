//! The verdict as a comment on a pull request.
//!
//! The first line is a hidden marker by which a later run finds the comment again. The verdict comes first, then the changes
//! as a table and a drawing, then each carve-out that falls, folded. Code hosts refuse a comment that is too long, so every
//! section has its share, keeps whole items only, and counts what it leaves out.

pub mod audit;
mod sections;
#[cfg(test)]
mod tests;

use std::path::Path;

use crate::change::Change;
use crate::verdict::{Conclusion, Finding, Judged, Severity, Status, Verdict};

use super::text::{clip, code_span, counted, fenced, for_markdown, html_code, html_prose};
use super::{
    alike, causes, changes_counted, details, documented, falling, findings_of_their_own,
    footprint_words, has_several_repositories, headline, is_quiet, last_justified_words, mermaid,
    moved, next_steps, notice_groups, path_in, reason, receipt_words, unaffected_words,
    with_status,
};
use sections::{Section, grants, size};

/// The first line of every comment.
pub const MARKER: &str = "<!-- perimeter:check -->";

/// What GitHub takes, in characters. Counted here in bytes, with two for a line break: never less than any host counts.
pub const LIMIT: usize = 65_536;

/// What Mermaid takes unless it is told otherwise, in characters.
const LONGEST_DRAWING: usize = 50_000;

/// For the reader who never heard of one.
const WHAT_IT_IS: &str = "A carve-out is a call site that skips encryption because the network around it is closed. \
     This change set alters that network, so what was shown of the carve-outs below no longer stands.";

/// Kept free for the count of what was left out.
const FOOT: usize = 600;

/// Characters of one name, of one text, and of one line of source.
const LONGEST_NAME: usize = 120;
const LONGEST_TEXT: usize = 700;
/// Characters of a guarantee that is seen before anything is opened.
const LONGEST_CLAIM: usize = 140;
const LONGEST_LINE: usize = 160;
/// Lines of source around a marker.
const LONGEST_EXCERPT: usize = 16;
/// Causes, subjects or places spelled out before the rest is counted.
const ITEMS_SPELLED_OUT: usize = 4;

/// What a place does with Markdown, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style<'a> {
    /// Characters that it takes.
    pub limit: usize,
    /// Whether tags act there, so that parts can be folded; else they would be shown as they are.
    pub has_tags: bool,
    /// How long a block of Mermaid may be that it draws, in characters; 0: it draws none, and would show it as code.
    pub longest_drawing: usize,
    /// What tells this verdict from others in the same place; may be empty.
    pub title: &'a str,
}

impl Default for Style<'_> {
    fn default() -> Self {
        Self {
            limit: LIMIT,
            has_tags: true,
            longest_drawing: LONGEST_DRAWING,
            title: "",
        }
    }
}

/// The verdict as a comment, never longer than [`LIMIT`].
#[must_use]
pub fn render(verdict: &Verdict) -> String {
    render_within(verdict, LIMIT)
}

/// The verdict as a comment for a place that takes more, or less: no longer than `limit`, as long as that leaves room for
/// the verdict itself and the count of what is left out, some two thousand.
#[must_use]
pub fn render_within(verdict: &Verdict, limit: usize) -> String {
    let marker = format!("{MARKER}\n");
    let style = Style {
        limit: limit.saturating_sub(size(&marker)),
        ..Style::default()
    };
    format!("{marker}{}", body(verdict, &style))
}

/// The verdict in the Markdown of a place, without a marker.
#[must_use]
pub fn body(verdict: &Verdict, style: &Style<'_>) -> String {
    if is_quiet(verdict) {
        return format!("{}\n", quiet(verdict, style.title));
    }
    let page = Page::of(verdict, style);
    let sections: Vec<Section> = [
        page.changes(),
        page.picture(),
        page.falling(),
        page.findings(),
        page.differences(),
        page.settled(),
        page.notices(),
    ]
    .into_iter()
    .flatten()
    .collect();
    page.fitted(page.head(), sections)
}

/// How much room the comment of [`body`] takes where nothing is left out of it, if it may take no more than the limit.
#[must_use]
pub fn room_wanted(verdict: &Verdict, style: &Style<'_>) -> usize {
    (sections::size(&body(verdict, style)) + FOOT).min(style.limit)
}

/// The perimeter changes alone, never longer than [`LIMIT`].
#[must_use]
pub fn render_changes(verdict: &Verdict) -> String {
    let style = Style::default();
    let page = Page::of(verdict, &style);
    let sections = [
        page.changes(),
        page.picture(),
        page.differences(),
        page.notices(),
    ];
    let head = format!("### perimeter: {}\n\n", changes_counted(verdict));
    page.fitted(head, sections.into_iter().flatten().collect())
}

/// The one line of a comment on a change set that touches no perimeter.
fn quiet(verdict: &Verdict, title: &str) -> String {
    let headline = headline(verdict);
    let mut line = match title {
        "" => format!("✅ **{headline}**"),
        title => format!("✅ {}: **{headline}**", shown_title(title)),
    };
    if !verdict.notices.is_empty() {
        let kinds: Vec<String> = notice_groups(&verdict.notices)
            .iter()
            .map(|group| group.kind)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .map(code_span)
            .collect();
        let notices = counted(verdict.notices.len(), "notice");
        line = format!(
            "{line} ({notices} on what was not understood: {})",
            kinds.join(", ")
        );
    }
    line
}

fn shown_title(title: &str) -> String {
    for_markdown(&clip(title, LONGEST_NAME))
}

struct Page<'a> {
    verdict: &'a Verdict,
    style: &'a Style<'a>,
    several_repositories: bool,
}

impl<'a> Page<'a> {
    fn of(verdict: &'a Verdict, style: &'a Style<'a>) -> Self {
        Self {
            verdict,
            style,
            several_repositories: has_several_repositories(verdict),
        }
    }

    /// What stands before and behind a part that only some readers want to see, under these words.
    fn folded(&self, words: &str) -> (String, String) {
        if self.style.has_tags {
            let before = format!("<details><summary>{words}</summary>\n\n");
            (before, "\n</details>\n\n".to_owned())
        } else {
            (format!("**{words}**\n\n"), "\n".to_owned())
        }
    }

    /// What parts the lines in a cell of a table.
    fn line_break(&self) -> &'static str {
        if self.style.has_tags { "<br>" } else { " · " }
    }

    /// Sections below a head, as much of them as a comment may hold.
    fn fitted(&self, head: String, sections: Vec<Section>) -> String {
        let mut comment = head;
        let mut left_out = Vec::new();
        let grants = grants(
            &sections,
            self.style.limit.saturating_sub(size(&comment) + FOOT),
        );
        for (section, grant) in sections.iter().zip(grants) {
            let (text, missing, in_short) = section.within(grant);
            comment.push_str(&text);
            if in_short > 0 {
                left_out.push(format!("details of {}", several(in_short, section.noun)));
            }
            if missing > 0 {
                left_out.push(several(missing, section.noun));
            }
        }
        if !left_out.is_empty() {
            comment.push_str(&format!(
                "**Left out, because a comment may hold no more:** {}. The job's output has all of it.",
                left_out.join(", ")
            ));
        }
        format!("{}\n", comment.trim_end())
    }

    fn head(&self) -> String {
        let sign = match self.verdict.conclusion {
            Conclusion::Blocked => "⛔",
            Conclusion::Clear => "✅",
        };
        let headline = headline(self.verdict);
        let (word, counts) = headline.split_once(": ").unwrap_or((&headline, ""));
        let title = match self.style.title {
            "" => String::new(),
            title => format!(" ({})", shown_title(title)),
        };
        let mut text = format!(
            "### {sign} perimeter{title}: {word}\n\n**{}**\n\n",
            sentence(counts)
        );
        let steps = next_steps(self.verdict);
        let is_idle = matches!(steps.as_slice(), ["nothing to do"]);
        if !is_idle {
            if !falling(self.verdict).is_empty() {
                text.push_str(&format!("{WHAT_IT_IS}\n\n"));
            }
            text.push_str("**What to do:**\n\n");
            for step in steps {
                text.push_str(&format!("- {}\n", sentence(step)));
            }
            text.push('\n');
        }
        text
    }

    fn changes(&self) -> Option<Section> {
        let changes = &self.verdict.changes;
        (!changes.is_empty()).then(|| Section {
            before: "| | Perimeter change | Effect | By |\n| --- | --- | --- | --- |\n".to_owned(),
            items: changes
                .iter()
                .map(|change| self.change_row(change))
                .collect(),
            after: "\n".to_owned(),
            noun: "change",
            share: 12_000,
            turn: 3,
            ..Section::default()
        })
    }

    fn change_row(&self, change: &Change) -> String {
        let causes = causes(change, self.verdict);
        let mut by: Vec<String> = causes
            .iter()
            .take(ITEMS_SPELLED_OUT)
            .map(|origin| {
                let place = origin
                    .location
                    .as_ref()
                    .map(|location| code_span(&clip(&location.to_string(), LONGEST_NAME)));
                let address = code_span(&clip(&origin.address, LONGEST_NAME));
                let steps = origin.steps.iter().take(ITEMS_SPELLED_OUT).map(|step| {
                    let place = code_span(&clip(&step.location.to_string(), LONGEST_NAME));
                    let words = for_markdown(&clip(&step.words(), LONGEST_NAME));
                    format!("; {place} {words}")
                });
                format!(
                    "{}{address} ({}){}",
                    place.map_or(String::new(), |place| format!("{place} ")),
                    origin.action_word(),
                    steps.collect::<String>()
                )
            })
            .collect();
        if causes.len() > ITEMS_SPELLED_OUT {
            by.push(format!("{} more", causes.len() - ITEMS_SPELLED_OUT));
        }
        let note = if change.informative {
            ", reported only"
        } else {
            ""
        };
        let documented: String = documented(change)
            .iter()
            .map(|evidence| {
                format!(
                    "{}{}: {} ({}, read {})",
                    self.line_break(),
                    code_span(&clip(&evidence.fact, LONGEST_NAME)),
                    for_markdown(&clip(&evidence.claim, LONGEST_TEXT)),
                    for_markdown(&clip(&evidence.source, LONGEST_NAME)),
                    for_markdown(&evidence.read),
                )
            })
            .collect();
        format!(
            "| {} | {}{documented} | {}, **{}**{note} | {} |\n",
            code_span(&clip(&change.id, LONGEST_NAME)),
            subject(&clip(&change.summary, LONGEST_TEXT)),
            change.category.word().replace('_', " "),
            change.effect.word(),
            by.join(self.line_break()),
        )
    }

    fn picture(&self) -> Option<Section> {
        if self.style.longest_drawing == 0 {
            return None;
        }
        let drawing = mermaid::render(&self.verdict.picture)?;
        if drawing.source.chars().count() > self.style.longest_drawing {
            let words = "_The picture is too large to be drawn here: `--format html` and `perimeter graph --changed` have it._\n\n";
            return Some(Section {
                items: vec![words.to_owned()],
                noun: "drawing",
                share: 400,
                turn: 2,
                ..Section::default()
            });
        }
        let mut remarks: Vec<String> = mermaid::legend(&self.verdict.picture)
            .into_iter()
            .map(str::to_owned)
            .collect();
        match drawing.left_out {
            0 => {}
            1 => remarks.push("1 node or link left out".to_owned()),
            number => remarks.push(format!("{number} nodes or links left out")),
        }
        let mut block = format!("```mermaid\n{}\n```\n\n", drawing.source);
        if !remarks.is_empty() {
            block.push_str(&format!("<sub>{}</sub>\n\n", remarks.join(" · ")));
        }
        Some(Section {
            items: vec![block],
            noun: "drawing",
            share: 9_000,
            turn: 2,
            ..Section::default()
        })
    }

    fn falling(&self) -> Option<Section> {
        let falling = falling(self.verdict);
        let heading = format!(
            "#### {} that must be re-justified or removed",
            counted(falling.len(), "carve-out")
        );
        (!falling.is_empty()).then(|| Section {
            before: format!("{heading}\n\n"),
            items: falling
                .iter()
                .enumerate()
                .map(|(index, judged)| {
                    // Where nothing is folded, the same advice is read once.
                    let mut earlier = falling.iter().take(index);
                    let is_new =
                        self.style.has_tags || !earlier.any(|other| other.help == judged.help);
                    self.carve_out(judged, is_new)
                })
                .collect(),
            in_short: falling.iter().map(|judged| self.line_of(judged)).collect(),
            noun: "carve-out that falls",
            share: 22_000,
            turn: 0,
            ..Section::default()
        })
    }

    fn carve_out(&self, judged: &Judged, with_help: bool) -> String {
        let carve_out = &judged.carve_out;
        let (words, why) = (
            judged.status.words(),
            clip(&reason(judged, self.verdict), LONGEST_NAME),
        );
        let mut block = if self.style.has_tags {
            let (spot, why) = (html_code(&self.spot(judged)), html_prose(&why));
            // What it claims is seen without opening it: often that is enough to know whether it still holds.
            let claim = html_prose(&clip(&carve_out.guarantee, LONGEST_CLAIM));
            format!("<details><summary><b>{words}</b> {spot}: {why}<br>“{claim}”</summary>\n\n")
        } else {
            let (spot, why) = (code_span(&self.spot(judged)), for_markdown(&why));
            format!("**{words}** {spot}: {why}\n\n")
        };
        if !carve_out.excerpt.is_empty() {
            block.push_str(&fenced(
                language(&carve_out.location.path),
                &excerpt_lines(&carve_out.excerpt),
            ));
            block.push('\n');
        }
        let mut facts = vec![(
            "Guarantee",
            for_markdown(&clip(&carve_out.guarantee, LONGEST_TEXT)),
        )];
        if carve_out.excerpt.is_empty() {
            facts.push((
                "Justification",
                for_markdown(&clip(&carve_out.justification, LONGEST_TEXT)),
            ));
        }
        facts.push((
            "Rests on",
            for_markdown(&clip(&footprint_words(carve_out), LONGEST_TEXT)),
        ));
        // Those that the reasons cite are read there.
        let cited = |id: &&String| judged.explanation.contains(&format!("({id})"));
        let untold: Vec<&String> = judged.because.iter().filter(|id| !cited(id)).collect();
        let because: Vec<String> = untold
            .iter()
            .take(12)
            .map(|id| code_span(&clip(id, LONGEST_NAME)))
            .collect();
        let more = untold.len().saturating_sub(because.len());
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let because = if because.is_empty() {
            String::new()
        } else {
            format!(" ({}{more})", because.join(", "))
        };
        facts.push((
            "Why",
            format!(
                "{}{because}",
                for_markdown(&clip(&judged.explanation, LONGEST_TEXT))
            ),
        ));
        facts.push(("Owners", self.owners(judged)));
        let last =
            last_justified_words(carve_out).map(|words| for_markdown(&clip(&words, LONGEST_TEXT)));
        facts.push(("Last justified", last.unwrap_or_default()));
        // Its letters are those of an address, so nothing in it ends the link; and where it leads is seen.
        let link = carve_out.permalink.as_ref().map(|link| format!("<{link}>"));
        facts.push(("Shown at", link.unwrap_or_default()));
        let help = judged.help.as_deref().filter(|_| with_help);
        let help = help.unwrap_or_default();
        facts.push(("What to do", for_markdown(&clip(help, LONGEST_TEXT))));
        facts.push(("Id", code_span(&clip(&carve_out.id, LONGEST_NAME))));
        for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            block.push_str(&format!("- **{name}:** {text}\n"));
        }
        block.push_str(if self.style.has_tags {
            "\n</details>\n\n"
        } else {
            "\n"
        });
        block
    }

    fn owners(&self, judged: &Judged) -> String {
        let owners = &judged.carve_out.owners;
        let mut shown: Vec<String> = owners
            .iter()
            .take(ITEMS_SPELLED_OUT)
            .map(|owner| code_span(&clip(owner, LONGEST_NAME)))
            .collect();
        if owners.len() > shown.len() {
            shown.push(format!("{} more", owners.len() - shown.len()));
        }
        shown.join(", ")
    }

    fn spot(&self, judged: &Judged) -> String {
        let location = &judged.carve_out.location;
        let path = path_in(
            &judged.carve_out.repository,
            &location.path,
            self.several_repositories,
        );
        format!("{}:{}", clip(&path, LONGEST_NAME), location.line)
    }

    fn line_of(&self, judged: &Judged) -> String {
        let because: Vec<String> = judged
            .because
            .iter()
            .take(6)
            .map(|id| code_span(&clip(id, LONGEST_NAME)))
            .collect();
        let because = if because.is_empty() {
            String::new()
        } else {
            format!(" ({})", because.join(", "))
        };
        let owners = self.owners(judged);
        let owners = if owners.is_empty() {
            owners
        } else {
            format!(" {owners}")
        };
        let receipt = receipt_words(judged).map_or_else(String::new, |words| {
            format!("; {}", for_markdown(&clip(&words, LONGEST_TEXT)))
        });
        format!(
            "- {} {}{because}{owners}{receipt}\n",
            code_span(&self.spot(judged)),
            judged.status.words()
        )
    }

    fn findings(&self) -> Option<Section> {
        let findings = findings_of_their_own(self.verdict);
        let from_before = self.verdict.findings_from_before;
        let mut section = Section {
            items: alike(&findings)
                .iter()
                .flat_map(|list| {
                    let with_help = |(index, finding): (usize, &&Finding)| {
                        let help = if index == 0 {
                            finding.help.as_str()
                        } else {
                            ""
                        };
                        self.finding(finding, help)
                    };
                    list.iter().enumerate().map(with_help)
                })
                .collect(),
            noun: "finding",
            share: 7_000,
            turn: 1,
            ..Section::default()
        };
        if !findings.is_empty() {
            section.before = format!("#### {}\n\n", counted(findings.len(), "finding"));
            section.after = "\n".to_owned();
        }
        if from_before > 0 {
            let note = "there before this change set, not blocking";
            section
                .after
                .push_str(&format!("{} {note}.\n\n", counted(from_before, "finding")));
        }
        Some(section)
    }

    /// `help` is what to do; it is said once for findings that are alike.
    fn finding(&self, finding: &Finding, help: &str) -> String {
        let path = path_in(
            &finding.repository,
            &finding.location.path,
            self.several_repositories,
        );
        let spot = code_span(&format!(
            "{}:{}",
            clip(&path, LONGEST_NAME),
            finding.location.line
        ));
        let word = match finding.severity {
            Severity::Error => " (error)",
            Severity::Warning => " (warning)",
        };
        let message = for_markdown(&clip(&finding.message, LONGEST_TEXT));
        let mut item = format!("- {spot} **{}**{word}: {message}\n", finding.rule.id());
        for (location, words) in finding.related.iter().take(ITEMS_SPELLED_OUT) {
            let spot = code_span(&clip(&location.to_string(), LONGEST_NAME));
            item.push_str(&format!(
                "  - see {spot}: {}\n",
                for_markdown(&clip(words, LONGEST_TEXT))
            ));
        }
        if finding.related.len() > ITEMS_SPELLED_OUT {
            item.push_str(&format!(
                "  - see {} more places\n",
                finding.related.len() - ITEMS_SPELLED_OUT
            ));
        }
        if !help.is_empty() {
            item.push_str(&format!(
                "  - what to do: {}\n",
                for_markdown(&clip(help, LONGEST_TEXT))
            ));
        }
        item
    }

    /// What each change does to each boundary.
    fn differences(&self) -> Option<Section> {
        let verdict = self.verdict;
        let items: Vec<String> = verdict
            .changes
            .iter()
            .flat_map(|change| {
                details(change)
                    .into_iter()
                    .map(move |detail| (change, detail))
            })
            .map(|(change, (name, touch))| {
                format!(
                    "- {} **{}** {}\n",
                    code_span(&clip(&change.id, LONGEST_NAME)),
                    subject(&clip(name, LONGEST_NAME)),
                    subject(&clip(&touch.words, LONGEST_TEXT)),
                )
            })
            .collect();
        let words = format!("What differs, boundary by boundary ({})", items.len());
        let (before, after) = self.folded(&words);
        (!items.is_empty()).then_some(Section {
            before,
            items,
            after,
            noun: "difference",
            share: 4_000,
            turn: 6,
            ..Section::default()
        })
    }

    /// What does not fall: folded, the unaffected only counted.
    fn settled(&self) -> Option<Section> {
        let settled: Vec<&Judged> = [Status::Added, Status::Rejustified, Status::Removed]
            .into_iter()
            .flat_map(|status| with_status(self.verdict, status))
            .collect();
        let unaffected = with_status(self.verdict, Status::Unaffected).count();
        let mut section = Section {
            items: settled.iter().map(|judged| self.line_of(judged)).collect(),
            noun: "carve-out that does not fall",
            share: 3_500,
            turn: 4,
            ..Section::default()
        };
        if !settled.is_empty() {
            let words = format!("Carve-outs: {}", moved(self.verdict).join(", "));
            (section.before, section.after) = self.folded(&words);
        }
        if unaffected > 0 {
            section.after.push_str(&format!(
                "{} {}.\n\n",
                counted(unaffected, "carve-out"),
                unaffected_words(self.verdict)
            ));
        }
        Some(section)
    }

    fn notices(&self) -> Option<Section> {
        let notices = &self.verdict.notices;
        if notices.is_empty() {
            return None;
        }
        let items = notice_groups(notices)
            .iter()
            .map(|group| {
                let mut subjects: Vec<String> = group
                    .subjects
                    .iter()
                    .take(ITEMS_SPELLED_OUT)
                    .map(|subject| code_span(&clip(subject, LONGEST_NAME)))
                    .collect();
                if group.subjects.len() > ITEMS_SPELLED_OUT {
                    subjects.push(format!("{} more", group.subjects.len() - ITEMS_SPELLED_OUT));
                }
                let message = for_markdown(&clip(group.message, LONGEST_TEXT));
                format!(
                    "- **{}**: {}: {message}\n",
                    for_markdown(group.kind),
                    subjects.join(", ")
                )
            })
            .collect();
        let notices = counted(notices.len(), "notice");
        let (before, after) = self.folded(&format!("{notices}: not understood, or good to know"));
        Some(Section {
            before,
            items,
            after,
            noun: "group of notices",
            share: 4_000,
            turn: 5,
            ..Section::default()
        })
    }
}

/// A change or a link in words. Its arrow would have to be spelled in entities, which some hosts and every e-mail in plain
/// text show as they are.
fn subject(words: &str) -> String {
    for_markdown(&words.replace(" <-> ", " ↔ "))
}

/// Words as a sentence: with a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", characters.as_str())
}

/// A number with a noun whose plural is in its middle.
fn several(number: usize, noun: &str) -> String {
    match noun.split_once(' ') {
        Some((head, rest)) if number != 1 => {
            let rest = rest
                .replace("that falls", "that fall")
                .replace("that does not", "that do not");
            format!("{number} {head}s {rest}")
        }
        _ => counted(number, noun),
    }
}

/// The lines of an excerpt, with a mark where lines between them are missing.
fn excerpt_lines(excerpt: &[(usize, String)]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut previous: Option<usize> = None;
    for (number, line) in excerpt.iter().take(LONGEST_EXCERPT) {
        if previous.is_some_and(|previous| previous.checked_add(1) != Some(*number)) {
            lines.push("…".to_owned());
        }
        lines.push(clip(line, LONGEST_LINE));
        previous = Some(*number);
    }
    if excerpt.len() > LONGEST_EXCERPT {
        lines.push(format!(
            "… ({} more)",
            counted(excerpt.len() - LONGEST_EXCERPT, "line")
        ));
    }
    lines
}

/// What to highlight a block as. Only known languages: some words make hosts draw or run what is in the block.
fn language(path: &str) -> &'static str {
    let extension = Path::new(path)
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => "yaml",
        "tf" | "hcl" | "tfvars" => "hcl",
        "go" => "go",
        "rs" => "rust",
        "py" => "python",
        "ts" | "tsx" => "typescript",
        "js" | "jsx" | "mjs" => "javascript",
        "java" => "java",
        "kt" => "kotlin",
        "rb" => "ruby",
        "cs" => "csharp",
        "c" | "h" => "c",
        "cc" | "cpp" | "hpp" => "cpp",
        "toml" => "toml",
        "json" => "json",
        "sh" => "bash",
        _ => "text",
    }
}
