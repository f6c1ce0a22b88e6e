//! Parts that are joined with each other more than with the rest: what a person would draw in one place.
//!
//! The method of Louvain (Blondel and others, Fast unfolding of communities in large networks, 2008,
//! <https://arxiv.org/abs/0803.0476>), in a fixed order, so that the same links always make the same groups.

use std::collections::BTreeMap;

/// How often all parts are gone through before a level is taken as it is.
const MOST_PASSES: usize = 12;
/// Levels of groups of groups; each has less than half as many, or ends it.
const MOST_LEVELS: usize = 12;

/// Which group each part belongs to, by number; a part without links has one of its own. Links are pairs of parts.
pub(super) fn communities(count: usize, links: &[(usize, usize)]) -> Vec<usize> {
    let mut group: Vec<usize> = (0..count).collect();
    let mut level = Level::of(count, links);
    for _ in 0..MOST_LEVELS {
        let moved = level.settled();
        let (numbers, groups) = numbered(&moved);
        for one in &mut group {
            *one = numbers[*one];
        }
        if groups == level.weights.len() {
            break;
        }
        level = level.grouped(&numbers, groups);
    }
    group
}

/// Parts, or groups of them, with how much joins them.
struct Level {
    /// By part: every other one with the number of links to it.
    weights: Vec<BTreeMap<usize, u64>>,
    /// By part: the ends of links at it, those within it twice.
    degrees: Vec<u64>,
}

impl Level {
    fn of(count: usize, links: &[(usize, usize)]) -> Self {
        let mut weights = vec![BTreeMap::new(); count];
        let mut degrees = vec![0; count];
        for &(from, to) in links.iter().filter(|(from, to)| from != to) {
            for (one, other) in [(from, to), (to, from)] {
                *weights[one].entry(other).or_insert(0) += 1;
                degrees[one] += 1;
            }
        }
        Self { weights, degrees }
    }

    /// The group of each part, when no part gains by going to another one.
    fn settled(&self) -> Vec<usize> {
        let count = self.weights.len();
        let mut group: Vec<usize> = (0..count).collect();
        let mut totals = self.degrees.clone();
        let all: u64 = self.degrees.iter().sum();
        for _ in 0..MOST_PASSES {
            let mut has_moved = false;
            for part in 0..count {
                let own = group[part];
                let mut joined: BTreeMap<usize, u64> = BTreeMap::new();
                for (other, weight) in &self.weights[part] {
                    *joined.entry(group[*other]).or_insert(0) += weight;
                }
                totals[own] -= self.degrees[part];
                // What joins it to a group, less what would by chance; kept whole by multiplying with all ends.
                let gain = |to: usize| {
                    let joins = u128::from(joined.get(&to).copied().unwrap_or(0)) * u128::from(all);
                    let chance = u128::from(totals[to]) * u128::from(self.degrees[part]);
                    joins as i128 - chance as i128
                };
                let best = joined
                    .keys()
                    .copied()
                    .max_by_key(|to| (gain(*to), std::cmp::Reverse(*to)));
                let to = best.filter(|to| gain(*to) > gain(own)).unwrap_or(own);
                totals[to] += self.degrees[part];
                group[part] = to;
                has_moved |= to != own;
            }
            if !has_moved {
                break;
            }
        }
        group
    }

    /// The groups as parts of the next level.
    fn grouped(&self, numbers: &[usize], groups: usize) -> Self {
        let mut weights = vec![BTreeMap::new(); groups];
        let mut degrees = vec![0; groups];
        for (part, others) in self.weights.iter().enumerate() {
            degrees[numbers[part]] += self.degrees[part];
            for (other, weight) in others {
                let (from, to) = (numbers[part], numbers[*other]);
                if from != to {
                    *weights[from].entry(to).or_insert(0) += weight;
                }
            }
        }
        Self { weights, degrees }
    }
}

/// Groups by consecutive numbers, in the order in which they appear; and how many there are.
fn numbered(groups: &[usize]) -> (Vec<usize>, usize) {
    let mut known = BTreeMap::new();
    let numbers = groups
        .iter()
        .map(|group| {
            let next = known.len();
            *known.entry(*group).or_insert(next)
        })
        .collect();
    (numbers, known.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_circles_of_friends_with_one_acquaintance_are_two_groups() {
        let links = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3)];
        assert_eq!(communities(6, &links), [0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn what_is_joined_to_nothing_stays_alone_and_no_link_counts_with_itself() {
        assert_eq!(communities(3, &[(0, 1), (2, 2)]), [0, 0, 1]);
        assert_eq!(communities(0, &[]), Vec::<usize>::new());
    }

    #[test]
    fn a_long_chain_falls_into_stretches() {
        let links: Vec<(usize, usize)> = (1..200).map(|index| (index - 1, index)).collect();
        let groups = communities(200, &links);
        let last = groups.iter().max().copied().unwrap_or(0);
        assert!((5..60).contains(&last), "{last}");
        assert!(groups.windows(2).all(|two| two[0] <= two[1]));
    }
}
