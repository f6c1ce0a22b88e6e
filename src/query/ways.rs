//! The ways by which traffic gets from one part of the network to another.
//!
//! A way is one direct link, or an attachment to a hub and what the hub's tables let through. Peering is not transitive, so no
//! way has two of them. Each way says what of it the input does not describe; a way without doubts is certain.

use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::change::diff::Snapshot;
use crate::graph::fragment::Topic;
use crate::graph::identity::Key;
use crate::graph::link::{Link, LinkKind, LinkState};
use crate::graph::node::{Forwards, Node, NodeKind, Standing};
use crate::graph::origin::OriginId;
use crate::graph::perimeter::{Fact, FactKind};
use crate::graph::prefixes::intersection;
use crate::graph::protection::{InTransit, Protection};
use crate::graph::reach::{self, Departure};
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};

use super::{Part, Truth, facts, is_described, stands_for};

/// One way from one part to another.
#[derive(Debug, Clone)]
pub struct Way {
    /// Where the traffic starts.
    pub from: Part,
    /// Where it ends.
    pub to: Part,
    /// The links it takes, in order.
    pub steps: Vec<Step>,
    /// The route tables that decide.
    pub tables: Vec<Part>,
    /// The resources that let it through, beside those of its links.
    pub origins: BTreeSet<OriginId>,
    /// The addresses it is taken for, where not for all; sorted.
    pub addresses: Option<Vec<IpNet>>,
    /// What of it the input does not describe, in words. Empty: it is certain.
    pub doubts: BTreeSet<String>,
    /// What a reader should know besides.
    pub remarks: Vec<String>,
}

/// One link of a way.
#[derive(Debug, Clone)]
pub struct Step {
    /// The link.
    pub link: Part,
    /// Where it leads.
    pub to: Part,
    /// How it is protected, and who says so.
    pub in_transit: InTransit,
    /// The resources it follows from.
    pub origins: BTreeSet<OriginId>,
}

impl Way {
    /// The weakest protection of its links.
    #[must_use]
    pub fn protection(&self) -> Protection {
        let all = self.steps.iter().map(|step| step.in_transit.protection);
        all.min().unwrap_or(Protection::Unknown)
    }
}

/// What a part reaches, and what reaches it.
#[derive(Debug, Default)]
pub struct Reach {
    /// The ways out, by far end.
    pub out: Vec<Way>,
    /// The ways in, by far end.
    pub into: Vec<Way>,
}

/// Every way that begins or ends at a part, or at what it lies in.
#[must_use]
pub fn reach(snapshot: &Snapshot, of: &NodeId) -> Reach {
    let ends = stands_for(&snapshot.graph, of);
    let mut reach = Reach::default();
    for way in ways(snapshot, &|from, to| {
        ends.contains(from) != ends.contains(to) || from == to
    }) {
        let starts_here = matches!(&way.from.id, BoundaryId::Node(id) if ends.contains(id));
        if starts_here {
            reach.out.push(way);
        } else {
            reach.into.push(way);
        }
    }
    reach
        .out
        .sort_by(|a, b| (&a.to, &a.from).cmp(&(&b.to, &b.from)));
    reach
        .into
        .sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
    reach
}

/// An answer to whether traffic gets from one part to another.
#[derive(Debug)]
pub struct Passage {
    /// Where from.
    pub from: Part,
    /// Where to.
    pub to: Part,
    /// Whether it does.
    pub truth: Truth,
    /// By which ways; the certain ones first.
    pub ways: Vec<Way>,
    /// Why nobody can tell, where that is so and no way says it.
    pub why: Option<String>,
}

/// Whether traffic gets from one part to another, and how.
#[must_use]
pub fn passage(snapshot: &Snapshot, from: &NodeId, to: &NodeId) -> Passage {
    let graph = &snapshot.graph;
    let (starts, ends) = (stands_for(graph, from), stands_for(graph, to));
    let shared: Vec<&NodeId> = starts.intersection(&ends).collect();
    let mut passage = Passage {
        from: Part::of_node(graph, from),
        to: Part::of_node(graph, to),
        truth: Truth::No,
        ways: Vec::new(),
        why: None,
    };
    if let Some(both) = shared.first() {
        passage.truth = Truth::Yes;
        let both = Part::of_node(graph, both);
        passage.why = Some(format!("both lie in {}", both.words()));
        return passage;
    }
    passage.ways = ways(snapshot, &|one, other| {
        starts.contains(one) && ends.contains(other)
    });
    passage.ways.sort_by_key(|way| {
        (
            !way.doubts.is_empty(),
            way.steps.len(),
            way.steps.first().map(|step| step.link.clone()),
        )
    });
    if passage.ways.iter().any(|way| way.doubts.is_empty()) {
        passage.truth = Truth::Yes;
    } else if !passage.ways.is_empty() {
        passage.truth = Truth::Undetermined;
    } else if let Some(unseen) = [from, to].into_iter().find(|end| !is_described(graph, end)) {
        passage.truth = Truth::Undetermined;
        passage.why = Some(not_described(graph, unseen));
    } else if let Some(why) = leads_to_the_unknown(graph, &(&starts | &ends)) {
        passage.truth = Truth::Undetermined;
        passage.why = Some(why);
    }
    passage
}

/// A link of these whose far end nobody could resolve: it may be what is asked for, or lead there.
fn leads_to_the_unknown(graph: &Graph, near: &BTreeSet<NodeId>) -> Option<String> {
    let is_unknown = |node: &Node| match &node.standing {
        Standing::Described => false,
        // By an expression alone nobody tells it from what the input describes.
        Standing::Foreign => node.keys.iter().all(|key| matches!(key, Key::Address(_))),
        Standing::Unresolved { candidates, .. } => {
            candidates.is_empty() || candidates.iter().any(|one| near.contains(one))
        }
    };
    let carries = |link: &&Link| {
        matches!(
            link.kind,
            LinkKind::Peering | LinkKind::Attachment | LinkKind::Vpn | LinkKind::Interconnect
        )
    };
    graph.links().filter(carries).find_map(|link| {
        let [first, second] = graph.ends(&link.id)?;
        let ends = [(first, second), (second, first)];
        let (own, far) = ends
            .into_iter()
            .find(|(own, far)| near.contains(&own.id) && is_unknown(far))?;
        let own = Part::of_node(graph, &own.id).words();
        Some(format!(
            "{own} has a {} with {}, which nothing that was read resolves",
            link.role,
            far.display_name()
        ))
    })
}

/// Whether the internet gets in to a part.
#[must_use]
pub fn from_internet(snapshot: &Snapshot, to: &NodeId) -> Passage {
    let lets_in = |kind: FactKind, fact: &Fact| match kind {
        FactKind::Exposure => fact.value != "attached",
        FactKind::Stated(Topic::Exposure) => fact.value.contains(INTERNET),
        _ => false,
    };
    let part = Part::of_node(&snapshot.graph, to);
    of_internet(snapshot, to, (internet(), part), &lets_in)
}

/// Whether a part gets out to the internet.
#[must_use]
pub fn to_internet(snapshot: &Snapshot, from: &NodeId) -> Passage {
    let lets_out = |kind: FactKind, fact: &Fact| match kind {
        // A way in by routes is a way out too.
        FactKind::Exposure => fact.value != "attached",
        FactKind::Egress => true,
        _ => false,
    };
    let part = Part::of_node(&snapshot.graph, from);
    of_internet(snapshot, from, (part, internet()), &lets_out)
}

/// What the other end is called where it is nothing of ours.
const INTERNET: &str = "internet";

fn internet() -> Part {
    Part {
        id: BoundaryId::Node(NodeId::from(format!("external/{INTERNET}"))),
        role: "the".to_owned(),
        name: INTERNET.to_owned(),
    }
}

fn of_internet(
    snapshot: &Snapshot,
    part: &NodeId,
    (from, to): (Part, Part),
    passes: &dyn Fn(FactKind, &Fact) -> bool,
) -> Passage {
    let mut passage = Passage {
        from,
        to,
        truth: Truth::No,
        ways: Vec::new(),
        why: None,
    };
    let graph = &snapshot.graph;
    let mut doors = Vec::new();
    let mut may_be_doors = Vec::new();
    for end in stands_for(graph, part) {
        let name = Part::of_node(graph, &end).words();
        let is_part = end == *part;
        let boundary = BoundaryId::Node(end);
        let found = |passes: &dyn Fn(FactKind, &Fact) -> bool| {
            let found = facts(snapshot, &boundary, passes).into_iter();
            found
                .map(|door| format!("{name} {}", door.words))
                .collect::<Vec<_>>()
        };
        // A gateway opens all of its network; a public load balancer what is behind it, which may be this part.
        let opens_all = |kind: FactKind, fact: &Fact| {
            passes(kind, fact) && (is_part || kind != FactKind::Exposure || !fact.value.is_empty())
        };
        doors.extend(found(&opens_all));
        may_be_doors.extend(found(&|kind, fact| {
            passes(kind, fact) && !opens_all(kind, fact)
        }));
    }
    if !doors.is_empty() {
        passage.truth = Truth::Yes;
        passage.why = Some(doors.join("; "));
    } else if !may_be_doors.is_empty() {
        passage.truth = Truth::Undetermined;
        passage.why = Some(may_be_doors.join("; "));
    } else if !is_described(graph, part) {
        passage.truth = Truth::Undetermined;
        passage.why = Some(not_described(graph, part));
    }
    passage
}

/// The answers for all pairs of what two names mean, as one.
#[must_use]
pub fn together(passages: &[Passage]) -> Truth {
    let words = passages.iter().map(|passage| passage.truth.word());
    Truth::of_all(&words.collect())
}

/// All ways whose ends pass a test.
fn ways(snapshot: &Snapshot, wanted: &dyn Fn(&NodeId, &NodeId) -> bool) -> Vec<Way> {
    let mut found = Vec::new();
    for link in snapshot.graph.links() {
        found.extend(direct(snapshot, link, wanted));
    }
    for departure in &snapshot.perimeters.departures {
        for end in departure.reach.ends.keys() {
            if *end != departure.from && wanted(&departure.from, end) {
                found.push(through_hubs(&snapshot.graph, departure, end));
            }
        }
    }
    found
}

/// The ways over one link alone.
fn direct(snapshot: &Snapshot, link: &Link, wanted: &dyn Fn(&NodeId, &NodeId) -> bool) -> Vec<Way> {
    let graph = &snapshot.graph;
    let Some([first, second]) = graph.ends(&link.id) else {
        return Vec::new();
    };
    let is_hub = |kind: NodeKind| kind == NodeKind::Hub;
    let has_both_directions = match link.kind {
        LinkKind::Peering => true,
        LinkKind::Vpn | LinkKind::Interconnect if !is_hub(first.kind) && !is_hub(second.kind) => {
            true
        }
        // The consumer calls the service, never the other way round; so with clusters of a mesh.
        LinkKind::PrivateEndpoint | LinkKind::Mesh => false,
        _ => return Vec::new(),
    };
    let mut directions = vec![(first, second)];
    if has_both_directions {
        directions.push((second, first));
    }
    let mut found = Vec::new();
    for (from, to) in directions {
        if !wanted(&from.id, &to.id) {
            continue;
        }
        let mut way = Way {
            from: Part::of_node(graph, &from.id),
            to: Part::of_node(graph, &to.id),
            steps: vec![step(graph, &link.id, &to.id)],
            tables: Vec::new(),
            origins: BTreeSet::new(),
            addresses: None,
            doubts: BTreeSet::new(),
            remarks: Vec::new(),
        };
        if link.state == LinkState::Offered {
            way.doubts
                .insert("one side offers it, and nothing tells that the other accepts".to_owned());
        }
        for end in [from, to] {
            way.doubts.extend(unresolved(graph, &end.id));
        }
        if link.kind == LinkKind::Peering && from.kind == NodeKind::Network {
            way.remarks
                .extend(without_route(snapshot, &from.id, &link.id));
        }
        found.push(way);
    }
    found
}

/// A peering opens nothing before a route leads to it.
fn without_route(snapshot: &Snapshot, network: &NodeId, link: &LinkId) -> Option<String> {
    let facts = snapshot
        .perimeters
        .facts
        .get(&BoundaryId::Node(network.clone()))?;
    let mut routes = facts
        .iter()
        .filter(|((kind, _), _)| *kind == FactKind::Route)
        .peekable();
    routes.peek()?;
    let is_used = routes.any(|(_, fact)| fact.links.contains(link));
    (!is_used).then(|| {
        let network = Part::of_node(&snapshot.graph, network);
        format!(
            "no route of {} that was read leads to it yet",
            network.words()
        )
    })
}

fn through_hubs(graph: &Graph, departure: &Departure, end: &NodeId) -> Way {
    let mut way = Way {
        from: Part::of_node(graph, &departure.from),
        to: Part::of_node(graph, end),
        steps: vec![step(graph, &departure.attachment, &departure.hub)],
        tables: Vec::new(),
        origins: BTreeSet::new(),
        addresses: None,
        doubts: BTreeSet::new(),
        remarks: Vec::new(),
    };
    let Some(known) = departure.reach.ends.get(end) else {
        return way;
    };
    let mut near = departure.hub.clone();
    for link in &known.links {
        let far = graph.ends(link).map(
            |[first, second]| {
                if first.id == near { second } else { first }
            },
        );
        near = far.map_or_else(|| end.clone(), |far| far.id.clone());
        way.steps.push(step(graph, link, &near));
    }
    way.tables = known
        .tables
        .iter()
        .map(|table| Part::of_node(graph, table))
        .collect();
    way.origins = known.origins.clone();
    way.addresses = graph.notable_addresses(end, known).cloned();
    way.doubts.extend(to_no_own_address(graph, end, known));
    let hubs: BTreeSet<&NodeId> = known.hubs.iter().chain([&departure.hub]).collect();
    for hub in hubs {
        way.doubts.extend(undescribed(graph, hub));
        let decides_by_tables = graph
            .node(hub)
            .is_some_and(|node| node.forwards == Forwards::ByTables);
        if decides_by_tables && known.tables.is_empty() {
            way.doubts.insert(format!(
                "nothing that was read tells which route table of {} decides",
                Part::of_node(graph, hub).words()
            ));
        }
    }
    for table in &known.tables {
        way.doubts.extend(undescribed(graph, table));
    }
    for node in [&departure.from, end] {
        way.doubts.extend(unresolved(graph, node));
    }
    let links = std::iter::once(&departure.attachment).chain(&known.links);
    for link in links.filter_map(|link| graph.link(link)) {
        if link.state == LinkState::Offered {
            way.doubts.insert(format!(
                "{} is offered, and nothing tells that the other side accepts",
                Part::of_link(graph, &link.id).words()
            ));
        }
    }
    way
}

fn step(graph: &Graph, link: &LinkId, to: &NodeId) -> Step {
    let known = graph.link(link);
    Step {
        link: Part::of_link(graph, link),
        to: Part::of_node(graph, to),
        in_transit: known.map_or_else(InTransit::unknown, |link| link.in_transit.clone()),
        origins: known.map_or_else(BTreeSet::new, |link| {
            &link.origins | &link.protection_origins
        }),
    }
}

fn undescribed(graph: &Graph, node: &NodeId) -> Option<String> {
    (!is_described(graph, node))
        .then(|| format!("{}, which counts as open", not_described(graph, node)))
}

fn not_described(graph: &Graph, node: &NodeId) -> String {
    let part = Part::of_node(graph, node);
    format!("nothing that was read describes {}", part.words())
}

/// What is handed to a network for other addresses than its own goes no further there, unless something in it passes it on.
fn to_no_own_address(graph: &Graph, end: &NodeId, known: &reach::Way) -> Option<String> {
    let own = graph.told_space(end)?;
    let sent = known.addresses.as_ref()?;
    let is_own = |one: &IpNet| own.iter().any(|own| intersection(*own, *one).is_some());
    (!sent.iter().any(is_own)).then(|| {
        format!(
            "none of these addresses is {}'s own, as far as was read",
            Part::of_node(graph, end).words()
        )
    })
}

/// An end that a reference may or may not mean.
fn unresolved(graph: &Graph, node: &NodeId) -> Option<String> {
    match &graph.node(node)?.standing {
        Standing::Unresolved { why, .. } => Some(format!(
            "{} is not known: {why}",
            Part::of_node(graph, node).words()
        )),
        Standing::Described | Standing::Foreign => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::identity::Reference;
    use crate::graph::testing::*;

    use super::*;

    fn asked(pieces: &[Piece], from: &str, to: &str) -> Passage {
        let snapshot = Snapshot::new(graph(pieces));
        passage(&snapshot, &network_id(from), &network_id(to))
    }

    fn three() -> Vec<Piece> {
        ["prod", "data", "dev"]
            .map(|name| network(name, []))
            .to_vec()
    }

    fn three_and(more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        three().into_iter().chain(more).collect()
    }

    #[test]
    fn a_peering_is_a_way_in_both_directions_and_no_part_of_a_longer_one() {
        let pieces = three_and([peer("prod", "data"), peer("data", "dev")]);
        assert_eq!(asked(&pieces, "prod", "data").truth, Truth::Yes);
        assert_eq!(asked(&pieces, "data", "prod").truth, Truth::Yes);
        assert_eq!(asked(&pieces, "prod", "dev").truth, Truth::No);
    }

    #[test]
    fn an_offered_peering_is_undetermined_and_says_why() {
        let pieces = three_and([peer("prod", "data").offered()]);
        let passage = asked(&pieces, "prod", "data");
        assert_eq!(passage.truth, Truth::Undetermined);
        let doubts: Vec<&String> = passage.ways[0].doubts.iter().collect();
        assert_eq!(
            doubts,
            ["one side offers it, and nothing tells that the other accepts"]
        );
    }

    #[test]
    fn a_peering_that_leads_nobody_knows_where_leaves_the_answer_open() {
        let lost = peer("prod", "somewhere").with_link(|link| {
            link.ends[1].reference = Reference::Unresolved {
                placeholder: "remote".to_owned(),
                why: "nothing tells".to_owned(),
            };
        });
        let pieces = three_and([lost]);
        let passage = asked(&pieces, "prod", "data");
        assert_eq!(passage.truth, Truth::Undetermined);
        assert!(
            passage
                .why
                .is_some_and(|why| why.contains("vpc prod has a"))
        );
        assert_eq!(asked(&pieces, "data", "dev").truth, Truth::No);
    }

    #[test]
    fn a_way_through_a_hub_has_its_direction_its_links_and_its_table() {
        let pieces = three_and([
            hub("t"),
            table("rt", "t"),
            attach("prod", "t"),
            attach("data", "t"),
            associate("rt", "data@t"),
            propagate("rt", "prod@t"),
        ]);
        let there = asked(&pieces, "data", "prod");
        assert_eq!(there.truth, Truth::Yes);
        let way = &there.ways[0];
        let ends: Vec<&str> = way.steps.iter().map(|step| step.to.name.as_str()).collect();
        assert_eq!(ends, ["t", "prod"]);
        assert_eq!(way.tables[0].name, "rt");
        assert_eq!(asked(&pieces, "prod", "data").truth, Truth::No);
    }

    #[test]
    fn a_hub_that_nobody_describes_leaves_the_answer_open() {
        let pieces = three_and([attach("prod", "t"), attach("data", "t")]);
        let passage = asked(&pieces, "prod", "data");
        assert_eq!(passage.truth, Truth::Undetermined);
        assert!(!passage.ways[0].doubts.is_empty());
    }

    #[test]
    fn what_nobody_describes_is_not_denied() {
        let pieces = three_and([peer("prod", "elsewhere")]);
        let passage = asked(&pieces, "elsewhere", "data");
        assert_eq!(passage.truth, Truth::Undetermined);
        assert!(passage.why.unwrap().contains("elsewhere"));
        assert_eq!(asked(&pieces, "prod", "data").truth, Truth::No);
    }

    #[test]
    fn a_cluster_reaches_what_its_network_reaches() {
        let pieces = three_and([cluster("c", "prod"), peer("prod", "data")]);
        let snapshot = Snapshot::new(graph(&pieces));
        let of = |role: &str| {
            let mut nodes = snapshot.graph.nodes();
            nodes.find(|node| node.role == role).unwrap().id.clone()
        };
        let from = of("cluster");
        assert_eq!(
            passage(&snapshot, &from, &network_id("data")).truth,
            Truth::Yes
        );
        assert_eq!(
            passage(&snapshot, &from, &network_id("dev")).truth,
            Truth::No
        );
        let inside = passage(&snapshot, &from, &network_id("prod"));
        assert_eq!(inside.truth, Truth::Yes);
        assert!(inside.ways.is_empty());
    }

    #[test]
    fn a_public_load_balancer_opens_its_network_and_perhaps_a_cluster_in_it() {
        let pieces = [
            network("prod", ["10.1.0.0/16"]),
            cluster("shop", "prod"),
            expose("prod", "balancer"),
            network("lab", ["10.2.0.0/16"]),
        ];
        let snapshot = Snapshot::new(graph(&pieces));
        let truth = |id: &NodeId| from_internet(&snapshot, id).truth;
        assert_eq!(truth(&network_id("prod")), Truth::Yes);
        assert_eq!(truth(&network_id("lab")), Truth::No);
        let shop = snapshot
            .graph
            .nodes()
            .find(|node| node.kind == NodeKind::Cluster);
        assert_eq!(truth(&shop.unwrap().id), Truth::Undetermined);
    }

    #[test]
    fn the_internet_gets_in_by_a_route_and_not_by_a_gateway_alone() {
        let attached = three_and([internet_gateway("igw"), door("prod", "igw")]);
        let routed = [
            table("rt", "prod"),
            main_table("rt", "prod"),
            route("rt", "0.0.0.0/0", "igw"),
        ];
        let truth = |pieces: &[Piece]| {
            let snapshot = Snapshot::new(graph(pieces));
            let prod = network_id("prod");
            (
                from_internet(&snapshot, &prod).truth,
                to_internet(&snapshot, &prod).truth,
            )
        };
        assert_eq!(truth(&attached), (Truth::No, Truth::No));
        let open: Vec<Piece> = attached.into_iter().chain(routed).collect();
        assert_eq!(truth(&open), (Truth::Yes, Truth::Yes));
    }

    #[test]
    fn what_is_reached_and_what_reaches_are_told_apart() {
        let pieces = three_and([
            hub("t"),
            table("rt", "t"),
            attach("prod", "t"),
            attach("data", "t"),
            associate("rt", "data@t"),
            propagate("rt", "prod@t"),
            peer("prod", "dev"),
        ]);
        let snapshot = Snapshot::new(graph(&pieces));
        let reach = reach(&snapshot, &network_id("prod"));
        let far = |ways: &[Way], inward: bool| -> Vec<String> {
            let end = |way: &Way| {
                if inward {
                    way.from.name.clone()
                } else {
                    way.to.name.clone()
                }
            };
            ways.iter().map(end).collect()
        };
        assert_eq!(far(&reach.out, false), ["dev"]);
        assert_eq!(far(&reach.into, true), ["data", "dev"]);
    }

    #[test]
    fn several_parts_of_one_name_answer_together() {
        let pieces = three_and([peer("prod", "data")]);
        let answers = |ends: &[&str]| -> Truth {
            let all: Vec<Passage> = ends.iter().map(|end| asked(&pieces, "prod", end)).collect();
            together(&all)
        };
        assert_eq!(answers(&["data"]), Truth::Yes);
        assert_eq!(answers(&["dev"]), Truth::No);
        assert_eq!(answers(&["data", "dev"]), Truth::Ambiguous);
    }
}
