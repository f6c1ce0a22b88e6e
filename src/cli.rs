//! What a user can type. No behaviour.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Which documented carve-outs does a change of the network invalidate?
#[derive(Debug, Parser)]
#[command(name = "perimeter", version, about = ABOUT, after_help = FIRST_STEPS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const ABOUT: &str = "Which documented carve-outs does a change of the network invalidate?

A carve-out is a place in the code that skips encryption because of what the network around it
guarantees, and says so in a comment:

  ZFN-3 carve-out: <network-perimeter guarantee>; <threat-model justification>

perimeter compares the network before and after a Terraform plan, or the Terraform files at two
revisions, and lists every carve-out whose guarantee rests on what changed.";

const FIRST_STEPS: &str = "First steps, in the repository that holds the Terraform files:
  perimeter check
or, to have the last word from a plan:
  terraform plan -out=PLAN
  terraform show -json PLAN | perimeter check --plan -

Exit codes: 0 nothing to do; 10 someone must act; 1 could not run; 2 usage.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every carve-out that a change of the network invalidates
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// List the perimeter changes alone, from the same inputs
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(CheckArgs),
    /// Hold every carve-out against the network as it is today
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// Record that carve-outs still hold in the network after the change, without new words
    #[command(after_help = JUSTIFY_EXAMPLES)]
    Justify(JustifyArgs),
    /// Walk through the carve-outs that fall, one by one, and settle each
    #[command(after_help = REVIEW_EXAMPLES)]
    Review(ReviewArgs),
    /// Tell what other repositories' checks need to know of the carve-outs here
    #[command(after_help = INVENTORY_EXAMPLES)]
    Inventory(InventoryArgs),
    /// Merge inventories of many repositories into one
    #[command(after_help = AGGREGATE_EXAMPLES)]
    Aggregate(AggregateArgs),
    /// Write what the check found as one comment on the pull request
    #[command(after_help = COMMENT_EXAMPLES)]
    Comment(CommentArgs),
    /// List the carve-outs of a repository, and spell those exactly that are not
    #[command(after_help = CARVE_OUTS_EXAMPLES)]
    CarveOuts(CarveOutsArgs),
    /// Ask what reaches what, over which links, and which carve-outs rest on it
    #[command(after_help = QUERY_EXAMPLES)]
    Query(QueryArgs),
    /// Draw the network: all of it, the surroundings of one part, or what a change touches
    #[command(after_help = GRAPH_EXAMPLES)]
    Graph(GraphArgs),
    /// Write settings to start from, and the CI file of the code host
    #[command(after_help = INIT_EXAMPLES)]
    Init(InitArgs),
    /// Say what a rule means, or what a fact on encryption rests on
    Explain(ExplainArgs),
    /// Tell what is known of resource types, and check one's own providers files
    #[command(after_help = PROVIDERS_EXAMPLES)]
    Providers(ProvidersArgs),
    /// Print what completes commands, options and their values in a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(ManArgs),
}

const COMPLETIONS_EXAMPLES: &str = "Where each shell looks for it:
  perimeter completions bash > ~/.local/share/bash-completion/completions/perimeter
  perimeter completions zsh  > \"${fpath[1]}/_perimeter\"
  perimeter completions fish > ~/.config/fish/completions/perimeter.fish
  perimeter completions powershell >> $PROFILE
  perimeter completions elvish >> ~/.config/elvish/rc.elv";

const DIFF_EXAMPLES: &str = "Examples:
  perimeter diff --base main
  perimeter diff --plan plan.json --format json

Exit codes: 0 done, whatever changes; 1 could not run; 2 usage.";

const AUDIT_EXAMPLES: &str = "Examples:
  perimeter audit
  perimeter audit --max-age 90d --format table --format json=audit-2026-q4.json
  perimeter audit --compare audit-2026-q3.json --format html=audit.html
  perimeter audit --plan plan.json --context network-state.json --repo . --repo ../clients

A guarantee is true, false, or undecidable: then the report says what could not be known.

Exit codes: 0 nobody has to act; 10 a guarantee is false, or a carve-out is stale, unanchored or
has a finding of severity error; 1 could not run; 2 usage.";

const QUERY_EXAMPLES: &str = "Examples:
  perimeter query reach prod
  perimeter query path analytics prod
  perimeter query path internet prod --plan plan.json
  perimeter query links aws_vpc.prod --head v2.1
  perimeter query dependents prod --repo . --repo ../clients
  perimeter query what-if 'add peering prod analytics'
  perimeter query what-if 'remove aws_vpn_connection.office; add exposure prod'

What can be supposed: add peering A B, add attachment A HUB, add vpn A PARTY, add interconnect
A PARTY, add private-endpoint A SERVICE, add exposure A, add network NAME, remove NAME; several
with a semicolon between them, names with blanks in double quotes.

A part is named as people name it, by its address or by the provider's id, or as kind/name
(network/prod). Answers to `path` are yes, no, ambiguous (it depends on which part of that name
is meant) and undetermined (the input does not tell).

Exit codes: 0 answered, whatever the answer; 1 could not run; 2 usage, or a name that nothing bears.";

const GRAPH_EXAMPLES: &str = "Examples:
  perimeter graph --format svg --output network.svg
  perimeter graph prod --depth 1
  perimeter graph --changed --base main --format html --output change.html
  perimeter graph --changed --plan plan.json --format dot | dot -Tpdf > change.pdf
  perimeter graph --format json

What is small is counted in what it lies in, and in a large network parts that are joined alike
share a box with their names. The JSON holds every part by itself.

Exit codes: 0 drawn; 1 could not run; 2 usage, or a name that nothing bears.";

const JUSTIFY_EXAMPLES: &str = "Examples:
  perimeter justify 25e36df243ce --reason \"analytics holds no untrusted workload\"
  perimeter justify services/cart/config.yaml:5 9af3 --plan plan.json --reason \"..\"
  perimeter justify 25e3 --from check.json --reason \"..\"
  perimeter justify --prune

The receipt goes to .perimeter/ledger.yaml in the carve-out's repository: commit it with the change.

Exit codes: 0 written; 1 could not run; 2 usage, or nothing of that name fell.";

const REVIEW_EXAMPLES: &str = "Examples:
  perimeter review
  perimeter review --plan plan.json --base origin/main

Keys: j justify, e edit, s skip, b back, ? help, q quit. What is justified is written at once.

Exit codes: 0 nothing is left to do; 10 something is; 1 could not run; 2 usage.";

const INIT_EXAMPLES: &str = "Examples:
  perimeter init
  perimeter init --forge gitlab

What is there already is left as it is. An existing repository needs no baseline: that is the base
of a pull request, and findings that were there before do not block.

Exit codes: 0 done; 1 could not run; 2 usage.";

const COMMENT_EXAMPLES: &str = "Examples:
  perimeter check --plan plan.json --format json=check.json
  perimeter comment --from check.json
  perimeter comment --from network.json --from services.json
  perimeter comment --from check.json --title network/prod
  perimeter comment --from check.json --forge gitea --api-url https://git.example.org/api/v1 \\
      --repository acme/infra --pull-request 12 --dry-run

This is the only command that uses the network. The token comes from the environment: GITHUB_TOKEN,
GITLAB_TOKEN, GITEA_TOKEN, FORGEJO_TOKEN, BITBUCKET_TOKEN, SYSTEM_ACCESSTOKEN or AZURE_DEVOPS_TOKEN.

Exit codes: 0 the comment is as it should be, whatever the verdict, or the pull request is of a fork
that gets no token; 1 could not run, or the host says no; 2 usage.";

const CARVE_OUTS_EXAMPLES: &str = "Examples:
  perimeter carve-outs
  perimeter carve-outs --fix
  perimeter carve-outs --base origin/main
  perimeter carve-outs --repo . --repo ../clients@v2.1
  perimeter carve-outs --explain
  perimeter carve-outs --explain services/limits/config.yaml:12 --plan plan.json

Exit codes: 0 all are well formed; 10 some are not; 1 could not run; 2 usage.";

const INVENTORY_EXAMPLES: &str = "Examples:
  perimeter inventory --output cart.jsonl
  perimeter inventory --repo /srv/git/cart.git --repo /srv/git/ledger.git@main

Lines of JSON, one a carve-out: perimeter.inventory/1, schemas/inventory-1.schema.json.
A repository that cannot be read is a line that says so.

Exit codes: 0 all were read; 10 some were not; 1 could not run; 2 usage.";

const AGGREGATE_EXAMPLES: &str = "Examples:
  perimeter aggregate inventories/*.jsonl --output all.jsonl
  perimeter aggregate all.jsonl cart.jsonl --expect repositories.txt

Files may be merged in any order and any grouping: the result is the same. Of one repository
the newest commit counts.

Exit codes: 0 all repositories are known; 10 some are not; 1 could not run; 2 usage.";

const PROVIDERS_EXAMPLES: &str = "Examples:
  perimeter providers list
  perimeter providers list aws --state not-yet
  perimeter providers show aws_vpc_peering_connection
  perimeter providers validate providers/ours.yaml

Exit codes: 0 done; 1 a file is not valid or cannot be read; 2 usage, or a name that nothing bears.";

const CHECK_EXAMPLES: &str = "Examples:
  perimeter check --base main
  terraform show -json PLAN | perimeter check --plan -
  perimeter check --plan plan.json --context network-state.json --base origin/main
  perimeter check --plan plan.json --repo . --repo ../clients --format json
  perimeter check --plan plan.json --inventory all-repositories.jsonl
  perimeter check --plan plan.json --format markdown --output comment.md
  perimeter check --plan plan.json --format table --format sarif=out.sarif --format html=out.html

Exit codes: 0 nothing to do; 10 someone must act; 1 could not run; 2 usage.";

/// Where the network and the carve-outs are read from.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// The change: what `terraform show -json PLAN` writes, also gzipped
    ///
    /// `-` is standard input. May be given more than once. Without it, the Terraform files at
    /// base and head are compared.
    #[arg(
        display_order = 1,
        long = "plan",
        value_name = "FILE",
        verbatim_doc_comment
    )]
    pub plans: Vec<PathBuf>,
    /// The state of another stack that the plan refers to
    ///
    /// What `terraform show -json` writes of a state, or terraform.tfstate. May be repeated.
    #[arg(display_order = 2, long = "context", value_name = "FILE")]
    pub contexts: Vec<PathBuf>,
    /// Values of root variables, where the Terraform files are read
    ///
    /// Beside terraform.tfvars and *.auto.tfvars, which are read by themselves. May be repeated.
    #[arg(
        display_order = 3,
        long = "var-file",
        value_name = "FILE",
        conflicts_with = "plans"
    )]
    pub var_files: Vec<PathBuf>,
    /// Where to look for carve-outs [default: the repository around here]
    ///
    /// A git repository, its work tree or, after `@`, a revision of it. May be repeated: the base
    /// and head of the change set are those of the first.
    #[arg(display_order = 4,
        long = "repo",
        value_name = "DIR[@REV]",
        verbatim_doc_comment,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub repositories: Vec<String>,
    /// Where the change set ends [default: the work tree, committed or not]
    #[arg(display_order = 6, long, value_name = "REV", value_parser = NonEmptyStringValueParser::new())]
    pub head: Option<String>,
    /// Settings [default: perimeter.yaml at the top of the first repository]
    #[arg(display_order = 7, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Files that tell what further resource types mean, beside the built-in
    #[arg(display_order = 8, long, value_name = "DIR")]
    pub providers: Option<PathBuf>,
    /// Read every file again, and remember nothing
    #[arg(display_order = 14, long)]
    pub no_cache: bool,
}

/// What to compare, and where to look for carve-outs.
#[derive(Debug, Args)]
pub struct ChangeSetArgs {
    /// What to read.
    #[command(flatten)]
    pub inputs: InputArgs,
    /// What the change set is to be merged into [default: the default branch]
    ///
    /// It starts where it left that: with the merge base of REV and the head, as in a pull
    /// request. In CI, REV is what the environment tells of the pull request.
    #[arg(display_order = 5, long, value_name = "REV", value_parser = NonEmptyStringValueParser::new(), verbatim_doc_comment)]
    pub base: Option<String>,
    /// Compare with exactly the REV of --base, though histories have parted
    #[arg(display_order = 5, long, requires = "base")]
    pub exact_base: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// What to compare.
    #[command(flatten)]
    pub change_set: ChangeSetArgs,
    /// Carve-outs of other repositories: what `inventory` or `aggregate` wrote
    ///
    /// A repository that is given with --repo too counts as it is there. May be repeated.
    #[arg(display_order = 5, long = "inventory", value_name = "FILE")]
    pub inventories: Vec<PathBuf>,
    /// How to report [default: table]
    ///
    /// May be repeated: `--format table --format sarif=out.sarif`. One format may go
    /// without a file; it is written where --output says.
    ///
    ///   table     for people, on a terminal
    ///   markdown  for a pull-request comment
    ///   html      one page with a picture, for a browser; loads nothing
    ///   json      for programs: a versioned contract, schemas/check-1.schema.json
    ///   sarif     for code scanning: SARIF 2.1.0
    ///   github    annotations for GitHub Actions, and a step summary
    ///   gitlab    code quality report for GitLab
    ///   junit     test report, JUnit XML
    #[arg(display_order = 9,
        long = "format",
        value_name = "AS[=FILE]",
        verbatim_doc_comment,
        value_parser = Report::parse
    )]
    pub formats: Vec<Report>,
    /// Where to write the format without a file [default: standard output]
    #[arg(display_order = 10, long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// List unaffected carve-outs too
    #[arg(display_order = 11, long, short)]
    pub verbose: bool,
    /// Report only: exit with 0 even when someone must act
    #[arg(display_order = 12, long)]
    pub exit_zero: bool,
    /// When to colour
    #[arg(display_order = 13, long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to read.
    #[command(flatten)]
    pub inputs: InputArgs,
    /// How old a justification may be, such as 90d [default: policy.max_age of the settings]
    #[arg(display_order = 9, long, value_name = "AGE", value_parser = age)]
    pub max_age: Option<u64>,
    /// Say what differs from an earlier audit, as `--format json` wrote it
    #[arg(display_order = 10, long, value_name = "OLD.json")]
    pub compare: Option<PathBuf>,
    /// The day that ages count to, such as 2026-11-22 [default: today]
    ///
    /// With it, a report on the same inputs is the same whenever it is made.
    #[arg(display_order = 11, long, value_name = "DATE")]
    pub today: Option<String>,
    /// How to report [default: table]
    ///
    /// May be repeated, all but one with a file: `--format table --format json=audit.json`.
    ///
    ///   table     for people, on a terminal
    ///   markdown  for an issue or a wiki
    ///   html      one page for a browser; loads nothing
    ///   json      for programs, and for --compare: perimeter.audit/1, schemas/audit-1.schema.json
    ///   sarif     for code scanning: SARIF 2.1.0
    #[arg(display_order = 12,
        long = "format",
        value_name = "AS[=FILE]",
        verbatim_doc_comment,
        value_parser = Report::parse
    )]
    pub formats: Vec<Report>,
    /// Where to write the format without a file [default: standard output]
    #[arg(display_order = 13, long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Show what holds too, not only what needs someone
    #[arg(display_order = 14, long, short)]
    pub verbose: bool,
    /// Report only: exit with 0 even when someone must act
    #[arg(display_order = 15, long)]
    pub exit_zero: bool,
    /// When to colour
    #[arg(display_order = 16, long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// An age in seconds.
fn age(text: &str) -> Result<u64, String> {
    let seconds = crate::value::seconds(text);
    seconds.ok_or_else(|| "write an age such as 90d".to_owned())
}

/// Arguments of `query`.
#[derive(Debug, Args)]
pub struct QueryArgs {
    /// What to ask
    #[arg(value_enum, value_name = "WHAT")]
    pub question: Question,
    /// A part of the network, as people name it, by address or id, or as kind/name; `path` also knows `internet`;
    /// of `what-if`, what to suppose
    #[arg(value_name = "PART", value_parser = NonEmptyStringValueParser::new())]
    pub part: String,
    /// Of `path`: where it ends
    #[arg(
        value_name = "TO",
        required_if_eq("question", "path"),
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub to: Option<String>,
    /// What to read.
    #[command(flatten)]
    pub inputs: InputArgs,
    /// Carve-outs of other repositories, where the question is about carve-outs
    ///
    /// What `inventory` or `aggregate` wrote. A repository that is given with --repo too counts as it
    /// is there. May be repeated.
    #[arg(display_order = 5, long = "inventory", value_name = "FILE")]
    pub inventories: Vec<PathBuf>,
    /// Ask of the network as it was before the plan
    #[arg(long, requires = "plans", display_order = 9)]
    pub before: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t = QueryFormat::Table, display_order = 10)]
    pub format: QueryFormat,
}

/// What can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Question {
    /// What it reaches, and what reaches it
    Reach,
    /// Whether traffic gets from one part to another, and by which way
    Path,
    /// The links at it, each with its protection and the fact behind that
    Links,
    /// The doors between it and the internet
    Exposure,
    /// Everything that holds of it, and so what a carve-out rests on
    Facts,
    /// The carve-outs that rest on it
    Dependents,
    /// Which carve-outs would fall if links or parts came or went: 'add peering A B', 'remove NAME'
    WhatIf,
}

/// How to answer a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum QueryFormat {
    /// For people
    Table,
    /// For programs: perimeter.query/1, schemas/query-1.schema.json
    Json,
}

/// Arguments of `graph`.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// A part of the network, as people name it, by address or id, or as kind/name [default: all of it]
    #[arg(value_name = "PART", value_parser = NonEmptyStringValueParser::new())]
    pub part: Option<String>,
    /// With PART: how many links away from it
    #[arg(long, value_name = "N", default_value_t = 2, display_order = 1, value_parser = clap::value_parser!(u8).range(..=100))]
    pub depth: u8,
    /// Draw what the change set touches, before and after in one
    #[arg(long, conflicts_with = "part", display_order = 1)]
    pub changed: bool,
    /// Draw the network as it was before the plan
    #[arg(
        long,
        requires = "plans",
        conflicts_with = "changed",
        display_order = 1
    )]
    pub before: bool,
    /// What to read.
    #[command(flatten)]
    pub change_set: ChangeSetArgs,
    /// How to draw
    #[arg(long, value_enum, default_value_t = GraphFormat::Table, display_order = 10)]
    pub format: GraphFormat,
    /// Where to [default: standard output]
    #[arg(display_order = 11, long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How to draw the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// As text, for a terminal
    Table,
    /// For Graphviz
    Dot,
    /// For Markdown on code hosts
    Mermaid,
    /// A picture that needs nothing else
    Svg,
    /// One page to look around in, for a browser; loads nothing
    Html,
    /// For programs, everything that was understood: perimeter.graph/1, schemas/graph-1.schema.json
    Json,
}

/// Arguments of `justify`.
#[derive(Debug, Args)]
pub struct JustifyArgs {
    /// Which: the id of a report, its beginning, or PATH:LINE
    #[arg(
        value_name = "ID|PATH:LINE",
        required_unless_present = "prune",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub carve_outs: Vec<String>,
    /// Why the guarantee and its justification hold in the network after the change
    #[arg(long, short, value_name = "TEXT", required_unless_present = "prune")]
    pub reason: Option<String>,
    /// What `check --format json` or `audit --format json` wrote, instead of reading plans again
    ///
    /// `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plans", "contexts", "var_files", "base", "head"])]
    pub from: Option<PathBuf>,
    /// Remove receipts of carve-outs that are no longer there
    #[arg(long, conflicts_with_all = ["carve_outs", "reason", "from"])]
    pub prune: bool,
    /// Not possible, and said why instead of being unknown.
    #[arg(long = "inventory", value_name = "FILE", hide = true)]
    pub inventories: Vec<PathBuf>,
    /// What to read.
    #[command(flatten)]
    pub change_set: ChangeSetArgs,
}

/// Arguments of `review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// Not possible, and said why instead of being unknown.
    #[arg(long = "inventory", value_name = "FILE", hide = true)]
    pub inventories: Vec<PathBuf>,
    /// What to read.
    #[command(flatten)]
    pub change_set: ChangeSetArgs,
}

/// Arguments of `inventory`.
#[derive(Debug, Args)]
pub struct InventoryArgs {
    /// Which repositories [default: the one around here]
    ///
    /// A git repository, its work tree or, after `@`, a revision of it. May be repeated.
    #[arg(
        long = "repo",
        value_name = "DIR[@REV]",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub repositories: Vec<String>,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Settings for all [default: perimeter.yaml at the top of each repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read every file again, and remember nothing
    #[arg(long)]
    pub no_cache: bool,
}

/// Arguments of `aggregate`.
#[derive(Debug, Args)]
pub struct AggregateArgs {
    /// What `perimeter inventory` or `aggregate` wrote; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub inventories: Vec<PathBuf>,
    /// Repositories that there must be: one a line, by address or the end of it (acme/cart)
    ///
    /// One that no inventory tells of becomes an error in the result.
    #[arg(long, value_name = "LIST")]
    pub expect: Option<PathBuf>,
    /// Where to write [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `comment`.
#[derive(Debug, Args)]
pub struct CommentArgs {
    /// What `check --format json` wrote [default: standard input]
    ///
    /// `-` is standard input. Several results go into one comment.
    #[arg(long, value_name = "FILE")]
    pub from: Vec<PathBuf>,
    /// What tells this comment from others on the same pull request
    ///
    /// Each stack that is checked by a job of its own needs one.
    #[arg(long, value_name = "NAME")]
    pub title: Option<String>,
    /// When to write a first one: news, blocked or always
    ///
    /// One that is there is kept true in any case.
    ///
    ///   news     when there is anything to tell: a change, a carve-out, a finding
    ///   blocked  when someone must act
    ///   always   in any case
    #[arg(
        long,
        value_enum,
        default_value_t = CommentWhen::News,
        hide_possible_values = true,
        verbatim_doc_comment
    )]
    pub when: CommentWhen,
    /// The code host [default: as the environment tells]
    ///
    /// One of github, gitlab, gitea, forgejo, bitbucket, azure-devops.
    #[arg(long, value_enum, value_name = "HOST", hide_possible_values = true)]
    pub forge: Option<CodeHost>,
    /// The pull or merge request [default: as the environment tells]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub pull_request: Option<u64>,
    /// Its repository [default: as the environment tells]
    ///
    /// In Azure DevOps PROJECT/NAME; in GitLab also the number of the project.
    #[arg(long, value_name = "OWNER/NAME", value_parser = NonEmptyStringValueParser::new())]
    pub repository: Option<String>,
    /// The address of its interface [default: as told, or the public one]
    #[arg(long, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    pub api_url: Option<String>,
    /// Print the comment and what would be done with it; use no network
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The code host [default: as the repository's files and its origin tell]
    ///
    /// One of github, gitlab, gitea, forgejo, bitbucket, azure-devops.
    #[arg(long, value_enum, value_name = "HOST", hide_possible_values = true)]
    pub forge: Option<CodeHost>,
    /// Write over what is there already
    #[arg(long)]
    pub force: bool,
}

/// When to write a comment where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CommentWhen {
    /// When the check has anything to tell: a change of the network, a carve-out, a finding
    News,
    /// When someone must act
    Blocked,
    /// In any case
    Always,
}

/// A code host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CodeHost {
    /// GitHub, GitHub Enterprise
    Github,
    /// GitLab
    Gitlab,
    /// Gitea
    Gitea,
    /// Forgejo
    Forgejo,
    /// Bitbucket Cloud
    Bitbucket,
    /// Azure DevOps
    AzureDevops,
}

/// Arguments of `carve-outs`.
#[derive(Debug, Args)]
pub struct CarveOutsArgs {
    /// Where to look [default: the repository around here]
    ///
    /// A git repository, its work tree or, after `@`, a revision of it. May be repeated.
    #[arg(
        long = "repo",
        value_name = "DIR[@REV]",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub repositories: Vec<String>,
    /// Only in files whose content no file of this revision has
    #[arg(long, value_name = "REV", value_parser = NonEmptyStringValueParser::new())]
    pub base: Option<String>,
    /// Spell near misses exactly, in the files of the work tree
    #[arg(long, conflicts_with = "explain")]
    pub fix: bool,
    /// Say how the words of each are understood, or of SITE only
    ///
    /// A site is an id, as `check` shows it, or PATH:LINE. The network is that of the plans given,
    /// else that of the Terraform files and manifests of the repositories.
    #[arg(
        long,
        value_name = "SITE",
        num_args = 0..=1,
        default_missing_value = "",
        conflicts_with = "base",
        verbatim_doc_comment
    )]
    pub explain: Option<String>,
    /// With --explain: the network of this plan, after it; `-` is standard input
    #[arg(long = "plan", value_name = "FILE", requires = "explain")]
    pub plans: Vec<PathBuf>,
    /// With --explain: the state of another stack
    #[arg(long = "context", value_name = "FILE", requires = "explain")]
    pub contexts: Vec<PathBuf>,
    /// With --explain: values of root variables, where the Terraform files are read
    #[arg(
        long = "var-file",
        value_name = "FILE",
        requires = "explain",
        conflicts_with = "plans"
    )]
    pub var_files: Vec<PathBuf>,
    /// With --explain: files that tell what further resource types mean
    #[arg(long, value_name = "DIR", requires = "explain")]
    pub providers: Option<PathBuf>,
    /// With --explain: how to write it
    #[arg(long, value_enum, default_value_t = ListFormat::Table, requires = "explain", value_name = "AS")]
    pub format: ListFormat,
    /// Settings [default: perimeter.yaml at the top of the first repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read every file again, and remember nothing
    #[arg(long)]
    pub no_cache: bool,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each command into this directory, instead of the one for all to standard output
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A rule such as must-rejustify, or a fact such as aws/vpn-ipsec [default: list them]
    #[arg(value_name = "RULE|FACT")]
    pub name: Option<String>,
    /// Files that tell what further resource types mean, beside the built-in
    #[arg(long, value_name = "DIR")]
    pub providers: Option<PathBuf>,
}

/// Arguments of `providers`.
#[derive(Debug, Args)]
pub struct ProvidersArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ProvidersCommand,
    /// Files that tell what further resource types mean, beside the built-in
    #[arg(long, value_name = "DIR", global = true)]
    pub providers: Option<PathBuf>,
}

/// The commands on providers files.
#[derive(Debug, Subcommand)]
pub enum ProvidersCommand {
    /// List the providers, or the resource types of one
    List(ProvidersListArgs),
    /// Say what a resource type means, which attributes matter, and on which facts that rests
    Show {
        /// A resource type, such as aws_vpc
        #[arg(value_name = "TYPE")]
        resource_type: String,
    },
    /// Load files as --providers would, each over the one before it
    Validate {
        /// A providers file, or a directory of them
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
}

/// Arguments of `providers list`.
#[derive(Debug, Args)]
pub struct ProvidersListArgs {
    /// A provider, such as aws: list its types
    pub provider: Option<String>,
    /// List types, of all providers if none is named
    #[arg(long)]
    pub types: bool,
    /// List the types in this state only
    #[arg(long, value_enum)]
    pub state: Option<TypeState>,
    /// How to list
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
}

/// What is known of a resource type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TypeState {
    /// It becomes a part of the network
    Modelled,
    /// It cannot move a perimeter
    Irrelevant,
    /// It could, and nothing is done with it yet but a notice
    NotYet,
}

/// Formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Table,
    /// For programs: a versioned contract, described in docs/
    Json,
}

/// One report: how, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How.
    pub format: Format,
    /// The file of its own.
    pub file: Option<PathBuf>,
}

impl Report {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let format = Format::from_str(name, false).map_err(|_| {
            let variants = Format::value_variants().iter();
            let names: Vec<String> = variants
                .filter_map(Format::to_possible_value)
                .map(|value| value.get_name().to_owned())
                .collect();
            format!("there is no such format; there are {}", names.join(", "))
        })?;
        if file.is_some_and(str::is_empty) {
            return Err(format!("no file is named behind `{name}=`"));
        }
        Ok(Self {
            format,
            file: file.map(PathBuf::from),
        })
    }
}

/// Report formats. What each is for stands in the help of `--format`.
#[allow(missing_docs)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Markdown,
    Html,
    Json,
    Sarif,
    Github,
    Gitlab,
    Junit,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// In files and pipes too
    Always,
    /// Never
    Never,
}
