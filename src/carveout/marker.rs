//! The exact form `<marker> <guarantee>; <justification>`, wrapped over the lines of a comment.
//!
//! A carve-out with a fault (a half missing, the marker misspelled) is still a carve-out and is returned. A mention of
//! the marker in quotes or in the middle of a sentence is none. This module does not know comment syntax (`comments`
//! does), nor what a guarantee means.

use std::ops::Range;

use super::comments::{CommentLine, Comments, comments_with};
use super::near_miss::{Evidence, MarkerPattern};

mod search;
mod shapes;
mod source;
#[cfg(test)]
pub(crate) mod tests;

use search::{Opening, Scan, openings};
use shapes::is_quoted;
use source::{Columns, Source, offset_in};

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

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    /// The carve-outs in its comments, in order, with and without fault.
    pub markers: Vec<Marker>,
    /// The lines, from 1, on which the exact marker stands where no comment is known: outside strings, quotes and prose, and not
    /// counted among the carve-outs.
    pub outside: Vec<usize>,
}

/// The carve-outs in the comments of a file, in order, with and without fault.
#[must_use]
pub fn find(path: &str, text: &str, pattern: &MarkerPattern) -> Vec<Marker> {
    look(path, text, pattern).markers
}

/// The carve-outs of a file, and where else its text has the exact marker.
#[must_use]
pub fn look(path: &str, text: &str, pattern: &MarkerPattern) -> Holds {
    if !pattern.may_contain(text.as_bytes()) {
        return Holds::default();
    }
    let Comments { lines, mut outside } = comments_with(path, text, pattern.exact());
    let markers = find_in(&lines, text, pattern);
    if !outside.is_empty() {
        let of_text: Vec<&str> = text.lines().collect();
        outside.retain(|number| {
            let line = number.checked_sub(1).and_then(|index| of_text.get(index));
            line.is_some_and(|line| {
                let mut places = pattern.exact_in(line);
                places.any(|place| !is_quoted(&line[..place.start], &line[place.end..], ""))
            })
        });
    }
    Holds { markers, outside }
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
