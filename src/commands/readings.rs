//! How the words of carve-outs are understood in today's network, or in that of a plan.

use anyhow::{Result, bail};

use crate::cli::{CarveOutsArgs, InputArgs};
use crate::verdict::judge::Fate;
use crate::verdict::reading::{Reading, Readings};

use super::UnknownName;
use super::binding::{Binder, bind_settings, name_apart};
use super::inputs::{Environment, Span, described_inputs, read};

/// Read the guarantees, all or the one that is asked for.
///
/// # Errors
///
/// If an input cannot be read or makes no sense, or nothing is the site that is asked for.
pub fn run(args: &CarveOutsArgs, environment: Environment<'_>) -> Result<Readings> {
    let inputs = InputArgs {
        plans: args.plans.clone(),
        contexts: args.contexts.clone(),
        var_files: args.var_files.clone(),
        repositories: args.repositories.clone(),
        head: None,
        config: args.config.clone(),
        providers: args.providers.clone(),
        no_cache: args.no_cache,
    };
    let inputs = read(&inputs, Span::Today, &[], environment)?;
    if let Some(unread) = inputs.unread.first() {
        bail!("{}: {}", unread.name, unread.why);
    }
    let network = &inputs.network;
    let (before, after) = (&network.before.graph, &network.after.graph);
    let bound = bind_settings(&inputs.settings, before, after, true)?;
    let mut cases = Vec::new();
    for (index, survey) in inputs.surveys.iter().enumerate() {
        let binder = Binder {
            survey,
            index,
            network,
            roots: &inputs.roots,
            bound: &bound,
            at_base: None,
        };
        let all = survey.lineage.iter().map(|lineage| binder.case(lineage).0);
        cases.extend(all.filter(|case| !matches!(case.fate, Fate::Removed | Fate::MarkerDeleted)));
    }
    name_apart(cases.iter_mut().map(|case| &mut case.carve_out));
    cases.sort_by(|a, b| {
        let (a, b) = (&a.carve_out, &b.carve_out);
        (&a.repository, &a.location).cmp(&(&b.repository, &b.location))
    });
    let known: Vec<String> = cases
        .iter()
        .flat_map(|case| {
            [
                case.carve_out.id.clone(),
                case.carve_out.location.to_string(),
            ]
        })
        .collect();
    if let Some(site) = args.explain.as_deref().filter(|site| !site.is_empty()) {
        cases.retain(|case| {
            let (carve_out, at) = (&case.carve_out, &case.carve_out.location);
            let is_there = site.rsplit_once(':').is_some_and(|(path, line)| {
                let line = line.parse().unwrap_or(0);
                (path == at.path || path == format!("{}/{}", carve_out.repository, at.path))
                    && (at.line..=at.end_line).contains(&line)
            });
            carve_out.id == site || is_there
        });
        if cases.is_empty() {
            let known = known.iter().map(String::as_str);
            let otherwise = "`perimeter carve-outs --explain` shows all with their ids";
            return Err(UnknownName::among("carve-out", site, known, otherwise).into());
        }
    }
    let readings = cases
        .into_iter()
        .map(|case| Reading::of(case, &network.after, &bound.names));
    Ok(Readings {
        carve_outs: readings.collect(),
        has_several_repositories: inputs.surveys.len() > 1,
        inputs: described_inputs(network.inputs.clone(), &inputs.surveys),
    })
}
