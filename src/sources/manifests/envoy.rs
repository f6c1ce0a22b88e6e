//! Envoy with a static configuration: its listeners, whom they ask, and the clusters it calls.
//!
//! After its API (<https://www.envoyproxy.io/docs/envoy/latest/api-v3/api>, read 2026-11-22): without a transport socket traffic is
//! plaintext, without a validation context no certificate is verified, and clients show one only where it is required. What
//! a control plane sends at run time is in no file.

use std::collections::BTreeSet;

use super::declare::{Boundary, Declarations};
use super::estate::Estate;
use super::gateways::{self, Door, Entrance, Gateway, Unverified, Upstream, Verified, is_loopback};
use super::object::Object;
use super::systems::{Document, Meaning, System};
use super::yaml::{Content, Field, Node};

/// Envoy.
pub(super) const SYSTEM: System = System {
    name: "Envoy",
    groups: &[GROUP],
    kinds: &[(KIND, Meaning::Modelled)],
    document_words: &["static_resources"],
    document,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| object.is(GROUP, KIND),
    declare,
};

const GROUP: &str = "bootstrap.envoyproxy.io";
const KIND: &str = "EnvoyBootstrap";

fn document(root: &Node) -> Option<Document> {
    let resources = root.get("static_resources")?;
    let is_envoy = resources.get("listeners").is_some() || resources.get("clusters").is_some();
    is_envoy.then(|| Document {
        group: GROUP,
        kind: KIND.to_owned(),
        ..Document::default()
    })
}

/// What an Envoy calls itself, else where its configuration stands.
fn name(object: &Object) -> String {
    let told = object.root.text_at(&["node", "id"]).map(str::to_owned);
    told.unwrap_or_else(|| object.identity.qualified_name())
}

/// Whether an object is a static bootstrap.
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
            declarations.gateway(&boundary, &name(object), estate, object);
            let mut gateway = Gateway::new("Envoy", name(object), vec![boundary], object);
            gateway.expects_proof = false;
            read(&mut gateway);
            gateway.declare(declarations);
            if object.root.get("dynamic_resources").is_some() {
                declarations.notice(
                    "control-plane-not-seen",
                    object,
                    "a control plane sends it more at run time: that is in no file",
                );
            }
        }
    }
}

fn read(gateway: &mut Gateway<'_>) {
    let root = &gateway.object.root;
    let listed = |key: &str| {
        let all = root.at(&["static_resources", key]).map(Node::items);
        all.unwrap_or_default()
    };
    for listener in listed("listeners") {
        self::listener(listener, gateway);
    }
    for cluster in listed("clusters") {
        self::cluster(cluster, gateway);
    }
    let admin = root.at(&["admin", "address"]);
    if let Some(address) = admin
        .and_then(address)
        .filter(|address| !is_loopback(&address.0))
    {
        gateway.doors.push(Door {
            name: "its admin interface".to_owned(),
            is_plain: true,
            is_exposed: true,
            is_site: true,
            lines: address.1,
        });
    }
}

/// Host and lines of an address; `None`: a pipe, or none that is known.
fn address(node: &Node) -> Option<(String, [usize; 2])> {
    let socket = node.get("socket_address")?;
    let host = socket.text_at(&["address"])?;
    Some((host.to_owned(), [socket.line, socket.end_line]))
}

fn port(node: &Node) -> &str {
    node.text_at(&["socket_address", "port_value"])
        .unwrap_or("?")
}

/// The configuration of a transport socket that encrypts, whichever it is; `None`: plaintext.
fn encrypting<'n>(of: &'n Node, key: &str) -> Option<&'n Node> {
    let socket = of.get(key)?;
    let name = socket.text_at(&["name"]).unwrap_or_default();
    let kind = socket
        .text_at(&["typed_config", "@type"])
        .unwrap_or_default();
    let is = |word: &str| name.contains(word) || kind.to_ascii_lowercase().contains(word);
    (is("tls") || is("quic") || is("alts")).then_some(socket)
}

/// The first value of a field of this name, wherever it lies in a tree.
fn within<'n>(node: &'n Node, key: &str) -> Option<&'n Field> {
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        match &node.content {
            Content::Map(fields) => {
                let found = fields.iter().find(|field| field.key == key);
                if found.is_some() {
                    return found;
                }
                todo.extend(fields.iter().rev().map(|field| &field.value));
            }
            Content::List(items) => todo.extend(items.iter().rev()),
            Content::Scalar { .. } => {}
        }
    }
    None
}

fn verifies(socket: &Node) -> bool {
    let contexts = [
        "validation_context",
        "combined_validation_context",
        "validation_context_sds_secret_config",
    ];
    contexts.iter().any(|key| {
        within(socket, key).is_some_and(|context| {
            let trusts_all = within(&context.value, "trust_chain_verification")
                .is_some_and(|field| field.value.text() == Some("ACCEPT_UNTRUSTED"));
            !trusts_all && !context.value.is_empty()
        })
    })
}

/// Which names in certificates are believed, of all that the authorities vouch for; empty: any.
fn believed<'n>(sockets: impl Iterator<Item = &'n Node>) -> String {
    const KEYS: &[&str] = &[
        "match_typed_subject_alt_names",
        "match_subject_alt_names",
        "verify_subject_alt_name",
        "verify_certificate_spki",
        "verify_certificate_hash",
    ];
    let mut names = BTreeSet::new();
    for socket in sockets {
        let told: Vec<&Field> = KEYS.iter().filter_map(|key| within(socket, key)).collect();
        // Where one of several believes any name, all names are believed.
        if told.iter().all(|field| field.value.is_empty()) {
            return String::new();
        }
        for field in told {
            let items = field.value.items().iter();
            names.extend(items.map(|item| {
                let matcher = item.get("matcher").unwrap_or(item);
                match matcher.fields() {
                    [only] if only.key == "exact" => only.value.text().map(str::to_owned),
                    _ => matcher.text().map(str::to_owned),
                }
                .unwrap_or_else(|| matcher.canonical())
            }));
        }
    }
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn listener(listener: &Node, gateway: &mut Gateway<'_>) {
    let Some(at) = listener.get("address") else {
        return;
    };
    let Some((host, lines)) = address(at) else {
        return;
    };
    let name = match listener.text_at(&["name"]) {
        Some(name) => format!("listener {name}"),
        None => format!("port {}", port(at)),
    };
    let chains = listener
        .get("filter_chains")
        .map(Node::items)
        .unwrap_or_default();
    let default = listener.get("default_filter_chain");
    let chains: Vec<&Node> = chains.iter().chain(default).collect();
    // Streams that pass as they come are the caller's own TLS where names tell them apart.
    let passes = |chain: &Node| {
        chain.at(&["filter_chain_match", "server_names"]).is_some()
            && chain.get("transport_socket").is_none()
    };
    let is_plain = chains.iter().any(|chain| {
        encrypting(chain, "transport_socket").is_none() && !passes(chain) && !redirects(chain)
    });
    gateway.doors.push(Door {
        name: name.clone(),
        is_plain: is_plain && !is_loopback(&host),
        is_exposed: !is_loopback(&host),
        is_site: true,
        lines,
    });
    for (index, chain) in chains.iter().enumerate() {
        let mut asks = BTreeSet::new();
        if let Some(socket) = encrypting(chain, "transport_socket")
            && within(socket, "require_client_certificate")
                .is_some_and(|field| field.value.truth() == Some(true))
            && verifies(socket)
        {
            let names = believed(std::iter::once(socket));
            asks.insert(match names.as_str() {
                "" => "a certificate".to_owned(),
                names => format!("a certificate of {names}"),
            });
        }
        filters(chain, &name, &mut asks, gateway);
        let asks: Vec<String> = asks.into_iter().collect();
        gateway.entrances.push(Entrance {
            name: if chains.len() == 1 {
                name.clone()
            } else {
                format!("{name} chain {}", chain_name(chain, index))
            },
            asks: asks.join(" and "),
            lines: [chain.line, chain.end_line],
        });
    }
}

/// What tells a filter chain from the others of its listener.
fn chain_name(chain: &Node, index: usize) -> String {
    let names = chain
        .at(&["filter_chain_match", "server_names"])
        .map(Node::texts);
    match (chain.text_at(&["name"]), names) {
        (Some(name), _) => name.to_owned(),
        (None, Some(names)) => names.join(" "),
        _ => (index + 1).to_string(),
    }
}

/// Whether a chain does nothing but send callers to TLS.
fn redirects(chain: &Node) -> bool {
    let Some(routes) = within(chain, "routes") else {
        return false;
    };
    let all = routes.value.items();
    !all.is_empty()
        && all.iter().all(|route| {
            route
                .at(&["redirect", "https_redirect"])
                .and_then(Node::truth)
                == Some(true)
        })
}

/// What the filters of a chain ask for, and what they let pass unverified.
fn filters(chain: &Node, listener: &str, asks: &mut BTreeSet<String>, gateway: &mut Gateway<'_>) {
    let Some(filters) = within(chain, "http_filters") else {
        return;
    };
    for filter in filters.value.items() {
        let name = filter.text_at(&["name"]).unwrap_or_default();
        let kind = filter
            .text_at(&["typed_config", "@type"])
            .unwrap_or_default();
        if filter.get("disabled").and_then(Node::truth) == Some(true) {
            continue;
        }
        let config = filter.get("typed_config").unwrap_or(filter);
        let is = |word: &str| name.contains(word) || kind.contains(&format!(".{word}."));
        if is("jwt_authn") {
            let (asked, found) = tokens(config, listener);
            if asked {
                asks.insert("a token".to_owned());
            }
            gateway.unverified.extend(found);
        } else if is("ext_authz") {
            asks.insert("what an external authorizer asks for".to_owned());
            if let Some(open) = config.field("failure_mode_allow")
                && open.value.truth() == Some(true)
            {
                gateway.unverified.push(Unverified {
                    name: format!("authorizer of {listener}"),
                    words: format!(
                        "lets callers of {listener} in while its authorizer does not answer"
                    ),
                    is_token: false,
                    lines: [open.line, open.value.end_line],
                });
            }
        } else if is("basic_auth") {
            asks.insert("a password".to_owned());
        } else if is("api_key_auth") {
            asks.insert("a key".to_owned());
        } else if is("oauth2") {
            asks.insert("a token".to_owned());
        }
    }
}

/// Whether a filter for tokens asks for one, and what it takes without a look.
fn tokens(config: &Node, listener: &str) -> (bool, Vec<Unverified>) {
    let mut found = Vec::new();
    let mut tell = |what: &str, words: String, field: &Field| {
        found.push(Unverified {
            name: format!("{what} at {listener}"),
            words,
            is_token: true,
            lines: [field.line, field.value.end_line],
        });
    };
    let failing = within(config, "allow_missing_or_failed");
    if let Some(field) = failing {
        tell(
            "tokens",
            format!("lets calls with a wrong token pass at {listener}"),
            field,
        );
    }
    for provider in config
        .get("providers")
        .map(Node::fields)
        .unwrap_or_default()
    {
        let uri = provider
            .value
            .at(&["remote_jwks", "http_uri"])
            .and_then(|uri| uri.field("uri"));
        if let Some(uri) = uri
            && uri
                .value
                .text()
                .is_some_and(|uri| uri.starts_with("http://"))
        {
            tell(
                &format!("keys of {}", provider.key),
                format!(
                    "fetches the keys for tokens of {} in the clear",
                    provider.key
                ),
                uri,
            );
        }
    }
    let requires = config.get("rules").is_some() || config.get("requirement_map").is_some();
    let is_optional = failing.is_some() || within(config, "allow_missing").is_some();
    (requires && !is_optional, found)
}

fn cluster(cluster: &Node, gateway: &mut Gateway<'_>) {
    let Some(name) = cluster.text_at(&["name"]) else {
        return;
    };
    let mut hosts: BTreeSet<String> = BTreeSet::new();
    let endpoints = cluster
        .at(&["load_assignment", "endpoints"])
        .map(Node::items);
    for group in endpoints.unwrap_or_default() {
        for endpoint in group
            .get("lb_endpoints")
            .map(Node::items)
            .unwrap_or_default()
        {
            let found = endpoint.at(&["endpoint", "address"]);
            hosts.extend(found.and_then(address).map(|(host, _)| host));
        }
    }
    let is_local = !hosts.is_empty() && hosts.iter().all(|host| is_loopback(host));
    let is_pipe = hosts.is_empty() && within(cluster, "pipe").is_some();
    if is_local || is_pipe {
        return;
    }
    let socket = encrypting(cluster, "transport_socket");
    let matches = cluster
        .get("transport_socket_matches")
        .map(Node::items)
        .unwrap_or_default();
    let by_match: Vec<Option<&Node>> = matches
        .iter()
        .map(|one| encrypting(one, "transport_socket"))
        .collect();
    let all = || {
        by_match
            .iter()
            .copied()
            .chain((by_match.is_empty()).then_some(socket))
    };
    let is_plain = all().any(|socket| socket.is_none());
    let is_verified = all().flatten().all(verifies);
    gateway.upstreams.push(Upstream {
        name: format!("cluster {name}"),
        hosts: hosts.into_iter().collect(),
        is_plain,
        verified: if is_verified {
            Verified::Yes
        } else {
            Verified::No
        },
        is_site: true,
        names: Some(believed(all().flatten())),
        lines: [cluster.line, cluster.line],
    });
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{faults, reading, sites, statements};

    fn envoy(cluster: &str, filters: &str) -> String {
        format!(
            "node: {{id: e}}\nstatic_resources:\n  listeners:\n  - name: l\n    address: {{socket_address: {{address: 0.0.0.0, port_value: 443}}}}\n    \
             filter_chains:\n    - transport_socket: {{name: envoy.transport_sockets.tls, typed_config: {{}}}}\n      \
             filters: [{{name: hcm, typed_config: {{http_filters: [{filters}]}}}}]\n  clusters:\n  - name: c\n    {cluster}\n"
        )
    }

    #[track_caller]
    fn check(cluster: &str, topic: Topic, expected: &[&str]) {
        let told: Vec<String> = statements(&reading(&envoy(cluster, "")), topic)
            .into_iter()
            .map(|line| line.replace("gateway:-/e: ", ""))
            .collect();
        assert_eq!(told, expected, "{cluster}");
    }

    #[test]
    fn a_cluster_without_a_transport_socket_is_called_in_the_clear() {
        check(
            "type: STATIC",
            Topic::Encryption,
            &["calls of e to cluster c = plaintext"],
        );
        let host = |address: &str| {
            format!(
                "load_assignment: {{endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{{address}}}}}}}]}}]}}"
            )
        };
        check(
            &host("socket_address: {address: 127.0.0.1, port_value: 1}"),
            Topic::Encryption,
            &[],
        );
        check(&host("pipe: {path: /run/x}"), Topic::Encryption, &[]);
        assert_eq!(
            sites(&envoy("type: STATIC", "")),
            ["Envoy/e calls cluster c"]
        );
    }

    #[test]
    fn tls_without_a_validation_context_verifies_nothing() {
        let tls = |context: &str| {
            format!(
                "transport_socket: {{name: envoy.transport_sockets.tls, typed_config: {{common_tls_context: {{{context}}}}}}}"
            )
        };
        let names = |context: &str| {
            let told = statements(&reading(&envoy(&tls(context), "")), Topic::Authentication);
            let told = told.iter().map(|line| line.rsplit(" = ").next());
            told.flatten().collect::<Vec<_>>().join("; ")
        };
        assert_eq!(
            names("validation_context: {trusted_ca: {filename: ca}}"),
            "any name that its authorities vouch for"
        );
        assert_eq!(
            names(
                "validation_context: {trusted_ca: {filename: ca}, match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: b}}, {san_type: DNS, matcher: {exact: a}}]}"
            ),
            "a, b"
        );
        check(
            &tls(""),
            Topic::Authentication,
            &["servers called of e: cluster c itself = anyone"],
        );
        let open = tls(
            "validation_context: {trusted_ca: {filename: ca}, trust_chain_verification: ACCEPT_UNTRUSTED}",
        );
        check(
            &open,
            Topic::Authentication,
            &["servers called of e: cluster c itself = anyone"],
        );
    }

    #[test]
    fn a_listener_without_tls_is_a_plain_door_and_a_redirect_is_none() {
        let listener = |chain: &str, host: &str| {
            format!(
                "static_resources: {{listeners: [{{name: l, address: {{socket_address: {{address: {host}, port_value: 80}}}}, filter_chains: [{chain}]}}]}}"
            )
        };
        let door = |chain: &str, host: &str| {
            let read = reading(&listener(chain, host));
            [Topic::Exposure, Topic::Encryption].map(|topic| statements(&read, topic).len())
        };
        assert_eq!(door("{filters: []}", "0.0.0.0"), [1, 1]);
        assert_eq!(door("{filters: []}", "127.0.0.1"), [0, 0]);
        let redirect = "{filters: [{typed_config: {route_config: {virtual_hosts: [{routes: [{redirect: {https_redirect: true}}]}]}}}]}";
        assert_eq!(door(redirect, "0.0.0.0"), [1, 0]);
    }

    #[test]
    fn tokens_that_may_fail_and_keys_in_the_clear_break_the_rule() {
        let filter = |config: &str| {
            let filter =
                format!("{{name: envoy.filters.http.jwt_authn, typed_config: {{{config}}}}}");
            let told: Vec<String> = faults(&envoy("type: STATIC", &filter));
            let asks = statements(
                &reading(&envoy("type: STATIC", &filter)),
                Topic::Authentication,
            );
            (told, asks.iter().any(|line| line.ends_with("= a token")))
        };
        let rules = "rules: [{match: {prefix: /}, requires: {provider_name: p}}]";
        assert_eq!(filter(rules), (Vec::new(), true));
        let (told, asks) = filter(
            "rules: [{requires: {requires_any: {requirements: [{provider_name: p}, {allow_missing_or_failed: {}}]}}}]",
        );
        assert_eq!(
            (told, asks),
            (
                vec!["UnverifiedToken Envoy/e tokens at listener l".to_owned()],
                false
            )
        );
        let (told, _) = filter("providers: {p: {remote_jwks: {http_uri: {uri: \"http://k\"}}}}");
        assert_eq!(told, ["UnverifiedToken Envoy/e keys of p at listener l"]);
        let (told, asks) = filter("rules: [{requires: {allow_missing: {}}}]");
        assert!(told.is_empty() && !asks);
    }
}
