//! Kinds of link.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::identity::{Key, LinkId, NodeId};
use super::node::SetProperty;
use super::origin::OriginId;
use super::protection::InTransit;

/// How two nodes are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// Two networks joined directly. Not transitive.
    Peering,
    /// A network joined to a hub, or two hubs joined.
    Attachment,
    /// A tunnel to a party outside.
    Vpn,
    /// A private line to a party outside.
    Interconnect,
    /// A network joined to a gateway of its own.
    Door,
    /// A service made reachable inside a network.
    PrivateEndpoint,
    /// A resource or service handed to, or offered to, another party.
    Sharing,
}

impl LinkKind {
    /// The first part of a link's identifier, and the word for a person.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Peering => "peering",
            Self::Attachment => "attachment",
            Self::Vpn => "vpn",
            Self::Interconnect => "interconnect",
            Self::Door => "door",
            Self::PrivateEndpoint => "private-endpoint",
            Self::Sharing => "sharing",
        }
    }
}

/// The identity of a link between two nodes. A peering has no direction, nor has a tunnel between two gateways.
#[must_use]
pub fn link_id(kind: LinkKind, first: &NodeId, second: &NodeId) -> LinkId {
    let is_hub = |node: &NodeId| node.as_str().starts_with("hub/");
    let has_no_direction = match kind {
        LinkKind::Peering => true,
        LinkKind::Vpn => is_hub(first) && is_hub(second),
        _ => false,
    };
    let (first, second) = if has_no_direction && first > second {
        (second, first)
    } else {
        (first, second)
    };
    LinkId::from(format!("{}/{first}~{second}", kind.slug()))
}

/// How far a link has come. Offered and pending links are links: the other half may live where we cannot see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkState {
    /// Offered by one side; nothing tells whether the other accepted.
    Offered,
    /// Both sides agreed, as far as the input tells.
    Effective,
}

impl LinkState {
    /// The word for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Effective => "effective",
        }
    }
}

/// What the half of a peering that one end makes opens beyond the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Beyond {
    /// It lets the other end use the gateways it has to parties outside.
    pub lends_gateways: bool,
    /// It uses the gateways of the other end, if that one lets it.
    pub borrows_gateways: bool,
    /// It takes in traffic that the other end only passes on.
    pub takes_forwarded: bool,
}

impl Beyond {
    /// What two descriptions of one half open together.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            lends_gateways: self.lends_gateways || other.lends_gateways,
            borrows_gateways: self.borrows_gateways || other.borrows_gateways,
            takes_forwarded: self.takes_forwarded || other.takes_forwarded,
        }
    }
}

/// An edge of the perimeter graph.
#[derive(Debug, Clone)]
pub struct Link {
    /// Kind and ends.
    pub id: LinkId,
    /// How its ends are joined.
    pub kind: LinkKind,
    /// The provider's word for it: "VPC peering connection".
    pub role: String,
    /// The name people gave it.
    pub name: Option<String>,
    /// Every identifier and address it is known by.
    pub keys: BTreeSet<Key>,
    /// How far it has come.
    pub state: LinkState,
    /// How traffic on it is protected.
    pub in_transit: InTransit,
    /// The resources whose values decided on the protection, beside its own.
    pub protection_origins: BTreeSet<OriginId>,
    /// The line that carries it, if a node of its own stands for that.
    pub carrier: Option<NodeId>,
    /// Values that count.
    pub properties: BTreeMap<String, SetProperty>,
    /// Whether the hub's default tables take this attachment in: (association, propagation). `None`: the hub decides.
    pub joins_default: (Option<bool>, Option<bool>),
    /// Whether its hub learns the far side's prefixes by a routing protocol, so that no table lists them.
    pub dynamic_prefixes: bool,
    /// Of a link that both ends make, each with a half of its own: the halves there are, by the end that made them.
    pub halves: BTreeMap<NodeId, Beyond>,
    /// Of an attachment that a peering brings along: the network in between, whose gateway this is.
    pub over: Option<NodeId>,
    /// The resources that describe it.
    pub origins: BTreeSet<OriginId>,
}

impl Link {
    /// Whether the first of a peering's ends uses the gateways of the second, and that one lets it.
    ///
    /// A half that is there and that nobody describes counts as open.
    #[must_use]
    pub fn lender(&self, borrower: &NodeId, lender: &NodeId) -> bool {
        let not_described = if self.state == LinkState::Effective && !self.halves.is_empty() {
            Beyond {
                lends_gateways: true,
                borrows_gateways: true,
                takes_forwarded: true,
            }
        } else {
            Beyond::default()
        };
        let half = |end| self.halves.get(end).copied().unwrap_or(not_described);
        half(borrower).borrows_gateways && half(lender).lends_gateways
    }

    /// The name to show a person: the given name, else the address, else the provider's identifier.
    #[must_use]
    pub fn display_name(&self) -> String {
        let address = self.keys.iter().find_map(|key| match key {
            Key::Address(address) => Some(address.clone()),
            Key::Provider(_) => None,
        });
        let id = self.keys.iter().map(|key| {
            key.as_str()
                .split_once(':')
                .map_or(key.as_str(), |(_, id)| id)
                .to_owned()
        });
        self.name
            .clone()
            .or(address)
            .or_else(|| id.into_iter().next())
            .unwrap_or_else(|| self.id.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_between_two_gateways_has_no_direction_and_one_to_a_party_outside_has() {
        let [first, second, party] =
            ["hub/a", "hub/b", "external/c"].map(|id| NodeId::from(id.to_owned()));
        let vpn = |one, other| link_id(LinkKind::Vpn, one, other);
        assert_eq!(vpn(&first, &second), vpn(&second, &first));
        assert_ne!(vpn(&first, &party), vpn(&party, &first));
        let attachment = |one, other| link_id(LinkKind::Attachment, one, other);
        assert_ne!(attachment(&first, &second), attachment(&second, &first));
    }
}
