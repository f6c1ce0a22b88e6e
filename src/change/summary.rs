//! The words of a change. Kept apart from the logic that finds it.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::identity::BoundaryId;
use crate::graph::link::LinkKind;
use crate::graph::node::{Node, NodeKind, Place, Standing};
use crate::graph::perimeter::{Fact, FactKind, OF_HUB};
use crate::graph::prefixes;
use crate::graph::{Graph, LinkId, NodeId};

use super::diff::{Difference, FactChange, PlaceChange};
use super::kind::{Category, Effect};
use super::moves::Move;
use super::reach::ReachChange;
use super::subject::{Group, Subject, Touch};

/// How many names a summary spells out before it counts the rest.
const NAMES_SPELLED_OUT: usize = 4;

/// The differing fact, in words.
pub(super) fn fact_touch(change: &FactChange<'_>) -> Touch {
    let words = match (change.before, change.after) {
        (None, Some(fact)) => with_adverb("now", &fact.words),
        (Some(fact), None) => with_adverb("no longer", &fact.words),
        (Some(was), Some(is)) if was.words != is.words => {
            format!("{} (before: {})", is.words, was.words)
        }
        (_, Some(is)) if is.stated.is_some() => format!("{} on other terms than before", is.words),
        (_, Some(is)) if change.effect == Effect::Narrows => {
            format!("{} from fewer of its subnets", is.words)
        }
        (_, Some(is)) => format!("{} from other subnets too", is.words),
        (None, None) => String::new(),
    };
    let fact = change.after.or(change.before);
    Touch {
        words,
        effect: change.effect,
        is_protection: change.key.0 == FactKind::Protection,
        passes_down: fact.is_some_and(|fact| fact.passes_down(change.key.0)),
        far: fact.and_then(|fact| far_of(change.boundary, fact)),
    }
}

/// "is now peered", "now routes".
fn with_adverb(adverb: &str, words: &str) -> String {
    match words.strip_prefix("is ") {
        Some(rest) => format!("is {adverb} {rest}"),
        None => format!("{adverb} {words}"),
    }
}

pub(super) fn anew_touch() -> Touch {
    Touch {
        words: "is destroyed and created anew".to_owned(),
        effect: Effect::Alters,
        is_protection: false,
        passes_down: true,
        far: None,
    }
}

/// The name of a boundary beside what differs of it: a link by its kind and ends, an identity that goes as what it was.
pub(super) fn touched_name(difference: &Difference<'_>, boundary: &BoundaryId) -> String {
    match boundary {
        BoundaryId::Link(link) => {
            let graphs = [&difference.after.graph, &difference.before.graph];
            let kind = graphs
                .iter()
                .find_map(|graph| graph.link(link))
                .map_or("link", |link| noun(link.kind));
            format!("{kind} {}", link_words(difference, link))
        }
        // "payments" may be a namespace, a workload or a cluster: which, tells its role.
        BoundaryId::Node(id) if is_inside_networks(difference, id) => {
            titled_in_either(difference, id)
        }
        BoundaryId::Node(_) => name_of(difference, boundary),
    }
}

fn is_inside_networks(difference: &Difference<'_>, id: &NodeId) -> bool {
    let graphs = [&difference.after.graph, &difference.before.graph];
    let found = graphs.iter().find_map(|graph| graph.node(id));
    found.is_some_and(|node| node.kind.lies_in_networks())
}

fn far_of(boundary: &BoundaryId, fact: &Fact) -> Option<NodeId> {
    let BoundaryId::Node(node) = boundary else {
        return None;
    };
    fact.concerns.iter().find(|one| *one != node).cloned()
}

/// What a network's move is to one that it is peered with.
pub(super) fn peer_moved_touch(difference: &Difference<'_>, place: &PlaceChange) -> Touch {
    let name = titled_in_either(difference, &place.boundary);
    Touch {
        words: format!("is peered with {name}, which {}", place_touch(place).words),
        effect: Effect::Alters,
        is_protection: false,
        passes_down: true,
        far: Some(place.boundary.clone()),
    }
}

pub(super) fn reach_effect(gained: bool) -> Effect {
    if gained {
        Effect::Widens
    } else {
        Effect::Narrows
    }
}

/// What differing reach has in common for one network: gained or lost, out or in, and by which way.
type ReachTouch<'r> = (
    &'r NodeId,
    bool,
    &'static str,
    Vec<&'r NodeId>,
    Option<&'r Vec<ipnet::IpNet>>,
    bool,
);

/// The differing reach, in words, for both of its ends that are networks. Far ends of one way are told together.
pub(super) fn reach_touches(
    difference: &Difference<'_>,
    reach: &[&ReachChange],
) -> Vec<(NodeId, Touch)> {
    let mut alike: BTreeMap<ReachTouch<'_>, Vec<&NodeId>> = BTreeMap::new();
    for change in reach {
        let ends = [
            (&change.from, "reaches", &change.to),
            (&change.to, "is reached from", &change.from),
        ];
        for (near, verb, far) in ends.into_iter().filter(|(near, _, _)| is_network(near)) {
            let way = &change.way;
            let graph = if change.gained {
                &difference.after.graph
            } else {
                &difference.before.graph
            };
            let key = (
                near,
                change.gained,
                verb,
                way.hubs.iter().collect(),
                graph.notable_addresses(&change.to, way),
                change.is_behind,
            );
            alike.entry(key).or_default().push(far);
        }
    }
    let touches =
        alike
            .into_iter()
            .map(|((near, gained, verb, hubs, addresses, is_behind), far)| {
                let graph = if gained {
                    &difference.after.graph
                } else {
                    &difference.before.graph
                };
                let count = far.len();
                let single = far.first().filter(|_| count == 1).map(|one| (*one).clone());
                let shown = if count > NAMES_SPELLED_OUT {
                    NAMES_SPELLED_OUT - 1
                } else {
                    count
                };
                let mut names = far
                    .iter()
                    .take(shown)
                    .map(|one| titled(graph, one))
                    .collect::<Vec<_>>()
                    .join(", ");
                if shown < count {
                    names = format!("{names} and {} more", count - shown);
                }
                let through: Vec<String> = hubs.iter().map(|hub| titled(graph, hub)).collect();
                let addresses = addresses.map_or(String::new(), |addresses| {
                    format!(" for {}", listed(prefixes::in_words(addresses)))
                });
                let through = through.join(" and ");
                let words = match (is_behind, verb) {
                    (false, _) => format!("{verb} {names} through {through}{addresses}"),
                    (true, "reaches") => {
                        format!("reaches others behind {names} through {through}{addresses}")
                    }
                    (true, _) => {
                        format!("is handed traffic{addresses} by {names} through {through}")
                    }
                };
                let touch = Touch {
                    words: with_adverb(if gained { "now" } else { "no longer" }, &words),
                    effect: reach_effect(gained),
                    is_protection: false,
                    passes_down: true,
                    far: single,
                };
                (near.clone(), touch)
            });
    touches.collect()
}

/// A value of a link, as it concerns a network whose path takes the link.
pub(super) fn link_value_touch(difference: &Difference<'_>, link: &LinkId, touch: &Touch) -> Touch {
    Touch {
        words: format!(
            "has a path over {}, which {}",
            link_words(difference, link),
            touch.words
        ),
        ..touch.clone()
    }
}

pub(super) fn merge_touch(difference: &Difference<'_>, gone: &NodeId, into: &NodeId) -> Touch {
    Touch {
        words: format!(
            "takes in what was inside {}",
            titled(&difference.before.graph, gone)
        ),
        effect: Effect::Alters,
        is_protection: false,
        passes_down: true,
        far: Some(into.clone()),
    }
}

pub(super) fn place_touch(place: &PlaceChange) -> Touch {
    let (mut before, mut after) = (place.before.clone(), place.after.clone());
    if before.account == after.account || after.account.is_none() {
        (before.account, after.account) = (None, None);
    }
    Touch {
        words: format!(
            "{} from {} to {}",
            match &place.part {
                Some(subnet) => format!("has its subnet {subnet} moved"),
                None => "moves".to_owned(),
            },
            place_words(&before),
            place_words(&after)
        ),
        effect: Effect::Alters,
        is_protection: false,
        passes_down: true,
        far: None,
    }
}

/// A thing in other networks than before, in words.
pub(super) fn move_touch(difference: &Difference<'_>, one: &Move) -> Touch {
    Touch {
        words: move_words(difference, [&one.from, &one.to], false),
        effect: Effect::Alters,
        is_protection: false,
        passes_down: true,
        far: None,
    }
}

/// "moves from vpc a to vpc b"; `are_several`: to stand after more than one name.
fn move_words(
    difference: &Difference<'_>,
    [from, to]: [&BTreeSet<NodeId>; 2],
    are_several: bool,
) -> String {
    let stays = |one: &&NodeId| {
        let now = difference.current(one);
        to.contains(now)
    };
    let was_there = |one: &&NodeId| from.iter().any(|was| difference.current(was) == *one);
    let (before, after) = (&difference.before.graph, &difference.after.graph);
    let left: Vec<String> = from
        .iter()
        .filter(|one| !stays(one))
        .map(|one| titled(before, one))
        .collect();
    let entered: Vec<String> = to
        .iter()
        .filter(|one| !was_there(one))
        .map(|one| titled(after, one))
        .collect();
    let ending = if are_several { "" } else { "s" };
    let lie = if are_several { "lie" } else { "lies" };
    let stays_anywhere = from.iter().any(|one| stays(&one));
    match (left.is_empty(), entered.is_empty()) {
        (true, false) if stays_anywhere => format!("{lie} in {}, too", listed(entered)),
        (false, true) if stays_anywhere => format!("no longer {lie} in {}", listed(left)),
        _ => {
            let or_none = |names: Vec<String>| {
                if names.is_empty() {
                    "no network".to_owned()
                } else {
                    listed(names)
                }
            };
            format!(
                "move{ending} from {} to {}",
                or_none(left),
                or_none(entered)
            )
        }
    }
}

/// The things that move together, and what is in the clear with them.
fn move_line(
    difference: &Difference<'_>,
    places: [&BTreeSet<NodeId>; 2],
    group: &Group<'_>,
) -> String {
    let moves = difference.moves.iter();
    let together: Vec<&NodeId> = moves
        .filter(|one| [&one.from, &one.to] == places)
        .map(|one| &one.is)
        .collect();
    let names: Vec<String> = together
        .iter()
        .map(|one| titled_in_either(difference, one))
        .collect();
    let are_several = names.len() > 1;
    let clear = clear_words(group).map_or_else(String::new, |words| format!(" ({words})"));
    let words = move_words(difference, places, are_several);
    format!("{}{clear} {words}", listed(names))
}

/// What facts about plaintext say of the one resource that they are of: "takes HTTP without TLS".
fn clear_words(group: &Group<'_>) -> Option<String> {
    let words: BTreeSet<&str> = group
        .facts
        .iter()
        .filter(|change| change.key.0 == FactKind::Plaintext)
        .flat_map(|change| [change.before, change.after])
        .flatten()
        .filter_map(|fact| Some(fact.words.split_once(", which ")?.1))
        .collect();
    let words: Vec<&str> = words.into_iter().collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The networks that something in the clear leaves, and those that it comes into, if it is the same on both sides.
pub(super) fn clear_move(group: &Group<'_>) -> Option<[BTreeSet<NodeId>; 2]> {
    let is_clear = |change: &&&FactChange<'_>| change.key.0 == FactKind::Plaintext;
    let sided = |is_after: bool| -> (BTreeSet<NodeId>, BTreeSet<&str>) {
        let facts = group.facts.iter().filter(is_clear);
        let one_sided = facts.filter_map(|change| match (change.before, change.after) {
            (Some(fact), None) if !is_after => Some((change.boundary, fact)),
            (None, Some(fact)) if is_after => Some((change.boundary, fact)),
            _ => None,
        });
        let mut places = BTreeSet::new();
        let mut words = BTreeSet::new();
        for (boundary, fact) in one_sided {
            if let BoundaryId::Node(node) = boundary {
                places.insert(node.clone());
                words.insert(fact.words.as_str());
            }
        }
        (places, words)
    };
    let ((from, said_before), (to, said_after)) = (sided(false), sided(true));
    (!from.is_empty() && said_before == said_after).then_some([from, to])
}

fn place_words(place: &Place) -> String {
    let parts: Vec<&str> = [&place.region, &place.account]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    parts.join(", account ")
}

/// The name of a boundary, as people know it.
pub(super) fn name_of(difference: &Difference<'_>, boundary: &BoundaryId) -> String {
    let graphs = [&difference.after.graph, &difference.before.graph];
    match boundary {
        BoundaryId::Node(id) => graphs
            .iter()
            .find_map(|graph| graph.node(id))
            .map(Node::display_name),
        BoundaryId::Link(id) => graphs
            .iter()
            .find_map(|graph| Some(graph.link(id)?.display_name())),
    }
    .unwrap_or_else(|| boundary.to_string())
}

/// A node with its role: "vpc prod-us-east".
fn titled(graph: &Graph, id: &NodeId) -> String {
    graph.node(id).map_or_else(
        || id.to_string(),
        |node| {
            if let Standing::Unresolved { candidates, .. } = &node.standing
                && !candidates.is_empty()
            {
                let names: Vec<String> = candidates.iter().map(|one| titled(graph, one)).collect();
                return if names.len() > NAMES_SPELLED_OUT {
                    format!("one of {}", listed(names))
                } else {
                    names.join(" or ")
                };
            }
            let name = node.display_name();
            if node.role.is_empty() || name.starts_with(&node.role) {
                name
            } else {
                format!("{} {name}", node.role)
            }
        },
    )
}

fn titled_in_either(difference: &Difference<'_>, id: &NodeId) -> String {
    let after = &difference.after.graph;
    titled(
        if after.node(id).is_some() {
            after
        } else {
            &difference.before.graph
        },
        id,
    )
}

fn is_network(id: &NodeId) -> bool {
    id.as_str().starts_with(NodeKind::Network.slug())
}

/// One line for a person.
pub(super) fn summarise(
    difference: &Difference<'_>,
    subject: &Subject,
    group: &Group<'_>,
    category: Category,
    effect: Effect,
    boundaries: &[(BoundaryId, String)],
) -> String {
    match subject {
        Subject::Boundary(node) => boundary_line(difference, node, category, boundaries),
        Subject::Link(link) => link_line(difference, link, group, effect),
        Subject::Protection(link) => format!(
            "protection changed: {}: {}",
            link_words(difference, link),
            values(group)
        ),
        Subject::Hub(hub) => {
            let routes = format!("routes of {} changed", titled_in_either(difference, hub));
            with_reach(difference, routes, group)
        }
        Subject::Routing(network, _) | Subject::Offer(network) | Subject::Addresses(network) => {
            format!(
                "{}: {}",
                titled_in_either(difference, network),
                listed(fact_words(group))
            )
        }
        Subject::Door(network) => {
            format!(
                "internet exposure: {} {}",
                titled_in_either(difference, network),
                listed(fact_words(group))
            )
        }
        Subject::Egress(network) => {
            format!(
                "internet egress: {} {}",
                titled_in_either(difference, network),
                listed(fact_words(group))
            )
        }
        Subject::Stated { .. } => {
            let names: Vec<String> = boundaries
                .iter()
                .map(|(boundary, _)| match boundary {
                    BoundaryId::Node(node) => titled_in_either(difference, node),
                    BoundaryId::Link(link) => link_words(difference, link),
                })
                .collect();
            let is_listed = |change: &&&FactChange<'_>| {
                boundaries.iter().any(|(one, _)| one == change.boundary)
            };
            let words: BTreeSet<String> = group
                .facts
                .iter()
                .filter(is_listed)
                .map(|change| fact_touch(change).words)
                .collect();
            let words = listed(words.into_iter().collect());
            match names.as_slice() {
                [only] => format!("{only} {words}"),
                _ => format!("{}: {words}", listed(names)),
            }
        }
        Subject::Move([from, to]) => move_line(difference, [from, to], group),
        Subject::Name(name) => passed_line(difference, name),
        Subject::Plaintext(subject) if let Some([from, to]) = clear_move(group) => {
            let clear = clear_words(group).unwrap_or_default();
            let words = move_words(difference, [&from, &to], false);
            format!("{subject} ({clear}) {words}")
        }
        Subject::Share(_) | Subject::Plaintext(_) => {
            let names = boundaries.iter().map(|(boundary, name)| match boundary {
                BoundaryId::Node(node) => titled_in_either(difference, node),
                BoundaryId::Link(_) => name.clone(),
            });
            format!("{} {}", listed(names.collect()), listed(fact_words(group)))
        }
        Subject::Property(boundary, _) => {
            let name = match boundary {
                BoundaryId::Node(node) => titled_in_either(difference, node),
                BoundaryId::Link(link) => link_words(difference, link),
            };
            format!("{name} {}", listed(fact_words(group)))
        }
    }
}

fn passed_line(difference: &Difference<'_>, name: &str) -> String {
    let mut passed = difference.passed_names.iter();
    let Some(passed) = passed.find(|passed| passed.name == name) else {
        return String::new();
    };
    let [from, to] = passed.bearers(difference);
    format!("the name {name} passes from {from} to {to}")
}

fn boundary_line(
    difference: &Difference<'_>,
    node: &NodeId,
    category: Category,
    boundaries: &[(BoundaryId, String)],
) -> String {
    let name = titled_in_either(difference, node);
    if category == Category::Merge {
        let other = boundaries
            .iter()
            .find(|(boundary, _)| *boundary != BoundaryId::Node(node.clone()));
        return format!(
            "{name} merged into {}",
            other.map_or("another network", |(_, name)| name)
        );
    }
    let moves: Vec<String> = difference
        .places
        .iter()
        .filter(|place| place.boundary == *node)
        .map(|place| place_touch(place).words)
        .collect();
    if !moves.is_empty() {
        return format!("{name} {}", listed(moves));
    }
    let replaced = difference.is_made_anew(node);
    let verb = match (
        difference.before.graph.node(node).is_some(),
        difference.after.graph.node(node).is_some(),
    ) {
        (_, true) if replaced => return anew_line(difference, node, &name),
        (false, true) => "created",
        (true, false) => "destroyed",
        _ => "changed",
    };
    format!("{name} {verb}")
}

/// A boundary made anew, under the name that it had: of a list that lost an entry, the next one takes its place.
fn anew_line(difference: &Difference<'_>, node: &NodeId, name: &str) -> String {
    let before = &difference.before.graph;
    let mut earlier = difference.predecessors(node).chain([node]);
    let was = earlier
        .find(|was| before.node(was).is_some())
        .map(|was| titled(before, was));
    match was.filter(|was| was != name) {
        Some(was) => format!("{was} destroyed and created anew as {name}"),
        None => format!("{name} destroyed and created anew"),
    }
}

fn link_line(
    difference: &Difference<'_>,
    link: &LinkId,
    group: &Group<'_>,
    effect: Effect,
) -> String {
    let graphs = [&difference.after.graph, &difference.before.graph];
    let known = difference.known_link(link);
    let kind = graphs
        .iter()
        .find_map(|graph| graph.link(&known))
        .map(|link| link.kind);
    let noun = kind.map_or("link", noun);
    let verb = match (
        difference.before.graph.link(&known),
        difference.after.graph.link(link),
    ) {
        (None, Some(_)) if effect == Effect::Widens => "added",
        (Some(_), None) => "removed",
        (None, Some(_)) => "made anew",
        _ => "changed",
    };
    let ends = joined(difference, link, difference.way_back(link).is_some());
    let mut line = format!("{noun} {verb}: {ends}");
    // One whose end is another thing now: a lookup that finds something else.
    let mut earlier = difference.before.graph.links();
    let earlier = earlier
        .find(|was| was.id != *link && difference.current_link(&was.id) == *link)
        .map(|was| joined(difference, &was.id, false))
        .filter(|was| verb == "made anew" && *was != ends);
    if let Some(was) = earlier {
        line = format!("{line} (before: {was})");
    }
    let said = match verb {
        "changed" => values(group),
        "made anew" => values_anew(group),
        _ => String::new(),
    };
    if !said.is_empty() {
        line = format!("{line}: {said}");
    } else if verb != "changed"
        && let Some(found) = difference.after.graph.link(link)
        && matches!(
            kind,
            Some(LinkKind::Peering | LinkKind::Vpn | LinkKind::Interconnect)
        )
    {
        line = format!("{line} ({})", found.in_transit.protection.word());
    }
    with_reach(difference, line, group)
}

fn noun(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Peering => "peering",
        LinkKind::Vpn => "VPN",
        LinkKind::Interconnect => "interconnect",
        LinkKind::PrivateEndpoint => "private endpoint",
        LinkKind::Mesh => "mesh link",
        LinkKind::Attachment | LinkKind::Door | LinkKind::Sharing => "attachment",
    }
}

/// A link by its ends: "vpc a <-> vpc b".
fn link_words(difference: &Difference<'_>, link: &LinkId) -> String {
    joined(difference, link, false)
}

/// The same; `both_ways`: together with the link in the other direction.
fn joined(difference: &Difference<'_>, link: &LinkId, both_ways: bool) -> String {
    let graphs = [&difference.after.graph, &difference.before.graph];
    let link = &difference.known_link(link);
    for graph in graphs {
        if let (Some(found), Some(ends)) = (graph.link(link), graph.ends(link)) {
            let is_directed = matches!(found.kind, LinkKind::PrivateEndpoint | LinkKind::Mesh);
            let arrow = if is_directed && !both_ways {
                "->"
            } else {
                "<->"
            };
            let mut names = ends.map(|node| titled(graph, &node.id));
            if found.kind == LinkKind::Peering {
                names.sort_unstable();
            }
            return format!("{} {arrow} {}", names[0], names[1]);
        }
    }
    link.to_string()
}

/// "before -> after" of every value that changed in a group.
fn values(group: &Group<'_>) -> String {
    let values: BTreeSet<String> = group
        .facts
        .iter()
        .filter(|change| matches!(change.boundary, BoundaryId::Link(_)))
        .filter_map(|change| match (change.before, change.after) {
            (Some(was), Some(is)) if was.value != is.value => {
                Some(format!("{} -> {}", was.words, is.words))
            }
            _ => None,
        })
        .collect();
    listed(values.into_iter().collect())
}

/// "before -> after" of every value in which a link differs from the one whose place it takes.
fn values_anew(group: &Group<'_>) -> String {
    let is_value = |change: &&&FactChange<'_>| {
        change.key.0 == FactKind::Property && matches!(change.boundary, BoundaryId::Link(_))
    };
    let one_sided = |is_after: bool| -> BTreeMap<&str, &Fact> {
        let facts = group.facts.iter().filter(is_value);
        facts
            .filter_map(|change| match (change.before, change.after) {
                (Some(fact), None) if !is_after => Some((change.key.1.as_str(), fact)),
                (None, Some(fact)) if is_after => Some((change.key.1.as_str(), fact)),
                _ => None,
            })
            .collect()
    };
    let (was, is) = (one_sided(false), one_sided(true));
    let differing = was.iter().filter_map(|(about, was)| {
        let is = is.get(about).filter(|is| is.value != was.value)?;
        Some(format!("{} -> {}", was.words, is.words))
    });
    listed(differing.collect())
}

fn fact_words(group: &Group<'_>) -> Vec<String> {
    // What is attached to a hub repeats what is said of the hub.
    let is_own = |change: &&&FactChange<'_>| !change.key.1.contains(OF_HUB);
    let facts = group.facts.iter();
    let words: BTreeSet<String> = facts
        .filter(is_own)
        .map(|change| fact_touch(change).words)
        .collect();
    words.into_iter().collect()
}

fn with_reach(difference: &Difference<'_>, line: String, group: &Group<'_>) -> String {
    // Who reached the one that goes, and reaches its heir by the same name, reaches what a person knows by that name.
    let ends: BTreeSet<(bool, &NodeId, &NodeId)> = group
        .reach
        .iter()
        .map(|change| {
            let [from, to] = [&change.from, &change.to].map(|end| difference.current(end));
            (change.gained, from, to)
        })
        .collect();
    let is_both = |(_, from, to): &(bool, &NodeId, &NodeId)| {
        ends.contains(&(true, *from, *to)) && ends.contains(&(false, *from, *to))
    };
    let ends: BTreeSet<(bool, &NodeId, &NodeId)> =
        ends.iter().filter(|end| !is_both(end)).copied().collect();
    let pairs = |gained: bool| -> (usize, Vec<String>) {
        let of_a_kind = ends.iter().filter(|(kind, _, _)| *kind == gained);
        // Of two directions between one pair, one stands for both.
        let once =
            of_a_kind.filter(|(_, from, to)| !(from > to && ends.contains(&(gained, *to, *from))));
        let all: Vec<_> = once.collect();
        let shown = all.iter().take(NAMES_SPELLED_OUT).map(|(_, from, to)| {
            let arrow = if ends.contains(&(gained, *to, *from)) {
                "<->"
            } else {
                "->"
            };
            let mut names = [
                titled_in_either(difference, from),
                titled_in_either(difference, to),
            ];
            if arrow == "<->" {
                names.sort_unstable();
            }
            format!("{} {arrow} {}", names[0], names[1])
        });
        let mut shown: Vec<String> = shown.collect();
        shown.sort_unstable();
        (all.len(), shown)
    };
    let mut line = line;
    for (gained, words) in [(true, "now reach"), (false, "no longer reach")] {
        let (count, mut shown) = pairs(gained);
        if count > shown.len() {
            shown.truncate(NAMES_SPELLED_OUT - 1);
            let more = count - shown.len();
            line = format!("{line}; {words}: {} and {more} more", shown.join(", "));
        } else if count > 0 {
            line = format!("{line}; {words}: {}", shown.join(", "));
        }
    }
    line
}

/// A summary that stands for several alike.
pub(super) fn and_others(summary: &str, category: Category, others: usize) -> String {
    if category == Category::Peering {
        let peerings = if others == 1 { "peering" } else { "peerings" };
        return format!("{summary}; and {others} more {peerings}");
    }
    let boundaries = if others == 1 {
        "1 other boundary"
    } else {
        "other boundaries"
    };
    if others == 1 {
        format!("{summary}; likewise {boundaries}")
    } else {
        format!("{summary}; likewise {others} {boundaries}")
    }
}

/// A few names, and how many more.
pub(super) fn listed(names: Vec<String>) -> String {
    let count = names.len();
    if count <= NAMES_SPELLED_OUT {
        return names.join(", ");
    }
    let shown: Vec<String> = names.into_iter().take(NAMES_SPELLED_OUT - 1).collect();
    format!("{} and {} more", shown.join(", "), count - shown.len())
}
