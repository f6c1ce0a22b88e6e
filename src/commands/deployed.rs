//! What is deployed from now on and was not before, where that is not seen in the objects themselves.
//!
//! Objects count as they stand in the repositories given. Which folder, chart or revision of them is in force, an `Application` or a
//! `Kustomization` decides, and often of content that no repository given has: whoever changes that is told what nobody judged.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Notice;
use crate::location::Location;
use crate::repos::Remote;
use crate::sources::manifests::deployed::{Deployed, KUSTOMIZE, deployed, patched_policies};
use crate::sources::manifests::object::Object;
use crate::sources::manifests::yaml::Node;
use crate::verdict::{Finding, Rule, Severity};

use super::survey::{Side, Survey};

/// The bodies of patches, by their files.
type Bodies<'s> = BTreeMap<&'s str, &'s Vec<Node>>;

/// All objects of one side, and the files that patch objects and are none.
fn given(surveys: &[Survey], pick: fn(&Survey) -> &Side) -> (Vec<&Object>, Bodies<'_>) {
    let all = || surveys.iter().map(|survey| &pick(survey).manifests);
    let objects = all().flat_map(|manifests| manifests.objects.iter().chain(&manifests.elsewhere));
    let patches = all().flat_map(|manifests| &manifests.patches);
    let patches = patches.map(|(path, body)| (path.as_str(), body));
    (objects.collect(), patches.collect())
}

/// One notice for each source whose content changes unseen.
pub(super) fn notices(surveys: &[Survey]) -> Vec<Notice> {
    let side = |pick| {
        let (objects, patches) = given(surveys, pick);
        deployed(objects.into_iter(), &patches)
    };
    let (before, after) = (side(|one| &one.at_base), side(|one| &one.at_head));
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let told = keys.into_iter().filter_map(|key| {
        let message = match (before.get(key), after.get(key)) {
            (Some(was), Some(is)) if was != is && key.0.group == KUSTOMIZE => {
                patched(was, is, surveys)
            }
            (Some(was), Some(is)) if was != is => Some(changed(was, is, is_given(is, surveys))),
            (None, Some(is)) => began(is, surveys),
            (Some(was), None) => ended(was, surveys),
            _ => None,
        }?;
        Some(Notice {
            kind: "deployed-content-not-seen",
            subject: key.0.address(),
            message,
        })
    });
    told.collect()
}

/// Patches of policies that the change set changes: what they make of these, nobody has seen.
pub(super) fn unread_patches(surveys: &[Survey], severity: Severity) -> Vec<Finding> {
    let side = |pick| {
        let (objects, patches) = given(surveys, pick);
        patched_policies(objects.into_iter(), &patches)
    };
    let (before, after) = (side(|one| &one.at_base), side(|one| &one.at_head));
    let none = BTreeMap::new();
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let findings = keys.into_iter().filter_map(|key| {
        let [was, is] = [before.get(key), after.get(key)];
        let patches = is.or(was)?;
        let [was, is] = [was, is].map(|side| side.map_or(&none, |patches| &patches.by_kind));
        let kinds: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        let kinds = kinds.into_iter().filter(|kind| was.get(*kind) != is.get(*kind));
        let kinds: Vec<&str> = kinds.map(String::as_str).collect();
        (!kinds.is_empty()).then(|| Finding {
            repository: surveys.get(patches.source.repository).map_or_else(String::new, |one| one.name.clone()),
            location: Location::line(patches.source.path.to_string(), patches.line),
            rule: Rule::UnreadSource,
            severity,
            message: format!(
                "its patches of {} change, and objects are read as they are written: what the patches make of them is not seen",
                kinds.join(", ")
            ),
            help: "keep what `kustomize build` makes in the repository, or change the objects themselves".to_owned(),
            related: Vec::new(),
        })
    });
    findings.collect()
}

/// What differs between two kustomizations; `None`: only what comes or goes with the files of this change.
fn patched(was: &Deployed, is: &Deployed, surveys: &[Survey]) -> Option<String> {
    let names: BTreeSet<_> = was.more.keys().chain(is.more.keys()).collect();
    let differing = names.into_iter().filter(|name| {
        let [was, is] = [was, is].map(|one| one.more.get(**name).map(String::as_str));
        was != is
            && (!matches!(**name, "components" | "resources")
                || is_put_in_force(was.unwrap_or_default(), is.unwrap_or_default(), surveys))
    });
    let differing: Vec<String> = differing.map(|name| format!("its {name}")).collect();
    if differing.is_empty() {
        return None;
    }
    Some(format!(
        "it changes {}; objects are read as they are written, so what kustomize makes of them by this is not judged: keep what \
         `kustomize build` makes in the repository",
        differing.join(", ")
    ))
}

/// Whether lists of files and folders differ by such as both sides have, or nobody: what is new or gone as a file is judged as one.
fn is_put_in_force(was: &str, is: &str, surveys: &[Survey]) -> bool {
    let [was, is] = [was, is].map(|text| text.lines().collect::<BTreeSet<&str>>());
    let mut differing = was.symmetric_difference(&is);
    differing.any(|path| {
        let is_at = |side: &Side| {
            let manifests = &side.manifests;
            let mut objects = manifests.objects.iter().chain(&manifests.elsewhere);
            objects.any(|object| {
                let rest = object.source.path.strip_prefix(path);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let base = surveys.iter().any(|survey| is_at(&survey.at_base));
        let head = surveys.iter().any(|survey| is_at(&survey.at_head));
        base == head
    })
}

/// What differs between two sources, and why nobody judged it.
fn changed(was: &Deployed, is: &Deployed, is_given: bool) -> String {
    let mut differing = Vec::new();
    let mut differs = |what: &str, was: Option<&String>, is: Option<&String>| {
        if was != is {
            let [was, is] = [was, is].map(|text| text.map_or("nothing", String::as_str));
            differing.push(format!("{what} from {was} to {is}"));
        }
    };
    let of_chart = is.chart.is_some();
    let repositories = [was, is].map(|one| one.repository.as_deref().map(without_credentials));
    differs(
        "repository",
        repositories[0].as_ref(),
        repositories[1].as_ref(),
    );
    differs("path", was.path.as_ref(), is.path.as_ref());
    differs("chart", was.chart.as_ref(), is.chart.as_ref());
    let revision = if of_chart { "version" } else { "revision" };
    differs(revision, was.revision.as_ref(), is.revision.as_ref());
    let names: BTreeSet<_> = was.more.keys().chain(is.more.keys()).collect();
    for name in names {
        if was.more.get(name) != is.more.get(name) {
            differing.push(format!("its {name}"));
        }
    }
    let is_only_path = was.path != is.path
        && Deployed {
            path: None,
            ..was.clone()
        } == Deployed {
            path: None,
            ..is.clone()
        };
    let rest = match (is_given, is_only_path) {
        (true, true) => {
            "the objects of both are read as if each were in force, so what differs between the two is not judged: compare them"
        }
        (true, false) => {
            "objects are read as they stand at base and head, whichever of them are deployed: what differs by this is not judged"
        }
        (false, _) if of_chart => {
            "what the chart makes is in none of the repositories given, so nobody judged what changes by this"
        }
        (false, _) => {
            "the content is in none of the repositories given, so nobody judged what changes by this"
        }
    };
    format!("it changes {}; {rest}", differing.join(", "))
}

fn began(is: &Deployed, surveys: &[Survey]) -> Option<String> {
    let what = what(is)?;
    if !is_given(is, surveys) {
        return Some(format!(
            "it is new and deploys {what}, which is in none of the repositories given: what that adds is not seen"
        ));
    }
    let was_there = surveys
        .iter()
        .any(|survey| holds(&survey.at_base, is.path.as_deref()));
    was_there.then(|| {
        format!("it is new and deploys {what}, whose objects were there before: they count as if they had been in force all along")
    })
}

fn ended(was: &Deployed, surveys: &[Survey]) -> Option<String> {
    let what = what(was)?;
    if !is_given(was, surveys) {
        return Some(format!(
            "it is gone and deployed {what}, which is in none of the repositories given: what that takes away is not seen"
        ));
    }
    let is_there = surveys
        .iter()
        .any(|survey| holds(&survey.at_head, was.path.as_deref()));
    is_there.then(|| {
        format!("it is gone and deployed {what}, whose objects are still there: they count as if they were in force")
    })
}

/// What a source has deployed, in words; `None`: it is only named by others.
fn what(one: &Deployed) -> Option<String> {
    let repository = one.repository.as_deref().map(without_credentials);
    let of = repository
        .map(|address| format!(" of {address}"))
        .unwrap_or_default();
    let version = one.revision.as_ref().filter(|_| one.chart.is_some());
    let version = version
        .map(|version| format!(" {version}"))
        .unwrap_or_default();
    if let Some(chart) = &one.chart {
        return Some(format!("the chart {chart}{version}{of}"));
    }
    let path = one.path.as_deref()?;
    Some(if path.is_empty() {
        format!("all{of}")
    } else {
        format!("{path}{of}")
    })
}

/// An address as it may be shown.
fn without_credentials(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}/{path}")
                .trim_end_matches('/')
                .to_owned()
        }
        None => address.to_owned(),
    }
}

/// Whether some repository given has what a source deploys. Where its address is not told, or where none is known of those given,
/// objects below its path tell.
fn is_given(one: &Deployed, surveys: &[Survey]) -> bool {
    if one.chart.is_some() {
        return false;
    }
    let address = one.repository.as_deref();
    let wanted = address.and_then(|address| Remote::parse(address, &|_| None));
    surveys
        .iter()
        .any(|survey| match (&wanted, &survey.remote) {
            (Some(wanted), Some(own)) => wanted.identity == own.identity,
            _ => {
                holds(&survey.at_head, one.path.as_deref())
                    || holds(&survey.at_base, one.path.as_deref())
            }
        })
}

/// Whether objects lie below a path.
fn holds(side: &Side, path: Option<&str>) -> bool {
    let Some(path) = path else { return false };
    let mut objects = side.manifests.objects.iter();
    objects.any(|object| {
        let rest = object.source.path.strip_prefix(path);
        path.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_with_the_reason_why_nobody_judged_it() {
        let folder = |path: &str, revision: &str| Deployed {
            path: Some(path.to_owned()),
            revision: Some(revision.to_owned()),
            ..Deployed::default()
        };
        let message = changed(&folder("prod", "main"), &folder("lab", "main"), true);
        assert!(
            message.starts_with("it changes path from prod to lab; the objects of both are read")
        );
        let message = changed(&folder("prod", "main"), &folder("prod", "v2"), true);
        assert!(
            message
                .starts_with("it changes revision from main to v2; objects are read as they stand")
        );
        let message = changed(&folder("prod", "main"), &folder("lab", "v2"), false);
        assert!(
            message.contains(
                "path from prod to lab, revision from main to v2; the content is in none"
            )
        );
        let chart = |version: &str| Deployed {
            chart: Some("consul".to_owned()),
            ..folder("", version)
        };
        let message = changed(&chart("1.0.0"), &chart("1.1.0"), false);
        assert!(message.starts_with(
            "it changes version from 1.0.0 to 1.1.0; what the chart makes is in none"
        ));
    }

    #[test]
    fn what_a_kustomization_changes_is_told_by_name() {
        let with = |patches: &str| Deployed {
            more: [
                ("patches", patches.to_owned()),
                ("labels", "a=b".to_owned()),
            ]
            .into(),
            ..Deployed::default()
        };
        let message = patched(&with("one"), &with("two"), &[]).unwrap_or_default();
        assert!(
            message.starts_with("it changes its patches; objects are read as they are written")
        );
        assert_eq!(patched(&with("one"), &with("one"), &[]), None);
    }

    #[test]
    fn credentials_of_an_address_are_not_shown() {
        assert_eq!(
            without_credentials("https://u:secret@git.example/a/b"),
            "https://git.example/a/b"
        );
        assert_eq!(
            without_credentials("https://git.example/a@b"),
            "https://git.example/a@b"
        );
        assert_eq!(
            without_credentials("git@git.example:a/b"),
            "git@git.example:a/b"
        );
    }
}
