//! What workloads take, and who may call them.
//!
//! Kuma 2: mTLS is on where `mtls.enabledBackend` of the Mesh names a backend; its `mode`, then MeshTLS, say whether plaintext is taken
//! beside it (<https://kuma.io/docs/latest/policies/mutual-tls/>, read 2026-11-22). Kuma 3: mTLS is on where a MeshIdentity selects a
//! proxy, and one that says nothing selects none; only MeshTLS lets plaintext in beside it
//! (<https://kuma.io/docs/latest/resources/meshidentity/>, read 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;

use super::super::admissions::{admit, callers, callers_by_identity, workloads_named};
use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::super::estate::{Estate, Workload};
use super::super::object::{Object, texts_of};
use super::super::proxies::{self, Bypasses, Inbound, Part};
use super::super::yaml::Node;
use super::selection::{Rank, Selection, Whom, nearness, rank, rank_by_origin};
use super::shape::{DEFAULT_MESH, Zone, body, mesh_of};

const INJECT: &str = "kuma.io/sidecar-injection";

/// What keeps traffic of a workload from its proxy.
const BYPASSES: &Bypasses = &[
    (
        "traffic.kuma.io/exclude-inbound-ports",
        "takes traffic past its proxy on ports",
    ),
    (
        "traffic.kuma.io/exclude-inbound-ips",
        "takes traffic past its proxy from",
    ),
    (
        "traffic.kuma.io/exclude-outbound-ports",
        "sends traffic past its proxy to ports",
    ),
    (
        "traffic.kuma.io/exclude-outbound-ips",
        "sends traffic past its proxy to",
    ),
    (
        "traffic.kuma.io/exclude-outbound-ports-for-uids",
        "sends traffic past its proxy from some users to ports",
    ),
    (
        "kuma.io/direct-access-services",
        "calls instances past the mesh of",
    ),
];

/// What something takes, in one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Strict,
    /// What a Mesh says that no file shows.
    Unseen,
    Permissive,
    /// No mTLS at all.
    Off,
}

impl Mode {
    fn words(self) -> &'static str {
        match self {
            Self::Strict => "mTLS only",
            Self::Unseen => "what a Mesh that no file shows lets in",
            Self::Permissive => "plaintext beside mTLS",
            Self::Off => "plaintext only",
        }
    }
}

/// What something takes, in each reading, and who decides.
struct Readings<'m> {
    modes: Vec<(u64, Mode)>,
    deciding: Vec<&'m Object>,
}

impl Readings<'_> {
    fn inbound(&self, zone: &Zone<'_, '_>, declarations: &Declarations<'_>) -> Inbound {
        let agreed = self.modes.iter().all(|(_, mode)| *mode == self.modes[0].1);
        let traffic = if agreed {
            self.modes[0].1.words().to_owned()
        } else {
            let each = self
                .modes
                .iter()
                .map(|(version, mode)| format!("{} by Kuma {version}", mode.words()));
            each.collect::<Vec<_>>().join(", ")
        };
        let mut origins = declarations.origins_of(self.deciding.iter().copied());
        let version = zone.version.and_then(|(_, object)| object);
        origins.extend(version.map(|object| declarations.origin(object)));
        let openness = self.modes.iter().map(|(_, mode)| *mode as i32).sum::<i32>();
        Inbound {
            traffic,
            // One reading that is sure counts as much as two that agree.
            openness: 1 + openness * 2 / i32::try_from(self.modes.len()).unwrap_or(1),
            proves_identity: self.modes.iter().all(|(_, mode)| *mode == Mode::Strict),
            origins,
        }
    }

    fn is_off_in(&self) -> Vec<u64> {
        let off = self.modes.iter().filter(|(_, mode)| *mode == Mode::Off);
        off.map(|(version, _)| *version).collect()
    }
}

/// Whether policies of a namespace hold for all of the cluster.
pub(super) fn is_system_namespace(namespace: &str) -> bool {
    matches!(namespace, "kuma-system" | "kong-mesh-system")
}

/// The labels that a policy or an identity selects by; none: all.
fn wanted(target: &Node) -> BTreeMap<String, String> {
    let mut wanted = texts_of(target.get("labels"));
    wanted.extend(texts_of(target.get("tags")));
    wanted.extend(texts_of(target.get("matchLabels")));
    wanted
}

/// Whether a policy takes plaintext, by its words. Of several entries of one list the last that says so decides, because they are laid
/// over each other; of the two spellings of a list, which no policy has both of, the one that takes it.
fn is_permissive(policy: &Object) -> Option<(bool, &Node)> {
    let body = body(policy);
    let lists = ["rules", "from"].iter().filter_map(|key| body.get(key));
    let modes = lists.filter_map(|list| {
        let mut rules = list.items().iter().rev();
        rules.find_map(|rule| rule.at(&["default", "mode"]))
    });
    let modes = modes.chain(body.at(&["default", "mode"]));
    let told = modes.filter_map(|mode| Some((mode.text()? == "Permissive", mode)));
    told.reduce(|one, other| if other.0 && !one.0 { other } else { one })
}

/// The backend that the Mesh has enabled, with its mode.
fn backend(mesh: &Object) -> Option<(&Node, bool)> {
    let mtls = body(mesh).get("mtls")?;
    let enabled = mtls
        .text_at(&["enabledBackend"])
        .filter(|name| !name.is_empty())?;
    let mut backends = mtls
        .get("backends")
        .map(Node::items)
        .unwrap_or_default()
        .iter();
    let backend = backends.find(|one| one.text_at(&["name"]) == Some(enabled))?;
    let is_permissive = backend
        .text_at(&["mode"])
        .is_some_and(|mode| mode.eq_ignore_ascii_case("permissive"));
    Some((backend, is_permissive))
}

fn readings<'m>(
    zone: &Zone<'_, 'm>,
    selection: &Selection<'_, 'm>,
    mesh: &str,
    whom: Whom<'_, 'm>,
) -> Readings<'m> {
    let versions = match zone.version {
        Some((version, _)) if version >= 3 => vec![3],
        Some(_) => vec![2],
        None => vec![2, 3],
    };
    let is_of_mesh = |object: &&Object| mesh_of(object) == mesh;
    let meshes: Vec<&Object> = zone
        .of_kind("Mesh")
        .filter(|object| object.identity.name == mesh)
        .collect();
    let mut identities = selection.identities_of(whom).into_iter();
    let identity = identities.find(is_of_mesh);
    let policies = selection.policies_on(whom).into_iter();
    let policies = policies.filter(is_of_mesh).filter_map(|policy| {
        let (is_permissive, _) = is_permissive(policy)?;
        Some((rank(zone, policy, whom)?, policy, is_permissive))
    });
    let nearest = policies.max_by_key(|(rank, ..)| *rank);
    let mut deciding: Vec<&Object> = meshes.clone();
    deciding.extend(identity);
    deciding.extend(nearest.map(|(_, policy, _)| policy));
    let by_policy = nearest.map(|(.., is_permissive)| is_permissive);
    let mode = |is_permissive: bool| {
        if is_permissive {
            Mode::Permissive
        } else {
            Mode::Strict
        }
    };
    let modes = versions.into_iter().map(|version| {
        let of_backend = meshes
            .iter()
            .find_map(|object| backend(object))
            .filter(|_| version == 2);
        let found = match (of_backend, identity) {
            (Some((_, is_permissive)), _) => mode(by_policy.unwrap_or(is_permissive)),
            (None, Some(_)) => mode(by_policy.unwrap_or(false)),
            // Where no file shows the Mesh, somebody else may have turned mTLS on.
            (None, None) if meshes.is_empty() => match by_policy {
                Some(true) => Mode::Permissive,
                _ => Mode::Unseen,
            },
            (None, None) => Mode::Off,
        };
        (version, found)
    });
    Readings {
        modes: modes.collect(),
        deciding,
    }
}

pub(super) fn declare(
    zone: &Zone<'_, '_>,
    estate: &Estate<'_>,
    declarations: &mut Declarations<'_>,
) {
    let selection = Selection::new(zone);
    modes(zone, &selection, declarations);
    sites(zone, &selection, declarations);
    permissions(zone, &selection, estate, declarations);
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

/// The mesh of a namespace, by its label.
fn mesh_of_namespace<'m>(zone: &Zone<'_, 'm>, namespace: Option<&str>) -> &'m str {
    let described = namespace.and_then(|name| zone.cluster.namespaces.get(name)?.first());
    let told = described.and_then(|object| {
        object
            .label("kuma.io/mesh")
            .or_else(|| object.annotation("kuma.io/mesh"))
    });
    told.unwrap_or(DEFAULT_MESH)
}

fn modes<'m>(
    zone: &Zone<'_, 'm>,
    selection: &Selection<'_, 'm>,
    declarations: &mut Declarations<'_>,
) {
    let cluster = zone.cluster;
    let boundary = Boundary::Cluster(cluster.name.clone());
    let mut meshes: BTreeSet<&str> = zone
        .of_kind("Mesh")
        .map(|object| object.identity.name.as_str())
        .collect();
    meshes.insert(DEFAULT_MESH);
    let only = match meshes.len() {
        2 if zone
            .of_kind("Mesh")
            .all(|object| object.identity.name != DEFAULT_MESH) =>
        {
            meshes.remove(DEFAULT_MESH);
            meshes.first().copied()
        }
        _ => Some(DEFAULT_MESH),
    };
    for mesh in meshes {
        let general = readings(zone, selection, mesh, Whom::All);
        if general.modes.len() > 1 && general.modes[0].1 != general.modes[1].1 {
            say_that_the_version_decides(zone, mesh, &general, declarations);
        }
        let inbound = general.inbound(zone, declarations);
        let path = [format!("mesh {mesh}")];
        let which = format!("holds {}, which ", path[0]);
        let part = if Some(mesh) == only {
            whole(&boundary)
        } else {
            Part {
                path: &path,
                which: &which,
                ..whole(&boundary)
            }
        };
        proxies::state("Kuma", &part, &inbound, declarations);
    }
    let mut generals: BTreeMap<Option<&str>, Inbound> = BTreeMap::new();
    let of_nothing_told =
        readings(zone, selection, DEFAULT_MESH, Whom::All).inbound(zone, declarations);
    generals.insert(None, of_nothing_told);
    for (namespace, described) in &cluster.namespaces {
        let mesh = mesh_of_namespace(zone, Some(namespace));
        let inbound =
            readings(zone, selection, mesh, Whom::Namespace(namespace)).inbound(zone, declarations);
        let holder = Boundary::Namespace(cluster.name.clone(), Some(namespace.clone()));
        proxies::state("Kuma", &whole(&holder), &inbound, declarations);
        if let Some(object) = described.first() {
            let asked = object.label(INJECT).or_else(|| object.annotation(INJECT));
            membership(&holder, asked, object, None, declarations);
        }
        generals.insert(Some(namespace), inbound);
    }
    for workload in &cluster.workloads {
        if let Some(general) = generals.get(&workload.identity().namespace.as_deref()) {
            of_workload(zone, selection, workload, general, declarations);
        }
    }
    for dataplane in cluster.of_kind(super::shape::GROUP, "Dataplane") {
        outside_kubernetes(zone, selection, dataplane, declarations);
    }
    unseen(zone, selection, declarations);
}

fn say_that_the_version_decides(
    zone: &Zone<'_, '_>,
    mesh: &str,
    general: &Readings<'_>,
    declarations: &mut Declarations<'_>,
) {
    let Some(object) = general.deciding.first() else {
        return;
    };
    let [(_, by_two), (_, by_three)] = general.modes[..] else {
        return;
    };
    let place = zone
        .name()
        .as_deref()
        .map_or_else(String::new, |name| format!(" in {name}"));
    declarations.notice(
        "version-decides",
        object,
        format!(
            "mesh {mesh}{place} takes {} by Kuma 2 and {} by Kuma 3, and no file tells the version: both count; say \
             `versions: {{ kuma: 2 }}` or 3 in the settings",
            by_two.words(),
            by_three.words()
        ),
    );
}

fn is_enabled(value: &str) -> bool {
    matches!(value, "enabled" | "true")
}

/// Whether a namespace or workload asks to be in the mesh.
fn membership(
    boundary: &Boundary,
    asked: Option<&str>,
    object: &Object,
    carrier: Option<&Boundary>,
    declarations: &mut Declarations<'_>,
) {
    if !asked.is_some_and(is_enabled) {
        return;
    }
    let statement = Statement {
        topic: Topic::Encryption,
        about: "membership by Kuma".to_owned(),
        matter: "inbound traffic by Kuma".to_owned(),
        value: "in".to_owned(),
        openness: -1,
        words: "asks to be in the mesh".to_owned(),
        origins: declarations.origins_of([object]),
    };
    let extent = Extent {
        lasts_with: carrier.cloned(),
        ..Extent::default()
    };
    declarations.state_as(std::slice::from_ref(boundary), statement, extent);
}

fn of_workload<'m>(
    zone: &Zone<'_, 'm>,
    selection: &Selection<'_, 'm>,
    workload: &Workload<'m>,
    general: &Inbound,
    declarations: &mut Declarations<'_>,
) {
    let identity = workload.identity();
    let namespace = identity.namespace.as_deref();
    let own_mesh = workload
        .labels
        .get("kuma.io/mesh")
        .or(workload.annotations.get("kuma.io/mesh"));
    let of_namespace = mesh_of_namespace(zone, namespace);
    let mesh = own_mesh.map_or(of_namespace, String::as_str);
    let asked = workload
        .labels
        .get(INJECT)
        .or(workload.annotations.get(INJECT))
        .map(String::as_str);
    let by_namespace = namespace.and_then(|name| {
        let object = zone.cluster.namespaces.get(name)?.first()?;
        object.label(INJECT).or_else(|| object.annotation(INJECT))
    });
    let is_out = asked
        .or(by_namespace)
        .is_some_and(|asked| !is_enabled(asked));
    let whom = Whom::Workload(workload);
    let mut effective = readings(zone, selection, mesh, whom).inbound(zone, declarations);
    if is_out {
        effective = Inbound {
            traffic: Mode::Off.words().to_owned(),
            openness: 1 + 2 * Mode::Off as i32,
            proves_identity: false,
            origins: declarations.origins_of([workload.object]),
        };
    }
    let own = Boundary::of(workload);
    let holder = Boundary::around(identity);
    let path = [format!("workload {}", identity.name)];
    let which = format!("holds {}, which ", path[0]);
    let inner = Part {
        carrier: Some(&own),
        ..whole(&own)
    };
    let outer = Part {
        boundary: &holder,
        path: &path,
        which: &which,
        carrier: Some(&own),
    };
    proxies::state("Kuma", &inner, &effective, declarations);
    membership(&own, asked, workload.object, Some(&own), declarations);
    if effective.traffic != general.traffic {
        proxies::state("Kuma", &outer, &effective, declarations);
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
    let tables = workload.annotations.iter().chain(&workload.labels);
    for (key, value) in tables {
        let bypass = BYPASSES.iter().find(|(known, _)| known == key);
        let (words, unproven) = match (key.as_str(), bypass) {
            (_, Some((_, words))) => (
                format!("{words} {value}"),
                key.contains("inbound")
                    .then_some("and nothing of the mesh asks who calls there"),
            ),
            (INJECT, _) if !is_enabled(value) => ("is kept out of the mesh".to_owned(), None),
            ("kuma.io/transparent-proxying", _) if !is_enabled(value) => (
                "takes and sends what it likes past its proxy".to_owned(),
                Some("and nothing of the mesh asks who calls there"),
            ),
            _ => continue,
        };
        proxies::annotated_site(workload, key, words, unproven, declarations);
    }
}

/// A proxy that a document describes, for a service outside Kubernetes.
fn outside_kubernetes<'m>(
    zone: &Zone<'_, 'm>,
    selection: &Selection<'_, 'm>,
    dataplane: &Object,
    declarations: &mut Declarations<'_>,
) {
    let own = Boundary::Workload(dataplane.identity.clone());
    let within = Boundary::Cluster(zone.name().clone());
    let origin = declarations.origin(dataplane);
    declarations.node(
        &own,
        crate::graph::node::NodeKind::Workload,
        "workload",
        &dataplane.identity.name,
        vec![within.reference()],
        origin,
    );
    let effective =
        readings(zone, selection, mesh_of(dataplane), Whom::All).inbound(zone, declarations);
    let part = Part {
        carrier: Some(&own),
        ..whole(&own)
    };
    proxies::state("Kuma", &part, &effective, declarations);
}

/// Policies for some of a mesh of which nothing is among the files, and for single ports.
fn unseen<'m>(
    zone: &Zone<'_, 'm>,
    selection: &Selection<'_, 'm>,
    declarations: &mut Declarations<'_>,
) {
    for policy in zone.of_kind("MeshTLS") {
        let Some((is_permissive, _)) = is_permissive(policy) else {
            continue;
        };
        let Some(target) = body(policy).get("targetRef") else {
            continue;
        };
        let section = target.text_at(&["sectionName"]);
        let is_for_all = nearness(policy, Whom::All).is_some()
            || policy
                .identity
                .namespace
                .as_deref()
                .is_some_and(|name| nearness(policy, Whom::Namespace(name)).is_some());
        let is_seen = !selection.selected(policy).is_empty();
        if section.is_none() && (is_for_all || is_seen) {
            continue;
        }
        let (holder, whom) = match policy.identity.namespace.as_deref() {
            Some(name) if !is_system_namespace(name) => {
                (Boundary::around(&policy.identity), Whom::Namespace(name))
            }
            _ => (Boundary::Cluster(zone.name().clone()), Whom::All),
        };
        let mut general = readings(zone, selection, mesh_of(policy), whom);
        for (_, mode) in &mut general.modes {
            if *mode != Mode::Off {
                *mode = if is_permissive {
                    Mode::Permissive
                } else {
                    Mode::Strict
                };
            }
        }
        general.deciding.push(policy);
        let inbound = general.inbound(zone, declarations);
        let labels = wanted(target);
        let whose = match target.text_at(&["name"]) {
            Some(name) => format!("proxies of {name}"),
            None if labels.is_empty() => "proxies".to_owned(),
            None => format!(
                "proxies with {}",
                super::super::object::selector_words(&labels)
            ),
        };
        let mut path = vec![whose];
        path.extend(section.map(|section| format!("port {section}")));
        let which = format!("holds {}, which ", path[0]);
        let part = Part {
            path: &path,
            which: &which,
            ..whole(&holder)
        };
        proxies::state("Kuma", &part, &inbound, declarations);
    }
}

/// Settings that let traffic go in the clear.
fn sites<'m>(
    zone: &Zone<'_, 'm>,
    selection: &Selection<'_, 'm>,
    declarations: &mut Declarations<'_>,
) {
    const UNPROVEN: &str = "and nothing of the mesh asks who calls there";
    // What a global control plane hands on is told once, where it stands.
    let is_own = |object: &&Object| object.identity.cluster == *zone.name();
    for mesh in zone.of_kind("Mesh").filter(is_own) {
        let name = mesh.identity.name.as_str();
        let address = mesh.identity.address();
        let readings = readings(zone, selection, name, Whom::All);
        let mtls = body(mesh).field("mtls");
        let has_identities = zone
            .of_kind("MeshIdentity")
            .any(|identity| mesh_of(identity) == name);
        let off = readings.is_off_in();
        if !off.is_empty() && !has_identities {
            let why = match (mtls.is_some() && backend(mesh).is_some(), off.as_slice()) {
                (true, _) => {
                    " by Kuma 3, which drops `mtls` of a Mesh: no MeshIdentity takes its place"
                }
                (false, [3]) if zone.version.is_some() => ": no MeshIdentity gives its proxies one",
                _ => ": no backend of `mtls` is enabled",
            };
            let (line, end_line) = mtls.map_or((mesh.root.line, mesh.root.line), |field| {
                (field.line, field.value.end_line)
            });
            // A version that nobody tells is said in a notice; it alone makes no plaintext.
            let is_sure = off.len() == readings.modes.len();
            if is_sure {
                declarations.sites.push(Site {
                    subject: format!("{address} mtls"),
                    words: format!("has no mTLS{why}"),
                    source: mesh.source.clone(),
                    lines: [line, end_line],
                    far_side: FarSide::NotTold,
                    unproven: Some(Unproven::in_mesh(UNPROVEN)),
                });
            }
        }
        if let Some((backend, true)) =
            backend(mesh).filter(|_| zone.version.is_none_or(|(version, _)| version < 3))
        {
            let line = backend
                .field("mode")
                .map_or(backend.line, |field| field.line);
            declarations.sites.push(Site {
                subject: format!("{address} mtls.mode"),
                words: "takes plaintext beside mTLS".to_owned(),
                source: mesh.source.clone(),
                lines: [line, line],
                far_side: FarSide::NotTold,
                unproven: Some(Unproven::in_mesh(UNPROVEN)),
            });
        }
    }
    for policy in zone.of_kind("MeshTLS").filter(is_own) {
        if let Some((true, mode)) = is_permissive(policy) {
            declarations.sites.push(Site {
                subject: format!("{} default.mode", policy.identity.address()),
                words: "has plaintext taken beside mTLS".to_owned(),
                source: policy.source.clone(),
                lines: [mode.line, mode.line],
                far_side: FarSide::NotTold,
                unproven: Some(Unproven::in_mesh(UNPROVEN)),
            });
        }
    }
}

/// Whom a `targetRef` means, in words.
fn target_words(target: Option<&Node>) -> String {
    let Some(target) = target else {
        return "the mesh".to_owned();
    };
    let labels = wanted(target);
    match target.text_at(&["name"]) {
        Some(name) if target.text_at(&["kind"]) != Some("Mesh") => name.to_owned(),
        _ if labels.is_empty() => "the mesh".to_owned(),
        _ => super::super::object::selector_words(&labels),
    }
}

/// One thing that permissions let in, or keep out.
struct Permission<'m> {
    to: String,
    action: String,
    from: String,
    /// Of several actions for the same callers the greatest decides; `None`: all of them count, and one that denies wins.
    precedence: Option<(Rank<'m>, usize)>,
    object: &'m Object,
    /// What names the callers.
    rule: &'m Node,
    lines: [usize; 2],
}

/// The callers that a rule names by tags or by an identity. Those of whole meshes are not named.
fn permission_callers(zone: &Zone<'_, '_>, estate: &Estate<'_>, rule: &Node) -> Vec<Boundary> {
    let own = zone.cluster;
    if let Some(identity) = rule.text_at(&["spiffeID", "value"]) {
        return callers_by_identity(estate, own, identity);
    }
    let tags = rule.get("targetRef").map(wanted).unwrap_or_default();
    if let Some(namespace) = tags.get("k8s.kuma.io/namespace") {
        return callers(estate, own, namespace, None);
    }
    // `web_shop_svc_80`: the workload, its namespace, and a port.
    let mut service = tags
        .get("kuma.io/service")
        .map_or("", String::as_str)
        .split('_');
    match (service.next(), service.next()) {
        (Some(name), Some(namespace)) => workloads_named(estate, own, namespace, name),
        _ => Vec::new(),
    }
}

fn read_permissions<'m>(zone: &Zone<'_, 'm>) -> Vec<Permission<'m>> {
    let mut all = Vec::new();
    for object in zone.of_kind("MeshTrafficPermission") {
        let body = body(object);
        let to = target_words(body.get("targetRef"));
        let rules = body.get("from").map(Node::items).unwrap_or_default();
        for (position, rule) in rules.iter().enumerate() {
            all.push(Permission {
                precedence: Some((rank_by_origin(0, zone, object), position)),
                to: to.clone(),
                action: rule
                    .text_at(&["default", "action"])
                    .unwrap_or("Deny")
                    .to_lowercase(),
                from: target_words(rule.get("targetRef")),
                object,
                rule,
                lines: [rule.line, rule.end_line],
            });
        }
        for rule in body.get("rules").map(Node::items).unwrap_or_default() {
            for (key, action) in [
                ("allow", "allow"),
                ("deny", "deny"),
                ("allowWithShadowDeny", "allowwithshadowdeny"),
            ] {
                for one in rule
                    .at(&["default", key])
                    .map(Node::items)
                    .unwrap_or_default()
                {
                    let id = one.text_at(&["spiffeID", "value"]);
                    all.push(Permission {
                        to: to.clone(),
                        action: action.to_owned(),
                        from: id.map_or_else(|| one.canonical(), str::to_owned),
                        precedence: None,
                        object,
                        rule: one,
                        lines: [one.line, one.end_line],
                    });
                }
            }
        }
    }
    for object in zone.of_kind("TrafficPermission") {
        let body = body(object);
        let side = |key: &str| {
            let matched = body.get(key).map(Node::items).unwrap_or_default();
            let words = matched.iter().map(|one| {
                let tags = texts_of(one.get("match"));
                let is_all =
                    tags.len() == 1 && tags.get("kuma.io/service").is_some_and(|name| name == "*");
                if is_all {
                    "the mesh".to_owned()
                } else {
                    super::super::object::selector_words(&tags)
                }
            });
            words.collect::<Vec<_>>()
        };
        for to in side("destinations") {
            for from in side("sources") {
                all.push(Permission {
                    to: to.clone(),
                    action: "allow".to_owned(),
                    from,
                    precedence: None,
                    object,
                    rule: body,
                    lines: [body.line, body.end_line],
                });
            }
        }
    }
    all
}

/// Whom permissions let in, by what they are for and not by the policy that says so.
fn permissions<'m>(
    zone: &Zone<'_, 'm>,
    selection: &Selection<'_, 'm>,
    estate: &Estate<'_>,
    declarations: &mut Declarations<'_>,
) {
    type Key = (String, Boundary, String);
    type Decided<'m> = BTreeMap<(String, Option<String>), (Option<(Rank<'m>, usize)>, String)>;
    let mut by_target: BTreeMap<Key, (Decided<'m>, Vec<&Object>)> = BTreeMap::new();
    for permission in read_permissions(zone) {
        let object = permission.object;
        let identity = &object.identity;
        let mesh = mesh_of(object).to_owned();
        let is_wide = identity
            .namespace
            .as_deref()
            .is_none_or(is_system_namespace);
        let cluster = Boundary::Cluster(zone.name().clone());
        let mut of: BTreeSet<Boundary> = BTreeSet::new();
        let is_for_mesh = permission.to == "the mesh" && is_wide;
        if !is_for_mesh {
            for workload in selection.selected(object) {
                of.insert(Boundary::of(workload));
                of.insert(Boundary::around(workload.identity()));
            }
        }
        if is_for_mesh {
            let namespaces = zone.cluster.namespaces.keys();
            of.extend(
                namespaces.map(|one| Boundary::Namespace(zone.name().clone(), Some(one.clone()))),
            );
            of.insert(cluster);
        } else if of.is_empty() {
            of.insert(if is_wide {
                cluster
            } else {
                Boundary::around(identity)
            });
        }
        if permission.action.starts_with("allow") && identity.cluster == *zone.name() {
            let called: Vec<Boundary> = if is_for_mesh {
                of.iter().cloned().collect()
            } else {
                let selected = selection.selected(object).into_iter();
                selected.map(Boundary::of).collect()
            };
            let named = permission_callers(zone, estate, permission.rule);
            admit(declarations, object, (&named, &called), permission.rule);
        }
        for boundary in of {
            let key = (mesh.clone(), boundary, permission.to.clone());
            let slot = by_target.entry(key).or_default();
            // What only one of several decides has one action; what all do has each.
            let action = permission.action.clone();
            let each = permission.precedence.is_none().then(|| action.clone());
            let decided = slot.0.entry((permission.from.clone(), each));
            let decided = decided.or_insert_with(|| (permission.precedence, action.clone()));
            if permission.precedence > decided.0 {
                *decided = (permission.precedence, action);
            }
            slot.1.push(object);
        }
        let is_for_all = permission.to == "the mesh" && permission.from == "the mesh";
        if is_for_all && permission.action == "allow" && identity.cluster == *zone.name() {
            declarations.open_doors.push(Site {
                subject: format!("{} from[Mesh]", identity.address()),
                words: "lets every proxy of the mesh call every other".to_owned(),
                source: object.source.clone(),
                lines: permission.lines,
                far_side: FarSide::NotTold,
                unproven: Some(Unproven::in_mesh("whoever it is")),
            });
        }
    }
    for ((mesh, boundary, to), (decided, objects)) in by_target {
        let actions = decided.into_iter();
        let actions: BTreeSet<String> = actions
            .map(|((from, _), (_, action))| format!("{action} {from}"))
            .collect();
        let allows = |action: &&String| action.starts_with("allow");
        let allowed = i32::try_from(actions.iter().filter(allows).count()).unwrap_or(i32::MAX);
        let denied = i32::try_from(actions.len()).unwrap_or(i32::MAX) - allowed;
        let value = actions.into_iter().collect::<Vec<_>>().join(", ");
        let of_mesh = if mesh == DEFAULT_MESH {
            String::new()
        } else {
            format!(" of mesh {mesh}")
        };
        declarations.state(
            &[boundary],
            Statement {
                topic: Topic::Authentication,
                about: format!("callers of {to}{of_mesh} by Kuma"),
                matter: format!("callers of {to}{of_mesh} by Kuma"),
                openness: if allowed > denied {
                    allowed
                } else {
                    allowed - denied
                },
                words: format!("has permissions decide who calls {to}{of_mesh}: {value}"),
                value,
                origins: declarations.origins_of(objects),
            },
        );
    }
}
