//! Reading git's index as it is most often written (versions 2 and 3), without checking its sum, as git itself does; for a
//! large repository libgit2 takes longer for that than for all else. Whatever is unusual is left to libgit2.

use git2::{IndexEntry, IndexTime, Oid};

/// The fixed part of an entry: ten numbers, a name of a blob, flags.
const FIXED_BYTES: usize = 62;

/// The sum behind everything.
const SUM_BYTES: usize = 20;

/// The entry has more flags.
const EXTENDED: u16 = 0x4000;

/// The entries of an index, in its order; `None` if it is not one of the usual sort.
pub(super) fn entries(bytes: &[u8]) -> Option<Vec<IndexEntry>> {
    let (signature, rest) = bytes.split_first_chunk::<4>()?;
    let (version, rest) = number(rest)?;
    let (count, mut rest) = number(rest)?;
    let is_usual = signature == b"DIRC" && matches!(version, 2 | 3);
    let count = usize::try_from(count).ok()?;
    if !is_usual || count > bytes.len() / FIXED_BYTES {
        return None;
    }
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let (entry, behind) = entry(rest)?;
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
    (rest.len() == SUM_BYTES && entries.is_sorted_by(|a, b| a.path <= b.path)).then_some(entries)
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*number), rest))
}

/// One entry, and what is behind it.
fn entry(bytes: &[u8]) -> Option<(IndexEntry, &[u8])> {
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
        dev,
        ino,
        mode,
        uid,
        gid,
        file_size,
    ] = numbers;
    let (id, rest) = rest.split_first_chunk::<20>()?;
    let (flags, mut rest) = rest.split_first_chunk::<2>()?;
    let flags = u16::from_be_bytes(*flags);
    let mut flags_extended = 0;
    if flags & EXTENDED != 0 {
        let (more, behind) = rest.split_first_chunk::<2>()?;
        (flags_extended, rest) = (u16::from_be_bytes(*more), behind);
    }
    let length = memchr::memchr(0, rest)?;
    let path = rest[..length].to_vec();
    // One to eight NULs fill it up to a multiple of eight.
    let written = bytes.len() - rest.len() + length;
    let rest = bytes.get(written + 8 - written % 8..)?;
    let time = |seconds: u32, nanoseconds| IndexTime::new(seconds.cast_signed(), nanoseconds);
    let entry = IndexEntry {
        ctime: time(changed, changed_nanoseconds),
        mtime: time(modified, modified_nanoseconds),
        dev,
        ino,
        mode,
        uid,
        gid,
        file_size,
        id: Oid::from_bytes(id).ok()?,
        flags,
        flags_extended,
        path,
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

    type Outline = (Vec<u8>, Oid, i32, u32, u32, u32, u16, u16);

    fn outline(entry: &IndexEntry) -> Outline {
        let (path, id) = (entry.path.clone(), entry.id);
        let (seconds, nanoseconds) = (entry.mtime.seconds(), entry.mtime.nanoseconds());
        let (size, inode) = (entry.file_size, entry.ino);
        let flags = (entry.flags & 0x3000, entry.flags_extended);
        (
            path,
            id,
            seconds,
            nanoseconds,
            size,
            inode,
            flags.0,
            flags.1,
        )
    }

    #[test]
    fn what_git_wrote_is_read_as_libgit2_reads_it() {
        for files in [0, 1, 20] {
            let (directory, bytes) = written(files);
            let git = git2::Repository::open(directory.path()).unwrap();
            let expected: Vec<_> = git
                .index()
                .unwrap()
                .iter()
                .map(|entry| outline(&entry))
                .collect();
            let found: Vec<_> = entries(&bytes).unwrap().iter().map(outline).collect();
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
