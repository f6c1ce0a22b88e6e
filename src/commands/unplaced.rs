//! What no input places: a change in a network, or behind a hub, that may be any that a carve-out rests on; and a cluster that
//! may run in the network that changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::carveout::site::Scope;
use crate::change::diff::Difference;
use crate::change::{Category, Change, Effect};
use crate::graph::node::{Node, NodeKind, Standing};
use crate::graph::origin::{OriginId, Origins};
use crate::graph::{BoundaryId, Graph, NodeId};
use crate::report::text::counted;
use crate::settings::Policy;
use crate::sources::terraform::address::Address;
use crate::verdict::judge::invalidates;
use crate::verdict::{Finding, Judged, Rule, Status};

use super::organisation::Place;

/// How many names a message lists.
const NAMED: usize = 3;

/// What a change set does, and what rests on the network before and after it.
pub(super) struct Unplaced<'a> {
    pub(super) difference: &'a Difference<'a>,
    pub(super) changes: &'a [Change],
    pub(super) policy: &'a Policy,
    pub(super) carve_outs: &'a [Judged],
    pub(super) place: &'a Place<'a>,
}

impl Unplaced<'_> {
    /// One finding for each change where nobody knows, if carve-outs rest on a network that it may concern, and one for each
    /// cluster that nobody places, if a network changes that it may run in.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let opening: Vec<&Change> = self
            .changes
            .iter()
            .filter(|change| is_of_networks(change.category))
            .filter(|change| change.effect != Effect::Narrows && invalidates(change, self.policy))
            .collect();
        let of_changes = opening.iter().filter_map(|change| self.of_change(change));
        let of_changes: Vec<Finding> = of_changes.collect();
        let mut findings = self.of_homes(&opening);
        findings.extend(of_changes);
        findings
    }

    fn of_change(&self, change: &Change) -> Option<Finding> {
        let graph = &self.difference.after.graph;
        let touched = change.touched.keys();
        let joined = change.boundaries.iter().map(|(boundary, _)| boundary);
        let nodes: BTreeSet<&NodeId> = touched
            .chain(joined.filter(|boundary| is_hub(graph, boundary)))
            .filter_map(|boundary| match boundary {
                BoundaryId::Node(id) => Some(id),
                BoundaryId::Link(_) => None,
            })
            .collect();
        let unplaced: Vec<&Node> = nodes
            .into_iter()
            .filter_map(|id| graph.node(id))
            .filter(|node| is_unplaced(graph, self.place.origins(), node, change.category))
            .collect();
        let first = unplaced.first()?;
        let mut resting: Vec<&Judged> = Vec::new();
        let mut networks = BTreeSet::new();
        for judged in self.carve_outs.iter().filter(|one| may_fall(one)) {
            let parts = judged.carve_out.footprint.parts.iter();
            let may_be = parts.filter(|part| {
                let mut around = networks_of(self.difference, &part.boundary).into_iter();
                around.any(|network| {
                    let mut may_be = unplaced.iter();
                    may_be.any(|node| self.may_concern(change, node, network))
                })
            });
            let names: BTreeSet<&str> = may_be.map(|part| part.name.as_str()).collect();
            if !names.is_empty() {
                resting.push(judged);
            }
            networks.extend(names);
        }
        if resting.is_empty() {
            return None;
        }
        let name = match unplaced.len() {
            1 => first.display_name(),
            more => format!("{} and {} more", first.display_name(), more - 1),
        };
        let (unknown, relation) = match first.kind {
            NodeKind::Network => (format!("which network {name} is"), "which it may be"),
            NodeKind::Hub => (
                format!("which {} {name} is", first.role),
                "which may be attached to it",
            ),
            _ => (
                format!("in which network {name} stands"),
                "which it may be in",
            ),
        };
        let message = format!(
            "{}: no input tells {unknown}, and {} inside {}, {relation}: {}",
            change.summary,
            rest_on_staying(resting.len()),
            listed(networks, "others"),
            places(&resting),
        );
        let origins: BTreeSet<OriginId> = change.causes.iter().copied().collect();
        self.place.finding_at(
            &origins,
            Rule::UnplacedChange,
            message,
            "give the state of the stack that makes the network, with --context, or a plan where there is none: then the carve-outs inside it are listed, and no others",
        )
    }

    /// Whether what a change does at `node`, of which too little is known, may be done to a network.
    fn may_concern(&self, change: &Change, node: &Node, network: &Node) -> bool {
        let origins = self.place.origins();
        // What a stack makes itself it refers to by its address, not by an identifier or a value from elsewhere. A table may come
        // with its network.
        let is_made_by_name =
            change.category != Category::Exposure && node.kind != NodeKind::RouteTable;
        if is_made_by_name && is_of_the_same_stack(origins, change, network) {
            return false;
        }
        if node.kind != NodeKind::Hub {
            return may_be(origins, node, &change.causes, network);
        }
        let graph = &self.difference.after.graph;
        let mut joins = graph.links().filter_map(|link| graph.ends(&link.id));
        joins.any(|[one, other]| {
            let hub = match (one.id == network.id, other.id == network.id) {
                (true, _) => other,
                (_, true) => one,
                _ => return false,
            };
            let is_alike =
                hub.role == node.role || matches!(node.standing, Standing::Unresolved { .. });
            let is_told = hub.id == node.id || hub.standing != Standing::Described;
            hub.kind == NodeKind::Hub
                && !is_told
                && is_alike
                && may_be(origins, node, &change.causes, hub)
        })
    }

    /// What carve-outs rest on staying inside, and what may lie in a network that changes, because nobody tells in which it lies.
    fn of_homes(&self, opening: &[&Change]) -> Vec<Finding> {
        let graph = &self.difference.after.graph;
        let mut resting: BTreeMap<&NodeId, (&Node, Vec<&Judged>)> = BTreeMap::new();
        for judged in self.carve_outs.iter().filter(|one| may_fall(one)) {
            let parts = &judged.carve_out.footprint.parts;
            let homes: Option<Vec<&Node>> = parts
                .iter()
                .map(|part| unplaced_home(graph, &part.boundary))
                .collect();
            if let Some(home) = homes.as_ref().and_then(|homes| homes.first()) {
                let (_, inside) = resting.entry(&home.id).or_insert((home, Vec::new()));
                inside.push(judged);
            }
        }
        let findings = resting.into_values().filter_map(|(home, inside)| {
            let concerns: Vec<&Change> = opening
                .iter()
                .filter(|change| self.touches_what_holds(change, home))
                .copied()
                .collect();
            let first = concerns.first()?;
            let (rule, verb, help) = if home.kind.lies_in_networks() {
                let help = "say in the settings where it runs (`clusters:` with `runs_in`): then its carve-outs fall with that network, and with no other";
                (Rule::UnplacedCluster, "runs", help)
            } else {
                let help = "give the state of the stack that makes it, with --context, or name the network in the guarantee: then its carve-outs fall with that, and with no other";
                (Rule::UnplacedChange, "lies", help)
            };
            let name = match home.kind.lies_in_networks() {
                true => format!("{} {}", home.role, home.display_name()),
                false => home.display_name(),
            };
            let message = format!(
                "{name}: no input tells in which network it {verb}, and {} inside it: {}; this changes: {}{}",
                rest_on_staying(inside.len()),
                places(&inside),
                first.summary,
                match concerns.len() {
                    1 => String::new(),
                    more => format!(", and {} more", more - 1),
                }
            );
            let origins: BTreeSet<OriginId> = concerns
                .iter()
                .flat_map(|change| change.causes.iter().copied())
                .collect();
            self.place.finding_at(&origins, rule, message, help)
        });
        findings.collect()
    }

    /// Whether a change touches a network that something of which too little is known may be, or lie in.
    fn touches_what_holds(&self, change: &Change, home: &Node) -> bool {
        let graph = &self.difference.after.graph;
        let touched = change.touched.keys().filter_map(|boundary| match boundary {
            BoundaryId::Node(id) => graph.node(id),
            BoundaryId::Link(_) => None,
        });
        let mut networks = touched.filter(|node| node.kind == NodeKind::Network);
        if home.kind.lies_in_networks() {
            return networks.next().is_some();
        }
        networks.any(|network| {
            let is_described = network.standing == Standing::Described;
            is_described && may_be(self.place.origins(), home, &[], network)
        })
    }
}

/// Whether a change of this sort is one of what networks let in and out.
fn is_of_networks(category: Category) -> bool {
    !matches!(
        category,
        Category::Boundary | Category::Encryption | Category::Authentication | Category::Mesh
    )
}

fn rest_on_staying(count: usize) -> String {
    let verb = if count == 1 { "rests" } else { "rest" };
    format!("{} {verb} on staying", counted(count, "carve-out"))
}

/// Where carve-outs stand: the first few, so that a reader can go and look.
fn places(carve_outs: &[&Judged]) -> String {
    let all = carve_outs.iter().map(|judged| {
        let location = &judged.carve_out.location;
        format!("{}:{}", location.path, location.line)
    });
    let rest = format!("{} more", carve_outs.len().saturating_sub(NAMED));
    listed(all, &rest)
}

/// The first few names, and what stands for the rest.
fn listed<S: Into<String>>(names: impl IntoIterator<Item = S>, rest: &str) -> String {
    let mut names = names.into_iter().map(Into::into);
    let mut named: Vec<String> = names.by_ref().take(NAMED).collect();
    if names.next().is_some() {
        named.push(rest.to_owned());
    }
    named.join(", ")
}

fn is_hub(graph: &Graph, boundary: &BoundaryId) -> bool {
    matches!(boundary, BoundaryId::Node(id) if graph.node(id).is_some_and(|node| node.kind == NodeKind::Hub))
}

/// Whether a change touches something of which no input tells what it is, or in which network it lies.
fn is_unplaced(graph: &Graph, origins: &Origins, node: &Node, category: Category) -> bool {
    // Of several that it may be, each is touched already.
    if matches!(&node.standing, Standing::Unresolved { candidates, .. } if !candidates.is_empty()) {
        return false;
    }
    // What is looked up is somebody's, and a lookup does not tell whose.
    let is_described = node.standing == Standing::Described && !is_looked_up(origins, node);
    let networks = graph.networks_of(&node.id);
    let lies_nowhere = networks.iter().all(|network| network.id == node.id);
    match node.kind {
        NodeKind::Hub => !is_described && category != Category::Exposure,
        NodeKind::RouteTable => lies_nowhere,
        NodeKind::Network | NodeKind::Subnet => !is_described && lies_nowhere,
        _ => category == Category::Exposure && !is_described && lies_nowhere,
    }
}

/// What holds a part of a footprint as far as anybody tells, if that lies in no network that is described: a cluster, or
/// a network or subnet that others only refer to.
fn unplaced_home<'g>(graph: &'g Graph, boundary: &BoundaryId) -> Option<&'g Node> {
    let BoundaryId::Node(id) = boundary else {
        return None;
    };
    let node = graph.node(id)?;
    let networks = graph.networks_of(id);
    if node.kind.lies_in_networks() && networks.is_empty() {
        let around = graph.ancestors_of(id).into_iter();
        let mut clusters = around.filter(|one| one.kind == NodeKind::Cluster);
        return Some(clusters.next().unwrap_or(node));
    }
    let is_told = |node: &Node| match &node.standing {
        Standing::Described => true,
        Standing::Foreign => false,
        Standing::Unresolved { candidates, .. } => !candidates.is_empty(),
    };
    let is_place = matches!(node.kind, NodeKind::Network | NodeKind::Subnet);
    (is_place && !is_told(node) && !networks.into_iter().any(is_told)).then_some(node)
}

/// Whether something can fall on a carve-out that did not.
fn may_fall(judged: &Judged) -> bool {
    judged.carve_out.footprint.scope == Scope::Inside
        && matches!(judged.status, Status::Unaffected | Status::Added)
}

/// The networks that a part of a footprint is, or lies in, after the change.
fn networks_of<'d>(difference: &'d Difference<'_>, boundary: &BoundaryId) -> Vec<&'d Node> {
    let BoundaryId::Node(id) = boundary else {
        return Vec::new();
    };
    let graph = &difference.after.graph;
    let own = graph.node(id).into_iter();
    let own = own.filter(|node| node.kind == NodeKind::Network);
    own.chain(graph.networks_of(id)).collect()
}

fn is_of_the_same_stack(origins: &Origins, change: &Change, network: &Node) -> bool {
    let makers = network.origins.iter().map(|id| &origins.get(*id).stack);
    let stacks: BTreeSet<&String> = makers.collect();
    let mut causes = change.causes.iter().map(|id| &origins.get(*id).stack);
    causes.any(|stack| stacks.contains(stack))
}

/// Whether something of which too little is known may be a network or hub, or stand in it. It does not where an identifier
/// tells what it is, and the other, with the identifiers of what is in it, is made by what was read.
fn may_be(origins: &Origins, node: &Node, causes: &[OriginId], described: &Node) -> bool {
    if let (Some(one), Some(other)) = (
        cloud_of(origins, node, causes),
        cloud_of(origins, described, &[]),
    ) && one != other
    {
        return false;
    }
    if let (Some(one), Some(other)) = (&node.place.account, &described.place.account)
        && one != other
    {
        return false;
    }
    if let (Some(one), Some(other)) = (&node.name, &described.name)
        && one != other
    {
        return false;
    }
    if matches!(node.standing, Standing::Unresolved { .. }) {
        return true;
    }
    let is_identified = described
        .origins
        .iter()
        .any(|id| !described.id.as_str().ends_with(&origins.get(*id).address));
    !is_identified || is_looked_up(origins, described)
}

/// The cloud of a node, by its identifier or the type of what describes it or refers to it. Two providers may serve one cloud.
fn cloud_of(origins: &Origins, node: &Node, causes: &[OriginId]) -> Option<String> {
    let (_, identity) = node.id.as_str().split_once('/')?;
    let is_word = |text: &&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let by_identifier = identity.split_once(':').map(|(provider, _)| provider);
    let by_type = || {
        let told_by = node.origins.iter().chain(causes).next()?;
        let address = Address::parse(&origins.get(*told_by).address)?;
        let (provider, _) = address.resource_type.split_once('_')?;
        Some(provider.to_owned())
    };
    let provider = by_identifier.filter(is_word).map(str::to_owned);
    Some(match provider.or_else(by_type)?.as_str() {
        "awscc" => "aws".to_owned(),
        "azapi" => "azurerm".to_owned(),
        other => other.to_owned(),
    })
}

/// Whether only data sources describe a node.
fn is_looked_up(origins: &Origins, node: &Node) -> bool {
    let mut makers = node.origins.iter().map(|id| &origins.get(*id).address);
    makers.all(|address| Address::parse(address).is_some_and(|address| address.is_data))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::graph::testing::{Scene, network, network_id, peer};

    use super::*;

    #[test]
    fn what_an_identifier_names_is_in_a_network_that_is_looked_up_and_in_none_that_is_made_here() {
        let made = network("a", ["10.1.0.0/16"]);
        let looked_up = network("a", ["10.1.0.0/16"]).at("data.network.a");
        for (one, expected) in [(made, false), (looked_up, true)] {
            let pieces = [one, peer("a", "elsewhere")];
            let scene = Scene::new(&pieces, &pieces);
            let node = |name: &str| scene.after.graph.node(&network_id(name)).unwrap();
            assert_eq!(node("elsewhere").standing, Standing::Foreign);
            let found = may_be(&scene.origins, node("elsewhere"), &[], node("a"));
            assert_eq!(found, expected);
        }
    }
}
