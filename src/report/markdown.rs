//! The verdict as a comment on a pull request.
//!
//! The first line is a hidden marker by which a later run finds the comment again. The verdict comes first, then the changes
//! as a table and a drawing, then each carve-out that falls, folded. Code hosts refuse a comment that is too long, so every
//! section has its share, keeps whole items only, and counts what it leaves out.

use std::path::Path;

use crate::change::Change;
use crate::verdict::{Conclusion, Finding, Judged, Severity, Status, Verdict};

use super::text::{clip, code_span, counted, fenced, for_markdown, html_code, html_prose};
use super::{
    alike, causes, changes_counted, details, documented, falling, findings_of_their_own,
    footprint_words, has_several_repositories, headline, is_quiet, last_justified_words, mermaid,
    moved, next_steps, notice_groups, path_in, reason, receipt_words, with_status,
};

/// The first line of every comment.
pub const MARKER: &str = "<!-- perimeter:check -->";

/// What GitHub takes, in characters. Counted here in bytes, with two for a line break: never less than any host counts.
pub const LIMIT: usize = 65_536;

/// For the reader who never heard of one.
const WHAT_IT_IS: &str = "A carve-out is a call site that skips encryption because the network around it is closed. \
     This change set alters that network, so what was shown of these no longer stands.";

/// Kept free for the count of what was left out.
const FOOT: usize = 600;

/// Characters of one name, of one text, and of one line of source.
const LONGEST_NAME: usize = 120;
const LONGEST_TEXT: usize = 700;
const LONGEST_LINE: usize = 160;
/// Lines of source around a marker.
const LONGEST_EXCERPT: usize = 16;
/// Causes, subjects or places spelled out before the rest is counted.
const ITEMS_SPELLED_OUT: usize = 4;

/// The verdict as a comment, never longer than [`LIMIT`].
#[must_use]
pub fn render(verdict: &Verdict) -> String {
    render_within(verdict, LIMIT)
}

/// The verdict as a comment for a place that takes more, or less: no longer than `limit`, as long as that leaves room for
/// the verdict itself and the count of what is left out, some two thousand.
#[must_use]
pub fn render_within(verdict: &Verdict, limit: usize) -> String {
    if is_quiet(verdict) {
        return format!("{MARKER}\n{}\n", quiet(verdict));
    }
    let page = Page {
        verdict,
        several_repositories: has_several_repositories(verdict),
    };
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
    page.fitted(page.head(), sections, limit)
}

/// The perimeter changes alone, never longer than [`LIMIT`].
#[must_use]
pub fn render_changes(verdict: &Verdict) -> String {
    let page = Page {
        verdict,
        several_repositories: has_several_repositories(verdict),
    };
    let sections = [
        page.changes(),
        page.picture(),
        page.differences(),
        page.notices(),
    ];
    let head = format!("### perimeter: {}\n\n", changes_counted(verdict));
    page.fitted(head, sections.into_iter().flatten().collect(), LIMIT)
}

/// The one line of a comment on a change set that touches no perimeter.
fn quiet(verdict: &Verdict) -> String {
    let mut line = format!("✅ **{}**", headline(verdict));
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

/// A part of the comment that may hold less than all its items, and never half of one.
#[derive(Default)]
struct Section {
    before: String,
    items: Vec<String>,
    /// The same items in one line each, for those that do not fit in full.
    in_short: Vec<String>,
    after: String,
    /// What an item is called.
    noun: &'static str,
    /// What it gets in any case, if it needs as much.
    share: usize,
    /// Who gets first what others do not need: the lowest.
    turn: u8,
}

impl Section {
    fn frame(&self) -> usize {
        // With the count of what is left out, should it come to that.
        size(&self.before) + size(&self.after) + size(IN_SHORT) + 60
    }

    fn need(&self) -> usize {
        self.frame() + self.items.iter().map(|item| size(item)).sum::<usize>()
    }

    /// The section in so much room, and how many items are not in it.
    fn within(&self, room: usize) -> (String, usize) {
        if room < self.frame() && room < self.need() {
            return (String::new(), self.items.len());
        }
        let room = room.saturating_sub(self.frame());
        let mut text = self.before.clone();
        let (mut items, mut shown) = fill(&self.items, room);
        if shown < self.items.len() && !self.in_short.is_empty() {
            (items, shown) = fill(&self.items, room / 2);
            let rest = self.in_short.get(shown..).unwrap_or_default();
            let (lines, listed) = fill(rest, room.saturating_sub(size(&items)));
            items.push_str(IN_SHORT);
            items.push_str(&lines);
            shown += listed;
        }
        text.push_str(&items);
        let missing = self.items.len() - shown;
        if missing > 0 && text.is_empty() {
            return (text, missing);
        }
        if missing > 0 {
            text.push_str(&format!("\nand {missing} more.\n"));
            if self.after.is_empty() {
                text.push('\n');
            }
        }
        text.push_str(&self.after);
        (text, missing)
    }
}

/// What stands between items in full and items in short.
const IN_SHORT: &str = "**The others, in one line each:**\n\n";

/// How much room each section gets: its share if it needs as much, and in turn what others do not need.
fn grants(sections: &[Section], room: usize) -> Vec<usize> {
    let shares: usize = sections.iter().map(|section| section.share).sum();
    let share = |section: &Section| match section.share {
        share if shares > room => share * room / shares,
        share => share,
    };
    let mut grants: Vec<usize> = sections
        .iter()
        .map(|section| section.need().min(share(section)))
        .collect();
    let mut left = room.saturating_sub(grants.iter().sum());
    let mut in_turn: Vec<usize> = (0..sections.len()).collect();
    in_turn.sort_by_key(|&index| sections[index].turn);
    for index in in_turn {
        let more = (sections[index].need() - grants[index]).min(left);
        grants[index] += more;
        left -= more;
    }
    grants
}

struct Page<'a> {
    verdict: &'a Verdict,
    several_repositories: bool,
}

impl Page<'_> {
    /// Sections below a head, as much of them as a comment may hold.
    fn fitted(&self, head: String, sections: Vec<Section>, limit: usize) -> String {
        let mut comment = head;
        let mut left_out = Vec::new();
        let grants = grants(&sections, limit.saturating_sub(size(&comment) + FOOT));
        for (section, grant) in sections.iter().zip(grants) {
            let (text, missing) = section.within(grant);
            comment.push_str(&text);
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
        let mut text = format!(
            "{MARKER}\n### {sign} perimeter: {word}\n\n**{}**\n\n",
            sentence(counts)
        );
        if self.verdict.conclusion == Conclusion::Blocked {
            for step in next_steps(self.verdict) {
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
                format!(
                    "{}{address} ({})",
                    place.map_or(String::new(), |place| format!("{place} ")),
                    origin.action.word()
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
                    "<br>{}: {} ({}, read {})",
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
            for_markdown(&clip(&change.summary, LONGEST_TEXT)),
            change.category.word().replace('_', " "),
            change.effect.word(),
            by.join("<br>"),
        )
    }

    fn picture(&self) -> Option<Section> {
        let drawing = mermaid::render(&self.verdict.picture)?;
        let left_out = match drawing.left_out {
            0 => String::new(),
            1 => " · 1 node or link left out".to_owned(),
            number => format!(" · {number} nodes or links left out"),
        };
        let legend = format!(
            "green, thick: added · red, crossed: removed · orange: changed · solid: encrypted · dashed: no documented encryption · \
             dotted: not encrypted{left_out}"
        );
        let block = format!(
            "```mermaid\n{}\n```\n\n<sub>{legend}</sub>\n\n",
            drawing.source
        );
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
            before: format!("{heading}\n\n{WHAT_IT_IS}\n\n"),
            items: falling
                .iter()
                .map(|judged| self.carve_out(judged))
                .collect(),
            in_short: falling.iter().map(|judged| self.line_of(judged)).collect(),
            noun: "carve-out that falls",
            share: 22_000,
            turn: 0,
            ..Section::default()
        })
    }

    fn carve_out(&self, judged: &Judged) -> String {
        let carve_out = &judged.carve_out;
        let mut block = format!(
            "<details><summary><b>{}</b> {}: {}</summary>\n\n",
            judged.status.words(),
            self.html_spot(judged),
            html_prose(&clip(&reason(judged, self.verdict), LONGEST_NAME)),
        );
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
        let because: Vec<String> = judged
            .because
            .iter()
            .take(12)
            .map(|id| code_span(&clip(id, LONGEST_NAME)))
            .collect();
        let more = judged.because.len().saturating_sub(because.len());
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
        let help = judged.help.as_deref().unwrap_or_default();
        facts.push(("What to do", for_markdown(&clip(help, LONGEST_TEXT))));
        facts.push(("Id", code_span(&clip(&carve_out.id, LONGEST_NAME))));
        for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            block.push_str(&format!("- **{name}:** {text}\n"));
        }
        block.push_str("\n</details>\n\n");
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

    fn html_spot(&self, judged: &Judged) -> String {
        html_code(&self.spot(judged))
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
        let word = if finding.severity == Severity::Error {
            ""
        } else {
            " (warning)"
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
                    for_markdown(&clip(name, LONGEST_NAME)),
                    for_markdown(&clip(&touch.words, LONGEST_TEXT)),
                )
            })
            .collect();
        (!items.is_empty()).then(|| Section {
            before: format!(
                "<details><summary>What differs, boundary by boundary ({})</summary>\n\n",
                items.len()
            ),
            items,
            after: "\n</details>\n\n".to_owned(),
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
            section.before = format!(
                "<details><summary>Carve-outs: {}</summary>\n\n",
                moved(self.verdict).join(", ")
            );
            section.after = "\n</details>\n\n".to_owned();
        }
        if unaffected > 0 {
            section.after.push_str(&format!(
                "{} unaffected.\n\n",
                counted(unaffected, "carve-out")
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
        Some(Section {
            before: format!(
                "<details><summary>{}: not understood, or good to know</summary>\n\n",
                counted(notices.len(), "notice")
            ),
            items,
            after: "\n</details>\n\n".to_owned(),
            noun: "group of notices",
            share: 4_000,
            turn: 5,
            ..Section::default()
        })
    }
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

/// As many of the items as fit, from the first on, and how many those are.
fn fill(items: &[String], room: usize) -> (String, usize) {
    let mut text = String::new();
    let mut used = 0;
    for (index, item) in items.iter().enumerate() {
        used += size(item);
        if used > room {
            return (text, index);
        }
        text.push_str(item);
    }
    (text, items.len())
}

/// No less than any host counts: bytes, and two for a line break.
fn size(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| *byte == b'\n').count()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture;
    use crate::report::text::acts_unseen;

    #[test]
    fn what_a_reviewer_sees() {
        insta::assert_snapshot!(render(&fixture::verdict()));
    }

    #[test]
    fn nothing_changed_is_two_lines() {
        insta::assert_snapshot!(render(&fixture::nothing()));
        assert_eq!(render(&fixture::nothing()).lines().count(), 2);
    }

    #[test]
    fn what_was_not_understood_is_said_even_when_nothing_changed() {
        let mut verdict = fixture::nothing();
        verdict.notices = fixture::verdict().notices;
        let comment = render(&verdict);
        assert_eq!(comment.lines().count(), 2);
        assert!(comment.contains("3 notices"));
        assert!(comment.contains("`unrendered-template`"));
    }

    #[test]
    fn five_thousand_carve_outs_fit_and_those_left_out_are_counted() {
        let comment = render(&fixture::many(5_000));
        assert!(size(&comment) <= LIMIT, "{}", size(&comment));
        assert!(comment.contains("5000 of 5000 carve-outs must be re-justified or removed"));
        let shown = comment.matches("services/service-").count();
        assert!(shown > 60, "{shown}");
        assert!(comment.contains(&format!("{} carve-outs that fall", 5_000 - shown)));
        is_whole(&comment);
        assert!(
            size(&comment) > LIMIT - 5_000,
            "room is used: {}",
            size(&comment)
        );
        // The short sections behind the long one are still there.
        assert!(comment.contains("near-miss-marker") && comment.contains("3 notices"));
    }

    #[test]
    fn room_that_one_section_does_not_need_goes_to_another_and_each_keeps_its_share() {
        let section = |items: usize, turn| Section {
            items: vec!["x".repeat(100); items],
            share: 2_000,
            turn,
            ..Section::default()
        };
        let sections = [section(1, 2), section(1_000, 1), section(1_000, 0)];
        let grants = grants(&sections, 10_000);
        assert_eq!(grants[0], sections[0].need());
        assert_eq!(grants[1], 2_000);
        assert_eq!(grants.iter().sum::<usize>(), 10_000);
        for (section, grant) in sections.iter().zip(grants) {
            assert!(size(&section.within(grant).0) <= grant);
        }
    }

    #[test]
    fn everything_long_and_many_still_fits() {
        for text in ["x", "<@|`\u{202e}", &"\u{1b}[`".repeat(400)] {
            let comment = render(&fixture::many_of_texts(200, text));
            assert!(size(&comment) <= LIMIT, "{}", size(&comment));
            is_whole(&comment);
            assert!(comment.contains("Left out"));
            for section in [
                "Perimeter change",
                "must be re-justified",
                "finding",
                "Carve-outs: ",
                "notices: ",
            ] {
                assert!(
                    comment.contains(section),
                    "{section} of {} bytes",
                    text.len()
                );
            }
        }
    }

    #[test]
    fn a_small_verdict_leaves_nothing_out() {
        assert!(!render(&fixture::verdict()).contains("Left out"));
        assert!(!render(&fixture::many(20)).contains("Left out"));
    }

    #[test]
    fn an_extension_chooses_no_language_that_acts() {
        assert_eq!(language("services/limits/config.yaml"), "yaml");
        for path in [
            "x.mermaid",
            "x.geojson",
            "x.math",
            "x.suggestion",
            "x.yaml\n```",
            "x",
        ] {
            assert_eq!(language(path), "text");
        }
    }

    #[test]
    fn same_input_same_bytes() {
        assert_eq!(render(&fixture::verdict()), render(&fixture::verdict()));
    }

    /// Blocks that open also close, in order, and nothing that acts is left between them.
    fn is_whole(comment: &str) {
        let (mut fence, mut depth) = (None, 0_usize);
        for line in comment.lines() {
            let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
            match fence {
                Some(open) if ticks >= open && line.len() == ticks => fence = None,
                Some(_) => {}
                None if ticks >= 3 => fence = Some(ticks),
                None => {
                    depth += line.matches("<details>").count();
                    depth -= line.matches("</details>").count();
                    assert!(depth <= 1, "{line}");
                }
            }
        }
        assert_eq!((fence, depth), (None, 0));
    }

    /// Every tag that is really in the comment, outside code spans and fences, but for those of code.
    fn tags(comment: &str) -> Vec<String> {
        let mut outside = String::new();
        let mut fence: Option<usize> = None;
        for line in comment.lines() {
            let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
            match fence {
                Some(open) if ticks >= open && line.len() == ticks => fence = None,
                Some(_) => {}
                None if ticks >= 3 => fence = Some(ticks),
                None => {
                    outside.push_str(&crate::report::text::tests::outside_code(line));
                    outside.push('\n');
                }
            }
        }
        let tag = regex::Regex::new("<[^>]*>").unwrap();
        let tags = tag
            .find_iter(&outside)
            .map(|found| found.as_str().to_owned());
        tags.filter(|tag| tag != "<code>" && tag != "</code>")
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_the_texts_the_structure_is_the_same(
            text in prop_oneof![any::<String>(), "[<>`@#|/a-z !\\[\\]()\n\\\\-]{1,80}"]
        ) {
            let comment = render(&fixture::of_texts(&format!("x{text}")));
            prop_assert!(size(&comment) <= LIMIT);
            prop_assert!(!comment.chars().any(|character| character != '\n' && acts_unseen(character)));
            is_whole(&comment);
            prop_assert_eq!(tags(&comment), tags(&render(&fixture::of_texts("x"))));
        }

        #[test]
        fn however_long_the_texts_the_comment_fits(text in "[`<|é\u{1b}a]", times in 1usize..20_000) {
            let comment = render(&fixture::of_texts(&text.repeat(times)));
            prop_assert!(size(&comment) <= LIMIT);
            is_whole(&comment);
        }
    }
}
