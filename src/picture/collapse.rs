//! A view to a picture that can be read: small parts are counted, parts that are alike share a box.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::link::{Link, LinkKind, LinkState};
use crate::graph::node::{NodeKind, Standing};
use crate::graph::protection::Protection;

use super::communities::communities;
use super::view::{Joint, Part, View};
use super::{
    Counted, Direction, Fate, Internet, Knowledge, Member, Picture, PictureLink, PictureNode,
    Stacking,
};

/// With more boxes than this a picture is made smaller, in ever coarser ways.
const ALIKE_ABOVE: usize = 30;
const WITHOUT_DETAIL_ABOVE: usize = 60;
const PLACES_ABOVE: usize = 90;
/// So many parts have a box each, even where they are alike.
const ALIKE_FROM: usize = 3;
/// Workloads of one namespace that are drawn although nothing is to be said of them.
const MOST_WORKLOADS: usize = 6;
/// So many links that share a line count when groups are looked for.
const MOST_COUNTED: usize = 8;
/// Stacking one kind may make others alike; this often it is looked again.
const MOST_ROUNDS: usize = 4;

/// What is to be drawn of a view.
#[must_use]
pub fn draw(view: &View<'_>) -> Picture {
    let mut draft = Draft::of(view);
    if draft.nodes.len() > ALIKE_ABOVE {
        draft.stack(Stacking::Alike);
    }
    if draft.nodes.len() > ALIKE_ABOVE {
        // That a network has doors is said of the network anyway.
        draft.lift(&|node| node.kind == NodeKind::Gateway && node.fate == Fate::Kept);
        draft.stack(Stacking::Alike);
    }
    if draft.nodes.len() > WITHOUT_DETAIL_ABOVE {
        draft.lift(&|_| true);
        draft.stack(Stacking::Alike);
    }
    if draft.nodes.len() > PLACES_ABOVE {
        draft.gather();
    }
    for level in [Stacking::Places, Stacking::Roles] {
        if draft.nodes.len() > PLACES_ABOVE {
            draft.stack(level);
        }
    }
    let regions: BTreeSet<&str> = draft
        .nodes
        .iter()
        .filter_map(|node| node.region.as_deref())
        .collect();
    let mut region = None;
    if regions.len() == 1 {
        for node in &mut draft.nodes {
            region = node.region.take().or(region);
        }
    }
    draft.links.sort_by_key(|link| link.fate == Fate::Removed);
    Picture {
        nodes: draft.nodes,
        links: draft.links,
        beside: draft.beside,
        region,
        stacking: draft.stacking,
    }
}

/// A picture while it is made.
struct Draft {
    nodes: Vec<PictureNode>,
    links: Vec<PictureLink>,
    beside: Vec<Counted>,
    stacking: Stacking,
}

impl Draft {
    fn of(view: &View<'_>) -> Self {
        let parts = &view.parts;
        let is_drawn = drawn(view);
        let frames = frames(parts, &is_drawn);
        let doors = doors(view, &is_drawn);
        let mut position: Vec<Option<usize>> = vec![None; parts.len()];
        let mut nodes = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            if is_drawn[index] {
                position[index] = Some(nodes.len());
                nodes.push(node(part));
            }
        }
        let mut beside = Tally::default();
        let mut inside: BTreeMap<usize, Tally> = BTreeMap::new();
        for (index, part) in parts.iter().enumerate() {
            let frame = doors.get(&index).copied().or(frames[index]);
            let frame = frame.and_then(|frame| position[frame]);
            match (position[index], frame) {
                (Some(own), frame) => nodes[own].parent = frame,
                (None, Some(frame)) => inside.entry(frame).or_default().count(part),
                (None, None) => beside.count(part),
            }
        }
        for (frame, tally) in inside {
            nodes[frame].contents = tally.listed();
        }
        break_circles(&mut nodes);
        let links = view.joints.iter().filter_map(|joint| {
            let [from, to] = joint.ends.map(|end| position[end]);
            Some(link(joint, from?, to?))
        });
        let links = links.collect();
        let mut draft = Self {
            nodes,
            links,
            beside: beside.listed(),
            stacking: Stacking::Nothing,
        };
        draft.bundle();
        draft
    }

    /// Put several links that are alike into one, and leave out those that lying in each other says already.
    fn bundle(&mut self) {
        let mut bundles: BTreeMap<Bundle, PictureLink> = BTreeMap::new();
        let mut among: BTreeMap<usize, BTreeMap<String, usize>> = BTreeMap::new();
        for mut link in std::mem::take(&mut self.links) {
            if link.from == link.to {
                if self.nodes[link.from].members.len() > 1 {
                    let labels = among.entry(link.from).or_default();
                    let words = format!("{}{}", link.fate.sign(), link.label);
                    *labels.entry(words).or_default() += link.count;
                }
                continue;
            }
            if self.lies_in(link.from, link.to) || self.lies_in(link.to, link.from) {
                continue;
            }
            if link.from > link.to {
                std::mem::swap(&mut link.from, &mut link.to);
                link.direction = link.direction.reversed();
            }
            let key = Bundle {
                ends: [link.from, link.to],
                label: link.label.clone(),
                label_before: link.label_before.clone(),
                fate: link.fate,
                direction: link.direction,
            };
            match bundles.get_mut(&key) {
                None => {
                    bundles.insert(key, link);
                }
                Some(bundled) => {
                    bundled.count += link.count;
                    bundled.protection = bundled.protection.min(link.protection);
                    bundled.pins.append(&mut link.pins);
                }
            }
        }
        self.links = bundles.into_values().collect();
        for link in &mut self.links {
            link.pins.sort();
            link.pins.dedup();
        }
        for (index, labels) in among {
            self.nodes[index].among.extend(labels);
        }
    }

    fn lies_in(&self, inner: usize, outer: usize) -> bool {
        let mut next = self.nodes[inner].parent;
        while let Some(frame) = next {
            if frame == outer {
                return true;
            }
            next = self.nodes[frame].parent;
        }
        false
    }

    fn stack_keeping(&mut self, level: Stacking) {
        let known = self.stacking;
        self.stack(level);
        self.stacking = known;
    }

    fn stack(&mut self, level: Stacking) {
        for _ in 0..MOST_ROUNDS {
            let before = self.nodes.len();
            for with_each_other in [false, true] {
                let heirs = heirs(&self.nodes, &self.keys(level, with_each_other));
                self.merge(&heirs);
            }
            if self.nodes.len() == before {
                break;
            }
            self.stacking = level;
        }
    }

    /// Put parts of one role that are joined with each other more than with the rest into one box.
    fn gather(&mut self) {
        let links: Vec<(usize, usize)> = self
            .links
            .iter()
            .flat_map(|link| {
                std::iter::repeat_n((link.from, link.to), link.count.min(MOST_COUNTED))
            })
            .collect();
        let groups = communities(self.nodes.len(), &links);
        let keys: Vec<Option<Alike<'_>>> = self
            .keys(Stacking::Together, false)
            .into_iter()
            .zip(groups)
            .map(|(key, group)| {
                key.map(|key| Alike {
                    group: Some(group),
                    ..key
                })
            })
            .collect();
        let heirs = heirs(&self.nodes, &keys);
        let before = self.nodes.len();
        self.merge(&heirs);
        if self.nodes.len() < before {
            self.stacking = Stacking::Together;
            // Ends that hang on one box now are alike again.
            self.stack_keeping(Stacking::Alike);
        }
    }

    /// Count boxes that lie in others there, and let their links and carve-outs be those of the outer one.
    fn lift(&mut self, is_lifted: &dyn Fn(&PictureNode) -> bool) {
        let mut has_children = vec![false; self.nodes.len()];
        for node in &self.nodes {
            if let Some(parent) = node.parent.filter(|_| !is_lifted(node)) {
                has_children[parent] = true;
            }
        }
        let goes = |index: usize| {
            let node = &self.nodes[index];
            node.parent.is_some() && is_lifted(node) && !has_children[index]
        };
        let hosts: Vec<usize> = (0..self.nodes.len())
            .map(|index| {
                let mut host = index;
                while let Some(frame) = self.nodes[host].parent.filter(|_| goes(host)) {
                    host = frame;
                }
                host
            })
            .collect();
        let mut kept = Vec::new();
        let mut position = vec![0; self.nodes.len()];
        let mut inner = Vec::new();
        for (index, node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if hosts[index] == index {
                position[index] = kept.len();
                kept.push(node);
            } else {
                inner.push((hosts[index], node));
            }
        }
        for node in &mut kept {
            node.parent = node.parent.map(|parent| position[parent]);
        }
        for (host, node) in inner {
            let host = &mut kept[position[host]];
            let count = node.count();
            let one = Counted {
                role: node.role,
                count,
                added: if node.fate == Fate::Added { count } else { 0 },
                removed: if node.fate == Fate::Removed { count } else { 0 },
            };
            host.contents = sum(host.contents.drain(..).chain([one]).chain(node.contents));
            host.more_links += node.more_links;
            host.internet = host.internet.max(node.internet);
            host.pins.extend(node.pins);
            host.pins.sort();
            host.pins.dedup();
        }
        for link in &mut self.links {
            link.from = position[hosts[link.from]];
            link.to = position[hosts[link.to]];
        }
        self.nodes = kept;
        self.bundle();
    }

    /// What has to be equal for two boxes to become one; `None` for boxes that stay as they are.
    fn keys(&self, level: Stacking, with_each_other: bool) -> Vec<Option<Alike<'_>>> {
        let mut has_children = vec![false; self.nodes.len()];
        for node in &self.nodes {
            if let Some(parent) = node.parent {
                has_children[parent] = true;
            }
        }
        let mut ties: Vec<Vec<Tie<'_>>> = vec![Vec::new(); self.nodes.len()];
        if level == Stacking::Alike {
            for link in &self.links {
                let tie = |other: usize, direction: Direction| Tie {
                    other,
                    label: &link.label,
                    fate: link.fate,
                    direction,
                    is_pinned: !link.pins.is_empty(),
                };
                ties[link.from].push(tie(link.to, link.direction));
                ties[link.to].push(tie(link.from, link.direction.reversed()));
            }
        }
        let mut keys = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let is_hub_apart = matches!(level, Stacking::Places | Stacking::Together)
                && node.kind == NodeKind::Hub;
            let mut ties = std::mem::take(&mut ties[index]);
            if with_each_other {
                // Parts that are all joined with each other are alike when each counts itself in.
                let own = ties.first().map(|first| Tie {
                    other: index,
                    ..*first
                });
                ties.extend(own);
            }
            let is_tied = !with_each_other || (!ties.is_empty() && is_joined_throughout(node));
            ties.sort_unstable();
            let key = Alike {
                role: &node.role,
                kind: node.kind,
                region: match level {
                    Stacking::Roles | Stacking::Together => None,
                    _ => node.region.as_deref(),
                },
                fate: node.fate,
                parent: node.parent,
                group: None,
                drawn: (level == Stacking::Alike).then_some((
                    node.knowledge,
                    node.internet,
                    node.more_links > 0,
                )),
                ties,
            };
            keys.push((is_tied && !has_children[index] && !is_hub_apart).then_some(key));
        }
        keys
    }

    /// Make one box of each and those that it is the heir of.
    fn merge(&mut self, heir: &[usize]) {
        let mut position = vec![0; heir.len()];
        let mut kept: Vec<PictureNode> = Vec::new();
        for (index, node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if heir[index] == index {
                position[index] = kept.len();
                kept.push(node);
            } else {
                absorb(&mut kept[position[heir[index]]], node);
                position[index] = position[heir[index]];
            }
        }
        for node in &mut kept {
            node.parent = node.parent.map(|parent| position[parent]);
            node.members
                .sort_by_cached_key(|one| (natural(&one.name), one.id.clone()));
        }
        for link in &mut self.links {
            link.from = position[link.from];
            link.to = position[link.to];
        }
        self.nodes = kept;
        self.bundle();
    }
}

/// Whether all that share a box are joined with each other, as one part is with itself: the leaves of a star are not.
fn is_joined_throughout(node: &PictureNode) -> bool {
    let joined: usize = node.among.iter().map(|(_, count)| count).sum();
    let count = node.members.len().max(1);
    joined == count * (count - 1) / 2
}

/// The first of all that have equal keys, for each box; itself, where they are too few.
fn heirs(nodes: &[PictureNode], keys: &[Option<Alike<'_>>]) -> Vec<usize> {
    let mut groups: BTreeMap<&Alike<'_>, Vec<usize>> = BTreeMap::new();
    for (index, key) in keys.iter().enumerate() {
        if let Some(key) = key {
            groups.entry(key).or_default().push(index);
        }
    }
    let mut heirs: Vec<usize> = (0..keys.len()).collect();
    for group in groups.values() {
        let size: usize = group.iter().map(|&index| nodes[index].count()).sum();
        if size >= ALIKE_FROM {
            for &index in group {
                heirs[index] = group[0];
            }
        }
    }
    heirs
}

/// A name in pieces that order as people count: `n-9` before `n-10`.
fn natural(name: &str) -> Vec<(usize, String)> {
    let is_digit = |character: char| character.is_ascii_digit();
    let mut pieces = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let in_number = is_digit(first);
        let end = rest.find(|character| is_digit(character) != in_number);
        let (piece, behind) = rest.split_at(end.unwrap_or(rest.len()));
        // Of two numbers the longer is the greater; words come before numbers.
        let digits = piece.trim_start_matches('0');
        pieces.push(if in_number {
            (digits.len() + 1, digits.to_owned())
        } else {
            (0, piece.to_owned())
        });
        rest = behind;
    }
    pieces
}

/// What a link has to have in common with another to share a line.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Bundle {
    ends: [usize; 2],
    label: String,
    label_before: Option<String>,
    fate: Fate,
    direction: Direction,
}

/// What boxes have to have in common to become one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'d> {
    role: &'d str,
    kind: NodeKind,
    region: Option<&'d str>,
    fate: Fate,
    parent: Option<usize>,
    /// Those that are joined with each other, by number, where that counts.
    group: Option<usize>,
    drawn: Option<(Knowledge, Option<Internet>, bool)>,
    ties: Vec<Tie<'d>>,
}

/// A link as one of its ends sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tie<'d> {
    other: usize,
    label: &'d str,
    fate: Fate,
    direction: Direction,
    is_pinned: bool,
}

/// Take one box into another that is alike.
fn absorb(into: &mut PictureNode, node: PictureNode) {
    let open = open_members(into) + open_members(&node);
    if into.members.is_empty() {
        into.members.push(member(into));
    }
    if node.members.is_empty() {
        into.members.push(member(&node));
    } else {
        into.members.extend(node.members);
    }
    into.name.clear();
    into.contents = sum(into.contents.drain(..).chain(node.contents));
    into.more_links += node.more_links;
    into.internet = into.internet.max(node.internet);
    let count = into.count();
    if let Some(internet) = &mut into.internet {
        internet.of_some = if open < count { open } else { 0 };
    }
    into.knowledge = into.knowledge.max(node.knowledge);
    if into.region != node.region {
        into.region = None;
    }
    into.pins.extend(node.pins);
    into.pins.sort();
    into.pins.dedup();
    for (label, count) in node.among {
        match into.among.iter_mut().find(|(known, _)| *known == label) {
            Some((_, known)) => *known += count,
            None => into.among.push((label, count)),
        }
    }
}

/// How many of those that share a box have a way to the internet.
fn open_members(node: &PictureNode) -> usize {
    match node.internet {
        None => 0,
        Some(internet) if internet.of_some == 0 => node.count(),
        Some(internet) => internet.of_some,
    }
}

fn member(node: &PictureNode) -> Member {
    Member {
        name: node.name.clone(),
        id: node.id.clone(),
        pins: node.pins.len(),
    }
}

fn sum(counted: impl Iterator<Item = Counted>) -> Vec<Counted> {
    let mut tally = Tally::default();
    for one in counted {
        tally.add(one);
    }
    tally.listed()
}

/// Parts by role.
#[derive(Default)]
struct Tally(BTreeMap<String, Counted>);

impl Tally {
    fn count(&mut self, part: &Part<'_>) {
        self.add(Counted {
            role: part.node.role.clone(),
            count: 1,
            added: usize::from(part.fate == Fate::Added),
            removed: usize::from(part.fate == Fate::Removed),
        });
    }

    fn add(&mut self, one: Counted) {
        let known = self.0.entry(one.role.clone()).or_insert(Counted {
            count: 0,
            added: 0,
            removed: 0,
            role: one.role,
        });
        known.count += one.count;
        known.added += one.added;
        known.removed += one.removed;
    }

    fn listed(self) -> Vec<Counted> {
        self.0.into_values().collect()
    }
}

/// Which parts have a box of their own: boundaries, whatever a link ends at, a carve-out rests on or a change is about.
fn drawn(view: &View<'_>) -> Vec<bool> {
    let mut is_drawn: Vec<bool> = view
        .parts
        .iter()
        .map(|part| {
            let changes = part.fate != Fate::Kept;
            let is_large = match part.node.kind {
                NodeKind::Network
                | NodeKind::Hub
                | NodeKind::Gateway
                | NodeKind::Cluster
                | NodeKind::Namespace
                | NodeKind::Service
                | NodeKind::ServicePerimeter
                | NodeKind::External => true,
                NodeKind::Workload
                | NodeKind::LoadBalancer
                | NodeKind::TrustDomain
                | NodeKind::Account
                | NodeKind::Share => changes,
                NodeKind::Subnet
                | NodeKind::RouteTable
                | NodeKind::PrefixList
                | NodeKind::Other => false,
            };
            is_large || part.is_wanted || !part.pins.is_empty()
        })
        .collect();
    for joint in &view.joints {
        for end in joint.ends {
            is_drawn[end] = true;
        }
    }
    // A few workloads tell more than their number.
    let mut in_namespace: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
    for (index, part) in view.parts.iter().enumerate() {
        if part.node.kind == NodeKind::Workload {
            in_namespace.entry(&part.within).or_default().push(index);
        }
    }
    for workloads in in_namespace.values() {
        if workloads.len() <= MOST_WORKLOADS {
            for &index in workloads {
                is_drawn[index] = true;
            }
        }
    }
    is_drawn
}

/// The innermost drawn part that each part lies in; nothing where it lies in several that do not lie in each other.
fn frames(parts: &[Part<'_>], is_drawn: &[bool]) -> Vec<Option<usize>> {
    let around: Vec<BTreeSet<usize>> = parts
        .iter()
        .map(|part| {
            let mut seen: BTreeSet<usize> = part.within.iter().copied().collect();
            let mut todo: Vec<usize> = part.within.clone();
            while let Some(next) = todo.pop() {
                let further = parts[next].within.iter().copied();
                todo.extend(further.filter(|one| seen.insert(*one)));
            }
            seen.retain(|one| is_drawn[*one]);
            seen
        })
        .collect();
    around
        .iter()
        .enumerate()
        .map(|(index, outer)| {
            let outer: Vec<usize> = outer.iter().copied().filter(|one| *one != index).collect();
            let innermost = outer.iter().copied().max_by_key(|one| around[*one].len())?;
            outer
                .iter()
                .all(|one| *one == innermost || around[innermost].contains(one))
                .then_some(innermost)
        })
        .collect()
}

/// Gateways that are the door of one network, by the network: they are drawn in it.
fn doors(view: &View<'_>, is_drawn: &[bool]) -> BTreeMap<usize, usize> {
    let mut doors: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    for joint in &view.joints {
        let [first, second] = joint.ends;
        for (gateway, network) in [(first, second), (second, first)] {
            if view.parts[gateway].node.kind == NodeKind::Gateway {
                let is_door = joint.link.kind == LinkKind::Door && is_drawn[network];
                doors
                    .entry(gateway)
                    .and_modify(|known| *known = known.filter(|one| *one == network && is_door))
                    .or_insert(is_door.then_some(network));
            }
        }
    }
    doors
        .into_iter()
        .filter_map(|(gateway, network)| Some((gateway, network?)))
        .collect()
}

/// Things that lie in each other, as only a broken input says, lie in nothing.
fn break_circles(nodes: &mut [PictureNode]) {
    for start in 0..nodes.len() {
        let mut seen = BTreeSet::from([start]);
        let mut at = start;
        while let Some(frame) = nodes[at].parent {
            if !seen.insert(frame) {
                nodes[at].parent = None;
                break;
            }
            at = frame;
        }
    }
}

fn node(part: &Part<'_>) -> PictureNode {
    let node = part.node;
    PictureNode {
        id: node.id.to_string(),
        name: node.display_name(),
        role: node.role.clone(),
        kind: node.kind,
        knowledge: match node.standing {
            Standing::Described => Knowledge::Described,
            Standing::Foreign => Knowledge::Foreign,
            Standing::Unresolved { .. } => Knowledge::Unresolved,
        },
        region: node.place.region.clone(),
        fate: part.fate,
        parent: None,
        members: Vec::new(),
        contents: Vec::new(),
        internet: part.internet,
        among: Vec::new(),
        more_links: part.more_links,
        pins: part.pins.clone(),
    }
}

fn link(joint: &Joint<'_>, from: usize, to: usize) -> PictureLink {
    let now = label(joint.link);
    PictureLink {
        from,
        to,
        label_before: joint.before.map(label).filter(|was| *was != now),
        label: now,
        protection: joint.link.in_transit.protection,
        direction: joint.direction,
        count: 1,
        fate: joint.fate,
        pins: joint.pins.clone(),
    }
}

/// What a link is, and how it protects its traffic where it carries any.
fn label(link: &Link) -> String {
    let word = match link.kind {
        LinkKind::Peering => "peering",
        LinkKind::Attachment | LinkKind::Door => "attached",
        LinkKind::Vpn => "VPN",
        LinkKind::Interconnect => "private line",
        LinkKind::PrivateEndpoint => "private endpoint",
        LinkKind::Sharing => "shared",
        LinkKind::Mesh => "mesh",
    };
    // The half that is there, where the other may lie elsewhere.
    let is_offered = link.state == LinkState::Offered;
    let (word, offered) = match (is_offered, link.kind) {
        (false, _) => (word, ""),
        (true, LinkKind::Attachment | LinkKind::Sharing | LinkKind::Door) => {
            return format!("{word}, offered");
        }
        (true, _) => (word, "offered "),
    };
    let protection = link.in_transit.protection;
    let is_said = match link.kind {
        LinkKind::Peering | LinkKind::Vpn | LinkKind::Interconnect => true,
        LinkKind::Door | LinkKind::Sharing => false,
        _ => protection != Protection::Unknown,
    };
    if is_said {
        format!("{offered}{word}, {}", protection.word())
    } else {
        format!("{offered}{word}")
    }
}
