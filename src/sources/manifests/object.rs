//! Objects: what a document with `apiVersion` and `kind` is, and which other it is the same as.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::yaml::Node;

/// The name of a cluster; `None` where nothing tells it.
pub type ClusterName = Option<Arc<str>>;

/// What makes an object the same before and after: not its file, not its place in it, not the version of its API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The cluster it belongs to.
    pub cluster: ClusterName,
    /// The group of its API; empty for the core of Kubernetes.
    pub group: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace, as far as the file tells.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl Identity {
    /// The way to cite it: `east/PeerAuthentication/istio-system/default`.
    #[must_use]
    pub fn address(&self) -> String {
        if self.name.is_empty() {
            let cluster = self.cluster.as_deref().map(|name| format!("{name}/"));
            return format!("{}{}", cluster.unwrap_or_default(), self.kind);
        }
        let cluster = self.cluster.as_deref().map(|name| format!("{name}/"));
        let namespace = self.namespace.as_deref().map(|name| format!("{name}/"));
        format!(
            "{}{}/{}{}",
            cluster.unwrap_or_default(),
            self.kind,
            namespace.unwrap_or_default(),
            self.name
        )
    }

    /// Its namespace and name: `istio-system/default`.
    #[must_use]
    pub fn qualified_name(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Where an object stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Which of the repositories given, by position.
    pub repository: usize,
    /// The file, relative to the repository's top.
    pub path: Arc<str>,
}

/// One object of one snapshot.
#[derive(Debug, Clone)]
pub struct Object {
    /// What it is.
    pub identity: Identity,
    /// Its fields.
    pub root: Node,
    /// Where it stands.
    pub source: Source,
}

impl Object {
    /// Whether it is of a kind. A group that begins with a dot means every group that ends so.
    #[must_use]
    pub fn is(&self, group: &str, kind: &str) -> bool {
        self.identity.kind == kind && is_group(&self.identity.group, group)
    }

    /// A label or annotation: `table` is `labels` or `annotations`.
    #[must_use]
    pub fn metadata(&self, table: &str, key: &str) -> Option<&str> {
        self.root.text_at(&["metadata", table, key])
    }

    /// A label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata("labels", key)
    }

    /// An annotation.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata("annotations", key)
    }

    /// The line of a field, or of the object where it lacks that.
    #[must_use]
    pub fn line_of(&self, path: &[&str]) -> usize {
        self.root
            .field_at(path)
            .map_or(self.root.line, |field| field.line)
    }
}

/// Whether a group is meant. One that begins with a dot means every group that ends so, and the one without the dot.
#[must_use]
pub fn is_group(group: &str, wanted: &str) -> bool {
    group == wanted
        || wanted
            .strip_prefix('.')
            .is_some_and(|bare| group == bare || group.ends_with(wanted))
}

/// The entries of a mapping of texts, such as labels.
#[must_use]
pub fn texts_of(node: Option<&Node>) -> BTreeMap<String, String> {
    let fields = node.map(Node::fields).unwrap_or_default();
    fields
        .iter()
        .filter_map(|field| Some((field.key.clone(), field.value.text()?.to_owned())))
        .collect()
}

/// Whether labels have all that a selector asks for. An empty selector selects all.
#[must_use]
pub fn selects(selector: &BTreeMap<String, String>, labels: &BTreeMap<String, String>) -> bool {
    selector
        .iter()
        .all(|(key, value)| labels.get(key) == Some(value))
}

/// A selector in words: `app=metrics, tier=front`.
#[must_use]
pub fn selector_words(selector: &BTreeMap<String, String>) -> String {
    if selector.is_empty() {
        return "any labels, or those that expressions choose".to_owned();
    }
    let pairs = selector.iter().map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<_>>().join(", ")
}

/// Whether an address is of a private network, or no address at all.
#[must_use]
pub fn is_private(address: &str) -> bool {
    match address
        .split('/')
        .next()
        .unwrap_or(address)
        .parse::<std::net::IpAddr>()
    {
        Ok(std::net::IpAddr::V4(address)) => {
            address.is_private() || address.is_loopback() || address.is_link_local()
        }
        Ok(std::net::IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        Err(_) => address.starts_with("unix:"),
    }
}
