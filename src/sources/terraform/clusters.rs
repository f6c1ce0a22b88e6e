//! Resources that are Kubernetes clusters: what people call them, so that manifests can be placed where they run.

use std::collections::BTreeMap;

use super::resource::Resource;

/// The types, and the arguments that hold a cluster's name. Of the arguments that lead into networks, the catalog knows.
const TYPES: &[(&str, &str)] = &[
    ("aws_eks_cluster", "name"),
    ("azurerm_kubernetes_cluster", "name"),
    ("google_container_cluster", "name"),
];

/// Whether a resource is a cluster.
#[must_use]
pub(super) fn is_cluster(resource_type: &str) -> bool {
    TYPES.iter().any(|(known, _)| *known == resource_type)
}

/// The names of clusters, by the address of their resource.
#[must_use]
pub(super) fn names(resources: &[Resource<'_>]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for resource in resources.iter().filter(|resource| !resource.is_data) {
        let known = TYPES
            .iter()
            .find(|(known, _)| *known == resource.resource_type);
        let Some((_, argument)) = known else {
            continue;
        };
        let sides = [&resource.after, &resource.before];
        let name = sides.into_iter().flatten().find_map(|instance| {
            let values = instance.read(&|name| name == *argument).ok()?;
            values.member(argument).as_text()
        });
        names.extend(name.map(|name| (resource.address.to_string(), name)));
    }
    names
}
