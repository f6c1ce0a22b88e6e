//! Whether what a guarantee claims holds in a snapshot.

use std::collections::BTreeSet;
use std::fmt;

use crate::carveout::footprint::is_of_kind;
use crate::carveout::guarantee::Claim;
use crate::carveout::names::Target;
use crate::carveout::site::{Footprint, Scope};
use crate::change::diff::Snapshot;
use crate::graph::fragment::Topic;
use crate::graph::link::{Link, LinkKind};
use crate::graph::node::{Node, NodeKind, Property, Standing};
use crate::graph::origin::OriginId;
use crate::graph::perimeter::{Fact, FactKind};
use crate::graph::protection::{Evidence, Protection};
use crate::graph::reach::Departure;
use crate::graph::{BoundaryId, LinkId, NodeId};

/// What a snapshot says of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Holds,
    /// It does not, for this reason.
    False(Refutation),
    /// The snapshot cannot tell.
    Undecided,
}

/// What makes a claim false.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refutation {
    /// In words, a clause of its own: "vpc prod is peered with vpc data".
    pub words: String,
    /// The resources it follows from.
    pub origins: BTreeSet<OriginId>,
    /// The documentation it rests on.
    pub evidence: Option<Evidence>,
    /// From what to what traffic gets, where that makes the claim false.
    pub passage: Option<(NodeId, NodeId)>,
}

impl Refutation {
    fn of_fact(snapshot: &Snapshot, at: &NodeId, fact: &Fact) -> Self {
        Self {
            words: format!("{} {}", name(snapshot, at), fact.words),
            origins: fact.origins.clone(),
            evidence: fact.evidence.clone(),
            passage: None,
        }
    }

    fn of_node(snapshot: &Snapshot, at: &NodeId, what: &str) -> Self {
        let node = snapshot.graph.node(at);
        Self {
            words: format!("{} {what}", name(snapshot, at)),
            origins: node.map_or_else(BTreeSet::new, |node| node.origins.clone()),
            evidence: None,
            passage: None,
        }
    }

    fn of_link(link: &Link, words: String) -> Self {
        Self {
            words,
            origins: &link.origins | &link.protection_origins,
            evidence: link.in_transit.evidence.clone(),
            passage: None,
        }
    }

    fn about(self, from: &NodeId, to: &NodeId) -> Self {
        Self {
            passage: Some((from.clone(), to.clone())),
            ..self
        }
    }
}

impl fmt::Display for Refutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// A claim in words, to stand after "it claims".
#[must_use]
pub fn words_of(claim: &Claim) -> String {
    let names = |targets: &[Target]| {
        // One that is made anew has a name on both sides.
        let names: BTreeSet<&str> = targets.iter().map(|target| target.name.as_str()).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    match claim {
        Claim::NotPeered(with) if with.is_empty() => "that there is no peering".to_owned(),
        Claim::NotPeered(with) => format!("that there is no peering with {}", names(with)),
        Claim::NotExposed => "that the internet does not reach it".to_owned(),
        Claim::NoInternetGateway => "that there is no internet gateway".to_owned(),
        Claim::NotAttached => "that it is attached to no hub".to_owned(),
        Claim::NotReachedFrom(from) => format!("that {} does not reach it", names(from)),
        Claim::OnlyReachedFrom(from) => format!("that nothing but {} reaches it", names(from)),
        Claim::OnlyReachedOver(what) if what.is_empty() => {
            "that nothing but the links it crosses leads there".to_owned()
        }
        Claim::OnlyReachedOver(what) => {
            format!(
                "that nothing but the links it crosses leads to {}",
                names(what)
            )
        }
        Claim::Lying { things, inside } => {
            let things = names(things);
            let lie = if things.contains(", ") { "lie" } else { "lies" };
            format!("that {things} {lie} in {}", names(inside))
        }
        Claim::NotReaching(to) => format!("that it does not reach {}", names(to)),
        Claim::NoEgress => "that there is no way out to the internet".to_owned(),
        Claim::NoTranslation => "that there is no address translation".to_owned(),
        Claim::NoLink(kind) => format!("that there is no {}", kind.word()),
        Claim::PrivateSubnets => "that its subnets are private".to_owned(),
        Claim::Encrypted => "that the links it crosses are encrypted".to_owned(),
        Claim::EncryptionEnforced => "that encryption in transit is enforced".to_owned(),
        Claim::InRegion(regions) => format!("to stay in {}", regions.join(", ")),
        Claim::InAccount(accounts) => format!("to stay in account {}", accounts.join(", ")),
    }
}

/// Judge one claim on what a footprint rests on.
#[must_use]
pub fn judge(claim: &Claim, footprint: &Footprint, snapshot: &Snapshot) -> Truth {
    let mut networks: Vec<&NodeId> = footprint
        .parts
        .iter()
        .filter_map(|part| match &part.boundary {
            BoundaryId::Node(node) => Some(node).filter(|node| snapshot.graph.node(node).is_some()),
            BoundaryId::Link(_) => None,
        })
        .collect();
    // A gateway of its network opens no namespace by itself; all else that holds of the network holds of what is inside.
    if !matches!(
        claim,
        Claim::NotExposed | Claim::NoInternetGateway | Claim::PrivateSubnets
    ) {
        let inner = networks.iter().filter(|id| {
            let node = snapshot.graph.node(id);
            node.is_some_and(|node| node.kind.lies_in_networks())
        });
        let outer = inner.flat_map(|id| snapshot.graph.networks_of(id));
        let outer: BTreeSet<&NodeId> = outer.map(|network| &network.id).collect();
        networks.extend(outer);
        networks.dedup();
    }
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
        Some((network, fact)) => Truth::False(Refutation::of_fact(snapshot, network, fact)),
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
            let stated = facts(FactKind::Stated(Topic::Exposure))
                .filter(|(_, _, fact)| fact.value.contains("internet"));
            refuted(
                facts(FactKind::Exposure)
                    .chain(stated)
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
            let named = |node: &str| from.iter().any(|target| target.boundary.as_str() == node);
            if let Some((network, about, fact)) =
                facts(FactKind::Peering).find(|(_, about, _)| named(about))
            {
                let from = NodeId::from(about.to_owned());
                return Truth::False(
                    Refutation::of_fact(snapshot, network, fact).about(&from, network),
                );
            }
            let arrival = arrival(&networks, &|from| named(from.as_str()), snapshot);
            arrival.map_or(Truth::Holds, Truth::False)
        }
        Claim::OnlyReachedFrom(from) => {
            let own: BTreeSet<&str> = networks.iter().map(|network| network.as_str()).collect();
            let allowed = |node: &str| {
                own.contains(node) || from.iter().any(|target| target.boundary.as_str() == node)
            };
            let peered = facts(FactKind::Peering).find(|(_, about, _)| !allowed(about));
            let exposed = facts(FactKind::Exposure).find(|(_, _, fact)| fact.value != "attached");
            if let Some((network, _, fact)) = peered.or(exposed) {
                return Truth::False(Refutation::of_fact(snapshot, network, fact));
            }
            let arrival = arrival(&networks, &|from| !allowed(from.as_str()), snapshot);
            // What lies in a network that may call is no boundary to look for.
            let is_boundary = |target: &Target| match &target.boundary {
                BoundaryId::Node(id) => {
                    let node = snapshot.graph.node(id);
                    node.is_some_and(|node| {
                        matches!(node.kind, NodeKind::Network | NodeKind::External)
                    })
                }
                BoundaryId::Link(_) => false,
            };
            match arrival {
                Some(why) if from.iter().all(is_boundary) => Truth::False(why),
                None if networks.iter().all(|id| is_network(id, snapshot)) => Truth::Holds,
                _ => Truth::Undecided,
            }
        }
        Claim::OnlyReachedOver(what) => only_reached_over(what, footprint, snapshot),
        Claim::Lying { things, inside } => lying(things, inside, snapshot),
        Claim::NotReaching(to) => {
            let named = |node: &str| to.iter().any(|target| target.boundary.as_str() == node);
            if let Some((network, about, fact)) =
                facts(FactKind::Peering).find(|(_, about, _)| named(about))
            {
                let to = NodeId::from(about.to_owned());
                return Truth::False(
                    Refutation::of_fact(snapshot, network, fact).about(network, &to),
                );
            }
            let departures = snapshot.perimeters.departures.iter();
            let found = departures
                .filter(|one| networks.contains(&&one.from))
                .find_map(|one| {
                    let end = one.reach.ends.keys().find(|end| named(end.as_str()))?;
                    Some(reached(snapshot, end, one))
                });
            found.map_or(Truth::Holds, Truth::False)
        }
        Claim::NoEgress => match facts(FactKind::Egress)
            .chain(facts(FactKind::Route).filter(|(_, _, fact)| leads_to_internet(fact)))
            .next()
        {
            Some((network, _, fact)) => Truth::False(Refutation::of_fact(snapshot, network, fact)),
            // A door that lets in lets answers out, and perhaps more.
            None if facts(FactKind::Exposure).next().is_some() => Truth::Undecided,
            None => Truth::Holds,
        },
        Claim::NoTranslation => {
            let mut egress = facts(FactKind::Egress).peekable();
            if egress.peek().is_none() {
                return Truth::Holds;
            }
            let translates = |fact: &Fact| {
                let mut words = fact.words.split(|c: char| !c.is_alphanumeric());
                words.any(|word| word.eq_ignore_ascii_case("nat"))
            };
            match egress.find(|(_, _, fact)| translates(fact)) {
                Some((network, _, fact)) => {
                    Truth::False(Refutation::of_fact(snapshot, network, fact))
                }
                None => Truth::Undecided,
            }
        }
        Claim::NoLink(kind) => {
            let graph = &snapshot.graph;
            let touches = |link: &Link| {
                let ends = graph.ends(&link.id).into_iter().flatten();
                ends.into_iter().any(|end| {
                    let around = graph.networks_of(&end.id);
                    networks.contains(&&end.id)
                        || around.iter().any(|one| networks.contains(&&one.id))
                })
            };
            let of_kind = || graph.links().filter(|link| is_of_kind(link, *kind));
            if let Some(link) = of_kind().find(|link| touches(link)) {
                let ending = link.display_name();
                let words = format!("{} {ending} ends there", link.role);
                return Truth::False(Refutation::of_link(link, words));
            }
            // Behind a hub may be any of them.
            let is_attached = facts(FactKind::Attachment).next().is_some();
            if is_attached && of_kind().next().is_some() {
                Truth::Undecided
            } else {
                Truth::Holds
            }
        }
        Claim::PrivateSubnets => {
            // Facts are of networks: which of its subnets is exposed, they do not tell.
            if facts(FactKind::Exposure).any(|(_, _, fact)| fact.value != "attached") {
                Truth::Undecided
            } else {
                Truth::Holds
            }
        }
        Claim::Encrypted => {
            let is_documented = |link: &&&Link| {
                link.in_transit.protection == Protection::None || link.in_transit.evidence.is_some()
            };
            let plain: Vec<&Link> = links
                .iter()
                .filter_map(|link| snapshot.graph.link(link))
                .filter(|link| !link.in_transit.protection.encrypts())
                .collect();
            match plain.iter().find(is_documented) {
                Some(link) => Truth::False(Refutation::of_link(
                    link,
                    format!(
                        "{} {} carries traffic {}",
                        link.role,
                        link.display_name(),
                        link.in_transit.protection.clause()
                    ),
                )),
                None if links.is_empty() || !plain.is_empty() => Truth::Undecided,
                None => Truth::Holds,
            }
        }
        Claim::EncryptionEnforced => {
            let mut undecided = networks.is_empty();
            for network in &networks {
                let Some(node) = snapshot.graph.node(network) else {
                    continue;
                };
                match node.property("encryption_mode") {
                    Some(Property::Known(mode)) if mode == "enforce" => {}
                    Some(Property::Unknown) => undecided = true,
                    None if node.standing != Standing::Described => undecided = true,
                    _ => {
                        return Truth::False(Refutation::of_node(
                            snapshot,
                            network,
                            "does not enforce encryption in transit",
                        ));
                    }
                }
            }
            if undecided {
                Truth::Undecided
            } else {
                Truth::Holds
            }
        }
        Claim::InRegion(regions) => {
            in_region(regions, footprint.scope, &networks, &links, snapshot)
        }
        Claim::InAccount(accounts) => in_account(accounts, &networks, snapshot),
    }
}

/// Whether a route sends all that goes nowhere else to the internet, past any gateway of the network's own.
fn leads_to_internet(route: &Fact) -> bool {
    let words = route.words.strip_prefix("routes ");
    let parts = words.and_then(|words| words.split_once(" to "));
    parts.is_some_and(|(destination, target)| {
        matches!(destination, "0.0.0.0/0" | "::/0") && target == "the internet"
    })
}

/// Whether things lie where a guarantee says: false where one of them lies in other networks, all of them described.
fn lying(things: &[Target], inside: &[Target], snapshot: &Snapshot) -> Truth {
    let graph = &snapshot.graph;
    let meant: BTreeSet<&str> = inside
        .iter()
        .map(|target| target.boundary.as_str())
        .collect();
    let mut is_open = false;
    for thing in things {
        let BoundaryId::Node(id) = &thing.boundary else {
            continue;
        };
        let places = graph.places_of(id);
        let is_network = |node: &&&Node| node.kind == NodeKind::Network;
        let networks: Vec<&&Node> = places.iter().filter(is_network).collect();
        if graph.node(id).is_none() || networks.iter().any(|node| meant.contains(node.id.as_str()))
        {
            continue;
        }
        let are_described = networks
            .iter()
            .all(|node| node.standing == Standing::Described);
        if networks.is_empty() || networks.len() < places.len() || !are_described {
            is_open = true;
            continue;
        }
        let names: Vec<String> = networks
            .iter()
            .map(|node| format!("{} {}", node.role, node.display_name()))
            .collect();
        let what = format!("lies in {}", names.join(", "));
        return Truth::False(Refutation::of_node(snapshot, id, &what));
    }
    if is_open {
        Truth::Undecided
    } else {
        Truth::Holds
    }
}

/// Whether nothing but the links of a footprint leads to these; where none is named, to the services that the links end at.
fn only_reached_over(what: &[Target], footprint: &Footprint, snapshot: &Snapshot) -> Truth {
    let graph = &snapshot.graph;
    let crossed: BTreeSet<&LinkId> = footprint
        .parts
        .iter()
        .filter_map(|part| match &part.boundary {
            BoundaryId::Link(link) => Some(link),
            BoundaryId::Node(_) => None,
        })
        .collect();
    let named = what.iter().filter_map(|target| match &target.boundary {
        BoundaryId::Node(id) => graph.node(id),
        BoundaryId::Link(_) => None,
    });
    let mut ends: Vec<&Node> = named.collect();
    if what.is_empty() {
        let far = crossed.iter().filter_map(|link| graph.ends(link)).flatten();
        ends.extend(far.filter(|node| node.kind == NodeKind::Service));
    }
    for node in &ends {
        let boundary = BoundaryId::Node(node.id.clone());
        let facts = snapshot
            .perimeters
            .facts
            .get(&boundary)
            .into_iter()
            .flatten();
        let exposing = facts.into_iter().find(|((kind, _), fact)| match kind {
            FactKind::Exposure => fact.value != "attached",
            FactKind::Stated(Topic::Exposure) => fact.value.contains("internet"),
            _ => false,
        });
        if let Some((_, fact)) = exposing {
            return Truth::False(Refutation::of_fact(snapshot, &node.id, fact));
        }
        let leads_in = |link: &&Link| {
            let is_way_in = match link.kind {
                LinkKind::Peering | LinkKind::Vpn | LinkKind::Interconnect => true,
                LinkKind::PrivateEndpoint => node.kind == NodeKind::Service,
                _ => false,
            };
            let mut ends = graph.ends(&link.id).into_iter().flatten();
            is_way_in && !crossed.contains(&link.id) && ends.any(|end| end.id == node.id)
        };
        if let Some(link) = graph.links().find(leads_in) {
            let words = format!("{} {} leads there too", link.role, link.display_name());
            return Truth::False(Refutation::of_link(link, words));
        }
    }
    if ends.is_empty() {
        Truth::Undecided
    } else {
        Truth::Holds
    }
}

/// How one of some networks is reached through a hub, from something of which this holds.
fn arrival(
    networks: &[&NodeId],
    is_meant: &dyn Fn(&NodeId) -> bool,
    snapshot: &Snapshot,
) -> Option<Refutation> {
    let departures = snapshot.perimeters.departures.iter();
    departures
        .filter(|one| is_meant(&one.from))
        .find_map(|one| {
            let end = networks
                .iter()
                .find(|network| one.reach.ends.contains_key(**network))?;
            Some(reached(snapshot, end, one))
        })
}

/// That an end is reached through a hub.
fn reached(snapshot: &Snapshot, end: &NodeId, departure: &Departure) -> Refutation {
    let graph = &snapshot.graph;
    let way = departure.reach.ends.get(end);
    let mut origins = way.map_or_else(BTreeSet::new, |way| way.origins.clone());
    let links = way.map_or(&[][..], |way| &way.links);
    let links = std::iter::once(&departure.attachment).chain(links);
    origins.extend(
        links
            .filter_map(|link| graph.link(link))
            .flat_map(|link| link.origins.iter().copied()),
    );
    let words = format!(
        "{} is reached from {} through {}",
        name(snapshot, end),
        name(snapshot, &departure.from),
        name(snapshot, &departure.hub)
    );
    Refutation {
        words,
        origins,
        evidence: None,
        passage: Some((departure.from.clone(), end.clone())),
    }
}

fn is_network(id: &NodeId, snapshot: &Snapshot) -> bool {
    let node = snapshot.graph.node(id);
    node.is_some_and(|node| node.kind == NodeKind::Network)
}

fn in_account(accounts: &[String], networks: &[&NodeId], snapshot: &Snapshot) -> Truth {
    let mut truth = if networks.is_empty() {
        Truth::Undecided
    } else {
        Truth::Holds
    };
    for id in networks {
        let node = snapshot.graph.node(id);
        match node.and_then(|node| node.place.account.as_ref()) {
            Some(account) if !accounts.iter().any(|one| one.eq_ignore_ascii_case(account)) => {
                let what = format!("lies in account {account}");
                return Truth::False(Refutation::of_node(snapshot, id, &what));
            }
            Some(_) => {}
            None => truth = Truth::Undecided,
        }
    }
    truth
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
                let what = format!("lies in {region}");
                return Truth::False(Refutation::of_node(snapshot, id, &what));
            }
            Some(Some(_)) => {}
            _ => match subnets_in(regions, id, snapshot) {
                Truth::Holds => {}
                Truth::Undecided => undecided = true,
                elsewhere @ Truth::False(_) => return elsewhere,
            },
        }
    }
    if undecided {
        Truth::Undecided
    } else {
        Truth::Holds
    }
}

/// Whether the subnets of a network that lies in no region itself lie in these. Where only some do, nobody can tell which of
/// them is meant.
fn subnets_in(regions: &[String], network: &NodeId, snapshot: &Snapshot) -> Truth {
    let graph = &snapshot.graph;
    let mut told: Vec<&String> = Vec::new();
    for subnet in graph.nodes().filter(|node| node.kind == NodeKind::Subnet) {
        let networks = graph.networks_of(&subnet.id);
        if networks.iter().any(|one| one.id == *network) {
            let Some(region) = &subnet.place.region else {
                return Truth::Undecided;
            };
            told.push(region);
        }
    }
    let there = told
        .iter()
        .filter(|region| regions.contains(region))
        .count();
    match told.first() {
        Some(elsewhere) if there == 0 => Truth::False(Refutation {
            words: format!(
                "no subnet of {} lies there, and one lies in {elsewhere}",
                name(snapshot, network)
            ),
            ..Refutation::of_node(snapshot, network, "")
        }),
        Some(_) if there == told.len() => Truth::Holds,
        _ => Truth::Undecided,
    }
}

fn name(snapshot: &Snapshot, node: &NodeId) -> String {
    let found = snapshot.graph.node(node);
    found.map_or_else(
        || node.to_string(),
        |node| format!("{} {}", node.role, node.display_name()),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::carveout::footprint::{Surroundings, bind};
    use crate::carveout::guarantee::Guarantee;
    use crate::carveout::names::NameIndex;
    use crate::graph::testing::*;

    use super::*;

    /// What becomes of the only claim of a guarantee. `true` and `false` are said, else nothing.
    #[track_caller]
    fn check(pieces: &[Piece], guarantee: &str, expected: Option<bool>) {
        let snapshot = Snapshot::new(graph(pieces));
        let names = NameIndex::new(&[&snapshot.graph]);
        let read = Guarantee::read(guarantee, &names);
        assert_eq!(read.claims.len(), 1, "{:?}", read.claims);
        let footprint = bind(&read, &Surroundings::default(), &[&snapshot.graph]);
        let truth = judge(&read.claims[0], &footprint, &snapshot);
        let said = match &truth {
            Truth::Holds => Some(true),
            Truth::False(_) => Some(false),
            Truth::Undecided => None,
        };
        assert_eq!(said, expected, "{truth:?}");
    }

    fn prod() -> Vec<Piece> {
        vec![
            network("prod", ["10.1.0.0/16"]),
            network("data", ["10.2.0.0/16"]),
        ]
    }

    fn prod_with(more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        prod().into_iter().chain(more).collect()
    }

    #[test]
    fn no_peering_is_false_with_any_peer_and_no_peering_with_one_only_with_that() {
        let any = "stays inside VPC prod, which is not peered with any network";
        check(&prod(), any, Some(true));
        check(&prod_with([peer("prod", "other")]), any, Some(false));
        let data = "stays inside VPC prod, which is not peered with data";
        check(
            &prod_with([peer("prod", "data").offered()]),
            data,
            Some(false),
        );
        let elsewhere = [network("x", []), network("y", []), peer("x", "y")];
        check(&prod_with(elsewhere), any, Some(true));
    }

    #[test]
    fn a_claim_on_something_that_is_not_there_is_undecided() {
        check(&[], "stays inside VPC prod, which is not peered", None);
    }

    #[test]
    fn a_gateway_without_a_route_exposes_nothing_and_is_a_gateway() {
        let attached = [internet_gateway("igw"), door("prod", "igw")];
        let pieces = prod_with(attached);
        check(
            &pieces,
            "in VPC prod, never reachable from the internet",
            Some(true),
        );
        check(&pieces, "in VPC prod, no internet gateway", Some(false));
        let routed = [
            table("rt", "prod"),
            main_table("rt", "prod"),
            route("rt", "0.0.0.0/0", "igw"),
        ];
        let pieces: Vec<Piece> = pieces.into_iter().chain(routed).collect();
        check(
            &pieces,
            "in VPC prod, never reachable from the internet",
            Some(false),
        );
        check(&prod(), "in VPC prod, no internet gateway", Some(true));
    }

    #[test]
    fn a_public_load_balancer_exposes_without_a_gateway() {
        let pieces = prod_with([subnet("s", "prod"), expose("s", "api")]);
        check(
            &pieces,
            "in VPC prod, never reachable from the internet",
            Some(false),
        );
        check(&pieces, "in VPC prod, no internet gateway", Some(true));
    }

    #[test]
    fn no_hub_is_false_once_attached() {
        check(
            &prod(),
            "in VPC prod, not attached to any transit gateway",
            Some(true),
        );
        let pieces = prod_with([hub("t"), attach("prod", "t")]);
        check(
            &pieces,
            "in VPC prod, not attached to any transit gateway",
            Some(false),
        );
    }

    #[test]
    fn not_reached_from_looks_through_hubs_and_in_one_direction() {
        let text = "in VPC prod, never reachable from VPC data";
        check(&prod(), text, Some(true));
        let hub = [
            hub("t"),
            table("rt", "t"),
            attach("prod", "t"),
            attach("data", "t"),
        ];
        let pieces = prod_with(hub);
        let with = |more: [Piece; 2]| pieces.iter().cloned().chain(more).collect::<Vec<_>>();
        let there = with([associate("rt", "data@t"), propagate("rt", "prod@t")]);
        check(&there, text, Some(false));
        let back = with([associate("rt", "prod@t"), propagate("rt", "data@t")]);
        // `data@t` has no table, and neither has the hub: it reaches nothing.
        check(&back, text, Some(true));
        check(&prod_with([peer("data", "prod")]), text, Some(false));
    }

    #[test]
    fn encrypted_needs_a_fact_for_every_link() {
        let text = "crosses only the peering between prod and data, which is encrypted";
        let over = |protection| prod_with([peer("prod", "data").protected(protection)]);
        check(&over(Protection::Provider), text, Some(true));
        check(&over(Protection::None), text, Some(false));
        check(&over(Protection::Unknown), text, None);
    }

    #[test]
    fn a_link_in_the_clear_is_found_behind_one_that_nobody_documents() {
        let text = "crosses only the VPN connections oslo@t and paris@t, which are encrypted";
        let pieces = [
            hub("t"),
            vpn("oslo", "t").protected(Protection::Unknown),
            vpn("paris", "t").protected(Protection::None),
        ];
        check(&pieces, text, Some(false));
    }

    #[test]
    fn enforced_encryption_is_undecided_while_the_mode_is_not_known() {
        let text = "in VPC prod, which enforces encryption";
        let having = |mode| [network("prod", []).having("encryption_mode", mode)];
        check(&having(Some("enforce")), text, Some(true));
        check(&having(Some("monitor")), text, Some(false));
        check(&having(None), text, None);
        check(&prod(), text, Some(false));
        check(&[peer("prod", "data")], text, None);
    }

    #[test]
    fn a_network_that_lies_in_no_region_lies_where_its_subnets_do() {
        let with = |regions: &[&str]| -> Vec<Piece> {
            let subnets = regions
                .iter()
                .map(|region| subnet(&format!("s-{region}"), "prod").in_region(region));
            std::iter::once(network("prod", []))
                .chain(subnets)
                .collect()
        };
        let guarantee = "inside VPC prod, europe-west1";
        check(&with(&["europe-west1"]), guarantee, Some(true));
        check(&with(&["us-central1"]), guarantee, Some(false));
        check(&with(&["us-central1", "europe-west1"]), guarantee, None);
        check(&with(&[]), guarantee, None);
    }

    #[test]
    fn a_place_is_undecided_where_the_input_does_not_tell_it() {
        let text = "inside VPC prod in eu-west-1";
        let lies_in = |region: &str| [network("prod", []).in_region(region)];
        check(&lies_in("eu-west-1"), text, Some(true));
        check(&lies_in("us-east-1"), text, Some(false));
        check(&prod(), text, None);
    }
}
