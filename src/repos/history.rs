//! Since when something stands in a repository, wherever it stood in the meantime.
//!
//! Blame follows lines; this follows what they say: whoever asks tells which keys a file holds. So moved lines, renamed files
//! and rewrapped comments keep their age, which libgit2's own blame would lose. One walk serves all that is asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use git2::{Commit, Delta, DiffOptions, Oid, Tree};

use super::{LastChange, MAX_FILE_BYTES, Repository, RepositoryError, Revision, date_of};

/// Most files that one commit changed and that are searched for where something was before.
const MOST_CHANGED_FILES: usize = 20_000;

/// Something that stands in a file of a revision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thread {
    /// The file.
    pub path: String,
    /// What of it: one of the keys that the file holds.
    pub key: String,
}

/// When something came to stand in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Introduction {
    /// This commit introduced it.
    By(LastChange),
    /// No commit has it.
    NotCommitted,
    /// The clone is shallow, and its history ends before.
    Shallow,
    /// A commit changed more files than are searched, and it may have stood in any of them.
    TooManyFiles(LastChange),
}

/// The keys that a file holds, each as often as it holds it.
pub type KeysIn<'k> = &'k dyn Fn(&str, &[u8]) -> Vec<String>;

impl Repository {
    /// Since when each of these things stands in the repository, in their order.
    ///
    /// # Errors
    ///
    /// If the history cannot be read.
    pub fn introductions(
        &self,
        revision: Revision,
        threads: &[Thread],
        keys_in: KeysIn<'_>,
    ) -> Result<Vec<Introduction>, RepositoryError> {
        let mut found = vec![Introduction::NotCommitted; threads.len()];
        let start = match revision {
            Revision::Commit(commit) => Some(commit),
            Revision::WorkTree => self.head()?,
            Revision::Empty => None,
        };
        let Some(start) = start.filter(|_| !threads.is_empty()) else {
            return Ok(found);
        };
        let unreadable = |error: git2::Error| RepositoryError::unreadable("the history", &error);
        let mut walk = Walk {
            repository: self,
            keys_in,
            known: HashMap::new(),
            pending: BTreeMap::new(),
        };
        let commit = self.git.find_commit(start).map_err(unreadable)?;
        walk.begin(&commit, revision, threads)?;
        while let Some(((_, commit), standing)) = walk.pending.pop_last() {
            let commit = self.git.find_commit(commit).map_err(unreadable)?;
            let introduced = walk.step(&commit, standing).map_err(unreadable)?;
            for (index, introduction) in introduced {
                found[index] = introduction;
            }
        }
        Ok(found)
    }
}

/// One thing on its way back through history.
#[derive(Debug, Clone)]
struct Standing {
    /// Which of those asked for.
    index: usize,
    path: String,
    key: String,
}

struct Walk<'w> {
    repository: &'w Repository,
    keys_in: KeysIn<'w>,
    /// What files hold that were looked at: how often each key.
    known: HashMap<(Oid, String), BTreeMap<String, usize>>,
    /// What stands in a commit, the youngest last.
    pending: BTreeMap<(i64, Oid), Vec<Standing>>,
}

impl Walk<'_> {
    fn put(&mut self, commit: &Commit<'_>, standing: Standing) {
        let place = (commit.time().seconds(), commit.id());
        self.pending.entry(place).or_default().push(standing);
    }

    /// Things as they stand in the first commit. In the work tree they may lie elsewhere than in the commit below it.
    fn begin(
        &mut self,
        commit: &Commit<'_>,
        revision: Revision,
        threads: &[Thread],
    ) -> Result<(), RepositoryError> {
        let unreadable = |error: git2::Error| RepositoryError::unreadable("the history", &error);
        let tree = commit.tree().map_err(unreadable)?;
        let mut left: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut elsewhere = Vec::new();
        for (index, thread) in threads.iter().enumerate() {
            let standing = Standing {
                index,
                path: thread.path.clone(),
                key: thread.key.clone(),
            };
            if self
                .takes(&tree, &standing, &mut left)
                .map_err(unreadable)?
            {
                self.put(commit, standing);
            } else {
                elsewhere.push(standing);
            }
        }
        if revision != Revision::WorkTree || elsewhere.is_empty() {
            return Ok(());
        }
        let renames = self
            .repository
            .renames(Revision::Commit(commit.id()), revision)?;
        let before: BTreeMap<&String, &String> = renames
            .iter()
            .map(|(before, after)| (after, before))
            .collect();
        for standing in elsewhere {
            let Some(path) = before.get(&standing.path) else {
                continue;
            };
            let standing = Standing {
                path: (*path).clone(),
                ..standing
            };
            if self
                .takes(&tree, &standing, &mut left)
                .map_err(unreadable)?
            {
                self.put(commit, standing);
            }
        }
        Ok(())
    }

    /// Hand what stands in a commit on to its parents; what none of them has, the commit introduced.
    fn step(
        &mut self,
        commit: &Commit<'_>,
        standing: Vec<Standing>,
    ) -> Result<Vec<(usize, Introduction)>, git2::Error> {
        let tree = commit.tree()?;
        let parents: Vec<Commit<'_>> = commit.parents().collect();
        let mut rest = standing;
        // Where a parent has the very same file, nothing happened to what is in it.
        for parent in &parents {
            let parent_tree = parent.tree()?;
            let paths: BTreeSet<&str> = rest.iter().map(|one| one.path.as_str()).collect();
            let changed = changed_paths(self.repository, &tree, &parent_tree, paths)?;
            let (differs, same): (Vec<_>, Vec<_>) = rest
                .iter()
                .cloned()
                .partition(|one| changed.contains(&one.path));
            for one in same {
                self.put(parent, one);
            }
            rest = differs;
        }
        for parent in &parents {
            let parent_tree = parent.tree()?;
            let mut left = BTreeMap::new();
            let mut missing = Vec::new();
            for one in rest {
                if self.takes(&parent_tree, &one, &mut left)? {
                    self.put(parent, one);
                } else {
                    missing.push(one);
                }
            }
            rest = missing;
        }
        let mut is_cut_off = false;
        for parent in &parents {
            if rest.is_empty() {
                break;
            }
            let (missing, has_too_many) = self.moved(&tree, parent, rest)?;
            rest = missing;
            is_cut_off |= has_too_many;
        }
        let is_shallow_end = parents.is_empty() && self.repository.git.is_shallow();
        let author = commit.author();
        let by = date_of(author.when().seconds()).map(|date| LastChange {
            commit: commit.id().to_string(),
            date,
            author: String::from_utf8_lossy(author.name_bytes()).into_owned(),
        });
        let introduction = match by {
            _ if is_shallow_end => Introduction::Shallow,
            Some(by) if is_cut_off => Introduction::TooManyFiles(by),
            Some(by) => Introduction::By(by),
            None => Introduction::NotCommitted,
        };
        Ok(rest
            .into_iter()
            .map(|one| (one.index, introduction.clone()))
            .collect())
    }

    /// Hand on what a commit took away from one file and put into another. The rest comes back, and whether more files were
    /// changed than are searched.
    fn moved(
        &mut self,
        tree: &Tree<'_>,
        parent: &Commit<'_>,
        standing: Vec<Standing>,
    ) -> Result<(Vec<Standing>, bool), git2::Error> {
        let mut options = DiffOptions::new();
        options.ignore_submodules(true).skip_binary_check(true);
        let diff = self.repository.git.diff_tree_to_tree(
            Some(&parent.tree()?),
            Some(tree),
            Some(&mut options),
        )?;
        let mut rest = standing;
        for (count, delta) in diff.deltas().enumerate() {
            if rest.is_empty() {
                break;
            }
            if count >= MOST_CHANGED_FILES {
                return Ok((rest, true));
            }
            if !matches!(delta.status(), Delta::Deleted | Delta::Modified) {
                continue;
            }
            let path = |file: git2::DiffFile<'_>| {
                let bytes = file.path_bytes()?;
                String::from_utf8(bytes.to_vec()).ok()
            };
            let Some(path) = path(delta.old_file()) else {
                continue;
            };
            let before = self.keys(delta.old_file().id(), &path);
            if before.is_empty() {
                continue;
            }
            let after = if delta.status() == Delta::Deleted {
                BTreeMap::new()
            } else {
                self.keys(delta.new_file().id(), &path)
            };
            let mut gone: BTreeMap<String, usize> = before
                .into_iter()
                .map(|(key, count)| {
                    let kept = after.get(&key).copied().unwrap_or_default();
                    (key, count.saturating_sub(kept))
                })
                .collect();
            let mut missing = Vec::new();
            for one in rest {
                match gone.get_mut(&one.key).filter(|count| **count > 0) {
                    Some(count) => {
                        *count -= 1;
                        let path = path.clone();
                        self.put(parent, Standing { path, ..one });
                    }
                    None => missing.push(one),
                }
            }
            rest = missing;
        }
        Ok((rest, false))
    }

    /// Whether a tree has something at its path; each that it has is taken once.
    fn takes(
        &mut self,
        tree: &Tree<'_>,
        standing: &Standing,
        left: &mut BTreeMap<(String, String), usize>,
    ) -> Result<bool, git2::Error> {
        let place = (standing.path.clone(), standing.key.clone());
        if let Some(count) = left.get_mut(&place) {
            let is_left = *count > 0;
            *count = count.saturating_sub(1);
            return Ok(is_left);
        }
        let blob = match tree.get_path(Path::new(&standing.path)) {
            Ok(entry) => Some(entry.id()),
            Err(error) if error.class() == git2::ErrorClass::Tree => None,
            Err(error) => return Err(error),
        };
        let count = blob.map_or(0, |blob| {
            let keys = self.keys(blob, &standing.path);
            keys.get(&standing.key).copied().unwrap_or_default()
        });
        left.insert(place, count.saturating_sub(1));
        Ok(count > 0)
    }

    /// What a file holds. What cannot be read holds nothing.
    fn keys(&mut self, blob: Oid, path: &str) -> BTreeMap<String, usize> {
        let place = (blob, path.to_owned());
        if let Some(known) = self.known.get(&place) {
            return known.clone();
        }
        let mut keys = BTreeMap::new();
        if let Ok(objects) = self.repository.git.odb()
            && let Ok((size, _)) = objects.read_header(blob)
            && size as u64 <= MAX_FILE_BYTES
            && let Ok(object) = objects.read(blob)
        {
            for key in (self.keys_in)(path, object.data()) {
                *keys.entry(key).or_insert(0) += 1;
            }
        }
        self.known.insert(place, keys.clone());
        keys
    }
}

/// Which of some paths are not the same in two trees. Directories that are the same are not looked into.
fn changed_paths(
    repository: &Repository,
    one: &Tree<'_>,
    other: &Tree<'_>,
    paths: BTreeSet<&str>,
) -> Result<BTreeSet<String>, git2::Error> {
    let mut changed = BTreeSet::new();
    if one.id() == other.id() {
        return Ok(changed);
    }
    let git = &repository.git;
    // The ids of two directories, and the paths below them: how much of each is the way to them.
    let mut open: Vec<(Oid, Oid, usize, Vec<&str>)> =
        vec![(one.id(), other.id(), 0, paths.into_iter().collect())];
    while let Some((one, other, depth, paths)) = open.pop() {
        let (one, other) = (git.find_tree(one)?, git.find_tree(other)?);
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in paths {
            let rest = path.get(depth..).unwrap_or_default();
            let name = rest.split('/').next().unwrap_or(rest);
            groups.entry(name).or_default().push(path);
        }
        for (name, paths) in groups {
            let entry = |tree: &Tree<'_>| {
                let found = tree.get_name(name)?;
                Some((found.id(), found.kind()))
            };
            let directory = Some(git2::ObjectType::Tree);
            match (entry(&one), entry(&other)) {
                (Some((a, _)), Some((b, _))) if a == b => {}
                (Some((a, a_kind)), Some((b, b_kind)))
                    if a_kind == directory && b_kind == directory =>
                {
                    open.push((a, b, depth + name.len() + 1, paths));
                }
                _ => changed.extend(paths.into_iter().map(str::to_owned)),
            }
        }
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use git2::{IndexAddOption, RepositoryInitOptions, Signature, Time};

    use super::*;

    /// A history of files, a commit a day from 2026-01-01 on.
    struct History {
        directory: tempfile::TempDir,
        git: git2::Repository,
        day: i64,
    }

    impl History {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let mut options = RepositoryInitOptions::new();
            options.initial_head("main");
            let git = git2::Repository::init_opts(directory.path(), &options).unwrap();
            Self {
                directory,
                git,
                day: 0,
            }
        }

        /// The files there are from now on, and nothing else.
        fn commit(&mut self, files: &[(&str, &str)]) -> Oid {
            self.write(files);
            let mut index = self.git.index().unwrap();
            index.add_all(["*"], IndexAddOption::FORCE, None).unwrap();
            index.update_all(["*"], None).unwrap();
            index.write().unwrap();
            let tree = self.git.find_tree(index.write_tree().unwrap()).unwrap();
            let when = Time::new(1_767_268_800 + self.day * 86_400, 0);
            self.day += 1;
            let author = Signature::new("Ada", "ada@example.org", &when).unwrap();
            let parent = self
                .git
                .head()
                .ok()
                .map(|head| head.peel_to_commit().unwrap());
            let parents: Vec<_> = parent.iter().collect();
            self.git
                .commit(Some("HEAD"), &author, &author, "day", &tree, &parents)
                .unwrap()
        }

        fn write(&self, files: &[(&str, &str)]) {
            for entry in std::fs::read_dir(self.directory.path()).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with(".git") {
                    std::fs::remove_dir_all(path).unwrap();
                } else if path.is_file() {
                    std::fs::remove_file(path).unwrap();
                }
            }
            for (path, text) in files {
                let path = self.directory.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
        }

        /// The dates since when the words stand, one for each place.
        #[track_caller]
        fn check(&self, revision: Revision, threads: &[(&str, &str)], expected: &[&str]) {
            let repository = Repository::open(self.directory.path()).unwrap();
            let threads: Vec<Thread> = threads
                .iter()
                .map(|(path, key)| Thread {
                    path: (*path).to_owned(),
                    key: (*key).to_owned(),
                })
                .collect();
            // A word is a key.
            let words = |_: &str, bytes: &[u8]| -> Vec<String> {
                let text = String::from_utf8_lossy(bytes);
                text.split_whitespace().map(str::to_owned).collect()
            };
            let found = repository
                .introductions(revision, &threads, &words)
                .unwrap();
            let dates: Vec<String> = found
                .into_iter()
                .map(|one| match one {
                    Introduction::By(change) => change.date,
                    other => format!("{other:?}"),
                })
                .collect();
            assert_eq!(dates, expected);
        }
    }

    #[test]
    fn what_moves_keeps_its_age_and_what_is_rewritten_does_not() {
        let mut history = History::new();
        history.commit(&[("a/one", "alpha beta"), ("b/two", "gamma")]);
        history.commit(&[("a/one", "beta\n\n  alpha"), ("b/two", "gamma")]);
        history.commit(&[("c/d/three", "alpha"), ("b/two", "gamma beta")]);
        let head = history.commit(&[("c/d/three", "alpha"), ("b/two", "delta beta")]);
        let threads = [
            ("c/d/three", "alpha"),
            ("b/two", "beta"),
            ("b/two", "delta"),
        ];
        let expected = ["2026-01-01", "2026-01-01", "2026-01-04"];
        history.check(Revision::Commit(head), &threads, &expected);
    }

    #[test]
    fn a_copy_is_new_and_the_original_is_not() {
        let mut history = History::new();
        history.commit(&[("one", "alpha")]);
        let head = history.commit(&[("one", "alpha"), ("two", "alpha")]);
        let threads = [("one", "alpha"), ("two", "alpha")];
        history.check(
            Revision::Commit(head),
            &threads,
            &["2026-01-01", "2026-01-02"],
        );
        let twice = history.commit(&[("one", "alpha alpha"), ("two", "alpha")]);
        let threads = [("one", "alpha"), ("one", "alpha")];
        history.check(
            Revision::Commit(twice),
            &threads,
            &["2026-01-01", "2026-01-03"],
        );
    }

    #[test]
    fn what_comes_by_a_merge_is_as_old_as_on_its_branch() {
        let mut history = History::new();
        let root = history.commit(&[("one", "alpha")]);
        let side = history.commit(&[("one", "alpha"), ("two", "beta")]);
        let git = &history.git;
        let commit = |id: Oid| git.find_commit(id).unwrap();
        let when = Time::new(1_767_268_800 + 20 * 86_400, 0);
        let author = Signature::new("Ada", "ada@example.org", &when).unwrap();
        let tree = commit(side).tree().unwrap();
        let merge = git
            .commit(
                None,
                &author,
                &author,
                "merge",
                &tree,
                &[&commit(root), &commit(side)],
            )
            .unwrap();
        history.check(
            Revision::Commit(merge),
            &[("one", "alpha"), ("two", "beta")],
            &["2026-01-01", "2026-01-02"],
        );
    }

    #[test]
    fn the_work_tree_is_as_old_as_the_commit_below_it_where_both_agree() {
        let mut history = History::new();
        let text = "alpha and so many words more that this is seen to be the same file";
        history.commit(&[("one", text)]);
        history.commit(&[("one", text), ("other", "x")]);
        history.write(&[("renamed", text), ("other", "x new")]);
        history.check(
            Revision::WorkTree,
            &[("renamed", "alpha"), ("other", "new"), ("other", "x")],
            &["2026-01-01", "NotCommitted", "2026-01-02"],
        );
    }
}
