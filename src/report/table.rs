//! The verdict for a person at a terminal: first what it is, then what changed, then what falls and why, last what to do.

pub mod audit;
mod carve_outs;
mod findings;

use rayon::prelude::*;
use unicode_width::UnicodeWidthStr;

use crate::change::{Change, Effect};
use crate::graph::origin::Origin;
use crate::verdict::{Conclusion, Judged, Verdict};

use super::text::{clip, counted, for_terminal, prose, wrap};
use super::{
    causes, changes_counted, details, documented, has_several_repositories, headline, next_steps,
};

/// Prose wider than this is hard to read, however wide the terminal.
const WIDEST_PROSE: usize = 100;
/// Narrower than this nothing can be laid out.
const NARROWEST: usize = 40;
/// Causes, and differences, that a change spells out before it counts the rest.
const LINES_SPELLED_OUT: usize = 6;
/// Carve-outs shown with their source before the rest gets one line each.
const SHOWN_IN_FULL: usize = 40;
/// Changes that are told beside one carve-out.
const CHANGES_BESIDE_ONE: usize = 3;
/// Inputs that the line on what was compared spells out.
const INPUTS_SPELLED_OUT: usize = 4;
/// Characters of one line.
const LONGEST_LINE: usize = 300;
/// Characters of one text; what is longer was not written to be read.
const LONGEST_TEXT: usize = 2_000;

/// How to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableOptions {
    /// Colour, by ANSI escape sequences. Nothing is said by colour alone.
    pub color: bool,
    /// Also list what is unaffected, every difference, every notice, and every carve-out with its source.
    pub verbose: bool,
    /// Columns of the terminal. Prose is never wider than 100.
    pub width: usize,
    /// Cut lines of source at that, too: a terminal would break them.
    pub cuts_source: bool,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self {
            color: false,
            verbose: false,
            width: WIDEST_PROSE,
            cuts_source: false,
        }
    }
}

/// The verdict for a person at a terminal, with a line break at the end.
#[must_use]
pub fn render(verdict: &Verdict, options: &TableOptions) -> String {
    let page = Page {
        verdict,
        options,
        width: options.width.clamp(NARROWEST, WIDEST_PROSE),
        several_repositories: has_several_repositories(verdict),
    };
    let sections = [
        page.head(),
        page.changes(),
        page.falling(),
        page.settled(),
        page.findings(),
        page.notices(),
        page.unaffected(),
        page.foot(),
    ];
    let shown: Vec<String> = sections
        .into_iter()
        .map(|section| section.trim_end().to_owned())
        .filter(|section| !section.is_empty())
        .collect();
    let mut text = shown.join("\n\n");
    text.push('\n');
    text
}

/// The perimeter changes alone, with a line break at the end.
#[must_use]
pub fn render_changes(verdict: &Verdict, options: &TableOptions) -> String {
    let page = Page {
        verdict,
        options,
        width: options.width.clamp(NARROWEST, WIDEST_PROSE),
        several_repositories: has_several_repositories(verdict),
    };
    let mut head = page.paint(Style::Strong, &changes_counted(verdict));
    if let Some(compared) = page.compared() {
        head = format!("{head}\n{compared}");
    }
    let sections = [head, page.changes(), page.notices()];
    let shown: Vec<String> = sections
        .into_iter()
        .map(|section| section.trim_end().to_owned())
        .filter(|section| !section.is_empty())
        .collect();
    let mut text = shown.join("\n\n");
    text.push('\n');
    text
}

/// One carve-out with its source, why it falls and what to do, and the changes that it falls under.
#[must_use]
pub fn render_one(verdict: &Verdict, judged: &Judged, options: &TableOptions) -> String {
    let page = Page {
        verdict,
        options,
        width: options.width.clamp(NARROWEST, WIDEST_PROSE),
        several_repositories: has_several_repositories(verdict),
    };
    let because = verdict
        .changes
        .iter()
        .filter(|change| judged.because.contains(&change.id));
    let shown = because
        .take(CHANGES_BESIDE_ONE)
        .map(|change| page.change(change));
    let blocks: Vec<String> = std::iter::once(page.carve_out(judged, true, true))
        .chain(shown)
        .collect();
    blocks.join("\n\n")
}

struct Page<'a> {
    verdict: &'a Verdict,
    options: &'a TableOptions,
    width: usize,
    several_repositories: bool,
}

impl Page<'_> {
    fn head(&self) -> String {
        let line = headline(self.verdict);
        let (word, rest) = line.split_once(':').unwrap_or((&line, ""));
        let style = match self.verdict.conclusion {
            Conclusion::Blocked => Style::Bad,
            Conclusion::Clear => Style::Good,
        };
        let wrapped = wrap(&format!("{word}:{rest}"), self.width, "");
        let head = self.paint(style, word) + wrapped.get(word.len()..).unwrap_or_default();
        match self.compared() {
            Some(compared) => format!("{head}\n{compared}"),
            None => head,
        }
    }

    /// What the verdict is about: the repositories, of which the first has the change set, before whatever else was read.
    fn compared(&self) -> Option<String> {
        let inputs = self.verdict.inputs.iter();
        let (repositories, others): (Vec<&String>, Vec<&String>) =
            inputs.partition(|input| input.starts_with("repository "));
        let mut named: Vec<String> = repositories
            .into_iter()
            .chain(others)
            .map(|input| clip(input, LONGEST_LINE))
            .collect();
        if named.len() > INPUTS_SPELLED_OUT {
            let more = named.len() - INPUTS_SPELLED_OUT;
            named.truncate(INPUTS_SPELLED_OUT);
            named.push(counted(more, "more input"));
        }
        let line = format!("compared: {}", named.join("; "));
        (!named.is_empty()).then(|| wrap(&line, self.width, ""))
    }

    fn changes(&self) -> String {
        let changes = &self.verdict.changes;
        if changes.is_empty() {
            return String::new();
        }
        let blocks: Vec<String> = changes
            .par_iter()
            .map(|change| self.change(change))
            .collect();
        format!(
            "{}\n{}",
            self.title("perimeter changes"),
            blocks.join("\n\n")
        )
    }

    fn change(&self, change: &Change) -> String {
        let id = for_terminal(&change.id);
        let indent = " ".repeat(id.width() + 4);
        let summary = wrap(&clip(&change.summary, LONGEST_TEXT), self.width, &indent);
        let mut lines = vec![format!(
            "  {}  {}",
            self.paint(Style::Strong, &id),
            summary.trim_start()
        )];

        let style = match change.effect {
            Effect::Widens => Style::Bad,
            Effect::Narrows => Style::Good,
            Effect::Alters => Style::Warn,
        };
        let category = change.category.word().replace('_', " ");
        let effect = self.paint(style, change.effect.word());
        let note = if change.informative {
            "; reported only: no carve-out falls by it"
        } else {
            ""
        };
        lines.push(format!("{indent}{category}, {effect}{note}"));

        let all = if self.options.verbose {
            usize::MAX
        } else {
            LINES_SPELLED_OUT
        };
        let causes = causes(change, self.verdict);
        for origin in causes.iter().take(all) {
            let by = self.paint(Style::Quiet, "by");
            let words = cause_words(origin);
            // Cut only where it does not fit anyway: a path is copied, and a line break in it is not.
            let words = if self.width < WIDEST_PROSE {
                wrap(&words, self.width, &format!("{indent}   "))
                    .trim_start()
                    .to_owned()
            } else {
                words
            };
            lines.push(format!("{indent}{by} {words}"));
            for step in origin.steps.iter().take(all) {
                let place = for_terminal(&clip(&step.location.to_string(), LONGEST_LINE));
                let words = for_terminal(&clip(&step.words(), LONGEST_LINE));
                lines.push(format!("{indent}   {place} {words}"));
            }
        }
        push_left_out(&mut lines, &indent, causes.len(), all, "cause");

        let details = details(change);
        for (name, touch) in details.iter().take(all) {
            let line = format!(
                "{} {}",
                prose(&clip(name, LONGEST_LINE)),
                prose(&clip(&touch.words, LONGEST_TEXT))
            );
            let hanging = format!("{indent}  ");
            let wrapped = wrap(&line, self.width, &hanging);
            lines.push(format!("{indent}- {}", wrapped.trim_start()));
        }
        push_left_out(&mut lines, &indent, details.len(), all, "difference");
        let evidence = if self.options.verbose {
            &change.evidence
        } else {
            documented(change)
        };
        for evidence in evidence {
            let line = format!(
                "{}: {} ({}, read {})",
                evidence.fact, evidence.claim, evidence.source, evidence.read
            );
            let hanging = format!("{indent}  ");
            let wrapped = wrap(&prose(&clip(&line, LONGEST_TEXT)), self.width, &hanging);
            lines.push(format!("{indent}* {}", wrapped.trim_start()));
        }
        lines.join("\n")
    }

    fn foot(&self) -> String {
        let steps = next_steps(self.verdict);
        match steps.as_slice() {
            [only] => format!("{} {only}", self.paint(Style::Strong, "next:")),
            steps => {
                let steps = steps.iter().map(|step| {
                    let wrapped = wrap(step, self.width, "    ");
                    format!("  - {}", wrapped.trim_start())
                });
                format!(
                    "{}\n{}",
                    self.paint(Style::Strong, "next:"),
                    steps.collect::<Vec<_>>().join("\n")
                )
            }
        }
    }

    fn title(&self, text: &str) -> String {
        self.paint(Style::Strong, text)
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.options.color {
            format!("\u{1b}[{}m{text}\u{1b}[0m", style.codes())
        } else {
            text.to_owned()
        }
    }
}

/// What colour is for.
#[derive(Debug, Clone, Copy)]
enum Style {
    Strong,
    Quiet,
    Good,
    Warn,
    Bad,
}

impl Style {
    /// Parameters of the ANSI sequence that switches it on.
    fn codes(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Quiet => "2",
            Self::Good => "1;32",
            Self::Warn => "1;33",
            Self::Bad => "1;31",
        }
    }
}

/// "network.tf:41 aws_route.x (create: vpc_id)", or without a place when it is unknown.
fn cause_words(origin: &Origin) -> String {
    let mut words = String::new();
    if let Some(location) = &origin.location {
        words = format!(
            "{} ",
            for_terminal(&clip(&location.to_string(), LONGEST_LINE))
        );
    }
    let mut action = origin.action_word().to_owned();
    if !origin.attributes.is_empty() {
        let shown: Vec<String> = origin
            .attributes
            .iter()
            .take(LINES_SPELLED_OUT)
            .map(|name| for_terminal(&clip(name, 80)))
            .collect();
        action = format!("{action}: {}", shown.join(", "));
        if origin.attributes.len() > shown.len() {
            action = format!(
                "{action} and {} more",
                origin.attributes.len() - shown.len()
            );
        }
    }
    format!(
        "{words}{} ({action})",
        for_terminal(&clip(&origin.address, LONGEST_LINE))
    )
}

fn push_left_out(lines: &mut Vec<String>, indent: &str, all: usize, shown: usize, noun: &str) {
    if all > shown {
        lines.push(format!(
            "{indent}and {}",
            counted(all - shown, &format!("more {noun}"))
        ));
    }
}

/// The beginning of a text, in so many columns.
fn shortened(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut shown = String::new();
    for character in text.chars() {
        if shown.width() + 3 > columns {
            break;
        }
        shown.push(character);
    }
    format!("{}…", shown.trim_end())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture;
    use crate::report::text::acts_unseen;
    use crate::verdict::Finding;

    fn plain(verdict: &Verdict) -> String {
        render(verdict, &TableOptions::default())
    }

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(plain(&fixture::verdict()));
    }

    #[test]
    fn what_a_person_sees_who_asks_for_everything() {
        let options = TableOptions {
            verbose: true,
            width: 72,
            ..TableOptions::default()
        };
        insta::assert_snapshot!(render(&fixture::verdict(), &options));
    }

    #[test]
    fn what_a_person_sees_when_nothing_changed() {
        insta::assert_snapshot!(plain(&fixture::nothing()));
    }

    #[test]
    fn many_that_fall_end_in_a_summary() {
        insta::assert_snapshot!(plain(&fixture::many(5)));
    }

    #[test]
    fn beyond_some_forty_the_source_is_left_to_verbose_and_nothing_is_lost() {
        let verdict = fixture::many(100);
        let short = plain(&verdict);
        assert_eq!(
            short.matches("--> ").count(),
            SHOWN_IN_FULL + 1,
            "one more for the finding"
        );
        assert!(short.contains("60 more without their source"));
        assert!((0..100).all(|index| short.contains(&format!("service-{index:04}/config.yaml:2"))));
        let long = render(
            &verdict,
            &TableOptions {
                verbose: true,
                ..TableOptions::default()
            },
        );
        assert_eq!(long.matches("--> ").count(), 101);
    }

    #[test]
    fn on_a_terminal_lines_of_source_end_where_it_does_and_elsewhere_they_are_whole() {
        let mut verdict = fixture::verdict();
        let words = "signed by whoever calls ".repeat(6);
        for judged in &mut verdict.carve_outs {
            for (_, line) in &mut judged.carve_out.excerpt {
                line.push_str(&words);
            }
        }
        let shown = |cuts_source: bool| {
            let options = TableOptions {
                width: 80,
                cuts_source,
                ..TableOptions::default()
            };
            let text = render(&verdict, &options);
            let source = text.lines().filter(|line| line.contains(" | "));
            source.map(|line| line.width()).max().unwrap_or_default()
        };
        assert!((60..=80).contains(&shown(true)), "{}", shown(true));
        assert!(shown(false) > 80);
    }

    #[test]
    fn colour_only_when_asked_for_and_never_the_only_sign() {
        let verdict = fixture::verdict();
        let options = TableOptions {
            color: true,
            ..TableOptions::default()
        };
        let colored = render(&verdict, &options);
        assert!(!plain(&verdict).contains('\u{1b}'));
        assert!(colored.starts_with("\u{1b}[1;31mblocked\u{1b}[0m: "));
        let sequence = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
        assert_eq!(sequence.replace_all(&colored, ""), plain(&verdict));
    }

    #[test]
    fn lines_that_are_not_at_hand_are_folded_away() {
        let mut verdict = fixture::verdict();
        let excerpt = &mut verdict.carve_outs[1].carve_out.excerpt;
        excerpt.insert(0, (1, "service: limits".into()));
        excerpt.push((20, "    far: away".into()));
        excerpt.push((9_000, "too far".into()));
        verdict.carve_outs.swap(0, 1);
        verdict.carve_outs.truncate(1);
        insta::assert_snapshot!(plain(&verdict));
    }

    #[test]
    fn a_carve_out_without_source_still_says_where_and_what_it_is() {
        let mut verdict = fixture::verdict();
        verdict.carve_outs[1].carve_out.excerpt.clear();
        let shown = plain(&verdict);
        assert!(shown.contains("services/limits/config.yaml:6"));
        assert!(shown.contains("= justification: an eavesdropper learns only counters"));
    }

    #[test]
    fn a_finding_that_repeats_a_listed_carve_out_is_not_listed_again() {
        let text = plain(&fixture::verdict());
        assert!(!text.contains("[must-rejustify]"));
        assert!(text.contains("[near-miss-marker]"));
    }

    #[test]
    fn one_habit_in_a_file_is_told_once_with_every_line_and_two_are_told_apart() {
        let mut verdict = fixture::verdict();
        let is_near_miss = |finding: &&Finding| finding.rule.id() == "near-miss-marker";
        let first = verdict.findings.iter().find(is_near_miss).unwrap().clone();
        let at = |line: usize| {
            let mut finding = first.clone();
            finding.location.line = line;
            finding.message = format!("setting {line} is as bad");
            finding.related.clear();
            finding
        };
        verdict.findings = vec![at(3), at(7)];
        assert_eq!(plain(&verdict).matches("= and: ").count(), 0);
        let place = (first.location.clone(), "another place".to_owned());
        let pointing = |line| Finding {
            related: vec![place.clone()],
            ..at(line)
        };
        verdict.findings = (3..20).map(pointing).collect();
        assert_eq!(plain(&verdict).matches("= see: ").count(), 17);
        verdict.findings = (3..20).map(at).collect();
        let told = plain(&verdict);
        assert!(told.contains("17 findings"));
        assert!(told.contains("= and: line 9: setting 9 is as bad\n"));
        assert!(!told.contains("line 10:"));
        assert!(told.contains("= and: 10 more in this file\n"));
    }

    #[test]
    fn same_input_same_bytes() {
        assert_eq!(plain(&fixture::verdict()), plain(&fixture::verdict()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_the_texts_nothing_acts_and_nothing_panics(text in prop_oneof![any::<String>(), "[a-z :#\\[]{0,60}"], width in 0usize..300) {
            let options = TableOptions { width, verbose: true, color: false, cuts_source: width % 2 == 0 };
            let shown = render(&fixture::of_texts(&text), &options);
            prop_assert!(!shown.chars().any(|character| character != '\n' && acts_unseen(character)));
            prop_assert!(shown.starts_with("blocked: "));
            let colored = render(&fixture::of_texts(&text), &TableOptions { color: true, ..options });
            let sequence = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
            prop_assert_eq!(sequence.replace_all(&colored, ""), shown);
        }

        #[test]
        fn wrapped_prose_keeps_to_its_width(text in "[a-z ]{0,200}", width in 20usize..100) {
            for line in wrap(&text, width, "  ").lines() {
                prop_assert!(line.width() <= width || !line.trim().contains(' '));
            }
        }
    }
}
