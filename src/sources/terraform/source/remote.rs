//! What root modules hand to one another through their states: a `data.terraform_remote_state` that points at the state of
//! another root module of the repository leads to what that puts out.
//!
//! Reads no state, and knows of backends only what tells one state from another.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::blocks::join;
use super::evaluate::{Fault, Outcome, Scope};
use super::module::{Evaluator, written_names};
use super::syntax::{Body, SourceBlock};
use super::term::{Candidate, Handle, Term, Unknown, shortened};
use super::tree::Definition;

/// The type of the data sources that read a state.
pub(super) const REMOTE_STATE: &str = "terraform_remote_state";

/// The module of an instance that another root module makes.
pub(super) const ELSEWHERE: usize = usize::MAX;

/// Where Terraform keeps a state if nobody says where.
const LOCAL_STATE: &str = "terraform.tfstate";

/// The host of states that name none.
const TERRAFORM_CLOUD: &str = "app.terraform.io";

/// How large what a root module puts out may be altogether before the rest counts as hidden.
const MAX_HANDED_OUT: usize = 200_000;

/// How a kind of backend tells one state from another.
struct BackendRule {
    backend: &'static str,
    /// What a state is called. These must be known and equal.
    names: &'static [&'static str],
    /// What it lies in. Where both sides tell, they must be equal.
    holders: &'static [&'static str],
}

/// Backends, sorted. <https://developer.hashicorp.com/terraform/language/backend> (read 2026-11-22)
const BACKENDS: [BackendRule; 10] = [
    BackendRule {
        backend: "azurerm",
        names: &["key"],
        holders: &["storage_account_name", "container_name"],
    },
    BackendRule {
        backend: "consul",
        names: &["path"],
        holders: &["address"],
    },
    BackendRule {
        backend: "cos",
        names: &["prefix", "key"],
        holders: &["bucket"],
    },
    BackendRule {
        backend: "gcs",
        names: &["prefix"],
        holders: &["bucket"],
    },
    BackendRule {
        backend: "http",
        names: &["address"],
        holders: &[],
    },
    BackendRule {
        backend: "kubernetes",
        names: &["secret_suffix"],
        holders: &["namespace"],
    },
    BackendRule {
        backend: "local",
        names: &["path"],
        holders: &[],
    },
    BackendRule {
        backend: "oss",
        names: &["prefix", "key"],
        holders: &["bucket"],
    },
    BackendRule {
        backend: "remote",
        names: &["workspaces.name"],
        holders: &["hostname", "organization"],
    },
    BackendRule {
        backend: "s3",
        names: &["key"],
        holders: &["bucket"],
    },
];

/// Where a state is kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct StatePlace {
    backend: String,
    settings: BTreeMap<String, Term>,
    /// The workspace that a data source asks for.
    workspace: Option<Term>,
    /// The file that tells what the root module itself does not; empty: it tells all.
    pub(super) told_by: String,
}

/// How surely a state is the one that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    /// By its name; what it lies in is not told on both sides.
    ByName,
    /// By all that tells it from others.
    Whole,
}

/// What a root module puts out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct HandedOut {
    /// Its outputs, as an object.
    pub(super) outputs: BTreeMap<String, Term>,
    /// What is written of the instances that its outputs hold as a whole, by address.
    instances: BTreeMap<Arc<str>, BTreeMap<String, Term>>,
}

impl StatePlace {
    /// Whether this is the state of a root module that keeps it `there`.
    pub(super) fn is_of(&self, there: &Self) -> Option<Match> {
        let rule = BACKENDS.iter().find(|rule| rule.backend == self.backend)?;
        if there.backend != self.backend {
            return None;
        }
        let known = |place: &Self, name: &str| {
            let text = place.settings.get(name).and_then(Term::to_text);
            text.filter(|text| !text.is_empty())
        };
        let is_left_out = |name: &&str| {
            let mut sides = [self, there].into_iter();
            sides.all(|place| !place.settings.contains_key(*name))
        };
        // A name that neither side gives is the backend's usual one.
        let mut names = rule.names.iter().filter(|name| !is_left_out(name));
        let are_named = names.all(|name| {
            let own = known(self, name);
            own.is_some() && own == known(there, name)
        });
        let holders = rule
            .holders
            .iter()
            .map(|name| (known(self, name), known(there, name)));
        let mut is_whole = true;
        for (own, other) in holders {
            match (own, other) {
                (Some(own), Some(other)) if own == other => {}
                (Some(_), Some(_)) => return None,
                _ => is_whole = false,
            }
        }
        let has_a_name = !rule.names.iter().all(is_left_out);
        match (are_named, is_whole) {
            (true, true) => Some(Match::Whole),
            (true, false) if has_a_name => Some(Match::ByName),
            _ => None,
        }
    }

    /// The kind of backend.
    pub(super) fn backend(&self) -> &str {
        &self.backend
    }

    /// The workspace that is asked for, in words.
    pub(super) fn workspace(&self) -> String {
        let workspace = self.workspace.as_ref();
        workspace.map_or_else(|| "\"default\"".to_owned(), ToString::to_string)
    }

    /// Settings as they are written, with defaults that tell one state from another, and paths from the top of the repository.
    fn new(backend: &str, settings: &BTreeMap<String, Term>, directory: &str) -> Self {
        let mut flat = BTreeMap::new();
        for (name, term) in settings {
            let block = match term {
                Term::List(items) if items.len() == 1 => &items[0],
                other => other,
            };
            match block {
                Term::Object(members) => flat.extend(
                    members
                        .entries
                        .iter()
                        .map(|(inner, term)| (format!("{name}.{inner}"), term.clone())),
                ),
                Term::Null => {}
                other => {
                    flat.insert(name.clone(), other.clone());
                }
            }
        }
        match backend {
            "local" => {
                let path = flat
                    .get("path")
                    .map_or(Some(LOCAL_STATE.into()), Term::to_text);
                let path = path.and_then(|path| join(directory, &path));
                flat.remove("path");
                flat.extend(path.map(|path| ("path".to_owned(), Term::text(path))));
            }
            "remote" => {
                let host = flat.entry("hostname".to_owned());
                host.or_insert_with(|| Term::text(TERRAFORM_CLOUD));
            }
            _ => {}
        }
        Self {
            backend: backend.to_owned(),
            settings: flat,
            workspace: None,
            told_by: String::new(),
        }
    }
}

impl Evaluator<'_> {
    /// Where the root module keeps its state: in one of these places, where its block does not tell and files beside it do.
    pub(super) fn own_states(&self) -> Vec<StatePlace> {
        let node = self.node(0);
        let directory = &node.definition.directory;
        let settings = |body: &Body| match self.body(body, Scope::of_module(0)) {
            Ok(Term::Object(members)) => members.entries.clone(),
            _ => BTreeMap::new(),
        };
        match backend_of(node.definition) {
            Some((backend, body)) => {
                let written = settings(body);
                let mut places = vec![StatePlace::new(backend, &written, directory)];
                if !is_named(backend, body) {
                    for file in self.tree.backends_of(directory) {
                        let mut all = written.clone();
                        let given = file.attributes.iter();
                        all.extend(given.filter_map(|(name, value)| {
                            let value = self.value(value, Scope::of_module(0)).ok()?;
                            Some((name.clone(), value))
                        }));
                        places.push(StatePlace {
                            told_by: file.path().to_owned(),
                            ..StatePlace::new(backend, &all, directory)
                        });
                    }
                }
                places
            }
            None => vec![StatePlace::new("local", &BTreeMap::new(), directory)],
        }
    }

    /// The state that a data source reads; `None` where its kind is not known.
    pub(super) fn state_asked_for(&self, handle: &Handle) -> Option<StatePlace> {
        let written = |name: &str| self.written(handle, name).ok();
        let backend = written("backend")?.to_text()?;
        let settings = match written("config")? {
            // Before Terraform 0.12 it was a block.
            Term::List(items) if items.len() == 1 => items[0].clone(),
            other => other,
        };
        let Term::Object(settings) = settings.revealed().0 else {
            return None;
        };
        let directory = &self.node(0).definition.directory;
        Some(StatePlace {
            workspace: written("workspace").filter(|term| *term != Term::Null),
            ..StatePlace::new(&backend, &settings.entries, directory)
        })
    }

    /// What the root module puts out. Module instances become objects of their outputs.
    pub(super) fn handed_out(&self) -> HandedOut {
        let node = self.node(0);
        let mut handed = HandedOut::default();
        let mut met: Vec<Arc<Handle>> = Vec::new();
        let mut room = MAX_HANDED_OUT;
        for name in node.definition.outputs.keys() {
            let term = self.detached(self.output(0, name), &mut met, &mut room);
            handed.outputs.insert(name.clone(), term);
        }
        while let Some(handle) = met.pop() {
            if handle.module == ELSEWHERE || handed.instances.contains_key(&handle.address) {
                continue;
            }
            let holder = self.node(handle.module);
            let Some(block) = holder.definition.resources.get(&*handle.block) else {
                continue;
            };
            handed
                .instances
                .insert(handle.address.clone(), BTreeMap::new());
            let mut written = BTreeMap::new();
            for name in written_names(&block.body) {
                let term = self.detached(self.attribute(&handle, name), &mut met, &mut room);
                written.insert(name.to_owned(), term);
            }
            handed.instances.insert(handle.address.clone(), written);
        }
        handed
    }

    /// A value without module instances. Resource instances that it holds are put down in `met`.
    fn detached(&self, value: Outcome, met: &mut Vec<Arc<Handle>>, room: &mut usize) -> Term {
        let hidden = |why: &str| Term::unknown(Unknown::hidden("an output", why));
        let term = match value {
            Ok(term) => term,
            Err(fault) => return hidden(fault.message()),
        };
        let size = term.shape().size;
        let Some(left) = room.checked_sub(size) else {
            return hidden("what its root module puts out is too large");
        };
        *room = left;
        let Some(_descent) = self.budget.descend() else {
            return hidden(Fault::Exhausted.message());
        };
        if self.pay(size as u64).is_err() {
            return hidden(Fault::Exhausted.message());
        }
        term.map_leaves(&mut |leaf| match leaf {
            Term::Module(module) => {
                let definition = self.node(*module).definition;
                let outputs = definition.outputs.keys().map(|name| {
                    let value = self.detached(self.output(*module, name), met, room);
                    (name.clone(), value)
                });
                Term::object(outputs.collect())
            }
            Term::Instance(handle) => {
                met.push(handle.clone());
                leaf.clone()
            }
            other => other.clone(),
        })
    }

    /// An attribute of an instance that another root module makes.
    pub(super) fn attribute_elsewhere(&self, handle: &Handle, name: &str) -> Term {
        let all = self.states.values();
        let mut written = all.filter_map(|state| state.instances.get(&handle.address)?.get(name));
        match written.next() {
            Some(term) if *term != Term::Null => term.clone(),
            _ => Term::unknown(Unknown::attribute(&handle.address, name)),
        }
    }

    /// What a data source reads from the state of another root module, if that is at hand.
    pub(super) fn read_from_state(&self, handle: &Handle, name: &str) -> Option<Term> {
        let state = self.states.get(&*handle.address)?;
        (name == "outputs").then(|| Term::object(state.outputs.clone()))
    }
}

impl HandedOut {
    /// The same as another root module sees it: with addresses that lead here. `now` tells what an address has become.
    pub(super) fn seen_from_elsewhere(&self, root: &str, now: &dyn Fn(&str) -> String) -> Self {
        let mut led_here = |leaf: &Term| match leaf {
            Term::Unknown(unknown) => Term::unknown(led_here(unknown, root, now)),
            Term::Instance(handle) => Term::Instance(Arc::new(Handle {
                module: ELSEWHERE,
                block: handle.block.clone(),
                position: handle.position,
                address: elsewhere(root, &now(&handle.address)).into(),
            })),
            other => other.clone(),
        };
        let mut of_all = |terms: &BTreeMap<String, Term>| -> BTreeMap<String, Term> {
            let terms = terms.iter();
            terms
                .map(|(name, term)| (name.clone(), term.map_leaves(&mut led_here)))
                .collect()
        };
        let outputs = of_all(&self.outputs);
        let instances = self.instances.iter().map(|(address, terms)| {
            let address = elsewhere(root, &now(address));
            (address.into(), of_all(terms))
        });
        Self {
            instances: instances.collect(),
            outputs,
        }
    }
}

fn led_here(unknown: &Unknown, root: &str, now: &dyn Fn(&str) -> String) -> Unknown {
    let candidates = unknown.candidates.iter().map(|candidate| match candidate {
        Candidate::Attribute(address, attribute) => {
            let address = elsewhere(root, &now(address));
            Candidate::Attribute(address.into(), attribute.clone())
        }
        Candidate::Symbol(name) => Candidate::Symbol(shortened(elsewhere(root, name)).into()),
        Candidate::Constant(text) => Candidate::Constant(text.clone()),
    });
    Unknown {
        name: shortened(elsewhere(root, &unknown.name)),
        candidates: candidates.collect(),
        ..unknown.clone()
    }
}

/// The address of something that another root module makes. No address of a module's own begins like this.
fn elsewhere(root: &str, address: &str) -> String {
    match split_elsewhere(address) {
        // It came from a third one.
        Some(_) => address.to_owned(),
        None => format!("//{root}//{address}"),
    }
}

/// The root module and the address in it of what another root module makes.
pub(super) fn split_elsewhere(address: &str) -> Option<(&str, &str)> {
    address.strip_prefix("//")?.split_once("//")
}

/// The backend that a root module is told to keep its state in, with its settings.
pub(super) fn backend_of(definition: &Definition) -> Option<(&str, &Body)> {
    let blocks = definition.settings.iter();
    let mut told = blocks.flat_map(|block: &Arc<SourceBlock>| &block.body.blocks);
    told.find_map(|nested| match nested.kind.as_str() {
        "backend" => Some((nested.labels.first()?.as_str(), &nested.body)),
        "cloud" => Some(("remote", &nested.body)),
        _ => None,
    })
}

/// Whether the settings of a backend name the state that is kept there, as far as this kind of backend needs a name.
pub(super) fn is_named(backend: &str, body: &Body) -> bool {
    let rule = BACKENDS.iter().find(|rule| rule.backend == backend);
    let has = |name: &str| {
        let first = name.split('.').next().unwrap_or(name);
        body.attributes.contains_key(first) || body.nested(first).next().is_some()
    };
    rule.is_none_or(|rule| rule.names.iter().all(|name| has(name)))
}

/// Whether the settings of a backend leave a name open that it has to be told.
pub(super) fn lacks_name(backend: &str, body: &Body) -> bool {
    let has_a_usual_one = matches!(backend, "cos" | "gcs" | "local" | "oss");
    let says_nothing = body.attributes.is_empty() && body.blocks.is_empty();
    !is_named(backend, body) && backend != "local" && (says_nothing || !has_a_usual_one)
}

/// What the settings of a backend say, spelled out: to tell whether two root modules keep one state.
pub(super) fn backend_text(definition: &Definition) -> Option<String> {
    let (backend, body) = backend_of(definition)?;
    let mut text = backend.to_owned();
    let bodies = [("", body)].into_iter().chain(
        body.blocks
            .iter()
            .map(|nested| (nested.kind.as_str(), &nested.body)),
    );
    for (kind, body) in bodies {
        for (name, value) in &body.attributes {
            let value = value.expression().map(ToString::to_string);
            let value = value.unwrap_or_default();
            text.push_str(&format!("\n{kind}.{name} = {}", value.trim()));
        }
    }
    Some(text)
}
