//! Symbolic links of a revision: where a path leads through them. None leads out of the repository.

use std::collections::BTreeMap;

/// How many links may lead on from one another on one way.
const MAX_LINKS_ON_A_WAY: usize = 40;

/// How long a path through links may be, in segments.
const MAX_SEGMENTS: usize = 1_000;

/// The targets of links by their paths, from the top of the repository and as they are written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Links(BTreeMap<String, String>);

impl Links {
    /// Links by path and target.
    #[must_use]
    pub fn new(links: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(links.into_iter().collect())
    }

    /// The same path without a link on the way or at its end; `None` if it leads out of the repository, or round in a circle.
    #[must_use]
    pub fn resolve(&self, path: &str) -> Option<String> {
        if self.0.is_empty() {
            return Some(path.to_owned());
        }
        let mut here = String::new();
        let mut left: Vec<&str> = path.split('/').rev().collect();
        let mut followed = 0;
        while let Some(segment) = left.pop() {
            match segment {
                "" | "." => {}
                ".." if here.is_empty() => return None,
                ".." => here.truncate(here.rfind('/').unwrap_or(0)),
                _ => {
                    let above = here.len();
                    if !here.is_empty() {
                        here.push('/');
                    }
                    here.push_str(segment);
                    if let Some(target) = self.0.get(&here) {
                        followed += 1;
                        if target.starts_with('/') || followed > MAX_LINKS_ON_A_WAY {
                            return None;
                        }
                        here.truncate(above);
                        left.extend(target.split('/').rev());
                    }
                }
            }
            if left.len() > MAX_SEGMENTS {
                return None;
            }
        }
        Some(here)
    }

    /// Whether a link lies at a path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Every link, with what it leads to, as it is written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let links = self.0.iter();
        links.map(|(path, target)| (path.as_str(), target.as_str()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn check(links: &[(&str, &str)], path: &str, expected: Option<&str>) {
        let owned = |(path, target): &(&str, &str)| ((*path).to_owned(), (*target).to_owned());
        let links = Links::new(links.iter().map(owned));
        assert_eq!(links.resolve(path).as_deref(), expected, "{path}");
    }

    #[test]
    fn links_lead_on_inside_the_repository() {
        let links = [
            ("net/mods", "../lib"),
            ("lib/a", "v1"),
            ("lib/b", "a/./sub"),
        ];
        check(&links, "net/main.tf", Some("net/main.tf"));
        check(&links, "net/mods/a/main.tf", Some("lib/v1/main.tf"));
        check(&links, "net/mods/b", Some("lib/v1/sub"));
        // What stands behind a link is looked for where it leads.
        check(&[("a", "b/c")], "a/../d", Some("b/d"));
        check(&[], "a/b", Some("a/b"));
    }

    #[test]
    fn links_lead_neither_out_of_the_repository_nor_round_in_a_circle() {
        check(&[("a", "/etc")], "a/passwd", None);
        check(&[("a/b", "../../x")], "a/b", None);
        check(&[("a", "b"), ("b", "a")], "a", None);
        check(&[("a", "a/a/a")], "a", None);
        check(&[("a", "../x")], "b", Some("b"));
    }
}
