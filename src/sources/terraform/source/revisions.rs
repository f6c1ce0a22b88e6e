//! All root modules of two revisions, evaluated: in parallel, and once where nothing that is read differs.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::catalog::{Catalog, Meaning};
use crate::graph::fragment::Notice;

use super::super::apply::Interest;
use super::super::carried::carries;
use super::super::clusters::is_cluster;
use super::STACK_BYTES;
use super::compare::RootSource;
use super::reads::{Decoded, Files};
use super::remote::{HandedOut, Match, backend_text};
use super::snapshot::{Request, Snapshot, evaluate};
use super::syntax::SourceFile;
use super::tree::{ReadFile, Tree};
use super::units;
use super::values::{NamedRun, Renamed, Run, UnreadFile, changed_unread, runs};

/// How much work the evaluation of all root modules may take together: some seconds.
const ALL_STEPS: u64 = 400_000_000;

/// How much one root module may take at most.
pub const MOST_STEPS: u64 = 40_000_000;

/// How much one root module may take at least, however many there are.
const LEAST_STEPS: u64 = 200_000;

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

/// What other root modules put out, by the address of the data source that reads it.
type States = BTreeMap<String, Arc<HandedOut>>;

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

impl Revisions<'_> {
    /// Evaluate all root modules of both revisions, in parallel. Sorted by directory.
    ///
    /// # Errors
    ///
    /// If the system grants no threads to do it in.
    pub fn evaluate(&self, request: &SourceRequest<'_>) -> Result<EvaluatedSource, String> {
        let trees = [self.base, Some(self.head)];
        let both = trees.into_iter().flatten();
        let staying = self.base.map(|base| staying_roots(base, self.head));
        let stays = |root: &str| staying.as_ref().is_some_and(|all| all.contains(root));
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
                    stays(root) || all.all(|tree| tree.roots_contain(root) || !tree.calls(root))
                })
                .collect(),
        };
        let renamed = match self.base {
            Some(base) => renamed_roots(base, self.head, &all),
            None => Renamed::new(),
        };
        let gone: BTreeSet<&String> = renamed.values().collect();
        let all: Vec<String> = all
            .iter()
            .filter(|root| !gone.contains(root))
            .cloned()
            .collect();
        let both_trees: Vec<&Tree> = trees.into_iter().flatten().collect();
        let values_are_given = !self.values[1].is_empty();
        let all = runs(
            (self.base, self.head),
            &all,
            &renamed,
            self.runs,
            values_are_given,
        );
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
        let is_versioned = |resource_type: &str| match request.catalog.entry(resource_type) {
            Meaning::Modelled(entry, _) => !entry.defaults.is_empty(),
            _ => false,
        };
        let [files_base, files_head] = [self.read_base, self.read_head].map(Files::new);
        let decoded = Decoded::default();
        let is_root_of = |tree: &Tree, directory: &str| match request.is_root {
            Some(_) => tree.definition(directory).is_some(),
            None => {
                tree.roots_contain(directory)
                    || stays(directory) && tree.definition(directory).is_some()
            }
        };
        // What is put out matters only where somebody else may read it.
        let hands_out = all.len() > 1 && both_trees.iter().any(|tree| tree.reads_states());
        let evaluated = |tree: &Tree, run: &Run, is_head: bool, states: &States| {
            let directory = run.directory(is_head);
            let own = run.values((tree, is_head), &all);
            let Some(mut given_here) = own.filter(|_| is_root_of(tree, directory)) else {
                return Snapshot::default();
            };
            given_here.extend(given[usize::from(is_head)].clone());
            let request = Request {
                files: if is_head { &files_head } else { &files_base },
                decoded: &decoded,
                given: &given_here,
                states,
                hands_out,
                steps,
                is_wanted: &is_wanted,
                is_versioned: &is_versioned,
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
            run.was.is_none()
                && has_the_same_values
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
            let none = States::new();
            let after = evaluated(self.head, run, true, &none);
            let before = self
                .base
                .filter(|base| !is_unchanged(base, run, &after))
                .map(|base| evaluated(base, run, false, &none));
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
        for (run, (before, after)) in all.iter().zip(snapshots) {
            let is_one_of_several = times.get(&run.root).is_some_and(|times| *times > 1);
            roots.push(RootSource {
                run: if is_one_of_several {
                    run.label()
                } else {
                    String::new()
                },
                directory: run.root.clone(),
                before,
                after,
            });
        }
        if hands_out {
            let again = |index: usize, states: [&States; 2], is_same: bool| {
                let run = &all[index];
                let after = evaluated(self.head, run, true, states[1]);
                let base = self.base.filter(|_| !is_same);
                let before = base.map(|base| evaluated(base, run, false, states[0]));
                (before, after)
            };
            pool.install(|| join_states(&mut roots, &all, &again));
        }
        for root in &mut roots {
            root.name_imports();
            root.fill_in_defaults(request.catalog);
            root.keep_ignored(request.catalog);
        }
        Ok(EvaluatedSource {
            roots,
            unread: unread.unwrap_or_default(),
            notices: units::told(self.head),
        })
    }
}

/// The root modules of the base that are called now, by nothing that makes them in any case: a call that makes none of a module
/// does not take it out of the network.
fn staying_roots(base: &Tree, head: &Tree) -> BTreeSet<String> {
    let mut called: BTreeSet<String> = base.roots().into_iter().collect();
    called.retain(|root| head.calls(root) && !head.roots_contain(root));
    if !called.is_empty() {
        let made = head.made_in_any_case();
        called.retain(|root| !made.contains(root));
    }
    called
}

/// How many root modules that are gone, or new, are compared: with more, most have other names.
const MAX_RENAMED: usize = 500;

/// How much of two root modules must be called the same for the one to be the other in another place: one block in so many.
const RENAMED_SHARE: usize = 2;

/// The root modules that lie elsewhere than at the base: what is gone and what is new pair up where they declare mostly the same
/// blocks, keep their state in the same place, and no other pair is as good.
fn renamed_roots(base: &Tree, head: &Tree, all: &BTreeSet<String>) -> Renamed {
    let only_in = |tree: &Tree, other: &Tree| -> Vec<String> {
        let is_there = |tree: &Tree, root: &String| {
            tree.definition(root).is_some_and(|one| one.is_configured())
        };
        let only = |root: &&String| is_there(tree, root) && !is_there(other, root);
        all.iter().filter(only).cloned().collect()
    };
    let (gone, new) = (only_in(base, head), only_in(head, base));
    let mut scores: Vec<(usize, &String, &String)> = Vec::new();
    for was in gone.iter().take(MAX_RENAMED) {
        for is in new.iter().take(MAX_RENAMED) {
            let (Some(one), Some(other)) = (base.definition(was), head.definition(is)) else {
                continue;
            };
            let (own, others) = (one.declares(), other.declares());
            let shared = own.intersection(&others).count();
            let is_alike = shared * RENAMED_SHARE >= own.len().max(others.len()) && shared > 0;
            if is_alike && backend_text(one) == backend_text(other) {
                scores.push((shared, was, is));
            }
        }
    }
    let is_best = |(score, was, is): &(usize, &String, &String)| {
        let rivals = scores
            .iter()
            .filter(|(other, its, itself)| other >= score && (its == was || itself == is));
        rivals.count() == 1
    };
    let best = scores.iter().filter(|one| is_best(one));
    best.map(|(_, was, is)| ((*is).clone(), (*was).clone()))
        .collect()
}

/// Evaluates a run once more, with the states that it reads at base and head; `is_same` if the base comes to the same as the
/// head.
type Again<'a> = &'a (dyn Fn(usize, [&States; 2], bool) -> (Option<Snapshot>, Snapshot) + Sync);

/// Evaluate once more what reads the state of another root module, now that it is known what that puts out: those that are read
/// first. What leads in a circle is left as it is.
fn join_states(roots: &mut [RootSource], all: &[Run], again: Again<'_>) {
    let read = [false, true].map(|is_head| states_read(roots, all, is_head));
    let reads = |index: usize| -> BTreeSet<usize> {
        let sides = read.iter().flat_map(|side| side[index].values());
        sides.copied().collect()
    };
    let mut waiting: BTreeMap<usize, BTreeSet<usize>> = (0..roots.len())
        .map(|index| (index, reads(index)))
        .filter(|(_, reads)| !reads.is_empty())
        .collect();
    let mut handed: BTreeMap<(usize, bool), Arc<HandedOut>> = BTreeMap::new();
    while !waiting.is_empty() {
        let is_waiting = |index: &usize| waiting.contains_key(index);
        let ready = |(_, reads): &(&usize, &BTreeSet<usize>)| !reads.iter().any(is_waiting);
        let mut next: Vec<usize> = waiting.iter().filter(ready).map(|(own, _)| *own).collect();
        if next.is_empty() {
            // All that is left leads to a circle.
            next = waiting.keys().copied().collect();
        }
        let is_known = |index: &usize| !waiting.contains_key(index);
        for &source in next.iter().flat_map(|index| &waiting[index]) {
            for is_head in [false, true] {
                let seen = || Arc::new(roots[source].handed_out(is_head));
                if is_known(&source) {
                    handed.entry((source, is_head)).or_insert_with(seen);
                }
            }
        }
        let evaluated: Vec<(usize, (Option<Snapshot>, Snapshot))> = next
            .par_iter()
            .with_max_len(1)
            .map(|&index| {
                let states = [false, true].map(|is_head| -> States {
                    let read = read[usize::from(is_head)][index].iter();
                    let known = read.filter_map(|(address, source)| {
                        let handed = handed.get(&(*source, is_head))?;
                        Some((address.clone(), handed.clone()))
                    });
                    known.collect()
                });
                let is_same = roots[index].before.is_none()
                    && read[0][index] == read[1][index]
                    && states[0] == states[1];
                (index, again(index, [&states[0], &states[1]], is_same))
            })
            .collect();
        for (index, (before, after)) in evaluated {
            waiting.remove(&index);
            (roots[index].before, roots[index].after) = (before, after);
        }
    }
}

/// Whose state each data source of each run reads, where that is one run of another root module for sure.
fn states_read(roots: &[RootSource], all: &[Run], is_head: bool) -> Vec<BTreeMap<String, usize>> {
    let sides: Vec<&Snapshot> = roots.iter().map(|root| root.side(is_head)).collect();
    let mut found: Vec<BTreeMap<String, usize>> = vec![BTreeMap::new(); roots.len()];
    let mut workspaces: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for (index, reader) in sides.iter().enumerate() {
        for (address, asked_for) in &reader.states_read {
            let mut matches: Vec<(Match, usize)> = sides
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index)
                .flat_map(|(other, side)| {
                    let places = side.states.iter();
                    let matching =
                        places.filter_map(|place| Some((asked_for.is_of(place)?, &place.told_by)));
                    // What a file tells of one run says nothing of the others.
                    let of_run = matching
                        .filter(|(_, told_by)| told_by.is_empty() || all[other].goes_with(told_by));
                    of_run.map(|(how, _)| how).max().map(|how| (how, other))
                })
                .collect();
            let best = matches.iter().map(|(how, _)| *how).max();
            matches.retain(|(how, _)| Some(*how) == best);
            // Where both are run once for each of several files of values, the ones of one name belong together.
            if matches.len() > 1 {
                matches.retain(|(_, other)| all[*other].is_named_like(&all[index]));
            }
            if let [(_, only)] = matches[..] {
                found[index].insert(address.clone(), only);
                let mut workspace = asked_for.workspace();
                let places = sides[only].states.iter();
                for place in places.filter(|place| asked_for.is_of(place).is_some()) {
                    workspace.push_str(&place.told_by);
                }
                workspaces.entry(only).or_default().insert(workspace);
            }
        }
    }
    // One root module in several workspaces makes several networks, and it is evaluated as one.
    let is_one = |source: &usize| workspaces.get(source).is_some_and(|all| all.len() == 1);
    for read in &mut found {
        read.retain(|_, source| is_one(source));
    }
    found
}
