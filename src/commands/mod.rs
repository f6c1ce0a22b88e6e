//! The only place where rooms are joined, and, with `repos`, the only one that touches disk and environment.

mod admissions;
mod age;
pub mod audit;
mod binding;
pub mod carve_outs;
pub mod catalog;
pub mod check;
pub mod clusters;
pub mod comment;
mod deployed;
mod doubts;
pub mod explain;
pub mod finder;
mod findings;
pub mod graph;
mod in_force;
pub mod init;
mod inputs;
pub mod inventory;
pub mod justify;
pub mod manifests;
pub mod manual;
mod named;
pub mod network;
mod organisation;
pub mod output;
mod progress;
pub mod providers;
pub mod query;
pub mod readings;
mod receipts;
pub mod review;
mod roots;
mod standing;
mod steps;
pub mod survey;
mod unmatched;
mod unplaced;
mod what_if;
mod wire;
mod words;

use std::io::Read as _;
use std::path::Path;

use crate::catalog::similar;

/// What the command line asks for makes no sense; nothing was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// Two inputs in one stream.
    #[error(
        "`-` is given more than once, and stdin can be read only once: write all but one input to files"
    )]
    StdinTwice,
    /// Two reports in one place.
    #[error(
        "two reports would go to the same place: give all but one format a file of its own, such as --format sarif=out.sarif"
    )]
    SamePlace,
    /// `--output` for nothing.
    #[error(
        "--output names a file, and every format has one of its own: leave it away, or add a --format without a file"
    )]
    OutputForNothing,
    /// A format that is about findings, for `diff`.
    #[error("`diff` lists changes alone: give --format table, json or markdown")]
    NoSuchDiff,
    /// A format that is about changes, for `audit`.
    #[error("`audit` is reported as table, markdown, html, json or sarif: give one of these")]
    NoSuchAudit,
    /// What `--today` is given is no day.
    #[error("--today takes a day such as 2026-11-22")]
    NoDate,
    /// Carve-outs for a command that is about none.
    #[error(
        "`diff` lists changes alone, and an inventory tells of carve-outs: leave --inventory away, or run `perimeter check`"
    )]
    InventoryForNothing,
    /// Carve-outs for a question that is about none.
    #[error(
        "an inventory tells of carve-outs, and only `query dependents` and `query what-if` are about these: leave --inventory away"
    )]
    InventoryForNoQuestion,
    /// Receipts for repositories that are not there.
    #[error(
        "a receipt is written into the repository of the carve-out, and an inventory is no clone of it: let `perimeter check --inventory FILE \
         --format json=check.json` find what falls there, and in a clone run `perimeter justify ID --from check.json --reason TEXT`"
    )]
    ReceiptNeedsClone,
    /// A person typed `--plan -` and waits.
    #[error(
        "stdin is a terminal, not a plan: pipe one in with `terraform show -json PLAN | perimeter check --plan -`, or pass --plan FILE"
    )]
    StdinIsTerminal,
    /// A base for a picture of what is there.
    #[error("`--base` is about a change: add --changed, or name a revision with --head")]
    BaseWithoutChange,
    /// Two parts for a question about one.
    #[error("only `path` is about two parts: leave the second away")]
    OnePart,
    /// A wish that nobody understands.
    #[error("{0}")]
    Wish(String),
    /// `path internet internet`.
    #[error("`path` from the internet to the internet: name a part of the network at one end")]
    NothingBetween,
    /// A commit cannot be written into.
    #[error("--fix writes into the work tree: name no revision and no bare repository with it")]
    FixNeedsWorkTree,
    /// The same of a ledger.
    #[error(
        "a receipt is written into the work tree, and a bare repository has none: run in a clone"
    )]
    ReceiptNeedsWorkTree,
    /// Words without any letter.
    #[error(
        "the reason is empty: say why the guarantee and its justification hold in the network after the change"
    )]
    EmptyReason,
    /// A title that no line can hold.
    #[error("--title is too long: give a line of at most 100 characters")]
    NoTitle,
    /// A review in CI, or in a pipe.
    #[error(
        "`review` asks questions, and this is no terminal: list what falls with `perimeter check`, and record receipts with \
         `perimeter justify ID --reason TEXT`"
    )]
    ReviewNeedsTerminal,
}

/// Several things that are wrong with one input, each on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{summary}: {}", problems.join("; "))]
pub struct Problems {
    /// What could not be done.
    pub summary: String,
    /// What is wrong, one each.
    pub problems: Vec<String>,
}

/// A name on the command line that nothing bears.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {kind} is called `{name}`{hint}")]
pub struct UnknownName {
    kind: &'static str,
    name: String,
    hint: String,
}

impl UnknownName {
    /// Suggests what comes near among the names that there are, and says what else to do when nothing does.
    fn among<'a>(
        kind: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
        otherwise: &str,
    ) -> Self {
        let near = similar(name, known);
        let hint = if near.is_empty() {
            format!("; {otherwise}")
        } else {
            format!(": did you mean {}?", near.join(" or "))
        };
        Self {
            kind,
            name: name.to_owned(),
            hint,
        }
    }
}

/// Bytes of the longest result that is read.
const LONGEST_REPORT: u64 = 512 * 1024 * 1024;

/// What `check` wrote to a file, or sends through standard input for `-`.
fn report_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        let stdin = std::io::stdin().lock();
        stdin.take(LONGEST_REPORT).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LONGEST_REPORT).read_to_end(&mut bytes))
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) if path == Path::new("-") => Err(unreadable(
            "the report on",
            Path::new("standard input"),
            &error,
        )),
        Err(error) => Err(unreadable("the report", path, &error)),
    }
}

/// A file or directory that the command line names and that cannot be read.
fn unreadable(what: &str, path: &Path, error: &std::io::Error) -> anyhow::Error {
    anyhow::anyhow!("cannot read {what} {}: {}", path.display(), reason(error))
}

/// What the operating system says, without its number.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text.get(..end).unwrap_or(&text).to_owned()
}
