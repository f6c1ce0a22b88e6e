//! Terraform source at any revision, without a plan: `.tf` and `.tf.json` files to the same fragments.
//!
//! `syntax` reads one file in either form (`skeleton` finds its expressions, `attribute` reads one when it is asked for), `tree` knows which files form a module and where calls lead (`links`: through symbolic links), `evaluate` and
//! `functions` turn expressions into values within a `budget`, `module` expands blocks into instances (`repeat`: how many of each), `snapshot` gathers
//! what one root module makes at one revision and what was read for it (`reads`), `values` which files of values a root module is run with, `units` what tools around Terraform add and nobody evaluates, `revisions` evaluates
//! all root modules of two revisions (`remote`: what one reads of another's state), `compare` lays the two beside each other, `steps` tells what else than its own block a resource is made of, and `references` answers what refers to what.
//!
//! It runs no Terraform, touches no disk, and knows no provider's defaults: what the source does not say is unknown, with
//! the expression as its name, and what only the provider knows is a reference to the resource.

mod attribute;
mod budget;
mod compare;
mod documents;
mod evaluate;
mod functions;
mod links;
mod module;
mod reads;
mod references;
mod remote;
mod repeat;
mod revisions;
mod skeleton;
mod snapshot;
mod steps;
mod syntax;
mod term;
mod tree;
mod types;
mod units;
mod unwritten;
mod values;
mod versions;

#[cfg(test)]
mod tests;

pub use budget::STACK_BYTES;
pub use compare::{RootSource, read_source};
pub use links::Links;
pub(super) use references::SourceReferences;
pub use revisions::{EvaluatedSource, MOST_STEPS, Revisions, SourceRequest};
pub use syntax::{SourceFile, hidden_by, is_configuration, is_source};
pub(super) use tree::is_override;
pub use tree::{Parts, ReadFile, Tree};
pub use units::{is_unit, may_be_unit};
pub use values::{NamedRun, UnreadFile, UnreadKind};
