//! How Kuma's configuration is written: objects of Kubernetes, documents with `type`, and what its control planes are told.

use std::collections::{BTreeMap, BTreeSet};

use super::super::estate::{Cluster, Estate};
use super::super::object::{ClusterName, Object};
use super::super::systems::Document;
use super::super::yaml::Node;

/// The group of objects of Kubernetes, and of documents with `type`.
pub(super) const GROUP: &str = "kuma.io";
const INSTALL_GROUP: &str = "install.kuma.io";

/// The mesh of what names none.
pub(super) const DEFAULT_MESH: &str = "default";

/// Words of which every file of Kuma's own has one, other than objects.
pub(super) const WORDS: &[&str] = &[
    "\"Dataplane\"",
    "\"Mesh",
    "\"TrafficPermission\"",
    "\"Zone",
    "kdsGlobalAddress",
    "kumactl",
    "multizone",
    "type: Dataplane",
    "type: ExternalService",
    "type: Mesh",
    "type: TrafficPermission",
    "type: Zone",
    "controlPlane",
];

/// What a document is to Kuma.
pub(super) fn document(root: &Node) -> Option<Document> {
    if !root.is_map() || root.get("apiVersion").is_some() {
        return None;
    }
    if let Some(kind) = root.text_at(&["type"])
        && super::SYSTEM.kinds.iter().any(|(known, _)| *known == kind)
        && let Some(name) = root.text_at(&["name"])
    {
        let zone = match kind {
            "Zone" => Some(name),
            "ZoneIngress" | "ZoneEgress" => root.text_at(&["zone"]),
            "Dataplane" => {
                let inbound = root.at(&["networking", "inbound"]).map(Node::items);
                let mut inbound = inbound.unwrap_or_default().iter();
                inbound.find_map(|one| one.text_at(&["tags", "kuma.io/zone"]))
            }
            _ => None,
        };
        return Some(Document {
            group: GROUP,
            kind: kind.to_owned(),
            namespace: None,
            name: Some(name.to_owned()),
            cluster: zone.map(str::to_owned),
        });
    }
    let chart = of_chart(root);
    let told = |path: &[&str]| chart.at(path).is_some();
    if [
        &["controlPlane", "kdsGlobalAddress"][..],
        &["controlPlane", "zone"],
        &["controlPlane", "mode"],
        &["controlPlane", "globalZoneSyncService"],
    ]
    .iter()
    .any(|path| told(path))
    {
        return Some(values(root));
    }
    let is_control_plane = told(&["multizone", "zone"]) || told(&["multizone", "global"]);
    let zone = chart.text_at(&["multizone", "zone", "name"]);
    is_control_plane.then(|| installation("KumaControlPlane", zone))
}

/// What values for the chart are.
pub(in super::super) fn values(root: &Node) -> Document {
    installation(
        "KumaValues",
        of_chart(root).text_at(&["controlPlane", "zone"]),
    )
}

fn installation(kind: &str, zone: Option<&str>) -> Document {
    let zone = zone.filter(|zone| !zone.is_empty() && !zone.contains("${") && !zone.contains("{{"));
    Document {
        group: INSTALL_GROUP,
        kind: kind.to_owned(),
        name: Some(String::new()),
        cluster: zone.map(str::to_owned),
        ..Document::default()
    }
}

/// The values of Kuma's chart, in a file of them or below its name in that of a chart that contains it, as Kong Mesh does.
fn of_chart(root: &Node) -> &Node {
    let nested = [&["kuma"][..], &["kong-mesh", "kuma"], &["kong-mesh"]];
    let mut nested = nested.iter().filter_map(|path| root.at(path));
    let is_it = |node: &&Node| node.get("controlPlane").is_some_and(Node::is_map);
    nested.find(is_it).unwrap_or(root)
}

/// What an object says, whether it is one of Kubernetes or a document.
pub(super) fn body(object: &Object) -> &Node {
    object.root.get("spec").unwrap_or(&object.root)
}

/// The mesh that an object belongs to.
pub(super) fn mesh_of(object: &Object) -> &str {
    let told = object
        .label("kuma.io/mesh")
        .or_else(|| object.root.text_at(&["mesh"]))
        .or_else(|| object.root.text_at(&["labels", "kuma.io/mesh"]));
    told.unwrap_or(DEFAULT_MESH)
}

/// What is said to a control plane, by values of the chart, its own file, or its environment.
struct Told<'m> {
    object: &'m Object,
    fields: BTreeMap<&'static str, (String, usize)>,
}

/// One thing a control plane is told: its name here, and how the chart, the file and the environment spell it.
const FIELDS: &[(&str, &[&str], &[&str], &str)] = &[
    ("mode", &["controlPlane", "mode"], &["mode"], "KUMA_MODE"),
    (
        "zone",
        &["controlPlane", "zone"],
        &["multizone", "zone", "name"],
        "KUMA_MULTIZONE_ZONE_NAME",
    ),
    (
        "global",
        &["controlPlane", "kdsGlobalAddress"],
        &["multizone", "zone", "globalAddress"],
        "KUMA_MULTIZONE_ZONE_GLOBAL_ADDRESS",
    ),
    (
        "unverified",
        &["controlPlane", "tls", "kdsZoneClient", "skipVerify"],
        &["multizone", "zone", "kds", "tlsSkipVerify"],
        "KUMA_MULTIZONE_ZONE_KDS_TLS_SKIP_VERIFY",
    ),
];

fn told<'m>(cluster: &Cluster<'m>) -> Vec<Told<'m>> {
    let mut all = Vec::new();
    for object in cluster.of_kind(INSTALL_GROUP, "KumaValues") {
        let path = |field: &(&str, &'static [&'static str], &'static [&'static str], &str)| field.1;
        all.push(of_tree(object, path));
    }
    for object in cluster.of_kind(INSTALL_GROUP, "KumaControlPlane") {
        let path = |field: &(&str, &'static [&'static str], &'static [&'static str], &str)| field.2;
        all.push(of_tree(object, path));
    }
    for workload in &cluster.workloads {
        let containers = workload.pod.at(&["spec", "containers"]).map(Node::items);
        for container in containers.unwrap_or_default() {
            let variables = container.get("env").map(Node::items).unwrap_or_default();
            let value = |name: &str| {
                let one = variables
                    .iter()
                    .find(|one| one.text_at(&["name"]) == Some(name))?;
                Some((one.text_at(&["value"])?.to_owned(), one.line))
            };
            let fields: BTreeMap<_, _> = FIELDS
                .iter()
                .filter_map(|(name, _, _, variable)| Some((*name, value(variable)?)))
                .collect();
            if !fields.is_empty() {
                all.push(Told {
                    object: workload.object,
                    fields,
                });
            }
        }
    }
    all
}

type FieldNames = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
);

fn of_tree(object: &Object, path: impl Fn(&FieldNames) -> &'static [&'static str]) -> Told<'_> {
    let value = |field: &FieldNames| {
        let node = of_chart(&object.root).at(path(field))?;
        Some((field.0, (node.text()?.to_owned(), node.line)))
    };
    Told {
        object,
        fields: FIELDS.iter().filter_map(value).collect(),
    }
}

/// Kuma in one cluster of Kubernetes, or in a zone outside it, which is one by its name.
pub(super) struct Zone<'e, 'm> {
    pub(super) cluster: &'e Cluster<'m>,
    told: Vec<Told<'m>>,
    /// What is in force here: its own, and what the global control plane hands to every zone.
    objects: BTreeMap<&'m str, Vec<&'m Object>>,
    /// The major version, if anything tells it, and who.
    pub(super) version: Option<(u64, Option<&'m Object>)>,
    pub(super) is_global: bool,
}

impl<'e, 'm> Zone<'e, 'm> {
    pub(super) fn name(&self) -> &ClusterName {
        &self.cluster.name
    }

    /// Objects of a kind that are in force here.
    pub(super) fn of_kind<'s>(
        &'s self,
        kind: &str,
    ) -> impl Iterator<Item = &'m Object> + use<'s, 'e, 'm> {
        let all = self.objects.get(kind).map(Vec::as_slice);
        all.unwrap_or_default().iter().copied()
    }

    /// What its control plane is told, on which line of what.
    pub(super) fn told(&self, field: &str) -> Option<(&str, usize, &'m Object)> {
        let mut told = self.told.iter();
        told.find_map(|one| {
            let (value, line) = one.fields.get(field)?;
            (!value.is_empty()).then_some((value.as_str(), *line, one.object))
        })
    }

    /// The name that the other zones know it by.
    pub(super) fn called(&self) -> Option<&str> {
        let told = self.told("zone").map(|(name, ..)| name);
        told.or(self.cluster.name.as_deref())
    }
}

/// Whether a cluster has Kuma, before or after.
fn is_used(cluster: &Cluster<'_>) -> bool {
    cluster.uses(&format!(".{GROUP}"))
}

/// The objects of Kuma in a cluster, by kind.
fn by_kind<'m>(cluster: &Cluster<'m>) -> BTreeMap<&'m str, Vec<&'m Object>> {
    let mut all: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in &cluster.objects {
        if object.is(GROUP, &object.identity.kind) {
            let kind = object.identity.kind.as_str();
            all.entry(kind).or_default().push(object);
        }
    }
    all
}

/// All zones and control planes of a snapshot, and the names of the zones that global control planes know.
pub(super) fn zones<'e, 'm>(estate: &'e Estate<'m>) -> Vec<Zone<'e, 'm>> {
    let mut all: Vec<Zone<'e, 'm>> = estate
        .clusters
        .values()
        .filter(|cluster| is_used(cluster))
        .map(|cluster| {
            let told = told(cluster);
            let mode = told.iter().find_map(|one| one.fields.get("mode"));
            let own_name = cluster.name.as_deref();
            let has_other_zones = cluster
                .of_kind(GROUP, "Zone")
                .any(|zone| Some(zone.identity.name.as_str()) != own_name);
            let has_documents = || {
                let mut objects = cluster.objects.iter();
                own_name.is_none()
                    && objects.any(|one| {
                        one.is(GROUP, &one.identity.kind) && one.root.get("type").is_some()
                    })
            };
            let is_global = match mode {
                Some((mode, _)) => mode == "global",
                None => has_other_zones || has_documents(),
            };
            Zone {
                cluster,
                told,
                objects: by_kind(cluster),
                version: version(cluster),
                is_global,
            }
        })
        .collect();
    let mut handed: BTreeMap<&'m str, Vec<&'m Object>> = BTreeMap::new();
    for zone in all.iter().filter(|zone| zone.is_global) {
        for (kind, objects) in &zone.objects {
            handed.entry(kind).or_default().extend(objects);
        }
    }
    let zones_told: BTreeSet<&str> = handed
        .get("Zone")
        .into_iter()
        .flatten()
        .map(|object| object.identity.name.as_str())
        .collect();
    let version_of_globals = all
        .iter()
        .filter(|zone| zone.is_global)
        .find_map(|zone| zone.version);
    let by_settings = estate.versions.get("Kuma").map(|version| (*version, None));
    for zone in &mut all {
        let is_zone = !zone.is_global
            && (zone.told("global").is_some()
                || zone.told("zone").is_some()
                || zone.cluster.of_kind(GROUP, "Zone").next().is_some()
                || zone.cluster.of_kind(GROUP, "Dataplane").next().is_some()
                || {
                    let own = zone.cluster.name.as_deref();
                    own.is_some_and(|name| zones_told.contains(name))
                });
        if is_zone {
            for (kind, objects) in &handed {
                zone.objects.entry(kind).or_default().extend(objects);
            }
            zone.version = zone.version.or(version_of_globals);
        }
        zone.version = zone.version.or(by_settings);
    }
    all
}

/// The major version of the control plane: by its image, its chart, or what installs that.
fn version<'m>(cluster: &Cluster<'m>) -> Option<(u64, Option<&'m Object>)> {
    for workload in &cluster.workloads {
        let containers = workload.pod.at(&["spec", "containers"]).map(Node::items);
        for container in containers.unwrap_or_default() {
            let image = container.text_at(&["image"]).unwrap_or_default();
            let named = image.rsplit('/').next().unwrap_or(image);
            let tag = named.strip_prefix("kuma-cp:").and_then(major);
            if let Some(version) = tag {
                return Some((version, Some(workload.object)));
            }
        }
    }
    for object in &cluster.objects {
        let root = &object.root;
        let told = match object.identity.kind.as_str() {
            "KumaValues" => [
                &["controlPlane", "image", "tag"][..],
                &["global", "image", "tag"],
            ]
            .iter()
            .find_map(|path| of_chart(root).text_at(path)),
            "HelmRelease" if is_chart(root.text_at(&["spec", "chart", "spec", "chart"])) => {
                root.text_at(&["spec", "chart", "spec", "version"])
            }
            "Application" => {
                let several = root
                    .at(&["spec", "sources"])
                    .map(Node::items)
                    .unwrap_or_default();
                let mut sources = root.at(&["spec", "source"]).into_iter().chain(several);
                let source = sources.find(|source| is_chart(source.text_at(&["chart"])));
                source.and_then(|source| source.text_at(&["targetRevision"]))
            }
            _ => object
                .label("helm.sh/chart")
                .and_then(|chart| chart.strip_prefix("kuma-")),
        };
        if let Some(version) = told.and_then(major) {
            return Some((version, Some(object)));
        }
    }
    None
}

fn is_chart(name: Option<&str>) -> bool {
    name.is_some_and(|name| name == "kuma" || name.ends_with("/kuma"))
}

/// The first number of a version, or of a range of them.
fn major(version: &str) -> Option<u64> {
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    digits.get(..end)?.parse().ok()
}
