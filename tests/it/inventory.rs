//! `perimeter inventory`, `aggregate` and `check --inventory`: many repositories in one verdict.

use std::path::{Path, PathBuf};

use perimeter::report::json::inventory::SCHEMA;
use serde_json::Value;

use crate::common::{Run, TestRepository, perimeter, project, run};

/// A repository of services, with an address on a code host.
fn service(name: &str) -> TestRepository {
    let repository = TestRepository::new();
    let address = format!("https://x-access-token:s3cret@github.com/acme/{name}.git");
    repository.git().remote_set_url("origin", &address).unwrap();
    repository.write(
        "deploy/config.yaml",
        "# ZFN-3 carve-out: inside VPC prod;\n# the tables hold no person\ntls: false\n",
    );
    repository.write(".github/CODEOWNERS", "* @acme/shop\n");
    repository
}

fn inventory(arguments: &[&str]) -> Run {
    run(perimeter().arg("inventory").args(arguments))
}

fn inventory_of(repository: &TestRepository, arguments: &[&str]) -> Run {
    let mut command = perimeter();
    command
        .current_dir(repository.path())
        .arg("inventory")
        .args(arguments);
    run(&mut command)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn of_kind<'v>(lines: &'v [Value], kind: &str) -> Vec<&'v Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

fn assert_valid(text: &str) {
    let schema =
        std::fs::read_to_string(project().join("schemas/inventory-1.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for line in lines(text) {
        let errors: Vec<String> = validator
            .iter_errors(&line)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{line}\n{}", errors.join("\n"));
    }
}

/// Files that live as long as the test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn aggregate(files: &[&Path], arguments: &[&str]) -> Run {
    run(perimeter().arg("aggregate").args(files).args(arguments))
}

/// The first story, which peers VPC prod with another, with these inventories.
fn check(inventories: &[&Path], arguments: &[&str]) -> Run {
    let folder = project().join("tests/cases/01-peering-added");
    let (_repository, mut command) = crate::cases::prepare(&folder);
    for path in inventories {
        command.arg("--inventory").arg(path);
    }
    run(command.args(arguments))
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stderr))
}

/// A peering added to VPC `prod-us-east`, as in the first story.
const GUARANTEE: &str = "inside VPC prod-us-east";

#[test]
fn an_inventory_tells_of_carve_outs_and_what_was_looked_at_and_not_of_credentials_or_code() {
    let repository = service("cart");
    repository.write(
        "near.py",
        "# zfn-3 carve out - inside VPC prod; b\npassword = 'hunter2'\n",
    );
    repository.write("fixtures/x.py", "# ZFN-3 carve-out: a; b\n");
    repository.write(
        "perimeter.yaml",
        "sources: { ignore: [\"fixtures/**\"] }\naliases: { the shop: aws_vpc.shop }\nbindings: [ { paths: [\"near.py\"], rests_on: [vpc-0a1] } ]\n",
    );
    let commit = repository.commit("all").to_string();
    let taken = inventory_of(&repository, &[]);
    assert_eq!(taken.code, 0, "{}", taken.stderr);
    assert_eq!(taken.stderr, "2 carve-outs in 1 repository\n");
    assert_valid(&taken.stdout);
    assert!(!taken.stdout.contains("s3cret") && !taken.stdout.contains("hunter2"));
    let lines = lines(&taken.stdout);
    let header = &lines[0];
    assert_eq!(header["schema"], SCHEMA);
    assert_eq!(header["repository"], "github.com/acme/cart");
    assert_eq!(header["remote"], "https://github.com/acme/cart");
    assert_eq!(header["commit"], commit.as_str());
    assert_eq!(header["committed"], "2026-01-05T08:00:00Z");
    assert_eq!(header["is_dirty"], false);
    assert_eq!(header["ignored"], 1);
    assert_eq!(header["files"], 4);
    assert_eq!(header["aliases"]["the shop"][0], "aws_vpc.shop");
    let [first, near] = of_kind(&lines, "carve_out")[..] else {
        panic!("{}", taken.stdout)
    };
    assert_eq!(
        (&first["path"], &first["line"], &first["end_line"]),
        (&"deploy/config.yaml".into(), &1.into(), &2.into())
    );
    assert_eq!(first["owners"][0], "@acme/shop");
    assert_eq!(first["last_justified"]["commit"], commit.as_str());
    assert_eq!(first["fault"], Value::Null);
    assert_eq!(near["fault"]["rule"], "near-miss-marker");
    assert_eq!(near["rests_on"][0], "vpc-0a1");

    // The same of the commit, of a bare clone, and of several at once; a changed file is another matter.
    assert_eq!(
        inventory_of(&repository, &["--repo", ".@HEAD"]).stdout,
        taken.stdout
    );
    repository.write(
        "deploy/config.yaml",
        "# ZFN-3 carve-out: inside VPC prod; new words\ntls: false\n",
    );
    let dirty = inventory_of(&repository, &[]);
    let lines = self::lines(&dirty.stdout);
    assert_eq!(lines[0]["is_dirty"], true);
    let first = of_kind(&lines, "carve_out")[0];
    assert_eq!(
        (&first["is_committed"], &first["last_justified"]),
        (&false.into(), &Value::Null)
    );
}

#[test]
fn a_bare_repository_has_the_same_inventory() {
    let repository = service("cart");
    repository.commit("all");
    let bare = tempfile::tempdir().unwrap();
    let clone = git2::build::RepoBuilder::new()
        .bare(true)
        .clone(repository.path().to_str().unwrap(), bare.path())
        .unwrap();
    clone
        .remote_set_url("origin", "git@github.com:acme/cart.git")
        .unwrap();
    let path = bare.path().to_str().unwrap();
    let from_clone = inventory_of(&repository, &[]).stdout;
    assert_eq!(inventory(&["--repo", path]).stdout, from_clone);
    assert_eq!(
        inventory(&["--repo", &format!("{path}@main")]).stdout,
        from_clone
    );
}

#[test]
fn words_that_act_in_a_terminal_are_escaped() {
    let repository = service("cart");
    repository.write(
        "a.py",
        "# ZFN-3 carve-out: inside VPC prod\u{202e}; \u{9b}2J\nx = 1\n",
    );
    repository.commit("all");
    let taken = inventory_of(&repository, &[]).stdout;
    assert!(!taken.contains(['\u{202e}', '\u{9b}']));
    assert!(taken.contains("prod\\u202e"));
    let files = Files::new();
    let file = files.write("a.jsonl", &taken);
    assert_eq!(aggregate(&[&file], &[]).stdout, taken);
    // Whoever writes it unescaped gains nothing.
    let raw = files.write("raw.jsonl", &taken.replace("\\u202e", "\u{202e}"));
    assert_eq!(aggregate(&[&raw], &[]).stdout, taken);
}

#[test]
fn one_that_cannot_be_read_is_a_line_and_the_others_are_there() {
    let repository = service("cart");
    repository.commit("all");
    let path = repository.path().to_str().unwrap();
    let gone = format!("{path}@gone");
    let taken = inventory(&[
        "--repo",
        path,
        "--repo",
        "/nonexistent/ledger",
        "--repo",
        &gone,
    ]);
    assert_eq!(taken.code, 10);
    assert_valid(&taken.stdout);
    let lines = lines(&taken.stdout);
    assert_eq!(of_kind(&lines, "carve_out").len(), 1);
    let errors: Vec<&Value> = of_kind(&lines, "error");
    assert_eq!(errors.len(), 2);
    assert_eq!(
        (&errors[0]["repository"], &errors[0]["error"]),
        (&"github.com/acme/cart".into(), &"unread".into())
    );
    assert_eq!(errors[1]["repository"], "ledger");
    assert!(
        taken
            .stderr
            .contains("error: ledger: there is no directory"),
        "{}",
        taken.stderr
    );
}

#[test]
fn strangers_of_one_name_are_not_taken_for_one_repository() {
    let directory = tempfile::tempdir().unwrap();
    let mut arguments = Vec::new();
    for team in ["a", "b"] {
        let repository = service("api");
        repository.commit("all");
        let path = directory.path().join(team).join("api");
        git2::build::RepoBuilder::new()
            .clone(repository.path().to_str().unwrap(), &path)
            .unwrap()
            .remote_delete("origin")
            .unwrap();
        arguments.extend(["--repo".to_owned(), path.to_str().unwrap().to_owned()]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let strangers = inventory(&arguments);
    assert_eq!(strangers.code, 10);
    assert!(
        strangers.stderr.contains("error: api: another repository"),
        "{}",
        strangers.stderr
    );
    let twice = inventory(&[&arguments[..2], &arguments[..2]].concat());
    assert_eq!(
        (twice.code, twice.stderr.as_str()),
        (0, "1 carve-out in 1 repository\n")
    );
}

#[test]
fn aggregating_gives_the_same_bytes_in_any_order_and_grouping() {
    let files = Files::new();
    let mut parts = Vec::new();
    for name in ["cart", "ledger", "shop"] {
        let repository = service(name);
        repository.commit("all");
        let taken = inventory_of(&repository, &[]).stdout;
        parts.push(files.write(&format!("{name}.jsonl"), &taken));
    }
    let [a, b, c] = [0, 1, 2].map(|index| parts[index].as_path());
    let all = aggregate(&[a, b, c], &[]);
    assert_eq!(all.code, 0);
    assert_eq!(all.stderr, "3 carve-outs in 3 repositories\n");
    assert_eq!(aggregate(&[c, a, b, a], &[]).stdout, all.stdout);
    let some = files.write("some.jsonl", &aggregate(&[c, b], &[]).stdout);
    assert_eq!(aggregate(&[&some, a], &[]).stdout, all.stdout);
    let put_together: String = [c, a, b]
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let put_together = files.write("cat.jsonl", &put_together);
    assert_eq!(aggregate(&[&put_together], &[]).stdout, all.stdout);
}

#[test]
fn the_newer_commit_counts_and_what_cannot_be_decided_is_said() {
    let repository = service("cart");
    repository.commit("all");
    let files = Files::new();
    let older = inventory_of(&repository, &[]).stdout;
    let newer = older
        .replace("2026-01-05T08:00:00Z", "2026-01-06T08:00:00Z")
        .replace("no person", "nobody");
    let rival = newer.replace("nobody", "no one");
    let [older, newer_file, rival] =
        [("o", &older), ("n", &newer), ("r", &rival)].map(|(name, text)| files.write(name, text));
    assert_eq!(aggregate(&[&newer_file, &older], &[]).stdout, newer);
    let undecided = aggregate(&[&newer_file, &rival], &[]);
    assert_eq!(undecided.code, 10);
    assert_valid(&undecided.stdout);
    assert_eq!(lines(&undecided.stdout)[0]["error"], "undecided");
    let undecided = files.write("u", &undecided.stdout);
    assert_eq!(aggregate(&[&undecided, &newer_file], &[]).code, 10);
    let newest = newer.replace("2026-01-06", "2026-01-07");
    let newest_file = files.write("w", &newest);
    assert_eq!(aggregate(&[&undecided, &newest_file], &[]).stdout, newest);
}

#[test]
fn an_expected_repository_that_is_missing_is_an_error_until_it_comes() {
    let (cart, ledger) = (service("cart"), service("ledger"));
    cart.commit("all");
    ledger.commit("all");
    let files = Files::new();
    let cart = files.write("cart.jsonl", &inventory_of(&cart, &[]).stdout);
    let ledger = files.write("ledger.jsonl", &inventory_of(&ledger, &[]).stdout);
    let list = files.write(
        "list.txt",
        "# services\nacme/cart\nhttps://github.com/acme/ledger.git # books\n",
    );
    let expect = ["--expect", list.to_str().unwrap()];
    let missing = aggregate(&[&cart], &expect);
    assert_eq!(missing.code, 10);
    assert_valid(&missing.stdout);
    let lines = lines(&missing.stdout);
    let last = &lines[lines.len() - 1];
    assert_eq!(
        (&last["repository"], &last["error"]),
        (&"github.com/acme/ledger".into(), &"missing".into())
    );
    let missing = files.write("missing.jsonl", &missing.stdout);
    assert_eq!(
        aggregate(&[&missing, &ledger], &[]).stdout,
        aggregate(&[&cart, &ledger], &expect).stdout
    );
    assert_eq!(aggregate(&[&cart, &ledger], &expect).code, 0);
}

#[test]
fn what_is_no_inventory_or_was_cut_off_is_refused_with_its_line() {
    let repository = service("cart");
    repository.commit("all");
    let whole = inventory_of(&repository, &[]).stdout;
    let files = Files::new();
    let (first, rest) = whole.split_once('\n').unwrap();
    for (text, expected) in [
        (format!("{first}\n"), "the file is not whole"),
        (rest.to_owned(), ":1: this belongs to the repository"),
        (format!("{whole}{{"), ":3: EOF while parsing"),
        (
            whole.replace("inventory/1", "inventory/2"),
            "this version reads perimeter.inventory/1",
        ),
        (String::new(), "is empty"),
        ("{\"kind\":\"poem\"}".to_owned(), "no kind that is known"),
        (
            whole.replace("\"line\":1", "\"line\":0"),
            ":2: a carve-out that stands nowhere",
        ),
        (
            whole.replace("deploy/config.yaml", "../config.yaml"),
            ":2: a carve-out that stands nowhere",
        ),
        (
            whole.replace("\"end_line\":2", "\"end_line\":18446744073709551615"),
            ":2: a carve-out that stands nowhere",
        ),
    ] {
        let file = files.write("broken.jsonl", &text);
        for refused in [aggregate(&[&file], &[]), check(&[&file], &[])] {
            assert_eq!(refused.code, 1, "{text}");
            assert!(
                refused.stderr.contains(expected),
                "{expected}: {}",
                refused.stderr
            );
        }
    }
}

/// A service whose carve-out rests on what the first story changes.
fn dependent(name: &str) -> TestRepository {
    let repository = service(name);
    repository.write(
        "deploy/config.yaml",
        &format!("# ZFN-3 carve-out: {GUARANTEE};\n# the tables hold no person\ntls: false\n"),
    );
    repository.write(
        "local.go",
        "// ZFN-3 carve-out: over the loopback; both ends are one process\n",
    );
    repository
}

#[test]
fn dependents_of_other_repositories_are_listed_with_owner_and_link_and_others_are_not() {
    let repository = dependent("cart");
    let commit = repository.commit("all");
    let files = Files::new();
    let file = files.write("cart.jsonl", &inventory_of(&repository, &[]).stdout);
    let checked = check(&[&file], &["--format", "json"]);
    assert_eq!(checked.code, 10);
    let report = json(&checked);
    let of_cart: Vec<&Value> = report["carve_outs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["repository"] == "cart")
        .collect();
    let [fallen, local] = of_cart[..] else {
        panic!("{of_cart:?}")
    };
    assert_eq!(fallen["status"], "must_rejustify");
    assert_eq!(fallen["owners"][0], "@acme/shop");
    assert_eq!(
        fallen["permalink"],
        format!("https://github.com/acme/cart/blob/{commit}/deploy/config.yaml#L1-L2")
    );
    assert_eq!(fallen["last_justified"]["author"], "Ada");
    assert_eq!(local["status"], "unaffected");
    for (format, expected) in [
        ("table", "cart:deploy/config.yaml:1"),
        (
            "markdown",
            "- **Shown at:** <https://github.com/acme/cart/blob/",
        ),
        ("html", "href=\"https://github.com/acme/cart/blob/"),
        ("sarif", "cart"),
    ] {
        let shown = check(&[&file], &["--format", format]).stdout;
        assert!(shown.contains(expected), "{format}\n{shown}");
    }
}

#[test]
fn questions_about_carve_outs_hear_of_other_repositories_and_others_refuse_to() {
    let cart = dependent("cart");
    cart.commit("all");
    let files = Files::new();
    let file = files.write("cart.jsonl", &inventory_of(&cart, &[]).stdout);
    let expected = files.write("expected.txt", "acme/tax\n");
    let merged = aggregate(&[&file], &["--expect", expected.to_str().unwrap()]);
    let file = files.write("all.jsonl", &merged.stdout);
    let folder = project().join("tests/cases/01-peering-added");
    let (repository, _) = crate::cases::prepare(&folder);
    let ask = |arguments: &[&str]| {
        let mut command = perimeter();
        command.current_dir(repository.path()).args(arguments);
        command.arg("--plan").arg(folder.join("plan.json"));
        command.arg("--inventory").arg(&file);
        run(&mut command)
    };
    let answer = json(&ask(&[
        "query",
        "dependents",
        "prod-us-east",
        "--format",
        "json",
    ]));
    let places: Vec<&str> = answer["answers"][0]["carve_outs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["repository"] == "cart")
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    // What rests on the loopback rests on no network.
    assert_eq!(places, ["deploy/config.yaml"], "{answer:#}");
    let has_notice = |answer: &Value| {
        let mut notices = answer["notices"].as_array().unwrap().iter();
        notices.any(|one| {
            one["kind"] == "unread-repository" && one["subject"].as_str().unwrap().contains("tax")
        })
    };
    assert!(has_notice(&answer), "{answer:#}");
    let told = ask(&["query", "dependents", "prod-us-east"]).stdout;
    assert!(told.contains("cart deploy/config.yaml:1"), "{told}");
    let none = ask(&["query", "dependents", "billing"]).stdout;
    assert!(!none.contains("cart"), "{none}");

    let supposed = [
        "query",
        "what-if",
        "add exposure prod-us-east",
        "--format",
        "json",
    ];
    let answer = json(&ask(&supposed));
    let falls = answer.to_string().contains("deploy/config.yaml");
    assert!(falls && has_notice(&answer), "{answer:#}");

    let refusals: [(&[&str], &str); 3] = [
        (
            &["query", "links", "prod-us-east"],
            "only `query dependents`",
        ),
        (&["justify", "x", "--reason", "y"], "--from check.json"),
        (&["review"], "--from check.json"),
    ];
    for (arguments, why) in refusals {
        let refused = ask(arguments);
        assert_eq!(refused.code, 2, "{arguments:?} {}", refused.stderr);
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
}

#[test]
fn the_verdict_is_that_of_the_clone_itself_whichever_way_it_is_read() {
    // An inventory carries no source.
    let without_source = |report: &Value| {
        let mut carve_outs = report["carve_outs"].clone();
        for one in carve_outs.as_array_mut().unwrap() {
            one.as_object_mut().unwrap().remove("excerpt");
        }
        carve_outs
    };
    let repository = dependent("cart");
    repository.commit("all");
    let files = Files::new();
    let file = files.write("cart.jsonl", &inventory_of(&repository, &[]).stdout);
    let by_inventory = json(&check(&[&file], &["--format", "json"]));
    let path = repository.path().to_str().unwrap();
    let by_clone = json(&check(&[], &["--format", "json", "--repo", path]));
    assert_eq!(without_source(&by_inventory), without_source(&by_clone));
    assert_eq!(by_inventory["changes"], by_clone["changes"]);
    // Given both ways it counts once.
    let both = json(&check(&[&file], &["--format", "json", "--repo", path]));
    assert_eq!(without_source(&both), without_source(&by_clone));
    let inputs = both["inputs"].to_string();
    assert!(inputs.contains("1 left out, being at hand"), "{inputs}");
}

#[test]
fn a_fork_or_a_namesake_is_no_repository_at_hand() {
    let repository = dependent("cart");
    repository.commit("all");
    let taken = inventory_of(&repository, &[]).stdout;
    let files = Files::new();
    let fork = files.write("fork.jsonl", &taken.replace("acme/cart", "beta/cart"));
    let path = repository.path().to_str().unwrap();
    let report = json(&check(&[&fork], &["--format", "json", "--repo", path]));
    let names: Vec<&str> = report["carve_outs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["path"] == "deploy/config.yaml")
        .map(|one| one["repository"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["cart", "github.com/beta/cart"]);
}

#[test]
fn a_receipt_in_an_inventory_excuses_and_one_for_another_perimeter_does_not() {
    let repository = dependent("cart");
    repository.commit("all");
    let files = Files::new();
    let file = files.write("cart.jsonl", &inventory_of(&repository, &[]).stdout);
    let report = check(&[&file], &["--format", "json"]).stdout;
    let report_file = files.write("check.json", &report);
    let id = json(&check(&[&file], &["--format", "json"]))["carve_outs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["repository"] == "cart" && one["status"] == "must_rejustify")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut git = repository.git().config().unwrap();
    git.set_str("user.name", "Ada Park").unwrap();
    git.set_str("user.email", "ada@acme.example").unwrap();
    let mut justify = perimeter();
    justify.current_dir(repository.path()).args([
        "justify",
        &id,
        "--reason",
        "no untrusted workload there",
    ]);
    let justified = run(justify.arg("--from").arg(&report_file));
    assert_eq!(justified.code, 0, "{}", justified.stderr);
    repository.commit("justified");
    let taken = inventory_of(&repository, &[]).stdout;
    assert_valid(&taken);
    assert!(!taken.contains("ada@acme.example"), "{taken}");
    let status = |text: &str| {
        let file = files.write("justified.jsonl", text);
        let report = json(&check(&[&file], &["--format", "json"]));
        let all = report["carve_outs"].as_array().unwrap();
        all.iter().find(|one| one["id"] == id.as_str()).unwrap()["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(status(&taken), "rejustified");
    let of_another = lines(&taken).last().unwrap()["perimeter"]["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        status(&taken.replace(&of_another, &"0".repeat(64))),
        "must_rejustify"
    );
}

#[test]
fn what_could_not_be_read_blocks_where_something_may_fall_and_warns_where_nothing_does() {
    let files = Files::new();
    let taken = inventory(&["--repo", "/nonexistent/ledger"]);
    let file = files.write("ledger.jsonl", &taken.stdout);
    let severity = |report: &Value| {
        let findings = report["findings"].as_array().unwrap();
        let one = findings
            .iter()
            .find(|one| one["rule"] == "unread-repository")
            .unwrap();
        one["severity"].as_str().unwrap().to_owned()
    };
    let blocked = check(&[&file], &["--format", "json"]);
    assert_eq!(
        (severity(&json(&blocked)).as_str(), blocked.code),
        ("error", 10)
    );
    let by_clone = check(&[], &["--repo", "/nonexistent/ledger", "--format", "json"]);
    assert_eq!(
        (severity(&json(&by_clone)).as_str(), by_clone.code),
        ("error", 10)
    );
    let folder = project().join("tests/cases/21-tags-and-descriptions");
    let (_repository, mut command) = crate::cases::prepare(&folder);
    let quiet = run(command
        .arg("--inventory")
        .arg(&file)
        .args(["--format", "json"]));
    assert_eq!(
        (severity(&json(&quiet)).as_str(), quiet.code),
        ("warning", 0),
        "{}",
        quiet.stderr
    );
}

#[test]
fn aliases_and_bindings_of_an_inventoried_repository_are_its_own() {
    let with_settings = service("cart");
    with_settings.write(
        "a.py",
        "# ZFN-3 carve-out: inside the shop's own segment; signed\nx = 1\n",
    );
    with_settings.write(
        "b.py",
        "# ZFN-3 carve-out: stays where it is; signed\nx = 1\n",
    );
    with_settings.write(
        "perimeter.yaml",
        "aliases: { \"the shop's own segment\": prod-us-east }\nbindings: [ { paths: [\"b.py\"], rests_on: [prod-us-east] } ]\n",
    );
    with_settings.commit("all");
    let without = service("ledger");
    without.write(
        "a.py",
        "# ZFN-3 carve-out: inside the shop's own segment; signed\nx = 1\n",
    );
    without.commit("all");
    let files = Files::new();
    let cart = files.write("cart.jsonl", &inventory_of(&with_settings, &[]).stdout);
    let ledger = files.write("ledger.jsonl", &inventory_of(&without, &[]).stdout);
    let report = json(&check(&[&cart, &ledger], &["--format", "json"]));
    let via = |repository: &str, path: &str| {
        let all = report["carve_outs"].as_array().unwrap();
        let one = all
            .iter()
            .find(|one| one["repository"] == repository && one["path"] == path)
            .unwrap();
        (
            one["status"].as_str().unwrap().to_owned(),
            one["footprint"][0]["via"]
                .as_str()
                .unwrap_or("nothing")
                .to_owned(),
        )
    };
    let pair = |status: &str, via: &str| (status.to_owned(), via.to_owned());
    assert_eq!(via("cart", "a.py"), pair("must_rejustify", "alias"));
    assert_eq!(via("cart", "b.py"), pair("must_rejustify", "binding"));
    assert_eq!(via("ledger", "a.py"), pair("unanchored", "nothing"));
}

#[test]
fn two_hundred_repositories_are_read_in_one_run() {
    let repository = service("cart");
    repository.commit("all");
    let path = repository.path().to_str().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut arguments = Vec::new();
    for number in 0..200 {
        let clone = directory.path().join(format!("service-{number}.git"));
        let git = git2::build::RepoBuilder::new()
            .bare(true)
            .clone(path, &clone)
            .unwrap();
        let address = format!("https://github.com/acme/service-{number}");
        git.remote_set_url("origin", &address).unwrap();
        arguments.push("--repo".to_owned());
        arguments.push(clone.to_str().unwrap().to_owned());
    }
    arguments.extend(["--repo".to_owned(), "/nonexistent/service".to_owned()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let taken = inventory(&arguments);
    let lines = lines(&taken.stdout);
    assert_eq!(of_kind(&lines, "carve_out").len(), 200);
    assert_eq!(of_kind(&lines, "error").len(), 1);
    let mut with_format = arguments;
    with_format.extend(["--format", "json"]);
    let report = json(&check(&[], &with_format));
    let of_services = report["carve_outs"].as_array().unwrap().iter();
    let of_services =
        of_services.filter(|one| one["repository"].as_str().unwrap().starts_with("service-"));
    assert_eq!(of_services.count(), 200);
    let findings = report["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .any(|one| one["rule"] == "unread-repository")
    );
}

/// What the network's own repository and plan hold, beside a cache that another repository declares.
fn cache_story() -> (TestRepository, Value) {
    let folder = project().join("tests/cases/35-in-a-resource-block");
    let plan = std::fs::read_to_string(folder.join("plan.json")).unwrap();
    let repository = TestRepository::new();
    repository.lay_out(&folder.join("head"));
    let address = "https://github.com/acme/network.git";
    repository.git().remote_set_url("origin", address).unwrap();
    repository.commit("all");
    (repository, serde_json::from_str(&plan).unwrap())
}

#[test]
fn a_carve_out_in_a_block_is_bound_by_the_plan_of_its_root_module_and_by_no_other() {
    let (repository, plan) = cache_story();
    let files = Files::new();
    let file = files.write("network.jsonl", &inventory_of(&repository, &[]).stdout);
    let plan = files.write("plan.json", &plan.to_string());
    let elsewhere = TestRepository::new();
    elsewhere.write("README.md", "nothing\n");
    elsewhere.commit("all");
    let check = |inventory: &Path, home: &TestRepository| {
        let mut command = perimeter();
        command.args([
            "check", "--format", "json", "--head", "HEAD", "--base", "HEAD", "--repo",
        ]);
        command.arg(home.path()).arg("--plan").arg(&plan);
        json(&run(command.arg("--inventory").arg(inventory)))
    };
    let by_block = |report: &Value| -> Vec<(String, String)> {
        let all = report["carve_outs"].as_array().unwrap().iter();
        all.map(|one| {
            let via = one["footprint"][0]["via"].as_str().unwrap_or("nothing");
            (one["path"].as_str().unwrap().to_owned(), via.to_owned())
        })
        .collect()
    };
    let by_inventory = by_block(&check(&file, &elsewhere));
    assert!(
        by_inventory.iter().any(|(_, via)| via == "block"),
        "{by_inventory:?}"
    );
    // The clone of it says the same.
    assert_eq!(by_inventory, by_block(&check(&file, &repository)));
    // A root module of which the plan knows nothing binds nothing, and that is said.
    let text = std::fs::read_to_string(&file).unwrap();
    let header: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let mut other = text.clone();
    for digest in header["roots"][0]["resources"].as_array().unwrap() {
        other = other.replace(digest.as_str().unwrap(), "000000000000");
    }
    let other = files.write("other.jsonl", &other);
    let report = check(&other, &elsewhere);
    assert!(
        !by_block(&report).iter().any(|(_, via)| via == "block"),
        "{report}"
    );
    let notices = report["notices"].to_string();
    assert!(notices.contains("place-not-in-network"), "{notices}");
}

#[test]
fn a_carve_out_in_an_object_is_bound_to_its_cluster_where_the_settings_name_that_and_is_adrift_where_not()
 {
    let service = service("cart");
    let deployment = "# ZFN-3 carve-out: traffic to it is not encrypted; callers sign\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: cart, namespace: shop }\nspec: { selector: { matchLabels: { app: cart } }, template: { metadata: { labels: { app: cart } } } }\n";
    service.write("k8s/cart.yaml", deployment);
    service.write(
        "perimeter.yaml",
        "clusters: [ { name: prod, runs_in: prod-us-east } ]\n",
    );
    service.commit("all");
    let files = Files::new();
    let named = inventory_of(&service, &[]).stdout;
    assert_valid(&named);
    let line = lines(&named)
        .into_iter()
        .find(|line| line["path"] == "k8s/cart.yaml")
        .unwrap();
    assert_eq!(line["objects"][0]["cluster"], "prod");
    assert_eq!(
        line["objects"][0]["boundaries"][0],
        "kubernetes:prod/shop/deployment/cart"
    );
    service.write("perimeter.yaml", "");
    let unnamed = inventory_of(&service, &[]).stdout;
    let status = |text: &str| {
        let file = files.write("cart.jsonl", text);
        let report = json(&check(&[&file], &["--format", "json"]));
        let all = report["carve_outs"].as_array().unwrap();
        let one = all
            .iter()
            .find(|one| one["path"] == "k8s/cart.yaml")
            .unwrap();
        (
            one["status"].as_str().unwrap().to_owned(),
            report["notices"].to_string(),
        )
    };
    let (bound, notices) = status(&named);
    assert_eq!(bound, "must_rejustify", "{notices}");
    let (adrift, notices) = status(&unnamed);
    assert_eq!(adrift, "unanchored");
    assert!(
        notices.contains("the settings do not say of which cluster"),
        "{notices}"
    );
}
