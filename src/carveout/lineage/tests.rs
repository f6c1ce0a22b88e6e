#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;

fn site(path: &str, line: usize, guarantee: &str, justification: &str, anchor: &str) -> Site {
    Site {
        path: path.to_owned(),
        line,
        guarantee: guarantee.to_owned(),
        justification: justification.to_owned(),
        anchor: (!anchor.is_empty()).then(|| anchor.to_owned()),
        anchor_line: None,
    }
}

/// Files of which nothing is known but how often code stands in them at head.
struct Holding<F: Fn(&str, &str) -> usize>(F);

impl<F: Fn(&str, &str) -> usize> Files for Holding<F> {
    fn line_at_head(&self, _: &str, _: usize, _: &str) -> Option<usize> {
        None
    }

    fn count_at_base(&self, _: &str, _: &str) -> usize {
        0
    }

    fn count_at_head(&self, path: &str, code: &str) -> usize {
        (self.0)(path, code)
    }

    fn count_of_setting_at_base(&self, _: &str, _: &Setting) -> usize {
        0
    }

    fn count_of_setting_at_head(&self, _: &str, _: &Setting) -> usize {
        0
    }

    fn is_below(&self, _: &str, _: usize, _: usize) -> bool {
        false
    }
}

fn gone() -> impl Files {
    Holding(|_, _| 0)
}

fn stands() -> impl Files {
    Holding(|_, _| 1)
}

fn traced(base: &[Site], head: &[Site]) -> Vec<Lineage> {
    trace(base, head, &BTreeMap::new(), &gone())
}

const SAME: [Lineage; 1] = [Lineage::Same { base: 0, head: 0 }];
const REWORDED: [Lineage; 1] = [Lineage::Reworded { base: 0, head: 0 }];
const REPLACED: [Lineage; 2] = [Lineage::Added { head: 0 }, Lineage::Removed { base: 0 }];

#[test]
fn moved_lines_and_files_keep_a_carve_out_the_same() {
    let base = [site("a.tf", 3, "inside VPC prod", "public", "x = 1")];
    assert_eq!(
        traced(
            &base,
            &[site("a.tf", 30, "inside VPC prod", "public", "x = 1")]
        ),
        SAME
    );
    assert_eq!(
        traced(
            &base,
            &[site("b.tf", 3, "inside VPC prod", "public", "y = 1")]
        ),
        SAME
    );
    assert_eq!(
        traced(&base, &[site("b.tf", 3, "over the VPN", "secret", "x = 1")]),
        REPLACED
    );
}

#[test]
fn white_space_letter_case_and_punctuation_are_no_rewording() {
    let base = [site("a.tf", 3, "inside VPC `prod-us`", "public; data", "x")];
    assert_eq!(
        traced(
            &base,
            &[site("a.tf", 3, "Inside  vpc prod us.", "public data", "x")]
        ),
        SAME
    );
    assert_eq!(
        traced(
            &base,
            &[site("a.tf", 3, "inside VPC prod-eu", "public; data", "x")]
        ),
        REWORDED
    );
    assert!(same_words("carve-out", "Carveout!"));
    assert!(!same_words("10.1.0.0/16", "10.10.0/16"));
    assert!(!same_words("inside", "outside"));
}

#[test]
fn words_that_change_sides_of_the_semicolon_are_a_rewording() {
    let base = [site("a.tf", 3, "inside prod", "public data", "x = 1")];
    assert_eq!(
        traced(
            &base,
            &[site("a.tf", 3, "inside prod public", "data", "x = 1")]
        ),
        REWORDED
    );
}

#[test]
fn rewording_is_seen_by_its_anchor_then_by_its_words_and_through_renames() {
    let base = [site(
        "a.tf",
        3,
        "inside VPC prod",
        "public data",
        "tls = false",
    )];
    let other_words = site("a.tf", 9, "over the VPN", "nothing secret", "tls = false");
    let like_words = site("a.tf", 9, "inside VPC prod", "public metrics", "tls = true");
    let unlike = site("a.tf", 9, "over the VPN", "nothing secret", "tls = true");
    assert_eq!(traced(&base, std::slice::from_ref(&other_words)), REWORDED);
    assert_eq!(traced(&base, &[like_words]), REWORDED);
    assert_eq!(traced(&base, &[unlike]), REPLACED);

    let renames = BTreeMap::from([("a.tf".to_owned(), "b.tf".to_owned())]);
    let moved = [Site {
        path: "b.tf".to_owned(),
        ..other_words
    }];
    assert_eq!(trace(&base, &moved, &renames, &gone()), REWORDED);
    assert_eq!(traced(&base, &moved), REPLACED);
}

#[test]
fn of_two_with_equal_words_the_anchor_tells_which_marker_was_deleted() {
    let base = [
        site("a.tf", 1, "inside", "public", "one = 1"),
        site("a.tf", 5, "inside", "public", "two = 2"),
    ];
    let head = [site("a.tf", 5, "inside", "public", "two = 2")];
    assert_eq!(
        trace(&base, &head, &BTreeMap::new(), &stands()),
        [
            Lineage::Same { base: 1, head: 0 },
            Lineage::MarkerDeleted { base: 0 }
        ]
    );
}

#[test]
fn duplicates_pair_up_in_order() {
    let base = [
        site("a.tf", 1, "inside", "public", "x"),
        site("a.tf", 5, "inside", "public", "x"),
    ];
    let head = [
        site("a.tf", 2, "inside", "public", "x"),
        site("a.tf", 6, "inside", "public", "x"),
    ];
    let expected = [
        Lineage::Same { base: 0, head: 0 },
        Lineage::Same { base: 1, head: 1 },
    ];
    assert_eq!(traced(&base, &head), expected);
}

#[test]
fn a_marker_is_deleted_only_above_code_that_stands_and_says_something() {
    let one = |anchor: &str| [site("a.tf", 1, "inside", "public", anchor)];
    let none = BTreeMap::new();
    assert_eq!(
        trace(&one("tls = false"), &[], &none, &stands()),
        [Lineage::MarkerDeleted { base: 0 }]
    );
    assert_eq!(
        trace(&one("tls = false"), &[], &none, &gone()),
        [Lineage::Removed { base: 0 }]
    );
    assert_eq!(
        trace(&one("}"), &[], &none, &stands()),
        [Lineage::Removed { base: 0 }]
    );
    assert_eq!(
        trace(&one("} else {"), &[], &none, &stands()),
        [Lineage::Removed { base: 0 }]
    );
    assert_eq!(
        trace(&one(""), &[], &none, &stands()),
        [Lineage::Removed { base: 0 }]
    );
}

#[test]
fn the_surviving_anchor_is_looked_for_in_the_renamed_file() {
    let renames = BTreeMap::from([("a.tf".to_owned(), "b.tf".to_owned())]);
    let base = [site("a.tf", 1, "inside", "public", "tls = false")];
    let in_b =
        Holding(|path: &str, anchor: &str| usize::from(path == "b.tf" && anchor == "tls = false"));
    assert_eq!(
        trace(&base, &[], &renames, &in_b),
        [Lineage::MarkerDeleted { base: 0 }]
    );
    assert_eq!(
        trace(&base, &[], &BTreeMap::new(), &in_b),
        [Lineage::Removed { base: 0 }]
    );
}

/// Two revisions of one file, a line each; every line of base that is still somewhere at head is the first of its kind.
struct Written(&'static [&'static str], &'static [&'static str]);

impl Files for Written {
    fn line_at_head(&self, _: &str, line: usize, _: &str) -> Option<usize> {
        let code = *self.0.get(line - 1)?;
        let number = self.0[..line].iter().filter(|one| **one == code).count();
        let mut equal = (1..).zip(self.1).filter(|(_, one)| **one == code);
        Some(equal.nth(number - 1)?.0)
    }

    fn count_at_base(&self, _: &str, code: &str) -> usize {
        self.0.iter().filter(|line| **line == code).count()
    }

    fn count_at_head(&self, _: &str, code: &str) -> usize {
        self.1.iter().filter(|line| **line == code).count()
    }

    fn count_of_setting_at_base(&self, _: &str, setting: &Setting) -> usize {
        self.0.iter().filter(|line| setting.is_in(line)).count()
    }

    fn count_of_setting_at_head(&self, _: &str, setting: &Setting) -> usize {
        self.1.iter().filter(|line| setting.is_in(line)).count()
    }

    fn is_below(&self, _: &str, line: usize, beginning: usize) -> bool {
        self.1[beginning - 1] == "block" && line > beginning
    }
}

fn at(line: usize, words: &str, anchor: &str) -> Site {
    Site {
        anchor_line: Some(line + 1),
        ..site(
            "a.yaml",
            line,
            words,
            "public data and nothing secret",
            anchor,
        )
    }
}

#[test]
fn a_marker_deleted_above_one_of_equal_lines_is_told_from_a_line_that_went_with_it() {
    let base = [
        at(1, "inside prod", "tls: false"),
        at(4, "inside data", "tls: false"),
    ];
    let head = [at(1, "inside prod", "tls: false")];
    let check = |after: &'static [&'static str], expected: Lineage| {
        let files = Written(&["#", "tls: false", "x", "#", "tls: false"], after);
        let found = trace(&base, &head, &BTreeMap::new(), &files);
        assert_eq!(found, [Lineage::Same { base: 0, head: 0 }, expected]);
    };
    check(
        &["#", "tls: false", "x", "tls: false"],
        Lineage::MarkerDeleted { base: 1 },
    );
    check(&["#", "tls: false", "x"], Lineage::Removed { base: 1 });
}

#[test]
fn a_similar_carve_out_elsewhere_does_not_take_over_from_one_whose_line_is_bare_now() {
    let base = [at(1, "cart inside prod", "tls: false")];
    let trace_in = |head: &[Site], after: &'static [&'static str]| {
        let files = Written(&["#", "tls: false"], after);
        trace(&base, head, &BTreeMap::new(), &files)
    };
    let replaced = [
        Lineage::Added { head: 0 },
        Lineage::MarkerDeleted { base: 0 },
    ];
    let elsewhere = [at(3, "rates inside prod", "plaintext: true")];
    assert_eq!(
        trace_in(&elsewhere, &["tls: false", "rates", "#", "plaintext: true"]),
        replaced
    );
    // Over the block that the line stands in, it is the same one.
    let over_the_block = [at(1, "the cart inside prod", "block")];
    assert_eq!(
        trace_in(&over_the_block, &["#", "block", "tls: false"]),
        REWORDED
    );
    // And so it is where the line is gone.
    assert_eq!(
        trace_in(&elsewhere, &["", "rates", "#", "plaintext: true"]),
        REWORDED
    );
}

#[test]
fn words_that_moved_to_another_file_are_another_carve_out_while_their_line_stands_bare() {
    let base = [at(1, "inside prod", "tls: false")];
    let head = [Site {
        path: "b.yaml".to_owned(),
        ..at(1, "inside prod", "tls: false")
    }];
    let trace_in = |after: &'static [&'static str]| {
        let files = Written(&["#", "tls: false"], after);
        trace(&base, &head, &BTreeMap::new(), &files)
    };
    assert_eq!(
        trace_in(&["tls: false"]),
        [
            Lineage::Added { head: 0 },
            Lineage::MarkerDeleted { base: 0 }
        ]
    );
    assert_eq!(trace_in(&[]), SAME);
}

#[test]
fn a_marker_deleted_above_a_common_line_that_stands_is_no_removal_and_one_that_went_with_its_code_is()
 {
    let fate = |before: &'static [&'static str], line: usize, after: &'static [&'static str]| {
        let base = [at(line, "inside prod", before[line])];
        trace(&base, &[], &BTreeMap::new(), &Written(before, after))[0]
    };
    let (deleted, removed) = (
        Lineage::MarkerDeleted { base: 0 },
        Lineage::Removed { base: 0 },
    );
    for common in [
        &["a", "#", "else:", "b"][..],
        &["a", "#", "f(", "b"],
        &["a", "#", "Z=1", "b"],
        &["a", "#", "try {", "b"],
    ] {
        let after: Vec<&str> = common.iter().copied().filter(|line| *line != "#").collect();
        assert_eq!(fate(common, 2, after.leak()), deleted, "{common:?}");
        assert_eq!(fate(common, 2, &["a", "b"]), removed, "{common:?}");
    }
    // What ends a block tells of the line above it: that is what the comment was about.
    let ends = &["x = {", "tls = no", "#", "}"][..];
    assert_eq!(fate(ends, 3, &["x = {", "tls = no", "}"]), deleted);
    assert_eq!(fate(ends, 3, &["x = {", "tls = yes", "}"]), removed);
    let opens = &["x", "#", "{", "tls = no"][..];
    assert_eq!(fate(opens, 2, &["x", "{", "tls = no"]), deleted);
    assert_eq!(fate(opens, 2, &["x", "{", "tls = yes"]), removed);
}

#[test]
fn a_marker_deleted_above_a_setting_that_is_spelled_otherwise_is_no_removal_and_one_switched_on_is()
{
    let base = [at(1, "inside prod", "tls: false")];
    let fate = |after: &'static [&'static str]| {
        let files = Written(&["#", "tls: false", "lab: {tls: no}"], after);
        trace(&base, &[], &BTreeMap::new(), &files)[0]
    };
    let deleted = Lineage::MarkerDeleted { base: 0 };
    assert_eq!(fate(&["tls: no", "lab: {tls: no}"]), deleted);
    assert_eq!(fate(&["{tls: off}", "lab: {tls: no}"]), deleted);
    // The other one was there before, without a marker.
    let removed = Lineage::Removed { base: 0 };
    assert_eq!(fate(&["tls: true", "lab: {tls: no}"]), removed);
    assert_eq!(fate(&["lab: {tls: no}"]), removed);
}

#[test]
fn fingerprint_stands_for_the_words_alone() {
    let print = fingerprint("inside VPC prod", "public data");
    assert_eq!(print.len(), 12);
    assert_eq!(print, fingerprint("Inside  VPC `prod`.", "public-data"));
    assert_ne!(print, fingerprint("inside VPC prod public", "data"));
}

fn sites() -> impl Strategy<Value = Vec<Site>> {
    let word = prop::sample::select(vec![
        "inside prod",
        "Inside-prod",
        "over vpn link",
        "over the vpn",
        "loopback",
    ]);
    let anchor = prop::sample::select(vec!["", "}", "tls = false", "port = 80"]);
    let path = prop::sample::select(vec!["a.tf", "b.tf", "c.tf"]);
    let one = (path, 1usize..6, word.clone(), word, anchor).prop_map(
        |(path, line, guarantee, justification, anchor)| {
            site(path, line, guarantee, justification, anchor)
        },
    );
    prop::collection::vec(one, 0..9)
}

fn ends(lineage: &Lineage) -> (Option<usize>, Option<usize>) {
    match *lineage {
        Lineage::Same { base, head } | Lineage::Reworded { base, head } => (Some(base), Some(head)),
        Lineage::Added { head } => (None, Some(head)),
        Lineage::Removed { base } | Lineage::MarkerDeleted { base } => (Some(base), None),
    }
}

proptest! {
    #[test]
    fn a_list_is_the_same_as_itself(list in sites()) {
        for (index, lineage) in traced(&list, &list).into_iter().enumerate() {
            let Lineage::Same { base, head } = lineage else { panic!("{lineage:?}") };
            prop_assert_eq!(head, index);
            prop_assert_eq!(&list[base], &list[head]);
        }
    }

    #[test]
    fn everything_is_named_exactly_once(base in sites(), head in sites()) {
        let renames = BTreeMap::from([("a.tf".to_owned(), "b.tf".to_owned())]);
        let found = trace(&base, &head, &renames, &stands());
        let mut bases: Vec<usize> = found.iter().filter_map(|lineage| ends(lineage).0).collect();
        let mut heads: Vec<usize> = found.iter().filter_map(|lineage| ends(lineage).1).collect();
        bases.sort_unstable();
        heads.sort_unstable();
        prop_assert_eq!(bases, (0..base.len()).collect::<Vec<_>>());
        prop_assert_eq!(heads, (0..head.len()).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_the_lists_does_not_show(base in sites(), head in sites(), turn in 0usize..9) {
        let named = |base: &[Site], head: &[Site]| {
            let mut named: Vec<String> = trace(base, head, &BTreeMap::new(), &stands()).iter().map(|lineage| {
                let (from, to) = ends(lineage);
                let kind = format!("{lineage:?}");
                let kind = kind.split(' ').next().map(str::to_owned);
                format!("{kind:?} {:?} {:?}", from.map(|at| &base[at]), to.map(|at| &head[at]))
            }).collect();
            named.sort();
            named
        };
        let turned = |list: &[Site]| {
            let mut list = list.to_vec();
            let by = turn % list.len().max(1);
            list.rotate_left(by);
            list.reverse();
            list
        };
        prop_assert_eq!(named(&base, &head), named(&turned(&base), &turned(&head)));
    }
}
