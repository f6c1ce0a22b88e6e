//! Plan and source agree: for every story, the network that is read from the Terraform files is the one that the plan
//! tells of, but for what only a provider knows. Each difference has its reason here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use perimeter::carveout::near_miss::MarkerPattern;
use perimeter::catalog::Catalog;
use perimeter::change::diff::Snapshot;
use perimeter::commands::network::{self, InputFile, Network, SourceOptions};
use perimeter::commands::survey::{Request, survey};
use perimeter::graph::node::{Node, Standing};
use perimeter::graph::origin::Origins;
use perimeter::repos::Repository;
use perimeter::settings::DEFAULT_MARKER;
use rayon::prelude::*;

use crate::cases::{case_folders, prepare};
use crate::common::{TestRepository, perimeter, run};

/// What a node is called in both: by the resource that describes it, else by its identity.
fn called(node: &Node, origins: &Origins) -> String {
    let address = node
        .origins
        .iter()
        .map(|origin| origins.get(*origin).address.as_str())
        .min();
    match (&node.standing, address) {
        (Standing::Described, Some(address)) => format!("{}:{address}", node.kind.slug()),
        _ => node.id.as_str().to_owned(),
    }
}

/// Everything that a snapshot states, a line each, with names that do not depend on identifiers.
fn stated(snapshot: &Snapshot, origins: &Origins) -> BTreeSet<String> {
    let mut names: Vec<(String, String)> = snapshot
        .graph
        .nodes()
        .map(|node| (node.id.as_str().to_owned(), called(node, origins)))
        .collect();
    names.sort_by_key(|(id, _)| std::cmp::Reverse(id.len()));
    let renamed = |text: &str| {
        let mut text = text.to_owned();
        for (id, name) in &names {
            text = text.replace(id.as_str(), name);
        }
        text
    };
    let mut lines = BTreeSet::new();
    for node in snapshot.graph.nodes() {
        let name = called(node, origins);
        let prefixes: Vec<String> = node
            .address_space
            .prefixes
            .iter()
            .map(ToString::to_string)
            .collect();
        let region = node.place.region.as_deref().unwrap_or("-");
        lines.insert(format!(
            "node {name} name={} region={region} prefixes={} forwards={:?} opens={:?}",
            node.name.as_deref().unwrap_or("-"),
            prefixes.join(","),
            node.forwards,
            node.opens,
        ));
        if let Some(account) = &node.place.account {
            lines.insert(format!("account of {name}: {account}"));
        }
    }
    for (boundary, facts) in &snapshot.perimeters.facts {
        for (key, fact) in facts {
            lines.insert(renamed(&format!(
                "fact {boundary}: {:?} {} = {}",
                key.0, key.1, fact.value
            )));
        }
    }
    for departure in &snapshot.perimeters.departures {
        for end in departure.reach.ends.keys() {
            lines.insert(renamed(&format!("reach {} -> {end}", departure.from)));
        }
    }
    lines
}

/// The network of a story, as its plan tells it, and as its source does.
fn both(folder: &Path) -> (Network, Network) {
    let catalog = Catalog::embedded().unwrap();
    let repository = TestRepository::new();
    repository.lay_out(&folder.join("base"));
    let base = repository.commit("before");
    repository.lay_out(&folder.join("head"));
    let head = repository.commit("after");
    let pattern = MarkerPattern::new(DEFAULT_MARKER).unwrap();
    let request = Request {
        directory: repository.path().to_path_buf(),
        head: Some(head.to_string()),
        base: Some(base.to_string()),
        has_change_set: true,
        pattern: &pattern,
        ignore: &globset::GlobSet::empty(),
        environment: &|_| None,
        reads_source: true,
    };
    let surveys = vec![survey(Repository::open(repository.path()).unwrap(), &request).unwrap()];
    let contexts = contexts(folder);
    let interest = BTreeSet::new();
    let plan = InputFile::named(&folder.join("plan.json"));
    let of_plan = network::read(&catalog, &[plan], &contexts, &interest).unwrap();
    let options = SourceOptions {
        tracked_values: Vec::new(),
        other_values: Vec::new(),
        is_root: &|_| true,
    };
    let (of_source, _) =
        network::read_sources(&catalog, &surveys, &contexts, &interest, &options).unwrap();
    (of_plan, of_source)
}

fn contexts(folder: &Path) -> Vec<InputFile> {
    let mut contexts: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with("context-")
        })
        .collect();
    contexts.sort();
    contexts.iter().map(|path| InputFile::named(path)).collect()
}

/// What only one of the two states, `-` the plan and `+` the source, before (`b`) and after (`a`).
fn differences(folder: &Path) -> Vec<String> {
    let (of_plan, of_source) = both(folder);
    let mut lines = Vec::new();
    for (side, plan, source) in [
        ("b", &of_plan.before, &of_source.before),
        ("a", &of_plan.after, &of_source.after),
    ] {
        let plan = stated(plan, &of_plan.origins);
        let source = stated(source, &of_source.origins);
        lines.extend(
            plan.difference(&source)
                .map(|line| format!("{side} - {line}")),
        );
        lines.extend(
            source
                .difference(&plan)
                .map(|line| format!("{side} + {line}")),
        );
    }
    lines
}

/// Why plan and source differ in a line of a story.
fn reason(story: &str, line: &str) -> Option<&'static str> {
    let has = |part: &str| line.contains(part);
    Some(match story {
        _ if has("account of ") => {
            "accounts are known to the provider, or to no plan that lacks them"
        }
        _ => return None,
    })
}

#[test]
fn plan_and_source_tell_of_one_network() {
    let folders = case_folders();
    let found: BTreeMap<String, Vec<String>> = folders
        .par_iter()
        .map(|folder| {
            let story = folder.file_name().unwrap().to_string_lossy().into_owned();
            (story, differences(folder))
        })
        .collect();
    let mut listed = String::new();
    let mut unexplained = String::new();
    for (story, lines) in &found {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in lines {
            match reason(story, line) {
                Some(reason) => reasons.entry(reason).or_default().push(line),
                None => writeln!(unexplained, "{story}: {line}").unwrap(),
            }
        }
        for (reason, lines) in reasons {
            writeln!(listed, "{story}: {} lines: {reason}", lines.len()).unwrap();
        }
    }
    assert!(
        unexplained.is_empty(),
        "differences without a reason:\n{unexplained}"
    );
    insta::assert_snapshot!("plan_and_source", listed);
}
