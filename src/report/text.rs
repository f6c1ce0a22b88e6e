//! Text that somebody else wrote, made safe for the place it goes to.
//!
//! Plans, configuration and comments come from pull requests. In a terminal they must not move the cursor, hide or reorder
//! words, and in the log of a CI job, which is a terminal too, they must not become commands to the runner; in a comment on a
//! code host they must not become markup, links, images, mentions or references to issues; in a drawing they must not
//! become statements. Nothing is dropped: what would act is shown as `\u{1b}`, so that a reader sees that it was there.

use unicode_width::UnicodeWidthStr;

/// A number with its noun: "1 carve-out", "3 carve-outs".
#[must_use]
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// At most `limit` characters of a text, and how many there were beyond.
#[must_use]
pub fn clip(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let (kept, rest) = text.split_at(end);
    format!("{kept}… ({} more characters)", rest.chars().count())
}

/// One line for a terminal: control characters, line breaks, escape sequences, and characters that are invisible or turn
/// the direction of writing are spelled out. So is the first character of what a CI runner would take for a command.
#[must_use]
pub fn for_terminal(text: &str) -> String {
    // Most words are plain.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'#' | b':');
    if text.bytes().all(is_plain) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    let mut starts_word = true;
    for (at, character) in text.char_indices() {
        let rest = &text[at..];
        if starts_runner_command(rest) || (starts_word && starts_workflow_command(rest)) {
            safe.extend(character.escape_unicode());
        } else {
            push_visible(&mut safe, character);
        }
        starts_word = !character.is_alphanumeric() && character != ':';
    }
    safe
}

/// `##[error]`, `##vso[..]`, `##teamcity[..]`: runners look for these anywhere in a line.
fn starts_runner_command(text: &str) -> bool {
    text.strip_prefix("##").is_some_and(|rest| {
        rest.trim_start_matches(|next: char| next.is_ascii_alphabetic())
            .starts_with('[')
    })
}

/// `::error file=a::b`: a runner takes this at the start of a line, and any word may come to stand there. `::1` and
/// `::ffff:10.0.0.1` are addresses.
fn starts_workflow_command(text: &str) -> bool {
    text.strip_prefix("::").is_some_and(|rest| {
        let is_of_name = |next: char| next.is_ascii_alphanumeric() || matches!(next, '-' | '_');
        let end = rest.find(|next| !is_of_name(next)).unwrap_or(rest.len());
        rest.starts_with(|next: char| next.is_ascii_alphabetic())
            && !rest[..end].bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Prose for a terminal: like [`for_terminal`], on one line, with white space folded to single spaces.
#[must_use]
pub fn prose(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(for_terminal).collect();
    words.join(" ")
}

/// A line of source for a terminal or a code block: like [`for_terminal`], with tabs as four spaces.
#[must_use]
pub fn source_line(text: &str) -> String {
    for_terminal(&text.trim_end().replace('\t', "    "))
}

fn push_visible(safe: &mut String, character: char) {
    match character {
        '\n' => safe.push_str("\\n"),
        '\r' => safe.push_str("\\r"),
        '\t' => safe.push_str("\\t"),
        _ if acts_unseen(character) => safe.extend(character.escape_unicode()),
        _ => safe.push(character),
    }
}

/// Whether a character does something without showing: controls, marks of direction, joiners, fillers, tags, line
/// separators, and the two that XML refuses.
pub(super) fn acts_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}

/// A JSON document in which nothing acts in a terminal or a CI runner's log, and that means the same.
///
/// Outside of strings JSON consists of ASCII and line breaks; what else is found stands in a string, where `\u` means the
/// same character.
#[must_use]
pub fn escape_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for (at, character) in json.char_indices() {
        if (character != '\n' && acts_unseen(character)) || starts_runner_command(&json[at..]) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Prose for a comment: stays on one line, and renders as the characters it consists of.
///
/// Backslashes and entities keep markup from acting, but code hosts look for mentions, issues, commits and links in the
/// text that is left after that. They spare code spans, so a word that holds such a thing becomes one; it can still be
/// copied, which it could not be with an invisible character in between. What stands between two backticks becomes a code
/// span too.
#[must_use]
pub fn for_markdown(text: &str) -> String {
    let text = prose(text);
    let pieces: Vec<&str> = text.split('`').collect();
    // An even number of backticks quotes the odd pieces; else they are just characters.
    let quotes = pieces.len() % 2 == 1
        && !pieces
            .iter()
            .skip(1)
            .step_by(2)
            .any(|piece| piece.trim().is_empty());
    let mut line = String::new();
    if quotes {
        for (index, piece) in pieces.iter().enumerate() {
            let piece = if index % 2 == 1 {
                code_span(piece)
            } else {
                markdown_words(piece)
            };
            // Two code spans in touch would read as something else.
            if line.ends_with('`') && piece.starts_with('`') {
                line.push(' ');
            }
            line.push_str(&piece);
        }
    } else {
        line = markdown_words(&text);
    }
    // What would start a list, a heading, a rule or a host's command; a number is only a list with the mark behind it.
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mark = line.as_bytes().get(digits);
    let starts_block = match mark {
        Some(b'.' | b')') => digits > 0,
        Some(b'-' | b'+' | b'=' | b':' | b'/') => digits == 0,
        _ => false,
    };
    if starts_block {
        format!("{}\\{}", &line[..digits], &line[digits..])
    } else {
        line
    }
}

fn markdown_words(text: &str) -> String {
    let words: Vec<String> = text.split(' ').map(markdown_word).collect();
    words.join(" ")
}

fn markdown_word(word: &str) -> String {
    if !is_linked_by_hosts(word) && !word.contains('_') {
        return escaped(word);
    }
    let core = word.trim_start_matches(['(', '[', '{', '"', '\'']);
    let before = &word[..word.len() - core.len()];
    let trimmed = core.trim_end_matches([')', ']', '}', '"', '\'', ',', '.', ';', '!', '?']);
    let (core, after) = if trimmed.is_empty() {
        (core, "")
    } else {
        core.split_at(trimmed.len())
    };
    if core.is_empty() {
        return escaped(word);
    }
    format!("{}{}{}", escaped(before), code_span(core), escaped(after))
}

/// Backslashes before punctuation, entities for what HTML and tables are made of.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' => safe.push_str("&#124;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '~' | '!' | '{' | '}' => {
                safe.push('\\');
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    safe
}

/// Whether a code host makes something of this word outside a code span: a mention, an issue, a commit, a link, an emoji, a
/// formula.
fn is_linked_by_hosts(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let numbered = |mark: char| {
        lower
            .match_indices(mark)
            .any(|(at, _)| lower[at + 1..].starts_with(|next: char| next.is_ascii_digit()))
    };
    let commit = |run: &str| {
        let digits = run.bytes().filter(u8::is_ascii_digit).count();
        run.len() >= 7 && digits > 0 && run.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    word.contains(['@', '$'])
        || word.contains("://")
        || numbered('#')
        || ["www.", "gh-", "ghsa-", "cve-", "mailto:", "xmpp:"].iter().any(|mark| lower.contains(mark))
        // `!1`, `%1`, `~1`, `&1` are merge requests, milestones, labels and epics of another host.
        || ['!', '%', '~', '&'].into_iter().any(numbered)
        || word.split(|character: char| !character.is_ascii_alphanumeric()).any(commit)
        || word.match_indices(':').count() > 1
}

/// A code span: shows exactly the text, on one line, in prose and in the cell of a table.
#[must_use]
pub fn code_span(text: &str) -> String {
    // A table ends its cell at a bar even in here, and elsewhere a backslash before it would show.
    let text = prose(text).replace('|', "\\u{7c}");
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run_of_backticks(&text) + 1);
    let padding = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{padding}{text}{padding}{fence}")
}

/// A fenced code block of these lines, closed by a fence that none of them contains. Ends in a line break.
///
/// `language` goes behind the opening fence as it is: it must not come from outside.
#[must_use]
pub fn fenced(language: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| without_command(source_line(line)))
        .collect();
    let longest = lines
        .iter()
        .map(|line| longest_run_of_backticks(line))
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    let mut block = format!("{fence}{language}\n");
    for line in &lines {
        block.push_str(line);
        block.push('\n');
    }
    block.push_str(&fence);
    block.push('\n');
    block
}

/// A host that takes `/close` at the start of a line for a command may lose track of long fences.
fn without_command(line: String) -> String {
    let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
    match rest.strip_prefix('/') {
        Some(rest) if rest.starts_with(|next: char| next.is_ascii_alphabetic()) => {
            format!("{indent}\\u{{2f}}{rest}")
        }
        _ => line,
    }
}

fn longest_run_of_backticks(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

/// Code inside a line of HTML, such as a summary, where Markdown does not apply.
#[must_use]
pub fn html_code(text: &str) -> String {
    format!("<code>{}</code>", html_escaped(&prose(text)))
}

/// Prose inside a line of HTML; as in [`for_markdown`], words that a code host would link become code.
#[must_use]
pub fn html_prose(text: &str) -> String {
    let word = |word: &str| {
        if is_linked_by_hosts(word) {
            html_code(word)
        } else {
            html_escaped(word)
        }
    };
    let words: Vec<String> = prose(text).split(' ').map(word).collect();
    words.join(" ")
}

fn html_escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' | '`' => safe.push_str(&format!("&#{};", u32::from(character))),
            _ => safe.push(character),
        }
    }
    safe
}

/// A label of a Mermaid drawing, to stand between double quotes.
///
/// Everything but letters, digits and a few marks inside words becomes Mermaid's own entity, `#34;`: quotes, brackets,
/// comments and directives, markup, and what it would take for a list.
#[must_use]
pub fn for_mermaid(text: &str) -> String {
    let mut safe = String::new();
    let visible = prose(text);
    let mut previous = ' ';
    let mut characters = visible.chars().peekable();
    while let Some(character) = characters.next() {
        let plain = character.is_alphanumeric()
            || character == ' '
            || (matches!(character, '-' | '.' | '/' | ',')
                && previous.is_alphanumeric()
                && !safe.is_empty());
        let makes_a_list = character == '.'
            && safe.bytes().all(|byte| byte.is_ascii_digit())
            && characters.peek().is_none_or(|&next| next == ' ');
        // `direction TB` is a statement wherever it stands in a line, even between quotes.
        let makes_a_direction = character == ' ' && safe.ends_with("direction");
        if plain && !makes_a_list && !makes_a_direction {
            safe.push(character);
        } else {
            safe.push_str(&format!("#{};", u32::from(character)));
        }
        previous = character;
    }
    safe
}

/// Prose made safe and broken at spaces, with `indent` before each line. A word that is too long gets a line of its own.
#[must_use]
pub fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut columns = 0;
    let room = width.saturating_sub(indent.width());
    for word in prose(text).split(' ') {
        let word_width = word.width();
        if columns > 0 && columns + 1 + word_width > room {
            lines.push(std::mem::take(&mut line));
            columns = 0;
        }
        if columns > 0 {
            line.push(' ');
            columns += 1;
        }
        line.push_str(word);
        columns += word_width;
    }
    lines.push(line);
    let lines: Vec<String> = lines
        .into_iter()
        .map(|line| format!("{indent}{line}"))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_and_turned_writing_are_spelled_out() {
        assert_eq!(for_terminal("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(for_terminal("x\u{9b}2J"), "x\\u{9b}2J");
        assert_eq!(for_terminal("safe\u{202e}live"), "safe\\u{202e}live");
        assert_eq!(for_terminal("a\u{2067}b\u{200b}c"), "a\\u{2067}b\\u{200b}c");
        assert_eq!(for_terminal("one\ntwo\rthree"), "one\\ntwo\\rthree");
    }

    #[test]
    fn what_a_runner_takes_for_a_command_is_spelled_out_and_addresses_are_not() {
        assert_eq!(
            for_terminal("::error file=a::b and ::add-mask::c"),
            "\\u{3a}:error file=a::b and \\u{3a}:add-mask::c"
        );
        assert_eq!(for_terminal("##[error]x"), "\\u{23}#[error]x");
        assert_eq!(for_terminal("a ##vso[task.x]y"), "a \\u{23}#vso[task.x]y");
        for text in [
            "::/0",
            "::1",
            "::ffff:10.0.0.1",
            "std::string",
            "## heading",
            "a::error",
        ] {
            assert_eq!(for_terminal(text), text);
        }
    }

    #[test]
    fn letters_of_any_script_stay_as_they_are() {
        for text in [
            "prod-us-east",
            "Größe",
            "東京リージョン",
            "Москва",
            "שלום",
            "✅ fine",
        ] {
            assert_eq!(for_terminal(text), text);
            assert_eq!(for_markdown(text), text);
        }
    }

    #[test]
    fn markup_does_not_act() {
        assert_eq!(for_markdown("<img src=x>"), "&lt;img src=x&gt;");
        assert_eq!(
            for_markdown("![a](b) **c** ~~d~~"),
            "\\!\\[a\\]\\(b\\) \\*\\*c\\*\\* \\~\\~d\\~\\~"
        );
        assert_eq!(for_markdown("a | b"), "a &#124; b");
        assert_eq!(for_markdown("# title"), "\\# title");
        assert_eq!(for_markdown("- item"), "\\- item");
        assert_eq!(for_markdown("12. item"), "12\\. item");
        assert_eq!(for_markdown("one\n\n# two"), "one \\# two");
        assert_eq!(for_markdown("&lt;"), "&amp;lt;");
    }

    #[test]
    fn ordinary_prose_is_left_alone() {
        let prose =
            "vpc prod-us-east is now peered with analytics, in eu-west-1; 10.0.0.0/16 moved.";
        assert_eq!(for_markdown(prose), prose);
    }

    #[test]
    fn mentions_issues_links_and_commits_stand_in_code() {
        assert_eq!(for_markdown("ask @admin."), "ask `@admin`.");
        assert_eq!(for_markdown("see #1, org/repo#2"), "see `#1`, `org/repo#2`");
        assert_eq!(
            for_markdown("(https://evil.example)"),
            "\\(`https://evil.example`\\)"
        );
        assert_eq!(
            for_markdown("www.evil.example GH-7"),
            "`www.evil.example` `GH-7`"
        );
        assert_eq!(
            for_markdown("vpc-0a1b2c3d :tada: $x$"),
            "`vpc-0a1b2c3d` `:tada:` `$x$`"
        );
        assert_eq!(for_markdown("aws_vpc.main"), "`aws_vpc.main`");
        assert_eq!(for_markdown("__!!__"), "`__!!__`");
    }

    #[test]
    fn backticks_in_pairs_quote_and_others_are_just_characters() {
        assert_eq!(
            for_markdown("write `tls: true`, please"),
            "write `tls: true`, please"
        );
        assert_eq!(for_markdown("`a``b`"), "`a` `b`");
        assert_eq!(for_markdown("@a`b`"), "`@a` `b`");
        assert_eq!(for_markdown("one ` two"), "one \\` two");
        assert_eq!(for_markdown("``` x ```"), "\\`\\`\\` x \\`\\`\\`");
    }

    #[test]
    fn html_holds_no_tag_and_no_mention() {
        assert_eq!(
            html_code("</code><b>`"),
            "<code>&lt;/code&gt;&lt;b&gt;&#96;</code>"
        );
        assert_eq!(
            html_prose("c1 changes <x> @all"),
            "c1 changes &lt;x&gt; <code>@all</code>"
        );
    }

    #[test]
    fn a_code_span_is_longer_than_what_it_holds() {
        assert_eq!(code_span("plain"), "`plain`");
        assert_eq!(code_span("a`b"), "``a`b``");
        assert_eq!(code_span("``"), "``` `` ```");
        assert_eq!(code_span(" \n "), "(empty)");
        assert_eq!(code_span("a|b"), "`a\\u{7c}b`");
    }

    #[test]
    fn a_fence_is_longer_than_any_run_inside() {
        let block = fenced("yaml", &["```".to_owned(), "````` x".to_owned()]);
        assert_eq!(block, "``````yaml\n```\n````` x\n``````\n");
    }

    #[test]
    fn a_line_of_source_is_no_command_to_the_host() {
        let lines = ["/close", "  /merge", "// a comment", "a /close"].map(str::to_owned);
        assert_eq!(
            fenced("go", &lines),
            "```go\n\\u{2f}close\n  \\u{2f}merge\n// a comment\na /close\n```\n"
        );
        assert_eq!(for_markdown("/close"), "\\/close");
    }

    #[test]
    fn mermaid_labels_hold_no_statement() {
        assert_eq!(for_mermaid("vpc prod-us-east"), "vpc prod-us-east");
        assert_eq!(for_mermaid("10.0.0.0/16"), "10.0.0.0/16");
        assert_eq!(for_mermaid("1. item"), "1#46; item");
        assert_eq!(for_mermaid("a\"]; click b"), "a#34;#93;#59; click b");
        assert_eq!(for_mermaid("%%{init}%%"), "#37;#37;#123;init#125;#37;#37;");
        assert_eq!(for_mermaid("- item"), "#45; item");
        assert_eq!(for_mermaid("<b>"), "#60;b#62;");
        assert_eq!(for_mermaid("in direction TB"), "in direction#32;TB");
    }

    #[test]
    fn clipping_says_how_much_it_left_out() {
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("äöüß", 2), "äö… (2 more characters)");
    }

    proptest! {
        #[test]
        fn nothing_unseen_is_left_for_a_terminal(text in any::<String>()) {
            prop_assert!(!for_terminal(&text).chars().any(acts_unseen));
            prop_assert!(!source_line(&text).chars().any(acts_unseen));
        }

        #[test]
        fn prose_in_markdown_has_no_live_markup(text in "[a-z0-9 @#`<>\\[\\]()!*_|\\\\~&$:/.\n-]{0,60}") {
            let safe = for_markdown(&text);
            prop_assert!(!safe.contains('\n'));
            let outside = outside_code(&safe).replace("&#124;", " ");
            for mark in ["<", ">", "@", "://", "|"] {
                prop_assert!(!outside.contains(mark), "{mark} in {outside:?} of {safe:?}");
            }
            let mut characters = outside.chars();
            while let Some(character) = characters.next() {
                if character == '\\' {
                    characters.next();
                } else {
                    prop_assert!(!"`*_[]#~!".contains(character), "{character} in {outside:?} of {safe:?}");
                }
            }
        }

        #[test]
        fn a_code_span_closes_where_it_should(text in "[a`| \\\\\n]{0,20}") {
            let span = code_span(&text);
            let fence = span.bytes().take_while(|byte| *byte == b'`').count();
            if fence > 0 {
                let inner = &span[fence..span.len() - fence];
                prop_assert!(span.ends_with(&"`".repeat(fence)));
                prop_assert!(inner.split(|c| c != '`').all(|run| run.len() != fence || run.is_empty()));
                prop_assert!(!inner.contains(['|', '\n']));
                prop_assert!(!inner.ends_with('`'));
            }
        }

        #[test]
        fn a_mermaid_label_has_only_harmless_characters(text in any::<String>()) {
            let label = for_mermaid(&text);
            prop_assert!(label.chars().all(|c| c.is_alphanumeric() || " -./,#;".contains(c)), "{label}");
        }
    }

    /// A line of Markdown without its code spans, read as a renderer reads it.
    pub(in crate::report) fn outside_code(line: &str) -> String {
        let mut outside = String::new();
        let mut rest = line;
        while let Some(character) = rest.chars().next() {
            if character == '\\' {
                let end = rest.char_indices().nth(2).map_or(rest.len(), |(at, _)| at);
                outside.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            let fence = rest.bytes().take_while(|byte| *byte == b'`').count();
            if fence > 0 {
                let mut at = fence;
                let close = loop {
                    let Some(found) = rest[at..].find('`') else {
                        break None;
                    };
                    let run = rest[at + found..]
                        .bytes()
                        .take_while(|byte| *byte == b'`')
                        .count();
                    if run == fence {
                        break Some(at + found + run);
                    }
                    at += found + run;
                };
                if let Some(close) = close {
                    rest = &rest[close..];
                    continue;
                }
            }
            outside.push(character);
            rest = &rest[character.len_utf8()..];
        }
        outside
    }
}
