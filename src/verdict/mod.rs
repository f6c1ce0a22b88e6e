//! 7. Changes and carve-outs to a verdict.
//!
//! Decides which footprints a change touches, what the same change set re-justified or removed, and which claims are false
//! afterwards. Conclusions are enums; no report decides what passes, and the exit code does not depend on the format.

pub mod areas;
pub mod audit;
pub mod claims;
pub mod finding;
pub mod ground;
pub mod judge;
mod meaning;
pub mod outside;
pub mod picture;
pub mod reading;
pub mod rule;
#[cfg(test)]
mod testing;

use crate::carveout::ledger::PerimeterDigest;
use crate::carveout::site::CarveOut;
use crate::change::Change;
use crate::graph::fragment::Notice;
use crate::graph::origin::Origins;
use crate::picture::Picture;

pub use finding::{Finding, Severity};
pub use rule::Rule;

/// Everything one run concludes. Reports render this and nothing else.
#[derive(Debug)]
pub struct Verdict {
    /// Whether someone must act.
    pub conclusion: Conclusion,
    /// The repositories looked at, that of the change set first. Where there are several, the locations of causes begin with
    /// the name of theirs.
    pub repositories: Vec<String>,
    /// What changes in the perimeter, in the order in which it is listed.
    pub changes: Vec<Change>,
    /// The resources that changes are caused by.
    pub origins: Origins,
    /// Every carve-out, by repository, path and line.
    pub carve_outs: Vec<Judged>,
    /// What else someone must act on, or should know; sorted.
    pub findings: Vec<Finding>,
    /// Findings of severity error that were there before and do not block.
    pub findings_from_before: usize,
    /// What was not understood; sorted, each once.
    pub notices: Vec<Notice>,
    /// The changed neighbourhood, to draw.
    pub picture: Picture,
    /// What was looked at, in words: plans, contexts, repositories with their revisions.
    pub inputs: Vec<String>,
}

/// Whether someone must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// Nothing to do.
    Clear,
    /// Someone must act before this ships.
    Blocked,
}

impl Conclusion {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Clear, Self::Blocked];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Blocked => "blocked",
        }
    }
}

/// A carve-out with what the change set means for it.
#[derive(Debug)]
pub struct Judged {
    /// The carve-out, as it stands at head; at base when it is gone from head.
    pub carve_out: CarveOut,
    /// What it comes to.
    pub status: Status,
    /// The changes it falls under: their ids, in order.
    pub because: Vec<String>,
    /// Why, for a person: one or more sentences.
    pub explanation: String,
    /// What to do, when there is something.
    pub help: Option<String>,
    /// The claim of its words that is false after the change, with why.
    pub false_claim: Option<String>,
    /// The perimeter that a receipt for it has to hold for; only of those that fell.
    pub perimeter: Option<PerimeterDigest>,
    /// The receipt that was found for it, if it fell.
    pub receipt: Option<Receipted>,
}

/// A receipt, laid beside the perimeter after the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipted {
    /// Who justified it.
    pub by: String,
    /// When, as an ISO date.
    pub date: String,
    /// Why it still holds.
    pub reason: String,
    /// Whether the perimeter after the change is exactly the one that it was justified against.
    pub fits: bool,
    /// What differs, where it does not fit and that can be told: "the peerings of prod".
    pub differs: Vec<String>,
}

impl Receipted {
    /// Who justified it, without the address: that stands in the ledger, for whoever wants to write.
    #[must_use]
    pub fn author(&self) -> &str {
        self.by
            .split_once(" <")
            .map_or(self.by.as_str(), |(name, _)| name)
    }
}

/// What the change set means for a carve-out. Words of the JSON contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// After the change, a claim its own words make is false.
    Broken,
    /// Its footprint's perimeter changed, and nothing re-justifies it.
    MustRejustify,
    /// It rests on nothing that can be resolved, and some perimeter changed.
    Unanchored,
    /// New in this change set.
    Added,
    /// Invalidated, and re-justified in this change set.
    Rejustified,
    /// Marker and plaintext setting are both gone.
    Removed,
    /// Nothing it rests on changed.
    Unaffected,
}

impl Status {
    /// Every status, in the order in which a person should read them.
    pub const ALL: [Self; 7] = [
        Self::Broken,
        Self::MustRejustify,
        Self::Unanchored,
        Self::Added,
        Self::Rejustified,
        Self::Removed,
        Self::Unaffected,
    ];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::MustRejustify => "must_rejustify",
            Self::Unanchored => "unanchored",
            Self::Added => "added",
            Self::Rejustified => "rejustified",
            Self::Removed => "removed",
            Self::Unaffected => "unaffected",
        }
    }

    /// The words for a person.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::MustRejustify => "must be re-justified",
            Self::Unanchored => "unanchored",
            Self::Added => "added",
            Self::Rejustified => "re-justified",
            Self::Removed => "removed",
            Self::Unaffected => "unaffected",
        }
    }

    /// Whether a carve-out in this status stops the change set by itself.
    #[must_use]
    pub fn blocks(self) -> bool {
        matches!(self, Self::Broken | Self::MustRejustify | Self::Unanchored)
    }
}
