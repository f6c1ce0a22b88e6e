//! The code that comments stand in, and where in a text a place lies.

use super::Anchor;
use super::shapes::has_words;
use crate::carveout::comments::CommentLine;

/// The lines of a file, and which of them hold code.
pub(super) struct Source<'s, 't> {
    lines: Vec<&'t str>,
    comments: &'s [CommentLine<'t>],
    /// For each line (from 0): it, or the first one after it that holds code.
    next_code: Vec<Option<usize>>,
}

impl<'s, 't> Source<'s, 't> {
    pub(super) fn new(text: &'t str, comments: &'s [CommentLine<'t>]) -> Self {
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

    pub(super) fn line(&self, number: usize) -> &'t str {
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
    pub(super) fn text_range(&self, comment: &CommentLine<'_>) -> Option<(usize, usize)> {
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
    pub(super) fn anchor(&self, first_index: usize, last_index: usize) -> Option<Anchor> {
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
pub(super) struct Columns {
    line: usize,
    byte: usize,
    characters: usize,
}

impl Columns {
    /// The column, from 1, of a byte in a line. Places of a line are asked for in order.
    pub(super) fn column(&mut self, number: usize, line: &str, byte: usize) -> usize {
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
pub(super) fn offset_in(whole: &str, part: &str) -> Option<usize> {
    let offset = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
    (offset + part.len() <= whole.len()).then_some(offset)
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
