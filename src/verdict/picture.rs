//! The changed neighbourhood, as a drawing.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::Change;
use crate::change::diff::Difference;
use crate::graph::link::{Link, LinkKind};
use crate::graph::node::Node;
use crate::graph::{BoundaryId, Graph, NodeId};

use super::{Fate, Judged, Picture, PictureLink, PictureNode};

/// How many nodes a drawing can hold and still be read.
const MAX_NODES: usize = 40;

/// Draw what changes touch: the boundaries concerned, and the links between them and at them.
#[must_use]
pub fn draw(difference: &Difference<'_>, changes: &[Change], carve_outs: &[Judged]) -> Picture {
    let (before, after) = (&difference.before.graph, &difference.after.graph);
    let mut wanted: BTreeSet<NodeId> = BTreeSet::new();
    for change in changes {
        for (boundary, _) in &change.boundaries {
            match boundary {
                BoundaryId::Node(node) => {
                    wanted.insert(node.clone());
                }
                BoundaryId::Link(link) => {
                    let ends = after
                        .ends(link)
                        .or_else(|| before.ends(link))
                        .into_iter()
                        .flatten();
                    wanted.extend(ends.map(|end| difference.current(&end.id).clone()));
                }
            }
        }
    }
    let falling = falling(difference, carve_outs);
    let total = wanted.len();
    let nodes: Vec<PictureNode> = wanted
        .iter()
        .filter_map(|id| {
            let node = after.node(id).or_else(|| before.node(id))?;
            Some(picture_node(
                node,
                id,
                difference,
                falling.get(id).copied().unwrap_or(0),
            ))
        })
        .take(MAX_NODES)
        .collect();
    let position: BTreeMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| (node.id.as_str(), index))
        .collect();
    let mut links = Vec::new();
    for graph in [after, before] {
        for link in graph.links() {
            let is_new_here = std::ptr::eq(graph, after) || after.link(&link.id).is_none();
            let Some(ends) = graph.ends(&link.id) else {
                continue;
            };
            let ends = ends.map(|end| position.get(difference.current(&end.id).as_str()).copied());
            if let (true, [Some(from), Some(to)]) = (is_new_here, ends) {
                links.push(PictureLink {
                    from,
                    to,
                    label: label(link),
                    label_before: before
                        .link(&link.id)
                        .map(label)
                        .filter(|was| *was != label(link)),
                    fate: link_fate(link, before, after),
                });
            }
        }
    }
    Picture {
        left_out: total - nodes.len(),
        nodes,
        links,
    }
}

fn picture_node(
    node: &Node,
    id: &NodeId,
    difference: &Difference<'_>,
    falling: usize,
) -> PictureNode {
    let was = difference.before.graph.node(id).is_some();
    let is = difference.after.graph.node(id).is_some();
    let replaced = difference.successors.values().any(|heir| heir == id);
    PictureNode {
        id: id.to_string(),
        name: node.display_name(),
        role: node.role.clone(),
        fate: match (was, is) {
            (false, true) if replaced => Fate::Changed,
            (false, true) => Fate::Added,
            (true, false) => Fate::Removed,
            _ => Fate::Kept,
        },
        falling,
    }
}

fn label(link: &Link) -> String {
    let word = match link.kind {
        LinkKind::Peering => "peering",
        LinkKind::Attachment | LinkKind::Door => "attached",
        LinkKind::Vpn => "VPN",
        LinkKind::Interconnect => "private line",
        LinkKind::PrivateEndpoint => "private endpoint",
        LinkKind::Sharing => "shared",
        LinkKind::Mesh => "mesh",
    };
    match link.kind {
        LinkKind::Peering | LinkKind::Vpn | LinkKind::Interconnect => {
            format!("{word}, {}", link.in_transit.protection.word())
        }
        _ => word.to_owned(),
    }
}

fn link_fate(link: &Link, before: &Graph, after: &Graph) -> Fate {
    match (before.link(&link.id), after.link(&link.id)) {
        (None, _) => Fate::Added,
        (_, None) => Fate::Removed,
        (Some(was), Some(is)) => {
            let same =
                was.in_transit.protection == is.in_transit.protection && was.state == is.state;
            if same { Fate::Kept } else { Fate::Changed }
        }
    }
}

/// How many carve-outs that must be acted on rest on each node.
fn falling(difference: &Difference<'_>, carve_outs: &[Judged]) -> BTreeMap<NodeId, usize> {
    let mut falling = BTreeMap::new();
    for judged in carve_outs.iter().filter(|judged| judged.status.blocks()) {
        let nodes: BTreeSet<NodeId> = judged
            .carve_out
            .footprint
            .parts
            .iter()
            .filter_map(|part| match &part.boundary {
                BoundaryId::Node(node) => Some(difference.current(node).clone()),
                BoundaryId::Link(_) => None,
            })
            .collect();
        for node in nodes {
            *falling.entry(node).or_insert(0) += 1;
        }
    }
    falling
}
