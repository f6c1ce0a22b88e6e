//! Listing the files of a revision with their bytes, in parallel.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use git2::{Delta, DiffOptions, ErrorCode, IndexEntry, IndexEntryExtendedFlag, ObjectType, Oid};
use rayon::prelude::*;

use super::work_tree::{self, OnDisk, RealDirectories, WorkTree};
use super::{MAX_FILE_BYTES, Repository, RepositoryError, Revision};

/// The most that the names of a commit's files may take (512 MiB, some millions of files).
///
/// Trees that repeat each other can name any number of files in little space.
const MAX_NAME_BYTES: usize = 512 << 20;

/// What a file takes besides its name.
const ENTRY_BYTES: usize = 64;

/// The most bytes of files that a listing may keep (2 GiB).
const MAX_KEPT_BYTES: u64 = 2 << 30;

/// What stands at the beginning of a file that git LFS keeps elsewhere.
const LARGE_FILE_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// Pointers of git LFS are never larger.
const MAX_POINTER_BYTES: usize = 1024;

/// The files of a revision.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Those that were asked for, sorted by path.
    pub files: Vec<File>,
    /// Those that could not be read, sorted by path.
    pub skipped: Vec<Skipped>,
}

/// A file and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the top of the repository, with forward slashes.
    pub path: String,
    /// The content, as git or the disk has it.
    pub bytes: Vec<u8>,
}

/// A file that was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// As [`File::path`]; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// A repository of its own, recorded here by commit.
    Submodule,
    /// A repository of its own that lies in the work tree, unrecorded.
    NestedRepository,
    /// Its content is kept by git LFS.
    LargeFilePointer,
    /// Its content is not in this clone.
    Missing,
    /// It is larger than [`MAX_FILE_BYTES`].
    TooLarge,
    /// Its name is not UTF-8, or no system would accept it.
    InvalidPath,
    /// The reason of git or the operating system.
    Unreadable(String),
}

impl fmt::Display for SkipReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Submodule => "submodule, a repository of its own: pass it with --repo",
            Self::NestedRepository => "a git repository inside this one: pass it with --repo",
            Self::LargeFilePointer => {
                "a git LFS pointer, its content is elsewhere: run `git lfs pull`"
            }
            Self::Missing => "its content is not in this clone, which is partial or damaged",
            Self::TooLarge => "larger than 64 MiB",
            Self::InvalidPath => "its path is not valid",
            Self::Unreadable(message) => message,
        })
    }
}

/// Where the content of a file is.
enum Content {
    Disk,
    /// On disk, unless a sparse checkout leaves it out.
    DiskOr(Oid),
    Object(Oid),
}

/// What became of one file.
enum Outcome {
    Kept(File),
    Skipped(Skipped),
    /// Absent, a link, or not asked for.
    Nothing,
}

impl Repository {
    /// The files of a revision that `keep` wants, given path and content.
    ///
    /// Links are not followed and not listed: what they lead to is listed where it is. `keep` is called from several
    /// threads, in no particular order.
    ///
    /// # Errors
    ///
    /// If the revision cannot be listed at all; single files that cannot be read are in [`Listing::skipped`].
    pub fn text_files(
        &self,
        revision: Revision,
        keep: &(dyn Fn(&str, &[u8]) -> bool + Sync),
    ) -> Result<Listing, RepositoryError> {
        let mut skipped = Vec::new();
        let (contents, work_tree) = match revision {
            Revision::Empty => return Ok(Listing::default()),
            Revision::WorkTree => {
                let work_tree = self.work_tree()?;
                (
                    self.work_tree_contents(&work_tree, &mut skipped)?,
                    Some(work_tree),
                )
            }
            Revision::Commit(commit) => (self.commit_contents(commit, &mut skipped)?, None),
        };
        let contents: Vec<(String, Content)> = contents.into_iter().collect();

        // A handle cannot be shared between threads, and is worth keeping for more than a few files.
        let chunk_size = (contents.len() / (rayon::current_num_threads() * 8)).clamp(64, 4096);
        let git_directory = self.git.path();
        let kept_bytes = AtomicU64::new(0);
        let outcomes: Result<Vec<Vec<Outcome>>, RepositoryError> = contents
            .par_chunks(chunk_size)
            .map(|chunk| {
                let unreadable = |error| RepositoryError::unreadable("the object database", &error);
                let handle = git2::Repository::open(git_directory).map_err(unreadable)?;
                let objects = handle.odb().map_err(unreadable)?;
                let read = |(path, content): &(String, Content)| {
                    let outcome = read_content(path, content, work_tree.as_ref(), &objects, keep);
                    if let Outcome::Kept(file) = &outcome {
                        let bytes = file.bytes.len() as u64;
                        if kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > MAX_KEPT_BYTES {
                            return Err(too_much(revision));
                        }
                    }
                    Ok(outcome)
                };
                chunk.iter().map(read).collect()
            })
            .collect();

        let mut files = Vec::new();
        for outcome in outcomes?.into_iter().flatten() {
            match outcome {
                Outcome::Kept(file) => files.push(file),
                Outcome::Skipped(file) => skipped.push(file),
                Outcome::Nothing => {}
            }
        }
        skipped.sort();
        skipped.dedup();
        Ok(Listing { files, skipped })
    }

    /// The tracked files, and those that are neither tracked nor ignored.
    fn work_tree_contents(
        &self,
        work_tree: &WorkTree<'_>,
        skipped: &mut Vec<Skipped>,
    ) -> Result<BTreeMap<String, Content>, RepositoryError> {
        let unreadable = |error| RepositoryError::unreadable("the index", &error);
        let mut index = self.git.index().map_err(unreadable)?;
        index.read(false).map_err(unreadable)?;

        let mut contents = BTreeMap::new();
        for entry in index.iter() {
            let Some(path) = checked_path(&entry.path, skipped) else {
                continue;
            };
            if is_submodule_mode(entry.mode as i32) {
                skipped.push(Skipped {
                    path,
                    reason: SkipReason::Submodule,
                });
                continue;
            }
            let is_object = is_left_out(&entry) && is_file_mode(entry.mode as i32);
            let content = if is_object {
                Content::DiskOr(entry.id)
            } else {
                Content::Disk
            };
            contents.insert(path, content);
        }

        let mut options = DiffOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .include_unreadable(true)
            .ignore_submodules(true)
            .skip_binary_check(true);
        let diff = self
            .git
            .diff_index_to_workdir(Some(&index), Some(&mut options));
        let diff = diff.map_err(|error| RepositoryError::unreadable("the work tree", &error))?;
        for delta in diff.deltas() {
            let is_untracked = delta.status() == Delta::Untracked;
            if !is_untracked && delta.status() != Delta::Unreadable {
                continue;
            }
            let bytes = delta.new_file().path_bytes().unwrap_or_default();
            let Some(path) = checked_path(bytes.strip_suffix(b"/").unwrap_or(bytes), skipped)
            else {
                continue;
            };
            if !is_untracked {
                let reason = SkipReason::Unreadable("may not be read".to_owned());
                skipped.push(Skipped { path, reason });
            } else if !bytes.ends_with(b"/") {
                contents.entry(path).or_insert(Content::Disk);
            } else if work_tree.is_repository(&path) {
                let reason = SkipReason::NestedRepository;
                skipped.push(Skipped { path, reason });
            }
        }

        // Checked once for each directory, before the files are read in parallel.
        let paths: Vec<String> = contents.keys().cloned().collect();
        let mut known = RealDirectories::default();
        for path in &paths {
            if !work_tree.has_real_parents(path, &mut known)
                && let Some(Content::DiskOr(object)) = contents.remove(path)
            {
                contents.insert(path.clone(), Content::Object(object));
            }
        }
        Ok(contents)
    }

    /// The files of a commit.
    fn commit_contents(
        &self,
        commit: Oid,
        skipped: &mut Vec<Skipped>,
    ) -> Result<BTreeMap<String, Content>, RepositoryError> {
        let unreadable = |error| RepositoryError::unreadable(commit.to_string(), &error);
        let root = self
            .git
            .find_commit(commit)
            .and_then(|commit| commit.tree())
            .map_err(unreadable)?;

        let mut contents = BTreeMap::new();
        let mut name_bytes = 0_usize;
        let mut open = vec![(String::new(), root)];
        while let Some((directory, tree)) = open.pop() {
            for entry in &tree {
                let bytes = [directory.as_bytes(), entry.name_bytes()].concat();
                name_bytes += bytes.len() + ENTRY_BYTES;
                if name_bytes > MAX_NAME_BYTES {
                    return Err(too_much(Revision::Commit(commit)));
                }
                let Some(path) = checked_path(&bytes, skipped) else {
                    continue;
                };
                match entry.filemode_raw() {
                    mode if is_file_mode(mode) => {
                        contents.insert(path, Content::Object(entry.id()));
                    }
                    mode if is_submodule_mode(mode) => skipped.push(Skipped {
                        path,
                        reason: SkipReason::Submodule,
                    }),
                    _ if entry.kind() == Some(ObjectType::Tree) => {
                        match self.git.find_tree(entry.id()) {
                            Ok(tree) => open.push((path + "/", tree)),
                            Err(error) => skipped.push(Skipped {
                                path,
                                reason: object_reason(&error),
                            }),
                        }
                    }
                    // A link.
                    _ => {}
                }
            }
        }
        Ok(contents)
    }
}

/// Reads one file and asks whether it is wanted.
fn read_content(
    path: &str,
    content: &Content,
    work_tree: Option<&WorkTree<'_>>,
    objects: &git2::Odb<'_>,
    keep: &(dyn Fn(&str, &[u8]) -> bool + Sync),
) -> Outcome {
    let skip = |reason| {
        let path = path.to_owned();
        Outcome::Skipped(Skipped { path, reason })
    };
    let sort = |bytes: &[u8]| {
        if bytes.len() <= MAX_POINTER_BYTES && bytes.starts_with(LARGE_FILE_POINTER) {
            Err(SkipReason::LargeFilePointer)
        } else {
            Ok(keep(path, bytes))
        }
    };
    let kept = |bytes| {
        let path = path.to_owned();
        Outcome::Kept(File { path, bytes })
    };

    let on_disk = match (content, work_tree) {
        (Content::Disk | Content::DiskOr(_), Some(work_tree)) => {
            work_tree.read_in_real_directory(path)
        }
        _ => OnDisk::Absent,
    };
    let object = match (on_disk, content) {
        (OnDisk::Bytes(bytes), _) => {
            return match sort(&bytes) {
                Ok(true) => kept(bytes),
                Ok(false) => Outcome::Nothing,
                Err(reason) => skip(reason),
            };
        }
        (OnDisk::TooLarge, _) => return skip(SkipReason::TooLarge),
        (OnDisk::Unreadable(message), _) => return skip(SkipReason::Unreadable(message)),
        (OnDisk::NotAFile, _) | (OnDisk::Absent, Content::Disk) => return Outcome::Nothing,
        (OnDisk::Absent, Content::DiskOr(object) | Content::Object(object)) => *object,
    };

    let result = objects.read_header(object).and_then(|(size, _)| {
        if size as u64 > MAX_FILE_BYTES {
            return Ok(skip(SkipReason::TooLarge));
        }
        let object = objects.read(object)?;
        Ok(match sort(object.data()) {
            Ok(true) => kept(object.data().to_vec()),
            Ok(false) => Outcome::Nothing,
            Err(reason) => skip(reason),
        })
    });
    result.unwrap_or_else(|error| skip(object_reason(&error)))
}

/// A path that names something inside the repository; others are noted.
fn checked_path(bytes: &[u8], skipped: &mut Vec<Skipped>) -> Option<String> {
    match str::from_utf8(bytes) {
        Ok(path) if work_tree::is_inside(path) => Some(path.to_owned()),
        _ => {
            // Long enough to find it, short enough to hold many of them.
            let shown = bytes.get(..200).unwrap_or(bytes);
            skipped.push(Skipped {
                path: String::from_utf8_lossy(shown).into_owned(),
                reason: SkipReason::InvalidPath,
            });
            None
        }
    }
}

fn object_reason(error: &git2::Error) -> SkipReason {
    match error.code() {
        ErrorCode::NotFound => SkipReason::Missing,
        _ => SkipReason::Unreadable(error.message().to_owned()),
    }
}

fn too_much(revision: Revision) -> RepositoryError {
    RepositoryError::TooMuch {
        revision: match revision {
            Revision::Commit(commit) => commit.to_string(),
            Revision::WorkTree | Revision::Empty => "the work tree".to_owned(),
        },
    }
}

/// Whether a mode is that of a regular file, not a link, a submodule or a directory.
pub(super) fn is_file_mode(mode: i32) -> bool {
    mode & 0o170_000 == 0o100_000
}

fn is_submodule_mode(mode: i32) -> bool {
    mode & 0o170_000 == 0o160_000
}

/// Whether a sparse checkout leaves this file out of the work tree.
pub(super) fn is_left_out(entry: &IndexEntry) -> bool {
    IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended).is_skip_worktree()
}
