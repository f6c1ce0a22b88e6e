//! The systems whose configuration is read, as a table: which kinds of object are theirs, and who tells what those mean.
//!
//! A system is one file beside this one (a folder, where one file would be too long). To add one: write the file, with the
//! vendor's shapes first and what they mean for the graph second, and enter it here.

use super::declare::Declarations;
use super::estate::Estate;
use super::yaml::Node;
use super::{
    calico, cilium, cluster_policies, envoy_gateway, gateway_api, istio, kubernetes, linkerd,
    multicluster_services, submariner,
};

/// One system.
pub struct System {
    /// What people call it.
    pub name: &'static str,
    /// The groups of its objects' APIs. One that begins with a dot means every group that ends so.
    pub groups: &'static [&'static str],
    /// Its kinds. One of its groups that is not here is not recognised.
    pub kinds: &'static [(&'static str, Meaning)],
    /// Words of which a values file for its installation has one.
    pub values_words: &'static [&'static str],
    /// Whether a document without `kind` is a values file for its installation.
    pub values: fn(&Node) -> Option<Values>,
    /// The cluster that an object of its installation says it is for.
    pub cluster: for<'n> fn(&str, &str, &'n Node) -> Option<&'n str>,
    /// Whether an object of a namespace is in force in all of its cluster.
    pub is_cluster_wide: fn(&super::object::Object) -> bool,
    /// State what the objects of one snapshot mean.
    pub declare: fn(&Estate<'_>, &mut Declarations<'_>),
}

/// What a kind of object is to the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It is read.
    Modelled,
    /// It cannot move the perimeter.
    Irrelevant,
    /// It can, in the way told, and is not read yet: a notice.
    NotYet(&'static str),
}

/// What is known of a values file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// What to call its kind.
    pub kind: &'static str,
    /// The group to sort it under.
    pub group: &'static str,
    /// The cluster it names.
    pub cluster: Option<String>,
}

/// All systems, in the order in which they speak.
pub static SYSTEMS: &[System] = &[
    kubernetes::SYSTEM,
    istio::SYSTEM,
    linkerd::SYSTEM,
    cilium::SYSTEM,
    calico::SYSTEM,
    cluster_policies::SYSTEM,
    gateway_api::SYSTEM,
    envoy_gateway::SYSTEM,
    multicluster_services::SYSTEM,
    submariner::SYSTEM,
];

/// Groups of systems that nobody reads yet: a kind of theirs is told once. The most telling first.
const NOT_READ: &[(&str, &str)] = &[
    (".consul.hashicorp.com", "Consul"),
    (".kuma.io", "Kuma"),
    ("spire.spiffe.io", "SPIRE"),
    (".konghq.com", "Kong"),
    (".traefik.io", "Traefik"),
    ("traefik.containo.us", "Traefik"),
    ("appmesh.k8s.aws", "AWS App Mesh"),
    (".openservicemesh.io", "Open Service Mesh"),
    (".smi-spec.io", "the Service Mesh Interface"),
    ("jetstream.nats.io", "NATS"),
    ("federation.maistra.io", "OpenShift Service Mesh"),
    ("maistra.io", "OpenShift Service Mesh"),
];

/// The system that a group belongs to which nobody reads yet.
#[must_use]
pub fn not_read(group: &str) -> Option<&'static str> {
    let told = NOT_READ
        .iter()
        .find(|(known, _)| super::object::is_group(group, known));
    told.map(|(_, system)| *system)
}

/// The system that a kind of object belongs to, and what it is to that. `None`: it is of no system that is known.
#[must_use]
pub fn meaning(group: &str, kind: &str) -> Option<(&'static System, Option<Meaning>)> {
    let mut systems = SYSTEMS.iter().filter(|system| {
        let mut groups = system.groups.iter();
        groups.any(|one| super::object::is_group(group, one))
    });
    let first = systems.next()?;
    let of = |system: &'static System| {
        let told = system.kinds.iter().find(|(known, _)| *known == kind);
        told.map(|(_, meaning)| (system, Some(*meaning)))
    };
    Some(
        of(first)
            .or_else(|| systems.find_map(of))
            .unwrap_or((first, None)),
    )
}
