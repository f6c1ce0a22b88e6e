//! Which files a revision has, directory by directory, and where the content of each is.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use git2::{ObjectType, Oid};
use rayon::prelude::*;

use super::super::index::Entry;
use super::super::links::{Others, is_link_mode};
use super::super::work_tree::{self, Directory, OnDisk, Stamp, WorkTree, joined};
use super::super::{Repository, RepositoryError, Revision};
use super::{
    SkipReason, Skipped, checked_path, is_file_mode, is_submodule_mode, object_reason, too_much,
};

/// The most that the names of a commit's files may take (512 MiB, some millions of files).
///
/// Trees that repeat each other can name any number of files in little space.
const MAX_NAME_BYTES: usize = 512 << 20;

/// What a file takes besides its name.
const ENTRY_BYTES: usize = 64;

/// Where attributes of files are written, filters among them.
const ATTRIBUTES: &str = ".gitattributes";

/// The files of one directory.
pub(super) struct Folder<'i> {
    /// From the top of the repository; empty: the top.
    pub(super) path: Cow<'i, str>,
    /// Their names, and where the content of each is.
    pub(super) files: Vec<(Cow<'i, str>, Content)>,
}

/// Where the content of a file is.
pub(super) enum Content {
    /// On disk, unknown to git.
    Disk,
    /// On disk. Where its metadata are still those, its content is that of the blob.
    Tracked(Oid, Option<Stamp>),
    Object(Oid),
}

/// A file that the index has in a directory.
pub(in super::super) struct TrackedFile<'i> {
    pub(in super::super) name: &'i str,
    blob: Oid,
    /// What its metadata were when it had the content of the blob; `None` if that is not sure.
    stamp: Option<Stamp>,
    kind: Kind,
}

enum Kind {
    File,
    /// A sparse checkout leaves it out.
    LeftOut,
    Submodule,
}

/// What git tracks in each directory, by name. Every directory on the way to a tracked file has an entry.
type Tracked<'i> = HashMap<&'i str, Vec<TrackedFile<'i>>>;

impl Repository {
    /// The tracked files, and those that are neither tracked nor ignored.
    pub(super) fn work_tree_contents<'i>(
        &self,
        work_tree: &WorkTree<'_>,
        index: &'i [Entry<'i>],
        (skipped, others): (&mut Vec<Skipped>, &mut Others),
    ) -> Result<Vec<Folder<'i>>, RepositoryError> {
        let mut tracked = self.tracked(index, (skipped, others));
        let mut folders: Vec<Folder<'i>> = Vec::with_capacity(tracked.len());
        let mut attributes = Vec::new();
        let mut real_directories = HashMap::new();
        let mut level = vec![String::new()];
        while !level.is_empty() {
            let tracked_in =
                |directory: &str| tracked.get(directory).map_or(&[][..], Vec::as_slice);
            let listed: Vec<Directory> = level
                .par_iter()
                .map(|directory| {
                    let tracks_below = |path: &str| tracked.contains_key(path);
                    work_tree.list(directory, tracked_in(directory), &tracks_below)
                })
                .collect();
            let mut next = Vec::new();
            for (directory, mut listed) in level.into_iter().zip(listed) {
                if let Some(message) = listed.failure {
                    skipped.push(Skipped {
                        path: directory.clone(),
                        reason: SkipReason::Unreadable(message),
                    });
                }
                for bytes in listed.invalid {
                    checked_path(&bytes, skipped);
                }
                for path in listed.links {
                    others.add_link(path, None);
                }
                listed.new_files.retain(|path| !self.is_ignored(path));
                let new_files = listed.new_files.into_iter().map(|path| {
                    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
                    (Cow::from(name), Content::Disk)
                });
                let mut files: Vec<_> = new_files.collect();
                if let Some(known) = tracked.get_mut(directory.as_str()) {
                    let mut is_met = vec![false; known.len()];
                    for place in listed.entries {
                        is_met[place] = true;
                    }
                    let known = std::mem::take(known).into_iter().zip(is_met);
                    let left = known.filter_map(|(file, is_met)| {
                        let content = content_of(&file, is_met, || {
                            let path = joined(&directory, file.name);
                            work_tree.is_file_inside(&path, &mut real_directories)
                        })?;
                        Some((Cow::from(file.name), content))
                    });
                    files.extend(left);
                }
                let of_attributes = files.iter().filter(|(name, content)| {
                    name.ends_with(ATTRIBUTES) && !matches!(content, Content::Object(_))
                });
                attributes.extend(of_attributes.map(|(name, _)| joined(&directory, name)));
                next.extend(listed.directories);
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
                let path = Cow::from(directory);
                folders.push(Folder { path, files });
            }
            level = next;
        }
        // Directories that are not there, or behind a link; or, where letter case does not count, under another name.
        let mut left: Vec<(&str, Vec<TrackedFile<'_>>)> = tracked.into_iter().collect();
        left.retain(|(_, files)| !files.is_empty());
        left.sort_by_key(|(directory, _)| *directory);
        for (directory, files) in left {
            let files = files.into_iter().filter_map(|file| {
                let path = joined(directory, file.name);
                let content = content_of(&file, false, || {
                    work_tree.is_file_inside(&path, &mut real_directories)
                })?;
                Some((Cow::from(file.name), content))
            });
            let files: Vec<_> = files.collect();
            if !files.is_empty() {
                let path = Cow::from(directory);
                folders.push(Folder { path, files });
            }
        }
        if self.may_filter(work_tree, &attributes) {
            let contents = folders.iter_mut().flat_map(|folder| &mut folder.files);
            for (_, content) in contents {
                if matches!(content, Content::Tracked(..)) {
                    *content = Content::Disk;
                }
            }
        }
        Ok(folders)
    }

    /// What git tracks, by directory; submodules and paths that name nothing inside are noted.
    fn tracked<'i>(
        &self,
        index: &'i [Entry<'i>],
        (skipped, others): (&mut Vec<Skipped>, &mut Others),
    ) -> Tracked<'i> {
        let written = Stamp::modified(&self.git.path().join("index"));
        let mut tracked = Tracked::new();
        // Where the entry before lies: most lie there too.
        let mut before = None;
        for entry in index {
            let Ok(path) = str::from_utf8(entry.path) else {
                checked_path(entry.path, skipped);
                continue;
            };
            let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
            let is_known = before == Some(directory) || tracked.contains_key(directory);
            let is_inside = if is_known {
                work_tree::is_name(name)
            } else {
                work_tree::is_inside(path)
            };
            if !is_inside {
                checked_path(entry.path, skipped);
                continue;
            }
            if !is_known {
                for (end, _) in directory.rmatch_indices('/') {
                    if tracked.contains_key(&directory[..end]) {
                        break;
                    }
                    tracked.insert(&directory[..end], Vec::new());
                }
            }
            before = Some(directory);
            let kind = if is_submodule_mode(entry.mode) {
                others.add_submodule(path, entry.blob);
                skipped.push(Skipped {
                    path: path.to_owned(),
                    reason: SkipReason::Submodule,
                });
                Kind::Submodule
            } else if entry.is_file_left_out() {
                Kind::LeftOut
            } else {
                Kind::File
            };
            if entry.is_link_left_out() {
                others.add_link(path.to_owned(), Some(entry.blob));
            }
            let files = tracked.entry(directory).or_default();
            // Sides of a conflict; nobody noted metadata of any.
            if files.last().is_some_and(|last| last.name == name) {
                continue;
            }
            files.push(TrackedFile {
                name,
                blob: entry.blob,
                stamp: entry.stamp(written),
                kind,
            });
        }
        tracked
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

    /// The files of a commit.
    pub(super) fn commit_contents(
        &self,
        commit: Oid,
        (skipped, others): (&mut Vec<Skipped>, &mut Others),
    ) -> Result<Vec<Folder<'static>>, RepositoryError> {
        let unreadable = |error| RepositoryError::unreadable(commit.to_string(), &error);
        let root = self
            .git
            .find_commit(commit)
            .and_then(|commit| commit.tree())
            .map_err(unreadable)?;

        let mut folders = Vec::new();
        let mut name_bytes = 0_usize;
        // Where the walk stands in each tree on the way down, and the files it has met there.
        let mut open = vec![(String::new(), root, 0, Vec::new())];
        while let Some((directory, tree, next, files)) = open.last_mut() {
            let Some(entry) = tree.get(*next) else {
                let done = open.pop().filter(|(.., files)| !files.is_empty());
                folders.extend(done.map(|(path, _, _, files)| Folder {
                    path: Cow::from(path),
                    files,
                }));
                continue;
            };
            *next += 1;
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let bytes = match directory.as_str() {
                "" => entry.name_bytes().to_vec(),
                directory => [directory.as_bytes(), b"/", entry.name_bytes()].concat(),
            };
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
                    files.push((Cow::from(name), Content::Object(id)));
                }
                mode if is_submodule_mode(mode) => {
                    others.add_submodule(&path, id);
                    skipped.push(Skipped {
                        path,
                        reason: SkipReason::Submodule,
                    });
                }
                mode if is_link_mode(mode) => others.add_link(path, Some(id)),
                _ if is_tree => match self.git.find_tree(id) {
                    Ok(tree) => open.push((path, tree, 0, Vec::new())),
                    Err(error) => skipped.push(Skipped {
                        path,
                        reason: object_reason(&error),
                    }),
                },
                _ => {}
            }
        }
        Ok(folders)
    }
}

/// Where the content of a tracked file is; `None` if it is nowhere. `is_there` tells whether a file bears its name in
/// another letter case, where that does not count.
fn content_of(
    file: &TrackedFile<'_>,
    is_met: bool,
    is_there: impl FnOnce() -> bool,
) -> Option<Content> {
    match file.kind {
        Kind::Submodule => None,
        _ if is_met => Some(Content::Tracked(file.blob, file.stamp)),
        _ if is_there() => Some(Content::Disk),
        Kind::LeftOut => Some(Content::Object(file.blob)),
        Kind::File => None,
    }
}
