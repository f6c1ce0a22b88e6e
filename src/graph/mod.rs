//! 3. The perimeter graph: networks, hubs, gateways and the links between them.
//!
//! Knows no provider and no file format: readers hand it [`fragment`]s, [`mod@assemble`] stitches them into one [`Graph`],
//! [`reach`] follows traffic through hubs, and [`perimeter`] states what holds around each boundary as a set of facts.
//! It does not compare two graphs; that is the room `change`. petgraph stays inside this room: outside, nodes and links
//! are known by [`identity::NodeId`] and [`identity::LinkId`].

pub mod assemble;
pub mod fragment;
pub mod identity;
pub mod link;
pub mod node;

pub mod origin;
pub mod perimeter;
pub mod prefixes;
pub mod protection;
pub mod reach;
pub mod snapshot;

pub mod table;

#[cfg(test)]
mod oracle;
#[cfg(test)]
pub(crate) mod testing;

pub use assemble::assemble;
pub use identity::{BoundaryId, Key, LinkId, NodeId};
pub use snapshot::Graph;
