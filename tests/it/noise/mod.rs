//! What means nothing changes nothing: files are taken as they are, edited in ways that no system sees, and compared.
//!
//! `PERIMETER_NOISE_FOLDER=FOLDER cargo test --test it noise -- --ignored --nocapture` does the same over every file and folder
//! below a folder of one's own, and tells how many there were.

mod edits;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use perimeter::change::diff::Snapshot;
use perimeter::change::{changes, compare};
use perimeter::graph::assemble;
use perimeter::graph::origin::Origins;
use perimeter::sources::manifests::object::Source;
use perimeter::sources::manifests::{
    self, Clusters, Fault, Manifests, Site, may_be_manifest, may_hold_objects,
};
use rayon::prelude::*;

use crate::common::project;
use edits::EDITS;

/// The files of one snapshot, by path.
pub(crate) type Files = BTreeMap<String, String>;

/// Folders with more files than this are looked at in parts.
const MAX_FILES_TOGETHER: usize = 80;

/// Everything that is said of going from the one to the other.
fn told(before: &Files, after: &Files) -> BTreeSet<String> {
    let [was, is] = [before, after].map(|files| {
        let files = files.iter();
        Manifests::read(
            0,
            files.map(|(path, text)| (path.as_str(), text.as_str())),
            &|_| vec![None],
        )
    });
    let mut origins = Origins::default();
    let label = |source: &Source| Some(source.path.to_string());
    let reading = manifests::read(
        &[&was],
        &[&is],
        &Clusters::default(),
        &BTreeMap::new(),
        &BTreeSet::new(),
        &label,
        &mut origins,
    );
    let [before, after] = [reading.before, reading.after].map(|side| Snapshot::new(assemble(side)));
    let found = changes(&compare(&before, &after, &origins), &origins);
    let mut lines: BTreeSet<String> = found
        .into_iter()
        .map(|change| format!("{}: {}", change.category.word(), change.summary))
        .collect();
    for (what, sites) in [
        ("plaintext", [&reading.sites_before, &reading.sites_after]),
        (
            "open",
            [&reading.open_doors_before, &reading.open_doors_after],
        ),
    ] {
        let [was, is] = sites.map(|side| side.iter().map(in_words).collect::<BTreeSet<_>>());
        lines.extend(is.difference(&was).map(|site| format!("{what}: {site}")));
    }
    let [was, is] = [&reading.faults_before, &reading.faults_after].map(|side| {
        let words = |fault: &Fault| format!("fault: {} {}", fault.subject, fault.words);
        side.iter().map(words).collect::<BTreeSet<_>>()
    });
    lines.extend(is.difference(&was).cloned());
    lines
}

fn in_words(site: &Site) -> String {
    let why = site.unproven.as_ref().map(|one| one.why.to_string());
    format!(
        "{} {} {:?} {:?}",
        site.subject, site.words, why, site.far_side
    )
}

/// What was done, and what was said of it although nothing should be.
#[derive(Default)]
struct Count {
    files: usize,
    compared: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Count {
    fn and(mut self, other: Self) -> Self {
        self.files += other.files;
        for (name, count) in other.compared {
            *self.compared.entry(name).or_default() += count;
        }
        self.wrong.extend(other.wrong);
        self
    }
}

fn check(name: &str, files: &Files) -> Count {
    let mut count = Count {
        files: files.len(),
        ..Count::default()
    };
    for edit in EDITS {
        let Some(after) = (edit.apply)(files) else {
            continue;
        };
        assert!(*files != after, "{name}: {} does nothing", edit.name);
        *count.compared.entry(edit.name).or_default() += 1;
        for (direction, [before, after]) in
            [("", [files, &after]), (" taken back", [&after, files])]
        {
            let wrong = told(before, after);
            count.wrong.extend(
                wrong
                    .into_iter()
                    .map(|line| format!("{name}: {}{direction}: {line}", edit.name)),
            );
        }
    }
    count
}

/// The manifests below a folder, by path from it.
fn manifests_below(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap();
            let name = name.to_str().unwrap().replace('\\', "/");
            if !may_be_manifest(&name) {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            if let (true, Ok(text)) = (may_hold_objects(&name, &bytes), String::from_utf8(bytes)) {
                files.insert(name, text);
            }
        }
    }
    files
}

/// Every folder of some files with all that is in it, however deep.
fn folders(files: &Files) -> BTreeMap<String, Files> {
    let mut folders: BTreeMap<String, Files> = BTreeMap::new();
    for (path, text) in files {
        let ends = path.match_indices('/').map(|(end, _)| end);
        for end in ends {
            let of_folder = folders.entry(path[..end].to_owned()).or_default();
            of_folder.insert(path.clone(), text.clone());
        }
    }
    folders.retain(|_, files| (2..=MAX_FILES_TOGETHER).contains(&files.len()));
    folders
}

fn assert_silent(units: Vec<(String, Files)>) -> Count {
    let count = units
        .par_iter()
        .map(|(name, files)| check(name, files))
        .reduce(Count::default, Count::and);
    eprintln!(
        "{} units, {} files in them, {} edits, {} changes told of them",
        units.len(),
        count.files,
        count.compared.values().sum::<usize>(),
        count.wrong.len()
    );
    for (name, compared) in &count.compared {
        eprintln!("  {compared:>6} {name}");
    }
    count
}

#[test]
fn edits_that_mean_nothing_are_no_change_of_any_story() {
    let cases = std::fs::read_dir(project().join("tests/cases")).unwrap();
    let mut units: Vec<(String, Files)> = cases
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| {
            let files = manifests_below(&path.join("head"));
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                files,
            )
        })
        .collect();
    let fixtures = manifests_below(&project().join("tests/fixtures/peer-authentication"));
    units.extend(
        fixtures
            .into_iter()
            .map(|(path, text)| (path.clone(), Files::from([(path, text)]))),
    );
    units.retain(|(_, files)| !files.is_empty());
    units.sort();
    let count = assert_silent(units);
    assert!(count.compared.len() == EDITS.len(), "an edit did nothing");
    assert!(
        count.wrong.is_empty(),
        "{} changes told:\n{}",
        count.wrong.len(),
        count.wrong.join("\n")
    );
}

#[test]
fn an_edit_that_means_something_is_told() {
    let strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: shop}\n\
                  spec: {mtls: {mode: STRICT}}\n";
    let before = Files::from([("a.yaml".to_owned(), strict.to_owned())]);
    let after = Files::from([("a.yaml".to_owned(), strict.replace("STRICT", "DISABLE"))]);
    assert!(!told(&before, &after).is_empty());
    assert!(told(&before, &before).is_empty());
}

#[test]
#[ignore = "reads a folder that an environment variable names"]
fn edits_that_mean_nothing_are_no_change_of_a_folder() {
    let folder = std::env::var("PERIMETER_NOISE_FOLDER").expect("PERIMETER_NOISE_FOLDER is set");
    let files = manifests_below(Path::new(&folder));
    let mut units: Vec<(String, Files)> = files
        .iter()
        .map(|(path, text)| (path.clone(), Files::from([(path.clone(), text.clone())])))
        .collect();
    units.extend(folders(&files));
    let count = assert_silent(units);
    for line in &count.wrong {
        eprintln!("{line}");
    }
    assert!(count.wrong.is_empty(), "{} changes told", count.wrong.len());
}
