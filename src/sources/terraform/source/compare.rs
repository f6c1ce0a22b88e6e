//! Two revisions of a root module beside each other: which instance is which, what happens to it, what refers to what.
//!
//! Both are evaluated on their own and line up by address, after `moved` blocks. Whatever is written the same on both sides
//! is the same, though nobody knows its value.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::catalog::{Catalog, Meaning};
use crate::graph::fragment::Notice;
use crate::graph::origin::Origins;
use crate::value::Value;

use super::super::address::Address;
use super::super::apply::{
    Application, ChangedCall, Interest, Reading, Secrets, identifiers_inside,
};
use super::super::carried::carried;
use super::super::clusters::{self, is_cluster};
use super::super::providers::ProviderRegions;
use super::super::resolve::References as _;
use super::super::resource::Resource;
use super::references::{Identities, SourceReferences};
use super::remote::HandedOut;
use super::repeat::Doubt;
use super::snapshot::{Evaluated, Snapshot};
use super::term::{Candidate, Term, Unknown};

/// How many `moved` blocks may lead on from one another.
const MAX_MOVES: usize = 32;

/// One root module at base and head, evaluated.
pub struct RootSource {
    /// Its directory.
    pub directory: String,
    /// The files of values that this run of it is told to read, where there are several runs; else empty.
    pub run: String,
    /// `None` where it is as after the change.
    pub(super) before: Option<Snapshot>,
    pub(super) after: Snapshot,
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

    /// One side of it.
    pub(super) fn side(&self, is_head: bool) -> &Snapshot {
        let before = self.before.as_ref().filter(|_| !is_head);
        before.unwrap_or(&self.after)
    }

    /// What it puts out, as other root modules see it, by addresses as they are after the change.
    pub(super) fn handed_out(&self, is_head: bool) -> HandedOut {
        let side = self.side(is_head);
        let mut now: HashMap<&str, &str> = HashMap::new();
        if let (Some(before), false) = (&self.before, is_head) {
            let pairs = self.pairs().into_iter();
            now.extend(pairs.filter_map(|(base, head)| {
                let was = &before.resources.get(base?)?.address;
                Some((&**was, &*self.after.resources.get(head?)?.address))
            }));
        }
        let now = |address: &str| now.get(address).copied().unwrap_or(address).to_owned();
        side.handed_out.seen_from_elsewhere(&self.label(), &now)
    }

    /// How many resource instances it makes after the change.
    #[must_use]
    pub fn resource_count(&self) -> usize {
        self.after.resources.len()
    }
}

impl RootSource {
    /// What an `import` block takes in is known by its identifier on both sides, or on none.
    pub(super) fn name_imports(&mut self) {
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
        references: &SourceReferences<'_>,
        pairs: &[(Option<usize>, Option<usize>)],
    ) -> Vec<Notice> {
        let in_doubt = self.on_both_sides(pairs).filter(|(before, after)| {
            let meaning = references.catalog.entry(&after.resource_type);
            references.is_in_new_doubt(before, after) && matches!(meaning, Meaning::Modelled(..))
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
                (None, Some(new)) => {
                    format!("nobody can tell whether it is there after the change: {new}")
                }
                (None, None) => "nobody can tell whether it is there, and what that hangs on comes from a lookup of something else than before".to_owned(),
            };
            Notice {
                kind: "may-be-there",
                subject: after.address.to_string(),
                message: format!("{why}; it counts as new"),
            }
        });
        told.collect()
    }

    /// What `import` blocks take in that the base does not have.
    fn now_visible(
        &self,
        catalog: &Catalog,
        pairs: &[(Option<usize>, Option<usize>)],
    ) -> Vec<Notice> {
        let new = pairs.iter().filter(|(base, _)| base.is_none());
        let new = new.filter_map(|(_, head)| self.after.resources.get((*head)?));
        let imported = new.filter(|one| {
            let is_modelled = matches!(catalog.entry(&one.resource_type), Meaning::Modelled(..));
            is_modelled && self.before.is_some() && self.after.imports.contains_key(&*one.address)
        });
        let told = imported.map(|one| Notice {
            kind: "now-visible",
            subject: one.address.to_string(),
            message: "is imported: it may have been there before, but nothing that was read said so, and it counts as new; a plan tells whether it \
                      is there as it is written"
                .to_owned(),
        });
        told.collect()
    }

    /// Data sources that are told to look for something else, where something rests on what they find.
    fn other_lookups(&self, references: &SourceReferences<'_>) -> Vec<Notice> {
        let matters = |address: &&&str| {
            let position = self.after.by_address.get(**address);
            let one = position.and_then(|position| self.after.resources.get(*position));
            let is_modelled = one.is_some_and(|one| {
                matches!(
                    references.catalog.entry(&one.resource_type),
                    Meaning::Modelled(..)
                )
            });
            is_modelled || self.after.rested_on.contains(**address)
        };
        let told = references.other_lookups.iter().filter(matters);
        told.map(|address| Notice {
            kind: "looks-for-another",
            subject: (*address).to_owned(),
            message: "it is told to look for something else than before: what it finds counts as another thing; a plan tells whether it is"
                .to_owned(),
        })
        .collect()
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
            beside: scope.strip_suffix(&format!("{}//", self.label())),
            before,
            after: &self.after,
            before_of: HashMap::new(),
            after_of: HashMap::new(),
            now: HashMap::new(),
            other_lookups: BTreeSet::new(),
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
        if self.before.is_some() {
            references.find_other_lookups(pairs);
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

    /// What of the head is another object than at the base, by position.
    pub(super) fn remade(
        &self,
        catalog: &Catalog,
        pairs: &[(Option<usize>, Option<usize>)],
    ) -> BTreeSet<usize> {
        self.references(catalog, "", "", pairs).remade(pairs)
    }

    /// Which instance of the base is which at head: positions at base and head.
    pub(super) fn pairs(&self) -> Vec<(Option<usize>, Option<usize>)> {
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
    notices.extend(source.new_doubts(&references, &pairs));
    notices.extend(source.other_lookups(&references));
    notices.extend(source.now_visible(catalog, &pairs));
    let mut reading = Reading {
        notices: notices.into_iter().collect(),
        carried: carried(&resources),
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
    let locate = |resource: &Resource<'_>| references.location(resource);
    reading.clusters = clusters::clusters(&resources, scope, &locate, origins);
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
