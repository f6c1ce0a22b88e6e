//! What is compared with what: where a change set starts, which repositories there are, and which settings hold.

use std::path::Path;

use serde_json::{Value, json};

use crate::command_line::{holds, the_error};
use crate::common::{Run, TestRepository, perimeter, run};

pub(crate) const NETWORK: &str = r#"
resource "aws_vpc" "prod" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "prod" }
}
resource "aws_vpc" "lab" {
  cidr_block = "10.9.0.0/16"
  tags       = { Name = "lab" }
}
"#;

pub(crate) const PEERING: &str = r#"
resource "aws_vpc_peering_connection" "lab" {
  vpc_id      = aws_vpc.prod.id
  peer_vpc_id = aws_vpc.lab.id
  auto_accept = true
}
"#;

pub(crate) const CARVE_OUT: &str = "# ZFN-3 carve-out: calls stay inside VPC prod; the metrics are public, and each call is signed\nURL = 'http://metrics'\n";

/// `main` with a network and a carve-out; the branch `change`, which is checked out, peers that network.
pub(crate) fn peered() -> TestRepository {
    let repository = TestRepository::new();
    repository.write("network.tf", NETWORK);
    repository.write("services/metrics.py", CARVE_OUT);
    repository.commit("before");
    branch(&repository, "change");
    repository.write("peering.tf", PEERING);
    repository.commit("peer prod with the lab");
    repository
}

pub(crate) fn branch(repository: &TestRepository, name: &str) {
    let git = repository.git();
    let head = git.head().unwrap().peel_to_commit().unwrap();
    git.branch(name, &head, true).unwrap();
    switch(repository, name);
}

pub(crate) fn switch(repository: &TestRepository, name: &str) {
    let git = repository.git();
    git.set_head(&format!("refs/heads/{name}")).unwrap();
    let mut how = git2::build::CheckoutBuilder::new();
    git.checkout_head(Some(how.force().remove_untracked(true)))
        .unwrap();
}

fn check(directory: &Path, arguments: &[&str]) -> Run {
    let mut command = perimeter();
    command.current_dir(directory).arg("check").args(arguments);
    run(&mut command)
}

pub(crate) fn report(directory: &Path, arguments: &[&str]) -> Value {
    let outcome = check(directory, &[&["--format", "json"], arguments].concat());
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}", outcome.stderr))
}

/// Repository, path and status of every carve-out.
pub(crate) fn statuses(report: &Value) -> Vec<String> {
    let carve_outs = report["carve_outs"].as_array().unwrap().iter();
    carve_outs
        .map(|one| {
            let word = |name: &str| one[name].as_str().unwrap();
            format!("{} {} {}", word("repository"), word("path"), word("status"))
        })
        .collect()
}

pub(crate) fn kinds(report: &Value) -> Vec<&str> {
    let notices = report["notices"].as_array().unwrap().iter();
    notices.map(|one| one["kind"].as_str().unwrap()).collect()
}

#[test]
fn what_has_come_to_the_base_since_is_none_of_the_change_set_unless_exactly_that_is_asked_for() {
    let repository = peered();
    switch(&repository, "main");
    repository.write(
        "services/metrics.py",
        &CARVE_OUT.replace("signed", "signed by whoever makes it"),
    );
    let new = "# ZFN-3 carve-out: only over loopback; nobody else is on the host\nCACHE = 'redis://127.0.0.1'\n";
    repository.write("services/new.py", new);
    repository.commit("main moves on");
    switch(&repository, "change");
    let left = report(repository.path(), &["--base", "main"]);
    assert_eq!(
        statuses(&left),
        ["platform services/metrics.py must_rejustify"]
    );
    let inputs = left["inputs"].to_string();
    assert!(
        inputs.contains("(merge base with main) to work tree"),
        "{inputs}"
    );
    let exactly = report(repository.path(), &["--base", "main", "--exact-base"]);
    assert_eq!(
        statuses(&exactly),
        [
            "platform services/metrics.py rejustified",
            "platform services/new.py removed"
        ]
    );
    let table = check(repository.path(), &["--base", "main"]).stdout;
    let second = table.lines().nth(1).unwrap();
    assert!(
        second.starts_with("compared: repository platform: "),
        "{second}"
    );
    assert!(second.contains("(merge base with main)"), "{second}");
    assert_eq!(check(repository.path(), &["--exact-base"]).code, 2);
}

#[test]
fn a_clone_of_one_branch_is_not_compared_with_itself() {
    let repository = peered();
    let git = repository.git();
    let head = git.head().unwrap().target().unwrap();
    let mut main = git.find_reference("refs/heads/main").unwrap();
    let fork = main.target().unwrap();
    main.delete().unwrap();
    git.reference("refs/remotes/origin/change", head, true, "")
        .unwrap();
    let mut config = git.config().unwrap();
    let narrowed = "+refs/heads/change:refs/remotes/origin/change";
    config.set_str("remote.origin.fetch", narrowed).unwrap();
    holds(
        &the_error(&check(repository.path(), &[])),
        &["the branch `change` alone", "git fetch", "--base REV"],
    );
    git.reference("refs/remotes/origin/main", fork, true, "")
        .unwrap();
    assert_eq!(check(repository.path(), &[]).code, 10);
}

#[test]
fn a_repository_given_twice_is_one_and_two_of_one_name_are_two() {
    let repository = peered();
    let path = repository.path();
    let expected = ["platform services/metrics.py must_rejustify"];
    for twice in [".", "services"] {
        let told = report(path, &["--base", "main", "--repo", ".", "--repo", twice]);
        assert_eq!(statuses(&told), expected, "{twice}");
        assert!(kinds(&told).contains(&"repository-given-twice"), "{twice}");
    }
    // Another clone of what is published at the same address.
    let clone = peered();
    let there = clone.path().to_str().unwrap();
    let told = report(path, &["--base", "main", "--repo", ".", "--repo", there]);
    assert_eq!(statuses(&told), expected);

    let other = peered();
    let address = "https://git.example/other/platform.git";
    other.git().remote_set_url("origin", address).unwrap();
    let there = other.path().to_str().unwrap();
    let told = report(path, &["--base", "main", "--repo", ".", "--repo", there]);
    assert_eq!(
        statuses(&told),
        [
            "git.example/acme/platform services/metrics.py must_rejustify",
            "git.example/other/platform services/metrics.py must_rejustify"
        ]
    );
    assert!(!kinds(&told).contains(&"repository-given-twice"));
    let causes = &told["changes"][0]["causes"];
    assert_eq!(causes[0]["file"], "git.example/acme/platform/peering.tf");
    let inputs = told["inputs"].to_string();
    assert!(
        inputs.contains("repository git.example/other/platform at "),
        "{inputs}"
    );
}

/// A Deployment with a carve-out that names its cluster.
fn deployment(cluster: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ name: limits, namespace: shop }}\nspec:\n  # ZFN-3 carve-out: never leaves \
         cluster {cluster}; counters only, and each caller shows a token.\n  template: {{ spec: {{ containers: [{{ name: limits }}] }} }}\n"
    )
}

#[test]
fn the_clusters_of_a_second_repository_hold_for_its_own_files() {
    let first = peered();
    let second = TestRepository::new();
    for cluster in ["blue", "green"] {
        let path = format!("deploy/{cluster}/limits.yaml");
        second.write(&path, &deployment(cluster));
    }
    let clusters = "clusters:\n- { name: blue, runs_in: aws_vpc.prod, manifests: ['deploy/blue/**'] }\n\
                    - { name: green, runs_in: aws_vpc.other, manifests: ['deploy/green/**'] }\n";
    second.write("perimeter.yaml", clusters);
    second.commit("clusters");
    second
        .git()
        .remote_set_url("origin", "https://git.example/acme/deploy.git")
        .unwrap();
    let there = second.path().to_str().unwrap();
    let told = report(
        first.path(),
        &["--base", "main", "--repo", ".", "--repo", there],
    );
    assert_eq!(
        statuses(&told),
        [
            "deploy deploy/blue/limits.yaml must_rejustify",
            "deploy deploy/green/limits.yaml unaffected",
            "platform services/metrics.py must_rejustify"
        ]
    );
    // What they say of networks that are not here is no error of the first repository, and is told.
    assert!(kinds(&told).contains(&"cluster-network-not-seen"));
    second.write("perimeter.yaml", "clusters: [{ name: [] }]\n");
    let told = report(
        first.path(),
        &["--base", "main", "--repo", ".", "--repo", there],
    );
    assert!(kinds(&told).contains(&"settings-not-read"));
}

#[test]
fn what_a_plan_does_with_a_cluster_falls_on_what_is_inside_it() {
    let repository = TestRepository::new();
    for cluster in ["blue", "green"] {
        let path = format!("deploy/{cluster}/limits.yaml");
        repository.write(&path, &deployment(cluster));
    }
    let clusters = "clusters:\n- { name: blue, runs_in: aws_eks_cluster.blue, manifests: ['deploy/blue/**'] }\n\
                    - { name: green, manifests: ['deploy/green/**'] }\n";
    repository.write("perimeter.yaml", clusters);
    repository.commit("clusters");
    let subnet = json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24" });
    let cluster = |name: &str| json!({ "id": name, "name": name, "vpc_config": [{ "subnet_ids": ["subnet-1"], "endpoint_public_access": false }] });
    let resource = |address: &str, actions: &[&str], before: Value, after: Value| {
        let (kind, name) = address.split_once('.').unwrap();
        let change =
            json!({ "actions": actions, "before": before, "after": after, "after_unknown": {} });
        json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws", "change": change,
        })
    };
    let after = |actions: &[&str], is_left: bool| {
        let vpc = json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16", "tags": { "Name": "prod" } });
        let blue = is_left.then(|| cluster("blue"));
        let plan = json!({
            "format_version": "1.2", "terraform_version": "1.11.4", "configuration": { "root_module": {} },
            "resource_changes": [
                resource("aws_vpc.prod", &["no-op"], vpc.clone(), vpc),
                resource("aws_subnet.nodes", &["no-op"], subnet.clone(), subnet.clone()),
                resource("aws_eks_cluster.blue", actions, cluster("blue"), json!(blue)),
                resource("aws_eks_cluster.green", &["no-op"], cluster("green"), cluster("green")),
            ],
        });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("plan.json");
        std::fs::write(&file, plan.to_string()).unwrap();
        let file = file.to_str().unwrap();
        let told = report(repository.path(), &["--plan", file, "--base", "HEAD"]);
        let changes = told["changes"].as_array().unwrap().iter();
        let changes = changes.map(|one| one["summary"].as_str().unwrap().to_owned());
        [changes.collect(), statuses(&told)].concat()
    };
    assert_eq!(
        after(&["delete"], false),
        [
            "cluster blue destroyed",
            "platform deploy/blue/limits.yaml broken",
            "platform deploy/green/limits.yaml unaffected"
        ]
    );
    assert_eq!(
        after(&["delete", "create"], true),
        [
            "cluster blue destroyed and created anew",
            "platform deploy/blue/limits.yaml must_rejustify",
            "platform deploy/green/limits.yaml unaffected"
        ]
    );
    let unaffected = [
        "platform deploy/blue/limits.yaml unaffected",
        "platform deploy/green/limits.yaml unaffected",
    ];
    assert_eq!(after(&["update"], true), unaffected);
    assert_eq!(after(&["forget"], false), unaffected);
}

#[test]
fn what_decides_what_counts_is_as_at_base_unless_the_command_line_names_the_settings() {
    let repository = peered();
    let path = repository.path();
    let expected = ["platform services/metrics.py must_rejustify"];
    for loosened in [
        "sources: { ignore: ['services/**'] }",
        "policy: { categories: { peering: report } }",
        "marker: 'ZFN-9 carve-out:'",
    ] {
        repository.write("perimeter.yaml", loosened);
        let told = report(path, &["--base", "main"]);
        assert_eq!(statuses(&told), expected, "{loosened}");
        assert!(kinds(&told).contains(&"settings-from-base"), "{loosened}");
        let named = report(path, &["--base", "main", "--config", "perimeter.yaml"]);
        assert_ne!(statuses(&named), expected, "{loosened}");
        assert!(!kinds(&named).contains(&"settings-from-base"), "{loosened}");
    }
    std::fs::remove_file(path.join("perimeter.yaml")).unwrap();
    repository.write("perimeter.yml", "marker: 'ZFN-9 carve-out:'");
    let told = report(path, &["--base", "main"]);
    assert_eq!(statuses(&told), expected);
    assert!(kinds(&told).contains(&"settings-not-read"));
}

#[test]
fn a_file_that_cannot_be_read_any_more_does_not_lose_its_carve_outs() {
    let repository = peered();
    repository.write("services/metrics.py", &format!("{CARVE_OUT}\0\0\0"));
    let told = report(repository.path(), &["--base", "main"]);
    assert_eq!(
        statuses(&told),
        ["platform services/metrics.py must_rejustify"]
    );
    assert!(kinds(&told).contains(&"unreadable-now"));
    repository.write("services/metrics.py", "URL = 'https://metrics'\n");
    let told = report(repository.path(), &["--base", "main"]);
    assert_eq!(statuses(&told), ["platform services/metrics.py removed"]);
}
