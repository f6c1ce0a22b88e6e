//! Traffic that another way takes from a link which stays: a claim that something crosses only that link is a claim
//! about the way that the traffic takes.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;

use crate::graph::node::{NodeKind, Standing};
use crate::graph::perimeter::{Fact, FactKind};
use crate::graph::prefixes::{Addresses, in_words, without};
use crate::graph::reach::{Departure, Way};
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};

use super::diff::{Difference, FactChange};
use super::kind::Effect;
use super::reach::ReachChange;
use super::subject::{Group, Touch};
use super::summary;

/// Finds the links from which differences take traffic.
pub(super) struct Diversions<'d> {
    difference: &'d Difference<'d>,
    /// What each party reaches only after.
    gained: BTreeMap<&'d NodeId, Vec<&'d ReachChange>>,
    /// What each party reached before, of those that reach something new.
    departures: BTreeMap<&'d NodeId, Vec<&'d Departure>>,
}

impl<'d> Diversions<'d> {
    pub(super) fn new(difference: &'d Difference<'d>) -> Self {
        let mut gained: BTreeMap<&NodeId, Vec<&ReachChange>> = BTreeMap::new();
        for change in difference.reach.iter().filter(|change| change.gained) {
            gained.entry(&change.from).or_default().push(change);
        }
        let mut departures: BTreeMap<&NodeId, Vec<&Departure>> = BTreeMap::new();
        for departure in &difference.before.perimeters.departures {
            if gained.contains_key(&departure.from) {
                let of_party = departures.entry(&departure.from).or_default();
                of_party.push(departure);
            }
        }
        Self {
            difference,
            gained,
            departures,
        }
    }

    /// The links from which the differences of a group take traffic, with what they no longer carry.
    pub(super) fn of(&self, group: &Group<'_>) -> BTreeSet<(LinkId, Touch)> {
        let mut found = BTreeSet::new();
        for change in &group.facts {
            if let (FactKind::Route, BoundaryId::Node(network)) = (change.key.0, change.boundary) {
                self.by_route(change, network, &mut found);
            }
        }
        for change in &group.reach {
            if change.gained {
                self.by_new_way(change, &mut found);
            } else {
                self.by_lost_way(change, &mut found);
            }
        }
        found
    }

    fn by_route(
        &self,
        change: &FactChange<'_>,
        network: &NodeId,
        found: &mut BTreeSet<(LinkId, Touch)>,
    ) {
        let Some((destination, _)) = change.key.1.split_once(" -> ") else {
            return;
        };
        let name = summary::name_of(self.difference, change.boundary);
        let narrows = change.effect != Effect::Widens;
        if let Some(was) = change.before.filter(|_| narrows) {
            for link in was.links.iter().filter(|link| self.stays(link)) {
                let after = self.routes(network, true);
                let takes_over = |(other, fact): &(&str, &Fact)| {
                    !fact.links.contains(link) && may_meet(other, destination)
                };
                if after.into_iter().any(|route| takes_over(&route)) {
                    let words = format!(
                        "no longer carries {destination} from {name}, which goes another way"
                    );
                    found.insert((link.clone(), touch(words)));
                }
            }
        }
        if let Some(is) = change.after.filter(|_| change.effect != Effect::Narrows) {
            for (other, fact) in self.routes(network, false) {
                if !may_be_within(destination, other) {
                    continue;
                }
                let left = fact.links.iter().filter(|link| !is.links.contains(link));
                for link in left.filter(|link| self.stays(link)) {
                    let words = format!("may lose traffic from {name}, which now {}", is.words);
                    found.insert((link.clone(), touch(words)));
                }
            }
        }
    }

    /// What a network sends where, by destination: what leads out to the internet goes anywhere.
    fn routes(&self, network: &NodeId, after: bool) -> Vec<(&str, &Fact)> {
        let (snapshot, network) = if after {
            (self.difference.after, self.difference.current(network))
        } else {
            (self.difference.before, network)
        };
        let facts = snapshot
            .perimeters
            .facts
            .get(&BoundaryId::Node(network.clone()));
        let routes = facts.into_iter().flatten().filter_map(|(key, fact)| {
            let leads_out =
                matches!(key.0, FactKind::Exposure | FactKind::Egress) && fact.value == "routed";
            match key.0 {
                FactKind::Route => Some((key.1.split_once(" -> ")?.0, fact)),
                _ if leads_out => Some(("", fact)),
                _ => None,
            }
        });
        routes.collect()
    }

    fn by_lost_way(&self, change: &ReachChange, found: &mut BTreeSet<(LinkId, Touch)>) {
        let staying: Vec<&LinkId> = links_of(change).filter(|link| self.stays(link)).collect();
        if staying.is_empty() {
            return;
        }
        let lost = self.addresses(&change.to, &change.way, false);
        let gained = self.gained.get(&change.from).into_iter().flatten();
        let instead: Vec<_> = gained
            .filter(|other| meet(&lost, &self.addresses(&other.to, &other.way, true)))
            .collect();
        if instead.is_empty() {
            return;
        }
        let from = self.name(&change.from);
        for link in links_of(change).filter(|link| self.stays(link)) {
            if instead
                .iter()
                .any(|other| !links_of(other).any(|one| one == link))
            {
                let words = format!(
                    "no longer carries {}traffic from {from} to {}, which goes another way",
                    told(&lost),
                    self.name(&change.to)
                );
                found.insert((link.clone(), touch(words)));
            }
        }
    }

    /// A way for some addresses takes them from whatever led to more of them. One for any, to a party outside and over a line that
    /// is not documented to be encrypted, may take them from other ways to the outside: which of several lines is taken is
    /// for the routing protocols to say.
    fn by_new_way(&self, change: &ReachChange, found: &mut BTreeSet<(LinkId, Touch)>) {
        let (before, after) = (&self.difference.before.graph, &self.difference.after.graph);
        let gained = self.taken(change);
        if gained.as_ref().is_some_and(Vec::is_empty) {
            return;
        }
        let is_any = gained.is_none();
        if is_any && !is_outside(after, &change.to) {
            return;
        }
        let departures = self.departures.get(&change.from).into_iter().flatten();
        for departure in departures {
            for (end, way) in &departure.reach.ends {
                if *end == change.to
                    || is_any && !is_outside(before, end)
                    || !meet(&gained, &self.addresses(end, way, false))
                {
                    continue;
                }
                let path = || std::iter::once(&departure.attachment).chain(&way.links);
                let is_barer = || {
                    let mut others = links_of(change).filter(|one| !path().any(|old| old == *one));
                    others.any(|link| {
                        let link = after.link(link);
                        link.is_some_and(|link| !link.in_transit.protection.encrypts())
                    })
                };
                if is_any && !is_barer() {
                    continue;
                }
                for link in path().filter(|link| self.stays(link)) {
                    if links_of(change).any(|one| one == link) {
                        continue;
                    }
                    let words = format!(
                        "may lose {}traffic from {}, which now reaches {} another way",
                        told(&gained),
                        self.name(&change.from),
                        self.name(&change.to)
                    );
                    found.insert((link.clone(), touch(words)));
                }
            }
        }
    }

    /// Whether a link is there before and after.
    fn stays(&self, link: &LinkId) -> bool {
        let graphs = [&self.difference.before.graph, &self.difference.after.graph];
        graphs.iter().all(|graph| graph.link(link).is_some())
    }

    /// What a new way may take from others: not what goes to the far end's own addresses, which is no detour.
    fn taken(&self, change: &ReachChange) -> Addresses {
        let addresses = change.way.addresses.as_ref()?;
        let own = self.difference.after.graph.told_space(&change.to);
        Some(own.map_or_else(|| addresses.clone(), |own| without(addresses, own)))
    }

    fn addresses(&self, end: &NodeId, way: &Way, after: bool) -> Addresses {
        let graph = if after {
            &self.difference.after.graph
        } else {
            &self.difference.before.graph
        };
        let own = || {
            let space = &graph.node(end)?.address_space;
            let is_told = !space.prefixes.is_empty() && space.untold.is_empty();
            is_told.then(|| space.prefixes.iter().copied().collect())
        };
        way.addresses.clone().or_else(own)
    }

    fn name(&self, node: &NodeId) -> String {
        summary::name_of(self.difference, &BoundaryId::Node(node.clone()))
    }
}

/// Whether a node stands for what no network of the input holds.
fn is_outside(graph: &Graph, node: &NodeId) -> bool {
    let node = graph.node(node);
    node.is_some_and(|node| node.kind == NodeKind::External || node.standing != Standing::Described)
}

fn links_of(change: &ReachChange) -> impl Iterator<Item = &LinkId> {
    std::iter::once(&change.attachment).chain(&change.way.links)
}

fn touch(words: String) -> Touch {
    Touch {
        words,
        effect: Effect::Alters,
        is_protection: false,
        passes_down: false,
        far: None,
    }
}

fn told(addresses: &Addresses) -> String {
    let prefixes = addresses.as_deref().map(in_words).unwrap_or_default();
    match prefixes.as_slice() {
        [] => String::new(),
        [one] => format!("{one} "),
        [first, rest @ ..] => format!("{first} and {} more prefixes ", rest.len()),
    }
}

fn meet(one: &Addresses, other: &Addresses) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return true;
    };
    one.iter()
        .any(|first| other.iter().any(|second| overlaps(first, second)))
}

fn overlaps(first: &IpNet, second: &IpNet) -> bool {
    first.contains(second) || second.contains(first)
}

/// Whether two destinations have addresses in common; those that no prefix tells may have.
fn may_meet(first: &str, second: &str) -> bool {
    match (first.parse::<IpNet>(), second.parse::<IpNet>()) {
        (Ok(first), Ok(second)) => overlaps(&first, &second),
        _ => true,
    }
}

/// Whether all addresses of one destination are of another, so that its route is preferred.
fn may_be_within(inner: &str, outer: &str) -> bool {
    match (inner.parse::<IpNet>(), outer.parse::<IpNet>()) {
        (Ok(inner), Ok(outer)) => outer.contains(&inner),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::graph::testing::*;

    use super::*;

    /// What is told of a link by its name.
    fn told_of(link: &str, before: &[Piece], after: &[Piece]) -> Vec<String> {
        let changes = Scene::new(before, after).changes();
        let touched = changes.iter().flat_map(|change| &change.touched);
        let of_link = touched.filter(
            |(boundary, _)| matches!(boundary, BoundaryId::Link(id) if id.as_str().contains(link)),
        );
        let touches = of_link.flat_map(|(_, touches)| touches);
        touches.map(|touch| touch.words.clone()).collect()
    }

    fn with(more: &[Piece], route: Piece) -> Vec<Piece> {
        let mut all = vec![
            network("a", ["10.1.0.0/16"]),
            network("b", ["10.2.0.0/16"]),
            hub("t"),
            table("rt", "t"),
            attach("a", "t"),
            attach("b", "t"),
            table("a-rt", "a"),
            main_table("a-rt", "a"),
            peer("a", "b"),
        ];
        all.extend_from_slice(more);
        all.push(route);
        all
    }

    #[test]
    fn a_route_moved_off_a_peering_takes_its_traffic_and_one_beside_it_does_not() {
        let over = with(&[], route("a-rt", "10.2.0.0/16", "a~b"));
        let through = with(&[], route("a-rt", "10.2.0.0/16", "t"));
        let said = told_of("peering", &over, &through);
        assert!(
            said.iter()
                .any(|words| words.contains("no longer carries 10.2.0.0/16 from")),
            "{said:?}"
        );
        // It comes back: nothing is taken from it.
        assert_eq!(told_of("peering", &through, &over), [""; 0]);
        let kept = [route("a-rt", "10.2.0.0/16", "a~b")];
        let beside = with(&kept, route("a-rt", "10.3.0.0/16", "t"));
        assert_eq!(told_of("peering", &over, &beside), [""; 0]);
    }

    #[test]
    fn a_route_for_some_of_the_addresses_takes_theirs_and_one_for_more_does_not() {
        let over = with(&[], route("a-rt", "10.2.0.0/16", "a~b"));
        let kept = [route("a-rt", "10.2.0.0/16", "a~b")];
        let some = with(&kept, route("a-rt", "10.2.7.0/24", "t"));
        let said = told_of("peering", &over, &some);
        assert!(
            said.iter().any(
                |words| words.contains("may lose traffic from a, which now routes 10.2.7.0/24")
            ),
            "{said:?}"
        );
        let more = with(&kept, route("a-rt", "10.0.0.0/8", "t"));
        assert_eq!(told_of("peering", &over, &more), [""; 0]);
    }

    #[test]
    fn a_route_that_only_goes_takes_nothing_elsewhere() {
        let over = with(&[], route("a-rt", "10.2.0.0/16", "a~b"));
        let dropped = with(&[], blackhole("a-rt", "10.2.0.0/16"));
        assert_eq!(told_of("peering", &over, &dropped), [""; 0]);
    }

    #[test]
    fn a_hub_that_sends_a_party_elsewhere_takes_from_the_line_that_stays() {
        let lines = |target: &str| {
            vec![
                network("a", ["10.1.0.0/16"]),
                hub("t"),
                table("rt", "t"),
                attach("a", "t"),
                associate("rt", "a@t"),
                vpn("oslo", "t"),
                vpn("bergen", "t"),
                route("rt", "192.168.0.0/16", target),
            ]
        };
        let said = told_of("oslo", &lines("oslo@t"), &lines("bergen@t"));
        assert!(
            said.iter()
                .any(|words| words.starts_with("no longer carries 192.168.0.0/16 traffic from")),
            "{said:?}"
        );
        let said = told_of("bergen", &lines("oslo@t"), &lines("bergen@t"));
        assert_eq!(said, [""; 0]);
    }
}
