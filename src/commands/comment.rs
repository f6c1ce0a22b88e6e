//! What the check found, as one comment on the pull request: made, changed, or left as it is.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cli::{CodeHost, CommentArgs, CommentWhen};
use crate::forge::conversation::{Failed, Outcome, Settled, Wanted, settle};
use crate::forge::marker::{Hidden, LONGEST_TITLE};
use crate::forge::place::{Place, Token, Told, Untold, help, place, token};
use crate::forge::{Forge, Wire};
use crate::report::json::read;
use crate::report::markdown::{Style, body, room_wanted};
use crate::report::{is_quiet, text::counted};
use crate::verdict::{Conclusion, Verdict};

use super::inputs::Environment;
use super::wire::Connection;
use super::{UsageError, report_bytes};

/// Bytes of what is told about an event.
const LONGEST_EVENT: u64 = 16 * 1024 * 1024;
/// Parts of a comment for several results, and what stands between them.
const BETWEEN: &str = "\n---\n\n";
/// Room for the marker and for what stands under a comment that is settled.
const AROUND: usize = 1_200;
/// Room that a result needs to say what it comes to, and what is left out.
const LEAST: usize = 3_000;

/// What was done, for people.
#[derive(Debug, Default)]
pub struct Report {
    /// What a program may want: the comment, of a dry run.
    pub text: String,
    /// What was done, and what to know.
    pub talk: String,
}

impl Report {
    fn say(&mut self, words: &str) {
        self.talk.push_str(words);
        self.talk.push('\n');
    }
}

/// Run the command.
///
/// # Errors
///
/// If a result cannot be read, if nothing tells where the comment goes, or if the host says no.
pub fn run(args: &CommentArgs, environment: Environment<'_>) -> Result<Report> {
    let title = title(args)?;
    let results = results(args)?;
    let told = Told {
        forge: args.forge.map(forge),
        pull_request: args.pull_request,
        repository: args.repository.clone(),
        api_url: args.api_url.clone(),
    };
    let event = event(environment)?;
    let place = place(&told, environment, event.as_ref());
    if args.dry_run {
        return dry_run(&told, place, environment, &title, &results, args.when);
    }
    let place = place?;
    let wanted = wanted(&place, &title, &results, args.when)?;
    let token = match token(place.forge, environment) {
        Ok(token) => token,
        Err(untold @ Untold::Token(_)) if place.is_from_fork => {
            return Ok(without_token(&untold.to_string()));
        }
        Err(untold) => return Err(untold.into()),
    };
    post(&place, &token, &Connection::new(token.clone()), &wanted)
}

fn post(place: &Place, token: &Token, wire: &dyn Wire, wanted: &Wanted) -> Result<Report> {
    let host = place
        .forge
        .host(&place.api_url, &place.repository, place.pull_request);
    match settle(host.as_ref(), wire, wanted) {
        Ok(settled) => Ok(done(place, &settled)),
        Err(failed) if place.is_from_fork && failed.status() == Some(403) => {
            Ok(without_token(&failed.to_string()))
        }
        Err(failed) => Err(explained(failed, place, token)),
    }
}

fn explained(failed: Failed, place: &Place, token: &Token) -> anyhow::Error {
    let hint = failed
        .status()
        .and_then(|status| help(place.forge, status, token));
    match hint {
        Some(hint) => anyhow::anyhow!("{failed}; {hint}"),
        None => failed.into(),
    }
}

/// Forks get no token that may write: their pull requests have the annotations and the summary of the job.
fn without_token(why: &str) -> Report {
    let mut report = Report::default();
    report.say(&format!(
        "note: no comment is written, because this pull request comes from a fork ({why}); the job's own output has the report"
    ));
    report
}

fn done(place: &Place, settled: &Settled) -> Report {
    let mut report = Report::default();
    let on = on(place);
    report.say(&match &settled.outcome {
        Outcome::Created => format!("comment written on {on}"),
        Outcome::Updated => format!("comment changed on {on}"),
        Outcome::Unchanged => format!("comment on {on} says so already: left as it is"),
        Outcome::Confirmed => {
            format!("comment on {on} says so already: its words are left as they are")
        }
        Outcome::LeftToNewer(run) => {
            format!("comment on {on} is of a newer run ({run}): left as it is")
        }
        Outcome::NothingToSay => {
            format!("nothing to say, and no comment on {on} that says otherwise: none is written")
        }
    });
    if settled.removed > 0 {
        report.say(&format!(
            "{} of the same title removed",
            counted(settled.removed, "more comment")
        ));
    }
    for note in &settled.notes {
        report.say(&format!("note: {note}"));
    }
    report
}

fn on(place: &Place) -> String {
    format!(
        "{} pull request {} of {}",
        place.forge.name(),
        place.pull_request,
        place.repository
    )
}

fn dry_run(
    told: &Told,
    place: Result<Place, Untold>,
    environment: Environment<'_>,
    title: &str,
    results: &[Found],
    when: CommentWhen,
) -> Result<Report> {
    let mut report = Report::default();
    let wanted = match &place {
        Ok(place) => {
            report.say(&format!(
                "would look for the comment on {} at {}",
                on(place),
                place.api_url
            ));
            match token(place.forge, environment) {
                Ok(token) => report.say(&format!("with {token:?}")),
                Err(untold) => report.say(&format!("note: {untold}")),
            }
            wanted(place, title, results, when)?
        }
        Err(untold) => {
            report.say(&format!("note: {untold}"));
            let nowhere = Place {
                forge: told.forge.unwrap_or(Forge::GitHub),
                api_url: String::new(),
                repository: String::new(),
                pull_request: 0,
                run: None,
                is_from_fork: false,
            };
            wanted(&nowhere, title, results, when)?
        }
    };
    report.say(if wanted.is_worth_a_comment {
        "and write this, if it does not say so already"
    } else {
        "and write this if it is there; without one, none would be written"
    });
    report.text = wanted.text(false).text;
    Ok(report)
}

fn title(args: &CommentArgs) -> Result<String> {
    let title = args.title.as_deref().unwrap_or_default().trim();
    if title.chars().count() > LONGEST_TITLE || title.chars().any(char::is_control) {
        bail!(UsageError::NoTitle);
    }
    Ok(title.to_owned())
}

/// One result, with what its file is called.
struct Found {
    name: String,
    verdict: Verdict,
}

fn results(args: &CommentArgs) -> Result<Vec<Found>> {
    let standard_input = [Path::new("-").to_path_buf()];
    let files = if args.from.is_empty() {
        &standard_input[..]
    } else {
        &args.from[..]
    };
    if files.iter().filter(|file| *file == Path::new("-")).count() > 1 {
        bail!(UsageError::StdinTwice);
    }
    let read = |file: &std::path::PathBuf| {
        let shown = if file.as_path() == Path::new("-") {
            "standard input".to_owned()
        } else {
            file.display().to_string()
        };
        let bytes = report_bytes(file)?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            bail!(
                "{shown} is empty: run `perimeter check --format json=check.json`, then `perimeter comment --from check.json`"
            );
        }
        let text = std::str::from_utf8(&bytes)
            .with_context(|| format!("{shown} is not UTF-8, so no check wrote it"))?;
        let verdict = read::verdict(text).with_context(|| format!("cannot use {shown}"))?;
        let name = file.file_stem().map(|name| name.to_string_lossy());
        Ok(Found {
            name: name.unwrap_or_default().into_owned(),
            verdict,
        })
    };
    let mut found: Vec<Found> = files.iter().map(read).collect::<Result<_>>()?;
    found.sort_by_key(|one| one.verdict.conclusion == Conclusion::Clear);
    Ok(found)
}

fn wanted(place: &Place, title: &str, results: &[Found], when: CommentWhen) -> Result<Wanted> {
    let style = place.forge.style();
    let all = style.limit - AROUND;
    if all / results.len().max(1) < LEAST {
        bail!(
            "{} results do not fit into one comment on {}: give them to several, each with a --title",
            results.len(),
            place.forge.name()
        );
    }
    let is_blocked = results
        .iter()
        .any(|one| one.verdict.conclusion == Conclusion::Blocked);
    let titles: Vec<String> = results
        .iter()
        .map(|one| match (results.len(), title) {
            (1, title) => title.to_owned(),
            (_, "") => one.name.clone(),
            (_, title) => format!("{title}, {}", one.name),
        })
        .collect();
    let styled = |title, limit| Style {
        limit,
        title,
        ..style
    };
    let named: Vec<(&Found, &String)> = results.iter().zip(&titles).collect();
    let between = BETWEEN.len() * 2;
    let wanted: Vec<usize> = named
        .iter()
        .map(|(one, title)| room_wanted(&one.verdict, &styled(title, all)) + between)
        .collect();
    let parts: Vec<String> = named
        .iter()
        .zip(rooms(&wanted, all))
        .map(|((one, title), room)| body(&one.verdict, &styled(title, room - between)))
        .collect();
    Ok(Wanted {
        title: title.to_owned(),
        run: place.run.clone(),
        is_blocked,
        is_worth_a_comment: match when {
            CommentWhen::Always => true,
            CommentWhen::News => results.iter().any(|one| !is_quiet(&one.verdict)),
            CommentWhen::Blocked => is_blocked,
        },
        body: parts.join(BETWEEN),
        hidden: if style.has_tags {
            Hidden::InTags
        } else {
            Hidden::InReference
        },
    })
}

/// Room for each of several: as much as it wants, but no more than its even share of what those leave that want less.
fn rooms(wanted: &[usize], all: usize) -> Vec<usize> {
    let mut rooms = vec![0; wanted.len()];
    let mut in_order: Vec<usize> = (0..wanted.len()).collect();
    in_order.sort_by_key(|index| wanted[*index]);
    let mut left = all;
    for (position, index) in in_order.iter().enumerate() {
        let share = left / (wanted.len() - position);
        rooms[*index] = wanted[*index].min(share);
        left -= rooms[*index];
    }
    rooms
}

/// What GitHub's kind of CI tells about the event that it runs for.
fn event(environment: Environment<'_>) -> Result<Option<Value>> {
    let Some(path) = environment("GITHUB_EVENT_PATH").filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let mut text = String::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(LONGEST_EVENT).read_to_string(&mut text))
        .map_err(|error| super::unreadable("the event at", Path::new(&path), &error))?;
    let event = serde_json::from_str(&text);
    event
        .map(Some)
        .with_context(|| format!("the event at {path} (GITHUB_EVENT_PATH) is not JSON"))
}

fn forge(host: CodeHost) -> Forge {
    match host {
        CodeHost::Github => Forge::GitHub,
        CodeHost::Gitlab => Forge::GitLab,
        CodeHost::Gitea => Forge::Gitea,
        CodeHost::Forgejo => Forge::Forgejo,
        CodeHost::Bitbucket => Forge::Bitbucket,
        CodeHost::AzureDevops => Forge::AzureDevOps,
    }
}

#[cfg(test)]
mod tests {
    use super::rooms;

    #[test]
    fn room_that_a_result_does_not_need_goes_to_the_others_and_none_gets_more_than_there_is() {
        assert_eq!(rooms(&[200, 35_000, 16_000], 64_000), [200, 35_000, 16_000]);
        assert_eq!(rooms(&[50_000, 200, 60_000], 40_200), [20_000, 200, 20_000]);
        assert_eq!(rooms(&[9_000], 4_000), [4_000]);
    }
}
