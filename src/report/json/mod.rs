//! The verdict for machines. Each version of the contract is a module with types of its own.

pub mod v1;
