//! `perimeter query`: what a person is told of the network, from source and from a plan.

use crate::common::{Run, TestRepository, perimeter, project, run};

/// The repository of the example, before anybody changes it.
fn acme() -> TestRepository {
    let repository = TestRepository::new();
    repository.lay_out(&project().join("examples/acme/repository"));
    repository.commit("the repository of the example");
    repository
}

fn query(repository: &TestRepository, arguments: &[&str]) -> Run {
    let mut command = perimeter();
    command
        .current_dir(repository.path())
        .arg("query")
        .args(arguments);
    run(&mut command)
}

fn plan() -> String {
    let path = project().join("examples/acme/plan.json");
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_question_is_answered_from_the_files_alone() {
    let repository = acme();
    let mut told = String::new();
    for arguments in [
        &["reach", "shop-prod"][..],
        &["path", "ledger-prod", "shop-prod"],
        &["path", "analytics", "shop-prod"],
        &["path", "internet", "shop-prod"],
        &["links", "aws_vpc.shop"],
        &["exposure", "shop-prod"],
        &["facts", "network/shop-prod"],
        &["dependents", "the shop network"],
        &["dependents", "analytics"],
        &["dependents", "ledger-prod"],
    ] {
        let answer = query(&repository, arguments);
        assert_eq!(
            (answer.code, answer.stderr.as_str()),
            (0, ""),
            "{arguments:?}"
        );
        told.push_str(&format!(
            "$ perimeter query {}\n{}\n",
            arguments.join(" "),
            answer.stdout
        ));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_plan_is_asked_before_and_after() {
    let repository = acme();
    let plan = plan();
    let ask = |more: &[&str]| {
        let mut arguments = vec!["path", "analytics", "shop-prod", "--plan", &plan];
        arguments.extend(more);
        let first = query(&repository, &arguments).stdout;
        first.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        ask(&[]),
        "yes: traffic gets from vpc analytics to vpc shop-prod"
    );
    assert!(
        ask(&["--before"]).starts_with("no: "),
        "{}",
        ask(&["--before"])
    );
}

#[test]
fn the_json_of_every_question_keeps_to_its_schema() {
    let repository = acme();
    let schema = std::fs::read_to_string(project().join("schemas/query-1.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for arguments in [
        &["reach", "shop-prod"][..],
        &["path", "ledger-prod", "shop-prod"],
        &["links", "shop-prod"],
        &["exposure", "shop-prod"],
        &["facts", "shop-prod"],
        &["dependents", "shop-prod"],
        &[
            "what-if",
            "add peering analytics shop-prod; remove ledger-edge",
        ],
    ] {
        let mut all = arguments.to_vec();
        all.extend(["--format", "json"]);
        let answer = query(&repository, &all);
        let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        assert!(schema.is_valid(&json), "{json:#}");
        assert_eq!(json["question"], arguments[0]);
        assert_eq!(json["answers"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn a_question_that_makes_no_sense_says_what_would() {
    let repository = acme();
    for (arguments, expected) in [
        (&["reach", "shop-prd"][..], "did you mean"),
        (&["reach", "nowhere"], "--context"),
        (
            &["reach", "shop-prod", "analytics"],
            "only `path` is about two parts",
        ),
        (&["path", "shop-prod"], "<TO>"),
        (
            &["path", "internet", "internet"],
            "name a part of the network",
        ),
        (&["reach", "shop-prod", "--before"], "--plan"),
    ] {
        let answer = query(&repository, arguments);
        assert_eq!(answer.code, 2, "{arguments:?}");
        assert!(answer.stderr.contains(expected), "{}", answer.stderr);
        assert_eq!(answer.stdout, "");
    }
}

#[test]
fn what_would_be_is_what_check_says_of_the_same_change() {
    let repository = acme();
    let told = |wish: &str| -> serde_json::Value {
        let answer = query(&repository, &["what-if", wish, "--format", "json"]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{wish}");
        let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        json["answers"][0].clone()
    };
    let falling = |json: &serde_json::Value| -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let all = json.as_array().unwrap().iter();
        all.filter(|one| ["broken", "must_rejustify"].contains(&one["status"].as_str().unwrap()))
            .map(|one| (text(&one["path"]), text(&one["status"])))
            .collect()
    };
    let supposed = told("add peering analytics shop-prod");
    let mut check = perimeter();
    check
        .current_dir(repository.path())
        .args(["check", "--plan", &plan(), "--format", "json"]);
    let check: serde_json::Value = serde_json::from_str(&run(&mut check).stdout).unwrap();
    assert_eq!(falling(&supposed["falling"]), falling(&check["carve_outs"]));
    assert_eq!(
        supposed["changes"][0]["summary"],
        check["changes"][0]["summary"]
    );

    // What is added and taken away again is nothing, and what goes with a network goes.
    let gone = told("remove shop-prod");
    let summaries: Vec<&str> = gone["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["summary"].as_str().unwrap())
        .collect();
    assert!(
        summaries
            .iter()
            .any(|one| one.contains("shop-prod destroyed")),
        "{summaries:?}"
    );
    let nothing = told("add network lab");
    assert!(falling(&nothing["falling"]).is_empty());
}

#[test]
fn every_kind_of_wish_is_told_in_words() {
    let repository = acme();
    let mut told = String::new();
    for wish in [
        "add peering analytics \"the shop network\"",
        "add attachment analytics ledger-edge",
        "add vpn analytics lisbon-office",
        "add interconnect ledger-edge oslo-office",
        "add private-endpoint shop-prod billing-api",
        "add exposure shop-prod",
        "add network lab; add peering lab \"the shop network\"",
        "remove ledger-to-oslo",
        "remove shop-prod",
    ] {
        let answer = query(&repository, &["what-if", wish]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{wish}");
        let place = repository
            .path()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        told.push_str(&format!(
            "$ perimeter query what-if '{wish}'\n{}\n",
            answer.stdout.replace(&place, "[repository]")
        ));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_wish_that_makes_no_sense_says_what_would() {
    let repository = acme();
    for (wish, expected) in [
        ("ad peering a b", "did you mean add"),
        ("add peerin analytics shop-prod", "did you mean peering"),
        ("add peering analytics", "two networks"),
        ("add peering analytics shop-prd", "did you mean shop-prod"),
        ("add attachment analytics shop-prod", "no hub"),
        ("remove nothing-of-that-name", "--context"),
        (" ", "add peering A B"),
        ("remove \"shop", "not closed"),
    ] {
        let answer = query(&repository, &["what-if", wish]);
        assert_eq!(answer.code, 2, "{wish}");
        assert!(
            answer.stderr.contains(expected),
            "{wish}: {}",
            answer.stderr
        );
    }
}

#[test]
fn a_plan_alone_is_asked_and_compared_where_there_is_no_repository_and_judged_nowhere() {
    let nowhere = tempfile::tempdir().unwrap();
    let answer = |arguments: &[&str]| {
        let mut command = perimeter();
        command.current_dir(nowhere.path()).args(arguments);
        run(command.args(["--plan", &plan()]))
    };
    let reach = answer(&["query", "reach", "shop-prod"]);
    assert_eq!((reach.code, reach.stderr.as_str()), (0, ""));
    let changes = answer(&["diff"]);
    assert_eq!(changes.code, 0, "{}", changes.stderr);
    assert!(
        changes.stdout.contains("peering added"),
        "{}",
        changes.stdout
    );
    assert!(
        changes.stdout.contains("no-repository"),
        "{}",
        changes.stdout
    );
    let verdict = answer(&["check"]);
    assert_eq!(verdict.code, 1);
    assert!(
        verdict.stderr.contains("no git repository"),
        "{}",
        verdict.stderr
    );
}
