//! Zones, trust, gateways, and what lies outside a mesh.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::Topic;

use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::super::object::{ClusterName, Object, texts_of};
use super::super::yaml::Node;
use super::shape::{DEFAULT_MESH, GROUP, Zone, body, mesh_of};

pub(super) fn declare(
    zone: &Zone<'_, '_>,
    all: &[Zone<'_, '_>],
    declarations: &mut Declarations<'_>,
) {
    control_plane(zone, all, declarations);
    other_zones(zone, all, declarations);
    trust(zone, declarations);
    hosts_outside(zone, declarations);
    external_services(zone, declarations);
    across_zones(zone, declarations);
    gateways(zone, declarations);
}

fn fact(topic: Topic, about: String, value: &str, openness: i32, words: String) -> Statement {
    Statement {
        topic,
        matter: about.clone(),
        about,
        value: value.to_owned(),
        openness,
        words,
        origins: BTreeSet::new(),
    }
}

fn state_of_zone(
    zone: &Zone<'_, '_>,
    statement: Statement,
    by: &[&Object],
    declarations: &mut Declarations<'_>,
) {
    let of_networks = statement.topic == Topic::Mesh;
    let origins = declarations.origins_of(by.iter().copied());
    declarations.state_as(
        &[Boundary::Cluster(zone.name().clone())],
        Statement {
            origins,
            ..statement
        },
        Extent {
            of_networks,
            ..Extent::default()
        },
    );
}

/// The way from the control plane of a zone to the global one.
fn control_plane(zone: &Zone<'_, '_>, all: &[Zone<'_, '_>], declarations: &mut Declarations<'_>) {
    let Some((address, line, object)) = zone.told("global") else {
        return;
    };
    let is_plain = address.starts_with("grpc://");
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    let words = format!("is a zone of the global control plane at {bare}");
    let about = "global control plane".to_owned();
    state_of_zone(
        zone,
        fact(Topic::Mesh, about, bare, 1, words),
        &[object],
        declarations,
    );
    if is_plain {
        let words = "talks to its global control plane in the clear".to_owned();
        let statement = fact(
            Topic::Encryption,
            "calls to the global control plane".to_owned(),
            "plaintext",
            1,
            words.clone(),
        );
        state_of_zone(zone, statement, &[object], declarations);
        declarations.sites.push(Site {
            subject: format!("{} kdsGlobalAddress", object.identity.address()),
            words,
            source: object.source.clone(),
            lines: [line, line],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::called("and no certificate shows who answers")),
        });
    }
    if let Some((value, line, object)) = zone.told("unverified")
        && value.eq_ignore_ascii_case("true")
        && !is_plain
    {
        let words = "does not look who answers as its global control plane".to_owned();
        let about = "certificate of the global control plane".to_owned();
        let statement = fact(Topic::Authentication, about, "unverified", 1, words.clone());
        state_of_zone(zone, statement, &[object], declarations);
        declarations.open_doors.push(Site {
            subject: format!("{} kdsZoneClient.skipVerify", object.identity.address()),
            words,
            source: object.source.clone(),
            lines: [line, line],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::called("so that anyone in between passes for it")),
        });
    }
    let globals: Vec<&Zone<'_, '_>> = all.iter().filter(|one| one.is_global).collect();
    match globals.as_slice() {
        [global] => declarations.mesh_link(zone.name(), global.name(), "zone", object),
        _ => declarations.notice(
            "mesh-peer-not-seen",
            object,
            "it joins a global control plane that is not among the files: which other zones there are is not seen",
        ),
    }
}

/// The zones that services are reached in from this one: all that one global control plane knows.
fn other_zones(zone: &Zone<'_, '_>, all: &[Zone<'_, '_>], declarations: &mut Declarations<'_>) {
    let mut known: Vec<(&str, &Object)> = Vec::new();
    for object in all
        .iter()
        .flat_map(|one| one.cluster.of_kind(GROUP, "Zone"))
    {
        let is_enabled = body(object).get("enabled").and_then(Node::truth) != Some(false);
        if is_enabled && !known.iter().any(|(name, _)| *name == object.identity.name) {
            known.push((&object.identity.name, object));
        }
    }
    for (name, object) in known {
        let is_own = zone.called() == Some(name) || zone.name().as_deref() == Some(name);
        if is_own {
            continue;
        }
        if zone.is_global {
            let other: ClusterName = Some(Arc::from(name));
            let has_own_way = all
                .iter()
                .any(|one| one.called() == Some(name) && one.told("global").is_some());
            if !has_own_way {
                declarations.mesh_link(&other, zone.name(), "zone", object);
            }
            continue;
        }
        let words = format!("is in a mesh with zone {name}, and reaches its services");
        let statement = fact(Topic::Mesh, format!("zone {name}"), "joined", 1, words);
        state_of_zone(zone, statement, &[object], declarations);
    }
    for (kind, words) in [
        (
            "ZoneIngress",
            "takes calls of other zones through its zone ingress",
        ),
        (
            "ZoneEgress",
            "sends calls to other zones and outside through its zone egress",
        ),
    ] {
        let objects: Vec<&Object> = zone.cluster.of_kind(GROUP, kind).collect();
        if !objects.is_empty() {
            let openness = if kind == "ZoneIngress" { 1 } else { 0 };
            let statement = fact(
                Topic::Mesh,
                kind.to_owned(),
                "there",
                openness,
                words.to_owned(),
            );
            state_of_zone(zone, statement, &objects, declarations);
        }
    }
}

/// Trust domains that proxies are of, and that they take callers from; and who signs for them.
fn trust(zone: &Zone<'_, '_>, declarations: &mut Declarations<'_>) {
    for object in zone.of_kind("MeshTrust") {
        let Some(domain) = body(object).text_at(&["trustDomain"]) else {
            continue;
        };
        let mesh = mesh_of(object);
        let words = format!("takes identities of {domain} in mesh {mesh}");
        let statement = fact(
            Topic::Mesh,
            format!("trust in {domain} in mesh {mesh}"),
            "taken",
            1,
            words,
        );
        let origin = declarations.origin(object);
        declarations.trust_domain(domain, origin);
        state_of_zone(zone, statement, &[object], declarations);
    }
    for object in zone.of_kind("MeshIdentity") {
        if let Some(domain) = body(object).text_at(&["spiffeID", "trustDomain"]) {
            let name = &object.identity.name;
            let words = format!("gives identities of {domain} by {name}");
            let statement = fact(
                Topic::Mesh,
                format!("identities by {name}"),
                domain,
                0,
                words,
            );
            state_of_zone(zone, statement, &[object], declarations);
        }
    }
    let is_dropped = zone.version.is_some_and(|(version, _)| version >= 3);
    for object in zone.of_kind("Mesh").filter(|_| !is_dropped) {
        let backend = body(object).text_at(&["mtls", "enabledBackend"]);
        let Some(backend) = backend.filter(|name| !name.is_empty()) else {
            continue;
        };
        let mut backends = body(object)
            .at(&["mtls", "backends"])
            .map(Node::items)
            .unwrap_or_default()
            .iter();
        let kind = backends
            .find(|one| one.text_at(&["name"]) == Some(backend))
            .and_then(|one| one.text_at(&["type"]))
            .unwrap_or("?");
        let name = &object.identity.name;
        let words = format!("has identities of mesh {name} signed by {backend} ({kind})");
        let about = format!("signer of mesh {name}");
        let statement = fact(Topic::Mesh, about, &format!("{backend} {kind}"), 0, words);
        state_of_zone(zone, statement, &[object], declarations);
    }
}

/// Whether workloads may call what no object of the mesh names.
fn hosts_outside(zone: &Zone<'_, '_>, declarations: &mut Declarations<'_>) {
    let mut meshes: BTreeMap<&str, Vec<&Object>> = BTreeMap::from([(DEFAULT_MESH, Vec::new())]);
    for object in zone.of_kind("Mesh") {
        let name = object.identity.name.as_str();
        meshes.entry(name).or_default().push(object);
    }
    for (name, objects) in meshes {
        let told = objects.iter().find_map(|object| {
            let passes = body(object).at(&["networking", "outbound", "passthrough"]);
            passes.and_then(Node::truth)
        });
        let is_closed = told == Some(false);
        let (value, openness, words) = if is_closed {
            ("known", 1, "lets workloads call only what the mesh knows")
        } else {
            ("any", 2, "lets workloads call any host outside the mesh")
        };
        let words = format!("{words}, in mesh {name}");
        let about = format!("hosts outside mesh {name}");
        state_of_zone(
            zone,
            fact(Topic::Mesh, about, value, openness, words),
            &objects,
            declarations,
        );
        // Kuma 3 knows no such switch: there a permission decides.
        let forbids = objects.iter().find_map(|object| {
            let told = body(object).at(&["routing", "defaultForbidMeshExternalServiceAccess"]);
            told.and_then(Node::truth)
        });
        if forbids == Some(true) {
            let words = format!(
                "lets nobody of mesh {name} call a MeshExternalService without a permission"
            );
            let about = format!("services outside mesh {name} without a permission");
            let statement = fact(Topic::Mesh, about, "forbidden", -1, words);
            state_of_zone(zone, statement, &objects, declarations);
        }
    }
    for object in zone.of_kind("MeshPassthrough") {
        let mode = body(object)
            .text_at(&["default", "passthroughMode"])
            .unwrap_or("None");
        let listed = body(object)
            .at(&["default", "appendMatch"])
            .map(Node::items)
            .unwrap_or_default();
        let listed: BTreeSet<String> = listed
            .iter()
            .map(|host| {
                let text = |key: &str| host.text_at(&[key]);
                let protocol = text("protocol").unwrap_or("tcp");
                let port = text("port").map(|port| format!(":{port}"));
                let (host, port) = (text("value").unwrap_or("?"), port.unwrap_or_default());
                format!("{host}{port} ({protocol})")
            })
            .collect();
        let listed = listed.into_iter().collect::<Vec<_>>().join(", ");
        let (value, openness) = match mode {
            "All" => ("any host".to_owned(), 3),
            "Matched" if !listed.is_empty() => (listed, 2),
            _ => ("nothing".to_owned(), 1),
        };
        let target = body(object).get("targetRef");
        let labels =
            texts_of(target.and_then(|target| target.get("labels").or(target.get("tags"))));
        let whom = if labels.is_empty() {
            "all proxies".to_owned()
        } else {
            format!(
                "proxies with {}",
                super::super::object::selector_words(&labels)
            )
        };
        let about = format!("hosts outside for {whom} of mesh {}", mesh_of(object));
        let words = format!("lets {whom} call {value} outside the mesh");
        let statement = fact(Topic::Mesh, about, &value, openness, words);
        state_of_zone(zone, statement, &[object], declarations);
    }
}

/// Services outside a mesh that its workloads know by a name.
fn external_services(zone: &Zone<'_, '_>, declarations: &mut Declarations<'_>) {
    for object in zone.of_kind("MeshExternalService") {
        let body = body(object);
        let endpoints = body.get("endpoints").map(Node::items).unwrap_or_default();
        let addresses = endpoints
            .iter()
            .filter_map(|one| one.text_at(&["address"]))
            .collect();
        let tls = body.get("tls");
        let is_secured = tls.and_then(|tls| tls.get("enabled")).and_then(Node::truth) == Some(true);
        let mode = tls.and_then(|tls| tls.at(&["verification", "mode"]));
        external_service(zone, object, addresses, is_secured, mode, declarations);
    }
    for object in zone.of_kind("ExternalService") {
        let networking = body(object).get("networking");
        let address = networking.and_then(|one| one.text_at(&["address"]));
        let bare = address.map(|one| one.rsplit_once(':').map_or(one, |(host, _)| host));
        let tls = networking.and_then(|one| one.at(&["tls", "enabled"]));
        let is_secured = tls.and_then(Node::truth) == Some(true);
        external_service(
            zone,
            object,
            bare.into_iter().collect(),
            is_secured,
            None,
            declarations,
        );
    }
}

fn external_service(
    zone: &Zone<'_, '_>,
    object: &Object,
    mut addresses: Vec<&str>,
    is_secured: bool,
    verification: Option<&Node>,
    declarations: &mut Declarations<'_>,
) {
    addresses.sort_unstable();
    let name = &object.identity.name;
    let at = if addresses.is_empty() {
        String::new()
    } else {
        format!(" at {}", addresses.join(", "))
    };
    let words = format!("knows {name}{at} outside the mesh");
    let about = format!("host {name}");
    let statement = fact(Topic::Mesh, about, &format!("outside{at}"), 1, words);
    state_of_zone(zone, statement, &[object], declarations);
    let (how, openness) = if is_secured {
        ("with TLS", 1)
    } else {
        ("without TLS", 2)
    };
    let words = format!("has {name}{at}, outside the mesh, called {how}");
    let statement = fact(
        Topic::Encryption,
        format!("calls to {name} outside"),
        how,
        openness,
        words,
    );
    state_of_zone(zone, statement, &[object], declarations);
    if object.identity.cluster != *zone.name() {
        return;
    }
    let address = object.identity.address();
    if !is_secured {
        declarations.sites.push(Site {
            subject: format!("{address} tls"),
            words: format!("has {name}{at}, outside the mesh, called without TLS"),
            source: object.source.clone(),
            lines: [object.root.line, object.root.end_line],
            far_side: FarSide::at(addresses.iter().copied()),
            unproven: None,
        });
    }
    let skipped =
        verification.filter(|mode| mode.text().is_some_and(|mode| mode.starts_with("Skip")));
    if let (true, Some(mode)) = (is_secured, skipped) {
        let words = format!("does not look who answers as {name}{at}");
        let about = format!("certificate of {name} outside");
        let how = mode.text().unwrap_or_default();
        let statement = fact(Topic::Authentication, about, how, 1, words.clone());
        state_of_zone(zone, statement, &[object], declarations);
        declarations.open_doors.push(Site {
            subject: format!("{address} tls.verification.mode"),
            words,
            source: object.source.clone(),
            lines: [mode.line, mode.end_line],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::called("so that anyone in between passes for it")),
        });
    }
}

/// Services that are one across zones.
fn across_zones(zone: &Zone<'_, '_>, declarations: &mut Declarations<'_>) {
    for object in zone.of_kind("MeshMultiZoneService") {
        let name = &object.identity.name;
        let labels = texts_of(body(object).at(&["selector", "meshService", "matchLabels"]));
        let chosen = super::super::object::selector_words(&labels);
        let words = format!("has services with {chosen} of all zones called as one, {name}");
        let about = format!("service {name} across zones");
        let origins = declarations.origins_of([object]);
        let mut of = vec![Boundary::Cluster(zone.name().clone())];
        for service in &zone.cluster.services {
            let named = service.object.identity.name.as_str();
            let is_chosen = labels.iter().all(|(key, value)| match key.as_str() {
                "kuma.io/display-name" => value == named,
                "k8s.kuma.io/namespace" => {
                    service.object.identity.namespace.as_ref() == Some(value)
                }
                _ => service.object.label(key) == Some(value.as_str()),
            });
            if is_chosen && !labels.is_empty() {
                of.push(Boundary::around(&service.object.identity));
                of.extend(zone.cluster.behind(service).into_iter().map(Boundary::of));
            }
        }
        let statement = Statement {
            origins,
            ..fact(Topic::Export, about, &chosen, 1, words)
        };
        declarations.state(&of, statement);
    }
}

/// What gateways of the mesh itself take from outside it.
fn gateways(zone: &Zone<'_, '_>, declarations: &mut Declarations<'_>) {
    for object in zone.of_kind("MeshGateway") {
        let name = &object.identity.name;
        let listeners = body(object).at(&["conf", "listeners"]).map(Node::items);
        for listener in listeners.unwrap_or_default() {
            let port = listener.text_at(&["port"]).unwrap_or("?");
            let protocol = listener
                .text_at(&["protocol"])
                .unwrap_or("?")
                .to_uppercase();
            let is_secured = matches!(protocol.as_str(), "HTTPS" | "TLS");
            let host = listener.text_at(&["hostname"]).unwrap_or("*");
            let how = if is_secured {
                "with TLS"
            } else {
                "in the clear"
            };
            let words = format!("is entered as {host} on port {port} of gateway {name} {how}");
            let statement = fact(
                Topic::Exposure,
                format!("gateway {name} {host} port {port}"),
                how,
                if is_secured { 4 } else { 6 },
                words,
            );
            state_of_zone(zone, statement, &[object], declarations);
            if !is_secured && object.identity.cluster == *zone.name() {
                declarations.sites.push(Site {
                    subject: format!("{} listeners[{port}]", object.identity.address()),
                    words: format!("takes {protocol} in the clear on port {port} for {host}"),
                    source: object.source.clone(),
                    lines: [listener.line, listener.end_line],
                    far_side: FarSide::NotTold,
                    unproven: None,
                });
            }
        }
    }
}
