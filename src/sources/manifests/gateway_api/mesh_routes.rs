//! Routes of a mesh: their parent is a Service, and what calls that is led to what they name
//! (<https://gateway-api.sigs.k8s.io/mesh/>, <https://gateway-api.sigs.k8s.io/geps/gep-1294/>, read 2026-11-22).
//!
//! One in the namespace of its Service is for all callers, one elsewhere for callers of its own namespace. Only what leaves the
//! namespace of the Service matters here: inside it, calls reach what they would reach anyway. How the mesh protects them is for
//! its own policies to say.

use std::collections::BTreeSet;

use crate::graph::fragment::Topic;

use super::super::declare::{Boundary, Declarations, Statement};
use super::super::estate::Cluster;
use super::super::object::Object;
use super::super::yaml::Node;
use super::GROUP;
use super::routes::{Destination, KINDS, destinations};

/// Linkerd had the first kind of route for itself.
const GROUPS: &[&str] = &[GROUP, "policy.linkerd.io"];

/// Kinds of parent that callers inside a mesh know by name.
const PARENTS: &[&str] = &["Service", "ServiceEntry", "ServiceImport"];

pub(super) fn declare(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    for group in GROUPS {
        for kind in KINDS {
            for route in cluster.of_kind(group, kind) {
                self::route(cluster, route, declarations);
            }
        }
    }
}

/// The parents of a route that are Services, by namespace and name.
fn parents(route: &Object) -> BTreeSet<(Option<&str>, &str)> {
    let listed = route.root.at(&["spec", "parentRefs"]).map(Node::items);
    let of_mesh = listed.unwrap_or_default().iter().filter(|parent| {
        let kind = parent.text_at(&["kind"]);
        kind.is_some_and(|kind| PARENTS.contains(&kind))
    });
    let own = route.identity.namespace.as_deref();
    of_mesh
        .filter_map(|parent| {
            let namespace = parent.text_at(&["namespace"]).or(own);
            Some((namespace, parent.text_at(&["name"])?))
        })
        .collect()
}

fn route(cluster: &Cluster<'_>, route: &Object, declarations: &mut Declarations<'_>) {
    let parents = parents(route);
    if parents.is_empty() {
        return;
    }
    let leads_to = destinations(cluster, route);
    for (namespace, name) in parents {
        let stays = |to: &Destination<'_>| to.is_of_kubernetes() && to.namespace == namespace;
        let away = leads_to.iter().filter(|to| !stays(to));
        for to in away {
            self::leads(cluster, route, (namespace, name), to, declarations);
        }
    }
}

fn leads(
    cluster: &Cluster<'_>,
    route: &Object,
    (namespace, name): (Option<&str>, &str),
    to: &Destination<'_>,
    declarations: &mut Declarations<'_>,
) {
    let shown = to.shown();
    if !to.is_granted {
        declarations.notice(
            "reference-not-granted",
            route,
            format!(
                "it leads to {shown} in another namespace, and no `ReferenceGrant` there lets it: nothing is sent there"
            ),
        );
        return;
    }
    let own = route.identity.namespace.as_deref();
    let around = |namespace: Option<&str>| {
        Boundary::Namespace(cluster.name.clone(), namespace.map(str::to_owned))
    };
    let mut of = BTreeSet::from([around(namespace), around(own)]);
    of.extend(to.boundaries(cluster));
    let of: Vec<Boundary> = of.into_iter().collect();
    let service = match namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    let callers = match own {
        Some(own) if Some(own) != namespace => format!(" of callers in namespace {own}"),
        _ => String::new(),
    };
    declarations.state(
        &of,
        Statement {
            topic: Topic::Mesh,
            about: format!("calls to {service}{callers} lead to {shown}"),
            matter: format!("calls to {service}"),
            value: "led".to_owned(),
            openness: 1,
            words: format!("has calls to service {service}{callers} led to {shown}"),
            origins: declarations.origins_of([route].into_iter().chain(to.granted_by)),
        },
    );
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::super::testing::{reading, statements, subjects};

    fn route(namespace: &str, parent: &str, to: &str) -> String {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: r, namespace: {namespace}}}\n\
             spec: {{parentRefs: [{{kind: Service, group: '', {parent}}}], rules: [{{backendRefs: [{to}]}}]}}\n---\n"
        )
    }

    fn grant(from: &str) -> String {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {{name: g, namespace: pay}}\n\
             spec: {{from: [{{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: {from}}}], to: [{{group: '', kind: Service}}]}}\n"
        )
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(statements(&reading(text), Topic::Mesh), expected, "{text}");
    }

    #[test]
    fn a_route_that_leads_calls_into_another_namespace_is_a_fact_of_both_where_it_is_granted() {
        let away = route(
            "shop",
            "name: web",
            "{name: ledger, namespace: pay, port: 80}",
        );
        check(&away, &[]);
        assert_eq!(
            subjects(&reading(&away), "reference-not-granted"),
            ["HTTPRoute/shop/r"]
        );
        let led = "calls to shop/web lead to pay/ledger = led";
        check(
            &(away + &grant("shop")),
            &[&format!("-/pay: {led}"), &format!("-/shop: {led}")],
        );
        // Inside its namespace, a route is for what is reached anyway.
        check(&route("shop", "name: web", "{name: web-v2, port: 80}"), &[]);
    }

    #[test]
    fn a_route_elsewhere_is_for_callers_of_its_own_namespace() {
        let text = route(
            "shop",
            "name: ledger, namespace: pay",
            "{name: fake, port: 80}",
        );
        let led = "calls to pay/ledger of callers in namespace shop lead to shop/fake = led";
        check(
            &text,
            &[&format!("-/pay: {led}"), &format!("-/shop: {led}")],
        );
    }
}
