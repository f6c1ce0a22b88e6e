//! Kinds of node.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::Deserialize;

use super::identity::{Key, NodeId};
use super::origin::OriginId;

/// What a node is, in the field's own words whatever the provider calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A VPC or VNet: the boundary that isolates.
    Network,
    /// A part of a network.
    Subnet,
    /// A transit gateway, virtual hub or private gateway that traffic passes through.
    Hub,
    /// A door between a network and the internet.
    Gateway,
    /// A set of routes: of a network's subnets, or of a hub's attachments.
    RouteTable,
    /// A named set of prefixes that routes refer to.
    PrefixList,
    /// A load balancer.
    LoadBalancer,
    /// A service that others reach through a private endpoint.
    Service,
    /// A share that hands resources to other accounts.
    Share,
    /// An account, project or subscription.
    Account,
    /// A boundary around the interfaces of managed services, whatever network they are called from.
    ServicePerimeter,
    /// A Kubernetes or mesh cluster, inside networks.
    Cluster,
    /// A namespace of a cluster.
    Namespace,
    /// What runs in a namespace under one name and takes traffic on ports.
    Workload,
    /// Identities under one root of trust.
    TrustDomain,
    /// A party outside the input's networks: a customer's router, another account, the internet.
    External,
    /// Something a reference names without telling what it is.
    Other,
}

impl NodeKind {
    /// Whether it is a boundary inside networks: what bounds the traffic of its networks bounds its own.
    #[must_use]
    pub fn lies_in_networks(self) -> bool {
        matches!(self, Self::Cluster | Self::Namespace | Self::Workload)
    }

    /// The first part of a node's identifier.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Subnet => "subnet",
            Self::Hub => "hub",
            Self::Gateway => "gateway",
            Self::RouteTable => "route-table",
            Self::PrefixList => "prefix-list",
            Self::LoadBalancer => "load-balancer",
            Self::Service => "service",
            Self::Share => "share",
            Self::Account => "account",
            Self::ServicePerimeter => "service-perimeter",
            Self::Cluster => "cluster",
            Self::Namespace => "namespace",
            Self::Workload => "workload",
            Self::TrustDomain => "trust-domain",
            Self::External => "external",
            Self::Other => "other",
        }
    }
}

/// How a hub passes traffic on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forwards {
    /// To nobody: traffic ends here. True of everything that is not a hub.
    #[default]
    Nowhere,
    /// To every other attachment.
    Everywhere,
    /// As the route table says that the attachment is associated with.
    ByTables,
    /// Only between an external side and an inner side, never between two inner ones.
    BetweenOutsideAndInside,
}

/// What a gateway lets through between its network and the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    /// Both directions: what is behind it is exposed.
    #[default]
    BothWays,
    /// Only connections from inside.
    Egress,
}

/// Where a boundary lies. `None` means that the input does not tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Region or location, as the provider spells it.
    pub region: Option<String>,
    /// Account, project or subscription.
    pub account: Option<String>,
}

impl Place {
    /// Keep what is known here and take from `other` what is not.
    pub(crate) fn fill_from(&mut self, other: &Self) {
        if self.region.is_none() {
            self.region.clone_from(&other.region);
        }
        if self.account.is_none() {
            self.account.clone_from(&other.account);
        }
    }
}

/// The addresses of a network, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressSpace {
    /// Known prefixes, host bits cleared.
    pub prefixes: BTreeSet<IpNet>,
    /// Some of the space is known only after apply, or not described at all.
    pub partly_unknown: bool,
    /// What stands for prefixes that are there and not told: sensitive ones, and those known only after apply.
    pub untold: BTreeSet<String>,
    /// The resources, beside the network's own, that add to it.
    pub origins: BTreeSet<OriginId>,
}

/// A value that counts, of a node or link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Property {
    /// Known before apply, as text.
    Known(String),
    /// Known only after apply: equal to nothing, protects nothing.
    Unknown,
}

impl Property {
    /// The text of a known value.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::Unknown => None,
        }
    }
}

/// A property together with who set it.
#[derive(Debug, Clone)]
pub struct SetProperty {
    /// The value.
    pub value: Property,
    /// The resource that set it.
    pub origin: OriginId,
    /// The property is a fact of its boundary's perimeter, not only an input of conditions.
    pub is_fact: bool,
}

/// How well the input knows a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A resource or data source of the input describes it.
    Described,
    /// Only named by others: it lies in another account, state or site.
    Foreign,
    /// Named by a reference that could not be resolved.
    Unresolved {
        /// Why, for a person.
        why: String,
        /// The nodes it may be; empty when it may be anything.
        candidates: Vec<NodeId>,
    },
}

/// A vertex of the perimeter graph.
#[derive(Debug, Clone)]
pub struct Node {
    /// The same before and after, as long as it is the same thing.
    pub id: NodeId,
    /// What it is.
    pub kind: NodeKind,
    /// What people of its provider call it: "vpc", "transit gateway".
    pub role: String,
    /// The name people gave it.
    pub name: Option<String>,
    /// Weaker names: the label of its resource or module.
    pub labels: BTreeSet<String>,
    /// Every identifier and address it is known by.
    pub keys: BTreeSet<Key>,
    /// Where it lies.
    pub place: Place,
    /// Its addresses.
    pub address_space: AddressSpace,
    /// How it passes traffic on.
    pub forwards: Forwards,
    /// What it opens to the internet, for gateways.
    pub opens: Option<Opens>,
    /// Values that count.
    pub properties: BTreeMap<String, SetProperty>,
    /// What tells it from another of the same identity that was there before or comes after it: of these, what was shown of the
    /// one says nothing of the other. Known of clusters only, whose identity is a name.
    pub incarnation: Option<String>,
    /// How well it is known.
    pub standing: Standing,
    /// The resources that describe it.
    pub origins: BTreeSet<OriginId>,
    /// Others of its kind bear its name.
    pub has_namesakes: bool,
}

impl Node {
    /// The name to show a person: the given name, else the address, else the identifier. Namesakes are told apart.
    #[must_use]
    pub fn display_name(&self) -> String {
        match &self.name {
            Some(name) if self.has_namesakes => return format!("{name} ({})", self.unnamed()),
            Some(name) => return name.clone(),
            None => {}
        }
        if let Standing::Unresolved { candidates, .. } = &self.standing
            && candidates.is_empty()
        {
            let text = self
                .id
                .as_str()
                .split_once(':')
                .map_or("", |(_, placeholder)| placeholder);
            return format!("unknown ({text})");
        }
        self.unnamed()
    }

    /// The address, else the identifier.
    fn unnamed(&self) -> String {
        let address = self.keys.iter().find_map(|key| match key {
            Key::Address(address) => Some(address.clone()),
            Key::Provider(_) => None,
        });
        address.unwrap_or_else(|| self.identifier())
    }

    /// The identifier that its provider knows it by, else its address: what tells it from all else, whatever it is called.
    #[must_use]
    pub fn identifier(&self) -> String {
        let text = self.id.as_str();
        let text = text.split_once('/').map_or(text, |(_, rest)| rest);
        text.split_once(':').map_or(text, |(_, id)| id).to_owned()
    }

    /// A known property's text.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(name).map(|set| &set.value)
    }
}

/// Whether a node is a described thing that lies in networks, if in anything, and is no boundary: a database, a server, a
/// load balancer.
#[must_use]
pub fn is_placed_thing(node: &Node) -> bool {
    let is_thing = matches!(
        node.kind,
        NodeKind::LoadBalancer | NodeKind::Service | NodeKind::Other
    );
    is_thing && node.standing == Standing::Described
}
