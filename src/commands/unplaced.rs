//! What comes to be open although no input tells in which network it stands: it may be in any that a carve-out rests on.

use std::collections::BTreeSet;

use crate::carveout::site::Scope;
use crate::change::diff::Difference;
use crate::change::{Category, Change, Effect};
use crate::graph::node::{Node, NodeKind, Standing};
use crate::graph::origin::{OriginId, Origins};
use crate::graph::{BoundaryId, Graph};
use crate::settings::Policy;
use crate::sources::terraform::address::Address;
use crate::verdict::judge::invalidates;
use crate::verdict::{Finding, Judged, Rule, Status};

use super::organisation::Place;

/// How many networks a message names.
const NAMED: usize = 3;

/// One finding for each change that opens something in a network that nobody knows, if carve-outs rest on one that it may be.
pub(super) fn unplaced_findings(
    difference: &Difference<'_>,
    changes: &[Change],
    policy: &Policy,
    carve_outs: &[Judged],
    place: &Place<'_>,
) -> Vec<Finding> {
    let opens = |change: &&Change| {
        change.category == Category::Exposure
            && change.effect != Effect::Narrows
            && invalidates(change, policy)
    };
    let findings = changes.iter().filter(opens).filter_map(|change| {
        let graph = &difference.after.graph;
        let unplaced: Vec<&Node> = change
            .touched
            .keys()
            .filter_map(|boundary| match boundary {
                BoundaryId::Node(id) => graph.node(id),
                BoundaryId::Link(_) => None,
            })
            .filter(|node| is_unplaced(graph, node))
            .collect();
        let first = unplaced.first()?;
        let mut rests = 0;
        let mut networks = BTreeSet::new();
        for judged in carve_outs.iter().filter(|one| may_fall(one)) {
            let parts = judged.carve_out.footprint.parts.iter();
            let may_be = parts.filter(|part| {
                let mut around = networks_of(difference, &part.boundary);
                around.any(|network| {
                    let mut may_be = unplaced.iter();
                    may_be.any(|node| may_lie_in(place.origins(), node, network))
                })
            });
            let names: BTreeSet<&str> = may_be.map(|part| part.name.as_str()).collect();
            rests += usize::from(!names.is_empty());
            networks.extend(names);
        }
        if rests == 0 {
            return None;
        }
        let message = format!(
            "{}: no input tells in which network {} stands, and {}",
            change.summary,
            match unplaced.len() {
                1 => first.display_name(),
                more => format!("{} and {} more", first.display_name(), more - 1),
            },
            dependents(rests, &networks)
        );
        let origins: BTreeSet<OriginId> = change.causes.iter().copied().collect();
        place.finding_at(
            &origins,
            Rule::UnplacedExposure,
            message,
            "give the state of the stack that makes the network, with --context, or a plan where there is none: then the carve-outs inside it are listed, and no others",
        )
    });
    findings.collect()
}

fn dependents(count: usize, networks: &BTreeSet<&str>) -> String {
    let mut named: Vec<&str> = networks.iter().copied().take(NAMED).collect();
    if networks.len() > NAMED {
        named.push("others");
    }
    let where_they_rest = named.join(", ");
    match count {
        1 => format!("1 carve-out rests on staying inside {where_they_rest}, which it may be in"),
        _ => format!(
            "{count} carve-outs rest on staying inside {where_they_rest}, which it may be in"
        ),
    }
}

/// Whether something lies in a network, and no input tells in which.
fn is_unplaced(graph: &Graph, node: &Node) -> bool {
    let is_told = node.standing == Standing::Described || node.kind == NodeKind::Hub;
    let networks = graph.networks_of(&node.id);
    !is_told && networks.iter().all(|network| network.id == node.id)
}

/// Whether something can fall on a carve-out that did not.
fn may_fall(judged: &Judged) -> bool {
    judged.carve_out.footprint.scope == Scope::Inside
        && matches!(judged.status, Status::Unaffected | Status::Added)
}

/// The networks that a part of a footprint is, or lies in, before and after.
fn networks_of<'d>(
    difference: &'d Difference<'_>,
    boundary: &BoundaryId,
) -> impl Iterator<Item = &'d Node> {
    let BoundaryId::Node(id) = boundary else {
        return Vec::new().into_iter();
    };
    let graph = &difference.after.graph;
    let own = graph.node(id).into_iter();
    let own = own.filter(|node| node.kind == NodeKind::Network);
    let networks: Vec<&Node> = own.chain(graph.networks_of(id)).collect();
    networks.into_iter()
}

/// Whether something may stand in a network. It does not where an identifier tells what it is, and the network, with the
/// identifiers of what is in it, is made by what was read.
fn may_lie_in(origins: &Origins, node: &Node, network: &Node) -> bool {
    let provider = |node: &Node| {
        let (_, rest) = node.id.as_str().split_once('/')?;
        Some(rest.split_once(':')?.0.to_owned())
    };
    if let (Some(one), Some(other)) = (provider(node), provider(network))
        && one != other
    {
        return false;
    }
    if matches!(node.standing, Standing::Unresolved { .. }) {
        return true;
    }
    let is_made_here = network.origins.iter().any(|id| {
        let origin = origins.get(*id);
        let is_known = !network.id.as_str().ends_with(&origin.address);
        let is_looked_up = Address::parse(&origin.address).is_some_and(|address| address.is_data);
        is_known && !is_looked_up
    });
    !is_made_here
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::graph::testing::{Scene, network, network_id, peer};

    use super::*;

    #[test]
    fn what_an_identifier_names_is_in_a_network_that_is_looked_up_and_in_none_that_is_made_here() {
        let made = network("a", ["10.1.0.0/16"]);
        let looked_up = network("a", ["10.1.0.0/16"]).at("data.network.a");
        for (one, expected) in [(made, false), (looked_up, true)] {
            let pieces = [one, peer("a", "elsewhere")];
            let scene = Scene::new(&pieces, &pieces);
            let node = |name: &str| scene.after.graph.node(&network_id(name)).unwrap();
            assert_eq!(node("elsewhere").standing, Standing::Foreign);
            let may_be = may_lie_in(&scene.origins, node("elsewhere"), node("a"));
            assert_eq!(may_be, expected);
        }
    }
}
