//! Listing the files of a revision with their bytes, in parallel.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use git2::{ErrorCode, IndexEntry, IndexEntryExtendedFlag, ObjectType, Oid};
use rayon::prelude::*;

use super::work_tree::{self, Directory, OnDisk, ReadInto, Stamp, WorkTree};
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

/// What a thread takes at once: little enough that all end together, enough that neighbours, which git packs alike, stay
/// together.
const FILES_AT_A_TIME: usize = 128;

/// With fewer threads than this, whatever the number of cores, they would all wait for the disk at times.
const LEAST_READERS: usize = 4;

/// Where attributes of files are written, filters among them.
const ATTRIBUTES: &str = ".gitattributes";

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

/// Where the content of a file is.
enum Content {
    /// On disk, unknown to git.
    Disk,
    /// On disk, as git knew it.
    Tracked(Tracked),
    Object(Oid),
}

/// What the index says of a file.
struct Tracked {
    blob: Oid,
    /// What its metadata were when it had the content of the blob; `None` if that is not sure.
    stamp: Option<Stamp>,
}

/// What became of one file.
enum Outcome<T> {
    Yielded(usize, Option<Oid>, T),
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
        let (contents, work_tree) = match revision {
            Revision::Empty => (Vec::new(), None),
            Revision::WorkTree => {
                let work_tree = self.work_tree()?;
                (
                    self.work_tree_contents(&work_tree, &mut skipped)?,
                    Some(work_tree),
                )
            }
            Revision::Commit(commit) => (self.commit_contents(commit, &mut skipped)?, None),
        };

        let git_directory = self.git.path();
        let kept_bytes = AtomicU64::new(0);
        let next = AtomicUsize::new(0);
        let work = || -> Result<Vec<Outcome<T>>, RepositoryError> {
            // A handle cannot be shared between threads, and not every thread of a small repository needs one.
            let mut reader = Reader {
                git_directory,
                work_tree: work_tree.as_ref(),
                handle: None,
                buffer: Vec::new(),
                scan,
            };
            let mut outcomes = Vec::new();
            loop {
                let start = next.fetch_add(FILES_AT_A_TIME, Ordering::Relaxed);
                let Some(rest) = contents.get(start..).filter(|rest| !rest.is_empty()) else {
                    return Ok(outcomes);
                };
                for (offset, (path, content)) in rest.iter().take(FILES_AT_A_TIME).enumerate() {
                    let (outcome, bytes) = reader.outcome(start + offset, path, content)?;
                    if matches!(outcome, Outcome::Yielded(..))
                        && kept_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > MAX_KEPT_BYTES
                    {
                        return Err(too_much(revision));
                    }
                    if !matches!(outcome, Outcome::Nothing) {
                        outcomes.push(outcome);
                    }
                }
            }
        };
        let threads = rayon::current_num_threads().max(LEAST_READERS);
        let threads = threads.min(contents.len().div_ceil(FILES_AT_A_TIME));
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            let joined = others.into_iter().map(|thread| {
                let panicked = |panic| std::panic::resume_unwind(panic);
                thread.join().unwrap_or_else(panicked)
            });
            std::iter::once(own).chain(joined).collect()
        });

        let mut yielded = Vec::new();
        let mut irrelevant = Vec::new();
        for outcomes in outcomes {
            for outcome in outcomes? {
                match outcome {
                    Outcome::Yielded(index, read_from, value) => {
                        yielded.push((index, read_from, value));
                    }
                    Outcome::Skipped(file) => skipped.push(file),
                    Outcome::Irrelevant(blob) => irrelevant.push(blob),
                    Outcome::Nothing => {}
                }
            }
        }
        yielded.sort_by_key(|(index, ..)| *index);
        let file = |(index, read_from, value): (usize, _, _)| ScannedFile {
            path: contents[index].0.clone(),
            read_from,
            value,
        };
        skipped.sort();
        skipped.dedup();
        Ok(Scanned {
            files: yielded.into_iter().map(file).collect(),
            irrelevant,
            skipped,
            count: contents.len(),
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
        let contents = self.commit_contents(commit, &mut Vec::new())?;
        let blobs = contents
            .into_iter()
            .filter_map(|(_, content)| match content {
                Content::Object(blob) => Some(blob),
                Content::Disk | Content::Tracked(_) => None,
            });
        Ok(blobs.collect())
    }

    /// The tracked files, and those that are neither tracked nor ignored, sorted by path.
    fn work_tree_contents(
        &self,
        work_tree: &WorkTree<'_>,
        skipped: &mut Vec<Skipped>,
    ) -> Result<Vec<(String, Content)>, RepositoryError> {
        let index_path = self.git.path().join("index");
        let written = Stamp::modified(&index_path);
        let index = self.index_entries(&index_path)?;

        // In the order of the index, which is that of the paths.
        let mut entries: Vec<(String, Tracking)> = Vec::with_capacity(index.len());
        for mut entry in index {
            let path = String::from_utf8(std::mem::take(&mut entry.path));
            let path = path.map_err(std::string::FromUtf8Error::into_bytes);
            let path = match path {
                Ok(path) if work_tree::is_inside(&path) => path,
                Ok(path) => {
                    checked_path(path.as_bytes(), skipped);
                    continue;
                }
                Err(bytes) => {
                    checked_path(&bytes, skipped);
                    continue;
                }
            };
            let tracking = if is_submodule_mode(entry.mode as i32) {
                skipped.push(Skipped {
                    path: path.clone(),
                    reason: SkipReason::Submodule,
                });
                Tracking::Submodule
            } else {
                Tracking::File {
                    left_out: is_left_out(&entry) && is_file_mode(entry.mode as i32),
                    tracked: Tracked {
                        blob: entry.id,
                        stamp: Stamp::of_entry(&entry, written),
                    },
                }
            };
            entries.push((path, tracking));
        }
        let mut places: HashMap<&str, Place> = HashMap::with_capacity(entries.len());
        for (place, (path, _)) in entries.iter().enumerate() {
            for (end, _) in path.rmatch_indices('/') {
                if places.insert(&path[..end], Place::Directory).is_some() {
                    break;
                }
            }
            places.insert(path, Place::Entry(place));
        }

        let mut is_met = vec![false; entries.len()];
        let mut new_files = Vec::new();
        let mut attributes = Vec::new();
        let mut level = vec![String::new()];
        while !level.is_empty() {
            let listed: Vec<Directory> = level
                .par_iter()
                .map(|directory| work_tree.list(directory, &|path| places.get(path).copied()))
                .collect();
            let mut next = Vec::new();
            for (directory, listed) in level.into_iter().zip(listed) {
                if let Some(message) = listed.failure {
                    let reason = SkipReason::Unreadable(message);
                    skipped.push(Skipped {
                        path: directory,
                        reason,
                    });
                }
                for bytes in listed.invalid {
                    checked_path(&bytes, skipped);
                }
                for place in listed.entries {
                    is_met[place] = true;
                    if entries[place].0.ends_with(ATTRIBUTES) {
                        attributes.push(entries[place].0.clone());
                    }
                }
                next.extend(listed.directories);
                for path in listed.new_files {
                    if !self.is_ignored(&path) {
                        if path.ends_with(ATTRIBUTES) {
                            attributes.push(path.clone());
                        }
                        new_files.push((path, Content::Disk));
                    }
                }
                for path in listed.new_directories {
                    if self.is_ignored(&format!("{path}/")) {
                        continue;
                    }
                    if work_tree.is_repository(&path) {
                        let reason = SkipReason::NestedRepository;
                        skipped.push(Skipped { path, reason });
                    } else {
                        next.push(path);
                    }
                }
            }
            level = next;
        }
        drop(places);

        let mut contents = Vec::with_capacity(entries.len() + new_files.len());
        let mut known = HashMap::new();
        for ((path, tracking), is_met) in entries.into_iter().zip(is_met) {
            let Tracking::File { left_out, tracked } = tracking else {
                continue;
            };
            if is_met {
                contents.push((path, Content::Tracked(tracked)));
            } else if work_tree.is_file_inside(&path, &mut known) {
                // Where letter case does not count, it may bear another name on disk.
                contents.push((path, Content::Disk));
            } else if left_out {
                contents.push((path, Content::Object(tracked.blob)));
            }
        }
        contents.append(&mut new_files);
        // Nearly sorted already, which costs next to nothing.
        contents.sort_by(|(a, _), (b, _)| a.cmp(b));
        contents.dedup_by(|(a, _), (b, _)| a == b);
        if self.may_filter(work_tree, &attributes) {
            for (_, content) in &mut contents {
                if matches!(content, Content::Tracked(_)) {
                    *content = Content::Disk;
                }
            }
        }
        Ok(contents)
    }

    /// What git tracks, sorted by path.
    fn index_entries(&self, path: &Path) -> Result<Vec<IndexEntry>, RepositoryError> {
        let usual = std::fs::read(path)
            .ok()
            .and_then(|bytes| super::index::entries(&bytes));
        if let Some(entries) = usual {
            return Ok(entries);
        }
        let unreadable = |error| RepositoryError::unreadable("the index", &error);
        let mut index = self.git.index().map_err(unreadable)?;
        index.read(false).map_err(unreadable)?;
        Ok(index.iter().collect())
    }

    /// Whether git ignores a path; directories end with a slash.
    fn is_ignored(&self, path: &str) -> bool {
        self.git.is_path_ignored(Path::new(path)).unwrap_or(false)
    }

    /// Whether files of the work tree may have passed a filter, so that their content is not that of their blobs.
    ///
    /// What git does to line endings and encodings by itself changes no carve-out.
    fn may_filter(&self, work_tree: &WorkTree<'_>, attributes: &[String]) -> bool {
        let of_users = || {
            let config = self.git.config().ok()?;
            config.get_path("core.attributesfile").ok()
        };
        let beside_config = || Some(git2::Config::find_xdg().ok()?.with_file_name("attributes"));
        let elsewhere = [
            Some(self.git.commondir().join("info/attributes")),
            of_users(),
            beside_config(),
        ];
        let mentions = |bytes: &[u8]| memchr::memmem::find(bytes, b"filter").is_some();
        let found = elsewhere
            .into_iter()
            .flatten()
            .any(|path| match std::fs::read(&path) {
                Ok(bytes) => mentions(&bytes),
                Err(error) => error.kind() != std::io::ErrorKind::NotFound,
            });
        found
            || attributes.iter().any(|path| match work_tree.read(path) {
                OnDisk::Bytes(bytes) => mentions(&bytes),
                _ => true,
            })
    }

    /// The files of a commit, sorted by path.
    fn commit_contents(
        &self,
        commit: Oid,
        skipped: &mut Vec<Skipped>,
    ) -> Result<Vec<(String, Content)>, RepositoryError> {
        let unreadable = |error| RepositoryError::unreadable(commit.to_string(), &error);
        let root = self
            .git
            .find_commit(commit)
            .and_then(|commit| commit.tree())
            .map_err(unreadable)?;

        let mut contents = Vec::new();
        let mut name_bytes = 0_usize;
        // Where the walk stands in each tree on the way down: it meets files in the order of their paths.
        let mut open = vec![(String::new(), root, 0)];
        while let Some((directory, tree, next)) = open.last_mut() {
            let Some(entry) = tree.get(*next) else {
                open.pop();
                continue;
            };
            *next += 1;
            let bytes = [directory.as_bytes(), entry.name_bytes()].concat();
            let (mode, id) = (entry.filemode_raw(), entry.id());
            let is_tree = entry.kind() == Some(ObjectType::Tree);
            drop(entry);
            name_bytes += bytes.len() + ENTRY_BYTES;
            if name_bytes > MAX_NAME_BYTES {
                return Err(too_much(Revision::Commit(commit)));
            }
            let Some(path) = checked_path(&bytes, skipped) else {
                continue;
            };
            match mode {
                mode if is_file_mode(mode) => {
                    contents.push((path, Content::Object(id)));
                }
                mode if is_submodule_mode(mode) => skipped.push(Skipped {
                    path,
                    reason: SkipReason::Submodule,
                }),
                _ if is_tree => match self.git.find_tree(id) {
                    Ok(tree) => open.push((path + "/", tree, 0)),
                    Err(error) => skipped.push(Skipped {
                        path,
                        reason: object_reason(&error),
                    }),
                },
                // A link.
                _ => {}
            }
        }
        // Sorted already, unless somebody forged a tree.
        contents.sort_by(|(a, _), (b, _)| a.cmp(b));
        contents.dedup_by(|(a, _), (b, _)| a == b);
        Ok(contents)
    }
}

/// What git tracks at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The entry of the index with this number.
    Entry(usize),
    /// Something below it.
    Directory,
}

/// What the index has at a path.
enum Tracking {
    Submodule,
    File {
        /// A sparse checkout leaves it out.
        left_out: bool,
        tracked: Tracked,
    },
}

/// Reads files, for one thread.
struct Reader<'s, T> {
    git_directory: &'s Path,
    work_tree: Option<&'s WorkTree<'s>>,
    handle: Option<git2::Repository>,
    buffer: Vec<u8>,
    scan: &'s Scan<'s, T>,
}

impl<T> Reader<'_, T> {
    /// What becomes of a file, and how many bytes were read for it.
    fn outcome(
        &mut self,
        index: usize,
        path: &str,
        content: &Content,
    ) -> Result<(Outcome<T>, u64), RepositoryError> {
        let blob = match (content, self.work_tree) {
            (Content::Object(blob), _) => Some(*blob),
            (Content::Tracked(tracked), Some(work_tree)) => tracked
                .stamp
                .as_ref()
                // Whether the caller knows the blob at all is told faster than whether the file still holds it.
                .filter(|_| !matches!((self.scan.know)(path, Some(tracked.blob)), Known::No))
                .filter(|stamp| work_tree.has_stamp(path, stamp))
                .map(|_| tracked.blob),
            _ => None,
        };
        match (self.scan.know)(path, blob) {
            Known::No => {}
            Known::Yields(value) => return Ok((Outcome::Yielded(index, None, value), 0)),
            Known::Irrelevant => return Ok((Outcome::Nothing, 0)),
        }
        if let (Content::Disk | Content::Tracked(_), Some(work_tree)) = (content, self.work_tree) {
            return Ok(self.on_disk(index, path, content, work_tree));
        }
        let Content::Object(blob) = content else {
            return Ok((Outcome::Nothing, 0));
        };
        self.object(index, path, *blob)
    }

    fn on_disk(
        &mut self,
        index: usize,
        path: &str,
        content: &Content,
        work_tree: &WorkTree<'_>,
    ) -> (Outcome<T>, u64) {
        let skip = |reason| {
            let path = path.to_owned();
            (Outcome::Skipped(Skipped { path, reason }), 0)
        };
        match work_tree.read_into(path, &mut self.buffer) {
            ReadInto::Bytes(length, stamp) => {
                let bytes = &self.buffer[..length];
                let blob = match content {
                    Content::Tracked(tracked) if tracked.stamp == Some(stamp) => Some(tracked.blob),
                    _ => None,
                };
                (made_of(self.scan, index, path, bytes, blob), length as u64)
            }
            ReadInto::NotAFile => (Outcome::Nothing, 0),
            ReadInto::TooLarge => skip(SkipReason::TooLarge),
            ReadInto::Unreadable(message) => skip(SkipReason::Unreadable(message)),
        }
    }

    fn object(
        &mut self,
        index: usize,
        path: &str,
        blob: Oid,
    ) -> Result<(Outcome<T>, u64), RepositoryError> {
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
            let outcome = made_of(self.scan, index, path, object.data(), Some(blob));
            Ok((outcome, size as u64))
        });
        Ok(result.unwrap_or_else(|error| (skip(object_reason(&error)), 0)))
    }
}

fn made_of<T>(
    scan: &Scan<'_, T>,
    index: usize,
    path: &str,
    bytes: &[u8],
    blob: Option<Oid>,
) -> Outcome<T> {
    if bytes.len() <= MAX_POINTER_BYTES && bytes.starts_with(LARGE_FILE_POINTER) {
        let (path, reason) = (path.to_owned(), SkipReason::LargeFilePointer);
        return Outcome::Skipped(Skipped { path, reason });
    }
    match ((scan.read)(path, blob, bytes), blob) {
        (Some(value), blob) => Outcome::Yielded(index, blob, value),
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

/// Whether a sparse checkout leaves this file out of the work tree.
pub(super) fn is_left_out(entry: &IndexEntry) -> bool {
    IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended).is_skip_worktree()
}
