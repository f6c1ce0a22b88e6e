//! Which far ends through hubs are reached only before, or only after, and for which addresses.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ipnet::IpNet;

use crate::graph::origin::Origins;
use crate::graph::prefixes::{self, Addresses};
use crate::graph::reach::{Departure, Extent, ReachSet, Way};
use crate::graph::{Graph, LinkId, NodeId};

use super::diff::{Snapshot, fate};

/// A far end that is reached through hubs only before, or only after; or for other addresses.
#[derive(Debug, Clone)]
pub struct ReachChange {
    /// Who reaches.
    pub from: NodeId,
    /// Whom.
    pub to: NodeId,
    /// Only after (`true`) or only before.
    pub gained: bool,
    /// None of the addresses is the far end's own: others are reached, if it passes the traffic on.
    pub is_behind: bool,
    /// The attachment the traffic takes first.
    pub attachment: LinkId,
    /// The rest of the path, and the addresses that differ.
    pub way: Arc<Way>,
}

/// A far end that differs for all parties of a kind.
struct EndChange {
    /// Of the departure, among those of its side.
    position: usize,
    gained: bool,
    is_behind: bool,
    to: NodeId,
    way: Arc<Way>,
}

/// What one party reaches, over all its attachments: for every end one witness for each range of addresses.
type Reached<'d> = BTreeMap<&'d NodeId, Ranges<'d>>;

/// Witnesses by range; `None`: any address.
type Ranges<'d> = BTreeMap<Option<IpNet>, (usize, &'d Arc<Way>)>;

pub(super) fn changes(before: &Snapshot, after: &Snapshot, origins: &Origins) -> Vec<ReachChange> {
    let parties_before = by_party(&before.perimeters.departures);
    let parties_after = by_party(&after.perimeters.departures);
    let parties: BTreeSet<&NodeId> = parties_before
        .keys()
        .chain(parties_after.keys())
        .copied()
        .collect();
    let none = Vec::new();
    // Parties that share their sets before and after share the difference.
    let mut shared: HashMap<Vec<*const ReachSet>, Vec<(EndChange, Option<bool>)>> = HashMap::new();
    let mut changes = Vec::new();
    for party in parties {
        let was = parties_before.get(party).unwrap_or(&none);
        let is = parties_after.get(party).unwrap_or(&none);
        let digests = |side: &[&Departure]| {
            side.iter()
                .map(|one| one.reach.digest)
                .collect::<BTreeSet<_>>()
        };
        if digests(was) == digests(is) {
            continue;
        }
        let sets = |side: &[&Departure]| {
            side.iter()
                .map(|one| Arc::as_ptr(&one.reach))
                .collect::<Vec<_>>()
        };
        let signature = [sets(was), vec![std::ptr::null()], sets(is)].concat();
        let difference = shared.entry(signature).or_insert_with(|| {
            let changes = end_changes(was, is, &before.graph, &after.graph).into_iter();
            let with_fate = |change: EndChange| {
                let fate = fate(&change.to, before, after, origins);
                (change, fate)
            };
            changes.map(with_fate).collect()
        });
        let party_fate = fate(party, before, after, origins);
        for (change, end_fate) in difference.iter().filter(|(change, _)| change.to != *party) {
            // What comes into being together, or goes together, was never apart: nothing rests on that.
            if party_fate.is_some() && party_fate == *end_fate {
                continue;
            }
            let departures = if change.gained { is } else { was };
            let Some(departure) = departures.get(change.position) else {
                continue;
            };
            changes.push(ReachChange {
                from: party.clone(),
                to: change.to.clone(),
                gained: change.gained,
                is_behind: change.is_behind,
                attachment: departure.attachment.clone(),
                way: change.way.clone(),
            });
        }
    }
    changes
}

fn by_party(departures: &[Departure]) -> BTreeMap<&NodeId, Vec<&Departure>> {
    let mut by_party: BTreeMap<&NodeId, Vec<&Departure>> = BTreeMap::new();
    for departure in departures {
        by_party.entry(&departure.from).or_default().push(departure);
    }
    by_party
}

fn end_changes(
    was: &[&Departure],
    is: &[&Departure],
    before: &Graph,
    after: &Graph,
) -> Vec<EndChange> {
    let (reached_before, reached_after) = (reached(was), reached(is));
    let sides = [
        ((&reached_after, after), (&reached_before, before), true),
        ((&reached_before, before), (&reached_after, after), false),
    ];
    let mut changes = Vec::new();
    for ((here, graph), (there, other_graph), gained) in sides {
        for (end, ranges) in here {
            let others = there.get(end);
            let Some(news) = News::of(end, (graph, ranges), others.map(|one| (other_graph, one)))
            else {
                continue;
            };
            for (position, (way, addresses)) in news.by_departure(ranges) {
                let is_behind =
                    !news.is_untold && news.own.is_empty() && graph.told_space(end).is_some();
                let way = if way.addresses == addresses {
                    way.clone()
                } else {
                    Arc::new(Way {
                        addresses,
                        ..Way::clone(way)
                    })
                };
                changes.push(EndChange {
                    position,
                    gained,
                    is_behind,
                    to: (*end).clone(),
                    way,
                });
            }
        }
    }
    changes
}

/// What is reached of a far end on one side only.
struct News {
    /// All of it is, and nobody tells its addresses.
    is_untold: bool,
    /// Of a network's own addresses.
    own: Vec<IpNet>,
    /// Other addresses; `None`: any.
    others: Addresses,
}

impl News {
    fn of(
        end: &NodeId,
        here: (&Graph, &Ranges<'_>),
        there: Option<(&Graph, &Ranges<'_>)>,
    ) -> Option<Self> {
        let (is, was) = (extent(end, here), there.map(|there| extent(end, there)));
        let told = here.0.told_space(end);
        let own_is_news = is.own && !was.as_ref().is_some_and(|was| was.own);
        let own: Vec<IpNet> = match (told, &was) {
            (Some(own), _) if own_is_news => own.iter().copied().collect(),
            (_, Some(was)) if is.own => {
                let still = is.withheld.iter().copied().collect();
                let mut no_longer = prefixes::without(&was.withheld, &still);
                // What the network no longer holds is not reached either.
                let is_own =
                    |one: &IpNet| told.is_none_or(|own| own.iter().any(|own| own.contains(one)));
                no_longer.retain(is_own);
                no_longer
            }
            _ => Vec::new(),
        };
        let others = match (is.others, was.map(|was| was.others)) {
            (_, Some(None)) => Some(Vec::new()),
            (None, _) => None,
            (Some(is), None) => Some(is),
            (Some(is), Some(Some(was))) => {
                // What was reached as a part is no news as a part of the whole.
                let all = there.into_iter().flat_map(|(_, ranges)| ranges.keys());
                let known = if own_is_news {
                    all.flatten().copied().collect()
                } else {
                    was.into_iter().collect()
                };
                Some(prefixes::without(&is, &known))
            }
        };
        let news = Self {
            is_untold: own_is_news && told.is_none(),
            own,
            others,
        };
        let has_others = news.others.as_ref().is_none_or(|others| !others.is_empty());
        (news.is_untold || !news.own.is_empty() || has_others).then_some(news)
    }

    /// By which ways, with what of it each is taken for.
    fn by_departure<'d>(&self, ranges: &Ranges<'d>) -> BTreeMap<usize, (&'d Arc<Way>, Addresses)> {
        let mut found: BTreeMap<usize, (&Arc<Way>, Addresses)> = BTreeMap::new();
        for (range, &(position, way)) in ranges {
            let addresses = match (range, &self.others) {
                (None, None) => None,
                _ if self.is_untold => None,
                (None, Some(_)) if self.own.is_empty() => continue,
                (None, Some(_)) => None,
                (Some(range), others) => {
                    let news = others.iter().flatten().chain(&self.own);
                    let parts = news.filter_map(|news| prefixes::intersection(*news, *range));
                    Some(parts.collect())
                }
            };
            if addresses.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let slot = found.entry(position).or_insert((way, Some(Vec::new())));
            slot.1 = match (slot.1.take(), addresses) {
                (Some(known), Some(more)) => Some(prefixes::outermost([known, more].concat())),
                _ => None,
            };
        }
        found
    }
}

fn reached<'d>(departures: &[&'d Departure]) -> Reached<'d> {
    let mut reached = Reached::new();
    for (position, departure) in departures.iter().enumerate() {
        for (end, way) in &departure.reach.ends {
            let ranges: &mut Ranges<'_> = reached.entry(end).or_default();
            match &way.addresses {
                None => {
                    ranges.entry(None).or_insert((position, way));
                }
                Some(prefixes) => {
                    for prefix in prefixes {
                        ranges.entry(Some(*prefix)).or_insert((position, way));
                    }
                }
            }
        }
    }
    reached
}

/// What is reached of a far end over all these ranges.
fn extent(end: &NodeId, (graph, ranges): (&Graph, &Ranges<'_>)) -> Extent {
    let addresses: Option<Vec<IpNet>> = ranges.keys().copied().collect();
    graph.extent(end, addresses.as_deref())
}
