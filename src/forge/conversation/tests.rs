#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::RefCell;
use std::collections::VecDeque;

use super::*;
use crate::forge::Forge;

/// Answers in their order, and the waits between them.
struct Script {
    answers: RefCell<VecDeque<Result<Response, String>>>,
    waits: RefCell<Vec<Duration>>,
    chance: f64,
}

impl Wire for Script {
    fn send(&self, _: &Request) -> Result<Response, String> {
        let mut answers = self.answers.borrow_mut();
        answers.pop_front().expect("one request too many")
    }

    fn wait(&self, duration: Duration) {
        self.waits.borrow_mut().push(duration);
    }

    fn chance(&self) -> f64 {
        self.chance
    }
}

fn answer(status: u16, retry_after: Option<u64>, body: &str) -> Result<Response, String> {
    Ok(Response {
        status,
        retry_after: retry_after.map(Duration::from_secs),
        is_exhausted: false,
        body: body.to_owned(),
    })
}

fn asked(
    answers: Vec<Result<Response, String>>,
    chance: f64,
) -> (Result<Settled, Failed>, Vec<Duration>) {
    let script = Script {
        answers: RefCell::new(answers.into()),
        waits: RefCell::default(),
        chance,
    };
    let host = Forge::GitHub.host("https://api.github.com", "a/b", 1);
    let wanted = Wanted {
        title: String::new(),
        run: None,
        is_blocked: false,
        is_worth_a_comment: false,
        body: "text".into(),
        hidden: Hidden::InTags,
    };
    let settled = settle(host.as_ref(), &script, &wanted);
    assert!(
        script.answers.borrow().is_empty(),
        "not everything was asked"
    );
    (settled, script.waits.into_inner())
}

fn fine() -> Vec<Result<Response, String>> {
    vec![
        answer(200, None, "{\"login\":\"me\"}"),
        answer(200, None, "[]"),
    ]
}

fn after(mut failures: Vec<Result<Response, String>>) -> Vec<Result<Response, String>> {
    failures.extend(fine());
    failures
}

#[test]
fn waits_double_and_chance_takes_up_to_half_of_each() {
    let failures = || {
        vec![
            answer(502, None, ""),
            answer(503, None, ""),
            Err("no route".into()),
        ]
    };
    let seconds = |chance| {
        let (settled, waits) = asked(after(failures()), chance);
        assert_eq!(settled.unwrap().outcome, Outcome::NothingToSay);
        waits.iter().map(Duration::as_secs_f64).collect::<Vec<_>>()
    };
    assert_eq!(seconds(1.0), [0.5, 1.0, 2.0]);
    assert_eq!(seconds(0.0), [0.25, 0.5, 1.0]);
}

#[test]
fn a_host_says_how_long_to_wait_as_long_as_that_is_bearable() {
    let (settled, waits) = asked(after(vec![answer(429, Some(7), "")]), 0.5);
    assert!(settled.is_ok());
    assert_eq!(waits, [Duration::from_secs(7)]);
    let (settled, waits) = asked(
        vec![answer(429, Some(3_600), "{\"message\":\"slow\"}")],
        0.5,
    );
    assert!(matches!(settled, Err(Failed::Busy { attempts: 1, words, .. }) if words == ": slow"));
    assert!(waits.is_empty());
    // Several short waits are a long one, too.
    let (settled, _) = asked(vec![answer(429, Some(50), ""); 3], 0.5);
    assert!(matches!(settled, Err(Failed::Busy { attempts: 3, .. })));
}

#[test]
fn a_refusal_is_final_and_only_that_of_too_many_requests_is_not() {
    for status in [400, 401, 404, 410, 422] {
        let first = if status == 401 {
            vec![answer(status, None, "")]
        } else {
            vec![
                answer(200, None, "{\"login\":\"me\"}"),
                answer(status, None, ""),
            ]
        };
        let (settled, waits) = asked(first, 0.5);
        assert_eq!(settled.unwrap_err().status(), Some(status));
        assert!(waits.is_empty());
    }
    let mut exhausted = answer(403, None, "").unwrap();
    exhausted.is_exhausted = true;
    assert_eq!(asked(after(vec![Ok(exhausted)]), 0.5).1.len(), 1);
}

#[test]
fn answers_of_another_form_are_not_taken_for_an_empty_list() {
    for body in ["", "{}", "<html>", "null", "{\"values\":[]}"] {
        let (settled, _) = asked(
            vec![
                answer(200, None, "{\"login\":\"me\"}"),
                answer(200, None, body),
            ],
            0.5,
        );
        assert!(
            matches!(settled, Err(Failed::NotUnderstood { .. })),
            "{body}"
        );
    }
}

#[test]
fn an_endless_list_is_not_read_to_its_end() {
    let page = format!("[{}]", vec!["{\"id\":1,\"body\":\"x\"}"; 100].join(","));
    let mut answers = vec![answer(200, None, "{\"login\":\"me\"}")];
    answers.extend(vec![answer(200, None, &page); MOST_PAGES]);
    assert_eq!(asked(answers, 0.5).0, Err(Failed::TooMany));
}

#[test]
fn the_token_follows_no_link_to_another_place() {
    let host = Forge::Bitbucket.host("https://api.bitbucket.org/2.0", "a/b", 1);
    let list = |next: &str| {
        let answer = serde_json::json!({ "values": [], "next": next });
        host.read_list(&host.list(), &answer)
            .map(|listed| listed.next.is_some())
    };
    let here = "https://api.bitbucket.org/2.0/repositories/a/b/pullrequests/1/comments";
    assert_eq!(list(&format!("{here}?page=2")), Some(true));
    assert_eq!(list("https://example.org/?page=2"), None);
    assert_eq!(
        list("https://api.bitbucket.org.example.org/2.0/x?page=2"),
        None
    );
    assert_eq!(list(&format!("{here}/../../../c?page=2")), None);
}

#[test]
fn what_a_host_says_is_cut_and_stays_on_one_line() {
    assert_eq!(words("{\"message\":\"a\\nb\"}"), ": a b");
    assert_eq!(words("{\"error\":{\"message\":\"x\"}}"), ": x");
    assert_eq!(words("<html>"), "");
    let long = format!("{{\"message\":\"{}\"}}", "x".repeat(5_000));
    assert!(words(&long).len() < 300);
}
