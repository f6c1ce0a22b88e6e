//! What holds of every comparison, whatever the networks: proved on networks drawn at random.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use crate::carveout::footprint::Ground;
use crate::carveout::guarantee::Guarantee;
use crate::carveout::names::NameIndex;
use crate::carveout::site::{CarveOut, Footprint, FootprintPart, Scope, Via};
use crate::graph::perimeter::FactKind;
use crate::graph::testing::*;
use crate::graph::{BoundaryId, NodeId};
use crate::location::Location;
use crate::settings::Policy;
use crate::verdict::Status;
use crate::verdict::ground::Digests;
use crate::verdict::judge::{Case, Fate, Judge};

use super::compare;
use super::kind::Effect;

/// Everything that a network drawn at random may hold: any part of it makes sense.
fn stock() -> Vec<Piece> {
    let mut stock = Vec::new();
    for (name, prefix) in [
        ("a", "10.1.0.0/16"),
        ("b", "10.2.0.0/16"),
        ("c", "10.3.0.0/16"),
    ] {
        stock.extend([
            network(name, [prefix]),
            attach(name, "t"),
            subnet(&format!("{name}-s"), name),
        ]);
        let own = format!("{name}-rt");
        stock.extend([
            table(&own, name),
            main_table(&own, name),
            route(&own, "10.0.0.0/8", "t"),
        ]);
        stock.extend([
            associate(&own, &format!("{name}-s")),
            route(&own, "0.0.0.0/0", &format!("{name}-igw")),
        ]);
        let gateway = format!("{name}-igw");
        stock.extend([internet_gateway(&gateway), door(name, &gateway)]);
        stock.extend([expose(&format!("{name}-s"), &format!("{name}-lb"))]);
    }
    stock.extend([peer("a", "b"), peer("b", "c"), peer("a", "x").offered()]);
    stock.extend([
        hub("t"),
        table("t1", "t"),
        table("t2", "t"),
        hub("u"),
        table("u1", "u"),
        join_hubs("t", "u"),
    ]);
    stock.extend([
        default_association("t1", "t"),
        default_propagation("t1", "t"),
        default_association("u1", "u"),
    ]);
    stock.extend([
        associate("t2", "a@t"),
        associate("t1", "b@t"),
        propagate("t2", "b@t"),
        propagate("t2", "c@t"),
    ]);
    stock.extend([
        route("t2", "10.3.0.0/16", "c@t"),
        blackhole("t1", "10.1.0.0/16"),
        blackhole("t2", "10.2.4.0/24"),
    ]);
    stock.extend([
        vpn("oslo", "t"),
        route("t1", "10.9.0.0/16", "oslo@t"),
        route("t2", "10.9.8.0/24", "oslo@t"),
    ]);
    stock.extend([
        network("d", ["10.4.0.0/16"]),
        attach("d", "u"),
        propagate("u1", "d@u"),
        route("t1", "10.4.0.0/16", "t@u"),
    ]);
    stock.extend([
        route("u1", "10.0.0.0/8", "t@u"),
        route("t2", "10.7.0.0/16", "somewhere"),
    ]);
    stock
}

/// A part of the stock, in any order.
fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let stock = stock();
    let all = stock.len();
    subsequence(stock, all / 3..=all).prop_shuffle()
}

/// The same with a few pieces more, less, or other.
fn edit() -> impl Strategy<Value = (Vec<Piece>, Vec<Piece>)> {
    let more = subsequence(stock(), 0..4);
    let less = prop::collection::vec(any::<Index>(), 0..3);
    (pieces(), more, less, any::<Index>(), 0..6_u8).prop_map(|(before, more, less, other, how)| {
        let mut after = before.clone();
        for index in less {
            after.remove(index.index(after.len()));
        }
        let present: BTreeSet<String> = after
            .iter()
            .map(|piece| piece.address().to_owned())
            .collect();
        after.extend(
            more.into_iter()
                .filter(|piece| !present.contains(piece.address())),
        );
        let slot = other.index(after.len());
        let piece = after[slot].clone();
        after[slot] = match how {
            0 => piece.in_region("eu-west-1"),
            1 => piece.having("encryption_mode", Some("enforce")),
            2 => piece.protected(crate::graph::protection::Protection::None),
            3 => piece.offered(),
            _ => piece,
        };
        (before, after)
    })
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases.unwrap_or(96))
    }
}

/// All that is said of a scene, so that two can be compared; addresses instead of numbers of origins.
fn all_said(scene: &Scene) -> Vec<String> {
    let address = |id: &_| scene.origins.get(*id).address.clone();
    let line = |change: &super::Change| {
        let causes: Vec<String> = change.causes.iter().map(address).collect();
        let touched = format!("{:?} {:?}", change.touched, change.boundaries);
        format!(
            "{:?} {:?} {} {causes:?} {touched}",
            change.category, change.effect, change.summary
        )
    };
    scene.changes().iter().map(line).collect()
}

fn inverse(effect: Effect) -> Effect {
    match effect {
        Effect::Widens => Effect::Narrows,
        Effect::Narrows => Effect::Widens,
        Effect::Alters => Effect::Alters,
    }
}

fn carve_out_on(node: &NodeId) -> Case {
    let part = FootprintPart {
        boundary: BoundaryId::Node(node.clone()),
        name: node.to_string(),
        via: Via::Named,
        location: None,
    };
    let footprint = Footprint::new(Scope::Inside, vec![part]);
    Case {
        carve_out: CarveOut {
            id: String::new(),
            repository: String::new(),
            location: Location::line("a", 1),
            guarantee: String::new(),
            justification: String::new(),
            footprint,
            owners: Vec::new(),
            last_justified: None,
            excerpt: Vec::new(),
            permalink: None,
        },
        guarantee: Guarantee::read("", &NameIndex::default()),
        ground: Ground::Words,
        footprint_at_base: None,
        fate: Fate::Same,
        receipts: Vec::new(),
    }
}

fn footprint(scope: Scope, boundary: Option<BoundaryId>) -> Footprint {
    let part = |boundary: BoundaryId| FootprintPart {
        name: boundary.to_string(),
        boundary,
        via: Via::Named,
        location: None,
    };
    Footprint::new(scope, boundary.into_iter().map(part).collect())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn equal_networks_do_not_change(pieces in pieces(), seed in any::<u64>()) {
        let mut other = pieces.clone();
        let shift = seed as usize % other.len();
        other.rotate_left(shift);
        prop_assert_eq!(told(&pieces, &other), Vec::<String>::new());
    }

    #[test]
    fn the_order_of_declarations_never_shows((before, after) in edit(), turn in any::<Index>()) {
        let (mut other_before, mut other_after) = (before.clone(), after.clone());
        other_before.rotate_left(turn.index(before.len()));
        other_after.reverse();
        let first = all_said(&Scene::new(&before, &after));
        let second = all_said(&Scene::new(&other_before, &other_after));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn undoing_a_change_is_its_inverse((before, after) in edit()) {
        let (there, back) = (Scene::new(&before, &after), Scene::new(&after, &before));
        let (there, back) = (
            compare(&there.before, &there.after, &there.origins),
            compare(&back.before, &back.after, &back.origins),
        );
        let facts = |difference: &super::Difference<'_>, turn: bool| -> BTreeSet<String> {
            let side = |fact: Option<&crate::graph::perimeter::Fact>| fact.map(|fact| fact.value.clone());
            difference.facts.iter().map(|one| {
                let (was, is) = (side(one.before), side(one.after));
                let (was, is, effect) = if turn { (is, was, inverse(one.effect)) } else { (was, is, one.effect) };
                format!("{} {:?} {was:?} {is:?} {effect:?}", one.boundary, one.key)
            }).collect()
        };
        prop_assert_eq!(facts(&there, false), facts(&back, true));
        let reach = |difference: &super::Difference<'_>, turn: bool| -> BTreeSet<String> {
            difference.reach.iter().map(|one| {
                format!("{} {} {} {:?}", one.from, one.to, one.gained != turn, one.way.addresses)
            }).collect()
        };
        prop_assert_eq!(reach(&there, false), reach(&back, true));
    }

    #[test]
    fn one_link_more_never_reaches_less(pieces in pieces()) {
        for link in [peer("a", "c"), attach("a", "u"), attach("c", "t"), vpn("bergen", "t"), join_hubs("t", "w")] {
            if pieces.iter().any(|piece| piece.address() == link.address()) {
                continue;
            }
            let more: Vec<Piece> = pieces.iter().cloned().chain([link.clone()]).collect();
            let (small, large) = (graph(&pieces), graph(&more));
            for name in ["a", "b", "c", "d"] {
                let id = network_id(name);
                let (mut was, is) = (small.reached_from(&id), large.reached_from(&id));
                // An attachment that only tables knew may now be known for what it joins.
                was.retain(|end| *end != link.name());
                prop_assert!(was.is_subset(&is), "{name}: {was:?} is not in {is:?}");
            }
        }
    }

    /// What a person checks by eye: facts and reach of a network are the same on both sides, then nothing falls on it.
    #[test]
    fn a_network_around_which_nothing_changed_is_never_listed((before, after) in edit()) {
        let scene = Scene::new(&before, &after);
        let difference = compare(&scene.before, &scene.after, &scene.origins);
        let changes = scene.changes();
        let policy = Policy::default();
        let names = NameIndex::new(&[&scene.before.graph, &scene.after.graph]);
        let ground = Digests::new(&difference, &changes, &scene.origins, &policy);
        let judge = Judge { difference: &difference, changes: &changes, policy: &policy, names_after: &names, digests: &ground };
        for name in ["a", "b", "c", "d"] {
            let id = network_id(name);
            let status = judge.status(carve_out_on(&id)).status;
            let around = |snapshot: &super::diff::Snapshot| {
                let facts: BTreeMap<_, _> = snapshot.perimeters.facts.get(&inside(name)).into_iter().flatten()
                    .filter(|((kind, _), _)| *kind != FactKind::Egress)
                    .map(|(key, fact)| (key.clone(), (fact.value.clone(), fact.carriers.clone()))).collect();
                let mut reach = BTreeSet::new();
                for departure in &snapshot.perimeters.departures {
                    for (end, way) in &departure.reach.ends {
                        if (departure.from == id) != (*end == id) {
                            let extent = snapshot.graph.extent(end, way.addresses.as_deref());
                            reach.insert(format!("{} {end} {extent:?}", departure.from));
                        }
                    }
                }
                let place = snapshot.graph.node(&id).map(|node| node.place.clone());
                (facts, reach, place)
            };
            let is_untouched = around(&scene.before) == around(&scene.after);
            if is_untouched {
                prop_assert_eq!(status, Status::Unaffected, "{}: {:#?}", name, all_said(&scene));
            }
            let differs = difference.facts.iter().any(|one| *one.boundary == inside(name) && one.key.0 != FactKind::Egress)
                || difference.reach.iter().any(|one| one.from == id || one.to == id);
            if differs {
                prop_assert_ne!(status, Status::Unaffected, "{}: {:#?}", name, all_said(&scene));
            }
        }
    }

    /// What a receipt is worth: it does not fit when anything falls on what it rests on, and fits when nothing does.
    #[test]
    fn a_receipt_fits_exactly_as_long_as_nothing_falls_on_its_footprint((before, after) in edit(), turn in any::<Index>()) {
        let (there, back) = (Scene::new(&before, &after), Scene::new(&after, &before));
        let policy = Policy::default();
        let names = NameIndex::new(&[&there.before.graph, &there.after.graph]);
        let difference = compare(&there.before, &there.after, &there.origins);
        let changes = there.changes();
        let ground = Digests::new(&difference, &changes, &there.origins, &policy);
        let judge = Judge { difference: &difference, changes: &changes, policy: &policy, names_after: &names, digests: &ground };
        let (other_difference, other_changes) = (compare(&back.before, &back.after, &back.origins), back.changes());
        let other_ground = Digests::new(&other_difference, &other_changes, &back.origins, &policy);
        let nodes = ["a", "b", "c", "d"].map(|name| footprint(Scope::Inside, Some(inside(name))));
        let links = [("a", "b"), ("b", "c"), ("a", "x")].map(|(first, second)| {
            footprint(Scope::OverLinks, Some(BoundaryId::Link(peering_id(first, second))))
        });
        for footprint in nodes.into_iter().chain(links).chain([footprint(Scope::Unanchored, None)]) {
            let case = Case { carve_out: CarveOut { footprint: footprint.clone(), ..carve_out_on(&network_id("a")).carve_out }, ..carve_out_on(&network_id("a")) };
            let falls = judge.status(case).status != Status::Unaffected;
            let (now, then) = (ground.under(&footprint).unwrap(), other_ground.under(&footprint).unwrap());
            let told = || format!("{footprint:?}: {:?} {:#?}", now.differing(&then), all_said(&there));
            if falls {
                prop_assert_ne!(&now.whole, &then.whole, "{}", told());
            } else {
                // A place that becomes known is no change, and yet not what was justified. A network comes and goes with it all.
                // Of a link, any traffic that those who may use it send elsewhere.
                let is_cautious = now.differing(&then).iter().all(|(_, aspect)| matches!(*aspect, "place" | "path")) && now != then;
                let is_there = footprint.parts.iter().all(|part| match &part.boundary {
                    BoundaryId::Node(node) => there.before.graph.node(node).is_some() == there.after.graph.node(node).is_some(),
                    BoundaryId::Link(_) => true,
                });
                prop_assert!(is_cautious || !is_there || now == then || footprint.scope == Scope::Unanchored, "{}", told());
            }
        }
        let mut turned = after.clone();
        turned.rotate_left(turn.index(after.len()));
        let (same, alike) = (Scene::new(&before, &after), Scene::new(&before, &turned));
        let digest = |scene: &Scene| {
            let (difference, changes) = (compare(&scene.before, &scene.after, &scene.origins), scene.changes());
            let ground = Digests::new(&difference, &changes, &scene.origins, &policy);
            let parts = ["a", "b"].map(|name| ground.under(&footprint(Scope::Inside, Some(inside(name)))));
            (parts, ground.under(&footprint(Scope::Unanchored, None)))
        };
        prop_assert_eq!(digest(&same), digest(&alike), "order shows");
    }
}
