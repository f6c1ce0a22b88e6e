//! `perimeter comment` against servers that hold every request to what code hosts publish about their interfaces.

pub(crate) mod server;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use crate::cases::prepare;
use crate::common::{Run, perimeter, project, run};

use server::{Fault, Kind, ME, Server};

/// What the check says of one story, as a file.
struct Results {
    _directory: tempfile::TempDir,
    blocked: PathBuf,
    news: PathBuf,
    quiet: PathBuf,
}

fn results() -> &'static Results {
    static RESULTS: OnceLock<Results> = OnceLock::new();
    RESULTS.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, story: &str| {
            let (_repository, mut command) = prepare(&project().join("tests/cases").join(story));
            let outcome = run(command.args(["--format", "json"]));
            let path = directory.path().join(name);
            std::fs::write(&path, outcome.stdout).unwrap();
            path
        };
        let blocked = write("blocked.json", "01-peering-added");
        let news = write("news.json", "101-google-peering-added");
        let quiet = write("quiet.json", "21-tags-and-descriptions");
        // The same change, with nothing left to do.
        let mut value: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&news).unwrap()).unwrap();
        value["verdict"] = "clear".into();
        value["findings"] = serde_json::json!([]);
        for one in value["carve_outs"].as_array_mut().unwrap() {
            one["status"] = "rejustified".into();
        }
        std::fs::write(&news, value.to_string()).unwrap();
        Results {
            blocked,
            news,
            quiet,
            _directory: directory,
        }
    })
}

fn from(command: &mut Command, result: &std::path::Path) -> Run {
    run(command.arg("--from").arg(result))
}

/// Posts, and expects it to work.
fn post(server: &Server, result: &std::path::Path, number: u64, kind: Kind) -> String {
    let mut command = server.comment();
    command.env(kind.run_variable(), number.to_string());
    let outcome = from(&mut command, result);
    assert_eq!(outcome.code, 0, "{kind:?}: {}", outcome.stderr);
    assert!(!outcome.stderr.contains("s3cret"));
    outcome.stderr
}

#[test]
fn a_comment_is_written_once_changed_with_the_verdict_and_left_alone_while_it_is_true() {
    let Results {
        blocked,
        news,
        quiet,
        ..
    } = results();
    for kind in Kind::ALL {
        let server = Server::new(kind);
        server.write("a person", "what is this about?");

        post(&server, quiet, 100, kind);
        assert!(server.changes().is_empty(), "{kind:?}: nothing to say");

        post(&server, blocked, 101, kind);
        assert_eq!(server.changes(), ["POST"], "{kind:?}");
        let comments = server.comments();
        assert!(comments[1].text.contains("perimeter: blocked") && comments[1].is_open);
        // The marker is hidden as the host hides things.
        let hidden = if kind == Kind::Bitbucket {
            "[//]: # ("
        } else {
            "<!-- "
        };
        assert!(comments[1].text.starts_with(hidden), "{}", comments[1].text);

        // A newer run that says the same changes nothing that readers see, and the same run nothing at all.
        let rewrite = match kind {
            Kind::GitLab | Kind::Bitbucket => "PUT",
            _ => "PATCH",
        };
        let words = |text: &str| text.split_once('\n').unwrap().1.to_owned();
        let said = post(&server, blocked, 102, kind);
        assert_eq!(server.changes(), [rewrite], "{kind:?}: {said}");
        assert!(said.contains("left as they are"), "{said}");
        let text = server.comments()[1].text.clone();
        assert_eq!(words(&text), words(&comments[1].text));
        assert!(text.lines().next().unwrap().contains("102"), "{text}");
        let said = post(&server, blocked, 102, kind);
        assert!(server.changes().is_empty(), "{kind:?}: {said}");
        assert!(said.contains("left as it is"), "{said}");

        post(&server, news, 103, kind);
        let expected = match kind {
            Kind::AzureDevOps => vec![rewrite, rewrite],
            _ => vec![rewrite],
        };
        assert_eq!(server.changes(), expected, "{kind:?}");
        let text = server.comments()[1].text.clone();
        assert!(
            text.contains("perimeter: clear") && text.contains("An earlier run"),
            "{text}"
        );
        assert_eq!(server.comments()[1].is_open, kind != Kind::AzureDevOps);

        // The note that it was blocked is no reason to write again, and stays.
        let text = server.comments()[1].text.clone();
        let said = post(&server, news, 104, kind);
        assert!(said.contains("left as they are"), "{kind:?}: {said}");
        assert_eq!(words(&server.comments()[1].text), words(&text));
        post(&server, quiet, 105, kind);
        assert!(
            server.comments()[1]
                .text
                .contains("clear: no perimeter change")
        );
        assert!(server.comments()[1].text.contains("An earlier run"));
        assert_eq!(server.comments()[0].text, "what is this about?");
        assert_eq!(server.comments().len(), 2);
    }
}

#[test]
fn an_older_run_leaves_the_comment_of_a_newer_one_and_a_second_attempt_does_not() {
    let Results { blocked, news, .. } = results();
    for kind in Kind::ALL {
        let server = Server::new(kind);
        post(&server, blocked, 200, kind);
        server.changes();
        let said = post(&server, news, 199, kind);
        assert!(said.contains("of a newer run"), "{kind:?}: {said}");
        assert!(server.changes().is_empty(), "{kind:?}");
        assert!(server.comments()[0].text.contains("perimeter: blocked"));
        post(&server, news, 201, kind);
        assert!(
            server.comments()[0].text.contains("perimeter: clear"),
            "{kind:?}"
        );
    }
    let server = Server::new(Kind::GitHub);
    post(&server, blocked, 200, Kind::GitHub);
    let mut again = server.comment();
    again.envs([("GITHUB_RUN_ID", "200"), ("GITHUB_RUN_ATTEMPT", "2")]);
    assert!(from(&mut again, news).stderr.contains("changed"));
}

#[test]
fn comments_of_others_are_never_touched_whatever_they_say() {
    let Results { blocked, .. } = results();
    for kind in Kind::ALL {
        let server = Server::new(kind);
        post(&server, blocked, 10, kind);
        let ours = server.comments()[0].text.clone();
        // Somebody writes what looks like the comment of a run to come, to keep ours away.
        let forged = ours.replace("%3A10", "").replace(":10.", ":99999.");
        let server = Server::new(kind);
        server.write("somebody", &forged);
        post(&server, blocked, 11, kind);
        assert_eq!(server.comments().len(), 2, "{kind:?}");
        assert_eq!(server.comments()[0].text, forged);
        assert_eq!(server.changes(), ["POST"]);
        // Quoted or answered, a marker is nothing.
        server.write(ME, &format!("> {ours}"));
        post(&server, blocked, 11, kind);
        assert!(server.changes().is_empty());
    }
}

#[test]
fn a_token_that_may_not_ask_who_it_is_owns_the_comments_of_programs_only() {
    let Results { blocked, news, .. } = results();
    let server = Server::new(Kind::GitHub);
    let refused = || Fault {
        path: "/user",
        retry_after: None,
        body: "{\"message\":\"Resource not accessible by integration\"}",
        ..Fault::of("GET", 403)
    };
    server.fails([refused()]);
    post(&server, blocked, 1, Kind::GitHub);
    let text = server.comments()[0].text.clone();
    let server = Server::new(Kind::GitHub);
    server.write("somebody", &text);
    server.write("github-actions[bot]", &text);
    server.fails([refused()]);
    post(&server, news, 2, Kind::GitHub);
    assert_eq!(server.comments()[0].text, text);
    assert!(server.comments()[1].text.contains("perimeter: clear"));
}

#[test]
fn what_somebody_changed_by_hand_is_written_again() {
    let Results { blocked, .. } = results();
    for kind in Kind::ALL {
        let server = Server::new(kind);
        post(&server, blocked, 1, kind);
        let original = server.comments()[0].text.clone();
        server.rewrite(0, |text| text.replace("blocked\n", "clear\n"));
        let said = post(&server, blocked, 2, kind);
        assert!(said.contains("by hand"), "{kind:?}: {said}");
        assert!(server.comments()[0].text.contains("perimeter: blocked"));
        // Line ends are no change.
        server.changes();
        server.rewrite(0, |text| text.replace('\n', "\r\n").trim_end().to_owned());
        post(&server, blocked, 2, kind);
        assert!(server.changes().is_empty(), "{kind:?} {original}");
    }
}

#[test]
fn the_comment_is_found_behind_hundreds_of_others() {
    let Results { blocked, news, .. } = results();
    for kind in Kind::ALL {
        let server = Server::new(kind);
        for number in 0..100 {
            server.write("a person", &format!("comment {number}"));
        }
        post(&server, blocked, 1, kind);
        for number in 0..150 {
            server.write("a person", &format!("comment {number}"));
        }
        post(&server, news, 2, kind);
        assert_eq!(server.comments().len(), 251, "{kind:?}");
        assert!(
            server.comments()[100].text.contains("perimeter: clear"),
            "{kind:?}"
        );
    }
}

#[test]
fn of_two_comments_with_one_title_the_one_of_the_newest_run_is_left() {
    let Results { blocked, news, .. } = results();
    for kind in Kind::ALL {
        let server = Server::new(kind);
        post(&server, news, 1, kind);
        post(&server, blocked, 2, kind);
        let newer = server.comments()[0].text.clone();
        let older = newer.replace(":2.", ":1.");
        let server = Server::new(kind);
        server.write(ME, &older);
        server.write(ME, &newer);
        let said = post(&server, blocked, 2, kind);
        assert!(said.contains("1 more comment"), "{kind:?}: {said}");
        assert_eq!(server.changes(), ["DELETE"], "{kind:?}");
        let left: Vec<u64> = server.comments().iter().map(|one| one.id).collect();
        assert_eq!(left, [2], "{kind:?}");
    }
}

#[test]
fn stacks_with_titles_of_their_own_do_not_touch_each_other() {
    let Results { blocked, news, .. } = results();
    let server = Server::new(Kind::GitHub);
    from(server.comment().args(["--title", "network/prod"]), blocked);
    from(
        server.comment().args(["--title", "network/test -->"]),
        blocked,
    );
    from(server.comment().args(["--title", "network/prod"]), news);
    let texts: Vec<String> = server.comments().into_iter().map(|one| one.text).collect();
    assert_eq!(texts.len(), 2);
    assert!(
        texts[0].contains("perimeter (network/prod): clear"),
        "{}",
        texts[0]
    );
    assert!(
        texts[1].contains("perimeter (network/test --&gt;): blocked"),
        "{}",
        texts[1]
    );
    assert_eq!(texts[1].lines().next().unwrap().matches("-->").count(), 1);
}

#[test]
fn jobs_of_one_run_that_share_a_title_are_told() {
    let Results { blocked, news, .. } = results();
    let server = Server::new(Kind::GitHub);
    post(&server, blocked, 5, Kind::GitHub);
    let said = post(&server, news, 5, Kind::GitHub);
    assert!(said.contains("--title"), "{said}");
}

#[test]
fn several_results_go_into_one_comment_those_that_block_first() {
    let Results { blocked, quiet, .. } = results();
    let server = Server::new(Kind::GitLab);
    let outcome = run(server
        .comment()
        .arg("--from")
        .arg(quiet)
        .arg("--from")
        .arg(blocked));
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let text = server.comments()[0].text.clone();
    let (first, second) = text.split_once("\n---\n").unwrap();
    assert!(first.contains("perimeter (blocked): blocked"), "{first}");
    assert!(second.contains("✅ quiet: **clear"), "{second}");
    let many = std::iter::repeat_n(["--from".as_ref(), quiet.as_os_str()], 30).flatten();
    let server = Server::new(Kind::Bitbucket);
    let outcome = run(server.comment().args(many));
    assert_eq!((outcome.code, server.count()), (1, 0));
    assert!(outcome.stderr.contains("--title"), "{}", outcome.stderr);
}

#[test]
fn busy_hosts_are_asked_again_and_a_comment_is_not_written_twice() {
    let Results { blocked, .. } = results();
    for kind in Kind::ALL {
        let server = Server::new(kind);
        server.fails([
            Fault::of("GET", 502),
            Fault::of("GET", 429),
            Fault::of("POST", 503),
        ]);
        post(&server, blocked, 1, kind);
        assert_eq!(server.comments().len(), 1, "{kind:?}");
        // The answer got lost on the way, not the request.
        let server = Server::new(kind);
        server.fails([Fault {
            has_effect: true,
            ..Fault::of("POST", 504)
        }]);
        post(&server, blocked, 1, kind);
        assert_eq!(server.comments().len(), 1, "{kind:?}");
    }
    // GitHub says so of too many requests.
    let server = Server::new(Kind::GitHub);
    server.fails([Fault::of("POST", 403)]);
    post(&server, blocked, 1, Kind::GitHub);
    assert_eq!(server.comments().len(), 1);
}

#[test]
fn a_host_that_stays_busy_is_given_up_and_one_that_asks_for_an_hour_at_once() {
    let Results { blocked, .. } = results();
    let server = Server::new(Kind::GitHub);
    server.fails(vec![Fault::of("POST", 500); 5]);
    let outcome = from(&mut server.comment(), blocked);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stderr.contains("500 after 5 attempts"),
        "{}",
        outcome.stderr
    );
    server.count();
    server.fails([Fault {
        retry_after: Some(3_600),
        ..Fault::of("GET", 429)
    }]);
    let outcome = from(&mut server.comment(), blocked);
    assert_eq!((outcome.code, server.count()), (1, 1), "{}", outcome.stderr);
}

#[test]
fn refusals_tell_what_to_give_to_whom_and_never_the_token() {
    let Results { blocked, .. } = results();
    let permissions = [
        (Kind::GitHub, "pull-requests: write"),
        (Kind::GitLab, "scope `api`"),
        (Kind::Forgejo, "write:issue"),
        (Kind::Bitbucket, "pullrequest:write"),
        (Kind::AzureDevOps, "Contribute to pull requests"),
    ];
    for (kind, permission) in permissions {
        for (method, status, wanted) in [
            ("GET", 401, "not valid"),
            ("POST", 403, permission),
            ("POST", 404, "--pull-request"),
            ("POST", 301, "another name"),
        ] {
            let server = Server::new(kind);
            server.fails([Fault {
                retry_after: None,
                body: "{\"message\":\"no\\u001b[31m\\nway\"}",
                ..Fault::of(method, status)
            }]);
            let outcome = from(&mut server.comment(), blocked);
            assert_eq!(outcome.code, 1, "{kind:?} {status}");
            for words in [wanted, "no\\u{1b}[31m way", &status.to_string()] {
                assert!(
                    outcome.stderr.contains(words),
                    "{kind:?} {status}: {}",
                    outcome.stderr
                );
            }
            assert!(!outcome.stderr.contains("s3cret"), "{}", outcome.stderr);
        }
    }
    // A page to sign in at.
    let server = Server::new(Kind::AzureDevOps);
    server.fails([Fault {
        body: "<html>",
        ..Fault::of("GET", 203)
    }]);
    let outcome = from(&mut server.comment(), blocked);
    assert!(
        outcome.stderr.contains("SYSTEM_ACCESSTOKEN is not valid"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn pull_requests_of_forks_get_a_note_instead_of_a_comment_and_others_an_error() {
    let Results { blocked, .. } = results();
    let directory = tempfile::tempdir().unwrap();
    let event = directory.path().join("event.json");
    let tell = |head: &str| {
        let event_text = format!(
            r#"{{"pull_request":{{"number":7,"head":{{"repo":{{"full_name":"{head}"}}}},"base":{{"repo":{{"full_name":"acme/infra"}}}}}}}}"#
        );
        std::fs::write(&event, event_text).unwrap();
    };
    let job = |server: &Server| {
        let mut command = server.comment();
        command.env("GITHUB_EVENT_PATH", &event);
        command.env("GITHUB_REF", "refs/heads/main");
        command
    };
    for (head, code) in [("mallory/infra", 0), ("acme/infra", 1)] {
        tell(head);
        let server = Server::new(Kind::GitHub);
        // No token at all.
        let outcome = from(job(&server).env_remove("GITHUB_TOKEN"), blocked);
        assert_eq!(
            (outcome.code, server.count()),
            (code, 0),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome.stderr.contains("GITHUB_TOKEN"),
            "{}",
            outcome.stderr
        );
        // One that may only read.
        server.fails([Fault {
            retry_after: None,
            ..Fault::of("POST", 403)
        }]);
        let outcome = from(&mut job(&server), blocked);
        assert_eq!(outcome.code, code, "{}", outcome.stderr);
        assert_eq!(outcome.stderr.contains("from a fork"), code == 0);
    }
    let server = Server::new(Kind::GitLab);
    let mut command = server.comment();
    command.env_remove("GITLAB_TOKEN");
    assert_eq!(from(&mut command, blocked).code, 1);
    command.env("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "43");
    assert_eq!(run(&mut command).code, 0);
}

#[test]
fn a_dry_run_prints_the_comment_and_asks_nobody() {
    let Results { blocked, quiet, .. } = results();
    for kind in Kind::ALL {
        let server = Server::new(kind);
        let outcome = from(server.comment().arg("--dry-run"), blocked);
        assert_eq!((outcome.code, server.count()), (0, 0), "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains("pull request 7 of "),
            "{}",
            outcome.stderr
        );
        post(&server, blocked, 100, kind);
        assert_eq!(outcome.stdout, server.comments()[0].text, "{kind:?}");
    }
    let outcome = from(
        perimeter().args(["comment", "--dry-run", "--forge", "gitea"]),
        quiet,
    );
    assert_eq!(outcome.code, 0);
    for words in ["--repository", "none would be written"] {
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
}

#[test]
fn what_is_not_told_is_asked_for_and_a_token_goes_over_no_open_line() {
    let Results { blocked, .. } = results();
    let told = |arguments: &[&str]| {
        let mut command = perimeter();
        command.arg("comment").args(arguments);
        command
            .env("GITEA_TOKEN", "s3cret")
            .env("GITHUB_TOKEN", "s3\ncret");
        let outcome = from(&mut command, blocked);
        assert_eq!(outcome.code, 1, "{arguments:?}");
        assert!(!outcome.stderr.contains("cret"), "{}", outcome.stderr);
        outcome.stderr
    };
    assert!(told(&[]).contains("--forge"));
    assert!(told(&["--forge", "github"]).contains("--repository"));
    let place = ["--repository", "a/b", "--pull-request", "1", "--forge"];
    let with = |rest: &[&str]| told(&[&place[..], rest].concat());
    assert!(with(&["gitea"]).contains("--api-url"));
    assert!(with(&["github"]).contains("visible characters"));
    for url in [
        "http://git.example.org/api/v1",
        "https://user:word@git.example.org",
        "http://localhost.example.org",
        "https://git.example.org/?x=1",
        "ftp://x",
        "https://",
    ] {
        assert!(
            with(&["gitea", "--api-url", url]).contains("no address"),
            "{url}"
        );
    }
    for repository in ["a", "a/b/c", "../b", "a/"] {
        let arguments = [
            "--forge",
            "github",
            "--pull-request",
            "1",
            "--repository",
            repository,
        ];
        assert!(
            told(&arguments).contains("name a repository"),
            "{repository}"
        );
    }
    let unreachable = with(&["gitea", "--api-url", "http://127.0.0.1:1/api"]);
    assert!(
        unreachable.contains("cannot ask whose token this is"),
        "{unreachable}"
    );
}

#[test]
fn something_else_than_a_result_is_refused_before_anything_is_asked() {
    let server = Server::new(Kind::GitHub);
    let outcome = run(server
        .comment()
        .args(["--from", "Cargo.toml"])
        .current_dir(project()));
    assert_eq!((outcome.code, server.count()), (1, 0));
    assert!(
        outcome.stderr.contains("check --format json"),
        "{}",
        outcome.stderr
    );
    let outcome = run(server.comment().args(["--from", "-", "--from", "-"]));
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
    let outcome = run(server.comment().args(["--title", &"x".repeat(101)]));
    assert_eq!(outcome.code, 2, "{}", outcome.stderr);
}
