#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::graph::assemble::assemble;
use crate::graph::fragment::Fragment;
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::graph::origin::Origins;
use crate::graph::perimeter::{Fact, FactKey, FactKind};
use crate::sources::terraform::apply::{Interest, Reading, Secrets, read_plan};
use crate::sources::terraform::plan::Document;

/// A provider whose things are found in roundabout ways.
const NIMBUS: &str = "
provider: nimbus
type_prefix: nimbus_
id_prefixes: { m-: other, sub-: subnet, net-: network }
place: { region: [region] }
names: ['filter[title].values', title]
types:
- type: nimbus_broker
  documents: [policy]
  becomes:
  - node: { kind: other, within: [subnet] }
  - link:
      kind: sharing
      when: { policy.Statement.Action: 'use:*' }
      ends:
      - { of: [self], kind: other }
      - { of: [policy.Statement.Principal], kind: external }
  - stated:
      topic: encryption
      of: [self]
      says: 'has {} refuse plaintext'
      protects: true
      each: policy.Statement
      each_when: { Effect: Deny, Secure: 'false' }
  - stated: { topic: exposure, of: [self], says: 'lets {} call past it', when: { inside: { not: [true] } } }
- type: nimbus_database
  in_full: { source: 'database/{region}/{}', title: 'database/{region}/{}' }
  becomes:
  - node: { kind: other, id: [title], within: [subnet], else_within: [source] }
- type: nimbus_door
  becomes:
  - exposure: { of: [to], of_addresses: [url], says: door, where_it_has: { rules: { not: [Deny] } } }
- type: nimbus_lock
  becomes:
  - property: { of_region: true, when: { mode: shut }, facts: { restricted_access: mode } }
- type: nimbus_lookup
  data: true
  becomes:
  - containment: { of: [ids], each: filter, each_when: { name: network }, within: [values] }
- type: nimbus_network
  becomes:
  - node: { kind: network, address_space: [range], properties: { rules: rules } }
- type: nimbus_rules
  becomes:
  - property: { of: network, properties: { rules: action } }
- type: nimbus_search
  data: true
  becomes:
  - containment: { of: [ids], within: ['filter[network].values'] }
- type: nimbus_settings
  becomes:
  - plaintext: { says: takes plaintext, each: line, each_when: { name: tls, value: 'off' } }
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

#[test]
fn a_path_may_lead_through_blocks_of_one_name_and_none_of_another() {
    let looked_up = r#"{"ids":["sub-1"],"filter":[{"name":"title","values":["net-9"]},{"name":"network","values":["net-1"]}]}"#;
    let fragment = fragment(&[("nimbus_search", looked_up)]);
    let within: Vec<&Reference> = fragment
        .containments
        .iter()
        .map(|one| &one.within)
        .collect();
    assert_eq!(within, [&to("net-1")]);
}

#[test]
fn a_lookup_bears_the_one_name_that_it_looks_for_and_no_pattern() {
    let name = |values: &str| {
        let network = format!(r#"{{"filter":[{{"name":"title","values":{values}}}]}}"#);
        let fragment = fragment(&[("nimbus_network", &network)]);
        fragment.nodes[0].name.clone()
    };
    assert_eq!(name(r#"["shop"]"#).as_deref(), Some("shop"));
    assert_eq!(name(r#"["shop-*"]"#), None);
    assert_eq!(name(r#"["shop","lab"]"#), None);
}

#[test]
fn a_document_tells_who_is_let_in_and_what_is_refused() {
    let broker = |policy: &str| {
        let text = serde_json::to_string(policy).unwrap();
        fragment(&[(
            "nimbus_broker",
            &format!(r#"{{"inside":true,"policy":{text}}}"#),
        )])
    };
    let open = broker(r#"{"Statement":[{"Action":["use:*"],"Principal":["p-1","p-2"]}]}"#);
    assert_eq!((open.links.len(), open.statements.len()), (2, 0));
    let other = broker(r#"{"Statement":{"Action":"read:*","Principal":"p-1"}}"#);
    assert!(other.links.is_empty());
    let safe = broker(r#"{"Statement":[{"Effect":"Deny","Secure":"false"}]}"#);
    assert_eq!(
        safe.statements[0].words,
        "has nimbus_broker.r0 refuse plaintext"
    );
    assert!(safe.statements[0].openness < 0 && safe.statements[0].of_networks);
    assert!(broker("no document").links.is_empty());
}

#[test]
fn what_is_stated_holds_by_default_and_not_where_an_attribute_says_otherwise() {
    let stated = |broker: &str| fragment(&[("nimbus_broker", broker)]).statements.len();
    assert_eq!(stated("{}"), 1);
    assert_eq!(stated(r#"{"inside":false}"#), 1);
    assert_eq!(stated(r#"{"inside":true}"#), 0);
}

#[test]
fn a_door_opens_what_has_the_property_that_another_resource_sets() {
    let exposures = |rules: &str| {
        let network = r#"{"id":"net-1","rules":"Deny"}"#;
        let rules = format!(r#"{{"network":"net-1","action":"{rules}"}}"#);
        let fragment = fragment(&[
            ("nimbus_network", network),
            ("nimbus_rules", &rules),
            ("nimbus_door", r#"{"to":"net-1"}"#),
        ]);
        exposed(fragment)
    };
    assert_eq!(exposures("Allow"), ["network/nimbus:net-1"]);
    assert!(exposures("Deny").is_empty());
}

#[test]
fn a_door_to_an_address_opens_the_network_that_holds_it_and_else_none() {
    let exposures = |url: &str| {
        let door = format!(r#"{{"url":"{url}"}}"#);
        let network = r#"{"id":"net-1","range":"10.1.0.0/16"}"#;
        exposed(fragment(&[
            ("nimbus_network", network),
            ("nimbus_door", &door),
        ]))
    };
    assert_eq!(exposures("http://10.1.0.5:8080"), ["network/nimbus:net-1"]);
    assert!(exposures("http://10.2.0.5:8080").is_empty());
    assert!(exposures("http://stock:8080").is_empty());
}

/// The boundaries that doors open.
fn exposed(fragment: Fragment) -> Vec<String> {
    let perimeters = assemble(fragment).perimeters();
    let is_open = |facts: &BTreeMap<FactKey, Fact>| {
        let mut kinds = facts.keys().map(|(kind, _)| *kind);
        kinds.any(|kind| kind == FactKind::Exposure)
    };
    let open = perimeters.facts.iter().filter(|(_, facts)| is_open(facts));
    open.map(|(boundary, _)| boundary.as_str().to_owned())
        .collect()
}
