//! Inventories of many repositories, merged in any order and any grouping into one.
//!
//! Each repository has one place. Of several readings of it the newest commit counts; two of one date that differ cannot be
//! decided, and that is said rather than one of them chosen. What could not be read, or was expected and never came, stays
//! until a reading makes up for it: a failure never, since nobody knows what it hid; an absence does.
//!
//! This module does not know what is in a reading: to it, that is a list of lines.

use std::collections::{BTreeMap, BTreeSet};

/// What one run read of one repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// When its commit was made, as `2026-11-22T10:00:00Z`; empty before the first commit.
    pub committed: String,
    /// The full id of its commit; empty before the first.
    pub commit: String,
    /// A digest of its lines.
    pub digest: String,
    /// What stands in the file.
    pub lines: Vec<String>,
}

/// Readings of one date, of which nothing tells which is the newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// That date.
    pub committed: String,
    /// The commit of each, by the digest of its lines.
    pub versions: BTreeMap<String, String>,
}

/// What is known of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newest {
    /// What it holds.
    Reading(Reading),
    /// It holds one of several things.
    Undecided(Undecided),
}

impl Newest {
    fn committed(&self) -> &str {
        match self {
            Self::Reading(reading) => &reading.committed,
            Self::Undecided(undecided) => &undecided.committed,
        }
    }

    fn versions(&self) -> BTreeMap<String, String> {
        match self {
            Self::Reading(one) => BTreeMap::from([(one.digest.clone(), one.commit.clone())]),
            Self::Undecided(undecided) => undecided.versions.clone(),
        }
    }

    fn merged(self, other: Self) -> Self {
        match self.committed().cmp(other.committed()) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => {
                let mut versions = self.versions();
                versions.extend(other.versions());
                if versions.len() == 1 {
                    return self;
                }
                Self::Undecided(Undecided {
                    committed: self.committed().to_owned(),
                    versions,
                })
            }
        }
    }
}

/// Everything known of some repositories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// By identity.
    pub newest: BTreeMap<String, Newest>,
    /// Repositories that somebody tried to read, with why that failed.
    pub unread: BTreeMap<String, BTreeSet<String>>,
    /// Repositories that there should be, in the words of whoever expects them.
    pub expected: BTreeSet<String>,
}

impl Inventory {
    /// One more reading of a repository.
    pub fn add(&mut self, repository: &str, newest: Newest) {
        let merged = match self.newest.remove(repository) {
            Some(known) => known.merged(newest),
            None => newest,
        };
        self.newest.insert(repository.to_owned(), merged);
    }

    /// A repository that could not be read, and why.
    pub fn add_unread(&mut self, repository: &str, why: &str) {
        let reasons = self.unread.entry(repository.to_owned()).or_default();
        reasons.insert(why.to_owned());
    }

    /// Everything that either knows. Whichever comes first, and however many are grouped, the result is the same.
    pub fn merge(&mut self, other: Self) {
        for (repository, newest) in other.newest {
            self.add(&repository, newest);
        }
        for (repository, reasons) in other.unread {
            self.unread.entry(repository).or_default().extend(reasons);
        }
        self.expected.extend(other.expected);
    }

    /// What was expected and is not there, neither read nor tried.
    #[must_use]
    pub fn missing(&self) -> Vec<&str> {
        let known = || self.newest.keys().chain(self.unread.keys());
        let expected = self.expected.iter().map(String::as_str);
        expected
            .filter(|name| !known().any(|identity| is_called(identity, name)))
            .collect()
    }

    /// How many repositories are not known as they are: unread, undecided or missing.
    #[must_use]
    pub fn faults(&self) -> usize {
        let undecided = self.newest.values();
        let undecided = undecided.filter(|one| matches!(one, Newest::Undecided(_)));
        undecided.count() + self.unread.len() + self.missing().len()
    }
}

/// Whether somebody means a repository: by its identity, or by the end of it (`acme/cart`, `cart`).
#[must_use]
pub fn is_called(identity: &str, name: &str) -> bool {
    let (identity, name) = (identity.to_lowercase(), name.to_lowercase());
    identity == name
        || identity
            .strip_suffix(&name)
            .is_some_and(|rest| rest.ends_with('/'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn reading(day: u32, content: &str) -> Newest {
        Newest::Reading(Reading {
            committed: format!("2026-11-{day:02}T00:00:00Z"),
            commit: format!("c{content}"),
            digest: format!("d{content}"),
            lines: vec![content.to_owned()],
        })
    }

    fn one(repository: &str, newest: Newest) -> Inventory {
        let mut inventory = Inventory::default();
        inventory.add(repository, newest);
        inventory
    }

    fn merged(parts: impl IntoIterator<Item = Inventory>) -> Inventory {
        let mut all = Inventory::default();
        for part in parts {
            all.merge(part);
        }
        all
    }

    #[test]
    fn the_newer_commit_wins_and_one_of_the_same_date_that_differs_does_not() {
        let (older, newer) = (reading(1, "a"), reading(2, "b"));
        let both = [one("cart", older.clone()), one("cart", newer.clone())];
        assert_eq!(merged(both.clone()).newest["cart"], newer);
        assert_eq!(merged(both).faults(), 0);
        let rival = reading(2, "c");
        let undecided = merged([one("cart", newer.clone()), one("cart", rival)]);
        assert!(
            matches!(&undecided.newest["cart"], Newest::Undecided(one) if one.versions.len() == 2)
        );
        assert_eq!(undecided.faults(), 1);
        let settled = merged([undecided, one("cart", reading(3, "d"))]);
        assert_eq!(settled, one("cart", reading(3, "d")));
        assert_eq!(
            merged([one("cart", newer.clone()), one("cart", newer.clone())]),
            one("cart", newer)
        );
    }

    #[test]
    fn what_failed_stays_beside_what_was_read_and_what_was_missing_is_made_up_for() {
        let mut failed = Inventory::default();
        failed.add_unread("github.com/acme/cart", "no such directory");
        failed.expected.insert("acme/cart".to_owned());
        failed.expected.insert("acme/art".to_owned());
        let read = one("github.com/acme/cart", reading(1, "a"));
        let both = merged([failed, read]);
        assert_eq!(both.missing(), ["acme/art"]);
        assert_eq!(both.faults(), 2);
        let made_up_for = merged([both, one("github.com/acme/art", reading(1, "b"))]);
        assert_eq!(made_up_for.missing(), [""; 0]);
    }

    fn any_inventory() -> impl Strategy<Value = Inventory> {
        let readings = prop::collection::vec((0..3_usize, 1..4_u32, 0..3_usize), 0..4);
        let names = prop::collection::vec(0..3_usize, 0..2);
        (readings, names.clone(), names).prop_map(|(readings, unread, expected)| {
            let name = |index: usize| ["cart", "ledger", "shop"][index].to_owned();
            let mut inventory = Inventory::default();
            for (repository, day, content) in readings {
                inventory.add(&name(repository), reading(day, ["a", "b", "c"][content]));
            }
            for repository in unread {
                inventory.add_unread(&name(repository), "unreadable");
            }
            inventory.expected.extend(expected.into_iter().map(name));
            inventory
        })
    }

    proptest! {
        #[test]
        fn inventories_merge_in_any_order_and_grouping(a in any_inventory(), b in any_inventory(), c in any_inventory()) {
            let pair = |one: &Inventory, other: &Inventory| merged([one.clone(), other.clone()]);
            prop_assert_eq!(pair(&a, &b), pair(&b, &a));
            prop_assert_eq!(pair(&pair(&a, &b), &c), pair(&a, &pair(&b, &c)));
            prop_assert_eq!(pair(&a, &a), a);
        }
    }
}
