//! What clients do, what gateways open, and what is taken into the mesh from outside.
//!
//! Fields and defaults: the API definitions of Istio (<https://github.com/istio/api/tree/master/networking/v1alpha3>, read
//! 2026-11-22). The mode of a `tls` block that names none is `DISABLE`, that of a gateway's server `PASSTHROUGH`.

use std::collections::BTreeSet;

use crate::graph::fragment::Topic;

use super::super::declare::{
    Boundary, Declarations, Extent, FarSide, Fault, FaultKind, Hop, Site, Statement,
};
use super::super::kubernetes;
use super::super::object::{Object, selects, texts_of};
use super::super::yaml::Node;
use super::install::{Mesh, selector};
use super::targets;

pub(super) fn declare(mesh: &Mesh<'_, '_>, declarations: &mut Declarations<'_>) {
    for rule in mesh
        .cluster
        .of_kind("networking.istio.io", "DestinationRule")
    {
        destination_rule(mesh, rule, declarations);
    }
    for gateway in mesh.cluster.of_kind("networking.istio.io", "Gateway") {
        self::gateway(mesh, gateway, declarations);
    }
    for service in mesh
        .cluster
        .of_kind("networking.istio.io", "VirtualService")
    {
        virtual_service(mesh, service, declarations);
    }
    for entry in mesh.cluster.of_kind("networking.istio.io", "ServiceEntry") {
        service_entry(mesh, entry, declarations);
    }
    for (kind, what) in [
        ("WorkloadEntry", "a machine"),
        ("WorkloadGroup", "machines"),
    ] {
        for entry in mesh.cluster.of_kind("networking.istio.io", kind) {
            machine(mesh, entry, what, declarations);
        }
    }
    for sidecar in mesh.cluster.of_kind("networking.istio.io", "Sidecar") {
        self::sidecar(mesh, sidecar, declarations);
    }
    for filter in mesh.cluster.of_kind("networking.istio.io", "EnvoyFilter") {
        envoy_filter(mesh, filter, declarations);
    }
    for tokens in mesh
        .cluster
        .of_kind("security.istio.io", "RequestAuthentication")
    {
        issuers(mesh, tokens, declarations);
    }
}

/// The boundaries that a policy is about: what it selects, else its namespace; without a selector in the root namespace, all.
fn about(mesh: &Mesh<'_, '_>, object: &Object) -> Vec<Boundary> {
    if targets::is_targeted(object) {
        return targets::boundaries(mesh, object);
    }
    let identity = &object.identity;
    let namespace = identity.namespace.as_deref();
    let mut labels = selector(object);
    labels.extend(texts_of(object.root.at(&[
        "spec",
        "workloadSelector",
        "labels",
    ])));
    if namespace == Some(mesh.root_namespace.as_str()) && labels.is_empty() {
        let mut all = vec![mesh.boundary()];
        let namespaces = mesh.cluster.namespaces.keys();
        all.extend(
            namespaces.map(|one| Boundary::Namespace(mesh.name().clone(), Some(one.clone()))),
        );
        return all;
    }
    let mut of = vec![Boundary::around(identity)];
    of.extend(mesh.cluster.selected(namespace, &labels).map(Boundary::of));
    of
}

/// The namespaces that an object is visible in, as boundaries; `None`: all of them.
fn exported_to(mesh: &Mesh<'_, '_>, object: &Object) -> Option<Vec<Boundary>> {
    let named = object.root.at(&["spec", "exportTo"]).map(Node::texts)?;
    if named.is_empty() || named.contains(&"*") {
        return None;
    }
    let namespaces = named.into_iter().filter(|name| *name != "~");
    let boundaries = namespaces.map(|name| match name {
        "." => Boundary::around(&object.identity),
        other => Boundary::Namespace(mesh.name().clone(), Some(other.to_owned())),
    });
    // One that no file speaks of is no part of the graph.
    let is_known = |boundary: &Boundary| match boundary {
        Boundary::Namespace(_, Some(name)) => mesh.cluster.namespaces.contains_key(name),
        _ => true,
    };
    Some(boundaries.filter(is_known).collect())
}

/// How clients call one destination.
struct Calls {
    path: String,
    /// Which part of the destination: a port, a subset.
    part: String,
    mode: &'static str,
    is_unverified: bool,
    lines: [usize; 2],
}

fn read_calls(policy: Option<&Node>, path: &str, part: &str, calls: &mut Vec<Calls>) {
    let Some(policy) = policy else { return };
    if let Some(field) = policy.field("tls").filter(|field| field.value.is_map()) {
        let mode = match field.value.text_at(&["mode"]) {
            Some("SIMPLE") => "SIMPLE",
            Some("MUTUAL") => "MUTUAL",
            Some("ISTIO_MUTUAL") => "ISTIO_MUTUAL",
            _ => "DISABLE",
        };
        let mode_line = field
            .value
            .field("mode")
            .map_or(field.line, |mode| mode.line);
        calls.push(Calls {
            path: format!("{path}.tls"),
            part: part.to_owned(),
            mode,
            is_unverified: field.value.get("insecureSkipVerify").and_then(Node::truth)
                == Some(true),
            lines: [mode_line.min(field.line), field.value.end_line],
        });
    }
    for port in policy
        .get("portLevelSettings")
        .map(Node::items)
        .unwrap_or_default()
    {
        let number = port.text_at(&["port", "number"]).unwrap_or("?");
        let path = format!("{path}.portLevelSettings[{number}]");
        // Inside a port's settings there are no further ports.
        let inner = port.field("tls").map(|field| Node {
            content: super::super::yaml::Content::Map(vec![field.clone()]),
            ..port.clone()
        });
        read_calls(
            inner.as_ref(),
            &path,
            &format!("{part} port {number}"),
            calls,
        );
    }
}

fn destination_rule(mesh: &Mesh<'_, '_>, rule: &Object, declarations: &mut Declarations<'_>) {
    let identity = &rule.identity;
    let Some(host) = rule.root.text_at(&["spec", "host"]) else {
        return;
    };
    let mut calls = Vec::new();
    read_calls(
        rule.root.at(&["spec", "trafficPolicy"]),
        "spec.trafficPolicy",
        "",
        &mut calls,
    );
    for subset in rule
        .root
        .at(&["spec", "subsets"])
        .map(Node::items)
        .unwrap_or_default()
    {
        let name = subset.text_at(&["name"]).unwrap_or("?");
        let path = format!("spec.subsets[{name}].trafficPolicy");
        read_calls(
            subset.get("trafficPolicy"),
            &path,
            &format!(" subset {name}"),
            &mut calls,
        );
    }
    let namespace = identity.namespace.as_deref();
    let service = mesh.cluster.service_of_host(host, namespace);
    let is_outside = is_external(mesh, host);
    let mut of = BTreeSet::from([Boundary::around(identity)]);
    let clients = texts_of(rule.root.at(&["spec", "workloadSelector", "matchLabels"]));
    let selected = mesh.cluster.selected(namespace, &clients);
    of.extend(selected.filter(|_| !clients.is_empty()).map(Boundary::of));
    let exported = exported_to(mesh, rule);
    of.extend(exported.iter().flatten().cloned());
    // With a selector it is for clients of its own namespace.
    let is_for_all = exported.is_none() && clients.is_empty();
    if let Some(service) = service {
        of.insert(Boundary::around(&service.object.identity));
        of.extend(mesh.cluster.behind(service).into_iter().map(Boundary::of));
    } else if let Some(name) = host.split('.').nth(1)
        && mesh.cluster.namespaces.contains_key(name)
        && !is_outside
    {
        of.insert(Boundary::Namespace(
            mesh.name().clone(),
            Some(name.to_owned()),
        ));
    }
    if host.starts_with('*') && !is_outside && is_for_all {
        of.insert(mesh.boundary());
        let namespaces = mesh.cluster.namespaces.keys();
        of.extend(
            namespaces.map(|one| Boundary::Namespace(mesh.name().clone(), Some(one.clone()))),
        );
    }
    let of: Vec<Boundary> = of.into_iter().collect();
    let host = canonical_host(host, namespace);
    let origin = declarations.origin(rule);
    for call in calls {
        let (value, openness, words) = match call.mode {
            "DISABLE" => ("plaintext", 3, "in the clear"),
            "SIMPLE" if call.is_unverified => (
                "unverified TLS",
                3,
                "with TLS that does not look who answers",
            ),
            "SIMPLE" => ("TLS", 2, "with TLS that shows no identity of the caller"),
            "MUTUAL" if call.is_unverified => (
                "unverified mTLS",
                2,
                "with mTLS that does not look who answers",
            ),
            "MUTUAL" => (
                "mTLS with own certificates",
                1,
                "with mTLS by certificates of its own",
            ),
            _ => ("mTLS", 1, "with mTLS"),
        };
        let part = &call.part;
        let (exception_to, openness) = if is_outside {
            // Nothing is encrypted by the mesh toward the outside unless a rule says so.
            (Vec::new(), openness - 3)
        } else {
            (
                vec![format!("calls to {host}"), "calls".to_owned()],
                openness,
            )
        };
        declarations.state_as(
            &of,
            Statement {
                topic: Topic::Encryption,
                about: format!("calls to {host}{part}"),
                matter: format!("calls to {host}"),
                value: value.to_owned(),
                openness,
                words: format!("has {host}{part} called {words}"),
                origins: BTreeSet::from([origin]),
            },
            Extent {
                exception_to,
                ..Extent::default()
            },
        );
        if call.mode == "DISABLE" && !is_outside {
            let site = Site {
                subject: format!("{} {}", identity.address(), call.path),
                words: format!("has {host}{part} called in the clear"),
                source: rule.source.clone(),
                lines: call.lines,
                far_side: FarSide::NotTold,
                unproven: None,
            };
            let around = Boundary::around(identity).key();
            let hop = Hop::new(
                format!("rules of {}", around.as_str()),
                [format!("{host}{part}")],
            );
            declarations.site(site, hop);
        }
    }
}

/// A host by its full name, so that one Service has one name.
fn canonical_host(host: &str, namespace: Option<&str>) -> String {
    let parts: Vec<&str> = host.split('.').collect();
    match (parts.as_slice(), namespace) {
        ([name], Some(namespace)) if *name != "*" => format!("{name}.{namespace}"),
        ([name, namespace, "svc", ..], _) if *name != "*" => format!("{name}.{namespace}"),
        _ => host.to_owned(),
    }
}

/// Whether a host is one that a ServiceEntry says is outside the mesh.
fn is_external(mesh: &Mesh<'_, '_>, host: &str) -> bool {
    mesh.cluster
        .of_kind("networking.istio.io", "ServiceEntry")
        .any(|entry| {
            let hosts = entry
                .root
                .at(&["spec", "hosts"])
                .map(Node::texts)
                .unwrap_or_default();
            entry.root.text_at(&["spec", "location"]) != Some("MESH_INTERNAL")
                && hosts.contains(&host)
        })
}

fn gateway(mesh: &Mesh<'_, '_>, gateway: &Object, declarations: &mut Declarations<'_>) {
    let identity = &gateway.identity;
    let name = identity.qualified_name();
    let wanted = texts_of(gateway.root.at(&["spec", "selector"]));
    // The selector looks in all namespaces.
    let proxies = mesh
        .cluster
        .workloads
        .iter()
        .filter(|one| selects(&wanted, &one.labels) && !wanted.is_empty());
    let mut of = vec![mesh.boundary(), Boundary::around(identity)];
    of.extend(proxies.map(Boundary::of));
    let is_public = mesh.cluster.services.iter().any(|service| {
        let selected = service.selector.as_ref();
        // The proxies are made elsewhere, as a rule: a Service that selects by the same labels is theirs.
        let is_theirs =
            selected.is_some_and(|labels| !wanted.is_empty() && selects(&wanted, labels));
        is_theirs && kubernetes::is_public(service.object)
    });
    // The proxies that traffic leaves by are no way in, unless something in front of them is public.
    let is_way_in = is_public || !is_egress(gateway);
    let origin = declarations.origin(gateway);
    for server in gateway
        .root
        .at(&["spec", "servers"])
        .map(Node::items)
        .unwrap_or_default()
    {
        let protocol = server
            .text_at(&["port", "protocol"])
            .unwrap_or("?")
            .to_uppercase();
        let number = server.text_at(&["port", "number"]).unwrap_or("?");
        let tls = server.get("tls");
        let mode = match (tls, protocol.as_str()) {
            (Some(tls), _) => tls.text_at(&["mode"]).unwrap_or("PASSTHROUGH"),
            (None, _) => "none",
        };
        if mode == "AUTO_PASSTHROUGH" {
            continue;
        }
        let redirects = tls
            .and_then(|tls| tls.get("httpsRedirect"))
            .and_then(Node::truth)
            == Some(true);
        let is_plain = matches!(
            protocol.as_str(),
            "HTTP" | "HTTP2" | "GRPC" | "TCP" | "MONGO"
        ) && mode == "none"
            || protocol == "HTTP"
                && mode != "none"
                && !redirects
                && tls.is_some_and(|tls| tls.get("mode").is_none());
        let (value, openness, how) = if redirects {
            ("redirect", 1, "only to be sent on to HTTPS")
        } else if is_plain {
            ("plaintext", 6, "in the clear")
        } else {
            match mode {
                "MUTUAL" => ("mTLS", 2, "with mTLS"),
                "ISTIO_MUTUAL" => ("mesh mTLS", 2, "with mTLS of the mesh"),
                "OPTIONAL_MUTUAL" => (
                    "optional mTLS",
                    4,
                    "with TLS, a certificate of the caller looked at if there is one",
                ),
                "PASSTHROUGH" => ("passthrough", 3, "with the TLS of what is behind it"),
                _ => ("TLS", 4, "with TLS"),
            }
        };
        let mut hosts = server.get("hosts").map(Node::texts).unwrap_or_default();
        hosts.sort_unstable();
        for host in hosts.iter().filter(|_| is_way_in) {
            declarations.state(
                &of,
                Statement {
                    topic: Topic::Exposure,
                    about: format!("gateway {name} {host} port {number}"),
                    matter: format!("gateway {name} {host}"),
                    value: value.to_owned(),
                    openness,
                    words: format!("is entered as {host} on port {number} of gateway {name} {how}"),
                    origins: BTreeSet::from([origin]),
                },
            );
        }
        if is_plain && !redirects {
            declarations.sites.push(Site {
                subject: format!("{} spec.servers[{number}]", identity.address()),
                words: format!(
                    "takes {protocol} in the clear on port {number} for {}",
                    hosts.join(", ")
                ),
                source: gateway.source.clone(),
                lines: [server.line, server.end_line],
                far_side: FarSide::outside_if(is_public),
                unproven: None,
            });
        }
    }
}

/// Whether a gateway is bound to proxies that traffic leaves the mesh by: those that the charts of Istio call so.
fn is_egress(gateway: &Object) -> bool {
    let selector = texts_of(gateway.root.at(&["spec", "selector"]));
    selector.values().any(|value| value.contains("egress"))
}

/// Where a VirtualService sends calls, and copies of them.
fn destinations(object: &Object) -> BTreeSet<String> {
    let namespace = object.identity.namespace.as_deref();
    let lists = ["http", "tls", "tcp"].into_iter();
    let lists = lists.filter_map(|list| object.root.at(&["spec", list]));
    let mut hosts = BTreeSet::new();
    for rule in lists.flat_map(Node::items) {
        let ends = ["route", "mirrors"].into_iter();
        let ends = ends.filter_map(|key| rule.get(key)).flat_map(Node::items);
        let ends = ends.filter_map(|end| end.get("destination"));
        let named = ends.chain(rule.get("mirror"));
        let named = named.filter_map(|end| end.text_at(&["host"]));
        hosts.extend(named.map(|host| canonical_host(host, namespace)));
    }
    hosts
}

/// Calls to a Service that the mesh sends out of its namespace, whatever share of them: inside it, they reach what they would reach
/// anyway.
fn led_away(
    mesh: &Mesh<'_, '_>,
    object: &Object,
    host: &str,
    destinations: &BTreeSet<String>,
    declarations: &mut Declarations<'_>,
) {
    let namespace = object.identity.namespace.as_deref();
    let Some(service) = mesh.cluster.service_of_host(host, namespace) else {
        return;
    };
    let called = &service.object.identity;
    for destination in destinations {
        let found = mesh.cluster.service_of_host(destination, namespace);
        let around = found.map(|found| Boundary::around(&found.object.identity));
        let around = around.or_else(|| {
            let other = destination.split('.').nth(1)?;
            let is_there = mesh.cluster.namespaces.contains_key(other);
            is_there.then(|| Boundary::Namespace(mesh.name().clone(), Some(other.to_owned())))
        });
        let own = Boundary::around(called);
        if around.as_ref() == Some(&own) {
            continue;
        }
        let behind = found
            .into_iter()
            .flat_map(|found| mesh.cluster.behind(found));
        let mut of: BTreeSet<Boundary> = behind.map(Boundary::of).collect();
        of.extend(around.into_iter().chain([own]));
        let of: Vec<Boundary> = of.into_iter().collect();
        let name = called.qualified_name();
        declarations.state(
            &of,
            Statement {
                topic: Topic::Mesh,
                about: format!("calls to {name} lead to {destination}"),
                matter: format!("calls to {name}"),
                value: "led".to_owned(),
                openness: 1,
                words: format!("has calls to service {name} led to {destination}"),
                origins: declarations.origins_of([object]),
            },
        );
    }
}

/// A VirtualService bound to a gateway opens its destinations there; one of the mesh routes.
fn virtual_service(mesh: &Mesh<'_, '_>, object: &Object, declarations: &mut Declarations<'_>) {
    let identity = &object.identity;
    let namespace = identity.namespace.as_deref();
    let spec = object.root.get("spec");
    let gateways = spec
        .and_then(|spec| spec.get("gateways"))
        .map(Node::texts)
        .unwrap_or_default();
    let gateways: BTreeSet<String> = gateways
        .into_iter()
        .filter(|name| *name != "mesh")
        .map(|name| match (name.contains('/'), namespace) {
            (false, Some(namespace)) => format!("{namespace}/{name}"),
            _ => name.to_owned(),
        })
        .filter(|name| {
            let all = mesh.cluster.of_kind("networking.istio.io", "Gateway");
            let mut known = all
                .filter(|one| one.identity.qualified_name() == *name)
                .peekable();
            // One that is not among the files is known by its name alone.
            let is_called_so = known.peek().is_none() && name.contains("egress");
            !is_called_so && !known.any(is_egress)
        })
        .collect();
    let mut hosts = spec
        .and_then(|spec| spec.get("hosts"))
        .map(Node::texts)
        .unwrap_or_default();
    hosts.sort_unstable();
    let mut destinations = destinations(object);
    let listed = spec.and_then(|spec| spec.get("gateways")).map(Node::texts);
    if listed.is_none_or(|listed| listed.is_empty() || listed.contains(&"mesh")) {
        for host in &hosts {
            led_away(mesh, object, host, &destinations, declarations);
        }
    }
    if gateways.is_empty() {
        return;
    }
    // What goes out through a gateway opens nothing.
    destinations.retain(|destination| !is_external(mesh, destination));
    for destination in destinations {
        let mut of = vec![mesh.boundary()];
        if let Some(service) = mesh.cluster.service_of_host(&destination, namespace) {
            of.push(Boundary::around(&service.object.identity));
            of.extend(mesh.cluster.behind(service).into_iter().map(Boundary::of));
        } else {
            let other = destination
                .split('.')
                .nth(1)
                .filter(|name| mesh.cluster.namespaces.contains_key(*name));
            let lies_in = other.map(str::to_owned).or(identity.namespace.clone());
            of.push(Boundary::Namespace(mesh.name().clone(), lies_in));
        }
        for gateway in &gateways {
            for host in &hosts {
                declarations.state(
                    &of,
                    Statement {
                        topic: Topic::Exposure,
                        about: format!("{destination} as {host} through {gateway}"),
                        matter: format!("{destination} through {gateway}"),
                        value: "routed".to_owned(),
                        openness: 1,
                        words: format!(
                            "has {destination} reached as {host} through gateway {gateway}"
                        ),
                        origins: declarations.origins_of([object]),
                    },
                );
            }
        }
    }
}

fn service_entry(mesh: &Mesh<'_, '_>, entry: &Object, declarations: &mut Declarations<'_>) {
    let identity = &entry.identity;
    let Some(spec) = entry.root.get("spec") else {
        return;
    };
    let mut hosts = spec.get("hosts").map(Node::texts).unwrap_or_default();
    hosts.sort_unstable();
    let is_internal = spec.text_at(&["location"]) == Some("MESH_INTERNAL");
    let endpoints = spec.get("endpoints").map(Node::items).unwrap_or_default();
    let mut addresses: Vec<&str> = endpoints
        .iter()
        .filter_map(|one| one.text_at(&["address"]))
        .collect();
    if addresses.is_empty() {
        addresses = spec.get("addresses").map(Node::texts).unwrap_or_default();
    }
    let resolution = spec.text_at(&["resolution"]).unwrap_or("NONE");
    let far_side = |unsecured: &[&str]| {
        if spec.get("workloadSelector").is_some() {
            FarSide::NotTold
        } else if addresses.is_empty() || endpoints.is_empty() && resolution.starts_with("DNS") {
            // Istio takes names in `.global` for services of other clusters.
            let hosts = unsecured.iter().filter(|host| !host.ends_with(".global"));
            FarSide::at(hosts.copied())
        } else {
            FarSide::at(addresses.iter().copied())
        }
    };
    let origin = declarations.origin(entry);
    let everywhere = || vec![mesh.boundary(), Boundary::around(identity)];
    let of = exported_to(mesh, entry).unwrap_or_else(everywhere);
    for host in &hosts {
        let mut places: Vec<String> = addresses.iter().map(|one| (*one).to_owned()).collect();
        let networks = endpoints.iter().filter_map(|one| one.text_at(&["network"]));
        places.extend(networks.map(|network| format!("network {network}")));
        places.sort_unstable();
        places.dedup();
        let at = if places.is_empty() {
            String::new()
        } else {
            format!(" at {}", places.join(", "))
        };
        let (side, openness) = if is_internal {
            ("inside", 2)
        } else {
            ("outside", 1)
        };
        declarations.state(
            &of,
            Statement {
                topic: Topic::Mesh,
                about: format!("host {host}"),
                matter: format!("host {host}"),
                value: format!("{side}{at}"),
                openness,
                words: format!("knows {host}{at} as a host {side} the mesh"),
                origins: BTreeSet::from([origin]),
            },
        );
    }
    for port in spec.get("ports").map(Node::items).unwrap_or_default() {
        let protocol = port.text_at(&["protocol"]).unwrap_or("TCP").to_uppercase();
        let number = port.text_at(&["number"]).unwrap_or("?");
        if resolution == "NONE" && protocol == "TCP" && addresses.is_empty() && endpoints.is_empty()
        {
            declarations.state(
                &of,
                Statement {
                    topic: Topic::Mesh,
                    about: format!("any address on port {number}"),
                    matter: format!("any address on port {number}"),
                    value: "open".to_owned(),
                    openness: 1,
                    words: format!("lets workloads call any address on port {number}"),
                    origins: BTreeSet::from([origin]),
                },
            );
        }
        // An egress gateway may take the one port and send to the other.
        let ports: Vec<&str> = [Some(number), port.text_at(&["targetPort"])]
            .into_iter()
            .flatten()
            .collect();
        let is_plain = matches!(
            protocol.as_str(),
            "HTTP" | "HTTP2" | "GRPC" | "GRPC-WEB" | "MONGO" | "MYSQL" | "REDIS"
        );
        let unsecured: Vec<&str> = hosts
            .iter()
            .copied()
            .filter(|host| !ports.iter().any(|port| originates_tls(mesh, host, port)))
            .collect();
        if is_plain && !is_internal && !unsecured.is_empty() {
            let site = Site {
                subject: format!("{} spec.ports[{number}]", identity.address()),
                words: format!(
                    "has {} called in the clear on port {number}",
                    unsecured.join(", ")
                ),
                source: entry.source.clone(),
                lines: [port.line, port.end_line],
                far_side: far_side(&unsecured),
                unproven: None,
            };
            let around = Boundary::around(identity).key();
            let of = format!("entries of {} on port {number}", around.as_str());
            declarations.site(site, Hop::new(of, unsecured));
        }
    }
}

/// Whether a DestinationRule makes calls to a host TLS on a port.
fn originates_tls(mesh: &Mesh<'_, '_>, host: &str, port: &str) -> bool {
    let rules = mesh
        .cluster
        .of_kind("networking.istio.io", "DestinationRule");
    let mut calls = Vec::new();
    for rule in rules.filter(|rule| rule.root.text_at(&["spec", "host"]) == Some(host)) {
        read_calls(rule.root.at(&["spec", "trafficPolicy"]), "", "", &mut calls);
    }
    let of_port = format!(" port {port}");
    let nearest = calls
        .iter()
        .find(|one| one.part == of_port)
        .or(calls.iter().find(|one| one.part.is_empty()));
    nearest.is_some_and(|one| one.mode != "DISABLE")
}

/// Machines outside Kubernetes that are part of the mesh.
fn machine(mesh: &Mesh<'_, '_>, entry: &Object, what: &str, declarations: &mut Declarations<'_>) {
    let identity = &entry.identity;
    let spec = entry.root.get("spec");
    let inner = spec.and_then(|spec| spec.get("template")).or(spec);
    let text = |key: &str| inner.and_then(|inner| inner.text_at(&[key]));
    let place = [text("address"), text("network")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" in ");
    let at = if place.is_empty() {
        String::new()
    } else {
        format!(" at {place}")
    };
    let name = identity.qualified_name();
    declarations.state(
        &[mesh.boundary(), Boundary::around(identity)],
        Statement {
            topic: Topic::Mesh,
            about: format!("{} {name}", identity.kind),
            matter: format!("{} {name}", identity.kind),
            value: place,
            openness: 1,
            words: format!("takes {what}{at} into the mesh as {name}"),
            origins: declarations.origins_of([entry]),
        },
    );
}

fn sidecar(mesh: &Mesh<'_, '_>, sidecar: &Object, declarations: &mut Declarations<'_>) {
    let Some(mode) = sidecar
        .root
        .text_at(&["spec", "outboundTrafficPolicy", "mode"])
    else {
        return;
    };
    let is_known_only = mode == "REGISTRY_ONLY";
    let name = sidecar.identity.qualified_name();
    let words = if is_known_only {
        format!(
            "sends nothing to hosts outside the mesh that no ServiceEntry names, by sidecar {name}"
        )
    } else {
        format!("lets workloads call any host outside the mesh, by sidecar {name}")
    };
    declarations.state_as(
        &about(mesh, sidecar),
        Statement {
            topic: Topic::Mesh,
            about: format!("hosts outside by {name}"),
            matter: format!("hosts outside by {name}"),
            value: if is_known_only { "known" } else { "any" }.to_owned(),
            openness: if is_known_only { -1 } else { 1 },
            words,
            origins: declarations.origins_of([sidecar]),
        },
        Extent {
            exception_to: vec!["hosts outside".to_owned()],
            ..Extent::default()
        },
    );
}

/// A patch to proxies can do anything: what touches TLS, filter chains or checks of callers counts as a change that nobody
/// understands.
fn envoy_filter(mesh: &Mesh<'_, '_>, filter: &Object, declarations: &mut Declarations<'_>) {
    const TELLING: &[&str] = &[
        "transport_socket",
        "filter_chain",
        "FILTER_CHAIN",
        "jwt_authn",
        "rbac",
        "ext_authz",
        "tls",
    ];
    let Some(spec) = filter.root.get("spec") else {
        return;
    };
    let text = spec.canonical();
    if !TELLING.iter().any(|word| text.contains(word)) {
        return;
    }
    let name = filter.identity.qualified_name();
    declarations.state(
        &about(mesh, filter),
        Statement {
            topic: Topic::Encryption,
            about: format!("patch {name}"),
            matter: format!("patch {name}"),
            value: text,
            openness: 0,
            words: format!("has its proxies patched by EnvoyFilter {name}, in a place that can switch off encryption or checks"),
            origins: declarations.origins_of([filter]),
        },
    );
}

/// Whose tokens are taken. That one is asked for at all is for authorization policies to say.
fn issuers(mesh: &Mesh<'_, '_>, object: &Object, declarations: &mut Declarations<'_>) {
    let of = about(mesh, object);
    for rule in object
        .root
        .at(&["spec", "jwtRules"])
        .map(Node::items)
        .unwrap_or_default()
    {
        let Some(issuer) = rule.text_at(&["issuer"]) else {
            continue;
        };
        let keys = rule.text_at(&["jwksUri"]);
        let keys = if keys.is_some_and(|keys| keys.starts_with("http://")) {
            let line = rule.field("jwksUri").map_or(rule.line, |field| field.line);
            declarations.faults.push(Fault {
                kind: FaultKind::UnverifiedToken,
                subject: format!("{} keys of {issuer}", object.identity.address()),
                words: format!("fetches the keys for tokens of {issuer} in the clear"),
                source: object.source.clone(),
                lines: [line, line],
            });
            ", with keys fetched in the clear"
        } else {
            ""
        };
        declarations.state(
            &of,
            Statement {
                topic: Topic::Authentication,
                about: format!("issuer {issuer}"),
                matter: format!("issuer {issuer}"),
                value: format!("taken{keys}"),
                openness: 1 + i32::from(!keys.is_empty()),
                words: format!("takes tokens of {issuer}{keys}"),
                origins: declarations.origins_of([object]),
            },
        );
    }
}
