//! Modules that `terraform init` fetched into the work tree, which git does not keep. Where it does keep them, what a change
//! set writes there is no more believed than any other claim of it about modules that are elsewhere.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;

use crate::carveout::comments::decode;
use crate::repos::{Repository, Revision};
use crate::sources::terraform::source::is_source;

use super::Texts;

/// Where `terraform init` says what it fetched, below a root module.
pub(super) const MANIFEST: &str = ".terraform/modules/modules.json";

/// Modules that were fetched.
#[derive(Default)]
pub(super) struct Fetched {
    pub(super) files: Texts,
    pub(super) manifests: Vec<(String, Vec<u8>)>,
}

/// Whether a path lies where Terraform puts what it fetches.
pub(in super::super) fn is_fetched(path: &str) -> bool {
    path.split('/').any(|segment| segment == ".terraform")
}

/// Of the paths that a revision has: those that should be the work of `terraform init`, that git keeps, and that a change set
/// writes.
pub(super) fn rewritten<'p>(
    repository: &Repository,
    (base, head): (Revision, Revision),
    paths: impl Iterator<Item = &'p String>,
) -> Result<BTreeSet<String>> {
    let is_kept = |path: &&String| {
        is_fetched(path)
            && (is_source(path) || path.ends_with(MANIFEST))
            && (head != Revision::WorkTree || repository.tracks(path))
    };
    let mut kept: BTreeSet<String> = paths.filter(is_kept).cloned().collect();
    if !kept.is_empty() {
        let changed = repository.changed_paths(base, head)?;
        kept.retain(|path| changed.contains(path));
    }
    Ok(kept)
}

/// Put what a change set rewrote back as it was at base.
pub(super) fn put_back(
    repository: &Repository,
    base: Revision,
    rewritten: &BTreeSet<String>,
    texts: &mut Texts,
) {
    texts.retain(|(path, _)| !rewritten.contains(path));
    for path in rewritten {
        let bytes = repository.read(base, path).ok().flatten();
        let text = bytes.and_then(|bytes| Some(decode(&bytes)?.into()));
        texts.extend(text.map(|text: Arc<str>| (path.clone(), text)));
    }
    texts.sort_by(|(one, _), (other, _)| one.cmp(other));
}

/// What was fetched for any of the modules that hold these files. It serves both revisions: which version it is of, the
/// manifest tells. What git keeps is read like any other file, and not `rewritten`.
pub(super) fn fetched_modules(
    repository: &Repository,
    files: &[(String, Arc<str>)],
    manifests: &[(String, Vec<u8>)],
    rewritten: &BTreeSet<String>,
) -> Fetched {
    let mut fetched = Fetched::default();
    let of_files = files.iter().map(|(path, _)| path.as_str());
    let of_manifests = manifests.iter().map(|(path, _)| path.as_str());
    let kept: BTreeSet<&str> = of_files
        .chain(of_manifests)
        .filter(|path| is_fetched(path))
        .collect();
    let directories: BTreeSet<&str> = files
        .iter()
        .map(|(path, _)| path.rsplit_once('/').map_or("", |(directory, _)| directory))
        .filter(|directory| !is_fetched(directory))
        .collect();
    let read = |path: &str| {
        let is_new = !rewritten.contains(path) && !kept.contains(path);
        let bytes = is_new.then(|| repository.read(Revision::WorkTree, path));
        bytes?.ok().flatten()
    };
    for directory in directories {
        let below = |name: &str| {
            if directory.is_empty() {
                name.to_owned()
            } else {
                format!("{directory}/{name}")
            }
        };
        let manifest = below(MANIFEST);
        if let Some(bytes) = read(&manifest) {
            fetched.manifests.push((manifest, bytes));
        } else if !kept.contains(manifest.as_str()) {
            continue;
        }
        let paths = repository.files_below(&below(".terraform/modules"));
        for path in paths.into_iter().filter(|path| is_source(path)) {
            let text = read(&path).and_then(|bytes| Some(decode(&bytes)?.into()));
            fetched.files.extend(text.map(|text| (path, text)));
        }
    }
    fetched
}
