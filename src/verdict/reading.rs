//! How the words of a carve-out are understood, for people who want to know why it rests on what it rests on.

use std::collections::BTreeSet;

use crate::carveout::footprint::Ground;
use crate::carveout::guarantee::{Claim, Guarantee, Phrase, Role, Says, is_ambiguous};
use crate::carveout::names::{How, Mention, NameIndex, Target};
use crate::carveout::site::{CarveOut, Scope, Via};
use crate::change::diff::Snapshot;
use crate::graph::BoundaryId;

use super::claims::{Truth, judge, words_of};
use super::judge::Case;

/// Most candidates of one name that advice spells out.
const MOST_CANDIDATES: usize = 5;

/// A carve-out with everything that was made of its words.
#[derive(Debug)]
pub struct Reading {
    /// The carve-out and its footprint.
    pub carve_out: CarveOut,
    /// Its guarantee, read.
    pub guarantee: Guarantee,
    /// Why its footprint is what it is.
    pub ground: Ground,
    /// What becomes of each claim, in the order in which it is made; those that nothing decides come last.
    pub claims: Vec<ReadClaim>,
    /// Names of the network that come near words that were not understood.
    pub near: Vec<String>,
    /// What would make it better, a sentence each.
    pub advice: Vec<String>,
}

/// A claim of a guarantee in today's network.
#[derive(Debug)]
pub struct ReadClaim {
    /// The words that make it.
    pub text: String,
    /// The claim, to stand after "it claims"; `None` where no graph can decide such a thing.
    pub claim: Option<String>,
    /// Whether it holds.
    pub truth: Truth,
    /// Why nothing decides it, or why it is false.
    pub why: Option<String>,
}

/// Every report that readings have, with what was read.
#[derive(Debug)]
pub struct Readings {
    /// By repository, path and line.
    pub carve_outs: Vec<Reading>,
    /// There are several repositories.
    pub has_several_repositories: bool,
    /// What was looked at, in words.
    pub inputs: Vec<String>,
}

impl Reading {
    /// Explain a case in a snapshot, with the names that guarantees may use.
    #[must_use]
    pub fn of(case: Case, snapshot: &Snapshot, names: &NameIndex) -> Self {
        let Case {
            carve_out,
            guarantee,
            ground,
            ..
        } = case;
        let words: Vec<&str> = all_words(&guarantee);
        let text_of = |says: &Says| -> String {
            let phrases = guarantee.phrases.iter();
            let own: Vec<String> = phrases
                .filter(|phrase| phrase.says == *says)
                .map(|phrase| words[phrase.words.clone()].join(" "))
                .collect();
            own.join(" … ")
        };
        let mut claims: Vec<ReadClaim> = Vec::new();
        for (index, claim) in guarantee.claims.iter().enumerate() {
            let truth = judge(claim, &carve_out.footprint, snapshot);
            let why = match &truth {
                Truth::Holds => None,
                Truth::False(why) => Some(why.words.clone()),
                Truth::Undecided if carve_out.footprint.parts.is_empty() => {
                    Some("it rests on nothing that could be asked".to_owned())
                }
                Truth::Undecided => Some("what was read does not tell".to_owned()),
            };
            claims.push(ReadClaim {
                text: text_of(&Says::Claim(index)),
                claim: Some(words_of(claim)),
                truth,
                why,
            });
        }
        for (index, one) in guarantee.undecidable.iter().enumerate() {
            claims.push(ReadClaim {
                text: text_of(&Says::Undecidable(index)),
                claim: None,
                truth: Truth::Undecided,
                why: Some(one.why.clone()),
            });
        }
        let near = if ground == Ground::Words {
            Vec::new()
        } else {
            guarantee.near_names(names)
        };
        let advice = advice(&guarantee, ground, &near);
        Self {
            carve_out,
            guarantee,
            ground,
            claims,
            near,
            advice,
        }
    }

    /// Why its footprint is what it is, in words.
    #[must_use]
    pub fn why(&self) -> String {
        match self.ground {
            Ground::HostWords => "the words say that traffic stays on one host: no network change concerns it".to_owned(),
            Ground::Words => "the words name it".to_owned(),
            Ground::Block => "no word names it: the comment stands in what is or lies there".to_owned(),
            Ground::Binding => "neither the words nor the place of the comment tell: the settings bind its path".to_owned(),
            Ground::LinksOfKind(kind) => format!("the words name no {0}, so every {0} counts", kind.word()),
            Ground::Place => "the words name no network, so every network of the place they speak of counts".to_owned(),
            Ground::Nothing => "no word, no block around it and no setting leads to a part of the network: it falls at every perimeter change".to_owned(),
        }
    }
}

/// What a target is to a person: its name, how the words mean it, and its identity.
#[must_use]
pub fn how_words(mention: &Mention, target: &Target) -> String {
    let how = match (target.via, target.how) {
        (Via::Alias, _) => "an alias or site of the settings",
        (_, How::Name) => "its name",
        (_, How::Identifier) => "its identifier",
        (_, How::Address) => "its Terraform address",
        (_, How::Range) => "a range it holds",
        (_, How::Label) => "a label, which counts beside a kind word",
        (_, How::Unnamed) => "its place",
    };
    if mention.is_variant {
        format!("{how}, spelled otherwise")
    } else {
        how.to_owned()
    }
}

/// The words of a guarantee as its phrases count them.
fn all_words(guarantee: &Guarantee) -> Vec<&str> {
    let stretches = guarantee.account.iter();
    stretches
        .flat_map(|stretch| stretch.words.split(' '))
        .collect()
}

fn advice(guarantee: &Guarantee, ground: Ground, near: &[String]) -> Vec<String> {
    let mut advice = Vec::new();
    for mention in guarantee.mentions.iter().filter(|one| is_ambiguous(one)) {
        let all: BTreeSet<&BoundaryId> = mention.targets.iter().map(|one| &one.boundary).collect();
        let shown: Vec<&str> = all
            .iter()
            .take(MOST_CANDIDATES)
            .map(|boundary| boundary.as_str())
            .collect();
        let more = all.len() - shown.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        advice.push(format!(
            "\"{}\" may be any of {}{more}, and each of them counts: an identifier, a Terraform address or a kind word tells them apart",
            mention.words,
            shown.join(", ")
        ));
    }
    match ground {
        Ground::Nothing => advice.push(unanchored_help(near)),
        Ground::LinksOfKind(kind) => advice.push(format!(
            "name the {} it crosses, or the networks that are its ends, and the others stop counting",
            kind.word()
        )),
        Ground::Place => advice.push(
            "name the network it stays inside, and the others of that place stop counting".to_owned(),
        ),
        Ground::Block | Ground::Binding if !near.is_empty() => {
            advice.push(format!("if the words mean {}, write it so", near.join(" or ")));
        }
        _ => {}
    }
    let speaks_of_a_host = guarantee
        .phrases
        .iter()
        .any(|phrase| phrase.says == Says::Locally);
    if speaks_of_a_host && ground == Ground::Nothing {
        advice.push("words of one host settle it only where nothing else is said: say no more than that, or name where the rest of the traffic stays".to_owned());
    }
    let unread: Vec<&str> = guarantee.not_understood();
    let has_said_nothing = guarantee.mentions.is_empty()
        && guarantee
            .phrases
            .iter()
            .all(|phrase: &Phrase| matches!(phrase.says, Says::Inside | Says::RulesOut));
    if has_said_nothing && !unread.is_empty() && ground != Ground::Nothing {
        advice.push("its words say nothing that was understood: say where the traffic stays, or what it crosses".to_owned());
    }
    advice
}

/// What to write into a guarantee that rests on nothing, with names that its words come near.
#[must_use]
pub fn unanchored_help(near: &[String]) -> String {
    let meant = if near.is_empty() {
        String::new()
    } else {
        let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
        format!(" (is one of these meant: {}?)", quoted.join(", "))
    };
    format!(
        "name what it rests on by Name tag, identifier or Terraform address{meant}; or explain people's own name for it with `aliases` in perimeter.yaml, or bind its path with `bindings`"
    )
}

/// What a guarantee claims and nothing decides after a change, in its words.
#[must_use]
pub fn undecided(case: &Case, snapshot: &Snapshot) -> Vec<String> {
    let footprint = &case.carve_out.footprint;
    let claims = case.guarantee.claims.iter();
    // That a service lies in no network that is known is nothing to tell beside every change.
    let is_told = |claim: &&Claim| !matches!(claim, Claim::Lying { .. });
    let open = claims
        .filter(is_told)
        .filter(|claim| {
            !footprint.parts.is_empty() && judge(claim, footprint, snapshot) == Truth::Undecided
        })
        .map(words_of);
    let undecidable = case.guarantee.undecidable.iter();
    open.chain(undecidable.map(|one| format!("\"{}\" ({})", one.words, one.why)))
        .collect()
}

impl Truth {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::False(_) => "false",
            Self::Undecided => "undecided",
        }
    }
}

/// Whether a stretch of words deserves to be shown: what carries no claim of its own does not.
#[must_use]
pub fn is_telling(role: Role) -> bool {
    role != Role::Plain
}

/// What sort of footprint it is, for a person.
#[must_use]
pub fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Inside => "staying inside",
        Scope::OverLinks => "crossing only",
        Scope::Local => "one host",
        Scope::Unanchored => "nothing",
    }
}
