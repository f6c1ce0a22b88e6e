//! 5. Comments to carve-outs bound to the graph.
pub mod comments;
pub mod marker;
pub mod near_miss;
pub mod lineage;
