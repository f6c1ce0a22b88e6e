//! Names of the graph's parts, found in text.
//!
//! A part is named by its given name, its identifiers, its addresses, or an alias of the settings. Weaker names, the labels
//! of resources and modules, count only beside a word of their kind ("the lagoon VPC"). A bare name that several parts bear
//! means all of them; the longest name wins (`data` is not `data-lake`); a kind word beside a name limits it to that kind.

use std::collections::{BTreeSet, HashMap};

use crate::graph::identity::Key;
use crate::graph::link::Link;
use crate::graph::node::{Node, NodeKind, Standing};
use crate::graph::{BoundaryId, Graph};

use super::site::Via;

/// How many words a name may have.
const MAX_WORDS: usize = 8;

/// What kind word a part answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// "VPC", "VNet", "network".
    Network,
    /// "subnet".
    Subnet,
    /// "transit gateway", "hub".
    Hub,
    /// "peering", "VPN", "connection", "link" ...
    Link,
    /// "cluster", "namespace" ...: kinds whose parts the graph does not hold.
    Elsewhere,
    /// Answers to no kind word.
    Other,
}

/// A part of the graph that a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The part.
    pub boundary: BoundaryId,
    /// Its name for a person.
    pub name: String,
    /// What kind word it answers to.
    pub kind: Kind,
    /// How the name came to stand for it.
    pub via: Via,
    weak: bool,
}

impl Target {
    /// A node or link that something else than a name in the text leads to.
    #[must_use]
    pub fn node(node: &Node, via: Via) -> Self {
        Self {
            boundary: BoundaryId::Node(node.id.clone()),
            name: node.display_name(),
            kind: Kind::Other,
            via,
            weak: false,
        }
    }

    /// The same for a link.
    #[must_use]
    pub fn link(link: &Link, via: Via) -> Self {
        Self {
            boundary: BoundaryId::Link(link.id.clone()),
            name: link.display_name(),
            kind: Kind::Link,
            via,
            weak: false,
        }
    }

    /// The same part, known in another way.
    #[must_use]
    pub fn known_by(&self, via: Via) -> Self {
        Self {
            via,
            ..self.clone()
        }
    }
}

/// A name met in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The words it was written with.
    pub words: String,
    /// Index of its first word.
    pub first_word: usize,
    /// Index behind its last word.
    pub end_word: usize,
    /// What it stands for; never empty.
    pub targets: Vec<Target>,
}

/// Every name of the parts of some graphs.
#[derive(Debug, Default)]
pub struct NameIndex {
    by_text: HashMap<String, BTreeSet<Target>>,
}

impl NameIndex {
    /// Index the names of all parts that a guarantee can rest on.
    #[must_use]
    pub fn new(graphs: &[&Graph]) -> Self {
        let mut index = Self::default();
        for graph in graphs {
            for node in graph.nodes() {
                index.add_node(node);
            }
            for link in graph.links() {
                for name in link
                    .name
                    .iter()
                    .map(String::as_str)
                    .chain(link.keys.iter().flat_map(spellings))
                {
                    index.add(name, Target::link(link, Via::Named));
                }
            }
        }
        index
    }

    fn add_node(&mut self, node: &Node) {
        let kind = match node.kind {
            NodeKind::Network => Kind::Network,
            NodeKind::Subnet => Kind::Subnet,
            NodeKind::Hub => Kind::Hub,
            NodeKind::External
            | NodeKind::LoadBalancer
            | NodeKind::Service
            | NodeKind::ServicePerimeter
            | NodeKind::Gateway => Kind::Other,
            _ => return,
        };
        if matches!(node.standing, Standing::Unresolved { .. }) {
            return;
        }
        let target = |weak: bool| Target {
            kind,
            weak,
            ..Target::node(node, Via::Named)
        };
        for name in node
            .name
            .iter()
            .map(String::as_str)
            .chain(node.keys.iter().flat_map(spellings))
        {
            self.add(name, target(false));
        }
        // The block's own address means all of its instances.
        for key in &node.keys {
            if let Key::Address(_) = key {
                for spelling in spellings(key) {
                    self.add(&without_instance_keys(spelling), target(false));
                }
            }
        }
        let labels = node.labels.iter();
        for label in labels.filter(|label| !POINTING_WORDS.contains(&label.as_str())) {
            self.add(label, target(true));
        }
    }

    fn add(&mut self, name: &str, target: Target) {
        let folded = fold(name);
        if folded.is_empty() || folded.split(' ').count() > MAX_WORDS {
            return;
        }
        let targets = self.by_text.entry(folded).or_default();
        // One part may bear one text both as its name and as its label: the name counts.
        let stronger = Target {
            weak: false,
            ..target.clone()
        };
        if target.weak && targets.contains(&stronger) {
            return;
        }
        if !target.weak {
            targets.remove(&Target {
                weak: true,
                ..target.clone()
            });
        }
        targets.insert(target);
    }

    /// Give parts another name.
    pub fn add_alias(&mut self, alias: &str, targets: &[Target]) {
        for target in targets {
            self.add(
                alias,
                Target {
                    via: Via::Alias,
                    weak: false,
                    ..target.clone()
                },
            );
        }
    }

    /// What a setting names: a Terraform address, an identifier, a name, or `kind/name`. Empty when nothing bears it.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Vec<Target> {
        let strong = |text: &str| -> Vec<Target> {
            let targets = self.by_text.get(&fold(text)).into_iter().flatten();
            targets.filter(|target| !target.weak).cloned().collect()
        };
        let found = strong(reference);
        if !found.is_empty() {
            return found;
        }
        if let Some((kind, name)) = reference.split_once('/')
            && let Some(kind) = kind_of_word(&fold(kind))
        {
            let targets = self.by_text.get(&fold(name)).into_iter().flatten();
            return targets
                .filter(|target| target.kind == kind)
                .cloned()
                .collect();
        }
        Vec::new()
    }

    /// Names near a text, best first.
    #[must_use]
    pub fn suggestions(&self, reference: &str) -> Vec<String> {
        let wanted = fold(reference);
        let mut scored: Vec<(i64, &String)> = self
            .by_text
            .iter()
            .filter(|(_, targets)| targets.iter().any(|target| !target.weak))
            .map(|(text, _)| {
                (
                    (strsim::jaro_winkler(&wanted, text) * 1000.0).round() as i64,
                    text,
                )
            })
            .filter(|(score, _)| *score >= 780)
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        scored
            .into_iter()
            .take(3)
            .map(|(_, text)| text.clone())
            .collect()
    }

    /// Every name in a text, from left to right; the longest wins.
    #[must_use]
    pub fn mentions(&self, text: &str) -> Vec<Mention> {
        let words = words(text);
        let mut mentions = Vec::new();
        let mut position = 0;
        while position < words.len() {
            let longest = (1..=MAX_WORDS.min(words.len() - position))
                .rev()
                .find_map(|count| self.mention_at(&words, position, count));
            match longest {
                Some(mention) => {
                    position = mention.end_word;
                    mentions.push(mention);
                }
                None => position += 1,
            }
        }
        mentions
    }

    fn mention_at(&self, words: &[String], first_word: usize, count: usize) -> Option<Mention> {
        let end_word = first_word + count;
        let text = words[first_word..end_word].join(" ");
        let targets = self.by_text.get(&text)?;
        let said_kind = said_kind(words, first_word, end_word);
        let is_named_by_settings = targets.iter().any(|target| target.via == Via::Alias);
        if said_kind.is_none()
            && !is_named_by_settings
            && COMMON_WORDS.contains(&text.as_str())
            && !stands_as_a_place(words, first_word, end_word)
        {
            return None;
        }
        let mut fitting: Vec<Target> = targets
            .iter()
            .filter(|target| match said_kind {
                Some(kind) => {
                    target.kind == kind || (target.kind == Kind::Other && kind == Kind::Link)
                }
                None => !target.weak,
            })
            .cloned()
            .collect();
        if fitting.is_empty() && said_kind != Some(Kind::Elsewhere) {
            // "the peering prod": a kind word beside a name that bears another kind belongs to something else in the sentence.
            fitting = targets
                .iter()
                .filter(|target| !target.weak)
                .cloned()
                .collect();
        }
        if fitting.iter().any(|target| !target.weak) {
            fitting.retain(|target| !target.weak);
        }
        (!fitting.is_empty()).then_some(Mention {
            words: text,
            first_word,
            end_word,
            targets: fitting,
        })
    }
}

/// The ways in which a key is written in text.
fn spellings(key: &Key) -> Vec<&str> {
    match key {
        Key::Provider(text) => text.split_once(':').map(|(_, id)| id).into_iter().collect(),
        Key::Address(text) if text.contains('#') => Vec::new(),
        Key::Address(text) => vec![text.rsplit("//").next().unwrap_or(text)],
    }
}

/// An address without `[0]` and `["key"]`; brackets inside quotes are part of a key.
fn without_instance_keys(address: &str) -> String {
    let mut plain = String::new();
    let (mut in_key, mut in_quotes) = (false, false);
    for character in address.chars() {
        match character {
            '"' if in_key => in_quotes = !in_quotes,
            '[' if !in_quotes => in_key = true,
            ']' if !in_quotes => in_key = false,
            _ if in_key => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The words of a text, lower-cased, without the punctuation around them.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'))
        .map(trim_word)
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn trim_word(word: &str) -> &str {
    let around = |c: char| {
        matches!(
            c,
            '.' | ':' | '!' | '?' | '\'' | '"' | '`' | '<' | '>' | '*' | '\u{2018}'..='\u{201f}'
        )
    };
    let word = word.trim_matches(around);
    let word = word
        .strip_suffix("'s")
        .or_else(|| word.strip_suffix("\u{2019}s"))
        .unwrap_or(word);
    // Brackets belong to addresses (`this["a"]`); a trailing quote before a closing bracket must stay.
    word.trim_matches(around)
}

fn fold(text: &str) -> String {
    words(text).join(" ")
}

/// Labels that, beside a kind word, point at something else than what bears them: "this VPC", "the same network".
const POINTING_WORDS: &[&str] = &[
    "all", "an", "any", "both", "each", "every", "its", "one", "our", "own", "same", "that", "the",
    "this",
];

/// Names that are also words of ordinary sentences ("the main reason", "internal traffic").
const COMMON_WORDS: &[&str] = &[
    "app",
    "application",
    "base",
    "common",
    "core",
    "data",
    "database",
    "default",
    "external",
    "internal",
    "local",
    "main",
    "primary",
    "private",
    "public",
    "secondary",
    "service",
    "services",
    "shared",
    "test",
    "this",
    "traffic",
    "web",
];

/// Whether a word stands where a sentence names a place ("inside main, ...") rather than as part of something longer
/// ("the main reason").
fn stands_as_a_place(words: &[String], first_word: usize, end_word: usize) -> bool {
    const BEFORE: &[&str] = &[
        "and", "between", "from", "in", "inside", "into", "of", "or", "to", "with", "within",
    ];
    const BEHIND: &[&str] = &[
        "alone",
        "and",
        "as",
        "at",
        "but",
        "from",
        "in",
        "is",
        "itself",
        "never",
        "no",
        "not",
        "nowhere",
        "on",
        "only",
        "or",
        "over",
        "throughout",
        "to",
        "via",
        "which",
        "with",
        "without",
    ];
    let mut before = words[..first_word].iter().rev();
    let mut word = before.next();
    if word.is_some_and(|word| matches!(word.as_str(), "the" | "our")) {
        word = before.next();
    }
    let starts = word.is_none_or(|word| BEFORE.contains(&word.as_str()));
    let ends = words
        .get(end_word)
        .is_none_or(|word| BEHIND.contains(&word.as_str()));
    starts && ends
}

/// The kind that a word beside a name says it is of: "vpc lagoon", "lagoon vpc", "transit gateway core".
fn said_kind(words: &[String], first_word: usize, end_word: usize) -> Option<Kind> {
    let before = first_word.checked_sub(1).and_then(|index| words.get(index));
    let two_before = first_word.checked_sub(2).and_then(|index| words.get(index));
    let (after, two_after) = (words.get(end_word), words.get(end_word + 1));
    let pair = |one: Option<&String>, two: Option<&String>| Some(format!("{} {}", one?, two?));
    let phrases = [
        pair(two_before, before),
        pair(after, two_after),
        before.cloned(),
        after.cloned(),
    ];
    phrases
        .into_iter()
        .flatten()
        .find_map(|phrase| kind_of_word(&phrase))
}

fn kind_of_word(word: &str) -> Option<Kind> {
    Some(match word {
        "vpc" | "vpcs" | "vnet" | "vnets" | "network" | "networks" | "virtual network" => {
            Kind::Network
        }
        "subnet" | "subnets" => Kind::Subnet,
        "transit gateway" | "tgw" | "hub" | "core network" | "virtual hub" => Kind::Hub,
        "peering" | "vpn" | "tunnel" | "interconnect" | "vpn connection" | "peering connection"
        | "direct connect" | "connect connection" => Kind::Link,
        "cluster" | "clusters" | "namespace" | "namespaces" | "mesh" | "trust domain" | "pod"
        | "service" => Kind::Elsewhere,
        _ => return None,
    })
}
