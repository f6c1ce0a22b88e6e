//! A guarantee bound to the graph: the nodes and links it rests on, and how we know.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::link::{Link, LinkKind};
use crate::graph::node::{NodeKind, Standing, is_placed_thing};
use crate::graph::{BoundaryId, Graph, NodeId};

use super::guarantee::{Carried, Claim, Guarantee, LinkWord};
use super::names::Target;
use super::site::{Footprint, FootprintPart, Scope, Via};

/// What is known of a carve-out's place besides its words.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// What the Terraform block around it is, or lies in.
    pub block: Vec<Target>,
    /// What the settings bind its path to.
    pub bound: Vec<Target>,
}

/// Why a footprint is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// The words say that traffic stays on one host.
    HostWords,
    /// The words name it.
    Words,
    /// The block, or the object of a mesh, that the comment stands in.
    Block,
    /// A path binding of the settings.
    Binding,
    /// The words speak of a kind of link, and these are all of that kind.
    LinksOfKind(LinkWord),
    /// The words speak of a region or an account, and these are all networks there.
    Place,
    /// Nothing leads anywhere.
    Nothing,
}

impl Ground {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::HostWords => "host_words",
            Self::Words => "words",
            Self::Block => "block",
            Self::Binding => "binding",
            Self::LinksOfKind(_) => "links_of_kind",
            Self::Place => "place",
            Self::Nothing => "nothing",
        }
    }
}

/// Bind a guarantee. Words that name something win over the block it stands in, that over a path binding, and that over
/// words that speak of a kind of link or a place without naming one.
#[must_use]
pub fn bind(guarantee: &Guarantee, surroundings: &Surroundings, graphs: &[&Graph]) -> Footprint {
    bind_with_ground(guarantee, surroundings, graphs).0
}

/// The same, and why.
#[must_use]
pub fn bind_with_ground(
    guarantee: &Guarantee,
    surroundings: &Surroundings,
    graphs: &[&Graph],
) -> (Footprint, Ground) {
    let (footprint, ground) = bind_parts(guarantee, surroundings, graphs);
    let things = things(guarantee, surroundings, ground, graphs);
    (
        Footprint {
            things,
            ..footprint
        },
        ground,
    )
}

/// The things inside networks that a guarantee speaks of, or that it stands at where its place is what counts.
fn things(
    guarantee: &Guarantee,
    surroundings: &Surroundings,
    ground: Ground,
    graphs: &[&Graph],
) -> Vec<FootprintPart> {
    if ground == Ground::HostWords {
        return Vec::new();
    }
    let is_thing = |target: &&Target| match &target.boundary {
        BoundaryId::Node(id) => {
            let mut nodes = graphs.iter().filter_map(|graph| graph.node(id));
            nodes.any(is_placed_thing)
        }
        BoundaryId::Link(_) => false,
    };
    let named = named(guarantee, graphs).into_iter();
    let by_place: &[Target] = match ground {
        Ground::Words | Ground::LinksOfKind(_) | Ground::Place => &[],
        _ => &surroundings.block,
    };
    let mut things: Vec<FootprintPart> = named.chain(by_place).filter(is_thing).map(part).collect();
    things.sort();
    things.dedup_by(|a, b| a.boundary == b.boundary);
    things
}

fn bind_parts(
    guarantee: &Guarantee,
    surroundings: &Surroundings,
    graphs: &[&Graph],
) -> (Footprint, Ground) {
    let named = named(guarantee, graphs);
    if guarantee.carried == Carried::Locally {
        return (footprint(Scope::Local, Vec::new()), Ground::HostWords);
    }
    if let Carried::OverLinks(_) = guarantee.carried
        && let Some(footprint) = crossing(guarantee, graphs)
    {
        return (footprint, Ground::Words);
    }
    let fallbacks = [
        (&surroundings.block, Via::Block, Ground::Block),
        (&surroundings.bound, Via::Binding, Ground::Binding),
    ];
    let inside = |targets: &[&Target]| -> Vec<FootprintPart> {
        targets
            .iter()
            .flat_map(|target| boundaries(target, graphs))
            .collect()
    };
    // Where a thing lies tells of a guarantee that names no boundary; one that does says itself where it is.
    let (things, bounds): (Vec<&Target>, Vec<&Target>) = named
        .iter()
        .partition(|target| is_of_no_particular_kind(target, graphs));
    for targets in [bounds, things] {
        let parts = inside(&targets);
        if !parts.is_empty() {
            return (footprint(Scope::Inside, parts), Ground::Words);
        }
    }
    for (targets, via, ground) in fallbacks {
        let targets: Vec<Target> = targets.iter().map(|target| target.known_by(via)).collect();
        let links: Vec<FootprintPart> = targets
            .iter()
            .filter(|target| matches!(target.boundary, BoundaryId::Link(_)))
            .map(part)
            .collect();
        let parts = inside(&targets.iter().collect::<Vec<_>>());
        if !parts.is_empty() {
            return (footprint(Scope::Inside, parts), ground);
        }
        if !links.is_empty() {
            return (footprint(Scope::OverLinks, links), ground);
        }
    }
    let only_links: Vec<FootprintPart> = named
        .iter()
        .filter(|target| matches!(target.boundary, BoundaryId::Link(_)))
        .map(|target| part(target))
        .collect();
    if !only_links.is_empty() {
        return (footprint(Scope::OverLinks, only_links), Ground::Words);
    }
    if let Carried::OverLinks(word) = guarantee.carried {
        let links = links_of_kind(word, graphs);
        if !links.is_empty() {
            let ground = Ground::LinksOfKind(word);
            return (footprint(Scope::OverLinks, links), ground);
        }
    }
    let networks = networks_in_place(guarantee, graphs);
    if networks.is_empty() {
        (footprint(Scope::Unanchored, Vec::new()), Ground::Nothing)
    } else {
        (footprint(Scope::Inside, networks), Ground::Place)
    }
}

/// What a guarantee names. Where one says in which cluster the namespace before it lies, that namespace alone is meant.
fn named<'g>(guarantee: &'g Guarantee, graphs: &[&Graph]) -> Vec<&'g Target> {
    let mut named: Vec<&Target> = Vec::new();
    let mut inner: Vec<&Target> = Vec::new();
    for mention in &guarantee.mentions {
        let targets = in_place(&mention.targets, guarantee, graphs);
        let lying = match guarantee.places.contains(&mention.first_word) {
            true => lying_in(&inner, &targets, graphs),
            false => Vec::new(),
        };
        if lying.is_empty() {
            named.append(&mut inner);
            inner = targets;
        } else {
            inner = lying;
        }
    }
    named.append(&mut inner);
    named
}

/// Those namespaces that lie in one of these clusters; none unless all are namespaces and clusters.
fn lying_in<'g>(inner: &[&'g Target], outer: &[&Target], graphs: &[&Graph]) -> Vec<&'g Target> {
    let all_are = |targets: &[&Target], kind: NodeKind| {
        targets.iter().all(|target| match &target.boundary {
            BoundaryId::Node(id) => {
                let mut nodes = graphs.iter().filter_map(|graph| graph.node(id));
                nodes.all(|node| node.kind == kind)
            }
            BoundaryId::Link(_) => false,
        })
    };
    if !all_are(inner, NodeKind::Namespace) || !all_are(outer, NodeKind::Cluster) {
        return Vec::new();
    }
    let lies_in = |target: &&&Target| {
        let BoundaryId::Node(id) = &target.boundary else {
            return false;
        };
        graphs.iter().any(|graph| {
            let mut all = graph.ancestors_of(id).into_iter();
            all.any(|node| {
                let node = BoundaryId::Node(node.id.clone());
                outer.iter().any(|outer| outer.boundary == node)
            })
        })
    };
    inner.iter().filter(lies_in).copied().collect()
}

/// What a guarantee rests on that speaks of crossing links: those that its names lead to, and what it says to stay inside of
/// besides. `None` where its names lead to no link.
fn crossing(guarantee: &Guarantee, graphs: &[&Graph]) -> Option<Footprint> {
    let targets = |is_inside: bool| -> Vec<&Target> {
        let mentions = guarantee.mentions.iter();
        let mentions = mentions.filter(|one| {
            guarantee
                .stays_inside
                .binary_search(&one.first_word)
                .is_ok()
                == is_inside
        });
        mentions
            .flat_map(|mention| in_place(&mention.targets, guarantee, graphs))
            .collect()
    };
    let (inside, ends) = (targets(true), targets(false));
    let all: Vec<&Target> = inside.iter().chain(&ends).copied().collect();
    let mut links = Vec::new();
    let mut nodes: Vec<&Target> = inside;
    for crossed in &guarantee.crossed {
        let found = match crossed.word {
            // "Over a connection inside VPC a" says nothing of links that leave it.
            LinkWord::Any => links_meant(LinkWord::Any, &ends, graphs),
            word => {
                // One name and what is inside are both ends: "inside a, then over the peering to b".
                let tried = if ends.len() == 1 && !is_link(ends[0]) {
                    [&all, &ends]
                } else {
                    [&ends, &all]
                };
                let found = tried.map(|targets| links_meant(word, targets, graphs));
                found
                    .into_iter()
                    .find(|found| !found.is_empty())
                    .unwrap_or_default()
            }
        };
        let is_any = crossed.word == LinkWord::Any;
        // "The link to VPC a" may be any of its links, or one that nobody knows.
        let is_vague = is_any && ends.iter().filter(|one| !is_link(one)).count() == 1;
        if is_vague || found.is_empty() {
            nodes.extend(&ends);
        }
        // The VPN may end at a hub between: whichever is meant, it is one of these.
        if found.is_empty() && crossed.is_definite && !all.is_empty() {
            links.extend(links_of_kind(crossed.word, graphs));
        }
        links.extend(found);
    }
    let nodes = nodes
        .into_iter()
        .flat_map(|target| boundaries(target, graphs));
    let nodes: Vec<FootprintPart> = nodes.collect();
    match (links.is_empty(), nodes.is_empty()) {
        (true, _) => None,
        (false, true) => Some(footprint(Scope::OverLinks, links)),
        (false, false) => {
            links.extend(nodes);
            Some(footprint(Scope::Inside, links))
        }
    }
}

fn is_of_no_particular_kind(target: &Target, graphs: &[&Graph]) -> bool {
    match &target.boundary {
        BoundaryId::Node(id) => {
            let mut nodes = graphs.iter().filter_map(|graph| graph.node(id));
            nodes.any(|node| node.kind == NodeKind::Other)
        }
        BoundaryId::Link(_) => false,
    }
}

fn is_link(target: &Target) -> bool {
    matches!(target.boundary, BoundaryId::Link(_))
}

/// All links of the kind that words speak of. Whichever of them is meant, it is one of these, or in no input.
fn links_of_kind(word: LinkWord, graphs: &[&Graph]) -> Vec<FootprintPart> {
    if word == LinkWord::Any {
        return Vec::new();
    }
    let links = graphs.iter().flat_map(|graph| graph.links());
    links
        .filter(|link| is_of_kind(link, word))
        .map(|link| part(&Target::link(link, Via::Named)))
        .collect()
}

/// All networks of the regions or accounts that traffic stays inside of. None where the input does not tell of some network
/// where it lies: that may be the one.
fn networks_in_place(guarantee: &Guarantee, graphs: &[&Graph]) -> Vec<FootprintPart> {
    let (regions, accounts) = (&guarantee.inside_regions, &guarantee.inside_accounts);
    if regions.is_empty() && accounts.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for graph in graphs {
        let networks = graph.nodes().filter(|node| node.kind == NodeKind::Network);
        for network in networks.filter(|node| node.standing == Standing::Described) {
            let lies_there = |wanted: &[String], place: Option<&String>| {
                if wanted.is_empty() {
                    return Some(true);
                }
                Some(
                    wanted
                        .iter()
                        .any(|one| place.is_some_and(|place| place.eq_ignore_ascii_case(one))),
                )
                .filter(|_| place.is_some())
            };
            let in_region = lies_there(regions, network.place.region.as_ref());
            let in_account = lies_there(accounts, network.place.account.as_ref());
            match (in_region, in_account) {
                (Some(true), Some(true)) => found.push(part(&Target::node(network, Via::Named))),
                (Some(false), _) | (_, Some(false)) => {}
                _ => return Vec::new(),
            }
        }
    }
    found
}

/// Of several parts that bear one name at one time, those that lie where the guarantee says; all of them where none does.
fn in_place<'t>(
    targets: &'t [Target],
    guarantee: &Guarantee,
    graphs: &[&Graph],
) -> Vec<&'t Target> {
    let regions = guarantee.claims.iter().find_map(|claim| match claim {
        Claim::InRegion(regions) => Some(regions),
        _ => None,
    });
    let accounts = guarantee.claims.iter().find_map(|claim| match claim {
        Claim::InAccount(accounts) => Some(accounts),
        _ => None,
    });
    if regions.is_none() && accounts.is_none() {
        return targets.iter().collect();
    }
    let place_of = |target: &Target, graph: &Graph| match &target.boundary {
        BoundaryId::Node(id) => graph.node(id).map(|node| node.place.clone()),
        BoundaryId::Link(_) => None,
    };
    // How well a part lies there: told so, not told otherwise, told otherwise.
    let fit = |target: &Target, graph: &Graph| {
        let told = |said: Option<&Vec<String>>, own: Option<&String>| match (said, own) {
            (None, _) => 2,
            (Some(_), None) => 1,
            (Some(said), Some(own)) if said.iter().any(|one| one.eq_ignore_ascii_case(own)) => 2,
            _ => 0,
        };
        place_of(target, graph).map_or(0, |place| {
            let region = told(regions, place.region.as_ref());
            region.min(told(accounts, place.account.as_ref()))
        })
    };
    // A network that leaves its region is no namesake of itself: each snapshot tells its own parts apart.
    let gives_way = |target: &Target| {
        let mut having = graphs
            .iter()
            .filter(|graph| place_of(target, graph).is_some())
            .peekable();
        having.peek().is_some()
            && having.all(|graph| {
                let own = fit(target, graph);
                targets.iter().any(|other| fit(other, graph) > own)
            })
    };
    targets.iter().filter(|target| !gives_way(target)).collect()
}

fn footprint(scope: Scope, mut parts: Vec<FootprintPart>) -> Footprint {
    parts.sort();
    parts.dedup_by(|a, b| a.boundary == b.boundary);
    Footprint::new(scope, parts)
}

fn part(target: &Target) -> FootprintPart {
    FootprintPart {
        boundary: target.boundary.clone(),
        name: target.name.clone(),
        via: target.via,
        location: None,
    }
}

/// The networks that traffic inside a named node stays in; hubs, and boundaries inside networks, stand for themselves. A link
/// is no inside.
fn boundaries(target: &Target, graphs: &[&Graph]) -> Vec<FootprintPart> {
    let BoundaryId::Node(id) = &target.boundary else {
        return Vec::new();
    };
    // Of one that is called otherwise after the change, the later name.
    let mut found: BTreeMap<NodeId, String> = BTreeMap::new();
    for graph in graphs {
        let Some(node) = graph.node(id) else { continue };
        match node.kind {
            NodeKind::Hub
            | NodeKind::Cluster
            | NodeKind::Namespace
            | NodeKind::Workload
            | NodeKind::TrustDomain => {
                found.insert(id.clone(), node.display_name());
            }
            NodeKind::External => {}
            // What lies in no network is guarded by other walls than those of one.
            NodeKind::ServicePerimeter => {
                found.insert(id.clone(), node.display_name());
            }
            NodeKind::Service if graph.networks_of(id).is_empty() => {
                found.insert(id.clone(), node.display_name());
            }
            _ => found.extend(
                graph
                    .networks_of(id)
                    .into_iter()
                    .map(|network| (network.id.clone(), network.display_name())),
            ),
        }
    }
    found
        .into_iter()
        .map(|(id, name)| FootprintPart {
            boundary: BoundaryId::Node(id),
            name,
            via: target.via,
            location: None,
        })
        .collect()
}

/// Whether a link is one of those that words speak of.
#[must_use]
pub fn is_of_kind(link: &Link, word: LinkWord) -> bool {
    match word {
        LinkWord::Peering => link.kind == LinkKind::Peering,
        LinkWord::Vpn => link.kind == LinkKind::Vpn,
        LinkWord::Interconnect => link.kind == LinkKind::Interconnect,
        LinkWord::Hub => link.kind == LinkKind::Attachment,
        LinkWord::Mesh => link.kind == LinkKind::Mesh,
        LinkWord::PrivateEndpoint => link.kind == LinkKind::PrivateEndpoint,
        LinkWord::Any => !matches!(link.kind, LinkKind::Door | LinkKind::Sharing),
    }
}

/// The links that "over the peering between a and b" means.
fn links_meant(word: LinkWord, named: &[&Target], graphs: &[&Graph]) -> Vec<FootprintPart> {
    let is_meant = |link: &Link| is_of_kind(link, word);
    // A link of another kind may bear the name too: a gateway's attachment that is called like its network.
    let is_meant_by_name = |target: &&&Target| match &target.boundary {
        BoundaryId::Link(id) => graphs
            .iter()
            .filter_map(|graph| graph.link(id))
            .any(is_meant),
        BoundaryId::Node(_) => false,
    };
    let links_named: Vec<FootprintPart> = named
        .iter()
        .filter(is_meant_by_name)
        .map(|target| part(target))
        .collect();
    let nodes: BTreeSet<&NodeId> = named
        .iter()
        .filter_map(|target| match &target.boundary {
            BoundaryId::Node(id) => Some(id),
            BoundaryId::Link(_) => None,
        })
        .collect();
    if nodes.is_empty() || (!links_named.is_empty() && nodes.len() < 2) {
        return links_named;
    }
    let via = named
        .iter()
        .map(|target| target.via)
        .min()
        .unwrap_or(Via::Named);
    let mut parts = links_named;
    for graph in graphs {
        for link in graph.links().filter(|link| is_meant(link)) {
            let Some(ends) = graph.ends(&link.id) else {
                continue;
            };
            let ends_named = ends.iter().filter(|end| nodes.contains(&end.id)).count();
            // Two names are both ends of it; one name is either of them.
            let wanted = if nodes.len() > 1 && word != LinkWord::Hub {
                2
            } else {
                1
            };
            if ends_named >= wanted {
                parts.push(FootprintPart {
                    boundary: BoundaryId::Link(link.id.clone()),
                    name: link.display_name(),
                    via,
                    location: None,
                });
            }
        }
    }
    parts
}
