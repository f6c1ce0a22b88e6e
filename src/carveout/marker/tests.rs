//! Carve-outs in comments of all shapes, and what is none.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;

pub(crate) fn pattern() -> MarkerPattern {
    MarkerPattern::new("ZFN-3 carve-out:").unwrap()
}

/// Comments of a language with `#`, `//` and `/* */`, and no strings: these tests are not about lexing.
pub(crate) fn simple_comments(text: &str) -> Vec<CommentLine<'_>> {
    let mut comments = Vec::new();
    let mut block = None;
    let mut blocks = 0;
    for (index, line) in text.split('\n').enumerate() {
        let (at, inner) = match block {
            Some(_) => (line.len() - line.trim_start().len(), true),
            None => match ["#", "//", "/*"]
                .iter()
                .filter_map(|opener| line.find(opener))
                .min()
            {
                Some(at) => (at, false),
                None => continue,
            },
        };
        let rest = &line[at..];
        let opens_block = !inner && rest.starts_with("/*");
        if opens_block {
            blocks += 1;
            block = Some(blocks);
        }
        let leader_length = if opens_block {
            2
        } else if inner {
            usize::from(rest.starts_with('*') && !rest.starts_with("*/"))
        } else {
            rest.len() - rest.trim_start_matches(['#', '/']).len()
        };
        let (leader, body) = rest.split_at(leader_length);
        let end = block.and_then(|_| body.find("*/"));
        comments.push(CommentLine {
            line: index + 1,
            column: line[..at].chars().count() + 1,
            leader,
            text: body[..end.unwrap_or(body.len())].trim_end(),
            trailing: !inner && !line[..at].trim().is_empty(),
            block,
        });
        if end.is_some() {
            block = None;
        }
    }
    comments
}

pub(crate) fn markers(text: &str) -> Vec<Marker> {
    find_in(&simple_comments(text), text, &pattern())
}

fn only(text: &str) -> Marker {
    let mut found = markers(text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    found.remove(0)
}

fn halves(text: &str) -> (String, String) {
    let marker = only(text);
    assert_eq!(marker.fault, None, "{text}");
    (marker.guarantee, marker.justification)
}

fn fault(text: &str) -> MarkerFault {
    only(text).fault.expect("a fault")
}

fn pair(guarantee: &str, justification: &str) -> (String, String) {
    (guarantee.to_owned(), justification.to_owned())
}

#[test]
fn one_line_is_split_at_the_first_semicolon() {
    assert_eq!(
        halves(
            "# ZFN-3 carve-out: inside VPC prod; public metrics; risk accepted\r\ntls: false\r\n"
        ),
        pair("inside VPC prod", "public metrics; risk accepted")
    );
    assert_eq!(halves("#ZFN-3 carve-out:a;b"), pair("a", "b"));
}

#[test]
fn wrapped_lines_are_joined_and_folded() {
    let text = "  # ZFN-3 carve-out: never leaves\n  #   the VPC `prod`\n  # ; only\tpublic\n  # metrics\n  tls: false\n";
    let marker = only(text);
    assert_eq!((marker.line, marker.end_line, marker.column), (1, 4, 5));
    assert_eq!(marker.guarantee, "never leaves the VPC `prod`");
    assert_eq!(marker.justification, "only public metrics");
    assert_eq!(
        marker.anchor,
        Some(Anchor {
            line: 5,
            text: "tls: false".to_owned()
        })
    );
}

#[test]
fn the_marker_may_stand_alone_on_its_line() {
    assert_eq!(halves("# ZFN-3 carve-out:\n# a;\n# b\n"), pair("a", "b"));
}

#[test]
fn a_semicolon_in_balanced_quotes_does_not_split_but_one_after_an_unbalanced_quote_does() {
    assert_eq!(
        halves("# ZFN-3 carve-out: \"a; b\" c; d"),
        pair("\"a; b\" c", "d")
    );
    assert_eq!(
        halves("# ZFN-3 carve-out: `a;\n# b` c; d"),
        pair("`a; b` c", "d")
    );
    assert_eq!(
        halves("# ZFN-3 carve-out: a 5\" disk; b"),
        pair("a 5\" disk", "b")
    );
    assert_eq!(
        halves("# ZFN-3 carve-out: the pod's own; it's public"),
        pair("the pod's own", "it's public")
    );
}

#[test]
fn continuation_ends_at_code_at_an_empty_line_and_at_another_indent_or_leader() {
    for end in ["port: 80\n# c", "\n# c", "## c", "// c"] {
        assert_eq!(
            halves(&format!("# ZFN-3 carve-out: a; b\n{end}\n")),
            pair("a", "b"),
            "{end}"
        );
    }
    assert_eq!(halves("  # ZFN-3 carve-out: a; b\n# c\n"), pair("a", "b"));
    assert_eq!(halves("# ZFN-3 carve-out: a; b\n  # c\n"), pair("a", "b c"));
}

#[test]
fn a_bare_line_ends_a_whole_carve_out_but_not_one_that_goes_on_behind_it() {
    assert_eq!(halves("# ZFN-3 carve-out: a; b\n#\n# c\n"), pair("a", "b"));
    assert_eq!(halves("# ZFN-3 carve-out: a;\n#\n# b\n"), pair("a", "b"));
    assert_eq!(
        halves("/* ZFN-3 carve-out: a\n *\n * c; d\n */\n"),
        pair("a c", "d")
    );
    assert_eq!(
        halves("# ZFN-3 carve-out: a; b\n# ------\n# c\n"),
        pair("a", "b")
    );
}

#[test]
fn a_paragraph_behind_a_bare_line_that_completes_nothing_is_no_continuation() {
    let marker = only("# ZFN-3 carve-out: inside VPC prod\n#\n# This file sets up ports.\n");
    assert_eq!(marker.guarantee, "inside VPC prod");
    assert_eq!(
        (marker.end_line, marker.fault),
        (1, Some(MarkerFault::MissingJustification))
    );
}

#[test]
fn continuation_ends_at_other_markers_but_not_at_words_that_begin_like_them() {
    for next in [
        "ZFN-3 carve-out: c; d",
        "zfn3 carveout: c; d",
        "nolint:gosec",
        "#nosec G404",
        "noqa",
        "checkov:skip=CKV_1: x",
        "tfsec:ignore:x",
        "TODO: x",
        "FIXME(me) x",
        "NOTE: x",
        "SAFETY: x",
        "type: ignore",
        "zizmor: ignore[x]",
        "shellcheck disable=SC1",
        "buf:lint:ignore X",
    ] {
        let text = format!("# ZFN-3 carve-out: a; b\n# {next}\n");
        assert_eq!(markers(&text)[0].justification, "b", "{next}");
    }
    for next in ["nosecond thoughts", "Todos are done", "noted by all"] {
        let text = format!("# ZFN-3 carve-out: a; b\n# {next}\n");
        assert_eq!(only(&text).justification, format!("b {next}"));
    }
}

#[test]
fn stacked_carve_outs_are_several() {
    let found =
        markers("# ZFN-3 carve-out: a; b\n# ZFN-3 carve-out: c; d\n# ZFN-3 carve-out:\nx\n");
    let lines: Vec<_> = found
        .iter()
        .map(|marker| (marker.line, marker.end_line))
        .collect();
    assert_eq!(lines, [(1, 1), (2, 2), (3, 3)]);
    assert_eq!(found[2].fault, Some(MarkerFault::Malformed));
}

#[test]
fn trailing_marker_does_not_swallow_the_next_comment() {
    let marker = only("dial(x) // ZFN-3 carve-out: a; b\n// Trim the suffix.\n");
    assert_eq!(
        (marker.justification.as_str(), marker.trailing),
        ("b", true)
    );
    assert_eq!(
        marker.anchor,
        Some(Anchor {
            line: 1,
            text: "dial(x)".to_owned()
        })
    );
}

#[test]
fn trailing_marker_is_continued_by_aligned_full_line_comments_alone() {
    assert_eq!(
        halves("dial(x) // ZFN-3 carve-out: a;\n        // b\n"),
        pair("a", "b")
    );
    assert_eq!(
        fault("dial(x) // ZFN-3 carve-out: a;\nhang(x) // b\n"),
        MarkerFault::MissingJustification
    );
}

#[test]
fn halves_that_are_missing_are_faults_and_the_carve_out_is_kept() {
    assert_eq!(fault("# ZFN-3 carve-out:\n"), MarkerFault::Malformed);
    assert_eq!(
        fault("# ZFN-3 carve-out: ; b\n"),
        MarkerFault::MissingGuarantee
    );
    assert_eq!(
        fault("# ZFN-3 carve-out: ;\n"),
        MarkerFault::MissingGuarantee
    );
    assert_eq!(
        fault("# ZFN-3 carve-out: a\n"),
        MarkerFault::MissingJustification
    );
    assert_eq!(
        fault("# ZFN-3 carve-out: a;\n"),
        MarkerFault::MissingJustification
    );
    assert_eq!(
        fault("# ZFN-3 carve-out: a -- b\n"),
        MarkerFault::MissingJustification
    );
}

#[test]
fn decoration_is_not_text() {
    assert_eq!(halves("## ZFN-3 carve-out: a; b ##\n"), pair("a", "b"));
    assert_eq!(
        halves("# ZFN-3 carve-out: a; #\n# b    #\n##########\n"),
        pair("a", "b")
    );
    assert_eq!(halves("# ZFN-3 carve-out: a; b -->\n"), pair("a", "b"));
    assert_eq!(halves("// **ZFN-3 carve-out:** a; b\n"), pair("a", "b"));
    assert_eq!(
        halves("# ZFN-3 carve-out: a -> b; c -\n# d\n"),
        pair("a -> b", "c - d")
    );
}

#[test]
fn a_marker_may_follow_a_comment_opener_or_another_tool() {
    assert_eq!(
        halves("x # v6.1.0 # ZFN-3 carve-out: a; b\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("x //nolint:gosec // ZFN-3 carve-out: a; b\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("x # noqa: S501 ZFN-3 carve-out: a; b\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("# Plaintext by design. ZFN-3 carve-out: a; b\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("# plaintext ZFN-3 carve-out: a; b\n"),
        pair("a", "b")
    );
}

#[test]
fn another_tools_marker_behind_it_is_no_text() {
    assert_eq!(
        halves("x # ZFN-3 carve-out: a; b # zizmor: ignore[x]\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("// ZFN-3 carve-out: a; b //nolint:gosec\n// c\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("// ZFN-3 carve-out: a; see issue #12\n"),
        pair("a", "see issue #12")
    );
}

#[test]
fn a_mention_is_not_a_carve_out() {
    for text in [
        "# TODO: document the ZFN-3 carve-out: form; see docs\n",
        "# TODO: document ZFN-3 carve-out: form; see docs\n",
        "# write it as `ZFN-3 carve-out: a; b`\n",
        "# write it as `# ZFN-3 carve-out: a; b`\n",
        "# write \"# ZFN-3 carve-out: a; b\" above it\n",
        "# as 'a ZFN-3 carve-out: a; b' says\n",
        "# every ZFN-3 carve-out: a; b\n",
        "# xZFN-3 carve-out: a; b\n",
    ] {
        assert_eq!(markers(text), [], "{text}");
    }
    for text in [
        "# This is the ZFN-3 carve-out: a; b\n",
        "# Our ZFN-3 carve-out: a; b\n",
        "# TODO ZFN-3 carve-out: a; b\n",
        "# Don't encrypt, 'cause ZFN-3 carve-out: a; b\n",
        "# plaintext\u{2014}ZFN-3 carve-out: a; b\n",
        "# tls off,ZFN-3 carve-out: a; b\n",
        "# NET-12/ZFN-3 carve-out: a; b\n",
        "# This is the ZFN-3 carve-out: a\n# b; c\n",
        "# <p>ZFN-3 carve-out: a; b</p>\n",
        "# <b>ZFN-3 carve-out:</b> a; b</p>\n",
    ] {
        assert_eq!(markers(text).len(), 1, "{text}");
    }
    assert_eq!(
        halves("# <p><b>ZFN-3 carve-out:</b> a; b</p>\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("# the 19\" rack: ZFN-3 carve-out: inside VPC \"a\"; it's public\n"),
        pair("inside VPC \"a\"", "it's public")
    );
    assert_eq!(
        halves("# 5\" disk, plaintext: ZFN-3 carve-out: a; b\n"),
        pair("a", "b")
    );
}

#[test]
fn anchor_is_the_first_code_line_below() {
    let anchor = |text| only(text).anchor.map(|anchor| (anchor.line, anchor.text));
    let found = |line, text: &str| Some((line, text.to_owned()));
    assert_eq!(
        anchor("# ZFN-3 carve-out: a; b\n\n# other\n}\n  x  =  1 # c\n"),
        found(5, "x = 1")
    );
    assert_eq!(anchor("# ZFN-3 carve-out: a; b\n"), None);
    assert_eq!(
        anchor("/* ZFN-3 carve-out: a; b */ dial()\nx\n"),
        found(1, "dial()")
    );
    assert_eq!(
        anchor("/*\n * ZFN-3 carve-out: a; b\n * c\n */\nx\n"),
        found(5, "x")
    );
    assert_eq!(
        anchor("- # ZFN-3 carve-out: a; b\n  name: x\n"),
        found(2, "name: x")
    );
    assert_eq!(anchor("}) // ZFN-3 carve-out: a; b\nx\n"), found(1, "})"));
}

#[test]
fn blocks_wrap_inside_and_line_by_line() {
    assert_eq!(
        halves("/*\nZFN-3 carve-out: a\n  b;\nc\n*/\n"),
        pair("a b", "c")
    );
    assert_eq!(
        halves("/* ZFN-3 carve-out: a; */\n/* b */\nx\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("/* ZFN-3 carve-out: a; b */\n/* c */\nx\n"),
        pair("a", "b")
    );
}

#[test]
fn a_full_width_semicolon_is_a_near_miss_only_without_a_real_one() {
    let marker = only("# ZFN-3 carve-out: a； b\n");
    assert_eq!(
        (marker.guarantee.as_str(), marker.justification.as_str()),
        ("a", "b")
    );
    assert!(matches!(marker.fault, Some(MarkerFault::NearMiss { .. })));
    assert_eq!(halves("# ZFN-3 carve-out: a； b; c\n"), pair("a； b", "c"));
}

#[test]
fn columns_count_characters() {
    assert_eq!(only("é = 1 # ZFN-3 carve-out: a; b\n").column, 9);
}

/// `line-end_line@column guarantee | justification | fault | anchor`, with the real lexer.
fn shown(path: &str, text: &str) -> Vec<String> {
    find(path, text, &pattern())
        .into_iter()
        .map(|marker| {
            let anchor = marker.anchor.map_or_else(String::new, |anchor| {
                format!("{}: {}", anchor.line, anchor.text)
            });
            let fault = if marker.fault.is_some() {
                " (fault)"
            } else {
                ""
            };
            let (line, end_line, column) = (marker.line, marker.end_line, marker.column);
            let (guarantee, justification) = (marker.guarantee, marker.justification);
            format!("{line}-{end_line}@{column} {guarantee} | {justification}{fault} | {anchor}")
        })
        .collect()
}

#[test]
fn carve_outs_are_found_in_the_comments_of_many_languages() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "a.yaml",
            "metrics:\n  # ZFN-3 carve-out: inside VPC prod;\n  # public data\n  tls: false # v1\n",
            "2-3@5 inside VPC prod | public data | 4: tls: false",
        ),
        (
            "a.yaml",
            "tls: false # ZFN-3 carve-out: inside VPC prod;\n           # public data\nx: 1\n",
            "1-2@14 inside VPC prod | public data | 1: tls: false",
        ),
        (
            "a.yaml",
            "run: |\n  # ZFN-3 carve-out: a;\n  # b\n  curl http://x\n",
            "2-3@5 a | b | 4: curl http://x",
        ),
        (
            "a.tf",
            "resource \"x\" \"y\" {\n  /* ZFN-3 carve-out: a;\n     b */\n  port = 80\n}\n",
            "2-3@6 a | b | 4: port = 80",
        ),
        (
            "a.tf",
            "// ZFN-3 carve-out: a;\r\n// b\r\nport = 80\r\n",
            "1-2@4 a | b | 3: port = 80",
        ),
        (
            "a.go",
            "c := dial(x) //nolint:gosec // ZFN-3 carve-out: a; b\n",
            "1-1@32 a | b | 1: c := dial(x)",
        ),
        (
            "a.go",
            "/*\n * ZFN-3 carve-out: a\n * ; b\n */\nfunc f() {}\n",
            "2-3@4 a | b | 5: func f() {}",
        ),
        (
            "A.java",
            "/**\n * Dials.\n *\n * ZFN-3 carve-out: a; b\n * @param x y\n */\nvoid f();\n",
            "4-4@4 a | b | 7: void f();",
        ),
        (
            "a.py",
            "session = Session(  # ZFN-3 carve-out: a; b\n  x)\n",
            "1-1@23 a | b | 1: session = Session(",
        ),
        (
            "a.rs",
            "    /// ZFN-3 carve-out: a;\n    /// b\n    let x = 1;\n",
            "1-2@9 a | b | 3: let x = 1;",
        ),
        (
            "a.lua",
            "--[[\nZFN-3 carve-out: a;\nb\n]]\nx = 1\n",
            "2-3@1 a | b | 5: x = 1",
        ),
        (
            "a.sql",
            "-- ZFN-3 carve-out: a;\n-- b\nselect 1;\n",
            "1-2@4 a | b | 3: select 1;",
        ),
        (
            "a.xml",
            "<a>\n  <!-- ZFN-3 carve-out: a;\n       b -->\n  <c/>\n</a>\n",
            "2-3@8 a | b | 4: <c/>",
        ),
        (
            "charts/x/templates/_helpers.tpl",
            "{{/*\nZFN-3 carve-out: a;\nb\n*/}}\n{{- define \"x\" }}\n",
            "2-3@1 a | b | 5: {{- define \"x\" }}",
        ),
        (
            "Dockerfile",
            "# ZFN-3 carve-out: a; b\n# hadolint ignore=DL3002\nUSER root\n",
            "1-1@3 a | b | 3: USER root",
        ),
        (
            "a.ini",
            "; ZFN-3 carve-out: a;\n; b\ntls = off\n",
            "1-2@3 a | b | 3: tls = off",
        ),
    ];
    for (path, text, expected) in cases {
        assert_eq!(shown(path, text), [*expected], "{path}\n{text}");
    }
}

#[test]
fn strings_and_prose_hold_no_carve_outs() {
    for (path, text) in [
        ("a.go", "x := \"# ZFN-3 carve-out: a; b\"\n"),
        ("a.go", "x := `\n# ZFN-3 carve-out: a; b\n`\n"),
        ("README.md", "# ZFN-3 carve-out: a; b\n"),
        ("a.py", "x = \"\"\"\n# ZFN-3 carve-out: a; b\n\"\"\"\n"),
    ] {
        assert_eq!(shown(path, text), [""; 0], "{path}\n{text}");
    }
}

#[test]
fn a_closing_bracket_is_text_unless_its_opening_one_is_before_the_marker() {
    assert_eq!(halves("# (ZFN-3 carve-out: a; b)\n"), pair("a", "b"));
    assert_eq!(
        halves("# (ZFN-3 carve-out: a; b (c))\n"),
        pair("a", "b (c)")
    );
    assert_eq!(halves("# ZFN-3 carve-out: a; b (c)\n"), pair("a", "b (c)"));
}

#[test]
fn the_next_documented_value_of_a_chart_is_no_continuation() {
    assert_eq!(
        halves("# -- ZFN-3 carve-out: a;\n# b\n# -- (string) port\nx: 1\n"),
        pair("a", "b")
    );
    assert_eq!(
        halves("# ZFN-3 carve-out: a\n# -- or c; b\nx: 1\n"),
        pair("a -- or c", "b")
    );
}

#[test]
fn several_comments_on_one_line_have_the_code_between_them() {
    let text = "a(); /* ZFN-3 carve-out: a; b */ b(); /* ZFN-3 carve-out: c; d */ c();\n";
    assert_eq!(
        shown("a.ts", text),
        ["1-1@9 a | b | 1: a();", "1-1@42 c | d | 1: b();"]
    );
    let text = "{\"_comment\": \"ZFN-3 carve-out: a; b\", \"tls\": false}\n";
    assert_eq!(shown("a.json", text), ["1-1@15 a | b | 1: \"tls\": false}"]);
}

#[test]
fn json_comments_are_carve_outs() {
    let text = "{\n  \"@comment\": \"ZFN-3 carve-out: a; b\",\n  \"tls\": false\n}\n";
    assert_eq!(shown("a.json", text), ["2-2@16 a | b | 3: \"tls\": false"]);
}

proptest! {
    #[test]
    fn any_comments_are_survived(text in "([ #/*\n\"`;:a-]|ZFN-3 carve-out|ZFN-3 |carve-out:|zfn3|é|\u{feff}|nolint|\\PC){0,60}") {
        let pattern = pattern();
        let found = find_in(&simple_comments(&text), &text, &pattern);
        prop_assert!(found.is_empty() || pattern.may_contain(text.as_bytes()));
        for marker in found {
            prop_assert!(marker.line <= marker.end_line);
        }
    }
}

#[test]
fn a_marker_where_no_comment_is_known_is_told() {
    let outside = |path: &str, text: &str| {
        let pattern = MarkerPattern::new("ZFN-3 carve-out:").unwrap();
        look(path, text, &pattern).outside
    };
    let claim = "ZFN-3 carve-out: a; b";
    assert_eq!(outside("a.xyz", &format!("x\n~~ {claim}\n")), [2]);
    assert_eq!(outside("a.py", &format!("{claim}\n")), [1]);
    assert_eq!(
        outside("a.sh", &format!("cat <<EOF\nREM {claim}\nEOF\n")),
        [2]
    );
    for (path, text) in [
        ("a.py", format!("# {claim}\n")),
        ("a.py", format!("x = \"{claim}\"\n")),
        ("a.py", format!("\"\"\"\n{claim}\n\"\"\"\n")),
        ("a.rs", format!("let x = r\"\n{claim}\n\";\n")),
        ("a.md", format!("{claim}\n")),
        ("a.xyz", format!("x \"{claim}\"\n")),
        ("a.json", format!("{{ \"a\": \"{claim}\" }}\n")),
    ] {
        assert!(outside(path, &text).is_empty(), "{path}: {text}");
    }
}

#[test]
fn comments_of_text_inside_the_text_hold_carve_outs() {
    let found = |path: &str, text: &str| {
        let pattern = MarkerPattern::new("ZFN-3 carve-out:").unwrap();
        let holds = look(path, text, &pattern);
        assert!(holds.outside.is_empty(), "{text}");
        let markers = holds.markers.into_iter();
        let halves = markers.map(|one| (one.line, one.guarantee, one.justification));
        halves.collect::<Vec<_>>()
    };
    let one = |line: usize| vec![(line, "a".to_owned(), "b".to_owned())];
    for (path, text, line) in [
        (
            "a.tf",
            "x = <<-EOT\n  # ZFN-3 carve-out: a; b\n  tls: false\nEOT\n",
            2,
        ),
        (
            "a.sh",
            "cat <<'EOF'\n// ZFN-3 carve-out: a;\n// b\nEOF\n",
            2,
        ),
        (
            "a.yml",
            "run: |\n  curl http://x  # ZFN-3 carve-out: a; b\n",
            2,
        ),
        ("a.yml", "a.lua: |\n  -- ZFN-3 carve-out: a; b\n  x()\n", 2),
        ("a.yml", "a.conf: |\n  x;  /* ZFN-3 carve-out: a; b */\n", 2),
    ] {
        assert_eq!(found(path, text), one(line), "{text}");
    }
}

#[test]
fn comments_of_many_languages_hold_carve_outs() {
    for (path, text) in [
        ("a.m", "% M a; b\nx = 1;\n"),
        ("a.cbl", "      * M a; b\n"),
        ("a.f", "C     M a; b\n"),
        ("a.cql", "// M a; b\n"),
        ("a.mysql", "SELECT 1; # M a; b\n"),
        ("a.hbs", "{{!-- M a; b --}}\n"),
        ("a.mustache", "{{! M a; b }}\n"),
        ("a.ejs", "<%# M a; b %>\n"),
        ("a.cshtml", "@* M a; b *@\n"),
        ("a.razor", "@code {\n  // M a; b\n}\n"),
        ("a.blade.php", "{{-- M a; b --}}\n"),
        ("a.astro", "---\n// M a; b\n---\n"),
        ("a.liquid", "{% comment %}\nM a; b\n{% endcomment %}\n"),
        ("a.html", "{# M a; b #}\n"),
        ("a.vbs", "REM M a; b\n"),
        ("a.haml", "-# M a; b\n"),
        ("a.applescript", "(* M a; b *)\n"),
        ("a.bat", "set A=1 & rem M a; b\n"),
        ("a.textproto", "a: 1  # M a; b\n"),
        ("a.vcl", "/* M a; b */\n"),
    ] {
        let text = text.replace("M a; b", "ZFN-3 carve-out: a; b");
        let pattern = MarkerPattern::new("ZFN-3 carve-out:").unwrap();
        let found = find(path, &text, &pattern);
        assert_eq!(found.len(), 1, "{path}");
        assert_eq!(found[0].justification, "b", "{path}");
    }
}
