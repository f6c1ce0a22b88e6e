//! The stories under `tests/cases`, each checked from end to end. `tests/cases/README.md` says what a story is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use crate::common::{TestRepository, perimeter, project, run};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Case {
    title: String,
    story: String,
    expected: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Expected {
    verdict: String,
    changes: Vec<ExpectedChange>,
    carve_outs: BTreeMap<String, String>,
    #[serde(default)]
    findings: Vec<ExpectedFinding>,
    #[serde(default)]
    notices: Vec<String>,
    why: String,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(deny_unknown_fields)]
struct ExpectedChange {
    category: String,
    effect: String,
    boundaries: BTreeSet<String>,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[serde(deny_unknown_fields)]
struct ExpectedFinding {
    rule: String,
    path: String,
}

pub(crate) fn case_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(project().join("tests/cases"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("case.yaml").exists())
        .collect();
    folders.sort();
    folders
}

/// Base and head as two commits, and the command that checks the one against the other.
pub(crate) fn prepare(folder: &Path) -> (TestRepository, std::process::Command) {
    let (repository, mut command) = prepare_without_plan(folder);
    if folder.join("plan.json").exists() {
        command.args(["--plan", "plan.json"]);
    }
    (repository, command)
}

/// The same, with the Terraform files as the only word on the network.
pub(crate) fn prepare_without_plan(folder: &Path) -> (TestRepository, std::process::Command) {
    let repository = TestRepository::new();
    repository.lay_out(&folder.join("base"));
    let base = repository.commit("before");
    repository.lay_out(&folder.join("head"));
    let head = repository.commit("after");
    let mut command = perimeter();
    command.arg("check").current_dir(folder);
    command.arg("--repo").arg(repository.path());
    command.args(["--base", &base.to_string(), "--head", &head.to_string()]);
    let mut contexts: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("context-"))
        .collect();
    contexts.sort();
    for context in contexts {
        command.args(["--context", &context]);
    }
    (repository, command)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What a run found, in the form of what a story expects.
struct Found {
    verdict: String,
    changes: Vec<ExpectedChange>,
    carve_outs: BTreeMap<String, String>,
    findings: Vec<ExpectedFinding>,
    notices: BTreeSet<String>,
}

fn found(report: &Value) -> Found {
    let items = |name: &str| report[name].as_array().unwrap().clone();
    let mut changes: Vec<ExpectedChange> = items("changes")
        .iter()
        .map(|change| ExpectedChange {
            category: text(&change["category"]),
            effect: text(&change["effect"]),
            boundaries: change["boundary_names"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect(),
        })
        .collect();
    changes.sort();
    let carve_outs: BTreeMap<String, String> = items("carve_outs")
        .iter()
        .map(|one| (text(&one["path"]), text(&one["status"])))
        .collect();
    // Findings that repeat what a status says are implied by it.
    let implied = |finding: &Value| {
        let status = carve_outs
            .get(finding["path"].as_str().unwrap())
            .map(String::as_str);
        matches!(
            (finding["rule"].as_str().unwrap(), status),
            ("must-rejustify", _)
                | ("guarantee-broken", Some("broken"))
                | ("unanchored-guarantee", Some("unanchored"))
        )
    };
    let mut findings: Vec<ExpectedFinding> = items("findings")
        .iter()
        .filter(|finding| finding["severity"] == "error" && !implied(finding))
        .map(|finding| ExpectedFinding {
            rule: text(&finding["rule"]),
            path: text(&finding["path"]),
        })
        .collect();
    findings.sort();
    let notices = items("notices")
        .iter()
        .map(|notice| text(&notice["kind"]))
        .collect();
    Found {
        verdict: text(&report["verdict"]),
        changes,
        carve_outs,
        findings,
        notices,
    }
}

/// The schema in a file of this project.
pub(crate) fn validator(path: &str) -> jsonschema::Validator {
    let schema = std::fs::read_to_string(project().join(path)).unwrap();
    // Two patterns of SARIF's schema have a bracket too many, which a strict reader of patterns refuses.
    let schema = schema.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// The schemas of the JSON contract and of SARIF.
struct Schemas {
    json: jsonschema::Validator,
    sarif: jsonschema::Validator,
}

fn differences(folder: &Path, schemas: &Schemas) -> String {
    let mut wrong = String::new();
    let source = std::fs::read_to_string(folder.join("case.yaml")).unwrap();
    let mut case: Case = serde_saphyr::from_str(&source)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    case.expected.changes.sort();
    case.expected.findings.sort();
    let (_repository, mut command) = prepare(folder);
    let outputs = tempfile::tempdir().unwrap();
    let sarif = outputs.path().join("out.sarif");
    let to_sarif = format!("sarif={}", sarif.display());
    let markdown = outputs.path().join("out.md");
    let to_markdown = format!("markdown={}", markdown.display());
    let formats = [
        "--format",
        "json",
        "--format",
        &to_sarif,
        "--format",
        &to_markdown,
    ];
    let outcome = run(command.args(formats));
    let Ok(report) = serde_json::from_str::<Value>(&outcome.stdout) else {
        return format!("no JSON; exit {}; {}", outcome.code, outcome.stderr);
    };
    let markdown = std::fs::read_to_string(markdown).unwrap_or_default();
    match perimeter::report::json::read::verdict(&outcome.stdout) {
        Ok(read) if perimeter::report::markdown::render(&read) == markdown => {}
        Ok(_) => wrong.push_str("  the JSON read back makes another comment\n"),
        Err(error) => writeln!(wrong, "  the JSON cannot be read back: {error}").unwrap(),
    }
    let log = std::fs::read_to_string(sarif).unwrap_or_default();
    let log: Value = serde_json::from_str(&log).unwrap_or_default();
    let errors = schemas.json.iter_errors(&report);
    for error in errors.chain(schemas.sarif.iter_errors(&log)) {
        writeln!(wrong, "  schema: {error} at {}", error.instance_path()).unwrap();
    }
    let results = log["runs"][0]["results"].as_array().map_or(0, Vec::len);
    if results != report["findings"].as_array().map_or(0, Vec::len) {
        writeln!(wrong, "  {results} results of SARIF").unwrap();
    }
    let Found {
        verdict,
        changes,
        carve_outs,
        findings,
        notices,
    } = found(&report);
    let expected = &case.expected;
    let code = if expected.verdict == "blocked" { 10 } else { 0 };
    if (verdict.as_str(), outcome.code) != (expected.verdict.as_str(), code) {
        writeln!(
            wrong,
            "  verdict {verdict}, exit {}, instead of {}",
            outcome.code, expected.verdict
        )
        .unwrap();
    }
    if changes != expected.changes {
        writeln!(
            wrong,
            "  changes {changes:?}\n  instead of {:?}",
            expected.changes
        )
        .unwrap();
    }
    for (path, status) in &expected.carve_outs {
        let got = carve_outs.get(path).map_or("absent", String::as_str);
        if got != status {
            writeln!(wrong, "  {path}: {got} instead of {status}").unwrap();
        }
    }
    for path in carve_outs
        .keys()
        .filter(|path| !expected.carve_outs.contains_key(*path))
    {
        writeln!(wrong, "  {path}: not expected at all").unwrap();
    }
    if findings != expected.findings {
        writeln!(
            wrong,
            "  findings {findings:?}\n  instead of {:?}",
            expected.findings
        )
        .unwrap();
    }
    for notice in expected
        .notices
        .iter()
        .filter(|notice| !notices.contains(*notice))
    {
        writeln!(wrong, "  no notice {notice}").unwrap();
    }
    wrong
}

#[test]
fn every_story_comes_out_as_told() {
    let schemas = Schemas {
        json: validator("schemas/check-1.schema.json"),
        sarif: validator("tests/schemas/sarif-2.1.0.schema.json"),
    };
    let folders = case_folders();
    assert!(folders.len() >= 25, "the stories are gone");
    let wrong: Vec<String> = folders
        .par_iter()
        .filter_map(|folder| {
            let wrong = differences(folder, &schemas);
            (!wrong.is_empty())
                .then(|| format!("{}\n{wrong}", folder.file_name().unwrap().to_string_lossy()))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} stories differ:\n{}",
        wrong.len(),
        folders.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = project().join("tests/cases/05-transit-attachment-defaults");
    for format in [
        "json", "table", "markdown", "html", "sarif", "github", "gitlab", "junit",
    ] {
        let (_repository, mut command) = prepare(&folder);
        command.args(["--format", format]);
        let first = run(&mut command).stdout;
        assert!(!first.is_empty());
        assert_eq!(first, run(&mut command).stdout, "{format}");
    }
}

/// What a person sees: some stories, as the terminal and the pull request show them.
#[test]
fn reports_read_well() {
    for story in [
        "01-peering-added",
        "04-region-migration",
        "08-blackhole-removed",
        "16-macsec-weakened",
        "22-peering-moved",
        "30-marker-deleted",
        "36-aliases-and-bindings",
    ] {
        let folder = project().join("tests/cases").join(story);
        let (_repository, mut command) = prepare(&folder);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            insta::assert_snapshot!("table", run(command.args(["--format", "table"])).stdout);
            let (_repository, mut command) = prepare(&folder);
            insta::assert_snapshot!(
                "markdown",
                run(command.args(["--format", "markdown"])).stdout
            );
        });
    }
}

/// What CI systems are given for the first story; the page is looked at in its own tests.
#[test]
fn every_format_of_one_story() {
    let folder = project().join("tests/cases/01-peering-added");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for format in ["sarif", "github", "gitlab", "junit"] {
            let (_repository, mut command) = prepare(&folder);
            let mut shown = run(command.args(["--format", format])).stdout;
            if format == "sarif" {
                // The rules are the same in every log.
                let mut log: Value = serde_json::from_str(&shown).unwrap();
                log["runs"][0]["tool"]["driver"]["rules"] = "[rules]".into();
                shown = serde_json::to_string_pretty(&log).unwrap();
            }
            insta::assert_snapshot!(format, shown);
        }
        let (_repository, mut command) = prepare(&folder);
        let page = run(command.args(["--format", "html"])).stdout;
        assert!(
            page.starts_with("<!DOCTYPE html>") && page.contains("<svg"),
            "{page}"
        );
    });
}
