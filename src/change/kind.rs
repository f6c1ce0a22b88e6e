//! What a change is called: its category and effect. Both are words of the JSON contract.

/// What sort of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A boundary's content went into another one.
    Merge,
    /// A boundary moved to another place.
    Migration,
    /// A boundary was created or destroyed.
    Boundary,
    /// Networks joined or parted directly.
    Peering,
    /// What hubs connect.
    Transit,
    /// Private lines to parties outside.
    Interconnect,
    /// Tunnels to parties outside.
    Vpn,
    /// Services made reachable one by one.
    PrivateEndpoint,
    /// Who else may use or enter.
    Sharing,
    /// What the internet reaches.
    Exposure,
    /// Where traffic is sent.
    Routing,
    /// How traffic is protected.
    Encryption,
    /// Which callers prove who they are.
    Authentication,
    /// What a mesh joins.
    Mesh,
    /// Which addresses belong to a boundary.
    AddressSpace,
}

impl Category {
    /// Every category, in the order in which changes are listed.
    pub const ALL: [Self; 15] = [
        Self::Merge,
        Self::Migration,
        Self::Boundary,
        Self::Peering,
        Self::Transit,
        Self::Interconnect,
        Self::Vpn,
        Self::PrivateEndpoint,
        Self::Sharing,
        Self::Exposure,
        Self::Routing,
        Self::Encryption,
        Self::Authentication,
        Self::Mesh,
        Self::AddressSpace,
    ];

    /// The word of the JSON contract and of the settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Migration => "migration",
            Self::Boundary => "boundary",
            Self::Peering => "peering",
            Self::Transit => "transit",
            Self::Interconnect => "interconnect",
            Self::Vpn => "vpn",
            Self::PrivateEndpoint => "private_endpoint",
            Self::Sharing => "sharing",
            Self::Exposure => "exposure",
            Self::Routing => "routing",
            Self::Encryption => "encryption",
            Self::Authentication => "authentication",
            Self::Mesh => "mesh",
            Self::AddressSpace => "address_space",
        }
    }
}

/// What a change does to the perimeter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Only opens, or only loses protection.
    Widens,
    /// Only closes, or only gains protection.
    Narrows,
    /// Both, or neither can be shown.
    Alters,
}

impl Effect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Widens, Self::Narrows, Self::Alters];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Widens => "widens",
            Self::Narrows => "narrows",
            Self::Alters => "alters",
        }
    }

    /// The effect of both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self == other { self } else { Self::Alters }
    }
}

/// What the names of properties begin with that say how traffic is protected.
pub(super) const ENCRYPTION: &str = "encryption";

/// What the names of properties begin with that say where traffic is in the clear.
pub(super) const PLAINTEXT: &str = "plaintext";

/// What the names of properties begin with that say what is kept in or out.
pub(super) const RESTRICTED: &str = "restricted";

/// What the names of properties begin with that say which addresses are announced to others.
pub(super) const ADVERTISED: &str = "advertised";
