//! Almost the marker: other letters, dashes, blanks or colons than the organisation's note prescribes.
//!
//! What counts as almost is derived from the configured marker alone. A near miss has to open its comment (or a clause
//! of it) and has to look like a claim; prose about carve-outs is none. This module looks at one line of comment text;
//! wrapping is the business of `marker`.

use regex::{Regex, bytes};

/// Longest marker accepted from the settings, in characters; beyond it, building the pattern would get slow.
const LONGEST_MARKER: usize = 120;

/// Separators that editors and people put where the marker has a dash or a blank.
const SEPARATORS: &str = r"[\s\p{Pd}_.~/·\x{2212}\x{00AD}\x{200B}-\x{200D}\x{2060}\x{FEFF}]*";

/// Characters that pass for a colon.
const COLONS: &[char] = &[':', '：', '﹕', '︓', '∶', '꞉', 'ː', '˸'];

/// Characters that pass for a semicolon; the first is the real one, the second (the Greek question mark) looks equal.
pub(crate) const SEMICOLONS: &[char] = &[';', '\u{37E}', '；', '﹔', '⁏'];

/// Words that people put in place of the marker's own after its first word (`ZFN-3 exception: ..`).
const SYNONYMS: &[&str] = &[
    "carveout",
    "exception",
    "exclusion",
    "exemption",
    "optout",
    "override",
    "suppression",
    "waiver",
];

/// Words that, directly after the marker's letters, make it the subject of prose (`ZFN-3 carve-out policy ..`).
const PROSE_AFTER: &[&str] = &[
    "above", "are", "below", "comment", "comments", "docs", "entries", "form", "format", "is",
    "list", "lists", "marker", "markers", "policies", "policy", "process", "review", "reviews",
    "rule", "rules", "syntax", "was", "were",
];

/// The settings ask for a marker that cannot be searched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMarker {
    /// It has neither letters nor digits.
    #[error("the marker {0:?} has no letters or digits to search for")]
    NoLetters(String),
    /// It is longer than a comment line.
    #[error("the marker is {0} characters long; at most {LONGEST_MARKER} are accepted")]
    TooLong(usize),
    /// No pattern could be built from it.
    #[error("the marker cannot be searched for: {0}")]
    Unsearchable(String),
}

/// The configured marker, ready to be searched for; built once per run.
#[derive(Debug, Clone)]
pub struct MarkerPattern {
    exact: String,
    /// Letters and digits of the marker, ASCII letters in lower case.
    skeleton: String,
    /// Skeleton of its first word (`zfn3`), and of the words after it (`carveout`); empty if there is but one word.
    first_word: String,
    other_words: String,
    near: Regex,
    /// `None`: every file may hold it.
    prefilter: Option<bytes::Regex>,
}

/// How sure it is that the letters of a near miss open a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// A colon or dash follows.
    Strong,
    /// A claim only if a semicolon follows somewhere, even after such a colon.
    NeedsSemicolon,
    /// A claim if a semicolon follows somewhere, or nothing at all.
    Weak,
}

/// The marker, or almost the marker, inside a line of comment text; byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spelling {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) evidence: Evidence,
}

impl MarkerPattern {
    /// The pattern for a marker as configured, such as `ZFN-3 carve-out:`.
    ///
    /// # Errors
    ///
    /// If the marker has no letters or digits, or is longer than a line.
    pub fn new(marker: &str) -> Result<Self, InvalidMarker> {
        let exact = marker.trim();
        let length = exact.chars().count();
        if length > LONGEST_MARKER {
            return Err(InvalidMarker::TooLong(length));
        }
        let runs = runs(exact);
        let Some(first_run) = runs.first() else {
            return Err(InvalidMarker::NoLetters(exact.to_owned()));
        };
        let unsearchable = |error: regex::Error| InvalidMarker::Unsearchable(error.to_string());
        let tolerant: Vec<String> = runs.iter().map(|run| any_letter_case(run)).collect();
        let near = Regex::new(&tolerant.join(SEPARATORS)).map_err(unsearchable)?;

        // Of two runs, a slip of one letter leaves one intact.
        let longest_other = runs.iter().skip(1).max_by_key(|run| run.len());
        let searched: Vec<&str> = std::iter::once(first_run)
            .chain(longest_other.filter(|run| run.len() >= 3))
            .copied()
            .collect();
        let prefilter = if searched.iter().all(|run| run.is_ascii()) {
            let alternatives: Vec<String> = searched
                .iter()
                .flat_map(|run| {
                    // UTF-16, in either byte order, puts a NUL between ASCII letters.
                    let wide: Vec<String> = run.chars().map(String::from).collect();
                    [(*run).to_owned(), wide.join(r"\x00")]
                })
                .collect();
            let pattern = format!("(?i-u:{})", alternatives.join("|"));
            Some(bytes::Regex::new(&pattern).map_err(unsearchable)?)
        } else {
            None
        };
        let (first_word, other_words) =
            exact.split_once(char::is_whitespace).unwrap_or((exact, ""));
        Ok(Self {
            skeleton: skeleton(exact),
            first_word: skeleton(first_word),
            other_words: skeleton(other_words),
            exact: exact.to_owned(),
            near,
            prefilter,
        })
    }

    /// The marker as configured, without white space around it.
    #[must_use]
    pub fn exact(&self) -> &str {
        &self.exact
    }

    /// Whether a file with these bytes can hold the marker or a near miss, in UTF-8 or UTF-16.
    ///
    /// Cheap; `true` may be wrong, `false` never is.
    #[must_use]
    pub fn may_contain(&self, bytes: &[u8]) -> bool {
        self.prefilter
            .as_ref()
            .is_none_or(|prefilter| prefilter.is_match(bytes))
    }

    /// Where `text` holds the exact marker, ending at a word boundary.
    pub(crate) fn exact_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Spelling> + 'a {
        let needs_boundary = self.exact.ends_with(char::is_alphanumeric);
        text.match_indices(&self.exact)
            .filter_map(move |(start, found)| {
                let end = start + found.len();
                let bounded = !needs_boundary || !text[end..].starts_with(char::is_alphanumeric);
                bounded.then_some(Spelling {
                    start,
                    end,
                    evidence: Evidence::Strong,
                })
            })
    }

    /// Where `text` holds the marker's letters and digits in order, whatever is between and behind them.
    pub(crate) fn near_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Spelling> + 'a {
        self.near.find_iter(text).filter_map(|found| {
            let (length, evidence) = claim_after(&text[found.end()..])?;
            Some(Spelling {
                start: found.start(),
                end: found.end() + length,
                evidence,
            })
        })
    }

    /// A slip of one letter, a synonym, or the marker without its first word, opening `text` and ended by a colon.
    pub(crate) fn slip_at_start(&self, text: &str) -> Option<Spelling> {
        let start = text.len() - text.trim_start_matches(is_decoration).len();
        let longest = start + 2 * self.exact.len() + 16;
        let (colon_at, colon) = text[start..]
            .char_indices()
            .take_while(|(at, _)| start + at <= longest)
            .find(|(_, letter)| COLONS.contains(letter))?;
        let written = &text[start..start + colon_at];
        if !self.may_contain(written.as_bytes()) {
            return None;
        }
        let written_skeleton = skeleton(written);
        let end = start + colon_at + colon.len_utf8();
        let without_first_word =
            self.other_words.chars().count() >= 6 && written_skeleton == self.other_words;
        let with_synonym = !self.other_words.is_empty()
            && written_skeleton
                .strip_prefix(&self.first_word)
                .is_some_and(|rest| SYNONYMS.contains(&rest));
        if without_first_word || with_synonym {
            return Some(Spelling {
                start,
                end,
                evidence: Evidence::NeedsSemicolon,
            });
        }
        // Another number is another note, a forgotten number is a slip.
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
        };
        let written_digits = digits(&written_skeleton);
        let same_note = written_digits.is_empty() || written_digits == digits(&self.skeleton);
        let slip = self.skeleton.chars().count() >= 8
            && same_note
            && strsim::osa_distance(&written_skeleton, &self.skeleton) <= 1;
        slip.then_some(Spelling {
            start,
            end,
            evidence: Evidence::Strong,
        })
    }

    /// Whether `text` ends with the first words of the marker and `next` begins with its other words: a line break
    /// inside the marker. Yields where the marker begins in `text`.
    pub(crate) fn broken_over(&self, text: &str, next: &str) -> Option<usize> {
        for (blank_at, blank) in self
            .exact
            .char_indices()
            .filter(|(_, letter)| letter.is_whitespace())
        {
            let (head, tail) = (
                &self.exact[..blank_at],
                &self.exact[blank_at + blank.len_utf8()..],
            );
            let head_start = text.len().checked_sub(head.len())?;
            if text
                .get(head_start..)
                .is_some_and(|end| end.eq_ignore_ascii_case(head))
                && next
                    .get(..tail.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(tail))
                && !text[..head_start].ends_with(char::is_alphanumeric)
            {
                return Some(head_start);
            }
        }
        None
    }
}

/// Whether a character at the edge of comment text is mere decoration: neither text, nor a quote, nor a tag.
pub(crate) fn is_decoration(letter: char) -> bool {
    !letter.is_alphanumeric()
        && !matches!(
            letter,
            '"' | '`' | '\'' | '@' | '$' | '%' | '&' | '“' | '”' | '‘' | '’' | '«' | '»'
        )
}

/// What follows the letters of the marker: how much of it still belongs to the marker, and whether it opens a claim.
///
/// `None`: it is another word, or prose.
fn claim_after(text: &str) -> Option<(usize, Evidence)> {
    let mut rest = text;
    let plural = rest
        .strip_prefix(['s', 'S'])
        .filter(|after| !after.starts_with(char::is_alphanumeric));
    if let Some(after) = plural {
        rest = after;
    }
    if rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    rest = rest.trim_start_matches(['*', '_']);
    let spaced = rest.trim_start_matches(is_blank);
    let after_blank = spaced.len() < rest.len();
    // Like `TODO(name):`
    let unbracketed = spaced
        .strip_prefix(['(', '['])
        .and_then(|inner| {
            inner
                .find([')', ']'])
                .filter(|end| *end <= 80)
                .map(|end| &inner[end + 1..])
        })
        .map(|after| after.trim_start_matches(is_blank))
        .filter(|after| after.starts_with(COLONS));
    rest = unbracketed.unwrap_or(spaced);

    let consumed = |rest: &str| text.len() - rest.len();
    if rest.starts_with(COLONS) {
        let evidence = if plural.is_some() {
            Evidence::NeedsSemicolon
        } else {
            Evidence::Strong
        };
        return Some((consumed(rest.trim_start_matches(COLONS)), evidence));
    }
    if plural.is_some() {
        return None;
    }
    let after_dash = rest.trim_start_matches(is_dash);
    let dash_ends = after_dash.is_empty() || after_dash.starts_with(is_blank);
    if after_dash.len() < rest.len() && (after_blank || dash_ends || !rest.starts_with('-')) {
        return Some((consumed(after_dash), Evidence::Strong));
    }
    if rest.starts_with(SEMICOLONS) {
        return Some((
            consumed(rest.trim_start_matches(SEMICOLONS)),
            Evidence::Strong,
        ));
    }
    let next_word: String = rest
        .chars()
        .take_while(|letter| letter.is_alphanumeric())
        .take(12)
        .collect();
    if PROSE_AFTER.contains(&next_word.to_lowercase().as_str())
        || rest.starts_with(['"', '`', '\'', '”'])
    {
        return None;
    }
    Some((consumed(rest), Evidence::Weak))
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

fn is_dash(letter: char) -> bool {
    matches!(
        letter,
        '-' | '=' | '>' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '→' | '－' | '﹘' | '﹣'
    )
}

/// Runs of letters, and runs of digits.
fn runs(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut start = None;
    let mut previous: Option<char> = None;
    for (at, letter) in text.char_indices() {
        let continues = letter.is_alphanumeric()
            && previous.is_some_and(|before| {
                before.is_alphanumeric() && before.is_numeric() == letter.is_numeric()
            });
        if !continues {
            if let Some(from) = start.take() {
                runs.push(&text[from..at]);
            }
            start = letter.is_alphanumeric().then_some(at);
        }
        previous = Some(letter);
    }
    runs.extend(start.map(|from| &text[from..]));
    runs
}

/// A pattern for a run in any letter case; ASCII runs match ASCII only, as the search over bytes does.
fn any_letter_case(run: &str) -> String {
    let flags = if run.is_ascii() { "i-u" } else { "i" };
    format!("(?{flags}:{run})")
}

fn skeleton(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
