//! Who is let in where: Servers, routes of theirs, and what authorizes for them.
//!
//! An authorization is for a Server, for a route of one, or for all Servers of its namespace. What it asks for stands in other
//! objects, which let nobody in by themselves: so there is one fact for each thing that is authorized for, of all that authorizes
//! (<https://linkerd.io/2-edge/reference/authorization-policy/>, read 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::super::declare::{
    Boundary, Declarations, FarSide, Fault, FaultKind, Site, Statement, Unproven,
};
use super::super::estate::Cluster;
use super::super::object::{Object, selects, texts_of};
use super::super::yaml::Node;
use super::Inbound;

/// Groups of routes that policies can be bound to.
const ROUTES: &[&str] = &["policy.linkerd.io", "gateway.networking.k8s.io"];

/// Kinds of those.
const KINDS: &[&str] = &["HTTPRoute", "GRPCRoute"];

/// What an `AuthorizationPolicy` is for.
enum Target<'o> {
    Server(&'o str),
    /// By kind and name.
    Route(&'o str, &'o str),
    Namespace,
    Other,
}

fn target(policy: &Object) -> Target<'_> {
    let text = |key: &str| policy.root.text_at(&["spec", "targetRef", key]);
    let name = text("name").unwrap_or_default();
    match text("kind") {
        Some("Server") => Target::Server(name),
        Some("Namespace") => Target::Namespace,
        Some(kind) if KINDS.contains(&kind) => Target::Route(kind, name),
        _ => Target::Other,
    }
}

/// The routes of a Server, by kind and name.
fn routes<'m>(cluster: &Cluster<'m>, server: &Object) -> BTreeSet<(&'m str, &'m str)> {
    let kinds = ROUTES
        .iter()
        .flat_map(|group| KINDS.iter().map(move |kind| (*group, *kind)));
    let all = kinds.flat_map(|(group, kind)| cluster.of_kind(group, kind).collect::<Vec<_>>());
    let of_server = all.filter(|route| {
        let parents = route.root.at(&["spec", "parentRefs"]).map(Node::items);
        route.identity.namespace == server.identity.namespace
            && parents.unwrap_or_default().iter().any(|parent| {
                parent.text_at(&["kind"]) == Some("Server")
                    && parent.text_at(&["name"]) == Some(&server.identity.name)
            })
    });
    of_server
        .map(|route| (route.identity.kind.as_str(), route.identity.name.as_str()))
        .collect()
}

pub(super) fn declare(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    access(cluster, declarations);
    by_address(cluster, declarations);
}

/// State whom authorizations let in, whether or not what they are for is among the files.
fn access(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    // What is authorized for, by namespace and words, with what each authorization asks.
    let mut targets: BTreeMap<(Option<String>, String), BTreeMap<String, &Object>> =
        BTreeMap::new();
    for server in cluster.of_kind(".linkerd.io", "Server") {
        let identity = &server.identity;
        let what = (
            identity.namespace.clone(),
            format!("server {}", identity.name),
        );
        targets.entry(what).or_default();
    }
    let servers: BTreeSet<(Option<String>, String)> = targets.keys().cloned().collect();
    for object in cluster.of_kind("policy.linkerd.io", "AuthorizationPolicy") {
        let what = match target(object) {
            Target::Server(name) => format!("server {name}"),
            Target::Route(kind, name) => format!("{kind} {name}"),
            Target::Namespace => "all servers".to_owned(),
            Target::Other => {
                let message =
                    "it is for something of a kind that is not known: whom it lets in is not seen";
                declarations.notice("object-not-understood", object, message);
                continue;
            }
        };
        let slot = targets.entry((object.identity.namespace.clone(), what));
        slot.or_default().insert(asked_by(cluster, object), object);
    }
    for object in cluster.of_kind("policy.linkerd.io", "ServerAuthorization") {
        let server = object.root.at(&["spec", "server"]);
        let name = server.and_then(|server| server.text_at(&["name"]));
        let labels = server.and_then(|server| server.get("selector"));
        let labels = labels.map(Node::canonical_unordered);
        let what = match (name, labels) {
            (Some(name), _) => format!("server {name}"),
            (None, Some(labels)) => format!("servers {labels}"),
            (None, None) => continue,
        };
        let client = object.root.at(&["spec", "client"]);
        let asked = client.map(Node::canonical_unordered).unwrap_or_default();
        let slot = targets.entry((object.identity.namespace.clone(), what));
        slot.or_default().insert(asked, object);
    }
    for ((namespace, what), authorizing) in targets {
        let names: BTreeSet<String> = authorizing
            .values()
            .map(|one| format!("{} {}", one.identity.kind, one.identity.name))
            .collect();
        let names: Vec<String> = names.into_iter().collect();
        let words = if names.is_empty() {
            format!("lets nobody in at {what} whom no policy authorizes")
        } else {
            format!("lets in at {what} whom {} lets in", names.join(", "))
        };
        let count = i32::try_from(authorizing.len()).unwrap_or(i32::MAX);
        let asked: Vec<&str> = authorizing.keys().map(String::as_str).collect();
        declarations.state(
            &[Boundary::Namespace(cluster.name.clone(), namespace.clone())],
            Statement {
                topic: Topic::Authentication,
                about: format!("access at {what}"),
                matter: format!("access at {what}"),
                value: asked.join("; "),
                // A Server closes its port to all that it does not list: that opens less than the default of all ports.
                openness: if servers.contains(&(namespace.clone(), what.clone())) {
                    count.saturating_sub(i32::MAX)
                } else {
                    count
                },
                words,
                origins: asking(cluster, authorizing.values().copied(), declarations),
            },
        );
    }
}

/// What a policy asks callers for: what the objects say that it names, and those by name that no file has.
fn asked_by(cluster: &Cluster<'_>, policy: &Object) -> String {
    let references = policy.root.at(&["spec", "requiredAuthenticationRefs"]);
    let references = references.map(Node::items).unwrap_or_default();
    let asked: BTreeSet<String> = references
        .iter()
        .map(|reference| match named(cluster, policy, reference) {
            Some(object) => {
                let says = object.root.get("spec").map(Node::canonical_unordered);
                format!("{} {}", object.identity.kind, says.unwrap_or_default())
            }
            None => reference.canonical(),
        })
        .collect();
    asked.into_iter().collect::<Vec<_>>().join(" and ")
}

/// The object that a policy asks for by name.
fn named<'m>(cluster: &Cluster<'m>, policy: &Object, reference: &Node) -> Option<&'m Object> {
    let text = |key: &str| reference.text_at(&[key]);
    let namespace = text("namespace").or(policy.identity.namespace.as_deref());
    let kind = text("kind").filter(|kind| kind.ends_with("Authentication"))?;
    let mut all = cluster
        .objects
        .iter()
        .copied()
        .filter(|one| one.is("policy.linkerd.io", kind));
    all.find(|one| {
        Some(one.identity.name.as_str()) == text("name")
            && one.identity.namespace.as_deref() == namespace
    })
}

/// Who says what is asked for: authorizations, and what they name.
fn asking<'o>(
    cluster: &Cluster<'_>,
    authorizing: impl Iterator<Item = &'o Object>,
    declarations: &Declarations<'_>,
) -> BTreeSet<OriginId> {
    let mut origins = BTreeSet::new();
    for object in authorizing {
        origins.insert(declarations.origin(object));
        let references = object.root.at(&["spec", "requiredAuthenticationRefs"]);
        let references = references.map(Node::items).unwrap_or_default().iter();
        let named = references.filter_map(|reference| named(cluster, object, reference));
        origins.extend(declarations.origins_of(named));
    }
    origins
}

/// The labels of the pods that a Server is for.
pub(super) fn selector(server: &Object) -> BTreeMap<String, String> {
    texts_of(server.root.at(&["spec", "podSelector", "matchLabels"]))
}

/// The port of a Server, and what it takes there by all that authorizes for it.
pub(super) fn inbound(
    cluster: &Cluster<'_>,
    server: &Object,
    declarations: &Declarations<'_>,
) -> (String, (Inbound, BTreeSet<OriginId>)) {
    let port = server
        .root
        .text_at(&["spec", "port"])
        .unwrap_or("?")
        .to_owned();
    let mut deciding = BTreeSet::from([declarations.origin(server)]);
    let mut inbound = server
        .root
        .text_at(&["spec", "accessPolicy"])
        .map_or(Inbound::Denied, Inbound::of_policy);
    for (authorization, opens) in authorizations(cluster, server) {
        deciding.insert(declarations.origin(authorization));
        inbound = inbound.max(opens);
    }
    (port, (inbound, deciding))
}

/// What authorizes for a Server, and what each lets in.
fn authorizations<'m>(cluster: &Cluster<'m>, server: &Object) -> Vec<(&'m Object, Inbound)> {
    let mut all = Vec::new();
    let namespace = &server.identity.namespace;
    let near = |object: &&Object| object.identity.namespace == *namespace;
    for object in cluster
        .of_kind(".linkerd.io", "ServerAuthorization")
        .filter(near)
    {
        let target = object.root.at(&["spec", "server"]);
        let by_name = target.and_then(|target| target.text_at(&["name"]))
            == Some(server.identity.name.as_str());
        let wanted = texts_of(target.and_then(|target| target.at(&["selector", "matchLabels"])));
        let labels = texts_of(server.root.at(&["metadata", "labels"]));
        let by_label = target.is_some_and(|target| target.get("selector").is_some())
            && selects(&wanted, &labels);
        if by_name || by_label {
            let client = object.root.at(&["spec", "client"]);
            let is_open = client
                .and_then(|one| one.get("unauthenticated"))
                .and_then(Node::truth)
                == Some(true);
            let asks = client
                .and_then(|one| one.get("meshTLS"))
                .is_some_and(|tls| {
                    tls.get("unauthenticatedTLS").and_then(Node::truth) != Some(true)
                });
            all.push((
                object,
                if asks && !is_open {
                    Inbound::Identity
                } else {
                    Inbound::Anyone
                },
            ));
        }
    }
    for object in cluster
        .of_kind("policy.linkerd.io", "AuthorizationPolicy")
        .filter(near)
    {
        let is_meant = match target(object) {
            Target::Server(name) => name == server.identity.name,
            Target::Route(kind, name) => routes(cluster, server).contains(&(kind, name)),
            Target::Namespace => true,
            Target::Other => false,
        };
        if is_meant {
            let references = object
                .root
                .at(&["spec", "requiredAuthenticationRefs"])
                .map(Node::items);
            let asks = references.unwrap_or_default().iter().any(|reference| {
                matches!(
                    reference.text_at(&["kind"]),
                    Some("MeshTLSAuthentication" | "ServiceAccount")
                )
            });
            all.push((
                object,
                if asks {
                    Inbound::Identity
                } else {
                    Inbound::Anyone
                },
            ));
        }
    }
    all
}

/// Authorizations that let callers in without an identity.
pub(super) fn open(cluster: &Cluster<'_>, server: &Object, declarations: &mut Declarations<'_>) {
    for (object, opens) in authorizations(cluster, server) {
        if opens != Inbound::Anyone {
            continue;
        }
        let line = object.line_of(&["spec"]);
        let end = object.root.at(&["spec"]).map_or(line, |spec| spec.end_line);
        declarations.sites.push(Site {
            subject: format!("{} for {}", object.identity.address(), server.identity.name),
            words: format!(
                "lets callers without an identity in at server {}",
                server.identity.name
            ),
            source: object.source.clone(),
            lines: [line, end],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::in_mesh(
                "and nothing of the mesh asks who calls there",
            )),
        });
    }
}

/// Authorizations that ask for nothing but an address. One that any address meets asks for nothing at all, and is open.
fn by_address(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let is_any = |networks: &Node| {
        let all = ["0.0.0.0/0", "::/0"];
        let prefixes = networks.items().iter();
        prefixes
            .filter_map(|one| one.text_at(&["cidr"]))
            .any(|cidr| all.contains(&cidr))
    };
    let named = |object: &Object, name: &str| {
        let mut all = cluster.of_kind("policy.linkerd.io", "NetworkAuthentication");
        let found = all.find(|one| {
            one.identity.namespace == object.identity.namespace && one.identity.name == name
        });
        found.and_then(|one| one.root.at(&["spec", "networks"]))
    };
    let mut found: Vec<(&Object, &Node)> = Vec::new();
    for object in cluster.of_kind("policy.linkerd.io", "AuthorizationPolicy") {
        let Some(references) = object.root.at(&["spec", "requiredAuthenticationRefs"]) else {
            continue;
        };
        let mut narrows = false;
        let is_all = references.items().iter().all(|reference| {
            let name = reference.text_at(&["name"]).unwrap_or_default();
            narrows |= !named(object, name).is_some_and(is_any);
            reference.text_at(&["kind"]) == Some("NetworkAuthentication")
        });
        if is_all && narrows {
            found.push((object, references));
        }
    }
    for object in cluster.of_kind("policy.linkerd.io", "ServerAuthorization") {
        let client = object.root.at(&["spec", "client"]);
        let networks = client.and_then(|client| client.get("networks"));
        let asks = client.is_some_and(|client| client.get("meshTLS").is_some());
        if let Some(networks) = networks.filter(|networks| !asks && !is_any(networks)) {
            found.push((object, networks));
        }
    }
    for (object, at) in found {
        declarations.faults.push(Fault {
            kind: FaultKind::AddressAlone,
            subject: format!("{} by address", object.identity.address()),
            words: "lets callers in by their address alone".to_owned(),
            source: object.source.clone(),
            lines: [at.line, at.end_line],
        });
    }
}
