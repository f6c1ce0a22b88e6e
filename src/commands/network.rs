//! Plans, states and Terraform source to the two snapshots of the network.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};

use crate::catalog::{Catalog, Meaning};
use crate::change::diff::Snapshot;
use crate::graph::fragment::{Fragment, Notice};
use crate::graph::origin::Origins;
use crate::graph::{Key, assemble};
use crate::report::text::counted;
use crate::repos::Revision;
use crate::sources::manifests;
use crate::sources::terraform::apply::{
    ChangedCall, Interest, Reading, Secrets, read_plan, read_state,
};
use crate::sources::terraform::carried::Carried;
use crate::sources::terraform::clusters::ClusterResource;
use crate::sources::terraform::complete::complete;
use crate::sources::terraform::input::{InputError, InputProblem, decode};
use crate::sources::terraform::network_manager::{self, Piece};
use crate::sources::terraform::plan::{Document, State};
use crate::sources::terraform::resource::{Resource, state_resources};
use crate::sources::terraform::source::{
    EvaluatedSource, MOST_STEPS, NamedRun, Revisions, RootSource, SourceFile, SourceRequest,
    UnreadFile, read_source,
};
use crate::verdict::audit::ReadFile;

use super::survey::{Side, Survey, is_fetched};

use super::manifests::{ManifestInput, Told};

/// The network before and after, with where its parts come from.
#[derive(Debug)]
pub struct Network {
    /// As it was.
    pub before: Snapshot,
    /// As it will be.
    pub after: Snapshot,
    /// The resources that declare its parts.
    pub origins: Origins,
    /// What was not understood.
    pub notices: Vec<Notice>,
    /// The addresses of every resource of each plan, to find its root module's directory by.
    pub plan_addresses: Vec<Vec<String>>,
    /// What the resources asked for lie in: keys of graph parts, by plan and address.
    pub placements: Vec<BTreeMap<String, BTreeSet<Key>>>,
    /// What is put before the addresses of each plan to tell it from others.
    pub scopes: Vec<String>,
    /// What was read, in words.
    pub inputs: Vec<String>,
    /// Files that the change set changes and that no evaluation of source reads, with the numbers of their surveys.
    pub unread_files: Vec<(usize, UnreadFile)>,
    /// Calls of modules that nobody read and that the change set changes.
    pub changed_calls: Vec<ChangedCall>,
    /// What Kubernetes and mesh objects add.
    pub manifests: manifests::Reading,
    /// Whether paths begin with the name of their repository.
    pub several_repositories: bool,
    /// What both snapshots are assembled from, where somebody asked to keep it.
    pub declared: Option<[Fragment; 2]>,
}

impl Network {
    /// Take away what was, so that all there is counts as made just now.
    pub fn forget_before(&mut self) {
        self.before = Snapshot::new(assemble(Fragment::default()));
        let manifests = &mut self.manifests;
        manifests.sites_before.clear();
        manifests.open_doors_before.clear();
        manifests.faults_before.clear();
        manifests.admissions_before.clear();
        manifests.placements_before.clear();
    }
}

/// A file to read, and what to call it.
#[derive(Debug, Clone)]
pub struct InputFile {
    path: PathBuf,
    label: String,
    /// Where the digest of its bytes is put once they are read, if somebody asked for it.
    digest: Option<OnceCell<String>>,
}

impl InputFile {
    /// A file named on the command line; `-` is standard input.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        let label = if path == Path::new("-") {
            "stdin".to_owned()
        } else {
            slashes(path)
        };
        Self {
            path: path.to_path_buf(),
            label,
            digest: None,
        }
    }

    /// A file found below a directory, called by its path from there, so that reports do not differ by machine.
    #[must_use]
    pub fn below(top: &Path, path: PathBuf) -> Self {
        let label = slashes(path.strip_prefix(top).unwrap_or(&path));
        Self {
            path,
            label,
            digest: None,
        }
    }

    /// Remember what is read, so that a later run can be told from this one.
    pub fn keep_digest(&mut self) {
        self.digest = Some(OnceCell::new());
    }

    /// What was read, if it was to be remembered.
    #[must_use]
    pub fn read_as(&self, kind: &'static str) -> Option<ReadFile> {
        Some(ReadFile {
            kind,
            name: self.label.clone(),
            sha256: self.digest.as_ref()?.get()?.clone(),
        })
    }

    /// Where it lies, as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same of a context, which other commands write than a plan.
    fn context_bytes(&self) -> Result<Vec<u8>> {
        if self.path != Path::new("-") && !self.path.exists() {
            return Err(InputError::new(&self.label, InputProblem::MissingContext).into());
        }
        self.bytes()
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let read = if self.path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map(|_| bytes)
        } else {
            read_file(&self.path)
        };
        let bytes = read.map_err(|error| InputError::unreadable(&self.label, &error))?;
        if let Some(digest) = &self.digest {
            digest.get_or_init(|| sha256(&bytes));
        }
        Ok(bytes)
    }
}

/// The SHA-256 of some bytes, in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sizes of files that are read in halves: small ones are not worth a second thread, and what claims to be larger may be
/// no file at all.
const READ_IN_HALVES: Range<u64> = 16 << 20..4 << 30;

/// The bytes of a file. A large one is read on two threads, because most of the time goes into memory used for the first time.
fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if !metadata.is_file() || !READ_IN_HALVES.contains(&metadata.len()) {
        return std::fs::read(path);
    }
    let mut bytes = vec![0; length];
    let (first, second) = bytes.split_at_mut(length / 2);
    let read_at = |start: u64, half: &mut [u8]| {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(half)
    };
    let start_of_second = metadata.len() / 2;
    let (read_first, read_second) =
        rayon::join(|| read_at(0, first), || read_at(start_of_second, second));
    read_first.and(read_second)?;
    Ok(bytes)
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Tells where the root module of a plan lies, by the plan and the addresses in it.
pub type FindRoot<'f> = &'f dyn Fn(&InputFile, &[&str]) -> Option<RootPlace>;

/// Which root modules are read beside those of the plans: none (`None`), those that somebody named, or all.
pub type OtherRoots<'o> = Option<Option<&'o (dyn Fn(&str) -> bool + Sync)>>;

/// Read plans, and states as context. `interest` names resources whose place in the graph is wanted; the root module that
/// `find_root` finds is asked for what a plan leaves open. Other root modules are taken as they are at head; says where
/// those lie.
///
/// # Errors
///
/// If a file cannot be read, or is not what it is given as.
pub fn read(
    catalog: &Catalog,
    plans: &[InputFile],
    contexts: &[InputFile],
    interest: &Interest,
    manifests: &ManifestInput<'_>,
    (find_root, others): (FindRoot<'_>, OtherRoots<'_>),
) -> Result<(Network, Vec<RootPlace>)> {
    let mut network = Reader::new(catalog, interest);
    for file in plans {
        let scope = if plans.len() > 1 {
            format!("{}//", file.label)
        } else {
            String::new()
        };
        network.plan(file, &scope, (manifests.surveys, find_root))?;
    }
    let roots = plans
        .iter()
        .zip(&network.plan_addresses)
        .map(|(file, addresses)| {
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            find_root(file, &addresses)
        });
    // Where a plan is of nobody knows which root module, its own would be taken for another stack.
    let roots: Option<BTreeSet<RootPlace>> = roots.collect();
    let beside = match (roots, others) {
        (Some(roots), Some(is_root)) => network.beside(manifests, &roots, is_root)?,
        _ => Vec::new(),
    };
    for file in contexts {
        let bytes = file.context_bytes()?;
        network.context(file, &decode(&file.label, &bytes)?)?;
    }
    Ok((network.finish(manifests)?, beside))
}

/// Which directories count as root modules, and where values of variables come from.
pub struct SourceOptions<'s> {
    /// Files of variables, as paths from the top of the first repository; read at both revisions.
    pub tracked_values: Vec<String>,
    /// Files of variables from elsewhere.
    pub other_values: Vec<SourceFile>,
    /// What root modules are run with, where somebody says so.
    pub runs: Vec<NamedRun>,
    /// Whether a directory is a root module, where somebody says so; else those are that no module calls.
    pub is_root: Option<&'s (dyn Fn(&str) -> bool + Sync)>,
}

/// Where a root module lies: the number of its survey, and its directory.
pub type RootPlace = (usize, String);

/// Read the Terraform source of repositories at base and head, and states as context. Also says where each root module lies.
///
/// # Errors
///
/// If a context cannot be read or is no state, or a repository cannot be opened once more.
pub fn read_sources(
    catalog: &Catalog,
    contexts: &[InputFile],
    interest: &Interest,
    options: &SourceOptions<'_>,
    manifests: &ManifestInput<'_>,
) -> Result<(Network, Vec<RootPlace>)> {
    let surveys = manifests.surveys;
    let mut reader = Reader::new(catalog, interest);
    let mut roots: Vec<(RootPlace, RootSource)> = Vec::new();
    for (index, survey) in surveys.iter().enumerate() {
        let found = reader.roots((index, survey), options, true)?;
        let own = found.roots.into_iter();
        roots.extend(own.map(|root| ((index, root.directory.clone()), root)));
        let unread = found.unread.into_iter();
        reader.unread_files.extend(unread.map(|file| (index, file)));
        reader.notices.extend(found.notices);
    }
    let mut files = Vec::new();
    for file in contexts {
        files.push((file, file.context_bytes()?));
    }
    let mut texts = Vec::new();
    for (file, bytes) in &files {
        texts.push((*file, decode(&file.label, bytes)?));
    }
    for (file, text) in &texts {
        if let Document::State(state) = Document::parse(&file.label, text)? {
            name_from_state(catalog, &mut roots, &state);
        }
    }
    let several_surveys = surveys.len() > 1;
    let several_roots = roots.len() > 1;
    for ((index, _), root) in &roots {
        let survey = &surveys[*index];
        let shown = root.label();
        // Identities are the same whether or not inventories tell of other repositories; receipts rest on them.
        let scope = match (several_surveys, several_roots) {
            (true, true) => format!("{}/{shown}//", survey.name),
            (false, true) => format!("{shown}//"),
            (_, false) => String::new(),
        };
        let prefix = if manifests.several_repositories {
            format!("{}/", survey.name)
        } else {
            String::new()
        };
        let reading = read_source(
            catalog,
            root,
            &scope,
            &prefix,
            interest,
            &mut reader.origins,
            &mut reader.secrets,
        );
        reader.inputs.push(format!(
            "source {prefix}{shown}: {}",
            counted(root.resource_count(), "resource")
        ));
        reader.take_in(reading, scope);
    }
    if roots.is_empty() && !manifests.has_objects() {
        reader.notices.push(Notice {
            kind: "no-network",
            subject: surveys.iter().map(|survey| survey.name.as_str()).collect::<Vec<_>>().join(", "),
            message: "no plan is given and there is no Terraform configuration, so nothing is known of the network and no \
                      change of it is seen: pass --plan FILE, or --repo DIR for the repository that holds the configuration"
                .to_owned(),
        });
    }
    for (file, text) in &texts {
        reader.context(file, text)?;
    }
    let places = roots.into_iter().map(|(place, _)| place).collect();
    Ok((reader.finish(manifests)?, places))
}

/// How many of a state's resources must be those of a root module for the state to be of it: one in so many.
const STATE_SHARE: usize = 2;

/// A state of one of the root modules tells the identifiers of what the source names.
fn name_from_state(catalog: &Catalog, roots: &mut [(RootPlace, RootSource)], state: &State<'_>) {
    let resources = state_resources(state);
    // Of what is no part of the network the source is not asked how many there are.
    let counts = |resource: &&Resource<'_>| {
        let meaning = catalog.entry(&resource.resource_type);
        !resource.is_data && !matches!(meaning, Meaning::Irrelevant(_))
    };
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    let mut count = 0;
    for resource in resources.iter().filter(counts) {
        count += 1;
        let values = resource
            .after
            .as_ref()
            .map(|after| after.read(&|name| name == "id"));
        let id = values
            .and_then(Result::ok)
            .and_then(|values| values.member("id").as_text());
        ids.extend(id.map(|id| (resource.address.to_string(), id)));
    }
    let shared = |root: &RootSource| {
        let own = root.addresses();
        ids.keys()
            .filter(|address| own.contains(address.as_str()))
            .count()
    };
    let scores: Vec<usize> = roots.iter().map(|(_, root)| shared(root)).collect();
    let best = scores.iter().copied().max().unwrap_or_default();
    // Copies of one stack have the same addresses: whose state it is cannot be told then.
    let is_the_only_one = scores.iter().filter(|score| **score == best).count() == 1;
    if best > 0
        && best * STATE_SHARE >= count
        && is_the_only_one
        && let Some(position) = scores.iter().position(|score| *score == best)
    {
        roots[position].1.name_from(&ids);
    }
}

struct Reader<'c> {
    catalog: &'c Catalog,
    interest: &'c Interest,
    scopes: Vec<String>,
    placements: Vec<BTreeMap<String, BTreeSet<Key>>>,
    carried: Vec<Carried>,
    clusters: Vec<ClusterResource>,
    /// What the clusters of contexts lie in.
    cluster_places: BTreeMap<String, BTreeSet<Key>>,
    origins: Origins,
    secrets: Secrets,
    before: Fragment,
    after: Fragment,
    notices: Vec<Notice>,
    manager: [Vec<Piece>; 2],
    known: HashSet<(String, String)>,
    plan_addresses: Vec<Vec<String>>,
    inputs: Vec<String>,
    unread_files: Vec<(usize, UnreadFile)>,
    changed_calls: Vec<ChangedCall>,
}

impl<'c> Reader<'c> {
    fn new(catalog: &'c Catalog, interest: &'c Interest) -> Self {
        Self {
            catalog,
            interest,
            scopes: Vec::new(),
            placements: Vec::new(),
            carried: Vec::new(),
            clusters: Vec::new(),
            cluster_places: BTreeMap::new(),
            origins: Origins::default(),
            secrets: Secrets::default(),
            before: Fragment::default(),
            after: Fragment::default(),
            notices: Vec::new(),
            manager: Default::default(),
            known: HashSet::new(),
            plan_addresses: Vec::new(),
            inputs: Vec::new(),
            unread_files: Vec::new(),
            changed_calls: Vec::new(),
        }
    }

    /// The root modules of one repository, evaluated at base and head, or at head only where the base is not wanted or not at
    /// hand.
    fn roots(
        &self,
        (index, survey): (usize, &Survey),
        options: &SourceOptions<'_>,
        wants_base: bool,
    ) -> Result<EvaluatedSource> {
        let Some(head) = &survey.at_head.tree else {
            return Ok(EvaluatedSource::default());
        };
        let base = survey.at_base.tree.as_ref();
        // Files are read one at a time, by whichever root module asks for them.
        let handle = Mutex::new(survey.repository.reopened()?);
        let reader = |revision: Revision, side: &'_ Side| {
            let handle = &handle;
            let links = side.links.clone();
            move |path: &str| {
                let path = &links.resolve(path)?;
                let handle = handle.lock().unwrap_or_else(PoisonError::into_inner);
                let read = |revision: Revision| handle.read(revision, path).ok().flatten();
                // What was fetched is in the work tree only, unless git keeps it, and serves both revisions.
                let fetched = || is_fetched(path).then(|| read(Revision::WorkTree)).flatten();
                read(revision).or_else(fetched)
            }
        };
        let (read_base, read_head) = (
            reader(survey.base, &survey.at_base),
            reader(survey.head, &survey.at_head),
        );
        let values = |read: &dyn Fn(&str) -> Option<Vec<u8>>| -> Vec<SourceFile> {
            let tracked = options.tracked_values.iter().filter(|_| index == 0);
            tracked
                .filter_map(|path| {
                    let bytes = read(path)?;
                    Some(SourceFile::parse(path, &String::from_utf8_lossy(&bytes)))
                })
                .collect()
        };
        let (values_base, values_head) = (values(&read_base), values(&read_head));
        let mut values = [values_base, values_head];
        for side in &mut values {
            for other in &options.other_values {
                side.push(other.copied());
            }
        }
        let has_base = wants_base && survey.base != survey.head;
        let revisions = Revisions {
            base: base.filter(|_| has_base),
            head,
            read_base: &read_base,
            read_head: &read_head,
            values: [&values[0], &values[1]],
            runs: &options.runs,
        };
        let request = SourceRequest {
            catalog: self.catalog,
            interest: self.interest,
            most_steps: MOST_STEPS,
            is_root: options.is_root,
        };
        revisions
            .evaluate(&request)
            .map_err(anyhow::Error::msg)
            .context("failed to evaluate the Terraform source")
    }

    /// Other stacks of the same repositories, as they are at head: what carve-outs rest on there is no business of the plans.
    fn beside(
        &mut self,
        manifests: &ManifestInput<'_>,
        of_plans: &BTreeSet<RootPlace>,
        is_root: Option<&(dyn Fn(&str) -> bool + Sync)>,
    ) -> Result<Vec<RootPlace>> {
        let options = SourceOptions {
            tracked_values: Vec::new(),
            other_values: Vec::new(),
            runs: Vec::new(),
            is_root,
        };
        let mut places = Vec::new();
        for (index, survey) in manifests.surveys.iter().enumerate() {
            for mut root in self.roots((index, survey), &options, true)?.roots {
                let place = (index, root.directory.clone());
                if of_plans.contains(&place) {
                    continue;
                }
                let shown = root.label();
                if root.stand_still() {
                    self.notices.push(Notice {
                        kind: "stack-without-plan",
                        subject: shown.clone(),
                        message: "it differs from the base, and no plan of it is given: it is taken as it is at head, and what changes in \
                                  it is not seen; pass its plan too, or see its own check"
                            .to_owned(),
                    });
                }
                let name = match manifests.several_repositories {
                    true => format!("{}/", survey.name),
                    false => String::new(),
                };
                let scope = format!("{name}{shown}//");
                let mut reading = read_source(
                    self.catalog,
                    &root,
                    &scope,
                    &name,
                    self.interest,
                    &mut self.origins,
                    &mut self.secrets,
                );
                // What is not understood of it concerns its own check.
                reading.notices.clear();
                self.take_in(reading, scope);
                places.push(place);
            }
        }
        if !places.is_empty() {
            self.inputs.push(format!(
                "source of {}, as it is at head",
                counted(places.len(), "other root module")
            ));
        }
        Ok(places)
    }

    fn take_in(&mut self, reading: Reading, scope: String) {
        self.before.extend(reading.before);
        self.after.extend(reading.after);
        self.notices.extend(reading.notices);
        self.manage(reading.manager);
        self.remember(reading.known);
        self.plan_addresses.push(reading.addresses);
        self.placements.push(reading.placements);
        self.carried.extend(reading.carried);
        self.changed_calls.extend(reading.changed_calls);
        self.clusters.extend(reading.clusters);
        self.scopes.push(scope);
    }

    fn plan(
        &mut self,
        file: &InputFile,
        scope: &str,
        (surveys, find_root): (&[Survey], FindRoot<'_>),
    ) -> Result<()> {
        let label = &file.label;
        let bytes = file.bytes()?;
        let text = decode(label, &bytes)?;
        let Document::Plan(plan) = Document::parse(label, &text)? else {
            return Err(InputError::new(label, InputProblem::StateAsPlan).into());
        };
        let mut origins = std::mem::take(&mut self.origins);
        let mut secrets = std::mem::take(&mut self.secrets);
        let load = |addresses: &[&str], variables: &str| {
            let (index, directory) = find_root(file, addresses)?;
            let options = SourceOptions {
                tracked_values: Vec::new(),
                other_values: vec![SourceFile::parse("plan.tfvars.json", variables)],
                runs: Vec::new(),
                is_root: Some(&|root: &str| root == directory),
            };
            // Whatever is the matter with the source, the plan can be read without it.
            let source = self.roots((index, &surveys[index]), &options, false);
            source.ok()?.roots.pop()
        };
        let reading = read_plan(
            self.catalog,
            (&plan, Some(&load)),
            scope,
            self.interest,
            &mut origins,
            &mut secrets,
        );
        (self.origins, self.secrets) = (origins, secrets);
        self.inputs.push(format!(
            "plan {label}: {}",
            counted(reading.addresses.len(), "resource")
        ));
        self.take_in(reading, scope.to_owned());
        Ok(())
    }

    fn manage(&mut self, manager: [Vec<Piece>; 2]) {
        for (all, new) in self.manager.iter_mut().zip(manager) {
            all.extend(new);
        }
    }

    fn remember(&mut self, known: HashSet<(String, String)>) {
        if self.known.is_empty() {
            self.known = known;
        } else {
            self.known.extend(known);
        }
    }

    /// A state holds before and after.
    fn context(&mut self, file: &InputFile, text: &str) -> Result<()> {
        let label = &file.label;
        let scope = format!("{label}//");
        let reading = match Document::parse(label, text)? {
            Document::State(state) => read_state(
                self.catalog,
                &state,
                &scope,
                &self.known,
                &mut self.origins,
                &mut self.secrets,
            ),
            Document::Plan(_) => {
                return Err(InputError::new(label, InputProblem::PlanAsContext).into());
            }
        };
        self.inputs.push(format!(
            "context {label}: {}",
            counted(reading.addresses.len(), "resource")
        ));
        self.before.extend(reading.before);
        self.after.extend(reading.after);
        self.notices.extend(reading.notices);
        self.manage(reading.manager);
        self.remember(reading.known);
        // Of what a plan describes too, the plan knows better.
        let is_known = |one: &ClusterResource| {
            let mut known = self.clusters.iter();
            known.any(|other| {
                other.address == one.address && !other.all_names().is_disjoint(&one.all_names())
            })
        };
        let new: Vec<ClusterResource> = reading
            .clusters
            .into_iter()
            .filter(|one| !is_known(one))
            .collect();
        self.clusters.extend(new);
        self.cluster_places.extend(reading.placements);
        Ok(())
    }

    fn finish(mut self, manifests: &ManifestInput<'_>) -> Result<Network> {
        let several_repositories = manifests.several_repositories;
        let surveys = manifests.surveys;
        let keeps_declarations = manifests.keeps_declarations;
        let (mut before, mut after) = (self.before, self.after);
        let open = complete(&mut before, &mut after);
        let [manager_before, manager_after] = &self.manager;
        network_manager::expand(manager_before, &mut before);
        let not_seen = network_manager::expand(manager_after, &mut after);
        let told = Told {
            fragments: [&before, &after],
            placements: self
                .placements
                .iter()
                .chain([&self.cluster_places])
                .collect(),
            carried: &self.carried,
            clusters: &self.clusters,
        };
        let mut manifests = manifests.read(&told, &mut self.origins)?;
        before.extend(std::mem::take(&mut manifests.before));
        after.extend(std::mem::take(&mut manifests.after));
        let declared = keeps_declarations.then(|| [before.clone(), after.clone()]);
        self.inputs.extend(manifests.description());
        let (before, after) = rayon::join(
            || Snapshot::new(assemble(before)),
            || Snapshot::new(assemble(after)),
        );
        let mut notices = self.notices;
        notices.append(&mut manifests.notices);
        notices.extend(open);
        notices.extend(not_seen);
        notices.extend(after.graph.notices().iter().cloned());
        let of_surveys = surveys.iter().enumerate();
        let not_read = of_surveys.flat_map(|(index, survey)| {
            let files = survey.unread.iter();
            files.map(move |file| (index, file.clone()))
        });
        let unread_files = self.unread_files.into_iter().chain(not_read).collect();
        Ok(Network {
            before,
            after,
            origins: self.origins,
            notices,
            plan_addresses: self.plan_addresses,
            placements: self.placements,
            scopes: self.scopes,
            inputs: self.inputs,
            unread_files,
            changed_calls: self.changed_calls,
            manifests,
            several_repositories,
            declared,
        })
    }
}
