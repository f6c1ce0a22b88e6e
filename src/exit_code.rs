//! Every exit code, and what it promises to CI. The code never depends on the format.

use std::process::ExitCode;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to do.
    Clear,
    /// Could not run: unreadable or malformed input.
    Failed,
    /// The command line does not make sense.
    Usage,
    /// Someone must act: the verdict is `blocked`.
    Blocked,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clear => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Blocked => 10,
        })
    }
}
