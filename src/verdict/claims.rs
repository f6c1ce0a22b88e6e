//! Whether what a guarantee claims holds in a snapshot.

use std::collections::BTreeSet;

use crate::carveout::guarantee::Claim;
use crate::carveout::site::{Footprint, Scope};
use crate::change::diff::Snapshot;
use crate::graph::perimeter::{Fact, FactKind};
use crate::graph::protection::Protection;
use crate::graph::{BoundaryId, LinkId, NodeId};

/// What a snapshot says of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Holds,
    /// It does not, for this reason.
    False(String),
    /// The snapshot cannot tell.
    Undecided,
}

/// Judge one claim on what a footprint rests on.
#[must_use]
pub fn judge(claim: &Claim, footprint: &Footprint, snapshot: &Snapshot) -> Truth {
    let networks: Vec<&NodeId> = footprint
        .parts
        .iter()
        .filter_map(|part| match &part.boundary {
            BoundaryId::Node(node) => Some(node).filter(|node| snapshot.graph.node(node).is_some()),
            BoundaryId::Link(_) => None,
        })
        .collect();
    let links: Vec<&LinkId> = footprint
        .parts
        .iter()
        .filter_map(|part| match &part.boundary {
            BoundaryId::Link(link) => Some(link).filter(|link| snapshot.graph.link(link).is_some()),
            BoundaryId::Node(_) => None,
        })
        .collect();
    if networks.is_empty() && links.is_empty() {
        return Truth::Undecided;
    }
    let facts = |kind: FactKind| {
        networks.iter().flat_map(move |network| {
            let facts = snapshot
                .perimeters
                .facts
                .get(&BoundaryId::Node((*network).clone()))
                .into_iter()
                .flatten();
            facts
                .filter(move |((known, _), _)| *known == kind)
                .map(|((_, about), fact)| (*network, about.as_str(), fact))
        })
    };
    let refuted = |mut witnesses: Vec<(&NodeId, &Fact)>| match witnesses.pop() {
        Some((network, fact)) => {
            Truth::False(format!("{} {}", name(snapshot, network), fact.words))
        }
        None => Truth::Holds,
    };
    match claim {
        Claim::NotPeered(with) => {
            let named: BTreeSet<&str> =
                with.iter().map(|target| target.boundary.as_str()).collect();
            let meant = |about: &str| named.is_empty() || named.contains(about);
            refuted(
                facts(FactKind::Peering)
                    .filter(|(_, about, _)| meant(about))
                    .map(|(at, _, fact)| (at, fact))
                    .collect(),
            )
        }
        Claim::NotExposed => {
            let open = |fact: &Fact| fact.value != "attached";
            refuted(
                facts(FactKind::Exposure)
                    .filter(|(_, _, fact)| open(fact))
                    .map(|(at, _, fact)| (at, fact))
                    .collect(),
            )
        }
        Claim::NoInternetGateway => refuted(
            facts(FactKind::Exposure)
                .filter(|(_, _, fact)| !fact.value.is_empty())
                .map(|(at, _, fact)| (at, fact))
                .collect(),
        ),
        Claim::NotAttached => refuted(
            facts(FactKind::Attachment)
                .map(|(at, _, fact)| (at, fact))
                .collect(),
        ),
        Claim::NotReachedFrom(from) => {
            let named: BTreeSet<&str> =
                from.iter().map(|target| target.boundary.as_str()).collect();
            let peered = facts(FactKind::Peering).find(|(_, about, _)| named.contains(about));
            if let Some((network, _, fact)) = peered {
                return Truth::False(format!("{} {}", name(snapshot, network), fact.words));
            }
            for departure in snapshot
                .perimeters
                .departures
                .iter()
                .filter(|one| named.contains(one.from.as_str()))
            {
                if let Some(network) = networks
                    .iter()
                    .find(|network| departure.reach.ends.contains_key(**network))
                {
                    return Truth::False(format!(
                        "{} is reached from {} through {}",
                        name(snapshot, network),
                        name(snapshot, &departure.from),
                        name(snapshot, &departure.hub)
                    ));
                }
            }
            Truth::Holds
        }
        Claim::Encrypted => {
            let plain = links
                .iter()
                .filter_map(|link| snapshot.graph.link(link))
                .find(|link| !link.in_transit.protection.encrypts());
            match plain {
                Some(link)
                    if link.in_transit.protection == Protection::None
                        || link.in_transit.evidence.is_some() =>
                {
                    Truth::False(format!(
                        "{} {} carries traffic {}",
                        link.role,
                        link.display_name(),
                        link.in_transit.protection.clause()
                    ))
                }
                Some(_) => Truth::Undecided,
                None if links.is_empty() => Truth::Undecided,
                None => Truth::Holds,
            }
        }
        Claim::EncryptionEnforced => {
            let enforces = |network: &&&NodeId| {
                let node = snapshot.graph.node(network);
                node.and_then(|node| node.property("encryption_mode"))
                    .and_then(|mode| mode.known())
                    == Some("enforce")
            };
            match networks.iter().find(|network| !enforces(network)) {
                Some(network) => Truth::False(format!(
                    "{} does not enforce encryption in transit",
                    name(snapshot, network)
                )),
                None if networks.is_empty() => Truth::Undecided,
                None => Truth::Holds,
            }
        }
        Claim::InRegion(regions) => {
            in_region(regions, footprint.scope, &networks, &links, snapshot)
        }
    }
}

fn in_region(
    regions: &[String],
    scope: Scope,
    networks: &[&NodeId],
    links: &[&LinkId],
    snapshot: &Snapshot,
) -> Truth {
    let mut nodes: Vec<&NodeId> = networks.to_vec();
    if scope == Scope::OverLinks {
        nodes.extend(
            links
                .iter()
                .filter_map(|link| snapshot.graph.ends(link))
                .flatten()
                .map(|node| &node.id),
        );
    }
    let mut undecided = nodes.is_empty();
    for id in nodes {
        match snapshot
            .graph
            .node(id)
            .map(|node| node.place.region.as_ref())
        {
            Some(Some(region)) if !regions.contains(region) => {
                return Truth::False(format!("{} lies in {region}", name(snapshot, id)));
            }
            Some(Some(_)) => {}
            _ => undecided = true,
        }
    }
    if undecided {
        Truth::Undecided
    } else {
        Truth::Holds
    }
}

fn name(snapshot: &Snapshot, node: &NodeId) -> String {
    let found = snapshot.graph.node(node);
    found.map_or_else(
        || node.to_string(),
        |node| format!("{} {}", node.role, node.display_name()),
    )
}
