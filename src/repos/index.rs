//! Reading git's index as it is most often written (versions 2 and 3), without checking its sum, as git itself does; for a
//! large repository libgit2 takes longer for that than for all else. Whatever is unusual is left to libgit2.

use std::cell::OnceCell;

use git2::{IndexEntry, IndexEntryExtendedFlag, Oid};

use super::links::is_link_mode;
use super::work_tree::Stamp;
use super::{RepositoryError, listing};

/// The fixed part of an entry: ten numbers, a name of a blob, flags.
const FIXED_BYTES: usize = 62;

/// The sum behind everything.
const SUM_BYTES: usize = 20;

/// The entry has more flags.
const EXTENDED: u16 = 0x4000;

/// Which side of a conflict an entry is.
const STAGE: u16 = 0x3000;

/// A path that git tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<'i> {
    /// From the top, with forward slashes.
    pub(super) path: &'i [u8],
    /// As in a tree: a file, a link or a submodule.
    pub(super) mode: i32,
    pub(super) blob: Oid,
    /// What the metadata of the file were when it had the content of the blob. Nothing is noted of conflicts.
    stamp: Option<Stamp>,
    /// A sparse checkout leaves it out of the work tree.
    is_left_out: bool,
}

impl<'i> Entry<'i> {
    /// A file that a sparse checkout leaves out of the work tree.
    pub(super) fn is_file_left_out(&self) -> bool {
        self.is_left_out && listing::is_file_mode(self.mode)
    }

    /// A link that a sparse checkout leaves out of the work tree.
    pub(super) fn is_link_left_out(&self) -> bool {
        self.is_left_out && is_link_mode(self.mode)
    }

    /// [`Entry::stamp`]; `None` if the file could have been changed since without a trace: one that is as young as the index
    /// itself, or whose time was noted in whole seconds only.
    pub(super) fn stamp(&self, index_written: Option<(i64, u32)>) -> Option<Stamp> {
        self.stamp
            .filter(|stamp| stamp.is_settled(index_written) && cfg!(unix))
    }

    fn of(entry: &'i IndexEntry) -> Self {
        let time = |time: git2::IndexTime| (i64::from(time.seconds()), time.nanoseconds());
        let (modified, changed) = (time(entry.mtime), time(entry.ctime));
        let stamp = Stamp::noted(modified, changed, entry.file_size, entry.ino);
        Self {
            path: &entry.path,
            mode: entry.mode.cast_signed(),
            blob: entry.id,
            stamp: (entry.flags & STAGE == 0).then_some(stamp),
            is_left_out: is_left_out(entry.flags_extended),
        }
    }
}

/// The index of a repository.
pub(super) struct Index<'g> {
    git: &'g git2::Repository,
    bytes: Vec<u8>,
    /// What libgit2 makes of one that is not of the usual sort.
    unusual: OnceCell<Vec<IndexEntry>>,
}

impl<'g> Index<'g> {
    /// Reads the index as it is now.
    pub(super) fn read(git: &'g git2::Repository) -> Self {
        Self {
            git,
            bytes: std::fs::read(git.path().join("index")).unwrap_or_default(),
            unusual: OnceCell::new(),
        }
    }

    /// What git tracks, in the order of the paths.
    ///
    /// # Errors
    ///
    /// If even libgit2 cannot read it.
    pub(super) fn entries(&self) -> Result<Vec<Entry<'_>>, RepositoryError> {
        if let Some(entries) = entries(&self.bytes) {
            return Ok(entries);
        }
        let unreadable = |error| RepositoryError::unreadable("the index", &error);
        let mut index = self.git.index().map_err(unreadable)?;
        index.read(false).map_err(unreadable)?;
        let entries = self.unusual.get_or_init(|| index.iter().collect());
        Ok(entries.iter().map(Entry::of).collect())
    }
}

fn is_left_out(flags: u16) -> bool {
    IndexEntryExtendedFlag::from_bits_truncate(flags).is_skip_worktree()
}

/// The entries of an index, in its order; `None` if it is not one of the usual sort.
fn entries(bytes: &[u8]) -> Option<Vec<Entry<'_>>> {
    let (signature, rest) = bytes.split_first_chunk::<4>()?;
    let (version, rest) = number(rest)?;
    let (count, mut rest) = number(rest)?;
    let is_usual = signature == b"DIRC" && matches!(version, 2 | 3);
    let count = usize::try_from(count).ok()?;
    if !is_usual || count > bytes.len() / FIXED_BYTES {
        return None;
    }
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(count);
    for _ in 0..count {
        let (entry, behind) = entry(rest)?;
        if entries.last().is_some_and(|last| last.path > entry.path) {
            return None;
        }
        entries.push(entry);
        rest = behind;
    }
    // Extensions in lower case change what the entries mean.
    while rest.len() > SUM_BYTES {
        let (name, behind) = rest.split_first_chunk::<4>()?;
        let (length, behind) = number(behind)?;
        if !name[0].is_ascii_uppercase() {
            return None;
        }
        rest = behind.get(usize::try_from(length).ok()?..)?;
    }
    (rest.len() == SUM_BYTES).then_some(entries)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}

/// One entry, and what is behind it.
fn entry(bytes: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let mut numbers = [0_u32; 10];
    let mut rest = bytes;
    for place in &mut numbers {
        (*place, rest) = number(rest)?;
    }
    let [
        changed,
        changed_nanoseconds,
        modified,
        modified_nanoseconds,
        _device,
        inode,
        mode,
        _user,
        _group,
        size,
    ] = numbers;
    let (blob, rest) = rest.split_first_chunk::<20>()?;
    let (flags, mut rest) = rest.split_first_chunk::<2>()?;
    let flags = u16::from_be_bytes(*flags);
    let mut flags_extended = 0;
    if flags & EXTENDED != 0 {
        let (more, behind) = rest.split_first_chunk::<2>()?;
        (flags_extended, rest) = (u16::from_be_bytes(*more), behind);
    }
    let length = memchr::memchr(0, rest)?;
    let path = &rest[..length];
    // One to eight NULs fill it up to a multiple of eight.
    let written = bytes.len() - rest.len() + length;
    let rest = bytes.get(written + 8 - written % 8..)?;
    // As libgit2 has it: seconds with a sign.
    let seconds = |seconds: u32| i64::from(seconds.cast_signed());
    let stamp = Stamp::noted(
        (seconds(modified), modified_nanoseconds),
        (seconds(changed), changed_nanoseconds),
        size,
        inode,
    );
    let entry = Entry {
        path,
        mode: mode.cast_signed(),
        blob: Oid::from_bytes(blob).ok()?,
        stamp: (flags & STAGE == 0).then_some(stamp),
        is_left_out: is_left_out(flags_extended),
    };
    (length > 0).then_some((entry, rest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    /// An index that git wrote, with so many files, one of them marked as one to be added later.
    fn written(files: usize) -> (tempfile::TempDir, Vec<u8>) {
        let directory = tempfile::tempdir().unwrap();
        let git = git2::Repository::init(directory.path()).unwrap();
        for number in 0..files {
            let name = format!("{}.txt", "x".repeat(number + 1));
            std::fs::write(directory.path().join(name), "a\n").unwrap();
        }
        let mut index = git.index().unwrap();
        index
            .add_all(["*"], git2::IndexAddOption::DEFAULT, None)
            .unwrap();
        if let Some(mut entry) = index.get(0) {
            entry.flags_extended |= git2::IndexEntryExtendedFlag::INTENT_TO_ADD.bits();
            index.add(&entry).unwrap();
        }
        index.write().unwrap();
        let bytes = std::fs::read(git.path().join("index")).unwrap();
        (directory, bytes)
    }

    #[test]
    fn what_git_wrote_is_read_as_libgit2_reads_it() {
        for files in [0, 1, 20] {
            let (directory, bytes) = written(files);
            let git = git2::Repository::open(directory.path()).unwrap();
            let expected: Vec<_> = git.index().unwrap().iter().collect();
            let expected: Vec<_> = expected.iter().map(Entry::of).collect();
            let found = entries(&bytes).unwrap();
            assert_eq!(found, expected);
            assert_eq!(found.len(), files);
        }
    }

    #[test]
    fn damaged_and_unusual_indexes_are_left_to_libgit2() {
        let (_directory, bytes) = written(3);
        for length in 0..bytes.len() {
            assert!(entries(&bytes[..length]).is_none(), "{length}");
        }
        let mut version_4 = bytes.clone();
        version_4[7] = 4;
        assert!(entries(&version_4).is_none());
        let end = bytes.len() - SUM_BYTES;
        let with = |extension: &[u8]| [&bytes[..end], extension, &[0; 4], &bytes[end..]].concat();
        assert!(entries(&with(b"link")).is_none());
        assert!(entries(&with(b"FSMN")).is_some());
        let mut many = bytes;
        many[8..12].copy_from_slice(&u32::MAX.to_be_bytes());
        assert!(entries(&many).is_none());
    }
}
