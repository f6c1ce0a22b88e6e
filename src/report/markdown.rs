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
    causes, details, falling, findings_of_their_own, footprint_words, has_several_repositories,
    headline, is_quiet, last_justified_words, mermaid, next_steps, notice_groups, path_in, reason,
    with_status,
};

/// The first line of every comment.
pub const MARKER: &str = "<!-- perimeter:check -->";

/// What GitHub takes, in characters. Counted here in bytes, with two for a line break: never less than any host counts.
pub const LIMIT: usize = 65_536;

/// For the reader who never heard of one.
const WHAT_IT_IS: &str = "A carve-out is a call site that skips encryption because the network around it is closed. \
     This change touches what these rest on, so what was shown of them no longer stands.";

/// Up to where each section may fill the comment, so that a long one leaves room for those after it.
const CHANGES_END: usize = 14_000;
const PICTURE_END: usize = 22_000;
const FALLING_END: usize = 44_000;
const FALLING_LIST_END: usize = 50_000;
const FINDINGS_END: usize = 55_000;
const DIFFERENCES_END: usize = 58_000;
const SETTLED_END: usize = 61_000;
const NOTICES_END: usize = 62_500;

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
    if is_quiet(verdict) {
        return format!("{MARKER}\n{}\n", quiet(verdict));
    }
    let mut page = Page {
        verdict,
        several_repositories: has_several_repositories(verdict),
        text: String::new(),
        left_out: Vec::new(),
    };
    page.head();
    page.changes();
    page.picture();
    page.falling();
    page.findings();
    page.differences();
    page.settled();
    page.notices();
    page.foot();
    page.text
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

struct Page<'a> {
    verdict: &'a Verdict,
    several_repositories: bool,
    text: String,
    /// What did not fit, counted: "4,970 carve-outs".
    left_out: Vec<String>,
}

impl Page<'_> {
    fn head(&mut self) {
        let sign = match self.verdict.conclusion {
            Conclusion::Blocked => "⛔",
            Conclusion::Clear => "✅",
        };
        let headline = headline(self.verdict);
        let (word, counts) = headline.split_once(": ").unwrap_or((&headline, ""));
        self.text = format!(
            "{MARKER}\n### {sign} perimeter: {word}\n\n**{}**\n\n",
            sentence(counts)
        );
        if self.verdict.conclusion == Conclusion::Blocked {
            for step in next_steps(self.verdict) {
                self.text.push_str(&format!("- {}\n", sentence(step)));
            }
            self.text.push('\n');
        }
    }

    fn changes(&mut self) {
        let verdict = self.verdict;
        if verdict.changes.is_empty() {
            return;
        }
        let before = "| | Perimeter change | Effect | By |\n| --- | --- | --- | --- |\n";
        let rows = verdict
            .changes
            .iter()
            .map(|change| self.change_row(change))
            .collect();
        self.section(before, rows, "\n", CHANGES_END, "change");
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
        format!(
            "| {} | {} | {}, **{}**{note} | {} |\n",
            code_span(&clip(&change.id, LONGEST_NAME)),
            for_markdown(&clip(&change.summary, LONGEST_TEXT)),
            change.category.word().replace('_', " "),
            change.effect.word(),
            by.join("<br>"),
        )
    }

    fn picture(&mut self) {
        let Some(drawing) = mermaid::render(&self.verdict.picture) else {
            return;
        };
        let left_out = match drawing.left_out {
            0 => String::new(),
            1 => " · 1 node or link left out".to_owned(),
            number => format!(" · {number} nodes or links left out"),
        };
        let legend = format!("green: added · red, dashed: removed · orange: changed{left_out}");
        let block = format!(
            "```mermaid\n{}\n```\n\n<sub>{legend}</sub>\n\n",
            drawing.source
        );
        if size(&self.text) + size(&block) <= PICTURE_END {
            self.text.push_str(&block);
        } else {
            self.left_out.push("the drawing".to_owned());
        }
    }

    fn falling(&mut self) {
        let falling = falling(self.verdict);
        if falling.is_empty() {
            return;
        }
        let heading = format!(
            "#### {} that must be re-justified or removed",
            counted(falling.len(), "carve-out")
        );
        self.text
            .push_str(&format!("{heading}\n\n{WHAT_IT_IS}\n\n"));
        let blocks: Vec<String> = falling
            .iter()
            .map(|judged| self.carve_out(judged))
            .collect();
        let (text, shown) = fill(&blocks, FALLING_END.saturating_sub(size(&self.text)));
        self.text.push_str(&text);
        if shown < falling.len() {
            let before = "**In one line each:**\n\n";
            let lines = falling[shown..]
                .iter()
                .map(|judged| self.line_of(judged))
                .collect();
            self.section(
                before,
                lines,
                "\n",
                FALLING_LIST_END,
                "carve-out that falls",
            );
        }
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
        format!(
            "- {} {}{because}{owners}\n",
            code_span(&self.spot(judged)),
            judged.status.words()
        )
    }

    fn findings(&mut self) {
        let findings = findings_of_their_own(self.verdict);
        if !findings.is_empty() {
            let before = format!("#### {}\n\n", counted(findings.len(), "finding"));
            let items = findings
                .iter()
                .map(|finding| self.finding(finding))
                .collect();
            self.section(&before, items, "\n", FINDINGS_END, "finding");
        }
        let before = self.verdict.findings_from_before;
        if before > 0 {
            let note = "there before this change set, not blocking; `perimeter audit` lists them";
            self.text
                .push_str(&format!("{} {note}.\n\n", counted(before, "finding")));
        }
    }

    fn finding(&self, finding: &Finding) -> String {
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
        if !finding.help.is_empty() {
            item.push_str(&format!(
                "  - what to do: {}\n",
                for_markdown(&clip(&finding.help, LONGEST_TEXT))
            ));
        }
        item
    }

    /// What each change does to each boundary.
    fn differences(&mut self) {
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
        if !items.is_empty() {
            let before = format!(
                "<details><summary>What differs, boundary by boundary ({})</summary>\n\n",
                items.len()
            );
            self.section(
                &before,
                items,
                "\n</details>\n\n",
                DIFFERENCES_END,
                "difference",
            );
        }
    }

    /// What does not fall: folded, the unaffected only counted.
    fn settled(&mut self) {
        let settled: Vec<&Judged> = [Status::Added, Status::Rejustified, Status::Removed]
            .into_iter()
            .flat_map(|status| with_status(self.verdict, status))
            .collect();
        let unaffected = with_status(self.verdict, Status::Unaffected).count();
        if !settled.is_empty() {
            let counts: Vec<String> = [Status::Added, Status::Rejustified, Status::Removed]
                .into_iter()
                .filter_map(|status| match with_status(self.verdict, status).count() {
                    0 => None,
                    count => Some(format!("{count} {}", status.words())),
                })
                .collect();
            let before = format!(
                "<details><summary>Carve-outs: {}</summary>\n\n",
                counts.join(", ")
            );
            let items = settled.iter().map(|judged| self.line_of(judged)).collect();
            self.section(
                &before,
                items,
                "\n</details>\n\n",
                SETTLED_END,
                "carve-out that does not fall",
            );
        }
        if unaffected > 0 {
            self.text.push_str(&format!(
                "{} unaffected.\n\n",
                counted(unaffected, "carve-out")
            ));
        }
    }

    fn notices(&mut self) {
        let notices = &self.verdict.notices;
        if notices.is_empty() {
            return;
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
        let before = format!(
            "<details><summary>{}: not understood, or good to know</summary>\n\n",
            counted(notices.len(), "notice")
        );
        self.section(
            &before,
            items,
            "\n</details>\n\n",
            NOTICES_END,
            "group of notices",
        );
    }

    fn foot(&mut self) {
        if !self.left_out.is_empty() {
            let note = format!(
                "**Left out, because a comment may hold no more:** {}. The job's output has all of it.\n",
                self.left_out.join(", ")
            );
            self.text.push_str(&note);
        }
        let mut text = std::mem::take(&mut self.text).trim_end().to_owned();
        text.push('\n');
        self.text = text;
    }

    /// A section of whole items up to `end`; what does not fit is counted in it and at the foot.
    fn section(&mut self, before: &str, items: Vec<String>, after: &str, end: usize, noun: &str) {
        let all = items.len();
        // Room for the count of what is left out, should it come to that.
        let frame = size(before) + size(after) + 80;
        let room = end.saturating_sub(size(&self.text) + frame);
        let (text, shown) = fill(&items, room);
        let left_out = all - shown;
        if left_out > 0 {
            self.left_out.push(several(left_out, noun));
        }
        self.text.push_str(before);
        self.text.push_str(&text);
        if left_out > 0 {
            self.text.push_str(&format!("\nand {left_out} more.\n"));
        }
        self.text.push_str(after);
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
        let shown = (0..5_000)
            .filter(|index| comment.contains(&format!("service-{index:04}/")))
            .count();
        assert!(shown > 60, "{shown}");
        assert!(comment.contains(&format!("{} carve-outs that fall", 5_000 - shown)));
        is_whole(&comment);
        // The short sections behind the long one are still there.
        assert!(comment.contains("near-miss-marker") && comment.contains("3 notices"));
    }

    #[test]
    fn everything_long_and_many_still_fits() {
        for text in ["x", "<@|`\u{202e}", &"\u{1b}[`".repeat(3_000)] {
            let comment = render(&fixture::many_of_texts(1_000, text));
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
        fn however_long_the_texts_the_comment_fits(text in "[`<|é\u{1b}a]", times in 1usize..100_000) {
            let comment = render(&fixture::of_texts(&text.repeat(times)));
            prop_assert!(size(&comment) <= LIMIT);
            is_whole(&comment);
        }
    }
}
