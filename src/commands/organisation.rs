//! The organisation's own rules around the network, as far as the settings declare them: sites, domains, high-trust code.

use std::collections::{BTreeMap, BTreeSet};

use crate::carveout::site::{Footprint, Scope};
use crate::change::diff::Difference;
use crate::graph::link::LinkKind;
use crate::graph::node::NodeKind;
use crate::graph::origin::{OriginId, Origins};
use crate::graph::reach::Search;
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};
use crate::location::Location;
use crate::verdict::areas::{Area, Areas, Bare, Crossing, Path};
use crate::verdict::judge::Fate;
use crate::verdict::{Finding, Judged, Rule, Severity};

use super::binding::{Bound, Domain};
use super::network::Network;
use super::survey::{Found, Survey};

/// What joins the sites, before and after, where it is not documented to be encrypted.
pub(super) struct Organisation<'o> {
    bound: &'o Bound,
    difference: &'o Difference<'o>,
    between_sites: [Vec<Crossing>; 2],
}

/// A finding, and whether the change set introduces it.
pub(super) type Introduced = (Finding, bool);

impl<'o> Organisation<'o> {
    /// Look at both snapshots of a network.
    pub(super) fn new(bound: &'o Bound, difference: &'o Difference<'o>) -> Self {
        let between_sites = [difference.before, difference.after].map(|snapshot| {
            let crossings = crossings_of_sites(&bound.sites, &snapshot.graph).into_iter();
            crossings
                .flat_map(|one| one.unencrypted(&snapshot.graph))
                .collect()
        });
        Self {
            bound,
            difference,
            between_sites,
        }
    }

    /// What these rules have against a carve-out.
    pub(super) fn of_carve_out(
        &self,
        judged: &Judged,
        at_base: Option<&Found>,
        fate: Fate,
    ) -> Vec<Introduced> {
        let mut findings = Vec::new();
        if fate == Fate::Removed {
            return findings;
        }
        let carve_out = &judged.carve_out;
        let finding = |rule: Rule, message: String, help: String| Finding {
            repository: carve_out.repository.clone(),
            location: carve_out.location.clone(),
            rule,
            severity: Severity::Error,
            message,
            help,
            related: Vec::new(),
        };
        let path = &carve_out.location.path;
        let high_trust = &self.bound.high_trust;
        if let Some((name, paths)) = high_trust.iter().find(|(_, paths)| paths.is_match(path)) {
            let was_there = at_base.is_some_and(|base| paths.is_match(&base.path));
            findings.push((
                finding(
                    Rule::HighTrustCarveOut,
                    format!(
                        "this is code of {name}, a high-trust path: no carve-out is accepted there"
                    ),
                    "turn encryption on and remove the marker".to_owned(),
                ),
                !was_there,
            ));
        }
        let [before, after] = &self.between_sites;
        let graphs = [&self.difference.before.graph, &self.difference.after.graph];
        if let Some(joint) = crossed_by(&carve_out.footprint, after, graphs[1]) {
            let was_crossed =
                at_base.is_some() && crossed_by(&carve_out.footprint, before, graphs[0]).is_some();
            findings.push((
                finding(
                    Rule::CrossSitePlaintext,
                    format!("its traffic crosses {}", self.site_words(&joint, graphs[1])),
                    "turn encryption on and remove the marker, or encrypt the link between the sites".to_owned(),
                ),
                !was_crossed,
            ));
        }
        findings
    }

    /// What these rules have against the network itself, with how many such findings were there before the change.
    pub(super) fn of_network(
        &self,
        network: &Network,
        surveys: &[Survey],
    ) -> (Vec<Finding>, usize) {
        let place = Place {
            network,
            surveys,
            settings_file: &self.bound.settings_file,
        };
        let mut findings = Vec::new();
        let mut from_before = 0;
        let [before, after] = &self.between_sites;
        let graph = &self.difference.after.graph;
        for joint in self.told_once(before, after) {
            if joint.new_ends.is_empty() {
                from_before += 1;
                continue;
            }
            let message = self.site_words(&joint, graph);
            let help = "encrypt the link (a tunnel, MACsec), or do not join the sites";
            findings.extend(place.finding(
                &joint.path(graph),
                Rule::CrossSitePlaintext,
                message,
                help,
            ));
        }
        let areas: Vec<Area> = self
            .bound
            .domains
            .iter()
            .map(|one| one.area.clone())
            .collect();
        let [before, after] = [self.difference.before, self.difference.after]
            .map(|snapshot| bypasses(&self.bound.domains, &areas, &snapshot.graph));
        for joint in self.told_once(&before, &after) {
            if joint.new_ends.is_empty() {
                from_before += 1;
                continue;
            }
            let (message, help) = self.bypass_words(&joint, graph);
            let path = joint.path(graph);
            findings.extend(place.finding(&path, Rule::GatewayBypass, message, &help));
        }
        (findings, from_before)
    }

    /// What joins two areas, once for each link and for each way through hubs, with those ends that were not joined so before.
    fn told_once<'c>(&self, before: &[Crossing], after: &'c [Crossing]) -> Vec<Joint<'c>> {
        let earlier = Earlier::new(before, self.difference);
        let graph = &self.difference.after.graph;
        let mut told: Vec<Joint<'c>> = Vec::new();
        let mut known: BTreeMap<Way<'c>, usize> = BTreeMap::new();
        for crossing in after {
            let Some(joint) = earlier.compare(crossing) else {
                continue;
            };
            let hubs = joint.path(graph).hubs.into_iter().collect();
            let way = (areas_of(crossing), crossing.direct_link(), hubs);
            match known.get(&way) {
                None => {
                    known.insert(way, told.len());
                    told.push(joint);
                }
                Some(index) if told[*index].new_ends.is_empty() => told[*index] = joint,
                Some(index) => told[*index].new_ends.extend(joint.new_ends),
            }
        }
        told
    }

    fn site_words(&self, joint: &Joint<'_>, graph: &Graph) -> String {
        let sites = joint.crossing.areas.each_ref().map(|areas| {
            let first = areas.iter().next();
            first.map(|index| self.bound.sites[*index].name.as_str())
        });
        let joined = match sites {
            [Some(first), Some(second)] => {
                let [first, second] = if first <= second {
                    [first, second]
                } else {
                    [second, first]
                };
                format!("between sites {first} and {second}")
            }
            [Some(site), None] | [None, Some(site)] => format!("out of site {site}"),
            [None, None] => String::new(),
        };
        let how = match joint.path(graph).bare(graph) {
            None => String::new(),
            Some(Bare::Link(link)) => format!(
                ": {} {} carries traffic {}",
                link.role,
                link.display_name(),
                link.in_transit.protection.clause()
            ),
            Some(Bare::NotDescribed) => {
                ": nothing that was read describes an attachment on the way".to_owned()
            }
        };
        format!(
            "{joined}, from {} to {}{how}{}",
            name(graph, joint.example[0]),
            name(graph, joint.example[1]),
            joint.more()
        )
    }

    fn bypass_words(&self, joint: &Joint<'_>, graph: &Graph) -> (String, String) {
        let crossing = joint.crossing;
        let mut sides: Vec<&Domain> = crossing
            .areas
            .iter()
            .filter_map(|areas| areas.iter().next())
            .map(|index| &self.bound.domains[*index])
            .collect();
        sides.sort_by(|a, b| a.area.name.cmp(&b.area.name));
        let names: Vec<&str> = sides.iter().map(|one| one.area.name.as_str()).collect();
        let gateways: BTreeSet<&str> = sides
            .iter()
            .flat_map(|one| &one.gateway_names)
            .map(String::as_str)
            .collect();
        let gateways: Vec<&str> = gateways.into_iter().collect();
        let [first, second] = joint.example.map(|end| name(graph, end));
        let joined = match crossing.direct_link().and_then(|link| graph.link(link)) {
            _ if first == second => format!("both lie in {first}"),
            // What nothing names is not called by its identity.
            Some(link) if link.name.is_none() && link.keys.is_empty() => {
                format!("{first} and {second} are joined by a {}", link.role)
            }
            Some(link) => format!(
                "{first} and {second} are joined by {} {}",
                link.role,
                link.display_name()
            ),
            None => {
                let hubs = joint.path(graph).hubs;
                let hubs: Vec<String> = hubs.iter().map(|hub| name(graph, hub)).collect();
                format!("{first} reaches {second} through {}", hubs.join(" and "))
            }
        };
        let message = format!(
            "domains {} are joined past their gateways: {joined}{}",
            names.join(" and "),
            joint.more()
        );
        let help = if gateways.is_empty() {
            "keep the domains apart, and let one call the other through a gateway that `domains` in the settings names".to_owned()
        } else {
            format!(
                "keep the networks apart, and lead the traffic through {}",
                gateways.join(" or ")
            )
        };
        (message, help)
    }
}

/// The areas on both sides, whichever is which.
type AreaPair<'c> = BTreeSet<&'c BTreeSet<usize>>;

/// What is told once: the areas, the link if it is one, and the hubs passed.
type Way<'c> = (AreaPair<'c>, Option<&'c LinkId>, BTreeSet<NodeId>);

fn areas_of(crossing: &Crossing) -> AreaPair<'_> {
    crossing.areas.iter().collect()
}

/// A crossing, with two of its ends to show it by.
struct Joint<'c> {
    crossing: &'c Crossing,
    /// Of the ends that were not joined before, if there are such.
    example: [&'c NodeId; 2],
    /// Its ends that were not joined before.
    new_ends: BTreeSet<&'c NodeId>,
}

impl Joint<'_> {
    fn path(&self, graph: &Graph) -> Path {
        let [from, to] = self.example;
        self.crossing.path(from, to, graph)
    }

    /// That others are joined like the two shown.
    fn more(&self) -> String {
        let shown: BTreeSet<&NodeId> = self.example.into_iter().collect();
        match self.new_ends.difference(&shown).count() {
            0 => String::new(),
            1 => "; so is 1 more part of theirs".to_owned(),
            more => format!("; so are {more} more parts of theirs"),
        }
    }
}

/// A crossing of before: its areas, the link if it is one, and its ends.
type Former<'c> = (AreaPair<'c>, Option<LinkId>, [BTreeSet<&'c NodeId>; 2]);

/// What was joined before the change, by the names of today.
struct Earlier<'c> {
    crossings: Vec<Former<'c>>,
    /// The crossings that a node is an end of, and on which side.
    of: BTreeMap<&'c NodeId, Vec<(usize, usize)>>,
}

impl<'c> Earlier<'c> {
    fn new(before: &'c [Crossing], difference: &'c Difference<'_>) -> Self {
        let mut earlier = Self {
            crossings: Vec::new(),
            of: BTreeMap::new(),
        };
        for (index, crossing) in before.iter().enumerate() {
            let current = |side: &'c BTreeSet<NodeId>| {
                let ends = side.iter().map(|end| difference.current(end));
                ends.collect::<BTreeSet<&NodeId>>()
            };
            let ends = crossing.ends.each_ref().map(current);
            for (side, ends) in ends.iter().enumerate() {
                for end in ends {
                    earlier.of.entry(end).or_default().push((index, side));
                }
            }
            let direct = crossing.direct_link();
            let direct = direct.map(|link| difference.current_link(link));
            earlier.crossings.push((areas_of(crossing), direct, ends));
        }
        earlier
    }

    /// Which ends of a crossing are joined now and were not before. Nodes that were joined with the same are looked at together.
    fn compare<'n>(&self, now: &'n Crossing) -> Option<Joint<'n>> {
        let [first, second] = &now.ends;
        let mut joint = Joint {
            crossing: now,
            example: [first.first()?, second.first()?],
            new_ends: BTreeSet::new(),
        };
        let areas = areas_of(now);
        let is_like = |(index, _): &&(usize, usize)| {
            let (before, direct, _) = &self.crossings[*index];
            *before == areas && direct.as_ref() == now.direct_link()
        };
        let mut alike: BTreeMap<Vec<(usize, usize)>, Vec<&'n NodeId>> = BTreeMap::new();
        for from in first {
            let before = self.of.get(from).into_iter().flatten().filter(is_like);
            alike
                .entry(before.copied().collect())
                .or_default()
                .push(from);
        }
        for (before, starts) in alike {
            let was_joined = |end: &&NodeId| {
                let mut before = before.iter();
                before.any(|(index, side)| self.crossings[*index].2[1 - side].contains(*end))
            };
            let fresh: Vec<&NodeId> = second.iter().filter(|end| !was_joined(end)).collect();
            if let (Some(from), Some(to)) = (starts.first(), fresh.first()) {
                if joint.new_ends.is_empty() {
                    joint.example = [from, to];
                }
                joint.new_ends.extend(starts.iter().chain(&fresh));
            }
        }
        Some(joint)
    }
}

fn name(graph: &Graph, id: &NodeId) -> String {
    let node = graph.node(id);
    node.map_or_else(
        || id.to_string(),
        |node| format!("{} {}", node.role, node.display_name()),
    )
}

/// Everything that joins two sites, or leads out of one. What a mesh does about encryption is said by its modes.
fn crossings_of_sites(sites: &[Area], graph: &Graph) -> Vec<Crossing> {
    if sites.is_empty() {
        return Vec::new();
    }
    let areas = Areas::new(graph, sites);
    let is_line = |kind| {
        matches!(
            kind,
            LinkKind::Peering | LinkKind::Vpn | LinkKind::Interconnect | LinkKind::Attachment
        )
    };
    let mut crossings = areas.direct(is_line);
    // Nobody tells which of several ways traffic takes: the weakest decides.
    crossings.extend(areas.through_hubs(&graph.departures_by(&Search {
        prefers_unencrypted: true,
        ..Search::default()
    })));
    crossings
}

/// Everything that joins two domains and passes no gateway of either.
fn bypasses(domains: &[Domain], areas: &[Area], graph: &Graph) -> Vec<Crossing> {
    if domains.is_empty() {
        return Vec::new();
    }
    let areas = Areas::new(graph, areas);
    let mut past_gateways = Search::default();
    for gateway in domains.iter().flat_map(|one| &one.gateways) {
        match gateway {
            BoundaryId::Node(id) => past_gateways.closed_hubs.insert(id.clone()),
            BoundaryId::Link(id) => past_gateways.closed_links.insert(id.clone()),
        };
    }
    let nodes = &past_gateways.closed_hubs;
    let is_at_gateway = |id: &NodeId| {
        let around = graph.ancestors_of(id);
        nodes.contains(id) || around.iter().any(|node| nodes.contains(&node.id))
    };
    let joins = |kind| {
        matches!(
            kind,
            LinkKind::Peering
                | LinkKind::Attachment
                | LinkKind::Vpn
                | LinkKind::Interconnect
                | LinkKind::PrivateEndpoint
                | LinkKind::Mesh
        )
    };
    let mut crossings = areas.direct(joins);
    crossings.retain(|one| {
        let link = one.direct_link();
        one.joins() && link.is_none_or(|link| !past_gateways.closed_links.contains(link))
    });
    crossings.extend(areas.through_hubs(&graph.departures_by(&past_gateways)));
    let crossings = crossings.into_iter();
    let mut crossings: Vec<Crossing> = crossings
        .filter_map(|one| one.only(|end| !is_at_gateway(end)))
        .collect();
    crossings.extend(innermost(areas.shared(), graph));
    crossings
}

/// Of what two domains share, the parts that no other shared part lies in.
fn innermost(shared: Vec<Crossing>, graph: &Graph) -> Vec<Crossing> {
    let is_outer = |one: &Crossing| {
        shared.iter().any(|other| {
            let ends = other.ends[0].iter();
            let around = ends.flat_map(|end| graph.ancestors_of(end));
            other.areas == one.areas
                && around
                    .into_iter()
                    .any(|node| one.ends[0].contains(&node.id))
        })
    };
    shared
        .iter()
        .filter(|one| !is_outer(one))
        .cloned()
        .collect()
}

/// The first of some crossings that the traffic of a carve-out takes.
fn crossed_by<'c>(
    footprint: &Footprint,
    crossings: &'c [Crossing],
    graph: &Graph,
) -> Option<Joint<'c>> {
    // What leads to a party outside is an external carve-out already.
    let to_outside = |crossing: &Crossing| {
        let mut ends = crossing.ends.iter().zip(&crossing.areas);
        ends.any(|(ends, areas)| {
            let mut nodes = ends.iter().filter_map(|end| graph.node(end));
            areas.is_empty() && nodes.any(|node| node.kind == NodeKind::External)
        })
    };
    let mut candidates = crossings.iter().filter(|one| !to_outside(one));
    let joint = |crossing, example| Joint {
        crossing,
        example,
        new_ends: BTreeSet::new(),
    };
    let over_links = |crossing: &'c Crossing| {
        let links = footprint
            .parts
            .iter()
            .filter_map(|part| match &part.boundary {
                BoundaryId::Link(link) => Some(link),
                BoundaryId::Node(_) => None,
            });
        let example = links.into_iter().find_map(|link| crossing.over(link))?;
        Some(joint(crossing, example))
    };
    match footprint.scope {
        Scope::Local | Scope::Unanchored => None,
        Scope::OverLinks => candidates.find_map(over_links),
        Scope::Inside => {
            let mut inside: BTreeSet<&NodeId> = BTreeSet::new();
            for part in &footprint.parts {
                if let BoundaryId::Node(id) = &part.boundary {
                    inside.insert(id);
                    inside.extend(graph.networks_of(id).into_iter().map(|node| &node.id));
                }
            }
            candidates.find_map(|crossing| {
                let [first, second] = &crossing.ends;
                let of = |side: &'c BTreeSet<NodeId>| {
                    let mut found = inside.iter().filter_map(|end| side.get(*end));
                    found.next()
                };
                let between = || Some(joint(crossing, [of(first)?, of(second)?]));
                over_links(crossing).or_else(between)
            })
        }
    }
}

/// Where findings on the network are shown.
pub(super) struct Place<'p> {
    pub(super) network: &'p Network,
    pub(super) surveys: &'p [Survey],
    pub(super) settings_file: &'p str,
}

impl Place<'_> {
    /// The resources that declare the network.
    pub(super) fn origins(&self) -> &Origins {
        &self.network.origins
    }

    /// A finding at what makes a crossing: what the change set does first, else what is written anywhere, else the settings.
    fn finding(&self, path: &Path, rule: Rule, message: String, help: &str) -> Option<Finding> {
        self.finding_at(&path.origins, rule, message, help)
    }

    /// A finding at what the change set does first of some resources, else where one is written, else the settings.
    pub(super) fn finding_at(
        &self,
        makers: &BTreeSet<OriginId>,
        rule: Rule,
        message: String,
        help: &str,
    ) -> Option<Finding> {
        let origins = &self.network.origins;
        let mut places: Vec<(bool, OriginId, String, Location)> = Vec::new();
        for id in makers {
            let origin = origins.get(*id);
            if let Some((repository, location)) = origin
                .location
                .as_ref()
                .and_then(|location| self.in_repository(location))
            {
                places.push((!origin.action.changes(), *id, repository, location));
            }
        }
        places.sort();
        let mut places = places.into_iter();
        let (repository, location) = match places.next() {
            Some((_, _, repository, location)) => (repository, location),
            None => (
                self.surveys.first()?.name.clone(),
                Location::line(self.settings_file, 1),
            ),
        };
        let related = places
            .filter(|(is_kept, _, other, _)| !is_kept && *other == repository)
            .map(|(_, id, _, location)| (location, origins.get(id).address.clone()))
            .collect();
        Some(Finding {
            repository,
            location,
            rule,
            severity: Severity::Error,
            message,
            help: help.to_owned(),
            related,
        })
    }

    /// Causes are located below the name of their repository, where there are several.
    fn in_repository(&self, location: &Location) -> Option<(String, Location)> {
        if let ([only], false) = (self.surveys, self.network.several_repositories) {
            return Some((only.name.clone(), location.clone()));
        }
        let located = self.surveys.iter().filter_map(|survey| {
            let path = location
                .path
                .strip_prefix(&survey.name)?
                .strip_prefix('/')?;
            let location = Location {
                path: path.to_owned(),
                ..location.clone()
            };
            Some((survey.name.clone(), location))
        });
        // One may be called as a folder of another.
        located.max_by_key(|(name, _)| name.len())
    }
}
