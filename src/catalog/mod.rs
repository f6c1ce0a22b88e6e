//! 1. What provider resource types mean: data, not code.
//!
//! The files in `providers/` are built in; an organisation may add its own. `docs/providers.md` explains their form.

mod attributes;
mod check;
mod compact;
pub mod load;
mod problem;
pub mod schema;
mod similar;

pub use load::{Added, Catalog, Listed, Meaning};
pub use problem::{CatalogError, Problem};
pub use similar::similar;
