//! Reach against brute force: every address is followed hop by hop, and what it gets to is compared with what reach says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::Graph;
use super::testing::{
    Piece, associate, attach, blackhole, default_association, default_propagation, graph, hub,
    join_hubs, network, network_id, propagate, route, table,
};

/// The whole address space is 10.0.0.0/29.
const ADDRESSES: u8 = 8;

/// A prefix of that space: its first address and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Prefix(u8, u8);

impl Prefix {
    fn contains(self, address: u8) -> bool {
        address & mask(self.1) == self.0
    }

    fn text(self) -> String {
        format!("10.0.0.{}/{}", self.0, self.1)
    }
}

fn mask(length: u8) -> u8 {
    u8::MAX << (32 - length)
}

fn prefix() -> impl Strategy<Value = Prefix> {
    (0..ADDRESSES, 29..=32_u8).prop_map(|(address, length)| Prefix(address & mask(length), length))
}

/// What joins a hub: a network, or another hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Party {
    Network(usize),
    Hub(usize),
}

/// An attachment as one of its hubs sees it.
#[derive(Debug, Clone)]
struct Port {
    party: Party,
    /// The table of this hub that decides for it; `None`: the hub's default one.
    table: Option<usize>,
    /// The tables of this hub that learn from it, beside the default one.
    feeds: BTreeSet<usize>,
    /// Whether the default table learns from it.
    feeds_default: bool,
}

#[derive(Debug, Clone)]
struct HubPlan {
    tables: usize,
    /// Both the default association and the default propagation.
    default: Option<usize>,
    ports: Vec<Port>,
    /// Static routes by table and prefix: to a port, or nowhere.
    statics: BTreeMap<(usize, Prefix), Option<usize>>,
}

#[derive(Debug, Clone)]
pub(super) struct World {
    networks: Vec<BTreeSet<Prefix>>,
    hubs: Vec<HubPlan>,
}

impl World {
    /// The same as pieces.
    fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (index, prefixes) in self.networks.iter().enumerate() {
            let prefixes: BTreeSet<_> = prefixes
                .iter()
                .map(|one| one.text().parse().unwrap())
                .collect();
            pieces.push(network(&format!("n{index}"), []).with_node(|node| {
                node.address_space.prefixes.clone_from(&prefixes);
            }));
        }
        for (index, plan) in self.hubs.iter().enumerate() {
            let name = format!("h{index}");
            pieces.push(hub(&name));
            for number in 0..plan.tables {
                pieces.push(table(&format!("{name}-t{number}"), &name));
            }
            if let Some(default) = plan.default {
                pieces.push(default_association(&format!("{name}-t{default}"), &name));
                pieces.push(default_propagation(&format!("{name}-t{default}"), &name));
            }
            for port in &plan.ports {
                let attachment = attachment(index, port.party);
                match port.party {
                    Party::Network(number) => {
                        let learns = port.feeds_default;
                        pieces.push(attach(&format!("n{number}"), &name).with_link(|link| {
                            link.joins_default = (None, Some(learns));
                        }));
                    }
                    Party::Hub(other) if index < other => {
                        pieces.push(join_hubs(&name, &format!("h{other}")));
                    }
                    Party::Hub(_) => {}
                }
                if let Some(number) = port.table {
                    pieces.push(associate(&format!("{name}-t{number}"), &attachment));
                }
                if matches!(port.party, Party::Network(_)) {
                    for number in &port.feeds {
                        pieces.push(propagate(&format!("{name}-t{number}"), &attachment));
                    }
                }
            }
            for ((number, prefix), target) in &plan.statics {
                let table = format!("{name}-t{number}");
                pieces.push(match target {
                    Some(port) => route(
                        &table,
                        &prefix.text(),
                        &attachment(index, plan.ports[*port].party),
                    ),
                    None => blackhole(&table, &prefix.text()),
                });
            }
        }
        pieces
    }

    /// The networks that some address gets to from a network.
    fn followed(&self, from: usize) -> BTreeSet<String> {
        self.handed(from).into_keys().collect()
    }

    /// The networks that traffic from a network gets to, with the addresses that get there.
    fn handed(&self, from: usize) -> BTreeMap<String, BTreeSet<u8>> {
        let mut found = BTreeMap::new();
        for (index, plan) in self.hubs.iter().enumerate() {
            for port in plan
                .ports
                .iter()
                .filter(|port| port.party == Party::Network(from))
            {
                for address in 0..ADDRESSES {
                    self.follow(index, port, address, &mut BTreeSet::new(), &mut found);
                }
            }
        }
        found.remove(&format!("n{from}"));
        found
    }

    /// Whether an address is a network's own.
    fn is_own(&self, network: usize, address: u8) -> bool {
        let prefixes = &self.networks[network];
        prefixes.iter().any(|prefix| prefix.contains(address))
    }

    /// Hand one packet to a hub.
    fn follow(
        &self,
        index: usize,
        port: &Port,
        address: u8,
        seen: &mut BTreeSet<(usize, usize)>,
        found: &mut BTreeMap<String, BTreeSet<u8>>,
    ) {
        let plan = &self.hubs[index];
        let Some(table) = port.table.or(plan.default) else {
            return;
        };
        if !seen.insert((index, table)) {
            return;
        }
        for target in plan.targets(&self.networks, table, address) {
            match plan.ports[target].party {
                Party::Network(number) => {
                    let addresses = found.entry(format!("n{number}")).or_default();
                    addresses.insert(address);
                }
                Party::Hub(other) => {
                    let far = self.hubs[other].ports.iter();
                    if let Some(entry) =
                        far.into_iter().find(|port| port.party == Party::Hub(index))
                    {
                        let mut seen = seen.clone();
                        self.follow(other, entry, address, &mut seen, found);
                    }
                }
            }
        }
    }
}

impl HubPlan {
    /// The ports that a table sends an address to: longest prefix, then static before learned.
    fn targets(&self, networks: &[BTreeSet<Prefix>], table: usize, address: u8) -> BTreeSet<usize> {
        let mut entries: Vec<(Prefix, bool, Option<usize>)> = Vec::new();
        for (&(number, prefix), &target) in &self.statics {
            if number == table {
                entries.push((prefix, true, target));
            }
        }
        for (index, port) in self.ports.iter().enumerate() {
            let Party::Network(number) = port.party else {
                continue;
            };
            let by_default = port.feeds_default && self.default == Some(table);
            if by_default || port.feeds.contains(&table) {
                entries.extend(
                    networks[number]
                        .iter()
                        .map(|one| (*one, false, Some(index))),
                );
            }
        }
        entries.retain(|(prefix, _, _)| prefix.contains(address));
        let best = entries
            .iter()
            .map(|(prefix, is_static, _)| (prefix.1, *is_static))
            .max();
        let entries = entries.into_iter();
        entries
            .filter(|(prefix, is_static, _)| Some((prefix.1, *is_static)) == best)
            .filter_map(|(_, _, target)| target)
            .collect()
    }
}

fn attachment(hub: usize, party: Party) -> String {
    match party {
        Party::Network(number) => format!("n{number}@h{hub}"),
        Party::Hub(other) => format!("h{}@h{}", hub.min(other), hub.max(other)),
    }
}

/// What is drawn at random for one port, before it is known how many tables its hub has.
type Dice = (bool, Option<usize>, BTreeSet<usize>, bool);

fn dice() -> impl Strategy<Value = Dice> {
    (
        prop::bool::weighted(0.6),
        prop::option::of(0..3_usize),
        prop::collection::btree_set(0..3_usize, 0..=2),
        any::<bool>(),
    )
}

/// Networks of these prefixes and up to three hubs with routes to such prefixes, joined or not.
fn world(
    networks: impl Strategy<Value = Vec<BTreeSet<Prefix>>>,
    prefix: impl Strategy<Value = Prefix>,
    chains: bool,
) -> impl Strategy<Value = World> {
    let statics = btree_map((0..3_usize, prefix), prop::option::of(0..8_usize), 0..5);
    let hub = (
        1..=3_usize,
        prop::option::of(0..3_usize),
        vec(dice(), 8),
        statics,
    );
    (networks, vec(hub, 1..=3), vec(any::<bool>(), 3)).prop_map(move |(networks, drawn, joined)| {
        let count = drawn.len();
        let are_joined = |a: usize, b: usize| chains && joined[a.min(b) + a.max(b) - 1];
        let hubs =
            drawn
                .into_iter()
                .enumerate()
                .map(|(index, (tables, default, dice, statics))| {
                    let others =
                        (0..count).filter(|other| *other != index && are_joined(index, *other));
                    let parties = (0..networks.len())
                        .filter(|number| dice[*number].0)
                        .map(Party::Network)
                        .chain(others.map(Party::Hub));
                    let ports: Vec<Port> = parties
                        .map(|party| {
                            let slot = match party {
                                Party::Network(number) => number,
                                Party::Hub(other) => 5 + other,
                            };
                            let (_, table, feeds, feeds_default) = &dice[slot];
                            Port {
                                party,
                                table: table.map(|number| number % tables),
                                feeds: feeds.iter().map(|number| number % tables).collect(),
                                feeds_default: *feeds_default,
                            }
                        })
                        .collect();
                    let statics = statics
                        .into_iter()
                        .filter_map(|((number, prefix), target)| {
                            let target = match target {
                                Some(_) if ports.is_empty() => return None,
                                Some(port) => Some(port % ports.len()),
                                None => None,
                            };
                            Some(((number % tables, prefix), target))
                        });
                    let statics = statics.collect();
                    HubPlan {
                        tables,
                        default: default.map(|number| number % tables),
                        ports,
                        statics,
                    }
                });
        let hubs = hubs.collect();
        World { networks, hubs }
    })
}

/// Networks that may overlap.
fn any_networks() -> impl Strategy<Value = Vec<BTreeSet<Prefix>>> {
    vec(prop::collection::btree_set(prefix(), 1..=2), 2..=5)
}

/// Networks of one address each, none like another.
fn disjoint_networks() -> impl Strategy<Value = Vec<BTreeSet<Prefix>>> {
    subsequence((0..ADDRESSES).collect::<Vec<_>>(), 2..=5).prop_map(|addresses| {
        let one = |address| BTreeSet::from([Prefix(address, 32)]);
        addresses.into_iter().map(one).collect()
    })
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases.unwrap_or(256))
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn whatever_a_packet_gets_to_is_reached(world in world(any_networks(), prefix(), true)) {
        let graph = graph(&world.pieces());
        for from in 0..world.networks.len() {
            let followed = world.followed(from);
            let reached = graph.reached_from(&network_id(&format!("n{from}")));
            prop_assert!(followed.is_subset(&reached), "n{from}: {followed:?} is not in {reached:?}");
        }
    }

    #[test]
    fn no_address_that_gets_to_a_network_is_missing(world in world(any_networks(), prefix(), true)) {
        let graph = graph(&world.pieces());
        for from in 0..world.networks.len() {
            let told = told(&graph, from);
            for (network, addresses) in world.handed(from) {
                prop_assert!(addresses.is_subset(&told[&network]), "n{from} -> {network}: {addresses:?} is not in {told:?}");
            }
        }
    }

    #[test]
    fn of_a_networks_own_addresses_only_those_that_get_there_are_told(
        world in world(disjoint_networks(), prefix(), false),
    ) {
        let graph = graph(&world.pieces());
        for from in 0..world.networks.len() {
            let handed = world.handed(from);
            for (number, addresses) in told(&graph, from).into_iter().filter_map(|(name, addresses)| Some((name.strip_prefix('n')?.parse().ok()?, addresses))) {
                let own = |addresses: &BTreeSet<u8>| addresses.iter().copied().filter(|one| world.is_own(number, *one)).collect::<Vec<_>>();
                let expected = handed.get(&format!("n{number}")).map(own).unwrap_or_default();
                prop_assert_eq!(own(&addresses), expected, "n{} -> n{}", from, number);
            }
        }
    }

    #[test]
    fn one_hub_reaches_nothing_that_no_packet_gets_to(
        world in world(disjoint_networks(), prefix(), false),
    ) {
        exact(&world)?;
    }

    /// Between hubs a range of addresses is passed on as a whole when better routes take only a part of it, so this is said
    /// of single addresses.
    #[test]
    fn chained_hubs_reach_nothing_that_no_packet_gets_to(
        world in world(disjoint_networks(), (0..ADDRESSES).prop_map(|one| Prefix(one, 32)), true),
    ) {
        exact(&world)?;
    }
}

/// The addresses that each far end is said to be handed from a network, by its name.
fn told(graph: &Graph, from: usize) -> BTreeMap<String, BTreeSet<u8>> {
    let from = network_id(&format!("n{from}"));
    let mut told: BTreeMap<String, BTreeSet<u8>> = BTreeMap::new();
    let departures = graph.departures();
    for departure in departures.iter().filter(|one| one.from == from) {
        for (end, way) in departure.reach.ends.iter().filter(|(end, _)| **end != from) {
            let contains = |address: &u8| {
                let address = IpAddr::from([10, 0, 0, *address]);
                let mut nets = way.addresses.iter().flatten();
                way.addresses.is_none() || nets.any(|net| net.contains(&address))
            };
            let name = graph.node(end).unwrap().display_name();
            told.entry(name)
                .or_default()
                .extend((0..ADDRESSES).filter(contains));
        }
    }
    told
}

fn exact(world: &World) -> Result<(), TestCaseError> {
    let graph = graph(&world.pieces());
    for from in 0..world.networks.len() {
        let reached = graph.reached_from(&network_id(&format!("n{from}")));
        prop_assert_eq!(world.followed(from), reached, "from n{}", from);
    }
    Ok(())
}
