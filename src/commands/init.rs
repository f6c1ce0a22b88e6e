//! Settings to start from, and the CI file of the code host. What is there already is left as it is.

use std::path::Path;

use anyhow::{Result, bail};

use crate::cli::{CodeHost, InitArgs};
use crate::report::text::for_terminal;
use crate::repos::{Repository, Revision};

/// The settings, every one of them as a comment.
pub const SETTINGS: &str = include_str!("../../ci/perimeter.yaml");

const ON_GITHUB: &str = include_str!("../../ci/github.yml");
const ON_GITLAB: &str = include_str!("../../ci/gitlab.yml");
const ON_BITBUCKET: &str = include_str!("../../ci/bitbucket.yml");
const ON_AZURE_DEVOPS: &str = include_str!("../../ci/azure.yml");

/// What tells the code host, in the order in which it is believed: a file or directory at the top of the repository.
const TRACES: [(&str, CodeHost); 8] = [
    (".forgejo", CodeHost::Forgejo),
    (".gitea", CodeHost::Gitea),
    (".gitlab-ci.yml", CodeHost::Gitlab),
    ("bitbucket-pipelines.yml", CodeHost::Bitbucket),
    ("azure-pipelines.yml", CodeHost::AzureDevops),
    (".azuredevops", CodeHost::AzureDevops),
    (".github/workflows", CodeHost::Github),
    (".gitlab", CodeHost::Gitlab),
];

/// The same, by the host in the address that the repository was cloned from.
const ADDRESSES: [(&str, CodeHost); 9] = [
    ("github", CodeHost::Github),
    ("gitlab", CodeHost::Gitlab),
    ("bitbucket", CodeHost::Bitbucket),
    ("dev.azure.com", CodeHost::AzureDevops),
    ("visualstudio.com", CodeHost::AzureDevops),
    ("codeberg.org", CodeHost::Forgejo),
    ("forgejo", CodeHost::Forgejo),
    ("gitea", CodeHost::Gitea),
    (".ghe.", CodeHost::Github),
];

/// Write the files, and tell what was done and what is left to do.
///
/// # Errors
///
/// If there is no work tree here, nothing tells the code host, or a file cannot be written.
pub fn run(args: &InitArgs) -> Result<String> {
    let repository = Repository::open(Path::new("."))?;
    let Some(top) = repository.top() else {
        bail!(
            "this repository is bare, and files are written into a work tree: run this in a clone of it"
        );
    };
    let Some(host) = args.forge.or_else(|| host_of(&repository, top)) else {
        bail!(
            "nothing here tells the code host: pass --forge github, gitlab, gitea, forgejo, bitbucket or azure-devops"
        );
    };
    let (ci_file, ci, next) = ci_of(host);
    // All of it can be written, or nothing is.
    for path in ["perimeter.yaml", ci_file] {
        check_place(top, path)?;
    }
    let mut told = String::new();
    for (path, text) in [("perimeter.yaml", SETTINGS), (ci_file, ci)] {
        let done = write(&repository, path, text, args.force)?;
        told.push_str(&format!("{done:8} {}\n", for_terminal(path)));
    }
    told.push_str(&format!(
        "\nNext:\n- {next}\n- `perimeter carve-outs` lists the carve-outs that are here, and what is wrong with them; \
         `perimeter check` compares this branch.\n- What is wrong today does not block: the base of each pull request is its \
         baseline.\n"
    ));
    Ok(told)
}

/// Whether a file can stand at a path.
fn check_place(top: &Path, path: &str) -> Result<()> {
    let kind_of =
        |path: &str| std::fs::symlink_metadata(top.join(path)).map(|found| found.file_type());
    for (end, _) in path.match_indices('/') {
        let directory = &path[..end];
        if kind_of(directory).is_ok_and(|kind| !kind.is_dir()) {
            bail!(
                "cannot write {path}: {directory} is there and is no directory; nothing was written"
            );
        }
    }
    if kind_of(path).is_ok_and(|kind| !kind.is_file()) {
        bail!("cannot write {path}: what is there is no regular file; nothing was written");
    }
    Ok(())
}

/// What became of a file.
fn write(repository: &Repository, path: &str, text: &str, force: bool) -> Result<&'static str> {
    if repository.create(path, text.as_bytes())? {
        return Ok("written");
    }
    match repository.read(Revision::WorkTree, path)? {
        Some(before) if before == text.as_bytes() => Ok("same"),
        Some(_) if !force => Ok("kept"),
        Some(_) => {
            let replaced = repository.rewrite(path, &|_| Some(text.as_bytes().to_vec()))?;
            if replaced {
                Ok("replaced")
            } else {
                bail!("cannot write {path}: somebody else writes it")
            }
        }
        None => bail!("cannot write {path}: it is no regular file"),
    }
}

fn host_of(repository: &Repository, top: &Path) -> Option<CodeHost> {
    let trace = TRACES
        .into_iter()
        .find(|(path, _)| std::fs::symlink_metadata(top.join(path)).is_ok());
    trace.map(|(_, host)| host).or_else(|| {
        let address = repository.origin_address()?.to_lowercase();
        // What stands before the path, so that a repository's own name tells nothing.
        let rest = address
            .split_once("://")
            .map_or(&*address, |(_, rest)| rest);
        let server = rest.split(['/', ':']).next()?;
        let named = ADDRESSES
            .into_iter()
            .find(|(part, _)| server.contains(part));
        named.map(|(_, host)| host)
    })
}

/// Where a host looks for what to run, what that is, and what somebody has to do there.
fn ci_of(host: CodeHost) -> (&'static str, &'static str, &'static str) {
    match host {
        CodeHost::Github => (
            ".github/workflows/perimeter.yml",
            ON_GITHUB,
            "have `perimeter` on the runner",
        ),
        CodeHost::Gitea => (
            ".gitea/workflows/perimeter.yml",
            ON_GITHUB,
            "have `perimeter` on the runner",
        ),
        CodeHost::Forgejo => (
            ".forgejo/workflows/perimeter.yml",
            ON_GITHUB,
            "have `perimeter` on the runner",
        ),
        CodeHost::Gitlab => (
            ".gitlab/perimeter.yml",
            ON_GITLAB,
            "include the file in .gitlab-ci.yml and set GITLAB_TOKEN, as its first lines tell; have `perimeter` in the image",
        ),
        CodeHost::Bitbucket => (
            "bitbucket-pipelines.yml",
            ON_BITBUCKET,
            "if the file was there before, add the step for pull requests that docs/ci.md of perimeter shows; set BITBUCKET_TOKEN; have \
             `perimeter` in the image",
        ),
        CodeHost::AzureDevops => (
            "azure-pipelines-perimeter.yml",
            ON_AZURE_DEVOPS,
            "make a pipeline of the file and a build validation policy that runs it, as its first lines tell; have `perimeter` on the agent",
        ),
    }
}
