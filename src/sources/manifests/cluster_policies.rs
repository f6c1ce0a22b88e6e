//! Packet filters of whole clusters: AdminNetworkPolicy and BaselineAdminNetworkPolicy, and ClusterNetworkPolicy, which takes
//! their place.
//!
//! Rules are tried in order of tier, priority and place in the text; the first that is about a connection decides
//! (<https://network-policy-api.sigs.k8s.io/api-overview/>, read 2026-11-22). The same rules in either form are the same.
//! Other packet filters of a cluster stand between the two tiers; what all of them come to together is not worked out.

use std::collections::{BTreeMap, BTreeSet};

use super::declare::{Boundary, Declarations};
use super::estate::{Cluster, Estate, Workload};
use super::object::{Object, selector_words, selects, texts_of};
use super::packet_filters::{self, Policy, Rules, Target};
use super::systems::{Meaning, System};
use super::yaml::Node;

/// The policies of the Kubernetes project for whole clusters.
pub(super) const SYSTEM: System = System {
    name: "the Network Policy API",
    groups: &["policy.networking.k8s.io"],
    kinds: &[
        ("AdminNetworkPolicy", Meaning::Modelled),
        ("BaselineAdminNetworkPolicy", Meaning::Modelled),
        ("ClusterNetworkPolicy", Meaning::Modelled),
    ],
    document_words: &[],
    document: |_| None,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |_| false,
    declare,
};

const GROUP: &str = "policy.networking.k8s.io";

/// The label that every namespace has its own name in.
const NAME: &str = "kubernetes.io/metadata.name";

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        let objects = cluster.objects.iter().copied();
        let policies: Vec<Policy<'_, '_>> = objects
            .filter_map(|object| policy(cluster, object))
            .collect();
        for tier in [0, 1] {
            let of_tier: Vec<Policy<'_, '_>> = policies
                .iter()
                .filter(|one| one.rank.0 == tier)
                .map(|one| Policy {
                    object: one.object,
                    target: self::target(cluster, one.object),
                    directions: one.directions.clone(),
                    rank: one.rank.clone(),
                })
                .collect();
            let system = if tier == 0 {
                "the cluster's"
            } else {
                "the cluster's baseline"
            };
            packet_filters::declare(system, cluster, &of_tier, true, declarations);
        }
    }
}

fn policy<'m, 't>(cluster: &Cluster<'_>, object: &'m Object) -> Option<Policy<'m, 't>> {
    let spec = object.root.get("spec")?;
    let tier = if object.is(GROUP, "AdminNetworkPolicy") {
        0
    } else if object.is(GROUP, "BaselineAdminNetworkPolicy") {
        1
    } else if object.is(GROUP, "ClusterNetworkPolicy") {
        i64::from(spec.text_at(&["tier"]) == Some("Baseline"))
    } else {
        return None;
    };
    let told = spec.text_at(&["priority"]);
    let priority: u32 = told.and_then(|text| text.parse().ok()).unwrap_or(0);
    let direction = |key: &str, side: &str| {
        let rules = spec.get(key).map(Node::items).unwrap_or_default();
        let rules: Vec<(&'static str, String)> = rules
            .iter()
            .flat_map(|rule| {
                let action = match rule.text_at(&["action"]) {
                    Some("Allow" | "Accept") => "allow",
                    Some("Pass") => "pass",
                    _ => "deny",
                };
                atoms(rule, side)
                    .into_iter()
                    .map(move |atom| (action, atom))
            })
            .collect();
        (!rules.is_empty()).then_some(Rules {
            rules,
            closes: false,
        })
    };
    Some(Policy {
        object,
        target: target(cluster, object),
        directions: [direction("ingress", "from"), direction("egress", "to")],
        rank: (tier, format!("{priority:010}")),
    })
}

fn atoms(rule: &Node, side: &str) -> Vec<String> {
    let peers = rule.get(side).map(Node::items).unwrap_or_default();
    let mut ports: Vec<String> = rule
        .get("ports")
        .or_else(|| rule.get("protocols"))
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .map(port)
        .collect();
    if ports.is_empty() {
        ports.push("any port".to_owned());
    }
    packet_filters::pairs(peers.iter().map(peer).collect(), ports)
}

/// A peer, alike in all versions of the API: the first wrapped its selector of namespaces once more.
fn peer(peer: &Node) -> String {
    if let Some(namespaces) = peer.get("namespaces") {
        let inner = namespaces.get("namespaceSelector").unwrap_or(namespaces);
        return format!("namespaces {}", inner.canonical_unordered());
    }
    peer.canonical_unordered()
}

/// A port, alike in all versions of the API.
fn port(port: &Node) -> String {
    let range = |node: &Node| match (node.text_at(&["start"]), node.text_at(&["end"])) {
        (Some(start), Some(end)) => format!("{start}-{end}"),
        _ => node.canonical(),
    };
    if let Some(one) = port.get("portNumber") {
        let protocol = one.text_at(&["protocol"]).unwrap_or("TCP");
        return format!("{protocol} {}", one.text_at(&["port"]).unwrap_or("any"));
    }
    if let Some(one) = port.get("portRange") {
        let protocol = one.text_at(&["protocol"]).unwrap_or("TCP");
        return format!("{protocol} {}", range(one));
    }
    if let Some(name) = port
        .text_at(&["namedPort"])
        .or_else(|| port.text_at(&["destinationNamedPort"]))
    {
        return format!("port {name}");
    }
    for protocol in ["tcp", "udp", "sctp"] {
        let Some(one) = port.field(protocol) else {
            continue;
        };
        let destination = one.value.get("destinationPort");
        let number = destination.and_then(|to| {
            let number = to.text_at(&["number"]).map(str::to_owned);
            number.or_else(|| to.get("range").map(range))
        });
        let number = number.unwrap_or_else(|| "any".to_owned());
        return format!("{} {number}", protocol.to_uppercase());
    }
    port.canonical()
}

/// Whether a namespace may have the labels that a selector asks for: those of one that no file describes are not known, but
/// for its name.
fn may_be(cluster: &Cluster<'_>, name: &str, wanted: &BTreeMap<String, String>) -> bool {
    if wanted.get(NAME).is_some_and(|told| told != name) {
        return false;
    }
    let described = cluster.namespaces.get(name).and_then(|all| all.first());
    let others = || wanted.iter().filter(|(key, _)| *key != NAME);
    match described {
        Some(object) => others().all(|(key, value)| object.label(key) == Some(value)),
        None => others().next().is_none(),
    }
}

fn target<'t>(cluster: &Cluster<'_>, object: &Object) -> Target<'t> {
    let subject = object.root.at(&["spec", "subject"]);
    let has_expressions = |selector: Option<&Node>| {
        let list = selector.and_then(|selector| selector.get("matchExpressions"));
        list.is_some_and(|list| !list.is_empty())
    };
    let pods = subject.and_then(|subject| subject.get("pods"));
    let namespaces = match pods {
        Some(pods) => pods.get("namespaceSelector"),
        None => subject.and_then(|subject| subject.get("namespaces")),
    };
    let wanted = texts_of(namespaces.and_then(|selector| selector.get("matchLabels")));
    let pod_selector = pods.and_then(|pods| pods.get("podSelector"));
    let pod_labels = texts_of(pod_selector.and_then(|selector| selector.get("matchLabels")));
    let is_all_pods = pod_labels.is_empty() && !has_expressions(pod_selector);
    let mut named: BTreeSet<String> = cluster
        .namespaces
        .keys()
        .filter(|name| may_be(cluster, name, &wanted))
        .cloned()
        .collect();
    if let (Some(name), 1) = (wanted.get(NAME), wanted.len()) {
        named.insert(name.clone());
    }
    let is_told = !has_expressions(namespaces);
    if is_all_pods && is_told {
        if wanted.is_empty() {
            return Target::Cluster;
        }
        if !named.is_empty() {
            return Target::Namespaces(named);
        }
    }
    let mut words = Vec::new();
    if !wanted.is_empty() || !is_told {
        words.push(format!("namespaces with {}", selector_words(&wanted)));
    }
    if !is_all_pods {
        words.push(selector_words(&pod_labels));
    }
    Target::Pods {
        around: Boundary::Cluster(cluster.name.clone()),
        words: words.join(" in "),
        selects: Box::new(move |workload: &Workload<'_>| {
            let namespace = workload.identity().namespace.as_ref();
            let is_near = is_told && namespace.is_some_and(|name| named.contains(name));
            !is_all_pods && is_near && selects(&pod_labels, &workload.labels)
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{reading, statements};

    fn filters(text: &str) -> Vec<String> {
        statements(&reading(text), Topic::Filter)
    }

    const OLD: &str = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: p}\nspec:\n  \
                       priority: 10\n  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: pay}}}\n  ingress:\n  \
                       - {action: Allow, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP, port: 80}}]}\n  \
                       - {action: Deny, from: [{namespaces: {matchLabels: {team: x}}}]}\n";

    const NEW: &str = "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec:\n  \
                       tier: Admin\n  priority: 10\n  \
                       subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: pay}}}\n  ingress:\n  \
                       - {action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}\n  \
                       - {action: Deny, from: [{namespaces: {matchLabels: {team: x}}}]}\n";

    #[test]
    fn the_same_rules_in_the_old_form_and_the_new_are_the_same() {
        assert_eq!(filters(OLD), filters(NEW));
        assert_eq!(filters(OLD).len(), 1, "{:?}", filters(OLD));
        assert!(
            filters(OLD)[0].starts_with("-: filter in of namespace pay"),
            "{:?}",
            filters(OLD)
        );
        assert_ne!(filters(NEW), filters(&NEW.replace("Admin", "Baseline")));
    }

    #[test]
    fn order_of_rules_counts_and_order_of_policies_follows_priority() {
        let swapped = OLD
            .replace("Allow", "X")
            .replace("Deny", "Allow")
            .replace('X', "Deny");
        assert_ne!(filters(OLD), filters(&swapped));
        let second = OLD
            .replace("name: p}", "name: q}")
            .replace("priority: 10", "priority: 20");
        let one_way = filters(&format!("{OLD}---\n{second}"));
        assert_eq!(one_way, filters(&format!("{second}---\n{OLD}")));
    }

    #[test]
    fn a_subject_by_labels_of_namespaces_means_those_that_are_described_so() {
        let by_team = OLD.replace("kubernetes.io/metadata.name: pay", "team: a");
        let namespaces = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: cat, labels: {team: a}}\n---\n\
                          apiVersion: v1\nkind: Namespace\nmetadata: {name: obs, labels: {team: b}}\n";
        let stated = filters(&format!("{by_team}{namespaces}"));
        assert_eq!(stated.len(), 1, "{stated:?}");
        assert!(stated[0].starts_with("-/cat: "));
        // Of a namespace that no file describes the cluster speaks.
        assert!(
            filters(&by_team)[0].starts_with("-: filter in of pods with namespaces with team=a")
        );
    }
}
