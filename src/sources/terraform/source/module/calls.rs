//! Calls of modules: where each leads, which module instances it makes, and what it hands in.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, ObjectKey};

use crate::location::Location;

use super::super::super::resource::InstanceKey;
use super::super::attribute::Attribute;
use super::super::evaluate::{Builder, Fault, Outcome, Scope};
use super::super::repeat::{Shape, Sorted};
use super::super::syntax::{Body, SourceBlock};
use super::super::term::{Term, Unknown};
use super::super::tree::{Called, directory_of, is_vendored, reference_text};
use super::{ANY_KEY, Caller, Evaluator, MAX_INSTANCES, ModuleNode};

impl<'t> Evaluator<'t> {
    /// What `module.name` is to the module that calls it.
    pub(in super::super) fn module_call(&self, module: usize, name: &str) -> Outcome {
        let node = self.node(module);
        let slot = (module, name.to_owned());
        let address = self.address(module, &format!("module.{name}"));
        match self.calls.borrow().get(&slot) {
            Some(Some((outcome, doubts))) => {
                self.inherit(doubts);
                return outcome.clone();
            }
            Some(None) => {
                let message = "how often it is called depends on itself".to_owned();
                self.notice("cyclic-reference", address.clone(), message);
                return Err(Fault::wrong(format!("{address} leads back to itself")));
            }
            None => {}
        }
        let Some(block) = node.definition.calls.get(name) else {
            return if node.definition.failures.is_empty() {
                Err(Fault::wrong(format!("{address} is not declared")))
            } else {
                Ok(Term::unknown(Unknown::symbol(
                    &address,
                    "a file of its module cannot be read",
                )))
            };
        };
        self.calls.borrow_mut().insert(slot.clone(), None);
        let (outcome, doubts) = self.watched(|| self.called(module, &node, block, name, &address));
        let done = Some((outcome.clone(), doubts));
        self.calls.borrow_mut().insert(slot, done);
        outcome
    }

    /// All that a call says, and the commit of the submodule that it leads into.
    fn call_as_written(&self, body: &Body, module: usize, commit: &str) -> Term {
        let scope = Scope::of_module(module);
        let says = self.body(body, scope);
        let repeated = ["count", "for_each"].into_iter().filter_map(|name| {
            let value = self.value(body.attributes.get(name)?, scope).ok()?;
            Some((name.to_owned(), value))
        });
        let mut all: BTreeMap<String, Term> = repeated.collect();
        if let Ok(says) = says {
            all.insert("says".to_owned(), says);
        }
        if !commit.is_empty() {
            all.insert("commit".to_owned(), Term::text(commit));
        }
        Term::object(all)
    }

    pub(super) fn called(
        &self,
        module: usize,
        node: &ModuleNode<'t>,
        block: &'t SourceBlock,
        name: &str,
        address: &str,
    ) -> Outcome {
        let manifest_key = if node.manifest_key.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", node.manifest_key)
        };
        let root = &self.node(0).definition.directory;
        let unread = |kind: &'static str, message: String, commit: &str| {
            let why = format!("{address} is not read");
            self.notice(kind, address.to_owned(), message);
            let says = self.call_as_written(&block.body, module, commit);
            let mut unread = self.unread_calls.borrow_mut();
            unread.insert(address.to_owned(), says);
            Ok(Term::unknown(Unknown::symbol(address, why)))
        };
        let missing = |kind: &'static str, message: String| unread(kind, message, "");
        let source = block.body.attributes.get("source");
        let source = source.and_then(|source| match source.as_str() {
            Some(literal) => Some(literal.to_owned()),
            None => {
                let source = self.value(source, Scope::of_module(module)).ok()?;
                source.to_text()
            }
        });
        let call = (block, source.as_deref());
        let definition = match self.tree.called(node.definition, call, root, &manifest_key) {
            Called::Here(definition) => {
                let directory = definition.directory.clone();
                self.reads.borrow_mut().directories.insert(directory);
                definition
            }
            Called::Outside => {
                let message = "its source is outside the repository, and is not read";
                return missing("module-not-found", message.to_owned());
            }
            Called::Empty(directory) => {
                let message = format!(
                    "its source {directory} holds no configuration here; what it makes is not seen"
                );
                self.reads.borrow_mut().directories.insert(directory);
                return missing("module-not-found", message);
            }
            Called::Submodule(directory, commit) => {
                let message = format!(
                    "its source {directory} lies in a submodule; what it makes is not seen: check a plan"
                );
                self.reads.borrow_mut().directories.insert(directory);
                return unread("module-not-found", message, commit);
            }
            Called::Elsewhere(source) => {
                let message = format!(
                    "its source is {source}, which is not in the repository; what it makes is not seen: run `terraform init` before, or check a plan"
                );
                return missing("module-not-found", message);
            }
        };
        if node.depth >= MAX_MODULE_DEPTH {
            let message = "modules call one another too deep, perhaps in a circle".to_owned();
            return missing("budget-exhausted", message);
        }
        let (repetitions, doubts) =
            self.watched(|| self.repetitions(&block.body, module, address, true));
        let sorted = Sorted::new(&doubts, &repetitions.keys(), &node.doubts);
        let mut terms = Vec::with_capacity(repetitions.each.len());
        for (key, repetition) in repetitions.each {
            let room = MAX_INSTANCES.saturating_sub(self.instances.get());
            if room == 0 {
                let message = "there are too many instances of modules and resources".to_owned();
                return missing("budget-exhausted", message);
            }
            self.instances.set(self.instances.get() + 1);
            let own = key.as_ref().map(ToString::to_string).unwrap_or_default();
            let doubts = sorted.of(key.as_ref());
            let mut modules = self.modules.borrow_mut();
            modules.push(Rc::new(ModuleNode {
                definition,
                path: format!("{address}{own}"),
                manifest_key: manifest_key.clone(),
                caller: Some(Caller {
                    module,
                    block,
                    repetition,
                }),
                doubts,
                depth: node.depth + 1,
            }));
            terms.push((key, Term::Module(modules.len() - 1)));
        }
        Ok(match repetitions.shape {
            Shape::Single => terms.pop().map_or(Term::Null, |(_, term)| term),
            Shape::Count => Term::list(terms.into_iter().map(|(_, term)| term).collect()),
            Shape::ForEach => {
                let mut built = Builder::default();
                for (key, term) in terms {
                    match key {
                        Some(InstanceKey::Text(key)) if key != ANY_KEY => {
                            built.entries.insert(key, term);
                        }
                        _ => built.add_rest(term),
                    }
                }
                built.object()
            }
        })
    }

    /// Where a resource is written, as far as the repository keeps it: what Terraform fetched has the line of its call.
    pub(in super::super) fn location(&self, module: usize, block: &SourceBlock) -> Location {
        let mut location = block.block.location();
        let mut next = Some(module);
        while let Some(module) = next
            && is_vendored(&directory_of(&location.path))
        {
            let node = self.node(module);
            next = node.caller.as_ref().map(|caller| {
                location = caller.block.block.location();
                caller.module
            });
        }
        location
    }

    /// The provider configuration that a block of a module uses: the module instance that holds it, and its block.
    pub(in super::super) fn provider(
        &self,
        module: usize,
        local_name: &str,
    ) -> Option<(usize, &'t SourceBlock)> {
        let mut module = module;
        let mut name = local_name.to_owned();
        loop {
            let node = self.node(module);
            let (own, alias) = match name.split_once('.') {
                Some((own, alias)) => (own, Some(alias)),
                None => (name.as_str(), None),
            };
            let found = node.definition.providers.iter().find(|block| {
                let its_alias = block
                    .body
                    .attributes
                    .get("alias")
                    .and_then(Attribute::as_str);
                block.block.labels.first().is_some_and(|label| label == own) && its_alias == alias
            });
            if let Some(block) = found {
                return Some((module, block));
            }
            let caller = node.caller.as_ref()?;
            if let Some(handed) = caller.block.body.attributes.get("providers") {
                let Some(Expression::Object(handed)) = handed.expression() else {
                    return None;
                };
                let passed = handed.iter().find_map(|(key, value)| {
                    let key = match key {
                        ObjectKey::Ident(key) => key.as_str().to_owned(),
                        ObjectKey::Expression(key) => reference_text(key)?,
                    };
                    (key == name)
                        .then(|| reference_text(value.expr()))
                        .flatten()
                });
                match (passed, alias) {
                    (Some(passed), _) => name = passed,
                    (None, Some(_)) => return None,
                    (None, None) => {}
                }
            } else if alias.is_some() {
                return None;
            }
            module = caller.module;
        }
    }
}

/// How deep modules may call one another.
const MAX_MODULE_DEPTH: usize = 40;
