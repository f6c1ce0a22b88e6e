//! What a guarantee says, in its own words: where traffic stays, which links it crosses, and what it rules out.
//!
//! Deterministic and modest: phrases are recognised by a table (`phrases`), and every word is accounted for: it names
//! something, is part of a phrase, carries no claim of its own, or is not understood. Mere emphasis ("only", "never
//! leaves") is part of *inside*. Whether a claim is true is decided in the verdict.

use std::ops::Range;

use super::names::{How, Kind, Mention, NameIndex, Target, Words};
use super::site::Via;

mod account;
mod local;
mod phrases;
mod remainder;
mod sentence;
#[cfg(test)]
mod tests;

pub use account::{Role, Stretch};
use phrases::PHRASES;
use sentence::Sentence;

/// How many words may stand between "inside" and the name that it leads to: "inside the VPC shop".
const MOST_WORDS_BETWEEN: usize = 3;

/// A guarantee as far as it is understood.
#[derive(Debug, Clone)]
pub struct Guarantee {
    /// Parts of the graph it names as what it rests on; those it only rules out ("not peered with b") are not among them.
    pub mentions: Vec<Mention>,
    /// Parts of the graph that it names to say what its traffic does not meet.
    pub ruled_out: Vec<Mention>,
    /// What carries the traffic, by its words.
    pub carried: Carried,
    /// Every kind of link that it speaks of crossing; none where all stays inside or on one host.
    pub crossed: Vec<Crossed>,
    /// Which of its names, by their first word, it stays inside of although it crosses links too: "inside a, then over the VPN".
    pub stays_inside: Vec<usize>,
    /// Which of its names, by their first word, may only say where the one before them lies: "namespace a of cluster b".
    pub places: Vec<usize>,
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

/// Links that a guarantee speaks of crossing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossed {
    /// Of which kind.
    pub word: LinkWord,
    /// It speaks of certain ones: "the VPN", not "tunnels".
    pub is_definite: bool,
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
    /// Nothing but the links it crosses leads to these; to what those links end at, where it names nothing.
    OnlyReachedOver(Vec<Target>),
    /// These lie in one of those networks: "orders and orders-db, both inside VPC shop".
    Lying {
        /// What it names.
        things: Vec<Target>,
        /// Where it says that all is.
        inside: Vec<Target>,
    },
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

/// The names that stand right behind another one and "of" or "in", by their first word.
fn places(words: &Words, mentions: &[Mention]) -> Vec<usize> {
    let follows = |pair: &[Mention]| {
        let [inner, outer] = pair else { return false };
        let end = inner.end_word.max(inner.kind_words.end);
        let start = match outer.kind_words.is_empty() {
            true => outer.first_word,
            false => outer.first_word.min(outer.kind_words.start),
        };
        let between = words.folded.get(end..start).unwrap_or_default();
        let between: Vec<&str> = between.iter().map(AsRef::as_ref).collect();
        matches!(between.as_slice(), ["of" | "in"] | ["of" | "in", "the"])
    };
    let pairs = mentions.windows(2).filter(|pair| follows(pair));
    pairs.map(|pair| pair[1].first_word).collect()
}

impl Guarantee {
    /// Read a guarantee. In time that grows with its length alone, whatever it says.
    #[must_use]
    pub fn read(text: &str, names: &NameIndex) -> Self {
        let words = Words::of(text);
        let mentions = names.mentions_in(&words);
        let sentence = Sentence::new(&words, &mentions);
        let mut reading = Reading::default();
        if let Some(phrases) = PHRASES.as_ref() {
            phrases.ruled_out(&sentence, &mut reading);
            phrases.carried(&sentence, &mut reading);
            phrases.claims(&sentence, names, &mut reading);
            phrases.places(&sentence, &mut reading);
        }
        reading.stays_inside.sort_unstable();
        reading.stays_inside.dedup();
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
        if reading.carried == Carried::Inside {
            reading.claims.extend(lying(&mentions, &reading.phrases));
        }
        reading
            .phrases
            .sort_by_key(|phrase| (phrase.words.start, phrase.words.end));
        let places = places(&words, &mentions);
        let account = account::account(&words, &mentions, &ruled_out, &reading.phrases);
        Self {
            mentions,
            ruled_out,
            carried: reading.carried,
            crossed: reading.crossed,
            stays_inside: reading.stays_inside,
            places,
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

/// The claim that what is named lies in the networks that words such as "inside" lead to.
fn lying(mentions: &[Mention], phrases: &[Phrase]) -> Option<Claim> {
    let is_led_to = |mention: &Mention| {
        let begins = mention.first_word.min(mention.kind_words.start);
        phrases.iter().any(|phrase| {
            let between = phrase.words.end..begins + 1;
            phrase.says == Says::Inside
                && between.len() <= MOST_WORDS_BETWEEN
                && !between.is_empty()
        })
    };
    let of_kind = |mention: &Mention, kind: Kind| -> Vec<Target> {
        let targets = mention.targets.iter();
        let is_meant = |target: &&Target| target.kind == kind && target.via == Via::Named;
        targets.filter(is_meant).cloned().collect()
    };
    let mut inside = Vec::new();
    let mut things = Vec::new();
    for mention in mentions {
        let networks = of_kind(mention, Kind::Network);
        if networks.is_empty() {
            things.extend(of_kind(mention, Kind::Thing));
        } else {
            inside.push((is_led_to(mention), networks));
        }
    }
    let is_said = inside.iter().any(|(is_led_to, _)| *is_led_to);
    let inside: Vec<Target> = inside
        .into_iter()
        .flat_map(|(_, targets)| targets)
        .collect();
    (is_said && !things.is_empty()).then_some(Claim::Lying { things, inside })
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
    crossed: Vec<Crossed>,
    stays_inside: Vec<usize>,
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
            crossed: Vec::new(),
            stays_inside: Vec::new(),
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

    /// Add a claim, unless what follows takes from it: then it says something that nothing decides.
    fn claim_unless_qualified(
        &mut self,
        sentence: &Sentence<'_>,
        claim: Claim,
        words: Range<usize>,
    ) {
        match sentence.qualified(&words) {
            Some(why) => self.undecidable(sentence, words, why),
            None => self.claim(claim, words),
        }
    }

    /// Add a claim on where something lies, if that something is what the guarantee is about.
    fn place(&mut self, sentence: &Sentence<'_>, claim: Claim, words: Range<usize>) {
        if sentence.is_own_place(&words) {
            self.claim(claim, words);
        } else {
            let why = "it may be the place of something else: say that it stays inside";
            self.undecidable(sentence, words, why);
        }
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
            | (Self::OnlyReachedOver(known), Self::OnlyReachedOver(more))
            | (Self::NotReaching(known), Self::NotReaching(more)) => take(known, more),
            (Self::InRegion(known), Self::InRegion(more))
            | (Self::InAccount(known), Self::InAccount(more)) => take(known, more),
            (known, other) => known == other,
        }
    }
}

/// Whether a mention is only as good as a guess of several: it stands for more than one part.
#[must_use]
pub fn is_ambiguous(mention: &Mention) -> bool {
    let mut parts: Vec<&Target> = mention.targets.iter().collect();
    parts.dedup_by(|a, b| a.boundary == b.boundary);
    // An alias, a block's address and a range stand for all of theirs on purpose.
    let is_meant = |target: &&Target| target.via == Via::Alias || target.how == How::Address;
    // Servers of one name are one to people, and no boundary that could be the wrong one.
    parts.retain(|target| target.kind != Kind::Thing);
    parts.len() > 1 && !parts.iter().all(is_meant)
}
