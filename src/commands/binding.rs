//! What settings and carve-outs name, bound to the graph.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use globset::GlobSet;

use crate::carveout::footprint::{Ground, Surroundings, bind_with_ground};
use crate::carveout::guarantee::Guarantee;
use crate::carveout::lineage::{Lineage, fingerprint};
use crate::carveout::names::{NameIndex, Target};
use crate::carveout::site::{CarveOut, Footprint, LastJustified, Via};
use crate::graph::{BoundaryId, Graph, Key, NodeId};
use crate::location::Location;
use crate::settings::Settings;
use crate::sources::terraform::blocks::Block;
use crate::verdict::areas::Area;
use crate::verdict::judge::{Case, Fate};

use super::Problems;
use super::inputs::globs;
use super::network::Network;
use super::roots::Roots;
use super::survey::{Found, Side, Survey};

/// What the settings say of the graph.
pub(super) struct Bound {
    /// Every name of both snapshots, and those that the settings give.
    pub(super) names: NameIndex,
    /// The same of what is there after the change.
    pub(super) names_after: NameIndex,
    /// What carve-outs of certain paths rest on.
    pub(super) bindings: Vec<(GlobSet, Vec<Target>)>,
    /// Nodes that lie in a site.
    pub(super) in_sites: BTreeSet<BoundaryId>,
    /// The sites, in the order of the settings.
    pub(super) sites: Vec<Area>,
    /// The domains, in the order of the settings.
    pub(super) domains: Vec<Domain>,
    /// Paths where no carve-out is accepted, with what they are for.
    pub(super) high_trust: Vec<(String, GlobSet)>,
    /// What the settings file is called.
    pub(super) settings_file: String,
}

/// A group of services behind gateways.
pub(super) struct Domain {
    /// What it is made of.
    pub(super) area: Area,
    /// What a path to or from another domain must pass.
    pub(super) gateways: BTreeSet<BoundaryId>,
    /// Their names, by the settings.
    pub(super) gateway_names: Vec<String>,
}

/// Resolve all names of the settings.
///
/// # Errors
///
/// If one of them is borne by nothing, with suggestions; all such are told at once.
pub(super) fn bind_settings(
    settings: &Settings,
    before: &Graph,
    after: &Graph,
    is_anything_named: bool,
) -> Result<Bound> {
    // Names are looked up for carve-outs and settings only; a large network has many.
    let (names, names_after) = if is_anything_named {
        rayon::join(
            || NameIndex::new(&[before, after]),
            || NameIndex::new(&[after]),
        )
    } else {
        (NameIndex::default(), NameIndex::default())
    };
    let (bound, errors) = bind_names(settings, names, names_after, after)?;
    if !errors.is_empty() {
        bail!(Problems {
            summary: "the settings name what the network lacks".to_owned(),
            problems: errors,
        });
    }
    Ok(bound)
}

/// What names and settings meant before a change set. What nothing bears any more stands for nothing.
///
/// # Errors
///
/// If a pattern of paths is no glob.
pub(super) fn bind_settings_at_base(settings: &Settings, before: &Graph) -> Result<Bound> {
    let names = NameIndex::new(&[before]);
    Ok(bind_names(settings, names, NameIndex::default(), before)?.0)
}

/// The names of settings, resolved by those of a network, and what is wrong with them.
fn bind_names(
    settings: &Settings,
    mut names: NameIndex,
    mut names_after: NameIndex,
    after: &Graph,
) -> Result<(Bound, Vec<String>)> {
    let file = settings.file_or_default();
    let mut errors = Vec::new();
    let mut aliases = Vec::new();
    for (alias, references) in &settings.aliases {
        for reference in &references.0 {
            aliases.push((
                alias.clone(),
                resolve(
                    &names,
                    &format!("{file}: aliases: `{alias}`"),
                    reference,
                    &mut errors,
                ),
            ));
        }
    }
    let mut in_sites = BTreeSet::new();
    let mut sites = Vec::new();
    for site in &settings.sites {
        let setting = format!("{file}: sites: `{}`", site.name);
        let targets = resolve_all(&names, &setting, &site.networks, &mut errors);
        in_sites.extend(targets.iter().map(|target| target.boundary.clone()));
        sites.push(area(&site.name, &targets));
        aliases.push((site.name.clone(), targets));
    }
    let mut domains = Vec::new();
    for domain in &settings.domains {
        let setting = format!("{file}: domains: `{}`", domain.name);
        let targets = resolve_all(&names, &setting, &domain.networks, &mut errors);
        let setting = format!("{setting}: gateways");
        let gateways = resolve_all(&names, &setting, &domain.gateways, &mut errors);
        domains.push(Domain {
            area: area(&domain.name, &targets),
            gateways: gateways.into_iter().map(|target| target.boundary).collect(),
            gateway_names: domain.gateways.clone(),
        });
        // By its bare name it may be confused with a part of it.
        let alias = format!("domain {}", domain.name);
        aliases.push((format!("{} domain", domain.name), targets.clone()));
        aliases.push((alias, targets));
    }
    let mut high_trust = Vec::new();
    for one in &settings.high_trust {
        high_trust.push((one.name.clone(), globs(&one.paths)?));
    }
    for (alias, targets) in &aliases {
        names.add_alias(alias, targets);
        let lasting: Vec<Target> = targets
            .iter()
            .filter(|target| match &target.boundary {
                BoundaryId::Node(node) => after.node(node).is_some(),
                BoundaryId::Link(link) => after.link(link).is_some(),
            })
            .cloned()
            .collect();
        names_after.add_alias(alias, &lasting);
    }
    let mut bindings = Vec::new();
    for binding in &settings.bindings {
        let set = globs(&binding.paths)?;
        let targets = binding.rests_on.iter().flat_map(|reference| {
            let setting = format!("{file}: bindings");
            resolve(&names, &setting, reference, &mut errors)
        });
        bindings.push((set, targets.collect()));
    }
    let bound = Bound {
        names,
        names_after,
        bindings,
        in_sites,
        sites,
        domains,
        high_trust,
        settings_file: settings.file.clone(),
    };
    Ok((bound, errors))
}

fn resolve_all(
    names: &NameIndex,
    setting: &str,
    references: &[String],
    errors: &mut Vec<String>,
) -> Vec<Target> {
    let found = references
        .iter()
        .map(|reference| resolve(names, setting, reference, errors));
    found.collect::<Vec<_>>().concat()
}

fn area(name: &str, targets: &[Target]) -> Area {
    let members = targets.iter().filter_map(|target| match &target.boundary {
        BoundaryId::Node(id) => Some(id.clone()),
        BoundaryId::Link(_) => None,
    });
    Area {
        name: name.to_owned(),
        members: members.collect::<BTreeSet<NodeId>>(),
    }
}

/// The names of a setting, resolved; errors are gathered so that all of them are shown at once.
fn resolve(
    names: &NameIndex,
    setting: &str,
    reference: &str,
    errors: &mut Vec<String>,
) -> Vec<Target> {
    let found = names.resolve(reference);
    if found.is_empty() {
        let near = names.suggestions(reference);
        let hint = if near.is_empty() {
            ", nor anything like it: if another stack holds it, pass the state of that stack with --context".to_owned()
        } else {
            format!(": did you mean {}?", near.join(" or "))
        };
        errors.push(format!(
            "{setting}: nothing in the network is called `{reference}`{hint}"
        ));
    }
    found
}

/// Binds the carve-outs of one repository.
pub(super) struct Binder<'b> {
    pub(super) survey: &'b Survey,
    pub(super) index: usize,
    pub(super) network: &'b Network,
    pub(super) roots: &'b Roots,
    pub(super) bound: &'b Bound,
    /// What names and settings meant before the change set, where that may matter, and whether the settings were others.
    pub(super) at_base: Option<(&'b Bound, bool)>,
}

impl<'b> Binder<'b> {
    /// A carve-out with what became of it; the second value is its marker as it stands, the third its marker at base.
    pub(super) fn case(&self, lineage: &Lineage) -> (Case, &'b Found, Option<&'b Found>) {
        let survey = self.survey;
        let at_base = |index: usize| &survey.at_base.found[index];
        let at_head = |index: usize| &survey.at_head.found[index];
        let (side, found, base, fate) = match *lineage {
            Lineage::Same { base, head } => (
                &survey.at_head,
                at_head(head),
                Some(at_base(base)),
                Fate::Same,
            ),
            Lineage::Reworded { base, head } => (
                &survey.at_head,
                at_head(head),
                Some(at_base(base)),
                Fate::Reworded,
            ),
            Lineage::Added { head } => (&survey.at_head, at_head(head), None, Fate::Added),
            Lineage::Removed { base } => (
                &survey.at_base,
                at_base(base),
                Some(at_base(base)),
                Fate::Removed,
            ),
            Lineage::MarkerDeleted { base } => (
                &survey.at_base,
                at_base(base),
                Some(at_base(base)),
                Fate::MarkerDeleted,
            ),
        };
        let (guarantee, footprint, ground) = self.bind(side, found, self.bound);
        let text = found.text_digest();
        let mut case = Case {
            carve_out: self.carve_out(found, footprint),
            guarantee,
            ground,
            footprint_at_base: None,
            fate,
            receipts: survey.ledger.of(&text).cloned().collect(),
        };
        let before = &self.network.before.graph;
        let at_base = self.at_base.filter(|(_, has_other_settings)| {
            *has_other_settings || names_something_new(&case.guarantee, before)
        });
        let earlier = base.filter(|_| at_base.is_some() || fate == Fate::Reworded);
        if let Some(base) = earlier {
            let bound = at_base.map_or(self.bound, |(bound, _)| bound);
            case.hold_to(self.bind(&survey.at_base, base, bound).1);
        }
        (case, found, base)
    }

    /// Every carve-out that is there at head, bound.
    pub(super) fn all(&self) -> impl Iterator<Item = CarveOut> {
        let side = &self.survey.at_head;
        side.found.iter().map(|found| {
            let (_, footprint, _) = self.bind(side, found, self.bound);
            self.carve_out(found, footprint)
        })
    }

    fn carve_out(&self, found: &Found, footprint: Footprint) -> CarveOut {
        let marker = &found.marker;
        CarveOut {
            id: fingerprint(&marker.guarantee, &marker.justification),
            repository: self.survey.name.clone(),
            location: Location {
                path: found.path.clone(),
                line: marker.line,
                end_line: marker.end_line,
            },
            guarantee: marker.guarantee.clone(),
            justification: marker.justification.clone(),
            footprint,
            owners: self.survey.owners.of(&found.path),
            last_justified: None,
            excerpt: found.excerpt.clone(),
            permalink: None,
        }
    }

    /// A page that shows a carve-out as it was read, of a repository that whoever reads the report may not have at hand.
    pub(super) fn permalink(&self, carve_out: &CarveOut) -> Option<String> {
        let survey = self.survey;
        let remote = survey.remote.as_ref().filter(|_| self.index > 0)?;
        let commit = survey.repository.commit_of(survey.head)?;
        let Location {
            path,
            line,
            end_line,
        } = &carve_out.location;
        let is_there = survey.repository.is_committed(survey.head, path);
        remote
            .permalink(&commit, path, (*line, *end_line))
            .filter(|_| is_there)
    }

    /// What is known of a place besides the words that stand there.
    pub(super) fn surroundings(&self, side: &Side, found: &Found) -> Surroundings {
        self.surroundings_by(side, found, self.bound)
    }

    fn surroundings_by(&self, side: &Side, found: &Found, bound: &Bound) -> Surroundings {
        let bound = bound
            .bindings
            .iter()
            .filter(|(paths, _)| paths.is_match(&found.path));
        Surroundings {
            block: side
                .blocks
                .block_at(&found.path, found.marker.line)
                .map_or_else(
                    || self.object_targets(side, found),
                    |block| self.block_targets(side, block),
                ),
            bound: bound
                .flat_map(|(_, targets)| targets.iter().cloned())
                .collect(),
        }
    }

    /// A carve-out bound by what names and settings mean.
    fn bind(&self, side: &Side, found: &Found, bound: &Bound) -> (Guarantee, Footprint, Ground) {
        let guarantee = Guarantee::read(&found.marker.guarantee, &bound.names);
        let surroundings = self.surroundings_by(side, found, bound);
        let graphs = [&self.network.before.graph, &self.network.after.graph];
        let (mut footprint, ground) = bind_with_ground(&guarantee, &surroundings, &graphs);
        for part in &mut footprint.parts {
            part.location = location_of(self.network, &part.boundary);
        }
        (guarantee, footprint, ground)
    }

    /// The workloads that the object around a comment makes or selects, else what the object lies in.
    fn object_targets(&self, side: &Side, found: &Found) -> Vec<Target> {
        let marker = &found.marker;
        let line = marker
            .anchor
            .as_ref()
            .map_or(marker.line, |anchor| anchor.line);
        let manifests = &self.network.manifests;
        let graphs = [&self.network.before.graph, &self.network.after.graph];
        let placements = if std::ptr::eq(side, &self.survey.at_base) {
            &manifests.placements_before
        } else {
            &manifests.placements_after
        };
        let mut targets = BTreeSet::new();
        for object in side.manifests.at(&found.path, line) {
            let place = (object.source.clone(), object.root.line);
            let keys = placements.get(&place).into_iter().flatten();
            let nodes =
                keys.flat_map(|key| graphs.iter().filter_map(|graph| graph.node_by_key(key)));
            targets.extend(nodes.map(|node| Target::node(node, Via::Block)));
        }
        targets.into_iter().collect()
    }

    /// The parts of the graph that a block's resources are, or lie in.
    fn block_targets(&self, side: &Side, block: &Block) -> Vec<Target> {
        let mut targets = BTreeSet::new();
        for (plan, root) in self.roots.iter().enumerate() {
            let Some((_, directory)) = root.as_ref().filter(|(survey, _)| *survey == self.index)
            else {
                continue;
            };
            for address in self.network.plan_addresses[plan]
                .iter()
                .filter(|address| side.blocks.address_matches(directory, block, address))
            {
                targets.extend(targets_of(self.network, plan, address));
            }
        }
        targets.into_iter().collect()
    }

    pub(super) fn last_justified(&self, carve_out: &CarveOut, fate: Fate) -> Option<LastJustified> {
        if matches!(fate, Fate::Added | Fate::MarkerDeleted) {
            return None;
        }
        let lines = carve_out.location.line..=carve_out.location.end_line;
        let change = self
            .survey
            .repository
            .last_change(&carve_out.location.path, lines)?;
        Some(LastJustified {
            commit: change.commit,
            date: change.date,
            author: change.author,
        })
    }
}

/// Whether words stand for a part that was not there before: what they meant then is to be asked.
pub(super) fn names_something_new(guarantee: &Guarantee, before: &Graph) -> bool {
    let targets = guarantee.mentions.iter().flat_map(|one| &one.targets);
    let mut boundaries = targets.map(|target| &target.boundary);
    boundaries.any(|boundary| match boundary {
        BoundaryId::Node(node) => before.node(node).is_none(),
        BoundaryId::Link(link) => before.link(link).is_none(),
    })
}

/// Where a part of the graph is written: as it is after the change, else as it was before.
pub(super) fn location_of(network: &Network, boundary: &BoundaryId) -> Option<Location> {
    let graphs = [&network.after.graph, &network.before.graph];
    let origins = graphs.into_iter().flat_map(|graph| match boundary {
        BoundaryId::Node(id) => graph
            .node(id)
            .map(|node| node.origins.iter().copied().collect()),
        BoundaryId::Link(id) => graph
            .link(id)
            .map(|link| link.origins.iter().copied().collect()),
    });
    origins
        .flat_map(|origins: Vec<_>| origins)
        .find_map(|origin| network.origins.get(origin).location.clone())
}

/// The parts of the graph that a resource of a plan is, or lies in.
pub(super) fn targets_of(network: &Network, plan: usize, address: &str) -> BTreeSet<Target> {
    let mut targets = BTreeSet::new();
    let placed = network.placements[plan].get(address);
    let own = Key::Address(format!("{}{address}", network.scopes[plan]));
    let keys = placed.map_or_else(|| BTreeSet::from([own.clone()]), Clone::clone);
    for graph in [&network.before.graph, &network.after.graph] {
        let nodes = keys.iter().filter_map(|key| graph.node_by_key(key));
        targets.extend(nodes.map(|node| Target::node(node, Via::Block)));
        let link = graph.link_by_key(&own);
        targets.extend(link.map(|link| Target::link(link, Via::Block)));
    }
    targets
}

/// Tell carve-outs with equal texts apart, in the order of their places.
pub(super) fn name_apart<'c>(carve_outs: impl Iterator<Item = &'c mut CarveOut>) {
    let mut carve_outs: Vec<&mut CarveOut> = carve_outs.collect();
    carve_outs.sort_by(|a, b| (&a.repository, &a.location).cmp(&(&b.repository, &b.location)));
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for carve_out in carve_outs {
        let count = seen.entry(carve_out.id.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            carve_out.id.push_str(&format!("-{count}"));
        }
    }
}
