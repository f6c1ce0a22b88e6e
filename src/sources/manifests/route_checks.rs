//! What callers of Ingresses, routes and Services are asked for by whatever serves those: annotations of ingress-nginx and its
//! likes, plugins of Kong, middlewares of Traefik.
//!
//! After <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>,
//! <https://developer.konghq.com/kubernetes-ingress-controller/reference/annotations/>,
//! <https://doc.traefik.io/traefik/routing/providers/kubernetes-ingress/> and
//! <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/>, read 2026-11-22. What is behind
//! may ask by itself, so a path that asks for nothing is no finding; one that no longer asks is a change. A plugin or middleware
//! that no file describes may ask.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::{Counts, Topic};

use super::declare::{Boundary, Declarations, Extent, Fault, FaultKind, Statement};
use super::estate::Cluster;
use super::gateways::{
    Entrance, Gateway, Unverified, Upstream, Verified, authority, is_loopback, scheme,
};
use super::kong;
use super::kubernetes;
use super::object::Object;
use super::traefik::{self, Asked};
use super::yaml::{Field, Node};

/// The most paths that one object is told in.
const MAX_PATHS: usize = 1_000;

/// Annotations by which controllers let callers in by address.
const ALLOW_LISTS: &[&str] = &["whitelist-source-range", "allowlist-source-range"];

/// State what the Ingresses, routes and Services of a cluster ask callers for.
pub(super) fn declare(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let known = Known::of(cluster);
    let ingresses = ["networking.k8s.io", "extensions"];
    let ingresses = ingresses.map(|group| cluster.of_kind(group, "Ingress"));
    for ingress in ingresses.into_iter().flatten() {
        let asked = known.of_ingress(ingress);
        allow_list(ingress, &asked, declarations);
        let mut behind = vec![
            Boundary::Cluster(cluster.name.clone()),
            Boundary::around(&ingress.identity),
        ];
        behind.extend(kubernetes::behind_ingress(cluster, ingress));
        let paths = paths_of_ingress(ingress).into_iter();
        let asked = paths.map(|path| (path, asked.clone())).collect();
        for service in kubernetes::services_of_ingress(ingress) {
            let how = Calls::of_ingress(ingress);
            how.state("Ingresses", service, &behind, ingress, declarations);
        }
        state(ingress, behind, asked, declarations);
    }
    for route in ["HTTPRoute", "GRPCRoute"] {
        for route in cluster.of_kind("gateway.networking.k8s.io", route) {
            let mut behind = vec![
                Boundary::Cluster(cluster.name.clone()),
                Boundary::around(&route.identity),
            ];
            behind.extend(behind_route(cluster, route));
            state(route, behind, known.of_route(route), declarations);
        }
    }
    let is_of_kong = cluster.uses("konghq.com") || cluster.uses("plugins.konghq.com");
    let is_of_traefik = cluster.uses("traefik.ingress.kubernetes.io");
    for service in &cluster.services {
        let object = service.object;
        let mut behind = vec![Boundary::around(&object.identity)];
        behind.extend(cluster.behind(service).into_iter().map(Boundary::of));
        let name = &object.identity.name;
        if is_of_kong {
            Calls::of_kong(object).state("Kong", name, &behind, object, declarations);
        }
        if is_of_traefik {
            Calls::of_traefik(object).state("Traefik", name, &behind, object, declarations);
        }
    }
    if !is_of_kong {
        return;
    }
    for service in &cluster.services {
        let object = service.object;
        let mut asked = Asked::default();
        known.plugins(object, &mut asked);
        let mut behind = vec![Boundary::around(&object.identity)];
        behind.extend(cluster.behind(service).into_iter().map(Boundary::of));
        let name = format!("service {}", object.identity.qualified_name());
        state(object, behind, vec![(name, asked)], declarations);
    }
}

/// State what is asked for at each of some paths.
fn state(
    object: &Object,
    boundaries: Vec<Boundary>,
    asked: Vec<(String, Asked)>,
    declarations: &mut Declarations<'_>,
) {
    // Another name of an object asks for nothing else.
    let namespace = object.identity.namespace.as_deref();
    let name = format!("routes of {}", namespace.unwrap_or("a namespace"));
    let mut gateway = Gateway::new(&object.identity.kind, name, boundaries, object);
    gateway.shown = object.identity.address();
    gateway.expects_proof = false;
    let lines = [object.root.line, object.root.line];
    for (path, asked) in asked {
        let asks: Vec<String> = asked.asks.into_iter().collect();
        gateway.entrances.push(Entrance {
            name: path,
            asks: asks.join(" and "),
            lines,
        });
        for found in asked.upstreams {
            let is_known = |one: &Upstream| one.name == found.name;
            if !gateway.upstreams.iter().any(is_known) {
                gateway.upstreams.push(found);
            }
        }
        for found in asked.unverified {
            let is_known = |one: &Unverified| one.name == found.name;
            if !gateway.unverified.iter().any(is_known) {
                gateway.unverified.push(found);
            }
        }
    }
    gateway.declare(declarations);
}

/// What a cluster's objects say of checks that others refer to.
struct Known<'m> {
    middlewares: traefik::Known<'m>,
    plugins: BTreeMap<String, &'m Object>,
    /// Plugins of Kong that are in force everywhere.
    everywhere: Vec<&'m Object>,
    /// Whom ingress-nginx has decide on all callers.
    global: BTreeSet<&'m str>,
}

impl<'m> Known<'m> {
    fn of(cluster: &Cluster<'m>) -> Self {
        let mut known = Self {
            middlewares: traefik::Known::of(cluster),
            plugins: BTreeMap::new(),
            everywhere: Vec::new(),
            global: BTreeSet::new(),
        };
        for plugin in cluster.of_kind(".konghq.com", "KongPlugin") {
            let name = plugin.identity.qualified_name();
            known.plugins.insert(name, plugin);
        }
        for plugin in cluster.of_kind(".konghq.com", "KongClusterPlugin") {
            if plugin.label("global") == Some("true") {
                known.everywhere.push(plugin);
            }
            known.plugins.insert(plugin.identity.name.clone(), plugin);
        }
        for map in cluster.of_kind("", "ConfigMap") {
            let url = map.root.text_at(&["data", "global-auth-url"]);
            known.global.extend(url.map(decider));
        }
        known
    }

    fn of_ingress(&self, object: &Object) -> Asked {
        let mut asked = Asked::default();
        let class = object.root.text_at(&["spec", "ingressClassName"]);
        let class = class
            .or_else(|| object.annotation("kubernetes.io/ingress.class"))
            .unwrap_or_default();
        let annotations = Annotations::of(object);
        annotations.certificates(&mut asked);
        annotations.credentials(&mut asked);
        annotations.authenticator(&mut asked);
        annotations.load_balancer(&mut asked);
        annotations.global(object, &self.global, class, &mut asked);
        self.plugins(object, &mut asked);
        if class.contains("kong") {
            for plugin in &self.everywhere {
                plugin_asks(plugin, &mut asked);
            }
        }
        let named = object.annotation("traefik.ingress.kubernetes.io/router.middlewares");
        for name in names(named) {
            self.middleware(name, &mut asked);
        }
        let options = object.annotation("traefik.ingress.kubernetes.io/router.tls.options");
        if let Some(name) = options
            && self.asks_certificates(name)
        {
            asked.asks.insert("a certificate".to_owned());
        }
        asked
    }

    /// What a route asks for at each of its paths.
    fn of_route(&self, object: &Object) -> Vec<(String, Asked)> {
        let spec = object.root.get("spec");
        let list = |key: &str| spec.and_then(|spec| spec.get(key));
        let hosts = list("hostnames").map(Node::texts).unwrap_or_default();
        let hosts = if hosts.is_empty() { vec!["*"] } else { hosts };
        let mut of_all = Asked::default();
        self.plugins(object, &mut of_all);
        let mut told: Vec<(String, Asked)> = Vec::new();
        for rule in list("rules").map(Node::items).unwrap_or_default() {
            let mut asked = of_all.clone();
            let filters = rule.get("filters").map(Node::items).unwrap_or_default();
            for filter in filters {
                self.extension(object, filter, &mut asked);
            }
            let matches = rule.get("matches").map(Node::items).unwrap_or_default();
            let mut paths: BTreeSet<&str> = matches
                .iter()
                .map(|one| one.text_at(&["path", "value"]).unwrap_or("/"))
                .collect();
            if paths.is_empty() {
                paths.insert("/");
            }
            for path in paths {
                for host in &hosts {
                    if told.len() < MAX_PATHS {
                        told.push((format!("{host}{path}"), asked.clone()));
                    }
                }
            }
        }
        told
    }

    /// What a filter of a route refers to.
    fn extension(&self, object: &Object, filter: &Node, asked: &mut Asked) {
        let Some(reference) = filter.get("extensionRef") else {
            return;
        };
        let text = |key: &str| reference.text_at(&[key]).unwrap_or_default();
        let (group, kind, name) = (text("group"), text("kind"), text("name"));
        let namespace = object.identity.namespace.as_deref();
        if group.ends_with("konghq.com") {
            self.plugin(namespace, name, asked);
        } else if group.contains("traefik") && kind == "Middleware" {
            let found = traefik::qualified(name, namespace);
            asked.take_in(&found, &self.middlewares, 0);
        } else if kind.contains("Auth") {
            asked.asks.insert(format!("what {kind} {name} asks for"));
        }
    }

    /// The plugins of Kong that annotations name.
    fn plugins(&self, object: &Object, asked: &mut Asked) {
        let namespace = object.identity.namespace.as_deref();
        for key in ["konghq.com/plugins", "plugins.konghq.com"] {
            for name in names(object.annotation(key)) {
                self.plugin(namespace, name, asked);
            }
        }
    }

    fn plugin(&self, namespace: Option<&str>, name: &str, asked: &mut Asked) {
        let (namespace, bare) = match name.split_once(':') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (namespace, name),
        };
        let own = namespace.and_then(|namespace| self.plugins.get(&format!("{namespace}/{bare}")));
        match own.or_else(|| self.plugins.get(bare)) {
            Some(plugin) => plugin_asks(plugin, asked),
            None => may_ask(&format!("plugin {name}"), asked),
        }
    }

    /// A middleware as an Ingress names it: `namespace-name@kubernetescrd`, or `name@file`.
    fn middleware(&self, name: &str, asked: &mut Asked) {
        let bare = name.split('@').next().unwrap_or(name);
        let with_namespace = bare.match_indices('-').map(|(at, _)| {
            let (namespace, rest) = bare.split_at(at);
            format!("{namespace}/{}", rest.trim_start_matches('-'))
        });
        let mut all = std::iter::once(bare.to_owned()).chain(with_namespace);
        let found = all.find(|one| self.middlewares.has_middleware(one));
        let found = found.unwrap_or_else(|| bare.to_owned());
        asked.take_in(&found, &self.middlewares, 0);
    }

    fn asks_certificates(&self, name: &str) -> bool {
        let bare = name.split('@').next().unwrap_or(name);
        let mut all = bare.match_indices('-').map(|(at, _)| {
            let (namespace, rest) = bare.split_at(at);
            format!("{namespace}/{}", rest.trim_start_matches('-'))
        });
        traefik::asks_certificates(&self.middlewares, bare)
            || all.any(|one| traefik::asks_certificates(&self.middlewares, &one))
    }
}

/// How a controller calls a Service.
struct Calls {
    has_tls: bool,
    verified: Verified,
}

impl Calls {
    fn new(has_tls: bool, is_verified: Option<bool>) -> Self {
        Self {
            has_tls,
            verified: match is_verified {
                Some(true) => Verified::Yes,
                Some(false) => Verified::No,
                None => Verified::Depends("as its controller is told"),
            },
        }
    }

    /// By annotations of the Ingress: in the clear, and without a look at certificates, unless it says otherwise.
    fn of_ingress(object: &Object) -> Self {
        let annotations = Annotations::of(object);
        let protocol = annotations.text("backend-protocol").unwrap_or_default();
        let protocol = protocol.to_ascii_uppercase();
        let secured = ["secure-backends", "server-ssl"];
        let mut secured = secured.iter().filter_map(|key| annotations.field(key));
        let has_tls = matches!(protocol.as_str(), "HTTPS" | "GRPCS")
            || secured.any(|field| field.value.truth() == Some(true));
        let verify = annotations.field("proxy-ssl-verify");
        let verify = verify.and_then(|field| field.value.truth());
        Self::new(has_tls, Some(verify == Some(true)))
    }

    /// By annotations of the Service.
    fn of_kong(object: &Object) -> Self {
        let protocol = object.annotation("konghq.com/protocol").unwrap_or_default();
        let verify = object.annotation("konghq.com/tls-verify");
        Self::new(
            matches!(protocol, "https" | "grpcs" | "tls" | "wss"),
            verify.map(|verify| verify == "true"),
        )
    }

    /// By an annotation of the Service, else by its ports: that of TLS, and those whose names say so.
    fn of_traefik(object: &Object) -> Self {
        let key = "traefik.ingress.kubernetes.io/service.serversscheme";
        let ports = object.root.at(&["spec", "ports"]).map(Node::items);
        let mut ports = ports.unwrap_or_default().iter();
        let has_tls = match object.annotation(key) {
            Some(scheme) => scheme == "https",
            None => ports.any(|port| {
                let name = port.text_at(&["name"]).unwrap_or_default();
                port.text_at(&["port"]) == Some("443") || name.starts_with("https")
            }),
        };
        Self::new(has_tls, None)
    }

    /// State it, as far as both sides have the Service called: a new one takes nothing from anybody.
    fn state(
        &self,
        by: &str,
        service: &str,
        behind: &[Boundary],
        object: &Object,
        declarations: &mut Declarations<'_>,
    ) {
        let namespace = object.identity.namespace.as_deref();
        let shown = format!("{}/{service}", namespace.unwrap_or("?"));
        let (value, how) = match self.has_tls {
            true => ("TLS", "over TLS"),
            false => ("plaintext", "in the clear"),
        };
        let mut tell = |topic, about: String, value: &str, openness, words| {
            let statement = Statement {
                topic,
                matter: about.clone(),
                about,
                value: value.to_owned(),
                openness,
                words,
                origins: declarations.origins_of([object]),
            };
            let extent = Extent {
                counts: Counts::OnBothSides,
                ..Extent::default()
            };
            declarations.state_as(behind, statement, extent);
        };
        let about = format!("calls of {by} to {shown}");
        let words = format!("has service {shown} called by {by} {how}");
        tell(
            Topic::Encryption,
            about,
            value,
            i32::from(!self.has_tls),
            words,
        );
        if !self.has_tls {
            return;
        }
        let (value, openness, words) = match self.verified {
            Verified::Yes => ("verified", 0, "looking at its certificate".to_owned()),
            Verified::Depends(on) => (on, 1, format!("looking at its certificate {on}")),
            Verified::No => ("anyone", 2, "without a look at its certificate".to_owned()),
        };
        let about = format!("certificates of {shown} for {by}");
        let words = format!("has service {shown} called by {by} {words}");
        tell(Topic::Authentication, about, value, openness, words);
    }
}

fn may_ask(what: &str, asked: &mut Asked) {
    asked.asks.insert(format!("what {what} may ask for"));
}

fn names(list: Option<&str>) -> impl Iterator<Item = &str> {
    let all = list.unwrap_or_default().split(',').map(str::trim);
    all.filter(|name| !name.is_empty())
}

fn plugin_asks(object: &Object, asked: &mut Asked) {
    let root = &object.root;
    if root.get("disabled").and_then(Node::truth) == Some(true) {
        return;
    }
    let Some(plugin) = root.text_at(&["plugin"]) else {
        return;
    };
    asked.asks.extend(kong::asks(plugin, root));
    let route = format!("plugin {}", object.identity.name);
    asked
        .unverified
        .extend(kong::unverified(&route, plugin, root));
}

/// Who decides on callers, by the address that is asked.
fn decider(url: &str) -> &str {
    match authority(url) {
        "" => url,
        host => host,
    }
}

/// The annotations of an Ingress by the part of their keys behind the slash: controllers may be told to use another prefix.
struct Annotations<'n> {
    by_name: BTreeMap<&'n str, (&'n str, &'n Field)>,
}

impl<'n> Annotations<'n> {
    fn of(object: &'n Object) -> Self {
        let all = object.root.at(&["metadata", "annotations"]);
        let all = all.map(Node::fields).unwrap_or_default();
        let parts = all.iter().map(|field| match field.key.rsplit_once('/') {
            Some((prefix, name)) => (name, (prefix, field)),
            None => (field.key.as_str(), ("", field)),
        });
        Self {
            by_name: parts.collect(),
        }
    }

    fn field(&self, name: &str) -> Option<&'n Field> {
        self.by_name.get(name).map(|(_, field)| *field)
    }

    fn text(&self, name: &str) -> Option<&'n str> {
        let text = self.field(name)?.value.text()?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn certificates(&self, asked: &mut Asked) {
        let Some(authorities) = self.text("auth-tls-secret") else {
            return;
        };
        let verify = self.field("auth-tls-verify-client");
        let told = verify.and_then(|field| field.value.text()).unwrap_or("on");
        if told == "on" || verify.is_some_and(|field| field.value.truth() == Some(true)) {
            let name = self.text("auth-tls-match-cn");
            let name = name.map_or_else(String::new, |name| format!(" for {name}"));
            let what = format!("a certificate{name} that {authorities} vouches for");
            asked.asks.insert(what);
            return;
        }
        let Some(field) = verify.filter(|_| self.asks_by_itself()) else {
            return;
        };
        asked.unverified.push(Unverified {
            name: "certificates of callers".to_owned(),
            words: format!(
                "takes callers without a certificate that anybody vouched for (auth-tls-verify-client: {told})"
            ),
            is_token: false,
            lines: [field.line, field.value.end_line],
        });
    }

    /// Whether nothing beside certificates shows who calls.
    fn asks_by_itself(&self) -> bool {
        self.text("auth-url").is_none() && self.text("auth-type").is_none()
    }

    fn credentials(&self, asked: &mut Asked) {
        if let Some((prefix, field)) = self.by_name.get("auth-type") {
            match field.value.text().unwrap_or_default() {
                "none" | "" => {}
                kind @ ("cognito" | "oidc" | "jwt") => {
                    asked.asks.insert(format!("a token ({kind})"));
                }
                _ if prefix.starts_with("alb.") => {}
                _ => {
                    asked.asks.insert("a password".to_owned());
                }
            }
        } else if let Some((prefix, _)) = self.by_name.get("auth-secret")
            && prefix.contains("haproxy")
        {
            asked.asks.insert("a password".to_owned());
        }
        if self.text("basic-auth-secret").is_some() {
            asked.asks.insert("a password".to_owned());
        }
        if self.text("jwt-key").is_some() {
            asked.asks.insert("a token".to_owned());
        }
        if let Some(("nginx.org", _)) = self.by_name.get("policies") {
            for name in names(self.text("policies")) {
                may_ask(&format!("policy {name}"), asked);
            }
        }
    }

    fn authenticator(&self, asked: &mut Asked) {
        let Some(field) = self.field("auth-url") else {
            return;
        };
        let Some(url) = self.text("auth-url") else {
            return;
        };
        let host = decider(url);
        asked.asks.insert(format!("what {host} asks for"));
        if scheme(url) == "http" && !is_loopback(host) && !host.contains('$') {
            asked.upstreams.push(Upstream {
                name: host.to_owned(),
                hosts: vec![host.to_owned()],
                is_plain: true,
                verified: Verified::Yes,
                is_site: true,
                names: None,
                lines: [field.line, field.value.end_line],
            });
        }
    }

    fn load_balancer(&self, asked: &mut Asked) {
        let key = "auth-on-unauthenticated-request";
        if let Some(field) = self.field(key)
            && self.text(key) == Some("allow")
        {
            asked.asks.clear();
            asked.unverified.push(Unverified {
                name: "callers without a token".to_owned(),
                words: format!("lets callers in who show nothing ({key}: allow)"),
                is_token: false,
                lines: [field.line, field.value.end_line],
            });
        }
        if let Some(told) = self.text("mutual-authentication")
            && told.contains("verify")
        {
            asked.asks.insert("a certificate".to_owned());
        }
    }

    fn global(&self, object: &Object, global: &BTreeSet<&str>, class: &str, asked: &mut Asked) {
        let is_served = class.is_empty() || class.contains("nginx");
        let exempt = self
            .field("enable-global-auth")
            .filter(|field| field.value.text() == Some("false"));
        let Some(field) = exempt else {
            if is_served {
                let all = global.iter().map(|host| format!("what {host} asks for"));
                asked.asks.extend(all);
            }
            return;
        };
        // Who is to sign in has shown nothing yet.
        let signs_in = |path: &String| path.contains("/oauth2");
        if paths_of_ingress(object).iter().all(signs_in) {
            return;
        }
        if asked.asks.is_empty() {
            asked.unverified.push(Unverified {
                name: "what all callers are asked for".to_owned(),
                words: "is left out of what its controller asks all callers for (enable-global-auth: false)"
                    .to_owned(),
                is_token: false,
                lines: [field.line, field.value.end_line],
            });
        } else {
            asked
                .asks
                .insert("nothing of what its controller asks all callers for".to_owned());
        }
    }
}

/// Hosts and paths of an Ingress.
fn paths_of_ingress(object: &Object) -> Vec<String> {
    let spec = object.root.get("spec");
    let mut told = BTreeSet::new();
    if spec.is_some_and(|spec| spec.get("defaultBackend").or(spec.get("backend")).is_some()) {
        told.insert("*/".to_owned());
    }
    let rules = spec.and_then(|spec| spec.get("rules")).map(Node::items);
    for rule in rules.unwrap_or_default() {
        let host = rule.text_at(&["host"]).unwrap_or("*");
        let paths = rule.at(&["http", "paths"]).map(Node::items);
        for path in paths.unwrap_or_default() {
            let path = path.text_at(&["path"]).unwrap_or("/");
            told.insert(format!("{host}{path}"));
        }
    }
    told.into_iter().take(MAX_PATHS).collect()
}

/// The workloads behind a route.
fn behind_route(cluster: &Cluster<'_>, route: &Object) -> Vec<Boundary> {
    let own = route.identity.namespace.as_deref();
    let rules = route.root.at(&["spec", "rules"]).map(Node::items);
    let references = rules.unwrap_or_default().iter().flat_map(|rule| {
        let listed = rule.get("backendRefs").map(Node::items);
        listed.unwrap_or_default()
    });
    let services = references.filter_map(|reference| {
        let namespace = reference.text_at(&["namespace"]).or(own);
        cluster.service_of_host(reference.text_at(&["name"])?, namespace)
    });
    services
        .flat_map(|service| cluster.behind(service))
        .map(Boundary::of)
        .collect()
}

/// An Ingress that lets callers in by their address, as far as it tells: what is behind it may ask for more.
fn allow_list(object: &Object, asked: &Asked, declarations: &mut Declarations<'_>) {
    if !asked.asks.is_empty() {
        return;
    }
    let annotations = Annotations::of(object);
    for field in ALLOW_LISTS
        .iter()
        .filter_map(|name| annotations.field(name))
    {
        declarations.faults.push(Fault {
            kind: FaultKind::AddressListed,
            subject: format!("{} {}", object.identity.address(), field.key),
            words: format!(
                "lets callers in by their address, as far as {} tells",
                field.key
            ),
            source: object.source.clone(),
            lines: [field.line, field.value.end_line.max(field.line)],
        });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn how_a_controller_calls_a_service_is_told_by_annotations_and_in_the_clear_where_none_says() {
        use super::super::testing::statements;
        use crate::graph::fragment::Topic;
        let told = |ingress: &str, service: &str| {
            let text = format!(
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web, namespace: shop, annotations: {{{ingress}}}}}\nspec: \
                 {{tls: [{{hosts: [a.example]}}], rules: [{{host: a.example, http: {{paths: [{{path: /, backend: {{service: {{name: api}}}}}}]}}}}]}}\n\
                 ---\napiVersion: v1\nkind: Service\nmetadata: {{name: api, namespace: shop, annotations: {{{service}}}}}\nspec: {{ports: [{{port: 80}}]}}\n"
            );
            let read = super::super::testing::reading(&text);
            let mut told = statements(&read, Topic::Encryption);
            told.extend(statements(&read, Topic::Authentication));
            told.retain(|line| line.starts_with("-/shop: c") && line.contains("shop/api"));
            let told = told.iter().filter_map(|line| line.rsplit(" = ").next());
            told.collect::<Vec<_>>().join("; ")
        };
        assert_eq!(told("", ""), "plaintext");
        let tls = "nginx.ingress.kubernetes.io/backend-protocol: HTTPS";
        assert_eq!(told(tls, ""), "TLS; anyone");
        let verified = format!("{tls}, nginx.ingress.kubernetes.io/proxy-ssl-verify: 'on'");
        assert_eq!(told(&verified, ""), "TLS; verified");
        let kong = "konghq.com/protocol: https, konghq.com/tls-verify: 'true'";
        assert_eq!(told("", kong), "plaintext; TLS; verified");
        let traefik = "traefik.ingress.kubernetes.io/service.serversscheme: https";
        assert_eq!(
            told("", traefik),
            "plaintext; TLS; as its controller is told"
        );
    }

    use crate::graph::fragment::Topic;

    use super::super::testing::{faults, reading, sites, statements};

    /// What callers of the namespace's routes are asked for, by path.
    fn asked(text: &str) -> Vec<String> {
        let told = statements(&reading(text), Topic::Authentication);
        let of_namespace = told.iter().filter_map(|line| {
            let line = line.strip_prefix("-/shop: callers of routes of shop: ")?;
            Some(line.replace(" itself", ""))
        });
        of_namespace.collect()
    }

    fn ingress(annotations: &str) -> String {
        let prefixed = annotations
            .split_terminator(';')
            .map(|one| format!("    {}\n", one.trim()))
            .collect::<String>();
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\n  namespace: shop\n  annotations:\n    a: b\n{prefixed}\
             spec:\n  ingressClassName: nginx\n  rules:\n  - host: h\n    http: {{paths: [{{path: /x, backend: {{service: {{name: web}}}}}}]}}\n"
        )
    }

    #[track_caller]
    fn asks(annotations: &str, expected: Option<&str>) {
        let told = asked(&ingress(annotations));
        let expected: Vec<String> = expected
            .map(|what| format!("h/x = {what}"))
            .into_iter()
            .collect();
        assert_eq!(told, expected, "{annotations}");
    }

    const NGINX: &str = "nginx.ingress.kubernetes.io";

    #[test]
    fn annotations_of_nginx_ask_for_certificates_passwords_and_what_others_decide() {
        let nginx = |text: &str| text.replace('@', NGINX);
        asks("", None);
        let authority = "@/auth-tls-secret: shop/ca";
        asks(
            &nginx(authority),
            Some("a certificate that shop/ca vouches for"),
        );
        asks(
            &nginx(&format!("{authority}; @/auth-tls-match-cn: CN=web")),
            Some("a certificate for CN=web that shop/ca vouches for"),
        );
        for lax in ["\"off\"", "optional", "optional_no_ca"] {
            let lax = nginx(&format!("{authority}; @/auth-tls-verify-client: {lax}"));
            asks(&lax, None);
            let found = faults(&ingress(&lax));
            assert_eq!(found, ["Unproven Ingress/shop/web certificates of callers"]);
        }
        asks(&nginx("@/auth-tls-verify-client: \"on\""), None);
        asks(
            &nginx("@/auth-url: \"https://auth.acme.example/oauth2/auth\"; @/auth-signin: x"),
            Some("what auth.acme.example asks for"),
        );
        asks(&nginx("@/auth-signin: \"https://auth.acme.example\""), None);
        asks(
            &nginx("@/auth-type: basic; @/auth-secret: users"),
            Some("a password"),
        );
        asks(
            "haproxy-ingress.github.io/auth-secret: users",
            Some("a password"),
        );
        asks(
            "alb.ingress.kubernetes.io/auth-type: oidc",
            Some("a token (oidc)"),
        );
        asks("alb.ingress.kubernetes.io/auth-type: none", None);
        asks(
            "alb.ingress.kubernetes.io/auth-type: oidc; alb.ingress.kubernetes.io/auth-on-unauthenticated-request: allow",
            None,
        );
    }

    #[test]
    fn an_authenticator_that_is_called_in_the_clear_is_a_site_and_one_over_tls_is_not() {
        let calls = |url: &str| sites(&ingress(&format!("{NGINX}/auth-url: \"{url}\""))).len();
        // The Ingress itself has no certificate in any case.
        assert_eq!(calls("http://proxy.auth.svc.cluster.local/oauth2/auth"), 2);
        assert_eq!(calls("https://proxy.auth.svc.cluster.local/oauth2/auth"), 1);
        assert_eq!(calls("http://$host/oauth2/auth"), 1);
    }

    #[test]
    fn what_a_controller_asks_all_for_is_asked_unless_an_ingress_is_left_out() {
        let global = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ingress}\ndata: {global-auth-url: \"https://auth/x\"}\n";
        assert_eq!(asked(&(ingress("") + global)), ["h/x = what auth asks for"]);
        let left_out = ingress(&format!("{NGINX}/enable-global-auth: \"false\""));
        assert!(asked(&(left_out.clone() + global)).is_empty());
        assert_eq!(faults(&left_out).len(), 1);
        let signs_in = left_out.replace("path: /x", "path: /oauth2");
        assert!(faults(&signs_in).is_empty());
    }

    #[test]
    fn plugins_of_kong_ask_by_what_they_are_and_one_that_nobody_describes_may_ask() {
        let plugin = |name: &str, more: &str| {
            format!(
                "---\napiVersion: configuration.konghq.com/v1\nkind: KongPlugin\nmetadata: {{name: p, namespace: shop}}\nplugin: {name}\n{more}"
            )
        };
        let bound = ingress("konghq.com/plugins: p");
        let told = |more: &str| asked(&(bound.clone() + more));
        assert_eq!(told(&plugin("jwt", "")), ["h/x = a token (jwt)"]);
        assert!(told(&plugin("rate-limiting", "")).is_empty());
        assert!(told(&plugin("jwt", "disabled: true\n")).is_empty());
        assert!(told(&plugin("jwt", "config: {anonymous: guest}\n")).is_empty());
        assert_eq!(told(""), ["h/x = what plugin p may ask for"]);
        let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, annotations: {konghq.com/plugins: p}}\nspec: {}\n";
        assert_eq!(
            asked(&(service.to_owned() + &plugin("key-auth", ""))),
            ["service shop/web = a key (key-auth)"]
        );
    }

    #[test]
    fn a_middleware_that_an_ingress_names_is_found_with_its_namespace() {
        let middleware = |body: &str| {
            format!(
                "---\napiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: {{name: log-in, namespace: shop}}\nspec: {{{body}}}\n"
            )
        };
        let bound =
            ingress("traefik.ingress.kubernetes.io/router.middlewares: shop-log-in@kubernetescrd");
        let told = |more: &str| asked(&(bound.clone() + more));
        assert_eq!(told(&middleware("basicAuth: {}")), ["h/x = a password"]);
        assert!(told(&middleware("compress: {}")).is_empty());
        assert_eq!(told(""), ["h/x = what middleware shop-log-in may ask for"]);
    }

    #[test]
    fn a_filter_of_a_route_asks_at_the_paths_of_its_rule_only() {
        let route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: shop}\nspec:\n  hostnames: [h]\n  rules:\n  \
                     - matches: [{path: {value: /a}}]\n    filters: [{type: ExtensionRef, extensionRef: {group: configuration.konghq.com, kind: KongPlugin, name: p}}]\n  \
                     - matches: [{path: {value: /b}}]\n";
        assert_eq!(asked(route), ["h/a = what plugin p may ask for"]);
    }
}
