//! Plan and source agree: for every story, the network that is read from the Terraform files is the one that the plan
//! tells of, but for what only a provider knows. Each difference has its reason here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use perimeter::carveout::near_miss::MarkerPattern;
use perimeter::catalog::Catalog;
use perimeter::change::diff::Snapshot;
use perimeter::commands::clusters::KnownClusters;
use perimeter::commands::manifests::ManifestInput;
use perimeter::commands::network::{self, InputFile, Network, SourceOptions};
use perimeter::commands::survey::{Request, RoleOfSource, survey};
use perimeter::graph::node::{Node, Standing};
use perimeter::graph::origin::Origins;
use perimeter::repos::{Base, Repository};
use perimeter::settings::DEFAULT_MARKER;
use perimeter::settings::Settings;
use perimeter::sources::terraform::blocks::Root;
use rayon::prelude::*;

use crate::cases::{case_folders, prepare_without_plan};
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
        // A peering has no direction; which end comes first depends on identifiers.
        let Some(start) = text.find("peering/network").map(|at| at + "peering/".len()) else {
            return text;
        };
        let end = text[start..]
            .find([' ', '>'])
            .map_or(text.len(), |at| start + at);
        let ends = text[start..end].trim_end_matches(':');
        match ends.split_once('~') {
            Some((first, second)) if second < first => {
                text.replace(ends, &format!("{second}~{first}"))
            }
            _ => text,
        }
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
    let repository = TestRepository::new();
    repository.lay_out(&folder.join("base"));
    let base = repository.commit("before");
    repository.lay_out(&folder.join("head"));
    let head = repository.commit("after");
    let revisions = [base.to_string(), head.to_string()];
    let plan = folder.join("plan.json");
    both_in(
        repository.path(),
        &revisions,
        &plan,
        &contexts(folder),
        None,
    )
}

/// The same of any repository. `is_root` tells which directories are root modules.
fn both_in(
    directory: &Path,
    [base, head]: &[String; 2],
    plan: &Path,
    contexts: &[InputFile],
    is_root: Option<&(dyn Fn(&str) -> bool + Sync)>,
) -> (Network, Network) {
    let catalog = Catalog::embedded();
    let pattern = MarkerPattern::new(DEFAULT_MARKER).unwrap();
    let repository = Repository::open(directory).unwrap();
    let base = Base {
        revision: repository.resolve(base).unwrap(),
        description: String::new(),
    };
    let request = Request {
        directory: directory.to_path_buf(),
        head: Some(head.clone()),
        base: Some(base),
        see: &|_| (),
        position: 0,
        clusters_of: &|_| Vec::new(),
        pattern: &pattern,
        ignore: &globset::GlobSet::empty(),
        cache: None,
        environment: &|_| None,
        role_of_source: RoleOfSource::Perimeter,
    };
    let surveys = vec![survey(repository, &request).unwrap()];
    let interest = BTreeSet::new();
    let plan = InputFile::named(plan);
    let manifests = ManifestInput {
        settings: &Settings::default(),
        clusters: &KnownClusters::default(),
        surveys: &surveys,
        several_repositories: false,
        keeps_declarations: false,
    };
    let find_root = |_: &InputFile, addresses: &[&str]| {
        let directory = match surveys[0].at_head.blocks.root_candidates(addresses) {
            Root::Found(directory) => Some(directory),
            Root::Ambiguous(some) => some
                .into_iter()
                .find(|one| is_root.is_some_and(|is| is(one))),
            Root::NotFound => None,
        };
        Some((0, directory?))
    };
    let (of_plan, _) = network::read(
        &catalog,
        &[plan],
        contexts,
        &interest,
        &manifests,
        (&find_root, None),
    )
    .unwrap();
    let options = SourceOptions {
        tracked_values: Vec::new(),
        other_values: Vec::new(),
        runs: Vec::new(),
        is_root,
    };
    let (of_source, _) =
        network::read_sources(&catalog, contexts, &interest, &options, &manifests).unwrap();
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
fn differences(of_plan: &Network, of_source: &Network) -> Vec<String> {
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
        _ if has("account of ") => "the account is the provider's to know",
        _ if has("auto_accept_shared_attachments = disable")
            || has("auto_accept_shared_attachments @ ") && has(" = disable")
            || has("= PERIMETER_TYPE_REGULAR")
            || has("reconcile_connections = false") =>
        {
            "a default that the provider fills in"
        }
        "114-google-service-perimeter-opened" if has("google_project.till") => {
            "the number of a project is the provider's to know"
        }
        "18d-load-balancer-in-subnets-looked-up"
            if has("data.aws_vpc.") || has("subnet/aws:") || has("data.aws_subnets.") =>
        {
            "what data sources find is the provider's to look up"
        }
        "25-state-housekeeping" if line.starts_with("b - ") && has("aws_vpc.prod") => {
            "what an import block takes in was there, as only a plan tells"
        }
        "218-inline-subnet-moved-out" if has("node subnet:") => {
            "what an import block takes in was there, as only a plan tells"
        }
        "25-state-housekeeping" if has("data.aws_vpc.legacy") => {
            "a data source of the base, which the prior state no longer holds"
        }
        "38-accepted-with-context" => {
            "the other stack names this one's network by an identifier, which no source holds"
        }
        "42-external-peer" | "63b-sensitive-address-space" => {
            "the region of a network behind an identifier is the provider's to look up"
        }
        "64-tables-created" if has("dyn") || has("10.77.0.0/16") || has("10.99.0.0/16") => {
            "a plan does not hold dynamic blocks; the source does"
        }
        "65-main-table-association-removed" => {
            "the table that takes over again is known by an identifier to the provider only"
        }
        "71-one-stack-of-two" if has("aws_vpc.b") => "the plan is of the other stack",
        "207-virtual-hub-added" | "226-virtual-wan-branch"
            if has(".routing.") || has("static_routes") || has("reach ") =>
        {
            "routing that nobody configures is unknown in a plan, and the default in the source"
        }
        _ => return None,
    })
}

/// Do something on threads with much stack: a thread that waits for its share of one story begins the next one on top of it.
fn roomy<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(512 << 20);
    pool.build().unwrap().install(work)
}

#[test]
fn plan_and_source_tell_of_one_network() {
    let folders = case_folders();
    let found: BTreeMap<String, Vec<String>> = roomy(|| {
        folders
            .par_iter()
            .filter(|folder| folder.join("plan.json").exists())
            .map(|folder| {
                let story = folder.file_name().unwrap().to_string_lossy().into_owned();
                let (of_plan, of_source) = both(folder);
                (story, differences(&of_plan, &of_source))
            })
            .collect()
    });
    let mut listed = String::new();
    let mut unexplained = String::new();
    for (story, lines) in &found {
        let mut reasons = BTreeSet::new();
        for line in lines {
            match reason(story, line) {
                Some(reason) => {
                    reasons.insert(reason);
                }
                None => writeln!(unexplained, "{story}: {line}").unwrap(),
            }
        }
        for reason in reasons {
            writeln!(listed, "{story}: {reason}").unwrap();
        }
    }
    assert!(
        unexplained.is_empty(),
        "differences without a reason:\n{unexplained}"
    );
    insta::assert_snapshot!("plan_and_source", listed);
}

/// For trees of others, whose plans were made elsewhere: `PERIMETER_TREES` is a directory of folders, each with a `plan.json` that
/// creates everything, the `tree`, and the root module's path in it as the text `root`. Prints what differs.
#[test]
#[ignore = "needs trees and their plans"]
#[allow(clippy::print_stdout)]
fn public_trees_and_their_plans() {
    let trees = std::env::var_os("PERIMETER_TREES").expect("PERIMETER_TREES is a directory");
    let mut totals = [0; 5];
    for entry in std::fs::read_dir(trees).unwrap() {
        let folder = entry.unwrap().path();
        let root = std::fs::read_to_string(folder.join("root")).unwrap();
        let repository = TestRepository::new();
        let base = repository.commit("before");
        repository.lay_out(&folder.join("tree"));
        let head = repository.commit("after");
        let revisions = [base.to_string(), head.to_string()];
        let plan = folder.join("plan.json");
        let is_root = |directory: &str| directory == root.trim();
        let directory = repository.path();
        let (of_plan, of_source) =
            roomy(|| both_in(directory, &revisions, &plan, &[], Some(&is_root)));
        let all = stated(&of_plan.after, &of_plan.origins).len();
        let differences = differences(&of_plan, &of_source);
        let name = folder.file_name().unwrap().to_string_lossy();
        let alone = |side: &str| {
            differences
                .iter()
                .filter(|line| line.starts_with(side))
                .count()
        };
        let met = all - alone("a - ");
        let (resolved, ends) = resolved_ends(&of_source.after);
        eprintln!(
            "{name}: {met} of {all} lines of the plan have a counterpart, {} more are of the source; \
             {resolved} of {ends} ends of links are described",
            alone("a + ")
        );
        for (sum, more) in totals
            .iter_mut()
            .zip([all, met, alone("a + "), resolved, ends])
        {
            *sum += more;
        }
        for line in differences {
            eprintln!("  {line}");
        }
        for notice in of_source.notices {
            eprintln!("  notice {}: {}", notice.kind, notice.subject);
        }
    }
    let [all, met, more, resolved, ends] = totals;
    eprintln!(
        "all: {met} of {all} lines of the plans have a counterpart, {more} more are of the source; \
         {resolved} of {ends} ends of links are described"
    );
}

/// How many ends of links lead to something that the input describes, and how many there are.
fn resolved_ends(snapshot: &Snapshot) -> (usize, usize) {
    let graph = &snapshot.graph;
    let links = graph.links().filter_map(|link| graph.ends(&link.id));
    let ends: Vec<&Node> = links.flatten().collect();
    let is_described = |end: &&&Node| end.standing == Standing::Described;
    (ends.iter().filter(is_described).count(), ends.len())
}

/// Stories whose report differs without their plan, and why.
const OTHERWISE_TOLD: [(&str, &str); 6] = [
    (
        "11-subnet-falls-to-main-table",
        "a carve-out names its network by an identifier, which no source holds",
    ),
    (
        "25-state-housekeeping",
        "that what an import block takes in is there already, only a plan tells",
    ),
    (
        "38-accepted-with-context",
        "the other stack names this one's network by an identifier; with the state of this stack as context, too, they meet",
    ),
    (
        "114-google-service-perimeter-opened",
        "the number of a project is the provider's to know",
    ),
    (
        "215-location-migration",
        "that a network made anew keeps its identifier, and so its peering, only the provider knows",
    ),
    (
        "63b-sensitive-address-space",
        "where a network behind a secret identifier lies, only the provider knows",
    ),
];

/// Verdict, changes and what becomes of each carve-out, as one text.
fn outcome(mut command: std::process::Command) -> String {
    let outcome = run(command.args(["--format", "json"]));
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", outcome.stderr));
    let pick = |list: &str, names: &[&str]| {
        let mut lines: Vec<String> = report[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| names.iter().map(|name| format!(" {}", one[name])).collect())
            .collect();
        lines.sort();
        lines.join("\n")
    };
    format!(
        "{}\n{}\n{}",
        report["verdict"],
        pick("changes", &["category", "effect", "boundary_names"]),
        pick("carve_outs", &["path", "status"]),
    )
}

#[test]
fn stories_come_out_the_same_without_their_plan() {
    let wrong: Vec<String> = case_folders()
        .par_iter()
        .filter_map(|folder| {
            let story = folder.file_name().unwrap().to_string_lossy().into_owned();
            let (_one, with_plan) = crate::cases::prepare(folder);
            let (_other, without_plan) = prepare_without_plan(folder);
            let (with_plan, without_plan) = (outcome(with_plan), outcome(without_plan));
            let is_told_otherwise = OTHERWISE_TOLD.iter().any(|(one, _)| *one == story);
            ((with_plan == without_plan) == is_told_otherwise)
                .then(|| format!("{story}\n{with_plan}\n--- without its plan\n{without_plan}\n"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[cfg(unix)]
#[test]
fn links_to_terraform_files_of_the_repository_are_read_and_a_change_behind_them_is_seen() {
    use std::os::unix::fs::symlink;
    let repository = TestRepository::new();
    repository.write("common/peers.tf", "locals {\n  peers = []\n}\n");
    repository.write(
        "network/main.tf",
        "resource \"aws_vpc\" \"shop\" {\n  cidr_block = \"10.1.0.0/16\"\n}\nresource \"aws_vpc_peering_connection\" \"all\" {\n  for_each    = toset(local.peers)\n  vpc_id      = aws_vpc.shop.id\n  peer_vpc_id = each.value\n}\n",
    );
    // One link leads on to another.
    symlink("peers.tf", repository.path().join("common/shared.tf")).unwrap();
    symlink(
        "../common/shared.tf",
        repository.path().join("network/peers.tf"),
    )
    .unwrap();
    repository.commit("base");
    let peers = "locals {\n  peers = [\"vpc-0aaa1111bbbb2222c\"]\n}\n";
    repository.write("common/peers.tf", peers);
    let told = |base: &str| {
        let mut command = perimeter();
        command.args(["diff", "--base", base, "--repo"]);
        run(command.arg(repository.path())).stdout
    };
    let in_the_work_tree = told("HEAD");
    repository.commit("head");
    for told in [in_the_work_tree, told("HEAD~1")] {
        assert!(told.contains("peering added"), "{told}");
        assert!(!told.contains("is not declared"), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_read_through_links_that_lead_out_of_the_repository() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    let secret = "resource \"aws_vpc\" \"outside\" {\n  cidr_block = \"10.66.0.0/16\"\n}\n";
    std::fs::write(outside.path().join("main.tf"), secret).unwrap();
    std::fs::write(outside.path().join("cidr.txt"), "10.77.0.0/16").unwrap();
    std::fs::create_dir_all(outside.path().join("modules/far")).unwrap();
    std::fs::write(outside.path().join("modules/far/main.tf"), secret).unwrap();
    let fetched =
        r#"{"Modules":[{"Key":"far","Source":"example/far/aws","Dir":".terraform/modules/far"}]}"#;
    std::fs::write(outside.path().join("modules/modules.json"), fetched).unwrap();

    let repository = TestRepository::new();
    repository.write(
        "main.tf",
        "module \"linked\" {\n  source = \"./linked\"\n}\nmodule \"above\" {\n  source = \"../above\"\n}\nmodule \"far\" {\n  source = \"example/far/aws\"\n}\nresource \"aws_vpc\" \"inside\" {\n  cidr_block = file(\"linked/cidr.txt\")\n}\nresource \"aws_vpc\" \"by_file\" {\n  cidr_block = file(\"cidr.txt\")\n}\n",
    );
    symlink(outside.path(), repository.path().join("linked")).unwrap();
    symlink(
        outside.path().join("cidr.txt"),
        repository.path().join("cidr.txt"),
    )
    .unwrap();
    symlink(outside.path(), repository.path().join(".terraform")).unwrap();
    symlink(
        outside.path().join("main.tf"),
        repository.path().join("absolute.tf"),
    )
    .unwrap();
    symlink("../../outside/main.tf", repository.path().join("above.tf")).unwrap();
    repository.commit("links");
    let mut command = perimeter();
    command.args(["diff", "--format", "json", "--repo"]);
    let told = run(command.arg(repository.path()));
    assert_eq!(told.code, 0, "{}", told.stderr);
    for leaked in ["10.66.0.0", "10.77.0.0", "outside\""] {
        assert!(!told.stdout.contains(leaked), "{leaked}: {}", told.stdout);
    }
    assert_eq!(
        told.stdout.matches("module-not-found").count(),
        3,
        "{}",
        told.stdout
    );
}

#[test]
fn the_state_of_the_stack_itself_tells_what_its_identifiers_name() {
    let vpc = "resource \"aws_vpc\" \"prod\" {\n  cidr_block = \"10.0.0.0/16\"\n}\n";
    let peering = "resource \"aws_vpc_peering_connection\" \"far\" {\n  vpc_id      = aws_vpc.prod.id\n  peer_vpc_id = \"vpc-0fa\"\n}\n";
    let repository = TestRepository::new();
    repository.write("main.tf", vpc);
    repository.write(
        "app.yaml",
        "# ZFN-3 carve-out: traffic never leaves vpc-0a1; the peers authenticate each other\ntls: false\n",
    );
    let base = repository.commit("before").to_string();
    repository.write("peering.tf", peering);
    repository.commit("after");
    let state = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "outputs": {}, "resources": [
        {"mode": "managed", "type": "aws_vpc", "name": "prod", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
         "instances": [{"schema_version": 1, "attributes": {"id": "vpc-0a1", "cidr_block": "10.0.0.0/16"}}]}]}"#;
    let directory = tempfile::tempdir().unwrap();
    let state_path = directory.path().join("terraform.tfstate");
    std::fs::write(&state_path, state).unwrap();
    let status = |with_state: bool| {
        let mut command = perimeter();
        command.args(["check", "--format", "json", "--base", &base, "--repo"]);
        command.arg(repository.path());
        if with_state {
            command.arg("--context").arg(&state_path);
        }
        let told = run(&mut command);
        let report: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!(report["changes"].as_array().unwrap().len(), 1, "{report}");
        let carve_out = &report["carve_outs"][0];
        let status = carve_out["status"].as_str().unwrap().to_owned();
        (status, carve_out["footprint"].as_array().unwrap().len())
    };
    assert_eq!(status(true), ("must_rejustify".to_owned(), 1));
    // Without it nobody can tell which network the words mean, and the carve-out is listed all the same.
    assert_eq!(status(false), ("unanchored".to_owned(), 0));
}

/// Whether a plan that leaves something open is settled by the source in a repository.
fn is_settled(repository: &TestRepository, plan: &Path) -> bool {
    let mut command = perimeter();
    command.args(["diff", "--format", "json", "--plan"]);
    command.arg(plan).arg("--repo").arg(repository.path());
    let told = run(&mut command);
    assert_eq!(told.code, 0, "{}", told.stderr);
    assert!(told.stdout.contains("ring-1"), "{}", told.stdout);
    !told.stdout.contains("assumed-instance")
}

#[test]
fn source_is_asked_what_a_plan_leaves_open_and_believed_while_it_makes_all_of_it() {
    let story = case_folders()
        .into_iter()
        .find(|folder| folder.ends_with("62c-next-instance-of-a-count"))
        .unwrap();
    let plan = story.join("plan.json");
    let text = std::fs::read_to_string(story.join("head/main.tf")).unwrap();
    let repository = TestRepository::new();
    repository.commit("nothing");
    assert!(!is_settled(&repository, &plan));
    repository.write("main.tf", &text);
    assert!(is_settled(&repository, &plan));
    // The plan has a peering of a name that is no longer here.
    let renamed = text.replace("\"x\"", "\"y\"");
    repository.write("main.tf", &renamed);
    assert!(!is_settled(&repository, &plan));
}

#[test]
fn of_copies_of_a_stack_a_plan_is_of_the_one_it_lies_in_or_that_settings_name() {
    let story = case_folders()
        .into_iter()
        .find(|folder| folder.ends_with("62c-next-instance-of-a-count"))
        .unwrap();
    let plan = story.join("plan.json");
    let text = std::fs::read_to_string(story.join("head/main.tf")).unwrap();
    let repository = TestRepository::new();
    repository.write("live/test/main.tf", &text);
    repository.write("live/prod/main.tf", &text);
    repository.commit("copies");
    assert!(!is_settled(&repository, &plan));
    let inside = repository.path().join("live/prod/plan.json");
    std::fs::copy(&plan, &inside).unwrap();
    assert!(is_settled(&repository, &inside));
    repository.write("perimeter.yaml", "sources: { roots: [live/prod] }\n");
    assert!(is_settled(&repository, &plan));
}
