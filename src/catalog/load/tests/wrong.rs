//! What is wrong with a file is told with its line.

use super::*;
use crate::location::Location;

#[test]
fn a_file_that_is_refused_leaves_the_catalog_as_it_was() {
    let mut catalog = load_below_head("types:\n- type: toy_a\n  irrelevant: x\n").unwrap();
    let wrong = format!("{HEAD}types:\n- type: toy_a\n  not_yet: x\n- type: toy_b\n");
    assert!(catalog.add("wrong.yaml", &wrong).is_err());
    assert!(matches!(catalog.entry("toy_a"), Meaning::Irrelevant("x")));
    let right = format!("{HEAD}types:\n- type: toy_a\n  not_yet: x\n");
    let added = catalog.add("right.yaml", &right).unwrap();
    assert!(
        added.is_over_another && added.provider == "toy",
        "{added:?}"
    );
    assert_eq!((added.modelled, added.irrelevant, added.not_yet), (0, 0, 1));
    assert!(matches!(catalog.entry("toy_a"), Meaning::NotYet("x")));
}

#[test]
fn a_family_has_one_reason_and_names_no_type_twice() {
    refused(
        "families:\n- types: [toy_a]\n",
        "providers/toy.yaml:4:3: family: give exactly one of",
    );
    refused(
        "families:\n- types: [toy_a]\n  irrelevant: ' '\n",
        "the reason must not be empty",
    );
    refused(
        "families:\n- types: [yot_*]\n  irrelevant: x\n",
        "does not begin with `toy_`",
    );
    refused(
        "types:\n- type: toy_a\n  irrelevant: x\nfamilies:\n- types: [toy_a]\n  irrelevant: x\n",
        "providers/toy.yaml:7:3: type toy_a: listed twice",
    );
}

#[test]
fn unknown_key_is_refused_with_its_line() {
    let error = load_below_head("types:\n- type: toy_net\n  irelevant: typo\n").unwrap_err();
    assert_eq!(
        error.problems[0].location,
        Location::line("providers/toy.yaml", 5)
    );
    assert!(
        error
            .to_string()
            .starts_with("providers/toy.yaml:5:3: unknown field"),
        "{error}"
    );
}

#[test]
fn text_that_is_not_yaml_is_refused_with_its_line() {
    let error = load_below_head("types: [\n").unwrap_err();
    assert!(error.problems[0].location.line >= 3, "{error}");
}

#[test]
fn unknown_fact_is_refused_with_its_line_and_a_suggestion() {
    let error = load_below_head(
        "facts:\n  ipsec_tunnel: { protection: tunnel, says: IPsec, source: https://toy.example/, read: 2026-01-31 }\n\
         types:\n- type: toy_vpn\n  becomes:\n  - link:\n      kind: vpn\n      ends:\n      \
         - { of: [a], kind: hub }\n      - { of: [b], kind: external }\n      in_transit:\n      - fact: ipsec_tunel\n",
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "providers/toy.yaml:14:15: type toy_vpn: unknown fact `ipsec_tunel`; did you mean `ipsec_tunnel`?"
    );
}

#[test]
fn fact_without_source_or_date_is_refused() {
    refused(
        "facts:\n  f: { protection: tunnel, says: x, read: 2026-01-31 }\n",
        "source",
    );
    refused(
        "facts:\n  f: { protection: tunnel, says: x, source: https://a.example/ }\n",
        "read",
    );
    refused(
        "facts:\n  f: { protection: tunnel, says: x, source: http://a.example/, read: 2026-01-31 }\n",
        "providers/toy.yaml:4:6: fact f: `source` must be an https address",
    );
    refused(
        "facts:\n  f: { protection: tunnel, says: x, source: https://a.example/, read: 31.1.2026 }\n",
        "providers/toy.yaml:4:6: fact f: `read` must be a date",
    );
}

#[test]
fn a_type_has_exactly_one_state() {
    refused(
        "types:\n- type: toy_net\n",
        "providers/toy.yaml:4:3: type toy_net: give exactly one of",
    );
    refused(
        "types:\n- type: toy_net\n  irrelevant: a\n  not_yet: b\n",
        "give exactly one of",
    );
    refused(
        "types:\n- type: toy_net\n  irrelevant: ' '\n",
        "the reason must not be empty",
    );
}

#[test]
fn types_are_sorted_unique_and_of_the_provider() {
    let entry = |name: &str| format!("- type: {name}\n  irrelevant: x\n");
    refused(
        &format!("types:\n{}{}", entry("toy_b"), entry("toy_a")),
        "providers/toy.yaml:6:3: type toy_a: must stand before toy_b",
    );
    refused(
        &format!("types:\n{}{}", entry("toy_b"), entry("toy_b")),
        "type toy_b: listed twice",
    );
    refused(
        &format!("types:\n{}", entry("yot_b")),
        "does not begin with `toy_`",
    );
    assert!(load_below_head(&format!("types:\n{}{}", entry("toy_a"), entry("toy_b"))).is_ok());
}

#[test]
fn malformed_attribute_is_refused() {
    refused(
        "types:\n- type: toy_net\n  becomes: [ node: { kind: network, within: [''] } ]\n",
        "`` is not an attribute",
    );
    refused(
        "types:\n- type: toy_net\n  becomes: [ node: { kind: network, within: [a..b] } ]\n",
        "`a..b` is not",
    );
    refused(
        "names: [tags.]\n",
        "the provider: `tags.` is not an attribute",
    );
    refused(
        "types:\n- type: toy_route\n  becomes: [ route: { table: t, to: [c], via: { '': hub } } ]\n",
        "`` is not an attribute",
    );
    refused(
        "types:\n- type: toy_route\n  becomes: [ route: { table: t, each: r, to: [c], via: { 'x y': hub } } ]\n",
        "`x y` is not an attribute",
    );
}

#[test]
fn malformed_glob_is_refused_with_its_line() {
    refused(
        "families:\n- types: ['toy_[']\n  irrelevant: x\n",
        "providers/toy.yaml:4:3: family: ",
    );
}

#[test]
fn all_problems_are_told_in_the_order_of_their_lines() {
    let error = load_below_head("types:\n- type: toy_a\n- type: toy_b\n").unwrap_err();
    let lines: Vec<usize> = error
        .problems
        .iter()
        .map(|problem| problem.location.line)
        .collect();
    assert_eq!(lines, [4, 5]);
}

#[test]
fn a_default_that_changed_needs_a_version_and_a_page_with_its_date() {
    let entry = |default: &str| {
        format!(
            "types:\n- type: toy_a\n  defaults:\n  - {{ attribute: public, value: \"true\", {default} }}\n  becomes:\n  - node: {{ kind: other }}\n"
        )
    };
    let right = "before: \"6.0.0\", source: https://toy.example/a, read: 2026-11-22";
    load_below_head(&entry(right)).unwrap();
    for (wrong, message) in [
        (
            "before: six, source: https://toy.example/a, read: 2026-11-22",
            "the default of public: `before` must be a version such as 6.0.0, not `six`",
        ),
        (
            "before: \"6.0\", source: a page, read: 2026-11-22",
            "`source` must be an https address",
        ),
        (
            "before: \"6.0\", source: https://toy.example/a, read: lately",
            "`read` must be a date",
        ),
        ("before: \"6.0\"", "missing field"),
    ] {
        refused(&entry(wrong), message);
    }
    refused(
        &entry(right).replace("attribute: public", "attribute: access.public"),
        "only attributes at the top level have one",
    );
}
