//! Providers files: embedded, parsed, checked, and looked up by resource type.
//!
//! A file that says something wrong is refused with file and line; nothing in it is guessed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::Spanned;

use crate::location::Location;

use super::attributes::NOTHING_ELSE;
use super::compact;
use super::schema::{
    FactEntry, FamilyEntry, IdentifierRule, InTransitRow, OwnedTable, PlaceRule, PolicyLanguage,
    ProviderFile, Statement, TypeEntry, When,
};

// `EMBEDDED`: the files of `providers/`, in the order of their names, as the build script leaves them.
include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A providers file that comes with the tool.
struct Embedded {
    /// Its short name of the provider.
    provider: &'static str,
    /// What all its resource types begin with.
    type_prefix: &'static str,
    /// What it says, in the form of [`compact`].
    bytes: &'static [u8],
}

/// What a resource type means.
#[derive(Debug, Clone, Copy)]
pub enum Meaning<'a> {
    /// It becomes a part of the graph.
    Modelled(&'a TypeEntry, &'a ProviderFile),
    /// It cannot move the perimeter, for this reason.
    Irrelevant(&'a str),
    /// It could move the perimeter in this way, and is not modelled yet.
    NotYet(&'a str),
    /// The provider of this name is known, the type is not.
    Unrecognised(&'a str),
    /// No file describes its provider.
    OtherProvider,
}

/// A name or glob of resource types, as the files of one provider list it.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// The name of a type, or a glob of such names.
    pub name: &'a str,
    /// It is a glob.
    pub is_glob: bool,
    /// What the type, or each type that the glob takes in, means.
    pub meaning: Meaning<'a>,
}

/// What one providers file brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The short name of its provider.
    pub provider: String,
    /// Something was known of that provider already.
    pub is_over_another: bool,
    /// How many types it names that become a part of the graph.
    pub modelled: usize,
    /// How many types it names that cannot move a perimeter.
    pub irrelevant: usize,
    /// How many types it names that are not modelled yet.
    pub not_yet: usize,
    /// How many globs of types it has.
    pub globs: usize,
    /// How many facts it documents.
    pub facts: usize,
}

impl Added {
    fn of(file: &ProviderFile, is_over_another: bool) -> Self {
        let mut added = Self {
            provider: file.provider.clone(),
            is_over_another,
            modelled: 0,
            irrelevant: 0,
            not_yet: 0,
            globs: 0,
            facts: file.facts.len(),
        };
        for entry in &file.types {
            added.modelled += usize::from(entry.becomes.is_some());
            added.irrelevant += usize::from(entry.irrelevant.is_some());
            added.not_yet += usize::from(entry.not_yet.is_some());
        }
        for family in &file.families {
            let globs = family.types.iter().filter(|name| is_glob(name)).count();
            let names = family.types.len() - globs;
            added.globs += globs;
            if family.irrelevant.is_some() {
                added.irrelevant += names;
            } else {
                added.not_yet += names;
            }
        }
        added
    }
}

/// Everything that the providers files say.
///
/// A built-in file is decoded when something of its provider is first asked for, so that providers which a plan does not use
/// cost nothing.
#[derive(Debug)]
pub struct Catalog {
    providers: Vec<Provider>,
}

#[derive(Debug)]
struct Provider {
    name: String,
    type_prefix: String,
    contents: OnceLock<Contents>,
    /// What the contents come from, when they are first asked for.
    embedded: &'static [u8],
}

/// What the files of one provider say, ready to be asked.
#[derive(Debug)]
struct Contents {
    file: ProviderFile,
    /// Every type that has a name.
    by_type: HashMap<String, Named>,
    globs: Globs,
}

/// Where a type is named: index of its entry, or of its family.
#[derive(Debug, Clone, Copy)]
enum Named {
    Type(usize),
    Family(usize),
}

/// Every glob of every family: of which family, and the how manieth of its names.
#[derive(Debug, Default)]
struct Globs {
    set: GlobSet,
    sources: Vec<(usize, usize)>,
}

impl Catalog {
    /// The catalog that is built in.
    #[must_use]
    pub fn embedded() -> Self {
        let providers = EMBEDDED.iter().map(|file| Provider {
            name: file.provider.to_owned(),
            type_prefix: file.type_prefix.to_owned(),
            contents: OnceLock::new(),
            embedded: file.bytes,
        });
        Self {
            providers: providers.collect(),
        }
    }

    /// The catalog that knows no provider.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            providers: Vec::new(),
        }
    }

    /// Take in an organisation's own files, given as path and text, in this order.
    ///
    /// # Errors
    ///
    /// All problems of the first file that [`Catalog::add`] refuses.
    pub fn with_directory(mut self, files: Vec<(String, String)>) -> Result<Self, CatalogError> {
        for (path, text) in files {
            self.add(&path, &text)?;
        }
        Ok(self)
    }

    /// Take in one more file, and tell what it brought.
    ///
    /// A later file's type, fact or identifier prefix takes the place of an earlier one of the same name; its families are
    /// asked first; its lists of names and places, where it has any, take the place of earlier ones.
    ///
    /// # Errors
    ///
    /// All its problems, if it is not YAML, does not have the form of a providers file, or contradicts itself. The catalog then
    /// stays as it was.
    pub fn add(&mut self, path: &str, text: &str) -> Result<Added, CatalogError> {
        let file: ProviderFile =
            serde_saphyr::from_str(text).map_err(|error| CatalogError::malformed(path, &error))?;
        let known = self
            .providers
            .iter()
            .position(|provider| provider.name == file.provider);
        let known_facts = known.map(|index| &self.providers[index].contents().file.facts);

        let mut check = Check::new(path, text);
        check.file(&file, known_facts);
        if let Err((family, error)) = Globs::compile(&file.families) {
            check.problem(Place::Family(family), format!("family: {error}"));
        }
        check.finish()?;

        let added = Added::of(&file, known.is_some());
        let earlier = known.and_then(|index| self.providers[index].contents.take());
        let file = match earlier {
            None => file,
            Some(mut earlier) => merge(&mut earlier.file, file),
        };
        let provider = Provider {
            name: added.provider.clone(),
            type_prefix: file.type_prefix.clone(),
            contents: OnceLock::from(Contents::new(file)),
            embedded: &[],
        };
        match known {
            Some(index) => self.providers[index] = provider,
            None => self.providers.push(provider),
        }
        Ok(added)
    }

    /// What a resource type means; for a data source give the type it reads.
    #[must_use]
    pub fn entry(&self, resource_type: &str) -> Meaning<'_> {
        let mut longest: Option<&Provider> = None;
        for provider in self.of_prefix(resource_type) {
            let contents = provider.contents();
            if let Some(&named) = contents.by_type.get(resource_type) {
                return contents.meaning(named);
            }
            if longest.is_none_or(|other| other.type_prefix.len() < provider.type_prefix.len()) {
                longest = Some(provider);
            }
        }
        let Some(provider) = longest else {
            return Meaning::OtherProvider;
        };
        let contents = provider.contents();
        match contents.globs.of(resource_type) {
            Some((family, _)) => contents.meaning(Named::Family(family)),
            None => Meaning::Unrecognised(&provider.name),
        }
    }

    /// The glob that a type which no file names owes its meaning to.
    #[must_use]
    pub fn glob_of(&self, resource_type: &str) -> Option<&str> {
        let is_named =
            |provider: &&Provider| provider.contents().by_type.contains_key(resource_type);
        if self
            .of_prefix(resource_type)
            .any(|provider| is_named(&provider))
        {
            return None;
        }
        let of_prefix = self.of_prefix(resource_type);
        let contents = of_prefix
            .max_by_key(|provider| provider.type_prefix.len())?
            .contents();
        let (family, position) = contents.globs.of(resource_type)?;
        Some(&contents.file.families[family].types[position])
    }

    /// The providers whose types begin as this one does; the one that was read last comes first.
    fn of_prefix(&self, resource_type: &str) -> impl Iterator<Item = &Provider> {
        let matches = move |provider: &&Provider| resource_type.starts_with(&provider.type_prefix);
        self.providers.iter().rev().filter(matches)
    }

    /// Every type that a provider's files name, and every glob, sorted.
    #[must_use]
    pub fn listed(&self, provider: &str) -> Vec<Listed<'_>> {
        let Some(provider) = self.providers.iter().find(|known| known.name == provider) else {
            return Vec::new();
        };
        let contents = provider.contents();
        let named = contents.by_type.iter().map(|(name, &named)| Listed {
            name,
            is_glob: false,
            meaning: contents.meaning(named),
        });
        let mut listed: Vec<Listed<'_>> = named.collect();
        listed.extend(
            contents
                .globs
                .sources
                .iter()
                .map(|&(family, position)| Listed {
                    name: &contents.file.families[family].types[position],
                    is_glob: true,
                    meaning: contents.meaning(Named::Family(family)),
                }),
        );
        listed.sort_by_key(|one| one.name);
        // Of two equal globs the first counts, and the order of equals is kept.
        listed.dedup_by_key(|one| one.name);
        listed
    }

    /// A documented fact of a provider.
    #[must_use]
    pub fn fact(&self, provider: &str, fact: &str) -> Option<&FactEntry> {
        self.provider(provider)?.facts.get(fact)
    }

    /// What is known of one provider, by its short name.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&ProviderFile> {
        let provider = self.providers.iter().find(|known| known.name == name)?;
        Some(&provider.contents().file)
    }

    /// What is known of each provider, in the order in which they were first read.
    pub fn providers(&self) -> impl Iterator<Item = &ProviderFile> {
        self.providers
            .iter()
            .map(|provider| &provider.contents().file)
    }
}

impl Provider {
    /// A built-in file that does not decode, which a test rules out, knows no type: each of them is said in a notice.
    fn contents(&self) -> &Contents {
        self.contents.get_or_init(|| {
            Contents::new(
                compact::decode(self.embedded).unwrap_or_else(|_| ProviderFile {
                    provider: self.name.clone(),
                    type_prefix: self.type_prefix.clone(),
                    abandoned_when: When::new(),
                    id_prefixes: BTreeMap::new(),
                    identifiers: IdentifierRule::default(),
                    place: PlaceRule::default(),
                    names: Vec::new(),
                    never: Vec::new(),
                    facts: BTreeMap::new(),
                    types: Vec::new(),
                    families: Vec::new(),
                }),
            )
        })
    }
}

impl Contents {
    /// Make a file that was checked ready.
    fn new(file: ProviderFile) -> Self {
        let mut by_type = HashMap::new();
        // Families of a later file stand before those of an earlier one; a type of its own wins over any family.
        for (position, family) in file.families.iter().enumerate().rev() {
            for name in family.types.iter().filter(|name| !is_glob(name)) {
                by_type.insert(name.clone(), Named::Family(position));
            }
        }
        for (position, entry) in file.types.iter().enumerate() {
            by_type.insert(entry.resource_type.clone(), Named::Type(position));
        }
        let globs = Globs::compile(&file.families).unwrap_or_default();
        Self {
            file,
            by_type,
            globs,
        }
    }

    fn meaning(&self, named: Named) -> Meaning<'_> {
        match named {
            Named::Type(position) => {
                let entry = &self.file.types[position];
                becomes_nothing(entry.irrelevant.as_ref(), entry.not_yet.as_ref())
                    .unwrap_or(Meaning::Modelled(entry, &self.file))
            }
            Named::Family(position) => {
                let family = &self.file.families[position];
                becomes_nothing(family.irrelevant.as_ref(), family.not_yet.as_ref())
                    .unwrap_or(Meaning::Unrecognised(&self.file.provider))
            }
        }
    }
}

fn becomes_nothing<'a>(
    irrelevant: Option<&'a String>,
    not_yet: Option<&'a String>,
) -> Option<Meaning<'a>> {
    let irrelevant = irrelevant.map(|reason| Meaning::Irrelevant(reason));
    irrelevant.or_else(|| not_yet.map(|would_mean| Meaning::NotYet(would_mean)))
}

impl Globs {
    /// All globs of these families; else the index of the family whose glob is wrong, and why.
    fn compile(families: &[FamilyEntry]) -> Result<Self, (usize, globset::Error)> {
        let mut builder = GlobSetBuilder::new();
        let mut sources = Vec::new();
        for (index, family) in families.iter().enumerate() {
            for (position, glob) in family.types.iter().enumerate() {
                if is_glob(glob) {
                    builder.add(Glob::new(glob).map_err(|error| (index, error))?);
                    sources.push((index, position));
                }
            }
        }
        Ok(Self {
            set: builder.build().map_err(|error| (0, error))?,
            sources,
        })
    }

    /// Family and position of the first glob that matches.
    fn of(&self, resource_type: &str) -> Option<(usize, usize)> {
        let matches = self.set.matches(resource_type);
        matches.into_iter().map(|glob| self.sources[glob]).min()
    }
}

fn is_glob(name: &str) -> bool {
    name.contains(['*', '?', '[', '{'])
}

/// Lay a later file over an earlier one of the same provider.
fn merge(earlier: &mut ProviderFile, later: ProviderFile) -> ProviderFile {
    let mut merged = ProviderFile {
        provider: later.provider,
        type_prefix: later.type_prefix,
        abandoned_when: std::mem::take(&mut earlier.abandoned_when),
        id_prefixes: std::mem::take(&mut earlier.id_prefixes),
        identifiers: std::mem::take(&mut earlier.identifiers),
        place: std::mem::take(&mut earlier.place),
        names: std::mem::take(&mut earlier.names),
        never: std::mem::take(&mut earlier.never),
        facts: std::mem::take(&mut earlier.facts),
        types: std::mem::take(&mut earlier.types),
        families: later.families,
    };
    let replace = |list: &mut Vec<String>, by: Vec<String>| {
        if !by.is_empty() {
            *list = by;
        }
    };
    replace(&mut merged.place.region, later.place.region);
    replace(&mut merged.place.account, later.place.account);
    merged.place.global |= later.place.global;
    merged.place.loosely |= later.place.loosely;
    replace(&mut merged.names, later.names);
    merged.id_prefixes.extend(later.id_prefixes);
    let identifiers = &mut merged.identifiers;
    if later.identifiers.of.is_some() {
        identifiers.of = later.identifiers.of;
    }
    replace(&mut identifiers.begins_with, later.identifiers.begins_with);
    replace(&mut identifiers.attributes, later.identifiers.attributes);
    identifiers.arn |= later.identifiers.arn;
    identifiers.ignore_case |= later.identifiers.ignore_case;
    identifiers
        .collections
        .extend(later.identifiers.collections);
    identifiers.in_full.extend(later.identifiers.in_full);
    let instead = |earlier: &mut Option<String>, later: Option<String>| {
        if later.is_some() {
            *earlier = later;
        }
    };
    instead(
        &mut identifiers.account_after,
        later.identifiers.account_after,
    );
    instead(
        &mut identifiers.region_after,
        later.identifiers.region_after,
    );
    merged.abandoned_when.extend(later.abandoned_when);
    merged.never.extend(later.never);
    merged.facts.extend(later.facts);
    merged.families.append(&mut earlier.families);
    for entry in later.types {
        // Both files are sorted, and so is what comes of them.
        match merged
            .types
            .binary_search_by(|known| known.resource_type.cmp(&entry.resource_type))
        {
            Ok(position) => merged.types[position] = entry,
            Err(position) => merged.types.insert(position, entry),
        }
    }
    merged
}

/// Something wrong in a providers file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line it stands on.
    pub location: Location,
    /// Where in that line, counted in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            location,
            column,
            message,
        } = self;
        write!(f, "{location}:{column}: {message}")
    }
}

/// A providers file that does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.problems))]
pub struct CatalogError {
    /// Everything that is wrong with it, by line; never empty.
    pub problems: Vec<Problem>,
}

impl CatalogError {
    fn malformed(path: &str, error: &serde_saphyr::Error) -> Self {
        let position = error.location();
        let (line, column) = position.map_or((1, 1), |position| line_and_column(&position));
        // The message repeats its position; ours stands in front already.
        let message = error.without_snippet().to_string();
        let message = position
            .and_then(|position| {
                let position =
                    format!(" at line {}, column {}", position.line(), position.column());
                message.strip_suffix(&position)
            })
            .unwrap_or(&message);
        Self {
            problems: vec![Problem {
                location: Location::line(path, line),
                column,
                message: message.to_owned(),
            }],
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Both counted from 1, also where the position is not known.
fn line_and_column(position: &serde_saphyr::Location) -> (usize, usize) {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
    (number(position.line()), number(position.column()))
}

/// What is wrong with a file that has the right form.
struct Check<'a> {
    path: &'a str,
    text: &'a str,
    problems: Vec<(Place, String)>,
}

/// Where a problem stands, as far as the typed file can tell.
#[derive(Clone, Copy)]
enum Place {
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
    fn new(path: &'a str, text: &'a str) -> Self {
        Self {
            path,
            text,
            problems: Vec::new(),
        }
    }

    fn finish(self) -> Result<(), CatalogError> {
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

    fn problem(&mut self, place: Place, message: impl Into<String>) {
        self.problems.push((place, message.into()));
    }

    fn file(&mut self, file: &ProviderFile, known_facts: Option<&BTreeMap<String, FactEntry>>) {
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
        if !fact.source.starts_with("https://") {
            let source = &fact.source;
            self.problem(
                place,
                format!("fact {id}: `source` must be an https address, not `{source}`"),
            );
        }
        if !is_iso_date(&fact.read) {
            let read = &fact.read;
            self.problem(
                place,
                format!("fact {id}: `read` must be a date such as 2026-11-22, not `{read}`"),
            );
        }
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
        for statement in entry.becomes.iter().flatten() {
            match statement {
                Statement::Route(route) => route.visit_relative(&mut |path| paths.push(path)),
                Statement::Containment(containment) => {
                    containment.visit_relative(&mut |path| paths.push(path));
                }
                Statement::Plaintext(plaintext) => {
                    paths.extend(plaintext.each_when.keys().map(String::as_str));
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
                need(!exposure.of.is_empty(), "an exposure needs `of`");
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
        if !path.split('.').all(well_formed) || !well_formed(part) {
            self.problem(
                place,
                format!("{owner}: `{path}` is not an attribute (write `name` or `block.name`)"),
            );
        }
    }
}

/// The known names that somebody who wrote `given` most likely meant: at most three, best first. Those that are spelled much
/// alike come before those that hold it whole.
#[must_use]
pub fn similar<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| {
            let holds_it = given.len() >= 4 && name.contains(given);
            let alike = strsim::jaro_winkler(given, name);
            (if holds_it { alike.max(0.85) } else { alike }, name)
        })
        .filter(|&(score, _)| score > 0.8)
        .collect();
    scored.sort_by(|(first, a), (second, b)| second.total_cmp(first).then_with(|| a.cmp(b)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
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
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::catalog::schema::Condition;

    const HEAD: &str = "provider: toy\ntype_prefix: toy_\n";

    fn load(text: &str) -> Result<Catalog, CatalogError> {
        Catalog::empty().with_directory(vec![("providers/toy.yaml".to_owned(), text.to_owned())])
    }

    fn load_below_head(text: &str) -> Result<Catalog, CatalogError> {
        load(&format!("{HEAD}{text}"))
    }

    fn refused(text: &str, message: &str) {
        let error = load_below_head(text)
            .expect_err("should not load")
            .to_string();
        assert!(
            error.contains(message),
            "{error:?} does not say {message:?}"
        );
    }

    fn modelled<'a>(
        catalog: &'a Catalog,
        resource_type: &str,
    ) -> (&'a TypeEntry, &'a ProviderFile) {
        match catalog.entry(resource_type) {
            Meaning::Modelled(entry, file) => (entry, file),
            other => panic!("{resource_type} is {other:?}"),
        }
    }

    /// The files of `providers/`, as they stand there.
    fn built_in_files() -> Vec<(String, String)> {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/providers");
        let entries = std::fs::read_dir(directory).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let read = |path: std::path::PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            let text = std::fs::read_to_string(&path).unwrap();
            (format!("providers/{name}"), text)
        };
        paths.into_iter().map(read).collect()
    }

    #[test]
    fn every_embedded_file_is_right_and_says_what_its_yaml_says() {
        let files = built_in_files();
        assert_eq!(files.len(), EMBEDDED.len(), "a file does not end in .yaml");
        let catalog = Catalog::empty().with_directory(files.clone()).unwrap();
        // Only YAML knows positions.
        let position = regex::Regex::new(r"Location \{[^{}]*(\{[^{}]*\}[^{}]*)*\}").unwrap();
        let shown =
            |file: &ProviderFile| position.replace_all(&format!("{file:?}"), "").into_owned();
        let embedded = Catalog::embedded();
        for ((path, _), (file, other)) in files
            .iter()
            .zip(catalog.providers().zip(embedded.providers()))
        {
            assert!(
                shown(file) == shown(other),
                "{path}: an unquoted scalar is spelled as YAML would not spell it"
            );
        }
    }

    #[test]
    fn a_built_in_file_is_decoded_when_its_provider_is_asked_for() {
        let catalog = Catalog::embedded();
        let decoded = || {
            let is_decoded = |provider: &&Provider| provider.contents.get().is_some();
            let decoded = catalog.providers.iter().filter(is_decoded);
            decoded
                .map(|provider| provider.name.as_str())
                .collect::<Vec<_>>()
        };
        assert!(matches!(
            catalog.entry("nobody_knows"),
            Meaning::OtherProvider
        ));
        assert_eq!(decoded(), Vec::<&str>::new());
        modelled(&catalog, "aws_vpc");
        assert!(catalog.fact("aws", "vpn-ipsec").is_some());
        assert_eq!(decoded(), ["aws"]);
    }

    #[test]
    fn a_file_laid_over_a_built_in_one_keeps_the_rest_of_it() {
        let own = "provider: aws\ntype_prefix: aws_\ntypes:\n- type: aws_vpc\n  irrelevant: all ours are empty\n";
        let catalog = Catalog::embedded()
            .with_directory(vec![("own.yaml".to_owned(), own.to_owned())])
            .unwrap();
        assert!(matches!(catalog.entry("aws_vpc"), Meaning::Irrelevant(_)));
        modelled(&catalog, "aws_subnet");
        assert!(matches!(
            catalog.entry("aws_s3_bucket"),
            Meaning::Irrelevant(_)
        ));
        assert_eq!(catalog.providers().count(), EMBEDDED.len());
    }

    #[test]
    fn a_file_that_is_refused_leaves_the_catalog_as_it_was() {
        let mut catalog = load_below_head("types:\n- type: toy_a\n  irrelevant: x\n").unwrap();
        let wrong = format!("{HEAD}types:\n- type: toy_a\n  not_yet: x\n- type: toy_b\n");
        assert!(catalog.add("wrong.yaml", &wrong).is_err());
        assert!(matches!(catalog.entry("toy_a"), Meaning::Irrelevant("x")));
        let right = format!("{HEAD}types:\n- type: toy_a\n  not_yet: x\n");
        let added = catalog.add("right.yaml", &right).unwrap();
        assert!(
            added.is_over_another && added.provider == "toy",
            "{added:?}"
        );
        assert_eq!((added.modelled, added.irrelevant, added.not_yet), (0, 0, 1));
        assert!(matches!(catalog.entry("toy_a"), Meaning::NotYet("x")));
    }

    #[test]
    fn what_a_provider_lists_is_sorted_and_names_each_thing_once() {
        let catalog = load_below_head(
            "types:\n- type: toy_c\n  irrelevant: first\n\
             families:\n- irrelevant: first\n  types: [toy_d*, toy_b]\n- not_yet: second\n  types: [toy_a]\n",
        )
        .unwrap()
        .with_directory(vec![(
            "own.yaml".to_owned(),
            format!("{HEAD}families:\n- not_yet: own\n  types: [toy_b, toy_d*]\n"),
        )])
        .unwrap();
        let listed: Vec<(&str, bool, bool)> = catalog
            .listed("toy")
            .iter()
            .map(|one| {
                (
                    one.name,
                    one.is_glob,
                    matches!(one.meaning, Meaning::NotYet(_)),
                )
            })
            .collect();
        assert_eq!(
            listed,
            [
                ("toy_a", false, true),
                ("toy_b", false, true),
                ("toy_c", false, false),
                ("toy_d*", true, true)
            ]
        );
        assert!(catalog.listed("nobody").is_empty());
        assert_eq!(catalog.glob_of("toy_dog"), Some("toy_d*"));
        assert_eq!(catalog.glob_of("toy_a"), None);
        assert_eq!(catalog.glob_of("toy_x"), None);
        assert_eq!(catalog.glob_of("other_dog"), None);
    }

    #[test]
    fn similar_names_come_best_first_and_others_not_at_all() {
        let known = ["toy_network", "toy_net", "toy_networks", "lamp"];
        assert_eq!(similar("toy_netwrk", known)[0], "toy_network");
        assert!(!similar("toy_netwrk", known).contains(&"lamp"));
        assert!(similar("xyz", known).is_empty());
        assert_eq!(
            similar("macsec", ["line-with-macsec", "line"]),
            ["line-with-macsec"]
        );
    }

    fn names(fixture: &str) -> impl Iterator<Item = &str> {
        fixture.lines().filter(|line| !line.starts_with('#'))
    }

    #[test]
    fn every_type_of_a_recent_aws_provider_has_a_considered_state() {
        let catalog = Catalog::embedded();
        let resources = names(include_str!("../../tests/fixtures/aws-resource-types.txt"));
        let data_sources = names(include_str!(
            "../../tests/fixtures/aws-data-source-types.txt"
        ));
        let unrecognised: Vec<&str> = resources
            .chain(data_sources)
            .filter(|name| {
                matches!(
                    catalog.entry(name),
                    Meaning::Unrecognised(_) | Meaning::OtherProvider
                )
            })
            .collect();
        assert_eq!(unrecognised, Vec::<&str>::new());
    }

    /// Names of resource and data source types of other providers, one file each.
    macro_rules! provider_types {
        ($($name:literal),* $(,)?) => {
            [$((
                $name,
                include_str!(concat!("../../tests/fixtures/provider-types/", $name, ".txt")),
            )),*]
        };
    }

    #[test]
    fn every_type_of_the_other_providers_has_a_considered_state() {
        let catalog = Catalog::embedded();
        let all = provider_types![
            "aiven",
            "alicloud",
            "azapi",
            "cloudflare",
            "confluent",
            "consul",
            "digitalocean",
            "equinix",
            "google",
            "hashicups",
            "hcp",
            "helm",
            "ibm",
            "kubectl",
            "kubernetes",
            "megaport",
            "mongodbatlas",
            "oci",
            "snowflake",
            "tailscale",
        ];
        for (provider, types) in all {
            let unrecognised: Vec<&str> = names(types)
                .filter(|name| {
                    matches!(
                        catalog.entry(name),
                        Meaning::Unrecognised(_) | Meaning::OtherProvider
                    )
                })
                .collect();
            assert_eq!(unrecognised, Vec::<&str>::new(), "{provider}");
        }
    }

    #[test]
    fn every_type_of_a_recent_azure_provider_has_a_considered_state() {
        let catalog = Catalog::embedded();
        let all = names(include_str!(
            "../../tests/fixtures/azurerm-resource-types.txt"
        ));
        let unrecognised: Vec<&str> = all
            .filter(|name| {
                matches!(
                    catalog.entry(name),
                    Meaning::Unrecognised(_) | Meaning::OtherProvider
                )
            })
            .collect();
        assert_eq!(unrecognised, Vec::<&str>::new());
    }

    #[test]
    fn what_makes_up_an_azure_perimeter_is_modelled_and_no_glob_takes_it_in() {
        let catalog = Catalog::embedded();
        let all = names(include_str!(
            "../../tests/fixtures/azurerm-network-types.txt"
        ));
        for line in all {
            let (name, state) = line.split_once(' ').unwrap();
            let found = match catalog.entry(name) {
                Meaning::Modelled(..) => "modelled",
                Meaning::NotYet(_) => "not-yet",
                Meaning::Irrelevant(_) => "irrelevant",
                _ => "unrecognised",
            };
            assert_eq!(found, state, "{name}");
        }
        let made_up = "azurerm_virtual_network_tap";
        assert!(
            matches!(catalog.entry(made_up), Meaning::Unrecognised(_)),
            "{made_up}"
        );
    }

    #[test]
    fn what_joins_networks_of_the_other_providers_is_modelled() {
        let catalog = Catalog::embedded();
        for name in [
            "aiven_aws_vpc_peering_connection",
            "aiven_transit_gateway_vpc_attachment",
            "alicloud_cen_transit_router_vpc_attachment",
            "alicloud_vpc_peer_connection",
            "cloudflare_magic_wan_gre_tunnel",
            "cloudflare_zero_trust_tunnel_cloudflared_config",
            "confluent_peering",
            "confluent_private_link_access",
            "consul_peering",
            "digitalocean_vpc_peering",
            "equinix_fabric_connection",
            "google_access_context_manager_service_perimeter_resource",
            "google_compute_interconnect_attachment",
            "google_compute_network_peering",
            "google_compute_service_attachment",
            "google_compute_shared_vpc_service_project",
            "google_compute_vpn_tunnel",
            "google_network_connectivity_spoke",
            "google_service_networking_connection",
            "hcp_aws_network_peering",
            "ibm_dl_gateway",
            "ibm_tg_connection",
            "megaport_vxc",
            "mongodbatlas_network_peering",
            "mongodbatlas_privatelink_endpoint_service",
            "oci_core_drg_attachment",
            "oci_core_local_peering_gateway",
            "oci_core_virtual_circuit",
            "tailscale_device_subnet_routes",
        ] {
            assert!(
                matches!(catalog.entry(name), Meaning::Modelled(..)),
                "{name}"
            );
        }
        for name in [
            "azapi_update_resource",
            "consul_config_entry",
            "helm_release",
            "kubernetes_manifest",
            "snowflake_network_policy",
            "tailscale_acl",
        ] {
            assert!(matches!(catalog.entry(name), Meaning::NotYet(_)), "{name}");
        }
        for name in [
            "cloudflare_dns_record",
            "hashicups_order",
            "ibm_is_security_group",
            "oci_identity_policy",
        ] {
            assert!(
                matches!(catalog.entry(name), Meaning::Irrelevant(_)),
                "{name}"
            );
        }
    }

    #[test]
    fn no_family_takes_in_every_type_of_a_provider() {
        let catalog = Catalog::embedded();
        let with_networks = |file: &&ProviderFile| !file.types.is_empty();
        for file in catalog.providers().filter(with_networks) {
            let made_up = format!("{}surely_no_such_type", file.type_prefix);
            assert!(
                matches!(catalog.entry(&made_up), Meaning::Unrecognised(_)),
                "{made_up}"
            );
        }
    }

    #[test]
    fn what_makes_up_an_aws_perimeter_is_modelled() {
        let catalog = Catalog::embedded();
        for name in [
            "aws_vpc",
            "aws_vpc_peering_connection",
            "aws_ec2_transit_gateway_route_table_propagation",
            "aws_route",
            "aws_vpn_connection",
            "aws_dx_transit_virtual_interface",
            "aws_vpc_endpoint",
            "aws_ram_principal_association",
            "aws_lb",
            "aws_vpc_block_public_access_options",
            "aws_vpc_encryption_control",
            "aws_networkmanager_vpc_attachment",
        ] {
            assert!(
                matches!(catalog.entry(name), Meaning::Modelled(..)),
                "{name}"
            );
        }
        assert!(matches!(
            catalog.entry("aws_security_group"),
            Meaning::Irrelevant(_)
        ));
        assert!(matches!(
            catalog.entry("aws_s3_bucket_policy"),
            Meaning::Irrelevant(_)
        ));
        assert!(matches!(
            catalog.entry("aws_ec2_traffic_mirror_session"),
            Meaning::NotYet(_)
        ));
    }

    #[test]
    fn tags_matter_to_cloud_wan_attachments_only() {
        let catalog = Catalog::embedded();
        let matters = |name: &str| {
            let (entry, file) = modelled(&catalog, name);
            !entry.never_matters(file, "tags_all")
        };
        assert!(matters("aws_networkmanager_vpc_attachment"));
        assert!(!matters("aws_ec2_transit_gateway_vpc_attachment"));
        assert!(!matters("aws_vpc"));
    }

    #[test]
    fn every_fact_is_used() {
        let catalog = Catalog::embedded();
        for file in catalog.providers() {
            let statements = file
                .types
                .iter()
                .flat_map(|entry| entry.becomes.iter().flatten());
            let used: BTreeSet<&str> = statements
                .filter_map(|statement| match statement {
                    Statement::Link(link) => Some(&link.in_transit),
                    Statement::Policy(policy) => Some(&policy.in_transit),
                    _ => None,
                })
                .flat_map(|rows| rows.iter().map(|row| row.fact.value.as_str()))
                .collect();
            let unused: Vec<&String> = file
                .facts
                .keys()
                .filter(|fact| !used.contains(fact.as_str()))
                .collect();
            assert_eq!(unused, Vec::<&String>::new(), "{}", file.provider);
        }
    }

    #[test]
    fn every_state_of_a_type_is_told_apart() {
        let catalog = load_below_head(
            "types:\n\
             - type: toy_bucket\n  irrelevant: storage\n\
             - type: toy_net\n  becomes: [ node: { kind: network } ]\n\
             - type: toy_tap\n  not_yet: copies traffic\n\
             families:\n\
             - types: [toy_mail_*, toy_*_alarm]\n  irrelevant: no traffic\n",
        )
        .unwrap();
        assert!(
            matches!(catalog.entry("toy_net"), Meaning::Modelled(entry, _) if entry.resource_type == "toy_net")
        );
        assert!(matches!(
            catalog.entry("toy_bucket"),
            Meaning::Irrelevant("storage")
        ));
        assert!(matches!(
            catalog.entry("toy_tap"),
            Meaning::NotYet("copies traffic")
        ));
        assert!(matches!(
            catalog.entry("toy_mail_box"),
            Meaning::Irrelevant("no traffic")
        ));
        assert!(matches!(
            catalog.entry("toy_fire_alarm"),
            Meaning::Irrelevant("no traffic")
        ));
        assert!(matches!(
            catalog.entry("toy_mailbox"),
            Meaning::Unrecognised("toy")
        ));
        assert!(matches!(catalog.entry("other_net"), Meaning::OtherProvider));
    }

    #[test]
    fn a_type_of_its_own_wins_over_its_family() {
        let catalog = load_below_head(
            "types:\n- type: toy_mail_relay\n  not_yet: passes mail on\n\
             families:\n- types: [toy_mail_*]\n  irrelevant: no traffic\n",
        )
        .unwrap();
        assert!(matches!(
            catalog.entry("toy_mail_relay"),
            Meaning::NotYet(_)
        ));
    }

    #[test]
    fn in_a_family_a_name_wins_over_a_glob_and_the_first_glob_over_the_next() {
        let catalog = load_below_head(
            "families:\n- irrelevant: first\n  types: [toy_mail_*]\n- not_yet: named\n  types: [toy_mail_relay]\n\
             - irrelevant: second\n  types: [toy_*_box]\n",
        )
        .unwrap();
        assert!(matches!(
            catalog.entry("toy_mail_relay"),
            Meaning::NotYet("named")
        ));
        assert!(matches!(
            catalog.entry("toy_mail_box"),
            Meaning::Irrelevant("first")
        ));
        assert!(matches!(
            catalog.entry("toy_sand_box"),
            Meaning::Irrelevant("second")
        ));
    }

    #[test]
    fn a_family_has_one_reason_and_names_no_type_twice() {
        refused(
            "families:\n- types: [toy_a]\n",
            "providers/toy.yaml:4:3: family: give exactly one of",
        );
        refused(
            "families:\n- types: [toy_a]\n  irrelevant: ' '\n",
            "the reason must not be empty",
        );
        refused(
            "families:\n- types: [yot_*]\n  irrelevant: x\n",
            "does not begin with `toy_`",
        );
        refused(
            "types:\n- type: toy_a\n  irrelevant: x\nfamilies:\n- types: [toy_a]\n  irrelevant: x\n",
            "providers/toy.yaml:7:3: type toy_a: listed twice",
        );
    }

    #[test]
    fn the_longest_type_prefix_names_the_provider() {
        let catalog = load(HEAD)
            .unwrap()
            .with_directory(vec![(
                "b.yaml".to_owned(),
                "provider: toybox\ntype_prefix: toy_box_\n".to_owned(),
            )])
            .unwrap();
        assert!(matches!(
            catalog.entry("toy_box_lid"),
            Meaning::Unrecognised("toybox")
        ));
        assert!(matches!(
            catalog.entry("toy_net"),
            Meaning::Unrecognised("toy")
        ));
    }

    #[test]
    fn the_documented_examples_load_and_mean_what_the_page_says() {
        let page = include_str!("../../docs/providers.md");
        let examples: Vec<(String, String)> = page
            .split("```yaml\n")
            .skip(1)
            .filter_map(|rest| rest.split_once("```"))
            .map(|(example, _)| ("docs/providers.md".to_owned(), example.to_owned()))
            .collect();
        let [example, names, own]: [_; 3] = examples.try_into().unwrap();

        let catalog = Catalog::empty().with_directory(vec![names]).unwrap();
        let (network, file) = modelled(&catalog, "nimbus_network");
        assert!(network.wanted(file).contains("name"));
        assert!(network.wanted(file).contains("self_link"));

        let catalog = Catalog::empty().with_directory(vec![example]).unwrap();
        for name in ["toy_network", "toy_peering", "toy_table"] {
            modelled(&catalog, name);
        }
        let (peering, file) = modelled(&catalog, "toy_peering");
        assert!(peering.never_matters(file, "bandwidth"));
        assert!(peering.wanted(file).contains("peer_zone"));
        assert!(matches!(catalog.entry("toy_tunnel"), Meaning::NotYet(_)));
        assert!(matches!(
            catalog.entry("toy_bucket_policy"),
            Meaning::Irrelevant(_)
        ));
        assert!(matches!(
            catalog.entry("toy_lamp"),
            Meaning::Unrecognised("toy")
        ));

        let catalog = catalog.with_directory(vec![own]).unwrap();
        assert!(matches!(
            catalog.entry("toy_tunnel"),
            Meaning::Irrelevant(_)
        ));
        assert!(matches!(
            catalog.entry("toy_tunnel_end"),
            Meaning::NotYet(_)
        ));
        modelled(&catalog, "toy_network");
    }

    #[test]
    fn unknown_key_is_refused_with_its_line() {
        let error = load_below_head("types:\n- type: toy_net\n  irelevant: typo\n").unwrap_err();
        assert_eq!(
            error.problems[0].location,
            Location::line("providers/toy.yaml", 5)
        );
        assert!(
            error
                .to_string()
                .starts_with("providers/toy.yaml:5:3: unknown field"),
            "{error}"
        );
    }

    #[test]
    fn text_that_is_not_yaml_is_refused_with_its_line() {
        let error = load_below_head("types: [\n").unwrap_err();
        assert!(error.problems[0].location.line >= 3, "{error}");
    }

    #[test]
    fn unknown_fact_is_refused_with_its_line_and_a_suggestion() {
        let error = load_below_head(
            "facts:\n  ipsec_tunnel: { protection: tunnel, says: IPsec, source: https://toy.example/, read: 2026-01-31 }\n\
             types:\n- type: toy_vpn\n  becomes:\n  - link:\n      kind: vpn\n      ends:\n      \
             - { of: [a], kind: hub }\n      - { of: [b], kind: external }\n      in_transit:\n      - fact: ipsec_tunel\n",
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "providers/toy.yaml:14:15: type toy_vpn: unknown fact `ipsec_tunel`; did you mean `ipsec_tunnel`?"
        );
    }

    #[test]
    fn fact_without_source_or_date_is_refused() {
        refused(
            "facts:\n  f: { protection: tunnel, says: x, read: 2026-01-31 }\n",
            "source",
        );
        refused(
            "facts:\n  f: { protection: tunnel, says: x, source: https://a.example/ }\n",
            "read",
        );
        refused(
            "facts:\n  f: { protection: tunnel, says: x, source: http://a.example/, read: 2026-01-31 }\n",
            "providers/toy.yaml:4:6: fact f: `source` must be an https address",
        );
        refused(
            "facts:\n  f: { protection: tunnel, says: x, source: https://a.example/, read: 31.1.2026 }\n",
            "providers/toy.yaml:4:6: fact f: `read` must be a date",
        );
    }

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

    #[test]
    fn a_type_has_exactly_one_state() {
        refused(
            "types:\n- type: toy_net\n",
            "providers/toy.yaml:4:3: type toy_net: give exactly one of",
        );
        refused(
            "types:\n- type: toy_net\n  irrelevant: a\n  not_yet: b\n",
            "give exactly one of",
        );
        refused(
            "types:\n- type: toy_net\n  irrelevant: ' '\n",
            "the reason must not be empty",
        );
    }

    #[test]
    fn types_are_sorted_unique_and_of_the_provider() {
        let entry = |name: &str| format!("- type: {name}\n  irrelevant: x\n");
        refused(
            &format!("types:\n{}{}", entry("toy_b"), entry("toy_a")),
            "providers/toy.yaml:6:3: type toy_a: must stand before toy_b",
        );
        refused(
            &format!("types:\n{}{}", entry("toy_b"), entry("toy_b")),
            "type toy_b: listed twice",
        );
        refused(
            &format!("types:\n{}", entry("yot_b")),
            "does not begin with `toy_`",
        );
        assert!(load_below_head(&format!("types:\n{}{}", entry("toy_a"), entry("toy_b"))).is_ok());
    }

    #[test]
    fn malformed_attribute_is_refused() {
        refused(
            "types:\n- type: toy_net\n  becomes: [ node: { kind: network, within: [''] } ]\n",
            "`` is not an attribute",
        );
        refused(
            "types:\n- type: toy_net\n  becomes: [ node: { kind: network, within: [a..b] } ]\n",
            "`a..b` is not",
        );
        refused(
            "names: [tags.]\n",
            "the provider: `tags.` is not an attribute",
        );
        refused(
            "types:\n- type: toy_route\n  becomes: [ route: { table: t, to: [c], via: { '': hub } } ]\n",
            "`` is not an attribute",
        );
        refused(
            "types:\n- type: toy_route\n  becomes: [ route: { table: t, each: r, to: [c], via: { 'x y': hub } } ]\n",
            "`x y` is not an attribute",
        );
    }

    #[test]
    fn malformed_glob_is_refused_with_its_line() {
        refused(
            "families:\n- types: ['toy_[']\n  irrelevant: x\n",
            "providers/toy.yaml:4:3: family: ",
        );
    }

    #[test]
    fn all_problems_are_told_in_the_order_of_their_lines() {
        let error = load_below_head("types:\n- type: toy_a\n- type: toy_b\n").unwrap_err();
        let lines: Vec<usize> = error
            .problems
            .iter()
            .map(|problem| problem.location.line)
            .collect();
        assert_eq!(lines, [4, 5]);
    }

    #[test]
    fn a_later_file_overrides_types_and_facts_and_adds_to_them() {
        let catalog = load_below_head(
            "names: [title]\n\
             facts:\n  f: { protection: none, says: x, source: https://a.example/, read: 2026-01-31 }\n\
             types:\n- type: toy_a\n  irrelevant: first\n- type: toy_c\n  irrelevant: kept\n\
             families:\n- types: [toy_x*]\n  irrelevant: first\n",
        )
        .unwrap()
        .with_directory(vec![(
            "own/toy.yaml".to_owned(),
            format!(
                "{HEAD}facts:\n  f: {{ protection: tunnel, says: y, source: https://b.example/, read: 2026-02-01 }}\n\
                 types:\n- type: toy_a\n  not_yet: second\n- type: toy_b\n  irrelevant: added\n\
                 families:\n- types: [toy_x*]\n  irrelevant: second\n"
            ),
        )])
        .unwrap();
        assert!(matches!(catalog.entry("toy_a"), Meaning::NotYet("second")));
        assert!(matches!(
            catalog.entry("toy_b"),
            Meaning::Irrelevant("added")
        ));
        assert!(matches!(
            catalog.entry("toy_c"),
            Meaning::Irrelevant("kept")
        ));
        assert!(matches!(
            catalog.entry("toy_x1"),
            Meaning::Irrelevant("second")
        ));
        assert_eq!(catalog.fact("toy", "f").unwrap().says, "y");
        assert!(catalog.fact("toy", "g").is_none());
        assert_eq!(catalog.providers().count(), 1);
        assert_eq!(catalog.providers().next().unwrap().names, ["title"]);
    }

    #[test]
    fn a_later_file_may_rest_on_facts_of_an_earlier_one() {
        let later = format!(
            "{HEAD}types:\n- type: toy_p\n  becomes:\n  - link:\n      kind: peering\n      ends: [{{ of: [a], kind: network }}, \
             {{ of: [b], kind: network }}]\n      in_transit: [ fact: f ]\n"
        );
        let earlier =
            load_below_head("facts:\n  f: { protection: none, says: x, source: https://a.example/, read: 2026-01-31 }\n").unwrap();
        assert!(
            earlier
                .with_directory(vec![("b.yaml".to_owned(), later.clone())])
                .is_ok()
        );
        assert!(load(&later).is_err());
    }

    #[test]
    fn conditions_are_written_short_or_out() {
        let catalog = load_below_head(
            "types:\n- type: toy_net\n  becomes:\n  - node:\n      kind: network\n      when:\n        a: active\n        \
             b: true\n        c: [x, y]\n        d: { not: [z, true] }\n        e: { set: false }\n        f: 7\n",
        )
        .unwrap();
        let (entry, _) = modelled(&catalog, "toy_net");
        let Some([Statement::Node(node)]) = entry.becomes.as_deref() else {
            panic!("{entry:?}");
        };
        let is = |values: &[&str]| Condition {
            is: values.iter().map(ToString::to_string).collect(),
            ..Condition::default()
        };
        assert_eq!(node.when["a"], is(&["active"]));
        assert_eq!(node.when["b"], is(&["true"]));
        assert_eq!(node.when["c"], is(&["x", "y"]));
        assert_eq!(node.when["d"].not, ["z", "true"]);
        assert_eq!(node.when["e"].set, Some(false));
        assert_eq!(node.when["f"], is(&["7"]));
        refused(
            "types:\n- type: toy_net\n  becomes: [ node: { kind: network, when: { a: { iss: [b] } } } ]\n",
            "unknown field",
        );
    }

    #[test]
    fn wanted_attributes_are_those_that_something_reads() {
        let catalog = load_below_head(
            "names: [tags.Name]\nplace: { region: [region] }\n\
             types:\n- type: toy_net\n  becomes:\n  - node: { kind: network, address_space: [cidr], within: [lies.in], \
             facts: { mode: encryption.mode } }\n  - property: { of: self, properties: { fast: =yes } }\n  \
             - route: { table: main_table, each: route, to: [cidr_block], via: { hub_id: hub } }\n- type: toy_z\n  irrelevant: x\n",
        )
        .unwrap();
        let (entry, file) = modelled(&catalog, "toy_net");
        let wanted: Vec<&str> = entry.wanted(file).into_iter().collect();
        assert_eq!(
            wanted,
            [
                "arn",
                "cidr",
                "encryption",
                "id",
                "lies",
                "main_table",
                "region",
                "route",
                "tags"
            ]
        );
    }

    #[test]
    fn attributes_that_never_matter_include_what_they_hold() {
        let catalog = load_below_head(
            "never: [tags]\ntypes:\n- type: toy_net\n  never: [timeouts, options.speed]\n  becomes: [ node: { kind: network } ]\n",
        )
        .unwrap();
        let (entry, file) = modelled(&catalog, "toy_net");
        for never in ["tags", "tags.Name", "timeouts.create", "options.speed"] {
            assert!(entry.never_matters(file, never), "{never}");
        }
        for matters in ["tags_all", "options", "cidr"] {
            assert!(!entry.never_matters(file, matters), "{matters}");
        }
    }

    #[test]
    fn a_type_may_say_that_nothing_matters_but_what_it_reads() {
        let catalog = load_below_head(
            "types:\n- type: toy_base\n  never: ['*']\n  becomes: [ node: { kind: other, within: [net] } ]\n\
             - type: toy_zone\n  becomes: [ node: { kind: other, within: [net] } ]\n",
        )
        .unwrap();
        let (base, file) = modelled(&catalog, "toy_base");
        assert!(base.never_matters(file, "engine"));
        assert!(!base.never_matters(file, "net"));
        let (zone, _) = modelled(&catalog, "toy_zone");
        assert!(!zone.never_matters(file, "engine"));
    }

    #[test]
    fn an_attribute_that_a_statement_reads_matters() {
        let catalog = load_below_head(
            "never: [tags]\ntypes:\n- type: toy_net\n  becomes: [ node: { kind: network, properties: { segment: tags.segment } } ]\n\
             - type: toy_zone\n  becomes: [ node: { kind: subnet } ]\n",
        )
        .unwrap();
        let (net, file) = modelled(&catalog, "toy_net");
        assert!(!net.never_matters(file, "tags"));
        assert!(!net.never_matters(file, "tags.segment"));
        assert!(net.never_matters(file, "tags.owner"));
        let (zone, _) = modelled(&catalog, "toy_zone");
        assert!(zone.never_matters(file, "tags.segment"));
    }

    #[test]
    fn data_source_means_the_same_for_nodes_unless_said_otherwise() {
        let catalog = load_below_head(
            "types:\n- type: toy_a\n  becomes: [ node: { kind: network } ]\n\
             - type: toy_b\n  data: false\n  becomes: [ node: { kind: network } ]\n\
             - type: toy_c\n  becomes: [ property: { of: self, properties: { a: b } } ]\n\
             - type: toy_d\n  data: true\n  becomes: [ property: { of: self, properties: { a: b } } ]\n",
        )
        .unwrap();
        let same = ["toy_a", "toy_b", "toy_c", "toy_d"]
            .map(|name| modelled(&catalog, name).0.means_the_same_as_data());
        assert_eq!(same, [true, false, false, true]);
    }
}
