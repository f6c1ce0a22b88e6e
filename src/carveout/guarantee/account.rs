//! What each word of a guarantee was taken for.

use crate::carveout::names::sentence::kind_of_word;
use crate::carveout::names::{Mention, Words};

use super::{Phrase, Says};

/// Words that stand together and were taken for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The words as written, joined by single blanks.
    pub words: String,
    /// What they were taken for.
    pub role: Role,
}

/// What a word is in a guarantee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It names a part of the network.
    Name,
    /// It says of which kind something is.
    Kind,
    /// It says that traffic stays inside something.
    Inside,
    /// It says what traffic crosses.
    Over,
    /// It says that traffic stays on one host.
    Locally,
    /// It is part of a claim.
    Claim,
    /// It is part of a claim that nothing decides.
    Undecidable,
    /// It says that what follows is no part of what the guarantee rests on.
    RulesOut,
    /// It carries no claim of its own.
    Plain,
    /// Nothing was made of it.
    NotUnderstood,
}

impl Role {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kind => "kind",
            Self::Inside => "inside",
            Self::Over => "over",
            Self::Locally => "locally",
            Self::Claim => "claim",
            Self::Undecidable => "undecidable",
            Self::RulesOut => "rules_out",
            Self::Plain => "plain",
            Self::NotUnderstood => "not_understood",
        }
    }
}

/// The account of all words.
pub(super) fn account(
    words: &Words,
    mentions: &[Mention],
    ruled_out: &[Mention],
    phrases: &[Phrase],
) -> Vec<Stretch> {
    let mut roles: Vec<Option<Role>> = vec![None; words.folded.len()];
    for mention in mentions.iter().chain(ruled_out) {
        roles[mention.kind_words.clone()].fill(Some(Role::Kind));
    }
    for mention in mentions.iter().chain(ruled_out) {
        roles[mention.first_word..mention.end_word].fill(Some(Role::Name));
    }
    for phrase in phrases {
        let role = match phrase.says {
            Says::Locally => Role::Locally,
            Says::Over(_) => Role::Over,
            Says::Inside => Role::Inside,
            Says::RulesOut => Role::RulesOut,
            Says::Claim(_) => Role::Claim,
            Says::Undecidable(_) => Role::Undecidable,
        };
        for slot in &mut roles[phrase.words.clone()] {
            slot.get_or_insert(role);
        }
    }
    let mut stretches: Vec<(Vec<&str>, Role)> = Vec::new();
    for (index, role) in roles.into_iter().enumerate() {
        let word = words.folded[index].as_str();
        let role = role.unwrap_or_else(|| {
            let is_pair = |other: Option<usize>| {
                let other = other.and_then(|other| words.folded.get(other));
                other.is_some_and(|other| kind_of_word(&format!("{word} {other}")).is_some())
            };
            if is_plain(word) {
                Role::Plain
            } else if kind_of_word(word).is_some() || is_pair(Some(index + 1)) {
                Role::Kind
            } else {
                Role::NotUnderstood
            }
        });
        let written = words.written[index].as_str();
        match stretches.last_mut() {
            Some((words, last)) if *last == role => words.push(written),
            _ => stretches.push((vec![written], role)),
        }
    }
    let joined = stretches.into_iter().map(|(words, role)| Stretch {
        words: words.join(" "),
        role,
    });
    joined.collect()
}

/// Whether a word carries no claim of its own.
pub(super) fn is_plain(word: &str) -> bool {
    !word.contains(char::is_alphanumeric) || PLAIN_WORDS.binary_search(&word).is_ok()
}

/// Words that carry no claim of their own; sorted.
const PLAIN_WORDS: &[&str] = &[
    "a",
    "alike",
    "all",
    "alone",
    "also",
    "always",
    "an",
    "and",
    "another",
    "any",
    "are",
    "as",
    "at",
    "be",
    "been",
    "before",
    "behind",
    "being",
    "between",
    "both",
    "but",
    "by",
    "call",
    "calls",
    "can",
    "communicate",
    "communicates",
    "communication",
    "connections",
    "data",
    "do",
    "does",
    "each",
    "either",
    "end",
    "ends",
    "entirely",
    "every",
    "everything",
    "exclusively",
    "far",
    "for",
    "from",
    "go",
    "goes",
    "has",
    "have",
    "here",
    "i.e",
    "in",
    "inside",
    "into",
    "is",
    "it",
    "its",
    "itself",
    "just",
    "merely",
    "never",
    "no",
    "not",
    "nothing",
    "nowhere",
    "of",
    "on",
    "one",
    "only",
    "or",
    "other",
    "our",
    "over",
    "own",
    "packets",
    "path",
    "purely",
    "requests",
    "run",
    "running",
    "runs",
    "same",
    "server",
    "so",
    "solely",
    "stay",
    "stays",
    "strictly",
    "talk",
    "talks",
    "that",
    "the",
    "their",
    "them",
    "there",
    "these",
    "they",
    "this",
    "those",
    "throughout",
    "to",
    "traffic",
    "two",
    "via",
    "we",
    "where",
    "which",
    "while",
    "whose",
    "with",
    "within",
];

#[cfg(test)]
mod tests {
    use super::PLAIN_WORDS;

    #[test]
    fn plain_words_are_sorted() {
        assert!(PLAIN_WORDS.is_sorted());
    }
}
