//! Which footprints a change touches, what the same change set re-justified, and which claims are false afterwards.

use std::collections::BTreeSet;

use crate::carveout::guarantee::{Claim, Guarantee};
use crate::carveout::names::NameIndex;
use crate::carveout::site::{CarveOut, Footprint, Scope, Via};
use crate::change::diff::Difference;
use crate::change::{Change, Effect};
use crate::graph::BoundaryId;
use crate::settings::{CategoryPolicy, Narrowing, Policy};

use super::claims::{Truth, judge};
use super::{Judged, Status};

/// How many reasons an explanation spells out.
const REASONS_SPELLED_OUT: usize = 3;

/// What became of a carve-out between base and head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its words are as they were.
    Same,
    /// Its guarantee or justification was rewritten.
    Reworded,
    /// It is new.
    Added,
    /// Marker and plaintext setting are gone.
    Removed,
    /// The marker is gone, its plaintext setting is not.
    MarkerDeleted,
}

/// A carve-out with what is known of it on both sides.
#[derive(Debug)]
pub struct Case {
    /// As it stands at head, or at base when it is gone from head.
    pub carve_out: CarveOut,
    /// Its guarantee, read.
    pub guarantee: Guarantee,
    /// What its words at base rested on, when they were others.
    pub footprint_at_base: Option<Footprint>,
    /// What became of it.
    pub fate: Fate,
}

/// Judges carve-outs under one difference.
#[derive(Debug)]
pub struct Judge<'d> {
    /// What differs.
    pub difference: &'d Difference<'d>,
    /// The same, grouped.
    pub changes: &'d [Change],
    /// What invalidates.
    pub policy: &'d Policy,
    /// Names of the parts after the change, to tell what is gone.
    pub names_after: &'d NameIndex,
}

/// Whether changes of this sort invalidate anything.
#[must_use]
pub fn invalidates(change: &Change, policy: &Policy) -> bool {
    let by_category = policy.categories.get(change.category.word());
    // What is only told by default (a way out through address translation) counts where the settings ask for it.
    let counts = match by_category {
        Some(CategoryPolicy::Invalidate) => true,
        Some(CategoryPolicy::Report) => false,
        None => !change.informative,
    };
    counts && !(policy.narrowing == Narrowing::Keep && change.effect == Effect::Narrows)
}

/// A change that touches a footprint, with what it does there.
struct Hit<'c> {
    change: &'c Change,
    words: Vec<String>,
}

impl Judge<'_> {
    /// A footprint without parts that are earlier identities of others in it.
    #[must_use]
    pub fn settled(&self, mut footprint: Footprint) -> Footprint {
        let present: BTreeSet<BoundaryId> = footprint
            .parts
            .iter()
            .map(|part| part.boundary.clone())
            .collect();
        footprint.parts.retain(|part| {
            let current = match &part.boundary {
                BoundaryId::Node(node) => BoundaryId::Node(self.difference.current(node).clone()),
                BoundaryId::Link(link) => BoundaryId::Link(self.difference.current_link(link)),
            };
            current == part.boundary || !present.contains(&current)
        });
        footprint
    }

    /// What the change set means for one carve-out.
    #[must_use]
    pub fn status(&self, mut case: Case) -> Judged {
        case.carve_out.footprint = self.settled(case.carve_out.footprint);
        case.footprint_at_base = case
            .footprint_at_base
            .map(|footprint| self.settled(footprint));
        let footprint = &case.carve_out.footprint;
        let mut hits = self.hits(footprint);
        if let Some(earlier) = &case.footprint_at_base {
            for hit in self.hits(earlier) {
                if !hits.iter().any(|known| known.change.id == hit.change.id) {
                    hits.push(hit);
                }
            }
        }
        let unanchored = footprint.scope == Scope::Unanchored
            && self.changes.iter().any(|one| invalidates(one, self.policy));
        let falsehood = self.falsehood(&case, !hits.is_empty());
        let because: Vec<String> = match (footprint.scope, unanchored) {
            (Scope::Unanchored, true) => self
                .changes
                .iter()
                .filter(|one| invalidates(one, self.policy))
                .map(|one| one.id.clone())
                .collect(),
            _ => hits.iter().map(|hit| hit.change.id.clone()).collect(),
        };
        let fell = !hits.is_empty() || unanchored;
        let status = match case.fate {
            Fate::Removed => Status::Removed,
            Fate::Added => Status::Added,
            _ if falsehood.is_some() => Status::Broken,
            _ if !fell => Status::Unaffected,
            Fate::Reworded => Status::Rejustified,
            _ if unanchored => Status::Unanchored,
            _ => Status::MustRejustify,
        };
        let explanation = explain(status, &case, &hits, falsehood.as_deref());
        let help = help(status, falsehood.is_some());
        Judged {
            status,
            because: if status == Status::Added && falsehood.is_none() {
                Vec::new()
            } else {
                because
            },
            explanation,
            help,
            false_claim: falsehood,
            carve_out: case.carve_out,
        }
    }

    fn hits(&self, footprint: &Footprint) -> Vec<Hit<'_>> {
        if matches!(footprint.scope, Scope::Local | Scope::Unanchored) {
            return Vec::new();
        }
        let mut hits = Vec::new();
        for change in self
            .changes
            .iter()
            .filter(|change| invalidates(change, self.policy))
        {
            let mut words = BTreeSet::new();
            for part in &footprint.parts {
                for boundary in self.identities(&part.boundary) {
                    let touches = change.touched.get(&boundary).into_iter().flatten();
                    // What never leaves a boundary does not rest on how the links that leave it are protected.
                    let counts =
                        |is_protection: bool| footprint.scope == Scope::OverLinks || !is_protection;
                    words.extend(
                        touches
                            .filter(|touch| counts(touch.is_protection))
                            .map(|touch| format!("{} {}", part.name, touch.words)),
                    );
                }
            }
            if !words.is_empty() {
                hits.push(Hit {
                    change,
                    words: words.into_iter().collect(),
                });
            }
        }
        hits
    }

    /// A boundary under every identity it has before and after.
    fn identities(&self, boundary: &BoundaryId) -> BTreeSet<BoundaryId> {
        let mut all = BTreeSet::from([boundary.clone()]);
        match boundary {
            BoundaryId::Node(node) => {
                all.insert(BoundaryId::Node(self.difference.current(node).clone()));
                let earlier = self
                    .difference
                    .successors
                    .iter()
                    .filter(|(_, heir)| *heir == node);
                all.extend(earlier.map(|(was, _)| BoundaryId::Node(was.clone())));
            }
            BoundaryId::Link(link) => {
                all.insert(BoundaryId::Link(self.difference.current_link(link)));
                let earlier = self
                    .difference
                    .before
                    .graph
                    .links()
                    .filter(|was| self.difference.current_link(&was.id) == *link);
                all.extend(earlier.map(|was| BoundaryId::Link(was.id.clone())));
            }
        }
        all
    }

    /// Why a claim of its own words is false after the change, if one is and the change set has to do with it.
    fn falsehood(&self, case: &Case, is_hit: bool) -> Option<String> {
        if matches!(case.fate, Fate::Removed) {
            return None;
        }
        if let Some(gone) = self.gone(case) {
            return Some(gone);
        }
        let footprint = &case.carve_out.footprint;
        case.guarantee.claims.iter().find_map(|claim| {
            let Truth::False(why) = judge(claim, footprint, self.difference.after) else {
                return None;
            };
            let held_before = judge(claim, footprint, self.difference.before) == Truth::Holds;
            let is_news = is_hit || held_before || case.fate != Fate::Same;
            is_news.then(|| format!("it claims {}, but {why}", words_of(claim)))
        })
    }

    /// What it names that was there before and is not after.
    fn gone(&self, case: &Case) -> Option<String> {
        let footprint = &case.carve_out.footprint;
        let (before, after) = (&self.difference.before.graph, &self.difference.after.graph);
        match footprint.scope {
            Scope::OverLinks => {
                let links: Vec<_> = footprint
                    .parts
                    .iter()
                    .filter_map(|part| match &part.boundary {
                        BoundaryId::Link(link) => Some((link, part)),
                        BoundaryId::Node(_) => None,
                    })
                    .collect();
                let was = links.iter().find(|(link, _)| before.link(link).is_some())?;
                let none_left = !links.iter().any(|(link, _)| after.link(link).is_some());
                none_left
                    .then(|| format!("it crosses {}, which is gone after the change", was.1.name))
            }
            Scope::Inside => {
                let still_named: BTreeSet<String> = self
                    .names_after
                    .mentions(&case.carve_out.guarantee)
                    .into_iter()
                    .map(|mention| mention.words)
                    .collect();
                case.guarantee.mentions.iter().find_map(|mention| {
                    let binds = |boundary: &BoundaryId| matches!(boundary, BoundaryId::Node(id) if before.node(id).is_some() && after.node(id).is_none());
                    let was_there = mention.targets.iter().all(|target| binds(&target.boundary));
                    (was_there && !still_named.contains(&mention.words))
                        .then(|| format!("it names {}, which is gone after the change", mention.targets[0].name))
                })
            }
            Scope::Local | Scope::Unanchored => None,
        }
    }
}

fn words_of(claim: &Claim) -> String {
    match claim {
        Claim::NotPeered(with) if with.is_empty() => "that there is no peering".to_owned(),
        Claim::NotPeered(with) => {
            let names: Vec<&str> = with.iter().map(|target| target.name.as_str()).collect();
            format!("that there is no peering with {}", names.join(", "))
        }
        Claim::NotExposed => "that the internet does not reach it".to_owned(),
        Claim::NoInternetGateway => "that there is no internet gateway".to_owned(),
        Claim::NotAttached => "that it is attached to no hub".to_owned(),
        Claim::NotReachedFrom(from) => {
            let names: Vec<&str> = from.iter().map(|target| target.name.as_str()).collect();
            format!("that {} does not reach it", names.join(", "))
        }
        Claim::Encrypted => "that the links it crosses are encrypted".to_owned(),
        Claim::EncryptionEnforced => "that encryption in transit is enforced".to_owned(),
        Claim::InRegion(regions) => format!("to stay in {}", regions.join(", ")),
    }
}

fn explain(status: Status, case: &Case, hits: &[Hit<'_>], falsehood: Option<&str>) -> String {
    let mut sentences = Vec::new();
    if let Some(why) = falsehood {
        sentences.push(format!("False after the change: {why}."));
    }
    let rests = rests_on(&case.carve_out.footprint);
    match status {
        Status::Unanchored => {
            sentences.push("Nothing in the guarantee, around it or in the settings names a part of the network, so no change can be shown to leave it alone.".to_owned());
        }
        Status::Unaffected | Status::Added | Status::Removed if hits.is_empty() => {
            match case.carve_out.footprint.scope {
                Scope::Local => sentences
                    .push("It stays on one host: no network change concerns it.".to_owned()),
                Scope::Unanchored => sentences
                    .push("It names no part of the network, and no perimeter changed.".to_owned()),
                _ if falsehood.is_none() => sentences.push(format!(
                    "It rests on {rests}, where nothing changed that counts."
                )),
                _ => {}
            }
        }
        _ if !hits.is_empty() => {
            let reasons: Vec<String> = hits
                .iter()
                .flat_map(|hit| {
                    hit.words
                        .iter()
                        .map(move |words| format!("{words} ({})", hit.change.id))
                })
                .collect();
            let more = reasons.len().saturating_sub(REASONS_SPELLED_OUT);
            let mut text = reasons
                .into_iter()
                .take(REASONS_SPELLED_OUT)
                .collect::<Vec<_>>()
                .join("; ");
            if more > 0 {
                text = format!("{text}; and {more} more");
            }
            sentences.push(format!("It rests on {rests}: {text}."));
        }
        _ => {}
    }
    match (status, case.fate) {
        (Status::Rejustified, _) => {
            sentences.push("Its words were rewritten in this change set.".to_owned())
        }
        (_, Fate::MarkerDeleted) => sentences.push(
            "Its marker was deleted above a plaintext setting that is still there.".to_owned(),
        ),
        (Status::Removed, _) => {
            sentences.push("Marker and plaintext setting are both gone.".to_owned())
        }
        _ => {}
    }
    sentences.join(" ")
}

fn rests_on(footprint: &Footprint) -> String {
    let parts: Vec<String> = footprint
        .parts
        .iter()
        .map(|part| match part.via {
            Via::Named => part.name.clone(),
            Via::Alias => format!("{} (by an alias)", part.name),
            Via::Block => format!("{} (the block it stands in)", part.name),
            Via::Binding => format!("{} (by a path binding)", part.name),
        })
        .collect();
    match footprint.scope {
        Scope::Local => "one host".to_owned(),
        Scope::Unanchored => "nothing that can be resolved".to_owned(),
        Scope::Inside => format!("staying inside {}", parts.join(", ")),
        Scope::OverLinks => format!("crossing only {}", parts.join(", ")),
    }
}

fn help(status: Status, is_false: bool) -> Option<String> {
    let text = match status {
        Status::MustRejustify => {
            "Does the guarantee still hold in the network after the change? Then say so: rewrite its guarantee or justification in this change set. If not, turn encryption on and remove the marker."
        }
        Status::Broken => {
            "Other words do not mend this: change the network so that the claim holds, or turn encryption on and remove the marker."
        }
        Status::Unanchored => {
            "Name what it rests on (a network's Name tag, identifier or Terraform address), bind its path in perimeter.yaml, or turn encryption on and remove the marker."
        }
        Status::Added if is_false => {
            "The new claim is false in the network after the change: change the network or the claim, or keep encryption on."
        }
        _ => return None,
    };
    Some(text.to_owned())
}
