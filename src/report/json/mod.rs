//! The verdict, audits, how guarantees are read, answers to questions and inventories, for machines; and a verdict read back (`read`).
//! Each version of a contract is a module with types of its own.

pub mod audit;
pub mod carve_outs;
pub mod graph;
pub mod inventory;
mod picture;
pub mod query;
pub mod read;
pub mod v1;
