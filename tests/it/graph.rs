//! `perimeter graph`: what is drawn of the network, in every format, and the pictures of the documents.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::common::{Run, TestRepository, perimeter, project, run};

/// The repository of the example, before anybody changes it.
fn acme() -> TestRepository {
    let repository = TestRepository::new();
    repository.lay_out(&project().join("examples/acme/repository"));
    repository.commit("the repository of the example");
    repository
}

fn plan() -> String {
    let path = project().join("examples/acme/plan.json");
    path.to_str().unwrap().to_owned()
}

fn graph(repository: &TestRepository, arguments: &[&str]) -> Run {
    let mut command = perimeter();
    command
        .current_dir(repository.path())
        .arg("graph")
        .args(arguments);
    run(&mut command)
}

fn drawn(repository: &TestRepository, arguments: &[&str]) -> String {
    let outcome = graph(repository, arguments);
    assert_eq!(
        (outcome.code, outcome.stderr.as_str()),
        (0, ""),
        "{arguments:?}"
    );
    outcome.stdout
}

fn json(repository: &TestRepository, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--format", "json"]);
    serde_json::from_str(&drawn(repository, &all)).unwrap()
}

/// A story of `tests/cases`, at its head, on a branch from its base.
fn story(name: &str) -> TestRepository {
    let folder = project().join("tests/cases").join(name);
    let repository = TestRepository::new();
    repository.lay_out(&folder.join("base"));
    let base = repository.commit("base");
    let base = repository.git().find_commit(base).unwrap();
    repository.git().branch("before", &base, false).unwrap();
    drop(base);
    repository.lay_out(&folder.join("head"));
    repository.commit("head");
    repository
}

/// Three hubs, and so many networks on them; some are open to the internet, some are peered besides.
fn large(networks: usize) -> TestRepository {
    let repository = TestRepository::new();
    let mut source = String::new();
    let mut resource = |kind: &str, name: String, body: String| {
        source.push_str(&format!("resource \"{kind}\" \"{name}\" {{\n{body}\n}}\n"));
    };
    for hub in 0..3 {
        resource(
            "aws_ec2_transit_gateway",
            format!("hub{hub}"),
            format!("  tags = {{ Name = \"hub-{hub}\" }}"),
        );
    }
    let teams = ["shop", "pay", "ledger", "search", "ads", "data"];
    for index in 0..networks {
        let team = teams[index % teams.len()];
        let (high, low, hub) = (index / 256, index % 256, index % 3);
        resource(
            "aws_vpc",
            format!("n{index}"),
            format!(
                "  cidr_block = \"10.{high}.{low}.0/24\"\n  tags = {{ Name = \"{team}-{index}\" }}"
            ),
        );
        resource(
            "aws_subnet",
            format!("s{index}"),
            format!("  vpc_id = aws_vpc.n{index}.id\n  cidr_block = \"10.{high}.{low}.0/26\""),
        );
        resource(
            "aws_ec2_transit_gateway_vpc_attachment",
            format!("a{index}"),
            format!(
                "  vpc_id = aws_vpc.n{index}.id\n  subnet_ids = [aws_subnet.s{index}.id]\n  transit_gateway_id = aws_ec2_transit_gateway.hub{hub}.id"
            ),
        );
        if index % 97 == 5 {
            resource(
                "aws_vpc_peering_connection",
                format!("p{index}"),
                format!(
                    "  vpc_id = aws_vpc.n{index}.id\n  peer_vpc_id = aws_vpc.n{}.id\n  auto_accept = true",
                    index - 1
                ),
            );
        }
    }
    repository.write("network/main.tf", &source);
    for index in (0..networks).step_by(50) {
        repository.write(
            &format!("services/app-{index}.yaml"),
            &format!(
                "# ZFN-3 carve-out: runs inside VPC {}-{index} and never leaves it; the data is public\ntls: false\n",
                teams[index % teams.len()]
            ),
        );
    }
    repository.commit("a large network");
    repository
}

#[test]
fn a_small_story_in_every_format() {
    let repository = acme();
    let plan = plan();
    let change = ["--changed", "--plan", &plan];
    for format in ["table", "dot", "mermaid", "svg"] {
        let whole = drawn(&repository, &["--format", format]);
        let mut arguments = change.to_vec();
        arguments.extend(["--format", format]);
        let changed = drawn(&repository, &arguments);
        insta::assert_snapshot!(
            format!("acme_as_{format}"),
            format!("{whole}\n--- the change\n\n{changed}")
        );
    }
    let page = drawn(&repository, &["--format", "html"]);
    assert!(page.contains("shop-prod") && page.contains("<svg") && !page.contains("http:"));
}

#[test]
fn the_json_keeps_to_its_schema_and_holds_every_part_and_link_once() {
    let schema = std::fs::read_to_string(project().join("schemas/graph-1.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let acme = acme();
    let plan = plan();
    let mesh = story("340-cluster-mesh-with-a-cluster-in-the-clear");
    let networks = large(120);
    for (repository, arguments) in [
        (&acme, &[][..]),
        (&acme, &["shop-prod", "--depth", "1"]),
        (&acme, &["--changed", "--plan", &plan]),
        (&acme, &["--before", "--plan", &plan]),
        (&mesh, &[]),
        (&mesh, &["--changed", "--base", "before"]),
        (&networks, &[]),
    ] {
        let json = json(repository, arguments);
        let faults: Vec<String> = schema.iter_errors(&json).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{arguments:?}: {faults:?}");
        let ids = |list: &str| -> Vec<&str> {
            let all = json[list].as_array().unwrap().iter();
            all.map(|one| one["id"].as_str().unwrap()).collect()
        };
        let (nodes, links) = (ids("nodes"), ids("links"));
        let once: BTreeSet<&str> = nodes.iter().chain(&links).copied().collect();
        assert_eq!(once.len(), nodes.len() + links.len(), "{arguments:?}");
        for link in json["links"].as_array().unwrap() {
            for end in link["ends"].as_array().unwrap() {
                assert!(nodes.contains(&end.as_str().unwrap()), "{link}");
            }
        }
        // What a carve-out rests on knows it, where that is shown.
        for carve_out in json["carve_outs"].as_array().unwrap() {
            for part in carve_out["rests_on"].as_array().unwrap() {
                let is_shown = |list: &str| {
                    json[list]
                        .as_array()
                        .unwrap()
                        .iter()
                        .find(|one| one["id"] == *part)
                        .cloned()
                };
                if let Some(part) = is_shown("nodes").or_else(|| is_shown("links")) {
                    assert!(
                        part["carve_outs"]
                            .as_array()
                            .unwrap()
                            .contains(&carve_out["id"])
                    );
                }
            }
        }
    }
    let all = json(&networks, &[]);
    let count = |kind: &str| {
        let nodes = all["nodes"].as_array().unwrap().iter();
        nodes.filter(|node| node["kind"] == kind).count()
    };
    assert_eq!(
        (count("network"), count("subnet"), count("hub")),
        (120, 120, 3)
    );
}

#[test]
fn the_surroundings_of_a_part_end_where_asked() {
    let repository = acme();
    let names = |depth: &str| -> BTreeSet<String> {
        let json = json(&repository, &["shop-prod", "--depth", depth]);
        let nodes = json["nodes"].as_array().unwrap().iter();
        nodes
            .filter(|node| ["network", "hub", "external"].contains(&node["kind"].as_str().unwrap()))
            .map(|node| node["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(names("0"), set(&["shop-prod"]));
    assert_eq!(names("1"), set(&["ledger-prod", "shop-prod"]));
    assert_eq!(
        names("2"),
        set(&["ledger-edge", "ledger-prod", "shop-prod"])
    );
    // What leads on is said.
    let text = drawn(&repository, &["shop-prod", "--depth", "1"]);
    assert!(text.contains("1 more link, not drawn"), "{text}");
}

#[test]
fn a_large_network_is_drawn_with_few_boxes_and_all_names() {
    let repository = large(500);
    let svg = drawn(&repository, &["--format", "svg"]);
    let boxes = svg.matches("<g class=\"node").count();
    assert!((4..=40).contains(&boxes), "{boxes} boxes");
    for index in 0..500 {
        let team = ["shop", "pay", "ledger", "search", "ads", "data"][index % 6];
        let name = format!(">{team}-{index}");
        assert!(svg.contains(&name), "{name}");
    }
    assert!(svg.contains("parts that are joined alike share a box"));
}

#[test]
fn hostile_names_stay_names_in_every_format() {
    let name = "</text><script>alert(1)</script>\\\" -> x; click n0 \\u202e `$(x)` & ]";
    let source = |name: &str| {
        format!(
            "resource \"aws_vpc\" \"a\" {{\n  cidr_block = \"10.0.0.0/16\"\n  tags = {{ Name = \"{name}\" }}\n}}\n\
             resource \"aws_vpc\" \"b\" {{\n  cidr_block = \"10.1.0.0/16\"\n  tags = {{ Name = \"b\" }}\n}}\n\
             resource \"aws_vpc_peering_connection\" \"p\" {{\n  vpc_id = aws_vpc.a.id\n  peer_vpc_id = aws_vpc.b.id\n}}\n"
        )
    };
    let repository = TestRepository::new();
    repository.write("main.tf", &source(name));
    repository.commit("names");
    for format in ["svg", "html", "dot", "mermaid", "table", "json"] {
        let text = drawn(&repository, &["--format", format]);
        assert!(!text.contains('\u{202e}'), "{format}");
        match format {
            "svg" | "html" => assert!(!text.contains("<script>alert"), "{format}"),
            "dot" => {
                // Outside of quoted labels, nothing of the name is left.
                let text = text.replace("\\\\", "").replace("\\\"", "");
                let code: Vec<&str> = text.split('"').step_by(2).collect();
                assert!(!code.concat().contains("click"), "{text}");
            }
            "mermaid" => {
                let code: Vec<&str> = text.split('"').step_by(2).collect();
                assert!(!code.concat().contains("click"), "{text}");
            }
            _ => {}
        }
    }
}

#[test]
fn what_makes_no_sense_says_what_would() {
    let repository = acme();
    for (arguments, expected) in [
        (&["shop-prd"][..], "did you mean"),
        (&["--base", "main"], "--changed"),
        (&["shop-prod", "--changed"], "--changed"),
        (&["--before"], "--plan"),
        (&["--depth", "1000"], "--depth"),
    ] {
        let outcome = graph(&repository, arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}");
        assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
    }
}

#[test]
fn the_pictures_of_the_documents_are_what_is_drawn_today() {
    let acme = acme();
    let cluster = story("331-network-of-a-cluster-peered");
    let plan_of_cluster = project().join("tests/cases/331-network-of-a-cluster-peered/plan.json");
    let large = large(500);
    let mut changed = vec!["--changed", "--base", "before"];
    let plan_of_cluster = plan_of_cluster.to_str().unwrap();
    if std::path::Path::new(plan_of_cluster).exists() {
        changed.extend(["--plan", plan_of_cluster]);
    }
    for (name, repository, arguments) in [
        ("whole", &acme, Vec::new()),
        ("change", &cluster, changed),
        ("large", &large, Vec::new()),
    ] {
        let mut all = arguments;
        all.extend(["--format", "svg"]);
        let svg = drawn(repository, &all);
        let path = project().join(format!("docs/pictures/{name}.svg"));
        if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
            std::fs::write(&path, &svg).unwrap();
        }
        let shown = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            shown == svg,
            "{} is not what is drawn: INSTA_UPDATE=always cargo test --test it graph",
            path.display()
        );
    }
}
