//! 3. The perimeter graph: networks, hubs, gateways and the links between them.
//!
//! Knows no provider and no file format: readers hand it [`fragment`]s, [`assemble`] stitches them into one [`Graph`],
//! [`reach`] follows traffic through hubs, and [`perimeter`] states what holds around each boundary as a set of facts.
//! It does not compare two graphs; that is the room `change`. petgraph stays inside this room: outside, nodes and links
//! are known by [`identity::NodeId`] and [`identity::LinkId`].


pub mod fragment;
pub mod identity;
pub mod link;
pub mod node;

pub mod protection;

pub mod table;


pub use identity::{BoundaryId, Key, LinkId, NodeId};
