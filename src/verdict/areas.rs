//! Parts of the network that belong together by the settings (sites, domains), and what joins one of them with another.
//!
//! An area is a set of nodes. What lies in a node of an area lies in the area; what such an inner boundary lies in belongs to it
//! too, because its traffic passes there. Nothing here decides whether a joint is allowed.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::link::{Link, LinkKind};
use crate::graph::node::NodeKind;
use crate::graph::origin::OriginId;
use crate::graph::reach::Departure;
use crate::graph::{Graph, LinkId, NodeId};

/// A named part of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its name, by the settings.
    pub name: String,
    /// The nodes that the settings name.
    pub members: BTreeSet<NodeId>,
}

/// Something that leads from one area to another, or out of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// The areas of both ends, as indexes; without any, the end is in none.
    pub areas: [BTreeSet<usize>; 2],
    /// Both ends. One node twice: it belongs to several areas.
    pub ends: [NodeId; 2],
    /// Hubs passed in between, in order.
    pub hubs: Vec<NodeId>,
    /// The links passed, in order; the graph may lack one that only tables know.
    pub links: Vec<LinkId>,
    /// The declarations that it follows from.
    pub origins: BTreeSet<OriginId>,
}

impl Crossing {
    /// Whether it joins two areas, and does not merely lead out of one.
    #[must_use]
    pub fn joins(&self) -> bool {
        self.areas.iter().all(|areas| !areas.is_empty())
    }

    /// The first link of it that is not documented to be encrypted.
    #[must_use]
    pub fn unencrypted<'g>(&self, graph: &'g Graph) -> Option<&'g Link> {
        let mut links = self.links.iter().filter_map(|id| graph.link(id));
        links.find(|link| !link.in_transit.protection.encrypts())
    }
}

/// The areas of one snapshot.
#[derive(Debug)]
pub struct Areas<'a> {
    graph: &'a Graph,
    of: BTreeMap<NodeId, BTreeSet<usize>>,
}

impl<'a> Areas<'a> {
    /// Find out what belongs to which of some areas.
    #[must_use]
    pub fn new(graph: &'a Graph, areas: &[Area]) -> Self {
        let mut of: BTreeMap<NodeId, BTreeSet<usize>> = BTreeMap::new();
        for (index, area) in areas.iter().enumerate() {
            for id in &area.members {
                of.entry(id.clone()).or_default().insert(index);
                let is_inner = graph
                    .node(id)
                    .is_some_and(|node| node.kind.lies_in_networks());
                for around in graph.ancestors_of(id).into_iter().filter(|_| is_inner) {
                    of.entry(around.id.clone()).or_default().insert(index);
                }
            }
        }
        Self { graph, of }
    }

    /// The areas that a node belongs to: its own, else those of what it lies in.
    #[must_use]
    pub fn of(&self, id: &NodeId) -> BTreeSet<usize> {
        if self.of.is_empty() {
            return BTreeSet::new();
        }
        if let Some(own) = self.of.get(id) {
            return own.clone();
        }
        let around = self.graph.ancestors_of(id).into_iter();
        around
            .filter_map(|node| self.of.get(&node.id))
            .flatten()
            .copied()
            .collect()
    }

    /// Links of these kinds that join two areas, or lead from one to a network, cluster or party that is in none.
    #[must_use]
    pub fn direct(&self, is_meant: impl Fn(LinkKind) -> bool) -> Vec<Crossing> {
        let mut crossings = Vec::new();
        for link in self.graph.links().filter(|link| is_meant(link.kind)) {
            let Some(ends) = self.graph.ends(&link.id) else {
                continue;
            };
            let areas = ends.map(|end| self.of(&end.id));
            let leads_out = ends.iter().zip(&areas).any(|(end, areas)| {
                let is_place = matches!(
                    end.kind,
                    NodeKind::Network | NodeKind::Cluster | NodeKind::External
                );
                areas.is_empty() && is_place
            });
            let [first, second] = &areas;
            let is_crossing = match (first.is_empty(), second.is_empty()) {
                (false, false) => first.is_disjoint(second),
                (true, true) => false,
                _ => leads_out,
            };
            if is_crossing {
                crossings.push(Crossing {
                    ends: ends.map(|end| end.id.clone()),
                    areas,
                    hubs: Vec::new(),
                    links: vec![link.id.clone()],
                    origins: link.origins.clone(),
                });
            }
        }
        crossings
    }

    /// Paths through hubs between two areas, one for each two ends and attachment.
    #[must_use]
    pub fn through_hubs(&self, departures: &[Departure]) -> Vec<Crossing> {
        let terminals: BTreeMap<&NodeId, BTreeSet<usize>> = self
            .graph
            .nodes()
            .filter(|node| {
                matches!(node.kind, NodeKind::Network | NodeKind::External)
                    || node.kind == NodeKind::Other
            })
            .map(|node| (&node.id, self.of(&node.id)))
            .filter(|(_, areas)| !areas.is_empty())
            .collect();
        let mut crossings = Vec::new();
        for departure in departures {
            let Some(own) = terminals.get(&departure.from) else {
                continue;
            };
            for (&end, areas) in &terminals {
                let Some(way) = departure.reach.ends.get(end) else {
                    continue;
                };
                if !own.is_disjoint(areas) {
                    continue;
                }
                let first = std::iter::once(&departure.attachment);
                let attachment = self.graph.link(&departure.attachment);
                let mut origins = way.origins.clone();
                origins.extend(attachment.iter().flat_map(|link| &link.origins));
                crossings.push(Crossing {
                    areas: [own.clone(), areas.clone()],
                    ends: [departure.from.clone(), end.clone()],
                    hubs: way.hubs.clone(),
                    links: first.chain(&way.links).cloned().collect(),
                    origins,
                });
            }
        }
        crossings
    }

    /// Nodes that several areas share.
    #[must_use]
    pub fn shared(&self) -> Vec<Crossing> {
        let mut crossings = Vec::new();
        for (id, areas) in &self.of {
            let Some(node) = self.graph.node(id) else {
                continue;
            };
            for first in areas {
                for second in areas.range(first + 1..) {
                    crossings.push(Crossing {
                        areas: [BTreeSet::from([*first]), BTreeSet::from([*second])],
                        ends: [id.clone(), id.clone()],
                        hubs: Vec::new(),
                        links: Vec::new(),
                        origins: node.origins.clone(),
                    });
                }
            }
        }
        crossings
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::testing::*;

    use super::*;

    fn areas(graph: &Graph, named: &[(&str, &[&str])]) -> Vec<Area> {
        let named = named.iter().map(|(name, members)| Area {
            name: (*name).to_owned(),
            members: graph
                .nodes()
                .filter(|node| members.contains(&node.display_name().as_str()))
                .map(|node| node.id.clone())
                .collect(),
        });
        named.collect()
    }

    fn shown(graph: &Graph, crossings: &[Crossing]) -> Vec<String> {
        let name = |id: &NodeId| graph.node(id).unwrap().display_name();
        let mut shown: Vec<String> = crossings
            .iter()
            .map(|one| {
                let mut ends = one.ends.each_ref().map(name);
                ends.sort();
                ends.join(" ")
            })
            .collect();
        shown.sort();
        shown
    }

    fn organisation() -> Graph {
        graph(&[
            network("oslo", ["10.1.0.0/16"]),
            network("oslo-lab", ["10.2.0.0/16"]),
            network("bergen", ["10.3.0.0/16"]),
            network("office", ["10.4.0.0/16"]),
            peer("oslo", "oslo-lab"),
            peer("oslo", "bergen"),
            peer("bergen", "office"),
        ])
    }

    #[test]
    fn a_link_between_areas_or_out_of_one_crosses_and_one_inside_does_not() {
        let graph = organisation();
        let areas = areas(&graph, &[("o", &["oslo", "oslo-lab"]), ("b", &["bergen"])]);
        let areas = Areas::new(&graph, &areas);
        let crossings = areas.direct(|kind| kind == LinkKind::Peering);
        assert_eq!(shown(&graph, &crossings), ["bergen office", "bergen oslo"]);
        let joins: Vec<bool> = crossings.iter().map(Crossing::joins).collect();
        assert_eq!(joins.iter().filter(|joins| **joins).count(), 1);
    }

    #[test]
    fn nothing_crosses_where_no_area_is_declared() {
        let graph = organisation();
        let areas = Areas::new(&graph, &[]);
        assert!(areas.direct(|_| true).is_empty() && areas.shared().is_empty());
    }

    #[test]
    fn a_node_of_two_areas_is_shared_and_no_link_of_it_crosses() {
        let graph = organisation();
        let areas = areas(&graph, &[("o", &["oslo"]), ("b", &["oslo", "oslo-lab"])]);
        let areas = Areas::new(&graph, &areas);
        assert_eq!(shown(&graph, &areas.shared()), ["oslo oslo"]);
        let joining = areas
            .direct(|_| true)
            .into_iter()
            .filter(Crossing::joins)
            .collect::<Vec<_>>();
        assert!(joining.is_empty(), "{joining:?}");
    }
}
