//! Near misses, spelled exactly.
//!
//! Nothing but the marker and what passes for its semicolon is changed. What a correction would break is left alone.

use super::comments::comments_with;
use super::marker::{MarkerFault, find_with_corrections};
use super::near_miss::MarkerPattern;

/// A correction may bring a second one to light; more than so many do not come.
const MOST_ROUNDS: usize = 4;

/// The text of a file with its near misses spelled exactly; `None` if there is nothing to correct, or no safe way to.
#[must_use]
pub fn corrected(path: &str, text: &str, pattern: &MarkerPattern) -> Option<String> {
    let mut current = text.to_owned();
    let count = find_with_corrections(
        &comments_with(path, text, pattern.exact()).lines,
        text,
        pattern,
    )
    .len();
    for _ in 0..MOST_ROUNDS {
        let found = find_with_corrections(
            &comments_with(path, &current, pattern.exact()).lines,
            &current,
            pattern,
        );
        // Whatever a correction turned into something else is for a person to write.
        if found.len() != count {
            return None;
        }
        let near_misses = found
            .into_iter()
            .filter(|(marker, _)| matches!(marker.fault, Some(MarkerFault::NearMiss { .. })));
        let mut corrections: Vec<_> = near_misses
            .flat_map(|(_, corrections)| corrections)
            .collect();
        if corrections.is_empty() {
            break;
        }
        corrections.sort_by_key(|correction| correction.range.start);
        let mut next = String::with_capacity(current.len());
        let mut written = 0;
        for correction in corrections {
            // Two that overlap are written in two rounds.
            if correction.range.start < written {
                continue;
            }
            next.push_str(current.get(written..correction.range.start)?);
            next.push_str(&correction.replacement);
            written = correction.range.end;
        }
        next.push_str(current.get(written..)?);
        current = next;
    }
    let found = find_with_corrections(
        &comments_with(path, &current, pattern.exact()).lines,
        &current,
        pattern,
    );
    (found.len() == count && current != text).then_some(current)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::super::marker::{Marker, find, tests::pattern};
    use super::*;

    fn check(path: &str, text: &str, expected: &str) {
        let fixed = corrected(path, text, &pattern());
        assert_eq!(fixed.as_deref(), Some(expected), "{text}");
        assert_eq!(corrected(path, expected, &pattern()), None, "{expected}");
    }

    fn only(path: &str, text: &str) -> Marker {
        let mut found = find(path, text, &pattern());
        assert_eq!(found.len(), 1, "{text}");
        found.remove(0)
    }

    #[test]
    fn each_near_miss_is_spelled_exactly_and_says_the_same() {
        for spelled in [
            "zfn-3 carve-out:",
            "ZFN3 carve-out:",
            "ZFN\u{2013}3 carve-out:",
            "ZFN-3 carveout:",
            "ZFN-3 (carve-out):",
            "[ZFN-3 carve-out]",
            "(ZFN-3 carve-out)",
            "ZFN-3 carve-outs:",
            "ZFN-3 carve-out :",
            "ZFN-3 carve-out",
            "ZFN-3 carve-out -",
            "ZFN-3 carve-out\u{2014}",
            "ZFN-3 carve-out\u{FF1A}",
            "ZFN-3 carve-out (NET-12):",
            "**ZFN-3 carve-out**:",
            "ZFN-3 exception:",
            "ZFN carve-out:",
            "carve-out:",
            "\u{FF3A}\u{FF26}\u{FF2E}\u{FF0D}\u{FF13}\u{3000}\u{FF43}arve-out\u{FF1A}",
        ] {
            let text = format!(
                "x: 1 # 1\r\n# {spelled} inside VPC prod; public metrics\r\ntls: false\r\n"
            );
            let fixed = corrected("a.yaml", &text, &pattern()).expect(spelled);
            let expected =
                "x: 1 # 1\r\n# ZFN-3 carve-out: inside VPC prod; public metrics\r\ntls: false\r\n";
            assert_eq!(fixed, expected, "{spelled}");
        }
    }

    #[test]
    fn emphasis_around_it_stays() {
        check(
            "a.py",
            "# **zfn-3 carve-out:** a; b\n",
            "# **ZFN-3 carve-out:** a; b\n",
        );
    }

    #[test]
    fn what_is_broken_over_lines_comes_together() {
        check(
            "a.py",
            "# ZFN-3\n# carve-out: a; b\nx = 1\n",
            "# ZFN-3 carve-out:\n# a; b\nx = 1\n",
        );
        check(
            "a.go",
            "/*\n * zfn3\n * carveout - a; b\n */\n",
            "/*\n * ZFN-3 carve-out:\n * a; b\n */\n",
        );
        check(
            "a.py",
            "# ZFN-3\n# carve-out:\n# a; b\nx = 1\n",
            "# ZFN-3 carve-out:\n#\n# a; b\nx = 1\n",
        );
        check(
            "a.py",
            "# ZFN-3\n# carve-\n# out: a; b\nx = 1\n",
            "# ZFN-3 carve-out:\n#\n# a; b\nx = 1\n",
        );
    }

    #[test]
    fn what_passes_for_a_semicolon_becomes_one() {
        check(
            "a.py",
            "# ZFN-3 carve-out: a\u{FF1B} b\n",
            "# ZFN-3 carve-out: a; b\n",
        );
        check(
            "a.py",
            "# zfn3 carve-out: a \u{FF1B}\n# b \u{FF1B} c\n",
            "# ZFN-3 carve-out: a ;\n# b \u{FF1B} c\n",
        );
    }

    #[test]
    fn exact_markers_strings_prose_and_missing_halves_are_left_alone() {
        for (path, text) in [
            ("a.py", "# ZFN-3 carve-out: a; b\n"),
            ("a.py", "# ZFN-3 carve-out: a\n"),
            ("a.py", "x = '# zfn3 carveout: a; b'\n"),
            ("a.md", "# zfn3 carveout: a; b\n"),
            ("a.py", "# see the zfn-3 carve-out policy\n"),
        ] {
            assert_eq!(corrected(path, text, &pattern()), None, "{text}");
        }
    }

    #[test]
    fn several_in_a_file_are_all_corrected() {
        check(
            "a.ts",
            "a() // zfn3 carve-out: a; b\n/* ZFN-3 carveout: c; d */ b()\n// ZFN-3 carve-out: e; f\n",
            "a() // ZFN-3 carve-out: a; b\n/* ZFN-3 carve-out: c; d */ b()\n// ZFN-3 carve-out: e; f\n",
        );
        let text = "{ \"//\": \"zfn3 carve-out: a; \\\"b\\\"\" }\n";
        check("a.json", text, &text.replace("zfn3", "ZFN-3"));
        assert_eq!(only("a.json", text).guarantee, "a");
    }
}
