//! What a rule means, and what a fact rests on.

use anyhow::Result;

use crate::catalog::Catalog;
use crate::catalog::schema::{FactEntry, InTransitRow, ProviderFile, Statement};
use crate::cli::ExplainArgs;
use crate::report::text::for_terminal;
use crate::verdict::Rule;

use super::words::{row_conditions, wrapped};
use super::{UnknownName, catalog};

/// The description of a rule, or what is documented under a fact; without a name the list of both.
///
/// A fact is named alone, or with its provider as `provider/fact` or `provider:fact`. Alone it means the fact of every
/// provider that has one of this name.
///
/// # Errors
///
/// If there is no such rule and no such fact, or a providers file does not load.
pub fn run(args: &ExplainArgs) -> Result<String> {
    let catalog = catalog::load(args.providers.as_deref())?;
    let Some(wanted) = &args.name else {
        return Ok(everything(&catalog));
    };
    if let Some(rule) = Rule::ALL.iter().find(|rule| rule.id() == wanted) {
        let (id, summary, description) = (rule.id(), rule.summary(), rule.description());
        return Ok(format!("{id}: {summary}\n\n{description}\n"));
    }
    let (provider, id) = match wanted.split_once(['/', ':']) {
        Some((provider, id)) => (Some(provider), id),
        None => (None, wanted.as_str()),
    };
    let explained: Vec<String> = facts(&catalog)
        .filter(|(file, known, _)| {
            *known == id && provider.is_none_or(|wanted| wanted == file.provider)
        })
        .map(|(file, id, fact)| explain_fact(file, id, fact))
        .collect();
    if !explained.is_empty() {
        return Ok(explained.join("\n"));
    }
    let qualified: Vec<String> = facts(&catalog)
        .map(|(file, id, _)| format!("{}/{id}", file.provider))
        .collect();
    let mut known: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    if provider.is_some() {
        known.extend(qualified.iter().map(String::as_str));
    } else {
        known.extend(facts(&catalog).map(|(_, id, _)| id));
    }
    known.sort_unstable();
    known.dedup();
    let otherwise = "run `perimeter explain` to list them";
    Err(UnknownName::among("rule or fact", wanted, known, otherwise).into())
}

/// Every fact, by provider and name.
fn facts(catalog: &Catalog) -> impl Iterator<Item = (&ProviderFile, &str, &FactEntry)> {
    catalog.providers().flat_map(|file| {
        let facts = file.facts.iter();
        facts.map(move |(id, fact)| (file, id.as_str(), fact))
    })
}

fn everything(catalog: &Catalog) -> String {
    let rules = Rule::ALL.iter();
    let mut rows: Vec<(String, &str)> = rules
        .map(|rule| (rule.id().to_owned(), rule.summary()))
        .collect();
    let count = rows.len();
    rows.extend(facts(catalog).map(|(file, id, fact)| {
        let name = for_terminal(&format!("{}/{id}", file.provider));
        (name, fact.protection.word())
    }));
    let width = rows.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut text = String::from("rules, by which findings are made\n");
    for (index, (name, says)) in rows.iter().enumerate() {
        if index == count {
            text.push_str("\nfacts, on which statements about encryption rest\n");
        }
        text.push_str(&format!("  {name:width$}  {says}\n"));
    }
    text
}

fn explain_fact(file: &ProviderFile, id: &str, fact: &FactEntry) -> String {
    let mut text = wrapped(
        "",
        &format!("{}/{id}: {}", file.provider, fact.protection.word()),
    );
    text.push('\n');
    text.push_str(&wrapped("", &fact.says));
    text.push('\n');
    text.push_str(&wrapped("  source  ", &fact.source));
    text.push_str(&wrapped("  read    ", &fact.read));
    text.push_str("\nIt decides on traffic over\n");
    let before = text.len();
    for entry in &file.types {
        for statement in entry.becomes.iter().flatten() {
            let rows = match statement {
                Statement::Link(link) => &link.in_transit,
                Statement::Policy(policy) => &policy.in_transit,
                _ => continue,
            };
            for when in conditions_of(rows, id) {
                let name = &entry.resource_type;
                let role = entry.role.as_ref();
                let role = role.map_or_else(String::new, |role| format!(" ({role})"));
                text.push_str(&wrapped("- ", &format!("{name}{role}: {when}")));
            }
        }
    }
    if text.len() == before {
        text.push_str("- nothing: no resource type uses it\n");
    }
    text
}

/// When each row of a link's protection table that rests on this fact decides.
fn conditions_of(table: &[InTransitRow], id: &str) -> Vec<String> {
    let rows = table.iter().enumerate();
    rows.filter(|(_, row)| row.fact.value == id)
        .map(|(index, row)| match (row_conditions(row), index) {
            (None, 0) => "always".to_owned(),
            (Some(when), 0) => format!("when {when}"),
            (None, _) => format!("unless {}", earlier(table, index)),
            (Some(when), _) => format!("when {when}, unless {}", earlier(table, index)),
        })
        .collect()
}

/// What keeps a row from being reached.
fn earlier(table: &[InTransitRow], index: usize) -> String {
    let rows = table.iter().take(index);
    let conditions: Vec<String> = rows.filter_map(row_conditions).collect();
    conditions.join(", or ")
}
