//! A guarantee bound to the graph: the nodes and links it rests on, and how we know.

use std::collections::BTreeSet;

use crate::graph::link::{Link, LinkKind};
use crate::graph::node::NodeKind;
use crate::graph::{BoundaryId, Graph, NodeId};

use super::guarantee::{Carried, Claim, Guarantee, LinkWord};
use super::names::Target;
use super::site::{Footprint, FootprintPart, Scope, Via};

/// What is known of a carve-out's place besides its words.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// What the Terraform block around it is, or lies in.
    pub block: Vec<Target>,
    /// What the settings bind its path to.
    pub bound: Vec<Target>,
}

/// Bind a guarantee. Words that name something win over the block it stands in, and that over a path binding.
#[must_use]
pub fn bind(guarantee: &Guarantee, surroundings: &Surroundings, graphs: &[&Graph]) -> Footprint {
    let named: Vec<&Target> = guarantee
        .mentions
        .iter()
        .flat_map(|mention| in_place(&mention.targets, guarantee, graphs))
        .collect();
    if guarantee.carried == Carried::Locally {
        return Footprint {
            scope: Scope::Local,
            parts: Vec::new(),
        };
    }
    if let Carried::OverLinks(word) = guarantee.carried {
        let links = links_meant(word, &named, graphs);
        if !links.is_empty() {
            return footprint(Scope::OverLinks, links);
        }
    }
    let fallbacks = [
        (&surroundings.block, Via::Block),
        (&surroundings.bound, Via::Binding),
    ];
    let inside = |targets: &[&Target]| -> Vec<FootprintPart> {
        targets
            .iter()
            .flat_map(|target| boundaries(target, graphs))
            .collect()
    };
    let parts = inside(&named);
    if !parts.is_empty() {
        return footprint(Scope::Inside, parts);
    }
    for (targets, via) in fallbacks {
        let targets: Vec<Target> = targets.iter().map(|target| target.known_by(via)).collect();
        let links: Vec<FootprintPart> = targets
            .iter()
            .filter(|target| matches!(target.boundary, BoundaryId::Link(_)))
            .map(part)
            .collect();
        let parts = inside(&targets.iter().collect::<Vec<_>>());
        if !parts.is_empty() {
            return footprint(Scope::Inside, parts);
        }
        if !links.is_empty() {
            return footprint(Scope::OverLinks, links);
        }
    }
    let only_links: Vec<FootprintPart> = named
        .iter()
        .filter(|target| matches!(target.boundary, BoundaryId::Link(_)))
        .map(|target| part(target))
        .collect();
    if only_links.is_empty() {
        footprint(Scope::Unanchored, Vec::new())
    } else {
        footprint(Scope::OverLinks, only_links)
    }
}

/// Of several parts that bear one name at one time, those that lie where the guarantee says; all of them where none does.
fn in_place<'t>(
    targets: &'t [Target],
    guarantee: &Guarantee,
    graphs: &[&Graph],
) -> Vec<&'t Target> {
    let regions = guarantee.claims.iter().find_map(|claim| match claim {
        Claim::InRegion(regions) => Some(regions),
        _ => None,
    });
    let region_of = |target: &Target, graph: &Graph| match &target.boundary {
        BoundaryId::Node(id) => graph.node(id).map(|node| node.place.region.clone()),
        BoundaryId::Link(_) => None,
    };
    let lies_there = |target: &Target, graph: &Graph| {
        let region = region_of(target, graph).flatten();
        region.is_some_and(|region| regions.is_some_and(|regions| regions.contains(&region)))
    };
    // A network that leaves its region is no namesake of itself: each snapshot tells its own parts apart.
    let gives_way = |target: &Target| {
        let mut having = graphs
            .iter()
            .filter(|graph| region_of(target, graph).is_some())
            .peekable();
        having.peek().is_some()
            && having.all(|graph| {
                !lies_there(target, graph) && targets.iter().any(|other| lies_there(other, graph))
            })
    };
    targets.iter().filter(|target| !gives_way(target)).collect()
}

fn footprint(scope: Scope, mut parts: Vec<FootprintPart>) -> Footprint {
    parts.sort();
    parts.dedup_by(|a, b| a.boundary == b.boundary);
    Footprint { scope, parts }
}

fn part(target: &Target) -> FootprintPart {
    FootprintPart {
        boundary: target.boundary.clone(),
        name: target.name.clone(),
        via: target.via,
        location: None,
    }
}

/// The networks that traffic inside a named node stays in; hubs, and boundaries inside networks, stand for themselves. A link
/// is no inside.
fn boundaries(target: &Target, graphs: &[&Graph]) -> Vec<FootprintPart> {
    let BoundaryId::Node(id) = &target.boundary else {
        return Vec::new();
    };
    let mut found: BTreeSet<(NodeId, String)> = BTreeSet::new();
    for graph in graphs {
        let Some(node) = graph.node(id) else { continue };
        match node.kind {
            NodeKind::Hub
            | NodeKind::Cluster
            | NodeKind::Namespace
            | NodeKind::Workload
            | NodeKind::TrustDomain => {
                found.insert((id.clone(), node.display_name()));
            }
            NodeKind::External => {}
            // What lies in no network is guarded by other walls than those of one.
            NodeKind::ServicePerimeter => {
                found.insert((id.clone(), node.display_name()));
            }
            NodeKind::Service if graph.networks_of(id).is_empty() => {
                found.insert((id.clone(), node.display_name()));
            }
            _ => found.extend(
                graph
                    .networks_of(id)
                    .into_iter()
                    .map(|network| (network.id.clone(), network.display_name())),
            ),
        }
    }
    found
        .into_iter()
        .map(|(id, name)| FootprintPart {
            boundary: BoundaryId::Node(id),
            name,
            via: target.via,
            location: None,
        })
        .collect()
}

/// The links that "over the peering between a and b" means.
fn links_meant(word: LinkWord, named: &[&Target], graphs: &[&Graph]) -> Vec<FootprintPart> {
    let is_meant = |link: &Link| match word {
        LinkWord::Peering => link.kind == LinkKind::Peering,
        LinkWord::Vpn => link.kind == LinkKind::Vpn,
        LinkWord::Interconnect => link.kind == LinkKind::Interconnect,
        LinkWord::Hub => link.kind == LinkKind::Attachment,
        LinkWord::Mesh => link.kind == LinkKind::Mesh,
        LinkWord::Any => !matches!(link.kind, LinkKind::Door | LinkKind::Sharing),
    };
    // A link of another kind may bear the name too: a gateway's attachment that is called like its network.
    let is_meant_by_name = |target: &&&Target| match &target.boundary {
        BoundaryId::Link(id) => graphs
            .iter()
            .filter_map(|graph| graph.link(id))
            .any(is_meant),
        BoundaryId::Node(_) => false,
    };
    let links_named: Vec<FootprintPart> = named
        .iter()
        .filter(is_meant_by_name)
        .map(|target| part(target))
        .collect();
    let nodes: BTreeSet<&NodeId> = named
        .iter()
        .filter_map(|target| match &target.boundary {
            BoundaryId::Node(id) => Some(id),
            BoundaryId::Link(_) => None,
        })
        .collect();
    if nodes.is_empty() || (!links_named.is_empty() && nodes.len() < 2) {
        return links_named;
    }
    let via = named
        .iter()
        .map(|target| target.via)
        .min()
        .unwrap_or(Via::Named);
    let mut parts = links_named;
    for graph in graphs {
        for link in graph.links().filter(|link| is_meant(link)) {
            let Some(ends) = graph.ends(&link.id) else {
                continue;
            };
            let ends_named = ends.iter().filter(|end| nodes.contains(&end.id)).count();
            // Two names are both ends of it; one name is either of them.
            let wanted = if nodes.len() > 1 && word != LinkWord::Hub {
                2
            } else {
                1
            };
            if ends_named >= wanted {
                parts.push(FootprintPart {
                    boundary: BoundaryId::Link(link.id.clone()),
                    name: link.display_name(),
                    via,
                    location: None,
                });
            }
        }
    }
    parts
}
