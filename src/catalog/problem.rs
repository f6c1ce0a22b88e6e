//! What is wrong with a providers file, with file and line.

use std::fmt;

use crate::location::Location;

/// Something wrong in a providers file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line it stands on.
    pub location: Location,
    /// Where in that line, counted in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            location,
            column,
            message,
        } = self;
        write!(f, "{location}:{column}: {message}")
    }
}

/// A providers file that does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.problems))]
pub struct CatalogError {
    /// Everything that is wrong with it, by line; never empty.
    pub problems: Vec<Problem>,
}

impl CatalogError {
    pub(super) fn malformed(path: &str, error: &serde_saphyr::Error) -> Self {
        let position = error.location();
        let (line, column) = position.map_or((1, 1), |position| line_and_column(&position));
        // The message repeats its position; ours stands in front already.
        let message = error.without_snippet().to_string();
        let message = position
            .and_then(|position| {
                let position =
                    format!(" at line {}, column {}", position.line(), position.column());
                message.strip_suffix(&position)
            })
            .unwrap_or(&message);
        Self {
            problems: vec![Problem {
                location: Location::line(path, line),
                column,
                message: message.to_owned(),
            }],
        }
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Both counted from 1, also where the position is not known.
pub(super) fn line_and_column(position: &serde_saphyr::Location) -> (usize, usize) {
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
    (number(position.line()), number(position.column()))
}
