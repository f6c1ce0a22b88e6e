//! One resource at one time, turned into declarations by the statements of its type.
//!
//! Attributes are read by path. A value known only after apply is handed to the resolver; a secret is told apart by a
//! number; what stays hidden becomes a reference that says why.

mod conditions;
mod identity;
mod links;
mod nodes;
mod policies;
mod routes;
#[cfg(test)]
mod tests;

use crate::catalog::schema::{ProviderFile, Statement, TypeEntry, When};
use crate::graph::fragment::Fragment;
use crate::graph::identity::Key;
use crate::graph::origin::OriginId;
use crate::value::Value;

use super::apply::Application;
use super::cloud_wan;
use super::network_manager;
use super::paths::leaves;
use super::resolve::References;
use super::resource::Resource;

use conditions::holds_knowing;

pub(super) use conditions::holds;

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
                Statement::Stated(stated) => self.stated(stated),
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

    fn holds(&self, when: &When) -> Option<bool> {
        let resolver = self.application.resolver;
        holds_knowing(self.values, when, &|path| {
            resolver
                .is_some_and(|resolver| resolver.is_surely_set(self.resource, path, self.is_after))
        })
    }
}

fn full_path(each: Option<&str>, path: &str) -> String {
    each.map_or_else(|| path.to_owned(), |each| format!("{each}.{path}"))
}
