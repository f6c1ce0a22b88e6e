//! What a guarantee says, in its own words: where traffic stays, which links it crosses, and what it rules out.
//!
//! Deterministic and modest: phrases are recognised by a table (`phrases`), and every word is accounted for: it names
//! something, is part of a phrase, carries no claim of its own, or is not understood. Mere emphasis ("only", "never
//! leaves") is part of *inside*. Whether a claim is true is decided in the verdict.

use std::collections::BTreeSet;
use std::ops::Range;

use super::names::{How, Kind, Mention, NameIndex, Target, Words};

mod account;
mod phrases;
mod remainder;
#[cfg(test)]
mod tests;

pub use account::{Role, Stretch};
use phrases::PHRASES;

/// A guarantee as far as it is understood.
#[derive(Debug, Clone)]
pub struct Guarantee {
    /// Parts of the graph it names as what it rests on; those it only rules out ("not peered with b") are not among them.
    pub mentions: Vec<Mention>,
    /// Parts of the graph that it names to say what its traffic does not meet.
    pub ruled_out: Vec<Mention>,
    /// What carries the traffic, by its words.
    pub carried: Carried,
    /// What else it claims.
    pub claims: Vec<Claim>,
    /// What it is read to claim, and nothing can decide.
    pub undecidable: Vec<Undecidable>,
    /// Regions that it stays inside of, where it says so.
    pub inside_regions: Vec<String>,
    /// Accounts that it stays inside of, where it says so.
    pub inside_accounts: Vec<String>,
    /// Each of its phrases, in the order in which they begin.
    pub phrases: Vec<Phrase>,
    /// All of its words, in order, and what each was taken for.
    pub account: Vec<Stretch>,
}

/// What carries the traffic, by a guarantee's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The loopback, a socket, one host or pod: no network at all.
    Locally,
    /// Links of a kind, or any kind.
    OverLinks(LinkWord),
    /// Nothing said: it stays inside what is named.
    Inside,
}

/// The kind of link that a guarantee speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkWord {
    /// "peering".
    Peering,
    /// "VPN", "tunnel".
    Vpn,
    /// "Direct Connect", "interconnect", "private line".
    Interconnect,
    /// "transit gateway".
    Hub,
    /// "mesh link".
    Mesh,
    /// "PrivateLink", "private endpoint".
    PrivateEndpoint,
    /// "link", "connection".
    Any,
}

impl LinkWord {
    /// What a person calls such links.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Peering => "peering",
            Self::Vpn => "VPN",
            Self::Interconnect => "interconnect",
            Self::Hub => "hub",
            Self::Mesh => "mesh link",
            Self::PrivateEndpoint => "private endpoint",
            Self::Any => "link",
        }
    }
}

/// A claim that a graph can decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It has no peering, or none with these.
    NotPeered(Vec<Target>),
    /// The internet does not reach it.
    NotExposed,
    /// It has no gateway to the internet at all.
    NoInternetGateway,
    /// It is attached to no hub.
    NotAttached,
    /// It is not reached from these.
    NotReachedFrom(Vec<Target>),
    /// It is reached from these and itself, and from nothing else.
    OnlyReachedFrom(Vec<Target>),
    /// It reaches none of these.
    NotReaching(Vec<Target>),
    /// It has no way out to the internet.
    NoEgress,
    /// It has no address translation on the way out.
    NoTranslation,
    /// It has no link of this kind.
    NoLink(LinkWord),
    /// Its subnets are private: nothing in it is exposed.
    PrivateSubnets,
    /// The links it crosses are encrypted.
    Encrypted,
    /// The networks it stays in enforce encryption.
    EncryptionEnforced,
    /// It lies in one of these regions.
    InRegion(Vec<String>),
    /// It lies in one of these accounts.
    InAccount(Vec<String>),
}

/// Something that a guarantee claims and that no graph can decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecidable {
    /// Its words.
    pub words: String,
    /// Why nothing decides it, to stand after "not decided: ".
    pub why: String,
}

/// Some words of a guarantee that say something together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// Which words, counted from 0.
    pub words: Range<usize>,
    /// What they say.
    pub says: Says,
}

/// What a phrase says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// The traffic stays on one host.
    Locally,
    /// The traffic crosses links of a kind.
    Over(LinkWord),
    /// The traffic stays inside something.
    Inside,
    /// What follows is no part of what it rests on.
    RulesOut,
    /// One of the guarantee's claims, by its place among them.
    Claim(usize),
    /// Something that nothing decides, by its place among these.
    Undecidable(usize),
}

impl Guarantee {
    /// Read a guarantee. In time that grows with its length alone, whatever it says.
    #[must_use]
    pub fn read(text: &str, names: &NameIndex) -> Self {
        let words = Words::of(text);
        let mentions = names.mentions_in(&words);
        let sentence = Sentence::new(&words.folded, &mentions);
        let mut reading = Reading::default();
        if let Some(phrases) = PHRASES.as_ref() {
            reading.carried = phrases.carried(&sentence, &mut reading.phrases);
            phrases.claims(&sentence, names, &mut reading);
            phrases.places(&sentence, &mut reading);
        }
        // What the words rule out is nothing that they rest on.
        let marked = |ranges: &[Range<usize>]| {
            let mut marks = vec![false; words.folded.len()];
            for range in ranges {
                marks[range.clone()].fill(true);
            }
            marks
        };
        let (is_out, is_origin) = (marked(&reading.ruled_out), marked(&reading.origins));
        let (mut ruled_out, mut mentions): (Vec<Mention>, Vec<Mention>) = mentions
            .into_iter()
            .partition(|mention| is_out[mention.first_word]);
        if mentions.is_empty() {
            // "Only reachable from VPC a", and no word on where it is: then that is where.
            (mentions, ruled_out) = ruled_out
                .into_iter()
                .partition(|mention| is_origin[mention.first_word]);
        }
        reading
            .phrases
            .sort_by_key(|phrase| (phrase.words.start, phrase.words.end));
        let account = account::account(&words, &mentions, &ruled_out, &reading.phrases);
        Self {
            mentions,
            ruled_out,
            carried: reading.carried,
            claims: reading.claims,
            undecidable: reading.undecidable,
            inside_regions: reading.inside_regions,
            inside_accounts: reading.inside_accounts,
            phrases: reading.phrases,
            account,
        }
    }

    /// The words that nothing was made of, in order.
    #[must_use]
    pub fn not_understood(&self) -> Vec<&str> {
        let stretches = self.account.iter();
        stretches
            .filter(|stretch| stretch.role == Role::NotUnderstood)
            .flat_map(|stretch| stretch.words.split(' '))
            .collect()
    }

    /// Names that its words may have meant, best first: near what stands where a name would. None among very many names.
    #[must_use]
    pub fn near_names(&self, names: &NameIndex) -> Vec<String> {
        const MOST_TRIED: usize = 3;
        const MOST_SHOWN: usize = 3;
        let mut near: Vec<String> = Vec::new();
        if !names.is_small() {
            return near;
        }
        let told = |index: usize| {
            let before = index
                .checked_sub(1)
                .and_then(|index| self.account.get(index));
            let after = self.account.get(index + 1);
            [before, after].into_iter().flatten().any(|stretch| {
                matches!(
                    stretch.role,
                    Role::Kind | Role::Inside | Role::Over | Role::Claim
                ) || stretch.words.split(' ').any(sentence_places)
            })
        };
        let tried = self
            .account
            .iter()
            .enumerate()
            .filter(|(index, stretch)| stretch.role == Role::NotUnderstood && told(*index));
        for (_, stretch) in tried.take(MOST_TRIED) {
            let words: Vec<&str> = stretch.words.split(' ').collect();
            let ends = [&words[..], &words[..1], &words[words.len() - 1..]];
            for text in ends.map(|words| words.join(" ")) {
                for name in names.suggestions(&text) {
                    if !near.contains(&name) {
                        near.push(name);
                    }
                }
            }
        }
        near.truncate(MOST_SHOWN);
        near
    }
}

/// Whether a word says that a place follows.
fn sentence_places(word: &str) -> bool {
    matches!(
        word,
        "in" | "inside" | "within" | "between" | "leaves" | "leave" | "of" | "over" | "across"
    )
}

/// What has been read so far.
#[derive(Debug)]
struct Reading {
    carried: Carried,
    claims: Vec<Claim>,
    undecidable: Vec<Undecidable>,
    inside_regions: Vec<String>,
    inside_accounts: Vec<String>,
    phrases: Vec<Phrase>,
    /// The words that name what traffic does not meet.
    ruled_out: Vec<Range<usize>>,
    /// Among these, those that say where traffic may come from.
    origins: Vec<Range<usize>>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            carried: Carried::Inside,
            claims: Vec::new(),
            undecidable: Vec::new(),
            inside_regions: Vec::new(),
            inside_accounts: Vec::new(),
            phrases: Vec::new(),
            ruled_out: Vec::new(),
            origins: Vec::new(),
        }
    }
}

impl Reading {
    /// Add a claim; one that is made already only gains what it is about.
    fn claim(&mut self, claim: Claim, words: Range<usize>) {
        let index = match self.claims.iter_mut().position(|known| known.joins(&claim)) {
            Some(index) => index,
            None => {
                self.claims.push(claim);
                self.claims.len() - 1
            }
        };
        self.phrases.push(Phrase {
            words,
            says: Says::Claim(index),
        });
    }

    fn undecidable(&mut self, sentence: &Sentence<'_>, words: Range<usize>, why: &str) {
        let said = sentence.words[words.clone()].join(" ");
        let known = self.undecidable.iter().position(|one| one.words == said);
        let index = known.unwrap_or_else(|| {
            self.undecidable.push(Undecidable {
                words: said,
                why: why.to_owned(),
            });
            self.undecidable.len() - 1
        });
        self.phrases.push(Phrase {
            words,
            says: Says::Undecidable(index),
        });
    }
}

impl Claim {
    /// Whether another claim is the same, or one of the same sort about more, which this one then takes in.
    fn joins(&mut self, other: &Self) -> bool {
        fn take<T: Clone + PartialEq>(known: &mut Vec<T>, more: &[T]) -> bool {
            for one in more {
                if !known.contains(one) {
                    known.push(one.clone());
                }
            }
            true
        }
        match (self, other) {
            (Self::NotPeered(known), Self::NotPeered(more))
                if known.is_empty() == more.is_empty() =>
            {
                take(known, more)
            }
            (Self::NotReachedFrom(known), Self::NotReachedFrom(more))
            | (Self::OnlyReachedFrom(known), Self::OnlyReachedFrom(more))
            | (Self::NotReaching(known), Self::NotReaching(more)) => take(known, more),
            (Self::InRegion(known), Self::InRegion(more))
            | (Self::InAccount(known), Self::InAccount(more)) => take(known, more),
            (known, other) => known == other,
        }
    }
}

/// A guarantee's words joined by single blanks, with the way back from places in that text to words.
struct Sentence<'s> {
    words: &'s [String],
    mentions: &'s [Mention],
    text: String,
    /// Where each word begins in the text.
    starts: Vec<usize>,
    /// Which words are part of a name.
    is_named: Vec<bool>,
}

impl<'s> Sentence<'s> {
    fn new(words: &'s [String], mentions: &'s [Mention]) -> Self {
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
        }
    }

    /// The words that a stretch of the text touches.
    fn words_at(&self, range: Range<usize>) -> Range<usize> {
        let first = self.starts.partition_point(|start| *start <= range.start);
        let end = self.starts.partition_point(|start| *start < range.end);
        let first = first.saturating_sub(1);
        first..end.max(first + 1).min(self.words.len())
    }

    /// The names that begin in some words.
    fn names_in(&self, words: &Range<usize>) -> impl Iterator<Item = &'s Mention> {
        let first = self
            .mentions
            .partition_point(|one| one.first_word < words.start);
        let end = words.end;
        self.mentions[first..]
            .iter()
            .take_while(move |one| one.first_word < end)
    }

    fn names_link(&self) -> bool {
        let mut targets = self.mentions.iter().flat_map(|mention| &mention.targets);
        targets.any(|target| target.kind == Kind::Link)
    }

    /// Whether one of the few words before a word, in the same clause, denies what follows.
    fn is_negated(&self, word: usize) -> bool {
        let before = self.words[..word].iter().rev().take(3);
        before
            .map(String::as_str)
            .take_while(|word| !matches!(*word, "and" | "but" | "which" | "that" | "only" | "or"))
            .any(|word| {
                matches!(
                    word,
                    "never" | "not" | "no" | "nor" | "without" | "neither" | "cannot"
                ) || word.ends_with("n't")
                    || word.ends_with("n\u{2019}t")
            })
    }

    /// Whether a place is one that traffic is said not to be in. What never leaves a place is there.
    fn is_elsewhere(&self, word: usize) -> bool {
        let leaves = |word: &String| matches!(word.as_str(), "leave" | "leaves" | "leaving");
        self.is_negated(word) && !self.words[..word].iter().rev().take(3).any(leaves)
    }

    /// The rest of a clause from a word on: punctuation is gone, so the next conjunction ends it.
    fn clause(&self, from: usize) -> Range<usize> {
        const MOST_WORDS: usize = 40;
        let rest = self.words[from..].iter().take(MOST_WORDS);
        // "From inside VPC a" goes on; "the internet, inside VPC a" says where it is.
        let goes_on = |(index, word): &(usize, &String)| match word.as_str() {
            "and" | "which" | "but" | "stays" => false,
            "inside" | "within" => *index == 0,
            _ => true,
        };
        let length = rest.enumerate().take_while(goes_on).count();
        from..from + length
    }

    /// The rest of a clause that lists names: "a and b and the internet" goes on where a name does.
    fn list(&self, from: usize) -> Range<usize> {
        const MOST_WORDS: usize = 200;
        let mut clause = self.clause(from);
        while clause.len() < MOST_WORDS
            && self.words.get(clause.end).is_some_and(|word| word == "and")
        {
            let next = self.words.get(clause.end + 1);
            let skipped = next.is_some_and(|word| {
                word == "the" || super::names::sentence::kind_of_word(word).is_some()
            });
            let behind = clause.end + 1 + usize::from(skipped);
            if !self.is_named.get(behind).copied().unwrap_or_default() {
                break;
            }
            clause.end = self.clause(behind).end;
        }
        clause
    }
}

/// What some names stand for, once each.
fn targets_of<'m>(mentions: impl Iterator<Item = &'m Mention>) -> Vec<Target> {
    let mut known = BTreeSet::new();
    let targets = mentions.flat_map(|mention| &mention.targets);
    targets
        .filter(|target| known.insert(&target.boundary))
        .cloned()
        .collect()
}

/// Whether a mention is only as good as a guess of several: it stands for more than one part.
#[must_use]
pub fn is_ambiguous(mention: &Mention) -> bool {
    let mut parts: Vec<&Target> = mention.targets.iter().collect();
    parts.dedup_by(|a, b| a.boundary == b.boundary);
    // An alias, a block's address and a range stand for all of theirs on purpose.
    let is_meant =
        |target: &&Target| target.via == super::site::Via::Alias || target.how == How::Address;
    parts.len() > 1 && !parts.iter().all(is_meant)
}
