//! End-to-end tests: the binary, run as a user runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod audit;
#[cfg(unix)]
mod browser;
mod carve_outs;
mod cases;
mod change_set;
#[cfg(unix)]
mod ci;
mod command_line;
mod comment;
mod common;
mod documents;
mod fuzz;
#[path = "../../fuzz/bodies.rs"]
mod fuzz_bodies;
mod graph;
mod held;
mod inventory;
mod justify;
mod laws;
mod manual;
mod noise;
mod provider_stories;
mod providers;
mod query;
mod readme;
mod source;
mod unread;
