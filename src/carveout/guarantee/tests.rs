#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use crate::carveout::footprint::{Surroundings, bind};
use crate::carveout::site::{Scope, Via};
use crate::graph::testing::*;
use crate::graph::{BoundaryId, Graph, Key};

use super::*;

#[test]
fn the_same_instance_type_is_not_the_same_instance() {
    let carried = |text: &str| read(text).carried;
    assert_eq!(
        carried("in VPC a, all on the same instance type"),
        Carried::Inside
    );
    assert_eq!(carried("both on the same instance"), Carried::Locally);
}

#[test]
fn a_link_that_is_ruled_out_carries_nothing() {
    let carried = |text: &str| read(text).carried;
    assert_eq!(
        carried("stays inside VPC a and never crosses the peering to b"),
        Carried::Inside
    );
    assert_eq!(
        carried("in VPC a, does not go over the VPN"),
        Carried::Inside
    );
    assert_eq!(carried("in VPC a, not on the same host"), Carried::Inside);
    assert_eq!(
        carried("not peered, and crosses only the VPN to b"),
        Carried::OverLinks(LinkWord::Vpn)
    );
}

fn read(text: &str) -> Guarantee {
    Guarantee::read(text, &NameIndex::default())
}

#[test]
fn loopback_and_sockets_are_no_network() {
    assert_eq!(
        read("loopback only, both processes run in the same pod").carried,
        Carried::Locally
    );
    assert_eq!(
        read("a Unix socket on the same host, no network").carried,
        Carried::Locally
    );
    assert_eq!(
        read("both ends run in the lagoon VPC").carried,
        Carried::Inside
    );
}

#[test]
fn links_are_crossed_and_peerings_denied_are_not() {
    assert_eq!(
        read("only over the peering between a and b").carried,
        Carried::OverLinks(LinkWord::Peering)
    );
    assert_eq!(
        read("crosses only the VPN connection to oslo").carried,
        Carried::OverLinks(LinkWord::Vpn)
    );
    assert_eq!(
        read("stays inside VPC a, which is not peered with any network").carried,
        Carried::Inside
    );
}

#[test]
fn a_ban_on_peering_is_a_claim_and_emphasis_is_not() {
    assert_eq!(
        read("VPC a, which is not peered with any network").claims,
        [Claim::NotPeered(Vec::new())]
    );
    assert_eq!(
        read("in VPC a, no peering, no internet gateway").claims,
        [Claim::NotPeered(Vec::new()), Claim::NoInternetGateway]
    );
    assert!(read("never leaves VPC a, and only there").claims.is_empty());
}

#[test]
fn a_ban_on_peering_with_something_unknown_is_no_ban_on_all() {
    assert!(
        read("VPC a, not peered with the data VPC")
            .claims
            .is_empty()
    );
    assert_eq!(
        read("VPC a, not peered with another VPC").claims,
        [Claim::NotPeered(Vec::new())]
    );
    assert_eq!(
        read("VPC a, not peered").claims,
        [Claim::NotPeered(Vec::new())]
    );
}

#[test]
fn a_place_is_a_claim_only_as_a_word_of_its_own() {
    assert_eq!(
        read("inside VPC core in eu-west-1").claims,
        [Claim::InRegion(vec!["eu-west-1".into()])]
    );
    assert_eq!(
        read("inside VNet core in westeurope").claims,
        [Claim::InRegion(vec!["westeurope".into()])]
    );
    assert!(read("inside VPC orders-eu-west-1").claims.is_empty());
    assert!(read("inside VNet core in the west").claims.is_empty());
}

#[test]
fn exposure_to_the_internet_ruled_out_is_a_claim() {
    assert_eq!(
        read("in VPC shop, never reachable from the internet").claims,
        [Claim::NotExposed]
    );
}

/// The network of `guarantees.txt`.
fn network_of_the_table() -> Graph {
    let placed = |name: &str, region: &str, account: &str| {
        network(name, []).in_region(region).with_node(|node| {
            node.place.account = Some(account.to_owned());
        })
    };
    let ours = |name: &str, region: &str| placed(name, region, "444455556666");
    let prefix = "10.1.0.0/16".parse().unwrap();
    let prod = placed("prod-us-east", "us-east-1", "111122223333").with_node(|node| {
        node.keys.push(Key::Provider("aws:prod-0a1b2c".to_owned()));
        node.address_space.prefixes.insert(prefix);
    });
    let twin = |id: &str| ours("main", "eu-north-1").identified(id).at(id);
    graph(&[
        prod,
        ours("analytics", "us-west-2"),
        ours("data", "eu-west-1"),
        ours("data-lake", "eu-west-1"),
        ours("shop-vpc", "us-west-2"),
        ours("old-core", "us-west-2").with_node(|node| {
            node.labels.insert("legacy".to_owned());
        }),
        twin("main-1"),
        twin("main-2"),
        subnet("app-a", "shop-vpc"),
        hub("core-tgw"),
        attach("prod-us-east", "core-tgw"),
        attach("data-lake", "core-tgw"),
        vpn("oslo", "core-tgw"),
        peer("analytics", "prod-us-east"),
        cluster("east", "prod-us-east"),
        cluster("west", "prod-us-east"),
        namespace("pay", "east"),
    ])
}

fn names_of_the_table(graph: &Graph) -> NameIndex {
    let mut names = NameIndex::new(&[graph]);
    let prod = names.resolve("prod-us-east");
    names.add_alias("the prod network", &prod);
    let oslo: Vec<Target> = graph
        .nodes()
        .filter(|node| node.id.as_str() == "external/test:oslo")
        .map(|node| Target::node(node, Via::Named))
        .collect();
    names.add_alias("on-premises", &oslo);
    names
}

/// The network of `engineers.txt`.
fn network_of_the_engineers() -> Graph {
    let ours = |name: &str| network(name, []).in_region("eu-west-1");
    let prefix = "10.1.0.0/16".parse().unwrap();
    let prod = ours("prod")
        .with_node(|node| {
            node.address_space.prefixes.insert(prefix);
        })
        .at("aws_vpc.prod");
    graph(&[
        prod,
        ours("prod-eu"),
        ours("nonprod"),
        ours("data"),
        ours("shop-vpc"),
        ours("analytics"),
        ours("staging"),
        subnet("prod-private-a", "prod"),
        called(peer("prod", "analytics"), "prod-analytics"),
        hub("core"),
        attach("data", "core"),
        attach("staging", "core"),
        called(vpn("oslo", "core"), "ledger-to-oslo"),
        // What a lone folder of manifests is called.
        cluster("-", "prod").with_node(|node| node.name = Some("./".to_owned())),
        namespace("payments", "-"),
        namespace("orders", "-"),
        workload("ledger", "payments"),
        service("acmeprod"),
        private_endpoint("acmeprod", "analytics"),
    ])
}

fn called(piece: Piece, name: &str) -> Piece {
    piece.with_link(|link| link.name = Some(name.to_owned()))
}

/// What a guarantee rests on, in the words of the tables.
fn footing(read: &Guarantee, graph: &Graph) -> String {
    let footprint = bind(read, &Surroundings::default(), &[graph]);
    let mut parts: Vec<String> = footprint
        .parts
        .iter()
        .map(|part| {
            let id = part.boundary.as_str();
            match &part.boundary {
                BoundaryId::Node(_) => id.rsplit(':').next().unwrap_or(id).to_owned(),
                BoundaryId::Link(_) => part.name.clone(),
            }
        })
        .collect();
    parts.sort();
    let parts = parts.join(", ");
    match footprint.scope {
        Scope::Inside => format!("inside {parts}"),
        Scope::OverLinks => format!("over {parts}"),
        Scope::Local => "local".to_owned(),
        Scope::Unanchored => "nothing".to_owned(),
    }
}

/// What is made of a guarantee, in the words of the table.
fn reading(text: &str, names: &NameIndex, graph: &Graph) -> String {
    let read = Guarantee::read(text, names);
    let mut told = footing(&read, graph);
    for claim in &read.claims {
        told.push_str(" + ");
        told.push_str(&in_short(claim));
    }
    if !read.undecidable.is_empty() {
        told.push_str(" + ?");
    }
    told
}

fn in_short(claim: &Claim) -> String {
    let names = |targets: &[Target]| {
        let mut names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
        names.sort_unstable();
        names.join(", ")
    };
    match claim {
        Claim::NotPeered(with) if with.is_empty() => "not peered".to_owned(),
        Claim::NotPeered(with) => format!("not peered with {}", names(with)),
        Claim::NotExposed => "not exposed".to_owned(),
        Claim::NoInternetGateway => "no gateway".to_owned(),
        Claim::NotAttached => "not attached".to_owned(),
        Claim::NotReachedFrom(from) => format!("not reached from {}", names(from)),
        Claim::OnlyReachedFrom(from) => format!("only reached from {}", names(from)),
        Claim::Lying { things, inside } => {
            format!("{} in {}", names(things), names(inside))
        }
        Claim::OnlyReachedOver(what) => format!("only over its links to {}", names(what)),
        Claim::NotReaching(to) => format!("not reaching {}", names(to)),
        Claim::NoEgress => "no egress".to_owned(),
        Claim::NoTranslation => "no translation".to_owned(),
        Claim::NoLink(kind) => format!("no {}", kind.word()),
        Claim::PrivateSubnets => "private subnets".to_owned(),
        Claim::Encrypted => "encrypted".to_owned(),
        Claim::EncryptionEnforced => "enforced".to_owned(),
        Claim::InRegion(regions) => format!("in {}", regions.join(", ")),
        Claim::InAccount(accounts) => format!("in account {}", accounts.join(", ")),
    }
}

#[test]
fn guarantees_are_read_as_the_table_says() {
    let graph = network_of_the_table();
    let names = names_of_the_table(&graph);
    let rows = rows_of(include_str!("guarantees.txt"));
    assert!(rows.len() >= 120, "{}", rows.len());
    all_are_read(&rows, |text| reading(text, &names, &graph));
}

fn rows_of(table: &str) -> Vec<(&str, &str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" => ")).collect()
}

#[track_caller]
fn all_are_read(rows: &[(&str, &str)], read: impl Fn(&str) -> String) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(text, expected)| {
            let told = read(text);
            (told != *expected)
                .then(|| format!("{text}\n  expected: {expected}\n  read:     {told}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_engineers_write_rests_on_what_they_mean() {
    let graph = network_of_the_engineers();
    let names = NameIndex::new(&[&graph]);
    let rows = rows_of(include_str!("engineers.txt"));
    assert!(rows.len() >= 250, "{}", rows.len());
    all_are_read(&rows, |text| {
        footing(&Guarantee::read(text, &names), &graph)
    });
}

/// Every word is accounted for once, and in order.
fn account_is_whole(text: &str, names: &NameIndex) -> bool {
    let read = Guarantee::read(text, names);
    let told: Vec<&str> = read
        .account
        .iter()
        .flat_map(|stretch| stretch.words.split(' '))
        .collect();
    told == Words::of(text).written
}

#[test]
fn each_word_is_accounted_for() {
    let graph = network_of_the_table();
    let names = names_of_the_table(&graph);
    let account = |text: &str| -> Vec<(String, Role)> {
        let read = Guarantee::read(text, &names);
        let account = read.account.into_iter();
        account.map(|one| (one.words, one.role)).collect()
    };
    let of = |words: &str, role: Role| (words.to_owned(), role);
    assert_eq!(
        account("limits stays inside the Prod us-east VPC, not peered"),
        [
            of("limits", Role::NotUnderstood),
            of("stays inside", Role::Inside),
            of("the", Role::Plain),
            of("Prod us-east", Role::Name),
            of("VPC", Role::Kind),
            of("not peered", Role::Claim),
        ]
    );
    let read = Guarantee::read("inside the prod-us-eest VPC", &names);
    assert_eq!(read.not_understood(), ["prod-us-eest"]);
    assert_eq!(read.near_names(&names)[0], "prod-us-east");
    let read = Guarantee::read("signed by the writer", &names);
    assert!(read.near_names(&names).is_empty());
}

#[test]
fn several_of_one_name_are_ambiguous_and_those_of_an_alias_are_not() {
    let graph = network_of_the_table();
    let mut names = names_of_the_table(&graph);
    let both = names.resolve("main");
    names.add_alias("the twins", &both);
    let first = |text: &str| Guarantee::read(text, &names).mentions.remove(0);
    assert!(is_ambiguous(&first("inside main")));
    assert!(!is_ambiguous(&first("inside the twins")));
    assert!(!is_ambiguous(&first("inside data")));
}

/// Words of the table, of the network, and what nobody expects.
fn word() -> impl Strategy<Value = String> {
    let known: Vec<String> = include_str!("guarantees.txt")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    prop_oneof![
        8 => proptest::sample::select(known),
        1 => "\\PC{0,12}",
        1 => "[a-z]{1,4}([-_./][a-z]{0,4}){0,20}",
    ]
}

proptest! {
    #[test]
    fn reading_never_panics_and_white_space_makes_no_difference(
        words in proptest::collection::vec(word(), 0..40),
        gaps in proptest::collection::vec("[ \t\n\r]{1,4}", 40),
    ) {
        let graph = network_of_the_table();
        let names = names_of_the_table(&graph);
        let plain = words.join(" ");
        let wrapped: String = words.iter().zip(&gaps).flat_map(|(word, gap)| [word.as_str(), gap]).collect();
        prop_assert!(account_is_whole(&plain, &names));
        prop_assert_eq!(reading(&plain, &names, &graph), reading(&wrapped, &names, &graph));
        let (one, other) = (Guarantee::read(&plain, &names), Guarantee::read(&wrapped, &names));
        prop_assert_eq!(one.account, other.account);
        prop_assert_eq!(one.phrases, other.phrases);
    }
}

#[test]
fn hostile_guarantees_are_read_in_bounded_time() {
    let graph = network_of_the_table();
    let names = names_of_the_table(&graph);
    let units = [
        "a ",
        "a-",
        "not peered with data and ",
        "never leaves ",
        "over ",
        "enforces ",
        "data and ",
        "no ",
        "only reachable from ",
        "inside eu-west-1 ",
        "prod us east VPC ",
        "same pod or ",
        "encrypted ",
        "account 111122223333 ",
        "VPC ",
        "in one availability zone ",
        "\u{130}",
        "()",
        "not reachable from main and ",
    ];
    for unit in units {
        let text = unit.repeat(100_000 / unit.len());
        let attempt = || {
            let start = std::time::Instant::now();
            let read = Guarantee::read(&text, &names);
            let _ = (
                read.near_names(&names),
                bind(&read, &Surroundings::default(), &[&graph]),
            );
            start.elapsed()
        };
        // A busy machine may hold one attempt up, and hardly all of them; elsewhere each takes less than a second or two.
        let quick = (0..3).map(|_| attempt()).find(|took| took.as_secs() < 10);
        assert!(quick.is_some(), "{unit}");
    }
}

#[test]
fn a_name_that_says_where_another_lies_is_not_rested_on_itself() {
    let graph = graph(&[
        network("prod", []),
        cluster("east", "prod"),
        cluster("west", "prod"),
        namespace("pay", "east"),
        namespace("orders", "east"),
        workload("api", "pay"),
    ]);
    let names = NameIndex::new(&[&graph]);
    let rests_on = |text: &str| -> Vec<String> {
        let guarantee = Guarantee::read(text, &names);
        let footprint = bind(&guarantee, &Surroundings::default(), &[&graph]);
        let parts = footprint.parts.into_iter();
        parts.map(|part| part.name).collect()
    };
    assert_eq!(rests_on("inside namespace pay of cluster east"), ["pay"]);
    assert_eq!(
        rests_on("inside namespace pay in the east cluster"),
        ["pay"]
    );
    assert_eq!(
        rests_on("workload api in namespace pay of cluster east"),
        ["pay", "api"]
    );
    // Where it does not lie there, nobody tells which of the two is meant.
    assert_eq!(
        rests_on("inside namespace pay of cluster west"),
        ["west", "pay"]
    );
    assert_eq!(
        rests_on("inside namespace pay and cluster east"),
        ["east", "pay"]
    );
    assert_eq!(
        rests_on("inside cluster east in VPC prod"),
        ["east", "prod"]
    );
}
