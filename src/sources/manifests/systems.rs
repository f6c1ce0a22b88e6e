//! The systems whose configuration is read, as a table: which kinds of object are theirs, and who tells what those mean.
//!
//! A system is one file beside this one (a folder, where one file would be too long). To add one: write the file, with the
//! vendor's shapes first and what they mean for the graph second, and enter it here.

use super::declare::{Boundary, Declarations};
use super::estate::Estate;
use super::yaml::{Node, SyntaxError};
use super::{
    calico, certificates, charts, cilium, cluster_policies, consul, envoy, envoy_gateway,
    gateway_api, istio, kong, krakend, kubernetes, kuma, linkerd, multicluster_services, nats,
    spire, submariner, traefik,
};

/// One system.
pub struct System {
    /// What people call it.
    pub name: &'static str,
    /// The groups of its objects' APIs. One that begins with a dot means every group that ends so.
    pub groups: &'static [&'static str],
    /// Its kinds. One of its groups that is not here is not recognised.
    pub kinds: &'static [(&'static str, Meaning)],
    /// Words of which every file of its own, in YAML or JSON but without `apiVersion`, has one.
    pub document_words: &'static [&'static str],
    /// What a document without `apiVersion` is to it: values for its installation, or configuration of its own.
    pub document: fn(&Node) -> Option<Document>,
    /// The languages of its files, other than YAML and JSON.
    pub languages: &'static [Language],
    /// The cluster that an object of its installation says it is for.
    pub cluster: for<'n> fn(&str, &str, &'n Node) -> Option<&'n str>,
    /// Whether an object of a namespace is in force in all of its cluster.
    pub is_cluster_wide: fn(&super::object::Object) -> bool,
    /// State what the objects of one snapshot mean.
    pub declare: fn(&Estate<'_>, &mut Declarations<'_>),
}

/// What a kind of object is to the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It is read.
    Modelled,
    /// It cannot move the perimeter.
    Irrelevant,
    /// It can, in the way told, and is not read yet: a notice.
    NotYet(&'static str),
}

/// What a document is that is no Kubernetes object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The group to sort it under.
    pub group: &'static str,
    /// What to call its kind.
    pub kind: String,
    /// The namespace it is in, if its system has such.
    pub namespace: Option<String>,
    /// Its name. Without one it is known by its cluster, else by its file.
    pub name: Option<String>,
    /// The cluster it is for, by its own words.
    pub cluster: Option<String>,
}

/// A language in which a system has files.
pub struct Language {
    /// Whether a file may be in it, by its name alone. Asked of every file there is.
    pub may_be: fn(path: &str) -> bool,
    /// Whether one with such a name is in it, by its bytes. Cheap; what it contains is looked at later.
    pub may_hold: fn(bytes: &[u8]) -> bool,
    /// Its documents, and what could not be read of them.
    pub read: fn(&File<'_>) -> (Vec<Node>, Vec<SyntaxError>),
}

/// A file of a language, and those that it may include.
pub struct File<'f> {
    /// Where it is, relative to the top of the repository.
    pub path: &'f str,
    /// What it contains.
    pub text: &'f str,
    /// The text of another file of the same snapshot, by its path from the top; only of such as a language keeps.
    pub other: &'f dyn Fn(&str) -> Option<&'f str>,
}

/// Whether an object is in force in all of its cluster, by its system's own words.
#[must_use]
pub fn is_cluster_wide(object: &super::object::Object) -> bool {
    let mut systems = SYSTEMS.iter();
    systems.any(|system| (system.is_cluster_wide)(object))
}

/// The language that a file is in; `None`: YAML or JSON, or nothing that is read.
#[must_use]
pub fn language(path: &str, bytes: &[u8]) -> Option<&'static Language> {
    let mut languages = SYSTEMS.iter().flat_map(|system| system.languages);
    languages.find(|language| (language.may_be)(path) && (language.may_hold)(bytes))
}

/// All systems, in the order in which they speak.
pub static SYSTEMS: &[System] = &[
    kubernetes::SYSTEM,
    istio::SYSTEM,
    linkerd::SYSTEM,
    consul::SYSTEM,
    kuma::SYSTEM,
    cilium::SYSTEM,
    calico::SYSTEM,
    cluster_policies::SYSTEM,
    gateway_api::SYSTEM,
    envoy_gateway::SYSTEM,
    multicluster_services::SYSTEM,
    submariner::SYSTEM,
    spire::SYSTEM,
    certificates::SYSTEM,
    nats::SYSTEM,
    krakend::SYSTEM,
    kong::SYSTEM,
    traefik::SYSTEM,
    envoy::SYSTEM,
];

/// What values are a document of.
type Understood = fn(&Node) -> Document;

/// Charts whose values count as a file of them does, wherever they are handed over: what they are a document of.
const CHARTS_AS_FILES: &[(&str, Understood)] = &[
    ("consul", consul::values),
    ("kong-mesh", kuma::values),
    ("kuma", kuma::values),
];

/// The values that an object hands to charts and that count as files of them do.
#[must_use]
pub fn values_in(object: &super::object::Object) -> Vec<(Document, Node)> {
    let installed = charts::installed(object).into_iter();
    let known = installed.filter_map(|chart| {
        let (_, document) = CHARTS_AS_FILES
            .iter()
            .find(|(name, _)| *name == chart.name)?;
        let values = chart.values();
        Some((document(&values), values))
    });
    known.collect()
}

/// Systems whose configuration a ConfigMap or Secret may hold as it would stand in a file, and that leave it to this table to find it.
const IN_OBJECTS: &[&System] = &[
    &krakend::SYSTEM,
    &kong::SYSTEM,
    &traefik::SYSTEM,
    &envoy::SYSTEM,
    &consul::SYSTEM,
];

/// Configuration in a text of a ConfigMap or Secret.
pub struct Embedded {
    /// What the text is called there.
    pub key: String,
    /// What it is.
    pub document: Document,
    /// Its fields, with the lines of the file that it stands in.
    pub root: Node,
}

/// What a text that cannot be read costs of what all may come to: it may have been made to be long in the reading.
const COST_OF_A_FAULT: usize = 100_000;

/// The configuration of systems in the texts of a ConfigMap or Secret, and what of it could not be read. `left` is how many values all
/// of it may still come to; nothing more is read when it is spent.
#[must_use]
pub fn embedded_in(
    object: &super::object::Object,
    left: &mut usize,
) -> (Vec<Embedded>, Vec<SyntaxError>) {
    let table = match object.identity.kind.as_str() {
        "ConfigMap" if object.is("", "ConfigMap") => "data",
        "Secret" if object.is("", "Secret") => "stringData",
        _ => return (Vec::new(), Vec::new()),
    };
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    let entries = object.root.get(table).map(Node::fields);
    for entry in entries.unwrap_or_default() {
        let Some(text) = entry.value.text() else {
            continue;
        };
        let may_be = |system: &&&System| {
            let mut words = system.document_words.iter();
            let mut languages = system.languages.iter();
            words.any(|word| text.contains(word))
                || languages.any(|one| (one.may_be)(&entry.key) && (one.may_hold)(text.as_bytes()))
        };
        if *left == 0 || !IN_OBJECTS.iter().any(|system| may_be(&system)) {
            continue;
        }
        let (roots, unread) = entry.value.embedded_as(|text| {
            let file = File {
                path: &entry.key,
                text,
                other: &|_| None,
            };
            match language(&entry.key, text.as_bytes()) {
                Some(language) => (language.read)(&file),
                None => super::yaml::documents(text),
            }
        });
        let size: usize = roots.iter().map(Node::size).sum();
        *left = left.saturating_sub(1 + size + unread.len() * COST_OF_A_FAULT);
        for root in roots {
            let mut systems = IN_OBJECTS.iter();
            let document = systems.find_map(|system| (system.document)(&root));
            // What else of Consul lies there is handed on to something that applies it.
            let is_of_consul = |one: &Document| {
                let mut groups = consul::SYSTEM.groups.iter();
                groups.any(|group| super::object::is_group(one.group, group))
            };
            let is_in_force = |one: &Document| one.kind == "ConsulAgent" || !is_of_consul(one);
            if let Some(document) = document.filter(is_in_force) {
                found.push(Embedded {
                    key: entry.key.clone(),
                    document,
                    root,
                });
            }
        }
        if entry.key.ends_with(".tmpl") {
            faults.push(SyntaxError {
                line: entry.line,
                message: "it is a template, which is not rendered".to_owned(),
            });
        }
        faults.extend(unread);
    }
    (found, faults)
}

/// The boundaries of its own that a system makes of an object, so that a comment in it is about those.
#[must_use]
pub fn boundaries_of(object: &super::object::Object, estate: &Estate<'_>) -> Vec<Boundary> {
    let gateway = krakend::boundary_of(object)
        .or_else(|| kong::boundary_of(object))
        .or_else(|| traefik::boundary_of(object))
        .or_else(|| envoy::boundary_of(object));
    let own = match gateway {
        Some(gateway) => vec![gateway],
        None => spire::boundaries_of(object),
    };
    if own.is_empty() {
        return nats::boundaries_of(object, estate);
    }
    own
}

/// Groups of systems that nobody reads yet: a kind of theirs is told once. The most telling first.
const NOT_READ: &[(&str, &str)] = &[
    ("appmesh.k8s.aws", "AWS App Mesh"),
    (".openservicemesh.io", "Open Service Mesh"),
    (".smi-spec.io", "the Service Mesh Interface"),
    ("federation.maistra.io", "OpenShift Service Mesh"),
    ("maistra.io", "OpenShift Service Mesh"),
];

/// The system that a group belongs to which nobody reads yet.
#[must_use]
pub fn not_read(group: &str) -> Option<&'static str> {
    let told = NOT_READ
        .iter()
        .find(|(known, _)| super::object::is_group(group, known));
    told.map(|(_, system)| *system)
}

/// The system that a kind of object belongs to, and what it is to that. `None`: it is of no system that is known.
#[must_use]
pub fn meaning(group: &str, kind: &str) -> Option<(&'static System, Option<Meaning>)> {
    let mut systems = SYSTEMS.iter().filter(|system| {
        let mut groups = system.groups.iter();
        groups.any(|one| super::object::is_group(group, one))
    });
    let first = systems.next()?;
    let of = |system: &'static System| {
        let told = system.kinds.iter().find(|(known, _)| *known == kind);
        told.map(|(_, meaning)| (system, Some(*meaning)))
    };
    Some(
        of(first)
            .or_else(|| systems.find_map(of))
            .unwrap_or((first, None)),
    )
}
