//! The graph of one snapshot, and how to look things up in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petgraph::graph::{EdgeIndex, NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;

use super::fragment::{Counts, FarSide, Notice, Topic};
use super::identity::{Key, LinkId, NodeId};
use super::link::{Link, LinkKind};
use super::node::{Forwards, Node, NodeKind, Opens, Standing};
use super::origin::OriginId;
use super::table::{Member, Table};

/// One snapshot of the perimeter.
#[derive(Debug, Default)]
pub struct Graph {
    pub(super) inner: UnGraph<Node, Link>,
    pub(super) within: Vec<BTreeSet<NodeIndex>>,
    pub(super) tables: BTreeMap<NodeIndex, Table>,
    /// The table of every subnet of a network without one of its own.
    pub(super) main_tables: BTreeMap<NodeIndex, NodeIndex>,
    /// Who says so.
    pub(super) main_origins: BTreeMap<NodeIndex, OriginId>,
    pub(super) default_association: BTreeMap<NodeIndex, NodeIndex>,
    pub(super) default_propagation: BTreeMap<NodeIndex, NodeIndex>,
    pub(super) exposures: Vec<Exposure>,
    pub(super) plaintext: Vec<Plaintext>,
    pub(super) statements: Vec<Statement>,
    /// The tables that decide for a subnet or attachment by an association of its own.
    pub(super) associated: BTreeMap<Member, BTreeSet<NodeIndex>>,
    pub(super) by_id: BTreeMap<NodeId, NodeIndex>,
    pub(super) links_by_id: BTreeMap<LinkId, EdgeIndex>,
    pub(super) by_key: HashMap<Key, Item>,
    pub(super) notices: Vec<Notice>,
}

/// A door to the internet that no route table knows.
#[derive(Debug)]
pub(super) struct Exposure {
    pub(super) of: BTreeSet<NodeIndex>,
    pub(super) subject: String,
    pub(super) words: String,
    pub(super) opens: Opens,
    pub(super) origin: OriginId,
}

/// A fact that a source states in so many words.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) of: BTreeSet<NodeIndex>,
    /// What holds any of those, each with the one that it holds.
    pub(super) held_by: BTreeMap<NodeIndex, NodeIndex>,
    pub(super) topic: Topic,
    pub(super) about: String,
    pub(super) matter: String,
    pub(super) exception_to: Vec<String>,
    pub(super) value: String,
    pub(super) counts: Counts,
    pub(super) openness: i32,
    pub(super) words: String,
    pub(super) lasts_with: Option<NodeIndex>,
    pub(super) origins: BTreeSet<OriginId>,
}

/// Traffic that one resource takes or sends in the clear.
#[derive(Debug)]
pub struct Plaintext {
    pub(super) of: BTreeSet<NodeIndex>,
    /// The resource, as its address.
    pub subject: String,
    /// What is in the clear, to stand after the resource's address.
    pub words: String,
    /// Where the other side is.
    pub far_side: FarSide,
    /// Who says so.
    pub origin: OriginId,
}

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Node(NodeIndex),
    Link(EdgeIndex),
}

impl Graph {
    /// Every node, by identity.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.by_id.values().map(|&index| &self.inner[index])
    }

    /// Every link, by identity.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links_by_id.values().map(|&index| &self.inner[index])
    }

    /// A node by identity.
    #[must_use]
    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.by_id.get(id).map(|&index| &self.inner[index])
    }

    /// A link by identity.
    #[must_use]
    pub fn link(&self, id: &LinkId) -> Option<&Link> {
        self.links_by_id.get(id).map(|&index| &self.inner[index])
    }

    /// Both ends of a link.
    #[must_use]
    pub fn ends(&self, id: &LinkId) -> Option<[&Node; 2]> {
        let (first, second) = self.inner.edge_endpoints(*self.links_by_id.get(id)?)?;
        Some([&self.inner[first], &self.inner[second]])
    }

    /// The networks behind the ends of a link: those that a gateway lies in, or that are attached to a hub. Where no path is known
    /// to take the link, because what it leads to is described elsewhere, it is them that use it.
    #[must_use]
    pub fn networks_behind(&self, id: &LinkId) -> BTreeSet<&NodeId> {
        let ends = self.ends(id).into_iter().flatten();
        let hubs = ends.filter(|end| end.kind == NodeKind::Hub);
        let mut networks = BTreeSet::new();
        for hub in hubs {
            networks.extend(self.networks_of(&hub.id).iter().map(|network| &network.id));
            let attached = self.index(&hub.id).into_iter();
            let attached = attached.flat_map(|index| self.links_at(index));
            let attached = attached.map(|(_, far)| &self.inner[far]);
            networks.extend(
                attached
                    .filter(|far| far.kind == NodeKind::Network)
                    .map(|far| &far.id),
            );
        }
        networks
    }

    /// A link that joins two nodes directly.
    #[must_use]
    pub fn link_between(&self, first: &NodeId, second: &NodeId) -> Option<&Link> {
        let edge = self
            .inner
            .find_edge(self.index(first)?, self.index(second)?)?;
        Some(&self.inner[edge])
    }

    /// The node that a key stands for.
    #[must_use]
    pub fn node_by_key(&self, key: &Key) -> Option<&Node> {
        match self.by_key.get(key)? {
            Item::Node(index) => Some(&self.inner[*index]),
            Item::Link(_) => None,
        }
    }

    /// The link that a key stands for.
    #[must_use]
    pub fn link_by_key(&self, key: &Key) -> Option<&Link> {
        match self.by_key.get(key)? {
            Item::Link(index) => Some(&self.inner[*index]),
            Item::Node(_) => None,
        }
    }

    /// The networks that a node is, lies in, or may lie in.
    #[must_use]
    pub fn networks_of(&self, id: &NodeId) -> Vec<&Node> {
        let Some(&index) = self.by_id.get(id) else {
            return Vec::new();
        };
        let networks = self.network_indices(index);
        networks
            .into_iter()
            .map(|index| &self.inner[index])
            .collect()
    }

    /// The networks that a node lies in, and the outermost parts around it of which nobody knows in which network they lie.
    #[must_use]
    pub fn places_of(&self, id: &NodeId) -> Vec<&Node> {
        let Some(index) = self.index(id) else {
            return Vec::new();
        };
        let networks = self.network_indices(index);
        let is_adrift = |node: &&Node| {
            let is_known = match &node.standing {
                Standing::Described => true,
                Standing::Foreign => false,
                Standing::Unresolved { candidates, .. } => !candidates.is_empty(),
            };
            !is_known && self.parents_of(&node.id).is_empty()
        };
        let mut places = self.ancestors_of(id);
        places.retain(|node| {
            let is_network = self
                .index(&node.id)
                .is_some_and(|index| networks.contains(&index));
            is_network || is_adrift(node)
        });
        places
    }

    /// The networks of an account, project or subscription.
    #[must_use]
    pub fn networks_of_account(&self, account: &Node) -> Vec<&Node> {
        let names: BTreeSet<&str> = account
            .keys
            .iter()
            .filter_map(|key| key.as_str().rsplit(['/', ':']).next())
            .collect();
        let is_its_own = |node: &&Node| {
            let owner = node.place.account.as_deref();
            node.kind == NodeKind::Network && owner.is_some_and(|owner| names.contains(owner))
        };
        self.nodes().filter(is_its_own).collect()
    }

    /// Everything that a node lies in, directly or not; each once, by identity.
    #[must_use]
    pub fn ancestors_of(&self, id: &NodeId) -> Vec<&Node> {
        let Some(start) = self.index(id) else {
            return Vec::new();
        };
        let mut seen = BTreeSet::from([start]);
        let mut todo = vec![start];
        while let Some(index) = todo.pop() {
            let parents = self.within.get(index.index()).into_iter().flatten();
            todo.extend(parents.copied().filter(|next| seen.insert(*next)));
        }
        // A parent that nobody could resolve is each of the networks that it may be.
        let all: BTreeSet<NodeIndex> = self.network_indices(start).union(&seen).copied().collect();
        let mut nodes: Vec<&Node> = all
            .into_iter()
            .filter(|index| *index != start)
            .map(|index| &self.inner[index])
            .collect();
        nodes.sort_by(|a, b| a.id.cmp(&b.id));
        nodes
    }

    /// What a node lies in directly, by identity.
    #[must_use]
    pub fn parents_of(&self, id: &NodeId) -> Vec<&Node> {
        let around = self
            .index(id)
            .and_then(|index| self.within.get(index.index()));
        let mut parents: Vec<&Node> = around
            .into_iter()
            .flatten()
            .map(|&index| &self.inner[index])
            .collect();
        parents.sort_by(|a, b| a.id.cmp(&b.id));
        parents
    }

    /// Traffic that resources take or send in the clear.
    #[must_use]
    pub fn plaintext(&self) -> &[Plaintext] {
        &self.plaintext
    }

    /// What the input left open when it was stitched together.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub(super) fn index(&self, id: &NodeId) -> Option<NodeIndex> {
        self.by_id.get(id).copied()
    }

    /// Whether a link only says that a hub is part of the network it lies in.
    #[must_use]
    pub fn is_inner(&self, link: &LinkId) -> bool {
        let Some(ends) = self.ends(link) else {
            return false;
        };
        let [first, second] = ends.map(|node| self.index(&node.id));
        let (Some(first), Some(second)) = (first, second) else {
            return false;
        };
        link.as_str().starts_with(LinkKind::Attachment.slug())
            && (self.is_part_of(first, second) || self.is_part_of(second, first))
    }

    /// Whether a hub lies in a network.
    pub(super) fn is_part_of(&self, hub: NodeIndex, network: NodeIndex) -> bool {
        let is = |index: NodeIndex, kind| self.inner[index].kind == kind;
        is(hub, NodeKind::Hub)
            && is(network, NodeKind::Network)
            && self.network_indices(hub).contains(&network)
    }

    pub(super) fn link_index(&self, id: &LinkId) -> Option<EdgeIndex> {
        self.links_by_id.get(id).copied()
    }

    pub(super) fn network_indices(&self, start: NodeIndex) -> BTreeSet<NodeIndex> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::from([start]);
        let mut todo = vec![start];
        while let Some(index) = todo.pop() {
            let node = &self.inner[index];
            let candidates = match &node.standing {
                Standing::Unresolved { candidates, .. } => {
                    candidates.iter().filter_map(|id| self.index(id)).collect()
                }
                _ => Vec::new(),
            };
            if node.kind == NodeKind::Network && candidates.is_empty() {
                found.insert(index);
                continue;
            }
            let parents = self
                .within
                .get(index.index())
                .into_iter()
                .flatten()
                .copied();
            todo.extend(parents.chain(candidates).filter(|next| seen.insert(*next)));
        }
        found
    }

    /// The clusters and namespaces that hold any of these nodes, each with the first that it holds; with the networks, if asked.
    pub(super) fn holders(
        &self,
        held: &BTreeSet<NodeIndex>,
        with_networks: bool,
    ) -> BTreeMap<NodeIndex, NodeIndex> {
        let mut holders = BTreeMap::new();
        for &one in held {
            let around = self.all_around([one, one]).into_iter();
            let around =
                around.filter(|node| matches!(node.kind, NodeKind::Cluster | NodeKind::Namespace));
            let around = around.filter_map(|node| self.index(&node.id));
            let networks = self.network_indices(one).into_iter();
            let networks = networks.filter(|_| with_networks);
            for holder in around.chain(networks) {
                if !held.contains(&holder) {
                    holders.entry(holder).or_insert(one);
                }
            }
        }
        holders
    }

    /// All that these nodes lie in, themselves among it.
    pub(super) fn all_around(&self, nodes: [NodeIndex; 2]) -> Vec<&Node> {
        let mut seen = BTreeSet::from(nodes);
        let mut todo = Vec::from(nodes);
        while let Some(index) = todo.pop() {
            let parents = self.within.get(index.index()).into_iter().flatten();
            todo.extend(parents.copied().filter(|next| seen.insert(*next)));
        }
        seen.into_iter().map(|index| &self.inner[index]).collect()
    }

    /// Whether a hub is a network's door to parties outside, such as a VPN gateway. One that is part of the network leads
    /// nowhere until something is joined to it.
    pub(super) fn leads_outside(&self, index: NodeIndex, network: NodeIndex) -> bool {
        let node = &self.inner[index];
        let is_line = |edge: EdgeIndex| {
            matches!(
                self.inner[edge].kind,
                LinkKind::Vpn | LinkKind::Interconnect
            )
        };
        node.kind == NodeKind::Hub
            && ((node.forwards == Forwards::BetweenOutsideAndInside
                && !self.is_part_of(index, network))
                || self.links_at(index).iter().any(|(edge, _)| is_line(*edge)))
    }

    /// Links at a node, in a stable order, with their far ends.
    pub(super) fn links_at(&self, node: NodeIndex) -> Vec<(EdgeIndex, NodeIndex)> {
        let mut links: Vec<_> = self
            .inner
            .edges(node)
            .map(|edge| {
                let far = if edge.source() == node {
                    edge.target()
                } else {
                    edge.source()
                };
                (edge.id(), far)
            })
            .collect();
        links.sort_by(|a, b| self.inner[a.0].id.cmp(&self.inner[b.0].id));
        links
    }
}
