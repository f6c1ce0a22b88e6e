//! The built-in providers files and an organisation's own, as every command that takes `--providers` reads them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::catalog::{Catalog, CatalogError};
use crate::graph::fragment::Notice;
use crate::repos::{Known, Repository, Revision, Scan};

use super::inputs::inside;
use super::{Problems, unreadable};

/// What is built in, with the files of a directory laid over it.
///
/// # Errors
///
/// If the directory or a file in it cannot be read, or a file says something wrong.
pub fn load(directory: Option<&Path>) -> Result<Catalog> {
    let files = directory.map(read_directory).transpose()?;
    Ok(laid_over(files.unwrap_or_default())?.0)
}

/// The same for a change set that starts from `base`: files of the directory that are of its own repository are as they are
/// there. Also tells what a reader of the verdict has to know of them.
///
/// # Errors
///
/// As [`load`], or if the repository cannot be read at base.
pub(super) fn load_in_force(
    directory: Option<&Path>,
    repository: &Repository,
    base: Option<Revision>,
) -> Result<(Catalog, Vec<Notice>)> {
    let Some(directory) = directory else {
        return Ok((Catalog::embedded(), Vec::new()));
    };
    let mut files = read_directory(directory)?;
    let mut notices = Vec::new();
    let top = repository.top().and_then(|top| top.canonicalize().ok());
    let base = base.filter(|base| *base != Revision::WorkTree);
    if let (Some(base), Some(below)) = (base, inside(directory, top.as_deref())) {
        let (held, differs) = as_at_base(files, &below, repository, base)?;
        files = held;
        if differs {
            notices.push(Notice {
                kind: "settings-from-base",
                subject: format!("--providers {below}"),
                message: "a change set does not decide what types mean for itself: the providers files of base hold, and those of head from the merge on".to_owned(),
            });
        }
    }
    let (catalog, hidden) = laid_over(files)?;
    notices.extend(hidden.into_iter().map(|(file, name)| Notice {
        kind: "provider-overrides-built-in",
        subject: name,
        message: format!(
            "it is a part of the perimeter by what is built in, and {file} takes it out: what it makes is not seen"
        ),
    }));
    Ok((catalog, notices))
}

/// The providers files of a directory with those that git tracks, or base has, as they are at base; and whether that makes a
/// difference.
fn as_at_base(
    files: Vec<(String, String)>,
    below: &str,
    repository: &Repository,
    base: Revision,
) -> Result<(Vec<(String, String)>, bool)> {
    let path_of = |name: &str| match below {
        "" => name.to_owned(),
        below => format!("{below}/{name}"),
    };
    let is_meant = |path: &str| {
        let name = match below {
            "" => Some(path),
            below => path
                .strip_prefix(below)
                .and_then(|rest| rest.strip_prefix('/')),
        };
        name.is_some_and(|name| !name.contains('/') && is_providers_file(Path::new(name)))
    };
    let listing = repository.scan(
        base,
        &Scan {
            know: &|path: &str, _| {
                if is_meant(path) {
                    Known::No
                } else {
                    Known::Irrelevant
                }
            },
            read: &|_, _, bytes: &[u8]| Some(String::from_utf8_lossy(bytes).into_owned()),
        },
    )?;
    if let Some(skipped) = listing.skipped.iter().find(|one| is_meant(&one.path)) {
        bail!(
            "cannot read the providers file {} as it is at base: {}",
            skipped.path,
            skipped.reason
        );
    }
    let at_base: BTreeMap<String, String> = listing
        .files
        .into_iter()
        .map(|file| (file.path, file.value))
        .collect();
    let mut differs = false;
    let mut held: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (shown, text) in files {
        let name = Path::new(&shown).file_name().unwrap_or_default();
        let path = path_of(&name.to_string_lossy());
        match at_base.get(&path) {
            Some(before) => differs |= *before != text,
            None if repository.tracks(&path) => differs = true,
            // What CI made, or somebody tries out, is of no change set.
            None => {
                held.insert(path, (shown, text));
            }
        }
    }
    for (path, text) in at_base {
        differs |= !repository.tracks(&path);
        held.insert(path.clone(), (path, text));
    }
    Ok((held.into_values().collect(), differs))
}

/// What is built in with these files laid over it, and the modelled types that they take out, each with its file.
fn laid_over(files: Vec<(String, String)>) -> Result<(Catalog, Vec<(String, String)>)> {
    let mut catalog = Catalog::embedded();
    let mut hidden = Vec::new();
    for (path, text) in files {
        let added = catalog.add(&path, &text).map_err(|error| {
            let summary = "the providers files do not load".to_owned();
            let problems = lines(&error);
            anyhow::Error::new(Problems { summary, problems })
        })?;
        hidden.extend(added.hides.into_iter().map(|name| (path.clone(), name)));
    }
    Ok((catalog, hidden))
}

fn is_providers_file(path: &Path) -> bool {
    matches!(
        path.extension().and_then(|ending| ending.to_str()),
        Some("yaml" | "yml")
    )
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
    paths.retain(|path| is_providers_file(path));
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
