//! Terraform and OpenTofu: plans, states, and the blocks of `.tf` files.

pub mod input;
pub mod notices;
pub mod plan;
pub mod providers;
pub mod resource;
