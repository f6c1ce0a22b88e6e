//! What an inventory tells of one repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use globset::GlobSet;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::carveout::inventory::Reading;
use crate::carveout::ledger::Receipt;
use crate::carveout::lineage::fingerprint;
use crate::carveout::marker::MarkerFault;
use crate::carveout::near_miss::MarkerPattern;
use crate::graph::origin::Origins;
use crate::report::json::inventory::{
    BlockAddress, BlockPlace, CarveOutLine, Fault, Justified, ObjectPlace, Perimeter,
    PerimeterPart, ReceiptLine, RepositoryLine, Root, SCHEMA, SkippedFile, render,
};
use crate::repos::{Forge, Repository, Revision, SkipReason, time_of};
use crate::settings::Settings;
use crate::sources::manifests::object::Source;
use crate::sources::manifests::{self, Clusters, Manifests, may_be_manifest, may_hold_objects};
use crate::sources::terraform::blocks::{BlockIndex, Outline};
use crate::sources::terraform::source::is_configuration;
use crate::verdict::Rule;

use super::super::clusters::Scope;
use super::super::finder::{CacheLocation, Finder, Findings, Found, Wanted};
use super::super::findings::rule_of;
use super::super::inputs::{Environment, globs, settings};
use super::super::survey::{read_ledger, read_owners};

/// Digits of the digest of an address: two of one organisation hardly ever share it, and then a plan is at worst told apart
/// from others by the rest of its addresses.
const ADDRESS_DIGITS: usize = 12;

/// How to read repositories.
pub(super) struct Manner<'m> {
    /// Settings instead of each repository's own.
    pub(super) config: Option<&'m Path>,
    /// Where what is found is kept; `None`: nowhere.
    pub(super) cache: Option<CacheLocation>,
    /// The environment, for what CI says of code hosts.
    pub(super) environment: Environment<'m>,
}

/// What was read of a directory.
pub(super) struct Take {
    /// What makes its repository the same in two clones.
    pub(super) identity: String,
    /// Git's own directory, of a repository that is known by nothing but its name.
    pub(super) known_by_name: Option<PathBuf>,
    /// What is in it.
    pub(super) reading: Result<Reading>,
}

/// Reads the repository in a directory.
pub(super) fn take(directory: &Path, revision: Option<&str>, manner: &Manner<'_>) -> Take {
    let repository = match Repository::open(directory) {
        Ok(repository) => repository,
        Err(error) => {
            return Take {
                identity: name_of(directory),
                known_by_name: None,
                reading: Err(error.into()),
            };
        }
    };
    let identity = identity(&repository, manner.environment);
    let has_remote = repository.remote(manner.environment).is_some();
    Take {
        known_by_name: (!has_remote).then(|| repository.git_directory().to_path_buf()),
        reading: read(&repository, &identity, revision, manner),
        identity,
    }
}

/// What makes a repository the same in two clones: where it is published, else what it is called.
pub(super) fn identity(repository: &Repository, environment: Environment<'_>) -> String {
    let remote = repository.remote(environment);
    remote.map_or_else(|| repository.short_name(), |remote| remote.identity)
}

/// What to call a directory that is no repository.
fn name_of(directory: &Path) -> String {
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| PathBuf::from(directory));
    let name = absolute.file_name().unwrap_or(absolute.as_os_str());
    name.to_string_lossy().into_owned()
}

fn read(
    repository: &Repository,
    identity: &str,
    revision: Option<&str>,
    manner: &Manner<'_>,
) -> Result<Reading> {
    let head = match revision {
        Some(spec) => repository.resolve(spec)?,
        None => repository.current()?,
    };
    let settings = settings(manner.config, repository, revision)?;
    let pattern = MarkerPattern::new(settings.marker())
        .with_context(|| format!("{}: marker", settings.file))?;
    let ignore = globs(&settings.sources.ignore)?;
    let mut finder = Finder::new(&pattern, &ignore, manner.cache.as_ref(), repository);
    let findings = finder.find(repository, head, &Wanted::NOTHING)?;
    let places = Places::read(repository, head, &mut finder, &findings, &settings)?;
    finder.save();
    let history = History::of(repository, head, &findings.found);
    let owners = read_owners(repository, head);
    let ledger = read_ledger(repository, head)?;
    let mut bindings: Vec<(GlobSet, &[String])> = Vec::new();
    for binding in &settings.bindings {
        bindings.push((globs(&binding.paths)?, &binding.rests_on));
    }
    let carve_outs = findings.found.iter().enumerate().map(|(index, found)| {
        let bound = bindings
            .iter()
            .filter(|(paths, _)| paths.is_match(&found.path));
        let rests_on: BTreeSet<&String> = bound.flat_map(|(_, all)| *all).collect();
        let marker = &found.marker;
        let (block, objects, not_carried) = places.of(found);
        CarveOutLine {
            kind: "carve_out".to_owned(),
            repository: identity.to_owned(),
            id: fingerprint(&marker.guarantee, &marker.justification),
            path: found.path.clone(),
            line: marker.line,
            end_line: marker.end_line,
            column: marker.column,
            guarantee: marker.guarantee.clone(),
            justification: marker.justification.clone(),
            spelled: marker.spelled.clone(),
            fault: marker.fault.as_ref().map(fault),
            is_committed: history.is_committed.contains(&found.path),
            owners: owners.of(&found.path),
            last_justified: history.last_justified[index].clone(),
            rests_on: rests_on.into_iter().cloned().collect(),
            block,
            objects,
            not_carried,
        }
    });
    let mut lines: Vec<String> = carve_outs.map(|line| render(&line)).collect();
    let carve_out_count = lines.len();
    lines.extend(
        ledger
            .receipts
            .iter()
            .map(|one| render(&receipt(identity, one))),
    );
    let remote = repository.remote(manner.environment);
    let commit = repository.commit_of(head);
    let committed = repository.committed_at(head).and_then(time_of);
    let is_unreadable =
        |reason: &SkipReason| matches!(reason, SkipReason::Missing | SkipReason::Unreadable(_));
    let skipped = &findings.skipped;
    let header = RepositoryLine {
        schema: SCHEMA.to_owned(),
        kind: "repository".to_owned(),
        repository: identity.to_owned(),
        name: repository.short_name(),
        forge: remote
            .as_ref()
            .and_then(|one| one.forge)
            .map(|one| Forge::word(one).to_owned()),
        remote: remote.map(|remote| remote.address),
        commit: commit.clone(),
        committed: committed.clone(),
        is_dirty: head == Revision::WorkTree && repository.is_dirty(),
        marker: settings.marker().to_owned(),
        tool: concat!("perimeter ", env!("CARGO_PKG_VERSION")).to_owned(),
        files: findings.files,
        ignored: findings.ignored,
        unreadable: skipped
            .iter()
            .filter(|one| is_unreadable(&one.reason))
            .count(),
        skipped: skipped
            .iter()
            .map(|one| SkippedFile {
                path: one.path.clone(),
                reason: one.reason.to_string(),
            })
            .collect(),
        aliases: settings
            .aliases
            .iter()
            .map(|(alias, references)| (alias.clone(), references.0.clone()))
            .collect(),
        roots: places.roots(),
        carve_outs: carve_out_count,
        receipts: ledger.receipts.len(),
    };
    lines.insert(0, render(&header));
    Ok(Reading {
        committed: committed.unwrap_or_default(),
        commit: commit.unwrap_or_default(),
        digest: super::file::digest_of(&lines),
        lines,
    })
}

fn fault(fault: &MarkerFault) -> Fault {
    Fault {
        rule: rule_of(fault).id().to_owned(),
        help: match fault {
            MarkerFault::NearMiss { help } => Some(help.clone()),
            _ => None,
        },
    }
}

/// What a line of an inventory says is wrong with a marker.
pub(super) fn marker_fault(fault: &Fault) -> MarkerFault {
    let is = |rule: Rule| fault.rule == rule.id();
    if is(Rule::MalformedMarker) {
        MarkerFault::Malformed
    } else if is(Rule::MissingGuarantee) {
        MarkerFault::MissingGuarantee
    } else if is(Rule::MissingJustification) {
        MarkerFault::MissingJustification
    } else {
        let help = fault.help.clone().unwrap_or_default();
        MarkerFault::NearMiss { help }
    }
}

/// A receipt without the address of its author: that stands in the ledger, for whoever wants to write.
fn receipt(identity: &str, receipt: &Receipt) -> ReceiptLine {
    let by = receipt.by.split_once(" <");
    let parts = receipt.perimeter.parts.iter();
    ReceiptLine {
        kind: "receipt".to_owned(),
        repository: identity.to_owned(),
        carve_out: receipt.carve_out.clone(),
        date: receipt.date.clone(),
        path: receipt.path.clone(),
        by: by.map_or(receipt.by.as_str(), |(name, _)| name).to_owned(),
        reason: receipt.reason.clone(),
        perimeter: Perimeter {
            digest: receipt.perimeter.whole.clone(),
            parts: parts
                .map(|((boundary, aspect), digest)| PerimeterPart {
                    boundary: boundary.clone(),
                    aspect: aspect.clone(),
                    digest: digest.clone(),
                })
                .collect(),
        },
    }
}

/// The digest that an address is known by.
pub(super) fn address_digest(address: &str) -> String {
    let digest = Sha256::digest(address.as_bytes());
    let mut digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(ADDRESS_DIGITS);
    digits
}

/// What git says of the files that carve-outs stand in.
struct History {
    is_committed: BTreeSet<String>,
    /// By the position of the carve-out.
    last_justified: Vec<Option<Justified>>,
}

impl History {
    fn of(repository: &Repository, head: Revision, found: &[Found]) -> Self {
        let paths: BTreeSet<&str> = found.iter().map(|one| one.path.as_str()).collect();
        let committed = paths
            .into_iter()
            .filter(|path| repository.is_committed(head, path));
        let is_committed: BTreeSet<String> = committed.map(str::to_owned).collect();
        let commit = repository.commit_of(head).unwrap_or_default();
        let Ok(revision) = repository.resolve(&commit) else {
            return Self {
                is_committed,
                last_justified: vec![None; found.len()],
            };
        };
        let directory = repository.git_directory();
        let last_justified = found
            .par_iter()
            .map_init(
                || Repository::open(directory).ok(),
                |repository, one| {
                    let repository = repository
                        .as_ref()
                        .filter(|_| is_committed.contains(&one.path))?;
                    let lines = one.marker.line..=one.marker.end_line;
                    let last = repository.last_change_before(revision, &one.path, lines)?;
                    Some(Justified {
                        commit: last.commit,
                        date: last.date,
                        author: last.author,
                    })
                },
            )
            .collect();
        Self {
            is_committed,
            last_justified,
        }
    }
}

/// The blocks and objects of a repository that carve-outs stand in.
struct Places<'p> {
    blocks: BlockIndex,
    outlines: Vec<Outline>,
    objects: Manifests,
    placements: manifests::Placements,
    settings: &'p Settings,
}

impl<'p> Places<'p> {
    /// Reads the files that could say something of a place, and none where no carve-out stands in such a file.
    fn read(
        repository: &Repository,
        head: Revision,
        finder: &mut Finder<'_>,
        findings: &Findings,
        settings: &'p Settings,
    ) -> Result<Self> {
        let any = |is: fn(&str) -> bool| findings.found.iter().any(|found| is(&found.path));
        let (in_blocks, in_objects) = (any(is_configuration), any(may_be_manifest));
        let scope = Scope::of(settings, globs)?;
        let may_be_object =
            |path: &str| in_objects && may_be_manifest(path) && !is_configuration(path);
        let wants_text = |path: &str| (in_blocks && is_configuration(path)) || may_be_object(path);
        let keeps_text =
            |path: &str, bytes: &[u8]| is_configuration(path) || may_hold_objects(path, bytes);
        let texts = if in_blocks || in_objects {
            finder
                .find(
                    repository,
                    head,
                    &Wanted {
                        path: &wants_text,
                        bytes: &keeps_text,
                        left_out: &|_| false,
                    },
                )?
                .texts
        } else {
            Vec::new()
        };
        let (configuration, manifests): (Vec<_>, Vec<_>) =
            texts.iter().partition(|(path, _)| is_configuration(path));
        let text = |(path, text): &'_ &(String, Arc<str>)| (path.clone(), text.clone());
        let configuration: Vec<(String, Arc<str>)> = configuration.iter().map(text).collect();
        let blocks = BlockIndex::build(
            configuration
                .iter()
                .map(|(path, text)| (path.as_str(), &**text)),
        );
        let marked = findings.found.iter();
        let marked: Vec<_> = marked
            .filter_map(|found| blocks.block_at(&found.path, found.marker.line))
            .collect();
        let outlines = blocks.outlines(&marked);
        let objects = Manifests::read(
            0,
            manifests
                .iter()
                .map(|(path, text)| (path.as_str(), &**text)),
            &|path| scope.clusters_of(path),
        );
        let interest: BTreeSet<Source> = findings
            .found
            .iter()
            .map(|found| Source {
                repository: 0,
                path: Arc::from(found.path.as_str()),
            })
            .collect();
        let placements = if objects.objects.is_empty() {
            manifests::Placements::new()
        } else {
            let clusters = settings.clusters.iter();
            let known = clusters.map(|one| (Some(Arc::from(one.name.as_str())), Vec::new()));
            let clusters = Clusters {
                known: known.collect(),
                ..Clusters::default()
            };
            let reading = manifests::read(
                &[],
                &[&objects],
                &clusters,
                &BTreeMap::new(),
                &interest,
                &|source| Some(source.path.to_string()),
                &mut Origins::default(),
            );
            reading.placements_after
        };
        Ok(Self {
            blocks,
            outlines,
            objects,
            placements,
            settings,
        })
    }

    fn roots(&self) -> Vec<Root> {
        let outlines = self.outlines.iter();
        outlines
            .map(|outline| {
                let resources = outline.resources.iter();
                let digests: BTreeSet<String> = resources.map(|one| address_digest(one)).collect();
                Root {
                    directory: outline.directory.clone(),
                    resources: digests.into_iter().collect(),
                }
            })
            .collect()
    }

    /// The block and the objects that a carve-out stands in, and why they say less than they would in a clone.
    fn of(&self, found: &Found) -> (Option<BlockPlace>, Vec<ObjectPlace>, Option<String>) {
        if let Some(block) = self.blocks.block_at(&found.path, found.marker.line) {
            let place = (block.path.clone(), block.line);
            let mut addresses = Vec::new();
            for outline in &self.outlines {
                let names = outline.called.get(&place).into_iter().flatten();
                addresses.extend(names.map(|address| BlockAddress {
                    root: outline.directory.clone(),
                    address: address.clone(),
                }));
            }
            let is_cut_off = self.outlines.iter().any(|outline| outline.is_cut_off);
            let why = if is_cut_off {
                Some("its root module calls more modules than an inventory follows")
            } else if addresses.is_empty() {
                Some("its block is no resource, or no root module of the repository leads to it")
            } else {
                None
            };
            return (
                Some(BlockPlace { addresses }),
                Vec::new(),
                why.map(str::to_owned),
            );
        }
        let marker = &found.marker;
        let line = marker
            .anchor
            .as_ref()
            .map_or(marker.line, |anchor| anchor.line);
        let mut objects = Vec::new();
        let mut why = None;
        for object in self.objects.at(&found.path, line) {
            let Some(cluster) = &object.identity.cluster else {
                why = Some(format!(
                    "it stands in {}, and the settings do not say of which cluster that is",
                    object.identity.address()
                ));
                continue;
            };
            let place = (object.source.clone(), object.root.line);
            let keys = self.placements.get(&place).into_iter().flatten();
            let of_settings = self
                .settings
                .clusters
                .iter()
                .find(|one| *one.name == **cluster);
            objects.push(ObjectPlace {
                cluster: cluster.to_string(),
                runs_in: of_settings.and_then(|one| one.runs_in.clone()),
                boundaries: keys.map(|key| key.as_str().to_owned()).collect(),
            });
        }
        (None, objects, why)
    }
}
