//! One line of text, edited key by key.

use unicode_width::UnicodeWidthChar;

use super::session::Key;

/// Letters that a reason may have; nobody reads more.
const LONGEST: usize = 2_000;

/// A line and the place in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LineEditor {
    letters: Vec<char>,
    cursor: usize,
}

impl LineEditor {
    /// The whole line.
    pub(super) fn text(&self) -> String {
        self.letters.iter().collect()
    }

    /// Put another text in its place.
    pub(super) fn replace(&mut self, text: &str) {
        self.letters.clear();
        self.cursor = 0;
        self.insert(text);
    }

    /// What is pasted may have line breaks: they become spaces.
    fn insert(&mut self, text: &str) {
        for letter in text.chars() {
            let letter = if letter.is_whitespace() { ' ' } else { letter };
            // What has no width acts unseen.
            let is_seen = letter.width().is_some_and(|width| width > 0);
            if is_seen && self.letters.len() < LONGEST {
                self.letters.insert(self.cursor, letter);
                self.cursor += 1;
            }
        }
    }

    /// Do what a key means; other keys are nothing to a line.
    pub(super) fn press(&mut self, key: &Key) {
        match key {
            Key::Letter(letter) => self.insert(&letter.to_string()),
            Key::Paste(text) => self.insert(text),
            Key::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.letters.remove(self.cursor);
            }
            Key::Delete if self.cursor < self.letters.len() => {
                self.letters.remove(self.cursor);
            }
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = (self.cursor + 1).min(self.letters.len()),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.letters.len(),
            Key::WordLeft => self.cursor = self.word_start(),
            Key::WordRight => self.cursor = self.word_end(),
            Key::CutToStart => {
                self.letters.drain(..self.cursor);
                self.cursor = 0;
            }
            Key::CutToEnd => self.letters.truncate(self.cursor),
            Key::CutWord => {
                let start = self.word_start();
                self.letters.drain(start..self.cursor);
                self.cursor = start;
            }
            _ => {}
        }
    }

    fn word_start(&self) -> usize {
        let before = &self.letters[..self.cursor];
        let word_end = before
            .iter()
            .rposition(|letter| *letter != ' ')
            .map_or(0, |at| at + 1);
        before[..word_end]
            .iter()
            .rposition(|letter| *letter == ' ')
            .map_or(0, |at| at + 1)
    }

    fn word_end(&self) -> usize {
        let next = |from: usize, is_space: bool| {
            let rest = self.letters[from..].iter();
            let length = rest
                .take_while(|letter| (**letter == ' ') == is_space)
                .count();
            from + length
        };
        next(next(self.cursor, true), false)
    }

    /// The part of the line that fits so many columns, and the column of the cursor in it.
    pub(super) fn view(&self, columns: usize) -> (String, usize) {
        let width =
            |letters: &[char]| -> usize { letters.iter().filter_map(|one| one.width()).sum() };
        let columns = columns.max(2);
        let mut start = 0;
        while width(&self.letters[start..self.cursor]) >= columns {
            start += 1;
        }
        let mut end = start;
        while end < self.letters.len() && width(&self.letters[start..=end]) <= columns {
            end += 1;
        }
        let shown = self.letters[start..end].iter().collect();
        (shown, width(&self.letters[start..self.cursor]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(keys: &[Key]) -> (String, usize) {
        let mut line = LineEditor::default();
        keys.iter().for_each(|key| line.press(key));
        (line.text(), line.cursor)
    }

    fn typed(text: &str) -> Vec<Key> {
        text.chars().map(Key::Letter).collect()
    }

    #[test]
    fn letters_go_where_the_cursor_is() {
        let keys = [
            typed("ab"),
            vec![Key::Left],
            typed("x"),
            vec![Key::Home, Key::Delete],
        ]
        .concat();
        assert_eq!(after(&keys), ("xb".to_owned(), 0));
        let keys = [
            typed("åß"),
            vec![Key::Backspace, Key::Backspace, Key::Backspace],
        ]
        .concat();
        assert_eq!(after(&keys), (String::new(), 0));
    }

    #[test]
    fn words_are_cut_and_walked_whole() {
        let keys = [typed("one two  "), vec![Key::CutWord]].concat();
        assert_eq!(after(&keys), ("one ".to_owned(), 4));
        let keys = [typed("one two"), vec![Key::WordLeft, Key::CutToStart]].concat();
        assert_eq!(after(&keys), ("two".to_owned(), 0));
        let keys = [
            typed("one two"),
            vec![Key::Home, Key::WordRight, Key::CutToEnd],
        ]
        .concat();
        assert_eq!(after(&keys), ("one".to_owned(), 3));
    }

    #[test]
    fn what_is_pasted_stays_on_the_line_and_nothing_unseen_gets_in() {
        let keys = [Key::Paste("one\ntwo\u{1b}[2J\u{202e}\u{200b}".to_owned())];
        assert_eq!(after(&keys).0, "one two[2J");
    }

    #[test]
    fn a_long_line_is_shown_around_its_cursor() {
        let mut line = LineEditor::default();
        line.replace("abcdefghij");
        assert_eq!(line.view(4), ("hij".to_owned(), 3));
        line.press(&Key::Home);
        assert_eq!(line.view(4), ("abcd".to_owned(), 0));
        line.replace("漢字漢字");
        assert_eq!(line.view(5), ("漢字".to_owned(), 4));
    }
}
