//! Services that clusters of one set share, by the Multi-Cluster Services API.
//!
//! An export hands a Service to all clusters of the set in which its namespace is, under the same names
//! (<https://github.com/kubernetes/enhancements/tree/master/keps/sig-multicluster/1645-multi-cluster-services-api>, read
//! 2026-11-22). Which clusters are a set is told by no object of the API: all that use it count as one.

use std::collections::BTreeSet;

use crate::graph::fragment::Topic;

use super::declare::{Boundary, Declarations, Statement};
use super::estate::{Cluster, Estate};
use super::object::Object;
use super::systems::{Meaning, System};

/// The Multi-Cluster Services API.
pub(super) const SYSTEM: System = System {
    name: "the Multi-Cluster Services API",
    groups: &["multicluster.x-k8s.io", "net.gke.io", "about.k8s.io"],
    kinds: &[
        ("ServiceExport", Meaning::Modelled),
        ("ServiceImport", Meaning::Modelled),
        ("ClusterProperty", Meaning::Modelled),
    ],
    document_words: &[],
    document: |_| None,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |_| false,
    declare,
};

/// The groups that its objects come in: that of the project, and that of Google Kubernetes Engine.
const GROUPS: &[&str] = &["multicluster.x-k8s.io", "net.gke.io"];

fn of_kind<'s, 'm: 's>(
    cluster: &'s Cluster<'m>,
    kind: &'static str,
) -> impl Iterator<Item = &'m Object> + 's {
    let groups = GROUPS.iter();
    groups.flat_map(move |group| cluster.of_kind(group, kind))
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    let is_member = |cluster: &&Cluster<'_>| {
        GROUPS.iter().any(|group| cluster.uses(group)) || cluster.uses("submariner.io")
    };
    let set: Vec<&Cluster<'_>> = estate.clusters.values().filter(is_member).collect();
    for cluster in &set {
        for export in of_kind(cluster, "ServiceExport") {
            exported(cluster, &set, export, declarations);
        }
        for import in of_kind(cluster, "ServiceImport") {
            imported(cluster, &set, import, declarations);
        }
    }
    for cluster in estate.clusters.values() {
        for property in cluster.of_kind("about.k8s.io", "ClusterProperty") {
            let value = property.root.text_at(&["spec", "value"]);
            let (Some(value), "clusterset.k8s.io") = (value, property.identity.name.as_str())
            else {
                continue;
            };
            declarations.state(
                &[Boundary::Cluster(cluster.name.clone())],
                Statement {
                    topic: Topic::Mesh,
                    about: "cluster set".to_owned(),
                    matter: "cluster set".to_owned(),
                    value: value.to_owned(),
                    openness: 0,
                    words: format!("is of the cluster set {value}"),
                    origins: declarations.origins_of([property]),
                },
            );
        }
    }
}

/// A Service of that name and namespace; the API knows no other link between the two.
fn is_of(object: &Object, other: &Object) -> bool {
    (&object.identity.namespace, &object.identity.name)
        == (&other.identity.namespace, &other.identity.name)
}

fn exported(
    cluster: &Cluster<'_>,
    set: &[&Cluster<'_>],
    export: &Object,
    declarations: &mut Declarations<'_>,
) {
    let name = export.identity.qualified_name();
    let shown = cluster.name.as_deref().unwrap_or("unnamed");
    let mut of = BTreeSet::from([
        Boundary::Cluster(cluster.name.clone()),
        Boundary::around(&export.identity),
    ]);
    let services = cluster.services.iter();
    for service in services.filter(|service| is_of(service.object, export)) {
        of.extend(cluster.behind(service).into_iter().map(Boundary::of));
    }
    let others = set.iter().filter(|other| other.name != cluster.name);
    for other in others {
        of.insert(Boundary::Cluster(other.name.clone()));
        // Where the namespace is there too, the Service can be called by its own name.
        if let Some(namespace) = &export.identity.namespace
            && other.namespaces.contains_key(namespace)
        {
            let namespace = Some(namespace.clone());
            of.insert(Boundary::Namespace(other.name.clone(), namespace));
        }
    }
    if of
        .iter()
        .filter(|one| matches!(one, Boundary::Cluster(_)))
        .count()
        == 1
    {
        declarations.notice(
            "mesh-peer-not-seen",
            export,
            "it hands a service to the other clusters of its set, and none of those is among the files: which of them use it is \
             not seen",
        );
    }
    let of: Vec<Boundary> = of.into_iter().collect();
    declarations.state(
        &of,
        Statement {
            topic: Topic::Export,
            about: format!("export of {name} by {shown}"),
            matter: format!("export of {name}"),
            value: "exported".to_owned(),
            openness: 1,
            words: format!(
                "is in a set of clusters in which cluster {shown} hands its service {name} to all"
            ),
            origins: declarations.origins_of([export]),
        },
    );
}

fn imported(
    cluster: &Cluster<'_>,
    set: &[&Cluster<'_>],
    import: &Object,
    declarations: &mut Declarations<'_>,
) {
    let name = import.identity.qualified_name();
    let (value, how) = match import.root.text_at(&["spec", "type"]) {
        Some("Headless") => ("Headless", "pod by pod"),
        _ => ("ClusterSetIP", "by one address"),
    };
    declarations.state(
        &[
            Boundary::Cluster(cluster.name.clone()),
            Boundary::around(&import.identity),
        ],
        Statement {
            topic: Topic::Export,
            about: format!("import of {name}"),
            matter: format!("import of {name}"),
            value: value.to_owned(),
            // Pods that are called themselves need a network in which they are reached.
            openness: if value == "Headless" { 2 } else { 1 },
            words: format!("takes service {name} from other clusters, {how}"),
            origins: declarations.origins_of([import]),
        },
    );
    let is_exported = set
        .iter()
        .any(|other| of_kind(other, "ServiceExport").any(|export| is_of(export, import)));
    if !is_exported {
        declarations.notice(
            "mesh-peer-not-seen",
            import,
            "it takes a service from other clusters, and no file exports that: whose it is is not seen",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{reading, statements, subjects};

    const EXPORT: &str = "apiVersion: multicluster.x-k8s.io/v1alpha1\nkind: ServiceExport\nmetadata: {name: ledger, namespace: pay}\n---\n";

    const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: ledger, namespace: pay}\nspec: {selector: {app: ledger}}\n---\n\
                           apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ledger, namespace: pay}\nspec: {template: {metadata: \
                           {labels: {app: ledger}}}}\n---\n\
                           apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: other, namespace: pay}\nspec: {template: {metadata: \
                           {labels: {app: other}}}}\n---\n";

    #[test]
    fn an_export_is_a_fact_of_cluster_namespace_and_workload_and_of_no_other_workload() {
        let read = reading(&format!("{EXPORT}{SERVICE}"));
        assert_eq!(
            statements(&read, Topic::Export),
            [
                "-/pay/deployment/ledger: export of pay/ledger by unnamed = exported",
                "-/pay: export of pay/ledger by unnamed = exported",
                "-: export of pay/ledger by unnamed = exported",
            ]
        );
        assert_eq!(subjects(&read, "mesh-peer-not-seen").len(), 1);
    }

    #[test]
    fn the_version_of_the_api_is_no_difference_and_the_type_of_an_import_is() {
        let import = |version: &str, kind: &str| {
            format!(
                "apiVersion: multicluster.x-k8s.io/{version}\nkind: ServiceImport\nmetadata: {{name: a, namespace: b}}\nspec: {{type: {kind}}}\n"
            )
        };
        let stated =
            |version: &str, kind: &str| statements(&reading(&import(version, kind)), Topic::Export);
        assert_eq!(
            stated("v1alpha1", "Headless"),
            stated("v1beta1", "Headless")
        );
        assert_ne!(
            stated("v1alpha1", "Headless"),
            stated("v1alpha1", "ClusterSetIP")
        );
    }
}
