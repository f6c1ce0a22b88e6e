//! NATS: servers and the clusters they form, what gateways and leaf nodes join those to, and what each asks of the other.
//!
//! A server's configuration stands in a file of its own grammar, in a ConfigMap or Secret, or in values of the Helm chart. A
//! cluster is known by its name; without one, by the file. What servers learn from each other at run time is in no file.

mod chart;
mod facts;
mod grammar;
mod server;

use std::sync::Arc;

use super::charts;
use super::declare::Boundary;
use super::estate::Estate;
use super::object::{Object, Source};
use super::systems::{Document, File, Language, Meaning, System};
use super::yaml::{Content, Field, Node, SyntaxError};

use server::Server;

/// NATS.
pub(super) const SYSTEM: System = System {
    name: "NATS",
    groups: &[GROUP, "jetstream.nats.io"],
    kinds: &[
        ("NatsServer", Meaning::Modelled),
        ("NatsValues", Meaning::Modelled),
        ("Stream", Meaning::Irrelevant),
        ("Consumer", Meaning::Irrelevant),
        ("KeyValue", Meaning::Irrelevant),
        ("ObjectStore", Meaning::Irrelevant),
        ("StreamTemplate", Meaning::Irrelevant),
        (
            "Account",
            Meaning::NotYet("how the JetStream controller calls its servers"),
        ),
    ],
    document_words: &[
        "jetstream",
        "leafnodes",
        "natsBox",
        "tlsCA",
        "nats:\n",
        "nats:\r",
        "nats: ",
    ],
    document,
    languages: &[Language {
        may_be,
        may_hold,
        read,
    }],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| object.is(GROUP, &object.identity.kind),
    declare: facts::declare,
};

const GROUP: &str = "nats.io";

/// Fields of the tree that a file is read into. No text has keys with the zero byte.
const SETTINGS: &str = "\0nats";
const INCLUDES: &str = "\0includes";
const MISSING: &str = "\0missing";

/// The keys of a server's configuration, besides those that only tune it.
const TELLING: &[&str] = &[
    "accounts",
    "authorization",
    "cluster",
    "gateway",
    "http_port",
    "jetstream",
    "leaf",
    "leafnodes",
    "monitor_port",
    "mqtt",
    "operator",
    "resolver",
    "server_name",
    "system_account",
    "websocket",
    "ws",
];

/// Further keys that a server knows at the top. It refuses others, except for variables.
const KNOWN: &[&str] = &[
    "allow_non_tls",
    "client_advertise",
    "connect_error_reports",
    "debug",
    "default_js_domain",
    "default_permissions",
    "default_sentinel",
    "disable_sublist_cache",
    "dont_listen",
    "host",
    "http",
    "http_base_path",
    "https",
    "https_port",
    "lame_duck_duration",
    "lame_duck_grace_period",
    "listen",
    "log_file",
    "log_max_num",
    "log_size_limit",
    "logfile",
    "logtime",
    "logtime_utc",
    "max_conn",
    "max_connections",
    "max_control_line",
    "max_pay",
    "max_payload",
    "max_pending",
    "max_subs",
    "max_subscriptions",
    "max_traced_msg_len",
    "mappings",
    "maps",
    "metadata",
    "net",
    "no_auth_user",
    "no_sys_acc",
    "no_system_account",
    "operators",
    "ocsp",
    "pid_file",
    "pidfile",
    "ping_interval",
    "ping_max",
    "port",
    "ports_file_dir",
    "prof_block_rate",
    "prof_port",
    "proxies",
    "reconnect_error_reports",
    "remote_syslog",
    "resolver_preload",
    "resolver_tls",
    "server_tags",
    "store_dir",
    "storedir",
    "strict",
    "syslog",
    "system",
    "tls",
    "trace",
    "trace_verbose",
    "trusted",
    "trusted_keys",
    "write_deadline",
];

fn may_be(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.ends_with(".conf") || name.ends_with(".nats") || name == "nats.cfg"
}

/// Files that others include may be of any sort, so only what is plainly another's is left out.
fn may_hold(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    !["proxy_pass", "NodeAttestor", "<VirtualHost", "\nupstream "]
        .into_iter()
        .any(has)
        && (bytes.contains(&b'{') || bytes.contains(&b':') || bytes.contains(&b'='))
        && bytes.len() < 1 << 20
}

/// Whether a text is about NATS, by its words or where it lies.
fn is_about_nats(path: &str, text: &str) -> bool {
    let words = ["nats", "leafnodes", "jetstream"];
    let text = text.to_ascii_lowercase();
    let path = path.to_ascii_lowercase();
    words
        .iter()
        .any(|word| text.contains(word) || path.contains(word))
}

fn read(file: &File<'_>) -> (Vec<Node>, Vec<SyntaxError>) {
    match parse(file) {
        Ok(found) => (found.into_iter().collect(), Vec::new()),
        // Files of other programs end so too.
        Err(_) if !is_about_nats(file.path, file.text) => (Vec::new(), Vec::new()),
        Err(fault) => (Vec::new(), vec![fault]),
    }
}

/// The tree of a server's file; `None`: it is none.
fn parse(file: &File<'_>) -> Result<Option<Node>, SyntaxError> {
    let configuration = grammar::read(file)?;
    let end_line = file.text.lines().count().max(1);
    let is_in =
        |field: &Field, list: &[&str]| list.iter().any(|key| field.key.eq_ignore_ascii_case(key));
    let is_variable = |field: &Field| file.text.contains(&format!("${}", field.key));
    let (known, others): (Vec<&Field>, Vec<&Field>) = configuration
        .fields
        .iter()
        .filter(|field| !is_variable(field))
        .partition(|field| is_in(field, KNOWN) || is_in(field, TELLING));
    let is_telling = known
        .iter()
        .any(|field| is_in(field, TELLING) && !is_in(field, &["accounts"]));
    let listens = known
        .iter()
        .any(|field| is_in(field, &["listen", "port", "host", "net"]));
    let is_server = if is_about_nats(file.path, file.text) {
        (is_telling || listens) && known.len() > others.len()
    } else {
        is_telling && others.is_empty()
    };
    if !is_server {
        return Ok(None);
    }
    let scalar = |text: &str, line: usize| Node {
        line,
        end_line: line,
        content: Content::Scalar {
            text: text.to_owned(),
            is_plain: false,
            is_literal: false,
        },
    };
    let of = |content: Content| Node {
        line: 1,
        end_line,
        content,
    };
    let entry = |key: &str, value: Node| Field {
        key: key.to_owned(),
        line: 1,
        value,
    };
    let includes = configuration.includes.iter().map(|path| scalar(path, 1));
    let missing = configuration.missing.iter();
    let missing = missing.map(|(path, line)| scalar(path, *line));
    let (includes, missing) = (includes.collect(), missing.collect());
    Ok(Some(of(Content::Map(vec![
        entry(SETTINGS, of(Content::Map(configuration.fields))),
        entry(INCLUDES, of(Content::List(includes))),
        entry(MISSING, of(Content::List(missing))),
    ]))))
}

fn document(root: &Node) -> Option<Document> {
    let kind = if root.get(SETTINGS).is_some() {
        "NatsServer"
    } else if chart::values(root).is_some() {
        "NatsValues"
    } else {
        return None;
    };
    Some(Document {
        group: GROUP,
        kind: kind.to_owned(),
        ..Document::default()
    })
}

/// A configuration of one or more equal servers, and what it is of.
struct Configured<'m> {
    object: &'m Object,
    /// Which of several in one object.
    part: String,
    server: Server,
    /// What it includes that is not among the files.
    missing: Vec<(String, usize)>,
    /// The lines of a text that is no configuration, with the reason.
    fault: Option<SyntaxError>,
    /// The boundary of its cluster, and what to call that.
    cluster: (Boundary, String),
}

impl Configured<'_> {
    /// What tells it from the other servers of its cluster.
    fn name(&self) -> String {
        let of = match self.object.identity.kind.as_str() {
            "NatsServer" => self.object.source.path.to_string(),
            _ => self.object.identity.address(),
        };
        if self.part.is_empty() {
            of
        } else {
            format!("{of}:{}", self.part)
        }
    }

    /// The server as a part of its cluster.
    fn boundary(&self) -> Boundary {
        let mut identity = self.object.identity.clone();
        identity.name = self.name();
        identity.kind = "NatsServer".to_owned();
        Boundary::Workload(identity)
    }

    fn source(&self, file: Option<&String>) -> Source {
        match file {
            Some(path) => Source {
                path: Arc::from(path.as_str()),
                ..self.object.source.clone()
            },
            None => self.object.source.clone(),
        }
    }

    /// What the cluster runs in.
    fn within(&self, estate: &Estate<'_>) -> Vec<Boundary> {
        let identity = &self.object.identity;
        let (boundary, name) = &self.cluster;
        if matches!(boundary, Boundary::Cluster(_)) {
            return Vec::new();
        }
        let mut within = Vec::new();
        if identity.kind != "NatsServer" && identity.namespace.is_some() {
            within.push(Boundary::around(identity));
        } else if identity.kind != "NatsServer" || identity.cluster.is_some() {
            within.push(Boundary::Cluster(identity.cluster.clone()));
        }
        let same: super::ClusterName = Some(Arc::from(name.as_str()));
        if estate.known.contains(&same) {
            within.push(Boundary::Cluster(same));
        }
        within
    }
}

/// The configurations in an object.
fn configurations<'m>(object: &'m Object, estate: &Estate<'_>) -> Vec<Configured<'m>> {
    let made = |part: &str, root: &Node, whole: [usize; 2]| {
        let server = Server::of(root, whole);
        Configured {
            object,
            part: part.to_owned(),
            cluster: cluster_of(object, part, &server, estate),
            server,
            missing: Vec::new(),
            fault: None,
        }
    };
    let first_line = |root: &Node| {
        let lines = root.fields().iter().map(|field| field.line);
        lines.min().unwrap_or(root.line)
    };
    if object.is(GROUP, "NatsServer") {
        let Some(root) = object.root.get(SETTINGS) else {
            return Vec::new();
        };
        let mut configured = made("", root, [1, first_line(root)]);
        let missing = object
            .root
            .get(MISSING)
            .map(Node::items)
            .unwrap_or_default();
        configured.missing = missing
            .iter()
            .filter_map(|one| Some((one.text()?.to_owned(), one.line)))
            .collect();
        return vec![configured];
    }
    if object.is(GROUP, "NatsValues") {
        let values = chart::values(&object.root);
        let found = values.map(|values| (chart::settings(values), values.line));
        let found = found.map(|(root, line)| made("", &root, [line, line]));
        return found.into_iter().collect();
    }
    if let Some(handed) = charts::handed(object, "nats", "NatsValues") {
        let lines = [handed.values.line, handed.values.line];
        return vec![made("", &chart::settings(&handed.values), lines)];
    }
    let tables: &[&str] = match (
        object.identity.group.as_str(),
        object.identity.kind.as_str(),
    ) {
        ("", "ConfigMap") => &["data"],
        ("", "Secret") => &["stringData"],
        _ => return Vec::new(),
    };
    let tables = tables.iter().filter_map(|table| object.root.get(table));
    let mut found = Vec::new();
    for table in tables {
        let other = |path: &str| table.text_at(&[path]);
        for entry in table.fields().iter().filter(|entry| may_be(&entry.key)) {
            let Some(text) = entry.value.text() else {
                continue;
            };
            if !is_about_nats(&object.identity.name, text) && !is_about_nats(&entry.key, "") {
                continue;
            }
            let (trees, faults) = entry.value.embedded_as(|text| {
                let file = File {
                    path: &entry.key,
                    text,
                    other: &other,
                };
                match parse(&file) {
                    Ok(found) => (found.into_iter().collect(), Vec::new()),
                    Err(fault) => (Vec::new(), vec![fault]),
                }
            });
            for tree in &trees {
                if let Some(root) = tree.get(SETTINGS) {
                    let lines = [entry.line, first_line(root).max(entry.line)];
                    found.push(made(&entry.key, root, lines));
                }
            }
            for fault in faults {
                let empty = Node {
                    line: entry.line,
                    end_line: entry.line,
                    content: Content::Map(Vec::new()),
                };
                let mut configured = made(&entry.key, &empty, [entry.line; 2]);
                configured.fault = Some(fault);
                found.push(configured);
            }
        }
    }
    found
}

/// What stands for the cluster of a server.
fn cluster_of(
    object: &Object,
    part: &str,
    server: &Server,
    estate: &Estate<'_>,
) -> (Boundary, String) {
    let identity = &object.identity;
    let named = server.cluster.clone();
    if let Some(name) = &named {
        let same: super::ClusterName = Some(Arc::from(name.as_str()));
        let is_elsewhere = identity.cluster.is_some() && identity.cluster != same;
        if estate.known.contains(&same) && !is_elsewhere && identity.kind == "NatsServer" {
            return (Boundary::Cluster(same), name.clone());
        }
    }
    let name = named.unwrap_or_else(|| match (identity.kind.as_str(), part) {
        ("NatsServer" | "NatsValues", _) => object.source.path.to_string(),
        _ => identity.qualified_name(),
    });
    let boundary = Boundary::NatsCluster(identity.cluster.clone(), name.clone());
    (boundary, name)
}

/// The clusters that an object configures.
pub(super) fn boundaries_of(object: &Object, estate: &Estate<'_>) -> Vec<Boundary> {
    let all = configurations(object, estate).into_iter();
    all.filter(|one| one.fault.is_none())
        .map(|one| one.cluster.0)
        .collect()
}

/// The files that a server's file includes.
fn includes(object: &Object) -> impl Iterator<Item = &str> {
    let listed = object.root.get(INCLUDES).map(Node::items);
    listed.unwrap_or_default().iter().filter_map(Node::text)
}

#[cfg(test)]
mod tests;
