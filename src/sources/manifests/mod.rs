//! Kubernetes and mesh configuration to fragments.
//!
//! `yaml` and `hcl` make trees whose fields know their lines, `collect` finds the objects in files, `object` says which are the same,
//! `estate` sorts those of one snapshot by cluster. `systems` is the table of what is understood; every system is a file of its
//! own, and says through `declare` what its objects mean. Nothing here knows carve-outs, and nothing judges a change: both
//! snapshots are stated whole, in effective values.

mod admissions;
mod calico;
pub mod certificates;
pub mod charts;
mod cilium;
mod cluster_policies;
pub mod collect;
mod consul;
pub mod declare;
pub mod deployed;
pub mod envoy;
mod envoy_gateway;
pub mod estate;
pub mod fates;
mod gateway_api;
mod gateways;
pub mod hcl;
pub mod istio;
pub mod kong;
pub mod krakend;
pub mod kubernetes;
mod kuma;
pub mod linkerd;
mod multicluster_services;
pub mod nats;
mod oauth2_proxy;
pub mod object;
mod packet_filters;
mod part_names;
mod proxies;
mod renames;
mod roots;
mod route_checks;
pub mod spire;
mod submariner;
pub mod systems;
#[cfg(test)]
mod testing;
pub mod toml;
pub mod traefik;
pub mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::{Fragment, Notice};
use crate::graph::identity::{Key, Reference};
use crate::graph::origin::{Action, Origin, OriginId, Origins};
use crate::location::Location;

pub use admissions::Admission;
pub use collect::{Manifests, may_be_manifest, may_hold_objects};
pub use declare::{Fault, FaultKind, Hop, Site};
pub use fates::{Clusters, End, Fate};
pub use object::{ClusterName, Object};

use declare::{Boundary, Declarations};
use estate::{Cluster, Estate, Versions};
use object::{Identity, Source, texts_of};
use systems::{Meaning, SYSTEMS, meaning, not_read};

/// What the manifests of all repositories add to the snapshots before and after.
#[derive(Debug, Default)]
pub struct Reading {
    /// What was.
    pub before: Fragment,
    /// What will be.
    pub after: Fragment,
    /// What was not understood.
    pub notices: Vec<Notice>,
    /// Settings that let traffic go in the clear, before.
    pub sites_before: Vec<Site>,
    /// The same after.
    pub sites_after: Vec<Site>,
    /// What goes where by such settings, by their subjects, before.
    pub hops_before: BTreeMap<String, Hop>,
    /// The same after.
    pub hops_after: BTreeMap<String, Hop>,
    /// Settings that let callers in who prove nothing, although their traffic may be encrypted, before.
    pub open_doors_before: Vec<Site>,
    /// The same after.
    pub open_doors_after: Vec<Site>,
    /// Settings that break a rule whatever network they are in, before.
    pub faults_before: Vec<Fault>,
    /// The same after.
    pub faults_after: Vec<Fault>,
    /// Whom policies let call what, before.
    pub admissions_before: Vec<Admission>,
    /// The same after.
    pub admissions_after: Vec<Admission>,
    /// What the objects of the files asked for are, or lie in: keys of graph parts, by file and the object's line.
    pub placements_before: Placements,
    /// The same after.
    pub placements_after: Placements,
    /// How many objects there are after, in how many files.
    pub counts: (usize, usize),
}

impl Reading {
    /// What was read, in words; `None` when nothing was.
    #[must_use]
    pub fn description(&self) -> Option<String> {
        let (objects, files) = self.counts;
        let counted = |count: usize, noun: &str| {
            let ending = if count == 1 { "" } else { "s" };
            format!("{count} {noun}{ending}")
        };
        (objects > 0).then(|| {
            let objects = counted(objects, "object");
            format!("manifests: {objects} in {}", counted(files, "file"))
        })
    }
}

/// Keys of graph parts, by file and the line of an object.
pub type Placements = BTreeMap<(Source, usize), BTreeSet<Key>>;

/// What to call a file of a repository in reports; `None`: it is no file.
pub type Label<'l> = &'l dyn Fn(&Source) -> Option<String>;

/// The key of a cluster in the graph.
#[must_use]
pub fn cluster_key(name: &ClusterName) -> Key {
    Boundary::Cluster(name.clone()).key()
}

/// State what objects mean, before and after. `versions` are those of systems; `interest` are the files in which carve-outs
/// stand.
#[must_use]
pub fn read(
    before: &[&Manifests],
    after: &[&Manifests],
    clusters: &Clusters,
    versions: &Versions,
    interest: &BTreeSet<Source>,
    label: Label<'_>,
    origins: &mut Origins,
) -> Reading {
    let only = only_cluster(before, after, &clusters.known);
    let [mut objects_before, objects_after] =
        [before, after].map(|side| owned(side, only.as_ref(), &clusters.known));
    renames::carry(&mut objects_before, &objects_after);
    part_names::carry(&mut objects_before, &objects_after);
    let sides = [&objects_before, &objects_after].map(|side| side.iter().collect::<Vec<_>>());
    let [before_objects, after_objects] = sides;
    let mut reading = Reading {
        counts: (
            after.iter().map(|side| side.objects.len()).sum(),
            after.iter().map(|side| side.files).sum(),
        ),
        ..Reading::default()
    };
    if before_objects.is_empty() && after_objects.is_empty() && clusters.known.is_empty() {
        reading.notices = notices_of(before, after);
        return reading;
    }
    let causes = causes(&before_objects, &after_objects, label, origins);
    let nobody = origins.add(Origin {
        address: "settings".to_owned(),
        action: Action::Keep,
        attributes: Vec::new(),
        location: None,
        carrier: None,
        stack: String::new(),
        is_imported: false,
        steps: Vec::new(),
    });
    let mut clusters = clusters.clone();
    for object in before_objects.iter().chain(&after_objects) {
        let name = object.identity.cluster.clone();
        clusters.known.entry(name).or_default();
    }
    let gone = clusters.gone(&objects_after);
    let namespaces = [&before_objects, &after_objects].map(|objects| namespaces(objects));
    let lasting =
        [0, 1].map(|side| lasting_namespaces(&namespaces, side, [&before_objects, &after_objects]));
    let mut estates = [
        Estate::new(&before_objects, &after_objects),
        Estate::new(&after_objects, &before_objects),
    ];
    let shown = folder_of(before_objects.iter().chain(&after_objects), label);
    for estate in &mut estates {
        estate.name_clusters(&shown);
        estate.versions.clone_from(versions);
        estate.known = clusters.known.keys().cloned().collect();
    }
    estates[0].take_in(&lasting[0], &after_objects);
    estates[1].take_in(&lasting[1], &before_objects);
    let [placements_before, placements_after] =
        [&estates[0], &estates[1]].map(|estate| placements(estate, interest));
    (reading.placements_before, reading.placements_after) = (placements_before, placements_after);
    let mut stated = estates.iter().enumerate().map(|(side, estate)| {
        let mut declarations = Declarations::new(&causes, nobody);
        declarations.boundaries(estate, side, &clusters, &lasting[side], &shown);
        for system in SYSTEMS {
            (system.declare)(estate, &mut declarations);
        }
        admissions::declare(estate, &mut declarations);
        if side == 1 {
            fates::take_out(&mut declarations.fragment, &gone);
        }
        (
            declarations.fragment,
            declarations.notices,
            (
                declarations.sites,
                declarations.open_doors,
                declarations.faults,
                declarations.admissions,
                declarations.hops,
            ),
        )
    });
    if let Some((fragment, _, (sites, open_doors, faults, admissions, hops))) = stated.next() {
        reading.before = fragment;
        (reading.sites_before, reading.faults_before) = (sites, faults);
        (reading.open_doors_before, reading.admissions_before) = (open_doors, admissions);
        reading.hops_before = hops;
    }
    if let Some((fragment, notices, (sites, open_doors, faults, admissions, hops))) = stated.next()
    {
        (reading.after, reading.notices) = (fragment, notices);
        (reading.sites_after, reading.faults_after) = (sites, faults);
        (reading.open_doors_after, reading.admissions_after) = (open_doors, admissions);
        reading.hops_after = hops;
    }
    reading.notices.extend(notices_of(before, after));
    reading.notices.extend(kinds_not_read(&after_objects));
    reading.notices.extend(charts::not_read(&after_objects));
    reading.notices.extend(defined_twice(&after_objects, label));
    reading.notices.extend(untold_namespaces(&after_objects));
    reading
}

fn notices_of(before: &[&Manifests], after: &[&Manifests]) -> Vec<Notice> {
    let all = before.iter().chain(after);
    all.flat_map(|side| side.notices.iter().cloned()).collect()
}

/// The cluster that installation files name, where one and only one is named and nothing else tells clusters apart.
fn only_cluster(
    before: &[&Manifests],
    after: &[&Manifests],
    clusters: &BTreeMap<ClusterName, Vec<Reference>>,
) -> ClusterName {
    let objects = before.iter().chain(after).flat_map(|side| &side.objects);
    let mut named: BTreeSet<&Arc<str>> = objects
        .filter_map(|object| object.identity.cluster.as_ref())
        .collect();
    named.retain(|name| !clusters.contains_key(&Some((*name).clone())));
    let only = named.pop_first().filter(|_| clusters.is_empty())?;
    named.is_empty().then(|| only.clone())
}

fn owned(
    side: &[&Manifests],
    only: Option<&Arc<str>>,
    clusters: &BTreeMap<ClusterName, Vec<Reference>>,
) -> Vec<Object> {
    let known = |object: &Object| -> ClusterName {
        let name = Arc::from(deployed::destination(object)?);
        clusters
            .contains_key(&Some(Arc::clone(&name)))
            .then_some(name)
    };
    let objects = side.iter().flat_map(|manifests| manifests.objects.iter());
    let elsewhere = side.iter().flat_map(|manifests| &manifests.elsewhere);
    let elsewhere = elsewhere.filter(|object| known(object).is_some());
    let mut owned: Vec<Object> = objects.chain(elsewhere).cloned().collect();
    for object in &mut owned {
        // What is deployed to another cluster says so of that one, wherever it lies itself.
        if let Some(name) = known(object) {
            object.identity.cluster = Some(name);
            let namespace = deployed::destination_namespace(object).map(str::to_owned);
            object.identity.namespace = namespace.or(object.identity.namespace.take());
        } else if object.identity.cluster.is_none() {
            object.identity.cluster = only.cloned();
        }
    }
    let known: BTreeSet<&Identity> = owned.iter().map(|object| &object.identity).collect();
    let made = owned.iter().flat_map(istio::services_of);
    let made: Vec<Object> = made
        .filter(|service| !known.contains(&service.identity))
        .collect();
    owned.extend(made);
    owned
}

/// The folder that all files without a cluster's name share: what to call their cluster. It ends in a slash, so that no word of a
/// sentence means it.
fn folder_of<'o>(objects: impl Iterator<Item = &'o &'o Object>, label: Label<'_>) -> String {
    let unnamed = objects.filter(|object| object.identity.cluster.is_none());
    let files: BTreeSet<&Source> = unnamed.map(|object| &object.source).collect();
    let mut shared: Option<Vec<String>> = None;
    for path in files.into_iter().filter_map(label) {
        let mut folders: Vec<String> = path.split('/').map(str::to_owned).collect();
        folders.pop();
        shared = Some(match shared {
            None => folders,
            Some(shared) => {
                let both = shared.into_iter().zip(folders);
                both.take_while(|(one, other)| one == other)
                    .map(|(one, _)| one)
                    .collect()
            }
        });
    }
    match shared {
        None => "in Terraform".to_owned(),
        Some(folders) if folders.is_empty() => "./".to_owned(),
        Some(folders) => format!("{}/", folders.join("/")),
    }
}

fn namespaces(objects: &[&Object]) -> BTreeSet<(ClusterName, String)> {
    let named = objects.iter().filter_map(|object| {
        let identity = &object.identity;
        let own = object.is("", "Namespace").then(|| identity.name.clone());
        let namespace = own.or_else(|| identity.namespace.clone())?;
        Some((identity.cluster.clone(), namespace))
    });
    named.collect()
}

/// The namespaces that are there in one snapshot. One that merely comes into view, or leaves it with its last object, is there
/// all along; one is gone only with the object that describes it, and with whatever is said to be in it.
fn lasting_namespaces(
    namespaces: &[BTreeSet<(ClusterName, String)>; 2],
    side: usize,
    [before, after]: [&[&Object]; 2],
) -> BTreeSet<(ClusterName, String)> {
    // An object that counts for its whole cluster is in a namespace all the same.
    let is_in_use = |(cluster, namespace): &(ClusterName, String)| {
        after.iter().any(|object| {
            let written = object.root.text_at(&["metadata", "namespace"]);
            let own = &object.identity.cluster;
            // Of one that names no cluster nobody knows that it is of another.
            let may_be_its = own == cluster || own.is_none() || cluster.is_none();
            may_be_its && written == Some(namespace)
        })
    };
    let described: BTreeSet<(ClusterName, String)> = before
        .iter()
        .filter(|object| object.is("", "Namespace"))
        .map(|object| {
            (
                object.identity.cluster.clone(),
                object.identity.name.clone(),
            )
        })
        .collect();
    let mut there = namespaces[side].clone();
    for namespace in &namespaces[1 - side] {
        let is_destroyed = side == 1 && described.contains(namespace) && !is_in_use(namespace);
        if !is_destroyed {
            there.insert(namespace.clone());
        }
    }
    there
}

/// Every object as a possible cause of changes: what happens to it, in which field, on which line.
fn causes(
    before: &[&Object],
    after: &[&Object],
    label: Label<'_>,
    origins: &mut Origins,
) -> BTreeMap<Identity, OriginId> {
    let mut sides: BTreeMap<&Identity, [Vec<&Object>; 2]> = BTreeMap::new();
    for (side, objects) in [before, after].into_iter().enumerate() {
        for object in objects {
            sides.entry(&object.identity).or_default()[side].push(object);
        }
    }
    let mut causes = BTreeMap::new();
    for (identity, [was, is]) in sides {
        let (action, attribute, object, line) = what_happens(&was, &is);
        let path = object.and_then(|object| label(&object.source));
        let carrier = object.filter(|_| path.is_none());
        let carrier = carrier.map(|object| object.source.path.to_string());
        let location = path.map(|path| Location::line(path, line));
        let origin = origins.add(Origin {
            address: identity.address(),
            action,
            attributes: attribute.into_iter().collect(),
            location,
            carrier,
            stack: String::new(),
            is_imported: false,
            steps: Vec::new(),
        });
        causes.insert(identity.clone(), origin);
    }
    causes
}

/// What happens to an object, the first field that differs, and where that is seen.
fn what_happens<'o>(
    was: &[&'o Object],
    is: &[&'o Object],
) -> (Action, Option<String>, Option<&'o Object>, usize) {
    let at = |object: Option<&&'o Object>| object.map_or(1, |object| object.root.line);
    match (was.first(), is.first()) {
        (None, first) => (Action::Create, None, first.copied(), at(first)),
        (first, None) => (Action::Delete, None, first.copied(), at(first)),
        (Some(_), Some(_)) => {
            let differing = is.iter().enumerate().find_map(|(index, object)| {
                let earlier = was.get(index).or(was.first())?;
                let (path, line) = first_difference(earlier, object)?;
                Some((path, *object, line.unwrap_or(object.root.line)))
            });
            match differing {
                Some((path, object, line)) => (Action::Update, Some(path), Some(object), line),
                None if was.len() != is.len() => {
                    (Action::Update, None, is.first().copied(), at(is.first()))
                }
                None => (Action::Keep, None, is.first().copied(), at(is.first())),
            }
        }
    }
}

/// The first field in which two versions of an object differ. What it says of itself in `metadata` comes last.
fn first_difference(earlier: &Object, later: &Object) -> Option<(String, Option<usize>)> {
    let sides = [&earlier.root, &later.root].map(|root| root.get("spec"));
    let in_spec = match sides {
        [Some(was), Some(is)] => was.first_difference(is, "spec"),
        _ => None,
    };
    in_spec.or_else(|| earlier.root.first_difference(&later.root, ""))
}

/// One notice for each kind of a known system that is not read.
fn kinds_not_read(objects: &[&Object]) -> Vec<Notice> {
    let mut kinds: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for object in objects {
        let key = (
            object.identity.group.as_str(),
            object.identity.kind.as_str(),
        );
        *kinds.entry(key).or_default() += 1;
    }
    let mut notices = Vec::new();
    for ((group, kind), count) in kinds {
        let subject = if group.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}.{group}")
        };
        let objects = if count == 1 {
            "1 object".to_owned()
        } else {
            format!("{count} objects")
        };
        let known = meaning(group, kind);
        let (kind, message) = match (known, not_read(group)) {
            (None, None) | (Some((_, Some(Meaning::Modelled | Meaning::Irrelevant))), _) => {
                continue;
            }
            (None, Some(system)) => (
                "object-not-read",
                format!("{objects} of {system}, which is not read yet: changes of it are not seen"),
            ),
            (Some((system, Some(Meaning::NotYet(what)))), _) => (
                "object-not-read",
                format!(
                    "{objects} of {}: {what}; changes of it are not seen yet",
                    system.name
                ),
            ),
            (Some((system, None)), _) => (
                "unrecognised-object",
                format!(
                    "{objects} of a kind of {} that this version does not know; changes of it are not seen",
                    system.name
                ),
            ),
        };
        notices.push(Notice {
            kind,
            subject,
            message,
        });
    }
    notices
}

/// Objects that several files declare, and not alike: nobody tells which of them holds.
fn defined_twice(objects: &[&Object], label: Label<'_>) -> Vec<Notice> {
    let mut by_identity: BTreeMap<&Identity, Vec<&Object>> = BTreeMap::new();
    for object in objects {
        by_identity
            .entry(&object.identity)
            .or_default()
            .push(object);
    }
    let several = by_identity.into_iter().filter(|(identity, all)| {
        let differ = || all.iter().any(|one| !one.root.means_the_same(&all[0].root));
        all.len() > 1 && !identity.name.is_empty() && differ()
    });
    let notices = several.map(|(identity, all)| {
        let places: BTreeSet<String> = all
            .iter()
            .map(|object| label(&object.source).unwrap_or_else(|| object.source.path.to_string()))
            .collect();
        let places: Vec<String> = places.into_iter().collect();
        Notice {
            kind: "object-defined-twice",
            subject: identity.address(),
            message: format!(
                "in {}; each counts as if it held: if they are for different clusters, say so in `clusters: manifests`",
                places.join(" and ")
            ),
        }
    });
    notices.collect()
}

/// Objects without a namespace in a file: what applies them decides.
fn untold_namespaces(objects: &[&Object]) -> Vec<Notice> {
    let untold: Vec<&&Object> = objects
        .iter()
        .filter(|object| {
            let identity = &object.identity;
            let is_read = matches!(
                meaning(&identity.group, &identity.kind),
                Some((_, Some(Meaning::Modelled)))
            );
            is_read
                && identity.namespace.is_none()
                && !collect::is_cluster_wide(identity)
                && !systems::is_cluster_wide(object)
        })
        .collect();
    let Some(first) = untold.first() else {
        return Vec::new();
    };
    let (say, count) = match untold.len() - 1 {
        0 => ("it says".to_owned(), "it counts"),
        others => (format!("it and {others} more say"), "they count"),
    };
    vec![Notice {
        kind: "namespace-not-told",
        subject: first.identity.address(),
        message: format!(
            "{say} no `metadata.namespace`: {count} as of a namespace of its own; whatever is applied with `-n`, by Argo CD or \
             by kustomize is better kept as it is applied"
        ),
    }]
}

fn placements(estate: &Estate<'_>, interest: &BTreeSet<Source>) -> Placements {
    let mut placements = Placements::new();
    for cluster in estate.clusters.values() {
        let wanted = cluster
            .objects
            .iter()
            .filter(|object| interest.contains(&object.source));
        for object in wanted {
            let place = (object.source.clone(), object.root.line);
            placements
                .entry(place)
                .or_default()
                .extend(placement(object, cluster, estate));
        }
    }
    placements
}

/// The boundaries that a comment in or above an object is about: the workloads it makes or selects, else what it lies in.
fn placement(object: &Object, cluster: &Cluster<'_>, estate: &Estate<'_>) -> BTreeSet<Key> {
    let own = systems::boundaries_of(object, estate);
    if !own.is_empty() {
        return own.iter().map(Boundary::key).collect();
    }
    let identity = &object.identity;
    let own = cluster
        .workloads
        .iter()
        .find(|one| one.identity() == identity);
    let mut boundaries: BTreeSet<Boundary> = own.map(Boundary::of).into_iter().collect();
    let spec = object.root.get("spec");
    let paths: &[&[&str]] = if object.is("", "Service") {
        &[&["selector"]]
    } else {
        &[
            &["selector", "matchLabels"],
            &["podSelector", "matchLabels"],
        ]
    };
    let selector = paths.iter().find_map(|path| spec?.at(path));
    let selector = texts_of(selector);
    if boundaries.is_empty() && !selector.is_empty() {
        let selected = cluster.selected(identity.namespace.as_deref(), &selector);
        boundaries.extend(selected.map(Boundary::of));
    }
    if boundaries.is_empty() {
        let is_for_all = systems::is_cluster_wide(object);
        let around = if object.is("", "Namespace") {
            Boundary::Namespace(identity.cluster.clone(), Some(identity.name.clone()))
        } else if is_for_all || collect::is_cluster_wide(identity) {
            Boundary::Cluster(identity.cluster.clone())
        } else {
            Boundary::around(identity)
        };
        boundaries.insert(around);
    }
    boundaries.iter().map(Boundary::key).collect()
}
