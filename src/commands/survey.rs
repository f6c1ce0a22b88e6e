//! Repositories to the carve-outs in them, at base and head.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use anyhow::{Context, Result};
use globset::GlobSet;

use crate::carveout::comments::decode;
use crate::carveout::lineage::{Lineage, Site, trace};
use crate::carveout::near_miss::MarkerPattern;
use crate::carveout::owners::{Owners, PLACES};
use crate::graph::fragment::Notice;
use crate::repos::{Repository, Revision};
use crate::sources::terraform::blocks::BlockIndex;

use super::finder::{CacheLocation, Finder};

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
    /// Where what is found is kept for later runs; `None`: nowhere.
    pub cache: Option<&'r CacheLocation>,
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
    let mut finder = Finder::new(request.pattern, request.ignore, request.cache, &repository);
    let at_head = side(&repository, head, &mut finder, &mut notices)?;
    let at_base = if base == head {
        side(&repository, base, &mut finder, &mut Vec::new())?
    } else {
        side(&repository, base, &mut finder, &mut notices)?
    };
    finder.save();
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
    finder: &mut Finder<'_>,
    notices: &mut Vec<Notice>,
) -> Result<Side> {
    let is_terraform = |path: &str| path.ends_with(".tf");
    let findings = finder
        .find(repository, revision, &is_terraform)
        .with_context(|| format!("failed to list the files of {}", repository.short_name()))?;
    notices.extend(findings.notices);
    let terraform = findings.texts;
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
    Ok(Side {
        found: findings.found,
        blocks,
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
