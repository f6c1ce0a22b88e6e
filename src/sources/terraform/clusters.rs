//! Resources that are Kubernetes clusters: what people call them, so that manifests can be placed where they run, and what
//! becomes of them.

use std::collections::BTreeSet;

use crate::graph::origin::{Action, Origin, OriginId, Origins};
use crate::location::Location;

use super::resource::{Instance, Resource};

/// The types, and the arguments that hold a cluster's name. Of the arguments that lead into networks, the catalog knows.
const TYPES: &[(&str, &str)] = &[
    ("aws_eks_cluster", "name"),
    ("azurerm_kubernetes_cluster", "name"),
    ("google_container_cluster", "name"),
];

/// Whether a resource is a cluster.
#[must_use]
pub fn is_cluster(resource_type: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == resource_type)
}

/// A cluster that Terraform makes.
#[derive(Debug, Clone)]
pub struct ClusterResource {
    /// Its address after moves.
    pub address: String,
    /// Its address before a `moved` block, if that differs.
    pub previous_address: Option<String>,
    /// Whether it is there, before and after.
    pub is_there: [bool; 2],
    /// What it is called, before and after, as far as that is told.
    pub names: [Option<String>; 2],
    /// It is destroyed and made anew: by what a plan says, or by its name, which none of these can change.
    pub is_replaced: bool,
    /// What is about to happen to it.
    pub origin: OriginId,
}

impl ClusterResource {
    /// Every name it bears, before or after.
    #[must_use]
    pub fn all_names(&self) -> BTreeSet<&str> {
        self.names.iter().flatten().map(String::as_str).collect()
    }
}

/// The clusters among some resources.
pub(super) fn clusters(
    resources: &[Resource<'_>],
    scope: &str,
    locate: &dyn Fn(&Resource<'_>) -> Option<Location>,
    origins: &mut Origins,
) -> Vec<ClusterResource> {
    let mut found = Vec::new();
    for resource in resources.iter().filter(|resource| !resource.is_data) {
        let known = TYPES
            .iter()
            .find(|(known, _)| *known == resource.resource_type);
        let Some((_, argument)) = known else {
            continue;
        };
        let name = |instance: &Option<Instance<'_>>| {
            let values = instance.as_ref()?.read(&|name| name == *argument).ok()?;
            values.member(argument).as_text()
        };
        let names = [name(&resource.before), name(&resource.after)];
        let is_called_otherwise = matches!(&names, [Some(before), Some(after)] if before != after);
        let origin = origins.add(Origin {
            address: resource.address.to_string(),
            action: resource.action,
            attributes: Vec::new(),
            location: locate(resource),
            carrier: None,
            stack: scope.to_owned(),
            is_imported: resource.action == Action::Create && resource.importing.is_some(),
            steps: Vec::new(),
        });
        found.push(ClusterResource {
            address: resource.address.to_string(),
            previous_address: resource.previous_address.as_ref().map(ToString::to_string),
            is_there: [
                resource.before.is_some(),
                // What is only forgotten runs on.
                resource.after.is_some() || resource.action == Action::Forget,
            ],
            names,
            is_replaced: resource.action == Action::Replace || is_called_otherwise,
            origin,
        });
    }
    found
}
