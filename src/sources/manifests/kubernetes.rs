//! Kubernetes itself: Services and Ingresses that open a cluster, packet filters, labels that say what is in a mesh.
//!
//! A NetworkPolicy is reach, neither encryption nor authentication. Whether a controller enforces it, or serves an Ingress, no
//! object tells: both count as if it did.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;

use super::declare::{Boundary, Declarations, Extent, FarSide, Hop, Site, Statement};
use super::estate::{Cluster, Estate, Service, Workload};
use super::oauth2_proxy;
use super::object::{Object, selector_words, texts_of};
use super::packet_filters;
use super::route_checks;
use super::systems::{Meaning, System};
use super::yaml::{Content, Field, Node};

/// Kubernetes.
pub(super) const SYSTEM: System = System {
    name: "Kubernetes",
    groups: &["", "apps", "batch", "networking.k8s.io", "extensions"],
    kinds: &[
        ("Service", Meaning::Modelled),
        ("Ingress", Meaning::Modelled),
        ("NetworkPolicy", Meaning::Modelled),
        ("Namespace", Meaning::Modelled),
        ("Deployment", Meaning::Modelled),
        ("StatefulSet", Meaning::Modelled),
        ("DaemonSet", Meaning::Modelled),
        ("ReplicaSet", Meaning::Modelled),
        ("ReplicationController", Meaning::Modelled),
        ("Job", Meaning::Modelled),
        ("CronJob", Meaning::Modelled),
        ("Pod", Meaning::Modelled),
        ("Secret", Meaning::Irrelevant),
        ("ConfigMap", Meaning::Irrelevant),
        ("ServiceAccount", Meaning::Irrelevant),
        ("PersistentVolume", Meaning::Irrelevant),
        ("PersistentVolumeClaim", Meaning::Irrelevant),
        ("LimitRange", Meaning::Irrelevant),
        ("ResourceQuota", Meaning::Irrelevant),
        ("Node", Meaning::Irrelevant),
        ("Event", Meaning::Irrelevant),
        ("Binding", Meaning::Irrelevant),
        ("PodTemplate", Meaning::Irrelevant),
        ("ControllerRevision", Meaning::Irrelevant),
        ("IngressClass", Meaning::Irrelevant),
        ("Config", Meaning::Irrelevant),
        ("Status", Meaning::Irrelevant),
        (
            "Endpoints",
            Meaning::NotYet(
                "the addresses behind a Service, as far as they lie outside the cluster",
            ),
        ),
    ],
    document_words: &[],
    document: |_| None,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |_| false,
    declare,
};

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        for service in &cluster.services {
            self::service(cluster, service, declarations);
        }
        for workload in &cluster.workloads {
            on_nodes(cluster, workload, declarations);
        }
        for ingress in cluster.of_kind("networking.k8s.io", "Ingress") {
            self::ingress(cluster, ingress, declarations);
        }
        for ingress in cluster.of_kind("extensions", "Ingress") {
            self::ingress(cluster, ingress, declarations);
        }
        route_checks::declare(cluster, declarations);
        oauth2_proxy::declare(cluster, declarations);
        filters(cluster, declarations);
    }
}

/// What a Service opens to the world around its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// A load balancer that the internet reaches.
    Public,
    /// A load balancer with an address inside the network, as its annotations say.
    Internal,
    /// A port of every node.
    NodePort,
}

/// Annotations that keep a load balancer inside the network, with the value that does.
///
/// AWS: `service.beta.kubernetes.io/aws-load-balancer-scheme` of the AWS Load Balancer Controller, `...-internal` of the older
/// in-tree one. GKE and Azure: the annotations of their load balancers' documentation.
const INTERNAL: &[(&str, &[&str])] = &[
    (
        "service.beta.kubernetes.io/aws-load-balancer-scheme",
        &["internal"],
    ),
    (
        "service.beta.kubernetes.io/aws-load-balancer-internal",
        &["true", "0.0.0.0/0"],
    ),
    ("networking.gke.io/load-balancer-type", &["internal"]),
    ("cloud.google.com/load-balancer-type", &["internal"]),
    (
        "service.beta.kubernetes.io/azure-load-balancer-internal",
        &["true"],
    ),
    (
        "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type",
        &["private"],
    ),
    (
        "service.beta.kubernetes.io/oci-load-balancer-internal",
        &["true"],
    ),
    (
        "service.beta.kubernetes.io/openstack-internal-load-balancer",
        &["true"],
    ),
];

fn opening(service: &Object) -> Option<Opening> {
    let kind = service.root.text_at(&["spec", "type"])?;
    let annotations = texts_of(service.root.at(&["metadata", "annotations"]));
    opening_of(kind, &annotations)
}

/// Whether some annotation keeps a load balancer inside the network.
#[must_use]
pub(super) fn is_internal(annotations: &BTreeMap<String, String>) -> bool {
    INTERNAL.iter().any(|(key, values)| {
        let value = annotations.get(*key).map(|text| text.to_ascii_lowercase());
        value.is_some_and(|value| values.contains(&value.as_str()))
    })
}

/// What a Service of a type opens.
#[must_use]
pub(super) fn opening_of(kind: &str, annotations: &BTreeMap<String, String>) -> Option<Opening> {
    match kind {
        "LoadBalancer" => {
            let is_internal = is_internal(annotations);
            Some(if is_internal {
                Opening::Internal
            } else {
                Opening::Public
            })
        }
        "NodePort" => Some(Opening::NodePort),
        _ => None,
    }
}

/// Whether a Service is reached from the internet.
#[must_use]
pub(super) fn is_public(service: &Object) -> bool {
    opening(service) == Some(Opening::Public)
}

/// What a workload opens on the nodes it runs on, past every Service: their network as its own, or ports of theirs
/// (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>, read 2026-11-22).
fn on_nodes(cluster: &Cluster<'_>, workload: &Workload<'_>, declarations: &mut Declarations<'_>) {
    let identity = workload.identity();
    let name = identity.qualified_name();
    let spec = workload.pod.get("spec");
    let is_on = |key: &str| spec.and_then(|spec| spec.get(key)).and_then(Node::truth) == Some(true);
    let mut opened: BTreeMap<String, String> = BTreeMap::new();
    if is_on("hostNetwork") {
        let words = format!("has workload {name} take traffic on the network of its nodes");
        opened.insert("network of nodes".to_owned(), words);
    } else {
        let containers = spec
            .and_then(|spec| spec.get("containers"))
            .map(Node::items);
        let ports = containers.unwrap_or_default().iter();
        let ports = ports
            .filter_map(|one| one.get("ports"))
            .flat_map(Node::items);
        for port in ports {
            let host = port.text_at(&["hostIP"]).unwrap_or_default();
            let is_local = host.starts_with("127.") || host == "::1";
            if let (Some(number), false) = (port.text_at(&["hostPort"]), is_local) {
                let words = format!("has workload {name} reached on port {number} of its nodes");
                opened.insert(format!("port {number} of nodes"), words);
            }
        }
    }
    let of = [
        Boundary::Cluster(cluster.name.clone()),
        Boundary::around(identity),
        Boundary::of(workload),
    ];
    for (what, words) in opened {
        let statement = Statement {
            topic: Topic::Exposure,
            about: format!("{what} for workload {name}"),
            matter: format!("nodes of workload {name}"),
            value: "open".to_owned(),
            openness: 1,
            words,
            origins: declarations.origins_of([workload.object]),
        };
        let extent = Extent {
            lasts_with: Some(Boundary::of(workload)),
            ..Extent::default()
        };
        declarations.state_as(&of, statement, extent);
    }
}

fn service(cluster: &Cluster<'_>, service: &Service<'_>, declarations: &mut Declarations<'_>) {
    let object = service.object;
    let identity = &object.identity;
    let name = identity.qualified_name();
    let mut of = vec![
        Boundary::Cluster(cluster.name.clone()),
        Boundary::around(identity),
    ];
    of.extend(cluster.behind(service).into_iter().map(Boundary::of));
    let origins = declarations.origins_of([object]);
    if let Some(opening) = opening(object) {
        let (value, openness, how) = match opening {
            Opening::Public => ("internet", 3, "the internet, by a public load balancer"),
            Opening::Internal => (
                "network",
                2,
                "the network around the cluster, by an internal load balancer",
            ),
            Opening::NodePort => (
                "nodes",
                2,
                "the network around the cluster, on a port of every node",
            ),
        };
        let ranges = object.root.at(&["spec", "loadBalancerSourceRanges"]);
        let ranges: BTreeSet<&str> = ranges
            .map(Node::texts)
            .unwrap_or_default()
            .into_iter()
            .collect();
        let ranges: Vec<&str> = ranges.into_iter().collect();
        let only = if ranges.is_empty() {
            String::new()
        } else {
            format!(", only from {}", ranges.join(", "))
        };
        declarations.state_as(
            &of,
            Statement {
                topic: Topic::Exposure,
                about: format!("service {name}"),
                matter: format!("service {name}"),
                value: format!("{value}{only}"),
                openness: openness * 2 + i32::from(only.is_empty()),
                words: format!("has its service {name} reached from {how}{only}"),
                origins: origins.clone(),
            },
            Extent {
                of_networks: opening == Opening::Public,
                ..Extent::default()
            },
        );
    }
    for address in object
        .root
        .at(&["spec", "externalIPs"])
        .map(Node::texts)
        .unwrap_or_default()
    {
        declarations.state(
            &of,
            Statement {
                topic: Topic::Exposure,
                about: format!("service {name} at {address}"),
                matter: format!("service {name}"),
                value: "network".to_owned(),
                openness: 2,
                words: format!("has its service {name} reached at {address}"),
                origins: origins.clone(),
            },
        );
    }
    if let Some(host) = object.root.text_at(&["spec", "externalName"])
        && !host.ends_with(".cluster.local")
    {
        declarations.state(
            &[Boundary::around(identity)],
            Statement {
                topic: Topic::Mesh,
                about: format!("service {name}"),
                matter: format!("service {name}"),
                value: host.to_owned(),
                openness: 1,
                words: format!("sends what is meant for its service {name} to {host}"),
                origins,
            },
        );
    }
}

fn ingress(cluster: &Cluster<'_>, object: &Object, declarations: &mut Declarations<'_>) {
    let identity = &object.identity;
    let spec = object.root.get("spec");
    let rules = spec
        .and_then(|spec| spec.get("rules"))
        .map(Node::items)
        .unwrap_or_default();
    let secured: BTreeSet<&str> = spec
        .and_then(|spec| spec.get("tls"))
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .flat_map(|tls| match tls.get("hosts") {
            Some(hosts) => hosts.texts(),
            None => vec!["*"],
        })
        .collect();
    let is_internal = object.annotation("alb.ingress.kubernetes.io/scheme") == Some("internal")
        || object.annotation("kubernetes.io/ingress.class") == Some("gce-internal");
    let has_certificate = object
        .annotation("alb.ingress.kubernetes.io/certificate-arn")
        .is_some()
        || object
            .annotation("networking.gke.io/managed-certificates")
            .is_some()
        || object.annotation("traefik.ingress.kubernetes.io/router.tls") == Some("true");
    let plaintext = takes_plaintext(object);
    let origins = declarations.origins_of([object]);
    let mut hosts: Vec<(&str, usize)> = Vec::new();
    if let Some(default) = spec.and_then(|spec| spec.get("defaultBackend").or(spec.get("backend")))
    {
        hosts.push(("*", default.line));
    }
    for rule in rules {
        hosts.push((rule.text_at(&["host"]).unwrap_or("*"), rule.line));
    }
    let mut of = vec![
        Boundary::Cluster(cluster.name.clone()),
        Boundary::around(identity),
    ];
    of.extend(behind_ingress(cluster, object));
    for (host, line) in hosts {
        let has_tls = has_certificate
            || secured.contains(host)
            || secured.contains("*")
            || secured.iter().any(|one| covers(one, host));
        let is_secured = has_tls && plaintext != Some(true);
        let from = if is_internal {
            "the network around the cluster"
        } else {
            "outside"
        };
        let (rank, how) = match (has_tls, plaintext) {
            (true, Some(false)) => (0, "over TLS only"),
            (true, None) => (1, "over TLS"),
            (true, Some(true)) => (2, "over TLS or in the clear"),
            (false, _) => (3, "in the clear"),
        };
        declarations.state(
            &of,
            Statement {
                topic: Topic::Exposure,
                about: format!("ingress {host}"),
                matter: format!("ingress {host}"),
                value: format!("{from} {how}"),
                openness: 1 + i32::from(!is_internal) * 4 + rank,
                words: format!("is reached from {from} as {host} {how}"),
                origins: origins.clone(),
            },
        );
        if !is_secured {
            let site = Site {
                subject: format!("{} rules[{host}]", identity.address()),
                words: match has_tls {
                    true => format!("takes calls to {host} without TLS, too"),
                    false => format!("takes calls to {host} without TLS"),
                },
                source: object.source.clone(),
                lines: [line, line],
                far_side: FarSide::outside_if(!is_internal),
                unproven: None,
            };
            let around = Boundary::around(identity).key();
            let hop = Hop::new(format!("ingresses of {}", around.as_str()), [host]);
            declarations.site(site, hop);
        }
    }
}

/// Whether an Ingress says that it takes plaintext beside TLS, or that it does not; `None`: it leaves that to its controller. That of
/// nginx and its likes sends callers on to TLS unless told otherwise, those of Google and Kong take both.
///
/// <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>,
/// <https://developer.konghq.com/kubernetes-ingress-controller/reference/annotations/>,
/// <https://cloud.google.com/kubernetes-engine/docs/how-to/load-balance-ingress>, read 2026-11-22.
fn takes_plaintext(object: &Object) -> Option<bool> {
    let annotations = object.root.at(&["metadata", "annotations"]);
    let annotations = annotations.map(Node::fields).unwrap_or_default();
    let truth = |name: &str| {
        let mut found = annotations.iter();
        let found = found.find(|field| field.key.rsplit('/').next() == Some(name));
        found.and_then(|field| field.value.truth())
    };
    if truth("force-ssl-redirect") != Some(true) && truth("ssl-redirect") == Some(false) {
        return Some(true);
    }
    let protocols = object.annotation("konghq.com/protocols");
    let protocols = protocols.map(|told| told.split(',').any(|one| one.trim() == "http"));
    protocols.or_else(|| truth("ingress.allow-http").filter(|allows| !allows))
}

/// The workloads behind an Ingress.
pub(super) fn behind_ingress(cluster: &Cluster<'_>, object: &Object) -> Vec<Boundary> {
    let to = services_of_ingress(object);
    let services = cluster.services.iter().filter(|service| {
        let identity = &service.object.identity;
        identity.namespace == object.identity.namespace && to.contains(identity.name.as_str())
    });
    services
        .flat_map(|service| cluster.behind(service))
        .map(Boundary::of)
        .collect()
}

/// The names of the Services that an Ingress leads to.
pub(super) fn services_of_ingress(object: &Object) -> BTreeSet<&str> {
    let spec = object.root.get("spec");
    let rules = spec.and_then(|spec| spec.get("rules")).map(Node::items);
    let paths = rules.unwrap_or_default().iter().flat_map(|rule| {
        let paths = rule.at(&["http", "paths"]).map(Node::items);
        paths.unwrap_or_default()
    });
    let default = spec.and_then(|spec| spec.get("defaultBackend").or(spec.get("backend")));
    let back_ends = paths.filter_map(|path| path.get("backend")).chain(default);
    back_ends
        .filter_map(|back_end| {
            let name = back_end.text_at(&["service", "name"]);
            name.or_else(|| back_end.text_at(&["serviceName"]))
        })
        .collect()
}

/// Whether a wildcard host covers another.
fn covers(wildcard: &str, host: &str) -> bool {
    wildcard.strip_prefix("*.").is_some_and(|domain| {
        host.strip_suffix(domain)
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|first| !first.contains('.'))
    })
}

/// What packet filters let through, of every namespace and workload that one is about: the union of all that select it.
fn filters(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let policies: Vec<&Object> = cluster
        .of_kind("networking.k8s.io", "NetworkPolicy")
        .collect();
    let selector_of =
        |policy: &Object| texts_of(policy.root.at(&["spec", "podSelector", "matchLabels"]));
    let mut subjects: Vec<(Boundary, Vec<&Object>, Option<Boundary>)> = Vec::new();
    for namespace in policies
        .iter()
        .map(|policy| &policy.identity.namespace)
        .collect::<BTreeSet<_>>()
    {
        let of_namespace = policies
            .iter()
            .copied()
            .filter(|policy| policy.identity.namespace == *namespace);
        let all: Vec<&Object> = of_namespace
            .clone()
            .filter(|policy| is_for_all(policy))
            .collect();
        let boundary = Boundary::Namespace(cluster.name.clone(), namespace.clone());
        if !all.is_empty() {
            subjects.push((boundary.clone(), all, None));
        }
        let mut unseen: Vec<&Object> = of_namespace
            .clone()
            .filter(|policy| !is_for_all(policy))
            .collect();
        for workload in cluster
            .workloads
            .iter()
            .filter(|one| one.identity().namespace == *namespace)
        {
            let selecting: Vec<&Object> = of_namespace
                .clone()
                .filter(|policy| super::object::selects(&selector_of(policy), &workload.labels))
                .collect();
            unseen.retain(|policy| !selecting.iter().any(|one| std::ptr::eq(*one, *policy)));
            if !selecting.is_empty() {
                let carrier = Boundary::of(workload);
                subjects.push((carrier.clone(), selecting, Some(carrier)));
            }
        }
        for policy in unseen {
            // What it selects is not among the files; the namespace speaks for it.
            let words = selector_words(&selector_of(policy));
            state_filter(
                &boundary,
                &format!("pods with {words}"),
                &[policy],
                None,
                declarations,
            );
        }
    }
    for (boundary, policies, carrier) in subjects {
        state_filter(&boundary, "", &policies, carrier, declarations);
    }
}

fn is_for_all(policy: &Object) -> bool {
    let selector = policy.root.at(&["spec", "podSelector"]);
    selector.is_none_or(|selector| selector.fields().iter().all(|field| field.value.is_empty()))
}

fn state_filter(
    boundary: &Boundary,
    whose: &str,
    policies: &[&Object],
    carrier: Option<Boundary>,
    declarations: &mut Declarations<'_>,
) {
    for (direction, word) in [("Ingress", "in"), ("Egress", "out")] {
        let mut allowed = BTreeSet::new();
        let mut deciding = Vec::new();
        for policy in policies {
            let spec = policy.root.get("spec");
            let rules = spec.and_then(|spec| spec.get(&direction.to_lowercase()));
            let types = spec.and_then(|spec| spec.get("policyTypes"));
            let is_meant = match types {
                Some(types) => types.texts().contains(&direction),
                None => direction == "Ingress" || rules.is_some(),
            };
            if !is_meant {
                continue;
            }
            deciding.push(*policy);
            for rule in rules.map(Node::items).unwrap_or_default() {
                allowed.extend(atoms(rule, direction));
            }
        }
        if deciding.is_empty() {
            continue;
        }
        let names: BTreeSet<String> = deciding
            .iter()
            .map(|one| one.identity.name.clone())
            .collect();
        let names: Vec<String> = names.into_iter().collect();
        let value: Vec<String> = allowed.into_iter().collect();
        let of = if whose.is_empty() {
            String::new()
        } else {
            format!(" of {whose}")
        };
        let summary = match value.len() {
            0 => "nothing".to_owned(),
            1 => value[0].clone(),
            count => format!("{count} sorts of traffic"),
        };
        declarations.state_as(
            std::slice::from_ref(boundary),
            Statement {
                topic: Topic::Filter,
                about: format!("filter {word}{of}"),
                matter: "packet filter".to_owned(),
                // Each policy set that isolates closes; how far two sets of rules differ is for a person to say.
                value: value.join(", "),
                openness: -1,
                words: format!(
                    "lets {summary} {word}{of} by network policy {}",
                    names.join(", ")
                ),
                origins: declarations.origins_of(deciding.iter().copied()),
            },
            Extent {
                lasts_with: carrier.clone(),
                ..Extent::default()
            },
        );
    }
}

/// A rule as the pairs of peer and port that it lets through, so that rules split or joined compare equal.
fn atoms(rule: &Node, direction: &str) -> Vec<String> {
    let side = if direction == "Ingress" { "from" } else { "to" };
    let listed = |key: &str| -> Vec<String> {
        let items = rule.get(key).map(Node::items).unwrap_or_default();
        let items = items.iter().cloned().map(|mut item| {
            let is_of_tcp = |field: &Field| {
                field.key == "protocol" && matches!(field.value.text(), None | Some("TCP"))
            };
            // A port is one of TCP unless it says otherwise.
            if let (Content::Map(fields), "ports") = (&mut item.content, key) {
                fields.retain(|field| !is_of_tcp(field));
            }
            item.canonical()
        });
        items.collect()
    };
    let or_any = |list: Vec<String>, any: &str| {
        if list.is_empty() {
            vec![any.to_owned()]
        } else {
            list
        }
    };
    let peers = or_any(listed(side), "anyone");
    let ports = or_any(listed("ports"), "any port");
    let peers = peers.iter().map(|peer| format!("{side} {peer}")).collect();
    packet_filters::pairs(peers, ports)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{reading, statements};
    use super::*;

    fn service(spec: &str, annotations: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop, annotations: {annotations}}}\n\
             spec: {spec}\n"
        )
    }

    #[track_caller]
    fn exposed(spec: &str, annotations: &str, expected: Option<&str>) {
        let lines = statements(&reading(&service(spec, annotations)), Topic::Exposure);
        let of_namespace = lines
            .iter()
            .find_map(|line| line.strip_prefix("-/shop: service shop/web = "));
        assert_eq!(of_namespace, expected, "{lines:?}");
    }

    #[test]
    fn a_load_balancer_is_public_unless_an_annotation_keeps_it_inside() {
        exposed("{type: LoadBalancer}", "{}", Some("internet"));
        let internal = "{service.beta.kubernetes.io/aws-load-balancer-scheme: internal}";
        exposed("{type: LoadBalancer}", internal, Some("network"));
        let public = "{service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing}";
        exposed("{type: LoadBalancer}", public, Some("internet"));
        exposed("{type: NodePort}", "{}", Some("nodes"));
        exposed("{type: ClusterIP}", internal, None);
        exposed("{}", "{}", None);
    }

    #[test]
    fn an_ingress_is_plaintext_for_the_hosts_that_no_certificate_covers() {
        let ingress = |tls: &str| {
            format!(
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web, namespace: shop}}\nspec:\n  \
                 rules: [{{host: shop.example.org}}, {{host: old.example.org}}]\n  tls: {tls}\n"
            )
        };
        let open = |tls: &str| {
            let sites = reading(&ingress(tls)).sites_after;
            sites
                .iter()
                .filter(|site| site.far_side == FarSide::Outside)
                .count()
        };
        assert_eq!(open("[]"), 2);
        assert_eq!(open("[{hosts: [shop.example.org]}]"), 1);
        assert_eq!(open("[{hosts: [\"*.example.org\"]}]"), 0);
        assert_eq!(open("[{hosts: [\"*.org\"]}]"), 2);
        assert_eq!(open("[{secretName: all}]"), 0);
    }

    #[test]
    fn an_ingress_that_does_not_send_callers_on_to_tls_takes_plaintext_too() {
        let told = |annotation: &str| {
            let text = format!(
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web, namespace: shop, annotations: {{{annotation}}}}}\n\
                 spec: {{tls: [{{hosts: [a.example]}}], rules: [{{host: a.example}}]}}\n"
            );
            let read = reading(&text);
            let told = statements(&read, Topic::Exposure);
            let value = told[0].rsplit(" = ").next().unwrap_or_default().to_owned();
            (value, read.sites_after.len())
        };
        let both = ("outside over TLS or in the clear".to_owned(), 1);
        assert_eq!(
            told("nginx.ingress.kubernetes.io/ssl-redirect: 'false'"),
            both
        );
        assert_eq!(told("konghq.com/protocols: 'http,https'"), both);
        let tls = ("outside over TLS".to_owned(), 0);
        assert_eq!(
            told("nginx.ingress.kubernetes.io/ssl-redirect: 'true'"),
            tls
        );
        let forced = "a/ssl-redirect: 'false', a/force-ssl-redirect: 'true'";
        assert_eq!(told(forced), tls);
        let only = ("outside over TLS only".to_owned(), 0);
        assert_eq!(told("konghq.com/protocols: https"), only);
    }

    #[test]
    fn a_port_of_the_nodes_is_open_unless_it_is_on_their_own_machine_only() {
        let opened = |pod: &str, port: &str| {
            let text = format!(
                "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: agent, namespace: shop}}\nspec: {{template: {{spec: {{{pod} \
                 containers: [{{name: c, ports: [{{containerPort: 80, {port}}}]}}]}}}}}}\n"
            );
            let told = statements(&reading(&text), Topic::Exposure);
            told.iter().any(|line| line.starts_with("-/shop: "))
        };
        assert!(opened("", "hostPort: 8080"));
        assert!(opened("hostNetwork: true,", ""));
        assert!(!opened("", ""));
        assert!(!opened(
            "hostNetwork: false,",
            "hostPort: 8080, hostIP: 127.0.0.1"
        ));
    }

    fn filter(rules: &str) -> Vec<String> {
        let text = format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: shop}}\n\
             spec: {{podSelector: {{}}, ingress: {rules}}}\n"
        );
        statements(&reading(&text), Topic::Filter)
    }

    #[test]
    fn one_dash_changes_a_filter_and_the_way_rules_are_split_does_not() {
        let (team, app) = (
            "namespaceSelector: {matchLabels: {team: a}}",
            "podSelector: {matchLabels: {app: b}}",
        );
        let either = filter(&format!("[{{from: [{{{team}}}, {{{app}}}]}}]"));
        let both = filter(&format!("[{{from: [{{{team}, {app}}}]}}]"));
        let split = filter(&format!("[{{from: [{{{app}}}]}}, {{from: [{{{team}}}]}}]"));
        assert_eq!(either, split);
        assert_ne!(either, both);
    }
}
