//! Listing the files of a revision with their bytes, in parallel.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use git2::{ErrorCode, Oid};

use super::folder::Folder as OpenFolder;
use super::index::Index;
use super::links::{Link, Others, Submodule};
use super::work_tree::{self, ReadInto};
use super::{MAX_FILE_BYTES, Repository, RepositoryError, Revision};

mod contents;

pub(super) use contents::TrackedFile;
use contents::{Content, Folder};

/// The most bytes of files that a listing may keep (2 GiB).
const MAX_KEPT_BYTES: u64 = 2 << 30;

/// What stands at the beginning of a file that git LFS keeps elsewhere.
const LARGE_FILE_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";

/// Pointers of git LFS are never larger.
const MAX_POINTER_BYTES: usize = 1024;

/// What a thread takes at once: little enough that all end together, enough that neighbours, which git packs alike, stay
/// together.
const FILES_AT_A_TIME: usize = 128;

/// With fewer threads than this, whatever the number of cores, they would all wait for the disk at times.
const LEAST_READERS: usize = 4;

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

/// What a caller knows of a file before it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// Nothing: it has to be read.
    No,
    /// What reading it would yield.
    Yields(T),
    /// That it is of no interest.
    Irrelevant,
}

/// What is made of a path, the blob that has the content where that is told, and the content.
pub type ReadFile<'s, T> = dyn Fn(&str, Option<Oid>, &[u8]) -> Option<T> + Sync + 's;

/// What to do with the files of a revision; both are called from several threads, in no particular order.
pub struct Scan<'s, T> {
    /// Called for each file, with the blob of its content where that is told without reading it.
    pub know: &'s (dyn Fn(&str, Option<Oid>) -> Known<T> + Sync),
    /// Called with the content of those that are not known, and the blob that has it if that is told; `None` if it is of
    /// no interest.
    pub read: &'s ReadFile<'s, T>,
}

/// What came of the files of a revision.
#[derive(Debug)]
pub struct Scanned<T> {
    /// What was of interest, sorted by path.
    pub files: Vec<ScannedFile<T>>,
    /// Blobs that were read and are of no interest.
    pub irrelevant: Vec<Oid>,
    /// Files that could not be read, sorted by path.
    pub skipped: Vec<Skipped>,
    /// How many files were asked for.
    pub count: usize,
    /// The links, sorted. None is followed.
    pub links: Vec<Link>,
    /// The submodules, sorted.
    pub submodules: Vec<Submodule>,
}

/// A file of interest.
#[derive(Debug)]
pub struct ScannedFile<T> {
    /// As [`File::path`].
    pub path: String,
    /// The blob that it was just read from, or that has the same content.
    pub read_from: Option<Oid>,
    /// What the caller made of it.
    pub value: T,
}

/// What became of one file.
enum Outcome<T> {
    Yielded(ScannedFile<T>),
    Skipped(Skipped),
    Irrelevant(Oid),
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
        let scanned = self.scan(
            revision,
            &Scan {
                know: &|_, _| Known::No,
                read: &|path, _, bytes| keep(path, bytes).then(|| bytes.to_vec()),
            },
        )?;
        let files = scanned.files.into_iter().map(|file| File {
            path: file.path,
            bytes: file.value,
        });
        Ok(Listing {
            files: files.collect(),
            skipped: scanned.skipped,
        })
    }

    /// Goes through the files of a revision, in parallel, and reads those of which nothing is known.
    ///
    /// Links are not followed and not listed: what they lead to is listed where it is.
    ///
    /// # Errors
    ///
    /// If the revision cannot be listed at all; single files that cannot be read are in [`Scanned::skipped`].
    pub fn scan<T: Send>(
        &self,
        revision: Revision,
        scan: &Scan<'_, T>,
    ) -> Result<Scanned<T>, RepositoryError> {
        let mut skipped = Vec::new();
        let mut others = Others::default();
        // What of the names of files is as the index has it is not copied.
        let index;
        let entries;
        let (folders, top) = match revision {
            Revision::Empty => (Vec::new(), None),
            Revision::WorkTree => {
                let work_tree = self.work_tree()?;
                index = Index::read(&self.git);
                entries = index.entries()?;
                let folders =
                    self.work_tree_contents(&work_tree, &entries, (&mut skipped, &mut others))?;
                (folders, work_tree.open().ok())
            }
            Revision::Commit(commit) => {
                let found = (&mut skipped, &mut others);
                (self.commit_contents(commit, found)?, None)
            }
        };
        let count: usize = folders.iter().map(|folder| folder.files.len()).sum();
        let parts: Vec<Part<'_>> = folders
            .iter()
            .flat_map(|Folder { path, files }| {
                let parts = files.chunks(FILES_AT_A_TIME);
                parts.map(|files| Part { path, files })
            })
            .collect();

        let git_directory = self.git.path();
        let kept_bytes = AtomicU64::new(0);
        let next = AtomicUsize::new(0);
        let work = || -> Result<Vec<Outcome<T>>, RepositoryError> {
            // A handle cannot be shared between threads, and not every thread of a small repository needs one.
            let mut reader = Reader {
                git_directory,
                top: top.as_ref(),
                handle: None,
                buffer: Vec::new(),
                path: String::new(),
                scan,
            };
            let mut outcomes = Vec::new();
            while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let bytes = reader.read(part, &mut outcomes)?;
                if kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > MAX_KEPT_BYTES {
                    return Err(too_much(revision));
                }
            }
            Ok(outcomes)
        };
        let threads = rayon::current_num_threads().max(LEAST_READERS);
        let threads = threads.min(count.div_ceil(FILES_AT_A_TIME));
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            let joined = others.into_iter().map(|thread| {
                let panicked = |panic| std::panic::resume_unwind(panic);
                thread.join().unwrap_or_else(panicked)
            });
            std::iter::once(own).chain(joined).collect()
        });

        let mut files = Vec::new();
        let mut irrelevant = Vec::new();
        for outcomes in outcomes {
            for outcome in outcomes? {
                match outcome {
                    Outcome::Yielded(file) => files.push(file),
                    Outcome::Skipped(file) => skipped.push(file),
                    Outcome::Irrelevant(blob) => irrelevant.push(blob),
                    Outcome::Nothing => {}
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        // A tree that somebody forged may name a file twice.
        files.dedup_by(|a, b| a.path == b.path);
        skipped.sort();
        skipped.dedup();
        let links = self.links_among(&others);
        let mut submodules = std::mem::take(&mut others.submodules);
        submodules.sort();
        if revision == Revision::WorkTree {
            submodules = self.checked_out(submodules);
        }
        Ok(Scanned {
            files,
            links,
            submodules,
            irrelevant,
            skipped,
            count,
        })
    }

    /// The blobs of a commit's files, links and submodules excepted.
    ///
    /// # Errors
    ///
    /// If the commit cannot be listed.
    pub fn blobs(&self, revision: Revision) -> Result<HashSet<Oid>, RepositoryError> {
        let Revision::Commit(commit) = revision else {
            return Ok(HashSet::new());
        };
        let folders = self.commit_contents(commit, (&mut Vec::new(), &mut Others::default()))?;
        let files = folders.into_iter().flat_map(|folder| folder.files);
        let blobs = files.filter_map(|(_, content)| match content {
            Content::Object(blob) => Some(blob),
            Content::Disk | Content::Tracked(..) => None,
        });
        Ok(blobs.collect())
    }
}

/// Some files of one directory.
struct Part<'f> {
    path: &'f str,
    files: &'f [(Cow<'f, str>, Content)],
}

/// Reads files, for one thread.
struct Reader<'s, T> {
    git_directory: &'s Path,
    /// The top of the work tree.
    top: Option<&'s OpenFolder>,
    handle: Option<git2::Repository>,
    buffer: Vec<u8>,
    path: String,
    scan: &'s Scan<'s, T>,
}

impl<T> Reader<'_, T> {
    /// Adds what becomes of some files, and tells how many bytes of them are kept.
    fn read(
        &mut self,
        part: &Part<'_>,
        outcomes: &mut Vec<Outcome<T>>,
    ) -> Result<u64, RepositoryError> {
        let mut kept_bytes = 0;
        let folder = self.top.and_then(|top| top.below(part.path).ok());
        let mut path = std::mem::take(&mut self.path);
        path.clear();
        path.push_str(part.path);
        if !path.is_empty() {
            path.push('/');
        }
        let start = path.len();
        for (name, content) in part.files {
            path.truncate(start);
            path.push_str(name);
            let (outcome, bytes) = self.outcome(&path, name, content, folder.as_ref())?;
            match outcome {
                Outcome::Nothing => continue,
                Outcome::Yielded(..) => kept_bytes += bytes,
                _ => {}
            }
            outcomes.push(outcome);
        }
        self.path = path;
        Ok(kept_bytes)
    }

    /// What becomes of a file, and how many bytes were read for it.
    fn outcome(
        &mut self,
        path: &str,
        name: &str,
        content: &Content,
        folder: Option<&OpenFolder>,
    ) -> Result<(Outcome<T>, u64), RepositoryError> {
        let blob = match (content, folder) {
            (Content::Object(blob), _) => Some(*blob),
            // Whether the caller knows the blob at all is told faster than whether the file still holds it.
            (Content::Tracked(blob, Some(stamp)), Some(folder))
                if !matches!((self.scan.know)(path, Some(*blob)), Known::No)
                    && folder.stamp(name).as_ref() == Some(stamp) =>
            {
                Some(*blob)
            }
            _ => None,
        };
        match (self.scan.know)(path, blob) {
            Known::No => {}
            Known::Yields(value) => {
                let path = path.to_owned();
                let file = ScannedFile {
                    path,
                    read_from: None,
                    value,
                };
                return Ok((Outcome::Yielded(file), 0));
            }
            Known::Irrelevant => return Ok((Outcome::Nothing, 0)),
        }
        match (content, folder) {
            (Content::Object(blob), _) => self.object(path, *blob),
            (_, Some(folder)) => Ok(self.on_disk(path, name, content, folder)),
            // It was there a moment ago.
            (_, None) => Ok((Outcome::Nothing, 0)),
        }
    }

    fn on_disk(
        &mut self,
        path: &str,
        name: &str,
        content: &Content,
        folder: &OpenFolder,
    ) -> (Outcome<T>, u64) {
        let skip = |reason| {
            let path = path.to_owned();
            (Outcome::Skipped(Skipped { path, reason }), 0)
        };
        match work_tree::read_into(folder.open(name), &mut self.buffer) {
            ReadInto::Bytes(length, stamp) => {
                let bytes = &self.buffer[..length];
                let blob = match content {
                    Content::Tracked(blob, known) if *known == Some(stamp) => Some(*blob),
                    _ => None,
                };
                (made_of(self.scan, path, bytes, blob), length as u64)
            }
            ReadInto::NotAFile => (Outcome::Nothing, 0),
            ReadInto::TooLarge => skip(SkipReason::TooLarge),
            ReadInto::Unreadable(message) => skip(SkipReason::Unreadable(message)),
        }
    }

    fn object(&mut self, path: &str, blob: Oid) -> Result<(Outcome<T>, u64), RepositoryError> {
        let unreadable = |error| RepositoryError::unreadable("the object database", &error);
        if self.handle.is_none() {
            self.handle = Some(git2::Repository::open(self.git_directory).map_err(unreadable)?);
        }
        let Some(handle) = &self.handle else {
            return Ok((Outcome::Nothing, 0));
        };
        let objects = handle.odb().map_err(unreadable)?;
        let skip = |reason| {
            let path = path.to_owned();
            Outcome::Skipped(Skipped { path, reason })
        };
        // Few packed objects are large: their size is asked for only where it could matter.
        let result = objects.read_header(blob).and_then(|(size, _)| {
            if size as u64 > MAX_FILE_BYTES {
                return Ok((skip(SkipReason::TooLarge), 0));
            }
            let object = objects.read(blob)?;
            let outcome = made_of(self.scan, path, object.data(), Some(blob));
            Ok((outcome, size as u64))
        });
        Ok(result.unwrap_or_else(|error| (skip(object_reason(&error)), 0)))
    }
}

/// Whether a file is a pointer of git LFS, and its content elsewhere.
#[must_use]
pub fn is_large_file_pointer(bytes: &[u8]) -> bool {
    bytes.len() <= MAX_POINTER_BYTES && bytes.starts_with(LARGE_FILE_POINTER)
}

fn made_of<T>(scan: &Scan<'_, T>, path: &str, bytes: &[u8], blob: Option<Oid>) -> Outcome<T> {
    if is_large_file_pointer(bytes) {
        let (path, reason) = (path.to_owned(), SkipReason::LargeFilePointer);
        return Outcome::Skipped(Skipped { path, reason });
    }
    match ((scan.read)(path, blob, bytes), blob) {
        (Some(value), read_from) => Outcome::Yielded(ScannedFile {
            path: path.to_owned(),
            read_from,
            value,
        }),
        (None, Some(blob)) => Outcome::Irrelevant(blob),
        (None, None) => Outcome::Nothing,
    }
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
