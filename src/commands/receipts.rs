//! Writing receipts: by whom, on which day, into which ledger.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::carveout::ledger::{self, PerimeterDigest, Receipt};
use crate::repos::{Repository, RepositoryError, Revision, date_of};

use super::UsageError;
use super::inputs::{Environment, repository_arguments};
use super::survey::ledger_text;

/// How often a ledger that somebody else writes at the same time is read again.
const ATTEMPTS: usize = 3;

/// A carve-out that somebody may say still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// What reports call it.
    pub(super) id: String,
    /// The name of its repository.
    pub(super) repository: String,
    /// Its file.
    pub(super) path: String,
    /// The lines of its marker.
    pub(super) lines: (usize, usize),
    /// The digest of its text.
    pub(super) text: String,
    /// The perimeter that the receipt is to hold for.
    pub(super) perimeter: PerimeterDigest,
}

impl Subject {
    /// Whether a receipt for the other one holds for this one too: one text on one perimeter is one claim.
    pub(super) fn is_covered_with(&self, other: &Self) -> bool {
        self.repository == other.repository
            && self.text == other.text
            && self.perimeter.whole == other.perimeter.whole
    }
}

/// The repositories of a run, ready to be written into.
pub(super) struct Recorder {
    repositories: BTreeMap<String, Repository>,
    date: String,
}

impl Recorder {
    /// Opens the repositories that the command line names, and reads the clock.
    pub(super) fn open(arguments: &[String], environment: Environment<'_>) -> Result<Self> {
        let mut repositories = BTreeMap::new();
        for (directory, _) in repository_arguments(arguments) {
            let repository = Repository::open(&directory)?;
            let name = repository.short_name();
            if repositories.insert(name.clone(), repository).is_some() {
                bail!(
                    "two of the repositories are called {name}, and a receipt goes into the carve-out's own: name one of them at a time"
                );
            }
        }
        Ok(Self {
            repositories,
            date: today(environment)?,
        })
    }

    /// Whether every one of these can be written, before any is.
    pub(super) fn check(&self, subjects: &[&Subject]) -> Result<()> {
        for subject in subjects {
            let repository = self.of(&subject.repository)?;
            author(repository)?;
            ledger::Ledger::parse(ledger::PATH, &text_of(repository)?)
                .map_err(anyhow::Error::msg)?;
        }
        Ok(())
    }

    /// Writes receipts for these, each ledger whole or not at all; `false` for those that were there already.
    pub(super) fn write(&self, subjects: &[&Subject], reason: &str) -> Result<Vec<bool>> {
        let mut is_new = Vec::new();
        for subject in subjects {
            let repository = self.of(&subject.repository)?;
            let receipt = Receipt {
                carve_out: subject.text.clone(),
                date: self.date.clone(),
                perimeter: subject.perimeter.clone(),
                path: subject.path.clone(),
                by: author(repository)?,
                reason: reason.to_owned(),
            };
            is_new.push(rewrite(repository, &|text| {
                ledger::with(ledger::PATH, text, &receipt)
            })?);
        }
        Ok(is_new)
    }

    /// Whether git passes the ledger over.
    pub(super) fn is_ignored(&self, repository: &str) -> bool {
        self.repositories
            .get(repository)
            .is_some_and(|one| one.ignores(ledger::PATH))
    }

    /// The top of a repository's work tree.
    pub(super) fn top(&self, repository: &str) -> Option<&Path> {
        self.repositories.get(repository)?.top()
    }

    fn of(&self, name: &str) -> Result<&Repository> {
        let Some(repository) = self.repositories.get(name) else {
            let known: Vec<&str> = self.repositories.keys().map(String::as_str).collect();
            bail!(
                "the carve-out is of the repository {name}, and here is {}: name its clone with --repo",
                known.join(", ")
            );
        };
        if repository.top().is_none() {
            bail!(UsageError::ReceiptNeedsWorkTree);
        }
        Ok(repository)
    }
}

/// Changes the ledger of a work tree, or makes one; `false` if nothing is to be changed.
pub(super) fn rewrite(
    repository: &Repository,
    change: &dyn Fn(&str) -> Result<String, String>,
) -> Result<bool> {
    for _ in 0..ATTEMPTS {
        let before = text_of(repository)?;
        let after = change(&before).map_err(anyhow::Error::msg)?;
        if after == before {
            return Ok(false);
        }
        let is_there = repository.read(Revision::WorkTree, ledger::PATH)?.is_some();
        let is_written = if is_there {
            let replace =
                |bytes: &[u8]| (bytes == before.as_bytes()).then(|| after.clone().into_bytes());
            repository.rewrite(ledger::PATH, &replace)?
        } else {
            repository.create(ledger::PATH, after.as_bytes())?
        };
        if is_written {
            return Ok(true);
        }
    }
    bail!(
        "cannot write {}: somebody else writes it, or it is no regular file",
        ledger::PATH
    )
}

/// The ledger of a work tree; empty where there is none.
fn text_of(repository: &Repository) -> Result<String> {
    if repository.top().is_none() {
        return Err(RepositoryError::NoWorkTree.into());
    }
    let bytes = repository
        .read(Revision::WorkTree, ledger::PATH)?
        .unwrap_or_default();
    Ok(ledger_text(&bytes)?.to_owned())
}

fn author(repository: &Repository) -> Result<String> {
    repository.author().context(
        "git does not know who you are, and a receipt says who justified: run `git config --global user.name \"Your Name\"` \
         and the same for user.email",
    )
}

/// The day in UTC, by the clock or, where builds are to be repeated, by SOURCE_DATE_EPOCH.
pub(super) fn today(environment: Environment<'_>) -> Result<String> {
    let seconds = match environment("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) {
        Some(text) => text.parse().ok(),
        None => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|past| i64::try_from(past.as_secs()).ok()),
    };
    seconds
        .and_then(date_of)
        .context("cannot tell the date: SOURCE_DATE_EPOCH must be seconds since 1970")
}

/// A reason on one line, or why it is none.
pub(super) fn one_line(text: &str) -> Result<String, UsageError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let reason = words.join(" ");
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(UsageError::EmptyReason);
    }
    Ok(reason)
}

/// The command that puts the ledger below a directory into the next commit, from where the user is.
pub(super) fn how_to_add(top: &Path) -> String {
    let here = Path::new(".").canonicalize();
    let place = ledger::PATH;
    match (here, top.canonicalize()) {
        (Ok(here), Ok(top)) if here == top => format!("git add {place}"),
        // Below it, a path begins at the top with this.
        (Ok(here), Ok(top)) if here.starts_with(&top) => format!("git add :/{place}"),
        _ => format!("git -C {} add {place}", top.display()),
    }
}
