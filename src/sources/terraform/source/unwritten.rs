//! What holds of a resource though its block does not say so: what `ignore_changes` leaves as it is, and defaults of a provider
//! that changed with its version.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, TraversalOperator};

use crate::catalog::schema::VersionedDefault;
use crate::catalog::{Catalog, Meaning};
use crate::graph::fragment::Notice;
use crate::value::Value;

use super::compare::RootSource;
use super::snapshot::{Evaluated, Snapshot};
use super::syntax::Body;
use super::term::{Term, Unknown};
use super::tree::nested_attribute;
use super::versions::{Told, Version};

/// What a block asks Terraform to leave as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Ignored {
    /// Nothing.
    #[default]
    Nothing,
    /// These attributes: a name, or a name and the key of a member.
    Some(Vec<(String, Option<String>)>),
    /// Every attribute.
    All,
}

impl Ignored {
    /// What `lifecycle { ignore_changes }` of a block says. Paths that lead deeper than a member are passed over.
    pub(super) fn of(body: &Body) -> Self {
        let told = nested_attribute(body, "lifecycle", "ignore_changes");
        let Some(expression) = told.and_then(|told| told.expression()) else {
            return Self::Nothing;
        };
        match expression {
            Expression::Variable(name) if name.as_str() == "all" => Self::All,
            // Before Terraform 0.12 names were texts.
            Expression::String(name) if name.value() == "all" => Self::All,
            Expression::Array(items) => {
                let is_star = |one: &Expression| one.as_str() == Some("*");
                if items.iter().any(is_star) {
                    return Self::All;
                }
                Self::Some(items.iter().filter_map(path_of).collect())
            }
            _ => Self::Nothing,
        }
    }
}

fn path_of(expression: &Expression) -> Option<(String, Option<String>)> {
    match expression {
        Expression::Variable(name) => Some((name.to_string(), None)),
        Expression::String(name) => Some((name.value().clone(), None)),
        Expression::Traversal(traversal) => {
            let Expression::Variable(name) = &traversal.expr else {
                return None;
            };
            let [only] = traversal.operators.as_slice() else {
                return None;
            };
            let member = match only.value() {
                TraversalOperator::GetAttr(member) => member.to_string(),
                TraversalOperator::Index(index) => index.as_str()?.to_owned(),
                _ => return None,
            };
            Some((name.to_string(), Some(member)))
        }
        _ => None,
    }
}

/// The terms and values of an instance.
type Said = (BTreeMap<String, Term>, BTreeMap<String, Value>);

impl RootSource {
    /// Leave what `ignore_changes` lists as it was before the change, of what is the same object afterwards.
    pub(super) fn keep_ignored(&mut self, catalog: &Catalog) {
        let pairs = self.pairs();
        let Some(before) = &self.before else { return };
        let mut kept: Vec<(usize, Said)> = Vec::new();
        for (base, head) in &pairs {
            let (Some(base), Some(head)) = (*base, *head) else {
                continue;
            };
            let (was, is) = (&before.resources[base], &mut self.after.resources[head]);
            if is.is_data || is.ignored == Ignored::Nothing || was.terms == is.terms {
                continue;
            }
            kept.push((head, (is.terms.clone(), is.values.clone())));
            leave(was, is);
        }
        if kept.is_empty() {
            return;
        }
        // What is made anew is made as it is written.
        let remade = self.remade(catalog, &pairs);
        for (head, (terms, values)) in kept {
            if remade.contains(&head) {
                let is = &mut self.after.resources[head];
                (is.terms, is.values) = (terms, values);
            }
        }
    }

    /// Give instances the defaults that their provider has in the version that is used, where it has others in others.
    pub(super) fn fill_in_defaults(&mut self, catalog: &Catalog) {
        let sides = [self.before.as_mut(), Some(&mut self.after)];
        for side in sides.into_iter().flatten() {
            fill_in_defaults(side, catalog);
        }
    }
}

fn leave(was: &Evaluated, is: &mut Evaluated) {
    match &is.ignored {
        Ignored::Nothing => {}
        Ignored::All => {
            is.terms.clone_from(&was.terms);
            is.values.clone_from(&was.values);
        }
        Ignored::Some(paths) => {
            for (name, member) in paths {
                // What a provider adds to the tags goes with them.
                let with_tags = (name == "tags").then_some("tags_all");
                for name in [Some(name.as_str()), with_tags].into_iter().flatten() {
                    let left = match member {
                        None => was.terms.get(name).cloned(),
                        Some(member) => {
                            member_left(was.terms.get(name), is.terms.get(name), member)
                        }
                    };
                    match left {
                        Some(term) => {
                            is.values.insert(name.to_owned(), term.to_value());
                            is.terms.insert(name.to_owned(), term);
                        }
                        None => {
                            is.values.remove(name);
                            is.terms.remove(name);
                        }
                    }
                }
            }
        }
    }
}

/// A map as it is, but for one member, which is as it was.
fn member_left(was: Option<&Term>, is: Option<&Term>, member: &str) -> Option<Term> {
    let entries = |term: Option<&Term>| match term {
        None | Some(Term::Null) => Some((BTreeMap::new(), None)),
        Some(Term::Object(members)) => Some((members.entries.clone(), members.rest.clone())),
        Some(_) => None,
    };
    let (Some((was, _)), Some((mut entries, rest))) = (entries(was), entries(is)) else {
        return is.cloned();
    };
    match was.get(member) {
        Some(term) => entries.insert(member.to_owned(), term.clone()),
        None => entries.remove(member),
    };
    Some(Term::open_object(entries, rest))
}

fn fill_in_defaults(side: &mut Snapshot, catalog: &Catalog) {
    let mut notices = Vec::new();
    for one in side.resources.iter_mut().filter(|one| !one.is_data) {
        let Meaning::Modelled(entry, file) = catalog.entry(&one.resource_type) else {
            continue;
        };
        for default in &entry.defaults {
            let name = &default.attribute;
            let is_written = one.terms.get(name).is_some_and(|term| *term != Term::Null);
            if is_written {
                continue;
            }
            let Some(before) = Version::parse(&default.before) else {
                continue;
            };
            let told = side.versions.get(&file.provider);
            let term = match told.and_then(|told| told.is_before(&before)) {
                Some(false) => continue,
                Some(true) => value_of(default),
                None => {
                    notices.push(unknown_version(one, default, told));
                    let why = format!(
                        "its default changed with version {} of the provider, and nothing tells which version is used",
                        default.before
                    );
                    let name = format!("{}.{name}", one.address);
                    Term::unknown(Unknown::hidden(name, why))
                }
            };
            one.values.insert(name.clone(), term.to_value());
            one.terms.insert(name.clone(), term);
        }
    }
    side.notices.extend(notices);
}

fn value_of(default: &VersionedDefault) -> Term {
    match default.value.as_str() {
        "true" => Term::Bool(true),
        "false" => Term::Bool(false),
        text => Term::text(text),
    }
}

fn unknown_version(one: &Evaluated, default: &VersionedDefault, told: Option<&Told>) -> Notice {
    let VersionedDefault {
        attribute,
        value,
        before,
        ..
    } = default;
    let hint = match told {
        Some(_) => "the versions that it may have are on both sides",
        None => "nothing says which version is used",
    };
    Notice {
        kind: "provider-version-unknown",
        subject: one.address.to_string(),
        message: format!(
            "{attribute} is not set, and comes to {value} before version {before} of the provider only: {hint}, so either counts; commit .terraform.lock.hcl, or set it"
        ),
    }
}
