//! `perimeter carve-outs`: what is listed, what `--fix` writes, and what is remembered.

use std::path::Path;
use std::process::Command;

use crate::common::{Run, TestRepository, perimeter, project, run};

fn carve_outs(repository: &TestRepository, arguments: &[&str]) -> Run {
    run(&mut command(repository, arguments))
}

fn command(repository: &TestRepository, arguments: &[&str]) -> Command {
    let mut command = perimeter();
    command
        .current_dir(repository.path())
        .arg("carve-outs")
        .args(arguments);
    command
}

fn read(repository: &TestRepository, path: &str) -> Vec<u8> {
    std::fs::read(repository.path().join(path)).unwrap()
}

fn filled() -> TestRepository {
    let repository = TestRepository::new();
    repository.write(
        "a/good.yaml",
        "# ZFN-3 carve-out: inside VPC prod;\n# public data\ntls: false\n",
    );
    repository.write(
        "b.go",
        "x() // zfn3 carveout - inside VPC prod; signed\r\ny := \"# zfn3 carveout: a; b\"\r\n",
    );
    repository.write("c.py", "# ZFN-3 carve-out: inside VPC prod\nx = 1\n");
    repository.write("README.md", "# ZFN-3 carve-out: a; b\n");
    repository.write("fixtures/d.py", "# ZFN-3 carve-out: in a fixture; b\n");
    repository.write("perimeter.yaml", "sources: { ignore: [\"fixtures/**\"] }\n");
    repository.commit("all");
    repository
}

#[test]
fn carve_outs_are_listed_with_what_is_wrong_and_strings_prose_and_fixtures_are_not() {
    let repository = filled();
    for arguments in [&[][..], &["--repo", ".@HEAD"], &["--no-cache"]] {
        let listed = carve_outs(&repository, arguments);
        assert_eq!(
            listed.stdout,
            "a/good.yaml:1:3: inside VPC prod; public data\n\
             b.go:1:8: inside VPC prod; signed\n  \
             near-miss-marker: `zfn3 carveout -` is not the marker: anything but the exact spelling is a bug, not a \
             carve-out: write `ZFN-3 carve-out:` instead of `zfn3 carveout -`\n\
             c.py:1:3: inside VPC prod\n  \
             missing-justification: the carve-out has no threat-model justification: say after the first semicolon why a \
             network adversary may see this traffic\n"
        );
        assert_eq!(listed.stderr, "3 carve-outs in 3 files; 2 at fault\n");
        assert_eq!(listed.code, 10);
    }
}

#[test]
fn well_formed_carve_outs_are_clear() {
    let repository = TestRepository::new();
    repository.write(
        "a.yaml",
        "# ZFN-3 carve-out: inside VPC prod; public data\ntls: false\n",
    );
    repository.commit("all");
    let listed = carve_outs(&repository, &[]);
    assert_eq!(listed.code, 0);
    assert_eq!(listed.stderr, "1 carve-out in 1 file\n");
}

#[test]
fn fix_spells_near_misses_and_touches_nothing_else() {
    let repository = filled();
    repository.write("latin.ini", "");
    let latin = b"; ZFN-3 carve-out\x97inside VPC prod; sign\xe9\ntls = off\n";
    std::fs::write(repository.path().join("latin.ini"), latin).unwrap();
    let wide = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_be_bytes).collect()
    };
    let path = repository.path().join("wide.ps1");
    std::fs::write(&path, wide("# zfn-3 carve-out: a; b\r\nx\r\n")).unwrap();
    let before: Vec<Vec<u8>> = ["a/good.yaml", "c.py", "README.md", "fixtures/d.py"]
        .map(|path| read(&repository, path))
        .to_vec();

    let fixed = carve_outs(&repository, &["--fix"]);
    assert_eq!(
        fixed.stderr,
        "5 carve-outs in 5 files; 3 files corrected; 1 at fault\n"
    );
    assert_eq!(
        read(&repository, "b.go"),
        b"x() // ZFN-3 carve-out: inside VPC prod; signed\r\ny := \"# zfn3 carveout: a; b\"\r\n"
    );
    assert_eq!(
        read(&repository, "latin.ini"),
        b"; ZFN-3 carve-out: inside VPC prod; sign\xe9\ntls = off\n"
    );
    assert_eq!(
        read(&repository, "wide.ps1"),
        wide("# ZFN-3 carve-out: a; b\r\nx\r\n")
    );
    let after: Vec<Vec<u8>> = ["a/good.yaml", "c.py", "README.md", "fixtures/d.py"]
        .map(|path| read(&repository, path))
        .to_vec();
    assert_eq!(before, after);

    let again = carve_outs(&repository, &["--fix"]);
    assert!(!again.stdout.contains("near-miss"), "{}", again.stdout);
    assert!(
        again.stderr.contains("; 0 files corrected;"),
        "{}",
        again.stderr
    );
}

#[cfg(unix)]
#[test]
fn fix_keeps_permissions_and_writes_through_no_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("target.sh");
    let text = "# zfn3 carve-out: a; b\n";
    std::fs::write(&target, text).unwrap();
    let repository = TestRepository::new();
    repository.write("run.sh", text);
    let path = repository.path().join("run.sh");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink(&target, repository.path().join("link.sh")).unwrap();
    symlink(outside.path(), repository.path().join("folder")).unwrap();

    let fixed = carve_outs(&repository, &["--fix"]);
    assert_eq!(fixed.code, 0, "{}", fixed.stderr);
    assert_eq!(read(&repository, "run.sh"), b"# ZFN-3 carve-out: a; b\n");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
    assert_eq!(std::fs::read_to_string(&target).unwrap(), text);
    let left: Vec<_> = std::fs::read_dir(repository.path()).unwrap().collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn fix_wants_a_work_tree() {
    let repository = filled();
    let refused = carve_outs(&repository, &["--fix", "--repo", ".@HEAD"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("--fix writes into the work tree"),
        "{}",
        refused.stderr
    );
}

#[test]
fn only_what_differs_from_a_base_is_listed() {
    let repository = filled();
    repository.write("new.yaml", "# ZFN-3 carve-out: inside VPC new; b\n");
    for commit in [false, true] {
        if commit {
            repository.commit("new");
        }
        let base = if commit { "HEAD~1" } else { "HEAD" };
        let listed = carve_outs(&repository, &["--base", base]);
        assert_eq!(listed.stdout, "new.yaml:1:3: inside VPC new; b\n");
        let listed = carve_outs(&repository, &["--base", base, "--repo", ".@HEAD"]);
        let expected = if commit {
            "new.yaml:1:3: inside VPC new; b\n"
        } else {
            ""
        };
        assert_eq!(listed.stdout, expected);
    }
}

#[test]
fn what_is_remembered_changes_no_answer() {
    let repository = filled();
    let cache = tempfile::tempdir().unwrap();
    let list = |arguments: &[&str]| {
        run(command(&repository, arguments).env("PERIMETER_CACHE_DIR", cache.path())).stdout
    };
    let files = || std::fs::read_dir(cache.path()).unwrap().count();
    let expected = list(&["--no-cache"]);
    assert_eq!(files(), 0);
    for arguments in [&[][..], &["--repo", ".@HEAD"], &[], &["--repo", ".@HEAD"]] {
        assert_eq!(list(arguments), expected);
    }
    assert_eq!(files(), 1);

    // A file that takes another's name is in another language; one that changes is read again.
    std::fs::rename(
        repository.path().join("c.py"),
        repository.path().join("c.md"),
    )
    .unwrap();
    repository.write(
        "a/good.yaml",
        "# ZFN-3 carve-out: inside VPC else; public data\ntls: false\n",
    );
    repository.commit("moved");
    for arguments in [&[][..], &["--repo", ".@HEAD"]] {
        let listed = list(arguments);
        assert!(
            !listed.contains("c.py") && !listed.contains("c.md"),
            "{listed}"
        );
        assert!(listed.contains("inside VPC else"), "{listed}");
    }

    let path = std::fs::read_dir(cache.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let expected = list(&["--no-cache"]);
    std::fs::write(&path, b"damaged").unwrap();
    assert_eq!(list(&[]), expected);
}

#[test]
fn a_file_that_changes_without_changing_size_or_time_is_read_again() {
    let repository = TestRepository::new();
    let cache = tempfile::tempdir().unwrap();
    let path = repository.path().join("a.py");
    repository.write("a.py", "# ZFN-3 carve-out: a; b\n");
    repository.commit("a");
    let list = || run(command(&repository, &[]).env("PERIMETER_CACHE_DIR", cache.path())).stdout;
    let touch = |path: &Path, time: std::time::SystemTime| {
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_modified(time).unwrap();
    };
    assert_eq!(list(), "a.py:1:3: a; b\n");
    let time = std::fs::metadata(&path).unwrap().modified().unwrap();
    repository.write("a.py", "# ZFN-3 carve-out: c; d\n");
    touch(&path, time);
    assert_eq!(list(), "a.py:1:3: c; d\n");
}

#[test]
fn files_that_pass_a_filter_are_not_taken_for_their_blobs() {
    let repository = TestRepository::new();
    let cache = tempfile::tempdir().unwrap();
    repository.write("a.py", "x = 1\n# ZFN-3 carve-out: a; b\n");
    repository.write(".gitattributes", "*.py filter=secret\n");
    repository.commit("a");
    let list = || run(command(&repository, &[]).env("PERIMETER_CACHE_DIR", cache.path())).stdout;
    assert_eq!(list(), "a.py:2:3: a; b\n");
    assert_eq!(list(), "a.py:2:3: a; b\n");
}

#[test]
fn several_repositories_are_told_apart() {
    let (first, second) = (filled(), filled());
    let directory = second.path().to_string_lossy();
    let list = |address: &str| {
        second.git().remote_set_url("origin", address).unwrap();
        carve_outs(&first, &["--repo", ".", "--repo", &directory])
    };
    let listed = list("https://git.example/acme/cart.git").stdout;
    assert!(listed.starts_with("platform/a/good.yaml:1:3: "), "{listed}");
    assert!(listed.contains("\ncart/a/good.yaml:1:3: "), "{listed}");
    let listed = list("https://git.example/other/platform.git");
    for name in ["acme", "other"] {
        let line = format!("git.example/{name}/platform/a/good.yaml:1:3: ");
        assert!(listed.stdout.contains(&line), "{}", listed.stdout);
    }
    assert!(
        listed.stderr.starts_with("6 carve-outs"),
        "{}",
        listed.stderr
    );
}

fn explained() -> TestRepository {
    let repository = TestRepository::new();
    repository.write(
        "network/main.tf",
        "resource \"aws_vpc\" \"prod\" {\n  cidr_block = \"10.1.0.0/16\"\n  tags = { Name = \"prod-us-east\" }\n}\n\n\
         resource \"aws_vpc\" \"data\" {\n  cidr_block = \"10.2.0.0/16\"\n  tags = { Name = \"data\" }\n}\n\n\
         resource \"aws_vpc_peering_connection\" \"both\" {\n  vpc_id      = aws_vpc.prod.id\n  \
         peer_vpc_id = aws_vpc.data.id\n  auto_accept = true\n}\n",
    );
    repository.write(
        "a.py",
        "# ZFN-3 carve-out: limits and quota stay inside the prod us-east VPC, not peered,\n\
         # behind a firewall; public data\nx = 1\n",
    );
    repository.write(
        "b.py",
        "# ZFN-3 carve-out: inside the prod-us-eest VPC; public data\nx = 1\n",
    );
    repository.commit("all");
    repository
}

#[test]
fn explain_says_what_each_word_was_taken_for_and_what_was_not_understood() {
    let repository = explained();
    let told = carve_outs(&repository, &["--explain"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    insta::assert_snapshot!(told.stdout);
}

#[test]
fn explain_in_json_follows_its_schema() {
    let repository = explained();
    let told = carve_outs(&repository, &["--explain", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    let schema = project().join("schemas/carve-outs-1.schema.json");
    let schema = std::fs::read_to_string(schema).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(&json)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let first = &json["carve_outs"][0];
    assert_eq!(first["names"][0]["candidates"][0]["name"], "prod-us-east");
    assert_eq!(first["names"][0]["is_variant"], true);
    assert_eq!(first["claims"][0]["truth"], "false");
    assert_eq!(json["carve_outs"][1]["near"][0], "prod-us-east");
    let mut other = json.clone();
    other["carve_outs"][0]["ground"] = "luck".into();
    assert!(!schema.is_valid(&other));
}

#[test]
fn one_carve_out_is_explained_by_its_id_or_any_of_its_lines() {
    let repository = explained();
    let shown = |site: &str| carve_outs(&repository, &["--explain", site, "--format", "json"]);
    let by_line = shown("a.py:2");
    let json: serde_json::Value = serde_json::from_str(&by_line.stdout).unwrap();
    assert_eq!(json["carve_outs"].as_array().unwrap().len(), 1);
    let id = json["carve_outs"][0]["id"].as_str().unwrap();
    assert_eq!(shown(id).stdout, by_line.stdout);
    let nowhere = shown("a.py:3");
    assert_eq!(nowhere.code, 2);
    assert!(
        nowhere.stderr.contains("no carve-out is called `a.py:3`"),
        "{}",
        nowhere.stderr
    );
    let plan_alone = carve_outs(&repository, &["--plan", "plan.json"]);
    assert_eq!(plan_alone.code, 2, "{}", plan_alone.stderr);
}

/// The guarantees of the page are read as it says.
#[test]
fn the_page_on_guarantees_shows_what_comes_out() {
    let page = crate::readme::read("docs/guarantees.md");
    let [files, shown] = &crate::readme::blocks(&page, "text")[..2] else {
        panic!("a block of files, and one of output");
    };
    let repository = TestRepository::new();
    for file in files.split("--- ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap();
        repository.write(path.trim(), &format!("{}\n", text.trim_end()));
    }
    repository.commit("all");
    let told = carve_outs(&repository, &["--explain"]);
    assert_eq!(told.stdout.trim_end(), shown.trim_end());
}
