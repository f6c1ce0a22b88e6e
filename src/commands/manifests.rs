//! Kubernetes and mesh objects of all repositories, joined with the network that clusters run in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Result, bail};
use globset::GlobSet;

use crate::carveout::marker::Marker;
use crate::carveout::names::name_of_place;
use crate::graph::fragment::{ContainmentDeclaration, Fragment, NodeDeclaration, Notice};
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::graph::origin::Origins;
use crate::location::Location;
use crate::settings::Settings;
use crate::sources::manifests::object::Source;
use crate::sources::manifests::{self, ClusterName, Fault, FaultKind, Manifests, Reading, Site};
use crate::sources::terraform::carried::Carried;
use crate::verdict::outside::KnownHosts;
use crate::verdict::{Finding, Rule, Severity};

use super::Problems;
use super::deployed;
use super::findings::{Written, in_the_clear};
use super::network::Network;
use super::roots::Roots;
use super::survey::{Side, Survey};

/// Which files belong to which cluster, by the settings.
#[derive(Debug)]
pub struct Scope {
    clusters: Vec<(ClusterName, GlobSet)>,
    others: GlobSet,
    /// Files count by their content alone.
    is_open: bool,
}

impl Scope {
    /// What the settings say. `globs` makes one set of several patterns.
    ///
    /// # Errors
    ///
    /// If a pattern is no glob.
    pub fn of(settings: &Settings, globs: impl Fn(&[String]) -> Result<GlobSet>) -> Result<Self> {
        let mut clusters = Vec::new();
        for cluster in &settings.clusters {
            let name = Some(Arc::from(cluster.name.as_str()));
            // The only cluster there is has all manifests, unless it says which.
            let is_only = settings.clusters.len() == 1 && settings.sources.mesh.is_empty();
            let patterns = match (cluster.manifests.is_empty(), is_only) {
                (true, true) => vec!["**".to_owned()],
                (true, false) if settings.clusters.len() == 1 => settings.sources.mesh.clone(),
                _ => cluster.manifests.clone(),
            };
            clusters.push((name, globs(&patterns)?));
        }
        let has_manifests = settings
            .clusters
            .iter()
            .any(|one| !one.manifests.is_empty());
        Ok(Self {
            is_open: settings.sources.mesh.is_empty() && !has_manifests,
            others: globs(&settings.sources.mesh)?,
            clusters,
        })
    }

    /// The clusters that the objects of a file belong to.
    #[must_use]
    pub fn clusters_of(&self, path: &str) -> Vec<ClusterName> {
        let matching = self.clusters.iter().filter(|(_, set)| set.is_match(path));
        let named: Vec<ClusterName> = matching.map(|(name, _)| name.clone()).collect();
        if named.is_empty() && (self.is_open || self.others.is_match(path)) {
            return vec![None];
        }
        named
    }
}

/// What to read.
pub struct ManifestInput<'i> {
    /// The settings, for the clusters.
    pub settings: &'i Settings,
    /// Those that a change set starts from, where it differs from them: what they place lies there, too.
    pub at_base: Option<&'i Settings>,
    /// The repositories.
    pub surveys: &'i [Survey],
    /// Whether reports name repositories beside paths.
    pub several_repositories: bool,
    /// Whether what both snapshots are assembled from is kept beside them.
    pub keeps_declarations: bool,
}

/// The clusters of the settings, each with what it runs in.
type Clusters = BTreeMap<ClusterName, Vec<Reference>>;

/// What other sources told before manifests are read.
pub struct Told<'t> {
    /// What they declare of the network, before and after.
    pub fragments: [&'t Fragment; 2],
    /// What the resources asked for lie in.
    pub placements: Vec<&'t BTreeMap<String, BTreeSet<Key>>>,
    /// Objects that resources carry.
    pub carried: &'t [Carried],
    /// What resources that are clusters are called, by address.
    pub cluster_names: &'t BTreeMap<String, String>,
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
        let (clusters, notices) = self.clusters(told)?;
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
        let mut all = std::iter::once(self.settings).chain(self.at_base);
        let is_told = all.all(|settings| !settings.clusters.is_empty());
        place_by_name(&mut reading, &clusters, is_told, told);
        Ok(reading)
    }

    /// The objects in the arguments of resources, before and after. They belong to the only cluster there is, if so.
    fn carried(&self, carried: &[Carried]) -> [Manifests; 2] {
        let all = std::iter::once(self.settings).chain(self.at_base);
        let only: BTreeSet<ClusterName> = all
            .map(|settings| match settings.clusters.as_slice() {
                [only] => Some(Arc::from(only.name.as_str())),
                _ => None,
            })
            .collect();
        let mut sides = [Manifests::default(), Manifests::default()];
        let no_repository = self.surveys.len();
        for one in carried {
            for only in &only {
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

    /// The clusters of the settings, each with what it runs in.
    fn clusters(&self, told: &Told<'_>) -> Result<(Clusters, Vec<Notice>)> {
        let nodes: Vec<&NodeDeclaration> =
            told.fragments.iter().flat_map(|side| &side.nodes).collect();
        let mut clusters = BTreeMap::new();
        let (mut problems, mut notices) = (Vec::new(), Vec::new());
        for cluster in &self.settings.clusters {
            let name: ClusterName = Some(Arc::from(cluster.name.as_str()));
            let Some(place) = &cluster.runs_in else {
                clusters.insert(name, by_name(&cluster.name, told, &nodes));
                continue;
            };
            let mut within = references(place, &nodes, &told.placements);
            let is_known = || {
                let mut addresses = told.placements.iter().flat_map(|one| one.keys());
                addresses.any(|address| is_address(address, place))
            };
            if within.is_empty() && is_known() {
                notices.push(Notice {
                        kind: "cluster-network-not-seen",
                        subject: cluster.name.clone(),
                        message: format!(
                            "it is {place}, and no network that this lies in was read: changes of that are not seen; pass the state \
                             that describes it with --context"
                        ),
                    });
            } else if within.is_empty() && !nodes.is_empty() {
                let file = &self.settings.file;
                problems.push(format!(
                    "{file}: clusters: `{}`: nothing in the network is called `{place}`{}",
                    cluster.name,
                    hint(place, &nodes)
                ));
            } else if within.is_empty() {
                within.push(Reference::To(Key::Address(place.clone())));
                notices.push(Notice {
                        kind: "cluster-network-not-seen",
                        subject: cluster.name.clone(),
                        message: format!(
                            "it runs in {place}, and nothing that was read describes that: changes of that network are not seen"
                        ),
                    });
            }
            clusters.insert(name, within);
        }
        if !problems.is_empty() {
            bail!(Problems {
                summary: "the settings name what the network lacks".to_owned(),
                problems,
            });
        }
        // Where base places a cluster, it lies whatever head says.
        for cluster in self.at_base.iter().flat_map(|settings| &settings.clusters) {
            let within = match &cluster.runs_in {
                None => by_name(&cluster.name, told, &nodes),
                Some(place) => references(place, &nodes, &told.placements),
            };
            let own: &mut Vec<Reference> = clusters
                .entry(Some(Arc::from(cluster.name.as_str())))
                .or_default();
            let more: Vec<Reference> = within
                .into_iter()
                .filter(|one| !own.contains(one))
                .collect();
            own.extend(more);
        }
        Ok((clusters, notices))
    }
}

/// Place clusters that the settings do not know where the resource of their name lies. One without a name is taken for the only
/// resource there is, unless the settings tell which clusters there are (`is_told`).
fn place_by_name(reading: &mut Reading, clusters: &Clusters, is_told: bool, told: &Told<'_>) {
    let nodes: Vec<&NodeDeclaration> = told.fragments.iter().flat_map(|side| &side.nodes).collect();
    let known: BTreeSet<Key> = clusters.keys().map(manifests::cluster_key).collect();
    let mut names: BTreeMap<Key, &str> = BTreeMap::new();
    for name in told.cluster_names.values() {
        let key = manifests::cluster_key(&Some(Arc::from(name.as_str())));
        names.insert(key, name);
    }
    let mut resources = told.cluster_names.iter();
    if let (Some((address, name)), None) = (resources.next(), resources.next()) {
        let unnamed = manifests::cluster_key(&None);
        let is_there = reading
            .after
            .nodes
            .iter()
            .any(|node| node.keys.contains(&unnamed));
        if is_there && !is_told {
            names.insert(unnamed, name);
            reading.notices.push(Notice {
                kind: "assumed-cluster",
                subject: address.clone(),
                message: "manifests that name no cluster count as of this one, because it is the only one; `clusters` in the settings \
                          tells otherwise"
                    .to_owned(),
            });
        }
    }
    for (key, name) in names {
        if known.contains(&key) {
            continue;
        }
        for fragment in [&mut reading.before, &mut reading.after] {
            if fragment.nodes.iter().any(|node| node.keys.contains(&key)) {
                let within = by_name(name, told, &nodes).into_iter();
                let placed = within.map(|within| ContainmentDeclaration {
                    of: Reference::To(key.clone()),
                    kind: NodeKind::Cluster,
                    within,
                    within_kind: NodeKind::Network,
                });
                fragment.containments.extend(placed);
            }
        }
    }
}

/// What the resource of a cluster lies in that bears its name: where two do, either.
fn by_name(name: &str, told: &Told<'_>, nodes: &[&NodeDeclaration]) -> Vec<Reference> {
    let resources = told.cluster_names.iter().filter(|(_, one)| *one == name);
    let mut within: Vec<Reference> = resources
        .flat_map(|(address, _)| references(address, nodes, &told.placements))
        .collect();
    within.sort();
    within.dedup();
    within
}

/// What a setting means by the place of a cluster: networks and subnets, or a resource that lies in some.
fn references(
    place: &str,
    nodes: &[&NodeDeclaration],
    placements: &[&BTreeMap<String, BTreeSet<Key>>],
) -> Vec<Reference> {
    let is_place =
        |node: &&&NodeDeclaration| matches!(node.kind, NodeKind::Network | NodeKind::Subnet);
    let names = [Some(place), name_of_place(place)];
    let is_meant = |node: &&&NodeDeclaration| {
        let by_key = node.keys.iter().any(|key| match key {
            Key::Provider(text) => {
                text == place || text.split_once(':').is_some_and(|(_, id)| id == place)
            }
            Key::Address(text) => is_address(text, place),
        });
        by_key || node.name.is_some() && names.contains(&node.name.as_deref())
    };
    let named = nodes.iter().filter(is_place).filter(is_meant);
    let mut keys: BTreeSet<&Key> = named.filter_map(|node| node.keys.first()).collect();
    if keys.is_empty() {
        // The resource of the cluster itself: it lies where what it refers to does.
        let around = placements
            .iter()
            .flat_map(|one| one.iter())
            .filter(|(address, _)| is_address(address, place));
        let around: BTreeSet<&Key> = around.flat_map(|(_, keys)| keys).collect();
        let lies_in = nodes
            .iter()
            .filter(is_place)
            .filter(|node| node.keys.iter().any(|key| around.contains(key)));
        keys = lies_in.filter_map(|node| node.keys.first()).collect();
    }
    keys.into_iter().cloned().map(Reference::To).collect()
}

/// Whether an address is the one meant, whichever plan it is of and whichever instance.
fn is_address(address: &str, wanted: &str) -> bool {
    let address = address.rsplit("//").next().unwrap_or(address);
    address == wanted || address.split('[').next() == Some(wanted)
}

fn hint(place: &str, nodes: &[&NodeDeclaration]) -> String {
    let names: BTreeSet<String> = nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Network)
        .flat_map(|node| {
            let addresses = node.keys.iter().filter_map(|key| match key {
                Key::Address(text) => Some(text.clone()),
                Key::Provider(_) => None,
            });
            node.name.clone().into_iter().chain(addresses)
        })
        .collect();
    let mut near: Vec<(i64, &String)> = names
        .iter()
        .map(|name| {
            (
                (strsim::jaro_winkler(place, name) * 1000.0).round() as i64,
                name,
            )
        })
        .filter(|(score, _)| *score >= 780)
        .collect();
    near.sort_by(|a, b| b.cmp(a));
    let near: Vec<&str> = near.iter().take(3).map(|(_, name)| name.as_str()).collect();
    if near.is_empty() {
        ": if another stack holds it, pass the state of that stack with --context".to_owned()
    } else {
        format!(": did you mean {}?", near.join(" or "))
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
