//! Terraform and OpenTofu: plans, states, and the blocks of `.tf` files.
//!
//! `input` decodes bytes, `plan` holds the shapes of the JSON, `resource` is the one model that plans and states are read
//! into, `resolve` follows references whose values are known only after apply, `apply` lays the catalog over all
//! resources and `statements` turns each into declarations; `cloud_wan` and `network_manager` read what no table can express; `complete` and `regional` add what only all of them together tell. `blocks`
//! indexes the source.

pub mod address;
pub mod apply;
pub mod blocks;
mod canonical;
pub mod carried;
mod cloud_wan;
pub mod clusters;
pub mod complete;
pub mod input;
pub mod network_manager;
pub mod notices;
mod paths;
pub mod plan;
pub mod providers;
mod regional;
mod resolve;
pub mod resource;
pub mod settle;
pub mod skim;
pub mod source;
mod statements;
