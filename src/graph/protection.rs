//! How a link is protected in transit, and who says so.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::node::{Node, Property};
use super::origin::OriginId;

/// How traffic on a link is protected in transit.
///
/// Without a documented fact this is `Unknown`, never `None`: missing documentation proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Documented to be in the clear.
    None,
    /// Nobody says.
    Unknown,
    /// Encrypted by a mesh.
    Mesh,
    /// Encrypted by a tunnel such as IPsec.
    Tunnel,
    /// Encrypted by the cloud provider.
    Provider,
}

impl Protection {
    /// Encrypted on the wire, as far as anybody documents.
    #[must_use]
    pub fn encrypts(self) -> bool {
        matches!(self, Self::Mesh | Self::Tunnel | Self::Provider)
    }

    /// The words to stand after "traffic".
    #[must_use]
    pub fn clause(self) -> &'static str {
        match self {
            Self::None => "in the clear",
            Self::Unknown => "with no documented encryption",
            encrypted => encrypted.word(),
        }
    }

    /// The word for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "not encrypted",
            Self::Unknown => "no documented encryption",
            Self::Mesh => "encrypted by the mesh",
            Self::Tunnel => "encrypted by its tunnel",
            Self::Provider => "encrypted by the provider",
        }
    }
}

/// The documented fact that a statement on protection rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The fact's identifier in its providers file.
    pub fact: String,
    /// What the provider documents, in our words.
    pub claim: String,
    /// The page that says so.
    pub source: String,
    /// When it was read, as an ISO date.
    pub read: String,
}

/// Protection of one link, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InTransit {
    /// The protection.
    pub protection: Protection,
    /// Why we say so; `None` only together with `Protection::Unknown`.
    pub evidence: Option<Evidence>,
}

impl InTransit {
    /// Nobody says how this link is protected.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            protection: Protection::Unknown,
            evidence: None,
        }
    }
}

/// A test of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Known, and one of these.
    OneOf(Vec<String>),
    /// Absent, or known and none of these.
    NoneOf(Vec<String>),
}

impl Test {
    /// Whether the property passes; `None` when it is known only after apply.
    #[must_use]
    pub fn passes(&self, property: Option<&Property>) -> Option<bool> {
        match (self, property) {
            (_, Some(Property::Unknown)) => None,
            (Self::OneOf(values), Some(Property::Known(text))) => Some(values.contains(text)),
            (Self::OneOf(_), None) => Some(false),
            (Self::NoneOf(values), Some(Property::Known(text))) => Some(!values.contains(text)),
            (Self::NoneOf(_), None) => Some(true),
        }
    }
}

/// A condition that only the assembled graph can decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkCondition {
    /// Both ends lie in one region (`true`) or in two (`false`).
    SameRegion(bool),
    /// Both ends have a property that passes.
    BothEnds(String, Test),
    /// The line that carries the link has a property that passes.
    Carrier(String, Test),
    /// Something that an end lies in has a property that passes.
    Around(String, Test),
}

/// What a link's conditions look at.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'g> {
    /// Its ends.
    pub ends: [&'g Node; 2],
    /// The line that carries it.
    pub carrier: Option<&'g Node>,
    /// All that its ends lie in.
    pub around: &'g [&'g Node],
}

/// One row of a link's protection table: the first row whose conditions all hold decides.
#[derive(Debug, Clone)]
pub struct ProtectionRule {
    /// All must hold.
    pub when: Vec<LinkCondition>,
    /// What then holds.
    pub in_transit: InTransit,
}

impl LinkCondition {
    fn holds(&self, setting: Setting<'_>) -> Option<bool> {
        match self {
            Self::SameRegion(wanted) => {
                let [first, second] = setting.ends.map(|end| end.place.region.as_deref());
                Some((first? == second?) == *wanted)
            }
            Self::BothEnds(name, test) => {
                let [first, second] = setting.ends.map(|end| test.passes(end.property(name)));
                match (first, second) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Self::Carrier(name, test) => test.passes(setting.carrier?.property(name)),
            Self::Around(name, test) => {
                let set = setting.around.iter().filter_map(|node| node.property(name));
                let mut undecided = false;
                for property in set {
                    match test.passes(Some(property)) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => undecided = true,
                    }
                }
                if undecided { None } else { Some(false) }
            }
        }
    }
}

/// The resources that set the properties which a table of rules looks at.
#[must_use]
pub fn deciding_origins(rules: &[ProtectionRule], setting: Setting<'_>) -> BTreeSet<OriginId> {
    let conditions = rules.iter().flat_map(|rule| &rule.when);
    conditions
        .flat_map(|condition| {
            let (name, nodes) = match condition {
                LinkCondition::SameRegion(_) => return Vec::new(),
                LinkCondition::BothEnds(name, _) => (name, setting.ends.to_vec()),
                LinkCondition::Carrier(name, _) => (name, setting.carrier.into_iter().collect()),
                LinkCondition::Around(name, _) => (name, setting.around.to_vec()),
            };
            nodes
                .into_iter()
                .filter_map(|node| node.properties.get(name))
                .collect()
        })
        .map(|set| set.origin)
        .collect()
}

/// What the first matching rule says.
///
/// A rule that may or may not hold makes the answer `Unknown`: later rules must not be reached by ignorance.
#[must_use]
pub fn decide(rules: &[ProtectionRule], setting: Setting<'_>) -> InTransit {
    for rule in rules {
        let mut undecided = false;
        let mut failed = false;
        for condition in &rule.when {
            match condition.holds(setting) {
                Some(true) => {}
                Some(false) => failed = true,
                None => undecided = true,
            }
        }
        if failed {
            continue;
        }
        if undecided {
            return InTransit::unknown();
        }
        return rule.in_transit.clone();
    }
    InTransit::unknown()
}
