//! Which settings hold for a change set: what decides what counts is as it was before, and what finds fault is of before
//! and after, so that no change set can loosen either for itself.

use anyhow::{Context, Result};
use globset::GlobSet;

use crate::carveout::near_miss::MarkerPattern;
use crate::graph::fragment::Notice;
use crate::repos::{Base, Repository, Revision};
use crate::settings::{self, Settings, VarFiles};

use super::finder::{Finder, Wanted};
use super::inputs::{Target, parsed, revision_of, settings};

/// Spellings of the settings file's name that people expect to work.
const OTHER_NAMES: [&str; 3] = ["perimeter.yml", ".perimeter.yaml", ".perimeter.yml"];

/// The settings of a run.
pub(super) struct InForce {
    /// Those at head; but what decides what counts is as at base, and what adds to what is found is of both.
    pub(super) settings: Settings,
    /// Those at base, where a change set differs from them.
    pub(super) at_base: Option<Settings>,
    /// Its plans and states are those of base, and head names others: there may be none any more.
    pub(super) may_lack_inputs: bool,
    /// What is to be said of them.
    pub(super) notices: Vec<Notice>,
}

/// Which settings hold. Without a base they are those at head; so are those of a file that the command line names.
/// `others` are further repositories of the run.
///
/// # Errors
///
/// If those at head cannot be read, or git cannot give what base has.
pub(super) fn settings_in_force(
    config: Option<&std::path::Path>,
    repository: &Repository,
    head: Option<&str>,
    base: Option<&Base>,
    others: &[Target],
) -> Result<InForce> {
    let at_head = settings(config, repository, head)?;
    let mut notices = Vec::new();
    let just_head = |settings: Settings, notices: Vec<Notice>| InForce {
        settings,
        at_base: None,
        may_lack_inputs: false,
        notices,
    };
    if config.is_some() {
        return Ok(just_head(at_head, notices));
    }
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
        return Ok(just_head(at_head, notices));
    };
    let bytes = match base.revision {
        Revision::Empty => None,
        // What git cannot give is no reason to believe the change set.
        revision => repository
            .read(revision, settings::PATH)
            .with_context(|| format!("failed to read {} as it is at base", settings::PATH))?,
    };
    let at_base = match bytes.map(|bytes| parsed(settings::PATH, bytes)) {
        None => None,
        Some(Ok(settings)) => Some(settings),
        Some(Err(error)) => {
            notices.push(Notice {
                kind: "settings-from-base",
                subject: settings::PATH.to_owned(),
                message: format!(
                    "those at base cannot be read ({error:#}), so what a change set may not decide for itself is as without settings"
                ),
            });
            None
        }
    };
    let surroundings = Surroundings {
        default_is_in_use: &|| {
            default_is_in_use(repository, base.revision)
                || others.iter().any(|(directory, revision)| {
                    let other = Repository::open(directory);
                    other.is_ok_and(|other| {
                        let revision = revision_of(&other, revision.as_deref());
                        revision.is_ok_and(|revision| default_is_in_use(&other, revision))
                    })
                })
        },
        was_there: &|directory| repository.has_directory(base.revision, directory),
    };
    let mut in_force = hold(at_head, at_base, &surroundings);
    notices.append(&mut in_force.notices);
    in_force.notices = notices;
    Ok(in_force)
}

/// Whether code at a revision has carve-outs with the default marker.
fn default_is_in_use(repository: &Repository, revision: Revision) -> bool {
    let Ok(pattern) = MarkerPattern::new(settings::DEFAULT_MARKER) else {
        return false;
    };
    let nothing_ignored = GlobSet::empty();
    let mut finder = Finder::new(&pattern, &nothing_ignored, None, repository);
    let found = finder.find(repository, revision, &Wanted::NOTHING);
    found.is_ok_and(|found| found.found.iter().any(|one| one.marker.fault.is_none()))
}

/// What else has to be known to tell which settings hold.
struct Surroundings<'s> {
    /// Whether code before the change set has carve-outs with the default marker.
    default_is_in_use: &'s dyn Fn() -> bool,
    /// Whether a directory was there at base.
    was_there: &'s dyn Fn(&str) -> bool,
}

/// The settings at head, but for what decides what counts, which is as it is at base. What adds to what is read or found
/// fault with is of both; what names are bound to is asked of both by whoever binds.
///
/// Where base has no settings, a marker of one's own holds at once, unless the default one is in use.
fn hold(head: Settings, base: Option<Settings>, surroundings: &Surroundings<'_>) -> InForce {
    let had_file = base.is_some();
    let mut base = base.unwrap_or_default();
    base.file.clone_from(&head.file);
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
    held.policy.clone_from(&base.policy);
    held.internal_domains.clone_from(&base.internal_domains);
    let (sources, of_base) = (&mut held.sources, &base.sources);
    sources.ignore.clone_from(&of_base.ignore);
    sources.plans.clone_from(&of_base.plans);
    sources.context.clone_from(&of_base.context);
    sources.var_files = runs(&head, &base, surroundings.was_there);
    let from_base = [
        ("policy", held.policy != head.policy),
        (
            "internal_domains",
            held.internal_domains != head.internal_domains,
        ),
        ("sources.ignore", held.sources.ignore != head.sources.ignore),
        ("sources.plans", held.sources.plans != head.sources.plans),
        (
            "sources.context",
            held.sources.context != head.sources.context,
        ),
        (
            "sources.var_files",
            held.sources.var_files != head.sources.var_files,
        ),
    ];
    for (setting, _) in from_base.iter().filter(|(_, differs)| *differs) {
        told("settings-from-base", setting, later.to_owned());
    }
    if head.marker() != base.marker() {
        if had_file || (surroundings.default_is_in_use)() {
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
                    "base has no settings, and no code that was read a carve-out with `{}`, so `{}` is looked for",
                    base.marker(),
                    head.marker()
                ),
            );
        }
    }
    add_from(&mut held, &base);
    if head.versions != base.versions {
        // Of two answers, none tells: both readings count.
        held.versions = settings::Versions::default();
    }
    let of_both = [
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
    // A file that is new says nothing else than before.
    for (setting, _) in of_both.iter().filter(|(_, differs)| had_file && *differs) {
        told(
            "settings-changed",
            setting,
            "differs between base and head: what falls, or breaks a rule, by either of them counts in this change set, and from the merge on what head says alone"
                .to_owned(),
        );
    }
    InForce {
        may_lack_inputs: head.sources.plans != base.sources.plans
            || head.sources.context != base.sources.context,
        at_base: (head != base).then_some(base),
        settings: held,
        notices,
    }
}

/// What root modules are run with: as at base, and for those root modules that base runs so too, or lacks, in the ways of head.
fn runs(head: &Settings, base: &Settings, was_there: &dyn Fn(&str) -> bool) -> Vec<VarFiles> {
    let mut runs = base.sources.var_files.clone();
    for run in &head.sources.var_files {
        let is_told = base
            .sources
            .var_files
            .iter()
            .any(|one| one.root == run.root);
        if !runs.contains(run) && (is_told || !was_there(&run.root)) {
            runs.push(run.clone());
        }
    }
    // In the order of head, where it only adds: nothing else than head is said then.
    if head.sources.var_files.len() == runs.len()
        && runs.iter().all(|run| head.sources.var_files.contains(run))
    {
        runs.clone_from(&head.sources.var_files);
    }
    runs
}

/// Adds what base finds fault with to what head does.
fn add_from(held: &mut Settings, base: &Settings) {
    for party in &base.external {
        match held.external.iter_mut().find(|one| one.name == party.name) {
            None => held.external.push(party.clone()),
            Some(own) => {
                add_missing(&mut own.cidrs, &party.cidrs);
                add_missing(&mut own.accounts, &party.accounts);
                add_missing(&mut own.domains, &party.domains);
            }
        }
    }
    for path in &base.high_trust {
        match held.high_trust.iter_mut().find(|one| one.name == path.name) {
            None => held.high_trust.push(path.clone()),
            Some(own) => add_missing(&mut own.paths, &path.paths),
        }
    }
}

fn add_missing<T: PartialEq + Clone>(own: &mut Vec<T>, others: &[T]) {
    for one in others {
        if !own.contains(one) {
            own.push(one.clone());
        }
    }
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
        let in_force = hold(
            read(head),
            base.map(read),
            &Surroundings {
                default_is_in_use: &|| default_is_in_use,
                was_there: &|directory| directory == "network",
            },
        );
        let told = in_force.notices.iter();
        let told = told.map(|notice| format!("{} {}", notice.kind, notice.subject));
        (in_force.settings, told.collect())
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
    fn what_finds_fault_is_of_both_and_what_only_head_lets_go_is_told_unless_all_of_it_is_new() {
        let before = "high_trust: [{ name: secrets, paths: ['vault/**'] }]\n\
                      external: [{ name: px, cidrs: [198.51.100.0/24] }]";
        let after = "high_trust: [{ name: secrets, paths: ['keys/**'] }]";
        let (settings, told) = held(Some(before), after);
        assert_eq!(settings.high_trust[0].paths, ["keys/**", "vault/**"]);
        assert_eq!(settings.external[0].name, "px");
        assert_eq!(
            told,
            [
                "settings-changed perimeter.yaml: high_trust",
                "settings-changed perimeter.yaml: external"
            ]
        );
        let (settings, told) = held(None, before);
        assert_eq!((settings.high_trust.len(), settings.external.len()), (1, 1));
        assert_eq!(told, [""; 0]);
        assert_eq!(held(Some(before), before).1, [""; 0]);
    }

    #[test]
    fn what_is_read_in_place_of_the_source_is_as_before() {
        let fake =
            "sources: { plans: [p.json], context: [s.json] }\ninternal_domains: [px.example]";
        let (settings, told) = held(None, fake);
        assert!(settings.sources.plans.is_empty() && settings.sources.context.is_empty());
        assert!(settings.internal_domains.is_empty());
        assert_eq!(told.len(), 3);
        let (settings, told) = held(Some(fake), fake);
        assert_eq!(settings.sources.plans, ["p.json"]);
        assert_eq!(told, [""; 0]);
        // Two answers to which version it is are none.
        let (settings, _) = held(Some("versions: { kuma: 2 }"), "versions: { kuma: 3 }");
        assert_eq!(settings.versions.kuma, None);
    }

    #[test]
    fn a_root_module_is_run_as_at_base_and_in_further_ways_where_it_was_told_or_is_new() {
        let run = |root: &str, file: &str| format!("{{ root: {root}, files: [{file}] }}");
        let all = |runs: &[String]| format!("sources: {{ var_files: [{}] }}", runs.join(", "));
        let [prod, stage, other] = [
            run("network", "prod.tfvars"),
            run("network", "stage.tfvars"),
            run("other", "x.tfvars"),
        ];
        let only = all(std::slice::from_ref(&prod));
        let files = |settings: &Settings| -> Vec<String> {
            let runs = settings.sources.var_files.iter();
            runs.flat_map(|one| one.files.clone()).collect()
        };
        let (settings, told) = held(Some(&only), &all(&[stage.clone(), prod.clone(), other]));
        assert_eq!(
            files(&settings),
            ["stage.tfvars", "prod.tfvars", "x.tfvars"]
        );
        assert_eq!(told, [""; 0]);
        // Another run in its place, and one where there was no telling, decide from the merge on.
        let (settings, told) = held(Some(&only), &all(std::slice::from_ref(&stage)));
        assert_eq!(files(&settings), ["prod.tfvars", "stage.tfvars"]);
        assert_eq!(
            told,
            ["settings-from-base perimeter.yaml: sources.var_files"]
        );
        let (settings, told) = held(None, &all(&[stage]));
        assert_eq!(files(&settings), [""; 0]);
        assert_eq!(told.len(), 1);
    }
}
