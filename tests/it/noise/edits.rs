//! Edits that mean nothing.

use std::collections::{BTreeMap, BTreeSet};

use perimeter::sources::manifests::systems;
use perimeter::sources::manifests::yaml::{Content, Node, documents};

use super::Files;
use super::tree::{add, at, every_map, field, items, map_at, node, plain, plains, written};

/// Something to do to the files of a snapshot.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    /// The files afterwards; `None`: there is nothing to do it to.
    pub(crate) apply: fn(&Files) -> Option<Files>,
}

pub(crate) const EDITS: &[Edit] = &[
    Edit {
        name: "comments added",
        apply: |files| each_text(files, |path, text| Some(commented(path, text))),
    },
    Edit {
        name: "line ends of Windows",
        apply: |files| each_text(files, |_, text| Some(text.replace('\n', "\r\n"))),
    },
    Edit {
        name: "spelled anew",
        apply: |files| each_tree(files, |_| true),
    },
    Edit {
        name: "documents reordered",
        apply: |files| {
            each_text(files, |path, text| {
                let mut documents = trees(path, text)?;
                documents.reverse();
                for document in &mut documents {
                    if is_list(document)
                        && let Some(items) = field(document, "items")
                    {
                        self::items(items).reverse();
                    }
                }
                Some(written(&documents))
            })
        },
    },
    Edit {
        name: "keys reordered",
        apply: |files| each_tree(files, reorder_keys),
    },
    Edit {
        name: "lists reordered",
        apply: |files| each_object(files, reorder_lists),
    },
    Edit {
        name: "split into files",
        apply: split,
    },
    Edit {
        name: "files renamed",
        apply: rename,
    },
    Edit {
        name: "joined in a list",
        apply: join,
    },
    Edit {
        name: "labels and annotations added",
        apply: |files| each_object(files, label),
    },
    Edit {
        name: "labels of pods added",
        apply: |files| {
            each_object(files, |object| {
                is_templated(object) && at(object, &["spec", "template"]).is_some_and(label)
            })
        },
    },
    Edit {
        name: "shown by a cluster",
        apply: |files| each_object(files, show),
    },
    Edit {
        name: "replicas, images and resources changed",
        apply: |files| each_object(files, resize),
    },
    Edit {
        name: "an unrelated workload added",
        apply: add_workload,
    },
    Edit {
        name: "an unrelated Service added",
        apply: add_service,
    },
    Edit {
        name: "other objects added",
        apply: add_others,
    },
    Edit {
        name: "namespaces described",
        apply: describe_namespaces,
    },
    Edit {
        name: "policies renamed",
        apply: |files| each_object(files, rename_policy),
    },
    Edit {
        name: "defaults spelled out",
        apply: |files| each_object(files, spell_defaults),
    },
    Edit {
        name: "version of the API",
        apply: |files| each_object(files, promote),
    },
];

/// The documents of a file in YAML or JSON that can be read as a whole.
fn trees(path: &str, text: &str) -> Option<Vec<Node>> {
    if systems::language(path, text.as_bytes()).is_some() {
        return None;
    }
    let (documents, faults) = documents(text);
    (faults.is_empty() && !documents.is_empty()).then_some(documents)
}

/// Files edited one by one; `None` where none of them was.
fn each_text(files: &Files, edit: impl Fn(&str, &str) -> Option<String>) -> Option<Files> {
    let mut after = files.clone();
    let mut is_edited = false;
    for (path, text) in &mut after {
        if let Some(edited) = edit(path, text) {
            is_edited |= edited != *text;
            *text = edited;
        }
    }
    is_edited.then_some(after)
}

/// Documents edited one by one, by what tells whether it did anything.
fn each_tree(files: &Files, edit: impl Fn(&mut Node) -> bool) -> Option<Files> {
    each_text(files, |path, text| {
        let mut documents = trees(path, text)?;
        let mut is_edited = false;
        for document in &mut documents {
            is_edited |= edit(document);
        }
        is_edited.then(|| written(&documents))
    })
}

/// Kubernetes objects edited one by one.
fn each_object(files: &Files, edit: impl Fn(&mut Node) -> bool) -> Option<Files> {
    each_tree(files, |document| {
        if !is_list(document) {
            return is_object(document) && edit(document);
        }
        let Some(inner) = field(document, "items") else {
            return false;
        };
        let mut is_edited = false;
        for item in items(inner) {
            is_edited |= is_object(item) && edit(item);
        }
        is_edited
    })
}

fn is_object(document: &Node) -> bool {
    document.text_at(&["apiVersion"]).is_some()
        && kind(document) != "Kustomization"
        && document.get("kind").is_some()
}

fn is_list(document: &Node) -> bool {
    kind(document).ends_with("List") && document.get("items").is_some()
}

fn kind(object: &Node) -> &str {
    object.text_at(&["kind"]).unwrap_or_default()
}

/// The group of an object's API.
fn group(object: &Node) -> &str {
    let version = object.text_at(&["apiVersion"]).unwrap_or_default();
    version.rsplit_once('/').map_or("", |(group, _)| group)
}

fn is_templated(object: &Node) -> bool {
    ["apps", "batch"].contains(&group(object)) && object.at(&["spec", "template"]).is_some()
}

fn commented(path: &str, text: &str) -> String {
    if path.ends_with(".json") && systems::language(path, text.as_bytes()).is_none() {
        return format!("\n{text}\n\n");
    }
    let is_yaml = systems::language(path, text.as_bytes()).is_none() && !path.ends_with(".json");
    let mut edited = "# a note at the top\n\n".to_owned();
    for line in text.lines() {
        let is_key = line.starts_with(|first: char| first.is_ascii_alphabetic());
        if is_yaml && is_key && line.ends_with(':') {
            edited.push_str("# a note on what follows\n");
        }
        edited.push_str(line);
        if is_yaml && (line.starts_with("kind: ") || line.starts_with("---")) {
            edited.push_str("  # a note");
        }
        edited.push('\n');
    }
    edited + "# a note at the end\n"
}

fn reorder_keys(document: &mut Node) -> bool {
    let mut is_edited = false;
    every_map(document, &mut |map| {
        if let Content::Map(fields) = &mut map.content {
            is_edited |= fields.len() > 1;
            fields.reverse();
        }
    });
    is_edited
}

/// Lists whose order means nothing, by kind: where they are.
fn reorder_lists(object: &mut Node) -> bool {
    let keys: &[&str] = match kind(object) {
        "NetworkPolicy" => &["ingress", "egress", "from", "to", "ports", "policyTypes"],
        "AuthorizationPolicy" if group(object) == "security.istio.io" => &[
            "rules",
            "from",
            "to",
            "when",
            "values",
            "principals",
            "namespaces",
            "methods",
            "paths",
            "hosts",
            "ports",
            "ipBlocks",
            "requestPrincipals",
        ],
        "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy" => &[
            "ingress",
            "egress",
            "fromEndpoints",
            "toEndpoints",
            "fromEntities",
            "toEntities",
            "toPorts",
            "ports",
            "values",
            "http",
        ],
        "AuthorizationPolicy" => &["requiredAuthenticationRefs"],
        "MeshTLSAuthentication" => &["identities", "identityRefs"],
        "NetworkAuthentication" => &["networks", "except"],
        "ServiceEntry" => &["hosts", "addresses", "ports", "endpoints", "exportTo"],
        "DestinationRule" => &["subsets", "portLevelSettings", "exportTo"],
        "VirtualService" => &["hosts", "gateways", "exportTo"],
        "Sidecar" => &["hosts"],
        "Gateway" => &["hosts", "servers", "listeners", "addresses"],
        "RequestAuthentication" => &["jwtRules", "audiences"],
        "HTTPRoute" | "GRPCRoute" => &["hostnames", "parentRefs"],
        "ReferenceGrant" => &["from", "to"],
        "Service" => &["ports", "externalIPs", "loadBalancerSourceRanges"],
        "Ingress" => &["tls", "hosts"],
        "Deployment" | "StatefulSet" | "DaemonSet" => &["ports", "env", "volumes", "volumeMounts"],
        _ => return false,
    };
    let mut is_edited = false;
    every_map(object, &mut |map| {
        for key in keys {
            if let Some(list) = field(map, key) {
                let listed = items(list);
                is_edited |= listed.len() > 1;
                listed.reverse();
            }
        }
    });
    is_edited
}

/// Whether every document of a file is an object, known by what it says of itself and not by its file.
fn holds_objects(path: &str, text: &str) -> Option<Vec<Node>> {
    let documents = trees(path, text)?;
    let all = documents
        .iter()
        .all(|one| is_object(one) && !kind(one).contains("Kustomization"));
    all.then_some(documents)
}

fn split(files: &Files) -> Option<Files> {
    let mut after = Files::new();
    for (path, text) in files {
        match holds_objects(path, text) {
            None => {
                after.insert(path.clone(), text.clone());
            }
            Some(documents) => {
                let mut objects = Vec::new();
                for document in documents {
                    if is_list(&document) {
                        let inner = document.get("items").map(Node::items);
                        objects.extend(inner.unwrap_or_default().iter().cloned());
                    } else {
                        objects.push(document);
                    }
                }
                for (index, object) in objects.iter().enumerate() {
                    let written = written(std::slice::from_ref(object));
                    after.insert(format!("{path}-{index}.yaml"), written);
                }
            }
        }
    }
    (after.len() > files.len()).then_some(after)
}

/// Files get other names in another order, in the folder they are in.
fn rename(files: &Files) -> Option<Files> {
    let count = files.len();
    let named = files.iter().enumerate().map(|(index, (path, text))| {
        if holds_objects(path, text).is_none() {
            return (path.clone(), text.clone());
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        (
            format!("{folder}renamed-{:04}.yaml", count - index),
            text.clone(),
        )
    });
    let after: Files = named.collect();
    (after != *files).then_some(after)
}

fn join(files: &Files) -> Option<Files> {
    let mut after = Files::new();
    let mut joined: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for (path, text) in files {
        match holds_objects(path, text) {
            Some(documents) if !documents.iter().any(is_list) => {
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                joined
                    .entry(folder.to_owned())
                    .or_default()
                    .extend(documents);
            }
            _ => {
                after.insert(path.clone(), text.clone());
            }
        }
    }
    if joined.is_empty() {
        return None;
    }
    for (folder, documents) in joined {
        let mut list = node(Content::Map(Vec::new()));
        add(&mut list, "apiVersion", plain("v1"));
        add(&mut list, "kind", plain("List"));
        add(&mut list, "items", node(Content::List(documents)));
        let path = if folder.is_empty() {
            "joined.yaml".to_owned()
        } else {
            format!("{folder}/joined.yaml")
        };
        after.insert(path, written(&[list]));
    }
    Some(after)
}

fn label(object: &mut Node) -> bool {
    let Some(metadata) = map_at(object, "metadata") else {
        return false;
    };
    let labels = map_at(metadata, "labels");
    let is_labelled = labels.is_some_and(|labels| {
        add(labels, "example.org/team", plain("storefront"))
            && add(labels, "helm.sh/chart", plain("shop-1.2.3"))
                | add(labels, "app.kubernetes.io/managed-by", plain("Helm"))
    });
    let annotations = map_at(metadata, "annotations");
    let is_annotated =
        annotations.is_some_and(|table| add(table, "example.org/ticket", plain("OPS-12")));
    is_labelled | is_annotated
}

/// What a cluster writes into an object by itself.
fn show(object: &mut Node) -> bool {
    let Some(metadata) = map_at(object, "metadata") else {
        return false;
    };
    let told = add(metadata, "uid", plain("0b9c3c0e"))
        | add(metadata, "resourceVersion", plain("4711"))
        | add(metadata, "generation", plain("3"))
        | add(metadata, "creationTimestamp", plain("2026-01-05T08"));
    let mut status = node(Content::Map(Vec::new()));
    add(&mut status, "observedGeneration", plain("3"));
    told | add(object, "status", status)
}

fn resize(object: &mut Node) -> bool {
    if !is_templated(object) && kind(object) != "Pod" {
        return false;
    }
    if let Some(spec) = map_at(object, "spec") {
        match field(spec, "replicas") {
            Some(replicas) => *replicas = plain("7"),
            None => {
                add(spec, "replicas", plain("7"));
            }
        }
    }
    every_map(object, &mut |map| {
        if let Some(image) = field(map, "image").filter(|image| image.text().is_some()) {
            *image = plain("registry.example.org/other/image-2");
            if let Some(resources) = map_at(map, "resources") {
                add(resources, "limits", node(Content::Map(Vec::new())));
            }
            add(map, "imagePullPolicy", plain("Always"));
        }
    });
    true
}

/// The namespaces that workloads of the files are in, with the file of the first.
fn namespaces(files: &Files) -> BTreeMap<Option<String>, String> {
    let mut namespaces = BTreeMap::new();
    for (path, text) in files {
        for object in holds_objects(path, text).unwrap_or_default() {
            if is_templated(&object) {
                let namespace = object.text_at(&["metadata", "namespace"]);
                namespaces
                    .entry(namespace.map(str::to_owned))
                    .or_insert_with(|| path.clone());
            }
        }
    }
    namespaces
}

fn in_each_namespace(files: &Files, object: &str) -> Option<Files> {
    let namespaces = namespaces(files);
    let mut after = files.clone();
    for (namespace, path) in &namespaces {
        let mut made = documents(object).0;
        if let Some(namespace) = namespace {
            let metadata = field(&mut made[0], "metadata")?;
            add(metadata, "namespace", plain(namespace));
        }
        // Beside its neighbours, in their folder.
        let name = namespace.as_deref().unwrap_or("untold");
        after.insert(format!("{path}-{name}-added.yaml"), written(&made));
    }
    (!namespaces.is_empty()).then_some(after)
}

fn add_workload(files: &Files) -> Option<Files> {
    in_each_namespace(
        files,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: unrelated}\nspec:\n  selector: {matchLabels: {unrelated: one}}\n  \
         template:\n    metadata: {labels: {unrelated: one}}\n    \
         spec: {containers: [{name: one, image: one, ports: [{containerPort: 8181, name: other}]}]}\n",
    )
}

fn add_service(files: &Files) -> Option<Files> {
    in_each_namespace(
        files,
        "apiVersion: v1\nkind: Service\nmetadata: {name: unrelated}\nspec:\n  selector: {unrelated: one}\n  \
         ports: [{port: 8181, name: other}]\n",
    )
}

fn add_others(files: &Files) -> Option<Files> {
    in_each_namespace(
        files,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: unrelated}\ndata: {colour: blue}\n---\napiVersion: v1\nkind: ServiceAccount\n\
         metadata: {name: unrelated}\n---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: unrelated}\n\
         spec: {maxUnavailable: 1, selector: {matchLabels: {unrelated: one}}}\n",
    )
}

/// Namespaces that no file describes come into view.
fn describe_namespaces(files: &Files) -> Option<Files> {
    let mut described = BTreeSet::new();
    let mut used = BTreeSet::new();
    for (path, text) in files {
        // What selects namespaces by labels takes one that nobody describes for one that has them.
        if text.contains("namespaceSelector") || text.contains("Selector\n") {
            return None;
        }
        for document in trees(path, text).unwrap_or_default() {
            let listed = document.get("items").map(Node::items).unwrap_or_default();
            for object in listed.iter().chain([&document]) {
                let name = |path: &[&str]| object.text_at(path).map(str::to_owned);
                if kind(object) == "Namespace" {
                    described.extend(name(&["metadata", "name"]));
                } else if is_object(object) {
                    used.extend(name(&["metadata", "namespace"]));
                }
            }
        }
    }
    let missing: Vec<&String> = used.difference(&described).collect();
    let made = missing.iter().map(|name| {
        let quoted = serde_json::Value::from(name.as_str());
        format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {quoted}}}\n")
    });
    let text: String = made.collect();
    let mut after = files.clone();
    let beside = files.keys().next()?;
    after.insert(format!("{beside}-namespaces.yaml"), text);
    (!missing.is_empty()).then_some(after)
}

/// What policies are called is in force nowhere.
fn rename_policy(object: &mut Node) -> bool {
    const KINDS: &[(&str, &str)] = &[
        ("security.istio.io", "PeerAuthentication"),
        ("security.istio.io", "AuthorizationPolicy"),
        ("security.istio.io", "RequestAuthentication"),
        ("networking.istio.io", "DestinationRule"),
        ("networking.istio.io", "Sidecar"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("policy.linkerd.io", "ServerAuthorization"),
        ("policy.linkerd.io", "AuthorizationPolicy"),
    ];
    if !KINDS.contains(&(group(object), kind(object))) {
        return false;
    }
    let Some(name) = at(object, &["metadata", "name"]) else {
        return false;
    };
    let renamed = format!("{}-renamed", name.text().unwrap_or_default());
    *name = plain(&renamed);
    true
}

/// What each kind's reference says holds where nothing is said.
fn spell_defaults(object: &mut Node) -> bool {
    let of_istio = group(object).ends_with("istio.io");
    let of_linkerd = group(object) == "policy.linkerd.io";
    let of_kubernetes = group(object) == "networking.k8s.io";
    let kind = kind(object).to_owned();
    if let "Deployment" | "StatefulSet" | "DaemonSet" = kind.as_str() {
        return at(object, &["spec", "template", "spec"]).is_some_and(|pods| {
            for container in field(pods, "containers").map(items).unwrap_or_default() {
                for port in field(container, "ports").map(items).unwrap_or_default() {
                    add(port, "protocol", plain("TCP"));
                }
            }
            add(pods, "restartPolicy", plain("Always")) | add(pods, "hostNetwork", plain("false"))
        });
    }
    if of_istio && kind == "IstioOperator" {
        let Some(mesh) = map_at(object, "spec").and_then(|spec| map_at(spec, "meshConfig")) else {
            return false;
        };
        return add(mesh, "enableAutoMtls", plain("true"))
            | add(mesh, "rootNamespace", plain("istio-system"));
    }
    let Some(spec) = map_at(object, "spec") else {
        return false;
    };
    match kind.as_str() {
        "Service" if spec.get("externalName").is_none() => {
            for port in field(spec, "ports").map(items).unwrap_or_default() {
                add(port, "protocol", plain("TCP"));
            }
            add(spec, "type", plain("ClusterIP")) | add(spec, "sessionAffinity", plain("None"))
        }
        "PeerAuthentication" if of_istio => {
            map_at(spec, "mtls").is_some_and(|mtls| add(mtls, "mode", plain("UNSET")))
        }
        "AuthorizationPolicy" if of_istio && spec.get("provider").is_none() => {
            add(spec, "action", plain("ALLOW"))
        }
        "DestinationRule" if of_istio => add(spec, "exportTo", plains(&["*"])),
        "VirtualService" if of_istio => {
            add(spec, "exportTo", plains(&["*"])) | add(spec, "gateways", plains(&["mesh"]))
        }
        "ServiceEntry" if of_istio => {
            add(spec, "exportTo", plains(&["*"]))
                | add(spec, "location", plain("MESH_EXTERNAL"))
                | add(spec, "resolution", plain("NONE"))
        }
        "Server" if of_linkerd => {
            add(spec, "accessPolicy", plain("deny")) | add(spec, "proxyProtocol", plain("unknown"))
        }
        "NetworkPolicy" if of_kubernetes && spec.get("egress").is_none() => {
            add(spec, "policyTypes", plains(&["Ingress"]))
        }
        "HTTPRoute" | "GRPCRoute" => {
            let mut is_edited = false;
            for parent in field(spec, "parentRefs").map(items).unwrap_or_default() {
                is_edited |= add(parent, "group", plain("gateway.networking.k8s.io"))
                    && add(parent, "kind", plain("Gateway"));
            }
            for rule in field(spec, "rules").map(items).unwrap_or_default() {
                for backend in field(rule, "backendRefs").map(items).unwrap_or_default() {
                    is_edited |=
                        add(backend, "weight", plain("1")) | add(backend, "kind", plain("Service"));
                }
            }
            is_edited
        }
        _ => false,
    }
}

/// Kinds of Istio whose versions mean the same.
fn promote(object: &mut Node) -> bool {
    let group = group(object).to_owned();
    if !["security.istio.io", "networking.istio.io"].contains(&group.as_str())
        || kind(object) == "EnvoyFilter"
    {
        return false;
    }
    let Some(version) = field(object, "apiVersion") else {
        return false;
    };
    let is_first = version.text() == Some(&format!("{group}/v1"));
    *version = plain(&if is_first {
        format!("{group}/v1beta1")
    } else {
        format!("{group}/v1")
    });
    true
}
