//! What evaluation reads of a revision beside its configuration, and what it has read: so that nothing is read, decoded or
//! evaluated twice that comes to the same.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hcl_edit::template::{Element, Interpolation, Template};
use regex::{Regex, RegexBuilder};

use super::term::Term;
use super::tree::ReadFile;

/// How many bytes of files, and of texts that were decoded, are remembered; what is beyond is read and decoded again.
const MAX_REMEMBERED_BYTES: usize = 64 << 20;

/// What a decoded value takes, about.
const BYTES_PER_VALUE: usize = 48;

/// What a template takes for each byte of its text, about.
const BYTES_PER_TEMPLATE_BYTE: usize = 8;

/// How large a compiled regular expression may get, in bytes.
const MAX_REGEX_BYTES: usize = 1 << 20;

/// The files of one revision.
pub(super) struct Files<'r> {
    read: ReadFile<'r>,
    known: Remembered<String, Option<Arc<[u8]>>>,
}

impl<'r> Files<'r> {
    pub(super) fn new(read: ReadFile<'r>) -> Self {
        Self {
            read,
            known: Remembered::default(),
        }
    }

    /// The content of a file; `None` if there is none, or none that may be read.
    pub(super) fn get(&self, path: &str) -> Option<Arc<[u8]>> {
        if let Some(known) = self.known.get(path) {
            return known;
        }
        let content: Option<Arc<[u8]>> = (self.read)(path).map(Into::into);
        let size = content.as_ref().map_or(0, |content| content.len());
        self.known
            .put(path.to_owned(), content.clone(), path.len() + size);
        content
    }
}

/// What was made of texts: the same ones are decoded, rendered and matched for one root module after the other.
#[derive(Default)]
pub(super) struct Decoded {
    json: Remembered<Arc<str>, Term>,
    yaml: Remembered<Arc<str>, Term>,
    templates: Remembered<String, Arc<Template>>,
    patterns: Remembered<String, Regex>,
}

impl Decoded {
    /// What a JSON text holds; `None` if it is none.
    pub(super) fn json(&self, text: &Arc<str>, decode: fn(&str) -> Option<Term>) -> Option<Term> {
        self.json.once(text, decode)
    }

    /// What a YAML text holds; `None` if it is none.
    pub(super) fn yaml(&self, text: &Arc<str>, decode: fn(&str) -> Option<Term>) -> Option<Term> {
        self.yaml.once(text, decode)
    }

    /// A text as a template; `None` if it is none.
    pub(super) fn template(&self, text: &str) -> Option<Arc<Template>> {
        if let Some(known) = self.templates.get(text) {
            return Some(known);
        }
        let template = match plain_template(text) {
            Some(template) => template,
            None => hcl_edit::parser::parse_template(text).ok()?,
        };
        let template = Arc::new(template);
        let size = text.len() * BYTES_PER_TEMPLATE_BYTE;
        self.templates.put(text.to_owned(), template.clone(), size);
        Some(template)
    }

    /// A regular expression; `None` if it is none, or one that wants too much.
    pub(super) fn pattern(&self, text: &str) -> Option<Regex> {
        if let Some(known) = self.patterns.get(text) {
            return Some(known);
        }
        let pattern = RegexBuilder::new(text)
            .size_limit(MAX_REGEX_BYTES)
            .dfa_size_limit(MAX_REGEX_BYTES)
            .build()
            .ok()?;
        let size = text.len() + MAX_REGEX_BYTES;
        self.patterns.put(text.to_owned(), pattern.clone(), size);
        Some(pattern)
    }
}

/// A template that holds nothing but text and plain names, which most of a large one is: looking for these is much faster than
/// the parser. `None` for any other.
fn plain_template(text: &str) -> Option<Template> {
    let has_more = |bytes: &[u8]| matches!(bytes, b"%{" | b"$$");
    if text.contains(['\\', '\r']) || text.as_bytes().windows(2).any(has_more) {
        return None;
    }
    let mut elements: Vec<Element> = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        let (name, after) = behind.split_once('}')?;
        let is_part =
            |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '.' | '[' | ']' | ' ');
        if !name.chars().all(is_part) {
            return None;
        }
        if !before.is_empty() {
            elements.push(before.into());
        }
        let name = hcl_edit::parser::parse_expr(name.trim()).ok()?;
        elements.push(Interpolation::new(name).into());
        rest = after;
    }
    if !rest.is_empty() {
        elements.push(rest.into());
    }
    Some(elements.into())
}

/// A map that stops growing when it has become large.
struct Remembered<K, V>(Mutex<(HashMap<K, V>, usize)>);

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Self(Mutex::new((HashMap::new(), 0)))
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// A thread that panicked left it whole.
    fn open(&self) -> MutexGuard<'_, (HashMap<K, V>, usize)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.open().0.get(key).cloned()
    }

    fn put(&self, key: K, value: V, size: usize) {
        let mut open = self.open();
        let (known, bytes) = &mut *open;
        if *bytes + size <= MAX_REMEMBERED_BYTES {
            *bytes += size;
            known.insert(key, value);
        }
    }
}

impl Remembered<Arc<str>, Term> {
    fn once(&self, text: &Arc<str>, decode: fn(&str) -> Option<Term>) -> Option<Term> {
        if let Some(known) = self.get(text) {
            return Some(known);
        }
        let term = decode(text)?;
        let size = text.len() + term.shape().size * BYTES_PER_VALUE;
        self.put(text.clone(), term.clone(), size);
        Some(term)
    }
}

/// What the evaluation of a root module has read.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Directories that it takes for modules, whether there are any or not.
    pub(super) directories: BTreeSet<String>,
    /// Files that functions asked for, whether there are any or not.
    pub(super) files: BTreeSet<String>,
    /// Whether it asked which files there are.
    pub(super) lists_files: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(template: &Template) -> Vec<String> {
        let elements = template.iter().map(|element| match element {
            Element::Literal(text) => format!("text {}", text.value()),
            Element::Interpolation(inner) => {
                format!("{:?} {}", inner.strip, inner.expr.to_string().trim())
            }
            Element::Directive(_) => "directive".to_owned(),
        });
        elements.collect()
    }

    #[test]
    fn a_plain_template_is_what_the_parser_makes_of_it_and_any_other_is_left_to_that() {
        for text in [
            "",
            "no name",
            "${a}",
            "{\"id\": \"${root.id}\", \"n\": ${ list[0].x }}\n}\n",
            "${a}${b}",
            "a $ { b } 100 % c",
        ] {
            let plain = plain_template(text).map(|template| spelled(&template));
            let parsed = hcl_edit::parser::parse_template(text).ok();
            assert!(plain.is_some(), "{text}");
            assert_eq!(plain, parsed.map(|template| spelled(&template)), "{text}");
        }
        for text in [
            "${a",
            "$${a}",
            "%{ if a }b%{ endif }",
            "${~ a ~}",
            "${f(a)}",
            "${\"}\"}",
            "${a + 1}",
            "a\\n${b}",
            "${}",
        ] {
            assert!(plain_template(text).is_none(), "{text}");
        }
    }
}
