//! Two revisions of a root module beside each other: which instance is which, what happens to it, what refers to what.
//!
//! Both are evaluated on their own and line up by address, after `moved` blocks. Whatever is written the same on both sides
//! is the same, though nobody knows its value.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::catalog::{Catalog, Meaning};
use crate::graph::fragment::Notice;
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::graph::origin::{Action, Origins};
use crate::location::Location;
use crate::value::Value;

use super::super::address::Address;
use super::super::apply::{Application, Interest, Reading, Secrets, identifiers_inside};
use super::super::canonical::identifier_key;
use super::super::carried::{carried, carries};
use super::super::clusters::{self, is_cluster};
use super::super::providers::{ProviderPlace, ProviderRegions};
use super::super::resolve::{Question, References, identifies, nodes};
use super::super::resource::{Instance, Resource};
use super::STACK_BYTES;
use super::reads::{Decoded, Files};
use super::snapshot::{Evaluated, Request, Snapshot, evaluate};
use super::syntax::SourceFile;
use super::term::{Candidate, MAX_VALUE_DEPTH, Term, Unknown};
use super::tree::{ReadFile, Tree};

/// How much work the evaluation of all root modules may take together: some seconds.
const ALL_STEPS: u64 = 400_000_000;

/// How much one root module may take at most.
pub const MOST_STEPS: u64 = 40_000_000;

/// How much one root module may take at least, however many there are.
const LEAST_STEPS: u64 = 200_000;

/// How many `moved` blocks may lead on from one another.
const MAX_MOVES: usize = 32;

/// How many resources around one are looked at before the rest counts as far away.
const MAX_SURROUNDINGS: usize = 200;

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
    /// Files of variables that somebody named, base and head, in order.
    pub values: [&'r [SourceFile]; 2],
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
    pub fn evaluate(&self, request: &SourceRequest<'_>) -> Result<Vec<RootSource>, String> {
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
                    all.all(|tree| tree.definition(root).is_none() || tree.roots_contain(root))
                })
                .collect(),
        };
        let all: Vec<String> = all.into_iter().collect();
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
            carries(resource_type)
                || matches!(request.catalog.entry(resource_type), Meaning::Modelled(..))
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
        let evaluated = |tree: &Tree, directory: &str, is_head: bool| {
            if !is_root_of(tree, directory) {
                return Snapshot::default();
            }
            let request = Request {
                files: if is_head { &files_head } else { &files_base },
                decoded: &decoded,
                given: &given[usize::from(is_head)],
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
        let is_unchanged = |base: &Tree, directory: &str, after: &Snapshot| {
            has_the_same_values
                && is_root_of(base, directory)
                && is_root_of(self.head, directory)
                && base.has_the_same(self.head, directory, &after.reads)
                && after
                    .reads
                    .files
                    .iter()
                    .all(|path| files_base.get(path) == files_head.get(path))
        };
        let both = |directory: &String| {
            let after = evaluated(self.head, directory, true);
            let before = self
                .base
                .filter(|base| !is_unchanged(base, directory, &after))
                .map(|base| evaluated(base, directory, false));
            (before, after)
        };
        // A stack for the depth that expressions may have; pages that nobody uses cost nothing.
        let pool = rayon::ThreadPoolBuilder::new()
            .stack_size(STACK_BYTES)
            .build()
            .map_err(|error| error.to_string())?;
        let snapshots: Vec<(Option<Snapshot>, Snapshot)> =
            pool.install(|| all.par_iter().with_max_len(1).map(both).collect());
        let mut sources = Vec::new();
        for (directory, (before, after)) in all.into_iter().zip(snapshots) {
            let mut source = RootSource {
                directory,
                before,
                after,
            };
            source.name_imports();
            sources.push(source);
        }
        Ok(sources)
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
    let mut references = SourceReferences {
        catalog,
        scope,
        prefix,
        before,
        after: &source.after,
        before_of: HashMap::new(),
        after_of: HashMap::new(),
        now: HashMap::new(),
    };
    let pairs = source.pairs();
    let address_of = |(base, head): &(Option<usize>, Option<usize>)| -> Option<&Arc<str>> {
        let after = head.and_then(|head| source.after.resources.get(head));
        let before = base.and_then(|base| before.resources.get(base));
        after.or(before).map(|one| &one.address)
    };
    for pair in &pairs {
        let (base, head) = *pair;
        let Some(address) = address_of(pair) else {
            continue;
        };
        if let Some(head) = head {
            references.after_of.insert(address, head);
        }
        let base = if is_static { head } else { base };
        if let Some(base) = base {
            references.before_of.insert(address, base);
            references
                .now
                .insert(&before.resources[base].address, address);
        }
    }
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
    let mut reading = Reading {
        notices: notices.into_iter().collect(),
        carried: carried(&resources),
        clusters: clusters::names(&resources),
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

/// The attributes of objects that a change destroys and makes anew: the object before must not pass for the one after.
#[derive(Default)]
struct Identities {
    /// By position in the snapshot before.
    before: HashMap<usize, BTreeMap<String, Value>>,
    /// By position in the snapshot after.
    after: HashMap<usize, BTreeMap<String, Value>>,
}

/// Resolves references by what expressions came to.
struct SourceReferences<'s> {
    catalog: &'s Catalog,
    scope: &'s str,
    prefix: &'s str,
    before: &'s Snapshot,
    after: &'s Snapshot,
    /// Positions in the snapshots by the address that a resource is known by on both sides.
    before_of: HashMap<&'s str, usize>,
    after_of: HashMap<&'s str, usize>,
    /// The addresses of the base as they are now.
    now: HashMap<&'s str, &'s str>,
}

impl<'s> SourceReferences<'s> {
    /// What is another object after the change, by what no provider changes in place: the region it lies in, and the one
    /// prefix a network is made with.
    fn identities(&self, pairs: &[(Option<usize>, Option<usize>)]) -> Identities {
        let mut identities = Identities::default();
        for pair in pairs {
            let (Some(base), Some(head)) = *pair else {
                continue;
            };
            let (before, after) = (&self.before.resources[base], &self.after.resources[head]);
            if !self.is_replaced(before, after) {
                continue;
            }
            if before.values.contains_key("id") {
                let mut values = after.values.clone();
                values.remove("id");
                identities.after.insert(head, values);
            } else {
                let mut values = before.values.clone();
                let id = Value::Text(format!("{}{} before", self.scope, after.address));
                values.insert("id".to_owned(), id);
                identities.before.insert(base, values);
            }
        }
        identities
    }

    fn is_replaced(&self, before: &Evaluated, after: &Evaluated) -> bool {
        let Meaning::Modelled(entry, file) = self.catalog.entry(&after.resource_type) else {
            return false;
        };
        if after.is_data {
            return false;
        }
        let rule = entry.place.as_ref();
        let is_global = rule.is_some_and(|rule| rule.global);
        let region = |one: &Evaluated, side: &Snapshot| {
            let own = rule.map(|rule| &rule.region).into_iter().flatten();
            let usual = file.place.region.iter();
            let written = own
                .chain(usual)
                .find_map(|path| one.values.get(path)?.as_text());
            written.or_else(|| {
                side.places
                    .place(one.provider_key.as_deref()?)?
                    .region
                    .clone()
            })
        };
        let moves = match (region(before, self.before), region(after, self.after)) {
            (Some(was), Some(is)) => !is_global && was != is,
            _ => false,
        };
        // A list of prefixes can grow; a single one is what the network is.
        let is_remade = nodes(entry)
            .filter(|node| node.kind == NodeKind::Network)
            .flat_map(|node| &node.address_space)
            .any(
                |path| match (before.values.get(path), after.values.get(path)) {
                    (Some(Value::Text(was)), Some(Value::Text(is))) => was != is,
                    _ => false,
                },
            );
        moves || is_remade
    }

    fn resource<'r>(
        &self,
        (base, head): (Option<usize>, Option<usize>),
        is_static: bool,
        identities: &'r Identities,
    ) -> Option<Resource<'r>>
    where
        's: 'r,
    {
        let before = base.map(|index| &self.before.resources[index]);
        let after = head.map(|index| &self.after.resources[index]);
        let is_remade = base.is_some_and(|base| identities.before.contains_key(&base))
            || head.is_some_and(|head| identities.after.contains_key(&head));
        let values_before = base.and_then(|base| identities.before.get(&base));
        let values_after = head.and_then(|head| identities.after.get(&head));
        let instance = |one: Option<&'s Evaluated>, own: Option<&'r BTreeMap<String, Value>>| {
            one.map(|one| Instance::evaluated(own.unwrap_or(&one.values)))
        };
        let (action, before, after) = match (before, after) {
            (None, Some(after)) if is_static => (Action::Keep, Some(after), Some(after)),
            (Some(before), Some(after)) if after.is_data => {
                (Action::Keep, Some(before), Some(after))
            }
            (Some(before), Some(after)) if is_remade => {
                (Action::Replace, Some(before), Some(after))
            }
            (Some(before), Some(after)) if self.is_same(before, after) => {
                (Action::Keep, Some(before), Some(after))
            }
            (Some(before), Some(after)) => (Action::Update, Some(before), Some(after)),
            (None, Some(after)) if after.is_data => (Action::Read, None, Some(after)),
            // It is there, and comes under management.
            (None, Some(after)) if self.after.imports.contains_key(&*after.address) => {
                (Action::Keep, Some(after), Some(after))
            }
            (None, after) => (Action::Create, None, after),
            (Some(before), None) if before.is_data => (Action::Read, Some(before), None),
            (Some(before), None) if self.is_forgotten(before) => {
                (Action::Forget, Some(before), Some(before))
            }
            (before, None) => (Action::Delete, before, None),
        };
        let one = after.or(before)?;
        let previous = before.filter(|before| before.address != one.address);
        Some(Resource {
            address: Cow::Borrowed(&*one.address),
            previous_address: previous.map(|previous| Cow::Borrowed(&*previous.address)),
            module: Cow::Borrowed(one.module.as_str()),
            resource_type: Cow::Borrowed(one.resource_type.as_str()),
            name: Cow::Borrowed(one.name.as_str()),
            key: one.key.clone(),
            is_data: one.is_data,
            provider_key: one.provider_key.as_deref().map(Cow::Borrowed),
            action,
            importing: None,
            before: instance(before, values_before),
            after: instance(after, values_after),
        })
    }

    fn is_forgotten(&self, one: &Evaluated) -> bool {
        let block = Address::parse(&one.address).map(|address| address.without_keys());
        self.after.forgotten.iter().any(|forgotten| {
            let is_below = one
                .address
                .strip_prefix(forgotten.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            is_below || block.as_deref() == Some(forgotten)
        })
    }

    fn is_same(&self, before: &Evaluated, after: &Evaluated) -> bool {
        let names = before.terms.keys().chain(after.terms.keys());
        let place = |one: &Evaluated, side: &Snapshot| {
            one.provider_key
                .as_deref()
                .and_then(|key| side.places.place(key).cloned())
        };
        names
            .into_iter()
            .all(|name| self.says_the_same(before, after, name))
            && place(before, self.before) == place(after, self.after)
    }

    fn says_the_same(&self, before: &Evaluated, after: &Evaluated, name: &str) -> bool {
        let of = |one: &'_ Evaluated| one.terms.get(name).cloned().unwrap_or(Term::Null);
        self.equal(&of(before), &of(after), 0)
    }

    /// Whether two values are written the same, once addresses of the base are what they are now.
    fn equal(&self, before: &Term, after: &Term, depth: usize) -> bool {
        if depth > MAX_VALUE_DEPTH {
            return false;
        }
        match (before, after) {
            (Term::Unknown(one), Term::Unknown(other)) => {
                one.name == other.name
                    || (one.is_exact
                        && other.is_exact
                        && one
                            .candidates
                            .iter()
                            .map(|candidate| self.candidate_now(candidate))
                            .eq(other.candidates.iter().cloned()))
            }
            (Term::Instance(one), Term::Instance(other)) => {
                self.address_now(&one.address) == &*other.address
            }
            (Term::List(one), Term::List(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other.iter())
                        .all(|(one, other)| self.equal(one, other, depth + 1))
            }
            (Term::Object(one), Term::Object(other)) => {
                one.entries.len() == other.entries.len()
                    && one.rest.is_some() == other.rest.is_some()
                    && one.entries.iter().all(|(name, entry)| {
                        other
                            .entries
                            .get(name)
                            .is_some_and(|other| self.equal(entry, other, depth + 1))
                    })
            }
            (Term::Secret(one), Term::Secret(other)) => self.equal(one, other, depth + 1),
            // A number and its text are the same to a provider.
            _ => {
                before == after
                    || (before.to_text().is_some() && before.to_text() == after.to_text())
            }
        }
    }

    fn candidate_now(&self, candidate: &Candidate) -> Candidate {
        match candidate {
            Candidate::Attribute(address, attribute) => {
                Candidate::Attribute(self.address_now(address).into(), attribute.clone())
            }
            other => other.clone(),
        }
    }

    fn address_now<'a>(&'a self, address: &'a str) -> &'a str {
        self.now.get(address).copied().unwrap_or(address)
    }

    fn address_key(&self, address: &str) -> Key {
        Key::Address(format!("{}{address}", self.scope))
    }

    /// What is written of a resource on one side. What is forgotten is still there afterwards, and what is imported was
    /// there before: they are as the other side has them.
    fn evaluated(&self, resource: &Resource<'_>, is_after: bool) -> Option<&'s Evaluated> {
        let before = self.before_of.get(&*resource.address);
        let before = before.and_then(|index| self.before.resources.get(*index));
        let after = self.after_of.get(&*resource.address);
        let after = after.and_then(|index| self.after.resources.get(*index));
        if is_after {
            after.or(before)
        } else {
            before.or(after)
        }
    }

    /// What one unknown value refers to.
    fn reference(&self, unknown: &Unknown, question: Question<'_>, is_after: bool) -> Reference {
        let mut keys: BTreeSet<Key> = BTreeSet::new();
        let mut symbols: BTreeSet<Key> = BTreeSet::new();
        let mut is_open = unknown.is_open;
        for candidate in &unknown.candidates {
            match candidate {
                Candidate::Attribute(address, attribute) => {
                    let address: &str = if is_after {
                        address
                    } else {
                        self.address_now(address)
                    };
                    match self.attribute_key(address, attribute) {
                        Some(key) => {
                            keys.insert(key);
                        }
                        None if address.starts_with("data.") || address.contains(".data.") => {
                            let name = if unknown.is_exact {
                                unknown.name.clone()
                            } else {
                                format!("{address}.{attribute}")
                            };
                            symbols.insert(self.address_key(&name));
                        }
                        None => is_open = true,
                    }
                }
                Candidate::Constant(text) => {
                    keys.extend(question.file.map(|file| identifier_key(file, text)));
                }
                Candidate::Symbol(name) => {
                    symbols.insert(self.address_key(name));
                }
            }
        }
        // A name by itself stands for one thing; as a part of something it is only a trace.
        if unknown.is_exact || !keys.is_empty() {
            keys.extend(symbols);
        }
        let mut keys: Vec<Key> = keys.into_iter().collect();
        if keys.len() > 1 && question.kind != NodeKind::Other {
            let wanted: Vec<Key> = keys
                .iter()
                .filter(|key| self.may_be(key, question.kind))
                .cloned()
                .collect();
            if !wanted.is_empty() {
                keys = wanted;
            }
        }
        match (keys.pop(), keys.is_empty(), is_open) {
            (Some(only), true, false) => Reference::To(only),
            (Some(last), ..) => {
                keys.push(last);
                Reference::OneOf(keys)
            }
            (None, ..) => Reference::Unresolved {
                placeholder: format!("{}{}", self.scope, unknown.name),
                why: unknown.why.clone(),
            },
        }
    }

    /// The key that an attribute of another resource stands for, if it stands for a part of the graph.
    fn attribute_key(&self, address: &str, attribute: &str) -> Option<Key> {
        let parsed = Address::parse(address)?;
        let Meaning::Modelled(entry, file) = self.catalog.entry(&parsed.resource_type) else {
            return None;
        };
        if parsed.is_data && !entry.means_the_same_as_data() {
            return None;
        }
        if attribute == "id" || identifies(entry, file, attribute) {
            return Some(self.address_key(address));
        }
        let is_table = nodes(entry)
            .flat_map(|node| &node.tables)
            .any(|table| table.id.iter().any(|id| id == attribute));
        is_table.then(|| Key::Address(format!("{}{address}#{attribute}", self.scope)))
    }

    /// Whether a key may stand for something of a kind: only resources of other kinds are ruled out.
    fn may_be(&self, key: &Key, kind: NodeKind) -> bool {
        let Key::Address(address) = key else {
            return true;
        };
        let own = address.strip_prefix(self.scope).unwrap_or(address);
        if own.contains('#') {
            return kind == NodeKind::RouteTable;
        }
        let Some(address) = Address::parse(own) else {
            return true;
        };
        match self.catalog.entry(&address.resource_type) {
            Meaning::Modelled(entry, _) => nodes(entry).any(|node| node.kind == kind),
            _ => true,
        }
    }

    /// The parts of the graph that a resource refers to, directly or through resources that are not modelled.
    fn surroundings(&self, address: &str) -> BTreeSet<Key> {
        let side = |address: &str| {
            let after = self.after_of.get(address);
            let before = self.before_of.get(address);
            match (after, before) {
                (Some(&index), _) => Some((&self.after.resources[index], true)),
                (None, Some(&index)) => Some((&self.before.resources[index], false)),
                (None, None) => None,
            }
        };
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::from([address.to_owned()]);
        let mut todo: Vec<&Evaluated> = side(address).map(|(one, _)| one).into_iter().collect();
        while let Some(one) = todo.pop() {
            for mentioned in &one.mentions {
                let now = self.address_now(mentioned).to_owned();
                if !seen.insert(now.clone()) || seen.len() > MAX_SURROUNDINGS {
                    continue;
                }
                let Some((met, _)) = side(&now) else { continue };
                match self.catalog.entry(&met.resource_type) {
                    Meaning::Modelled(entry, _) if nodes(entry).next().is_some() => {
                        found.insert(self.address_key(&now));
                    }
                    _ => todo.push(met),
                }
            }
        }
        found
    }
}

impl References for SourceReferences<'_> {
    fn resolve(
        &self,
        resource: &Resource<'_>,
        question: Question<'_>,
        is_after: bool,
    ) -> Option<Vec<Reference>> {
        let one = self.evaluated(resource, is_after)?;
        let leaves = leaves(one, question.path, question.position).into_iter();
        let references = leaves.filter_map(|leaf| match leaf {
            Term::Unknown(unknown) => Some(self.reference(unknown, question, is_after)),
            Term::Instance(handle) => {
                let unknown = Unknown::attribute(&handle.address, "id");
                Some(self.reference(&unknown, question, is_after))
            }
            Term::Module(_) => {
                let name = format!("{}{}.{}", self.scope, resource.address, question.path);
                Some(Reference::Unresolved {
                    placeholder: name,
                    why: "it refers to a whole module".to_owned(),
                })
            }
            _ => None,
        });
        let references: Vec<Reference> = references.collect();
        (!references.is_empty()).then_some(references)
    }

    fn is_configured(&self, resource: &Resource<'_>, attribute: &str) -> bool {
        [true, false].iter().any(|&is_after| {
            let one = self.evaluated(resource, is_after);
            one.is_some_and(|one| one.terms.contains_key(attribute))
        })
    }

    fn siblings(&self, _: &Key) -> BTreeSet<Key> {
        // An expression came to exactly this instance: no other was meant.
        BTreeSet::new()
    }

    fn arguments(&self, _: &Resource<'_>, _: NodeKind) -> BTreeSet<Key> {
        BTreeSet::new()
    }

    fn differs(&self, resource: &Resource<'_>, attribute: &str) -> bool {
        match (
            self.evaluated(resource, false),
            self.evaluated(resource, true),
        ) {
            (Some(before), Some(after)) => !self.says_the_same(before, after, attribute),
            _ => false,
        }
    }

    fn leaves_out_computed(&self) -> bool {
        true
    }

    fn is_surely_set(&self, resource: &Resource<'_>, path: &str, is_after: bool) -> bool {
        let Some(one) = self.evaluated(resource, is_after) else {
            return false;
        };
        leaves(one, path, None).into_iter().any(|leaf| match leaf {
            Term::Unknown(unknown) => unknown.is_never_null(),
            Term::Instance(_) => true,
            _ => false,
        })
    }

    fn place(&self, resource: &Resource<'_>, is_after: bool) -> Option<&ProviderPlace> {
        let one = self.evaluated(resource, is_after)?;
        let side = if is_after { self.after } else { self.before };
        let other = if is_after { self.before } else { self.after };
        let key = one.provider_key.as_deref()?;
        side.places.place(key).or_else(|| other.places.place(key))
    }

    fn location(&self, resource: &Resource<'_>) -> Option<Location> {
        let one = self
            .evaluated(resource, true)
            .or_else(|| self.evaluated(resource, false))?;
        Some(Location {
            path: format!("{}{}", self.prefix, one.location.path),
            ..one.location.clone()
        })
    }
}

/// What an attribute of a resource came to, by path.
fn leaves<'e>(one: &'e Evaluated, path: &str, position: Option<(usize, usize)>) -> Vec<&'e Term> {
    let mut names = path.split('.');
    let first = names.next().and_then(|name| one.terms.get(name));
    let mut found: Vec<&Term> = first.map(|term| term.revealed().0).into_iter().collect();
    let mut position = position;
    for name in names {
        let mut next = Vec::new();
        for term in found {
            let elements = elements(term, position).into_iter();
            next.extend(elements.filter_map(|element| match element {
                Term::Object(members) => {
                    let member = members.entries.get(name).or(members.rest.as_ref());
                    member.map(|member| member.revealed().0)
                }
                unknown @ (Term::Unknown(_) | Term::Instance(_) | Term::Module(_)) => Some(unknown),
                _ => None,
            }));
        }
        position = None;
        found = next;
    }
    found
        .into_iter()
        .flat_map(|term| elements(term, position))
        .collect()
}

/// The elements of a list, or the value itself; only the block at the position, where there are as many.
fn elements(term: &Term, position: Option<(usize, usize)>) -> Vec<&Term> {
    match term.revealed().0 {
        Term::List(items) => match position {
            Some((index, count)) if items.len() == count => items
                .get(index)
                .map(|item| elements(item, None))
                .unwrap_or_default(),
            _ => items.iter().flat_map(|item| elements(item, None)).collect(),
        },
        other => vec![other],
    }
}
