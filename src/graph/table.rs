//! Route tables: what they send where, and who uses them.

use std::collections::BTreeSet;

use ipnet::IpNet;
use petgraph::graph::{EdgeIndex, NodeIndex};

use super::origin::OriginId;

/// Where a route's traffic is addressed to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// A prefix, host bits cleared.
    Prefix(IpNet),
    /// A prefix list or service whose prefixes the input does not tell.
    Named(String),
    /// Known only after apply.
    Unknown,
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Prefix(prefix) => prefix.fmt(f),
            Self::Named(name) => f.write_str(name),
            Self::Unknown => f.write_str("(destination known after apply)"),
        }
    }
}

/// What a route sends its traffic to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A hub, gateway or other node.
    Node(NodeIndex),
    /// A peering or attachment.
    Link(EdgeIndex),
    /// Dropped.
    Blackhole,
}

/// One line of a route table.
#[derive(Debug, Clone)]
pub struct Route {
    /// Where the traffic is addressed to.
    pub destination: Destination,
    /// Where it goes.
    pub target: Target,
    /// Who says so; more than one when the destination is a prefix list.
    pub origins: Vec<OriginId>,
}

/// Who uses a table, or feeds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Member {
    /// A subnet, or a gateway for traffic that comes in through it.
    Node(NodeIndex),
    /// An attachment of a hub.
    Link(EdgeIndex),
}

/// A route table of a network or hub.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its static routes.
    pub routes: Vec<Route>,
    /// Whose traffic it decides.
    pub associations: Vec<(Member, OriginId)>,
    /// Whose prefixes it learns.
    pub propagations: Vec<(Member, OriginId)>,
    /// Changes that may alter it in ways no route shows.
    pub origins: BTreeSet<OriginId>,
}
