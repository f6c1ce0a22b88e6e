//! Route tables: their routes, and who uses them.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::super::fragment::{AssociationRole, DestinationDeclaration};
use super::super::identity::{Key, Reference};
use super::super::link::{Link, LinkKind, LinkState, link_id};
use super::super::node::{NodeKind, Place, Standing};
use super::super::snapshot::Item;
use super::super::table::{Destination, Member, Route, Target};

use super::{Assembly, parse_prefix};

impl Assembly {
    pub(super) fn table_index(&mut self, reference: &Reference) -> NodeIndex {
        self.find_or_make(
            reference,
            NodeKind::RouteTable,
            "route table",
            &Place::default(),
        )
    }

    pub(super) fn add_route(&mut self, route: super::super::fragment::RouteDeclaration) {
        let table = self.table_index(&route.table);
        let targets: Vec<Target> = match &route.target {
            None => vec![Target::Blackhole],
            Some((reference, kind)) => self
                .members(table, reference, *kind)
                .into_iter()
                .map(|member| match member {
                    Member::Node(index) => Target::Node(index),
                    Member::Link(index) => Target::Link(index),
                })
                .collect(),
        };
        let mut origins = vec![route.origin];
        let destinations = match route.destination {
            DestinationDeclaration::Unknown => vec![Destination::Unknown],
            DestinationDeclaration::Prefix(text) => vec![parse_prefix(&text)],
            DestinationDeclaration::List(reference) => {
                let list = self.find_or_make(
                    &reference,
                    NodeKind::PrefixList,
                    "prefix list",
                    &Place::default(),
                );
                let node = &self.graph.inner[list];
                origins.extend(&node.origins);
                origins.extend(&node.address_space.origins);
                let named = Destination::Named(node.display_name());
                let prefixes = &node.address_space.prefixes;
                let unknown = node.address_space.partly_unknown || prefixes.is_empty();
                let known = prefixes.iter().copied().map(Destination::Prefix);
                known.chain(unknown.then_some(named)).collect()
            }
        };
        let table = self.graph.tables.entry(table).or_default();
        for destination in destinations {
            for &target in &targets {
                table.routes.push(Route {
                    destination: destination.clone(),
                    target,
                    origins: origins.clone(),
                });
            }
        }
    }

    /// What a reference in a table means, where both nodes and links may stand.
    pub(super) fn members(
        &mut self,
        table: NodeIndex,
        reference: &Reference,
        kind: NodeKind,
    ) -> Vec<Member> {
        match reference {
            Reference::To(key) => {
                if let Some(Item::Link(index)) = self.graph.by_key.get(key) {
                    return vec![Member::Link(*index)];
                }
            }
            Reference::OneOf(keys) => {
                let is_link = |key| matches!(self.graph.by_key.get(key), Some(Item::Link(_)));
                if keys.iter().any(is_link) {
                    let each = keys.iter().cloned().map(Reference::To);
                    let all = each.flat_map(|key| self.members(table, &key, kind));
                    return all.collect();
                }
            }
            Reference::Unresolved { .. } => {
                let hub = self.hub_of(table);
                let newborn = hub.map_or_else(Vec::new, |hub| self.newborn_attachments(hub));
                if !newborn.is_empty() {
                    return newborn;
                }
            }
        }
        if let Some(hub) = self.hub_of(table) {
            return vec![self.attachment_or_node(hub, reference)];
        }
        vec![Member::Node(self.find_or_make(
            reference,
            kind,
            "attachment",
            &Place::default(),
        ))]
    }

    /// The attachments of a hub that are yet to be made: what a table calls by an identifier known only after apply.
    pub(super) fn newborn_attachments(&self, hub: NodeIndex) -> Vec<Member> {
        let links = self.graph.links_at(hub).into_iter();
        links
            .filter(|(edge, _)| {
                let keys = &self.graph.inner[*edge].keys;
                !keys.is_empty() && !keys.iter().any(|key| matches!(key, Key::Provider(_)))
            })
            .map(|(edge, _)| Member::Link(edge))
            .collect()
    }

    /// The hub that a table belongs to.
    pub(super) fn hub_of(&self, table: NodeIndex) -> Option<NodeIndex> {
        let parents = self.graph.within.get(table.index())?;
        let is_hub = |&&index: &&NodeIndex| self.graph.inner[index].kind == NodeKind::Hub;
        parents.iter().find(is_hub).copied()
    }

    /// An attachment that only the tables of a hub speak of leads to something that nobody describes.
    pub(super) fn attachment_or_node(&mut self, hub: NodeIndex, reference: &Reference) -> Member {
        let far = self.find_or_make(
            reference,
            NodeKind::Network,
            "attachment",
            &Place::default(),
        );
        if self.graph.inner[far].standing == Standing::Described {
            return Member::Node(far);
        }
        let kind = LinkKind::Attachment;
        let id = link_id(kind, &self.graph.inner[far].id, &self.graph.inner[hub].id);
        let index = match self.graph.links_by_id.get(&id) {
            Some(&index) => index,
            None => {
                let link = Link {
                    id: id.clone(),
                    kind,
                    role: "attachment".to_owned(),
                    name: None,
                    keys: self.graph.inner[far].keys.clone(),
                    state: LinkState::Effective,
                    in_transit: super::super::protection::InTransit::unknown(),
                    protection_origins: BTreeSet::new(),
                    carrier: None,
                    properties: BTreeMap::new(),
                    joins_default: (None, None),
                    dynamic_prefixes: false,
                    halves: BTreeMap::new(),
                    over: None,
                    origins: BTreeSet::new(),
                };
                let index = self.graph.inner.add_edge(far, hub, link);
                self.graph.links_by_id.insert(id, index);
                index
            }
        };
        Member::Link(index)
    }

    pub(super) fn associate(
        &mut self,
        association: super::super::fragment::AssociationDeclaration,
    ) {
        let table = self.table_index(&association.table);
        let kind = match association.role {
            AssociationRole::Uses => NodeKind::Subnet,
            AssociationRole::Main => NodeKind::Network,
            AssociationRole::DefaultAssociation | AssociationRole::DefaultPropagation => {
                NodeKind::Hub
            }
            AssociationRole::Feeds => NodeKind::Other,
        };
        self.graph
            .tables
            .entry(table)
            .or_default()
            .origins
            .insert(association.origin);
        for member in self.members(table, &association.member, kind) {
            self.associate_member(table, member, &association);
        }
    }

    pub(super) fn associate_member(
        &mut self,
        table: NodeIndex,
        member: Member,
        association: &super::super::fragment::AssociationDeclaration,
    ) {
        match (association.role, member) {
            (AssociationRole::Uses, _) => {
                if let Member::Node(user) = member
                    && self.hub_of(table).is_none()
                {
                    // A table that nothing places lies where it is used.
                    for network in self.graph.network_indices(user) {
                        self.contain(table, network);
                    }
                }
                let entry = self.graph.tables.entry(table).or_default();
                entry.associations.push((member, association.origin));
            }
            (AssociationRole::Feeds, _) => {
                let entry = self.graph.tables.entry(table).or_default();
                entry.propagations.push((member, association.origin));
            }
            (AssociationRole::Main, Member::Node(network)) => {
                self.graph.main_tables.insert(network, table);
                self.graph.main_origins.insert(network, association.origin);
                self.contain(table, network);
            }
            (AssociationRole::DefaultAssociation, Member::Node(hub)) => {
                self.graph.default_association.insert(hub, table);
            }
            (AssociationRole::DefaultPropagation, Member::Node(hub)) => {
                self.graph.default_propagation.insert(hub, table);
            }
            (_, Member::Link(_)) => {}
        }
    }
}
