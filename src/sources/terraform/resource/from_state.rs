//! What a state says of every instance, shown or as a file.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::graph::origin::Action;

use super::super::plan::{
    ModuleValues, State, StateFileInstance, StateFileResource, StateResource,
};
use super::place::Place;
use super::{Instance, Resource, Sensitive};

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
pub(super) struct CurrentObjects<'p, 'a> {
    pub(super) in_order: Vec<&'p StateResource<'a>>,
    pub(super) by_address: HashMap<&'p str, &'p StateResource<'a>>,
}

pub(super) fn current_objects<'p, 'a>(
    root: Option<&'p ModuleValues<'a>>,
) -> CurrentObjects<'p, 'a> {
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
pub(in super::super) fn collect_objects<'p, 'a>(
    module: Option<&'p ModuleValues<'a>>,
    objects: &mut Vec<&'p StateResource<'a>>,
) {
    let Some(module) = module else { return };
    objects.extend(&module.resources);
    for child in &module.child_modules {
        collect_objects(Some(child), objects);
    }
}

pub(super) fn instance_of<'a>(resource: &StateResource<'a>) -> Instance<'a> {
    Instance {
        values: resource.values,
        unknown: None,
        sensitive: Sensitive::Mask(resource.sensitive_values),
        evaluated: None,
    }
}

pub(super) fn from_state<'a>(
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

pub(in super::super) fn state_file_address(
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
pub(super) fn state_provider_key(provider: &str) -> Option<String> {
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
