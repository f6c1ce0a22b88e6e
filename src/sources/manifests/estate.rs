//! The objects of one snapshot by cluster, with what every system asks of Kubernetes: namespaces, workloads and their ports,
//! and which of them a selector or a Service means.

use std::collections::{BTreeMap, BTreeSet};

use super::object::{ClusterName, Identity, Object, is_group, selects, texts_of};
use super::yaml::Node;

/// Major versions of systems by their name, as the settings tell them.
pub type Versions = BTreeMap<&'static str, u64>;

/// One snapshot.
#[derive(Debug, Default)]
pub struct Estate<'m> {
    /// Its clusters, by name.
    pub clusters: BTreeMap<ClusterName, Cluster<'m>>,
    /// What the settings say of versions.
    pub versions: Versions,
    /// The clusters that settings or objects name, of this snapshot and of the other.
    pub known: BTreeSet<ClusterName>,
}

/// One cluster.
#[derive(Debug, Default)]
pub struct Cluster<'m> {
    /// Its name.
    pub name: ClusterName,
    /// What to call it in reports.
    pub shown: String,
    /// Its objects, by identity; of several with one identity, by place.
    pub objects: Vec<&'m Object>,
    /// Its namespaces, with the objects that describe them.
    pub namespaces: BTreeMap<String, Vec<&'m Object>>,
    /// What runs in it.
    pub workloads: Vec<Workload<'m>>,
    /// Its Services.
    pub services: Vec<Service<'m>>,
    /// Some object, of this snapshot or of the other, lies in a namespace that no file tells.
    pub has_untold: bool,
    /// The groups of this cluster's objects and of the keys of their labels and annotations, of this snapshot and of the other.
    pub groups_in_use: BTreeSet<String>,
}

/// What runs under one name and takes traffic on ports.
#[derive(Debug)]
pub struct Workload<'m> {
    /// The object that makes it.
    pub object: &'m Object,
    /// Labels of its pods.
    pub labels: BTreeMap<String, String>,
    /// Annotations of its pods.
    pub annotations: BTreeMap<String, String>,
    /// The template of its pods.
    pub pod: &'m Node,
    /// The ports it is known to take traffic on: those of its containers, and those that Services send to.
    pub ports: BTreeSet<String>,
    /// Names of its containers' ports.
    pub named_ports: BTreeMap<String, String>,
    /// Names of the Services that send to it.
    pub services: BTreeSet<String>,
}

/// A Service, as far as it leads to workloads.
#[derive(Debug)]
pub struct Service<'m> {
    /// The object.
    pub object: &'m Object,
    /// What it selects; `None`: nothing of this cluster.
    pub selector: Option<BTreeMap<String, String>>,
    /// Port of the Service to port of the workload, by number or name.
    pub ports: BTreeMap<String, String>,
}

impl Workload<'_> {
    /// What it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.object.identity
    }
}

impl<'m> Estate<'m> {
    /// Sort objects. `also_in_use` are the objects of the other snapshot: what one of them uses, both do.
    #[must_use]
    pub fn new(objects: &[&'m Object], also_in_use: &[&Object]) -> Self {
        let mut estate = Self::default();
        let mut sorted = objects.to_vec();
        sorted.sort_by(|a, b| {
            let place = |object: &Object| (object.source.clone(), object.root.line);
            (&a.identity, place(a)).cmp(&(&b.identity, place(b)))
        });
        for object in sorted {
            let identity = &object.identity;
            let cluster = estate.clusters.entry(identity.cluster.clone()).or_default();
            cluster.name.clone_from(&identity.cluster);
            cluster.objects.push(object);
            if object.is("", "Namespace") {
                let slot = cluster.namespaces.entry(identity.name.clone());
                slot.or_default().push(object);
            } else if let Some(namespace) = &identity.namespace {
                cluster.namespaces.entry(namespace.clone()).or_default();
            }
        }
        for object in objects.iter().copied().chain(also_in_use.iter().copied()) {
            // A cluster that comes into view, or leaves it, is there all along.
            let cluster = estate
                .clusters
                .entry(object.identity.cluster.clone())
                .or_default();
            let identity = &object.identity;
            cluster.name.clone_from(&identity.cluster);
            cluster.has_untold |= identity.namespace.is_none()
                && !super::collect::is_cluster_wide(identity)
                && !super::systems::is_cluster_wide(object);
            cluster.groups_in_use.insert(identity.group.clone());
            cluster.groups_in_use.extend(groups_of_keys(object));
        }
        for cluster in estate.clusters.values_mut() {
            cluster.find_workloads();
        }
        estate
    }

    /// Say what to call clusters in reports; `unnamed` is for the one that nothing names.
    pub fn name_clusters(&mut self, unnamed: &str) {
        for cluster in self.clusters.values_mut() {
            cluster.shown = cluster.name.as_deref().unwrap_or(unnamed).to_owned();
        }
    }

    /// Take in namespaces that are there and of which this snapshot has no object, as the other snapshot describes them: what
    /// holds of every namespace held of them all along.
    pub fn take_in(&mut self, namespaces: &BTreeSet<(ClusterName, String)>, other: &[&'m Object]) {
        let mut missing: BTreeMap<(&ClusterName, &str), Vec<&'m Object>> = BTreeMap::new();
        for (cluster, namespace) in namespaces {
            let known = self.clusters.get(cluster);
            if known.is_none_or(|one| !one.namespaces.contains_key(namespace)) {
                missing.insert((cluster, namespace), Vec::new());
            }
        }
        for object in other.iter().filter(|object| object.is("", "Namespace")) {
            let key = (&object.identity.cluster, object.identity.name.as_str());
            if let Some(describing) = missing.get_mut(&key) {
                describing.push(object);
            }
        }
        for ((cluster, namespace), describing) in missing {
            let known = self.clusters.entry(cluster.clone()).or_default();
            known.name.clone_from(cluster);
            known.namespaces.insert(namespace.to_owned(), describing);
        }
    }
}

impl<'m> Cluster<'m> {
    /// Objects of a kind. A group that begins with a dot means every group that ends so.
    pub fn of_kind<'s>(
        &'s self,
        group: &'s str,
        kind: &'s str,
    ) -> impl Iterator<Item = &'m Object> + 's {
        let all = self.objects.iter().copied();
        all.filter(move |object| object.is(group, kind))
    }

    /// Whether any object of these groups is in this cluster, before or after.
    #[must_use]
    pub fn uses(&self, group: &str) -> bool {
        self.groups_in_use.iter().any(|one| is_group(one, group))
    }

    /// The workloads of a namespace whose pods have these labels.
    pub fn selected<'s, 'a: 's>(
        &'s self,
        namespace: Option<&'a str>,
        selector: &'a BTreeMap<String, String>,
    ) -> impl Iterator<Item = &'s Workload<'m>> + use<'s, 'a, 'm> {
        self.workloads.iter().filter(move |workload| {
            workload.identity().namespace.as_deref() == namespace
                && selects(selector, &workload.labels)
        })
    }

    /// The workloads that a Service leads to.
    #[must_use]
    pub fn behind(&self, service: &Service<'m>) -> Vec<&Workload<'m>> {
        let namespace = &service.object.identity.namespace;
        let Some(selector) = service.selector.as_ref().filter(|one| !one.is_empty()) else {
            return Vec::new();
        };
        let is_behind = |workload: &&Workload<'m>| {
            workload.identity().namespace == *namespace && selects(selector, &workload.labels)
        };
        self.workloads.iter().filter(is_behind).collect()
    }

    /// The Service that a host name means, seen from a namespace: `web`, `web.pay`, `web.pay.svc.cluster.local`.
    #[must_use]
    pub fn service_of_host(&self, host: &str, from: Option<&str>) -> Option<&Service<'m>> {
        let mut parts = host.split('.');
        let name = parts.next()?;
        let namespace = parts.next().or(from);
        let rest: Vec<&str> = parts.collect();
        if !(rest.is_empty() || rest[0] == "svc") {
            return None;
        }
        self.services.iter().find(|service| {
            let identity = &service.object.identity;
            identity.name == name && identity.namespace.as_deref() == namespace
        })
    }

    fn find_workloads(&mut self) {
        self.workloads = self
            .objects
            .iter()
            .filter_map(|object| workload(object))
            .collect();
        self.services = self
            .objects
            .iter()
            .filter(|object| object.is("", "Service"))
            .map(|object| service(object))
            .collect();
        for index in 0..self.workloads.len() {
            let workload = &self.workloads[index];
            let sending: Vec<&Service<'_>> = self
                .services
                .iter()
                .filter(|service| {
                    let selector = service.selector.as_ref().filter(|one| !one.is_empty());
                    service.object.identity.namespace == workload.identity().namespace
                        && selector.is_some_and(|selector| selects(selector, &workload.labels))
                })
                .collect();
            let ports: BTreeSet<String> = sending
                .iter()
                .flat_map(|service| service.ports.values())
                .map(|port| workload.named_ports.get(port).unwrap_or(port).clone())
                .collect();
            let names = sending.iter().map(|one| one.object.identity.name.clone());
            let names: BTreeSet<String> = names.collect();
            let workload = &mut self.workloads[index];
            workload.ports.extend(ports);
            workload.services = names;
        }
    }
}

/// What labels and annotations of an object, or of the pods it makes, speak of: the part of a key before its slash, or the key.
fn groups_of_keys(object: &Object) -> BTreeSet<String> {
    let pods = pods(object);
    let tables = [Some(&object.root), pods]
        .into_iter()
        .flatten()
        .flat_map(|node| {
            ["labels", "annotations"].map(|table| texts_of(node.at(&["metadata", table])))
        });
    let keys = tables.flat_map(BTreeMap::into_keys);
    keys.map(|key| match key.split_once('/') {
        Some((group, _)) => group.to_owned(),
        None => key,
    })
    .collect()
}

/// The template of an object's pods, if it makes any.
fn pods(object: &Object) -> Option<&Node> {
    const TEMPLATED: &[(&str, &str)] = &[
        ("apps", "Deployment"),
        ("apps", "StatefulSet"),
        ("apps", "DaemonSet"),
        ("apps", "ReplicaSet"),
        ("extensions", "Deployment"),
        ("extensions", "DaemonSet"),
        ("", "ReplicationController"),
        ("batch", "Job"),
        ("argoproj.io", "Rollout"),
        ("apps.openshift.io", "DeploymentConfig"),
        ("serving.knative.dev", "Service"),
    ];
    if TEMPLATED.iter().any(|(group, kind)| object.is(group, kind)) {
        return object.root.at(&["spec", "template"]);
    }
    if object.is("batch", "CronJob") {
        return object.root.at(&["spec", "jobTemplate", "spec", "template"]);
    }
    object.is("", "Pod").then_some(&object.root)
}

fn workload(object: &Object) -> Option<Workload<'_>> {
    let pod = pods(object)?;
    let mut ports = BTreeSet::new();
    let mut named_ports = BTreeMap::new();
    let containers = pod.at(&["spec", "containers"]).map(Node::items);
    for port in containers
        .unwrap_or_default()
        .iter()
        .filter_map(|container| container.get("ports"))
        .flat_map(Node::items)
    {
        let Some(number) = port.text_at(&["containerPort"]) else {
            continue;
        };
        ports.insert(number.to_owned());
        if let Some(name) = port.text_at(&["name"]) {
            named_ports.insert(name.to_owned(), number.to_owned());
        }
    }
    Some(Workload {
        object,
        labels: texts_of(pod.at(&["metadata", "labels"])),
        annotations: texts_of(pod.at(&["metadata", "annotations"])),
        pod,
        ports,
        named_ports,
        services: BTreeSet::new(),
    })
}

fn service(object: &Object) -> Service<'_> {
    let mut ports = BTreeMap::new();
    let listed = object.root.at(&["spec", "ports"]).map(Node::items);
    for port in listed.unwrap_or_default() {
        let Some(own) = port.text_at(&["port"]) else {
            continue;
        };
        let target = port.text_at(&["targetPort"]).unwrap_or(own);
        ports.insert(own.to_owned(), target.to_owned());
    }
    Service {
        object,
        selector: object
            .root
            .at(&["spec", "selector"])
            .map(|selector| texts_of(Some(selector))),
        ports,
    }
}
