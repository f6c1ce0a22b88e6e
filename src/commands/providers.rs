//! What the tool knows of resource types, and whether an organisation's own providers files are right.

mod list;
mod show;
mod validate;

pub use list::list;
pub use show::show;
pub use validate::{Validation, validate};
