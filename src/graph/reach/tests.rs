#![allow(clippy::unwrap_used)]
use crate::graph::protection::Protection;
use crate::graph::testing::*;

use super::*;

/// Three networks at a hub with one default table that learns all of them.
fn flat() -> Vec<Piece> {
    let mut pieces = vec![hub("t"), table("rt", "t")];
    pieces.extend([
        default_association("rt", "t"),
        default_propagation("rt", "t"),
    ]);
    for (name, prefix) in [
        ("a", "10.1.0.0/16"),
        ("b", "10.2.0.0/16"),
        ("c", "10.3.0.0/16"),
    ] {
        pieces.extend([network(name, [prefix]), attach(name, "t")]);
    }
    pieces
}

/// Three networks at a hub with no table but those that a test adds.
fn segmented() -> Vec<Piece> {
    let mut pieces = flat();
    pieces.retain(|piece| !piece.is_association());
    pieces.extend([table("prod", "t"), table("dev", "t")]);
    pieces
}

/// `a` at hub `t`, `b` at hub `u`, and what a test adds.
fn two_hubs() -> Vec<Piece> {
    let mut pieces = vec![join_hubs("t", "u"), attach("a", "t"), attach("b", "u")];
    pieces.extend([network("a", ["10.1.0.0/16"]), network("b", ["10.2.0.0/16"])]);
    for name in ["t", "u"] {
        let rt = format!("{name}-rt");
        pieces.extend([hub(name), table(&rt, name)]);
        pieces.extend([
            default_association(&rt, name),
            default_propagation(&rt, name),
        ]);
    }
    pieces
}

fn with(mut pieces: Vec<Piece>, more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
    pieces.extend(more);
    pieces
}

#[track_caller]
fn check<const N: usize>(pieces: &[Piece], from: &str, expected: [&str; N]) {
    let expected: BTreeSet<String> = expected.iter().map(|one| (*one).to_owned()).collect();
    assert_eq!(graph(pieces).reached_from(&network_id(from)), expected);
}

#[test]
fn a_default_table_that_learns_all_joins_all() {
    check(&flat(), "a", ["b", "c"]);
    check(&flat(), "b", ["a", "c"]);
}

#[test]
fn a_default_table_learns_from_a_hub_that_announces_and_not_from_one_that_is_only_peered() {
    let behind = |announces: bool| {
        let joined = join_hubs("t", "dx").with_link(|link| link.dynamic_prefixes = announces);
        let beyond = hub_forwarding("dx", Forwards::Everywhere);
        with(flat(), [beyond, vpn("oslo", "dx"), joined])
    };
    check(&behind(true), "a", ["b", "c", "oslo"]);
    check(&behind(false), "a", ["b", "c"]);
}

#[test]
fn what_lies_behind_a_hub_that_nobody_describes_may_send() {
    let is_of_partner = |one: &Departure| one.from.as_str().contains("partner");
    let mut pieces = flat();
    pieces.push(join_hubs("t", "partner"));
    let departures = graph(&pieces).departures();
    let of_partner = departures.iter().find(|one| is_of_partner(one)).unwrap();
    for name in ["a", "b", "c"] {
        let id = network_id(name);
        assert!(of_partner.reach.ends.contains_key(&id), "{name}");
    }
    // One that is described sends what is attached to it, and nothing of its own.
    pieces.push(hub("partner"));
    assert!(!graph(&pieces).departures().iter().any(is_of_partner));
}

#[test]
fn an_attachment_outside_the_default_tables_reaches_nothing_and_is_not_reached() {
    let mut pieces = flat();
    pieces.retain(|piece| !piece.is_link());
    pieces.extend([attach("a", "t"), attach("b", "t")]);
    let apart = attach("c", "t").with_link(|link| link.joins_default = (Some(false), Some(false)));
    pieces.push(apart);
    check(&pieces, "a", ["b"]);
    check(&pieces, "c", []);
}

#[test]
fn a_segment_reaches_what_its_table_learns_and_nothing_else() {
    let tables = [
        associate("prod", "a@t"),
        associate("dev", "b@t"),
        associate("dev", "c@t"),
        propagate("prod", "b@t"),
        propagate("dev", "c@t"),
    ];
    let pieces = with(segmented(), tables);
    check(&pieces, "a", ["b"]);
    check(&pieces, "b", ["c"]);
    check(&pieces, "c", []);
}

#[test]
fn an_association_of_its_own_replaces_the_default_one() {
    let pieces = with(flat(), [table("empty", "t"), associate("empty", "a@t")]);
    check(&pieces, "a", []);
    check(&pieces, "b", ["a", "c"]);
}

#[test]
fn a_blackhole_hides_what_is_less_specific_and_nothing_more_specific() {
    let dropped = |prefix| with(flat(), [blackhole("rt", prefix)]);
    check(&dropped("10.2.0.0/16"), "a", ["c"]);
    check(&dropped("10.0.0.0/8"), "a", ["b", "c"]);
    check(&dropped("10.2.4.0/24"), "a", ["b", "c"]);
    let halves = [
        blackhole("rt", "10.2.0.0/17"),
        blackhole("rt", "10.2.128.0/17"),
    ];
    check(&with(flat(), halves), "a", ["c"]);
}

#[test]
fn a_static_route_beats_a_learned_one_of_its_length_only() {
    check(
        &with(flat(), [route("rt", "10.2.0.0/16", "c@t")]),
        "a",
        ["c"],
    );
    check(
        &with(flat(), [route("rt", "10.2.0.0/15", "c@t")]),
        "a",
        ["b", "c"],
    );
    check(
        &with(flat(), [route("rt", "10.2.0.0/24", "c@t")]),
        "a",
        ["b", "c"],
    );
}

#[test]
fn a_route_with_a_destination_nobody_tells_opens_and_hides_nothing() {
    let tables = [
        associate("prod", "a@t"),
        route("prod", "?", "c@t"),
        propagate("prod", "b@t"),
    ];
    check(&with(segmented(), tables), "a", ["b", "c"]);
}

#[test]
fn a_network_with_addresses_nobody_tells_is_reached_past_any_blackhole() {
    let pieces = with(
        flat(),
        [
            network("d", []),
            attach("d", "t"),
            blackhole("rt", "0.0.0.0/0"),
        ],
    );
    check(&pieces, "a", ["b", "c", "d"]);
}

#[test]
fn hubs_in_a_chain_pass_on_only_what_they_are_addressed() {
    let there = route("t-rt", "10.2.0.0/16", "t@u");
    check(&with(two_hubs(), [there]), "a", ["b"]);
    check(&two_hubs(), "a", []);
    let elsewhere = route("t-rt", "10.9.0.0/16", "t@u");
    check(&with(two_hubs(), [elsewhere]), "a", []);
}

#[test]
fn every_route_toward_a_far_hub_counts_not_only_the_first() {
    let routes = [
        route("t-rt", "10.0.0.0/16", "t@u"),
        route("t-rt", "10.2.0.0/16", "t@u"),
    ];
    check(&with(two_hubs(), routes), "a", ["b"]);
}

#[test]
fn a_link_of_two_hubs_uses_in_each_the_table_of_that_hub() {
    // Associated in `t`; in `u` it is left to the default table, which knows `b`.
    let pieces = with(
        two_hubs(),
        [
            table("t-peers", "t"),
            associate("t-peers", "t@u"),
            route("t-rt", "10.2.0.0/16", "t@u"),
        ],
    );
    check(&pieces, "a", ["b"]);
    check(&pieces, "b", []);
}

#[test]
fn hubs_in_a_ring_come_to_an_end() {
    let mut pieces = vec![network("a", ["10.1.0.0/16"]), attach("a", "t")];
    for name in ["t", "u", "v"] {
        let rt = format!("{name}-rt");
        pieces.extend([hub(name), table(&rt, name), default_association(&rt, name)]);
    }
    pieces.extend([
        join_hubs("t", "u"),
        join_hubs("u", "v"),
        join_hubs("v", "t"),
    ]);
    pieces.extend([
        route("t-rt", "0.0.0.0/0", "t@u"),
        route("u-rt", "0.0.0.0/0", "u@v"),
        route("v-rt", "0.0.0.0/0", "v@t"),
    ]);
    check(&pieces, "a", []);
    pieces.push(network("b", ["10.2.0.0/16"]));
    pieces.extend([attach("b", "v"), propagate("v-rt", "b@v")]);
    check(&pieces, "a", ["b"]);
}

#[test]
fn a_long_chain_of_hubs_is_followed_to_its_end() {
    let mut pieces = vec![network("a", ["10.1.0.0/16"]), network("b", ["10.2.0.0/16"])];
    for number in 0..300 {
        pieces.push(hub_forwarding(&format!("h{number}"), Forwards::Everywhere));
        if number > 0 {
            pieces.push(join_hubs(
                &format!("h{}", number - 1),
                &format!("h{number}"),
            ));
        }
    }
    pieces.extend([attach("a", "h0"), attach("b", "h299")]);
    check(&pieces, "a", ["b"]);
}

#[test]
fn a_gateway_joins_what_is_outside_with_its_network_and_not_two_outsides() {
    let pieces = [
        hub_forwarding("vgw", Forwards::BetweenOutsideAndInside),
        network("a", ["10.1.0.0/16"]),
        network("b", ["10.2.0.0/16"]),
        attach("a", "vgw"),
        attach("b", "vgw"),
        vpn("oslo", "vgw"),
        vpn("bergen", "vgw"),
    ];
    check(&pieces, "a", ["bergen", "oslo"]);
    let from_oslo = graph(&pieces).reached_from(&external_id("oslo"));
    assert_eq!(from_oslo, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
}

/// Two networks, each with a gateway on one line.
fn on_one_line(takes: [Option<&str>; 2]) -> Vec<Piece> {
    let mut pieces = vec![passing_on("circuit")];
    for (name, takes) in ["a", "b"].into_iter().zip(takes) {
        let gateway = format!("{name}-gw");
        pieces.extend([
            network(name, []),
            attach(name, &gateway),
            vpn("circuit", &gateway),
        ]);
        let hub = hub_forwarding(&gateway, Forwards::BetweenOutsideAndInside);
        pieces.push(hub.having(TAKES_RETURNED, takes));
    }
    pieces
}

#[test]
fn a_line_joins_the_networks_whose_gateways_take_in_what_it_passes_on() {
    check(
        &on_one_line([Some("true"), Some("true")]),
        "a",
        ["b", "circuit"],
    );
    check(
        &on_one_line([Some("true"), Some("false")]),
        "a",
        ["circuit"],
    );
    check(
        &on_one_line([Some("false"), Some("true")]),
        "a",
        ["circuit"],
    );
    check(&on_one_line([Some("true"), None]), "a", ["b", "circuit"]);
}

#[test]
fn a_party_outside_that_passes_nothing_on_ends_the_path() {
    let mut pieces = on_one_line([Some("true"), Some("true")]);
    pieces.remove(0);
    check(&pieces, "a", ["circuit"]);
}

#[test]
fn a_route_to_a_neighbouring_hub_takes_the_attachment_between_the_two() {
    let firewall = [
        hub_forwarding("fw", Forwards::Everywhere),
        join_hubs("fw", "t"),
        associate("prod", "a@t"),
        associate("dev", "fw@t"),
        propagate("dev", "b@t"),
    ];
    let pieces = with(segmented(), firewall);
    check(&pieces, "a", []);
    check(
        &with(pieces, [route("prod", "0.0.0.0/0", "fw")]),
        "a",
        ["b"],
    );
}

#[test]
fn a_table_that_learns_of_another_hubs_attachment_reaches_its_network() {
    let mut pieces = two_hubs();
    pieces.retain(|piece| piece.name() != "t@u");
    check(&pieces, "a", []);
    check(&with(pieces, [propagate("t-rt", "b@u")]), "a", ["b"]);
}

#[test]
fn a_hub_nobody_describes_joins_all_that_is_attached_to_it() {
    let pieces = [
        network("a", ["10.1.0.0/16"]),
        network("b", ["10.2.0.0/16"]),
        attach("a", "t"),
        attach("b", "t"),
    ];
    check(&pieces, "a", ["b"]);
}

#[test]
fn behind_a_hub_nobody_describes_is_more_than_is_seen() {
    let mut pieces = two_hubs();
    pieces.retain(|piece| !piece.is_about("u"));
    pieces.push(route("t-rt", "10.0.0.0/8", "t@u"));
    check(&pieces, "a", ["b", "u"]);
}

#[test]
fn a_table_with_nothing_in_it_reaches_nothing_and_one_nobody_describes_all() {
    check(&with(segmented(), [associate("prod", "a@t")]), "a", []);
    check(
        &with(segmented(), [associate("elsewhere", "a@t")]),
        "a",
        ["b", "c"],
    );
}

#[test]
fn a_route_to_an_attachment_nobody_describes_reaches_that() {
    let pieces = with(flat(), [route("rt", "10.9.0.0/16", "far-attachment")]);
    check(&pieces, "a", ["b", "c", "far-attachment"]);
    let learned = with(flat(), [propagate("rt", "far-attachment")]);
    check(&learned, "a", ["b", "c", "far-attachment"]);
}

#[test]
fn an_attachment_nobody_describes_reaches_what_its_table_says() {
    let pieces = with(
        segmented(),
        [associate("prod", "far"), propagate("prod", "a@t")],
    );
    let from_far = graph(&pieces).reached_from(&NodeId::from("subnet/test:far".to_owned()));
    assert_eq!(from_far, BTreeSet::from(["a".to_owned()]));
}

#[test]
fn an_attachment_of_one_of_two_networks_counts_for_both() {
    let either = attach("x", "t").with_link(|link| {
        link.ends[0].reference = crate::graph::identity::Reference::OneOf(vec![key("d"), key("e")]);
    });
    let more = [
        network("d", ["10.4.0.0/16"]),
        network("e", ["10.5.0.0/16"]),
        either,
    ];
    let pieces = with(flat(), more);
    let from_d = graph(&pieces).reached_from(&network_id("d"));
    assert!(
        ["a", "b", "c"].iter().all(|one| from_d.contains(*one)),
        "{from_d:?}"
    );
    let reached = graph(&pieces).reached_from(&network_id("a"));
    assert!(
        reached.contains("d") && reached.contains("e"),
        "{reached:?}"
    );
}

#[test]
fn all_addresses_that_are_sent_to_a_party_outside_are_told() {
    let pieces = with(
        flat(),
        [
            vpn("oslo", "t").with_link(|link| link.joins_default = (None, Some(false))),
            route("rt", "10.9.0.0/16", "oslo@t"),
            route("rt", "10.8.0.0/16", "oslo@t"),
            route("rt", "10.9.1.0/24", "oslo@t"),
        ],
    );
    let departures = graph(&pieces).departures();
    let from_a = departures
        .iter()
        .find(|one| one.from == network_id("a"))
        .unwrap();
    let way = &from_a.reach.ends[&external_id("oslo")];
    let told: Vec<String> = way
        .addresses
        .iter()
        .flatten()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told, ["10.8.0.0/16", "10.9.0.0/16"]);
}

#[test]
fn of_several_ways_the_shortest_is_the_witness_unless_an_unencrypted_one_is_looked_for() {
    // From a to b: over one line that is encrypted, and around by a hub over two of which one is not.
    let mut pieces: Vec<Piece> = ["t", "u", "v"]
        .map(|name| hub_forwarding(name, Forwards::Everywhere))
        .into();
    pieces.push(network("a", ["10.1.0.0/16"]));
    pieces.push(network("b", ["10.2.0.0/16"]));
    let joined =
        |first: &str, second: &str, protection| join_hubs(first, second).protected(protection);
    pieces.extend([
        attach("a", "t").protected(Protection::Provider),
        attach("b", "u").protected(Protection::Provider),
        joined("t", "u", Protection::Provider),
        joined("t", "v", Protection::Provider),
        joined("v", "u", Protection::Unknown),
    ]);
    let passed = |graph: &Graph, search: &Search| {
        let departures = graph.departures_by(search);
        let from_a = departures.iter().find(|one| one.from == network_id("a"));
        from_a.unwrap().reach.ends[&network_id("b")].hubs.len()
    };
    let weakest = Search {
        prefers_unencrypted: true,
        ..Search::default()
    };
    let both = graph(&pieces);
    assert_eq!(passed(&both, &Search::default()), 2);
    assert_eq!(passed(&both, &weakest), 3);
    let closed = Search {
        closed_links: both
            .links()
            .filter(|link| !link.in_transit.protection.encrypts())
            .map(|link| link.id.clone())
            .collect(),
        ..weakest
    };
    assert_eq!(passed(&both, &closed), 2);
}
