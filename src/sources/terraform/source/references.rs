//! What the expressions of two revisions came to, as answers to what refers to what.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::catalog::{Catalog, Meaning};
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::graph::origin::Action;
use crate::location::Location;
use crate::value::Value;

use super::super::address::Address;
use super::super::canonical::identifier_key;
use super::super::providers::ProviderPlace;
use super::super::resolve::{Question, References, identifies, nodes};
use super::super::resource::{Instance, Resource};
use super::remote::split_elsewhere;
use super::snapshot::{Evaluated, Snapshot};
use super::term::{Candidate, MAX_VALUE_DEPTH, Term, Unknown};

/// How many resources around one are looked at before the rest counts as far away.
const MAX_SURROUNDINGS: usize = 200;

/// The attributes of objects that a change destroys and makes anew: the object before must not pass for the one after.
#[derive(Default)]
pub(super) struct Identities {
    /// By position in the snapshot before.
    before: HashMap<usize, BTreeMap<String, Value>>,
    /// By position in the snapshot after.
    after: HashMap<usize, BTreeMap<String, Value>>,
}

/// Resolves references by what expressions came to.
pub(in super::super) struct SourceReferences<'s> {
    pub(super) catalog: &'s Catalog,
    pub(super) scope: &'s str,
    pub(super) prefix: &'s str,
    /// What is put before the names of root modules that are read beside this one, to make scopes of them; `None` where there
    /// are none.
    pub(super) beside: Option<&'s str>,
    pub(super) before: &'s Snapshot,
    pub(super) after: &'s Snapshot,
    /// Positions in the snapshots by the address that a resource is known by on both sides.
    pub(super) before_of: HashMap<&'s str, usize>,
    pub(super) after_of: HashMap<&'s str, usize>,
    /// The addresses of the base as they are now.
    pub(super) now: HashMap<&'s str, &'s str>,
    /// The data sources that look for something else than before, by address.
    pub(super) other_lookups: BTreeSet<&'s str>,
}

/// How many lookups may rest on one another before the rest counts as far away.
const MAX_LOOKUPS_IN_A_ROW: usize = 32;

/// What a name stood for before a lookup was told to look for something else.
fn before_key(key: &Key) -> Key {
    Key::Address(format!("{} before", key.as_str()))
}

impl<'s> SourceReferences<'s> {
    /// Find the data sources that are told to look for something else than before, in so many words or through what other
    /// data sources find. What they find is then taken for another thing: they have no identity of their own.
    pub(super) fn find_other_lookups(&mut self, pairs: &[(Option<usize>, Option<usize>)]) {
        let on_both_sides = pairs.iter().filter_map(|(base, head)| {
            let before = self.before.resources.get((*base)?)?;
            Some((before, self.after.resources.get((*head)?)?))
        });
        let mut lookups: Vec<(&Evaluated, &Evaluated)> = on_both_sides
            .filter(|(before, after)| before.is_data && after.is_data)
            .filter(|(before, after)| {
                // What others of them look for nobody has read.
                let is_rested_on = self.before.rested_on.contains(&before.address)
                    && self.after.rested_on.contains(&after.address);
                let meaning = self.catalog.entry(&after.resource_type);
                is_rested_on || matches!(meaning, Meaning::Modelled(..))
            })
            .collect();
        for _ in 0..MAX_LOOKUPS_IN_A_ROW {
            let (same, other): (Vec<_>, Vec<_>) =
                lookups.into_iter().partition(|(before, after)| {
                    let mut names = before.terms.keys().chain(after.terms.keys());
                    names.all(|name| self.says_the_same(before, after, name))
                });
            if other.is_empty() {
                break;
            }
            let found = other.into_iter().map(|(_, after)| &*after.address);
            self.other_lookups.extend(found);
            lookups = same;
        }
    }

    /// Whether a data source is told to look for something else than before.
    pub(super) fn looks_for_another(&self, after: &Evaluated) -> bool {
        after.is_data && self.other_lookups.contains(&*after.address)
    }

    /// Whether an instance may be there on other conditions than before, as far as nobody can decide them.
    pub(super) fn is_in_new_doubt(&self, before: &Evaluated, after: &Evaluated) -> bool {
        let hangs_on_another = || {
            let mut conditions = after.doubts.iter().map(|doubt| &*doubt.condition);
            conditions.any(|condition| {
                let mut others = self.other_lookups.iter();
                others.any(|one| mentions(condition, one))
            })
        };
        !after.is_data && (before.doubts != after.doubts || hangs_on_another())
    }

    /// What is another object after the change, by what no provider changes in place: the region it lies in, and the one
    /// prefix a network is made with.
    pub(super) fn identities(&self, pairs: &[(Option<usize>, Option<usize>)]) -> Identities {
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

    /// What is another object after the change, by its position there.
    pub(super) fn remade(&self, pairs: &[(Option<usize>, Option<usize>)]) -> BTreeSet<usize> {
        let both = pairs
            .iter()
            .filter_map(|(base, head)| Some(((*base)?, (*head)?)));
        let remade = both.filter(|(base, head)| {
            self.is_replaced(&self.before.resources[*base], &self.after.resources[*head])
        });
        remade.map(|(_, head)| head).collect()
    }

    fn is_replaced(&self, before: &Evaluated, after: &Evaluated) -> bool {
        let Meaning::Modelled(entry, file) = self.catalog.entry(&after.resource_type) else {
            return false;
        };
        if after.is_data {
            return self.looks_for_another(after);
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

    pub(super) fn resource<'r>(
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
        // Whether the one is what the other was nobody knows: what may be there now counts as new.
        let before =
            before.filter(|before| !after.is_some_and(|after| self.is_in_new_doubt(before, after)));
        let base = base.filter(|_| before.is_some());
        let is_remade = base.is_some_and(|base| identities.before.contains_key(&base))
            || head.is_some_and(|head| identities.after.contains_key(&head));
        let values_before = base.and_then(|base| identities.before.get(&base));
        let values_after = head.and_then(|head| identities.after.get(&head));
        let instance = |one: Option<&'s Evaluated>, own: Option<&'r BTreeMap<String, Value>>| {
            one.map(|one| Instance::evaluated(own.unwrap_or(&one.values)))
        };
        let (action, before, after) = match (before, after) {
            (None, Some(after)) if is_static => (Action::Keep, Some(after), Some(after)),
            (Some(before), Some(after)) if self.looks_for_another(after) => {
                (Action::Read, Some(before), Some(after))
            }
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
            (None, after) => (Action::Create, None, after),
            (Some(before), None) if before.is_data => (Action::Read, Some(before), None),
            (Some(before), None) if self.is_forgotten(before) => {
                (Action::Forget, Some(before), Some(before))
            }
            (before, None) => (Action::Delete, before, None),
        };
        let one = after.or(before)?;
        // Nothing before the change set tells that it is there, and nobody but a plan tells whether it is as it is written.
        let importing = (action == Action::Create)
            .then(|| self.after.imports.get(&*one.address).cloned())
            .flatten();
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
            importing,
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
            (Term::Unknown(_), Term::Unknown(other)) if self.rests_on_another(other) => false,
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

    /// Whether a value comes from a data source that looks for something else than before.
    fn rests_on_another(&self, unknown: &Unknown) -> bool {
        let mut candidates = unknown.candidates.iter();
        !self.other_lookups.is_empty()
            && candidates.any(|candidate| match candidate {
                Candidate::Attribute(address, _) => self.other_lookups.contains(&**address),
                Candidate::Constant(_) | Candidate::Symbol(_) => false,
            })
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

    pub(super) fn address_key(&self, address: &str) -> Key {
        Key::Address(match (self.beside, split_elsewhere(address)) {
            (Some(beside), Some((root, own))) => format!("{beside}{root}//{own}"),
            _ => format!("{}{address}", self.scope),
        })
    }

    /// What is written of a resource on one side. What is forgotten is still there afterwards, as the other side has it.
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
                        None if is_lookup(address) => {
                            let name = if unknown.is_exact {
                                unknown.name.clone()
                            } else {
                                format!("{address}.{attribute}")
                            };
                            let key = self.address_key(&name);
                            let looked = !is_after && self.other_lookups.contains(address);
                            symbols.insert(if looked { before_key(&key) } else { key });
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
        let own = split_elsewhere(address).map_or(address, |(_, own)| own);
        let parsed = Address::parse(own)?;
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
        is_table.then(|| self.address_key(&format!("{address}#{attribute}")))
    }

    /// Whether a key may stand for something of a kind: only resources of other kinds are ruled out.
    fn may_be(&self, key: &Key, kind: NodeKind) -> bool {
        let Key::Address(address) = key else {
            return true;
        };
        let own = address.strip_prefix(self.scope).or_else(|| {
            let (_, own) = address.strip_prefix(self.beside?)?.split_once("//")?;
            Some(own)
        });
        let own = own.unwrap_or(address);
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
    pub(super) fn surroundings(&self, address: &str) -> BTreeSet<Key> {
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

/// Whether an address is that of a data source.
pub(super) fn is_lookup(address: &str) -> bool {
    let own = split_elsewhere(address).map_or(address, |(_, own)| own);
    Address::parse(own).is_some_and(|address| address.is_data)
}

/// Whether a condition mentions an address, and not one that begins with it only.
fn mentions(condition: &str, address: &str) -> bool {
    let mut found = condition.match_indices(address);
    found.any(|(start, _)| {
        let behind = condition.get(start + address.len()..).unwrap_or_default();
        let is_part = |next: char| next.is_alphanumeric() || matches!(next, '_' | '-' | '[');
        !behind.starts_with(is_part)
    })
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
