//! The exact form `<marker> <guarantee>; <justification>`, wrapped over the lines of a comment.
//!
//! A carve-out with a fault (a half missing, the marker misspelled) is still a carve-out and is returned. A mention of
//! the marker in quotes or in the middle of a sentence is none. This module does not know comment syntax (`comments`
//! does), nor what a guarantee means.

use std::ops::Range;

use super::comments::{CommentLine, comment_lines};
use super::near_miss::{Evidence, MarkerPattern, SEMICOLONS, Spelling, is_decoration};

/// Most lines that one carve-out is followed over.
const MOST_LINES: usize = 100;

/// Most markers looked for in one line of comment text; more is not written by people.
const MOST_PER_LINE: usize = 16;

/// What switches off other tools; a carve-out may share a comment with one of these, on either side.
const SUPPRESSIONS: &[&str] = &[
    "NOLINT",
    "NOLINTBEGIN",
    "NOLINTEND",
    "NOLINTNEXTLINE",
    "NOSONAR",
    "ansible-lint",
    "biome-ignore",
    "buf:lint",
    "checkov:skip",
    "clippy::",
    "codeql",
    "cspell:",
    "deepsource",
    "eslint-disable",
    "eslint-enable",
    "fmt: off",
    "fmt: skip",
    "golangci-lint",
    "hadolint",
    "ignore-check",
    "kics-scan",
    "lgtm",
    "lint:ignore",
    "luacheck:",
    "mypy:",
    "nolint",
    "noqa",
    "nosec",
    "nosemgrep",
    "phpcs:",
    "phpstan-ignore",
    "pragma:",
    "prettier-ignore",
    "pylint:",
    "pyright:",
    "revive:",
    "rubocop:",
    "ruff:",
    "semgrep",
    "shellcheck",
    "skipcq",
    "snyk",
    "spotless:",
    "staticcheck",
    "swiftlint:",
    "terrascan:",
    "tflint-ignore",
    "tfsec:ignore",
    "trivy:ignore",
    "ts-expect-error",
    "ts-ignore",
    "type: ignore",
    "yamllint",
    "zizmor:",
];

/// What opens another remark: a carve-out ends before it.
const REMARKS: &[&str] = &[
    "@author",
    "@deprecated",
    "@example",
    "@param",
    "@return",
    "@returns",
    "@see",
    "@since",
    "@throws",
    "@ts-expect-error",
    "@ts-ignore",
    "BUG:",
    "FIXME",
    "HACK:",
    "IMPORTANT:",
    "LINT.",
    "NOTE(",
    "NOTE:",
    "SAFETY:",
    "TODO",
    "UNWRAP-SAFETY:",
    "WARNING:",
    "XXX",
    "endregion",
    "go:build",
    "go:generate",
    "region:",
];

/// Words that, before the marker, make it the subject of a sentence about carve-outs.
const DETERMINERS: &[&str] = &[
    "a", "all", "an", "another", "any", "called", "each", "every", "its", "like", "no", "of",
    "other", "our", "said", "some", "such", "that", "the", "their", "these", "this", "those",
    "your",
];

/// What opens a comment in one language or another, inside the text of a comment.
const OPENERS: &[&str] = &["#", "//", "/*", "--", "<!--", ";;", "{{/*"];

/// A carve-out as written in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Line of the marker, counted from 1.
    pub line: usize,
    /// Last line of its text.
    pub end_line: usize,
    /// Column of the marker in its line, in characters, counted from 1.
    pub column: usize,
    /// What is before the first semicolon; empty if nothing is.
    pub guarantee: String,
    /// What is after the first semicolon; empty if nothing is.
    pub justification: String,
    /// What is wrong with its form; `None` for an exact and whole carve-out.
    pub fault: Option<MarkerFault>,
    /// There is code before the comment on the marker's line.
    pub trailing: bool,
    /// The code the comment is about; `None` at the end of a file.
    pub anchor: Option<Anchor>,
    /// The marker as it is spelled here.
    pub spelled: String,
}

/// What is wrong with the form of a carve-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkerFault {
    /// The exact marker, and nothing follows.
    Malformed,
    /// Nothing stands before the semicolon.
    MissingGuarantee,
    /// There is no semicolon, or nothing after it.
    MissingJustification,
    /// Almost the marker, or almost the semicolon.
    NearMiss {
        /// How to spell it.
        help: String,
    },
}

/// A line of code that a comment is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Its line, counted from 1.
    pub line: usize,
    /// Its code without comments, white space folded to single blanks.
    pub text: String,
}

/// The carve-outs in the comments of a file, in order, with and without fault.
#[must_use]
pub fn find(path: &str, text: &str, pattern: &MarkerPattern) -> Vec<Marker> {
    if pattern.may_contain(text.as_bytes()) {
        find_in(&comment_lines(path, text), text, pattern)
    } else {
        Vec::new()
    }
}

/// The carve-outs in these comment lines of `text`, in order.
#[must_use]
pub fn find_in(comments: &[CommentLine<'_>], text: &str, pattern: &MarkerPattern) -> Vec<Marker> {
    find_with_corrections(comments, text, pattern)
        .into_iter()
        .map(|(marker, _)| marker)
        .collect()
}

/// Bytes of a text, and what to write in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Correction {
    pub(super) range: Range<usize>,
    pub(super) replacement: String,
}

/// The carve-outs in these comment lines of `text`, each with what would spell it exactly.
pub(super) fn find_with_corrections(
    comments: &[CommentLine<'_>],
    text: &str,
    pattern: &MarkerPattern,
) -> Vec<(Marker, Vec<Correction>)> {
    let openings: Vec<Vec<Opening>> = (0..comments.len())
        .map(|index| openings(comments, index, pattern))
        .collect();
    if openings.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let scan = Scan {
        comments,
        openings,
        pattern,
    };
    let source = Source::new(text, comments);
    let mut columns = Columns::default();
    let mut markers = Vec::new();
    let mut consumed = 0;
    let mut broken_until = (0, 0);
    for (index, comment) in comments.iter().enumerate() {
        for (nth, opening) in scan.openings[index].iter().enumerate() {
            // Weak evidence on a line that continues a carve-out is text of that carve-out.
            if opening.spelling.evidence == Evidence::Weak && index < consumed {
                continue;
            }
            // The second half of a broken marker may look like one of its own.
            if (index, opening.spelling.start) < broken_until {
                continue;
            }
            let Some(claim) = scan.claim(index, nth) else {
                continue;
            };
            if let Some((lines_later, end)) = opening.ends_later {
                broken_until = (index + lines_later, end);
            }
            consumed = claim.end_index + 1;
            let column = source
                .text_range(comment)
                .map_or(comment.column, |(start, _)| {
                    let byte = start + opening.spelling.start;
                    columns.column(comment.line, source.line(comment.line), byte)
                });
            let last = &comments[claim.end_index];
            let corrections = claim.corrections.into_iter().filter_map(|mut correction| {
                let (index, range) = (correction.index, &mut correction.range);
                let start = offset_in(text, comments[index].text)?;
                (range.start, range.end) = (range.start + start, range.end + start);
                Some(Correction {
                    range: range.clone(),
                    replacement: correction.replacement,
                })
            });
            let corrections = corrections.collect();
            let marker = Marker {
                line: comment.line,
                end_line: last.line,
                column,
                guarantee: claim.guarantee,
                justification: claim.justification,
                fault: claim.fault,
                trailing: comment.trailing,
                anchor: source.anchor(index, claim.end_index),
                spelled: claim.spelled,
            };
            markers.push((marker, corrections));
        }
    }
    markers
}

/// Where a carve-out begins in a line of comment text.
#[derive(Debug, Clone)]
struct Opening {
    spelling: Spelling,
    exact: bool,
    /// The marker is broken over this line and so many more, in the last of which it ends at this byte.
    ends_later: Option<(usize, usize)>,
}

/// Where in its comment a marker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// First, or behind a comment opener or another tool's marker.
    Opens,
    /// After a comma, colon or full stop.
    Clause,
    /// In the middle of a clause.
    Middle,
    /// Glued to a word or quote.
    Glued,
}

fn openings(comments: &[CommentLine<'_>], index: usize, pattern: &MarkerPattern) -> Vec<Opening> {
    let text = comments[index].text;
    if !pattern.may_contain(text.as_bytes()) {
        return Vec::new();
    }
    let following = next_line(comments, index).map_or("", |next| next.text);
    let opening = |spelling, exact| Opening {
        spelling,
        exact,
        ends_later: None,
    };
    let mut found: Vec<Opening> = pattern
        .exact_in(text)
        .take(MOST_PER_LINE)
        .filter(|spelling| {
            let (before, after) = (&text[..spelling.start], &text[spelling.end..]);
            !is_quoted(before, after, following) && !is_mention(before)
        })
        .map(|spelling| opening(spelling, true))
        .collect();

    let near = pattern
        .near_in(text)
        .take(MOST_PER_LINE)
        .filter_map(|mut spelling| {
            let (before, after) = (&text[..spelling.start], &text[spelling.end..]);
            let overlaps =
                |exact: Spelling| exact.start < spelling.end && spelling.start < exact.end;
            if pattern.exact_in(text).take(MOST_PER_LINE).any(overlaps)
                || is_quoted(before, after, following)
            {
                return None;
            }
            match (position(before), spelling.evidence) {
                (Position::Opens, _) => {}
                (Position::Clause, Evidence::Strong | Evidence::NeedsSemicolon) => {
                    spelling.evidence = Evidence::NeedsSemicolon;
                }
                _ => return None,
            }
            let prose_runs_on =
                spelling.evidence == Evidence::Weak && continues_prose(comments, index);
            (!prose_runs_on).then_some(opening(spelling, false))
        });
    found.extend(near.collect::<Vec<_>>());
    found.sort_by_key(|opening| opening.spelling.start);

    if found.is_empty()
        && let Some(spelling) = pattern.slip_at_start(text)
        && !pattern
            .exact_in(text)
            .any(|exact| exact.start == spelling.start)
    {
        found.push(opening(spelling, false));
    }
    if found.is_empty() {
        found.extend(broken_opening(comments, index, pattern));
    }
    found
}

/// A marker that begins at the end of a line and ends on one of the next two.
fn broken_opening(
    comments: &[CommentLine<'_>],
    index: usize,
    pattern: &MarkerPattern,
) -> Option<Opening> {
    let text = comments[index].text;
    let next = next_line(comments, index)?;
    let after = next_line(comments, index + 1);
    let (broken, lines_later) = match (pattern.broken_over(text, next.text), after) {
        (Some(broken), _) => (broken, 1),
        (None, Some(after)) if has_words(next.text) => {
            let mut broken =
                pattern.broken_over(text, &format!("{}\n{}", next.text, after.text))?;
            broken.end = broken.end.checked_sub(next.text.len() + 1)?;
            (broken, 2)
        }
        _ => return None,
    };
    let mut evidence = broken.evidence;
    let before = &text[..broken.start];
    match position(before) {
        Position::Glued => return None,
        _ if broken.is_exact && !is_mention(before) => {}
        Position::Opens if evidence == Evidence::Weak && continues_prose(comments, index) => {
            return None;
        }
        Position::Opens => {}
        Position::Clause if evidence != Evidence::Weak => evidence = Evidence::NeedsSemicolon,
        _ => return None,
    }
    Some(Opening {
        spelling: Spelling {
            start: broken.start,
            end: text.len(),
            evidence,
        },
        exact: false,
        ends_later: Some((lines_later, broken.end)),
    })
}

/// What a carve-out says.
struct Claim {
    end_index: usize,
    guarantee: String,
    justification: String,
    fault: Option<MarkerFault>,
    spelled: String,
    corrections: Vec<LineCorrection>,
}

/// Bytes of the text of a comment line, and what to write in their place.
struct LineCorrection {
    index: usize,
    range: Range<usize>,
    replacement: String,
}

/// The comment lines of a file, and where carve-outs may begin in them.
struct Scan<'s, 't> {
    comments: &'s [CommentLine<'t>],
    openings: Vec<Vec<Opening>>,
    pattern: &'s MarkerPattern,
}

impl Scan<'_, '_> {
    /// The carve-out that begins at an opening; `None` if it turns out to be prose.
    fn claim(&self, index: usize, nth: usize) -> Option<Claim> {
        let opening = &self.openings[index][nth];
        let comment = &self.comments[index];
        let mut spelled = comment.text[opening.spelling.start..opening.spelling.end]
            .trim()
            .to_owned();

        let limit = self.openings[index]
            .get(nth + 1)
            .map_or(comment.text.len(), |next| next.spelling.start);
        let written = &comment.text[opening.spelling.end..limit.max(opening.spelling.end)];
        let (first, cut) = before_suppression(written);
        let mut lines = vec![undecorated(first)];
        let mut end_index = index;
        if !cut && limit == comment.text.len() {
            end_index = self.follow(index, opening.ends_later, &mut lines, &mut spelled);
        }

        let joined = lines
            .join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let joined = unbracketed(
            undecorated(&joined),
            &comment.text[..opening.spelling.start],
        );
        let split = split_claim(joined);
        let bare = !has_words(joined);
        match opening.spelling.evidence {
            Evidence::NeedsSemicolon if split.separator.is_none() => return None,
            Evidence::Weak if split.separator.is_none() && !bare => return None,
            _ => {}
        }
        let exact_spelling = self.pattern.exact();
        let fault = if !opening.exact {
            let place = if opening.ends_later.is_some() {
                " on one line"
            } else {
                ""
            };
            Some(MarkerFault::NearMiss {
                help: format!("write `{exact_spelling}`{place} instead of `{spelled}`"),
            })
        } else if joined.is_empty() {
            Some(MarkerFault::Malformed)
        } else if let Some(other) = split.separator.filter(|separator| *separator != ';') {
            Some(MarkerFault::NearMiss {
                help: format!("write `;` instead of `{other}` between guarantee and justification"),
            })
        } else if bare && split.separator.is_none() {
            Some(MarkerFault::Malformed)
        } else if !has_words(split.guarantee) {
            Some(MarkerFault::MissingGuarantee)
        } else if !has_words(split.justification) {
            Some(MarkerFault::MissingJustification)
        } else {
            None
        };
        let mut corrections = Vec::new();
        if !opening.exact {
            corrections = self.spelled_exactly(index, nth);
        }
        if let Some(other) = split.separator.filter(|separator| *separator != ';') {
            let earlier = split.guarantee.matches(other).count();
            corrections.extend(self.semicolon_for(other, earlier, index, nth, end_index));
        }
        Some(Claim {
            corrections,
            end_index,
            guarantee: split.guarantee.to_owned(),
            justification: split.justification.to_owned(),
            fault,
            spelled,
        })
    }

    /// What writes the marker of an opening as it should be.
    fn spelled_exactly(&self, index: usize, nth: usize) -> Vec<LineCorrection> {
        let opening = &self.openings[index][nth];
        let text = self.comments[index].text;
        let exact = self.pattern.exact();
        let Some((lines_later, end)) = opening.ends_later else {
            let Spelling { start, end, .. } = opening.spelling;
            let end = start + text[start..end].trim_end().len();
            let start = before_brackets(text, start, &text[start..end]);
            let is_glued = text[end..].starts_with(char::is_alphanumeric);
            let blank = if is_glued { " " } else { "" };
            return vec![LineCorrection {
                index,
                range: start..end,
                replacement: format!("{exact}{blank}"),
            }];
        };
        let mut corrections = vec![LineCorrection {
            index,
            range: opening.spelling.start..text.len(),
            replacement: exact.to_owned(),
        }];
        for index in index + 1..=index + lines_later {
            let text = self.comments[index].text;
            let is_last = index == corrections[0].index + lines_later;
            let end = if is_last {
                end.min(text.len())
            } else {
                text.len()
            };
            let rest = &text[end..];
            // The blank behind the leader stays if there is text for it.
            let (start, end) = if has_words(rest) {
                let start = text.len() - text.trim_start().len();
                (start, text.len() - rest.trim_start().len())
            } else {
                (0, end)
            };
            corrections.push(LineCorrection {
                index,
                range: start..end,
                replacement: String::new(),
            });
        }
        corrections
    }

    /// What puts a semicolon in the place of a character that looks like one, of which some come earlier in the claim.
    fn semicolon_for(
        &self,
        other: char,
        earlier: usize,
        start: usize,
        nth: usize,
        end: usize,
    ) -> Option<LineCorrection> {
        let first = self.openings[start][nth].spelling.end;
        let mut places = (start..=end).flat_map(|index| {
            let text = self.comments[index].text;
            let from = if index == start { first } else { 0 };
            let found = text[from..].match_indices(other);
            found.map(move |(at, _)| (index, from + at))
        });
        let (index, at) = places.nth(earlier)?;
        Some(LineCorrection {
            index,
            range: at..at + other.len_utf8(),
            replacement: ";".to_owned(),
        })
    }

    /// Adds the lines that continue the carve-out begun at `start` to `lines`; returns the index of the last one.
    fn follow<'a>(
        &'a self,
        start: usize,
        marker_ends_later: Option<(usize, usize)>,
        lines: &mut Vec<&'a str>,
        spelled: &mut String,
    ) -> usize {
        let first = &self.comments[start];
        let mut end_index = start;
        // Where to fall back to if nothing behind an empty line completes the carve-out.
        let mut before_gap: Option<(usize, usize)> = None;
        let wraps_in_blocks = first.block.is_some() && !is_complete(lines);
        for index in start + 1..self.comments.len().min(start + MOST_LINES) {
            let (previous, comment) = (&self.comments[index - 1], &self.comments[index]);
            if !continues(first, previous, comment, wraps_in_blocks) {
                break;
            }
            if let Some((lines_later, end)) = marker_ends_later
                && index <= start + lines_later
            {
                let end = if index < start + lines_later {
                    comment.text.len()
                } else {
                    end
                };
                let (marker, rest) = comment
                    .text
                    .split_at_checked(end)
                    .unwrap_or((comment.text, ""));
                *spelled = format!("{spelled} {}", marker.trim());
                lines.push(undecorated(before_suppression(rest).0));
                end_index = index;
                continue;
            }
            let gap = !has_words(comment.text) || comment.line > previous.line + 1;
            if gap {
                if is_complete(lines) {
                    break;
                }
                before_gap.get_or_insert((lines.len(), end_index));
                if !has_words(comment.text) {
                    continue;
                }
            }
            // `# --` opens the next documented value of a chart.
            let next_value = comment.text.trim_start().starts_with("-- ") && is_complete(lines);
            if next_value || starts_remark(comment.text) {
                break;
            }
            let (text, more) = match self.openings[index]
                .iter()
                .find(|opening| self.is_firm(index, opening))
            {
                Some(next) => (&comment.text[..next.spelling.start], false),
                None => {
                    let (text, cut) = before_suppression(comment.text);
                    (text, !cut)
                }
            };
            let text = undecorated(text);
            if has_words(text) {
                lines.push(text);
                end_index = index;
            }
            if !more {
                break;
            }
        }
        if let Some((line_count, index)) = before_gap
            && has_words(&lines[..line_count].join(" "))
            && !is_complete(lines)
        {
            lines.truncate(line_count);
            end_index = index;
        }
        end_index
    }

    /// Whether an opening ends the carve-out before it. A weak one may be prose of that carve-out.
    fn is_firm(&self, index: usize, opening: &Opening) -> bool {
        let after = &self.comments[index].text[opening.spelling.end..];
        match opening.spelling.evidence {
            Evidence::Strong => true,
            Evidence::NeedsSemicolon => after.contains(SEMICOLONS),
            Evidence::Weak => after.contains(SEMICOLONS) || !has_words(after),
        }
    }
}

/// Where brackets and emphasis that the marker closes begin, right before it.
fn before_brackets(text: &str, start: usize, marker: &str) -> usize {
    let pairs = [
        ("(", ')'),
        ("[", ']'),
        ("**", '*'),
        ("__", '_'),
        ("*", '*'),
        ("_", '_'),
    ];
    let opened = pairs.iter().find(|(open, close)| {
        let opens = open
            .chars()
            .next()
            .map_or(0, |open| marker.matches(open).count());
        let closes = marker.matches(*close).count();
        let is_closed = if open.starts_with(*close) {
            closes > 0
        } else {
            closes > opens
        };
        is_closed && text[..start].ends_with(open)
    });
    opened.map_or(start, |(open, _)| start - open.len())
}

/// Whether `comment` is a line of the same comment as `first`, with `previous` between them.
fn continues(
    first: &CommentLine<'_>,
    previous: &CommentLine<'_>,
    comment: &CommentLine<'_>,
    wraps_in_blocks: bool,
) -> bool {
    if comment.block.is_some() && comment.block == first.block {
        return true;
    }
    let same_kind = match (first.block, comment.block) {
        (None, None) => true,
        // A wrapped comment whose every line is a block of its own.
        (Some(_), Some(_)) => wraps_in_blocks && previous.block != comment.block,
        _ => false,
    };
    same_kind
        && !comment.trailing
        && comment.line == previous.line + 1
        && comment.leader == first.leader
        && comment.column >= first.column
}

/// The comment line directly below, if it continues this one.
fn next_line<'c, 't>(comments: &'c [CommentLine<'t>], index: usize) -> Option<&'c CommentLine<'t>> {
    let (comment, next) = (&comments[index], comments.get(index + 1)?);
    (next.line == comment.line + 1 && continues(comment, comment, next, true)).then_some(next)
}

/// Whether the line is the middle of a sentence that began on the comment line above.
fn continues_prose(comments: &[CommentLine<'_>], index: usize) -> bool {
    let Some(previous) = index.checked_sub(1).map(|above| &comments[above]) else {
        return false;
    };
    next_line(comments, index - 1).is_some()
        && has_words(previous.text)
        && !starts_suppression(previous.text)
        && !previous
            .text
            .trim_end()
            .ends_with(['.', ':', ';', '!', '?', '…', ')'])
}

fn position(before: &str) -> Position {
    let words = before.trim_end_matches(is_decoration);
    let between = &before[words.len()..];
    if words.is_empty() {
        return Position::Opens;
    }
    let opener = OPENERS.iter().any(|opener| between.contains(opener));
    if opener || (!between.is_empty() && starts_suppression(before)) {
        Position::Opens
    } else if !between.ends_with(char::is_whitespace) && !between.ends_with(['(', '[']) {
        Position::Glued
    } else if between.contains(|letter: char| !letter.is_whitespace())
        || starts_with_any(words, REMARKS, true)
    {
        Position::Clause
    } else {
        Position::Middle
    }
}

/// Whether the text before an exact marker makes it a mention. In doubt it does not.
fn is_mention(before: &str) -> bool {
    match position(before) {
        Position::Opens | Position::Clause => false,
        Position::Glued => true,
        Position::Middle => {
            let last_word = before
                .trim_end()
                .rsplit(|letter: char| !letter.is_alphanumeric())
                .next()
                .unwrap_or("");
            DETERMINERS.contains(&last_word.to_ascii_lowercase().as_str())
                || starts_with_any(
                    before.trim_start_matches(is_decoration),
                    &["TODO", "FIXME", "XXX"],
                    false,
                )
        }
    }
}

/// Whether a place between two texts is inside quotes or backquotes, closed on this or the following line.
fn is_quoted(before: &str, after: &str, following: &str) -> bool {
    let closes = |quote: char| after.contains(quote) || following.contains(quote);
    let straight = ['"', '`']
        .into_iter()
        .any(|quote| before.matches(quote).count() % 2 == 1 && closes(quote));
    let curly = [('“', '”'), ('‘', '’'), ('«', '»')]
        .into_iter()
        .any(|(open, close)| {
            before
                .rfind(open)
                .is_some_and(|at| !before[at..].contains(close))
                && closes(close)
        });
    // An apostrophe opens a quote only at the start of a word.
    let single = before.rfind('\'').is_some_and(|at| {
        !before[..at].ends_with(char::is_alphanumeric)
            && !before[at + 1..].starts_with(char::is_whitespace)
            && after.contains('\'')
    });
    straight || curly || single
}

/// The text before another tool's marker, and whether there is one; it has to follow a comment opener.
fn before_suppression(text: &str) -> (&str, bool) {
    let cut = OPENERS
        .iter()
        .flat_map(|opener| text.match_indices(opener).take(MOST_PER_LINE))
        .filter(|(at, opener)| starts_suppression(&text[at + opener.len()..]))
        .map(|(at, _)| at)
        .min();
    (&text[..cut.unwrap_or(text.len())], cut.is_some())
}

fn starts_suppression(text: &str) -> bool {
    starts_with_any(text.trim_start_matches(is_decoration), SUPPRESSIONS, false)
}

/// Whether a line of comment text opens another remark or another tool's marker.
fn starts_remark(text: &str) -> bool {
    let text = text.trim_start_matches(is_decoration);
    starts_with_any(text, SUPPRESSIONS, false) || starts_with_any(text, REMARKS, false)
}

/// Whether `text` starts with (or is) one of these, up to a word boundary.
fn starts_with_any(text: &str, table: &[&str], whole: bool) -> bool {
    table.iter().any(|entry| {
        let boundary = entry.ends_with(|letter: char| !letter.is_alphanumeric());
        text.strip_prefix(entry).is_some_and(|rest| {
            if whole {
                rest.is_empty()
            } else {
                boundary || !rest.starts_with(|letter: char| letter.is_alphanumeric())
            }
        })
    })
}

fn has_words(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

fn is_complete(lines: &[&str]) -> bool {
    let joined = lines.join(" ");
    let split = split_claim(&joined);
    split.separator.is_some() && has_words(split.justification)
}

/// A claim without the closing bracket whose opening one stands right before the marker.
fn unbracketed<'t>(claim: &'t str, before: &str) -> &'t str {
    let close = match before.chars().last() {
        Some('(') => ')',
        Some('[') => ']',
        _ => return claim,
    };
    let open = if close == ')' { '(' } else { '[' };
    let unbalanced = claim.matches(close).count() > claim.matches(open).count();
    claim
        .strip_suffix(close)
        .filter(|_| unbalanced)
        .map_or(claim, str::trim_end)
}

/// A claim in its two halves.
struct Split<'t> {
    guarantee: &'t str,
    justification: &'t str,
    /// What stands between them; `None` if nothing does.
    separator: Option<char>,
}

/// Splits at the first semicolon outside balanced quotes; without one, at the first that only looks like one.
fn split_claim(text: &str) -> Split<'_> {
    let semicolon = first_unquoted(text, &[';']).or_else(|| first_unquoted(text, SEMICOLONS));
    match semicolon {
        Some((at, separator)) => Split {
            guarantee: text[..at].trim(),
            justification: text[at + separator.len_utf8()..].trim(),
            separator: Some(separator),
        },
        None => Split {
            guarantee: text.trim(),
            justification: "",
            separator: None,
        },
    }
}

/// The first of these characters that no balanced pair of double quotes or backquotes encloses.
fn first_unquoted(text: &str, searched: &[char]) -> Option<(usize, char)> {
    let last_quote = |quote: char| text.rfind(quote);
    let (last_double, last_back) = (last_quote('"'), last_quote('`'));
    let mut open: Option<char> = None;
    for (at, letter) in text.char_indices() {
        match open {
            Some(quote) if letter == quote => open = None,
            Some(_) => {}
            None if letter == '"' && last_double > Some(at) => open = Some(letter),
            None if letter == '`' && last_back > Some(at) => open = Some(letter),
            None if searched.contains(&letter) => return Some((at, letter)),
            None => {}
        }
    }
    None
}

/// The text without the decoration that ends a boxed or closed comment line, and without emphasis at its start.
fn undecorated(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let last_word = text.rsplit(char::is_whitespace).next().unwrap_or("");
        let decoration = |letter: char| "#*|/=~-<>!{}]%".contains(letter);
        let sheds_word = last_word.chars().all(decoration)
            && !matches!(
                last_word,
                "-" | "--" | ">" | "<" | "=" | "->" | "=>" | "!" | "%" | "/" | "<=" | ">=" | "=="
            );
        let closer = ["*/", "-->", "*/}}", "-}}", "##", "**"]
            .into_iter()
            .find(|closer| text.ends_with(closer));
        let shorter = if !last_word.is_empty() && sheds_word {
            &text[..text.len() - last_word.len()]
        } else if let Some(closer) = closer {
            text[..text.len() - closer.len()].trim_end_matches('#')
        } else {
            break;
        };
        text = shorter.trim_end();
    }
    text.trim_start_matches("**").trim_start()
}

/// The lines of a file, and which of them hold code.
struct Source<'s, 't> {
    lines: Vec<&'t str>,
    comments: &'s [CommentLine<'t>],
    /// For each line (from 0): it, or the first one after it that holds code.
    next_code: Vec<Option<usize>>,
}

impl<'s, 't> Source<'s, 't> {
    fn new(text: &'t str, comments: &'s [CommentLine<'t>]) -> Self {
        let lines: Vec<&str> = text.split('\n').collect();
        let mut source = Self {
            lines,
            comments,
            next_code: Vec::new(),
        };
        let mut next = None;
        let mut next_code = vec![None; source.lines.len()];
        for index in (0..source.lines.len()).rev() {
            if has_words(&source.code(index)) {
                next = Some(index);
            }
            next_code[index] = next;
        }
        source.next_code = next_code;
        source
    }

    fn line(&self, number: usize) -> &'t str {
        number
            .checked_sub(1)
            .and_then(|index| self.lines.get(index))
            .copied()
            .unwrap_or("")
    }

    /// The code of a line (from 0) without its comments.
    fn code(&self, index: usize) -> String {
        let from = self
            .comments
            .partition_point(|comment| comment.line <= index);
        let count = self.comments[from..]
            .iter()
            .take_while(|comment| comment.line == index + 1)
            .count();
        if count == 0 {
            return folded(self.line(index + 1));
        }
        let before = (from..from + count).map(|comment| self.code_before(comment));
        let after = self.code_after(from + count - 1);
        folded(
            &before
                .chain(std::iter::once(after))
                .collect::<Vec<_>>()
                .join(" "),
        )
    }

    /// Where the text of a comment begins and ends in its line.
    fn text_range(&self, comment: &CommentLine<'_>) -> Option<(usize, usize)> {
        let line = self.line(comment.line);
        let start = offset_in(line, comment.text)?;
        Some((start, start + comment.text.len()))
    }

    /// The code between the comment before this one, or the start of the line, and this one.
    fn code_before(&self, index: usize) -> &'t str {
        let comment = &self.comments[index];
        if !comment.trailing {
            return "";
        }
        let line = self.line(comment.line);
        let start = self
            .previous_on_line(index)
            .and_then(|previous| self.text_range(previous))
            .map_or(0, |range| range.1);
        let end = self.text_range(comment).map_or(line.len(), |range| range.0);
        let between = line.get(start..end).unwrap_or("").trim_end();
        let code = between.strip_suffix(comment.leader).unwrap_or(between);
        if start > 0 {
            without_closer(code)
        } else {
            code
        }
    }

    /// The code between this comment, if it ends on its line, and the next one or the end of the line.
    fn code_after(&self, index: usize) -> &'t str {
        let comment = &self.comments[index];
        let line = self.line(comment.line);
        let next = self
            .comments
            .get(index + 1)
            .filter(|next| next.line == comment.line);
        let end = next
            .and_then(|next| self.text_range(next))
            .map_or(line.len(), |range| range.0);
        let rest = self
            .text_range(comment)
            .and_then(|range| line.get(range.1..end))
            .unwrap_or("")
            .trim();
        let rest = next
            .and_then(|next| rest.strip_suffix(next.leader))
            .unwrap_or(rest);
        without_closer(rest)
    }

    fn previous_on_line(&self, index: usize) -> Option<&'s CommentLine<'t>> {
        let previous = &self.comments[index.checked_sub(1)?];
        (previous.line == self.comments[index].line).then_some(previous)
    }

    /// The code that a comment from one line to another is about.
    fn anchor(&self, first_index: usize, last_index: usize) -> Option<Anchor> {
        let (first, last) = (&self.comments[first_index], &self.comments[last_index]);
        if first.trailing {
            let own = folded(self.code_before(first_index));
            // A lone opening bracket or list dash belongs to what follows.
            let opens = !has_words(&own) && own.ends_with(['{', '(', '[', '-', '|', '>']);
            if !opens && !own.is_empty() {
                return Some(Anchor {
                    line: first.line,
                    text: own,
                });
            }
        }
        let behind = self.code_after(last_index);
        if has_words(behind) {
            return Some(Anchor {
                line: last.line,
                text: folded(behind),
            });
        }
        let index = (*self.next_code.get(last.line)?)?;
        Some(Anchor {
            line: index + 1,
            text: self.code(index),
        })
    }
}

/// What is left of a line behind the text of a comment once its end is taken off.
fn without_closer(rest: &str) -> &str {
    let rest = rest.trim_start();
    let behind = [
        "*/}}", "*/ -}}", "*/-}}", "*/", "-->", "]]", "#}", "--%>", "-}", "*)", "#>", "|#",
    ]
    .into_iter()
    .find_map(|closer| rest.strip_prefix(closer));
    // A comment in a JSON string.
    let quoted = || {
        rest.strip_prefix('"')
            .map(|rest| rest.trim_start_matches([',', ']', ' ']))
    };
    behind.or_else(quoted).unwrap_or("")
}

/// Counts the characters before places in a line, from one to the next without starting over.
#[derive(Default)]
struct Columns {
    line: usize,
    byte: usize,
    characters: usize,
}

impl Columns {
    /// The column, from 1, of a byte in a line. Places of a line are asked for in order.
    fn column(&mut self, number: usize, line: &str, byte: usize) -> usize {
        if self.line != number || byte < self.byte {
            *self = Self {
                line: number,
                byte: 0,
                characters: 0,
            };
        }
        self.characters += line.get(self.byte..byte).unwrap_or("").chars().count();
        self.byte = byte;
        self.characters + 1
    }
}

/// Where `part`, a slice of `whole`, begins; `None` if it is none.
fn offset_in(whole: &str, part: &str) -> Option<usize> {
    let offset = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    (offset + part.len() <= whole.len()).then_some(offset)
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    pub(crate) fn pattern() -> MarkerPattern {
        MarkerPattern::new("ZFN-3 carve-out:").unwrap()
    }

    /// Comments of a language with `#`, `//` and `/* */`, and no strings: these tests are not about lexing.
    pub(crate) fn simple_comments(text: &str) -> Vec<CommentLine<'_>> {
        let mut comments = Vec::new();
        let mut block = None;
        let mut blocks = 0;
        for (index, line) in text.split('\n').enumerate() {
            let (at, inner) = match block {
                Some(_) => (line.len() - line.trim_start().len(), true),
                None => match ["#", "//", "/*"]
                    .iter()
                    .filter_map(|opener| line.find(opener))
                    .min()
                {
                    Some(at) => (at, false),
                    None => continue,
                },
            };
            let rest = &line[at..];
            let opens_block = !inner && rest.starts_with("/*");
            if opens_block {
                blocks += 1;
                block = Some(blocks);
            }
            let leader_length = if opens_block {
                2
            } else if inner {
                usize::from(rest.starts_with('*') && !rest.starts_with("*/"))
            } else {
                rest.len() - rest.trim_start_matches(['#', '/']).len()
            };
            let (leader, body) = rest.split_at(leader_length);
            let end = block.and_then(|_| body.find("*/"));
            comments.push(CommentLine {
                line: index + 1,
                column: line[..at].chars().count() + 1,
                leader,
                text: body[..end.unwrap_or(body.len())].trim_end(),
                trailing: !inner && !line[..at].trim().is_empty(),
                block,
            });
            if end.is_some() {
                block = None;
            }
        }
        comments
    }

    pub(crate) fn markers(text: &str) -> Vec<Marker> {
        find_in(&simple_comments(text), text, &pattern())
    }

    fn only(text: &str) -> Marker {
        let mut found = markers(text);
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
        found.remove(0)
    }

    fn halves(text: &str) -> (String, String) {
        let marker = only(text);
        assert_eq!(marker.fault, None, "{text}");
        (marker.guarantee, marker.justification)
    }

    fn fault(text: &str) -> MarkerFault {
        only(text).fault.expect("a fault")
    }

    fn pair(guarantee: &str, justification: &str) -> (String, String) {
        (guarantee.to_owned(), justification.to_owned())
    }

    #[test]
    fn one_line_is_split_at_the_first_semicolon() {
        assert_eq!(
            halves(
                "# ZFN-3 carve-out: inside VPC prod; public metrics; risk accepted\r\ntls: false\r\n"
            ),
            pair("inside VPC prod", "public metrics; risk accepted")
        );
        assert_eq!(halves("#ZFN-3 carve-out:a;b"), pair("a", "b"));
    }

    #[test]
    fn wrapped_lines_are_joined_and_folded() {
        let text = "  # ZFN-3 carve-out: never leaves\n  #   the VPC `prod`\n  # ; only\tpublic\n  # metrics\n  tls: false\n";
        let marker = only(text);
        assert_eq!((marker.line, marker.end_line, marker.column), (1, 4, 5));
        assert_eq!(marker.guarantee, "never leaves the VPC `prod`");
        assert_eq!(marker.justification, "only public metrics");
        assert_eq!(
            marker.anchor,
            Some(Anchor {
                line: 5,
                text: "tls: false".to_owned()
            })
        );
    }

    #[test]
    fn the_marker_may_stand_alone_on_its_line() {
        assert_eq!(halves("# ZFN-3 carve-out:\n# a;\n# b\n"), pair("a", "b"));
    }

    #[test]
    fn a_semicolon_in_balanced_quotes_does_not_split_but_one_after_an_unbalanced_quote_does() {
        assert_eq!(
            halves("# ZFN-3 carve-out: \"a; b\" c; d"),
            pair("\"a; b\" c", "d")
        );
        assert_eq!(
            halves("# ZFN-3 carve-out: `a;\n# b` c; d"),
            pair("`a; b` c", "d")
        );
        assert_eq!(
            halves("# ZFN-3 carve-out: a 5\" disk; b"),
            pair("a 5\" disk", "b")
        );
        assert_eq!(
            halves("# ZFN-3 carve-out: the pod's own; it's public"),
            pair("the pod's own", "it's public")
        );
    }

    #[test]
    fn continuation_ends_at_code_at_an_empty_line_and_at_another_indent_or_leader() {
        for end in ["port: 80\n# c", "\n# c", "## c", "// c"] {
            assert_eq!(
                halves(&format!("# ZFN-3 carve-out: a; b\n{end}\n")),
                pair("a", "b"),
                "{end}"
            );
        }
        assert_eq!(halves("  # ZFN-3 carve-out: a; b\n# c\n"), pair("a", "b"));
        assert_eq!(halves("# ZFN-3 carve-out: a; b\n  # c\n"), pair("a", "b c"));
    }

    #[test]
    fn a_bare_line_ends_a_whole_carve_out_but_not_one_that_goes_on_behind_it() {
        assert_eq!(halves("# ZFN-3 carve-out: a; b\n#\n# c\n"), pair("a", "b"));
        assert_eq!(halves("# ZFN-3 carve-out: a;\n#\n# b\n"), pair("a", "b"));
        assert_eq!(
            halves("/* ZFN-3 carve-out: a\n *\n * c; d\n */\n"),
            pair("a c", "d")
        );
        assert_eq!(
            halves("# ZFN-3 carve-out: a; b\n# ------\n# c\n"),
            pair("a", "b")
        );
    }

    #[test]
    fn a_paragraph_behind_a_bare_line_that_completes_nothing_is_no_continuation() {
        let marker = only("# ZFN-3 carve-out: inside VPC prod\n#\n# This file sets up ports.\n");
        assert_eq!(marker.guarantee, "inside VPC prod");
        assert_eq!(
            (marker.end_line, marker.fault),
            (1, Some(MarkerFault::MissingJustification))
        );
    }

    #[test]
    fn continuation_ends_at_other_markers_but_not_at_words_that_begin_like_them() {
        for next in [
            "ZFN-3 carve-out: c; d",
            "zfn3 carveout: c; d",
            "nolint:gosec",
            "#nosec G404",
            "noqa",
            "checkov:skip=CKV_1: x",
            "tfsec:ignore:x",
            "TODO: x",
            "FIXME(me) x",
            "NOTE: x",
            "SAFETY: x",
            "type: ignore",
            "zizmor: ignore[x]",
            "shellcheck disable=SC1",
            "buf:lint:ignore X",
        ] {
            let text = format!("# ZFN-3 carve-out: a; b\n# {next}\n");
            assert_eq!(markers(&text)[0].justification, "b", "{next}");
        }
        for next in ["nosecond thoughts", "Todos are done", "noted by all"] {
            let text = format!("# ZFN-3 carve-out: a; b\n# {next}\n");
            assert_eq!(only(&text).justification, format!("b {next}"));
        }
    }

    #[test]
    fn stacked_carve_outs_are_several() {
        let found =
            markers("# ZFN-3 carve-out: a; b\n# ZFN-3 carve-out: c; d\n# ZFN-3 carve-out:\nx\n");
        let lines: Vec<_> = found
            .iter()
            .map(|marker| (marker.line, marker.end_line))
            .collect();
        assert_eq!(lines, [(1, 1), (2, 2), (3, 3)]);
        assert_eq!(found[2].fault, Some(MarkerFault::Malformed));
    }

    #[test]
    fn trailing_marker_does_not_swallow_the_next_comment() {
        let marker = only("dial(x) // ZFN-3 carve-out: a; b\n// Trim the suffix.\n");
        assert_eq!(
            (marker.justification.as_str(), marker.trailing),
            ("b", true)
        );
        assert_eq!(
            marker.anchor,
            Some(Anchor {
                line: 1,
                text: "dial(x)".to_owned()
            })
        );
    }

    #[test]
    fn trailing_marker_is_continued_by_aligned_full_line_comments_alone() {
        assert_eq!(
            halves("dial(x) // ZFN-3 carve-out: a;\n        // b\n"),
            pair("a", "b")
        );
        assert_eq!(
            fault("dial(x) // ZFN-3 carve-out: a;\nhang(x) // b\n"),
            MarkerFault::MissingJustification
        );
    }

    #[test]
    fn halves_that_are_missing_are_faults_and_the_carve_out_is_kept() {
        assert_eq!(fault("# ZFN-3 carve-out:\n"), MarkerFault::Malformed);
        assert_eq!(
            fault("# ZFN-3 carve-out: ; b\n"),
            MarkerFault::MissingGuarantee
        );
        assert_eq!(
            fault("# ZFN-3 carve-out: ;\n"),
            MarkerFault::MissingGuarantee
        );
        assert_eq!(
            fault("# ZFN-3 carve-out: a\n"),
            MarkerFault::MissingJustification
        );
        assert_eq!(
            fault("# ZFN-3 carve-out: a;\n"),
            MarkerFault::MissingJustification
        );
        assert_eq!(
            fault("# ZFN-3 carve-out: a -- b\n"),
            MarkerFault::MissingJustification
        );
    }

    #[test]
    fn decoration_is_not_text() {
        assert_eq!(halves("## ZFN-3 carve-out: a; b ##\n"), pair("a", "b"));
        assert_eq!(
            halves("# ZFN-3 carve-out: a; #\n# b    #\n##########\n"),
            pair("a", "b")
        );
        assert_eq!(halves("# ZFN-3 carve-out: a; b -->\n"), pair("a", "b"));
        assert_eq!(halves("// **ZFN-3 carve-out:** a; b\n"), pair("a", "b"));
        assert_eq!(
            halves("# ZFN-3 carve-out: a -> b; c -\n# d\n"),
            pair("a -> b", "c - d")
        );
    }

    #[test]
    fn a_marker_may_follow_a_comment_opener_or_another_tool() {
        assert_eq!(
            halves("x # v6.1.0 # ZFN-3 carve-out: a; b\n"),
            pair("a", "b")
        );
        assert_eq!(
            halves("x //nolint:gosec // ZFN-3 carve-out: a; b\n"),
            pair("a", "b")
        );
        assert_eq!(
            halves("x # noqa: S501 ZFN-3 carve-out: a; b\n"),
            pair("a", "b")
        );
        assert_eq!(
            halves("# Plaintext by design. ZFN-3 carve-out: a; b\n"),
            pair("a", "b")
        );
        assert_eq!(
            halves("# plaintext ZFN-3 carve-out: a; b\n"),
            pair("a", "b")
        );
    }

    #[test]
    fn another_tools_marker_behind_it_is_no_text() {
        assert_eq!(
            halves("x # ZFN-3 carve-out: a; b # zizmor: ignore[x]\n"),
            pair("a", "b")
        );
        assert_eq!(
            halves("// ZFN-3 carve-out: a; b //nolint:gosec\n// c\n"),
            pair("a", "b")
        );
        assert_eq!(
            halves("// ZFN-3 carve-out: a; see issue #12\n"),
            pair("a", "see issue #12")
        );
    }

    #[test]
    fn a_mention_is_not_a_carve_out() {
        for text in [
            "# TODO: document the ZFN-3 carve-out: form; see docs\n",
            "# TODO: document ZFN-3 carve-out: form; see docs\n",
            "# write it as `ZFN-3 carve-out: a; b`\n",
            "# write it as `# ZFN-3 carve-out: a; b`\n",
            "# write \"# ZFN-3 carve-out: a; b\" above it\n",
            "# as 'a ZFN-3 carve-out: a; b' says\n",
            "# every ZFN-3 carve-out: a; b\n",
            "# xZFN-3 carve-out: a; b\n",
        ] {
            assert_eq!(markers(text), [], "{text}");
        }
        assert_eq!(
            halves("# 5\" disk, plaintext: ZFN-3 carve-out: a; b\n"),
            pair("a", "b")
        );
    }

    #[test]
    fn anchor_is_the_first_code_line_below() {
        let anchor = |text| only(text).anchor.map(|anchor| (anchor.line, anchor.text));
        let found = |line, text: &str| Some((line, text.to_owned()));
        assert_eq!(
            anchor("# ZFN-3 carve-out: a; b\n\n# other\n}\n  x  =  1 # c\n"),
            found(5, "x = 1")
        );
        assert_eq!(anchor("# ZFN-3 carve-out: a; b\n"), None);
        assert_eq!(
            anchor("/* ZFN-3 carve-out: a; b */ dial()\nx\n"),
            found(1, "dial()")
        );
        assert_eq!(
            anchor("/*\n * ZFN-3 carve-out: a; b\n * c\n */\nx\n"),
            found(5, "x")
        );
        assert_eq!(
            anchor("- # ZFN-3 carve-out: a; b\n  name: x\n"),
            found(2, "name: x")
        );
        assert_eq!(anchor("}) // ZFN-3 carve-out: a; b\nx\n"), found(1, "})"));
    }

    #[test]
    fn blocks_wrap_inside_and_line_by_line() {
        assert_eq!(
            halves("/*\nZFN-3 carve-out: a\n  b;\nc\n*/\n"),
            pair("a b", "c")
        );
        assert_eq!(
            halves("/* ZFN-3 carve-out: a; */\n/* b */\nx\n"),
            pair("a", "b")
        );
        assert_eq!(
            halves("/* ZFN-3 carve-out: a; b */\n/* c */\nx\n"),
            pair("a", "b")
        );
    }

    #[test]
    fn a_full_width_semicolon_is_a_near_miss_only_without_a_real_one() {
        let marker = only("# ZFN-3 carve-out: a； b\n");
        assert_eq!(
            (marker.guarantee.as_str(), marker.justification.as_str()),
            ("a", "b")
        );
        assert!(matches!(marker.fault, Some(MarkerFault::NearMiss { .. })));
        assert_eq!(halves("# ZFN-3 carve-out: a； b; c\n"), pair("a； b", "c"));
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(only("é = 1 # ZFN-3 carve-out: a; b\n").column, 9);
    }

    /// `line-end_line@column guarantee | justification | fault | anchor`, with the real lexer.
    fn shown(path: &str, text: &str) -> Vec<String> {
        find(path, text, &pattern())
            .into_iter()
            .map(|marker| {
                let anchor = marker.anchor.map_or_else(String::new, |anchor| {
                    format!("{}: {}", anchor.line, anchor.text)
                });
                let fault = if marker.fault.is_some() {
                    " (fault)"
                } else {
                    ""
                };
                let (line, end_line, column) = (marker.line, marker.end_line, marker.column);
                let (guarantee, justification) = (marker.guarantee, marker.justification);
                format!(
                    "{line}-{end_line}@{column} {guarantee} | {justification}{fault} | {anchor}"
                )
            })
            .collect()
    }

    #[test]
    fn carve_outs_are_found_in_the_comments_of_many_languages() {
        let cases: &[(&str, &str, &str)] = &[
            (
                "a.yaml",
                "metrics:\n  # ZFN-3 carve-out: inside VPC prod;\n  # public data\n  tls: false # v1\n",
                "2-3@5 inside VPC prod | public data | 4: tls: false",
            ),
            (
                "a.yaml",
                "tls: false # ZFN-3 carve-out: inside VPC prod;\n           # public data\nx: 1\n",
                "1-2@14 inside VPC prod | public data | 1: tls: false",
            ),
            (
                "a.yaml",
                "run: |\n  # ZFN-3 carve-out: a;\n  # b\n  curl http://x\n",
                "2-3@5 a | b | 4: curl http://x",
            ),
            (
                "a.tf",
                "resource \"x\" \"y\" {\n  /* ZFN-3 carve-out: a;\n     b */\n  port = 80\n}\n",
                "2-3@6 a | b | 4: port = 80",
            ),
            (
                "a.tf",
                "// ZFN-3 carve-out: a;\r\n// b\r\nport = 80\r\n",
                "1-2@4 a | b | 3: port = 80",
            ),
            (
                "a.go",
                "c := dial(x) //nolint:gosec // ZFN-3 carve-out: a; b\n",
                "1-1@32 a | b | 1: c := dial(x)",
            ),
            (
                "a.go",
                "/*\n * ZFN-3 carve-out: a\n * ; b\n */\nfunc f() {}\n",
                "2-3@4 a | b | 5: func f() {}",
            ),
            (
                "A.java",
                "/**\n * Dials.\n *\n * ZFN-3 carve-out: a; b\n * @param x y\n */\nvoid f();\n",
                "4-4@4 a | b | 7: void f();",
            ),
            (
                "a.py",
                "session = Session(  # ZFN-3 carve-out: a; b\n  x)\n",
                "1-1@23 a | b | 1: session = Session(",
            ),
            (
                "a.rs",
                "    /// ZFN-3 carve-out: a;\n    /// b\n    let x = 1;\n",
                "1-2@9 a | b | 3: let x = 1;",
            ),
            (
                "a.lua",
                "--[[\nZFN-3 carve-out: a;\nb\n]]\nx = 1\n",
                "2-3@1 a | b | 5: x = 1",
            ),
            (
                "a.sql",
                "-- ZFN-3 carve-out: a;\n-- b\nselect 1;\n",
                "1-2@4 a | b | 3: select 1;",
            ),
            (
                "a.xml",
                "<a>\n  <!-- ZFN-3 carve-out: a;\n       b -->\n  <c/>\n</a>\n",
                "2-3@8 a | b | 4: <c/>",
            ),
            (
                "charts/x/templates/_helpers.tpl",
                "{{/*\nZFN-3 carve-out: a;\nb\n*/}}\n{{- define \"x\" }}\n",
                "2-3@1 a | b | 5: {{- define \"x\" }}",
            ),
            (
                "Dockerfile",
                "# ZFN-3 carve-out: a; b\n# hadolint ignore=DL3002\nUSER root\n",
                "1-1@3 a | b | 3: USER root",
            ),
            (
                "a.ini",
                "; ZFN-3 carve-out: a;\n; b\ntls = off\n",
                "1-2@3 a | b | 3: tls = off",
            ),
        ];
        for (path, text, expected) in cases {
            assert_eq!(shown(path, text), [*expected], "{path}\n{text}");
        }
    }

    #[test]
    fn strings_and_prose_hold_no_carve_outs() {
        for (path, text) in [
            ("a.go", "x := \"# ZFN-3 carve-out: a; b\"\n"),
            ("a.go", "x := `\n# ZFN-3 carve-out: a; b\n`\n"),
            ("README.md", "# ZFN-3 carve-out: a; b\n"),
            ("a.py", "x = \"\"\"\n# ZFN-3 carve-out: a; b\n\"\"\"\n"),
        ] {
            assert_eq!(shown(path, text), [""; 0], "{path}\n{text}");
        }
    }

    #[test]
    fn a_closing_bracket_is_text_unless_its_opening_one_is_before_the_marker() {
        assert_eq!(halves("# (ZFN-3 carve-out: a; b)\n"), pair("a", "b"));
        assert_eq!(
            halves("# (ZFN-3 carve-out: a; b (c))\n"),
            pair("a", "b (c)")
        );
        assert_eq!(halves("# ZFN-3 carve-out: a; b (c)\n"), pair("a", "b (c)"));
    }

    #[test]
    fn the_next_documented_value_of_a_chart_is_no_continuation() {
        assert_eq!(
            halves("# -- ZFN-3 carve-out: a;\n# b\n# -- (string) port\nx: 1\n"),
            pair("a", "b")
        );
        assert_eq!(
            halves("# ZFN-3 carve-out: a\n# -- or c; b\nx: 1\n"),
            pair("a -- or c", "b")
        );
    }

    #[test]
    fn several_comments_on_one_line_have_the_code_between_them() {
        let text = "a(); /* ZFN-3 carve-out: a; b */ b(); /* ZFN-3 carve-out: c; d */ c();\n";
        assert_eq!(
            shown("a.ts", text),
            ["1-1@9 a | b | 1: a();", "1-1@42 c | d | 1: b();"]
        );
        let text = "{\"_comment\": \"ZFN-3 carve-out: a; b\", \"tls\": false}\n";
        assert_eq!(shown("a.json", text), ["1-1@15 a | b | 1: \"tls\": false}"]);
    }

    #[test]
    fn json_comments_are_carve_outs() {
        let text = "{\n  \"@comment\": \"ZFN-3 carve-out: a; b\",\n  \"tls\": false\n}\n";
        assert_eq!(shown("a.json", text), ["2-2@16 a | b | 3: \"tls\": false"]);
    }

    proptest! {
        #[test]
        fn any_comments_are_survived(text in "([ #/*\n\"`;:a-]|ZFN-3 carve-out|ZFN-3 |carve-out:|zfn3|é|\u{feff}|nolint|\\PC){0,60}") {
            let pattern = pattern();
            let found = find_in(&simple_comments(&text), &text, &pattern);
            prop_assert!(found.is_empty() || pattern.may_contain(text.as_bytes()));
            for marker in found {
                prop_assert!(marker.line <= marker.end_line);
            }
        }
    }
}
