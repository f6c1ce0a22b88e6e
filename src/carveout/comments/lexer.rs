//! The lexer that the table drives: one pass over the text, tells comment from string from code.
//!
//! It never recurses: strings with code in them (`"${..}"`) are frames on a stack. What opens but never closes in the
//! file is taken back and ends with its line, so that a stray quote cannot hide every comment after it.

mod data;
mod json;
mod strings;

use std::collections::HashMap;

use super::CommentLine;
use super::rule::{Block, Hole, Line, Place, Quoted, Rule};

/// Keys whose string value is a comment, where the format has no other.
const JSON_COMMENT_KEYS: [&str; 4] = ["@comment", "_comment", "$comment", "//"];

/// What opens a comment in one language or another, for text whose language nobody tells; a longer one stands first.
const DATA_LEADERS: [&str; 9] = ["<!--", "{{/*", "{#", "/*", "//", "--", "#", ";", "%"];

/// So many raw strings without an end may be looked for, each to the end of the text; later ones open nothing.
const LOOKUPS_WITHOUT_END: usize = 64;

/// The comment lines of a text in which these rules hold, and the lines on which `sought` stands in what is neither comment
/// nor string. In text inside the text only the lines with it, and those that go on below, count as comments.
pub(super) fn comments<'t>(
    text: &'t str,
    overlay: &'static [Rule],
    rules: &'static [Rule],
    sought: Option<&'t str>,
) -> (Vec<CommentLine<'t>>, Vec<usize>) {
    Lexer {
        sought: sought.filter(|sought| !sought.is_empty()),
        outside: Vec::new(),
        data_leader: None,
        text,
        at: Cursor::default(),
        overlay,
        rules,
        frames: Vec::new(),
        awaited: Vec::new(),
        one_line_only: Vec::new(),
        failed_lookups: 0,
        last_lines: None,
        blocks: 0,
        comments: Vec::new(),
    }
    .run()
}

/// Where the lexer is.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    position: usize,
    line_number: usize,
    line_start: usize,
    /// A position on this line, and how many characters stand before it.
    measured: (usize, usize),
    /// Where this line ends, once somebody asked.
    line_end: Option<usize>,
    /// Where the code of this line begins, if there was any yet.
    code_start: Option<usize>,
    /// There was more on this line than brackets that open and commas.
    beyond_brackets: bool,
    /// The last byte of code that is not white space.
    previous: u8,
}

impl Default for Cursor {
    fn default() -> Self {
        Self {
            position: 0,
            line_number: 1,
            line_start: 0,
            measured: (0, 0),
            line_end: None,
            code_start: None,
            beyond_brackets: false,
            previous: 0,
        }
    }
}

/// What the lexer is inside of.
#[derive(Debug)]
enum Frame {
    String(OpenString),
    /// Code inside a string, with so many inner brackets open.
    Hole {
        hole: Hole,
        depth: usize,
    },
    /// Another language; `rules` are those to go back to.
    Island {
        close: &'static str,
        rules: &'static [Rule],
    },
}

#[derive(Debug)]
struct OpenString {
    quoted: Quoted,
    /// Where it opened, and what was known there, to go back to if it never closes.
    opened: Cursor,
    comments: usize,
    outside: usize,
    blocks: usize,
    /// Indentation of the line that it opened on.
    indentation: usize,
}

/// What begins on the next line.
#[derive(Debug)]
enum Awaited<'t> {
    Heredoc {
        tag: &'t str,
        end: HeredocEnd,
        comments: bool,
    },
    /// A YAML block scalar below a key at this column (`None`: the document); its own indentation where it is written down.
    BlockScalar {
        parent: Option<usize>,
        indentation: Option<usize>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeredocEnd {
    WholeLine,
    FirstWord,
}

struct Lexer<'t> {
    text: &'t str,
    sought: Option<&'t str>,
    outside: Vec<usize>,
    /// What opened the comment on a line of data, and on which line.
    data_leader: Option<(&'static str, usize)>,
    at: Cursor,
    /// Rules that hold everywhere (comments of a template), tried first.
    overlay: &'static [Rule],
    rules: &'static [Rule],
    frames: Vec<Frame>,
    awaited: Vec<Awaited<'t>>,
    /// Openers of strings that turned out not to close: from then on they end with their line.
    one_line_only: Vec<&'static str>,
    failed_lookups: usize,
    /// The last line (by its start) that begins with this word; made for the first here-document.
    last_lines: Option<HashMap<&'t str, usize>>,
    blocks: usize,
    comments: Vec<CommentLine<'t>>,
}

impl<'t> Lexer<'t> {
    fn run(mut self) -> (Vec<CommentLine<'t>>, Vec<usize>) {
        loop {
            while self.at.position < self.text.len() {
                match self.frames.last() {
                    Some(Frame::String(open)) => {
                        let (quoted, indentation) = (open.quoted, open.indentation);
                        self.string(quoted, indentation);
                    }
                    _ => self.code(),
                }
            }
            if !self.take_back_unclosed() {
                self.outside.dedup();
                return (self.comments, self.outside);
            }
        }
    }

    /// At the end of the text: goes back to the first string that is still open, which from now on ends with its line.
    fn take_back_unclosed(&mut self) -> bool {
        let unclosed = self.frames.iter().position(
            |frame| matches!(frame, Frame::String(open) if !self.one_line_only.contains(&open.quoted.open)),
        );
        let Some(index) = unclosed else { return false };
        let Some(Frame::String(open)) = self.frames.drain(index..).next() else {
            return false;
        };
        self.one_line_only.push(open.quoted.open);
        self.at = open.opened;
        self.comments.truncate(open.comments);
        self.outside.truncate(open.outside);
        self.blocks = open.blocks;
        self.awaited.clear();
        true
    }

    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at.position.min(self.text.len())..]
    }

    fn peek(&self) -> u8 {
        self.rest().first().copied().unwrap_or(0)
    }

    fn sees(&self, token: &str) -> bool {
        self.rest().starts_with(token.as_bytes())
    }

    fn sees_any_case(&self, token: &str) -> bool {
        self.rest()
            .get(..token.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// Takes one byte, code or string.
    fn step(&mut self) {
        let byte = self.peek();
        self.at.position += 1;
        if byte == b'\n' {
            self.begin_line();
        } else if !is_space(byte) {
            self.at.code_start.get_or_insert(self.at.position - 1);
            self.at.beyond_brackets |= !matches!(byte, b'{' | b'[' | b',');
            self.at.previous = byte;
        }
    }

    fn step_over(&mut self, length: usize) {
        let end = (self.at.position + length).min(self.text.len());
        while self.at.position < end {
            self.step();
        }
    }

    /// Notes that `position` is the start of a line.
    fn begin_line(&mut self) {
        self.at.line_number += 1;
        self.at.line_start = self.at.position;
        self.at.measured = (self.at.position, 0);
        self.at.line_end = None;
        self.at.code_start = None;
        self.at.beyond_brackets = false;
    }

    /// End of the line that `position` is on, without its line feed.
    fn line_end(&mut self) -> usize {
        let (start, rest) = (self.at.position, self.rest());
        let find_end =
            || memchr::memchr(b'\n', rest).map_or(self.text.len(), |length| start + length);
        *self.at.line_end.get_or_insert_with(find_end)
    }

    fn has_code_on_line(&self) -> bool {
        self.at.code_start.is_some()
    }

    /// How far this line is indented.
    fn indentation(&self) -> usize {
        self.at.code_start.unwrap_or(self.at.position) - self.at.line_start
    }

    /// The column, from 1 and in characters, of a position on this line. Positions come in order, so that a line is measured once.
    fn column(&mut self, position: usize) -> usize {
        let (from, before) = self.at.measured;
        let between = self
            .text
            .get(from..position)
            .map_or(0, |between| between.chars().count());
        self.at.measured = (position, before + between);
        before + between + 1
    }

    fn code(&mut self) {
        let byte = self.peek();
        if is_space(byte) {
            if byte == b'\n' && !self.awaited.is_empty() {
                self.step();
                self.begin_awaited();
            } else {
                self.step();
            }
            return;
        }
        match self.frames.last_mut() {
            Some(Frame::Hole { hole, depth }) => {
                if byte == hole.close && *depth == 0 {
                    self.frames.pop();
                    self.step();
                    return;
                }
                if byte == hole.close {
                    *depth -= 1;
                } else if byte == hole.nest {
                    *depth += 1;
                }
            }
            Some(Frame::Island { close, rules }) => {
                let (close, rules) = (*close, *rules);
                if self.sees_any_case(close) {
                    self.rules = rules;
                    self.frames.pop();
                    self.step_over(close.len());
                    return;
                }
            }
            _ => {}
        }
        let (overlay, rules) = (self.overlay, self.rules);
        if overlay.iter().chain(rules).any(|rule| self.takes(rule)) {
            return;
        }
        if self.sought.is_some_and(|sought| self.sees(sought)) {
            self.outside.push(self.at.line_number);
        }
        if is_word(byte) {
            let length = self
                .rest()
                .iter()
                .take_while(|byte| is_word(**byte))
                .count();
            self.step_over(length);
        } else {
            self.step();
        }
    }

    /// Whether the rule fits here; if so, what it covers is taken.
    fn takes(&mut self, rule: &'static Rule) -> bool {
        match rule {
            Rule::Line(line) => self.takes_line(line),
            Rule::Block(block) => self.takes_block(block),
            Rule::Quoted(quoted) => self.takes_quoted(quoted),
            Rule::Character(place) => self.peek() == b'\'' && self.takes_character(*place),
            Rule::RustRawString => self.takes_rust_raw_string(),
            Rule::CppRawString => self.takes_cpp_raw_string(),
            Rule::SwiftRawString => self.takes_swift_raw_string(),
            Rule::LuaLong { open, comment } => self.takes_lua_long(open, *comment),
            Rule::Heredoc(open, kind) => self.sees(open) && self.takes_heredoc(open, *kind),
            Rule::Regex => self.peek() == b'/' && self.takes_regex(),
            Rule::Percent => {
                self.peek() == b'%' && self.expects_operand() && self.takes_delimited(1, true)
            }
            Rule::Sigil => self.peek() == b'~' && self.takes_delimited(1, false),
            Rule::PerlQuote => self.takes_perl_quote(),
            Rule::BlockScalar => matches!(self.peek(), b'|' | b'>') && self.takes_block_scalar(),
            Rule::JsonString => self.peek() == b'"' && self.takes_json_string(),
            Rule::Island { open, close, rules } => {
                self.sees_any_case(open) && self.takes_island(open, close, rules)
            }
            Rule::End { word, rules } => self.sees(word) && self.takes_end(word, rules),
            Rule::Skip(characters) => self.sees(characters) && self.taken(characters.len()),
            Rule::SkipEscape => self.peek() == b'\\' && self.taken(2),
        }
    }

    fn taken(&mut self, length: usize) -> bool {
        self.step_over(length);
        true
    }

    fn is_at(&self, place: Place) -> bool {
        let before = self
            .at
            .position
            .checked_sub(1)
            .map(|index| self.text.as_bytes()[index]);
        match place {
            Place::Anywhere => true,
            Place::FirstColumn => self.at.position == self.at.line_start,
            Place::LineStart => !self.has_code_on_line(),
            Place::AfterSpace => before.is_none_or(is_space),
            Place::WordStart => {
                before.is_none_or(|byte| is_space(byte) || b";&|()".contains(&byte))
            }
            Place::NotAfterWord => {
                before.is_none_or(|byte| !is_word(byte) && !b")]}'".contains(&byte))
            }
            Place::YamlValue => self.expects_yaml_value(),
        }
    }

    fn takes_line(&mut self, line: &Line) -> bool {
        let opens = if line.any_case {
            self.sees_any_case(line.open)
        } else {
            self.sees(line.open)
        };
        if !opens || !self.is_at(line.place) {
            return false;
        }
        let end = self.line_end();
        let end = match self.frames.last() {
            // `// .. ?>` and `// .. </script>` end with the island.
            Some(Frame::Island { close, .. }) => {
                find(&self.text.as_bytes()[self.at.position..end], close)
                    .map_or(end, |length| self.at.position + length)
            }
            _ => end,
        };
        if line.string {
            self.step_over(end - self.at.position);
        } else {
            self.line_comment(line.open, end);
        }
        true
    }

    /// Yields the comment from here to `end`, and goes there.
    fn line_comment(&mut self, open: &str, end: usize) {
        let start = self.at.position;
        let leader_end = leader_end(self.text, start, open, end);
        self.emit(start, leader_end, end, self.has_code_on_line(), None);
        self.at.position = end;
    }

    fn takes_block(&mut self, block: &Block) -> bool {
        if !self.sees(block.open) || !self.is_at(block.place) {
            return false;
        }
        self.blocks += 1;
        let number = Some(self.blocks);
        let bytes = self.text.as_bytes();
        let (mut start, mut first, trailing) = (self.at.position, true, self.has_code_on_line());
        let mut depth = 1;
        self.at.position += block.open.len();
        loop {
            let closes = self.sees(block.close);
            let ends = self.at.position >= bytes.len();
            if closes {
                depth -= 1;
            }
            if ends || (closes && depth == 0) || self.peek() == b'\n' {
                let end = self.at.position;
                if first {
                    let leader_end = leader_end(self.text, start, block.open, end);
                    self.emit(start, leader_end, end, trailing, number);
                } else {
                    self.inner_line(start, end, block, number);
                }
            }
            if ends {
                return true;
            }
            if closes && depth == 0 {
                for _ in 0..block.close.len() {
                    self.pass();
                }
                return true;
            }
            if closes {
                self.at.position += block.close.len();
            } else if block.nested && self.sees(block.open) {
                depth += 1;
                self.at.position += block.open.len();
            } else {
                let line_ends = self.peek() == b'\n';
                self.pass();
                if line_ends {
                    (start, first) = (self.at.position, false);
                }
            }
        }
    }

    /// Takes one byte that is no code.
    fn pass(&mut self) {
        let byte = self.peek();
        self.at.position += 1;
        if byte == b'\n' {
            self.begin_line();
        }
    }

    fn inner_line(&mut self, start: usize, end: usize, block: &Block, number: Option<usize>) {
        let line = &self.text[start..end];
        let start = start + (line.len() - line.trim_start().len());
        let stars = if block.open.contains('*') {
            line.trim_start()
                .bytes()
                .take_while(|byte| *byte == b'*')
                .count()
        } else {
            0
        };
        self.emit(start, start + stars, end, false, number);
    }

    fn emit(
        &mut self,
        start: usize,
        leader_end: usize,
        end: usize,
        trailing: bool,
        block: Option<usize>,
    ) {
        let column = self.column(start);
        let (Some(leader), Some(text)) = (
            self.text.get(start..leader_end),
            self.text.get(leader_end..end),
        ) else {
            return;
        };
        self.comments.push(CommentLine {
            line: self.at.line_number,
            column,
            leader,
            text: text.trim_end(),
            trailing,
            block,
        });
    }

    /// Takes the line that ends the code, and leaves what follows to other rules. Inside a string it ends nothing.
    fn takes_end(&mut self, word: &str, rules: &'static [Rule]) -> bool {
        let line = self.at.position..self.line_end();
        let is_whole = self.at.position == self.at.line_start
            && self
                .text
                .get(line)
                .is_some_and(|line| line.trim_end() == word);
        if !is_whole || !self.frames.is_empty() {
            return false;
        }
        self.rules = rules;
        self.taken(word.len())
    }

    fn takes_island(&mut self, open: &str, close: &'static str, rules: &'static [Rule]) -> bool {
        if open.as_bytes().last().is_some_and(u8::is_ascii_alphabetic) {
            let tag = self.rest();
            if tag.get(open.len()).copied().is_some_and(is_word) {
                return false;
            }
            // `<script src=".." />` has no inside.
            let line = &tag[..self.line_end() - self.at.position];
            if memchr::memchr(b'>', line).is_some_and(|end| end > 0 && line[end - 1] == b'/') {
                return false;
            }
        }
        self.step_over(open.len());
        self.frames.push(Frame::Island {
            close,
            rules: self.rules,
        });
        self.rules = rules;
        true
    }
}

/// Where the leader ends: the opener, its last character repeated (`##`, `///`, `/**`), and `!` or `<` of a doc comment.
fn leader_end(text: &str, start: usize, open: &str, end: usize) -> usize {
    let after = (start + open.len()).min(end);
    let rest = &text.as_bytes()[after..end];
    let Some(last) = open.bytes().last().filter(u8::is_ascii_punctuation) else {
        return after;
    };
    let run = rest.iter().take_while(|byte| **byte == last).count();
    let marks = rest[run..]
        .iter()
        .take_while(|byte| matches!(byte, b'!' | b'<'))
        .count();
    after + run + marks
}

fn find(haystack: &[u8], needle: &str) -> Option<usize> {
    memchr::memmem::find(haystack, needle.as_bytes())
}

fn first_word(line: &str) -> &str {
    let length = line.bytes().take_while(|byte| is_word(*byte)).count();
    &line[..length]
}

/// Part of a word; so are letters of other scripts, whose bytes are not ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}
