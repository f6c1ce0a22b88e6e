//! Before, after and repositories to a verdict: what CI runs, and what a pull-request comment shows.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::carveout::footprint::{Surroundings, bind};
use crate::carveout::guarantee::Guarantee;
use crate::carveout::lineage::{Lineage, fingerprint};
use crate::carveout::names::Target;
use crate::carveout::near_miss::MarkerPattern;
use crate::carveout::site::{CarveOut, Footprint, LastJustified, Via};
use crate::change::diff::Difference;
use crate::change::{Change, changes, compare};
use crate::cli::CheckArgs;
use crate::graph::fragment::Notice;
use crate::graph::origin::Origins;
use crate::graph::{BoundaryId, Key};
use crate::location::Location;
use crate::repos::Repository;
use crate::settings::{Policy, Settings};
use crate::sources::terraform::apply::Interest;
use crate::sources::terraform::blocks::{Block, Root};
use crate::sources::terraform::source::SourceFile;
use crate::verdict::judge::{Case, Fate, Judge, invalidates};
use crate::verdict::{Conclusion, Judged, Severity, Verdict, picture};

use super::bound::{Bound, bind_settings};
use super::catalog;
use super::finder::CacheLocation;
use super::findings::{own_findings, plaintext_findings, status_finding};
use super::manifests::{ManifestInput, Scope, fault_findings, site_findings};
use super::network::{self, InputFile, Network, SourceOptions};
use super::organisation::Organisation;
use super::survey::{Found, Request, Side, Survey, survey};
use super::{UsageError, unreadable};

/// Where the settings lie in a repository.
const SETTINGS_PATH: &str = "perimeter.yaml";

/// What a run asks of its surroundings.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// Run the check.
///
/// # Errors
///
/// If an input cannot be read or makes no sense; the message says which, where and what to do.
pub fn run(args: &CheckArgs, environment: Environment<'_>) -> Result<Verdict> {
    let inputs = read(args, environment)?;
    conclude(
        &inputs.settings,
        &inputs.surveys,
        inputs.network,
        &inputs.roots,
    )
}

/// What changes in the perimeter, from the same inputs, whatever carve-outs there are: a verdict on none of them.
///
/// # Errors
///
/// As [`run`].
pub fn changes_alone(args: &CheckArgs, environment: Environment<'_>) -> Result<Verdict> {
    let Inputs {
        settings,
        surveys,
        network,
        ..
    } = read(args, environment)?;
    let difference = compare(&network.before, &network.after, &network.origins);
    let changes = changes_under(&settings.policy, &difference, &network.origins);
    let picture = picture::draw(&difference, &changes, &[]);
    Ok(Verdict {
        conclusion: Conclusion::Clear,
        repositories: surveys.iter().map(|survey| survey.name.clone()).collect(),
        changes,
        carve_outs: Vec::new(),
        findings: Vec::new(),
        findings_from_before: 0,
        notices: gathered_notices(network.notices, &surveys),
        picture,
        inputs: described_inputs(network.inputs, &surveys),
        origins: network.origins,
    })
}

/// The changes of a difference, each told whether it invalidates under this policy.
fn changes_under(policy: &Policy, difference: &Difference<'_>, origins: &Origins) -> Vec<Change> {
    let mut changes = changes(difference, origins);
    for change in &mut changes {
        change.informative = !invalidates(change, policy);
    }
    changes
}

/// Everything that a run reads.
struct Inputs {
    settings: Settings,
    surveys: Vec<Survey>,
    network: Network,
    roots: Roots,
}

fn read(args: &CheckArgs, environment: Environment<'_>) -> Result<Inputs> {
    check_stdin(args)?;
    let targets = repository_arguments(&args.repositories);
    let first = Repository::open(&targets[0].0)?;
    let settings = settings(
        args.config.as_deref(),
        &first,
        targets[0].1.as_deref().or(args.head.as_deref()),
    )?;
    let pattern = MarkerPattern::new(settings.marker())
        .with_context(|| format!("{}: marker", settings.file))?;
    let ignore = globs(&settings.sources.ignore)?;
    let cache = CacheLocation::of(environment).filter(|_| !args.no_cache);
    let catalog = catalog::load(args.providers.as_deref())?;
    let scope = Scope::of(&settings, globs)?;
    let (plans, contexts) = input_files(args, &settings, &first)?;
    let reads_source = plans.is_empty();
    let mut surveys = Vec::new();
    for (index, (directory, head)) in targets.iter().enumerate() {
        let request = Request {
            directory: directory.clone(),
            head: head
                .clone()
                .or_else(|| args.head.clone().filter(|_| index == 0)),
            base: args.base.clone(),
            has_change_set: index == 0,
            pattern: &pattern,
            ignore: &ignore,
            position: index,
            clusters_of: &|path| scope.clusters_of(path),
            cache: cache.as_ref(),
            environment,
            reads_source,
        };
        surveys.push(survey(Repository::open(directory)?, &request)?);
    }
    let interest = interest(&surveys, &settings);
    let manifests = ManifestInput {
        settings: &settings,
        surveys: &surveys,
    };
    let (network, roots) = if reads_source {
        let options = source_options(args, &settings, &first)?;
        let is_root =
            |directory: &str| options.roots.is_empty() || options.roots.is_match(directory);
        let options = SourceOptions {
            tracked_values: options.tracked_values,
            other_values: options.other_values,
            is_root: &is_root,
        };
        let (network, places) =
            network::read_sources(&catalog, &contexts, &interest, &options, &manifests)?;
        (network, places.into_iter().map(Some).collect())
    } else {
        let mut network = network::read(&catalog, &plans, &contexts, &interest, &manifests)?;
        let roots = locate_origins(&mut network, &surveys);
        (network, roots)
    };
    Ok(Inputs {
        settings,
        surveys,
        network,
        roots,
    })
}

fn gathered_notices(of_network: Vec<Notice>, surveys: &[Survey]) -> Vec<Notice> {
    let mut notices = of_network;
    notices.extend(
        surveys
            .iter()
            .flat_map(|survey| survey.notices.iter().cloned()),
    );
    notices.sort();
    notices.dedup();
    notices
}

fn described_inputs(of_network: Vec<String>, surveys: &[Survey]) -> Vec<String> {
    let mut inputs = of_network;
    inputs.extend(surveys.iter().map(|survey| survey.description.clone()));
    inputs
}

/// Standard input is there at most once, and somebody must have put something into it.
fn check_stdin(args: &CheckArgs) -> Result<()> {
    let inputs = args.plans.iter().chain(&args.contexts);
    match inputs
        .filter(|path| path.as_path() == Path::new("-"))
        .count()
    {
        0 => Ok(()),
        1 if std::io::stdin().is_terminal() => bail!(UsageError::StdinIsTerminal),
        1 => Ok(()),
        _ => bail!(UsageError::StdinTwice),
    }
}

/// The directories, each with the revision behind its `@`.
pub(super) fn repository_arguments(repositories: &[String]) -> Vec<(PathBuf, Option<String>)> {
    if repositories.is_empty() {
        return vec![(PathBuf::from("."), None)];
    }
    let split = |text: &String| {
        if Path::new(text).exists() {
            return (PathBuf::from(text), None);
        }
        match text.rsplit_once('@') {
            Some((directory, revision)) if !revision.is_empty() => {
                (PathBuf::from(directory), Some(revision.to_owned()))
            }
            _ => (PathBuf::from(text), None),
        }
    };
    repositories.iter().map(split).collect()
}

/// The organisation's settings: the file given, else that of the repository at a revision or in the work tree.
pub(super) fn settings(
    config: Option<&Path>,
    repository: &Repository,
    head: Option<&str>,
) -> Result<Settings> {
    let (path, bytes) = match config {
        Some(path) => {
            let bytes =
                std::fs::read(path).map_err(|error| unreadable("settings", path, &error))?;
            (path.display().to_string(), Some(bytes))
        }
        None => {
            let revision = match head {
                Some(spec) => repository.resolve(spec)?,
                None => repository.current()?,
            };
            (
                SETTINGS_PATH.to_owned(),
                repository.read(revision, SETTINGS_PATH)?,
            )
        }
    };
    let Some(bytes) = bytes else {
        return Ok(Settings::default());
    };
    let text = String::from_utf8(bytes)
        .map_err(|_| anyhow::anyhow!("{path} is not UTF-8 text: save it as such"))?;
    Settings::parse(&path, &text).map_err(anyhow::Error::msg)
}

/// One set of globs.
pub(super) fn globs(patterns: &[String]) -> Result<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(Glob::new(pattern)?);
    }
    Ok(builder.build()?)
}

/// What the command line and the settings say of reading source.
struct SourceChoice {
    tracked_values: Vec<String>,
    other_values: Vec<SourceFile>,
    roots: GlobSet,
}

fn source_options(
    args: &CheckArgs,
    settings: &Settings,
    repository: &Repository,
) -> Result<SourceChoice> {
    let mut choice = SourceChoice {
        tracked_values: Vec::new(),
        other_values: Vec::new(),
        roots: globs(&settings.sources.roots)?,
    };
    let top = repository.top().and_then(|top| top.canonicalize().ok());
    for path in &args.var_files {
        let bytes = std::fs::read(path).map_err(|error| unreadable("variables", path, &error))?;
        let text = String::from_utf8_lossy(&bytes);
        let file = SourceFile::parse(&path.to_string_lossy(), &text);
        if let Some((line, message)) = file.failure() {
            bail!("cannot read variables {}:{line}: {message}", path.display());
        }
        // What lies in the repository may differ between base and head, and is read at both.
        let inside = path.canonicalize().ok().and_then(|path| {
            let inside = path.strip_prefix(top.as_ref()?).ok()?;
            Some(inside.to_str()?.replace('\\', "/"))
        });
        match inside {
            Some(inside) => choice.tracked_values.push(inside),
            None => choice.other_values.push(file),
        }
    }
    Ok(choice)
}

/// The plans and states to read: those of the command line, else those of the settings.
fn input_files(
    args: &CheckArgs,
    settings: &Settings,
    repository: &Repository,
) -> Result<(Vec<InputFile>, Vec<InputFile>)> {
    let top = repository.top().map(Path::to_path_buf);
    let named = |paths: &[PathBuf]| {
        paths
            .iter()
            .map(|path| InputFile::named(path))
            .collect::<Vec<_>>()
    };
    let from_settings = |patterns: &[String]| -> Result<Vec<InputFile>> {
        match &top {
            Some(top) => files_matching(top, patterns),
            None => Ok(Vec::new()),
        }
    };
    let plans = if args.plans.is_empty() {
        from_settings(&settings.sources.plans)?
    } else {
        named(&args.plans)
    };
    let contexts = if args.contexts.is_empty() {
        from_settings(&settings.sources.context)?
    } else {
        named(&args.contexts)
    };
    Ok((plans, contexts))
}

fn files_matching(top: &Path, patterns: &[String]) -> Result<Vec<InputFile>> {
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    let set = globs(patterns)?;
    let mut files: Vec<PathBuf> = ignore::WalkBuilder::new(top)
        .git_ignore(false)
        .build()
        .filter_map(Result::ok)
        .map(ignore::DirEntry::into_path)
        .filter(|path| {
            path.is_file()
                && path
                    .strip_prefix(top)
                    .is_ok_and(|relative| set.is_match(relative))
        })
        .collect();
    files.sort();
    if files.is_empty() {
        bail!(
            "the settings name {} as a source, and no file below {} matches",
            patterns.join(", "),
            top.display()
        );
    }
    Ok(files
        .into_iter()
        .map(|path| InputFile::below(top, path))
        .collect())
}

/// The resources in whose blocks markers stand, and those that the settings say clusters are.
fn interest(surveys: &[Survey], settings: &Settings) -> Interest {
    let mut interest = Interest::new();
    for place in settings
        .clusters
        .iter()
        .filter_map(|one| one.runs_in.as_ref())
    {
        let mut parts = place.split('[').next().unwrap_or(place).rsplit('.');
        if let (Some(name), Some(kind)) = (parts.next(), parts.next()) {
            interest.insert((kind.to_owned(), name.to_owned()));
        }
    }
    for survey in surveys {
        for side in [&survey.at_base, &survey.at_head] {
            for found in &side.found {
                if let Some(block) = side.blocks.block_at(&found.path, found.marker.line)
                    && let ("resource" | "data", [kind, name, ..]) =
                        (block.kind.as_str(), block.labels.as_slice())
                {
                    interest.insert((kind.clone(), name.clone()));
                }
            }
        }
    }
    interest
}

/// Where each plan's root module lies: (survey, directory).
pub(super) type Roots = Vec<Option<(usize, String)>>;

/// Find the source of each plan, and give every cause its line.
fn locate_origins(network: &mut Network, surveys: &[Survey]) -> Roots {
    let mut roots = Vec::new();
    let several = surveys.len() > 1;
    for addresses in &network.plan_addresses {
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let root = surveys.iter().enumerate().find_map(|(index, survey)| {
            match survey.at_head.blocks.root_candidates(&addresses) {
                Root::Found(directory) => Some((index, directory)),
                Root::Ambiguous(directories) => {
                    network.notices.push(Notice {
                        kind: "ambiguous-source",
                        subject: survey.name.clone(),
                        message: format!("the plan may be of any of {}; its resources are shown without file and line", directories.join(", ")),
                    });
                    None
                }
                Root::NotFound => None,
            }
        });
        roots.push(root);
    }
    for (survey_index, directory) in roots.iter().flatten() {
        let survey = &surveys[*survey_index];
        network.origins.locate(|address| {
            let sides = [&survey.at_head, &survey.at_base];
            let found = sides
                .iter()
                .find_map(|side| side.blocks.locate(directory, address))?;
            Some(if several {
                Location {
                    path: format!("{}/{}", survey.name, found.path),
                    ..found
                }
            } else {
                found
            })
        });
    }
    roots
}

fn conclude(
    settings: &Settings,
    surveys: &[Survey],
    network: Network,
    roots: &Roots,
) -> Result<Verdict> {
    let difference = compare(&network.before, &network.after, &network.origins);
    let changes = changes_under(&settings.policy, &difference, &network.origins);
    let names_in_settings = !(settings.aliases.is_empty()
        && settings.bindings.is_empty()
        && settings.sites.is_empty()
        && settings.domains.is_empty());
    let has_carve_outs = surveys.iter().any(|survey| !survey.lineage.is_empty());
    let bound = bind_settings(
        settings,
        &network.before.graph,
        &network.after.graph,
        names_in_settings || has_carve_outs,
    )?;
    let organisation = Organisation::new(&bound, &difference);
    let judge = Judge {
        difference: &difference,
        changes: &changes,
        policy: &settings.policy,
        names_after: &bound.names_after,
    };
    let mut carve_outs = Vec::new();
    let mut findings = Vec::new();
    let mut from_before = 0;
    for (index, survey) in surveys.iter().enumerate() {
        let binder = Binder {
            survey,
            index,
            network: &network,
            roots,
            bound: &bound,
        };
        for lineage in &survey.lineage {
            let (case, found, at_base) = binder.case(lineage);
            let fate = case.fate;
            let mut judged = judge.status(case);
            if judged.status.blocks() {
                judged.carve_out.last_justified = binder.last_justified(&judged.carve_out, fate);
            }
            let mut own = own_findings(&judged, found, at_base, fate, &binder, settings);
            own.extend(organisation.of_carve_out(&judged, at_base, fate));
            for (finding, is_new) in own {
                let sits_on_dependent = judged.status.blocks();
                let is_error = finding.severity == Severity::Error;
                if !is_error || is_new || sits_on_dependent {
                    findings.push(finding);
                } else {
                    from_before += 1;
                }
            }
            carve_outs.push(judged);
        }
    }
    name_apart(&mut carve_outs);
    carve_outs.sort_by(|a, b| {
        let key = |one: &Judged| {
            (
                one.carve_out.repository.clone(),
                one.carve_out.location.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    for judged in &carve_outs {
        findings.extend(status_finding(judged, &changes, &network));
    }
    let (plaintext, unseen) = plaintext_findings(&network, surveys, roots);
    findings.extend(plaintext);
    let (sites, without_source) = site_findings(&network, surveys, roots);
    findings.extend(sites);
    let (of_network, known) = organisation.of_network(&network, surveys);
    findings.extend(of_network);
    let (of_settings, known_settings) = fault_findings(&network, surveys, roots);
    findings.extend(of_settings);
    from_before += known + known_settings;
    findings.sort();
    let blocked = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
        || carve_outs.iter().any(|judged| judged.status.blocks());
    let picture = picture::draw(&difference, &changes, &carve_outs);
    let mut notices = gathered_notices(network.notices, surveys);
    notices.extend(unseen);
    notices.extend(without_source);
    notices.extend(settings.unused().into_iter().map(|name| Notice {
        kind: "setting-not-used",
        subject: name.to_owned(),
        message: "this version understands the setting and does nothing with it yet".to_owned(),
    }));
    notices.sort();
    notices.dedup();
    // The run ends with the verdict: taking two large graphs apart piece by piece would be for nothing.
    std::mem::forget((bound, network.before, network.after));
    let inputs = described_inputs(network.inputs, surveys);
    Ok(Verdict {
        conclusion: if blocked {
            Conclusion::Blocked
        } else {
            Conclusion::Clear
        },
        repositories: surveys.iter().map(|survey| survey.name.clone()).collect(),
        changes,
        origins: network.origins,
        carve_outs,
        findings,
        findings_from_before: from_before,
        notices,
        picture,
        inputs,
    })
}

/// Binds the carve-outs of one repository.
pub(super) struct Binder<'b> {
    survey: &'b Survey,
    index: usize,
    pub(super) network: &'b Network,
    roots: &'b Roots,
    pub(super) bound: &'b Bound,
}

impl<'b> Binder<'b> {
    /// A carve-out with what became of it; the second value is its marker as it stands, the third its marker at base.
    fn case(&self, lineage: &Lineage) -> (Case, &'b Found, Option<&'b Found>) {
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
        let (guarantee, footprint) = self.bind(side, found);
        let footprint_at_base = match (fate, base) {
            (Fate::Reworded, Some(base)) => Some(self.bind(&survey.at_base, base).1),
            _ => None,
        };
        let marker = &found.marker;
        let case = Case {
            carve_out: CarveOut {
                id: fingerprint(&marker.guarantee, &marker.justification),
                repository: survey.name.clone(),
                location: Location {
                    path: found.path.clone(),
                    line: marker.line,
                    end_line: marker.end_line,
                },
                guarantee: marker.guarantee.clone(),
                justification: marker.justification.clone(),
                footprint,
                owners: survey.owners.of(&found.path),
                last_justified: None,
                excerpt: found.excerpt.clone(),
            },
            guarantee,
            footprint_at_base,
            fate,
        };
        (case, found, base)
    }

    fn bind(&self, side: &Side, found: &Found) -> (Guarantee, Footprint) {
        let guarantee = Guarantee::read(&found.marker.guarantee, &self.bound.names);
        let bound = self
            .bound
            .bindings
            .iter()
            .filter(|(paths, _)| paths.is_match(&found.path));
        let surroundings = Surroundings {
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
        };
        let graphs = [&self.network.before.graph, &self.network.after.graph];
        let mut footprint = bind(&guarantee, &surroundings, &graphs);
        for part in &mut footprint.parts {
            part.location = self.location_of(&part.boundary);
        }
        (guarantee, footprint)
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

    /// Where a part of the graph is written: as it is after the change, else as it was before.
    fn location_of(&self, boundary: &BoundaryId) -> Option<Location> {
        let graphs = [&self.network.after.graph, &self.network.before.graph];
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
            .find_map(|origin| self.network.origins.get(origin).location.clone())
    }

    /// The parts of the graph that a block's resources are, or lie in.
    fn block_targets(&self, side: &Side, block: &Block) -> Vec<Target> {
        let graphs = [&self.network.before.graph, &self.network.after.graph];
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
                let placed = self.network.placements[plan].get(address);
                let own = Key::Address(format!("{}{address}", self.network.scopes[plan]));
                let keys = placed.map_or_else(|| BTreeSet::from([own.clone()]), Clone::clone);
                for graph in graphs {
                    targets.extend(
                        keys.iter()
                            .filter_map(|key| graph.node_by_key(key))
                            .map(|node| Target::node(node, Via::Block)),
                    );
                    targets.extend(
                        graph
                            .link_by_key(&own)
                            .map(|link| Target::link(link, Via::Block)),
                    );
                }
            }
        }
        targets.into_iter().collect()
    }

    fn last_justified(&self, carve_out: &CarveOut, fate: Fate) -> Option<LastJustified> {
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

/// Tell carve-outs with equal texts apart, in the order of their places.
fn name_apart(carve_outs: &mut [Judged]) {
    let mut order: Vec<usize> = (0..carve_outs.len()).collect();
    order.sort_by(|&a, &b| {
        let key = |index: usize| {
            (
                &carve_outs[index].carve_out.repository,
                &carve_outs[index].carve_out.location,
            )
        };
        key(a).cmp(&key(b))
    });
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for index in order {
        let id = carve_outs[index].carve_out.id.clone();
        let count = seen.entry(id).or_insert(0);
        *count += 1;
        if *count > 1 {
            carve_outs[index]
                .carve_out
                .id
                .push_str(&format!("-{count}"));
        }
    }
}
