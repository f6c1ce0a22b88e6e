//! Receipts from end to end: written by `justify` and `review`, read by `check`.

use std::path::Path;
use std::process::Command;

use git2::Oid;
use serde_json::Value;

use crate::common::{TestRepository, perimeter, project, run};

const LIMITS: &str = "services/limits/config.yaml";

/// A clone in which the peering of a story was committed, by somebody whom git knows.
struct Clone {
    repository: TestRepository,
    base: Oid,
}

impl Clone {
    fn of(story: &str) -> Self {
        let folder = project().join("tests/cases").join(story);
        let repository = TestRepository::new();
        repository.lay_out(&folder.join("base"));
        let base = repository.commit("before");
        repository.lay_out(&folder.join("head"));
        let mut configuration = repository.git().config().unwrap();
        configuration.set_str("user.name", "Ada Park").unwrap();
        configuration
            .set_str("user.email", "ada@example.org")
            .unwrap();
        Self { repository, base }
    }

    /// The first peering alone, and no receipt yet.
    fn peered() -> Self {
        let clone = Self::of("420-justified-by-receipt");
        std::fs::remove_dir_all(clone.path().join(".perimeter")).unwrap();
        clone
    }

    fn path(&self) -> &Path {
        self.repository.path()
    }

    fn command(&self, name: &str) -> Command {
        let mut command = perimeter();
        command.arg(name).current_dir(self.path());
        command.args(["--base", &self.base.to_string()]);
        command.env("SOURCE_DATE_EPOCH", "1773446400");
        command
    }

    fn report(&self) -> Value {
        let run = run(self.command("check").args(["--format", "json"]));
        serde_json::from_str(&run.stdout).unwrap()
    }

    fn statuses(&self) -> Vec<String> {
        let report = self.report();
        let carve_outs = report["carve_outs"].as_array().unwrap().iter();
        let line = |one: &Value| {
            format!(
                "{} {}",
                one["path"].as_str().unwrap(),
                one["status"].as_str().unwrap()
            )
        };
        carve_outs
            .map(line)
            .filter(|line| !line.ends_with("unaffected"))
            .collect()
    }

    fn ledger(&self) -> Option<String> {
        std::fs::read_to_string(self.path().join(".perimeter/ledger.yaml")).ok()
    }
}

#[test]
fn what_is_justified_is_accepted_and_the_rest_is_not() {
    let clone = Clone::peered();
    let written =
        run(clone
            .command("justify")
            .args([&format!("{LIMITS}:5"), "--reason", "replicas\nonly"]));
    assert_eq!((written.code, written.stderr.as_str()), (0, ""));
    assert!(
        written.stdout.contains("1 receipt written") && written.stdout.contains("git add"),
        "{}",
        written.stdout
    );
    assert!(
        clone
            .ledger()
            .unwrap()
            .contains("reason: \"replicas only\"")
    );
    assert_eq!(
        clone.statuses(),
        [
            format!("{LIMITS} rejustified"),
            "services/reports/main.go must_rejustify".to_owned()
        ]
    );
    let again = run(clone.command("justify").args([
        LIMITS.to_owned() + ":5",
        "--reason".to_owned(),
        "x".to_owned(),
    ]));
    assert_eq!(again.code, 2);
    assert!(
        again.stderr.contains("re-justified already"),
        "{}",
        again.stderr
    );
}

#[test]
fn nothing_is_written_when_one_of_the_names_is_wrong() {
    let clone = Clone::peered();
    let id = clone.report()["carve_outs"][1]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let refused = |names: &[&str], reason: &str, says: &str| {
        let run = run(clone
            .command("justify")
            .args(names)
            .args(["--reason", reason]));
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains(says), "{}", run.stderr);
        assert_eq!(clone.ledger(), None);
    };
    refused(
        &[&id, "services/cache/client.py:1"],
        "true",
        "does not fall",
    );
    refused(
        &[&id, &format!("{}0", &id[..11])],
        "true",
        &format!("did you mean {id}?"),
    );
    refused(
        &[&id, "network.tf:1"],
        "true",
        "no carve-out stands at network.tf:1",
    );
    refused(&[&id], " . ", "the reason is empty");
}

#[test]
fn a_broken_one_is_refused() {
    let clone = Clone::of("423-broken-despite-a-receipt");
    let before = clone.ledger();
    let run =
        run(clone
            .command("justify")
            .args([&format!("{LIMITS}:4"), "--reason", "it is fine"]));
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("no receipt mends that"),
        "{}",
        run.stderr
    );
    assert_eq!(clone.ledger(), before);
}

#[test]
fn a_report_does_in_place_of_the_plan_and_gives_the_same_receipt() {
    let clone = Clone::peered();
    let report = clone.report();
    let id = report["carve_outs"][1]["id"].as_str().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), report.to_string()).unwrap();
    let mut command = perimeter();
    command
        .current_dir(clone.path())
        .env("SOURCE_DATE_EPOCH", "1773446400");
    command
        .args(["justify", &id[..6], "--reason", "true", "--from"])
        .arg(file.path());
    let written = run(&mut command);
    assert_eq!(written.code, 0, "{}", written.stderr);
    let from_report = clone.ledger();
    std::fs::remove_dir_all(clone.path().join(".perimeter")).unwrap();
    run(clone.command("justify").args([id, "--reason", "true"]));
    assert_eq!(clone.ledger(), from_report);
}

#[test]
fn idle_receipts_are_pruned_and_others_are_not() {
    let clone = Clone::of("426-idle-receipt");
    let mut command = perimeter();
    let pruned = run(command
        .current_dir(clone.path())
        .args(["justify", "--prune"]));
    assert_eq!(
        (pruned.code, pruned.stdout.as_str()),
        (0, "platform: 1 receipt removed\n")
    );
    let ledger = clone.ledger().unwrap();
    assert!(
        !ledger.contains(LIMITS) && ledger.contains("services/reports/main.go"),
        "{ledger}"
    );
    assert_eq!(clone.report()["notices"].as_array().unwrap().len(), 0);
}

#[test]
fn a_ledger_with_a_fault_stops_the_check_with_its_line() {
    let clone = Clone::of("420-justified-by-receipt");
    let faulty = clone.ledger().unwrap().replacen("  by:", "  from:", 1);
    std::fs::write(clone.path().join(".perimeter/ledger.yaml"), faulty).unwrap();
    let run = run(&mut clone.command("check"));
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains(".perimeter/ledger.yaml:8:") && run.stderr.contains("`from`"),
        "{}",
        run.stderr
    );
}

#[test]
fn without_a_name_for_git_or_without_a_work_tree_nothing_is_written() {
    let clone = Clone::peered();
    let mut configuration = clone.repository.git().config().unwrap();
    configuration.remove("user.name").unwrap();
    let unknown = run(clone
        .command("justify")
        .args([&format!("{LIMITS}:4"), "--reason", "true"]));
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("user.name"), "{}", unknown.stderr);
    let head = clone.repository.commit("after");
    let mut command = clone.command("justify");
    command
        .arg("--repo")
        .arg(clone.path().join(".git"))
        .args(["--head", &head.to_string()]);
    clone
        .repository
        .git()
        .config()
        .unwrap()
        .set_bool("core.bare", true)
        .unwrap();
    let bare = run(command.args([&format!("{LIMITS}:4"), "--reason", "true"]));
    assert_eq!(bare.code, 2, "{}", bare.stderr);
    assert!(bare.stderr.contains("bare repository"), "{}", bare.stderr);
}

#[test]
fn a_review_wants_somebody_to_ask() {
    let clone = Clone::peered();
    let run = run(&mut clone.command("review"));
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("no terminal") && run.stderr.contains("perimeter justify"),
        "{}",
        run.stderr
    );
}

/// The terminal is a pseudo-terminal, so this shows what a person sees and types.
#[cfg(unix)]
#[test]
fn a_review_shows_one_after_the_other_and_writes_at_once() {
    use std::time::Duration;

    use expectrl::{Eof, Expect, Session};

    let clone = Clone::peered();
    let limits = clone.path().join(LIMITS);
    // Source comes from pull requests: what would act on the terminal must not.
    let text = std::fs::read_to_string(&limits).unwrap();
    let text = text.replace("tls: false", "tls: false # \u{1b}[2J");
    std::fs::write(&limits, text).unwrap();
    let mut command = clone.command("review");
    command
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("EDITOR", "true");
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    let shown = session.expect("[q]uit").unwrap();
    let shown = String::from_utf8_lossy(shown.before()).into_owned();
    assert!(
        shown.contains("1 of 2") && shown.contains(LIMITS) && shown.contains("peering added"),
        "{shown}"
    );
    assert!(!shown.contains("\u{1b}[2J"), "{shown:?}");
    session.send("e").unwrap();
    session.expect("nothing was changed").unwrap();
    session.send("j").unwrap();
    session.expect("reason:").unwrap();
    session.send("replicas onlz\u{7f}y\r").unwrap();
    session.expect("receipt written").unwrap();
    assert!(
        clone
            .ledger()
            .unwrap()
            .contains("reason: \"replicas only\"")
    );
    session.expect("2 of 2").unwrap();
    session.expect("[q]uit").unwrap();
    session.send("\u{3}").unwrap();
    session.expect("1 justified, 1 not looked at").unwrap();
    session.expect("git add").unwrap();
    session.expect(Eof).unwrap();
}

#[test]
fn each_receipt_goes_into_the_repository_of_its_carve_out() {
    let clone = Clone::peered();
    let other = TestRepository::new();
    other
        .git()
        .remote_set_url("origin", "https://git.example/acme/clients.git")
        .unwrap();
    std::fs::write(
        other.path().join("client.py"),
        "# ZFN-3 carve-out: stays inside VPC analytics; public tables, and each client signs\nTLS = False\n",
    )
    .unwrap();
    other
        .git()
        .config()
        .unwrap()
        .set_str("user.name", "Max Lund")
        .unwrap();
    other.commit("a client");
    let justify = |repositories: &[&Path]| {
        let mut command = clone.command("justify");
        for repository in repositories {
            command.arg("--repo").arg(repository);
        }
        run(command.args(["clients/client.py:1", "--reason", "the shop only reads"]))
    };
    let written = justify(&[clone.path(), other.path()]);
    assert_eq!(written.code, 0, "{}", written.stderr);
    assert_eq!(clone.ledger(), None);
    let ledger = std::fs::read_to_string(other.path().join(".perimeter/ledger.yaml")).unwrap();
    assert!(
        ledger.contains("by: \"Max Lund\"") && ledger.contains("path: \"client.py\""),
        "{ledger}"
    );
    let ambiguous = justify(&[clone.path(), clone.path()]);
    assert_eq!(ambiguous.code, 1);
    assert!(
        ambiguous.stderr.contains("called platform"),
        "{}",
        ambiguous.stderr
    );
}
