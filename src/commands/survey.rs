//! Repositories to the carve-outs in them, at base and head.

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
use crate::repos::{Base, MISSING_HELP, Remote, Repository, Revision, SkipReason, Skipped};
use crate::sources::manifests::{ClusterName, Manifests, may_be_manifest, may_hold_objects};
use crate::sources::terraform::blocks::{BlockIndex, join};
use crate::sources::terraform::source::{
    SourceFile, Tree, hidden_by, is_configuration, is_source, is_unit, may_be_unit,
};

use super::finder::{CacheLocation, Finder};

use super::standing::Files;

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
    let at_head = side(
        &repository,
        (head, true),
        request,
        &mut finder,
        &mut parsed,
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
        (base, base != head),
        request,
        &mut finder,
        &mut parsed,
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
    let unreadable = unreadable_now(&repository, head, &renames, &at_base, &mut lineage);
    notices.extend(unreadable);
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
    })
}

/// Of a carve-out whose file is still there, but cannot be read any more, nobody knows that it was removed: it counts as one
/// that lost its marker. The files are told.
fn unreadable_now(
    repository: &Repository,
    head: Revision,
    renames: &BTreeMap<String, String>,
    at_base: &Side,
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
                Ok(Some(bytes)) => decode(&bytes).is_none(),
                Ok(None) => false,
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

/// Where `terraform init` says what it fetched, below a root module.
const MANIFEST: &str = ".terraform/modules/modules.json";

/// One revision; `reads_source`: its Terraform configuration is evaluated.
fn side(
    repository: &Repository,
    (revision, reads_source): (Revision, bool),
    request: &Request<'_>,
    finder: &mut Finder<'_>,
    parsed: &mut Parsed,
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
        .find(repository, revision, &wants_text, &keeps_text)
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
    let (texts, with_objects): (Vec<_>, Vec<_>) = findings
        .texts
        .into_iter()
        .partition(|(path, _)| is_terraform(path));
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
    let (manifests, mut terraform): (Vec<_>, Vec<_>) = texts
        .into_iter()
        .partition(|(path, _)| path.ends_with(MANIFEST));
    let mut manifests: Vec<(String, Vec<u8>)> = manifests
        .into_iter()
        .map(|(path, text)| (path, text.as_bytes().to_vec()))
        .collect();
    if reads_source {
        terraform.extend(linked(repository, revision, &terraform));
        let fetched = fetched_modules(repository, &terraform);
        terraform.extend(fetched.files);
        manifests.extend(fetched.manifests);
    }
    let there: BTreeSet<String> = terraform.iter().map(|(path, _)| path.clone()).collect();
    terraform.retain(|(path, _)| hidden_by(path).is_none_or(|other| !there.contains(&other)));
    let files: Vec<Arc<SourceFile>> = terraform
        .into_par_iter()
        .map(|(path, text)| match parsed.get(&path) {
            Some(known) if known.is_made_of(&text) => known.clone(),
            _ => Arc::new(SourceFile::of(&path, text)),
        })
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
    let tree = reads_source.then(|| {
        let paths = std::mem::take(&mut *paths.lock().unwrap_or_else(PoisonError::into_inner));
        let units = units.into_iter();
        let units = units.map(|(path, text)| Arc::new(SourceFile::of(&path, text)));
        Tree::build(files.iter().cloned().chain(units), &manifests, paths)
    });
    parsed.extend(files.into_iter().map(|file| (file.path().to_owned(), file)));
    Ok(Side {
        found,
        blocks,
        manifests: objects,
        tree,
    })
}

/// How many links may lead on from one another.
const MAX_LINKS_IN_A_ROW: usize = 8;

/// Links to Terraform files that lie in the same repository, with the text that each leads to. Nothing is read for them: what a
/// link leads to is among the files that were read, or it is not followed.
fn linked(
    repository: &Repository,
    revision: Revision,
    terraform: &[(String, Arc<str>)],
) -> Vec<(String, Arc<str>)> {
    let texts: BTreeMap<&str, &Arc<str>> = terraform
        .iter()
        .map(|(path, text)| (path.as_str(), text))
        .collect();
    let directory_of = |path: &str| {
        let parent = path.rsplit_once('/');
        parent.map_or(String::new(), |(directory, _)| directory.to_owned())
    };
    let directories: BTreeSet<String> = texts.keys().map(|path| directory_of(path)).collect();
    let links: BTreeMap<String, String> = repository
        .links(revision, &directories)
        .into_iter()
        .filter(|link| is_source(&link.path) && !link.target.starts_with('/'))
        .filter_map(|link| {
            let target = join(&directory_of(&link.path), &link.target)?;
            Some((link.path, target))
        })
        .collect();
    let followed = links.iter().filter_map(|(path, target)| {
        let mut target = target;
        for _ in 0..MAX_LINKS_IN_A_ROW {
            if let Some(text) = texts.get(target.as_str()) {
                return Some((path.clone(), (*text).clone()));
            }
            target = links.get(target)?;
        }
        None
    });
    followed.collect()
}

/// Modules that `terraform init` fetched into the work tree, which git does not keep.
#[derive(Default)]
struct Fetched {
    files: Vec<(String, Arc<str>)>,
    manifests: Vec<(String, Vec<u8>)>,
}

fn is_fetched(path: &str) -> bool {
    path.split('/').any(|segment| segment == ".terraform")
}

/// What was fetched for any of the modules that hold these files. It serves both revisions: which version it is of, the
/// manifest tells.
fn fetched_modules(repository: &Repository, files: &[(String, Arc<str>)]) -> Fetched {
    let mut fetched = Fetched::default();
    let directories: BTreeSet<&str> = files
        .iter()
        .map(|(path, _)| path.rsplit_once('/').map_or("", |(directory, _)| directory))
        .filter(|directory| !is_fetched(directory))
        .collect();
    let read = |path: &str| repository.read(Revision::WorkTree, path).ok().flatten();
    for directory in directories {
        let below = |name: &str| {
            if directory.is_empty() {
                name.to_owned()
            } else {
                format!("{directory}/{name}")
            }
        };
        let manifest = below(MANIFEST);
        let Some(bytes) = read(&manifest) else {
            continue;
        };
        fetched.manifests.push((manifest, bytes));
        let paths = repository.files_below(&below(".terraform/modules"));
        for path in paths.into_iter().filter(|path| is_source(path)) {
            let text = read(&path).and_then(|bytes| Some(decode(&bytes)?.into()));
            fetched.files.extend(text.map(|text| (path, text)));
        }
    }
    fetched
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
