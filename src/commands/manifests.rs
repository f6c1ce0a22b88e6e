//! Kubernetes and mesh objects of all repositories, joined with the network that clusters run in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;

use crate::carveout::marker::Marker;
use crate::graph::fragment::{Fragment, Notice};
use crate::graph::identity::Key;
use crate::graph::origin::Origins;
use crate::location::Location;
use crate::settings::Settings;
use crate::sources::manifests::object::Source;
use crate::sources::manifests::{self, Fault, FaultKind, Manifests, Reading, Site};
use crate::sources::terraform::carried::Carried;
use crate::sources::terraform::clusters::ClusterResource;
use crate::verdict::outside::KnownHosts;
use crate::verdict::{Finding, Rule, Severity};

use super::clusters::KnownClusters;
use super::deployed;
use super::findings::{Written, in_the_clear};
use super::network::Network;
use super::roots::Roots;
use super::survey::{Side, Survey};

/// What to read.
pub struct ManifestInput<'i> {
    /// The settings.
    pub settings: &'i Settings,
    /// The clusters that they know, and those that other settings do.
    pub clusters: &'i KnownClusters,
    /// The repositories.
    pub surveys: &'i [Survey],
    /// Whether reports name repositories beside paths.
    pub several_repositories: bool,
    /// Whether what both snapshots are assembled from is kept beside them.
    pub keeps_declarations: bool,
}

/// What other sources told before manifests are read.
pub struct Told<'t> {
    /// What they declare of the network, before and after.
    pub fragments: [&'t Fragment; 2],
    /// What the resources asked for lie in.
    pub placements: Vec<&'t BTreeMap<String, BTreeSet<Key>>>,
    /// Objects that resources carry.
    pub carried: &'t [Carried],
    /// The resources that are clusters.
    pub clusters: &'t [ClusterResource],
}

impl ManifestInput<'_> {
    /// Whether there are any objects at all.
    #[must_use]
    pub fn has_objects(&self) -> bool {
        let sides = self
            .surveys
            .iter()
            .flat_map(|one| [&one.at_base, &one.at_head]);
        sides
            .into_iter()
            .any(|side| !side.manifests.objects.is_empty())
    }

    /// State what the objects of repositories and plans mean.
    ///
    /// # Errors
    ///
    /// If the settings place a cluster in something that the network lacks.
    pub fn read(&self, told: &Told<'_>, origins: &mut Origins) -> Result<Reading> {
        let file = &self.settings.file;
        let (clusters, notices) = self.clusters.placed(told, file, origins)?;
        let carried = self.carried(told.carried);
        let side = |pick: fn(&Survey) -> &Side, carried| -> Vec<&Manifests> {
            let of_files = self.surveys.iter().map(|survey| &pick(survey).manifests);
            of_files.chain([carried]).collect()
        };
        let is_several = self.several_repositories;
        let label = |source: &Source| {
            let survey = self.surveys.get(source.repository)?;
            Some(if is_several {
                format!("{}/{}", survey.name, source.path)
            } else {
                source.path.to_string()
            })
        };
        let mut reading = manifests::read(
            &side(|survey| &survey.at_base, &carried[0]),
            &side(|survey| &survey.at_head, &carried[1]),
            &clusters,
            &self.versions(),
            &self.files_with_markers(),
            &label,
            origins,
        );
        reading.notices.extend(notices);
        reading.notices.extend(deployed::notices(self.surveys));
        self.clusters.place_others(&mut reading, told);
        Ok(reading)
    }

    /// The objects in the arguments of resources, before and after. They belong to the only cluster there is, if so.
    fn carried(&self, carried: &[Carried]) -> [Manifests; 2] {
        let mut sides = [Manifests::default(), Manifests::default()];
        let no_repository = self.surveys.len();
        for one in carried {
            for only in self.clusters.only() {
                sides[0].add(no_repository, &one.address, &one.before, only);
                sides[1].add(no_repository, &one.address, &one.after, only);
            }
        }
        sides
    }

    fn versions(&self) -> BTreeMap<&'static str, u64> {
        let kuma = self.settings.versions.kuma;
        kuma.map(|version| ("Kuma", version)).into_iter().collect()
    }

    fn files_with_markers(&self) -> BTreeSet<Source> {
        let mut files = BTreeSet::new();
        for (repository, survey) in self.surveys.iter().enumerate() {
            let found = survey.at_base.found.iter().chain(&survey.at_head.found);
            files.extend(found.map(|one| Source {
                repository,
                path: Arc::from(one.path.as_str()),
            }));
        }
        files
    }
}

/// Whether a marker is about a setting: it stands at the setting, inside it, or at something that holds it.
fn is_about(marker: &Marker, site: &Site, side: &Side) -> bool {
    let [first, last] = site.lines;
    let anchor = marker
        .anchor
        .as_ref()
        .map_or(marker.line, |anchor| anchor.line);
    if (first..=last).contains(&marker.line) || (first..=last).contains(&anchor) {
        return true;
    }
    let objects = &side.manifests.objects;
    let mut of_file = objects
        .iter()
        .filter(|object| object.source.path == site.source.path);
    of_file.any(|object| object.root.holds_from(anchor, first))
}

/// Settings that the change set made let traffic go in the clear, as far as no carve-out says why; and those where nothing shows
/// that callers prove who they are.
pub(super) fn site_findings(
    network: &Network,
    surveys: &[Survey],
    roots: &Roots,
    hosts: &KnownHosts,
) -> (Vec<Finding>, Vec<Notice>) {
    let manifests = &network.manifests;
    let (mut findings, mut notices) = (Vec::new(), Vec::new());
    let sites = manifests.sites_after.iter().map(|site| (site, true));
    let doors = manifests.open_doors_after.iter().map(|site| (site, false));
    for (site, is_plaintext) in sites.chain(doors) {
        let before = if is_plaintext {
            &manifests.sites_before
        } else {
            &manifests.open_doors_before
        };
        let was = |site: &Site| before.iter().find(|one| one.subject == site.subject);
        let in_block = surveys.get(site.source.repository).is_none();
        let written = if in_block {
            Written::InBlock
        } else {
            Written::InFile
        };
        let Some((survey, location)) = written_at(&site.source, site.lines, surveys, roots) else {
            if was(site).is_none() {
                notices.push(Notice {
                    kind: "plaintext-without-source",
                    subject: site.source.path.to_string(),
                    message: format!(
                        "it carries {}, which {}, and its block is in none of the repositories given: nobody looked for a marker \
                         there",
                        site.subject, site.words
                    ),
                });
            }
            continue;
        };
        let path = location.path.clone();
        let finding = |rule: Rule, message: String, help: &str| Finding {
            repository: survey.name.clone(),
            location: location.clone(),
            rule,
            severity: Severity::Error,
            message,
            help: help.to_owned(),
            related: Vec::new(),
        };
        let object = site.subject.split(' ').next().unwrap_or_default();
        let words = format!("{object} {}", site.words);
        let whereabouts = hosts.whereabouts(&site.far_side);
        let differs = |earlier: &Site| {
            let distance = hosts.whereabouts(&earlier.far_side).distance();
            earlier.words != site.words || distance < whereabouts.distance()
        };
        let is_new = is_plaintext
            && was(site).is_none_or(differs)
            && !went_there(manifests, site, |earlier| {
                hosts.whereabouts(&earlier.far_side).distance() >= whereabouts.distance()
            });
        let is_marked = || {
            let mut found = survey.at_head.found.iter().filter(|one| one.path == path);
            found.any(|one| {
                if in_block {
                    let block = survey.at_head.blocks.block_at(&path, one.marker.line);
                    block.is_some_and(|block| {
                        let blocks = &survey.at_head.blocks;
                        roots.iter().flatten().any(|(_, directory)| {
                            blocks.address_matches(directory, block, &site.source.path)
                        })
                    })
                } else {
                    is_about(&one.marker, site, &survey.at_head)
                }
            })
        };
        if is_new && let Some(told) = in_the_clear(&words, &whereabouts, is_marked(), written) {
            let finding = finding(told.rule, told.message, &told.help);
            findings.push(Finding {
                severity: told.severity,
                ..finding
            });
        }
        if let Some(unproven) = &site.unproven {
            let was_unproven = was(site)
                .is_some_and(|earlier| earlier.unproven.is_some() && earlier.words == site.words);
            if !was_unproven {
                findings.push(finding(
                    Rule::AuthenticationCarveOut,
                    format!("{words}, {}", unproven.why),
                    unproven.remedy.words(),
                ));
            }
        }
    }
    (findings, notices)
}

/// Whether all that goes in the clear by a setting did so before by other settings, of those that are `like` it.
fn went_there(manifests: &Reading, site: &Site, like: impl Fn(&Site) -> bool) -> bool {
    let Some(hop) = manifests.hops_after.get(&site.subject) else {
        return false;
    };
    let before = manifests.sites_before.iter().filter(|one| like(one));
    let before = before.filter_map(|one| manifests.hops_before.get(&one.subject));
    let known: BTreeSet<&String> = before
        .filter(|one| one.of == hop.of)
        .flat_map(|one| &one.ends)
        .collect();
    hop.ends.iter().all(|end| known.contains(end))
}

/// Settings that the change set made break a rule whatever network they are in, with how many such errors were there before.
/// `most` is how many seconds a certificate may live.
pub(super) fn fault_findings(
    network: &Network,
    surveys: &[Survey],
    roots: &Roots,
    most: u64,
) -> (Vec<Finding>, usize) {
    let holds = |fault: &&Fault| !matches!(fault.kind, FaultKind::CertificateLifetime(seconds) if seconds <= most);
    let before = &network.manifests.faults_before;
    let was = |fault: &Fault| {
        let mut earlier = before.iter().filter(holds);
        earlier.any(|one| {
            one.subject == fault.subject && (one.words == fault.words || is_shorter(one, fault))
        })
    };
    let (mut findings, mut from_before) = (Vec::new(), 0);
    for fault in network.manifests.faults_after.iter().filter(holds) {
        let severity = match fault.kind {
            FaultKind::AddressListed => Severity::Warning,
            _ => Severity::Error,
        };
        if was(fault) {
            from_before += usize::from(severity == Severity::Error);
            continue;
        }
        let (rule, help) = match fault.kind {
            FaultKind::UnverifiedToken => (
                Rule::GatewayUnverifiedToken,
                "name the algorithm, ask for a token, and fetch keys over verified TLS",
            ),
            FaultKind::CertificateLifetime(_) => (
                Rule::LongLivedCertificate,
                "shorten the lifetime and let the certificate be renewed, or raise `policy.max_certificate_lifetime`",
            ),
            FaultKind::AddressAlone => (
                Rule::IpBasedAuthorization,
                "ask for an identity or a token too; the addresses may stay beside it",
            ),
            FaultKind::AddressListed => (
                Rule::IpBasedAuthorization,
                "let what is behind it ask for a token or a certificate; the list may stay beside that",
            ),
        };
        let written = written_at(&fault.source, fault.lines, surveys, roots);
        // A fault is no less one because nobody has its source.
        let unlocated = || Some((surveys.first()?, Location::line(&*fault.source.path, 1)));
        let Some((survey, location)) = written.or_else(unlocated) else {
            continue;
        };
        let object = fault.subject.split(' ').next().unwrap_or_default();
        findings.push(Finding {
            repository: survey.name.clone(),
            location,
            rule,
            severity,
            message: format!("{object} {}", fault.words),
            help: help.to_owned(),
            related: Vec::new(),
        });
    }
    (findings, from_before)
}

/// Whether a certificate that lived too long before lives no longer now.
fn is_shorter(before: &Fault, after: &Fault) -> bool {
    match (before.kind, after.kind) {
        (FaultKind::CertificateLifetime(was), FaultKind::CertificateLifetime(is)) => is <= was,
        _ => false,
    }
}

/// Where a setting stands: in a file, or in the block of the resource that carries its object. `None`: its block is in none of the
/// repositories.
pub(super) fn written_at<'s>(
    source: &Source,
    lines: [usize; 2],
    surveys: &'s [Survey],
    roots: &Roots,
) -> Option<(&'s Survey, Location)> {
    if let Some(survey) = surveys.get(source.repository) {
        let location = Location {
            path: source.path.to_string(),
            line: lines[0],
            end_line: lines[1].max(lines[0]),
        };
        return Some((survey, location));
    }
    roots.iter().flatten().find_map(|(index, directory)| {
        let survey = &surveys[*index];
        let location = survey.at_head.blocks.locate(directory, &source.path)?;
        Some((survey, location))
    })
}
