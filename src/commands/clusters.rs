//! The clusters that the settings of the repositories know: which files belong to which, where each runs, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Result, bail};
use globset::GlobSet;

use crate::carveout::names::name_of_place;
use crate::graph::fragment::{ContainmentDeclaration, NodeDeclaration, Notice};
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::graph::origin::{Action, Origin, OriginId, Origins};
use crate::settings::{self, Cluster, Settings};
use crate::sources::manifests::{self, ClusterName, Clusters, End, Fate, Reading};
use crate::sources::terraform::clusters::{ClusterResource, is_cluster};

use super::Problems;
use super::manifests::Told;

/// Which files belong to which cluster, by the settings.
#[derive(Debug)]
pub struct Scope {
    clusters: Vec<(ClusterName, GlobSet)>,
    others: GlobSet,
    /// Files count by their content alone.
    is_open: bool,
}

impl Scope {
    /// What the settings say. `globs` makes one set of several patterns.
    ///
    /// # Errors
    ///
    /// If a pattern is no glob.
    pub fn of(settings: &Settings, globs: impl Fn(&[String]) -> Result<GlobSet>) -> Result<Self> {
        let mut clusters = Vec::new();
        for cluster in &settings.clusters {
            // The only cluster there is has all manifests, unless it says which.
            let is_only = settings.clusters.len() == 1 && settings.sources.mesh.is_empty();
            let patterns = match (cluster.manifests.is_empty(), is_only) {
                (true, true) => vec!["**".to_owned()],
                (true, false) if settings.clusters.len() == 1 => settings.sources.mesh.clone(),
                _ => cluster.manifests.clone(),
            };
            clusters.push((called(&cluster.name), globs(&patterns)?));
        }
        let has_manifests = settings
            .clusters
            .iter()
            .any(|one| !one.manifests.is_empty());
        Ok(Self {
            is_open: settings.sources.mesh.is_empty() && !has_manifests,
            others: globs(&settings.sources.mesh)?,
            clusters,
        })
    }

    /// The clusters that the objects of a file belong to.
    #[must_use]
    pub fn clusters_of(&self, path: &str) -> Vec<ClusterName> {
        let matching = self.clusters.iter().filter(|(_, set)| set.is_match(path));
        let named: Vec<ClusterName> = matching.map(|(name, _)| name.clone()).collect();
        if named.is_empty() && (self.is_open || self.others.is_match(path)) {
            return vec![None];
        }
        named
    }
}

fn called(name: &str) -> ClusterName {
    Some(Arc::from(name))
}

/// The clusters that settings know, before and after a change set.
#[derive(Debug, Default)]
pub struct KnownClusters {
    /// By their names after.
    entries: BTreeMap<String, Entry>,
    /// What objects without a file belong to: the only cluster of some settings, or one without a name.
    only: BTreeSet<ClusterName>,
    /// The settings of the change set's repository tell which clusters there are.
    is_told: bool,
}

/// One cluster of the settings.
#[derive(Debug, Default)]
struct Entry {
    /// What settings say of it before and after.
    sides: [Vec<Said>; 2],
    /// What it was called before, if otherwise.
    earlier_name: Option<String>,
}

/// What one file of settings says of a cluster.
#[derive(Debug)]
struct Said {
    runs_in: Option<String>,
    /// Whose words must name something in this network.
    is_own: bool,
}

impl KnownClusters {
    /// Those of the settings at head, of the settings that a change set starts from where these differ, and of `others`:
    /// settings of further repositories, which no change set touches.
    #[must_use]
    pub fn of(head: &Settings, base: Option<&Settings>, others: &[&Settings]) -> Self {
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        let renamed = base.map_or_else(BTreeMap::new, |base| renamed(base, head));
        let mut add = |settings: &Settings, sides: &[usize], is_own: bool| {
            for cluster in &settings.clusters {
                let now = renamed
                    .get(cluster.name.as_str())
                    .filter(|_| is_own && sides == [0]);
                let name = now.map_or(cluster.name.as_str(), |name| name);
                let entry = entries.entry(name.to_owned()).or_default();
                if name != cluster.name {
                    entry.earlier_name = Some(cluster.name.clone());
                }
                for side in sides {
                    entry.sides[*side].push(Said {
                        runs_in: cluster.runs_in.clone(),
                        is_own,
                    });
                }
            }
        };
        match base {
            Some(base) => {
                add(head, &[1], true);
                add(base, &[0], true);
            }
            None => add(head, &[0, 1], true),
        }
        for other in others {
            add(other, &[0, 1], false);
        }
        let mut own = std::iter::once(head).chain(base);
        let is_told = own.all(|settings| !settings.clusters.is_empty());
        let all = std::iter::once(head).chain(base);
        let only = all.map(|settings| match settings.clusters.as_slice() {
            [only] => called(
                renamed
                    .get(only.name.as_str())
                    .map_or(&only.name, |name| name),
            ),
            _ => None,
        });
        Self {
            only: only.collect(),
            entries,
            is_told,
        }
    }

    /// What the objects in arguments of resources belong to: the only cluster there is, if so.
    #[must_use]
    pub(super) fn only(&self) -> &BTreeSet<ClusterName> {
        &self.only
    }

    /// Each with what it runs in and what becomes of it; and what is to be told of them.
    ///
    /// # Errors
    ///
    /// If the settings place a cluster in something that the network lacks.
    pub(super) fn placed(
        &self,
        told: &Told<'_>,
        file: &str,
        origins: &mut Origins,
    ) -> Result<(Clusters, Vec<Notice>)> {
        let nodes: Vec<&NodeDeclaration> =
            told.fragments.iter().flat_map(|side| &side.nodes).collect();
        let mut clusters = Clusters::default();
        let (mut problems, mut notices) = (Vec::new(), Vec::new());
        for (name, entry) in &self.entries {
            let mut within: Vec<Reference> = Vec::new();
            for (side, one) in [1, 0]
                .iter()
                .flat_map(|side| entry.sides[*side].iter().map(|one| (*side, one)))
            {
                let own_name = entry.name(name, side);
                let more = match &one.runs_in {
                    None => by_name(own_name, told, &nodes),
                    Some(place) => references(place, &nodes, &told.placements),
                };
                let is_placed = !more.is_empty();
                within.extend(more);
                // Where base places a cluster, it lies whatever head says.
                let Some(place) = one.runs_in.as_ref().filter(|_| !is_placed && side == 1) else {
                    continue;
                };
                let is_known = || {
                    let mut addresses = told.placements.iter().flat_map(|one| one.keys());
                    addresses.any(|address| is_address(address, place))
                };
                let why = if is_known() {
                    format!(
                        "it is {place}, and no network that this lies in was read: changes of that are not seen; pass the state \
                         that describes it with --context"
                    )
                } else if !nodes.is_empty() && one.is_own {
                    problems.push(format!(
                        "{file}: clusters: `{name}`: nothing in the network is called `{place}`{}",
                        hint(place, &nodes)
                    ));
                    continue;
                } else {
                    if nodes.is_empty() {
                        within.push(Reference::To(Key::Address(place.clone())));
                    }
                    format!(
                        "it runs in {place}, and nothing that was read describes that: changes of that network are not seen"
                    )
                };
                notices.push(Notice {
                    kind: "cluster-network-not-seen",
                    subject: name.clone(),
                    message: why,
                });
            }
            let mut known = BTreeSet::new();
            within.retain(|one| known.insert(one.clone()));
            clusters.known.insert(called(name), within);
            if let Some(earlier) = &entry.earlier_name {
                clusters
                    .earlier_names
                    .insert(called(name), Arc::from(earlier.as_str()));
                notices.push(Notice {
                    kind: "cluster-renamed",
                    subject: name.clone(),
                    message: format!(
                        "it was called {earlier} before: guarantees that say so still mean it in this change set, and name nothing from the \
                         merge on"
                    ),
                });
            }
            let fate = self.fate(name, entry, told.clusters, origins);
            clusters.fates.extend(fate.map(|fate| (called(name), fate)));
        }
        if !problems.is_empty() {
            bail!(Problems {
                summary: "the settings name what the network lacks".to_owned(),
                problems,
            });
        }
        for name in told.clusters.iter().flat_map(ClusterResource::all_names) {
            let is_known = self
                .entries
                .iter()
                .any(|(now, entry)| [now.as_str(), entry.name(now, 0)].contains(&name));
            if !is_known {
                let fate = self.fate(name, &Entry::default(), told.clusters, origins);
                clusters.fates.extend(fate.map(|fate| (called(name), fate)));
            }
        }
        if let (false, Some(sides)) = (self.is_told, lone(told.clusters)) {
            let fate = becomes(sides.map(|one| one.into_iter().collect()), true);
            clusters.fates.extend(fate.map(|fate| (None, fate)));
        }
        Ok((clusters, notices))
    }

    /// What becomes of one cluster. `None`: nobody tells which resource it is, and the settings go on knowing it.
    fn fate(
        &self,
        name: &str,
        entry: &Entry,
        resources: &[ClusterResource],
        origins: &mut Origins,
    ) -> Option<Fate> {
        let ties = [0, 1].map(|side| tied(entry, name, side, resources));
        let is_known_after = !entry.sides[1].is_empty();
        let fate = becomes(ties, is_known_after);
        if fate.is_some() || is_known_after || entry.sides[0].is_empty() {
            return fate;
        }
        let origin = origins.add(Origin {
            address: format!("{}: clusters: {name}", settings::PATH),
            action: Action::Delete,
            attributes: Vec::new(),
            location: None,
            carrier: None,
            stack: String::new(),
            is_imported: false,
            steps: Vec::new(),
        });
        Some(Fate {
            end: Some(End::Retired),
            incarnations: [None, None],
            origins: BTreeSet::from([origin]),
        })
    }

    /// Place clusters that the settings do not know where the resource of their name lies. One without a name is taken for the
    /// only resource there is, unless the settings tell which clusters there are.
    pub(super) fn place_others(&self, reading: &mut Reading, told: &Told<'_>) {
        let nodes: Vec<&NodeDeclaration> =
            told.fragments.iter().flat_map(|side| &side.nodes).collect();
        let known = self
            .entries
            .keys()
            .map(|name| manifests::cluster_key(&called(name)));
        let known: BTreeSet<Key> = known.collect();
        let mut names: BTreeMap<Key, BTreeSet<&str>> = BTreeMap::new();
        for name in told.clusters.iter().flat_map(ClusterResource::all_names) {
            let key = manifests::cluster_key(&called(name));
            names.entry(key).or_default().insert(name);
        }
        if let (false, Some(sides)) = (self.is_told, lone(told.clusters)) {
            let unnamed = manifests::cluster_key(&None);
            let sides_read = [&reading.before, &reading.after];
            let mut declared = sides_read.into_iter().flat_map(|side| &side.nodes);
            if declared.any(|node| node.keys.contains(&unnamed)) {
                let both = sides.into_iter().flatten();
                let own = both.clone().flat_map(ClusterResource::all_names);
                names.insert(unnamed, own.collect());
                let subject = both.last().map(|one| one.address.clone());
                reading.notices.push(Notice {
                    kind: "assumed-cluster",
                    subject: subject.unwrap_or_default(),
                    message: "manifests that name no cluster count as of this one, because it is the only one; `clusters` in the settings \
                              tells otherwise"
                        .to_owned(),
                });
            }
        }
        for (key, names) in names {
            if known.contains(&key) {
                continue;
            }
            for fragment in [&mut reading.before, &mut reading.after] {
                if fragment.nodes.iter().any(|node| node.keys.contains(&key)) {
                    let within = names.iter().flat_map(|name| by_name(name, told, &nodes));
                    let placed = within.map(|within| ContainmentDeclaration {
                        of: Reference::To(key.clone()),
                        kind: NodeKind::Cluster,
                        within,
                        within_kind: NodeKind::Network,
                    });
                    fragment.containments.extend(placed);
                }
            }
        }
    }
}

impl Entry {
    /// What it is called before or after.
    fn name<'n>(&'n self, now: &'n str, side: usize) -> &'n str {
        match &self.earlier_name {
            Some(earlier) if side == 0 => earlier,
            _ => now,
        }
    }
}

/// The settings that a change set starts from, with the clusters under the names that head gives them.
#[must_use]
pub(super) fn under_names_of(head: &Settings, base: &Settings) -> Settings {
    let renamed: BTreeMap<String, String> = renamed(base, head)
        .into_iter()
        .map(|(was, is)| (was.to_owned(), is.to_owned()))
        .collect();
    let mut settings = base.clone();
    for cluster in &mut settings.clusters {
        if let Some(name) = renamed.get(&cluster.name) {
            cluster.name.clone_from(name);
        }
    }
    settings
}

/// The clusters that have another name at head, by that at base: at the same place, with the same files. A resource is a place
/// that only one of them can have.
fn renamed<'s>(base: &'s Settings, head: &'s Settings) -> BTreeMap<&'s str, &'s str> {
    let missing = |from: &'s Settings, in_other: &'s Settings| -> Vec<&'s Cluster> {
        let clusters = from.clusters.iter();
        let is_there = |one: &Cluster| in_other.clusters.iter().any(|other| other.name == one.name);
        clusters.filter(|one| !is_there(one)).collect()
    };
    let (gone, come) = (missing(base, head), missing(head, base));
    let is_same = |was: &Cluster, is: &Cluster| {
        let is_resource = || was.runs_in.as_deref().is_some_and(names_resource);
        let has_same_files = !was.manifests.is_empty() && was.manifests == is.manifests;
        was.runs_in == is.runs_in && (has_same_files || is_resource())
    };
    let mut renamed = BTreeMap::new();
    for was in &gone {
        let heirs: Vec<_> = come.iter().filter(|is| is_same(was, is)).collect();
        if let [is] = heirs.as_slice()
            && gone.iter().filter(|one| is_same(one, is)).count() == 1
        {
            renamed.insert(was.name.as_str(), is.name.as_str());
        }
    }
    renamed
}

/// Whether a place is written as the address of a resource that is a cluster.
fn names_resource(place: &str) -> bool {
    let address = place.split('[').next().unwrap_or(place);
    address.rsplit('.').nth(1).is_some_and(is_cluster)
}

/// The resources that a cluster of the settings is, before or after: the one that it runs in, or else those of its name.
fn tied<'r>(
    entry: &Entry,
    name: &str,
    side: usize,
    resources: &'r [ClusterResource],
) -> Vec<&'r ClusterResource> {
    let there = || resources.iter().filter(|one| one.is_there[side]);
    let places: Vec<&str> = entry.sides[side]
        .iter()
        .filter_map(|one| one.runs_in.as_deref())
        .collect();
    let is_place = |one: &&ClusterResource| {
        let mut addresses = std::iter::once(&one.address).chain(&one.previous_address);
        addresses.any(|address| places.iter().any(|place| is_address(address, place)))
    };
    let named: Vec<&ClusterResource> = there().filter(is_place).collect();
    if !named.is_empty() {
        return named;
    }
    let name = entry.name(name, side);
    there()
        .filter(|one| one.names[side].as_deref() == Some(name))
        .collect()
}

/// What becomes of a cluster that is these resources before and those after. `None`: it was none.
fn becomes([before, after]: [Vec<&ClusterResource>; 2], is_known_after: bool) -> Option<Fate> {
    if before.is_empty() {
        return None;
    }
    let same = |one: &&&ClusterResource| after.iter().any(|other| other.origin == one.origin);
    let mut lasting = before
        .iter()
        .filter(|one| one.is_there[1] && !one.is_replaced);
    let lasts = if is_known_after && !after.is_empty() {
        lasting.any(|one| same(&one))
    } else {
        lasting.next().is_some()
    };
    let names = |resources: &[&ClusterResource], side: usize| {
        let names = resources
            .iter()
            .filter_map(|one| one.names[side].as_deref());
        let names: BTreeSet<&str> = names.collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    let origins: BTreeSet<OriginId> = before.iter().chain(&after).map(|one| one.origin).collect();
    let fate = |end, incarnations| Fate {
        end,
        incarnations,
        origins: origins.clone(),
    };
    if lasts {
        let name = Some(names(&before, 0));
        return Some(fate(None, [name.clone(), name]));
    }
    if after.is_empty() {
        return Some(fate(Some(End::Destroyed), [None, None]));
    }
    let (was, mut is) = (names(&before, 0), names(&after, 1));
    if was == is {
        is = format!("{is}, made anew");
    }
    Some(fate(None, [Some(was), Some(is)]))
}

/// The only resource that is a cluster, before and after, if there is no other on either side.
fn lone(resources: &[ClusterResource]) -> Option<[Option<&ClusterResource>; 2]> {
    let sides = [0, 1].map(|side| -> Vec<&ClusterResource> {
        resources.iter().filter(|one| one.is_there[side]).collect()
    });
    let is_lone = sides.iter().all(|side| side.len() <= 1) && !resources.is_empty();
    is_lone.then(|| sides.map(|side| side.first().copied()))
}

/// What the resource of a cluster lies in that bears its name: where two do, either.
fn by_name(name: &str, told: &Told<'_>, nodes: &[&NodeDeclaration]) -> Vec<Reference> {
    let resources = told.clusters.iter();
    let mut within: Vec<Reference> = resources
        .filter(|one| one.all_names().contains(name))
        .flat_map(|one| references(&one.address, nodes, &told.placements))
        .collect();
    within.sort();
    within.dedup();
    within
}

/// What a setting means by the place of a cluster: networks and subnets, or a resource that lies in some.
fn references(
    place: &str,
    nodes: &[&NodeDeclaration],
    placements: &[&BTreeMap<String, BTreeSet<Key>>],
) -> Vec<Reference> {
    let is_place =
        |node: &&&NodeDeclaration| matches!(node.kind, NodeKind::Network | NodeKind::Subnet);
    let names = [Some(place), name_of_place(place)];
    let is_meant = |node: &&&NodeDeclaration| {
        let by_key = node.keys.iter().any(|key| match key {
            Key::Provider(text) => {
                text == place || text.split_once(':').is_some_and(|(_, id)| id == place)
            }
            Key::Address(text) => is_address(text, place),
        });
        by_key || node.name.is_some() && names.contains(&node.name.as_deref())
    };
    let named = nodes.iter().filter(is_place).filter(is_meant);
    let mut keys: BTreeSet<&Key> = named.filter_map(|node| node.keys.first()).collect();
    if keys.is_empty() {
        // The resource of the cluster itself: it lies where what it refers to does.
        let around = placements
            .iter()
            .flat_map(|one| one.iter())
            .filter(|(address, _)| is_address(address, place));
        let around: BTreeSet<&Key> = around.flat_map(|(_, keys)| keys).collect();
        let lies_in = nodes
            .iter()
            .filter(is_place)
            .filter(|node| node.keys.iter().any(|key| around.contains(key)));
        keys = lies_in.filter_map(|node| node.keys.first()).collect();
    }
    keys.into_iter().cloned().map(Reference::To).collect()
}

/// Whether an address is the one meant, whichever plan it is of and whichever instance.
fn is_address(address: &str, wanted: &str) -> bool {
    let address = address.rsplit("//").next().unwrap_or(address);
    address == wanted || address.split('[').next() == Some(wanted)
}

fn hint(place: &str, nodes: &[&NodeDeclaration]) -> String {
    let names: BTreeSet<String> = nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Network)
        .flat_map(|node| {
            let addresses = node.keys.iter().filter_map(|key| match key {
                Key::Address(text) => Some(text.clone()),
                Key::Provider(_) => None,
            });
            node.name.clone().into_iter().chain(addresses)
        })
        .collect();
    let mut near: Vec<(i64, &String)> = names
        .iter()
        .map(|name| {
            (
                (strsim::jaro_winkler(place, name) * 1000.0).round() as i64,
                name,
            )
        })
        .filter(|(score, _)| *score >= 780)
        .collect();
    near.sort_by(|a, b| b.cmp(a));
    let near: Vec<&str> = near.iter().take(3).map(|(_, name)| name.as_str()).collect();
    if near.is_empty() {
        ": if another stack holds it, pass the state of that stack with --context".to_owned()
    } else {
        format!(": did you mean {}?", near.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(text: &str) -> Settings {
        Settings::parse(settings::PATH, text).unwrap()
    }

    fn names<'s>(base: &'s Settings, head: &'s Settings) -> Vec<(&'s str, &'s str)> {
        renamed(base, head).into_iter().collect()
    }

    #[test]
    fn a_cluster_of_another_name_is_the_same_at_the_same_resource_or_with_the_same_files_at_the_same_place()
     {
        let of_resource =
            "clusters: [{ name: blue, runs_in: aws_eks_cluster.a, manifests: ['blue/**'] }]";
        let moved =
            "clusters: [{ name: teal, runs_in: aws_eks_cluster.a, manifests: ['teal/**'] }]";
        assert_eq!(names(&read(of_resource), &read(moved)), [("blue", "teal")]);
        let another =
            "clusters: [{ name: teal, runs_in: aws_eks_cluster.b, manifests: ['blue/**'] }]";
        assert_eq!(names(&read(of_resource), &read(another)), []);
        // A network holds many clusters.
        let of_network = "clusters: [{ name: blue, runs_in: aws_vpc.a, manifests: ['blue/**'] }]";
        let same_files = "clusters: [{ name: teal, runs_in: aws_vpc.a, manifests: ['blue/**'] }]";
        let other_files = "clusters: [{ name: teal, runs_in: aws_vpc.a, manifests: ['teal/**'] }]";
        assert_eq!(
            names(&read(of_network), &read(same_files)),
            [("blue", "teal")]
        );
        assert_eq!(names(&read(of_network), &read(other_files)), []);
    }

    #[test]
    fn of_two_that_may_have_taken_the_name_neither_has() {
        let base = "clusters: [{ name: blue, runs_in: aws_eks_cluster.a }]";
        let two = "clusters: [{ name: teal, runs_in: aws_eks_cluster.a }, { name: navy, runs_in: aws_eks_cluster.a }]";
        assert_eq!(names(&read(base), &read(two)), []);
        assert_eq!(names(&read(two), &read(base)), []);
    }

    /// A cluster that is there before and after, under these names.
    fn resource(address: &str, names: [Option<&str>; 2], origins: &mut Origins) -> ClusterResource {
        let names = names.map(|name| name.map(str::to_owned));
        ClusterResource {
            address: address.to_owned(),
            previous_address: None,
            is_there: [names[0].is_some(), names[1].is_some()],
            is_replaced: names[0] != names[1],
            names,
            origin: origins.add(Origin {
                address: address.to_owned(),
                action: Action::Keep,
                attributes: Vec::new(),
                location: None,
                carrier: None,
                stack: String::new(),
                is_imported: false,
                steps: Vec::new(),
            }),
        }
    }

    /// What becomes of a cluster that is one resource before and another after, in words.
    fn becoming(before: Option<&ClusterResource>, after: Option<&ClusterResource>) -> &'static str {
        let sides = [before, after].map(|one| one.into_iter().collect());
        match becomes(sides, true) {
            None => "nobody tells",
            Some(fate) if fate.end == Some(End::Destroyed) => "destroyed",
            Some(fate) if fate.incarnations[0] == fate.incarnations[1] => "lasts",
            Some(_) => "anew",
        }
    }

    #[test]
    fn a_cluster_lasts_with_its_resource_goes_with_it_and_is_another_in_another() {
        let mut origins = Origins::default();
        let lasting = resource("a", [Some("blue"), Some("blue")], &mut origins);
        let gone = resource("b", [Some("blue"), None], &mut origins);
        let come = resource("c", [None, Some("blue")], &mut origins);
        let replaced = resource("d", [Some("blue"), Some("teal")], &mut origins);
        assert_eq!(becoming(Some(&lasting), Some(&lasting)), "lasts");
        assert_eq!(becoming(Some(&lasting), None), "lasts");
        assert_eq!(becoming(Some(&gone), None), "destroyed");
        assert_eq!(becoming(Some(&gone), Some(&come)), "anew");
        assert_eq!(becoming(Some(&replaced), Some(&replaced)), "anew");
        // The name passes on to another cluster, although the first runs on.
        assert_eq!(becoming(Some(&lasting), Some(&come)), "anew");
        assert_eq!(becoming(None, Some(&come)), "nobody tells");
    }
}
