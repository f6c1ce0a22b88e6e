//! Which footprints a change touches, what the same change set re-justified, and which claims are false afterwards.

use std::collections::{BTreeMap, BTreeSet};

use crate::carveout::footprint::Ground;
use crate::carveout::guarantee::Guarantee;
use crate::carveout::ledger::{PerimeterDigest, Receipt};
use crate::carveout::names::NameIndex;
use crate::carveout::site::{CarveOut, Footprint, Scope, Via};
use crate::change::diff::Difference;
use crate::change::standing::Aspect;
use crate::change::{Change, Effect};
use crate::graph::node::Node;
use crate::graph::{BoundaryId, LinkId, NodeId};
use crate::settings::{CategoryPolicy, Narrowing, Policy};

use super::claims::{Truth, judge, words_of};
use super::ground::{Digests, EVERYWHERE};
use super::reading::{unanchored_help, undecided};
use super::{Judged, Receipted, Status};

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
    /// Why its footprint is what it is.
    pub ground: Ground,
    /// What it rested on at base, where that is no part of what it rests on now: its words were others, or what names and
    /// settings made of them.
    pub footprint_at_base: Option<Footprint>,
    /// What became of it.
    pub fate: Fate,
    /// The receipts for its text.
    pub receipts: Vec<Receipt>,
}

impl Case {
    /// Hold it to what its words meant before the change set, too: names and settings that come with it may add to that, and
    /// take nothing from it.
    pub fn hold_to(&mut self, at_base: Footprint) {
        if self.fate == Fate::Added {
            return;
        }
        let own = &mut self.carve_out.footprint;
        let rests_on_parts =
            |footprint: &Footprint| matches!(footprint.scope, Scope::Inside | Scope::OverLinks);
        if self.fate == Fate::Reworded {
            self.footprint_at_base = Some(at_base);
        } else if rests_on_parts(own) && rests_on_parts(&at_base) {
            own.add(at_base);
        } else if own.scope != at_base.scope {
            self.footprint_at_base = Some(at_base);
        }
    }

    /// What a receipt speaks of: what its words rest on, and all of the network where they rested on nothing until now.
    fn to_justify(&self) -> &Footprint {
        let at_base = self.footprint_at_base.as_ref();
        at_base
            .filter(|at_base| self.fate == Fate::Same && at_base.scope == Scope::Unanchored)
            .unwrap_or(&self.carve_out.footprint)
    }
}

/// Judges carve-outs under one difference.
#[derive(Debug)]
pub struct Judge<'d, 'n> {
    /// What differs.
    pub difference: &'d Difference<'d>,
    /// The same, grouped.
    pub changes: &'d [Change],
    /// What invalidates.
    pub policy: &'d Policy,
    /// Names of the parts after the change, to tell what is gone.
    pub names_after: &'n NameIndex,
    /// The network after the change, to hold receipts against.
    pub digests: &'d Digests<'d>,
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

impl Judge<'_, '_> {
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
        let text = &case.carve_out.guarantee;
        let mut hits = self.hits(footprint, text);
        if let Some(earlier) = &case.footprint_at_base {
            for hit in self.hits(earlier, text) {
                if !hits.iter().any(|known| known.change.id == hit.change.id) {
                    hits.push(hit);
                }
            }
        }
        let mut both = std::iter::once(footprint).chain(&case.footprint_at_base);
        let unanchored = both.any(|one| one.scope == Scope::Unanchored)
            && self.changes.iter().any(|one| invalidates(one, self.policy));
        let falsehood = self.falsehood(&case, !hits.is_empty());
        let because: Vec<String> = if unanchored {
            self.changes
                .iter()
                .filter(|one| invalidates(one, self.policy))
                .map(|one| one.id.clone())
                .collect()
        } else {
            hits.iter().map(|hit| hit.change.id.clone()).collect()
        };
        let fell = !hits.is_empty() || unanchored;
        let status = match case.fate {
            Fate::Removed => Status::Removed,
            Fate::Added => Status::Added,
            _ if falsehood.is_some() => Status::Broken,
            _ if !fell => Status::Unaffected,
            Fate::Reworded => Status::Rejustified,
            // What is shown to change says more than that nothing was named before.
            _ if unanchored && (footprint.scope == Scope::Unanchored || hits.is_empty()) => {
                Status::Unanchored
            }
            _ => Status::MustRejustify,
        };
        let is_open = matches!(status, Status::MustRejustify | Status::Unanchored);
        // A receipt speaks of words that stand; where the marker was deleted, none do.
        let may_have_receipt = case.fate != Fate::MarkerDeleted;
        let perimeter = (may_have_receipt && (is_open || status == Status::Rejustified))
            .then(|| self.digests.under(case.to_justify()))
            .flatten();
        let receipt = perimeter
            .as_ref()
            .filter(|_| case.fate == Fate::Same)
            .and_then(|perimeter| self.receipted(&case, perimeter));
        let status = match &receipt {
            Some(receipt) if is_open && receipt.fits => Status::Rejustified,
            _ => status,
        };
        let mut explanation = explain(status, &case, &hits, falsehood.as_deref(), receipt.as_ref());
        if fell || status == Status::Added {
            let open = undecided(&case, self.difference.after);
            if !open.is_empty() {
                let open = open.join("; ");
                explanation.push_str(&format!(
                    " It also claims what nothing here decides: {open}."
                ));
            }
        }
        let help = match status {
            // What is not understood may be the name of something.
            Status::Unanchored if case.fate != Fate::MarkerDeleted => Some(format!(
                "To anchor it, {}. Or record a receipt with `perimeter justify`, or turn encryption on and remove the marker.",
                unanchored_help(&case.guarantee.near_names(self.names_after))
            )),
            _ => help(status, case.fate, falsehood.is_some()),
        };
        Judged {
            perimeter,
            receipt,
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

    /// The receipt that fits the perimeter after the change, else the newest one that does not.
    fn receipted(&self, case: &Case, perimeter: &PerimeterDigest) -> Option<Receipted> {
        let fits = |receipt: &&Receipt| receipt.perimeter.whole == perimeter.whole;
        let newest = |receipts: &mut dyn Iterator<Item = &'_ Receipt>| {
            receipts
                .max_by(|a, b| (&a.date, a).cmp(&(&b.date, b)))
                .cloned()
        };
        let fitting = newest(&mut case.receipts.iter().filter(fits));
        let receipt = fitting
            .clone()
            .or_else(|| newest(&mut case.receipts.iter()))?;
        let differing = receipt.perimeter.differing(perimeter);
        // Other peers lie elsewhere: that says nothing more.
        let is_news = |(boundary, aspect): &(&str, &str)| {
            *aspect != Aspect::Place.word()
                || !differing.contains(&(*boundary, Aspect::Peering.word()))
        };
        let differs = differing
            .iter()
            .copied()
            .filter(is_news)
            .map(|(boundary, aspect)| {
                let known = Aspect::ALL.into_iter().find(|known| known.word() == aspect);
                let what =
                    known.map_or_else(|| aspect.to_owned(), |known| known.words().to_owned());
                format!("{what} of {}", self.name_of(boundary))
            });
        Some(Receipted {
            fits: fitting.is_some(),
            differs: differs.collect(),
            by: receipt.by.clone(),
            date: receipt.date.clone(),
            reason: receipt.reason.clone(),
        })
    }

    /// A boundary of a receipt as people know it.
    fn name_of(&self, boundary: &str) -> String {
        if boundary == EVERYWHERE {
            return "the network".to_owned();
        }
        let graphs = [&self.difference.after.graph, &self.difference.before.graph];
        let named = graphs.iter().find_map(|graph| {
            let node = graph.node(&NodeId::from(boundary.to_owned()));
            let link = || graph.link(&LinkId::from(boundary.to_owned()));
            node.map(Node::display_name)
                .or_else(|| Some(link()?.display_name()))
        });
        named.unwrap_or_else(|| boundary.to_owned())
    }

    fn hits(&self, footprint: &Footprint, text: &str) -> Vec<Hit<'_>> {
        if matches!(footprint.scope, Scope::Local | Scope::Unanchored) {
            return Vec::new();
        }
        let mut hits = Vec::new();
        for change in self
            .changes
            .iter()
            .filter(|change| invalidates(change, self.policy))
        {
            let mut words = self.things_touched(footprint, change);
            words.extend(self.meaning_changed(footprint, text, change));
            for part in &footprint.parts {
                for (outer, name) in self.outer_boundaries(&part.boundary) {
                    let touches = change.touched.get(&outer).into_iter().flatten();
                    words.extend(
                        touches
                            .filter(|touch| touch.passes_down && !touch.is_protection)
                            .map(|touch| {
                                format!("{}, inside {name}, which {}", part.name, touch.words)
                            }),
                    );
                }
                for boundary in self.identities(&part.boundary) {
                    let touches = change.touched.get(&boundary).into_iter().flatten();
                    // What never leaves a boundary does not rest on how the links that leave it are protected.
                    let is_crossed = matches!(part.boundary, BoundaryId::Link(_));
                    let counts = |is_protection: bool| is_crossed || !is_protection;
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

    /// What a boundary inside networks lies in, before or after, with names: what bounds the traffic there bounds its own.
    fn outer_boundaries(&self, boundary: &BoundaryId) -> BTreeMap<BoundaryId, String> {
        let mut outer = BTreeMap::new();
        let BoundaryId::Node(id) = boundary else {
            return outer;
        };
        for graph in [&self.difference.before.graph, &self.difference.after.graph] {
            if !graph
                .node(id)
                .is_some_and(|node| node.kind.lies_in_networks())
            {
                continue;
            }
            for node in graph.ancestors_of(id) {
                let name = format!("{} {}", node.role, node.display_name());
                for identity in self.identities(&BoundaryId::Node(node.id.clone())) {
                    outer.insert(identity, name.clone());
                }
            }
        }
        outer
    }

    /// A boundary under every identity it has before and after.
    pub(super) fn identities(&self, boundary: &BoundaryId) -> BTreeSet<BoundaryId> {
        let mut all = BTreeSet::from([boundary.clone()]);
        match boundary {
            BoundaryId::Node(node) => {
                all.insert(BoundaryId::Node(self.difference.current(node).clone()));
                let earlier = self.difference.predecessors(node);
                all.extend(earlier.cloned().map(BoundaryId::Node));
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
        let meant = self.as_meant_after(footprint, &case.carve_out.guarantee);
        case.guarantee.claims.iter().find_map(|claim| {
            let Truth::False(why) = judge(claim, &meant, self.difference.after) else {
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
        if !matches!(footprint.scope, Scope::Inside | Scope::OverLinks) {
            return None;
        }
        self.gone_links(footprint)
            .or_else(|| match footprint.scope {
                Scope::Inside => self.gone_names(case),
                _ => None,
            })
    }

    /// That none of the links it crosses is left.
    fn gone_links(&self, footprint: &Footprint) -> Option<String> {
        let (before, after) = (&self.difference.before.graph, &self.difference.after.graph);
        let links = footprint
            .parts
            .iter()
            .filter_map(|part| match &part.boundary {
                BoundaryId::Link(link) => Some((link, part)),
                BoundaryId::Node(_) => None,
            });
        let was = links
            .clone()
            .find(|(link, _)| before.link(link).is_some())?;
        let none_left = !links.clone().any(|(link, _)| after.link(link).is_some());
        none_left.then(|| format!("it crosses {}, which is gone after the change", was.1.name))
    }

    /// A name of its words that nothing bears any more.
    fn gone_names(&self, case: &Case) -> Option<String> {
        let (before, after) = (&self.difference.before.graph, &self.difference.after.graph);
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
}

fn explain(
    status: Status,
    case: &Case,
    hits: &[Hit<'_>],
    falsehood: Option<&str>,
    receipt: Option<&Receipted>,
) -> String {
    let mut sentences = Vec::new();
    if let Some(why) = falsehood {
        sentences.push(format!("False after the change: {why}."));
    }
    let mut rests = rests_on(&case.carve_out.footprint);
    let at_base = case.footprint_at_base.as_ref();
    if let Some(at_base) = at_base.filter(|_| case.fate != Fate::Reworded) {
        rests = format!(
            "{rests}, and by the names and settings of base on {}",
            rests_on(at_base)
        );
    }
    match status {
        Status::Unanchored if case.carve_out.footprint.scope != Scope::Unanchored => {
            sentences.push(format!(
                "It rests on {rests}: no change can be shown to leave that alone, and what this change set names holds from the merge on."
            ));
        }
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
        (Status::Rejustified, Fate::Reworded) => {
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
    if case.fate != Fate::Reworded {
        sentences.extend(receipt.map(receipt_words));
    }
    sentences.join(" ")
}

fn receipt_words(receipt: &Receipted) -> String {
    let (by, date) = (receipt.author(), &receipt.date);
    if receipt.fits {
        let reason = receipt.reason.trim_end_matches(['.', ' ']);
        return format!("Justified for exactly this perimeter by {by} on {date}: {reason}.");
    }
    let shown = receipt.differs.iter().take(REASONS_SPELLED_OUT);
    let mut differs = shown.cloned().collect::<Vec<_>>().join("; ");
    let more = receipt.differs.len().saturating_sub(REASONS_SPELLED_OUT);
    if more > 0 {
        differs = format!("{differs}; and {more} more");
    }
    let since = if differs.is_empty() {
        "it was made for another perimeter".to_owned()
    } else {
        format!("it was made for another perimeter, in which something else holds: {differs}")
    };
    format!("There is a receipt of {by} of {date}, which does not fit: {since}.")
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

fn help(status: Status, fate: Fate, is_false: bool) -> Option<String> {
    let text = match status {
        Status::MustRejustify | Status::Unanchored if fate == Fate::MarkerDeleted => {
            "Put the marker back, with words that hold in the network after the change, or turn encryption on."
        }
        Status::MustRejustify => {
            "Does the guarantee still hold in the network after the change? Then say so: rewrite its guarantee or justification in this change set, or record a receipt with `perimeter justify`. If not, turn encryption on and remove the marker."
        }
        Status::Broken => {
            "Other words do not mend this: change the network so that the claim holds, or turn encryption on and remove the marker."
        }
        Status::Added if is_false => {
            "The new claim is false in the network after the change: change the network or the claim, or keep encryption on."
        }
        _ => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::fragment::Topic;
    use crate::graph::protection::Protection;
    use crate::graph::testing::*;
    use crate::verdict::testing::{Trial, under};

    use super::*;

    fn networks() -> Vec<Piece> {
        ["prod", "data", "dev"]
            .map(|name| network(name, []))
            .to_vec()
    }

    fn networks_and(more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        networks().into_iter().chain(more).collect()
    }

    #[test]
    fn a_peering_falls_on_both_ends_and_on_nothing_else() {
        let (before, after) = (networks(), networks_and([peer("prod", "data")]));
        let trial = under(&before, &after);
        assert_eq!(trial.status("stays inside VPC prod"), Status::MustRejustify);
        assert_eq!(trial.status("stays inside VPC data"), Status::MustRejustify);
        assert_eq!(trial.status("stays inside VPC dev"), Status::Unaffected);
        assert_eq!(
            trial.status("loopback only, both in the same pod"),
            Status::Unaffected
        );
        // What names a network rests on it, whatever else it says.
        assert_eq!(
            trial.status("loopback only, same pod in VPC prod"),
            Status::MustRejustify
        );
        assert_eq!(
            trial.status("stays inside VPC prod, not peered"),
            Status::Broken
        );
    }

    #[test]
    fn what_words_meant_at_base_is_kept_beside_what_they_mean_now_and_new_names_take_nothing_over()
    {
        let (before, after) = (networks(), networks_and([peer("prod", "data")]));
        let status = |now: &str, at_base: &str, fate: Fate| {
            let trial = Trial {
                fate,
                ..under(&before, &after)
            };
            trial.held_to(now, at_base)
        };
        let (prod, dev, nothing) = ("inside VPC prod", "inside VPC dev", "the usual place");
        let held = status(dev, prod, Fate::Same);
        assert_eq!(held.status, Status::MustRejustify);
        assert_eq!(held.carve_out.footprint.parts.len(), 2);
        assert_eq!(status(dev, dev, Fate::Same).status, Status::Unaffected);
        let held = status(dev, nothing, Fate::Same);
        assert_eq!(held.status, Status::Unanchored);
        assert!(
            held.explanation.contains("names and settings of base"),
            "{}",
            held.explanation
        );
        assert_eq!(status(nothing, prod, Fate::Same).status, Status::Unanchored);
        assert_eq!(status(dev, nothing, Fate::Added).status, Status::Added);
        assert_eq!(
            status(dev, prod, Fate::Reworded).status,
            Status::Rejustified
        );
    }

    /// Clusters `one` and `two` in `prod`, `three` in `dev`, each with a namespace of that name and "-shop".
    fn clusters() -> Vec<Piece> {
        let places = [("one", "prod"), ("two", "prod"), ("three", "dev")];
        let pieces = places
            .iter()
            .flat_map(|(name, of)| [cluster(name, of), namespace(&format!("{name}-shop"), name)]);
        networks_and(pieces)
    }

    fn clusters_and(more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        clusters().into_iter().chain(more).collect()
    }

    #[test]
    fn what_bounds_a_network_bounds_the_clusters_and_namespaces_in_it() {
        let (before, after) = (clusters(), clusters_and([peer("prod", "data")]));
        let trial = under(&before, &after);
        for inside in [
            "cluster one",
            "cluster two",
            "namespace one-shop",
            "two-shop",
        ] {
            let text = format!("stays inside {inside}, always");
            assert_eq!(trial.status(&text), Status::MustRejustify, "{inside}");
        }
        for elsewhere in ["cluster three", "namespace three-shop"] {
            let text = format!("stays inside {elsewhere}");
            assert_eq!(trial.status(&text), Status::Unaffected, "{elsewhere}");
        }
        assert_eq!(
            trial.status("inside cluster one, whose network is not peered"),
            Status::Broken
        );
    }

    #[test]
    fn a_mode_counts_where_it_takes_effect_and_trust_counts_further_in() {
        let modes = |topic, value| {
            let stated = state("one", topic, value, i32::from(value == "plaintext"));
            clusters_and([stated])
        };
        let status = |topic, text: &str| {
            let (before, after) = (modes(topic, "mTLS"), modes(topic, "plaintext"));
            under(&before, &after).status(text)
        };
        for (topic, further_in) in [
            (Topic::Encryption, Status::Unaffected),
            (Topic::Mesh, Status::MustRejustify),
        ] {
            assert_eq!(status(topic, "inside cluster one"), Status::MustRejustify);
            assert_eq!(status(topic, "inside namespace one-shop"), further_in);
            assert_eq!(status(topic, "inside cluster two"), Status::Unaffected);
            assert_eq!(status(topic, "inside VPC prod"), Status::Unaffected);
        }
    }

    #[test]
    fn words_that_name_nothing_are_unanchored_only_when_something_changes() {
        let (before, after) = (networks(), networks_and([peer("prod", "data")]));
        assert_eq!(
            under(&before, &after).status("private network"),
            Status::Unanchored
        );
        assert_eq!(
            under(&before, &before).status("private network"),
            Status::Unaffected
        );
    }

    #[test]
    fn a_links_protection_falls_on_what_crosses_it_and_not_on_what_stays_inside() {
        let over = |protection| networks_and([peer("prod", "data").protected(protection)]);
        let (before, after) = (over(Protection::Provider), over(Protection::Unknown));
        let trial = under(&before, &after);
        let crossing = "crosses only the peering between prod and data";
        assert_eq!(trial.status(crossing), Status::MustRejustify);
        assert_eq!(trial.status("stays inside VPC prod"), Status::Unaffected);
        let plain = over(Protection::None);
        let encrypted = "crosses only the peering between prod and data, encrypted by the provider";
        assert_eq!(under(&before, &plain).status(encrypted), Status::Broken);
    }

    #[test]
    fn who_else_is_peered_is_nothing_to_what_crosses_one_link() {
        let before = networks_and([peer("prod", "data")]);
        let after = networks_and([peer("prod", "data"), peer("prod", "dev")]);
        let trial = under(&before, &after);
        let crossing = "crosses only the peering between prod and data";
        assert_eq!(trial.status(crossing), Status::Unaffected);
        assert_eq!(trial.status("stays inside VPC prod"), Status::MustRejustify);
        let gone = networks();
        assert_eq!(under(&before, &gone).status(crossing), Status::Broken);
    }

    #[test]
    fn what_narrows_keeps_a_justification_only_when_the_settings_say_so() {
        let (before, after) = (networks_and([peer("prod", "data")]), networks());
        let mut trial = under(&before, &after);
        assert_eq!(trial.status("stays inside VPC prod"), Status::MustRejustify);
        trial.policy.narrowing = Narrowing::Keep;
        assert_eq!(trial.status("stays inside VPC prod"), Status::Unaffected);
        let mut widened = under(&after, &before);
        widened.policy.narrowing = Narrowing::Keep;
        assert_eq!(
            widened.status("stays inside VPC prod"),
            Status::MustRejustify
        );
    }

    #[test]
    fn a_category_that_is_only_reported_invalidates_nothing() {
        let (before, after) = (networks(), networks_and([peer("prod", "data")]));
        let mut trial = under(&before, &after);
        trial
            .policy
            .categories
            .insert("peering".to_owned(), CategoryPolicy::Report);
        assert_eq!(trial.status("stays inside VPC prod"), Status::Unaffected);
        assert_eq!(trial.status("private network"), Status::Unaffected);
        trial
            .policy
            .categories
            .insert("peering".to_owned(), CategoryPolicy::Invalidate);
        assert_eq!(trial.status("stays inside VPC prod"), Status::MustRejustify);
    }

    #[test]
    fn new_words_re_justify_what_fell_and_mend_no_false_claim() {
        let (before, after) = (networks(), networks_and([peer("prod", "data")]));
        let mut trial = under(&before, &after);
        trial.fate = Fate::Reworded;
        assert_eq!(trial.status("stays inside VPC prod"), Status::Rejustified);
        assert_eq!(trial.status("stays inside VPC dev"), Status::Unaffected);
        assert_eq!(
            trial.status("stays inside VPC prod, not peered"),
            Status::Broken
        );
        trial.fate = Fate::Removed;
        assert_eq!(
            trial.status("stays inside VPC prod, not peered"),
            Status::Removed
        );
        trial.fate = Fate::MarkerDeleted;
        assert_eq!(trial.status("stays inside VPC prod"), Status::MustRejustify);
    }

    #[test]
    fn a_claim_that_was_false_before_is_not_this_changes_fault() {
        let before = networks_and([peer("prod", "data")]);
        let after = networks_and([peer("prod", "data"), peer("data", "dev")]);
        let trial = under(&before, &after);
        assert_eq!(
            trial.status("stays inside VPC prod, not peered"),
            Status::Unaffected
        );
        assert_eq!(
            trial.status("stays inside VPC dev, not peered"),
            Status::Broken
        );
    }

    #[test]
    fn a_network_made_anew_is_to_be_re_justified_and_one_that_is_gone_breaks() {
        let before = networks();
        let mut after = networks();
        after[0] = network("prod", []).identified("prod-2");
        assert_eq!(
            under(&before, &after).status("stays inside VPC prod"),
            Status::MustRejustify
        );
        let gone = &before[1..];
        assert_eq!(
            under(&before, gone).status("stays inside VPC prod"),
            Status::Broken
        );
        assert_eq!(
            under(&before, gone).status("stays inside VPC data"),
            Status::Unaffected
        );
    }

    #[test]
    fn a_cluster_or_namespace_that_is_gone_breaks_what_names_it_and_one_that_comes_is_nobodys_concern()
     {
        let with = |more: Vec<Piece>| networks_and(more);
        let blue = || vec![cluster("blue", "prod"), namespace("shop", "blue")];
        let green = || vec![cluster("green", "prod"), namespace("store", "green")];
        let both = with([blue(), green()].concat());
        let only_green = with(green());
        let trial = under(&both, &only_green);
        let inside = |what: &str| trial.status(&format!("stays inside {what}"));
        assert_eq!(inside("cluster blue"), Status::Broken);
        assert_eq!(inside("namespace shop"), Status::Broken);
        assert_eq!(inside("cluster green"), Status::Unaffected);
        assert_eq!(inside("VPC prod"), Status::Unaffected);
        let without_namespace = with([vec![cluster("blue", "prod")], green()].concat());
        let trial = under(&both, &without_namespace);
        assert_eq!(trial.status("stays inside namespace shop"), Status::Broken);
        assert_eq!(
            trial.status("stays inside cluster blue"),
            Status::Unaffected
        );
        assert!(Scene::new(&with(green()), &both).changes().is_empty());
    }

    #[test]
    fn a_cluster_made_anew_under_its_name_is_to_be_re_justified() {
        let made = |by: &'static str| {
            let blue = cluster("blue", "prod")
                .with_node(move |node| node.incarnation = Some(by.to_owned()));
            networks_and([blue, namespace("shop", "blue"), cluster("green", "prod")])
        };
        let (one, two) = (made("one"), made("two"));
        let trial = under(&one, &two);
        let inside = |what: &str| trial.status(&format!("stays inside {what}"));
        assert_eq!(inside("cluster blue"), Status::MustRejustify);
        assert_eq!(inside("namespace shop"), Status::MustRejustify);
        assert_eq!(inside("cluster green"), Status::Unaffected);
        assert_eq!(
            under(&one, &one).status("stays inside cluster blue"),
            Status::Unaffected
        );
    }

    /// A carve-out under a first plan, justified by a receipt, and what becomes of it under a second one.
    fn under_another_plan(
        guarantee: &str,
        before: &[Piece],
        first: &[Piece],
        second: &[Piece],
    ) -> Judged {
        let judged = |after: &[Piece], receipts: Vec<Receipt>| {
            let trial = under(before, after);
            trial.judged(guarantee, receipts)
        };
        let receipt = Receipt {
            carve_out: String::new(),
            date: "2026-03-14".to_owned(),
            perimeter: judged(first, Vec::new()).perimeter.unwrap_or_default(),
            path: "a.rs".to_owned(),
            by: "Ada Park".to_owned(),
            reason: "data holds no tenant.".to_owned(),
        };
        judged(second, vec![receipt])
    }

    #[test]
    fn a_receipt_settles_what_fell_and_says_who_when_and_why() {
        let (before, after) = (networks(), networks_and([peer("prod", "data")]));
        let judged = under_another_plan("stays inside VPC prod", &before, &after, &after);
        assert_eq!(judged.status, Status::Rejustified);
        assert!(
            judged.explanation.ends_with("Justified for exactly this perimeter by Ada Park on 2026-03-14: data holds no tenant."),
            "{}",
            judged.explanation
        );
        let unnamed = under_another_plan("private network", &before, &after, &after);
        assert_eq!(unnamed.status, Status::Rejustified);
    }

    #[test]
    fn a_receipt_for_another_plan_does_not_fit_and_what_differs_is_said() {
        let before = networks();
        let first = networks_and([peer("prod", "data")]);
        let second = networks_and([peer("prod", "data"), peer("prod", "dev")]);
        let judged = under_another_plan("stays inside VPC prod", &before, &first, &second);
        assert_eq!(judged.status, Status::MustRejustify);
        assert!(
            judged
                .explanation
                .contains("There is a receipt of Ada Park of 2026-03-14, which does not fit")
                && judged.explanation.ends_with("the peerings of prod."),
            "{}",
            judged.explanation
        );
        let elsewhere = networks_and([peer("prod", "data"), peer("data", "dev")]);
        let judged = under_another_plan("stays inside VPC prod", &before, &first, &elsewhere);
        assert_eq!(judged.status, Status::Rejustified);
        let unnamed = under_another_plan("private network", &before, &first, &elsewhere);
        assert_eq!(unnamed.status, Status::Unanchored);
    }

    #[test]
    fn no_receipt_mends_a_false_claim_nor_stands_for_a_deleted_marker() {
        let (before, after) = (networks(), networks_and([peer("prod", "data")]));
        let broken =
            under_another_plan("stays inside VPC prod, not peered", &before, &after, &after);
        assert_eq!(broken.status, Status::Broken);
        let mut trial = under(&before, &after);
        let perimeter = trial
            .judged("stays inside VPC prod", Vec::new())
            .perimeter
            .unwrap();
        let receipt = Receipt {
            carve_out: String::new(),
            date: "2026-03-14".to_owned(),
            perimeter,
            path: "a.rs".to_owned(),
            by: "Ada Park".to_owned(),
            reason: "true".to_owned(),
        };
        trial.fate = Fate::MarkerDeleted;
        let judged = trial.judged("stays inside VPC prod", vec![receipt]);
        assert_eq!(judged.status, Status::MustRejustify);
    }

    #[test]
    fn what_bounds_the_network_of_a_cluster_is_in_its_receipt_and_its_modes_are_not_in_those_further_in()
     {
        let stated = |value| {
            state(
                "one",
                Topic::Encryption,
                value,
                i32::from(value == "plaintext"),
            )
        };
        let first = clusters_and([peer("prod", "data")]);
        let with_dev = clusters_and([peer("prod", "data"), peer("prod", "dev")]);
        let with_mode = clusters_and([peer("prod", "data"), stated("plaintext")]);
        let status = |guarantee: &str, second: &[Piece]| {
            under_another_plan(guarantee, &clusters(), &first, second).status
        };
        assert_eq!(status("inside cluster one", &first), Status::Rejustified);
        assert_eq!(
            status("inside cluster one", &with_dev),
            Status::MustRejustify
        );
        assert_eq!(
            status("inside cluster one", &with_mode),
            Status::MustRejustify
        );
        assert_eq!(
            status("inside namespace one-shop", &with_mode),
            Status::Rejustified
        );
        assert_eq!(
            status("inside namespace one-shop", &with_dev),
            Status::MustRejustify
        );
    }
}
