//! A guarantee's words as phrases are matched against them, and how far what a phrase speaks of goes.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::carveout::names::sentence::{is_joining, kind_of_word};
use crate::carveout::names::{Kind, Mention, Target, Words};

/// A guarantee's words joined by single blanks, with the way back from places in that text to words.
pub(super) struct Sentence<'s> {
    pub(super) words: &'s [String],
    pub(super) mentions: &'s [Mention],
    pub(super) text: String,
    /// Where each word begins in the text.
    starts: Vec<usize>,
    /// Which words are part of a name.
    pub(super) is_named: Vec<bool>,
    /// Before which words there is a comma or the like.
    pub(super) breaks: &'s [bool],
}

impl<'s> Sentence<'s> {
    pub(super) fn new(words: &'s Words, mentions: &'s [Mention]) -> Self {
        let breaks = words.breaks.as_slice();
        let words = words.folded.as_slice();
        let mut starts = Vec::with_capacity(words.len());
        let mut start = 0;
        for word in words {
            starts.push(start);
            start += word.len() + 1;
        }
        let mut is_named = vec![false; words.len()];
        for mention in mentions {
            is_named[mention.first_word..mention.end_word].fill(true);
        }
        Self {
            words,
            mentions,
            text: words.join(" "),
            starts,
            is_named,
            breaks,
        }
    }

    /// The words that a stretch of the text touches.
    pub(super) fn words_at(&self, range: Range<usize>) -> Range<usize> {
        let first = self.starts.partition_point(|start| *start <= range.start);
        let end = self.starts.partition_point(|start| *start < range.end);
        let first = first.saturating_sub(1);
        first..end.max(first + 1).min(self.words.len())
    }

    /// The text from a word on.
    pub(super) fn text_from(&self, word: usize) -> &str {
        let start = self.starts.get(word).copied().unwrap_or(self.text.len());
        &self.text[start..]
    }

    pub(super) fn word(&self, index: usize) -> Option<&'s str> {
        self.words.get(index).map(String::as_str)
    }

    pub(super) fn breaks_before(&self, index: usize) -> bool {
        self.breaks.get(index).copied().unwrap_or_default()
    }

    /// The names that begin in some words.
    pub(super) fn names_in(&self, words: &Range<usize>) -> impl Iterator<Item = &'s Mention> {
        let first = self
            .mentions
            .partition_point(|one| one.first_word < words.start);
        let end = words.end;
        self.mentions[first..]
            .iter()
            .take_while(move |one| one.first_word < end)
    }

    pub(super) fn names_link(&self) -> bool {
        let mut targets = self.mentions.iter().flat_map(|mention| &mention.targets);
        targets.any(|target| target.kind == Kind::Link)
    }

    /// The few words before a word, nearest first, as far as the comma before them.
    pub(super) fn just_before(&self, word: usize) -> impl Iterator<Item = &'s str> {
        const MOST_WORDS: usize = 3;
        let before = (0..word).rev().take(MOST_WORDS);
        let here = before.take_while(move |index| !self.breaks_before(index + 1));
        let words = self.words;
        here.map(move |index| words[index].as_str())
    }

    /// Whether one of the few words before a word, in the same clause, denies what follows.
    pub(super) fn is_negated(&self, word: usize) -> bool {
        self.just_before(word)
            .take_while(|word| !matches!(*word, "and" | "but" | "which" | "that" | "only" | "or"))
            .any(denies)
    }

    /// Whether a place is one that traffic is said not to be in. What never leaves a place is there.
    pub(super) fn is_elsewhere(&self, word: usize) -> bool {
        let leaves = |word: &str| matches!(word, "leave" | "leaves" | "leaving");
        self.is_negated(word) && !self.just_before(word).any(leaves)
    }

    /// The rest of a clause from a word on, up to a comma that no list of names goes on behind, or the next conjunction.
    pub(super) fn clause(&self, from: usize) -> Range<usize> {
        const MOST_WORDS: usize = 40;
        let rest = self.words[from..].iter().take(MOST_WORDS);
        // "From inside VPC a" goes on; "the internet, inside VPC a" says where it is.
        let goes_on = |(index, word): &(usize, &String)| {
            let is_first = *index == 0;
            let is_word = match word.as_str() {
                "and" | "which" | "but" | "stays" | "because" | "since" | "while" | "so"
                | "always" | "it" | "they" | "we" => false,
                "inside" | "within" => is_first,
                _ => true,
            };
            let at = from + index;
            is_word && (is_first || !self.breaks_before(at) || self.list_goes_on(at))
        };
        let length = rest.enumerate().take_while(goes_on).count();
        from..from + length
    }

    /// Whether a comma before a word stands in a list of names that a conjunction ends: "a, b and c".
    fn list_goes_on(&self, at: usize) -> bool {
        const MOST_WORDS: usize = 12;
        let is_named = |index: Option<usize>| index.is_some_and(|index| self.is_named[index]);
        let ends_name = is_named(at.checked_sub(1))
            || at > 0 && self.is_kind(at - 1) && is_named(at.checked_sub(2));
        let mut is_joined = false;
        for index in at..self.words.len().min(at + MOST_WORDS) {
            if is_joined && self.is_named[index] {
                return ends_name;
            }
            let word = self.words[index].as_str();
            is_joined |= is_joining(word);
            if !is_joining(word) && word != "the" && !self.is_of_name(index) {
                return false;
            }
        }
        false
    }

    /// Whether a word is part of a name, or says of which kind one is.
    fn is_of_name(&self, index: usize) -> bool {
        self.is_named[index] || self.is_kind(index)
    }

    /// Whether a word, alone or with a neighbour, says of which kind something is.
    pub(super) fn is_kind(&self, index: usize) -> bool {
        self.kind_at(index).is_some()
    }

    /// The kind that a word, alone or with a neighbour, speaks of.
    pub(super) fn kind_at(&self, index: usize) -> Option<Kind> {
        let word = self.word(index)?;
        let pair = |first: Option<&str>, second: Option<&str>| {
            kind_of_word(&format!("{} {}", first?, second?))
        };
        let before = index.checked_sub(1).and_then(|index| self.word(index));
        kind_of_word(word)
            .or_else(|| pair(Some(word), self.word(index + 1)))
            .or_else(|| pair(before, Some(word)))
    }

    /// The rest of a clause that lists names: "a and b and the internet" goes on where a name does.
    pub(super) fn list(&self, from: usize) -> Range<usize> {
        const MOST_WORDS: usize = 200;
        let mut clause = self.clause(from);
        while clause.len() < MOST_WORDS && self.word(clause.end) == Some("and") {
            let next = self.word(clause.end + 1);
            let skipped = next.is_some_and(|word| word == "the" || kind_of_word(word).is_some());
            let behind = clause.end + 1 + usize::from(skipped);
            if !self.is_named.get(behind).copied().unwrap_or_default() {
                break;
            }
            clause.end = self.clause(behind).end;
        }
        clause
    }

    /// What a phrase that ends before a word speaks of, and no word more: names, kinds, and what joins them. In doubt it ends,
    /// because what is not ruled out counts.
    pub(super) fn object(&self, from: usize) -> Range<usize> {
        const MOST_WORDS: usize = 40;
        const MOST_ADJECTIVES: usize = 2;
        let end = self.words.len().min(from + MOST_WORDS);
        let mut adjectives = None;
        let mut index = from;
        while index < end {
            if index > from && self.breaks_before(index) && !self.list_goes_on(index) {
                break;
            }
            let word = self.words[index].as_str();
            if is_joining(word) {
                let skipped = usize::from(self.word(index + 1) == Some("the"));
                let next = index + 1 + skipped;
                let goes_on = next < self.words.len() && self.is_of_name(next);
                if !goes_on {
                    break;
                }
                index = next;
            } else if self.is_of_name(index) || OBJECT_WORDS.binary_search(&word).is_ok() {
                adjectives = None;
                index += 1;
            } else if DETERMINERS.binary_search(&word).is_ok() {
                adjectives = Some(0);
                index += 1;
            } else if let Some(count) = &mut adjectives
                && *count < MOST_ADJECTIVES
                && !matches!(
                    word,
                    "in" | "inside" | "within" | "is" | "are" | "we" | "it" | "they"
                )
            {
                *count += 1;
                index += 1;
            } else {
                break;
            }
        }
        from..index
    }

    /// What follows a claim and takes from it: an exception, or that it is said of some part only. `None` where nothing does.
    pub(super) fn qualified(&self, words: &Range<usize>) -> Option<&'static str> {
        const EXCEPTION: &str = "an exception is read by people only";
        const OF_A_PART: &str = "it is said of a part only, and the graph knows the whole";
        const NEEDED: &str = "what is not needed may be there all the same";
        let end = words.end;
        let last_name = words.clone().rev().find(|index| self.is_named[*index]);
        let behind_name = last_name.and_then(|index| self.word(index + 1));
        if behind_name.is_some_and(|word| matches!(word, "needed" | "required" | "necessary")) {
            return Some(NEEDED);
        }
        let word = self.word(end)?;
        let is_exception = matches!(
            word,
            "except" | "besides" | "unless" | "without" | "apart" | "save" | "excluding"
        ) || word == "other" && self.word(end + 1) == Some("than");
        if is_exception || word == "but" && self.names_something(end + 1) {
            return Some(EXCEPTION);
        }
        if self.breaks_before(end) || self.is_named[end] {
            return None;
        }
        match word {
            "is" | "are" | "was" | "were" | "needed" | "required" | "necessary" | "involved"
            | "used" => {
                let says_absent = matches!(
                    self.word(end + 1),
                    Some("attached" | "possible" | "there" | "allowed" | "configured" | "present")
                );
                (!says_absent).then_some(NEEDED)
            }
            "on" | "of" | "for" | "from" | "to" | "between" | "with" | "in" | "inside"
            | "within" | "into" | "by" | "through" | "via" => {
                let about = self.object(end + 1);
                let mut said = self.words[about.clone()].iter().map(String::as_str);
                let is_whole = about.clone().any(|index| self.is_named[index])
                    || said.any(|word| {
                        matches!(
                            word,
                            "it" | "them"
                                | "any"
                                | "anything"
                                | "anywhere"
                                | "anyone"
                                | "all"
                                | "either"
                                | "both"
                        )
                    })
                    || matches!(
                        self.word(end + 1),
                        Some(
                            "it" | "them" | "anything" | "anywhere" | "anyone" | "either" | "both"
                        )
                    );
                (!is_whole).then_some(OF_A_PART)
            }
            _ if GOES_ON.binary_search(&word).is_ok() => None,
            _ => Some(OF_A_PART),
        }
    }

    /// Whether a place at a word is that of what the guarantee is about: traffic stays there, a name stands before it in the
    /// clause, or it is the first that is said.
    pub(super) fn is_own_place(&self, words: &Range<usize>) -> bool {
        const LEADS: &[&str] = &[
            "account",
            "accounts",
            "and",
            "at",
            "id",
            "in",
            "inside",
            "leave",
            "leaves",
            "leaving",
            "location",
            "number",
            "of",
            "one",
            "or",
            "outside",
            "project",
            "region",
            "subscription",
            "the",
            "to",
            "within",
        ];
        const STAYS: &[&str] = &[
            "both",
            "confined",
            "contained",
            "everything",
            "inside",
            "kept",
            "leave",
            "leaves",
            "leaving",
            "lies",
            "limited",
            "lives",
            "remains",
            "restricted",
            "run",
            "runs",
            "stay",
            "stays",
            "within",
        ];
        let (word, end) = (words.start, words.end);
        let clause_start = (0..=word).rev().find(|index| self.breaks_before(*index));
        let start = clause_start.unwrap_or(0);
        let before = (start..word).rev();
        let led = before
            .clone()
            .take_while(|index| LEADS.binary_search(&self.words[*index].as_str()).is_ok())
            .count();
        let rest = &self.words[start..word - led];
        if rest.iter().any(|word| STAYS.contains(&word.as_str())) {
            return true;
        }
        let leads: Vec<&str> = self.words[word - led..word]
            .iter()
            .map(String::as_str)
            .collect();
        let goes_there = leads.contains(&"to") || leads.contains(&"outside");
        let stays = leads.iter().any(|word| STAYS.contains(word));
        let is_of_name = |index: usize| self.is_named[index] || self.is_kind(index);
        let is_beside_name = (start..word - led).any(is_of_name);
        let follows_name = rest.is_empty() && start.checked_sub(1).is_none_or(is_of_name);
        let begins = rest.is_empty() && word > start && !goes_there;
        // What comes behind is the noun: "the us-east-1 copy".
        let is_adjective = !stays
            && self.word(end).is_some_and(|next| {
                !self.breaks_before(end)
                    && GOES_ON.binary_search(&next).is_err()
                    && !self.is_of_name(end)
                    && !matches!(
                        next,
                        "in" | "on" | "is" | "with" | "without" | "region" | "alone" | "to"
                    )
            });
        stays || !goes_there && !is_adjective && (is_beside_name || follows_name || begins)
    }

    /// Whether what begins at a word is something with a name, or of a kind.
    fn names_something(&self, index: usize) -> bool {
        self.is_named.get(index).copied().unwrap_or_default()
            || self
                .word(index)
                .is_some_and(|word| word == "the" || kind_of_word(word).is_some())
    }

    /// Whether a list of names holds an exception, or is ended by one ("with anything but a"), which it then takes in.
    pub(super) fn has_exception(&self, list: &mut Range<usize>) -> bool {
        let text = self.words[list.clone()].join(" ");
        let inside = [
            "other than",
            "except",
            "besides",
            "apart from",
            "unless",
            "without",
        ];
        if inside.iter().any(|words| text.contains(words)) {
            return true;
        }
        let next = list.end + 1;
        let follows = matches!(self.word(list.end), Some("except" | "unless" | "without"));
        // "Not peered with a, but crosses the VPN" goes on with something else.
        let holds = follows || self.word(list.end) == Some("but") && self.names_something(next);
        if holds && next <= self.words.len() {
            list.end = self.list(next).end;
        }
        holds
    }
}

/// Whether a word denies what follows it.
pub(super) fn denies(word: &str) -> bool {
    matches!(
        word,
        "never" | "not" | "no" | "nor" | "without" | "neither" | "cannot" | "nothing"
    ) || word.ends_with("n't")
        || word.ends_with("n\u{2019}t")
}

/// What some names stand for, once each.
pub(super) fn targets_of<'m>(mentions: impl Iterator<Item = &'m Mention>) -> Vec<Target> {
    let mut known = BTreeSet::new();
    let targets = mentions.flat_map(|mention| &mention.targets);
    targets
        .filter(|target| known.insert(&target.boundary))
        .cloned()
        .collect()
}

/// Words behind which an unknown one may only say more of what follows: "the old VPN"; sorted.
const DETERMINERS: &[&str] = &[
    "a", "all", "an", "another", "any", "every", "its", "our", "that", "the", "their", "these",
    "this", "those",
];

/// Words that belong to what is spoken of; sorted.
const OBJECT_WORDS: &[&str] = &[
    "account",
    "between",
    "circuit",
    "connect",
    "connection",
    "connections",
    "direct",
    "endpoint",
    "endpoints",
    "expressroute",
    "gateway",
    "gateways",
    "internet",
    "line",
    "lines",
    "link",
    "links",
    "mesh",
    "of",
    "open",
    "other",
    "our",
    "private",
    "privatelink",
    "public",
    "site",
    "through",
    "to",
    "toward",
    "towards",
    "transit",
    "via",
    "with",
];

/// Words behind a claim that leave it whole; sorted.
const GOES_ON: &[&str] = &[
    "all",
    "also",
    "always",
    "and",
    "anymore",
    "are",
    "as",
    "at",
    "attached",
    "attachment",
    "because",
    "but",
    "directly",
    "either",
    "entirely",
    "here",
    "itself",
    "neither",
    "never",
    "no",
    "nor",
    "not",
    "nowhere",
    "only",
    "or",
    "over",
    "since",
    "so",
    "stays",
    "that",
    "there",
    "therefore",
    "today",
    "whatever",
    "whatsoever",
    "where",
    "which",
    "while",
];

#[cfg(test)]
mod tests {
    use super::{DETERMINERS, GOES_ON, OBJECT_WORDS};

    #[test]
    fn the_tables_are_sorted() {
        for table in [DETERMINERS, GOES_ON, OBJECT_WORDS] {
            assert!(table.is_sorted());
        }
    }
}
