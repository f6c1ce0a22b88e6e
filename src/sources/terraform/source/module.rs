//! Modules and resources expanded into instances: `count`, `for_each`, `dynamic` blocks, calls of modules.
//!
//! Everything is evaluated when it is asked for, once, and nothing twice at the same time: what leads back to itself has no
//! value. What cannot be counted is expanded into one instance that stands for all of them, with `["*"]` as its key.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};

use crate::graph::fragment::Notice;
use crate::location::Location;

use super::super::resource::InstanceKey;
use super::attribute::Attribute;
use super::budget::Budget;
use super::evaluate::{Binding, Builder, Fault, Outcome, Repetition, Scope};
use super::reads::{Decoded, Files, Reads};
use super::repeat::{Doubts, Repetitions, Shape, Sorted};
use super::snapshot::Request;
use super::syntax::{Body, SourceBlock};
use super::term::{Handle, Term, Unknown};
use super::tree::{Called, Definition, Tree, is_vendored, reference_text};
use super::types;

/// The key of an instance that stands for however many there are.
pub(super) const ANY_KEY: &str = "*";

/// How many instances all blocks of a root module may have together.
pub(super) const MAX_INSTANCES: usize = 200_000;

/// How deep modules may call one another.
const MAX_MODULE_DEPTH: usize = 40;

/// Arguments that say how a block is handled, and nothing of what it makes.
const META_ARGUMENTS: [&str; 4] = ["count", "for_each", "depends_on", "provider"];

/// Nested blocks that say how a block is handled.
const META_BLOCKS: [&str; 3] = ["lifecycle", "provisioner", "connection"];

/// What a call came to, with what was in doubt of how often it is made.
type CallOutcome = (Outcome, Doubts);

/// A block of a module instance.
type BlockPlace = (usize, Arc<str>);

/// Evaluates one root module and all that it calls.
pub(super) struct Evaluator<'t> {
    tree: &'t Tree,
    files: &'t Files<'t>,
    /// What any root module has decoded so far.
    pub(super) decoded: &'t Decoded,
    /// Values of root variables that somebody gave, over those of the tree.
    given: &'t BTreeMap<String, Attribute>,
    /// Whether a type of resource may be part of the network.
    is_wanted: &'t (dyn Fn(&str) -> bool + Sync),
    /// What has been read so far.
    reads: RefCell<Reads>,
    modules: RefCell<Vec<Rc<ModuleNode<'t>>>>,
    memo: RefCell<HashMap<Slot, Memo>>,
    /// The instances of resource blocks; `None` while they are being counted.
    expanded: RefCell<HashMap<BlockPlace, Option<Rc<Expansion>>>>,
    /// What calls of modules came to, and how often they are made; `None` while one is being evaluated.
    calls: RefCell<HashMap<(usize, String), Option<CallOutcome>>>,
    pub(super) budget: Budget,
    /// What was in doubt in whatever is being evaluated.
    pub(super) doubts: RefCell<Doubts>,
    notices: RefCell<BTreeSet<Notice>>,
    /// Calls of modules that are not here, by address, with all that they say.
    unread_calls: RefCell<BTreeMap<String, Term>>,
    /// Root variables that were asked for and that nothing gives a value.
    without_value: RefCell<BTreeSet<String>>,
    pub(super) instances: Cell<usize>,
}

/// A module instance.
pub(super) struct ModuleNode<'t> {
    pub(super) definition: &'t Definition,
    /// Its address; empty for the root module.
    pub(super) path: String,
    /// What `terraform init` calls it: names of calls, with dots between.
    manifest_key: String,
    /// Who calls it; `None` for the root module.
    pub(super) caller: Option<Caller<'t>>,
    /// What nobody knows, and what hangs on whether it is there.
    doubts: Doubts,
    depth: usize,
}

/// The call that made a module instance.
pub(super) struct Caller<'t> {
    pub(super) module: usize,
    pub(super) block: &'t SourceBlock,
    repetition: Repetition,
}

/// What is evaluated once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Slot {
    Variable(usize, String),
    Local(usize, String),
    Output(usize, String),
    Attribute(usize, Arc<str>, usize, String),
}

/// The value of a slot, or that it is being evaluated.
enum Memo {
    UnderWay,
    Done(Outcome, Rc<Doubts>),
}

/// The instances of a resource block.
pub(super) struct Expansion {
    pub(super) instances: Vec<ResourceInstance>,
    shape: Shape,
    /// What was in doubt of how many there are.
    doubts: Doubts,
}

/// One instance of a resource block.
pub(super) struct ResourceInstance {
    pub(super) key: Option<InstanceKey>,
    repetition: Repetition,
    pub(super) handle: Arc<Handle>,
    /// What nobody knows, and what hangs on whether it is there.
    pub(super) doubts: Doubts,
}

impl<'t> Evaluator<'t> {
    pub(super) fn new(tree: &'t Tree, root: &'t Definition, request: &Request<'t>) -> Self {
        let node = ModuleNode {
            definition: root,
            path: String::new(),
            manifest_key: String::new(),
            caller: None,
            doubts: Doubts::new(),
            depth: 0,
        };
        let reads = Reads {
            directories: BTreeSet::from([root.directory.clone()]),
            ..Reads::default()
        };
        Self {
            tree,
            files: request.files,
            decoded: request.decoded,
            given: request.given,
            is_wanted: request.is_wanted,
            reads: RefCell::new(reads),
            modules: RefCell::new(vec![Rc::new(node)]),
            memo: RefCell::default(),
            expanded: RefCell::default(),
            calls: RefCell::default(),
            budget: Budget::new(request.steps),
            doubts: RefCell::default(),
            notices: RefCell::default(),
            unread_calls: RefCell::default(),
            without_value: RefCell::default(),
            instances: Cell::new(0),
        }
    }

    pub(super) fn notice(&self, kind: &'static str, subject: String, message: String) {
        // Enough to see what is the matter; hostile source could make any number.
        let mut notices = self.notices.borrow_mut();
        if notices.len() < 2000 {
            notices.insert(Notice {
                kind,
                subject,
                message,
            });
        }
    }

    /// The content of a file of the tree.
    pub(super) fn file(&self, path: &str) -> Option<Arc<[u8]>> {
        self.reads.borrow_mut().files.insert(path.to_owned());
        self.files.get(path)
    }

    /// Every path of the tree.
    pub(super) fn paths(&self) -> &'t BTreeSet<String> {
        self.reads.borrow_mut().lists_files = true;
        &self.tree.paths
    }

    /// What was not understood, with what the budget has to say, and what was read.
    pub(super) fn into_notices(self) -> (BTreeSet<Notice>, BTreeMap<String, Term>, Reads) {
        let root = match self.node(0).definition.directory.as_str() {
            "" => ".".to_owned(),
            directory => directory.to_owned(),
        };
        let without_value = self.without_value.borrow().clone();
        if !without_value.is_empty() {
            let names: Vec<String> = without_value
                .iter()
                .take(12)
                .map(|name| format!("var.{name}"))
                .collect();
            let more = match without_value.len().saturating_sub(names.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            self.notice(
                "variable-without-value",
                root.clone(),
                format!(
                    "nothing in the source gives {}{more} a value: pass one with --var-file",
                    names.join(", ")
                ),
            );
        }
        if self.budget.is_spent() {
            self.notice(
                "budget-exhausted",
                root.clone(),
                "the work that its evaluation may take ran out; what was not evaluated by then is unknown".to_owned(),
            );
        }
        if self.budget.was_too_deep() {
            self.notice(
                "budget-exhausted",
                root,
                "its expressions lead into one another too deep; what is deeper is unknown"
                    .to_owned(),
            );
        }
        (
            self.notices.into_inner(),
            self.unread_calls.into_inner(),
            self.reads.into_inner(),
        )
    }

    pub(super) fn node(&self, module: usize) -> Rc<ModuleNode<'t>> {
        self.modules.borrow()[module].clone()
    }

    pub(super) fn module_count(&self) -> usize {
        self.modules.borrow().len()
    }

    /// An address inside a module as an address of the whole.
    pub(super) fn address(&self, module: usize, own: &str) -> String {
        let node = self.node(module);
        if node.path.is_empty() {
            own.to_owned()
        } else {
            format!("{}.{own}", node.path)
        }
    }

    /// The value of an attribute.
    pub(super) fn value(&self, attribute: &Attribute, scope: Scope<'_>) -> Outcome {
        self.with_expression(attribute, |expression| self.evaluate(expression, scope))
    }

    /// What is made of an attribute's expression. One that cannot be read is unknown, by what is written there.
    pub(super) fn with_expression(
        &self,
        attribute: &Attribute,
        evaluate: impl FnOnce(&Expression) -> Outcome,
    ) -> Outcome {
        match attribute.read() {
            Ok(expression) => evaluate(expression),
            Err(unreadable) => {
                let place = format!("{}:{}", unreadable.path, unreadable.line);
                let why = format!("{place} cannot be read");
                let message = format!("{}; what stands there is not seen", unreadable.message);
                self.notice("unreadable-source", place, message);
                Ok(Term::unknown(Unknown::hidden(&unreadable.text, why)))
            }
        }
    }

    fn once(&self, slot: Slot, what: &str, evaluate: impl FnOnce() -> Outcome) -> Outcome {
        match self.memo.borrow().get(&slot) {
            Some(Memo::Done(outcome, doubts)) => {
                self.inherit(doubts);
                return outcome.clone();
            }
            Some(Memo::UnderWay) => {
                self.notice(
                    "cyclic-reference",
                    what.to_owned(),
                    "it leads back to itself, and has no value".to_owned(),
                );
                return Err(Fault::wrong(format!("{what} leads back to itself")));
            }
            None => {}
        }
        self.memo.borrow_mut().insert(slot.clone(), Memo::UnderWay);
        let (outcome, doubts) = self.watched(evaluate);
        let done = Memo::Done(outcome.clone(), Rc::new(doubts));
        self.memo.borrow_mut().insert(slot, done);
        outcome
    }

    /// `var.name` in a module.
    pub(super) fn variable(&self, module: usize, name: &str) -> Outcome {
        let node = self.node(module);
        let Some((name, block)) = node.definition.variables.get_key_value(name) else {
            let unread = !node.definition.failures.is_empty();
            let own = self.address(module, &format!("var.{name}"));
            return if unread {
                Ok(Term::unknown(Unknown::symbol(
                    &own,
                    "a file of its module cannot be read",
                )))
            } else {
                Err(Fault::wrong(format!("{own} is not declared")))
            };
        };
        let what = self.address(module, &format!("var.{name}"));
        let slot = Slot::Variable(module, name.clone());
        self.once(slot, &what, || {
            let own_scope = Scope::of_module(module);
            let attributes = &block.body.attributes;
            let declared = |attribute: &str| attributes.get(attribute);
            let default = || declared("default").map(|default| self.value(default, own_scope));
            let given = match &node.caller {
                None => {
                    let given = self.given.get(name);
                    let value = given.or_else(|| node.definition.value_of(name));
                    value.map(|value| self.value(value, own_scope))
                }
                Some(caller) => caller.block.body.attributes.get(name).map(|argument| {
                    let scope = Scope {
                        repetition: Some(&caller.repetition),
                        ..Scope::of_module(caller.module)
                    };
                    self.value(argument, scope)
                }),
            };
            let is = |attribute: &str, truth: bool| {
                declared(attribute).and_then(Attribute::as_bool) == Some(truth)
            };
            let value = match given {
                // An argument that has no value leaves the variable unknown, and says why.
                Some(Err(Fault::Wrong(message))) => {
                    return Ok(Term::unknown(Unknown::hidden(&what, message)));
                }
                Some(value) => Some(value?),
                None => None,
            };
            let value = match value {
                Some(Term::Null) if is("nullable", false) => default().transpose()?,
                None => default().transpose()?,
                given => given,
            };
            let value = value.unwrap_or_else(|| {
                if node.caller.is_none() {
                    self.without_value.borrow_mut().insert(name.clone());
                }
                let why = format!("{what} has no value in the source");
                Term::unknown(Unknown::symbol(&what, why))
            });
            let value = match declared("type").and_then(Attribute::expression) {
                Some(constraint) => types::convert(self, value, constraint)?,
                None => value,
            };
            Ok(value.kept(is("sensitive", true)))
        })
    }

    /// `local.name` in a module.
    pub(super) fn local(&self, module: usize, name: &str) -> Outcome {
        let node = self.node(module);
        let what = self.address(module, &format!("local.{name}"));
        let Some(expression) = node.definition.local(name) else {
            return if node.definition.failures.is_empty() {
                Err(Fault::wrong(format!("{what} is not declared")))
            } else {
                Ok(Term::unknown(Unknown::symbol(
                    &what,
                    "a file of its module cannot be read",
                )))
            };
        };
        self.once(Slot::Local(module, name.to_owned()), &what, || {
            self.value(expression, Scope::of_module(module))
        })
    }

    /// An output of a module instance.
    pub(super) fn output(&self, module: usize, name: &str) -> Outcome {
        let node = self.node(module);
        let what = format!("{}.{name}", node.path);
        let Some(block) = node.definition.outputs.get(name) else {
            return if node.definition.failures.is_empty() {
                Err(Fault::wrong(format!("{what} is not declared")))
            } else {
                Ok(Term::unknown(Unknown::symbol(
                    &what,
                    "a file of its module cannot be read",
                )))
            };
        };
        self.once(Slot::Output(module, name.to_owned()), &what, || {
            let attributes = &block.body.attributes;
            let value = attributes
                .get("value")
                .ok_or_else(|| Fault::wrong(format!("{what} has no value")))?;
            let is_sensitive =
                attributes.get("sensitive").and_then(Attribute::as_bool) == Some(true);
            let value = self.value(value, Scope::of_module(module));
            match value {
                Err(Fault::Wrong(message)) => Ok(Term::unknown(Unknown::hidden(&what, message))),
                value => Ok(value?.kept(is_sensitive)),
            }
        })
    }

    /// `path.module` and its like.
    pub(super) fn path(&self, module: usize, name: &str) -> Term {
        let directory = match name {
            "module" => self.node(module).definition.directory.clone(),
            "root" => self.node(0).definition.directory.clone(),
            // Where Terraform is run is told by its last step; a name is often made of that.
            "cwd" if !self.node(0).definition.directory.is_empty() => {
                let directory = &self.node(0).definition.directory;
                let last = directory.rsplit('/').next().unwrap_or(directory);
                return Term::text(format!("../{last}"));
            }
            _ => {
                let name = format!("path.{name}");
                return Term::unknown(Unknown::hidden(&name, "where Terraform runs is not known"));
            }
        };
        // As Terraform says it: from the root module's directory, where functions look for files, too.
        let root = &self.node(0).definition.directory;
        Term::text(super::tree::relative(root, &directory))
    }

    /// All instances of a block, in the form in which expressions see them.
    pub(super) fn resource(&self, module: usize, block: &str) -> Outcome {
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
    pub(super) fn expansion(&self, module: usize, block: &str) -> Result<Rc<Expansion>, Fault> {
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

    /// What `for_each` gives an `import` block, each time; nothing where its keys are not known.
    pub(super) fn imported(&self, body: &Body, module: usize) -> Vec<Repetition> {
        let repetitions = self.repetitions(body, module, "import", false);
        let is_known = |repetition: &Repetition| {
            let each = repetition.each.as_ref();
            each.is_none_or(|(key, _)| key.to_text().is_some())
        };
        let each = repetitions.each.into_iter().map(|(_, each)| each);
        each.filter(is_known).collect()
    }

    /// An address as it is written in an `import` block, with the keys that its expressions come to.
    pub(super) fn target(
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

    pub(super) fn instance_scope<'s>(
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
    pub(super) fn attribute(&self, handle: &Handle, name: &str) -> Outcome {
        let by_provider = || Term::unknown(Unknown::attribute(&handle.address, name));
        let node = self.node(handle.module);
        let Some(block) = node.definition.resources.get(&*handle.block) else {
            return Ok(by_provider());
        };
        if !is_written(&block.body, name) {
            return Ok(by_provider());
        }
        Ok(match self.written(handle, name) {
            Ok(Term::Null) => by_provider(),
            Err(Fault::Wrong(message)) => Term::unknown(Unknown::hidden(
                format!("{}.{name}", handle.address),
                message,
            )),
            other => other?,
        })
    }

    /// What a block says of one of its attributes or nested blocks.
    pub(super) fn written(&self, handle: &Handle, name: &str) -> Outcome {
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

    /// The nested blocks of one kind, as a list of objects.
    fn nested(&self, body: &Body, kind: &str, scope: Scope<'_>) -> Outcome {
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
    pub(super) fn body(&self, body: &Body, scope: Scope<'_>) -> Outcome {
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

    /// What `module.name` is to the module that calls it.
    pub(super) fn module_call(&self, module: usize, name: &str) -> Outcome {
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

    /// All that a call says.
    fn call_as_written(&self, body: &Body, module: usize) -> Term {
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
        Term::object(all)
    }

    fn called(
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
        let missing = |kind: &'static str, message: String| {
            let why = format!("{address} is not read");
            self.notice(kind, address.to_owned(), message);
            let says = self.call_as_written(&block.body, module);
            let mut unread = self.unread_calls.borrow_mut();
            unread.insert(address.to_owned(), says);
            Ok(Term::unknown(Unknown::symbol(address, why)))
        };
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
    pub(super) fn location(&self, module: usize, block: &SourceBlock) -> Location {
        let mut location = block.block.location();
        let mut next = Some(module);
        while let Some(module) = next
            && is_vendored(&super::tree::directory_of(&location.path))
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
    pub(super) fn provider(
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

    /// The blocks that the arguments of a block mention, through variables, local values and outputs: addresses of all
    /// their instances. No more than `limit` names are followed.
    pub(super) fn mentioned(&self, module: usize, block: &str, limit: usize) -> BTreeSet<String> {
        let node = self.node(module);
        let mut found = BTreeSet::new();
        let Some(block) = node.definition.resources.get(block) else {
            return found;
        };
        let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
        let mut own = Vec::new();
        expressions_of(&block.body, &mut own);
        let mut todo: Vec<(usize, &'t Expression)> =
            own.into_iter().map(|one| (module, one)).collect();
        while let Some((module, expression)) = todo.pop() {
            if seen.len() > limit {
                break;
            }
            let mut names = Vec::new();
            names_in(expression, &mut names);
            let node = self.node(module);
            for name in names {
                if !seen.insert((module, name.join("."))) {
                    continue;
                }
                let parts: Vec<&str> = name.iter().map(String::as_str).collect();
                match parts.as_slice() {
                    ["var", name, ..] => {
                        let argument = node.caller.as_ref().and_then(|caller| {
                            let argument = caller.block.body.attributes.get(*name)?;
                            Some((caller.module, argument.expression()?))
                        });
                        todo.extend(argument);
                    }
                    ["local", name, ..] => {
                        let local = node.definition.local(name);
                        let local = local.and_then(Attribute::expression);
                        todo.extend(local.map(|one| (module, one)));
                    }
                    ["each", "value", ..] => {
                        let each = block.body.attributes.get("for_each");
                        let each = each.and_then(Attribute::expression);
                        todo.extend(each.map(|each| (module, each)));
                    }
                    ["module", name, output, ..] => {
                        let called = match self.module_call(module, name) {
                            Ok(called) => called,
                            Err(_) => continue,
                        };
                        let callees: Vec<usize> = match &called {
                            Term::Module(callee) => vec![*callee],
                            Term::List(items) => items.iter().filter_map(module_of).collect(),
                            Term::Object(members) => {
                                let all = members.entries.values().chain(&members.rest);
                                all.filter_map(module_of).collect()
                            }
                            _ => Vec::new(),
                        };
                        for callee in callees.into_iter().take(limit) {
                            let definition = self.node(callee).definition;
                            let output = definition.outputs.get(*output);
                            let value = output.and_then(|block| block.body.attributes.get("value"));
                            let value = value.and_then(Attribute::expression);
                            todo.extend(value.map(|value| (callee, value)));
                        }
                    }
                    [mode @ "data", kind, name, ..] => {
                        self.add_instances(module, &format!("{mode}.{kind}.{name}"), &mut found)
                    }
                    [kind, name, ..] => {
                        self.add_instances(module, &format!("{kind}.{name}"), &mut found)
                    }
                    _ => {}
                }
            }
        }
        found
    }

    fn add_instances(&self, module: usize, block: &str, found: &mut BTreeSet<String>) {
        let is_declared = self.node(module).definition.resources.contains_key(block);
        if is_declared && let Ok(expansion) = self.expansion(module, block) {
            let addresses = expansion.instances.iter();
            found.extend(addresses.map(|one| one.handle.address.to_string()));
        }
    }
}

fn module_of(term: &Term) -> Option<usize> {
    match term {
        Term::Module(module) => Some(*module),
        _ => None,
    }
}

/// Whether a body sets an attribute or has a block of that name.
pub(super) fn is_written(body: &Body, name: &str) -> bool {
    body.attributes.contains_key(name)
        || body.blocks.iter().any(|nested| match nested.kind.as_str() {
            "dynamic" => nested.labels.first().is_some_and(|label| label == name),
            kind => kind == name,
        })
}

/// The names of what a body says, without what is said to Terraform itself.
pub(super) fn written_names(body: &Body) -> BTreeSet<&str> {
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

/// Every expression in a body. The depth is bounded by the parser.
fn expressions_of<'t>(body: &'t Body, found: &mut Vec<&'t Expression>) {
    found.extend(body.attributes.values().filter_map(Attribute::expression));
    for nested in &body.blocks {
        expressions_of(&nested.body, found);
    }
}

/// What an expression refers to, as names: `["aws_vpc", "a", "id"]`. The depth is bounded by the parser.
fn names_in(expression: &Expression, names: &mut Vec<Vec<String>>) {
    struct Names<'n>(&'n mut Vec<Vec<String>>);
    impl hcl_edit::visit::Visit for Names<'_> {
        fn visit_traversal(&mut self, traversal: &hcl_edit::expr::Traversal) {
            if let Expression::Variable(root) = &traversal.expr {
                let mut name = vec![root.as_str().to_owned()];
                for operator in &traversal.operators {
                    match operator.value() {
                        TraversalOperator::GetAttr(part) => name.push(part.as_str().to_owned()),
                        // `module.net["a"].vpc_id` names what `module.net.vpc_id` does.
                        _ if name.first().is_some_and(|root| root == "module") => {}
                        _ => break,
                    }
                }
                name.truncate(4);
                self.0.push(name);
            }
            hcl_edit::visit::visit_traversal(self, traversal);
        }
    }
    hcl_edit::visit::Visit::visit_expr(&mut Names(names), expression);
}
