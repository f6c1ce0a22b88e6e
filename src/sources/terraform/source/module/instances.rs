//! Resource blocks expanded into instances, and what their attributes and nested blocks say.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::{Expression, TraversalOperator};

use super::super::super::resource::InstanceKey;
use super::super::attribute::Attribute;
use super::super::evaluate::{Binding, Builder, Fault, Outcome, Repetition, Scope};
use super::super::remote::ELSEWHERE;
use super::super::repeat::{Repetitions, Shape, Sorted};
use super::super::syntax::Body;
use super::super::term::{Handle, Term, Unknown};
use super::super::tree::reference_text;
use super::{ANY_KEY, Evaluator, Expansion, ResourceInstance, Slot};

impl Evaluator<'_> {
    /// All instances of a block, in the form in which expressions see them.
    pub(in super::super) fn resource(&self, module: usize, block: &str) -> Outcome {
        let node = self.node(module);
        let Some((block, _)) = node.definition.resources.get_key_value(block) else {
            let address = self.address(module, block);
            return if node.definition.failures.is_empty() {
                Err(Fault::wrong(format!("{address} is not declared")))
            } else {
                Ok(Term::unknown(Unknown::symbol(
                    &address,
                    "a file of its module cannot be read",
                )))
            };
        };
        let expansion = self.expansion(module, block)?;
        let term = |instance: &ResourceInstance| Term::Instance(instance.handle.clone());
        self.pay_elements(expansion.instances.len())?;
        Ok(match (expansion.shape, expansion.instances.first()) {
            (Shape::Single, Some(only)) => term(only),
            (Shape::Single, None) => Term::Null,
            (Shape::ForEach, _) => {
                let mut built = Builder::default();
                for instance in &expansion.instances {
                    match &instance.key {
                        Some(InstanceKey::Text(key)) if key != ANY_KEY => {
                            built.entries.insert(key.clone(), term(instance));
                        }
                        _ => built.add_rest(term(instance)),
                    }
                }
                built.object()
            }
            _ => Term::list(expansion.instances.iter().map(term).collect()),
        })
    }

    /// The instances of a block.
    pub(in super::super) fn expansion(
        &self,
        module: usize,
        block: &str,
    ) -> Result<Rc<Expansion>, Fault> {
        let slot = (module, Arc::<str>::from(block));
        let address = self.address(module, block);
        match self.expanded.borrow().get(&slot) {
            Some(Some(expansion)) => {
                self.inherit(&expansion.doubts);
                return Ok(expansion.clone());
            }
            Some(None) => {
                let message = "how often it is repeated depends on itself".to_owned();
                self.notice("cyclic-reference", address.clone(), message);
                return Err(Fault::wrong(format!("{address} leads back to itself")));
            }
            None => {}
        }
        self.expanded.borrow_mut().insert(slot.clone(), None);
        let node = self.node(module);
        let block = node.definition.resources.get(block);
        let body = block.map(|block| &block.body);
        // How many there are of what is no part of the network is of no interest.
        let resource_type = block.and_then(|block| block.block.labels.first());
        let matters = resource_type.is_some_and(|own| (self.is_wanted)(own));
        let (repetitions, doubts) = self.watched(|| match body {
            Some(body) => self.repetitions(body, module, &address, matters),
            None => Repetitions {
                shape: Shape::Single,
                each: Vec::new(),
            },
        });
        let sorted = Sorted::new(&doubts, &repetitions.keys(), &node.doubts);
        self.instances
            .set(self.instances.get() + repetitions.each.len());
        let instances = repetitions.each.into_iter().enumerate();
        let instances = instances.map(|(position, (key, repetition))| {
            let own = key.as_ref().map(ToString::to_string).unwrap_or_default();
            let doubts = sorted.of(key.as_ref());
            ResourceInstance {
                key,
                repetition,
                doubts,
                handle: Arc::new(Handle {
                    module,
                    block: slot.1.clone(),
                    position,
                    address: format!("{address}{own}").into(),
                }),
            }
        });
        let expansion = Rc::new(Expansion {
            instances: instances.collect(),
            shape: repetitions.shape,
            doubts: doubts.clone(),
        });
        self.expanded
            .borrow_mut()
            .insert(slot, Some(expansion.clone()));
        Ok(expansion)
    }

    /// Whether somebody has asked how many instances a block has.
    pub(in super::super) fn is_expanded(&self, module: usize, block: &str) -> bool {
        let slot = (module, Arc::<str>::from(block));
        self.expanded.borrow().contains_key(&slot)
    }

    /// What `for_each` gives an `import` block, each time; nothing where its keys are not known.
    pub(in super::super) fn imported(&self, body: &Body, module: usize) -> Vec<Repetition> {
        let repetitions = self.repetitions(body, module, "import", false);
        let is_known = |repetition: &Repetition| {
            let each = repetition.each.as_ref();
            each.is_none_or(|(key, _)| key.to_text().is_some())
        };
        let each = repetitions.each.into_iter().map(|(_, each)| each);
        each.filter(is_known).collect()
    }

    /// An address as it is written in an `import` block, with the keys that its expressions come to.
    pub(in super::super) fn target(
        &self,
        target: &Expression,
        module: usize,
        repetition: &Repetition,
    ) -> Option<String> {
        let Expression::Traversal(traversal) = target else {
            return None;
        };
        let mut text = reference_text(&traversal.expr)?;
        for operator in &traversal.operators {
            match operator.value() {
                TraversalOperator::GetAttr(name) => text = format!("{text}.{}", name.as_str()),
                TraversalOperator::Index(index) => {
                    let scope = self.instance_scope(module, repetition);
                    let key = match self.evaluate(index, scope).ok()? {
                        Term::Number(number) => InstanceKey::Number(number as u64),
                        other => InstanceKey::Text(other.to_text()?),
                    };
                    text = format!("{text}{key}");
                }
                _ => return None,
            }
        }
        Some(self.address(module, &text))
    }

    pub(in super::super) fn instance_scope<'s>(
        &self,
        module: usize,
        repetition: &'s Repetition,
    ) -> Scope<'s> {
        Scope {
            repetition: Some(repetition),
            ..Scope::of_module(module)
        }
    }

    /// An attribute of a resource instance: as it is written, else as the provider will fill it in.
    pub(in super::super) fn attribute(&self, handle: &Handle, name: &str) -> Outcome {
        if handle.module == ELSEWHERE {
            return Ok(self.attribute_elsewhere(handle, name));
        }
        if let Some(read) = self.read_from_state(handle, name) {
            return Ok(read);
        }
        if let Some(made) = self.document(handle, name) {
            return made;
        }
        let by_provider = || Term::unknown(Unknown::attribute(&handle.address, name));
        let node = self.node(handle.module);
        let Some(block) = node.definition.resources.get(&*handle.block) else {
            return Ok(by_provider());
        };
        if !is_written(&block.body, name) {
            return Ok(by_provider());
        }
        let is_block = !block.body.attributes.contains_key(name);
        Ok(match self.written(handle, name) {
            Ok(Term::Null) => by_provider(),
            Ok(blocks) if is_block => {
                let why = format!("{}.{name} has it from the provider", handle.address);
                let rest = Unknown::hidden(format!("{}.{name}.*", handle.address), why);
                with_computed(&blocks, &Term::unknown(rest))
            }
            // What bears the name is known, though its name is not.
            Ok(Term::Unknown(unknown)) if name == "name" && !unknown.is_exact => {
                Term::unknown(Unknown {
                    name: unknown.name.clone(),
                    ..Unknown::attribute(&handle.address, name)
                })
            }
            Err(Fault::Wrong(message)) => Term::unknown(Unknown::hidden(
                format!("{}.{name}", handle.address),
                message,
            )),
            other => other?,
        })
    }

    /// What a block says of one of its attributes or nested blocks.
    pub(in super::super) fn written(&self, handle: &Handle, name: &str) -> Outcome {
        let node = self.node(handle.module);
        let Some(block) = node.definition.resources.get(&*handle.block) else {
            return Ok(Term::Null);
        };
        let slot = Slot::Attribute(
            handle.module,
            handle.block.clone(),
            handle.position,
            name.to_owned(),
        );
        let what = format!("{}.{name}", handle.address);
        let expansion = self.expansion(handle.module, &handle.block)?;
        let Some(instance) = expansion.instances.get(handle.position) else {
            return Ok(Term::Null);
        };
        self.once(slot, &what, || {
            let scope = self.instance_scope(handle.module, &instance.repetition);
            if let Some(attribute) = block.body.attributes.get(name) {
                let term = self.value(attribute, scope)?;
                self.pay(term.shape().size as u64)?;
                return Ok(term);
            }
            self.nested(&block.body, name, scope)
        })
    }

    /// All that a block says, as an object.
    pub(in super::super) fn all_written(&self, handle: &Handle) -> Outcome {
        let node = self.node(handle.module);
        let Some(block) = node.definition.resources.get(&*handle.block) else {
            return Ok(Term::Null);
        };
        let mut entries = BTreeMap::new();
        for name in written_names(&block.body) {
            let term = match self.written(handle, name) {
                Err(Fault::Wrong(message)) => {
                    let name = format!("{}.{name}", handle.address);
                    Term::unknown(Unknown::hidden(name, message))
                }
                other => other?,
            };
            entries.insert(name.to_owned(), term);
        }
        Ok(Term::object(entries))
    }

    /// The nested blocks of one kind, as a list of objects.
    pub(super) fn nested(&self, body: &Body, kind: &str, scope: Scope<'_>) -> Outcome {
        let mut items = Vec::new();
        for nested in &body.blocks {
            if nested.kind == kind {
                items.push(self.body(&nested.body, scope)?);
            } else if nested.kind == "dynamic"
                && nested.labels.first().is_some_and(|own| own == kind)
            {
                let Some(collection) = nested.body.attributes.get("for_each") else {
                    continue;
                };
                let content = nested.body.nested("content").next();
                let Some(content) = content else { continue };
                let iterator = nested.body.attributes.get("iterator");
                let iterator = iterator
                    .and_then(Attribute::expression)
                    .and_then(reference_text);
                let iterator = iterator.as_deref().unwrap_or(kind);
                let collection = self.with_expression(collection, |all| self.widest(all, scope))?;
                let (plain, is_secret) = collection.revealed();
                let entries = match self.entries(plain) {
                    Ok(Ok(entries)) => entries,
                    Ok(Err(unknown)) => vec![(unknown.clone(), unknown)],
                    Err(_) if matches!(plain, Term::Null) => Vec::new(),
                    Err(fault) => return Err(fault),
                };
                self.pay_elements(entries.len())?;
                for (key, value) in entries {
                    // Of a set, the key is the value; lists have no place here.
                    let key = match (&key, value.to_text()) {
                        (Term::Number(_), Some(text)) => Term::text(text),
                        _ => key,
                    };
                    let entry = Term::object(BTreeMap::from([
                        ("key".to_owned(), key),
                        ("value".to_owned(), value.kept(is_secret)),
                    ]));
                    let binding = Binding {
                        name: iterator,
                        value: entry,
                        outer: scope.bindings,
                    };
                    let scope = Scope {
                        bindings: Some(&binding),
                        ..scope
                    };
                    items.push(self.body(&content.body, scope)?);
                }
            }
        }
        Ok(Term::list(items))
    }

    /// Everything that a body says, faults as unknown values.
    pub(in super::super) fn body(&self, body: &Body, scope: Scope<'_>) -> Outcome {
        let Some(_descent) = self.budget.descend() else {
            return Err(Fault::Exhausted);
        };
        let mut entries = BTreeMap::new();
        for name in written_names(body) {
            let value = match body.attributes.get(name) {
                Some(attribute) => self.value(attribute, scope),
                None => self.nested(body, name, scope),
            };
            let value = match value {
                Err(Fault::Wrong(message)) => Term::unknown(Unknown::hidden(name, message)),
                other => other?,
            };
            entries.insert(name.to_owned(), value);
        }
        Ok(Term::object(entries))
    }
}

/// Arguments that say how a block is handled, and nothing of what it makes.
const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "depends_on", "provider"];

/// Nested blocks that say how a block is handled.
const META_BLOCKS: [&str; 3] = ["lifecycle", "provisioner", "connection"];

/// Blocks as expressions see them: with members that only the provider knows.
fn with_computed(blocks: &Term, rest: &Term) -> Term {
    match blocks {
        Term::List(items) => {
            let items = items.iter().map(|item| match item {
                Term::Object(members) => {
                    let entries = members.entries.iter();
                    let entries =
                        entries.map(|(name, term)| (name.clone(), with_computed(term, rest)));
                    let own = members.rest.clone();
                    Term::open_object(entries.collect(), own.or_else(|| Some(rest.clone())))
                }
                other => other.clone(),
            });
            Term::list(items.collect())
        }
        other => other.clone(),
    }
}

/// Whether a body sets an attribute or has a block of that name.
pub(in super::super) fn is_written(body: &Body, name: &str) -> bool {
    body.attributes.contains_key(name)
        || body.blocks.iter().any(|nested| match nested.kind.as_str() {
            "dynamic" => nested.labels.first().is_some_and(|label| label == name),
            kind => kind == name,
        })
}

/// The names of what a body says, without what is said to Terraform itself.
pub(in super::super) fn written_names(body: &Body) -> BTreeSet<&str> {
    let attributes = body.attributes.keys().map(String::as_str);
    let blocks = body
        .blocks
        .iter()
        .filter_map(|nested| match nested.kind.as_str() {
            "dynamic" => nested.labels.first().map(String::as_str),
            kind => Some(kind),
        });
    attributes
        .filter(|name| !META_ARGUMENTS.contains(name))
        .chain(blocks.filter(|kind| !META_BLOCKS.contains(kind)))
        .collect()
}
