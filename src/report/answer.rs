//! The answer to a question, for a person.

use std::collections::BTreeSet;

use crate::graph::origin::{OriginId, Origins};
use crate::graph::prefixes::in_words;
use crate::graph::protection::InTransit;
use crate::query::ways::{Passage, Reach, Way};
use crate::query::{Answer, Dependent, Holding, Joined, Part, Supposed, Truth};

use super::text::{counted, for_terminal, wrap};

/// Prose wider than this is hard to read.
const WIDTH: usize = 100;

/// How many ways of a kind are listed before the rest is counted.
const MOST_WAYS: usize = 40;

/// The answer as text, with a line break at the end. `not_understood` is how many notices the inputs gave.
#[must_use]
pub fn render(answer: &Answer, origins: &Origins, not_understood: usize) -> String {
    let page = Page { origins };
    let mut text = match answer {
        Answer::Reach(parts) => page.parts(parts, |part, reach| page.reach(part, reach)),
        Answer::Path(truth, passages) => page.path(*truth, passages),
        Answer::Links(parts) => page.parts(parts, |part, links| page.links(part, links)),
        Answer::Exposure(parts) => page.parts(parts, |part, doors| {
            page.facts(
                part,
                doors,
                "nothing that was read opens it to the internet",
            )
        }),
        Answer::Facts(parts) => page.parts(parts, |part, facts| {
            page.facts(part, facts, "nothing that was read says anything of it")
        }),
        Answer::Dependents(parts) => page.parts(parts, |part, all| dependents(part, all)),
        Answer::WhatIf(supposed) => what_if(supposed),
    };
    if not_understood > 0 {
        let things = counted(not_understood, "thing");
        text.push_str(&format!(
            "\n{things} of the input not understood, which may hide more: --format json lists them\n"
        ));
    }
    text
}

struct Page<'o> {
    origins: &'o Origins,
}

impl Page<'_> {
    fn parts<T>(&self, parts: &[(Part, T)], section: impl Fn(&Part, &T) -> String) -> String {
        let sections: Vec<String> = parts.iter().map(|(part, one)| section(part, one)).collect();
        sections.join("\n")
    }

    fn reach(&self, part: &Part, reach: &Reach) -> String {
        let name = for_terminal(&part.words());
        let mut text = String::new();
        for (title, ways) in [
            (format!("{name} reaches"), &reach.out),
            (format!("{name} is reached from"), &reach.into),
        ] {
            if ways.is_empty() {
                text.push_str(&format!("{title} nothing that was read\n"));
                continue;
            }
            text.push_str(&format!("{title}\n"));
            for way in ways.iter().take(MOST_WAYS) {
                text.push_str(&self.way(way, std::ptr::eq(ways, &reach.into)));
            }
            if ways.len() > MOST_WAYS {
                let more = ways.len() - MOST_WAYS;
                text.push_str(&format!("  and {more} more: --format json lists them\n"));
            }
        }
        text
    }

    /// One way: the far end, and below it each link.
    fn way(&self, way: &Way, is_inward: bool) -> String {
        let far = if is_inward { &way.from } else { &way.to };
        let doubt = if way.doubts.is_empty() {
            ""
        } else {
            "perhaps "
        };
        let mut text = lines(&format!("{doubt}{}", far.words()), "  ");
        text.push_str(&self.steps(way, "    "));
        text
    }

    fn steps(&self, way: &Way, indent: &str) -> String {
        let mut text = String::new();
        let mut line = |words: &str| text.push_str(&lines(words, indent));
        for step in &way.steps {
            let protection = protection(&step.in_transit);
            line(&format!(
                "over {} to {}: {protection}{}",
                step.link.words(),
                step.to.words(),
                self.sources(&step.origins)
            ));
        }
        if !way.tables.is_empty() {
            let tables: Vec<String> = way.tables.iter().map(Part::words).collect();
            let decided = self.sources(&way.origins);
            line(&format!("as {} says{decided}", tables.join(" and ")));
        }
        if let Some(addresses) = &way.addresses {
            line(&format!("for {} only", in_words(addresses).join(", ")));
        }
        for remark in &way.remarks {
            line(remark);
        }
        for doubt in &way.doubts {
            line(&format!("not certain: {doubt}"));
        }
        text
    }

    fn path(&self, truth: Truth, passages: &[Passage]) -> String {
        let mut text = String::new();
        if passages.len() > 1 {
            text.push_str(&format!(
                "{}, of {} pairs of parts that bear these names\n\n",
                truth.word(),
                passages.len()
            ));
        }
        let sections: Vec<String> = passages.iter().map(|one| self.passage(one)).collect();
        text.push_str(&sections.join("\n"));
        text
    }

    fn passage(&self, passage: &Passage) -> String {
        let (from, to) = (passage.from.words(), passage.to.words());
        let sentence = match passage.truth {
            Truth::Yes => format!("yes: traffic gets from {from} to {to}"),
            Truth::No => format!("no: nothing that was read lets traffic from {from} to {to}"),
            Truth::Ambiguous => format!("ambiguous: from {from} to {to}"),
            Truth::Undetermined => {
                format!(
                    "undetermined: nothing tells for certain whether traffic gets from {from} to {to}"
                )
            }
        };
        let mut text = lines(&sentence, "");
        if let Some(why) = &passage.why {
            text.push_str(&lines(why, "  "));
        }
        for way in passage.ways.iter().take(MOST_WAYS) {
            text.push_str(&self.steps(way, "  "));
        }
        text
    }

    fn links(&self, part: &Part, links: &[Joined]) -> String {
        let name = for_terminal(&part.words());
        if links.is_empty() {
            return format!("no link that was read ends at {name}\n");
        }
        let mut text = format!("{name} has {}\n", counted(links.len(), "link"));
        for joined in links {
            let state = if joined.state == "effective" {
                String::new()
            } else {
                format!(" ({})", joined.state)
            };
            let words = format!(
                "{}{state} to {}: {}{}",
                joined.link.words(),
                joined.far.words(),
                protection(&joined.in_transit),
                self.sources(&joined.origins)
            );
            text.push_str(&lines(&words, "  "));
        }
        text
    }

    fn facts(&self, part: &Part, facts: &[Holding], nothing: &str) -> String {
        let name = for_terminal(&part.words());
        if facts.is_empty() {
            return format!("{name}: {nothing}\n");
        }
        let mut text = format!("{name}\n");
        for fact in facts {
            let words = format!("{}{}", fact.words, self.sources(&fact.origins));
            text.push_str(&lines(&words, "  "));
        }
        text
    }

    /// The resources behind something, each with its line if that is known: " [aws_vpc.a, network.tf:3]".
    fn sources(&self, origins: &BTreeSet<OriginId>) -> String {
        let named: Vec<String> = origins
            .iter()
            .map(|id| self.origins.get(*id))
            .map(|origin| match &origin.location {
                Some(location) => format!("{}, {location}", origin.address),
                None => origin.address.clone(),
            })
            .collect();
        match named.as_slice() {
            [] => String::new(),
            [first, second, third, rest @ ..] if !rest.is_empty() => {
                format!(" [{first}; {second}; {third}; and {} more]", rest.len())
            }
            few => format!(" [{}]", few.join("; ")),
        }
    }
}

fn protection(in_transit: &InTransit) -> String {
    let word = in_transit.protection.word();
    match &in_transit.evidence {
        Some(evidence) => format!("{word} ({})", evidence.fact),
        None => word.to_owned(),
    }
}

fn dependents(part: &Part, all: &[Dependent]) -> String {
    let name = for_terminal(&part.words());
    let mut text = match all.len() {
        0 => return format!("no carve-out rests on {name}\n"),
        1 => format!("1 carve-out rests on {name}\n"),
        many => format!("{many} carve-outs rest on {name}\n"),
    };
    for dependent in all {
        let carve_out = &dependent.carve_out;
        let place = format!("{} {}", carve_out.repository, carve_out.location);
        text.push_str(&lines(&place, "  "));
        text.push_str(&lines(&dependent.how, "    "));
        text.push_str(&lines(&carve_out.guarantee, "    "));
    }
    text
}

fn what_if(supposed: &Supposed) -> String {
    let mut text = lines(&format!("if {}:", supposed.wishes.join(", and ")), "");
    if supposed.changes.is_empty() {
        text.push_str("  nothing changes in the perimeter\n");
    }
    for change in &supposed.changes {
        let note = if change.informative {
            "; reported only"
        } else {
            ""
        };
        let words = format!(
            "{}  {} ({}{note})",
            change.id,
            change.summary,
            change.effect.word()
        );
        text.push_str(&lines(&words, "  "));
    }
    let total = supposed.falling.len() + supposed.standing;
    text.push_str(&match (supposed.falling.len(), total) {
        (_, 0) => "\nthere is no carve-out\n".to_owned(),
        (0, _) => format!("\nno carve-out would fall, of {total}\n"),
        (falling, _) => format!(
            "\n{falling} of {} would fall\n",
            counted(total, "carve-out")
        ),
    });
    for fallen in &supposed.falling {
        let carve_out = &fallen.carve_out;
        let because = if fallen.because.is_empty() {
            String::new()
        } else {
            format!(", because of {}", fallen.because.join(", "))
        };
        let place = format!(
            "{} {}: {}{because}",
            carve_out.repository, carve_out.location, fallen.status_words
        );
        text.push_str(&lines(&place, "  "));
        text.push_str(&lines(&fallen.explanation, "    "));
        if !carve_out.owners.is_empty() {
            text.push_str(&lines(
                &format!("owners: {}", carve_out.owners.join(" ")),
                "    ",
            ));
        }
    }
    text
}

/// Words in as many lines as they take.
fn lines(words: &str, indent: &str) -> String {
    format!("{}\n", wrap(words, WIDTH, indent))
}
