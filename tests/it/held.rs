//! What a change set may not decide for itself: which of its files count, what names mean, which types matter. Beside each
//! cheat stands an honest edit of the same place, on which nothing falls.

use std::path::Path;

use serde_json::Value;

use crate::change_set::{CARVE_OUT, NETWORK, PEERING, branch, kinds, report, statuses};
use crate::common::{TestRepository, perimeter, run};

const FALLS: &str = "platform services/metrics.py must_rejustify";

/// `main` with these files beside a network and a carve-out; the branch `change`, which is checked out, without a change.
pub(crate) fn with(files: &[(&str, &str)]) -> TestRepository {
    let repository = TestRepository::new();
    repository.write("network.tf", NETWORK);
    repository.write("services/metrics.py", CARVE_OUT);
    for (path, text) in files {
        repository.write(path, text);
    }
    repository.commit("before");
    branch(&repository, "change");
    repository
}

/// What a check says of the branch with these files, and then of the same with a peering of the network.
fn without_and_with_a_peering(repository: &TestRepository, files: &[(&str, &str)]) -> [Value; 2] {
    for (path, text) in files {
        repository.write(path, text);
    }
    let quiet = report(repository.path(), &["--base", "main"]);
    repository.write("peering.tf", PEERING);
    [quiet, report(repository.path(), &["--base", "main"])]
}

pub(crate) fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|one| one["rule"].as_str().unwrap()).collect()
}

#[test]
fn names_of_a_change_set_add_to_what_guarantees_name_and_take_nothing_over() {
    let elsewhere = NETWORK
        .replace("\"lab\"", "\"lonely\"")
        .replace("\"prod\"", "\"x\"");
    let lonely = [("other/network.tf", elsewhere.as_str())];
    for settings in [
        "aliases: { 'VPC prod': aws_vpc.lonely }",
        "aliases: { 'calls stay inside VPC prod': aws_vpc.lonely }",
        "sites: [ { name: VPC prod, networks: [aws_vpc.lonely] } ]",
        "domains: [ { name: VPC prod, networks: [aws_vpc.lonely] } ]",
        "clusters: [ { name: VPC prod, runs_in: aws_vpc.lonely } ]",
    ] {
        let repository = with(&lonely);
        let files = [("perimeter.yaml", settings)];
        let [quiet, peered] = without_and_with_a_peering(&repository, &files);
        assert_eq!(quiet["verdict"], "clear", "{settings}");
        assert_eq!(
            quiet["notices"].as_array().unwrap().len(),
            0,
            "{settings}: {quiet}"
        );
        assert_eq!(statuses(&peered), [FALLS], "{settings}");
    }
    // A network that is called like the words is no other than a name, whoever made it and when.
    let decoy = "resource \"aws_vpc\" \"d\" {\n  tags = { Name = \"VPC prod\" }\n}\n";
    for (at_base, at_head) in [("", decoy), (decoy, decoy)] {
        let repository = with(&[("decoy.tf", at_base)]);
        let [_, peered] = without_and_with_a_peering(&repository, &[("decoy.tf", at_head)]);
        assert_eq!(statuses(&peered), [FALLS]);
    }
}

#[test]
fn an_alias_or_binding_that_is_redirected_or_new_holds_from_the_merge_on() {
    let words = CARVE_OUT.replace("VPC prod", "the usual place");
    let alias = |to: &str| format!("aliases: {{ the usual place: aws_vpc.{to} }}");
    let binding =
        |to: &str| format!("bindings: [ {{ paths: ['services/**'], rests_on: [aws_vpc.{to}] }} ]");
    let lonely = "resource \"aws_vpc\" \"lonely\" {\n}\n";
    let tell = |before: Option<&str>, after: &str| {
        let mut files = vec![
            ("services/metrics.py", words.as_str()),
            ("lonely.tf", lonely),
        ];
        files.extend(before.map(|text| ("perimeter.yaml", text)));
        let repository = with(&files);
        let [quiet, peered] = without_and_with_a_peering(&repository, &[("perimeter.yaml", after)]);
        assert_eq!(quiet["verdict"], "clear", "{after}");
        statuses(&peered)
    };
    for setting in [&alias as &dyn Fn(&str) -> String, &binding] {
        assert_eq!(tell(Some(&setting("prod")), &setting("lonely")), [FALLS]);
        let unanchored = ["platform services/metrics.py unanchored"];
        assert_eq!(tell(None, &setting("lonely")), unanchored);
        // What both say holds, and what the change does not touch stands.
        let both = format!("{}\npolicy: {{ max_age: 90d }}", setting("lonely"));
        let unaffected = ["platform services/metrics.py unaffected"];
        assert_eq!(tell(Some(&setting("lonely")), &both), unaffected);
    }
}

#[test]
fn what_is_read_is_what_base_and_head_read_together() {
    let plan = r#"{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{"root_module":{}},"resource_changes":[],"configuration":{"root_module":{}}}"#;
    let fake = [
        ("perimeter.yaml", "sources: { plans: [plan.json] }"),
        ("plan.json", plan),
    ];
    let [_, peered] = without_and_with_a_peering(&with(&[]), &fake);
    assert_eq!(statuses(&peered), [FALLS]);
    assert!(kinds(&peered).contains(&"settings-from-base"));
    let [quiet, peered] = without_and_with_a_peering(
        &with(&[]),
        &[("perimeter.yaml", "sources: { roots: [elsewhere] }")],
    );
    assert_eq!(quiet["verdict"], "clear");
    assert_eq!(statuses(&peered), [FALLS]);
    let both = with(&[
        ("perimeter.yaml", "sources: { roots: ['', other] }"),
        ("other/x.tf", ""),
    ]);
    let narrowed = [("perimeter.yaml", "sources: { roots: [other] }")];
    let [quiet, peered] = without_and_with_a_peering(&both, &narrowed);
    assert_eq!(quiet["verdict"], "clear");
    assert_eq!(statuses(&peered), [FALLS]);
}

#[test]
fn a_plan_that_git_tracks_shows_nothing_of_a_change_set_and_one_that_ci_makes_does() {
    let plan = r#"{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{"root_module":{}},"resource_changes":[],"configuration":{"root_module":{}}}"#;
    let settings = ("perimeter.yaml", "sources: { plans: [plan.json] }");
    let tracked = with(&[settings, ("plan.json", plan)]);
    let [quiet, peered] = without_and_with_a_peering(&tracked, &[("notes.md", "x")]);
    assert_eq!(quiet["verdict"], "clear");
    assert_eq!(
        (&peered["verdict"], rules(&peered)),
        (&"blocked".into(), vec!["unread-source"])
    );
    let given = report(tracked.path(), &["--base", "main", "--plan", "plan.json"]);
    assert_eq!(given["verdict"], "clear");
    assert!(kinds(&given).contains(&"plan-in-repository"));
    let made = with(&[settings, (".gitignore", "plan.json\n")]);
    let [_, peered] = without_and_with_a_peering(&made, &[("plan.json", plan)]);
    assert_eq!(peered["verdict"], "clear");
    assert!(!kinds(&peered).contains(&"plan-in-repository"));
}

const STRICT: &str = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec: { mtls: { mode: STRICT } }\n";

#[test]
fn manifests_that_base_or_head_looks_at_are_looked_at() {
    let permissive = STRICT.replace("STRICT", "PERMISSIVE");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio-injection: enabled } }\n";
    let cluster = |globs: &str| format!("clusters: [ {{ name: shop, manifests: [{globs}] }} ]");
    let found = |before: Option<&str>, after: &str, mesh: &str| {
        let mut files = vec![
            ("deploy/mesh.yaml", STRICT),
            ("deploy/shop.yaml", namespace),
        ];
        files.extend(before.map(|text| ("perimeter.yaml", text)));
        let repository = with(&files);
        repository.write("perimeter.yaml", after);
        repository.write("deploy/mesh.yaml", mesh);
        let told = report(repository.path(), &["--base", "main"]);
        rules(&told)
            .into_iter()
            .any(|rule| rule == "unmarked-plaintext")
    };
    let [all, less] = ["'deploy/**'", "deploy/shop.yaml"].map(cluster);
    let narrow = "sources: { mesh: [deploy/shop.yaml] }";
    for (before, after) in [
        (Some(all.as_str()), less.as_str()),
        (Some("policy: {}"), narrow),
        (None, narrow),
        (Some(all.as_str()), "policy: {}"),
    ] {
        assert!(found(before, after, &permissive), "{before:?} {after}");
        assert!(!found(before, after, STRICT), "{before:?} {after}");
    }
}

#[test]
fn rules_of_the_organisation_that_a_change_set_drops_hold_for_it() {
    let settings = "high_trust: [ { name: keys, paths: ['services/**'] } ]\n\
                    sites: [ { name: oslo, networks: [aws_vpc.prod] }, { name: bergen, networks: [aws_vpc.lab] } ]\n\
                    domains: [ { name: a, networks: [aws_vpc.prod] }, { name: b, networks: [aws_vpc.lab] } ]\n";
    let repository = with(&[("perimeter.yaml", settings)]);
    let [quiet, peered] =
        without_and_with_a_peering(&repository, &[("perimeter.yaml", "policy: {}")]);
    assert_eq!(
        (&quiet["verdict"], rules(&quiet)),
        (&"clear".into(), vec![])
    );
    let found = rules(&peered);
    for rule in ["gateway-bypass", "high-trust-carve-out"] {
        assert!(found.contains(&rule), "{rule}: {found:?}");
    }
    // What is added there is found by what base says, and what was there before is told by nobody anew.
    let repository = with(&[("perimeter.yaml", settings)]);
    let added = CARVE_OUT.replace("metrics", "keys");
    let dropped = [
        ("perimeter.yaml", "policy: {}"),
        ("services/keys.py", &*added),
    ];
    let [quiet, _] = without_and_with_a_peering(&repository, &dropped);
    assert_eq!(rules(&quiet), ["high-trust-carve-out"]);
}

#[test]
fn providers_files_of_the_repository_are_those_of_base_and_what_takes_out_a_modelled_type_is_told()
{
    let hides = "provider: aws\ntype_prefix: aws_\ntypes:\n- type: aws_vpc_peering_connection\n  irrelevant: All ours are fine\n";
    let other = "provider: toy\ntype_prefix: toy_\ntypes:\n- type: toy_tunnel\n  irrelevant: All end inside\n";
    let arguments = ["--base", "main", "--providers", "types"];
    for before in [&[("types/.keep", "")][..], &[("types/own.yaml", other)]] {
        let repository = with(before);
        repository.write("types/own.yaml", hides);
        repository.write("peering.tf", PEERING);
        repository.commit("peer, and say that peerings are nothing");
        let told = report(repository.path(), &arguments);
        assert_eq!(statuses(&told), [FALLS]);
        assert!(kinds(&told).contains(&"settings-from-base"));
    }
    let repository = with(&[("types/own.yaml", hides)]);
    repository.write("peering.tf", PEERING);
    let told = report(repository.path(), &arguments);
    assert_eq!(told["verdict"], "clear");
    assert!(kinds(&told).contains(&"provider-overrides-built-in"));
    let repository = with(&[("types/own.yaml", other)]);
    repository.write("notes.md", "x");
    assert_eq!(
        report(repository.path(), &arguments)["notices"],
        Value::Array(vec![])
    );
}

#[test]
fn a_marker_of_ones_own_does_not_hide_the_carve_outs_of_other_repositories() {
    let other = TestRepository::new();
    other.write("services/metrics.py", CARVE_OUT);
    other.commit("uses the network");
    let address = "https://git.example/acme/metrics.git";
    other.git().remote_set_url("origin", address).unwrap();
    let there = other.path().to_str().unwrap();
    let network = TestRepository::new();
    network.write("network.tf", NETWORK);
    network.commit("before");
    branch(&network, "change");
    network.write("peering.tf", PEERING);
    network.write("perimeter.yaml", "marker: 'NET-1 exception:'");
    let both = ["--base", "main", "--repo", ".", "--repo", there];
    let told = report(network.path(), &both);
    assert_eq!(told["verdict"], "blocked");
    assert!(kinds(&told).contains(&"settings-from-base"));
    let alone = report(network.path(), &["--base", "main"]);
    assert!(kinds(&alone).contains(&"settings-from-head"));
}

#[test]
fn settings_of_base_that_do_not_parse_give_way_to_none_and_never_to_those_of_head() {
    let repository = with(&[("perimeter.yaml", "policy: [")]);
    let loose = [(
        "perimeter.yaml",
        "policy: { categories: { peering: report } }",
    )];
    let [_, peered] = without_and_with_a_peering(&repository, &loose);
    assert_eq!(statuses(&peered), [FALLS]);
    assert!(kinds(&peered).contains(&"settings-from-base"));
}

/// Takes an object out of a clone, as one made with `--filter=blob:none` lacks it.
fn forget(repository: &TestRepository, path: &str) {
    let git = repository.git();
    let main = git.revparse_single("main").unwrap().peel_to_tree().unwrap();
    let id = main.get_path(Path::new(path)).unwrap().id().to_string();
    let (folder, name) = id.split_at(2);
    let object = git.path().join("objects").join(folder).join(name);
    std::fs::remove_file(object).unwrap();
}

#[test]
fn what_differs_and_is_not_in_the_clone_is_an_error_that_says_how_to_get_it() {
    for path in ["services/metrics.py", "perimeter.yaml"] {
        let repository = with(&[("perimeter.yaml", "policy: {}"), ("notes.md", "x")]);
        repository.write(path, "# nothing\n");
        repository.write("peering.tf", PEERING);
        repository.commit("after");
        forget(&repository, path);
        let mut command = perimeter();
        command
            .current_dir(repository.path())
            .args(["check", "--base", "main"]);
        let outcome = run(&mut command);
        assert_eq!(outcome.code, 1, "{path}: {}", outcome.stdout);
        for words in [path, "git fetch --refetch --no-filter origin"] {
            assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
        }
    }
    // What is the same on both sides tells nothing of the change set.
    let repository = with(&[("notes.md", "x")]);
    repository.write("peering.tf", PEERING);
    repository.commit("after");
    forget(&repository, "notes.md");
    assert_eq!(
        statuses(&report(repository.path(), &["--base", "main"])),
        [FALLS]
    );
}

#[test]
fn a_customer_gateway_is_outside_by_its_own_address() {
    let vpn = |address: &str| {
        format!(
            "resource \"aws_customer_gateway\" \"px\" {{\n  ip_address = \"{address}\"\n  type = \"ipsec.1\"\n}}\n\
             resource \"aws_vpn_gateway\" \"g\" {{\n  vpc_id = aws_vpc.prod.id\n}}\n\
             resource \"aws_vpn_connection\" \"v\" {{\n  customer_gateway_id = aws_customer_gateway.px.id\n  vpn_gateway_id = aws_vpn_gateway.g.id\n  type = \"ipsec.1\"\n  tags = {{ Name = \"to-px\" }}\n}}\n"
        )
    };
    let words = CARVE_OUT.replace(
        "calls stay inside VPC prod",
        "only over the VPN connection to-px",
    );
    for (address, expected) in [
        ("198.51.100.7", vec!["external-carve-out"]),
        ("203.0.113.7", vec![]),
    ] {
        let repository = with(&[
            ("vpn.tf", &vpn(address)),
            (
                "perimeter.yaml",
                "external: [ { name: px, cidrs: [198.51.100.0/24] } ]",
            ),
        ]);
        repository.write("services/rates.py", &words);
        assert_eq!(
            rules(&report(repository.path(), &["--base", "main"])),
            expected
        );
    }
}
