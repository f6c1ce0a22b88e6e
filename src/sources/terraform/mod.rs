//! Terraform and OpenTofu: plans, states, and the blocks of `.tf` files.
pub mod address;
pub mod blocks;
