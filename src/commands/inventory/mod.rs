//! Inventories: what one repository tells others of its carve-outs, many of them merged, and what a check makes of them.
//!
//! An inventory is read where its repository is not at hand. So it carries what binding and judging need as data, and says
//! what it could not carry.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rayon::prelude::*;

use crate::carveout::inventory::{Inventory, Newest};
use crate::cli::{AggregateArgs, InventoryArgs};
use crate::report::text::{counted, for_terminal, prose};
use crate::repos::Remote;

use super::finder::CacheLocation;
use super::inputs::{Environment, repository_arguments};
use super::output::write_whole;
use super::progress::Progress;
use super::unreadable;

mod bind;
mod file;
mod take;

pub(super) use bind::{Claims, Inventories};

/// What a run has to say.
#[derive(Debug)]
pub struct Taken {
    /// The inventory; empty where it went to a file.
    pub text: String,
    /// How much is in it, and what went wrong: for people, not for programs.
    pub talk: String,
    /// Some repository is not known as it is.
    pub has_faults: bool,
}

/// Take the inventory of repositories.
///
/// # Errors
///
/// If the result cannot be written. A repository that cannot be read is a line of the result.
pub fn run(args: &InventoryArgs, environment: Environment<'_>) -> Result<Taken> {
    let targets = repository_arguments(&args.repositories);
    let progress = Progress::of(targets.len(), environment);
    let manner = take::Manner {
        config: args.config.as_deref(),
        cache: CacheLocation::of(environment).filter(|_| !args.no_cache),
        environment,
    };
    let readings: Vec<_> = targets
        .par_iter()
        .map(|(directory, revision)| {
            let taken = take::take(directory, revision.as_deref(), &manner);
            progress.one_more();
            taken
        })
        .collect();
    drop(progress);
    let mut inventory = Inventory::default();
    let mut by_name: BTreeMap<String, PathBuf> = BTreeMap::new();
    for take in readings {
        let identity = &take.identity;
        if let Some(directory) = take.known_by_name {
            let first = by_name.entry(identity.clone()).or_insert(directory.clone());
            if *first != directory {
                // Of two strangers, the newer must not take the place of the older.
                let why = "another repository of this run has the same name, and neither has a remote `origin` that tells them apart";
                inventory.add_unread(identity, why);
            }
        }
        match take.reading {
            Ok(reading) => inventory.add(identity, Newest::Reading(reading)),
            Err(error) => inventory.add_unread(identity, &format!("{error:#}")),
        }
    }
    finished(&inventory, args.output.as_deref())
}

/// Merge inventories.
///
/// # Errors
///
/// If a file is no inventory or not whole, or the result cannot be written.
pub fn aggregate(args: &AggregateArgs) -> Result<Taken> {
    let mut inventory = file::read(&args.inventories)?;
    if let Some(path) = &args.expect {
        let bytes = std::fs::read(path).map_err(|error| unreadable("list", path, &error))?;
        let text = String::from_utf8_lossy(&bytes);
        let names = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or(line).trim());
        for name in names.filter(|name| !name.is_empty()) {
            let remote = Remote::parse(name, &|_| None);
            inventory
                .expected
                .insert(remote.map_or_else(|| name.to_owned(), |one| one.identity));
        }
    }
    finished(&inventory, args.output.as_deref())
}

fn finished(inventory: &Inventory, output: Option<&Path>) -> Result<Taken> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for newest in inventory.newest.values() {
        if let Newest::Reading(reading) = newest {
            *counts.entry("repositories").or_default() += 1;
            let carve_outs = reading
                .lines
                .iter()
                .filter(|line| line.contains("\"kind\":\"carve_out\""));
            *counts.entry("carve-outs").or_default() += carve_outs.count();
        }
    }
    let count = |what: &str| counts.get(what).copied().unwrap_or_default();
    let repositories = match count("repositories") {
        1 => "1 repository".to_owned(),
        several => format!("{several} repositories"),
    };
    let mut talk = format!(
        "{} in {repositories}\n",
        counted(count("carve-outs"), "carve-out")
    );
    for error in file::errors(inventory) {
        let (repository, message) = (for_terminal(&error.repository), prose(&error.message));
        talk.push_str(&format!("error: {repository}: {message}\n"));
    }
    let mut text = file::text_of(inventory);
    if let Some(path) = output {
        write_whole(path, &text)?;
        text.clear();
    }
    Ok(Taken {
        text,
        talk,
        has_faults: inventory.faults() > 0,
    })
}
