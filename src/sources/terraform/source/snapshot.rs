//! One root module at one revision, evaluated: every resource instance with its attributes, and where providers work.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::graph::fragment::Notice;
use crate::location::Location;
use crate::value::Value;

use super::super::providers::{ProviderPlace, ProviderRegions, account_of_role};
use super::super::resource::InstanceKey;
use super::attribute::Attribute;
use super::evaluate::Scope;
use super::module::{Evaluator, ResourceInstance, written_names};
use super::reads::{Decoded, Files, Reads};
use super::references::is_lookup;
use super::remote::{HandedOut, REMOTE_STATE, StatePlace};
use super::repeat::{Doubts, condensed};
use super::syntax::{Body, SourceBlock};
use super::term::{Candidate, Handle, Term, Unknown};
use super::tree::{Definition, Tree, nested_attribute, reference_text};
use super::unwritten::Ignored;
use super::versions::Told;

/// How many blocks around one are followed before the rest counts as far away.
const MAX_MENTIONED: usize = 200;

/// How many lookups may lead on from one another.
const MAX_LOOKUPS_IN_A_ROW: usize = 32;

/// How many root modules a notice spells out.
const MOST_SPELLED_OUT: usize = 3;

/// How much of conditions is looked through for data sources, in bytes.
const MAX_LOOKUPS_IN_CONDITIONS: usize = 20_000_000;

/// What one root module makes at one revision.
#[derive(Default)]
pub(super) struct Snapshot {
    /// Sorted by address.
    pub(super) resources: Vec<Evaluated>,
    pub(super) by_address: HashMap<Arc<str>, usize>,
    pub(super) places: ProviderRegions,
    /// Addresses before and after, of resources and modules, in the order in which they are written.
    pub(super) moved: Vec<(String, String)>,
    /// What is no longer managed and stays: addresses without keys.
    pub(super) forgotten: BTreeSet<String>,
    /// What `import` blocks take in: identifiers by address.
    pub(super) imports: BTreeMap<String, String>,
    pub(super) notices: BTreeSet<Notice>,
    /// Calls of modules that are not here, by address, with all that they say.
    pub(super) unread_calls: BTreeMap<String, Term>,
    /// Data sources that something rests on, directly or through others.
    pub(super) rested_on: BTreeSet<Arc<str>>,
    /// What is told of the versions of its providers; only where defaults hang on that.
    pub(super) versions: BTreeMap<String, Told>,
    /// Where it keeps its state: in one of these places.
    pub(super) states: Vec<StatePlace>,
    /// The states that it reads, by the address of the data source.
    pub(super) states_read: BTreeMap<String, StatePlace>,
    /// What it puts out; only where somebody may read it.
    pub(super) handed_out: HandedOut,
    /// What it was made of: where this is the same, so is all else.
    pub(super) reads: Reads,
}

/// One resource instance.
pub(super) struct Evaluated {
    pub(super) address: Arc<str>,
    pub(super) module: String,
    pub(super) resource_type: String,
    pub(super) name: String,
    pub(super) key: Option<InstanceKey>,
    pub(super) is_data: bool,
    pub(super) provider_key: Option<String>,
    /// What is written, evaluated; empty for types that nobody asked for.
    pub(super) terms: BTreeMap<String, Term>,
    /// The same for the graph.
    pub(super) values: BTreeMap<String, Value>,
    pub(super) location: Location,
    /// What its block asks Terraform to leave as it is.
    pub(super) ignored: Ignored,
    /// What nobody knows, and what hangs on whether it is there.
    pub(super) doubts: Doubts,
    /// The instances that its arguments mention; only where somebody asked.
    pub(super) mentions: BTreeSet<String>,
}

/// What is asked of an evaluation.
pub(super) struct Request<'r> {
    pub(super) files: &'r Files<'r>,
    /// What any root module has decoded so far.
    pub(super) decoded: &'r Decoded,
    /// Values of root variables.
    pub(super) given: &'r BTreeMap<String, Attribute>,
    /// What other root modules put out, by the address of the data source that reads it.
    pub(super) states: &'r BTreeMap<String, Arc<HandedOut>>,
    /// Whether others may read what it puts out.
    pub(super) hands_out: bool,
    /// How much work it may take.
    pub(super) steps: u64,
    /// Whether the attributes of a type matter.
    pub(super) is_wanted: &'r (dyn Fn(&str) -> bool + Sync),
    /// Whether a type has defaults that hang on the version of its provider.
    pub(super) is_versioned: &'r (dyn Fn(&str) -> bool + Sync),
    /// Whether the surroundings of a resource are of interest, by type and name.
    pub(super) is_of_interest: &'r (dyn Fn(&str, &str) -> bool + Sync),
}

/// Evaluate a root module.
pub(super) fn evaluate<'t>(tree: &'t Tree, directory: &str, request: &Request<'t>) -> Snapshot {
    let Some(root) = tree.definition(directory) else {
        return Snapshot::default();
    };
    let evaluator = Evaluator::new(tree, root, request);
    let mut reader = Reader {
        evaluator: &evaluator,
        request,
        places: BTreeMap::new(),
        default_tags: BTreeMap::new(),
        lookups: BTreeMap::new(),
        others: Vec::new(),
        snapshot: Snapshot::default(),
    };
    let matters = |resource_type: &str, name: &str| {
        (request.is_wanted)(resource_type) || (request.is_of_interest)(resource_type, name)
    };
    let mut known = BTreeMap::new();
    let mut module = 0;
    // Evaluating a call makes the modules that it calls known, behind those that are.
    while module < evaluator.module_count() {
        let definition = evaluator.node(module).definition;
        for (name, call) in &definition.calls {
            // Whoever refers to what it puts out asks for it.
            if tree.makes_nothing_that(&matters, definition, call, &mut known) {
                continue;
            }
            // A fault was told where the call was evaluated first.
            let _ = evaluator.module_call(module, name);
        }
        reader.module(module, definition);
        module += 1;
    }
    reader.read_lookups();
    reader.read_others();
    if request_has_interest(&reader) {
        reader.gather_mentions(module);
    }
    let Reader {
        mut snapshot,
        places,
        ..
    } = reader;
    snapshot.places = ProviderRegions::of(places);
    snapshot
        .resources
        .sort_by(|one, other| one.address.cmp(&other.address));
    let addresses = snapshot.resources.iter().enumerate();
    snapshot.by_address = addresses
        .map(|(index, one)| (one.address.clone(), index))
        .collect();
    let mut types = snapshot.resources.iter().map(|one| &one.resource_type);
    if types.any(|own| (request.is_versioned)(own)) {
        snapshot.versions = evaluator.provider_versions();
    }
    if request.hands_out {
        snapshot.states = evaluator.own_states();
        snapshot.handed_out = evaluator.handed_out();
    }
    (snapshot.notices, snapshot.unread_calls, snapshot.reads) = evaluator.into_notices();
    snapshot
}

fn is_dynamic(body: &Body, kind: &str) -> bool {
    let mut dynamic = body.nested("dynamic");
    dynamic.any(|nested| nested.labels.first().is_some_and(|label| label == kind))
}

/// The data sources that values are made of, by address.
fn lookups_in(terms: &BTreeMap<String, Term>, found: &mut BTreeSet<Arc<str>>) {
    for term in terms.values().filter(|term| term.has_unknown()) {
        for candidate in Unknown::derived("", [term]).candidates {
            if let Candidate::Attribute(address, _) = candidate
                && is_lookup(&address)
            {
                found.insert(address);
            }
        }
    }
}

/// Root modules whose states are kept where nobody here tells, in words.
fn which_may_keep_it(untold: &BTreeSet<&str>) -> String {
    let shown: Vec<&str> = untold.iter().copied().take(MOST_SPELLED_OUT).collect();
    if shown.is_empty() {
        return String::new();
    }
    let more = match untold.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        " (where {}{more} keeps its own, only `terraform init -backend-config` is told; a `.tfbackend` file beside it is read)",
        shown.join(", ")
    )
}

fn request_has_interest(reader: &Reader<'_, '_>) -> bool {
    let is_of_interest = reader.request.is_of_interest;
    let resources = &reader.snapshot.resources;
    resources
        .iter()
        .any(|one| is_of_interest(&one.resource_type, &one.name))
}

struct Reader<'e, 't> {
    evaluator: &'e Evaluator<'t>,
    request: &'e Request<'e>,
    places: BTreeMap<String, ProviderPlace>,
    default_tags: BTreeMap<String, Option<Term>>,
    /// Data sources, by address: their position among the resources.
    lookups: BTreeMap<Arc<str>, (usize, Arc<Handle>)>,
    /// Blocks that are no part of the network: the module instance, the address in it, and the block.
    others: Vec<(usize, &'t str, &'t SourceBlock)>,
    snapshot: Snapshot,
}

impl<'t> Reader<'_, 't> {
    fn module(&mut self, module: usize, definition: &'t Definition) {
        for (own, block) in &definition.resources {
            let [resource_type, name] = block.block.labels.as_slice() else {
                continue;
            };
            let is_lookup_of_state = block.block.kind == "data" && resource_type == REMOTE_STATE;
            if is_lookup_of_state
                || (self.request.is_wanted)(resource_type)
                || (self.request.is_of_interest)(resource_type, name)
            {
                self.block(module, own, block);
            } else {
                self.others.push((module, own.as_str(), block));
            }
        }
        self.refactorings(module, definition);
    }

    /// Every instance of a block.
    fn block(&mut self, module: usize, own: &str, block: &'t SourceBlock) {
        let evaluator = self.evaluator;
        // A fault was told where it was met first.
        let Ok(expansion) = evaluator.expansion(module, own) else {
            return;
        };
        let [resource_type, _] = block.block.labels.as_slice() else {
            return;
        };
        let is_data = block.block.kind == "data";
        let provider = self.provider_key(module, block, resource_type);
        let is_wanted = (self.request.is_wanted)(resource_type);
        if is_data && resource_type == REMOTE_STATE {
            self.states_read(&expansion.instances, evaluator.address(module, own));
        }
        for instance in &expansion.instances {
            if is_data {
                let position = self.snapshot.resources.len();
                let lookup = (position, instance.handle.clone());
                self.lookups.insert(instance.handle.address.clone(), lookup);
            }
            let mut doubts = instance.doubts.clone();
            let mut terms = BTreeMap::new();
            if is_wanted {
                for attribute in written_names(&block.body) {
                    let (written, in_doubt) =
                        evaluator.watched(|| evaluator.written(&instance.handle, attribute));
                    // Nested blocks may be there or not, as resources may.
                    if is_dynamic(&block.body, attribute) {
                        doubts.extend(in_doubt);
                        doubts = condensed(doubts);
                    }
                    let term = written.unwrap_or_else(|fault| {
                        let name = format!("{}.{attribute}", instance.handle.address);
                        Term::unknown(Unknown::hidden(name, fault.message()))
                    });
                    terms.insert(attribute.to_owned(), term);
                }
                self.add_tags(&mut terms, provider.as_deref());
            }
            let values = terms.iter();
            let values = values.map(|(name, term)| (name.clone(), term.to_value()));
            let one = Evaluated {
                values: values.collect(),
                terms,
                key: instance.key.clone(),
                provider_key: provider.clone(),
                doubts,
                ..self.bare(module, block, instance.handle.address.clone())
            };
            self.snapshot.resources.push(one);
        }
    }

    /// A resource of which nothing is read.
    fn bare(&self, module: usize, block: &SourceBlock, address: Arc<str>) -> Evaluated {
        let label = |index: usize| block.block.labels.get(index).cloned().unwrap_or_default();
        Evaluated {
            address,
            module: self.evaluator.node(module).path.clone(),
            resource_type: label(0),
            name: label(1),
            key: None,
            is_data: block.block.kind == "data",
            provider_key: None,
            terms: BTreeMap::new(),
            values: BTreeMap::new(),
            location: self.evaluator.location(module, block),
            ignored: Ignored::of(&block.body),
            doubts: Doubts::new(),
            mentions: BTreeSet::new(),
        }
    }

    /// What is no part of the network: how many there are of a block is counted only where something else asked for that, and
    /// otherwise the block stands for all of them.
    fn read_others(&mut self) {
        let mut others = std::mem::take(&mut self.others);
        // What a lookup asks for may come from further lookups.
        for _ in 0..MAX_LOOKUPS_IN_A_ROW {
            let is_counted =
                |(module, own, _): &(usize, &str, _)| self.evaluator.is_expanded(*module, own);
            let (counted, left): (Vec<_>, Vec<_>) = others.into_iter().partition(is_counted);
            others = left;
            if counted.is_empty() {
                break;
            }
            for (module, own, block) in counted {
                self.block(module, own, block);
            }
            self.read_lookups();
        }
        for (module, own, block) in others {
            let address = self.evaluator.address(module, own).into();
            let one = self.bare(module, block, address);
            self.snapshot.resources.push(one);
        }
    }

    /// What data sources look for, where something rests on what they find: of types that are no part of the network, too.
    fn read_lookups(&mut self) {
        if self.lookups.is_empty() {
            return;
        }
        let mut met: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut conditions = BTreeSet::new();
        let resources = &self.snapshot.resources;
        for one in resources.iter().filter(|one| !one.is_data) {
            lookups_in(&one.terms, &mut met);
            let own = one.doubts.iter().map(|doubt| doubt.condition.clone());
            conditions.extend(own);
        }
        let mut left = MAX_LOOKUPS_IN_CONDITIONS;
        for condition in conditions {
            for address in self.lookups.keys() {
                let Some(rest) = left.checked_sub(condition.len()) else {
                    break;
                };
                left = rest;
                if condition.contains(&**address) {
                    met.insert(address.clone());
                }
            }
        }
        let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut todo: Vec<Arc<str>> = met.into_iter().collect();
        while let Some(address) = todo.pop() {
            let Some((position, handle)) = self.lookups.get(&address) else {
                continue;
            };
            if !seen.insert(address.clone()) {
                continue;
            }
            self.snapshot.rested_on.insert(address);
            let one = &mut self.snapshot.resources[*position];
            if one.terms.is_empty()
                && let Ok(Term::Object(said)) = self.evaluator.all_written(handle)
            {
                one.terms.clone_from(&said.entries);
            }
            let mut further = BTreeSet::new();
            lookups_in(&one.terms, &mut further);
            todo.extend(further);
        }
    }

    /// The states that data sources read, and which of them are not at hand.
    fn states_read(&mut self, instances: &[ResourceInstance], address: String) {
        let mut untold = BTreeSet::new();
        for instance in instances {
            let asked_for = self.evaluator.state_asked_for(&instance.handle);
            let kind = asked_for.as_ref().map(StatePlace::backend);
            untold.extend(kind.map_or(Vec::new(), |kind| self.evaluator.tree.untold_states(kind)));
            let address = instance.handle.address.to_string();
            let asked_for = asked_for.map(|place| (address, place));
            self.snapshot.states_read.extend(asked_for);
        }
        let is_at_hand = |instance: &ResourceInstance| {
            let states = self.request.states;
            states.contains_key(&*instance.handle.address)
        };
        if !instances.iter().all(is_at_hand) {
            self.evaluator.notice(
                "remote-state-not-read",
                address,
                format!(
                    "no root module here is known to keep that state{}, so what it hands out is not followed: give it as --context, or check a plan",
                    which_may_keep_it(&untold)
                ),
            );
        }
    }

    /// Tags that a provider puts on everything it makes count as the resource's own.
    fn add_tags(&mut self, terms: &mut BTreeMap<String, Term>, provider: Option<&str>) {
        let own = terms.get("tags");
        let default = provider
            .and_then(|provider| self.default_tags.get(provider))
            .and_then(Option::as_ref);
        if terms.contains_key("tags_all") || (own.is_none() && default.is_none()) {
            return;
        }
        let all = match (default, own) {
            (Some(Term::Object(default)), Some(Term::Object(own))) => {
                let mut entries = default.entries.clone();
                let own_entries = own.entries.iter();
                entries.extend(own_entries.map(|(key, value)| (key.clone(), value.clone())));
                Term::open_object(entries, own.rest.clone().or_else(|| default.rest.clone()))
            }
            (_, Some(own)) => own.clone(),
            (Some(default), None) => default.clone(),
            (None, None) => return,
        };
        terms.insert("tags_all".to_owned(), all);
    }

    /// The key of the provider configuration that a block uses. Its place is remembered.
    fn provider_key(
        &mut self,
        module: usize,
        block: &SourceBlock,
        resource_type: &str,
    ) -> Option<String> {
        let named = block
            .body
            .attributes
            .get("provider")
            .and_then(Attribute::expression)
            .and_then(reference_text);
        let local = named.unwrap_or_else(|| {
            let prefix = resource_type.split('_').next();
            prefix.unwrap_or_default().to_owned()
        });
        let (holder, configuration) = self.evaluator.provider(module, &local)?;
        let attributes = &configuration.body.attributes;
        let alias = attributes.get("alias").and_then(Attribute::as_str);
        let mut key = configuration.block.labels.first()?.clone();
        if let Some(alias) = alias {
            key = format!("{key}.{alias}");
        }
        let path = &self.evaluator.node(holder).path;
        if !path.is_empty() {
            key = format!("{path}:{key}");
        }
        if !self.places.contains_key(&key) {
            let place = self.place(holder, &configuration.body);
            let tags = self.default_tags_of(holder, &configuration.body);
            self.places.insert(key.clone(), place);
            self.default_tags.insert(key.clone(), tags);
        }
        Some(key)
    }

    fn text(&self, module: usize, attribute: &Attribute) -> Option<String> {
        let term = self
            .evaluator
            .value(attribute, Scope::of_module(module))
            .ok()?;
        match term {
            Term::Text(text) if !text.is_empty() => Some(text.to_string()),
            _ => None,
        }
    }

    fn place(&self, module: usize, body: &Body) -> ProviderPlace {
        let argument = |name: &str| self.text(module, body.attributes.get(name)?);
        let role = nested_attribute(body, "assume_role", "role_arn")
            .and_then(|role| self.text(module, role))
            .as_deref()
            .and_then(account_of_role);
        ProviderPlace {
            region: argument("region"),
            account: role
                .or_else(|| argument("project"))
                .or_else(|| argument("subscription_id")),
        }
    }

    fn default_tags_of(&self, module: usize, body: &Body) -> Option<Term> {
        let tags = nested_attribute(body, "default_tags", "tags")?;
        let tags = self.evaluator.value(tags, Scope::of_module(module));
        tags.ok().filter(|tags| matches!(tags, Term::Object(_)))
    }

    /// `moved`, `removed` and `import` blocks.
    fn refactorings(&mut self, module: usize, definition: &Definition) {
        let reference = |block: &SourceBlock, name: &str| {
            let text = reference_text(block.body.attributes.get(name)?.expression()?)?;
            Some(self.evaluator.address(module, &text))
        };
        for block in &definition.moved {
            if let (Some(from), Some(to)) = (reference(block, "from"), reference(block, "to")) {
                self.snapshot.moved.push((from, to));
            }
        }
        for block in &definition.removed {
            let destroys = nested_attribute(&block.body, "lifecycle", "destroy")
                .and_then(Attribute::as_bool)
                .unwrap_or(true);
            if !destroys && let Some(from) = reference(block, "from") {
                self.snapshot.forgotten.insert(from);
            }
        }
        for block in &definition.imports {
            let attributes = &block.body.attributes;
            let to = attributes.get("to").and_then(Attribute::expression);
            let (Some(to), Some(id)) = (to, attributes.get("id")) else {
                continue;
            };
            for repetition in self.evaluator.imported(&block.body, module) {
                let scope = self.evaluator.instance_scope(module, &repetition);
                let id = self.evaluator.value(id, scope).ok();
                let id = id.and_then(|id| id.to_text()).filter(|id| !id.is_empty());
                let to = self.evaluator.target(to, module, &repetition);
                self.snapshot.imports.extend(to.zip(id));
            }
        }
    }

    /// What the resources of interest mention, and what these mention in turn.
    fn gather_mentions(&mut self, modules: usize) {
        let mut module_of: HashMap<String, usize> = HashMap::new();
        for module in 0..modules {
            module_of.insert(self.evaluator.node(module).path.clone(), module);
        }
        let is_of_interest = self.request.is_of_interest;
        let positions: HashMap<Arc<str>, usize> = self
            .snapshot
            .resources
            .iter()
            .enumerate()
            .map(|(index, one)| (one.address.clone(), index))
            .collect();
        let mut todo: Vec<usize> = (0..self.snapshot.resources.len())
            .filter(|&index| {
                let one = &self.snapshot.resources[index];
                is_of_interest(&one.resource_type, &one.name)
            })
            .collect();
        let mut seen: BTreeSet<usize> = todo.iter().copied().collect();
        // Whatever is mentioned by what many mention is not near to any of them.
        while let Some(index) = todo.pop() {
            let one = &self.snapshot.resources[index];
            let mode = if one.is_data { "data." } else { "" };
            let block = format!("{mode}{}.{}", one.resource_type, one.name);
            let Some(&module) = module_of.get(&one.module) else {
                continue;
            };
            let mentions = self.evaluator.mentioned(module, &block, MAX_MENTIONED);
            for address in &mentions {
                if let Some(&next) = positions.get(address.as_str())
                    && seen.len() < 50 * MAX_MENTIONED
                    && seen.insert(next)
                {
                    todo.push(next);
                }
            }
            self.snapshot.resources[index].mentions = mentions;
        }
    }
}
