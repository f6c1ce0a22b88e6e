//! What a plan says of every instance: its changes, and what it keeps as it is.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::graph::origin::Action;

use super::super::plan::{ConfigModule, Plan, ResourceChange, Text};
use super::from_state::{CurrentObjects, current_objects, from_state, instance_of};
use super::place::{Place, is_data, without_keys};
use super::{Instance, Resource, Sensitive};

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

/// The key of a deposed object. The truth value of Terraform 0.12 is ignored: it was set on the wrong objects.
pub(in super::super) fn deposed_key(change: &ResourceChange<'_>) -> Option<String> {
    serde_json::from_str::<String>(change.deposed?.get())
        .ok()
        .filter(|key| !key.is_empty())
}

/// The words of a change's actions, and whether all of them are understood.
pub(in super::super) fn words_of<'p>(change: &'p ResourceChange<'_>) -> (Vec<&'p str>, bool) {
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

/// The provider configurations that resources name, by module and block.
struct ProviderKeys<'p, 'a> {
    /// By module path without instance keys; then by mode, type and name.
    modules: HashMap<String, HashMap<(bool, &'p str, &'p str), &'p Text<'a>>>,
}

impl<'p, 'a> ProviderKeys<'p, 'a> {
    pub(super) fn new(root: &'p ConfigModule<'a>) -> Self {
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

    pub(super) fn of(&self, resource: &Resource<'a>) -> Option<Cow<'a, str>> {
        let blocks = self.modules.get(&*without_keys(&resource.module))?;
        let key = blocks.get(&(resource.is_data, &*resource.resource_type, &*resource.name))?;
        // The first releases of Terraform 0.12 wrote `provider.aws`.
        Some(match &key.0 {
            Cow::Borrowed(key) => Cow::Borrowed(key.strip_prefix("provider.").unwrap_or(key)),
            Cow::Owned(key) => Cow::Owned(key.strip_prefix("provider.").unwrap_or(key).to_owned()),
        })
    }
}
