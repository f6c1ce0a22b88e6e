//! What holds of every plan: its order and its identifiers do not matter.

use std::collections::BTreeSet;

use perimeter::catalog::Catalog;
use perimeter::change::diff::Snapshot;
use perimeter::change::{changes, compare};
use perimeter::graph::assemble;
use perimeter::graph::origin::Origins;
use perimeter::sources::terraform::apply::{Interest, Secrets, read_plan};
use perimeter::sources::terraform::plan::Document;
use regex::Regex;
use serde_json::Value;

use crate::common::project;
use crate::fuzz::Dice;

/// Stories whose plans hold modules, hubs with tables, prefix lists and things made anew.
const STORIES: [&str; 5] = [
    "05-transit-attachment-defaults",
    "09-transit-peering-between-regions",
    "10-prefix-list-entry",
    "20-vpcs-merged",
    "22-peering-moved",
];

fn plan(story: &str) -> String {
    std::fs::read_to_string(project().join("tests/cases").join(story).join("plan.json")).unwrap()
}

/// Everything that is said of the changes of a plan.
fn told(catalog: &Catalog, text: &str) -> BTreeSet<String> {
    let Ok(Document::Plan(plan)) = Document::parse("plan.json", text) else {
        panic!("not a plan");
    };
    let (mut origins, mut secrets) = (Origins::default(), Secrets::default());
    let reading = read_plan(
        catalog,
        (&plan, None),
        "",
        &Interest::new(),
        &mut origins,
        &mut secrets,
    );
    let before = Snapshot::new(assemble(reading.before));
    let after = Snapshot::new(assemble(reading.after));
    let found = changes(&compare(&before, &after, &origins), &origins);
    let mut lines: BTreeSet<String> = found
        .iter()
        .map(|change| {
            let causes: Vec<&str> = change
                .causes
                .iter()
                .map(|id| origins.get(*id).address.as_str())
                .collect();
            format!(
                "{} {} {} {:?} {:?} {causes:?}",
                change.category.word(),
                change.effect.word(),
                change.summary,
                change.boundaries,
                change.touched
            )
        })
        .collect();
    lines.extend(reading.notices.iter().map(|notice| format!("{notice:?}")));
    lines
}

/// Shuffle every list of resources, modules and changes; other lists have an order that means something.
fn shuffle(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                if let Value::Array(items) = &mut *inner
                    && [
                        "resources",
                        "child_modules",
                        "resource_changes",
                        "resource_drift",
                    ]
                    .contains(&name.as_str())
                {
                    for index in (1..items.len()).rev() {
                        items.swap(index, dice.below(index + 1));
                    }
                }
                shuffle(inner, dice);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| shuffle(inner, dice)),
        _ => {}
    }
}

#[test]
fn the_order_of_resources_in_a_plan_never_shows() {
    let catalog = Catalog::embedded();
    for story in STORIES {
        let text = plan(story);
        let expected = told(&catalog, &text);
        assert_eq!(expected.is_empty(), story == "22-peering-moved", "{story}");
        for seed in 0..4 {
            let mut value: Value = serde_json::from_str(&text).unwrap();
            shuffle(&mut value, &mut Dice::new(seed));
            assert_eq!(
                told(&catalog, &value.to_string()),
                expected,
                "{story}, seed {seed}"
            );
        }
    }
}

#[test]
fn other_identifiers_give_the_same_changes_of_other_identifiers() {
    let catalog = Catalog::embedded();
    // Each keeps its place in the order, since names in one line are sorted.
    let identifier =
        Regex::new(r"\b((?:vpc|subnet|tgw|rtb|pcx|igw|pl|tgw-attach|tgw-rtb)-)([0-9a-f]{8,})\b")
            .unwrap();
    for story in STORIES {
        let text = plan(story);
        let renamed = identifier.replace_all(&text, "${1}5$2");
        assert_ne!(renamed, text, "{story}: nothing to rename");
        let expected: BTreeSet<String> = told(&catalog, &text)
            .iter()
            .map(|line| identifier.replace_all(line, "${1}5$2").into_owned())
            .collect();
        assert_eq!(told(&catalog, &renamed), expected, "{story}");
    }
}
