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

/// Characters of a text that an error shows.
const SHOWN: usize = 60;

/// What is wrong with a text in YAML, with file, line and column in front, on one line and in plain words.
#[must_use]
pub fn positioned(path: &str, text: &str, error: &serde_saphyr::Error) -> String {
    if let Some(line) = merge_conflict(text) {
        return format!(
            "{path}:{line}: merge conflict markers: settle the merge, then run this again"
        );
    }
    let message = error.without_snippet().to_string();
    let Some(position) = error.location() else {
        return format!("{path}: {}", plain(&message, ""));
    };
    let (line, column) = (position.line(), position.column());
    let repeated = format!(" at line {line}, column {column}");
    let message = message.strip_suffix(&repeated).unwrap_or(&message);
    let here = text_at(text, line, column);
    format!("{path}:{line}:{column}: {}", plain(message, &here))
}

/// The line of the first marker that an unsettled merge left in a text, counted from 1; `None` where there is none.
fn merge_conflict(text: &str) -> Option<usize> {
    let begins = |marker: &str| text.lines().position(|line| line.starts_with(marker));
    let first = begins("<<<<<<< ")?;
    (begins("=======").is_some() && begins(">>>>>>> ").is_some()).then_some(first + 1)
}

/// What stands at a place of a text, up to the end of its line.
fn text_at(text: &str, line: u64, column: u64) -> String {
    let index = |number: u64| {
        usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_sub(1)
    };
    let line = text.lines().nth(index(line)).unwrap_or_default();
    let rest: String = line.chars().skip(index(column)).take(SHOWN).collect();
    // A value ends where a list around it goes on.
    let is_list = rest.starts_with(['[', '{']);
    let value = rest.split([',', ']', '}', ' ']).next().unwrap_or_default();
    let shown = if is_list { &rest } else { value };
    shown.trim().trim_matches(['"', '\'']).to_owned()
}

/// What the reader says, in words of who writes such files. `here` is what stands where it stopped.
fn plain(message: &str, here: &str) -> String {
    if let Some(key) = message.strip_prefix("duplicate mapping key: ") {
        let key = key.split_once(", set ").map_or(key, |(key, _)| key);
        return format!("`{key}` is there twice, and only one of them can hold: remove the other");
    }
    let shown = if here.is_empty() || here == ":" {
        String::new()
    } else {
        format!("`{here}`: ")
    };
    match message {
        "expected mapping start" | "expected sequence start" if here == ":" => {
            "nothing stands behind the colon: write something there, or leave the line out"
                .to_owned()
        }
        "expected mapping start" => {
            format!("{shown}expected names with values here, such as `name: value`")
        }
        "expected sequence start" => format!("{shown}expected a list here, such as `[a, b]`"),
        "expected string scalar" => format!("{shown}expected a text here"),
        "invalid IP address syntax" => {
            format!("{shown}no range of addresses, such as 10.0.0.0/16")
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// What is said of a text that should hold names with texts.
    fn said(text: &str) -> String {
        let read: Result<BTreeMap<String, String>, _> = serde_saphyr::from_str(text);
        read.map_or_else(
            |error| positioned("a.yaml", text, &error),
            |_| String::new(),
        )
    }

    #[test]
    fn errors_speak_of_the_file_and_not_of_the_library() {
        assert_eq!(
            said("a: b\na: c\n"),
            "a.yaml:2:1: `a` is there twice, and only one of them can hold: remove the other"
        );
        assert_eq!(
            said("[a]\n"),
            "a.yaml:1:1: `[a]`: expected names with values here, such as `name: value`"
        );
        assert_eq!(said("a: b\n"), "");
    }

    #[test]
    fn an_unsettled_merge_is_called_one_and_a_heading_in_a_comment_is_not() {
        let merge = "a: b\n<<<<<<< HEAD\nc: d\n=======\ne: f\n>>>>>>> other\n";
        assert_eq!(
            said(merge),
            "a.yaml:2: merge conflict markers: settle the merge, then run this again"
        );
        assert!(!said("# title\n# =======\n[a]\n").contains("merge"));
    }
}
