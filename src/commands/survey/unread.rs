//! What a change set changes and nobody reads: pointers to content that is elsewhere, links that lead out, files that others
//! hide, and fetched modules that somebody wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;

use crate::carveout::comments::decode_any;
use crate::graph::fragment::Notice;
use crate::repos::{Repository, Revision, SkipReason, Skipped};
use crate::sources::manifests::{ClusterName, may_be_manifest};
use crate::sources::terraform::source::{Tree, UnreadFile, UnreadKind, hidden_by, is_source};

use super::Texts;
use super::fetched::MANIFEST;

/// What one revision has that was not read, and what that is to be held against.
#[derive(Debug, Default)]
pub(super) struct NotRead {
    /// Files that could not be read, with the reason.
    skipped: BTreeMap<String, String>,
    /// Links that lead to nothing in the repository, with their targets.
    astray: BTreeMap<String, String>,
    /// Links to root modules, with their targets.
    linked_roots: BTreeMap<String, String>,
    /// Terraform files that others hide.
    hidden: BTreeMap<String, Hidden>,
    /// Directories in which resources stand where only OpenTofu reads them.
    of_opentofu: BTreeSet<String>,
    /// Files with objects that were read.
    with_objects: BTreeSet<String>,
}

#[derive(Debug)]
struct Hidden {
    text: Arc<str>,
    by: String,
    is_copy: bool,
}

fn directory_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Takes the files out that others hide.
pub(super) fn take_hidden(terraform: &mut Texts, not_read: &mut NotRead) {
    let there: BTreeMap<String, Arc<str>> = terraform
        .iter()
        .filter(|(path, _)| path.ends_with(".tofu") || path.ends_with(".tofu.json"))
        .cloned()
        .collect();
    if there.is_empty() {
        return;
    }
    let all: BTreeSet<&str> = terraform.iter().map(|(path, _)| path.as_str()).collect();
    let alone = there.iter().filter(|(path, text)| {
        let twin = path.replace(".tofu", ".tf");
        !all.contains(twin.as_str()) && text.contains("resource")
    });
    let directories = alone.map(|(path, _)| directory_of(path).to_owned());
    not_read.of_opentofu.extend(directories);
    terraform.retain(|(path, text)| {
        let other = hidden_by(path).and_then(|other| there.get_key_value(&other));
        let Some((other, shown)) = other else {
            return true;
        };
        let hidden = Hidden {
            text: text.clone(),
            by: other.clone(),
            is_copy: text == shown,
        };
        not_read.hidden.insert(path.clone(), hidden);
        false
    });
}

impl NotRead {
    /// What could not be read and may say something of the network.
    pub(super) fn note_skipped(
        &mut self,
        skipped: &[Skipped],
        clusters_of: &(dyn Fn(&str) -> Vec<ClusterName> + Sync),
    ) {
        let concerns = |path: &str| {
            let is_named = || clusters_of(path).iter().any(Option::is_some);
            is_source(path) || may_be_manifest(path) && (!path.ends_with(".json") || is_named())
        };
        for one in skipped {
            // What is missing from the clone is an error of its own where it differs.
            let is_file = !matches!(
                one.reason,
                SkipReason::Missing | SkipReason::Submodule | SkipReason::NestedRepository
            );
            if is_file && concerns(&one.path) {
                self.skipped
                    .insert(one.path.clone(), one.reason.to_string());
            }
        }
    }

    pub(super) fn note_astray(&mut self, astray: BTreeMap<String, String>) {
        self.astray = astray;
    }

    pub(super) fn note_objects<'p>(&mut self, paths: impl Iterator<Item = &'p String>) {
        self.with_objects = paths.cloned().collect();
    }

    /// Links to root modules: whoever runs Terraform there makes a network that is not evaluated.
    pub(super) fn note_linked_roots(&mut self, tree: &Tree) {
        for (path, target) in tree.linked_roots() {
            self.linked_roots.insert(path.to_owned(), target.to_owned());
        }
    }

    /// What is said of it, whether it changes or not.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let astray = self.astray.iter().map(|(path, target)| Notice {
            kind: "link-not-followed",
            subject: path.clone(),
            message: format!(
                "it leads to {target}, which is no file of this repository: what stands there is not seen"
            ),
        });
        let roots = self.linked_roots.iter().map(|(path, target)| Notice {
            kind: "link-not-followed",
            subject: path.clone(),
            message: format!(
                "it leads to the root module {target}: whoever runs Terraform here makes a network of its own, which is not evaluated"
            ),
        });
        astray.chain(roots).collect()
    }
}

/// The files that differ between two revisions and that were not read, at one of them or at both.
///
/// `reads_source`: the perimeter is read from Terraform files.
pub(super) fn changed_unread(
    repository: &Repository,
    (base, head): (Revision, Revision),
    [before, after]: [&NotRead; 2],
    (rewritten, reads_source): (&BTreeSet<String>, bool),
) -> Result<BTreeSet<UnreadFile>> {
    let mut unread = BTreeSet::new();
    if base == head {
        return Ok(unread);
    }
    let mut add = |path: &str, kind: UnreadKind| {
        let path = path.to_owned();
        if reads_source || !is_source(&path) {
            unread.insert(UnreadFile { path, kind });
        }
    };
    let sides = [before, after];
    if sides.iter().any(|side| !side.skipped.is_empty()) {
        let changed = repository.changed_paths(base, head)?;
        let skipped = sides.iter().flat_map(|side| &side.skipped);
        for (path, reason) in skipped.filter(|(path, _)| changed.contains(*path)) {
            let held_objects = sides.iter().any(|side| side.with_objects.contains(path));
            let is_on_both = sides.iter().all(|side| side.skipped.contains_key(path));
            if is_source(path) || held_objects || is_on_both {
                add(path, UnreadKind::Skipped(reason.clone()));
            }
        }
    }
    for (path, target) in &after.astray {
        if before.astray.get(path) != Some(target) {
            add(path, UnreadKind::Astray(target.clone()));
        }
    }
    for (path, target) in &after.linked_roots {
        let was = before.linked_roots.get(path);
        if was.is_some_and(|was| was != target) {
            add(path, UnreadKind::Astray(target.clone()));
        }
    }
    let hidden: BTreeSet<&String> = sides.iter().flat_map(|side| side.hidden.keys()).collect();
    for path in hidden {
        let text = |revision: Revision, side: &NotRead| match side.hidden.get(path) {
            Some(hidden) => Some(hidden.text.clone()),
            None => {
                let bytes = repository.read(revision, path).ok().flatten();
                bytes.map(|bytes| decode_any(&bytes).into())
            }
        };
        let (was, is) = (text(base, before), text(head, after));
        let seen = after.hidden.get(path);
        let is_seen = match seen {
            Some(hidden) => hidden.is_copy,
            // What is no longer hidden is read.
            None => is.is_some(),
        };
        let by = seen.or_else(|| before.hidden.get(path));
        // Who kept resources where Terraform does not look runs OpenTofu.
        let is_in_doubt = !before.of_opentofu.contains(directory_of(path));
        if was != is
            && !is_seen
            && is_in_doubt
            && let Some(hidden) = by
        {
            add(path, UnreadKind::Hidden(hidden.by.clone()));
        }
    }
    // One for each root module tells enough.
    let mut told = BTreeSet::new();
    for path in rewritten {
        let (root, _) = path.split_once(".terraform/").unwrap_or((path, ""));
        if told.insert(root) {
            let manifest = format!("{root}{MANIFEST}");
            let shown = rewritten.get(&manifest).unwrap_or(path);
            add(shown, UnreadKind::Fetched);
        }
    }
    Ok(unread)
}
