//! What holds for a whole mesh: trust domain and roots, its own network, and the clusters it joins.
//!
//! Read from the ConfigMap of the control plane, the operators' objects, and values files of the charts. Defaults: the mesh
//! configuration of Istio (<https://github.com/istio/istio/blob/master/pkg/config/mesh/mesh.go>, read 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::super::charts;
use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement};
use super::super::estate::Cluster;
use super::super::object::{ClusterName, Object, texts_of};
use super::super::roots;
use super::super::yaml::Node;
use super::ROOT_NAMESPACE;

/// The trust domain of a control plane that is told none.
const DEFAULT_TRUST_DOMAIN: &str = "cluster.local";

/// Settings of a mesh, with the object that says so.
pub(super) struct Settings<'m> {
    pub(super) object: &'m Object,
    /// `MeshConfig`.
    mesh: Option<Node>,
    /// `MeshNetworks`.
    networks: Option<Node>,
    /// The chart's `global`.
    global: Option<Node>,
}

/// Istio in one cluster.
pub(super) struct Mesh<'e, 'm> {
    pub(super) cluster: &'e Cluster<'m>,
    /// The namespace whose policies hold for the whole mesh.
    pub(super) root_namespace: String,
    settings: Vec<Settings<'m>>,
}

/// The labels that a policy selects workloads by; none: all of its namespace.
pub(super) fn selector(object: &Object) -> BTreeMap<String, String> {
    texts_of(object.root.at(&["spec", "selector", "matchLabels"]))
}

/// Whether an object is the ConfigMap of a control plane: `istio`, or `istio-` and a revision.
pub(super) fn is_mesh_config(object: &Object) -> bool {
    object.is("", "ConfigMap")
        && (object.identity.name == "istio" || object.identity.name.starts_with("istio-"))
        && (object.root.at(&["data", "mesh"]).is_some()
            || object.root.at(&["data", "meshNetworks"]).is_some())
}

impl<'e, 'm> Mesh<'e, 'm> {
    pub(super) fn of(cluster: &'e Cluster<'m>) -> Self {
        let settings: Vec<Settings<'m>> = cluster
            .objects
            .iter()
            .filter_map(|object| settings(object))
            .collect();
        let told = settings
            .iter()
            .find_map(|one| one.mesh.as_ref()?.text_at(&["rootNamespace"]));
        Self {
            cluster,
            root_namespace: told.unwrap_or(ROOT_NAMESPACE).to_owned(),
            settings,
        }
    }

    pub(super) fn name(&self) -> &ClusterName {
        &self.cluster.name
    }

    /// Whether policies of a namespace hold for the whole mesh.
    pub(super) fn is_root(&self, namespace: Option<&str>) -> bool {
        namespace == Some(self.root_namespace.as_str())
    }

    pub(super) fn boundary(&self) -> Boundary {
        Boundary::Cluster(self.cluster.name.clone())
    }

    /// A value of the mesh configuration, with who says so and where; of several the first.
    pub(super) fn config(&self, path: &[&str]) -> Option<(&Settings<'m>, &Node)> {
        self.settings
            .iter()
            .find_map(|one| Some((one, one.mesh.as_ref()?.at(path)?)))
    }

    fn global(&self, path: &[&str]) -> Option<(&Settings<'m>, &Node)> {
        self.settings.iter().find_map(|one| {
            let value = one.global.as_ref()?.at(path)?;
            (value.text() != Some("")).then_some((one, value))
        })
    }

    /// Whether clients use mTLS by themselves where the server takes it.
    pub(super) fn has_auto_mtls(&self) -> bool {
        self.config(&["enableAutoMtls"])
            .and_then(|(_, value)| value.truth())
            .unwrap_or(true)
    }

    /// The identifier that the clusters of one mesh share.
    fn mesh_id(&self) -> Option<&str> {
        let told = self.global(&["meshID"]).and_then(|(_, value)| value.text());
        told.or_else(|| {
            let path = ["defaultConfig", "meshId"];
            self.config(&path).and_then(|(_, value)| value.text())
        })
    }

    /// The network that the workloads of this cluster are in, and who says so. A label of the system namespace counts, and
    /// else what the installation says.
    fn network(&self) -> Option<(String, &'m Object)> {
        let namespaces = self.cluster.of_kind("", "Namespace");
        let labelled = namespaces
            .filter(|object| object.identity.name == self.root_namespace)
            .find_map(|object| {
                Some((
                    object.label("topology.istio.io/network")?.to_owned(),
                    object,
                ))
            });
        labelled.or_else(|| {
            let (settings, value) = self.global(&["network"])?;
            Some((value.text()?.to_owned(), settings.object))
        })
    }

    /// Clusters whose services this one finds, with the secret that lets it.
    fn remotes(&self) -> Vec<(ClusterName, &'m Object)> {
        let mut remotes = Vec::new();
        for object in &self.cluster.objects {
            let template = match object.identity.kind.as_str() {
                "Secret" => Some(&object.root),
                // What a controller makes a Secret of.
                "SealedSecret" => object.root.at(&["spec", "template"]),
                "ExternalSecret" => object.root.at(&["spec", "target", "template"]),
                _ => None,
            };
            let Some(template) = template else { continue };
            if template.text_at(&["metadata", "labels", "istio/multiCluster"]) != Some("true") {
                continue;
            }
            let annotated =
                template.text_at(&["metadata", "annotations", "networking.istio.io/cluster"]);
            let keyed = || {
                let tables = ["stringData", "data"]
                    .iter()
                    .filter_map(|key| template.get(key));
                tables
                    .flat_map(Node::fields)
                    .map(|field| field.key.as_str())
                    .next()
            };
            let name = &object.identity.name;
            let from_name = || name.strip_prefix("istio-remote-secret-").unwrap_or(name);
            let remote = annotated.or_else(keyed).unwrap_or_else(from_name);
            remotes.push((Some(Arc::from(remote)), *object));
        }
        remotes
    }
}

fn settings(object: &Object) -> Option<Settings<'_>> {
    let embedded = |path: &[&str]| object.root.at(path)?.embedded().0.into_iter().next();
    if is_mesh_config(object) {
        return Some(Settings {
            object,
            mesh: embedded(&["data", "mesh"]),
            networks: embedded(&["data", "meshNetworks"]),
            global: None,
        });
    }
    let (mesh, global) = match object.identity.kind.as_str() {
        "IstioOperator" if object.is("install.istio.io", "IstioOperator") => (
            object.root.at(&["spec", "meshConfig"]),
            object.root.at(&["spec", "values", "global"]),
        ),
        "Istio" if object.identity.group.ends_with("sailoperator.io") => (
            object.root.at(&["spec", "values", "meshConfig"]),
            object.root.at(&["spec", "values", "global"]),
        ),
        _ => {
            let values = charts::handed(object, "istiod", "IstioValues")?.values;
            let global = values.get("global");
            let networks = global.and_then(|global| global.get("meshNetworks"));
            return Some(Settings {
                object,
                mesh: values.get("meshConfig").cloned(),
                networks: networks.or_else(|| values.get("meshNetworks")).cloned(),
                global: global.cloned(),
            });
        }
    };
    let networks = global.and_then(|global| global.get("meshNetworks"));
    Some(Settings {
        object,
        mesh: mesh.cloned(),
        networks: networks.cloned(),
        global: global.cloned(),
    })
}

/// State what holds for whole meshes.
pub(super) fn declare(meshes: &[Mesh<'_, '_>], declarations: &mut Declarations<'_>) {
    let known: BTreeSet<&ClusterName> = meshes.iter().map(Mesh::name).collect();
    for mesh in meshes {
        trust(mesh, declarations);
        clients(mesh, declarations);
        around_all_proxies(mesh, declarations);
        let joined = joined(mesh, meshes);
        networks(mesh, &joined, declarations);
        for (remote, secret) in mesh.remotes() {
            if remote == *mesh.name() {
                continue;
            }
            declarations.mesh_link(mesh.name(), &remote, "remote secret", secret);
            if !known.contains(&remote) {
                let cluster = remote.as_deref().unwrap_or_default();
                declarations.notice(
                    "mesh-peer-not-seen",
                    secret,
                    format!(
                        "it joins cluster {cluster}, whose configuration of Istio is not among the files: only this half of the \
                         mesh is seen"
                    ),
                );
            }
        }
        east_west(mesh, &joined, declarations);
    }
}

/// Traffic that the injector of an installation takes past the proxies of all workloads, unless an annotation says otherwise
/// (<https://istio.io/latest/docs/reference/config/annotations/>, read 2026-11-22).
fn around_all_proxies(mesh: &Mesh<'_, '_>, declarations: &mut Declarations<'_>) {
    const KEYS: &[(&str, &str, &str)] = &[
        (
            "excludeInboundPorts",
            "",
            "has workloads take traffic past their proxies on ports",
        ),
        (
            "excludeOutboundPorts",
            "",
            "has workloads send traffic past their proxies to ports",
        ),
        (
            "excludeIPRanges",
            "",
            "has workloads send traffic past their proxies to",
        ),
        (
            "includeInboundPorts",
            "*",
            "has workloads take traffic through their proxies only on ports",
        ),
        (
            "includeIPRanges",
            "*",
            "has workloads send traffic through their proxies only to",
        ),
    ];
    let namespaces = mesh.cluster.namespaces.keys();
    let name = mesh.name();
    let mut of: Vec<Boundary> = namespaces
        .map(|one| Boundary::Namespace(name.clone(), Some(one.clone())))
        .collect();
    of.push(mesh.boundary());
    for (key, default, words) in KEYS {
        let Some((settings, value)) = mesh.global(&["proxy", key]) else {
            continue;
        };
        let mut listed: Vec<&str> = match value.text() {
            Some(text) => text.split(',').map(str::trim).collect(),
            None => value.texts(),
        };
        listed.sort_unstable();
        let listed = listed.join(", ");
        if listed == *default || listed.is_empty() {
            continue;
        }
        let words = format!("{words} {listed}");
        let statement = Statement {
            topic: Topic::Encryption,
            about: format!("{key} of all proxies"),
            matter: format!("{key} of all proxies"),
            value: listed,
            openness: 1,
            words: words.clone(),
            origins: declarations.origins_of([settings.object]),
        };
        declarations.state(&of, statement);
        declarations.sites.push(Site {
            subject: format!("{} global.proxy.{key}", settings.object.identity.address()),
            words,
            source: settings.object.source.clone(),
            lines: [value.line, value.end_line],
            far_side: FarSide::NotTold,
            unproven: None,
        });
    }
}

/// This cluster and those that are in one mesh with it: by the mesh's identifier, or by a remote secret either way.
fn joined(mesh: &Mesh<'_, '_>, meshes: &[Mesh<'_, '_>]) -> Vec<Boundary> {
    let finds = |one: &Mesh<'_, '_>, other: &Mesh<'_, '_>| {
        one.remotes()
            .iter()
            .any(|(remote, _)| remote == other.name())
    };
    let of_one_mesh = meshes.iter().filter(|other| {
        std::ptr::eq(*other, mesh)
            || other.mesh_id().is_some() && other.mesh_id() == mesh.mesh_id()
            || finds(mesh, other)
            || finds(other, mesh)
    });
    of_one_mesh.map(Mesh::boundary).collect()
}

/// A mesh-wide fact of one mesh's cluster.
fn mesh_fact(
    about: String,
    value: String,
    openness: i32,
    words: String,
    origin: OriginId,
) -> Statement {
    Statement {
        topic: Topic::Mesh,
        matter: about.clone(),
        about,
        value,
        openness,
        words,
        origins: BTreeSet::from([origin]),
    }
}

fn trust(mesh: &Mesh<'_, '_>, declarations: &mut Declarations<'_>) {
    let of = mesh.boundary();
    let told = mesh.config(&["trustDomain"]);
    let told = told.or_else(|| mesh.global(&["trustDomain"]));
    let trust_domain = told
        .and_then(|(_, value)| value.text())
        .unwrap_or(DEFAULT_TRUST_DOMAIN);
    let origins: BTreeSet<OriginId> = told
        .map(|(settings, _)| declarations.origin(settings.object))
        .into_iter()
        .collect();
    let mut bearers = vec![of.clone()];
    if let (Some(origin), true) = (origins.first(), trust_domain != DEFAULT_TRUST_DOMAIN) {
        declarations.trust_domain(trust_domain, *origin);
        bearers.push(Boundary::TrustDomain(trust_domain.to_owned()));
    }
    declarations.state(
        &[of],
        Statement {
            topic: Topic::Mesh,
            about: "trust domain".to_owned(),
            matter: "trust domain".to_owned(),
            value: trust_domain.to_owned(),
            openness: 0,
            words: format!("has the trust domain {trust_domain}"),
            origins,
        },
    );
    let aliases = mesh
        .config(&["trustDomainAliases"])
        .or_else(|| mesh.global(&["trustDomainAliases"]));
    if let Some((settings, list)) = aliases {
        for alias in list.texts() {
            let words = format!("takes identities of trust domain {alias} for its own");
            let origin = declarations.origin(settings.object);
            let fact = mesh_fact(
                format!("alias {alias}"),
                "taken".to_owned(),
                1,
                words,
                origin,
            );
            declarations.state(&bearers, fact);
        }
    }
    if let Some((settings, list)) = mesh.config(&["caCertificates"]) {
        for root in list.items() {
            let origin = declarations.origin(settings.object);
            let numbers = root.text_at(&["pem"]).map(roots::numbers);
            let numbers = numbers.unwrap_or_default().into_iter();
            let mut shown: Vec<String> = numbers
                .map(|number| format!("the certificate with the number {number}"))
                .collect();
            let fetched = root.text_at(&["spiffeBundleUrl"]);
            shown.extend(fetched.map(|url| format!("what {url} hands out")));
            // Those that it is for, where it is not for all.
            let of = ["trustDomains", "certSigners"].iter().filter_map(|key| {
                let names = root.get(key)?.texts().join(", ");
                Some(format!(" for {names}"))
            });
            let shown = shown.join(" and ") + &of.collect::<String>();
            let words = format!("trusts a further root: {shown}");
            let fact = mesh_fact(
                format!("root {shown}"),
                "trusted".to_owned(),
                1,
                words,
                origin,
            );
            declarations.state(&bearers, fact);
        }
    }
    plugged_in(mesh, &bearers, declarations);
}

/// The root that is plugged in by the Secret `cacerts`, in place of one that the control plane makes for itself
/// (<https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/>, read 2026-11-22).
fn plugged_in(mesh: &Mesh<'_, '_>, bearers: &[Boundary], declarations: &mut Declarations<'_>) {
    const KEY: &str = "root-cert.pem";
    let mut trusted: BTreeMap<String, BTreeSet<OriginId>> = BTreeMap::new();
    for secret in mesh.cluster.of_kind("", "Secret") {
        if secret.identity.name != "cacerts" {
            continue;
        }
        let spelled = secret.root.text_at(&["stringData", KEY]).map(str::to_owned);
        let encoded = || {
            let letters: String = secret
                .root
                .text_at(&["data", KEY])?
                .split_whitespace()
                .collect();
            let bytes = STANDARD.decode(letters).ok()?;
            String::from_utf8(bytes).ok()
        };
        for number in spelled
            .or_else(encoded)
            .iter()
            .flat_map(|text| roots::numbers(text))
        {
            let origins = trusted.entry(number).or_default();
            origins.insert(declarations.origin(secret));
        }
    }
    roots::state("Istio", bearers, trusted, declarations);
}

/// What clients do that no rule of their own speaks of.
fn clients(mesh: &Mesh<'_, '_>, declarations: &mut Declarations<'_>) {
    let told = mesh.config(&["enableAutoMtls"]);
    let is_automatic = mesh.has_auto_mtls();
    let mut of = vec![mesh.boundary()];
    let told_of = mesh.cluster.namespaces.keys().cloned().map(Some);
    let untold = mesh.cluster.has_untold.then_some(None);
    let namespaces = told_of.chain(untold);
    of.extend(namespaces.map(|one| Boundary::Namespace(mesh.name().clone(), one)));
    of.extend(mesh.cluster.workloads.iter().map(Boundary::of));
    let (value, openness, words) = if is_automatic {
        ("mTLS", 1, "calls others with mTLS where they take it")
    } else {
        (
            "plaintext",
            3,
            "calls others in the clear unless a DestinationRule says otherwise",
        )
    };
    declarations.state(
        &of,
        Statement {
            topic: Topic::Encryption,
            about: "calls".to_owned(),
            matter: "calls".to_owned(),
            value: value.to_owned(),
            openness,
            words: words.to_owned(),
            origins: told
                .map(|(settings, _)| declarations.origin(settings.object))
                .into_iter()
                .collect(),
        },
    );
    if let (false, Some((settings, value))) = (is_automatic, told) {
        declarations.sites.push(Site {
            subject: format!("{} enableAutoMtls", settings.object.identity.address()),
            words: "turns off the mTLS that clients use by themselves".to_owned(),
            source: settings.object.source.clone(),
            lines: [value.line, value.end_line],
            far_side: FarSide::NotTold,
            unproven: None,
        });
    }
    let (mode, origin) = match mesh.config(&["outboundTrafficPolicy", "mode"]) {
        Some((settings, value)) => (
            value.text().unwrap_or("ALLOW_ANY"),
            Some(declarations.origin(settings.object)),
        ),
        None => ("ALLOW_ANY", None),
    };
    let (openness, words) = if mode == "REGISTRY_ONLY" {
        (
            1,
            "sends nothing to hosts outside the mesh that no ServiceEntry names",
        )
    } else {
        (2, "lets workloads call any host outside the mesh")
    };
    declarations.state(
        &[mesh.boundary()],
        Statement {
            topic: Topic::Mesh,
            about: "hosts outside".to_owned(),
            matter: "hosts outside".to_owned(),
            // A third mode opens as much as the default.
            value: if openness == 1 { "known" } else { "any" }.to_owned(),
            openness,
            words: words.to_owned(),
            origins: origin.into_iter().collect(),
        },
    );
}

/// The network that a cluster says it is in, and what else is in that.
fn networks(mesh: &Mesh<'_, '_>, joined: &[Boundary], declarations: &mut Declarations<'_>) {
    let everywhere = || Extent {
        of_networks: true,
        ..Extent::default()
    };
    let shown = mesh.cluster.shown.clone();
    if let Some((network, object)) = mesh.network() {
        declarations.state_as(
            joined,
            Statement {
                topic: Topic::Mesh,
                about: format!("network of {shown}"),
                matter: format!("network of {shown}"),
                value: network.clone(),
                openness: 0,
                words: format!(
                    "is in a mesh in which cluster {shown} is in network {network}: pods of one network call each other \
                     directly, of two through gateways"
                ),
                origins: BTreeSet::from([declarations.origin(object)]),
            },
            everywhere(),
        );
    }
    if let Some(id) = mesh.mesh_id() {
        let told = mesh
            .global(&["meshID"])
            .or_else(|| mesh.config(&["defaultConfig", "meshId"]));
        declarations.state(
            &[mesh.boundary()],
            Statement {
                topic: Topic::Mesh,
                about: "mesh".to_owned(),
                matter: "mesh".to_owned(),
                value: id.to_owned(),
                openness: 0,
                words: format!("is in the mesh {id}"),
                origins: told
                    .map(|(settings, _)| declarations.origin(settings.object))
                    .into_iter()
                    .collect(),
            },
        );
    }
    for settings in &mesh.settings {
        let Some(all) = &settings.networks else {
            continue;
        };
        let origin = declarations.origin(settings.object);
        // The ConfigMap wraps the table once more than the chart's values do.
        let table = all.get("networks").unwrap_or(all);
        for network in table.fields() {
            let endpoints = network
                .value
                .get("endpoints")
                .map(Node::items)
                .unwrap_or_default();
            for endpoint in endpoints {
                let what = endpoint
                    .text_at(&["fromCidr"])
                    .or_else(|| endpoint.text_at(&["fromRegistry"]));
                let Some(what) = what else { continue };
                let about = format!("network {} holds {what}", network.key);
                let words = format!(
                    "is in a mesh whose network {} holds {what}, reached directly from all of that network",
                    network.key
                );
                let fact = mesh_fact(about, "held".to_owned(), 1, words, origin);
                declarations.state_as(joined, fact, everywhere());
            }
            for gateway in network
                .value
                .get("gateways")
                .map(Node::items)
                .unwrap_or_default()
            {
                let address = gateway
                    .text_at(&["address"])
                    .or_else(|| gateway.text_at(&["registryServiceName"]));
                let Some(address) = address else { continue };
                let port = gateway.text_at(&["port"]).unwrap_or("?");
                let about = format!("network {} through {address}:{port}", network.key);
                let words = format!(
                    "is in a mesh whose network {} is entered through {address}:{port}",
                    network.key
                );
                let fact = mesh_fact(about, "entered".to_owned(), 1, words, origin);
                declarations.state_as(joined, fact, everywhere());
            }
        }
    }
}

/// Gateways that hand the services of a cluster to other clusters, by the name that TLS shows.
fn east_west(mesh: &Mesh<'_, '_>, joined: &[Boundary], declarations: &mut Declarations<'_>) {
    let mut opened: Vec<(String, &Object)> = Vec::new();
    for gateway in mesh.cluster.of_kind("networking.istio.io", "Gateway") {
        let servers = gateway.root.at(&["spec", "servers"]).map(Node::items);
        for server in servers.unwrap_or_default() {
            if server.text_at(&["tls", "mode"]) == Some("AUTO_PASSTHROUGH") {
                let mut hosts = server.get("hosts").map(Node::texts).unwrap_or_default();
                hosts.sort_unstable();
                opened.push((hosts.join(", "), gateway));
            }
        }
    }
    for gateway in mesh.cluster.of_kind("gateway.networking.k8s.io", "Gateway") {
        if gateway.root.text_at(&["spec", "gatewayClassName"]) == Some("istio-east-west") {
            opened.push(("all global ones".to_owned(), gateway));
        }
    }
    let shown = mesh.cluster.shown.clone();
    for (hosts, gateway) in opened {
        let origin = declarations.origin(gateway);
        let about = format!("services {hosts} of {shown}");
        let words = format!(
            "is in a mesh in which cluster {shown} hands the services {hosts} to other clusters through gateway {}",
            gateway.identity.qualified_name()
        );
        let fact = mesh_fact(about, "handed out".to_owned(), 1, words, origin);
        let extent = Extent {
            of_networks: true,
            ..Extent::default()
        };
        declarations.state_as(joined, fact, extent);
        if joined.len() == 1 && mesh.remotes().is_empty() {
            declarations.notice(
                "mesh-peer-not-seen",
                gateway,
                "it opens services to other clusters, and none of those is among the files: which of them use it is not seen",
            );
        }
    }
}
