//! What the files of a repository tell of the code that carve-outs stand at, at base and head.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::carveout::comments::decode;
use crate::carveout::lineage::{self, Setting};
use crate::repos::{Repository, Revision, unchanged_lines};

use super::survey::Found;

/// So far away a line is nothing that a comment at another one is about.
const FARTHEST: usize = 12;

/// The lines of one file.
#[derive(Default)]
struct Lines {
    /// One code a line, as it is compared; without the lines of markers, so that one deleted is no difference.
    text: String,
    /// Which lines these are, counted from 1.
    numbers: Vec<usize>,
    /// How far each is indented; `None` of one without code.
    indents: Vec<Option<usize>>,
    /// How often each stands there.
    counts: BTreeMap<String, usize>,
}

impl Lines {
    /// Where a marker stands behind code, in its line, the code alone counts.
    fn of(text: &str, found: &[&Found]) -> Self {
        let mut with_marker: HashMap<usize, &str> = HashMap::new();
        let mut of_marker: BTreeSet<usize> = BTreeSet::new();
        for one in found {
            let marker = &one.marker;
            of_marker.extend(marker.line..=marker.end_line);
            if let Some(anchor) = &marker.anchor
                && (marker.line..=marker.end_line).contains(&anchor.line)
            {
                with_marker.insert(anchor.line, &anchor.text);
            }
        }
        let mut lines = Self::default();
        for (index, line) in text.lines().enumerate() {
            let code = folded(with_marker.get(&(index + 1)).copied().unwrap_or(line));
            let indent = line.len() - line.trim_start().len();
            lines.indents.push((!code.is_empty()).then_some(indent));
            if with_marker.contains_key(&(index + 1)) || !of_marker.contains(&(index + 1)) {
                lines.text.push_str(&code);
                lines.text.push('\n');
                lines.numbers.push(index + 1);
            }
            *lines.counts.entry(code).or_default() += 1;
        }
        lines
    }

    /// How many lines switch a setting to the same.
    fn count_of_setting(&self, setting: &Setting) -> usize {
        let lines = self.counts.iter();
        lines
            .filter(|(line, _)| setting.is_in(line))
            .map(|(_, count)| count)
            .sum()
    }

    /// How many lines are this code, with or without something behind it.
    fn count(&self, code: &str) -> usize {
        let code = folded(code);
        self.counts
            .range(code.clone()..)
            .take_while(|(line, _)| line.starts_with(&code))
            .filter(|(line, _)| {
                let behind = line[code.len()..].chars().next();
                behind.is_none_or(|letter| !letter.is_alphanumeric())
            })
            .map(|(_, count)| count)
            .sum()
    }
}

/// A line as it is compared: a setting is the same in other quotes, letter case or indentation.
fn folded(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut folded = words.join(" ").to_lowercase();
    folded.retain(|letter| !matches!(letter, '"' | '\'' | '`'));
    let length = folded.trim_end_matches([',', ';', ' ']).len();
    folded.truncate(length);
    folded
}

/// For each line of base that is compared, which one of head it still is.
type Unchanged = Rc<Vec<Option<usize>>>;

/// The files of a repository at both revisions, each read when it is asked for.
pub(super) struct Files<'f> {
    repository: &'f Repository,
    revisions: [Revision; 2],
    found: [BTreeMap<&'f str, Vec<&'f Found>>; 2],
    lines: [RefCell<HashMap<String, Rc<Lines>>>; 2],
    unchanged: RefCell<HashMap<(String, String), Unchanged>>,
}

const BASE: usize = 0;
const HEAD: usize = 1;

impl<'f> Files<'f> {
    pub(super) fn new(
        repository: &'f Repository,
        revisions: [Revision; 2],
        found: [&'f [Found]; 2],
    ) -> Self {
        let by_path = |found: &'f [Found]| {
            let mut files: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
            for one in found {
                files.entry(&one.path).or_default().push(one);
            }
            files
        };
        Self {
            repository,
            revisions,
            found: found.map(by_path),
            lines: Default::default(),
            unchanged: RefCell::default(),
        }
    }

    fn lines(&self, side: usize, path: &str) -> Rc<Lines> {
        if let Some(known) = self.lines[side].borrow().get(path) {
            return known.clone();
        }
        let bytes = self.repository.read(self.revisions[side], path);
        let bytes = bytes.ok().flatten().unwrap_or_default();
        let found = self.found[side].get(path).map_or(&[][..], Vec::as_slice);
        let lines = decode(&bytes).map(|text| Lines::of(&text, found));
        let lines = Rc::new(lines.unwrap_or_default());
        let mut known = self.lines[side].borrow_mut();
        known.insert(path.to_owned(), lines.clone());
        lines
    }
}

impl lineage::Files for Files<'_> {
    fn line_at_head(&self, path_at_base: &str, line: usize, path_at_head: &str) -> Option<usize> {
        let key = (path_at_base.to_owned(), path_at_head.to_owned());
        let known = self.unchanged.borrow().get(&key).cloned();
        let (before, after) = (
            self.lines(BASE, path_at_base),
            self.lines(HEAD, path_at_head),
        );
        let unchanged = known.unwrap_or_else(|| {
            let unchanged = Rc::new(unchanged_lines(&before.text, &after.text));
            self.unchanged.borrow_mut().insert(key, unchanged.clone());
            unchanged
        });
        let index = before.numbers.binary_search(&line).ok()?;
        let index = unchanged.get(index).copied()??;
        after.numbers.get(index).copied()
    }

    fn count_at_base(&self, path: &str, code: &str) -> usize {
        self.lines(BASE, path).count(code)
    }

    fn count_at_head(&self, path: &str, code: &str) -> usize {
        self.lines(HEAD, path).count(code)
    }

    fn count_of_setting_at_base(&self, path: &str, setting: &Setting) -> usize {
        self.lines(BASE, path).count_of_setting(setting)
    }

    fn count_of_setting_at_head(&self, path: &str, setting: &Setting) -> usize {
        self.lines(HEAD, path).count_of_setting(setting)
    }

    fn is_below(&self, path: &str, line: usize, beginning: usize) -> bool {
        if line <= beginning || line - beginning > FARTHEST {
            return false;
        }
        let lines = self.lines(HEAD, path);
        let indent = |line: usize| lines.indents.get(line - 1).copied().flatten();
        let (Some(outer), Some(inner)) = (indent(beginning), indent(line)) else {
            return false;
        };
        // Within a block every line is deeper than the one that opens it; what goes on is as deep at least.
        let least = if inner > outer { outer + 1 } else { outer };
        (beginning + 1..=line).all(|line| indent(line).is_none_or(|indent| indent >= least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_counts_in_other_quotes_and_with_something_behind_it_and_not_within_a_longer_one() {
        let lines = Lines::of(
            "tls: false\n  tls:  \"False\"  # why\ntls: falsehood\nmtls: false\n'tls': false,\n",
            &[],
        );
        assert_eq!(lines.count("tls: false"), 3);
        assert_eq!(lines.count("tls: true"), 0);
        assert_eq!(lines.count("mtls: false"), 1);
    }
}
