//! What proxies take, what goes past them, and who may call.
//!
//! Modes: `MutualTLSMode` of service-defaults over that of proxy-defaults, strict unless said
//! (<https://developer.hashicorp.com/consul/docs/reference/config-entry/service-defaults#mutualtlsmode>, read 2026-11-22).
//! Where a port takes plaintext, intentions are not enforced for it. An exact name in an intention wins over a wildcard, that of
//! the destination first (<https://developer.hashicorp.com/consul/docs/secure-mesh/intention>, read 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::super::admissions::admit;
use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::super::estate::Workload;
use super::super::object::{Identity, Object};
use super::super::proxies::{self, Bypasses, Inbound, Part};
use super::super::yaml::Node;
use super::shape::{self, Datacenter, Entry};
use super::{INJECT, agent, api_gateway, around, bearers, service_identity};

/// What keeps traffic of a workload from its proxy.
const BYPASSES: &Bypasses = &[
    (
        "consul.hashicorp.com/transparent-proxy-exclude-inbound-ports",
        "takes traffic past its proxy on ports",
    ),
    (
        "consul.hashicorp.com/transparent-proxy-exclude-outbound-ports",
        "sends traffic past its proxy to ports",
    ),
    (
        "consul.hashicorp.com/transparent-proxy-exclude-outbound-cidrs",
        "sends traffic past its proxy to",
    ),
    (
        "consul.hashicorp.com/transparent-proxy-exclude-uids",
        "sends traffic past its proxy from the users",
    ),
];

pub(super) fn declare(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    modes(datacenter, declarations);
    exposed_paths(datacenter, declarations);
    hosts_outside(datacenter, declarations);
    intentions(datacenter, declarations);
}

fn taken(is_permissive: bool, origins: BTreeSet<OriginId>) -> Inbound {
    let (traffic, openness) = if is_permissive {
        ("plaintext beside mTLS", 2)
    } else {
        ("mTLS only", 1)
    };
    Inbound {
        traffic: traffic.to_owned(),
        openness,
        proves_identity: !is_permissive,
        origins,
    }
}

/// What a workload that is in no mesh takes.
fn outside(origins: BTreeSet<OriginId>) -> Inbound {
    Inbound {
        traffic: "plaintext only".to_owned(),
        openness: 3,
        proves_identity: false,
        origins,
    }
}

/// Whether an entry says that plaintext is taken; `None`: it leaves that to what is more general.
fn is_permissive(entry: &Entry<'_>) -> Option<bool> {
    match entry.text(&["mutualTLSMode"])? {
        "permissive" => Some(true),
        "strict" => Some(false),
        _ => None,
    }
}

/// What is taken wherever nothing nearer says otherwise.
fn general(datacenter: &Datacenter<'_, '_>, declarations: &Declarations<'_>) -> Inbound {
    let off = datacenter.agents.iter().find_map(|agent| {
        let (value, object) = agent.at(&["connect", "enabled"])?;
        (value.truth() == Some(false)).then_some(object)
    });
    if let Some(object) = off {
        return outside(declarations.origins_of([object]));
    }
    let told = datacenter
        .of_kind("ProxyDefaults")
        .find_map(|entry| Some((is_permissive(entry)?, entry.object)));
    match told {
        Some((is_permissive, object)) => taken(is_permissive, declarations.origins_of([object])),
        None => taken(false, BTreeSet::new()),
    }
}

/// Whether Consul has proxies here, before or after, as far as the files tell: agents alone need none.
fn has_mesh(datacenter: &Datacenter<'_, '_>) -> bool {
    let groups = [shape::GROUP, shape::ENTRY_GROUP, shape::VALUES_GROUP];
    let uses = |group: &&str| datacenter.cluster.uses(group);
    !datacenter.entries.is_empty() || groups.iter().any(uses)
}

/// What each workload takes, as an exception to what its namespace and its cluster do.
fn modes(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    if !has_mesh(datacenter) {
        return;
    }
    let cluster = datacenter.cluster;
    let base = general(datacenter, declarations);
    let general = match redirects_by_default(datacenter) {
        Some((false, object)) if base.proves_identity => {
            taken(true, declarations.origins_of([object]))
        }
        _ => base.clone(),
    };
    let mut outer = vec![Boundary::Cluster(cluster.name.clone())];
    let namespaces = cluster.namespaces.keys();
    outer
        .extend(namespaces.map(|one| Boundary::Namespace(cluster.name.clone(), Some(one.clone()))));
    for boundary in &outer {
        proxies::state("Consul", &whole(boundary), &general, declarations);
    }
    let spoken = spoken_of(datacenter);
    for workload in &cluster.workloads {
        let Some(own) = mode_of(
            datacenter,
            workload,
            spoken.get(workload.identity()),
            &base,
            declarations,
        ) else {
            continue;
        };
        of_workload(workload, &own, &general, declarations);
    }
    for entry in ["ProxyDefaults", "ServiceDefaults"]
        .into_iter()
        .flat_map(|kind| datacenter.of_kind(kind))
    {
        let Some(permissive) = is_permissive(entry) else {
            continue;
        };
        let whose = match entry.kind {
            "ServiceDefaults" => format!("calls to {}", entry.name),
            _ => "calls to every service that says nothing else".to_owned(),
        };
        if permissive {
            declarations.sites.push(Site {
                subject: format!("{} mutualTLSMode", entry.object.identity.address()),
                words: format!("takes plaintext beside mTLS for {whose}"),
                source: entry.object.source.clone(),
                lines: entry.lines(&["mutualTLSMode"]),
                far_side: FarSide::NotTold,
                unproven: Some(Unproven::in_mesh(
                    "and intentions are not enforced for callers that come without mTLS",
                )),
            });
        }
        let namespace = entry.namespace.as_deref();
        let is_seen = !datacenter.workloads_of(&entry.name, namespace).is_empty();
        if entry.kind == "ServiceDefaults" && !is_seen {
            let mode = taken(permissive, declarations.origins_of([entry.object]));
            let service = Boundary::Workload(service_identity(cluster, &entry.name, namespace));
            let part = [format!("service {}", entry.name)];
            let which = format!("holds {}, which ", part[0]);
            let holder = around(cluster, namespace);
            proxies::state("Consul", &whole(&service), &mode, declarations);
            let outer = Part {
                path: &part,
                which: &which,
                ..whole(&holder)
            };
            proxies::state("Consul", &outer, &mode, declarations);
        }
    }
    for entry in datacenter.of_kind("Mesh") {
        if entry.truth(&["allowEnablingPermissiveMutualTLS"]) == Some(true) {
            declarations.notice(
                "permissive-mtls-allowed",
                entry.object,
                "it lets service-defaults and proxy-defaults take plaintext; by itself that changes nothing in effect",
            );
        }
    }
}

/// All of a boundary.
fn whole(boundary: &Boundary) -> Part<'_> {
    Part {
        boundary,
        path: &[],
        which: "",
        carrier: None,
    }
}

/// What entries say of one workload.
#[derive(Default)]
struct Spoken<'m> {
    /// The mode, and who says so. A workload may be behind several services, and their ports are not told apart: the most open
    /// one counts.
    mode: Option<(bool, &'m Object)>,
}

/// The workloads of services that entries speak of: whoever writes such an entry has them in the mesh.
fn spoken_of<'m>(datacenter: &Datacenter<'_, 'm>) -> BTreeMap<Identity, Spoken<'m>> {
    let mut all: BTreeMap<Identity, Spoken<'m>> = BTreeMap::new();
    for entry in &datacenter.entries {
        let mode = (entry.kind == "ServiceDefaults")
            .then(|| is_permissive(entry))
            .flatten();
        for (service, namespace) in super::services_of(entry) {
            let namespace = namespace.or(entry.namespace.as_deref());
            for workload in datacenter.workloads_of(service, namespace) {
                let spoken = all.entry(workload.identity().clone()).or_default();
                let is_more_open =
                    |permissive| spoken.mode.is_none_or(|(known, _)| permissive && !known);
                if let Some(permissive) = mode.filter(|one| is_more_open(*one)) {
                    spoken.mode = Some((permissive, entry.object));
                }
            }
        }
    }
    all
}

/// The annotation and label that have all traffic of pods go through their proxy, or not.
const REDIRECT: &str = "consul.hashicorp.com/transparent-proxy";

/// Whether the chart has all traffic of pods go through their proxy, and who says so. It does unless told otherwise
/// (<https://developer.hashicorp.com/consul/docs/reference/k8s/helm>, read 2026-11-22).
fn redirects_by_default<'m>(datacenter: &Datacenter<'_, 'm>) -> Option<(bool, &'m Object)> {
    let path = ["connectInject", "transparentProxy", "defaultEnabled"];
    let (value, object) = datacenter.value(&path)?;
    Some((value.truth()?, object))
}

/// What lets callers past the proxy of a workload, straight to its ports: no redirection, by its own word, that of its namespace
/// or of the chart.
fn past_its_proxy<'m>(
    datacenter: &Datacenter<'_, 'm>,
    workload: &Workload<'m>,
) -> Option<&'m Object> {
    let is_no = |text: &str| text.eq_ignore_ascii_case("false") || text == "0";
    if let Some(text) = workload.annotations.get(REDIRECT) {
        return is_no(text).then_some(workload.object);
    }
    let namespace = workload.identity().namespace.as_deref();
    let describing = namespace.and_then(|name| datacenter.cluster.namespaces.get(name));
    let mut describing = describing.into_iter().flatten().copied();
    if let Some((text, object)) = describing.find_map(|one| Some((one.label(REDIRECT)?, one))) {
        return is_no(text).then_some(object);
    }
    let told = redirects_by_default(datacenter);
    told.and_then(|(redirects, object)| (!redirects).then_some(object))
}

/// What a workload takes; `None`: nothing says that it has anything to do with Consul. `base` is what is taken where nothing
/// nearer says otherwise and all traffic goes through proxies.
fn mode_of<'m>(
    datacenter: &Datacenter<'_, 'm>,
    workload: &Workload<'m>,
    spoken: Option<&Spoken<'_>>,
    base: &Inbound,
    declarations: &Declarations<'_>,
) -> Option<Inbound> {
    let annotated = workload.annotations.get(INJECT).map(String::as_str);
    let by_default = datacenter.value(&["connectInject", "default"]);
    let is_default = by_default.and_then(|(value, _)| value.truth()) == Some(true);
    let injector = datacenter.value(&["connectInject", "enabled"]);
    let injector = injector.filter(|(value, _)| value.truth() == Some(false));
    let is_meant = match annotated {
        Some(value) => !matches!(value, "false" | "0" | "f" | "F" | "False" | "FALSE"),
        None => is_default || spoken.is_some(),
    };
    if !is_meant || injector.is_some() {
        let mut origins = declarations.origins_of([workload.object]);
        let told = if is_meant { injector } else { by_default };
        origins.extend(told.map(|(_, object)| declarations.origin(object)));
        return Some(outside(origins));
    }
    if base.traffic == "plaintext only" {
        return Some(base.clone());
    }
    let mode = match spoken.and_then(|spoken| spoken.mode) {
        Some((is_permissive, object)) => taken(is_permissive, declarations.origins_of([object])),
        None => base.clone(),
    };
    Some(match past_its_proxy(datacenter, workload) {
        Some(object) if mode.proves_identity => taken(true, declarations.origins_of([object])),
        _ => mode,
    })
}

fn of_workload(
    workload: &Workload<'_>,
    own: &Inbound,
    general: &Inbound,
    declarations: &mut Declarations<'_>,
) {
    let itself = Boundary::of(workload);
    let holder = Boundary::around(workload.identity());
    let path = [format!("workload {}", workload.identity().name)];
    let which = format!("holds {}, which ", path[0]);
    let inner = Part {
        carrier: Some(&itself),
        ..whole(&itself)
    };
    let outer = Part {
        boundary: &holder,
        path: &path,
        which: &which,
        carrier: Some(&itself),
    };
    proxies::state("Consul", &inner, own, declarations);
    if own.traffic != general.traffic {
        proxies::state("Consul", &outer, own, declarations);
    }
    for part in [&inner, &outer] {
        proxies::bypasses(
            BYPASSES,
            part,
            &workload.annotations,
            workload.object,
            declarations,
        );
    }
    for (key, value) in &workload.annotations {
        let bypass = BYPASSES.iter().find(|(known, _)| known == key);
        let (words, unproven) = match (key.as_str(), bypass) {
            (_, Some((_, words))) => (
                format!("{words} {value}"),
                key.contains("inbound")
                    .then_some("and intentions are not enforced there"),
            ),
            (INJECT, _) if own.traffic == "plaintext only" => {
                ("is kept out of the mesh".to_owned(), None)
            }
            (REDIRECT, _) if matches!(value.as_str(), "false" | "False" | "0") => (
                "lets callers past its proxy, straight to its ports".to_owned(),
                Some("and intentions are not enforced there"),
            ),
            _ => continue,
        };
        proxies::annotated_site(workload, key, words, unproven, declarations);
    }
}

/// Paths that a proxy takes in the clear, whatever its mode.
fn exposed_paths(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for entry in ["ProxyDefaults", "ServiceDefaults"]
        .into_iter()
        .flat_map(|kind| datacenter.of_kind(kind))
    {
        let service = if entry.kind == "ServiceDefaults" {
            entry.name.as_str()
        } else {
            "*"
        };
        let of: Vec<Boundary> = bearers(datacenter, service, entry.namespace.as_deref())
            .into_iter()
            .collect();
        for path in shape::all(&entry.body, &["expose", "paths"]) {
            let Some(name) = shape::text(path, &["path"]) else {
                continue;
            };
            let port = shape::text(path, &["listenerPort"]).unwrap_or("?");
            let words =
                format!("takes {name} of {service} on port {port} in the clear and from anyone");
            declarations.state(
                &of,
                Statement {
                    topic: Topic::Encryption,
                    about: format!("path {name} of {service}"),
                    matter: format!("path {name} of {service}"),
                    value: port.to_owned(),
                    openness: 1,
                    words: words.clone(),
                    origins: declarations.origins_of([entry.object]),
                },
            );
            declarations.sites.push(Site {
                subject: format!("{} expose {name}", entry.object.identity.address()),
                words,
                source: entry.object.source.clone(),
                lines: [path.line, path.end_line],
                far_side: FarSide::NotTold,
                unproven: Some(Unproven::in_mesh(
                    "and nothing of the mesh asks who calls there",
                )),
            });
        }
    }
}

/// Whether proxies pass on what is meant for no service of the mesh: as it is, in the clear if it is in the clear.
fn hosts_outside(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    if !has_mesh(datacenter) {
        return;
    }
    let path = ["transparentProxy", "meshDestinationsOnly"];
    let told = datacenter
        .of_kind("Mesh")
        .find_map(|entry| Some((entry.truth(&path)?, entry)));
    let is_closed = told.is_some_and(|(value, _)| value);
    let (value, openness, words) = if is_closed {
        (
            "known",
            1,
            "sends nothing to addresses that are no service of the mesh",
        )
    } else {
        (
            "any",
            2,
            "lets workloads call any address outside the mesh, and does not encrypt that",
        )
    };
    let origins = told.map(|(_, entry)| declarations.origin(entry.object));
    declarations.state(
        &[Boundary::Cluster(datacenter.name().clone())],
        Statement {
            topic: Topic::Mesh,
            about: "hosts outside by Consul".to_owned(),
            matter: "hosts outside by Consul".to_owned(),
            value: value.to_owned(),
            openness,
            words: words.to_owned(),
            origins: origins.into_iter().collect(),
        },
    );
    if let Some((false, entry)) = told {
        declarations.sites.push(Site {
            subject: format!("{} meshDestinationsOnly", entry.object.identity.address()),
            words: "passes on unencrypted what is meant for no service of the mesh".to_owned(),
            source: entry.object.source.clone(),
            lines: entry.lines(&path),
            far_side: FarSide::NotTold,
            unproven: None,
        });
    }
}

/// The service that an intention is for, with the namespace it says that is in.
pub(super) fn destination<'e>(entry: &'e Entry<'_>) -> (&'e str, Option<&'e str>) {
    let name = entry.text(&["destination", "name"]);
    (
        name.unwrap_or(&entry.name),
        entry.text(&["destination", "namespace"]),
    )
}

/// Who calls, by an intention: `web`, `web of peer dc2`.
fn source(one: &Node) -> String {
    let mut words = shape::text(one, &["name"]).unwrap_or("*").to_owned();
    for (key, kind) in [
        ("namespace", "namespace"),
        ("partition", "partition"),
        ("peer", "peer"),
        ("samenessGroup", "group"),
    ] {
        let of = shape::text(one, &[key]);
        let is_own = matches!((key, of), ("namespace" | "partition", Some("default")));
        if let Some(of) = of.filter(|_| !is_own) {
            words = format!("{words} of {kind} {of}");
        }
    }
    words
}

/// What an intention does with one source.
fn action(one: &Node) -> String {
    let permissions = shape::at(one, &["permissions"]);
    match (shape::text(one, &["action"]), permissions) {
        (_, Some(permissions)) if !permissions.is_empty() => {
            format!("some: {}", permissions.canonical())
        }
        (Some("allow"), _) => "allow".to_owned(),
        _ => "deny".to_owned(),
    }
}

/// Who may call each service in effect.
fn intentions(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    if !has_mesh(datacenter) {
        return;
    }
    let (is_allowed, origins) = default_policy(datacenter, declarations);
    let everywhere: Vec<Boundary> = bearers(datacenter, "*", None).into_iter().collect();
    let (default, openness, words) = match is_allowed {
        Some(true) => (
            "allow",
            2,
            "lets every service of the mesh call where no intention says otherwise",
        ),
        Some(false) => (
            "deny",
            1,
            "lets no service call where no intention says otherwise",
        ),
        None => (
            "not told",
            2,
            "may let every service of the mesh call where no intention says otherwise: no file tells",
        ),
    };
    declarations.state(
        &everywhere,
        Statement {
            topic: Topic::Authentication,
            about: "calls without an intention".to_owned(),
            matter: "calls without an intention".to_owned(),
            value: default.to_owned(),
            openness,
            words: words.to_owned(),
            origins,
        },
    );
    let entries: Vec<&Entry<'_>> = datacenter.of_kind("ServiceIntentions").collect();
    let mut destinations: BTreeMap<(&str, Option<&str>), Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in &entries {
        let (name, namespace) = destination(entry);
        let namespace = namespace
            .or(entry.namespace.as_deref())
            .filter(|one| *one != "default" && name != "*");
        destinations
            .entry((name, namespace))
            .or_default()
            .push(entry);
        admissions(datacenter, entry, (name, namespace), declarations);
    }
    let wildcard: BTreeMap<String, String> = destinations
        .get(&("*", None))
        .map(|entries| sources(entries))
        .unwrap_or_default();
    for ((name, namespace), entries) in &destinations {
        let is_wildcard = *name == "*";
        let asked = entries
            .iter()
            .map(|entry| api_gateway::tokens(Some(&entry.body)));
        let asked: BTreeSet<String> = asked.flatten().collect();
        if !asked.is_empty() {
            let asked = asked.into_iter().collect::<Vec<_>>().join(" and ");
            let of: Vec<Boundary> = bearers(datacenter, name, *namespace).into_iter().collect();
            let words = format!("has callers of {name} asked for a token of {asked}");
            let about = format!("tokens for {name}");
            let origins = declarations.origins_of(entries.iter().map(|entry| entry.object));
            let statement = Statement {
                openness: -1,
                ..fact(Topic::Authentication, about, &asked, words, origins)
            };
            declarations.state(&of, statement);
        }
        let own = sources(entries);
        // What holds for a source that the destination's own intentions do not name.
        let fallback = |source: &str| -> &str {
            let of_all = own.get("*").filter(|_| source != "*");
            let inherited = || {
                let exact = wildcard.get(source).filter(|_| !is_wildcard);
                exact.or_else(|| wildcard.get("*").filter(|_| !is_wildcard || source != "*"))
            };
            of_all.or_else(inherited).map_or(default, String::as_str)
        };
        // What everyone may do anyway, nobody opened.
        if fallback("*") != "allow" {
            for entry in entries {
                open_doors(entry, name, declarations);
            }
        }
        let mut listed = Vec::new();
        let mut openness = 0;
        for (source, action) in &own {
            let otherwise = fallback(source);
            if action == otherwise {
                continue;
            }
            let weight = if source == "*" { 1_000 } else { 1 };
            openness += match (action.as_str(), otherwise) {
                ("deny", _) | (_, "allow") => -weight,
                _ => weight,
            };
            listed.push(format!("{action} {source}"));
        }
        if listed.is_empty() {
            continue;
        }
        let of: Vec<Boundary> = bearers(datacenter, name, *namespace).into_iter().collect();
        let shown = if is_wildcard { "every service" } else { name };
        declarations.state(
            &of,
            Statement {
                topic: Topic::Authentication,
                about: format!("callers of {name}"),
                matter: format!("callers of {name}"),
                value: listed.join(", "),
                openness,
                words: format!(
                    "has its intentions decide who calls {shown}: {}",
                    told(&listed)
                ),
                origins: declarations.origins_of(entries.iter().map(|entry| entry.object)),
            },
        );
    }
}

/// What intentions do, for a sentence.
fn told(listed: &[String]) -> String {
    let short = listed.iter().map(|one| match one.split_once(": ") {
        Some((_, rest)) => {
            let source = rest.rsplit(' ').next().unwrap_or(rest);
            format!("allow some calls of {source}")
        }
        None => one.clone(),
    });
    short.collect::<Vec<_>>().join(", ")
}

fn sources(entries: &[&Entry<'_>]) -> BTreeMap<String, String> {
    let all = entries
        .iter()
        .flat_map(|entry| shape::all(&entry.body, &["sources"]));
    all.map(|one| (source(one), action(one))).collect()
}

/// The services that an intention lets call another, by name.
fn admissions(
    datacenter: &Datacenter<'_, '_>,
    entry: &Entry<'_>,
    (name, namespace): (&str, Option<&str>),
    declarations: &mut Declarations<'_>,
) {
    let workloads = |name: &str, namespace: Option<&str>| {
        let all = bearers(datacenter, name, namespace).into_iter();
        all.filter(|one| name == "*" || matches!(one, Boundary::Workload(_)))
            .collect::<Vec<_>>()
    };
    let callees = workloads(name, namespace);
    for one in shape::all(&entry.body, &["sources"]) {
        let caller = shape::text(one, &["name"]).unwrap_or("*");
        let is_here = shape::text(one, &["peer"]).is_none();
        if caller != "*" && is_here && action(one) != "deny" {
            let of = shape::text(one, &["namespace"]).filter(|of| *of != "default");
            admit(
                declarations,
                entry.object,
                (&workloads(caller, of), &callees),
                one,
            );
        }
    }
}

/// Intentions that let every caller in: an identity is asked for, and any will do.
fn open_doors(entry: &Entry<'_>, destination: &str, declarations: &mut Declarations<'_>) {
    for one in shape::all(&entry.body, &["sources"]) {
        if source(one) == "*" && action(one) == "allow" {
            let to = if destination == "*" {
                "every service"
            } else {
                destination
            };
            declarations.open_doors.push(Site {
                subject: format!("{} sources[*]", entry.object.identity.address()),
                words: format!("lets every service of the mesh call {to}"),
                source: entry.object.source.clone(),
                lines: [one.line, one.end_line],
                far_side: FarSide::NotTold,
                unproven: Some(Unproven::in_mesh("whoever it is")),
            });
        }
    }
}

/// Whether services may call each other where no intention says so: the same as whether tokens may do what no policy says, unless
/// that is told apart. Of several servers the one that asks for least counts; `None`: none is among the files.
fn default_policy(
    datacenter: &Datacenter<'_, '_>,
    declarations: &Declarations<'_>,
) -> (Option<bool>, BTreeSet<OriginId>) {
    let servers = datacenter.agents.iter();
    let servers = servers.filter(|agent| agent.is_server() || agent.is_of_chart());
    let told = servers.map(|agent| match agent.at(&["default_intention_policy"]) {
        Some((value, object)) => (value.text() != Some("deny"), Some(object)),
        None => {
            let (denies, object) = agent::denies(agent);
            (!denies, object)
        }
    });
    let most = told.max_by_key(|(is_allowed, _)| *is_allowed);
    let Some((is_allowed, object)) = most else {
        return (None, BTreeSet::new());
    };
    (Some(is_allowed), declarations.origins_of(object))
}

/// A fact of one service's boundaries.
pub(super) fn fact(
    topic: Topic,
    about: String,
    value: &str,
    words: String,
    origins: BTreeSet<OriginId>,
) -> Statement {
    Statement {
        topic,
        matter: about.clone(),
        about,
        value: value.to_owned(),
        openness: 1,
        words,
        origins,
    }
}

/// How far a fact of a datacenter holds that joins it with others.
pub(super) fn everywhere() -> Extent {
    Extent {
        of_networks: true,
        ..Extent::default()
    }
}
