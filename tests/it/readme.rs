//! What the documents say holds: the example comes out as shown, links lead somewhere, rules and settings are those there are,
//! and rooms import what the architecture lets them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use perimeter::settings::Settings;
use perimeter::verdict::Rule;

use crate::common::project;

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = project().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The contents of a document's fenced blocks in one language.
pub(crate) fn blocks(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}");
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(opened) = line.strip_prefix("```") else {
            continue;
        };
        let content: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if opened == &opening[3..] {
            found.push(content.join("\n"));
        }
    }
    found
}

#[cfg(unix)]
mod example {
    use std::process::Command;

    use serde_json::Value;

    use super::{blocks, read};
    use crate::common::{Run, project, run};

    fn example(arguments: &[&str]) -> Run {
        let mut command = Command::new(project().join("examples/acme/run"));
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", "/nonexistent");
        command.env("PERIMETER", env!("CARGO_BIN_EXE_perimeter"));
        run(command.args(arguments))
    }

    #[test]
    fn the_example_comes_out_as_the_readme_shows() {
        let outcome = example(&[]);
        assert_eq!(outcome.code, 10, "{}", outcome.stderr);
        let shown = blocks(&read("README.md"), "text").remove(0);
        let mut rest = outcome.stdout.as_str();
        for piece in shown.split("[…]") {
            let piece = piece.trim_matches('\n');
            let at = rest
                .find(piece)
                .unwrap_or_else(|| panic!("the example does not print\n{piece}\nin\n{rest}"));
            rest = &rest[at + piece.len()..];
        }
    }

    #[test]
    fn every_carve_out_of_the_example_has_the_status_that_its_readme_tells() {
        let report: Value =
            serde_json::from_str(&example(&["--format", "json"]).stdout).expect("JSON");
        let carve_outs = report["carve_outs"].as_array().expect("a list");
        let told = read("examples/acme/README.md");
        assert_eq!(carve_outs.len(), 10);
        for one in carve_outs {
            let (path, status) = (
                one["path"].as_str().unwrap(),
                one["status"].as_str().unwrap(),
            );
            let row = told
                .lines()
                .find(|line| line.starts_with(&format!("| `{path}`")));
            assert!(
                row.is_some_and(|row| row.contains(&format!("| `{status}`"))),
                "{path} is {status}, and the README says {row:?}"
            );
        }
        // Which commit it was depends on how git names commits.
        let without_commit = |one: &Value| {
            let mut one = one.clone();
            if let Some(commit) = one["last_justified"]["commit"].take().as_str()
                && let Some(link) = one["permalink"].as_str()
            {
                one["permalink"] = link.replace(commit, "").into();
            }
            one
        };
        let shown = blocks(&read("docs/json.md"), "json").remove(0);
        let shown: Value = serde_json::from_str(&shown).expect("JSON");
        let same = carve_outs.iter().find(|one| one["id"] == shown["id"]);
        assert_eq!(
            same.map(without_commit),
            Some(without_commit(&shown)),
            "docs/json.md"
        );
    }
}

fn documents() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "examples/acme/README.md",
        "tests/cases/README.md",
    ]
    .map(PathBuf::from)
    .to_vec();
    for entry in std::fs::read_dir(project().join("docs")).unwrap() {
        let name = PathBuf::from(entry.unwrap().file_name());
        if name.extension().is_some_and(|extension| extension == "md") {
            found.push(Path::new("docs").join(name));
        }
    }
    found
}

/// The anchors that code hosts give a document's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut dead = Vec::new();
    for document in documents() {
        let text = read(&document);
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
        {
            let link = link.0;
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                document.clone()
            } else {
                document.parent().unwrap().join(path)
            };
            let leads = project().join(&target).exists()
                && (anchor.is_empty() || anchors(&read(&target)).contains(anchor));
            if !leads {
                dead.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn every_rule_is_documented_in_the_words_of_explain_and_no_other_is() {
    let text = read("docs/rules.md");
    let documented: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let known: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert_eq!(documented, known);
    for rule in Rule::ALL {
        let section = text.split(&format!("## {}\n", rule.id())).nth(1).unwrap();
        let words = rule.summary();
        let sentence = format!("\n*{}{}.*", words[..1].to_uppercase(), &words[1..]);
        assert!(section.starts_with(&sentence), "{} {sentence}", rule.id());
    }
}

#[test]
fn the_settings_shown_are_settings() {
    let text = read("docs/settings.md");
    let shown = blocks(&text, "yaml");
    for block in &shown {
        Settings::parse("docs/settings.md", block).unwrap();
    }
    let headings = anchors(&text);
    for key in shown[0].lines().filter_map(|line| line.split_once(':')) {
        if key.0.starts_with(|c: char| c.is_ascii_lowercase()) {
            assert!(headings.contains(key.0), "no heading for `{}`", key.0);
        }
    }
}

#[test]
fn the_settings_of_the_example_are_settings() {
    let path = "examples/acme/repository/perimeter.yaml";
    Settings::parse(path, &read(path)).unwrap();
}

#[test]
fn ci_runs_the_test_command_of_the_readme_with_the_rust_it_asks_for() {
    let readme = read("README.md");
    let commands = blocks(&readme, "sh");
    let last = read(".ci/run").lines().last().map(str::to_owned);
    assert!(last.is_some_and(|line| commands.contains(&line)));
    let manifest = read("Cargo.toml");
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .unwrap()
        .trim_matches('"');
    assert!(readme.contains(&format!("[Rust](https://rustup.rs) {version} or newer")));
}

/// The source files of the library with the room they belong to, without their tests.
fn sources() -> Vec<(PathBuf, String, String)> {
    let mut waiting = vec![project().join("src")];
    let mut found = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            // Modules that only tests have may look beyond their room.
            let name = path.file_name().unwrap().to_owned();
            if path.is_dir() {
                waiting.extend((name != "tests").then_some(path));
                continue;
            }
            let only_for_tests = [
                "tests.rs",
                "testing.rs",
                "oracle.rs",
                "laws.rs",
                "fixture.rs",
                "reference.rs",
            ];
            if path.extension().is_none_or(|ending| ending != "rs")
                || only_for_tests.iter().any(|file| name == *file)
            {
                continue;
            }
            let relative = path.strip_prefix(project().join("src")).unwrap();
            let first = relative.iter().next().unwrap().to_str().unwrap();
            let room = first.trim_end_matches(".rs").to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or(&text);
            found.push((relative.to_owned(), room, code.to_owned()));
        }
    }
    found.sort();
    found
}

#[test]
fn rooms_import_what_the_architecture_lets_them() {
    let everywhere = ["location", "value"];
    let allowed = BTreeMap::from([
        ("graph", vec![]),
        ("catalog", vec!["graph"]),
        ("change", vec!["graph"]),
        ("sources", vec!["catalog", "graph"]),
        ("carveout", vec!["graph"]),
        ("settings", vec!["change"]),
        ("picture", vec!["change", "graph"]),
        (
            "verdict",
            vec!["settings", "picture", "change", "carveout", "graph"],
        ),
        ("query", vec!["change", "carveout", "graph"]),
        (
            "report",
            vec!["verdict", "picture", "query", "change", "carveout", "graph"],
        ),
        ("forge", vec!["report"]),
        ("repos", vec![]),
        ("cli", vec![]),
        ("exit_code", vec![]),
        ("location", vec![]),
        ("value", vec![]),
    ]);
    let mut wrong = Vec::new();
    for (path, room, code) in sources() {
        let Some(allowed) = allowed.get(room.as_str()) else {
            assert!(
                ["commands", "main", "lib"].contains(&room.as_str()),
                "no row for the room {room}"
            );
            continue;
        };
        for rest in code.split("crate::").skip(1) {
            let other = rest
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .next()
                .unwrap_or("");
            if other != room && !everywhere.contains(&other) && !allowed.contains(&other) {
                wrong.push(format!("{} imports {other}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn disk_environment_and_petgraph_stay_where_they_belong() {
    let kept: [(&str, &[&str]); 9] = [
        ("ureq::", &["commands"]),
        ("TcpStream", &[]),
        ("std::fs", &["commands", "repos"]),
        ("std::env", &["main"]),
        ("io::stdin", &["commands"]),
        ("io::stdout", &["commands", "main"]),
        ("SystemTime", &["commands"]),
        ("git2::", &["repos"]),
        ("petgraph::", &["graph"]),
    ];
    let mut wrong = Vec::new();
    for (path, room, code) in sources() {
        for (thing, rooms) in kept {
            if code.contains(thing) && !rooms.contains(&room.as_str()) {
                wrong.push(format!("{} uses {thing}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
