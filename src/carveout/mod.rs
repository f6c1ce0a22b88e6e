//! 5. Comments to carve-outs bound to the graph.
pub mod site;
