//! Git repositories: files at a revision, and what moved between two.
//!
//! Everything comes from the object database and the work tree of one clone: nothing is fetched, no filter or hook is
//! run, nothing is written (but for `rewrite` and `create`, which put one file into the work tree), and nothing outside the
//! repository is read, whatever its links and paths say.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use git2::{Delta, DiffFindOptions, DiffOptions, ErrorClass, ErrorCode, Oid};

mod base;
mod folder;
mod history;
mod index;
mod links;
mod listing;
mod remote;
mod unchanged;
mod work_tree;

pub use base::{Base, Start};
pub use history::{Introduction, KeysIn, Thread};
pub use links::{Link, Submodule};
pub use listing::{
    File, Known, Listing, ReadFile, Scan, Scanned, ScannedFile, SkipReason, Skipped,
    is_large_file_pointer,
};

pub use remote::{Forge, Remote};
pub use unchanged::unchanged_lines;

use work_tree::{OnDisk, WorkTree};

/// The name of a blob, which says what is in it.
pub type BlobId = Oid;

/// Files larger than this (64 MiB) are not read.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// How many pairs of files are compared for each file that may have been renamed.
const MAX_RENAME_SOURCES: usize = 1000;

/// What to do when history is missing because the clone is shallow.
const SHALLOW_HELP: &str = "this is a shallow clone: get the history of all branches with \
     `git fetch --unshallow origin '+refs/heads/*:refs/remotes/origin/*'`, or set `fetch-depth: 0` for \
     actions/checkout, `GIT_DEPTH: 0` for GitLab CI";

/// What to do when content that is needed is in no object of the clone.
pub const MISSING_HELP: &str = "; it is not in this clone, which is partial or damaged: clone without --filter, or run \
     `git fetch --refetch --no-filter origin`";

/// Why a repository, or something in it, could not be had. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Neither the directory nor one above it is a repository.
    #[error("no git repository at {directory} or above it: run inside a clone, or pass --repo DIR")]
    NotARepository {
        /// Where the search began.
        directory: String,
    },
    /// Nothing to search in.
    #[error("there is no directory {directory}: pass --repo DIR, or DIR@REV")]
    NoDirectory {
        /// As an absolute path.
        directory: String,
    },
    /// Git's protection against repositories planted by other users.
    #[error(
        "the git repository at {directory} belongs to another user: if you trust it, run \
         `git config --global --add safe.directory '{directory}'`"
    )]
    OtherOwner {
        /// The top of the repository.
        directory: String,
    },
    /// The repository, or an object of it, is damaged, of an unsupported kind, or may not be read.
    #[error("cannot read {subject}: {message}")]
    Unreadable {
        /// What was to be read.
        subject: String,
        /// What git says, and what to do where that is known.
        message: String,
    },
    /// Nothing of this name exists.
    #[error("unknown revision `{revision}` in {repository}: {help}")]
    UnknownRevision {
        /// As the user wrote it.
        revision: String,
        /// The repository's name.
        repository: String,
        /// What to do.
        help: String,
    },
    /// The environment names a base which this clone lacks.
    #[error("{variable} says that the base is `{revision}`, which is not in this clone: {help}")]
    MissingBase {
        /// The variable of the CI system.
        variable: &'static str,
        /// Its value.
        revision: String,
        /// What to do.
        help: String,
    },
    /// Two revisions without a common ancestor.
    #[error("no merge base of {base} and the head of the change set: {help}")]
    NoMergeBase {
        /// The one that is not the head.
        base: String,
        /// What to do.
        help: String,
    },
    /// Neither the environment nor the names of the branches tell what the base is.
    #[error("cannot tell the base of the change set, none of {tried} exists: pass --base REV")]
    UnknownBase {
        /// The branches looked for.
        tried: String,
    },
    /// A clone of one branch, which cannot be compared with itself.
    #[error(
        "this clone holds {held}, and nothing tells what the change set is to be merged into: {help}"
    )]
    LoneBranch {
        /// What there is.
        held: String,
        /// What to do.
        help: String,
    },
    /// The work tree of a bare repository.
    #[error("this repository is bare and has no work tree: name a revision, for example HEAD")]
    NoWorkTree,
    /// A single file over [`MAX_FILE_BYTES`].
    #[error("{path} is larger than 64 MiB")]
    TooLarge {
        /// The file.
        path: String,
    },
    /// A file that was to be changed.
    #[error("cannot write {path}: {message}")]
    Unwritable {
        /// The file.
        path: String,
        /// What the operating system says.
        message: String,
    },
    /// More text than can reasonably be held in memory.
    #[error("the files of {revision} are too many or too large in total")]
    TooMuch {
        /// The revision that was listed.
        revision: String,
    },
}

impl RepositoryError {
    fn unreadable(subject: impl Into<String>, error: &git2::Error) -> Self {
        let mut message = error.message().trim_end_matches('.').to_owned();
        if message.contains("partialclone") {
            message.push_str(
                "; this is a partial clone: clone without --filter, or run \
                 `git config --unset extensions.partialClone` to read what is there",
            );
        } else if message.contains("object not found") {
            message.push_str(MISSING_HELP);
        } else if message.contains("'sdir'") {
            message.push_str("; run `git sparse-checkout reapply --no-sparse-index`");
        }
        Self::Unreadable {
            subject: subject.into(),
            message,
        }
    }
}

/// One state of a repository's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Revision {
    /// No files at all: what was there before the first commit.
    Empty,
    /// The files on disk: tracked, or neither tracked nor ignored.
    WorkTree,
    /// The files of a commit.
    Commit(Oid),
}

/// Who last changed some lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastChange {
    /// Full hexadecimal id.
    pub commit: String,
    /// When the change was authored: a date (`2025-01-31`), in UTC.
    pub date: String,
    /// The author's name, without address.
    pub author: String,
}

/// A git repository with or without a work tree.
pub struct Repository {
    git: git2::Repository,
    /// Files that a sparse checkout leaves out, once somebody misses one.
    left_out: OnceCell<HashMap<Vec<u8>, Oid>>,
}

impl Repository {
    /// Opens the repository that `directory` lies in; a bare one too.
    ///
    /// # Errors
    ///
    /// If there is none, it belongs to someone else, or it cannot be read.
    pub fn open(directory: &Path) -> Result<Self, RepositoryError> {
        // As git itself does: what is stored is believed to be what was stored, and half the time is saved.
        git2::opts::strict_hash_verification(false);
        let no_ceiling: [&Path; 0] = [];
        let git_directory = git2::Repository::discover_path(directory, no_ceiling)
            .map_err(|error| open_error(directory, &error))?;
        let top = if git_directory.ends_with(".git") {
            git_directory.parent().unwrap_or(&git_directory)
        } else {
            &git_directory
        };
        let git =
            git2::Repository::open(&git_directory).map_err(|error| open_error(top, &error))?;
        Ok(Self {
            git,
            left_out: OnceCell::new(),
        })
    }

    /// The top of the work tree; `None` for a bare repository.
    #[must_use]
    pub fn top(&self) -> Option<&Path> {
        self.git.workdir()
    }

    /// The same repository once more, for another thread.
    ///
    /// # Errors
    ///
    /// If it cannot be opened again.
    pub fn reopened(&self) -> Result<Self, RepositoryError> {
        let unreadable = |error| RepositoryError::unreadable("the repository", &error);
        let git = git2::Repository::open(self.git.path()).map_err(unreadable)?;
        Ok(Self {
            git,
            left_out: OnceCell::new(),
        })
    }

    /// The files below a directory of the work tree, whether git knows of them or not. Links are not followed.
    ///
    /// Sorted. No more than some tens of thousands are listed; a repository without a work tree has none.
    #[must_use]
    pub fn files_below(&self, directory: &str) -> Vec<String> {
        self.work_tree()
            .map(|work_tree| work_tree.files_below(directory))
            .unwrap_or_default()
    }

    /// Git's own directory: where the objects are, for work trees that share them too.
    #[must_use]
    pub fn git_directory(&self) -> &Path {
        self.git.commondir()
    }

    /// What is there now: the work tree, or the head commit of a bare repository.
    ///
    /// # Errors
    ///
    /// If `HEAD` cannot be read.
    pub fn current(&self) -> Result<Revision, RepositoryError> {
        if !self.git.is_bare() {
            return Ok(Revision::WorkTree);
        }
        Ok(self.head()?.map_or(Revision::Empty, Revision::Commit))
    }

    /// The commit that a revision names, in git's notation (`main`, `HEAD~2`, `v1.0`, an id).
    ///
    /// # Errors
    ///
    /// If there is none; the error says how to get one that a shallow clone lacks, and names similar branches.
    pub fn resolve(&self, spec: &str) -> Result<Revision, RepositoryError> {
        let commit = self
            .git
            .revparse_single(spec)
            .and_then(|object| object.peel_to_commit());
        commit
            .map(|commit| Revision::Commit(commit.id()))
            .map_err(|error| RepositoryError::UnknownRevision {
                revision: spec.to_owned(),
                repository: self.short_name(),
                help: self.revision_help(spec, &error),
            })
    }

    /// What to do about a revision that cannot be had.
    fn revision_help(&self, spec: &str, error: &git2::Error) -> String {
        if error.code() == ErrorCode::Ambiguous {
            return "several objects begin so, give more digits".to_owned();
        }
        let similar = self.similar_branches(spec);
        match (similar.is_empty(), self.git.is_shallow()) {
            (true, true) => SHALLOW_HELP.to_owned(),
            (true, false) => {
                "name a branch, a tag or a commit of this clone; `git fetch` gets what is new"
                    .to_owned()
            }
            (false, true) => {
                format!(
                    "did you mean {}; if not, {SHALLOW_HELP}",
                    similar.join(" or ")
                )
            }
            (false, false) => format!("did you mean {}?", similar.join(" or ")),
        }
    }

    /// The full id of a commit; of the work tree, the commit that is checked out.
    #[must_use]
    pub fn commit_of(&self, revision: Revision) -> Option<String> {
        let commit = match revision {
            Revision::Empty => None,
            Revision::WorkTree => self.head().ok().flatten(),
            Revision::Commit(commit) => Some(commit),
        };
        commit.map(|commit| commit.to_string())
    }

    /// The bytes of one file; `None` if there is no such file (a link, a directory or a submodule is none).
    ///
    /// In the work tree the file need not be tracked. A path that leaves the repository names no file.
    ///
    /// # Errors
    ///
    /// If the file exists and cannot be read, or is larger than [`MAX_FILE_BYTES`].
    pub fn read(&self, revision: Revision, path: &str) -> Result<Option<Vec<u8>>, RepositoryError> {
        if !work_tree::is_inside(path) {
            return Ok(None);
        }
        let blob = match revision {
            Revision::Empty => return Ok(None),
            Revision::WorkTree => match self.work_tree()?.read(path) {
                OnDisk::Bytes(bytes) => return Ok(Some(bytes)),
                OnDisk::NotAFile => return Ok(None),
                OnDisk::TooLarge => {
                    return Err(RepositoryError::TooLarge {
                        path: path.to_owned(),
                    });
                }
                OnDisk::Unreadable(message) => {
                    let subject = path.to_owned();
                    return Err(RepositoryError::Unreadable { subject, message });
                }
                OnDisk::Absent => self.left_out(path)?,
            },
            Revision::Commit(commit) => {
                let unreadable = |error| RepositoryError::unreadable(commit.to_string(), &error);
                let tree = self
                    .git
                    .find_commit(commit)
                    .and_then(|commit| commit.tree());
                match tree.map_err(unreadable)?.get_path(Path::new(path)) {
                    Ok(entry) if listing::is_file_mode(entry.filemode_raw()) => Some(entry.id()),
                    Ok(_) => None,
                    Err(error) if error.class() == ErrorClass::Tree => None,
                    Err(error) => return Err(RepositoryError::unreadable(path, &error)),
                }
            }
        };
        let Some(blob) = blob else { return Ok(None) };
        let unreadable = |error| RepositoryError::unreadable(path, &error);
        let objects = self.git.odb().map_err(unreadable)?;
        let (size, _) = objects.read_header(blob).map_err(unreadable)?;
        if size as u64 > MAX_FILE_BYTES {
            return Err(RepositoryError::TooLarge {
                path: path.to_owned(),
            });
        }
        let object = objects.read(blob).map_err(unreadable)?;
        Ok(Some(object.data().to_vec()))
    }

    /// Replaces a file of the work tree by what `change` makes of it, whole or not at all; `false` if it makes nothing of
    /// it, or the file is gone or was changed by somebody else in the meantime.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written.
    pub fn rewrite(
        &self,
        path: &str,
        change: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> Result<bool, RepositoryError> {
        let work_tree = self.work_tree()?;
        let Some(before) = self.read(Revision::WorkTree, path)? else {
            return Ok(false);
        };
        let Some(after) = change(&before) else {
            return Ok(false);
        };
        work_tree
            .replace(path, &before, &after)
            .map_err(|error| RepositoryError::Unwritable {
                path: path.to_owned(),
                message: error.to_string(),
            })
    }

    /// Makes a file of the work tree that is not there yet, whole or not at all, and the directories it lies in; `false` if
    /// something bears its name.
    ///
    /// # Errors
    ///
    /// If there is no work tree, or the file cannot be written.
    pub fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, RepositoryError> {
        let created = self.work_tree()?.create(path, bytes);
        created.map_err(|error| RepositoryError::Unwritable {
            path: path.to_owned(),
            message: error.to_string(),
        })
    }

    /// Who works here, as git's configuration says: `Ada Park <ada@example.org>`; `None` if it does not.
    #[must_use]
    pub fn author(&self) -> Option<String> {
        let configuration = self.git.config().ok()?.snapshot().ok()?;
        let text = |name: &str| {
            let text = configuration.get_str(name).ok()?.trim().to_owned();
            (!text.is_empty()).then_some(text)
        };
        let name = text("user.name")?;
        Some(
            text("user.email")
                .map_or_else(|| name.clone(), |address| format!("{name} <{address}>")),
        )
    }

    /// Whether git passes a path over, so that it is never committed.
    #[must_use]
    pub fn ignores(&self, path: &str) -> bool {
        self.git.is_path_ignored(path).unwrap_or(false)
    }

    /// Files that lie at another path in `head` than in `base`: the path in `base`, and that in `head`.
    ///
    /// Found as git does, by similar content: a file that kept its path is not here, a copy is not either.
    ///
    /// # Errors
    ///
    /// If either side cannot be read.
    pub fn renames(
        &self,
        base: Revision,
        head: Revision,
    ) -> Result<BTreeMap<String, String>, RepositoryError> {
        if base == Revision::WorkTree {
            if head == Revision::WorkTree {
                return Ok(BTreeMap::new());
            }
            let backwards = self.renames(head, base)?;
            return Ok(backwards
                .into_iter()
                .map(|(before, after)| (after, before))
                .collect());
        }
        if base == Revision::Empty || head == Revision::Empty || base == head {
            return Ok(BTreeMap::new());
        }

        let unreadable =
            |error: git2::Error| RepositoryError::unreadable("the changed files", &error);
        let mut diff = self.difference(base, head)?;
        let mut similar = DiffFindOptions::new();
        similar
            .renames(true)
            .for_untracked(true)
            .rename_limit(MAX_RENAME_SOURCES);
        diff.find_similar(Some(&mut similar)).map_err(unreadable)?;

        Ok(diff
            .deltas()
            .filter(|delta| delta.status() == Delta::Renamed)
            .filter_map(|delta| {
                Some((
                    path_text(delta.old_file().path_bytes())?,
                    path_text(delta.new_file().path_bytes())?,
                ))
            })
            .filter(|(before, after)| before != after)
            .collect())
    }

    /// The paths of all files that differ between two revisions, at either of them.
    ///
    /// # Errors
    ///
    /// If either side cannot be read.
    pub fn changed_paths(
        &self,
        base: Revision,
        head: Revision,
    ) -> Result<BTreeSet<String>, RepositoryError> {
        if base == head {
            return Ok(BTreeSet::new());
        }
        if base == Revision::WorkTree {
            return self.changed_paths(head, base);
        }
        let diff = self.difference(base, head)?;
        let paths = diff.deltas().flat_map(|delta| {
            let sides = [delta.old_file(), delta.new_file()];
            sides.map(|file| path_text(file.path_bytes()))
        });
        Ok(paths.flatten().collect())
    }

    /// What differs between a commit, or nothing at all, and a commit or the work tree.
    fn difference(
        &self,
        base: Revision,
        head: Revision,
    ) -> Result<git2::Diff<'_>, RepositoryError> {
        let unreadable =
            |error: git2::Error| RepositoryError::unreadable("the changed files", &error);
        let mut options = DiffOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .ignore_submodules(true)
            .skip_binary_check(true);
        let before = self.tree(base)?;
        if head == Revision::WorkTree {
            self.work_tree()?;
            self.git
                .diff_tree_to_workdir_with_index(before.as_ref(), Some(&mut options))
        } else {
            let after = self.tree(head)?;
            self.git
                .diff_tree_to_tree(before.as_ref(), after.as_ref(), Some(&mut options))
        }
        .map_err(unreadable)
    }

    /// Whether there is a directory at a revision, as far as that can be read. The top always is.
    #[must_use]
    pub fn has_directory(&self, revision: Revision, directory: &str) -> bool {
        let directory = directory.trim_start_matches("./").trim_end_matches('/');
        if matches!(directory, "" | ".") {
            return true;
        }
        let tree = self.tree(revision).ok().flatten();
        let entry = tree.and_then(|tree| tree.get_path(Path::new(directory)).ok());
        entry.is_some_and(|entry| entry.kind() == Some(git2::ObjectType::Tree))
    }

    /// Whether git tracks a file of the work tree.
    #[must_use]
    pub fn tracks(&self, path: &str) -> bool {
        let index = self.git.index();
        index.is_ok_and(|index| index.get_path(Path::new(path), 0).is_some())
    }

    /// The address that the repository was cloned from (remote `origin`), if it is one of text.
    #[must_use]
    pub fn origin_address(&self) -> Option<String> {
        let remote = self.git.find_remote("origin").ok()?;
        remote.url().ok().map(str::to_owned)
    }

    /// What to call this repository in a report: the last part of the address it was cloned from (remote `origin`),
    /// else the name of its directory.
    #[must_use]
    pub fn short_name(&self) -> String {
        let address = self.origin_address();
        let from_address = address.as_deref().and_then(name_in_address);
        from_address.unwrap_or_else(|| {
            let top = self.git.workdir().unwrap_or(self.git.path());
            let absolute = top.canonicalize().unwrap_or_else(|_| top.to_path_buf());
            let name = absolute.file_name().unwrap_or_default().to_string_lossy();
            name.strip_suffix(".git").unwrap_or(&name).to_owned()
        })
    }

    /// Where this repository is published (remote `origin`); `None` where no address says so.
    #[must_use]
    pub fn remote(&self, environment: &dyn Fn(&str) -> Option<String>) -> Option<Remote> {
        let remote = self.git.find_remote("origin").ok()?;
        Remote::parse(remote.url().ok()?, environment)
    }

    /// When a commit was made, in seconds since 1970; of the work tree, the commit that is checked out.
    #[must_use]
    pub fn committed_at(&self, revision: Revision) -> Option<i64> {
        let id = Oid::from_str(&self.commit_of(revision)?).ok()?;
        Some(self.git.find_commit(id).ok()?.committer().when().seconds())
    }

    /// Whether a commit, by its full id, is in this clone.
    #[must_use]
    pub fn holds(&self, commit: &str) -> bool {
        Oid::from_str(commit).is_ok_and(|id| self.git.find_commit(id).is_ok())
    }

    /// Whether a file is, at a revision, what it is in the commit that [`Self::commit_of`] names.
    #[must_use]
    pub fn is_committed(&self, revision: Revision, path: &str) -> bool {
        match revision {
            Revision::Empty => false,
            Revision::Commit(_) => true,
            Revision::WorkTree => {
                let Ok(Some(head)) = self.head() else {
                    return false;
                };
                let [on_disk, committed] = [Revision::WorkTree, Revision::Commit(head)]
                    .map(|revision| self.read(revision, path).ok().flatten());
                on_disk.is_some() && on_disk == committed
            }
        }
    }

    /// Whether a tracked file of the work tree is not as it was committed, or one is there that git neither knows nor ignores.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        if self.git.is_bare() {
            return false;
        }
        let mut options = git2::StatusOptions::new();
        options.include_untracked(true).exclude_submodules(true);
        // What cannot be told is not called clean.
        let statuses = self.git.statuses(Some(&mut options));
        statuses.map_or(true, |statuses| !statuses.is_empty())
    }

    /// The newest commit that changed one of these lines of a file of the head commit, counted from 1.
    ///
    /// `None` if that cannot be told, for example where a shallow clone's history ends.
    #[must_use]
    pub fn last_change(&self, path: &str, lines: RangeInclusive<usize>) -> Option<LastChange> {
        let head = self.head().ok()??;
        self.last_change_before(Revision::Commit(head), path, lines)
    }

    /// The same, of a file as it is in another commit.
    #[must_use]
    pub fn last_change_before(
        &self,
        revision: Revision,
        path: &str,
        lines: RangeInclusive<usize>,
    ) -> Option<LastChange> {
        let Revision::Commit(head) = revision else {
            return None;
        };
        let bytes = self.read(revision, path).ok()??;
        let line_count = bytes.split_inclusive(|byte| *byte == b'\n').count();
        let (first, last) = ((*lines.start()).max(1), (*lines.end()).min(line_count));
        if first > last {
            return None;
        }

        let mut options = git2::BlameOptions::new();
        options.newest_commit(head).min_line(first).max_line(last);
        let blame = self
            .git
            .blame_file(Path::new(path), Some(&mut options))
            .ok()?;
        let commits =
            (first..=last).filter_map(|line| Some(blame.get_line(line)?.final_commit_id()));
        let commits: BTreeSet<Oid> = commits.collect();
        let newest = commits
            .into_iter()
            .filter_map(|commit| self.git.find_commit(commit).ok())
            .max_by_key(|commit| (commit.author().when().seconds(), commit.id()))?;
        // Where the history was cut off, everything seems to come from the first commit that is left.
        if self.git.is_shallow() && newest.parent_count() == 0 {
            return None;
        }
        let author = newest.author();
        Some(LastChange {
            commit: newest.id().to_string(),
            date: date_of(author.when().seconds())?,
            author: String::from_utf8_lossy(author.name_bytes()).into_owned(),
        })
    }

    /// Whether the work tree differs from the commit that is checked out, by files that git does not ignore.
    ///
    /// # Errors
    ///
    /// If either cannot be read.
    pub fn differs_from_head(&self) -> Result<bool, RepositoryError> {
        let unreadable =
            |error: git2::Error| RepositoryError::unreadable("the changed files", &error);
        let head = match self.head()? {
            Some(commit) => self.tree(Revision::Commit(commit))?,
            None => None,
        };
        let mut options = DiffOptions::new();
        options.include_untracked(true).ignore_submodules(true);
        let diff = self
            .git
            .diff_tree_to_workdir_with_index(head.as_ref(), Some(&mut options))
            .map_err(unreadable)?;
        Ok(diff.deltas().len() > 0)
    }

    /// The commit that `HEAD` stands on; `None` before the first commit.
    fn head(&self) -> Result<Option<Oid>, RepositoryError> {
        match self.git.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => Ok(Some(commit.id())),
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch) => Ok(None),
            Err(error) => Err(RepositoryError::unreadable("HEAD", &error)),
        }
    }

    /// The tree of a revision; `None` for those that have none.
    fn tree(&self, revision: Revision) -> Result<Option<git2::Tree<'_>>, RepositoryError> {
        let Revision::Commit(commit) = revision else {
            return Ok(None);
        };
        let tree = self
            .git
            .find_commit(commit)
            .and_then(|commit| commit.tree());
        tree.map(Some)
            .map_err(|error| RepositoryError::unreadable(commit.to_string(), &error))
    }

    fn work_tree(&self) -> Result<WorkTree<'_>, RepositoryError> {
        self.git
            .workdir()
            .map(WorkTree::new)
            .ok_or(RepositoryError::NoWorkTree)
    }

    /// The content of a tracked file that a sparse checkout leaves out of the work tree.
    fn left_out(&self, path: &str) -> Result<Option<Oid>, RepositoryError> {
        if self.left_out.get().is_none() {
            let index = index::Index::read(&self.git);
            let entries = index.entries()?.into_iter();
            let left_out = entries.filter(index::Entry::is_file_left_out);
            let left_out = left_out.map(|entry| (entry.path.to_vec(), entry.blob));
            let _ = self.left_out.set(left_out.collect());
        }
        let left_out = self.left_out.get();
        Ok(left_out.and_then(|files| files.get(path.as_bytes()).copied()))
    }

    /// Names of branches, with their remote, as a person would type them.
    fn branch_names(&self) -> Vec<String> {
        let branches = self.git.branches(None).into_iter().flatten().flatten();
        branches
            .filter_map(|(branch, _)| Some(branch.name().ok()??.to_owned()))
            .collect()
    }

    /// Up to three branches whose names a person may have meant, nearest first, in backquotes.
    fn similar_branches(&self, spec: &str) -> Vec<String> {
        let length = spec.chars().count();
        // What counts from a branch (`main~2`) is missing for another reason than its spelling.
        if length > 200 || spec.contains(['~', '^', '@', ':']) {
            return Vec::new();
        }
        let allowed = (length / 3).max(1);
        let distance = |name: &str| {
            let whole = strsim::damerau_levenshtein(spec, name);
            let without_remote = name
                .split_once('/')
                .map(|(_, rest)| strsim::damerau_levenshtein(spec, rest));
            without_remote.map_or(whole, |without_remote| whole.min(without_remote))
        };
        let names = self
            .branch_names()
            .into_iter()
            .filter(|name| name.len() <= 400);
        let mut near: Vec<(usize, String)> = names
            .map(|name| (distance(&name), name))
            .filter(|(distance, _)| *distance <= allowed)
            .collect();
        near.sort();
        near.into_iter()
            .take(3)
            .map(|(_, name)| format!("`{name}`"))
            .collect()
    }
}

fn open_error(directory: &Path, error: &git2::Error) -> RepositoryError {
    let shown = std::path::absolute(directory).unwrap_or_else(|_| PathBuf::from(directory));
    let directory = shown.display().to_string();
    let directory = match directory.trim_end_matches('/') {
        "" => directory,
        trimmed => trimmed.to_owned(),
    };
    match error.code() {
        ErrorCode::NotFound if !shown.exists() => RepositoryError::NoDirectory { directory },
        ErrorCode::NotFound => RepositoryError::NotARepository { directory },
        ErrorCode::Owner => RepositoryError::OtherOwner { directory },
        _ => RepositoryError::unreadable(format!("the git repository at {directory}"), error),
    }
}

fn path_text(bytes: Option<&[u8]>) -> Option<String> {
    String::from_utf8(bytes?.to_vec()).ok()
}

/// The last part of a remote's address; never its host, which may be preceded by credentials.
fn name_in_address(address: &str) -> Option<String> {
    let path = match address.split_once("://") {
        Some((_, after_scheme)) => after_scheme.split_once('/')?.1,
        // `user@host:path`, or a plain path.
        None => address.split_once(':').map_or(address, |(_, path)| path),
    };
    let path = path.split(['?', '#']).next()?.trim_end_matches(['/', '\\']);
    let name = path.rsplit(['/', '\\']).next()?;
    let name = name.strip_suffix(".git").unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The time in UTC of seconds since 1970, as `2026-11-22T10:00:00Z`; `None` outside the years 0 to 9999.
#[must_use]
pub fn time_of(seconds: i64) -> Option<String> {
    let date = date_of(seconds)?;
    let of_day = seconds.rem_euclid(86_400);
    let (hours, minutes, seconds) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    Some(format!("{date}T{hours:02}:{minutes:02}:{seconds:02}Z"))
}

/// The date in UTC of a time in seconds since 1970; `None` outside the years 0 to 9999.
#[must_use]
pub fn date_of(seconds: i64) -> Option<String> {
    // Counted from 1 March of the year 0, so that a leap day ends its year. 400 years have 146,097 days.
    let days = seconds.div_euclid(86_400).checked_add(719_468)?;
    let (cycle, day_of_cycle) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
        - day_of_cycle / 146_096)
        / 365;
    let day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    // Months from March on alternate so that five of them have 153 days.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_cycle + cycle * 400 + i64::from(month <= 2);
    (0..=9999)
        .contains(&year)
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests;
