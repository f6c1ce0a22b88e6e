#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cell::{Cell, RefCell};
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

    fn now(&self) -> Duration {
        Duration::ZERO
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

/// A pull request with its comments, on which one run may break in upon another.
#[derive(Default)]
struct World {
    comments: RefCell<Vec<(u64, String)>>,
    requests: Cell<usize>,
    /// Before which request, and what it wants.
    breaks_in: RefCell<Option<(usize, Wanted)>>,
    /// Which request is answered with a failure that had no effect.
    fails: RefCell<Option<usize>>,
}

impl World {
    fn settle(&self, wanted: &Wanted) -> Settled {
        let host = Forge::GitHub.host("https://api.github.com", "a/b", 1);
        settle(host.as_ref(), self, wanted).unwrap()
    }

    /// The words there, and the run that they are of.
    fn says(&self) -> (String, Option<u64>) {
        let comments = self.comments.borrow();
        let [(_, text)] = comments.as_slice() else {
            panic!("not one comment: {comments:?}");
        };
        let (_, words) = text.split_once('\n').unwrap();
        let run = Marker::of(text).unwrap().run;
        (words.trim().to_owned(), run.map(|run| run.number))
    }
}

impl Wire for World {
    fn send(&self, request: &Request) -> Result<Response, String> {
        let number = self.requests.get();
        self.requests.set(number + 1);
        let other = self.breaks_in.borrow_mut().take_if(|(at, _)| *at == number);
        if let Some((_, wanted)) = other {
            self.settle(&wanted);
        }
        let fault = self.fails.borrow_mut().take_if(|at| *at == number);
        if fault.is_some() {
            return answer(502, None, "");
        }
        let text = || {
            let body = request.body.as_ref().unwrap();
            body["body"].as_str().unwrap().to_owned()
        };
        let id = request.url.rsplit('/').next().unwrap().parse::<u64>();
        let mut comments = self.comments.borrow_mut();
        match (request.method, id) {
            (Method::Get, _) if request.url.ends_with("/user") => {
                return answer(200, None, "{\"login\":\"me\"}");
            }
            (Method::Get, _) => {}
            (Method::Post, _) => {
                let next = comments.last().map_or(1, |(id, _)| id + 1);
                comments.push((next, text()));
            }
            (Method::Delete, Ok(id)) => comments.retain(|(one, _)| *one != id),
            (_, Ok(id)) => match comments.iter_mut().find(|(one, _)| *one == id) {
                Some(comment) => comment.1 = text(),
                None => return answer(404, None, "{}"),
            },
            (_, Err(_)) => panic!("{request:?}"),
        }
        let listed = comments.iter().map(
            |(id, text)| serde_json::json!({ "id": id, "body": text, "user": { "login": "me" } }),
        );
        answer(200, None, &Value::from_iter(listed).to_string())
    }

    fn wait(&self, _: Duration) {}

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

fn run_of(number: u64, words: &str) -> Wanted {
    Wanted {
        title: String::new(),
        run: Some(Run {
            system: "github".into(),
            number,
            attempt: 1,
        }),
        is_blocked: true,
        is_worth_a_comment: true,
        body: words.into(),
        hidden: Hidden::InTags,
    }
}

const ORDERS: [[u64; 3]; 6] = [
    [1, 2, 3],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 1],
    [3, 1, 2],
    [3, 2, 1],
];

#[test]
fn of_three_runs_that_end_in_any_order_the_newest_has_the_last_word() {
    // The newest may say the same as the first: then it writes no words, and the middle one must know all the same.
    for words in [
        ["a", "b", "a"],
        ["a", "b", "b"],
        ["a", "a", "b"],
        ["a", "b", "c"],
    ] {
        for order in ORDERS {
            let world = World::default();
            for number in order {
                let index = usize::try_from(number).unwrap() - 1;
                world.settle(&run_of(number, words[index]));
            }
            let expected = (words[2].to_owned(), Some(3));
            assert_eq!(world.says(), expected, "{words:?} {order:?}");
        }
    }
}

#[test]
fn a_run_that_finds_its_words_there_says_so_in_the_hidden_line_only() {
    let world = World::default();
    world.settle(&run_of(1, "a"));
    assert_eq!(world.settle(&run_of(2, "a")).outcome, Outcome::Confirmed);
    assert_eq!(world.settle(&run_of(2, "a")).outcome, Outcome::Unchanged);
    let newer = Outcome::LeftToNewer(run_of(2, "").run.unwrap());
    assert_eq!(world.settle(&run_of(1, "b")).outcome, newer);
    // A run that nobody counts comes neither before nor after.
    let mut uncounted = run_of(9, "a");
    uncounted.run = None;
    assert_eq!(world.settle(&uncounted).outcome, Outcome::Unchanged);
    uncounted.body = "c".into();
    assert_eq!(world.settle(&uncounted).outcome, Outcome::Updated);
    assert_eq!(world.says(), ("c".to_owned(), None));
}

/// What is left when one run breaks in upon another before each of its requests in turn.
fn broken_in_upon(outer: &Wanted, inner: &Wanted, has_comment: bool) -> Vec<(String, Option<u64>)> {
    let mut left = Vec::new();
    for at in 0.. {
        let world = World::default();
        if has_comment {
            world.settle(&run_of(1, "first"));
            world.requests.set(0);
        }
        world.breaks_in.replace(Some((at, inner.clone())));
        world.settle(outer);
        if world.breaks_in.borrow().is_some() {
            return left;
        }
        left.push(world.says());
    }
    left
}

#[test]
fn an_older_run_that_breaks_in_is_written_over() {
    for has_comment in [false, true] {
        for words in ["newer", "first"] {
            let left = broken_in_upon(&run_of(3, words), &run_of(2, "older"), has_comment);
            assert!(left.len() >= 3, "{left:?}");
            for (at, one) in left.iter().enumerate() {
                assert_eq!(*one, (words.to_owned(), Some(3)), "{has_comment} {at}");
            }
        }
    }
}

#[test]
fn a_newer_run_that_breaks_in_stands_but_between_the_look_and_the_write_of_an_older_one() {
    let newest = ("newer".to_owned(), Some(3));
    // Making a comment takes nothing from another.
    let left = broken_in_upon(&run_of(2, "older"), &run_of(3, "newer"), false);
    assert!(left.iter().all(|one| *one == newest), "{left:?}");
    // Who I am, the look, the write, the look at what came of it: no host lets a write depend on what was read, which is
    // why the newer run waits and looks again for as long as an older one may take.
    let left = broken_in_upon(&run_of(2, "older"), &run_of(3, "newer"), true);
    let is_lost: Vec<bool> = left.iter().map(|one| *one != newest).collect();
    assert_eq!(is_lost, [false, false, true, false]);
}

#[test]
fn before_a_write_is_tried_again_the_comment_is_looked_at_again() {
    let world = World::default();
    world.settle(&run_of(1, "first"));
    world.requests.set(0);
    // The third request is the write; while it waits, a newer run comes and goes.
    world.fails.replace(Some(2));
    world.breaks_in.replace(Some((3, run_of(3, "newer"))));
    let settled = world.settle(&run_of(2, "older"));
    assert!(matches!(settled.outcome, Outcome::LeftToNewer(_)));
    assert_eq!(world.says(), ("newer".to_owned(), Some(3)));
}
