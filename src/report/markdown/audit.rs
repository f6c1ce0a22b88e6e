//! An audit for an issue or a wiki: what it comes to, what needs someone, who owns what.

use crate::report::audit::{
    Site, Undecided, age_words, by_owner, conclusion, counts, differences, findings_elsewhere,
    findings_moved, further_counts, next_steps, places, point_word, sites, undecided,
};
use crate::report::text::{clip, code_span, counted, fenced, for_markdown, html_prose};
use crate::report::{alike, footprint_words, path_in};
use crate::verdict::Conclusion;
use crate::verdict::audit::comparison::{Difference, Kind};
use crate::verdict::audit::{Audit, Point, Truth};

use super::{
    ITEMS_SPELLED_OUT, LONGEST_NAME, LONGEST_TEXT, Page, Section, Style, excerpt_lines, language,
    sentence,
};

/// The first line of every audit.
pub const MARKER: &str = "<!-- perimeter:audit -->";

/// Points of one carve-out that are told.
const MOST_POINTS: usize = 12;

/// The audit as Markdown, no longer than an issue may be.
#[must_use]
pub fn render(audit: &Audit) -> String {
    let style = Style::default();
    let page = Page::of(&audit.verdict, &style);
    let sites = sites(audit);
    let audited = Audited {
        page: &page,
        audit,
        sites: &sites,
    };
    let sections = [
        audited.comparison(),
        audited.needing(),
        audited.findings(),
        audited.undecidable(),
        audited.holding(),
        audited.owners(),
        page.notices(),
        audited.inputs(),
    ];
    page.fitted(audited.head(), sections.into_iter().flatten().collect())
}

struct Audited<'a> {
    page: &'a Page<'a>,
    audit: &'a Audit,
    sites: &'a [Site<'a>],
}

impl Audited<'_> {
    fn head(&self) -> String {
        let sign = match self.audit.verdict.conclusion {
            Conclusion::Blocked => "⛔",
            Conclusion::Clear => "✅",
        };
        let mut text = format!(
            "{MARKER}\n### {sign} perimeter audit of {}: {}\n\n**{}**\n\n",
            for_markdown(&self.audit.today),
            conclusion(self.audit),
            sentence(&counts(self.audit)),
        );
        let lines = further_counts(self.audit);
        if !lines.is_empty() {
            text.push_str(&format!("{}.\n\n", lines.join("; ")));
        }
        for step in next_steps(self.audit) {
            text.push_str(&format!("- {}\n", sentence(step)));
        }
        text.push('\n');
        text
    }

    fn spot(&self, repository: &str, path: &str, line: usize) -> String {
        let path = path_in(repository, path, self.page.several_repositories);
        format!("{}:{line}", clip(&path, LONGEST_NAME))
    }

    fn spot_of(&self, site: &Site<'_>) -> String {
        let carve_out = &site.judged.carve_out;
        self.spot(
            &carve_out.repository,
            &carve_out.location.path,
            carve_out.location.line,
        )
    }

    fn needing(&self) -> Option<Section> {
        let needing: Vec<&Site<'_>> = self
            .sites
            .iter()
            .filter(|one| one.needs_someone())
            .collect();
        let verb = if needing.len() == 1 { "needs" } else { "need" };
        (!needing.is_empty()).then(|| Section {
            before: format!(
                "#### {} that {verb} someone\n\n",
                counted(needing.len(), "carve-out")
            ),
            items: needing.iter().map(|site| self.in_full(site)).collect(),
            in_short: needing.iter().map(|site| self.line(site)).collect(),
            noun: "carve-out that needs someone",
            share: 26_000,
            turn: 0,
            ..Section::default()
        })
    }

    fn in_full(&self, site: &Site<'_>) -> String {
        let carve_out = &site.judged.carve_out;
        let guarantee = html_prose(&clip(&carve_out.guarantee, LONGEST_NAME));
        let mut block = format!(
            "<details><summary><b>{}</b> {}: {guarantee}</summary>\n\n",
            site.state(),
            super::html_code(&self.spot_of(site)),
        );
        if !carve_out.excerpt.is_empty() {
            block.push_str(&fenced(
                language(&carve_out.location.path),
                &excerpt_lines(&carve_out.excerpt),
            ));
            block.push('\n');
        }
        let points = &site.weighed.points;
        for point in points.iter().take(MOST_POINTS) {
            block.push_str(&self.point(point));
        }
        if points.len() > MOST_POINTS {
            block.push_str(&format!(
                "- and {} more points\n",
                points.len() - MOST_POINTS
            ));
        }
        for finding in &site.findings {
            block.push_str(&self.page.finding(finding, &finding.help));
        }
        let text = |text: &str| for_markdown(&clip(text, LONGEST_TEXT));
        let facts = [
            ("Rests on", text(&footprint_words(carve_out))),
            ("Age", text(&age_words(&site.weighed.age))),
            ("Owners", self.page.owners(site.judged)),
            ("What to do", text(site.help().unwrap_or_default())),
            ("Id", code_span(&clip(&carve_out.id, LONGEST_NAME))),
        ];
        for (name, text) in facts.iter().filter(|(_, text)| !text.is_empty()) {
            block.push_str(&format!("- **{name}:** {text}\n"));
        }
        block.push_str("\n</details>\n\n");
        block
    }

    fn point(&self, point: &Point) -> String {
        let mut item = format!(
            "- **{}:** {}",
            point_word(point.truth),
            for_markdown(&clip(&point.words, LONGEST_TEXT))
        );
        if point.truth != Truth::True {
            for place in places(point, &self.audit.verdict.origins) {
                item.push_str(&format!(" {}", code_span(&clip(&place, LONGEST_NAME))));
            }
        }
        if let Some(fact) = &point.evidence {
            item.push_str(&format!(
                "; {}: {} ({}, read {})",
                code_span(&clip(&fact.fact, LONGEST_NAME)),
                for_markdown(&clip(&fact.claim, LONGEST_TEXT)),
                for_markdown(&clip(&fact.source, LONGEST_NAME)),
                for_markdown(&fact.read),
            ));
        }
        item.push('\n');
        item
    }

    /// A carve-out in one line.
    fn line(&self, site: &Site<'_>) -> String {
        let carve_out = &site.judged.carve_out;
        let owners = self.page.owners(site.judged);
        let owners = if owners.is_empty() {
            owners
        } else {
            format!(" {owners}")
        };
        format!(
            "- {} **{}**: {}{owners}\n",
            code_span(&self.spot_of(site)),
            site.state(),
            for_markdown(&clip(&carve_out.guarantee, LONGEST_NAME)),
        )
    }

    fn findings(&self) -> Option<Section> {
        let findings = findings_elsewhere(self.audit);
        (!findings.is_empty()).then(|| Section {
            before: format!(
                "#### {} on no carve-out\n\n",
                counted(findings.len(), "finding")
            ),
            items: alike(&findings)
                .iter()
                .flat_map(|list| {
                    // What goes for all of them is said once.
                    list.iter().enumerate().map(|(index, finding)| {
                        let help = if index == 0 {
                            finding.help.as_str()
                        } else {
                            ""
                        };
                        self.page.finding(finding, help)
                    })
                })
                .collect(),
            after: "\n".to_owned(),
            noun: "finding",
            share: 8_000,
            turn: 1,
            ..Section::default()
        })
    }

    fn undecidable(&self) -> Option<Section> {
        let groups = undecided(self.sites);
        let count: usize = groups.iter().map(|group| group.sites.len()).sum();
        let mut items: Vec<String> = Vec::new();
        for group in &groups {
            if group.is_told_together() {
                items.push(self.told_together(group));
            } else {
                items.extend(group.sites.iter().map(|site| self.open(site)));
            }
        }
        (!items.is_empty()).then(|| Section {
            before: format!("#### {} undecidable\n\n", counted(count, "guarantee")),
            items,
            after: "\n".to_owned(),
            noun: "undecidable reason",
            share: 12_000,
            turn: 2,
            ..Section::default()
        })
    }

    /// One that cannot be decided, with what is not known of it.
    fn open(&self, site: &Site<'_>) -> String {
        let mut item = self.line(site);
        let points = site.weighed.points.iter();
        let open = points.filter(|point| point.truth == Truth::Undecidable);
        for point in open.take(ITEMS_SPELLED_OUT) {
            item.push_str(&format!("  {}", self.point(point)));
        }
        item
    }

    /// What is not known of many, once, and the first of them.
    fn told_together(&self, group: &Undecided<'_>) -> String {
        let mut item = format!(
            "- **{} for the same reason**\n",
            counted(group.sites.len(), "guarantee")
        );
        for reason in group.reasons.iter().take(ITEMS_SPELLED_OUT) {
            item.push_str(&format!(
                "  - {}: {}\n",
                point_word(Truth::Undecidable),
                for_markdown(&clip(reason, LONGEST_TEXT))
            ));
        }
        let shown = group.sites.iter().take(ITEMS_SPELLED_OUT);
        for site in shown {
            item.push_str(&format!("  {}", self.line(site)));
        }
        let more = group.sites.len().saturating_sub(ITEMS_SPELLED_OUT);
        if more > 0 {
            item.push_str(&format!(
                "  - and {more} more; the JSON report lists them\n"
            ));
        }
        item
    }

    fn holding(&self) -> Option<Section> {
        let holding = self
            .sites
            .iter()
            .filter(|site| !site.needs_someone() && site.weighed.truth == Truth::True);
        let items: Vec<String> = holding.map(|site| self.line(site)).collect();
        (!items.is_empty()).then(|| Section {
            before: format!(
                "<details><summary>{} true</summary>\n\n",
                counted(items.len(), "guarantee")
            ),
            items,
            after: "\n</details>\n\n".to_owned(),
            noun: "true guarantee",
            share: 4_000,
            turn: 4,
            ..Section::default()
        })
    }

    fn owners(&self) -> Option<Section> {
        let owners = by_owner(self.sites);
        (!owners.is_empty()).then(|| Section {
            before: "#### By owner\n\n| Owner | Carve-outs | Need someone | False | Undecidable | Stale |\n| --- | ---: | ---: | ---: | ---: | ---: |\n".to_owned(),
            items: owners
                .iter()
                .map(|(owner, count)| {
                    format!(
                        "| {} | {} | {} | {} | {} | {} |\n",
                        code_span(&clip(owner, LONGEST_NAME)),
                        count.all,
                        count.need_someone,
                        count.is_false,
                        count.undecidable,
                        count.stale
                    )
                })
                .collect(),
            after: "\n".to_owned(),
            noun: "owner",
            share: 3_000,
            turn: 3,
            ..Section::default()
        })
    }

    fn comparison(&self) -> Option<Section> {
        let comparison = self.audit.comparison.as_ref()?;
        let mut items: Vec<String> = differences(comparison)
            .into_iter()
            .flat_map(|(kind, all)| all.into_iter().map(move |one| (kind, one)))
            .map(|(kind, one)| self.difference(kind, one))
            .collect();
        if items.is_empty() {
            items.push("- no carve-out differs\n".to_owned());
        }
        items.extend(findings_moved(comparison).map(|words| format!("- {words}\n")));
        let inputs = comparison.inputs.iter();
        items.extend(
            inputs.map(|words| format!("- read: {}\n", for_markdown(&clip(words, LONGEST_TEXT)))),
        );
        Some(Section {
            before: format!("#### Since {}\n\n", for_markdown(&comparison.date)),
            items,
            after: "\n".to_owned(),
            noun: "difference",
            share: 9_000,
            turn: 1,
            ..Section::default()
        })
    }

    fn difference(&self, kind: Kind, one: &Difference) -> String {
        let mut item = format!(
            "- **{}:** {} {}\n",
            kind.words(),
            code_span(&self.spot(&one.repository, &one.path, one.line)),
            for_markdown(&clip(&one.guarantee, LONGEST_NAME))
        );
        if let Some(before) = &one.guarantee_before {
            item.push_str(&format!(
                "  - before: {}\n",
                for_markdown(&clip(before, LONGEST_NAME))
            ));
        }
        if let Some([before, now]) = &one.justifications {
            item.push_str(&format!(
                "  - justified: {}\n  - before: {}\n",
                for_markdown(&clip(now, LONGEST_NAME)),
                for_markdown(&clip(before, LONGEST_NAME))
            ));
        }
        item
    }

    fn inputs(&self) -> Option<Section> {
        let repositories = self.audit.repositories.iter().map(|one| {
            let commit = one.commit.as_deref().unwrap_or("no commit yet");
            let changed = if one.is_changed {
                ", with changes in the work tree"
            } else {
                ""
            };
            format!(
                "- repository {} at {}{changed}\n",
                code_span(&clip(&one.name, LONGEST_NAME)),
                code_span(commit)
            )
        });
        let files = self.audit.files.iter().map(|file| {
            format!(
                "- {} {}, SHA-256 {}\n",
                file.kind,
                code_span(&clip(&file.name, LONGEST_NAME)),
                code_span(&file.sha256)
            )
        });
        Some(Section {
            before: "<details><summary>What was read</summary>\n\n".to_owned(),
            items: repositories.chain(files).collect(),
            after: "\n</details>\n\n".to_owned(),
            noun: "input",
            share: 2_000,
            turn: 5,
            ..Section::default()
        })
    }
}
