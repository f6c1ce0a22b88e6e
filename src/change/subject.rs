//! What differing facts have in common: the thing a person would name.

use std::collections::BTreeSet;

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;
use crate::graph::{BoundaryId, LinkId, NodeId};

use super::diff::FactChange;
use super::kind::Effect;
use super::reach::ReachChange;

/// One differing fact of a boundary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// In words, to stand after the boundary's name: "is now peered with analytics".
    pub words: String,
    /// What it does.
    pub effect: Effect,
    /// It says how a link protects its traffic; what never leaves a boundary does not rest on that.
    pub is_protection: bool,
    /// It bounds the traffic of what lies inside the boundary too.
    pub passes_down: bool,
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
    /// Things inside networks that lay in the first ones and will lie in the second.
    Move([BTreeSet<NodeId>; 2]),
    /// A name that means something else than before.
    Name(String),
    /// A value of a boundary's own.
    Property(BoundaryId, String),
    /// What one resource takes or sends in the clear.
    Plaintext(String),
    /// Stated facts with one matter, one transition and one cause.
    Stated {
        topic: Topic,
        matter: String,
        transition: [Option<String>; 2],
        origins: BTreeSet<OriginId>,
    },
}

/// Differing facts with one subject.
#[derive(Debug, Default)]
pub(super) struct Group<'d> {
    pub(super) facts: Vec<&'d FactChange<'d>>,
    pub(super) reach: Vec<&'d ReachChange>,
}
