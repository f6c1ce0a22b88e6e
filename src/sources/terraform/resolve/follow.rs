//! References followed from an expression to what it means: through variables, outputs, calls of modules and attributes.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::catalog::Meaning;
use crate::catalog::schema::ProviderFile;
use crate::graph::identity::Key;
use crate::graph::node::NodeKind;

use super::super::canonical::identifier_key;
use super::super::paths::expression;
use super::super::plan::{ConfigModule, ModuleCall};
use super::super::resource::Resource;
use super::super::skim::Raw;
use super::entries::{identifies, nodes};
use super::steps::{Part, all_references, key_end, split_reference};
use super::{Answer, Assumption, Errand, Question, Resolver, Site, is_of};

impl<'p> Resolver<'p> {
    pub(super) fn attribute(
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

    pub(super) fn expression(
        &self,
        raw: Raw<'_>,
        rest: &[&str],
        errand: Errand<'_, 'p>,
        answer: &mut Answer,
    ) {
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

    pub(super) fn follow_all(
        &self,
        references: &[String],
        errand: Errand<'_, 'p>,
        answer: &mut Answer,
    ) {
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

    pub(super) fn follow(&self, reference: &str, errand: Errand<'_, 'p>, answer: &mut Answer) {
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
    pub(super) fn handed_in(&self, errand: Errand<'_, 'p>) -> BTreeSet<Key> {
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

    /// What a module and the modules in it create of a kind.
    pub(super) fn newborns(&self, path: &str, kind: NodeKind) -> Rc<Vec<Key>> {
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

    /// The configuration of a module instance, with the call that made it.
    pub(super) fn module(
        &self,
        path: &str,
    ) -> Option<(&'p ConfigModule<'p>, Option<&'p ModuleCall<'p>>)> {
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

    pub(super) fn parse(&self, raw: Raw<'_>) -> Option<Rc<Json>> {
        let place = raw.get().as_ptr();
        if let Some(json) = self.parsed.borrow().get(&place) {
            return Some(json.clone());
        }
        let json = Rc::new(serde_json::from_str::<Json>(raw.get()).ok()?);
        self.parsed.borrow_mut().insert(place, json.clone());
        Some(json)
    }
}
