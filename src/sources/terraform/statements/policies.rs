//! Blocks whose meaning is a policy of its own language.

use crate::catalog::schema::{InTransitRow, ManagerPiece, PolicyStatement};
use crate::graph::node::NodeKind;
use crate::value::Value;

use super::super::cloud_wan;
use super::super::network_manager::{AppliedGroup, Content, Piece};
use super::super::paths::leaves;

use super::nodes::opens;
use super::{Policies, Side};

impl Side<'_, '_> {
    /// What a resource is to a network manager. Its attributes are those of the one provider that has such a thing.
    pub(super) fn manager_piece(
        &mut self,
        piece: ManagerPiece,
        statement: &PolicyStatement,
    ) -> Piece {
        let content = match piece {
            ManagerPiece::Group => Content::Group,
            ManagerPiece::Member => Content::Member {
                group: self.references("network_group_id", NodeKind::Other, None),
                network: self.references("target_virtual_network_id", NodeKind::Network, None),
            },
            ManagerPiece::Configuration => self.configuration(&statement.in_transit),
            ManagerPiece::Deployment => Content::Deployment {
                region: self.place(None).region,
                access: self.first_text(&["scope_access".to_owned()]),
                configurations: self.references("configuration_ids", NodeKind::Other, None),
            },
        };
        Piece {
            keys: self.keys(&[]),
            name: self.name(),
            content,
            origin: self.origin,
        }
    }

    pub(super) fn configuration(&mut self, in_transit: &[InTransitRow]) -> Content {
        let blocks: Vec<Value> = leaves(self.values, "applies_to_group")
            .into_iter()
            .cloned()
            .collect();
        let count = blocks.len();
        let mut groups = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let group = [block.member("network_group_id").clone()];
            let path = "applies_to_group.network_group_id";
            let is = |name: &str| opens(block, name, "true");
            groups.push(AppliedGroup {
                group: self.references_of(&group, path, NodeKind::Other, Some((index, count))),
                is_meshed: opens(block, "group_connectivity", "DirectlyConnected"),
                is_global: is("global_mesh_enabled"),
                uses_hub_gateway: is("use_hub_gateway"),
            });
        }
        Content::Configuration {
            is_mesh: opens(self.values, "connectivity_topology", "Mesh"),
            is_global: opens(self.values, "global_mesh_enabled", "true"),
            hub: self.references("hub.resource_id", NodeKind::Network, None),
            groups,
            protection: self.protection(in_transit),
        }
    }

    pub(super) fn policy(&mut self, statement: &PolicyStatement, policies: &mut Policies) {
        if let Some(piece) = statement.piece {
            let piece = self.manager_piece(piece, statement);
            policies.manager.push(piece);
            return;
        }
        let policies = &mut policies.core_networks;
        let document = leaves(self.values, &statement.document)
            .into_iter()
            .next()
            .cloned();
        let Some(hub) = self
            .references(&statement.hub, NodeKind::Hub, None)
            .into_iter()
            .next()
        else {
            return;
        };
        let is_base = statement.hub == "self";
        match document {
            Some(Value::Text(text)) if !text.is_empty() => policies.push(cloud_wan::Policy {
                hub,
                document: Some(text),
                is_base,
                address: self.resource.address.to_string(),
                origin: self.origin,
            }),
            Some(Value::Unknown | Value::Sensitive(_)) => policies.push(cloud_wan::Policy {
                hub,
                document: None,
                is_base,
                address: self.resource.address.to_string(),
                origin: self.origin,
            }),
            _ => {}
        }
    }
}
