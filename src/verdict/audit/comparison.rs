//! An audit beside an earlier one: what is new, what is gone, what holds otherwise than then.

use std::collections::{BTreeMap, BTreeSet};

use crate::carveout::lineage::{self, Lineage, Setting, same_words, trace};

use super::{Audit, ReadRepository, Truth, Weighed};
use crate::verdict::Judged;

/// An audit that was written down, as far as it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Earlier {
    /// What the file is called.
    pub name: String,
    /// The day it is about, as an ISO date.
    pub date: String,
    /// How many days old a justification might be.
    pub most_days: Option<u64>,
    /// The repositories that were read.
    pub repositories: Vec<ReadRepository>,
    /// The files that were read beside them: kind, name and SHA-256.
    pub files: Vec<(String, String, String)>,
    /// The carve-outs there were.
    pub sites: Vec<EarlierSite>,
    /// The findings there were, by fingerprint: rule, place and message.
    pub findings: BTreeMap<String, EarlierFinding>,
}

/// A carve-out of an earlier audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierSite {
    /// Its id.
    pub id: String,
    /// Its repository's name.
    pub repository: String,
    /// Its file.
    pub path: String,
    /// Line of its marker, counted from 1.
    pub line: usize,
    /// What it claimed.
    pub guarantee: String,
    /// Why the threat model allowed it.
    pub justification: String,
    /// The code it stood at.
    pub stands_at: Option<String>,
    /// Who owned its file.
    pub owners: Vec<String>,
    /// Whether its guarantee was true.
    pub truth: Truth,
    /// It was older than allowed.
    pub is_stale: bool,
}

/// A finding of an earlier audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierFinding {
    /// Its rule.
    pub rule: String,
    /// Where it was: repository, path and line.
    pub place: (String, String, usize),
    /// What was wrong.
    pub message: String,
}

/// What differs from an earlier audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What the earlier audit's file is called.
    pub name: String,
    /// The day the earlier one is about.
    pub date: String,
    /// What differs, by kind and place.
    pub differences: Vec<Difference>,
    /// Findings that were not there: their fingerprints, in the order of the audit.
    pub new_findings: Vec<String>,
    /// Findings that are no longer there.
    pub settled_findings: Vec<EarlierFinding>,
    /// What was read otherwise than then, in words.
    pub inputs: Vec<String>,
}

/// One thing that differs, of one carve-out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What.
    pub kind: Kind,
    /// The repository of the carve-out.
    pub repository: String,
    /// Its file: today's, or then's where it is gone.
    pub path: String,
    /// Line of its marker, counted from 1.
    pub line: usize,
    /// Its id.
    pub id: String,
    /// Its guarantee.
    pub guarantee: String,
    /// What its guarantee said, where that was rewritten.
    pub guarantee_before: Option<String>,
    /// What its justification said then and says now, where that was rewritten.
    pub justifications: Option<[String; 2]>,
    /// Who owns it.
    pub owners: Vec<String>,
    /// Whether its guarantee was true.
    pub before: Option<Truth>,
    /// Whether it is.
    pub after: Option<Truth>,
}

/// What may differ. Words of the JSON contract, in the order in which a person should read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Its guarantee was not false, and is.
    TurnedFalse,
    /// Its guarantee was true or false, and cannot be decided any more.
    TurnedUndecidable,
    /// It has become older than allowed.
    GrownStale,
    /// It is gone, and the code it stood at is still there.
    MarkerDeleted,
    /// It was not there.
    New,
    /// Its guarantee or justification was rewritten.
    Reworded,
    /// Its guarantee was not true, and is.
    TurnedTrue,
    /// It was older than allowed, and is not any more.
    Renewed,
    /// It is gone.
    Gone,
}

impl Kind {
    /// Each, in order.
    pub const ALL: [Self; 9] = [
        Self::TurnedFalse,
        Self::TurnedUndecidable,
        Self::GrownStale,
        Self::MarkerDeleted,
        Self::New,
        Self::Reworded,
        Self::TurnedTrue,
        Self::Renewed,
        Self::Gone,
    ];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TurnedFalse => "turned_false",
            Self::TurnedUndecidable => "turned_undecidable",
            Self::GrownStale => "grown_stale",
            Self::MarkerDeleted => "marker_deleted",
            Self::New => "new",
            Self::Reworded => "reworded",
            Self::TurnedTrue => "turned_true",
            Self::Renewed => "renewed",
            Self::Gone => "gone",
        }
    }

    /// The words for a person.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::TurnedFalse => "turned false",
            Self::TurnedUndecidable => "turned undecidable",
            Self::GrownStale => "grown stale",
            Self::MarkerDeleted => "marker deleted, and the code it stood at is still there",
            Self::New => "new",
            Self::Reworded => "words changed",
            Self::TurnedTrue => "turned true",
            Self::Renewed => "no longer stale",
            Self::Gone => "gone",
        }
    }
}

/// What the repositories tell about the time in between.
pub struct Between<'b> {
    /// By repository: where files lie today that lay elsewhere then.
    pub renames: BTreeMap<String, BTreeMap<String, String>>,
    /// How many lines of a file of a repository hold some code: repository, path, code.
    pub count: &'b dyn Fn(&str, &str, &str) -> usize,
}

/// The files of one repository, as far as an earlier audit lets them be compared: it tells of no code but what carve-outs
/// stood at.
struct FilesOf<'b>(&'b str, &'b Between<'b>);

impl lineage::Files for FilesOf<'_> {
    fn line_at_head(&self, _: &str, _: usize, _: &str) -> Option<usize> {
        None
    }

    fn count_at_base(&self, _: &str, _: &str) -> usize {
        0
    }

    fn count_at_head(&self, path: &str, code: &str) -> usize {
        (self.1.count)(self.0, path, code)
    }

    fn count_of_setting_at_base(&self, _: &str, _: &Setting) -> usize {
        0
    }

    fn count_of_setting_at_head(&self, _: &str, _: &Setting) -> usize {
        0
    }

    fn is_below(&self, _: &str, _: usize, _: usize) -> bool {
        false
    }
}

/// Lay an audit beside an earlier one.
#[must_use]
pub fn compare(
    earlier: &Earlier,
    now: &[(&Judged, &Weighed)],
    between: &Between<'_>,
) -> Vec<Difference> {
    let repositories: BTreeSet<&str> = earlier
        .sites
        .iter()
        .map(|site| site.repository.as_str())
        .chain(
            now.iter()
                .map(|(judged, _)| judged.carve_out.repository.as_str()),
        )
        .collect();
    let nothing = BTreeMap::new();
    let mut differences = Vec::new();
    for repository in repositories {
        let then: Vec<&EarlierSite> = earlier
            .sites
            .iter()
            .filter(|site| site.repository == repository)
            .collect();
        let today: Vec<&(&Judged, &Weighed)> = now
            .iter()
            .filter(|(judged, _)| judged.carve_out.repository == repository)
            .collect();
        let sites_then: Vec<lineage::Site> = then.iter().map(|site| site.traced()).collect();
        let sites_today: Vec<lineage::Site> = today.iter().map(|site| traced(site)).collect();
        let renames = between.renames.get(repository).unwrap_or(&nothing);
        let files = FilesOf(repository, between);
        for lineage in trace(&sites_then, &sites_today, renames, &files) {
            match lineage {
                Lineage::Same { base, head } => {
                    differences.extend(changed(then[base], today[head], false));
                }
                Lineage::Reworded { base, head } => {
                    differences.extend(changed(then[base], today[head], true));
                }
                Lineage::Added { head } => differences.push(of_today(Kind::New, today[head])),
                Lineage::Removed { base } => differences.push(then[base].difference(Kind::Gone)),
                Lineage::MarkerDeleted { base } => {
                    differences.push(then[base].difference(Kind::MarkerDeleted));
                }
            }
        }
    }
    differences.sort();
    differences
}

/// What was read otherwise than then, in words.
#[must_use]
pub fn inputs(earlier: &Earlier, audit: &Audit) -> Vec<String> {
    let (repositories, files) = (&audit.repositories, &audit.files);
    let mut words = Vec::new();
    if earlier.most_days != audit.most_days {
        let days = |most: Option<u64>| {
            most.map_or_else(|| "no limit".to_owned(), |most| format!("{most} days"))
        };
        words.push(format!(
            "age: {} then, {} now",
            days(earlier.most_days),
            days(audit.most_days)
        ));
    }
    let short = |repository: &ReadRepository| {
        let commit = repository.commit.as_deref().unwrap_or("no commit");
        let commit: String = commit.chars().take(12).collect();
        let changed = if repository.is_changed {
            " with changes"
        } else {
            ""
        };
        format!("{commit}{changed}")
    };
    let known =
        |name: &str, all: &[ReadRepository]| all.iter().find(|one| one.name == name).cloned();
    for repository in repositories {
        match known(&repository.name, &earlier.repositories) {
            None => words.push(format!("repository {} was not read then", repository.name)),
            Some(then) if then != *repository => words.push(format!(
                "repository {}: {} then, {} now",
                repository.name,
                short(&then),
                short(repository)
            )),
            Some(_) => {}
        }
    }
    for then in &earlier.repositories {
        if known(&then.name, repositories).is_none() {
            words.push(format!(
                "repository {} was read then, and is not now",
                then.name
            ));
        }
    }
    let then = |kind: &str, name: &str| {
        let mut files = earlier.files.iter();
        files.find(|(of, called, _)| of == kind && called == name)
    };
    for file in files {
        match then(file.kind, &file.name) {
            None => words.push(format!("{} {} was not read then", file.kind, file.name)),
            Some((_, _, digest)) if *digest != file.sha256 => {
                words.push(format!("{} {} is another than then", file.kind, file.name));
            }
            Some(_) => {}
        }
    }
    for (kind, name, _) in &earlier.files {
        if !files
            .iter()
            .any(|file| file.kind == kind && file.name == *name)
        {
            words.push(format!("{kind} {name} was read then, and is not now"));
        }
    }
    words
}

fn traced((judged, weighed): &(&Judged, &Weighed)) -> lineage::Site {
    let carve_out = &judged.carve_out;
    lineage::Site {
        path: carve_out.location.path.clone(),
        line: carve_out.location.line,
        guarantee: carve_out.guarantee.clone(),
        justification: carve_out.justification.clone(),
        anchor: weighed.stands_at.clone(),
        anchor_line: None,
    }
}

impl EarlierSite {
    fn traced(&self) -> lineage::Site {
        lineage::Site {
            path: self.path.clone(),
            line: self.line,
            guarantee: self.guarantee.clone(),
            justification: self.justification.clone(),
            anchor: self.stands_at.clone(),
            anchor_line: None,
        }
    }

    fn difference(&self, kind: Kind) -> Difference {
        Difference {
            kind,
            repository: self.repository.clone(),
            path: self.path.clone(),
            line: self.line,
            id: self.id.clone(),
            guarantee: self.guarantee.clone(),
            guarantee_before: None,
            justifications: None,
            owners: self.owners.clone(),
            before: Some(self.truth),
            after: None,
        }
    }
}

fn of_today(kind: Kind, (judged, weighed): &(&Judged, &Weighed)) -> Difference {
    let carve_out = &judged.carve_out;
    Difference {
        kind,
        repository: carve_out.repository.clone(),
        path: carve_out.location.path.clone(),
        line: carve_out.location.line,
        id: carve_out.id.clone(),
        guarantee: carve_out.guarantee.clone(),
        guarantee_before: None,
        justifications: None,
        owners: carve_out.owners.clone(),
        before: None,
        after: Some(weighed.truth),
    }
}

/// All that differs of one that is there on both sides.
fn changed(
    then: &EarlierSite,
    now: &(&Judged, &Weighed),
    has_other_words: bool,
) -> Vec<Difference> {
    let (judged, weighed) = now;
    let turned = match (then.truth, weighed.truth) {
        (before, after) if before == after => None,
        (_, Truth::False) => Some(Kind::TurnedFalse),
        (_, Truth::True) => Some(Kind::TurnedTrue),
        (_, Truth::Undecidable) => Some(Kind::TurnedUndecidable),
    };
    let aged = match (then.is_stale, weighed.is_stale) {
        (false, true) => Some(Kind::GrownStale),
        // Other words are younger by themselves.
        (true, false) if !has_other_words => Some(Kind::Renewed),
        _ => None,
    };
    let reworded = has_other_words.then_some(Kind::Reworded);
    let kinds = [turned, aged, reworded].into_iter().flatten();
    kinds
        .map(|kind| Difference {
            before: Some(then.truth),
            guarantee_before: (kind == Kind::Reworded)
                .then(|| then.guarantee.clone())
                .filter(|then| !same_words(then, &judged.carve_out.guarantee)),
            justifications: (kind == Kind::Reworded)
                .then(|| [&then.justification, &judged.carve_out.justification].map(Clone::clone))
                .filter(|[then, now]| !same_words(then, now)),
            ..of_today(kind, now)
        })
        .collect()
}
