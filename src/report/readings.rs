//! How guarantees are read, for people: which words were taken for what, and what their carve-outs rest on.

use std::fmt::Write as _;

use crate::carveout::guarantee::Role;
use crate::carveout::names::Mention;
use crate::verdict::claims::Truth;
use crate::verdict::reading::{Reading, Readings, how_words, is_telling, scope_words};

use super::text::{clip, for_terminal, prose, wrap};

/// Columns of a line.
const WIDTH: usize = 120;
/// Columns of the headings.
const INDENT: &str = "                  ";
/// Most characters of a guarantee that are shown; it may be as long as its file.
const MOST_CHARACTERS: usize = 2_000;
/// Most lines under one heading.
const MOST_LINES: usize = 40;

/// All of them, one after the other.
#[must_use]
pub fn render(readings: &Readings) -> String {
    let mut text = String::new();
    for reading in &readings.carve_outs {
        if !text.is_empty() {
            text.push('\n');
        }
        one(&mut text, reading, readings.has_several_repositories);
    }
    text
}

fn one(text: &mut String, reading: &Reading, tells_repository: bool) {
    let carve_out = &reading.carve_out;
    let repository = if tells_repository {
        format!("{}/", for_terminal(&carve_out.repository))
    } else {
        String::new()
    };
    let place = for_terminal(&carve_out.location.to_string());
    let _ = writeln!(text, "{repository}{place} [{}]", carve_out.id);
    let guarantee = clip(&carve_out.guarantee, MOST_CHARACTERS);
    let _ = writeln!(text, "{}", wrap(&guarantee, WIDTH, "  | "));

    let stretches = reading.guarantee.account.iter();
    let told = stretches
        .filter(|stretch| is_telling(stretch.role) && stretch.role != Role::NotUnderstood)
        .map(|stretch| {
            let words = clip(&stretch.words, MOST_CHARACTERS);
            format!("\"{words}\" {}", role_words(stretch.role))
        });
    section(
        text,
        "words",
        std::iter::once(told.take(200).collect::<Vec<_>>().join(", ")),
    );
    section(text, "not understood", std::iter::once(unread(reading)));
    let guarantee = &reading.guarantee;
    section(text, "names", guarantee.mentions.iter().map(named));
    section(text, "rules out", guarantee.ruled_out.iter().map(named));
    let claims = reading.claims.iter().map(|claim| {
        let what = match &claim.claim {
            Some(words) => format!("\"{}\" claims {words}", claim.text),
            None => format!("\"{}\"", claim.text),
        };
        match (&claim.truth, &claim.why) {
            (Truth::Holds, _) => format!("{what}: holds"),
            (Truth::False(why), _) => format!("{what}: false, {why}"),
            (Truth::Undecided, Some(why)) => format!("{what}: not decided, {why}"),
            (Truth::Undecided, None) => format!("{what}: not decided"),
        }
    });
    section(text, "claims", claims);
    let footprint = &carve_out.footprint;
    let parts: Vec<String> = footprint
        .parts
        .iter()
        .take(MOST_LINES)
        .map(|part| {
            let location = part.location.as_ref();
            let location = location.map(|one| format!(", {one}")).unwrap_or_default();
            format!("{} ({}{location})", part.name, part.boundary.as_str())
        })
        .collect();
    let more = footprint.parts.len() - parts.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let rests = format!(
        "{} {}{more}",
        scope_words(footprint.scope),
        parts.join(", ")
    );
    section(text, "rests on", std::iter::once(rests));
    section(text, "because", std::iter::once(reading.why()));
    section(text, "better", reading.advice.iter().cloned());
}

/// A heading and what stands under it, if anything does.
fn section(text: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.filter(|line| !line.trim().is_empty()).collect();
    for (index, line) in lines.iter().take(MOST_LINES).enumerate() {
        let wrapped = wrap(line, WIDTH, INDENT);
        let heading = if index == 0 { heading } else { "" };
        let body = wrapped.strip_prefix(INDENT).unwrap_or(&wrapped);
        let _ = writeln!(text, "  {heading:<15} {body}");
    }
    if lines.len() > MOST_LINES {
        let _ = writeln!(text, "{INDENT}and {} more", lines.len() - MOST_LINES);
    }
}

fn role_words(role: Role) -> &'static str {
    match role {
        Role::Name => "names something",
        Role::Kind => "is a kind",
        Role::Inside => "stays inside",
        Role::Over => "crosses",
        Role::Locally => "stays on one host",
        Role::Claim => "is a claim",
        Role::Undecidable => "is a claim nothing decides",
        Role::RulesOut => "rules out",
        Role::Plain => "says nothing by itself",
        Role::NotUnderstood => "is not understood",
    }
}

fn unread(reading: &Reading) -> String {
    let stretches = reading.guarantee.account.iter();
    let words: Vec<String> = stretches
        .filter(|stretch| stretch.role == Role::NotUnderstood)
        .take(200)
        .map(|stretch| prose(&clip(&stretch.words, MOST_CHARACTERS)))
        .collect();
    words.join(", ")
}

fn named(mention: &Mention) -> String {
    let targets: Vec<String> = mention
        .targets
        .iter()
        .take(MOST_LINES)
        .map(|target| {
            let how = how_words(mention, target);
            format!("{} ({how}; {})", target.name, target.boundary.as_str())
        })
        .collect();
    let more = mention.targets.len() - targets.len();
    let more = if more > 0 {
        format!(", and {more} more")
    } else {
        String::new()
    };
    format!("\"{}\" is {}{more}", mention.words, targets.join(", "))
}
