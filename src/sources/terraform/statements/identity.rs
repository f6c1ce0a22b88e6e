//! Which keys a block is known by, what its attributes refer to, and where it lies.

use std::collections::BTreeSet;

use crate::catalog::schema::PlaceRule;
use crate::graph::fragment::ContainmentDeclaration;
use crate::graph::identity::{Key, Reference};
use crate::graph::node::{NodeKind, Place};
use crate::graph::origin::Action;
use crate::value::Value;

use super::super::address::Address;
use super::super::canonical::{Arn, UNTOLD, collection, identifier_key, in_full, step_after};
use super::super::paths::{is_called, leaves, through_blocks};
use super::super::resolve::Question;

use super::{PARENT, Side};

impl Side<'_, '_> {
    pub(super) fn address_key(&self) -> Key {
        let Key::Address(address) = self.resource_key() else {
            return self.resource_key();
        };
        let suffix = self.block.as_ref().map_or("", |block| &block.suffix);
        Key::Address(address + suffix)
    }

    /// The address of the resource, also for a block of it.
    pub(super) fn resource_key(&self) -> Key {
        Key::Address(format!(
            "{}{}",
            self.application.scope, self.resource.address
        ))
    }

    pub(super) fn role(&self) -> String {
        self.entry.role.clone().unwrap_or_default()
    }

    /// The identifiers at `paths`; the provider's usual ones when there are none.
    pub(super) fn keys(&mut self, paths: &[String]) -> Vec<Key> {
        let file = self.file;
        let usual: Vec<String> = file.identifiers.attributes().map(str::to_owned).collect();
        let is_its_own = paths.is_empty();
        let paths = if is_its_own { &usual[..] } else { paths };
        let mut keys = Vec::new();
        for path in paths {
            for leaf in leaves(self.values, path) {
                if let Some(text) = leaf.as_text() {
                    keys.push(self.key_at(path, &text));
                }
            }
        }
        if is_its_own {
            keys.extend(self.known_as());
        }
        // An argument that names the thing (the accepter's peering) may itself be known only after apply.
        let names_another = |path: &&String| !usual.contains(path);
        for path in paths.iter().filter(names_another) {
            if leaves(self.values, path).contains(&&Value::Unknown) {
                keys.extend(
                    self.references(path, NodeKind::Other, None)
                        .into_iter()
                        .filter_map(|reference| match reference {
                            Reference::To(key) => Some(key),
                            _ => None,
                        }),
                );
            }
        }
        keys.push(self.address_key());
        keys
    }

    /// The key of what an attribute names, by identifier or by a mere name.
    pub(super) fn key_at(&mut self, path: &str, text: &str) -> Key {
        match self.template(path) {
            None => identifier_key(self.file, text),
            Some(template) => {
                let template = template.to_owned();
                self.made_of(&template, text)
            }
        }
    }

    /// What a mere name in an attribute means.
    pub(super) fn template(&self, path: &str) -> Option<&str> {
        let last = path.rsplit('.').next().unwrap_or(path);
        let found = [path, last].into_iter().find_map(|name| {
            let own = self.entry.in_full.get(name);
            own.or_else(|| self.file.identifiers.in_full.get(name))
        });
        found.map(String::as_str)
    }

    /// The identifiers that its own attributes make up.
    pub(super) fn known_as(&mut self) -> Vec<Key> {
        let entry = self.entry;
        let mut keys = Vec::new();
        for template in &entry.known_as {
            // Without its name a thing is nothing that others could mean.
            let last = template.rsplit('/').next().unwrap_or(template);
            let name = in_full(&self.file.identifiers, last, "", &|part| self.part(part));
            if name != UNTOLD {
                keys.push(self.made_of(template, ""));
            }
        }
        keys
    }

    pub(super) fn made_of(&mut self, template: &str, name: &str) -> Key {
        // A provider's name in front: what others call a network of theirs is spelled as they spell it.
        let other = template.split_once(':').and_then(|(provider, template)| {
            Some((self.application.catalog.provider(provider)?, template))
        });
        let (file, template) = other.unwrap_or((self.file, template));
        // An Amazon resource name says by itself where what it names lies.
        let arn = Arn::parse(name).filter(|_| file.identifiers.arn);
        let part = |part: &str| match (&arn, part) {
            (Some(arn), "region") if !arn.region.is_empty() => Some(arn.region.to_owned()),
            _ => self.part(part),
        };
        let full = in_full(&file.identifiers, template, name, &part);
        self.fragment.has_untold_keys |= full.split('/').any(|step| step == UNTOLD);
        identifier_key(file, &full)
    }

    /// The value of a placeholder.
    pub(super) fn part(&self, name: &str) -> Option<String> {
        match name {
            "account" => self.place(None).account,
            "region" => self.place(None).region,
            attribute => leaves(self.values, attribute)
                .into_iter()
                .find_map(Value::as_text)
                .filter(|text| !text.is_empty())
                // Attributes may name a thing by its full identifier, too.
                .map(|text| text.rsplit('/').next().unwrap_or(&text).to_owned()),
        }
    }

    /// What the attribute at a path refers to: one reference for each value it holds.
    pub(super) fn references(
        &mut self,
        path: &str,
        kind: NodeKind,
        position: Option<(usize, usize)>,
    ) -> Vec<Reference> {
        if let Some((whole, part)) = path.split_once('#') {
            let of_part = |key: Key| part_key(&key, part);
            let owners = self.references(whole, NodeKind::Hub, position).into_iter();
            return owners
                .map(|owner| match owner {
                    Reference::To(key) => Reference::To(of_part(key)),
                    Reference::OneOf(keys) => {
                        Reference::OneOf(keys.into_iter().map(of_part).collect())
                    }
                    unresolved => unresolved,
                })
                .collect();
        }
        if path == "self" {
            return vec![Reference::To(self.address_key())];
        }
        if path == PARENT && self.block.is_some() {
            return vec![Reference::To(self.resource_key())];
        }
        if let Some((blocks, chosen, rest)) = through_blocks(path) {
            let lines: Vec<Value> = leaves(self.values, blocks).into_iter().cloned().collect();
            let path = format!("{blocks}.{rest}");
            let mut references = Vec::new();
            for (index, line) in lines.iter().enumerate() {
                if is_called(line, chosen) {
                    let found: Vec<Value> = leaves(line, rest).into_iter().cloned().collect();
                    let position = Some((index, lines.len()));
                    references.extend(self.references_of(&found, &path, kind, position));
                }
            }
            return references;
        }
        let found: Vec<Value> = leaves(self.values, path).into_iter().cloned().collect();
        self.references_of(&found, path, kind, position)
    }

    pub(super) fn references_of(
        &mut self,
        found: &[Value],
        path: &str,
        kind: NodeKind,
        position: Option<(usize, usize)>,
    ) -> Vec<Reference> {
        let mut references = Vec::new();
        for value in found {
            match value {
                Value::Text(text) if !text.is_empty() => {
                    let key = self.key_at(path, text);
                    self.note_parent(&key);
                    references.push(Reference::To(key));
                }
                Value::Number(text) => references.push(Reference::To(self.key_at(path, text))),
                Value::Sensitive(_) => {
                    let stand_in = self.application.secrets.stand_in(value);
                    references.push(Reference::Unresolved {
                        placeholder: stand_in,
                        why: format!("{}.{path} is sensitive", self.resource.address),
                    });
                }
                Value::Unknown => {
                    let whole = match &self.block {
                        Some(block) => format!("{}.{path}", block.path),
                        None => path.to_owned(),
                    };
                    let position = self
                        .block
                        .as_ref()
                        .map_or(position, |block| Some(block.position));
                    let is_new = matches!(self.resource.action, Action::Create | Action::Replace);
                    let is_left_out = self.application.resolver.is_some_and(|resolver| {
                        resolver.is_left_out(self.resource, &whole, position)
                    });
                    if self.is_after && is_new && is_left_out {
                        // The provider's to fill in, and so nothing that anybody named.
                        continue;
                    }
                    let collection = self.template(path).and_then(collection);
                    let told =
                        collection.and_then(|one| self.file.identifiers.collections.get(one));
                    let question = Question {
                        path: &whole,
                        position,
                        kind: told.copied().unwrap_or(kind),
                        collection,
                        file: Some(self.file),
                    };
                    let resolved = self.application.resolver.and_then(|resolver| {
                        resolver.resolve(self.resource, question, self.is_after)
                    });
                    match resolved {
                        Some(resolved) => references.extend(resolved),
                        None => references.push(Reference::Unresolved {
                            placeholder: format!("{}.{path}", self.resource.address),
                            why: format!("{}.{path} is not known", self.resource.address),
                        }),
                    }
                }
                _ => {}
            }
        }
        references.sort();
        references.dedup();
        references
    }

    /// A full identifier of a subnet tells its network, whether or not anything describes the subnet.
    pub(super) fn note_parent(&mut self, key: &Key) {
        let collections = &self.file.identifiers.collections;
        let Key::Provider(id) = key else { return };
        let kind_of = |id: &str| {
            id.rsplit('/')
                .nth(1)
                .and_then(|one| collections.get(one))
                .copied()
        };
        let parent = id.rsplitn(3, '/').nth(2);
        if let (Some(NodeKind::Subnet), Some(parent)) = (kind_of(id), parent)
            && kind_of(parent) == Some(NodeKind::Network)
        {
            self.fragment.containments.push(ContainmentDeclaration {
                of: Reference::To(key.clone()),
                kind: NodeKind::Subnet,
                within: Reference::To(Key::Provider(parent.to_owned())),
                within_kind: NodeKind::Network,
            });
        }
    }

    /// The references of the first attribute that is set; a known value wins over an unknown one.
    pub(super) fn first_set(&mut self, paths: &[String], kind: NodeKind) -> Vec<Reference> {
        let known = |reference: &Reference| !matches!(reference, Reference::Unresolved { .. });
        let mut fallback = Vec::new();
        for path in paths {
            let references = self.references(path, kind, None);
            if references.iter().any(known) {
                return references;
            }
            if fallback.is_empty() {
                fallback = references;
            }
        }
        fallback
    }

    /// The kind that an identifier's beginning tells, else the kind its attribute implies.
    pub(super) fn kind_of(&self, reference: &Reference, implied: NodeKind) -> NodeKind {
        match self.told_kind(reference) {
            // It may be a link, and its attribute knows better.
            None | Some(NodeKind::Other) => implied,
            Some(kind) => kind,
        }
    }

    /// The kind that an identifier tells by itself.
    pub(super) fn told_kind(&self, reference: &Reference) -> Option<NodeKind> {
        let Reference::To(Key::Provider(id)) = reference else {
            return None;
        };
        let id = id.split_once(':').map_or(id.as_str(), |(_, id)| id);
        let collection = id.rsplit('/').nth(1);
        if let Some(kind) = collection.and_then(|one| self.file.identifiers.collections.get(one)) {
            return Some(*kind);
        }
        let told = self.file.id_prefixes.iter();
        let told = told.filter(|(prefix, _)| id.starts_with(prefix.as_str()));
        let longest = told.max_by_key(|(prefix, _)| prefix.len());
        longest.map(|(_, kind)| *kind)
    }

    pub(super) fn place(&self, rule: Option<&PlaceRule>) -> Place {
        let rule = rule.or(self.entry.place.as_ref());
        let usual = &self.file.place;
        let evaluated = self
            .application
            .resolver
            .and_then(|resolver| resolver.place(self.resource, self.is_after));
        let configured = evaluated.or_else(|| {
            let key = self.resource.provider_key.as_deref()?;
            self.application.places.place(key)
        });
        let mut place = Place::default();
        if let Some(rule) = rule {
            place.region = self.region(rule);
            place.account = self.account(rule);
        }
        let arn = self.values.member("arn").as_text();
        let arn = arn.as_deref().and_then(Arn::parse);
        let own_id = self.values.member("id").as_text();
        let id_of_parent = || self.values.member(PARENT).member("id").as_text();
        let id = own_id.or_else(id_of_parent).unwrap_or_default();
        let told_by_id = |name: &Option<String>| {
            let name = name.as_ref()?;
            step_after(&id, name).map(str::to_owned)
        };
        let identifiers = &self.file.identifiers;
        if place.region.is_none() && !rule.is_some_and(|rule| rule.global) {
            place.region = self
                .region(usual)
                .or_else(|| {
                    arn.as_ref()
                        .filter(|arn| !arn.region.is_empty())
                        .map(|arn| arn.region.to_owned())
                })
                .or_else(|| told_by_id(&identifiers.region_after))
                .or_else(|| configured.and_then(|place| place.region.clone()));
        }
        if place.account.is_none() {
            place.account = self
                .account(usual)
                .or_else(|| {
                    arn.as_ref()
                        .filter(|arn| !arn.account.is_empty())
                        .map(|arn| arn.account.to_owned())
                })
                .or_else(|| told_by_id(&identifiers.account_after))
                .or_else(|| configured.and_then(|place| place.account.clone()));
        }
        self.spelled(place)
    }

    /// A place with its region in the one spelling that all of the provider's have.
    pub(super) fn spelled(&self, mut place: Place) -> Place {
        if self.file.place.loosely {
            place.region = place.region.map(|region| loosely(&region));
        }
        place
    }

    pub(super) fn first_text(&self, paths: &[String]) -> Option<String> {
        paths.iter().find_map(|path| {
            leaves(self.values, path)
                .into_iter()
                .find_map(Value::as_text)
        })
    }

    /// The account that the rule tells, by itself or within a full identifier.
    pub(super) fn account(&self, rule: &PlaceRule) -> Option<String> {
        let within = |path: &String| {
            let text = self.first_text(std::slice::from_ref(path))?;
            let after = self.file.identifiers.account_after.as_deref()?;
            step_after(&text, after).map(str::to_owned)
        };
        let told = self.first_text(&rule.account);
        told.or_else(|| rule.account_within.iter().find_map(within))
    }

    /// The region that the rule tells: some resources give it as a full identifier.
    pub(super) fn region(&self, rule: &PlaceRule) -> Option<String> {
        let text = self.first_text(&rule.region)?;
        let is_path = !self.file.identifiers.begins_with.is_empty();
        let last = text.rsplit('/').next().filter(|_| is_path);
        Some(last.unwrap_or(&text).to_owned())
    }

    /// The name people gave it. A lookup by a pattern tells none.
    pub(super) fn name(&self) -> Option<String> {
        self.file.names.iter().find_map(|path| {
            let mut texts = leaves(self.values, path)
                .into_iter()
                .filter_map(Value::as_text);
            let first = texts.next()?;
            let is_choice = through_blocks(path).is_some()
                && (first.contains(['*', '?']) || texts.next().is_some());
            (!is_choice).then_some(first)
        })
    }

    pub(super) fn labels(&self) -> BTreeSet<String> {
        let mut labels = BTreeSet::from([self.resource.name.to_string()]);
        if let Some(address) = Address::parse(&self.resource.address) {
            labels.extend(address.key);
            if let Some(step) = address.modules.last() {
                labels.insert(step.name.clone());
                labels.extend(step.key.clone());
            }
        }
        labels
    }
}

/// A region as all spellings of it come to: lower case, no spaces.
fn loosely(region: &str) -> String {
    let letters = region.chars().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}

/// The key of a part that a thing brings along: `hub#edge`.
pub(super) fn part_key(owner: &Key, part: &str) -> Key {
    match owner {
        Key::Provider(owner) => Key::Provider(format!("{owner}#{part}")),
        Key::Address(owner) => Key::Address(format!("{owner}#{part}")),
    }
}

/// Where several attributes say what something lies in, those that cannot be resolved add nothing to those that can.
pub(super) fn keep_resolved(references: &mut Vec<Reference>) {
    let resolved = |reference: &Reference| !matches!(reference, Reference::Unresolved { .. });
    if references.iter().any(resolved) {
        references.retain(resolved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_the_same_with_capitals_and_spaces() {
        assert_eq!(loosely("West Europe"), loosely("westeurope"));
        assert_ne!(loosely("West Europe"), loosely("North Europe"));
    }
}
