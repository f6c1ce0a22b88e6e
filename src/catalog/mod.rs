//! 1. What provider resource types mean: data, not code.
pub mod schema;
