//! Which settings hold for a change set: what decides what counts is as it was before, so that no change set can loosen it
//! for itself.

use anyhow::Result;
use globset::GlobSet;

use crate::carveout::near_miss::MarkerPattern;
use crate::graph::fragment::Notice;
use crate::repos::{Base, Repository, Revision};
use crate::settings::{self, Settings};

use super::finder::Finder;
use super::inputs::{parsed, revision_of, settings};

/// Spellings of the settings file's name that people expect to work.
const OTHER_NAMES: [&str; 3] = ["perimeter.yml", ".perimeter.yaml", ".perimeter.yml"];

/// The settings of a run, and what is to be said of them. Without a base they are those at head; so are those of a file
/// that the command line names.
///
/// # Errors
///
/// If those at head cannot be read.
pub(super) fn settings_in_force(
    config: Option<&std::path::Path>,
    repository: &Repository,
    head: Option<&str>,
    base: Option<&Base>,
) -> Result<(Settings, Vec<Notice>)> {
    let at_head = settings(config, repository, head)?;
    if config.is_some() {
        return Ok((at_head, Vec::new()));
    }
    let mut notices = Vec::new();
    let head = revision_of(repository, head)?;
    for name in OTHER_NAMES {
        if repository.read(head, name)?.is_some() {
            notices.push(Notice {
                kind: "settings-not-read",
                subject: name.to_owned(),
                message: format!(
                    "settings are read from {} alone, so nothing in this file holds: rename it",
                    settings::PATH
                ),
            });
        }
    }
    let Some(base) = base.filter(|base| base.revision != head) else {
        return Ok((at_head, notices));
    };
    match at_base(repository, base.revision) {
        Ok(at_base) => {
            let is_in_use = || default_is_in_use(repository, base.revision);
            let (held, told) = hold(at_head, at_base, &is_in_use);
            notices.extend(told);
            Ok((held, notices))
        }
        Err(error) => {
            notices.push(Notice {
                kind: "settings-from-head",
                subject: settings::PATH.to_owned(),
                message: format!("those at base cannot be read ({error:#}), so those at head hold"),
            });
            Ok((at_head, notices))
        }
    }
}

/// The settings that a change set starts from; `None` where there is no file.
fn at_base(repository: &Repository, base: Revision) -> Result<Option<Settings>> {
    let bytes = match base {
        Revision::Empty => None,
        Revision::Commit(_) | Revision::WorkTree => repository.read(base, settings::PATH)?,
    };
    bytes.map(|bytes| parsed(settings::PATH, bytes)).transpose()
}

/// Whether code at a revision has carve-outs with the default marker.
fn default_is_in_use(repository: &Repository, revision: Revision) -> bool {
    let Ok(pattern) = MarkerPattern::new(settings::DEFAULT_MARKER) else {
        return false;
    };
    let nothing_ignored = GlobSet::empty();
    let mut finder = Finder::new(&pattern, &nothing_ignored, None, repository);
    let found = finder.find(repository, revision, &|_| false, &|_, _| false);
    found.is_ok_and(|found| found.found.iter().any(|one| one.marker.fault.is_none()))
}

/// The settings at head, but for what decides what counts, which is as it is at base.
///
/// Where base has no settings, a marker of one's own holds at once, unless `default_is_in_use`.
fn hold(
    head: Settings,
    base: Option<Settings>,
    default_is_in_use: &dyn Fn() -> bool,
) -> (Settings, Vec<Notice>) {
    let had_file = base.is_some();
    let base = base.unwrap_or_default();
    let mut notices = Vec::new();
    let mut told = |kind, setting: &str, message: String| {
        notices.push(Notice {
            kind,
            subject: format!("{}: {setting}", settings::PATH),
            message,
        });
    };
    let later = "a change set does not decide what counts for itself: what base says holds, and what head says from the merge on";
    let mut held = head.clone();
    if head.policy != base.policy {
        held.policy.clone_from(&base.policy);
        told("settings-from-base", "policy", later.to_owned());
    }
    if head.sources.ignore != base.sources.ignore {
        held.sources.ignore.clone_from(&base.sources.ignore);
        told("settings-from-base", "sources.ignore", later.to_owned());
    }
    if head.marker() != base.marker() {
        if had_file || default_is_in_use() {
            held.marker.clone_from(&base.marker);
            told(
                "settings-from-base",
                "marker",
                format!("`{}` is looked for: {later}", base.marker()),
            );
        } else {
            told(
                "settings-from-head",
                "marker",
                format!(
                    "base has no settings and no carve-out with `{}`, so `{}` is looked for",
                    base.marker(),
                    head.marker()
                ),
            );
        }
    }
    let others = [
        ("clusters", head.clusters != base.clusters),
        ("sources.mesh", head.sources.mesh != base.sources.mesh),
        ("sources.roots", head.sources.roots != base.sources.roots),
        ("aliases", head.aliases != base.aliases),
        ("bindings", head.bindings != base.bindings),
        ("sites", head.sites != base.sites),
        ("domains", head.domains != base.domains),
        ("high_trust", head.high_trust != base.high_trust),
        ("external", head.external != base.external),
        ("versions", head.versions != base.versions),
    ];
    // Of a file that is new, nothing can have been loosened.
    for (setting, _) in others.iter().filter(|(_, differs)| had_file && *differs) {
        told(
            "settings-changed",
            setting,
            "differs between base and head, and both revisions are read as head says: look at it as at the change itself"
                .to_owned(),
        );
    }
    (held, notices)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(text: &str) -> Settings {
        Settings::parse(settings::PATH, text).unwrap()
    }

    fn held(base: Option<&str>, head: &str) -> (Settings, Vec<String>) {
        held_where(base, head, false)
    }

    fn held_where(
        base: Option<&str>,
        head: &str,
        default_is_in_use: bool,
    ) -> (Settings, Vec<String>) {
        let (held, notices) = hold(read(head), base.map(read), &|| default_is_in_use);
        let told = notices
            .iter()
            .map(|notice| format!("{} {}", notice.kind, notice.subject));
        (held, told.collect())
    }

    #[test]
    fn what_decides_what_counts_is_as_it_was_before_and_is_told() {
        let loose = "sources: { ignore: ['svc/**'] }\npolicy: { categories: { peering: report } }";
        let (settings, told) = held(None, loose);
        assert!(settings.sources.ignore.is_empty());
        assert!(settings.policy.categories.is_empty());
        assert_eq!(
            told,
            [
                "settings-from-base perimeter.yaml: policy",
                "settings-from-base perimeter.yaml: sources.ignore"
            ]
        );
        let (settings, told) = held(Some(loose), loose);
        assert_eq!(settings.sources.ignore, ["svc/**"]);
        assert_eq!(told, [""; 0]);
        // What is tightened holds from the merge on, too.
        let (settings, told) = held(Some(loose), "");
        assert_eq!(settings.sources.ignore, ["svc/**"]);
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn a_marker_is_that_of_base_where_base_has_settings_or_uses_the_default_and_else_that_of_head()
    {
        let other = "marker: 'NET-1 exception:'";
        let (settings, told) = held(Some("policy: { max_age: 90d }"), other);
        assert_eq!(settings.marker(), settings::DEFAULT_MARKER);
        assert!(told.contains(&"settings-from-base perimeter.yaml: marker".to_owned()));
        let (settings, told) = held(None, other);
        assert_eq!(settings.marker(), "NET-1 exception:");
        assert_eq!(told, ["settings-from-head perimeter.yaml: marker"]);
        let (settings, told) = held_where(None, other, true);
        assert_eq!(settings.marker(), settings::DEFAULT_MARKER);
        assert_eq!(told, ["settings-from-base perimeter.yaml: marker"]);
        let (settings, told) = held(Some(other), other);
        assert_eq!(settings.marker(), "NET-1 exception:");
        assert_eq!(told, [""; 0]);
    }

    #[test]
    fn other_settings_that_differ_are_as_at_head_and_told_unless_they_are_the_first() {
        let before = "high_trust: [{ name: secrets, paths: ['vault/**'] }]";
        let after = "high_trust: []";
        let (settings, told) = held(Some(before), after);
        assert!(settings.high_trust.is_empty());
        assert_eq!(told, ["settings-changed perimeter.yaml: high_trust"]);
        assert_eq!(held(None, before).1, [""; 0]);
        assert_eq!(held(Some(before), before).1, [""; 0]);
    }
}
