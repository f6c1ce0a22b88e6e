//! The verdict, and how guarantees are read, for machines. Each version of a contract is a module with types of its own.

pub mod carve_outs;
pub mod v1;
