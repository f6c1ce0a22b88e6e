//! What short texts of YAML come to, for the tests of every system.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use crate::graph::fragment::{Counts, Topic};
use crate::graph::identity::Reference;
use crate::graph::origin::Origins;

use super::estate::Versions;
use super::{Clusters, Manifests, Reading, read};

/// What is read of one text that stands before and after.
pub(super) fn reading(text: &str) -> Reading {
    between(text, text)
}

/// What is read of several files that stand before and after.
pub(super) fn reading_of(files: &[(&str, &str)]) -> Reading {
    of_files([files, files], &Versions::new())
}

/// What is read of two texts.
pub(super) fn between(before: &str, after: &str) -> Reading {
    of_files(
        [&[("a.yaml", before)], &[("a.yaml", after)]],
        &Versions::new(),
    )
}

/// What is read of files, each with its path and text, that stand before and after.
pub(super) fn of_files(sides: [&[(&str, &str)]; 2], versions: &Versions) -> Reading {
    let [before, after] =
        sides.map(|files| Manifests::read(0, files.iter().copied(), &|_| vec![None]));
    let label = |source: &super::object::Source| Some(source.path.to_string());
    read(
        &[&before],
        &[&after],
        &Clusters::default(),
        versions,
        &BTreeSet::new(),
        &label,
        &mut Origins::default(),
    )
}

/// Every statement of one topic after that says something, as `boundary: about = value`, sorted.
pub(super) fn statements(reading: &Reading, topic: Topic) -> Vec<String> {
    let mut lines = Vec::new();
    for statement in reading
        .after
        .statements
        .iter()
        .filter(|one| one.topic == topic && one.counts != Counts::Nowhere)
    {
        for boundary in &statement.of {
            let Reference::To(key) = boundary else {
                continue;
            };
            let name = key.as_str().trim_start_matches("kubernetes:");
            lines.push(format!("{name}: {} = {}", statement.about, statement.value));
        }
    }
    lines.sort();
    lines
}

/// The notices of a kind, by subject.
pub(super) fn subjects(reading: &Reading, kind: &str) -> Vec<String> {
    let of_kind = reading.notices.iter().filter(|notice| notice.kind == kind);
    let mut subjects: Vec<String> = of_kind.map(|notice| notice.subject.clone()).collect();
    subjects.dedup();
    subjects
}

/// What lets traffic go in the clear, by subject.
pub(super) fn sites(text: &str) -> Vec<String> {
    let sites = reading(text).sites_after.into_iter();
    sites.map(|site| site.subject).collect()
}

/// What breaks a rule, by rule and subject; entrances that ask for nothing and are no part of the test are left out.
pub(super) fn faults(text: &str) -> Vec<String> {
    faults_of(&reading(text))
}

/// The same of what was read.
pub(super) fn faults_of(reading: &Reading) -> Vec<String> {
    let faults = reading.faults_after.iter();
    let mut told: Vec<String> = faults
        .map(|fault| format!("{:?} {}", fault.kind, fault.subject))
        .collect();
    let doors = reading.open_doors_after.iter();
    let doors = doors.filter(|door| !door.words.contains("for nothing"));
    told.extend(doors.map(|door| format!("Unproven {}", door.subject)));
    told
}
