#![allow(clippy::unwrap_used)]
use crate::carveout::footprint::bind_with_ground;
use crate::carveout::names::NameIndex;
use crate::carveout::site::{CarveOut, Via};
use crate::graph::protection::Protection;
use crate::graph::testing::*;
use crate::location::Location;
use crate::verdict::judge::Fate;

use super::*;

/// What a guarantee comes to, written in code that lies in this network, by its block.
fn weighed(pieces: &[Piece], lies_in: Option<&str>, guarantee: &str) -> (Truth, Vec<Point>) {
    let snapshot = Snapshot::new(graph(pieces));
    let names = NameIndex::new(&[&snapshot.graph]);
    let read = Guarantee::read(guarantee, &names);
    let block = lies_in.map(|name| {
        let node = snapshot.graph.node(&network_id(name)).unwrap();
        Target::node(node, Via::Block)
    });
    let surroundings = Surroundings {
        block: block.into_iter().collect(),
        bound: Vec::new(),
    };
    let (footprint, ground) = bind_with_ground(&read, &surroundings, &[&snapshot.graph]);
    let carve_out = CarveOut {
        id: "1".to_owned(),
        repository: "r".to_owned(),
        location: Location::line("a.rs", 1),
        guarantee: guarantee.to_owned(),
        justification: "because".to_owned(),
        footprint,
        owners: Vec::new(),
        last_justified: None,
        excerpt: Vec::new(),
    };
    let case = Case {
        carve_out,
        guarantee: read,
        ground,
        footprint_at_base: None,
        fate: Fate::Added,
        receipts: Vec::new(),
    };
    // As `query` would answer: what passes a hub that nobody describes is in doubt.
    let passages = |from: &NodeId, _: &NodeId| {
        let hubs = snapshot
            .graph
            .nodes()
            .filter(|node| node.kind == NodeKind::Hub);
        let doubts = hubs.filter(|hub| hub.standing != Standing::Described);
        vec![Passage {
            words: format!("from {from}"),
            origins: BTreeSet::new(),
            doubts: doubts
                .map(|hub| format!("nobody describes {}", hub.id))
                .collect(),
        }]
    };
    let scales = Scales {
        snapshot: &snapshot,
        passages: &passages,
    };
    scales.weigh(&case, &surroundings, Vec::new())
}

#[track_caller]
fn check(pieces: &[Piece], lies_in: Option<&str>, guarantee: &str, expected: Truth) {
    let (truth, points) = weighed(pieces, lies_in, guarantee);
    assert_eq!(truth, expected, "{points:#?}");
}

fn two_and(more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
    [
        network("prod", ["10.1.0.0/16"]),
        network("data", ["10.2.0.0/16"]),
    ]
    .into_iter()
    .chain(more)
    .collect()
}

#[test]
fn inside_a_network_is_true_where_the_site_is_shown_to_lie_in_it() {
    let pieces = two_and([]);
    let text = "stays inside VPC prod";
    check(&pieces, Some("prod"), text, Truth::True);
    check(&pieces, None, text, Truth::Undecidable);
    check(&pieces, Some("data"), text, Truth::False);
}

#[test]
fn what_it_claims_of_the_network_has_to_hold_too() {
    let text = "stays inside VPC prod, which is not peered";
    check(&two_and([]), Some("prod"), text, Truth::True);
    let peered = two_and([peer("prod", "data")]);
    check(&peered, Some("prod"), text, Truth::False);
    check(&peered, Some("prod"), "stays inside VPC prod", Truth::True);
    // A region that the input does not tell.
    let text = "stays inside VPC prod in eu-west-1";
    check(&two_and([]), Some("prod"), text, Truth::Undecidable);
}

#[test]
fn a_network_that_nobody_describes_shows_nothing() {
    let pieces = [network("prod", []), peer("prod", "other")];
    check(
        &pieces,
        Some("other"),
        "stays inside other",
        Truth::Undecidable,
    );
}

#[test]
fn words_that_were_not_understood_leave_it_open_and_who_is_spoken_of_does_not() {
    let pieces = two_and([]);
    check(
        &pieces,
        Some("prod"),
        "cart and stock both run inside VPC prod",
        Truth::True,
    );
    check(
        &pieces,
        Some("prod"),
        "stays inside VPC prod, where no contractor works",
        Truth::Undecidable,
    );
    check(
        &pieces,
        Some("prod"),
        "stays inside VPC prod behind a firewall",
        Truth::Undecidable,
    );
}

#[test]
fn what_names_nothing_is_undecidable() {
    check(&two_and([]), None, "private network", Truth::Undecidable);
}

#[test]
fn one_host_holds_by_its_nature_unless_it_is_one_of_two() {
    let pieces = two_and([]);
    check(&pieces, None, "loopback only", Truth::True);
    check(&pieces, None, "loopback or VPC prod", Truth::Undecidable);
    check(
        &pieces,
        None,
        "loopback only, over mTLS",
        Truth::Undecidable,
    );
}

#[test]
fn over_a_link_needs_the_link_its_ends_and_its_protection() {
    let text = "crosses only the peering between prod and data";
    let over = |protection| two_and([peer("prod", "data").protected(protection)]);
    check(&over(Protection::Provider), None, text, Truth::True);
    check(&over(Protection::Unknown), None, text, Truth::Undecidable);
    check(&two_and([]), None, text, Truth::Undecidable);
    let encrypted = "crosses only the peering between prod and data, which is encrypted";
    check(&over(Protection::Provider), None, encrypted, Truth::True);
    check(&over(Protection::None), None, encrypted, Truth::False);
    let foreign = [
        network("prod", []),
        peer("prod", "other").protected(Protection::Provider),
    ];
    check(
        &foreign,
        None,
        "crosses only the peering between prod and other",
        Truth::Undecidable,
    );
    let offered = two_and([peer("prod", "data")
        .protected(Protection::Provider)
        .offered()]);
    check(&offered, None, text, Truth::Undecidable);
}

#[test]
fn a_claim_about_networks_is_not_held_against_a_link() {
    let pieces = two_and([peer("prod", "data").protected(Protection::Provider)]);
    let text = "crosses only the peering between prod and data, no internet gateway";
    check(&pieces, None, text, Truth::Undecidable);
}

#[test]
fn reach_through_a_hub_that_nobody_describes_refutes_nothing() {
    let text = "stays inside VPC prod, never reachable from VPC data";
    let through = |hub_piece: Option<Piece>| {
        let joined = [attach("prod", "t"), attach("data", "t")];
        two_and(joined.into_iter().chain(hub_piece))
    };
    check(&two_and([]), Some("prod"), text, Truth::True);
    check(&through(None), Some("prod"), text, Truth::Undecidable);
    let described = [
        hub("t"),
        table("rt", "t"),
        associate("rt", "data@t"),
        propagate("rt", "prod@t"),
    ];
    let pieces: Vec<Piece> = through(None).into_iter().chain(described).collect();
    check(&pieces, Some("prod"), text, Truth::False);
}

#[test]
fn a_doubt_leaves_open_what_would_be_true_and_saves_nothing_that_is_false() {
    let (_, points) = weighed(
        &two_and([peer("prod", "data")]),
        Some("prod"),
        "stays inside VPC prod, not peered",
    );
    assert_eq!(points[0].truth, Truth::False);
    assert!(
        points[0].words.contains("is peered with"),
        "{}",
        points[0].words
    );
    assert!(points.is_sorted_by_key(|point| point.truth));
}
