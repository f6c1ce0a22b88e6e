//! What was not understood of the input, as far as a guarantee may rest on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::carveout::site::{Footprint, Scope};
use crate::graph::fragment::Notice;
use crate::graph::link::LinkKind;
use crate::graph::node::{Node, NodeKind};
use crate::graph::origin::OriginId;
use crate::graph::{BoundaryId, NodeId};
use crate::location::Location;
use crate::repos::{Repository, Revision};
use crate::verdict::audit::Point;
use crate::verdict::judge::Case;

use super::binding::Binder;
use super::findings::unread;
use super::network::Network;

/// Notices that say of the whole input that it is not all there.
const NOT_ALL_THERE: &[&str] = &[
    "errored-plan",
    "incomplete-plan",
    "missing-resource-changes",
    "no-network",
    "unit-not-evaluated",
    "unreadable-source",
];

/// Notices that tell of a plan's steps, or of ways that say themselves what of them is in doubt: nothing of the network after it
/// is open by them.
const OPENS_NOTHING: &[&str] = &["deposed-object", "foreign-hub", "now-visible", "outage"];

/// Notices about manifests that may say more of what lies in a cluster.
const MANIFESTS_NOT_READ: &[&str] = &[
    "unreadable-manifest",
    "unrendered-kustomization",
    "unrendered-template",
];

/// Notices about resource types of which nobody knows what they do to the network.
const NOT_KNOWN_TYPES: &[&str] = &[
    "not-yet-modelled",
    "unrecognised-resource",
    "unmodelled-provider",
];

/// What was not understood, ready to be asked for each guarantee of a repository.
pub(super) struct Doubts<'d> {
    binder: &'d Binder<'d>,
    /// What holds of the whole input.
    whole: Vec<Point>,
    /// What holds of everything in clusters.
    manifests: Option<Point>,
    /// What is about one part, by the name it goes by.
    about: BTreeMap<&'d str, Vec<Point>>,
    /// The far ends of the links at each node.
    neighbours: HashMap<&'d NodeId, Vec<&'d Node>>,
    /// Text of blocks whose type is not known, with what the notice says.
    blocks: Vec<(String, String, Location)>,
}

impl<'d> Doubts<'d> {
    /// Gather what the notices tell.
    pub(super) fn new(binder: &'d Binder<'d>) -> Self {
        let notices = &binder.network.notices;
        let whole = notices
            .iter()
            .filter(|notice| NOT_ALL_THERE.contains(&notice.kind))
            .map(|notice| Point::open(format!("{}: {}", notice.subject, notice.message)))
            .collect();
        let unread: Vec<&str> = notices
            .iter()
            .filter(|notice| MANIFESTS_NOT_READ.contains(&notice.kind))
            .map(|notice| notice.subject.as_str())
            .collect();
        let manifests = unread.first().map(|first| {
            Point::open(match unread.len() {
                1 => format!("{first} was not read, and may say more of what is in clusters"),
                count => format!(
                    "{first} and {} more were not read, and may say more of what is in clusters",
                    count - 1
                ),
            })
        });
        let is_told_otherwise = |kind: &str| {
            [
                NOT_ALL_THERE,
                NOT_KNOWN_TYPES,
                MANIFESTS_NOT_READ,
                OPENS_NOTHING,
            ]
            .iter()
            .any(|kinds| kinds.contains(&kind))
        };
        let mut about: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
        let is_about_part = |notice: &&Notice| !is_told_otherwise(notice.kind);
        for notice in notices.iter().filter(is_about_part) {
            let point = Point::open(format!("{}: {}", notice.subject, notice.message));
            about.entry(&notice.subject).or_default().push(point);
        }
        let graph = &binder.network.after.graph;
        let mut neighbours: HashMap<&NodeId, Vec<&Node>> = HashMap::new();
        for [first, second] in graph.links().filter_map(|link| graph.ends(&link.id)) {
            neighbours.entry(&first.id).or_default().push(second);
            neighbours.entry(&second.id).or_default().push(first);
        }
        let mut blocks = Vec::new();
        let mut texts: HashMap<String, Vec<String>> = HashMap::new();
        let survey = binder.survey;
        for notice in notices
            .iter()
            .filter(|one| NOT_KNOWN_TYPES.contains(&one.kind))
        {
            for block in survey.at_head.blocks.blocks() {
                let is_meant = block.labels.first().is_some_and(|kind| {
                    *kind == notice.subject
                        || notice.subject.starts_with(&format!("{kind}."))
                        || notice.kind == "unmodelled-provider"
                            && kind.starts_with(&format!("{}_", provider_of(&notice.subject)))
                });
                if block.kind != "resource" || !is_meant {
                    continue;
                }
                let location = block.location();
                let lines = texts
                    .entry(location.path.clone())
                    .or_insert_with(|| lines_of(&survey.repository, survey.head, &location.path));
                let first = location.line.saturating_sub(1);
                let own = lines.get(first..location.end_line.min(lines.len()));
                let text = own.unwrap_or_default().join("\n");
                blocks.push((
                    text,
                    format!("{} ({})", block.labels.join("."), notice.message),
                    location,
                ));
            }
        }
        Self {
            binder,
            whole,
            manifests,
            about,
            neighbours,
            blocks,
        }
    }

    /// What a guarantee may rest on, too.
    pub(super) fn of(&self, case: &Case) -> Vec<Point> {
        let footprint = &case.carve_out.footprint;
        if footprint.scope == Scope::Local {
            return Vec::new();
        }
        let mut points: Vec<Point> = unread(footprint, self.binder.network)
            .into_iter()
            .map(|ground| Point::open(ground.message))
            .collect();
        if footprint.scope == Scope::Unanchored {
            return points;
        }
        points.extend(self.whole.iter().cloned());
        if self.is_in_clusters(footprint) {
            points.extend(self.manifests.clone());
        }
        if self.about.is_empty() && self.blocks.is_empty() {
            return points;
        }
        let names = self.names(case);
        let about = names
            .iter()
            .filter_map(|name| self.about.get(name.as_str()));
        points.extend(about.flatten().cloned());
        for (text, words, location) in &self.blocks {
            let mentioned = names.iter().find(|name| mentions(text, name));
            points.extend(
                mentioned
                    .map(|name| Point::open(format!("{words} at {location} refers to {name}"))),
            );
        }
        points
    }

    /// Whether what manifests say bears on a footprint.
    fn is_in_clusters(&self, footprint: &Footprint) -> bool {
        let graph = &self.binder.network.after.graph;
        footprint.parts.iter().any(|part| match &part.boundary {
            BoundaryId::Node(id) => graph.node(id).is_some_and(|node| {
                matches!(
                    node.kind,
                    NodeKind::Cluster
                        | NodeKind::Namespace
                        | NodeKind::Workload
                        | NodeKind::TrustDomain
                )
            }),
            BoundaryId::Link(id) => graph
                .link(id)
                .is_some_and(|link| link.kind == LinkKind::Mesh),
        })
    }

    /// What the parts of a footprint, and what is joined to them, are called by notices and in source.
    fn names(&self, case: &Case) -> BTreeSet<String> {
        let footprint = &case.carve_out.footprint;
        let network: &Network = self.binder.network;
        let graph = &network.after.graph;
        let mut names = BTreeSet::new();
        let mut origins: BTreeSet<OriginId> = BTreeSet::new();
        for node in self.concerned(case) {
            names.extend(node.keys.iter().map(|key| key.as_str().to_owned()));
            names.insert(node.display_name());
            let id = node.id.as_str();
            names.extend(id.split_once(':').map(|(_, rest)| rest.to_owned()));
            origins.extend(&node.origins);
        }
        for part in &footprint.parts {
            if let BoundaryId::Link(id) = &part.boundary
                && let Some(link) = graph.link(id)
            {
                names.insert(link.display_name());
                origins.extend(&link.origins);
            }
            let facts = network.after.perimeters.facts.get(&part.boundary);
            let facts = facts.into_iter().flatten();
            origins.extend(facts.flat_map(|(_, fact)| &fact.origins));
        }
        names.extend(
            origins
                .into_iter()
                .map(|id| network.origins.get(id).address.clone()),
        );
        names.retain(|name| !name.is_empty());
        names
    }

    /// The parts of a footprint, what they lie in, and what they are joined to, where something is claimed of that.
    fn concerned(&self, case: &Case) -> Vec<&'d Node> {
        let footprint = &case.carve_out.footprint;
        let has_claims = !case.guarantee.claims.is_empty();
        let graph = &self.binder.network.after.graph;
        let mut nodes: Vec<&Node> = Vec::new();
        for part in &footprint.parts {
            match &part.boundary {
                BoundaryId::Node(id) => {
                    nodes.extend(graph.node(id));
                    nodes.extend(graph.ancestors_of(id));
                    let joined = self.neighbours.get(id).filter(|_| has_claims);
                    nodes.extend(joined.into_iter().flatten());
                }
                BoundaryId::Link(id) => nodes.extend(graph.ends(id).into_iter().flatten()),
            }
        }
        nodes
    }
}

/// The provider's own name in its source address.
fn provider_of(subject: &str) -> &str {
    subject.rsplit('/').next().unwrap_or(subject)
}

fn lines_of(repository: &Repository, revision: Revision, path: &str) -> Vec<String> {
    let bytes = repository.read(revision, path).ok().flatten();
    let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    text.lines().map(str::to_owned).collect()
}

/// Whether a text speaks of a resource by its address.
fn mentions(text: &str, address: &str) -> bool {
    // Of an address in a state of its own, or of an instance, the block is meant.
    let address = address.rsplit("//").next().unwrap_or(address);
    let address = address.split('[').next().unwrap_or(address);
    if !address.contains('.') {
        return false;
    }
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(address).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + found.len()..].chars().next();
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn an_address_is_met_whole_and_not_as_part_of_a_longer_one() {
        assert!(mentions("vpc_id = aws_vpc.prod.id", "aws_vpc.prod"));
        assert!(mentions(
            "[aws_vpc.prod[0].id]",
            "state.json//aws_vpc.prod[\"a\"]"
        ));
        assert!(!mentions("vpc_id = aws_vpc.production.id", "aws_vpc.prod"));
        assert!(!mentions("vpc_id = my-aws_vpc.prod", "aws_vpc.prod"));
        assert!(!mentions("prod", "prod"));
    }
}
