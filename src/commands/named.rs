//! Which repositories are the same one, and what to call those that are not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::repos::Repository;

use super::inputs::Environment;

/// By what a repository is known to be the same one: where git keeps it, where its work tree is, and what it was cloned from.
pub(super) fn identities(repository: &Repository, environment: Environment<'_>) -> Vec<String> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let mut places = vec![real(repository.git_directory())];
    places.extend(repository.top().map(real));
    let published = repository.remote(environment);
    if published.is_none() {
        let origin = repository.origin_address().map(PathBuf::from);
        places.extend(
            origin
                .filter(|path| path.is_absolute())
                .map(|path| real(&path)),
        );
    }
    let places = places
        .iter()
        .map(|path| path.to_string_lossy().into_owned());
    let published = published.map(|remote| format!("at {}", remote.identity));
    places.chain(published).collect()
}

/// What to call repositories, all of them different ones, so that no two bear one name: as they call themselves where that
/// is enough; else by where they are published, or by the end of their path.
pub(super) fn names_apart(
    repositories: &[&Repository],
    environment: Environment<'_>,
) -> Vec<String> {
    let known = repositories.iter().map(|repository| {
        let top = repository
            .top()
            .unwrap_or_else(|| repository.git_directory());
        let top = top.canonicalize().unwrap_or_else(|_| top.to_path_buf());
        let parts = top.components().rev();
        Known {
            name: repository.short_name(),
            published: repository.remote(environment).map(|remote| remote.identity),
            path: parts
                .filter_map(|part| match part {
                    std::path::Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                    _ => None,
                })
                .collect(),
        }
    });
    apart(&known.collect::<Vec<_>>())
}

/// What names a repository may go by.
struct Known {
    name: String,
    published: Option<String>,
    /// Where it lies, the last part first.
    path: Vec<String>,
}

fn apart(known: &[Known]) -> Vec<String> {
    let mut alike: BTreeMap<&str, Vec<&Known>> = BTreeMap::new();
    for one in known {
        alike.entry(&one.name).or_default().push(one);
    }
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names = Vec::new();
    for one in known {
        let bearers = &alike[one.name.as_str()];
        let name = match (&one.published, bearers.as_slice()) {
            (_, [_]) => one.name.clone(),
            (Some(published), _) => published.clone(),
            (None, _) => {
                let end = |known: &Known, parts: usize| {
                    let mut end: Vec<String> = known.path.iter().take(parts).cloned().collect();
                    end.reverse();
                    end.join("/")
                };
                let is_alone = |parts: &usize| {
                    let same = |other: &&&Known| end(other, *parts) == end(one, *parts);
                    bearers.iter().filter(same).count() == 1
                };
                let parts = (1..=one.path.len()).find(is_alone);
                parts.map_or_else(|| one.name.clone(), |parts| end(one, parts))
            }
        };
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let mut candidates = std::iter::once(name.clone()).chain(numbered);
        let free = candidates.find(|candidate| !taken.contains(candidate));
        let name = free.unwrap_or(name);
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(repositories: &[(&str, Option<&str>)], expected: &[&str]) {
        let known: Vec<Known> = repositories
            .iter()
            .map(|(path, published)| {
                let path: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
                Known {
                    name: path[0].clone(),
                    published: published.map(str::to_owned),
                    path,
                }
            })
            .collect();
        assert_eq!(apart(&known), expected);
    }

    #[test]
    fn equal_names_are_told_apart_by_address_or_path_and_others_stay_short() {
        check(
            &[("src/cart", None), ("src/stock", None)],
            &["cart", "stock"],
        );
        check(
            &[
                ("a/src/infra", None),
                ("b/src/infra", None),
                ("b/src/cart", None),
            ],
            &["a/src/infra", "b/src/infra", "cart"],
        );
        check(
            &[
                ("a/infra", Some("git.example.org/a/infra")),
                ("b/infra", None),
            ],
            &["git.example.org/a/infra", "b/infra"],
        );
        check(
            &[("a/infra", None), ("a/infra", None)],
            &["infra", "infra (2)"],
        );
    }
}
