//! Services that an installation makes and that no file holds: those of the gateways among its components.
//! <https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/>, read 2026-11-22.

use super::super::object::{Identity, Object};
use super::super::yaml::{Content, Field, Node};
use super::ROOT_NAMESPACE;

/// The components that are gateways, with the type of Service and the label that the charts give them.
const GATEWAYS: &[(&str, &str, &str)] = &[
    ("ingressGateways", "LoadBalancer", "ingressgateway"),
    ("egressGateways", "ClusterIP", "egressgateway"),
];

/// The Services that an `IstioOperator` makes.
#[must_use]
pub(in super::super) fn services(operator: &Object) -> Vec<Object> {
    if !operator.is("install.istio.io", "IstioOperator") {
        return Vec::new();
    }
    let mut services = Vec::new();
    for (list, service_type, label) in GATEWAYS {
        let gateways = operator.root.at(&["spec", "components", list]);
        for gateway in gateways.map(Node::items).unwrap_or_default() {
            if gateway.get("enabled").and_then(Node::truth) != Some(false) {
                services.push(service(operator, gateway, service_type, label));
            }
        }
    }
    services
}

fn service(operator: &Object, gateway: &Node, service_type: &str, label: &str) -> Object {
    let default_name = format!("istio-{label}");
    let name = gateway.text_at(&["name"]).unwrap_or(&default_name);
    let namespace = gateway
        .text_at(&["namespace"])
        .or_else(|| operator.root.text_at(&["spec", "namespace"]))
        .unwrap_or(ROOT_NAMESPACE);
    // What is made up stands where its gateway does.
    let at = |content: Content| Node {
        line: gateway.line,
        end_line: gateway.end_line,
        content,
    };
    let text = |text: &str| {
        at(Content::Scalar {
            text: text.to_owned(),
            is_plain: false,
            is_literal: false,
        })
    };
    let field = |key: &str, value: Node| Field {
        key: key.to_owned(),
        line: value.line,
        value,
    };
    let labels = gateway.get("label").cloned().unwrap_or_else(|| {
        at(Content::Map(vec![
            field("app", text(name)),
            field("istio", text(label)),
        ]))
    });
    let annotations = gateway.at(&["k8s", "serviceAnnotations"]).cloned();
    let annotations = annotations.unwrap_or_else(|| at(Content::Map(Vec::new())));
    let given = gateway.at(&["k8s", "service"]);
    let mut spec: Vec<Field> = given.map(Node::fields).unwrap_or_default().to_vec();
    if !spec.iter().any(|field| field.key == "type") {
        spec.push(field("type", text(service_type)));
    }
    spec.push(field("selector", labels));
    let metadata = vec![
        field("name", text(name)),
        field("namespace", text(namespace)),
        field("annotations", annotations),
    ];
    let root = vec![
        field("metadata", at(Content::Map(metadata))),
        field("spec", at(Content::Map(spec))),
    ];
    Object {
        identity: Identity {
            cluster: operator.identity.cluster.clone(),
            group: String::new(),
            kind: "Service".to_owned(),
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
        },
        root: at(Content::Map(root)),
        source: operator.source.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::fragment::Topic;

    use super::super::super::testing::{reading, statements};

    /// From where the Services of an installation are reached, with what is put into its gateway.
    fn check(gateways: &str, expected: &[&str]) {
        let text = format!(
            "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {{components: {{{gateways}}}}}\n"
        );
        let stated = statements(&reading(&text), Topic::Exposure);
        let of_namespace: Vec<&str> = stated
            .iter()
            .filter_map(|line| line.strip_prefix("-/istio-system: service istio-system/"))
            .collect();
        assert_eq!(of_namespace, expected, "{gateways}");
    }

    #[test]
    fn the_gateways_of_an_installation_are_public_unless_it_says_otherwise() {
        check(
            "ingressGateways: [{name: front, enabled: true}], egressGateways: [{name: out}]",
            &["front = internet"],
        );
        check("ingressGateways: [{name: front, enabled: false}]", &[]);
        check(
            "ingressGateways: [{name: front, k8s: {service: {type: ClusterIP}}}]",
            &[],
        );
        check(
            "ingressGateways: [{k8s: {serviceAnnotations: {networking.gke.io/load-balancer-type: Internal}}}]",
            &["istio-ingressgateway = network"],
        );
    }
}
