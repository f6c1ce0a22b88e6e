//! Which carve-out of the base revision is which one of the head revision.
//!
//! A carve-out keeps its identity when its lines or its file move, and when its words are rewritten in place. This
//! module compares values only; what was renamed, and whether a line of code still stands, it is told.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

mod setting;

pub use setting::Setting;

/// Least share of common words for a rewritten carve-out to be taken for the same one.
const SIMILAR: f64 = 0.4;

/// Most pairs of one file whose words are compared; beyond it, what is left counts as removed and added.
const MOST_PAIRS: usize = 250_000;

/// Of so many with equal words or code, one is looked for that may be meant.
const MOST_ALIKE: usize = 64;

/// Code that stands in every file, and so identifies nothing.
const GENERIC_WORDS: &[&str] = &[
    "begin", "break", "continue", "do", "done", "else", "end", "esac", "false", "fi", "finally",
    "in", "let", "null", "pass", "return", "then", "true", "try",
];

/// A carve-out of one revision, as far as its identity goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// Path of its file at that revision.
    pub path: String,
    /// Line of its marker, counted from 1.
    pub line: usize,
    /// What it claims of the network.
    pub guarantee: String,
    /// Why the threat model allows it.
    pub justification: String,
    /// The code the comment is about; `None` at the end of a file.
    pub anchor: Option<String>,
    /// The line of that code, counted from 1; `None` also where nobody knows.
    pub anchor_line: Option<usize>,
}

/// What the files of the two revisions tell of the code that carve-outs stand at.
pub trait Files {
    /// The line at head that a line of base still is, both counted from 1; `None` where it is gone, or nobody knows.
    fn line_at_head(&self, path_at_base: &str, line: usize, path_at_head: &str) -> Option<usize>;
    /// How many lines of a file at base hold this code; none where nobody knows.
    fn count_at_base(&self, path: &str, code: &str) -> usize;
    /// The same at head.
    fn count_at_head(&self, path: &str, code: &str) -> usize;
    /// How many lines of a file at base switch a setting to the same, however they spell it; none where nobody knows.
    fn count_of_setting_at_base(&self, path: &str, setting: &Setting) -> usize;
    /// The same at head.
    fn count_of_setting_at_head(&self, path: &str, setting: &Setting) -> usize;
    /// Whether a line of a file at head lies in what another begins, or goes on with it.
    fn is_below(&self, path: &str, line: usize, beginning: usize) -> bool;
}

/// What became of a carve-out between base and head; the numbers are indexes into the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lineage {
    /// The words are equal; line or file may have moved.
    Same {
        /// Index at base.
        base: usize,
        /// Index at head.
        head: usize,
    },
    /// Guarantee or justification were rewritten, by more than white space, letter case or punctuation.
    Reworded {
        /// Index at base.
        base: usize,
        /// Index at head.
        head: usize,
    },
    /// Only at head.
    Added {
        /// Index at head.
        head: usize,
    },
    /// Only at base, and the code it stood at is gone too (or cannot be told apart).
    Removed {
        /// Index at base.
        base: usize,
    },
    /// Only at base, but the code it stood at is still there, without a carve-out.
    MarkerDeleted {
        /// Index at base.
        base: usize,
    },
}

/// What became of every carve-out of `base`, and where every one of `head` comes from.
///
/// Each is named exactly once: those of `head` first, in their order, then those that are only in `base`. `renames`
/// maps paths at base to paths at head. Words that turn up elsewhere do not take a carve-out along while the code that it
/// stood at is still where it was, and bare now: that is a marker deleted, and another added.
#[must_use]
pub fn trace(
    base: &[Site],
    head: &[Site],
    renames: &BTreeMap<String, String>,
    files: &dyn Files,
) -> Vec<Lineage> {
    let path_at_head =
        |site: &Site| -> String { renames.get(&site.path).unwrap_or(&site.path).clone() };
    let words = |site: &Site| (normalised(&site.guarantee), normalised(&site.justification));
    let base_keys: Vec<Key> = base
        .iter()
        .map(|site| Key::new(path_at_head(site), words(site), site))
        .collect();
    let head_keys: Vec<Key> = head
        .iter()
        .map(|site| Key::new(site.path.clone(), words(site), site))
        .collect();

    let mut pairing = Pairing::new(base, head);
    pairing.pair_untouched_files(&base_keys, &head_keys);
    let standing = Standing::of(&pairing, base, (&base_keys, &head_keys), files);
    let anyone = |_: usize, _: usize| true;
    let may =
        |from: usize, to: usize| standing.may_be(from, (&base_keys[from], &head_keys[to]), files);
    // Of several with equal words, the line they stand at tells which is which, and then the code.
    let lines_at_head = &standing.lines;
    pairing.pair_equal(
        (&base_keys, &head_keys),
        |index, key| Some((&key.words, &key.path, lines_at_head[index]?)),
        |_, key| Some((&key.words, &key.path, key.anchor_line?)),
        &anyone,
    );
    pairing.pair_alike(
        (&base_keys, &head_keys),
        |key| Some((&key.words, Some(&key.path), Some(key.anchor?))),
        &may,
    );
    pairing.pair_alike(
        (&base_keys, &head_keys),
        |key| Some((&key.words, Some(&key.path), None::<&str>)),
        &may,
    );
    pairing.pair_alike(
        (&base_keys, &head_keys),
        |key| Some((&key.words, None::<&String>, Some(key.anchor?))),
        &may,
    );
    pairing.pair_alike(
        (&base_keys, &head_keys),
        |key| Some((&key.words, None::<&String>, None::<&str>)),
        &may,
    );
    // What is left and pairs up now, differs in its words.
    pairing.pair_equal(
        (&base_keys, &head_keys),
        |index, key| Some((&key.path, lines_at_head[index]?)),
        |_, key| Some((&key.path, key.anchor_line?)),
        &anyone,
    );
    pairing.pair_alike(
        (&base_keys, &head_keys),
        |key| Some((&key.path, key.anchor.filter(|anchor| !is_generic(anchor))?)),
        &may,
    );
    pairing.pair_similar(&base_keys, &head_keys, &may);

    let mut result: Vec<Lineage> = pairing
        .base_of_head
        .iter()
        .enumerate()
        .map(|(head_index, base_index)| match *base_index {
            Some(base) if base_keys[base].words == head_keys[head_index].words => Lineage::Same {
                base,
                head: head_index,
            },
            Some(base) => Lineage::Reworded {
                base,
                head: head_index,
            },
            None => Lineage::Added { head: head_index },
        })
        .collect();
    let deleted = deleted_markers(&pairing, base, (&base_keys, &head_keys), &standing, files);
    let mut left = pairing.free_base();
    left.sort_unstable();
    result.extend(left.into_iter().map(|base| {
        if deleted.contains(&base) {
            Lineage::MarkerDeleted { base }
        } else {
            Lineage::Removed { base }
        }
    }));
    result
}

/// Where the code of carve-outs stands at head.
struct Standing {
    /// By the index at base: the line that it still is.
    lines: Vec<Option<usize>>,
    /// Of these, those that no carve-out at head stands at.
    is_bare: Vec<bool>,
}

impl Standing {
    /// Only of what is not paired up yet.
    fn of(
        pairing: &Pairing,
        base: &[Site],
        (base_keys, head_keys): (&[Key], &[Key]),
        files: &dyn Files,
    ) -> Self {
        let marked: BTreeSet<(&str, usize)> = head_keys
            .iter()
            .filter_map(|key| Some((key.path.as_str(), key.anchor_line?)))
            .collect();
        let mut lines = vec![None; base.len()];
        let mut is_bare = vec![false; base.len()];
        for index in pairing.free_base() {
            let key = &base_keys[index];
            let Some((anchor, line)) = key.anchor.zip(key.anchor_line) else {
                continue;
            };
            let at_head = files.line_at_head(&base[index].path, line, &key.path);
            lines[index] = at_head;
            let site = &base[index];
            is_bare[index] = at_head.is_some_and(|at_head| {
                !marked.contains(&(key.path.as_str(), at_head))
                    && is_left_alone(anchor, site, (line, at_head), &key.path, files)
            });
        }
        Self { lines, is_bare }
    }

    /// Whether a carve-out of base may be one at head, as far as the code goes that it stood at: not if that is bare, and
    /// the one at head is about other code.
    fn may_be(&self, base: usize, (from, to): (&Key, &Key), files: &dyn Files) -> bool {
        let Some(line) = self.lines[base].filter(|_| self.is_bare[base]) else {
            return true;
        };
        if from.path != to.path {
            return false;
        }
        // The very same words within a file: somebody found a better place for them, unless that is a like one.
        let found_a_better_place = from.words == to.words && from.anchor != to.anchor;
        found_a_better_place
            || to
                .anchor_line
                .is_some_and(|beginning| files.is_below(&to.path, line, beginning))
    }
}

/// Which of the carve-outs that are only in `base` left their code behind.
fn deleted_markers(
    pairing: &Pairing,
    base: &[Site],
    (base_keys, head_keys): (&[Key], &[Key]),
    standing: &Standing,
    files: &dyn Files,
) -> BTreeSet<usize> {
    let left = pairing.free_base();
    if left.is_empty() {
        return BTreeSet::new();
    }
    let mut deleted: BTreeSet<usize> = left
        .iter()
        .copied()
        .filter(|index| standing.is_bare[*index])
        .collect();
    let mut in_place: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for index in &deleted {
        let key = &base_keys[*index];
        let place = key.anchor.map(|anchor| (key.path.as_str(), anchor));
        *in_place.entry(place.unwrap_or_default()).or_default() += 1;
    }
    // Code that moved within its file is known by its text alone: where more of it is bare than was, markers are gone.
    let marked = |keys: &[Key]| {
        let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
        for key in keys {
            if let Some(anchor) = key.anchor {
                *counts
                    .entry((key.path.clone(), anchor.to_owned()))
                    .or_default() += 1;
            }
        }
        counts
    };
    let (marked_at_base, marked_at_head) = (marked(base_keys), marked(head_keys));
    let mut bare: BTreeMap<(String, String), usize> = BTreeMap::new();
    for index in left {
        let key = &base_keys[index];
        let Some(anchor) = key.anchor.filter(|anchor| !is_generic(anchor)) else {
            continue;
        };
        let place = (key.path.clone(), anchor.to_owned());
        let count = |counts: &BTreeMap<_, usize>| counts.get(&place).copied().unwrap_or_default();
        let (were, are) = (count(&marked_at_base), count(&marked_at_head));
        let more = bare.entry(place).or_insert_with(|| {
            let before = files.count_at_base(&base[index].path, anchor);
            let after = files.count_at_head(&key.path, anchor);
            let told = in_place.get(&(key.path.as_str(), anchor));
            after
                .saturating_sub(are)
                .saturating_sub(before.saturating_sub(were))
                .saturating_sub(told.copied().unwrap_or_default())
        });
        if *more > 0 && !standing.is_bare[index] {
            *more -= 1;
            deleted.insert(index);
        }
    }
    deleted.extend(spelled_otherwise(
        &pairing.free_base(),
        &deleted,
        base,
        (base_keys, head_keys),
        files,
    ));
    deleted
}

/// Which of these are about a setting that is still switched the same in their file, spelled otherwise than it was.
fn spelled_otherwise(
    left: &[usize],
    deleted: &BTreeSet<usize>,
    base: &[Site],
    (base_keys, head_keys): (&[Key], &[Key]),
    files: &dyn Files,
) -> Vec<usize> {
    let mut more: BTreeMap<(&str, Setting), usize> = BTreeMap::new();
    let mut found = Vec::new();
    for index in left
        .iter()
        .copied()
        .filter(|index| !deleted.contains(index))
    {
        let path = base_keys[index].path.as_str();
        let Some(setting) = base_keys[index].anchor.and_then(Setting::read) else {
            continue;
        };
        let is_about =
            |key: &Key| key.path == path && key.anchor.is_some_and(|anchor| setting.is_in(anchor));
        let marked = |keys: &[Key]| keys.iter().filter(|key| is_about(key)).count();
        let more = more.entry((path, setting.clone())).or_insert_with(|| {
            let before = files.count_of_setting_at_base(&base[index].path, &setting);
            let after = files.count_of_setting_at_head(path, &setting);
            let told = deleted
                .iter()
                .filter(|one| is_about(&base_keys[**one]))
                .count();
            after
                .saturating_sub(marked(head_keys))
                .saturating_sub(before.saturating_sub(marked(base_keys)))
                .saturating_sub(told)
        });
        if *more > 0 {
            *more -= 1;
            found.push(index);
        }
    }
    found
}

/// Digits of the identity that people see.
const SHORT_DIGITS: usize = 12;

/// Twelve hexadecimal digits that stand for the words of a carve-out: equal for texts with the same words.
#[must_use]
pub fn fingerprint(guarantee: &str, justification: &str) -> String {
    let mut digits = text_digest(guarantee, justification);
    digits.truncate(SHORT_DIGITS);
    digits
}

/// The same with as many digits (32) as nobody finds another text for; the twelve are its beginning.
#[must_use]
pub fn text_digest(guarantee: &str, justification: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(normalised(guarantee));
    hasher.update(";");
    hasher.update(normalised(justification));
    hasher
        .finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether two texts differ by no more than white space, letter case or punctuation.
#[must_use]
pub fn same_words(a: &str, b: &str) -> bool {
    normalised(a) == normalised(b)
}

/// Letters and digits alone, in lower case. Only between two numbers a gap is kept: `10.1` is not `101`.
fn normalised(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut after_gap = false;
    let mut after_digit = false;
    for letter in text.chars() {
        if !letter.is_alphanumeric() {
            after_gap = true;
            continue;
        }
        let digit = letter.is_numeric();
        if after_gap && after_digit && digit {
            result.push(' ');
        }
        result.extend(letter.to_lowercase());
        after_gap = false;
        after_digit = digit;
    }
    result
}

/// Whether a line that is still there shows by itself that what a comment was about is still there. A bracket alone, or what
/// ends a block, tells no more than that its neighbours are where they were.
fn is_left_alone(
    anchor: &str,
    site: &Site,
    (line, at_head): (usize, usize),
    path_at_head: &str,
    files: &dyn Files,
) -> bool {
    const ENDINGS: &[&str] = &["done", "end", "esac", "fi"];
    let word = anchor.trim_end_matches([';', ',']).to_ascii_lowercase();
    let ends_a_block = anchor.starts_with(['}', ']', ')']) || ENDINGS.contains(&word.as_str());
    let is_bracket = !anchor.contains(char::is_alphanumeric);
    if !is_bracket && !ends_a_block {
        return true;
    }
    let still = |line: usize| files.line_at_head(&site.path, line, path_at_head);
    let first = site.line.min(line);
    let above = first == 1 || at_head > 1 && still(first - 1) == Some(at_head - 1);
    above && (ends_a_block || still(line + 1) == Some(at_head + 1))
}

/// Whether code is too common to identify a place: brackets, keywords.
fn is_generic(code: &str) -> bool {
    let letters: String = code
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    letters.len() < 3 || GENERIC_WORDS.contains(&letters.to_ascii_lowercase().as_str())
}

/// What a carve-out is compared by; `path` is always one at head.
struct Key<'s> {
    path: String,
    words: (String, String),
    anchor: Option<&'s str>,
    anchor_line: Option<usize>,
    line: usize,
    /// Distinct words of guarantee and justification.
    vocabulary: BTreeSet<String>,
}

impl<'s> Key<'s> {
    fn new(path: String, words: (String, String), site: &'s Site) -> Self {
        let vocabulary = [&site.guarantee, &site.justification]
            .into_iter()
            .flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()))
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        Self {
            path,
            words,
            anchor: site.anchor.as_deref(),
            anchor_line: site.anchor_line,
            line: site.line,
            vocabulary,
        }
    }

    /// Shared words over all words (Jaccard), 0 to 1.
    fn similarity(&self, other: &Key) -> f64 {
        let shared = self.vocabulary.intersection(&other.vocabulary).count();
        let all = self.vocabulary.len() + other.vocabulary.len() - shared;
        // Both counts are far below 2^52.
        #[expect(clippy::cast_precision_loss)]
        if all == 0 {
            0.0
        } else {
            shared as f64 / all as f64
        }
    }
}

/// Who is paired with whom so far. Candidates are taken in the order of their content, not of their index.
struct Pairing {
    base_order: Vec<usize>,
    head_order: Vec<usize>,
    base_taken: Vec<bool>,
    base_of_head: Vec<Option<usize>>,
}

impl Pairing {
    fn new(base: &[Site], head: &[Site]) -> Self {
        let in_order = |sites: &[Site]| {
            let mut order: Vec<usize> = (0..sites.len()).collect();
            order.sort_by(|a, b| sites[*a].cmp(&sites[*b]));
            order
        };
        Self {
            base_order: in_order(base),
            head_order: in_order(head),
            base_taken: vec![false; base.len()],
            base_of_head: vec![None; head.len()],
        }
    }

    fn free_base(&self) -> Vec<usize> {
        self.base_order
            .iter()
            .copied()
            .filter(|index| !self.base_taken[*index])
            .collect()
    }

    fn free_head(&self) -> Vec<usize> {
        self.head_order
            .iter()
            .copied()
            .filter(|index| self.base_of_head[*index].is_none())
            .collect()
    }

    fn pair(&mut self, base: usize, head: usize) {
        self.base_taken[base] = true;
        self.base_of_head[head] = Some(base);
    }

    /// Pairs up, one by one, what stands in files where nothing was reworded, added or taken away.
    fn pair_untouched_files(&mut self, base: &[Key], head: &[Key]) {
        let by_path = |keys: &[Key], order: &[usize]| {
            let mut files: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for index in order {
                files
                    .entry(keys[*index].path.clone())
                    .or_default()
                    .push(*index);
            }
            for indexes in files.values_mut() {
                indexes.sort_by_key(|index| keys[*index].line);
            }
            files
        };
        let at_base = by_path(base, &self.base_order);
        let at_head = by_path(head, &self.head_order);
        for (path, from) in at_base {
            let Some(to) = at_head.get(&path).filter(|to| to.len() == from.len()) else {
                continue;
            };
            let is_untouched = from.iter().zip(to).all(|(from, to)| {
                let (from, to) = (&base[*from], &head[*to]);
                from.words == to.words && from.anchor == to.anchor
            });
            if is_untouched {
                for (from, to) in from.iter().zip(to) {
                    self.pair(*from, *to);
                }
            }
        }
    }

    /// Pairs up what is equal in one aspect of both.
    fn pair_alike<'k, A: Ord>(
        &mut self,
        keys: (&'k [Key<'k>], &'k [Key<'k>]),
        aspect: impl Fn(&'k Key<'k>) -> Option<A>,
        may: &dyn Fn(usize, usize) -> bool,
    ) {
        self.pair_equal(keys, |_, key| aspect(key), |_, key| aspect(key), may);
    }

    /// Pairs up what is equal in an aspect, in order, where it may be; `None` is equal to nothing.
    fn pair_equal<'k, A: Ord>(
        &mut self,
        (base, head): (&'k [Key<'k>], &'k [Key<'k>]),
        at_base: impl Fn(usize, &'k Key<'k>) -> Option<A>,
        at_head: impl Fn(usize, &'k Key<'k>) -> Option<A>,
        may: &dyn Fn(usize, usize) -> bool,
    ) {
        let mut waiting: BTreeMap<A, std::collections::VecDeque<usize>> = BTreeMap::new();
        for index in self.free_base() {
            if let Some(aspect) = at_base(index, &base[index]) {
                waiting.entry(aspect).or_default().push_back(index);
            }
        }
        for head_index in self.free_head() {
            let base_index = at_head(head_index, &head[head_index]).and_then(|aspect| {
                let queue = waiting.get_mut(&aspect)?;
                let mut first = queue.iter().take(MOST_ALIKE);
                let position = first.position(|index| may(*index, head_index))?;
                queue.remove(position)
            });
            if let Some(base_index) = base_index {
                self.pair(base_index, head_index);
            }
        }
    }

    /// Pairs up what is left in the same file by its words, the most similar first.
    fn pair_similar(&mut self, base: &[Key], head: &[Key], may: &dyn Fn(usize, usize) -> bool) {
        let mut by_path: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for index in self.free_base() {
            by_path.entry(&base[index].path).or_default().0.push(index);
        }
        for index in self.free_head() {
            by_path.entry(&head[index].path).or_default().1.push(index);
        }
        for (base_indexes, head_indexes) in by_path.into_values() {
            if base_indexes.len().saturating_mul(head_indexes.len()) > MOST_PAIRS {
                continue;
            }
            let mut candidates: Vec<(f64, usize, usize)> = base_indexes
                .iter()
                .flat_map(|from| head_indexes.iter().map(move |to| (*from, *to)))
                .map(|(from, to)| (base[from].similarity(&head[to]), from, to))
                .filter(|(similarity, _, _)| *similarity >= SIMILAR)
                .collect();
            // Stable: equally similar ones stay in order of their content.
            candidates.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (_, from, to) in candidates {
                let is_free = !self.base_taken[from] && self.base_of_head[to].is_none();
                if is_free && may(from, to) {
                    self.pair(from, to);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
