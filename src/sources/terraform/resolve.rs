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

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value as Json;

use crate::catalog::schema::{LinkStatement, NodeStatement, ProviderFile, Statement, TypeEntry};
use crate::catalog::{Catalog, Meaning};
use crate::graph::fragment::Notice;
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::location::Location;
use crate::value::Value;

use super::address::Address;
use super::canonical::{collection, identifier_key};
use super::paths::{Expression, expression};
use super::plan::{ConfigModule, ConfigResource, ModuleCall};
use super::providers::ProviderPlace;
use super::resource::Resource;
use super::skim::Raw;

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

    fn attribute(
        &self,
        resource: &Resource<'_>,
        question: Question<'_>,
        steps: usize,
        budget: &Cell<usize>,
    ) -> Answer {
        let mut answer = Answer::default();
        let Some((module, _)) = self.module(&resource.module) else {
            answer.hide("its module is not in the plan's configuration");
            return answer;
        };
        let Some(config) = module.resources.iter().find(|one| is_of(one, resource)) else {
            answer.hide("its block is not in the plan's configuration");
            return answer;
        };
        let mut names = question.path.split('.');
        let first = names.next().unwrap_or_default();
        let rest: Vec<&str> = names.collect();
        let Some((_, raw)) = config.expressions.iter().find(|(name, _)| name.0 == first) else {
            answer.hide("no argument sets it (a dynamic block, or a value of the provider's)");
            return answer;
        };
        let site = Site {
            module,
            path: resource.module.to_string(),
            key: resource.key.as_ref().map(|key| key.to_string()),
            for_each: config.for_each_expression,
        };
        let errand = Errand {
            question,
            site: &site,
            steps,
            budget,
        };
        self.expression(*raw, &rest, errand, &mut answer);
        answer
    }

    fn expression(&self, raw: Raw<'_>, rest: &[&str], errand: Errand<'_, 'p>, answer: &mut Answer) {
        let Some(json) = self.parse(raw) else {
            answer.hide("its expression cannot be read");
            return;
        };
        let found = expression(&json, rest, errand.question.position);
        if let (Some(constant), Some(file)) = (
            found.constant.filter(|text| !text.is_empty()),
            errand.question.file,
        ) {
            // A constant cannot be unknown: it is one branch of a conditional whose other branch is.
            let key = identifier_key(file, &constant);
            answer.keys.insert(key);
        }
        self.follow_all(&found.references, errand, answer);
    }

    fn follow_all(&self, references: &[String], errand: Errand<'_, 'p>, answer: &mut Answer) {
        // Without its own key in the expression, the referring instance's key picks no instance of another resource.
        let names_own_key = |one: &String| matches!(one.as_str(), "count.index" | "each.key");
        let key = errand
            .site
            .key
            .clone()
            .filter(|_| references.iter().any(names_own_key));
        let site = Site {
            key,
            ..errand.site.clone()
        };
        let errand = Errand {
            site: &site,
            ..errand
        };
        for reference in references {
            self.follow(reference, errand, answer);
        }
    }

    fn follow(&self, reference: &str, errand: Errand<'_, 'p>, answer: &mut Answer) {
        let (Some(steps), Some(budget)) = (
            errand.steps.checked_sub(1),
            errand.budget.get().checked_sub(1),
        ) else {
            answer.hide("it is passed on too many times");
            return;
        };
        errand.budget.set(budget);
        let errand = Errand { steps, ..errand };
        let parts = split_reference(reference);
        let Some((first, rest)) = parts.split_first() else {
            return;
        };
        match first.name.as_str() {
            "count" | "path" | "terraform" | "self" => {}
            "each" if rest.first().is_some_and(|part| part.name == "key") => {}
            "each" => self.follow_each(errand, answer),
            "var" => self.follow_variable(rest, errand, answer),
            "local" => self.follow_local(reference, errand, answer),
            "module" => self.follow_output(rest, errand, answer),
            "data" => self.follow_resource("data.", rest, errand, answer),
            _ => self.follow_resource("", &parts, errand, answer),
        }
    }

    /// `each.value`: the members of what `for_each` goes over.
    fn follow_each(&self, errand: Errand<'_, 'p>, answer: &mut Answer) {
        let Some(raw) = errand.site.for_each else {
            answer.hide("each.value has no for_each in the plan");
            return;
        };
        let Some(json) = self.parse(raw) else { return };
        let found = expression(&json, &[], None);
        if found.references.is_empty() {
            answer.hide("the members of its for_each are not in the plan");
        }
        // The member that `each.value` is bears the instance's own key.
        for reference in &found.references {
            self.follow(reference, errand, answer);
        }
    }

    fn follow_variable(&self, parts: &[Part], errand: Errand<'_, 'p>, answer: &mut Answer) {
        let Some(name) = parts.first() else { return };
        let Some((site, call)) = self.caller(&errand.site.path) else {
            answer.hide(format!("var.{} is an input of the root module", name.name));
            return;
        };
        let argument = call
            .expressions
            .iter()
            .find(|(argument, _)| argument.0 == name.name);
        let Some((_, raw)) = argument else {
            answer.hide(format!(
                "var.{} has no argument in the module call",
                name.name
            ));
            return;
        };
        self.expression(*raw, &[], errand.at(&site), answer);
    }

    /// A local value's expression is not in a plan. It is unknown, so what is behind it is yet to be created; where the
    /// module creates exactly one such thing, that is it.
    fn follow_local(&self, reference: &str, errand: Errand<'_, 'p>, answer: &mut Answer) {
        let newborns = self.newborns(&errand.site.path, errand.question.kind);
        let mut keys: BTreeSet<Key> = newborns.iter().cloned().collect();
        if keys.is_empty() {
            // Where the module creates none, it was handed in.
            keys = self.handed_in(errand);
        }
        if keys.is_empty() {
            answer.hide(format!(
                "{reference} is a local value, which a plan does not hold"
            ));
        } else {
            self.granted.borrow_mut().insert(Assumption::LocalValue);
        }
        answer.keys.extend(keys);
    }

    /// The things of the wanted kind that the arguments of a module's call may mean, as far as they are yet to be created.
    fn handed_in(&self, errand: Errand<'_, 'p>) -> BTreeSet<Key> {
        let Some((site, call)) = self.caller(&errand.site.path) else {
            return BTreeSet::new();
        };
        let mut answer = Answer::default();
        for raw in call.expressions.values() {
            let Some(json) = self.parse(*raw) else {
                continue;
            };
            let mut references = Vec::new();
            all_references(&json, &mut references);
            self.follow_all(&references, errand.at(&site), &mut answer);
        }
        let wanted = answer
            .keys
            .into_iter()
            .filter(|key| self.key_is(key, errand.question.kind));
        self.unborn(wanted.collect())
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

    /// What a module and the modules in it create of a kind.
    fn newborns(&self, path: &str, kind: NodeKind) -> Rc<Vec<Key>> {
        let slot = (path.to_owned(), kind);
        if let Some(known) = self.newborns.borrow().get(&slot) {
            return known.clone();
        }
        let inside = if path.is_empty() {
            String::new()
        } else {
            format!("{path}.")
        };
        let mut keys = Vec::new();
        for ((module, _), resources) in &self.instances {
            if module != path && !module.starts_with(&inside) {
                continue;
            }
            let wanted = resources
                .iter()
                .filter(|one| self.makes(&one.resource_type, kind) && self.is_unborn(one));
            keys.extend(wanted.map(|one| self.key(one)));
        }
        keys.sort();
        let keys = Rc::new(keys);
        self.newborns.borrow_mut().insert(slot, keys.clone());
        keys
    }

    fn follow_output(&self, parts: &[Part], errand: Errand<'_, 'p>, answer: &mut Answer) {
        let [call_part, output, ..] = parts else {
            answer.hide("it refers to a whole module");
            return;
        };
        let calls = &errand.site.module.module_calls;
        let Some((_, call)) = calls.iter().find(|(name, _)| name.0 == call_part.name) else {
            answer.hide(format!(
                "module.{} is not in the plan's configuration",
                call_part.name
            ));
            return;
        };
        let found = call
            .module
            .outputs
            .iter()
            .find(|(name, _)| name.0 == output.name);
        let Some((_, output)) = found else {
            answer.hide(format!(
                "module.{} has no output {}",
                call_part.name, output.name
            ));
            return;
        };
        let Some(raw) = output.expression else { return };
        let inside = if errand.site.path.is_empty() {
            String::new()
        } else {
            format!("{}.", errand.site.path)
        };
        let base = format!("{inside}module.{}", call_part.name);
        let key = call_part.key.clone().or_else(|| errand.site.key.clone());
        for path in self.module_instances(&base, call, key) {
            let site = Site {
                module: &call.module,
                path,
                key: None,
                for_each: None,
            };
            self.expression(raw, &[], errand.at(&site), answer);
        }
    }

    /// The instances of a module call that a reference may mean.
    fn module_instances(
        &self,
        base: &str,
        call: &ModuleCall<'_>,
        key: Option<String>,
    ) -> Vec<String> {
        if call.count_expression.is_none() && call.for_each_expression.is_none() {
            return vec![base.to_owned()];
        }
        let mut paths: BTreeSet<String> = BTreeSet::new();
        for (module, _) in self.instances.keys() {
            if let Some(rest) = module.strip_prefix(base)
                && let Some(end) = key_end(rest)
            {
                paths.insert(format!("{base}{}", &rest[..end]));
            }
        }
        if let Some(key) = key {
            let exact = format!("{base}{key}");
            if paths.contains(&exact) {
                return vec![exact];
            }
        }
        paths.into_iter().collect()
    }

    fn follow_resource(
        &self,
        mode: &str,
        parts: &[Part],
        errand: Errand<'_, 'p>,
        answer: &mut Answer,
    ) {
        let [kind, name, rest @ ..] = parts else {
            return;
        };
        let slot = (
            errand.site.path.clone(),
            format!("{mode}{}.{}", kind.name, name.name),
        );
        let Some(instances) = self.instances.get(&slot) else {
            answer.hide(format!("{}.{} is not in the plan", kind.name, name.name));
            return;
        };
        let wanted = name.key.clone().or_else(|| errand.site.key.clone());
        let has_wanted_key = |one: &&Resource<'_>| {
            one.key
                .as_ref()
                .is_some_and(|own| Some(own.to_string()) == wanted)
        };
        let exact: Vec<&Resource<'_>> = instances.iter().copied().filter(has_wanted_key).collect();
        let is_another_possible = || {
            let mut unborn = instances.iter().filter(|one| self.is_unborn(one));
            unborn.nth(1).is_some()
        };
        if name.key.is_none() && !exact.is_empty() && is_another_possible() {
            self.granted.borrow_mut().insert(Assumption::SameInstance);
        }
        let chosen = if exact.is_empty() {
            instances.clone()
        } else {
            exact
        };
        let attribute = rest.first().map_or("id", |part| part.name.as_str());
        for resource in chosen {
            answer.met.insert(resource.address.to_string());
            self.attribute_of(resource, attribute, errand, answer);
        }
    }

    /// What an attribute of another resource stands for.
    fn attribute_of(
        &self,
        resource: &Resource<'_>,
        attribute: &str,
        errand: Errand<'_, 'p>,
        answer: &mut Answer,
    ) {
        let (entry, file) = match self.catalog.entry(&resource.resource_type) {
            Meaning::Modelled(entry, file) => (entry, file),
            _ => {
                answer.hide(format!(
                    "{} is of a type that is not modelled",
                    resource.address
                ));
                return;
            }
        };
        if attribute == "id" || identifies(entry, file, attribute) {
            answer.keys.insert(self.key(resource));
            return;
        }
        if nodes(entry).any(|node| {
            node.tables
                .iter()
                .any(|table| table.id.iter().any(|id| id == attribute))
        }) {
            let known = self.known_text(file, resource, attribute);
            answer.keys.insert(known.unwrap_or_else(|| {
                Key::Address(format!("{}{}#{attribute}", self.scope, resource.address))
            }));
            return;
        }
        if let Some(known) = self.known_text(file, resource, attribute) {
            answer.keys.insert(known);
            return;
        }
        let question = Question {
            path: attribute,
            position: None,
            ..errand.question
        };
        let further = self.attribute(resource, question, errand.steps, errand.budget);
        answer.keys.extend(further.keys);
        answer.met.extend(further.met);
        if let Some(why) = further.hidden {
            answer.hide(why);
        }
    }

    fn known_text(
        &self,
        file: &ProviderFile,
        resource: &Resource<'_>,
        attribute: &str,
    ) -> Option<Key> {
        let values = resource
            .after
            .as_ref()?
            .read(&|name| name == attribute)
            .ok()?;
        let text = values.member(attribute).as_text()?;
        Some(identifier_key(file, &text))
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

    /// The configuration of a module instance, with the call that made it.
    fn module(&self, path: &str) -> Option<(&'p ConfigModule<'p>, Option<&'p ModuleCall<'p>>)> {
        let mut module = self.root;
        let mut call = None;
        for part in split_reference(path)
            .into_iter()
            .filter(|part| part.name != "module")
        {
            let found = module
                .module_calls
                .iter()
                .find(|(name, _)| name.0 == part.name)?
                .1;
            call = Some(found);
            module = &found.module;
        }
        Some((module, call))
    }

    /// Where the call of a module instance stands, and the call.
    fn caller(&self, path: &str) -> Option<(Site<'p>, &'p ModuleCall<'p>)> {
        let parts = split_reference(path);
        let last = parts.last()?;
        let (_, call) = self.module(path)?;
        let call = call?;
        let suffix = format!(
            "module.{}{}",
            last.name,
            last.key.clone().unwrap_or_default()
        );
        let parent = path.strip_suffix(&suffix)?.trim_end_matches('.').to_owned();
        let (module, _) = self.module(&parent)?;
        let site = Site {
            module,
            path: parent,
            key: last.key.clone(),
            for_each: call.for_each_expression,
        };
        Some((site, call))
    }

    fn parse(&self, raw: Raw<'_>) -> Option<Rc<Json>> {
        let place = raw.get().as_ptr();
        if let Some(json) = self.parsed.borrow().get(&place) {
            return Some(json.clone());
        }
        let json = Rc::new(serde_json::from_str::<Json>(raw.get()).ok()?);
        self.parsed.borrow_mut().insert(place, json.clone());
        Some(json)
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

/// Every reference anywhere in an expression.
fn all_references(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| all_references(item, found)),
        Json::Object(members) => match members.get("references") {
            Some(Json::Array(references)) => found.extend(
                references
                    .iter()
                    .filter_map(Json::as_str)
                    .map(str::to_owned),
            ),
            _ => members
                .values()
                .for_each(|member| all_references(member, found)),
        },
        _ => {}
    }
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

pub(super) fn nodes(entry: &TypeEntry) -> impl Iterator<Item = &NodeStatement> {
    entry
        .becomes
        .iter()
        .flatten()
        .filter_map(|statement| match statement {
            Statement::Node(node) => Some(node),
            _ => None,
        })
}

fn links(entry: &TypeEntry) -> impl Iterator<Item = &LinkStatement> {
    entry
        .becomes
        .iter()
        .flatten()
        .filter_map(|statement| match statement {
            Statement::Link(link) => Some(link.as_ref()),
            _ => None,
        })
}

/// Whether an attribute names the resource itself rather than something it refers to.
pub(super) fn identifies(entry: &TypeEntry, file: &ProviderFile, attribute: &str) -> bool {
    let named = nodes(entry)
        .map(|node| &node.id)
        .chain(links(entry).map(|link| &link.id));
    let mut any_default = false;
    for ids in named {
        let top_level = |id: &String| id.split('.').next() == Some(attribute);
        if ids.iter().any(top_level) {
            return true;
        }
        any_default |= ids.is_empty();
    }
    let is_usual = |name: &str| file.identifiers.attributes().any(|usual| usual == name);
    any_default && (is_usual(attribute) || (attribute == "name" && !entry.known_as.is_empty()))
}

/// One step of a reference: a name, with the instance key behind it as Terraform writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: String,
    key: Option<String>,
}

/// `module.net["a.b"].vpc_id` as its steps; brackets and quotes keep dots together.
fn split_reference(reference: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = reference;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut key = None;
        while rest.starts_with('[') {
            let Some(end) = key_end(rest) else {
                return parts;
            };
            key.get_or_insert_with(|| rest[..end].to_owned());
            rest = &rest[end..];
        }
        parts.push(Part { name, key });
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if parts.len() > 64 {
            break;
        }
    }
    parts
}

/// The length of the bracketed key that a text begins with.
fn key_end(text: &str) -> Option<usize> {
    if !text.starts_with('[') {
        return None;
    }
    let mut in_quotes = false;
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            ']' if !in_quotes => return Some(index + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_dots_and_brackets_stay_in_one_piece() {
        let parts = split_reference(r#"module.net["a.b[0]"].vpc_id"#);
        let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["module", "net", "vpc_id"]);
        assert_eq!(parts[1].key.as_deref(), Some(r#"["a.b[0]"]"#));
    }
}
