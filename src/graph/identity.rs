//! What makes a node or link the same before and after a change, however it is spelled.

use std::fmt;
use std::sync::Arc;

/// One name under which a source speaks of a thing.
///
/// A thing has as many keys as it has identifiers; two declarations that share a key speak of the same thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// An identifier given by the provider, in canonical form and qualified by the provider: `aws:vpc-0a1`.
    Provider(String),
    /// The address of a resource whose identifier is known only after apply, with `#attribute` when a part that the
    /// resource brings along is meant: `aws_vpc.main`, `aws_vpc.main#main_route_table_id`.
    Address(String),
}

impl Key {
    /// The text of the key, for identifiers and messages.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Provider(text) | Self::Address(text) => text,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an attribute that names another thing refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// Exactly one thing.
    To(Key),
    /// One of several things; the input does not tell which.
    OneOf(Vec<Key>),
    /// Something that the input hides, such as an identifier known only after apply behind a local value.
    Unresolved {
        /// A stable name for the hidden thing, so that it compares equal to itself: `aws_route.x.gateway_id`.
        placeholder: String,
        /// Why it could not be resolved, for a person.
        why: String,
    },
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The identifier as text; stable across runs and part of the JSON contract.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// Identity of a node: its kind and first key, as in `network/aws:vpc-0a1`.
    NodeId
}

text_id! {
    /// Identity of a link: its kind and both ends, as in `peering/network/aws:vpc-0a1~network/aws:vpc-0b2`.
    ///
    /// The provider's own identifier of the link is not part of it: a link replaced with equal ends is the same link.
    LinkId
}

/// Whose perimeter a fact belongs to: a node's, or a link's when a guarantee rests on the link itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoundaryId {
    /// A network, hub or other node.
    Node(NodeId),
    /// A peering, interconnect, VPN or other link.
    Link(LinkId),
}

impl BoundaryId {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Node(id) => id.as_str(),
            Self::Link(id) => id.as_str(),
        }
    }
}

impl fmt::Display for BoundaryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
