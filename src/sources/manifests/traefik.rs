//! Traefik: its static and dynamic configuration in YAML or TOML, and its Kubernetes objects.
//!
//! After its documentation (<https://doc.traefik.io/traefik/>, read 2026-11-22): a router without `tls`, on an entry point without
//! it, takes plaintext; a Kubernetes Service is called over `https` where its port is 443 or its port's name says so, unless
//! `scheme` decides; `insecureSkipVerify` verifies nothing. Most of what stands behind a Traefik asks its callers by itself, so
//! a route without a middleware that asks is no finding; one that loses it is a change.

use std::collections::{BTreeMap, BTreeSet};

use super::declare::{Boundary, Declarations};
use super::estate::{Cluster, Estate};
use super::gateways::{
    self, Door, Entrance, Gateway, Unverified, Upstream, Verified, authority, is_loopback, scheme,
};
use super::object::Object;
use super::systems::{Document, Language, Meaning, System};
use super::toml;
use super::yaml::{Field, Node};

/// Traefik.
pub(super) const SYSTEM: System = System {
    name: "Traefik",
    groups: &[GROUP, ".traefik.io", "traefik.containo.us"],
    kinds: &[
        (KIND, Meaning::Modelled),
        ("IngressRoute", Meaning::Modelled),
        ("IngressRouteTCP", Meaning::Modelled),
        ("Middleware", Meaning::Modelled),
        ("ServersTransport", Meaning::Modelled),
        ("ServersTransportTCP", Meaning::Modelled),
        ("TLSOption", Meaning::Modelled),
        (
            "TraefikService",
            Meaning::NotYet("which Services stand behind one name"),
        ),
        (
            "IngressRouteUDP",
            Meaning::NotYet("which UDP ports lead to which Services"),
        ),
        ("MiddlewareTCP", Meaning::Irrelevant),
        ("TLSStore", Meaning::Irrelevant),
    ],
    document_words: &["routers", "entryPoints", "serversTransport", "middlewares"],
    document,
    languages: &[Language {
        may_be: |path| path.ends_with(".toml"),
        may_hold: |bytes| {
            let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
            [
                "entryPoints",
                "http.routers",
                "http.services",
                "http.middlewares",
                "tcp.routers",
                "serversTransport",
            ]
            .into_iter()
            .any(has)
        },
        read: |file| toml::documents(file.text),
    }],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| object.is(GROUP, KIND),
    declare,
};

const GROUP: &str = "file.traefik.io";
const KIND: &str = "TraefikConfiguration";

/// How deep middlewares may name each other.
const MAX_CHAIN: usize = 10;

fn document(root: &Node) -> Option<Document> {
    let is_map = |path: &[&str]| root.at(path).is_some_and(Node::is_map);
    let is_dynamic = ["routers", "middlewares", "serversTransports"]
        .iter()
        .any(|key| is_map(&["http", key]) || is_map(&["tcp", key]));
    let balances = |services: &Node| {
        let mut fields = services.fields().iter();
        fields.any(|one| one.value.get("loadBalancer").is_some())
    };
    let has_services = root.at(&["http", "services"]).is_some_and(balances);
    let has_addresses = |points: &Node| {
        let mut fields = points.fields().iter();
        fields.any(|one| one.value.get("address").is_some())
    };
    let is_static = root.get("entryPoints").is_some_and(has_addresses);
    (is_dynamic || has_services || is_static).then(|| Document {
        group: GROUP,
        kind: KIND.to_owned(),
        ..Document::default()
    })
}

/// The boundary of the gateway that an object configures.
pub(super) fn boundary_of(object: &Object) -> Option<Boundary> {
    let name = || object.identity.qualified_name();
    object
        .is(GROUP, KIND)
        .then(|| gateways::boundary(object, &name()))
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        let known = Known::of(cluster);
        for object in cluster.of_kind(GROUP, KIND) {
            let Some(boundary) = boundary_of(object) else {
                continue;
            };
            let known = Known::beside(cluster, object);
            let name = object.identity.qualified_name();
            declarations.gateway(&boundary, &name, estate, object);
            let mut gateway = Gateway::new("Traefik", name, vec![boundary], object);
            gateway.expects_proof = false;
            file(&mut gateway, &known);
            gateway.declare(declarations);
        }
        for kind in ["IngressRoute", "IngressRouteTCP"] {
            for object in objects(cluster, kind) {
                route_object(cluster, object, &known, declarations);
            }
        }
        for kind in ["ServersTransport", "ServersTransportTCP"] {
            for object in objects(cluster, kind) {
                transport(object, declarations);
            }
        }
    }
}

/// Objects of either group: the older one means the same.
fn objects<'m, 's>(
    cluster: &'s Cluster<'m>,
    kind: &'s str,
) -> impl Iterator<Item = &'m Object> + 's {
    cluster
        .of_kind(".traefik.io", kind)
        .chain(cluster.of_kind("traefik.containo.us", kind))
}

fn is_on(node: &Node, path: &[&str]) -> bool {
    node.at(path).and_then(Node::truth) == Some(true)
}

fn entries<'n>(node: &'n Node, path: &[&str]) -> &'n [Field] {
    node.at(path).map(Node::fields).unwrap_or_default()
}

/// What files and objects of one cluster tell each other.
#[derive(Default)]
pub(super) struct Known<'n> {
    /// Entry points that have TLS for all, or only redirect to where it is.
    secured: BTreeSet<&'n str>,
    /// Everything is called without verifying it unless something else is said.
    skips_verification: bool,
    /// Middlewares, by `namespace/name`, or name in files.
    middlewares: BTreeMap<String, &'n Node>,
    /// How upstreams are called, likewise.
    transports: BTreeMap<String, &'n Node>,
    /// How TLS is taken, likewise.
    options: BTreeMap<String, &'n Node>,
}

impl<'n> Known<'n> {
    /// Whether a middleware is described.
    pub(super) fn has_middleware(&self, name: &str) -> bool {
        self.middlewares.contains_key(name)
    }

    pub(super) fn of(cluster: &Cluster<'n>) -> Self {
        Self::among(cluster.objects.iter().copied())
    }

    /// What the files of one Traefik tell each other: of other namespaces those are another's.
    fn beside(cluster: &Cluster<'n>, file: &Object) -> Self {
        let objects = cluster.objects.iter().copied();
        Self::among(objects.filter(|object| {
            !object.is(GROUP, KIND) || object.identity.namespace == file.identity.namespace
        }))
    }

    fn among(objects: impl Iterator<Item = &'n Object>) -> Self {
        let mut known = Self::default();
        for object in objects {
            let root = &object.root;
            let qualified = || object.identity.qualified_name();
            let spec = root.get("spec");
            match (object.identity.kind.as_str(), spec) {
                (KIND, _) if object.is(GROUP, KIND) => known.file(root),
                ("Middleware", Some(spec)) => {
                    known.middlewares.insert(qualified(), spec);
                }
                ("ServersTransport", Some(spec)) => {
                    known.transports.insert(qualified(), spec);
                }
                ("TLSOption", Some(spec)) => {
                    known.options.insert(qualified(), spec);
                }
                _ => {}
            }
        }
        known
    }

    fn file(&mut self, root: &'n Node) {
        for point in entries(root, &["entryPoints"]) {
            let has_tls = point
                .value
                .at(&["http"])
                .is_some_and(|http| http.field("tls").is_some());
            let redirects = point
                .value
                .at(&["http", "redirections", "entryPoint"])
                .is_some();
            if has_tls || redirects {
                self.secured.insert(&point.key);
            }
        }
        self.skips_verification |= is_on(root, &["serversTransport", "insecureSkipVerify"]);
        let all = |path: &[&str]| {
            let fields = entries(root, path).iter();
            fields
                .map(|field| (field.key.clone(), &field.value))
                .collect::<Vec<_>>()
        };
        self.middlewares.extend(all(&["http", "middlewares"]));
        self.transports.extend(all(&["http", "serversTransports"]));
        self.options.extend(all(&["tls", "options"]));
    }
}

/// What callers are asked for by middlewares, and whether they are only sent elsewhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// Middlewares that were looked at.
    seen: BTreeSet<String>,
    /// What for, in fixed words.
    pub(super) asks: BTreeSet<String>,
    redirects: bool,
    /// Who is called to decide.
    pub(super) upstreams: Vec<Upstream>,
    /// What is relied on and not verified.
    pub(super) unverified: Vec<Unverified>,
}

impl Asked {
    /// What a middleware asks for, and those that it chains.
    pub(super) fn take_in(&mut self, name: &str, known: &Known<'_>, depth: usize) {
        let Some(middleware) = known.middlewares.get(name) else {
            self.asks
                .insert(format!("what middleware {name} may ask for"));
            return;
        };
        if !self.seen.insert(name.to_owned()) {
            return;
        }
        for field in middleware.fields() {
            let value = &field.value;
            match field.key.as_str() {
                "basicAuth" | "digestAuth" | "ldap" => {
                    self.asks.insert("a password".to_owned());
                }
                "jwt" | "oidc" | "oAuthIntrospection" => {
                    self.asks.insert("a token".to_owned());
                    let keys = ["jwksUrl", "issuer"]
                        .iter()
                        .filter_map(|key| value.field(key));
                    for keys in keys {
                        if keys
                            .value
                            .text()
                            .is_some_and(|keys| keys.starts_with("http://"))
                        {
                            self.unverified.push(Unverified {
                                name: format!("tokens of middleware {name}"),
                                words: format!(
                                    "fetches the keys for tokens in the clear (middleware {name})"
                                ),
                                is_token: true,
                                lines: [keys.line, keys.value.end_line],
                            });
                        }
                    }
                }
                "apiKey" | "hmac" => {
                    self.asks.insert("a key".to_owned());
                }
                "forwardAuth" => self.forwards(name, field),
                "redirectScheme" => self.redirects |= value.text_at(&["scheme"]) == Some("https"),
                "chain" if depth < MAX_CHAIN => {
                    let listed = value.get("middlewares").map(Node::items);
                    for one in listed.unwrap_or_default() {
                        let named = one.text().or_else(|| one.text_at(&["name"]));
                        if let Some(named) = named {
                            let around = name.rsplit_once('/').map(|(namespace, _)| namespace);
                            let namespace = one.text_at(&["namespace"]).or(around);
                            self.take_in(&qualified(named, namespace), known, depth + 1);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn forwards(&mut self, name: &str, field: &Field) {
        let address = field.value.text_at(&["address"]).unwrap_or_default();
        let host = authority(address);
        self.asks.insert(format!("what {host} asks for"));
        if scheme(address) == "http" && !is_loopback(host) {
            self.upstreams.push(Upstream {
                name: host.to_owned(),
                hosts: vec![host.to_owned()],
                is_plain: true,
                verified: Verified::Yes,
                is_site: true,
                names: None,
                lines: [field.line, field.value.end_line],
            });
        }
        if is_on(&field.value, &["tls", "insecureSkipVerify"]) {
            self.unverified.push(Unverified {
                name: format!("authenticator of middleware {name}"),
                words: format!(
                    "does not verify {host}, which decides who gets in (middleware {name})"
                ),
                is_token: true,
                lines: [field.line, field.value.end_line],
            });
        }
    }
}

/// The name of a middleware as it is known: of Kubernetes with its namespace, of a file without its provider.
pub(super) fn qualified(name: &str, namespace: Option<&str>) -> String {
    let bare = name.split('@').next().unwrap_or(name);
    match namespace {
        Some(namespace) => format!("{namespace}/{bare}"),
        None => bare.to_owned(),
    }
}

/// What the configuration in a file comes to.
fn file(gateway: &mut Gateway<'_>, known: &Known<'_>) {
    let root = &gateway.object.root;
    for router in entries(root, &["http", "routers"]) {
        let mut asked = Asked::default();
        for name in router
            .value
            .get("middlewares")
            .map(Node::texts)
            .unwrap_or_default()
        {
            asked.take_in(&qualified(name, None), known, 0);
        }
        let options = router.value.text_at(&["tls", "options"]);
        let options = options.unwrap_or("default");
        if router.value.field("tls").is_some() && asks_certificates(known, options) {
            asked.asks.insert("a certificate".to_owned());
        }
        let points = router
            .value
            .get("entryPoints")
            .map(Node::texts)
            .unwrap_or_default();
        let has_tls = router
            .value
            .field("tls")
            .is_some_and(|tls| tls.value.truth() != Some(false));
        let rule = router.value.text_at(&["rule"]).unwrap_or(&router.key);
        let place = Place {
            has_tls: has_tls || is_secured(&points, known),
            rule,
            lines: [router.line, router.value.end_line],
        };
        enter(gateway, place, asked);
    }
    for service in entries(root, &["http", "services"]) {
        let Some(balancer) = service.value.get("loadBalancer") else {
            continue;
        };
        let named = balancer.text_at(&["serversTransport"]);
        let named = named.map(|name| qualified(name, None));
        let names = believed(known, named.as_deref());
        let skips = skips_verification(known, named);
        for server in balancer.get("servers").map(Node::items).unwrap_or_default() {
            let Some(url) = server.field("url") else {
                continue;
            };
            let address = url.value.text().unwrap_or_default();
            let host = authority(address);
            if is_loopback(host) || scheme(address).is_empty() {
                continue;
            }
            gateway.upstreams.push(Upstream {
                name: host.to_owned(),
                hosts: vec![host.to_owned()],
                is_plain: scheme(address) != "https",
                verified: if skips { Verified::No } else { Verified::Yes },
                is_site: true,
                names: names.clone(),
                lines: [url.line, url.value.end_line],
            });
        }
    }
    if let Some(skips) = root.field_at(&["serversTransport", "insecureSkipVerify"])
        && skips.value.truth() == Some(true)
    {
        gateway.upstreams.push(Upstream {
            name: "whatever it calls".to_owned(),
            hosts: Vec::new(),
            is_plain: false,
            verified: Verified::No,
            is_site: true,
            names: None,
            lines: [skips.line, skips.value.end_line],
        });
    }
    if let Some(api) = root.field_at(&["api", "insecure"])
        && api.value.truth() == Some(true)
    {
        let lines = [api.line, api.value.end_line];
        gateway.doors.push(Door {
            name: "its dashboard".to_owned(),
            is_plain: true,
            is_exposed: true,
            is_site: true,
            lines,
        });
        gateway.unverified.push(Unverified {
            name: "callers of its dashboard".to_owned(),
            words: "shows its dashboard to callers that prove nothing".to_owned(),
            is_token: false,
            lines,
        });
    }
}

/// Whether options for TLS have callers show a certificate.
pub(super) fn asks_certificates(known: &Known<'_>, options: &str) -> bool {
    let options = known
        .options
        .get(options.split('@').next().unwrap_or(options));
    let asks = options.and_then(|options| options.text_at(&["clientAuth", "clientAuthType"]));
    asks == Some("RequireAndVerifyClientCert")
}

fn is_secured(points: &[&str], known: &Known<'_>) -> bool {
    !points.is_empty() && points.iter().all(|point| known.secured.contains(point))
}

fn skips_verification(known: &Known<'_>, transport: Option<String>) -> bool {
    match transport {
        Some(name) => known
            .transports
            .get(&name)
            .is_some_and(|transport| is_on(transport, &["insecureSkipVerify"])),
        None => known.skips_verification,
    }
}

/// Whose certificates are believed of a server, and which is shown to it; `None`: nobody tells.
fn believed(known: &Known<'_>, transport: Option<&str>) -> Option<String> {
    let transport = match transport {
        Some(name) => Some(*known.transports.get(name)?),
        None => None,
    };
    // Files name certificates themselves, objects the secrets that hold them, in one of two ways.
    let all = |keys: &[&str]| -> Vec<String> {
        let listed = keys.iter().filter_map(|key| transport?.get(key));
        let items = listed.flat_map(|list| list.items());
        let told = items.map(|one| one.text().map_or_else(|| one.canonical(), str::to_owned));
        BTreeSet::from_iter(told).into_iter().collect()
    };
    let roots = all(&["rootCAs", "rootCAsSecrets"]);
    let mut words = match roots.as_slice() {
        [] => "certificates of those that the system trusts".to_owned(),
        roots => format!("certificates of {}", roots.join(", ")),
    };
    let name = transport.and_then(|transport| transport.text_at(&["serverName"]));
    if let Some(name) = name {
        words.push_str(&format!(" for {name}"));
    }
    let own = all(&["certificates", "certificatesSecrets"]);
    if !own.is_empty() {
        words.push_str(&format!(", to which it shows {},", own.join(", ")));
    }
    Some(words)
}

/// Where calls come in.
struct Place<'p> {
    has_tls: bool,
    rule: &'p str,
    lines: [usize; 2],
}

fn enter(gateway: &mut Gateway<'_>, place: Place<'_>, asked: Asked) {
    let asks: Vec<String> = asked.asks.into_iter().collect();
    gateway.entrances.push(Entrance {
        name: place.rule.to_owned(),
        asks: asks.join(" and "),
        lines: place.lines,
    });
    for host in hosts(place.rule) {
        gateway.doors.push(Door {
            name: host,
            is_plain: !place.has_tls && !asked.redirects,
            is_exposed: true,
            is_site: true,
            lines: place.lines,
        });
    }
    gateway.upstreams.extend(asked.upstreams);
    gateway.unverified.extend(asked.unverified);
}

/// The hosts that a rule is for; where it names none, the rule itself.
fn hosts(rule: &str) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    for word in ["Host(", "HostSNI("] {
        for part in rule.split(word).skip(1) {
            let inner = part.split(')').next().unwrap_or_default();
            let named = inner
                .split(',')
                .map(|host| host.trim_matches(|c: char| c.is_whitespace() || "`\"'".contains(c)));
            hosts.extend(named.filter(|host| !host.is_empty()).map(str::to_owned));
        }
    }
    if hosts.is_empty() {
        hosts.insert(rule.to_owned());
    }
    hosts
}

/// A route of Kubernetes.
fn route_object(
    cluster: &Cluster<'_>,
    object: &Object,
    known: &Known<'_>,
    declarations: &mut Declarations<'_>,
) {
    let Some(spec) = object.root.get("spec") else {
        return;
    };
    let identity = &object.identity;
    let namespace = identity.namespace.as_deref();
    let boundaries = vec![
        Boundary::Cluster(cluster.name.clone()),
        Boundary::around(identity),
    ];
    let name = format!("route {}", identity.qualified_name());
    let mut gateway = Gateway::new("Traefik", name, boundaries, object);
    gateway.expects_proof = false;
    let points = spec.get("entryPoints").map(Node::texts).unwrap_or_default();
    let tls = spec.field("tls").map(|tls| &tls.value);
    let passes = tls.is_some_and(|tls| is_on(tls, &["passthrough"]));
    let mut behind = BTreeSet::new();
    for route in spec.get("routes").map(Node::items).unwrap_or_default() {
        let mut asked = Asked::default();
        for middleware in route
            .get("middlewares")
            .map(Node::items)
            .unwrap_or_default()
        {
            if let Some(name) = middleware.text_at(&["name"]) {
                let of = middleware.text_at(&["namespace"]).or(namespace);
                asked.take_in(&qualified(name, of), known, 0);
            }
        }
        let options = tls.and_then(|tls| tls.get("options"));
        if let Some(options) = options.and_then(|options| {
            let of = options.text_at(&["namespace"]).or(namespace);
            Some(qualified(options.text_at(&["name"])?, of))
        }) && asks_certificates(known, &options)
        {
            asked.asks.insert("a certificate".to_owned());
        }
        let rule = route.text_at(&["match"]).unwrap_or("every call");
        let place = Place {
            has_tls: tls.is_some() || is_secured(&points, known),
            rule,
            lines: [route.line, route.end_line],
        };
        enter(&mut gateway, place, asked);
        for service in route.get("services").map(Node::items).unwrap_or_default() {
            let Some(name) = service.text_at(&["name"]) else {
                continue;
            };
            let of = service.text_at(&["namespace"]).or(namespace);
            let port = service.text_at(&["port"]).unwrap_or_default();
            let found = cluster.service_of_host(name, of);
            if let Some(found) = found {
                behind.extend(cluster.behind(found).into_iter().map(Boundary::of));
            }
            let transport = service
                .text_at(&["serversTransport"])
                .map(|name| qualified(name, of));
            let is_tcp = identity.kind == "IngressRouteTCP";
            let told = service.field("scheme");
            let is_tls = match told.and_then(|told| told.value.text()) {
                Some(scheme) => scheme == "https",
                None if is_tcp => is_on(service, &["tls"]),
                None => port == "443" || port.contains("https") || is_https(found, port),
            };
            let line = told.map_or(service.line, |told| told.line);
            gateway.upstreams.push(Upstream {
                name: if port.is_empty() {
                    format!("service {name}")
                } else {
                    format!("service {name} port {port}")
                },
                hosts: found
                    .and_then(|found| found.object.root.text_at(&["spec", "externalName"]))
                    .map(str::to_owned)
                    .into_iter()
                    .collect(),
                is_plain: !is_tls && !passes,
                names: believed(known, transport.as_deref()),
                verified: if skips_verification(known, transport) {
                    Verified::No
                } else {
                    Verified::Yes
                },
                // What nobody wrote is how it comes; the object is no place for an argument.
                is_site: told.is_some(),
                lines: [line, service.end_line],
            });
        }
    }
    gateway.boundaries.extend(behind);
    gateway.declare(declarations);
}

/// Whether the port of a Service is called so that it counts as one of TLS.
fn is_https(service: Option<&super::estate::Service<'_>>, port: &str) -> bool {
    let ports = service.and_then(|service| service.object.root.at(&["spec", "ports"]));
    ports
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .any(|one| {
            one.text_at(&["port"]) == Some(port)
                && one
                    .text_at(&["name"])
                    .is_some_and(|name| name.contains("https"))
        })
}

/// Objects that say how others are called, whether or not a route names them.
fn transport(object: &Object, declarations: &mut Declarations<'_>) {
    let paths = [
        &["spec", "insecureSkipVerify"][..],
        &["spec", "tls", "insecureSkipVerify"],
    ];
    let Some(skips) = paths.iter().find_map(|path| object.root.field_at(path)) else {
        return;
    };
    if skips.value.truth() != Some(true) {
        return;
    }
    let name = object.identity.qualified_name();
    let boundaries = vec![Boundary::around(&object.identity)];
    let mut gateway = Gateway::new("Traefik", format!("transport {name}"), boundaries, object);
    gateway.upstreams.push(Upstream {
        name: format!("whatever is called by transport {name}"),
        hosts: Vec::new(),
        is_plain: false,
        verified: Verified::No,
        is_site: true,
        names: None,
        lines: [skips.line, skips.value.end_line],
    });
    gateway.declare(declarations);
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{faults, reading, reading_of, sites, statements};

    const NAME: &str = "gateway:-/a.yaml: ";

    #[track_caller]
    fn check(text: &str, topic: Topic, expected: &[&str]) {
        let told: Vec<String> = statements(&reading(text), topic)
            .into_iter()
            .filter(|line| !line.contains("names of servers"))
            .map(|line| line.replace(NAME, "").replace(" of a.yaml", ""))
            .collect();
        assert_eq!(told, expected, "{text}");
    }

    fn dynamic(router: &str, more: &str) -> String {
        format!(
            "http:\n  routers:\n    r: {{rule: \"Host(`a.example`) && Path(`/x`)\", service: s, {router}}}\n{more}"
        )
    }

    #[test]
    fn a_router_is_entered_over_tls_if_it_or_its_entry_point_says_so() {
        let clear = ["door a.example = plaintext"];
        check(
            &dynamic("entryPoints: [web]", ""),
            Topic::Encryption,
            &clear,
        );
        check(&dynamic("tls: {}", ""), Topic::Encryption, &[]);
        for router in ["entryPoints: [web]", "tls: {}"] {
            let open = ["door a.example = open"];
            check(&dynamic(router, ""), Topic::Exposure, &open);
        }
        let point = "entryPoints:\n  web: {address: \":443\", http: {tls: {}}}\n";
        check(
            &dynamic("entryPoints: [web]", point),
            Topic::Encryption,
            &[],
        );
        let redirects = "  middlewares:\n    to: {redirectScheme: {scheme: https}}\n";
        check(
            &dynamic("middlewares: [to]", redirects),
            Topic::Encryption,
            &[],
        );
    }

    #[test]
    fn middlewares_ask_also_through_a_chain() {
        let asks = |middlewares: &str| {
            let text = dynamic(
                "tls: {}, middlewares: [m]",
                &format!("  middlewares: {{{middlewares}}}\n"),
            );
            let told = statements(&reading(&text), Topic::Authentication);
            told.first()
                .map(|line| line.rsplit(" = ").next().unwrap_or_default().to_owned())
        };
        assert_eq!(asks("m: {basicAuth: {}}").as_deref(), Some("a password"));
        assert_eq!(
            asks("m: {chain: {middlewares: [n]}}, n: {forwardAuth: {address: \"https://auth/x\"}}")
                .as_deref(),
            Some("what auth asks for")
        );
        assert_eq!(asks("m: {ipAllowList: {sourceRange: [10.0.0.0/8]}}"), None);
        assert_eq!(asks("m: {chain: {middlewares: [m]}}"), None);
    }

    #[test]
    fn servers_are_called_as_their_address_says() {
        let service = |url: &str, more: &str| {
            format!(
                "http:\n  services:\n    s: {{loadBalancer: {{servers: [{{url: \"{url}\"}}], {more}}}}}\n  serversTransports: {{t: {{insecureSkipVerify: true}}}}\n"
            )
        };
        check(
            &service("http://api:80", ""),
            Topic::Encryption,
            &["calls to api:80 = plaintext"],
        );
        check(&service("https://api", ""), Topic::Encryption, &[]);
        check(&service("http://127.0.0.1:80", ""), Topic::Encryption, &[]);
        check(&service("https://api", ""), Topic::Authentication, &[]);
        check(
            &service("https://api", "serversTransport: t"),
            Topic::Authentication,
            &["servers called: api itself = anyone"],
        );
    }

    #[test]
    fn toml_says_the_same_as_yaml() {
        let yaml = "entryPoints: {web: {address: \":80\"}}\napi: {insecure: true}\nserversTransport: {insecureSkipVerify: true}\n";
        let toml = "[entryPoints.web]\naddress = \":80\"\n[api]\ninsecure = true\n[serversTransport]\ninsecureSkipVerify = true\n";
        let of = |path: &str, text: &str| {
            let read = reading_of(&[(path, text)]);
            let told = |topic| statements(&read, topic).join("\n").replace(path, "t");
            [told(Topic::Authentication), told(Topic::Exposure)]
        };
        assert_eq!(of("t.yaml", yaml), of("t.toml", toml));
        assert!(of("t.toml", toml)[1].contains("its dashboard"));
    }

    #[test]
    fn whose_certificates_a_server_may_show_is_told_and_where_nothing_is_said_it_is_the_system_that_knows()
     {
        let names = |transport: &str| {
            let text = format!(
                "http:\n  services:\n    s: {{loadBalancer: {{servers: [{{url: \"https://api\"}}], serversTransport: t}}}}\n  \
                 serversTransports: {{{transport}}}\n"
            );
            let told = statements(&reading(&text), Topic::Authentication);
            told.first()
                .map(|line| line.rsplit(" = ").next().unwrap_or_default().to_owned())
        };
        let ca = names("t: {rootCAs: [ca.pem], serverName: api.shop}");
        assert_eq!(ca.as_deref(), Some("certificates of ca.pem for api.shop"));
        let system = "certificates of those that the system trusts";
        assert_eq!(
            names("t: {maxIdleConnsPerHost: 1}").as_deref(),
            Some(system)
        );
        assert_eq!(names("other: {}"), None);
    }

    #[test]
    fn files_of_another_namespace_are_those_of_another_traefik() {
        let map = |namespace: &str, text: &str| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: t, namespace: {namespace}}}\ndata:\n  a.yml: |\n    {}\n---\n",
                text.trim_end().replace('\n', "\n    ")
            )
        };
        let router = dynamic("tls: {}, middlewares: [m]", "");
        let asking = "http:\n  middlewares: {m: {basicAuth: {}}}";
        let asks = |beside: &str| {
            let text = map("shop", &router) + &map(beside, asking).replace("name: t", "name: u");
            let told = statements(&reading(&text), Topic::Authentication);
            told.iter().any(|line| line.ends_with("= a password"))
        };
        assert!(asks("shop"));
        assert!(!asks("lab"));
    }

    fn route(tls: &str, service: &str) -> String {
        format!(
            "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {{name: r, namespace: shop}}\nspec:\n  \
             entryPoints: [websecure]\n  routes:\n  - match: Host(`a.example`)\n    services: [{{name: api, {service}}}]\n{tls}"
        )
    }

    #[test]
    fn the_name_of_a_port_can_switch_tls_on_and_off() {
        let service = |name: &str| {
            format!(
                "---\napiVersion: v1\nkind: Service\nmetadata: {{name: api, namespace: shop}}\nspec: {{ports: [{{port: 8443, name: {name}}}]}}\n"
            )
        };
        let plain = |text: &str| {
            let told = statements(&reading(text), Topic::Encryption);
            told.iter()
                .any(|line| line.contains("calls") && line.contains("plaintext"))
        };
        assert!(!plain(&(route("", "port: 8443") + &service("https-api"))));
        assert!(plain(&(route("", "port: 8443") + &service("api"))));
        assert!(!plain(&route("", "port: 443")));
        assert!(plain(&route("", "port: 443, scheme: http")));
        assert!(!plain(&route("", "port: 80, scheme: https")));
        assert_eq!(sites(&route("  tls: {}", "port: 80, scheme: h2c")).len(), 1);
        assert_eq!(sites(&route("  tls: {}", "port: 80")), Vec::<String>::new());
    }

    #[test]
    fn a_transport_or_an_authenticator_that_nobody_verifies_is_told() {
        let transport = "apiVersion: traefik.io/v1alpha1\nkind: ServersTransport\nmetadata: {name: t, namespace: shop}\nspec: {insecureSkipVerify: true}\n";
        assert_eq!(faults(transport).len(), 1);
        let forward = dynamic(
            "tls: {}, middlewares: [m]",
            "  middlewares: {m: {forwardAuth: {address: \"https://auth\", tls: {insecureSkipVerify: true}}}}\n",
        );
        assert_eq!(
            faults(&forward),
            ["UnverifiedToken Traefik/a.yaml authenticator of middleware m"]
        );
    }
}
