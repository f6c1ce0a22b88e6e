//! The carve-outs that fall, one after the other, in front of a person.
//!
//! `session` decides what a key means and knows no terminal; `screen` knows the terminal and decides nothing. What is
//! justified is written at once, so that nothing is lost however the review ends.

mod line_editor;
mod screen;
mod session;

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::carveout::ledger;
use crate::cli::ReviewArgs;
use crate::exit_code::Exit;
use crate::report::falling;
use crate::report::table::{self, TableOptions};
use crate::report::text::{counted, for_terminal};
use crate::verdict::{Conclusion, Judged, Status, Verdict};

use super::inputs::Environment;
use super::justify::Listed;
use super::receipts::{Recorder, Subject, how_to_add, one_line};
use super::{UsageError, check};

use screen::Screen;
use session::{Effect, Item, Outcome, Session};

/// Walk through what falls.
///
/// # Errors
///
/// If nobody is there to be asked, or an input cannot be read, or a ledger cannot be written.
pub fn run(args: &ReviewArgs, environment: Environment<'_>) -> Result<Exit> {
    if !args.inventories.is_empty() {
        return Err(UsageError::ReceiptNeedsClone.into());
    }
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(UsageError::ReviewNeedsTerminal.into());
    }
    let recorder = Recorder::open(&args.change_set.inputs.repositories, environment)?;
    let verdict = check::run(&args.change_set, environment)?;
    let has_colour = environment("NO_COLOR").is_none_or(|value| value.is_empty())
        && environment("TERM").as_deref() != Some("dumb");
    let mut review = Review {
        cases: falling(&verdict).into_iter().map(Case::of).collect(),
        verdict: &verdict,
        recorder,
        screen: Screen::new(has_colour),
        editor: editor(environment),
    };
    review.run()
}

/// A carve-out that falls, and what a receipt for it would hold.
struct Case<'v> {
    judged: &'v Judged,
    subject: Option<Subject>,
}

impl<'v> Case<'v> {
    fn of(judged: &'v Judged) -> Self {
        Self {
            judged,
            subject: Listed::of(judged).subject,
        }
    }

    fn item(&self) -> Item {
        Item {
            id: self.judged.carve_out.id.clone(),
            obstacle: match (&self.subject, self.judged.status) {
                (Some(_), _) => None,
                (None, Status::Broken) => Some(
                    "its guarantee is false after the change, and no receipt mends that: fix the network, or turn encryption on and delete the marker",
                ),
                (None, _) => Some(
                    "its marker was deleted, and a receipt speaks of words that stand: put the marker back, or turn encryption on",
                ),
            },
            outcome: Outcome::Open,
        }
    }
}

struct Review<'v> {
    verdict: &'v Verdict,
    cases: Vec<Case<'v>>,
    recorder: Recorder,
    screen: Screen,
    editor: Vec<String>,
}

impl Review<'_> {
    fn run(&mut self) -> Result<Exit> {
        let findings_left = self.verdict.conclusion == Conclusion::Blocked;
        if self.cases.is_empty() {
            let rest = if findings_left {
                ", but there are findings: `perimeter check` lists them"
            } else {
                ""
            };
            self.screen.print(&format!("no carve-out falls{rest}\n"))?;
            return Ok(exit(findings_left));
        }
        let mut session = Session::new(self.cases.iter().map(Case::item).collect());
        let mut effect = Effect::Show;
        loop {
            match effect {
                Effect::Show => self.show(&session)?,
                Effect::Say(text) => self.screen.say(&text)?,
                Effect::Record(text) => match self.record(&mut session, &text) {
                    Ok(said) => {
                        self.screen.say(&said)?;
                        if session.advance() {
                            self.show(&session)?;
                        } else {
                            break;
                        }
                    }
                    Err(error) => self.screen.say(&format!("not written: {error:#}"))?,
                },
                Effect::Edit => {
                    let said = self.edit(&mut session);
                    self.screen.say(&said)?;
                }
                Effect::Finish => break,
                Effect::Nothing => {}
            }
            effect = self.screen.ask(&mut session)?;
        }
        self.screen.print(&self.summary(&session))?;
        Ok(exit(
            session
                .items()
                .iter()
                .any(|item| !item.outcome.is_settled()),
        ))
    }

    fn show(&self, session: &Session) -> Result<()> {
        let case = &self.cases[session.position()];
        let size = self.screen.width();
        let options = TableOptions {
            color: self.screen.has_colour(),
            verbose: false,
            width: size,
            cuts_source: true,
        };
        let card = table::render_one(self.verdict, case.judged, &options);
        let note = match &session.current().outcome {
            Outcome::Open => String::new(),
            outcome => format!("  ({})", outcome.words()),
        };
        let title = format!("{} of {}{note}", session.position() + 1, self.cases.len());
        self.screen.card(&title, &card)
    }

    /// Writes the receipt for the current one, and says so.
    fn record(&self, session: &mut Session, text: &str) -> Result<String> {
        let position = session.position();
        let Some(subject) = &self.cases[position].subject else {
            return Ok(String::new());
        };
        let reason = one_line(text)?;
        self.recorder.check(&[subject])?;
        self.recorder.write(&[subject], &reason)?;
        session.settle(position, Outcome::Justified);
        let mut said = format!("receipt written for {}", subject.id);
        // One text on one perimeter is one claim, however often it is written down.
        let covered: Vec<usize> = (0..self.cases.len())
            .filter(|index| *index != position)
            .filter(|index| {
                let other = self.cases[*index].subject.as_ref();
                other.is_some_and(|other| other.is_covered_with(subject))
            })
            .collect();
        if !covered.is_empty() {
            let _ = write!(
                said,
                "; it holds for {} with the same words on the same perimeter, too",
                counted(covered.len(), "carve-out")
            );
        }
        for index in covered {
            session.settle(index, Outcome::Justified);
        }
        Ok(said)
    }

    /// Opens the editor on the current one; what is to be said afterwards.
    fn edit(&self, session: &mut Session) -> String {
        let position = session.position();
        let carve_out = &self.cases[position].judged.carve_out;
        let Some((program, arguments)) = self.editor.split_first() else {
            return "no editor: set VISUAL or EDITOR".to_owned();
        };
        let file = self
            .recorder
            .top(&carve_out.repository)
            .map(|top| top.join(&carve_out.location.path))
            .filter(|file| file.is_file());
        let Some(file) = file else {
            return format!(
                "there is no file {} in the work tree",
                carve_out.location.path
            );
        };
        let before = std::fs::read(&file).ok();
        let place = editor_place(program, &file, carve_out.location.line);
        let ended = Command::new(program).args(arguments).args(place).status();
        match ended {
            Err(error) => format!("cannot run {program}: {}", super::reason(&error)),
            Ok(status) if !status.success() => format!("{program} ended with {status}"),
            Ok(_) if std::fs::read(&file).ok() == before => "nothing was changed".to_owned(),
            Ok(_) => {
                session.settle(position, Outcome::Edited);
                "the file was changed: `perimeter check` tells what that comes to".to_owned()
            }
        }
    }

    fn summary(&self, session: &Session) -> String {
        let mut text = String::from("\n");
        let count = |outcome: Outcome| {
            session
                .items()
                .iter()
                .filter(|item| item.outcome == outcome)
                .count()
        };
        let counts: Vec<String> = Outcome::ALL
            .into_iter()
            .filter(|outcome| count(*outcome) > 0)
            .map(|outcome| format!("{} {}", count(outcome), outcome.words()))
            .collect();
        let _ = writeln!(text, "{}", counts.join(", "));
        let mut repositories = Vec::new();
        for (case, item) in self.cases.iter().zip(session.items()) {
            let carve_out = &case.judged.carve_out;
            let _ = writeln!(
                text,
                "  {:<13} {}  {}:{}",
                item.outcome.words(),
                for_terminal(&item.id),
                for_terminal(&carve_out.location.path),
                carve_out.location.line
            );
            if item.outcome == Outcome::Justified && !repositories.contains(&&carve_out.repository)
            {
                repositories.push(&carve_out.repository);
            }
        }
        for repository in repositories {
            let top = self.recorder.top(repository).unwrap_or(Path::new(""));
            let place = for_terminal(&top.join(ledger::PATH).display().to_string());
            if self.recorder.is_ignored(repository) {
                let _ = writeln!(
                    text,
                    "git ignores {place}: take it out of .gitignore, or the receipts are never seen"
                );
            }
            let _ = writeln!(
                text,
                "commit the receipts with the change: {}",
                for_terminal(&how_to_add(top))
            );
        }
        text
    }
}

fn exit(is_left: bool) -> Exit {
    if is_left { Exit::Blocked } else { Exit::Clear }
}

/// The editor's program and arguments, as the environment names it.
fn editor(environment: Environment<'_>) -> Vec<String> {
    let named = ["VISUAL", "EDITOR"]
        .into_iter()
        .filter_map(environment)
        .find(|text| !text.trim().is_empty())
        .unwrap_or_else(|| "vi".to_owned());
    named.split_whitespace().map(str::to_owned).collect()
}

/// How a file at a line is named to an editor. The path is absolute, so that none is taken for an option.
fn editor_place(program: &str, file: &Path, line: usize) -> Vec<String> {
    let path = std::path::absolute(file).unwrap_or_else(|_| PathBuf::from(file));
    let path = path.to_string_lossy().into_owned();
    let name = Path::new(program).file_stem().unwrap_or_default();
    match name.to_string_lossy().as_ref() {
        "code" | "code-insiders" | "codium" | "cursor" => {
            vec!["--goto".to_owned(), format!("{path}:{line}")]
        }
        "hx" | "helix" | "subl" | "zed" => vec![format!("{path}:{line}")],
        "vi" | "vim" | "nvim" | "view" | "nano" | "pico" | "emacs" | "emacsclient" | "micro"
        | "kak" | "joe" | "jed" | "ne" | "mg" | "gedit" => vec![format!("+{line}"), path],
        _ => vec![path],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_told_the_line_in_their_own_way_and_unknown_ones_the_file_alone() {
        let place = |program| editor_place(program, Path::new("/r/a.tf"), 7);
        assert_eq!(place("/usr/bin/vim"), ["+7", "/r/a.tf"]);
        assert_eq!(place("code"), ["--goto", "/r/a.tf:7"]);
        assert_eq!(place("hx"), ["/r/a.tf:7"]);
        assert_eq!(place("my-editor"), ["/r/a.tf"]);
    }

    #[test]
    fn the_editor_may_have_arguments_and_visual_comes_first() {
        let of = |pairs: &'static [(&str, &str)]| {
            editor(&move |name| {
                let found = pairs.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(
            of(&[("EDITOR", "nano"), ("VISUAL", "code --wait")]),
            ["code", "--wait"]
        );
        assert_eq!(of(&[("EDITOR", "nano"), ("VISUAL", " ")]), ["nano"]);
        assert_eq!(of(&[]), ["vi"]);
    }
}
