//! The only place where rooms are joined, and, with `repos`, the only one that touches disk and environment.

pub mod check;
pub mod explain;
pub mod network;
pub mod survey;
