//! Words of a guarantee that nothing was made of, and that may say something.
//!
//! "Cart and stock both run inside VPC a": who is spoken of stands before what is said of it, and need not be understood. What
//! follows ("... in dedicated racks"), stands by itself ("..., audited weekly") or denies something ("... where no contractor
//! works") may be a claim. So where it stands decides, and in doubt it is one.

use crate::carveout::names::Words;

use super::{Guarantee, Role};

/// Words that rule something out; sorted.
const DENYING: &[&str] = &[
    "cannot",
    "exclusively",
    "merely",
    "neither",
    "never",
    "no",
    "nobody",
    "none",
    "nor",
    "not",
    "nothing",
    "nowhere",
    "only",
    "purely",
    "solely",
    "strictly",
    "without",
];

/// Words that begin what is said of something else; sorted.
const LINKING: &[&str] = &[
    "and", "but", "or", "so", "that", "where", "which", "while", "whose",
];

/// Words that only name once more what words beside them say: whose cloud, what sort of line; sorted.
const COMPANIONS: &[&str] = &[
    "alibaba",
    "amazon",
    "attachment",
    "aws",
    "azure",
    "circuit",
    "cloud",
    "connection",
    "connections",
    "datacenter",
    "gcp",
    "google",
    "host",
    "ibm",
    "line",
    "microsoft",
    "oracle",
    "provider",
    "regions",
];

impl Guarantee {
    /// The stretches of its words that were not understood and may claim something, as written; `text` is what it was read from.
    #[must_use]
    pub fn left_open(&self, text: &str) -> Vec<String> {
        let words: Vec<(&str, Role)> = self
            .account
            .iter()
            .flat_map(|stretch| stretch.words.split(' ').map(|word| (word, stretch.role)))
            .collect();
        let breaks = breaks(text, words.len());
        let mut clause = Clause::default();
        let mut open = Vec::new();
        let mut is_first = true;
        for (index, (word, role)) in words.into_iter().enumerate() {
            let folded = word.to_lowercase();
            let is_break = breaks.binary_search(&index).is_ok();
            let is_link = LINKING.binary_search(&folded.as_str()).is_ok();
            // A list of who is spoken of stands at the beginning: "cart, stock and search run ...".
            if (clause.has_said && (is_break || is_link)) || (is_break && !is_first) {
                clause.close(&mut open);
                is_first = false;
            }
            clause.take(word, &folded, role, &mut open);
        }
        clause.close(&mut open);
        open
    }
}

/// What has been read of a clause.
#[derive(Default)]
struct Clause<'t> {
    /// Something in it was understood.
    has_said: bool,
    /// Its words since the beginning, or since something was understood.
    words: Vec<&'t str>,
    has_unread: bool,
    denies: bool,
}

impl<'t> Clause<'t> {
    fn take(&mut self, word: &'t str, folded: &str, role: Role, open: &mut Vec<String>) {
        match role {
            Role::Plain | Role::NotUnderstood => {
                let is_companion = self.has_said && COMPANIONS.binary_search(&folded).is_ok();
                self.has_unread |= role == Role::NotUnderstood && !is_companion;
                self.denies |= DENYING.binary_search(&folded).is_ok() || folded.ends_with("n't");
                self.words.push(word);
            }
            // A kind word says something only beside a name.
            Role::Kind => self.words.push(word),
            _ => {
                // Who is spoken of stands first; what stands between two things said belongs to neither.
                if self.has_unread && (self.denies || self.has_said) {
                    open.push(self.words.join(" "));
                }
                *self = Self {
                    has_said: true,
                    ..Self::default()
                };
            }
        }
    }

    fn close(&mut self, open: &mut Vec<String>) {
        if self.has_unread {
            open.push(self.words.join(" "));
        }
        *self = Self::default();
    }
}

/// The words before which the text has a comma or the like; none where that cannot be told.
fn breaks(text: &str, count: usize) -> Vec<usize> {
    let mut breaks = Vec::new();
    let mut words = 0;
    for part in text.split_inclusive([',', ':', '(', ')', '\u{2014}', '\u{2013}']) {
        words += Words::of(part).folded.len();
        breaks.push(words);
    }
    if words == count { breaks } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use crate::carveout::names::NameIndex;
    use crate::graph::testing::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let graph = graph(&[network("prod", []), network("data", [])]);
        let read = Guarantee::read(text, &NameIndex::new(&[&graph]));
        assert_eq!(read.left_open(text), expected, "{text}");
    }

    #[test]
    fn who_is_spoken_of_need_not_be_understood() {
        check("cart and stock both run inside VPC prod", &[]);
        check("invoices, tax and dunning never leave VPC prod", &[]);
        check("cart stays in VPC prod and its cache runs in VPC data", &[]);
        check("loopback only, both processes run in the same pod", &[]);
        check(
            "only over the peering between prod and data, encrypted by AWS between regions",
            &[],
        );
    }

    #[test]
    fn what_follows_or_stands_alone_may_be_a_claim() {
        check(
            "stays inside VPC prod in dedicated racks",
            &["in dedicated racks"],
        );
        check("stays inside VPC prod, audited weekly", &["audited weekly"]);
        check(
            "stays inside VPC prod, audited weekly, not peered",
            &["audited weekly"],
        );
        check(
            "stays inside VPC prod behind our bastions, not peered",
            &["behind our bastions"],
        );
        check("the office floor", &["the office floor"]);
    }

    #[test]
    fn what_is_denied_is_a_claim_wherever_it_stands() {
        check(
            "stays inside VPC prod where no contractor works",
            &["where no contractor works"],
        );
        check(
            "only requests of the batch hosts get into VPC prod",
            &["only requests of the batch hosts get into VPC"],
        );
        check("traffic never leaves VPC prod", &[]);
    }

    proptest! {
        #[test]
        fn whatever_is_left_open_is_made_of_its_words(text in "(\\PC{0,9}|[a-z]{1,4}|inside|VPC|prod|not|only|and|,| ){0,30}") {
            let graph = graph(&[network("prod", [])]);
            let read = Guarantee::read(&text, &NameIndex::new(&[&graph]));
            let words: Vec<&str> = read.account.iter().flat_map(|one| one.words.split(' ')).collect();
            for open in read.left_open(&text) {
                prop_assert!(open.split(' ').all(|word| words.contains(&word)));
            }
        }
    }

    #[test]
    fn the_tables_are_sorted() {
        for table in [DENYING, LINKING, COMPANIONS] {
            assert!(table.is_sorted());
        }
    }
}
