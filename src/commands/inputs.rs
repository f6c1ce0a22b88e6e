//! What the command line and the settings name, read: repositories, plans, states, source and manifests, before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use globset::{Glob, GlobSet, GlobSetBuilder};
use rayon::prelude::*;

use crate::carveout::near_miss::MarkerPattern;
use crate::cli::{ChangeSetArgs, InputArgs};
use crate::graph::fragment::Notice;
use crate::repos::{Repository, RepositoryError, Revision, Start};
use crate::settings::{self, Settings, VarFiles};
use crate::sources::manifests::ClusterName;
use crate::sources::terraform::apply::Interest;
use crate::sources::terraform::source::{NamedRun, SourceFile, Tree, is_source};
use crate::verdict::audit::ReadFile;

use super::catalog;
use super::clusters::{KnownClusters, Scope, under_names_of};
use super::finder::CacheLocation;
use super::in_force::{InForce, settings_in_force};
use super::inventory::Inventories;
use super::manifests::ManifestInput;
use super::named::{identities, names_apart};
use super::network::{self, InputFile, Network, SourceOptions, sha256};
use super::progress::Progress;
use super::roots::{Roots, locate_origins, root_of_plan};
use super::survey::{Request, RoleOfSource, Survey, survey};
use super::unmatched::Unmatched;
use super::{UsageError, unreadable};

/// What a run asks of its surroundings.
pub(super) type Environment<'e> = &'e (dyn Fn(&str) -> Option<String> + Sync);

/// Everything that a run reads.
pub(super) struct Inputs {
    pub(super) settings: Settings,
    /// Those that a change set starts from, where it differs from them.
    pub(super) settings_at_base: Option<Settings>,
    pub(super) surveys: Vec<Survey>,
    pub(super) network: Network,
    pub(super) roots: Roots,
    /// What was read beside the repositories; only for an audit.
    pub(super) files: Vec<ReadFile>,
    pub(super) inventories: Inventories,
    /// Repositories that the command line names and that could not be read.
    pub(super) unread: Vec<Unread>,
    /// Plans of the settings that are files of the change set's own repository, and do not show what it does.
    pub(super) own_plans: Vec<String>,
}

/// A repository that nobody knows as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    /// As it was named.
    pub(super) name: String,
    /// Why.
    pub(super) why: String,
}

/// Which snapshots a command is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Span<'s> {
    /// What a change set starts from, and what it ends with.
    ChangeSet(Start<'s>),
    /// What is there now, of all repositories.
    Today,
    /// The same, with the declarations that it is assembled from, to suppose something else.
    Supposed,
    /// The same, with the digest of every file that is read beside them.
    Audit,
}

/// Where a change set starts, as the command line says it.
pub(super) fn start(args: &ChangeSetArgs) -> Start<'_> {
    match &args.base {
        None => Start::Untold,
        Some(base) if args.exact_base => Start::Exactly(base),
        Some(base) => Start::LeftFrom(base),
    }
}

/// Read everything for a command that judges nothing: a repository that cannot be read is a notice then.
pub(super) fn read_to_tell(
    args: &InputArgs,
    span: Span<'_>,
    inventories: &[PathBuf],
    environment: Environment<'_>,
) -> Result<Inputs> {
    let keeps_declarations = matches!(span, Span::Supposed);
    let mut inputs = match read(args, span, inventories, environment) {
        Err(error) if may_do_without_repository(args, &error) => {
            read_plans_alone(args, keeps_declarations, inventories, environment)?
        }
        read => read?,
    };
    let unread = inputs.unread.iter().chain(&inputs.inventories.faults);
    let notices = unread.map(|Unread { name, why }| Notice {
        kind: "unread-repository",
        subject: name.clone(),
        message: format!("{why}; nothing in it is seen"),
    });
    inputs.network.notices.extend(notices);
    let unread = inputs.network.unread_files.iter();
    let unread = unread.map(|(_, file)| Notice {
        kind: "unread-file",
        subject: file.path.clone(),
        message: "it changes, and no evaluation of the source reads it: what it says is not seen"
            .to_owned(),
    });
    inputs.network.notices.extend(unread.collect::<Vec<_>>());
    Ok(inputs)
}

/// Whether a plan tells all that was asked for, where there is no repository around.
fn may_do_without_repository(args: &InputArgs, error: &anyhow::Error) -> bool {
    let is_missing = matches!(
        error.downcast_ref(),
        Some(RepositoryError::NotARepository { .. })
    );
    is_missing && !args.plans.is_empty() && args.repositories.is_empty()
}

/// Read plans and states, and nothing else.
fn read_plans_alone(
    args: &InputArgs,
    keeps_declarations: bool,
    inventories: &[PathBuf],
    environment: Environment<'_>,
) -> Result<Inputs> {
    let settings = match &args.config {
        Some(path) => {
            let shown = path.display().to_string();
            let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
            parsed(&shown, bytes)?
        }
        None => Settings::default(),
    };
    let catalog = catalog::load(args.providers.as_deref())?;
    let files = |paths: &[PathBuf]| -> Vec<InputFile> {
        paths.iter().map(|path| InputFile::named(path)).collect()
    };
    let (plans, contexts) = (files(&args.plans), files(&args.contexts));
    let inventories = Inventories::read(inventories, &[], environment)?;
    let mut interest = interest(&[], &[&settings]);
    interest.extend(inventories.interest());
    let manifests = ManifestInput {
        settings: &settings,
        clusters: &KnownClusters::of(&settings, None, &[]),
        surveys: &[],
        several_repositories: !inventories.repositories.is_empty(),
        keeps_declarations,
    };
    let no_root = |_: &InputFile, _: &[&str]| None;
    let (mut network, _) = network::read(
        &catalog,
        &plans,
        &contexts,
        &interest,
        &manifests,
        (&no_root, None),
    )?;
    network.notices.push(Notice {
        kind: "no-repository",
        subject: "plan".to_owned(),
        message: "there is no git repository here, so nothing but plans and states was read: no source lines, no settings, no carve-outs"
            .to_owned(),
    });
    let roots = plans.iter().map(|_| None).collect();
    Ok(Inputs {
        settings,
        settings_at_base: None,
        surveys: Vec::new(),
        network,
        roots,
        files: Vec::new(),
        inventories,
        unread: Vec::new(),
        own_plans: Vec::new(),
    })
}

/// Read everything that a command is about. `inventories` are files that tell of the carve-outs of further repositories.
pub(super) fn read(
    args: &InputArgs,
    span: Span<'_>,
    inventories: &[PathBuf],
    environment: Environment<'_>,
) -> Result<Inputs> {
    check_stdin(args)?;
    let targets = repository_arguments(&args.repositories);
    let first = Repository::open(&targets[0].0)?;
    let at_head = targets[0].1.clone().or_else(|| args.head.clone());
    let base = match span {
        Span::ChangeSet(start) => {
            let head = revision_of(&first, at_head.as_deref())?;
            Some(first.base(start, head, environment)?)
        }
        Span::Today | Span::Supposed | Span::Audit => None,
    };
    let InForce {
        settings,
        at_base: settings_at_base,
        may_lack_inputs,
        notices: mut settings_notices,
    } = settings_in_force(
        args.config.as_deref(),
        &first,
        at_head.as_deref(),
        base.as_ref(),
        &targets[1..],
    )?;
    let pattern = MarkerPattern::new(settings.marker())
        .with_context(|| format!("{}: marker", settings.file))?;
    let ignore = globs(&settings.sources.ignore)?;
    let cache = CacheLocation::of(environment).filter(|_| !args.no_cache);
    let base_revision = base.as_ref().map(|base| base.revision);
    let (catalog, of_catalog) =
        catalog::load_in_force(args.providers.as_deref(), &first, base_revision)?;
    settings_notices.extend(of_catalog);
    let scope = Scope::of(&settings, globs)?;
    let scope_at_base = settings_at_base
        .as_ref()
        .map(|base| Scope::of(&under_names_of(&settings, base), globs))
        .transpose()?;
    let of_others = settings_of_others(&targets, &mut settings_notices);
    let (mut plans, mut contexts) = input_files(args, &settings, &first, may_lack_inputs)?;
    let is_audit = matches!(span, Span::Audit);
    if is_audit {
        let both = plans.iter_mut().chain(&mut contexts);
        both.for_each(InputFile::keep_digest);
    }
    let role_of_source = if plans.is_empty() {
        RoleOfSource::Perimeter
    } else {
        RoleOfSource::BesidePlan
    };
    let unmatched = Unmatched::of(&settings, !inventories.is_empty())?;
    let see = |path: &str| unmatched.see(path);
    let clusters_of = |path: &str| {
        let mut clusters = scope.clusters_of(path);
        // What base gives to a cluster is looked at, whatever head leaves out.
        for more in scope_at_base.iter().flat_map(|one| one.clusters_of(path)) {
            if !clusters.contains(&more) {
                clusters.push(more);
            }
        }
        clusters
    };
    // Its own settings know better which cluster a file of another repository is for.
    let mut readers: Vec<(&Target, Box<ClustersOf<'_>>)> = Vec::new();
    for (target, settings) in targets.iter().zip(&of_others) {
        if let Some(settings) = settings {
            let own = Scope::of(settings, globs)?;
            readers.push((target, Box::new(move |path| own.clusters_of(path))));
        }
    }
    let request = |index: usize, target: &Target| Request {
        directory: target.0.clone(),
        head: target
            .1
            .clone()
            .or_else(|| args.head.clone().filter(|_| index == 0)),
        base: base.clone().filter(|_| index == 0),
        pattern: &pattern,
        ignore: &ignore,
        position: index,
        clusters_of: readers
            .iter()
            .find(|(one, _)| *one == target)
            .map_or(&clusters_of, |(_, own)| &**own),
        see: &see,
        cache: cache.as_ref(),
        environment,
        role_of_source,
    };
    let (mut surveys, unread) = survey_all(targets.clone(), &request, environment)?;
    surveys[0].notices.extend(settings_notices);
    surveys[0].notices.extend(unmatched.notices());
    let inventories = Inventories::read(inventories, &surveys, environment)?;
    let others: Vec<&Settings> = of_others.iter().flatten().collect();
    let known_clusters = KnownClusters::of(&settings, settings_at_base.as_ref(), &others);
    let own = std::iter::once(&settings).chain(&settings_at_base);
    let all: Vec<&Settings> = own.chain(others).collect();
    let mut interest = interest(&surveys, &all);
    interest.extend(inventories.interest());
    let several_repositories = surveys.len() > 1 || !inventories.repositories.is_empty();
    let root_modules = RootModules::of(&settings, settings_at_base.as_ref(), &surveys)?;
    let is_named = |directory: &str| root_modules.contain(directory);
    let is_root =
        (!root_modules.are_default).then_some(&is_named as &(dyn Fn(&str) -> bool + Sync));
    let manifests = ManifestInput {
        settings: &settings,
        clusters: &known_clusters,
        surveys: &surveys,
        several_repositories,
        keeps_declarations: matches!(span, Span::Supposed),
    };
    let (network, roots) = if role_of_source == RoleOfSource::Perimeter {
        let options = source_options(args, &settings, &first)?;
        let options = SourceOptions {
            tracked_values: options.tracked_values,
            other_values: options.other_values,
            runs: options.runs,
            is_root,
        };
        let (mut network, places) =
            network::read_sources(&catalog, &contexts, &interest, &options, &manifests)?;
        let roots = places.into_iter().map(Some).collect();
        locate_origins(&mut network, &surveys, &roots);
        (network, roots)
    } else {
        let named = &root_modules.named;
        let find =
            |plan: &InputFile, addresses: &[&str]| root_of_plan(&surveys, named, plan, addresses);
        // Who only looks at a plan does not want to see other stacks.
        let has_dependents = surveys.iter().any(|survey| !survey.lineage.is_empty());
        let judges = matches!(span, Span::ChangeSet(_)) && has_dependents;
        let find_root = |plan: &InputFile, addresses: &[&str]| find(plan, addresses).ok().flatten();
        let (mut network, beside) = network::read(
            &catalog,
            &plans,
            &contexts,
            &interest,
            &manifests,
            (&find_root, judges.then_some(is_root)),
        )?;
        let mut roots = Vec::new();
        for (plan, addresses) in plans.iter().zip(&network.plan_addresses) {
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            let root = find(plan, &addresses).unwrap_or_else(|notice| {
                network.notices.push(notice);
                None
            });
            roots.push(root);
        }
        roots.extend(beside.into_iter().map(Some));
        locate_origins(&mut network, &surveys, &roots);
        (network, roots)
    };
    let files = if is_audit {
        let mut files = digests(args, &first, at_head.as_deref())?;
        for (kind, inputs) in [("plan", &plans), ("context", &contexts)] {
            files.extend(inputs.iter().filter_map(|file| file.read_as(kind)));
        }
        files.sort();
        files
    } else {
        Vec::new()
    };
    let own_plans = own_plans(&plans, &mut surveys[0], !args.plans.is_empty())?;
    Ok(Inputs {
        settings,
        settings_at_base,
        surveys,
        network,
        roots,
        files,
        inventories,
        unread,
        own_plans,
    })
}

/// The settings of each repository beside the first, as far as they tell of clusters: those hold for its own files.
fn settings_of_others(targets: &[Target], notices: &mut Vec<Notice>) -> Vec<Option<Settings>> {
    let others = targets
        .iter()
        .enumerate()
        .map(|(index, (directory, head))| {
            // One that cannot be opened is told of where it is surveyed.
            let repository = Repository::open(directory).ok().filter(|_| index > 0)?;
            match settings(None, &repository, head.as_deref()) {
                Ok(settings) => (!settings.clusters.is_empty()).then_some(settings),
                Err(error) => {
                    notices.push(Notice {
                        kind: "settings-not-read",
                        subject: format!("{}: {}", directory.display(), settings::PATH),
                        message: format!(
                            "{error:#}; which clusters its files belong to is not known"
                        ),
                    });
                    None
                }
            }
        });
    others.collect()
}

/// Tells the clusters that the objects of a file belong to.
type ClustersOf<'c> = dyn Fn(&str) -> Vec<ClusterName> + Sync + 'c;

/// A directory, and the revision to look at instead of its work tree.
pub(super) type Target = (PathBuf, Option<String>);

/// A directory and its revision, as they are typed.
fn described((directory, revision): &Target) -> String {
    let revision = revision.as_ref().map(|one| format!("@{one}"));
    format!("{}{}", directory.display(), revision.unwrap_or_default())
}

/// Survey repositories in parallel: those that can be read, each once, in their order, and the others with why they cannot.
///
/// Nothing can be said without the first, whose change set it is.
fn survey_all<'r>(
    mut targets: Vec<Target>,
    request: &(dyn Fn(usize, &Target) -> Request<'r> + Sync),
    environment: Environment<'_>,
) -> Result<(Vec<Survey>, Vec<Unread>)> {
    let mut unread = Vec::new();
    let mut twice = Vec::new();
    loop {
        let progress = Progress::of(targets.len(), environment);
        let surveyed: Vec<Result<Survey>> = targets
            .par_iter()
            .enumerate()
            .map(|(index, target)| {
                let surveyed = survey(Repository::open(&target.0)?, &request(index, target));
                progress.one_more();
                surveyed
            })
            .collect();
        drop(progress);
        let mut surveys: Vec<Survey> = Vec::new();
        let mut kept = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let count = targets.len();
        for (index, (target, surveyed)) in targets.into_iter().zip(surveyed).enumerate() {
            match surveyed {
                Ok(survey) => {
                    let identities = identities(&survey.repository, environment);
                    if let Some(first) = identities.iter().find_map(|one| known.get(one)) {
                        twice.push(Notice {
                            kind: "repository-given-twice",
                            subject: described(&target),
                            message: format!(
                                "it is {} once more, which is read from {}; in what this one differs is not looked at",
                                survey.name,
                                described(&kept[*first])
                            ),
                        });
                        continue;
                    }
                    known.extend(identities.into_iter().map(|one| (one, surveys.len())));
                    surveys.push(survey);
                    kept.push(target);
                }
                Err(error) if index == 0 => return Err(error),
                Err(error) => {
                    unread.push(Unread {
                        name: described(&target),
                        why: format!("{error:#}"),
                    });
                }
            }
        }
        // What a survey holds knows its position, and that is another one now.
        if kept.len() == count {
            if surveys.len() > 1 {
                let repositories: Vec<&Repository> =
                    surveys.iter().map(|survey| &survey.repository).collect();
                let names = names_apart(&repositories, environment);
                for (survey, name) in surveys.iter_mut().zip(names) {
                    survey.name = name;
                }
            }
            surveys[0].notices.append(&mut twice);
            return Ok((surveys, unread));
        }
        targets = kept;
    }
}

/// Standard input is there at most once, and somebody must have put something into it.
fn check_stdin(args: &InputArgs) -> Result<()> {
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

/// The settings, variables and providers files that a run reads, with their digests.
fn digests(args: &InputArgs, repository: &Repository, head: Option<&str>) -> Result<Vec<ReadFile>> {
    let of = |kind: &'static str, name: String, bytes: &[u8]| ReadFile {
        kind,
        name,
        sha256: sha256(bytes),
    };
    let mut files = Vec::new();
    if let (name, Some(bytes)) = settings_bytes(args.config.as_deref(), repository, head)? {
        files.push(of("settings", name, &bytes));
    }
    for path in &args.var_files {
        let bytes = std::fs::read(path).map_err(|error| unreadable("variables", path, &error))?;
        files.push(of("variables", path.display().to_string(), &bytes));
    }
    if let Some(directory) = &args.providers {
        for (name, text) in catalog::read_directory(directory)? {
            files.push(of("providers", name, text.as_bytes()));
        }
    }
    Ok(files)
}

/// The revision that somebody names, else what is there.
pub(super) fn revision_of(
    repository: &Repository,
    spec: Option<&str>,
) -> Result<Revision, RepositoryError> {
    spec.map_or_else(|| repository.current(), |spec| repository.resolve(spec))
}

/// The file of settings, and its bytes if there is one.
fn settings_bytes(
    config: Option<&Path>,
    repository: &Repository,
    head: Option<&str>,
) -> Result<(String, Option<Vec<u8>>)> {
    Ok(match config {
        Some(path) => {
            let bytes =
                std::fs::read(path).map_err(|error| unreadable("settings", path, &error))?;
            (path.display().to_string(), Some(bytes))
        }
        None => {
            let revision = revision_of(repository, head)?;
            (
                settings::PATH.to_owned(),
                repository.read(revision, settings::PATH)?,
            )
        }
    })
}

/// The organisation's settings: the file given, else that of the repository at a revision or in the work tree.
pub(super) fn settings(
    config: Option<&Path>,
    repository: &Repository,
    head: Option<&str>,
) -> Result<Settings> {
    let (path, bytes) = settings_bytes(config, repository, head)?;
    let Some(bytes) = bytes else {
        return Ok(Settings::default());
    };
    parsed(&path, bytes)
}

/// The settings in the bytes of a file.
pub(super) fn parsed(path: &str, bytes: Vec<u8>) -> Result<Settings> {
    let text = String::from_utf8(bytes)
        .map_err(|_| anyhow::anyhow!("{path} is not UTF-8 text: save it as such"))?;
    Settings::parse(path, &text).map_err(anyhow::Error::msg)
}

/// One set of globs.
pub(super) fn globs(patterns: &[String]) -> Result<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let glob = Glob::new(pattern);
        builder.add(glob.with_context(|| format!("`{pattern}` is no pattern for paths"))?);
    }
    let all = patterns.join("`, `");
    builder
        .build()
        .with_context(|| format!("`{all}`: the patterns for paths cannot be used"))
}

/// Which directories are root modules, by the settings.
struct RootModules {
    /// What they name, at base or head.
    named: GlobSet,
    /// They name none at all: those are root modules that nobody calls.
    are_default: bool,
    /// Those that nobody calls, where base or head names none.
    uncalled: BTreeSet<String>,
}

impl RootModules {
    /// What counts as a root module at base or head does so for the whole change set.
    fn of(head: &Settings, base: Option<&Settings>, surveys: &[Survey]) -> Result<Self> {
        let both = std::iter::once(head).chain(base);
        let lists: Vec<&[String]> = both.map(|one| one.sources.roots.as_slice()).collect();
        let are_default = lists.iter().all(|list| list.is_empty());
        let mut uncalled = BTreeSet::new();
        if !are_default && lists.iter().any(|list| list.is_empty()) {
            let sides = surveys.iter().flat_map(|one| [&one.at_base, &one.at_head]);
            let trees = sides.filter_map(|side| side.tree.as_ref());
            uncalled.extend(trees.flat_map(Tree::roots));
        }
        Ok(Self {
            named: globs(&lists.concat())?,
            are_default,
            uncalled,
        })
    }

    fn contain(&self, directory: &str) -> bool {
        self.named.is_match(directory) || self.uncalled.contains(directory)
    }
}

/// The plans that lie in the change set's repository, tracked by git, where they or the Terraform files beside them differ
/// from base: who wrote the change set wrote them, or left them as they were. Those that the command line names are told
/// alone.
fn own_plans(plans: &[InputFile], home: &mut Survey, are_given: bool) -> Result<Vec<String>> {
    let repository = &home.repository;
    let top = repository.top().and_then(|top| top.canonicalize().ok());
    let below = plans
        .iter()
        .filter_map(|plan| inside(plan.path(), top.as_deref()));
    let tracked: Vec<String> = below.filter(|path| repository.tracks(path)).collect();
    if tracked.is_empty() || home.base == home.head {
        return Ok(Vec::new());
    }
    let changed = repository.changed_paths(home.base, home.head)?;
    let source_differs = changed.iter().any(|path| is_source(path));
    let own = tracked
        .into_iter()
        .filter(|path| changed.contains(path) || source_differs);
    if !are_given {
        return Ok(own.collect());
    }
    let notices = own.map(|path| Notice {
        kind: "plan-in-repository",
        subject: path,
        message: "git tracks this plan, so whoever writes a change set says what it shows: let CI make it".to_owned(),
    });
    home.notices.extend(notices.collect::<Vec<_>>());
    Ok(Vec::new())
}

/// What the command line and the settings say of reading source.
struct SourceChoice {
    tracked_values: Vec<String>,
    other_values: Vec<SourceFile>,
    runs: Vec<NamedRun>,
}

fn source_options(
    args: &InputArgs,
    settings: &Settings,
    repository: &Repository,
) -> Result<SourceChoice> {
    let mut choice = SourceChoice {
        tracked_values: Vec::new(),
        other_values: Vec::new(),
        runs: settings.sources.var_files.iter().map(named_run).collect(),
    };
    let top = repository.top().and_then(|top| top.canonicalize().ok());
    for path in &args.var_files {
        let bytes = std::fs::read(path).map_err(|error| unreadable("variables", path, &error))?;
        let text = String::from_utf8_lossy(&bytes);
        let file = SourceFile::parse(&path.to_string_lossy(), &text);
        if let Some((line, message)) = file.faults().first() {
            bail!("cannot read variables {}:{line}: {message}", path.display());
        }
        // What lies in the repository may differ between base and head, and is read at both.
        match inside(path, top.as_deref()) {
            Some(inside) => choice.tracked_values.push(inside),
            None => choice.other_values.push(file),
        }
    }
    Ok(choice)
}

/// A run of a root module, as the settings tell it.
fn named_run(told: &VarFiles) -> NamedRun {
    let inside = |path: &str| {
        path.trim_start_matches("./")
            .trim_end_matches('/')
            .to_owned()
    };
    let root = inside(&told.root);
    NamedRun {
        root: if root == "." { String::new() } else { root },
        files: told.files.iter().map(|path| inside(path)).collect(),
    }
}

/// The plans and states to read: those of the command line, else those of the settings. `may_lack`: there need be none.
fn input_files(
    args: &InputArgs,
    settings: &Settings,
    repository: &Repository,
    may_lack: bool,
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
            Some(top) => files_matching(top, patterns, may_lack),
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

/// Where a file or directory lies below the top of a repository, with forward slashes; `None` if it lies elsewhere.
pub(super) fn inside(path: &Path, canonical_top: Option<&Path>) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let inside = path.strip_prefix(canonical_top?).ok()?;
    Some(inside.to_str()?.replace('\\', "/"))
}

fn files_matching(top: &Path, patterns: &[String], may_lack: bool) -> Result<Vec<InputFile>> {
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
    if files.is_empty() && !may_lack {
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
fn interest(surveys: &[Survey], settings: &[&Settings]) -> Interest {
    let mut interest = Interest::new();
    let clusters = settings.iter().flat_map(|one| &one.clusters);
    for place in clusters.filter_map(|one| one.runs_in.as_ref()) {
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

/// What was not understood, of all inputs; each once.
pub(super) fn gathered_notices(of_network: Vec<Notice>, surveys: &[Survey]) -> Vec<Notice> {
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

/// What was read, in words.
pub(super) fn described_inputs(of_network: Vec<String>, surveys: &[Survey]) -> Vec<String> {
    let mut inputs = of_network;
    inputs.extend(surveys.iter().map(Survey::description));
    inputs
}
