//! Repositories to the carve-outs in them, at base and head.

mod fetched;
mod linked;
mod unread;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use globset::GlobSet;
use rayon::prelude::*;

use crate::carveout::comments::decode;
use crate::carveout::ledger::{self, Ledger};
use crate::carveout::lineage::{Lineage, Site, trace};
use crate::carveout::near_miss::MarkerPattern;
use crate::carveout::owners::{Owners, PLACES};
use crate::graph::fragment::Notice;
use crate::repos::{
    Base, MISSING_HELP, Remote, Repository, Revision, SkipReason, Skipped, is_large_file_pointer,
};
use crate::sources::manifests::{ClusterName, Manifests, may_be_manifest, may_hold_objects};
use crate::sources::terraform::blocks::BlockIndex;
use crate::sources::terraform::source::{
    Links, Parts, SourceFile, Tree, UnreadFile, is_configuration, is_source, is_unit, may_be_unit,
};

use super::finder::{CacheLocation, Finder, Wanted};
use super::standing::Files;
pub(super) use fetched::is_fetched;
use fetched::{MANIFEST, fetched_modules, put_back, rewritten};
use linked::{Surroundings, linked};
use unread::{NotRead, changed_unread, take_hidden};

pub use super::finder::Found;

/// One repository at base and head.
pub struct Survey {
    /// The repository's name.
    pub name: String,
    /// The repository, to ask further.
    pub repository: Repository,
    /// The revision the change set starts from.
    pub base: Revision,
    /// The revision it ends with.
    pub head: Revision,
    /// Carve-outs and Terraform blocks at base.
    pub at_base: Side,
    /// The same at head.
    pub at_head: Side,
    /// What became of each carve-out.
    pub lineage: Vec<Lineage>,
    /// Who owns which file.
    pub owners: Owners,
    /// Carve-outs that were justified anew without new words, at head.
    pub ledger: Ledger,
    /// Files that could not be read, and why.
    pub notices: Vec<Notice>,
    /// Which revisions were compared, in words that go on from the repository's name.
    pub compared: String,
    /// Where it is published.
    pub remote: Option<Remote>,
    /// Files that differ between base and head and that were not read.
    pub unread: BTreeSet<UnreadFile>,
}

/// One revision of a repository.
#[derive(Default)]
pub struct Side {
    /// Its carve-outs, by path and line.
    pub found: Vec<Found>,
    /// The Terraform blocks in it.
    pub blocks: BlockIndex,
    /// The Kubernetes and mesh objects in it.
    pub manifests: Manifests,
    /// Its Terraform configuration, where it is evaluated.
    pub tree: Option<Tree>,
    /// Its symbolic links.
    pub links: Links,
    /// What was not read of it.
    not_read: NotRead,
}

/// What to survey.
pub struct Request<'r> {
    /// The directory.
    pub directory: PathBuf,
    /// The revision to look at instead of the work tree.
    pub head: Option<String>,
    /// What the change set starts from, if it is one of this repository; otherwise only its head matters.
    pub base: Option<Base>,
    /// The marker.
    pub pattern: &'r MarkerPattern,
    /// Paths to leave out.
    pub ignore: &'r GlobSet,
    /// Its position among the repositories.
    pub position: usize,
    /// The clusters that the objects of a path belong to; none: they are left out.
    pub clusters_of: &'r (dyn Fn(&str) -> Vec<ClusterName> + Sync),
    /// Is told the path of every file that is looked at.
    pub see: &'r (dyn Fn(&str) + Sync),
    /// Where what is found is kept for later runs; `None`: nowhere.
    pub cache: Option<&'r CacheLocation>,
    /// The environment, for what CI says of the base.
    pub environment: &'r (dyn Fn(&str) -> Option<String> + Sync),
    /// What the Terraform files are for.
    pub role_of_source: RoleOfSource,
}

/// What Terraform files are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleOfSource {
    /// The perimeter is read from them, at both revisions.
    Perimeter,
    /// A plan tells the perimeter; at head they settle what it leaves open, and tell of stacks that no plan is of; at both
    /// they tell where things are written.
    BesidePlan,
}

impl Survey {
    /// Which revisions of which repository were compared, in words.
    #[must_use]
    pub fn description(&self) -> String {
        format!("repository {}{}", self.name, self.compared)
    }
}

/// Find every carve-out of a repository at base and head.
///
/// # Errors
///
/// If the repository or one of its revisions cannot be read.
pub fn survey(repository: Repository, request: &Request<'_>) -> Result<Survey> {
    let head = match &request.head {
        Some(spec) => repository.resolve(spec)?,
        None => repository.current()?,
    };
    let base = request.base.as_ref().map_or(head, |base| base.revision);
    let mut notices = Vec::new();
    let mut finder = Finder::new(request.pattern, request.ignore, request.cache, &repository);
    let mut parsed = Parsed::new();
    let mut missing = BTreeSet::new();
    let mut rewritten = BTreeSet::new();
    let at_head = side(
        &repository,
        (head, Some(base), true),
        request,
        &mut finder,
        (&mut parsed, &mut rewritten),
        (&mut notices, &mut missing),
    )?;
    let mut unheard = Vec::new();
    let heard = if base == head {
        &mut unheard
    } else {
        &mut notices
    };
    let at_base = side(
        &repository,
        (base, None, base != head),
        request,
        &mut finder,
        (&mut parsed, &mut rewritten),
        (heard, &mut missing),
    )?;
    drop(parsed);
    finder.save();
    let changed = if missing.is_empty() {
        BTreeSet::new()
    } else {
        repository.changed_paths(base, head)?
    };
    if let Some(path) = missing.intersection(&changed).next() {
        bail!(
            "cannot read {path} of {}, which differs between base and head{MISSING_HELP}",
            repository.short_name()
        );
    }
    notices.extend(left_out([&at_base, &at_head]));
    let renames = if base == head {
        BTreeMap::new()
    } else {
        repository.renames(base, head)?
    };
    let sites = |side: &Side| -> Vec<Site> { side.found.iter().map(site).collect() };
    let files = Files::new(&repository, [base, head], [&at_base.found, &at_head.found]);
    let mut lineage = trace(&sites(&at_base), &sites(&at_head), &renames, &files);
    drop(files);
    let unreadable = unreadable_now(
        &repository,
        head,
        &renames,
        [&at_base, &at_head],
        &mut lineage,
    );
    notices.extend(unreadable);
    notices.extend(at_head.not_read.notices());
    let unread = changed_unread(
        &repository,
        (base, head),
        [&at_base.not_read, &at_head.not_read],
        (
            &rewritten,
            request.role_of_source == RoleOfSource::Perimeter,
        ),
    )?;
    let owners = read_owners(&repository, head);
    let ledger = read_ledger(&repository, head)?;
    Ok(Survey {
        name: repository.short_name(),
        compared: compared(&repository, head, request.base.as_ref()),
        remote: repository.remote(request.environment),
        repository,
        base,
        head,
        at_base,
        at_head,
        lineage,
        owners,
        ledger,
        notices,
        unread,
    })
}

/// Of a carve-out whose file is still there, but cannot be read any more, nobody knows that it was removed: it counts as one
/// that lost its marker. The files are told.
fn unreadable_now(
    repository: &Repository,
    head: Revision,
    renames: &BTreeMap<String, String>,
    [at_base, at_head]: [&Side; 2],
    lineage: &mut [Lineage],
) -> Vec<Notice> {
    let mut known: BTreeMap<&str, bool> = BTreeMap::new();
    for one in lineage {
        let Lineage::Removed { base } = *one else {
            continue;
        };
        let path = &at_base.found[base].path;
        let is_unreadable = *known.entry(path).or_insert_with(|| {
            let path = renames.get(path).unwrap_or(path);
            match repository.read(head, path) {
                Ok(Some(bytes)) => decode(&bytes).is_none() || is_large_file_pointer(&bytes),
                Ok(None) => at_head.links.has(path),
                Err(_) => true,
            }
        });
        if is_unreadable {
            *one = Lineage::MarkerDeleted { base };
        }
    }
    let unreadable = known
        .into_iter()
        .filter(|(_, is_unreadable)| *is_unreadable);
    unreadable
        .map(|(path, _)| Notice {
            kind: "unreadable-now",
            subject: path.to_owned(),
            message: "it held carve-outs at base and cannot be read as text any more, so they count as standing there without a \
                      marker"
                .to_owned(),
        })
        .collect()
}

/// How many paths a notice spells out.
const PATHS_SPELLED_OUT: usize = 3;

/// Files of meshes that the settings give to no cluster.
fn left_out(sides: [&Side; 2]) -> Option<Notice> {
    let paths: BTreeSet<&str> = sides
        .into_iter()
        .flat_map(|side| &side.manifests.left_out)
        .map(String::as_str)
        .collect();
    let spelled_out: Vec<&str> = paths.iter().copied().take(PATHS_SPELLED_OUT).collect();
    let more = paths.len() - spelled_out.len();
    let mut subject = spelled_out.join(", ");
    if more > 0 {
        subject.push_str(&format!(" and {more} more"));
    }
    (!paths.is_empty()).then(|| Notice {
        kind: "mesh-file-left-out",
        subject,
        message: "objects of a mesh or gateway are written there, and neither `manifests` of a cluster nor `sources.mesh` names \
                  the file: what they say is not seen"
            .to_owned(),
    })
}

/// Who owns which file of a repository at a revision.
pub(super) fn read_owners(repository: &Repository, revision: Revision) -> Owners {
    let owners = PLACES
        .iter()
        .find_map(|place| repository.read(revision, place).ok().flatten());
    owners
        .map(|bytes| Owners::parse(&String::from_utf8_lossy(&bytes)))
        .unwrap_or_default()
}

/// The receipts of a repository at a revision.
pub(super) fn read_ledger(repository: &Repository, revision: Revision) -> Result<Ledger> {
    let Some(bytes) = repository.read(revision, ledger::PATH)? else {
        return Ok(Ledger::default());
    };
    let text = ledger_text(&bytes)?;
    Ledger::parse(ledger::PATH, text).map_err(anyhow::Error::msg)
}

/// The text of a ledger.
pub(super) fn ledger_text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes)
        .map_err(|_| anyhow::anyhow!("{} is not UTF-8 text: save it as such", ledger::PATH))
}

fn compared(repository: &Repository, head: Revision, base: Option<&Base>) -> String {
    let name = |revision: Revision| match revision {
        Revision::WorkTree => "work tree".to_owned(),
        Revision::Empty => "nothing".to_owned(),
        Revision::Commit(_) => repository
            .commit_of(revision)
            .map_or_else(String::new, |id| id.chars().take(12).collect()),
    };
    let Some(base) = base else {
        return format!(" at {}", name(head));
    };
    let from = match base.description.as_str() {
        "" => String::new(),
        description => format!(" ({description})"),
    };
    if base.revision == head {
        return format!(" at {}, its own base{from}", name(head));
    }
    format!(": {}{from} to {}", name(base.revision), name(head))
}

/// Files that were read before: most of them are the same at both revisions.
type Parsed = HashMap<String, Arc<SourceFile>>;

/// Paths and texts of files.
type Texts = Vec<(String, Arc<str>)>;

/// One revision, with that which it is held against if it is the one that a change set ends with; `reads_source`: its Terraform
/// configuration is evaluated. `rewritten` is told by that of head.
fn side(
    repository: &Repository,
    (revision, base, reads_source): (Revision, Option<Revision>, bool),
    request: &Request<'_>,
    finder: &mut Finder<'_>,
    (parsed, kept_back): (&mut Parsed, &mut BTreeSet<String>),
    (notices, not_there): (&mut Vec<Notice>, &mut BTreeSet<String>),
) -> Result<Side> {
    // Every file that is not ignored is asked for here: what the source may name is what there is.
    let paths: Mutex<BTreeSet<String>> = Mutex::default();
    let wants_text = |path: &str| {
        (request.see)(path);
        if !reads_source {
            return is_configuration(path) || may_be_manifest(path);
        }
        let mut paths = paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.insert(path.to_owned());
        is_source(path) || path.ends_with(MANIFEST) || may_be_unit(path) || may_be_manifest(path)
    };
    let is_terraform = |path: &str| {
        is_configuration(path) || (reads_source && (is_source(path) || path.ends_with(MANIFEST)))
    };
    // Of what may be a manifest by its name, only what is one is kept.
    let keeps_text = |path: &str, bytes: &[u8]| {
        is_terraform(path) || reads_source && is_unit(path, bytes) || may_hold_objects(path, bytes)
    };
    let findings = finder
        .find(
            repository,
            revision,
            &Wanted {
                path: &wants_text,
                bytes: &keeps_text,
                left_out: &|path| reads_source && is_source(path),
            },
        )
        .with_context(|| format!("failed to list the files of {}", repository.short_name()))?;
    let of_missing = |one: &&Skipped| one.reason == SkipReason::Missing;
    let missing: Vec<&Skipped> = findings.skipped.iter().filter(of_missing).collect();
    not_there.extend(missing.iter().map(|one| one.path.clone()));
    let missing = missing.len();
    if missing > 0 && missing >= findings.files {
        bail!(
            "cannot read {}: no content of any file is in this clone, which is partial or damaged: clone without --filter",
            repository.short_name()
        );
    }
    notices.extend(findings.notices);
    let found = findings.found;
    let mut not_read = NotRead::default();
    not_read.note_skipped(&findings.skipped, request.clusters_of);
    let links = findings.links.into_iter();
    let links = Links::new(links.map(|link| (link.path, link.target)));
    let (texts, mut with_objects): (Texts, Texts) = findings
        .texts
        .into_iter()
        .partition(|(path, _)| is_terraform(path));
    let mut texts = texts;
    if let Some(base) = base.filter(|base| *base != revision) {
        let paths = texts.iter().map(|(path, _)| path);
        *kept_back = rewritten(repository, (base, revision), paths)?;
        put_back(repository, base, kept_back, &mut texts);
    }
    let (manifests, mut terraform): (Texts, Texts) = texts
        .into_iter()
        .partition(|(path, _)| path.ends_with(MANIFEST));
    let through_links = linked(&Surroundings {
        repository,
        revision,
        links: &links,
        terraform: &terraform,
        objects: &with_objects,
        clusters_of: request.clusters_of,
        is_ignored: &|path| request.ignore.is_match(path),
    });
    with_objects.extend(through_links.objects);
    not_read.note_astray(through_links.astray);
    not_read.note_objects(with_objects.iter().map(|(path, _)| path));
    let objects = Manifests::read(
        request.position,
        with_objects
            .iter()
            .map(|(path, text)| (path.as_str(), &**text))
            .filter(|(path, text)| may_hold_objects(path, text.as_bytes())),
        request.clusters_of,
    );
    let units: Vec<(String, Arc<str>)> = with_objects
        .into_iter()
        .filter(|(path, text)| reads_source && is_unit(path, text.as_bytes()))
        .collect();
    let mut manifests: Vec<(String, Vec<u8>)> = manifests
        .into_iter()
        .map(|(path, text)| (path, text.as_bytes().to_vec()))
        .collect();
    if reads_source {
        terraform.extend(through_links.terraform);
        let fetched = fetched_modules(repository, &terraform, &manifests, kept_back);
        terraform.extend(fetched.files);
        manifests.extend(fetched.manifests);
    }
    take_hidden(&mut terraform, &mut not_read);
    let read = |path: &str, text: Arc<str>| match parsed.get(path) {
        Some(known) if known.is_made_of(&text) => known.clone(),
        _ => Arc::new(SourceFile::of(path, text)),
    };
    let files: Vec<Arc<SourceFile>> = terraform
        .into_par_iter()
        .map(|(path, text)| read(&path, text))
        .collect();
    let configuration = files
        .iter()
        .filter(|file| is_configuration(file.path()) && !is_fetched(file.path()));
    let blocks = BlockIndex::of(configuration.map(|file| &**file));
    for file in &files {
        if let Some((line, message)) = file.failure() {
            notices.push(Notice {
                kind: "unreadable-source",
                subject: format!("{}:{line}", file.path()),
                message: if request.role_of_source == RoleOfSource::Perimeter {
                    format!("{message}; what stands there is not seen")
                } else {
                    format!("{message}; what stands there has no line")
                },
            });
        }
    }
    let mut files_left_out = Vec::new();
    let tree = reads_source.then(|| {
        let left_out = by_directory(findings.texts_left_out);
        let paths = std::mem::take(&mut *paths.lock().unwrap_or_else(PoisonError::into_inner));
        let units = units.into_iter();
        let units = units.map(|(path, text)| Arc::new(SourceFile::of(&path, text)));
        let submodules = findings.submodules.into_iter();
        Tree::of(Parts {
            files: files.iter().cloned().chain(units).collect(),
            manifests: &manifests,
            paths,
            links: links.clone(),
            submodules: submodules.map(|one| (one.path, one.commit)).collect(),
            left_out: &mut |directory| {
                let texts = left_out.get(directory).into_iter().flatten();
                let files = texts.map(|(path, text)| read(path, text.clone()));
                let files: Vec<Arc<SourceFile>> = files.collect();
                files_left_out.extend(files.iter().cloned());
                files
            },
        })
    });
    if let Some(tree) = &tree {
        not_read.note_linked_roots(tree);
    }
    let files = files.into_iter().chain(files_left_out);
    parsed.extend(files.map(|file| (file.path().to_owned(), file)));
    Ok(Side {
        found,
        blocks,
        manifests: objects,
        tree,
        links,
        not_read,
    })
}

/// Files by the directory that they lie in; those that others hide are left out.
fn by_directory(texts: Texts) -> BTreeMap<String, Texts> {
    let mut texts = texts;
    take_hidden(&mut texts, &mut NotRead::default());
    let mut found: BTreeMap<String, Texts> = BTreeMap::new();
    for (path, text) in texts {
        let (directory, _) = path.rsplit_once('/').unwrap_or_default();
        found
            .entry(directory.to_owned())
            .or_default()
            .push((path, text));
    }
    found
}

fn site(found: &Found) -> Site {
    Site {
        path: found.path.clone(),
        line: found.marker.line,
        guarantee: found.marker.guarantee.clone(),
        justification: found.marker.justification.clone(),
        anchor: found
            .marker
            .anchor
            .as_ref()
            .map(|anchor| anchor.text.clone()),
        anchor_line: found.marker.anchor.as_ref().map(|anchor| anchor.line),
    }
}

/// The lines of a file at a revision, white space folded; none if it cannot be read.
pub(super) fn folded_lines(repository: &Repository, revision: Revision, path: &str) -> Vec<String> {
    let bytes = repository
        .read(revision, path)
        .ok()
        .flatten()
        .unwrap_or_default();
    let Some(text) = decode(&bytes) else {
        return Vec::new();
    };
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}
