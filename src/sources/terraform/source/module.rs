//! The evaluation of one root module: its module instances, and their variables, local values and outputs.
//!
//! `instances` expands resources and their nested blocks, `calls` modules; `mentions` tells what a block refers to.
//!
//! Everything is evaluated when it is asked for, once, and nothing twice at the same time: what leads back to itself has no
//! value. What cannot be counted is expanded into one instance that stands for all of them, with `["*"]` as its key.

mod calls;
mod instances;
mod mentions;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use hcl_edit::expr::Expression;

use crate::graph::fragment::Notice;

use super::super::resource::InstanceKey;
use super::attribute::Attribute;
use super::budget::Budget;
use super::evaluate::{Fault, Outcome, Repetition, Scope};
use super::reads::{Decoded, Files, Reads};
use super::remote::HandedOut;
use super::repeat::{Doubts, Shape};
use super::snapshot::Request;
use super::syntax::SourceBlock;
use super::term::{Handle, Term, Unknown};
use super::tree::{Definition, Tree};
use super::types;

pub(super) use instances::written_names;

/// The key of an instance that stands for however many there are.
pub(super) const ANY_KEY: &str = "*";

/// How many instances all blocks of a root module may have together.
pub(super) const MAX_INSTANCES: usize = 200_000;

/// What a call came to, with what was in doubt of how often it is made.
type CallOutcome = (Outcome, Doubts);

/// A block of a module instance.
type BlockPlace = (usize, Arc<str>);

/// Evaluates one root module and all that it calls.
pub(super) struct Evaluator<'t> {
    pub(super) tree: &'t Tree,
    files: &'t Files<'t>,
    /// What any root module has decoded so far.
    pub(super) decoded: &'t Decoded,
    /// Values of root variables that somebody gave, over those of the tree.
    given: &'t BTreeMap<String, Attribute>,
    /// What other root modules put out, by the address of the data source that reads it.
    pub(super) states: &'t BTreeMap<String, Arc<HandedOut>>,
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
            states: request.states,
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
}
