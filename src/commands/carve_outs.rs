//! Every carve-out of a repository, and what is wrong with the form of each; no plan is read. With `--fix`, near misses are
//! spelled exactly.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

use crate::carveout::comments::decode_with;
use crate::carveout::fix::corrected;
use crate::carveout::marker::MarkerFault;
use crate::carveout::near_miss::MarkerPattern;
use crate::cli::CarveOutsArgs;
use crate::graph::fragment::Notice;
use crate::report::text::{for_terminal, prose};
use crate::repos::{Repository, RepositoryError, Revision};

use super::UsageError;
use super::finder::{CacheLocation, Finder, Findings, Found, Wanted};
use super::findings::fault;
use super::inputs::{Environment, globs, repository_arguments, settings};
use super::named::names_apart;

/// What a run has to say.
#[derive(Debug, Default)]
pub struct CarveOuts {
    /// A line for each carve-out, and one for what is wrong with it.
    pub list: String,
    /// How many there are, and what was not read: for people, not for programs.
    pub talk: String,
    /// Some are at fault.
    pub has_faults: bool,
}

/// List the carve-outs, and with `--fix` first correct what can be.
///
/// # Errors
///
/// If a repository or its settings cannot be read, or a file cannot be written.
pub fn run(args: &CarveOutsArgs, environment: Environment<'_>) -> Result<CarveOuts> {
    let targets = repository_arguments(&args.repositories);
    let first = Repository::open(&targets[0].0)?;
    let settings = settings(args.config.as_deref(), &first, targets[0].1.as_deref())?;
    let pattern = MarkerPattern::new(settings.marker())
        .with_context(|| format!("{}: marker", settings.file))?;
    let ignore = globs(&settings.sources.ignore)?;
    let cache = CacheLocation::of(environment).filter(|_| !args.no_cache);

    let mut carve_outs = CarveOuts::default();
    let mut counts = Counts::default();
    let repositories = targets
        .iter()
        .map(|(directory, _)| Repository::open(directory))
        .collect::<Result<Vec<_>, _>>()?;
    let names = names_apart(&repositories.iter().collect::<Vec<_>>(), environment);
    for (number, (_, revision)) in targets.iter().enumerate() {
        let repository = &repositories[number];
        let head = match revision {
            Some(spec) => repository.resolve(spec)?,
            None => repository.current()?,
        };
        if args.fix && head != Revision::WorkTree {
            bail!(UsageError::FixNeedsWorkTree);
        }
        let mut finder = Finder::new(&pattern, &ignore, cache.as_ref(), repository);
        if let Some(base) = &args.base {
            finder.pass_over(repository, repository.resolve(base)?)?;
        }
        let mut find = || finder.find(repository, head, &Wanted::NOTHING);
        let mut findings = find()?;
        if args.fix {
            let notices = std::mem::take(&mut findings.notices);
            let unfixed = fix(repository, &findings.found, &pattern, &mut counts)?;
            findings = Findings { notices, ..find()? };
            findings.notices.extend(unfixed);
        }
        finder.save();
        let prefix = if targets.len() > 1 {
            format!("{}/", names[number])
        } else {
            String::new()
        };
        for found in &findings.found {
            counts.files.insert((number, found.path.clone()));
            counts.all += 1;
            counts.at_fault += usize::from(found.marker.fault.is_some());
            push_line(&mut carve_outs.list, &prefix, found, settings.marker());
        }
        for notice in &findings.notices {
            let (subject, message) = (for_terminal(&notice.subject), prose(&notice.message));
            let _ = writeln!(carve_outs.talk, "note: {prefix}{subject}: {message}");
        }
    }
    carve_outs.has_faults = counts.at_fault > 0;
    carve_outs.talk.push_str(&counts.summary(args.fix));
    Ok(carve_outs)
}

#[derive(Default)]
struct Counts {
    /// By the number of the repository, since several may bear one name.
    files: BTreeSet<(usize, String)>,
    all: usize,
    at_fault: usize,
    corrected: usize,
}

impl Counts {
    fn summary(&self, fixed: bool) -> String {
        let of = |count: usize, word: &str| {
            let plural = if count == 1 { "" } else { "s" };
            format!("{count} {word}{plural}")
        };
        let mut summary = format!(
            "{} in {}",
            of(self.all, "carve-out"),
            of(self.files.len(), "file")
        );
        if fixed {
            let _ = write!(summary, "; {} corrected", of(self.corrected, "file"));
        }
        if self.at_fault > 0 {
            let _ = write!(summary, "; {} at fault", self.at_fault);
        }
        summary.push('\n');
        summary
    }
}

fn push_line(list: &mut String, prefix: &str, found: &Found, exact: &str) {
    let marker = &found.marker;
    let text = match (marker.guarantee.as_str(), marker.justification.as_str()) {
        ("", "") => String::new(),
        (guarantee, "") => prose(guarantee),
        (guarantee, justification) => format!("{}; {}", prose(guarantee), prose(justification)),
    };
    let path = for_terminal(&found.path);
    let (line, column) = (marker.line, marker.column);
    let place = format!("{prefix}{path}:{line}:{column}:");
    let _ = writeln!(list, "{}", format!("{place} {text}").trim_end());
    if let Some(found) = &marker.fault {
        let (rule, message, help) = fault(found, &marker.spelled, exact);
        let (message, help) = (prose(&message), prose(&help));
        let _ = writeln!(list, "  {}: {message}: {help}", rule.id());
    }
}

/// Spells the near misses among these exactly, in their files. Says which could not be.
fn fix(
    repository: &Repository,
    found: &[Found],
    pattern: &MarkerPattern,
    counts: &mut Counts,
) -> Result<Vec<Notice>, RepositoryError> {
    let is_near_miss = |found: &&Found| {
        let fault = found.marker.fault.as_ref();
        matches!(fault, Some(MarkerFault::NearMiss { .. }))
    };
    let near_misses = found.iter().filter(is_near_miss);
    let paths: BTreeSet<&str> = near_misses.map(|found| found.path.as_str()).collect();
    let mut notices = Vec::new();
    for path in paths {
        let change = |bytes: &[u8]| {
            let (text, written) = decode_with(bytes)?;
            // What cannot be written again as it was read is not touched.
            if written.encode(&text)? != bytes {
                return None;
            }
            written.encode(&corrected(path, &text, pattern)?)
        };
        if repository.rewrite(path, &change)? {
            counts.corrected += 1;
        } else {
            notices.push(Notice {
                kind: "not-fixed",
                subject: path.to_owned(),
                message: "could not be corrected safely: do it by hand".to_owned(),
            });
        }
    }
    Ok(notices)
}
