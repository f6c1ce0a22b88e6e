//! What a catalog answers.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod built_in;
mod wrong;

use super::*;
use crate::catalog::schema::Condition;
use crate::catalog::schema::Statement;

const HEAD: &str = "provider: toy\ntype_prefix: toy_\n";

fn load(text: &str) -> Result<Catalog, CatalogError> {
    Catalog::empty().with_directory(vec![("providers/toy.yaml".to_owned(), text.to_owned())])
}

fn load_below_head(text: &str) -> Result<Catalog, CatalogError> {
    load(&format!("{HEAD}{text}"))
}

fn refused(text: &str, message: &str) {
    let error = load_below_head(text)
        .expect_err("should not load")
        .to_string();
    assert!(
        error.contains(message),
        "{error:?} does not say {message:?}"
    );
}

fn modelled<'a>(catalog: &'a Catalog, resource_type: &str) -> (&'a TypeEntry, &'a ProviderFile) {
    match catalog.entry(resource_type) {
        Meaning::Modelled(entry, file) => (entry, file),
        other => panic!("{resource_type} is {other:?}"),
    }
}

#[test]
fn a_file_laid_over_a_built_in_one_keeps_the_rest_of_it() {
    let own = "provider: aws\ntype_prefix: aws_\ntypes:\n- type: aws_vpc\n  irrelevant: all ours are empty\n";
    let catalog = Catalog::embedded()
        .with_directory(vec![("own.yaml".to_owned(), own.to_owned())])
        .unwrap();
    assert!(matches!(catalog.entry("aws_vpc"), Meaning::Irrelevant(_)));
    modelled(&catalog, "aws_subnet");
    assert!(matches!(
        catalog.entry("aws_ebs_volume"),
        Meaning::Irrelevant(_)
    ));
    assert_eq!(catalog.providers().count(), EMBEDDED.len());
}

#[test]
fn what_a_provider_lists_is_sorted_and_names_each_thing_once() {
    let catalog = load_below_head(
        "types:\n- type: toy_c\n  irrelevant: first\n\
         families:\n- irrelevant: first\n  types: [toy_d*, toy_b]\n- not_yet: second\n  types: [toy_a]\n",
    )
    .unwrap()
    .with_directory(vec![(
        "own.yaml".to_owned(),
        format!("{HEAD}families:\n- not_yet: own\n  types: [toy_b, toy_d*]\n"),
    )])
    .unwrap();
    let listed: Vec<(&str, bool, bool)> = catalog
        .listed("toy")
        .iter()
        .map(|one| {
            (
                one.name,
                one.is_glob,
                matches!(one.meaning, Meaning::NotYet(_)),
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("toy_a", false, true),
            ("toy_b", false, true),
            ("toy_c", false, false),
            ("toy_d*", true, true)
        ]
    );
    assert!(catalog.listed("nobody").is_empty());
    assert_eq!(catalog.glob_of("toy_dog"), Some("toy_d*"));
    assert_eq!(catalog.glob_of("toy_a"), None);
    assert_eq!(catalog.glob_of("toy_x"), None);
    assert_eq!(catalog.glob_of("other_dog"), None);
}

#[test]
fn every_state_of_a_type_is_told_apart() {
    let catalog = load_below_head(
        "types:\n\
         - type: toy_bucket\n  irrelevant: storage\n\
         - type: toy_net\n  becomes: [ node: { kind: network } ]\n\
         - type: toy_tap\n  not_yet: copies traffic\n\
         families:\n\
         - types: [toy_mail_*, toy_*_alarm]\n  irrelevant: no traffic\n",
    )
    .unwrap();
    assert!(
        matches!(catalog.entry("toy_net"), Meaning::Modelled(entry, _) if entry.resource_type == "toy_net")
    );
    assert!(matches!(
        catalog.entry("toy_bucket"),
        Meaning::Irrelevant("storage")
    ));
    assert!(matches!(
        catalog.entry("toy_tap"),
        Meaning::NotYet("copies traffic")
    ));
    assert!(matches!(
        catalog.entry("toy_mail_box"),
        Meaning::Irrelevant("no traffic")
    ));
    assert!(matches!(
        catalog.entry("toy_fire_alarm"),
        Meaning::Irrelevant("no traffic")
    ));
    assert!(matches!(
        catalog.entry("toy_mailbox"),
        Meaning::Unrecognised("toy")
    ));
    assert!(matches!(catalog.entry("other_net"), Meaning::OtherProvider));
}

#[test]
fn a_type_of_its_own_wins_over_its_family() {
    let catalog = load_below_head(
        "types:\n- type: toy_mail_relay\n  not_yet: passes mail on\n\
         families:\n- types: [toy_mail_*]\n  irrelevant: no traffic\n",
    )
    .unwrap();
    assert!(matches!(
        catalog.entry("toy_mail_relay"),
        Meaning::NotYet(_)
    ));
}

#[test]
fn in_a_family_a_name_wins_over_a_glob_and_the_first_glob_over_the_next() {
    let catalog = load_below_head(
        "families:\n- irrelevant: first\n  types: [toy_mail_*]\n- not_yet: named\n  types: [toy_mail_relay]\n\
         - irrelevant: second\n  types: [toy_*_box]\n",
    )
    .unwrap();
    assert!(matches!(
        catalog.entry("toy_mail_relay"),
        Meaning::NotYet("named")
    ));
    assert!(matches!(
        catalog.entry("toy_mail_box"),
        Meaning::Irrelevant("first")
    ));
    assert!(matches!(
        catalog.entry("toy_sand_box"),
        Meaning::Irrelevant("second")
    ));
}

#[test]
fn the_longest_type_prefix_names_the_provider() {
    let catalog = load(HEAD)
        .unwrap()
        .with_directory(vec![(
            "b.yaml".to_owned(),
            "provider: toybox\ntype_prefix: toy_box_\n".to_owned(),
        )])
        .unwrap();
    assert!(matches!(
        catalog.entry("toy_box_lid"),
        Meaning::Unrecognised("toybox")
    ));
    assert!(matches!(
        catalog.entry("toy_net"),
        Meaning::Unrecognised("toy")
    ));
}

#[test]
fn the_documented_examples_load_and_mean_what_the_page_says() {
    let page = include_str!("../../../docs/providers.md");
    let examples: Vec<(String, String)> = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(example, _)| ("docs/providers.md".to_owned(), example.to_owned()))
        .collect();
    let [example, defaults, names, own]: [_; 4] = examples.try_into().unwrap();

    let catalog = Catalog::empty().with_directory(vec![defaults]).unwrap();
    let Meaning::Modelled(store, _) = catalog.entry("nimbus_store") else {
        panic!("nimbus_store is not modelled");
    };
    assert_eq!(store.defaults[0].attribute, "public");

    let catalog = Catalog::empty().with_directory(vec![names]).unwrap();
    let (network, file) = modelled(&catalog, "nimbus_network");
    assert!(network.wanted(file).contains("name"));
    assert!(network.wanted(file).contains("self_link"));

    let catalog = Catalog::empty().with_directory(vec![example]).unwrap();
    for name in ["toy_network", "toy_peering", "toy_table"] {
        modelled(&catalog, name);
    }
    let (peering, file) = modelled(&catalog, "toy_peering");
    assert!(peering.never_matters(file, "bandwidth"));
    assert!(peering.wanted(file).contains("peer_zone"));
    assert!(matches!(catalog.entry("toy_tunnel"), Meaning::NotYet(_)));
    assert!(matches!(
        catalog.entry("toy_bucket_policy"),
        Meaning::Irrelevant(_)
    ));
    assert!(matches!(
        catalog.entry("toy_lamp"),
        Meaning::Unrecognised("toy")
    ));

    let catalog = catalog.with_directory(vec![own]).unwrap();
    assert!(matches!(
        catalog.entry("toy_tunnel"),
        Meaning::Irrelevant(_)
    ));
    assert!(matches!(
        catalog.entry("toy_tunnel_end"),
        Meaning::NotYet(_)
    ));
    modelled(&catalog, "toy_network");
}

#[test]
fn a_later_file_overrides_types_and_facts_and_adds_to_them() {
    let catalog = load_below_head(
        "names: [title]\n\
         facts:\n  f: { protection: none, says: x, source: https://a.example/, read: 2026-01-31 }\n\
         types:\n- type: toy_a\n  irrelevant: first\n- type: toy_c\n  irrelevant: kept\n\
         families:\n- types: [toy_x*]\n  irrelevant: first\n",
    )
    .unwrap()
    .with_directory(vec![(
        "own/toy.yaml".to_owned(),
        format!(
            "{HEAD}facts:\n  f: {{ protection: tunnel, says: y, source: https://b.example/, read: 2026-02-01 }}\n\
             types:\n- type: toy_a\n  not_yet: second\n- type: toy_b\n  irrelevant: added\n\
             families:\n- types: [toy_x*]\n  irrelevant: second\n"
        ),
    )])
    .unwrap();
    assert!(matches!(catalog.entry("toy_a"), Meaning::NotYet("second")));
    assert!(matches!(
        catalog.entry("toy_b"),
        Meaning::Irrelevant("added")
    ));
    assert!(matches!(
        catalog.entry("toy_c"),
        Meaning::Irrelevant("kept")
    ));
    assert!(matches!(
        catalog.entry("toy_x1"),
        Meaning::Irrelevant("second")
    ));
    assert_eq!(catalog.fact("toy", "f").unwrap().says, "y");
    assert!(catalog.fact("toy", "g").is_none());
    assert_eq!(catalog.providers().count(), 1);
    assert_eq!(catalog.providers().next().unwrap().names, ["title"]);
}

#[test]
fn a_later_file_may_rest_on_facts_of_an_earlier_one() {
    let later = format!(
        "{HEAD}types:\n- type: toy_p\n  becomes:\n  - link:\n      kind: peering\n      ends: [{{ of: [a], kind: network }}, \
         {{ of: [b], kind: network }}]\n      in_transit: [ fact: f ]\n"
    );
    let earlier =
        load_below_head("facts:\n  f: { protection: none, says: x, source: https://a.example/, read: 2026-01-31 }\n").unwrap();
    assert!(
        earlier
            .with_directory(vec![("b.yaml".to_owned(), later.clone())])
            .is_ok()
    );
    assert!(load(&later).is_err());
}

#[test]
fn conditions_are_written_short_or_out() {
    let catalog = load_below_head(
        "types:\n- type: toy_net\n  becomes:\n  - node:\n      kind: network\n      when:\n        a: active\n        \
         b: true\n        c: [x, y]\n        d: { not: [z, true] }\n        e: { set: false }\n        f: 7\n",
    )
    .unwrap();
    let (entry, _) = modelled(&catalog, "toy_net");
    let Some([Statement::Node(node)]) = entry.becomes.as_deref() else {
        panic!("{entry:?}");
    };
    let is = |values: &[&str]| Condition {
        is: values.iter().map(ToString::to_string).collect(),
        ..Condition::default()
    };
    assert_eq!(node.when["a"], is(&["active"]));
    assert_eq!(node.when["b"], is(&["true"]));
    assert_eq!(node.when["c"], is(&["x", "y"]));
    assert_eq!(node.when["d"].not, ["z", "true"]);
    assert_eq!(node.when["e"].set, Some(false));
    assert_eq!(node.when["f"], is(&["7"]));
    refused(
        "types:\n- type: toy_net\n  becomes: [ node: { kind: network, when: { a: { iss: [b] } } } ]\n",
        "unknown field",
    );
}

#[test]
fn wanted_attributes_are_those_that_something_reads() {
    let catalog = load_below_head(
        "names: [tags.Name]\nplace: { region: [region] }\n\
         types:\n- type: toy_net\n  becomes:\n  - node: { kind: network, address_space: [cidr], within: [lies.in], \
         facts: { mode: encryption.mode } }\n  - property: { of: self, properties: { fast: =yes } }\n  \
         - route: { table: main_table, each: route, to: [cidr_block], via: { hub_id: hub } }\n- type: toy_z\n  irrelevant: x\n",
    )
    .unwrap();
    let (entry, file) = modelled(&catalog, "toy_net");
    let wanted: Vec<&str> = entry.wanted(file).into_iter().collect();
    assert_eq!(
        wanted,
        [
            "arn",
            "cidr",
            "encryption",
            "id",
            "lies",
            "main_table",
            "region",
            "route",
            "tags"
        ]
    );
}

#[test]
fn attributes_that_never_matter_include_what_they_hold() {
    let catalog = load_below_head(
        "never: [tags]\ntypes:\n- type: toy_net\n  never: [timeouts, options.speed]\n  becomes: [ node: { kind: network } ]\n",
    )
    .unwrap();
    let (entry, file) = modelled(&catalog, "toy_net");
    for never in ["tags", "tags.Name", "timeouts.create", "options.speed"] {
        assert!(entry.never_matters(file, never), "{never}");
    }
    for matters in ["tags_all", "options", "cidr"] {
        assert!(!entry.never_matters(file, matters), "{matters}");
    }
}

#[test]
fn a_type_may_say_that_nothing_matters_but_what_it_reads() {
    let catalog = load_below_head(
        "types:\n- type: toy_base\n  never: ['*']\n  becomes: [ node: { kind: other, within: [net] } ]\n\
         - type: toy_zone\n  becomes: [ node: { kind: other, within: [net] } ]\n",
    )
    .unwrap();
    let (base, file) = modelled(&catalog, "toy_base");
    assert!(base.never_matters(file, "engine"));
    assert!(!base.never_matters(file, "net"));
    let (zone, _) = modelled(&catalog, "toy_zone");
    assert!(!zone.never_matters(file, "engine"));
}

#[test]
fn an_attribute_that_a_statement_reads_matters() {
    let catalog = load_below_head(
        "never: [tags]\ntypes:\n- type: toy_net\n  becomes: [ node: { kind: network, properties: { segment: tags.segment } } ]\n\
         - type: toy_zone\n  becomes: [ node: { kind: subnet } ]\n",
    )
    .unwrap();
    let (net, file) = modelled(&catalog, "toy_net");
    assert!(!net.never_matters(file, "tags"));
    assert!(!net.never_matters(file, "tags.segment"));
    assert!(net.never_matters(file, "tags.owner"));
    let (zone, _) = modelled(&catalog, "toy_zone");
    assert!(zone.never_matters(file, "tags.segment"));
}

#[test]
fn data_source_means_the_same_for_nodes_unless_said_otherwise() {
    let catalog = load_below_head(
        "types:\n- type: toy_a\n  becomes: [ node: { kind: network } ]\n\
         - type: toy_b\n  data: false\n  becomes: [ node: { kind: network } ]\n\
         - type: toy_c\n  becomes: [ property: { of: self, properties: { a: b } } ]\n\
         - type: toy_d\n  data: true\n  becomes: [ property: { of: self, properties: { a: b } } ]\n",
    )
    .unwrap();
    let same = ["toy_a", "toy_b", "toy_c", "toy_d"]
        .map(|name| modelled(&catalog, name).0.means_the_same_as_data());
    assert_eq!(same, [true, false, false, true]);
}

#[test]
fn a_modelled_type_that_a_later_file_takes_out_is_told_and_one_that_was_none_is_not() {
    let own = "provider: aws\ntype_prefix: aws_\ntypes:\n- type: aws_ebs_volume\n  irrelevant: storage\n\
               - type: aws_vpc_peering_connection\n  irrelevant: ours are fine\nfamilies:\n- irrelevant: no traffic\n  types: [aws_cloudwatch_*]\n";
    let added = Catalog::embedded().add("own.yaml", own).unwrap();
    assert_eq!(added.hides, ["aws_vpc_peering_connection"]);
}
