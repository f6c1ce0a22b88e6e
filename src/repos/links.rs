//! Symbolic links and submodules of a revision, told and never followed.

use git2::Oid;

use super::Repository;

/// How many links of a revision are looked at; what is beyond leads nowhere.
const MAX_LINKS: usize = 20_000;

/// How long a target may be: no system accepts longer ones.
const MAX_TARGET_BYTES: usize = 4096;

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

/// A repository of its own, recorded by commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Submodule {
    /// Where it lies, from the top of the repository.
    pub path: String,
    /// The commit.
    pub commit: String,
}

/// What a revision has beside files.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// Links by path, with the blobs that hold their targets; none: the target is on disk.
    links: Vec<(String, Option<Oid>)>,
    pub(super) submodules: Vec<Submodule>,
}

impl Others {
    pub(super) fn add_link(&mut self, path: String, target: Option<Oid>) {
        if self.links.len() < MAX_LINKS {
            self.links.push((path, target));
        }
    }

    pub(super) fn add_submodule(&mut self, path: &str, commit: Oid) {
        self.submodules.push(Submodule {
            path: path.to_owned(),
            commit: commit.to_string(),
        });
    }
}

/// Whether a mode is that of a link.
pub(super) fn is_link_mode(mode: i32) -> bool {
    mode & 0o170_000 == LINK_MODE
}

impl Repository {
    /// The links among what a revision has, with what they lead to, sorted. Those that cannot be read are left out.
    pub(super) fn links_among(&self, others: &Others) -> Vec<Link> {
        let target = |path: &str, blob: Option<Oid>| match blob {
            Some(blob) => {
                let blob = self.git.find_blob(blob).ok()?;
                Some(str::from_utf8(blob.content()).ok()?.to_owned())
            }
            None => {
                let target = std::fs::read_link(self.git.workdir()?.join(path)).ok()?;
                Some(target.to_str()?.replace('\\', "/"))
            }
        };
        let links = others.links.iter();
        let mut links: Vec<Link> = links
            .filter_map(|(path, blob)| {
                let target = target(path, *blob)?;
                (target.len() <= MAX_TARGET_BYTES).then(|| Link {
                    path: path.clone(),
                    target,
                })
            })
            .collect();
        links.sort();
        links.dedup();
        links
    }

    /// The submodules that the index has, as they are checked out.
    pub(super) fn checked_out(&self, submodules: Vec<Submodule>) -> Vec<Submodule> {
        let now = submodules.into_iter().map(|one| {
            let found = self.git.find_submodule(&one.path).ok();
            let commit = found.and_then(|found| found.workdir_id());
            Submodule {
                commit: commit.map_or(one.commit, |commit| commit.to_string()),
                path: one.path,
            }
        });
        now.collect()
    }
}
