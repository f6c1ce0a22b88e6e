//! What the settings say of the network: every name in them resolved, once, to parts of the graph.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use globset::GlobSet;

use crate::carveout::names::{NameIndex, Target};
use crate::graph::{BoundaryId, Graph, NodeId};
use crate::settings::Settings;
use crate::verdict::areas::Area;

use super::Problems;
use super::check::globs;

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
    let file = &settings.file;
    // Names are looked up for carve-outs and settings only; a large network has many.
    let (mut names, mut names_after) = if is_anything_named {
        rayon::join(
            || NameIndex::new(&[before, after]),
            || NameIndex::new(&[after]),
        )
    } else {
        (NameIndex::default(), NameIndex::default())
    };
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
    if !errors.is_empty() {
        bail!(Problems {
            summary: "the settings name what the network lacks".to_owned(),
            problems: errors,
        });
    }
    Ok(Bound {
        names,
        names_after,
        bindings,
        in_sites,
        sites,
        domains,
        high_trust,
        settings_file: file.clone(),
    })
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
