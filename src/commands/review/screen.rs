//! The terminal: keys in, lines out.
//!
//! It is in raw mode only while a key is awaited, so that whatever ends the program in between leaves it as it was. What is
//! printed comes cleaned from the reports, or is cleaned here.

use std::io::{Write as _, stdout};

use anyhow::{Context, Result};
use crossterm::cursor::MoveToColumn;
use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind,
    KeyModifiers, read,
};
use crossterm::terminal::{Clear, ClearType, disable_raw_mode, enable_raw_mode, size};
use crossterm::{execute, queue};
use unicode_width::UnicodeWidthStr;

use crate::report::text::{for_terminal, wrap};

use super::session::{Effect, Key, Session};

/// Columns where the terminal does not tell.
const USUAL_WIDTH: usize = 80;

/// The terminal of one review.
pub(super) struct Screen {
    has_colour: bool,
}

/// The terminal hands keys over one by one, as long as this lives.
struct RawMode;

impl RawMode {
    fn enter() -> std::io::Result<Self> {
        enable_raw_mode()?;
        let guard = Self;
        execute!(stdout(), EnableBracketedPaste)?;
        Ok(guard)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // Nothing is left to do about a terminal that takes nothing.
        let _ = execute!(stdout(), DisableBracketedPaste);
        let _ = disable_raw_mode();
    }
}

impl Screen {
    pub(super) fn new(has_colour: bool) -> Self {
        Self { has_colour }
    }

    pub(super) fn has_colour(&self) -> bool {
        self.has_colour
    }

    pub(super) fn width(&self) -> usize {
        // Some say nothing, some say 0.
        match size() {
            Ok((columns, _)) if columns > 0 => usize::from(columns),
            _ => USUAL_WIDTH,
        }
    }

    /// Print what is clean already.
    pub(super) fn print(&self, text: &str) -> Result<()> {
        let mut out = stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .context("cannot write to the terminal")
    }

    /// Tell something that may hold foreign text.
    pub(super) fn say(&self, text: &str) -> Result<()> {
        let lines = text.lines().map(|line| {
            let clean = for_terminal(line);
            // What is laid out keeps its layout.
            if clean.starts_with(' ') {
                clean
            } else {
                wrap(&clean, self.width().min(100), "")
            }
        });
        let lines: Vec<String> = lines.collect();
        self.print(&format!("{}\n", lines.join("\n")))
    }

    /// One carve-out below a line that says how far the review has come.
    pub(super) fn card(&self, title: &str, card: &str) -> Result<()> {
        let rule = "─".repeat(self.width().min(100).saturating_sub(title.width() + 4));
        let title = self.strong(&format!("── {title} {rule}"));
        self.print(&format!("\n{title}\n\n{card}\n\n"))
    }

    /// Ask until a key does something.
    pub(super) fn ask(&self, session: &mut Session) -> Result<Effect> {
        let failed = "cannot read from the terminal";
        let _raw = RawMode::enter().context(failed)?;
        loop {
            self.prompt(session).context(failed)?;
            let key = next_key().context(failed)?;
            let was_writing = session.reason().is_some();
            let effect = session.press(&key);
            if effect == Effect::Nothing {
                continue;
            }
            let mut out = stdout().lock();
            if was_writing {
                write!(out, "\r\n").context(failed)?;
            } else {
                execute!(out, MoveToColumn(0), Clear(ClearType::CurrentLine)).context(failed)?;
            }
            return Ok(effect);
        }
    }

    /// The line at the bottom: the keys, or the reason as far as it is written.
    fn prompt(&self, session: &Session) -> std::io::Result<()> {
        let mut out = stdout().lock();
        queue!(out, MoveToColumn(0), Clear(ClearType::CurrentLine))?;
        let columns = self.width().saturating_sub(1);
        if let Some(line) = session.reason() {
            let label = "reason: ";
            let (shown, cursor) = line.view(columns.saturating_sub(label.len()));
            write!(out, "{}{shown}", self.strong(label))?;
            let column = u16::try_from(label.len() + cursor).unwrap_or(u16::MAX);
            queue!(out, MoveToColumn(column))?;
        } else {
            let (at, all) = (session.position() + 1, session.items().len());
            let justify = if session.current().obstacle.is_none() {
                "[j]ustify  "
            } else {
                ""
            };
            let long = format!("{at} of {all}  {justify}[e]dit  [s]kip  [b]ack  [?] help  [q]uit ");
            let short = format!("{at}/{all} j e s b ? q ");
            let shown = if long.len() <= columns { long } else { short };
            write!(out, "{}", self.strong(&shown))?;
        }
        out.flush()
    }

    fn strong(&self, text: &str) -> String {
        if self.has_colour {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

fn next_key() -> std::io::Result<Key> {
    loop {
        match read()? {
            Event::Key(event) if event.kind != KeyEventKind::Release => return Ok(key(event)),
            Event::Paste(text) => return Ok(Key::Paste(text)),
            Event::Resize(..) => return Ok(Key::Other),
            _ => {}
        }
    }
}

fn key(event: KeyEvent) -> Key {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let by_word = control || event.modifiers.contains(KeyModifiers::ALT);
    match event.code {
        KeyCode::Char('c' | 'd') if control => Key::Interrupt,
        KeyCode::Char('a') if control => Key::Home,
        KeyCode::Char('e') if control => Key::End,
        KeyCode::Char('b') if control => Key::Left,
        KeyCode::Char('f') if control => Key::Right,
        KeyCode::Char('h') if control => Key::Backspace,
        KeyCode::Char('k') if control => Key::CutToEnd,
        KeyCode::Char('p') if control => Key::Up,
        KeyCode::Char('u') if control => Key::CutToStart,
        KeyCode::Char('w') if control => Key::CutWord,
        KeyCode::Char('b') if by_word => Key::WordLeft,
        KeyCode::Char('f') if by_word => Key::WordRight,
        KeyCode::Char(letter) if !control => Key::Letter(letter),
        KeyCode::Backspace if by_word => Key::CutWord,
        KeyCode::Left if by_word => Key::WordLeft,
        KeyCode::Right if by_word => Key::WordRight,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        _ => Key::Other,
    }
}
