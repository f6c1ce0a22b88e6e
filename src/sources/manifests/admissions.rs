//! Whom policies of a mesh let call what: callers that are named by namespace or identity.
//!
//! A policy that lets everybody in names nobody, and is no admission: so it is where there is no policy at all. What a policy denies,
//! and which paths and ports it is limited to, is not looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::identity::Key;

use super::declare::{Boundary, Declarations};
use super::estate::{Cluster, Estate, Workload};
use super::object::{Object, Source, selects, texts_of};
use super::yaml::Node;

/// Callers that a policy lets call something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The policy, as its address.
    pub policy: String,
    /// Who may call: workloads, else the namespaces that they lie in.
    pub callers: BTreeSet<Key>,
    /// What they may call: workloads, else namespaces.
    pub callees: BTreeSet<Key>,
    /// Where it says so.
    pub source: Source,
    /// Its lines.
    pub lines: [usize; 2],
}

const LINKERD: &str = "policy.linkerd.io";
const CILIUM: &str = "cilium.io";
const POD_NAMESPACE: &str = "io.kubernetes.pod.namespace";

/// What Istio, Linkerd and Cilium let in. Consul and Kuma say it with their intentions and permissions.
pub(super) fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        for policy in super::istio::authorization_policies(cluster) {
            istio(estate, cluster, policy, declarations);
        }
        for policy in cluster.of_kind(LINKERD, "AuthorizationPolicy") {
            linkerd(estate, cluster, policy, declarations);
        }
        for policy in cluster.of_kind(LINKERD, "ServerAuthorization") {
            server_authorization(estate, cluster, policy, declarations);
        }
        for kind in ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"] {
            for policy in cluster.of_kind(CILIUM, kind) {
                cilium(estate, cluster, policy, declarations);
            }
        }
    }
}

/// Note that somebody is let in, if anybody is named.
pub(super) fn admit(
    declarations: &mut Declarations<'_>,
    policy: &Object,
    (callers, callees): (&[Boundary], &[Boundary]),
    at: &Node,
) {
    if callers.is_empty() || callees.is_empty() {
        return;
    }
    declarations.admissions.push(Admission {
        policy: policy.identity.address(),
        callers: callers.iter().map(Boundary::key).collect(),
        callees: callees.iter().map(Boundary::key).collect(),
        source: policy.source.clone(),
        lines: [at.line, at.end_line],
    });
}

/// The clusters that a namespace is looked for in: the own one, else any other that has it.
fn clusters_with<'e, 'm>(
    estate: &'e Estate<'m>,
    own: &'e Cluster<'m>,
    namespace: &str,
) -> Vec<&'e Cluster<'m>> {
    if own.namespaces.contains_key(namespace) {
        return vec![own];
    }
    let all = estate.clusters.values();
    all.filter(|cluster| cluster.namespaces.contains_key(namespace))
        .collect()
}

/// The workloads of a namespace that are meant, or all of it where none is seen.
fn in_namespace(
    estate: &Estate<'_>,
    own: &Cluster<'_>,
    namespace: &str,
    is_meant: impl Fn(&Workload<'_>) -> bool,
) -> Vec<Boundary> {
    let mut found = Vec::new();
    for cluster in clusters_with(estate, own, namespace) {
        let mut workloads: Vec<Boundary> = cluster
            .workloads
            .iter()
            .filter(|one| one.identity().namespace.as_deref() == Some(namespace) && is_meant(one))
            .map(Boundary::of)
            .collect();
        if workloads.is_empty() {
            let namespace = Some(namespace.to_owned());
            workloads.push(Boundary::Namespace(cluster.name.clone(), namespace));
        }
        found.extend(workloads);
    }
    found
}

/// The workloads of a namespace with a name, or all of it where none is seen.
pub(super) fn workloads_named(
    estate: &Estate<'_>,
    own: &Cluster<'_>,
    namespace: &str,
    name: &str,
) -> Vec<Boundary> {
    in_namespace(estate, own, namespace, |one| one.identity().name == name)
}

/// The callers of a namespace, all of them or those with one service account.
pub(super) fn callers(
    estate: &Estate<'_>,
    own: &Cluster<'_>,
    namespace: &str,
    account: Option<&str>,
) -> Vec<Boundary> {
    let has_account = |workload: &Workload<'_>| {
        let told = workload.pod.text_at(&["spec", "serviceAccountName"]);
        account.is_some_and(|account| told.unwrap_or("default") == account)
    };
    in_namespace(estate, own, namespace, has_account)
}

/// The callers that an identity means: `acme.org/ns/shop/sa/web`, with or without a scheme, or a pattern of one that tells the namespace.
pub(super) fn callers_by_identity(
    estate: &Estate<'_>,
    own: &Cluster<'_>,
    identity: &str,
) -> Vec<Boundary> {
    let parts: Vec<&str> = identity.split('/').collect();
    let after = |key: &str| {
        let at = parts.iter().position(|part| *part == key)?;
        parts
            .get(at + 1)
            .copied()
            .filter(|name| !name.is_empty() && !name.contains('*'))
    };
    let namespace = after("ns");
    namespace.map_or_else(Vec::new, |namespace| {
        callers(estate, own, namespace, after("sa"))
    })
}

/// What a policy is for in its own namespace: the workloads that it selects, else the whole of it.
fn selected(
    cluster: &Cluster<'_>,
    policy: &Object,
    labels: &BTreeMap<String, String>,
) -> Vec<Boundary> {
    let namespace = policy.identity.namespace.as_deref();
    let mut found: Vec<Boundary> = Vec::new();
    if !labels.is_empty() {
        found.extend(cluster.selected(namespace, labels).map(Boundary::of));
    }
    if found.is_empty() {
        found.push(Boundary::around(&policy.identity));
    }
    found
}

fn istio(
    estate: &Estate<'_>,
    cluster: &Cluster<'_>,
    policy: &Object,
    declarations: &mut Declarations<'_>,
) {
    let Some(spec) = policy.root.get("spec") else {
        return;
    };
    if spec
        .text_at(&["action"])
        .is_some_and(|action| action != "ALLOW")
    {
        return;
    }
    let callees = istio_callees(cluster, policy, spec);
    for rule in spec.get("rules").map(Node::items).unwrap_or_default() {
        let sources = rule.get("from").map(Node::items).unwrap_or_default();
        for source in sources.iter().filter_map(|one| one.get("source")) {
            let texts = |key: &str| source.get(key).map(Node::texts).unwrap_or_default();
            let mut found: Vec<Boundary> = Vec::new();
            for principal in texts("principals") {
                found.extend(callers_by_identity(estate, cluster, principal));
            }
            for account in texts("serviceAccounts") {
                let own = policy.identity.namespace.as_deref().unwrap_or_default();
                let (namespace, name) = account.split_once('/').unwrap_or((own, account));
                found.extend(callers(estate, cluster, namespace, Some(name)));
            }
            // Beside an identity, a namespace only narrows it.
            if texts("principals").is_empty() && texts("serviceAccounts").is_empty() {
                for namespace in texts("namespaces") {
                    found.extend(istio_namespace(estate, cluster, namespace));
                }
            }
            admit(declarations, policy, (&found, &callees), source);
        }
        let conditions = rule.get("when").map(Node::items).unwrap_or_default();
        for condition in conditions.iter().filter(|_| sources.is_empty()) {
            let values = condition.get("values").map(Node::texts).unwrap_or_default();
            let found: Vec<Boundary> = match condition.text_at(&["key"]) {
                Some("source.namespace") => values
                    .iter()
                    .flat_map(|one| istio_namespace(estate, cluster, one))
                    .collect(),
                Some("source.principal") => values
                    .iter()
                    .flat_map(|one| callers_by_identity(estate, cluster, one))
                    .collect(),
                _ => continue,
            };
            admit(declarations, policy, (&found, &callees), condition);
        }
    }
}

/// Namespaces by name, by the beginning of one, or by its end.
fn istio_namespace(estate: &Estate<'_>, own: &Cluster<'_>, pattern: &str) -> Vec<Boundary> {
    if pattern == "*" {
        return Vec::new();
    }
    if !pattern.contains('*') {
        return callers(estate, own, pattern, None);
    }
    let is_meant = |name: &str| match (pattern.strip_suffix('*'), pattern.strip_prefix('*')) {
        (Some(start), _) => name.starts_with(start),
        (None, Some(end)) => name.ends_with(end),
        (None, None) => false,
    };
    let all = estate
        .clusters
        .values()
        .flat_map(|cluster| cluster.namespaces.keys());
    let names: BTreeSet<&String> = all.filter(|name| is_meant(name)).collect();
    let found = names
        .into_iter()
        .map(|name| callers(estate, own, name, None));
    found.flatten().collect()
}

fn istio_callees(cluster: &Cluster<'_>, policy: &Object, spec: &Node) -> Vec<Boundary> {
    let labels = texts_of(spec.at(&["selector", "matchLabels"]));
    let namespace = policy.identity.namespace.as_deref();
    let several = spec.get("targetRefs").map(Node::items).unwrap_or_default();
    let targets: Vec<&Node> = several.iter().chain(spec.get("targetRef")).collect();
    if !targets.is_empty() {
        let mut found = Vec::new();
        for target in targets {
            let name = target.text_at(&["name"]).unwrap_or_default();
            if target.text_at(&["kind"]) == Some("Gateway") {
                let mut gateways = cluster.of_kind("gateway.networking.k8s.io", "Gateway");
                let gateway = gateways.find(|one| {
                    one.identity.name == name && one.identity.namespace.as_deref() == namespace
                });
                let class = gateway.and_then(|one| one.root.text_at(&["spec", "gatewayClassName"]));
                // What a waypoint lets in gets to the namespace; what another gateway does is at a gateway.
                if class.is_none_or(|class| class.contains("waypoint")) {
                    found.push(Boundary::around(&policy.identity));
                }
                continue;
            }
            let service = cluster.service_of_host(name, namespace);
            let behind = service
                .map(|service| cluster.behind(service))
                .unwrap_or_default();
            if behind.is_empty() {
                found.push(Boundary::around(&policy.identity));
            }
            found.extend(behind.into_iter().map(Boundary::of));
        }
        return found;
    }
    // Policies of the root namespace hold everywhere.
    if namespace == Some("istio-system") {
        let workloads = cluster.workloads.iter();
        if !labels.is_empty() {
            return workloads
                .filter(|one| selects(&labels, &one.labels))
                .map(Boundary::of)
                .collect();
        }
        let all = cluster.namespaces.keys();
        return all
            .map(|one| Boundary::Namespace(cluster.name.clone(), Some(one.clone())))
            .collect();
    }
    selected(cluster, policy, &labels)
}

/// The callers that an identity of Linkerd means: `web.shop.serviceaccount.identity.linkerd.cluster.local`.
fn linkerd_identity(estate: &Estate<'_>, own: &Cluster<'_>, identity: &str) -> Vec<Boundary> {
    let mut parts = identity.split('.');
    let (account, namespace, kind) = (parts.next(), parts.next(), parts.next());
    match (account, namespace, kind) {
        (Some(account), Some(namespace), Some("serviceaccount")) if namespace != "*" => {
            let account = Some(account).filter(|account| *account != "*");
            callers(estate, own, namespace, account)
        }
        _ => Vec::new(),
    }
}

fn linkerd(
    estate: &Estate<'_>,
    cluster: &Cluster<'_>,
    policy: &Object,
    declarations: &mut Declarations<'_>,
) {
    let own = policy.identity.namespace.as_deref().unwrap_or_default();
    let target = |key: &str| policy.root.text_at(&["spec", "targetRef", key]);
    let callees = match target("kind") {
        Some("Server") => linkerd_server(cluster, policy, target("name").unwrap_or_default()),
        _ => vec![Boundary::around(&policy.identity)],
    };
    let required = ["spec", "requiredAuthenticationRefs"];
    let references = policy.root.at(&required).map(Node::items);
    for reference in references.unwrap_or_default() {
        let name = reference.text_at(&["name"]).unwrap_or_default();
        let namespace = reference.text_at(&["namespace"]).unwrap_or(own);
        let found = match reference.text_at(&["kind"]) {
            Some("ServiceAccount") => callers(estate, cluster, namespace, Some(name)),
            Some("MeshTLSAuthentication") => {
                let mut all = cluster.of_kind(LINKERD, "MeshTLSAuthentication");
                let asked = all.find(|one| {
                    one.identity.name == name
                        && one.identity.namespace.as_deref() == Some(namespace)
                });
                asked.map_or_else(Vec::new, |asked| linkerd_asked(estate, cluster, asked))
            }
            _ => continue,
        };
        admit(declarations, policy, (&found, &callees), reference);
    }
}

/// The callers that an authentication of Linkerd means.
fn linkerd_asked(estate: &Estate<'_>, cluster: &Cluster<'_>, asked: &Object) -> Vec<Boundary> {
    let own = asked.identity.namespace.as_deref().unwrap_or_default();
    let items = |key: &str| {
        asked
            .root
            .at(&["spec", key])
            .map(Node::items)
            .unwrap_or_default()
    };
    let mut found: Vec<Boundary> = Vec::new();
    for identity in items("identities").iter().filter_map(Node::text) {
        found.extend(linkerd_identity(estate, cluster, identity));
    }
    for reference in items("identityRefs") {
        let name = reference.text_at(&["name"]);
        let (namespace, account) = match reference.text_at(&["kind"]) {
            Some("Namespace") => (name.unwrap_or(own), None),
            _ => (reference.text_at(&["namespace"]).unwrap_or(own), name),
        };
        found.extend(callers(estate, cluster, namespace, account));
    }
    found
}

/// The workloads behind a Server of Linkerd.
fn linkerd_server(cluster: &Cluster<'_>, policy: &Object, name: &str) -> Vec<Boundary> {
    let namespace = &policy.identity.namespace;
    let mut servers = cluster.of_kind(LINKERD, "Server");
    let server =
        servers.find(|one| one.identity.name == name && one.identity.namespace == *namespace);
    let labels = server.and_then(|one| one.root.at(&["spec", "podSelector", "matchLabels"]));
    selected(cluster, policy, &texts_of(labels))
}

fn server_authorization(
    estate: &Estate<'_>,
    cluster: &Cluster<'_>,
    policy: &Object,
    declarations: &mut Declarations<'_>,
) {
    let own = policy.identity.namespace.as_deref().unwrap_or_default();
    let Some(asked) = policy.root.at(&["spec", "client", "meshTLS"]) else {
        return;
    };
    let callees = match policy.root.text_at(&["spec", "server", "name"]) {
        Some(name) => linkerd_server(cluster, policy, name),
        None => vec![Boundary::around(&policy.identity)],
    };
    let items = |key: &str| asked.get(key).map(Node::items).unwrap_or_default();
    let mut found: Vec<Boundary> = Vec::new();
    for account in items("serviceAccounts") {
        let namespace = account.text_at(&["namespace"]).unwrap_or(own);
        found.extend(callers(
            estate,
            cluster,
            namespace,
            account.text_at(&["name"]),
        ));
    }
    for identity in items("identities").iter().filter_map(Node::text) {
        found.extend(linkerd_identity(estate, cluster, identity));
    }
    admit(declarations, policy, (&found, &callees), asked);
}

/// Labels as Cilium writes them, with where they are from, and the namespace among them.
fn cilium_labels(node: Option<&Node>) -> (BTreeMap<String, String>, Option<String>) {
    let bare = |(key, value): (String, String)| {
        let key = key.split_once(':').map_or(key.as_str(), |(_, key)| key);
        (key.to_owned(), value)
    };
    let mut labels: BTreeMap<String, String> = texts_of(node).into_iter().map(bare).collect();
    let namespace = labels.remove(POD_NAMESPACE);
    (labels, namespace)
}

fn cilium(
    estate: &Estate<'_>,
    cluster: &Cluster<'_>,
    policy: &Object,
    declarations: &mut Declarations<'_>,
) {
    let several = policy
        .root
        .get("specs")
        .map(Node::items)
        .unwrap_or_default();
    for spec in several.iter().chain(policy.root.get("spec")) {
        let (labels, of) = cilium_labels(spec.at(&["endpointSelector", "matchLabels"]));
        let namespace = policy.identity.namespace.clone().or(of);
        let callees = match &namespace {
            Some(namespace) => in_namespace(estate, cluster, namespace, |workload| {
                !labels.is_empty() && selects(&labels, &workload.labels)
            }),
            None if labels.is_empty() => Boundary::all_of(cluster),
            None => {
                let workloads = cluster.workloads.iter();
                let meant = workloads.filter(|one| selects(&labels, &one.labels));
                meant.map(Boundary::of).collect()
            }
        };
        for rule in spec.get("ingress").map(Node::items).unwrap_or_default() {
            for peer in rule
                .get("fromEndpoints")
                .map(Node::items)
                .unwrap_or_default()
            {
                let (labels, from) = cilium_labels(peer.get("matchLabels"));
                // Without a namespace, those of the policy's own are meant.
                let Some(from) = from else { continue };
                let found = in_namespace(estate, cluster, &from, |workload| {
                    !labels.is_empty() && selects(&labels, &workload.labels)
                });
                admit(declarations, policy, (&found, &callees), peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::reading;

    const WORKLOADS: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ledger, namespace: payments}\nspec: {template: \
                             {metadata: {labels: {app: ledger}}}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, \
                             namespace: shop}\nspec: {template: {metadata: {labels: {app: web}}, spec: {serviceAccountName: web}}}\n---\n";

    /// Who may call what, by the names of both.
    #[track_caller]
    fn check(policy: &str, expected: &[&str]) {
        let read = reading(&(WORKLOADS.to_owned() + policy));
        let name = |key: &crate::graph::identity::Key| {
            let text = key.as_str();
            text.rsplit('/').next().unwrap_or(text).to_owned()
        };
        let mut told = Vec::new();
        for one in &read.admissions_after {
            for caller in &one.callers {
                for callee in &one.callees {
                    told.push(format!("{} -> {}", name(caller), name(callee)));
                }
            }
        }
        assert_eq!(told, expected, "{policy}");
    }

    fn istio(more: &str) -> String {
        format!(
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: a, namespace: payments}}\nspec: {{{more}}}\n"
        )
    }

    #[test]
    fn istio_names_callers_by_namespace_and_by_identity_and_everybody_is_nobody() {
        let from = |source: &str| istio(&format!("rules: [{{from: [{{source: {{{source}}}}}]}}]"));
        check(&from("namespaces: [shop]"), &["shop -> payments"]);
        check(&from("namespaces: [\"sh*\"]"), &["shop -> payments"]);
        check(
            &from("principals: [cluster.local/ns/shop/sa/web]"),
            &["web -> payments"],
        );
        check(
            &from("principals: [cluster.local/ns/shop/sa/other]"),
            &["shop -> payments"],
        );
        check(&from("serviceAccounts: [shop/web]"), &["web -> payments"]);
        for everybody in [
            "principals: [\"*\"]",
            "namespaces: [\"*\"]",
            "ipBlocks: [10.0.0.0/8]",
        ] {
            check(&from(everybody), &[]);
        }
        let selecting = "selector: {matchLabels: {app: ledger}}, ";
        let rules = "rules: [{from: [{source: {namespaces: [shop]}}]}]";
        check(&istio(&format!("{selecting}{rules}")), &["shop -> ledger"]);
        check(&istio(&format!("action: DENY, {rules}")), &[]);
        check(
            &istio("rules: [{when: [{key: source.namespace, values: [shop]}]}]"),
            &["shop -> payments"],
        );
    }

    #[test]
    fn linkerd_names_callers_by_account_and_by_identity() {
        let server = "apiVersion: policy.linkerd.io/v1beta3\nkind: Server\nmetadata: {name: api, namespace: payments}\nspec: {podSelector: \
                      {matchLabels: {app: ledger}}, port: 80}\n---\n";
        let policy = |required: &str| {
            format!(
                "{server}apiVersion: policy.linkerd.io/v1alpha1\nkind: AuthorizationPolicy\nmetadata: {{name: a, namespace: \
                 payments}}\nspec: {{targetRef: {{kind: Server, name: api}}, requiredAuthenticationRefs: [{required}]}}\n---\n"
            )
        };
        check(
            &policy("{kind: ServiceAccount, name: web, namespace: shop}"),
            &["web -> ledger"],
        );
        let asked = |identity: &str| {
            let reference = policy("{kind: MeshTLSAuthentication, name: m}");
            format!(
                "{reference}apiVersion: policy.linkerd.io/v1alpha1\nkind: MeshTLSAuthentication\nmetadata: {{name: m, namespace: \
                 payments}}\nspec: {{identities: [\"{identity}\"]}}\n"
            )
        };
        let of = "serviceaccount.identity.linkerd.cluster.local";
        check(&asked(&format!("web.shop.{of}")), &["web -> ledger"]);
        check(&asked(&format!("*.shop.{of}")), &["shop -> ledger"]);
        check(&asked("*"), &[]);
    }

    #[test]
    fn cilium_names_endpoints_of_other_namespaces() {
        let policy = |from: &str| {
            format!(
                "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {{name: a, namespace: payments}}\nspec: {{endpointSelector: \
                 {{matchLabels: {{app: ledger}}}}, ingress: [{{fromEndpoints: [{{matchLabels: {{{from}}}}}]}}]}}\n"
            )
        };
        check(
            &policy("\"k8s:io.kubernetes.pod.namespace\": shop, app: web"),
            &["web -> ledger"],
        );
        check(&policy("app: web"), &[]);
    }

    #[test]
    fn kuma_names_callers_by_tags_and_by_identity() {
        let permission = |body: &str| {
            format!(
                "apiVersion: kuma.io/v1alpha1\nkind: MeshTrafficPermission\nmetadata: {{name: a, namespace: kuma-system}}\nspec: \
                 {{targetRef: {{kind: Dataplane, labels: {{app: ledger}}}}, {body}}}\n"
            )
        };
        let from = |tags: &str, action: &str| {
            permission(&format!(
                "from: [{{targetRef: {{kind: MeshSubset, tags: {{{tags}}}}}, default: {{action: {action}}}}}]"
            ))
        };
        check(
            &from("k8s.kuma.io/namespace: shop", "Allow"),
            &["shop -> ledger"],
        );
        check(
            &from("kuma.io/service: web_shop_svc_80", "Allow"),
            &["web -> ledger"],
        );
        check(&from("k8s.kuma.io/namespace: shop", "Deny"), &[]);
        let identity = "spiffe://mesh.local/ns/shop";
        check(
            &permission(&format!(
                "rules: [{{default: {{allow: [{{spiffeID: {{type: Prefix, value: \"{identity}\"}}}}]}}}}]"
            )),
            &["shop -> ledger"],
        );
    }

    #[test]
    fn consul_names_callers_by_service() {
        let intention = |source: &str, action: &str| {
            format!(
                "apiVersion: consul.hashicorp.com/v1alpha1\nkind: ServiceIntentions\nmetadata: {{name: a, namespace: payments}}\nspec: \
                 {{destination: {{name: ledger}}, sources: [{{name: {source}, action: {action}}}]}}\n"
            )
        };
        check(&intention("web", "allow"), &["web -> ledger"]);
        check(&intention("web", "deny"), &[]);
        check(&intention("\"*\"", "allow"), &[]);
    }
}
