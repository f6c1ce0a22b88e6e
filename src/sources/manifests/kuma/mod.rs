//! Kuma, 2 and 3: objects of Kubernetes, documents with `type`, and what its control planes are told.
//!
//! `shape` finds them and who gets what from a global control plane, `inbound` folds what workloads take, `joins` reads zones,
//! trust, and what lies outside. A zone outside Kubernetes is a cluster by its name.
//!
//! Kuma 3 drops `mtls` of a Mesh without a word: identity is a MeshIdentity's there
//! (<https://github.com/kumahq/kuma/blob/master/UPGRADE.md>, read 2026-11-22). Where no version is told, both readings count.

mod inbound;
mod joins;
mod selection;
mod shape;
#[cfg(test)]
mod tests;

use super::declare::Declarations;
use super::estate::Estate;
use super::systems::{Meaning, System};

pub(super) use shape::values;

/// Kuma.
pub(super) const SYSTEM: System = System {
    name: "Kuma",
    groups: &[".kuma.io"],
    kinds: &[
        ("Mesh", Meaning::Modelled),
        ("MeshIdentity", Meaning::Modelled),
        ("MeshTrust", Meaning::Modelled),
        ("MeshTLS", Meaning::Modelled),
        ("MeshTrafficPermission", Meaning::Modelled),
        ("TrafficPermission", Meaning::Modelled),
        ("MeshExternalService", Meaning::Modelled),
        ("ExternalService", Meaning::Modelled),
        ("MeshPassthrough", Meaning::Modelled),
        ("MeshMultiZoneService", Meaning::Modelled),
        ("MeshGateway", Meaning::Modelled),
        ("Zone", Meaning::Modelled),
        ("ZoneIngress", Meaning::Modelled),
        ("ZoneEgress", Meaning::Modelled),
        ("Dataplane", Meaning::Modelled),
        ("KumaValues", Meaning::Modelled),
        ("KumaControlPlane", Meaning::Modelled),
        ("ContainerPatch", Meaning::Irrelevant),
        ("DataplaneInsight", Meaning::Irrelevant),
        ("HostnameGenerator", Meaning::Irrelevant),
        ("MeshAccessLog", Meaning::Irrelevant),
        ("MeshCircuitBreaker", Meaning::Irrelevant),
        ("MeshFaultInjection", Meaning::Irrelevant),
        ("MeshGatewayConfig", Meaning::Irrelevant),
        ("MeshHealthCheck", Meaning::Irrelevant),
        ("MeshMetric", Meaning::Irrelevant),
        ("MeshRateLimit", Meaning::Irrelevant),
        ("MeshRetry", Meaning::Irrelevant),
        ("MeshService", Meaning::Irrelevant),
        ("MeshTimeout", Meaning::Irrelevant),
        ("MeshTrace", Meaning::Irrelevant),
        ("MeshInsight", Meaning::Irrelevant),
        ("ZoneInsight", Meaning::Irrelevant),
        (
            "MeshGatewayInstance",
            Meaning::NotYet("how its gateway is reached"),
        ),
        (
            "MeshGatewayRoute",
            Meaning::NotYet("where its gateway sends calls"),
        ),
        ("MeshHTTPRoute", Meaning::NotYet("where calls are sent")),
        ("MeshTCPRoute", Meaning::NotYet("where calls are sent")),
        ("TrafficRoute", Meaning::NotYet("where calls are sent")),
        ("VirtualOutbound", Meaning::NotYet("where calls are sent")),
        (
            "MeshLoadBalancingStrategy",
            Meaning::NotYet("whether calls leave their zone"),
        ),
        (
            "MeshProxyPatch",
            Meaning::NotYet("changes to proxies in their own language"),
        ),
        (
            "ProxyTemplate",
            Meaning::NotYet("changes to proxies in their own language"),
        ),
    ],
    document_words: shape::WORDS,
    document: shape::document,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| {
        let identity = &object.identity;
        object.is(".kuma.io", &identity.kind)
            && identity
                .namespace
                .as_deref()
                .is_none_or(inbound::is_system_namespace)
    },
    declare,
};

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    let zones = shape::zones(estate);
    for zone in &zones {
        inbound::declare(zone, estate, declarations);
        joins::declare(zone, &zones, declarations);
    }
}
