//! The verdict, and answers to questions, for machines. Each version of the contract is a module with types of its own.

pub mod query;
pub mod v1;
