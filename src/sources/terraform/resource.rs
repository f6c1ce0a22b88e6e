//! The one model of a resource instance that plans and states are read into: what it was, what it will be.
//!
//! Does not know what a resource type means, nor resolve references between resources.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::graph::origin::Action;
use crate::value::Value;

use super::plan::{
    ConfigModule, ModuleValues, Plan, ResourceChange, State, StateFileInstance, StateFileResource,
    StateResource, Text,
};
use super::skim::{self, Raw};

/// What tells instances of one resource apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// The index of `count`.
    Number(u64),
    /// The key of `for_each`.
    Text(String),
}

/// Writes `[0]` or `["a"]`, the way Terraform does.
impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Text(text) => {
                f.write_str("[\"")?;
                let mut characters = text.chars().peekable();
                while let Some(character) = characters.next() {
                    match character {
                        '\n' => f.write_str("\\n")?,
                        '\r' => f.write_str("\\r")?,
                        '\t' => f.write_str("\\t")?,
                        '"' => f.write_str("\\\"")?,
                        '\\' => f.write_str("\\\\")?,
                        '$' | '%' if characters.peek() == Some(&'{') => {
                            write!(f, "{character}{character}")?
                        }
                        _ if character.is_control() => {
                            write!(f, "\\u{:04x}", u32::from(character))?
                        }
                        _ => write!(f, "{character}")?,
                    }
                }
                f.write_str("\"]")
            }
        }
    }
}

/// One instance of a resource or data source, before and after.
#[derive(Debug, Clone)]
pub struct Resource<'a> {
    /// Its full address, after moves, as Terraform writes it.
    pub address: Cow<'a, str>,
    /// Its address before a `moved` block, if that differs.
    pub previous_address: Option<Cow<'a, str>>,
    /// The module instance it is in, `module.net["a"]`; empty for the root module.
    pub module: Cow<'a, str>,
    /// Its type.
    pub resource_type: Cow<'a, str>,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its instance key.
    pub key: Option<InstanceKey>,
    /// Whether it is a data source: an object that exists, and is managed elsewhere.
    pub is_data: bool,
    /// The provider configuration it uses, `aws.west` or `module.net:aws`; `None` where nothing says so.
    pub provider_key: Option<Cow<'a, str>>,
    /// What happens to it.
    pub action: Action,
    /// The id of the object that an `import` block takes in.
    pub importing: Option<String>,
    /// What it is; `None` if it is not there, or not known to Terraform.
    pub before: Option<Instance<'a>>,
    /// What it will be; `None` if it will be gone.
    pub after: Option<Instance<'a>>,
}

/// The attributes of a resource instance at one time, not yet decoded.
#[derive(Debug, Clone, Copy)]
pub struct Instance<'a> {
    values: Option<Raw<'a>>,
    unknown: Option<Raw<'a>>,
    sensitive: Sensitive<'a>,
    /// Attributes that were evaluated from source; then there is no text to decode.
    evaluated: Option<&'a BTreeMap<String, Value>>,
}

/// The two ways in which Terraform marks secrets.
#[derive(Debug, Clone, Copy)]
enum Sensitive<'a> {
    /// An object of the shape of the values, `true` where secret.
    Mask(Option<Raw<'a>>),
    /// A list of paths.
    Paths(Option<Raw<'a>>),
}

impl<'a> Instance<'a> {
    /// The top-level attributes that `wanted` accepts, with what is unknown and what is secret marked.
    ///
    /// Everything else is skipped without being decoded. The result is an object, unless the instance as a whole
    /// is unknown or secret.
    ///
    /// # Errors
    ///
    /// If a wanted attribute is nested deeper than any provider's schema.
    pub fn read(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Value, serde_json::Error> {
        if let Some(evaluated) = self.evaluated {
            let members = evaluated.iter().filter(|(name, _)| wanted(name));
            let members = members.map(|(name, value)| (name.clone(), value.clone()));
            return Ok(Value::Object(members.collect()));
        }
        let mut value = match self.values {
            Some(values) => selected(values, wanted)?,
            None => Value::Object(BTreeMap::new()),
        };
        if let Some(mask) = self.unknown {
            value.mark_unknown(&selected(mask, wanted)?);
        }
        match self.sensitive {
            Sensitive::Mask(Some(mask)) => value.mark_sensitive(&selected(mask, wanted)?),
            Sensitive::Paths(Some(paths)) => {
                for mask in masks_of_paths(&serde_json::from_str(paths.get())?) {
                    // A mask gives an absent member a place, and unwanted ones shall have none.
                    let is_wanted = match &mask {
                        Value::Object(members) => members.keys().all(|name| wanted(name)),
                        _ => true,
                    };
                    if is_wanted {
                        value.mark_sensitive(&mask);
                    }
                }
            }
            Sensitive::Mask(None) | Sensitive::Paths(None) => {}
        }
        Ok(value)
    }

    /// Attributes that were evaluated from source.
    pub(super) fn evaluated(values: &'a BTreeMap<String, Value>) -> Self {
        Self {
            values: None,
            unknown: None,
            sensitive: Sensitive::Mask(None),
            evaluated: Some(values),
        }
    }

    fn known(values: Raw<'a>, sensitive: Option<Raw<'a>>) -> Self {
        Self {
            values: Some(values),
            unknown: None,
            sensitive: Sensitive::Mask(sensitive),
            evaluated: None,
        }
    }

    /// Whether both hold the same values, letter by letter.
    fn has_values_of(&self, other: &Self) -> bool {
        self.values.map(Raw::get) == other.values.map(Raw::get)
    }
}

/// Every resource instance that a plan knows of, sorted by address.
///
/// What the plan does not touch is kept as it is in the prior state, so that a plan limited by `-target` still shows
/// the whole network. An address occurs twice only if the plan abandons one object there and creates another: first
/// as [`Action::Forget`], then as [`Action::Create`].
#[must_use]
pub fn resources<'a>(plan: &Plan<'a>) -> Vec<Resource<'a>> {
    let changes = plan.resource_changes.as_deref().unwrap_or_default();
    let prior = current_objects(plan.prior_state.as_ref());
    let planned = current_objects(plan.planned_values.as_ref());
    let provider_keys = ProviderKeys::new(&plan.configuration.root_module);

    let mut covered: HashSet<&str> = HashSet::with_capacity(changes.len());
    let mut resources = Vec::with_capacity(changes.len().max(prior.in_order.len()));
    for change in changes
        .iter()
        .filter(|change| deposed_key(change).is_none())
    {
        if !covered.insert(&change.address) {
            continue;
        }
        changed(change, &prior, &planned, &mut resources);
    }
    for change in changes {
        covered.extend(change.previous_address.as_deref());
    }
    for &resource in &prior.in_order {
        if covered.contains(&*resource.address) {
            continue;
        }
        let before = instance_of(resource);
        let after = match planned.by_address.get(&*resource.address) {
            // Without a list of changes, the planned values are the only word on what will be.
            Some(planned) if plan.resource_changes.is_none() => instance_of(planned),
            _ => before,
        };
        let action = if before.has_values_of(&after) {
            Action::Keep
        } else {
            Action::Update
        };
        resources.push(from_state(resource, action, Some(before), Some(after)));
    }
    for &resource in &planned.in_order {
        if covered.contains(&*resource.address) || prior.by_address.contains_key(&*resource.address)
        {
            continue;
        }
        let after = instance_of(resource);
        let action = if is_data(resource.mode.as_deref(), &resource.address) {
            Action::Read
        } else {
            Action::Create
        };
        resources.push(from_state(resource, action, None, Some(after)));
    }
    for resource in &mut resources {
        resource.provider_key = provider_keys.of(resource);
    }
    // Stable: a forgotten object stays ahead of the one created in its place.
    resources.sort_by(|left, right| left.address.cmp(&right.address));
    resources
}

/// Every resource instance of a state, sorted by address, as something that is and stays.
#[must_use]
pub fn state_resources<'a>(state: &State<'a>) -> Vec<Resource<'a>> {
    let mut resources = Vec::new();
    match state {
        State::Shown(root) => {
            for resource in current_objects(Some(root)).in_order {
                let instance = instance_of(resource);
                resources.push(from_state(
                    resource,
                    Action::Keep,
                    Some(instance),
                    Some(instance),
                ));
            }
        }
        State::File(list) => {
            for resource in list {
                let current = resource
                    .instances
                    .iter()
                    .filter(|instance| instance.deposed.is_none());
                resources
                    .extend(current.filter_map(|instance| from_state_file(resource, instance)));
            }
        }
    }
    resources.sort_by(|left, right| left.address.cmp(&right.address));
    resources
}

/// The objects of a state that resources stand for now: without deposed ones.
struct CurrentObjects<'p, 'a> {
    in_order: Vec<&'p StateResource<'a>>,
    by_address: HashMap<&'p str, &'p StateResource<'a>>,
}

fn current_objects<'p, 'a>(root: Option<&'p ModuleValues<'a>>) -> CurrentObjects<'p, 'a> {
    let mut all = Vec::new();
    collect_objects(root, &mut all);
    let mut by_address = HashMap::with_capacity(all.len());
    let current = all
        .into_iter()
        .filter(|resource| resource.deposed_key.is_none());
    let in_order = current
        .filter(|resource| by_address.insert(&*resource.address, *resource).is_none())
        .collect();
    CurrentObjects {
        in_order,
        by_address,
    }
}

/// Recursion is bounded by how deeply modules were nested in the text, which the parser limits.
pub(super) fn collect_objects<'p, 'a>(
    module: Option<&'p ModuleValues<'a>>,
    objects: &mut Vec<&'p StateResource<'a>>,
) {
    let Some(module) = module else { return };
    objects.extend(&module.resources);
    for child in &module.child_modules {
        collect_objects(Some(child), objects);
    }
}

/// The key of a deposed object. The truth value of Terraform 0.12 is ignored: it was set on the wrong objects.
pub(super) fn deposed_key(change: &ResourceChange<'_>) -> Option<String> {
    serde_json::from_str::<String>(change.deposed?.get())
        .ok()
        .filter(|key| !key.is_empty())
}

/// The words of a change's actions, and whether all of them are understood.
pub(super) fn words_of<'p>(change: &'p ResourceChange<'_>) -> (Vec<&'p str>, bool) {
    let words: Vec<&str> = change
        .change
        .actions
        .iter()
        .map(|action| &**action)
        .collect();
    let known = words.iter().all(|word| {
        matches!(
            *word,
            "no-op" | "create" | "read" | "update" | "delete" | "forget"
        )
    });
    (words, known)
}

/// Add what one entry of `resource_changes` says.
fn changed<'a>(
    change: &ResourceChange<'a>,
    prior: &CurrentObjects<'_, 'a>,
    planned: &CurrentObjects<'_, 'a>,
    resources: &mut Vec<Resource<'a>>,
) {
    let values = &change.change;
    let stated_before = values
        .before
        .map(|before| Instance::known(before, values.before_sensitive));
    let stated_after = (values.after.is_some()
        || values
            .after_unknown
            .is_some_and(|mask| mask.get() == "true"))
    .then_some(Instance {
        values: values.after,
        unknown: values.after_unknown,
        sensitive: Sensitive::Mask(values.after_sensitive),
        evaluated: None,
    });
    // A filtered plan may lack the values of what it keeps.
    let stated_or_in = |stated: Option<Instance<'a>>, state: &CurrentObjects<'_, 'a>| {
        stated.or_else(|| {
            state
                .by_address
                .get(&*change.address)
                .map(|resource| instance_of(resource))
        })
    };
    let before = stated_or_in(stated_before, prior);
    let after = stated_or_in(stated_after, planned);

    let (words, _) = words_of(change);
    let action = action_of(&words, before.as_ref(), after.as_ref());
    let abandons_and_creates = action == Action::Forget && words.contains(&"create");
    let (before, after) = match action {
        Action::Create | Action::Read => (None, after),
        Action::Delete => (before, None),
        Action::Update | Action::Replace => (before, after),
        Action::Keep => (before.or(after), after.or(before)),
        Action::Forget => (before, before),
    };
    let place = Place::of(
        &change.address.0,
        change.module_address.as_ref(),
        change.mode.as_deref(),
        change.resource_type.as_ref(),
        change.name.as_ref(),
        change.index.as_ref(),
    );
    let resource = Resource {
        address: change.address.0.clone(),
        previous_address: change
            .previous_address
            .as_ref()
            .filter(|previous| **previous != change.address)
            .map(|previous| previous.0.clone()),
        module: place.module,
        resource_type: place.resource_type,
        name: place.name,
        key: place.key,
        is_data: place.is_data,
        provider_key: None,
        action,
        importing: values.importing.as_ref().map(|importing| {
            match (&importing.id, importing.identity) {
                (Some(id), _) => id.to_string(),
                (None, Some(identity)) => identity.get().to_owned(),
                (None, None) => String::new(),
            }
        }),
        before,
        after,
    };
    let created = abandons_and_creates.then(|| Resource {
        action: Action::Create,
        previous_address: None,
        before: None,
        after: stated_after,
        ..resource.clone()
    });
    resources.push(resource);
    resources.extend(created);
}

/// What the words of a change mean; what the values before and after mean where the words are not understood.
fn action_of(
    words: &[&str],
    before: Option<&Instance<'_>>,
    after: Option<&Instance<'_>>,
) -> Action {
    match words {
        ["no-op"] => Action::Keep,
        ["create"] => Action::Create,
        ["read"] => Action::Read,
        ["update"] => Action::Update,
        ["delete"] => Action::Delete,
        ["delete", "create"] | ["create", "delete"] => Action::Replace,
        ["forget"] | ["forget", "create"] | ["create", "forget"] => Action::Forget,
        _ => match (before, after) {
            (Some(before), Some(after)) if before.has_values_of(after) => Action::Keep,
            (Some(_), Some(_)) | (None, None) => Action::Update,
            (None, Some(_)) => Action::Create,
            (Some(_), None) => Action::Delete,
        },
    }
}

fn instance_of<'a>(resource: &StateResource<'a>) -> Instance<'a> {
    Instance {
        values: resource.values,
        unknown: None,
        sensitive: Sensitive::Mask(resource.sensitive_values),
        evaluated: None,
    }
}

fn from_state<'a>(
    resource: &StateResource<'a>,
    action: Action,
    before: Option<Instance<'a>>,
    after: Option<Instance<'a>>,
) -> Resource<'a> {
    let place = Place::of(
        &resource.address.0,
        None,
        resource.mode.as_deref(),
        resource.resource_type.as_ref(),
        resource.name.as_ref(),
        resource.index.as_ref(),
    );
    Resource {
        address: resource.address.0.clone(),
        previous_address: None,
        module: place.module,
        resource_type: place.resource_type,
        name: place.name,
        key: place.key,
        is_data: place.is_data,
        provider_key: None,
        action,
        importing: None,
        before,
        after,
    }
}

fn from_state_file<'a>(
    resource: &StateFileResource<'a>,
    instance: &StateFileInstance<'a>,
) -> Option<Resource<'a>> {
    let values = Instance {
        values: Some(instance.attributes?),
        unknown: None,
        sensitive: Sensitive::Paths(instance.sensitive_attributes),
        evaluated: None,
    };
    Some(Resource {
        address: Cow::Owned(state_file_address(resource, instance)),
        previous_address: None,
        module: resource.module.clone().unwrap_or_default().0,
        resource_type: resource.resource_type.0.clone(),
        name: resource.name.0.clone(),
        key: instance.index_key.clone(),
        is_data: resource.mode.as_deref() == Some("data"),
        provider_key: resource
            .provider
            .as_deref()
            .and_then(state_provider_key)
            .map(Cow::Owned),
        action: Action::Keep,
        importing: None,
        before: Some(values),
        after: Some(values),
    })
}

pub(super) fn state_file_address(
    resource: &StateFileResource<'_>,
    instance: &StateFileInstance<'_>,
) -> String {
    let mut address = String::new();
    if let Some(module) = resource
        .module
        .as_deref()
        .filter(|module| !module.is_empty())
    {
        address.push_str(module);
        address.push('.');
    }
    if resource.mode.as_deref() == Some("data") {
        address.push_str("data.");
    }
    address.push_str(&resource.resource_type);
    address.push('.');
    address.push_str(&resource.name);
    if let Some(key) = &instance.index_key {
        address.push_str(&key.to_string());
    }
    address
}

/// `module.net.provider["registry.terraform.io/hashicorp/aws"].west` to `module.net:aws.west`.
fn state_provider_key(provider: &str) -> Option<String> {
    let (module, rest) = match provider.rfind(".provider") {
        Some(at) if provider.starts_with("module.") => (Some(&provider[..at]), &provider[at + 1..]),
        _ => (None, provider),
    };
    let rest = rest.strip_prefix("provider")?;
    let name = match rest.strip_prefix("[\"") {
        Some(quoted) => {
            let (source, alias) = quoted.split_once("\"]")?;
            format!("{}{alias}", source.rsplit('/').next()?)
        }
        // Terraform 0.12 wrote `provider.aws.west`.
        None => rest.strip_prefix('.')?.to_owned(),
    };
    Some(match module {
        Some(module) => format!("{module}:{name}"),
        None => name,
    })
}

/// The parts of an address, from the members beside it or, where a tool left those out, from its text.
struct Place<'a> {
    module: Cow<'a, str>,
    resource_type: Cow<'a, str>,
    name: Cow<'a, str>,
    key: Option<InstanceKey>,
    is_data: bool,
}

impl<'a> Place<'a> {
    fn of(
        address: &Cow<'a, str>,
        module: Option<&Text<'a>>,
        mode: Option<&str>,
        resource_type: Option<&Text<'a>>,
        name: Option<&Text<'a>>,
        key: Option<&InstanceKey>,
    ) -> Self {
        let given = |text: Option<&Text<'a>>| text.map(|text| text.0.clone());
        if let (Some(resource_type), Some(name)) = (given(resource_type), given(name))
            && let Some(module) = given(module)
                .or_else(|| (!address.starts_with("module.")).then_some(Cow::Borrowed("")))
        {
            let (key, is_data) = (key.cloned(), is_data(mode, address));
            return Self {
                module,
                resource_type,
                name,
                key,
                is_data,
            };
        }
        let steps = split_steps(address);
        let (modules, own) = steps.split_at(module_end(address, &steps));
        let own = match own {
            &[(from, to), ref rest @ ..] if &address[from..to] == "data" => rest,
            own => own,
        };
        let step = |at: usize| own.get(at).map(|&(from, to)| part(address, from, to));
        let (stated_name, stated_key) = match own.get(1) {
            Some(&(from, to)) => {
                let (name, stated_key) = split_key(&address[from..to]);
                (part(address, from, from + name.len()), stated_key)
            }
            None => (Cow::Borrowed(""), None),
        };
        let module_length = modules.last().map_or(0, |&(_, to)| to);
        Self {
            module: given(module).unwrap_or_else(|| part(address, 0, module_length)),
            resource_type: given(resource_type).or_else(|| step(0)).unwrap_or_default(),
            name: given(name).unwrap_or(stated_name),
            key: key.cloned().or(stated_key),
            is_data: is_data(mode, address),
        }
    }
}

fn part<'a>(text: &Cow<'a, str>, from: usize, to: usize) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[from..to]),
        Cow::Owned(text) => Cow::Owned(text[from..to].to_owned()),
    }
}

/// Where the steps of an address between its dots begin and end, instance keys included.
fn split_steps(address: &str) -> Vec<(usize, usize)> {
    let mut steps = Vec::new();
    let (mut from, mut in_quotes, mut is_escaped) = (0, false, false);
    for (at, byte) in address.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_quotes => is_escaped = true,
            b'"' => in_quotes = !in_quotes,
            b'.' if !in_quotes => {
                steps.push((from, at));
                from = at + 1;
            }
            _ => {}
        }
    }
    steps.push((from, address.len()));
    steps
}

/// How many of the steps lead through modules. No resource type is called `module`, so each such step begins a pair.
fn module_end(address: &str, steps: &[(usize, usize)]) -> usize {
    let pairs = steps
        .chunks_exact(2)
        .take_while(|pair| &address[pair[0].0..pair[0].1] == "module");
    pairs.count() * 2
}

fn split_key(step: &str) -> (&str, Option<InstanceKey>) {
    let Some((name, key)) = step.split_once('[') else {
        return (step, None);
    };
    let key = key
        .strip_suffix(']')
        .and_then(|key| serde_json::from_str(key).ok());
    (name, key)
}

fn is_data(mode: Option<&str>, address: &str) -> bool {
    match mode {
        Some(mode) => mode == "data",
        None => {
            let steps = split_steps(address);
            steps
                .get(module_end(address, &steps))
                .is_some_and(|&(from, to)| &address[from..to] == "data")
        }
    }
}

/// The provider configurations that resources name, by module and block.
struct ProviderKeys<'p, 'a> {
    /// By module path without instance keys; then by mode, type and name.
    modules: HashMap<String, HashMap<(bool, &'p str, &'p str), &'p Text<'a>>>,
}

impl<'p, 'a> ProviderKeys<'p, 'a> {
    fn new(root: &'p ConfigModule<'a>) -> Self {
        let mut keys = Self {
            modules: HashMap::new(),
        };
        keys.add(String::new(), root);
        keys
    }

    /// Recursion is bounded by how deeply modules were nested in the text, which the parser limits.
    fn add(&mut self, path: String, module: &'p ConfigModule<'a>) {
        for (name, call) in &module.module_calls {
            let step = if path.is_empty() {
                "module."
            } else {
                ".module."
            };
            self.add(format!("{path}{step}{}", &**name), &call.module);
        }
        let blocks = module.resources.iter().filter_map(|resource| {
            let is_data = is_data(resource.mode.as_deref(), &resource.address);
            Some((
                (is_data, &*resource.resource_type, &*resource.name),
                resource.provider_config_key.as_ref()?,
            ))
        });
        self.modules.insert(path, blocks.collect());
    }

    fn of(&self, resource: &Resource<'a>) -> Option<Cow<'a, str>> {
        let blocks = self.modules.get(&*without_keys(&resource.module))?;
        let key = blocks.get(&(resource.is_data, &*resource.resource_type, &*resource.name))?;
        // The first releases of Terraform 0.12 wrote `provider.aws`.
        Some(match &key.0 {
            Cow::Borrowed(key) => Cow::Borrowed(key.strip_prefix("provider.").unwrap_or(key)),
            Cow::Owned(key) => Cow::Owned(key.strip_prefix("provider.").unwrap_or(key).to_owned()),
        })
    }
}

/// `module.net["a"].module.b[0]` to `module.net.module.b`.
pub(super) fn without_keys(module: &str) -> Cow<'_, str> {
    if !module.contains('[') {
        return Cow::Borrowed(module);
    }
    let steps = split_steps(module);
    let names: Vec<&str> = steps
        .iter()
        .map(|&(from, to)| split_key(&module[from..to]).0)
        .collect();
    Cow::Owned(names.join("."))
}

/// Decode a JSON object's wanted members; anything else than an object as a whole.
fn selected(raw: Raw<'_>, wanted: &dyn Fn(&str) -> bool) -> Result<Value, serde_json::Error> {
    skim::with_seed(raw.get(), Selected(wanted)).or_else(|_| {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        Selected(wanted).deserialize(&mut deserializer)
    })
}

struct Selected<'w>(&'w dyn Fn(&str) -> bool);

impl<'de> DeserializeSeed<'de> for Selected<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Selected<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the attributes of a resource")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = access.next_key::<Text<'de>>()? {
            if (self.0)(&name) {
                members.insert(name.0.into_owned(), access.next_value()?);
            } else {
                access.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Value::Object(members))
    }
}

/// Masks for the paths of `sensitive_attributes`.
///
/// A path through a list marks the whole list: sets have no stable index, and marking too much only hides.
/// What is no path at all marks everything.
fn masks_of_paths(paths: &Value) -> Vec<Value> {
    let Value::List(paths) = paths else {
        return Vec::new();
    };
    paths
        .iter()
        .map(|path| {
            let steps: &[Value] = if let Value::List(steps) = path {
                steps
            } else {
                &[]
            };
            let names =
                steps
                    .iter()
                    .map_while(|step| match (step.member("value"), step.member("type")) {
                        (Value::Text(name), _) => Some(name.clone()),
                        // An index is wrapped once more: {"type":"index","value":{"type":"string","value":"key"}}.
                        (index @ Value::Object(_), _) => {
                            index.member("value").as_text().filter(|_| {
                                index.member("type").as_text().as_deref() == Some("string")
                            })
                        }
                        _ => None,
                    });
            names
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .fold(Value::Bool(true), |mask, name| {
                    Value::Object(BTreeMap::from([(name, mask)]))
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::graph::fragment::Notice;
    use crate::sources::terraform::input::decode;
    use crate::sources::terraform::notices::{plan_notices, state_notices};
    use crate::sources::terraform::plan::Document;
    use proptest::prelude::*;

    const PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.11.4",
        "resource_changes":[
          {"address":"module.net[\"a\"].aws_vpc.main","module_address":"module.net[\"a\"]","mode":"managed","type":"aws_vpc",
           "name":"main","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],"before":null,
           "after":{"cidr_block":"10.0.0.0/16","key":"hunter2"},"after_unknown":{"id":true},"before_sensitive":false,
           "after_sensitive":{"key":true}}},
          {"address":"aws_vpc.kept","mode":"managed","type":"aws_vpc","name":"kept",
           "change":{"actions":["no-op"],"before":{"id":"vpc-1"},"after":{"id":"vpc-1"},"after_unknown":{}}}],
        "configuration":{"root_module":{"resources":[{"address":"aws_vpc.kept","mode":"managed","type":"aws_vpc","name":"kept",
           "provider_config_key":"aws.west"}],
          "module_calls":{"net":{"module":{"resources":[{"address":"aws_vpc.main","mode":"managed","type":"aws_vpc",
           "name":"main","provider_config_key":"module.net:aws"}]}}}}}}"#;

    /// Parse, and hand the resources and notices to `then`.
    fn with<T>(text: &str, then: impl FnOnce(Vec<Resource<'_>>, Vec<Notice>) -> T) -> T {
        match Document::parse("input.json", text).unwrap() {
            Document::Plan(plan) => then(resources(&plan), plan_notices(&plan)),
            Document::State(state) => then(state_resources(&state), state_notices(&state)),
        }
    }

    /// `aws_vpc.a` with `change`, in a plan of its own.
    fn with_change<T>(members: &str, then: impl FnOnce(&Resource<'_>, &[Notice]) -> T) -> T {
        let text = format!(
            r#"{{"resource_changes":[{{"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a",{members}}}]}}"#
        );
        with(&text, |resources, notices| then(&resources[0], &notices))
    }

    fn all(instance: Option<&Instance<'_>>) -> Value {
        instance.unwrap().read(&|_| true).unwrap()
    }

    fn summary(resources: &[Resource<'_>]) -> Vec<String> {
        let line = |resource: &Resource<'_>| {
            let sides = [("before", &resource.before), ("after", &resource.after)];
            let sides: Vec<&str> = sides
                .iter()
                .filter(|(_, side)| side.is_some())
                .map(|(name, _)| *name)
                .collect();
            format!(
                "{} {} {}",
                resource.address,
                resource.action.word(),
                sides.join("+")
            )
        };
        resources.iter().map(line).collect()
    }

    fn kinds(notices: &[Notice]) -> Vec<&str> {
        notices.iter().map(|notice| notice.kind).collect()
    }

    #[test]
    fn resources_come_sorted_with_their_provider_and_module() {
        with(PLAN, |resources, notices| {
            assert_eq!(
                summary(&resources),
                [
                    "aws_vpc.kept no-op before+after",
                    r#"module.net["a"].aws_vpc.main create after"#
                ]
            );
            assert_eq!(resources[0].provider_key.as_deref(), Some("aws.west"));
            assert_eq!(resources[0].module, "");
            assert_eq!(resources[1].provider_key.as_deref(), Some("module.net:aws"));
            assert_eq!(resources[1].module, r#"module.net["a"]"#);
            assert_eq!(notices, []);
        });
    }

    #[test]
    fn only_wanted_attributes_are_decoded_and_masks_lie_over_them() {
        with(PLAN, |resources, _| {
            let after = resources[1].after.unwrap();
            let wanted = after.read(&|name| name != "cidr_block").unwrap();
            assert_eq!(wanted.member("cidr_block"), &Value::Null);
            assert_eq!(wanted.member("id"), &Value::Unknown);
            assert_eq!(
                wanted.member("key"),
                &Value::Sensitive(Box::new(Value::Text("hunter2".into())))
            );
            let ids = after.read(&|name| name == "cidr_block").unwrap();
            assert_eq!(
                ids,
                Value::Object(BTreeMap::from([(
                    "cidr_block".into(),
                    Value::Text("10.0.0.0/16".into())
                )]))
            );
        });
    }

    #[test]
    fn a_wanted_attribute_nested_too_deeply_is_an_error_and_another_is_not() {
        let deep = format!(
            r#""change":{{"actions":["create"],"after":{{"id":"x","deep":{}{}}}}}"#,
            "[".repeat(5000),
            "]".repeat(5000)
        );
        with_change(&deep, |resource, _| {
            let after = resource.after.unwrap();
            assert!(after.read(&|name| name == "deep").is_err());
            assert!(after.read(&|name| name == "id").is_ok());
        });
    }

    #[test]
    fn every_action_has_its_sides() {
        for (actions, expected) in [
            (r#"["no-op"]"#, "aws_vpc.a no-op before+after"),
            (r#"["create"]"#, "aws_vpc.a create after"),
            (r#"["read"]"#, "aws_vpc.a read after"),
            (r#"["update"]"#, "aws_vpc.a update before+after"),
            (r#"["delete"]"#, "aws_vpc.a delete before"),
            (r#"["delete","create"]"#, "aws_vpc.a replace before+after"),
            (r#"["create","delete"]"#, "aws_vpc.a replace before+after"),
            (r#"["forget"]"#, "aws_vpc.a forget before+after"),
            ("[]", "aws_vpc.a update before+after"),
            ("null", "aws_vpc.a update before+after"),
        ] {
            let members = format!(
                r#""change":{{"actions":{actions},"before":{{"id":"1"}},"after":{{"id":"2"}}}}"#
            );
            with_change(&members, |resource, _| {
                assert_eq!(summary(std::slice::from_ref(resource)), [expected])
            });
        }
    }

    #[test]
    fn a_forgotten_object_stays_as_it_was() {
        let members = r#""change":{"actions":["forget"],"before":{"id":"vpc-1"},"after":null}"#;
        with_change(members, |resource, notices| {
            assert_eq!(
                all(resource.after.as_ref())
                    .member("id")
                    .as_text()
                    .as_deref(),
                Some("vpc-1")
            );
            assert_eq!(kinds(notices), ["no-longer-managed"]);
        });
    }

    #[test]
    fn an_object_abandoned_for_a_new_one_is_two_resources() {
        let text = r#"{"resource_changes":[{"address":"aws_vpc.a","type":"aws_vpc","name":"a",
            "change":{"actions":["create","forget"],"before":{"id":"vpc-1"},"after":{},"after_unknown":{"id":true}}}]}"#;
        with(text, |resources, _| {
            assert_eq!(
                summary(&resources),
                ["aws_vpc.a forget before+after", "aws_vpc.a create after"]
            );
            assert_eq!(
                all(resources[1].after.as_ref()).member("id"),
                &Value::Unknown
            );
        });
    }

    #[test]
    fn an_unknown_action_is_noticed_and_judged_by_its_values() {
        let members = r#""change":{"actions":["teleport"],"before":{"id":"1"},"after":null}"#;
        with_change(members, |resource, notices| {
            assert_eq!(resource.action, Action::Delete);
            assert_eq!(kinds(notices), ["unrecognised-action"]);
        });
    }

    #[test]
    fn imports_keep_their_id_and_are_noticed() {
        let members = r#""change":{"actions":["no-op"],"before":{"id":"1"},"after":{"id":"1"},"importing":{"id":"vpc-1"}}"#;
        with_change(members, |resource, notices| {
            assert_eq!(resource.importing.as_deref(), Some("vpc-1"));
            assert_eq!(resource.action, Action::Keep);
            assert_eq!(kinds(notices), ["now-visible"]);
        });
    }

    #[test]
    fn deposed_objects_are_left_out_and_noticed() {
        let text = r#"{"resource_changes":[
            {"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a","deposed":"e6a1c8f0","change":{"actions":["delete"],"before":{"id":"old"},"after":null}},
            {"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a","change":{"actions":["no-op"],"before":{"id":"new"},"after":{"id":"new"}}}]}"#;
        with(text, |resources, notices| {
            assert_eq!(summary(&resources), ["aws_vpc.a no-op before+after"]);
            assert_eq!(
                all(resources[0].before.as_ref())
                    .member("id")
                    .as_text()
                    .as_deref(),
                Some("new")
            );
            assert_eq!(kinds(&notices), ["deposed-object"]);
        });
    }

    #[test]
    fn the_truth_value_of_old_releases_does_not_depose() {
        with_change(
            r#""deposed":true,"change":{"actions":["create"],"after":{}}"#,
            |resource, notices| {
                assert_eq!(resource.action, Action::Create);
                assert_eq!(kinds(notices), [""; 0]);
            },
        );
    }

    #[test]
    fn what_the_plan_does_not_touch_is_kept_from_the_prior_state() {
        let text = r#"{"resource_changes":[{"address":"aws_vpc.b","mode":"managed","type":"aws_vpc","name":"b","previous_address":"aws_vpc.was",
              "change":{"actions":["no-op"],"before":{"id":"b"},"after":{"id":"b"}}}],
            "prior_state":{"values":{"root_module":{"resources":[
              {"address":"data.aws_vpc.d","mode":"data","type":"aws_vpc","name":"d","values":{"id":"d"}},
              {"address":"aws_vpc.was","mode":"managed","type":"aws_vpc","name":"was","values":{"id":"b"}},
              {"address":"aws_vpc.b","mode":"managed","type":"aws_vpc","name":"b","values":{"id":"stale"}}],
              "child_modules":[{"address":"module.x[0]","resources":[
                {"address":"module.x[0].aws_vpc.c[1]","mode":"managed","type":"aws_vpc","name":"c","index":1,"values":{"id":"c"}}]}]}}}}"#;
        with(text, |resources, _| {
            assert_eq!(
                summary(&resources),
                [
                    "aws_vpc.b no-op before+after",
                    "data.aws_vpc.d no-op before+after",
                    "module.x[0].aws_vpc.c[1] no-op before+after"
                ]
            );
            assert_eq!(
                all(resources[0].before.as_ref())
                    .member("id")
                    .as_text()
                    .as_deref(),
                Some("b")
            );
            assert_eq!(
                resources[0].previous_address.as_deref(),
                Some("aws_vpc.was")
            );
            assert!(resources[1].is_data && !resources[0].is_data);
            assert_eq!(resources[2].module, "module.x[0]");
            assert_eq!(resources[2].key, Some(InstanceKey::Number(1)));
        });
    }

    #[test]
    fn without_a_list_of_changes_planned_values_are_compared() {
        let text = r#"{"planned_values":{"root_module":{"resources":[
              {"address":"aws_vpc.a","type":"aws_vpc","name":"a","values":{"cidr_block":"10.0.0.0/8"}},
              {"address":"aws_vpc.b","type":"aws_vpc","name":"b","values":{"cidr_block":"10.0.0.0/8"}}]}},
            "prior_state":{"values":{"root_module":{"resources":[
              {"address":"aws_vpc.a","type":"aws_vpc","name":"a","values":{"cidr_block":"11.0.0.0/8"}},
              {"address":"aws_vpc.b","type":"aws_vpc","name":"b","values":{"cidr_block":"10.0.0.0/8"}}]}}}}"#;
        with(text, |resources, notices| {
            assert_eq!(
                summary(&resources),
                [
                    "aws_vpc.a update before+after",
                    "aws_vpc.b no-op before+after"
                ]
            );
            assert_eq!(kinds(&notices), ["missing-resource-changes"]);
        });
    }

    #[test]
    fn what_a_filter_left_out_of_the_changes_comes_from_the_planned_values() {
        let planned = r#""planned_values":{"root_module":{"resources":[
              {"address":"aws_vpc.a","type":"aws_vpc","name":"a","values":{"cidr_block":"10.0.0.0/8"}},
              {"address":"aws_vpc.b","type":"aws_vpc","name":"b","values":{"cidr_block":"10.0.0.0/8"}}]}}"#;
        let without_prior_state = format!(
            r#"{{{planned},"resource_changes":[{{"address":"aws_vpc.a","type":"aws_vpc","name":"a",
                "change":{{"actions":["create"],"before":null,"after":{{"cidr_block":"10.0.0.0/8"}}}}}}]}}"#
        );
        with(&without_prior_state, |resources, _| {
            assert_eq!(
                summary(&resources),
                ["aws_vpc.a create after", "aws_vpc.b create after"]
            );
        });
        let without_values = format!(
            r#"{{{planned},"prior_state":{{"values":{{"root_module":{{}}}}}},"resource_changes":[
                {{"address":"aws_vpc.b","type":"aws_vpc","name":"b","change":{{"actions":["create"]}}}}]}}"#
        );
        with(&without_values, |resources, _| {
            assert!(resources.iter().all(|resource| resource.after.is_some()));
            assert_eq!(resources.len(), 2);
        });
    }

    #[test]
    fn parts_that_a_filter_left_out_come_from_the_address() {
        let text = r#"{"resource_changes":[
            {"address":"module.a[\"x.y\"].module.b.data.aws_vpc.main[\"k\"]","change":{"actions":["read"],"after":{}}},
            {"address":"module.c.aws_vpc.main[2]","type":"aws_vpc","change":{"actions":["create"],"after":{}}}]}"#;
        with(text, |resources, _| {
            let data = &resources[0];
            assert_eq!(
                (&*data.module, &*data.resource_type, &*data.name),
                (r#"module.a["x.y"].module.b"#, "aws_vpc", "main")
            );
            assert_eq!(
                (data.is_data, &data.key),
                (true, &Some(InstanceKey::Text("k".into())))
            );
            let managed = &resources[1];
            assert_eq!(
                (&*managed.module, &*managed.name, managed.is_data),
                ("module.c", "main", false)
            );
            assert_eq!(managed.key, Some(InstanceKey::Number(2)));
        });
    }

    #[test]
    fn a_state_file_gives_the_addresses_that_terraform_writes() {
        let text = r#"{"version":4,"serial":1,"lineage":"x","resources":[
            {"module":"module.net[\"a\"]","mode":"managed","type":"aws_vpc","name":"y","provider":"provider[\"registry.terraform.io/hashicorp/aws\"].west",
             "instances":[{"index_key":0,"attributes":{"id":"v"}},{"index_key":"a\"${b}","attributes":{"id":"w"}},
               {"index_key":0,"deposed":"1234abcd","attributes":{}},{"index_key":5,"attributes_flat":{"id":"u"}}]},
            {"mode":"data","type":"aws_vpc","name":"z","provider":"module.m.provider[\"registry.opentofu.org/hashicorp/aws\"]","instances":[
              {"attributes":{"id":"x","key":"hunter2","tags":{"a":"1","b":"2"},"list":[{"c":"3"}]},
               "sensitive_attributes":[[{"type":"get_attr","value":"key"}],
                 [{"type":"get_attr","value":"tags"},{"type":"index","value":{"type":"string","value":"a"}}],
                 [{"type":"get_attr","value":"list"},{"type":"index","value":{"type":"number","value":0}},{"type":"get_attr","value":"c"}]]}]}]}"#;
        with(text, |resources, notices| {
            assert_eq!(
                summary(&resources),
                [
                    "data.aws_vpc.z no-op before+after",
                    r#"module.net["a"].aws_vpc.y["a\"$${b}"] no-op before+after"#,
                    r#"module.net["a"].aws_vpc.y[0] no-op before+after"#,
                ]
            );
            assert_eq!(resources[0].provider_key.as_deref(), Some("module.m:aws"));
            assert_eq!(resources[1].provider_key.as_deref(), Some("aws.west"));
            let id = resources[0]
                .after
                .unwrap()
                .read(&|name| name == "id")
                .unwrap();
            assert_eq!(
                id,
                Value::Object(BTreeMap::from([("id".into(), Value::Text("x".into()))]))
            );
            let values = all(resources[0].after.as_ref());
            assert_eq!(values.member("id").as_text().as_deref(), Some("x"));
            assert_eq!(values.member("key").as_text(), None);
            assert_eq!(values.member("tags").member("a").as_text(), None);
            assert_eq!(
                values.member("tags").member("b").as_text().as_deref(),
                Some("2")
            );
            assert!(matches!(values.member("list"), Value::Sensitive(_)));
            assert_eq!(kinds(&notices), ["deposed-object", "flat-attributes"]);
        });
    }

    #[test]
    fn provider_keys_of_every_release_are_read() {
        assert_eq!(state_provider_key("provider.aws").as_deref(), Some("aws"));
        assert_eq!(
            state_provider_key("provider.aws.west").as_deref(),
            Some("aws.west")
        );
        assert_eq!(
            state_provider_key(r#"module.a.module.b.provider["x/hashicorp/aws"].west"#).as_deref(),
            Some("module.a.module.b:aws.west")
        );
        assert_eq!(state_provider_key("aws"), None);
        assert_eq!(state_provider_key(r#"provider["x"#), None);
    }

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!(
            "{}/tests/fixtures/plans/{name}",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap()
    }

    #[test]
    fn real_plans_and_states_are_read() {
        let read = |name: &str| {
            let bytes = fixture(name);
            let text = decode(name, &bytes).unwrap();
            with(&text, |resources, notices| {
                (summary(&resources), kinds(&notices).join(" "))
            })
        };
        let (moved, _) = read("moved.json");
        assert_eq!(
            moved,
            ["aws_iam_role_policy_attachment.platform_data_lake_export no-op before+after"]
        );
        let (imported, notices) = read("import.json");
        assert_eq!(imported.len(), 3);
        assert_eq!(notices, "now-visible now-visible");
        let (from_powershell, _) = read("utf16.json");
        assert_eq!(from_powershell, ["aws_s3_bucket.data create after"]);
        let (state, _) = read("google.tfstate");
        assert!(
            state.contains(&"google_compute_network.vpc no-op before+after".to_owned()),
            "{state:?}"
        );
    }

    /// Everything a reader does with any bytes; the result does not matter.
    fn read_everything(bytes: Vec<u8>) {
        let Ok(text) = decode("input", &bytes) else {
            return;
        };
        let (resources, _) = match Document::parse("input", &text) {
            Ok(Document::Plan(plan)) => {
                let _ = crate::sources::terraform::providers::provider_regions(&plan);
                (resources(&plan), plan_notices(&plan))
            }
            Ok(Document::State(state)) => (state_resources(&state), state_notices(&state)),
            Err(error) => {
                assert!(!error.to_string().contains("hunter2"), "{error}");
                return;
            }
        };
        for instance in resources
            .iter()
            .flat_map(|resource| [resource.before, resource.after])
            .flatten()
        {
            let _ = instance.read(&|_| true);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            read_everything(bytes);
        }

        #[test]
        fn no_truncation_and_no_mutation_of_a_plan_makes_a_reader_panic(
            length in 0..=PLAN.len(),
            edits in proptest::collection::vec((0..PLAN.len(), prop_oneof![any::<u8>(), proptest::sample::select(b"{}[]\",:.0a".to_vec())]), 0..4),
            packed in any::<bool>(),
        ) {
            let mut bytes = PLAN.as_bytes().to_vec();
            for (at, byte) in edits {
                bytes[at] = byte;
            }
            bytes.truncate(length);
            if packed {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                std::io::Write::write_all(&mut encoder, &bytes).unwrap();
                bytes = encoder.finish().unwrap();
            }
            read_everything(bytes);
        }

        #[test]
        fn no_address_makes_a_reader_panic(address in r#"(module|data|a|\.|\[|\]|"|\\|é|0){0,12}"#) {
            let member = serde_json::Value::from(address.as_str());
            read_everything(format!(r#"{{"resource_changes":[{{"address":{member}}}]}}"#).into_bytes());
            let _ = without_keys(&address);
            let _ = state_provider_key(&address);
        }

        #[test]
        fn an_instance_key_is_written_as_it_is_read(key in any::<String>()) {
            prop_assume!(!key.contains("${") && !key.contains("%{"));
            let written = format!("a{}", InstanceKey::Text(key.clone()));
            prop_assert_eq!(split_key(&written), ("a", Some(InstanceKey::Text(key))));
        }
    }
}
