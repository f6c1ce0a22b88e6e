#![allow(clippy::unwrap_used)]

use crate::graph::fragment::{FarSide, Topic};

use super::super::Reading;
use super::super::estate::Versions;
use super::super::testing::{of_files, statements, subjects};

const WORKLOAD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {template: {metadata: \
                        {labels: {app: api, kuma.io/sidecar-injection: enabled}}}}\n---\n";
const MTLS: &str = "apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: default}\nspec: {mtls: {enabledBackend: ca, backends: \
                    [{name: ca, type: builtin}]}}\n---\n";
const IDENTITY: &str = "apiVersion: kuma.io/v1alpha1\nkind: MeshIdentity\nmetadata: {name: all, namespace: kuma-system}\nspec: {selector: \
                        {dataplane: {matchLabels: {}}}}\n---\n";

fn with(version: Option<u64>, text: &str) -> Reading {
    let versions: Versions = version
        .map(|version| ("Kuma", version))
        .into_iter()
        .collect();
    let files = [("a.yaml", text)];
    of_files([&files, &files], &versions)
}

/// What the workload takes in effect.
#[track_caller]
fn check(version: Option<u64>, text: &str, expected: &str) {
    let read = with(version, &(WORKLOAD.to_owned() + text));
    let wanted = "-/shop/deployment/api: inbound traffic by Kuma = ";
    let stated = statements(&read, Topic::Encryption);
    let found: Vec<&str> = stated
        .iter()
        .filter_map(|line| line.strip_prefix(wanted))
        .collect();
    assert_eq!(found, [expected]);
}

fn policy(name: &str, target: &str, mode: &str) -> String {
    format!(
        "apiVersion: kuma.io/v1alpha1\nkind: MeshTLS\nmetadata: {{name: {name}, namespace: kuma-system}}\nspec: {{targetRef: {target}, \
         rules: [{{default: {{mode: {mode}}}}}]}}\n---\n"
    )
}

#[test]
fn one_mesh_means_the_opposite_in_two_versions_and_untold_both_count() {
    check(Some(2), MTLS, "mTLS only");
    check(Some(3), MTLS, "plaintext only");
    check(None, MTLS, "mTLS only by Kuma 2, plaintext only by Kuma 3");
    let notices = |version| subjects(&with(version, MTLS), "version-decides");
    assert_eq!(notices(None), ["Mesh/default"]);
    assert_eq!(notices(Some(3)), [""; 0]);
}

#[test]
fn an_identity_turns_mtls_on_in_both_versions_and_one_that_selects_nothing_does_not() {
    let bare = "apiVersion: kuma.io/v1alpha1\nkind: Mesh\nmetadata: {name: default}\n---\n";
    check(None, &(bare.to_owned() + IDENTITY), "mTLS only");
    check(None, bare, "plaintext only");
    let nothing = IDENTITY.replace(
        "{selector: {dataplane: {matchLabels: {}}}}",
        "{spiffeID: {trustDomain: a.example}}",
    );
    check(Some(3), &(bare.to_owned() + &nothing), "plaintext only");
    let other = IDENTITY.replace("{}}}}", "{app: web}}}}");
    check(Some(3), &(bare.to_owned() + &other), "plaintext only");
}

#[test]
fn the_mode_of_a_backend_counts_in_kuma_2_alone_and_a_policy_wins_over_it() {
    let permissive = MTLS.replace("type: builtin", "type: builtin, mode: PERMISSIVE");
    check(Some(2), &permissive, "plaintext beside mTLS");
    check(Some(3), &(permissive.clone() + IDENTITY), "mTLS only");
    let strict = policy("strict", "{kind: Mesh}", "Strict");
    check(Some(2), &(permissive + &strict), "mTLS only");
}

#[test]
fn the_nearest_policy_wins_and_of_equally_near_ones_the_first_by_name() {
    let all = policy("all", "{kind: Mesh}", "Strict");
    let one = policy("one", "{kind: Dataplane, labels: {app: api}}", "Permissive");
    check(
        Some(2),
        &(MTLS.to_owned() + &all + &one),
        "plaintext beside mTLS",
    );
    let other = policy("one", "{kind: Dataplane, labels: {app: web}}", "Permissive");
    check(Some(2), &(MTLS.to_owned() + &all + &other), "mTLS only");
    let second = policy("b", "{kind: Mesh}", "Permissive");
    check(Some(2), &(MTLS.to_owned() + &all + &second), "mTLS only");
}

#[test]
fn what_is_targeted_more_exactly_wins_whoever_s_policy_it_is_and_then_that_of_the_namespace() {
    let of_namespace = |name: &str, target: &str, mode: &str| {
        policy(name, target, mode).replace("namespace: kuma-system", "namespace: shop")
    };
    let mesh = "{kind: Mesh}";
    let labels = "{kind: Dataplane, labels: {app: api}}";
    let both = policy("b", labels, "Permissive") + &of_namespace("a", mesh, "Strict");
    check(Some(2), &(MTLS.to_owned() + &both), "plaintext beside mTLS");
    let both = policy("a", labels, "Permissive") + &of_namespace("b", labels, "Strict");
    check(Some(2), &(MTLS.to_owned() + &both), "mTLS only");
    let by_name = policy("b", "{kind: Dataplane, name: api}", "Strict");
    let both = policy("a", labels, "Permissive") + &by_name;
    check(Some(2), &(MTLS.to_owned() + &both), "mTLS only");
}

#[test]
fn of_several_entries_of_one_policy_the_last_that_says_so_decides() {
    let entries = |first: &str, last: &str| {
        policy("p", "{kind: Mesh}", "X").replace(
            "[{default: {mode: X}}]",
            &format!("[{{default: {first}}}, {{default: {last}}}]"),
        )
    };
    let [strict, permissive] = ["{mode: Strict}", "{mode: Permissive}"];
    let text = |first, last| MTLS.to_owned() + &entries(first, last);
    check(Some(2), &text(strict, permissive), "plaintext beside mTLS");
    check(Some(2), &text(permissive, strict), "mTLS only");
    let other = "{tlsVersion: {min: TLS13}}";
    check(Some(2), &text(permissive, other), "plaintext beside mTLS");
}

#[test]
fn of_several_permissions_for_the_same_callers_the_first_by_name_decides() {
    let permission = |name: &str, action: &str| {
        format!(
            "apiVersion: kuma.io/v1alpha1\nkind: MeshTrafficPermission\nmetadata: {{name: {name}, namespace: kuma-system}}\nspec: \
             {{targetRef: {{kind: Dataplane, labels: {{app: api}}}}, from: [{{targetRef: {{kind: MeshSubset, tags: {{app: web}}}}, \
             default: {{action: {action}}}}}]}}\n---\n"
        )
    };
    let callers = |text: &str| {
        let read = with(Some(2), &(WORKLOAD.to_owned() + MTLS + text));
        let stated = statements(&read, Topic::Authentication);
        let mut of_api = stated
            .into_iter()
            .filter(|line| line.starts_with("-/shop/deployment/api: callers of"));
        of_api.next().unwrap()
    };
    let either = [("Allow", "Deny"), ("Deny", "Allow")]
        .map(|(first, second)| callers(&(permission("a", first) + &permission("b", second))));
    assert!(either[0].ends_with("= allow app=web"), "{either:?}");
    assert!(either[1].ends_with("= deny app=web"), "{either:?}");
}

#[test]
fn values_below_the_name_of_the_chart_mean_the_same() {
    let values =
        "controlPlane:\n  mode: zone\n  zone: z1\n  kdsGlobalAddress: grpc://global:5685\n";
    let nested = |names: &[&str]| {
        let mut text = values.to_owned();
        for name in names.iter().rev() {
            let inner: Vec<String> = text.lines().map(|line| format!("  {line}\n")).collect();
            text = format!("{name}:\n{}", inner.concat());
        }
        let read = with(Some(2), &text);
        let sites: Vec<String> = read
            .sites_after
            .into_iter()
            .map(|site| site.words)
            .collect();
        assert!(!sites.is_empty(), "{text}");
        sites
    };
    let plain = nested(&[]);
    assert_eq!(plain, nested(&["kuma"]));
    assert_eq!(plain, nested(&["kong-mesh", "kuma"]));
}

#[test]
fn a_policy_for_what_no_file_shows_is_a_fact_of_the_cluster() {
    let other = policy("one", "{kind: Dataplane, labels: {app: web}}", "Permissive");
    let read = with(Some(2), &(MTLS.to_owned() + &other));
    let stated = statements(&read, Topic::Encryption);
    assert!(
        stated.iter().any(|line| line
            == "-: inbound traffic by Kuma of proxies with app=web = plaintext beside mTLS")
    );
}

#[test]
fn a_document_means_the_same_as_an_object() {
    let document = "type: Mesh\nname: default\nmtls:\n  enabledBackend: ca\n  backends:\n  - {name: ca, type: builtin, mode: STRICT}\n---\n";
    for topic in [Topic::Encryption, Topic::Authentication, Topic::Mesh] {
        let [object, document] = [MTLS, document]
            .map(|mesh| statements(&with(Some(2), &(WORKLOAD.to_owned() + mesh)), topic));
        assert_eq!(object, document);
    }
}

#[test]
fn the_version_of_a_control_plane_is_told_by_its_image_its_chart_and_what_installs_it() {
    let image = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: kuma-control-plane, namespace: kuma-system}\nspec: {template: \
                 {spec: {containers: [{image: docker.io/kumahq/kuma-cp:3.0.1}]}}}\n---\n";
    check(None, &(image.to_owned() + MTLS), "plaintext only");
    let release = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: kuma, namespace: argocd}\nspec: {source: {chart: \
                   kuma, targetRevision: ^2.13.0}}\n---\n";
    check(Some(3), &(release.to_owned() + MTLS), "mTLS only");
}

#[test]
fn permissions_are_known_by_whom_they_let_in_and_not_by_their_names() {
    let permission = |name: &str, target: &str| {
        format!(
            "apiVersion: kuma.io/v1alpha1\nkind: MeshTrafficPermission\nmetadata: {{name: {name}, namespace: kuma-system}}\nspec: \
             {{targetRef: {target}, from: [{{targetRef: {{kind: Mesh}}, default: {{action: Allow}}}}]}}\n---\n"
        )
    };
    let read = |text: &str| with(Some(2), &(WORKLOAD.to_owned() + MTLS + text));
    let one = "{kind: Dataplane, labels: {app: api}}";
    let [first, renamed] = ["one", "other"].map(|name| read(&permission(name, one)));
    let stated = statements(&first, Topic::Authentication);
    assert_eq!(stated, statements(&renamed, Topic::Authentication));
    assert_eq!(first.open_doors_after, []);
    let everyone = read(&permission("everyone", "{kind: Mesh}"));
    assert_eq!(everyone.open_doors_after.len(), 1);
}

#[test]
fn what_is_outside_is_plaintext_unless_tls_is_on_and_unverified_unless_it_looks() {
    let service = |tls: &str| {
        format!(
            "apiVersion: kuma.io/v1alpha1\nkind: MeshExternalService\nmetadata: {{name: rates, namespace: kuma-system}}\nspec: {{match: \
             {{port: 443}}, endpoints: [{{address: api.rates.example}}], tls: {tls}}}\n"
        )
    };
    let counts = |tls: &str| {
        let read = with(Some(2), &service(tls));
        let external = read
            .sites_after
            .iter()
            .filter(|site| site.far_side == FarSide::at(["api.rates.example"]))
            .count();
        (external, read.open_doors_after.len())
    };
    assert_eq!(counts("{enabled: false}"), (1, 0));
    assert_eq!(counts("{enabled: true}"), (0, 0));
    assert_eq!(
        counts("{enabled: true, verification: {mode: SkipAll}}"),
        (0, 1)
    );
}

#[test]
fn a_proxy_outside_kubernetes_is_a_workload_of_its_zone() {
    let text = "type: Dataplane\nmesh: default\nname: web-1\nnetworking:\n  address: 10.0.0.1\n  inbound:\n  - port: 80\n    tags: \
                {kuma.io/service: web, kuma.io/zone: z1}\n";
    let read = with(Some(2), text);
    let nodes: Vec<&str> = read
        .after
        .nodes
        .iter()
        .filter_map(|node| node.name.as_deref())
        .collect();
    assert_eq!(nodes, ["z1", "web-1"]);
    assert!(
        statements(&read, Topic::Encryption)
            .iter()
            .any(|line| line.starts_with("z1/-/dataplane/web-1: "))
    );
}
