//! `perimeter providers show TYPE`: all that is known of a resource type.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::catalog::schema::{InTransitRow, ProviderFile, Statement, TypeEntry, VersionedDefault};
use crate::catalog::{Catalog, Meaning};
use crate::commands::UnknownName;
use crate::commands::words::{self, all_of, listed, wrapped};
use crate::graph::protection::Protection;
use crate::report::text::{for_terminal, prose};

/// What a resource type means and why; `data.TYPE` asks for the same.
///
/// # Errors
///
/// If no providers file says anything of it.
pub fn show(catalog: &Catalog, resource_type: &str) -> Result<String> {
    let name = resource_type.strip_prefix("data.").unwrap_or(resource_type);
    let shown = for_terminal(name);
    match catalog.entry(name) {
        Meaning::Modelled(entry, file) => Ok(modelled(entry, file)),
        Meaning::Irrelevant(reason) => Ok(format!(
            "{shown}: irrelevant\n\n{}{}\nA change of it is passed over in silence.\n",
            wrapped("  why  ", reason),
            source(catalog, name),
        )),
        Meaning::NotYet(reason) => Ok(format!(
            "{shown}: not yet modelled\n\n{}{}\nIt could move the perimeter, so its being in a plan is said in a notice.\n",
            wrapped("  why  ", reason),
            source(catalog, name),
        )),
        Meaning::Unrecognised(_) | Meaning::OtherProvider => {
            let listed: Vec<&str> = catalog
                .providers()
                .flat_map(|file| catalog.listed(&file.provider))
                .filter(|one| !one.is_glob)
                .map(|one| one.name)
                .collect();
            let otherwise = "describe it in a file of your own and pass that with --providers (docs/providers.md says how)";
            Err(UnknownName::among("resource type", name, listed, otherwise).into())
        }
    }
}

/// Which glob took a type in, if it was one.
fn source(catalog: &Catalog, name: &str) -> String {
    let glob = catalog.glob_of(name);
    glob.map_or_else(String::new, |glob| {
        wrapped("  by   ", &format!("the pattern {glob}, which takes it in"))
    })
}

fn modelled(entry: &TypeEntry, file: &ProviderFile) -> String {
    let name = for_terminal(&entry.resource_type);
    let mut text = match &entry.role {
        Some(role) => wrapped("", &format!("{name}: modelled; people call it {role}")),
        None => format!("{name}: modelled\n"),
    };
    text.push_str("\nIn the network it is\n");
    let mut facts = BTreeSet::new();
    statements(entry, file, &mut text, &mut facts);
    for (block, inner) in &entry.blocks {
        text.push_str(&format!("\nEach block {} in it is\n", prose(block)));
        statements(inner, file, &mut text, &mut facts);
    }
    if let Some(except) = &entry.except {
        let but = format!(
            "But not yet when {}: {}",
            all_of(&except.when),
            except.not_yet
        );
        text.push_str(&wrapped("  ", &but));
    }
    if !entry.known_as.is_empty() {
        let templates = listed(&entry.known_as, "or");
        let known = format!("Before it has an identifier it is found as {templates}.");
        text.push_str(&wrapped("  ", &known));
    }
    if entry.adopts {
        text.push_str(&wrapped(
            "  ",
            "Creating it takes over what exists already; destroying it leaves that in place.",
        ));
    }
    if !facts.is_empty() {
        text.push_str("\nWhat the provider documents\n");
        for id in facts {
            let Some(fact) = file.facts.get(id) else {
                continue;
            };
            text.push_str(&wrapped(
                "- ",
                &format!("{}/{id}: {}", file.provider, fact.says),
            ));
            text.push_str(&wrapped(
                "    ",
                &format!("read {}: {}", fact.read, fact.source),
            ));
        }
    }
    for default in &entry.defaults {
        let VersionedDefault {
            attribute,
            value,
            before,
            source,
            read,
        } = default;
        let said = format!("{attribute}, where it is not set: {value} before version {before}");
        text.push_str(&wrapped("- ", &said));
        text.push_str(&wrapped("    ", &format!("read {read}: {source}")));
    }
    text.push_str("\nIts attributes\n");
    text.push_str(&attributes(entry, file));
    text.push('\n');
    text.push_str(&wrapped(
        "",
        &if entry.means_the_same_as_data() {
            format!("The data source data.{name} means the same.")
        } else {
            format!("A data source data.{name} means nothing here.")
        },
    ));
    text
}

fn statements<'e>(
    entry: &'e TypeEntry,
    file: &ProviderFile,
    text: &mut String,
    facts: &mut BTreeSet<&'e str>,
) {
    for statement in entry.becomes.iter().flatten() {
        let worded = words::statement(statement, file);
        text.push_str(&wrapped("- ", &worded.headline));
        for (label, detail) in &worded.details {
            text.push_str(&wrapped(&format!("    {label:15} "), detail));
        }
        let rows = match statement {
            Statement::Link(link) => &link.in_transit,
            Statement::Policy(policy) if !policy.in_transit.is_empty() => &policy.in_transit,
            _ => continue,
        };
        text.push_str(&protection(rows, file));
        facts.extend(rows.iter().map(|row| row.fact.value.as_str()));
    }
}

/// The protection table of a link.
fn protection(rows: &[InTransitRow], file: &ProviderFile) -> String {
    let lead = format!("    {:15} ", "traffic on it");
    if rows.is_empty() {
        return wrapped(&lead, Protection::Unknown.word());
    }
    let row = |row: &InTransitRow| {
        let word = file
            .facts
            .get(&row.fact.value)
            .map_or_else(|| Protection::Unknown.word(), |fact| fact.protection.word());
        format!("{word} ({})", row.fact.value)
    };
    if let [only] = rows
        && words::row_conditions(only).is_none()
    {
        return wrapped(&lead, &row(only));
    }
    let mut text = wrapped(&lead, "what the first line says that holds:");
    let mut is_exhaustive = false;
    for (index, one) in rows.iter().enumerate() {
        let conditions = words::row_conditions(one);
        is_exhaustive |= conditions.is_none();
        let when = match (&conditions, index) {
            (Some(conditions), _) => format!("when {conditions}"),
            (None, 0) => "always".to_owned(),
            (None, _) => "otherwise".to_owned(),
        };
        text.push_str(&wrapped(
            &format!("      {}. ", index + 1),
            &format!("{when}: {}", row(one)),
        ));
    }
    let otherwise = if is_exhaustive {
        "while"
    } else {
        "otherwise, and while"
    };
    let word = Protection::Unknown.word();
    text.push_str(&wrapped(
        "         ",
        &format!("{otherwise} it is open whether a line holds: {word}"),
    ));
    text
}

fn attributes(entry: &TypeEntry, file: &ProviderFile) -> String {
    // Names and identifiers are read to tell things apart, and the place to tell where they lie.
    let matter: Vec<String> = entry
        .wanted(file)
        .into_iter()
        .filter(|name| !entry.never_matters(file, name))
        .map(str::to_owned)
        .collect();
    let never: BTreeSet<&str> = entry
        .never
        .iter()
        .chain(&file.never)
        .map(String::as_str)
        .filter(|path| entry.never_matters(file, path))
        .collect();
    let never: Vec<String> = never.into_iter().map(str::to_owned).collect();
    let mut text = wrapped(&format!("    {:15} ", "are read"), &listed(&matter, "and"));
    if !never.is_empty() {
        text.push_str(&wrapped(
            &format!("    {:15} ", "never matter"),
            &listed(&never, "and"),
        ));
    }
    text.push_str(&wrapped(
        "    ",
        "A change of any other is said in a notice: nobody has said whether it matters.",
    ));
    text
}
