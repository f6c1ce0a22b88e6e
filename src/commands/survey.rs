//! Repositories to the carve-outs in them, at base and head.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use anyhow::{Context, Result};
use globset::GlobSet;

use crate::carveout::comments::decode;
use crate::carveout::lineage::{Lineage, Site, trace};
use crate::carveout::marker::{Marker, find};
use crate::carveout::near_miss::MarkerPattern;
use crate::carveout::owners::{Owners, PLACES};
use crate::graph::fragment::Notice;
use crate::repos::{Repository, Revision};
use crate::sources::manifests::{ClusterName, Manifests, may_hold_objects};
use crate::sources::terraform::blocks::BlockIndex;

/// How many lines of source an excerpt shows after the marker's own.
const EXCERPT_LINES_AFTER: usize = 4;

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
    /// Files that could not be read, and why.
    pub notices: Vec<Notice>,
    /// Which revisions were compared, in words.
    pub description: String,
}

/// One revision of a repository.
#[derive(Debug, Default)]
pub struct Side {
    /// Its carve-outs, by path and line.
    pub found: Vec<Found>,
    /// The Terraform blocks in it.
    pub blocks: BlockIndex,
    /// The Kubernetes and mesh objects in it.
    pub manifests: Manifests,
}

/// A marker in a file.
#[derive(Debug)]
pub struct Found {
    /// The file.
    pub path: String,
    /// The marker.
    pub marker: Marker,
    /// The source around it, with line numbers.
    pub excerpt: Vec<(usize, String)>,
}

/// What to survey.
pub struct Request<'r> {
    /// The directory.
    pub directory: PathBuf,
    /// The revision to look at instead of the work tree.
    pub head: Option<String>,
    /// The revision the change set starts from.
    pub base: Option<String>,
    /// Whether the change set is one of this repository; otherwise only its head matters.
    pub has_change_set: bool,
    /// The marker.
    pub pattern: &'r MarkerPattern,
    /// Paths to leave out.
    pub ignore: &'r GlobSet,
    /// Its position among the repositories.
    pub position: usize,
    /// The clusters that the objects of a path belong to; none: they are left out.
    pub clusters_of: &'r dyn Fn(&str) -> Vec<ClusterName>,
    /// The environment, for what CI says of the base.
    pub environment: &'r dyn Fn(&str) -> Option<String>,
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
    let (base, description) = match (&request.base, request.has_change_set) {
        (_, false) => (head, String::new()),
        (Some(spec), true) => (repository.resolve(spec)?, spec.clone()),
        (None, true) => {
            let base = repository.default_base(head, request.environment)?;
            (base.revision, base.description)
        }
    };
    let mut notices = Vec::new();
    let at_head = side(&repository, head, request, &mut notices)?;
    let at_base = if base == head {
        side(&repository, base, request, &mut Vec::new())?
    } else {
        side(&repository, base, request, &mut notices)?
    };
    let renames = if base == head {
        BTreeMap::new()
    } else {
        repository.renames(base, head)?
    };
    let sites = |side: &Side| -> Vec<Site> { side.found.iter().map(site).collect() };
    let texts: RefCell<HashMap<String, Vec<String>>> = RefCell::default();
    let survives = |path: &str, anchor: &str| {
        let mut texts = texts.borrow_mut();
        let lines = texts
            .entry(path.to_owned())
            .or_insert_with(|| folded_lines(&repository, head, path));
        lines
            .iter()
            .any(|line| line == anchor || line.starts_with(anchor))
    };
    let lineage = trace(&sites(&at_base), &sites(&at_head), &renames, &survives);
    let owners = PLACES
        .iter()
        .find_map(|place| repository.read(head, place).ok().flatten());
    let owners = owners
        .map(|bytes| Owners::parse(&String::from_utf8_lossy(&bytes)))
        .unwrap_or_default();
    Ok(Survey {
        name: repository.short_name(),
        description: describe(&repository, base, head, &description),
        repository,
        base,
        head,
        at_base,
        at_head,
        lineage,
        owners,
        notices,
    })
}

fn describe(
    repository: &Repository,
    base: Revision,
    head: Revision,
    base_description: &str,
) -> String {
    let name = |revision: Revision| match revision {
        Revision::WorkTree => "work tree".to_owned(),
        Revision::Empty => "nothing".to_owned(),
        Revision::Commit(_) => repository
            .commit_of(revision)
            .map_or_else(String::new, |id| id.chars().take(12).collect()),
    };
    if base == head {
        return format!("repository {} at {}", repository.short_name(), name(head));
    }
    format!(
        "repository {}: {} ({base_description}) to {}",
        repository.short_name(),
        name(base),
        name(head)
    )
}

fn side(
    repository: &Repository,
    revision: Revision,
    request: &Request<'_>,
    notices: &mut Vec<Notice>,
) -> Result<Side> {
    let is_terraform = |path: &str| path.ends_with(".tf");
    let keep = |path: &str, bytes: &[u8]| {
        let counts = || {
            is_terraform(path)
                || request.pattern.may_contain(bytes)
                || may_hold_objects(path, bytes)
        };
        !request.ignore.is_match(path) && counts()
    };
    let listing = repository
        .text_files(revision, &keep)
        .with_context(|| format!("failed to list the files of {}", repository.short_name()))?;
    for skipped in listing.skipped {
        notices.push(Notice {
            kind: "skipped-file",
            subject: skipped.path,
            message: format!("{}; carve-outs in it are not seen", skipped.reason),
        });
    }
    let mut terraform = Vec::new();
    let mut with_objects = Vec::new();
    let mut found = Vec::new();
    for file in &listing.files {
        let Some(text) = decode(&file.bytes) else {
            continue;
        };
        if request.pattern.may_contain(&file.bytes) {
            for marker in find(&file.path, &text, request.pattern) {
                found.push(Found {
                    path: file.path.clone(),
                    excerpt: excerpt(&text, &marker),
                    marker,
                });
            }
        }
        if is_terraform(&file.path) {
            terraform.push((file.path.clone(), text.into_owned()));
        } else if may_hold_objects(&file.path, &file.bytes) {
            with_objects.push((file.path.clone(), text.into_owned()));
        }
    }
    let manifests = Manifests::read(
        request.position,
        with_objects
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
        request.clusters_of,
    );
    let blocks = BlockIndex::build(
        terraform
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str())),
    );
    for failure in blocks.failures() {
        notices.push(Notice {
            kind: "unreadable-source",
            subject: format!("{}:{}", failure.path, failure.line),
            message: format!("{}; blocks in it have no line", failure.message),
        });
    }
    found.sort_by(|a, b| (&a.path, a.marker.line).cmp(&(&b.path, b.marker.line)));
    Ok(Side {
        found,
        blocks,
        manifests,
    })
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
    }
}

fn excerpt(text: &str, marker: &Marker) -> Vec<(usize, String)> {
    let last = marker
        .anchor
        .as_ref()
        .map_or(marker.end_line, |anchor| anchor.line);
    let last = last.clamp(marker.end_line, marker.end_line + EXCERPT_LINES_AFTER);
    let lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.to_owned()));
    lines
        .skip(marker.line - 1)
        .take(last + 1 - marker.line)
        .collect()
}

fn folded_lines(repository: &Repository, revision: Revision, path: &str) -> Vec<String> {
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
