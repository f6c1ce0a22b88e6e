//! What single resources cannot tell of identity, told by all of them together.
//!
//! Identifiers with a step that nobody tells (a subscription that only the environment knows) are matched with those that
//! have all their steps; labels are replaced by the tables that bear them; what a resource only mirrors of others goes when
//! they go; a half of a link that says it is in effect is not believed once the other half is destroyed.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::graph::assemble::parse_prefix;
use crate::graph::fragment::{
    AssociationDeclaration, AssociationRole, DestinationDeclaration, Fragment, LinkDeclaration,
    NodeDeclaration, Notice, RouteDeclaration,
};
use crate::graph::identity::{Key, Reference};
use crate::graph::link::LinkState;
use crate::graph::node::{NodeKind, Property};

use super::canonical::UNTOLD;
use super::regional;

/// The property of a route table that holds its labels.
pub(super) const TABLE_LABELS: &str = "labels";

/// What the key of a label begins with.
const LABEL: &str = "label:";

/// What stands for every table with a label, until all tables are known.
pub(super) fn label_key(provider: &str, label: &str) -> Key {
    Key::Provider(format!("{LABEL}{provider}:{label}"))
}

/// How many identifiers may be compared: thousands of things may bear one name in hostile input.
const MAX_COMPARED: usize = 20_000_000;

/// Complete the fragments of one network, before and after, once every source has been read. Says what stays open.
pub fn complete(before: &mut Fragment, after: &mut Fragment) -> Vec<Notice> {
    let mut notices = Vec::new();
    if before.has_untold_keys || after.has_untold_keys {
        one_name_for_each_account(before, after);
        let identities = Identities::of(before, after);
        for fragment in [&mut *before, &mut *after] {
            identities.settle(fragment);
        }
        if identities.budget.get() == 0 {
            notices.push(Notice {
                kind: "too-many-names",
                subject: "identifiers".to_owned(),
                message: "too many things bear the same names to tell which are meant: some references to them stay open"
                    .to_owned(),
            });
        }
    }
    for fragment in [&mut *before, &mut *after] {
        if fragment.has_labels {
            name_labelled_tables(fragment);
        }
        if !regional::settle(fragment) {
            notices.push(Notice {
                kind: "too-many-names",
                subject: "settings of regions".to_owned(),
                message: "too many settings hold for too many networks: some are not counted"
                    .to_owned(),
            });
        }
    }
    pass_over_mirrors(before, after);
    if after.has_halves {
        doubt_widowed_halves(before, after);
    }
    notices
}

fn address_of(node: &NodeDeclaration) -> Option<&Key> {
    node.keys.iter().find(|key| matches!(key, Key::Address(_)))
}

fn is_untold(key: &Key) -> bool {
    matches!(key, Key::Provider(id) if id.split('/').any(|step| step == UNTOLD))
}

/// Whether two identifiers may be of one thing: they differ only in steps that one of them does not tell.
fn may_be_one(first: &str, second: &str) -> bool {
    let mut steps = (first.split('/'), second.split('/'));
    loop {
        match (steps.0.next(), steps.1.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b || a == UNTOLD || b == UNTOLD => {}
            _ => return false,
        }
    }
}

fn last_step(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Everything that bears an identifier, in either snapshot.
struct Identities {
    /// Full identifiers, with the addresses of the resources that bear them, by last step.
    full: HashMap<String, BTreeMap<String, BTreeSet<Key>>>,
    /// Addresses of resources that bear an identifier with an untold step, by that.
    untold: HashMap<String, BTreeMap<String, BTreeSet<Key>>>,
    /// How many more may be compared.
    budget: Cell<usize>,
}

impl Identities {
    fn of(before: &mut Fragment, after: &mut Fragment) -> Self {
        let mut identities = Self {
            full: HashMap::new(),
            untold: HashMap::new(),
            budget: Cell::new(MAX_COMPARED),
        };
        for fragment in [before, after] {
            for node in &fragment.nodes {
                let Some(address) = address_of(node) else {
                    continue;
                };
                for key in &node.keys {
                    identities.note(key, Some(address));
                }
            }
            each_reference(fragment, &mut |reference| {
                if let Reference::To(key) = reference
                    && !is_untold(key)
                {
                    identities.note(key, None);
                }
            });
        }
        identities
    }

    fn note(&mut self, key: &Key, bearer: Option<&Key>) {
        let Key::Provider(id) = key else { return };
        let all = if is_untold(key) {
            &mut self.untold
        } else {
            &mut self.full
        };
        let same_name = all.entry(last_step(id).to_owned()).or_default();
        same_name
            .entry(id.clone())
            .or_default()
            .extend(bearer.cloned());
    }

    /// Everything of these names that an untold identifier may be.
    fn fitting<'i>(
        &'i self,
        all: &'i HashMap<String, BTreeMap<String, BTreeSet<Key>>>,
        id: &str,
    ) -> impl Iterator<Item = (&'i String, &'i BTreeSet<Key>)> {
        let same_name = all.get(last_step(id)).into_iter().flatten();
        same_name
            .take_while(|_| match self.budget.get().checked_sub(1) {
                Some(left) => {
                    self.budget.set(left);
                    true
                }
                None => false,
            })
            .filter(move |(other, _)| may_be_one(id, other))
    }

    fn settle(&self, fragment: &mut Fragment) {
        for node in &mut fragment.nodes {
            if node.keys.iter().any(is_untold) {
                self.settle_own(node);
            }
        }
        for link in &mut fragment.links {
            link.keys.retain(|key| !is_untold(key));
        }
        each_reference(fragment, &mut |reference| {
            if let Reference::To(key) = reference
                && is_untold(key)
            {
                let meant = self.meant(key.as_str());
                *reference = match meant.as_slice() {
                    [] => return,
                    [only] => Reference::To(only.clone()),
                    _ => Reference::OneOf(meant),
                };
            }
        });
    }

    /// The full identifier that a resource's own untold one stands for, where only one can be meant.
    fn settle_own(&self, node: &mut NodeDeclaration) {
        let address = address_of(node).cloned();
        let is_its_own =
            |bearers: &BTreeSet<Key>| bearers.iter().all(|one| Some(one) == address.as_ref());
        let (untold, mut keys): (Vec<Key>, Vec<Key>) = node.keys.drain(..).partition(is_untold);
        for key in untold {
            let id = key.as_str();
            let mut candidates = self
                .fitting(&self.full, id)
                .filter(|(_, bearers)| is_its_own(bearers));
            if let (Some((full, _)), None) = (candidates.next(), candidates.next()) {
                let full = Key::Provider(full.clone());
                if !keys.contains(&full) {
                    keys.insert(0, full);
                }
            }
        }
        node.keys = keys;
    }

    /// What a reference with an untold step may mean: rather what some resource is than what others merely name.
    fn meant(&self, id: &str) -> Vec<Key> {
        let full: Vec<(&String, &BTreeSet<Key>)> = self.fitting(&self.full, id).collect();
        let described = full.iter().copied().chain(self.fitting(&self.untold, id));
        let bearers: BTreeSet<&Key> = described.flat_map(|(_, bearers)| bearers).collect();
        if !bearers.is_empty() {
            return bearers.into_iter().cloned().collect();
        }
        full.into_iter()
            .map(|(id, _)| Key::Provider(id.clone()))
            .collect()
    }
}

/// Identifiers that name an account by another of its names (a project's number) are spelled with its first one.
fn one_name_for_each_account(before: &mut Fragment, after: &mut Fragment) {
    let mut others: BTreeMap<String, String> = BTreeMap::new();
    for node in before.nodes.iter().chain(&after.nodes) {
        if node.kind != NodeKind::Account {
            continue;
        }
        let mut names = node.keys.iter().filter_map(|key| match key {
            Key::Provider(id) if !is_untold(key) => Some(id.clone()),
            _ => None,
        });
        if let Some(first) = names.next() {
            others.extend(
                names
                    .filter(|name| *name != first)
                    .map(|name| (name, first.clone())),
            );
        }
    }
    if others.is_empty() {
        return;
    }
    let spelled = |key: &mut Key| {
        let Key::Provider(id) = key else { return };
        let steps = id.match_indices('/').map(|(at, _)| at);
        let found = steps
            .filter_map(|at| Some((at, others.get(id.get(..at)?)?)))
            .next();
        if let Some((at, name)) = found {
            *id = format!("{name}{}", &id[at..]);
        }
    };
    for fragment in [before, after] {
        fragment
            .nodes
            .iter_mut()
            .flat_map(|node| &mut node.keys)
            .for_each(spelled);
        each_reference(fragment, &mut |reference| match reference {
            Reference::To(key) => spelled(key),
            Reference::OneOf(keys) => keys.iter_mut().for_each(spelled),
            Reference::Unresolved { .. } => {}
        });
    }
}

/// An association with a label is one with every table that bears it, as far as the fabric reaches that its member's hub
/// lies in.
fn name_labelled_tables(fragment: &mut Fragment) {
    let fabrics = Fabrics::of(fragment);
    let mut tables: HashMap<Key, Vec<(Reference, BTreeSet<Key>)>> = HashMap::new();
    for node in &fragment.nodes {
        let labels = node.properties.get(TABLE_LABELS);
        let (Some(Property::Known(labels)), NodeKind::RouteTable, Some(first)) =
            (labels.map(|set| &set.value), node.kind, node.keys.first())
        else {
            continue;
        };
        let fabric = fabrics.around(&node.within);
        for label in labels.split(", ") {
            let bearers = tables.entry(Key::Provider(label.to_owned())).or_default();
            bearers.push((Reference::To(first.clone()), fabric.clone()));
        }
    }
    let mut hubs_of_links: HashMap<Key, BTreeSet<Key>> = HashMap::new();
    for link in &fragment.links {
        let ends = link.ends.iter().filter(|end| end.kind == NodeKind::Hub);
        let hubs: Vec<Reference> = ends.map(|end| end.reference.clone()).collect();
        let fabric = fabrics.around(&hubs);
        for key in &link.keys {
            let slot = hubs_of_links.entry(key.clone()).or_default();
            slot.extend(fabric.iter().cloned());
        }
    }
    let associations = std::mem::take(&mut fragment.associations);
    fragment.associations = associations
        .into_iter()
        .flat_map(|one| {
            let Reference::To(key @ Key::Provider(id)) = &one.table else {
                return vec![one];
            };
            if !id.starts_with(LABEL) {
                return vec![one];
            }
            let ours = match &one.member {
                Reference::To(member) => hubs_of_links.get(member),
                _ => None,
            };
            let may_reach = |fabric: &BTreeSet<Key>| {
                let ours = ours.filter(|ours| !ours.is_empty() && !fabric.is_empty());
                ours.is_none_or(|ours| !ours.is_disjoint(fabric))
            };
            let labelled = tables.get(key).into_iter().flatten();
            let with = |table: &Reference| AssociationDeclaration {
                table: table.clone(),
                ..one.clone()
            };
            labelled
                .filter(|(_, fabric)| may_reach(fabric))
                .map(|(table, _)| with(table))
                .collect()
        })
        .collect();
}

/// What hubs lie in, by any of their keys.
struct Fabrics {
    /// The address of each described node, and what it lies in.
    parents: HashMap<Key, (Key, Vec<Reference>)>,
}

impl Fabrics {
    fn of(fragment: &Fragment) -> Self {
        let mut parents = HashMap::new();
        for node in &fragment.nodes {
            let Some(address) = address_of(node) else {
                continue;
            };
            for key in &node.keys {
                parents.insert(key.clone(), (address.clone(), node.within.clone()));
            }
        }
        Self { parents }
    }

    /// The outermost of all that these lie in.
    fn around(&self, start: &[Reference]) -> BTreeSet<Key> {
        let mut outermost = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut todo: Vec<Key> = start.iter().flat_map(keys_of).collect();
        while let Some(key) = todo.pop() {
            let (own, parents) = match self.parents.get(&key) {
                Some((address, parents)) => (address.clone(), parents.as_slice()),
                None => (key, &[][..]),
            };
            if !seen.insert(own.clone()) {
                continue;
            }
            let mut above = parents.iter().flat_map(keys_of).peekable();
            if above.peek().is_none() {
                outermost.insert(own);
            }
            todo.extend(above);
        }
        outermost
    }
}

fn keys_of(reference: &Reference) -> Vec<Key> {
    match reference {
        Reference::To(key) => vec![key.clone()],
        Reference::OneOf(keys) => keys.clone(),
        Reference::Unresolved { .. } => Vec::new(),
    }
}

/// What a resource only mirrors is left to the resources that say it themselves, also when this very change destroys those.
fn pass_over_mirrors(before: &mut Fragment, after: &mut Fragment) {
    let mirrors = |fragment: &Fragment| {
        !fragment.mirrored.is_empty()
            || fragment.routes.iter().any(|route| route.mirrors)
            || fragment.associations.iter().any(mirrors_another)
    };
    if !mirrors(before) && !mirrors(after) {
        return;
    }
    let mut bearers: HashMap<Key, Key> = HashMap::new();
    for node in &before.nodes {
        if let Some(address) = address_of(node)
            && !before.mirrored.contains(address)
        {
            bearers.extend(node.keys.iter().map(|key| (key.clone(), address.clone())));
        }
    }
    // A mirrored node is known by what describes it, else by its own identifier.
    let mut aliases: HashMap<Key, Key> = HashMap::new();
    for node in before.nodes.iter().chain(&after.nodes) {
        let told = node.keys.iter().find_map(|key| bearers.get(key));
        if let Some(identity) = told.or_else(|| node.keys.first()) {
            let keys = node.keys.iter().map(|key| (key.clone(), identity.clone()));
            aliases.extend(keys);
        }
    }
    let identity = |reference: &Reference| match reference {
        Reference::To(key) => Some(aliases.get(key).unwrap_or(key).clone()),
        _ => None,
    };
    let line = |route: &RouteDeclaration| {
        let destination = match &route.destination {
            DestinationDeclaration::Prefix(text) => format!("{:?}", parse_prefix(text)),
            DestinationDeclaration::List(list) => format!("{:?}", identity(list)),
            DestinationDeclaration::Unknown => return None,
        };
        Some((identity(&route.table)?, destination))
    };
    // Only what was there can have been mirrored.
    let told_routes: BTreeSet<(Key, String)> = before
        .routes
        .iter()
        .filter(|route| !route.mirrors)
        .filter_map(line)
        .collect();
    let told_members: BTreeSet<Key> = before
        .associations
        .iter()
        .filter(|one| one.role == AssociationRole::Uses && !one.implied)
        .filter_map(|one| identity(&one.member))
        .collect();
    for fragment in [before, after] {
        let routes = &mut fragment.routes;
        routes
            .retain(|one| !one.mirrors || line(one).is_none_or(|one| !told_routes.contains(&one)));
        fragment.associations.retain(|one| {
            let member = identity(&one.member);
            !mirrors_another(one) || member.is_none_or(|member| !told_members.contains(&member))
        });
        // A mirrored node is the one that another resource describes, at any time.
        let mirrored = std::mem::take(&mut fragment.mirrored);
        fragment.nodes.retain(|node| {
            let is_mirror = address_of(node).is_some_and(|address| mirrored.contains(address));
            !is_mirror || !node.keys.iter().any(|key| bearers.contains_key(key))
        });
    }
}

/// Of what subnets use only blocks may be mirrors; what comes with a network or hub has another role.
fn mirrors_another(association: &AssociationDeclaration) -> bool {
    association.implied && association.role == AssociationRole::Uses
}

/// A half may still say that it is in effect although this very change destroys the other one.
fn doubt_widowed_halves(before: &Fragment, after: &mut Fragment) {
    let mut bearers: HashMap<&Key, &Key> = HashMap::new();
    for node in before.nodes.iter().chain(&after.nodes) {
        if let Some(address) = address_of(node) {
            bearers.extend(node.keys.iter().map(|key| (key, address)));
        }
    }
    let ends = |link: &LinkDeclaration| {
        let [near, far] = [0, 1].map(|side| match &link.ends[side].reference {
            Reference::To(key) => Some(bearers.get(key).copied().unwrap_or(key).clone()),
            _ => None,
        });
        Some((near?, far?))
    };
    let halves = |fragment: &Fragment| -> BTreeSet<(Key, Key)> {
        let halves = fragment.links.iter().filter(|link| link.half.is_some());
        halves.filter_map(ends).collect()
    };
    let (had, has) = (halves(before), halves(after));
    let widowed: Vec<bool> = after
        .links
        .iter()
        .map(|link| {
            link.half.is_some()
                && ends(link).is_some_and(|(near, far)| {
                    let other = (far, near);
                    had.contains(&other) && !has.contains(&other)
                })
        })
        .collect();
    for (link, widowed) in after.links.iter_mut().zip(widowed) {
        if widowed {
            link.state = LinkState::Offered;
        }
    }
}

/// Every reference of a fragment.
fn each_reference(fragment: &mut Fragment, visit: &mut impl FnMut(&mut Reference)) {
    fragment
        .nodes
        .iter_mut()
        .flat_map(|node| &mut node.within)
        .for_each(&mut *visit);
    for link in &mut fragment.links {
        link.ends
            .iter_mut()
            .map(|end| &mut end.reference)
            .chain(&mut link.carrier)
            .for_each(&mut *visit);
    }
    for route in &mut fragment.routes {
        visit(&mut route.table);
        if let Some((target, _)) = &mut route.target {
            visit(target);
        }
        if let DestinationDeclaration::List(list) = &mut route.destination {
            visit(list);
        }
    }
    for association in &mut fragment.associations {
        visit(&mut association.table);
        visit(&mut association.member);
    }
    for property in &mut fragment.properties {
        visit(&mut property.of);
    }
    for containment in &mut fragment.containments {
        visit(&mut containment.of);
        visit(&mut containment.within);
    }
    for exposure in &mut fragment.exposures {
        exposure.of.iter_mut().for_each(&mut *visit);
    }
    for plaintext in &mut fragment.plaintext {
        plaintext.of.iter_mut().for_each(&mut *visit);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::node::SetProperty;
    use crate::graph::testing::{Piece, attach, hub, propagate, table, to};

    use super::*;

    fn key(id: &str) -> Key {
        Key::Provider(id.to_owned())
    }

    fn told(keys: &[(&str, Option<&str>)]) -> Identities {
        let mut identities = Identities {
            full: HashMap::new(),
            untold: HashMap::new(),
            budget: Cell::new(MAX_COMPARED),
        };
        for (id, bearer) in keys {
            let bearer = bearer.map(|address| Key::Address(address.to_owned()));
            identities.note(&key(id), bearer.as_ref());
        }
        identities
    }

    #[test]
    fn a_step_that_nobody_tells_matches_any_and_the_others_only_themselves() {
        assert!(may_be_one("s/?/rg/net/hub", "s/1/rg/net/hub"));
        assert!(may_be_one("s/1/?/net/hub", "s/?/rg/net/hub"));
        assert!(!may_be_one("s/?/rg/net/hub", "s/1/other/net/hub"));
        assert!(!may_be_one("s/?/rg/net/hub", "s/1/rg/net/hub/subnets/a"));
    }

    #[test]
    fn what_a_resource_is_wins_over_what_others_merely_name() {
        let identities = told(&[("s/1/net/hub", None), ("s/?/net/hub", Some("vnet.hub"))]);
        assert_eq!(
            identities.meant("s/?/net/hub"),
            [Key::Address("vnet.hub".to_owned())]
        );
        let only_named = told(&[("s/1/net/hub", None)]);
        assert_eq!(only_named.meant("s/?/net/hub"), [key("s/1/net/hub")]);
    }

    #[test]
    fn several_things_that_fit_are_all_meant() {
        let identities = told(&[
            ("s/1/net/hub", Some("vnet.one")),
            ("s/2/net/hub", Some("vnet.two")),
            ("s/2/net/other", Some("vnet.three")),
        ]);
        assert_eq!(identities.meant("s/?/net/hub").len(), 2);
    }

    #[test]
    fn names_without_end_use_up_the_budget_and_no_more() {
        let many: Vec<(String, String)> = (0..200)
            .map(|n| (format!("s/{n}/net/hub"), format!("vnet.n{n}")))
            .collect();
        let pairs: Vec<(&str, Option<&str>)> = many
            .iter()
            .map(|(id, address)| (id.as_str(), Some(address.as_str())))
            .collect();
        let identities = told(&pairs);
        identities.budget.set(50);
        assert_eq!(identities.meant("s/?/net/hub").len(), 50);
        assert_eq!(identities.budget.get(), 0);
    }

    fn labelled(name: &str, hub: &str) -> Piece {
        table_of(name, hub).with_node(|node| {
            let property = SetProperty {
                value: Property::Known(label_key("test", "default").to_string()),
                origin: node.origin,
                is_fact: false,
            };
            node.properties.insert(TABLE_LABELS.to_owned(), property);
        })
    }

    fn table_of(name: &str, hub: &str) -> Piece {
        table(name, hub).with_node(|node| {
            node.keys
                .push(Key::Address(format!("table.{}", node.keys[0])))
        })
    }

    fn hub_in(name: &str, fabric: &str) -> Piece {
        hub(name).with_node(|node| {
            node.keys
                .push(Key::Address(format!("hub.{}", node.keys[0])));
            node.within = vec![to(fabric)];
        })
    }

    #[test]
    fn a_label_means_the_tables_of_one_fabric() {
        let pieces = [
            hub_in("t", "wan"),
            hub_in("u", "wan"),
            hub_in("x", "other-wan"),
            labelled("t-rt", "t"),
            labelled("u-rt", "u"),
            labelled("x-rt", "x"),
            attach("a", "t"),
            propagate("label", "a@t"),
        ];
        let mut fragment = Fragment::default();
        for piece in pieces {
            fragment.extend(piece.declared());
        }
        for association in &mut fragment.associations {
            association.table = Reference::To(label_key("test", "default"));
        }
        name_labelled_tables(&mut fragment);
        let tables: Vec<Reference> = fragment
            .associations
            .into_iter()
            .map(|one| one.table)
            .collect();
        assert_eq!(tables, [to("t-rt"), to("u-rt")]);
    }
}
