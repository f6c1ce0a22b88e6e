//! Files of values that Terraform reads only when it is told to: which root module each is for, and which are for none.
//!
//! A root module that is run once for each of several such files makes as many networks. So it is evaluated once for each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::attribute::Attribute;
use super::syntax::SourceFile;
use super::tree::{Tree, directory_of};

/// How often a root module is evaluated at most, for as many files.
const MAX_RUNS: usize = 64;

/// What somebody says of the files that a root module is run with.
#[derive(Debug, Clone)]
pub struct NamedRun {
    /// The root module's directory; empty at the top of the repository.
    pub root: String,
    /// Paths from the top of the repository, in the order in which later ones win.
    pub files: Vec<String>,
}

/// One run of a root module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    /// The root module's directory.
    pub(super) root: String,
    /// The files that it is told to read; none: those that it reads by itself are all.
    pub(super) files: Vec<String>,
}

/// A file that differs between base and head, and that no evaluation reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreadFile {
    /// Its path from the top of the repository.
    pub path: String,
    /// What it is.
    pub kind: UnreadKind,
}

/// What kind of file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnreadKind {
    /// Values of variables.
    Values,
    /// Values of variables, where somebody named others to evaluate with: those of another run.
    OtherValues,
    /// What hands values to modules, or says which modules there are, and is not understood: Terragrunt, Stacks.
    Unit,
}

/// The runs of root modules, at any of two revisions: one for each file of values that is theirs.
pub(super) fn runs(
    trees: &[&Tree],
    roots: &[String],
    named: &[NamedRun],
    values_are_given: bool,
) -> Vec<Run> {
    let mut found: BTreeMap<&str, BTreeSet<Vec<String>>> = BTreeMap::new();
    for root in roots {
        let own = named.iter().filter(|one| one.root == *root);
        let files = own.map(|one| one.files.clone());
        found.insert(root, files.collect());
    }
    let is_free = |root: &str| !named.iter().any(|one| one.root == root);
    if !values_are_given {
        for tree in trees {
            for file in tree.loose_values() {
                for root in roots_of(tree, file, roots) {
                    if is_free(root)
                        && let Some(runs) = found.get_mut(root)
                        && runs.len() < MAX_RUNS
                    {
                        runs.insert(vec![file.path().to_owned()]);
                    }
                }
            }
        }
    }
    let mut runs = Vec::new();
    for (root, own) in found {
        let run = |files: Vec<String>| Run {
            root: root.to_owned(),
            files,
        };
        if own.is_empty() {
            runs.push(run(Vec::new()));
        }
        runs.extend(own.into_iter().map(run));
    }
    runs
}

/// The root modules that a file of values is for: the one that it lies in or below, if that declares any of what it sets;
/// else all that declare everything that it sets.
fn roots_of<'r>(tree: &Tree, file: &SourceFile, roots: &'r [String]) -> Vec<&'r str> {
    let declares = |root: &str, name: &String| {
        let definition = tree.definition(root);
        definition.is_some_and(|definition| definition.variables.contains_key(name))
    };
    let mut directory = Some(directory_of(file.path()));
    while let Some(here) = directory {
        if tree
            .definition(&here)
            .is_some_and(|one| one.is_configured())
        {
            let root = roots.iter().find(|root| **root == here);
            let takes = |root: &&String| file.attributes.keys().any(|name| declares(root, name));
            if let Some(root) = root.filter(takes) {
                return vec![root];
            }
            break;
        }
        directory = (!here.is_empty()).then(|| directory_of(&here));
    }
    let takes_all = |root: &&String| {
        !file.attributes.is_empty() && file.attributes.keys().all(|name| declares(root, name))
    };
    let all = roots.iter().filter(takes_all);
    all.map(String::as_str).collect()
}

impl Run {
    /// The values that it is given at a revision; `None` if it is no run there, because its files are only at the other one.
    pub(super) fn values(&self, tree: &Tree, all: &[Run]) -> Option<BTreeMap<String, Attribute>> {
        let of = |run: &Run| -> Vec<Arc<SourceFile>> {
            let files = run.files.iter();
            files.filter_map(|path| tree.values_file(path)).collect()
        };
        let own = of(self);
        let is_another = |run: &&Run| run.root == self.root && !of(run).is_empty();
        if own.is_empty() && !self.files.is_empty() && all.iter().any(|run| is_another(&run)) {
            return None;
        }
        let mut values = BTreeMap::new();
        for file in own {
            let read = file.attributes.iter();
            values.extend(read.map(|(name, value)| (name.clone(), value.clone())));
        }
        Some(values)
    }

    /// Whether what it is told to read is the same at two revisions.
    pub(super) fn reads_the_same(&self, one: &Tree, other: &Tree) -> bool {
        self.files.iter().all(
            |path| match (one.values_file(path), other.values_file(path)) {
                (None, None) => true,
                (Some(one), Some(other)) => one.is_copy_of(&other),
                _ => false,
            },
        )
    }

    /// What tells it from other runs of its root module; empty if it is the only one.
    pub(super) fn label(&self) -> String {
        self.files.join("+")
    }
}

/// The files that differ between two revisions and that none of these runs reads, nor anybody who named some.
pub(super) fn changed_unread(
    [base, head]: [&Tree; 2],
    runs: &[Run],
    named: &BTreeSet<&str>,
) -> BTreeSet<UnreadFile> {
    let read: BTreeSet<&str> = runs
        .iter()
        .flat_map(|run| run.files.iter().map(String::as_str))
        .chain(named.iter().copied())
        .collect();
    let mut unread = BTreeSet::new();
    let by_path = |tree: &Tree, kind: UnreadKind| -> BTreeMap<String, Arc<SourceFile>> {
        let files: Vec<Arc<SourceFile>> = match kind {
            UnreadKind::Values | UnreadKind::OtherValues => tree.loose_values().cloned().collect(),
            UnreadKind::Unit => tree.units.clone(),
        };
        let files = files.into_iter();
        files.map(|file| (file.path().to_owned(), file)).collect()
    };
    let values = if named.is_empty() {
        UnreadKind::Values
    } else {
        UnreadKind::OtherValues
    };
    for kind in [values, UnreadKind::Unit] {
        let sides = [base, head].map(|tree| by_path(tree, kind));
        let paths: BTreeSet<&String> = sides.iter().flat_map(BTreeMap::keys).collect();
        for path in paths {
            let is_same = match (sides[0].get(path), sides[1].get(path)) {
                (Some(base), Some(head)) => base.is_copy_of(head),
                _ => false,
            };
            if !is_same && !read.contains(path.as_str()) {
                unread.insert(UnreadFile {
                    path: path.clone(),
                    kind,
                });
            }
        }
    }
    unread
}
