//! What direct links tell of their ends: peerings, attachments, endpoints, shares.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::super::fragment::{Counts, Topic};
use super::super::identity::{BoundaryId, LinkId, NodeId};
use super::super::link::{Link, LinkKind, LinkState};
use super::super::node::{Node, NodeKind, Standing};
use super::super::table::Member;

use super::{Fact, FactKind, Stated, Survey, fact};

impl Survey<'_> {
    pub(super) fn links(&mut self) {
        for link in self.graph.links() {
            let Some([first, second]) = self.graph.ends(&link.id) else {
                continue;
            };
            let ends = [first, second].map(|node| self.graph.index(&node.id));
            let [Some(first), Some(second)] = ends else {
                continue;
            };
            // What a peering lends is told as what lies beyond that peering.
            if self.graph.is_inner(&link.id) || link.over.is_some() {
                continue;
            }
            if !matches!(link.kind, LinkKind::Door | LinkKind::Sharing) {
                let boundary = BoundaryId::Link(link.id.clone());
                let state = link.state.word();
                let existence = self.about_link(
                    link,
                    state.to_owned(),
                    format!("exists ({state})"),
                    [first, second],
                );
                self.state(boundary.clone(), FactKind::Existence, "", existence);
                self.properties(&boundary, &link.properties);
                if let Some(carrier) = link
                    .carrier
                    .as_ref()
                    .and_then(|carrier| self.graph.node(carrier))
                {
                    self.properties(&boundary, &carrier.properties);
                }
                self.protection(link, [first, second]);
            }
            match link.kind {
                LinkKind::Peering => {
                    for (near, far) in [(first, second), (second, first)] {
                        self.peering(link, near, far);
                        self.beyond(link, near, far);
                    }
                }
                LinkKind::Attachment | LinkKind::Vpn | LinkKind::Interconnect => {
                    self.attachment(link, first, second);
                    self.attachment(link, second, first);
                }
                LinkKind::PrivateEndpoint => self.private_endpoint(link, first, second),
                LinkKind::Mesh => {
                    self.mesh_link(link, first, second, "finds and calls the services of");
                    self.mesh_link(link, second, first, "has its services found and called by");
                }
                LinkKind::Door | LinkKind::Sharing => {}
            }
        }
    }

    pub(super) fn about_link(
        &self,
        link: &Link,
        value: String,
        words: String,
        ends: [NodeIndex; 2],
    ) -> Fact {
        Fact {
            value,
            links: vec![link.id.clone()],
            concerns: ends.iter().map(|&end| self.node(end).id.clone()).collect(),
            ..fact(words, &link.origins)
        }
    }

    pub(super) fn protection(&mut self, link: &Link, ends: [NodeIndex; 2]) {
        let protection = link.in_transit.protection;
        let mut words = format!("carries traffic {}", protection.clause());
        if let Some(evidence) = &link.in_transit.evidence {
            words = format!("{words} ({})", evidence.fact);
        }
        // The evidence is part of the words, not of the value: what counts is what holds, not who says so.
        let mut fact = self.about_link(link, protection.word().to_owned(), words, ends);
        fact.origins.extend(&link.protection_origins);
        fact.evidence.clone_from(&link.in_transit.evidence);
        self.state(
            BoundaryId::Link(link.id.clone()),
            FactKind::Protection,
            "",
            fact,
        );
    }

    pub(super) fn peering(&mut self, link: &Link, near: NodeIndex, far: NodeIndex) {
        let far_node = self.node(far);
        let offered = if link.state == LinkState::Offered {
            "has an offered peering with"
        } else {
            "is peered with"
        };
        let words = format!("{offered} {} {}", far_node.role, far_node.display_name());
        let fact = self.about_link(link, link.state.word().to_owned(), words, [near, far]);
        for bearer in self.bearers(near) {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            self.state(
                boundary,
                FactKind::Peering,
                far_node.id.to_string(),
                fact.clone(),
            );
        }
    }

    /// Clusters that a mesh joins bear it, and so do the networks that it joins by that.
    pub(super) fn mesh_link(&mut self, link: &Link, near: NodeIndex, far: NodeIndex, verb: &str) {
        let far_node = self.node(far);
        let words = format!("{verb} {} {}", far_node.role, far_node.display_name());
        let stated = Stated {
            openness: 1,
            exception_to: Vec::new(),
            matter: link.id.to_string(),
            is_held: false,
            counts: Counts::Always,
        };
        let fact = Fact {
            stated: Some(stated),
            ..self.about_link(link, link.state.word().to_owned(), words, [near, far])
        };
        let mut bearers = BTreeMap::from([(near, fact.clone())]);
        let [networks, beyond] = [near, far].map(|end| self.graph.network_indices(end));
        for &network in networks.difference(&beyond) {
            let words = format!(
                "holds {}, which {}",
                self.node(near).display_name(),
                fact.words
            );
            bearers.insert(
                network,
                Fact {
                    words,
                    ..fact.clone()
                },
            );
        }
        let beyond = self.graph.holders(&BTreeSet::from([far]), false);
        let around = self.graph.holders(&BTreeSet::from([near]), false);
        for holder in around.into_keys().filter(|one| !beyond.contains_key(one)) {
            bearers.insert(holder, fact.held_in(self.node(near)));
        }
        for (bearer, fact) in bearers {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            let about = format!("{verb} {}", far_node.id);
            self.state(boundary, FactKind::Stated(Topic::Mesh), about, fact);
        }
    }

    /// What the flags of a peering let the near end do behind the far one; both ends bear it.
    pub(super) fn beyond(&mut self, link: &Link, near: NodeIndex, far: NodeIndex) {
        let (near_node, far_node) = (self.node(near), self.node(far));
        let names = [near_node, far_node].map(Node::display_name);
        let mut opened = Vec::new();
        if link.lender(&near_node.id, &far_node.id) {
            let mut links: Vec<LinkId> = self
                .graph
                .links_at(near)
                .iter()
                .map(|(edge, _)| &self.graph.inner[*edge])
                .filter(|lent| lent.over.as_ref() == Some(&far_node.id))
                .map(|lent| lent.id.clone())
                .collect();
            links.push(link.id.clone());
            let words = [
                format!("uses the gateways of {}", names[1]),
                format!("lets {} use its gateways", names[0]),
            ];
            opened.push(("gateways", links, words));
        }
        let half = link.halves.get(&near_node.id);
        if half.is_some_and(|half| half.takes_forwarded) {
            let words = [
                format!("takes in what {} passes on", names[1]),
                format!("is allowed to pass traffic on to {}", names[0]),
            ];
            opened.push(("forwarded", vec![link.id.clone()], words));
        }
        for (what, links, words) in opened {
            for (bearer, words) in [near, far].into_iter().zip(words) {
                let words = match link.state {
                    LinkState::Effective => words,
                    LinkState::Offered => format!("{words}, once both halves of the peering exist"),
                };
                let fact = Fact {
                    links: links.clone(),
                    hub: Some(far_node.id.clone()),
                    ..self.about_link(link, link.state.word().to_owned(), words, [near, far])
                };
                let about = format!("{what} {} {}", near_node.id, far_node.id);
                let boundary = BoundaryId::Node(self.node(bearer).id.clone());
                self.state(boundary, FactKind::Beyond, about, fact);
            }
        }
    }

    pub(super) fn attachment(&mut self, link: &Link, near: NodeIndex, hub: NodeIndex) {
        let (near_node, hub_node) = (self.node(near), self.node(hub));
        // What a peering lends is told as what lies beyond that peering.
        let is_lent = link.over.is_some();
        if hub_node.kind != NodeKind::Hub || is_lent {
            return;
        }
        let titled = |node: &Node| format!("{} {}", node.role, node.display_name());
        let fact = |hub_of_fact: Option<NodeId>, words: String| Fact {
            hub: hub_of_fact,
            ..self.about_link(link, link.state.word().to_owned(), words, [near, hub])
        };
        let of_hub = fact(None, format!("has {} attached", titled(near_node)));
        let of_near = fact(
            Some(hub_node.id.clone()),
            format!("is attached to {}", titled(hub_node)),
        );
        let tables =
            (hub_node.standing != Standing::Described).then(|| self.tables_used(link, hub));
        let of_tables = tables.flatten().map(|words| Fact {
            value: words.clone(),
            ..fact(Some(hub_node.id.clone()), words)
        });
        let (near_id, hub_id) = (near_node.id.to_string(), hub_node.id.clone());
        let is_party = near_node.kind == NodeKind::External;
        let bearers = self.bearers(near).into_iter().filter(|_| !is_party);
        for bearer in bearers {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            let about = hub_id.to_string();
            if let Some(of_tables) = &of_tables {
                let about = format!("tables {about}");
                self.state(boundary.clone(), FactKind::Beyond, about, of_tables.clone());
            }
            self.state(boundary, FactKind::Attachment, about, of_near.clone());
        }
        // One that lies in a network is part of it.
        if self.graph.networks_of(&hub_id).is_empty() {
            self.state(
                BoundaryId::Node(hub_id),
                FactKind::Attachment,
                near_id,
                of_hub,
            );
        }
    }

    /// Which tables of a hub an attachment uses and feeds. Where nobody describes the hub, that is all that tells what it may reach.
    fn tables_used(&self, link: &Link, hub: NodeIndex) -> Option<String> {
        let member = Member::Link(self.graph.link_index(&link.id)?);
        let name = |table: &NodeIndex| self.node(*table).display_name();
        let used = self.graph.associated.get(&member).into_iter().flatten();
        let used: BTreeSet<String> = used.map(name).collect();
        let tables = self.graph.tables.iter();
        let fed = tables.filter(|(_, table)| {
            let mut learned = table.propagations.iter();
            learned.any(|(from, _)| *from == member)
        });
        let fed: BTreeSet<String> = fed.map(|(table, _)| name(table)).collect();
        let listed = |tables: BTreeSet<String>| tables.into_iter().collect::<Vec<_>>().join(", ");
        let hub = self.node(hub).display_name();
        match (used.is_empty(), fed.is_empty()) {
            (true, true) => None,
            (false, true) => Some(format!("uses table {} of {hub}", listed(used))),
            (true, false) => Some(format!("is known to table {} of {hub}", listed(fed))),
            (false, false) => Some(format!(
                "uses table {} of {hub} and is known to table {}",
                listed(used),
                listed(fed)
            )),
        }
    }

    pub(super) fn private_endpoint(
        &mut self,
        link: &Link,
        consumer: NodeIndex,
        service: NodeIndex,
    ) {
        let (consumer_node, service_node) = (self.node(consumer), self.node(service));
        let words = format!("has a private endpoint to {}", service_node.display_name());
        let fact = self.about_link(
            link,
            link.state.word().to_owned(),
            words,
            [consumer, service],
        );
        for bearer in self.bearers(consumer) {
            let boundary = BoundaryId::Node(self.node(bearer).id.clone());
            self.state(
                boundary,
                FactKind::PrivateEndpoint,
                service_node.id.to_string(),
                fact.clone(),
            );
        }
        let words = format!(
            "serves {} through the private endpoint service {}",
            consumer_node.display_name(),
            service_node.display_name()
        );
        let served = Fact { words, ..fact };
        for provider in self.graph.network_indices(service) {
            if provider != consumer {
                let boundary = BoundaryId::Node(self.node(provider).id.clone());
                self.state(
                    boundary,
                    FactKind::PrivateEndpoint,
                    consumer_node.id.to_string(),
                    served.clone(),
                );
            }
        }
    }
}
