//! What is written for CI systems does what it says: the shell in it is run here, with the binary, a `terraform` that only prints
//! a plan, and code hosts on this machine.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use perimeter::commands::init;
use perimeter::settings::Settings;
use rayon::prelude::*;
use serde_json::Value;

use crate::cases::case_folders;
use crate::comment::server::{Kind, Server};
use crate::common::{Run, TestRepository, perimeter, project, run};
use crate::readme::{blocks, read};

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

fn file(path: &str) -> Value {
    yaml(&read(path))
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value[key].as_str()
}

/// A clone of a pull request, where a job runs.
struct Job {
    repository: TestRepository,
    temporary: tempfile::TempDir,
    environment: BTreeMap<String, String>,
}

impl Job {
    /// The branch of a story, checked out; what it is to be merged into is `main`, here and at `origin`.
    fn of(story: &Path) -> Self {
        let repository = TestRepository::new();
        repository.lay_out(&story.join("base"));
        let base = repository.commit("before");
        let git = repository.git();
        git.branch("change", &git.find_commit(base).unwrap(), false)
            .unwrap();
        git.reference("refs/remotes/origin/main", base, true, "")
            .unwrap();
        git.set_head("refs/heads/change").unwrap();
        repository.lay_out(&story.join("head"));
        repository.commit("after");

        let temporary = tempfile::tempdir().unwrap();
        let terraform = temporary.path().join("terraform");
        let plan = story.join("plan.json");
        let script = format!(
            "#!/bin/sh\ncase \"$1 $2\" in\n'show -json') cat '{}' ;;\nesac\n",
            plan.display()
        );
        std::fs::write(&terraform, script).unwrap();
        std::fs::set_permissions(&terraform, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut job = Self {
            repository,
            temporary,
            environment: BTreeMap::new(),
        };
        let binaries = Path::new(env!("CARGO_BIN_EXE_perimeter"))
            .parent()
            .unwrap()
            .to_owned();
        let path = [
            job.temporary.path(),
            &binaries,
            Path::new("/usr/bin"),
            Path::new("/bin"),
        ];
        let path: Vec<String> = path.iter().map(|one| one.display().to_string()).collect();
        job.set("PATH", path.join(":"));
        job.set("HOME", "/nonexistent");
        job.set("PERIMETER_CACHE_DIR", "/dev/null/nowhere");
        job
    }

    fn on(story: &str, server: &Server) -> Self {
        let mut job = Self::of(&project().join("tests/cases").join(story));
        for (name, value) in server.environment() {
            job.set(name, value);
        }
        let temporary = job.temporary.path().display().to_string();
        for name in ["RUNNER_TEMP", "AGENT_TEMPDIRECTORY"] {
            job.set(name, &*temporary);
        }
        for name in [
            "GITHUB_BASE_REF",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
            "BITBUCKET_PR_DESTINATION_BRANCH",
            "SYSTEM_PULLREQUEST_TARGETBRANCH",
        ] {
            job.set(name, "main");
        }
        job
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    /// As runners do: bash, which stops at the first command that goes wrong.
    fn shell(&self, script: &str, more: &[(String, String)]) -> Run {
        let mut command = Command::new("bash");
        command.args(["-eo", "pipefail", "-c", script]);
        command.env_clear().envs(&self.environment);
        command.envs(more.iter().map(|(name, value)| (name, value)));
        run(command.current_dir(self.repository.path()))
    }

    fn temporary(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }
}

/// The variables of a step, with what stands for the token.
fn variables(step: &Value) -> Vec<(String, String)> {
    let pairs = step["env"].as_object().into_iter().flatten();
    pairs
        .map(|(name, value)| {
            let value = value.as_str().unwrap();
            let is_token = ["${{ github.token }}", "$(System.AccessToken)"].contains(&value);
            (
                name.clone(),
                if is_token { "s3cret" } else { value }.to_owned(),
            )
        })
        .collect()
}

const BLOCKED: &str = "01-peering-added";
const QUIET: &str = "21-tags-and-descriptions";

/// The commands that check, and those that comment behind them, in a pull request that is blocked and in one that is not.
fn is_checked_and_told(kind: Kind, check: &[Value], comment: &[Value], script: &str) {
    for (story, code, comments) in [(BLOCKED, 10, 1), (QUIET, 0, 0)] {
        let server = Server::new(kind);
        let job = Job::on(story, &server);
        let command = |step: &Value| -> String {
            let command = step
                .as_str()
                .unwrap_or_else(|| step[script].as_str().unwrap());
            // This host has one address for all.
            let to = format!("perimeter comment --api-url {}", server.url());
            match kind {
                Kind::Bitbucket => command.replace("perimeter comment", &to),
                _ => command.to_owned(),
            }
        };
        let checks: Vec<i32> = check
            .iter()
            .map(|step| job.shell(&command(step), &variables(step)).code)
            .collect();
        assert_eq!(checks.last(), Some(&code), "{kind:?} {story}");
        for step in comment {
            let outcome = job.shell(&command(step), &variables(step));
            assert_eq!(outcome.code, 0, "{kind:?} {story}: {}", outcome.stderr);
        }
        assert_eq!(server.comments().len(), comments, "{kind:?} {story}");
    }
}

fn steps_with(steps: &Value, key: &str) -> Vec<Value> {
    let steps = steps.as_array().unwrap().iter();
    steps
        .filter(|step| step[key].is_string())
        .cloned()
        .collect()
}

#[test]
fn the_workflow_of_github_and_forgejo_checks_and_comments() {
    let workflow = file("ci/github.yml");
    assert_eq!(workflow["on"], "pull_request");
    assert_eq!(workflow["permissions"]["pull-requests"], "write");
    let steps = &workflow["jobs"]["perimeter"]["steps"];
    assert_eq!(steps[0]["with"]["fetch-depth"], 0);
    let steps = steps_with(steps, "run");
    assert!(text(&steps[1], "if").unwrap().contains("!cancelled()"));
    for kind in [Kind::GitHub, Kind::Forgejo] {
        is_checked_and_told(kind, &steps[..1], &steps[1..], "run");
    }
}

#[test]
fn the_job_of_gitlab_checks_and_comments_and_without_a_token_does_not() {
    let job = &file("ci/gitlab.yml")["perimeter"];
    let (check, comment) = (
        job["script"].as_array().unwrap(),
        job["after_script"].as_array().unwrap(),
    );
    is_checked_and_told(Kind::GitLab, check, comment, "");
    let server = Server::new(Kind::GitLab);
    let mut run = Job::on(BLOCKED, &server);
    run.environment.remove("GITLAB_TOKEN");
    assert_eq!(run.shell(comment[0].as_str().unwrap(), &[]).code, 0);
    let report = job["artifacts"]["reports"]["codequality"].as_str().unwrap();
    assert!(
        check[0]
            .as_str()
            .unwrap()
            .contains(&format!("gitlab={report}"))
    );
}

#[test]
fn the_step_of_bitbucket_checks_and_comments() {
    let pipelines = file("ci/bitbucket.yml");
    let step = &pipelines["pipelines"]["pull-requests"]["**"][0]["step"];
    let (check, comment) = (
        step["script"].as_array().unwrap(),
        step["after-script"].as_array().unwrap(),
    );
    is_checked_and_told(Kind::Bitbucket, check, comment, "");
}

#[test]
fn the_pipeline_of_azure_devops_checks_and_comments() {
    let steps = steps_with(&file("ci/azure.yml")["steps"], "bash");
    is_checked_and_told(Kind::AzureDevOps, &steps[..1], &steps[1..], "bash");
}

#[test]
fn what_the_readme_shows_works_with_a_plan() {
    let readme = read("README.md");
    let (_, ci) = readme.split_once("## In CI").unwrap();
    let shown = blocks(ci, "yaml");
    let steps = steps_with(&yaml(&shown[0])["jobs"]["plan"]["steps"], "run");
    let (comment, before) = steps.split_last().unwrap();
    is_checked_and_told(Kind::GitHub, before, std::slice::from_ref(comment), "run");

    let job = &yaml(&shown[1])["perimeter"];
    let mut check = vec![Value::from("terraform show -json plan.out > plan.json")];
    check.extend(job["script"].as_array().unwrap().clone());
    is_checked_and_told(
        Kind::GitLab,
        &check,
        job["after_script"].as_array().unwrap(),
        "",
    );
}

/// Runs the action as a runner does, with these inputs.
fn act(job: &mut Job, inputs: &[(&str, &str)]) -> Vec<i32> {
    let action = file("action.yml");
    let output = job.temporary("output");
    job.set("GITHUB_OUTPUT", output.display().to_string());
    let mut values: BTreeMap<String, String> = action["inputs"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, input)| {
            (
                format!("${{{{ inputs.{name} }}}}"),
                input["default"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    for (name, value) in inputs {
        values.insert(format!("${{{{ inputs.{name} }}}}"), (*value).to_owned());
    }
    let mut codes = Vec::new();
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert_eq!(step["shell"], "bash");
        let script = text(step, "run").unwrap();
        assert!(
            !script.contains("${{"),
            "nothing is pasted into a script: {script}"
        );
        let written = std::fs::read_to_string(&output).unwrap_or_default();
        let report = written
            .lines()
            .find_map(|line| line.strip_prefix("report="));
        values.insert(
            "${{ steps.check.outputs.report }}".into(),
            report.unwrap_or_default().to_owned(),
        );
        values.insert("${{ github.token }}".into(), "s3cret".into());
        let variables: Vec<(String, String)> = variables(step)
            .into_iter()
            .map(|(name, value)| {
                let value = values.get(&value).cloned().unwrap_or(value);
                (name, values.get(&value).cloned().unwrap_or(value))
            })
            .collect();
        codes.push(job.shell(script, &variables).code);
    }
    codes
}

#[test]
fn the_action_checks_plans_and_comments_under_its_title() {
    let plan = |story: &str| project().join("tests/cases").join(story).join("plan.json");
    let server = Server::new(Kind::GitHub);
    let mut job = Job::on(BLOCKED, &server);
    let plans = format!("{}\n", plan(BLOCKED).display());
    assert_eq!(
        act(&mut job, &[("plan", &plans), ("title", "shop; $(false)")]),
        [0, 10, 0]
    );
    let first = server.comments()[0].text.clone();
    assert!(
        first.starts_with("<!-- perimeter:comment title=shop%3b%20%24%28false%29 "),
        "{first}"
    );
    assert!(first.contains("perimeter (shop; `$(false`"), "{first}");
    let exit_zero = [("exit-zero", "true"), ("base", "main")];
    assert_eq!(act(&mut job, &exit_zero), [0, 0, 0]);
    // A check that cannot run has no report, and says why itself.
    std::fs::remove_file(job.temporary("output")).unwrap();
    assert_eq!(act(&mut job, &[("plan", "missing.json")]), [0, 1, 0]);
    assert_eq!(server.comments().len(), 2);
}

#[test]
fn atlantis_reads_fail_in_what_is_blocked_or_broken_and_never_in_what_is_clear() {
    let workflow = file("ci/atlantis.yaml");
    let steps = workflow["workflows"]["perimeter"]["policy_check"]["steps"]
        .as_array()
        .unwrap();
    let script = text(&steps[1], "run").unwrap();
    let folders: Vec<PathBuf> = case_folders()
        .into_iter()
        .filter(|folder| folder.join("plan.json").exists())
        .step_by(5)
        .collect();
    let outputs: Vec<String> = folders
        .par_iter()
        .map(|folder| {
            let mut job = Job::of(folder);
            job.set("SHOWFILE", folder.join("plan.json").display().to_string());
            job.set("BASE_BRANCH_NAME", "main");
            let outcome = job.shell(script, &[]);
            assert_eq!(outcome.code, 0, "{}", folder.display());
            outcome.stdout
        })
        .collect();
    let (clear, refused): (Vec<&String>, Vec<&String>) = outputs
        .iter()
        .partition(|output| !output.to_lowercase().contains("fail"));
    assert!(clear.len() > 3 && refused.len() > 3, "{}", outputs.len());
    assert!(clear.iter().all(|output| *output == "perimeter: clear\n"));
    let is_blocked = |output: &&String| output.contains("perimeter: fail (exit code 10)");
    assert!(refused.iter().all(is_blocked), "{refused:#?}");

    let job = Job::of(&project().join("tests/cases").join(QUIET));
    let missing = [
        ("SHOWFILE".to_owned(), "missing.json".to_owned()),
        ("BASE_BRANCH_NAME".to_owned(), "main".to_owned()),
    ];
    assert!(
        job.shell(script, &missing)
            .stdout
            .contains("perimeter: fail (exit code 1)")
    );
}

#[test]
fn the_hooks_before_a_commit_and_a_push_run() {
    let hooks = file(".pre-commit-hooks.yaml");
    let entries: BTreeMap<&str, &str> = hooks
        .as_array()
        .unwrap()
        .iter()
        .map(|hook| (text(hook, "id").unwrap(), text(hook, "entry").unwrap()))
        .collect();
    let job = Job::of(&project().join("tests/cases").join(BLOCKED));
    assert_eq!(job.shell(entries["perimeter-check"], &[]).code, 10);
    let markers = entries["perimeter-markers"];
    assert_eq!(job.shell(markers, &[]).code, 0);
    job.repository.write(
        "new.yaml",
        "# ZFN3 carve out: inside the network; nothing secret\ntls: false\n",
    );
    assert_eq!(job.shell(markers, &[]).code, 10);
}

#[test]
fn init_writes_what_is_missing_and_keeps_what_is_there() {
    let hosts = [
        ("github", ".github/workflows/perimeter.yml", "github.yml"),
        ("gitea", ".gitea/workflows/perimeter.yml", "github.yml"),
        ("forgejo", ".forgejo/workflows/perimeter.yml", "github.yml"),
        ("gitlab", ".gitlab/perimeter.yml", "gitlab.yml"),
        ("bitbucket", "bitbucket-pipelines.yml", "bitbucket.yml"),
        ("azure-devops", "azure-pipelines-perimeter.yml", "azure.yml"),
    ];
    for (host, path, source) in hosts {
        let repository = TestRepository::new();
        let init = |arguments: &[&str]| {
            run(perimeter()
                .arg("init")
                .args(arguments)
                .current_dir(repository.path()))
        };
        let nobody_knows = init(&[]);
        assert_eq!(nobody_knows.code, 1);
        assert!(nobody_knows.stderr.contains("--forge"));

        let outcome = init(&["--forge", host]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(
            outcome.stdout.contains(&format!("written  {path}")),
            "{}",
            outcome.stdout
        );
        let written = |path: &str| std::fs::read_to_string(repository.path().join(path)).unwrap();
        assert_eq!(written(path), read(format!("ci/{source}")));
        assert_eq!(written("perimeter.yaml"), init::SETTINGS);

        repository.write("perimeter.yaml", "marker: \"ours: carve-out:\"\n");
        let again = init(&["--forge", host]).stdout;
        assert!(
            again.contains("kept     perimeter.yaml")
                && again.contains(&format!("same     {path}")),
            "{again}"
        );
        assert!(written("perimeter.yaml").contains("ours"));
        assert!(
            init(&["--forge", host, "--force"])
                .stdout
                .contains("replaced perimeter.yaml")
        );
        assert_eq!(written("perimeter.yaml"), init::SETTINGS);
    }
}

#[test]
fn init_finds_the_host_by_files_and_then_by_the_address() {
    let of = |address: &str, file: Option<&str>| {
        let repository = TestRepository::new();
        repository.git().remote_set_url("origin", address).unwrap();
        if let Some(file) = file {
            repository.write(file, "");
        }
        let outcome = run(perimeter().arg("init").current_dir(repository.path()));
        let ci = outcome.stdout.lines().nth(1).unwrap_or_default();
        ci.trim_start_matches("written").trim().to_owned()
    };
    assert_eq!(
        of("git@github.com:acme/gitlab-infra.git", None),
        ".github/workflows/perimeter.yml"
    );
    assert_eq!(
        of("https://gitlab.example.org/github/infra.git", None),
        ".gitlab/perimeter.yml"
    );
    assert_eq!(
        of("ssh://git@codeberg.org/acme/infra", None),
        ".forgejo/workflows/perimeter.yml"
    );
    assert_eq!(
        of("https://dev.azure.com/acme/_git/infra", None),
        "azure-pipelines-perimeter.yml"
    );
    assert_eq!(
        of("https://github.com/acme/infra", Some(".gitlab-ci.yml")),
        ".gitlab/perimeter.yml"
    );
    assert_eq!(of("https://git.example.org/github/gitlab", None), "");
}

#[test]
fn init_writes_through_no_link() {
    let repository = TestRepository::new();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), repository.path().join("perimeter.yaml")).unwrap();
    let mut command = perimeter();
    command.args(["init", "--forge", "github", "--force"]);
    let outcome = run(command.current_dir(repository.path()));
    assert_eq!(outcome.code, 1, "{}", outcome.stdout);
    assert_eq!(std::fs::read_to_string(outside.path()).unwrap(), "");
}

#[test]
fn init_writes_nothing_where_one_of_its_files_cannot_stand() {
    let repository = TestRepository::new();
    repository.write(".github", "a file");
    let mut command = perimeter();
    command.args(["init", "--forge", "github"]);
    let outcome = run(command.current_dir(repository.path()));
    assert_eq!(outcome.code, 1, "{}", outcome.stdout);
    assert!(
        outcome
            .stderr
            .contains(".github is there and is no directory"),
        "{}",
        outcome.stderr
    );
    assert!(!repository.path().join("perimeter.yaml").exists());
}

/// Each example in the settings to start from is a setting, once its marks of a comment are gone.
#[test]
fn the_settings_to_start_from_are_settings() {
    assert!(Settings::parse("perimeter.yaml", init::SETTINGS).is_ok());
    let examples: Vec<String> = init::SETTINGS
        .split("\n\n")
        .map(|paragraph| {
            let lines = paragraph.lines().filter(|line| !line.ends_with('.'));
            let lines = lines.map(|line| line.strip_prefix("# ").unwrap_or(line));
            lines.collect::<Vec<_>>().join("\n")
        })
        .filter(|example| !example.is_empty())
        .collect();
    assert_eq!(examples.len(), 5);
    for example in examples {
        let parsed = Settings::parse("perimeter.yaml", &example);
        assert!(parsed.is_ok(), "{example}");
    }
}
