//! What a person would call a change, and what is none.
#![allow(clippy::unwrap_used)]

use crate::graph::fragment::{Counts, Topic};
use crate::graph::node::NodeKind;
use crate::graph::origin::{Action, Origin, OriginId};
use crate::graph::protection::Protection;
use crate::graph::testing::*;

/// Two networks and a hub between them.
fn base() -> Vec<Piece> {
    vec![
        network("a", ["10.1.0.0/16"]).in_region("eu-west-1"),
        network("b", ["10.2.0.0/16"]).in_region("eu-west-1"),
        hub("t"),
        table("rt", "t"),
        attach("a", "t"),
        attach("b", "t"),
    ]
}

fn base_with(more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
    base().into_iter().chain(more).collect()
}

#[track_caller]
fn check<const N: usize>(before: &[Piece], after: &[Piece], expected: [&str; N]) {
    assert_eq!(told(before, after), expected);
}

#[test]
fn another_address_or_order_is_no_change() {
    let mut moved: Vec<Piece> = base()
        .into_iter()
        .map(|piece| {
            let address = format!("module.net.{}", piece.address());
            piece.at(&address)
        })
        .collect();
    moved.reverse();
    check(&base(), &moved, []);
}

#[test]
fn links_and_routes_replaced_with_equal_ends_are_no_change() {
    let link = |id: &str| {
        let id = id.to_owned();
        peer("a", "b").with_link(move |link| link.keys = vec![key(&id)])
    };
    let routed = |id| {
        [
            link(id),
            table("a-rt", "a"),
            main_table("a-rt", "a"),
            route("a-rt", "10.2.0.0/16", id),
        ]
    };
    check(&base_with(routed("p1")), &base_with(routed("p2")), []);
    check(&base_with(routed("p1")), &base(), ["peering narrows: a, b"]);
}

#[test]
fn a_peering_with_its_routes_is_one_change() {
    let after = base_with([
        peer("a", "b"),
        table("a-rt", "a"),
        table("b-rt", "b"),
        route("a-rt", "10.2.0.0/16", "a~b"),
        route("b-rt", "10.1.0.0/16", "a~b"),
    ]);
    check(&base(), &after, ["peering widens: a, b"]);
}

#[test]
fn an_accepted_offer_widens() {
    let (before, after) = (
        base_with([peer("a", "b").offered()]),
        base_with([peer("a", "b")]),
    );
    check(&before, &after, ["peering widens: a, b"]);
    check(&after, &before, ["peering narrows: a, b"]);
}

#[test]
fn the_protection_of_a_link_that_stays_is_encryption() {
    let over = |protection| base_with([peer("a", "b").protected(protection)]);
    let lost = told(&over(Protection::Provider), &over(Protection::None));
    assert_eq!(lost.len(), 1);
    assert!(lost[0].starts_with("encryption widens"), "{lost:?}");
    let won = told(&over(Protection::None), &over(Protection::Provider));
    assert!(won[0].starts_with("encryption narrows"), "{won:?}");
}

#[test]
fn a_network_under_another_identity_is_another_boundary() {
    let lies_in = |region: &str, id: &str| {
        let other = network("b", ["10.2.0.0/16"]);
        [
            network("a", ["10.1.0.0/16"])
                .in_region(region)
                .identified(id),
            other,
        ]
    };
    let before = lies_in("eu-west-1", "a");
    check(&before, &lies_in("eu-west-1", "a2"), ["boundary alters: a"]);
    check(
        &before,
        &lies_in("us-east-1", "a2"),
        ["migration alters: a"],
    );
    check(&before, &lies_in("us-east-1", "a"), ["migration alters: a"]);
}

#[test]
fn a_network_whose_subnets_went_into_another_was_merged() {
    let networks = || vec![network("a", []), network("b", [])];
    let mut before = networks();
    before.push(subnet("s", "a"));
    let after = vec![network("b", []), subnet("s2", "b").at("subnet.s")];
    check(&before, &after, ["merge alters: a, b"]);
    let apart = vec![network("b", [])];
    check(&before, &apart, ["boundary narrows: a"]);
}

#[test]
fn segments_opened_are_transit_and_say_so_to_both_ends() {
    let closed = base_with([associate("rt", "a@t")]);
    let open = base_with([associate("rt", "a@t"), propagate("rt", "b@t")]);
    check(&closed, &open, ["transit widens: a, b, t"]);
    check(&open, &closed, ["transit narrows: a, b, t"]);
}

#[test]
fn a_blackhole_that_goes_opens_what_it_hid() {
    let tables = [associate("rt", "a@t"), propagate("rt", "b@t")];
    let open = base_with(tables.clone());
    let closed = base_with(tables.into_iter().chain([blackhole("rt", "10.2.0.0/16")]));
    check(&closed, &open, ["transit widens: a, b, t"]);
    let beside = base_with([
        associate("rt", "a@t"),
        propagate("rt", "b@t"),
        blackhole("rt", "10.3.0.0/16"),
    ]);
    check(&open, &beside, []);
}

#[test]
fn another_route_to_a_party_outside_widens_though_one_was_there() {
    let tables = [
        vpn("oslo", "t"),
        associate("rt", "a@t"),
        route("rt", "10.8.0.0/16", "oslo@t"),
    ];
    let before = base_with(tables.clone());
    let after = base_with(
        tables
            .clone()
            .into_iter()
            .chain([route("rt", "10.9.0.0/16", "oslo@t")]),
    );
    check(&before, &after, ["transit widens: a, t"]);
    check(&after, &before, ["transit narrows: a, t"]);
    let within = base_with(
        tables
            .into_iter()
            .chain([route("rt", "10.8.1.0/24", "oslo@t")]),
    );
    check(&before, &within, []);
}

#[test]
fn another_route_to_a_hub_behind_opens_what_lies_there() {
    let far = [
        hub("u"),
        table("u-rt", "u"),
        network("c", ["10.3.0.0/16"]),
        attach("c", "u"),
        join_hubs("t", "u"),
        associate("u-rt", "t@u"),
        propagate("u-rt", "c@u"),
        associate("rt", "a@t"),
        route("rt", "10.0.0.0/24", "t@u"),
    ];
    let before = base_with(far.clone());
    let after = base_with(far.into_iter().chain([route("rt", "10.3.0.0/16", "t@u")]));
    let said = told(&before, &after);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("transit widens: a, c"), "{said:?}");
}

#[test]
fn a_route_to_an_attachment_nobody_describes_is_a_change() {
    let before = base_with([associate("rt", "a@t")]);
    let after = base_with([associate("rt", "a@t"), route("rt", "10.9.0.0/16", "far")]);
    check(&before, &after, ["transit widens: a, far, t"]);
}

#[test]
fn an_attachment_of_one_of_two_networks_falls_on_both() {
    let either = attach("x", "t").with_link(|link| {
        link.ends[0].reference = crate::graph::identity::Reference::OneOf(vec![key("c"), key("d")]);
    });
    let more = [
        network("c", []),
        network("d", []),
        associate("rt", "a@t"),
        propagate("rt", "x@t"),
    ];
    let before = base_with(more.clone());
    let after = base_with(more.into_iter().chain([either]));
    let scene = Scene::new(&before, &after);
    let touched: std::collections::BTreeSet<_> = scene
        .changes()
        .into_iter()
        .flat_map(|change| change.touched.into_keys())
        .collect();
    for name in ["a", "c", "d"] {
        assert!(touched.contains(&inside(name)), "{name} of {touched:?}");
    }
    assert!(!touched.contains(&inside("b")), "{touched:?}");
}

#[test]
fn a_subnet_without_a_table_of_its_own_comes_under_the_main_one() {
    let tables = [
        subnet("s", "a"),
        internet_gateway("igw"),
        door("a", "igw"),
        table("main", "a"),
        table("own", "a"),
        main_table("main", "a"),
        route("main", "0.0.0.0/0", "igw"),
    ];
    let before = base_with(tables.clone().into_iter().chain([associate("own", "s")]));
    let after = base_with(tables);
    check(&before, &after, ["exposure widens: a"]);
    check(&after, &before, ["exposure narrows: a"]);
}

#[test]
fn a_subnet_added_inside_is_no_change() {
    let tables = [
        table("main", "a"),
        main_table("main", "a"),
        route("main", "10.0.0.0/8", "t"),
    ];
    let before = base_with(tables.clone());
    let after = base_with(tables.into_iter().chain([subnet("s", "a")]));
    check(&before, &after, []);
}

#[test]
fn networks_that_come_into_being_together_were_never_apart() {
    let after = base_with([associate("rt", "a@t"), propagate("rt", "b@t")]);
    let said = told(&[], &after);
    assert!(!said.iter().any(|one| one.contains("alters")), "{said:?}");
}

#[test]
fn a_stated_fact_has_the_name_of_its_topic_and_the_direction_of_its_value() {
    let mode =
        |topic, value, openness| base_with([cluster("c", "a"), state("c", topic, value, openness)]);
    let strict = mode(Topic::Encryption, "mTLS", 1);
    let open = mode(Topic::Encryption, "plaintext", 2);
    check(&strict, &open, ["encryption widens: c"]);
    check(&open, &strict, ["encryption narrows: c"]);
    check(&strict, &strict, []);
    let trust = |name| mode(Topic::Mesh, name, 0);
    check(&trust("x"), &trust("y"), ["mesh alters: c"]);
}

#[test]
fn an_exception_that_says_what_holds_anyway_is_no_change() {
    let with = |value: Option<&'static str>| {
        let exception = value.map(|value| {
            state(
                "n",
                Topic::Encryption,
                value,
                i32::from(value == "plaintext"),
            )
            .with_statement(|stated| {
                stated.about = "mode of port 1".to_owned();
                stated.exception_to = vec!["mode".to_owned()];
            })
        });
        let general = [
            cluster("c", "a"),
            namespace("n", "c"),
            state("n", Topic::Encryption, "mTLS", 0),
        ];
        base_with(general.into_iter().chain(exception))
    };
    check(&with(None), &with(Some("mTLS")), []);
    check(
        &with(None),
        &with(Some("plaintext")),
        ["encryption widens: n"],
    );
    check(
        &with(Some("plaintext")),
        &with(None),
        ["encryption narrows: n"],
    );
}

#[test]
fn on_a_namespace_that_comes_nobody_rested() {
    let without = base_with([cluster("c", "a")]);
    let mode = state("n", Topic::Encryption, "plaintext", 2);
    check(
        &without,
        &base_with([cluster("c", "a"), namespace("n", "c"), mode]),
        [],
    );
}

#[test]
fn what_is_made_with_a_door_of_its_own_opens_nothing_that_was_there() {
    let service = || other("store").with_node(|node| node.kind = NodeKind::Service);
    let public = [service(), expose("store", "store")];
    check(&base(), &base_with(public.clone()), []);
    check(
        &base_with([service()]),
        &base_with(public),
        ["exposure widens: store"],
    );
    check(
        &base(),
        &base_with([expose("a", "store")]),
        ["exposure widens: a"],
    );
}

#[test]
fn what_is_replaced_by_something_public_was_there_and_is_opened() {
    let service = |name: &str| {
        let name = name.to_owned();
        other("store").with_node(move |node| {
            node.kind = NodeKind::Service;
            node.keys = vec![key(&name)];
        })
    };
    let mut scene = Scene::new(
        &base_with([service("old")]),
        &base_with([service("new"), expose("new", "store")]),
    );
    let address = service("old").address().to_owned();
    let is_it = |(id, one): (OriginId, &Origin)| (one.address == address).then_some(id);
    let store = scene.origins.iter().find_map(is_it).unwrap();
    scene.origins.set_action(store, Action::Replace);
    assert_eq!(scene.told(), ["exposure widens: store"]);
    scene.origins.set_action(store, Action::Create);
    assert_eq!(scene.told(), [""; 0]);
}

#[test]
fn a_table_moved_from_one_subnet_to_none_is_told_of_its_network_alone() {
    let loose = || table("own", "a").with_node(|node| node.within.clear());
    let routed = || {
        [
            loose(),
            route("own", "192.168.0.0/16", "b"),
            subnet("s", "a"),
        ]
    };
    let used = base_with(routed().into_iter().chain([associate("own", "s")]));
    check(&base_with(routed()), &used, ["routing widens: a"]);
    check(&used, &base_with(routed()), ["routing narrows: a"]);
}

#[test]
fn a_network_that_moves_under_its_old_identity_moves_for_its_peers() {
    let lies_in = |region: &str| {
        [
            network("m", []).in_region(region),
            network("n", []),
            network("o", []),
            peer("m", "n"),
        ]
    };
    check(
        &lies_in("here"),
        &lies_in("there"),
        ["migration alters: m, n"],
    );
    check(&lies_in("here"), &lies_in("here"), []);
}

#[test]
fn a_subnet_that_moves_counts_where_its_network_lies_in_no_region() {
    let lying = |network_region: Option<&str>, region: &str| {
        let outer = network("a", []);
        let outer = match network_region {
            Some(region) => outer.in_region(region),
            None => outer,
        };
        // The region is part of its identifier, and may be part of its address.
        let id = format!("s@{region}");
        let inner = subnet(&id, "a")
            .in_region(region)
            .with_node(|node| node.name = Some("s".to_owned()));
        vec![outer, inner]
    };
    let moved = lying(None, "europe-west1");
    check(&lying(None, "us-central1"), &moved, ["migration alters: a"]);
    check(&moved, &moved, []);
    let within = lying(Some("eu-west-1"), "eu-west-1b");
    check(&lying(Some("eu-west-1"), "eu-west-1a"), &within, []);
}

#[test]
fn what_is_announced_counts_as_routing_and_goes_with_what_announces_it() {
    let announcing =
        |ranges: Option<&str>| vec![network("a", []).having("advertised_ranges", ranges)];
    let (one, two) = (
        announcing(Some("10.1.0.0/16")),
        announcing(Some("10.1.0.0/16, 10.2.0.0/16")),
    );
    check(&one, &two, ["routing widens: a"]);
    check(&two, &one, ["routing narrows: a"]);
}

#[test]
fn a_tunnel_at_a_gateway_that_is_part_of_a_network_is_one_change() {
    use crate::graph::node::Forwards;
    let gateway = || {
        hub_forwarding("door", Forwards::BetweenOutsideAndInside)
            .with_node(|node| node.within = vec![to("a")])
    };
    let alone = [network("a", []), network("b", [])];
    let with_door = [network("a", []), network("b", []), gateway()];
    let with_tunnel = [
        network("a", []),
        network("b", []),
        gateway(),
        vpn("oslo", "door"),
    ];
    check(&alone, &with_door, []);
    check(&alone, &with_tunnel, ["vpn widens: a, door, oslo"]);
}

#[test]
fn what_something_inside_does_is_a_change_of_what_holds_it_and_of_nothing_beside() {
    let side = |topic, value: &'static str, of_holders| {
        let openness = i32::from(value == "plaintext");
        let stated = state("w", topic, value, openness)
            .with_statement(move |stated| stated.of_holders = of_holders);
        base_with([
            cluster("c", "a"),
            namespace("n", "c"),
            namespace("other", "c"),
            workload("w", "n"),
            stated,
        ])
    };
    let touched = |topic, of_holders| -> Vec<String> {
        let (before, after) = (
            side(topic, "TLS", of_holders),
            side(topic, "plaintext", of_holders),
        );
        let scene = Scene::new(&before, &after);
        let changes = scene.changes();
        let touched = changes.iter().flat_map(|change| &change.touched);
        touched
            .filter(|(_, touches)| touches.iter().any(|touch| !touch.passes_down))
            .map(|(boundary, _)| boundary.to_string())
            .collect()
    };
    let (w, n) = ("workload/test:w", "namespace/test:n");
    let (c, a) = ("cluster/test:c", "network/test:a");
    assert_eq!(touched(Topic::Encryption, true), [c, n, a, w]);
    assert_eq!(touched(Topic::Authentication, true), [c, n, w]);
    assert_eq!(touched(Topic::Encryption, false), [w]);
    // What a mesh joins bounds what is in the part that it joins, and nothing beside that part.
    assert_eq!(touched(Topic::Mesh, true), [c, n]);
    let told = told(
        &side(Topic::Encryption, "TLS", true),
        &side(Topic::Encryption, "plaintext", true),
    );
    assert_eq!(told, ["encryption widens: w"]);
}

#[test]
fn what_comes_whole_takes_nothing_from_what_holds_it() {
    let without = base_with([cluster("c", "a"), namespace("n", "c")]);
    let plain = state("w", Topic::Encryption, "plaintext", 1)
        .with_statement(|stated| stated.of_holders = true);
    let with = base_with([
        cluster("c", "a"),
        namespace("n", "c"),
        workload("w", "n"),
        plain,
    ]);
    check(&without, &with, []);
    check(&with, &without, []);
}

#[test]
fn a_fact_that_is_silent_is_none_and_hides_what_holds_in_general() {
    let with = |own: Option<bool>| {
        let own = own.map(|is_silent| {
            state("n", Topic::Authentication, "a token", -1).with_statement(|stated| {
                stated.about = "callers of b".to_owned();
                stated.counts = if is_silent {
                    Counts::Nowhere
                } else {
                    Counts::Always
                };
                stated
                    .exception_to
                    .extend((!is_silent).then(|| "mode".to_owned()));
            })
        });
        let general = [
            cluster("c", "a"),
            namespace("n", "c"),
            state("n", Topic::Authentication, "a token", -1),
        ];
        base_with(general.into_iter().chain(own))
    };
    check(&with(None), &with(Some(true)), []);
    check(&with(Some(true)), &with(None), []);
    check(&with(Some(false)), &with(None), []);
    check(
        &with(Some(false)),
        &with(Some(true)),
        ["authentication alters: n"],
    );
}

#[test]
fn a_fact_that_counts_on_both_sides_comes_and_goes_in_silence() {
    let with = |value: Option<&'static str>| {
        let stated = value.map(|value| {
            state("n", Topic::Authentication, value, 0)
                .with_statement(|stated| stated.counts = Counts::OnBothSides)
        });
        let around = [cluster("c", "a"), namespace("n", "c")];
        base_with(around.into_iter().chain(stated))
    };
    check(&with(None), &with(Some("any name")), []);
    check(&with(Some("one name")), &with(None), []);
    check(
        &with(Some("one name")),
        &with(Some("any name")),
        ["authentication alters: n"],
    );
}
