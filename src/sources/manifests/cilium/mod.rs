//! Cilium: what its transparent encryption covers, which clusters its Cluster Mesh joins, and what its policies say.
//!
//! `install` reads what holds for a whole cluster, `policy` who may call whom. Global Services are read here.

mod install;
mod policy;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::graph::fragment::Topic;

use super::declare::{Boundary, Declarations, Statement};
use super::estate::{Cluster, Estate};
use super::object::{ClusterName, Object};
use super::systems::{Document, Meaning, System};
use super::yaml::Node;

use install::Installation;

/// Cilium.
pub(super) const SYSTEM: System = System {
    name: "Cilium",
    groups: &[".cilium.io"],
    kinds: &[
        ("CiliumValues", Meaning::Modelled),
        ("CiliumNetworkPolicy", Meaning::Modelled),
        ("CiliumClusterwideNetworkPolicy", Meaning::Modelled),
        ("CiliumCIDRGroup", Meaning::Modelled),
        ("CiliumEgressGatewayPolicy", Meaning::Modelled),
        ("CiliumNodeConfig", Meaning::Modelled),
        ("CiliumBGPPeeringPolicy", Meaning::Modelled),
        ("CiliumBGPClusterConfig", Meaning::Modelled),
        ("CiliumEndpoint", Meaning::Irrelevant),
        ("CiliumEndpointSlice", Meaning::Irrelevant),
        ("CiliumIdentity", Meaning::Irrelevant),
        ("CiliumNode", Meaning::Irrelevant),
        ("CiliumPodIPPool", Meaning::Irrelevant),
        ("CiliumBGPPeerConfig", Meaning::Irrelevant),
        (
            "CiliumBGPAdvertisement",
            Meaning::NotYet("which addresses BGP peers are told of"),
        ),
        (
            "CiliumBGPNodeConfigOverride",
            Meaning::NotYet("BGP settings of single nodes"),
        ),
        (
            "CiliumLoadBalancerIPPool",
            Meaning::NotYet("which addresses load balancers get"),
        ),
        (
            "CiliumL2AnnouncementPolicy",
            Meaning::NotYet("on which networks addresses of load balancers are answered for"),
        ),
        (
            "CiliumEnvoyConfig",
            Meaning::NotYet("proxy configuration that can let callers in or keep them out"),
        ),
        (
            "CiliumClusterwideEnvoyConfig",
            Meaning::NotYet("proxy configuration that can let callers in or keep them out"),
        ),
        (
            "CiliumLocalRedirectPolicy",
            Meaning::NotYet("traffic that is sent to another pod of the same node"),
        ),
    ],
    document_words: &[
        "clustermesh",
        "kubeProxyReplacement",
        "policyEnforcementMode",
        "nodeEncryption",
        "tunnelProtocol",
        "bgpControlPlane",
        "wireguard",
    ],
    document,
    languages: &[],
    cluster,
    is_cluster_wide,
    declare,
};

/// What its values files are sorted under.
const VALUES: &str = "CiliumValues";

/// Whether a document is a values file of the chart of Cilium, or of one that holds it.
fn document(root: &Node) -> Option<Document> {
    let is_it = |node: &Node| {
        let has = |key: &str| node.get(key).is_some();
        let has_map = |key: &str| node.get(key).is_some_and(Node::is_map);
        let encrypts = matches!(
            node.text_at(&["encryption", "type"]),
            Some("wireguard" | "ipsec" | "ztunnel")
        );
        encrypts
            || has_map("clustermesh")
            || has("kubeProxyReplacement")
            || has("tunnelProtocol")
            || has_map("bgpControlPlane")
            || node.text_at(&["policyEnforcementMode"]).is_some()
            || node.at(&["encryption", "nodeEncryption"]).is_some()
            || node.at(&["encryption", "strictMode"]).is_some()
    };
    let inner = root.get("cilium").filter(|inner| is_it(inner));
    let node = inner.or_else(|| is_it(root).then_some(root))?;
    Some(Document {
        kind: VALUES.to_owned(),
        group: "values.cilium.io",
        cluster: named(node.text_at(&["cluster", "name"])).map(str::to_owned),
        ..Document::default()
    })
}

/// A name that tells a cluster apart: the chart's own default and variables do not.
fn named(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !matches!(*name, "" | "default") && !name.contains(['$', '{', '<']))
}

/// The cluster that an installation is for, by its own words.
fn cluster<'n>(group: &str, kind: &str, root: &'n Node) -> Option<&'n str> {
    let name = root.text_at(&["metadata", "name"]);
    let told = match (kind, name) {
        ("ConfigMap", Some(install::CONFIG)) if group.is_empty() => {
            root.text_at(&["data", "cluster-name"])
        }
        ("HelmRelease", Some("cilium")) => root.text_at(&["spec", "values", "cluster", "name"]),
        _ => None,
    };
    named(told)
}

fn is_cluster_wide(object: &Object) -> bool {
    Installation::of(object).is_some()
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    let mut all: Vec<install::Cilium<'_, '_>> = estate
        .clusters
        .values()
        .map(install::Cilium::of)
        .filter(install::Cilium::is_used)
        .collect();
    install::resolve_names(&mut all);
    install::declare(&all, declarations);
    for cilium in &all {
        policy::declare(cilium, declarations);
        global_services(cilium, &all, declarations);
    }
}

/// Services that the clusters of a mesh share: pods of one take what is meant for the Service of that name in another.
fn global_services(
    cilium: &install::Cilium<'_, '_>,
    all: &[install::Cilium<'_, '_>],
    declarations: &mut Declarations<'_>,
) {
    let shown = cilium.name().as_deref().unwrap_or("unnamed").to_owned();
    let others: BTreeSet<&ClusterName> = all
        .iter()
        .filter(|other| other.joins(cilium.name()) || cilium.joins(other.name()))
        .map(install::Cilium::name)
        .filter(|name| *name != cilium.name())
        .collect();
    for service in &cilium.cluster.services {
        let object = service.object;
        let says = |keys: [&str; 2]| {
            let value = keys.iter().find_map(|key| object.annotation(key))?;
            Some(value.eq_ignore_ascii_case("true"))
        };
        if says(["service.cilium.io/global", "io.cilium/global-service"]) != Some(true) {
            continue;
        }
        let is_shared =
            says(["service.cilium.io/shared", "io.cilium/shared-service"]) != Some(false);
        let name = object.identity.qualified_name();
        let mut of = vec![
            Boundary::Cluster(cilium.name().clone()),
            Boundary::around(&object.identity),
        ];
        let (value, openness, words) = if is_shared {
            of.extend(cilium.cluster.behind(service).into_iter().map(Boundary::of));
            of.extend(others.iter().map(|name| Boundary::Cluster((*name).clone())));
            (
                "shared",
                2,
                format!(
                    "is in a mesh in which cluster {shown} shares its service {name} with all clusters, and calls theirs of that name"
                ),
            )
        } else {
            (
                "taken",
                1,
                format!(
                    "is in a mesh in which cluster {shown} calls services {name} of other clusters too, and keeps its own to itself"
                ),
            )
        };
        declarations.state(
            &of,
            Statement {
                topic: Topic::Export,
                about: format!("global service {name} of {shown}"),
                matter: format!("global service {name}"),
                value: value.to_owned(),
                openness,
                words,
                origins: declarations.origins_of([object]),
            },
        );
    }
}

/// Whether any object of a cluster is Cilium's, before or after.
fn is_mentioned(cluster: &Cluster<'_>) -> bool {
    cluster.uses(".cilium.io") || cluster.uses("io.cilium")
}
