//! An audit for a person at a terminal: what it comes to, what needs someone, what could not be decided, who owns what.

use comfy_table::{ContentArrangement, Table, presets};

use crate::report::audit::{
    Site, Undecided, age_words, by_owner, conclusion, counts, differences, findings_elsewhere,
    findings_moved, further_counts, next_steps, places, point_word, sites, undecided,
};
use crate::report::text::{clip, counted, for_terminal, prose, wrap};
use crate::report::{alike, footprint_words, has_several_repositories, path_in};
use crate::verdict::Conclusion;
use crate::verdict::audit::comparison::Difference;
use crate::verdict::audit::{Audit, Point, Truth};

use super::{
    LONGEST_LINE, LONGEST_TEXT, NARROWEST, Page, Style, TableOptions, WIDEST_PROSE, shortened,
};

/// Carve-outs told in full before the rest gets one line each.
const TOLD_IN_FULL: usize = 40;
/// Points of one carve-out that are told.
const MOST_POINTS: usize = 12;
/// Carve-outs that are named below a reason that goes for many.
const ALIKE_SPELLED_OUT: usize = 5;
/// Differences of one kind that are listed.
const MOST_DIFFERENCES: usize = 40;
/// Owners that are listed.
const MOST_OWNERS: usize = 40;
/// Columns of a guarantee in one line.
const GUARANTEE_COLUMNS: usize = 60;

/// The audit for a person at a terminal, with a line break at the end.
#[must_use]
pub fn render(audit: &Audit, options: &TableOptions) -> String {
    let page = Page {
        verdict: &audit.verdict,
        options,
        width: options.width.clamp(NARROWEST, WIDEST_PROSE),
        several_repositories: has_several_repositories(&audit.verdict),
    };
    let sites = sites(audit);
    let audited = Audited {
        page: &page,
        audit,
        sites: &sites,
    };
    let sections = [
        audited.head(),
        audited.comparison(),
        audited.needing(),
        audited.findings(),
        audited.undecidable(),
        audited.holding(),
        audited.owners(),
        page.notices(),
        audited.inputs(),
        audited.steps(),
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

struct Audited<'a> {
    page: &'a Page<'a>,
    audit: &'a Audit,
    sites: &'a [Site<'a>],
}

impl Audited<'_> {
    fn head(&self) -> String {
        let style = match self.audit.verdict.conclusion {
            Conclusion::Blocked => Style::Bad,
            Conclusion::Clear => Style::Good,
        };
        let words = format!("audit of {}: {}", self.audit.today, conclusion(self.audit));
        let mut lines = vec![self.page.paint(style, &words)];
        lines.push(format!("  {}", counts(self.audit)));
        let further = further_counts(self.audit).into_iter();
        lines.extend(further.map(|line| format!("  {line}")));
        lines.join("\n")
    }

    fn title(&self, text: &str) -> String {
        self.page.title(text)
    }

    /// Some lines below an indent, wrapped.
    fn wrapped(&self, text: &str, first: &str, indent: &str) -> String {
        let wrapped = wrap(&clip(text, LONGEST_TEXT), self.page.width, indent);
        let body = wrapped.strip_prefix(indent).unwrap_or(&wrapped);
        format!("{first}{body}")
    }

    fn spot(&self, site: &Site<'_>) -> String {
        let carve_out = &site.judged.carve_out;
        self.place(
            &carve_out.repository,
            &carve_out.location.path,
            carve_out.location.line,
        )
    }

    fn place(&self, repository: &str, path: &str, line: usize) -> String {
        let path = path_in(repository, path, self.page.several_repositories);
        format!("{}:{line}", for_terminal(&clip(&path, LONGEST_LINE)))
    }

    fn needing(&self) -> String {
        let needing: Vec<&Site<'_>> = self
            .sites
            .iter()
            .filter(|one| one.needs_someone())
            .collect();
        if needing.is_empty() {
            return String::new();
        }
        let most = self.most();
        let mut parts = vec![self.title(&format!(
            "{} that {} someone",
            counted(needing.len(), "carve-out"),
            if needing.len() == 1 { "needs" } else { "need" }
        ))];
        parts.extend(needing.iter().take(most).map(|site| self.in_full(site)));
        if needing.len() > most {
            let rest = needing.iter().skip(most).copied();
            parts.push(self.lines(rest));
        }
        parts.join("\n\n")
    }

    fn most(&self) -> usize {
        if self.page.options.verbose {
            usize::MAX
        } else {
            TOLD_IN_FULL
        }
    }

    /// One carve-out with what bears on it.
    fn in_full(&self, site: &Site<'_>) -> String {
        let carve_out = &site.judged.carve_out;
        let style = match site.weighed.truth {
            Truth::False => Style::Bad,
            _ => Style::Warn,
        };
        let owners = if carve_out.owners.is_empty() {
            "owned by nobody".to_owned()
        } else {
            for_terminal(&clip(&carve_out.owners.join(" "), LONGEST_LINE))
        };
        let mut lines = vec![format!(
            "  {}  {} [{}]  {owners}",
            self.page.paint(style, &site.state()),
            self.spot(site),
            carve_out.id,
        )];
        lines.push(self.wrapped(&prose(&carve_out.guarantee), "    | ", "    | "));
        lines.push(self.wrapped(
            &format!("rests on {}", footprint_words(carve_out)),
            "    ",
            "      ",
        ));
        let points = &site.weighed.points;
        for point in points.iter().take(MOST_POINTS) {
            lines.push(self.point(point));
        }
        if points.len() > MOST_POINTS {
            lines.push(format!(
                "    and {} more points: --format json lists them",
                points.len() - MOST_POINTS
            ));
        }
        lines.push(self.wrapped(&prose(&age_words(&site.weighed.age)), "    ", "      "));
        for finding in &site.findings {
            let words = format!(
                "{}[{}]: {}; {}",
                finding.severity.word(),
                finding.rule.id(),
                prose(&finding.message),
                prose(&finding.help)
            );
            lines.push(self.wrapped(&words, "    ", "      "));
        }
        if let Some(help) = site.help() {
            lines.push(self.wrapped(&prose(help), "    to do: ", "      "));
        }
        lines.join("\n")
    }

    fn point(&self, point: &Point) -> String {
        let word = format!("{:<10}", point_word(point.truth));
        let style = match point.truth {
            Truth::False => Style::Bad,
            Truth::Undecidable => Style::Warn,
            Truth::True => Style::Good,
        };
        let mut words = prose(&point.words);
        if point.truth != Truth::True || self.page.options.verbose {
            let places = places(point, &self.audit.verdict.origins);
            if !places.is_empty() {
                words.push_str(&format!(" ({})", for_terminal(&places.join(", "))));
            }
        }
        if let Some(fact) = &point.evidence {
            words.push_str(&format!("; {}: {}", fact.fact, prose(&fact.claim)));
        }
        let first = format!("    {}", self.page.paint(style, &word));
        self.wrapped(&words, &first, "              ")
    }

    fn findings(&self) -> String {
        let findings = findings_elsewhere(self.audit);
        if findings.is_empty() {
            return String::new();
        }
        let mut parts = vec![self.title(&format!(
            "{} on no carve-out",
            counted(findings.len(), "finding")
        ))];
        for list in alike(&findings[..findings.len().min(self.most())]) {
            for finding in &list {
                let rule = format!("{}[{}]", finding.severity.word(), finding.rule.id());
                let path = &finding.location.path;
                parts.push(format!(
                    "  {} {}\n{}",
                    self.page.paint(Style::Bad, &rule),
                    self.place(&finding.repository, path, finding.location.line),
                    self.wrapped(&prose(&finding.message), "    ", "    "),
                ));
            }
            // What goes for all of them is said once.
            let help = list.first().map_or("", |first| first.help.as_str());
            if !help.is_empty() {
                parts.push(self.wrapped(&prose(help), "    to do: ", "      "));
            }
        }
        if findings.len() > self.most() {
            parts.push(format!(
                "  and {} more: --verbose lists them",
                findings.len() - self.most()
            ));
        }
        parts.join("\n")
    }

    fn undecidable(&self) -> String {
        let groups = undecided(self.sites);
        let count: usize = groups.iter().map(|group| group.sites.len()).sum();
        if count == 0 {
            return String::new();
        }
        let mut parts = vec![self.title(&format!(
            "{} undecidable: look at what could not be known",
            counted(count, "guarantee")
        ))];
        if self.page.options.verbose {
            let sites = groups.iter().flat_map(|group| &group.sites);
            parts.extend(sites.map(|site| self.in_full(site)));
            return parts.join("\n");
        }
        let (together, alone): (Vec<_>, Vec<_>) =
            groups.iter().partition(|group| group.is_told_together());
        parts.extend(together.into_iter().map(|group| self.told_together(group)));
        let alone: Vec<&Site<'_>> = alone
            .iter()
            .flat_map(|group| &group.sites)
            .copied()
            .collect();
        for site in alone.iter().take(self.most()) {
            let carve_out = &site.judged.carve_out;
            let mut lines = vec![format!("  {} [{}]", self.spot(site), carve_out.id)];
            lines.push(self.wrapped(&prose(&carve_out.guarantee), "    | ", "    | "));
            let points = site.weighed.points.iter();
            let points = points.filter(|one| one.truth == Truth::Undecidable);
            lines.extend(points.take(MOST_POINTS).map(|point| self.point(point)));
            parts.push(lines.join("\n"));
        }
        if alone.len() > self.most() {
            let rest = alone.iter().skip(self.most()).copied();
            parts.push(self.lines(rest));
        }
        parts.join("\n")
    }

    /// What is not known of many, once, and the first of them.
    fn told_together(&self, group: &Undecided<'_>) -> String {
        let count = counted(group.sites.len(), "guarantee");
        let mut lines = vec![format!("  {count} for the same reason")];
        for reason in group.reasons.iter().take(MOST_POINTS) {
            let word = format!("{:<10}", point_word(Truth::Undecidable));
            let first = format!("    {}", self.page.paint(Style::Warn, &word));
            lines.push(self.wrapped(&prose(reason), &first, "              "));
        }
        let shown = group.sites.iter().take(ALIKE_SPELLED_OUT);
        lines.extend(shown.map(|site| {
            let guarantee = prose(&site.judged.carve_out.guarantee);
            format!(
                "      {}  {}",
                self.spot(site),
                shortened(&guarantee, GUARANTEE_COLUMNS)
            )
        }));
        let more = group.sites.len().saturating_sub(ALIKE_SPELLED_OUT);
        if more > 0 {
            lines.push(format!(
                "      and {more} more: --verbose and --format json list them"
            ));
        }
        lines.join("\n")
    }

    fn holding(&self) -> String {
        let holding = || {
            self.sites
                .iter()
                .filter(|site| !site.needs_someone() && site.weighed.truth == Truth::True)
        };
        let count = holding().count();
        if count == 0 {
            return String::new();
        }
        let title = self.title(&format!("{} true", counted(count, "guarantee")));
        if !self.page.options.verbose {
            return format!("{title}\n{}", self.lines(holding().take(self.most())));
        }
        let told: Vec<String> = holding().map(|site| self.in_full(site)).collect();
        format!("{title}\n{}", told.join("\n"))
    }

    /// Carve-outs in one line each.
    fn lines<'s>(&self, sites: impl Iterator<Item = &'s Site<'s>>) -> String {
        let rows = sites.map(|site| {
            let carve_out = &site.judged.carve_out;
            let days = site.weighed.age.days;
            [
                site.state(),
                self.spot(site),
                shortened(&prose(&carve_out.guarantee), GUARANTEE_COLUMNS),
                days.map_or_else(|| "age not known".to_owned(), |days| format!("{days} days")),
                for_terminal(&clip(&carve_out.owners.join(" "), LONGEST_LINE)),
            ]
        });
        columns(None::<[String; 5]>, rows)
    }

    fn owners(&self) -> String {
        let owners = by_owner(self.sites);
        if owners.is_empty() {
            return String::new();
        }
        let header = [
            "owner",
            "carve-outs",
            "need someone",
            "false",
            "undecidable",
            "stale",
        ];
        let rows = owners.iter().take(MOST_OWNERS).map(|(owner, count)| {
            [
                for_terminal(&clip(owner, LONGEST_LINE)),
                count.all.to_string(),
                count.need_someone.to_string(),
                count.is_false.to_string(),
                count.undecidable.to_string(),
                count.stale.to_string(),
            ]
        });
        let table = columns(Some(header.map(str::to_owned)), rows);
        let mut text = format!("{}\n{table}", self.title("by owner"));
        if owners.len() > MOST_OWNERS {
            text.push_str(&format!(
                "\n  and {} more owners",
                owners.len() - MOST_OWNERS
            ));
        }
        text
    }

    fn comparison(&self) -> String {
        let Some(comparison) = &self.audit.comparison else {
            return String::new();
        };
        let mut lines = vec![self.title(&format!(
            "since {} ({})",
            comparison.date,
            for_terminal(&clip(&comparison.name, LONGEST_LINE))
        ))];
        for (kind, all) in differences(comparison) {
            lines.push(format!("  {} {}", all.len(), kind.words()));
            for one in all.iter().take(MOST_DIFFERENCES) {
                lines.push(self.difference(one));
            }
            if all.len() > MOST_DIFFERENCES {
                lines.push(format!(
                    "    and {} more: --format json lists them",
                    all.len() - MOST_DIFFERENCES
                ));
            }
        }
        lines.extend(findings_moved(comparison).map(|words| format!("  {words}")));
        if lines.len() == 1 {
            lines.push("  nothing differs".to_owned());
        }
        let inputs = comparison.inputs.iter();
        lines.extend(inputs.map(|words| self.wrapped(&prose(words), "  read: ", "    ")));
        lines.join("\n")
    }

    fn difference(&self, one: &Difference) -> String {
        let mut text = format!(
            "    {} [{}] {}",
            self.place(&one.repository, &one.path, one.line),
            one.id,
            shortened(&prose(&one.guarantee), GUARANTEE_COLUMNS)
        );
        if let Some(before) = &one.guarantee_before {
            text.push_str(&format!(
                "\n      before: {}",
                shortened(&prose(before), GUARANTEE_COLUMNS)
            ));
        }
        if let Some([before, now]) = &one.justifications {
            text.push_str(&format!(
                "\n      justified: {}\n      before: {}",
                shortened(&prose(now), GUARANTEE_COLUMNS),
                shortened(&prose(before), GUARANTEE_COLUMNS)
            ));
        }
        text
    }

    fn steps(&self) -> String {
        let steps = next_steps(self.audit);
        if steps.is_empty() {
            return String::new();
        }
        let lines = steps.iter().map(|step| self.wrapped(step, "  - ", "    "));
        let lines: Vec<String> = lines.collect();
        format!("{}\n{}", self.title("what to do"), lines.join("\n"))
    }

    fn inputs(&self) -> String {
        let mut lines = vec![self.title("read")];
        for repository in &self.audit.repositories {
            let commit = repository.commit.as_deref().map_or_else(
                || "no commit yet".to_owned(),
                |commit| commit.chars().take(12).collect(),
            );
            let changed = if repository.is_changed {
                ", with changes in the work tree"
            } else {
                ""
            };
            lines.push(format!(
                "  repository {} at {commit}{changed}",
                for_terminal(&clip(&repository.name, LONGEST_LINE)),
            ));
        }
        for file in &self.audit.files {
            let digest: String = file.sha256.chars().take(12).collect();
            lines.push(format!(
                "  {} {} (sha256 {digest})",
                file.kind,
                for_terminal(&clip(&file.name, LONGEST_LINE))
            ));
        }
        lines.join("\n")
    }
}

/// Rows in columns, two blanks in front. Paths are there to be copied: a line is never broken.
fn columns<const N: usize>(
    header: Option<[String; N]>,
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.add_rows(header);
    table.add_rows(rows);
    table
        .lines()
        .map(|line| format!(" {}\n", line.trim_end()))
        .collect()
}
