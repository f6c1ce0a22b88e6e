//! What holds for a whole cluster: transparent encryption, the enforcement of policies, the clusters it is meshed with.
//!
//! Read from values of the chart and from the ConfigMap that it makes. What is encrypted: traffic between pods of two nodes;
//! with `nodeEncryption`, which WireGuard alone has, that of nodes too; never what stays on one node. Without strict mode the
//! first packets to a pod that is not known yet leave in the clear
//! (<https://docs.cilium.io/en/stable/security/network/encryption/>, read 2026-11-22). From 1.19 the strict mode is called
//! `strictMode.egress` and `strictMode.ingress`; 1.20 no longer knows the name `strictMode.enabled`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::Topic;
use crate::graph::protection::{Evidence, InTransit, Protection};

use super::super::charts;
use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::super::estate::Cluster;
use super::super::kubernetes::{self, Opening};
use super::super::object::{ClusterName, Object, texts_of};
use super::super::yaml::{Field, Node};
use super::{VALUES, is_mentioned};

/// The ConfigMap that the agents read.
pub(super) const CONFIG: &str = "cilium-config";

/// Where clusters to mesh with are kept.
const MESH_SECRET: &str = "cilium-clustermesh";

/// What one object says of how Cilium is installed.
pub(super) struct Installation<'m> {
    object: &'m Object,
    /// Values of the chart.
    values: Option<Node>,
    version: Option<String>,
}

/// How traffic between nodes is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Encryption {
    /// Not at all.
    Off,
    /// Between namespaces that ask for it.
    Enrolled,
    /// With a window in which packets leave in the clear.
    BestEffort,
    /// By a setting that some versions do not know.
    StrictInSome,
    /// Always.
    Strict,
}

/// What one installation says of encryption.
struct Told<'i> {
    encryption: Encryption,
    of_nodes: bool,
    /// The lines of the setting that turns it off.
    off: Option<[usize; 2]>,
    nodes_off: Option<[usize; 2]>,
    by: &'i Installation<'i>,
}

impl<'m> Installation<'m> {
    /// What an object says of it, if that is what it is for.
    pub(super) fn of(object: &'m Object) -> Option<Self> {
        if object.is("", "ConfigMap") && object.identity.name == CONFIG {
            return object.root.get("data").map(|_| Self {
                object,
                values: None,
                version: None,
            });
        }
        let handed = charts::handed(object, "cilium", VALUES)?;
        Some(Self {
            object,
            values: Some(handed.values),
            version: handed.version,
        })
    }

    /// A setting: the path of a value, or the key of the ConfigMap.
    fn field(&self, path: &[&str], key: &str) -> Option<&Field> {
        let field = match &self.values {
            Some(values) => values.field_at(path),
            None => self.object.root.field_at(&["data", key]),
        };
        field.filter(|field| !field.value.is_null())
    }

    fn is_on(&self, path: &[&str], key: &str) -> bool {
        self.field(path, key)
            .is_some_and(|field| field.value.truth() == Some(true))
    }

    fn encryption(&self) -> Option<Told<'_>> {
        let is_told = match &self.values {
            Some(values) => values.get("encryption").is_some(),
            None => ["enable-wireguard", "enable-ipsec"]
                .iter()
                .any(|key| self.object.root.at(&["data", key]).is_some()),
        };
        if !is_told {
            return None;
        }
        let (is_on, kind) = match &self.values {
            Some(values) => (
                self.is_on(&["encryption", "enabled"], ""),
                values.text_at(&["encryption", "type"]).unwrap_or("ipsec"),
            ),
            None if self.is_on(&[], "enable-wireguard") => (true, "wireguard"),
            None => (self.is_on(&[], "enable-ipsec"), "ipsec"),
        };
        let strict = |path: &[&str], key: &str| {
            let path: Vec<&str> = ["encryption", "strictMode"]
                .iter()
                .chain(path)
                .copied()
                .collect();
            self.is_on(&path, key)
        };
        let is_strict = strict(
            &["egress", "enabled"],
            "enable-encryption-strict-mode-egress",
        );
        let is_strict_by_old_name = strict(&["enabled"], "enable-encryption-strict-mode");
        let encryption = match (is_on, kind) {
            (false, _) => Encryption::Off,
            (true, "ztunnel") => Encryption::Enrolled,
            (true, _) if is_strict => Encryption::Strict,
            (true, _) if is_strict_by_old_name => match self.knows_old_names() {
                Some(true) => Encryption::Strict,
                Some(false) => Encryption::BestEffort,
                None => Encryption::StrictInSome,
            },
            (true, _) => Encryption::BestEffort,
        };
        let lines = |path: &[&str], key: &str| {
            let field = self.field(path, key)?;
            Some([field.line, field.value.end_line])
        };
        let off = lines(&["encryption", "enabled"], "enable-wireguard");
        Some(Told {
            encryption,
            of_nodes: is_on
                && kind == "wireguard"
                && self.is_on(&["encryption", "nodeEncryption"], "encrypt-node"),
            off: off.or_else(|| lines(&[], "enable-ipsec")),
            nodes_off: lines(&["encryption", "nodeEncryption"], "encrypt-node"),
            by: self,
        })
    }

    /// Whether its version takes `strictMode.enabled` and what it makes; `None`: nothing tells the version.
    fn knows_old_names(&self) -> Option<bool> {
        let version = self.version.as_deref()?.trim_start_matches('v');
        let mut parts = version.split('.').map(str::parse::<u32>);
        let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else {
            return None;
        };
        Some((major, minor) < (1, 20))
    }

    /// Names of clusters that this one is told to mesh with.
    fn remotes(&self) -> Vec<&str> {
        let config = self.values.as_ref();
        let config = config.and_then(|values| values.at(&["clustermesh", "config"]));
        let is_on = |config: &&Node| config.get("enabled").and_then(Node::truth) == Some(true);
        let Some(clusters) = config
            .filter(is_on)
            .and_then(|config| config.get("clusters"))
        else {
            return Vec::new();
        };
        let listed = clusters
            .items()
            .iter()
            .filter_map(|one| Some((one.text_at(&["name"])?, one)));
        let mapped = clusters.fields().iter().map(|field| {
            let name = field.value.text_at(&["name"]);
            (name.unwrap_or(&field.key), &field.value)
        });
        let is_meant =
            |one: &(&str, &Node)| one.1.get("enabled").and_then(Node::truth) != Some(false);
        listed
            .chain(mapped)
            .filter(is_meant)
            .map(|(name, _)| name)
            .collect()
    }

    /// What it calls its own cluster.
    fn own_name(&self) -> Option<&str> {
        let field = self.field(&["cluster", "name"], "cluster-name")?;
        super::named(field.value.text())
    }
}

/// Cilium in one cluster.
pub(super) struct Cilium<'e, 'm> {
    pub(super) cluster: &'e Cluster<'m>,
    installations: Vec<Installation<'m>>,
    /// Clusters that this one meshes with, and who says so.
    remotes: BTreeMap<ClusterName, &'m Object>,
}

impl<'e, 'm> Cilium<'e, 'm> {
    pub(super) fn of(cluster: &'e Cluster<'m>) -> Self {
        let installations: Vec<Installation<'m>> = cluster
            .objects
            .iter()
            .filter_map(|object| Installation::of(object))
            .collect();
        let mut remotes = BTreeMap::new();
        for one in &installations {
            for name in one.remotes() {
                remotes.insert(Some(Arc::from(name)), one.object);
            }
        }
        for secret in cluster.of_kind("", "Secret") {
            if secret.identity.name != MESH_SECRET {
                continue;
            }
            let tables = ["data", "stringData"];
            for table in tables.iter().filter_map(|key| secret.root.get(key)) {
                for key in texts_of(Some(table)).into_keys() {
                    // Beside one entry for each cluster there are keys and certificates for them.
                    if !key.contains('.') {
                        let name = Some(Arc::from(key.as_str()));
                        remotes.entry(name).or_insert(secret);
                    }
                }
            }
        }
        Self {
            cluster,
            installations,
            remotes,
        }
    }

    /// Whether a cluster has Cilium, before or after.
    pub(super) fn is_used(&self) -> bool {
        is_mentioned(self.cluster) || !self.installations.is_empty()
    }

    pub(super) fn name(&self) -> &ClusterName {
        &self.cluster.name
    }

    /// Whether it is told to mesh with another.
    pub(super) fn joins(&self, other: &ClusterName) -> bool {
        self.remotes.contains_key(other)
    }

    /// Whether it meshes with any.
    pub(super) fn is_meshed(&self) -> bool {
        !self.remotes.is_empty()
    }

    /// Which policies count: `default`, `always`, `never`. Of several that say so, the one that leaves most open.
    pub(super) fn enforcement(&self) -> (&str, Option<&'m Object>) {
        let told = self.installations.iter().filter_map(|one| {
            let field = one.field(&["policyEnforcementMode"], "enable-policy")?;
            Some((field.value.text()?, Some(one.object)))
        });
        let openness = |mode: &str| match mode {
            "never" => 2,
            "always" => 0,
            _ => 1,
        };
        let most = told.max_by_key(|(mode, _)| openness(mode));
        most.unwrap_or(("default", None))
    }

    /// What is encrypted; of several that say so, the least.
    fn told(&self) -> Option<Told<'_>> {
        let all = self
            .installations
            .iter()
            .filter_map(Installation::encryption);
        all.min_by_key(|told| (told.encryption, told.of_nodes))
    }

    /// Whether it calls its own cluster so.
    fn is_called(&self, name: &ClusterName) -> bool {
        let mut own = self.installations.iter().filter_map(Installation::own_name);
        own.any(|own| name.as_deref() == Some(own))
    }

    /// Whether traffic with other clusters is encrypted; `None`: nobody says.
    fn encrypts(&self) -> Option<bool> {
        if self.installations.is_empty() {
            return None;
        }
        let told = self.told();
        Some(told.is_some_and(|told| told.encryption >= Encryption::BestEffort))
    }
}

/// Clusters know each other by the names that Cilium is installed with; the settings may have others for them.
pub(super) fn resolve_names(all: &mut [Cilium<'_, '_>]) {
    for index in 0..all.len() {
        let remotes = std::mem::take(&mut all[index].remotes);
        let resolved = remotes.into_iter().map(|(name, object)| {
            let by_name = all.iter().find(|one| one.name() == &name);
            let meant = by_name.or_else(|| all.iter().find(|one| one.is_called(&name)));
            (meant.map_or(name, |one| one.name().clone()), object)
        });
        let mut resolved: BTreeMap<ClusterName, &Object> = resolved.collect();
        resolved.remove(all[index].name());
        all[index].remotes = resolved;
    }
}

/// State what holds for whole clusters.
pub(super) fn declare(all: &[Cilium<'_, '_>], declarations: &mut Declarations<'_>) {
    for cilium in all {
        encryption(cilium, declarations);
        enforcement(cilium, declarations);
        meshed(cilium, all, declarations);
        api_server(cilium, declarations);
        nodes(cilium, declarations);
        routes(cilium, declarations);
        if cilium.installations.len() > 1 {
            let first = &cilium.installations[0];
            declarations.notice(
                "several-installations",
                first.object,
                format!(
                    "{} files say how Cilium is installed in one cluster: what any of them says counts, and of encryption the least; if \
                     they are for different clusters, say so in `clusters: manifests`",
                    cilium.installations.len()
                ),
            );
        }
    }
}

/// What transparent encryption covers. Where it is off nothing is said, so that a default spelled out is silence.
fn encryption(cilium: &Cilium<'_, '_>, declarations: &mut Declarations<'_>) {
    let told = cilium.told();
    let (encryption, of_nodes) = told.as_ref().map_or((Encryption::Off, false), |told| {
        (told.encryption, told.of_nodes)
    });
    let origins = told
        .as_ref()
        .map(|told| declarations.origins_of([told.by.object]));
    let origins = origins.unwrap_or_default();
    let (value, openness, how) = match encryption {
        Encryption::Off | Encryption::Enrolled => ("", 0, ""),
        Encryption::BestEffort => (
            "best effort",
            -1,
            ", except for first packets to pods that are not known yet",
        ),
        Encryption::StrictInSome => (
            "strict before 1.20",
            -2,
            ", always before Cilium 1.20, from then except for first packets to pods that are not known yet",
        ),
        Encryption::Strict => ("strict", -3, ", always"),
    };
    if !value.is_empty() {
        declarations.state(
            &Boundary::all_of(cilium.cluster),
            Statement {
                topic: Topic::Encryption,
                about: "encryption between nodes by Cilium".to_owned(),
                matter: "encryption between nodes by Cilium".to_owned(),
                value: value.to_owned(),
                openness,
                words: format!(
                    "has traffic between pods of different nodes encrypted by Cilium{how}"
                ),
                origins: origins.clone(),
            },
        );
    }
    if encryption == Encryption::StrictInSome
        && let Some(told) = &told
    {
        declarations.notice(
            "version-decides",
            told.by.object,
            "`encryption.strictMode.enabled` is strict mode before Cilium 1.20 and unknown from then; nothing tells the version: \
             write `encryption.strictMode.egress.enabled`",
        );
    }
    if encryption == Encryption::Enrolled {
        enrolled(cilium, declarations);
    }
    if of_nodes {
        declarations.state(
            &with_host_network(cilium.cluster),
            Statement {
                topic: Topic::Encryption,
                about: "encryption of nodes by Cilium".to_owned(),
                matter: "encryption of nodes by Cilium".to_owned(),
                value: "on".to_owned(),
                openness: -1,
                words: "has traffic of nodes themselves, and of pods on their network, encrypted by Cilium".to_owned(),
                origins,
            },
        );
    }
    let Some(first) = cilium.installations.first() else {
        return;
    };
    let shown = cilium.name().as_deref().map(|name| format!("{name}/"));
    let shown = shown.unwrap_or_default();
    let mut site = |setting: &str, words: &str, lines: Option<[usize; 2]>| {
        let object = told.as_ref().map_or(first.object, |told| told.by.object);
        let lines = lines.unwrap_or([object.root.line, object.root.line]);
        declarations.sites.push(Site {
            // One for a cluster, whichever file says so, and whether or not it says so.
            subject: format!("{shown}Cilium {setting}"),
            words: words.to_owned(),
            source: object.source.clone(),
            lines,
            far_side: FarSide::NotTold,
            unproven: None,
        });
    };
    if encryption <= Encryption::Enrolled {
        let lines = told.as_ref().and_then(|told| told.off);
        let words = "leaves traffic between pods of different nodes in the clear";
        site("encryption.enabled", words, lines);
    } else if let (false, Some(lines)) = (of_nodes, told.as_ref().and_then(|told| told.nodes_off)) {
        let words = "leaves traffic of nodes themselves in the clear";
        site("encryption.nodeEncryption", words, Some(lines));
    }
}

/// Namespaces that ask for encryption by ztunnel.
fn enrolled(cilium: &Cilium<'_, '_>, declarations: &mut Declarations<'_>) {
    for object in cilium.cluster.of_kind("", "Namespace") {
        if object.label("io.cilium/mtls-enabled") != Some("true") {
            continue;
        }
        let namespace = &object.identity.name;
        let mut of = vec![Boundary::Namespace(
            cilium.name().clone(),
            Some(namespace.clone()),
        )];
        let workloads = cilium.cluster.workloads.iter();
        let inside = workloads.filter(|one| one.identity().namespace.as_ref() == Some(namespace));
        of.extend(inside.map(Boundary::of));
        declarations.state(
            &of,
            Statement {
                topic: Topic::Encryption,
                about: "encryption between nodes by Cilium".to_owned(),
                matter: "encryption between nodes by Cilium".to_owned(),
                value: "ztunnel".to_owned(),
                openness: -1,
                words: "has traffic with other such namespaces encrypted by Cilium".to_owned(),
                origins: declarations.origins_of([object]),
            },
        );
    }
}

/// The cluster, and what is in it on the network of its nodes; a namespace of which no workload is seen may be.
fn with_host_network(cluster: &Cluster<'_>) -> Vec<Boundary> {
    let mut of = BTreeSet::from([Boundary::Cluster(cluster.name.clone())]);
    let on_host = cluster
        .workloads
        .iter()
        .filter(|one| one.pod.at(&["spec", "hostNetwork"]).and_then(Node::truth) == Some(true));
    for workload in on_host {
        of.insert(Boundary::of(workload));
        of.insert(Boundary::around(workload.identity()));
    }
    for namespace in cluster.namespaces.keys() {
        let is_seen = cluster
            .workloads
            .iter()
            .any(|one| one.identity().namespace.as_ref() == Some(namespace));
        if !is_seen {
            of.insert(Boundary::Namespace(
                cluster.name.clone(),
                Some(namespace.clone()),
            ));
        }
    }
    of.into_iter().collect()
}

/// Whether policies count at all.
fn enforcement(cilium: &Cilium<'_, '_>, declarations: &mut Declarations<'_>) {
    let (mode, object) = cilium.enforcement();
    let (topic, openness, words) = match mode {
        "never" => (
            Topic::Authentication,
            1,
            "has no policy of Cilium enforced, neither on who may call nor on who has to show an identity",
        ),
        "always" => (
            Topic::Filter,
            -1,
            "lets nothing in or out that no policy allows, by Cilium's enforcement mode",
        ),
        _ => return,
    };
    let of = if mode == "never" {
        Boundary::all_of(cilium.cluster)
    } else {
        vec![Boundary::Cluster(cilium.name().clone())]
    };
    declarations.state(
        &of,
        Statement {
            topic,
            about: "enforcement by Cilium".to_owned(),
            matter: "enforcement by Cilium".to_owned(),
            value: mode.to_owned(),
            openness,
            words: words.to_owned(),
            origins: declarations.origins_of(object),
        },
    );
    if let ("never", Some(object)) = (mode, object) {
        let line = ["policyEnforcementMode"]
            .iter()
            .find_map(|key| object.root.field_at(&[key]))
            .or_else(|| object.root.field_at(&["data", "enable-policy"]))
            .map_or(object.root.line, |field| field.line);
        let shown = cilium.name().as_deref().map(|name| format!("{name}/"));
        declarations.open_doors.push(Site {
            subject: format!("{}Cilium policyEnforcementMode", shown.unwrap_or_default()),
            words: "has no policy enforced".to_owned(),
            source: object.source.clone(),
            lines: [line, line],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::in_mesh("so that none can ask who calls")),
        });
    }
}

/// Clusters that are meshed. Each side has to be told of the other; WireGuard has to be on in all or in none.
fn meshed(cilium: &Cilium<'_, '_>, all: &[Cilium<'_, '_>], declarations: &mut Declarations<'_>) {
    let shown = cilium.name().as_deref().unwrap_or("unnamed");
    for (name, object) in &cilium.remotes {
        let remote = name.as_deref().unwrap_or_default();
        let other = all.iter().find(|one| one.name() == name);
        let both = [cilium.encrypts(), other.and_then(Cilium::encrypts)];
        let protection = if both == [Some(true); 2] {
            Protection::Tunnel
        } else if both.contains(&Some(false)) {
            Protection::None
        } else {
            Protection::Unknown
        };
        let in_transit = InTransit {
            protection,
            evidence: (protection != Protection::Unknown).then(evidence),
        };
        let role = "cluster mesh";
        declarations.protected_link(cilium.name(), name, role, object, Some(in_transit));
        match other {
            None => declarations.notice(
                "mesh-peer-not-seen",
                object,
                format!(
                    "it meshes with cluster {remote}, whose configuration of Cilium is not among the files: only this half of the \
                     mesh is seen, and not whether traffic between the two is encrypted"
                ),
            ),
            Some(other) if !other.joins(cilium.name()) => declarations.notice(
                "mesh-half-open",
                object,
                format!(
                    "it meshes with cluster {remote}, which is not told of {shown} in turn: nothing goes between the two before it \
                     is, and it counts all the same"
                ),
            ),
            Some(other) if both.contains(&Some(false)) && both != [Some(false); 2] => {
                let plain = if both[0] == Some(false) { cilium } else { other };
                declarations.notice(
                    "mesh-mixed-encryption",
                    object,
                    format!(
                        "clusters {shown} and {remote} are meshed and only one of them encrypts: Cilium does not support that, and \
                         traffic between the two counts as in the clear because of {}",
                        plain.name().as_deref().unwrap_or("unnamed")
                    ),
                );
            }
            Some(_) => {}
        }
    }
}

fn evidence() -> Evidence {
    Evidence {
        fact: "cilium-cluster-mesh".to_owned(),
        claim: "traffic between the pods of meshed clusters is encrypted where all of them have transparent encryption on"
            .to_owned(),
        source: "https://docs.cilium.io/en/stable/security/network/encryption-wireguard/".to_owned(),
        read: "2026-11-22".to_owned(),
    }
}

/// What other clusters ask this one's state of.
fn api_server(cilium: &Cilium<'_, '_>, declarations: &mut Declarations<'_>) {
    for one in &cilium.installations {
        let Some(mesh) = one
            .values
            .as_ref()
            .and_then(|values| values.get("clustermesh"))
        else {
            continue;
        };
        if mesh.get("useAPIServer").and_then(Node::truth) != Some(true) {
            continue;
        }
        let service = mesh.at(&["apiserver", "service"]);
        let kind = service.and_then(|service| service.text_at(&["type"]));
        let annotations = texts_of(service.and_then(|service| service.get("annotations")));
        let opening = kubernetes::opening_of(kind.unwrap_or("NodePort"), &annotations);
        let Some(opening) = opening else { continue };
        let (value, openness) = match opening {
            Opening::Public => ("the internet, through a load balancer", 3),
            Opening::NodePort => ("the network around it, on a port of every node", 2),
            Opening::Internal => ("the network around it, through a load balancer", 1),
        };
        declarations.state(
            &[Boundary::Cluster(cilium.name().clone())],
            Statement {
                topic: Topic::Exposure,
                about: "cluster mesh".to_owned(),
                matter: "cluster mesh".to_owned(),
                value: value.to_owned(),
                openness,
                words: format!("has the state of its cluster mesh reached from {value}"),
                origins: declarations.origins_of([one.object]),
            },
        );
    }
}

/// Settings of single nodes that differ from those of the cluster.
fn nodes(cilium: &Cilium<'_, '_>, declarations: &mut Declarations<'_>) {
    const TELLING: &[&str] = &[
        "enable-wireguard",
        "enable-ipsec",
        "encrypt-node",
        "enable-encryption-strict-mode",
        "enable-encryption-strict-mode-egress",
        "enable-policy",
    ];
    let mut sets = BTreeSet::new();
    let mut origins = BTreeSet::new();
    for config in cilium.cluster.of_kind(".cilium.io", "CiliumNodeConfig") {
        let defaults = config.root.at(&["spec", "defaults"]);
        for field in defaults.map(Node::fields).unwrap_or_default() {
            let key = field.key.as_str();
            let (true, Some(value)) = (TELLING.contains(&key), field.value.text()) else {
                continue;
            };
            let nodes = config.root.at(&["spec", "nodeSelector"]);
            let nodes = nodes.map(Node::canonical).unwrap_or_default();
            sets.insert(format!("{key}={value} on nodes {nodes}"));
            origins.insert(declarations.origin(config));
            let is_switch = matches!(key, "enable-wireguard" | "enable-ipsec" | "encrypt-node");
            if is_switch && field.value.truth() == Some(false) {
                declarations.sites.push(Site {
                    subject: format!("{} {key}", config.identity.address()),
                    words: "leaves traffic of some nodes in the clear".to_owned(),
                    source: config.source.clone(),
                    lines: [field.line, field.value.end_line],
                    far_side: FarSide::NotTold,
                    unproven: None,
                });
            }
        }
    }
    if sets.is_empty() {
        return;
    }
    let opens = |one: &String| one.contains("=false ") || one.contains("=never ");
    let openness = i32::try_from(sets.iter().filter(|one| opens(one)).count());
    let sets: Vec<String> = sets.into_iter().collect();
    let shown = sets.join(", ");
    declarations.state(
        &Boundary::all_of(cilium.cluster),
        Statement {
            topic: Topic::Encryption,
            about: "settings of single nodes by Cilium".to_owned(),
            matter: "settings of single nodes by Cilium".to_owned(),
            value: shown.clone(),
            openness: openness.unwrap_or(i32::MAX),
            words: format!("has some nodes with settings of their own: {shown}"),
            origins,
        },
    );
}

/// Neighbours that routes are exchanged with, and what leaves by chosen nodes.
fn routes(cilium: &Cilium<'_, '_>, declarations: &mut Declarations<'_>) {
    let boundary = Boundary::Cluster(cilium.name().clone());
    for (kind, instances, peers, address, number) in [
        (
            "CiliumBGPPeeringPolicy",
            "virtualRouters",
            "neighbors",
            "peerAddress",
            "peerASN",
        ),
        (
            "CiliumBGPClusterConfig",
            "bgpInstances",
            "peers",
            "peerAddress",
            "peerASN",
        ),
    ] {
        for object in cilium.cluster.of_kind(".cilium.io", kind) {
            let listed = object.root.at(&["spec", instances]).map(Node::items);
            let peers = listed
                .unwrap_or_default()
                .iter()
                .filter_map(|one| one.get(peers))
                .flat_map(Node::items);
            for peer in peers {
                // A neighbour that is found by itself has no address.
                let place = peer.text_at(&[address]).unwrap_or("a router it finds");
                let place = place.split('/').next().unwrap_or(place);
                let number = peer.text_at(&[number]).unwrap_or("any number");
                declarations.state_as(
                    std::slice::from_ref(&boundary),
                    Statement {
                        topic: Topic::Mesh,
                        about: format!("routes with {place}"),
                        matter: format!("routes with {place}"),
                        value: number.to_owned(),
                        openness: 1,
                        words: format!("exchanges routes with {place} (AS {number})"),
                        origins: declarations.origins_of([object]),
                    },
                    Extent {
                        of_networks: true,
                        ..Extent::default()
                    },
                );
            }
        }
    }
}
