//! One harness: a repository from folders, the binary with a clean environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use git2::{IndexAddOption, Oid, Repository, Signature, Time};

/// The root of this project.
pub(crate) fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The binary, with nothing of the caller's environment that could change its answer.
pub(crate) fn perimeter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perimeter"));
    command
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("PERIMETER_CACHE_DIR", "/dev/null/nowhere");
    command
}

/// What a run printed and how it ended.
pub(crate) struct Run {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

/// Run to the end.
pub(crate) fn run(command: &mut Command) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Run {
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
        code: status.code().expect("not killed by a signal"),
    }
}

/// A repository that lives as long as the test.
pub(crate) struct TestRepository {
    directory: tempfile::TempDir,
    repository: Repository,
}

impl TestRepository {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main");
        let repository = Repository::init_opts(directory.path(), &options).unwrap();
        repository
            .remote("origin", "https://git.example/acme/platform.git")
            .unwrap();
        Self {
            directory,
            repository,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The repository itself, for branches and the like.
    pub(crate) fn git(&self) -> &Repository {
        &self.repository
    }

    /// Make the work tree equal to a folder.
    pub(crate) fn lay_out(&self, folder: &Path) {
        for entry in std::fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap() == ".git" {
                continue;
            }
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap()
            } else {
                std::fs::remove_file(path).unwrap()
            }
        }
        copy(folder, self.path());
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commit the whole work tree, on 2026-01-05: old enough that nothing depends on today.
    pub(crate) fn commit(&self, message: &str) -> Oid {
        self.commit_at(message, 1_767_600_000)
    }

    /// Commit the whole work tree at a time, in seconds since 1970.
    pub(crate) fn commit_at(&self, message: &str, seconds: i64) -> Oid {
        let mut index = self.repository.index().unwrap();
        index.add_all(["*"], IndexAddOption::FORCE, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = self
            .repository
            .find_tree(index.write_tree().unwrap())
            .unwrap();
        let author = Signature::new("Ada", "ada@example.org", &Time::new(seconds, 0)).unwrap();
        let parent = self
            .repository
            .head()
            .ok()
            .and_then(|head| head.peel_to_commit().ok());
        let parents: Vec<_> = parent.iter().collect();
        self.repository
            .commit(Some("HEAD"), &author, &author, message, &tree, &parents)
            .unwrap()
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
