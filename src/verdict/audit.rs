//! Whether guarantees hold in the network as it is, with what shows it.
//!
//! A guarantee is *true* only when everything that it says was found to be so: what it names is there and described, the site
//! lies in it, and each of its claims holds. One claim that is refuted makes it *false*. In between it is *undecidable*, and
//! the points tell what could not be known. That nothing was found out never makes anything true.

use std::collections::BTreeSet;

use crate::carveout::footprint::{Ground, Surroundings};
use crate::carveout::guarantee::{Claim, Guarantee, Says, is_ambiguous};
use crate::carveout::names::Target;
use crate::carveout::site::{Footprint, FootprintPart, LastJustified, Scope};
use crate::change::diff::Snapshot;
use crate::graph::link::{Link, LinkState};
use crate::graph::node::{Node, NodeKind, Standing};
use crate::graph::origin::OriginId;
use crate::graph::perimeter::FactKind;
use crate::graph::protection::Evidence;
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};

use super::claims::{self, Refutation, words_of};
use super::judge::Case;
use super::{Judged, Verdict};

pub mod comparison;
#[cfg(test)]
mod tests;

pub use comparison::Comparison;

/// What leads out of a part, before the rest is counted.
const DOORS_SPELLED_OUT: usize = 4;

/// Everything an audit concludes. Reports render this and nothing else.
#[derive(Debug)]
pub struct Audit {
    /// Carve-outs, findings and notices as a verdict without changes: a guarantee that is false counts as broken.
    pub verdict: Verdict,
    /// What was found out of each carve-out of the verdict, in the same order.
    pub weighed: Vec<Weighed>,
    /// The day it is about, as an ISO date.
    pub today: String,
    /// How many days old a justification may be; `None`: no limit is set.
    pub most_days: Option<u64>,
    /// The repositories, with what was read of them.
    pub repositories: Vec<ReadRepository>,
    /// The files that were read beside them.
    pub files: Vec<ReadFile>,
    /// What differs from an earlier audit, if one was given.
    pub comparison: Option<Comparison>,
}

/// A repository as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRepository {
    /// Its name.
    pub name: String,
    /// The commit that was read, or that the work tree stands on; `None` before the first.
    pub commit: Option<String>,
    /// The work tree was read, and it differs from that commit.
    pub is_changed: bool,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadFile {
    /// What it was read as: "plan", "context", "settings", "variables", "providers".
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

impl Audit {
    /// The carve-outs, each with what was found out of it.
    pub fn sites(&self) -> impl Iterator<Item = (&Judged, &Weighed)> {
        self.verdict.carve_outs.iter().zip(&self.weighed)
    }

    /// How many guarantees come to this.
    #[must_use]
    pub fn count(&self, truth: Truth) -> usize {
        let weighed = self.weighed.iter();
        weighed.filter(|one| one.truth == truth).count()
    }
}

/// Whether a guarantee is true. Words of the JSON contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Something that it says is not so.
    False,
    /// Something that it says could not be found out, and nothing of it is refuted.
    Undecidable,
    /// All that it says was found to be so.
    True,
}

impl Truth {
    /// Each, in the order in which a person should read them.
    pub const ALL: [Self; 3] = [Self::False, Self::Undecidable, Self::True];

    /// The word of the JSON contract and for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::Undecidable => "undecidable",
            Self::True => "true",
        }
    }

    /// The truth that a word of the contract means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|truth| truth.word() == word)
    }
}

/// One thing that bears on a guarantee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// What it makes of the guarantee by itself.
    pub truth: Truth,
    /// In words, a clause of its own.
    pub words: String,
    /// The resources it follows from.
    pub origins: BTreeSet<OriginId>,
    /// The documentation it rests on.
    pub evidence: Option<Evidence>,
}

impl Point {
    fn new(truth: Truth, words: String) -> Self {
        Self {
            truth,
            words,
            origins: BTreeSet::new(),
            evidence: None,
        }
    }

    /// Something that could not be found out.
    #[must_use]
    pub fn open(words: impl Into<String>) -> Self {
        Self::new(Truth::Undecidable, words.into())
    }

    /// Something that is as the guarantee says.
    #[must_use]
    pub fn holds(words: impl Into<String>) -> Self {
        Self::new(Truth::True, words.into())
    }

    /// Something that the setting at which a carve-out stands makes false.
    #[must_use]
    pub fn refuted_by_setting(words: &str) -> Self {
        Self::new(Truth::False, words.to_owned())
    }

    fn refuted(words: String, by: Refutation) -> Self {
        Self {
            origins: by.origins,
            evidence: by.evidence,
            ..Self::new(Truth::False, words)
        }
    }

    fn from(mut self, origins: &BTreeSet<OriginId>) -> Self {
        self.origins.extend(origins);
        self
    }
}

/// What was found out of one guarantee.
#[derive(Debug)]
pub struct Weighed {
    /// Whether it is true.
    pub truth: Truth,
    /// What shows that, or what could not be known; what is false first.
    pub points: Vec<Point>,
    /// The code its comment is about, white space folded; `None` at the end of a file.
    pub stands_at: Option<String>,
    /// Since when its words stand, or hold again.
    pub age: Age,
    /// It is older than the organisation allows.
    pub is_stale: bool,
}

/// Since when the words of a carve-out stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    /// Who wrote its words as they are, and when.
    pub written: Written,
    /// The date of the newest receipt that holds for the perimeter of today, if there is one; an ISO date.
    pub receipt: Option<String>,
    /// Days between the later of both and today; `None`: it cannot be told.
    pub days: Option<u64>,
}

/// When words were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// This commit introduced them, wherever they stood then.
    In(LastJustified),
    /// They are in the work tree and in no commit.
    NotCommitted,
    /// The history that is at hand does not go back to it, for this reason.
    NotKnown(String),
}

/// How traffic gets from one part to another.
#[derive(Debug, Clone)]
pub struct Passage {
    /// The links it takes, in words.
    pub words: String,
    /// The resources that let it through.
    pub origins: BTreeSet<OriginId>,
    /// What of it the input does not describe; empty: it is certain.
    pub doubts: BTreeSet<String>,
}

/// A snapshot that guarantees are held against.
pub struct Scales<'s> {
    /// The network.
    pub snapshot: &'s Snapshot,
    /// The ways from one part to another, the certain ones first.
    pub passages: &'s dyn Fn(&NodeId, &NodeId) -> Vec<Passage>,
}

impl Scales<'_> {
    /// Weigh a guarantee, written at a place that is or lies in what `surroundings` tell. `known` is what else is known to bear on
    /// it: things not understood that it may rest on, and what its place alone refutes.
    #[must_use]
    pub fn weigh(
        &self,
        case: &Case,
        surroundings: &Surroundings,
        known: Vec<Point>,
    ) -> (Truth, Vec<Point>) {
        let footprint = &case.carve_out.footprint;
        let guarantee = &case.guarantee;
        let mut points = match footprint.scope {
            Scope::Unanchored => vec![Point::open(
                "no word of it, no block around it and no setting leads to a part of the network",
            )],
            Scope::Local => local(guarantee),
            Scope::Inside => self.inside(case, surroundings),
            Scope::OverLinks => self.over_links(case),
        };
        if matches!(footprint.scope, Scope::Inside | Scope::OverLinks) {
            points.extend(guarantee.claims.iter().enumerate().map(|(index, claim)| {
                let said = said(guarantee, &Says::Claim(index));
                self.claim(claim, &said, guarantee, footprint)
            }));
        }
        points.extend(
            guarantee
                .undecidable
                .iter()
                .map(|one| Point::open(format!("\"{}\": {}", one.words, one.why))),
        );
        let unread = guarantee.left_open(&case.carve_out.guarantee).into_iter();
        points.extend(unread.map(|words| {
            Point::open(format!(
                "\"{words}\" was not understood, and may claim more"
            ))
        }));
        points.extend(known);
        points.sort_by_key(|point| point.truth);
        let mut seen = BTreeSet::new();
        points.retain(|point| seen.insert((point.truth, point.words.clone())));
        let truth = points
            .first()
            .map_or(Truth::Undecidable, |worst| worst.truth);
        (truth, points)
    }

    fn inside(&self, case: &Case, surroundings: &Surroundings) -> Vec<Point> {
        let graph = &self.snapshot.graph;
        let footprint = &case.carve_out.footprint;
        let parts = nodes_of(footprint, graph);
        let mut points: Vec<Point> = parts.iter().map(|(_, node)| self.existence(node)).collect();
        points.push(lies_there(&parts, case.ground, surroundings, graph));
        let crosses = |part: &FootprintPart| matches!(part.boundary, BoundaryId::Link(_));
        if footprint.parts.iter().any(crosses) {
            points.extend(self.over_links(case));
        }
        points
    }

    /// That a part is there, as far as the input describes it, and what leads out of it.
    fn existence(&self, node: &Node) -> Point {
        let words = words_of_node(node);
        match &node.standing {
            Standing::Described => {
                let doors = self.doors(node);
                Point::holds(match (doors.is_empty(), node.kind) {
                    (false, _) => format!("{words} is there; {doors}"),
                    (true, NodeKind::Network) => {
                        format!("{words} is there, and nothing that was read leads out of it")
                    }
                    (true, _) => format!("{words} is there"),
                })
            }
            Standing::Foreign => Point::open(format!(
                "nothing that was read describes {words}: it lies in another account, state or site"
            )),
            Standing::Unresolved { why, .. } => Point::open(format!("{words} is not known: {why}")),
        }
        .from(&node.origins)
    }

    /// What leads out of a part, or of the networks it lies in: for whoever has to judge what its guarantee leaves unsaid.
    fn doors(&self, node: &Node) -> String {
        let leads_out = |kind: FactKind| {
            matches!(
                kind,
                FactKind::Peering
                    | FactKind::Attachment
                    | FactKind::Exposure
                    | FactKind::Egress
                    | FactKind::PrivateEndpoint
                    | FactKind::Sharing
            )
        };
        let around = self.snapshot.graph.networks_of(&node.id);
        let around = around.into_iter().filter(|network| network.id != node.id);
        let mut doors = BTreeSet::new();
        for part in std::iter::once(node).chain(around) {
            let boundary = BoundaryId::Node(part.id.clone());
            let facts = self.snapshot.perimeters.facts.get(&boundary);
            let name = if part.id == node.id {
                "it".to_owned()
            } else {
                words_of_node(part)
            };
            for ((kind, _), fact) in facts.into_iter().flatten() {
                if leads_out(*kind) && !fact.words.is_empty() {
                    doors.insert(format!("{name} {}", fact.words));
                }
            }
        }
        let more = doors.len().saturating_sub(DOORS_SPELLED_OUT);
        let mut shown: Vec<String> = doors.into_iter().take(DOORS_SPELLED_OUT).collect();
        if more > 0 {
            shown.push(format!("and {more} more"));
        }
        shown.join(", ")
    }

    fn over_links(&self, case: &Case) -> Vec<Point> {
        let graph = &self.snapshot.graph;
        let footprint = &case.carve_out.footprint;
        let claims_encryption = case.guarantee.claims.contains(&Claim::Encrypted);
        let mut points = Vec::new();
        let links: Vec<&Link> = footprint
            .parts
            .iter()
            .filter_map(|part| match &part.boundary {
                BoundaryId::Link(link) => graph.link(link),
                BoundaryId::Node(_) => None,
            })
            .collect();
        for link in &links {
            points.push(link_stands(link, graph));
            points.extend(foreign_ends(link, graph));
            if !claims_encryption && !link.in_transit.protection.encrypts() {
                points.push(
                    Point {
                        evidence: link.in_transit.evidence.clone(),
                        ..Point::open(format!(
                            "its words do not say that {} is encrypted, and it carries traffic {}",
                            words_of_link(link),
                            link.in_transit.protection.clause()
                        ))
                    }
                    .from(&link.protection_origins),
                );
            }
        }
        if let Ground::LinksOfKind(kind) = case.ground
            && links.len() > 1
        {
            points.push(Point::open(format!(
                "its words name no {}, and any of {} may be meant",
                kind.word(),
                links.len()
            )));
        }
        if !links.is_empty() && case.ground == Ground::Words {
            let ids: Vec<&LinkId> = links.iter().map(|link| &link.id).collect();
            points.extend(strangers(&case.guarantee, &ids, graph));
        }
        points
    }

    fn claim(
        &self,
        claim: &Claim,
        said: &str,
        guarantee: &Guarantee,
        footprint: &Footprint,
    ) -> Point {
        let said = if said.is_empty() {
            String::new()
        } else {
            format!("\"{said}\": ")
        };
        match claims::judge(claim, footprint, self.snapshot) {
            // Of a network that its words do not name, nothing was asked.
            claims::Truth::Holds if is_of_networks(claim) && !rests_on_nodes(footprint) => {
                Point::open(format!("{said}its words do not tell of which network"))
            }
            claims::Truth::Holds if is_shown(claim) => Point::holds(format!(
                "{said}what was read shows its claim {}",
                words_of(claim)
            )),
            claims::Truth::Holds => Point::holds(format!(
                "{said}nothing that was read speaks against its claim {}",
                words_of(claim)
            )),
            claims::Truth::Undecided => Point::open(format!(
                "{said}what was read does not tell {}",
                whether(claim)
            )),
            claims::Truth::False(by) => {
                if let Some(other) = self.only_of_some(claim, guarantee, footprint) {
                    return Point::open(format!(
                        "{said}{}, but its words may mean {other}, of which that is not so",
                        by.words
                    ));
                }
                let passages = by.passage.as_ref().map_or_else(Vec::new, |(from, to)| {
                    let mut passages = (self.passages)(from, to);
                    passages.sort_by_key(|passage| !passage.doubts.is_empty());
                    passages
                });
                let Some(best) = passages.into_iter().next() else {
                    return Point::refuted(format!("{said}{}", by.words), by);
                };
                let origins = best.origins.clone();
                if best.doubts.is_empty() {
                    let words = format!("{said}{}, {}", by.words, best.words);
                    return Point::refuted(words, by).from(&origins);
                }
                let doubts: Vec<&str> = best.doubts.iter().map(String::as_str).collect();
                Point::open(format!(
                    "{said}perhaps {}, {}; but {}",
                    by.words,
                    best.words,
                    doubts.join("; ")
                ))
                .from(&origins)
            }
        }
    }

    /// Of several parts that an ambiguous name may mean, one of which a claim is not false.
    fn only_of_some(
        &self,
        claim: &Claim,
        guarantee: &Guarantee,
        footprint: &Footprint,
    ) -> Option<String> {
        guarantee.mentions.iter().find(|one| is_ambiguous(one))?;
        let mut parts = footprint.parts.iter();
        let spared = parts.find(|part| {
            let alone = Footprint::new(footprint.scope, vec![(*part).clone()]);
            !matches!(
                claims::judge(claim, &alone, self.snapshot),
                claims::Truth::False(_)
            )
        })?;
        Some(format!("{} ({})", spared.name, spared.boundary))
    }
}

/// Whether a claim is about networks, whatever links are crossed.
fn is_of_networks(claim: &Claim) -> bool {
    !matches!(
        claim,
        Claim::Encrypted | Claim::InRegion(_) | Claim::Lying { .. }
    )
}

/// Whether a claim that holds was shown by something that is there, and not by the absence of what would refute it.
fn is_shown(claim: &Claim) -> bool {
    matches!(
        claim,
        Claim::Encrypted
            | Claim::EncryptionEnforced
            | Claim::InRegion(_)
            | Claim::InAccount(_)
            | Claim::Lying { .. }
    )
}

fn rests_on_nodes(footprint: &Footprint) -> bool {
    let mut parts = footprint.parts.iter();
    parts.any(|part| matches!(part.boundary, BoundaryId::Node(_)))
}

/// A claim that was not decided, to stand after "does not tell".
fn whether(claim: &Claim) -> String {
    let words = words_of(claim);
    match words.strip_prefix("that ") {
        Some(rest) => format!("whether {rest}"),
        None => format!("whether it is true {words}"),
    }
}

/// The words that say something, as written.
fn said(guarantee: &Guarantee, says: &Says) -> String {
    let stretches = guarantee.account.iter();
    let words: Vec<&str> = stretches.flat_map(|one| one.words.split(' ')).collect();
    let phrases = guarantee.phrases.iter().filter(|one| one.says == *says);
    let own = phrases.filter_map(|phrase| words.get(phrase.words.clone()));
    own.map(|words| words.join(" "))
        .collect::<Vec<_>>()
        .join(" … ")
}

/// What stays on one host crosses no network.
fn local(guarantee: &Guarantee) -> Vec<Point> {
    let mut points = vec![Point::holds(
        "it holds by its nature: the words say that the traffic stays on one host, and no network is used",
    )];
    let mut words = guarantee
        .account
        .iter()
        .flat_map(|one| one.words.split(' '));
    let has_choice = words.any(|word| word.eq_ignore_ascii_case("or"));
    if let Some(mention) = guarantee.mentions.first().filter(|_| has_choice) {
        points.push(Point::open(format!(
            "it names {} too, and which of both carries the traffic is not said",
            mention.words
        )));
    }
    points
}

fn nodes_of<'g>(footprint: &'g Footprint, graph: &'g Graph) -> Vec<(&'g FootprintPart, &'g Node)> {
    let node = |part: &'g FootprintPart| match &part.boundary {
        BoundaryId::Node(id) => Some((part, graph.node(id)?)),
        BoundaryId::Link(_) => None,
    };
    footprint.parts.iter().filter_map(node).collect()
}

fn words_of_node(node: &Node) -> String {
    format!("{} {}", node.role, node.display_name())
}

fn words_of_link(link: &Link) -> String {
    format!("{} {}", link.role, link.display_name())
}

/// Whether the site lies in what its guarantee says it stays inside of.
fn lies_there(
    parts: &[(&FootprintPart, &Node)],
    ground: Ground,
    surroundings: &Surroundings,
    graph: &Graph,
) -> Point {
    let names: Vec<String> = parts.iter().map(|(_, node)| words_of_node(node)).collect();
    let names = names.join(" or ");
    match ground {
        Ground::Block => {
            return Point::holds(format!("the comment stands in what is or lies in {names}"));
        }
        Ground::Binding => return Point::holds(format!("the settings bind its path to {names}")),
        _ => {}
    }
    let is_inside = |target: &Target| {
        let BoundaryId::Node(id) = &target.boundary else {
            return None;
        };
        let around = graph.ancestors_of(id);
        let networks = graph.networks_of(id);
        parts.iter().find_map(|(_, node)| {
            let is_it = node.id == *id
                || around.iter().any(|one| one.id == node.id)
                || networks.iter().any(|one| one.id == node.id);
            is_it.then_some(*node)
        })
    };
    if let Some((target, node)) = surroundings
        .block
        .iter()
        .find_map(|target| Some((target, is_inside(target)?)))
    {
        let origins = origins_of(&target.boundary, graph);
        let words = if matches!(&target.boundary, BoundaryId::Node(id) if *id == node.id) {
            format!(
                "the comment stands in what is or lies in {}",
                words_of_node(node)
            )
        } else {
            format!(
                "the comment stands in {}, which lies in {}",
                target.name,
                words_of_node(node)
            )
        };
        return Point::holds(words).from(&origins);
    }
    if let Some(elsewhere) = surroundings
        .block
        .iter()
        .find_map(|target| apart(target, parts, graph))
    {
        return Point::new(
            Truth::False,
            format!(
                "the comment stands in what lies in {}, not in {names}",
                words_of_node(elsewhere)
            ),
        )
        .from(&elsewhere.origins);
    }
    let mut bound = surroundings.bound.iter();
    if let Some(node) = bound.find_map(is_inside) {
        return Point::holds(format!(
            "the settings bind its path to {}",
            words_of_node(node)
        ));
    }
    Point::open(format!(
        "nothing that was read shows that this code runs in {names}: `bindings` in the settings can say so"
    ))
}

/// The network that something lies in, where it is described and has nothing to do with what a guarantee names.
fn apart<'g>(
    target: &Target,
    parts: &[(&FootprintPart, &Node)],
    graph: &'g Graph,
) -> Option<&'g Node> {
    let BoundaryId::Node(id) = &target.boundary else {
        return None;
    };
    let is_described = |node: &&Node| node.standing == Standing::Described;
    let own = graph.networks_of(id);
    let first = *own.first()?;
    let theirs: Vec<BTreeSet<&NodeId>> = parts
        .iter()
        .map(|(_, node)| {
            graph
                .networks_of(&node.id)
                .iter()
                .map(|one| &one.id)
                .collect()
        })
        .collect();
    // What names no network, or lies in none that was read, is nowhere else.
    let is_told = own.iter().all(is_described)
        && parts.iter().all(|(_, node)| is_described(node))
        && theirs.iter().all(|networks| !networks.is_empty());
    let are_apart = theirs
        .iter()
        .all(|networks| !own.iter().any(|one| networks.contains(&one.id)));
    (is_told && are_apart).then_some(first)
}

fn origins_of(boundary: &BoundaryId, graph: &Graph) -> BTreeSet<OriginId> {
    let origins = match boundary {
        BoundaryId::Node(id) => graph.node(id).map(|node| &node.origins),
        BoundaryId::Link(id) => graph.link(id).map(|link| &link.origins),
    };
    origins.cloned().unwrap_or_default()
}

/// That a link is there, and how it is protected.
fn link_stands(link: &Link, graph: &Graph) -> Point {
    let words = words_of_link(link);
    let ends: Vec<String> = graph
        .ends(&link.id)
        .into_iter()
        .flatten()
        .map(words_of_node)
        .collect();
    let ends = ends.join(" and ");
    let point = if link.state == LinkState::Offered {
        Point::open(format!(
            "{words} between {ends} is offered, and nothing tells that the other side accepts"
        ))
    } else {
        Point::holds(format!(
            "{words} joins {ends}, and carries traffic {}",
            link.in_transit.protection.clause()
        ))
    };
    Point {
        evidence: link.in_transit.evidence.clone(),
        ..point
    }
    .from(&(&link.origins | &link.protection_origins))
}

/// Ends that lie outside of what was read. What is external, a datacenter behind its gateway, can never be in it.
fn foreign_ends(link: &Link, graph: &Graph) -> Vec<Point> {
    let ends = graph.ends(&link.id).into_iter().flatten();
    let foreign = ends.filter(|end| {
        end.standing != Standing::Described && !matches!(end.kind, NodeKind::External)
    });
    foreign
        .map(|end| {
            Point::open(format!(
                "{} ends at {}, which nothing that was read describes",
                words_of_link(link),
                words_of_node(end)
            ))
        })
        .collect()
}

/// Parts that the words name beside links, and that have nothing to do with the ends of any.
fn strangers(guarantee: &Guarantee, links: &[&LinkId], graph: &Graph) -> Vec<Point> {
    let mut near: BTreeSet<&NodeId> = BTreeSet::new();
    for end in links.iter().filter_map(|link| graph.ends(link)).flatten() {
        near.insert(&end.id);
        near.extend(graph.ancestors_of(&end.id).iter().map(|node| &node.id));
        near.extend(graph.networks_of(&end.id).iter().map(|node| &node.id));
    }
    let is_near = |target: &Target| match &target.boundary {
        BoundaryId::Link(_) => true,
        BoundaryId::Node(id) => {
            near.contains(id)
                || graph
                    .ancestors_of(id)
                    .iter()
                    .any(|one| near.contains(&one.id))
                || graph
                    .networks_of(id)
                    .iter()
                    .any(|one| near.contains(&one.id))
        }
    };
    let mentions = guarantee.mentions.iter();
    mentions
        .filter(|mention| !mention.targets.iter().any(is_near))
        .map(|mention| {
            Point::open(format!(
                "it names {}, which is at no end of what it crosses",
                mention.words
            ))
        })
        .collect()
}
