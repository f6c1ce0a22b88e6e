//! Which documented carve-outs does a change of the network invalidate?
//!
//! This is the map. Data flows through nine rooms, and each begins with a comment on what it does and what it does not:
//!
//! ```text
//! providers/*.yaml -> catalog -> sources -> graph (before, after) -> change --\
//! source text at a revision -> carveout (marker, guarantee, footprint) --------> verdict -> report
//! ```
//!
//! 1. [`catalog`]: what provider resource types mean. Data, from `providers/*.yaml`.
//! 2. [`sources`]: text to fragments, declarations that refer to each other. Every reader yields the same type.
//! 3. [`graph`]: fragments to one graph of networks and links; what is reached through hubs; the facts around each boundary.
//! 4. [`change`]: what only one of two graphs has, gathered into what a person would call one change.
//! 5. [`carveout`]: comments to carve-outs, bound to the nodes and links that their guarantees rest on.
//! 6. [`picture`]: what is to be drawn of one graph, or of two laid over each other.
//! 7. [`verdict`]: which carve-outs a change touches, what the change set re-justified, which claims are false now.
//! 8. [`report`]: a verdict or a picture as text, one file per format.
//! 9. [`forge`]: what to ask of a code host so that one comment says it, as values.
//!
//! Around them: [`commands`] joins the rooms, [`repos`] reads git, [`settings`] is `perimeter.yaml`, [`cli`] is what a user can
//! type, [`exit_code`] what CI is promised; [`location`] and [`value`] are used everywhere.
//!
//! # Invariants
//!
//! Mostly absences:
//!
//! - Only [`commands`], [`repos`] and the binary touch disk, git, environment or terminal; the rest is values in, values out.
//! - Only `commands/wire.rs` knows a network, and only `perimeter comment` uses it.
//! - No reader judges a change; no report decides what passes; the exit code does not depend on the format.
//! - Plan actions are never compared, graphs are.
//! - [`graph`], [`change`], [`carveout`] and [`verdict`] do not derive `Serialize`; [`report::json::v1`] has types of its own.
//! - Unknown never counts as encrypted, nor as unchanged, nor becomes a default.
//! - A link whose far end is not in the input is kept, to a foreign node.
//! - petgraph does not leave [`graph`].
//! - The same input gives the same bytes.
//!
//! `ARCHITECTURE.md` says why, and what may import what.

pub mod catalog;

pub mod sources;

pub mod graph;

pub mod change;

pub mod carveout;

pub mod picture;

pub mod verdict;

pub mod query;
pub mod report;

pub mod forge;

pub mod commands;
pub mod repos;
pub mod settings;

pub mod cli;
pub mod exit_code;
pub mod location;
pub mod value;
