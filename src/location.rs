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
