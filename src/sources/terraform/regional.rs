//! Settings of a region, which hold for every network in it.
//!
//! The stack that holds such a setting is seldom the one that holds the networks, so they meet once every source has been read.

use crate::graph::fragment::{Fragment, NodeDeclaration, PropertyDeclaration, RegionalDeclaration};
use crate::graph::identity::{Key, Reference};
use crate::graph::node::{NodeKind, Place};

/// How many settings of networks are said in all: a network has one region, unless hostile input does not tell it.
const MOST_SETTINGS: usize = 100_000;

/// Say of each network what its region has set. Tells whether there was room for all of it.
pub(super) fn settle(fragment: &mut Fragment) -> bool {
    let settings = std::mem::take(&mut fragment.regional);
    if settings.is_empty() {
        return true;
    }
    let is_network = |node: &&NodeDeclaration| node.kind == NodeKind::Network;
    let networks: Vec<&NodeDeclaration> = fragment.nodes.iter().filter(is_network).collect();
    let mut said = settings.iter().flat_map(|setting| {
        let networks = networks.iter().filter(|node| holds_for(setting, node));
        let known = networks.filter_map(|node| node.keys.first());
        known.map(|key| PropertyDeclaration {
            of: Reference::To(key.clone()),
            ..setting.property.clone()
        })
    });
    let properties: Vec<PropertyDeclaration> = said.by_ref().take(MOST_SETTINGS).collect();
    let is_all = said.next().is_none();
    fragment.properties.extend(properties);
    is_all
}

fn holds_for(setting: &RegionalDeclaration, node: &NodeDeclaration) -> bool {
    is_of(&setting.provider, node) && may_be_one_place(&setting.place, &node.place)
}

/// Whether a node is of a provider: by its identifiers, or while it has none by the type of its resource.
fn is_of(provider: &str, node: &NodeDeclaration) -> bool {
    let is_named = |id: &str| id.split_once(':').is_some_and(|(own, _)| own == provider);
    let is_typed = |step: &str| step.split_once('_').is_some_and(|(own, _)| own == provider);
    node.keys.iter().any(|key| match key {
        Key::Provider(id) => is_named(id),
        Key::Address(address) => address.split(['.', ' ', ':', '/']).any(is_typed),
    })
}

/// Whether two places may be the same: what one of them does not tell rules nothing out.
fn may_be_one_place(one: &Place, other: &Place) -> bool {
    let agree = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    agree(&one.region, &other.region) && agree(&one.account, &other.account)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(region: Option<&str>, account: Option<&str>) -> Place {
        Place {
            region: region.map(str::to_owned),
            account: account.map(str::to_owned),
        }
    }

    #[test]
    fn a_setting_holds_in_its_region_and_wherever_nobody_tells() {
        let setting = place(Some("eu-west-1"), Some("1"));
        assert!(may_be_one_place(&setting, &place(Some("eu-west-1"), None)));
        assert!(may_be_one_place(&setting, &place(None, Some("1"))));
        assert!(!may_be_one_place(
            &setting,
            &place(Some("eu-north-1"), None)
        ));
        assert!(!may_be_one_place(
            &setting,
            &place(Some("eu-west-1"), Some("2"))
        ));
    }
}
