//! Reading the work tree without ever leaving it.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path};

use super::MAX_FILE_BYTES;

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

/// The files of a work tree.
pub(super) struct WorkTree<'repository> {
    top: &'repository Path,
}

/// Which directories of a work tree really lie in it, and are not links.
#[derive(Default)]
pub(super) struct RealDirectories<'path>(BTreeMap<&'path str, bool>);

impl<'repository> WorkTree<'repository> {
    pub(super) fn new(top: &'repository Path) -> Self {
        Self { top }
    }

    /// Reads one file; see [`is_inside`] for the paths that are accepted.
    pub(super) fn read(&self, path: &str) -> OnDisk {
        if self.has_real_parents(path, &mut RealDirectories::default()) {
            self.read_in_real_directory(path)
        } else {
            OnDisk::Absent
        }
    }

    /// Whether every directory on the way to a file is one, and not a link that could lead out of the tree.
    pub(super) fn has_real_parents<'path>(
        &self,
        path: &'path str,
        known: &mut RealDirectories<'path>,
    ) -> bool {
        is_inside(path)
            && path.match_indices('/').all(|(end, _)| {
                let Some(directory) = path.get(..end) else {
                    return false;
                };
                let is_real = || {
                    std::fs::symlink_metadata(self.top.join(directory))
                        .is_ok_and(|found| found.is_dir())
                };
                *known.0.entry(directory).or_insert_with(is_real)
            })
    }

    /// Reads one file whose parents were found to be real.
    pub(super) fn read_in_real_directory(&self, path: &str) -> OnDisk {
        let path = self.top.join(path);
        let read = || {
            let found = std::fs::symlink_metadata(&path)?;
            if !found.is_file() {
                return Ok(OnDisk::NotAFile);
            }
            if found.len() > MAX_FILE_BYTES {
                return Ok(OnDisk::TooLarge);
            }
            let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
            std::fs::File::open(&path)?
                .take(MAX_FILE_BYTES + 1)
                .read_to_end(&mut bytes)?;
            let is_too_large = bytes.len() as u64 > MAX_FILE_BYTES;
            Ok(if is_too_large {
                OnDisk::TooLarge
            } else {
                OnDisk::Bytes(bytes)
            })
        };
        read().unwrap_or_else(|error: std::io::Error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => OnDisk::Absent,
            _ => OnDisk::Unreadable(error.to_string()),
        })
    }

    /// The files below a directory, tracked or not, in no deeper directories than [`MAX_DEPTH`], sorted.
    pub(super) fn files_below(&self, directory: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut seen = 0;
        let mut todo = vec![(directory.to_owned(), 0)];
        while let Some((directory, depth)) = todo.pop() {
            let inside = format!("{directory}/x");
            if !self.has_real_parents(&inside, &mut RealDirectories::default()) {
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

    /// Whether a directory is the top of another repository.
    pub(super) fn is_repository(&self, directory: &str) -> bool {
        std::fs::symlink_metadata(self.top.join(directory).join(".git")).is_ok()
    }
}

/// Whether a path, relative and with forward slashes, names something inside the tree and outside git's own directory.
pub(super) fn is_inside(path: &str) -> bool {
    let is_name = |segment: &str| {
        let mut components = Path::new(segment).components();
        matches!(components.next(), Some(Component::Normal(name)) if name == segment)
            && components.next().is_none()
            && !segment.eq_ignore_ascii_case(".git")
            && !segment.contains('\0')
    };
    path.len() <= MAX_PATH_BYTES && path.split('/').all(is_name)
}
