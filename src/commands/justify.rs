//! Receipts for carve-outs that still hold in the network after the change, and the removal of those that are of no use.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::carveout::ledger::{self, PerimeterDigest};
use crate::carveout::lineage::text_digest;
use crate::carveout::near_miss::MarkerPattern;
use crate::catalog::similar;
use crate::cli::JustifyArgs;
use crate::report::json::audit;
use crate::report::json::v1::SCHEMA;
use crate::report::text::{counted, for_terminal};
use crate::repos::{Repository, Revision};
use crate::verdict::{Judged, Status};

use super::finder::{CacheLocation, Finder, Found, Wanted};
use super::inputs::{Environment, globs, repository_arguments, settings};
use super::receipts::{Recorder, Subject, how_to_add, one_line, rewrite};
use super::{Problems, UsageError, check, report_bytes};

/// Record receipts, or remove idle ones; what was done, for a person.
///
/// # Errors
///
/// If an input cannot be read, a name means nothing that fell, or a ledger cannot be written. Then nothing is written.
pub fn run(args: &JustifyArgs, environment: Environment<'_>) -> Result<String> {
    if !args.inventories.is_empty() {
        return Err(UsageError::ReceiptNeedsClone.into());
    }
    if args.prune {
        return prune(args, environment);
    }
    let reason = one_line(args.reason.as_deref().unwrap_or_default())?;
    let recorder = Recorder::open(&args.change_set.inputs.repositories, environment)?;
    let listed = match &args.from {
        Some(path) => from_report(path)?,
        None => {
            let verdict = check::run(&args.change_set, environment)?;
            verdict.carve_outs.iter().map(Listed::of).collect()
        }
    };
    let subjects = selected(&args.carve_outs, &listed)?;
    recorder.check(&subjects)?;
    let is_new = recorder.write(&subjects, &reason)?;
    Ok(told(&subjects, &is_new, &listed, &recorder))
}

/// A carve-out as a verdict lists it.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) status: String,
    pub(super) subject: Option<Subject>,
    id: String,
    repository: String,
    path: String,
    lines: (usize, usize),
}

impl Listed {
    pub(super) fn of(judged: &Judged) -> Self {
        let carve_out = &judged.carve_out;
        Self::new(
            (
                &carve_out.id,
                &carve_out.repository,
                &carve_out.location.path,
            ),
            (carve_out.location.line, carve_out.location.end_line),
            judged.status.word(),
            text_digest(&carve_out.guarantee, &carve_out.justification),
            judged.perimeter.clone(),
        )
    }

    fn new(
        (id, repository, path): (&str, &str, &str),
        lines: (usize, usize),
        status: &str,
        text: String,
        perimeter: Option<PerimeterDigest>,
    ) -> Self {
        let fell = [Status::MustRejustify, Status::Unanchored];
        let is_open = fell.iter().any(|one| one.word() == status);
        let subject = perimeter.filter(|_| is_open).map(|perimeter| Subject {
            id: id.to_owned(),
            repository: repository.to_owned(),
            path: path.to_owned(),
            lines,
            text,
            perimeter,
        });
        Self {
            status: status.to_owned(),
            subject,
            id: id.to_owned(),
            repository: repository.to_owned(),
            path: path.to_owned(),
            lines,
        }
    }

    /// Whether `PATH:LINE` means it; the path may begin with the repository's name.
    fn stands_at(&self, path: &str, line: usize) -> bool {
        let path = path.strip_prefix("./").unwrap_or(path);
        let in_repository = path
            .strip_prefix(&self.repository)
            .and_then(|rest| rest.strip_prefix('/'));
        let is_path = path == self.path || in_repository == Some(self.path.as_str());
        is_path && (self.lines.0..=self.lines.1).contains(&line)
    }
}

/// Those that are named, each once; all that is wrong with the names at once.
fn selected<'l>(names: &[String], listed: &'l [Listed]) -> Result<Vec<&'l Subject>> {
    let mut subjects: Vec<&Subject> = Vec::new();
    let mut problems = Vec::new();
    for name in names {
        match one(name, listed) {
            Ok(subject) if subjects.contains(&subject) => {}
            Ok(subject) => subjects.push(subject),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        bail!(NotJustified(Problems {
            summary: "nothing was written".to_owned(),
            problems,
        }));
    }
    Ok(subjects)
}

/// Names on the command line that mean nothing which a receipt could settle.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NotJustified(pub Problems);

fn one<'l>(name: &str, listed: &'l [Listed]) -> Result<&'l Subject, String> {
    let place = name
        .rsplit_once(':')
        .and_then(|(path, line)| Some((path, line.parse().ok()?)));
    let exact: Vec<&Listed> = listed.iter().filter(|one| one.id == name).collect();
    let meant: Vec<&Listed> = match place {
        _ if !exact.is_empty() => exact,
        Some((path, line)) => listed
            .iter()
            .filter(|one| one.stands_at(path, line))
            .collect(),
        None => listed
            .iter()
            .filter(|one| one.id.starts_with(name))
            .collect(),
    };
    match meant.as_slice() {
        [] => {
            let ids = listed.iter().map(|one| one.id.as_str());
            let near = similar(name, ids);
            let hint = if near.is_empty() {
                "; `perimeter check` lists those that fall".to_owned()
            } else {
                format!(": did you mean {}?", near.join(" or "))
            };
            Err(match place {
                Some((path, line)) => {
                    format!("no carve-out stands at {path}:{line}; name a line of its comment")
                }
                None => format!("no carve-out is called `{name}`{hint}"),
            })
        }
        [only] => settleable(name, only),
        several => {
            let shown: Vec<String> = several
                .iter()
                .take(4)
                .map(|one| format!("{} ({}:{})", one.id, one.path, one.lines.0))
                .collect();
            Err(format!("`{name}` may mean {}", shown.join(" or ")))
        }
    }
}

fn settleable<'l>(name: &str, listed: &'l Listed) -> Result<&'l Subject, String> {
    if let Some(subject) = &listed.subject {
        return Ok(subject);
    }
    let why = match listed.status.as_str() {
        "broken" => {
            "its guarantee is false after the change, and no receipt mends that: fix the network, or turn encryption on and remove the marker"
        }
        "rejustified" => "it is re-justified already",
        "must_rejustify" | "unanchored" => {
            "no receipt can speak for it, because its marker was deleted or its traffic stays on one host: put the marker back or write it anew, or turn encryption on"
        }
        _ => "it does not fall, so there is nothing to re-justify",
    };
    Err(format!("`{name}`: {why}"))
}

/// What of `perimeter.check/1` and `perimeter.audit/1` a receipt needs.
#[derive(Deserialize)]
struct CheckReport {
    schema: String,
    carve_outs: Vec<ReportedCarveOut>,
}

#[derive(Deserialize)]
struct ReportedCarveOut {
    id: String,
    repository: String,
    path: String,
    line: usize,
    end_line: usize,
    guarantee: String,
    justification: String,
    status: String,
    perimeter: Option<ReportedPerimeter>,
}

#[derive(Deserialize)]
struct ReportedPerimeter {
    digest: String,
    parts: Vec<ReportedPart>,
}

#[derive(Deserialize)]
struct ReportedPart {
    boundary: String,
    aspect: String,
    digest: String,
}

fn from_report(path: &Path) -> Result<Vec<Listed>> {
    let shown = path.display();
    let bytes = report_bytes(path)?;
    let report: CheckReport = serde_json::from_slice(&bytes).with_context(|| {
        format!(
            "{shown} is not what `perimeter check` or `perimeter audit` writes with --format json"
        )
    })?;
    if ![SCHEMA, audit::SCHEMA].contains(&report.schema.as_str()) {
        bail!(
            "{shown} is of the form {}, and a receipt needs {SCHEMA} or {}: run `perimeter check --format json`, or `perimeter audit`",
            report.schema,
            audit::SCHEMA
        );
    }
    let listed = report.carve_outs.into_iter().map(|one| {
        let perimeter = one.perimeter.map(|perimeter| PerimeterDigest {
            whole: perimeter.digest,
            parts: perimeter
                .parts
                .into_iter()
                .map(|part| ((part.boundary, part.aspect), part.digest))
                .collect(),
        });
        let text = text_digest(&one.guarantee, &one.justification);
        Listed::new(
            (&one.id, &one.repository, &one.path),
            (one.line, one.end_line),
            &one.status,
            text,
            perimeter,
        )
    });
    Ok(listed.collect())
}

fn told(subjects: &[&Subject], is_new: &[bool], listed: &[Listed], recorder: &Recorder) -> String {
    let mut text = String::new();
    let mut by_repository: BTreeMap<&str, Vec<(&Subject, bool)>> = BTreeMap::new();
    for (subject, is_new) in subjects.iter().zip(is_new) {
        by_repository
            .entry(&subject.repository)
            .or_default()
            .push((subject, *is_new));
    }
    for (repository, subjects) in by_repository {
        let place = recorder.top(repository).map_or_else(
            || ledger::PATH.to_owned(),
            |top| top.join(ledger::PATH).display().to_string(),
        );
        let written = subjects.iter().filter(|(_, is_new)| *is_new).count();
        let _ = writeln!(
            text,
            "{} written to {}",
            counted(written, "receipt"),
            for_terminal(&place)
        );
        for (subject, is_new) in subjects {
            let note = if is_new { "" } else { " (was there already)" };
            let _ = writeln!(
                text,
                "  {}  {}:{}{note}",
                for_terminal(&subject.id),
                for_terminal(&subject.path),
                subject.lines.0
            );
            // One text on one perimeter is one claim, however often it is written down.
            for other in also_covered(subject, listed) {
                let _ = writeln!(
                    text,
                    "    holds for {}:{} too: the same words on the same perimeter",
                    for_terminal(&other.path),
                    other.lines.0
                );
            }
        }
        if recorder.is_ignored(repository) {
            let _ = writeln!(
                text,
                "git ignores {}: take it out of .gitignore, or the receipt is never seen",
                ledger::PATH
            );
        }
        let _ = writeln!(
            text,
            "commit it with the change: {}",
            for_terminal(&how_to_add(
                recorder.top(repository).unwrap_or(Path::new(""))
            ))
        );
    }
    text
}

fn also_covered<'l>(
    subject: &'l Subject,
    listed: &'l [Listed],
) -> impl Iterator<Item = &'l Subject> {
    let others = listed.iter().filter_map(|one| one.subject.as_ref());
    others.filter(move |other| other.id != subject.id && other.is_covered_with(subject))
}

/// Removes receipts of carve-outs that no work tree holds any more.
fn prune(args: &JustifyArgs, environment: Environment<'_>) -> Result<String> {
    let targets = repository_arguments(&args.change_set.inputs.repositories);
    let first = Repository::open(&targets[0].0)?;
    let settings = settings(args.change_set.inputs.config.as_deref(), &first, None)?;
    let pattern = MarkerPattern::new(settings.marker())
        .with_context(|| format!("{}: marker", settings.file))?;
    let ignore = globs(&settings.sources.ignore)?;
    let cache = CacheLocation::of(environment).filter(|_| !args.change_set.inputs.no_cache);
    let mut text = String::new();
    for (directory, _) in &targets {
        let repository = Repository::open(directory)?;
        if repository.top().is_none() {
            bail!(UsageError::ReceiptNeedsWorkTree);
        }
        let mut finder = Finder::new(&pattern, &ignore, cache.as_ref(), &repository);
        let findings = finder.find(&repository, Revision::WorkTree, &Wanted::NOTHING)?;
        finder.save();
        if let Some(unread) = findings.notices.first() {
            bail!(
                "nothing was removed: {} was not read ({}), and a carve-out may stand there",
                unread.subject,
                unread.message
            );
        }
        let texts: BTreeSet<String> = findings.found.iter().map(Found::text_digest).collect();
        let removed = std::cell::Cell::new(0);
        rewrite(&repository, &|text| {
            let is_kept = |receipt: &ledger::Receipt| texts.contains(&receipt.carve_out);
            let receipts = ledger::Ledger::parse(ledger::PATH, text)?.receipts;
            removed.set(receipts.iter().filter(|one| !is_kept(one)).count());
            ledger::without(ledger::PATH, text, &is_kept)
        })?;
        let name = for_terminal(&repository.short_name());
        let _ = writeln!(
            text,
            "{name}: {} removed",
            counted(removed.get(), "receipt")
        );
    }
    Ok(text)
}
