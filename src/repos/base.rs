//! The base of a change set: what the work is to be merged into.

use std::collections::BTreeSet;

use git2::{ErrorCode, Oid};

use super::{Repository, RepositoryError, Revision, SHALLOW_HELP};

/// The revision that a change set starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// A commit, or [`Revision::Empty`] in a repository without any.
    pub revision: Revision,
    /// Where it comes from, for people: "merge base with origin/main".
    pub description: String,
}

/// What the value of a CI system's variable is.
enum Named {
    Branch,
    Commit,
}

/// The variables by which CI systems tell what a change is to be merged into, in the order in which they are believed.
const CI_VARIABLES: [(&str, Named); 7] = [
    ("GITHUB_BASE_REF", Named::Branch),
    // GitLab. The commit comes first: its branch may have moved on since.
    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", Named::Commit),
    ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", Named::Branch),
    ("BITBUCKET_PR_DESTINATION_BRANCH", Named::Branch),
    // Azure Pipelines.
    ("SYSTEM_PULLREQUEST_TARGETBRANCH", Named::Branch),
    // Jenkins.
    ("CHANGE_TARGET", Named::Branch),
    ("DRONE_TARGET_BRANCH", Named::Branch),
];

impl Repository {
    /// The base of the change set that ends with `head`; the work tree goes on from `HEAD`.
    ///
    /// What the CI system's variables say, else the default branch (`origin/HEAD`, `origin/main`, `origin/master`,
    /// `main`, `master`), else the only branch there is; of that, the merge base with `head`. Without any commit,
    /// everything is new. A remote of another name stands in for `origin` if it is the only one.
    ///
    /// # Errors
    ///
    /// If a variable names what this clone lacks, if there is no common ancestor, or if nothing tells the base.
    pub fn default_base(
        &self,
        head: Revision,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Base, RepositoryError> {
        let head = match head {
            Revision::Commit(commit) => Some(commit),
            Revision::WorkTree => self.head()?,
            Revision::Empty => None,
        };
        let Some(head) = head else {
            return Ok(Base {
                revision: Revision::Empty,
                description: "nothing, before the first commit".to_owned(),
            });
        };
        let remote = self.main_remote();

        for (variable, named) in CI_VARIABLES {
            let Some(value) = environment(variable).filter(|value| !value.trim().is_empty()) else {
                continue;
            };
            let value = value.trim();
            let found = match named {
                Named::Branch => {
                    let branch = value.strip_prefix("refs/heads/").unwrap_or(value);
                    let references = [
                        format!("refs/remotes/{remote}/{branch}"),
                        format!("refs/heads/{branch}"),
                    ];
                    references
                        .iter()
                        .find_map(|reference| self.commit_at(reference))
                }
                Named::Commit => {
                    let commit = Oid::from_str(value).and_then(|id| self.git.find_commit(id));
                    let short = value.get(..12).unwrap_or(value);
                    commit.ok().map(|commit| (commit.id(), short.to_owned()))
                }
            };
            let Some((target, name)) = found else {
                return Err(RepositoryError::MissingBase {
                    variable,
                    revision: value.to_owned(),
                    help: self.history_help(&remote),
                });
            };
            let mut base = self.merge_base(target, head, &name, &remote)?;
            base.description.push_str(&format!(" (from {variable})"));
            return Ok(base);
        }

        let usual = [
            format!("refs/remotes/{remote}/HEAD"),
            format!("refs/remotes/{remote}/main"),
            format!("refs/remotes/{remote}/master"),
            "refs/heads/main".to_owned(),
            "refs/heads/master".to_owned(),
        ];
        if let Some((target, name)) = usual.iter().find_map(|reference| self.commit_at(reference)) {
            return self.merge_base(target, head, &name, &remote);
        }

        let prefix = format!("{remote}/");
        let names = self.branch_names();
        let branches: BTreeSet<&str> = names
            .iter()
            .map(|name| name.strip_prefix(&prefix).unwrap_or(name))
            .collect();
        if branches.len() > 1 {
            let tried = usual
                .map(|reference| short_reference(&reference).to_owned())
                .join(", ");
            return Err(RepositoryError::UnknownBase { tried });
        }
        let published = branches
            .first()
            .and_then(|name| self.commit_at(&format!("refs/remotes/{remote}/{name}")));
        match published {
            Some((target, name)) => self.merge_base(target, head, &name, &remote),
            None => Ok(Base {
                revision: Revision::Commit(head),
                description: "there is no other branch".to_owned(),
            }),
        }
    }

    /// The remote that changes are sent to: `origin`, or the only one there is.
    fn main_remote(&self) -> String {
        let remotes = self.git.remotes().ok();
        let mut names: Vec<&str> = remotes.iter().flatten().flatten().flatten().collect();
        match names.pop() {
            Some(only) if names.is_empty() => only.to_owned(),
            _ => "origin".to_owned(),
        }
    }

    /// The commit of a full reference name, and the short name of the branch that it stands for.
    fn commit_at(&self, reference: &str) -> Option<(Oid, String)> {
        let reference = self.git.find_reference(reference).ok()?.resolve().ok()?;
        let commit = reference.peel_to_commit().ok()?.id();
        Some((commit, short_reference(reference.name().ok()?).to_owned()))
    }

    fn merge_base(
        &self,
        target: Oid,
        head: Oid,
        name: &str,
        remote: &str,
    ) -> Result<Base, RepositoryError> {
        match self.git.merge_base(target, head) {
            Ok(commit) => Ok(Base {
                revision: Revision::Commit(commit),
                description: format!("merge base with {name}"),
            }),
            Err(error) if error.code() == ErrorCode::NotFound => {
                let help = if self.git.is_shallow() {
                    self.history_help(remote)
                } else {
                    "their histories are unrelated, pass --base REV".to_owned()
                };
                let base = name.to_owned();
                Err(RepositoryError::NoMergeBase { base, help })
            }
            Err(error) => Err(RepositoryError::unreadable("the history", &error)),
        }
    }

    /// How to get commits that are not in this clone.
    fn history_help(&self, remote: &str) -> String {
        if self.git.is_shallow() {
            SHALLOW_HELP.to_owned()
        } else {
            format!(
                "fetch it with `git fetch {remote} '+refs/heads/*:refs/remotes/{remote}/*'`, or pass --base REV"
            )
        }
    }
}

/// A reference as a person would type it.
fn short_reference(reference: &str) -> &str {
    let prefixes = ["refs/remotes/", "refs/heads/"];
    prefixes
        .iter()
        .find_map(|prefix| reference.strip_prefix(prefix))
        .unwrap_or(reference)
}
