//! Blocks that are routes, and those that say who uses a route table.

use crate::catalog::schema::{AssociationStatement, RouteStatement};
use crate::graph::fragment::{AssociationDeclaration, DestinationDeclaration, RouteDeclaration};
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::graph::origin::Action;
use crate::value::Value;

use super::super::canonical::owner;
use super::super::complete::label_key;
use super::super::paths::{leaves, top_level};

use super::Side;
use super::conditions::holds;
use super::full_path;

impl Side<'_, '_> {
    pub(super) fn route(&mut self, statement: &RouteStatement) {
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
    pub(super) fn route_targets(
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

    pub(super) fn add_routes(
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

    pub(super) fn association(&mut self, statement: &AssociationStatement) {
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
    pub(super) fn is_left_open(&self, path: &str) -> bool {
        let attribute = top_level(path);
        let is_new = matches!(self.resource.action, Action::Create | Action::Replace);
        is_new
            && *self.values.member(attribute) == Value::Unknown
            && self
                .application
                .resolver
                .is_some_and(|resolver| !resolver.is_configured(self.resource, attribute))
    }
}
