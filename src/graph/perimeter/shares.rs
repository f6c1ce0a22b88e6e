//! Who shares what with whom: members, accounts, services.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::super::identity::{BoundaryId, LinkId};
use super::super::link::LinkKind;
use super::super::node::{Node, NodeKind, SetProperty};

use super::{Fact, FactKind, Survey, fact};

impl<'a> Survey<'a> {
    /// A share joins resources and principals: every principal gets every resource.
    pub(super) fn shares(&mut self) {
        for node in self.graph.nodes() {
            let Some(index) = self.graph.index(&node.id) else {
                continue;
            };
            let linked = self.graph.links_at(index);
            let sharing = linked
                .iter()
                .filter(|(edge, _)| self.graph.inner[*edge].kind == LinkKind::Sharing);
            let (principals, resources): (Vec<_>, Vec<_>) =
                sharing.partition(|(_, far)| self.node(*far).kind == NodeKind::External);
            match node.kind {
                NodeKind::Share => {
                    for (share_edge, resource) in &resources {
                        for (principal_edge, principal) in &principals {
                            self.share(*resource, *principal, [*share_edge, *principal_edge]);
                        }
                    }
                }
                NodeKind::Service => self.service(node, index, &principals),
                NodeKind::ServicePerimeter => self.members(node, index),
                NodeKind::Account => self.account(node, index),
                NodeKind::Network | NodeKind::Subnet | NodeKind::Hub | NodeKind::Other => {
                    for (edge, principal) in &principals {
                        self.share(index, *principal, [*edge, *edge]);
                    }
                }
                _ => {}
            }
        }
    }

    /// A service perimeter and what it is drawn around: its rules hold of both.
    pub(super) fn members(&mut self, perimeter: &Node, index: NodeIndex) {
        let name = format!("{} {}", perimeter.role, perimeter.display_name());
        let rules: BTreeMap<String, SetProperty> = perimeter
            .properties
            .iter()
            .map(|(rule, set)| (format!("{rule} of {name}"), set.clone()))
            .collect();
        for (edge, member) in self.graph.links_at(index) {
            let link = &self.graph.inner[edge];
            if link.kind != LinkKind::Sharing {
                continue;
            }
            let member_node = self.node(member);
            let terms: BTreeMap<String, SetProperty> = link
                .properties
                .iter()
                .map(|(rule, set)| (format!("{rule} of {name}"), set.clone()))
                .collect();
            self.properties(&BoundaryId::Node(member_node.id.clone()), &terms);
            let sides = [
                (perimeter, format!("holds {}", member_node.display_name())),
                (member_node, format!("is in {name}")),
            ];
            for (bearer, words) in sides {
                let about = format!("{} in {}", member_node.id, perimeter.id);
                let boundary = BoundaryId::Node(bearer.id.clone());
                let fact = fact(words, &link.origins);
                self.state(boundary, FactKind::Sharing, about, fact);
            }
            self.properties(&BoundaryId::Node(member_node.id.clone()), &rules);
        }
    }

    /// An account that lets others into its networks.
    pub(super) fn account(&mut self, account: &Node, index: NodeIndex) {
        for (edge, guest) in self.graph.links_at(index) {
            let link = &self.graph.inner[edge];
            let is_host = self
                .graph
                .ends(&link.id)
                .is_some_and(|[host, _]| host.id == account.id);
            if link.kind != LinkKind::Sharing || !is_host {
                continue;
            }
            let guest = self.node(guest);
            let words = format!("is shared with {} {}", guest.role, guest.display_name());
            let mut bearers = self.graph.networks_of_account(account);
            if bearers.is_empty() {
                bearers.push(account);
            }
            for bearer in bearers {
                let about = format!("{} with {}", account.id, guest.id);
                let boundary = BoundaryId::Node(bearer.id.clone());
                let shared = fact(words.clone(), &link.origins);
                self.state(boundary, FactKind::Sharing, about, shared);
            }
        }
    }

    pub(super) fn share(
        &mut self,
        resource: NodeIndex,
        principal: NodeIndex,
        edges: [EdgeIndex; 2],
    ) {
        let (resource_node, principal_node) = (self.node(resource), self.node(principal));
        let mut bearers = self.bearers(resource);
        // What is attached to a shared hub is within reach of whoever it is shared with.
        let mut attachments: BTreeMap<NodeIndex, LinkId> = BTreeMap::new();
        if resource_node.kind == NodeKind::Hub {
            for (edge, far) in self.graph.links_at(resource) {
                if self.node(far).kind == NodeKind::Network {
                    attachments.insert(far, self.graph.inner[edge].id.clone());
                }
            }
            bearers.extend(attachments.keys());
        }
        let origins = edges
            .iter()
            .flat_map(|&edge| self.graph.inner[edge].origins.iter().copied())
            .collect();
        let words = format!(
            "shares {} {} with {}",
            resource_node.role,
            resource_node.display_name(),
            party_words(&principal_node.display_name())
        );
        let itself = format!(
            "is shared with {}",
            party_words(&principal_node.display_name())
        );
        for bearer in bearers {
            let about = format!("{} with {}", resource_node.id, principal_node.id);
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            let words = if bearer == resource { &itself } else { &words };
            let shared = Fact {
                links: attachments.get(&bearer).cloned().into_iter().collect(),
                ..fact(words.clone(), &origins)
            };
            self.state(boundary, FactKind::Sharing, about, shared);
        }
    }

    pub(super) fn service(
        &mut self,
        node: &Node,
        index: NodeIndex,
        principals: &[(EdgeIndex, NodeIndex)],
    ) {
        for bearer in self.bearers(index) {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            for (edge, principal) in principals {
                let principal = self.node(*principal);
                let words = format!(
                    "offers private endpoints of {} to {}",
                    node.display_name(),
                    principal.display_name()
                );
                let offered = fact(words, &self.graph.inner[*edge].origins);
                let about = format!("{} to {}", node.id, principal.id);
                self.state(boundary.clone(), FactKind::PrivateEndpoint, about, offered);
            }
            for (name, set) in node.properties.iter().filter(|(_, set)| set.is_fact) {
                let value = set
                    .value
                    .known()
                    .unwrap_or("(known after apply)")
                    .to_owned();
                let words = format!(
                    "offers {} with {} = {value}",
                    node.display_name(),
                    name.replace('_', " ")
                );
                let fact = Fact {
                    value,
                    ..fact(words, &BTreeSet::from([set.origin]))
                };
                self.state(
                    boundary.clone(),
                    FactKind::PrivateEndpoint,
                    format!("{} {name}", node.id),
                    fact,
                );
            }
        }
    }
}

/// Who a share is with, as a person says it: an account by its number.
fn party_words(name: &str) -> String {
    match name.split_once('/') {
        Some(("account", number)) => format!("account {number}"),
        _ => name.to_owned(),
    }
}
