//! Consul: entries as objects and as files, agents in HCL and JSON, values of its chart.
//!
//! `shape` reads all of these alike. `api_gateway` reads the gateways that calls come in by, `inbound` folds what proxies take and who may call, `joins` reads what a datacenter shares
//! with others and opens to the outside, `agent` what agents ask of each other and of those who call them, `authority` who signs
//! certificates. A datacenter outside Kubernetes is a cluster by its name, and its services are workloads of that.

mod agent;
mod api_gateway;
mod authority;
mod inbound;
mod joins;
mod shape;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::graph::node::NodeKind;

use super::declare::{Boundary, Declarations};
use super::estate::{Cluster, Estate};
use super::hcl;
use super::object::Identity;
use super::systems::{Language, Meaning, System};

pub(super) use api_gateway::{given, is_class};
pub(super) use shape::values;
use shape::{Datacenter, Entry};

/// Consul.
pub(super) const SYSTEM: System = System {
    name: "Consul",
    groups: &[".consul.hashicorp.com"],
    kinds: &[
        ("Mesh", Meaning::Modelled),
        ("ProxyDefaults", Meaning::Modelled),
        ("ServiceDefaults", Meaning::Modelled),
        ("ServiceIntentions", Meaning::Modelled),
        ("ExportedServices", Meaning::Modelled),
        ("SamenessGroup", Meaning::Modelled),
        ("PeeringAcceptor", Meaning::Modelled),
        ("PeeringDialer", Meaning::Modelled),
        ("TerminatingGateway", Meaning::Modelled),
        ("IngressGateway", Meaning::Modelled),
        ("ServiceResolver", Meaning::Modelled),
        ("APIGateway", Meaning::Modelled),
        ("HTTPRoute", Meaning::Modelled),
        ("TCPRoute", Meaning::Modelled),
        ("GatewayClassConfig", Meaning::Modelled),
        ("GatewayPolicy", Meaning::Modelled),
        ("RouteAuthFilter", Meaning::Modelled),
        ("JWTProvider", Meaning::Modelled),
        ("ConsulAgent", Meaning::Modelled),
        ("ConsulValues", Meaning::Modelled),
        ("ServiceRouter", Meaning::Irrelevant),
        ("ServiceSplitter", Meaning::Irrelevant),
        ("ControlPlaneRequestLimit", Meaning::Irrelevant),
        ("FileSystemCertificate", Meaning::Irrelevant),
        ("InlineCertificate", Meaning::Irrelevant),
        ("RouteRetryFilter", Meaning::Irrelevant),
        ("RouteTimeoutFilter", Meaning::Irrelevant),
        ("MeshService", Meaning::NotYet("services that peers see")),
        (
            "Registration",
            Meaning::NotYet("services outside Kubernetes"),
        ),
    ],
    document_words: shape::WORDS,
    document: shape::document,
    languages: &[Language {
        may_be: |path| path.ends_with(".hcl") && !path.ends_with(".terraform.lock.hcl"),
        may_hold,
        read: |file| hcl::documents(file.text),
    }],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| {
        let identity = &object.identity;
        object.is(".consul.hashicorp.com", &identity.kind) && identity.namespace.is_none()
    },
    declare,
};

/// Whether an HCL file may be Consul's: many others write HCL, and a file that is not Consul's is not to be complained of.
fn may_hold(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let is_lone_key = || bytes.len() < 1_000 && has("encrypt");
    let words = || shape::WORDS.iter().filter(|word| **word != "data_dir");
    words().any(|word| has(word)) && !has("plugin_dir")
        || has("data_dir") && has("datacenter")
        || is_lone_key()
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    let datacenters = shape::datacenters(estate);
    for datacenter in &datacenters {
        services(datacenter, declarations);
        inbound::declare(datacenter, declarations);
        joins::declare(datacenter, &datacenters, declarations);
        api_gateway::declare(datacenter, declarations);
        agent::declare(datacenter, &datacenters, declarations);
        authority::declare(datacenter, declarations);
    }
}

/// The annotation that takes pods into the mesh, or keeps them out.
const INJECT: &str = "consul.hashicorp.com/connect-inject";

/// What stands for a service that no workload of the files is behind.
fn service_identity(cluster: &Cluster<'_>, service: &str, namespace: Option<&str>) -> Identity {
    Identity {
        cluster: cluster.name.clone(),
        group: shape::GROUP.to_owned(),
        kind: "service".to_owned(),
        namespace: namespace.map(str::to_owned),
        name: service.to_owned(),
    }
}

/// What an object without a namespace lies in, and one with.
fn around(cluster: &Cluster<'_>, namespace: Option<&str>) -> Boundary {
    match namespace {
        Some(namespace) => Boundary::Namespace(cluster.name.clone(), Some(namespace.to_owned())),
        None => Boundary::Cluster(cluster.name.clone()),
    }
}

/// The boundaries that a fact of a service holds of: its workloads, and what those lie in.
fn bearers(
    datacenter: &Datacenter<'_, '_>,
    service: &str,
    namespace: Option<&str>,
) -> BTreeSet<Boundary> {
    let cluster = datacenter.cluster;
    let mut of = BTreeSet::new();
    if service == "*" {
        of.insert(Boundary::Cluster(cluster.name.clone()));
        let namespaces = cluster.namespaces.keys();
        of.extend(
            namespaces.map(|one| Boundary::Namespace(cluster.name.clone(), Some(one.clone()))),
        );
        return of;
    }
    let workloads = datacenter.workloads_of(service, namespace);
    for workload in &workloads {
        of.insert(Boundary::of(workload));
        of.insert(Boundary::around(workload.identity()));
    }
    if workloads.is_empty() {
        of.insert(Boundary::Workload(service_identity(
            cluster, service, namespace,
        )));
        of.insert(around(cluster, namespace));
    }
    of
}

/// The services that entries are about and no workload is behind, each a part of the graph.
fn services(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    let cluster = datacenter.cluster;
    let mut known: BTreeSet<Identity> = BTreeSet::new();
    for entry in &datacenter.entries {
        for (service, namespace) in services_of(entry) {
            let namespace = namespace.or(entry.namespace.as_deref());
            let identity = service_identity(cluster, service, namespace);
            let is_unknown = service != "*"
                && datacenter.workloads_of(service, namespace).is_empty()
                && known.insert(identity.clone());
            if is_unknown {
                let origin = declarations.origin(entry.object);
                declarations.node(
                    &Boundary::Workload(identity),
                    NodeKind::Workload,
                    "service",
                    service,
                    vec![around(cluster, namespace).reference()],
                    origin,
                );
            }
        }
    }
}

/// The services that an entry is about, with the namespace it says they are in.
fn services_of<'e>(entry: &'e Entry<'_>) -> Vec<(&'e str, Option<&'e str>)> {
    match entry.kind {
        "ServiceDefaults" | "ServiceResolver" => vec![(entry.name.as_str(), None)],
        "ServiceIntentions" => vec![inbound::destination(entry)],
        "ExportedServices" => shape::all(&entry.body, &["services"])
            .into_iter()
            .filter_map(|one| {
                Some((
                    shape::text(one, &["name"])?,
                    shape::text(one, &["namespace"]),
                ))
            })
            .collect(),
        "HTTPRoute" | "TCPRoute" => api_gateway::services_of(entry),
        "IngressGateway" => shape::all(&entry.body, &["listeners"])
            .into_iter()
            .flat_map(|listener| shape::all(listener, &["services"]))
            .filter_map(|one| {
                Some((
                    shape::text(one, &["name"])?,
                    shape::text(one, &["namespace"]),
                ))
            })
            .collect(),
        _ => Vec::new(),
    }
}
