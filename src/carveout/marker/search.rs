//! Where carve-outs begin in the lines of a comment, and how far each goes.

use std::collections::BTreeSet;
use std::ops::Range;

use super::MarkerFault;
use super::shapes::{
    MOST_PER_LINE, Position, before_brackets, before_suppression, continues, continues_prose,
    has_words, is_complete, is_mention, is_part_of_word, is_quoted, is_talked_of, next_line,
    position, split_claim, starts_remark, unbracketed, undecorated, untagged,
};
use crate::carveout::comments::CommentLine;
use crate::carveout::near_miss::{Evidence, MarkerPattern, SEMICOLONS, Spelling};

/// How far behind a marker in the middle of a sentence a claim is looked for.
const MOST_LINES_OF_MENTION: usize = 4;

/// Most lines that one carve-out is followed over.
const MOST_LINES: usize = 100;

/// Where a carve-out begins in a line of comment text.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub(super) spelling: Spelling,
    pub(super) exact: bool,
    /// The marker is broken over this line and so many more, in the last of which it ends at this byte.
    pub(super) ends_later: Option<(usize, usize)>,
}

pub(super) fn openings(
    comments: &[CommentLine<'_>],
    index: usize,
    pattern: &MarkerPattern,
) -> Vec<Opening> {
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
            let says_both = || {
                let lines = (index..comments.len()).take(MOST_LINES_OF_MENTION);
                let rest: Vec<&str> = std::iter::once(after)
                    .chain(lines.map_while(|index| Some(next_line(comments, index)?.text)))
                    .collect();
                is_complete(&rest)
            };
            // What is said in full is no remark about carve-outs, whatever stands before it.
            !is_quoted(before, after, following)
                && !is_part_of_word(before)
                && (!is_mention(before) || !is_talked_of(before) && says_both())
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
pub(super) struct Claim {
    pub(super) end_index: usize,
    pub(super) guarantee: String,
    pub(super) justification: String,
    pub(super) fault: Option<MarkerFault>,
    pub(super) spelled: String,
    pub(super) corrections: Vec<LineCorrection>,
}

/// Bytes of the text of a comment line, and what to write in their place.
pub(super) struct LineCorrection {
    pub(super) index: usize,
    pub(super) range: Range<usize>,
    pub(super) replacement: String,
}

/// The comment lines of a file, and where carve-outs may begin in them.
pub(super) struct Scan<'s, 't> {
    pub(super) comments: &'s [CommentLine<'t>],
    pub(super) openings: Vec<Vec<Opening>>,
    pub(super) pattern: &'s MarkerPattern,
}

impl Scan<'_, '_> {
    /// The carve-out that begins at an opening; `None` if it turns out to be prose.
    pub(super) fn claim(&self, index: usize, nth: usize) -> Option<Claim> {
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
            untagged(undecorated(&joined)),
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
                help: format!(
                    "write `{exact_spelling}`{place} instead of `{spelled}`{}",
                    unlike(&spelled, exact_spelling)
                ),
            })
        } else if joined.is_empty() {
            Some(MarkerFault::Malformed)
        } else if let Some(other) = split.separator.filter(|separator| *separator != ';') {
            Some(MarkerFault::NearMiss {
                help: format!(
                    "write `;` instead of `{other}` ({}) between guarantee and justification",
                    code_point(other)
                ),
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

/// Characters of a spelling that look like others, or like nothing, by their code points: what nobody can see.
fn unlike(spelled: &str, exact: &str) -> String {
    let is_strange = |letter: &char| !letter.is_ascii() && !exact.contains(*letter);
    let strange: BTreeSet<char> = spelled.chars().filter(is_strange).collect();
    let named: Vec<String> = strange.into_iter().map(code_point).collect();
    if named.is_empty() {
        String::new()
    } else {
        format!(", which holds {}", named.join(" and "))
    }
}

/// A character by its number, and its name where people know it by that.
fn code_point(letter: char) -> String {
    let name = match letter {
        '\u{a0}' => "a no-break space",
        '\u{ad}' => "a soft hyphen",
        '\u{2010}' | '\u{2011}' => "another hyphen",
        '\u{2012}' | '\u{2013}' => "an en dash",
        '\u{2014}' | '\u{2015}' => "an em dash",
        '\u{2212}' => "a minus sign",
        '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => "another space",
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => "something without width",
        '\u{400}'..='\u{52f}' => "a Cyrillic letter",
        '\u{370}'..='\u{3ff}' => "a Greek letter",
        '\u{ff00}'..='\u{ffef}' => "a letter of full width",
        _ => "",
    };
    let number = format!("U+{:04X}", u32::from(letter));
    if name.is_empty() {
        number
    } else {
        format!("{name}, {number}")
    }
}
