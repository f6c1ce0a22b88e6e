//! What is in the mesh by its own words, and what goes past the proxies of that.

use std::collections::BTreeSet;

use crate::graph::fragment::Topic;

use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::super::estate::Workload;
use super::super::object::Object;
use super::super::yaml::Node;

/// Whether something is in the mesh, by its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Membership {
    In,
    Out,
    Untold,
}

pub(super) fn of_namespace(object: &Object) -> Membership {
    if object.label("istio-injection") == Some("disabled") {
        return Membership::Out;
    }
    let is_in = object.label("istio-injection") == Some("enabled")
        || object.label("istio.io/rev").is_some()
        || object.label("istio.io/dataplane-mode") == Some("ambient");
    if is_in {
        Membership::In
    } else {
        Membership::Untold
    }
}

pub(super) fn of_workload(workload: &Workload<'_>) -> Membership {
    let inject = workload
        .labels
        .get("sidecar.istio.io/inject")
        .or_else(|| workload.annotations.get("sidecar.istio.io/inject"));
    let ambient = workload
        .labels
        .get("istio.io/dataplane-mode")
        .map(String::as_str);
    let is_on_host = workload
        .pod
        .at(&["spec", "hostNetwork"])
        .and_then(Node::truth)
        == Some(true);
    match (inject.map(String::as_str), ambient) {
        (Some("false"), Some("ambient")) => Membership::In,
        (Some("false"), _) | (_, Some("none")) => Membership::Out,
        // The injector leaves pods alone that use the network of their host.
        _ if is_on_host => Membership::Out,
        (Some("true"), _) | (_, Some("ambient")) => Membership::In,
        _ => Membership::Untold,
    }
}

/// Annotations that take traffic of a pod past its proxy.
pub(super) fn around_the_proxy(
    workload: &Workload<'_>,
    around: &Boundary,
    declarations: &mut Declarations<'_>,
) {
    const EXCLUDING: &[(&str, &str)] = &[
        (
            "traffic.sidecar.istio.io/excludeInboundPorts",
            "takes traffic past its proxy on ports",
        ),
        (
            "traffic.sidecar.istio.io/excludeOutboundPorts",
            "sends traffic past its proxy to ports",
        ),
        (
            "traffic.sidecar.istio.io/excludeOutboundIPRanges",
            "sends traffic past its proxy to",
        ),
        (
            "traffic.sidecar.istio.io/excludeInterfaces",
            "takes and sends traffic past its proxy on",
        ),
        (
            "ambient.istio.io/bypass-inbound-capture",
            "takes traffic past its proxy:",
        ),
    ];
    const INCLUDING: &[(&str, &str)] = &[
        (
            "traffic.sidecar.istio.io/includeInboundPorts",
            "takes traffic through its proxy only on ports",
        ),
        (
            "traffic.sidecar.istio.io/includeOutboundPorts",
            "sends traffic through its proxy only to ports",
        ),
        (
            "traffic.sidecar.istio.io/includeOutboundIPRanges",
            "sends traffic through its proxy only to",
        ),
    ];
    let identity = workload.identity();
    let origin = declarations.origin(workload.object);
    for (key, words) in EXCLUDING.iter().chain(INCLUDING) {
        let Some(value) = workload.annotations.get(*key) else {
            continue;
        };
        if value == "*" && INCLUDING.iter().any(|(one, _)| one == key) || value == "false" {
            continue;
        }
        let mut listed: Vec<&str> = value.split(',').map(str::trim).collect();
        listed.sort_unstable();
        let listed = listed.join(", ");
        let short = key.rsplit('/').next().unwrap_or(key);
        let is_inbound = short.to_lowercase().contains("inbound");
        for (boundary, which) in [
            (Boundary::of(workload), String::new()),
            (
                around.clone(),
                format!("holds workload {}, which ", identity.name),
            ),
        ] {
            declarations.state_as(
                &[boundary],
                Statement {
                    topic: Topic::Encryption,
                    about: format!("{short} of {}", identity.name),
                    matter: format!("{short} of {}", identity.name),
                    value: listed.clone(),
                    openness: 1,
                    words: format!("{which}{words} {listed}"),
                    origins: BTreeSet::from([origin]),
                },
                Extent {
                    lasts_with: Some(Boundary::of(workload)),
                    ..Extent::default()
                },
            );
        }
        let tables = [
            workload.pod.field_at(&["metadata", "annotations", key]),
            workload
                .object
                .root
                .field_at(&["metadata", "annotations", key]),
        ];
        let line = tables
            .into_iter()
            .flatten()
            .next()
            .map_or(workload.object.root.line, |field| field.line);
        declarations.sites.push(Site {
            subject: format!("{} {short}", identity.address()),
            words: format!("{words} {listed}"),
            source: workload.object.source.clone(),
            lines: [line, line],
            far_side: FarSide::NotTold,
            unproven: is_inbound
                .then(|| Unproven::in_mesh("and nothing of the mesh sees who calls there")),
        });
    }
    if of_workload(workload) == Membership::Out {
        let keys = ["sidecar.istio.io/inject", "istio.io/dataplane-mode"];
        let field = ["labels", "annotations"].iter().find_map(|table| {
            keys.iter()
                .find_map(|key| workload.pod.field_at(&["metadata", table, key]))
        });
        let Some(field) = field else { return };
        declarations.sites.push(Site {
            subject: format!("{} out of the mesh", identity.address()),
            words: "is kept out of the mesh".to_owned(),
            source: workload.object.source.clone(),
            lines: [field.line, field.line],
            far_side: FarSide::NotTold,
            unproven: None,
        });
    }
}
