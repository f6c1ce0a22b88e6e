//! Every command that a document shows is run, in the example organisation, and none is refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use git2::{IndexAddOption, Repository, RepositoryInitOptions, Signature, Time};

use crate::common::{copy, project};
use crate::readme::read;

/// Long before any limit on ages that a document sets.
const SPRING: i64 = 1_767_600_000;

const STATE: &str = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": []}"#;

/// Commands of a document: lines of shell that call the tool.
fn commands(text: &str) -> Vec<&str> {
    let mut commands = Vec::new();
    let mut is_shell = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => is_shell = language == "sh",
            None if is_shell && line.starts_with("perimeter ") => commands.push(line),
            None => {}
        }
    }
    commands
}

fn commit(repository: &Repository, branch: &str) {
    let mut index = repository.index().unwrap();
    index.add_all(["*"], IndexAddOption::FORCE, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let who = Signature::new("Ada", "ada@acme.example", &Time::new(SPRING, 0)).unwrap();
    let parent = repository
        .head()
        .ok()
        .map(|head| head.peel_to_commit().unwrap());
    let parents: Vec<_> = parent.iter().collect();
    let reference = format!("refs/heads/{branch}");
    repository
        .commit(
            Some(&reference),
            &who,
            &who,
            "as the example has it",
            &tree,
            &parents,
        )
        .unwrap();
    repository.set_head(&reference).unwrap();
}

fn repository(directory: &Path, folder: &str) -> Repository {
    copy(&project().join(folder), directory);
    let mut options = RepositoryInitOptions::new();
    options.initial_head("main");
    let repository = Repository::init_opts(directory, &options).unwrap();
    let mut config = repository.config().unwrap();
    config.set_str("user.name", "Ada").unwrap();
    config.set_str("user.email", "ada@acme.example").unwrap();
    commit(&repository, "main");
    repository
}

/// How a line of shell ends, in a directory in which the tool is called by its name.
fn ends(directory: &Path, line: &str) -> (Option<i32>, String) {
    let binary = Path::new(env!("CARGO_BIN_EXE_perimeter"));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", binary.parent().unwrap().display());
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(directory)
        .env_clear()
        .env("PATH", path)
        .env("HOME", "/nonexistent")
        .env("PERIMETER_CACHE_DIR", "/dev/null/nowhere")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

/// The example with its pull request, its other repository, and every file that a document takes as given.
fn example(top: &Path) -> PathBuf {
    let acme = top.join("acme");
    let shop = repository(&acme, "examples/acme/repository");
    let host = "https://github.com/acme/acme.git";
    shop.remote("origin", host).unwrap();
    copy(&project().join("examples/acme/change"), &acme);
    commit(&shop, "analytics-peering");
    for name in ["reports", "cart", "ledger"] {
        repository(&top.join(name), "examples/acme/reports");
    }
    std::fs::copy(
        project().join("examples/acme/plan.json"),
        acme.join("plan.json"),
    )
    .unwrap();
    for name in ["network.json", "dns.json"] {
        std::fs::write(acme.join(name), STATE).unwrap();
    }
    std::fs::write(acme.join("repositories.txt"), "").unwrap();
    std::fs::create_dir(acme.join("inventories")).unwrap();
    for line in [
        "perimeter check --plan plan.json --repo . --repo ../reports --format json=check.json",
        "perimeter check --plan plan.json --format json=services.json",
        "perimeter audit --max-age 90d --format json=audit.json",
        "perimeter audit --format json=audit-2026-q3.json",
        "perimeter inventory --repo ../reports --output inventories/reports.jsonl",
        "perimeter aggregate inventories/*.jsonl --output all.jsonl",
    ] {
        let (code, told) = ends(&acme, line);
        assert!(matches!(code, Some(0 | 10)), "{line}: {told}");
    }
    acme
}

#[test]
fn every_command_of_the_documents_runs() {
    let top = tempfile::tempdir().unwrap();
    example(top.path());
    let mut documents: Vec<String> = std::fs::read_dir(project().join("docs"))
        .unwrap()
        .map(|entry| format!("docs/{}", entry.unwrap().file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".md"))
        .collect();
    documents.push("README.md".to_owned());
    documents.sort();
    let mut count = 0;
    let mut refused = String::new();
    for document in documents {
        for command in commands(&read(&document)) {
            // What one command writes is not there for the next: a document shows ways, not a session.
            let fresh = tempfile::tempdir().unwrap();
            copy(top.path(), fresh.path());
            let acme = fresh.path().join("acme");
            if document == "docs/comment.md" {
                std::fs::copy(acme.join("services.json"), acme.join("network.json")).unwrap();
            }
            let host = "perimeter comment --dry-run --forge github --repository acme/shop --pull-request 7";
            let line = command
                .replace("/srv/git/ledger.git", "../ledger")
                .replace("perimeter comment", host);
            let (code, told) = ends(&acme, &line);
            count += 1;
            if !matches!(code, Some(0 | 10)) {
                refused.push_str(&format!("{document}: {command}\n{told}\n"));
            }
        }
    }
    assert!(refused.is_empty(), "{refused}");
    assert!(count > 40, "{count}");
}

#[test]
fn the_book_has_every_document_and_nothing_else() {
    let summary = read("docs/SUMMARY.md");
    let named: BTreeSet<&str> = summary
        .lines()
        .filter_map(|line| line.split_once("](")?.1.strip_suffix(')'))
        .collect();
    let entries = std::fs::read_dir(project().join("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let there: Vec<String> = names
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .collect();
    assert_eq!(named, there.iter().map(String::as_str).collect());
}
