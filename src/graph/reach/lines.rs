//! The lines of a hub's route table, and which of them decides for which addresses.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use petgraph::graph::{EdgeIndex, NodeIndex};

use super::super::origin::OriginId;
use super::super::prefixes::{Addresses, intersection, without};

/// What an entry hands its traffic to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// An attachment.
    Link(EdgeIndex),
    /// An attachment that nobody describes: the link is not in the graph, and this stands for its far end.
    Node(NodeIndex),
}

pub(super) struct Entry {
    /// `None`: not told, so it may be any.
    pub(super) prefix: Option<IpNet>,
    /// `None`: dropped.
    pub(super) target: Option<Goal>,
    pub(super) is_static: bool,
    pub(super) origins: BTreeSet<OriginId>,
}

impl Entry {
    /// Whether it decides, at its prefix, where `other` would otherwise. Longest prefix wins; for one prefix a static entry
    /// beats a learned one.
    fn beats(&self, at: IpNet, other: &Self, prefix: IpNet) -> bool {
        let wins = at.prefix_len() > prefix.prefix_len()
            || (at == prefix && self.is_static && !other.is_static);
        wins && self.target != other.target
    }
}

/// An entry that decides for some address.
pub(super) struct Opening<'e> {
    pub(super) goal: Goal,
    /// The addresses it decides for; `None`: any. What better entries drop is not among them; what they hand to others is,
    /// unless that is all.
    pub(super) addresses: Addresses,
    pub(super) entry: &'e Entry,
}

/// The entries of one table.
pub(super) struct Lines {
    entries: Vec<Entry>,
    /// Positions in `entries`.
    by_prefix: BTreeMap<IpNet, Vec<usize>>,
}

impl Lines {
    pub(super) fn new(entries: Vec<Entry>) -> Self {
        let mut by_prefix: BTreeMap<IpNet, Vec<usize>> = BTreeMap::new();
        for (position, entry) in entries.iter().enumerate() {
            if let Some(prefix) = entry.prefix {
                by_prefix.entry(prefix).or_default().push(position);
            }
        }
        Self { entries, by_prefix }
    }

    /// The entries that decide for some of these addresses. One whose prefix nobody tells decides for something, and hides
    /// nothing.
    pub(super) fn effective(&self, addresses: Option<&[IpNet]>) -> Vec<Opening<'_>> {
        let mut result = Vec::new();
        for entry in &self.entries {
            let Some(goal) = entry.target else { continue };
            let open = match (entry.prefix, addresses) {
                (None, addresses) => addresses.map(<[IpNet]>::to_vec),
                (Some(prefix), None) => Some(self.open(vec![prefix], prefix, entry)),
                (Some(prefix), Some(addresses)) => {
                    let wanted = addresses.iter();
                    let wanted = wanted.filter_map(|one| intersection(*one, prefix));
                    Some(self.open(wanted.collect(), prefix, entry))
                }
            };
            if open.as_ref().is_none_or(|open| !open.is_empty()) {
                result.push(Opening {
                    goal,
                    addresses: open,
                    entry,
                });
            }
        }
        result
    }

    /// Of addresses that lie in an entry's prefix, those that better entries leave to it, in part at least, and do not drop.
    fn open(&self, wanted: Vec<IpNet>, prefix: IpNet, entry: &Entry) -> Vec<IpNet> {
        let mut open = Vec::new();
        for wanted in wanted {
            let better = self.better(wanted, prefix, entry, &|_| true);
            if better.is_empty() {
                open.push(wanted);
            } else if !without(&[wanted], &better).is_empty() {
                let dropped = self.better(wanted, prefix, entry, &|other| other.target.is_none());
                open.extend(without(&[wanted], &dropped));
            }
        }
        open
    }

    /// The addresses of an opening, without those of `own` that better entries decide for: a network is reached where its
    /// own addresses are handed to it.
    pub(super) fn handed_to(&self, opening: &Opening<'_>, own: &BTreeSet<IpNet>) -> Addresses {
        let addresses = opening.addresses.clone()?;
        let Some(prefix) = opening.entry.prefix else {
            return Some(addresses);
        };
        let taken: BTreeSet<IpNet> = own
            .iter()
            .filter_map(|own| intersection(*own, prefix))
            .flat_map(|own| self.better(own, prefix, opening.entry, &|_| true))
            .collect();
        Some(without(&addresses, &taken))
    }

    /// The parts of `wanted`, which lies in the entry's `prefix`, for which better entries of some kind decide.
    fn better(
        &self,
        wanted: IpNet,
        prefix: IpNet,
        entry: &Entry,
        counts: &dyn Fn(&Entry) -> bool,
    ) -> BTreeSet<IpNet> {
        let has_better = |at: IpNet, positions: &[usize]| {
            let mut others = positions.iter().map(|&position| &self.entries[position]);
            others.any(|other| counts(other) && other.beats(at, entry, prefix))
        };
        let mut around = std::iter::successors(Some(wanted), IpNet::supernet)
            .take_while(|net| net.prefix_len() >= prefix.prefix_len());
        let is_within_better = around.any(|net| {
            let there = self.by_prefix.get(&net);
            there.is_some_and(|positions| has_better(net, positions))
        });
        if is_within_better {
            return BTreeSet::from([wanted]);
        }
        let last = IpNet::from(wanted.broadcast());
        let inside = self.by_prefix.range(wanted..=last);
        let better =
            inside.filter(|(net, positions)| **net != wanted && has_better(**net, positions));
        better.map(|(net, _)| *net).collect()
    }
}
