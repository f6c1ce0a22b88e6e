//! What becomes of whole clusters: those that are destroyed, made anew or called otherwise after a change set.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::Fragment;
use crate::graph::identity::{Key, Reference};
use crate::graph::origin::OriginId;

use super::declare::Boundary;
use super::object::{ClusterName, Object};

/// What others tell of clusters before objects are read.
#[derive(Debug, Clone, Default)]
pub struct Clusters {
    /// Those that the settings know, with what each runs in.
    pub known: BTreeMap<ClusterName, Vec<Reference>>,
    /// What becomes of some; the others last.
    pub fates: BTreeMap<ClusterName, Fate>,
    /// What some were called before, by their name after.
    pub earlier_names: BTreeMap<ClusterName, Arc<str>>,
}

/// What becomes of a cluster.
#[derive(Debug, Clone, Default)]
pub struct Fate {
    /// How it ends, if it does.
    pub end: Option<End>,
    /// What makes it, before and after: another of the same name is another cluster.
    pub incarnations: [Option<String>; 2],
    /// The resources and settings that bring this about.
    pub origins: BTreeSet<OriginId>,
}

/// How a cluster ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its resource is destroyed.
    Destroyed,
    /// The settings know it no longer: it is gone unless an object is left.
    Retired,
}

impl Clusters {
    /// Those that are gone, by what is left of their objects.
    #[must_use]
    pub(super) fn gone(&self, objects_after: &[Object]) -> BTreeSet<ClusterName> {
        let has_objects = |name: &ClusterName| {
            let mut all = objects_after.iter();
            all.any(|object| object.identity.cluster == *name)
        };
        let ends = self.fates.iter().filter(|(name, fate)| match fate.end {
            Some(End::Destroyed) => true,
            Some(End::Retired) => !has_objects(name),
            None => false,
        });
        ends.map(|(name, _)| name.clone()).collect()
    }
}

/// Take clusters out of what is declared, with all that lies in them.
pub(super) fn take_out(fragment: &mut Fragment, clusters: &BTreeSet<ClusterName>) {
    if clusters.is_empty() {
        return;
    }
    let mut gone: BTreeSet<Key> = clusters
        .iter()
        .map(|name| Boundary::Cluster(name.clone()).key())
        .collect();
    let refers = |reference: &Reference, gone: &BTreeSet<Key>| matches!(reference, Reference::To(key) if gone.contains(key));
    loop {
        let inside = fragment.nodes.iter().filter(|node| {
            let is_inside = node.within.iter().any(|within| refers(within, &gone));
            is_inside && !node.keys.iter().all(|key| gone.contains(key))
        });
        let more: Vec<Key> = inside.flat_map(|node| node.keys.iter().cloned()).collect();
        if more.is_empty() {
            break;
        }
        gone.extend(more);
    }
    let is_gone = |reference: &Reference| refers(reference, &gone);
    fragment
        .nodes
        .retain(|node| !node.keys.iter().any(|key| gone.contains(key)));
    fragment
        .links
        .retain(|link| !link.ends.iter().any(|end| is_gone(&end.reference)));
    fragment.statements.retain_mut(|one| {
        one.of.retain(|of| !is_gone(of));
        !one.of.is_empty() && !one.lasts_with.as_ref().is_some_and(is_gone)
    });
}
