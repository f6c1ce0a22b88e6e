//! Parts of the network that belong together by the settings (sites, domains), and what joins one of them with another.
//!
//! An area is a set of nodes. What lies in a node of an area lies in the area; what such an inner boundary lies in belongs to it
//! too, because its traffic passes there. Nothing here decides whether a joint is allowed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::graph::link::{Link, LinkKind};
use crate::graph::node::NodeKind;
use crate::graph::origin::OriginId;
use crate::graph::reach::{Departure, ReachSet};
use crate::graph::{Graph, LinkId, NodeId};

/// A named part of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its name, by the settings.
    pub name: String,
    /// The nodes that the settings name.
    pub members: BTreeSet<NodeId>,
}

/// What leads from some nodes of one area to some of another, or out of all of them: any of the ones is joined with any of the others.
#[derive(Debug, Clone)]
pub struct Crossing {
    /// The areas of both sides, as indexes; without any, that side is in none.
    pub areas: [BTreeSet<usize>; 2],
    /// The nodes on both sides. One node on both: it belongs to several areas.
    pub ends: [BTreeSet<NodeId>; 2],
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    /// One link, with what declares it.
    Link(LinkId, BTreeSet<OriginId>),
    /// The node itself, with what declares it.
    Shared(BTreeSet<OriginId>),
    /// Through hubs: the attachment of each node on the first side, and the ways to those on the second.
    Hubs(BTreeMap<NodeId, LinkId>, Arc<ReachSet>),
}

/// How one node gets to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// Hubs passed in between, in order.
    pub hubs: Vec<NodeId>,
    /// The links passed, in order; the graph may lack one that only tables know.
    pub links: Vec<LinkId>,
    /// The declarations that it follows from.
    pub origins: BTreeSet<OriginId>,
}

/// A link that is not documented to be encrypted.
#[derive(Debug, Clone, Copy)]
pub enum Bare<'g> {
    /// This one.
    Link(&'g Link),
    /// One that only tables know: nobody describes it.
    NotDescribed,
}

impl Crossing {
    /// Whether it joins two areas, and does not merely lead out of one.
    #[must_use]
    pub fn joins(&self) -> bool {
        self.areas.iter().all(|areas| !areas.is_empty())
    }

    /// The one link that it is, if it leads through no hub.
    #[must_use]
    pub fn direct_link(&self) -> Option<&LinkId> {
        match &self.how {
            How::Link(link, _) => Some(link),
            How::Shared(_) | How::Hubs(..) => None,
        }
    }

    /// How one node of the first side gets to one of the second.
    #[must_use]
    pub fn path(&self, from: &NodeId, to: &NodeId, graph: &Graph) -> Path {
        match &self.how {
            How::Link(link, origins) => Path {
                links: vec![link.clone()],
                origins: origins.clone(),
                ..Path::default()
            },
            How::Shared(origins) => Path {
                origins: origins.clone(),
                ..Path::default()
            },
            How::Hubs(attachments, reach) => {
                let attachment = attachments.get(from);
                let Some(way) = reach.ends.get(to) else {
                    return Path::default();
                };
                let mut origins = way.origins.clone();
                let described = attachment.and_then(|id| graph.link(id));
                origins.extend(described.iter().flat_map(|link| &link.origins));
                Path {
                    hubs: way.hubs.clone(),
                    links: attachment.into_iter().chain(&way.links).cloned().collect(),
                    origins,
                }
            }
        }
    }

    /// Two of its ends that are joined over a link, if some are.
    #[must_use]
    pub fn over(&self, link: &LinkId) -> Option<[&NodeId; 2]> {
        let [first, second] = &self.ends;
        let any = [first.first()?, second.first()?];
        match &self.how {
            How::Link(own, _) => (own == link).then_some(any),
            How::Shared(_) => None,
            How::Hubs(attachments, reach) => {
                let by_first = attachments.iter().find(|(_, own)| *own == link);
                let by_second = || {
                    let mut ends = second.iter();
                    ends.find(|end| {
                        reach
                            .ends
                            .get(*end)
                            .is_some_and(|way| way.links.contains(link))
                    })
                };
                by_first
                    .map(|(from, _)| [from, any[1]])
                    .or_else(|| Some([any[0], by_second()?]))
            }
        }
    }

    /// The same with fewer ends; `None`: nothing is left on a side.
    #[must_use]
    pub fn only(mut self, keeps: impl Fn(&NodeId) -> bool) -> Option<Self> {
        for side in &mut self.ends {
            side.retain(&keeps);
        }
        if let How::Hubs(attachments, _) = &mut self.how {
            attachments.retain(|from, _| self.ends[0].contains(from));
        }
        self.ends
            .iter()
            .all(|side| !side.is_empty())
            .then_some(self)
    }

    /// The parts of it that a link is on which is not documented to be encrypted, for any two of their ends.
    #[must_use]
    pub fn unencrypted(self, graph: &Graph) -> Vec<Self> {
        let is_bare = |id: &LinkId| {
            let link = graph.link(id);
            link.is_none_or(|link| !link.in_transit.protection.encrypts())
        };
        match self.how {
            How::Link(ref link, _) if is_bare(link) => vec![self],
            How::Link(..) | How::Shared(_) => Vec::new(),
            How::Hubs(attachments, reach) => {
                let [_, second] = self.ends;
                let part = |attachments: BTreeMap<NodeId, LinkId>, second| Self {
                    areas: self.areas.clone(),
                    ends: [attachments.keys().cloned().collect(), second],
                    how: How::Hubs(attachments, reach.clone()),
                };
                let bare_ends = second.iter().filter(|end| {
                    let way = reach.ends.get(*end);
                    way.is_some_and(|way| way.links.iter().any(is_bare))
                });
                let bare_ends: BTreeSet<NodeId> = bare_ends.cloned().collect();
                let (bare, encrypted) = attachments
                    .into_iter()
                    .partition(|(_, attachment)| is_bare(attachment));
                let parts = [part(bare, second), part(encrypted, bare_ends)];
                let parts = parts.into_iter();
                parts
                    .filter(|part| part.ends.iter().all(|side| !side.is_empty()))
                    .collect()
            }
        }
    }
}

impl Path {
    /// The first link of it that is not documented to be encrypted.
    #[must_use]
    pub fn bare<'g>(&self, graph: &'g Graph) -> Option<Bare<'g>> {
        self.links.iter().find_map(|id| match graph.link(id) {
            None => Some(Bare::NotDescribed),
            Some(link) if !link.in_transit.protection.encrypts() => Some(Bare::Link(link)),
            Some(_) => None,
        })
    }
}

/// One set of ends that some attachments reach, with these by the areas they start in.
type Class<'d> = (
    &'d Arc<ReachSet>,
    BTreeMap<&'d BTreeSet<usize>, Vec<(&'d NodeId, &'d LinkId)>>,
);

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
        let all: Vec<&BTreeSet<usize>> = around.filter_map(|node| self.of.get(&node.id)).collect();
        // A cluster belongs to the areas of all its namespaces, what lies in one of them to that one's.
        let shared = all.iter().copied().cloned();
        let shared = shared
            .reduce(|one, other| &one & &other)
            .unwrap_or_default();
        if shared.is_empty() {
            all.into_iter().flatten().copied().collect()
        } else {
            shared
        }
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
                    ends: ends.map(|end| BTreeSet::from([end.id.clone()])),
                    areas,
                    how: How::Link(link.id.clone(), link.origins.clone()),
                });
            }
        }
        crossings
    }

    /// What hubs lead from one area to another. All that reach the same are one, so that a hub with many attachments costs no pair of
    /// them.
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
        // In the order of departures, so that the same input gives the same bytes.
        let mut classes: Vec<Class<'_>> = Vec::new();
        let mut known: HashMap<*const ReachSet, usize> = HashMap::new();
        for departure in departures {
            let Some(own) = terminals.get(&departure.from) else {
                continue;
            };
            let index = *known
                .entry(Arc::as_ptr(&departure.reach))
                .or_insert_with(|| {
                    classes.push((&departure.reach, BTreeMap::new()));
                    classes.len() - 1
                });
            let starts = classes[index].1.entry(own).or_default();
            starts.push((&departure.from, &departure.attachment));
        }
        let mut crossings = Vec::new();
        for (reach, starts) in classes {
            let mut ends: BTreeMap<&BTreeSet<usize>, BTreeSet<NodeId>> = BTreeMap::new();
            for end in reach.ends.keys() {
                if let Some(areas) = terminals.get(end) {
                    ends.entry(areas).or_default().insert(end.clone());
                }
            }
            for (own, starts) in &starts {
                for (areas, ends) in &ends {
                    if own.is_disjoint(areas) {
                        crossings.extend(self.of_class(reach, (own, starts), (areas, ends)));
                    }
                }
            }
        }
        crossings
    }

    /// What some attachments of one class lead to. A node with several of them makes a crossing for each.
    fn of_class(
        &self,
        reach: &Arc<ReachSet>,
        (own, starts): (&BTreeSet<usize>, &[(&NodeId, &LinkId)]),
        (areas, ends): (&BTreeSet<usize>, &BTreeSet<NodeId>),
    ) -> Vec<Crossing> {
        let mut rounds: Vec<BTreeMap<NodeId, LinkId>> = Vec::new();
        let mut seen: BTreeMap<&NodeId, usize> = BTreeMap::new();
        for (from, attachment) in starts {
            let round = seen.entry(from).or_default();
            if rounds.len() == *round {
                rounds.push(BTreeMap::new());
            }
            rounds[*round].insert((*from).clone(), (*attachment).clone());
            *round += 1;
        }
        let crossings = rounds.into_iter().map(|attachments| Crossing {
            areas: [own.clone(), areas.clone()],
            ends: [attachments.keys().cloned().collect(), ends.clone()],
            how: How::Hubs(attachments, reach.clone()),
        });
        crossings.collect()
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
                        ends: [BTreeSet::from([id.clone()]), BTreeSet::from([id.clone()])],
                        how: How::Shared(node.origins.clone()),
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
    use crate::graph::node::Forwards;
    use crate::graph::protection::Protection;
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
                let mut ends: Vec<String> = one.ends.iter().flatten().map(name).collect();
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

    /// Two sites of some networks each, all attached to one hub.
    fn behind_one_hub(of_each: usize, protection: Protection) -> (Graph, Vec<Area>) {
        let mut pieces = vec![hub_forwarding("t", Forwards::Everywhere)];
        let mut sites = Vec::new();
        for (site, octet) in [("oslo", 1), ("bergen", 2)] {
            let names: Vec<String> = (0..of_each)
                .map(|index| format!("{site}-{index}"))
                .collect();
            for (index, name) in names.iter().enumerate() {
                let prefix = format!("10.{octet}.{}.{}/30", index / 64, index % 64 * 4);
                pieces.push(network(name, [prefix.as_str()]));
                pieces.push(attach(name, "t").protected(protection));
            }
            sites.push((site, names));
        }
        let graph = graph(&pieces);
        let sites = sites.into_iter().map(|(site, names)| Area {
            name: site.to_owned(),
            members: names.iter().map(|name| network_id(name)).collect(),
        });
        (graph, sites.collect())
    }

    #[test]
    fn what_a_hub_joins_costs_by_its_ends_and_not_by_their_pairs() {
        let (graph, sites) = behind_one_hub(400, Protection::Unknown);
        let crossings = Areas::new(&graph, &sites).through_hubs(&graph.departures());
        let ends: Vec<[usize; 2]> = crossings
            .iter()
            .map(|one| one.ends.each_ref().map(BTreeSet::len))
            .collect();
        assert_eq!(ends, [[400, 400], [400, 400]]);
        let bare: usize = crossings
            .into_iter()
            .map(|one| one.unencrypted(&graph).len())
            .sum();
        assert_eq!(bare, 2);
    }

    #[test]
    fn only_what_an_unencrypted_link_leads_to_counts_as_unencrypted() {
        let (graph, sites) = behind_one_hub(3, Protection::Provider);
        let all = |graph: &Graph| {
            let areas = Areas::new(graph, &sites);
            let crossings = areas.through_hubs(&graph.departures()).into_iter();
            let bare = crossings.flat_map(|one| one.unencrypted(graph));
            bare.map(|one| one.ends.each_ref().map(BTreeSet::len))
                .collect::<Vec<_>>()
        };
        assert!(all(&graph).is_empty());
        // One attachment in the clear: it is the way from one network, and to it.
        let mut pieces = vec![hub_forwarding("t", Forwards::Everywhere)];
        for (name, prefix, protection) in [
            ("oslo-0", "10.1.0.0/30", Protection::None),
            ("oslo-1", "10.1.0.4/30", Protection::Provider),
            ("bergen-0", "10.2.0.0/30", Protection::Provider),
            ("bergen-1", "10.2.0.4/30", Protection::Provider),
        ] {
            pieces.push(network(name, [prefix]));
            pieces.push(attach(name, "t").protected(protection));
        }
        let graph = self::graph(&pieces);
        let mut bare = all(&graph);
        bare.sort_unstable();
        assert_eq!(bare, [[1, 2], [2, 1]]);
    }

    #[test]
    fn what_lies_in_a_namespace_is_of_its_area_and_not_of_all_that_its_cluster_has() {
        let graph = graph(&[
            network("n", ["10.1.0.0/16"]),
            cluster("c", "n"),
            namespace("payments", "c"),
            namespace("catalogue", "c"),
            namespace("ledger", "payments"),
        ]);
        let areas = areas(&graph, &[("p", &["payments"]), ("c", &["catalogue"])]);
        let areas = Areas::new(&graph, &areas);
        let of = |name: &str| {
            let mut nodes = graph.nodes();
            let node = nodes.find(|node| node.display_name() == name).unwrap();
            areas.of(&node.id)
        };
        assert_eq!(of("ledger"), BTreeSet::from([0]));
        assert_eq!(of("c"), BTreeSet::from([0, 1]));
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
