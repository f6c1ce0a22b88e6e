//! 4. Two graphs to perimeter changes.
//!
//! Compares the facts of two snapshots, never the actions of a plan, and groups what differs into what a person would call
//! one change. It does not know carve-outs, and it does not judge: whether a change invalidates anything is for `verdict`.

pub mod diff;
mod diverted;
mod group;
mod join;
pub mod kind;
#[cfg(test)]
mod laws;
pub mod moves;
pub mod reach;
pub mod standing;
mod subject;
mod summary;
#[cfg(test)]
mod tests;

pub use diff::{Difference, compare};
pub use group::{Change, changes};
pub use kind::{Category, Effect};
pub use subject::Touch;
