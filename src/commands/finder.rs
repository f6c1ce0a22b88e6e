//! The carve-outs in the files of a revision. What a blob holds is found out once: within a run, and with a cache between
//! runs.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use globset::GlobSet;
use sha2::{Digest as _, Sha256};

use crate::carveout::comments::{decode, decode_any};
use crate::carveout::lineage;
use crate::carveout::marker::{Marker, look};
use crate::carveout::near_miss::MarkerPattern;
use crate::graph::fragment::Notice;
use crate::repos::{
    BlobId, Known, Link, Repository, RepositoryError, Revision, Scan, Skipped, Submodule,
};

mod cache;

pub use cache::{Cache, CacheLocation};

/// How many lines of source an excerpt shows after the marker's own.
const EXCERPT_LINES_AFTER: usize = 4;

/// A marker in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: String,
    /// The marker.
    pub marker: Marker,
    /// The source around it, with line numbers.
    pub excerpt: Vec<(usize, String)>,
}

impl Found {
    /// What receipts know its text by.
    pub(super) fn text_digest(&self) -> String {
        lineage::text_digest(&self.marker.guarantee, &self.marker.justification)
    }
}

/// What the files of a revision hold.
#[derive(Debug, Default)]
pub struct Findings {
    /// Its carve-outs, by path and line.
    pub found: Vec<Found>,
    /// Path and text of the files whose text was asked for, by path.
    pub texts: Vec<(String, Arc<str>)>,
    /// The same of files that the settings leave out.
    pub texts_left_out: Vec<(String, Arc<str>)>,
    /// Files that could not be read, and why.
    pub notices: Vec<Notice>,
    /// The same files, for programs.
    pub skipped: Vec<Skipped>,
    /// How many files were looked at, or are known from earlier.
    pub files: usize,
    /// How many the settings leave out.
    pub ignored: usize,
    /// Its links, none of which is followed.
    pub links: Vec<Link>,
    /// Its submodules.
    pub submodules: Vec<Submodule>,
}

/// Which files somebody wants the text of. Each chooses alike whenever it is asked.
pub struct Wanted<'w> {
    /// By the path alone.
    pub path: &'w (dyn Fn(&str) -> bool + Sync),
    /// Of those, by the bytes too.
    pub bytes: &'w (dyn Fn(&str, &[u8]) -> bool + Sync),
    /// By the path, of files that the settings leave out.
    pub left_out: &'w (dyn Fn(&str) -> bool + Sync),
}

impl Wanted<'_> {
    /// None at all.
    pub const NOTHING: Wanted<'static> = Wanted {
        path: &|_| false,
        bytes: &|_, _| false,
        left_out: &|_| false,
    };
}

/// Finds carve-outs, and remembers which blobs hold which.
pub struct Finder<'f> {
    pattern: &'f MarkerPattern,
    ignore: &'f GlobSet,
    cache: Cache,
    /// Files whose text somebody wanted: most are the same at base and head. `None` of those whose text was not kept.
    texts: HashMap<String, (BlobId, Option<Holds>)>,
}

/// The carve-outs of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Those in its comments.
    pub(super) found: Vec<Found>,
    /// The lines on which the marker stands where no comment is known.
    pub(super) outside: Vec<usize>,
}

/// What one file holds, and its text where that was asked for.
#[derive(Clone)]
struct Holds {
    held: Held,
    text: Option<Arc<str>>,
}

impl<'f> Finder<'f> {
    /// Finds this marker, and no carve-outs in paths to ignore.
    ///
    /// Where a cache lies, `location` tells; without one, what is found is remembered for as long as the finder lives.
    #[must_use]
    pub fn new(
        pattern: &'f MarkerPattern,
        ignore: &'f GlobSet,
        location: Option<&CacheLocation>,
        repository: &Repository,
    ) -> Self {
        let cache = location.map_or_else(Cache::default, |location| {
            location.open(&fingerprint(pattern), repository.git_directory())
        });
        Self {
            pattern,
            ignore,
            cache,
            texts: HashMap::new(),
        }
    }

    /// The carve-outs of a revision, and the text of the files that are `wanted`. A NUL makes none of these binary.
    ///
    /// # Errors
    ///
    /// If the revision cannot be listed.
    pub fn find(
        &mut self,
        repository: &Repository,
        revision: Revision,
        wanted: &Wanted<'_>,
    ) -> Result<Findings, RepositoryError> {
        let cache = &self.cache;
        let (pattern, ignore) = (self.pattern, self.ignore);
        // Files that are copies of each other are read once: so many are in repositories with vendored code.
        let nothing = Nothing::default();
        let texts = &self.texts;
        // A file may be asked for twice.
        let ignored: Mutex<HashSet<String>> = Mutex::default();
        let know = |path: &str, blob: Option<BlobId>| {
            if ignore.is_match(path) {
                let mut ignored = ignored.lock().unwrap_or_else(PoisonError::into_inner);
                ignored.insert(path.to_owned());
                if !(wanted.left_out)(path) {
                    return Known::Irrelevant;
                }
                return Known::No;
            }
            let Some(blob) = blob else { return Known::No };
            if (wanted.path)(path) {
                return match texts.get(path) {
                    Some((known, Some(holds))) if *known == blob => Known::Yields(holds.clone()),
                    Some((known, None)) if *known == blob => Known::Irrelevant,
                    _ => Known::No,
                };
            }
            if nothing.part(blob).contains(&blob) {
                return Known::Irrelevant;
            }
            match cache.recall(blob, path) {
                Known::No => Known::No,
                Known::Irrelevant => Known::Irrelevant,
                Known::Yields(held) => Known::Yields(Holds { held, text: None }),
            }
        };
        let unkept: Mutex<Vec<(String, BlobId)>> = Mutex::default();
        let read = |path: &str, blob: Option<BlobId>, bytes: &[u8]| {
            if ignore.is_match(path) {
                let text = (wanted.left_out)(path).then(|| decode_any(bytes).into());
                let held = Held::default();
                return text.map(|text| Holds {
                    held,
                    text: Some(text),
                });
            }
            let may_hold = pattern.may_contain(bytes);
            let is_wanted = (wanted.path)(path);
            let wants_text = is_wanted && (wanted.bytes)(path, bytes);
            if let Some(blob) = blob
                && !may_hold
            {
                nothing.part(blob).insert(blob);
            }
            if !may_hold && !wants_text {
                if let Some(blob) = blob.filter(|_| is_wanted) {
                    let mut unkept = unkept.lock().unwrap_or_else(PoisonError::into_inner);
                    unkept.push((path.to_owned(), blob));
                }
                return None;
            }
            let text = match decode(bytes) {
                None if wants_text => decode_any(bytes),
                text => text?,
            };
            let held = if may_hold {
                held_in(path, &text, pattern)
            } else {
                Held::default()
            };
            Some(Holds {
                held,
                text: wants_text.then(|| text.into()),
            })
        };
        let scanned = repository.scan(
            revision,
            &Scan {
                know: &know,
                read: &read,
            },
        )?;

        let mut findings = Findings::default();
        self.cache.learn_nothing(&scanned.irrelevant);
        let unkept = unkept.into_inner().unwrap_or_else(PoisonError::into_inner);
        let unkept = unkept.into_iter();
        self.texts
            .extend(unkept.map(|(path, blob)| (path, (blob, None))));
        for mut file in scanned.files {
            if ignore.is_match(&file.path) {
                let text = file.value.text.take();
                let left_out = text.map(|text| (file.path, text));
                findings.texts_left_out.extend(left_out);
                continue;
            }
            match file.read_from {
                Some(blob) if file.value.text.is_some() => {
                    let known = (blob, Some(file.value.clone()));
                    self.texts.insert(file.path.clone(), known);
                }
                Some(blob) => self.cache.learn(blob, &file.path, &file.value.held),
                None => {}
            }
            findings
                .notices
                .extend(outside_comments(&file.path, &file.value.held.outside));
            findings.found.extend(file.value.held.found);
            findings
                .texts
                .extend(file.value.text.map(|text| (file.path, text)));
        }
        for skipped in &scanned.skipped {
            findings.notices.push(Notice {
                kind: "skipped-file",
                subject: skipped.path.clone(),
                message: format!("{}; carve-outs in it are not seen", skipped.reason),
            });
        }
        findings.skipped = scanned.skipped;
        findings.links = scanned.links;
        findings.submodules = scanned.submodules;
        let ignored = ignored.into_inner().unwrap_or_else(PoisonError::into_inner);
        findings.ignored = ignored.len();
        findings.files = scanned.count.saturating_sub(ignored.len());
        findings
            .found
            .sort_by(|a, b| (&a.path, a.marker.line).cmp(&(&b.path, b.marker.line)));
        Ok(findings)
    }

    /// Passes over all blobs of a revision from now on.
    ///
    /// # Errors
    ///
    /// If the revision cannot be listed.
    pub fn pass_over(
        &mut self,
        repository: &Repository,
        revision: Revision,
    ) -> Result<(), RepositoryError> {
        self.cache.forget_and_pass_over(repository.blobs(revision)?);
        Ok(())
    }

    /// Keeps what was found for the next run. A cache that cannot be written is none.
    pub fn save(self) {
        self.cache.save();
    }
}

/// Blobs that hold nothing, in parts so that threads seldom wait for each other.
struct Nothing([Mutex<HashSet<BlobId>>; 64]);

impl Default for Nothing {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Nothing {
    /// The part that a blob belongs to. A thread that panicked left it whole.
    fn part(&self, blob: BlobId) -> MutexGuard<'_, HashSet<BlobId>> {
        let first = blob.as_bytes().first().map_or(0, |byte| usize::from(*byte));
        let part = &self.0[first % self.0.len()];
        part.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The carve-outs in a text, with the source around each.
fn held_in(path: &str, text: &str, pattern: &MarkerPattern) -> Held {
    let holds = look(path, text, pattern);
    let lines: Vec<&str> = if holds.markers.is_empty() {
        Vec::new()
    } else {
        text.lines().collect()
    };
    let found = holds.markers.into_iter().map(|marker| Found {
        path: path.to_owned(),
        excerpt: excerpt(&lines, &marker),
        marker,
    });
    Held {
        found: found.collect(),
        outside: holds.outside,
    }
}

/// That a marker stands where no comment is known: it may be a comment all the same, and is no carve-out until somebody sees to it.
fn outside_comments(path: &str, lines: &[usize]) -> Option<Notice> {
    const MOST_LINES: usize = 5;
    let shown: Vec<String> = lines
        .iter()
        .take(MOST_LINES)
        .map(usize::to_string)
        .collect();
    let more = lines.len().saturating_sub(MOST_LINES);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let plural = if lines.len() == 1 { "" } else { "s" };
    (!lines.is_empty()).then(|| Notice {
        kind: "marker-not-in-a-comment",
        subject: path.to_owned(),
        message: format!(
            "line{plural} {}{more}: the marker stands where no comment of this file's language is known, so it counts for no carve-out and nothing falls on it",
            shown.join(", ")
        ),
    })
}

fn excerpt(lines: &[&str], marker: &Marker) -> Vec<(usize, String)> {
    let last = marker
        .anchor
        .as_ref()
        .map_or(marker.end_line, |anchor| anchor.line);
    let last = last.clamp(marker.end_line, marker.end_line + EXCERPT_LINES_AFTER);
    let numbered = (marker.line..=last).filter_map(|number| {
        let line = lines.get(number.checked_sub(1)?)?;
        Some((number, (*line).to_owned()))
    });
    numbered.collect()
}

/// What decides, beside the bytes and the path of a file, which carve-outs are found in it: the marker, and this program.
fn fingerprint(pattern: &MarkerPattern) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for source in SOURCES {
        hasher.update(source);
    }
    hasher.update(pattern.exact());
    hasher.finalize().into()
}

/// The code that finds carve-outs: a build in which it differs makes nothing of what an older one remembered.
const SOURCES: &[&str] = &[
    include_str!("../carveout/comments.rs"),
    include_str!("../carveout/comments/languages.rs"),
    include_str!("../carveout/comments/lexer.rs"),
    include_str!("../carveout/comments/lexer/data.rs"),
    include_str!("../carveout/comments/lexer/json.rs"),
    include_str!("../carveout/comments/lexer/strings.rs"),
    include_str!("../carveout/comments/notebook.rs"),
    include_str!("../carveout/comments/rule.rs"),
    include_str!("../carveout/marker.rs"),
    include_str!("../carveout/marker/search.rs"),
    include_str!("../carveout/marker/shapes.rs"),
    include_str!("../carveout/marker/source.rs"),
    include_str!("../carveout/near_miss.rs"),
    include_str!("finder.rs"),
    include_str!("finder/cache.rs"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn all_code_that_finds_carve_outs_is_in_the_fingerprint() {
        let room = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/carveout");
        let folders = ["comments", "comments/lexer", "marker"].map(|name| room.join(name));
        let files = folders
            .iter()
            .flat_map(|path| std::fs::read_dir(path).unwrap());
        let mut paths: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.is_file() && !path.ends_with("tests.rs"));
        paths.extend(["comments.rs", "marker.rs", "near_miss.rs"].map(|name| room.join(name)));
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(SOURCES.contains(&text.as_str()), "{}", path.display());
        }
    }
}
