//! On small repositories made for each test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;

use git2::{IndexAddOption, RepositoryInitOptions, Signature, Time};
use tempfile::TempDir;

use super::*;

/// A repository in a directory that is removed at the end.
struct Sandbox {
    directory: TempDir,
    git: git2::Repository,
}

impl Sandbox {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main");
        let git = git2::Repository::init_opts(directory.path().join("inside"), &options).unwrap();
        Self { directory, git }
    }

    /// With one commit, of the file `a.tf`.
    fn with_commit() -> Self {
        let sandbox = Self::new();
        sandbox.write("a.tf", "a\n");
        sandbox.commit();
        sandbox
    }

    fn top(&self) -> &Path {
        self.git.workdir().unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.top().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Commits the whole work tree to the branch that is checked out.
    fn commit(&self) -> Oid {
        let mut index = self.git.index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = self.git.find_tree(index.write_tree().unwrap()).unwrap();
        let parent = self
            .git
            .head()
            .ok()
            .map(|head| head.peel_to_commit().unwrap());
        let day = parent
            .as_ref()
            .map_or(0, |parent| parent.time().seconds() / 86_400 + 1);
        let author = Signature::new("Ada", "ada@example.com", &Time::new(day * 86_400, 0)).unwrap();
        let parents: Vec<_> = parent.iter().collect();
        self.git
            .commit(Some("HEAD"), &author, &author, "change", &tree, &parents)
            .unwrap()
    }

    fn reference(&self, name: &str, commit: Oid) {
        self.git.reference(name, commit, true, "test").unwrap();
    }

    fn reset(&self, commit: Oid) {
        let commit = self.git.find_object(commit, None).unwrap();
        self.git
            .reset(&commit, git2::ResetType::Hard, None)
            .unwrap();
    }

    fn make_shallow(&self, commit: Oid) {
        fs::write(self.git.path().join("shallow"), format!("{commit}\n")).unwrap();
    }

    fn open(&self) -> Repository {
        Repository::open(self.top()).unwrap()
    }

    fn base(&self, variables: &[(&str, &str)]) -> Result<Base, RepositoryError> {
        let find = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        self.open().base(Start::Untold, Revision::WorkTree, &find)
    }
}

fn everything(repository: &Repository, revision: Revision) -> Listing {
    repository.text_files(revision, &|_, _| true).unwrap()
}

fn paths(listing: &Listing) -> Vec<&str> {
    listing
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect()
}

fn reasons(listing: &Listing) -> Vec<(&str, SkipReason)> {
    let skipped = listing.skipped.iter();
    skipped
        .map(|file| (file.path.as_str(), file.reason.clone()))
        .collect()
}

#[test]
fn repository_is_found_from_a_directory_inside_it() {
    let sandbox = Sandbox::with_commit();
    sandbox.write("deep/er/b.tf", "b\n");
    let repository = Repository::open(&sandbox.top().join("deep/er")).unwrap();
    assert_eq!(
        repository
            .read(Revision::WorkTree, "a.tf")
            .unwrap()
            .unwrap(),
        b"a\n"
    );
    let outside = Repository::open(sandbox.directory.path());
    let message = outside.err().unwrap().to_string();
    assert!(
        message.ends_with("run inside a clone, or pass --repo DIR"),
        "{message}"
    );
    assert!(Repository::open(&sandbox.top().join("none")).is_err());
}

#[test]
fn repository_of_another_user_names_the_setting() {
    let error = git2::Error::new(ErrorCode::Owner, ErrorClass::Config, "not owned");
    let message = open_error(Path::new("/srv/code/"), &error).to_string();
    assert!(
        message.contains("git config --global --add safe.directory '/srv/code'"),
        "{message}"
    );
}

#[test]
fn partial_clone_says_how_to_read_it() {
    let sandbox = Sandbox::with_commit();
    let mut config = sandbox.git.config().unwrap();
    config.set_i32("core.repositoryformatversion", 1).unwrap();
    config.set_str("extensions.partialclone", "origin").unwrap();
    let message = Repository::open(sandbox.top()).err().unwrap().to_string();
    assert!(message.contains("clone without --filter"), "{message}");
    config.remove("extensions.partialclone").unwrap();
    assert!(Repository::open(sandbox.top()).is_ok());
}

#[test]
fn bare_repository_is_read_at_its_head() {
    let sandbox = Sandbox::with_commit();
    let path = sandbox.directory.path().join("copy.git");
    git2::build::RepoBuilder::new()
        .bare(true)
        .clone(sandbox.top().to_str().unwrap(), &path)
        .unwrap();
    let bare = Repository::open(&path).unwrap();
    let head = bare.current().unwrap();
    assert!(matches!(head, Revision::Commit(_)));
    assert_eq!(paths(&everything(&bare, head)), ["a.tf"]);
    assert_eq!(bare.read(head, "a.tf").unwrap().unwrap(), b"a\n");
    let error = bare
        .text_files(Revision::WorkTree, &|_, _| true)
        .unwrap_err();
    assert!(error.to_string().contains("is bare"), "{error}");
    assert_eq!(sandbox.open().current().unwrap(), Revision::WorkTree);
}

#[test]
fn clean_work_tree_lists_the_same_as_its_commit() {
    let sandbox = Sandbox::new();
    for number in 0..200 {
        sandbox.write(
            &format!("d{}/{number}.tf", number % 7),
            &format!("{number}\n"),
        );
    }
    let commit = sandbox.commit();
    let repository = sandbox.open();
    let listing = everything(&repository, Revision::WorkTree);
    assert_eq!(listing.files.len(), 200);
    assert!(listing.files.is_sorted_by_key(|file| &file.path));
    assert_eq!(listing, everything(&repository, Revision::Commit(commit)));
    sandbox.write("d1/1.tf", "changed\n");
    assert_ne!(listing, everything(&repository, Revision::WorkTree));
}

#[test]
fn linked_work_tree_is_a_repository_too() {
    let sandbox = Sandbox::with_commit();
    let path = sandbox.directory.path().join("linked");
    sandbox.git.worktree("linked", &path, None).unwrap();
    fs::write(path.join("new.tf"), "new\n").unwrap();
    let repository = Repository::open(&path).unwrap();
    assert_eq!(
        paths(&everything(&repository, Revision::WorkTree)),
        ["a.tf", "new.tf"]
    );
    assert_eq!(
        paths(&everything(&sandbox.open(), Revision::WorkTree)),
        ["a.tf"]
    );
}

#[test]
fn only_files_that_are_wanted_are_kept() {
    let sandbox = Sandbox::with_commit();
    sandbox.write("b.txt", "b\n");
    let commit = sandbox.commit();
    let wanted = |path: &str, bytes: &[u8]| path.ends_with(".txt") && bytes == b"b\n";
    for revision in [Revision::WorkTree, Revision::Commit(commit)] {
        assert_eq!(
            paths(&sandbox.open().text_files(revision, &wanted).unwrap()),
            ["b.txt"]
        );
    }
    assert_eq!(
        everything(&sandbox.open(), Revision::Empty),
        Listing::default()
    );
}

#[test]
fn untracked_file_is_listed_and_ignored_or_deleted_file_is_not() {
    let sandbox = Sandbox::with_commit();
    sandbox.write(".gitignore", "*.log\nbuild/\n");
    sandbox.write("gone.tf", "gone\n");
    let commit = sandbox.commit();
    sandbox.write("new/deep/b.tf", "b\n");
    sandbox.write("new/c.log", "c\n");
    sandbox.write("build/d.tf", "d\n");
    fs::remove_file(sandbox.top().join("gone.tf")).unwrap();
    let repository = sandbox.open();
    let listing = everything(&repository, Revision::WorkTree);
    assert_eq!(paths(&listing), [".gitignore", "a.tf", "new/deep/b.tf"]);
    assert_eq!(listing.skipped, []);
    let listing = everything(&repository, Revision::Commit(commit));
    assert_eq!(paths(&listing), [".gitignore", "a.tf", "gone.tf"]);
}

#[test]
fn file_that_a_sparse_checkout_leaves_out_is_read_from_the_index() {
    let sandbox = Sandbox::with_commit();
    sandbox.write("out/b.tf", "b\n");
    sandbox.commit();
    let mut index = sandbox.git.index().unwrap();
    let mut entry = index.get_path(Path::new("out/b.tf"), 0).unwrap();
    entry.flags |= git2::IndexEntryFlag::EXTENDED.bits();
    entry.flags_extended |= git2::IndexEntryExtendedFlag::SKIP_WORKTREE.bits();
    index.add(&entry).unwrap();
    index.write().unwrap();
    fs::remove_dir_all(sandbox.top().join("out")).unwrap();
    let repository = sandbox.open();
    assert_eq!(
        paths(&everything(&repository, Revision::WorkTree)),
        ["a.tf", "out/b.tf"]
    );
    assert_eq!(
        repository
            .read(Revision::WorkTree, "out/b.tf")
            .unwrap()
            .unwrap(),
        b"b\n"
    );
}

#[test]
fn large_file_pointer_is_said_and_its_mention_is_not() {
    let sandbox = Sandbox::with_commit();
    sandbox.write(
        "big.bin",
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    );
    sandbox.write(
        "text.md",
        "see version https://git-lfs.github.com/spec/v1\n",
    );
    let commit = sandbox.commit();
    for revision in [Revision::WorkTree, Revision::Commit(commit)] {
        let listing = everything(&sandbox.open(), revision);
        assert_eq!(paths(&listing), ["a.tf", "text.md"]);
        assert_eq!(
            reasons(&listing),
            [("big.bin", SkipReason::LargeFilePointer)]
        );
    }
}

#[test]
fn submodule_and_nested_repository_are_said() {
    let sandbox = Sandbox::with_commit();
    let mut index = sandbox.git.index().unwrap();
    let mut entry = index.get_path(Path::new("a.tf"), 0).unwrap();
    entry.path = b"vendor/module".to_vec();
    entry.mode = 0o160_000;
    entry.id = sandbox.git.head().unwrap().target().unwrap();
    index.add(&entry).unwrap();
    index.write().unwrap();
    git2::Repository::init(sandbox.top().join("other")).unwrap();
    sandbox.write("other/x.tf", "x\n");
    let listing = everything(&sandbox.open(), Revision::WorkTree);
    assert_eq!(paths(&listing), ["a.tf"]);
    let expected = [
        ("other", SkipReason::NestedRepository),
        ("vendor/module", SkipReason::Submodule),
    ];
    assert_eq!(reasons(&listing), expected);
}

#[test]
fn missing_content_is_said_and_the_rest_is_listed() {
    let sandbox = Sandbox::with_commit();
    sandbox.write("b.tf", "b\n");
    let commit = sandbox.commit();
    let blob = sandbox
        .git
        .blob_path(&sandbox.top().join("b.tf"))
        .unwrap()
        .to_string();
    let (folder, rest) = blob.split_at(2);
    fs::remove_file(sandbox.git.path().join("objects").join(folder).join(rest)).unwrap();
    let repository = sandbox.open();
    let listing = everything(&repository, Revision::Commit(commit));
    assert_eq!(paths(&listing), ["a.tf"]);
    assert_eq!(reasons(&listing), [("b.tf", SkipReason::Missing)]);
    assert!(repository.read(Revision::Commit(commit), "b.tf").is_err());
}

#[test]
fn huge_file_is_said() {
    let sandbox = Sandbox::with_commit();
    let file = fs::File::create(sandbox.top().join("huge.txt")).unwrap();
    file.set_len(MAX_FILE_BYTES + 1).unwrap();
    let repository = sandbox.open();
    let listing = everything(&repository, Revision::WorkTree);
    assert_eq!(reasons(&listing), [("huge.txt", SkipReason::TooLarge)]);
    assert!(repository.read(Revision::WorkTree, "huge.txt").is_err());
}

#[cfg(unix)]
#[test]
fn links_out_of_the_tree_are_not_read() {
    use std::os::unix::fs::symlink;

    let sandbox = Sandbox::with_commit();
    let outside = sandbox.directory.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret.tf"), "secret\n").unwrap();
    sandbox.write("dir/secret.tf", "tracked\n");
    symlink(outside.join("secret.tf"), sandbox.top().join("link.tf")).unwrap();
    let commit = sandbox.commit();
    // The tracked directory is replaced by a link to another that has a file of that name.
    fs::remove_dir_all(sandbox.top().join("dir")).unwrap();
    symlink(&outside, sandbox.top().join("dir")).unwrap();

    let repository = sandbox.open();
    let listing = everything(&repository, Revision::WorkTree);
    assert_eq!(paths(&listing), ["a.tf"]);
    assert_eq!(listing.skipped, []);
    for path in [
        "link.tf",
        "dir/secret.tf",
        "../outside/secret.tf",
        ".git/config",
        "/etc/hostname",
        "",
        "dir",
    ] {
        assert_eq!(
            repository.read(Revision::WorkTree, path).unwrap(),
            None,
            "{path}"
        );
    }
    let commit = Revision::Commit(commit);
    assert_eq!(
        paths(&everything(&repository, commit)),
        ["a.tf", "dir/secret.tf"]
    );
    assert_eq!(
        repository.read(commit, "dir/secret.tf").unwrap().unwrap(),
        b"tracked\n"
    );
    for path in ["link.tf", "dir", "none", "a.tf/x", "../a.tf"] {
        assert_eq!(repository.read(commit, path).unwrap(), None, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_told_with_what_they_say_wherever_they_lead() {
    use std::os::unix::fs::symlink;

    let sandbox = Sandbox::with_commit();
    sandbox.write("dir/b.tf", "b\n");
    symlink("../a.tf", sandbox.top().join("dir/link.tf")).unwrap();
    symlink("/etc/hostname", sandbox.top().join("out.tf")).unwrap();
    let commit = Revision::Commit(sandbox.commit());
    let repository = sandbox.open();
    let link = |path: &str, target: &str| Link {
        path: path.to_owned(),
        target: target.to_owned(),
    };
    let links = |revision: Revision| {
        let scan = Scan {
            know: &|_, _| Known::<()>::No,
            read: &|_, _, _| None,
        };
        repository.scan(revision, &scan).unwrap().links
    };
    for revision in [commit, Revision::WorkTree] {
        assert_eq!(
            links(revision),
            [
                link("dir/link.tf", "../a.tf"),
                link("out.tf", "/etc/hostname")
            ]
        );
    }
    assert_eq!(links(Revision::Empty), []);
}

#[test]
fn trees_with_hostile_names_are_said_and_not_followed() {
    let sandbox = Sandbox::with_commit();
    let blob = sandbox.git.blob(b"x").unwrap();
    // Written by hand: git refuses to build such a tree.
    let mut raw = b"100644 ..\0".to_vec();
    raw.extend_from_slice(blob.as_bytes());
    let objects = sandbox.git.odb().unwrap();
    let tree = objects.write(git2::ObjectType::Tree, &raw).unwrap();
    let tree = sandbox.git.find_tree(tree).unwrap();
    let author = Signature::new("Eve", "eve@example.com", &Time::new(0, 0)).unwrap();
    let commit = sandbox
        .git
        .commit(None, &author, &author, "evil", &tree, &[])
        .unwrap();
    let listing = everything(&sandbox.open(), Revision::Commit(commit));
    assert_eq!(paths(&listing), [""; 0]);
    assert_eq!(reasons(&listing), [("..", SkipReason::InvalidPath)]);
}

#[test]
fn very_deep_tree_ends_at_the_longest_path() {
    let sandbox = Sandbox::with_commit();
    let mut tree = sandbox.git.treebuilder(None).unwrap().write().unwrap();
    for _ in 0..5000 {
        let mut builder = sandbox.git.treebuilder(None).unwrap();
        builder.insert("d", tree, 0o040_000).unwrap();
        tree = builder.write().unwrap();
    }
    let tree = sandbox.git.find_tree(tree).unwrap();
    let author = Signature::new("Eve", "eve@example.com", &Time::new(0, 0)).unwrap();
    let commit = sandbox
        .git
        .commit(None, &author, &author, "deep", &tree, &[])
        .unwrap();
    let listing = everything(&sandbox.open(), Revision::Commit(commit));
    assert_eq!(listing.skipped.len(), 1);
    assert_eq!(listing.skipped[0].reason, SkipReason::InvalidPath);
}

#[test]
fn tree_that_repeats_itself_without_end_is_refused() {
    let sandbox = Sandbox::with_commit();
    let name = "d".repeat(250);
    let mut tree = sandbox.git.treebuilder(None).unwrap().write().unwrap();
    for _ in 0..15 {
        let mut builder = sandbox.git.treebuilder(None).unwrap();
        for number in 0..10 {
            builder
                .insert(format!("{name}{number}"), tree, 0o040_000)
                .unwrap();
        }
        tree = builder.write().unwrap();
    }
    let tree = sandbox.git.find_tree(tree).unwrap();
    let author = Signature::new("Eve", "eve@example.com", &Time::new(0, 0)).unwrap();
    let commit = sandbox
        .git
        .commit(None, &author, &author, "wide", &tree, &[])
        .unwrap();
    let result = sandbox
        .open()
        .text_files(Revision::Commit(commit), &|_, _| true);
    assert!(matches!(result, Err(RepositoryError::TooMuch { .. })));
}

const LONG_TEXT: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n";

#[test]
fn renames_are_followed_between_commits_and_into_the_work_tree() {
    let sandbox = Sandbox::new();
    sandbox.write("before.tf", LONG_TEXT);
    sandbox.write("stays.tf", "stays\n");
    let base = Revision::Commit(sandbox.commit());
    fs::create_dir(sandbox.top().join("sub")).unwrap();
    fs::rename(
        sandbox.top().join("before.tf"),
        sandbox.top().join("sub/after.tf"),
    )
    .unwrap();
    sandbox.write("sub/after.tf", &format!("{LONG_TEXT}eleven\n"));
    sandbox.write("new.tf", "nothing like it\n");

    let expected = BTreeMap::from([("before.tf".to_owned(), "sub/after.tf".to_owned())]);
    let repository = sandbox.open();
    assert_eq!(
        repository.renames(base, Revision::WorkTree).unwrap(),
        expected
    );
    let head = Revision::Commit(sandbox.commit());
    let repository = sandbox.open();
    assert_eq!(repository.renames(base, head).unwrap(), expected);
    assert_eq!(
        repository.renames(base, Revision::WorkTree).unwrap(),
        expected
    );
    let backwards = repository.renames(Revision::WorkTree, base).unwrap();
    assert_eq!(
        backwards.get("sub/after.tf").map(String::as_str),
        Some("before.tf")
    );
    assert_eq!(
        repository.renames(head, Revision::WorkTree).unwrap(),
        BTreeMap::new()
    );
    assert_eq!(
        repository.renames(Revision::Empty, head).unwrap(),
        BTreeMap::new()
    );
}

#[test]
fn copy_is_no_rename() {
    let sandbox = Sandbox::new();
    sandbox.write("before.tf", LONG_TEXT);
    let base = Revision::Commit(sandbox.commit());
    sandbox.write("copy.tf", LONG_TEXT);
    assert_eq!(
        sandbox.open().renames(base, Revision::WorkTree).unwrap(),
        BTreeMap::new()
    );
}

#[test]
fn unknown_revision_suggests_similar_branches_only() {
    let sandbox = Sandbox::with_commit();
    let commit = sandbox.git.head().unwrap().target().unwrap();
    sandbox.reference("refs/remotes/origin/develop", commit);
    let repository = sandbox.open();
    assert_eq!(
        repository.resolve("HEAD").unwrap(),
        Revision::Commit(commit)
    );
    assert_eq!(
        repository.commit_of(Revision::WorkTree).unwrap(),
        commit.to_string()
    );
    let here = format!(" in {}", repository.short_name());
    let message = |spec| {
        let error = repository.resolve(spec).unwrap_err();
        error.to_string().replace(&here, " here")
    };
    assert_eq!(
        message("develop"),
        "unknown revision `develop` here: did you mean `origin/develop`?"
    );
    assert_eq!(
        message("mian"),
        "unknown revision `mian` here: did you mean `main`?"
    );
    assert_eq!(
        message("something-else"),
        "unknown revision `something-else` here: name a branch, a tag or a commit of this clone; \
         `git fetch` gets what is new"
    );
    assert!(!message("HEAD~7").contains("did you mean"));
    assert!(message("a\0b").starts_with("unknown revision"));
}

#[test]
fn the_base_is_where_the_head_of_the_change_set_left_not_where_the_checked_out_branch_did() {
    let (sandbox, fork) = forked();
    let Revision::Commit(left) = fork else {
        panic!("a commit")
    };
    let feature = sandbox.git.head().unwrap().target().unwrap();
    let release = sandbox.git.find_reference("refs/remotes/origin/release");
    sandbox.reset(release.unwrap().target().unwrap());
    let says_release = |name: &str| (name == "GITHUB_BASE_REF").then(|| "release".to_owned());
    let base = |head| {
        sandbox
            .open()
            .base(Start::Untold, head, &says_release)
            .unwrap()
    };
    assert_eq!(
        base(Revision::Commit(feature)).revision,
        Revision::Commit(left)
    );
    assert_ne!(base(Revision::WorkTree).revision, Revision::Commit(left));
}

#[test]
fn shallow_clone_says_how_to_get_its_history() {
    let sandbox = Sandbox::with_commit();
    let complete = sandbox.open().resolve("v1.0").unwrap_err().to_string();
    assert!(!complete.contains("shallow"), "{complete}");
    sandbox.make_shallow(sandbox.git.head().unwrap().target().unwrap());
    let errors = [
        sandbox.open().resolve("v1.0").unwrap_err(),
        sandbox.base(&[("GITHUB_BASE_REF", "release")]).unwrap_err(),
        sandbox
            .base(&[("CI_MERGE_REQUEST_DIFF_BASE_SHA", &"1".repeat(40))])
            .unwrap_err(),
    ];
    for error in errors {
        let message = error.to_string();
        for help in [
            "shallow clone",
            "git fetch --unshallow",
            "fetch-depth: 0",
            "GIT_DEPTH: 0",
        ] {
            assert!(message.contains(help), "{message}");
        }
    }
}

/// `origin/release` and `HEAD` both go on from a first commit, which is returned.
fn forked() -> (Sandbox, Revision) {
    let sandbox = Sandbox::with_commit();
    let fork = sandbox.git.head().unwrap().target().unwrap();
    sandbox.write("theirs.tf", "theirs\n");
    let theirs = sandbox.commit();
    sandbox.reference("refs/remotes/origin/release", theirs);
    sandbox.reset(fork);
    sandbox.write("ours.tf", "ours\n");
    sandbox.commit();
    (sandbox, Revision::Commit(fork))
}

#[test]
fn ci_variable_gives_the_merge_base_with_its_branch() {
    let (sandbox, fork) = forked();
    let base = sandbox
        .base(&[("GITHUB_BASE_REF", "release"), ("CHANGE_TARGET", "other")])
        .unwrap();
    assert_eq!(base.revision, fork);
    assert_eq!(
        base.description,
        "merge base with origin/release (from GITHUB_BASE_REF)"
    );
    for (variable, value) in [
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/release"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "release"),
        (
            "CI_MERGE_REQUEST_DIFF_BASE_SHA",
            &sandbox.open().commit_of(fork).unwrap(),
        ),
        ("DRONE_TARGET_BRANCH", "release"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "release"),
        ("CI_COMMIT_TARGET_BRANCH", "release"),
    ] {
        assert_eq!(
            sandbox.base(&[(variable, value)]).unwrap().revision,
            fork,
            "{variable}"
        );
    }
}

#[test]
fn branch_that_a_ci_variable_names_and_the_clone_lacks_is_an_error() {
    let (sandbox, _) = forked();
    let message = sandbox
        .base(&[("GITHUB_BASE_REF", "gone")])
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "GITHUB_BASE_REF says that the base is `gone`, which is not in this clone: fetch it with \
         `git fetch origin '+refs/heads/*:refs/remotes/origin/*'`, or pass --base REV"
    );
    // Set but empty, as outside of pull requests, says nothing.
    assert!(sandbox.base(&[("GITHUB_BASE_REF", "")]).is_ok());
}

#[test]
fn default_branch_of_the_remote_goes_before_local_ones() {
    let (sandbox, fork) = forked();
    let local = sandbox.base(&[]).unwrap();
    assert_eq!(local.description, "merge base with main");
    assert_ne!(local.revision, fork);
    let target = "refs/remotes/origin/release";
    sandbox
        .git
        .reference_symbolic("refs/remotes/origin/HEAD", target, true, "test")
        .unwrap();
    let remote = sandbox.base(&[]).unwrap();
    assert_eq!(
        (remote.revision, remote.description.as_str()),
        (fork, "merge base with origin/release")
    );
}

#[test]
fn only_remote_stands_in_for_origin_and_of_two_neither_does() {
    let (sandbox, fork) = forked();
    let theirs = sandbox
        .git
        .find_reference("refs/remotes/origin/release")
        .unwrap();
    sandbox.reference("refs/remotes/upstream/main", theirs.target().unwrap());
    assert_eq!(
        sandbox.base(&[]).unwrap().description,
        "merge base with main"
    );
    sandbox
        .git
        .remote("upstream", "https://example.com/x")
        .unwrap();
    let base = sandbox.base(&[]).unwrap();
    assert_eq!(
        (base.revision, base.description.as_str()),
        (fork, "merge base with upstream/main")
    );
    sandbox.git.remote("fork", "https://example.com/y").unwrap();
    assert_eq!(
        sandbox.base(&[]).unwrap().description,
        "merge base with main"
    );
}

#[test]
fn only_branch_is_its_own_base_and_of_two_neither_is() {
    let sandbox = Sandbox::with_commit();
    let head = sandbox.git.head().unwrap().target().unwrap();
    sandbox.reference("refs/heads/trunk", head);
    sandbox.git.set_head("refs/heads/trunk").unwrap();
    sandbox
        .git
        .find_reference("refs/heads/main")
        .unwrap()
        .delete()
        .unwrap();
    assert_eq!(sandbox.base(&[]).unwrap().revision, Revision::Commit(head));
    sandbox.reference("refs/heads/feature", head);
    let message = sandbox.base(&[]).unwrap_err().to_string();
    assert!(
        message.contains("origin/main, origin/master, main, master"),
        "{message}"
    );
}

#[test]
fn one_branch_of_several_is_not_its_own_base_and_the_only_one_there_is_is() {
    let sandbox = Sandbox::with_commit();
    let head = sandbox.git.head().unwrap().target().unwrap();
    sandbox.reference("refs/heads/feature", head);
    sandbox.git.set_head("refs/heads/feature").unwrap();
    let mut main = sandbox.git.find_reference("refs/heads/main").unwrap();
    main.delete().unwrap();
    sandbox.reference("refs/remotes/origin/feature", head);
    sandbox
        .git
        .remote("origin", "https://example.com/x")
        .unwrap();
    let all = sandbox.base(&[]).unwrap();
    assert_eq!(all.description, "merge base with origin/feature");
    let mut config = sandbox.git.config().unwrap();
    let narrowed = "+refs/heads/feature:refs/remotes/origin/feature";
    config.set_str("remote.origin.fetch", narrowed).unwrap();
    assert_eq!(
        sandbox.base(&[]).unwrap_err().to_string(),
        "this clone holds the branch `feature` alone, and nothing tells what the change set is to be merged into: fetch it with \
         `git fetch origin '+refs/heads/*:refs/remotes/origin/*'`, or pass --base REV"
    );
    // What it is to be merged into may be fetched, or told.
    let says = [("GITHUB_BASE_REF", "feature")];
    assert!(sandbox.base(&says).is_ok());
    sandbox.reference("refs/remotes/origin/main", head);
    assert!(sandbox.base(&[]).is_ok());
}

#[test]
fn a_branch_is_measured_from_where_it_left_another_unless_exactly_that_is_asked_for() {
    let (sandbox, fork) = forked();
    let repository = sandbox.open();
    let base = |start| {
        let base = repository.base(start, Revision::WorkTree, &|_| None);
        base.map(|base| (base.revision, base.description))
    };
    let tip = repository.resolve("origin/release").unwrap();
    assert_eq!(
        base(Start::LeftFrom("origin/release")).unwrap(),
        (fork, "merge base with origin/release".to_owned())
    );
    assert_eq!(
        base(Start::Exactly("origin/release")).unwrap(),
        (tip, "exactly origin/release".to_owned())
    );
    // What the head goes on from is its own merge base.
    assert_eq!(
        base(Start::LeftFrom("HEAD~1")).unwrap(),
        (fork, "HEAD~1".to_owned())
    );
    let id = repository.commit_of(fork).unwrap();
    assert_eq!(base(Start::LeftFrom(&id)).unwrap(), (fork, String::new()));
    assert!(base(Start::LeftFrom("gone")).is_err());
}

#[test]
fn without_a_common_ancestor_a_base_has_to_be_asked_for_exactly() {
    let (sandbox, _) = forked();
    let release = sandbox.open().resolve("origin/release").unwrap();
    let Revision::Commit(tip) = release else {
        panic!("a commit")
    };
    sandbox.make_shallow(tip);
    let repository = sandbox.open();
    let base = |start| repository.base(start, Revision::WorkTree, &|_| None);
    let message = base(Start::LeftFrom("origin/release"))
        .unwrap_err()
        .to_string();
    for help in ["git fetch --unshallow", "--exact-base"] {
        assert!(message.contains(help), "{message}");
    }
    let exactly = base(Start::Exactly("origin/release")).unwrap();
    assert_eq!(exactly.revision, release);
}

#[test]
fn unrelated_histories_have_no_base() {
    let sandbox = Sandbox::with_commit();
    let tree = sandbox.git.head().unwrap().peel_to_tree().unwrap();
    let author = Signature::new("Eve", "eve@example.com", &Time::new(0, 0)).unwrap();
    let other = sandbox
        .git
        .commit(None, &author, &author, "other", &tree, &[])
        .unwrap();
    sandbox.reference("refs/remotes/origin/main", other);
    let message = sandbox.base(&[]).unwrap_err().to_string();
    assert!(message.contains("unrelated"), "{message}");
}

#[test]
fn repository_without_commits_has_an_empty_base() {
    let sandbox = Sandbox::new();
    sandbox.write("a.tf", "a\n");
    let base = sandbox.base(&[("GITHUB_BASE_REF", "main")]).unwrap();
    assert_eq!(base.revision, Revision::Empty);
    let repository = sandbox.open();
    assert_eq!(repository.commit_of(Revision::WorkTree), None);
    assert_eq!(
        paths(&everything(&repository, Revision::WorkTree)),
        ["a.tf"]
    );
    assert_eq!(repository.last_change("a.tf", 1..=1), None);
}

#[test]
fn last_change_is_the_newest_of_the_lines_and_of_no_other() {
    let sandbox = Sandbox::new();
    sandbox.write("a.tf", "one\ntwo\nthree\n");
    let first = sandbox.commit();
    sandbox.write("a.tf", "one\nTWO\nthree\n");
    let second = sandbox.commit();
    let repository = sandbox.open();
    let change = repository.last_change("a.tf", 1..=2).unwrap();
    let expected = LastChange {
        commit: second.to_string(),
        date: "1970-01-02".into(),
        author: "Ada".into(),
    };
    assert_eq!(change, expected);
    assert_eq!(
        repository.last_change("a.tf", 3..=3).unwrap().commit,
        first.to_string()
    );
    for (path, lines) in [
        ("none.tf", 1..=1),
        ("a.tf", 90..=99),
        ("a.tf", 5..=usize::MAX),
        ("../a.tf", 1..=1),
    ] {
        assert_eq!(repository.last_change(path, lines), None);
    }
}

#[test]
fn last_change_is_not_told_where_a_shallow_history_ends() {
    let sandbox = Sandbox::new();
    sandbox.write("a.tf", "one\n");
    sandbox.commit();
    sandbox.write("b.tf", "b\n");
    let cut_off = sandbox.commit();
    sandbox.write("a.tf", "one\ntwo\n");
    let head = sandbox.commit();
    sandbox.make_shallow(cut_off);
    let repository = sandbox.open();
    assert_eq!(repository.last_change("a.tf", 1..=1), None);
    assert_eq!(
        repository.last_change("a.tf", 2..=2).unwrap().commit,
        head.to_string()
    );
}

#[test]
fn repository_is_called_after_its_remote_and_never_after_credentials() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.open().short_name(), "inside");
    sandbox
        .git
        .remote("origin", "git@example.com:team/network.git")
        .unwrap();
    assert_eq!(sandbox.open().short_name(), "network");
    for (address, name) in [
        ("https://example.com/team/network.git", Some("network")),
        (
            "https://user:secret@example.com/team/network/",
            Some("network"),
        ),
        ("https://user:secret@example.com", None),
        ("https://user:secret@example.com/?token=x", None),
        ("ssh://git@example.com:22/network", Some("network")),
        ("git@example.com:network.git", Some("network")),
        ("../network", Some("network")),
        ("", None),
    ] {
        assert_eq!(name_in_address(address).as_deref(), name, "{address}");
    }
}

#[test]
fn dates_are_those_of_the_calendar() {
    for (seconds, date) in [
        (0, Some("1970-01-01")),
        (-1, Some("1969-12-31")),
        (951_782_400, Some("2000-02-29")),
        (1_709_251_199, Some("2024-02-29")),
        (1_709_251_200, Some("2024-03-01")),
        (4_107_542_400, Some("2100-03-01")),
        (i64::MAX, None),
        (i64::MIN, None),
    ] {
        assert_eq!(date_of(seconds).as_deref(), date, "{seconds}");
    }
}
