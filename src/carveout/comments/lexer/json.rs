//! JSON, whose comments are values of some keys.

use super::{JSON_COMMENT_KEYS, Lexer, is_space};

impl<'t> Lexer<'t> {
    pub(super) fn takes_json_string(&mut self) -> bool {
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

    pub(super) fn json_space(&mut self) {
        while self.at.position < self.text.len() && is_space(self.peek()) {
            self.step();
        }
    }

    /// Takes a string; gives what is between its quotes, as written.
    pub(super) fn json_string(&mut self) -> &'t str {
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

    pub(super) fn json_comment(&mut self, trailing: bool, number: Option<usize>) {
        let start = self.at.position + 1;
        let content = self.json_string();
        self.emit(start, start, start + content.len(), trailing, number);
    }
}
