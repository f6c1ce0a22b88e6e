#![allow(clippy::unwrap_used)]
use crate::graph::fragment::{FarSide, Topic};

use super::super::testing::{between, reading, statements, subjects};
use super::super::yaml::{Node, documents};

fn policy(namespace: &str, name: &str, spec: &str) -> String {
    format!(
        "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
         spec: {spec}\n---\n"
    )
}

fn workload(name: &str, port: u16) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: foo}}\nspec:\n  template:\n    \
         metadata: {{labels: {{app: {name}}}}}\n    spec: {{containers: [{{ports: [{{containerPort: {port}}}]}}]}}\n---\n"
    )
}

/// The modes in effect, of workload `a` in namespace `foo` and of its ports, and of the namespace.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let reading = reading(&(workload("a", 9090) + text));
    let mut modes: Vec<String> = statements(&reading, Topic::Encryption)
        .into_iter()
        .filter(|line| line.contains("inbound"))
        .map(|line| {
            line.replace("-/foo/deployment/a", "a")
                .replace("-/foo", "foo")
                .replace("inbound traffic", "takes")
        })
        .filter(|line| line.starts_with("a:") || line.starts_with("foo:") || line.starts_with("-:"))
        .collect();
    modes.sort();
    assert_eq!(modes, expected);
}

const ROOT: &str = "istio-system";

#[test]
fn without_a_policy_both_are_taken() {
    let nothing = policy("bar", "elsewhere", "{mtls: {mode: STRICT}}");
    check(
        &nothing,
        &[
            "-: takes = plaintext beside mTLS",
            "a: takes = plaintext beside mTLS",
            "foo: takes = plaintext beside mTLS",
        ],
    );
}

#[test]
fn the_nearest_policy_that_says_something_decides() {
    let mesh = policy(ROOT, "default", "{mtls: {mode: STRICT}}");
    let unset = policy("foo", "default", "{mtls: {mode: UNSET}}");
    let own = policy(
        "foo",
        "a",
        "{selector: {matchLabels: {app: a}}, mtls: {mode: PERMISSIVE}}",
    );
    check(
        &(mesh.clone() + &unset),
        &[
            "-: takes = mTLS only",
            "a: takes = mTLS only",
            "foo: takes = mTLS only",
        ],
    );
    check(
        &(mesh + &unset + &own),
        &[
            "-: takes = mTLS only",
            "a: takes = plaintext beside mTLS",
            "foo: takes = mTLS only",
            "foo: takes of workload a = plaintext beside mTLS",
        ],
    );
}

#[test]
fn a_port_of_a_policy_that_leaves_the_mode_open_has_its_own() {
    let mesh = policy(ROOT, "default", "{mtls: {mode: STRICT}}");
    let own = "{selector: {matchLabels: {app: a}}, portLevelMtls: {9090: {mode: PERMISSIVE}, 8080: {mode: STRICT}}}";
    check(
        &(mesh + &policy("foo", "a", own)),
        &[
            "-: takes = mTLS only",
            "a: takes = mTLS only",
            "a: takes of port 9090 = plaintext beside mTLS",
            "foo: takes = mTLS only",
            "foo: takes of workload a of port 9090 = plaintext beside mTLS",
        ],
    );
}

#[test]
fn an_empty_selector_selects_all_and_a_selector_in_the_root_namespace_nothing() {
    let strict = policy(
        "foo",
        "all",
        "{selector: {matchLabels: {}}, mtls: {mode: STRICT}}",
    );
    let dead = policy(
        ROOT,
        "dead",
        "{selector: {matchLabels: {app: a}}, mtls: {mode: DISABLE}}",
    );
    let text = strict + &dead;
    check(
        &text,
        &[
            "-: takes = plaintext beside mTLS",
            "a: takes = mTLS only",
            "foo: takes = mTLS only",
        ],
    );
    assert_eq!(
        subjects(&reading(&text), "policy-without-effect"),
        ["PeerAuthentication/istio-system/dead"]
    );
}

#[test]
fn two_policies_of_one_level_both_count() {
    let two = policy("foo", "one", "{mtls: {mode: STRICT}}")
        + &policy("foo", "two", "{mtls: {mode: DISABLE}}");
    check(
        &two,
        &[
            "-: takes = plaintext beside mTLS",
            "a: takes = mTLS only or plaintext only",
            "foo: takes = mTLS only or plaintext only",
        ],
    );
}

#[test]
fn the_root_namespace_is_the_one_that_the_mesh_configuration_names() {
    let text = policy("security", "default", "{mtls: {mode: STRICT}}")
        + "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    \
           rootNamespace: security\n";
    check(
        &text,
        &[
            "-: takes = mTLS only",
            "a: takes = mTLS only",
            "foo: takes = mTLS only",
        ],
    );
}

#[test]
fn a_policy_that_is_only_tried_out_keeps_nobody_out() {
    let policy = |dry_run: &str| {
        format!(
            "{}apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: a\n  namespace: foo\n  \
             annotations: {{istio.io/dry-run: \"{dry_run}\"}}\nspec:\n  rules: [{{from: [{{source: {{principals: [\"*\"]}}}}]}}]\n",
            workload("a", 9090)
        )
    };
    let callers = |dry_run: &str| {
        let lines = statements(&reading(&policy(dry_run)), Topic::Authentication);
        let of_it = lines.iter().find(|line| line.starts_with("-/foo: callers"));
        of_it.map(|line| line.rsplit(" = ").next().unwrap().to_owned())
    };
    assert_eq!(callers("false").as_deref(), Some("identity"));
    assert_ne!(callers("true").as_deref(), Some("identity"));
}

#[test]
fn a_policy_for_an_identity_proves_what_plaintext_does_not() {
    let policy = |rules: &str| {
        format!(
            "{}apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: a, namespace: foo}}\nspec:\n  \
             rules: {rules}\n",
            workload("a", 9090)
        )
    };
    let callers = |rules: &str| {
        let lines = statements(&reading(&policy(rules)), Topic::Authentication);
        let of_it = lines.iter().find(|line| line.starts_with("-/foo: callers"));
        of_it.unwrap().rsplit(" = ").next().unwrap().to_owned()
    };
    assert_eq!(
        callers("[{from: [{source: {principals: [\"*\"]}}]}]"),
        "identity"
    );
    assert_eq!(
        callers("[{from: [{source: {requestPrincipals: [\"*\"]}}]}]"),
        "token"
    );
    assert_eq!(
        callers("[{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]"),
        "nothing"
    );
    assert_eq!(callers("[{}]"), "nothing");
    let either =
        "[{from: [{source: {principals: [\"*\"]}}]}, {to: [{operation: {paths: [/health]}}]}]";
    assert_eq!(callers(either), "nothing");
}

#[test]
fn every_half_of_a_mesh_is_kept_and_said() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  namespace: istio-system\n  \
                  labels: {istio/multiCluster: \"true\"}\n  annotations: {networking.istio.io/cluster: west}\n---\n";
    let reading = reading(&(secret.to_owned() + &policy(ROOT, "default", "{}")));
    assert_eq!(reading.after.links.len(), 1);
    assert_eq!(
        subjects(&reading, "mesh-peer-not-seen"),
        ["Secret/istio-system/s"]
    );
    let plain = secret.replace("istio/multiCluster", "other");
    assert!(
        super::super::testing::reading(&plain)
            .after
            .links
            .is_empty()
    );
}

#[test]
fn a_cluster_without_istio_has_no_modes() {
    let reading = reading(&workload("a", 80));
    assert!(statements(&reading, Topic::Encryption).is_empty());
    let used = between(
        &workload("a", 80),
        &(workload("a", 80) + &policy(ROOT, "default", "{}")),
    );
    assert!(!used.before.statements.is_empty());
}

#[test]
fn a_host_is_external_unless_the_entry_says_otherwise_and_http_to_it_is_a_site() {
    let entry = |more: &str| {
        format!(
            "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {{name: v, namespace: foo}}\nspec:\n  \
             hosts: [api.vendor.com]\n  ports: [{{number: 80, protocol: HTTP}}]\n{more}"
        )
    };
    let external = |more: &str| {
        let sites = reading(&entry(more)).sites_after;
        sites
            .iter()
            .map(|site| site.far_side.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(external(""), [FarSide::at(["api.vendor.com"])]);
    assert_eq!(
        external("  addresses: [10.1.2.3]\n"),
        [FarSide::at(["10.1.2.3"])]
    );
    assert_eq!(external("  location: MESH_INTERNAL\n"), []);
    let rule = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: v, namespace: foo}\nspec:\n  \
                host: api.vendor.com\n  trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}\n";
    assert_eq!(external(rule), []);
}

/// Whether a port takes nothing without an identity, by what Istio's controller computes: any group turns a caller away whose
/// rules all match, a rule matches by any of its matches. `tests/fixtures/peer-authentication` tells where that comes from.
fn turns_away(computed: &Node, port: &str) -> bool {
    let list = |node: &Node, key: &str| node.get(key).map(Node::items).unwrap_or_default().to_vec();
    let matches = |one: &Node| {
        let ports = |key: &str| one.get(key).map(Node::texts);
        ports("destinationPorts").is_none_or(|ports| ports.contains(&port))
            && ports("notDestinationPorts").is_none_or(|ports| !ports.contains(&port))
    };
    list(computed, "groups").iter().any(|group| {
        let rules = list(group, "rules");
        rules
            .iter()
            .all(|rule| list(rule, "matches").iter().any(matches))
    })
}

#[test]
fn modes_are_those_that_istio_computes_itself() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/peer-authentication");
    let mut checked = 0;
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    files.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
    for entry in files {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix("-in.yaml") else {
            continue;
        };
        let text = std::fs::read_to_string(folder.join(&name)).unwrap();
        let computed = std::fs::read_to_string(folder.join(format!("{stem}.yaml")));
        let computed = documents(&computed.unwrap_or_default()).0;
        let mut own = workload("a", 7070);
        if !text.contains("namespace: foo") {
            own = own.replace(", namespace: foo", "");
        }
        let reading = reading(&(own + &text));
        let stated = statements(&reading, Topic::Encryption);
        for port in ["7070", "8080", "9090"] {
            let told = |about: String| {
                let mut lines = stated.iter();
                let line =
                    lines.find(|line| line.contains("/deployment/a: ") && line.contains(&about))?;
                line.rsplit(" = ").next()
            };
            let mode = told(format!("inbound traffic of port {port} ="))
                .or_else(|| told("inbound traffic =".to_owned()))
                .unwrap();
            let is_strict = computed.iter().any(|computed| turns_away(computed, port));
            assert_eq!(
                mode == "mTLS only",
                is_strict,
                "{stem}, port {port}: {mode}"
            );
        }
        checked += 1;
    }
    assert_eq!(checked, 15);
}

#[test]
fn a_namespace_that_comes_into_view_had_all_along_what_the_mesh_has() {
    let namespace = |label: &str| {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: argocd, labels: {{istio-injection: {label}}}}}\n---\n"
        )
    };
    let mesh = policy(ROOT, "default", "{mtls: {mode: STRICT}}");
    let of_it = |reading: &crate::sources::manifests::Reading| {
        let sides = [&reading.before, &reading.after];
        sides.map(|side| {
            let stated = side
                .statements
                .iter()
                .filter(|one| format!("{:?}", one.of).contains("/argocd\""));
            stated
                .map(|one| format!("{} = {}", one.about, one.value))
                .collect::<Vec<_>>()
        })
    };
    let [before, after] = of_it(&between(&mesh, &(mesh.clone() + &namespace("enabled"))));
    assert!(!after.is_empty());
    assert_eq!(before, after);
    let own = policy("argocd", "default", "{mtls: {mode: PERMISSIVE}}");
    let [before, after] = of_it(&between(&mesh, &(mesh.clone() + &own)));
    assert_ne!(before, after);
    // What was in view and is described now may have changed.
    let seen = workload("server", 80).replace("namespace: foo", "namespace: argocd");
    let with = seen.clone() + &mesh;
    let [before, after] = of_it(&between(
        &with,
        &(with.clone() + "---\n" + &namespace("disabled")),
    ));
    assert_ne!(before, after);
}

#[test]
fn a_rule_for_some_clients_is_a_fact_of_those() {
    let rule = |more: &str| {
        format!(
            "{}{}apiVersion: v1\nkind: Namespace\nmetadata: {{name: bar}}\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\n\
             metadata: {{name: all, namespace: foo}}\nspec: {{host: '*.local', trafficPolicy: {{tls: {{mode: DISABLE}}}}{more}}}\n",
            workload("a", 80),
            workload("b", 80)
        )
    };
    let of_it = |more: &str| -> Vec<String> {
        let stated = statements(&reading(&rule(more)), Topic::Encryption);
        let called = stated
            .iter()
            .filter(|line| line.contains("calls to *.local"));
        called
            .map(|line| line.split(':').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(of_it(""), ["-/bar", "-/foo", "-"]);
    assert_eq!(of_it(", exportTo: ['.']"), ["-/foo"]);
    assert_eq!(of_it(", exportTo: ['.', bar, nowhere]"), ["-/bar", "-/foo"]);
    assert_eq!(
        of_it(", workloadSelector: {matchLabels: {app: a}}"),
        ["-/foo/deployment/a", "-/foo"]
    );
}
