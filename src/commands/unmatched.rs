//! Globs of the settings that match nothing: a misspelled one would silently leave out what it is about.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Result;
use globset::GlobSet;

use crate::graph::fragment::Notice;
use crate::settings::Settings;
use crate::sources::terraform::source::is_configuration;

use super::inputs::globs;

/// Waits for every glob to match the path of a file, in any repository, at base or head.
pub(super) struct Unmatched {
    of_files: Waiting,
    of_directories: Waiting,
    settings_file: String,
}

struct Waiting {
    set: GlobSet,
    /// The setting, the glob, and whether something matched.
    globs: Vec<(&'static str, String, AtomicBool)>,
    left: AtomicUsize,
}

impl Waiting {
    fn of(named: Vec<(&'static str, &[String])>) -> Result<Self> {
        let each = named
            .into_iter()
            .flat_map(|(setting, patterns)| patterns.iter().map(move |one| (setting, one.clone())));
        let patterns: Vec<(&'static str, String)> = each.collect();
        let texts: Vec<String> = patterns.iter().map(|(_, text)| text.clone()).collect();
        Ok(Self {
            set: globs(&texts)?,
            left: AtomicUsize::new(patterns.len()),
            globs: patterns
                .into_iter()
                .map(|(setting, text)| (setting, text, AtomicBool::new(false)))
                .collect(),
        })
    }

    fn see(&self, path: &str) {
        if self.left.load(Ordering::Relaxed) == 0 {
            return;
        }
        for index in self.set.matches(path) {
            if !self.globs[index].2.swap(true, Ordering::Relaxed) {
                self.left.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

impl Unmatched {
    /// The globs of the settings that something should match. What is to be ignored need not be there. Where inventories tell
    /// of repositories, their files are not at hand, and whatever is about code may be about theirs.
    pub(super) fn of(settings: &Settings, has_inventories: bool) -> Result<Self> {
        let (directories, files): (Vec<_>, Vec<_>) = settings
            .globs()
            .into_iter()
            .filter(|(setting, _)| {
                let is_of_code = matches!(*setting, "bindings: paths" | "high_trust: paths");
                // Plans and states are looked for by whoever reads them, and missed there.
                let is_elsewhere = matches!(
                    *setting,
                    "sources.plans" | "sources.context" | "sources.ignore"
                );
                !(is_elsewhere || is_of_code && has_inventories)
            })
            .partition(|(setting, _)| *setting == "sources.roots");
        Ok(Self {
            of_files: Waiting::of(files)?,
            of_directories: Waiting::of(directories)?,
            settings_file: settings.file_or_default().to_owned(),
        })
    }

    /// A file that is looked at.
    pub(super) fn see(&self, path: &str) {
        self.of_files.see(path);
        if is_configuration(path) {
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            self.of_directories.see(directory);
        }
    }

    /// What matched nothing.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let tell = |waiting: &Waiting, what: &str| -> Vec<Notice> {
            let unseen = waiting.globs.iter();
            unseen
                .filter(|(_, _, is_seen)| !is_seen.load(Ordering::Relaxed))
                .map(|(setting, glob, _)| Notice {
                    kind: "setting-matches-nothing",
                    subject: glob.clone(),
                    message: format!(
                        "{}: {setting}: no {what} in the repositories given matches, so this says nothing",
                        self.settings_file
                    ),
                })
                .collect()
        };
        let mut notices = tell(&self.of_files, "file");
        notices.extend(tell(&self.of_directories, "directory with Terraform files"));
        notices
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn unmatched(has_inventories: bool, paths: &[&str]) -> Vec<String> {
        let settings = Settings::parse(
            "perimeter.yaml",
            "sources: { mesh: ['deploy/**'], roots: ['network', 'stacks/*'], ignore: ['vendor/**'] }\n\
             high_trust: [{ name: secrets, paths: ['services/vault/**'] }]\n",
        );
        let unmatched = Unmatched::of(&settings.unwrap(), has_inventories).unwrap();
        for path in paths {
            unmatched.see(path);
        }
        let notices = unmatched.notices().into_iter();
        notices.map(|notice| notice.subject).collect()
    }

    #[test]
    fn a_glob_that_matches_nothing_is_told_and_one_that_matches_or_ignores_is_not() {
        assert_eq!(
            unmatched(false, &["network/main.tf", "stacks/readme.md"]),
            ["deploy/**", "services/vault/**", "stacks/*"]
        );
        let all = [
            "network/a.tf",
            "stacks/a/b.tf",
            "deploy/x.yaml",
            "services/vault/x.py",
        ];
        assert_eq!(unmatched(false, &all), [""; 0]);
    }

    #[test]
    fn what_is_about_code_may_be_about_that_of_an_inventory() {
        let told = unmatched(true, &["network/main.tf", "stacks/a/b.tf"]);
        assert_eq!(told, ["deploy/**"]);
    }
}
