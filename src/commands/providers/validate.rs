//! `perimeter providers validate FILE`: would `--providers` take this file?

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::catalog::{Added, Catalog};
use crate::commands::Problems;
use crate::commands::catalog::{lines, read_directory, read_file};
use crate::report::text::{counted, for_terminal};

/// What came of several files.
#[derive(Debug)]
pub struct Validation {
    /// A line for each file that is right.
    pub valid: String,
    /// What is wrong with the others.
    pub problems: Option<Problems>,
}

/// Load each file, or each file of a directory, over what was loaded before it, as `--providers` does.
#[must_use]
pub fn validate(mut catalog: Catalog, paths: &[PathBuf]) -> Validation {
    let mut valid = String::new();
    let mut wrong = 0;
    let mut problems = Vec::new();
    let mut refuse = |found: Vec<String>| {
        wrong += 1;
        problems.extend(found);
    };
    for path in paths {
        let files = match read(path) {
            Ok(files) => files,
            Err(error) => {
                refuse(vec![error.to_string()]);
                continue;
            }
        };
        for (path, text) in files {
            match catalog.add(&path, &text) {
                Ok(added) => valid.push_str(&line(&path, &added)),
                Err(error) => refuse(lines(&error)),
            }
        }
    }
    let summary = format!(
        "{} not valid (docs/providers.md says what each key means)",
        match wrong {
            1 => "a providers file is".to_owned(),
            several => format!("{several} providers files are"),
        }
    );
    Validation {
        valid,
        problems: (wrong > 0).then_some(Problems { summary, problems }),
    }
}

fn read(path: &Path) -> Result<Vec<(String, String)>> {
    if path.is_dir() {
        read_directory(path)
    } else {
        Ok(vec![read_file(path)?])
    }
}

/// What a file that is right holds, in a line.
fn line(path: &str, added: &Added) -> String {
    let Added {
        provider,
        is_over_another,
        modelled,
        irrelevant,
        not_yet,
        globs,
        facts,
        hides,
    } = added;
    let types = counted(modelled + irrelevant + not_yet, "type");
    let over = if *is_over_another {
        format!("laid over what is known of {provider}")
    } else {
        format!("a new provider, {provider}")
    };
    let out = if hides.is_empty() {
        String::new()
    } else {
        format!("; takes out of the perimeter: {}", hides.join(", "))
    };
    let line = format!(
        "{path}: valid: {types} ({modelled} modelled, {irrelevant} irrelevant, {not_yet} not yet modelled), {}, {}; {over}{out}",
        counted(*globs, "pattern"),
        counted(*facts, "fact"),
    );
    for_terminal(&line) + "\n"
}
