//! Symbolic links, told and never followed.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Repository, Revision};

/// How many entries of one directory are looked at.
const MAX_ENTRIES: usize = 20_000;

/// The mode of a link in a tree.
const LINK_MODE: i32 = 0o120_000;

/// A symbolic link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Where it lies, from the top of the repository.
    pub path: String,
    /// What it leads to, as it is written there.
    pub target: String,
}

impl Repository {
    /// The links that lie in some directories of a revision (empty: the top), sorted. None is followed, and directories that
    /// cannot be read hold none.
    #[must_use]
    pub fn links(&self, revision: Revision, directories: &BTreeSet<String>) -> Vec<Link> {
        let mut links = match revision {
            Revision::Empty => Vec::new(),
            Revision::WorkTree => match self.git.workdir() {
                Some(top) => directories
                    .iter()
                    .flat_map(|directory| links_on_disk(top, directory))
                    .collect(),
                None => Vec::new(),
            },
            Revision::Commit(commit) => self.links_of(commit, directories).unwrap_or_default(),
        };
        links.sort();
        links
    }

    fn links_of(
        &self,
        commit: git2::Oid,
        directories: &BTreeSet<String>,
    ) -> Result<Vec<Link>, git2::Error> {
        let top = self.git.find_commit(commit)?.tree()?;
        let mut links = Vec::new();
        for directory in directories {
            let tree = if directory.is_empty() {
                top.clone()
            } else {
                let entry = top.get_path(Path::new(directory));
                match entry.and_then(|entry| self.git.find_tree(entry.id())) {
                    Ok(tree) => tree,
                    Err(_) => continue,
                }
            };
            let entries = tree.iter().take(MAX_ENTRIES);
            for entry in entries.filter(|entry| entry.filemode() == LINK_MODE) {
                let Ok(target) = self.git.find_blob(entry.id()) else {
                    continue;
                };
                if let (Ok(name), Ok(target)) =
                    (entry.name(), std::str::from_utf8(target.content()))
                {
                    links.push(Link {
                        path: below(directory, name),
                        target: target.to_owned(),
                    });
                }
            }
        }
        Ok(links)
    }
}

fn links_on_disk(top: &Path, directory: &str) -> Vec<Link> {
    let Ok(entries) = std::fs::read_dir(top.join(directory)) else {
        return Vec::new();
    };
    let found = entries.take(MAX_ENTRIES).filter_map(|entry| {
        let entry = entry.ok()?;
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let target = is_link
            .then(|| std::fs::read_link(entry.path()).ok())
            .flatten()?;
        Some(Link {
            path: below(directory, entry.file_name().to_str()?),
            target: target.to_str()?.replace('\\', "/"),
        })
    });
    found.collect()
}

fn below(directory: &str, name: &str) -> String {
    match directory {
        "" => name.to_owned(),
        directory => format!("{directory}/{name}"),
    }
}
