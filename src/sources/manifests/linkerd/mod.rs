//! Linkerd: which traffic ports take in effect, what goes past the proxy, and which clusters are linked.
//!
//! `install` reads what the installation sets for all, and whom the mesh trusts; `authorizations` who is let in where.
//!
//! Defaults: the chart of the control plane (<https://github.com/linkerd/linkerd2>, read 2026-11-22): inbound policy
//! `all-unauthenticated`, which lets plaintext in. A Server denies what nothing authorizes on its port
//! (<https://linkerd.io/2-edge/reference/authorization-policy/>, read 2026-11-22). An opaque port is mTLS all the same; a
//! skipped one is not.

mod authorizations;
mod install;

pub(super) use install::values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::declare::{Boundary, Declarations, Extent, Statement};
use super::estate::{Cluster, Estate, Workload};
use super::object::{Object, selector_words, selects, texts_of};
use super::proxies::{self, Bypasses, Part};
use super::systems::{Meaning, System};
use super::yaml::Node;

/// Linkerd.
pub(super) const SYSTEM: System = System {
    name: "Linkerd",
    groups: &[".linkerd.io"],
    kinds: &[
        ("Server", Meaning::Modelled),
        ("ServerAuthorization", Meaning::Modelled),
        ("AuthorizationPolicy", Meaning::Modelled),
        ("MeshTLSAuthentication", Meaning::Modelled),
        ("NetworkAuthentication", Meaning::Modelled),
        ("Link", Meaning::Modelled),
        ("ExternalWorkload", Meaning::Modelled),
        ("ExternalGroup", Meaning::Modelled),
        ("HTTPRoute", Meaning::Modelled),
        (install::VALUES, Meaning::Modelled),
        ("ServiceProfile", Meaning::Irrelevant),
        ("HTTPLocalRateLimitPolicy", Meaning::Irrelevant),
        (
            "EgressNetwork",
            Meaning::NotYet("which hosts outside workloads may call"),
        ),
    ],
    document_words: &["identityTrust", "defaultInboundPolicy"],
    document: install::document,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| install::values(object).is_some(),
    declare,
};

const INJECT: &str = "linkerd.io/inject";
const POLICY: &str = "config.linkerd.io/default-inbound-policy";

/// What a port takes, and what its callers prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Inbound {
    /// Nothing that no policy authorizes.
    Denied,
    /// mTLS of the mesh only.
    Identity,
    /// Plaintext too.
    Anyone,
    /// Plaintext only: outside the mesh.
    Outside,
}

impl Inbound {
    fn of_policy(policy: &str) -> Self {
        match policy {
            "all-authenticated" | "cluster-authenticated" => Self::Identity,
            "deny" => Self::Denied,
            // What lets callers in without an identity, by network or not, and what is not known.
            _ => Self::Anyone,
        }
    }

    fn traffic(self) -> &'static str {
        match self {
            // Whom a port lets in is told by itself: none of it is plaintext.
            Self::Denied | Self::Identity => "mTLS only",
            Self::Anyone => "plaintext beside mTLS",
            Self::Outside => "plaintext only",
        }
    }

    fn openness(self) -> i32 {
        match self {
            Self::Denied | Self::Identity => 1,
            Self::Anyone => 2,
            Self::Outside => 3,
        }
    }
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values().filter(|cluster| is_used(cluster)) {
        let defaults = install::Defaults::of(cluster, declarations);
        install::declare(cluster, &defaults, declarations);
        let mut namespaces: BTreeMap<Option<String>, Vec<&Object>> = BTreeMap::new();
        for (name, objects) in &cluster.namespaces {
            namespaces.insert(Some(name.clone()), objects.clone());
        }
        for workload in &cluster.workloads {
            namespaces
                .entry(workload.identity().namespace.clone())
                .or_default();
        }
        for (namespace, objects) in &namespaces {
            self::namespace(
                cluster,
                &defaults,
                (namespace.as_deref(), objects.first().copied()),
                declarations,
            );
        }
        authorizations::declare(cluster, declarations);
        links(cluster, declarations);
        exports(cluster, declarations);
    }
}

/// Whether a cluster has Linkerd, before or after.
fn is_used(cluster: &Cluster<'_>) -> bool {
    let mut objects = cluster.objects.iter();
    cluster.uses(".linkerd.io") || objects.any(|object| install::values(object).is_some())
}

/// What holds where something is not said: the value of an annotation, nearest first, and who says so.
fn told<'o>(
    key: &str,
    workload: Option<&'o Workload<'_>>,
    namespace: Option<&'o Object>,
) -> Option<(&'o str, &'o Object)> {
    let own = workload.and_then(|one| Some((one.annotations.get(key)?.as_str(), one.object)));
    own.or_else(|| namespace.and_then(|object| Some((object.annotation(key)?, object))))
}

fn inbound(
    workload: Option<&Workload<'_>>,
    namespace: Option<&Object>,
    defaults: &install::Defaults,
    declarations: &Declarations<'_>,
) -> (Inbound, BTreeSet<OriginId>) {
    let mut deciding = BTreeSet::new();
    if let Some((inject, object)) = told(INJECT, workload, namespace)
        && inject == "disabled"
    {
        deciding.insert(declarations.origin(object));
        return (Inbound::Outside, deciding);
    }
    match told(POLICY, workload, namespace) {
        Some((policy, object)) => {
            deciding.insert(declarations.origin(object));
            (Inbound::of_policy(policy), deciding)
        }
        None => defaults.inbound.clone(),
    }
}

fn namespace(
    cluster: &Cluster<'_>,
    defaults: &install::Defaults,
    (namespace, described): (Option<&str>, Option<&Object>),
    declarations: &mut Declarations<'_>,
) {
    let boundary = Boundary::Namespace(cluster.name.clone(), namespace.map(str::to_owned));
    let general = inbound(None, described, defaults, declarations);
    let all = Part {
        boundary: &boundary,
        path: &[],
        which: "",
        carrier: None,
    };
    if let Some(object) = described {
        membership(
            &boundary,
            object.annotation(INJECT),
            object,
            None,
            declarations,
        );
        let annotations = texts_of(object.root.at(&["metadata", "annotations"]));
        proxies::bypasses(SKIPPING, &all, &annotations, object, declarations);
    }
    state(&all, &general, declarations);
    let servers: Vec<&Object> = cluster
        .of_kind(".linkerd.io", "Server")
        .filter(|server| server.identity.namespace.as_deref() == namespace)
        .collect();
    let of_namespace = cluster
        .workloads
        .iter()
        .filter(|one| one.identity().namespace.as_deref() == namespace);
    let mut unseen = servers.clone();
    for workload in of_namespace {
        let name = &workload.identity().name;
        let own = Boundary::of(workload);
        let effective = inbound(Some(workload), described, defaults, declarations);
        let inject = workload.annotations.get(INJECT).map(String::as_str);
        membership(&own, inject, workload.object, Some(&own), declarations);
        let of_workload = [format!("workload {name}")];
        let which = format!("holds {}, which ", of_workload[0]);
        let itself = Part {
            boundary: &own,
            carrier: Some(&own),
            ..all
        };
        let outside = Part {
            path: &of_workload,
            which: &which,
            carrier: Some(&own),
            ..all
        };
        state(&itself, &effective, declarations);
        if effective.0 != general.0 {
            state(&outside, &effective, declarations);
        }
        for part in [&itself, &outside] {
            proxies::bypasses(
                SKIPPING,
                part,
                &workload.annotations,
                workload.object,
                declarations,
            );
        }
        sites(workload, declarations);
        for server in &servers {
            let selector = authorizations::selector(server);
            if !selects(&selector, &workload.labels) || effective.0 == Inbound::Outside {
                continue;
            }
            unseen.retain(|one| !std::ptr::eq(*one, *server));
            let (port, decided) = authorizations::inbound(cluster, server, declarations);
            let port = workload.named_ports.get(&port).unwrap_or(&port);
            let path = [of_workload[0].clone(), format!("port {port}")];
            let own_port = Part {
                path: &path[1..],
                ..itself
            };
            state(&own_port, &decided, declarations);
            let its_port = Part {
                path: &path,
                ..outside
            };
            state(&its_port, &decided, declarations);
        }
    }
    for server in unseen {
        let (port, decided) = authorizations::inbound(cluster, server, declarations);
        let pods = format!(
            "pods with {}",
            selector_words(&authorizations::selector(server))
        );
        let which = format!("holds {pods}, which ");
        let part = Part {
            path: &[pods, format!("port {port}")],
            which: &which,
            ..all
        };
        state(&part, &decided, declarations);
    }
    for server in servers {
        authorizations::open(cluster, server, declarations);
    }
}

fn state(
    part: &Part<'_>,
    (inbound, deciding): &(Inbound, BTreeSet<OriginId>),
    declarations: &mut Declarations<'_>,
) {
    let inbound = proxies::Inbound {
        traffic: inbound.traffic().to_owned(),
        openness: inbound.openness(),
        proves_identity: *inbound <= Inbound::Identity,
        origins: deciding.clone(),
    };
    proxies::state("Linkerd", part, &inbound, declarations);
}

/// Whether a namespace or workload asks to be in the mesh.
fn membership(
    boundary: &Boundary,
    inject: Option<&str>,
    object: &Object,
    carrier: Option<&Boundary>,
    declarations: &mut Declarations<'_>,
) {
    if !matches!(inject, Some("enabled" | "ingress")) {
        return;
    }
    let statement = Statement {
        topic: Topic::Encryption,
        about: "membership by Linkerd".to_owned(),
        matter: "inbound traffic by Linkerd".to_owned(),
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

/// Annotations that take traffic past the proxy.
const SKIPPING: &Bypasses = &[
    (
        "config.linkerd.io/skip-inbound-ports",
        "takes traffic past its proxy on ports",
    ),
    (
        "config.linkerd.io/skip-outbound-ports",
        "sends traffic past its proxy to ports",
    ),
    (
        "config.linkerd.io/skip-subnets",
        "takes and sends traffic past its proxy with",
    ),
];

/// Settings of a workload that let traffic go in the clear.
fn sites(workload: &Workload<'_>, declarations: &mut Declarations<'_>) {
    let is_open = |policy: &str| Inbound::of_policy(policy) == Inbound::Anyone;
    for (key, value) in &workload.annotations {
        let skipping = SKIPPING.iter().find(|(known, _)| known == key);
        let words = match (key.as_str(), skipping) {
            (_, Some((_, words))) => format!("{words} {value}"),
            (INJECT, _) if value == "disabled" => "is kept out of the mesh".to_owned(),
            (POLICY, _) if is_open(value) => {
                format!("takes plaintext beside mTLS by its inbound policy {value}")
            }
            _ => continue,
        };
        let is_inbound = key == POLICY || key.contains("inbound");
        let unproven = is_inbound.then_some("and nothing of the mesh asks who calls there");
        proxies::annotated_site(workload, key, words, unproven, declarations);
    }
}

/// Clusters whose services this one mirrors, and through what.
fn links(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    for link in cluster.of_kind("multicluster.linkerd.io", "Link") {
        let Some(target) = link.root.text_at(&["spec", "targetClusterName"]) else {
            continue;
        };
        declarations.mesh_link(&cluster.name, &Some(Arc::from(target)), "link", link);
        let fields = [
            "gatewayAddress",
            "gatewayPort",
            "gatewayIdentity",
            "targetClusterDomain",
        ];
        let through: Vec<&str> = fields
            .iter()
            .filter_map(|key| link.root.text_at(&["spec", key]))
            .collect();
        let selectors = [
            "selector",
            "remoteDiscoverySelector",
            "federatedServiceSelector",
        ];
        let chosen: Vec<String> = selectors
            .iter()
            .filter_map(|key| {
                Some(format!(
                    "{key} {}",
                    link.root.at(&["spec", key])?.canonical()
                ))
            })
            .collect();
        for (what, value, words) in [
            (
                "gateway of",
                through.join(" "),
                format!(
                    "reaches cluster {target} through gateway {}",
                    through.join(" ")
                ),
            ),
            (
                "mirrored of",
                chosen.join(" "),
                format!(
                    "mirrors services of cluster {target}: {}",
                    chosen.join(", ")
                ),
            ),
        ] {
            if value.is_empty() {
                continue;
            }
            let about = format!("{what} {target}");
            declarations.state_as(
                &[Boundary::Cluster(cluster.name.clone())],
                Statement {
                    topic: Topic::Mesh,
                    matter: about.clone(),
                    about,
                    value,
                    openness: 1,
                    words,
                    origins: declarations.origins_of([link]),
                },
                Extent {
                    of_networks: true,
                    ..Extent::default()
                },
            );
        }
    }
    for entry in cluster
        .of_kind(".linkerd.io", "ExternalWorkload")
        .chain(cluster.of_kind(".linkerd.io", "ExternalGroup"))
    {
        let identity = &entry.identity;
        let name = identity.qualified_name();
        let addresses = entry
            .root
            .at(&["spec", "workloadIPs"])
            .map(Node::canonical)
            .unwrap_or_default();
        declarations.state(
            &[
                Boundary::Cluster(cluster.name.clone()),
                Boundary::around(identity),
            ],
            Statement {
                topic: Topic::Mesh,
                about: format!("{} {name}", identity.kind),
                matter: format!("{} {name}", identity.kind),
                value: addresses,
                openness: 1,
                words: format!("takes machines outside Kubernetes into the mesh as {name}"),
                origins: declarations.origins_of([entry]),
            },
        );
    }
}

/// Services that other clusters may mirror.
fn exports(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    for service in &cluster.services {
        let object = service.object;
        let how = match (
            object.label("mirror.linkerd.io/exported"),
            object.label("mirror.linkerd.io/federated"),
        ) {
            (Some("remote-discovery"), _) => "pod by pod",
            (Some(_), _) => "through its gateway",
            (None, Some(_)) => "as one with those of its name",
            (None, None) => continue,
        };
        let name = object.identity.qualified_name();
        let mut of = vec![
            Boundary::Cluster(cluster.name.clone()),
            Boundary::around(&object.identity),
        ];
        of.extend(cluster.behind(service).into_iter().map(Boundary::of));
        declarations.state(
            &of,
            Statement {
                topic: Topic::Export,
                about: format!("export of {name}"),
                matter: format!("export of {name}"),
                value: how.to_owned(),
                openness: 1,
                words: format!("hands service {name} to other clusters {how}"),
                origins: declarations.origins_of([object]),
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{reading, statements};

    fn workload(annotations: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: api, namespace: shop}}\nspec:\n  template:\n    \
             metadata: {{labels: {{app: api}}, annotations: {annotations}}}\n    \
             spec: {{containers: [{{ports: [{{containerPort: 8080, name: http}}]}}]}}\n---\n"
        )
    }

    /// What the workload takes in effect, with its ports.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let taken: Vec<String> = statements(&reading(text), Topic::Encryption)
            .into_iter()
            .filter_map(|line| Some(line.strip_prefix("-/shop/deployment/api: ")?.to_owned()))
            .filter(|line| line.starts_with("inbound"))
            .map(|line| line.replace("inbound traffic by Linkerd", "takes"))
            .collect();
        assert_eq!(taken, expected);
    }

    #[test]
    fn the_default_policy_lets_plaintext_in_and_an_opaque_port_changes_nothing() {
        let meshed = workload("{linkerd.io/inject: enabled}");
        check(&meshed, &["takes = plaintext beside mTLS"]);
        let opaque =
            workload("{linkerd.io/inject: enabled, config.linkerd.io/opaque-ports: \"4222\"}");
        check(&opaque, &["takes = plaintext beside mTLS"]);
        let both = |text: &str| statements(&reading(text), Topic::Encryption);
        assert_eq!(both(&meshed), both(&opaque));
    }

    #[test]
    fn the_nearest_annotation_decides_and_out_of_the_mesh_is_plaintext() {
        let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, annotations: \
                         {config.linkerd.io/default-inbound-policy: all-authenticated}}\n---\n";
        check(
            &(namespace.to_owned() + &workload("{}")),
            &["takes = mTLS only"],
        );
        let own = workload("{config.linkerd.io/default-inbound-policy: all-unauthenticated}");
        check(
            &(namespace.to_owned() + &own),
            &["takes = plaintext beside mTLS"],
        );
        let out = workload("{linkerd.io/inject: disabled}");
        check(&(namespace.to_owned() + &out), &["takes = plaintext only"]);
    }

    #[test]
    fn a_server_denies_what_nothing_authorizes() {
        let server = "apiVersion: policy.linkerd.io/v1beta3\nkind: Server\nmetadata: {name: api, namespace: shop}\nspec: \
                      {podSelector: {matchLabels: {app: api}}, port: http}\n---\n";
        let authorization = |client: &str| {
            format!(
                "apiVersion: policy.linkerd.io/v1beta1\nkind: ServerAuthorization\nmetadata: {{name: a, namespace: shop}}\n\
                 spec: {{server: {{name: api}}, client: {client}}}\n"
            )
        };
        let with = |more: &str| workload("{linkerd.io/inject: enabled}") + server + more;
        let general = "takes = plaintext beside mTLS";
        check(&with(""), &[general, "takes of port 8080 = mTLS only"]);
        check(
            &with(&authorization("{meshTLS: {identities: [\"*\"]}}")),
            &[general, "takes of port 8080 = mTLS only"],
        );
        check(
            &with(&authorization("{unauthenticated: true}")),
            &[general, "takes of port 8080 = plaintext beside mTLS"],
        );
    }

    /// Whom is let in where, by namespace.
    fn access(text: &str) -> Vec<String> {
        let mut stated = statements(&reading(text), Topic::Authentication);
        stated.retain(|line| line.contains("access at"));
        stated
    }

    const SERVER: &str = "apiVersion: policy.linkerd.io/v1beta3\nkind: Server\nmetadata: {name: api, namespace: shop}\nspec: \
                          {podSelector: {matchLabels: {app: api}}, port: http}\n---\n";

    fn policy(kind: &str, name: &str) -> String {
        format!(
            "apiVersion: policy.linkerd.io/v1alpha1\nkind: AuthorizationPolicy\nmetadata: {{name: web, namespace: shop}}\n\
             spec: {{targetRef: {{kind: {kind}, name: {name}}}, requiredAuthenticationRefs: [{{kind: MeshTLSAuthentication, name: web}}]}}\n---\n"
        )
    }

    #[test]
    fn an_authorization_and_what_it_asks_for_are_one_fact_of_what_it_is_for() {
        let identities = |list: &str| {
            format!(
                "apiVersion: policy.linkerd.io/v1alpha1\nkind: MeshTLSAuthentication\nmetadata: {{name: web, namespace: shop}}\n\
                 spec: {{identities: {list}}}\n---\n"
            )
        };
        let nobody = access(SERVER);
        assert_eq!(nobody, ["-/shop: access at server api = "]);
        // What nothing asks for lets nobody in.
        assert_eq!(access(&(SERVER.to_owned() + &identities("[a]"))), nobody);
        let with = |list: &str| {
            access(&(SERVER.to_owned() + &policy("Server", "api") + &identities(list)))
        };
        assert_eq!(with("[a]").len(), 1);
        assert_ne!(with("[a]"), with("['*']"));
        assert_eq!(with("[a, b]"), with("[b, a]"));
    }

    #[test]
    fn an_authorization_for_a_route_opens_the_port_of_its_server_and_of_no_other() {
        let route = |server: &str, group: &str| {
            format!(
                "apiVersion: {group}/v1\nkind: HTTPRoute\nmetadata: {{name: pay, namespace: shop}}\n\
                 spec: {{parentRefs: [{{kind: Server, group: policy.linkerd.io, name: {server}}}]}}\n---\n"
            )
        };
        let callers = |route: &str| {
            let open = policy("HTTPRoute", "pay")
                .replace("[{kind: MeshTLSAuthentication, name: web}]", "[]");
            let text = workload("{linkerd.io/inject: enabled}") + SERVER + &open + route;
            let stated = statements(&reading(&text), Topic::Authentication);
            let mut of_port = stated.iter().filter(|line| {
                line.starts_with("-/shop/deployment/api: callers by Linkerd of port 8080 =")
            });
            of_port
                .next()
                .and_then(|line| line.rsplit(" = ").next())
                .map(str::to_owned)
        };
        for group in ["policy.linkerd.io", "gateway.networking.k8s.io"] {
            assert_eq!(callers(&route("api", group)).as_deref(), Some("nothing"));
            assert_eq!(callers(&route("other", group)).as_deref(), Some("identity"));
        }
    }

    #[test]
    fn addresses_alone_authorize_nobody_and_beside_an_identity_they_may_stand() {
        let authorized = |references: &str, cidr: &str| {
            let text = format!(
                "apiVersion: policy.linkerd.io/v1alpha1\nkind: NetworkAuthentication\nmetadata: {{name: office, namespace: pay}}\n\
                 spec: {{networks: [{{cidr: {cidr}}}]}}\n---\n\
                 apiVersion: policy.linkerd.io/v1alpha1\nkind: AuthorizationPolicy\nmetadata: {{name: web, namespace: pay}}\n\
                 spec: {{requiredAuthenticationRefs: [{references}]}}\n"
            );
            reading(&text).faults_after.len()
        };
        let office = "{kind: NetworkAuthentication, name: office}";
        let mesh = "{kind: MeshTLSAuthentication, name: web}";
        assert_eq!(authorized(office, "10.0.0.0/8"), 1);
        assert_eq!(authorized(&format!("{office}, {mesh}"), "10.0.0.0/8"), 0);
        assert_eq!(authorized(office, "0.0.0.0/0"), 0);
        assert_eq!(authorized("", "10.0.0.0/8"), 0);
    }

    #[test]
    fn skipped_ports_are_facts_of_the_workload_and_its_namespace_and_a_site() {
        let read = reading(&workload(
            "{linkerd.io/inject: enabled, config.linkerd.io/skip-outbound-ports: \"5432\"}",
        ));
        let skipped: Vec<String> = statements(&read, Topic::Encryption)
            .into_iter()
            .filter(|line| line.contains("skip-outbound-ports"))
            .collect();
        assert_eq!(
            skipped,
            [
                "-/shop/deployment/api: skip-outbound-ports = 5432",
                "-/shop: skip-outbound-ports of api = 5432"
            ]
        );
        assert_eq!(read.sites_after.len(), 1);
    }

    #[test]
    fn a_link_joins_clusters_in_one_direction() {
        let link = "apiVersion: multicluster.linkerd.io/v1alpha3\nkind: Link\nmetadata: {name: west, namespace: \
                    linkerd-multicluster}\nspec: {targetClusterName: west, gatewayAddress: 10.2.0.9, gatewayPort: \"4143\"}\n";
        let read = reading(link);
        assert_eq!(read.after.links.len(), 1);
        let mut stated = statements(&read, Topic::Mesh);
        stated.retain(|line| !line.contains("trust domain"));
        assert_eq!(stated, ["-: gateway of west = 10.2.0.9 4143"]);
    }
}
