//! Inventories as files: read line by line, and written in one order.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Result, bail};
use sha2::{Digest as _, Sha256};

use crate::carveout::inventory::{Inventory, Newest, Reading, Undecided};
use crate::report::json::inventory::{
    ErrorLine, Line, RepositoryLine, SCHEMA, VersionOfRepository, parse, render,
};
use crate::report::text::escape_json;

use super::super::unreadable;

/// Digits of the digest of a reading.
const DIGITS: usize = 32;

/// Words for an error line, by which it is known again.
const UNREAD: &str = "unread";
const UNDECIDED: &str = "undecided";
const MISSING: &str = "missing";

/// What readings are told apart by.
pub(super) fn digest_of(lines: &[String]) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(line);
        hasher.update("\n");
    }
    let digest = hasher.finalize();
    let mut digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(DIGITS);
    digits
}

/// Reads files of inventories into one; `-` is standard input.
///
/// # Errors
///
/// With file and line, if one is not what `perimeter inventory` writes, or was cut off.
pub(super) fn read(paths: &[impl AsRef<Path>]) -> Result<Inventory> {
    let mut inventory = Inventory::default();
    for path in paths {
        let path = path.as_ref();
        let bytes = if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map(|_| bytes)
        } else {
            std::fs::read(path)
        };
        let bytes = bytes.map_err(|error| unreadable("inventory", path, &error))?;
        let label = path.display().to_string();
        let Ok(text) = std::str::from_utf8(&bytes) else {
            bail!("{label} is not UTF-8 text: pass what `perimeter inventory` wrote");
        };
        inventory.merge(parsed(&label, text)?);
    }
    Ok(inventory)
}

/// Reads the text of a file; `label` is for messages.
pub(super) fn parsed(label: &str, text: &str) -> Result<Inventory> {
    let mut inventory = Inventory::default();
    let mut open: Option<Section> = None;
    for (index, line) in text.lines().enumerate() {
        let at = || format!("{label}:{}", index + 1);
        if line.trim().is_empty() {
            continue;
        }
        let parsed = match parse(line) {
            Ok(parsed) => parsed,
            Err(message) => bail!("{}: {message}: pass what `perimeter inventory` wrote", at()),
        };
        let (repository, is_carve_out) = match &parsed {
            Line::Repository(header) => {
                close(open.take(), label, &mut inventory)?;
                open = Some(Section {
                    header: (**header).clone(),
                    lines: vec![escape_json(line)],
                    counted: (0, 0),
                });
                continue;
            }
            Line::Error(error) => {
                close(open.take(), label, &mut inventory)?;
                add_error(&mut inventory, error);
                continue;
            }
            Line::CarveOut(carve_out) => (&carve_out.repository, true),
            Line::Receipt(receipt) => (&receipt.repository, false),
        };
        let Some(section) = open
            .as_mut()
            .filter(|one| one.header.repository == *repository)
        else {
            bail!(
                "{}: this belongs to the repository {repository}, and stands below another: pass files as they were written",
                at()
            );
        };
        section.lines.push(escape_json(line));
        let (carve_outs, receipts) = &mut section.counted;
        *if is_carve_out { carve_outs } else { receipts } += 1;
    }
    close(open, label, &mut inventory)?;
    if inventory == Inventory::default() {
        bail!(
            "{label} is empty, and an inventory has one line at least: pass what `perimeter inventory` wrote"
        );
    }
    Ok(inventory)
}

/// A repository whose lines are being read.
struct Section {
    header: RepositoryLine,
    lines: Vec<String>,
    /// Carve-outs and receipts.
    counted: (usize, usize),
}

fn close(section: Option<Section>, label: &str, inventory: &mut Inventory) -> Result<()> {
    let Some(section) = section else {
        return Ok(());
    };
    let header = section.header;
    let told = (header.carve_outs, header.receipts);
    if section.counted != told {
        bail!(
            "{label}: of {} there are {} carve-outs and {} receipts, and its first line tells of {} and {}: the file is not whole, make it anew",
            header.repository,
            section.counted.0,
            section.counted.1,
            told.0,
            told.1
        );
    }
    let reading = Reading {
        committed: header.committed.unwrap_or_default(),
        commit: header.commit.unwrap_or_default(),
        digest: digest_of(&section.lines),
        lines: section.lines,
    };
    inventory.add(&header.repository, Newest::Reading(reading));
    Ok(())
}

fn add_error(inventory: &mut Inventory, error: &ErrorLine) {
    match error.error.as_str() {
        MISSING => {
            inventory.expected.insert(error.repository.clone());
        }
        UNDECIDED => {
            let versions = error.versions.iter();
            let undecided = Undecided {
                committed: error.committed.clone().unwrap_or_default(),
                versions: versions
                    .map(|one| (one.digest.clone(), one.commit.clone()))
                    .collect(),
            };
            inventory.add(&error.repository, Newest::Undecided(undecided));
        }
        // What a later version says went wrong is a failure too.
        _ => inventory.add_unread(&error.repository, &error.message),
    }
}

/// The error lines of an inventory, by repository.
pub(super) fn errors(inventory: &Inventory) -> Vec<ErrorLine> {
    let line = |repository: &str, error: &str, message: String| ErrorLine {
        schema: SCHEMA.to_owned(),
        kind: "error".to_owned(),
        repository: repository.to_owned(),
        error: error.to_owned(),
        message,
        committed: None,
        versions: Vec::new(),
    };
    let mut errors = Vec::new();
    for (repository, newest) in &inventory.newest {
        let Newest::Undecided(undecided) = newest else {
            continue;
        };
        let commits: Vec<&str> = undecided.versions.values().map(String::as_str).collect();
        let message = format!(
            "its inventories differ and none is the newer: commits {}, all of {}",
            commits.join(", "),
            undecided.committed
        );
        let versions = undecided.versions.iter();
        errors.push(ErrorLine {
            committed: Some(undecided.committed.clone()),
            versions: versions
                .map(|(digest, commit)| VersionOfRepository {
                    commit: commit.clone(),
                    digest: digest.clone(),
                })
                .collect(),
            ..line(repository, UNDECIDED, message)
        });
    }
    for (repository, reasons) in &inventory.unread {
        errors.extend(
            reasons
                .iter()
                .map(|why| line(repository, UNREAD, why.clone())),
        );
    }
    let missing = inventory.missing().into_iter();
    errors.extend(missing.map(|name| {
        line(
            name,
            MISSING,
            "it is expected, and no inventory tells of it".to_owned(),
        )
    }));
    errors.sort_by(|a, b| {
        (&a.repository, &a.error, &a.message).cmp(&(&b.repository, &b.error, &b.message))
    });
    errors
}

/// The text of an inventory: repositories by identity, then what went wrong.
pub(super) fn text_of(inventory: &Inventory) -> String {
    let mut text = String::new();
    for newest in inventory.newest.values() {
        if let Newest::Reading(reading) = newest {
            for line in &reading.lines {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    for error in errors(inventory) {
        text.push_str(&render(&error));
        text.push('\n');
    }
    text
}
