#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use crate::change::compare;
use crate::graph::node::Forwards;
use crate::graph::protection::Protection;
use crate::graph::testing::{
    Piece, Scene, attach, cluster, door, hub, hub_forwarding, inside, internet_gateway, namespace,
    network, peer, subnet, vpn,
};

use super::view::{Extent, Pinned, View};
use super::*;

/// The boxes and lines of a picture, in words.
fn told(picture: &Picture) -> Vec<String> {
    let name = |index: usize| -> String {
        let node = &picture.nodes[index];
        match node.members.len() {
            0 => node.name.clone(),
            many => format!("{many} alike"),
        }
    };
    let mut told = Vec::new();
    for (index, node) in picture.nodes.iter().enumerate() {
        let inside = node.parent.map(|parent| format!(" in {}", name(parent)));
        let held: Vec<String> = node
            .contents
            .iter()
            .map(|one| format!(" with {} {}", one.count, one.role))
            .collect();
        told.push(format!(
            "{}{}{}{}",
            node.fate.sign(),
            name(index),
            inside.unwrap_or_default(),
            held.concat()
        ));
    }
    for link in &picture.links {
        told.push(format!(
            "{}{} ~ {}: {} ×{}",
            link.fate.sign(),
            name(link.from),
            name(link.to),
            link.label,
            link.count
        ));
    }
    told
}

fn whole(pieces: &[Piece]) -> Picture {
    let scene = Scene::new(pieces, pieces);
    draw(&View::of_snapshot(&scene.after, &Extent::Whole, &[]))
}

fn around(pieces: &[Piece], name: &str, steps: usize) -> Picture {
    let scene = Scene::new(pieces, pieces);
    let extent = Extent::Around(BTreeSet::from([inside(name)]), steps);
    draw(&View::of_snapshot(&scene.after, &extent, &[]))
}

fn networks(count: usize) -> Vec<Piece> {
    let name = |index: usize| format!("n{index:03}");
    let mut pieces = vec![hub("t")];
    for index in 0..count {
        pieces.push(network(&name(index), []));
        pieces.push(attach(&name(index), "t"));
    }
    pieces
}

#[test]
fn what_lies_in_a_network_stands_in_its_frame_and_what_is_small_is_counted() {
    let pieces = [
        network("a", []),
        subnet("s1", "a"),
        subnet("s2", "a"),
        cluster("k", "a"),
        namespace("x", "k"),
    ];
    assert_eq!(
        told(&whole(&pieces)),
        ["k in a", "x in k", "a with 2 subnet"]
    );
}

#[test]
fn a_small_part_that_is_asked_for_has_a_box() {
    let pieces = [network("a", []), subnet("s1", "a"), subnet("s2", "a")];
    let scene = Scene::new(&pieces, &pieces);
    let subnet = scene
        .after
        .graph
        .nodes()
        .find(|node| node.name.as_deref() == Some("s1"));
    let id = crate::graph::BoundaryId::Node(subnet.unwrap().id.clone());
    let extent = Extent::Around(BTreeSet::from([id]), 0);
    let picture = draw(&View::of_snapshot(&scene.after, &extent, &[]));
    assert_eq!(told(&picture), ["a", "s1 in a"]);
}

#[test]
fn a_door_stands_in_its_network_and_no_link_leads_to_it() {
    let pieces = [network("a", []), internet_gateway("i"), door("a", "i")];
    assert_eq!(told(&whole(&pieces)), ["i in a", "a"]);
}

#[test]
fn surroundings_end_after_so_many_links_and_say_what_leads_on() {
    let pieces = [
        network("a", []),
        network("b", []),
        network("c", []),
        peer("a", "b"),
        peer("b", "c"),
    ];
    let near = around(&pieces, "a", 1);
    assert_eq!(told(&near)[..2], ["a", "b"]);
    assert_eq!((near.nodes[0].more_links, near.nodes[1].more_links), (0, 1));
    assert_eq!(around(&pieces, "a", 2).nodes.len(), 3);
    assert_eq!(around(&pieces, "a", 0).nodes.len(), 1);
}

#[test]
fn few_that_are_alike_have_a_box_each_and_many_share_one() {
    assert_eq!(whole(&networks(20)).nodes.len(), 21);
    let picture = whole(&networks(50));
    assert_eq!(picture.stacking, Stacking::Alike);
    assert_eq!(told(&picture)[..2], ["t", "50 alike"]);
    let names: BTreeSet<&str> = picture.nodes[1]
        .members
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names.len(), 50);
    assert_eq!(picture.links.len(), 1);
    assert_eq!(picture.links[0].count, 50);
}

#[test]
fn one_that_is_linked_otherwise_keeps_its_box() {
    let mut pieces = networks(50);
    pieces.extend([network("z", []), peer("n007", "z")]);
    let told = told(&whole(&pieces));
    assert!(told.contains(&"49 alike".to_owned()), "{told:?}");
    assert!(told.contains(&"n007".to_owned()) && told.contains(&"z".to_owned()));
}

#[test]
fn parts_that_are_all_peered_with_each_other_share_a_box() {
    let mut pieces = Vec::new();
    for index in 0..35 {
        pieces.push(network(&format!("n{index:02}"), []));
        for other in 0..index {
            pieces.push(peer(&format!("n{other:02}"), &format!("n{index:02}")));
        }
    }
    let picture = whole(&pieces);
    assert_eq!(told(&picture), ["35 alike"]);
    assert_eq!(picture.nodes[0].among[0].1, 35 * 34 / 2);
}

#[test]
fn the_middle_of_a_star_of_peerings_keeps_its_box() {
    let name = |index: usize| format!("net-{index}");
    let mut pieces: Vec<Piece> = (0..35).map(|index| network(&name(index), [])).collect();
    pieces.extend((1..35).map(|other| peer(&name(0), &name(other))));
    let told = told(&whole(&pieces));
    let [middle, leaves, link] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(middle, "net-0");
    assert_eq!(leaves, "34 alike");
    assert!(
        link.starts_with("net-0 ~ 34 alike") && link.ends_with("×34"),
        "{link}"
    );
}

#[test]
fn no_picture_has_more_boxes_than_can_be_read_whatever_the_network() {
    // Nothing is like anything else here: each has a neighbour of its own.
    let mut pieces = Vec::new();
    for index in 0..400 {
        pieces.push(network(&format!("n{index}"), []));
        pieces.push(cluster(&format!("k{index}"), &format!("n{index}")));
        if index > 0 {
            pieces.push(peer(&format!("n{}", index - 1), &format!("n{index}")));
        }
    }
    let picture = whole(&pieces);
    assert_eq!(picture.stacking, Stacking::Together);
    let shown: usize = picture.nodes.iter().map(PictureNode::count).sum();
    assert_eq!(shown, 400);
    assert!(
        (5..=90).contains(&picture.nodes.len()),
        "{}",
        picture.nodes.len()
    );
    let clusters = picture.nodes.iter().flat_map(|node| &node.contents);
    assert_eq!(clusters.map(|one| one.count).sum::<usize>(), 400);
}

#[test]
fn what_comes_goes_and_differs_is_told_apart() {
    let before = [
        network("a", []),
        network("b", []),
        network("c", []),
        peer("a", "b").protected(Protection::Unknown),
        peer("a", "c"),
    ];
    let after = [
        network("a", []),
        network("b", []),
        network("d", []),
        peer("a", "b").protected(Protection::Provider),
        peer("a", "d"),
    ];
    let scene = Scene::new(&before, &after);
    let difference = compare(&scene.before, &scene.after, &scene.origins);
    let picture = draw(&View::of_changes(&difference, &scene.changes(), &[]));
    assert_eq!(
        told(&picture),
        [
            "a",
            "b",
            "− c",
            "+ d",
            "± a ~ b: peering, encrypted by the provider ×1",
            "+ a ~ d: peering, no documented encryption ×1",
            "− a ~ c: peering, no documented encryption ×1",
        ]
    );
    let changed = &picture.links[0];
    assert_eq!(
        changed.label_before.as_deref(),
        Some("peering, no documented encryption")
    );
}

#[test]
fn a_carve_out_that_falls_inside_a_changed_network_is_drawn_where_it_rests() {
    let before = [
        network("a", []),
        cluster("k", "a"),
        namespace("x", "k"),
        network("b", []),
    ];
    let mut after = before.to_vec();
    after.push(peer("a", "b"));
    let scene = Scene::new(&before, &after);
    let difference = compare(&scene.before, &scene.after, &scene.origins);
    let namespace = scene
        .after
        .graph
        .nodes()
        .find(|node| node.name.as_deref() == Some("x"));
    let on = crate::graph::BoundaryId::Node(namespace.unwrap().id.clone());
    let drawn = |falls: bool| {
        let pinned = Pinned {
            pin: Pin {
                id: "1".into(),
                place: "x.yaml:1".into(),
                falls,
            },
            on: BTreeSet::from([on.clone()]),
        };
        told(&draw(&View::of_changes(
            &difference,
            &scene.changes(),
            &[pinned],
        )))
    };
    assert!(drawn(true).contains(&"x in k".to_owned()));
    assert!(!drawn(false).contains(&"x in k".to_owned()));
}

#[test]
fn an_arrow_leads_where_tables_let_traffic() {
    let pieces = [
        network("a", []),
        network("b", []),
        hub_forwarding("t", Forwards::Everywhere),
        attach("a", "t"),
        attach("b", "t"),
        vpn("office", "t"),
    ];
    let picture = whole(&pieces);
    assert!(
        picture
            .links
            .iter()
            .all(|link| link.direction == Direction::Both),
        "{picture:?}"
    );
    let alone = whole(&[network("a", []), hub("t"), attach("a", "t")]);
    assert_eq!(alone.links[0].direction, Direction::Closed);
}

#[test]
fn networks_that_hang_together_share_a_box_and_the_groups_stay_apart() {
    // Twenty rings of seven, each peered with the next by one network.
    let rings: Vec<(usize, usize)> = (0..20)
        .flat_map(|ring| (0..7).map(move |one| (ring, one)))
        .collect();
    let name = |(ring, one): (usize, usize)| format!("r{ring}-{one}");
    let mut pieces: Vec<Piece> = rings.iter().map(|&at| network(&name(at), [])).collect();
    for &(ring, one) in &rings {
        pieces.push(peer(&name((ring, one)), &name((ring, (one + 1) % 7))));
        if one == 0 && ring > 0 {
            pieces.push(peer(&name((ring - 1, 3)), &name((ring, 0))));
        }
    }
    pieces.extend([internet_gateway("igw"), door("r0-0", "igw")]);
    let picture = whole(&pieces);
    assert_eq!(picture.stacking, Stacking::Together);
    assert!(
        (10..=90).contains(&picture.nodes.len()),
        "{}",
        picture.nodes.len()
    );
    let listed: usize = picture.nodes.iter().map(PictureNode::count).sum();
    assert_eq!(listed, 140);
    let open = picture
        .nodes
        .iter()
        .filter_map(|node| Some((node.count(), node.internet?.of_some)));
    let open: Vec<(usize, usize)> = open.collect();
    assert!(
        matches!(open.as_slice(), [(count, some)] if *some < *count),
        "{open:?}"
    );
}
