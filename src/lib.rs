//! `perimeter`: which documented carve-outs does a change of the network invalidate?
pub mod carveout;
pub mod catalog;
pub mod change;
pub mod cli;
pub mod commands;
pub mod exit_code;
pub mod graph;
pub mod location;
pub mod report;
pub mod repos;
pub mod settings;
pub mod sources;
pub mod value;
pub mod verdict;
