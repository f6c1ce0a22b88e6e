//! What gateways and routes come to.

use crate::graph::fragment::{FarSide, Topic};

use super::super::testing::{reading, statements, subjects};

fn gateway(more: &str, listener: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {{name: front, namespace: edge}}\nspec:\n  \
         gatewayClassName: eg\n  {more}\n  listeners: [{listener}]\n---\n"
    )
}

const HTTPS: &str =
    "{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: a}]}}";
const HTTP: &str = "{name: http, port: 80, protocol: HTTP}";

fn route(namespace: &str, rules: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: shop, namespace: {namespace}}}\nspec:\n  \
         parentRefs: [{{name: front, namespace: edge}}]\n  hostnames: [shop.example]\n  rules: {rules}\n---\n"
    )
}

/// How the gateway's own namespace is entered.
#[track_caller]
fn entered(text: &str, expected: &str) {
    let stated: Vec<String> = statements(&reading(text), Topic::Exposure)
        .iter()
        .filter_map(|line| {
            Some(
                line.strip_prefix("-/edge: gateway edge/front * port ")?
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(stated, [expected], "{text}");
}

#[test]
fn a_listener_is_what_its_protocol_and_mode_say() {
    entered(&gateway("", HTTPS), "443 = outside with TLS");
    entered(
        &gateway(
            "",
            &HTTPS.replace("{certificateRefs", "{mode: Terminate, certificateRefs"),
        ),
        "443 = outside with TLS",
    );
    entered(&gateway("", HTTP), "80 = outside in the clear");
    entered(
        &gateway(
            "",
            "{name: t, port: 443, protocol: TLS, tls: {mode: Passthrough}}",
        ),
        "443 = outside with the TLS of what is behind it",
    );
}

#[test]
fn a_gateway_is_public_unless_something_known_keeps_it_inside() {
    let annotated = "infrastructure: {annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: internal}}";
    entered(
        &gateway(annotated, HTTP),
        "80 = the network around the cluster in the clear",
    );
    entered(
        &gateway("addresses: [{value: 10.0.0.7}]", HTTP),
        "80 = the network around the cluster in the clear",
    );
    entered(
        &gateway("addresses: [{value: 192.0.2.7}]", HTTP),
        "80 = outside in the clear",
    );
    let external = |text: &str| reading(text).sites_after[0].far_side == FarSide::Outside;
    assert!(external(&gateway("", HTTP)));
    assert!(!external(&gateway(annotated, HTTP)));
}

#[test]
fn a_listener_that_only_redirects_is_no_plaintext_and_one_route_that_does_not_makes_it_so() {
    let redirect = route(
        "edge",
        "[{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]",
    );
    let text = format!("{}{redirect}", gateway("", HTTP));
    entered(&text, "80 = outside only to be sent on to HTTPS");
    assert!(reading(&text).sites_after.is_empty());
    let other = route("edge", "[{backendRefs: [{name: web, port: 80}]}]")
        .replace("name: shop", "name: other");
    entered(&format!("{text}{other}"), "80 = outside in the clear");
}

#[test]
fn certificates_of_callers_are_asked_for_and_a_fallback_lets_anybody_in() {
    let asking = |mode: &str| {
        let tls = format!(
            "tls: {{frontend: {{default: {{validation: {{caCertificateRefs: [{{name: roots}}]{mode}}}}}}}}}"
        );
        reading(&gateway(&tls, HTTPS))
    };
    let strict = asking("");
    let of_edge = |read: &super::super::Reading| statements(read, Topic::Authentication)[0].clone();
    assert_eq!(
        of_edge(&strict),
        "-/edge: callers of gateway edge/front * port 443 = asked for by roots"
    );
    assert_eq!(of_edge(&strict), of_edge(&asking(", mode: AllowValidOnly")));
    assert!(strict.open_doors_after.is_empty());
    let open = asking(", mode: AllowInsecureFallback");
    assert_eq!(open.open_doors_after.len(), 1);
    assert_ne!(of_edge(&strict), of_edge(&open));
}

/// What is reached through the gateway.
fn led_to(text: &str) -> Vec<String> {
    let stated = statements(&reading(text), Topic::Exposure);
    let of_cluster = stated.iter().filter_map(|line| line.strip_prefix("-: "));
    of_cluster
        .filter(|line| line.contains(" through gateway "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_listener_takes_routes_of_its_own_namespace_unless_it_says_otherwise() {
    let rules = "[{backendRefs: [{name: web, port: 80}]}]";
    let with = |allowed: &str, namespace: &str| {
        let listener = HTTPS.replace("port: 443", &format!("port: 443, allowedRoutes: {allowed}"));
        led_to(&format!(
            "{}{}",
            gateway("", &listener),
            route(namespace, rules)
        ))
    };
    let taken = ["shop/web as shop.example through gateway edge/front = routed"];
    assert!(with("{}", "shop").is_empty());
    assert_eq!(with("{namespaces: {from: All}}", "shop"), taken);
    assert_eq!(with("{}", "edge").len(), 1);
    // Nobody describes the namespace: it may have the label.
    assert_eq!(
        with(
            "{namespaces: {from: Selector, selector: {matchLabels: {a: b}}}}",
            "shop"
        ),
        taken
    );
}

#[test]
fn another_namespace_is_led_to_only_where_a_grant_lets_it() {
    let text = format!(
        "{}{}",
        gateway("", HTTPS),
        route(
            "edge",
            "[{backendRefs: [{name: web, namespace: shop, port: 80}]}]"
        )
    );
    assert!(led_to(&text).is_empty());
    assert_eq!(subjects(&reading(&text), "reference-not-granted").len(), 1);
    let grant = |kind: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {{name: g, namespace: shop}}\nspec: \
             {{from: [{{group: gateway.networking.k8s.io, kind: {kind}, namespace: edge}}], to: [{{group: \"\", kind: Service}}]}}\n"
        )
    };
    assert_eq!(led_to(&format!("{text}{}", grant("HTTPRoute"))).len(), 1);
    assert!(led_to(&format!("{text}{}", grant("GRPCRoute"))).is_empty());
}

#[test]
fn what_is_behind_is_called_in_the_clear_unless_a_policy_that_is_whole_says_otherwise() {
    let text = format!(
        "{}{}",
        gateway("", HTTPS),
        route("edge", "[{backendRefs: [{name: web, port: 80}]}]")
    );
    let policy = |validation: &str| {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: BackendTLSPolicy\nmetadata: {{name: p, namespace: edge}}\nspec: \
             {{targetRefs: [{{group: \"\", kind: Service, name: web}}], validation: {validation}}}\n"
        )
    };
    let open = |text: &str| {
        let read = reading(text);
        (
            read.sites_after.len(),
            statements(&read, Topic::Encryption).len(),
        )
    };
    assert_eq!(open(&text), (1, 0));
    let whole = "{hostname: web.example, wellKnownCACertificates: System}";
    assert_eq!(open(&format!("{text}{}", policy(whole))), (0, 1));
    let half = format!("{text}{}", policy("{hostname: web.example}"));
    assert_eq!(open(&half), (1, 0));
    assert_eq!(subjects(&reading(&half), "policy-without-effect").len(), 1);
}

#[test]
fn a_policy_for_one_port_is_for_no_other() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: edge}\nspec: {ports: [{name: a, port: 80}, {name: b, \
                   port: 81}]}\n---\n";
    let policy = "apiVersion: gateway.networking.k8s.io/v1\nkind: BackendTLSPolicy\nmetadata: {name: p, namespace: edge}\nspec: \
                  {targetRefs: [{group: \"\", kind: Service, name: web, sectionName: a}], validation: {hostname: x, \
                  wellKnownCACertificates: System}}\n";
    let sites = |port: u16| {
        let rules = format!("[{{backendRefs: [{{name: web, port: {port}}}]}}]");
        let text = format!(
            "{}{}{service}{policy}",
            gateway("", HTTPS),
            route("edge", &rules)
        );
        reading(&text).sites_after.len()
    };
    assert_eq!((sites(80), sites(81)), (0, 1));
}

#[test]
fn the_version_of_the_api_is_no_difference() {
    let text = format!(
        "{}{}",
        gateway("", HTTPS),
        route("edge", "[{backendRefs: [{name: web, port: 80}]}]")
    );
    let old = text.replace("/v1\n", "/v1beta1\n");
    assert_eq!(
        statements(&reading(&text), Topic::Exposure),
        statements(&reading(&old), Topic::Exposure)
    );
}

#[test]
fn gateways_inside_a_mesh_open_nothing() {
    let waypoint =
        gateway("", HTTP).replace("gatewayClassName: eg", "gatewayClassName: istio-waypoint");
    let read = reading(&waypoint);
    assert!(statements(&read, Topic::Exposure).is_empty());
    assert!(read.sites_after.is_empty());
}
