//! API gateways: which services they let callers at, how those come in, and which tokens they have to show.
//!
//! Outside Kubernetes a gateway and its routes are entries. A listener takes TLS only with certificates, and a route without
//! `SectionName` holds at every listener (<https://developer.hashicorp.com/consul/docs/reference/config-entry/api-gateway> and
//! <https://developer.hashicorp.com/consul/docs/reference/config-entry/http-route>, read 2026-11-22). In Kubernetes they are objects of the
//! Gateway API, whose meaning is told there; what is Consul's own is told here: policies and filters that ask for tokens
//! (<https://developer.hashicorp.com/consul/docs/north-south/api-gateway/secure-traffic/jwt/k8s>, read 2026-11-22), and how the proxies of its
//! class are reached. What a gateway calls it calls through the mesh.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;

use super::super::declare::{Boundary, Declarations, FarSide, Fault, FaultKind, Site, Statement};
use super::super::estate::Cluster;
use super::super::gateway_api::routes::{Destination, Route};
use super::super::gateway_api::{self, Gateway};
use super::super::object::Object;
use super::super::yaml::Node;
use super::bearers;
use super::inbound::fact;
use super::shape::{self, Datacenter, Entry, GROUP};

/// Controllers of Consul's classes of gateways.
const CONTROLLERS: &[&str] = &[
    "consul.hashicorp.com/gateway-controller",
    "consul.hashicorp.com/gatewayclass-controller",
    "hashicorp.com/consul-api-gateway-controller",
    "hashicorp.com/consul-api-gateway-gateway-controller",
];

/// Classes that the chart makes.
const OF_CHART: &[&str] = &["consul", "consul-api-gateway"];

pub(super) fn declare(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    entries(datacenter, declarations);
    objects(datacenter.cluster, declarations);
    providers(datacenter, declarations);
}

/// The most pairs of a listener and a route that are told one by one.
const MAX_PAIRS: usize = 4_096;

/// One listener of a gateway that is an entry.
struct Listener<'n> {
    node: &'n Node,
    name: &'n str,
    port: &'n str,
    host: &'n str,
    has_tls: bool,
}

impl<'n> Listener<'n> {
    fn of(node: &'n Node) -> Self {
        let text = |key: &str| shape::text(node, &[key]);
        Self {
            node,
            name: text("Name").unwrap_or_default(),
            port: text("Port").unwrap_or("?"),
            host: text("Hostname").unwrap_or("*"),
            has_tls: !shape::all(node, &["TLS", "Certificates"]).is_empty(),
        }
    }
}

/// What one way into a service comes to, over all rules that make it.
#[derive(Default)]
struct Way<'m> {
    hosts: BTreeSet<String>,
    /// The tokens that each rule asks for.
    asked: Vec<BTreeSet<String>>,
    objects: Vec<&'m Object>,
    /// What it leads to, where no service of the mesh says it.
    of: BTreeSet<Boundary>,
}

impl Way<'_> {
    /// The tokens that are asked for whichever rule a call comes by; none: some rule asks for nothing.
    fn tokens(&self) -> Option<String> {
        if self.asked.iter().any(BTreeSet::is_empty) {
            return None;
        }
        let listed: BTreeSet<String> = self
            .asked
            .iter()
            .map(|one| one.iter().cloned().collect::<Vec<_>>().join(" and "))
            .collect();
        Some(listed.into_iter().collect::<Vec<_>>().join(", or "))
    }
}

/// Tokens that are asked for there: the issuers by name, with what those have to say.
pub(super) fn tokens(node: Option<&Node>) -> BTreeSet<String> {
    let listed = node.map(|node| shape::all(node, &["JWT", "Providers"]));
    let name = |one: &Node| {
        let name = shape::text(one, &["Name"]).unwrap_or("?");
        match shape::at(one, &["VerifyClaims"]).filter(|claims| !claims.is_empty()) {
            Some(claims) => format!("{name} with {}", claims.canonical()),
            None => name.to_owned(),
        }
    };
    listed.unwrap_or_default().into_iter().map(name).collect()
}

/// What a listener asks for by itself: what it asks whatever routes say, and else what a rule does, or what it asks by default.
fn asked(
    overriding: Option<&Node>,
    of_rule: BTreeSet<String>,
    default: Option<&Node>,
) -> BTreeSet<String> {
    let mut all = if of_rule.is_empty() {
        tokens(default)
    } else {
        of_rule
    };
    all.extend(tokens(overriding));
    all
}

/// The services that the rules of a route lead to, each with the tokens that its rule asks for.
fn led_to<'e>(route: &'e Entry<'_>) -> Vec<(&'e Node, BTreeSet<String>)> {
    let of_rules = shape::all(&route.body, &["Rules"]).into_iter();
    let of_rules = of_rules.flat_map(|rule| {
        let asked = tokens(shape::at(rule, &["Filters"]));
        let services = shape::all(rule, &["Services"]).into_iter();
        services.map(move |service| (service, asked.clone()))
    });
    let own = shape::all(&route.body, &["Services"]).into_iter();
    of_rules
        .chain(own.map(|service| (service, BTreeSet::new())))
        .collect()
}

/// The services that a route leads to, with the namespace it says they are in.
pub(super) fn services_of<'e>(route: &'e Entry<'_>) -> Vec<(&'e str, Option<&'e str>)> {
    let services = led_to(route).into_iter().map(|(service, _)| service);
    let named = services.filter_map(|service| {
        Some((
            shape::text(service, &["Name"])?,
            shape::text(service, &["Namespace"]),
        ))
    });
    named.collect()
}

fn entries(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    let routes: Vec<&Entry<'_>> = ["HTTPRoute", "TCPRoute"]
        .into_iter()
        .flat_map(|kind| datacenter.of_kind(kind))
        .collect();
    let mut by_gateway: BTreeMap<&str, Vec<&Entry<'_>>> = BTreeMap::new();
    for route in &routes {
        let named = parents(route).filter_map(|parent| shape::text(parent, &["Name"]));
        for gateway in named.collect::<BTreeSet<_>>() {
            by_gateway.entry(gateway).or_default().push(route);
        }
    }
    let mut seen = BTreeSet::new();
    for gateway in datacenter.of_kind("APIGateway") {
        let name = gateway.name.as_str();
        seen.insert(name);
        let its = by_gateway.get(name).map(Vec::as_slice).unwrap_or_default();
        let listeners = shape::all(&gateway.body, &["Listeners"]);
        if listeners.len().saturating_mul(its.len()) > MAX_PAIRS {
            declarations.notice(
                "object-not-understood",
                gateway.object,
                "it has so many listeners and routes that they are not told one by one: each of its routes counts as entered without TLS",
            );
            for route in its {
                unlisted(
                    datacenter,
                    route,
                    name,
                    "at too many listeners to tell",
                    declarations,
                );
            }
            continue;
        }
        for listener in listeners {
            self::listener(
                datacenter,
                gateway,
                &Listener::of(listener),
                its,
                declarations,
            );
        }
    }
    for route in routes {
        for gateway in parents(route).filter_map(|parent| shape::text(parent, &["Name"])) {
            if !seen.contains(gateway) {
                unlisted(
                    datacenter,
                    route,
                    gateway,
                    "which no file describes",
                    declarations,
                );
            }
        }
    }
}

/// The gateways that a route names.
fn parents<'e>(route: &'e Entry<'_>) -> impl Iterator<Item = &'e Node> {
    let listed = shape::all(&route.body, &["Parents"]).into_iter();
    listed.filter(|parent| matches!(shape::text(parent, &["Kind"]), None | Some("api-gateway")))
}

fn listener(
    datacenter: &Datacenter<'_, '_>,
    gateway: &Entry<'_>,
    listener: &Listener<'_>,
    routes: &[&Entry<'_>],
    declarations: &mut Declarations<'_>,
) {
    let mut ways: BTreeMap<(&str, Option<&str>), Way<'_>> = BTreeMap::new();
    for route in routes {
        let is_its = |parent: &Node| {
            let section = shape::text(parent, &["SectionName"]);
            shape::text(parent, &["Name"]) == Some(gateway.name.as_str())
                && section.is_none_or(|section| section == listener.name)
        };
        if !parents(route).any(is_its) {
            continue;
        }
        let hosts = shape::at(&route.body, &["Hostnames"]).map(Node::texts);
        let hosts = hosts.filter(|hosts| !hosts.is_empty());
        let hosts = hosts.unwrap_or_else(|| vec![listener.host]);
        for (service, of_rule) in led_to(route) {
            let Some(name) = shape::text(service, &["Name"]) else {
                continue;
            };
            let namespace = shape::text(service, &["Namespace"]).or(route.namespace.as_deref());
            let way = ways.entry((name, namespace)).or_default();
            way.hosts
                .extend(hosts.iter().map(|host| (*host).to_owned()));
            let own = |key: &str| shape::get(listener.node, key);
            way.asked
                .push(asked(own("override"), of_rule, own("default")));
            way.objects.push(route.object);
        }
    }
    let how = if listener.has_tls {
        "with TLS"
    } else {
        "without TLS of its own"
    };
    let is_used = !ways.is_empty();
    for ((name, namespace), way) in ways {
        let mut of = bearers(datacenter, name, namespace);
        of.insert(Boundary::Cluster(datacenter.name().clone()));
        let of: Vec<Boundary> = of.into_iter().collect();
        let saying = way.objects.iter().copied().chain([gateway.object]);
        let origins = declarations.origins_of(saying);
        let (port, of_gateway) = (listener.port, &gateway.name);
        for host in &way.hosts {
            let shown = if host == "*" {
                String::new()
            } else {
                format!(" as {host}")
            };
            let words = format!(
                "is entered for {name}{shown} on port {port} of gateway {of_gateway} {how}"
            );
            let about = format!("{name}{shown} on port {port} of gateway {of_gateway}");
            let statement = Statement {
                openness: if listener.has_tls { 4 } else { 6 },
                matter: format!("{name} through gateway {of_gateway}"),
                ..fact(Topic::Exposure, about, how, words, origins.clone())
            };
            declarations.state(&of, statement);
        }
        if let Some(tokens) = way.tokens() {
            let about = format!("callers of {name} on port {port} of gateway {of_gateway}");
            let words = format!(
                "has callers of {name} on port {port} of gateway {of_gateway} asked for a token of {tokens}"
            );
            let statement = Statement {
                openness: -1,
                matter: format!("callers of {name} through gateway {of_gateway}"),
                ..fact(Topic::Authentication, about, &tokens, words, origins)
            };
            declarations.state(&of, statement);
        }
    }
    if is_used && !listener.has_tls {
        let port = listener.port;
        declarations.sites.push(Site {
            subject: format!("{} listeners[{port}]", gateway.object.identity.address()),
            words: format!(
                "takes calls from outside the mesh on port {port} without TLS of its own"
            ),
            source: gateway.object.source.clone(),
            lines: [listener.node.line, listener.node.end_line],
            far_side: FarSide::NotTold,
            unproven: None,
        });
    }
}

/// What a route opens at a gateway whose listeners are not told, and why.
fn unlisted(
    datacenter: &Datacenter<'_, '_>,
    route: &Entry<'_>,
    gateway: &str,
    why: &str,
    declarations: &mut Declarations<'_>,
) {
    let services: BTreeSet<_> = services_of(route).into_iter().collect();
    for (name, namespace) in services {
        let mut of = bearers(datacenter, name, namespace.or(route.namespace.as_deref()));
        of.insert(Boundary::Cluster(datacenter.name().clone()));
        let of: Vec<Boundary> = of.into_iter().collect();
        let about = format!("{name} through gateway {gateway}");
        let words = format!("is entered for {name} through gateway {gateway}, {why}");
        let origins = declarations.origins_of([route.object]);
        let statement = Statement {
            openness: 6,
            ..fact(Topic::Exposure, about, "routed", words, origins)
        };
        declarations.state(&of, statement);
    }
}

/// Tokens that gateways of Kubernetes ask for.
fn objects(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let gateways = Gateway::all(cluster);
    if !gateways.iter().any(|gateway| gateway.is_of_consul) {
        return;
    }
    let routes = Route::all(cluster, &gateways);
    for gateway in gateways.iter().filter(|gateway| gateway.is_of_consul) {
        let of_gateway = gateway.name();
        for ((namespace, name), way) in ways_through(cluster, gateway.object, &routes) {
            let Some(tokens) = way.tokens() else { continue };
            let mut of: Vec<Boundary> = way.of.into_iter().collect();
            of.push(Boundary::Cluster(cluster.name.clone()));
            let shown = match namespace {
                Some(namespace) => format!("{namespace}/{name}"),
                None => name.to_owned(),
            };
            let about = format!("callers of {shown} through gateway {of_gateway}");
            let words = format!(
                "has callers of {shown} through gateway {of_gateway} asked for a token of {tokens}"
            );
            let origins = declarations.origins_of(way.objects);
            let statement = Statement {
                openness: -1,
                ..fact(Topic::Authentication, about, &tokens, words, origins)
            };
            declarations.state(&of, statement);
        }
    }
}

/// The ways through a gateway of Kubernetes, by the namespace and name of what each leads to.
fn ways_through<'m>(
    cluster: &Cluster<'m>,
    gateway: &'m Object,
    routes: &[Route<'m>],
) -> BTreeMap<(Option<&'m str>, &'m str), Way<'m>> {
    let mut ways: BTreeMap<_, Way<'m>> = BTreeMap::new();
    for route in routes {
        let mut through = route.through.iter();
        let Some((_, listeners)) = through.find(|(one, _)| std::ptr::eq(*one, gateway)) else {
            continue;
        };
        let (own, overriding, default) = by_policies(cluster, gateway, listeners);
        let mut by_name: BTreeMap<&str, BTreeMap<Option<&str>, &Destination<'m>>> = BTreeMap::new();
        for destination in &route.destinations {
            let known = by_name.entry(destination.name).or_default();
            known.insert(destination.namespace, destination);
        }
        for (rule, of_rule) in rules(cluster, route.object) {
            let named = rule.iter().filter_map(|name| by_name.get(name));
            for destination in named.flat_map(BTreeMap::values) {
                let way = ways
                    .entry((destination.namespace, destination.name))
                    .or_default();
                let asked = match &default {
                    Some(default) if of_rule.is_empty() => default.clone(),
                    _ => of_rule.clone(),
                };
                way.asked.push(asked.union(&overriding).cloned().collect());
                let last = way.objects.last();
                if last.is_none_or(|last| !std::ptr::eq(*last, route.object)) {
                    way.objects.extend(&own);
                    way.objects.push(route.object);
                    way.of.extend(destination.boundaries(cluster));
                }
            }
        }
    }
    ways
}

/// What policies ask at all of some listeners: who says so, what is asked whatever routes say, and what by default.
fn by_policies<'m>(
    cluster: &Cluster<'m>,
    gateway: &Object,
    listeners: &BTreeSet<&str>,
) -> (Vec<&'m Object>, BTreeSet<String>, Option<BTreeSet<String>>) {
    let policies = cluster.of_kind(GROUP, "GatewayPolicy").filter(|policy| {
        policy.identity.namespace == gateway.identity.namespace
            && policy.root.text_at(&["spec", "targetRef", "name"]) == Some(&gateway.identity.name)
    });
    let policies: Vec<&Object> = policies.collect();
    let asked = |key: &str| {
        // A listener that no policy is for asks for nothing, and callers choose.
        let of_listener = |listener: &&str| {
            let mut own = policies.iter().filter(|policy| {
                let section = policy.root.text_at(&["spec", "targetRef", "sectionName"]);
                section.is_none_or(|section| section == *listener)
            });
            own.find_map(|policy| {
                let found = tokens(policy.root.at(&["spec", key]));
                (!found.is_empty()).then_some(found)
            })
        };
        let each: Option<Vec<BTreeSet<String>>> = listeners.iter().map(of_listener).collect();
        each.map(|each| each.into_iter().flatten().collect::<BTreeSet<String>>())
    };
    let (overriding, default) = (asked("override"), asked("default"));
    (policies, overriding.unwrap_or_default(), default)
}

/// The rules of a route: the names that each leads to, and the tokens that filters of it ask for.
fn rules<'m>(
    cluster: &Cluster<'m>,
    route: &'m Object,
) -> Vec<(BTreeSet<&'m str>, BTreeSet<String>)> {
    let listed = route.root.at(&["spec", "rules"]).map(Node::items);
    let all = listed.unwrap_or_default().iter().map(|rule| {
        let items = |key: &str| rule.get(key).map(Node::items).unwrap_or_default();
        let names = items("backendRefs")
            .iter()
            .filter_map(|one| one.text_at(&["name"]))
            .collect();
        let filters = items("filters").iter().filter_map(|filter| {
            let reference = filter.get("extensionRef")?;
            let is_it = reference.text_at(&["kind"]) == Some("RouteAuthFilter");
            is_it.then(|| reference.text_at(&["name"])).flatten()
        });
        let asked = filters.flat_map(|name| {
            let mut known = cluster.of_kind(GROUP, "RouteAuthFilter");
            let filter = known.find(|one| {
                one.identity.name == name && one.identity.namespace == route.identity.namespace
            });
            tokens(filter.and_then(|filter| filter.root.get("spec")))
        });
        (names, asked.collect())
    });
    all.collect()
}

/// Whose tokens are believed.
fn providers(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for entry in datacenter.of_kind("JWTProvider") {
        let issuer = entry.text(&["Issuer"]).unwrap_or("anyone");
        let audiences = shape::at(&entry.body, &["Audiences"]).map(Node::texts);
        let mut audiences = audiences.unwrap_or_default();
        audiences.sort_unstable();
        let keys = shape::at(&entry.body, &["JSONWebKeySet"]);
        let from = keys.and_then(|keys| shape::text(keys, &["Remote", "URI"]));
        let keys = from.map_or_else(
            || keys.map(Node::canonical).unwrap_or_default(),
            str::to_owned,
        );
        let meant = if audiences.is_empty() {
            "whoever they are meant for".to_owned()
        } else {
            format!("meant for {}", audiences.join(" or "))
        };
        let at = from.map(|from| format!(", by the keys at {from}"));
        let words = format!(
            "believes tokens of {} that {issuer} issues, {meant}{}",
            entry.name,
            at.unwrap_or_default()
        );
        let origins = declarations.origins_of([entry.object]);
        let about = format!("tokens of {}", entry.name);
        let statement = Statement {
            openness: i32::from(audiences.is_empty()),
            ..fact(
                Topic::Authentication,
                about,
                &format!("{issuer} {meant} {keys}"),
                words,
                origins,
            )
        };
        declarations.state(&[Boundary::Cluster(datacenter.name().clone())], statement);
        if let Some(from) = from.filter(|from| from.starts_with("http://")) {
            declarations.faults.push(Fault {
                kind: FaultKind::UnverifiedToken,
                subject: format!("{} JSONWebKeySet", entry.object.identity.address()),
                words: format!(
                    "fetches the keys that tokens are verified by over plain HTTP, from {from}"
                ),
                source: entry.object.source.clone(),
                lines: entry.lines(&["JSONWebKeySet"]),
            });
        }
    }
}

/// Whether a class of gateways is Consul's.
pub(in super::super) fn is_class(cluster: &Cluster<'_>, class: &str) -> bool {
    match class_object(cluster, class) {
        Some(object) => {
            let controller = object.root.text_at(&["spec", "controllerName"]);
            let controller = controller.or_else(|| object.root.text_at(&["spec", "controller"]));
            controller.is_some_and(|one| CONTROLLERS.contains(&one))
        }
        None => OF_CHART.contains(&class),
    }
}

fn class_object<'m>(cluster: &Cluster<'m>, class: &str) -> Option<&'m Object> {
    let mut classes = cluster.of_kind(gateway_api::GROUP, "GatewayClass");
    classes.find(|one| one.identity.name == class)
}

/// The Service that the proxies of a class get.
pub(in super::super) struct Given<'m> {
    /// Its type.
    pub(in super::super) kind: String,
    /// The annotations of gateways that it gets too.
    pub(in super::super) copied: BTreeSet<String>,
    /// Who says so.
    pub(in super::super) by: &'m Object,
}

/// What Consul makes for gateways of a class; `None`: it is not Consul's, or nothing tells.
pub(in super::super) fn given<'m>(cluster: &Cluster<'m>, class: &str) -> Option<Given<'m>> {
    if !is_class(cluster, class) {
        return None;
    }
    let parameters = ["spec", "parametersRef", "name"];
    let named = class_object(cluster, class).and_then(|one| one.root.text_at(&parameters));
    let named = named.unwrap_or(class);
    let mut settings = cluster.of_kind(".consul.hashicorp.com", "GatewayClassConfig");
    if let Some(settings) = settings.find(|one| one.identity.name == named) {
        let spec = settings.root.get("spec");
        let is_on_nodes = spec.and_then(|spec| spec.at(&["useHostPorts"])?.truth()) == Some(true);
        let kind = spec.and_then(|spec| spec.text_at(&["serviceType"]));
        let copied = spec.and_then(|spec| spec.at(&["copyAnnotations", "service"]));
        return Some(Given {
            kind: if is_on_nodes {
                "NodePort"
            } else {
                kind.unwrap_or("ClusterIP")
            }
            .to_owned(),
            copied: owned(copied.map(Node::texts).unwrap_or_default()),
            by: settings,
        });
    }
    let managed = ["connectInject", "apiGateway", "managedGatewayClass"];
    let mut values = cluster.of_kind(shape::VALUES_GROUP, "ConsulValues");
    let (object, managed) = values.find_map(|one| Some((one, shape::value_of(one, &managed)?)))?;
    let copied = managed.at(&["copyAnnotations", "service", "annotations"]);
    // A list in a text.
    let embedded = copied.map(|text| text.embedded().0).unwrap_or_default();
    let listed = embedded.iter().chain(copied).flat_map(|node| {
        let of_fields = node.fields().iter().map(|field| field.key.as_str());
        node.items().iter().filter_map(Node::text).chain(of_fields)
    });
    Some(Given {
        kind: managed
            .text_at(&["serviceType"])
            .unwrap_or("LoadBalancer")
            .to_owned(),
        copied: owned(listed.collect()),
        by: object,
    })
}

fn owned(texts: Vec<&str>) -> BTreeSet<String> {
    texts.into_iter().map(str::to_owned).collect()
}
