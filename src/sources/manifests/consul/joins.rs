//! What a datacenter shares with others, and what its gateways open: peerings, exports, groups, ways out.
//!
//! A peering is made of an acceptor on one side and a dialer on the other, and hands over no service until one is exported
//! (<https://developer.hashicorp.com/consul/docs/east-west/cluster-peering>, read 2026-11-22). A terminating gateway uses TLS toward
//! a service only with `CAFile` (<https://developer.hashicorp.com/consul/docs/reference/config-entry/terminating-gateway>, read
//! 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::Topic;
use crate::graph::link::LinkState;

use super::super::declare::{Boundary, Declarations, FarSide, Site, Statement};
use super::super::object::{ClusterName, Object};
use super::super::yaml::Node;
use super::inbound::{everywhere, fact};
use super::shape::{self, Datacenter, Entry, GROUP};
use super::{around, bearers};

pub(super) fn declare(
    datacenter: &Datacenter<'_, '_>,
    all: &[Datacenter<'_, '_>],
    declarations: &mut Declarations<'_>,
) {
    peerings(datacenter, all, declarations);
    groups(datacenter, declarations);
    exports(datacenter, all, declarations);
    ways_between(datacenter, declarations);
    terminating_gateways(datacenter, declarations);
    ingress_gateways(datacenter, declarations);
    redirects(datacenter, declarations);
}

fn own(datacenter: &Datacenter<'_, '_>) -> Boundary {
    Boundary::Cluster(datacenter.name().clone())
}

/// The datacenter that goes by a name, if its configuration is among the files.
pub(super) fn called<'d, 'e, 'm>(
    all: &'d [Datacenter<'e, 'm>],
    name: &str,
) -> Option<&'d Datacenter<'e, 'm>> {
    let by_cluster = all.iter().find(|one| one.name().as_deref() == Some(name));
    by_cluster.or_else(|| all.iter().find(|one| one.called() == Some(name)))
}

/// The halves of peerings that a datacenter makes, with the name it gives the other side.
fn halves<'m>(datacenter: &Datacenter<'_, 'm>) -> Vec<(&'m str, &'m Object)> {
    let kinds = ["PeeringAcceptor", "PeeringDialer"];
    let objects = kinds.into_iter().flat_map(|kind| {
        datacenter
            .cluster
            .objects
            .iter()
            .filter(move |one| one.is(GROUP, kind))
    });
    objects
        .map(|object| (object.identity.name.as_str(), *object))
        .collect()
}

fn peerings(
    datacenter: &Datacenter<'_, '_>,
    all: &[Datacenter<'_, '_>],
    declarations: &mut Declarations<'_>,
) {
    let mut seen = BTreeSet::new();
    for (peer, object) in halves(datacenter) {
        let other = called(all, peer).filter(|other| other.name() != datacenter.name());
        let name: ClusterName =
            other.map_or_else(|| Some(Arc::from(peer)), |one| one.name().clone());
        if name == *datacenter.name() || !seen.insert(name.clone()) {
            continue;
        }
        let is_met = other.is_some_and(|other| {
            let mut theirs = halves(other).into_iter();
            theirs.any(|(back, _)| {
                called(all, back).is_some_and(|one| one.name() == datacenter.name())
            })
        });
        let (half, missing) = match object.identity.kind.as_str() {
            "PeeringAcceptor" => ("acceptor", "dialer"),
            _ => ("dialer", "acceptor"),
        };
        // Once both agreed, each side can be handed services of the other.
        for (from, to) in [(datacenter.name(), &name), (&name, datacenter.name())] {
            let is_told_there =
                is_met && other.is_some_and(|other| other.name() < datacenter.name());
            if is_told_there {
                continue;
            }
            declarations.mesh_link(from, to, "peering", object);
            // Where the other side could be seen and has no half, nothing says that it agreed.
            if other.is_some()
                && !is_met
                && let Some(link) = declarations.fragment.links.last_mut()
            {
                link.state = LinkState::Offered;
            }
        }
        if !is_met {
            let why = if other.is_some() {
                "among the files of that datacenter"
            } else {
                "among the files"
            };
            declarations.notice(
                "mesh-peer-not-seen",
                object,
                format!(
                    "it is the {half} of a peering with {peer}, and no {missing} for it is {why}: only this half is seen"
                ),
            );
        }
    }
}

/// The members of each group: peers and partitions.
fn members<'e>(
    datacenter: &'e Datacenter<'_, '_>,
) -> BTreeMap<&'e str, Vec<(String, &'e Entry<'e>)>> {
    let mut groups: BTreeMap<&str, Vec<(String, &Entry<'_>)>> = BTreeMap::new();
    for entry in datacenter.of_kind("SamenessGroup") {
        for member in shape::all(&entry.body, &["members"]) {
            if let Some(member) = other_side(member) {
                groups.entry(&entry.name).or_default().push((member, entry));
            }
        }
    }
    groups
}

/// The peer or partition that something is about, in words. The partition that all begins in is not another side.
fn other_side(node: &Node) -> Option<String> {
    if let Some(peer) = shape::text(node, &["peer"]).filter(|peer| *peer != "local") {
        return Some(format!("peer {peer}"));
    }
    let partition = shape::text(node, &["partition"])?;
    (partition != "default").then(|| format!("partition {partition}"))
}

fn groups(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for (group, members) in members(datacenter) {
        for (member, entry) in members {
            let is_default = entry.truth(&["defaultForFailover"]) == Some(true);
            let (value, how) = if is_default {
                (
                    "fails over",
                    ", and has calls of any service fail over to it",
                )
            } else {
                ("named", "")
            };
            let about = format!("{member} in group {group}");
            let words = format!("takes {member} to be the same as itself in group {group}{how}");
            let origins = declarations.origins_of([entry.object]);
            declarations.state_as(
                &[own(datacenter)],
                fact(Topic::Mesh, about, value, words, origins),
                everywhere(),
            );
        }
    }
}

/// Whom it concerns that a service is handed over, and who says so.
type Handed<'m> = (BTreeSet<Boundary>, Vec<&'m Object>);

fn exports(
    datacenter: &Datacenter<'_, '_>,
    all: &[Datacenter<'_, '_>],
    declarations: &mut Declarations<'_>,
) {
    let groups = members(datacenter);
    let mut consumers: BTreeMap<(String, String), Handed<'_>> = BTreeMap::new();
    for entry in datacenter.of_kind("ExportedServices") {
        for service in shape::all(&entry.body, &["services"]) {
            let Some(name) = shape::text(service, &["name"]) else {
                continue;
            };
            let namespace = shape::text(service, &["namespace"]).or(entry.namespace.as_deref());
            let mut of = bearers(datacenter, name, namespace);
            of.insert(own(datacenter));
            for consumer in shape::all(service, &["consumers"]) {
                let group = shape::text(consumer, &["samenessGroup"]);
                let sides: Vec<String> = match group {
                    Some(group) => match groups.get(group) {
                        Some(members) => members.iter().map(|(member, _)| member.clone()).collect(),
                        None => vec![format!("group {group}")],
                    },
                    None => other_side(consumer).into_iter().collect(),
                };
                for side in sides {
                    let mut of = of.clone();
                    let peer = side
                        .strip_prefix("peer ")
                        .and_then(|peer| called(all, peer));
                    of.extend(peer.map(own));
                    let slot = consumers.entry((name.to_owned(), side)).or_default();
                    slot.0.extend(of);
                    slot.1.push(entry.object);
                }
            }
        }
    }
    for ((service, side), (of, objects)) in consumers {
        let of: Vec<Boundary> = of.into_iter().collect();
        let shown = if service == "*" {
            "every service".to_owned()
        } else {
            format!("service {service}")
        };
        let called = datacenter.called().unwrap_or("this datacenter");
        let about = format!("export of {service} of {called} to {side}");
        let words = format!("has {shown} of {called} handed to {side}");
        let origins = declarations.origins_of(objects);
        let topic = if service == "*" {
            Topic::Mesh
        } else {
            Topic::Export
        };
        declarations.state(&of, fact(topic, about, "handed", words, origins));
    }
}

/// Through which mesh gateways an entry has calls go: all of them, or those to some service.
fn modes<'e>(entry: &'e Entry<'_>) -> Vec<(String, &'e str)> {
    let general = [
        &["meshGateway", "mode"][..],
        &["upstreamConfig", "defaults", "meshGateway", "mode"],
    ];
    // What is said of upstreams wins over what is said of all.
    let general = general.iter().rev().find_map(|path| entry.text(path));
    let mut modes: Vec<(String, &str)> = Vec::from_iter(general.map(|mode| (String::new(), mode)));
    for one in shape::all(&entry.body, &["upstreamConfig", "overrides"]) {
        let text = |path: &[&str]| shape::text(one, path);
        if let (Some(name), Some(mode)) = (text(&["name"]), text(&["meshGateway", "mode"])) {
            modes.push((format!("{name} in "), mode));
        }
    }
    modes
}

/// How calls and the traffic between servers get to other datacenters.
fn ways_between(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for entry in ["ProxyDefaults", "ServiceDefaults"]
        .into_iter()
        .flat_map(|kind| datacenter.of_kind(kind))
    {
        let of = match entry.kind {
            "ServiceDefaults" => bearers(datacenter, &entry.name, entry.namespace.as_deref()),
            _ => BTreeSet::from([own(datacenter)]),
        };
        let of: Vec<Boundary> = of.into_iter().collect();
        let whose = match entry.kind {
            "ServiceDefaults" => format!(" of {}", entry.name),
            _ => String::new(),
        };
        for (upstream, mode) in modes(entry) {
            let (value, openness, how) = match mode {
                "local" => (
                    "local",
                    -2,
                    "through the mesh gateways of its own datacenter",
                ),
                "remote" => (
                    "remote",
                    -1,
                    "straight to the mesh gateways of the other datacenter",
                ),
                // The default: proxies dial each other.
                _ => continue,
            };
            let about = format!("way{whose} to {upstream}other datacenters");
            let words = format!("sends calls to {upstream}other datacenters {how}");
            let origins = declarations.origins_of([entry.object]);
            let statement = Statement {
                openness,
                ..fact(Topic::Mesh, about, value, words, origins)
            };
            declarations.state(&of, statement);
        }
    }
    for entry in datacenter.of_kind("Mesh") {
        if entry.truth(&["peering", "peerThroughMeshGateways"]) == Some(true) {
            let words = "has its servers reach those of peers through mesh gateways".to_owned();
            let origins = declarations.origins_of([entry.object]);
            let statement = Statement {
                openness: -1,
                ..fact(
                    Topic::Mesh,
                    "way of servers to peers".to_owned(),
                    "gateways",
                    words,
                    origins,
                )
            };
            declarations.state(&[own(datacenter)], statement);
        }
    }
}

/// Where a service outside the mesh is, by its own entry.
fn addresses<'e>(datacenter: &'e Datacenter<'_, '_>, service: &str) -> Vec<&'e str> {
    let mut found: Vec<&str> = datacenter
        .of_kind("ServiceDefaults")
        .filter(|entry| entry.name == service)
        .filter_map(|entry| shape::at(&entry.body, &["destination", "addresses"]))
        .flat_map(Node::texts)
        .collect();
    found.sort_unstable();
    found
}

fn terminating_gateways(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for entry in datacenter.of_kind("TerminatingGateway") {
        for service in shape::all(&entry.body, &["services"]) {
            let Some(name) = shape::text(service, &["name"]) else {
                continue;
            };
            let has_tls = shape::text(service, &["caFile"]).is_some();
            let addresses = addresses(datacenter, name);
            let at = if addresses.is_empty() {
                String::new()
            } else {
                format!(" at {}", addresses.join(", "))
            };
            let (how, openness) = if has_tls {
                ("with TLS", 1)
            } else {
                ("without TLS of its own", 2)
            };
            let mut of = bearers(datacenter, name, entry.namespace.as_deref());
            of.insert(own(datacenter));
            let of: Vec<Boundary> = of.into_iter().collect();
            let words = format!(
                "has {name}{at}, outside the mesh, called through gateway {} {how}",
                entry.name
            );
            let origins = declarations.origins_of([entry.object]);
            declarations.state(
                &of,
                fact(
                    Topic::Export,
                    format!("{name} through gateway {}", entry.name),
                    &format!("called{at}"),
                    words.clone(),
                    origins.clone(),
                ),
            );
            declarations.state(
                &of,
                Statement {
                    openness,
                    ..fact(
                        Topic::Encryption,
                        format!("calls to {name} through gateway {}", entry.name),
                        how,
                        words,
                        origins,
                    )
                },
            );
            let line = [service.line, service.end_line];
            let subject = format!("{} services[{name}]", entry.object.identity.address());
            if !has_tls {
                declarations.sites.push(Site {
                    subject,
                    words: format!("calls {name}{at}, outside the mesh, without TLS of its own"),
                    source: entry.object.source.clone(),
                    lines: line,
                    far_side: FarSide::at(addresses.iter().copied()),
                    unproven: None,
                });
            }
        }
    }
    for entry in datacenter.of_kind("ServiceDefaults") {
        let addresses = addresses(datacenter, &entry.name);
        if addresses.is_empty() {
            continue;
        }
        let port = entry.text(&["destination", "port"]).unwrap_or("?");
        let holder = around(datacenter.cluster, entry.namespace.as_deref());
        let listed = addresses.join(", ");
        let words = format!(
            "knows {listed} on port {port}, outside the mesh, as service {}",
            entry.name
        );
        let origins = declarations.origins_of([entry.object]);
        declarations.state(
            &[holder],
            fact(
                Topic::Export,
                format!("addresses of {}", entry.name),
                &format!("{listed} {port}"),
                words,
                origins,
            ),
        );
    }
}

fn ingress_gateways(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for entry in datacenter.of_kind("IngressGateway") {
        let is_secured = entry.truth(&["tls", "enabled"]) == Some(true)
            || shape::at(&entry.body, &["tls", "sds"]).is_some();
        for listener in shape::all(&entry.body, &["listeners"]) {
            let port = shape::text(listener, &["port"]).unwrap_or("?");
            let is_secured = match shape::truth(listener, &["tls", "enabled"]) {
                Some(own) => own,
                None => is_secured || shape::at(listener, &["tls", "sds"]).is_some(),
            };
            let how = if is_secured {
                "with TLS"
            } else {
                "without TLS of its own"
            };
            let services = shape::all(listener, &["services"]);
            for service in &services {
                let Some(name) = shape::text(service, &["name"]) else {
                    continue;
                };
                let mut of = bearers(datacenter, name, entry.namespace.as_deref());
                of.insert(own(datacenter));
                let of: Vec<Boundary> = of.into_iter().collect();
                let about = format!("{name} on port {port} of gateway {}", entry.name);
                let words = format!(
                    "is entered for {name} on port {port} of gateway {} {how}",
                    entry.name
                );
                let origins = declarations.origins_of([entry.object]);
                let statement = Statement {
                    openness: if is_secured { 4 } else { 6 },
                    ..fact(Topic::Exposure, about, how, words, origins)
                };
                declarations.state(&of, statement);
            }
            if !is_secured && !services.is_empty() {
                declarations.sites.push(Site {
                    subject: format!("{} listeners[{port}]", entry.object.identity.address()),
                    words: format!(
                        "takes calls from outside the mesh on port {port} without TLS of its own"
                    ),
                    source: entry.object.source.clone(),
                    lines: [listener.line, listener.end_line],
                    far_side: FarSide::NotTold,
                    unproven: None,
                });
            }
        }
    }
}

/// Services whose calls go to another datacenter or peer, always or when their own instances fail.
fn redirects(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for entry in datacenter.of_kind("ServiceResolver") {
        let mut to = BTreeSet::new();
        let place = |node: &Node| {
            let datacenter =
                shape::text(node, &["datacenter"]).map(|name| format!("datacenter {name}"));
            datacenter.or_else(|| other_side(node))
        };
        let redirect = shape::at(&entry.body, &["redirect"]).and_then(place);
        to.extend(redirect.map(|place| (place, "sent")));
        let failover = shape::at(&entry.body, &["failover"]).map(Node::fields);
        for one in failover.unwrap_or_default() {
            let listed = shape::at(&one.value, &["datacenters"]).map(Node::texts);
            let named = listed.unwrap_or_default().into_iter();
            to.extend(named.map(|name| (format!("datacenter {name}"), "sent when it fails")));
            let targets = shape::all(&one.value, &["targets"]);
            let places = targets.into_iter().filter_map(place);
            to.extend(places.map(|place| (place, "sent when it fails")));
        }
        let of: Vec<Boundary> = bearers(datacenter, &entry.name, entry.namespace.as_deref())
            .into_iter()
            .chain([own(datacenter)])
            .collect();
        for (place, how) in to {
            let about = format!("calls to {} to {place}", entry.name);
            let words = format!("has calls to {} {how} to {place}", entry.name);
            let origins = declarations.origins_of([entry.object]);
            declarations.state(&of, fact(Topic::Export, about, how, words, origins));
        }
    }
}
