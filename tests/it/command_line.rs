//! The command line: help, usage errors, bad input, where reports go, and what must never be in them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::common::{Run, TestRepository, perimeter, project, run};

const FORMATS: [&str; 8] = [
    "table", "json", "markdown", "html", "sarif", "github", "gitlab", "junit",
];

/// The pull request of the first story, and a folder to put bad input in.
pub(crate) struct Desk {
    pub(crate) repository: TestRepository,
    folder: tempfile::TempDir,
}

impl Desk {
    /// Base is what `main` stands on; the head is checked out as `change`.
    pub(crate) fn new() -> Self {
        let repository = TestRepository::new();
        let story = project().join("tests/cases/01-peering-added");
        repository.lay_out(&story.join("base"));
        let base = repository.commit("before");
        {
            let git = repository.git();
            let base = git.find_commit(base).unwrap();
            git.branch("change", &base, false).unwrap();
            git.set_head("refs/heads/change").unwrap();
        }
        repository.lay_out(&story.join("head"));
        repository.commit("after");
        let desk = Self {
            repository,
            folder: tempfile::tempdir().unwrap(),
        };
        desk.put("plan.json", story_plan());
        desk
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// `perimeter check` in the folder, on the repository.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = perimeter();
        command.current_dir(self.folder.path());
        command
            .arg("check")
            .arg("--repo")
            .arg(self.repository.path());
        command.args(arguments);
        command
    }

    pub(crate) fn check(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    /// The good plan, and something else.
    fn check_also(&self, arguments: &[&str]) -> Run {
        run(self.command(&["--plan", "plan.json"]).args(arguments))
    }

    /// The one error of a run that fails.
    #[track_caller]
    fn error(&self, arguments: &[&str]) -> String {
        the_error(&self.check(arguments))
    }

    #[track_caller]
    fn error_also(&self, arguments: &[&str]) -> String {
        the_error(&self.check_also(arguments))
    }

    #[track_caller]
    fn plan_error(&self, plan: impl AsRef<[u8]>) -> String {
        self.put("bad.json", plan);
        let error = self.error(&["--plan", "bad.json"]);
        assert!(error.starts_with("bad.json "), "{error}");
        error
    }

    #[track_caller]
    fn settings_error(&self, settings: &str) -> String {
        self.put("organisation.yaml", settings);
        self.error_also(&["--config", "organisation.yaml"])
    }
}

fn story_plan() -> String {
    std::fs::read_to_string(project().join("tests/cases/01-peering-added/plan.json")).unwrap()
}

/// What a failed run says: one error, on standard error alone, exit code 1.
#[track_caller]
pub(crate) fn the_error(outcome: &Run) -> String {
    let Run {
        stdout,
        stderr,
        code,
    } = outcome;
    assert_eq!((stdout.as_str(), *code), ("", 1), "{stderr}");
    assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
    assert!(!stderr.contains("os error"), "{stderr}");
    let mut lines = stderr.lines();
    let first = lines.next().unwrap();
    assert!(lines.all(|line| line.starts_with("  - ")), "{stderr}");
    let message = first.strip_prefix("error: ").unwrap();
    assert!(
        !message.starts_with(|c: char| c.is_whitespace()),
        "{stderr}"
    );
    stderr
        .trim_end()
        .strip_prefix("error: ")
        .unwrap()
        .to_owned()
}

#[track_caller]
pub(crate) fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no `{part}` in: {text}");
    }
}

#[track_caller]
pub(crate) fn usage_error(outcome: &Run) {
    assert_eq!((outcome.stdout.as_str(), outcome.code), ("", 2));
    assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
}

/// Standard input holds `input`.
fn run_with_stdin(command: &mut Command, input: &[u8]) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The run may fail before it reads.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

fn statuses(outcome: &Run) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(&outcome.stdout).expect(&outcome.stderr);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    report["carve_outs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["path"]), text(&one["status"])))
        .collect()
}

pub(crate) fn status_of(outcome: &Run, path: &str) -> Option<String> {
    let mut statuses = statuses(outcome).into_iter();
    Some(statuses.find(|(at, _)| at == path)?.1)
}

#[test]
fn version_is_told() {
    let outcome = run(perimeter().arg("--version"));
    assert_eq!(
        (outcome.code, outcome.stdout.trim()),
        (0, concat!("perimeter ", env!("CARGO_PKG_VERSION")))
    );
}

#[test]
fn help_tells_the_exit_codes_and_fits_a_terminal() {
    let acting: [&[&str]; 4] = [&["--help"], &["-h"], &["check", "--help"], &["check", "-h"]];
    let telling: [&[&str]; 7] = [
        &["init", "--help"],
        &["comment", "--help"],
        &["comment", "-h"],
        &["explain", "--help"],
        &["providers", "--help"],
        &["providers", "list", "--help"],
        &["providers", "validate", "-h"],
    ];
    for arguments in acting.into_iter().chain(telling) {
        let outcome = run(perimeter().args(arguments));
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        if acting.contains(&arguments) {
            holds(&outcome.stdout, &["10", "someone must act", "check"]);
        }
        let widest = outcome
            .stdout
            .lines()
            .map(|line| line.chars().count())
            .max();
        assert!(widest.unwrap() <= 100, "{}", outcome.stdout);
    }
}

#[test]
fn what_the_command_line_gets_wrong_is_a_usage_error() {
    let desk = Desk::new();
    for arguments in [
        &["--plan", "plan.json", "--nope"][..],
        &["--plan", "plan.json", "stray"],
        &["--plan", "plan.json", "--format", "xml"],
        &["--plan", "plan.json", "--format", "json="],
        &[
            "--plan",
            "plan.json",
            "--format",
            "json",
            "--format",
            "table",
        ],
        &[
            "--plan",
            "plan.json",
            "--format",
            "json=a",
            "--format",
            "table=a",
        ],
        &[
            "--plan",
            "plan.json",
            "--format",
            "json=a",
            "--format",
            "table",
            "--output",
            "a",
        ],
        &["--plan", "plan.json", "--format", "json=a", "--output", "b"],
        &["--plan", "plan.json", "--base", ""],
        &["--plan", ""],
        &["--plan", "-", "--context", "-"],
        &["--plan", "plan.json", "--var-file", "a.tfvars"],
    ] {
        usage_error(&desk.check(arguments));
    }
    usage_error(&run(perimeter().arg("chekc")));
    usage_error(&run(perimeter().args(["explain", "no-such-rule"])));
    assert_eq!(run(&mut perimeter()).code, 2);
    assert_eq!(desk.check(&["--plan", "plan.json"]).code, 10);
}

#[test]
fn without_a_plan_and_without_terraform_the_report_says_that_nothing_is_known() {
    let repository = TestRepository::new();
    repository.write("app.py", "TLS = False\n");
    repository.commit("no network");
    let outcome = run(perimeter().arg("check").current_dir(repository.path()));
    assert_eq!(outcome.code, 0);
    holds(&outcome.stdout, &["clear:", "no Terraform", "--plan FILE"]);
}

const NETWORKS: &str = "variable \"prefix\" {}\nresource \"aws_vpc\" \"a\" {\n  cidr_block = var.prefix\n}\nresource \"aws_vpc\" \"b\" {\n  cidr_block = \"10.2.0.0/16\"\n}\n";
const PEERING: &str = "# ZFN-3 carve-out: never leaves aws_vpc.a; nothing in it is secret, and callers sign.\nresource \"aws_vpc_peering_connection\" \"ab\" {\n  vpc_id      = aws_vpc.a.id\n  peer_vpc_id = aws_vpc.b.id\n  auto_accept = true\n}\n";

/// A repository whose last commit peers two networks of one root module; the other root module stays as it is.
fn peered() -> TestRepository {
    let repository = TestRepository::new();
    repository.write("network/main.tf", NETWORKS);
    repository.write("network/peering.tf", "");
    repository.write("other/main.tf", "resource \"aws_vpc\" \"a\" {}\n");
    repository.write("prod.tfvars", "prefix = \"10.1.0.0/16\"\n");
    repository.commit("two networks");
    repository.write("network/peering.tf", PEERING);
    repository.commit("peer them");
    repository
}

#[test]
fn without_a_plan_the_files_of_two_revisions_are_compared() {
    let repository = peered();
    // Without a file that may be meant for it, a variable has no value.
    std::fs::remove_file(repository.path().join("prod.tfvars")).unwrap();
    repository.commit("no values");
    let mut command = perimeter();
    command.current_dir(repository.path());
    let outcome = run(command.args(["check", "--base", "HEAD~2"]));
    holds(
        &outcome.stdout,
        &[
            "peering added",
            "network/peering.tf:2",
            "nothing in the source gives var.prefix a value",
        ],
    );
    let mut command = perimeter();
    command.current_dir(repository.path());
    let same = run(command.args(["check", "--base", "HEAD"]));
    assert_eq!(same.code, 0);
    assert!(
        same.stdout.contains("no perimeter change"),
        "{}",
        same.stdout
    );
}

#[test]
fn diff_shows_the_changes_alone_and_files_of_values_are_read_at_both_revisions() {
    let repository = peered();
    let diff = |arguments: &[&str]| {
        let mut command = perimeter();
        command
            .current_dir(repository.path())
            .args(["diff", "--base", "HEAD~1"]);
        run(command.args(arguments))
    };
    let table = diff(&["--var-file", "prod.tfvars"]);
    assert_eq!(table.code, 0, "{}", table.stderr);
    holds(
        &table.stdout,
        &["1 perimeter change", "network/peering.tf:2"],
    );
    assert!(
        !table.stdout.contains("carve-out") && !table.stdout.contains("var.prefix"),
        "{}",
        table.stdout
    );
    holds(
        &diff(&["--format", "markdown"]).stdout,
        &["| Perimeter change |", "peering added"],
    );
    let json: serde_json::Value =
        serde_json::from_str(&diff(&["--format", "json"]).stdout).unwrap();
    let schema = std::fs::read_to_string(project().join("schemas/diff-1.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&json), "{json}");
    assert_eq!(json["changes"].as_array().unwrap().len(), 1);
    let missing = diff(&["--var-file", "nothing.tfvars"]);
    assert_eq!(missing.code, 1);
    holds(&missing.stderr, &["nothing.tfvars"]);
}

#[test]
fn a_module_that_was_not_read_is_a_finding_where_a_guarantee_rests_on_it() {
    let repository = TestRepository::new();
    let call = "module \"vpc\" {\n  source  = \"terraform-aws-modules/vpc/aws\"\n  version = \"6.0.0\"\n}\nresource \"aws_subnet\" \"s\" {\n  vpc_id = module.vpc.vpc_id\n}\n";
    repository.write("main.tf", call);
    repository.write(
        "a.py",
        "# ZFN-3 carve-out: stays inside VPC shop-prod; the threat model allows it.\ntls = False\n",
    );
    repository.commit("a module of the registry");
    let check = || run(perimeter().arg("check").current_dir(repository.path()));
    holds(
        &check().stdout,
        &["unread-source", "module.vpc was not read"],
    );
    repository.write(".terraform/modules/modules.json", r#"{"Modules":[{"Key":"vpc","Source":"registry.terraform.io/terraform-aws-modules/vpc/aws","Version":"6.0.0","Dir":".terraform/modules/vpc"}]}"#);
    repository.write(".gitignore", ".terraform\n");
    repository.write(".terraform/modules/vpc/main.tf", "resource \"aws_vpc\" \"this\" {\n  tags = { Name = \"shop-prod\" }\n}\noutput \"vpc_id\" {\n  value = aws_vpc.this.id\n}\n");
    let outcome = check();
    assert!(
        !outcome.stdout.contains("unread-source"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn what_is_no_plan_is_refused_with_the_command_to_run() {
    let desk = Desk::new();
    let plan = story_plan();
    let show = "terraform show -json";
    let text = "Terraform used the selected providers to generate the following execution\nplan.\n";
    let log = "{\"@level\":\"info\",\"@message\":\"Terraform 1.11.4\",\"type\":\"version\"}\n";
    let bad: [(&[u8], &[&str]); 12] = [
        (
            &plan.as_bytes()[..5000],
            &["cut off", "line 1", "5000", show],
        ),
        (
            b"PK\x03\x04\x14\x00\x08\x00tfplan",
            &["binary plan file", show],
        ),
        (b"", &["empty", show]),
        (b" \n", &["empty", show]),
        (
            text.as_bytes(),
            &["text of `terraform plan`", "-out=PLAN", show],
        ),
        (log.as_bytes(), &["progress log", show]),
        (b"hello", &["not JSON", show]),
        (b"\x80\x81", &["not text", show]),
        (b"\x1f\x8bgarbage", &["gzip"]),
        (
            br#"{"version":3,"deployment":{"resources":[]}}"#,
            &["`deployment`", show],
        ),
        (
            br#"{"AWSTemplateFormatVersion":"2010-09-09","Resources":{}}"#,
            &["`Resources`", show],
        ),
        (
            br#"{"format_version":"1.2","resource_changes":7}"#,
            &["not shaped", "line 1"],
        ),
    ];
    for (input, parts) in bad {
        holds(&desk.plan_error(input), parts);
    }
}

#[test]
fn a_plan_of_a_later_format_is_refused_and_one_of_this_format_is_not() {
    let desk = Desk::new();
    let later = story_plan().replace("\"format_version\":\"1.2\"", "\"format_version\":\"2.0\"");
    let error = desk.plan_error(later);
    holds(&error, &["2.0", "newer release"]);
    let minor = story_plan().replace("\"format_version\":\"1.2\"", "\"format_version\":\"1.99\"");
    desk.put("minor.json", minor);
    assert_eq!(desk.check(&["--plan", "minor.json"]).code, 10);
}

#[test]
fn deep_nesting_is_refused_without_a_crash() {
    let desk = Desk::new();
    for depth in [1_000, 1_000_000] {
        let deep = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        desk.plan_error(deep);
    }
    let deep = format!(
        "{{\"format_version\":\"1.2\",\"resource_changes\":{}",
        "[".repeat(1_000_000)
    );
    desk.plan_error(deep);
}

#[test]
fn a_plan_may_be_utf_16_or_gzip_or_come_on_standard_input() {
    let desk = Desk::new();
    let expected = statuses(&desk.check_also(&["--format", "json"]));
    assert!(!expected.is_empty());
    let plan = story_plan();
    let utf_16: Vec<u8> = format!("\u{feff}{plan}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(plan.as_bytes()).unwrap();
    for input in [utf_16, packed.finish().unwrap(), plan.into_bytes()] {
        desk.put("encoded", &input);
        let from_file = desk.check(&["--plan", "encoded", "--format", "json"]);
        assert_eq!(statuses(&from_file), expected);
        let mut command = desk.command(&["--plan", "-", "--format", "json"]);
        assert_eq!(statuses(&run_with_stdin(&mut command, &input)), expected);
    }
    let mut command = desk.command(&["--plan", "-"]);
    holds(
        &the_error(&run_with_stdin(&mut command, b"")),
        &["stdin is empty"],
    );
}

#[test]
fn a_state_is_no_plan_and_a_plan_is_no_context() {
    let desk = Desk::new();
    let state =
        r#"{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}"#;
    holds(&desk.plan_error(state), &["is a state", "--context"]);
    let raw = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"a","outputs":{},"resources":[]}"#;
    holds(&desk.plan_error(raw), &["is a state", "--context"]);
    let error = desk.error_also(&["--context", "plan.json"]);
    holds(&error, &["plan.json is a plan", "--plan"]);
    desk.put("state.json", state);
    assert_eq!(desk.check_also(&["--context", "state.json"]).code, 10);
}

#[test]
fn missing_files_and_directories_are_told_apart() {
    let desk = Desk::new();
    holds(
        &desk.error(&["--plan", "gone.json"]),
        &["gone.json does not exist"],
    );
    holds(&desk.error(&["--plan", "."]), &["is a directory"]);
    holds(
        &desk.error_also(&["--context", "gone.json"]),
        &["gone.json does not exist"],
    );
    holds(&desk.error_also(&["--config", "gone.yaml"]), &["gone.yaml"]);
}

#[test]
fn a_repository_that_is_none_is_named() {
    let desk = Desk::new();
    let check = |repository: &str| {
        let mut command = perimeter();
        command.current_dir(desk.folder.path());
        the_error(&run(command.args([
            "check",
            "--plan",
            "plan.json",
            "--repo",
            repository,
        ])))
    };
    holds(&check("."), &["no git repository", "--repo"]);
    holds(&check("gone"), &["no directory", "gone", "--repo"]);
    holds(&check("gone@main"), &["no directory", "gone", "--repo"]);
}

#[test]
fn a_revision_that_is_none_is_named_with_what_to_do() {
    let desk = Desk::new();
    for flag in ["--base", "--head"] {
        holds(
            &desk.error_also(&[flag, "mian"]),
            &["`mian`", "in platform", "did you mean `main`?"],
        );
        holds(&desk.error_also(&[flag, "v1.0"]), &["`v1.0`", "git fetch"]);
    }
    let at = format!("{}@nope", desk.repository.path().display());
    let mut command = perimeter();
    command.current_dir(desk.folder.path());
    command.args(["check", "--plan", "plan.json", "--repo", &at]);
    holds(&the_error(&run(&mut command)), &["`nope`"]);
    assert_eq!(
        desk.check_also(&["--base", "main", "--head", "HEAD"]).code,
        10
    );
}

#[test]
fn a_shallow_clone_says_how_to_get_its_history() {
    let desk = Desk::new();
    let git = desk.repository.git();
    assert!(!desk.error_also(&["--base", "v1.0"]).contains("shallow"));
    let head = git.head().unwrap().target().unwrap();
    std::fs::write(git.path().join("shallow"), format!("{head}\n")).unwrap();
    let advice = [
        "shallow clone",
        "git fetch --unshallow",
        "fetch-depth: 0",
        "GIT_DEPTH: 0",
    ];
    holds(&desk.error_also(&["--base", "v1.0"]), &advice);
    let mut command = desk.command(&["--plan", "plan.json"]);
    let error = the_error(&run(command.env("GITHUB_BASE_REF", "release")));
    holds(&error, &advice);
}

#[test]
fn the_base_that_ci_names_is_taken_or_missed() {
    let desk = Desk::new();
    let with = |branch: &str| {
        let mut command = desk.command(&["--plan", "plan.json"]);
        run(command.env("GITHUB_BASE_REF", branch))
    };
    assert_eq!(with("main").code, 10);
    holds(
        &the_error(&with("release")),
        &["GITHUB_BASE_REF", "`release`", "git fetch", "--base REV"],
    );
}

#[test]
fn settings_are_refused_with_file_and_place() {
    let desk = Desk::new();
    let marker = "marker: \"ZFN-3 carve-out:\"\n";
    for (settings, parts) in [
        (
            format!("{marker}alias: {{}}\n"),
            &["organisation.yaml:2:1", "`alias`", "aliases"][..],
        ),
        (
            format!("{marker}aliases: {{ the core: prod-us-esat }}\n"),
            &[
                "organisation.yaml",
                "`the core`",
                "`prod-us-esat`",
                "did you mean prod-us-east",
            ],
        ),
        (
            format!("{marker}sites: [ {{ name: oslo, networks: [zzzzzz] }} ]\n"),
            &["organisation.yaml", "`oslo`", "`zzzzzz`", "--context"],
        ),
        (
            "sources: { ignore: [\"vendor/{a\"] }".to_owned(),
            &["organisation.yaml", "sources.ignore", "`vendor/{a`"],
        ),
        (
            "bindings: [ { paths: [\"a[\"], rests_on: [prod-us-east] } ]".to_owned(),
            &["organisation.yaml", "bindings", "`a[`"],
        ),
        (
            "marker: ab".to_owned(),
            &["organisation.yaml", "marker", "too short"],
        ),
        ("- a".to_owned(), &["organisation.yaml:1:1"]),
        ("aliases: {".to_owned(), &["organisation.yaml:"]),
        (
            "policy: { narrowing: maybe }".to_owned(),
            &["organisation.yaml:1:22", "`maybe`", "invalidate, keep"],
        ),
    ] {
        holds(&desk.settings_error(&settings), parts);
    }
    desk.put(
        "organisation.yaml",
        format!("{marker}aliases: {{ the core: prod-us-east }}\n"),
    );
    assert_eq!(desk.check_also(&["--config", "organisation.yaml"]).code, 10);
}

#[test]
fn every_name_that_the_network_lacks_is_told_at_once() {
    let error = Desk::new().settings_error(
        "aliases: { one: prod-us-esat }\nbindings: [ { paths: [\"a/**\"], rests_on: [bilingg] } ]\n",
    );
    assert_eq!(error.lines().count(), 3, "{error}");
    holds(&error, &["`prod-us-esat`", "`bilingg`"]);
}

#[test]
fn a_newline_in_a_setting_starts_no_line_of_its_own() {
    let desk = Desk::new();
    let error = desk.settings_error("aliases: { one: \"x\\n::error::forged\\e[31m\" }\n");
    assert!(!error.contains('\u{1b}'), "{error}");
    let forged = |line: &str| line.trim_start().starts_with("::");
    assert!(!error.lines().any(forged), "{error}");
}

const TOY: &str = "\
provider: toy
type_prefix: toy_
names: [title]
types:
- type: toy_network
  role: network
  becomes:
  - node: { kind: network, address_space: [range] }
- type: toy_peering
  role: peering
  becomes:
  - link:
      kind: peering
      ends:
      - { of: [network_id], kind: network }
      - { of: [peer_network_id], kind: network }
";

#[test]
fn a_broken_providers_directory_is_refused_with_file_and_line() {
    let desk = Desk::new();
    holds(&desk.error_also(&["--providers", "gone"]), &["gone"]);
    std::fs::create_dir(desk.path("providers")).unwrap();
    let error = || desk.error_also(&["--providers", "providers"]);
    holds(&error(), &["providers", "no .yaml file"]);
    desk.put(
        "providers/toy.yaml",
        "provider: toy\ntype_prefix: toy_\ntipes: []\n",
    );
    holds(&error(), &["providers/toy.yaml:3", "`tipes`"]);
    desk.put(
        "providers/toy.yaml",
        TOY.replace("kind: network, ", "kind: netwrok, "),
    );
    holds(&error(), &["providers/toy.yaml:8", "netwrok"]);
    desk.put("providers/toy.yaml", b"\xff\xfe\x00");
    holds(&error(), &["providers/toy.yaml"]);
    desk.put("providers/toy.yaml", TOY);
    assert_eq!(desk.check_also(&["--providers", "providers"]).code, 10);
}

/// A resource as a plan lists it in its values, and as a change.
pub(crate) fn resource(kind: &str, name: &str, action: &str, values: &Value) -> (Value, Value) {
    let address = format!("{kind}.{name}");
    let head = json!({
        "address": address, "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/acme/toy",
    });
    let (mut planned, mut change) = (head.clone(), head);
    planned["values"] = values.clone();
    planned["sensitive_values"] = json!({});
    let before = if action == "create" {
        &Value::Null
    } else {
        values
    };
    change["change"] = json!({
        "actions": [action], "before": before, "after": values, "after_unknown": {},
        "before_sensitive": {}, "after_sensitive": {},
    });
    (planned, change)
}

pub(crate) fn plan_of(resources: &[(Value, Value)]) -> String {
    let existed = |change: &Value| change["change"]["before"] != Value::Null;
    let module = |planned: Vec<&Value>| json!({ "root_module": { "resources": planned } });
    let after = resources.iter().map(|(planned, _)| planned).collect();
    let before = resources
        .iter()
        .filter(|(_, change)| existed(change))
        .map(|(planned, _)| planned)
        .collect();
    let changes: Vec<&Value> = resources.iter().map(|(_, change)| change).collect();
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "planned_values": module(after),
        "prior_state": { "format_version": "1.0", "values": module(before) },
        "resource_changes": changes,
        "configuration": { "root_module": {} },
    })
    .to_string()
}

#[test]
fn a_report_is_written_whole_or_not_at_all() {
    let desk = Desk::new();
    let long = "x".repeat(100_000);
    desk.put("report.json", &long);
    let arguments = ["--format", "json", "--output", "report.json"];
    let failed = run(desk.command(&["--plan", "gone.json"]).args(arguments));
    the_error(&failed);
    assert_eq!(desk.read("report.json"), long);
    let outcome = desk.check_also(&arguments);
    assert_eq!(
        (
            outcome.code,
            outcome.stdout.as_str(),
            outcome.stderr.as_str()
        ),
        (10, "", "")
    );
    assert_eq!(
        desk.read("report.json"),
        desk.check_also(&["--format", "json"]).stdout
    );
    let missing = desk.error_also(&["--output", "reports/new.json"]);
    holds(&missing, &["reports/new.json", "no directory reports"]);
    holds(&desk.error_also(&["--output", "."]), &["is a directory"]);
    let mut names: Vec<_> = std::fs::read_dir(desk.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["plan.json", "report.json"]);
}

#[test]
fn several_reports_are_written_in_one_run_and_each_is_what_it_is_alone() {
    let desk = Desk::new();
    let mut arguments = vec!["--format".to_owned(), "table".to_owned()];
    for format in FORMATS.into_iter().skip(1) {
        arguments.extend(["--format".to_owned(), format!("{format}={format}.out")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = desk.check_also(&arguments);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (10, ""));
    assert_eq!(outcome.stdout, desk.check_also(&[]).stdout);
    for format in FORMATS.into_iter().skip(1) {
        let alone = desk.check_also(&["--format", format]);
        assert_eq!(
            desk.read(&format!("{format}.out")),
            alone.stdout,
            "{format}"
        );
    }
    let to_file = [
        "--format", "json=one", "--format", "markdown", "--output", "two",
    ];
    assert_eq!(desk.check_also(&to_file).stdout, "");
    assert!(desk.read("one").starts_with('{') && desk.read("two").starts_with("<!--"));
    let quiet = desk.check_also(&["--format", "json=one"]);
    assert_eq!((quiet.code, quiet.stdout.as_str()), (10, ""));
}

#[test]
fn the_commands_of_the_formats_page_run_and_it_tells_of_every_format() {
    let page = std::fs::read_to_string(project().join("docs/formats.md")).unwrap();
    let commands: Vec<&str> = page
        .lines()
        .filter_map(|line| Some(line.split_once("perimeter check ")?.1.trim()))
        .collect();
    assert!(commands.len() >= 4, "{commands:?}");
    let desk = Desk::new();
    for command in commands {
        let arguments: Vec<&str> = command.split(' ').collect();
        let outcome = desk.check(&arguments);
        assert_eq!(
            (outcome.code, outcome.stderr.as_str()),
            (10, ""),
            "{command}"
        );
    }
    for format in FORMATS {
        assert!(page.contains(&format!("\n## {format}\n")), "{format}");
    }
}

#[test]
fn a_step_summary_is_added_where_github_asks_for_one_and_nowhere_else() {
    let desk = Desk::new();
    let check = |format: &str, summary: &str| {
        let mut command = desk.command(&["--plan", "plan.json", "--format", format]);
        run(command.env("GITHUB_STEP_SUMMARY", desk.path(summary)))
    };
    assert_eq!(check("table", "summary.md").code, 10);
    assert!(!desk.path("summary.md").exists());
    let outcome = check("github", "summary.md");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (10, ""));
    assert!(
        outcome.stdout.contains("\n::error file=services/"),
        "{}",
        outcome.stdout
    );
    let once = desk.read("summary.md");
    assert!(once.starts_with("### ⛔ perimeter: blocked"));
    check("github", "summary.md");
    assert_eq!(desk.read("summary.md"), format!("{once}\n\n{once}"));
    assert_eq!(
        desk.check_also(&["--format", "github"]).stdout,
        outcome.stdout
    );
    // What others wrote is kept; where it leaves no room, that is said, and the verdict stands.
    desk.put("full.md", "x".repeat(1024 * 1024 - 100));
    let full = check("github", "full.md");
    assert_eq!(full.code, 10);
    holds(&full.stderr, &["no step summary is written"]);
    assert_eq!(desk.read("full.md").len(), 1024 * 1024 - 100);
    let lost = check("github", "no/such/folder/summary.md");
    assert_eq!(lost.code, 1);
    holds(&lost.stderr, &["cannot write the step summary"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_can_be_written_to_what_is_no_file() {
    let desk = Desk::new();
    // Where no new file can be made, so that nothing is harmed should this ever fail.
    let outcome = desk.check_also(&["--output", "/proc/self/fd/1"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (10, ""));
    assert_eq!(outcome.stdout, desk.check_also(&[]).stdout);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let desk = Desk::new();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = desk.command(&["--plan", "plan.json"]);
    let child = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    holds(
        &stderr,
        &["error: cannot write the report to standard output"],
    );
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let desk = Desk::new();
    for format in FORMATS {
        let mut child = desk
            .command(&["--plan", "-", "--format", format])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Nothing is written before the plan is read, and then nobody is there.
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(story_plan().as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.stderr, b"");
        assert_eq!(output.status.code(), Some(10));
    }
}

#[test]
fn the_exit_code_does_not_depend_on_the_format_and_can_be_kept_at_zero() {
    let desk = Desk::new();
    for format in FORMATS {
        let blocked = desk.check_also(&["--format", format]);
        let kept = desk.check_also(&["--format", format, "--exit-zero"]);
        assert_eq!((blocked.code, kept.code), (10, 0));
        assert_eq!(blocked.stdout, kept.stdout);
    }
    let failed = desk.check(&["--plan", "gone.json", "--exit-zero"]);
    assert_eq!(failed.code, 1);
}

#[test]
fn colour_is_used_when_asked_for_and_never_in_a_pipe_by_itself() {
    let desk = Desk::new();
    let plain = desk.check_also(&[]).stdout;
    let coloured = |command: &mut Command| run(command).stdout.contains('\u{1b}');
    let command = |when: &str| desk.command(&["--plan", "plan.json", "--color", when]);
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured(&mut command("always")));
    assert!(coloured(command("always").env("NO_COLOR", "1")));
    assert!(!coloured(&mut command("never")));
    assert!(!coloured(command("auto").env("NO_COLOR", "1")));
    assert!(!coloured(command("always").args(["--format", "markdown"])));
    assert!(!coloured(command("always").args(["--format", "json"])));
}

/// Everything of a Markdown text that is not in a code span or a code block.
fn outside_of_code(markdown: &str) -> String {
    let mut text = String::new();
    let mut in_block = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            let line = line.replace("\\`", "").replace("<code>", "`");
            let line = line.replace("</code>", "`");
            let pieces: String = line.split('`').step_by(2).collect();
            writeln!(text, "{pieces}").unwrap();
        }
    }
    text
}

#[test]
fn hostile_names_reach_neither_terminal_nor_markdown_raw() {
    let desk = Desk::new();
    let hostile =
        "evil\u{1b}[31m\u{202e}\n::error::x @octocat [a](http://evil.example) <img src=x> #1 | `b";
    let mut plan: Value = serde_json::from_str(&story_plan()).unwrap();
    let text = plan.to_string();
    let quoted = json!(hostile).to_string();
    plan = serde_json::from_str(&text.replace("\"analytics\"", &quoted)).unwrap();
    desk.put("hostile.json", plan.to_string());
    desk.repository.write(
        "services/@octocat/::error::.yaml",
        "# ZFN-3 carve-out: inside VPC prod-us-east \u{1b}[2J @octocat <script>x</script>; ::error::forged [a](http://evil.example)\ntls: off\n",
    );
    desk.repository.commit("@octocat <img src=x>\u{1b}[2J");
    let mut arguments = vec!["--plan", "hostile.json", "--base", "HEAD", "--verbose"];
    let table = desk.check(&arguments);
    holds(&table.stdout, &["peering added", "evil\\u{1b}[31m"]);
    let forged = |line: &str| line.trim_start().starts_with("::");
    for text in [&table.stdout, &table.stderr] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text}");
        assert!(!text.lines().any(forged), "{text}");
    }
    for format in ["sarif", "github", "gitlab", "junit", "html", "json"] {
        let with_format = [&arguments[..], &["--format", format]].concat();
        let text = desk.check(&with_format).stdout;
        assert!(!text.is_empty());
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text}");
        let commands = text.lines().filter(|line| forged(line));
        let is_ours = |line: &str| {
            let line = line.trim_start();
            [
                "::error file=",
                "::notice file=",
                "::group::all findings",
                "::endgroup::",
            ]
            .iter()
            .any(|ours| line.starts_with(ours))
        };
        assert!(commands.into_iter().all(is_ours), "{text}");
        assert!(!text.contains("<img") && !text.contains("<script>x") || format != "html");
    }
    arguments.extend(["--format", "markdown"]);
    let markdown = desk.check(&arguments).stdout;
    holds(&markdown, &["peering added", "evil"]);
    assert!(!markdown.contains(['\u{1b}', '\u{202e}']), "{markdown}");
    let text = outside_of_code(&markdown);
    for raw in ["@octocat", "<img", "<script", "](http://evil", "::error::x"] {
        assert!(!text.contains(raw), "{raw} in: {text}");
    }
}

#[test]
fn a_sensitive_value_is_in_no_report_and_in_no_error() {
    let desk = Desk::new();
    let secret = "hunter2-correct-horse";
    let values = json!({
        "id": "vpc-0aaaaaaaaaaaaaaaa", "cidr_block": "10.1.0.0/16", "tags": { "Name": secret },
    });
    let (mut planned, mut change) = resource("aws_vpc", "quiet", "create", &values);
    planned["sensitive_values"] = json!({ "tags": { "Name": true } });
    change["change"]["after_sensitive"] = json!({ "tags": { "Name": true } });
    let vpn = json!({
        "id": "vpn-0aaaaaaaaaaaaaaaa", "vpn_gateway_id": "vgw-0aaaaaaaaaaaaaaaa",
        "customer_gateway_id": "cgw-0aaaaaaaaaaaaaaaa", "type": "ipsec.1",
        "tunnel1_preshared_key": secret, "static_routes_only": true,
    });
    let (mut vpn_planned, mut vpn_change) = resource("aws_vpn_connection", "out", "create", &vpn);
    vpn_planned["sensitive_values"] = json!({ "tunnel1_preshared_key": true });
    vpn_change["change"]["after_sensitive"] = json!({ "tunnel1_preshared_key": true });
    let plan = plan_of(&[(planned, change), (vpn_planned, vpn_change)]).replace(
        "registry.terraform.io/acme/toy",
        "registry.terraform.io/hashicorp/aws",
    );
    desk.put("secret.json", &plan);
    for format in FORMATS {
        let outcome = desk.check(&["--plan", "secret.json", "--verbose", "--format", format]);
        // The others hold findings, and no carve-out is here.
        let lists_changes = ["table", "json", "markdown", "html"].contains(&format);
        assert!(
            !lists_changes || outcome.stdout.contains("aws_vpc.quiet"),
            "{}{}",
            outcome.stdout,
            outcome.stderr
        );
        assert!(!outcome.stdout.is_empty() && outcome.stderr.is_empty());
        let printed = outcome.stdout + &outcome.stderr;
        assert!(!printed.contains(secret), "{printed}");
    }
    for bad in [
        format!(r#"{{"format_version":"1.2","resource_changes":"{secret}"}}"#),
        format!(r#"{{"format_version":"1.2","resource_changes":[{{"address":"a","{secret}"#),
        plan.replace(
            "\"actions\":[\"create\"]",
            &format!("\"actions\":\"{secret}\""),
        ),
    ] {
        let error = desk.plan_error(bad);
        assert!(!error.contains(secret), "{error}");
    }
    let error = desk.settings_error("aliases: { one: hunter2 }\n");
    assert!(!error.contains("correct-horse"), "{error}");
}

#[test]
fn a_repository_without_commits_has_only_new_carve_outs() {
    let desk = Desk::new();
    let fresh = TestRepository::new();
    fresh.lay_out(&project().join("tests/cases/01-peering-added/head"));
    let mut command = perimeter();
    command.args(["check", "--format", "json", "--plan"]);
    command
        .arg(desk.path("plan.json"))
        .arg("--repo")
        .arg(fresh.path());
    let outcome = run(&mut command);
    let statuses = statuses(&outcome);
    assert!(!statuses.is_empty());
    assert!(
        statuses.iter().all(|(_, status)| status == "added"),
        "{statuses:?}"
    );
}

#[test]
fn changes_that_are_not_committed_are_seen() {
    let desk = Desk::new();
    let limits = "services/limits/config.yaml";
    let status = || status_of(&desk.check_also(&["--format", "json"]), limits).unwrap();
    assert_eq!(status(), "must_rejustify");
    let file = desk.repository.path().join(limits);
    let text = std::fs::read_to_string(&file).unwrap();
    let moved = "services/quota/config.yaml";
    desk.repository.write(moved, &text);
    std::fs::remove_file(&file).unwrap();
    let outcome = desk.check_also(&["--format", "json"]);
    assert_eq!(status_of(&outcome, moved).unwrap(), "must_rejustify");
    assert_eq!(status_of(&outcome, limits), None);
    let reworded = text.replace("; ", "; reviewed anew with the peering in mind, ");
    assert_ne!(reworded, text);
    desk.repository.write(moved, &reworded);
    let outcome = desk.check_also(&["--format", "json"]);
    assert_eq!(status_of(&outcome, moved).unwrap(), "rejustified");
    let committed = desk.check_also(&["--format", "json", "--head", "HEAD"]);
    assert_eq!(status_of(&committed, limits).unwrap(), "must_rejustify");
}

#[test]
fn a_bare_repository_is_read_at_a_revision() {
    let desk = Desk::new();
    let expected = statuses(&desk.check_also(&["--format", "json"]));
    let bare = git2::build::RepoBuilder::new()
        .bare(true)
        .clone(
            &format!("file://{}", desk.repository.path().display()),
            &desk.path("bare.git"),
        )
        .unwrap();
    assert!(bare.is_bare());
    let mut command = perimeter();
    command.current_dir(desk.folder.path());
    command.args([
        "check",
        "--plan",
        "plan.json",
        "--repo",
        "bare.git",
        "--format",
        "json",
    ]);
    let base = desk
        .repository
        .git()
        .revparse_single("main")
        .unwrap()
        .id()
        .to_string();
    command.args(["--base", &base, "--head", "HEAD"]);
    assert_eq!(statuses(&run(&mut command)), expected);
}

#[test]
fn a_repository_can_be_read_at_another_revision_than_its_work_tree() {
    let desk = Desk::new();
    let path = "services/only-here/config.yaml";
    desk.repository.write(
        path,
        "# ZFN-3 carve-out: inside VPC prod-us-east; sums only\ntls: off\n",
    );
    let check = |repository: String| {
        let mut command = perimeter();
        command.current_dir(desk.folder.path());
        run(command.args([
            "check",
            "--plan",
            "plan.json",
            "--format",
            "json",
            "--repo",
            &repository,
        ]))
    };
    let directory = desk.repository.path().display().to_string();
    assert!(status_of(&check(directory.clone()), path).is_some());
    assert!(status_of(&check(format!("{directory}@change")), path).is_none());
}

#[test]
fn carve_outs_of_a_second_repository_are_dependents_too() {
    let desk = Desk::new();
    let second = TestRepository::new();
    second
        .git()
        .remote_set_url("origin", "https://git.example/acme/clients.git")
        .unwrap();
    second.write(
        "app.yaml",
        "# ZFN-3 carve-out: inside VPC prod-us-east; sums only\ntls: off\n",
    );
    second.write(
        "local.yaml",
        "# ZFN-3 carve-out: loopback only; sums only\ntls: off\n",
    );
    second.commit("all of it");
    let second_path = second.path().to_str().unwrap();
    let outcome = desk.check_also(&["--format", "json", "--repo", second_path]);
    assert_eq!(status_of(&outcome, "app.yaml").unwrap(), "must_rejustify");
    assert_eq!(status_of(&outcome, "local.yaml").unwrap(), "unaffected");
    // What is new in the second repository is no part of the change set: it re-justifies nothing.
    second.write(
        "app.yaml",
        "# ZFN-3 carve-out: inside VPC prod-us-east; new words\ntls: off\n",
    );
    let outcome = desk.check_also(&["--format", "json", "--repo", second_path]);
    assert_eq!(status_of(&outcome, "app.yaml").unwrap(), "must_rejustify");
    for format in ["table", "markdown"] {
        let report = desk
            .check_also(&["--format", format, "--repo", second_path])
            .stdout;
        holds(&report, &["clients", "app.yaml"]);
    }
    let gone = Path::new(second_path).join("gone").display().to_string();
    let outcome = desk.check_also(&["--repo", &gone]);
    assert_eq!(outcome.code, 10);
    holds(&outcome.stdout, &["unread-repository", "no directory"]);
}
