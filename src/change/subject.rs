//! What differing facts have in common: the thing a person would name.

use crate::graph::{BoundaryId, LinkId, NodeId};

use super::diff::{FactChange, ReachChange};
use super::kind::Effect;

/// One differing fact of a boundary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// In words, to stand after the boundary's name: "is now peered with analytics".
    pub words: String,
    /// What it does.
    pub effect: Effect,
    /// It says how a link protects its traffic; what never leaves a boundary does not rest on that.
    pub is_protection: bool,
    /// The far side, where the fact speaks of one.
    pub far: Option<NodeId>,
}

/// What differing facts have in common: the thing a person would name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// A boundary came, went, or was made anew.
    Boundary(NodeId),
    /// A link came, went, or was made anew.
    Link(LinkId),
    /// The protection of a link that stays.
    Protection(LinkId),
    /// What a hub's tables say.
    Hub(NodeId),
    /// Where a network sends traffic for one target.
    Routing(NodeId, String),
    /// The doors between a network and the internet.
    Door(NodeId),
    /// A network's way out.
    Egress(NodeId),
    /// A network's service offers.
    Offer(NodeId),
    /// One share.
    Share(String),
    /// A network's addresses.
    Addresses(NodeId),
    /// A value of a boundary's own.
    Property(BoundaryId, String),
    /// What one resource takes or sends in the clear.
    Plaintext(String),
}

/// Differing facts with one subject.
#[derive(Debug, Default)]
pub(super) struct Group<'d> {
    pub(super) facts: Vec<&'d FactChange<'d>>,
    pub(super) reach: Vec<&'d ReachChange>,
}
