//! Parse arguments, run a command, return its exit code.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use perimeter::cli::{
    AuditArgs, CarveOutsArgs, CheckArgs, Cli, Colour, Command, CommentArgs, Format, GraphArgs,
    ListFormat, ProvidersArgs, ProvidersCommand, QueryArgs, QueryFormat,
};
use perimeter::commands::inventory::Taken;
use perimeter::commands::justify::NotJustified;
use perimeter::commands::output::Destination;
use perimeter::commands::query::Answered;
use perimeter::commands::{
    Problems, UnknownName, UsageError, audit, carve_outs, catalog, check, comment, explain, graph,
    init, inventory, justify, manual, output, providers, query, readings, review,
};
use perimeter::exit_code::Exit;
use perimeter::report;
use perimeter::report::table::TableOptions;
use perimeter::report::text::for_terminal;
use perimeter::report::{answer, github, gitlab, html, json, junit, markdown, sarif, table};
use perimeter::verdict::{Conclusion, Verdict};

/// A run builds millions of small texts, on several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let environment = |name: &str| std::env::var(name).ok();
    let outcome = match &cli.command {
        Command::Check(args) => run_check(args),
        Command::Diff(args) => run_diff(args),
        Command::Audit(args) => run_audit(args),
        Command::Justify(args) => justify::run(args, &environment).and_then(|text| say(&text)),
        Command::Review(args) => review::run(args, &environment),
        Command::Inventory(args) => {
            inventory::run(args, &environment).and_then(|taken| tell(&taken))
        }
        Command::Aggregate(args) => inventory::aggregate(args).and_then(|taken| tell(&taken)),
        Command::Comment(args) => run_comment(args),
        Command::CarveOuts(args) => run_carve_outs(args),
        Command::Query(args) => run_query(args),
        Command::Graph(args) => run_graph(args),
        Command::Init(args) => init::run(args).and_then(|text| say(&text)),
        Command::Explain(args) => explain::run(args).and_then(|text| say(&text)),
        Command::Providers(args) => run_providers(args),
        Command::Completions(args) => say(&manual::completions(args.shell)),
        Command::Man(args) => manual::pages(args).and_then(|text| say(&text)),
    };
    outcome
        .unwrap_or_else(|error| {
            let exit = if error.is::<UsageError>()
                || error.is::<UnknownName>()
                || error.is::<NotJustified>()
            {
                Exit::Usage
            } else {
                Exit::Failed
            };
            // Nowhere is left to report a failure to report.
            let _ = std::io::stderr().write_all(message(&error).as_bytes());
            exit
        })
        .into()
}

/// One error for people: a line, or a line and one more for each of several problems.
fn message(error: &anyhow::Error) -> String {
    let problems = error
        .downcast_ref::<NotJustified>()
        .map(|not_justified| &not_justified.0)
        .or_else(|| error.downcast_ref());
    let Some(Problems { summary, problems }) = problems else {
        return format!("error: {}\n", for_terminal(&format!("{error:#}")));
    };
    let mut message = format!("error: {}:\n", for_terminal(summary));
    for problem in problems {
        message.push_str(&format!("  - {}\n", for_terminal(problem)));
    }
    message
}

fn run_check(args: &CheckArgs) -> anyhow::Result<Exit> {
    let environment = |name: &str| std::env::var(name).ok();
    let destinations = output::destinations(&args.formats, args.output.as_deref())?;
    let verdict = check::run_with(&args.change_set, &args.inventories, &environment)?;
    // All are rendered before any is written.
    let reports: Vec<(&Destination, String)> = destinations
        .iter()
        .map(|destination| (destination, render(args, &verdict, destination)))
        .collect();
    for (destination, report) in &reports {
        emit(destination, report)?;
    }
    if destinations
        .iter()
        .any(|destination| destination.format == Format::Github)
    {
        summarise(&verdict)?;
    }
    let exit = match verdict.conclusion {
        Conclusion::Blocked if !args.exit_zero => Exit::Blocked,
        _ => Exit::Clear,
    };
    // The process ends here: taking thousands of changes apart piece by piece would be for nothing.
    std::mem::forget((verdict, reports));
    Ok(exit)
}

fn run_diff(args: &CheckArgs) -> anyhow::Result<Exit> {
    let environment = |name: &str| std::env::var(name).ok();
    let destinations = output::destinations(&args.formats, args.output.as_deref())?;
    let is_drawn = |format| matches!(format, Format::Table | Format::Json | Format::Markdown);
    if !destinations.iter().all(|one| is_drawn(one.format)) {
        return Err(UsageError::NoSuchDiff.into());
    }
    if !args.inventories.is_empty() {
        return Err(UsageError::InventoryForNothing.into());
    }
    let verdict = check::changes_alone(&args.change_set, &environment)?;
    // All are rendered before any is written.
    let reports: Vec<(&Destination, String)> = destinations
        .iter()
        .map(|destination| {
            let report = match destination.format {
                Format::Json => json::v1::render_changes(&verdict),
                Format::Markdown => markdown::render_changes(&verdict),
                _ => table::render_changes(&verdict, &table_options(args, destination)),
            };
            (destination, report)
        })
        .collect();
    for (destination, report) in &reports {
        emit(destination, report)?;
    }
    Ok(Exit::Clear)
}

fn run_audit(args: &AuditArgs) -> anyhow::Result<Exit> {
    let environment = |name: &str| std::env::var(name).ok();
    let destinations = output::destinations(&args.formats, args.output.as_deref())?;
    let is_drawn = |format| {
        matches!(
            format,
            Format::Table | Format::Markdown | Format::Html | Format::Json | Format::Sarif
        )
    };
    if !destinations.iter().all(|one| is_drawn(one.format)) {
        return Err(UsageError::NoSuchAudit.into());
    }
    let audit = audit::run(args, &environment)?;
    // All are rendered before any is written.
    let reports: Vec<(&Destination, String)> = destinations
        .iter()
        .map(|destination| {
            let report = match destination.format {
                Format::Json => json::audit::render(&audit),
                Format::Sarif => sarif::render_audit(&audit.verdict),
                Format::Markdown => markdown::audit::render(&audit),
                Format::Html => html::audit::render(&audit),
                _ => {
                    let options = coloured(args.color, args.verbose, destination);
                    table::audit::render(&audit, &options)
                }
            };
            (destination, report)
        })
        .collect();
    for (destination, report) in &reports {
        emit(destination, report)?;
    }
    Ok(match audit.verdict.conclusion {
        Conclusion::Blocked if !args.exit_zero => Exit::Blocked,
        _ => Exit::Clear,
    })
}

fn run_query(args: &QueryArgs) -> anyhow::Result<Exit> {
    let environment = |name: &str| std::env::var(name).ok();
    let answered = query::run(args, &environment)?;
    let Answered {
        answer,
        origins,
        notices,
        inputs,
    } = &answered;
    say(&match args.format {
        QueryFormat::Table => answer::render(answer, origins, notices.len()),
        QueryFormat::Json => json::query::render(answer, origins, notices, inputs),
    })
}

fn run_graph(args: &GraphArgs) -> anyhow::Result<Exit> {
    let environment = |name: &str| std::env::var(name).ok();
    let drawn = graph::run(args, &environment)?;
    match &args.output {
        Some(path) => output::write_whole(path, &drawn)?,
        None => to_stdout(&drawn)?,
    }
    Ok(Exit::Clear)
}

fn render(args: &CheckArgs, verdict: &Verdict, destination: &Destination) -> String {
    match destination.format {
        Format::Table => table::render(verdict, &table_options(args, destination)),
        Format::Markdown => markdown::render(verdict),
        Format::Html => html::render(verdict),
        Format::Json => json::v1::render(verdict),
        Format::Sarif => sarif::render(verdict),
        Format::Github => github::render(verdict),
        Format::Gitlab => gitlab::render(verdict),
        Format::Junit => junit::render(verdict),
    }
}

fn table_options(args: &CheckArgs, destination: &Destination) -> TableOptions {
    coloured(args.color, args.verbose, destination)
}

fn coloured(color: Colour, verbose: bool, destination: &Destination) -> TableOptions {
    let to_terminal = destination.file.is_none() && std::io::stdout().is_terminal();
    let color = match color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            to_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    };
    let mut options = TableOptions {
        color,
        verbose,
        ..TableOptions::default()
    };
    if to_terminal && let Ok((columns, _)) = crossterm::terminal::size() {
        options.width = usize::from(columns);
        options.cuts_source = true;
    }
    options
}

/// Write a report whole or not at all.
fn emit(destination: &Destination, report: &str) -> anyhow::Result<()> {
    match &destination.file {
        Some(path) => output::write_whole(path, report),
        None => to_stdout(report),
    }
}

fn to_stdout(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        // Whoever reads it (`head`) has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(error).context("cannot write the report to standard output"),
        Ok(()) => Ok(()),
    }
}

fn say(text: &str) -> anyhow::Result<Exit> {
    to_stdout(text)?;
    Ok(Exit::Clear)
}

fn tell(taken: &Taken) -> anyhow::Result<Exit> {
    to_stdout(&taken.text)?;
    let _ = std::io::stderr().write_all(taken.talk.as_bytes());
    Ok(if taken.has_faults {
        Exit::Blocked
    } else {
        Exit::Clear
    })
}

fn run_comment(args: &CommentArgs) -> anyhow::Result<Exit> {
    let environment = |name: &str| std::env::var(name).ok();
    let report = comment::run(args, &environment)?;
    to_stdout(&report.text)?;
    let talk = report
        .talk
        .lines()
        .map(|line| format!("{}\n", for_terminal(line)));
    let _ = std::io::stderr().write_all(talk.collect::<String>().as_bytes());
    Ok(Exit::Clear)
}

fn run_carve_outs(args: &CarveOutsArgs) -> anyhow::Result<Exit> {
    let environment = |name: &str| std::env::var(name).ok();
    if args.explain.is_some() {
        let readings = readings::run(args, &environment)?;
        return say(&match args.format {
            ListFormat::Table => report::readings::render(&readings),
            ListFormat::Json => json::carve_outs::render(&readings),
        });
    }
    let carve_outs = carve_outs::run(args, &environment)?;
    to_stdout(&carve_outs.list)?;
    let _ = std::io::stderr().write_all(carve_outs.talk.as_bytes());
    Ok(if carve_outs.has_faults {
        Exit::Blocked
    } else {
        Exit::Clear
    })
}

fn run_providers(args: &ProvidersArgs) -> anyhow::Result<Exit> {
    let catalog = catalog::load(args.providers.as_deref())?;
    match &args.command {
        ProvidersCommand::List(args) => say(&providers::list(&catalog, args)?),
        ProvidersCommand::Show { resource_type } => say(&providers::show(&catalog, resource_type)?),
        ProvidersCommand::Validate { files } => {
            let validation = providers::validate(catalog, files);
            say(&validation.valid)?;
            match validation.problems {
                None => Ok(Exit::Clear),
                Some(problems) => Err(problems.into()),
            }
        }
    }
}

/// The summary of the step, where GitHub Actions says that it takes one.
fn summarise(verdict: &Verdict) -> anyhow::Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let render = |room| github::summary(verdict, room);
    if !output::append_within(Path::new(&path), github::SUMMARY_LIMIT, render)? {
        let note = "note: no step summary is written: what this step has written to it already leaves no room\n";
        // Nowhere is left to report a failure to report.
        let _ = std::io::stderr().write_all(note.as_bytes());
    }
    Ok(())
}
