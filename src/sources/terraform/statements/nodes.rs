//! Blocks that are nodes, and what others say of nodes: properties, containment, exposure.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::schema::{
    AssignedPrefix, ContainmentStatement, ExposureStatement, NodeStatement, OwnedTable,
    PlaintextStatement, PropertyStatement, StatedStatement, Statement, When,
};
use crate::graph::assemble::parse_prefix;
use crate::graph::fragment::{
    AssociationDeclaration, ContainmentDeclaration, Counts, ExposureDeclaration, FarSide,
    NodeDeclaration, PlaintextDeclaration, PropertyDeclaration, RegionalDeclaration,
    StatementDeclaration,
};
use crate::graph::identity::{Key, Reference};
use crate::graph::node::{AddressSpace, Forwards, NodeKind, Place, Property, SetProperty};
use crate::graph::protection::Test;
use crate::graph::table::Destination;
use crate::value::Value;

use super::super::canonical::{identifier_key, owner};
use super::super::complete::{TABLE_LABELS, label_key};
use super::super::paths::{leaves, top_level};
use super::super::resolve::References;

use super::conditions::{holds, tests};
use super::identity::{keep_resolved, part_key};
use super::{Side, full_path};

impl Side<'_, '_> {
    pub(super) fn node(&mut self, statement: &NodeStatement) {
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
        let within = self.surroundings(statement);
        let mut address_space = self.address_space(&statement.address_space);
        self.add_assigned(&statement.assigned, &mut address_space);
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
            incarnation: None,
            origin: self.origin,
        });
    }

    /// What a block lies in: what it says itself, else what it is part of says.
    fn surroundings(&mut self, statement: &NodeStatement) -> Vec<Reference> {
        let mut within = self.places(&statement.within);
        let is_told = |one: &Reference| !matches!(one, Reference::Unresolved { .. });
        if !within.iter().any(is_told) {
            let told = self.places(&statement.else_within);
            if told.iter().any(is_told) {
                within = told;
            }
        }
        keep_resolved(&mut within);
        within
    }

    fn places(&mut self, paths: &[String]) -> Vec<Reference> {
        // Where a plain workload stands that nobody places is the provider's to decide, and a question only once something
        // is said of it.
        let is_door = |statement: &Statement| {
            matches!(statement, Statement::Exposure(_) | Statement::Plaintext(_))
        };
        let says_more = self.entry.becomes.iter().flatten().any(is_door);
        let mut found = Vec::new();
        for path in paths {
            if says_more || !self.is_left_open(path) {
                found.extend(self.references(path, NodeKind::Network, None));
            }
        }
        found
    }

    /// A table that comes with its owner: named by the first known identifier, or by all of them while none is known.
    pub(super) fn owned_table(&mut self, table: &OwnedTable, owner: &Key, owners: &[Key]) {
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
            incarnation: None,
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
    pub(super) fn texts(&self, paths: &[String]) -> BTreeSet<String> {
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

    pub(super) fn label_property(&self, labels: BTreeSet<String>) -> BTreeMap<String, SetProperty> {
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

    /// Prefixes that the provider was asked to choose, as long as nothing tells which.
    fn add_assigned(&mut self, assigned: &[AssignedPrefix], space: &mut AddressSpace) {
        for one in assigned {
            let told = leaves(self.values, &one.prefix);
            let is_told = told
                .iter()
                .any(|leaf| leaf.as_text().is_some_and(|text| !text.is_empty()));
            if !is_told && holds(self.values, &one.when) != Some(false) {
                let (address, prefix) = (&self.resource.address, &one.prefix);
                space
                    .untold
                    .insert(format!("the {prefix} of {address}, chosen by the provider"));
            }
        }
    }

    pub(super) fn address_space(&mut self, paths: &[String]) -> AddressSpace {
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

    pub(super) fn properties(
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
    pub(super) fn block_words(&mut self, path: &str, block: &Value) -> String {
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

    pub(super) fn set(&self, value: Property, is_fact: bool) -> SetProperty {
        SetProperty {
            value,
            origin: self.origin,
            is_fact,
        }
    }

    pub(super) fn containment(&mut self, statement: &ContainmentStatement) {
        if self.holds(&statement.when) == Some(false) {
            return;
        }
        let of: Vec<Reference> = statement
            .of
            .iter()
            .flat_map(|path| self.references(path, NodeKind::Other, None))
            .collect();
        let mut within = Vec::new();
        match &statement.each {
            None => {
                for path in &statement.within {
                    within.extend(self.references(path, NodeKind::Other, None));
                }
            }
            Some(block) => {
                let lines: Vec<Value> = leaves(self.values, block).into_iter().cloned().collect();
                for (index, line) in lines.iter().enumerate() {
                    if line.is_unset() || holds(line, &statement.each_when) == Some(false) {
                        continue;
                    }
                    for path in &statement.within {
                        let found: Vec<Value> = leaves(line, path).into_iter().cloned().collect();
                        let full = full_path(Some(block), path);
                        let position = Some((index, lines.len()));
                        within.extend(self.references_of(
                            &found,
                            &full,
                            NodeKind::Network,
                            position,
                        ));
                    }
                }
            }
        }
        keep_resolved(&mut within);
        for of in &of {
            for within in &within {
                self.fragment.containments.push(ContainmentDeclaration {
                    of: of.clone(),
                    kind: self.kind_of(of, NodeKind::Other),
                    within: within.clone(),
                    within_kind: self.kind_of(within, NodeKind::Other),
                });
            }
        }
    }

    pub(super) fn property(&mut self, statement: &PropertyStatement) {
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
            // Several resources may say the same of one network, and each is a fact of its own; but what only holds where
            // a property has some value takes the place of that value.
            let replaces = |name: &String| statement.where_it_has.contains_key(name);
            let of = |name: String| match replaces(&name) {
                true => name,
                false => format!("{name} of {}", self.resource.address),
            };
            properties = properties
                .into_iter()
                .map(|(name, value)| (of(name), value))
                .collect();
        }
        let where_it_has = tests_of(&statement.where_it_has);
        let origin = self.origin;
        let property = |of: Reference| PropertyDeclaration {
            of,
            properties: properties.clone(),
            address_space: address_space.clone(),
            of_networks: statement.of_networks,
            where_it_has: where_it_has.clone(),
            origin,
        };
        if statement.of_region {
            let regional = RegionalDeclaration {
                provider: owner(self.file).to_owned(),
                place: self.place(None),
                property: property(Reference::To(self.address_key())),
            };
            self.fragment.regional.push(regional);
            return;
        }
        for of in self.references(&statement.of, NodeKind::Network, None) {
            self.fragment.properties.push(property(of));
        }
    }

    pub(super) fn exposure(&mut self, statement: &ExposureStatement) {
        if self.holds(&statement.when) == Some(false) {
            return;
        }
        let mut of = Vec::new();
        for path in &statement.of {
            of.extend(self.references(path, NodeKind::Subnet, None));
        }
        keep_resolved(&mut of);
        self.note_kinds(&of);
        let addresses = self.texts(&statement.of_addresses);
        if of.is_empty() && addresses.is_empty() && !statement.of_addresses.is_empty() {
            return;
        }
        let name = self
            .name()
            .unwrap_or_else(|| self.resource.address.to_string());
        self.fragment.exposures.push(ExposureDeclaration {
            of,
            addresses,
            where_it_has: tests_of(&statement.where_it_has),
            // One resource may be several doors, each of which opens and closes by itself.
            subject: format!("{} {}", self.resource.address, statement.says),
            words: format!("{} {name}", statement.says),
            opens: statement.opens,
            origin: self.origin,
        });
    }

    /// What is exposed need be no subnet: its identifier may tell that it is a machine.
    fn note_kinds(&mut self, references: &[Reference]) {
        for reference in references {
            if let (Reference::To(key), Some(kind)) = (reference, self.told_kind(reference)) {
                self.fragment.kinds.insert(key.clone(), kind);
            }
        }
    }

    /// Whether conditions hold where what nobody set has no value: what the provider then fills in is said by the conditions.
    fn holds_by_default(&self, when: &When) -> Option<bool> {
        let left_open = when.keys().filter(|path| self.is_left_open(path));
        let left_open: BTreeSet<&str> = left_open.map(|path| top_level(path)).collect();
        match self.values {
            Value::Object(members) if !left_open.is_empty() => {
                let mut told = members.clone();
                told.retain(|name, _| !left_open.contains(name.as_str()));
                holds(&Value::Object(told), when)
            }
            _ => self.holds(when),
        }
    }

    /// Whether one of some blocks says so; `None` when that is known only after apply.
    fn is_told_by(&self, each: Option<&String>, each_when: &When) -> Option<bool> {
        let Some(block) = each else {
            return Some(true);
        };
        let blocks = leaves(self.values, block).into_iter();
        let all: Vec<Option<bool>> = blocks.map(|one| holds(one, each_when)).collect();
        if all.contains(&Some(true)) {
            return Some(true);
        }
        (!all.contains(&None)).then_some(false)
    }

    /// What holds in so many words, of what the statement names and of the networks that lies in.
    pub(super) fn stated(&mut self, statement: &StatedStatement) {
        let sides = [
            self.holds_by_default(&statement.when),
            self.is_told_by(statement.each.as_ref(), &statement.each_when),
        ];
        let is_open = sides.contains(&None);
        if sides.contains(&Some(false)) || (is_open && statement.protects) {
            return;
        }
        let mut of = Vec::new();
        for path in &statement.of {
            of.extend(self.references(path, NodeKind::Other, None));
        }
        keep_resolved(&mut of);
        of.retain(|one| !matches!(one, Reference::Unresolved { .. }));
        self.note_kinds(&of);
        let address = self.address_key().to_string();
        self.fragment.statements.push(StatementDeclaration {
            of_networks: true,
            of_holders: false,
            topic: statement.topic,
            about: format!("{address} {}", statement.says),
            matter: statement.says.clone(),
            exception_to: Vec::new(),
            value: "holds".to_owned(),
            counts: Counts::Always,
            openness: if statement.protects { -1 } else { 1 },
            words: statement.says.replace("{}", &address),
            // A part that comes or goes takes nothing from those who rested on the network without it.
            lasts_with: of.first().cloned(),
            of,
            origins: BTreeSet::from([self.origin]),
        });
    }

    pub(super) fn plaintext(&mut self, statement: &PlaintextStatement) {
        let is_told = self.is_told_by(statement.each.as_ref(), &statement.each_when);
        if self.holds_by_default(&statement.when) != Some(true) || is_told != Some(true) {
            return;
        }
        let mut of = Vec::new();
        for path in &statement.of {
            of.extend(self.references(path, NodeKind::Subnet, None));
        }
        keep_resolved(&mut of);
        let is_outside = !statement.external_when.is_empty()
            && self.holds_by_default(&statement.external_when) != Some(false);
        let far_side = match &statement.host {
            Some(path) if !is_outside => FarSide::at(self.texts(std::slice::from_ref(path))),
            _ => FarSide::outside_if(is_outside),
        };
        self.fragment.plaintext.push(PlaintextDeclaration {
            subject: self.address_key().to_string(),
            words: statement.says.clone(),
            of,
            where_it_has: tests_of(&statement.where_it_has),
            far_side,
            origin: self.origin,
        });
    }
}

fn tests_of(when: &When) -> Vec<(String, Test)> {
    when.iter()
        .flat_map(|(name, condition)| tests(condition).map(|test| (name.clone(), test)))
        .collect()
}

/// Whether an attribute has a value that opens something; known only after apply, it may.
pub(super) fn opens(values: &Value, name: &str, value: &str) -> bool {
    let found = values.member(name);
    *found == Value::Unknown
        || found
            .as_text()
            .is_some_and(|text| text.eq_ignore_ascii_case(value))
}
