//! Text of another language inside the text: here-documents and the block scalars of YAML.

use super::super::rule::Heredoc;
use super::{
    Awaited, DATA_LEADERS, HeredocEnd, LOOKUPS_WITHOUT_END, Lexer, first_word, is_space, is_word,
    leader_end,
};

impl<'t> Lexer<'t> {
    pub(super) fn takes_heredoc(&mut self, open: &str, kind: Heredoc) -> bool {
        let bytes = self.text.as_bytes();
        let line_end = self.line_end();
        let mut index = self.at.position + open.len();
        let byte = |index: usize| {
            if index < line_end {
                bytes[index]
            } else {
                b'\n'
            }
        };
        if matches!(byte(index), b'-' | b'~') {
            index += 1;
        }
        while matches!(kind, Heredoc::Shell | Heredoc::Word) && matches!(byte(index), b' ' | b'\t')
        {
            index += 1;
        }
        let quote = Some(byte(index))
            .filter(|byte| matches!(byte, b'"' | b'\'' | b'`') && kind != Heredoc::Hcl);
        if quote.is_some() || byte(index) == b'\\' {
            index += 1;
        }
        let start = index;
        while match quote {
            Some(quote) => byte(index) != quote && byte(index) != b'\n',
            None => is_word(byte(index)) || (kind == Heredoc::Hcl && byte(index) == b'-'),
        } {
            index += 1;
        }
        let first = byte(start);
        let tagged =
            index > start && (quote.is_some() || first == b'_' || first.is_ascii_alphabetic());
        // Ruby's `list <<item` is more often an append: its tags are in capitals.
        let append = kind == Heredoc::Ruby && quote.is_none() && !first.is_ascii_uppercase();
        let Some(tag) = self.text.get(start..index).filter(|_| tagged && !append) else {
            return false;
        };
        if !self.closes_later(tag) {
            return false;
        }
        let command = self
            .at
            .code_start
            .and_then(|start| bytes.get(start..start + 3));
        let comments = kind == Heredoc::Docker
            && command.is_some_and(|word| word.eq_ignore_ascii_case(b"run"));
        let end = if kind == Heredoc::Word {
            HeredocEnd::FirstWord
        } else {
            HeredocEnd::WholeLine
        };
        self.awaited.push(Awaited::Heredoc { tag, end, comments });
        let after = index + usize::from(quote.is_some());
        self.taken(after - self.at.position)
    }

    /// Whether some later line begins with the first word of a tag: if not, `<<` was no here-document.
    pub(super) fn closes_later(&mut self, tag: &str) -> bool {
        let text = self.text;
        let last_lines = self.last_lines.get_or_insert_with(|| {
            let lines = text.split_inclusive('\n').scan(0, |start, line| {
                let line_start = *start;
                *start += line.len();
                Some((first_word(line.trim_start()), line_start))
            });
            lines.collect()
        });
        last_lines
            .get(first_word(tag))
            .is_some_and(|line_start| *line_start > self.at.position)
    }

    /// At the start of a line: passes over the data that was announced on the line before.
    pub(super) fn begin_awaited(&mut self) {
        for awaited in std::mem::take(&mut self.awaited) {
            match awaited {
                Awaited::Heredoc { tag, end, comments } => self.heredoc(tag, end, comments),
                Awaited::BlockScalar {
                    parent,
                    indentation,
                } => self.block_scalar(parent, indentation),
            }
        }
    }

    pub(super) fn heredoc(&mut self, tag: &str, end: HeredocEnd, comments: bool) {
        if self.failed_lookups >= LOOKUPS_WITHOUT_END {
            return;
        }
        let (begin, comment_count) = (self.at, self.comments.len());
        let outside_count = self.outside.len();
        while self.at.position < self.text.len() {
            let line_end = self.line_end();
            let line = self.text[self.at.position..line_end].trim();
            let ends = match end {
                HeredocEnd::WholeLine => line == tag,
                HeredocEnd::FirstWord => first_word(line) == tag,
            };
            if ends {
                let tag_start = line_end - self.text[self.at.position..line_end].trim_start().len();
                self.step_over(tag_start + tag.len() - self.at.position);
                return;
            }
            self.comment_of_data(comments, line_end);
            self.at.position = line_end;
            self.pass();
        }
        // It never ends: then it was none.
        self.failed_lookups += 1;
        self.comments.truncate(comment_count);
        self.outside.truncate(outside_count);
        self.at = begin;
    }

    /// Yields this line of data if it is a comment of the language in it, or ends with one: where the data is known for a
    /// script, what `#` begins; elsewhere what holds what is sought, and what goes on below.
    pub(super) fn comment_of_data(&mut self, is_script: bool, line_end: usize) {
        let from = self.at.position;
        self.at.position += self.spaces();
        let text = self.text;
        let (begin, line) = (self.at.position, &text[self.at.position..line_end]);
        let sought = self.sought.and_then(|sought| line.find(sought));
        if is_script && line.starts_with('#') {
            self.line_comment("#", line_end);
            return;
        }
        let leads = |leader: &&&str| line.starts_with(**leader);
        let goes_on = self.data_leader.filter(|(leader, number)| {
            number + 1 == self.at.line_number && line.starts_with(leader)
        });
        let leader = match sought {
            Some(_) => DATA_LEADERS.iter().find(leads).copied(),
            None => goes_on.map(|(leader, _)| leader),
        };
        if let Some(leader) = leader {
            self.data_leader = Some((leader, self.at.line_number));
            self.line_comment(leader, line_end);
            return;
        }
        let Some(sought) = sought else { return };
        let before = &line[..sought];
        let trailing = DATA_LEADERS.iter().filter_map(|leader| {
            let mut found = before.match_indices(leader);
            let opens = found.find(|(at, _)| {
                let code = &before[..*at];
                code.ends_with([' ', '\t'])
                    && ['"', '\'']
                        .iter()
                        .all(|quote| code.matches(*quote).count() % 2 == 0)
            });
            Some((opens?.0, *leader))
        });
        match trailing.min() {
            Some((at, leader)) => {
                let start = begin + at;
                let end = leader_end(text, start, leader, line_end);
                self.emit(start, end, line_end, true, None);
            }
            None => self.outside.push(self.at.line_number),
        }
        self.at.position = from;
    }

    pub(super) fn expects_yaml_value(&self) -> bool {
        if !self.has_code_on_line() {
            return true;
        }
        let line = &self.text.as_bytes()[self.at.line_start..self.at.position];
        let Some(last) = line.last() else { return true };
        if !is_space(*last) {
            return matches!(last, b'[' | b'{' | b',' | b':' | b'(');
        }
        // After a tag or an anchor: `!Sub "..."`.
        let token = line.trim_ascii_end();
        let length = token
            .iter()
            .rev()
            .take(128)
            .take_while(|byte| !is_space(**byte))
            .count();
        let token = &token[token.len() - length..];
        matches!(token.first(), Some(b'!' | b'&'))
            || matches!(token.last(), Some(b':' | b'-' | b',' | b'[' | b'{' | b'?'))
    }

    pub(super) fn takes_block_scalar(&mut self) -> bool {
        let before = &self.text[self.at.line_start..self.at.position];
        if (!before.is_empty() && !before.ends_with([' ', '\t'])) || !self.expects_yaml_value() {
            return false;
        }
        let line = &self.text[self.at.position + 1..self.line_end()];
        let is_indicator = |byte: &u8| matches!(byte, b'+' | b'-') || byte.is_ascii_digit();
        let (indicators, header) =
            line.split_at(line.bytes().take(3).take_while(is_indicator).count());
        let rest = header.trim_start();
        let commented = rest.starts_with('#') && header.starts_with([' ', '\t']);
        if indicators.len() > 2 || !(rest.is_empty() || commented) {
            return false;
        }
        // The column of the innermost key or list item on this line is what the content must be deeper than.
        let mut column = before.len() - before.trim_start().len();
        let mut parent =
            (!before.trim().is_empty() && !before.starts_with("---")).then_some(column);
        while let Some(item) = before[column..]
            .strip_prefix(['-', '?'])
            .filter(|item| item.starts_with(' '))
        {
            parent = Some(column);
            column = before.len() - item.trim_start().len();
        }
        if !before[column..].trim().is_empty() && parent.is_some() {
            parent = Some(column);
        }
        let digit = indicators
            .bytes()
            .find(u8::is_ascii_digit)
            .map(|digit| usize::from(digit - b'0'));
        let indentation = digit.map(|digit| digit + parent.unwrap_or(0));
        self.awaited.push(Awaited::BlockScalar {
            parent,
            indentation,
        });
        self.taken(1 + indicators.len())
    }

    pub(super) fn block_scalar(&mut self, parent: Option<usize>, mut indentation: Option<usize>) {
        while self.at.position < self.text.len() {
            let line_end = self.line_end();
            let line = &self.text[self.at.position..line_end];
            if !line.trim().is_empty() {
                let spaces = line.bytes().take_while(|byte| *byte == b' ').count();
                let needed = *indentation.get_or_insert(spaces);
                if spaces < needed || parent.is_some_and(|parent| spaces <= parent) {
                    return;
                }
                self.comment_of_data(true, line_end);
            }
            self.at.position = line_end;
            self.pass();
        }
    }
}
