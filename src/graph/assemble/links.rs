//! Joining nodes by links: which ends a declaration means, and which declarations are one link.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::super::fragment::{End, LinkDeclaration};
use super::super::identity::{Key, NodeId, Reference};
use super::super::link::{Link, LinkKind, LinkState, link_id};
use super::super::node::{NodeKind, Place, Standing};
use super::super::protection::{Setting, decide, deciding_origins};
use super::super::snapshot::Item;
use super::super::table::Target;

use super::Assembly;

impl Assembly {
    pub(super) fn join(
        &mut self,
        group: LinkGroup,
        properties: &HashMap<Key, Vec<super::super::fragment::PropertyDeclaration>>,
    ) {
        let Some(first) = group.declarations.first() else {
            return;
        };
        let kind = first.kind;
        let ends = [0, 1].map(|side| {
            let sides: Vec<&End> = group
                .declarations
                .iter()
                .map(|one| &one.ends[side])
                .collect();
            let best = sides
                .iter()
                .copied()
                .find(|end| matches!(end.reference, Reference::To(_)))
                .or_else(|| {
                    sides
                        .iter()
                        .copied()
                        .find(|end| matches!(end.reference, Reference::OneOf(_)))
                })
                .or_else(|| sides.first().copied());
            let mut place = Place::default();
            for end in &sides {
                place.fill_from(&end.place);
            }
            best.map(|end| (end, place))
        });
        let [Some(near), Some(far)] = ends else {
            return;
        };
        let [near, far] = [near, far].map(|(end, place)| {
            let around = end.around.then(|| self.around(end)).flatten();
            around.unwrap_or_else(|| self.find_or_make(&end.reference, end.kind, &end.role, &place))
        });
        let [near, far] = [near, far].map(|end| self.network_of_subnet(end));
        let [near, far] = if near == far {
            let Some(ends) = self.told_apart(near) else {
                return;
            };
            ends
        } else {
            [near, far]
        };
        let carrier = group
            .declarations
            .iter()
            .find_map(|one| one.carrier.clone())
            .map(|reference| {
                self.find_or_make(&reference, NodeKind::External, "line", &Place::default())
            });
        let made_by = self.graph.inner[near].id.clone();
        let is_half = group.declarations.iter().any(|one| one.half.is_some());
        // The halves of a link are of one link, whichever end each begins with.
        let [near, far] = if is_half && self.graph.inner[near].id > self.graph.inner[far].id {
            [far, near]
        } else {
            [near, far]
        };
        let nodes = [&self.graph.inner[near], &self.graph.inner[far]];
        let carrier = carrier.map(|index| &self.graph.inner[index]);
        let around = self.graph.all_around([near, far]);
        let setting = Setting {
            ends: nodes,
            carrier,
            around: &around,
        };
        let protection_origins = group
            .declarations
            .iter()
            .flat_map(|one| deciding_origins(&one.protection, setting))
            .collect();
        let in_transit = group
            .declarations
            .iter()
            .filter(|one| !one.protection.is_empty())
            .map(|one| decide(&one.protection, setting))
            .max()
            .unwrap_or_else(super::super::protection::InTransit::unknown);
        let id = link_id(kind, &nodes[0].id, &nodes[1].id);
        let mut link = Link {
            id: id.clone(),
            kind,
            role: first.role.clone(),
            name: group.declarations.iter().find_map(|one| one.name.clone()),
            keys: group.keys.clone(),
            state: LinkState::Offered,
            in_transit,
            protection_origins,
            carrier: carrier.map(|node| node.id.clone()),
            properties: BTreeMap::new(),
            joins_default: (None, None),
            dynamic_prefixes: false,
            halves: BTreeMap::new(),
            over: None,
            origins: BTreeSet::new(),
        };
        let [near_id, far_id] = nodes.map(|node| node.id.clone());
        for declaration in group.declarations {
            if let Some(half) = declaration.half {
                let known = link.halves.entry(made_by.clone()).or_default();
                *known = known.or(half);
            }
            link.state = link.state.max(declaration.state);
            link.joins_default.0 = link.joins_default.0.or(declaration.joins_default.0);
            link.joins_default.1 = link.joins_default.1.or(declaration.joins_default.1);
            link.dynamic_prefixes |= declaration.dynamic_prefixes;
            link.origins.insert(declaration.origin);
            link.properties.extend(declaration.properties);
        }
        for declaration in group
            .keys
            .iter()
            .filter_map(|key| properties.get(key))
            .flatten()
        {
            link.properties.extend(declaration.properties.clone());
        }
        let index = match self.graph.links_by_id.get(&id) {
            Some(&index) => {
                let known = &mut self.graph.inner[index];
                merge_parallel(known, link);
                if [near_id, far_id]
                    .iter()
                    .all(|end| known.halves.contains_key(end))
                {
                    known.state = LinkState::Effective;
                }
                index
            }
            None => {
                let index = self.graph.inner.add_edge(near, far, link);
                self.graph.links_by_id.insert(id, index);
                index
            }
        };
        for key in group.keys {
            // A data source may describe a line end both as a node and as a link; the link is what routes mean.
            self.graph.by_key.entry(key).or_insert(Item::Link(index));
        }
    }

    /// A described or known subnet stands for the network it lies in: that is what a link joins.
    pub(super) fn network_of_subnet(&self, index: NodeIndex) -> NodeIndex {
        if self.graph.inner[index].kind != NodeKind::Subnet {
            return index;
        }
        let networks = self.graph.network_indices(index);
        match (networks.len(), networks.first()) {
            (1, Some(only)) => *only,
            _ => index,
        }
    }

    /// What the thing that an end names is part of: the first end of a link, or what a node lies in.
    pub(super) fn around(&self, end: &End) -> Option<NodeIndex> {
        let Reference::To(key) = &end.reference else {
            return None;
        };
        let is_wanted = |index: &NodeIndex| self.graph.inner[*index].kind == end.kind;
        match self.graph.by_key.get(key)? {
            Item::Link(edge) => {
                let (first, second) = self.graph.inner.edge_endpoints(*edge)?;
                [first, second].into_iter().find(is_wanted)
            }
            Item::Node(index) if end.kind == NodeKind::Network => {
                let networks = self.graph.network_indices(*index);
                networks.first().copied().filter(|_| networks.len() == 1)
            }
            Item::Node(index) => {
                let parents = self.graph.within.get(index.index())?;
                parents.iter().copied().find(is_wanted)
            }
        }
    }

    /// A peering whose end nobody names, met in the routes of exactly one network, ends there; met in none, it may end in
    /// any described network of that place.
    pub(super) fn settle_unknown_ends(&mut self) {
        let unknown: Vec<NodeIndex> = self
            .graph
            .by_id
            .values()
            .copied()
            .filter(|&index| {
                let node = &self.graph.inner[index];
                node.kind == NodeKind::Network
                    && matches!(&node.standing, Standing::Unresolved { candidates, .. } if candidates.is_empty())
            })
            .collect();
        for index in unknown {
            let links: BTreeSet<EdgeIndex> = self
                .graph
                .links_at(index)
                .into_iter()
                .map(|(link, _)| link)
                .collect();
            let mut routed = BTreeSet::new();
            for (&table, content) in &self.graph.tables {
                if content.routes.iter().any(
                    |route| matches!(route.target, Target::Link(link) if links.contains(&link)),
                ) {
                    routed.extend(self.graph.network_indices(table));
                }
            }
            let place = self.graph.inner[index].place.clone();
            let far: BTreeSet<NodeIndex> = self
                .graph
                .links_at(index)
                .into_iter()
                .map(|(_, far)| far)
                .collect();
            let lies_elsewhere = place == Place::default();
            if lies_elsewhere
                && far.iter().any(|&far| {
                    matches!(self.graph.inner[far].standing, Standing::Unresolved { .. })
                })
            {
                // Both ends are hidden: the one whose place is told is the one in view.
                continue;
            }
            if routed.is_empty() {
                routed = self
                    .graph
                    .by_id
                    .values()
                    .copied()
                    .filter(|&candidate| {
                        let node = &self.graph.inner[candidate];
                        node.kind == NodeKind::Network
                            && node.standing == Standing::Described
                            && may_be_the_same(&place, &node.place)
                    })
                    .collect();
            }
            let candidates: Vec<NodeId> = routed
                .into_iter()
                .filter(|candidate| *candidate != index && !far.contains(candidate))
                .map(|candidate| self.graph.inner[candidate].id.clone())
                .collect();
            if let Standing::Unresolved {
                candidates: slot, ..
            } = &mut self.graph.inner[index].standing
            {
                *slot = candidates;
            }
        }
    }

    /// A hub that lies in a network is part of it: the network's door to whatever is joined to that hub.
    pub(super) fn attach_parts(&mut self) {
        let hubs: Vec<NodeIndex> = self
            .graph
            .by_id
            .values()
            .copied()
            .filter(|&index| self.graph.inner[index].kind == NodeKind::Hub)
            .collect();
        for hub in hubs {
            for network in self.graph.network_indices(hub) {
                let [inner, outer] = [hub, network].map(|index| &self.graph.inner[index]);
                let id = link_id(LinkKind::Attachment, &outer.id, &inner.id);
                if self.graph.links_by_id.contains_key(&id) {
                    continue;
                }
                let link = Link {
                    id: id.clone(),
                    kind: LinkKind::Attachment,
                    role: inner.role.clone(),
                    name: None,
                    keys: BTreeSet::new(),
                    state: LinkState::Effective,
                    in_transit: super::super::protection::InTransit::unknown(),
                    protection_origins: BTreeSet::new(),
                    carrier: None,
                    properties: BTreeMap::new(),
                    joins_default: (None, None),
                    dynamic_prefixes: false,
                    halves: BTreeMap::new(),
                    over: None,
                    origins: inner.origins.clone(),
                };
                let index = self.graph.inner.add_edge(network, hub, link);
                self.graph.links_by_id.insert(id, index);
            }
        }
    }

    /// Attach networks to the gateways that a peer lends them: a path of its own, over the network in between.
    pub(super) fn lend_gateways(&mut self) {
        let mut lent = Vec::new();
        for edge in self.graph.links_by_id.values() {
            let peering = &self.graph.inner[*edge];
            let Some((first, second)) = self.graph.inner.edge_endpoints(*edge) else {
                continue;
            };
            for (near, far) in [(first, second), (second, first)] {
                if peering.lender(&self.graph.inner[near].id, &self.graph.inner[far].id) {
                    for (door, hub) in self.graph.links_at(far) {
                        let is_lent = self.graph.inner[door].over.is_some();
                        if !is_lent && self.graph.leads_outside(hub, far) {
                            lent.push((*edge, near, far, hub));
                        }
                    }
                }
            }
        }
        for (edge, near, far, hub) in lent {
            let peering = &self.graph.inner[edge];
            let id = link_id(
                LinkKind::Attachment,
                &self.graph.inner[near].id,
                &self.graph.inner[hub].id,
            );
            if self.graph.links_by_id.contains_key(&id) {
                continue;
            }
            let link = Link {
                id: id.clone(),
                kind: LinkKind::Attachment,
                role: "borrowed gateway".to_owned(),
                name: None,
                keys: BTreeSet::new(),
                state: peering.state,
                in_transit: peering.in_transit.clone(),
                protection_origins: peering.protection_origins.clone(),
                carrier: None,
                properties: BTreeMap::new(),
                joins_default: (None, None),
                dynamic_prefixes: false,
                halves: BTreeMap::new(),
                over: Some(self.graph.inner[far].id.clone()),
                origins: peering.origins.clone(),
            };
            let index = self.graph.inner.add_edge(near, hub, link);
            self.graph.links_by_id.insert(id, index);
        }
    }

    /// Both ends of a link that may be any of the same few nodes. `None`: both are one and the same, which is no link.
    pub(super) fn told_apart(&mut self, both: NodeIndex) -> Option<[NodeIndex; 2]> {
        let node = &self.graph.inner[both];
        let Standing::Unresolved { candidates, .. } = &node.standing else {
            return None;
        };
        if let [first, second] = candidates.as_slice() {
            return Some([self.graph.index(first)?, self.graph.index(second)?]);
        }
        if candidates.is_empty() {
            return None;
        }
        let id = NodeId::from(format!("{}|other-end", node.id));
        let (kind, role, standing) = (node.kind, node.role.clone(), node.standing.clone());
        Some([both, self.made_up(id, kind, &role, standing)])
    }
}

/// Links that share a key, and the properties that others set on them.
pub(super) struct LinkGroup {
    pub(super) declarations: Vec<LinkDeclaration>,
    pub(super) keys: BTreeSet<Key>,
}

/// Declarations of one link by several resources (offer and acceptance) share a key.
pub(super) fn group_links(declarations: Vec<LinkDeclaration>) -> Vec<LinkGroup> {
    let mut groups: Vec<LinkGroup> = Vec::new();
    // One resource may be links of several kinds: a gateway's attachment, and its users' tunnels.
    let mut by_key: HashMap<(LinkKind, Key), usize> = HashMap::new();
    for declaration in declarations {
        let of_kind = |key: &Key| (declaration.kind, key.clone());
        let known = declaration
            .keys
            .iter()
            .find_map(|key| by_key.get(&of_kind(key)).copied());
        let slot = known.unwrap_or_else(|| {
            groups.push(LinkGroup {
                declarations: Vec::new(),
                keys: BTreeSet::new(),
            });
            groups.len() - 1
        });
        for key in &declaration.keys {
            by_key.entry(of_kind(key)).or_insert(slot);
            groups[slot].keys.insert(key.clone());
        }
        groups[slot].declarations.push(declaration);
    }
    groups
}

/// Two declared links with the same ends are one path: as protected as the weaker of the two.
pub(super) fn merge_parallel(link: &mut Link, other: Link) {
    link.in_transit = link.in_transit.clone().min(other.in_transit);
    link.state = link.state.max(other.state);
    link.keys.extend(other.keys);
    link.origins.extend(other.origins);
    link.protection_origins.extend(other.protection_origins);
    link.dynamic_prefixes |= other.dynamic_prefixes;
    for (end, half) in other.halves {
        let known = link.halves.entry(end).or_default();
        *known = known.or(half);
    }
    // Whatever table takes in either of them takes in the path.
    let either = |one: Option<bool>, other: Option<bool>| {
        if one == Some(false) { other } else { one }
    };
    link.joins_default = (
        either(link.joins_default.0, other.joins_default.0),
        either(link.joins_default.1, other.joins_default.1),
    );
    if link.name.is_none() {
        link.name = other.name;
    }
    for (name, value) in other.properties {
        link.properties.entry(name).or_insert(value);
    }
}

pub(super) fn may_be_the_same(first: &Place, second: &Place) -> bool {
    let agree = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
    agree(&first.region, &second.region) && agree(&first.account, &second.account)
}

impl LinkGroup {
    pub(super) fn has_end_around(&self) -> bool {
        let mut ends = self.declarations.iter().flat_map(|one| &one.ends);
        ends.any(|end| end.around)
    }
}
