//! What values files and objects of Cilium come to.
#![allow(clippy::unwrap_used)]

use crate::graph::fragment::Topic;
use crate::graph::protection::Protection;

use super::super::testing::{between, reading, statements, subjects};

/// What the cluster, which has no name, is said to encrypt, and how many settings leave something in the clear.
#[track_caller]
fn encrypts(text: &str, expected: &[&str], sites: usize) {
    let read = reading(text);
    let stated: Vec<String> = statements(&read, Topic::Encryption)
        .iter()
        .filter_map(|line| Some(line.strip_prefix("-: ")?.replace(" by Cilium", "")))
        .collect();
    assert_eq!(stated, expected, "{text}");
    assert_eq!(read.sites_after.len(), sites, "{:?}", read.sites_after);
}

#[test]
fn encryption_is_best_effort_without_strict_mode_and_off_by_default() {
    let between_nodes = "encryption between nodes = best effort";
    encrypts("kubeProxyReplacement: true\n", &[], 1);
    encrypts("encryption: {enabled: false, type: wireguard}\n", &[], 1);
    encrypts(
        "encryption: {enabled: true, type: wireguard}\n",
        &[between_nodes],
        0,
    );
    encrypts(
        "encryption: {enabled: true, type: ipsec}\n",
        &[between_nodes],
        0,
    );
    encrypts(
        "encryption: {enabled: true, type: wireguard, strictMode: {egress: {enabled: true, cidr: 10.0.0.0/8}}}\n",
        &["encryption between nodes = strict"],
        0,
    );
}

#[test]
fn nodes_are_encrypted_by_wireguard_only_and_said_to_be_left_out_where_that_is_spelled_out() {
    let with = |more: &str| format!("encryption: {{enabled: true, {more}}}\n");
    let general = "encryption between nodes = best effort";
    let nodes = "encryption of nodes = on";
    encrypts(
        &with("type: wireguard, nodeEncryption: true"),
        &[general, nodes],
        0,
    );
    encrypts(&with("type: ipsec, nodeEncryption: true"), &[general], 1);
    encrypts(
        &with("type: wireguard, nodeEncryption: false"),
        &[general],
        1,
    );
    encrypts(&with("type: wireguard"), &[general], 0);
}

#[test]
fn a_default_spelled_out_is_neither_a_change_nor_a_new_site() {
    let (short, long) = (
        reading("kubeProxyReplacement: true\n"),
        reading(
            "kubeProxyReplacement: true\nencryption: {enabled: false, type: ipsec, nodeEncryption: false}\n",
        ),
    );
    assert_eq!(
        statements(&short, Topic::Encryption),
        statements(&long, Topic::Encryption)
    );
    let [short, long] = [short, long].map(|read| {
        (
            read.sites_after[0].subject.clone(),
            read.sites_after[0].words.clone(),
        )
    });
    assert_eq!(short, long);
}

#[test]
fn the_config_map_says_the_same_as_the_values() {
    let config = |data: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: cilium-config, namespace: kube-system}}\ndata: {{{data}}}\n"
        )
    };
    let general = "encryption between nodes = best effort";
    encrypts(&config("enable-wireguard: \"true\""), &[general], 0);
    encrypts(
        &config(
            "enable-wireguard: \"true\", encrypt-node: \"true\", enable-encryption-strict-mode-egress: \"true\"",
        ),
        &[
            "encryption between nodes = strict",
            "encryption of nodes = on",
        ],
        0,
    );
    encrypts(&config("enable-wireguard: \"false\""), &[], 1);
    encrypts(&config("cluster-id: \"0\""), &[], 1);
}

#[test]
fn the_old_name_of_strict_mode_depends_on_the_version() {
    let release = |version: &str, values: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: cilium, namespace: kube-system}}\nspec:\n  \
             chart: {{spec: {{chart: cilium, version: {version}}}}}\n  values: {{{values}}}\n"
        )
    };
    let old = "encryption: {enabled: true, type: wireguard, strictMode: {enabled: true}}";
    encrypts(
        &release("1.18.2", old),
        &["encryption between nodes = strict"],
        0,
    );
    encrypts(
        &release("1.20.0", old),
        &["encryption between nodes = best effort"],
        0,
    );
    encrypts(
        &release("1.x", old),
        &["encryption between nodes = strict before 1.20"],
        0,
    );
    let read = reading(&release("1.x", old));
    assert_eq!(subjects(&read, "version-decides").len(), 1);
    assert!(subjects(&reading(&release("1.18.2", old)), "version-decides").is_empty());
}

#[test]
fn values_are_found_in_what_installs_the_chart() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x, namespace: argo}\nspec:\n  \
                       source:\n    chart: cilium\n    helm:\n      values: |\n        encryption:\n          enabled: false\n";
    encrypts(application, &[], 1);
    let read = reading(application);
    assert_eq!(read.sites_after[0].lines[0], 10);
    encrypts(
        &application.replace("chart: cilium", "chart: other"),
        &[],
        0,
    );
    encrypts(
        "cilium: {encryption: {enabled: true, type: wireguard}}\n",
        &["encryption between nodes = best effort"],
        0,
    );
}

/// Two clusters, each with its part of `encryption` and the clusters that it meshes with.
fn two(east: (&str, &str), west: (&str, &str)) -> String {
    let one = |name: &str, (encryption, clusters): (&str, &str)| {
        format!(
            "cluster: {{name: {name}, id: 1}}\nencryption: {{enabled: {encryption}, type: wireguard}}\nclustermesh: \
             {{config: {{enabled: true, clusters: {clusters}}}}}\n"
        )
    };
    format!("{}---\n{}", one("east", east), one("west", west))
}

#[track_caller]
fn linked(text: &str, expected: &[Protection], notice: Option<&str>) {
    let read = reading(text);
    let found: Vec<Protection> = read
        .after
        .links
        .iter()
        .map(|link| link.protection[0].in_transit.protection)
        .collect();
    assert_eq!(found, expected);
    for kind in [
        "mesh-peer-not-seen",
        "mesh-half-open",
        "mesh-mixed-encryption",
    ] {
        assert_eq!(
            !subjects(&read, kind).is_empty(),
            notice == Some(kind),
            "{kind}"
        );
    }
}

#[test]
fn meshed_clusters_are_linked_and_as_encrypted_as_the_weaker_of_them() {
    let both = |encryption| {
        two(
            ("true", "[{name: west, ips: [10.2.0.9]}]"),
            (encryption, "[{name: east}, {name: west}]"),
        )
    };
    linked(&both("true"), &[Protection::Tunnel; 2], None);
    linked(
        &both("false"),
        &[Protection::None; 2],
        Some("mesh-mixed-encryption"),
    );
}

#[test]
fn half_of_a_mesh_is_kept_and_said() {
    let half = two(("true", "{west: {address: west.example}}"), ("true", "[]"));
    linked(&half, &[Protection::Tunnel], Some("mesh-half-open"));
    let unseen = two(("true", "[{name: north}]"), ("true", "[]"));
    linked(&unseen, &[Protection::Unknown], Some("mesh-peer-not-seen"));
    let off = two(("true", "[{name: west}]"), ("true", "[]"))
        .replace("config: {enabled: true", "config: {enabled: false");
    linked(&off, &[], None);
}

#[test]
fn a_global_service_is_handed_to_meshed_clusters_unless_it_is_not_shared() {
    let service = |annotations: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop, annotations: {annotations}}}\n\
             spec: {{selector: {{app: web}}}}\n"
        )
    };
    let stated = |annotations: &str| statements(&reading(&service(annotations)), Topic::Export);
    let global = stated("{service.cilium.io/global: \"true\"}");
    assert_eq!(
        global,
        [
            "-/shop: global service shop/web of unnamed = shared",
            "-: global service shop/web of unnamed = shared",
        ]
    );
    assert_eq!(stated("{io.cilium/global-service: \"true\"}"), global);
    assert_eq!(
        stated("{service.cilium.io/global: \"true\", service.cilium.io/shared: \"true\"}"),
        global
    );
    let kept = stated("{service.cilium.io/global: \"true\", service.cilium.io/shared: \"false\"}");
    assert_eq!(
        kept[0],
        "-/shop: global service shop/web of unnamed = taken"
    );
    assert!(stated("{service.cilium.io/global: \"false\"}").is_empty());
}

fn policy(spec: &str) -> String {
    format!(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {{name: p, namespace: shop}}\nspec: {spec}\n"
    )
}

fn filters(spec: &str) -> Vec<String> {
    statements(&reading(&policy(spec)), Topic::Filter)
}

#[test]
fn policies_are_compared_by_what_they_let_through() {
    let joined = filters("{endpointSelector: {}, egress: [{toEntities: [world, cluster]}]}");
    let split =
        filters("{endpointSelector: {}, egress: [{toEntities: [cluster]}, {toEntities: [world]}]}");
    assert_eq!(joined, split);
    assert_eq!(
        joined,
        [
            "-/shop: filter out by Cilium = allow entities cluster on any port, allow entities world on any port, nothing else"
        ]
    );
    assert_ne!(
        joined,
        filters("{endpointSelector: {}, egress: [{toEntities: [cluster]}]}")
    );
    let ports = |ports: &str| {
        filters(&format!(
            "{{endpointSelector: {{}}, ingress: [{{toPorts: [{{ports: {ports}}}]}}]}}"
        ))
    };
    assert_eq!(
        ports("[{port: \"80\"}]"),
        ports("[{port: \"80\", protocol: ANY}]")
    );
}

#[test]
fn an_empty_rule_lets_nothing_in_and_default_deny_can_be_turned_off() {
    assert_eq!(
        filters("{endpointSelector: {}, ingress: [{}]}"),
        ["-/shop: filter in by Cilium = nothing else"]
    );
    assert_eq!(
        filters("{endpointSelector: {}, enableDefaultDeny: {egress: false}, egressDeny: [{toCIDR: [10.0.0.0/8]}]}"),
        ["-/shop: filter out by Cilium = deny cidr 10.0.0.0/8 on any port, whatever no rule is about"]
            .map(str::to_owned)
    );
    assert!(filters("{endpointSelector: {}, ingress: []}").is_empty());
}

#[test]
fn policies_that_are_not_enforced_filter_nothing_and_ask_nobody() {
    let rule = policy(
        "{endpointSelector: {}, ingress: [{fromEndpoints: [{}], authentication: {mode: required}}]}",
    );
    let enforced = reading(&rule);
    assert_eq!(statements(&enforced, Topic::Authentication).len(), 1);
    assert_eq!(statements(&enforced, Topic::Filter).len(), 1);
    let off = reading(&format!("{rule}---\npolicyEnforcementMode: never\n"));
    assert!(statements(&off, Topic::Filter).is_empty());
    let left = statements(&off, Topic::Authentication);
    assert!(
        left.iter()
            .all(|line| line.contains("enforcement by Cilium = never")),
        "{left:?}"
    );
    assert_eq!(off.open_doors_after.len(), 1);
}

#[test]
fn a_handshake_is_proof_and_no_encryption() {
    let with = |mode: &str| {
        reading(&policy(&format!(
            "{{endpointSelector: {{}}, ingress: [{{fromEndpoints: [{{}}], authentication: {{mode: {mode}}}}}]}}"
        )))
    };
    let asked = with("required");
    assert!(statements(&asked, Topic::Encryption).is_empty());
    assert_eq!(statements(&asked, Topic::Authentication).len(), 1);
    let open = with("disabled");
    assert!(statements(&open, Topic::Authentication).is_empty());
    assert_eq!(open.open_doors_after.len(), 1);
    assert!(open.sites_after.is_empty());
}

#[test]
fn a_namespace_that_comes_into_view_shares_what_holds_of_all() {
    let values = "encryption: {enabled: true, type: wireguard}\n";
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: fresh}\n";
    let read = between(values, &format!("{values}{service}"));
    let of_fresh = |fragment: &crate::graph::fragment::Fragment| {
        let key =
            super::super::declare::Boundary::Namespace(None, Some("fresh".to_owned())).reference();
        fragment
            .statements
            .iter()
            .filter(|one| one.topic == Topic::Encryption && one.of.contains(&key))
            .count()
    };
    assert_eq!((of_fresh(&read.before), of_fresh(&read.after)), (1, 1));
}
