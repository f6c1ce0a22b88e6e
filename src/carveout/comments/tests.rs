#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;

fn texts(path: &str, text: &str) -> Vec<String> {
    comment_lines(path, text)
        .iter()
        .map(|line| line.text.trim().to_owned())
        .collect()
}

#[test]
fn a_string_is_not_a_comment() {
    assert_eq!(texts("a.go", "x := \"// no\" // yes\n"), ["yes"]);
}
