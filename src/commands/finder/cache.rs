//! What is known of blobs: one file for each repository, marker and version, in the user's cache directory.
//!
//! The name of a blob says what is in it, so nothing here can go out of date. A file that is damaged, of another build or
//! cannot be read counts as empty. It is replaced whole, so that runs side by side never see half of one: the last wins,
//! and what the others found is found again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::carveout::marker::{Anchor, Marker, MarkerFault};
use crate::repos::{BlobId, Known};

use super::{Found, Held};

/// The bytes of a blob's name.
const NAME_BYTES: usize = 20;

/// The bytes of the digest that a file begins with.
const DIGEST_BYTES: usize = 32;

/// A file that is larger than this (64 MiB) is neither read nor written.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// So many blobs are kept that this run did not meet (20 MB); beyond, all of them are dropped.
const MAX_UNMET: usize = 1_000_000;

/// What all files together may take (512 MiB); beyond, the oldest are removed.
const MAX_ALL_BYTES: u64 = 512 << 20;

/// What files of this cache are called.
const ENDING: &str = "blobs";

/// Where caches lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheLocation(PathBuf);

impl CacheLocation {
    /// The user's cache directory for this program, as the environment tells it: `PERIMETER_CACHE_DIR`, else
    /// `perimeter` below what the system has for caches. `None` if nothing tells.
    #[must_use]
    pub fn of(environment: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let directory = |name: &str| {
            environment(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        if let Some(own) = directory("PERIMETER_CACHE_DIR") {
            return Some(Self(own));
        }
        let of_system = if cfg!(windows) {
            directory("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            directory("HOME").map(|home| home.join("Library/Caches"))
        } else {
            directory("XDG_CACHE_HOME")
                .or_else(|| directory("HOME").map(|home| home.join(".cache")))
        };
        of_system.map(|path| Self(path.join("perimeter")))
    }

    /// What is remembered for a repository under a fingerprint of all that matters beside the blobs.
    pub(super) fn open(&self, fingerprint: &[u8; 32], git_directory: &Path) -> Cache {
        let absolute = git_directory
            .canonicalize()
            .unwrap_or_else(|_| git_directory.to_path_buf());
        let name = Sha256::new()
            .chain_update(fingerprint)
            .chain_update(absolute.as_os_str().as_encoded_bytes())
            .finalize();
        let name: String = name
            .iter()
            .take(12)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let file = CacheFile {
            path: self.0.join(format!("{name}.{ENDING}")),
            fingerprint: *fingerprint,
        };
        let mut cache = file.read().unwrap_or_default();
        cache.file = Some(file);
        cache
    }
}

/// What is known of blobs.
#[derive(Debug, Default)]
pub struct Cache {
    file: Option<CacheFile>,
    /// Names of blobs in which no file holds a carve-out, sorted, without gaps.
    nothing: Vec<u8>,
    /// Where in `nothing` the names with a certain first byte begin.
    starts: Vec<usize>,
    /// Those that came to be known in this run.
    new_nothing: HashSet<BlobId>,
    /// What is in other blobs, under a path, because the path tells the language.
    holds: HashMap<BlobId, BTreeMap<String, Kept>>,
    /// There is something to save.
    has_news: bool,
}

#[derive(Debug)]
struct CacheFile {
    path: PathBuf,
    fingerprint: [u8; 32],
}

impl Cache {
    /// What is known of a blob at a path.
    pub(super) fn recall(&self, blob: BlobId, path: &str) -> Known<Held> {
        if self.has_nothing(blob) {
            return Known::Irrelevant;
        }
        match self.holds.get(&blob).and_then(|paths| paths.get(path)) {
            Some(kept) => Known::Yields(kept.recall(path)),
            None => Known::No,
        }
    }

    fn has_nothing(&self, blob: BlobId) -> bool {
        let bytes = blob.as_bytes();
        let Some(first) = bytes.first().map(|first| usize::from(*first)) else {
            return false;
        };
        let names = match (self.starts.get(first), self.starts.get(first + 1)) {
            (Some(start), Some(end)) => self.nothing.get(*start..*end).unwrap_or_default(),
            _ => &[],
        };
        let (names, _) = names.as_chunks::<NAME_BYTES>();
        names
            .binary_search_by(|name| name.as_slice().cmp(bytes))
            .is_ok()
            || self.new_nothing.contains(&blob)
    }

    /// Remembers blobs that hold nothing, whatever a file with them is called.
    pub(super) fn learn_nothing(&mut self, blobs: &[BlobId]) {
        self.has_news |= !blobs.is_empty();
        self.new_nothing.extend(blobs);
    }

    /// Remembers what a blob holds at a path.
    pub(super) fn learn(&mut self, blob: BlobId, path: &str, held: &Held) {
        self.has_news = true;
        let paths = self.holds.entry(blob).or_default();
        paths.insert(path.to_owned(), Kept::of(held));
    }

    /// From now on takes all of these blobs for empty, and saves nothing.
    pub(super) fn forget_and_pass_over(&mut self, blobs: HashSet<BlobId>) {
        *self = Self {
            new_nothing: blobs,
            ..Self::default()
        };
    }

    /// Writes what is known, if there is anything new. A file that cannot be written is no loss.
    pub(super) fn save(self) {
        if let Some(file) = &self.file
            && self.has_news
        {
            let _ = file.write(&self);
        }
    }

    /// All that is known, as a file holds it behind its digest.
    fn bytes(&self) -> Option<Vec<u8>> {
        let (old, _) = self.nothing.as_chunks::<NAME_BYTES>();
        let old = if old.len() > MAX_UNMET { &[] } else { old };
        let mut names: Vec<[u8; NAME_BYTES]> = old.to_vec();
        let new = self.new_nothing.iter();
        names.extend(new.filter_map(|blob| <[u8; NAME_BYTES]>::try_from(blob.as_bytes()).ok()));
        names.sort_unstable();
        names.dedup();

        let holds: BTreeMap<String, &BTreeMap<String, Kept>> = self
            .holds
            .iter()
            .map(|(blob, paths)| (blob.to_string(), paths))
            .collect();
        let holds = serde_json::to_vec(&holds).ok()?;
        let length = u32::try_from(holds.len()).ok()?;
        Some(
            [
                &length.to_le_bytes(),
                holds.as_slice(),
                names.as_flattened(),
            ]
            .concat(),
        )
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (holds, names) = rest.split_at_checked(length)?;
        let holds: BTreeMap<String, BTreeMap<String, Kept>> = serde_json::from_slice(holds).ok()?;
        let holds = holds
            .into_iter()
            .map(|(blob, paths)| Some((BlobId::from_str(&blob).ok()?, paths)));
        let (chunks, rest) = names.as_chunks::<NAME_BYTES>();
        if !rest.is_empty() || !chunks.is_sorted() {
            return None;
        }
        let start =
            |first: u16| NAME_BYTES * chunks.partition_point(|name| u16::from(name[0]) < first);
        Some(Self {
            starts: (0..=256).map(start).collect(),
            nothing: names.to_vec(),
            holds: holds.collect::<Option<_>>()?,
            ..Self::default()
        })
    }
}

impl CacheFile {
    fn digest(&self, bytes: &[u8]) -> [u8; DIGEST_BYTES] {
        let hasher = Sha256::new().chain_update(self.fingerprint);
        hasher.chain_update(bytes).finalize().into()
    }

    fn read(&self) -> Option<Cache> {
        let found = std::fs::symlink_metadata(&self.path).ok()?;
        if !found.is_file() || found.len() > MAX_FILE_BYTES {
            return None;
        }
        let bytes = std::fs::read(&self.path).ok()?;
        let (digest, bytes) = bytes.split_first_chunk::<DIGEST_BYTES>()?;
        (*digest == self.digest(bytes)).then(|| Cache::parse(bytes))?
    }

    fn write(&self, cache: &Cache) -> Option<()> {
        /// Tells files of one process apart.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let bytes = cache.bytes()?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return None;
        }
        let directory = self.path.parent()?;
        create_private(directory).ok()?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}.tmp", std::process::id());
        let beside = self.path.with_extension(name);
        let content = [&self.digest(&bytes), bytes.as_slice()].concat();
        let written =
            std::fs::write(&beside, content).and_then(|()| std::fs::rename(&beside, &self.path));
        if written.is_err() {
            // Half of it is of no use to anybody.
            let _ = std::fs::remove_file(&beside);
        }
        remove_oldest(directory, &self.path);
        written.ok()
    }
}

/// Creates a directory that others may not look into: the words of carve-outs are not for everybody.
fn create_private(directory: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// Removes files of this cache, oldest first, until the rest is small enough; never the one just written.
fn remove_oldest(directory: &Path, newest: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    let mut files: Vec<(_, u64, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let found = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let path = entry.path();
            let is_ours = path
                .extension()
                .is_some_and(|ending| ending == ENDING || ending == "tmp");
            (is_ours && path != newest).then_some((found.modified().ok()?, found.len(), path))
        })
        .collect();
    files.sort();
    let mut total: u64 = files.iter().map(|(_, length, _)| length).sum();
    for (_, length, path) in files {
        if total <= MAX_ALL_BYTES {
            return;
        }
        if std::fs::remove_file(path).is_ok() {
            total -= length;
        }
    }
}

/// What is in a blob at a path, as a file holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    found: Vec<Remembered>,
    outside: Vec<usize>,
}

impl Kept {
    fn of(held: &Held) -> Self {
        Self {
            found: held.found.iter().map(Remembered::of).collect(),
            outside: held.outside.clone(),
        }
    }

    fn recall(&self, path: &str) -> Held {
        Held {
            found: self.found.iter().map(|found| found.recall(path)).collect(),
            outside: self.outside.clone(),
        }
    }
}

/// A carve-out as a file holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    line: usize,
    end_line: usize,
    column: usize,
    guarantee: String,
    justification: String,
    fault: Option<Fault>,
    trailing: bool,
    anchor: Option<(usize, String)>,
    spelled: String,
    excerpt: Vec<(usize, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Fault {
    Malformed,
    MissingGuarantee,
    MissingJustification,
    NearMiss(String),
}

impl Remembered {
    fn of(found: &Found) -> Self {
        let marker = &found.marker;
        Self {
            line: marker.line,
            end_line: marker.end_line,
            column: marker.column,
            guarantee: marker.guarantee.clone(),
            justification: marker.justification.clone(),
            fault: marker.fault.as_ref().map(|fault| match fault {
                MarkerFault::Malformed => Fault::Malformed,
                MarkerFault::MissingGuarantee => Fault::MissingGuarantee,
                MarkerFault::MissingJustification => Fault::MissingJustification,
                MarkerFault::NearMiss { help } => Fault::NearMiss(help.clone()),
            }),
            trailing: marker.trailing,
            anchor: marker
                .anchor
                .as_ref()
                .map(|anchor| (anchor.line, anchor.text.clone())),
            spelled: marker.spelled.clone(),
            excerpt: found.excerpt.clone(),
        }
    }

    fn recall(&self, path: &str) -> Found {
        let marker = Marker {
            line: self.line,
            end_line: self.end_line,
            column: self.column,
            guarantee: self.guarantee.clone(),
            justification: self.justification.clone(),
            fault: self.fault.as_ref().map(|fault| match fault {
                Fault::Malformed => MarkerFault::Malformed,
                Fault::MissingGuarantee => MarkerFault::MissingGuarantee,
                Fault::MissingJustification => MarkerFault::MissingJustification,
                Fault::NearMiss(help) => MarkerFault::NearMiss { help: help.clone() },
            }),
            trailing: self.trailing,
            anchor: self
                .anchor
                .clone()
                .map(|(line, text)| Anchor { line, text }),
            spelled: self.spelled.clone(),
        };
        Found {
            path: path.to_owned(),
            marker,
            excerpt: self.excerpt.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::super::held_in;
    use super::*;
    use crate::carveout::near_miss::MarkerPattern;

    fn blob(number: u32) -> BlobId {
        let digest = Sha256::digest(number.to_le_bytes());
        BlobId::from_bytes(&digest[..NAME_BYTES]).unwrap()
    }

    fn found() -> Held {
        let pattern = MarkerPattern::new("ZFN-3 carve-out:").unwrap();
        let text =
            "# ZFN-3 carve-out: a; b\ntls: false\n# ZFN3 carve-out: c; d\n# ZFN-3 carve-out:\n";
        held_in("a.yaml", text, &pattern)
    }

    fn filled(location: &CacheLocation) -> Cache {
        let mut cache = location.open(&[1; 32], Path::new("/repository"));
        cache.learn_nothing(&(0..1000).map(blob).collect::<Vec<_>>());
        cache.learn(blob(2000), "a.yaml", &found());
        cache
    }

    #[test]
    fn what_was_learnt_is_known_to_the_next_run_and_to_no_other_marker_or_repository() {
        let directory = tempfile::tempdir().unwrap();
        let location = CacheLocation(directory.path().join("below"));
        filled(&location).save();
        let cache = location.open(&[1; 32], Path::new("/repository"));
        assert_eq!(found().found.len(), 3);
        for number in 0..1000 {
            assert_eq!(cache.recall(blob(number), "x"), Known::Irrelevant);
        }
        assert_eq!(cache.recall(blob(2000), "a.yaml"), Known::Yields(found()));
        assert_eq!(cache.recall(blob(2000), "a.md"), Known::No);
        assert_eq!(cache.recall(blob(3000), "a.yaml"), Known::No);
        for other in [
            location.open(&[2; 32], Path::new("/repository")),
            location.open(&[1; 32], Path::new("/other")),
        ] {
            assert_eq!(other.recall(blob(1), "x"), Known::No);
        }
    }

    #[test]
    fn a_damaged_file_is_none_and_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let location = CacheLocation(directory.path().to_path_buf());
        filled(&location).save();
        let path = std::fs::read_dir(directory.path())
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        let whole = std::fs::read(&path).unwrap();
        for length in [0, 10, 32, 40, 500, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let cache = location.open(&[1; 32], Path::new("/repository"));
            assert_eq!(cache.recall(blob(1), "x"), Known::No, "{length}");
        }
        for at in [0, 33, 100, whole.len() - 1] {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            let cache = location.open(&[1; 32], Path::new("/repository"));
            assert_eq!(cache.recall(blob(1), "x"), Known::No, "{at}");
        }
        filled(&location).save();
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn runs_side_by_side_leave_one_whole_file() {
        let directory = tempfile::tempdir().unwrap();
        let location = CacheLocation(directory.path().to_path_buf());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..5).for_each(|_| filled(&location).save()));
            }
        });
        let cache = location.open(&[1; 32], Path::new("/repository"));
        assert_eq!(cache.recall(blob(999), "x"), Known::Irrelevant);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_new_is_not_written() {
        let directory = tempfile::tempdir().unwrap();
        let location = CacheLocation(directory.path().to_path_buf());
        location.open(&[1; 32], Path::new("/repository")).save();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
        // Nowhere to write to is no failure.
        let nowhere = CacheLocation(PathBuf::from("/dev/null/perimeter"));
        filled(&nowhere).save();
    }

    #[test]
    fn the_environment_tells_where_caches_lie() {
        let of = |variables: &[(&str, &str)]| {
            let find = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            CacheLocation::of(&find)
        };
        let own = [("PERIMETER_CACHE_DIR", "/c"), ("HOME", "/h")];
        assert_eq!(of(&own), Some(CacheLocation(PathBuf::from("/c"))));
        assert_eq!(of(&[]), None);
        if cfg!(target_os = "linux") {
            let at = |path: &str| Some(CacheLocation(PathBuf::from(path)));
            assert_eq!(
                of(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")]),
                at("/x/perimeter")
            );
            assert_eq!(
                of(&[("XDG_CACHE_HOME", "relative"), ("HOME", "/h")]),
                at("/h/.cache/perimeter")
            );
        }
    }
}
