//! 6. What is to be drawn of the network, made once for every format.
//!
//! A [`View`](view::View) is everything that a picture is about: the parts and links of one snapshot, or of two laid over each
//! other. `collapse` makes a [`Picture`] of it that a person can read at any size: what is small is counted in what it lies
//! in, and what is joined alike shares a box that lists its names. Nothing is dropped without a word. How a box looks, and
//! where it goes, is the business of reports.

mod collapse;
mod communities;
pub mod view;

use crate::graph::node::NodeKind;
use crate::graph::protection::Protection;

#[cfg(test)]
mod tests;

pub use collapse::draw;

/// A drawing of parts of the network and the links between them; of a change, before and after in one.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// Boxes, by identity. A box stands behind the one it lies in nowhere; [`PictureNode::parent`] tells.
    pub nodes: Vec<PictureNode>,
    /// Links between them.
    pub links: Vec<PictureLink>,
    /// Parts that lie in nothing that is drawn, and are too small to be drawn themselves.
    pub beside: Vec<Counted>,
    /// The region that everything lies in, where it is one; boxes do not say it then.
    pub region: Option<String>,
    /// Whether things have been put into one box because they are many; how far.
    pub stacking: Stacking,
}

/// What shares a box because there are many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stacking {
    /// Nothing: every part has a box of its own.
    #[default]
    Nothing,
    /// Parts that are alike in everything that is drawn of them: role, place, links, what becomes of them.
    Alike,
    /// Parts of one role that are joined with each other more than with the rest. What lies inside them is counted.
    Together,
    /// Parts of one role in one place, whatever they are linked to. What lies inside them is counted.
    Places,
    /// Parts of one role.
    Roles,
}

/// A box to draw: one part, or several that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureNode {
    /// Identity in the graph; of several, that of the first.
    pub id: String,
    /// The name to show; of several, nothing.
    pub name: String,
    /// The role to show: "vpc".
    pub role: String,
    /// What sort of thing it is.
    pub kind: NodeKind,
    /// How well the input knows it.
    pub knowledge: Knowledge,
    /// Region or location, where it is known.
    pub region: Option<String>,
    /// What happens to it.
    pub fate: Fate,
    /// Index of the box it lies in.
    pub parent: Option<usize>,
    /// What this box stands for, by name, if it is several parts.
    pub members: Vec<Member>,
    /// What lies in it and is not drawn.
    pub contents: Vec<Counted>,
    /// Whether there is a way between it and the internet that no link shows.
    pub internet: Option<Internet>,
    /// Links among the parts of this box, by label.
    pub among: Vec<(String, usize)>,
    /// Links that lead to parts that are not in the picture.
    pub more_links: usize,
    /// Carve-outs that rest on it; of several parts, all of them.
    pub pins: Vec<Pin>,
}

impl PictureNode {
    /// How many carve-outs that must be acted on rest on it.
    #[must_use]
    pub fn falling(&self) -> usize {
        self.pins.iter().filter(|pin| pin.falls).count()
    }

    /// How many parts the box stands for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.members.len().max(1)
    }
}

/// How well the input knows a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knowledge {
    /// It is described.
    Described,
    /// It is only named by others: it lies in another account, state or site.
    Foreign,
    /// A reference that could not be resolved names it.
    Unresolved,
}

impl Knowledge {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Described => "described",
            Self::Foreign => "foreign",
            Self::Unresolved => "unresolved",
        }
    }
}

/// One of several parts that share a box.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The name to show.
    pub name: String,
    /// Identity in the graph.
    pub id: String,
    /// How many carve-outs rest on it.
    pub pins: usize,
}

/// Parts that are not drawn, and said: "37 subnets, 1 added".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counted {
    /// What they are: "subnet".
    pub role: String,
    /// How many, those that come or go among them.
    pub count: usize,
    /// How many of them come.
    pub added: usize,
    /// How many of them go.
    pub removed: usize,
}

/// A way between a part and the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Internet {
    /// The internet gets in; else only connections from inside get out.
    pub gets_in: bool,
    /// What happens to that way.
    pub fate: Fate,
    /// Of several that share a box: how many have such a way; 0: all of them.
    pub of_some: usize,
}

/// A carve-out that rests on something drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pin {
    /// The carve-out's identity.
    pub id: String,
    /// Where its comment stands.
    pub place: String,
    /// Whether someone must act on it.
    pub falls: bool,
}

/// A link to draw, or several that are alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureLink {
    /// Index of one end in [`Picture::nodes`].
    pub from: usize,
    /// Index of the other.
    pub to: usize,
    /// What to write on it.
    pub label: String,
    /// What was to be written on it before, where that differs.
    pub label_before: Option<String>,
    /// How it protects its traffic; of several, the weakest.
    pub protection: Protection,
    /// Which way traffic gets over it, or who may call whom.
    pub direction: Direction,
    /// How many links this line stands for.
    pub count: usize,
    /// What happens to it.
    pub fate: Fate,
    /// Carve-outs that rest on the link itself.
    pub pins: Vec<Pin>,
}

/// Which way traffic gets over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Both ways.
    Both,
    /// From the first end to the second only.
    Forward,
    /// From the second end to the first only.
    Backward,
    /// Nowhere: no table lets anything through.
    Closed,
}

impl Direction {
    /// The word of the JSON contract, for a link from `ends[0]` to `ends[1]`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Closed => "closed",
        }
    }

    /// The same, seen from the other end.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
            same => same,
        }
    }
}

/// What happens to something in a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It comes.
    Added,
    /// It goes.
    Removed,
    /// It stays and is not the same.
    Changed,
}

impl Fate {
    /// Every fate.
    pub const ALL: [Self; 4] = [Self::Kept, Self::Added, Self::Removed, Self::Changed];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }

    /// To stand before a name; readable without colour.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Kept => "",
            Self::Added => "+ ",
            Self::Removed => "− ",
            Self::Changed => "± ",
        }
    }
}
