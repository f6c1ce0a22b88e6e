//! Terraform and OpenTofu: plans, states, and the blocks of `.tf` files.
