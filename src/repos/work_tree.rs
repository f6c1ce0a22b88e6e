//! Reading the work tree without ever leaving it.

use std::collections::HashMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Component, Path};

use super::MAX_FILE_BYTES;
use super::listing::Place;

/// Longer paths are taken for an attack: no system accepts them.
const MAX_PATH_BYTES: usize = 4096;

/// How deep directories are followed that git does not list.
const MAX_DEPTH: usize = 24;

/// How many entries of directories are looked at that git does not list.
const MAX_BELOW: usize = 50_000;

/// What is found on disk at a path.
pub(super) enum OnDisk {
    Bytes(Vec<u8>),
    /// Nothing, or something that lies behind a link.
    Absent,
    /// A link, a directory, a device.
    NotAFile,
    TooLarge,
    /// With the reason of the operating system.
    Unreadable(String),
}

/// What came of reading a file into a buffer.
pub(super) enum ReadInto {
    /// So many bytes of the buffer, and the file's metadata.
    Bytes(usize, Stamp),
    /// Gone, or not a regular file.
    NotAFile,
    TooLarge,
    /// With the reason of the operating system.
    Unreadable(String),
}

/// What lies in a directory, as paths from the top.
#[derive(Default)]
pub(super) struct Directory {
    /// Files that git tracks, as numbers of entries of the index.
    pub(super) entries: Vec<usize>,
    /// Directories in which git tracks something.
    pub(super) directories: Vec<String>,
    /// Files that git does not track, ignored or not.
    pub(super) new_files: Vec<String>,
    /// Directories in which git tracks nothing.
    pub(super) new_directories: Vec<String>,
    /// Paths that are not UTF-8, or that git would not accept.
    pub(super) invalid: Vec<Vec<u8>>,
    /// Why it could not be listed.
    pub(super) failure: Option<String>,
}

/// Metadata of a file that change with its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: (i64, u32),
    /// When the file or its metadata were last changed: nobody can set this back.
    changed: (i64, u32),
    size: u32,
    inode: u32,
}

impl Stamp {
    /// As git does, it keeps the lower half of large numbers.
    #[expect(clippy::cast_possible_truncation, reason = "as git does")]
    fn of(found: &std::fs::Metadata) -> Self {
        Self {
            modified: modified(found).unwrap_or_default(),
            changed: changed(found),
            size: found.len() as u32,
            inode: inode(found),
        }
    }

    /// When a file was last written, in seconds and nanoseconds since 1970.
    pub(super) fn modified(path: &Path) -> Option<(i64, u32)> {
        modified(&std::fs::symlink_metadata(path).ok()?)
    }

    /// What the index noted of a file; `None` if it could have been changed since without a trace: a file that is as
    /// young as the index itself, or whose time was noted in whole seconds only.
    pub(super) fn of_entry(
        entry: &git2::IndexEntry,
        index_written: Option<(i64, u32)>,
    ) -> Option<Self> {
        let modified = (i64::from(entry.mtime.seconds()), entry.mtime.nanoseconds());
        let is_conflict = (entry.flags >> 12) & 3 != 0;
        let is_settled = modified.1 != 0 && index_written.is_some_and(|written| modified < written);
        (is_settled && !is_conflict && cfg!(unix)).then_some(Self {
            modified,
            changed: (i64::from(entry.ctime.seconds()), entry.ctime.nanoseconds()),
            size: entry.file_size,
            inode: entry.ino,
        })
    }
}

fn modified(found: &std::fs::Metadata) -> Option<(i64, u32)> {
    let since = found
        .modified()
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    Some((i64::try_from(since.as_secs()).ok()?, since.subsec_nanos()))
}

#[cfg(unix)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "less than a second"
)]
fn changed(found: &std::fs::Metadata) -> (i64, u32) {
    use std::os::unix::fs::MetadataExt as _;
    (found.ctime(), found.ctime_nsec() as u32)
}

#[cfg(not(unix))]
fn changed(_: &std::fs::Metadata) -> (i64, u32) {
    (0, 0)
}

#[cfg(unix)]
#[expect(clippy::cast_possible_truncation, reason = "as git does")]
fn inode(found: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    found.ino() as u32
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u32 {
    0
}

fn absent_or_unreadable(error: &std::io::Error) -> OnDisk {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => OnDisk::Absent,
        _ => OnDisk::Unreadable(error.to_string()),
    }
}

/// The files of a work tree.
pub(super) struct WorkTree<'repository> {
    top: &'repository Path,
}

impl<'repository> WorkTree<'repository> {
    pub(super) fn new(top: &'repository Path) -> Self {
        Self { top }
    }

    /// Reads one file; see [`is_inside`] for the paths that are accepted.
    pub(super) fn read(&self, path: &str) -> OnDisk {
        let mut parents = path.match_indices('/').map(|(end, _)| &path[..end]);
        if is_inside(path) && parents.all(|parent| self.is_directory(parent)) {
            self.read_in_real_directory(path)
        } else {
            OnDisk::Absent
        }
    }

    /// Reads one file whose parents were found to be real.
    fn read_in_real_directory(&self, path: &str) -> OnDisk {
        match std::fs::symlink_metadata(self.top.join(path)) {
            Ok(found) if !found.is_file() => return OnDisk::NotAFile,
            Ok(_) => {}
            Err(error) => return absent_or_unreadable(&error),
        }
        let mut buffer = Vec::new();
        match self.read_into(path, &mut buffer) {
            ReadInto::Bytes(length, _) => {
                buffer.truncate(length);
                OnDisk::Bytes(buffer)
            }
            ReadInto::NotAFile => OnDisk::Absent,
            ReadInto::TooLarge => OnDisk::TooLarge,
            ReadInto::Unreadable(message) => OnDisk::Unreadable(message),
        }
    }

    /// Reads a file that was found to be one, in a directory that was found to be real, into a buffer that is used again.
    pub(super) fn read_into(&self, path: &str, buffer: &mut Vec<u8>) -> ReadInto {
        let read = |buffer: &mut Vec<u8>| {
            let mut file = std::fs::File::open(self.top.join(path))?;
            let found = file.metadata()?;
            if !found.is_file() {
                return Ok(ReadInto::NotAFile);
            }
            if found.len() > MAX_FILE_BYTES {
                return Ok(ReadInto::TooLarge);
            }
            let size = usize::try_from(found.len()).unwrap_or_default();
            if buffer.len() < size {
                buffer.resize(size, 0);
            }
            let mut length = 0;
            while length < size {
                match file.read(&mut buffer[length..size]) {
                    Ok(0) => break,
                    Ok(read) => length += read,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(ReadInto::Bytes(length, Stamp::of(&found)))
        };
        read(buffer).unwrap_or_else(|error| match absent_or_unreadable(&error) {
            OnDisk::Unreadable(message) => ReadInto::Unreadable(message),
            _ => ReadInto::NotAFile,
        })
    }

    /// The files below a directory, tracked or not, in no deeper directories than [`MAX_DEPTH`], sorted.
    pub(super) fn files_below(&self, directory: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut seen = 0;
        let mut todo = vec![(directory.to_owned(), 0)];
        while let Some((directory, depth)) = todo.pop() {
            let inside = format!("{directory}/x");
            let mut parents = inside.match_indices('/').map(|(end, _)| &inside[..end]);
            if !parents.all(|parent| self.is_directory(parent)) {
                continue;
            }
            let Ok(entries) = std::fs::read_dir(self.top.join(&directory)) else {
                continue;
            };
            for entry in entries.filter_map(Result::ok) {
                seen += 1;
                if seen > MAX_BELOW {
                    break;
                }
                let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type())
                else {
                    continue;
                };
                let path = format!("{directory}/{name}");
                if kind.is_file() && is_inside(&path) {
                    found.push(path);
                } else if kind.is_dir() && depth < MAX_DEPTH && is_inside(&path) {
                    todo.push((path, depth + 1));
                }
            }
        }
        found.sort();
        found
    }

    /// Whether a regular file, and no link, lies at a path, and no link on the way to it.
    pub(super) fn is_file_inside(&self, path: &str, known: &mut HashMap<String, bool>) -> bool {
        let has_real_parents = path.match_indices('/').all(|(end, _)| {
            let directory = &path[..end];
            if let Some(is_real) = known.get(directory) {
                return *is_real;
            }
            let is_real = self.is_directory(directory);
            known.insert(directory.to_owned(), is_real);
            is_real
        });
        has_real_parents
            && std::fs::symlink_metadata(self.top.join(path)).is_ok_and(|found| found.is_file())
    }

    fn is_directory(&self, path: &str) -> bool {
        std::fs::symlink_metadata(self.top.join(path)).is_ok_and(|found| found.is_dir())
    }

    /// Whether a file has not been touched since its metadata were taken.
    pub(super) fn has_stamp(&self, path: &str, stamp: &Stamp) -> bool {
        std::fs::symlink_metadata(self.top.join(path))
            .is_ok_and(|found| found.is_file() && Stamp::of(&found) == *stamp)
    }

    /// What lies in a real directory (empty: the top). `place` tells what git tracks at a path. Links and special files
    /// are left out.
    pub(super) fn list(
        &self,
        directory: &str,
        place: &(dyn Fn(&str) -> Option<Place> + Sync),
    ) -> Directory {
        let mut listed = Directory::default();
        let entries = match std::fs::read_dir(self.top.join(directory)) {
            Ok(entries) => entries,
            Err(error) => {
                if let OnDisk::Unreadable(message) = absent_or_unreadable(&error) {
                    listed.failure = Some(message);
                }
                return listed;
            }
        };
        let mut path = String::new();
        for entry in entries.filter_map(Result::ok) {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if !kind.is_file() && !kind.is_dir() {
                continue;
            }
            let name = entry.file_name();
            path.clear();
            path.push_str(directory);
            if !directory.is_empty() {
                path.push('/');
            }
            let Some(name) = name.to_str() else {
                let bytes = [path.as_bytes(), name.as_encoded_bytes()].concat();
                listed.invalid.push(bytes);
                continue;
            };
            path.push_str(name);
            // Git's own directory is nobody's business; other names that git would not accept are said.
            if name.eq_ignore_ascii_case(".git") {
                continue;
            }
            if !is_name(name) || path.len() > MAX_PATH_BYTES {
                listed.invalid.push(path.clone().into_bytes());
                continue;
            }
            match (kind.is_dir(), place(&path)) {
                (false, Some(Place::Entry(place))) => listed.entries.push(place),
                (false, _) => listed.new_files.push(path.clone()),
                (true, Some(Place::Directory)) => listed.directories.push(path.clone()),
                // A submodule, or a directory in place of a file: what is below, git does not track.
                (true, Some(Place::Entry(_))) if self.is_repository(&path) => {}
                (true, _) => listed.new_directories.push(path.clone()),
            }
        }
        listed
    }

    /// Puts `after` in the place of a file that still holds `before`; `false` if it does not.
    pub(super) fn replace(&self, path: &str, before: &[u8], after: &[u8]) -> std::io::Result<bool> {
        let OnDisk::Bytes(now) = self.read(path) else {
            return Ok(false);
        };
        let permissions = std::fs::symlink_metadata(self.top.join(path))?.permissions();
        self.put_beside_first(path, after, Some(permissions), now == before)
    }

    /// Makes a file that is not there yet, and the directories it lies in; `false` if something bears its name.
    pub(super) fn create(&self, path: &str, bytes: &[u8]) -> std::io::Result<bool> {
        if !is_inside(path) {
            return Err(ErrorKind::InvalidInput.into());
        }
        for (end, _) in path.match_indices('/') {
            let directory = &path[..end];
            if !self.is_directory(directory) {
                // What is there and is no directory, a link for example, is not followed.
                std::fs::create_dir(self.top.join(directory))?;
            }
        }
        let is_free = std::fs::symlink_metadata(self.top.join(path)).is_err();
        self.put_beside_first(path, bytes, None, is_free)
    }

    /// Writes a file beside its place first, then into it, if it is still what it was.
    fn put_beside_first(
        &self,
        path: &str,
        after: &[u8],
        permissions: Option<std::fs::Permissions>,
        is_as_before: bool,
    ) -> std::io::Result<bool> {
        let target = self.top.join(path);
        let name = target.file_name().ok_or(ErrorKind::InvalidInput)?;
        let number = std::process::id();
        let beside = target.with_file_name(format!(".{}.{number}.tmp", name.to_string_lossy()));
        // A new file: whatever lies under that name already, a planted link for example, is not followed.
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&beside)?;
        let written = file
            .write_all(after)
            .and_then(|()| permissions.map_or(Ok(()), |same| file.set_permissions(same)))
            .and_then(|()| file.sync_all())
            .and_then(|()| {
                if !is_as_before {
                    return Ok(false);
                }
                std::fs::rename(&beside, &target).map(|()| true)
            });
        if !matches!(written, Ok(true)) {
            // The half-written file is of no use to anybody.
            let _ = std::fs::remove_file(&beside);
        }
        written
    }

    /// Whether a directory is the top of another repository.
    pub(super) fn is_repository(&self, directory: &str) -> bool {
        std::fs::symlink_metadata(self.top.join(directory).join(".git")).is_ok()
    }
}

/// Whether a path, relative and with forward slashes, names something inside the tree and outside git's own directory.
pub(super) fn is_inside(path: &str) -> bool {
    path.len() <= MAX_PATH_BYTES && path.split('/').all(is_name)
}

/// Whether a segment of a path is a plain name.
fn is_name(segment: &str) -> bool {
    // Elsewhere there are drive letters and more separators.
    let is_plain = || {
        let mut components = Path::new(segment).components();
        matches!(components.next(), Some(Component::Normal(name)) if name == segment)
            && components.next().is_none()
    };
    !matches!(segment, "" | "." | "..")
        && !segment.eq_ignore_ascii_case(".git")
        && !segment.contains('\0')
        && (cfg!(unix) || is_plain())
}
