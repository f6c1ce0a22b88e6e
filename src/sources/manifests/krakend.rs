//! KrakenD: who may call its endpoints, and how it calls what is behind them.
//!
//! Keys and defaults: the schema of version 2.13 (<https://github.com/krakend/krakend-schema>, read 2026-11-22). An endpoint
//! without a validator asks for nothing; a host without a scheme is called over `http`; an algorithm that is not named is
//! `RS256`, so a token never chooses. Templates of the flexible configuration are read once they are rendered.

use std::collections::{BTreeMap, BTreeSet};

use super::declare::{Boundary, Declarations};
use super::estate::Estate;
use super::gateways::{
    self, Door, Entrance, Gateway, Unverified, Upstream, Verified, authority, is_loopback, scheme,
};
use super::object::Object;
use super::systems::{Document, Language, Meaning, System};
use super::yaml::{Field, Node};

/// KrakenD.
pub(super) const SYSTEM: System = System {
    name: "KrakenD",
    groups: &[GROUP],
    kinds: &[(KIND, Meaning::Modelled)],
    document_words: &["url_pattern"],
    document,
    languages: &[Language {
        may_be: |path| path.ends_with(".tmpl"),
        may_hold: |bytes| {
            let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
            has("endpoints") && (has("krakend") || has("extra_config"))
        },
        // Not rendered, and the ending says so.
        read: |_| (Vec::new(), Vec::new()),
    }],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| object.is(GROUP, KIND),
    declare,
};

const GROUP: &str = "krakend.io";
const KIND: &str = "KrakendGateway";

fn document(root: &Node) -> Option<Document> {
    let endpoints = root.get("endpoints")?.items();
    let is_krakend = endpoints
        .iter()
        .any(|one| one.get("endpoint").is_some() && one.get("backend").is_some());
    is_krakend.then(|| Document {
        group: GROUP,
        kind: KIND.to_owned(),
        ..Document::default()
    })
}

/// What to call a gateway.
fn name(object: &Object) -> String {
    let told = object.root.text_at(&["name"]).map(str::to_owned);
    told.unwrap_or_else(|| object.identity.qualified_name())
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
            declarations.gateway(&boundary, &name(object), estate, object);
            read(object, boundary).declare(declarations);
        }
    }
}

fn read(object: &Object, boundary: Boundary) -> Gateway<'_> {
    let root = &object.root;
    let mut gateway = Gateway::new("KrakenD", name(object), vec![boundary], object);
    let tls = root.field("tls").filter(|tls| tls.value.is_map());
    let is_disabled = |tls: &Field| tls.value.get("disabled").and_then(Node::truth) == Some(true);
    let first = root.fields().iter().map(|field| field.line).min();
    let top = [root.line, first.unwrap_or(root.line)];
    gateway.doors.push(Door {
        name: "its port".to_owned(),
        is_plain: tls.is_none_or(is_disabled),
        is_exposed: false,
        is_site: true,
        lines: tls.map_or(top, |tls| [tls.line, tls.value.end_line]),
    });
    let asks_certificates = tls.is_some_and(|tls| {
        !is_disabled(tls) && tls.value.get("enable_mtls").and_then(Node::truth) == Some(true)
    });
    let endpoints = root.get("endpoints").map(Node::items).unwrap_or_default();
    for endpoint in endpoints {
        self::endpoint(endpoint, asks_certificates, &mut gateway);
    }
    let mut upstreams = BTreeMap::new();
    for endpoint in endpoints {
        calls(endpoint, root, &mut upstreams);
    }
    gateway.upstreams = upstreams.into_values().collect();
    gateway
}

/// A part of `extra_config`, by the end of its name: older ones begin with the address of their code.
fn extra<'n>(node: &'n Node, names: &[&str]) -> Option<&'n Field> {
    let extra = node.get("extra_config")?;
    names.iter().find_map(|name| {
        let mut fields = extra.fields().iter();
        fields.find(|field| field.key == *name || field.key.ends_with(&format!("/{name}")))
    })
}

fn is_on(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::truth) == Some(true)
}

fn endpoint(endpoint: &Node, asks_certificates: bool, gateway: &mut Gateway<'_>) {
    let Some(path) = endpoint.text_at(&["endpoint"]) else {
        return;
    };
    let method = endpoint.text_at(&["method"]).unwrap_or("GET");
    let name = format!("{method} {path}");
    let mut asks = Vec::new();
    if asks_certificates {
        asks.push("a certificate".to_owned());
    }
    if let Some(validator) = extra(endpoint, &["auth/validator", "krakend-jose/validator"]) {
        asks.push(token(&validator.value));
        unverified(&name, validator, gateway);
    }
    for (key, what) in [
        ("auth/basic", "a password"),
        ("auth/api-keys", "a key"),
        ("auth/gcp", "a token of Google"),
    ] {
        if extra(endpoint, &[key]).is_some() {
            asks.push(what.to_owned());
        }
    }
    gateway.entrances.push(Entrance {
        name,
        asks: asks.join(" and "),
        lines: [endpoint.line, endpoint.end_line],
    });
}

/// What an endpoint calls. One upstream counts once, as its worst call does.
fn calls(endpoint: &Node, root: &Node, upstreams: &mut BTreeMap<String, Upstream>) {
    for backend in endpoint.get("backend").map(Node::items).unwrap_or_default() {
        let hosts = backend.get("host").filter(|hosts| !hosts.is_empty());
        let (hosts, of_root) = match hosts {
            Some(hosts) => (hosts, false),
            None => match root.get("host") {
                Some(hosts) => (hosts, true),
                None => continue,
            },
        };
        let by_dns = backend.text_at(&["sd"]).or(root.text_at(&["sd"]));
        let by_dns = by_dns.is_some_and(|sd| sd != "static");
        let sd_scheme = backend
            .text_at(&["sd_scheme"])
            .or(root.text_at(&["sd_scheme"]));
        let client = extra(backend, &["backend/http/client"]);
        let client = client.and_then(|client| client.value.get("client_tls"));
        let names = believed(client.or_else(|| root.get("client_tls")));
        let is_insecure = |tls: &Node| is_on(tls, "allow_insecure_connections");
        let is_unverified = client.map_or_else(
            || root.get("client_tls").is_some_and(is_insecure),
            is_insecure,
        );
        let single = hosts.text().map(|_| hosts);
        for host in hosts.items().iter().chain(single) {
            let Some(address) = host.text() else { continue };
            let told = match scheme(address) {
                "" if by_dns => sd_scheme.unwrap_or("http"),
                "" => "http",
                scheme => scheme,
            };
            let name = authority(address);
            let is_plain = !matches!(told, "https" | "tls" | "grpcs" | "amqps" | "rediss" | "wss");
            if is_loopback(name) {
                continue;
            }
            let lines = if of_root {
                [hosts.line, hosts.end_line]
            } else {
                [host.line.min(backend.line), host.end_line]
            };
            let upstream = Upstream {
                name: name.to_owned(),
                hosts: vec![name.to_owned()],
                is_plain,
                verified: if is_unverified {
                    Verified::No
                } else {
                    Verified::Yes
                },
                is_site: true,
                names: Some(names.clone()),
                lines,
            };
            let rank = |one: &Upstream| (one.is_plain, one.verified);
            let known = upstreams
                .entry(upstream.name.clone())
                .or_insert_with(|| upstream.clone());
            if rank(&upstream) > rank(known) {
                *known = upstream;
            }
        }
    }
}

/// Whose certificates are believed of what is called, and which is shown to it.
fn believed(tls: Option<&Node>) -> String {
    let files = |key: &str| {
        let listed = tls.and_then(|tls| tls.get(key)).map(Node::texts);
        BTreeSet::from_iter(listed.unwrap_or_default())
    };
    let mut roots = files("ca_certs");
    if !tls.is_some_and(|tls| is_on(tls, "disable_system_ca_pool")) {
        roots.insert("those that the system trusts");
    }
    let mut words = format!("certificates of {}", joined(roots));
    let pairs = tls.and_then(|tls| tls.get("client_certs")).map(Node::items);
    let shown = pairs.unwrap_or_default().iter();
    let shown: BTreeSet<&str> = shown
        .filter_map(|pair| pair.text_at(&["certificate"]))
        .collect();
    if !shown.is_empty() {
        words.push_str(&format!(", to which it shows {},", joined(shown)));
    }
    words
}

fn joined(texts: BTreeSet<&str>) -> String {
    texts.into_iter().collect::<Vec<_>>().join(", ")
}

/// What a token must be like.
fn token(validator: &Node) -> String {
    let algorithm = validator.text_at(&["alg"]).unwrap_or("RS256");
    let mut told = format!("a token by {algorithm}");
    if let Some(issuer) = validator.text_at(&["issuer"]) {
        told.push_str(&format!(" of {issuer}"));
    }
    let keys = validator
        .text_at(&["jwk_local_path"])
        .or(validator.text_at(&["jwk_url"]));
    if let Some(keys) = keys {
        told.push_str(&format!(" with keys of {keys}"));
    }
    if let Some(audience) = validator.get("audience") {
        let mut all = audience.texts();
        all.sort_unstable();
        told.push_str(&format!(" for {}", all.join(", ")));
    }
    told
}

fn unverified(endpoint: &str, validator: &Field, gateway: &mut Gateway<'_>) {
    let settings = &validator.value;
    let algorithm = settings.text_at(&["alg"]).unwrap_or("RS256");
    let keys = settings.text_at(&["jwk_url"]).unwrap_or_default();
    let is_local = settings.get("jwk_local_path").is_some() || is_loopback(authority(keys));
    let words = if algorithm.eq_ignore_ascii_case("none") {
        format!("takes tokens without a signature at {endpoint}")
    } else if !is_local && keys.starts_with("http://") && is_on(settings, "disable_jwk_security") {
        format!("fetches the keys for tokens at {endpoint} in the clear")
    } else {
        return;
    };
    gateway.unverified.push(Unverified {
        name: format!("tokens at {endpoint}"),
        words,
        is_token: true,
        lines: [validator.line, validator.value.end_line],
    });
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{faults, reading, sites, statements};

    fn gateway(top: &str, endpoint: &str, backend: &str) -> String {
        format!(
            "{{version: 3, name: gw, {top} endpoints: [{{endpoint: /a, {endpoint} backend: [{{url_pattern: /a, {backend}}}]}}]}}"
        )
    }

    #[track_caller]
    fn check(text: &str, topic: Topic, expected: &[&str]) {
        let told: Vec<String> = statements(&reading(text), topic)
            .into_iter()
            .filter(|line| !line.contains("names of servers"))
            .map(|line| line.replace("gateway:-/gw: ", ""))
            .collect();
        assert_eq!(told, expected, "{text}");
    }

    const TLS: &str = "tls: {public_key: a, private_key: b},";
    const HOST: &str = "host: [\"https://api:8443\"]";

    #[test]
    fn an_endpoint_asks_for_what_its_own_validator_says_or_for_nothing() {
        let validator = "extra_config: {auth/validator: {alg: RS256, jwk_url: \"https://k\"}},";
        check(
            &gateway(TLS, validator, HOST),
            Topic::Authentication,
            &["callers of gw: GET /a itself = a token by RS256 with keys of https://k"],
        );
        check(
            &gateway(TLS, "", HOST),
            Topic::Authentication,
            &["callers of gw: GET /a itself = nothing"],
        );
        let mutual = "tls: {enable_mtls: true},";
        check(
            &gateway(mutual, "", HOST),
            Topic::Authentication,
            &["callers of gw: GET /a itself = a certificate"],
        );
    }

    #[test]
    fn a_host_is_called_over_what_its_scheme_says_and_http_without_one() {
        check(&gateway(TLS, "", HOST), Topic::Encryption, &[]);
        for backend in [
            "host: [\"http://api:80\"]",
            "host: [\"api:80\"]",
            "host: [\"api:80\"], sd: dns",
        ] {
            check(
                &gateway(TLS, "", backend),
                Topic::Encryption,
                &["calls of gw to api:80 = plaintext"],
            );
        }
        check(
            &gateway(TLS, "", "host: [\"api:80\"], sd: dns, sd_scheme: https"),
            Topic::Encryption,
            &[],
        );
        check(
            &gateway(&format!("{TLS} host: [\"http://all:1\"],"), "", "x: y"),
            Topic::Encryption,
            &["calls of gw to all:1 = plaintext"],
        );
        check(
            &gateway(TLS, "", "host: [\"http://localhost:1\"]"),
            Topic::Encryption,
            &[],
        );
    }

    #[test]
    fn a_listener_without_tls_or_with_it_disabled_is_plain() {
        for top in ["", "tls: {disabled: true},"] {
            check(
                &gateway(top, "", HOST),
                Topic::Encryption,
                &["door its port of gw = plaintext"],
            );
        }
        assert_eq!(sites(&gateway("", "", HOST)), ["KrakenD/gw door its port"]);
    }

    #[test]
    fn keys_over_plain_http_and_no_algorithm_break_the_rule_and_a_named_one_does_not() {
        let with = |validator: &str| {
            let endpoint = format!("extra_config: {{auth/validator: {{{validator}}}}},");
            faults(&gateway(TLS, &endpoint, HOST))
        };
        assert_eq!(
            with("alg: RS256, jwk_url: \"https://k\""),
            Vec::<String>::new()
        );
        assert_eq!(
            with("jwk_url: \"http://k\", disable_jwk_security: true").len(),
            1
        );
        // Without that switch it does not start.
        assert_eq!(with("jwk_url: \"http://k\""), Vec::<String>::new());
        assert_eq!(
            with("alg: none, jwk_url: \"https://k\""),
            ["UnverifiedToken KrakenD/gw tokens at GET /a"]
        );
    }

    #[test]
    fn an_upstream_whose_certificate_nobody_verifies_is_told() {
        let top = format!("{TLS} client_tls: {{allow_insecure_connections: true}},");
        let told = faults(&gateway(&top, "extra_config: {auth/basic: {}},", HOST));
        assert_eq!(told, ["Unproven KrakenD/gw certificate of api:8443"]);
    }

    #[test]
    fn other_documents_are_none_of_it() {
        for text in [
            "endpoints: [{endpoint: /a}]",
            "endpoints: url_pattern",
            "version: 3",
        ] {
            assert_eq!(reading(text).counts.0, 0, "{text}");
        }
    }
}
