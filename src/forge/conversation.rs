//! The exchange with a host: find our comment, decide, write, and look again.
//!
//! Runs race with each other, and no host offers to change a comment only if it is still what was read. So each write is
//! looked at afterwards: where an older run came in between, ours is written again, and of several comments with one title
//! one is left, that of the newest run. A run that finds its words there already still puts its number to them, so that a
//! run before it, should it end later, knows that it is the older one.

use std::time::Duration;

use serde_json::Value;

use crate::report::text::{clip, prose};

use super::marker::{Hidden, Marker, Run, digest};
use super::{Comment, Host, Method, Request, Response, Text, Wire};

/// How often a request is sent before it is given up.
const ATTEMPTS: u32 = 5;
/// The first wait between two of them; each further is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// How long all waits of a run may take together.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often the comment is looked at: once for each attempt to write, and for those of other runs that come in between.
const MOST_ROUNDS: u32 = ATTEMPTS + 3;
/// How long to let other runs finish, in times of what a look and a write took us.
const FINISHING: u32 = 2;
/// The longest that this may take.
const LONGEST_FINISHING: Duration = Duration::from_secs(10);
/// How many pages of comments are read.
const MOST_PAGES: usize = 100;
/// What is shown of what a host says.
const LONGEST_WORDS: usize = 200;

/// What stands under a comment that once said that someone must act.
const SETTLED: &str = "An earlier run on this pull request was blocked. What it asked for is done, or no longer needed.";

/// What is to stand in the comment.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What tells it from other comments of ours; may be empty.
    pub title: String,
    /// This run, where a CI system counts them.
    pub run: Option<Run>,
    /// Whether someone must act.
    pub is_blocked: bool,
    /// Whether to make a comment where there is none.
    pub is_worth_a_comment: bool,
    /// The text, without a marker.
    pub body: String,
    /// How the marker is hidden.
    pub hidden: Hidden,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What happened to our comment.
    pub outcome: Outcome,
    /// How many others with its title were removed.
    pub removed: usize,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// What happened to our comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There was none, and there is one now.
    Created,
    /// It has another text now.
    Updated,
    /// It says so already.
    Unchanged,
    /// It said so already, and its hidden line now tells that this run says so too.
    Confirmed,
    /// A newer run wrote it.
    LeftToNewer(Run),
    /// There is none, and nothing to say.
    NothingToSay,
}

/// Why it came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// No answer.
    #[error("cannot {what}: {words}")]
    Unreachable {
        /// What was to be done.
        what: &'static str,
        /// Why not.
        words: String,
    },
    /// The host says no.
    #[error("cannot {what}: the answer is {status}{words}")]
    Refused {
        /// What was to be done.
        what: &'static str,
        /// The status.
        status: u16,
        /// What the host says, with a colon in front; empty if nothing.
        words: String,
    },
    /// The host was busy every time.
    #[error(
        "cannot {what}: the answer is {status} after {attempts} attempts{words}; run this again later"
    )]
    Busy {
        /// What was to be done.
        what: &'static str,
        /// The last status.
        status: u16,
        /// How often it was tried.
        attempts: u32,
        /// What the host says, with a colon in front; empty if nothing.
        words: String,
    },
    /// An answer that is not of the documented form.
    #[error(
        "cannot {what}: the answer is not of the form that the interface documents; is the address of the interface right?"
    )]
    NotUnderstood {
        /// What was to be done.
        what: &'static str,
    },
    /// No end of comments.
    #[error("cannot find the comment: there are more than {MOST_PAGES} pages of comments")]
    TooMany,
}

impl Failed {
    /// The status of the answer, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } | Self::Busy { status, .. } => Some(*status),
            _ => None,
        }
    }
}

impl Wanted {
    /// The whole comment. `was_blocked`: an earlier run said that someone must act.
    #[must_use]
    pub fn text(&self, was_blocked: bool) -> Text {
        let marker = Marker {
            title: self.title.clone(),
            run: self.run.clone(),
            is_blocked: self.is_blocked,
            was_blocked: self.is_blocked || was_blocked,
            digest: digest(&self.body),
        };
        // A definition of a link ends with an empty line.
        let gap = match self.hidden {
            Hidden::InTags => "\n",
            Hidden::InReference => "\n\n",
        };
        let mut text = format!("{}{gap}{}", marker.line(self.hidden), self.body);
        if was_blocked && !self.is_blocked {
            text.push_str(&format!("\n{SETTLED}\n"));
        }
        Text {
            text,
            is_blocked: self.is_blocked,
        }
    }
}

/// A comment of ours.
struct Ours {
    comment: Comment,
    marker: Marker,
}

/// Make, change or leave the comment.
///
/// # Errors
///
/// If the host says no, or nothing that can be understood.
pub fn settle(host: &dyn Host, wire: &dyn Wire, wanted: &Wanted) -> Result<Settled, Failed> {
    let mut talk = Talk {
        wire,
        waited: Duration::ZERO,
    };
    let me = talk.who_am_i(host)?;
    let me = me.as_deref();
    let mut notes = Vec::new();
    if me.is_none() {
        notes.push(
            "the host does not tell whose token this is, so everybody's comments that begin like ours were looked at"
                .to_owned(),
        );
    }
    let mut written = None;
    let mut removed = 0;
    let mut attempt = 1;
    for _ in 0..MOST_ROUNDS {
        let began = wire.now();
        let Some((kept, spare)) = choose(talk.find(host, me, &wanted.title)?) else {
            // A list may lag behind what was written.
            if written.is_some() || !wanted.is_worth_a_comment {
                break;
            }
            let request = host.create(&wanted.text(false));
            match talk.attempt("write the comment", &request, &mut attempt)? {
                Some(_) => written = Some(Outcome::Created),
                None => continue,
            }
            talk.let_others_finish(began);
            continue;
        };
        removed += talk.remove(host, &spare, &mut notes);
        let next = match &written {
            None => kept.next(wanted),
            Some(outcome) => kept.next_after(wanted, outcome),
        };
        let text = wanted.text(kept.marker.was_blocked);
        let what = "change the comment";
        let outcome = match next {
            Next::Leave(outcome) => {
                written = written.or(Some(outcome));
                break;
            }
            Next::LeaveToNewer(run) => {
                written = Some(Outcome::LeftToNewer(run));
                break;
            }
            Next::Confirm => Outcome::Confirmed,
            Next::Write => {
                if written.is_none() {
                    notes.extend(kept.remarks(wanted));
                }
                Outcome::Updated
            }
        };
        let request = host.rewrite(&kept.comment.id, &text);
        match talk.attempt(what, &request, &mut attempt) {
            Ok(Some(_)) => {
                // Words that are right already say nothing new of who must act.
                if outcome == Outcome::Updated
                    && let Some(request) = host.mark(&kept.comment.id, &text)
                {
                    talk.ask(what, &request)?;
                }
                written = written.or(Some(outcome));
            }
            Ok(None) => continue,
            // Somebody removed it meanwhile.
            Err(Failed::Refused { status: 404, .. }) if written.is_none() => {
                talk.ask("write the comment", &host.create(&text))?;
                written = Some(Outcome::Created);
            }
            Err(Failed::Refused { status: 404, .. }) => break,
            // The words are right, and that is what counts.
            Err(failed) if outcome == Outcome::Confirmed => {
                notes.push(failed.to_string());
                written = Some(Outcome::Unchanged);
                break;
            }
            Err(failed) => return Err(failed),
        }
        talk.let_others_finish(began);
    }
    Ok(Settled {
        outcome: written.unwrap_or(Outcome::NothingToSay),
        removed,
        notes,
    })
}

/// What to do about a comment of ours.
enum Next {
    Leave(Outcome),
    LeaveToNewer(Run),
    /// Only its hidden line is to name this run.
    Confirm,
    Write,
}

impl Ours {
    /// What stands behind the marker.
    fn body(&self) -> &str {
        let text = self.comment.text.trim_start();
        let body = text.split_once('\n').map_or("", |(_, body)| body);
        body.trim_end().trim_end_matches(SETTLED)
    }

    /// Whether it was written before this run began, if anything tells.
    fn is_older(&self, wanted: &Wanted) -> Option<bool> {
        let (run, other) = (wanted.run.as_ref()?, self.marker.run.as_ref()?);
        run.is_after(other)
    }

    fn newer(&self, wanted: &Wanted) -> Option<Run> {
        let (run, other) = (wanted.run.as_ref()?, self.marker.run.as_ref()?);
        (other.is_after(run) == Some(true)).then(|| other.clone())
    }

    fn next(&self, wanted: &Wanted) -> Next {
        if let Some(run) = self.newer(wanted) {
            return Next::LeaveToNewer(run);
        }
        match (self.says(wanted), self.is_older(wanted)) {
            (true, Some(true)) => Next::Confirm,
            (true, _) => Next::Leave(Outcome::Unchanged),
            (false, _) => Next::Write,
        }
    }

    /// The same, when this run wrote already: only a run that is known to be older, or a comment made at the same time,
    /// is written over again, so that no two runs go on doing that to each other.
    fn next_after(&self, wanted: &Wanted, written: &Outcome) -> Next {
        if let Some(run) = self.newer(wanted) {
            return Next::LeaveToNewer(run);
        }
        let stands = self.marker.run == wanted.run && self.marker.digest == digest(&wanted.body);
        let is_older = self
            .is_older(wanted)
            .unwrap_or(*written == Outcome::Created);
        if !stands && is_older {
            Next::Write
        } else {
            Next::Leave(written.clone())
        }
    }

    /// What a person should know before it gets other words.
    fn remarks(&self, wanted: &Wanted) -> Vec<String> {
        let mut remarks = Vec::new();
        if wanted.run.is_some() && wanted.run == self.marker.run {
            remarks.push(
                "another job of this run wrote the comment before: give each stack a --title of its own, or all results \
                 to one `perimeter comment`"
                    .to_owned(),
            );
        }
        if digest(self.body()) != self.marker.digest {
            remarks.push("somebody had changed the comment by hand".to_owned());
        }
        remarks
    }

    /// Whether it says what is wanted, whatever its marker claims.
    fn says(&self, wanted: &Wanted) -> bool {
        let digest_wanted = digest(&wanted.body);
        digest(self.body()) == digest_wanted
            && self.marker.digest == digest_wanted
            && self.marker.is_blocked == wanted.is_blocked
    }
}

/// The comment to keep, of the newest run, and the others.
fn choose(mut ours: Vec<Ours>) -> Option<(Ours, Vec<Ours>)> {
    let mut newest = 0;
    for (index, one) in ours.iter().enumerate() {
        let is_after = match (&one.marker.run, &ours.get(newest)?.marker.run) {
            (Some(run), Some(other)) => run.is_after(other) == Some(true),
            _ => false,
        };
        if is_after {
            newest = index;
        }
    }
    if ours.is_empty() {
        return None;
    }
    let kept = ours.remove(newest);
    Some((kept, ours))
}

struct Talk<'a> {
    wire: &'a dyn Wire,
    waited: Duration,
}

impl Talk<'_> {
    /// Whose comments are ours; `None` if the host does not let us know.
    fn who_am_i(&mut self, host: &dyn Host) -> Result<Option<String>, Failed> {
        let what = "ask whose token this is";
        match self.ask(what, &host.who_am_i()) {
            Ok(answer) => Ok(host.read_me(&answer)),
            // A token that may do little is not told who it is.
            Err(Failed::Refused { status, .. }) if status != 401 => Ok(host.untold_me()),
            Err(failed) => Err(failed),
        }
    }

    /// Our comments with this title, in the order of the host.
    fn find(
        &mut self,
        host: &dyn Host,
        me: Option<&str>,
        title: &str,
    ) -> Result<Vec<Ours>, Failed> {
        let what = "read the comments";
        let mut comments = Vec::new();
        let mut request = host.list();
        for _ in 0..MOST_PAGES {
            let answer = self.ask(what, &request)?;
            let listed = host.read_list(&request, &answer);
            let listed = listed.ok_or(Failed::NotUnderstood { what })?;
            comments.extend(listed.comments);
            match listed.next {
                Some(next) => request = next,
                None => return Ok(ours(comments, me, title)),
            }
        }
        Err(Failed::TooMany)
    }

    /// Remove what is not needed, as far as the host lets us.
    fn remove(&mut self, host: &dyn Host, spare: &[Ours], notes: &mut Vec<String>) -> usize {
        let mut removed = 0;
        for one in spare {
            match self.ask("remove a second comment", &host.delete(&one.comment.id)) {
                Ok(_) => removed += 1,
                // Another run was faster.
                Err(Failed::Refused {
                    status: 404 | 410, ..
                }) => {}
                Err(failed) => notes.push(failed.to_string()),
            }
        }
        removed
    }

    /// Wait as long as another run may need that read what we read and has not written yet.
    fn let_others_finish(&mut self, began: Duration) {
        let took = self.wire.now().saturating_sub(began);
        let pause = took.saturating_mul(FINISHING).min(LONGEST_FINISHING);
        if !pause.is_zero() && self.waited.saturating_add(pause) <= PATIENCE {
            self.waited += pause;
            self.wire.wait(pause);
        }
    }

    /// Send until there is an answer that is not about being busy.
    fn ask(&mut self, what: &'static str, request: &Request) -> Result<Value, Failed> {
        let mut attempt = 1;
        loop {
            if let Some(answer) = self.attempt(what, request, &mut attempt)? {
                return Ok(answer);
            }
        }
    }

    /// Send once. Without an answer, or when the host is busy, wait, and say nothing: what was read before may have changed.
    fn attempt(
        &mut self,
        what: &'static str,
        request: &Request,
        attempt: &mut u32,
    ) -> Result<Option<Value>, Failed> {
        let answer = self.wire.send(request);
        let asked_for = match &answer {
            Ok(response) if !is_busy(response) => {
                return read(what, request, response).map(Some);
            }
            Ok(response) => response.retry_after,
            Err(_) => None,
        };
        // A random part keeps jobs that were turned away together from coming back together.
        let wait = FIRST_WAIT * (1 << (*attempt - 1).min(ATTEMPTS));
        let pause = asked_for.unwrap_or_else(|| wait.mul_f64(0.5 + self.wire.chance() / 2.0));
        if *attempt >= ATTEMPTS || self.waited.saturating_add(pause) > PATIENCE {
            return Err(match answer {
                Ok(response) => Failed::Busy {
                    what,
                    status: response.status,
                    attempts: *attempt,
                    words: words(&response.body),
                },
                Err(words) => Failed::Unreachable { what, words },
            });
        }
        self.waited += pause;
        self.wire.wait(pause);
        *attempt += 1;
        Ok(None)
    }
}

fn is_busy(response: &Response) -> bool {
    match response.status {
        429 | 500 | 502 | 503 | 504 => true,
        // GitHub's way of saying that there were too many requests.
        403 => response.retry_after.is_some() || response.is_exhausted,
        _ => false,
    }
}

fn read(what: &'static str, request: &Request, response: &Response) -> Result<Value, Failed> {
    match response.status {
        // Azure DevOps answers a token that is no good with a page to sign in at.
        203 => Err(Failed::Refused {
            what,
            status: 401,
            words: String::new(),
        }),
        200..=299 if request.method != Method::Get && response.body.trim().is_empty() => {
            Ok(Value::Null)
        }
        200..=299 => {
            serde_json::from_str(&response.body).map_err(|_| Failed::NotUnderstood { what })
        }
        status => Err(Failed::Refused {
            what,
            status,
            words: words(&response.body),
        }),
    }
}

/// What a host says about a refusal.
fn words(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        return String::new();
    };
    let places = ["/message", "/error/message", "/error_description", "/error"];
    let said = places
        .iter()
        .find_map(|place| value.pointer(place)?.as_str());
    said.map_or_else(String::new, |said| {
        format!(": {}", clip(&prose(said), LONGEST_WORDS))
    })
}

fn ours(comments: Vec<Comment>, me: Option<&str>, title: &str) -> Vec<Ours> {
    let is_mine =
        |comment: &Comment| me.is_none_or(|me| comment.authors.iter().any(|author| author == me));
    comments
        .into_iter()
        .filter(is_mine)
        .filter_map(|comment| {
            let marker = Marker::of(&comment.text)?;
            (marker.title == title).then_some(Ours { comment, marker })
        })
        .collect()
}

#[cfg(test)]
mod tests;
