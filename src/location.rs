//! Where something stands in a file.

/// A range of lines of one file, as a person would cite it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path with forward slashes, relative to the root of its repository (or as given on the command line).
    pub path: String,
    /// First line, counted from 1.
    pub line: usize,
    /// Last line, counted from 1; never before `line`.
    pub end_line: usize,
}

impl Location {
    /// The location of a single line.
    #[must_use]
    pub fn line(path: impl Into<String>, line: usize) -> Self {
        Self {
            path: path.into(),
            line,
            end_line: line,
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// What the reader of YAML says, with file, line and column in front, on one line.
#[must_use]
pub fn positioned(path: &str, error: &serde_saphyr::Error) -> String {
    let message = error.without_snippet().to_string();
    let Some(position) = error.location() else {
        return format!("{path}: {message}");
    };
    let (line, column) = (position.line(), position.column());
    let repeated = format!(" at line {line}, column {column}");
    let message = message.strip_suffix(&repeated).unwrap_or(&message);
    format!("{path}:{line}:{column}: {message}")
}
