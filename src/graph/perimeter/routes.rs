//! What route tables tell: which carry traffic for whom, and through which doors.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::super::identity::{BoundaryId, LinkId, NodeId};
use super::super::link::LinkKind;
use super::super::node::{Node, NodeKind, Opens};
use super::super::origin::OriginId;
use super::super::table::{Destination, Member, Target};

use super::{Fact, FactKind, Survey, fact};

impl Survey<'_> {
    /// Subnets (and the table itself, where subnets outside the input may use it) in which each table takes effect.
    pub(super) fn carriers(&self) -> BTreeMap<NodeIndex, BTreeSet<NodeId>> {
        let mut carriers: BTreeMap<NodeIndex, BTreeSet<NodeId>> = BTreeMap::new();
        for (&network, &main) in &self.graph.main_tables {
            let slot = carriers.entry(main).or_default();
            slot.insert(self.node(network).id.clone());
        }
        for node in self
            .graph
            .nodes()
            .filter(|node| node.kind == NodeKind::Subnet)
        {
            let Some(index) = self.graph.index(&node.id) else {
                continue;
            };
            let own = self.graph.associated.get(&Member::Node(index));
            let tables: BTreeSet<NodeIndex> = match own {
                Some(tables) => tables.clone(),
                None => self
                    .graph
                    .network_indices(index)
                    .iter()
                    .filter_map(|network| self.graph.main_tables.get(network).copied())
                    .collect(),
            };
            for table in tables {
                carriers.entry(table).or_default().insert(node.id.clone());
            }
        }
        for (&table, content) in &self.graph.tables {
            let slot = carriers.entry(table).or_default();
            if slot.is_empty() && content.associations.is_empty() {
                slot.insert(self.node(table).id.clone());
            }
        }
        carriers
    }

    /// Of the carriers of a table that several networks use, those that are not in another one.
    pub(super) fn carriers_in(
        &self,
        network: NodeIndex,
        carriers: &BTreeSet<NodeId>,
    ) -> BTreeSet<NodeId> {
        let is_elsewhere = |carrier: &NodeId| {
            let Some(index) = self.graph.index(carrier) else {
                return false;
            };
            let networks = self.graph.network_indices(index);
            self.node(index).kind != NodeKind::RouteTable
                && !networks.is_empty()
                && !networks.contains(&network)
        };
        let ours = carriers.iter().filter(|carrier| !is_elsewhere(carrier));
        ours.cloned().collect()
    }

    pub(super) fn routes(&mut self) {
        let carriers = self.carriers();
        for (&table, content) in &self.graph.tables {
            let networks = self.table_bearers(table);
            let everywhere = carriers.get(&table).cloned().unwrap_or_default();
            let carriers: BTreeMap<NodeIndex, BTreeSet<NodeId>> = networks
                .iter()
                .map(|&network| (network, self.carriers_in(network, &everywhere)))
                .collect();
            for route in &content.routes {
                let origins = route.origins.iter().copied().collect();
                for (&network, carriers) in &carriers {
                    self.route(
                        network,
                        &route.destination,
                        route.target,
                        carriers,
                        &origins,
                    );
                }
            }
            for (member, origin) in &content.propagations {
                let Member::Node(hub) = *member else { continue };
                let learned = Destination::Named("whatever it learns".to_owned());
                for (&network, carriers) in &carriers {
                    self.route(
                        network,
                        &learned,
                        Target::Node(hub),
                        carriers,
                        &BTreeSet::from([*origin]),
                    );
                }
            }
        }
        for link in self
            .graph
            .links()
            .filter(|link| link.kind == LinkKind::Door)
        {
            let Some([first, second]) = self.graph.ends(&link.id) else {
                continue;
            };
            let (network, gateway) = if first.kind == NodeKind::Gateway {
                (second, first)
            } else {
                (first, second)
            };
            let Some(network) = self.graph.index(&network.id) else {
                continue;
            };
            self.door(
                network,
                gateway,
                "attached",
                "is attached to",
                &BTreeSet::new(),
                &link.origins,
            );
        }
    }

    pub(super) fn route(
        &mut self,
        network: NodeIndex,
        destination: &Destination,
        target: Target,
        carriers: &BTreeSet<NodeId>,
        origins: &BTreeSet<OriginId>,
    ) {
        let (toward, name, links, hub) = match target {
            Target::Blackhole => return,
            Target::Node(index) => {
                let node = self.node(index);
                if node.opens.is_some() {
                    self.door(network, node, "routed", "routes to", carriers, origins);
                    return;
                }
                let hub = (node.kind == NodeKind::Hub).then(|| node.id.clone());
                (
                    node.id.to_string(),
                    format!("{} {}", node.role, node.display_name())
                        .trim_start()
                        .to_owned(),
                    Vec::new(),
                    hub,
                )
            }
            Target::Link(edge) => self.link_target(edge),
        };
        let fact = Fact {
            links,
            hub,
            carriers: carriers.clone(),
            ..fact(format!("routes {destination} to {name}"), origins)
        };
        let boundary = BoundaryId::Node(self.node(network).id.clone());
        self.state(
            boundary,
            FactKind::Route,
            format!("{destination} -> {toward}"),
            fact,
        );
    }

    pub(super) fn link_target(
        &self,
        edge: EdgeIndex,
    ) -> (String, String, Vec<LinkId>, Option<NodeId>) {
        let link = &self.graph.inner[edge];
        let name = format!("{} {}", link.role, link.display_name());
        (link.id.to_string(), name, vec![link.id.clone()], None)
    }

    pub(super) fn door(
        &mut self,
        network: NodeIndex,
        gateway: &Node,
        level: &str,
        verb: &str,
        carriers: &BTreeSet<NodeId>,
        origins: &BTreeSet<OriginId>,
    ) {
        let kind = match gateway.opens {
            Some(Opens::BothWays) | None => FactKind::Exposure,
            Some(Opens::Egress) => FactKind::Egress,
        };
        // The kind of door counts, not which one: a gateway replaced by its like opens nothing new.
        let fact = Fact {
            value: level.to_owned(),
            carriers: carriers.clone(),
            ..fact(
                format!("{verb} the internet through its {}", gateway.role),
                origins,
            )
        };
        let boundary = BoundaryId::Node(self.node(network).id.clone());
        self.state(boundary, kind, gateway.role.clone(), fact);
    }
}
