//! Providers files: what the tool tells of them, and that the worked example of docs/providers.md works.

use serde_json::{Value, json};

use crate::command_line::{Desk, holds, plan_of, resource, status_of, the_error, usage_error};
use crate::common::{Run, perimeter, run};
use crate::readme::{blocks, read};

/// The YAML of the document that is about the provider `toy`: the example, and the file laid over it.
fn documented() -> [String; 2] {
    let mut found = blocks(&read("docs/providers.md"), "yaml");
    found.retain(|block| block.starts_with("provider: toy\n"));
    found.try_into().unwrap()
}

/// A folder `providers` with the documented example.
fn desk_with_toy() -> Desk {
    let desk = Desk::new();
    desk.put("providers/toy.yaml", &documented()[0]);
    desk
}

/// `perimeter` in the folder, with the documented example.
fn with_toy(desk: &Desk, arguments: &[&str]) -> Run {
    let mut command = perimeter();
    command.current_dir(desk.path("."));
    run(command.args(arguments).args(["--providers", "providers"]))
}

#[track_caller]
fn succeeds(outcome: &Run) -> &str {
    assert_eq!((outcome.stderr.as_str(), outcome.code), ("", 0));
    &outcome.stdout
}

fn told(arguments: &[&str]) -> String {
    succeeds(&run(perimeter().args(arguments))).to_owned()
}

fn refused(arguments: &[&str]) -> String {
    let outcome = run(perimeter().args(arguments));
    usage_error(&outcome);
    outcome.stderr
}

fn toy_network(name: &str, zone: &str) -> (Value, Value) {
    let values =
        json!({ "id": format!("net-{name}"), "title": name, "range": "10.1.0.0/16", "zone": zone });
    resource("toy_network", name, "no-op", &values)
}

fn toy_peering(state: &str) -> (Value, Value) {
    let values = json!({
        "id": "peer-1", "network_id": "net-north", "peer_network_id": "net-south",
        "peer_zone": "b", "state": state, "bandwidth": 10,
    });
    resource("toy_peering", "both", "create", &values)
}

/// Two networks that are peered, and a third; carve-outs that rest on the first and on the third.
fn desk_with_toy_plan() -> Desk {
    let desk = desk_with_toy();
    desk.put(
        "toy.json",
        plan_of(&[
            toy_network("north", "a"),
            toy_network("south", "b"),
            toy_network("west", "a"),
            toy_peering("active"),
            resource("toy_tunnel", "out", "create", &json!({ "id": "tunnel-1" })),
        ]),
    );
    for network in ["north", "west"] {
        let marker = format!(
            "# ZFN-3 carve-out: traffic stays inside the network {network}; sums only\ntls: off\n"
        );
        desk.repository
            .write(&format!("services/{network}.yaml"), &marker);
    }
    desk.repository.commit("two services");
    desk
}

const CHECK_TOY: [&str; 6] = ["--plan", "toy.json", "--base", "HEAD", "--format", "json"];

#[test]
fn the_documented_example_adds_a_provider_without_any_code() {
    let desk = desk_with_toy_plan();
    let outcome = run(desk.command(&CHECK_TOY).args(["--providers", "providers"]));
    assert_eq!(outcome.code, 10, "{}", outcome.stderr);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let changes = report["changes"].as_array().unwrap();
    let [change] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    assert_eq!(change["category"], "peering");
    holds(
        change["summary"].as_str().unwrap(),
        &[
            "peering added",
            "north",
            "south",
            "encrypted by the provider",
        ],
    );
    assert_eq!(change["causes"][0]["address"], "toy_peering.both");
    let status = |path: &str| status_of(&outcome, path).unwrap();
    assert_eq!(status("services/north.yaml"), "must_rejustify");
    assert_eq!(status("services/west.yaml"), "unaffected");
}

#[test]
fn without_the_documented_example_its_types_are_said_to_be_unknown() {
    let desk = desk_with_toy_plan();
    let outcome = desk.check(&CHECK_TOY);
    let status = status_of(&outcome, "services/north.yaml").unwrap();
    assert_ne!(status, "must_rejustify");
    holds(&outcome.stdout, &["unmodelled-provider", "--providers"]);
}

#[test]
fn the_documented_file_of_ones_own_is_laid_over_the_example() {
    let desk = desk_with_toy_plan();
    let check = || run(desk.command(&CHECK_TOY).args(["--providers", "providers"]));
    holds(&check().stdout, &["Would be a tunnel to a party outside"]);
    desk.put("providers/toy_of_ours.yaml", &documented()[1]);
    let outcome = check();
    assert!(!outcome.stdout.contains("tunnel"), "{}", outcome.stdout);
    let status = status_of(&outcome, "services/north.yaml");
    assert_eq!(status.as_deref(), Some("must_rejustify"));
}

#[test]
fn the_documented_files_are_valid_and_say_so() {
    let desk = desk_with_toy();
    desk.put("ours.yaml", &documented()[1]);
    let validate = |files: &[&str]| {
        let mut command = perimeter();
        command.current_dir(desk.path("."));
        run(command.args(["providers", "validate"]).args(files))
    };
    let both = validate(&["providers/toy.yaml", "ours.yaml"]);
    insta::assert_snapshot!("valid", succeeds(&both));
    let directory = validate(&["providers"]);
    assert_eq!(
        Some(succeeds(&directory)),
        both.stdout.split_inclusive('\n').next()
    );
}

#[test]
fn a_file_that_is_not_valid_is_refused_with_line_and_column_and_the_next_is_read() {
    let desk = desk_with_toy();
    desk.put(
        "wrong.yaml",
        "provider: lab\ntype_prefix: lab_\nfacts:\n  line: { protection: tunnel, says: x, read: 2026-01-31 }\n",
    );
    desk.put(
        "worse.yaml",
        "provider: lab\ntype_prefix: lab_\ntypes:\n- type: lab_b\n- type: bal_a\n  becomes:\n  - link:\n      \
         kind: peering\n      ends: [{ of: [], kind: network }, { of: [], kind: network }]\n      in_transit: [ fact: none ]\n",
    );
    let mut command = perimeter();
    command.current_dir(desk.path("."));
    command.args(["providers", "validate", "wrong.yaml", "gone.yaml"]);
    let outcome = run(command.args(["providers/toy.yaml", "worse.yaml"]));
    assert_eq!(outcome.code, 1);
    assert_eq!(outcome.stdout.lines().count(), 1, "{}", outcome.stdout);
    holds(&outcome.stdout, &["providers/toy.yaml: valid: "]);
    insta::assert_snapshot!("not_valid", outcome.stderr);
}

#[test]
fn a_providers_directory_that_is_wrong_stops_every_command() {
    let desk = Desk::new();
    desk.put(
        "providers/lab.yaml",
        "provider: lab\ntype_prefix: lab_\ntipes: []\n",
    );
    for arguments in [
        &["providers", "list"][..],
        &["providers", "show", "aws_vpc"],
        &["providers", "validate", "providers/lab.yaml"],
        &["explain"],
    ] {
        let error = the_error(&with_toy(&desk, arguments));
        holds(&error, &["the providers files do not load"]);
    }
}

#[test]
fn the_types_of_a_provider_are_listed_with_state_and_reason() {
    let desk = desk_with_toy();
    let all = with_toy(&desk, &["providers", "list", "toy"]);
    insta::assert_snapshot!("list_toy", succeeds(&all));
    let of_state = with_toy(&desk, &["providers", "list", "toy", "--state", "not-yet"]);
    let not_yet = all.stdout.lines().filter(|line| line.contains(" not-yet "));
    let listed: Vec<&str> = succeeds(&of_state).lines().skip(1).collect();
    assert_eq!(listed.len(), not_yet.count());
    assert!(listed.iter().all(|line| line.starts_with("toy_tunnel")));
}

#[test]
fn providers_are_listed_with_their_numbers() {
    let desk = desk_with_toy();
    let table = with_toy(&desk, &["providers", "list"]);
    let row = |name: &str| {
        let line = succeeds(&table).lines().find(|line| line.starts_with(name));
        let cells = line.unwrap().split_whitespace();
        cells.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("toy "), ["toy", "toy_", "3", "1", "2", "1", "2"]);
    assert_eq!(row("aws ")[1], "aws_");
    let json = with_toy(&desk, &["providers", "list", "--format", "json"]);
    let page: Value = serde_json::from_str(succeeds(&json)).unwrap();
    assert_eq!(page["schema"], "perimeter.providers/1");
    assert!(page.get("types").is_none());
    let rows = page["providers"].as_array().unwrap();
    let toy = rows.iter().find(|row| row["provider"] == "toy").unwrap();
    assert_eq!(
        *toy,
        json!({ "provider": "toy", "type_prefix": "toy_", "modelled": 3, "irrelevant": 1, "not_yet": 2,
            "patterns": 1, "facts": 2 })
    );
}

#[test]
fn the_types_of_all_providers_come_as_json_too() {
    let desk = desk_with_toy();
    let arguments = [
        "providers",
        "list",
        "--state",
        "irrelevant",
        "--format",
        "json",
    ];
    let outcome = with_toy(&desk, &arguments);
    let page: Value = serde_json::from_str(succeeds(&outcome)).unwrap();
    let rows = page["types"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["state"] == "irrelevant"));
    let of_type = |name: &str| rows.iter().find(|row| row["type"] == name);
    assert_eq!(
        *of_type("toy_bucket_*").unwrap(),
        json!({ "type": "toy_bucket_*", "is_pattern": true, "provider": "toy", "state": "irrelevant",
            "says": "Storage; it joins no networks" })
    );
    assert!(of_type("toy_network").is_none());
    assert!(of_type("aws_security_group").is_some());
}

#[test]
fn a_modelled_type_is_shown_in_words() {
    let desk = desk_with_toy();
    let show = |name: &str| {
        let outcome = with_toy(&desk, &["providers", "show", name]);
        succeeds(&outcome).to_owned()
    };
    insta::assert_snapshot!("show_toy_peering", show("toy_peering"));
    insta::assert_snapshot!("show_toy_network", show("toy_network"));
    insta::assert_snapshot!("show_toy_table", show("toy_table"));
    assert_eq!(show("data.toy_network"), show("toy_network"));
}

#[test]
fn every_built_in_type_that_is_modelled_can_be_shown_and_names_its_facts() {
    let arguments = [
        "providers",
        "list",
        "--state",
        "modelled",
        "--format",
        "json",
    ];
    let page: Value = serde_json::from_str(&told(&arguments)).unwrap();
    let rows = page["types"].as_array().unwrap();
    // One of each few is enough to find a panic, and fast.
    for row in rows.iter().step_by(7) {
        let name = row["type"].as_str().unwrap();
        let text = told(&["providers", "show", name]);
        assert!(text.starts_with(&format!("{name}: modelled")), "{text}");
        // The address of a page, or a long identifier, stands on a line of its own and is not broken.
        let lines = text.lines().filter(|line| line.trim().contains(' '));
        let widest = lines.map(|line| line.chars().count()).max();
        assert!(widest.unwrap() <= 120, "{text}");
    }
    holds(
        &told(&["providers", "show", "aws_vpc_peering_connection"]),
        &[
            "aws/vpc-peering-inter-region: ",
            "https://",
            "peer_vpc_id",
            "tags_all",
        ],
    );
}

#[test]
fn a_type_that_becomes_nothing_is_shown_with_its_reason_and_pattern() {
    let desk = desk_with_toy();
    let show = |name: &str| {
        let outcome = with_toy(&desk, &["providers", "show", name]);
        succeeds(&outcome).to_owned()
    };
    insta::assert_snapshot!("show_toy_bucket_policy", show("toy_bucket_policy"));
    insta::assert_snapshot!("show_toy_tunnel", show("toy_tunnel"));
    assert!(!show("toy_disk").contains("pattern"));
}

#[test]
fn a_type_that_nobody_knows_is_a_usage_error_with_the_nearest_names() {
    let near = refused(&["providers", "show", "aws_vpc_perring_connection"]);
    holds(&near, &["did you mean aws_vpc_peering_connection"]);
    let far = refused(&["providers", "show", "qqq_zzz"]);
    holds(&far, &["`qqq_zzz`", "--providers", "docs/providers.md"]);
    assert!(!far.contains("did you mean"), "{far}");
    let hostile = refused(&["providers", "show", "x\u{1b}[2J"]);
    assert!(!hostile.contains('\u{1b}'));
    holds(
        &refused(&["providers", "list", "awss"]),
        &["no provider is called `awss`: did you mean aws?"],
    );
}

#[test]
fn a_fact_is_explained_with_its_source_and_where_it_decides() {
    let desk = desk_with_toy();
    let explain = |name: &str| {
        let outcome = with_toy(&desk, &["explain", name]);
        succeeds(&outcome).to_owned()
    };
    insta::assert_snapshot!("explain_peering_in_a_zone", explain("peering-in-a-zone"));
    for qualified in ["toy/peering-in-a-zone", "toy:peering-in-a-zone"] {
        assert_eq!(explain(qualified), explain("peering-in-a-zone"));
    }
    holds(
        &told(&["explain", "direct-connect-macsec"]),
        &["must_encrypt"],
    );
}

#[test]
fn a_fact_that_two_providers_share_is_explained_for_both_or_for_the_one_named() {
    let desk = desk_with_toy();
    let lab = documented()[0].replace("toy", "lab");
    desk.put("providers/lab.yaml", lab);
    let both = with_toy(&desk, &["explain", "peering-in-a-zone"]);
    holds(
        succeeds(&both),
        &["toy/peering-in-a-zone", "lab/peering-in-a-zone"],
    );
    let one = with_toy(&desk, &["explain", "lab/peering-in-a-zone"]);
    assert!(!succeeds(&one).contains("toy"), "{}", one.stdout);
}

#[test]
fn a_rule_is_still_explained_and_a_word_that_means_nothing_gets_suggestions() {
    assert!(told(&["explain", "must-rejustify"]).starts_with("must-rejustify: "));
    let all = told(&["explain"]);
    holds(&all, &["\n  must-rejustify ", "\n  aws/vpn-ipsec "]);
    let near = refused(&["explain", "must-rejustfy"]);
    holds(&near, &["did you mean must-rejustify"]);
    let part = refused(&["explain", "macsec"]);
    holds(&part, &["direct-connect-macsec"]);
    let qualified = refused(&["explain", "aws/vpn-ipsek"]);
    holds(&qualified, &["did you mean aws/vpn-ipsec"]);
    let neither = refused(&["explain", "zzzz"]);
    holds(
        &neither,
        &["no rule or fact is called `zzzz`; run `perimeter explain`"],
    );
}
