//! Services that an installation makes and that no file holds: those of its gateways.
//!
//! Gateways are components of an `IstioOperator`, or made by a chart of their own: `gateway`, and before it `istio-ingress` and
//! `istio-egress` (<https://istio.io/latest/docs/reference/config/istio.operator.v1alpha1/>,
//! <https://github.com/istio/istio/tree/master/manifests/charts/gateway>,
//! <https://github.com/istio/istio/blob/master/manifests/profiles/default.yaml>, read 2026-11-22).

use super::super::charts;
use super::super::object::{Identity, Object};
use super::super::yaml::{Content, Field, Node};
use super::{GATEWAY_VALUES, ROOT_NAMESPACE};

/// The gateways of an `IstioOperator`: the list of components, with the type of Service and the label that the charts give them.
const GATEWAYS: &[(&str, &str, &str)] = &[
    ("ingressGateways", "LoadBalancer", "ingressgateway"),
    ("egressGateways", "ClusterIP", "egressgateway"),
];

/// Profiles that install a gateway for traffic from outside without being asked to. Without a word on it, the first holds.
const WITH_GATEWAY: &[&str] = &["default", "demo", "preview"];

/// The Services that an installation makes.
#[must_use]
pub(in super::super) fn services(object: &Object) -> Vec<Object> {
    if object.is("install.istio.io", "IstioOperator") {
        return of_operator(object);
    }
    match charts::handed(object, "gateway", GATEWAY_VALUES) {
        Some(handed) => of_chart(object, &handed.values),
        None => Vec::new(),
    }
}

/// Whether values are for a chart that makes a gateway: `gateway`, or one of those before it.
pub(super) fn is_for_gateway(values: &Node) -> bool {
    let has_labels = || values.at(&["labels", "istio"]).is_some();
    let is_new = values.get("service").is_some_and(Node::is_map)
        && (values.get("networkGateway").is_some() || has_labels());
    is_new
        || values
            .get("gateways")
            .is_some_and(|all| !older(all).is_empty())
}

/// What the values `gateways` say of the gateways that the older charts make.
fn older(gateways: &Node) -> Vec<(&Node, &'static str, &'static str)> {
    let named = GATEWAYS.iter().filter_map(|(_, service_type, label)| {
        let own = gateways.get(&format!("istio-{label}"))?;
        Some((own, *service_type, *label))
    });
    named.collect()
}

fn of_operator(operator: &Object) -> Vec<Object> {
    let mut services = Vec::new();
    for (list, service_type, label) in GATEWAYS {
        let default_name = format!("istio-{label}");
        let values = operator
            .root
            .at(&["spec", "values", "gateways", &default_name]);
        let listed = operator.root.at(&["spec", "components", list]);
        let listed = listed.map(Node::items).unwrap_or_default();
        let name_of = |gateway: &Node| {
            let name = gateway.text_at(&["name"]);
            name.unwrap_or(&default_name).to_owned()
        };
        let profile = operator.root.text_at(&["spec", "profile"]);
        let is_of_profile = *list == "ingressGateways"
            && WITH_GATEWAY.contains(&profile.unwrap_or("default"))
            && !listed
                .iter()
                .any(|gateway| name_of(gateway) == default_name);
        let by_itself = is_of_profile.then(|| operator.root.get("spec")).flatten();
        let is_on = |gateway: &&Node| gateway.get("enabled").and_then(Node::truth) != Some(false);
        let asked = listed.iter().filter(is_on).map(|one| (one, one));
        // The gateway of a profile is told nowhere but in the values.
        for (at, gateway) in asked.chain(by_itself.map(|spec| (values.unwrap_or(spec), EMPTY))) {
            let given = |path: &[&str]| gateway.at(path);
            let namespace = given(&["namespace"])
                .or_else(|| operator.root.at(&["spec", "namespace"]))
                .and_then(Node::text);
            let name = name_of(gateway);
            services.push(service(
                operator,
                &Gateway {
                    at,
                    name: &name,
                    namespace: Some(namespace.unwrap_or(ROOT_NAMESPACE)),
                    labels: given(&["label"]).or_else(|| values?.get("labels")).cloned(),
                    label,
                    annotations: given(&["k8s", "serviceAnnotations"])
                        .or_else(|| values?.get("serviceAnnotations")),
                    service: given(&["k8s", "service"]),
                    service_type: values
                        .and_then(|values| values.text_at(&["type"]))
                        .unwrap_or(service_type),
                },
            ));
        }
    }
    services
}

/// The Services of values that are handed to a chart of a gateway.
fn of_chart(object: &Object, values: &Node) -> Vec<Object> {
    let root = &object.root;
    let release_namespace = [
        &["spec", "targetNamespace"][..],
        &["spec", "destination", "namespace"],
        &["metadata", "namespace"],
    ];
    let release_namespace = release_namespace.iter().find_map(|path| root.text_at(path));
    let release_name = [&["spec", "releaseName"][..], &["metadata", "name"]];
    let release_name = release_name.iter().find_map(|path| root.text_at(path));
    let namespace = values.text_at(&["namespace"]).or(release_namespace);
    let of_older = values.get("gateways").map(older).unwrap_or_default();
    if !of_older.is_empty() {
        let made = of_older.into_iter().map(|(own, service_type, label)| {
            let default_name = format!("istio-{label}");
            service(
                object,
                &Gateway {
                    at: own,
                    name: own.text_at(&["name"]).unwrap_or(&default_name),
                    namespace,
                    labels: own.get("labels").cloned(),
                    label,
                    annotations: own.get("serviceAnnotations"),
                    service: None,
                    service_type: own.text_at(&["type"]).unwrap_or(service_type),
                },
            )
        });
        return made.collect();
    }
    let service_type = values.text_at(&["service", "type"]);
    if service_type == Some("None") {
        return Vec::new();
    }
    let name = values.text_at(&["name"]).or(release_name);
    let name = name.unwrap_or("istio-ingressgateway");
    let told = |key: &str| values.text_at(&["labels", key]);
    let label = name.strip_prefix("istio-").unwrap_or(name);
    let selected = [
        ("app", told("app").unwrap_or(name)),
        ("istio", told("istio").unwrap_or(label)),
    ];
    let gateway = Gateway {
        at: values.get("service").unwrap_or(values),
        name,
        namespace,
        labels: Some(texts(values, &selected)),
        label,
        annotations: values.at(&["service", "annotations"]),
        service: values.get("service"),
        service_type: service_type.unwrap_or("LoadBalancer"),
    };
    vec![service(object, &gateway)]
}

/// Nothing said of a gateway.
static EMPTY: &Node = &Node {
    line: 1,
    end_line: 1,
    content: Content::Map(Vec::new()),
};

/// A gateway as far as its Service goes.
struct Gateway<'g> {
    /// What is made up stands where its gateway does.
    at: &'g Node,
    name: &'g str,
    namespace: Option<&'g str>,
    /// The labels of its proxies; without a word those that the charts give them.
    labels: Option<Node>,
    label: &'g str,
    annotations: Option<&'g Node>,
    service: Option<&'g Node>,
    /// Its type, unless the Service says another.
    service_type: &'g str,
}

fn at(place: &Node, content: Content) -> Node {
    Node {
        line: place.line,
        end_line: place.end_line,
        content,
    }
}

fn text(place: &Node, text: &str) -> Node {
    at(
        place,
        Content::Scalar {
            text: text.to_owned(),
            is_plain: false,
            is_literal: false,
        },
    )
}

fn texts(place: &Node, pairs: &[(&str, &str)]) -> Node {
    let fields = pairs
        .iter()
        .map(|(key, value)| field(key, text(place, value)));
    at(place, Content::Map(fields.collect()))
}

fn field(key: &str, value: Node) -> Field {
    Field {
        key: key.to_owned(),
        line: value.line,
        value,
    }
}

fn service(object: &Object, gateway: &Gateway<'_>) -> Object {
    let place = gateway.at;
    let name = gateway.name;
    let usual = || texts(place, &[("app", name), ("istio", gateway.label)]);
    let labels = gateway.labels.clone().unwrap_or_else(usual);
    let annotations = gateway.annotations.cloned();
    let annotations = annotations.unwrap_or_else(|| at(place, Content::Map(Vec::new())));
    let mut spec: Vec<Field> = gateway
        .service
        .map(Node::fields)
        .unwrap_or_default()
        .to_vec();
    if !spec.iter().any(|field| field.key == "type") {
        spec.push(field("type", text(place, gateway.service_type)));
    }
    spec.retain(|field| field.key != "selector");
    spec.push(field("selector", labels));
    let mut metadata = vec![
        field("name", text(place, name)),
        field("annotations", annotations),
    ];
    metadata.extend(
        gateway
            .namespace
            .map(|namespace| field("namespace", text(place, namespace))),
    );
    let root = vec![
        field("metadata", at(place, Content::Map(metadata))),
        field("spec", at(place, Content::Map(spec))),
    ];
    Object {
        identity: Identity {
            cluster: object.identity.cluster.clone(),
            group: String::new(),
            kind: "Service".to_owned(),
            namespace: gateway.namespace.map(str::to_owned),
            name: name.to_owned(),
        },
        root: at(place, Content::Map(root)),
        source: object.source.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::fragment::Topic;

    use super::super::super::testing::{reading, statements};

    /// From where the Services of an installation are reached, with what is put into its gateway.
    #[track_caller]
    fn check(gateways: &str, expected: &[&str]) {
        let text = format!(
            "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {{profile: minimal, {gateways}}}\n"
        );
        check_text(&text, "istio-system", expected);
    }

    #[track_caller]
    fn check_text(text: &str, namespace: &str, expected: &[&str]) {
        let stated = statements(&reading(text), Topic::Exposure);
        let start = format!("-/{namespace}: service ");
        let of_namespace: Vec<&str> = stated
            .iter()
            .filter_map(|line| line.strip_prefix(start.as_str()))
            .collect();
        assert_eq!(of_namespace, expected, "{text}");
    }

    #[test]
    fn the_gateways_of_an_installation_are_public_unless_it_says_otherwise() {
        check(
            "components: {ingressGateways: [{name: front, enabled: true}], egressGateways: [{name: out}]}",
            &["istio-system/front = internet"],
        );
        check(
            "components: {ingressGateways: [{name: front, enabled: false}]}",
            &[],
        );
        check(
            "components: {ingressGateways: [{name: front, k8s: {service: {type: ClusterIP}}}]}",
            &[],
        );
        check(
            "components: {ingressGateways: [{k8s: {serviceAnnotations: {networking.gke.io/load-balancer-type: Internal}}}]}",
            &["istio-system/istio-ingressgateway = network"],
        );
    }

    #[test]
    fn values_say_what_a_component_leaves_open() {
        let values = "components: {ingressGateways: [{MORE}]}, values: {gateways: {istio-ingressgateway: {type: ClusterIP}}}";
        check(&values.replace("MORE", "enabled: true"), &[]);
        check(
            &values.replace("MORE", "k8s: {service: {type: LoadBalancer}}"),
            &["istio-system/istio-ingressgateway = internet"],
        );
        let annotated = "components: {ingressGateways: [{enabled: true}]}, values: {gateways: {istio-ingressgateway: \
                         {serviceAnnotations: {networking.gke.io/load-balancer-type: Internal}}}}";
        check(annotated, &["istio-system/istio-ingressgateway = network"]);
    }

    #[test]
    fn a_profile_brings_a_gateway_of_its_own_unless_one_of_its_name_is_told() {
        let public = ["istio-system/istio-ingressgateway = internet"];
        check("profile: demo", &public);
        check("profile: minimal", &[]);
        check("profile: ambient", &[]);
        let operator = |more: &str| {
            format!(
                "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {{{more}}}\n"
            )
        };
        check_text(&operator("hub: x"), "istio-system", &public);
        let off = "components: {ingressGateways: [{name: istio-ingressgateway, enabled: false}]}";
        check_text(&operator(off), "istio-system", &[]);
    }

    #[test]
    fn a_chart_of_a_gateway_makes_a_public_service_unless_its_values_say_otherwise() {
        let release = |values: &str| {
            format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: istio-ingress, namespace: edge}}\n\
                 spec: {{chart: {{spec: {{chart: gateway}}}}, values: {values}}}\n"
            )
        };
        let public = ["edge/istio-ingress = internet"];
        check_text(&release("{}"), "edge", &public);
        let internal = "{service: {annotations: {networking.gke.io/load-balancer-type: Internal}}}";
        let inside = ["edge/istio-ingress = network"];
        check_text(&release(internal), "edge", &inside);
        check_text(&release("{service: {type: ClusterIP}}"), "edge", &[]);
        check_text(&release("{service: {type: None}}"), "edge", &[]);
        let other = release("{}").replace("chart: gateway", "chart: other");
        check_text(&other, "edge", &[]);
        // A file of values names no release.
        let file =
            "name: front\nnamespace: edge\nservice: {type: LoadBalancer}\nlabels: {istio: front}\n";
        check_text(file, "edge", &["edge/front = internet"]);
        check_text("service: {type: LoadBalancer}\n", "edge", &[]);
    }
}
