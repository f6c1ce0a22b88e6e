//! What is no comment although it may look like one: strings, characters, patterns, in the forms that languages have.

use super::super::rule::{Lines, Place, Quoted};
use super::{Frame, LOOKUPS_WITHOUT_END, Lexer, OpenString, find, is_space, is_word};

impl<'t> Lexer<'t> {
    pub(super) fn takes_quoted(&mut self, quoted: &Quoted) -> bool {
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
    pub(super) fn string(&mut self, quoted: Quoted, indentation: usize) {
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
    pub(super) fn spaces(&self) -> usize {
        self.rest()
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'))
            .count()
    }

    pub(super) fn takes_character(&mut self, place: Place) -> bool {
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
    pub(super) fn takes_raw(&mut self, open: usize, close: &str) -> bool {
        if self.failed_lookups >= LOOKUPS_WITHOUT_END {
            return false;
        }
        let Some(length) = self.rest().get(open..).and_then(|rest| find(rest, close)) else {
            self.failed_lookups += 1;
            return false;
        };
        self.taken(open + length + close.len())
    }

    pub(super) fn takes_rust_raw_string(&mut self) -> bool {
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

    pub(super) fn takes_cpp_raw_string(&mut self) -> bool {
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

    pub(super) fn takes_swift_raw_string(&mut self) -> bool {
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

    pub(super) fn takes_lua_long(&mut self, open: &str, comment: bool) -> bool {
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
    pub(super) fn expects_operand(&self) -> bool {
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

    pub(super) fn takes_regex(&mut self) -> bool {
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
    pub(super) fn takes_delimited(&mut self, prefix: usize, lower_case_only: bool) -> bool {
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

    pub(super) fn takes_perl_quote(&mut self) -> bool {
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
}
