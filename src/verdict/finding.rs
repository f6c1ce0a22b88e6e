//! One thing that someone must act on, or should know.

use crate::location::Location;

use super::rule::Rule;

/// How much a finding weighs. Words of the JSON contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Blocks, when the change set introduces it or it sits on a dependent.
    Error,
    /// Reported.
    Warning,
}

impl Severity {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Error, Self::Warning];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A finding: one primary location, others related.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The repository it is in.
    pub repository: String,
    /// Where someone must act: the call site.
    pub location: Location,
    /// What is wrong, by rule.
    pub rule: Rule,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong here.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where else to look, with what is to be seen there.
    pub related: Vec<(Location, String)>,
}
