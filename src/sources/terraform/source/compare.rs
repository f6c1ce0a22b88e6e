//! Two revisions of a root module beside each other: which instance is which, what happens to it, what refers to what.
//!
//! Both are evaluated on their own and line up by address, after `moved` blocks. Whatever is written the same on both sides
//! is the same, though nobody knows its value.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::catalog::{Catalog, Meaning};
use crate::graph::fragment::Notice;
use crate::graph::origin::Origins;
use crate::value::Value;

use super::super::address::Address;
use super::super::apply::{
    Application, ChangedCall, Interest, Reading, Secrets, identifiers_inside,
};
use super::super::carried::{carried, carries};
use super::super::clusters::{self, is_cluster};
use super::super::providers::ProviderRegions;
use super::super::resource::Resource;
use super::STACK_BYTES;
use super::reads::{Decoded, Files};
use super::references::{Identities, SourceReferences, in_new_doubt, looks_for_another};
use super::repeat::Doubt;
use super::snapshot::{Evaluated, Request, Snapshot, evaluate};
use super::syntax::SourceFile;
use super::term::{Candidate, Term, Unknown};
use super::tree::{ReadFile, Tree};
use super::units;
use super::values::{NamedRun, Run, UnreadFile, changed_unread, runs};

/// How much work the evaluation of all root modules may take together: some seconds.
const ALL_STEPS: u64 = 400_000_000;

/// How much one root module may take at most.
pub const MOST_STEPS: u64 = 40_000_000;

/// How much one root module may take at least, however many there are.
const LEAST_STEPS: u64 = 200_000;

/// How many `moved` blocks may lead on from one another.
const MAX_MOVES: usize = 32;

/// The configuration of a repository at base and head.
pub struct Revisions<'r> {
    /// As it was; `None` if there is no change set, and head stands for both.
    pub base: Option<&'r Tree>,
    /// As it will be.
    pub head: &'r Tree,
    /// Reads files of the base.
    pub read_base: ReadFile<'r>,
    /// Reads files of the head.
    pub read_head: ReadFile<'r>,
    /// Files of variables that somebody named, base and head, in order: all root modules are run with these.
    pub values: [&'r [SourceFile]; 2],
    /// What else somebody says of the files that root modules are run with.
    pub runs: &'r [NamedRun],
}

/// What the configuration of a repository comes to.
#[derive(Default)]
pub struct EvaluatedSource {
    /// Every run of every root module, sorted by directory and by the files it is told to read.
    pub roots: Vec<RootSource>,
    /// Files that differ between base and head and that no evaluation reads.
    pub unread: BTreeSet<UnreadFile>,
    /// What else is not evaluated.
    pub notices: Vec<Notice>,
}

/// What to evaluate.
pub struct SourceRequest<'r> {
    /// What types mean.
    pub catalog: &'r Catalog,
    /// Resources whose place in the graph is wanted.
    pub interest: &'r Interest,
    /// How much work one root module may take at most; [`MOST_STEPS`] is plenty.
    pub most_steps: u64,
    /// Whether a directory is a root module, where somebody says so; else those are that nobody calls.
    pub is_root: Option<&'r (dyn Fn(&str) -> bool + Sync)>,
}

/// One root module at base and head, evaluated.
pub struct RootSource {
    /// Its directory.
    pub directory: String,
    /// The files of values that this run of it is told to read, where there are several runs; else empty.
    pub run: String,
    /// `None` where it is as after the change.
    before: Option<Snapshot>,
    after: Snapshot,
}

impl RootSource {
    /// Every address that it makes before or after the change.
    #[must_use]
    pub fn addresses(&self) -> BTreeSet<&str> {
        let sides = [self.before.as_ref(), Some(&self.after)];
        let all = sides.into_iter().flatten().flat_map(|side| &side.resources);
        all.map(|one| &*one.address).collect()
    }

    /// Give resources the identifiers that a state of this root module knows them by, before and after.
    pub fn name_from(&mut self, ids: &BTreeMap<String, String>) {
        self.give_ids(ids);
    }

    /// What it is called: by its directory, and the files of values that it is run with.
    #[must_use]
    pub fn label(&self) -> String {
        match (self.directory.as_str(), self.run.as_str()) {
            ("", "") => ".".to_owned(),
            (directory, "") => directory.to_owned(),
            ("", run) => run.to_owned(),
            (directory, run) => format!("{directory}+{run}"),
        }
    }

    /// Take it as it is after the change on both sides; tells whether anything that it reads differed.
    pub fn stand_still(&mut self) -> bool {
        self.before.take().is_some()
    }

    /// How many resource instances it makes after the change.
    #[must_use]
    pub fn resource_count(&self) -> usize {
        self.after.resources.len()
    }
}

impl Revisions<'_> {
    /// Evaluate all root modules of both revisions, in parallel. Sorted by directory.
    ///
    /// # Errors
    ///
    /// If the system grants no threads to do it in.
    pub fn evaluate(&self, request: &SourceRequest<'_>) -> Result<EvaluatedSource, String> {
        let trees = [self.base, Some(self.head)];
        let both = trees.into_iter().flatten();
        let all: BTreeSet<String> = match request.is_root {
            Some(is_root) => both
                .flat_map(Tree::modules)
                .filter(|directory| is_root(directory))
                .collect(),
            None => both
                .flat_map(Tree::roots)
                // A module that is called in either revision is no root of the other: it waits for its first caller, or lost its last.
                .filter(|root| {
                    let mut all = trees.into_iter().flatten();
                    all.all(|tree| tree.roots_contain(root) || !tree.calls(root))
                })
                .collect(),
        };
        let all: Vec<String> = all.into_iter().collect();
        let both: Vec<&Tree> = trees.into_iter().flatten().collect();
        let values_are_given = !self.values[1].is_empty();
        let all = runs(&both, &all, self.runs, values_are_given);
        let sides = if self.base.is_some() { 2 } else { 1 };
        let steps = ALL_STEPS / (all.len().max(1) as u64 * sides);
        let steps = steps.clamp(LEAST_STEPS.min(request.most_steps), request.most_steps);
        let given = self.values.map(|files| {
            let mut given = BTreeMap::new();
            for file in files {
                let values = file.attributes.iter();
                given.extend(values.map(|(name, value)| (name.clone(), value.clone())));
            }
            given
        });
        let is_wanted = |resource_type: &str| {
            // Of what is not modelled the report says whether it changes.
            let meaning = request.catalog.entry(resource_type);
            carries(resource_type) || !matches!(meaning, Meaning::Irrelevant(_))
        };
        let is_of_interest = |resource_type: &str, name: &str| {
            let wanted = (resource_type.to_owned(), name.to_owned());
            is_cluster(resource_type) || request.interest.contains(&wanted)
        };
        let [files_base, files_head] = [self.read_base, self.read_head].map(Files::new);
        let decoded = Decoded::default();
        let is_root_of = |tree: &Tree, directory: &str| match request.is_root {
            Some(_) => tree.definition(directory).is_some(),
            None => tree.roots_contain(directory),
        };
        let evaluated = |tree: &Tree, run: &Run, is_head: bool| {
            let directory = run.root.as_str();
            let own = run.values(tree, &all);
            let Some(mut given_here) = own.filter(|_| is_root_of(tree, directory)) else {
                return Snapshot::default();
            };
            given_here.extend(given[usize::from(is_head)].clone());
            let request = Request {
                files: if is_head { &files_head } else { &files_base },
                decoded: &decoded,
                given: &given_here,
                steps,
                is_wanted: &is_wanted,
                is_of_interest: &is_of_interest,
            };
            evaluate(tree, directory, &request)
        };
        let has_the_same_values = self.values[0].len() == self.values[1].len()
            && self.values[0]
                .iter()
                .zip(self.values[1])
                .all(|(base, head)| base.is_copy_of(head));
        // Whatever was read for the head is the same at the base: it comes to the same there.
        let is_unchanged = |base: &Tree, run: &Run, after: &Snapshot| {
            let directory = run.root.as_str();
            has_the_same_values
                && run.reads_the_same(base, self.head)
                && is_root_of(base, directory)
                && is_root_of(self.head, directory)
                && base.has_the_same(self.head, directory, &after.reads)
                && after
                    .reads
                    .files
                    .iter()
                    .all(|path| files_base.get(path) == files_head.get(path))
        };
        let both = |run: &Run| {
            let after = evaluated(self.head, run, true);
            let before = self
                .base
                .filter(|base| !is_unchanged(base, run, &after))
                .map(|base| evaluated(base, run, false));
            (before, after)
        };
        // A stack for the depth that expressions may have; pages that nobody uses cost nothing.
        let pool = rayon::ThreadPoolBuilder::new()
            .stack_size(STACK_BYTES)
            .build()
            .map_err(|error| error.to_string())?;
        let snapshots: Vec<(Option<Snapshot>, Snapshot)> =
            pool.install(|| all.par_iter().with_max_len(1).map(both).collect());
        let named: BTreeSet<&str> = self
            .values
            .into_iter()
            .flatten()
            .map(SourceFile::path)
            .collect();
        let unread = self
            .base
            .map(|base| changed_unread([base, self.head], &all, &named));
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for run in &all {
            *times.entry(run.root.clone()).or_default() += 1;
        }
        let mut roots = Vec::new();
        for (run, (before, after)) in all.into_iter().zip(snapshots) {
            let is_one_of_several = times.get(&run.root).is_some_and(|times| *times > 1);
            let mut source = RootSource {
                run: if is_one_of_several {
                    run.label()
                } else {
                    String::new()
                },
                directory: run.root,
                before,
                after,
            };
            source.name_imports();
            roots.push(source);
        }
        Ok(EvaluatedSource {
            roots,
            unread: unread.unwrap_or_default(),
            notices: units::told(self.head),
        })
    }
}

impl RootSource {
    /// What an `import` block takes in is known by its identifier on both sides, or on none.
    fn name_imports(&mut self) {
        let mut imports = self.after.imports.clone();
        if let Some(before) = &self.before {
            for (address, id) in &before.imports {
                let now = self.moved(address);
                imports.entry(now).or_insert_with(|| id.clone());
            }
        }
        self.give_ids(&imports);
    }

    fn give_ids(&mut self, imports: &BTreeMap<String, String>) {
        if imports.is_empty() {
            return;
        }
        let moves = self.after.moved.clone();
        let sides = [self.before.as_mut(), Some(&mut self.after)];
        for side in sides.into_iter().flatten() {
            for one in &mut side.resources {
                let id = imports
                    .get(&*one.address)
                    .or_else(|| imports.get(&follow_moves(&one.address, &moves)));
                if let Some(id) = id {
                    let value = Value::Text(id.clone());
                    one.values.entry("id".to_owned()).or_insert(value);
                    one.terms
                        .entry("id".to_owned())
                        .or_insert_with(|| Term::text(id));
                }
            }
        }
    }

    fn moved(&self, address: &str) -> String {
        follow_moves(address, &self.after.moved)
    }

    /// Calls of modules that nobody read and that say something else after the change set, or are new, or gone.
    fn changed_calls(&self, scope: &str) -> Vec<ChangedCall> {
        let Some(before) = &self.before else {
            return Vec::new();
        };
        let sides = [&before.unread_calls, &self.after.unread_calls];
        let addresses: BTreeSet<&String> = sides.iter().flat_map(|side| side.keys()).collect();
        let changed = addresses
            .into_iter()
            .filter(|address| sides[0].get(*address) != sides[1].get(*address));
        let told = changed.map(|address| {
            let all = sides.iter().filter_map(|side| side.get(address));
            let mentioned = Unknown::derived(address.as_str(), all).candidates;
            let given = mentioned
                .into_iter()
                .filter_map(|candidate| match candidate {
                    Candidate::Attribute(resource, _) => Some(format!("{scope}{resource}")),
                    Candidate::Symbol(_) | Candidate::Constant(_) => None,
                });
            ChangedCall {
                address: format!("{scope}{address}"),
                given: given.collect(),
            }
        });
        told.collect()
    }

    /// The instances that are there before and after the change set; none where the two are known to be the same.
    fn on_both_sides<'s>(
        &'s self,
        pairs: &'s [(Option<usize>, Option<usize>)],
    ) -> impl Iterator<Item = (&'s Evaluated, &'s Evaluated)> {
        let before = self.before.iter();
        before.flat_map(move |before| {
            pairs.iter().filter_map(move |(base, head)| {
                let before = before.resources.get((*base)?)?;
                Some((before, self.after.resources.get((*head)?)?))
            })
        })
    }

    /// What may be there after the change set on other conditions than before it.
    fn new_doubts(
        &self,
        catalog: &Catalog,
        pairs: &[(Option<usize>, Option<usize>)],
    ) -> Vec<Notice> {
        let in_doubt = self.on_both_sides(pairs).filter(|(before, after)| {
            in_new_doubt(before, after)
                && matches!(catalog.entry(&after.resource_type), Meaning::Modelled(..))
        });
        let told = in_doubt.map(|(before, after)| {
            let new = after.doubts.difference(&before.doubts).next();
            let lost = before.doubts.difference(&after.doubts).next();
            let condition = |doubt: &Doubt| doubt.condition.to_string();
            let why = match (lost.map(condition), new.map(condition)) {
                (Some(lost), Some(new)) => format!(
                    "nobody can tell whether it is there, and what that hangs on changes: {lost} before, {new} after"
                ),
                (Some(lost), None) => format!(
                    "it is there after the change, and nobody can tell whether it was there before: {lost}"
                ),
                (None, new) => format!(
                    "nobody can tell whether it is there after the change: {}",
                    new.unwrap_or_default()
                ),
            };
            Notice {
                kind: "may-be-there",
                subject: after.address.to_string(),
                message: format!("{why}; it counts as new"),
            }
        });
        told.collect()
    }

    /// Data sources that are told to look for something else.
    fn other_lookups(
        &self,
        catalog: &Catalog,
        pairs: &[(Option<usize>, Option<usize>)],
    ) -> Vec<Notice> {
        let other = self.on_both_sides(pairs).filter(|(before, after)| {
            looks_for_another(before, after)
                && matches!(catalog.entry(&after.resource_type), Meaning::Modelled(..))
        });
        let told = other.map(|(_, after)| Notice {
            kind: "looks-for-another",
            subject: after.address.to_string(),
            message: "it is told to look for something else than before: what it finds counts as another thing; a plan tells whether it is"
                .to_owned(),
        });
        told.collect()
    }

    /// Its expressions as answers. `pairs` tells which instance of the base is which at head.
    fn references<'s>(
        &'s self,
        catalog: &'s Catalog,
        scope: &'s str,
        prefix: &'s str,
        pairs: &[(Option<usize>, Option<usize>)],
    ) -> SourceReferences<'s> {
        let before = self.before.as_ref().unwrap_or(&self.after);
        let mut references = SourceReferences {
            catalog,
            scope,
            prefix,
            before,
            after: &self.after,
            before_of: HashMap::new(),
            after_of: HashMap::new(),
            now: HashMap::new(),
        };
        for (base, head) in pairs {
            let at_head = head.and_then(|head| self.after.resources.get(head));
            let at_base = base.and_then(|base| before.resources.get(base));
            let Some(address) = at_head.or(at_base).map(|one| &one.address) else {
                continue;
            };
            if let Some(head) = head {
                references.after_of.insert(address, *head);
            }
            let base = if self.before.is_none() { head } else { base };
            if let Some(base) = base {
                references.before_of.insert(address, *base);
                references
                    .now
                    .insert(&before.resources[*base].address, address);
            }
        }
        references
    }

    /// What its expressions come to after the change, for a plan that was made of it.
    pub(in super::super) fn answers<'s>(
        &'s self,
        catalog: &'s Catalog,
        scope: &'s str,
    ) -> SourceReferences<'s> {
        self.references(catalog, scope, "", &self.pairs())
    }

    /// Which instance of the base is which at head: positions at base and head.
    fn pairs(&self) -> Vec<(Option<usize>, Option<usize>)> {
        let Some(before) = &self.before else {
            let all = 0..self.after.resources.len();
            return all.map(|index| (None, Some(index))).collect();
        };
        let mut base_of: HashMap<usize, usize> = HashMap::new();
        let mut left: Vec<usize> = Vec::new();
        for (index, one) in before.resources.iter().enumerate() {
            match self.after.by_address.get(&one.address) {
                Some(&same) => {
                    base_of.insert(same, index);
                }
                None => left.push(index),
            }
        }
        // What `count` is put on or taken from moves by itself: `a.b` is `a.b[0]`.
        let mut by_plain: HashMap<String, usize> = HashMap::new();
        for (index, one) in self.after.resources.iter().enumerate() {
            if !base_of.contains_key(&index) {
                by_plain.entry(without_zeros(&one.address)).or_insert(index);
            }
        }
        let mut pairs = Vec::new();
        for index in left {
            let now = self.moved(&before.resources[index].address);
            let found = self.after.by_address.get(now.as_str()).copied();
            let found = found.or_else(|| by_plain.get(&without_zeros(&now)).copied());
            match found {
                Some(found) if !base_of.contains_key(&found) => {
                    base_of.insert(found, index);
                }
                _ => pairs.push((Some(index), None)),
            }
        }
        let heads = 0..self.after.resources.len();
        pairs.extend(heads.map(|index| (base_of.get(&index).copied(), Some(index))));
        pairs
    }
}

/// Where `moved` blocks lead an address, one after the other.
fn follow_moves(address: &str, moves: &[(String, String)]) -> String {
    let mut now = address.to_owned();
    for _ in 0..MAX_MOVES {
        let next = moves.iter().find_map(|(from, to)| {
            let rest = now.strip_prefix(from.as_str())?;
            let is_whole = rest.is_empty() || rest.starts_with(['.', '[']);
            is_whole.then(|| format!("{to}{rest}"))
        });
        match next {
            Some(next) if next != now => now = next,
            _ => break,
        }
    }
    now
}

fn without_zeros(address: &str) -> String {
    address.replace("[0]", "")
}

/// One root module as two fragments. `scope` is put before every address; empty when there is one root only. `prefix` is
/// put before the paths of files, to tell repositories apart.
pub fn read_source(
    catalog: &Catalog,
    source: &RootSource,
    scope: &str,
    prefix: &str,
    interest: &Interest,
    origins: &mut Origins,
    secrets: &mut Secrets,
) -> Reading {
    let is_static = source.before.is_none();
    let before = source.before.as_ref().unwrap_or(&source.after);
    let pairs = source.pairs();
    let references = source.references(catalog, scope, prefix, &pairs);
    let identities = if is_static {
        Identities::default()
    } else {
        references.identities(&pairs)
    };
    let mut resources: Vec<Resource<'_>> = Vec::with_capacity(pairs.len());
    for pair in &pairs {
        resources.extend(references.resource(*pair, is_static, &identities));
    }
    resources.sort_by(|one, other| one.address.cmp(&other.address));
    let mut notices: BTreeSet<_> = source.after.notices.clone();
    notices.extend(before.notices.iter().cloned());
    notices.extend(source.new_doubts(catalog, &pairs));
    notices.extend(source.other_lookups(catalog, &pairs));
    let mut reading = Reading {
        notices: notices.into_iter().collect(),
        carried: carried(&resources),
        clusters: clusters::names(&resources),
        changed_calls: source.changed_calls(scope),
        ..Reading::default()
    };
    if !scope.is_empty() {
        let has_address = |notice: &&mut Notice| notice.kind != "unreadable-source";
        for notice in reading.notices.iter_mut().filter(has_address) {
            let is_address = Address::parse(&notice.subject).is_some();
            if is_address || notice.subject.starts_with("module.") {
                notice.subject = format!("{scope}{}", notice.subject);
            }
        }
    }
    let places = ProviderRegions::default();
    Application {
        catalog,
        scope,
        places: &places,
        resolver: Some(&references),
        origins,
        secrets,
        restored: Vec::new(),
    }
    .read(&resources, &HashSet::new(), &mut reading);
    for resource in &resources {
        let name = (
            resource.resource_type.to_string(),
            resource.name.to_string(),
        );
        if is_cluster(&resource.resource_type) || interest.contains(&name) {
            let mut keys = references.surroundings(&resource.address);
            keys.extend(identifiers_inside(catalog, resource));
            keys.insert(references.address_key(&resource.address));
            reading
                .placements
                .insert(resource.address.to_string(), keys);
        }
    }
    reading
}
