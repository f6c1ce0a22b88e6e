//! Routes: which Services a gateway leads to, for whom, and how it calls them.
//!
//! A gateway calls what is behind it in the clear unless a `BackendTLSPolicy` is for it. A reference into another namespace
//! holds only where a `ReferenceGrant` of that namespace lets it.

use std::collections::BTreeSet;

use crate::graph::fragment::Topic;

use super::super::declare::{Boundary, Declarations, FarSide, Hop, Site, Statement};
use super::super::envoy_gateway;
use super::super::estate::Cluster;
use super::super::object::Object;
use super::super::yaml::Node;
use super::{GROUP, Gateway, Reach};

/// Kinds of route.
pub(super) const KINDS: &[&str] = &["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

/// The most pairs of host and destination that one route, or of ends that one grant, is told in.
const MAX_PAIRS: usize = 4_096;

/// What a route leads to.
#[derive(Debug, Clone)]
pub(in super::super) struct Destination<'m> {
    node: &'m Node,
    pub(in super::super) group: &'m str,
    pub(in super::super) kind: &'m str,
    pub(in super::super) namespace: Option<&'m str>,
    pub(in super::super) name: &'m str,
    port: Option<&'m str>,
    pub(super) is_granted: bool,
    /// The grant of another namespace that it rests on.
    pub(super) granted_by: Option<&'m Object>,
}

/// A route that holds at gateways.
pub(in super::super) struct Route<'m> {
    pub(in super::super) object: &'m Object,
    /// The gateways that take it, each with the names of listeners.
    pub(in super::super) through: Vec<(&'m Object, BTreeSet<&'m str>)>,
    /// Gateways that it names and no file describes.
    unseen: BTreeSet<String>,
    /// Some listener that takes it decrypts what comes in.
    terminates: bool,
    /// From where the most open of them is reached.
    reach: Reach,
    /// Some gateway that takes it calls what is behind it with the mTLS of its mesh.
    calls_through_mesh: bool,
    hosts: BTreeSet<&'m str>,
    pub(in super::super) destinations: Vec<Destination<'m>>,
}

impl Destination<'_> {
    /// Whether it is a Service of Kubernetes.
    pub(super) fn is_of_kubernetes(&self) -> bool {
        self.group.is_empty() && self.kind == "Service"
    }

    /// Its namespace and name.
    pub(super) fn shown(&self) -> String {
        match self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// It and the workloads behind it.
    pub(in super::super) fn boundaries(&self, cluster: &Cluster<'_>) -> Vec<Boundary> {
        let namespace = self.namespace.map(str::to_owned);
        let mut of = vec![Boundary::Namespace(cluster.name.clone(), namespace)];
        let services = cluster.services.iter();
        for service in services.filter(|one| self.is_service(one.object)) {
            of.extend(cluster.behind(service).into_iter().map(Boundary::of));
        }
        of
    }

    fn is_service(&self, object: &Object) -> bool {
        let identity = &object.identity;
        self.is_of_kubernetes()
            && identity.name == self.name
            && identity.namespace.as_deref() == self.namespace
    }
}

impl<'m> Route<'m> {
    pub(in super::super) fn all(cluster: &Cluster<'m>, gateways: &[Gateway<'m>]) -> Vec<Self> {
        let objects = KINDS.iter().flat_map(|kind| cluster.of_kind(GROUP, kind));
        objects
            .filter_map(|object| Self::of(cluster, gateways, object))
            .collect()
    }

    fn of(cluster: &Cluster<'m>, gateways: &[Gateway<'m>], object: &'m Object) -> Option<Self> {
        let namespace = object.identity.namespace.as_deref();
        let spec = object.root.get("spec")?;
        let mut route = Self {
            object,
            through: Vec::new(),
            unseen: BTreeSet::new(),
            terminates: false,
            reach: Reach::Cluster,
            calls_through_mesh: false,
            hosts: spec
                .get("hostnames")
                .map(Node::texts)
                .into_iter()
                .flatten()
                .collect(),
            destinations: Vec::new(),
        };
        for parent in spec.get("parentRefs").map(Node::items).unwrap_or_default() {
            let text = |key: &str| parent.text_at(&[key]);
            let kind = text("kind").unwrap_or("Gateway");
            // A route of a Service is for callers inside the mesh.
            if !matches!(kind, "Gateway" | "ListenerSet" | "XListenerSet") {
                continue;
            }
            let (Some(name), of) = (text("name"), text("namespace").or(namespace)) else {
                continue;
            };
            let is_meant =
                |one: &Object| one.identity.name == name && one.identity.namespace.as_deref() == of;
            let mut is_seen = false;
            for gateway in gateways {
                let mut is_in = is_meant(gateway.object) && kind == "Gateway";
                let mut taking = BTreeSet::new();
                for listener in &gateway.listeners {
                    let of_set = kind != "Gateway" && is_meant(listener.object);
                    is_in |= of_set;
                    let is_parent = if kind == "Gateway" { is_in } else { of_set };
                    let is_named = text("sectionName").is_none_or(|one| one == listener.name)
                        && text("port").is_none_or(|one| one == listener.port);
                    if is_parent && is_named && listener.takes(cluster, namespace) {
                        taking.insert(listener.name);
                        route.terminates |= listener.terminates();
                        if spec.get("hostnames").is_none() {
                            route.hosts.insert(listener.hostname);
                        }
                    }
                }
                is_seen |= is_in;
                if !taking.is_empty() {
                    route.through.push((gateway.object, taking));
                    route.calls_through_mesh |= gateway.calls_through_mesh;
                    route.reach = route.reach.max(gateway.reach);
                }
            }
            let is_of_mesh = || {
                let mut all = cluster.of_kind(GROUP, "Gateway");
                all.any(&is_meant)
            };
            if !is_seen && !is_of_mesh() {
                let shown = of.map(|of| format!("{of}/{name}"));
                route
                    .unseen
                    .insert(shown.unwrap_or_else(|| name.to_owned()));
                route.reach = Reach::Internet;
            }
        }
        if route.through.is_empty() && route.unseen.is_empty() {
            return None;
        }
        if route.hosts.is_empty() {
            route.hosts.insert("*");
        }
        route.destinations = destinations(cluster, object);
        Some(route)
    }

    /// Whether all it does is to send callers on to HTTPS.
    pub(super) fn only_redirects(&self) -> bool {
        let rules = self.object.root.at(&["spec", "rules"]).map(Node::items);
        let rules = rules.unwrap_or_default();
        let redirects = |rule: &Node| {
            let filters = rule.get("filters").map(Node::items).unwrap_or_default();
            filters
                .iter()
                .any(|filter| filter.text_at(&["requestRedirect", "scheme"]) == Some("https"))
        };
        !rules.is_empty() && rules.iter().all(redirects)
    }
}

/// What a route leads to, copies of calls included.
pub(super) fn destinations<'m>(cluster: &Cluster<'m>, route: &'m Object) -> Vec<Destination<'m>> {
    let items = |node: &'m Node, key: &str| node.get(key).map(Node::items).unwrap_or_default();
    let namespace = route.identity.namespace.as_deref();
    let rules = route.root.at(&["spec", "rules"]).map(Node::items);
    let mut destinations = Vec::new();
    for rule in rules.unwrap_or_default() {
        let back_ends = items(rule, "backendRefs");
        let filters = items(rule, "filters")
            .iter()
            .chain(back_ends.iter().flat_map(|one| items(one, "filters")));
        let copies = filters.filter_map(|filter| filter.at(&["requestMirror", "backendRef"]));
        for node in back_ends.iter().chain(copies) {
            let Some(name) = node.text_at(&["name"]) else {
                continue;
            };
            let mut destination = Destination {
                node,
                group: node.text_at(&["group"]).unwrap_or_default(),
                kind: node.text_at(&["kind"]).unwrap_or("Service"),
                namespace: node.text_at(&["namespace"]).or(namespace),
                name,
                port: node.text_at(&["port"]),
                is_granted: true,
                granted_by: None,
            };
            if destination.namespace != namespace {
                destination.granted_by = grant_for(cluster, route, &destination);
                destination.is_granted = destination.granted_by.is_some();
            }
            destinations.push(destination);
        }
    }
    destinations
}

/// What lets a route of another namespace lead to what is in it.
fn grant_for<'m>(
    cluster: &Cluster<'m>,
    route: &Object,
    to: &Destination<'_>,
) -> Option<&'m Object> {
    let grants = cluster.of_kind(GROUP, "ReferenceGrant");
    let mut near = grants.filter(|grant| grant.identity.namespace.as_deref() == to.namespace);
    let items = |grant: &Object, key: &str, fits: &dyn Fn(&Node) -> bool| {
        let listed = grant.root.at(&["spec", key]).map(Node::items);
        listed.unwrap_or_default().iter().any(fits)
    };
    near.find(|grant| {
        items(grant, "from", &|from| {
            from.text_at(&["group"]).unwrap_or_default() == route.identity.group
                && from.text_at(&["kind"]) == Some(&route.identity.kind)
                && from.text_at(&["namespace"]) == route.identity.namespace.as_deref()
        }) && items(grant, "to", &|one| {
            one.text_at(&["group"]).unwrap_or_default() == to.group
                && one.text_at(&["kind"]) == Some(to.kind)
                && one.text_at(&["name"]).is_none_or(|name| name == to.name)
        })
    })
}

/// A policy by which gateways call something with TLS.
struct CallsWithTls<'m> {
    object: &'m Object,
    group: &'m str,
    kind: &'m str,
    name: &'m str,
    section: Option<&'m str>,
    hostname: &'m str,
    roots: String,
}

fn tls_policies<'m>(cluster: &Cluster<'m>) -> (Vec<CallsWithTls<'m>>, Vec<&'m Object>) {
    let (mut all, mut broken) = (Vec::new(), Vec::new());
    for object in cluster.of_kind(GROUP, "BackendTLSPolicy") {
        let Some(spec) = object.root.get("spec") else {
            continue;
        };
        // The first versions of the API had one target, and other names.
        let checks = spec.get("validation").or_else(|| spec.get("tls"));
        let hostname = checks.and_then(|checks| checks.text_at(&["hostname"]));
        let field = |keys: [&str; 2]| keys.iter().find_map(|key| checks?.get(key));
        let listed = field(["caCertificateRefs", "caCertRefs"]);
        let listed = listed.filter(|list| !list.is_empty());
        let known = field(["wellKnownCACertificates", "wellKnownCACerts"]).and_then(Node::text);
        let roots = match (listed, known.filter(|text| !text.is_empty())) {
            (Some(listed), None) => {
                let names = listed.items().iter();
                let mut names: Vec<&str> = names.filter_map(|one| one.text_at(&["name"])).collect();
                names.sort_unstable();
                names.join(", ")
            }
            (None, Some(_)) => "those of the system".to_owned(),
            _ => {
                broken.push(object);
                continue;
            }
        };
        let Some(hostname) = hostname else {
            broken.push(object);
            continue;
        };
        let several = spec.get("targetRefs").map(Node::items).unwrap_or_default();
        for target in several.iter().chain(spec.get("targetRef")) {
            let Some(name) = target.text_at(&["name"]) else {
                continue;
            };
            all.push(CallsWithTls {
                object,
                group: target.text_at(&["group"]).unwrap_or_default(),
                kind: target.text_at(&["kind"]).unwrap_or("Service"),
                name,
                section: target.text_at(&["sectionName"]),
                hostname,
                roots: roots.clone(),
            });
        }
    }
    (all, broken)
}

impl CallsWithTls<'_> {
    /// Whether it is for what a route leads to. `port_name` is that of the port, where it is known.
    fn is_for(&self, to: &Destination<'_>, port_name: Option<&str>) -> bool {
        let namespace = self.object.identity.namespace.as_deref();
        let is_port = match (self.section, port_name) {
            (Some(section), Some(name)) => section == name,
            // Nobody tells what the port is called.
            _ => true,
        };
        (self.group, self.kind, self.name, namespace) == (to.group, to.kind, to.name, to.namespace)
            && is_port
    }
}

pub(super) fn declare(
    cluster: &Cluster<'_>,
    gateways: &[Gateway<'_>],
    routes: &[Route<'_>],
    declarations: &mut Declarations<'_>,
) {
    let (policies, broken) = tls_policies(cluster);
    for object in broken {
        declarations.notice(
            "policy-without-effect",
            object,
            "it needs a hostname and exactly one of certificates of its own and those of the system: without, it is not accepted \
             and encrypts nothing",
        );
    }
    for policy in &policies {
        let identity = &policy.object.identity;
        let to = Destination {
            node: &policy.object.root,
            group: policy.group,
            kind: policy.kind,
            namespace: identity.namespace.as_deref(),
            name: policy.name,
            port: None,
            is_granted: true,
            granted_by: None,
        };
        let mut of: BTreeSet<Boundary> = to.boundaries(cluster).into_iter().collect();
        for route in routes {
            let mut leads = route.destinations.iter();
            if leads.any(|one| policy.is_for(one, None)) {
                let around = route.through.iter().map(|(gateway, _)| &gateway.identity);
                of.extend(around.map(Boundary::around));
            }
        }
        let of: Vec<Boundary> = of.into_iter().collect();
        let part = policy.section.map(|one| format!(" port {one}"));
        let shown = format!("{}{}", to.shown(), part.unwrap_or_default());
        let (hostname, roots) = (policy.hostname, &policy.roots);
        declarations.state(
            &of,
            Statement {
                topic: Topic::Encryption,
                about: format!("calls of gateways to {shown}"),
                matter: format!("calls of gateways to {shown}"),
                value: format!("TLS as {hostname} by {roots}"),
                openness: -1,
                words: format!(
                    "has {shown} called by gateways with TLS, as {hostname} by certificates of {roots}"
                ),
                origins: declarations.origins_of([policy.object]),
            },
        );
    }
    for route in routes {
        led_to(cluster, route, declarations);
        in_the_clear(cluster, route, &policies, declarations);
    }
    grants(cluster, declarations);
    client_certificates(cluster, gateways, declarations);
}

/// What a route opens.
fn led_to(cluster: &Cluster<'_>, route: &Route<'_>, declarations: &mut Declarations<'_>) {
    let mut names: BTreeSet<String> = route.unseen.clone();
    let through = route.through.iter();
    names.extend(through.map(|(gateway, _)| gateway.identity.qualified_name()));
    let origin = declarations.origin(route.object);
    let several = names.len().saturating_mul(route.destinations.len());
    let is_large = several.saturating_mul(route.hosts.len()) > MAX_PAIRS;
    for destination in &route.destinations {
        let to = destination.shown();
        if !destination.is_granted {
            declarations.notice(
                "reference-not-granted",
                route.object,
                format!(
                    "it leads to {} {to} of another namespace, and no ReferenceGrant there lets it: gateways refuse that",
                    destination.kind
                ),
            );
            continue;
        }
        let mut of = vec![Boundary::Cluster(cluster.name.clone())];
        of.extend(destination.boundaries(cluster));
        let origins =
            declarations.origins_of([route.object].into_iter().chain(destination.granted_by));
        for gateway in &names {
            let mut state = |shown: &str| {
                declarations.state(
                    &of,
                    Statement {
                        topic: Topic::Exposure,
                        about: format!("{to} as {shown} through gateway {gateway}"),
                        matter: format!("{to} through gateway {gateway}"),
                        value: "routed".to_owned(),
                        openness: 1,
                        words: format!("has {to} reached as {shown} through gateway {gateway}"),
                        origins: origins.clone(),
                    },
                );
            };
            if is_large {
                state("its hosts");
            } else {
                route.hosts.iter().for_each(|host| state(host));
            }
        }
    }
    // So many that every pair would be told: hosts are told for themselves.
    for host in route.hosts.iter().filter(|_| is_large) {
        let name = route.object.identity.qualified_name();
        declarations.state(
            &[Boundary::around(&route.object.identity)],
            Statement {
                topic: Topic::Exposure,
                about: format!("host {host} of route {name}"),
                matter: format!("hosts of route {name}"),
                value: "routed".to_owned(),
                openness: 1,
                words: format!("is reached as {host} by route {name}"),
                origins: BTreeSet::from([origin]),
            },
        );
    }
}

/// Hops from a gateway to what is behind it that nothing encrypts.
fn in_the_clear(
    cluster: &Cluster<'_>,
    route: &Route<'_>,
    policies: &[CallsWithTls<'_>],
    declarations: &mut Declarations<'_>,
) {
    let is_spoken = matches!(
        route.object.identity.kind.as_str(),
        "HTTPRoute" | "GRPCRoute"
    );
    // What is not looked into goes on as it came; gateways of a mesh call with its mTLS.
    if !is_spoken && !route.terminates || route.calls_through_mesh {
        return;
    }
    for destination in route.destinations.iter().filter(|one| one.is_granted) {
        let mut services = cluster.services.iter();
        let service = services.find(|one| destination.is_service(one.object));
        let port = service.and_then(|service| {
            let ports = service.object.root.at(&["spec", "ports"]).map(Node::items);
            let mut ports = ports.unwrap_or_default().iter();
            ports.find(|one| one.text_at(&["port"]) == destination.port)
        });
        let port_name = port.and_then(|port| port.text_at(&["name"]));
        let says_tls = port
            .and_then(|port| port.text_at(&["appProtocol"]))
            .is_some_and(|protocol| {
                matches!(
                    protocol.to_ascii_lowercase().as_str(),
                    "https" | "tls" | "kubernetes.io/wss"
                )
            });
        let is_covered = policies
            .iter()
            .any(|policy| policy.is_for(destination, port_name));
        if says_tls || is_covered {
            continue;
        }
        let far_side = match (destination.group, destination.kind) {
            ("", "Service") => service
                .and_then(|service| service.object.root.text_at(&["spec", "externalName"]))
                .map_or(FarSide::NotTold, |host| FarSide::at([host])),
            (envoy_gateway::GROUP, "Backend") => {
                match envoy_gateway::back_end(cluster, destination) {
                    Some(back_end) if back_end.has_tls => continue,
                    Some(back_end) => back_end.far_side,
                    None => FarSide::NotTold,
                }
            }
            // What other clusters have is called over whatever joins them.
            (group, "ServiceImport") if group.ends_with(".x-k8s.io") || group == "net.gke.io" => {
                FarSide::NotTold
            }
            _ => continue,
        };
        let to = destination.shown();
        let gateways = route.through.iter().map(|(gateway, _)| gateway);
        let gateways = gateways.map(|gateway| gateway.identity.qualified_name());
        let hop = Hop::new(
            format!("gateways of {} calling {to}", cluster.shown),
            gateways.chain(route.unseen.iter().cloned()),
        );
        let site = Site {
            subject: format!("{} to {to}", route.object.identity.address()),
            words: format!("has {to} called by its gateway in the clear"),
            source: route.object.source.clone(),
            lines: [destination.node.line, destination.node.end_line],
            far_side,
            unproven: None,
        };
        declarations.site(site, hop);
    }
}

/// Namespaces that let routes of others lead into them.
fn grants(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    for grant in cluster.of_kind(GROUP, "ReferenceGrant") {
        let origin = declarations.origin(grant);
        let items = |key: &str| {
            let listed = grant.root.at(&["spec", key]).map(Node::items);
            listed.unwrap_or_default()
        };
        let (from, to) = (items("from"), items("to"));
        let mut state = |who: &str, what: &str| {
            declarations.state(
                &[Boundary::around(&grant.identity)],
                Statement {
                    topic: Topic::Exposure,
                    about: format!("{who} to {what}"),
                    matter: format!("grant to {who}"),
                    value: "granted".to_owned(),
                    openness: 1,
                    words: format!("lets {who} refer to {what} in it"),
                    origins: BTreeSet::from([origin]),
                },
            );
        };
        let who = |from: &Node| {
            let kind = from.text_at(&["kind"]).unwrap_or("?");
            let of = from.text_at(&["namespace"]).unwrap_or("?");
            format!("{kind} objects of namespace {of}")
        };
        let what = |to: &Node| {
            let kind = to.text_at(&["kind"]).unwrap_or("?");
            match to.text_at(&["name"]) {
                Some(name) => format!("{kind} {name}"),
                None => format!("every {kind}"),
            }
        };
        let is_large = from.len().saturating_mul(to.len()) > MAX_PAIRS;
        if is_large {
            from.iter()
                .for_each(|one| state(&who(one), "what it names"));
            to.iter()
                .for_each(|one| state("those it names", &what(one)));
            continue;
        }
        for one in from {
            to.iter().for_each(|other| state(&who(one), &what(other)));
        }
    }
}

/// Certificates that gateways show to what is behind them.
fn client_certificates(
    cluster: &Cluster<'_>,
    gateways: &[Gateway<'_>],
    declarations: &mut Declarations<'_>,
) {
    for gateway in gateways {
        let root = &gateway.object.root;
        let shown = root
            .text_at(&["spec", "tls", "backend", "clientCertificateRef", "name"])
            .or_else(|| root.text_at(&["spec", "backendTLS", "clientCertificateRef", "name"]));
        let Some(shown) = shown else { continue };
        let name = gateway.name();
        declarations.state(
            &[
                Boundary::Cluster(cluster.name.clone()),
                Boundary::around(&gateway.object.identity),
            ],
            Statement {
                topic: Topic::Authentication,
                about: format!("proof of gateway {name}"),
                matter: format!("proof of gateway {name}"),
                value: shown.to_owned(),
                openness: -1,
                words: format!("has gateway {name} show the certificate {shown} to what it calls"),
                origins: declarations.origins_of([gateway.object]),
            },
        );
    }
}
