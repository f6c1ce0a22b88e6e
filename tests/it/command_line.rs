//! The command line: help, usage errors, bad input.

use crate::common::{perimeter, run};

#[test]
fn version_is_told() {
    let outcome = run(perimeter().arg("--version"));
    assert_eq!(
        (outcome.code, outcome.stdout.trim()),
        (0, concat!("perimeter ", env!("CARGO_PKG_VERSION")))
    );
}
