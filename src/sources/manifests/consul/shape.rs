//! How Consul's configuration is written: entries as objects of Kubernetes and as files, agents in HCL and JSON, values of the chart.
//!
//! Entries have one shape in three spellings: `mutualTLSMode` in an object, `MutualTLSMode` in an entry's file, `mutual_tls_mode`
//! where somebody likes it so (<https://developer.hashicorp.com/consul/docs/reference/config-entry/service-defaults>, read
//! 2026-11-22). Keys are compared without case and underscores.

use std::collections::BTreeMap;

use super::super::estate::{Cluster, Estate, Workload};
use super::super::object::{ClusterName, Identity, Object};
use super::super::systems::Document;
use super::super::yaml::{Content, Node};

/// The group of objects of Kubernetes.
pub(super) const GROUP: &str = "consul.hashicorp.com";
/// What files of entries, agents and the chart's values are sorted under.
pub(super) const ENTRY_GROUP: &str = "entry.consul.hashicorp.com";
const AGENT_GROUP: &str = "agent.consul.hashicorp.com";
pub(super) const VALUES_GROUP: &str = "values.consul.hashicorp.com";

/// The word for a kind of entry in a file, and the kind of its object.
const ENTRY_KINDS: &[(&str, &str)] = &[
    ("mesh", "Mesh"),
    ("proxy-defaults", "ProxyDefaults"),
    ("service-defaults", "ServiceDefaults"),
    ("service-intentions", "ServiceIntentions"),
    ("exported-services", "ExportedServices"),
    ("sameness-group", "SamenessGroup"),
    ("terminating-gateway", "TerminatingGateway"),
    ("ingress-gateway", "IngressGateway"),
    ("service-resolver", "ServiceResolver"),
    ("service-router", "ServiceRouter"),
    ("service-splitter", "ServiceSplitter"),
    ("jwt-provider", "JWTProvider"),
    ("api-gateway", "APIGateway"),
    ("http-route", "HTTPRoute"),
    ("tcp-route", "TCPRoute"),
    ("inline-certificate", "InlineCertificate"),
    ("file-system-certificate", "FileSystemCertificate"),
    ("control-plane-request-limit", "ControlPlaneRequestLimit"),
];

/// The mapping in a value: the value itself, or the only block that stands under its name.
fn unwrapped(node: &Node) -> &Node {
    match node.items() {
        [only] if only.is_map() => only,
        _ => node,
    }
}

fn fold(key: &str) -> impl Iterator<Item = char> + '_ {
    key.chars()
        .filter(|c| *c != '_')
        .map(|c| c.to_ascii_lowercase())
}

/// The value of a field that is there and not null, by its key in any spelling.
pub(super) fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let mut fields = unwrapped(node).fields().iter().rev();
    let field = fields.find(|field| fold(&field.key).eq(fold(key)) && !field.value.is_null())?;
    Some(&field.value)
}

/// The value behind several keys.
pub(super) fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| get(node, key))
}

/// The text behind several keys.
pub(super) fn text<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    let text = at(node, path)?.text()?;
    (!text.is_empty()).then_some(text)
}

/// The truth value behind several keys.
pub(super) fn truth(node: &Node, path: &[&str]) -> Option<bool> {
    at(node, path)?.truth()
}

/// The entries of a list, whether written as a list or as blocks.
pub(super) fn all<'n>(node: &'n Node, path: &[&str]) -> Vec<&'n Node> {
    match at(node, path) {
        Some(one) if one.is_map() => vec![one],
        Some(list) => list.items().iter().collect(),
        None => Vec::new(),
    }
}

/// Whether a text still has to be filled in by a template.
pub(super) fn is_rendered(text: &str) -> bool {
    !text.is_empty() && !text.contains("${") && !text.contains("{{")
}

/// What a document is to Consul.
pub(super) fn document(root: &Node) -> Option<Document> {
    if !root.is_map() || root.get("apiVersion").is_some() {
        return None;
    }
    if let Some((kind, name)) = entry_kind(root) {
        let text_of = |key: &str| text(root, &[key]).map(str::to_owned);
        return Some(Document {
            group: ENTRY_GROUP,
            kind: kind.to_owned(),
            namespace: text_of("Namespace"),
            name: Some(name),
            cluster: None,
        });
    }
    if is_values(of_its_chart(root)) {
        return Some(values(root));
    }
    is_agent(root).then(|| Document {
        group: AGENT_GROUP,
        kind: "ConsulAgent".to_owned(),
        // One agent's configuration may be spread over files, and many agents may have no name.
        name: Some(root.text_at(&["node_name"]).unwrap_or_default().to_owned()),
        cluster: root
            .text_at(&["datacenter"])
            .filter(|name| is_rendered(name))
            .map(str::to_owned),
        ..Document::default()
    })
}

/// What values for the chart are.
pub(in super::super) fn values(root: &Node) -> Document {
    let root = of_its_chart(root);
    let datacenter = root.text_at(&["global", "datacenter"]);
    let datacenter = datacenter.filter(|name| is_rendered(name));
    Document {
        group: VALUES_GROUP,
        kind: "ConsulValues".to_owned(),
        name: Some(
            root.text_at(&["global", "name"])
                .unwrap_or("consul")
                .to_owned(),
        ),
        cluster: datacenter.map(str::to_owned),
        ..Document::default()
    }
}

/// The values of the chart, in a file of them or below its name in that of a chart that contains it.
fn of_its_chart(root: &Node) -> &Node {
    let inner = root.get("consul").filter(|inner| is_values(inner));
    inner.unwrap_or(root)
}

/// A value of the chart in what hands values to it.
pub(super) fn value_of<'m>(object: &'m Object, path: &[&str]) -> Option<&'m Node> {
    of_its_chart(&object.root).at(path)
}

/// The kind and name of an entry in a file.
fn entry_kind(root: &Node) -> Option<(&'static str, String)> {
    let word = text(root, &["Kind"])?;
    let (_, kind) = ENTRY_KINDS.iter().find(|(known, _)| *known == word)?;
    let name = text(root, &["Name"]);
    Some((kind, name.unwrap_or(word).to_owned()))
}

fn is_values(root: &Node) -> bool {
    let is_map = |path: &[&str]| root.at(path).is_some_and(Node::is_map);
    is_map(&["connectInject"])
        || is_map(&["global", "gossipEncryption"])
        || root.text_at(&["global", "datacenter"]).is_some()
        || root.at(&["global", "acls", "manageSystemACLs"]).is_some()
        || is_map(&["global", "federation"]) && is_map(&["meshGateway"])
}

/// Whether a document is configuration of an agent. Nomad and Vault share words with it, not these.
fn is_agent(root: &Node) -> bool {
    const TELLING: &[&str] = &[
        "bootstrap_expect",
        "client_addr",
        "default_intention_policy",
        "encrypt_verify_incoming",
        "encrypt_verify_outgoing",
        "primary_datacenter",
        "primary_gateways",
        "retry_join_wan",
        "start_join_wan",
        "verify_incoming",
        "verify_incoming_rpc",
        "verify_outgoing",
        "verify_server_hostname",
    ];
    let is_nomad_or_vault = [
        "server", "client", "vault", "listener", "storage", "plugin", "job",
    ]
    .iter()
    .any(|key| {
        root.get(key)
            .is_some_and(|value| value.is_map() || !value.items().is_empty())
    });
    if is_nomad_or_vault {
        return false;
    }
    let has = |key: &&str| root.get(key).is_some();
    let tls = ["defaults", "internal_rpc"].iter().any(|part| {
        let verifies = [
            "verify_incoming",
            "verify_outgoing",
            "verify_server_hostname",
        ];
        verifies
            .iter()
            .any(|key| at(root, &["tls", part, key]).is_some())
    });
    let connect = [
        "enabled",
        "enable_mesh_gateway_wan_federation",
        "ca_config",
        "ca_provider",
    ]
    .iter()
    .any(|key| at(root, &["connect", key]).is_some());
    // Nomad has `acl { enabled }` too.
    let acl = ["default_policy", "down_policy", "enable_token_persistence"]
        .iter()
        .any(|key| at(root, &["acl", key]).is_some());
    let is_node = has(&"data_dir")
        && [
            "server",
            "retry_join",
            "node_name",
            "bind_addr",
            "client_addr",
            "ui_config",
        ]
        .iter()
        .any(&has);
    let is_key_alone = root.text_at(&["encrypt"]).is_some()
        && root.fields().iter().all(|field| {
            field.key.starts_with("encrypt")
                || ["@comment", "_comment", "$comment", "//"].contains(&field.key.as_str())
        });
    TELLING.iter().any(has)
        || tls
        || connect
        || is_node
        || is_key_alone
        || at(root, &["config_entries", "bootstrap"]).is_some()
        || acl
}

/// Words of which every file of Consul's own has one, other than objects.
pub(super) const WORDS: &[&str] = &[
    "\"encrypt\"",
    "api-gateway",
    "bootstrap_expect",
    "ca_config",
    "ca_provider",
    "client_addr",
    "config_entries",
    "connectInject",
    "data_dir",
    "default_intention_policy",
    "default_policy",
    "down_policy",
    "enable_mesh_gateway_wan_federation",
    "enable_token_persistence",
    "encrypt_verify_",
    "exported-services",
    "gossipEncryption",
    "http-route",
    "ingress-gateway",
    "jwt-provider",
    "manageSystemACLs",
    "primary_gateways",
    "proxy-defaults",
    "retry_join",
    "sameness-group",
    "service-defaults",
    "service-intentions",
    "service-resolver",
    "tcp-route",
    "terminating-gateway",
    "verify_incoming",
    "verify_outgoing",
    "verify_server_hostname",
];

/// One configuration entry, in whichever way it is written.
pub(super) struct Entry<'m> {
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) body: Node,
    pub(super) object: &'m Object,
}

impl<'m> Entry<'m> {
    /// The entry in a file, or in an agent's list of entries to begin with.
    fn of_tree(root: &Node, object: &'m Object) -> Option<Self> {
        let (kind, name) = entry_kind(root)?;
        Some(Self {
            kind,
            name,
            namespace: text(root, &["Namespace"]).map(str::to_owned),
            body: root.clone(),
            object,
        })
    }

    fn of_object(object: &'m Object) -> Option<Self> {
        let identity = &object.identity;
        if identity.group == ENTRY_GROUP {
            return Self::of_tree(&object.root, object);
        }
        let mut kinds = ENTRY_KINDS.iter().map(|(_, kind)| *kind);
        let kind = kinds.find(|kind| object.is(GROUP, kind))?;
        Some(Self {
            kind,
            name: identity.name.clone(),
            namespace: identity.namespace.clone(),
            body: object.root.get("spec").cloned().unwrap_or(Node {
                line: object.root.line,
                end_line: object.root.line,
                content: Content::Map(Vec::new()),
            }),
            object,
        })
    }

    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        text(&self.body, path)
    }

    pub(super) fn truth(&self, path: &[&str]) -> Option<bool> {
        truth(&self.body, path)
    }

    /// The lines of a value, else of the whole object.
    pub(super) fn lines(&self, path: &[&str]) -> [usize; 2] {
        let root = &self.object.root;
        at(&self.body, path).map_or([root.line, root.line], |value| [value.line, value.end_line])
    }
}

/// The configuration of one agent, of files that it reads together or of the chart's values.
pub(super) struct Agent<'m> {
    /// Of several the last that says something holds.
    parts: Vec<(Node, &'m Object)>,
    /// The values that the chart makes it of.
    pub(super) values: Vec<&'m Object>,
}

impl<'m> Agent<'m> {
    /// A value, and who says so.
    pub(super) fn at(&self, path: &[&str]) -> Option<(&Node, &'m Object)> {
        let mut parts = self.parts.iter().rev();
        parts.find_map(|(part, object)| Some((at(part, path)?, *object)))
    }

    /// The chart sets what a file leaves out.
    pub(super) fn is_of_chart(&self) -> bool {
        !self.values.is_empty()
    }

    /// A value of the chart, and who says so.
    pub(super) fn value(&self, path: &[&str]) -> Option<(&'m Node, &'m Object)> {
        let mut values = self.values.iter();
        values.find_map(|object| Some((value_of(object, path)?, *object)))
    }

    /// A truth value of the chart.
    pub(super) fn value_truth(&self, path: &[&str]) -> Option<bool> {
        self.value(path)?.0.truth()
    }

    /// The first of several ways to say one thing that somebody used.
    pub(super) fn first(&self, paths: &[&[&str]]) -> Option<(&Node, &'m Object)> {
        paths.iter().find_map(|path| self.at(path))
    }

    pub(super) fn truth(&self, paths: &[&[&str]]) -> Option<bool> {
        self.first(paths)?.0.truth()
    }

    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.0.text().filter(|text| !text.is_empty())
    }

    pub(super) fn is_server(&self) -> bool {
        self.truth(&[&["server"]]) == Some(true)
            || self.is_of_chart() && self.chart_makes_servers()
            || self.at(&["bootstrap_expect"]).is_some()
    }

    /// Unless told, the chart makes all that it can.
    fn chart_makes_servers(&self) -> bool {
        let told = self.value_truth(&["server", "enabled"]);
        told.unwrap_or_else(|| self.value_truth(&["global", "enabled"]) != Some(false))
    }

    /// All that say something of it.
    pub(super) fn objects(&self) -> impl Iterator<Item = &'m Object> + '_ {
        self.parts.iter().map(|(_, object)| *object)
    }

    fn datacenter(&self) -> Option<&str> {
        self.text(&["datacenter"]).filter(|name| is_rendered(name))
    }
}

/// Consul in one cluster, or in a datacenter outside Kubernetes, which is one by its name.
pub(super) struct Datacenter<'e, 'm> {
    pub(super) cluster: &'e Cluster<'m>,
    /// Its workloads by the services that they are behind, as positions.
    by_service: BTreeMap<&'e str, Vec<usize>>,
    /// Its workloads by their own names, as positions.
    by_name: BTreeMap<&'e str, Vec<usize>>,
    pub(super) entries: Vec<Entry<'m>>,
    pub(super) agents: Vec<Agent<'m>>,
    pub(super) values: Vec<&'m Object>,
}

impl<'e, 'm> Datacenter<'e, 'm> {
    pub(super) fn name(&self) -> &ClusterName {
        &self.cluster.name
    }

    /// Entries of a kind.
    pub(super) fn of_kind<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Entry<'m>> + 's {
        self.entries.iter().filter(move |entry| entry.kind == kind)
    }

    /// The workloads behind a service: those that a Service of its name leads to, or that say so, else those of its name. Entries
    /// may be mirrored from a namespace, or not: the nearest count, else all.
    pub(super) fn workloads_of(
        &self,
        service: &str,
        namespace: Option<&str>,
    ) -> Vec<&'e Workload<'m>> {
        let found = self.by_service.get(service).or(self.by_name.get(service));
        let found = found.map(Vec::as_slice).unwrap_or_default();
        let all: Vec<&Workload<'m>> = found
            .iter()
            .map(|at| &self.cluster.workloads[*at])
            .collect();
        let is_near = |one: &&&Workload<'m>| one.identity().namespace.as_deref() == namespace;
        let nearest: Vec<&Workload<'m>> = all.iter().filter(is_near).copied().collect();
        if nearest.is_empty() { all } else { nearest }
    }

    /// Values files, by what each installation is made of: several that name a datacenter are several.
    pub(super) fn installations(&self) -> Vec<Vec<&'m Object>> {
        let is_head = |object: &&&Object| value_of(object, &["global", "datacenter"]).is_some();
        let heads: Vec<&&Object> = self.values.iter().filter(is_head).collect();
        if heads.len() < 2 {
            return vec![self.values.clone()];
        }
        let others = self.values.iter().filter(|object| !is_head(object));
        let others: Vec<&Object> = others.copied().collect();
        let with_others = |head: &&&'m Object| [&[**head][..], &others[..]].concat();
        heads.iter().map(with_others).collect()
    }

    /// What it calls itself to other datacenters.
    pub(super) fn called(&self) -> Option<&str> {
        let mut values = self.values.iter();
        let of_chart =
            values.find_map(|object| value_of(object, &["global", "datacenter"])?.text());
        of_chart
            .filter(|name| is_rendered(name))
            .or_else(|| self.agents.iter().find_map(Agent::datacenter))
            .or(self.cluster.name.as_deref())
    }

    /// A value of the chart, and who says so.
    pub(super) fn value(&self, path: &[&str]) -> Option<(&'m Node, &'m Object)> {
        let mut values = self.values.iter();
        values.find_map(|object| Some((value_of(object, path)?, *object)))
    }
}

/// All datacenters of a snapshot.
pub(super) fn datacenters<'e, 'm>(estate: &'e Estate<'m>) -> Vec<Datacenter<'e, 'm>> {
    let mut agents = agents(estate);
    let mut all = Vec::new();
    for cluster in estate.clusters.values() {
        if !cluster.uses(&format!(".{GROUP}")) {
            continue;
        }
        let mut entries: Vec<Entry<'m>> = cluster
            .objects
            .iter()
            .filter_map(|object| Entry::of_object(object))
            .collect();
        let mut of_cluster = agents.remove(&cluster.name).unwrap_or_default();
        for agent in &of_cluster {
            for (part, object) in &agent.parts {
                let listed = self::all(part, &["config_entries", "bootstrap"]);
                entries.extend(listed.iter().filter_map(|one| Entry::of_tree(one, object)));
            }
        }
        let values: Vec<&Object> = cluster.of_kind(VALUES_GROUP, "ConsulValues").collect();
        let (by_service, by_name) = index(cluster);
        let mut datacenter = Datacenter {
            cluster,
            by_service,
            by_name,
            entries,
            agents: Vec::new(),
            values,
        };
        if !datacenter.values.is_empty() {
            let of_charts = datacenter.installations().into_iter().map(of_chart);
            of_cluster.extend(of_charts);
        }
        datacenter.agents = of_cluster;
        all.push(datacenter);
    }
    all
}

/// Workloads by the services they are behind, and by their own names.
type Index<'e> = (BTreeMap<&'e str, Vec<usize>>, BTreeMap<&'e str, Vec<usize>>);

fn index<'e>(cluster: &'e Cluster<'_>) -> Index<'e> {
    const NAMED: &[&str] = &[
        "consul.hashicorp.com/connect-service",
        "consul.hashicorp.com/service-name",
    ];
    let (mut by_service, mut by_name): Index<'e> = Index::default();
    let positions: BTreeMap<&Identity, usize> = cluster
        .workloads
        .iter()
        .enumerate()
        .map(|(position, workload)| (workload.identity(), position))
        .collect();
    for service in &cluster.services {
        let told = NAMED.iter().find_map(|key| service.object.annotation(key));
        let name = told.unwrap_or(&service.object.identity.name);
        let behind = cluster.behind(service).into_iter();
        let behind = behind.filter_map(|one| positions.get(one.identity()).copied());
        by_service.entry(name).or_default().extend(behind);
    }
    for (position, workload) in cluster.workloads.iter().enumerate() {
        let told = NAMED.iter().find_map(|key| workload.annotations.get(*key));
        for name in told.into_iter().flat_map(|told| told.split(',')) {
            by_service.entry(name.trim()).or_default().push(position);
        }
        by_name
            .entry(workload.identity().name.as_str())
            .or_default()
            .push(position);
    }
    by_service.retain(|_, positions| {
        positions.sort_unstable();
        positions.dedup();
        !positions.is_empty()
    });
    (by_service, by_name)
}

/// Values of the chart that are configuration of servers, as text.
const WRITTEN_OUT: &[&[&str]] = &[
    &[
        "global",
        "secretsBackend",
        "vault",
        "connectCA",
        "additionalConfig",
    ],
    &["server", "extraConfig"],
];

/// The servers that the chart makes, with what is written for them in so many words.
fn of_chart(values: Vec<&Object>) -> Agent<'_> {
    let mut parts = Vec::new();
    for object in &values {
        let texts = WRITTEN_OUT.iter().filter_map(|path| value_of(object, path));
        let documents = texts.flat_map(|text| text.embedded().0);
        parts.extend(documents.map(|document| (document, *object)));
    }
    Agent { parts, values }
}

/// Agents by where they are. What lies in one folder is read together (`-config-dir`), unless several agents say there who they are.
fn agents<'m>(estate: &Estate<'m>) -> BTreeMap<ClusterName, Vec<Agent<'m>>> {
    type Place<'m> = (usize, &'m str, Option<&'m str>);
    let mut folders: BTreeMap<Place<'m>, Vec<&'m Object>> = BTreeMap::new();
    for cluster in estate.clusters.values() {
        for object in cluster.of_kind(AGENT_GROUP, "ConsulAgent") {
            let path: &'m str = &object.source.path;
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            // Texts of one ConfigMap are one agent's.
            let around = object.identity.namespace.as_ref();
            let around = around.and_then(|_| object.identity.name.split(':').next());
            let place = (object.source.repository, folder, around);
            folders.entry(place).or_default().push(object);
        }
    }
    let mut agents: BTreeMap<ClusterName, Vec<Agent<'m>>> = BTreeMap::new();
    for mut objects in folders.into_values() {
        objects.sort_by_key(|object| (object.source.path.clone(), object.root.line));
        let is_head = |object: &&&Object| {
            ["datacenter", "node_name", "server", "bootstrap_expect"]
                .iter()
                .any(|key| object.root.get(key).is_some())
        };
        let heads: Vec<&&Object> = objects.iter().filter(is_head).collect();
        let groups: Vec<Vec<&'m Object>> = match heads.as_slice() {
            [] | [_] => vec![objects.clone()],
            _ => objects.iter().map(|object| vec![*object]).collect(),
        };
        for group in groups {
            let told = group
                .iter()
                .find_map(|object| object.identity.cluster.clone());
            let parts = group
                .into_iter()
                .map(|object| (object.root.clone(), object));
            let agent = Agent {
                parts: parts.collect(),
                values: Vec::new(),
            };
            agents.entry(told).or_default().push(agent);
        }
    }
    agents
}
