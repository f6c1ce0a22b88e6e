//! What the command line tells of itself: manual pages, and completions for shells.

use std::path::Path;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::{Cli, ManArgs};

use super::output::write_whole;

/// The script that completes commands, options and their values in a shell.
#[must_use]
pub fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "perimeter", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page; or, with a directory, one page for each command in it, and the names of these.
///
/// # Errors
///
/// If a page cannot be written.
pub fn pages(args: &ManArgs) -> Result<String> {
    let mut command = Cli::command();
    let about = command.get_about().map(ToString::to_string);
    let first = about.as_deref().and_then(|about| about.lines().next());
    if let (Some(first), Some(whole)) = (first, &about) {
        // The heading of a page is one line.
        command = command.about(first.to_owned()).long_about(whole.clone());
    }
    let Some(directory) = &args.output else {
        return page(command);
    };
    command.build();
    let mut written = String::new();
    // `providers list` lies one deeper than `check`.
    let mut todo = vec![command];
    while let Some(command) = todo.pop() {
        let inner = command.get_subcommands();
        todo.extend(inner.filter(|inner| inner.get_name() != "help").cloned());
        // Once built, a command is called by the whole way to it: "perimeter-providers-list".
        let name = command.get_display_name().unwrap_or(command.get_name());
        let path = Path::new(directory).join(format!("{name}.1"));
        write_whole(&path, &page(command)?)?;
        written.push_str(&format!("{}\n", path.display()));
    }
    Ok(written)
}

fn page(command: clap::Command) -> Result<String> {
    let mut page = Vec::new();
    let name = command.get_display_name().unwrap_or(command.get_name());
    let name = name.to_owned();
    Man::new(command)
        .title(name)
        .source(concat!("perimeter ", env!("CARGO_PKG_VERSION")))
        .render(&mut page)
        .context("cannot write the manual page")?;
    String::from_utf8(page).context("the manual page is not text")
}
