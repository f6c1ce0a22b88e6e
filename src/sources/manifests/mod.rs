//! Kubernetes and mesh configuration to fragments.
pub mod yaml;
