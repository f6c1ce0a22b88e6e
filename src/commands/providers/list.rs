//! `perimeter providers list`: the providers with their numbers, or types with their states.

use anyhow::Result;
use serde::Serialize;

use crate::catalog::schema::{Statement, TypeEntry};
use crate::catalog::{Catalog, Listed, Meaning};
use crate::cli::{ListFormat, ProvidersListArgs, TypeState};
use crate::commands::{UnknownName, words};
use crate::report::text::prose;

/// What `--format json` writes: `providers`, or `types` when those of one provider or state are asked for.
#[derive(Serialize)]
struct Page<'a> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    providers: Option<Vec<ProviderRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<Vec<TypeRow<'a>>>,
}

#[derive(Serialize)]
struct ProviderRow<'a> {
    provider: &'a str,
    type_prefix: &'a str,
    modelled: usize,
    irrelevant: usize,
    not_yet: usize,
    patterns: usize,
    facts: usize,
}

#[derive(Serialize)]
struct TypeRow<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    is_pattern: bool,
    provider: &'a str,
    state: &'static str,
    /// Why it is irrelevant, what it would mean, or what it is.
    says: String,
}

/// The providers, or the types of one provider or state.
///
/// # Errors
///
/// If there is no such provider.
pub fn list(catalog: &Catalog, args: &ProvidersListArgs) -> Result<String> {
    if let Some(name) = &args.provider
        && catalog.provider(name).is_none()
    {
        let known: Vec<&str> = names(catalog).collect();
        let otherwise = "run `perimeter providers list` for those that there are";
        return Err(UnknownName::among("provider", name, known, otherwise).into());
    }
    let of_types = args.provider.is_some() || args.types || args.state.is_some();
    let page = Page {
        schema: "perimeter.providers/1",
        providers: (!of_types).then(|| providers(catalog)),
        types: of_types.then(|| types(catalog, args)),
    };
    match args.format {
        ListFormat::Json => Ok(serde_json::to_string_pretty(&page)? + "\n"),
        ListFormat::Table => Ok(table(&page)),
    }
}

fn names(catalog: &Catalog) -> impl Iterator<Item = &str> {
    catalog.providers().map(|file| file.provider.as_str())
}

fn providers(catalog: &Catalog) -> Vec<ProviderRow<'_>> {
    let mut rows: Vec<ProviderRow<'_>> = catalog
        .providers()
        .map(|file| {
            let listed = catalog.listed(&file.provider);
            let types = |state: TypeState| {
                let of_state = listed
                    .iter()
                    .filter(|one| !one.is_glob && state_of(one) == Some(state));
                of_state.count()
            };
            ProviderRow {
                provider: &file.provider,
                type_prefix: &file.type_prefix,
                modelled: types(TypeState::Modelled),
                irrelevant: types(TypeState::Irrelevant),
                not_yet: types(TypeState::NotYet),
                patterns: listed.iter().filter(|one| one.is_glob).count(),
                facts: file.facts.len(),
            }
        })
        .collect();
    rows.sort_by_key(|row| row.provider);
    rows
}

fn types<'a>(catalog: &'a Catalog, args: &ProvidersListArgs) -> Vec<TypeRow<'a>> {
    let mut rows = Vec::new();
    for file in catalog.providers() {
        if args
            .provider
            .as_ref()
            .is_some_and(|wanted| *wanted != file.provider)
        {
            continue;
        }
        for one in catalog.listed(&file.provider) {
            let Some(state) = state_of(&one) else {
                continue;
            };
            if args.state.is_some_and(|wanted| wanted != state) {
                continue;
            }
            rows.push(TypeRow {
                name: one.name,
                is_pattern: one.is_glob,
                provider: &file.provider,
                state: state.word(),
                says: match one.meaning {
                    Meaning::Irrelevant(reason) | Meaning::NotYet(reason) => reason.to_owned(),
                    Meaning::Modelled(entry, _) => what(entry),
                    Meaning::Unrecognised(_) | Meaning::OtherProvider => String::new(),
                },
            });
        }
    }
    rows.sort_by_key(|row| row.name);
    rows
}

fn state_of(listed: &Listed<'_>) -> Option<TypeState> {
    match listed.meaning {
        Meaning::Modelled(..) => Some(TypeState::Modelled),
        Meaning::Irrelevant(_) => Some(TypeState::Irrelevant),
        Meaning::NotYet(_) => Some(TypeState::NotYet),
        Meaning::Unrecognised(_) | Meaning::OtherProvider => None,
    }
}

impl TypeState {
    /// As a report calls it, and as `--state` takes it.
    fn word(self) -> &'static str {
        match self {
            Self::Modelled => "modelled",
            Self::Irrelevant => "irrelevant",
            Self::NotYet => "not-yet",
        }
    }
}

/// What people call a modelled type, else what it becomes.
fn what(entry: &TypeEntry) -> String {
    if let Some(role) = &entry.role {
        return role.clone();
    }
    let mut kinds: Vec<&str> = Vec::new();
    for statement in entry.becomes.iter().flatten() {
        let kind = match statement {
            Statement::Node(node) => words::bare(words::node_kind(node.kind)),
            Statement::Link(link) => words::bare(words::link_kind(link.kind)),
            Statement::Route(_) => "route",
            Statement::Association(_) => "use of a route table",
            Statement::Containment(_) => "place of another resource",
            Statement::Property(_) => "values of another resource",
            Statement::Exposure(_) => "door to the internet",
            Statement::Plaintext(_) => "traffic in the clear",
            Statement::Stated(_) => "fact in so many words",
            Statement::Policy(_) => "routing policy",
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.join(", ")
}

fn table(page: &Page<'_>) -> String {
    if let Some(rows) = &page.providers {
        let numbers = |row: &ProviderRow<'_>| {
            [
                row.modelled,
                row.irrelevant,
                row.not_yet,
                row.patterns,
                row.facts,
            ]
        };
        let head = [
            "provider",
            "types begin with",
            "modelled",
            "irrelevant",
            "not yet",
            "patterns",
            "facts",
        ];
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        let mut totals = [0; 5];
        for row in rows {
            let numbers = numbers(row);
            for (total, number) in totals.iter_mut().zip(numbers) {
                *total += number;
            }
            let mut line = vec![prose(row.provider), prose(row.type_prefix)];
            line.extend(numbers.map(|number| number.to_string()));
            lines.push(line);
        }
        let mut last = vec!["all".to_owned(), String::new()];
        last.extend(totals.map(|number| number.to_string()));
        lines.push(last);
        return columns(&lines, 2);
    }
    let rows = page.types.iter().flatten();
    let mut lines = vec![
        ["type", "state", "what it is, or why not"]
            .map(str::to_owned)
            .to_vec(),
    ];
    lines.extend(rows.map(|row| vec![prose(row.name), row.state.to_owned(), prose(&row.says)]));
    columns(&lines, 3)
}

/// Lines of cells below each other: the first few columns begin at the same place, the numbers after them end there.
fn columns(lines: &[Vec<String>], texts: usize) -> String {
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let count = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| {
                if column < texts {
                    format!("{cell:width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
