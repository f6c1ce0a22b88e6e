//! Kong, declared in files: who may call its routes, and how it calls its services.
//!
//! After decK's files and the rules by which it moves them from version 3.10 to 3.14
//! (<https://github.com/Kong/deck/blob/main/convert/rulesets/310-to-314/entrypoint.yaml>, read 2026-11-22): from 3.14 on the
//! certificate of a service is verified unless something says no, before that it is not unless something says yes. No file tells
//! which version runs, so both are said.

use std::collections::{BTreeMap, BTreeSet};

use super::declare::{Boundary, Declarations};
use super::estate::Estate;
use super::gateways::{self, Door, Entrance, Gateway, Unverified, Upstream, Verified, is_loopback};
use super::object::Object;
use super::systems::{Document, Meaning, System};
use super::yaml::Node;

/// Kong.
pub(super) const SYSTEM: System = System {
    name: "Kong",
    groups: &[GROUP, ".konghq.com"],
    kinds: &[
        (KIND, Meaning::Modelled),
        ("KongPlugin", Meaning::Modelled),
        ("KongClusterPlugin", Meaning::Modelled),
        (
            "KongIngress",
            Meaning::NotYet("how Services are called and entered"),
        ),
        (
            "TCPIngress",
            Meaning::NotYet("which ports lead to which Services"),
        ),
        (
            "UDPIngress",
            Meaning::NotYet("which ports lead to which Services"),
        ),
        ("KongUpstreamPolicy", Meaning::Irrelevant),
        ("KongConsumer", Meaning::Irrelevant),
        ("KongConsumerGroup", Meaning::Irrelevant),
        ("KongLicense", Meaning::Irrelevant),
        ("KongVault", Meaning::Irrelevant),
        ("IngressClassParameters", Meaning::Irrelevant),
    ],
    document_words: &["_format_version"],
    document,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| object.is(GROUP, KIND),
    declare,
};

const GROUP: &str = "declarative.konghq.com";
const KIND: &str = "KongDeclarative";

/// Plugins that ask callers who they are, and for what.
const ASKING: &[(&str, &str)] = &[
    ("basic-auth", "a password"),
    ("header-cert-auth", "a certificate"),
    ("hmac-auth", "a signature"),
    ("jwt", "a token"),
    ("jwt-signer", "a token"),
    ("key-auth", "a key"),
    ("key-auth-enc", "a key"),
    ("ldap-auth", "a password"),
    ("ldap-auth-advanced", "a password"),
    ("mtls-auth", "a certificate"),
    ("oauth2", "a token"),
    ("oauth2-introspection", "a token"),
    ("openid-connect", "a token"),
    ("saml", "an assertion"),
    ("vault-auth", "a secret"),
];

/// What decides whether a certificate is verified where a file does not.
const BY_VERSION: &str = "from Kong 3.14 on only";

fn document(root: &Node) -> Option<Document> {
    root.get("_format_version")?.text()?;
    let has = |key: &&str| root.get(key).is_some();
    let is_kong = [
        "services",
        "routes",
        "plugins",
        "consumers",
        "upstreams",
        "_info",
        "_workspace",
    ]
    .iter()
    .any(has);
    is_kong.then(|| Document {
        group: GROUP,
        kind: KIND.to_owned(),
        ..Document::default()
    })
}

/// A gateway is known by what decK selects by or the workspace, else by where it stands.
fn name(object: &Object) -> String {
    let tags = object.root.at(&["_info", "select_tags"]).map(Node::texts);
    let tags = tags
        .filter(|tags| !tags.is_empty())
        .map(|tags| tags.join("+"));
    let workspace = || object.root.text_at(&["_workspace"]).map(str::to_owned);
    tags.or_else(workspace)
        .unwrap_or_else(|| object.identity.qualified_name())
}

/// Whether an object is configuration as decK writes it.
pub(super) fn is_configuration(object: &Object) -> bool {
    object.is(GROUP, KIND)
}

/// The boundary of the gateway that an object configures.
pub(super) fn boundary_of(object: &Object) -> Option<Boundary> {
    object
        .is(GROUP, KIND)
        .then(|| gateways::boundary(object, &name(object)))
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        for object in cluster.of_kind(GROUP, KIND) {
            let Some(boundary) = boundary_of(object) else {
                continue;
            };
            let name = name(object);
            declarations.gateway(&boundary, &name, estate, object);
            read(object, name, boundary).declare(declarations);
        }
    }
}

/// Plugins in force at one place, by name: what is nearer wins over what is more general.
type Plugins<'n> = BTreeMap<&'n str, &'n Node>;

fn take_in<'n>(plugins: &mut Plugins<'n>, listed: impl Iterator<Item = &'n Node>) {
    for plugin in listed {
        let is_off = plugin.get("enabled").and_then(Node::truth) == Some(false);
        let of_consumers =
            plugin.get("consumer").is_some() || plugin.get("consumer_group").is_some();
        if let Some(name) = plugin
            .text_at(&["name"])
            .filter(|_| !is_off && !of_consumers)
        {
            plugins.insert(name, plugin);
        }
    }
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map(Node::items).unwrap_or_default()
}

/// What an entry refers to: by name, or by a mapping with its name or identifier.
fn refers<'n>(entry: &'n Node, key: &str) -> Option<&'n str> {
    let reference = entry.get(key)?;
    reference
        .text()
        .or_else(|| reference.text_at(&["name"]))
        .or_else(|| reference.text_at(&["id"]))
}

fn shown(entry: &Node) -> String {
    let name = entry.text_at(&["name"]).or(entry.text_at(&["id"]));
    let paths = || {
        let mut told: Vec<&str> = ["hosts", "paths"]
            .iter()
            .filter_map(|key| entry.get(key))
            .flat_map(Node::texts)
            .collect();
        told.sort_unstable();
        told.join(" ")
    };
    name.map_or_else(paths, str::to_owned)
}

fn read(object: &Object, name: String, boundary: Boundary) -> Gateway<'_> {
    let root = &object.root;
    let mut gateway = Gateway::new("Kong", name, vec![boundary], object);
    let bound = Bound::of(root);
    let mut global = Plugins::new();
    take_in(&mut global, bound.to_all.iter().copied());
    let mut placed: BTreeSet<usize> = BTreeSet::new();
    for service in items(root, "services") {
        let service_name = shown(service);
        upstream(service, &service_name, &mut gateway);
        let mut of_service = global.clone();
        let own = items(service, "plugins").iter();
        take_in(
            &mut of_service,
            bound.plugins_of("service", service).chain(own),
        );
        for (index, route) in bound.routes_of(service) {
            placed.insert(index);
            self::route(
                route,
                &service_name,
                &bound,
                of_service.clone(),
                &mut gateway,
            );
        }
        for route in items(service, "routes") {
            self::route(
                route,
                &service_name,
                &bound,
                of_service.clone(),
                &mut gateway,
            );
        }
    }
    for (index, route) in items(root, "routes").iter().enumerate() {
        if !placed.contains(&index) {
            self::route(route, "", &bound, global.clone(), &mut gateway);
        }
    }
    gateway
}

/// What stands at the top and is bound to something below, by what it is bound to.
#[derive(Default)]
struct Bound<'n> {
    to_all: Vec<&'n Node>,
    plugins: BTreeMap<(&'static str, &'n str), Vec<&'n Node>>,
    routes: BTreeMap<&'n str, Vec<(usize, &'n Node)>>,
}

impl<'n> Bound<'n> {
    fn of(root: &'n Node) -> Self {
        let mut bound = Self::default();
        for plugin in items(root, "plugins") {
            let to = ["route", "service"]
                .into_iter()
                .find_map(|key| Some((key, refers(plugin, key)?)));
            match to {
                Some(to) => bound.plugins.entry(to).or_default().push(plugin),
                None => bound.to_all.push(plugin),
            }
        }
        for (index, route) in items(root, "routes").iter().enumerate() {
            if let Some(service) = refers(route, "service") {
                bound
                    .routes
                    .entry(service)
                    .or_default()
                    .push((index, route));
            }
        }
        bound
    }

    fn plugins_of<'s>(
        &'s self,
        kind: &'static str,
        entry: &'s Node,
    ) -> impl Iterator<Item = &'n Node> + 's {
        let keys = names(entry).filter_map(move |name| self.plugins.get(&(kind, name)));
        keys.flatten().copied()
    }

    fn routes_of<'s>(&'s self, service: &'s Node) -> impl Iterator<Item = (usize, &'n Node)> + 's {
        let keys = names(service).filter_map(|name| self.routes.get(name));
        keys.flatten().copied()
    }
}

/// Name and identifier, by which an entry can be meant.
fn names(entry: &Node) -> impl Iterator<Item = &str> {
    ["name", "id"]
        .into_iter()
        .filter_map(|key| entry.text_at(&[key]))
}

fn route<'n>(
    route: &'n Node,
    service: &str,
    bound: &Bound<'n>,
    mut plugins: Plugins<'n>,
    gateway: &mut Gateway<'_>,
) {
    let own = items(route, "plugins").iter();
    let of_route: Vec<&'n Node> = bound.plugins_of("route", route).collect();
    take_in(&mut plugins, of_route.into_iter().chain(own));
    let shown = shown(route);
    let name = match (shown.is_empty(), service.is_empty()) {
        (true, false) => format!("service {service}"),
        _ => format!("route {shown}"),
    };
    let mut asks: Vec<String> = Vec::new();
    for (plugin, found) in plugins {
        asks.extend(self::asks(plugin, found));
        gateway.unverified.extend(unverified(&name, plugin, found));
    }
    asks.sort_unstable();
    let lines = [route.line, route.end_line];
    gateway.entrances.push(Entrance {
        name: name.clone(),
        asks: asks.join(" and "),
        lines,
    });
    let protocols = route.field("protocols");
    let listed: Vec<&str> = protocols
        .map(|field| field.value.texts())
        .unwrap_or_default();
    let is_plain = |protocol: &&str| matches!(*protocol, "http" | "ws" | "grpc" | "tcp");
    gateway.doors.push(Door {
        name,
        // Unless a route says which, it takes both.
        is_plain: listed.is_empty() || listed.iter().any(is_plain),
        is_exposed: false,
        is_site: listed.iter().any(is_plain) && !listed.iter().any(|one| !is_plain(one)),
        lines: protocols.map_or(lines, |field| [field.line, field.value.end_line]),
    });
}

/// What a plugin asks callers for, if it does.
pub(super) fn asks(plugin: &str, found: &Node) -> Option<String> {
    let (_, what) = ASKING.iter().find(|(known, _)| *known == plugin)?;
    // A caller who shows nothing is taken for that consumer.
    let anonymous = found.text_at(&["config", "anonymous"]);
    let is_asked = anonymous.is_none_or(str::is_empty);
    is_asked.then(|| format!("{what} ({plugin})"))
}

/// What a plugin takes without a look.
pub(super) fn unverified(route: &str, plugin: &str, found: &Node) -> Option<Unverified> {
    let config = |key: &str| found.at(&["config", key]);
    let is = |key: &str, value: bool| config(key).and_then(Node::truth) == Some(value);
    let words = match plugin {
        "openid-connect" if is("verify_signature", false) => {
            format!("takes tokens whose signature nobody verifies at {route}")
        }
        "openid-connect" if is("enable_hs_signatures", true) => {
            format!("lets tokens at {route} choose a shared secret in place of a key pair")
        }
        "openid-connect"
            if config("issuer")
                .and_then(Node::text)
                .is_some_and(|issuer| issuer.starts_with("http://")) =>
        {
            format!("fetches the keys for tokens at {route} in the clear")
        }
        "jwt-signer" if is("verify_access_token_signature", false) => {
            format!("takes tokens whose signature nobody verifies at {route}")
        }
        _ => return None,
    };
    Some(Unverified {
        name: format!("tokens at {route}"),
        words,
        is_token: true,
        lines: [found.line, found.end_line],
    })
}

fn upstream(service: &Node, name: &str, gateway: &mut Gateway<'_>) {
    let url = service.text_at(&["url"]);
    let protocol = url
        .and_then(|url| url.split_once("://").map(|(scheme, _)| scheme))
        .or_else(|| service.text_at(&["protocol"]))
        .unwrap_or("http");
    let host = url.map_or_else(
        || service.text_at(&["host"]).unwrap_or_default(),
        super::gateways::authority,
    );
    if is_loopback(host) {
        return;
    }
    let told = ["url", "protocol", "host"]
        .iter()
        .find_map(|key| service.field(key));
    let verified = match service.get("tls_verify").and_then(Node::truth) {
        Some(true) => Verified::Yes,
        Some(false) => Verified::No,
        None => Verified::Depends(BY_VERSION),
    };
    let is_secure = matches!(protocol, "https" | "grpcs" | "tls" | "wss");
    // What passes as it comes is the caller's own TLS.
    let passes = protocol == "tls_passthrough";
    gateway.upstreams.push(Upstream {
        name: if host.is_empty() {
            format!("service {name}")
        } else {
            format!("service {name} at {host}")
        },
        hosts: Vec::from_iter((!host.is_empty()).then(|| host.to_owned())),
        is_plain: !is_secure && !passes,
        verified: if passes { Verified::Yes } else { verified },
        is_site: true,
        names: Some(believed(service)),
        lines: told.map_or([service.line, service.line], |field| {
            [service.line.min(field.line), field.value.end_line]
        }),
    });
}

/// Whose certificates are believed of a service, and which is shown to it.
fn believed(service: &Node) -> String {
    let mut roots = service
        .get("ca_certificates")
        .map(Node::texts)
        .unwrap_or_default();
    roots.sort_unstable();
    let mut words = match roots.as_slice() {
        [] => "certificates of those that the installation trusts".to_owned(),
        roots => format!("certificates of {}", roots.join(", ")),
    };
    if let Some(own) = refers(service, "client_certificate") {
        words.push_str(&format!(", to which it shows {own},"));
    }
    words
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{faults, reading, sites, statements};

    fn kong(text: &str) -> String {
        format!("_format_version: \"3.0\"\n_workspace: w\n{text}")
    }

    #[track_caller]
    fn check(text: &str, topic: Topic, expected: &[&str]) {
        let told: Vec<String> = statements(&reading(&kong(text)), topic)
            .into_iter()
            .filter(|line| !line.contains("names of servers"))
            .map(|line| line.replace("gateway:-/w: ", ""))
            .collect();
        assert_eq!(told, expected, "{text}");
    }

    #[test]
    fn a_route_asks_for_what_plugins_of_all_scopes_ask_for() {
        let callers = |plugins: &str, of_service: &str, of_route: &str| {
            let text = kong(&format!(
                "plugins: [{plugins}]\nservices: [{{name: s, protocol: https, tls_verify: true, host: h, plugins: [{of_service}], \
                 routes: [{{name: r, protocols: [https], plugins: [{of_route}]}}]}}]"
            ));
            let lines = statements(&reading(&text), Topic::Authentication);
            lines[0].rsplit(" = ").next().unwrap_or_default().to_owned()
        };
        assert_eq!(callers("", "", ""), "nothing");
        assert_eq!(callers("{name: key-auth}", "", ""), "a key (key-auth)");
        assert_eq!(
            callers("{name: key-auth}", "", "{name: jwt}"),
            "a key (key-auth) and a token (jwt)"
        );
        assert_eq!(
            callers("{name: key-auth, enabled: false}", "", ""),
            "nothing"
        );
        assert_eq!(
            callers("{name: key-auth, service: s}", "", ""),
            "a key (key-auth)"
        );
        assert_eq!(
            callers("{name: key-auth, service: other}", "", ""),
            "nothing"
        );
        assert_eq!(
            callers("{name: key-auth, route: {name: r}}", "", ""),
            "a key (key-auth)"
        );
        assert_eq!(callers("{name: key-auth, consumer: c}", "", ""), "nothing");
        assert_eq!(callers("{name: ip-restriction}", "", ""), "nothing");
        assert_eq!(
            callers("", "{name: jwt, config: {anonymous: guest}}", ""),
            "nothing"
        );
    }

    #[test]
    fn a_service_is_called_as_its_protocol_says_and_over_http_without_one() {
        for service in ["protocol: http, host: h", "host: h", "url: \"http://h\""] {
            check(
                &format!("services: [{{name: s, {service}}}]"),
                Topic::Encryption,
                &["calls of w to service s at h = plaintext"],
            );
        }
        for service in [
            "protocol: https, host: h",
            "url: \"https://h\"",
            "protocol: tls_passthrough, host: h",
        ] {
            check(
                &format!("services: [{{name: s, {service}}}]"),
                Topic::Encryption,
                &[],
            );
        }
        assert_eq!(
            sites(&kong("services: [{name: s, host: h}]")),
            ["Kong/w calls service s at h"]
        );
    }

    #[test]
    fn whether_a_certificate_is_verified_depends_on_the_version_where_nothing_says() {
        let told = |verify: &str| {
            let text = kong(&format!(
                "services: [{{name: s, protocol: https, host: h, {verify}}}]"
            ));
            statements(&reading(&text), Topic::Authentication)
        };
        let ca = told("tls_verify: true, ca_certificates: [a]");
        assert!(ca[0].ends_with("= certificates of a"), "{ca:?}");
        let system = told("tls_verify: true");
        assert!(system[0].ends_with("= certificates of those that the installation trusts"));
        assert!(told("")[0].ends_with("= from Kong 3.14 on only"));
        assert!(told("tls_verify: false")[0].ends_with("= anyone"));
        let text = kong("services: [{name: s, protocol: https, host: h, tls_verify: false}]");
        assert_eq!(
            faults(&text),
            ["Unproven Kong/w certificate of service s at h"]
        );
    }

    #[test]
    fn tokens_without_a_verified_signature_break_the_rule() {
        let with = |config: &str| {
            faults(&kong(&format!(
                "routes: [{{name: r, plugins: [{{name: openid-connect, config: {{{config}}}}}]}}]"
            )))
        };
        assert_eq!(with("issuer: \"https://i\""), Vec::<String>::new());
        assert_eq!(with("verify_signature: false").len(), 1);
        assert_eq!(with("issuer: \"http://i\"").len(), 1);
    }

    #[test]
    fn a_route_takes_plaintext_unless_it_says_otherwise_and_only_the_word_is_a_site() {
        let route = |protocols: &str| format!("routes: [{{name: r, {protocols}}}]");
        check(&route("protocols: [https]"), Topic::Encryption, &[]);
        for protocols in ["", "protocols: [http, https]", "protocols: [http]"] {
            check(
                &route(protocols),
                Topic::Encryption,
                &["door route r of w = plaintext"],
            );
        }
        assert_eq!(sites(&kong(&route(""))), Vec::<String>::new());
        assert_eq!(sites(&kong(&route("protocols: [http]"))).len(), 1);
    }
}
