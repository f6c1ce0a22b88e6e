//! What text around and inside a carve-out looks like: brackets, quotes, decoration, remarks of other tools, and where its
//! halves meet.

use crate::carveout::comments::CommentLine;
use crate::carveout::near_miss::{SEMICOLONS, is_decoration};

/// Most markers looked for in one line of comment text; more is not written by people.
pub(super) const MOST_PER_LINE: usize = 16;

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

/// Words that talk of carve-outs; sorted.
const TALK: &[&str] = &[
    "all",
    "any",
    "called",
    "describe",
    "describes",
    "document",
    "documents",
    "each",
    "every",
    "example",
    "explain",
    "explains",
    "find",
    "finds",
    "like",
    "matches",
    "mention",
    "no",
    "parse",
    "parses",
    "such",
    "write",
    "writes",
];

/// What opens a comment in one language or another, inside the text of a comment.
const OPENERS: &[&str] = &["#", "//", "/*", "--", "<!--", ";;", "{{/*"];

/// Where in its comment a marker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// First, or behind a comment opener or another tool's marker.
    Opens,
    /// After a comma, colon or full stop.
    Clause,
    /// In the middle of a clause.
    Middle,
    /// Glued to a word or quote.
    Glued,
}

/// Where brackets and emphasis that the marker closes begin, right before it.
pub(super) fn before_brackets(text: &str, start: usize, marker: &str) -> usize {
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
pub(super) fn continues(
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
pub(super) fn next_line<'c, 't>(
    comments: &'c [CommentLine<'t>],
    index: usize,
) -> Option<&'c CommentLine<'t>> {
    let (comment, next) = (&comments[index], comments.get(index + 1)?);
    (next.line == comment.line + 1 && continues(comment, comment, next, true)).then_some(next)
}

/// Whether the line is the middle of a sentence that began on the comment line above.
pub(super) fn continues_prose(comments: &[CommentLine<'_>], index: usize) -> bool {
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

pub(super) fn position(before: &str) -> Position {
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

/// Whether the few words before a marker talk of carve-outs rather than being one, however whole the claim behind it looks:
/// "every ..", "document the ..".
pub(super) fn is_talked_of(before: &str) -> bool {
    const MOST_WORDS: usize = 4;
    let words = before.rsplit(|letter: char| !letter.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .any(|word| TALK.contains(&word.to_ascii_lowercase().as_str()))
}

/// Whether the marker is glued to what makes it another word, or a word in quotes.
pub(super) fn is_part_of_word(before: &str) -> bool {
    let mut letters = before.chars().rev();
    match letters.next() {
        Some('_') => true,
        // `x-ZFN-3`; a dash may stand between two sentences.
        Some('-') => letters.next().is_some_and(char::is_alphanumeric),
        Some(letter) => letter.is_alphanumeric(),
        None => false,
    }
}

/// Whether the text before an exact marker makes it a mention. In doubt it does not.
pub(super) fn is_mention(before: &str) -> bool {
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
pub(super) fn is_quoted(before: &str, after: &str, following: &str) -> bool {
    let closes = |quote: char| closes_in(after, quote) || closes_in(following, quote);
    let straight = ['"', '`', '\'']
        .into_iter()
        .any(|quote| is_open(before, quote) && closes(quote));
    let curly = [('“', '”'), ('‘', '’'), ('«', '»')]
        .into_iter()
        .any(|(open, close)| {
            before
                .rfind(open)
                .is_some_and(|at| !before[at..].contains(close))
                && (after.contains(close) || following.contains(close))
        });
    straight || curly
}

/// Whether a quote is open at the end of a text. One behind a letter or digit (`19"`, `don't`) opens none, nor does one before a blank.
fn is_open(text: &str, quote: char) -> bool {
    let mut is_open = false;
    let mut previous = ' ';
    for (at, letter) in text.char_indices() {
        if letter == quote {
            let blank_follows = text[at + quote.len_utf8()..].starts_with(char::is_whitespace);
            is_open = if is_open {
                !is_closing(&text[at + quote.len_utf8()..], quote)
            } else {
                !previous.is_alphanumeric() && !blank_follows
            };
        }
        previous = letter;
    }
    is_open
}

/// Whether a text closes a quote that is open at its beginning, before it opens one of its own.
fn closes_in(text: &str, quote: char) -> bool {
    let mut previous = 'x';
    for (at, letter) in text.char_indices() {
        if letter == quote {
            let rest = &text[at + quote.len_utf8()..];
            let opens = previous.is_whitespace() && rest.starts_with(char::is_alphanumeric);
            if opens {
                return false;
            }
            if is_closing(rest, quote) {
                return true;
            }
        }
        previous = letter;
    }
    false
}

/// Whether what stands behind a quote lets it close: an apostrophe inside a word does not.
fn is_closing(rest: &str, quote: char) -> bool {
    quote != '\'' || !rest.starts_with(char::is_alphanumeric)
}

/// The text before another tool's marker, and whether there is one; it has to follow a comment opener.
pub(super) fn before_suppression(text: &str) -> (&str, bool) {
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
pub(super) fn starts_remark(text: &str) -> bool {
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

pub(super) fn has_words(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

pub(super) fn is_complete(lines: &[&str]) -> bool {
    let joined = lines.join(" ");
    let split = split_claim(&joined);
    split.separator.is_some() && has_words(split.justification)
}

/// A claim without the closing bracket whose opening one stands right before the marker.
pub(super) fn unbracketed<'t>(claim: &'t str, before: &str) -> &'t str {
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

/// A claim without the tags of markup that it is wrapped in: `<p>..</p>`, `<b>ZFN-3 carve-out:</b> ..`.
pub(super) fn untagged(claim: &str) -> &str {
    const LONGEST_TAG: usize = 24;
    let mut claim = claim.trim();
    if let Some(tag) = claim.strip_prefix("</")
        && let Some(end) = tag.find('>').filter(|end| *end < LONGEST_TAG)
    {
        claim = tag[end + 1..].trim_start();
    }
    while let Some(open) = claim.strip_suffix('>').and_then(|rest| rest.rfind("</")) {
        let name = &claim[open + 2..claim.len() - 1];
        if name.len() >= LONGEST_TAG
            || !name
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
        {
            break;
        }
        claim = claim[..open].trim_end();
    }
    claim
}

/// A claim in its two halves.
pub(super) struct Split<'t> {
    pub(super) guarantee: &'t str,
    pub(super) justification: &'t str,
    /// What stands between them; `None` if nothing does.
    pub(super) separator: Option<char>,
}

/// Splits at the first semicolon outside balanced quotes; without one, at the first that only looks like one.
pub(super) fn split_claim(text: &str) -> Split<'_> {
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
pub(super) fn undecorated(text: &str) -> &str {
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
