//! Who owns a file, by CODEOWNERS: the last line that matches wins.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Where forges look for the file, first found wins.
pub const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// A parsed CODEOWNERS file.
#[derive(Debug, Default)]
pub struct Owners {
    rules: Vec<(Gitignore, Vec<String>)>,
}

impl Owners {
    /// Read a CODEOWNERS file. A line that is no pattern is passed over, as forges do.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut rules = Vec::new();
        for line in text.lines() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            // GitLab's section headings.
            if line.is_empty()
                || line.starts_with('#')
                || line.starts_with('[')
                || line.starts_with('^')
            {
                continue;
            }
            let mut words = line.split_whitespace();
            let Some(pattern) = words.next() else {
                continue;
            };
            let mut builder = GitignoreBuilder::new("");
            if builder.add_line(None, pattern).is_ok()
                && let Ok(matcher) = builder.build()
            {
                rules.push((matcher, words.map(str::to_owned).collect()));
            }
        }
        Self { rules }
    }

    /// The owners of a path; empty when nobody owns it.
    #[must_use]
    pub fn of(&self, path: &str) -> Vec<String> {
        let matching = self
            .rules
            .iter()
            .rev()
            .find(|(matcher, _)| matcher.matched_path_or_any_parents(path, false).is_ignore());
        matching
            .map(|(_, owners)| owners.clone())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Owners;

    #[test]
    fn the_last_matching_line_wins_and_may_take_ownership_away() {
        let owners = Owners::parse(
            "* @all\n/services/ @services # theirs\n*.tf @network\n/services/open/\n",
        );
        assert_eq!(owners.of("README.md"), ["@all"]);
        assert_eq!(owners.of("services/a/config.yaml"), ["@services"]);
        assert_eq!(owners.of("services/a/net.tf"), ["@network"]);
        assert!(owners.of("services/open/x.go").is_empty());
    }
}
