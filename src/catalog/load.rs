//! Providers files: embedded, parsed, checked, and looked up by resource type.
//!
//! A file that says something wrong is refused with file and line; nothing in it is guessed.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::check::{Check, Place};
use super::compact;
use super::problem::CatalogError;
use super::schema::{
    FactEntry, FamilyEntry, IdentifierRule, PlaceRule, ProviderFile, TypeEntry, When,
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
    /// Types that became a part of the graph until now, and do not any more. Sorted.
    pub hides: Vec<String>,
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
            hides: Vec::new(),
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

        let mut added = Added::of(&file, known.is_some());
        let types = file.types.iter().filter(|entry| entry.becomes.is_none());
        let listed = file.families.iter().flat_map(|family| &family.types);
        let mut modelled: Vec<String> = types
            .map(|entry| &entry.resource_type)
            .chain(listed)
            .filter(|name| matches!(self.entry(name), Meaning::Modelled(..)))
            .cloned()
            .collect();
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
        modelled.retain(|name| !matches!(self.entry(name), Meaning::Modelled(..)));
        modelled.sort();
        modelled.dedup();
        added.hides = modelled;
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

#[cfg(test)]
mod tests;
