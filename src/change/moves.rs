//! Where named things lie, and what names mean, before and after: a database in another network, a name that passes from
//! one network to another.
//!
//! Neither opens or closes anything, so no fact of a network tells of it. But what was shown of the one place or network
//! says nothing of the other. It does not tell of boundaries that lie elsewhere (see `diff`).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::node::{Node, NodeKind, Standing, is_placed_thing};
use crate::graph::origin::OriginId;
use crate::graph::{Graph, Key, NodeId};

use super::diff::Difference;
use super::summary::listed;

/// Something that lies in networks and is no boundary, in other networks than before.
#[derive(Debug, Clone)]
pub struct Move {
    /// What moves, as it was.
    pub was: NodeId,
    /// The same after.
    pub is: NodeId,
    /// What it lay in: networks, and outermost parts of which nobody knows in which network they lie.
    pub from: BTreeSet<NodeId>,
    /// What it will lie in. Networks made anew are counted as themselves.
    pub to: BTreeSet<NodeId>,
    /// The resources that say so: its own, and those between it and its subnets.
    pub origins: BTreeSet<OriginId>,
}

/// A name that means something else after the change, although one of both sides was there all the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedName {
    /// The name.
    pub name: String,
    /// What bore it before.
    pub from: BTreeSet<NodeId>,
    /// What bears it after.
    pub to: BTreeSet<NodeId>,
}

impl PassedName {
    /// Who bore it before and who bears it after, by what else they are known by.
    #[must_use]
    pub fn bearers(&self, difference: &Difference<'_>) -> [String; 2] {
        let called = |graph: &Graph, ids: &BTreeSet<NodeId>| {
            let nodes = ids.iter().filter_map(|id| graph.node(id));
            let names = nodes.map(|node| {
                let identifier = node.identifier();
                if identifier.starts_with(&node.role) {
                    identifier
                } else {
                    format!("{} {identifier}", node.role)
                }
            });
            listed(names.collect())
        };
        let (before, after) = (&difference.before.graph, &difference.after.graph);
        [called(before, &self.from), called(after, &self.to)]
    }
}

/// Everything that lies in other networks than before.
pub(super) fn moves(before: &Graph, after: &Graph, heirs: &BTreeMap<NodeId, NodeId>) -> Vec<Move> {
    let mut moves = Vec::new();
    for was in before.nodes().filter(|node| is_placed_thing(node)) {
        let current = heirs.get(&was.id).unwrap_or(&was.id);
        let Some(is) = after.node(current).filter(|node| is_placed_thing(node)) else {
            continue;
        };
        let (from, to) = (before.places_of(&was.id), after.places_of(&is.id));
        let followed: BTreeSet<&NodeId> = from
            .iter()
            .map(|place| heirs.get(&place.id).unwrap_or(&place.id))
            .collect();
        let now: BTreeSet<&NodeId> = to.iter().map(|place| &place.id).collect();
        if followed == now
            || only_leaves_untold(&from, &followed, &to)
            || goes_with_its_holder(&followed, &to, before)
        {
            continue;
        }
        let ids = |places: &[&Node]| places.iter().map(|place| place.id.clone()).collect();
        moves.push(Move {
            was: was.id.clone(),
            is: is.id.clone(),
            from: ids(&from),
            to: ids(&to),
            origins: &origins(before, was) | &origins(after, is),
        });
    }
    // That a subnet group moves says nothing beside the database in it.
    let holders: BTreeSet<NodeId> = moves
        .iter()
        .flat_map(|one| after.parents_of(&one.is))
        .map(|node| node.id.clone())
        .collect();
    moves.retain(|one| !holders.contains(&one.is));
    moves
}

/// Whether a thing stays in a network that is known, and leaves nothing but parts of which nobody knows in which network they
/// lie: an interface that came with a server, and goes with it when that is made anew.
fn only_leaves_untold(from: &[&Node], followed: &BTreeSet<&NodeId>, to: &[&Node]) -> bool {
    let is_told = |place: &&&Node| place.standing == Standing::Described;
    let stays = to.iter().all(|place| followed.contains(&place.id));
    let told_before = from.iter().filter(is_told).count();
    stays && told_before > 0 && told_before == to.iter().filter(is_told).count()
}

/// Whether all that a thing comes to lie in is destroyed: an address that is still said to be of a server that goes.
fn goes_with_its_holder(followed: &BTreeSet<&NodeId>, to: &[&Node], before: &Graph) -> bool {
    let was_thing = |place: &&Node| {
        let is_untold = place.standing != Standing::Described;
        // What stands in for it may be of another kind.
        let (_, key) = place.id.as_str().split_once('/').unwrap_or_default();
        let keys = [Key::Provider(key.to_owned()), Key::Address(key.to_owned())];
        let mut known = keys.iter().filter_map(|key| before.node_by_key(key));
        is_untold && known.any(is_placed_thing)
    };
    let mut entered = to
        .iter()
        .filter(|place| !followed.contains(&place.id))
        .peekable();
    entered.peek().is_some() && entered.all(was_thing)
}

/// The resources that decide where a thing lies.
fn origins(graph: &Graph, node: &Node) -> BTreeSet<OriginId> {
    let around = graph.ancestors_of(&node.id).into_iter();
    let between = around.filter(|outer| !matches!(outer.kind, NodeKind::Network));
    std::iter::once(node)
        .chain(between)
        .flat_map(|node| node.origins.iter().copied())
        .collect()
}

/// The names that pass from one to another, by name. One that only stays inside its network passes nothing on.
pub(super) fn passed_names(
    before: &Graph,
    after: &Graph,
    heirs: &BTreeMap<NodeId, NodeId>,
) -> Vec<PassedName> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for was in before.nodes().filter(|node| is_nameable(node)) {
        let current = heirs.get(&was.id).unwrap_or(&was.id);
        if let Some(is) = after.node(current).filter(|node| is_nameable(node))
            && was.name != is.name
        {
            names.extend(
                [&was.name, &is.name]
                    .into_iter()
                    .flatten()
                    .map(String::as_str),
            );
        }
    }
    if names.is_empty() {
        return Vec::new();
    }
    let bearers = |graph: &Graph| {
        let mut bearers: BTreeMap<String, BTreeSet<NodeId>> = BTreeMap::new();
        for node in graph.nodes().filter(|node| is_nameable(node)) {
            if let Some(name) = node.name.as_deref().filter(|name| names.contains(name)) {
                bearers
                    .entry(name.to_owned())
                    .or_default()
                    .insert(node.id.clone());
            }
        }
        bearers
    };
    // Where each of them lies, under the identity after the change.
    let places = |graph: &Graph, ids: &BTreeSet<NodeId>| -> BTreeSet<NodeId> {
        let around = ids.iter().flat_map(|id| {
            let networks = graph.networks_of(id);
            let own = networks.is_empty().then(|| id.clone());
            let networks = networks.into_iter().map(|network| network.id.clone());
            networks.chain(own).collect::<Vec<_>>()
        });
        around
            .map(|id| heirs.get(&id).unwrap_or(&id).clone())
            .collect()
    };
    let (was, is) = (bearers(before), bearers(after));
    let both = was.iter().filter_map(|(name, from)| {
        let to = is.get(name)?;
        let is_elsewhere = places(before, from).is_disjoint(&places(after, to));
        // Where all of them come, go or are made anew, that is told of each.
        let mut lasting = from.iter().chain(to);
        let lasts = lasting.any(|id| before.node(id).is_some() && after.node(id).is_some());
        (is_elsewhere && lasts).then(|| PassedName {
            name: name.clone(),
            from: from.clone(),
            to: to.clone(),
        })
    });
    both.collect()
}

/// Whether a name of it can be what a guarantee rests on, or speaks of.
fn is_nameable(node: &Node) -> bool {
    let is_boundary = matches!(node.kind, NodeKind::Network | NodeKind::Hub)
        && node.standing == Standing::Described;
    is_boundary || is_placed_thing(node)
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::*;

    /// The changes between two networks, by their summaries.
    fn summaries(before: &[Piece], after: &[Piece]) -> Vec<String> {
        let changes = Scene::new(before, after).changes().into_iter();
        changes
            .map(|change| format!("{}: {}", change.category.word(), change.summary))
            .collect()
    }

    fn networks_and(more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        let networks = ["prod", "lab"].map(|name| network(name, []));
        networks.into_iter().chain(more).collect()
    }

    #[test]
    fn a_thing_in_another_network_is_a_change_and_one_in_another_subnet_is_none() {
        let subnets = || ["prod", "prod", "lab"].into_iter().enumerate();
        let subnets = subnets().map(|(index, of)| subnet(&format!("s{index}"), of));
        let before = networks_and(subnets.chain([thing("db", "s0")]));
        let lying = |within: &str| {
            let mut after = before.clone();
            after.pop();
            after.push(thing("db", within));
            after
        };
        assert_eq!(summaries(&before, &lying("s1")), Vec::<String>::new());
        assert_eq!(
            summaries(&before, &lying("s2")),
            ["migration: thing db moves from vpc prod to vpc lab"]
        );
    }

    #[test]
    fn a_thing_that_comes_or_whose_network_is_made_anew_moves_nowhere() {
        let before = networks_and([thing("db", "prod")]);
        let with_another = networks_and([thing("db", "prod"), thing("other", "lab")]);
        assert_eq!(summaries(&before, &with_another), Vec::<String>::new());
        let mut anew = before.clone();
        anew[0] = network("prod", []).identified("prod-2");
        anew[2] = thing("db", "prod-2");
        assert_eq!(
            summaries(&before, &anew),
            ["boundary: vpc prod destroyed and created anew"]
        );
    }

    #[test]
    fn a_thing_that_leaves_all_networks_or_comes_into_a_second_one_is_said_to() {
        let before = networks_and([thing("db", "prod")]);
        let out = networks_and([thing("db", "prod").with_node(|node| node.within.clear())]);
        assert_eq!(
            summaries(&before, &out),
            ["migration: thing db moves from vpc prod to no network"]
        );
        let both = thing("db", "prod").with_node(|node| node.within.push(to("lab")));
        assert_eq!(
            summaries(&before, &networks_and([both])),
            ["migration: thing db lies in vpc lab, too"]
        );
    }

    #[test]
    fn a_thing_that_leaves_a_subnet_nobody_describes_moves_and_destroys_nothing() {
        let before = networks_and([thing("db", "subnet-1")]);
        let after = networks_and([thing("db", "prod")]);
        let told = summaries(&before, &after);
        assert!(
            matches!(told.as_slice(), [only] if only.starts_with("migration: thing db moves from") && only.ends_with("to vpc prod")),
            "{told:?}"
        );
    }

    #[test]
    fn what_goes_with_a_thing_that_is_made_anew_or_destroyed_is_no_place_that_another_moves_to_or_from()
     {
        let with = |within: &[&str]| {
            let references: Vec<_> = within.iter().map(|name| to(name)).collect();
            networks_and([
                thing("web", "prod").with_node(move |node| node.within.clone_from(&references)),
                thing("server", "prod"),
            ])
        };
        let none = Vec::<String>::new();
        // An interface that nobody describes goes with the server; one that comes may lead elsewhere.
        assert_eq!(summaries(&with(&["prod", "eni-1"]), &with(&["prod"])), none);
        let gained = summaries(&with(&["prod"]), &with(&["prod", "eni-1"]));
        assert!(
            matches!(gained.as_slice(), [only] if only.contains("lies in")),
            "{gained:?}"
        );
        // An address that is still said to be of a server that is destroyed.
        let before = with(&["server"]);
        let mut after = before.clone();
        after.pop();
        assert_eq!(summaries(&before, &after), none);
        let elsewhere = summaries(&before, &with(&["subnet-9"]));
        assert!(
            matches!(elsewhere.as_slice(), [only] if only.contains("moves from vpc prod")),
            "{elsewhere:?}"
        );
    }

    #[test]
    fn a_thing_whose_network_is_destroyed_is_told_of_with_that() {
        let before = networks_and([thing("db", "prod")]);
        let mut after = networks_and([thing("db", "lab")]);
        after.remove(0);
        assert_eq!(summaries(&before, &after), ["boundary: vpc prod destroyed"]);
    }

    #[test]
    fn two_networks_that_exchange_names_are_a_change_and_a_new_name_is_none() {
        let named = |name: &str, called: &'static str| {
            network(name, []).with_node(move |node| node.name = Some(called.to_owned()))
        };
        let before = [named("one", "blue"), named("two", "green")];
        let exchanged = [named("one", "green"), named("two", "blue")];
        assert_eq!(
            summaries(&before, &exchanged),
            [
                "boundary: the name blue passes from vpc one to vpc two",
                "boundary: the name green passes from vpc two to vpc one",
            ]
        );
        let renamed = [named("one", "teal"), named("two", "green")];
        assert_eq!(summaries(&before, &renamed), Vec::<String>::new());
    }
}
