#![allow(clippy::unwrap_used)]

use crate::catalog::Catalog;
use crate::graph::fragment::Fragment;
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::graph::origin::Origins;
use crate::sources::terraform::apply::{Interest, Reading, Secrets, read_plan};
use crate::sources::terraform::plan::Document;

/// A provider whose things are found in roundabout ways.
const NIMBUS: &str = "
provider: nimbus
type_prefix: nimbus_
id_prefixes: { m-: other, sub-: subnet, net-: network }
place: { region: [region] }
types:
- type: nimbus_database
  in_full: { source: 'database/{region}/{}', title: 'database/{region}/{}' }
  becomes:
  - node: { kind: other, id: [title], within: [subnet], else_within: [source] }
- type: nimbus_door
  becomes:
  - exposure: { of: [to], says: door }
- type: nimbus_lookup
  data: true
  becomes:
  - containment: { of: [ids], each: filter, each_when: { name: network }, within: [values] }
- type: nimbus_lock
  becomes:
  - property: { of_region: true, when: { mode: shut }, facts: { restricted_access: mode } }
- type: nimbus_settings
  becomes:
  - plaintext: { says: takes plaintext, each: line, each_when: { name: tls, value: off } }
";

/// What resources of these types come to: (type, attributes).
fn fragment(resources: &[(&str, &str)]) -> Fragment {
    let changes = resources.iter().enumerate().map(|(number, (kind, after))| {
        format!(
            r#"{{"address":"{kind}.r{number}","mode":"managed","type":"{kind}","name":"r{number}","provider_name":"nimbus",
            "change":{{"actions":["create"],"before":null,"after":{after},"after_unknown":{{}}}}}}"#
        )
    });
    let changes: Vec<String> = changes.collect();
    let text = format!(
        r#"{{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[{}]}}"#,
        changes.join(",")
    );
    let files = vec![("nimbus.yaml".to_owned(), NIMBUS.to_owned())];
    let catalog = Catalog::empty().with_directory(files).unwrap();
    let Document::Plan(plan) = Document::parse("plan.json", &text).unwrap() else {
        panic!("not a plan");
    };
    let (mut origins, mut secrets) = (Origins::default(), Secrets::default());
    let interest = Interest::new();
    let Reading { after, .. } = read_plan(
        &catalog,
        (&plan, None),
        "",
        &interest,
        &mut origins,
        &mut secrets,
    );
    after
}

fn to(id: &str) -> Reference {
    Reference::To(Key::Provider(format!("nimbus:{id}")))
}

#[test]
fn what_says_nothing_of_its_place_lies_where_what_it_is_part_of_does_and_else_where_it_says() {
    let within = |attributes: &str| {
        fragment(&[("nimbus_database", attributes)]).nodes[0]
            .within
            .clone()
    };
    let source = r#"{"title":"a","region":"north","source":"b"}"#;
    assert_eq!(within(source), [to("database/north/b")]);
    let both = r#"{"title":"a","region":"north","source":"b","subnet":"sub-1"}"#;
    assert_eq!(within(both), [to("sub-1")]);
}

#[test]
fn a_lookup_places_what_it_finds_by_the_filter_that_names_a_place_and_by_no_other() {
    let lookup = r#"{"ids":["sub-1"],"filter":[{"name":"network","values":["net-1"]},{"name":"tag","values":["net-2"]}]}"#;
    let found = fragment(&[("nimbus_lookup", lookup)]).containments;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].of, &found[0].within),
        (&to("sub-1"), &to("net-1"))
    );
    assert_eq!(found[0].kind, NodeKind::Subnet);
}

#[test]
fn what_is_exposed_is_what_its_identifier_says_it_is() {
    let found = fragment(&[("nimbus_door", r#"{"to":"m-1"}"#)]);
    let kinds: Vec<_> = found.kinds.values().collect();
    assert_eq!(kinds, [&NodeKind::Other]);
    assert!(
        fragment(&[("nimbus_door", r#"{"to":"x-1"}"#)])
            .kinds
            .is_empty()
    );
}

#[test]
fn a_setting_of_a_region_is_set_where_it_is_in_force() {
    let lock = |mode: &str| {
        let attributes = format!(r#"{{"mode":"{mode}","region":"north"}}"#);
        fragment(&[("nimbus_lock", &attributes)]).regional
    };
    assert_eq!(lock("shut")[0].place.region.as_deref(), Some("north"));
    assert!(lock("open").is_empty());
}

#[test]
fn one_of_several_blocks_may_say_that_traffic_is_in_the_clear_if_it_says_both_halves_of_it() {
    let sites = |lines: &str| {
        let attributes = format!(r#"{{"line":[{lines}]}}"#);
        fragment(&[("nimbus_settings", &attributes)])
            .plaintext
            .len()
    };
    let other = r#"{"name":"cache","value":"off"}"#;
    assert_eq!(
        sites(&format!(r#"{other},{{"name":"tls","value":"off"}}"#)),
        1
    );
    assert_eq!(
        sites(&format!(r#"{other},{{"name":"tls","value":"on"}}"#)),
        0
    );
}
