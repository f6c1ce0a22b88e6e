//! Identifiers known only after apply, resolved through the references of the plan's configuration.
//!
//! References lead up and down through modules: `var.x` to the argument of the module call, `module.m.x` to the output's
//! expression, `each.value` to the expression of `for_each`. What several references may mean is [`Reference::OneOf`];
//! what the plan hides is [`Reference::Unresolved`] with the reason. Four inferences fill in what a plan leaves out:
//! - of several things that an expression names, only those yet to be created can have made its value unknown;
//! - among those, an argument means the type it is named after;
//! - a local value, whose expression a plan does not hold, means what its module creates of the wanted kind, else what the
//!   module's call hands in;
//! - `aws_subnet.x[count.index]` and `[each.key]` mean the instance with the referring instance's own key, if there is one. A
//!   plan writes `[count.index + 1]` the same way, so this one is an assumption, and `docs/limits.md` says so.
//!
//! Here is what is asked and what an answer comes to; `follow` goes from reference to reference, `steps` takes each apart, and
//! `entries` says what the catalog makes of a type.

mod entries;
mod follow;
mod steps;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value as Json;

use crate::catalog::schema::ProviderFile;
use crate::catalog::{Catalog, Meaning};
use crate::graph::fragment::Notice;
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::location::Location;
use crate::value::Value;

use super::address::Address;
use super::canonical::collection;
use super::paths::{Expression, expression};
use super::plan::{ConfigModule, ConfigResource};
use super::providers::ProviderPlace;
use super::resource::Resource;
use super::skim::Raw;

pub(super) use entries::{identifies, nodes};
use steps::all_references;

/// How many steps a reference may take through modules, outputs and attributes before it counts as hidden.
const MAX_STEPS: usize = 24;

/// How many resources around one are looked at before the rest counts as far away.
const MAX_SURROUNDINGS: usize = 200;

/// How many references one resolution may follow in all.
const MAX_FOLLOWED: usize = 20_000;

/// What a reference is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'q> {
    /// The attribute path.
    pub(super) path: &'q str,
    /// What is known of the provider whose identifiers it holds; `None` when only resources are asked for.
    pub(super) file: Option<&'q ProviderFile>,
    /// The block the path goes through, as (index, count).
    pub(super) position: Option<(usize, usize)>,
    /// What the answer must be, where the attribute can name several kinds of thing.
    pub(super) kind: NodeKind,
    /// The collection of what a mere name in the attribute means: `vpnGateways`.
    pub(super) collection: Option<&'q str>,
}

/// Answers what references mean, and where things are written: by a plan's configuration, or by evaluated source.
pub(super) trait References {
    /// What an attribute that is not known refers to; several answers when it holds a list. `None` when it cannot tell
    /// for this side.
    fn resolve(
        &self,
        resource: &Resource<'_>,
        question: Question<'_>,
        is_after: bool,
    ) -> Option<Vec<Reference>>;

    /// Whether the configuration sets an attribute, rather than leaving it to the provider.
    fn is_configured(&self, resource: &Resource<'_>, attribute: &str) -> bool;

    /// Whether a block that the configuration sets leaves an attribute of it to the provider.
    fn is_left_out(
        &self,
        _resource: &Resource<'_>,
        _path: &str,
        _position: Option<(usize, usize)>,
    ) -> bool {
        false
    }

    /// The other instances of the resource that a key names, where it may not be the one that was meant.
    fn siblings(&self, key: &Key) -> BTreeSet<Key>;

    /// What the call of a resource's module hands in of a kind, where that may have been meant.
    fn arguments(&self, resource: &Resource<'_>, kind: NodeKind) -> BTreeSet<Key>;

    /// Whether an attribute that is unknown before and after is written differently.
    fn differs(&self, _resource: &Resource<'_>, _attribute: &str) -> bool {
        false
    }

    /// Whether what a provider computes is left out, rather than marked as unknown.
    fn leaves_out_computed(&self) -> bool {
        false
    }

    /// Whether an attribute that is not known has a value in any case: the identifier of something that will be there.
    fn is_surely_set(&self, _resource: &Resource<'_>, _path: &str, _is_after: bool) -> bool {
        false
    }

    /// Where the provider configuration of a resource works, where that may differ before and after.
    fn place(&self, _resource: &Resource<'_>, _is_after: bool) -> Option<&ProviderPlace> {
        None
    }

    /// The block of a resource, where it is at hand.
    fn location(&self, _resource: &Resource<'_>) -> Option<Location> {
        None
    }
}

/// Resolves references against one plan.
pub(super) struct Resolver<'p> {
    catalog: &'p Catalog,
    root: &'p ConfigModule<'p>,
    scope: String,
    /// Instances after the change, by module instance and `type.name`.
    instances: BTreeMap<(String, String), Vec<&'p Resource<'p>>>,
    /// The same by address.
    by_address: HashMap<&'p str, &'p Resource<'p>>,
    /// Parsed arguments, by where their text lies.
    parsed: RefCell<HashMap<*const u8, Rc<Json>>>,
    /// What modules create, by module instance and kind.
    newborns: RefCell<HashMap<Birthplace, Rc<Vec<Key>>>>,
    /// What the resolution under way took for granted.
    granted: RefCell<BTreeSet<Assumption>>,
    /// The attributes that were resolved by taking something for granted.
    assumed: RefCell<BTreeMap<Assumption, BTreeSet<String>>>,
}

/// What a plan says of a reference.
pub(super) struct Resolution {
    pub(super) reference: Reference,
    /// What that takes for granted.
    pub(super) granted: BTreeSet<Assumption>,
    /// The plan hides nothing that it might mean, too.
    pub(super) is_whole: bool,
}

/// What a plan does not say and a resolution takes for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Assumption {
    /// `x[count.index]` means the instance with the referring instance's own key, not the one after it.
    SameInstance,
    /// A local value means what its module creates or is handed.
    LocalValue,
}

impl Assumption {
    fn notice(self, attributes: &BTreeSet<String>) -> Notice {
        let (kind, message) = match self {
            Self::SameInstance => (
                "assumed-instance",
                "taken as the instance with the same key, because a plan shows x[count.index + 1] as it shows x[count.index]",
            ),
            Self::LocalValue => (
                "assumed-local-value",
                "taken as what the module creates of that kind or is handed, because a plan does not hold the expressions of local values",
            ),
        };
        let first = attributes.first().cloned().unwrap_or_default();
        let subject = match attributes.len() {
            1 => first,
            count => format!("{first} and {} more", count - 1),
        };
        Notice {
            kind,
            subject,
            message: message.to_owned(),
        }
    }
}

/// A module instance, and the kind of thing it creates.
type Birthplace = (String, NodeKind);

/// Where an expression stands.
#[derive(Clone)]
struct Site<'p> {
    module: &'p ConfigModule<'p>,
    /// The module instance's address.
    path: String,
    /// The instance key of the resource or module call that refers.
    key: Option<String>,
    /// The expression of `for_each`, if it has one.
    for_each: Option<Raw<'p>>,
}

/// A reference on its way: what is asked, from where, and how much further it may be passed on.
#[derive(Clone, Copy)]
struct Errand<'e, 'p> {
    question: Question<'e>,
    site: &'e Site<'p>,
    steps: usize,
    /// Shared by all branches of one resolution: hostile references may fan out at every step.
    budget: &'e Cell<usize>,
}

impl<'e, 'p> Errand<'e, 'p> {
    /// The same errand from another place, where the first place's block means nothing.
    fn at(self, site: &'e Site<'p>) -> Self {
        Self {
            site,
            question: Question {
                position: None,
                ..self.question
            },
            ..self
        }
    }
}

/// What references come to.
#[derive(Default)]
struct Answer {
    keys: BTreeSet<Key>,
    /// Addresses of the resources met on the way.
    met: BTreeSet<String>,
    hidden: Option<String>,
}

impl Answer {
    fn hide(&mut self, why: impl Into<String>) {
        self.hidden.get_or_insert_with(|| why.into());
    }
}

impl<'p> Resolver<'p> {
    /// Prepare to resolve the references of one plan. `scope` is put before every address, to tell plans apart.
    pub(super) fn new(
        catalog: &'p Catalog,
        root: &'p ConfigModule<'p>,
        resources: &'p [Resource<'p>],
        scope: &str,
    ) -> Self {
        let mut instances: BTreeMap<(String, String), Vec<&Resource<'_>>> = BTreeMap::new();
        let mut by_address = HashMap::with_capacity(resources.len());
        for resource in resources.iter().filter(|resource| resource.after.is_some()) {
            let slot = (resource.module.to_string(), local_name(resource));
            instances.entry(slot).or_default().push(resource);
            by_address.insert(&*resource.address, resource);
        }
        Self {
            catalog,
            root,
            scope: scope.to_owned(),
            instances,
            by_address,
            parsed: RefCell::default(),
            newborns: RefCell::default(),
            granted: RefCell::default(),
            assumed: RefCell::default(),
        }
    }

    /// What was taken for granted so far, said.
    pub(super) fn assumptions(&self) -> Vec<Notice> {
        let assumed = self.assumed.borrow();
        assumed
            .iter()
            .map(|(assumption, attributes)| assumption.notice(attributes))
            .collect()
    }

    /// What an attribute that is unknown after the change refers to.
    pub(super) fn resolve(&self, resource: &Resource<'_>, question: Question<'_>) -> Resolution {
        let placeholder = format!("{}{}.{}", self.scope, resource.address, question.path);
        let unresolved = |why: String| Reference::Unresolved {
            placeholder: match question.position {
                Some((index, _)) => format!("{placeholder}[{index}]"),
                None => placeholder.clone(),
            },
            why,
        };
        let budget = Cell::new(MAX_FOLLOWED);
        self.granted.take();
        let answer = self.attribute(resource, question, MAX_STEPS, &budget);
        let granted = self.granted.take();
        let keys: Vec<Key> = self.narrowed(self.unborn(answer.keys), question);
        let is_whole = answer.hidden.is_none();
        let reference = match (keys.len(), answer.hidden) {
            (0, Some(why)) => unresolved(format!(
                "{}.{} is known only after apply, and {why}",
                resource.address, question.path
            )),
            (0, None) => unresolved(format!(
                "{}.{} is known only after apply, and the plan does not say where it comes from",
                resource.address, question.path
            )),
            (1, None) => Reference::To(keys[0].clone()),
            _ => Reference::OneOf(keys),
        };
        Resolution {
            reference,
            granted,
            is_whole,
        }
    }

    /// Remember what an answer that counts took for granted.
    pub(super) fn note(
        &self,
        granted: BTreeSet<Assumption>,
        resource: &Resource<'_>,
        question: Question<'_>,
    ) {
        for assumption in granted {
            let mut assumed = self.assumed.borrow_mut();
            let attribute = format!("{}.{}", resource.address, question.path);
            assumed.entry(assumption).or_default().insert(attribute);
        }
    }

    /// Whether a key stands for something yet to be created: only that can have made a value unknown.
    pub(super) fn is_yet_to_be(&self, key: &Key) -> bool {
        let Key::Address(address) = key else {
            return false;
        };
        let own = address.strip_prefix(&self.scope).unwrap_or(address);
        let own = own.split_once('#').map_or(own, |(own, _)| own);
        let found = self.by_address.get(own);
        found.is_some_and(|resource| self.is_unborn(resource))
    }

    /// The parts of the graph that a resource of any type refers to, directly or through resources that are not modelled.
    pub(super) fn surroundings(&self, resource: &Resource<'_>) -> BTreeSet<Key> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::from([resource.address.to_string()]);
        let mut todo = vec![resource];
        while let Some(resource) = todo.pop() {
            for address in self.references_of(resource) {
                if !seen.insert(address.clone()) || seen.len() > MAX_SURROUNDINGS {
                    continue;
                }
                let Some(met) = self.by_address.get(address.as_str()).copied() else {
                    continue;
                };
                match self.catalog.entry(&met.resource_type) {
                    Meaning::Modelled(entry, _) if nodes(entry).next().is_some() => {
                        found.insert(self.key(met));
                    }
                    _ => todo.push(met),
                }
            }
        }
        found
    }

    fn references_of(&self, resource: &Resource<'_>) -> BTreeSet<String> {
        let Some((module, _)) = self.module(&resource.module) else {
            return BTreeSet::new();
        };
        let Some(config) = module.resources.iter().find(|one| is_of(one, resource)) else {
            return BTreeSet::new();
        };
        let site = Site {
            module,
            path: resource.module.to_string(),
            key: resource.key.as_ref().map(ToString::to_string),
            for_each: config.for_each_expression,
        };
        let mut answer = Answer::default();
        let budget = Cell::new(MAX_FOLLOWED);
        for raw in config.expressions.values() {
            let Some(json) = self.parse(*raw) else {
                continue;
            };
            let mut references = Vec::new();
            all_references(&json, &mut references);
            let question = Question {
                path: "",
                file: None,
                position: None,
                kind: NodeKind::Other,
                collection: None,
            };
            let errand = Errand {
                question,
                site: &site,
                steps: MAX_STEPS,
                budget: &budget,
            };
            self.follow_all(&references, errand, &mut answer);
        }
        answer.met
    }

    /// Whether the configuration sets an attribute, rather than leaving it to the provider.
    pub(super) fn is_configured(&self, resource: &Resource<'_>, attribute: &str) -> bool {
        let config = self
            .module(&resource.module)
            .and_then(|(module, _)| module.resources.iter().find(|one| is_of(one, resource)));
        config.is_some_and(|config| config.expressions.keys().any(|name| name.0 == attribute))
    }

    /// Whether the configuration has a block, and leaves an attribute in it to the provider.
    pub(super) fn is_left_out(
        &self,
        resource: &Resource<'_>,
        path: &str,
        position: Option<(usize, usize)>,
    ) -> bool {
        let mut names = path.split('.');
        let first = names.next().unwrap_or_default();
        let rest: Vec<&str> = names.collect();
        let config = self
            .module(&resource.module)
            .and_then(|(module, _)| module.resources.iter().find(|one| is_of(one, resource)));
        let argument = config.and_then(|config| {
            let mut arguments = config.expressions.iter();
            arguments.find(|(name, _)| name.0 == first)
        });
        let json = argument.and_then(|(_, raw)| self.parse(*raw));
        !rest.is_empty()
            && json.is_some_and(|json| expression(&json, &rest, position) == Expression::default())
    }

    /// Of several candidates, those that are yet to be created: what is known already cannot make a value unknown.
    fn unborn(&self, keys: BTreeSet<Key>) -> BTreeSet<Key> {
        if keys.len() < 2 {
            return keys;
        }
        let unborn: BTreeSet<Key> = keys
            .iter()
            .filter(|key| self.is_yet_to_be(key))
            .cloned()
            .collect();
        if unborn.is_empty() { keys } else { unborn }
    }

    /// Of several candidates, those of the wanted kind, and of these those whose type the argument is named after:
    /// `transit_gateway_id` names an `aws_ec2_transit_gateway` and no `aws_dx_gateway`.
    fn narrowed(&self, keys: BTreeSet<Key>, question: Question<'_>) -> Vec<Key> {
        let all: Vec<Key> = keys.into_iter().collect();
        if all.len() < 2 {
            return all;
        }
        let or_all = |some: Vec<Key>, all: Vec<Key>| if some.is_empty() { all } else { some };
        let mut keys = all;
        if question.kind != NodeKind::Other {
            let wanted = keys
                .iter()
                .filter(|key| self.key_is(key, question.kind))
                .cloned();
            keys = or_all(wanted.collect(), keys);
        }
        if let Some(wanted) = question.collection {
            let fitting = keys
                .iter()
                .filter(|key| self.is_in_collection(key, wanted))
                .cloned();
            keys = or_all(fitting.collect(), keys);
        }
        let argument = question.path.rsplit('.').next().unwrap_or(question.path);
        let stem = ["_ids", "_id", "_arns", "_arn"]
            .iter()
            .find_map(|ending| argument.strip_suffix(ending));
        let mut rest = stem;
        while let Some(stem) = rest {
            let named = |exact: bool| -> Vec<Key> {
                let fits = |key: &&Key| {
                    self.type_tail(key)
                        .is_some_and(|tail| is_named_after(&tail, stem, exact))
                };
                keys.iter().filter(fits).cloned().collect()
            };
            let found = or_all(named(true), named(false));
            if !found.is_empty() {
                return found;
            }
            rest = stem.split_once('_').map(|(_, rest)| rest);
        }
        keys
    }

    /// The type of the resource that a key stands for, without its provider.
    fn type_tail(&self, key: &Key) -> Option<String> {
        let Key::Address(address) = key else {
            return None;
        };
        let own = address.strip_prefix(&self.scope).unwrap_or(address);
        let own = own.split_once('#').map_or(own, |(own, _)| own);
        let address = Address::parse(own)?;
        address
            .resource_type
            .split_once('_')
            .map(|(_, tail)| tail.to_owned())
    }

    fn key_is(&self, key: &Key, kind: NodeKind) -> bool {
        let Key::Address(address) = key else {
            return false;
        };
        let own = address.strip_prefix(&self.scope).unwrap_or(address);
        let (own, part) = own
            .split_once('#')
            .map_or((own, false), |(own, _)| (own, true));
        let Some(address) = Address::parse(own) else {
            return false;
        };
        if part {
            return kind == NodeKind::RouteTable;
        }
        self.makes(&address.resource_type, kind)
    }

    /// Whether the type of what a key stands for says that its identifiers are of a collection.
    fn is_in_collection(&self, key: &Key, wanted: &str) -> bool {
        let Key::Address(address) = key else {
            return false;
        };
        let own = address.strip_prefix(&self.scope).unwrap_or(address);
        let Some(address) = Address::parse(own) else {
            return false;
        };
        let Meaning::Modelled(entry, _) = self.catalog.entry(&address.resource_type) else {
            return false;
        };
        let mut known_as = entry.known_as.iter();
        known_as.any(|template| collection(template) == Some(wanted))
    }

    fn makes(&self, resource_type: &str, kind: NodeKind) -> bool {
        let Meaning::Modelled(entry, _) = self.catalog.entry(resource_type) else {
            return false;
        };
        nodes(entry).any(|node| node.kind == kind)
    }

    /// The other instances of the resource that a key names: `x[count.index]` looks like `x[count.index + 1]` in a plan.
    pub(super) fn siblings(&self, key: &Key) -> BTreeSet<Key> {
        let own = key.as_str();
        let own = own.strip_prefix(self.scope.as_str()).unwrap_or(own);
        let Some(address) = Address::parse(own) else {
            return BTreeSet::new();
        };
        let block = address.without_keys();
        let mode = if address.is_data { "data." } else { "" };
        let name = format!("{mode}{}.{}", address.resource_type, address.name);
        let of_that_name = self.instances.iter().filter(|((_, own), _)| *own == name);
        of_that_name
            .flat_map(|(_, resources)| resources)
            .filter(|one| one.address != own)
            .filter(|one| {
                Address::parse(&one.address).is_some_and(|other| other.without_keys() == block)
            })
            .map(|one| self.key(one))
            .collect()
    }

    /// What the call of a resource's module hands in of a kind.
    pub(super) fn arguments(&self, resource: &Resource<'_>, kind: NodeKind) -> BTreeSet<Key> {
        let Some((module, _)) = self.module(&resource.module) else {
            return BTreeSet::new();
        };
        let site = Site {
            module,
            path: resource.module.to_string(),
            key: None,
            for_each: None,
        };
        self.handed_in(Errand {
            question: Question {
                path: "",
                file: None,
                position: None,
                kind,
                collection: None,
            },
            site: &site,
            steps: MAX_STEPS,
            budget: &Cell::new(MAX_FOLLOWED),
        })
    }

    fn is_unborn(&self, resource: &Resource<'_>) -> bool {
        let values = resource
            .after
            .as_ref()
            .and_then(|after| after.read(&|name| name == "id").ok());
        values.is_some_and(|values| *values.member("id") == Value::Unknown)
    }

    fn key(&self, resource: &Resource<'_>) -> Key {
        Key::Address(format!("{}{}", self.scope, resource.address))
    }
}

/// Whether a type is called what an argument's name says: exactly, or behind a service's name.
fn is_named_after(tail: &str, stem: &str, exact: bool) -> bool {
    if exact {
        return tail == stem;
    }
    tail.strip_suffix(stem)
        .is_some_and(|before| before.ends_with('_'))
}

fn local_name(resource: &Resource<'_>) -> String {
    let mode = if resource.is_data { "data." } else { "" };
    format!("{mode}{}.{}", resource.resource_type, resource.name)
}

fn is_of(config: &ConfigResource<'_>, resource: &Resource<'_>) -> bool {
    let is_data = config.mode.as_ref().is_some_and(|mode| mode.0 == "data");
    config.resource_type.0 == resource.resource_type
        && config.name.0 == resource.name
        && is_data == resource.is_data
}
