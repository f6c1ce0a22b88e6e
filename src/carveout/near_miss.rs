//! Almost the marker: other letters, dashes, blanks or colons than the organisation's note prescribes.
//!
//! What counts as almost is derived from the configured marker alone. A near miss has to open its comment (or a clause
//! of it) and has to look like a claim; prose about carve-outs is none. This module looks at one line of comment text;
//! wrapping is the business of `marker`.

use regex::{Regex, bytes};

/// Longest marker accepted from the settings, in characters; beyond it, building the pattern would get slow.
const LONGEST_MARKER: usize = 120;

/// Separators that editors and people put where the marker has a dash or a blank.
const SEPARATORS: &str =
    r"[\s\p{Pd}_.:()\[\]~/·\x{2212}\x{00AD}\x{200B}-\x{200D}\x{2060}\x{FEFF}]*";

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
            let alternatives: Vec<String> =
                searched.iter().flat_map(|run| byte_patterns(run)).collect();
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
        if written.contains(is_quote) {
            return None;
        }
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
        // A letter more in front makes it another word, not a slip.
        let other_word = written_skeleton.len() > self.skeleton.len()
            && written_skeleton.ends_with(&self.skeleton);
        let slip = self.skeleton.chars().count() >= 8
            && same_note
            && !other_word
            && strsim::osa_distance(&written_skeleton, &self.skeleton) <= 1;
        slip.then_some(Spelling {
            start,
            end,
            evidence: Evidence::Strong,
        })
    }

    /// The marker, or almost, broken over lines: it begins in `text` and ends in `following`, the text of the lines
    /// after it. Its end is counted from the beginning of `following`.
    pub(crate) fn broken_over(&self, text: &str, following: &str) -> Option<Broken> {
        if following.is_empty() {
            return None;
        }
        let joined = format!("{text}\n{following}");
        let break_at = text.len();
        let spelling = self.near.find_iter(&joined).find_map(|found| {
            if found.start() >= break_at || found.end() <= break_at + 1 {
                return None;
            }
            let (length, evidence) = claim_after(&joined[found.end()..])?;
            Some(Spelling {
                start: found.start(),
                end: found.end() + length,
                evidence,
            })
        })?;
        let words = joined.get(spelling.start..spelling.end)?;
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Broken {
            start: spelling.start,
            end: spelling.end - break_at - 1,
            evidence: spelling.evidence,
            is_exact: words == self.exact,
        })
    }
}

/// A marker that is broken over lines; byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Where it begins in its first line.
    pub(crate) start: usize,
    /// Where it ends in the text of the lines after.
    pub(crate) end: usize,
    pub(crate) evidence: Evidence,
    /// But for the line breaks it is spelled as it should be.
    pub(crate) is_exact: bool,
}

/// Whether a character at the edge of comment text is mere decoration: neither text, nor a quote, nor a tag.
pub(crate) fn is_decoration(letter: char) -> bool {
    !letter.is_alphanumeric() && !is_quote(letter) && !matches!(letter, '@' | '$' | '%' | '&')
}

fn is_quote(letter: char) -> bool {
    matches!(letter, '"' | '`' | '\'' | '“' | '”' | '‘' | '’' | '«' | '»')
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
    rest = rest.trim_start_matches(['*', '_', ')', ']']);
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
    let mut letters = rest.chars();
    let glued = letters
        .next()
        .is_some_and(|letter| matches!(letter, '-' | '.' | '/' | '\''))
        && letters.next().is_some_and(char::is_alphanumeric);
    if glued && !after_blank {
        return None;
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

/// A pattern for a run in any letter case and width; ASCII runs match nothing else, as the search over bytes does.
fn any_letter_case(run: &str) -> String {
    if !run.is_ascii() {
        return format!("(?i:{run})");
    }
    let letters = run.chars().map(|letter| {
        let (lower, upper) = (letter.to_ascii_lowercase(), letter.to_ascii_uppercase());
        format!("[{lower}{upper}{}{}]", full_width(lower), full_width(upper))
    });
    letters.collect()
}

/// The full-width form of an ASCII letter or digit, as input methods for Chinese and Japanese write it.
fn full_width(letter: char) -> char {
    char::from_u32(letter as u32 + FULL_WIDTH_OFFSET).unwrap_or(letter)
}

/// A full-width letter as ASCII; any other as it is.
fn half_width(letter: char) -> char {
    if ('\u{FF01}'..='\u{FF5E}').contains(&letter) {
        char::from_u32(letter as u32 - FULL_WIDTH_OFFSET).unwrap_or(letter)
    } else {
        letter
    }
}

/// How far full-width forms are from ASCII.
const FULL_WIDTH_OFFSET: u32 = 0xFEE0;

/// What bytes may begin a run in any letter case and width, in UTF-8 or UTF-16: three letters, which tell enough.
fn byte_patterns(run: &str) -> [String; 4] {
    let pattern = |between: &str, bytes: &dyn Fn(char) -> String| {
        let letters = run.chars().take(3).map(bytes);
        letters.collect::<Vec<_>>().join(between)
    };
    let both = |letter: char| [letter.to_ascii_lowercase(), letter.to_ascii_uppercase()];
    let in_utf_8 = |letter: char| {
        let forms = both(letter).map(|letter| {
            let mut bytes = [0; 4];
            let encoded = full_width(letter).encode_utf8(&mut bytes).bytes();
            encoded
                .map(|byte| format!("\\x{byte:02x}"))
                .collect::<String>()
        });
        format!("(?:{})", forms.join("|"))
    };
    let low_byte = |letter: char| {
        let forms =
            both(letter).map(|letter| format!("\\x{:02x}", full_width(letter) as u32 & 0xFF));
        format!("[{}]", forms.concat())
    };
    [
        run.to_owned(),
        // UTF-16, in either byte order, puts a NUL between ASCII letters.
        run.chars()
            .map(String::from)
            .collect::<Vec<_>>()
            .join(r"\x00"),
        pattern("", &in_utf_8),
        // And 0xFF between full-width ones.
        pattern(r"\xff", &low_byte),
    ]
}

fn skeleton(text: &str) -> String {
    text.chars()
        .map(half_width)
        .filter(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::super::marker::tests::{markers, pattern};
    use super::super::marker::{MarkerFault, find_in, tests::simple_comments};
    use super::*;

    fn is_near_miss(text: &str) {
        let found = markers(text);
        assert_eq!(found.len(), 1, "{text}");
        let fault = found[0].fault.as_ref();
        assert!(
            matches!(fault, Some(MarkerFault::NearMiss { .. })),
            "{text}: {fault:?}"
        );
    }

    fn is_nothing(text: &str) {
        assert_eq!(markers(text), [], "{text}");
    }

    #[test]
    fn other_letters_dashes_blanks_and_colons_are_near_misses() {
        for spelled in [
            "zfn-3 carve-out:",
            "ZFN-3 Carve-Out:",
            "ZFN3 carve-out:",
            "ZFN 3 carve-out:",
            "ZFN_3 carve_out:",
            "ZFN–3 carve-out:",
            "ZFN—3 carve—out:",
            "ZFN\u{2011}3 carve\u{2011}out:",
            "ZFN-3\u{a0}carve-out:",
            "ZFN-3  carve-out:",
            "ZFN-3 carveout:",
            "ZFN-3 carve out:",
            "ZFN-3-carve-out:",
            "ZFN-3: carve-out:",
            "ZFN-3 (carve-out):",
            "[ZFN-3 carve-out]",
            "ZFN-3 carve-outs:",
            "ZFN-3 carve-out :",
            "ZFN-3 carve-out",
            "ZFN-3 carve-out -",
            "ZFN-3 carve-out --",
            "ZFN-3 carve-out—",
            "ZFN-3 carve-out：",
            "ZFN-3 carve-out =",
            "ZFN-3 carve-out;",
            "ZFN-3 carve-out (NET-12):",
            "**ZFN-3 carve-out**:",
        ] {
            let text = format!("# {spelled} inside VPC prod; public metrics\nx\n");
            is_near_miss(&text);
            let found = markers(&text).remove(0);
            assert_eq!(found.guarantee, "inside VPC prod", "{spelled}");
            assert_eq!(found.justification, "public metrics", "{spelled}");
        }
    }

    #[test]
    fn slips_synonyms_and_a_forgotten_first_word_are_near_misses() {
        for spelled in [
            "ZNF-3 carve-out:",
            "ZFN-3 carvout:",
            "ZFN carve-out:",
            "ZFN-3 exception:",
            "carve-out:",
        ] {
            is_near_miss(&format!("# {spelled} inside VPC prod; public metrics\nx\n"));
        }
        for spelled in [
            "ZFN-4 carve-out:",
            "ZFN-33 carve-out:",
            "ZFN-3:",
            "ZFN-3 carpet:",
            "carve:",
        ] {
            is_nothing(&format!("# {spelled} inside VPC prod; public metrics\nx\n"));
        }
        is_nothing("# carve-out: see the policy\n");
    }

    #[test]
    fn the_help_says_both_spellings() {
        let found = markers("# zfn3 carveout - a; b\n").remove(0);
        assert_eq!(found.spelled, "zfn3 carveout -");
        let help = "write `ZFN-3 carve-out:` instead of `zfn3 carveout -`".to_owned();
        assert_eq!(found.fault, Some(MarkerFault::NearMiss { help }));
    }

    #[test]
    fn a_semicolon_on_a_later_line_makes_a_claim() {
        is_near_miss("# ZFN-3 carve-out inside VPC prod,\n# never beyond; public metrics\nx\n");
        is_near_miss("# ZFN-3 carve-out\nx\n");
        is_nothing("# ZFN-3 carve-out inside VPC prod,\n# never beyond\nx\n");
    }

    #[test]
    fn a_marker_broken_over_two_lines_is_a_near_miss() {
        let text = "# ZFN-3\n# carve-out: a; b\nx\n";
        is_near_miss(text);
        let found = markers(text).remove(0);
        assert_eq!(
            (
                found.guarantee.as_str(),
                found.justification.as_str(),
                found.end_line
            ),
            ("a", "b", 2)
        );
        is_nothing("# see ZFN-3\n# carve-outs are listed; ask\nx\n");
        for text in [
            "# zfn3\n# carveout - a; b\nx\n",
            "# ZFN-3 carve-\n# out: a; b\nx\n",
            "# ZFN-3\n# carve\n# out: a; b\nx\n",
            "/* ZFN-3\n * carve-out: a; b */\nx\n",
        ] {
            is_near_miss(text);
            assert_eq!(markers(text)[0].guarantee, "a", "{text}");
        }
        for text in [
            "# This follows ZFN-3.\n# Carve-outs are listed; ask\n",
            "# All of this is ZFN-3\n# carve out your own rules; ask\n",
            "x = 1 # ZFN-3\ny = 2 # carve out\n",
        ] {
            is_nothing(text);
        }
    }

    #[test]
    fn full_width_letters_are_near_misses() {
        for spelled in [
            "ＺＦＮ－３ ｃａｒｖｅ－ｏｕｔ：",
            "ＺＦＮ－３　carve-out:",
            "ZFN-３ carve-out:",
            "ｚｆｎ3 carve-out:",
        ] {
            is_near_miss(&format!("# {spelled} a; b\nx\n"));
        }
        is_nothing("# ＺＦＮ－４ ｃａｒｖｅ－ｏｕｔ： a; b\nx\n");
    }

    #[test]
    fn prose_about_carve_outs_is_nothing() {
        for text in [
            "# see the ZFN-3 carve-out policy\n",
            "// all ZFN-3 carve-outs are listed in docs\n",
            "// ZFN-3 carve-outs are listed in docs; ask there\n",
            "# ZFN-3 carve-out policy: see docs; ask there\n",
            "# This follows from the\n# ZFN-3 carve-out rules; see docs\n",
            "# This is one\n# ZFN-3 carve-out among many; see docs\n",
            "# the zfn-3 carve-out: form is described; see docs\n",
            "# `zfn-3 carve-out: a; b` is wrong\n",
            "# ZFN-3 carve-out-free zone; see docs\n",
            "# ZFN-3 carve-outer: a; b\n",
            "# ZFN-3 applies here; see docs\n",
        ] {
            is_nothing(text);
        }
    }

    #[test]
    fn prefilter_sees_utf_16_and_any_letter_case_but_not_everything() {
        let wide = |text: &str| {
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>()
        };
        let wide_big = |text: &str| {
            text.encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect::<Vec<u8>>()
        };
        for text in [
            "# ZFN-3 carve-out: a; b",
            "# zfn3 x",
            "x = 1 # Zfn",
            "carve-out",
            "# ＺＦＮ",
            "ｃａｒｖｅ",
        ] {
            assert!(pattern().may_contain(text.as_bytes()));
            assert!(pattern().may_contain(&wide(text)));
            assert!(pattern().may_contain(&wide_big(text)));
        }
        assert!(!pattern().may_contain(b"z-f-n # out 3 \xff\x00"));
        assert!(!pattern().may_contain(b""));
    }

    #[test]
    fn other_markers_work_and_unsearchable_ones_are_refused() {
        let pattern = MarkerPattern::new(" (PLAINTEXT.OK) ").unwrap();
        let find = |text: &str| find_in(&simple_comments(text), text, &pattern);
        assert_eq!(find("# (PLAINTEXT.OK) a; b\n")[0].fault, None);
        assert_eq!(find("# plaintext ok: a; b\n").len(), 1);
        assert!(
            MarkerPattern::new("Ausnahme für Übertragung:")
                .unwrap()
                .may_contain(b"# Ausnahme")
        );
        assert_eq!(
            MarkerPattern::new(" :- ").unwrap_err(),
            InvalidMarker::NoLetters(":-".to_owned())
        );
        assert_eq!(
            MarkerPattern::new(&"a".repeat(500)).unwrap_err(),
            InvalidMarker::TooLong(500)
        );
        assert!(!MarkerPattern::new("ÜBER:").unwrap().exact().is_empty());
    }
}
