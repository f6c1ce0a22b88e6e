//! What a user can type. No behaviour.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Which documented carve-outs does a change of the network invalidate?
#[derive(Debug, Parser)]
#[command(name = "perimeter", version, about, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str =
    "Exit codes: 0 nothing to do; 10 someone must act; 1 could not run; 2 usage.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare the network before and after a change, and list every carve-out that must be re-justified
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Say what a rule means and what to do about its findings
    Explain(ExplainArgs),
}

const CHECK_EXAMPLES: &str = "Examples:
  terraform show -json PLAN | perimeter check --plan -
  perimeter check --plan plan.json --context network-state.json --base origin/main
  perimeter check --plan plan.json --format markdown --output comment.md

Exit codes: 0 nothing to do; 10 someone must act; 1 could not run; 2 usage.";

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// A plan as written by `terraform show -json PLAN`; `-` is stdin; gzip too
    #[arg(long = "plan", value_name = "FILE")]
    pub plans: Vec<PathBuf>,
    /// The state of another stack that the plan refers to: `terraform show -json` of a state, or terraform.tfstate
    #[arg(long = "context", value_name = "FILE")]
    pub contexts: Vec<PathBuf>,
    /// A repository to look for carve-outs in, at REV instead of its work tree [default: the one around the current directory]
    #[arg(long = "repo", value_name = "DIR[@REV]", value_parser = NonEmptyStringValueParser::new())]
    pub repositories: Vec<String>,
    /// The revision the change set starts from [default: where it left the default branch, or what CI says]
    #[arg(long, value_name = "REV", value_parser = NonEmptyStringValueParser::new())]
    pub base: Option<String>,
    /// The revision the change set ends with [default: the work tree]
    #[arg(long, value_name = "REV", value_parser = NonEmptyStringValueParser::new())]
    pub head: Option<String>,
    /// Settings [default: perimeter.yaml at the top of the first repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A directory of providers files that extend or override the built-in ones
    #[arg(long, value_name = "DIR")]
    pub providers: Option<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Where to write the report [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// List unaffected carve-outs too
    #[arg(long, short)]
    pub verbose: bool,
    /// Report only: exit with 0 even when someone must act
    #[arg(long)]
    pub exit_zero: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule, such as must-rejustify; without one, all are listed
    pub rule: Option<String>,
}

/// Report formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// The versioned contract, schemas/check-1.schema.json
    Json,
    /// A pull-request comment
    Markdown,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
