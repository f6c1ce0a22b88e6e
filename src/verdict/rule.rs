//! Every rule with its name and description, as data.

/// A rule of the JSON contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// See [`Rule::summary`] of each.
    MalformedMarker,
    #[allow(missing_docs)]
    MissingGuarantee,
    #[allow(missing_docs)]
    MissingJustification,
    #[allow(missing_docs)]
    NearMissMarker,
    #[allow(missing_docs)]
    UnmarkedPlaintext,
    #[allow(missing_docs)]
    ExternalCarveOut,
    #[allow(missing_docs)]
    UnanchoredGuarantee,
    #[allow(missing_docs)]
    GuaranteeBroken,
    #[allow(missing_docs)]
    MustRejustify,
}

impl Rule {
    /// Every rule that this version checks.
    pub const ALL: [Self; 9] = [
        Self::MalformedMarker,
        Self::MissingGuarantee,
        Self::MissingJustification,
        Self::NearMissMarker,
        Self::UnmarkedPlaintext,
        Self::ExternalCarveOut,
        Self::UnanchoredGuarantee,
        Self::GuaranteeBroken,
        Self::MustRejustify,
    ];

    /// Its name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::MalformedMarker => "malformed-marker",
            Self::MissingGuarantee => "missing-guarantee",
            Self::MissingJustification => "missing-justification",
            Self::NearMissMarker => "near-miss-marker",
            Self::UnmarkedPlaintext => "unmarked-plaintext",
            Self::ExternalCarveOut => "external-carve-out",
            Self::UnanchoredGuarantee => "unanchored-guarantee",
            Self::GuaranteeBroken => "guarantee-broken",
            Self::MustRejustify => "must-rejustify",
        }
    }

    /// One line: what is wrong.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::MalformedMarker => "a carve-out marker with nothing behind it",
            Self::MissingGuarantee => "a carve-out that names no network-perimeter guarantee",
            Self::MissingJustification => "a carve-out without a threat-model justification",
            Self::NearMissMarker => "a comment that looks like a carve-out marker but is not spelled like one",
            Self::UnmarkedPlaintext => "plaintext without a carve-out marker",
            Self::ExternalCarveOut => "a carve-out for traffic to a party outside the organisation",
            Self::UnanchoredGuarantee => "a guarantee that names no part of the network",
            Self::GuaranteeBroken => "a guarantee that is false after the change",
            Self::MustRejustify => "a carve-out whose perimeter changed and that nobody re-justified",
        }
    }
}
