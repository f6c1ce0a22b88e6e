//! Sets of addresses, as prefixes.

use std::collections::BTreeSet;

use ipnet::IpNet;

/// Addresses of some traffic; `None`: any.
pub type Addresses = Option<Vec<IpNet>>;

/// With more holes than this a prefix counts as whole: what is open is never understated.
const MAX_HOLES: usize = 256;

/// Prefixes in order, without those within others.
#[must_use]
pub fn outermost(mut prefixes: Vec<IpNet>) -> Vec<IpNet> {
    prefixes.sort_unstable();
    // A prefix sorts before those within it.
    prefixes.dedup_by(|next, kept| kept.contains(&*next));
    prefixes
}

/// What two prefixes have in common.
#[must_use]
pub fn intersection(first: IpNet, second: IpNet) -> Option<IpNet> {
    if first.contains(&second) {
        Some(second)
    } else if second.contains(&first) {
        Some(first)
    } else {
        None
    }
}

/// What is left of some prefixes without others.
#[must_use]
pub fn without(prefixes: &[IpNet], holes: &BTreeSet<IpNet>) -> Vec<IpNet> {
    let mut left = Vec::new();
    for prefix in prefixes {
        let inside: Vec<IpNet> = holes
            .iter()
            .filter_map(|hole| intersection(*hole, *prefix))
            .collect();
        let inside = IpNet::aggregate(&inside);
        if inside.len() > MAX_HOLES {
            left.push(*prefix);
        } else {
            punch(*prefix, &inside, &mut left);
        }
    }
    left
}

/// Prefixes in words, each an item of a list: one that lacks a few others is told with these.
#[must_use]
pub fn in_words(prefixes: &[IpNet]) -> Vec<String> {
    const HOLES_SPELLED_OUT: usize = 4;
    let told: BTreeSet<IpNet> = prefixes.iter().copied().collect();
    let mut words = Vec::new();
    let is_v4 = |net: &&IpNet| matches!(net, IpNet::V4(_));
    let (v4, v6): (Vec<&IpNet>, Vec<&IpNet>) = told.iter().partition(is_v4);
    for family in [v4, v6] {
        let whole = family.first().and_then(|first| {
            let mut around = std::iter::successors(Some(**first), IpNet::supernet);
            around.find(|net| family.iter().all(|one| net.contains(*one)))
        });
        let holes = whole.map_or_else(Vec::new, |whole| {
            IpNet::aggregate(&without(&[whole], &told))
        });
        if let Some(whole) = whole.filter(|_| !holes.is_empty() && holes.len() < family.len()) {
            let mut shown: Vec<String> = holes.iter().map(ToString::to_string).collect();
            if shown.len() > HOLES_SPELLED_OUT {
                let more = shown.split_off(HOLES_SPELLED_OUT - 1);
                shown.push(format!("{} more", more.len()));
            }
            let last = shown.pop().unwrap_or_default();
            let shown = [shown.join(", "), last];
            let shown: Vec<String> = shown.into_iter().filter(|one| !one.is_empty()).collect();
            words.push(format!("{whole} except {}", shown.join(" and ")));
        } else {
            words.extend(family.iter().map(ToString::to_string));
        }
    }
    words
}

/// Adds what is left of a prefix without holes that lie within it.
fn punch(prefix: IpNet, holes: &[IpNet], left: &mut Vec<IpNet>) {
    if holes.is_empty() {
        left.push(prefix);
    } else if !holes.contains(&prefix) {
        // No single address gets here: a hole within it would be all of it.
        for half in prefix
            .subnets(prefix.prefix_len() + 1)
            .into_iter()
            .flatten()
        {
            let inside: Vec<IpNet> = holes
                .iter()
                .filter(|hole| half.contains(*hole))
                .copied()
                .collect();
            punch(half, &inside, left);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn nets(text: &str) -> Vec<IpNet> {
        text.split_whitespace()
            .map(|one| one.parse().unwrap())
            .collect()
    }

    #[track_caller]
    fn check(prefixes: &str, holes: &str, left: &str) {
        let holes = nets(holes).into_iter().collect();
        assert_eq!(without(&nets(prefixes), &holes), nets(left));
    }

    #[test]
    fn what_is_taken_out_of_prefixes_is_gone_and_all_else_stays() {
        check("10.0.0.0/8", "", "10.0.0.0/8");
        check("10.0.0.0/8", "11.0.0.0/8", "10.0.0.0/8");
        check("10.0.0.0/8", "10.0.0.0/8", "");
        check("10.1.0.0/16 10.2.0.0/16", "10.0.0.0/8", "");
        check("10.0.0.0/8", "10.128.0.0/9", "10.0.0.0/9");
        check(
            "10.0.0.0/29",
            "10.0.0.1/32 10.0.0.4/30",
            "10.0.0.0/32 10.0.0.2/31",
        );
        check("2001:db8::/32", "10.0.0.0/8 ::/0", "");
        check("0.0.0.0/31", "0.0.0.1/32", "0.0.0.0/32");
    }

    #[test]
    fn what_lacks_a_few_others_is_told_with_these() {
        let told = |whole: &str, holes: &str| {
            let holes = nets(holes).into_iter().collect();
            in_words(&without(&nets(whole), &holes)).join("; ")
        };
        let private = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16";
        assert_eq!(
            told("0.0.0.0/0 2001:db8::/32", private),
            "0.0.0.0/0 except 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16; 2001:db8::/32"
        );
        assert_eq!(
            told("10.0.0.0/8", "10.3.0.0/16"),
            "10.0.0.0/8 except 10.3.0.0/16"
        );
        assert_eq!(told("10.0.0.0/8", "10.0.0.0/9"), "10.128.0.0/9");
        assert_eq!(
            told("10.1.0.0/16 10.9.0.0/16", ""),
            "10.1.0.0/16; 10.9.0.0/16"
        );
        let many = "10.1.0.0/16 10.3.0.0/16 10.5.0.0/16 10.7.0.0/16 10.9.0.0/16";
        assert_eq!(
            told("0.0.0.0/0", many),
            "0.0.0.0/0 except 10.1.0.0/16, 10.3.0.0/16, 10.5.0.0/16 and 2 more"
        );
    }

    #[test]
    fn more_holes_than_anybody_writes_take_nothing_out() {
        let whole = nets("10.0.0.0/8");
        let every_other = |length: u8| {
            let all = whole[0].subnets(length).unwrap();
            all.step_by(2).collect::<BTreeSet<IpNet>>()
        };
        assert_eq!(without(&whole, &every_other(18)), whole);
        assert_eq!(without(&whole, &every_other(17)).len(), 256);
    }
}
