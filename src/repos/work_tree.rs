//! Reading the work tree without ever leaving it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Component, Path};

use super::MAX_FILE_BYTES;
use super::folder::Folder;
use super::listing::TrackedFile;

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
    /// Files that git tracks, by their numbers among those of the directory.
    pub(super) entries: Vec<usize>,
    /// Directories in which git tracks something.
    pub(super) directories: Vec<String>,
    /// Files that git does not track, ignored or not.
    pub(super) new_files: Vec<String>,
    /// Directories in which git tracks nothing.
    pub(super) new_directories: Vec<String>,
    /// Links, whether git tracks them or not.
    pub(super) links: Vec<String>,
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
    pub(super) fn of(found: &std::fs::Metadata) -> Self {
        Self {
            modified: modified(found).unwrap_or_default(),
            changed: changed(found),
            size: found.len() as u32,
            inode: inode(found),
        }
    }

    /// The same by another way of asking.
    #[cfg(unix)]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::unnecessary_cast,
        reason = "as git does; each system has types of its own"
    )]
    pub(super) fn of_stat(found: &rustix::fs::Stat) -> Self {
        Self {
            modified: (found.st_mtime as i64, found.st_mtime_nsec as u32),
            changed: (found.st_ctime as i64, found.st_ctime_nsec as u32),
            size: found.st_size as u32,
            inode: found.st_ino as u32,
        }
    }

    /// When a file was last written, in seconds and nanoseconds since 1970.
    pub(super) fn modified(path: &Path) -> Option<(i64, u32)> {
        modified(&std::fs::symlink_metadata(path).ok()?)
    }

    /// What the index noted of a file: times in seconds and nanoseconds since 1970.
    pub(super) fn noted(modified: (i64, u32), changed: (i64, u32), size: u32, inode: u32) -> Self {
        Self {
            modified,
            changed,
            size,
            inode,
        }
    }

    /// Whether a change of the file since would show. It would not if the file is as young as what noted it, or if its
    /// time was noted in whole seconds only.
    pub(super) fn is_settled(&self, noted: Option<(i64, u32)>) -> bool {
        self.modified.1 != 0 && noted.is_some_and(|noted| self.modified < noted)
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

/// Reads a file that was found to be one into a buffer that is used again.
pub(super) fn read_into(opened: std::io::Result<File>, buffer: &mut Vec<u8>) -> ReadInto {
    let read = |buffer: &mut Vec<u8>| {
        let mut file = opened?;
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
        let opened = File::open(self.top.join(path));
        match read_into(opened, &mut buffer) {
            ReadInto::Bytes(length, _) => {
                buffer.truncate(length);
                OnDisk::Bytes(buffer)
            }
            ReadInto::NotAFile => OnDisk::Absent,
            ReadInto::TooLarge => OnDisk::TooLarge,
            ReadInto::Unreadable(message) => OnDisk::Unreadable(message),
        }
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

    /// The top, opened.
    pub(super) fn open(&self) -> std::io::Result<Folder> {
        Folder::top(self.top)
    }

    fn is_directory(&self, path: &str) -> bool {
        std::fs::symlink_metadata(self.top.join(path)).is_ok_and(|found| found.is_dir())
    }

    /// What lies in a real directory (empty: the top) of which git tracks some files. Links and special files are left out.
    pub(super) fn list(
        &self,
        directory: &str,
        tracked: &[TrackedFile<'_>],
        tracks_below: &(dyn Fn(&str) -> bool + Sync),
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
        let tracked = tracked.iter().enumerate();
        let places: HashMap<&str, usize> =
            tracked.map(|(place, file)| (file.name, place)).collect();
        for entry in entries.filter_map(Result::ok) {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_symlink() {
                let name = entry.file_name();
                let path = name.to_str().map(|name| joined(directory, name));
                listed.links.extend(path.filter(|path| is_inside(path)));
            }
            if !kind.is_file() && !kind.is_dir() {
                continue;
            }
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let path = [joined(directory, "").as_bytes(), name.as_encoded_bytes()].concat();
                listed.invalid.push(path);
                continue;
            };
            let known = places.get(name).copied();
            if let Some(place) = known
                && kind.is_file()
            {
                listed.entries.push(place);
                continue;
            }
            // Git's own directory is nobody's business; other names that git would not accept are said.
            if name.eq_ignore_ascii_case(".git") {
                continue;
            }
            let path = joined(directory, name);
            if !is_name(name) || path.len() > MAX_PATH_BYTES {
                listed.invalid.push(path.into_bytes());
            } else if kind.is_file() {
                listed.new_files.push(path);
            } else if tracks_below(&path) {
                listed.directories.push(path);
            } else if known.is_none() || !self.is_repository(&path) {
                listed.new_directories.push(path);
            }
            // Else it is a submodule, or in place of a file: what is below, git does not track.
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

/// The path of what bears a name in a directory (empty: the top).
pub(super) fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        [directory, "/", name].concat()
    }
}

/// Whether a path, relative and with forward slashes, names something inside the tree and outside git's own directory.
pub(super) fn is_inside(path: &str) -> bool {
    path.len() <= MAX_PATH_BYTES && path.split('/').all(is_name)
}

/// Whether a segment of a path is a plain name.
pub(super) fn is_name(segment: &str) -> bool {
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
