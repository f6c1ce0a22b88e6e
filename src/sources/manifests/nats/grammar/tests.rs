//! Every rule of the grammar beside what it does not allow.
#![allow(clippy::unwrap_used)]
use super::*;

fn parse(text: &str) -> Parsed<Configuration> {
    parse_with(text, &[])
}

fn parse_with(text: &str, others: &[(&str, &str)]) -> Parsed<Configuration> {
    let other = |path: &str| {
        let found = others.iter().find(|(known, _)| *known == path);
        found.map(|(_, text)| *text)
    };
    read(&File {
        path: "etc/nats.conf",
        text,
        other: &other,
    })
}

/// What a text comes to in one fixed spelling.
fn spelled(text: &str) -> String {
    let fields = parse(text).unwrap().fields;
    canonical(fields)
}

fn canonical(fields: Vec<Field>) -> String {
    let node = Node {
        line: 1,
        end_line: 1,
        content: Content::Map(fields),
    };
    node.canonical()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(spelled(text), format!("{{{expected}}}"), "{text}");
}

#[track_caller]
fn refuse(text: &str, line: usize, message: &str) {
    let fault = parse(text).unwrap_err();
    assert!(fault.message.contains(message), "{}", fault.message);
    assert_eq!(fault.line, line);
}

#[test]
fn a_comment_begins_after_white_space_and_not_within_a_bare_text() {
    check("foo: bar # c", "foo=bar");
    check("foo: bar // c", "foo=bar");
    check("foo: bar#baz", "foo=bar#baz");
    check("url: nats://h:4222\n", "url=nats://h:4222");
}

#[test]
fn a_separator_is_a_matter_of_taste() {
    for text in [
        "cluster { port 1 }",
        "cluster: { port: 1 }",
        "cluster = { port = 1 }",
    ] {
        check(text, "cluster={port=1}");
    }
    check("port 4222", "port=4222");
    check("a: 1; b: 2, c: 3\nd: 4", "a=1 b=2 c=3 d=4");
    check("{\"a\": 1, \"b\": {\"c\": [1, 2]}}", "a=1 b={c=[1 2]}");
    check("{\n\"a\": 1\n}\n", "a=1");
}

#[test]
fn of_equal_keys_the_last_counts_and_nothing_is_merged() {
    check("a { x: 1 }\na { y: 2 }", "a={y=2}");
}

#[test]
fn keys_keep_their_letters() {
    check("TLS { A: 1 }", "TLS={A=1}");
    check("\"a b\": 1\n'c:d': 2", "a b=1 c:d=2");
}

#[test]
fn a_variable_means_what_is_set_around_it_before() {
    check("bar: 1\nfoo: $bar", "bar=1 foo=1");
    check("v: 1\na { v: 2, b: $v }", "a={b=2 v=2} v=1");
    check("v: {x: 1}\na: $v", "a={x=1} v={x=1}");
    check("foo: \"$bar\"\nbar: 1", "bar=1 foo=$bar");
    // Of the environment, which nobody knows.
    check("foo: $BAR", "foo=$BAR");
    check("a: [$x]\nx: 1", "a=[$x] x=1");
}

#[test]
fn a_digest_is_no_variable() {
    check("pass: $2a$11$abc/def.g", "pass=$2a$11$abc/def.g");
}

#[test]
fn numbers_have_suffixes_of_size_and_not_of_time() {
    check(
        "a: 1k, b: 1kb, c: 2MiB, d: 1g, e: -5",
        "a=1000 b=1024 c=2097152 d=1000000000 e=-5",
    );
    check("ping_interval: 5m", "ping_interval=5000000");
    check("t: 2s, u: \"5m\"", "t=2s u=5m");
    refuse("a: 1\nb: 99999999999999999999", 2, "out of range");
    check("a: 9000e", "a=9000000000000000000000");
}

#[test]
fn addresses_are_texts_and_floats_begin_with_a_digit() {
    check(
        "a: 127.0.0.1:4222, b: 10.0.0.1, c: 1.5",
        "a=127.0.0.1:4222 b=10.0.0.1 c=1.5",
    );
    refuse("a: .5", 1, "digit");
    refuse("a: 1.x", 1, "digit after");
    refuse("a: -x", 1, "digit after `-`");
}

#[test]
fn truth_values_are_bare_and_texts_are_quoted() {
    let fields = parse("a: YES\nb: 'yes'\nc: off").unwrap().fields;
    let truths: Vec<_> = fields.iter().map(|field| field.value.truth()).collect();
    assert_eq!(truths, [Some(true), Some(true), Some(false)]);
}

#[test]
fn digits_and_a_dash_begin_a_date_or_a_fault() {
    check("d: 2016-05-04T18:53:41Z", "d=2016-05-04T18:53:41Z");
    refuse("server_name: 2024-prod", 1, "date");
    refuse("server_name: 20-prod", 1, "date");
    check("server_name: \"2024-prod\"", "server_name=2024-prod");
}

#[test]
fn only_some_escapes_are_known_in_double_quotes_and_in_bare_texts() {
    check("a: \"x\\x41\\t\\\"\\\\y\"", "a=xA\t\"\\y");
    check("a: 'x\\y'", "a=x\\y");
    refuse("a: \"\\q\"", 1, "escape");
    refuse("a: C:\\data", 1, "escape");
    refuse("a: \"\\xzz\"", 1, "hexadecimal");
}

#[test]
fn a_key_needs_a_value() {
    refuse("a: 1\nfoo", 2, "no value");
    refuse("foo:", 1, "no value");
    refuse("foo:\nbar: 1", 1, "end of the line");
    refuse("m { foo: }", 1, "no value");
    // Inside of a mapping it may come later.
    check("m { foo:\n  1 }", "m={foo=1}");
    // And without a separator anywhere.
    check("foo\nbar", "foo=bar");
}

#[test]
fn a_slash_alone_is_no_comment() {
    refuse("/ x", 1, "`/`");
    refuse("a: 1\n: x", 2, "separator");
}

#[test]
fn addresses_are_given_as_number_or_text() {
    check(
        "listen: 4222\nl: \"h:4222\"\nm: \":4222\"",
        "l=h:4222 listen=4222 m=:4222",
    );
}

#[test]
fn a_prefix_needs_quotes() {
    refuse("a: 10.0.0.0/24", 1, "end of a value");
    check("a: [10.0.0.0/24]", "a=[10.0.0.0 24]");
    check("a: [\"10.0.0.0/24\"]", "a=[10.0.0.0/24]");
}

#[test]
fn arrays_take_lines_and_commas_and_not_two_of_these() {
    check("a: [1, 2,]\nb [\n1 # one\n2\n]", "a=[1 2] b=[1 2]");
    check("a: [{x: 1}, {y: 2}]", "a=[{x=1} {y=2}]");
    refuse("a: [1,,2]", 1, "`,`");
    refuse("a: [1\n\n", 3, "no end");
    refuse("a {\n b {\n 1: 2\n }\n", 5, "no end");
}

#[test]
fn a_block_is_raw_text_up_to_a_bracket_alone() {
    check("a (\nx { (y) }\n)\nb: 1", "a=\nx { (y) }\n b=1");
    refuse("a (\nx )\n", 2, "block");
}

#[test]
fn every_field_knows_its_lines() {
    let fields = parse("a: 1\nb {\n  c: [\n    1\n  ]\n}\n").unwrap().fields;
    assert_eq!(
        (
            fields[1].line,
            fields[1].value.line,
            fields[1].value.end_line
        ),
        (2, 2, 6)
    );
    assert_eq!(fields[1].value.field("c").unwrap().line, 3);
}

#[test]
fn an_include_comes_into_the_mapping_that_names_it() {
    let others = [("etc/parts/gws.conf", "gateways: [{name: A}]\nname: B")];
    let read = parse_with(
        "gateway { name: A\n include 'parts/gws.conf'\n port: 1 }",
        &others,
    );
    let read = read.unwrap();
    assert_eq!(read.includes, ["etc/parts/gws.conf"]);
    let text = canonical(read.fields).replace("\0file=etc/parts/gws.conf ", "");
    assert_eq!(text, "{gateway={gateways=[{name=A}] name=B port=1}}");
    for text in [
        "INCLUDE \"./parts/gws.conf\"",
        "include parts/../parts/gws.conf; x: 1",
    ] {
        assert_eq!(parse_with(text, &others).unwrap().includes.len(), 1);
    }
    // A key that is only called so.
    check("include: x", "include=x");
}

#[test]
fn a_variable_of_an_included_file_is_known_behind_it_and_none_within_it() {
    let others = [("etc/b.conf", "port: 8222\nx: $outer")];
    let read = parse_with("outer: 1\ninclude b.conf\nhttp_port: $port", &others).unwrap();
    assert_eq!(
        canonical(read.fields),
        "{http_port=8222 outer=1 port=8222 x=$outer}"
    );
}

#[test]
fn what_is_not_among_the_files_or_outside_of_them_is_told_and_not_read() {
    let read = parse_with("include auth.conf\ninclude '../../x'\ninclude /etc/x", &[]).unwrap();
    assert_eq!(
        read.missing,
        [
            ("etc/auth.conf".to_owned(), 1),
            ("../../x".to_owned(), 2),
            ("/etc/x".to_owned(), 3)
        ]
    );
}

#[test]
fn files_that_include_each_other_are_a_fault_and_so_is_what_is_wrong_in_one() {
    let others = [
        ("etc/a.conf", "include b.conf"),
        ("etc/b.conf", "include a.conf"),
        ("etc/c.conf", "x: 1\ny: [1,,]"),
    ];
    let fault = parse_with("\ninclude a.conf", &others).unwrap_err();
    assert!(fault.message.contains("includes itself"), "{fault:?}");
    assert_eq!(fault.line, 2);
    let fault = parse_with("include c.conf", &others).unwrap_err();
    assert!(
        fault.message.contains("etc/c.conf, included here, line 2"),
        "{fault:?}"
    );
}

#[test]
fn texts_made_to_explode_are_refused() {
    assert!(parse(&"[".repeat(100_000)).is_err());
    assert!(parse(&"a {".repeat(100_000)).is_err());
    let mut text = "v0: [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
    for level in 1..9 {
        let before = level - 1;
        text.push_str(&format!(
            "v{level}: [{}]\n",
            format!("$v{before},").repeat(10)
        ));
    }
    refuse(&text, 6, "more values");
    let twice = |next: usize| format!("include f{next}\n").repeat(2);
    let files: Vec<(String, String)> = (0..40)
        .map(|index| (format!("etc/f{index}"), twice(index + 1)))
        .collect();
    let others: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    assert!(parse_with("include f0", &others).is_err());
}

#[test]
fn nothing_is_nothing() {
    for text in ["", "# only\n// comments\n", "\u{feff}", "{}", "}"] {
        check(text, "");
    }
}
