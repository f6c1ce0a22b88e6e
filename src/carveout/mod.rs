//! 5. Comments to carve-outs bound to the graph.
//!
//! What this room does: it finds the comments of a file (`comments`), the carve-outs written in them, wrapped over lines
//! or misspelled (`marker`, `near_miss`; `fix` spells them exactly), what a guarantee rests on (`guarantee`, `footprint`), and which carve-out of the
//! base revision is which one of the head revision (`lineage`).
//!
//! What it does not: it reads no disk and no git (text comes in, values go out), and it does not judge. A carve-out with a
//! fault is still a carve-out; whether a change invalidates it is decided in the verdict.

pub mod comments;
pub mod fix;
pub mod footprint;
pub mod guarantee;
pub mod inventory;
pub mod ledger;
pub mod lineage;
pub mod marker;
pub mod names;
pub mod near_miss;
pub mod owners;
pub mod site;
