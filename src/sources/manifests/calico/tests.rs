//! What objects of Calico come to.

use crate::graph::fragment::Topic;

use super::super::testing::{reading, statements};

fn felix(name: &str, spec: &str) -> String {
    format!(
        "apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {{name: {name}}}\nspec: {spec}\n---\n"
    )
}

#[track_caller]
fn encrypts(text: &str, expected: &[&str], sites: usize) {
    let read = reading(text);
    let stated: Vec<String> = statements(&read, Topic::Encryption)
        .iter()
        .filter_map(|line| Some(line.strip_prefix("-: ")?.replace(" by Calico", "")))
        .collect();
    assert_eq!(stated, expected, "{text}");
    assert_eq!(read.sites_after.len(), sites, "{:?}", read.sites_after);
}

#[test]
fn wireguard_is_off_unless_the_default_object_turns_it_on() {
    encrypts(&felix("default", "{logSeverityScreen: Info}"), &[], 1);
    encrypts(&felix("default", "{wireguardEnabled: false}"), &[], 1);
    encrypts(
        &felix("default", "{wireguardEnabled: true}"),
        &["wireguardEnabled = on"],
        0,
    );
    encrypts(
        &felix(
            "default",
            "{wireguardEnabled: true, wireguardHostEncryptionEnabled: true}",
        ),
        &[
            "wireguardEnabled = on",
            "wireguardHostEncryptionEnabled = on",
        ],
        0,
    );
}

#[test]
fn a_node_of_its_own_is_a_hole_and_one_that_says_the_same_is_none() {
    let default = felix("default", "{wireguardEnabled: true}");
    let on = "wireguardEnabled = on";
    encrypts(
        &format!("{default}{}", felix("node.a", "{wireguardEnabled: false}")),
        &[on, "wireguardEnabled on single nodes = false on a"],
        1,
    );
    encrypts(
        &format!("{default}{}", felix("node.a", "{wireguardEnabled: true}")),
        &[on],
        0,
    );
}

#[test]
fn the_group_of_the_api_is_no_difference() {
    let old = felix("default", "{wireguardEnabled: true}")
        .replace("projectcalico.org/v3", "crd.projectcalico.org/v1");
    encrypts(&old, &["wireguardEnabled = on"], 0);
}

fn policy(kind: &str, name: &str, namespace: &str, spec: &str) -> String {
    format!(
        "apiVersion: projectcalico.org/v3\nkind: {kind}\nmetadata: {{name: {name}{namespace}}}\nspec: {spec}\n---\n"
    )
}

fn filters(text: &str) -> Vec<String> {
    statements(&reading(text), Topic::Filter)
}

const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {metadata: {labels: \
                   {app: web}}}}\n---\n";

#[test]
fn policies_hold_in_order_and_files_have_none() {
    let first = policy(
        "GlobalNetworkPolicy",
        "a",
        "",
        "{order: 1, selector: \"app == 'web'\", ingress: [{action: Deny, protocol: TCP}]}",
    );
    let second = policy(
        "GlobalNetworkPolicy",
        "b",
        "",
        "{order: 2, selector: \"app == 'web'\", ingress: [{action: Allow}]}",
    );
    let stated = filters(&format!("{WEB}{first}{second}"));
    assert_eq!(
        stated,
        [
            "-/shop/deployment/web: filter in by Calico = deny protocol TCP, allow anything, nothing else"
        ]
    );
    assert_eq!(stated, filters(&format!("{second}{first}{WEB}")));
    assert_eq!(
        stated,
        filters(&format!(
            "{WEB}{}{second}",
            first.replace("order: 1", "order: 1.0, tier: default")
        ))
    );
    assert_ne!(
        stated,
        filters(&format!(
            "{WEB}{}{second}",
            first.replace("order: 1", "order: 3")
        ))
    );
}

#[test]
fn a_policy_without_a_selector_is_for_its_namespace_or_all() {
    let inside = policy(
        "NetworkPolicy",
        "a",
        ", namespace: shop",
        "{types: [Ingress]}",
    );
    assert_eq!(
        filters(&inside),
        ["-/shop: filter in by Calico = nothing else"]
    );
    let all = policy(
        "GlobalNetworkPolicy",
        "a",
        "",
        "{types: [Egress], egress: [{action: Allow}]}",
    );
    assert_eq!(
        filters(&all),
        ["-: filter out by Calico = allow anything, nothing else"]
    );
    let chosen = policy(
        "GlobalNetworkPolicy",
        "a",
        "",
        "{namespaceSelector: \"kubernetes.io/metadata.name == 'shop'\"}",
    );
    assert_eq!(
        filters(&chosen),
        ["-: filter in of namespace shop by Calico = nothing else"]
    );
    // With something in that namespace among the files, the namespace speaks for itself.
    assert_eq!(
        filters(&format!("{WEB}{chosen}")),
        ["-/shop: filter in by Calico = nothing else"]
    );
}

#[test]
fn a_selector_that_is_not_decided_is_said_of_what_is_around() {
    let odd = policy(
        "GlobalNetworkPolicy",
        "a",
        "",
        "{selector: \"app in {'web'}\"}",
    );
    let stated = filters(&format!("{WEB}{odd}"));
    assert_eq!(
        stated,
        ["-: filter in of pods with selector app in {'web'} by Calico = nothing else"]
    );
}

#[test]
fn a_neighbour_joins_networks_and_peers_by_selector_are_nodes_of_the_cluster() {
    let peer = |spec: &str| {
        format!(
            "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {{name: p}}\nspec: {spec}\n"
        )
    };
    let stated = |spec: &str| statements(&reading(&peer(spec)), Topic::Mesh);
    assert_eq!(
        stated("{peerIP: 10.0.0.100, asNumber: 64512}"),
        ["-: routes with 10.0.0.100 of all nodes = AS 64512"]
    );
    assert!(stated("{peerSelector: \"has(reflector)\"}").is_empty());
}

#[test]
fn a_tier_refuses_what_is_left_of_it_unless_it_passes_that_on() {
    let tier = |spec: &str| {
        format!(
            "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {{name: first}}\nspec: {spec}\n---\n"
        )
    };
    let first = policy(
        "GlobalNetworkPolicy",
        "a",
        "",
        "{tier: first, selector: \"app == 'web'\", ingress: [{action: Deny, protocol: UDP}]}",
    );
    let second = policy(
        "GlobalNetworkPolicy",
        "b",
        "",
        "{selector: \"app == 'web'\", ingress: [{action: Allow}]}",
    );
    let stated = |spec: &str| filters(&format!("{WEB}{first}{second}{}", tier(spec)))[0].clone();
    let rules = |text: &str| format!("-/shop/deployment/web: filter in by Calico = {text}");
    assert_eq!(
        stated("{order: 1}"),
        rules("deny protocol UDP, deny what is left of that tier, allow anything, nothing else")
    );
    assert_eq!(
        stated("{order: 1, defaultAction: Pass}"),
        rules("deny protocol UDP, allow anything, nothing else")
    );
    // What is refused next to each other is refused in any order.
    assert_eq!(
        stated("{order: 2000000}"),
        rules("allow anything, deny protocol UDP, deny what is left of that tier, nothing else")
    );
}
