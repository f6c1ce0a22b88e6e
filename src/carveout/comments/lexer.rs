//! The lexer that the table drives: one pass over the text, tells comment from string from code.
//!
//! It never recurses: strings with code in them (`"${..}"`) are frames on a stack. What opens but never closes in the
//! file is taken back and ends with its line, so that a stray quote cannot hide every comment after it.

use std::collections::HashMap;

use super::CommentLine;
use super::rule::{Block, Heredoc, Hole, Line, Lines, Place, Quoted, Rule};

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

    // Code.

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

    // Comments.

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

    // Strings.

    fn takes_quoted(&mut self, quoted: &Quoted) -> bool {
        if !self.sees(quoted.open) || !self.is_at(quoted.place) {
            return false;
        }
        let mut quoted = *quoted;
        if quoted.lines != Lines::One && self.one_line_only.contains(&quoted.open) {
            quoted.lines = Lines::One;
        }
        let indentation = if quoted.lines == Lines::Indented {
            self.indentation()
        } else {
            0
        };
        let open = OpenString {
            quoted,
            opened: self.at,
            comments: self.comments.len(),
            outside: self.outside.len(),
            blocks: self.blocks,
            indentation,
        };
        self.frames.push(Frame::String(open));
        self.step_over(quoted.open.len());
        true
    }

    /// Goes through a string up to its end, its next hole, or where it may not go on.
    fn string(&mut self, quoted: Quoted, indentation: usize) {
        while self.at.position < self.text.len() {
            let byte = self.peek();
            // Before escapes, for Swift's `\(`.
            if let Some(hole) = quoted.hole.filter(|hole| self.sees(hole.open)) {
                self.step_over(hole.open.len());
                self.frames.push(Frame::Hole { hole, depth: 0 });
                return;
            }
            if let Some(escape) = quoted.escapes.iter().find(|escape| self.sees(escape)) {
                let next = if *escape == "\\" {
                    1 + usize::from(self.sees("\\\r\n"))
                } else {
                    0
                };
                self.step_over(escape.len() + next);
                continue;
            }
            if self.sees(quoted.close) {
                self.frames.pop();
                self.step_over(quoted.close.len());
                return;
            }
            if byte == b'\n' {
                match quoted.lines {
                    Lines::One => {
                        self.frames.pop();
                        return;
                    }
                    Lines::Many => self.step(),
                    Lines::Indented => {
                        self.step();
                        let spaces = self.spaces();
                        let blank = self.rest().get(spaces).is_none_or(|byte| is_space(*byte));
                        if !blank && spaces <= indentation {
                            self.frames.pop();
                            return;
                        }
                    }
                }
                continue;
            }
            self.step();
        }
        // A string that may not go over lines ends with the text, too.
        if quoted.lines == Lines::One {
            self.frames.pop();
        }
    }

    /// How many blanks come next.
    fn spaces(&self) -> usize {
        self.rest()
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count()
    }

    fn takes_character(&mut self, place: Place) -> bool {
        if !self.is_at(place) {
            return false;
        }
        let Some(after) = self.text.get(self.at.position + 1..) else {
            return false;
        };
        let mut characters = after.char_indices();
        match characters.next() {
            Some((_, '\\')) => {
                // The longest is '\u{10FFFF}' or '\U0010FFFF'; the escaped character itself may be an apostrophe.
                characters.next();
                let close = characters
                    .take(12)
                    .find(|(_, character)| matches!(character, '\'' | '\n'));
                match close {
                    Some((index, '\'')) => self.taken(index + 2),
                    _ => false,
                }
            }
            Some((_, '\n')) | None => false,
            Some(_) => match characters.next() {
                Some((index, '\'')) => self.taken(index + 2),
                _ => false,
            },
        }
    }

    /// Takes a string that opens with `open` bytes here and ends with the first `close` after, wherever that is.
    fn takes_raw(&mut self, open: usize, close: &str) -> bool {
        if self.failed_lookups >= LOOKUPS_WITHOUT_END {
            return false;
        }
        let Some(length) = self.rest().get(open..).and_then(|rest| find(rest, close)) else {
            self.failed_lookups += 1;
            return false;
        };
        self.taken(open + length + close.len())
    }

    fn takes_rust_raw_string(&mut self) -> bool {
        let rest = self.rest();
        let prefix = match rest {
            [b'r', ..] => 1,
            [b'b' | b'c', b'r', ..] => 2,
            _ => return false,
        };
        let hashes = rest[prefix..]
            .iter()
            .take_while(|byte| **byte == b'#')
            .count();
        rest.get(prefix + hashes) == Some(&b'"')
            && self.takes_raw(prefix + hashes + 1, &format!("\"{}", "#".repeat(hashes)))
    }

    fn takes_cpp_raw_string(&mut self) -> bool {
        let rest = self.rest();
        let Some(prefix) = ["R\"", "r\"", "LR\"", "uR\"", "UR\"", "u8R\""]
            .iter()
            .find(|prefix| self.sees(prefix))
        else {
            return false;
        };
        // The standard allows sixteen characters.
        let tag: Vec<u8> = rest[prefix.len()..]
            .iter()
            .copied()
            .take(17)
            .take_while(|byte| byte.is_ascii_graphic() && *byte != b'(')
            .collect();
        let Ok(tag) = String::from_utf8(tag) else {
            return false;
        };
        rest.get(prefix.len() + tag.len()) == Some(&b'(')
            && self.takes_raw(prefix.len() + tag.len() + 1, &format!("){tag}\""))
    }

    fn takes_swift_raw_string(&mut self) -> bool {
        let hashes = self
            .rest()
            .iter()
            .take(256)
            .take_while(|byte| **byte == b'#')
            .count();
        // Inside a run of hashes nothing opens: it was looked at from its start.
        if hashes == 0 || self.at.previous == b'#' || self.rest().get(hashes) != Some(&b'"') {
            return false;
        }
        let quotes = if self.rest()[hashes..].starts_with(b"\"\"\"") {
            3
        } else {
            1
        };
        self.takes_raw(
            hashes + quotes,
            &format!("{}{}", "\"".repeat(quotes), "#".repeat(hashes)),
        )
    }

    fn takes_lua_long(&mut self, open: &str, comment: bool) -> bool {
        if !self.sees(open) {
            return false;
        }
        let level = self.rest()[open.len()..]
            .iter()
            .take_while(|byte| **byte == b'=')
            .count();
        if self.rest().get(open.len() + level) != Some(&b'[') {
            return false;
        }
        let (length, close) = (open.len() + level + 1, format!("]{}]", "=".repeat(level)));
        if !comment {
            return self.takes_raw(length, &close);
        }
        if self.failed_lookups >= LOOKUPS_WITHOUT_END {
            return false;
        }
        let rest = &self.rest()[length..];
        let content = find(rest, &close).unwrap_or_else(|| {
            self.failed_lookups += 1;
            rest.len()
        });
        self.blocks += 1;
        let (number, block_end) = (Some(self.blocks), self.at.position + length + content);
        let mut leader_end = self.at.position + length;
        let mut trailing = self.has_code_on_line();
        loop {
            let end = self.line_end().min(block_end);
            let line = &self.text[self.at.position.max(leader_end).min(end)..end];
            let start = if leader_end > self.at.position {
                self.at.position
            } else {
                end - line.trim_start().len()
            };
            self.emit(start, leader_end.max(start), end, trailing, number);
            self.at.position = end;
            if end == block_end {
                self.at.position = (block_end + close.len()).min(self.text.len());
                return true;
            }
            self.pass();
            (leader_end, trailing) = (self.at.position, false);
        }
    }

    /// Whether a value may begin here, so that `/` opens a regular expression rather than divides.
    fn expects_operand(&self) -> bool {
        const WORDS: [&[u8]; 10] = [
            b"return", b"case", b"typeof", b"in", b"of", b"if", b"unless", b"when", b"and", b"or",
        ];
        let space_after = self.rest().get(1).is_some_and(|byte| is_space(*byte));
        let before = &self.text.as_bytes()[self.at.line_start..self.at.position];
        let code = before.trim_ascii_end();
        if !self.has_code_on_line() {
            // A line that goes on with `/ 2` divides.
            return !space_after;
        }
        if is_word(self.at.previous) {
            let letters = code
                .iter()
                .rev()
                .take(10)
                .take_while(|byte| is_word(**byte))
                .count();
            return code.len() < before.len() && WORDS.contains(&&code[code.len() - letters..]);
        }
        let increments = code.ends_with(b"++") || code.ends_with(b"--");
        code.ends_with(b"=>") || (b"(,=:[!&|?{;+-*%~^".contains(&self.at.previous) && !increments)
    }

    fn takes_regex(&mut self) -> bool {
        // `<br />` is no regular expression.
        if self.failed_lookups >= LOOKUPS_WITHOUT_END || self.sees("/>") || !self.expects_operand()
        {
            return false;
        }
        let (mut class, mut escaped) = (false, false);
        for (index, byte) in self.rest().iter().enumerate().skip(1) {
            match byte {
                b'\n' => break,
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => return self.taken(index + 1),
                _ => {}
            }
        }
        self.failed_lookups += 1;
        false
    }

    /// Takes `prefix` bytes, letters, a delimiter, and all up to the closing delimiter: on one line, or to nowhere.
    fn takes_delimited(&mut self, prefix: usize, lower_case_only: bool) -> bool {
        let rest = self.rest();
        let letters = rest[prefix.min(rest.len())..]
            .iter()
            .take(8)
            .take_while(|byte| {
                byte.is_ascii_lowercase()
                    || (!lower_case_only && byte.is_ascii_uppercase())
                    || matches!(byte, b'Q' | b'W' | b'I')
            })
            .count();
        let Some(open) = rest.get(prefix + letters).copied() else {
            return false;
        };
        if letters == 0 && lower_case_only && !matches!(open, b'(' | b'{' | b'[') {
            return false;
        }
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            b'/' | b'|' | b'!' | b'"' | b'\'' | b'#' if letters > 0 => open,
            _ => return false,
        };
        let start = prefix + letters;
        let triple = [open; 3];
        if matches!(open, b'"' | b'\'') && rest[start..].starts_with(&triple) {
            let triple: &str = if open == b'"' { "\"\"\"" } else { "'''" };
            return self.takes_raw(start + 3, triple);
        }
        if self.failed_lookups >= LOOKUPS_WITHOUT_END {
            return false;
        }
        let (mut depth, mut escaped) = (0_usize, false);
        for (index, byte) in rest.iter().enumerate().skip(start + 1) {
            if escaped {
                escaped = false;
            } else if *byte == b'\\' {
                escaped = true;
            } else if *byte == close && depth == 0 {
                return self.taken(index + 1);
            } else if *byte == close {
                depth -= 1;
            } else if *byte == open {
                depth += 1;
            }
        }
        self.failed_lookups += 1;
        false
    }

    fn takes_perl_quote(&mut self) -> bool {
        let word = self
            .rest()
            .iter()
            .take(4)
            .take_while(|byte| is_word(**byte))
            .count();
        let quotes: [&[u8]; 5] = [b"q", b"qq", b"qw", b"qr", b"m"];
        // `$q`, `->q` and `{q}` are names.
        let named =
            self.at.position > 0 && b"$@%&>{".contains(&self.text.as_bytes()[self.at.position - 1]);
        !named && quotes.contains(&&self.rest()[..word]) && self.takes_delimited(0, true)
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

    // Here-documents and block scalars.

    fn takes_heredoc(&mut self, open: &str, kind: Heredoc) -> bool {
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
    fn closes_later(&mut self, tag: &str) -> bool {
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
    fn begin_awaited(&mut self) {
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

    fn heredoc(&mut self, tag: &str, end: HeredocEnd, comments: bool) {
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
    fn comment_of_data(&mut self, is_script: bool, line_end: usize) {
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

    fn expects_yaml_value(&self) -> bool {
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

    fn takes_block_scalar(&mut self) -> bool {
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

    fn block_scalar(&mut self, parent: Option<usize>, mut indentation: Option<usize>) {
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

    // JSON.

    fn takes_json_string(&mut self) -> bool {
        let trailing = self.at.beyond_brackets;
        let key = self.json_string();
        if !JSON_COMMENT_KEYS.contains(&key) {
            return true;
        }
        self.json_space();
        if self.peek() != b':' {
            return true;
        }
        self.step();
        self.json_space();
        self.blocks += 1;
        let number = Some(self.blocks);
        match self.peek() {
            b'"' => self.json_comment(trailing, number),
            // A wrapped comment: a list of lines.
            b'[' => {
                self.step();
                loop {
                    self.json_space();
                    match self.peek() {
                        b'"' => self.json_comment(trailing, number),
                        b',' => self.step(),
                        _ => break,
                    }
                }
            }
            _ => {}
        }
        true
    }

    fn json_space(&mut self) {
        while self.at.position < self.text.len() && is_space(self.peek()) {
            self.step();
        }
    }

    /// Takes a string; gives what is between its quotes, as written.
    fn json_string(&mut self) -> &'t str {
        self.step();
        let start = self.at.position;
        while self.at.position < self.text.len() && !matches!(self.peek(), b'"' | b'\n') {
            let escape = self.peek() == b'\\' && !self.sees("\\\n");
            self.step_over(1 + usize::from(escape));
        }
        let content = self.text.get(start..self.at.position).unwrap_or_default();
        if self.peek() == b'"' {
            self.step();
        }
        content
    }

    fn json_comment(&mut self, trailing: bool, number: Option<usize>) {
        let start = self.at.position + 1;
        let content = self.json_string();
        self.emit(start, start, start + content.len(), trailing, number);
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
