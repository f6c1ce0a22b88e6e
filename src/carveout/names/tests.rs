#![allow(clippy::unwrap_used)]

use crate::graph::testing::*;

use super::*;

fn named(names: &NameIndex, text: &str) -> Vec<String> {
    let mentions = names.mentions(text);
    let targets = mentions.into_iter().flat_map(|mention| mention.targets);
    let mut names: Vec<String> = targets.map(|target| target.name).collect();
    names.sort();
    names
}

#[test]
fn a_longer_name_with_a_kind_word_takes_nothing_from_the_name_in_it_and_one_without_is_another_name()
 {
    let tagged = |name: &'static str, tag: &'static str| {
        network(name, []).with_node(move |node| node.name = Some(tag.to_owned()))
    };
    let graph = graph(&[
        network("shop", []),
        tagged("decoy", "VPC shop"),
        tagged("other", "traffic in VPC shop"),
        network("data", []),
        tagged("lake", "data lake"),
    ]);
    let names = NameIndex::new(&[&graph]);
    assert_eq!(named(&names, "stays inside VPC shop"), ["VPC shop", "shop"]);
    assert_eq!(
        named(&names, "traffic in VPC shop stays there"),
        ["shop", "traffic in VPC shop"]
    );
    assert_eq!(named(&names, "inside the VPC data lake"), ["data lake"]);
    assert_eq!(named(&names, "inside VPC data"), ["data"]);
}

#[test]
fn what_the_settings_call_by_such_words_is_what_they_mean() {
    let graph = graph(&[network("shop", []), network("prod", [])]);
    let mut names = NameIndex::new(&[&graph]);
    let prod = names.resolve("prod");
    names.add_alias("the shop network", &prod);
    assert_eq!(named(&names, "inside the shop network"), ["prod"]);
    assert_eq!(named(&names, "inside network shop"), ["shop"]);
}
