//! Findings, and what was not understood.

use annotate_snippets::{Group, Level};
use unicode_width::UnicodeWidthStr;

use crate::report::text::{clip, counted, prose, wrap};
use crate::report::{alike, findings_of_their_own, notice_groups, path_in};
use crate::verdict::{Finding, Severity};

use super::{LINES_SPELLED_OUT, LONGEST_LINE, LONGEST_TEXT, NARROWEST, Page, Style};

/// So many more findings of one sort in one file are told beside the first.
const WORTH_ONE_BLOCK: usize = 2;
/// Subjects that a notice spells out.
const SUBJECTS_SPELLED_OUT: usize = 3;

impl Page<'_> {
    pub(super) fn findings(&self) -> String {
        let findings = findings_of_their_own(self.verdict);
        let before = self.verdict.findings_from_before;
        let mut blocks = Vec::new();
        if !findings.is_empty() {
            blocks.push(self.title(&counted(findings.len(), "finding")));
            for list in alike(&findings) {
                match list.as_slice() {
                    [first, others @ ..] if others.len() >= WORTH_ONE_BLOCK => {
                        blocks.push(self.finding(first, others));
                    }
                    few => blocks.extend(few.iter().map(|finding| self.finding(finding, &[]))),
                }
            }
        }
        if before > 0 {
            let (were, do_not) = if before == 1 {
                ("was", "does not")
            } else {
                ("were", "do not")
            };
            let note = format!(
                "{} {were} there before and {do_not} block.",
                counted(before, "finding")
            );
            blocks.push(self.paint(Style::Quiet, &wrap(&note, self.width, "")));
        }
        blocks.join("\n\n")
    }

    /// One finding, with what else is the matter in the same file for the same reason.
    pub(super) fn finding(&self, finding: &Finding, others: &[&Finding]) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        // A title is one line; what does not fit goes below.
        let message = prose(&clip(&finding.message, LONGEST_TEXT));
        let fits =
            others.is_empty() && message.width() + finding.rule.id().len() + 10 <= self.width;
        let headline = if fits {
            message.as_str()
        } else {
            finding.rule.summary()
        };
        let title = level
            .primary_title(headline.to_owned())
            .id(finding.rule.id());
        let path = path_in(
            &finding.repository,
            &finding.location.path,
            self.several_repositories,
        );
        let at_carve_out = self
            .verdict
            .carve_outs
            .iter()
            .map(|judged| &judged.carve_out)
            .find(|carve_out| {
                carve_out.repository == finding.repository
                    && carve_out.location.path == finding.location.path
                    && carve_out
                        .excerpt
                        .iter()
                        .any(|(line, _)| *line == finding.location.line)
            });
        let excerpt = at_carve_out.map_or(&[][..], |carve_out| &carve_out.excerpt);
        let (line, end_line) = (finding.location.line, finding.location.end_line);
        let (mut group, _) = self.with_source(title, &path, line, end_line, excerpt);
        let number_width = line.to_string().len();
        let mut note = |level: Level<'static>, name: &'static str, text: &str| {
            let room = self
                .width
                .saturating_sub(number_width + " = : ".len() + name.len())
                .max(NARROWEST / 2);
            let message = level
                .with_name(name)
                .message(wrap(&clip(text, LONGEST_TEXT), room, ""));
            group = std::mem::replace(&mut group, Group::with_level(Level::NOTE)).element(message);
        };
        if !fits {
            note(Level::NOTE, "here", &finding.message);
        }
        for (location, words) in finding.related.iter().take(LINES_SPELLED_OUT) {
            note(Level::NOTE, "see", &format!("{location}: {words}"));
        }
        if finding.related.len() > LINES_SPELLED_OUT {
            let more = format!("{} more places", finding.related.len() - LINES_SPELLED_OUT);
            note(Level::NOTE, "see", &more);
        }
        let spelled_out = if self.options.verbose {
            others.len()
        } else {
            LINES_SPELLED_OUT
        };
        for other in others.iter().take(spelled_out) {
            let line = other.location.line;
            note(
                Level::NOTE,
                "and",
                &format!("line {line}: {}", other.message),
            );
        }
        if others.len() > spelled_out {
            let more = format!("{} more in this file", others.len() - spelled_out);
            note(Level::NOTE, "and", &more);
        }
        if !finding.help.is_empty() {
            note(Level::HELP, "what to do", &finding.help);
        }
        self.renderer().render(&[group])
    }

    pub(super) fn notices(&self) -> String {
        let notices = &self.verdict.notices;
        if notices.is_empty() {
            return String::new();
        }
        let mut lines = vec![self.title(&format!(
            "{}: not understood, or good to know",
            counted(notices.len(), "notice")
        ))];
        let groups = notice_groups(notices);
        let most = if self.options.verbose {
            usize::MAX
        } else {
            LINES_SPELLED_OUT
        };
        let subjects_shown = if self.options.verbose {
            usize::MAX
        } else {
            SUBJECTS_SPELLED_OUT
        };
        for group in groups.iter().take(most) {
            let mut subjects: Vec<String> = group
                .subjects
                .iter()
                .take(subjects_shown)
                .map(|subject| clip(subject, LONGEST_LINE))
                .collect();
            if group.subjects.len() > subjects_shown {
                subjects.push(format!("{} more", group.subjects.len() - subjects_shown));
            }
            let line = format!(
                "{}: {}: {}",
                group.kind,
                subjects.join(", "),
                clip(group.message, LONGEST_TEXT)
            );
            let wrapped = wrap(&line, self.width, "    ");
            lines.push(format!("  {}", wrapped.trim_start()));
        }
        if groups.len() > most {
            let rest: usize = groups
                .iter()
                .skip(most)
                .map(|group| group.subjects.len())
                .sum();
            lines.push(format!("  and {rest} more; --verbose lists them"));
        }
        lines.join("\n")
    }
}
