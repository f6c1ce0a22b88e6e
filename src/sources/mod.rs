//! 2. Text to fragments: every reader yields the same type.
pub mod manifests;
pub mod terraform;
