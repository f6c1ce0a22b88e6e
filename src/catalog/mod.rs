//! 1. What provider resource types mean: data, not code.
//!
//! The files in `providers/` are built in; an organisation may add its own. `docs/providers.md` explains their form.

mod attributes;
mod compact;
pub mod load;
pub mod schema;

pub use load::{Added, Catalog, CatalogError, Listed, Meaning, Problem, similar};
