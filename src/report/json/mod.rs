//! The verdict, how guarantees are read, and answers to questions, for machines. Each version of a contract is a module with
//! types of its own.

pub mod carve_outs;
pub mod graph;
pub mod query;
pub mod v1;
