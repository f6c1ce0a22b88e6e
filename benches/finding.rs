//! Finding carve-outs in a repository: its work tree, a revision, and both again with a cache.
//!
//! Made up unless `PERIMETER_REPOSITORY` names one. docs/performance.md has figures for a large one beside `git grep`.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use git2::{IndexAddOption, Repository, Signature, Time};
use perimeter::cli::CarveOutsArgs;
use perimeter::commands::carve_outs::run;

/// So many files are made up, of about four kilobytes.
const FILES: usize = 2_000;

fn made_up(directory: &Path) {
    let code = "func dial(address string) error {\n\treturn connect(address, \"# no comment\") // plain\n}\n\n";
    for number in 0..FILES {
        let ending = ["go", "py", "tf", "yaml", "ts"][number % 5];
        let leader = if matches!(ending, "go" | "ts") {
            "//"
        } else {
            "#"
        };
        let mut text = code.repeat(40);
        if number % 20 == 0 {
            text.push_str(&format!(
                "{leader} ZFN-3 carve-out: inside VPC v{number}; public data\n"
            ));
        }
        let folder = directory.join(format!("part{}", number % 50));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("file{number}.{ending}")), text).unwrap();
    }
    let repository = Repository::init(directory).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let author = Signature::new("Ada", "ada@example.org", &Time::new(0, 0)).unwrap();
    repository
        .commit(Some("HEAD"), &author, &author, "all", &tree, &[])
        .unwrap();
}

fn finding(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let repository = std::env::var_os("PERIMETER_REPOSITORY").map(PathBuf::from);
    let repository = repository.unwrap_or_else(|| {
        let inside = directory.path().join("repository");
        std::fs::create_dir(&inside).unwrap();
        made_up(&inside);
        inside
    });
    let cache = directory.path().join("cache").display().to_string();
    let environment = |name: &str| (name == "PERIMETER_CACHE_DIR").then(|| cache.clone());
    let mut group = criterion.benchmark_group("finding");
    group.sample_size(10);
    for (what, suffix, no_cache) in [
        ("work tree", "", true),
        ("revision", "@HEAD", true),
        ("work tree, again", "", false),
        ("revision, again", "@HEAD", false),
    ] {
        let arguments = CarveOutsArgs {
            repositories: vec![format!("{}{suffix}", repository.display())],
            base: None,
            explain: None,
            plans: Vec::new(),
            contexts: Vec::new(),
            var_files: Vec::new(),
            providers: None,
            format: perimeter::cli::ListFormat::Table,
            fix: false,
            config: None,
            no_cache,
        };
        group.bench_function(what, |bencher| {
            bencher.iter(|| run(&arguments, &environment).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, finding);
criterion_main!(benches);
