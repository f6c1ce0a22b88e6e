//! Files to objects: which files count, what is in them, and whose cluster it is.
//!
//! Files count by what they contain. What cannot be read as it stands (a template, a patch that something else builds from) is
//! a notice, never silence.

use std::collections::BTreeMap;
use std::sync::Arc;

use memchr::memmem;

use crate::graph::fragment::Notice;

use super::deployed::{self, destination};
use super::kubernetes;
use super::object::{ClusterName, Identity, Object, Source};
use super::systems::{self, File, SYSTEMS};
use super::yaml::{self, Node, SyntaxError};

/// The most objects that lists in lists may come to, in one file.
const MAX_OBJECTS_PER_FILE: usize = 50_000;

/// The most values that the texts of ConfigMaps and Secrets may come to, in one snapshot of one repository.
const MAX_EMBEDDED: usize = 5_000_000;

/// API groups of documents that describe a Terraform module in the form of objects, which no cluster takes in.
const ABOUT_MODULES: &[&str] = &["blueprints.cloud.google.com"];

/// The objects of one snapshot of one repository.
#[derive(Debug, Default)]
pub struct Manifests {
    /// By file and line.
    pub objects: Vec<Object>,
    /// What could not be read.
    pub notices: Vec<Notice>,
    /// How many files they are from.
    pub files: usize,
    /// Files of systems beyond Kubernetes itself that belong to no cluster, and were left out.
    pub left_out: Vec<String>,
    /// Objects that only say what is deployed: kustomizations, and those of files that belong to no cluster, which say by name to
    /// which one they are deployed.
    pub elsewhere: Vec<Object>,
    /// How many values texts of ConfigMaps and Secrets came to so far.
    embedded: usize,
    /// Files that patch objects and are none, by path.
    pub patches: BTreeMap<String, Vec<Node>>,
}

/// Whether a file may hold objects, by its name alone.
#[must_use]
pub fn may_be_manifest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_data = [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| name.ends_with(end));
    is_data
        || is_template_name(&name) && (name.contains(".yaml") || name.contains(".yml"))
        || SYSTEMS
            .iter()
            .flat_map(|system| system.languages)
            .any(|language| (language.may_be)(path))
}

/// Whether a file may hold objects, by its name and content. Cheap: what it contains is looked at later.
#[must_use]
pub fn may_hold_objects(path: &str, bytes: &[u8]) -> bool {
    let has = |word: &str| memmem::find(bytes, word.as_bytes()).is_some();
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_data = [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| name.ends_with(end));
    let is_template = is_template_name(&name) && (name.contains(".yaml") || name.contains(".yml"));
    let is_document = || {
        SYSTEMS
            .iter()
            .flat_map(|system| system.document_words)
            .any(|word| has(word))
    };
    let is_patch = || {
        let operations = ["op: add", "op: remove", "op: replace", "\"op\":"];
        operations.into_iter().any(has) && (has("path: /") || has("\"/"))
    };
    (is_data || is_template)
        && (has("apiVersion") && has("kind") || is_data && (is_document() || is_patch()))
        || systems::language(path, bytes).is_some()
}

/// Whether a file holds an object of a system beyond Kubernetes itself, as far as its text shows.
fn is_of_a_mesh(path: &str, text: &str) -> bool {
    let own = kubernetes::SYSTEM.name;
    let is_of_group = |line: &str| {
        let systems = SYSTEMS.iter().filter(|system| system.name != own);
        let mut groups = systems.flat_map(|system| system.groups);
        groups.any(|group| group.contains('.') && line.contains(group))
    };
    let mut lines = text.lines().filter(|line| line.contains("apiVersion"));
    lines.any(is_of_group) || systems::language(path, text.as_bytes()).is_some()
}

fn is_template_name(name: &str) -> bool {
    [".tmpl", ".tpl", ".gotmpl", ".j2", ".erb", ".template"]
        .iter()
        .any(|end| name.ends_with(end))
}

impl Manifests {
    /// Read files, each with its path and text. `clusters_of` tells the clusters that a path belongs to; none: it is left out.
    #[must_use]
    pub fn read<'f>(
        repository: usize,
        files: impl Iterator<Item = (&'f str, &'f str)>,
        clusters_of: &dyn Fn(&str) -> Vec<ClusterName>,
    ) -> Self {
        let mut manifests = Self::default();
        let mut kustomizations: BTreeMap<String, String> = BTreeMap::new();
        let files: BTreeMap<&'f str, &'f str> = files.collect();
        let other = |path: &str| files.get(path).copied();
        for (&path, &text) in &files {
            let clusters = clusters_of(path);
            let source = Source {
                repository,
                path: Arc::from(path),
            };
            let file = File {
                path,
                text,
                other: &other,
            };
            if clusters.is_empty() {
                if is_of_a_mesh(path, text) {
                    manifests.left_out.push(path.to_owned());
                }
                if text.contains("argoproj.io") && text.contains("destination") {
                    let mut found = Self::default();
                    found.file(&source, &file, &[None], &mut BTreeMap::new());
                    found.objects.retain(|one| destination(one).is_some());
                    manifests.elsewhere.extend(found.objects);
                }
                continue;
            }
            manifests.files += 1;
            manifests.file(&source, &file, &clusters, &mut kustomizations);
        }
        manifests.take_namespaces(&kustomizations);
        manifests.notices.sort();
        manifests.notices.dedup();
        manifests
    }

    /// Take in objects that a source hands over as trees, under a name in place of a path.
    pub fn add(&mut self, repository: usize, name: &str, trees: &[Node], cluster: &ClusterName) {
        let source = Source {
            repository,
            path: Arc::from(name),
        };
        let mut found = Vec::new();
        for tree in trees {
            unfold(tree.clone(), &mut found);
        }
        for root in found {
            let clusters = std::slice::from_ref(cluster);
            self.object(root, &source, clusters, &mut BTreeMap::new());
        }
    }

    fn file(
        &mut self,
        source: &Source,
        file: &File<'_>,
        clusters: &[ClusterName],
        kustomizations: &mut BTreeMap<String, String>,
    ) {
        let (path, text) = (&source.path, file.text);
        let language = systems::language(path, text.as_bytes());
        let (documents, faults) = match language {
            Some(language) => (language.read)(file),
            None => yaml::documents(text),
        };
        let is_template = text.contains("{{") || is_template_name(path);
        if is_template && (!faults.is_empty() || is_template_name(path)) {
            self.notices.push(Notice {
                kind: "unrendered-template",
                subject: chart_of(path),
                message: "templates are not read, only the markers in their comments: render them (`helm template`, or what \
                          your tool does) and keep the result in the repository, or name it in `sources.mesh`"
                    .to_owned(),
            });
        } else {
            self.faults(path, &faults);
        }
        let is_operation = |one: &Node| one.get("op").is_some() && one.get("path").is_some();
        if documents.iter().flat_map(Node::items).any(is_operation) {
            self.patches.insert(path.to_string(), documents.clone());
        }
        let mut found = Vec::new();
        for document in documents {
            unfold(document, &mut found);
        }
        for root in found {
            self.object(root, source, clusters, kustomizations);
        }
    }

    fn object(
        &mut self,
        root: Node,
        source: &Source,
        clusters: &[ClusterName],
        kustomizations: &mut BTreeMap<String, String>,
    ) {
        let path = &source.path;
        let told = (root.text_at(&["apiVersion"]), root.text_at(&["kind"]));
        let mut namespace = root.text_at(&["metadata", "namespace"]).map(str::to_owned);
        let (group, kind, name, cluster) = match told {
            (Some(version), Some(kind)) => {
                let group = version.rsplit_once('/').map_or("", |(group, _)| group);
                if ABOUT_MODULES.contains(&group) {
                    return;
                }
                let name = root.text_at(&["metadata", "name"]);
                let generated = || root.text_at(&["metadata", "generateName"]);
                let name = name.or_else(generated).unwrap_or_default();
                if matches!(kind, "Component" | "Kustomization") && group == deployed::KUSTOMIZE {
                    if let Some(namespace) = root.text_at(&["namespace"]) {
                        kustomizations.insert(folder(path), namespace.to_owned());
                    }
                    self.elsewhere.push(Object {
                        identity: Identity {
                            cluster: None,
                            group: group.to_owned(),
                            kind: kind.to_owned(),
                            namespace: None,
                            name: folder(path),
                        },
                        source: source.clone(),
                        root,
                    });
                    self.notices.push(Notice {
                        kind: "unrendered-kustomization",
                        subject: path.to_string(),
                        message: "the objects in its files are read as they are written, without its patches and \
                                  generators: keep what `kustomize build` makes of it in the repository, or name that in \
                                  `sources.mesh`"
                            .to_owned(),
                    });
                    return;
                }
                (group.to_owned(), kind.to_owned(), name.to_owned(), None)
            }
            _ => {
                let of = SYSTEMS.iter().find_map(|system| (system.document)(&root));
                let Some(document) = of else { return };
                let name = document.name.or_else(|| document.cluster.clone());
                let name = name.unwrap_or_else(|| path.to_string());
                let group = document.group.to_owned();
                namespace = document.namespace;
                (group, document.kind, name, document.cluster)
            }
        };
        let cluster: Option<String> = cluster.or_else(|| {
            let told = SYSTEMS
                .iter()
                .find_map(|system| (system.cluster)(&group, &kind, &root));
            told.map(str::to_owned)
        });
        let texts = [Some(&name), namespace.as_ref(), Some(&kind)];
        if texts.into_iter().flatten().any(|text| text.contains("{{")) {
            self.notices.push(Notice {
                kind: "unrendered-template",
                subject: chart_of(path),
                message: "templates are not read, only the markers in their comments: render them and keep the result in \
                          the repository, or name it in `sources.mesh`"
                    .to_owned(),
            });
            return;
        }
        let object = Object {
            identity: Identity {
                cluster: None,
                group,
                kind,
                namespace,
                name,
            },
            root,
            source: source.clone(),
        };
        let values = systems::values_in(&object);
        let cluster = cluster.or_else(|| {
            let mut told = values.iter().map(|(document, _)| document);
            told.find_map(|document| document.cluster.clone())
        });
        self.of_clusters(&object, clusters, cluster.as_deref());
        for (document, root) in values {
            let values = Object {
                identity: Identity {
                    cluster: None,
                    group: document.group.to_owned(),
                    kind: document.kind,
                    namespace: None,
                    name: document.name.unwrap_or_default(),
                },
                root,
                source: source.clone(),
            };
            self.of_clusters(&values, clusters, document.cluster.as_deref());
        }
        self.embedded(&object, clusters, cluster.as_deref());
    }

    /// Take in what the texts of a ConfigMap or Secret configure.
    fn embedded(&mut self, object: &Object, clusters: &[ClusterName], told: Option<&str>) {
        let mut left = MAX_EMBEDDED.saturating_sub(self.embedded);
        if left == 0 {
            return;
        }
        let (embedded, faults) = systems::embedded_in(object, &mut left);
        self.embedded = MAX_EMBEDDED - left;
        if left == 0 {
            self.notices.push(Notice {
                kind: "unreadable-manifest",
                subject: object.identity.address(),
                message: format!(
                    "the texts of ConfigMaps and Secrets come to more than {MAX_EMBEDDED} values: what further ones configure is not seen"
                ),
            });
        }
        self.faults(&object.source.path, &faults);
        for one in embedded {
            let identity = &object.identity;
            let inner = Object {
                identity: Identity {
                    cluster: None,
                    group: one.document.group.to_owned(),
                    kind: one.document.kind,
                    namespace: identity.namespace.clone(),
                    name: format!("{}:{}", identity.name, one.key),
                },
                root: one.root,
                source: object.source.clone(),
            };
            self.of_clusters(&inner, clusters, told);
        }
    }

    fn faults(&mut self, path: &str, faults: &[SyntaxError]) {
        for fault in faults {
            self.notices.push(Notice {
                kind: "unreadable-manifest",
                subject: format!("{path}:{}", fault.line),
                message: format!("{}; what this document declares is not seen", fault.message),
            });
        }
    }

    /// Take in an object for each cluster that its file belongs to. What the settings say of a file wins over what the file says
    /// of itself.
    fn of_clusters(&mut self, object: &Object, clusters: &[ClusterName], told: Option<&str>) {
        for name in clusters {
            let mut object = object.clone();
            object.identity.cluster = name.clone().or_else(|| told.map(Arc::from));
            self.objects.push(object);
        }
    }

    /// A kustomization gives the objects of its folder a namespace.
    fn take_namespaces(&mut self, kustomizations: &BTreeMap<String, String>) {
        for object in &mut self.objects {
            let of_its_folder = kustomizations.get(&folder(&object.source.path));
            if object.identity.namespace.is_none()
                && let Some(namespace) = of_its_folder
                && !is_cluster_wide(&object.identity)
            {
                object.identity.namespace = Some(namespace.clone());
            }
        }
    }

    /// The objects that a line of a file belongs to: the innermost around it, or the first that ends after it; one between two belongs
    /// to the second.
    pub fn at<'m>(&'m self, path: &'m str, line: usize) -> impl Iterator<Item = &'m Object> {
        let of_file = move || {
            self.objects
                .iter()
                .filter(move |object| &*object.source.path == path)
        };
        let ending = || of_file().filter(move |object| object.root.end_line >= line);
        let lines = || ending().map(|object| object.root.line);
        let place = lines().filter(|first| *first <= line).max();
        let place = place.or_else(|| lines().min());
        of_file().filter(move |object| Some(object.root.line) == place)
    }
}

/// The objects in a document: itself, or the items of a list.
fn unfold(document: Node, found: &mut Vec<Node>) {
    let mut todo = vec![document];
    while let Some(node) = todo.pop() {
        if found.len() >= MAX_OBJECTS_PER_FILE {
            return;
        }
        let is_list = node
            .text_at(&["kind"])
            .is_some_and(|kind| kind.ends_with("List"));
        match node.get("items") {
            Some(items) if is_list => todo.extend(items.items().iter().rev().cloned()),
            _ if node.is_map() => found.push(node),
            // Some tools write all objects as one sequence.
            _ => todo.extend(
                node.items()
                    .iter()
                    .rev()
                    .filter(|item| item.get("apiVersion").is_some())
                    .cloned(),
            ),
        }
    }
}

fn folder(path: &str) -> String {
    path.rsplit_once('/')
        .map_or("", |(folder, _)| folder)
        .to_owned()
}

/// The chart that a template belongs to, so that one notice stands for all of its files.
fn chart_of(path: &str) -> String {
    match path.find("/templates/") {
        Some(end) => format!("{}/templates", &path[..end]),
        None => path.to_owned(),
    }
}

/// Whether objects of this kind lie in no namespace.
#[must_use]
pub fn is_cluster_wide(identity: &Identity) -> bool {
    const KINDS: &[&str] = &[
        "APIService",
        "AdminNetworkPolicy",
        "BGPConfiguration",
        "BGPFilter",
        "BGPPeer",
        "BaselineAdminNetworkPolicy",
        "CSIDriver",
        "CalicoValues",
        "CiliumBGPAdvertisement",
        "CiliumBGPClusterConfig",
        "CiliumBGPPeerConfig",
        "CiliumBGPPeeringPolicy",
        "CiliumCIDRGroup",
        "CiliumClusterwideEnvoyConfig",
        "CiliumClusterwideNetworkPolicy",
        "CiliumEgressGatewayPolicy",
        "CiliumIdentity",
        "CiliumL2AnnouncementPolicy",
        "CiliumLoadBalancerIPPool",
        "CiliumNode",
        "CiliumPodIPPool",
        "CiliumValues",
        "ClusterFederatedTrustDomain",
        "ClusterInformation",
        "ClusterIssuer",
        "ClusterNetworkPolicy",
        "ClusterProperty",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterSPIFFEID",
        "ClusterFederatedTrustDomain",
        "ConsulAgent",
        "ConsulValues",
        "CustomResourceDefinition",
        "ExportedServices",
        "FelixConfiguration",
        "GatewayClass",
        "GlobalNetworkPolicy",
        "GlobalNetworkSet",
        "HostEndpoint",
        "IPPool",
        "IngressClass",
        "Installation",
        "IstioCNI",
        "IstioGatewayValues",
        "IstioOperator",
        "IstioValues",
        "LinkerdValues",
        "KongClusterPlugin",
        "MutatingWebhookConfiguration",
        "KumaControlPlane",
        "KumaValues",
        "Mesh",
        "Namespace",
        "Node",
        "PeeringAcceptor",
        "PeeringDialer",
        "PersistentVolume",
        "PriorityClass",
        "Profile",
        "ProxyDefaults",
        "RemoteClusterConfiguration",
        "SamenessGroup",
        "StorageClass",
        "SubmarinerValues",
        "Tier",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "Zone",
        "ZoneEgress",
        "ZoneIngress",
    ];
    KINDS.contains(&identity.kind.as_str())
        || identity.kind == "Istio" && identity.group.ends_with("sailoperator.io")
        || identity.group == "entry.consul.hashicorp.com"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Manifests {
        Manifests::read(0, files.iter().copied(), &|_| vec![None])
    }

    fn addresses(manifests: &Manifests) -> Vec<String> {
        let all = manifests.objects.iter();
        all.map(|object| object.identity.address()).collect()
    }

    const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";

    #[test]
    fn a_list_is_its_items() {
        let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: a, namespace: x}\n\
                    - apiVersion: v1\n  kind: List\n  items:\n  - apiVersion: v1\n    kind: Pod\n    metadata: {name: b}\n";
        let manifests = read(&[("all.yaml", list)]);
        assert_eq!(addresses(&manifests), ["Service/x/a", "Pod/b"]);
        assert_eq!(manifests.objects[0].root.line, 4);
    }

    #[test]
    fn files_count_by_what_they_contain() {
        assert!(may_hold_objects("a/b.yaml", SERVICE.as_bytes()));
        assert!(may_hold_objects(
            "a/b.json",
            b"{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}"
        ));
        assert!(may_hold_objects("values.yml", b"meshConfig: {}"));
        assert!(!may_hold_objects("values.yml", b"replicas: 2"));
        let patch = b"- op: remove\n  path: /spec/mtls";
        assert!(may_hold_objects("patch.yml", patch));
        assert!(!may_hold_objects("jobs.yml", b"- op: remove\n  path: spec"));
        let tasks = b"- stat: {follow: no}\n  options:\n    path: /etc";
        assert!(!may_hold_objects("tasks.yml", tasks));
        assert!(!may_hold_objects("notes.md", SERVICE.as_bytes()));
    }

    #[test]
    fn a_kustomization_gives_its_folder_a_namespace_and_no_other() {
        let kustomization =
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: shop\n";
        let manifests = read(&[
            ("deploy/kustomization.yaml", kustomization),
            ("deploy/web.yaml", SERVICE),
            ("other/web.yaml", SERVICE),
        ]);
        assert_eq!(addresses(&manifests), ["Service/shop/web", "Service/web"]);
        assert_eq!(manifests.notices[0].kind, "unrendered-kustomization");
    }

    #[test]
    fn what_describes_a_module_is_no_object_and_what_only_sounds_like_it_is_one() {
        let metadata = |group: &str| {
            format!(
                "apiVersion: {group}/v1alpha1\nkind: BlueprintMetadata\nmetadata: {{name: net}}\n"
            )
        };
        let of_module = metadata("blueprints.cloud.google.com");
        let other = metadata("blueprints.example");
        let twice = read(&[
            ("a/metadata.yaml", &of_module),
            ("b/metadata.yaml", &of_module),
        ]);
        assert!(addresses(&twice).is_empty() && twice.notices.is_empty());
        let one = read(&[("a/metadata.yaml", &other)]);
        assert_eq!(addresses(&one), ["BlueprintMetadata/net"]);
    }

    #[test]
    fn a_template_is_told_once_for_its_chart_and_braces_in_a_string_are_no_template() {
        let template = "{{ if .Values.on }}\napiVersion: v1\nkind: Service\n{{ end }}\n";
        let manifests = read(&[
            ("chart/templates/a.yaml", template),
            ("chart/templates/b.yaml", template),
        ]);
        let told: Vec<(&str, &str)> = manifests
            .notices
            .iter()
            .map(|notice| (notice.kind, notice.subject.as_str()))
            .collect();
        assert_eq!(told, [("unrendered-template", "chart/templates")]);
        let text = format!("{SERVICE}spec: {{x: \"{{{{ $labels.pod }}}}\"}}\n");
        let manifests = read(&[("rules.yaml", &text)]);
        assert_eq!((manifests.objects.len(), manifests.notices.len()), (1, 0));
    }

    #[test]
    fn a_text_of_a_config_map_that_configures_a_gateway_is_an_object_of_its_namespace_and_other_texts_are_none()
     {
        let map = |key: &str, text: &str| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m, namespace: shop}}\ndata:\n  # about the text\n  {key}: |\n    {}\n",
                text.replace('\n', "\n    ")
            )
        };
        let kong =
            "_format_version: '3.0'\nservices:\n- name: s\n  # about the service\n  url: http://s";
        let manifests = read(&[("a.yaml", &map("kong.yml", kong))]);
        assert_eq!(
            addresses(&manifests),
            ["ConfigMap/shop/m", "KongDeclarative/shop/m:kong.yml"]
        );
        let kind_at = |line: usize| {
            let found = manifests.at("a.yaml", line);
            found
                .map(|object| object.identity.kind.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(kind_at(5), ["ConfigMap"]);
        assert_eq!(kind_at(10), ["KongDeclarative"]);
        let other = read(&[("a.yaml", &map("app.yml", "middlewares: [cors]\nport: 1"))]);
        assert_eq!(addresses(&other), ["ConfigMap/shop/m"]);
        let broken = read(&[(
            "a.yaml",
            &map("kong.yml", "_format_version: '3.0'\nservices: ["),
        )]);
        assert_eq!(broken.notices[0].kind, "unreadable-manifest");
        assert!(
            broken.notices[0].subject.starts_with("a.yaml:"),
            "{:?}",
            broken.notices
        );
    }

    #[test]
    fn a_comment_belongs_to_the_object_around_it_or_to_the_next() {
        let text = format!(
            "{SERVICE}---\n# above\napiVersion: v1\nkind: Pod\nmetadata:\n  # inside\n  name: p\n"
        );
        let manifests = read(&[("a.yaml", &text)]);
        let at = |line: usize| {
            let found = manifests.at("a.yaml", line);
            found
                .map(|object| object.identity.kind.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(at(2), ["Service"]);
        assert_eq!(at(5), ["Pod"]);
        assert_eq!(at(9), ["Pod"]);
        assert!(at(99).is_empty());
    }
}
