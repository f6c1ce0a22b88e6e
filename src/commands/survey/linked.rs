//! Files that are read through symbolic links. What a link leads to outside the repository is never read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::carveout::comments::decode_any;
use crate::repos::{Repository, Revision, is_large_file_pointer};
use crate::sources::manifests::{ClusterName, may_be_manifest, may_hold_objects};
use crate::sources::terraform::source::{Links, is_source};

use super::Texts;

/// How many files are read through links at most; what is beyond counts as not read.
const MAX_LINKED: usize = 10_000;

/// How many bytes are read for links whose targets nobody wanted by themselves.
const MAX_LINKED_BYTES: usize = 64 << 20;

/// What links add to the files of a revision, by the paths of the links.
#[derive(Default)]
pub(super) struct Linked {
    /// Terraform files.
    pub(super) terraform: Texts,
    /// Files with Kubernetes and mesh objects.
    pub(super) objects: Texts,
    /// Links with such names that lead to nothing in the repository, with their targets.
    pub(super) astray: BTreeMap<String, String>,
}

/// What is known of a revision before its links are looked at.
pub(super) struct Surroundings<'s> {
    pub(super) repository: &'s Repository,
    pub(super) revision: Revision,
    pub(super) links: &'s Links,
    /// Terraform files.
    pub(super) terraform: &'s [(String, Arc<str>)],
    /// Files that may hold objects.
    pub(super) objects: &'s [(String, Arc<str>)],
    /// The clusters that the objects of a path belong to.
    pub(super) clusters_of: &'s (dyn Fn(&str) -> Vec<ClusterName> + Sync),
    /// Whether the settings leave a path out.
    pub(super) is_ignored: &'s dyn Fn(&str) -> bool,
}

/// Everything that is read through links: files under other names, and manifests in linked directories. Calls of modules find
/// linked directories by themselves.
pub(super) fn linked(around: &Surroundings<'_>) -> Linked {
    let mut linked = Linked::default();
    let terraform: BTreeMap<&str, &Arc<str>> = by_path(around.terraform);
    let objects: BTreeMap<&str, &Arc<str>> = by_path(around.objects);
    let mut room = MAX_LINKED;
    let mut bytes_left = MAX_LINKED_BYTES;
    let mut read = |path: &str| -> Option<Arc<str>> {
        let repository = around.repository;
        let is_on_disk = around.revision == Revision::WorkTree;
        // What git ignores is one machine's own, by whatever name.
        if is_on_disk && repository.ignores(path) && !repository.tracks(path) {
            return None;
        }
        let bytes = repository.read(around.revision, path).ok()??;
        bytes_left = bytes_left.checked_sub(bytes.len())?;
        let is_text = !is_large_file_pointer(&bytes);
        is_text.then(|| decode_any(&bytes).into())
    };
    for (path, target) in around.links.iter() {
        if (around.is_ignored)(path) {
            continue;
        }
        let real = around.links.resolve(path);
        let is_terraform = is_source(path);
        if !is_terraform && let Some(real) = &real {
            let below = format!("{real}/");
            let inside = objects.range(below.as_str()..);
            let inside = inside.take_while(|(other, _)| other.starts_with(&below));
            for (other, text) in inside {
                let alias = format!("{path}/{}", &other[below.len()..]);
                if room > 0 && adds_a_cluster(around, &alias, other) {
                    room -= 1;
                    linked.objects.push((alias, (*text).clone()));
                }
            }
        }
        let is_in_a_cluster = || {
            let clusters = (around.clusters_of)(path);
            clusters.iter().any(Option::is_some)
        };
        let is_manifest = || may_be_manifest(path) && !(around.clusters_of)(path).is_empty();
        if !is_terraform && !is_manifest() {
            continue;
        }
        let Some(rest) = room.checked_sub(1) else {
            linked.astray.insert(path.to_owned(), target.to_owned());
            continue;
        };
        room = rest;
        let known = real.as_deref().and_then(|real| {
            let known = if is_terraform { &terraform } else { &objects };
            known.get(real).map(|text| (*text).clone())
        });
        let is_known = known.is_some();
        let text = known.or_else(|| read(real.as_deref()?));
        match (text, real) {
            (Some(text), _) if is_terraform => linked.terraform.push((path.to_owned(), text)),
            (Some(text), Some(real)) => {
                let adds = !is_known || adds_a_cluster(around, path, &real);
                if adds && may_hold_objects(path, text.as_bytes()) {
                    linked.objects.push((path.to_owned(), text));
                }
            }
            _ if is_terraform || is_in_a_cluster() => {
                linked.astray.insert(path.to_owned(), target.to_owned());
            }
            _ => {}
        }
    }
    linked
}

fn by_path(texts: &[(String, Arc<str>)]) -> BTreeMap<&str, &Arc<str>> {
    let texts = texts.iter();
    texts.map(|(path, text)| (path.as_str(), text)).collect()
}

/// Whether the objects of a file belong to more clusters by another of its names.
fn adds_a_cluster(around: &Surroundings<'_>, alias: &str, path: &str) -> bool {
    let own: BTreeSet<ClusterName> = (around.clusters_of)(path).into_iter().collect();
    let mut others = (around.clusters_of)(alias).into_iter();
    others.any(|cluster| !own.contains(&cluster))
}
