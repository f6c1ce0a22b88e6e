//! Whether a providers file that has the right form makes sense: nothing in it is guessed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use crate::location::Location;

use super::attributes::NOTHING_ELSE;
use super::problem::{CatalogError, Problem, line_and_column};
use super::schema::{
    FactEntry, FamilyEntry, InTransitRow, OwnedTable, PolicyLanguage, ProviderFile, Statement,
    TypeEntry, VersionedDefault,
};
use super::similar;

/// What is wrong with a file that has the right form.
pub(super) struct Check<'a> {
    path: &'a str,
    text: &'a str,
    problems: Vec<(Place, String)>,
}

/// Where a problem stands, as far as the typed file can tell.
#[derive(Clone, Copy)]
pub(super) enum Place {
    File,
    Fact(usize),
    Type(usize),
    Family(usize),
    /// Line and column.
    Exactly(usize, usize),
}

/// The same file again, read only for its positions once something is wrong.
#[derive(Default, Deserialize)]
struct Positions {
    #[serde(default)]
    facts: BTreeMap<String, Spanned<IgnoredAny>>,
    #[serde(default)]
    types: Vec<Spanned<IgnoredAny>>,
    #[serde(default)]
    families: Vec<Spanned<IgnoredAny>>,
}

impl<'a> Check<'a> {
    pub(super) fn new(path: &'a str, text: &'a str) -> Self {
        Self {
            path,
            text,
            problems: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Result<(), CatalogError> {
        if self.problems.is_empty() {
            return Ok(());
        }
        let positions: Positions = serde_saphyr::from_str(self.text).unwrap_or_default();
        let position_of = |place: Place| {
            let spanned = match place {
                Place::File => None,
                Place::Exactly(line, column) => return (line, column),
                Place::Fact(index) => positions.facts.values().nth(index),
                Place::Type(index) => positions.types.get(index),
                Place::Family(index) => positions.families.get(index),
            };
            spanned.map_or((1, 1), |spanned| line_and_column(&spanned.referenced))
        };
        let mut problems: Vec<Problem> = self
            .problems
            .into_iter()
            .map(|(place, message)| {
                let (line, column) = position_of(place);
                Problem {
                    location: Location::line(self.path, line),
                    column,
                    message,
                }
            })
            .collect();
        problems.sort_by_key(|problem| (problem.location.line, problem.column));
        Err(CatalogError { problems })
    }

    pub(super) fn problem(&mut self, place: Place, message: impl Into<String>) {
        self.problems.push((place, message.into()));
    }

    pub(super) fn file(
        &mut self,
        file: &ProviderFile,
        known_facts: Option<&BTreeMap<String, FactEntry>>,
    ) {
        if file.provider.is_empty() || file.type_prefix.is_empty() {
            self.problem(
                Place::File,
                "`provider` and `type_prefix` must not be empty",
            );
        }
        let defaults = file.names.iter().chain(&file.never);
        for path in defaults
            .chain(&file.place.region)
            .chain(&file.place.account)
        {
            self.attribute(Place::File, "the provider", path);
        }
        for (index, (id, fact)) in file.facts.iter().enumerate() {
            self.fact(Place::Fact(index), id, fact);
        }
        let facts: BTreeSet<&str> = file
            .facts
            .keys()
            .chain(known_facts.into_iter().flat_map(BTreeMap::keys))
            .map(String::as_str)
            .collect();
        for (index, entry) in file.types.iter().enumerate() {
            let place = Place::Type(index);
            self.entry(place, entry, &facts);
            let name = &entry.resource_type;
            if !name.starts_with(&file.type_prefix) {
                let prefix = &file.type_prefix;
                self.problem(
                    place,
                    format!("type {name}: does not begin with `{prefix}`"),
                );
            }
            match file
                .types
                .get(index.wrapping_sub(1))
                .map(|before| &before.resource_type)
            {
                Some(before) if before == name => {
                    self.problem(place, format!("type {name}: listed twice"))
                }
                Some(before) if before > name => {
                    self.problem(
                        place,
                        format!("type {name}: must stand before {before} (types are sorted)"),
                    );
                }
                _ => {}
            }
        }
        let mut named: HashSet<&str> = file
            .types
            .iter()
            .map(|entry| entry.resource_type.as_str())
            .collect();
        for (index, family) in file.families.iter().enumerate() {
            let place = Place::Family(index);
            self.family(place, family);
            for name in &family.types {
                if !named.insert(name) {
                    self.problem(place, format!("type {name}: listed twice"));
                }
                if !name.starts_with(&file.type_prefix) {
                    let prefix = &file.type_prefix;
                    self.problem(
                        place,
                        format!("type {name}: does not begin with `{prefix}`"),
                    );
                }
            }
        }
    }

    fn fact(&mut self, place: Place, id: &str, fact: &FactEntry) {
        if fact.says.trim().is_empty() {
            self.problem(place, format!("fact {id}: `says` must not be empty"));
        }
        self.documented(place, &format!("fact {id}"), &fact.source, &fact.read);
    }

    /// Where something is documented, and when that was read.
    fn documented(&mut self, place: Place, what: &str, source: &str, read: &str) {
        if !source.starts_with("https://") {
            self.problem(
                place,
                format!("{what}: `source` must be an https address, not `{source}`"),
            );
        }
        if !is_iso_date(read) {
            self.problem(
                place,
                format!("{what}: `read` must be a date such as 2026-11-22, not `{read}`"),
            );
        }
    }

    fn default(&mut self, place: Place, name: &str, default: &VersionedDefault) {
        let what = format!("type {name}: the default of {}", default.attribute);
        let mut numbers = default.before.split('.');
        if !numbers.all(|number| number.parse::<u64>().is_ok()) {
            let before = &default.before;
            self.problem(
                place,
                format!("{what}: `before` must be a version such as 6.0.0, not `{before}`"),
            );
        }
        if default.attribute.contains('.') {
            self.problem(
                place,
                format!("{what}: only attributes at the top level have one"),
            );
        }
        self.documented(place, &what, &default.source, &default.read);
    }

    fn entry(&mut self, place: Place, entry: &TypeEntry, facts: &BTreeSet<&str>) {
        let name = &entry.resource_type;
        let states = [
            entry.becomes.is_some(),
            entry.irrelevant.is_some(),
            entry.not_yet.is_some(),
        ];
        if states.into_iter().filter(|&given| given).count() != 1 {
            let message =
                format!("type {name}: give exactly one of `becomes`, `irrelevant` and `not_yet`");
            self.problem(place, message);
        }
        let reasons = entry.irrelevant.iter().chain(&entry.not_yet);
        if reasons.into_iter().any(|reason| reason.trim().is_empty()) {
            self.problem(place, format!("type {name}: the reason must not be empty"));
        }
        if entry.becomes.as_ref().is_some_and(Vec::is_empty) {
            self.problem(place, format!("type {name}: `becomes` must not be empty"));
        }
        let owner = format!("type {name}");
        let never = entry.never.iter().map(String::as_str);
        let mut paths: Vec<&str> = never.filter(|path| *path != NOTHING_ELSE).collect();
        paths.extend(entry.documents.iter().map(String::as_str));
        entry.visit(&mut |path| paths.push(path));
        for (block, inner) in &entry.blocks {
            self.entry(place, inner, facts);
            if !inner.blocks.is_empty() || inner.becomes.is_none() {
                self.problem(
                    place,
                    format!("type {name}: the block {block} needs `becomes`, and no blocks"),
                );
            }
        }
        for default in &entry.defaults {
            paths.push(&default.attribute);
            self.default(place, name, default);
        }
        for statement in entry.becomes.iter().flatten() {
            match statement {
                Statement::Route(route) => route.visit_relative(&mut |path| paths.push(path)),
                Statement::Containment(containment) => {
                    containment.visit_relative(&mut |path| paths.push(path));
                }
                Statement::Plaintext(plaintext) => {
                    paths.extend(plaintext.each_when.keys().map(String::as_str));
                }
                Statement::Stated(stated) => {
                    paths.extend(stated.each_when.keys().map(String::as_str));
                }
                _ => {}
            }
            self.statement(place, name, statement, facts);
        }
        for path in paths {
            self.attribute(place, &owner, path);
        }
    }

    fn statement(
        &mut self,
        place: Place,
        name: &str,
        statement: &Statement,
        facts: &BTreeSet<&str>,
    ) {
        let mut need = |given: bool, what: &str| {
            if !given {
                self.problem(place, format!("type {name}: {what}"));
            }
        };
        match statement {
            Statement::Node(node) => {
                let is_identified =
                    |table: &OwnedTable| !table.id.is_empty() || table.part.is_some();
                let tables_identified = node.tables.iter().all(is_identified);
                need(
                    tables_identified,
                    "a table of a node needs an `id` or a `part`",
                );
            }
            Statement::Link(link) => {
                let some_end_named = link.ends.iter().any(|end| !end.of.is_empty());
                need(some_end_named, "at least one end of a link needs `of`");
                self.facts_of(name, &link.in_transit, facts);
            }
            Statement::Route(route) => {
                need(!route.via.is_empty(), "a route needs `via`");
                let addressed = !route.to.is_empty() || !route.to_list.is_empty();
                need(addressed, "a route needs `to` or `to_list`");
            }
            Statement::Association(association) => {
                need(
                    !association.member.is_empty(),
                    "an association needs a `member`",
                );
                need(
                    association.table.is_empty() != association.tables_labelled.is_empty(),
                    "an association needs either `table` or `tables_labelled`",
                );
            }
            Statement::Property(property) => {
                let sets_something = !(property.properties.is_empty()
                    && property.facts.is_empty()
                    && property.address_space.is_empty());
                need(
                    sets_something,
                    "a property needs `properties`, `facts` or `address_space`",
                );
                need(
                    property.of.is_empty() == property.of_region,
                    "a property needs either `of` or `of_region`",
                );
            }
            Statement::Exposure(exposure) => {
                need(
                    !(exposure.of.is_empty() && exposure.of_addresses.is_empty()),
                    "an exposure needs `of` or `of_addresses`",
                );
                need(!exposure.says.trim().is_empty(), "an exposure needs `says`");
            }
            Statement::Plaintext(plaintext) => {
                need(
                    !plaintext.says.trim().is_empty(),
                    "a plaintext site needs `says`",
                );
                need(
                    !plaintext.when.is_empty() || plaintext.each.is_some(),
                    "a plaintext site needs `when`, or `each`",
                );
                need(
                    plaintext.each.is_some() != plaintext.each_when.is_empty(),
                    "a plaintext site needs `each` and `each_when`, or neither",
                );
            }
            Statement::Stated(stated) => {
                need(!stated.of.is_empty(), "what is stated needs `of`");
                need(
                    !stated.says.trim().is_empty(),
                    "what is stated needs `says`",
                );
                need(
                    stated.each.is_some() != stated.each_when.is_empty(),
                    "what is stated needs `each` and `each_when`, or neither",
                );
            }
            Statement::Containment(containment) => need(
                !containment.of.is_empty() && !containment.within.is_empty(),
                "a containment needs `of` and `within`",
            ),
            Statement::Policy(policy) => {
                let is_told = match policy.language {
                    PolicyLanguage::CloudWan => {
                        !policy.hub.is_empty() && !policy.document.is_empty()
                    }
                    PolicyLanguage::NetworkManager => policy.piece.is_some(),
                };
                need(
                    is_told,
                    "a policy needs `hub` and `document`, or `piece`, as its language asks",
                );
                self.facts_of(name, &policy.in_transit, facts);
            }
        }
    }

    fn facts_of(&mut self, name: &str, rows: &[InTransitRow], facts: &BTreeSet<&str>) {
        for row in rows {
            let fact = row.fact.value.as_str();
            if facts.contains(fact) {
                continue;
            }
            let near = similar(fact, facts.iter().copied());
            let hint = near
                .first()
                .map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
            let (line, column) = line_and_column(&row.fact.referenced);
            let message = format!("type {name}: unknown fact `{fact}`{hint}");
            self.problem(Place::Exactly(line, column), message);
        }
    }

    fn family(&mut self, place: Place, family: &FamilyEntry) {
        if family.types.is_empty() {
            self.problem(place, "family: `types` must not be empty");
        }
        if family.irrelevant.is_some() == family.not_yet.is_some() {
            self.problem(
                place,
                "family: give exactly one of `irrelevant` and `not_yet`",
            );
        }
        let mut reasons = family.irrelevant.iter().chain(&family.not_yet);
        if reasons.any(|reason| reason.trim().is_empty()) {
            self.problem(place, "family: the reason must not be empty");
        }
    }

    fn attribute(&mut self, place: Place, owner: &str, path: &str) {
        let well_formed = |name: &str| {
            let allowed =
                |character: char| character.is_ascii_alphanumeric() || "_-:/".contains(character);
            !name.is_empty() && name.chars().all(allowed)
        };
        let (path, part) = path.split_once('#').unwrap_or((path, "part"));
        // `filter[tag:Name].values`: of some blocks those of one name.
        let (blocks, chosen, rest) = path
            .split_once('[')
            .and_then(|(blocks, rest)| {
                let (chosen, rest) = rest.split_once("].")?;
                Some((blocks, chosen, rest))
            })
            .unwrap_or((path, "name", "rest"));
        let steps = [blocks, chosen, rest]
            .into_iter()
            .flat_map(|steps| steps.split('.'));
        if !steps.into_iter().all(well_formed) || !well_formed(part) {
            self.problem(
                place,
                format!("{owner}: `{path}` is not an attribute (write `name` or `block.name`)"),
            );
        }
    }
}

fn is_iso_date(text: &str) -> bool {
    let number = |part: &str, digits: usize| {
        let only_digits = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        only_digits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let days = match number(month, 2) {
        Some(2) => 29,
        Some(4 | 6 | 9 | 11) => 30,
        Some(1..=12) => 31,
        _ => return false,
    };
    number(year, 4).is_some() && number(day, 2).is_some_and(|day| (1..=days).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_checked() {
        assert!(is_iso_date("2026-11-22"));
        assert!(is_iso_date("2024-02-29"));
        for wrong in [
            "",
            "2026-11",
            "2026-13-01",
            "2026-00-01",
            "2026-11-31",
            "26-11-22",
            "2026-11-22T",
            "2026-1-02",
        ] {
            assert!(!is_iso_date(wrong), "{wrong}");
        }
    }
}
