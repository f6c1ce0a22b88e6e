//! What a key means, whatever the terminal.

use super::line_editor::LineEditor;

/// A key, or several that mean the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Letter(char),
    Paste(String),
    Enter,
    Escape,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Home,
    End,
    WordLeft,
    WordRight,
    CutToStart,
    CutToEnd,
    CutWord,
    /// Ctrl-C, or the end of the input.
    Interrupt,
    /// Nothing that concerns us, such as another size of the window: what is shown is shown again.
    Other,
}

/// What became of a carve-out in this review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Not looked at.
    Open,
    /// Left for later.
    Skipped,
    /// Its file was changed.
    Edited,
    /// A receipt was written.
    Justified,
}

impl Outcome {
    pub(super) const ALL: [Self; 4] = [Self::Justified, Self::Edited, Self::Skipped, Self::Open];

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Open => "not looked at",
            Self::Skipped => "skipped",
            Self::Edited => "edited",
            Self::Justified => "justified",
        }
    }

    /// Whether nothing is left to do as far as this review knows; what an edit comes to is for the check to say.
    pub(super) fn is_settled(self) -> bool {
        self == Self::Justified
    }
}

/// A carve-out to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) id: String,
    /// Why no receipt can be written for it.
    pub(super) obstacle: Option<&'static str>,
    pub(super) outcome: Outcome,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// Ask for the next key.
    Nothing,
    /// Show the current carve-out.
    Show,
    /// Tell something.
    Say(String),
    /// Write a receipt with this reason.
    Record(String),
    /// Open the editor.
    Edit,
    /// Sum up and end.
    Finish,
}

/// What the keys say.
const HELP: &str = "keys
  j  justify: the words still hold in the network after the change, and why
  e  edit: open the file at the marker, to rewrite it or to turn encryption on
  s  skip: leave it for later
  b  back: to the one before
  q  quit: sum up and end
while a reason is written
  Enter records it, Esc goes back, Up brings the last reason again";

/// A review under way.
#[derive(Debug)]
pub(super) struct Session {
    items: Vec<Item>,
    position: usize,
    reason: Option<LineEditor>,
    last_reason: String,
}

impl Session {
    /// A review of these; there must be one at least.
    pub(super) fn new(items: Vec<Item>) -> Self {
        Self {
            items,
            position: 0,
            reason: None,
            last_reason: String::new(),
        }
    }

    pub(super) fn items(&self) -> &[Item] {
        &self.items
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    pub(super) fn current(&self) -> &Item {
        &self.items[self.position]
    }

    /// The reason that is being written.
    pub(super) fn reason(&self) -> Option<&LineEditor> {
        self.reason.as_ref()
    }

    /// Say what became of one.
    pub(super) fn settle(&mut self, position: usize, outcome: Outcome) {
        if let Some(item) = self.items.get_mut(position) {
            item.outcome = outcome;
        }
    }

    /// Go on to the next one that is not settled; `false` when there is none.
    pub(super) fn advance(&mut self) -> bool {
        let next = (self.position + 1..self.items.len())
            .find(|index| !self.items[*index].outcome.is_settled());
        if let Some(next) = next {
            self.position = next;
        }
        next.is_some()
    }

    /// Do what a key means.
    pub(super) fn press(&mut self, key: &Key) -> Effect {
        if *key == Key::Interrupt {
            return Effect::Finish;
        }
        match self.reason.take() {
            Some(line) => self.write(line, key),
            None => self.choose(key),
        }
    }

    fn choose(&mut self, key: &Key) -> Effect {
        match key {
            Key::Letter('j' | 'J') => match self.current().obstacle {
                Some(obstacle) => Effect::Say(obstacle.to_owned()),
                None => {
                    self.reason = Some(LineEditor::default());
                    Effect::Nothing
                }
            },
            Key::Letter('e' | 'E') => Effect::Edit,
            Key::Letter('s' | 'S') => {
                if self.current().outcome == Outcome::Open {
                    self.settle(self.position, Outcome::Skipped);
                }
                if self.advance() {
                    Effect::Show
                } else {
                    Effect::Finish
                }
            }
            Key::Letter('b' | 'B') if self.position == 0 => {
                Effect::Say("this is the first one".to_owned())
            }
            Key::Letter('b' | 'B') => {
                self.position -= 1;
                Effect::Show
            }
            Key::Letter('q' | 'Q') => Effect::Finish,
            Key::Letter('?' | 'h' | 'H') => Effect::Say(HELP.to_owned()),
            // Pasted text was meant for somewhere else.
            _ => Effect::Nothing,
        }
    }

    fn write(&mut self, mut line: LineEditor, key: &Key) -> Effect {
        match key {
            Key::Escape => Effect::Nothing,
            Key::Enter => {
                let text = line.text();
                if !text.chars().any(char::is_alphanumeric) {
                    self.reason = Some(line);
                    return Effect::Say(
                        "a reason is needed: why do the words hold after the change? (Esc goes back)".to_owned(),
                    );
                }
                self.last_reason.clone_from(&text);
                Effect::Record(text)
            }
            key => {
                if *key == Key::Up {
                    line.replace(&self.last_reason);
                } else {
                    line.press(key);
                }
                self.reason = Some(line);
                Effect::Nothing
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(count: usize) -> Session {
        let item = |index: usize| Item {
            id: index.to_string(),
            obstacle: None,
            outcome: Outcome::Open,
        };
        Session::new((0..count).map(item).collect())
    }

    /// Types letters; the last effect.
    fn type_in(session: &mut Session, letters: &str) -> Effect {
        let pressed = letters
            .chars()
            .map(|letter| session.press(&Key::Letter(letter)));
        pressed.last().unwrap_or(Effect::Nothing)
    }

    #[test]
    fn a_reason_is_written_with_enter_and_letters_are_no_commands_meanwhile() {
        let mut session = session(2);
        assert_eq!(type_in(&mut session, "jquits"), Effect::Nothing);
        assert_eq!(
            session.press(&Key::Enter),
            Effect::Record("quits".to_owned())
        );
        session.settle(0, Outcome::Justified);
        assert!(session.advance());
        type_in(&mut session, "j");
        session.press(&Key::Up);
        assert_eq!(
            session.press(&Key::Enter),
            Effect::Record("quits".to_owned())
        );
    }

    #[test]
    fn no_reason_is_no_receipt_and_escape_goes_back() {
        let mut session = session(1);
        type_in(&mut session, "j . ");
        assert!(matches!(session.press(&Key::Enter), Effect::Say(_)));
        assert!(session.reason().is_some());
        assert_eq!(session.press(&Key::Escape), Effect::Nothing);
        assert!(session.reason().is_none());
        assert_eq!(type_in(&mut session, "q"), Effect::Finish);
    }

    #[test]
    fn what_is_broken_is_not_justified_and_the_others_are() {
        let mut session = session(2);
        session.items[0].obstacle = Some("broken");
        assert_eq!(type_in(&mut session, "j"), Effect::Say("broken".to_owned()));
        assert_eq!(type_in(&mut session, "sj"), Effect::Nothing);
        assert!(session.reason().is_some());
    }

    #[test]
    fn back_and_forth_and_past_what_is_settled() {
        let mut session = session(3);
        assert!(matches!(type_in(&mut session, "b"), Effect::Say(_)));
        assert_eq!(
            (type_in(&mut session, "s"), session.position()),
            (Effect::Show, 1)
        );
        assert_eq!(
            (type_in(&mut session, "b"), session.position()),
            (Effect::Show, 0)
        );
        session.settle(1, Outcome::Justified);
        assert_eq!(
            (type_in(&mut session, "s"), session.position()),
            (Effect::Show, 2)
        );
        assert_eq!(type_in(&mut session, "s"), Effect::Finish);
        let outcomes: Vec<Outcome> = session.items().iter().map(|item| item.outcome).collect();
        assert_eq!(
            outcomes,
            [Outcome::Skipped, Outcome::Justified, Outcome::Skipped]
        );
    }

    #[test]
    fn an_interrupt_ends_it_at_any_time_and_pasted_text_is_no_command() {
        let mut session = session(2);
        assert_eq!(
            session.press(&Key::Paste("jx\n".to_owned())),
            Effect::Nothing
        );
        assert!(session.reason().is_none());
        type_in(&mut session, "jab");
        assert_eq!(session.press(&Key::Interrupt), Effect::Finish);
    }
}
