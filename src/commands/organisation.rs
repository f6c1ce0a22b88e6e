//! The organisation's own rules around the network, as far as the settings declare them: sites, domains, high-trust code.

use std::collections::BTreeSet;

use crate::carveout::site::{Footprint, Scope};
use crate::change::diff::{Difference, Snapshot};
use crate::graph::link::LinkKind;
use crate::graph::node::NodeKind;
use crate::graph::origin::{OriginId, Origins};
use crate::graph::{BoundaryId, Graph, LinkId, NodeId};
use crate::location::Location;
use crate::verdict::areas::{Area, Areas, Crossing};
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
            let mut crossings = crossings_of_sites(&bound.sites, snapshot);
            crossings.retain(|one| one.unencrypted(&snapshot.graph).is_some());
            crossings
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
        if let Some(crossing) = crossed_by(&carve_out.footprint, after, graphs[1]) {
            let was_crossed =
                at_base.is_some() && crossed_by(&carve_out.footprint, before, graphs[0]).is_some();
            findings.push((
                finding(
                    Rule::CrossSitePlaintext,
                    format!("its traffic crosses {}", self.site_words(crossing, graphs[1])),
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
        for (crossing, is_new) in self.told_once(before, after) {
            if !is_new {
                from_before += 1;
                continue;
            }
            let message = self.site_words(crossing, graph);
            let help = "encrypt the link (a tunnel, MACsec), or do not join the sites";
            findings.extend(place.finding(crossing, Rule::CrossSitePlaintext, message, help));
        }
        let areas: Vec<Area> = self
            .bound
            .domains
            .iter()
            .map(|one| one.area.clone())
            .collect();
        let [before, after] = [self.difference.before, self.difference.after]
            .map(|snapshot| bypasses(&self.bound.domains, &areas, snapshot));
        for (crossing, is_new) in self.told_once(&before, &after) {
            if !is_new {
                from_before += 1;
                continue;
            }
            let (message, help) = self.bypass_words(crossing, graph);
            findings.extend(place.finding(crossing, Rule::GatewayBypass, message, &help));
        }
        (findings, from_before)
    }

    /// Every two ends once, whichever way and by however many paths, with whether they were not joined so before.
    fn told_once<'c>(
        &self,
        before: &[Crossing],
        after: &'c [Crossing],
    ) -> Vec<(&'c Crossing, bool)> {
        let earlier: BTreeSet<Joint> = before.iter().map(|one| self.joint(one)).collect();
        let mut seen = BTreeSet::new();
        let mut told = Vec::new();
        for crossing in after {
            let joint = Joint::of(crossing);
            let is_new = !earlier.contains(&joint);
            if seen.insert(joint) {
                told.push((crossing, is_new));
            }
        }
        told
    }

    /// What a crossing of before joins, as it is known after the change.
    fn joint(&self, crossing: &Crossing) -> Joint {
        let ends = crossing.ends.iter();
        Joint {
            ends: ends
                .map(|end| self.difference.current(end).clone())
                .collect(),
            direct: direct_link(crossing).map(|link| self.difference.current_link(link)),
            areas: crossing.areas.iter().cloned().collect(),
        }
    }

    fn site_words(&self, crossing: &Crossing, graph: &Graph) -> String {
        let sites = crossing.areas.each_ref().map(|areas| {
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
        let link = crossing.unencrypted(graph);
        let how = link.map_or_else(String::new, |link| {
            format!(
                ": {} {} carries traffic {}",
                link.role,
                link.display_name(),
                link.in_transit.protection.clause()
            )
        });
        format!(
            "{joined}, from {} to {}{how}",
            name(graph, &crossing.ends[0]),
            name(graph, &crossing.ends[1])
        )
    }

    fn bypass_words(&self, crossing: &Crossing, graph: &Graph) -> (String, String) {
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
        let [first, second] = crossing.ends.each_ref().map(|end| name(graph, end));
        let joined = match direct_link(crossing).and_then(|link| graph.link(link)) {
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
                let hubs: Vec<String> = crossing.hubs.iter().map(|hub| name(graph, hub)).collect();
                format!("{first} reaches {second} through {}", hubs.join(" and "))
            }
        };
        let message = format!(
            "domains {} are joined past their gateways: {joined}",
            names.join(" and ")
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

/// What a crossing joins, whatever way it takes; a link that joins it alone counts by itself.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Joint {
    ends: BTreeSet<NodeId>,
    direct: Option<LinkId>,
    areas: BTreeSet<BTreeSet<usize>>,
}

impl Joint {
    fn of(crossing: &Crossing) -> Self {
        Self {
            ends: crossing.ends.iter().cloned().collect(),
            direct: direct_link(crossing).cloned(),
            areas: crossing.areas.iter().cloned().collect(),
        }
    }
}

fn direct_link(crossing: &Crossing) -> Option<&LinkId> {
    let [only] = crossing.links.as_slice() else {
        return None;
    };
    crossing.hubs.is_empty().then_some(only)
}

fn name(graph: &Graph, id: &NodeId) -> String {
    let node = graph.node(id);
    node.map_or_else(
        || id.to_string(),
        |node| format!("{} {}", node.role, node.display_name()),
    )
}

/// Everything that joins two sites, or leads out of one. What a mesh does about encryption is said by its modes.
fn crossings_of_sites(sites: &[Area], snapshot: &Snapshot) -> Vec<Crossing> {
    if sites.is_empty() {
        return Vec::new();
    }
    let areas = Areas::new(&snapshot.graph, sites);
    let is_line = |kind| {
        matches!(
            kind,
            LinkKind::Peering | LinkKind::Vpn | LinkKind::Interconnect | LinkKind::Attachment
        )
    };
    let mut crossings = areas.direct(is_line);
    crossings.extend(areas.through_hubs(&snapshot.perimeters.departures));
    crossings
}

/// Everything that joins two domains and passes no gateway of either.
fn bypasses(domains: &[Domain], areas: &[Area], snapshot: &Snapshot) -> Vec<Crossing> {
    if domains.is_empty() {
        return Vec::new();
    }
    let graph = &snapshot.graph;
    let areas = Areas::new(graph, areas);
    let gateways: BTreeSet<&BoundaryId> = domains.iter().flat_map(|one| &one.gateways).collect();
    let nodes: BTreeSet<NodeId> = gateways
        .iter()
        .filter_map(|gateway| match gateway {
            BoundaryId::Node(id) => Some(id.clone()),
            BoundaryId::Link(_) => None,
        })
        .collect();
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
    crossings.extend(areas.through_hubs(&graph.departures_without(&nodes)));
    crossings.retain(|one| {
        let by_gateway = one
            .links
            .iter()
            .any(|link| gateways.contains(&BoundaryId::Link(link.clone())));
        one.joins() && !by_gateway && !one.ends.iter().any(is_at_gateway)
    });
    crossings.extend(innermost(areas.shared(), graph));
    crossings
}

/// Of what two domains share, the parts that no other shared part lies in.
fn innermost(shared: Vec<Crossing>, graph: &Graph) -> Vec<Crossing> {
    let is_outer = |one: &Crossing| {
        shared.iter().any(|other| {
            other.areas == one.areas
                && graph
                    .ancestors_of(&other.ends[0])
                    .iter()
                    .any(|node| node.id == one.ends[0])
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
) -> Option<&'c Crossing> {
    // What leads to a party outside is an external carve-out already.
    let to_outside = |crossing: &Crossing| {
        let mut ends = crossing.ends.iter().zip(&crossing.areas);
        ends.any(|(end, areas)| {
            areas.is_empty()
                && graph
                    .node(end)
                    .is_some_and(|node| node.kind == NodeKind::External)
        })
    };
    let mut candidates = crossings.iter().filter(|one| !to_outside(one));
    match footprint.scope {
        Scope::Local | Scope::Unanchored => None,
        Scope::OverLinks => candidates.find(|crossing| {
            let mut parts = footprint.parts.iter();
            parts.any(|part| match &part.boundary {
                BoundaryId::Link(link) => crossing.links.contains(link),
                BoundaryId::Node(_) => false,
            })
        }),
        Scope::Inside => {
            let mut inside: BTreeSet<&NodeId> = BTreeSet::new();
            for part in &footprint.parts {
                if let BoundaryId::Node(id) = &part.boundary {
                    inside.insert(id);
                    inside.extend(graph.networks_of(id).into_iter().map(|node| &node.id));
                }
            }
            candidates.find(|crossing| crossing.ends.iter().all(|end| inside.contains(end)))
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
    fn finding(
        &self,
        crossing: &Crossing,
        rule: Rule,
        message: String,
        help: &str,
    ) -> Option<Finding> {
        self.finding_at(&crossing.origins, rule, message, help)
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
