#![allow(clippy::unwrap_used, clippy::expect_used)]
use proptest::prelude::*;

use super::sections::*;
use super::*;
use crate::report::fixture;
use crate::report::text::acts_unseen;

#[test]
fn what_a_reviewer_sees() {
    insta::assert_snapshot!(render(&fixture::verdict()));
}

#[test]
fn nothing_changed_is_two_lines() {
    insta::assert_snapshot!(render(&fixture::nothing()));
    assert_eq!(render(&fixture::nothing()).lines().count(), 2);
}

#[test]
fn what_was_not_understood_is_said_even_when_nothing_changed() {
    let mut verdict = fixture::nothing();
    verdict.notices = fixture::verdict().notices;
    let comment = render(&verdict);
    assert_eq!(comment.lines().count(), 2);
    assert!(comment.contains("3 notices"));
    assert!(comment.contains("`unrendered-template`"));
}

#[test]
fn five_thousand_carve_outs_fit_and_those_left_out_are_counted() {
    let comment = render(&fixture::many(5_000));
    assert!(size(&comment) <= LIMIT, "{}", size(&comment));
    assert!(comment.contains("5000 of 5000 carve-outs must be re-justified or removed"));
    let shown = comment.matches("services/service-").count();
    assert!(shown > 60, "{shown}");
    assert!(comment.contains(&format!("{} carve-outs that fall", 5_000 - shown)));
    is_whole(&comment);
    assert!(
        size(&comment) > LIMIT - 5_000,
        "room is used: {}",
        size(&comment)
    );
    // The short sections behind the long one are still there.
    assert!(comment.contains("near-miss-marker") && comment.contains("3 notices"));
}

#[test]
fn room_that_one_section_does_not_need_goes_to_another_and_each_keeps_its_share() {
    let section = |items: usize, turn| Section {
        items: vec!["x".repeat(100); items],
        share: 2_000,
        turn,
        ..Section::default()
    };
    let sections = [section(1, 2), section(1_000, 1), section(1_000, 0)];
    let grants = grants(&sections, 10_000);
    assert_eq!(grants[0], sections[0].need());
    assert_eq!(grants[1], 2_000);
    assert_eq!(grants.iter().sum::<usize>(), 10_000);
    for (section, grant) in sections.iter().zip(grants) {
        assert!(size(&section.within(grant).0) <= grant);
    }
}

#[test]
fn everything_long_and_many_still_fits() {
    for text in ["x", "<@|`\u{202e}", &"\u{1b}[`".repeat(400)] {
        let comment = render(&fixture::many_of_texts(200, text));
        assert!(size(&comment) <= LIMIT, "{}", size(&comment));
        is_whole(&comment);
        assert!(comment.contains("Left out"));
        for section in [
            "Perimeter change",
            "must be re-justified",
            "finding",
            "Carve-outs: ",
            "notices: ",
        ] {
            assert!(
                comment.contains(section),
                "{section} of {} bytes",
                text.len()
            );
        }
    }
}

#[test]
fn a_small_verdict_leaves_nothing_out() {
    assert!(!render(&fixture::verdict()).contains("Left out"));
    assert!(!render(&fixture::many(20)).contains("Left out"));
}

#[test]
fn an_extension_chooses_no_language_that_acts() {
    assert_eq!(language("services/limits/config.yaml"), "yaml");
    for path in [
        "x.mermaid",
        "x.geojson",
        "x.math",
        "x.suggestion",
        "x.yaml\n```",
        "x",
    ] {
        assert_eq!(language(path), "text");
    }
}

#[test]
fn same_input_same_bytes() {
    assert_eq!(render(&fixture::verdict()), render(&fixture::verdict()));
}

/// Blocks that open also close, in order, and nothing that acts is left between them.
fn is_whole(comment: &str) {
    let (mut fence, mut depth) = (None, 0_usize);
    for line in comment.lines() {
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        match fence {
            Some(open) if ticks >= open && line.len() == ticks => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                depth += line.matches("<details>").count();
                depth -= line.matches("</details>").count();
                assert!(depth <= 1, "{line}");
            }
        }
    }
    assert_eq!((fence, depth), (None, 0));
}

/// Every tag that is really in the comment, outside code spans and fences, but for those of code.
fn tags(comment: &str) -> Vec<String> {
    let mut outside = String::new();
    let mut fence: Option<usize> = None;
    for line in comment.lines() {
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        match fence {
            Some(open) if ticks >= open && line.len() == ticks => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                outside.push_str(&crate::report::text::tests::outside_code(line));
                outside.push('\n');
            }
        }
    }
    let tag = regex::Regex::new("<[^>]*>").unwrap();
    let tags = tag
        .find_iter(&outside)
        .map(|found| found.as_str().to_owned());
    tags.filter(|tag| tag != "<code>" && tag != "</code>")
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_the_texts_the_structure_is_the_same(
        text in prop_oneof![any::<String>(), "[<>`@#|/a-z !\\[\\]()\n\\\\-]{1,80}"]
    ) {
        let comment = render(&fixture::of_texts(&format!("x{text}")));
        prop_assert!(size(&comment) <= LIMIT);
        prop_assert!(!comment.chars().any(|character| character != '\n' && acts_unseen(character)));
        is_whole(&comment);
        prop_assert_eq!(tags(&comment), tags(&render(&fixture::of_texts("x"))));
    }

    #[test]
    fn however_long_the_texts_the_comment_fits(text in "[`<|é\u{1b}a]", times in 1usize..20_000) {
        let comment = render(&fixture::of_texts(&text.repeat(times)));
        prop_assert!(size(&comment) <= LIMIT);
        is_whole(&comment);
    }
}

/// Bitbucket's: tags are shown as they are, nothing is drawn.
#[test]
fn a_drawing_that_a_host_would_not_draw_is_said_to_be_elsewhere() {
    let style = Style {
        longest_drawing: 20,
        ..Style::default()
    };
    let text = body(&fixture::verdict(), &style);
    assert!(!text.contains("```mermaid") && text.contains("too large to be drawn here"));
    let drawn = body(&fixture::verdict(), &Style::default());
    assert!(drawn.contains("```mermaid") && !drawn.contains("too large"));
}

const PLAIN: Style<'static> = Style {
    limit: 32_768,
    has_tags: false,
    longest_drawing: 0,
    title: "",
};

#[test]
fn a_place_without_tags_is_given_none_and_loses_no_words() {
    insta::assert_snapshot!(body(&fixture::verdict(), &PLAIN));
    let comment = body(&fixture::verdict(), &PLAIN);
    for words in [
        "eavesdropper learns only counters",
        "What differs, boundary by boundary",
        "Carve-outs: 1 re-justified",
        "unrecognised-resource",
    ] {
        let everywhere = [&comment, &render(&fixture::verdict())];
        assert!(everywhere.iter().all(|one| one.contains(words)), "{words}");
    }
}

#[test]
fn a_title_tells_one_comment_from_another() {
    let style = Style {
        title: "network/prod",
        ..Style::default()
    };
    let first = |verdict| body(&verdict, &style).lines().next().unwrap().to_owned();
    assert_eq!(
        first(fixture::verdict()),
        "### ⛔ perimeter (network/prod): blocked"
    );
    assert!(first(fixture::nothing()).starts_with("✅ network/prod: **clear: "));
    let hostile = Style {
        title: "</details> @all `x`\n# y",
        ..Style::default()
    };
    assert_eq!(
        tags(&body(&fixture::nothing(), &hostile)),
        Vec::<String>::new()
    );
}

#[test]
fn however_little_a_place_takes_it_is_not_given_more() {
    for (limit, has_tags) in [
        (32_768, false),
        (150_000, true),
        (1_000_000, true),
        (8_000, false),
    ] {
        let style = Style {
            limit,
            has_tags,
            longest_drawing: if has_tags { LONGEST_DRAWING } else { 0 },
            title: "",
        };
        let comment = body(&fixture::many(2_000), &style);
        assert!(size(&comment) <= limit, "{limit}: {}", size(&comment));
        assert!(
            size(&comment) > limit / 2,
            "room is used: {}",
            size(&comment)
        );
        is_whole(&comment);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_brings_a_tag_to_a_place_that_has_none(
        text in prop_oneof![any::<String>(), "[<>`@#|/a-z !\\[\\]()\n\\\\-]{1,80}"]
    ) {
        let comment = body(&fixture::of_texts(&format!("x{text}")), &PLAIN);
        prop_assert!(size(&comment) <= PLAIN.limit);
        is_whole(&comment);
        prop_assert_eq!(tags(&comment), Vec::<String>::new());
    }
}
