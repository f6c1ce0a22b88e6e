//! Policies that are bound to gateways, Services and waypoints by `targetRefs` instead of to workloads by their labels, and those
//! that ask more than what enforces them sees.
//!
//! A policy for a gateway holds for who comes in through that gateway. One for a Service or a waypoint is enforced by the waypoint
//! that the Service or its namespace is labelled to use, and by nothing where there is none. What calls a pod by its own address,
//! or in the clear, passes no waypoint: so none of this proves who calls a workload.
//! Without a waypoint, ztunnel enforces what is bound by labels, and sees connections and no requests: it turns away what a policy
//! asks more of
//! (<https://istio.io/latest/docs/ambient/usage/l7-features/>, <https://istio.io/latest/docs/ambient/usage/waypoint/>, read
//! 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;

use super::super::declare::{Boundary, Declarations, Statement};
use super::super::estate::Service;
use super::super::object::Object;
use super::super::yaml::Node;
use super::inbound::{self, Proof};
use super::install::{Mesh, selector};
use super::membership::{self, Membership};

/// The class of gateways that are waypoints.
const WAYPOINT: &str = "istio-waypoint";

/// The label by which a Service or namespace uses a waypoint.
const USES: &str = "istio.io/use-waypoint";

/// Whether a policy is bound to a gateway or Service, and not to workloads.
pub(super) fn is_targeted(policy: &Object) -> bool {
    !references(policy).is_empty()
}

fn references(policy: &Object) -> Vec<&Node> {
    let spec = policy.root.get("spec");
    let several = spec.and_then(|spec| spec.get("targetRefs"));
    let several = several.map(Node::items).unwrap_or_default().iter();
    let one = spec.and_then(|spec| spec.get("targetRef"));
    several.chain(one).collect()
}

/// What a policy is bound to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    /// A gateway that traffic comes in by, by namespace and name.
    Gateway(String),
    /// A waypoint.
    Waypoint(String),
    /// All waypoints, or all gateways of a class.
    Class(String),
    /// A Service.
    Service(String),
    /// A host outside, as a `ServiceEntry` tells it.
    Entry(String),
}

impl Target {
    fn words(&self) -> String {
        match self {
            Self::Gateway(name) => format!("gateway {name}"),
            Self::Waypoint(name) => format!("waypoint {name}"),
            Self::Class(name) if name == WAYPOINT => "all waypoints".to_owned(),
            Self::Class(name) => format!("gateways of class {name}"),
            Self::Service(name) => format!("service {name}"),
            Self::Entry(name) => format!("hosts of {name}"),
        }
    }
}

/// What is known of the waypoint of a Service.
enum Uses {
    /// It uses the one of this namespace and name.
    Waypoint(String),
    /// It uses none.
    None,
    /// Its namespace is described by no file.
    Untold,
}

fn qualified(namespace: Option<&str>, name: &str) -> String {
    match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    }
}

/// What a policy is bound to, as far as that is of a kind that is known.
fn targets(mesh: &Mesh<'_, '_>, policy: &Object) -> BTreeSet<Target> {
    let own = policy.identity.namespace.as_deref();
    let target = |reference: &Node| {
        let name = reference.text_at(&["name"])?;
        let namespace = reference.text_at(&["namespace"]).or(own);
        let name_there = qualified(namespace, name);
        Some(match reference.text_at(&["kind"])? {
            "Gateway" if is_waypoint(mesh, &name_there) => Target::Waypoint(name_there),
            "Gateway" => Target::Gateway(name_there),
            "GatewayClass" => Target::Class(name.to_owned()),
            "Service" => Target::Service(name_there),
            "ServiceEntry" => Target::Entry(name_there),
            _ => return None,
        })
    };
    let references = references(policy).into_iter();
    references.filter_map(target).collect()
}

/// Whether a gateway is a waypoint: by its class, or, where no file describes it, because something uses it as one.
fn is_waypoint(mesh: &Mesh<'_, '_>, name: &str) -> bool {
    let mut gateways = mesh.cluster.of_kind("gateway.networking.k8s.io", "Gateway");
    let described = gateways.find(|one| one.identity.qualified_name() == name);
    match described {
        Some(gateway) => gateway.root.text_at(&["spec", "gatewayClassName"]) == Some(WAYPOINT),
        None => {
            let mut services = mesh.cluster.services.iter();
            services
                .any(|service| matches!(uses(mesh, service), Uses::Waypoint(used) if used == name))
        }
    }
}

fn uses(mesh: &Mesh<'_, '_>, service: &Service<'_>) -> Uses {
    let identity = &service.object.identity;
    let namespace = identity.namespace.as_deref();
    let described = namespace.and_then(|name| mesh.cluster.namespaces.get(name)?.first());
    let told = |object: &Object| {
        let used = object.label(USES)?;
        let of = object.label("istio.io/use-waypoint-namespace");
        Some(match used {
            "none" => Uses::None,
            used => Uses::Waypoint(qualified(of.or(namespace), used)),
        })
    };
    told(service.object).unwrap_or_else(|| match described {
        Some(object) => told(object).unwrap_or(Uses::None),
        None => Uses::Untold,
    })
}

/// The boundaries that a policy is about that is bound to something: its namespace, and what is behind the Services it means.
pub(super) fn boundaries(mesh: &Mesh<'_, '_>, policy: &Object) -> Vec<Boundary> {
    let targets = targets(mesh, policy);
    let mut of = vec![Boundary::around(&policy.identity)];
    let is_of_gateway = |target: &Target| matches!(target, Target::Gateway(_) | Target::Class(_));
    if targets.iter().any(is_of_gateway) {
        of.push(mesh.boundary());
    }
    for service in &mesh.cluster.services {
        let is_meant = targets.iter().any(|target| is_for(mesh, target, service));
        if is_meant {
            of.extend(mesh.cluster.behind(service).into_iter().map(Boundary::of));
        }
    }
    of
}

/// Whether calls to a Service pass what a policy is bound to.
fn is_for(mesh: &Mesh<'_, '_>, target: &Target, service: &Service<'_>) -> bool {
    match (target, uses(mesh, service)) {
        (Target::Service(name), _) => *name == service.object.identity.qualified_name(),
        (Target::Waypoint(name), Uses::Waypoint(used)) => *name == used,
        (Target::Class(class), Uses::Waypoint(_)) => class == WAYPOINT,
        _ => false,
    }
}

pub(super) fn declare(mesh: &Mesh<'_, '_>, declarations: &mut Declarations<'_>) {
    let policies = || super::authorization_policies(mesh.cluster);
    let mut bound: BTreeMap<Target, Vec<&Object>> = BTreeMap::new();
    for policy in policies() {
        let targets = targets(mesh, policy);
        if targets.len() < references(policy).len() {
            let message = "it is bound to something of a kind that is not known: what it asks of callers there is not seen";
            declarations.notice("object-not-understood", policy, message);
        }
        for target in targets {
            bound.entry(target).or_default().push(policy);
        }
    }
    for (target, policies) in &bound {
        self::target(mesh, target, policies, declarations);
    }
    for service in &mesh.cluster.services {
        self::service(mesh, service, &bound, declarations);
    }
    for policy in policies().filter(|policy| !is_targeted(policy)) {
        beyond_ztunnel(mesh, policy, declarations);
    }
}

/// State whom the policies of one target let in, and what callers prove there.
fn target(
    mesh: &Mesh<'_, '_>,
    target: &Target,
    policies: &[&Object],
    declarations: &mut Declarations<'_>,
) {
    let words = target.words();
    let of: BTreeSet<Boundary> = policies
        .iter()
        .flat_map(|policy| boundaries(mesh, policy))
        .collect();
    let of: Vec<Boundary> = of.into_iter().collect();
    let names: BTreeSet<String> = policies
        .iter()
        .map(|policy| policy.identity.qualified_name())
        .collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    declarations.state(
        &of,
        Statement {
            topic: Topic::Authentication,
            about: format!("access at {words}"),
            matter: format!("access at {words}"),
            value: inbound::let_in(policies),
            openness: -1,
            words: format!("lets in at {words} whom authorization policy {names} lets in"),
            origins: declarations.origins_of(policies.iter().copied()),
        },
    );
    if let Target::Gateway(_) = target {
        let proof = Proof::default().asked_by(policies, declarations);
        state_proof(&of, &words, &proof, declarations);
    }
    let Target::Service(name) = target else {
        return;
    };
    let mut services = mesh.cluster.services.iter();
    let known = services.find(|service| service.object.identity.qualified_name() == *name);
    let problem = match known.map(|service| uses(mesh, service)) {
        Some(Uses::Waypoint(_)) => return,
        Some(Uses::None) => {
            "and neither that nor its namespace uses a waypoint: nothing enforces it"
        }
        Some(Uses::Untold) => {
            "and no file tells whether its namespace uses a waypoint: it counts as not enforced"
        }
        None => "which no file describes: whether a waypoint enforces it is not seen",
    };
    for policy in policies {
        let message = format!("it is bound to service {name}, {problem}");
        declarations.notice("policy-without-effect", policy, message);
    }
}

/// State what callers of a Service prove at its waypoint, by all policies that hold there.
fn service(
    mesh: &Mesh<'_, '_>,
    service: &Service<'_>,
    bound: &BTreeMap<Target, Vec<&Object>>,
    declarations: &mut Declarations<'_>,
) {
    if !matches!(uses(mesh, service), Uses::Waypoint(_)) {
        return;
    }
    let holding = bound
        .iter()
        .filter(|(target, _)| is_for(mesh, target, service));
    let policies: Vec<&Object> = holding.flat_map(|(_, all)| all.iter().copied()).collect();
    if policies.is_empty() {
        return;
    }
    let proof = Proof::default().asked_by(&policies, declarations);
    let identity = &service.object.identity;
    let mut of = vec![Boundary::around(identity)];
    of.extend(mesh.cluster.behind(service).into_iter().map(Boundary::of));
    let words = format!("the waypoint of service {}", identity.qualified_name());
    state_proof(&of, &words, &proof, declarations);
}

/// Without a word on it nothing is asked there: so what is asked narrows, and its loss widens.
fn state_proof(of: &[Boundary], at: &str, proof: &Proof, declarations: &mut Declarations<'_>) {
    if !proof.identity && !proof.token {
        return;
    }
    let what = match (proof.identity, proof.token) {
        (true, true) => "an identity of the mesh and a token",
        (true, false) => "an identity of the mesh",
        _ => "a token",
    };
    declarations.state(
        of,
        Statement {
            topic: Topic::Authentication,
            about: format!("callers at {at}"),
            matter: format!("callers at {at}"),
            value: proof.value().to_owned(),
            openness: -i32::from(proof.identity) - i32::from(proof.token),
            words: format!("lets callers in at {at} only with {what}"),
            origins: proof.deciding.clone(),
        },
    );
}

/// Say of a policy that asks about requests that only ztunnel enforces it.
fn beyond_ztunnel(mesh: &Mesh<'_, '_>, policy: &Object, declarations: &mut Declarations<'_>) {
    let namespace = policy.identity.namespace.as_deref();
    let described = namespace.and_then(|name| mesh.cluster.namespaces.get(name)?.first());
    let is_ambient = |object: &&Object| object.label("istio.io/dataplane-mode") == Some("ambient");
    let labels = selector(policy);
    let mut selected = mesh.cluster.selected(namespace, &labels);
    let has_proxy = selected.any(|one| {
        membership::of_workload(one) == Membership::In
            && !one.labels.contains_key("istio.io/dataplane-mode")
    });
    let rules = policy.root.at(&["spec", "rules"]).map(Node::items);
    let asks = rules.unwrap_or_default().iter().any(asks_about_requests);
    if described.is_some_and(is_ambient) && !has_proxy && asks {
        declarations.notice(
            "policy-beyond-ztunnel",
            policy,
            "it asks about requests, and its workloads are in ambient mode, where what is bound by labels is enforced by ztunnel, \
             which sees connections only: an ALLOW rule of this kind lets nobody in, a DENY rule turns everybody away; bind it to \
             a waypoint by `targetRefs`",
        );
    }
}

/// Whether a rule asks what only requests tell.
fn asks_about_requests(rule: &Node) -> bool {
    const OF_SOURCE: &[&str] = &[
        "requestPrincipals",
        "notRequestPrincipals",
        "remoteIpBlocks",
        "notRemoteIpBlocks",
    ];
    const OF_OPERATION: &[&str] = &[
        "hosts",
        "notHosts",
        "methods",
        "notMethods",
        "paths",
        "notPaths",
    ];
    let list = |key: &str| rule.get(key).map(Node::items).unwrap_or_default();
    let has = |one: &Node, part: &str, keys: &[&str]| {
        let inner = one.get(part);
        inner.is_some_and(|inner| keys.iter().any(|key| inner.get(key).is_some()))
    };
    list("from")
        .iter()
        .any(|from| has(from, "source", OF_SOURCE))
        || list("to")
            .iter()
            .any(|to| has(to, "operation", OF_OPERATION))
        || list("when").iter().any(|when| {
            let key = when.text_at(&["key"]).unwrap_or_default();
            key.starts_with("request.")
        })
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::super::testing::{between, reading, statements, subjects};

    const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n\
                           spec: {selector: {app: web}, ports: [{port: 80}]}\n---\n\
                           apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\n\
                           spec: {template: {metadata: {labels: {app: web}}}}\n---\n";

    fn namespace(labels: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{labels}}}}}\n---\n"
        )
    }

    fn policy(target: &str, rules: &str) -> String {
        format!(
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: web, namespace: shop}}\n\
             spec: {{{target} rules: {rules}}}\n---\n"
        )
    }

    const AMBIENT: &str = "istio.io/dataplane-mode: ambient";
    const TOKEN: &str = "[{from: [{source: {requestPrincipals: ['*']}}]}]";
    const OF_SERVICE: &str = "targetRefs: [{kind: Service, group: '', name: web}],";
    const OF_GATEWAY: &str =
        "targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: front}],";

    /// What callers prove at something that policies are bound to.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let stated = statements(&reading(text), Topic::Authentication);
        let at: Vec<&String> = stated
            .iter()
            .filter(|line| line.contains("callers at "))
            .collect();
        assert_eq!(at, expected, "{text}");
    }

    #[test]
    fn a_policy_of_a_service_proves_who_calls_it_only_where_a_waypoint_enforces_it() {
        let with = namespace(&format!("{AMBIENT}, istio.io/use-waypoint: way"));
        let text = with + SERVICE + &policy(OF_SERVICE, TOKEN);
        let at = "callers at the waypoint of service shop/web = token";
        check(
            &text,
            &[
                &format!("-/shop/deployment/web: {at}"),
                &format!("-/shop: {at}"),
            ],
        );
        let without = namespace(AMBIENT) + SERVICE + &policy(OF_SERVICE, TOKEN);
        check(&without, &[]);
        let unenforced = |text: &str| subjects(&reading(text), "policy-without-effect").len();
        assert_eq!([unenforced(&text), unenforced(&without)], [0, 1]);
        // Whoever calls the pod itself passes no waypoint.
        let stated = statements(&reading(&text), Topic::Authentication);
        assert!(stated.contains(&"-/shop/deployment/web: callers = nothing".to_owned()));
    }

    #[test]
    fn a_policy_of_a_gateway_speaks_of_who_comes_in_by_it() {
        let text = namespace(AMBIENT) + SERVICE + &policy(OF_GATEWAY, TOKEN);
        let at = "callers at gateway shop/front = token";
        check(&text, &[&format!("-/shop: {at}"), &format!("-: {at}")]);
        check(
            &(namespace(AMBIENT) + SERVICE + &policy(OF_GATEWAY, "[{}]")),
            &[],
        );
    }

    #[test]
    fn a_waypoint_is_one_by_its_class_and_holds_for_what_uses_it() {
        let waypoint = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: front, namespace: shop}\n\
                        spec: {gatewayClassName: istio-waypoint}\n---\n";
        let text = |labels: &str| {
            namespace(&format!("{AMBIENT}{labels}"))
                + SERVICE
                + waypoint
                + &policy(OF_GATEWAY, TOKEN)
        };
        let at = "callers at the waypoint of service shop/web = token";
        check(
            &text(", istio.io/use-waypoint: front"),
            &[
                &format!("-/shop/deployment/web: {at}"),
                &format!("-/shop: {at}"),
            ],
        );
        check(&text(", istio.io/use-waypoint: other"), &[]);
        let lost = between(&text(", istio.io/use-waypoint: front"), &text(""));
        assert_ne!(lost.before.statements.len(), lost.after.statements.len());
    }

    #[test]
    fn a_policy_on_requests_that_ztunnel_enforces_is_told_and_one_on_connections_is_not() {
        let told = |text: &str| subjects(&reading(text), "policy-beyond-ztunnel").len();
        let connections = "[{from: [{source: {principals: ['*']}}]}]";
        assert_eq!(
            told(&(namespace(AMBIENT) + SERVICE + &policy("", TOKEN))),
            1
        );
        assert_eq!(
            told(&(namespace(AMBIENT) + SERVICE + &policy("", connections))),
            0
        );
        let sidecars = namespace("istio-injection: enabled");
        assert_eq!(told(&(sidecars + SERVICE + &policy("", TOKEN))), 0);
    }
}
