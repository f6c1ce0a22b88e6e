//! Small networks for tests: pieces with an address each, drawn before and after a change.
//!
//! A piece is what one resource declares. [`Scene::new`] assembles the pieces of both sides and works out, as a plan would,
//! what happens to each address: in both and alike it stays, in both and not alike it is edited, else it comes or goes.
//! Names are shared by all kinds: `attach("a", "t")` joins the network `a` to the hub `t`, and the attachment is `a@t`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use crate::change::diff::Snapshot;
use crate::change::{Change, changes, compare};

use super::fragment::{
    AssociationDeclaration, AssociationRole, ContainmentDeclaration, Counts,
    DestinationDeclaration, End, ExposureDeclaration, Fragment, LinkDeclaration, NodeDeclaration,
    RouteDeclaration, StatementDeclaration, Topic,
};
use super::identity::{Key, NodeId, Reference};
use super::link::{LinkKind, LinkState};
use super::node::{
    AddressSpace, Forwards, NodeKind, Opens, Place, Property, SetProperty, Standing,
};
use super::origin::{Action, Origin, OriginId, Origins};
use super::protection::{Evidence, InTransit, Protection, ProtectionRule};
use super::table::Destination;
use super::{BoundaryId, Graph, LinkId, assemble};

/// What one resource declares.
#[derive(Clone)]
pub(crate) struct Piece {
    address: String,
    fragment: Fragment,
}

/// The address alone: it tells enough, and properties that fail show many pieces.
impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.address)
    }
}

/// The key under which a name is known.
pub(crate) fn key(name: &str) -> Key {
    Key::Provider(format!("test:{name}"))
}

/// A reference to exactly what bears a name.
pub(crate) fn to(name: &str) -> Reference {
    Reference::To(key(name))
}

pub(crate) fn network_id(name: &str) -> NodeId {
    NodeId::from(format!("network/test:{name}"))
}

pub(crate) fn hub_id(name: &str) -> NodeId {
    NodeId::from(format!("hub/test:{name}"))
}

pub(crate) fn external_id(name: &str) -> NodeId {
    NodeId::from(format!("external/test:{name}"))
}

pub(crate) fn peering_id(first: &str, second: &str) -> LinkId {
    super::link::link_id(LinkKind::Peering, &network_id(first), &network_id(second))
}

pub(crate) fn inside(name: &str) -> BoundaryId {
    BoundaryId::Node(network_id(name))
}

/// The origin of a piece that has not been drawn yet.
fn nobody() -> OriginId {
    Origins::default().add(Origin {
        address: String::new(),
        action: Action::Keep,
        attributes: Vec::new(),
        location: None,
        carrier: None,
        stack: String::new(),
        is_imported: false,
        steps: Vec::new(),
    })
}

fn node(kind: NodeKind, role: &str, name: &str) -> Piece {
    let declaration = NodeDeclaration {
        kind,
        keys: vec![key(name)],
        role: role.to_owned(),
        name: Some(name.to_owned()),
        labels: BTreeSet::new(),
        place: Place::default(),
        within: Vec::new(),
        address_space: AddressSpace::default(),
        forwards: Forwards::Nowhere,
        opens: None,
        properties: BTreeMap::new(),
        incarnation: None,
        origin: nobody(),
    };
    Piece {
        address: format!("{}.{name}", kind.slug()),
        fragment: Fragment {
            nodes: vec![declaration],
            ..Fragment::default()
        },
    }
}

/// A network with these prefixes; without any, its addresses are not known.
pub(crate) fn network<const N: usize>(name: &str, prefixes: [&str; N]) -> Piece {
    node(NodeKind::Network, "vpc", name).with_node(|node| {
        node.address_space.prefixes = prefixes.iter().map(|text| text.parse().unwrap()).collect();
    })
}

/// A subnet of a network.
pub(crate) fn subnet(name: &str, of: &str) -> Piece {
    node(NodeKind::Subnet, "subnet", name).with_node(|node| node.within = vec![to(of)])
}

/// A hub whose tables decide.
pub(crate) fn hub(name: &str) -> Piece {
    hub_forwarding(name, Forwards::ByTables)
}

pub(crate) fn hub_forwarding(name: &str, forwards: Forwards) -> Piece {
    node(NodeKind::Hub, "transit gateway", name).with_node(|node| node.forwards = forwards)
}

/// A route table of a hub or network.
pub(crate) fn table(name: &str, of: &str) -> Piece {
    node(NodeKind::RouteTable, "route table", name).with_node(|node| node.within = vec![to(of)])
}

/// An internet gateway.
pub(crate) fn internet_gateway(name: &str) -> Piece {
    node(NodeKind::Gateway, "internet gateway", name)
        .with_node(|node| node.opens = Some(Opens::BothWays))
}

fn link(kind: LinkKind, name: &str, near: (&str, NodeKind), far: (&str, NodeKind)) -> Piece {
    let end = |(name, kind): (&str, NodeKind)| End {
        around: false,
        reference: to(name),
        kind,
        role: kind.slug().to_owned(),
        place: Place::default(),
    };
    let declaration = LinkDeclaration {
        kind,
        keys: vec![key(name)],
        role: kind.slug().to_owned(),
        name: Some(name.to_owned()),
        ends: [end(near), end(far)],
        state: LinkState::Effective,
        protection: Vec::new(),
        carrier: None,
        properties: BTreeMap::new(),
        joins_default: (None, None),
        dynamic_prefixes: false,
        half: None,
        origin: nobody(),
    };
    Piece {
        address: format!("{}.{name}", kind.slug()),
        fragment: Fragment {
            links: vec![declaration],
            ..Fragment::default()
        },
    }
}

/// The attachment `network@hub`.
pub(crate) fn attach(network: &str, hub: &str) -> Piece {
    let name = format!("{network}@{hub}");
    link(
        LinkKind::Attachment,
        &name,
        (network, NodeKind::Network),
        (hub, NodeKind::Hub),
    )
}

/// The attachment `first@second` of two hubs.
pub(crate) fn join_hubs(first: &str, second: &str) -> Piece {
    let name = format!("{first}@{second}");
    link(
        LinkKind::Attachment,
        &name,
        (first, NodeKind::Hub),
        (second, NodeKind::Hub),
    )
}

/// The VPN `party@hub` to a party outside.
pub(crate) fn vpn(party: &str, hub: &str) -> Piece {
    let name = format!("{party}@{hub}");
    link(
        LinkKind::Vpn,
        &name,
        (hub, NodeKind::Hub),
        (party, NodeKind::External),
    )
}

/// The peering `first~second`.
pub(crate) fn peer(first: &str, second: &str) -> Piece {
    let name = format!("{first}~{second}");
    link(
        LinkKind::Peering,
        &name,
        (first, NodeKind::Network),
        (second, NodeKind::Network),
    )
}

/// A door between a network and a gateway of its own.
pub(crate) fn door(network: &str, gateway: &str) -> Piece {
    let name = format!("{network}|{gateway}");
    link(
        LinkKind::Door,
        &name,
        (network, NodeKind::Network),
        (gateway, NodeKind::Gateway),
    )
}

fn routed(table: &str, destination: &str, target: Option<&str>) -> Piece {
    let destination_declared = if destination == "?" {
        DestinationDeclaration::Unknown
    } else {
        DestinationDeclaration::Prefix(destination.to_owned())
    };
    let declaration = RouteDeclaration {
        table: to(table),
        destination: destination_declared,
        target: target.map(|name| (to(name), NodeKind::Other)),
        mirrors: false,
        origin: nobody(),
    };
    Piece {
        address: format!("route.{table}[{destination}]"),
        fragment: Fragment {
            routes: vec![declaration],
            ..Fragment::default()
        },
    }
}

/// A route; the destination `?` is known only after apply.
pub(crate) fn route(table: &str, destination: &str, target: &str) -> Piece {
    routed(table, destination, Some(target))
}

/// A route that drops.
pub(crate) fn blackhole(table: &str, destination: &str) -> Piece {
    routed(table, destination, None)
}

fn member(table: &str, member: &str, role: AssociationRole, verb: &str) -> Piece {
    let declaration = AssociationDeclaration {
        table: to(table),
        member: to(member),
        role,
        implied: false,
        origin: nobody(),
    };
    Piece {
        address: format!("{verb}.{member}[{table}]"),
        fragment: Fragment {
            associations: vec![declaration],
            ..Fragment::default()
        },
    }
}

/// A table decides for a subnet or attachment.
pub(crate) fn associate(table: &str, one: &str) -> Piece {
    member(table, one, AssociationRole::Uses, "association")
}

/// A table learns the prefixes of an attachment.
pub(crate) fn propagate(table: &str, one: &str) -> Piece {
    member(table, one, AssociationRole::Feeds, "propagation")
}

/// The table of a network's subnets that have none of their own.
pub(crate) fn main_table(table: &str, network: &str) -> Piece {
    member(table, network, AssociationRole::Main, "main")
}

/// The table of a hub's attachments that have none of their own.
pub(crate) fn default_association(table: &str, hub: &str) -> Piece {
    member(
        table,
        hub,
        AssociationRole::DefaultAssociation,
        "default_association",
    )
}

/// The table that a hub's attachments announce themselves to unless told otherwise.
pub(crate) fn default_propagation(table: &str, hub: &str) -> Piece {
    member(
        table,
        hub,
        AssociationRole::DefaultPropagation,
        "default_propagation",
    )
}

/// Something opens a subnet or network to the internet.
pub(crate) fn expose(of: &str, subject: &str) -> Piece {
    let declaration = ExposureDeclaration {
        opens: Opens::BothWays,
        of: vec![to(of)],
        addresses: BTreeSet::new(),
        where_it_has: Vec::new(),
        subject: subject.to_owned(),
        words: format!("load balancer {subject}"),
        origin: nobody(),
    };
    Piece {
        address: format!("exposure.{subject}"),
        fragment: Fragment {
            exposures: vec![declaration],
            ..Fragment::default()
        },
    }
}

/// One thing lies in another, as somebody else says.
pub(crate) fn contain(of: &str, within: &str) -> Piece {
    let declaration = ContainmentDeclaration {
        of: to(of),
        kind: NodeKind::Other,
        within: to(within),
        within_kind: NodeKind::Network,
    };
    Piece {
        address: format!("containment.{of}[{within}]"),
        fragment: Fragment {
            containments: vec![declaration],
            ..Fragment::default()
        },
    }
}

/// A party outside that passes traffic from one of its lines to the others.
pub(crate) fn passing_on(name: &str) -> Piece {
    node(NodeKind::External, "circuit", name).with_node(|node| node.forwards = Forwards::Everywhere)
}

/// Something of no particular kind.
pub(crate) fn other(name: &str) -> Piece {
    node(NodeKind::Other, "thing", name)
}

/// Something that lies in a network or subnet.
pub(crate) fn thing(name: &str, within: &str) -> Piece {
    other(name).with_node(|node| node.within = vec![to(within)])
}

/// A protection that holds in any case.
pub(crate) fn always(protection: Protection) -> Vec<ProtectionRule> {
    let evidence = Evidence {
        fact: format!("test-{}", protection.word().replace(' ', "-")),
        claim: protection.word().to_owned(),
        source: "https://docs.example/".to_owned(),
        read: "2026-01-05".to_owned(),
    };
    vec![ProtectionRule {
        when: Vec::new(),
        in_transit: InTransit {
            protection,
            evidence: (protection != Protection::Unknown).then_some(evidence),
        },
    }]
}

impl Piece {
    /// The same under another address.
    pub(crate) fn at(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// The same node with an identity of its own, as a replaced resource has: its name and address stay.
    pub(crate) fn identified(self, name: &str) -> Self {
        self.with_node(|node| node.keys = vec![key(name)])
    }

    pub(crate) fn in_region(self, region: &str) -> Self {
        self.with_node(|node| node.place.region = Some(region.to_owned()))
    }

    pub(crate) fn protected(self, protection: Protection) -> Self {
        self.with_link(|link| link.protection = always(protection))
    }

    pub(crate) fn offered(self) -> Self {
        self.with_link(|link| link.state = LinkState::Offered)
    }

    /// A property of the node or link; `None` is known only after apply.
    pub(crate) fn having(mut self, name: &str, value: Option<&str>) -> Self {
        let value = value.map_or(Property::Unknown, |text| Property::Known(text.to_owned()));
        let set = SetProperty {
            value,
            origin: nobody(),
            is_fact: true,
        };
        let nodes = self
            .fragment
            .nodes
            .iter_mut()
            .map(|one| &mut one.properties);
        let links = self
            .fragment
            .links
            .iter_mut()
            .map(|one| &mut one.properties);
        for properties in nodes.chain(links) {
            properties.insert(name.to_owned(), set.clone());
        }
        self
    }

    pub(crate) fn with_node(mut self, edit: impl Fn(&mut NodeDeclaration)) -> Self {
        self.fragment.nodes.iter_mut().for_each(edit);
        self
    }

    pub(crate) fn with_link(mut self, edit: impl Fn(&mut LinkDeclaration)) -> Self {
        self.fragment.links.iter_mut().for_each(edit);
        self
    }

    pub(crate) fn with_association(mut self, edit: impl Fn(&mut AssociationDeclaration)) -> Self {
        self.fragment.associations.iter_mut().for_each(edit);
        self
    }

    pub(crate) fn with_statement(mut self, edit: impl Fn(&mut StatementDeclaration)) -> Self {
        self.fragment.statements.iter_mut().for_each(edit);
        self
    }

    /// What it adds to a fragment.
    pub(crate) fn declared(&self) -> Fragment {
        self.fragment.clone()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The name behind the first dot of its address.
    pub(crate) fn name(&self) -> &str {
        self.address.split_once('.').unwrap().1
    }

    pub(crate) fn is_association(&self) -> bool {
        !self.fragment.associations.is_empty()
    }

    pub(crate) fn is_link(&self) -> bool {
        !self.fragment.links.is_empty()
    }

    /// Whether it declares this node, or something of the tables of it.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        let nodes = self.fragment.nodes.iter();
        let mut nodes =
            nodes.filter(|node| node.keys[0] == key(name) || node.within.contains(&to(name)));
        let mut members = self
            .fragment
            .associations
            .iter()
            .filter(|one| one.member == to(name));
        nodes.next().is_some() || members.next().is_some()
    }

    fn fingerprint(&self) -> String {
        format!("{:?}", self.fragment)
    }

    fn drawn(&self, origin: OriginId) -> Fragment {
        let mut fragment = self.fragment.clone();
        for node in &mut fragment.nodes {
            node.origin = origin;
            node.properties
                .values_mut()
                .for_each(|set| set.origin = origin);
        }
        for link in &mut fragment.links {
            link.origin = origin;
            link.properties
                .values_mut()
                .for_each(|set| set.origin = origin);
        }
        fragment
            .routes
            .iter_mut()
            .for_each(|one| one.origin = origin);
        fragment
            .associations
            .iter_mut()
            .for_each(|one| one.origin = origin);
        fragment
            .exposures
            .iter_mut()
            .for_each(|one| one.origin = origin);
        fragment
    }
}

/// One graph of pieces, none of which is about to change.
pub(crate) fn graph(pieces: &[Piece]) -> Graph {
    Scene::new(pieces, pieces).after.graph
}

/// A network before and after a change.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) before: Snapshot,
    pub(crate) after: Snapshot,
    pub(crate) origins: Origins,
}

impl Scene {
    pub(crate) fn new(before: &[Piece], after: &[Piece]) -> Self {
        let prints = |side: &[Piece]| {
            let mut prints: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for piece in side {
                prints
                    .entry(piece.address.clone())
                    .or_default()
                    .push(piece.fingerprint());
            }
            prints.values_mut().for_each(|prints| prints.sort());
            prints
        };
        let (was, is) = (prints(before), prints(after));
        let addresses: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        let mut origins = Origins::default();
        let mut by_address = BTreeMap::new();
        for address in addresses {
            let action = match (was.get(address), is.get(address)) {
                (Some(was), Some(is)) if was == is => Action::Keep,
                (Some(_), Some(_)) => Action::Update,
                (Some(_), None) => Action::Delete,
                _ => Action::Create,
            };
            let origin = origins.add(Origin {
                address: address.clone(),
                action,
                attributes: Vec::new(),
                location: None,
                carrier: None,
                stack: String::new(),
                is_imported: false,
                steps: Vec::new(),
            });
            by_address.insert(address.clone(), origin);
        }
        let draw = |side: &[Piece]| {
            let mut whole = Fragment::default();
            for piece in side {
                whole.extend(piece.drawn(by_address[&piece.address]));
            }
            Snapshot::new(assemble(whole))
        };
        Self {
            before: draw(before),
            after: draw(after),
            origins,
        }
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        changes(
            &compare(&self.before, &self.after, &self.origins),
            &self.origins,
        )
    }

    /// Category, effect and the names of the boundaries of every change, one line each.
    pub(crate) fn told(&self) -> Vec<String> {
        let line = |change: &Change| {
            let names: Vec<&str> = change
                .boundaries
                .iter()
                .map(|(_, name)| name.as_str())
                .collect();
            format!(
                "{} {}: {}",
                change.category.word(),
                change.effect.word(),
                names.join(", ")
            )
        };
        self.changes().iter().map(line).collect()
    }
}

/// What a change from one to the other is told as.
pub(crate) fn told(before: &[Piece], after: &[Piece]) -> Vec<String> {
    Scene::new(before, after).told()
}

impl Graph {
    /// Short names of all that a node reaches through hubs, itself left out.
    pub(crate) fn reached_from(&self, from: &NodeId) -> BTreeSet<String> {
        let departures = self.departures();
        let ends = departures
            .iter()
            .filter(|one| one.from == *from)
            .flat_map(|one| one.reach.ends.keys());
        ends.filter(|end| *end != from)
            .map(|end| {
                end.as_str()
                    .split_once(':')
                    .unwrap()
                    .1
                    .trim_start_matches("test:")
                    .to_owned()
            })
            .collect()
    }

    /// Whether a node is described by the input.
    pub(crate) fn describes(&self, id: &NodeId) -> bool {
        self.node(id)
            .is_some_and(|node| node.standing == Standing::Described)
    }

    /// Routes of a table, for tests of what a route list becomes.
    pub(crate) fn destinations(&self, table: &str) -> Vec<String> {
        let id = NodeId::from(format!("route-table/test:{table}"));
        let index = self.index(&id).unwrap();
        let routes = self
            .tables
            .get(&index)
            .into_iter()
            .flat_map(|table| &table.routes);
        routes
            .map(|route| Destination::to_string(&route.destination))
            .collect()
    }
}

/// A cluster inside a network.
pub(crate) fn cluster(name: &str, of: &str) -> Piece {
    node(NodeKind::Cluster, "cluster", name).with_node(|node| node.within = vec![to(of)])
}

/// A namespace of a cluster.
pub(crate) fn namespace(name: &str, of: &str) -> Piece {
    node(NodeKind::Namespace, "namespace", name).with_node(|node| node.within = vec![to(of)])
}

/// A workload of a namespace.
pub(crate) fn workload(name: &str, of: &str) -> Piece {
    node(NodeKind::Workload, "deployment", name).with_node(|node| node.within = vec![to(of)])
}

/// A service of the provider, in no network.
pub(crate) fn service(name: &str) -> Piece {
    node(NodeKind::Service, "service", name)
}

/// The private endpoint `service@network`.
pub(crate) fn private_endpoint(service: &str, network: &str) -> Piece {
    let name = format!("{service}@{network}");
    link(
        LinkKind::PrivateEndpoint,
        &name,
        (network, NodeKind::Network),
        (service, NodeKind::Service),
    )
}

/// A fact that a source states of a boundary.
pub(crate) fn state(of: &str, topic: Topic, value: &str, openness: i32) -> Piece {
    let statement = StatementDeclaration {
        of: vec![to(of)],
        of_networks: false,
        of_holders: false,
        topic,
        about: "mode".to_owned(),
        matter: "mode".to_owned(),
        exception_to: Vec::new(),
        value: value.to_owned(),
        counts: Counts::Always,
        openness,
        words: format!("takes {value}"),
        lasts_with: None,
        origins: BTreeSet::new(),
    };
    Piece {
        address: format!("mode.{of}"),
        fragment: Fragment {
            statements: vec![statement],
            ..Fragment::default()
        },
    }
}
