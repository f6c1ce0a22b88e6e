//! The Gateway API of Kubernetes: what listeners take and ask for, and what routes lead to.
//!
//! `routes` follows routes to Services and tells how gateways call those, `mesh_routes` those that callers inside a mesh are led by. Defaults: the API's own types
//! (<https://github.com/kubernetes-sigs/gateway-api/tree/main/apis/v1>, read 2026-11-22): a listener terminates TLS unless its
//! mode says otherwise, takes routes of its own namespace only, and lets no caller in whose certificate does not pass where one
//! is asked for. Whether a gateway is reached from the internet is for its implementation to say: it counts as public unless
//! something that is known keeps it inside.

mod mesh_routes;
pub(super) mod routes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;

use super::consul;
use super::declare::{Boundary, Declarations, FarSide, Site, Statement, Unproven};
use super::estate::{Cluster, Estate};
use super::kubernetes::{self, Opening};
use super::object::{Object, is_private, selects, texts_of};
use super::systems::{Meaning, System};
use super::yaml::Node;

use routes::Route;

/// The Gateway API.
pub(super) const SYSTEM: System = System {
    name: "the Gateway API",
    groups: &["gateway.networking.k8s.io", "gateway.networking.x-k8s.io"],
    kinds: &[
        ("Gateway", Meaning::Modelled),
        ("GatewayClass", Meaning::Modelled),
        ("ListenerSet", Meaning::Modelled),
        ("XListenerSet", Meaning::Modelled),
        ("HTTPRoute", Meaning::Modelled),
        ("GRPCRoute", Meaning::Modelled),
        ("TLSRoute", Meaning::Modelled),
        ("TCPRoute", Meaning::Modelled),
        ("UDPRoute", Meaning::Modelled),
        ("ReferenceGrant", Meaning::Modelled),
        ("BackendTLSPolicy", Meaning::Modelled),
        ("XBackendTrafficPolicy", Meaning::Irrelevant),
        ("BackendLBPolicy", Meaning::Irrelevant),
        (
            "XMesh",
            Meaning::NotYet("settings of a mesh that serves routes"),
        ),
    ],
    document_words: &[],
    document: |_| None,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |_| false,
    declare,
};

pub(super) const GROUP: &str = "gateway.networking.k8s.io";

/// Groups of stable and of experimental kinds.
const GROUPS: [&str; 2] = [GROUP, "gateway.networking.x-k8s.io"];

/// Gateways inside a mesh that nothing outside it enters by.
const OF_MESH: &[&str] = &["istio-waypoint", "istio-east-west", "istio-remote"];

/// From where a gateway is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Its own cluster.
    Cluster,
    /// The network around the cluster.
    Network,
    /// The internet.
    Internet,
}

/// Whose routes a listener takes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    None,
    Same,
    Selected(BTreeMap<String, String>, String),
    All,
}

/// One listener.
pub(super) struct Listener<'m> {
    node: &'m Node,
    /// Who declares it: the gateway, or a set of listeners for it.
    pub(super) object: &'m Object,
    name: &'m str,
    port: &'m str,
    protocol: String,
    hostname: &'m str,
    mode: &'m str,
    allowed: Allowed,
}

/// A gateway with all its listeners.
pub(super) struct Gateway<'m> {
    pub(super) object: &'m Object,
    /// Its class is one of Consul's.
    pub(super) is_of_consul: bool,
    /// It calls what is behind it with the mTLS of a mesh.
    calls_through_mesh: bool,
    pub(super) reach: Reach,
    /// What else than itself says so.
    decided_by: Option<&'m Object>,
    pub(super) listeners: Vec<Listener<'m>>,
}

impl Listener<'_> {
    /// Whether callers speak in the clear, as far as the gateway knows.
    fn is_plain(&self) -> bool {
        !matches!(self.protocol.as_str(), "HTTPS" | "TLS")
    }

    /// Whether what is encrypted up to here is decrypted here.
    pub(super) fn terminates(&self) -> bool {
        !self.is_plain() && self.mode != "Passthrough"
    }

    /// Whether it takes routes of a namespace.
    fn takes(&self, cluster: &Cluster<'_>, namespace: Option<&str>) -> bool {
        match &self.allowed {
            Allowed::None => false,
            Allowed::Same => self.object.identity.namespace.as_deref() == namespace,
            Allowed::All => true,
            Allowed::Selected(labels, _) => {
                let described = namespace
                    .and_then(|name| cluster.namespaces.get(name))
                    .and_then(|all| all.first());
                // Labels of a namespace that no file describes may be any.
                described.is_none_or(|object| {
                    let mut own = texts_of(object.root.at(&["metadata", "labels"]));
                    let name = object.identity.name.clone();
                    own.insert("kubernetes.io/metadata.name".to_owned(), name);
                    selects(labels, &own)
                })
            }
        }
    }
}

impl<'m> Gateway<'m> {
    pub(super) fn all(cluster: &Cluster<'m>) -> Vec<Self> {
        let mut gateways = Vec::new();
        for object in cluster.of_kind(GROUP, "Gateway") {
            let class = object.root.text_at(&["spec", "gatewayClassName"]);
            let class = class.unwrap_or_default();
            if OF_MESH.contains(&class) {
                continue;
            }
            let mut listeners: Vec<Listener<'m>> = listeners(object).collect();
            listeners.extend(sets(cluster, object).flat_map(self::listeners));
            let (reach, decided_by) = reach(cluster, object, class);
            let is_of_consul = consul::is_class(cluster, class);
            gateways.push(Gateway {
                object,
                is_of_consul,
                calls_through_mesh: is_of_consul || class == "istio",
                reach,
                decided_by,
                listeners,
            });
        }
        gateways
    }

    pub(super) fn name(&self) -> String {
        self.object.identity.qualified_name()
    }
}

fn listeners(object: &Object) -> impl Iterator<Item = Listener<'_>> {
    let listed = object.root.at(&["spec", "listeners"]).map(Node::items);
    listed.unwrap_or_default().iter().map(|node| {
        let protocol = node.text_at(&["protocol"]).unwrap_or("HTTP");
        let allowed = node.at(&["allowedRoutes", "namespaces"]);
        let selector = allowed.and_then(|allowed| allowed.get("selector"));
        Listener {
            node,
            object,
            name: node.text_at(&["name"]).unwrap_or_default(),
            port: node.text_at(&["port"]).unwrap_or("?"),
            // Implementations may have protocols of their own, under a prefix.
            protocol: protocol.rsplit('/').next().unwrap_or(protocol).to_owned(),
            hostname: node.text_at(&["hostname"]).unwrap_or("*"),
            mode: node.text_at(&["tls", "mode"]).unwrap_or("Terminate"),
            allowed: match allowed.and_then(|allowed| allowed.text_at(&["from"])) {
                Some("All") => Allowed::All,
                Some("None") => Allowed::None,
                Some("Selector") => Allowed::Selected(
                    texts_of(selector.and_then(|selector| selector.get("matchLabels"))),
                    selector.map(Node::canonical).unwrap_or_default(),
                ),
                _ => Allowed::Same,
            },
        }
    })
}

/// Sets of listeners that a gateway lets others add to it; by default it lets nobody.
fn sets<'m, 's>(
    cluster: &'s Cluster<'m>,
    gateway: &'s Object,
) -> impl Iterator<Item = &'m Object> + 's {
    let from = gateway
        .root
        .text_at(&["spec", "allowedListeners", "namespaces", "from"])
        .unwrap_or("None");
    let kinds = GROUPS
        .iter()
        .flat_map(|group| ["ListenerSet", "XListenerSet"].map(|kind| (*group, kind)));
    kinds
        .flat_map(|(group, kind)| cluster.of_kind(group, kind).collect::<Vec<_>>())
        .filter(move |set| {
            let parent = |key: &str| set.root.text_at(&["spec", "parentRef", key]);
            let own = &set.identity.namespace;
            let namespace = parent("namespace").or(own.as_deref());
            let is_its = parent("name") == Some(gateway.identity.name.as_str())
                && namespace == gateway.identity.namespace.as_deref();
            let is_let = match from {
                "None" => false,
                "Same" => *own == gateway.identity.namespace,
                _ => true,
            };
            is_its && is_let
        })
}

/// From where a gateway is reached, and what else than itself says so.
fn reach<'m>(cluster: &Cluster<'m>, gateway: &Object, class: &str) -> (Reach, Option<&'m Object>) {
    let tables = [
        gateway.root.at(&["metadata", "annotations"]),
        gateway.root.at(&["spec", "infrastructure", "annotations"]),
    ];
    let mut annotations = BTreeMap::new();
    for table in tables {
        annotations.extend(texts_of(table));
    }
    let of_service =
        |kind: &str, annotations: &BTreeMap<String, String>| match kubernetes::opening_of(
            kind,
            annotations,
        ) {
            Some(Opening::Public) => Reach::Internet,
            Some(Opening::Internal | Opening::NodePort) => Reach::Network,
            None => Reach::Cluster,
        };
    if let Some(given) = consul::given(cluster, class) {
        annotations.retain(|key, _| given.copied.contains(key));
        return (of_service(&given.kind, &annotations), Some(given.by));
    }
    // What makes a Service for the gateway says of what type.
    if let Some(kind) = annotations.get("networking.istio.io/service-type") {
        return (of_service(kind, &annotations), None);
    }
    if kubernetes::is_internal(&annotations) {
        return (Reach::Network, None);
    }
    let is_internal_class = class.contains("-rilb")
        || class.contains("internal-managed")
        || class == "amazon-vpc-lattice";
    if is_internal_class {
        return (Reach::Network, None);
    }
    let given = super::envoy_gateway::services_of(cluster, gateway, class);
    let told = given.into_iter().map(|given| {
        let Some((service, proxy)) = given else {
            return (by_address(gateway), None);
        };
        let mut annotations = annotations.clone();
        annotations.extend(texts_of(service.get("annotations")));
        let kind = service.text_at(&["type"]).unwrap_or("LoadBalancer");
        (of_service(kind, &annotations), Some(proxy))
    });
    told.max_by_key(|(reach, _)| *reach)
        .unwrap_or_else(|| (by_address(gateway), None))
}

/// From where a gateway is reached of which nothing is told but its addresses.
fn by_address(gateway: &Object) -> Reach {
    let addresses = gateway.root.at(&["spec", "addresses"]).map(Node::items);
    let addresses: Vec<&str> = addresses
        .unwrap_or_default()
        .iter()
        .filter(|one| matches!(one.text_at(&["type"]), None | Some("IPAddress")))
        .filter_map(|one| one.text_at(&["value"]))
        .collect();
    if !addresses.is_empty() && addresses.iter().all(|one| is_private(one)) {
        return Reach::Network;
    }
    Reach::Internet
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        let gateways = Gateway::all(cluster);
        let all = Route::all(cluster, &gateways);
        for gateway in &gateways {
            self::gateway(cluster, gateway, &all, declarations);
        }
        routes::declare(cluster, &gateways, &all, declarations);
        mesh_routes::declare(cluster, declarations);
    }
}

fn gateway(
    cluster: &Cluster<'_>,
    gateway: &Gateway<'_>,
    routes: &[Route<'_>],
    declarations: &mut Declarations<'_>,
) {
    let name = gateway.name();
    let of = [
        Boundary::Cluster(cluster.name.clone()),
        Boundary::around(&gateway.object.identity),
    ];
    for listener in &gateway.listeners {
        let (port, host) = (listener.port, listener.hostname);
        let saying = [listener.object, gateway.object].into_iter();
        let origins = declarations.origins_of(saying.chain(gateway.decided_by));
        let mut bound = routes.iter().filter(|route| {
            let mut through = route.through.iter();
            through
                .any(|(one, by)| std::ptr::eq(*one, gateway.object) && by.contains(&listener.name))
        });
        let redirects = bound.clone().next().is_some() && bound.all(Route::only_redirects);
        let validation = validation(gateway, listener);
        let (how, rank) = if listener.is_plain() && redirects {
            ("only to be sent on to HTTPS", 1)
        } else if listener.is_plain() {
            ("in the clear", 6)
        } else if listener.mode == "Passthrough" {
            ("with the TLS of what is behind it", 3)
        } else {
            match validation.as_ref().map(|one| one.is_optional) {
                Some(false) => ("with mTLS", 2),
                Some(true) => (
                    "with TLS, a certificate of the caller looked at if there is one",
                    4,
                ),
                None => ("with TLS", 4),
            }
        };
        let (from, far) = match gateway.reach {
            Reach::Internet => ("outside", 20),
            Reach::Network => ("the network around the cluster", 10),
            Reach::Cluster => ("inside the cluster", 0),
        };
        declarations.state(
            &of,
            Statement {
                topic: Topic::Exposure,
                about: format!("gateway {name} {host} port {port}"),
                matter: format!("gateway {name} {host}"),
                value: format!("{from} {how}"),
                openness: far + rank,
                words: format!(
                    "is entered from {from} as {host} on port {port} of gateway {name} {how}"
                ),
                origins: origins.clone(),
            },
        );
        allowed(&of, &name, listener, &origins, declarations);
        if let Some(validation) = validation {
            asked(&of, &name, listener, &validation, declarations);
        }
        if listener.is_plain() && !redirects {
            let address = gateway.object.identity.address();
            let protocol = &listener.protocol;
            declarations.sites.push(Site {
                subject: format!("{address} {host} port {port}"),
                words: format!("takes {protocol} in the clear on port {port} for {host}"),
                source: listener.object.source.clone(),
                lines: [listener.node.line, listener.node.end_line],
                far_side: FarSide::outside_if(gateway.reach == Reach::Internet),
                unproven: None,
            });
        }
    }
}

/// Whose routes a listener takes, where that is not those of its own namespace.
fn allowed(
    of: &[Boundary],
    gateway: &str,
    listener: &Listener<'_>,
    origins: &BTreeSet<crate::graph::origin::OriginId>,
    declarations: &mut Declarations<'_>,
) {
    let (value, openness, whose) = match &listener.allowed {
        Allowed::Same => return,
        Allowed::None => ("none".to_owned(), -1, "no namespace".to_owned()),
        Allowed::All => ("all".to_owned(), 2, "every namespace".to_owned()),
        Allowed::Selected(_, text) => (text.clone(), 1, format!("namespaces by {text}")),
    };
    let Listener { port, hostname, .. } = listener;
    declarations.state(
        of,
        Statement {
            topic: Topic::Exposure,
            about: format!("routes to gateway {gateway} {hostname} port {port}"),
            matter: format!("routes to gateway {gateway}"),
            value,
            openness,
            words: format!(
                "takes routes of {whose} at {hostname} port {port} of gateway {gateway}"
            ),
            origins: origins.clone(),
        },
    );
}

/// How the certificates of callers are looked at.
struct Validation<'m> {
    roots: String,
    is_optional: bool,
    object: &'m Object,
    line: usize,
}

fn validation<'m>(gateway: &Gateway<'m>, listener: &Listener<'m>) -> Option<Validation<'m>> {
    if !listener.terminates() {
        return None;
    }
    let frontend = gateway.object.root.at(&["spec", "tls", "frontend"]);
    let of_port = frontend.and_then(|frontend| {
        let listed = frontend.get("perPort").map(Node::items).unwrap_or_default();
        listed
            .iter()
            .find(|one| one.text_at(&["port"]) == Some(listener.port))
            // What stands for a port replaces what stands for all.
            .map(|one| one.at(&["tls", "validation"]))
    });
    let general = || frontend.and_then(|frontend| frontend.at(&["default", "validation"]));
    // Where the field was while it was an experiment.
    let own = || listener.node.at(&["tls", "frontendValidation"]);
    let (node, object) = match of_port {
        Some(node) => (node?, gateway.object),
        None => match general() {
            Some(node) => (node, gateway.object),
            None => (own()?, listener.object),
        },
    };
    let references = node.get("caCertificateRefs").map(Node::items);
    let mut roots: Vec<&str> = references
        .unwrap_or_default()
        .iter()
        .filter_map(|one| one.text_at(&["name"]))
        .collect();
    roots.sort_unstable();
    let mode = node.field("mode");
    let is_optional = mode.and_then(|mode| mode.value.text()) == Some("AllowInsecureFallback");
    Some(Validation {
        roots: roots.join(", "),
        is_optional,
        object,
        line: mode.map_or(node.line, |mode| mode.line),
    })
}

fn asked(
    of: &[Boundary],
    gateway: &str,
    listener: &Listener<'_>,
    validation: &Validation<'_>,
    declarations: &mut Declarations<'_>,
) {
    let Listener { port, hostname, .. } = listener;
    let roots = &validation.roots;
    let (value, openness, how) = if validation.is_optional {
        ("optional", -1, ", and lets in whoever shows none")
    } else {
        ("asked for", -2, "")
    };
    declarations.state(
        of,
        Statement {
            topic: Topic::Authentication,
            about: format!("callers of gateway {gateway} {hostname} port {port}"),
            matter: format!("callers of gateway {gateway}"),
            value: format!("{value} by {roots}"),
            openness,
            words: format!(
                "asks callers at port {port} of gateway {gateway} for a certificate by {roots}{how}"
            ),
            origins: declarations.origins_of([validation.object]),
        },
    );
    if validation.is_optional {
        declarations.open_doors.push(Site {
            subject: format!(
                "{} callers port {port} {hostname}",
                validation.object.identity.address()
            ),
            words: format!("lets callers in on port {port} whose certificate does not pass"),
            source: validation.object.source.clone(),
            lines: [validation.line, validation.line],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::at_listener(
                "and nothing of the gateway asks for other proof",
            )),
        });
    }
}
