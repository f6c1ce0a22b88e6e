//! An open directory of the work tree. The files in it are found without the way to it, which for thousands of files is a
//! good part of what finding them costs.

use std::fs::File;
use std::io;
use std::path::Path;

use super::work_tree::Stamp;

#[cfg(unix)]
pub(super) use by_handle::Folder;
#[cfg(not(unix))]
pub(super) use by_path::Folder;

#[cfg(unix)]
mod by_handle {
    use std::os::fd::OwnedFd;

    use rustix::fs::{AtFlags, FileType, Mode, OFlags, open, openat, statat};

    use super::{File, Path, Stamp, io};

    /// Links and pipes that somebody put in the place of a file are neither followed nor waited for.
    const OF_A_FILE: OFlags = OFlags::RDONLY
        .union(OFlags::CLOEXEC)
        .union(OFlags::NOFOLLOW)
        .union(OFlags::NONBLOCK);

    const OF_A_DIRECTORY: OFlags = OFlags::RDONLY
        .union(OFlags::CLOEXEC)
        .union(OFlags::DIRECTORY);

    /// A directory, by its handle.
    pub(in super::super) struct Folder(OwnedFd);

    impl Folder {
        /// The top of a work tree.
        pub(in super::super) fn top(path: &Path) -> io::Result<Self> {
            Ok(Self(open(path, OF_A_DIRECTORY, Mode::empty())?))
        }

        /// A directory below (empty: this one), and no link to one.
        pub(in super::super) fn below(&self, path: &str) -> io::Result<Self> {
            let path = if path.is_empty() { "." } else { path };
            let flags = OF_A_DIRECTORY.union(OFlags::NOFOLLOW);
            Ok(Self(openat(&self.0, path, flags, Mode::empty())?))
        }

        /// Opens a file in it; whether it is one, its metadata tell.
        pub(in super::super) fn open(&self, name: &str) -> io::Result<File> {
            Ok(openat(&self.0, name, OF_A_FILE, Mode::empty())?.into())
        }

        /// The metadata of a file in it; `None` if there is none.
        pub(in super::super) fn stamp(&self, name: &str) -> Option<Stamp> {
            let found = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            let is_file = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
            is_file.then(|| Stamp::of_stat(&found))
        }
    }
}

#[cfg(not(unix))]
mod by_path {
    use std::path::PathBuf;

    use super::{File, Path, Stamp, io};

    /// A directory, by its path.
    pub(in super::super) struct Folder(PathBuf);

    impl Folder {
        /// The top of a work tree.
        pub(in super::super) fn top(path: &Path) -> io::Result<Self> {
            Ok(Self(path.to_path_buf()))
        }

        /// A directory below (empty: this one).
        pub(in super::super) fn below(&self, path: &str) -> io::Result<Self> {
            Ok(Self(self.0.join(path)))
        }

        /// Opens a file in it; whether it is one, its metadata tell.
        pub(in super::super) fn open(&self, name: &str) -> io::Result<File> {
            File::open(self.0.join(name))
        }

        /// The metadata of a file in it; `None` if there is none.
        pub(in super::super) fn stamp(&self, name: &str) -> Option<Stamp> {
            let found = std::fs::symlink_metadata(self.0.join(name)).ok()?;
            found.is_file().then(|| Stamp::of(&found))
        }
    }
}
