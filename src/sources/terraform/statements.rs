//! One resource at one time, turned into declarations by the statements of its type.
//!
//! Attributes are read by path. A value known only after apply is handed to the resolver; a secret is told apart by a
//! number; what stays hidden becomes a reference that says why.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::schema::{
    AssociationStatement, Condition, ContainmentStatement, EndStatement, ExposureStatement,
    InTransitRow, LinkStatement, ManagerPiece, NodeStatement, OwnedTable, PlaceRule,
    PlaintextStatement, PolicyStatement, PropertyStatement, ProviderFile, RouteStatement,
    Statement, TypeEntry, When,
};
use crate::graph::assemble::parse_prefix;
use crate::graph::fragment::{
    AssociationDeclaration, ContainmentDeclaration, DestinationDeclaration, End,
    ExposureDeclaration, Fragment, LinkDeclaration, NodeDeclaration, PlaintextDeclaration,
    PropertyDeclaration, RouteDeclaration,
};
use crate::graph::identity::{Key, Reference};
use crate::graph::link::{Beyond, LinkState};
use crate::graph::node::{AddressSpace, Forwards, NodeKind, Place, Property, SetProperty};
use crate::graph::origin::{Action, OriginId};
use crate::graph::protection::{Evidence, InTransit, LinkCondition, ProtectionRule, Test};
use crate::graph::table::Destination;
use crate::value::Value;

use super::address::Address;
use super::apply::Application;
use super::canonical::{Arn, UNTOLD, collection, identifier_key, in_full, owner, step_after};
use super::cloud_wan;
use super::complete::{TABLE_LABELS, label_key};
use super::network_manager::{self, AppliedGroup, Content, Piece};
use super::paths::leaves;
use super::resolve::{Question, References};
use super::resource::Resource;

/// One resource at one time.
pub(super) struct Side<'s, 'a> {
    pub(super) application: &'s mut Application<'a>,
    pub(super) resource: &'s Resource<'s>,
    pub(super) entry: &'s TypeEntry,
    pub(super) file: &'s ProviderFile,
    pub(super) values: &'s Value,
    pub(super) is_after: bool,
    pub(super) origin: OriginId,
    pub(super) fragment: &'s mut Fragment,
    /// Its values at the other time, if it exists then.
    pub(super) other: Option<&'s Value>,
    /// The block that is read, if it is not the resource itself.
    pub(super) block: Option<Block>,
    /// It may only mirror what other resources say.
    pub(super) mirrors: bool,
    /// Keys of the links that the resource has become, where they are not its own.
    pub(super) own_links: Vec<Key>,
}

/// A block that stands for a thing of its own.
pub(super) struct Block {
    /// The attribute that holds it.
    path: String,
    /// Which of how many.
    position: (usize, usize),
    /// What tells its address from the resource's.
    suffix: String,
}

/// What only code understands, as far as it has been met.
#[derive(Debug, Default)]
pub(super) struct Policies {
    /// Core network policies.
    pub(super) core_networks: Vec<cloud_wan::Policy>,
    /// Pieces of what a network manager does.
    pub(super) manager: Vec<network_manager::Piece>,
}

/// The attribute by which a block calls the resource that it stands in.
const PARENT: &str = "parent";

impl Side<'_, '_> {
    pub(super) fn state(&mut self, only_nodes: bool, policies: &mut Policies) {
        let entry = self.entry;
        for statement in entry.becomes.iter().flatten() {
            match statement {
                Statement::Node(node) => self.node(node),
                _ if only_nodes => {}
                Statement::Link(link) => self.link(link),
                Statement::Route(route) => self.route(route),
                Statement::Association(association) => self.association(association),
                Statement::Containment(containment) => self.containment(containment),
                Statement::Property(property) => self.property(property),
                Statement::Exposure(exposure) => self.exposure(exposure),
                Statement::Plaintext(plaintext) => self.plaintext(plaintext),
                Statement::Policy(policy) => self.policy(policy, policies),
            }
        }
        for (path, block) in &entry.blocks {
            self.blocks(path, block, only_nodes, policies);
        }
    }

    /// Whether a block says something of its own. Providers fill blocks that nobody configures with what other resources
    /// have made; such a block stays as it was while those change.
    fn is_told(&self, path: &str) -> bool {
        let attribute = path.split('.').next().unwrap_or(path);
        let is_told = |resolver: &dyn References| {
            let changes = |other: &Value| other.member(attribute) != self.values.member(attribute);
            self.resource.is_data
                || resolver.is_configured(self.resource, attribute)
                || self.other.is_none_or(changes)
        };
        self.application.resolver.is_none_or(is_told)
    }

    /// The blocks at a path, each as a thing of its own.
    fn blocks(&mut self, path: &str, entry: &TypeEntry, only_nodes: bool, policies: &mut Policies) {
        let mirrors = !self.is_told(path);
        let mut parent = self.values.clone();
        if let Value::Object(members) = &mut parent {
            members.remove(path);
        }
        let lines: Vec<Value> = leaves(self.values, path).into_iter().cloned().collect();
        let count = lines.len();
        for (index, line) in lines.into_iter().enumerate() {
            let Value::Object(mut members) = line else {
                continue;
            };
            let name = members.get("name").and_then(Value::as_text);
            let name = name.unwrap_or_else(|| index.to_string());
            members.insert(PARENT.to_owned(), parent.clone());
            Side {
                application: self.application,
                resource: self.resource,
                entry,
                file: self.file,
                values: &Value::Object(members),
                is_after: self.is_after,
                origin: self.origin,
                fragment: self.fragment,
                other: None,
                block: Some(Block {
                    path: path.to_owned(),
                    position: (index, count),
                    suffix: format!(".{path}[{name:?}]"),
                }),
                mirrors,
                own_links: Vec::new(),
            }
            .state(only_nodes, policies);
        }
    }

    fn address_key(&self) -> Key {
        let Key::Address(address) = self.resource_key() else {
            return self.resource_key();
        };
        let suffix = self.block.as_ref().map_or("", |block| &block.suffix);
        Key::Address(address + suffix)
    }

    /// The address of the resource, also for a block of it.
    fn resource_key(&self) -> Key {
        Key::Address(format!(
            "{}{}",
            self.application.scope, self.resource.address
        ))
    }

    fn role(&self) -> String {
        self.entry.role.clone().unwrap_or_default()
    }

    /// The identifiers at `paths`; the provider's usual ones when there are none.
    fn keys(&mut self, paths: &[String]) -> Vec<Key> {
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
    fn key_at(&mut self, path: &str, text: &str) -> Key {
        match self.template(path) {
            None => identifier_key(self.file, text),
            Some(template) => {
                let template = template.to_owned();
                self.made_of(&template, text)
            }
        }
    }

    /// What a mere name in an attribute means.
    fn template(&self, path: &str) -> Option<&str> {
        let last = path.rsplit('.').next().unwrap_or(path);
        let found = [path, last].into_iter().find_map(|name| {
            let own = self.entry.in_full.get(name);
            own.or_else(|| self.file.identifiers.in_full.get(name))
        });
        found.map(String::as_str)
    }

    /// The identifiers that its own attributes make up.
    fn known_as(&mut self) -> Vec<Key> {
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

    fn made_of(&mut self, template: &str, name: &str) -> Key {
        // A provider's name in front: what others call a network of theirs is spelled as they spell it.
        let other = template.split_once(':').and_then(|(provider, template)| {
            Some((self.application.catalog.provider(provider)?, template))
        });
        let (file, template) = other.unwrap_or((self.file, template));
        let full = in_full(&file.identifiers, template, name, &|part| self.part(part));
        self.fragment.has_untold_keys |= full.split('/').any(|step| step == UNTOLD);
        identifier_key(file, &full)
    }

    /// The value of a placeholder.
    fn part(&self, name: &str) -> Option<String> {
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
    fn references(
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
        let found: Vec<Value> = leaves(self.values, path).into_iter().cloned().collect();
        self.references_of(&found, path, kind, position)
    }

    fn references_of(
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
    fn note_parent(&mut self, key: &Key) {
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
    fn first_set(&mut self, paths: &[String], kind: NodeKind) -> Vec<Reference> {
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
    fn kind_of(&self, reference: &Reference, implied: NodeKind) -> NodeKind {
        let Reference::To(Key::Provider(id)) = reference else {
            return implied;
        };
        let id = id.split_once(':').map_or(id.as_str(), |(_, id)| id);
        let collection = id.rsplit('/').nth(1);
        if let Some(kind) = collection.and_then(|one| self.file.identifiers.collections.get(one)) {
            return *kind;
        }
        let told = self
            .file
            .id_prefixes
            .iter()
            .filter(|(prefix, _)| id.starts_with(prefix.as_str()));
        told.max_by_key(|(prefix, _)| prefix.len())
            .map_or(implied, |(_, kind)| match kind {
                NodeKind::Other => implied,
                kind => *kind,
            })
    }

    fn place(&self, rule: Option<&PlaceRule>) -> Place {
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
    fn spelled(&self, mut place: Place) -> Place {
        if self.file.place.loosely {
            place.region = place.region.map(|region| loosely(&region));
        }
        place
    }

    fn first_text(&self, paths: &[String]) -> Option<String> {
        paths.iter().find_map(|path| {
            leaves(self.values, path)
                .into_iter()
                .find_map(Value::as_text)
        })
    }

    /// The account that the rule tells, by itself or within a full identifier.
    fn account(&self, rule: &PlaceRule) -> Option<String> {
        let within = |path: &String| {
            let text = self.first_text(std::slice::from_ref(path))?;
            let after = self.file.identifiers.account_after.as_deref()?;
            step_after(&text, after).map(str::to_owned)
        };
        let told = self.first_text(&rule.account);
        told.or_else(|| rule.account_within.iter().find_map(within))
    }

    /// The region that the rule tells: some resources give it as a full identifier.
    fn region(&self, rule: &PlaceRule) -> Option<String> {
        let text = self.first_text(&rule.region)?;
        let is_path = !self.file.identifiers.begins_with.is_empty();
        let last = text.rsplit('/').next().filter(|_| is_path);
        Some(last.unwrap_or(&text).to_owned())
    }

    fn name(&self) -> Option<String> {
        self.first_text(&self.file.names)
    }

    fn labels(&self) -> BTreeSet<String> {
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

    fn holds(&self, when: &When) -> Option<bool> {
        let resolver = self.application.resolver;
        holds_knowing(self.values, when, &|path| {
            resolver
                .is_some_and(|resolver| resolver.is_surely_set(self.resource, path, self.is_after))
        })
    }

    fn node(&mut self, statement: &NodeStatement) {
        if self.holds(&statement.when) == Some(false) {
            return;
        }
        let mut keys = self.keys(&statement.id);
        if !statement.id.is_empty() {
            // Before the address, which comes last.
            let made_up = self.known_as();
            keys.splice(
                keys.len().saturating_sub(1)..,
                made_up.into_iter().chain([self.address_key()]),
            );
        }
        let mut within = Vec::new();
        for path in &statement.within {
            within.extend(self.references(path, NodeKind::Network, None));
        }
        keep_resolved(&mut within);
        let address_space = self.address_space(&statement.address_space);
        let mut properties = self.properties(&statement.properties, false);
        properties.extend(self.properties(&statement.facts, true));
        if statement.kind == NodeKind::RouteTable
            && let Some(labels) = statement.properties.get(TABLE_LABELS)
        {
            properties.extend(self.label_property(self.texts(std::slice::from_ref(labels))));
        }
        self.fragment.has_untold_keys |= statement.kind == NodeKind::Account;
        let own = self.address_key();
        for table in &statement.tables {
            let enabled = match &table.enabled_by {
                None => true,
                Some(path) => match leaves(self.values, path)
                    .into_iter()
                    .find_map(Value::as_text)
                {
                    Some(text) => table
                        .enabled
                        .as_ref()
                        .is_none_or(|enabled| *enabled == text),
                    None => true,
                },
            };
            if enabled {
                self.owned_table(table, &own, &keys);
            }
        }
        if self.mirrors {
            let own = self.address_key();
            self.fragment.mirrored.insert(own);
        }
        self.fragment.nodes.push(NodeDeclaration {
            kind: statement.kind,
            keys,
            role: statement.role.clone().unwrap_or_else(|| self.role()),
            name: self.name(),
            labels: self.labels(),
            place: self.place(statement.place.as_ref()),
            within,
            address_space,
            forwards: if matches!(statement.kind, NodeKind::Hub | NodeKind::External) {
                statement.forwards
            } else {
                Forwards::Nowhere
            },
            opens: statement.opens,
            properties,
            origin: self.origin,
        });
    }

    /// A table that comes with its owner: named by the first known identifier, or by all of them while none is known.
    fn owned_table(&mut self, table: &OwnedTable, owner: &Key, owners: &[Key]) {
        let known = self
            .first_text(&table.id)
            .map(|id| vec![identifier_key(self.file, &id)]);
        let mut keys =
            known.unwrap_or_else(|| table.id.iter().map(|path| part_key(owner, path)).collect());
        if let Some(part) = &table.part {
            keys.extend(owners.iter().map(|owner| part_key(owner, part)));
        }
        let labels = self.texts(&table.labels);
        let Some(first) = keys.first().cloned() else {
            return;
        };
        self.fragment.nodes.push(NodeDeclaration {
            kind: NodeKind::RouteTable,
            keys,
            role: "route table".to_owned(),
            name: None,
            labels: BTreeSet::new(),
            place: Place::default(),
            within: vec![Reference::To(owner.clone())],
            address_space: AddressSpace::default(),
            forwards: Forwards::Nowhere,
            opens: None,
            properties: self.label_property(labels),
            origin: self.origin,
        });
        if let Some(role) = table.role {
            self.fragment.associations.push(AssociationDeclaration {
                table: Reference::To(first),
                member: Reference::To(owner.clone()),
                role,
                implied: true,
                origin: self.origin,
            });
        }
    }

    /// Known texts at paths, and constants written `=text`.
    fn texts(&self, paths: &[String]) -> BTreeSet<String> {
        let mut texts = BTreeSet::new();
        for path in paths {
            match path.strip_prefix('=') {
                Some(constant) => {
                    texts.insert(constant.to_owned());
                }
                None => texts.extend(
                    leaves(self.values, path)
                        .into_iter()
                        .filter_map(Value::as_text),
                ),
            }
        }
        texts
    }

    fn label_property(&self, labels: BTreeSet<String>) -> BTreeMap<String, SetProperty> {
        let provider = owner(self.file);
        let known = labels
            .iter()
            .map(|label| label_key(provider, label).to_string())
            .collect::<Vec<_>>()
            .join(", ");
        let property = (!known.is_empty()).then(|| {
            (
                TABLE_LABELS.to_owned(),
                self.set(Property::Known(known), false),
            )
        });
        property.into_iter().collect()
    }

    fn address_space(&mut self, paths: &[String]) -> AddressSpace {
        let mut space = AddressSpace::default();
        // Source that asks a pool for addresses does not say which: nothing is set, and something will be.
        let is_left_out =
            |path: &String| leaves(self.values, path).iter().all(|leaf| leaf.is_unset());
        let mut awaited = !paths.is_empty()
            && paths.iter().all(is_left_out)
            && self
                .application
                .resolver
                .is_some_and(References::leaves_out_computed);
        for path in paths {
            for leaf in leaves(self.values, path) {
                match leaf {
                    Value::Unknown => awaited = true,
                    Value::Sensitive(_) => {
                        space.partly_unknown = true;
                        let stand_in = self.application.secrets.stand_in(leaf);
                        space.untold.insert(stand_in);
                    }
                    value => match value.as_text().map(|text| parse_prefix(&text)) {
                        Some(Destination::Prefix(prefix)) => {
                            space.prefixes.insert(prefix);
                        }
                        Some(_) => space.partly_unknown = true,
                        None => {}
                    },
                }
            }
        }
        // An optional address that is computed (IPv6) is unknown in every new network; that alone hides nothing known.
        if awaited && space.prefixes.is_empty() {
            space.partly_unknown = true;
            let address = &self.resource.address;
            space
                .untold
                .insert(format!("a prefix of {address}, known after apply"));
        }
        space
    }

    fn properties(
        &mut self,
        named: &BTreeMap<String, String>,
        is_fact: bool,
    ) -> BTreeMap<String, SetProperty> {
        let mut properties = BTreeMap::new();
        for (name, path) in named {
            if let Some(constant) = path.strip_prefix('=') {
                properties.insert(
                    name.clone(),
                    self.set(Property::Known(constant.to_owned()), is_fact),
                );
                continue;
            }
            let found: Vec<Value> = leaves(self.values, path).into_iter().cloned().collect();
            if let [Value::Object(members)] = found.as_slice()
                && !is_fact
            {
                for (member, value) in members {
                    if let Some(text) = value.as_text() {
                        properties.insert(
                            format!("{name}.{member}"),
                            self.set(Property::Known(text), is_fact),
                        );
                    }
                }
                continue;
            }
            if found.contains(&Value::Unknown) {
                properties.insert(name.clone(), self.set(Property::Unknown, is_fact));
                continue;
            }
            let mut texts: Vec<String> = Vec::new();
            for value in &found {
                match value {
                    Value::Sensitive(_) => texts.push(self.application.secrets.stand_in(value)),
                    Value::Object(_) => texts.push(self.block_words(path, value)),
                    value => texts.extend(value.as_text()),
                }
            }
            texts.sort();
            if !texts.is_empty() {
                properties.insert(
                    name.clone(),
                    self.set(Property::Known(texts.join(", ")), is_fact),
                );
            }
        }
        properties
    }

    /// A whole block as one value: what is set in it, in an order of its own, without what never matters.
    fn block_words(&mut self, path: &str, block: &Value) -> String {
        match block {
            Value::Object(members) => {
                let mut words = Vec::new();
                for (name, value) in members {
                    let inner = format!("{path}.{name}");
                    let matters = !self.entry.never_matters(self.file, &inner);
                    if matters && !value.is_unset() {
                        let inside = self.block_words(&inner, value);
                        words.extend((!inside.is_empty()).then(|| format!("{name} {inside}")));
                    }
                }
                words.join("; ")
            }
            Value::List(items) => {
                let mut words: Vec<String> = items
                    .iter()
                    .map(|item| match item {
                        Value::Object(_) => format!("({})", self.block_words(path, item)),
                        item => self.block_words(path, item),
                    })
                    .collect();
                words.sort();
                words.join(" + ")
            }
            Value::Sensitive(_) => self.application.secrets.stand_in(block),
            Value::Unknown => "(known after apply)".to_owned(),
            value => value.as_text().unwrap_or_default(),
        }
    }

    fn set(&self, value: Property, is_fact: bool) -> SetProperty {
        SetProperty {
            value,
            origin: self.origin,
            is_fact,
        }
    }

    fn link(&mut self, statement: &LinkStatement) {
        if self.holds(&statement.when) == Some(false) {
            return;
        }
        let [near, far] = [0, 1].map(|side| self.ends(statement, side));
        let [near, far] = self.computed_ends(statement, [near, far]);
        if near.is_empty() || far.is_empty() {
            return;
        }
        let far = self.other_than(&near, far);
        let keys = self.link_keys(statement);
        let effective = (statement.effective_when.is_empty() && !statement.half)
            || statement
                .effective_when
                .iter()
                .any(|when| self.holds(when) == Some(true));
        let carrier = statement.carrier.as_ref().and_then(|path| {
            self.references(path, NodeKind::External, None)
                .into_iter()
                .next()
        });
        let protection = self.protection(&statement.in_transit);
        let mut properties = self.properties(&statement.properties, false);
        properties.extend(self.properties(&statement.facts, true));
        let joins = |name: &str| {
            let path = statement.joins_default.get(name)?;
            leaves(self.values, path)
                .into_iter()
                .find_map(|leaf| match leaf {
                    Value::Bool(truth) => Some(*truth),
                    Value::Text(text) => Some(matches!(text.as_str(), "true" | "enable")),
                    _ => None,
                })
        };
        let joins_default = (joins("association"), joins("propagation"));
        let beyond = statement.half.then(|| {
            // What is known only after apply counts as open.
            let opens = |when: &When| !when.is_empty() && self.holds(when) != Some(false);
            Beyond {
                lends_gateways: opens(&statement.beyond.lends_gateways),
                borrows_gateways: opens(&statement.beyond.borrows_gateways),
                takes_forwarded: opens(&statement.beyond.takes_forwarded),
            }
        });
        self.fragment.has_halves |= beyond.is_some();
        let several = near.len() * far.len() > 1;
        for first in &near {
            for second in &far {
                let keys = if several && !has_itself_as_end(statement) {
                    vec![self.key_of_another_link()]
                } else {
                    keys.clone()
                };
                self.fragment.links.push(LinkDeclaration {
                    kind: statement.kind,
                    keys,
                    role: statement.role.clone().unwrap_or_else(|| self.role()),
                    name: self.name(),
                    ends: [first.clone(), second.clone()],
                    state: if effective && !statement.offer {
                        LinkState::Effective
                    } else {
                        LinkState::Offered
                    },
                    protection: protection.clone(),
                    carrier: carrier.clone(),
                    properties: properties.clone(),
                    joins_default,
                    dynamic_prefixes: statement.dynamic_prefixes,
                    half: beyond,
                    origin: self.origin,
                });
            }
        }
    }

    /// The ends of a link that its resource only names by an identifier: the provider looks them up, and source lacks them.
    fn computed_ends(&self, statement: &LinkStatement, ends: [Vec<End>; 2]) -> [Vec<End>; 2] {
        let Some(resolver) = self.application.resolver else {
            return ends;
        };
        let names_link = |path: &&String| {
            !matches!(path.as_str(), "id" | "arn")
                && resolver.is_configured(self.resource, path.split('.').next().unwrap_or(path))
        };
        if !resolver.leaves_out_computed() || !statement.id.iter().any(|path| names_link(&path)) {
            return ends;
        }
        let mut sides = statement.ends.iter();
        ends.map(|found| {
            let end = sides.next();
            match end {
                Some(end) if found.is_empty() => {
                    let path = end.of.first().map_or("end", String::as_str);
                    let reference = Reference::Unresolved {
                        placeholder: format!("{}.{path}", self.resource.address),
                        why: format!(
                            "{}.{path} is known to the provider only",
                            self.resource.address
                        ),
                    };
                    vec![self.computed_end(end, reference)]
                }
                _ => found,
            }
        })
    }

    fn computed_end(&self, end: &EndStatement, reference: Reference) -> End {
        // Where the other side's place is told, it is told by what the provider looks up, too.
        let place = if end.place.is_some() {
            Place::default()
        } else {
            self.place(None)
        };
        let role = end.role.clone();
        End {
            kind: end.kind,
            reference,
            role: role.unwrap_or_else(|| end.kind.slug().replace('-', " ")),
            place,
            around: end.around,
        }
    }

    /// Several links of one statement have no identifier of their own: a key that tells each from the others.
    fn key_of_another_link(&mut self) -> Key {
        let number = self.own_links.len() + 1;
        let key = part_key(&self.address_key(), &number.to_string());
        self.own_links.push(key.clone());
        key
    }

    /// The identifiers of a link. The resource itself stands for the first of its links only, and for none that it has beside
    /// being a thing itself: links that share a key are one.
    fn link_keys(&mut self, statement: &LinkStatement) -> Vec<Key> {
        if statement.id.is_empty() && has_itself_as_end(statement) {
            return Vec::new();
        }
        let declared = self.fragment.links.last();
        if declared.is_none_or(|link| link.origin != self.origin) {
            return self.keys(&statement.id);
        }
        if statement.id.is_empty() {
            return Vec::new();
        }
        let own = self.address_key();
        let mut keys = self.keys(&statement.id);
        keys.retain(|key| *key != own);
        keys
    }

    /// Far ends that are not the near one: nothing is linked to itself, so a local value taken for that means something else.
    fn other_than(&self, near: &[End], mut far: Vec<End>) -> Vec<End> {
        if let ([near], [far], Some(resolver)) =
            (near, far.as_mut_slice(), self.application.resolver)
            && near.reference == far.reference
            && let Reference::To(same @ Key::Address(_)) = &near.reference
        {
            let mut others = resolver.siblings(same);
            if others.is_empty() {
                others = resolver.arguments(self.resource, far.kind);
                others.remove(same);
            }
            let mut others: Vec<Key> = others.into_iter().collect();
            far.reference = match (others.pop(), others.is_empty()) {
                (Some(only), true) => Reference::To(only),
                (Some(last), false) => {
                    others.push(last);
                    Reference::OneOf(others)
                }
                (None, _) => Reference::Unresolved {
                    placeholder: format!("{}.end", self.resource.address),
                    why: format!(
                        "the plan does not say what {} leads to",
                        self.resource.address
                    ),
                },
            };
        }
        far
    }

    fn ends(&mut self, statement: &LinkStatement, side: usize) -> Vec<End> {
        let end: &EndStatement = &statement.ends[side];
        let place = end.place.as_ref().map_or_else(
            || Place {
                region: None,
                account: None,
            },
            |rule| {
                self.spelled(Place {
                    region: self.first_text(&rule.region),
                    account: self.first_text(&rule.account),
                })
            },
        );
        let references = if end.of.is_empty() {
            vec![Reference::Unresolved {
                placeholder: format!("{}.end", self.resource.address),
                why: format!("{} does not name its far side", self.resource.address),
            }]
        } else {
            // What something is part of says nothing of what it is itself.
            let kind = if end.around {
                NodeKind::Other
            } else {
                end.kind
            };
            self.first_set(&end.of, kind)
        };
        let role = end
            .role
            .clone()
            .unwrap_or_else(|| end.kind.slug().replace('-', " "));
        references
            .into_iter()
            .map(|reference| End {
                kind: if end.around {
                    end.kind
                } else {
                    self.kind_of(&reference, end.kind)
                },
                role: role.clone(),
                place: self.end_place(&place, end, &reference),
                around: end.around,
                reference,
            })
            .collect()
    }

    fn end_place(&self, told: &Place, end: &EndStatement, reference: &Reference) -> Place {
        let mut place = told.clone();
        if let Reference::To(Key::Provider(id)) = reference {
            let told_by_id = |name: &Option<String>| {
                let name = name.as_ref()?;
                step_after(id, name).map(str::to_owned)
            };
            let identifiers = &self.file.identifiers;
            place.fill_from(&Place {
                region: told_by_id(&identifiers.region_after),
                account: told_by_id(&identifiers.account_after),
            });
        }
        let own = self.place(None);
        let untold = |paths: &[String]| {
            let mut leaves = paths.iter().flat_map(|path| leaves(self.values, path));
            leaves.any(|leaf| *leaf == Value::Unknown)
        };
        // An end lies where the resource does, unless an attribute tells otherwise, or will tell after apply.
        let rule = end.place.as_ref();
        if place.region.is_none() && !rule.is_some_and(|rule| rule.global || untold(&rule.region)) {
            place.region = own.region;
        }
        if place.account.is_none() && !rule.is_some_and(|rule| untold(&rule.account)) {
            place.account = own.account;
        }
        place
    }

    fn protection(&self, rows: &[InTransitRow]) -> Vec<ProtectionRule> {
        let mut rules = Vec::new();
        for row in rows {
            let own = self.holds(&row.when);
            if own == Some(false) {
                continue;
            }
            let Some(fact) = self.file.facts.get(&row.fact.value) else {
                continue;
            };
            let mut when: Vec<LinkCondition> = row
                .same_region
                .map(LinkCondition::SameRegion)
                .into_iter()
                .collect();
            for (name, condition) in &row.both_ends {
                when.extend(
                    tests(condition).map(|test| LinkCondition::BothEnds(name.clone(), test)),
                );
            }
            for (name, condition) in &row.carrier {
                when.extend(
                    tests(condition).map(|test| LinkCondition::Carrier(name.clone(), test)),
                );
            }
            for (name, condition) in &row.around {
                when.extend(tests(condition).map(|test| LinkCondition::Around(name.clone(), test)));
            }
            let in_transit = InTransit {
                protection: fact.protection,
                evidence: Some(Evidence {
                    fact: row.fact.value.clone(),
                    claim: fact.says.clone(),
                    source: fact.source.clone(),
                    read: fact.read.clone(),
                }),
            };
            // A row whose own condition is known only after apply decides nothing, and hides what comes after it.
            rules.push(ProtectionRule {
                when,
                in_transit: if own.is_none() {
                    InTransit::unknown()
                } else {
                    in_transit
                },
            });
        }
        rules
    }

    fn route(&mut self, statement: &RouteStatement) {
        if self.holds(&statement.when) == Some(false) {
            return;
        }
        let tables = self.references(&statement.table, NodeKind::RouteTable, None);
        let lines: Vec<Value> = match &statement.each {
            None => vec![self.values.clone()],
            Some(path) => leaves(self.values, path).into_iter().cloned().collect(),
        };
        let mirrors = self.mirrors
            || statement
                .each
                .as_ref()
                .is_some_and(|path| !self.is_told(path));
        let count = lines.len();
        for (index, line) in lines.iter().enumerate() {
            let position = statement.each.as_ref().map(|_| (index, count));
            if *line == Value::Unknown {
                // The provider's to fill in, and empty: the routes of a new table stand on their own, or nowhere.
                if statement
                    .each
                    .as_ref()
                    .is_some_and(|path| self.is_left_open(path))
                {
                    continue;
                }
                let path = statement.each.clone().unwrap_or_default();
                let target = Reference::Unresolved {
                    placeholder: format!("{}.{path}", self.resource.address),
                    why: format!("{}.{path} is known only after apply", self.resource.address),
                };
                self.add_routes(
                    &tables,
                    &[DestinationDeclaration::Unknown],
                    &[Some((target, NodeKind::Other))],
                    mirrors,
                );
                continue;
            }
            if line.is_unset() || holds(line, &statement.each_when) == Some(false) {
                continue;
            }
            let mut destinations = Vec::new();
            let mut unknown = false;
            for path in &statement.to {
                for leaf in leaves(line, path) {
                    match leaf {
                        Value::Unknown => unknown = true,
                        Value::Sensitive(_) => destinations.push(DestinationDeclaration::Prefix(
                            self.application.secrets.stand_in(leaf),
                        )),
                        value => {
                            destinations.extend(value.as_text().map(DestinationDeclaration::Prefix))
                        }
                    }
                }
            }
            for path in &statement.to_list {
                let found: Vec<Value> = leaves(line, path).into_iter().cloned().collect();
                let full = full_path(statement.each.as_deref(), path);
                let lists = self.references_of(&found, &full, NodeKind::PrefixList, position);
                destinations.extend(
                    lists
                        .into_iter()
                        .filter(|_| found.iter().any(|one| *one != Value::Unknown))
                        .map(DestinationDeclaration::List),
                );
                if destinations.is_empty() && found.contains(&Value::Unknown) {
                    let lists = self.references_of(&found, &full, NodeKind::PrefixList, position);
                    let resolved = lists
                        .into_iter()
                        .filter(|list| !matches!(list, Reference::Unresolved { .. }));
                    destinations.extend(resolved.map(DestinationDeclaration::List));
                }
            }
            if destinations.is_empty() && unknown {
                destinations.push(DestinationDeclaration::Unknown);
            }
            let drops = !statement.blackhole_when.is_empty()
                && holds(line, &statement.blackhole_when) == Some(true);
            let targets = if drops {
                vec![None]
            } else {
                self.route_targets(statement, line, position)
            };
            self.add_routes(&tables, &destinations, &targets, mirrors);
        }
    }

    /// What one line sends its traffic to. A computed target is unknown while another is set: the set one counts.
    fn route_targets(
        &mut self,
        statement: &RouteStatement,
        line: &Value,
        position: Option<(usize, usize)>,
    ) -> Vec<Option<(Reference, NodeKind)>> {
        let mut known = Vec::new();
        let mut resolved = Vec::new();
        let mut hidden = Vec::new();
        for (path, kind) in &statement.via {
            if let Some(constant) = path.strip_prefix('=') {
                let key = Key::Provider(format!("{}:{constant}", owner(self.file)));
                known.push(Some((Reference::To(key), *kind)));
                continue;
            }
            let found: Vec<Value> = leaves(line, path).into_iter().cloned().collect();
            let full = full_path(statement.each.as_deref(), path);
            for reference in self.references_of(&found, &full, *kind, position) {
                if matches!(&reference, Reference::To(Key::Provider(id)) if id.ends_with(":local"))
                {
                    return Vec::new();
                }
                let kind = self.kind_of(&reference, *kind);
                match reference {
                    Reference::Unresolved { .. } => hidden.push(Some((reference, kind))),
                    Reference::To(Key::Provider(_)) if !found.contains(&Value::Unknown) => {
                        known.push(Some((reference, kind)))
                    }
                    _ => resolved.push(Some((reference, kind))),
                }
            }
        }
        if !known.is_empty() {
            return known;
        }
        if !resolved.is_empty() {
            return resolved;
        }
        hidden.truncate(1);
        hidden
    }

    fn add_routes(
        &mut self,
        tables: &[Reference],
        destinations: &[DestinationDeclaration],
        targets: &[Option<(Reference, NodeKind)>],
        mirrors: bool,
    ) {
        for table in tables {
            for destination in destinations {
                for target in targets {
                    self.fragment.routes.push(RouteDeclaration {
                        table: table.clone(),
                        destination: destination.clone(),
                        target: target.clone(),
                        mirrors,
                        origin: self.origin,
                    });
                }
            }
        }
    }

    fn association(&mut self, statement: &AssociationStatement) {
        if self.holds(&statement.when) == Some(false) {
            return;
        }
        let tables = if statement.table.is_empty() {
            let labels = self.texts(&statement.tables_labelled);
            self.fragment.has_labels |= !labels.is_empty();
            let provider = owner(self.file);
            labels
                .into_iter()
                .map(|label| Reference::To(label_key(provider, &label)))
                .collect()
        } else {
            self.references(&statement.table, NodeKind::RouteTable, None)
        };
        if statement.member.iter().all(|path| self.is_left_open(path)) {
            return;
        }
        let is_itself = statement.member.iter().any(|path| path == "self");
        let members = if is_itself && !self.own_links.is_empty() {
            self.own_links.iter().cloned().map(Reference::To).collect()
        } else {
            self.first_set(&statement.member, NodeKind::Other)
        };
        for table in &tables {
            for member in &members {
                self.fragment.associations.push(AssociationDeclaration {
                    table: table.clone(),
                    member: member.clone(),
                    role: statement.role,
                    implied: self.mirrors,
                    origin: self.origin,
                });
            }
        }
    }

    /// Whether an attribute of a new resource is unknown only because nobody set it: a new table is fed by nothing.
    fn is_left_open(&self, path: &str) -> bool {
        let attribute = path.split('.').next().unwrap_or(path);
        let is_new = matches!(self.resource.action, Action::Create | Action::Replace);
        is_new
            && *self.values.member(attribute) == Value::Unknown
            && self
                .application
                .resolver
                .is_some_and(|resolver| !resolver.is_configured(self.resource, attribute))
    }

    fn containment(&mut self, statement: &ContainmentStatement) {
        let mut named = |paths: &[String], kind| {
            let references = paths
                .iter()
                .flat_map(|path| self.references(path, kind, None));
            let references: Vec<Reference> = references.collect();
            let of_kind = |one| (self.kind_of(&one, kind), one);
            references.into_iter().map(of_kind).collect::<Vec<_>>()
        };
        let of = named(&statement.of, NodeKind::Other);
        let within = named(&statement.within, NodeKind::Other);
        for (kind, of) in &of {
            for (within_kind, within) in &within {
                self.fragment.containments.push(ContainmentDeclaration {
                    of: of.clone(),
                    kind: *kind,
                    within: within.clone(),
                    within_kind: *within_kind,
                });
            }
        }
    }

    fn property(&mut self, statement: &PropertyStatement) {
        let holds = self.holds(&statement.when);
        let is_left_open = || statement.when.keys().any(|path| self.is_left_open(path));
        if holds == Some(false) || (holds.is_none() && is_left_open()) {
            return;
        }
        let mut properties = self.properties(&statement.properties, false);
        properties.extend(self.properties(&statement.facts, true));
        if holds.is_none() {
            // Whether it is set at all is known only after apply.
            for set in properties.values_mut() {
                set.value = Property::Unknown;
            }
        }
        let address_space = self.address_space(&statement.address_space);
        if statement.of_networks || statement.each_its_own {
            // Several resources may say the same of one network; each is a fact of its own.
            let of = |name: String| format!("{name} of {}", self.resource.address);
            properties = properties
                .into_iter()
                .map(|(name, value)| (of(name), value))
                .collect();
        }
        let where_it_has: Vec<(String, Test)> = statement
            .where_it_has
            .iter()
            .flat_map(|(name, condition)| tests(condition).map(|test| (name.clone(), test)))
            .collect();
        for of in self.references(&statement.of, NodeKind::Network, None) {
            self.fragment.properties.push(PropertyDeclaration {
                of,
                properties: properties.clone(),
                address_space: address_space.clone(),
                of_networks: statement.of_networks,
                where_it_has: where_it_has.clone(),
                origin: self.origin,
            });
        }
    }

    fn exposure(&mut self, statement: &ExposureStatement) {
        if self.holds(&statement.when) == Some(false) {
            return;
        }
        let mut of = Vec::new();
        for path in &statement.of {
            of.extend(self.references(path, NodeKind::Subnet, None));
        }
        keep_resolved(&mut of);
        let name = self
            .name()
            .unwrap_or_else(|| self.resource.address.to_string());
        self.fragment.exposures.push(ExposureDeclaration {
            of,
            // One resource may be several doors, each of which opens and closes by itself.
            subject: format!("{} {}", self.resource.address, statement.says),
            words: format!("{} {name}", statement.says),
            opens: statement.opens,
            origin: self.origin,
        });
    }

    fn plaintext(&mut self, statement: &PlaintextStatement) {
        if self.holds(&statement.when) != Some(true) {
            return;
        }
        let mut of = Vec::new();
        for path in &statement.of {
            of.extend(self.references(path, NodeKind::Subnet, None));
        }
        keep_resolved(&mut of);
        self.fragment.plaintext.push(PlaintextDeclaration {
            subject: self.address_key().to_string(),
            words: statement.says.clone(),
            of,
            is_external: !statement.external_when.is_empty()
                && self.holds(&statement.external_when) != Some(false),
            origin: self.origin,
        });
    }

    /// What a resource is to a network manager. Its attributes are those of the one provider that has such a thing.
    fn manager_piece(&mut self, piece: ManagerPiece, statement: &PolicyStatement) -> Piece {
        let content = match piece {
            ManagerPiece::Group => Content::Group,
            ManagerPiece::Member => Content::Member {
                group: self.references("network_group_id", NodeKind::Other, None),
                network: self.references("target_virtual_network_id", NodeKind::Network, None),
            },
            ManagerPiece::Configuration => self.configuration(&statement.in_transit),
            ManagerPiece::Deployment => Content::Deployment {
                region: self.place(None).region,
                access: self.first_text(&["scope_access".to_owned()]),
                configurations: self.references("configuration_ids", NodeKind::Other, None),
            },
        };
        Piece {
            keys: self.keys(&[]),
            name: self.name(),
            content,
            origin: self.origin,
        }
    }

    fn configuration(&mut self, in_transit: &[InTransitRow]) -> Content {
        let blocks: Vec<Value> = leaves(self.values, "applies_to_group")
            .into_iter()
            .cloned()
            .collect();
        let count = blocks.len();
        let mut groups = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let group = [block.member("network_group_id").clone()];
            let path = "applies_to_group.network_group_id";
            let is = |name: &str| opens(block, name, "true");
            groups.push(AppliedGroup {
                group: self.references_of(&group, path, NodeKind::Other, Some((index, count))),
                is_meshed: opens(block, "group_connectivity", "DirectlyConnected"),
                is_global: is("global_mesh_enabled"),
                uses_hub_gateway: is("use_hub_gateway"),
            });
        }
        Content::Configuration {
            is_mesh: opens(self.values, "connectivity_topology", "Mesh"),
            is_global: opens(self.values, "global_mesh_enabled", "true"),
            hub: self.references("hub.resource_id", NodeKind::Network, None),
            groups,
            protection: self.protection(in_transit),
        }
    }

    fn policy(&mut self, statement: &PolicyStatement, policies: &mut Policies) {
        if let Some(piece) = statement.piece {
            let piece = self.manager_piece(piece, statement);
            policies.manager.push(piece);
            return;
        }
        let policies = &mut policies.core_networks;
        let document = leaves(self.values, &statement.document)
            .into_iter()
            .next()
            .cloned();
        let Some(hub) = self
            .references(&statement.hub, NodeKind::Hub, None)
            .into_iter()
            .next()
        else {
            return;
        };
        let is_base = statement.hub == "self";
        match document {
            Some(Value::Text(text)) if !text.is_empty() => policies.push(cloud_wan::Policy {
                hub,
                document: Some(text),
                is_base,
                address: self.resource.address.to_string(),
                origin: self.origin,
            }),
            Some(Value::Unknown | Value::Sensitive(_)) => policies.push(cloud_wan::Policy {
                hub,
                document: None,
                is_base,
                address: self.resource.address.to_string(),
                origin: self.origin,
            }),
            _ => {}
        }
    }
}

/// Whether an attribute has a value that opens something; known only after apply, it may.
fn opens(values: &Value, name: &str, value: &str) -> bool {
    let found = values.member(name);
    *found == Value::Unknown
        || found
            .as_text()
            .is_some_and(|text| text.eq_ignore_ascii_case(value))
}

/// A region as all spellings of it come to: lower case, no spaces.
fn loosely(region: &str) -> String {
    let letters = region.chars().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}

fn has_itself_as_end(statement: &LinkStatement) -> bool {
    let mut paths = statement.ends.iter().flat_map(|end| &end.of);
    paths.any(|path| path == "self")
}

/// The key of a part that a thing brings along: `hub#edge`.
fn part_key(owner: &Key, part: &str) -> Key {
    match owner {
        Key::Provider(owner) => Key::Provider(format!("{owner}#{part}")),
        Key::Address(owner) => Key::Address(format!("{owner}#{part}")),
    }
}

/// Where several attributes say what something lies in, those that cannot be resolved add nothing to those that can.
fn keep_resolved(references: &mut Vec<Reference>) {
    let resolved = |reference: &Reference| !matches!(reference, Reference::Unresolved { .. });
    if references.iter().any(resolved) {
        references.retain(resolved);
    }
}

fn full_path(each: Option<&str>, path: &str) -> String {
    each.map_or_else(|| path.to_owned(), |each| format!("{each}.{path}"))
}

/// Whether all conditions hold; `None` when that is known only after apply.
pub(super) fn holds(values: &Value, when: &When) -> Option<bool> {
    holds_knowing(values, when, &|_| false)
}

/// The same, given which of the unknown attributes have a value in any case.
fn holds_knowing(
    values: &Value,
    when: &When,
    is_surely_set: &dyn Fn(&str) -> bool,
) -> Option<bool> {
    let mut undecided = false;
    for (path, condition) in when {
        let found = leaves(values, path);
        if found.iter().any(|leaf| matches!(leaf, Value::Unknown)) {
            let asks_for_no_value = condition.is.is_empty() && condition.not.is_empty();
            match condition.set {
                Some(wanted) if asks_for_no_value && is_surely_set(path) => {
                    if !wanted {
                        return Some(false);
                    }
                }
                _ => undecided = true,
            }
            continue;
        }
        if !condition_holds(&found, condition) {
            return Some(false);
        }
    }
    if undecided { None } else { Some(true) }
}

fn condition_holds(found: &[&Value], condition: &Condition) -> bool {
    let texts: Vec<String> = found.iter().filter_map(|leaf| leaf.as_text()).collect();
    let is_set = found.iter().any(|leaf| !leaf.is_unset());
    let is = condition.is.is_empty() || texts.iter().any(|text| condition.is.contains(text));
    let not = !texts.iter().any(|text| condition.not.contains(text));
    let last_steps = texts
        .iter()
        .map(|text| text.rsplit('/').next().unwrap_or(text));
    let ends = condition.ends_with.is_empty()
        || last_steps
            .into_iter()
            .any(|step| condition.ends_with.iter().any(|wanted| wanted == step));
    let is_like = |text: &String, forms: &[String]| forms.iter().any(|form| has_form(text, form));
    let like = condition.like.is_empty() || texts.iter().any(|text| is_like(text, &condition.like));
    let unlike = !texts.iter().any(|text| is_like(text, &condition.unlike));
    is && not && ends && like && unlike && condition.set.is_none_or(|wanted| wanted == is_set)
}

/// Whether a text has a form in which `*` stands for any text and `#` for a number, whatever the case.
fn has_form(text: &str, form: &str) -> bool {
    fn matches(text: &[u8], form: &[u8]) -> bool {
        match form.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|at| matches(&text[at..], rest)),
            Some((b'#', rest)) => {
                let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
                digits > 0 && matches(&text[digits..], rest)
            }
            Some((letter, rest)) => text.split_first().is_some_and(|(first, text)| {
                first.eq_ignore_ascii_case(letter) && matches(text, rest)
            }),
        }
    }
    // What is longer than any form of the kind has none; the work stays bounded.
    text.len() <= 256 && matches(text.as_bytes(), form.as_bytes())
}

fn tests(condition: &Condition) -> impl Iterator<Item = Test> {
    let is = (!condition.is.is_empty()).then(|| Test::OneOf(condition.is.clone()));
    let not = (!condition.not.is_empty()).then(|| Test::NoneOf(condition.not.clone()));
    is.into_iter().chain(not)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_stands_for_texts_with_any_text_and_any_number_in_it() {
        for text in ["Standard_D4s_v5", "standard_d16S_V5"] {
            assert!(has_form(text, "Standard_D#s_v5"), "{text}");
        }
        for text in ["Standard_DC4s_v5", "Standard_D4ds_v5", "Standard_D4s_v51"] {
            assert!(!has_form(text, "Standard_D#s_v5"), "{text}");
        }
        assert!(has_form(
            "Microsoft.Network/virtualNetworks@2024-05-01",
            "Microsoft.Network/virtualNetworks@*"
        ));
        assert!(!has_form(
            "Microsoft.Network/virtualNetworks/subnets@1",
            "Microsoft.Network/virtualNetworks@*"
        ));
        assert!(!has_form(&"a".repeat(10_000), "*a*a*a*a*b"));
    }

    #[test]
    fn a_region_is_the_same_with_capitals_and_spaces() {
        assert_eq!(loosely("West Europe"), loosely("westeurope"));
        assert_ne!(loosely("West Europe"), loosely("North Europe"));
    }
}
