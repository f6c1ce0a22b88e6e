//! The base of a change set: what the work is to be merged into.

use std::collections::BTreeSet;

use git2::{ErrorCode, Oid};

use super::{Repository, RepositoryError, Revision, SHALLOW_HELP};

/// The revision that a change set starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// A commit, or [`Revision::Empty`] in a repository without any.
    pub revision: Revision,
    /// Where it comes from, for people: "merge base with origin/main". Empty where its id says it all.
    pub description: String,
}

/// How somebody says where a change set starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start<'s> {
    /// Not at all: where it left what it is to be merged into.
    Untold,
    /// Where it left this revision.
    LeftFrom(&'s str),
    /// At this revision, even where the histories have parted since.
    Exactly(&'s str),
}

/// What the value of a CI system's variable is.
enum Named {
    Branch,
    Commit,
}

/// The variables by which CI systems tell what a change is to be merged into, in the order in which they are believed.
const CI_VARIABLES: [(&str, Named); 9] = [
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
    ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", Named::Branch),
    // Woodpecker.
    ("CI_COMMIT_TARGET_BRANCH", Named::Branch),
];

/// What to do about histories that never meet.
const UNRELATED_HELP: &str = "their histories are unrelated; pass --base REV with another revision, or --exact-base \
     to compare with exactly that one";

impl Repository {
    /// The base of the change set that ends with `head`; the work tree goes on from `HEAD`.
    ///
    /// # Errors
    ///
    /// If a revision that is named is not in this clone, if there is no common ancestor, or if nothing tells the base.
    pub fn base(
        &self,
        start: Start<'_>,
        head: Revision,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Base, RepositoryError> {
        match start {
            Start::Untold => self.default_base(head, environment),
            Start::LeftFrom(spec) => self.base_left_from(spec, head),
            Start::Exactly(spec) => Ok(Base {
                revision: self.resolve(spec)?,
                description: format!("exactly {spec}"),
            }),
        }
    }

    /// Where `head` and a revision have a common ancestor last: what has come to the revision since is none of the change set.
    fn base_left_from(&self, spec: &str, head: Revision) -> Result<Base, RepositoryError> {
        let revision = self.resolve(spec)?;
        let Revision::Commit(target) = revision else {
            return Ok(Base {
                revision,
                description: spec.to_owned(),
            });
        };
        let Some(head) = self.last_commit(head)? else {
            let base = spec.to_owned();
            let help = UNRELATED_HELP.to_owned();
            return Err(RepositoryError::NoMergeBase { base, help });
        };
        let mut base = self.merge_base(target, head, spec, &self.main_remote())?;
        if base.revision == revision {
            let is_its_id = spec.len() >= 7 && target.to_string().starts_with(spec);
            base.description = if is_its_id {
                String::new()
            } else {
                spec.to_owned()
            };
        }
        Ok(base)
    }

    /// The commit that a revision is, or goes on from.
    fn last_commit(&self, revision: Revision) -> Result<Option<Oid>, RepositoryError> {
        match revision {
            Revision::Commit(commit) => Ok(Some(commit)),
            Revision::WorkTree => self.head(),
            Revision::Empty => Ok(None),
        }
    }

    /// The base where nobody says where a change set starts.
    ///
    /// What the CI system's variables say, else the default branch (`origin/HEAD`, `origin/main`, `origin/master`,
    /// `main`, `master`), else the only branch there is; of that, the merge base with `head`. Without any commit,
    /// everything is new. A remote of another name stands in for `origin` if it is the only one.
    fn default_base(
        &self,
        head: Revision,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Base, RepositoryError> {
        let Some(head) = self.last_commit(head)? else {
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
        if self.may_lack_branches(&remote, branches.is_empty()) {
            return Err(RepositoryError::LoneBranch {
                held: branches.first().map_or_else(
                    || "no branch".to_owned(),
                    |branch| format!("the branch `{branch}` alone"),
                ),
                help: self.history_help(&remote),
            });
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

    /// Whether a remote has, or may have, branches that this clone does not fetch. One branch compared with itself would show
    /// no change, whatever it changes.
    fn may_lack_branches(&self, remote: &str, has_none: bool) -> bool {
        let Ok(remote) = self.git.find_remote(remote) else {
            return false;
        };
        let fetches_all = remote.refspecs().any(|refspec| {
            let is_fetch = refspec.direction() == git2::Direction::Fetch;
            is_fetch
                && refspec
                    .src()
                    .is_ok_and(|source| matches!(source, "refs/heads/*" | "refs/*"))
        });
        has_none || !fetches_all || self.git.is_shallow()
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
                    let fetch = self.history_help(remote);
                    format!(
                        "{fetch}; or pass --base REV --exact-base to compare with exactly that revision"
                    )
                } else {
                    UNRELATED_HELP.to_owned()
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
