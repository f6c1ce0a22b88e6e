//! The built-in providers files and an organisation's own, as every command that takes `--providers` reads them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::catalog::{Catalog, CatalogError};

use super::{Problems, unreadable};

/// What is built in, with the files of a directory laid over it.
///
/// # Errors
///
/// If the directory or a file in it cannot be read, or a file says something wrong.
pub fn load(directory: Option<&Path>) -> Result<Catalog> {
    let catalog = Catalog::embedded();
    let Some(directory) = directory else {
        return Ok(catalog);
    };
    catalog
        .with_directory(read_directory(directory)?)
        .map_err(|error| {
            let summary = "the providers files do not load".to_owned();
            let problems = lines(&error);
            anyhow::Error::new(Problems { summary, problems })
        })
}

/// Path and text of each providers file of a directory, in the order of their names.
///
/// # Errors
///
/// If there is none, or one cannot be read.
pub(super) fn read_directory(directory: &Path) -> Result<Vec<(String, String)>> {
    let entries = std::fs::read_dir(directory)
        .map_err(|error| unreadable("the providers directory", directory, &error))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.retain(|path| {
        matches!(
            path.extension().and_then(|ending| ending.to_str()),
            Some("yaml" | "yml")
        )
    });
    paths.sort();
    if paths.is_empty() {
        bail!(
            "the providers directory {} holds no .yaml file: name a directory with providers files (docs/providers.md says what they are)",
            directory.display()
        );
    }
    paths.iter().map(|path| read_file(path)).collect()
}

/// Path and text of a providers file.
///
/// # Errors
///
/// If it cannot be read, or is no text.
pub(super) fn read_file(path: &Path) -> Result<(String, String)> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| unreadable("providers file", path, &error))?;
    Ok((path.display().to_string(), text))
}

/// What is wrong with a file, a line each.
pub(super) fn lines(error: &CatalogError) -> Vec<String> {
    error.problems.iter().map(ToString::to_string).collect()
}
