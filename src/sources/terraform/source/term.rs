//! What an expression comes to: a value, a thing that other resources refer to, or something unknown that says why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::value::Value;

/// How long the name of an unknown value may get before the rest of it is put down as a digest.
const MAX_NAME_BYTES: usize = 240;

/// How many things an unknown value may turn out to be before it counts as hidden.
const MAX_CANDIDATES: usize = 4096;

/// The result of evaluating an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    /// Null, or left out.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text.
    Text(Arc<str>),
    /// A list, tuple or set; sets are sorted and hold nothing twice.
    List(Arc<Items>),
    /// A map or object.
    Object(Arc<Members>),
    /// A resource instance, whose attributes are evaluated when somebody asks for them.
    Instance(Arc<Handle>),
    /// A module instance, whose outputs are evaluated when somebody asks for them.
    Module(usize),
    /// A value that must not be shown.
    Secret(Arc<Term>),
    /// A value that the source does not tell.
    Unknown(Arc<Unknown>),
}

/// The elements of a list, tuple or set.
#[derive(Debug)]
pub(super) struct Items {
    items: Vec<Term>,
    shape: Shape,
    /// Elements of a set have no position: each is its own key.
    pub(super) is_set: bool,
}

impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl std::ops::Deref for Items {
    type Target = [Term];

    fn deref(&self) -> &[Term] {
        &self.items
    }
}

/// The members of a map or object.
#[derive(Debug, PartialEq)]
pub(super) struct Members {
    /// What is known of them.
    pub(super) entries: BTreeMap<String, Term>,
    /// What any further member is, if there may be some.
    pub(super) rest: Option<Term>,
    shape: Shape,
}

/// What is known of a value without looking into it. Values share their parts, so that a small one may be endless to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// How many values it consists of, with long texts counted by their length.
    pub(super) size: usize,
    /// How deep it is nested.
    pub(super) depth: usize,
    /// Whether anything in it is unknown; instances and modules have unknown attributes.
    has_unknown: bool,
    /// Whether anything in it is a secret.
    has_secret: bool,
}

impl Shape {
    const SCALAR: Self = Self {
        size: 1,
        depth: 0,
        has_unknown: false,
        has_secret: false,
    };

    fn of<'t>(parts: impl Iterator<Item = &'t Term>) -> Self {
        parts.fold(Self::SCALAR, |all, part| {
            let part = part.shape();
            Self {
                size: all.size.saturating_add(part.size),
                depth: all.depth.max(part.depth.saturating_add(1)),
                has_unknown: all.has_unknown || part.has_unknown,
                has_secret: all.has_secret || part.has_secret,
            }
        })
    }
}

/// A resource instance.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Handle {
    /// The module instance it is in.
    pub(super) module: usize,
    /// Its block's address inside the module: `aws_vpc.this`, `data.aws_vpc.x`.
    pub(super) block: Arc<str>,
    /// Its position among the instances of its block.
    pub(super) position: usize,
    /// Its address.
    pub(super) address: Arc<str>,
}

/// A value that the source does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    /// What it is, in the words of the source: equal names are the same value.
    pub(super) name: String,
    /// Whether the name stands for exactly one value that exists somewhere: `var.vpc_id`, `aws_vpc.a.id`.
    pub(super) is_exact: bool,
    /// What it may come to.
    pub(super) candidates: BTreeSet<Candidate>,
    /// Whether it may come to something else, too.
    pub(super) is_open: bool,
    /// Why it is not known.
    pub(super) why: String,
}

/// Something that an unknown value may come to, or may be made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Candidate {
    /// An attribute of a resource instance that only the provider knows.
    Attribute(Arc<str>, Arc<str>),
    /// A text.
    Constant(Arc<str>),
    /// A value that exists somewhere and bears this name.
    Symbol(Arc<str>),
}

impl Unknown {
    /// A value of which nothing but its name is known.
    pub(super) fn symbol(name: impl Into<String>, why: impl Into<String>) -> Self {
        let name = shortened(name.into());
        Self {
            candidates: BTreeSet::from([Candidate::Symbol(name.as_str().into())]),
            name,
            is_exact: true,
            is_open: false,
            why: why.into(),
        }
    }

    /// An attribute that only the provider knows.
    pub(super) fn attribute(address: &Arc<str>, attribute: &str) -> Self {
        Self {
            name: shortened(format!("{address}.{attribute}")),
            is_exact: true,
            candidates: BTreeSet::from([Candidate::Attribute(address.clone(), attribute.into())]),
            is_open: false,
            why: format!("{address}.{attribute} is known to the provider only"),
        }
    }

    /// A value of which nothing can be said.
    pub(super) fn hidden(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            name: shortened(name.into()),
            is_exact: false,
            candidates: BTreeSet::new(),
            is_open: true,
            why: why.into(),
        }
    }

    /// A value made of others.
    pub(super) fn derived<'t>(
        name: impl Into<String>,
        parts: impl IntoIterator<Item = &'t Term>,
    ) -> Self {
        let mut unknown = Self {
            name: shortened(name.into()),
            is_exact: false,
            candidates: BTreeSet::new(),
            is_open: false,
            why: String::new(),
        };
        for part in parts {
            part.collect_unknown(&mut unknown, 0);
        }
        if unknown.why.is_empty() {
            unknown.why = format!("{} is not known", unknown.name);
        }
        unknown
    }

    /// Whether it is the identifier of something that will be there.
    pub(super) fn is_never_null(&self) -> bool {
        let is_identifier = |candidate: &Candidate| matches!(candidate, Candidate::Attribute(_, attribute) if matches!(&**attribute, "id" | "arn"));
        self.is_exact && self.candidates.iter().all(is_identifier)
    }

    fn take_in(&mut self, other: &Self) {
        if self.candidates.len() + other.candidates.len() > MAX_CANDIDATES {
            self.is_open = true;
        } else {
            self.candidates.extend(other.candidates.iter().cloned());
        }
        self.is_open |= other.is_open;
        if self.why.is_empty() {
            self.why.clone_from(&other.why);
        }
    }
}

/// A long name keeps its beginning, and a digest tells it from others.
pub(super) fn shortened(name: String) -> String {
    if name.len() <= MAX_NAME_BYTES {
        return name;
    }
    let digest = Sha256::digest(name.as_bytes());
    let mut end = MAX_NAME_BYTES - 24;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let mut short = name.get(..end).unwrap_or_default().to_owned();
    short.push_str("..");
    for byte in digest.iter().take(8) {
        short.push_str(&format!("{byte:02x}"));
    }
    short
}

/// How deep a value may be nested.
pub(super) const MAX_VALUE_DEPTH: usize = 100;

/// How many values one value may consist of.
pub(super) const MAX_VALUE_SIZE: usize = 1 << 20;

impl Term {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::items(items, false)
    }

    fn items(items: Vec<Self>, is_set: bool) -> Self {
        let shape = Shape::of(items.iter());
        Self::List(Arc::new(Items {
            items,
            shape,
            is_set,
        }))
    }

    pub(super) fn object(entries: BTreeMap<String, Self>) -> Self {
        Self::open_object(entries, None)
    }

    /// An object that may have further members.
    pub(super) fn open_object(entries: BTreeMap<String, Self>, rest: Option<Self>) -> Self {
        let shape = Shape::of(entries.values().chain(&rest));
        Self::Object(Arc::new(Members {
            entries,
            rest,
            shape,
        }))
    }

    /// What is known of it without looking into it.
    pub(super) fn shape(&self) -> Shape {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => Shape::SCALAR,
            Self::Text(text) => Shape {
                size: 1 + text.len() / 64,
                ..Shape::SCALAR
            },
            Self::List(items) => items.shape,
            Self::Object(members) => members.shape,
            Self::Secret(inner) => Shape {
                has_secret: true,
                ..inner.shape()
            },
            Self::Instance(_) | Self::Module(_) | Self::Unknown(_) => Shape {
                has_unknown: true,
                ..Shape::SCALAR
            },
        }
    }

    pub(super) fn unknown(unknown: Unknown) -> Self {
        Self::Unknown(Arc::new(unknown))
    }

    /// A set of these.
    pub(super) fn set(mut items: Vec<Self>) -> Self {
        items.sort_by(compare);
        items.dedup();
        Self::items(items, true)
    }

    /// Without the mark of a secret, and whether there was one.
    pub(super) fn revealed(&self) -> (&Self, bool) {
        match self {
            Self::Secret(inner) => (inner.revealed().0, true),
            other => (other, false),
        }
    }

    /// The same, to be kept secret if `is_secret`.
    pub(super) fn kept(self, is_secret: bool) -> Self {
        match self {
            Self::Secret(_) | Self::Null | Self::Unknown(_) => self,
            plain if is_secret => Self::Secret(Arc::new(plain)),
            plain => plain,
        }
    }

    /// Whether anything in it is unknown.
    pub(super) fn has_unknown(&self) -> bool {
        self.shape().has_unknown
    }

    /// Whether anything in it is a secret.
    pub(super) fn has_secret(&self) -> bool {
        self.shape().has_secret
    }

    /// Gather what the unknown parts may come to.
    fn collect_unknown(&self, found: &mut Unknown, depth: usize) {
        if depth > MAX_VALUE_DEPTH || found.candidates.len() >= MAX_CANDIDATES {
            found.is_open = true;
            return;
        }
        match self {
            Self::Unknown(unknown) => found.take_in(unknown),
            Self::Instance(handle) => {
                found.take_in(&Unknown::attribute(&handle.address, "id"));
            }
            Self::Module(_) => found.is_open = true,
            Self::Secret(inner) => inner.collect_unknown(found, depth + 1),
            Self::List(items) => {
                for item in items.iter() {
                    item.collect_unknown(found, depth + 1);
                }
            }
            Self::Object(members) => {
                for entry in members.entries.values() {
                    entry.collect_unknown(found, depth + 1);
                }
                if let Some(rest) = &members.rest {
                    rest.collect_unknown(found, depth + 1);
                }
            }
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => {}
        }
    }

    /// One of two values, and nobody knows which.
    pub(super) fn either(name: impl Into<String>, one: &Self, other: &Self) -> Self {
        if one == other {
            return one.clone();
        }
        let mut unknown = Unknown::derived(name, [one, other]);
        for side in [one, other] {
            if let Self::Text(text) = side
                && !text.is_empty()
            {
                unknown.candidates.insert(Candidate::Constant(text.clone()));
            }
        }
        Self::unknown(unknown)
    }

    /// Text, as Terraform turns scalars into text. `None` for what has no text.
    pub(super) fn to_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.to_string()),
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Number(number) => Some(number_text(*number)),
            _ => None,
        }
    }

    /// A truth value, as Terraform reads texts.
    pub(super) fn to_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Text(text) if &**text == "true" => Some(true),
            Self::Text(text) if &**text == "false" => Some(false),
            _ => None,
        }
    }

    /// A number, as Terraform reads texts.
    pub(super) fn to_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        }
    }

    /// The same structure with other leaves: instances, modules and unknown values are handed in. The depth of values is bounded.
    pub(super) fn map_leaves(&self, leaf: &mut dyn FnMut(&Self) -> Self) -> Self {
        match self {
            Self::List(items) => {
                let mapped = items.iter().map(|item| item.map_leaves(leaf));
                Self::items(mapped.collect(), items.is_set)
            }
            Self::Object(members) => {
                let entries = members.entries.iter();
                let entries = entries.map(|(name, term)| (name.clone(), term.map_leaves(leaf)));
                let entries = entries.collect();
                let rest = members.rest.as_ref().map(|rest| rest.map_leaves(leaf));
                Self::open_object(entries, rest)
            }
            Self::Secret(inner) => inner.map_leaves(leaf).kept(true),
            Self::Instance(_) | Self::Module(_) | Self::Unknown(_) => leaf(self),
            plain => plain.clone(),
        }
    }

    /// For the graph: what is unknown loses its name, and instances and modules are unknown as a whole.
    pub(super) fn to_value(&self) -> Value {
        self.value_at(0)
    }

    fn value_at(&self, depth: usize) -> Value {
        if depth > MAX_VALUE_DEPTH {
            return Value::Unknown;
        }
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Number(number) => Value::Number(number_text(*number)),
            Self::Text(text) => Value::Text(text.to_string()),
            Self::List(items) => {
                Value::List(items.iter().map(|item| item.value_at(depth + 1)).collect())
            }
            Self::Object(members) => {
                let entries = members.entries.iter();
                Value::Object(
                    entries
                        .map(|(name, entry)| (name.clone(), entry.value_at(depth + 1)))
                        .collect(),
                )
            }
            Self::Secret(inner) => Value::Sensitive(Box::new(inner.value_at(depth + 1))),
            Self::Unknown(_) | Self::Instance(_) | Self::Module(_) => Value::Unknown,
        }
    }
}

/// Writes a value for the name of what is made of it: short, stable, and without secrets.
impl fmt::Display for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.describe(&mut text);
        formatter.write_str(&text)
    }
}

impl Term {
    fn describe(&self, text: &mut String) {
        // What is longer is told apart by a digest of this much at most.
        if text.len() > 16 * MAX_NAME_BYTES {
            return;
        }
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(truth) => text.push_str(&truth.to_string()),
            Self::Number(number) => text.push_str(&number_text(*number)),
            Self::Text(own) => text.push_str(&format!("{own:?}")),
            Self::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push_str(", ");
                    }
                    item.describe(text);
                }
                text.push(']');
            }
            Self::Object(members) => {
                text.push('{');
                for (index, (name, entry)) in members.entries.iter().enumerate() {
                    if index > 0 {
                        text.push_str(", ");
                    }
                    text.push_str(name);
                    text.push_str(" = ");
                    entry.describe(text);
                }
                text.push('}');
            }
            Self::Instance(handle) => text.push_str(&handle.address),
            Self::Module(index) => text.push_str(&format!("module {index}")),
            Self::Secret(_) => text.push_str("(sensitive)"),
            Self::Unknown(unknown) => text.push_str(&unknown.name),
        }
    }
}

/// The order of a set's elements.
pub(super) fn compare(one: &Term, other: &Term) -> std::cmp::Ordering {
    match (one, other) {
        (Term::Text(one), Term::Text(other)) => one.cmp(other),
        (Term::Number(one), Term::Number(other)) => one.total_cmp(other),
        _ => one.to_string().cmp(&other.to_string()),
    }
}

/// Whole numbers without a fraction, as Terraform writes them.
pub(super) fn number_text(number: f64) -> String {
    // Adding zero makes a negative zero positive.
    let number = number + 0.0;
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_terraform_writes_them() {
        assert_eq!(number_text(64512.0), "64512");
        assert_eq!(number_text(4_200_000_000.0), "4200000000");
        assert_eq!(number_text(0.5), "0.5");
        assert_eq!(number_text(-0.0), "0");
    }

    #[test]
    fn one_of_two_unknown_things_is_each_of_them_and_one_of_two_equal_ones_is_that() {
        let id = |address: &str| Term::unknown(Unknown::attribute(&address.into(), "id"));
        let Term::Unknown(either) = Term::either("x", &id("a.a"), &id("b.b")) else {
            panic!("not unknown");
        };
        assert_eq!(either.candidates.len(), 2);
        assert!(!either.is_exact);
        assert_eq!(Term::either("x", &id("a.a"), &id("a.a")), id("a.a"));
    }

    #[test]
    fn a_secret_is_never_part_of_a_name() {
        let secret = Term::text("hunter2").kept(true);
        assert_eq!(Term::list(vec![secret]).to_string(), "[(sensitive)]");
    }

    #[test]
    fn long_names_differ_where_their_ends_do() {
        let long = |end: &str| Unknown::hidden("x".repeat(1000) + end, "").name;
        assert!(long("a").len() <= MAX_NAME_BYTES);
        assert_ne!(long("a"), long("b"));
    }
}
