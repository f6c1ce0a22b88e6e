//! Istio, with sidecars and, as far as its objects tell, ambient.
//!
//! `install` reads what holds for a whole mesh: trust, networks, member clusters; `components` the Services of the gateways that
//! an installation makes. `inbound` folds which traffic every workload
//! port takes and what callers have to prove, `targets` reads
//! policies bound to gateways and waypoints, `membership` what is in the mesh, `addresses` finds callers let in by address. `traffic` reads what clients and gateways do.

mod addresses;
mod components;
mod inbound;
mod install;
mod membership;
mod targets;
#[cfg(test)]
mod tests;
mod traffic;

pub(super) use components::services as services_of;

use super::charts;
use super::declare::Declarations;
use super::estate::{Cluster, Estate};
use super::object::Object;
use super::systems::{Document, Meaning, System};
use super::yaml::Node;

/// The authorization policies in force: one that is only tried out (`istio.io/dry-run`) is logged and keeps nobody out.
/// <https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/>, read 2026-11-22.
pub(super) fn authorization_policies<'s, 'm>(
    cluster: &'s Cluster<'m>,
) -> impl Iterator<Item = &'m Object> + 's {
    let path = ["metadata", "annotations", "istio.io/dry-run"];
    let all = cluster.of_kind("security.istio.io", "AuthorizationPolicy");
    all.filter(move |policy| policy.root.text_at(&path) != Some("true"))
}

/// Istio.
pub(super) const SYSTEM: System = System {
    name: "Istio",
    groups: &[".istio.io", "sailoperator.io", "operator.istio.io"],
    kinds: &[
        ("PeerAuthentication", Meaning::Modelled),
        ("RequestAuthentication", Meaning::Modelled),
        ("AuthorizationPolicy", Meaning::Modelled),
        ("DestinationRule", Meaning::Modelled),
        ("Gateway", Meaning::Modelled),
        ("VirtualService", Meaning::Modelled),
        ("ServiceEntry", Meaning::Modelled),
        ("Sidecar", Meaning::Modelled),
        ("EnvoyFilter", Meaning::Modelled),
        ("WorkloadEntry", Meaning::Modelled),
        ("WorkloadGroup", Meaning::Modelled),
        ("IstioOperator", Meaning::Modelled),
        ("Istio", Meaning::Modelled),
        ("IstioValues", Meaning::Modelled),
        (GATEWAY_VALUES, Meaning::Modelled),
        ("Telemetry", Meaning::Irrelevant),
        ("ProxyConfig", Meaning::Irrelevant),
        ("IstioRevision", Meaning::Irrelevant),
        ("IstioRevisionTag", Meaning::Irrelevant),
        ("IstioCNI", Meaning::Irrelevant),
        ("ZTunnel", Meaning::Irrelevant),
        (
            "WasmPlugin",
            Meaning::NotYet("code in proxies that can let callers in or keep them out"),
        ),
        (
            "TrafficExtension",
            Meaning::NotYet("code in proxies that can let callers in or keep them out"),
        ),
    ],
    document_words: &[
        "meshConfig",
        "multiCluster",
        "meshID",
        "meshNetworks",
        "networkGateway",
        "istio",
    ],
    document,
    languages: &[],
    cluster,
    is_cluster_wide,
    declare,
};

/// What Istio's own namespace is called unless something says otherwise.
const ROOT_NAMESPACE: &str = "istio-system";

/// What values for the charts of gateways are sorted under.
const GATEWAY_VALUES: &str = "IstioGatewayValues";

/// Whether a document is a values file of the charts of Istio, nested under the chart's name or not.
fn document(root: &Node) -> Option<Document> {
    let is_istiod = |values: &Node| {
        values.get("meshConfig").is_some_and(Node::is_map)
            || ["meshID", "network", "multiCluster"]
                .iter()
                .any(|key| values.at(&["global", key]).is_some())
    };
    let nested = |name: &str, is_it: &dyn Fn(&Node) -> bool| {
        let inner = root.get(name).filter(|inner| inner.is_map());
        inner.is_some_and(is_it)
    };
    let kind = if is_istiod(root) || nested("istiod", &is_istiod) {
        "IstioValues"
    } else if components::is_for_gateway(root) || nested("gateway", &components::is_for_gateway) {
        GATEWAY_VALUES
    } else {
        return None;
    };
    let values = root.get("istiod").unwrap_or(root);
    let cluster = values.text_at(&["global", "multiCluster", "clusterName"]);
    Some(Document {
        group: "values.istio.io",
        kind: kind.to_owned(),
        cluster: cluster.map(str::to_owned),
        ..Document::default()
    })
}

/// The cluster that an installation is for, by its own words.
fn cluster<'n>(group: &str, kind: &str, root: &'n Node) -> Option<&'n str> {
    let is_install = kind == "IstioOperator" && group == "install.istio.io"
        || kind == "Istio" && group.ends_with("sailoperator.io");
    let is_release = kind == "HelmRelease"
        && root.text_at(&["spec", "chart", "spec", "chart"]) == Some("istiod");
    let name = root.text_at(&["spec", "values", "global", "multiCluster", "clusterName"]);
    name.filter(|name| (is_install || is_release) && !name.is_empty())
}

/// Without a selector in the root namespace, a policy holds for all of the cluster.
fn is_cluster_wide(object: &Object) -> bool {
    let identity = &object.identity;
    let kinds = ["IstioOperator", "IstioValues", GATEWAY_VALUES, "Istio"];
    let is_install = kinds.contains(&identity.kind.as_str());
    let is_policy = object.is(".istio.io", &identity.kind)
        && install::selector(object).is_empty()
        && !targets::is_targeted(object);
    is_install
        || install::is_mesh_config(object)
        || charts::handed(object, "istiod", "IstioValues").is_some()
        || is_policy && identity.namespace.as_deref() == Some(ROOT_NAMESPACE)
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    let meshes: Vec<install::Mesh<'_, '_>> = estate
        .clusters
        .values()
        .filter(|cluster| is_used(cluster))
        .map(install::Mesh::of)
        .collect();
    install::declare(&meshes, declarations);
    for mesh in &meshes {
        inbound::declare(mesh, declarations);
        addresses::declare(mesh, declarations);
        traffic::declare(mesh, declarations);
    }
}

/// Whether a cluster has Istio, before or after.
fn is_used(cluster: &Cluster<'_>) -> bool {
    cluster.uses(".istio.io")
        || cluster.uses("istio-injection")
        || cluster.uses("sailoperator.io")
        || {
            let mut objects = cluster.objects.iter();
            objects.any(|object| {
                install::is_mesh_config(object)
                    || charts::handed(object, "istiod", "IstioValues").is_some()
            })
        }
}
