//! SPIRE: trust domains, which others each takes identities of, who hands those on to workloads, and how nodes are let in.
//!
//! Server and agent configuration in HCL, the objects of spire-controller-manager, and values of the Helm charts
//! (<https://github.com/spiffe/spire/blob/main/doc/spire_server.md>, <https://github.com/spiffe/spire-controller-manager>,
//! read 2026-11-22). Federation is two steps: a relationship fetches the bundle of another domain, and only an entry with
//! `federatesWith` hands it to workloads. Relationships and entries made through the API are in no file.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;
use crate::value::seconds;

use super::charts;
use super::declare::{Boundary, Declarations, Extent, Fault, FaultKind, Statement};
use super::estate::{Cluster, Estate};
use super::gateways::BELIEVED;
use super::hcl;
use super::object::{Object, texts_of};
use super::systems::{Document, File, Language, Meaning, System};
use super::yaml::{Node, SyntaxError};

/// SPIRE.
pub(super) const SYSTEM: System = System {
    name: "SPIRE",
    groups: &[GROUP, "spire.spiffe.io"],
    kinds: &[
        ("SpireServer", Meaning::Modelled),
        ("SpireAgent", Meaning::Modelled),
        ("SpireValues", Meaning::Modelled),
        ("ClusterFederatedTrustDomain", Meaning::Modelled),
        ("ClusterSPIFFEID", Meaning::Modelled),
        ("ClusterStaticEntry", Meaning::Modelled),
        ("ControllerManagerConfig", Meaning::Modelled),
    ],
    document_words: &["trustDomain", "spire-server"],
    document,
    languages: &[Language {
        may_be: |path| path.ends_with(".conf") || path.ends_with(".hcl"),
        may_hold: is_spire,
        read: |file: &File<'_>| hcl::documents(file.text),
    }],
    cluster,
    is_cluster_wide: |object| {
        let kinds = ["ClusterStaticEntry", "ControllerManagerConfig"];
        object.is(GROUP, &object.identity.kind)
            || kinds.iter().any(|kind| object.is("spire.spiffe.io", kind))
    },
    declare,
};

const GROUP: &str = "conf.spiffe.io";

fn is_spire(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let is_part = has("server") || has("agent");
    is_part
        && (has("trust_domain") && has("plugins")
            || has("federates_with")
            || has("bundle_endpoint"))
        || has("NodeAttestor")
}

fn document(root: &Node) -> Option<Document> {
    let is_told = |part: &str| {
        let part = root.get(part);
        part.is_some_and(|part| {
            part.get("trust_domain").is_some() || part.get("federation").is_some_and(Node::is_map)
        })
    };
    let of = |kind: &str, name: Option<&str>, cluster: Option<&str>| {
        Some(Document {
            group: GROUP,
            kind: kind.to_owned(),
            name: name.map(str::to_owned),
            cluster: cluster.map(str::to_owned),
            ..Document::default()
        })
    };
    if is_told("server") {
        return of("SpireServer", None, None);
    }
    if is_told("agent") {
        return of("SpireAgent", None, None);
    }
    let global = root.at(&["global", "spire"]);
    let is_chart =
        global.is_some_and(Node::is_map) || root.get("spire-server").is_some_and(Node::is_map);
    let cluster = global.and_then(|global| global.text_at(&["clusterName"]));
    if is_chart {
        return of("SpireValues", None, cluster);
    }
    None
}

fn cluster<'n>(group: &str, kind: &str, root: &'n Node) -> Option<&'n str> {
    let is_told = kind == "ControllerManagerConfig" && group == "spire.spiffe.io";
    root.text_at(&["clusterName"]).filter(|_| is_told)
}

/// One piece of configuration, wherever it stands.
struct Told<'m> {
    object: &'m Object,
    root: Node,
}

/// What one cluster, or files of none, say of SPIRE.
#[derive(Default)]
struct Parts<'m> {
    servers: Vec<Told<'m>>,
    agents: Vec<Told<'m>>,
    values: Vec<Told<'m>>,
    /// The trust domain, from whatever names it.
    domains: BTreeSet<String>,
}

fn parts<'m>(cluster: &Cluster<'m>, declarations: &mut Declarations<'_>) -> Parts<'m> {
    let mut parts = Parts::default();
    let mut configured: Vec<Told<'m>> = Vec::new();
    for object in &cluster.objects {
        match object.identity.kind.as_str() {
            "SpireServer" | "SpireAgent" if object.is(GROUP, &object.identity.kind) => {
                configured.push(Told {
                    object,
                    root: object.root.clone(),
                });
            }
            "SpireValues" if object.is(GROUP, "SpireValues") => parts.values.push(Told {
                object,
                root: object.root.clone(),
            }),
            "ConfigMap" if object.is("", "ConfigMap") => {
                embedded(object, &mut configured, declarations)
            }
            "ControllerManagerConfig" => {
                let domain = object.root.text_at(&["trustDomain"]);
                parts.domains.extend(domain.map(str::to_owned));
            }
            _ => {
                // A chart of its own kind never stands for a values file here.
                if let Some(handed) = charts::handed(object, "spire", "SpireValues") {
                    parts.values.push(Told {
                        object,
                        root: handed.values,
                    });
                }
            }
        }
    }
    for told in configured {
        for part in ["server", "agent"] {
            let domain = told.root.text_at(&[part, "trust_domain"]);
            parts.domains.extend(domain.map(str::to_owned));
        }
        if told.root.get("server").is_some() {
            parts.servers.push(told);
        } else {
            parts.agents.push(told);
        }
    }
    for values in &parts.values {
        let domain = values.root.text_at(&["global", "spire", "trustDomain"]);
        parts.domains.extend(domain.map(str::to_owned));
    }
    // A variable of a chart or of the environment names none.
    parts
        .domains
        .retain(|domain| !domain.contains(['$', '{', '<']));
    parts
}

/// Configuration in the texts of a ConfigMap.
fn embedded<'m>(
    object: &'m Object,
    found: &mut Vec<Told<'m>>,
    declarations: &mut Declarations<'_>,
) {
    let data = object
        .root
        .get("data")
        .map(Node::fields)
        .unwrap_or_default();
    for entry in data {
        let is_ours = entry.key.ends_with(".conf")
            || entry.key.ends_with(".hcl")
            || entry.key.ends_with(".json");
        let text = entry
            .value
            .text()
            .filter(|text| is_ours && is_spire(text.as_bytes()));
        if text.is_none() {
            continue;
        }
        // The charts write the same in JSON.
        let read = |text: &str| -> (Vec<Node>, Vec<SyntaxError>) {
            if text.trim_start().starts_with('{') {
                super::yaml::documents(text)
            } else {
                hcl::documents(text)
            }
        };
        let (roots, faults) = entry.value.embedded_as(read);
        for root in roots {
            if document(&root).is_some() {
                found.push(Told { object, root });
            }
        }
        for fault in faults {
            declarations.notices.push(crate::graph::fragment::Notice {
                kind: "unreadable-manifest",
                subject: format!("{}:{}", object.source.path, fault.line),
                message: format!(
                    "{}; what this configuration says is not seen",
                    fault.message
                ),
            });
        }
    }
}

/// The boundaries that a comment in configuration of SPIRE is about.
pub(super) fn boundaries_of(object: &Object) -> Vec<Boundary> {
    if !object.is(GROUP, &object.identity.kind) {
        return Vec::new();
    }
    let domains = [
        &["server", "trust_domain"][..],
        &["agent", "trust_domain"],
        &["global", "spire", "trustDomain"],
    ];
    let domain = domains.iter().find_map(|path| object.root.text_at(path));
    let own = domain.map(|domain| Boundary::TrustDomain(domain.to_owned()));
    let cluster = object.identity.cluster.is_some();
    let around = cluster.then(|| Boundary::Cluster(object.identity.cluster.clone()));
    own.into_iter().chain(around).collect()
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        let parts = parts(cluster, declarations);
        let of_files = parts
            .servers
            .iter()
            .chain(&parts.agents)
            .all(|told| told.object.is(GROUP, &told.object.identity.kind));
        let has_objects = cluster.uses("spire.spiffe.io") || !parts.values.is_empty() || !of_files;
        // Files of no cluster speak of their trust domain only.
        let mut bearers: Vec<Boundary> = Vec::new();
        if has_objects || cluster.name.is_some() {
            bearers.push(Boundary::Cluster(cluster.name.clone()));
        }
        let mut speaker = Speaker {
            cluster,
            bearers,
            domain: (parts.domains.len() == 1)
                .then(|| parts.domains.first().cloned())
                .flatten(),
            federated: BTreeSet::new(),
            declarations,
        };
        let any = parts.servers.first().or(parts.agents.first());
        let mut managers = cluster.of_kind("spire.spiffe.io", "ControllerManagerConfig");
        let any = any
            .map(|told| told.object)
            .or(parts.values.first().map(|told| told.object))
            .or_else(|| managers.next());
        for server in &parts.servers {
            speaker.server(server);
        }
        for agent in &parts.agents {
            speaker.agent(agent);
        }
        for values in &parts.values {
            speaker.values(values);
        }
        for domain in cluster.of_kind("spire.spiffe.io", "ClusterFederatedTrustDomain") {
            speaker.federated_domain(domain, domain.root.get("spec"), &domain.identity.name);
        }
        for entry in cluster.of_kind("spire.spiffe.io", "ClusterSPIFFEID") {
            if let Some(spec) = entry.root.get("spec") {
                speaker.entry(entry, spec, &entry.identity.name);
            }
        }
        for entry in cluster.of_kind("spire.spiffe.io", "ClusterStaticEntry") {
            if let Some(spec) = entry.root.get("spec") {
                speaker.entry(entry, spec, &entry.identity.name);
            }
        }
        if let Some(object) = any {
            speaker.trust_domains(object, &parts.domains);
        }
    }
}

/// States what the configuration of one cluster says.
struct Speaker<'c, 'm, 'a, 'd> {
    cluster: &'c Cluster<'m>,
    bearers: Vec<Boundary>,
    domain: Option<String>,
    /// Domains whose bundles are fetched.
    federated: BTreeSet<String>,
    declarations: &'a mut Declarations<'d>,
}

impl Speaker<'_, '_, '_, '_> {
    /// Whom a fact of a server with this trust domain is of.
    fn of(&self, domain: Option<&str>) -> Vec<Boundary> {
        let mut of = self.bearers.clone();
        let domain = domain.or(self.domain.as_deref());
        of.extend(domain.map(|domain| Boundary::TrustDomain(domain.to_owned())));
        of
    }

    fn say(
        &mut self,
        of: &[Boundary],
        object: &Object,
        topic: Topic,
        (about, value): (&str, &str),
        (openness, words): (i32, String),
    ) {
        let origins = self.declarations.origins_of([object]);
        self.declarations.state_as(
            of,
            Statement {
                topic,
                about: about.to_owned(),
                matter: about.to_owned(),
                value: value.to_owned(),
                openness,
                words,
                origins,
            },
            Extent::default(),
        );
    }

    fn trust_domains(&mut self, object: &Object, domains: &BTreeSet<String>) {
        for domain in domains {
            let origin = self.declarations.origin(object);
            self.declarations.trust_domain(domain, origin);
            let words = format!("shows identities of trust domain {domain}");
            // A domain that gets another name is another domain: what stays is whatever it is the domain of.
            let of = [Boundary::Cluster(self.cluster.name.clone())];
            self.say(
                &of,
                object,
                Topic::Mesh,
                ("SPIRE trust domain", domain),
                (0, words),
            );
        }
    }

    fn server(&mut self, told: &Told<'_>) {
        let object = told.object;
        let Some(server) = told.root.get("server") else {
            return;
        };
        let domain = server.text_at(&["trust_domain"]);
        let of = self.of(domain);
        if of.is_empty() {
            let message = "it names no trust domain, so nobody is there whom it speaks of";
            self.declarations
                .notice("object-not-understood", object, message);
        }
        if let Some(federation) = server.get("federation") {
            if let Some(endpoint) = federation.get("bundle_endpoint") {
                self.bundle_endpoint(&of, object, endpoint);
            }
            let with = federation.get("federates_with").map(Node::fields);
            for one in with.unwrap_or_default() {
                self.federates(&of, object, &one.key, &one.value);
            }
        }
        let attestors = told.root.at(&["plugins", "NodeAttestor"]).map(Node::fields);
        let attestors: BTreeSet<&str> = attestors
            .unwrap_or_default()
            .iter()
            .filter(|one| one.value.get("enabled").and_then(Node::truth) != Some(false))
            .map(|one| one.key.as_str())
            .collect();
        let attestors = attestors.into_iter().collect::<Vec<_>>().join(", ");
        if !attestors.is_empty() {
            let words = format!("lets nodes in that prove themselves by {attestors}");
            self.say(
                &of,
                object,
                Topic::Authentication,
                ("nodes of SPIRE", &attestors),
                (0, words),
            );
        }
        if let Some(above) = told.root.at(&["plugins", "UpstreamAuthority"]) {
            let names = above.fields().iter().map(|one| one.key.as_str());
            let names: BTreeSet<&str> = names.collect();
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            let words = format!("shows identities under roots that {names} hands out");
            let value = above.canonical();
            self.say(
                &of,
                object,
                Topic::Mesh,
                ("roots of SPIRE", &value),
                (0, words),
            );
        }
        for key in ["default_x509_svid_ttl", "agent_ttl"] {
            self.lifetime(object, server, key, domain.unwrap_or("server"));
        }
    }

    fn bundle_endpoint(&mut self, of: &[Boundary], object: &Object, endpoint: &Node) {
        let address = endpoint.text_at(&["address"]).unwrap_or("0.0.0.0");
        let is_local = super::gateways::is_loopback(address);
        let words = format!("hands its trust bundle to whoever asks at {address}");
        if !is_local {
            self.say(
                of,
                object,
                Topic::Exposure,
                ("bundle endpoint", address),
                (1, words),
            );
        }
    }

    fn federates(&mut self, of: &[Boundary], object: &Object, with: &str, by: &Node) {
        self.federated.insert(with.to_owned());
        let profiles = by.get("bundle_endpoint_profile").map(Node::fields);
        let profile = profiles.unwrap_or_default().first();
        let old = by.get("bundle_endpoint");
        let is_web = old
            .and_then(|old| old.get("use_web_pki"))
            .and_then(Node::truth)
            == Some(true);
        let old_profile = old.map(|_| if is_web { "https_web" } else { "https_spiffe" });
        let told = profile.map(|profile| profile.key.as_str()).or(old_profile);
        let shown_by = profile
            .and_then(|profile| profile.value.text_at(&["endpoint_spiffe_id"]))
            .or(old.and_then(|old| old.text_at(&["spiffe_id"])));
        let url = by
            .text_at(&["bundle_endpoint_url"])
            .or(old.and_then(|old| old.text_at(&["address"])));
        self.federation(of, object, with, (url, told, shown_by));
    }

    fn federation(
        &mut self,
        of: &[Boundary],
        object: &Object,
        with: &str,
        (url, profile, shown_by): (Option<&str>, Option<&str>, Option<&str>),
    ) {
        let profile = profile.unwrap_or("no profile");
        let host = url.map_or("nowhere", super::gateways::authority);
        let value = format!(
            "{} {profile} {}",
            url.unwrap_or("nowhere"),
            shown_by.unwrap_or("-")
        );
        let by = match profile {
            "https_web" => "by the public web's certificates",
            "https_spiffe" => "by an identity",
            _ => "by nothing that is told",
        };
        let about = format!("federation with {with}");
        let words =
            format!("takes the bundle of trust domain {with} from {host}, which shows itself {by}");
        self.say(of, object, Topic::Mesh, (&about, &value), (1, words));
    }

    fn federated_domain(&mut self, object: &Object, spec: Option<&Node>, name: &str) {
        let Some(domain) = spec.and_then(|spec| spec.text_at(&["trustDomain"])) else {
            let message = "it names no trust domain".to_owned();
            self.declarations
                .notice("object-not-understood", object, message);
            return;
        };
        let at = |path: &[&str]| spec.and_then(|spec| spec.text_at(path)).map(str::to_owned);
        self.federated.insert(domain.to_owned());
        let url = at(&["bundleEndpointURL"]);
        let profile = at(&["bundleEndpointProfile", "type"]);
        let shown_by = at(&["bundleEndpointProfile", "endpointSPIFFEID"]);
        let of = self.of(None);
        let parts = (url.as_deref(), profile.as_deref(), shown_by.as_deref());
        let _ = name;
        self.federation(&of, object, domain, parts);
    }

    fn agent(&mut self, told: &Told<'_>) {
        let Some(agent) = told.root.get("agent") else {
            return;
        };
        let field = agent.field("insecure_bootstrap");
        if let Some(field) = field.filter(|field| field.value.truth() == Some(true)) {
            let of = self.of(agent.text_at(&["trust_domain"]));
            self.insecure(told.object, &of, [field.line, field.value.end_line]);
        }
    }

    fn insecure(&mut self, object: &Object, of: &[Boundary], lines: [usize; 2]) {
        let words = "has agents that take the first server for theirs".to_owned();
        self.say(
            of,
            object,
            Topic::Authentication,
            ("first server of agents", "anyone"),
            (1, words),
        );
        let subject = format!("{} insecure_bootstrap", object.identity.address());
        let words = "takes the first server that answers for its own, without verifying it";
        let told = (words.to_owned(), BELIEVED);
        let source = object.source.clone();
        self.declarations.open_door(subject, told, source, lines);
    }

    fn lifetime(&mut self, object: &Object, node: &Node, key: &str, of: &str) {
        let Some(field) = node.field(key) else { return };
        let Some(lives) = field.value.text().and_then(seconds) else {
            return;
        };
        self.declarations.faults.push(lifetime(
            object,
            &format!("{key} of {of}"),
            &format!(
                "lets certificates of identities live for {} ({key})",
                field.value.text().unwrap_or_default()
            ),
            lives,
            [field.line, field.value.end_line],
        ));
    }

    fn values(&mut self, told: &Told<'_>) {
        let (object, root) = (told.object, &told.root);
        let server = root.get("spire-server");
        let domain = root
            .text_at(&["global", "spire", "trustDomain"])
            .map(str::to_owned);
        let of = self.of(domain.as_deref());
        if let Some(server) = server {
            let is_on = server.at(&["federation", "enabled"]).and_then(Node::truth) == Some(true);
            if is_on {
                let words = "hands its trust bundle to whoever asks".to_owned();
                self.say(
                    &of,
                    object,
                    Topic::Exposure,
                    ("bundle endpoint", "0.0.0.0"),
                    (1, words),
                );
            }
            for key in ["defaultX509SvidTTL", "agentTTL"] {
                self.lifetime(object, server, key, domain.as_deref().unwrap_or("server"));
            }
            let identities = server.at(&["controllerManager", "identities"]);
            let domains = identities.and_then(|one| one.get("clusterFederatedTrustDomains"));
            for one in domains.map(Node::fields).unwrap_or_default() {
                let is_off = one.value.get("enabled").and_then(Node::truth) == Some(false);
                if !is_off && one.value.get("trustDomain").is_some() {
                    self.federated_domain(object, Some(&one.value), &one.key);
                }
            }
            let entries = identities.and_then(|one| one.get("clusterSPIFFEIDs"));
            for one in entries.map(Node::fields).unwrap_or_default() {
                if one.value.get("enabled").and_then(Node::truth) != Some(false) {
                    self.entry(object, &one.value, &one.key);
                }
            }
        }
        let bootstrap = ["insecureBootstrap", "insecure_bootstrap"];
        let agent = root.get("spire-agent");
        let field = agent.and_then(|agent| bootstrap.iter().find_map(|key| agent.field(key)));
        if let Some(field) = field.filter(|field| field.value.truth() == Some(true)) {
            self.insecure(object, &of, [field.line, field.value.end_line]);
        }
    }

    /// Which workloads an entry is for, and what it hands to them.
    fn entry(&mut self, object: &Object, spec: &Node, name: &str) {
        for key in ["ttl", "x509SVIDTTL"] {
            self.lifetime(object, spec, key, name);
        }
        let mut of = self.of(None);
        let labels = texts_of(spec.at(&["podSelector", "matchLabels"]));
        let namespaces = texts_of(spec.at(&["namespaceSelector", "matchLabels"]));
        let chosen = self.chosen(&labels, &namespaces);
        of.extend(chosen);
        let whose = if labels.is_empty() && namespaces.is_empty() {
            "all workloads it selects".to_owned()
        } else {
            let mut all = namespaces;
            all.extend(labels);
            format!("workloads with {}", super::object::selector_words(&all))
        };
        for with in spec
            .get("federatesWith")
            .map(Node::texts)
            .unwrap_or_default()
        {
            let about = format!("entry {name} federates with {with}");
            let words =
                format!("has {whose} take identities of trust domain {with}, by entry {name}");
            self.say(&of, object, Topic::Mesh, (&about, "taken"), (1, words));
            if !self.federated.contains(with) {
                self.declarations.notice(
                    "federation-half-seen",
                    object,
                    format!(
                        "it federates with {with}, and no file makes the relationship that fetches that domain's bundle: \
                         until something does, nothing is handed on"
                    ),
                );
            }
        }
        for (key, what) in [
            ("admin", "call the server's API as its administrators"),
            ("downstream", "sign identities of their own"),
        ] {
            if spec.get(key).and_then(Node::truth) == Some(true) {
                let about = format!("entry {name} {key}");
                let words = format!("lets {whose} {what}, by entry {name}");
                self.say(
                    &of,
                    object,
                    Topic::Authentication,
                    (&about, "lets"),
                    (1, words),
                );
            }
        }
    }

    /// The workloads with labels, in namespaces with labels; none where nothing narrows it down.
    fn chosen(
        &self,
        labels: &BTreeMap<String, String>,
        namespaces: &BTreeMap<String, String>,
    ) -> BTreeSet<Boundary> {
        if labels.is_empty() && namespaces.is_empty() {
            return BTreeSet::new();
        }
        let is_in = |namespace: &Option<String>| {
            let name = namespace.as_deref().unwrap_or_default();
            namespaces.iter().all(|(key, value)| {
                let described = self
                    .cluster
                    .namespaces
                    .get(name)
                    .and_then(|all| all.first());
                key == "kubernetes.io/metadata.name" && value == name
                    || described.is_some_and(|object| object.label(key) == Some(value))
            })
        };
        let selected = self.cluster.workloads.iter().filter(|workload| {
            is_in(&workload.identity().namespace)
                && super::object::selects(labels, &workload.labels)
        });
        selected
            .flat_map(|workload| {
                [
                    Boundary::of(workload),
                    Boundary::around(workload.identity()),
                ]
            })
            .collect()
    }
}

/// A certificate's lifetime as something that may break a rule.
pub(super) fn lifetime(
    object: &Object,
    about: &str,
    words: &str,
    seconds: u64,
    lines: [usize; 2],
) -> Fault {
    Fault {
        kind: FaultKind::CertificateLifetime(seconds),
        subject: format!("{} {about}", object.identity.address()),
        words: words.to_owned(),
        source: object.source.clone(),
        lines,
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{faults, faults_of, reading, reading_of, statements, subjects};

    const SERVER: &str = "server {\n  trust_domain = \"one.example\"\n  MORE\n}\nplugins {\n  NodeAttestor \"k8s_psat\" {\n  }\n}\n";

    #[track_caller]
    fn check_server(more: &str, expected: &[&str]) {
        let text = SERVER.replace("MORE", more);
        let read = reading_of(&[("spire/server.conf", &text)]);
        let mut told = statements(&read, Topic::Mesh);
        told.retain(|line| line != "-: SPIRE trust domain = one.example");
        assert_eq!(told, expected, "{more}");
    }

    #[test]
    fn a_server_that_gets_another_trust_domain_or_other_roots_says_so() {
        let stated =
            |text: &str| statements(&reading_of(&[("spire/server.conf", text)]), Topic::Mesh);
        let text = SERVER.replace("MORE", "");
        assert_eq!(stated(&text), ["-: SPIRE trust domain = one.example"]);
        let renamed = text.replace("one.example", "two.example");
        assert_eq!(stated(&renamed), ["-: SPIRE trust domain = two.example"]);
        let above = |path: &str| {
            let plugin = format!(
                "UpstreamAuthority \"disk\" {{\n  plugin_data {{\n cert_file_path = \"{path}\"\n }}\n }}\n"
            );
            text.replace("NodeAttestor", &format!("{plugin}  NodeAttestor"))
        };
        assert_eq!(stated(&above("a.pem")).len(), 2);
        assert_ne!(stated(&above("a.pem")), stated(&above("b.pem")));
    }

    #[test]
    fn a_server_federates_with_those_it_names_in_either_spelling() {
        check_server("", &[]);
        check_server(
            "federation {\n federates_with \"two.example\" {\n bundle_endpoint_url = \"https://two:8443\"\n bundle_endpoint_profile \"https_web\" {}\n}\n}",
            &["spiffe:one.example: federation with two.example = https://two:8443 https_web -"],
        );
        check_server(
            "federation {\n federates_with \"two.example\" {\n bundle_endpoint {\n address = \"1.2.3.4\"\n use_web_pki = true\n}\n}\n}",
            &["spiffe:one.example: federation with two.example = 1.2.3.4 https_web -"],
        );
    }

    #[test]
    fn objects_federate_in_two_steps_and_half_of_them_is_told() {
        let domain = "apiVersion: spire.spiffe.io/v1alpha1\nkind: ClusterFederatedTrustDomain\nmetadata: {name: two}\nspec: \
                      {trustDomain: two.example, bundleEndpointURL: \"https://two\", bundleEndpointProfile: {type: https_web}}\n---\n";
        let entry = "apiVersion: spire.spiffe.io/v1alpha1\nkind: ClusterSPIFFEID\nmetadata: {name: api}\nspec: \
                     {podSelector: {matchLabels: {app: api}}, federatesWith: [two.example]}\n---\n";
        let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {template: \
                        {metadata: {labels: {app: api}}}}\n";
        let read = reading(&[domain, entry, workload].concat());
        assert_eq!(
            statements(&read, Topic::Mesh),
            [
                "-/shop/deployment/api: entry api federates with two.example = taken",
                "-/shop: entry api federates with two.example = taken",
                "-: entry api federates with two.example = taken",
                "-: federation with two.example = https://two https_web -",
            ]
        );
        assert!(subjects(&read, "federation-half-seen").is_empty());
        let half = reading(&[entry, workload].concat());
        assert_eq!(
            subjects(&half, "federation-half-seen"),
            ["ClusterSPIFFEID/api"]
        );
    }

    #[test]
    fn an_agent_that_trusts_the_first_server_is_told() {
        let agent = |more: &str| {
            let text =
                format!("agent {{\n  trust_domain = \"one.example\"\n  {more}\n}}\nplugins {{}}\n");
            faults_of(&reading_of(&[("agent.conf", &text)]))
        };
        assert!(agent("insecure_bootstrap = false").is_empty());
        assert_eq!(
            agent("insecure_bootstrap = true"),
            ["Unproven SpireAgent/agent.conf insecure_bootstrap"]
        );
    }

    #[test]
    fn lifetimes_of_identities_are_told_and_those_of_authorities_are_not() {
        let server = |more: &str| {
            faults_of(&reading_of(&[(
                "server.conf",
                &SERVER.replace("MORE", more),
            )]))
        };
        assert!(server("ca_ttl = \"720h\"").is_empty());
        assert_eq!(
            server("default_x509_svid_ttl = \"720h\""),
            [
                "CertificateLifetime(2592000) SpireServer/server.conf default_x509_svid_ttl of one.example"
            ]
        );
        let entry = "apiVersion: spire.spiffe.io/v1alpha1\nkind: ClusterSPIFFEID\nmetadata: {name: api}\nspec: {ttl: 48h}\n";
        assert_eq!(
            faults(entry),
            ["CertificateLifetime(172800) ClusterSPIFFEID/api ttl of api"]
        );
    }

    #[test]
    fn configuration_in_a_config_map_and_in_values_counts_too() {
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: spire, namespace: spire}\ndata:\n  server.conf: |\n    \
                   server {\n      trust_domain = \"one.example\"\n      federation {\n        federates_with \"two.example\" {}\n      }\n    }\n    \
                   plugins {}\n";
        let told = statements(&reading(map), Topic::Mesh);
        assert_eq!(
            told,
            [
                "-: SPIRE trust domain = one.example",
                "-: federation with two.example = nowhere no profile -",
                "spiffe:one.example: federation with two.example = nowhere no profile -",
            ]
        );
        let values = "global: {spire: {trustDomain: one.example, clusterName: east}}\nspire-server: {federation: {enabled: true}}\n";
        let told = statements(&reading(values), Topic::Exposure);
        assert_eq!(
            told,
            [
                "east: bundle endpoint = 0.0.0.0",
                "spiffe:one.example: bundle endpoint = 0.0.0.0"
            ]
        );
    }

    #[test]
    fn a_server_of_no_trust_domain_is_told() {
        let server = "server {\n  federation {\n    federates_with \"two.example\" {}\n  }\n}\n";
        let read = reading_of(&[("server.conf", server)]);
        let told = subjects(&read, "object-not-understood");
        assert_eq!(told, ["SpireServer/server.conf"]);
        let read = reading_of(&[("server.conf", SERVER)]);
        assert!(subjects(&read, "object-not-understood").is_empty());
    }

    #[test]
    fn text_that_is_no_hcl_is_told_with_its_line() {
        let read = reading_of(&[(
            "server.conf",
            "server {\n  trust_domain = = 1\n}\nplugins {}\n",
        )]);
        assert_eq!(subjects(&read, "unreadable-manifest"), ["server.conf:2"]);
    }
}
