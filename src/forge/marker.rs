//! The first line of a comment, which readers do not see: by it a later run knows the comment, and what it holds.

use sha2::{Digest as _, Sha256};

/// The most characters of a title.
pub const LONGEST_TITLE: usize = 100;

/// What a comment says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// What tells it from other comments of ours on the pull request; may be empty.
    pub title: String,
    /// The run that wrote it, where a CI system counts them.
    pub run: Option<Run>,
    /// Whether someone had to act.
    pub is_blocked: bool,
    /// Whether someone had to act in some earlier run.
    pub was_blocked: bool,
    /// Digest of the text behind it, by which changes of somebody else's hand are told.
    pub digest: String,
}

/// One run of a CI system, in the order of its counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Whose counters these are: only runs of one system can be ordered.
    pub system: String,
    /// The number of the run.
    pub number: u64,
    /// How often it was tried, or the number of the job in it.
    pub attempt: u64,
}

impl Run {
    /// Whether this run began after the other; `None` where nothing tells.
    #[must_use]
    pub fn is_after(&self, other: &Self) -> Option<bool> {
        let comparable = self.system == other.system;
        comparable.then(|| (self.number, self.attempt) > (other.number, other.attempt))
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}.{}", self.system, self.number, self.attempt)
    }
}

/// How a line is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hidden {
    /// In a comment of HTML.
    InTags,
    /// As the definition of a link that nothing uses, where tags would be shown.
    InReference,
}

impl Hidden {
    const ALL: [Self; 2] = [Self::InTags, Self::InReference];

    fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::InTags => ("<!-- perimeter:comment ", " -->"),
            Self::InReference => ("[//]: # (perimeter:comment ", ")"),
        }
    }
}

impl Marker {
    /// The line, without its end.
    #[must_use]
    pub fn line(&self, hidden: Hidden) -> String {
        let (before, after) = hidden.around();
        let run = self.run.as_ref().map_or(String::new(), |run| {
            format!(
                " run={}:{}.{}",
                escaped(&run.system),
                run.number,
                run.attempt
            )
        });
        let verdict = match (self.is_blocked, self.was_blocked) {
            (true, _) => "blocked",
            (false, true) => "settled",
            (false, false) => "clear",
        };
        let title = escaped(&self.title);
        let digest = &self.digest;
        format!("{before}title={title}{run} verdict={verdict} digest={digest}{after}")
    }

    /// What the first line of a comment says, if it is ours.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let line = text.trim_start().lines().next()?.trim_end();
        let fields = Hidden::ALL.into_iter().find_map(|hidden| {
            let (before, after) = hidden.around();
            line.strip_prefix(before)?.strip_suffix(after)
        })?;
        let field = |name: &str| {
            let fields = fields.split(' ').filter_map(|field| field.split_once('='));
            let mut named = fields.filter(|(one, _)| *one == name);
            named.next().map(|(_, value)| value)
        };
        let verdict = field("verdict")?;
        Some(Self {
            title: unescaped(field("title")?)?,
            run: field("run").and_then(run_of),
            is_blocked: verdict == "blocked",
            was_blocked: verdict != "clear",
            digest: field("digest")?.to_owned(),
        })
    }
}

fn run_of(text: &str) -> Option<Run> {
    let (system, numbers) = text.split_once(':')?;
    let (number, attempt) = numbers.split_once('.')?;
    Some(Run {
        system: unescaped(system)?,
        number: number.parse().ok()?,
        attempt: attempt.parse().ok()?,
    })
}

/// Letters and digits as they are, all else by its bytes: nothing is left that could end the line.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            safe.push(char::from(byte));
        } else {
            safe.push_str(&format!("%{byte:02x}"));
        }
    }
    safe
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        (rest, _) = match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).ok()?;
                (after, bytes.push(u8::from_str_radix(digits, 16).ok()?))
            }
            (b'%', _) => return None,
            _ => (after, bytes.push(*first)),
        };
    }
    String::from_utf8(bytes).ok()
}

/// A digest of a text that does not depend on what hosts do to it: line ends, and white space where a line or the text ends.
#[must_use]
pub fn digest(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    let hash = Sha256::digest(lines.join("\n").as_bytes());
    hash.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;

    fn marker(title: &str) -> Marker {
        Marker {
            title: title.into(),
            run: Some(Run {
                system: "github".into(),
                number: 12,
                attempt: 1,
            }),
            is_blocked: true,
            was_blocked: true,
            digest: digest("text"),
        }
    }

    #[test]
    fn a_line_reads_as_this() {
        assert_eq!(
            marker("a b").line(Hidden::InTags),
            "<!-- perimeter:comment title=a%20b run=github:12.1 verdict=blocked digest=982d9e3eb996f559e633f4d194def376 -->"
        );
        assert_eq!(
            marker("").line(Hidden::InReference),
            "[//]: # (perimeter:comment title= run=github:12.1 verdict=blocked digest=982d9e3eb996f559e633f4d194def376)"
        );
    }

    #[test]
    fn a_marker_counts_in_the_first_line_and_nowhere_else() {
        let line = marker("x").line(Hidden::InTags);
        assert!(Marker::of(&format!("{line}\r\nmore")).is_some());
        assert!(Marker::of(&format!("> {line}")).is_none());
        assert!(Marker::of(&format!("look:\n{line}")).is_none());
        assert!(Marker::of("<!-- perimeter:check -->").is_none());
        assert!(Marker::of("").is_none());
    }

    #[test]
    fn runs_of_one_system_have_an_order_and_others_have_none() {
        let run = |system: &str, number, attempt| Run {
            system: system.into(),
            number,
            attempt,
        };
        assert_eq!(run("a", 2, 1).is_after(&run("a", 1, 9)), Some(true));
        assert_eq!(run("a", 2, 1).is_after(&run("a", 2, 1)), Some(false));
        assert_eq!(run("a", 2, 2).is_after(&run("a", 2, 1)), Some(true));
        assert_eq!(run("a", 2, 1).is_after(&run("b", 1, 1)), None);
    }

    #[test]
    fn what_hosts_do_to_white_space_is_no_other_text_and_a_word_is() {
        assert_eq!(digest("a  \r\nb\r\n"), digest("a\nb"));
        assert_ne!(digest("a\nb"), digest("a\nc"));
    }

    proptest! {
        #[test]
        fn every_title_comes_back_from_one_line(title in any::<String>(), in_tags: bool) {
            let hidden = if in_tags { Hidden::InTags } else { Hidden::InReference };
            let line = marker(&title).line(hidden);
            prop_assert_eq!(line.lines().count(), 1);
            prop_assert_eq!(Marker::of(&line), Some(marker(&title)));
        }

        #[test]
        fn no_comment_makes_it_panic(text in "(<!-- perimeter:comment )?[a-z=%: .0-9é]{0,60}( -->)?") {
            let _ = Marker::of(&text);
        }
    }
}
