//! What agents ask of each other, and what joins datacenters through them.
//!
//! Without `verify_incoming` an agent takes calls without TLS, and from anyone; without `verify_outgoing` it makes none with TLS;
//! certificates alone change nothing (<https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/tls>, read
//! 2026-11-22). Rights are asked for only where `acl.enabled` is true, and what no policy says is allowed unless the default is to deny
//! (<https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/acl>, read 2026-11-22). The API listens on the own
//! machine, over HTTP, unless said otherwise (<https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/general>,
//! read 2026-11-22). The top-level spellings before `tls {}` mean the same. The chart turns all of it on with `global.tls.enabled`
//! (<https://github.com/hashicorp/consul-k8s/blob/main/charts/consul/values.yaml>, read 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::Topic;

use super::super::declare::{Boundary, Declarations, FarSide, Site, Statement, Unproven};
use super::super::kubernetes::{self, Opening};
use super::super::object::{ClusterName, Object, texts_of};
use super::super::yaml::Node;
use super::inbound::{everywhere, fact};
use super::joins::called;
use super::shape::{Agent, Datacenter};

/// One thing that agents do or not.
struct Trait {
    topic: Topic,
    /// What it is, for facts.
    about: &'static str,
    /// What an agent does that has it not.
    words: &'static str,
    /// The field to point at, in its spellings; the first is where it belongs.
    fields: &'static [&'static [&'static str]],
    /// What it is in effect.
    holds: fn(&Agent<'_>, &Chart) -> bool,
    /// Where the chart's values say it.
    of_chart: &'static [&'static str],
    /// Whether clients do it too.
    is_of_clients: bool,
    /// Whether traffic goes in the clear without it.
    is_plaintext: bool,
    /// Why callers prove nothing without it, if so.
    unproven: Option<&'static str>,
}

/// What the chart says for all agents it makes.
#[derive(Debug, Clone, Copy, Default)]
struct Chart {
    has_tls: bool,
    verifies: bool,
    is_https_only: bool,
    has_gossip_key: bool,
}

const INCOMING: &[&[&str]] = &[
    &["tls", "internal_rpc", "verify_incoming"],
    &["tls", "defaults", "verify_incoming"],
    &["verify_incoming_rpc"],
    &["verify_incoming"],
];
const OUTGOING: &[&[&str]] = &[
    &["tls", "internal_rpc", "verify_outgoing"],
    &["tls", "defaults", "verify_outgoing"],
    &["verify_outgoing"],
];
const HOST_NAME: &[&[&str]] = &[
    &["tls", "internal_rpc", "verify_server_hostname"],
    &["tls", "defaults", "verify_server_hostname"],
    &["verify_server_hostname"],
];

fn sends_tls(agent: &Agent<'_>, chart: &Chart) -> bool {
    agent.truth(OUTGOING).unwrap_or(
        agent.is_of_chart() && chart.has_tls && chart.verifies
            || agent.truth(&[&["auto_encrypt", "tls"]]) == Some(true)
            || agent.truth(&[&["auto_config", "enabled"]]) == Some(true)
            // Who looks at names uses TLS to do so.
            || agent.truth(HOST_NAME) == Some(true),
    )
}

const TLS: &[&str] = &["global", "tls"];
const API_INCOMING: &[&[&str]] = &[
    &["tls", "https", "verify_incoming"],
    &["tls", "defaults", "verify_incoming"],
    &["verify_incoming_https"],
    &["verify_incoming"],
];

/// Whether an agent listens beyond its own machine. One that does not say where does not.
fn listens(agent: &Agent<'_>, interface: &str, is_default: bool) -> bool {
    let port = agent.text(&["ports", interface]);
    let is_on = port.map_or(is_default, |port| port != "0" && !port.starts_with('-'));
    let address = agent.text(&["addresses", interface]);
    let address = address.or_else(|| agent.text(&["client_addr"]));
    let is_local = |one: &str| {
        one.starts_with("127.") || one.starts_with("unix:") || one == "localhost" || one == "::1"
    };
    let is_beyond = |text: &str| match text.contains("{{") {
        // A template: only those that ask for it mean the own machine.
        true => !text.contains("loopback") && !text.contains("127.0.0.1"),
        false => !text.split_whitespace().all(is_local),
    };
    is_on && address.is_some_and(is_beyond)
}

/// Whether an agent takes calls of its API in the clear, from beyond its machine. The chart has servers listen to all of the
/// cluster, and turns HTTP off with TLS unless told otherwise.
fn takes_plain_http(agent: &Agent<'_>, chart: &Chart) -> bool {
    let of_chart = agent.is_of_chart() && agent.at(&["ports", "http"]).is_none();
    let is_open = of_chart && !(chart.has_tls && chart.is_https_only);
    is_open || !of_chart && listens(agent, "http", true)
}

/// Whether some caller of the API from beyond the machine is asked for no certificate.
fn takes_unproven_http(agent: &Agent<'_>, chart: &Chart) -> bool {
    let is_secured = agent.is_of_chart() && chart.has_tls || listens(agent, "https", false);
    takes_plain_http(agent, chart) || is_secured && agent.truth(API_INCOMING) != Some(true)
}

/// Where it is said whether callers need rights.
const ACL: &[&[&str]] = &[
    &["acl", "default_policy"],
    &["acl_default_policy"],
    &["acl", "enabled"],
];

/// Whether an agent asks callers for rights at all, and who says so; `None`: nothing does. The older spelling named the
/// datacenter that decides.
pub(super) fn has_rights<'m>(agent: &Agent<'m>) -> Option<(bool, &'m Object)> {
    if let Some((value, object)) = agent.first(&[&["acl", "enabled"], &["acl_enabled"]]) {
        return Some((value.truth() == Some(true), object));
    }
    if let Some((_, object)) = agent.at(&["acl_datacenter"]) {
        return Some((true, object));
    }
    let (value, object) = agent.value(&["global", "acls", "manageSystemACLs"])?;
    Some((value.truth() == Some(true), object))
}

/// Whether an agent refuses what no policy allows, and who says so.
pub(super) fn denies<'m>(agent: &Agent<'m>) -> (bool, Option<&'m Object>) {
    let Some((true, enabling)) = has_rights(agent) else {
        return (false, has_rights(agent).map(|(_, object)| object));
    };
    match agent.first(&[&["acl", "default_policy"], &["acl_default_policy"]]) {
        Some((value, object)) => (value.text() == Some("deny"), Some(object)),
        // The chart says so itself.
        None => (agent.is_of_chart(), Some(enabling)),
    }
}

/// A token that an agent uses where a caller shows none
/// (<https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/acl>, read 2026-11-22).
const LENT: &[&[&str]] = &[&["acl", "tokens", "default"], &["acl_token"]];

/// The older spelling had a token by default that stands for nobody.
fn is_blank(token: &Node) -> bool {
    matches!(token.text(), None | Some("" | "anonymous"))
}

const TRAITS: &[Trait] = &[
    Trait {
        topic: Topic::Authentication,
        about: "rights",
        words: "let everyone do what no policy forbids",
        fields: ACL,
        holds: |agent, _| denies(agent).0,
        of_chart: &["global", "acls"],
        is_of_clients: false,
        is_plaintext: false,
        unproven: Some("with or without a token"),
    },
    Trait {
        topic: Topic::Authentication,
        about: "rights while nobody can be asked for them",
        words: "let everyone do everything while the datacenter that knows policies is out of reach",
        fields: &[&["acl", "down_policy"], &["acl_down_policy"]],
        holds: |agent, _| {
            let told = agent.first(&[&["acl", "down_policy"], &["acl_down_policy"]]);
            told.and_then(|(value, _)| value.text()) != Some("allow")
        },
        of_chart: &["global", "acls"],
        is_of_clients: false,
        is_plaintext: false,
        unproven: Some("with or without a token"),
    },
    Trait {
        topic: Topic::Authentication,
        about: "rights of callers without a token",
        words: "lend callers that show no token a token of their own",
        fields: LENT,
        holds: |agent, _| agent.first(LENT).is_none_or(|(value, _)| is_blank(value)),
        of_chart: &["global", "acls"],
        is_of_clients: true,
        is_plaintext: false,
        unproven: Some("so that whoever gets there has its rights"),
    },
    Trait {
        topic: Topic::Encryption,
        about: "HTTP API",
        words: "take calls of their API without TLS",
        fields: &[&["ports", "http"], &["addresses", "http"], &["client_addr"]],
        holds: |agent, chart| !takes_plain_http(agent, chart),
        of_chart: TLS,
        is_of_clients: true,
        is_plaintext: true,
        unproven: None,
    },
    Trait {
        topic: Topic::Authentication,
        about: "callers of the API",
        words: "ask callers of their API for no certificate",
        fields: API_INCOMING,
        holds: |agent, chart| !takes_unproven_http(agent, chart),
        of_chart: TLS,
        is_of_clients: true,
        is_plaintext: false,
        unproven: None,
    },
    Trait {
        topic: Topic::Encryption,
        about: "gRPC",
        words: "take gRPC of proxies without TLS",
        fields: &[&["ports", "grpc"], &["addresses", "grpc"], &["client_addr"]],
        holds: |agent, chart| {
            let of_chart = agent.is_of_chart() && agent.at(&["ports", "grpc"]).is_none();
            of_chart && chart.has_tls || !of_chart && !listens(agent, "grpc", false)
        },
        of_chart: TLS,
        is_of_clients: true,
        is_plaintext: true,
        unproven: None,
    },
    Trait {
        topic: Topic::Encryption,
        about: "incoming RPC",
        words: "take RPC without TLS",
        fields: INCOMING,
        holds: |agent, chart| {
            let of_chart = agent.is_of_chart() && chart.has_tls && chart.verifies;
            agent.truth(INCOMING).unwrap_or(of_chart)
        },
        of_chart: TLS,
        is_of_clients: true,
        is_plaintext: true,
        unproven: Some("and asks no certificate of who calls"),
    },
    Trait {
        topic: Topic::Authentication,
        about: "callers of RPC",
        words: "ask callers of RPC for no certificate",
        fields: INCOMING,
        holds: |agent, chart| {
            let of_chart = agent.is_of_chart() && chart.has_tls && chart.verifies;
            agent.truth(INCOMING).unwrap_or(of_chart)
        },
        of_chart: TLS,
        is_of_clients: true,
        is_plaintext: false,
        unproven: None,
    },
    Trait {
        topic: Topic::Encryption,
        about: "outgoing RPC",
        words: "call each other without TLS",
        fields: OUTGOING,
        holds: sends_tls,
        of_chart: TLS,
        is_of_clients: true,
        is_plaintext: true,
        unproven: None,
    },
    Trait {
        topic: Topic::Authentication,
        about: "servers that answer",
        words: "do not look whether it is a server that answers",
        fields: HOST_NAME,
        holds: |agent, chart| {
            let of_chart = agent.is_of_chart() && chart.has_tls && chart.verifies;
            agent.truth(HOST_NAME).unwrap_or(of_chart)
        },
        of_chart: TLS,
        is_of_clients: true,
        is_plaintext: false,
        unproven: Some("so that any holder of a certificate passes for a server"),
    },
    Trait {
        topic: Topic::Encryption,
        about: "gossip",
        words: "gossip in the clear",
        fields: &[&["encrypt"]],
        holds: |agent, chart| {
            let has_key =
                agent.text(&["encrypt"]).is_some() || agent.is_of_chart() && chart.has_gossip_key;
            let accepts_all = ["encrypt_verify_incoming", "encrypt_verify_outgoing"]
                .iter()
                .any(|key| agent.truth(&[&[key]]) == Some(false));
            has_key && !accepts_all
        },
        of_chart: &["global", "gossipEncryption"],
        is_of_clients: true,
        is_plaintext: true,
        unproven: Some("and lets anyone join who reaches it"),
    },
];

pub(super) fn declare(
    datacenter: &Datacenter<'_, '_>,
    all: &[Datacenter<'_, '_>],
    declarations: &mut Declarations<'_>,
) {
    traits(datacenter, declarations);
    federation(datacenter, all, declarations);
    policies_without_effect(datacenter, declarations);
    servers_elsewhere(datacenter, declarations);
    doors(datacenter, declarations);
}

fn own(datacenter: &Datacenter<'_, '_>) -> Boundary {
    Boundary::Cluster(datacenter.name().clone())
}

fn chart(agent: &Agent<'_>) -> Chart {
    let truth = |path: &[&str]| agent.value_truth(path);
    let has_text = |path: &[&str]| {
        let value = agent.value(path).and_then(|(value, _)| value.text());
        value.is_some_and(|text| !text.is_empty())
    };
    Chart {
        has_tls: truth(&["global", "tls", "enabled"]) == Some(true),
        verifies: truth(&["global", "tls", "verify"]) != Some(false),
        is_https_only: truth(&["global", "tls", "httpsOnly"]) != Some(false),
        has_gossip_key: truth(&["global", "gossipEncryption", "autoGenerate"]) == Some(true)
            || has_text(&["global", "gossipEncryption", "secretName"]),
    }
}

/// What the agents of a datacenter do, each thing as the weakest of them does it.
fn traits(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    let mut found = Vec::new();
    for one in TRAITS {
        let roles = [("servers", true), ("clients", false)];
        let roles = roles
            .into_iter()
            .filter(|(_, is_server)| *is_server || one.is_of_clients);
        for (role, is_server) in roles {
            let agents: Vec<&Agent<'_>> = datacenter
                .agents
                .iter()
                .filter(|agent| agent.is_server() == is_server)
                // The chart makes servers, or nothing that is told here.
                .filter(|agent| is_server || !agent.is_of_chart())
                .collect();
            // An agent of nothing but other matters, beside one that tells, says nothing of this.
            if agents.is_empty() {
                continue;
            }
            let lacking: Vec<&&Agent<'_>> = agents
                .iter()
                .filter(|agent| !(one.holds)(agent, &chart(agent)))
                .collect();
            // Only what is missing is a fact: that all is as it should be says nothing new.
            if lacking.is_empty() {
                continue;
            }
            let deciding = lacking.iter().flat_map(|agent| agent.objects());
            let mut origins = declarations.origins_of(deciding);
            if lacking.iter().any(|agent| agent.is_of_chart()) {
                let values = lacking
                    .iter()
                    .flat_map(|agent| agent.values.iter().copied());
                origins.extend(declarations.origins_of(values));
            }
            let statement = Statement {
                // What one setting of the chart decides is one thing to a person.
                matter: format!("{} of {role}", one.of_chart.join(".")),
                ..fact(
                    one.topic,
                    format!("{} of {role}", one.about),
                    "no",
                    format!("has {role} of Consul that {}", one.words),
                    origins,
                )
            };
            declarations.state(&[own(datacenter)], statement);
            found.extend(lacking.into_iter().filter_map(|agent| site(agent, one)));
        }
    }
    for (is_plaintext, site) in merged(found) {
        if is_plaintext {
            declarations.sites.push(site);
        } else {
            declarations.open_doors.push(site);
        }
    }
}

/// What one setting leaves in the clear, said once. Why a caller proves nothing is another reason each time, so doors stay apart.
fn merged(found: Vec<(bool, Site)>) -> Vec<(bool, Site)> {
    let mut all: Vec<(bool, Site)> = Vec::new();
    let mut places = BTreeMap::new();
    for (is_plaintext, site) in found {
        let next = all.len();
        let index = if is_plaintext {
            let place = (site.source.clone(), site.lines);
            *places.entry(place).or_insert(next)
        } else {
            next
        };
        match all.get_mut(index) {
            Some((_, one)) => {
                one.words = format!("{}, {}", one.words, site.words);
                one.unproven = one.unproven.take().or(site.unproven);
            }
            None => all.push((is_plaintext, site)),
        }
    }
    for (_, site) in &mut all {
        site.words = format!("has agents that {}", site.words);
    }
    all
}

/// The setting by which an agent lacks something, and whether traffic goes in the clear by it. Its words are still to be put into
/// a sentence.
fn site(agent: &Agent<'_>, one: &Trait) -> Option<(bool, Site)> {
    if !one.is_plaintext && one.unproven.is_none() {
        return None;
    }
    let told = agent.first(one.fields);
    let told = told.map(|(value, object)| ([value.line, value.end_line], object));
    let of_chart = || {
        let told = agent.value(one.of_chart);
        let (value, object) = told.or_else(|| agent.value(&["global"]))?;
        Some(([value.line, value.end_line], object))
    };
    let first = || {
        let object = agent.objects().next()?;
        Some(([object.root.line, object.root.line], object))
    };
    let (lines, object) = match (told, agent.is_of_chart()) {
        (Some(told), _) => told,
        (None, true) => of_chart()?,
        (None, false) => first()?,
    };
    let address = object.identity.address();
    // Two agents may bear one address; the file tells them apart, and not when all is moved. A release has a name of its own.
    let name = object.source.path.rsplit('/').next().unwrap_or_default();
    let name = name.split('.').next().unwrap_or(name);
    let name = if agent.is_of_chart() { "" } else { name };
    let site = Site {
        subject: format!("{address} {} {name}", one.about),
        words: one.words.to_owned(),
        source: object.source.clone(),
        lines,
        far_side: FarSide::NotTold,
        unproven: one.unproven.map(Unproven::at_listener),
    };
    Some((one.is_plaintext, site))
}

/// What joins a datacenter with others through its servers.
fn federation(
    datacenter: &Datacenter<'_, '_>,
    all: &[Datacenter<'_, '_>],
    declarations: &mut Declarations<'_>,
) {
    let mut primaries: BTreeMap<String, &Object> = BTreeMap::new();
    let mut joined: BTreeMap<String, &Object> = BTreeMap::new();
    let mut through_gateways = None;
    for agent in datacenter.agents.iter().filter(|agent| agent.is_server()) {
        if let Some((value, object)) = agent.at(&["primary_datacenter"]) {
            primaries.extend(value.text().map(|name| (name.to_owned(), object)));
        }
        for key in ["retry_join_wan", "start_join_wan", "primary_gateways"] {
            if let Some((value, object)) = agent.at(&[key]) {
                let listed = value.texts().into_iter().map(str::to_owned);
                let in_parts = value.items().iter().filter(|one| one.is_map());
                let addressed =
                    in_parts.filter_map(|one| one.text_at(&["address"]).map(str::to_owned));
                joined.extend(listed.chain(addressed).map(|address| (address, object)));
            }
        }
        if let Some((value, object)) = agent.at(&["connect", "enable_mesh_gateway_wan_federation"])
            && value.truth() == Some(true)
        {
            through_gateways = Some(object);
        }
    }
    let is_federated = datacenter
        .value(&["global", "federation", "enabled"])
        .filter(|(value, _)| value.truth() == Some(true));
    if let Some((_, object)) = is_federated {
        through_gateways = Some(object);
        for key in ["primaryDatacenter", "primaryDatacenterName"] {
            let told = datacenter.value(&["global", "federation", key]);
            let named = told.filter(|(value, _)| value.truth().is_none());
            if let Some((value, object)) = named {
                primaries.extend(value.text().map(|name| (name.to_owned(), object)));
            }
        }
        if let Some((value, object)) =
            datacenter.value(&["global", "federation", "primaryGateways"])
        {
            joined.extend(
                value
                    .texts()
                    .into_iter()
                    .map(|one| (one.to_owned(), object)),
            );
        }
    }
    let mut linked = BTreeSet::new();
    for (primary, object) in &primaries {
        let is_own = datacenter.called() == Some(primary.as_str());
        if is_own || primary.contains("${") || !linked.insert(primary) {
            continue;
        }
        let other = called(all, primary);
        let name: ClusterName = other.map_or_else(
            || Some(Arc::from(primary.as_str())),
            |one| one.name().clone(),
        );
        declarations.mesh_link(datacenter.name(), &name, "WAN federation", object);
        if other.is_none() {
            declarations.notice(
                "mesh-peer-not-seen",
                object,
                format!(
                    "its datacenter has {primary} for its primary, whose configuration of Consul is not among the files: only \
                     this half of the federation is seen"
                ),
            );
        }
    }
    for (address, object) in joined {
        let words =
            format!("has servers of Consul that join those of other datacenters at {address}");
        let origins = declarations.origins_of([object]);
        let statement = fact(
            Topic::Mesh,
            format!("joins {address}"),
            "joined",
            words,
            origins,
        );
        declarations.state_as(&[own(datacenter)], statement, everywhere());
    }
    if let Some(object) = through_gateways {
        let is_alone = primaries.is_empty();
        let words = "is federated with other datacenters through mesh gateways".to_owned();
        let origins = declarations.origins_of([object]);
        let about = "federation of servers".to_owned();
        let statement = fact(Topic::Mesh, about, "through mesh gateways", words, origins);
        declarations.state_as(&[own(datacenter)], statement, everywhere());
        let creates = datacenter
            .value(&["global", "federation", "createFederationSecret"])
            .and_then(|(value, _)| value.truth());
        if is_alone && creates != Some(true) {
            declarations.notice(
                "mesh-peer-not-seen",
                object,
                "it is federated, and with which primary datacenter no file tells: that comes from a secret, as a rule",
            );
        }
    }
    renamed(datacenter, declarations);
}

/// Policies by default that nothing asks: without rights turned on, everyone may do everything.
fn policies_without_effect(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for agent in datacenter.agents.iter().filter(|agent| agent.is_server()) {
        let told = agent.first(&[&["acl", "default_policy"], &["acl_default_policy"]]);
        let Some((value, object)) = told.filter(|(value, _)| value.text() == Some("deny")) else {
            continue;
        };
        if !has_rights(agent).is_some_and(|(is_on, _)| is_on) {
            let line = value.line;
            declarations.notice(
                "policy-without-effect",
                object,
                format!(
                    "line {line} denies what no policy allows, and `acl.enabled` is not true: everyone may do everything"
                ),
            );
        }
    }
}

/// Servers that a chart does not make and its cluster depends on.
fn servers_elsewhere(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    let is_on = datacenter.value(&["externalServers", "enabled"]);
    if is_on.and_then(|(value, _)| value.truth()) != Some(true) {
        return;
    }
    let Some((hosts, object)) = datacenter.value(&["externalServers", "hosts"]) else {
        return;
    };
    let encrypts = datacenter
        .value(&["global", "tls", "enabled"])
        .is_some_and(|(value, _)| value.truth() == Some(true));
    let how = if encrypts { "with TLS" } else { "without TLS" };
    let hosts: BTreeSet<&str> = hosts.texts().into_iter().collect();
    let listed = hosts.iter().copied().collect::<Vec<_>>().join(", ");
    for (topic, about, value) in [
        (Topic::Mesh, "servers elsewhere", listed.as_str()),
        (Topic::Encryption, "calls to servers elsewhere", how),
    ] {
        let words = match topic {
            Topic::Mesh => format!("depends on servers of Consul at {listed}"),
            _ => format!("calls its servers of Consul {how}"),
        };
        let origins = declarations.origins_of(datacenter.values.iter().copied());
        let statement = Statement {
            openness: i32::from(!encrypts && topic == Topic::Encryption),
            ..fact(topic, about.to_owned(), value, words, origins)
        };
        declarations.state(&[own(datacenter)], statement);
    }
    if !encrypts {
        let address = object.identity.address();
        declarations.sites.push(Site {
            subject: format!("{address} externalServers"),
            words: format!("calls servers of Consul at {listed} without TLS"),
            source: object.source.clone(),
            lines: datacenter
                .value(&["externalServers"])
                .map_or([1, 1], |(value, _)| [value.line, value.end_line]),
            far_side: FarSide::at(hosts),
            unproven: None,
        });
    }
}

/// The name under which a cluster of Kubernetes is a datacenter, where it is another.
fn renamed(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    let told = datacenter
        .called()
        .filter(|name| datacenter.name().as_deref() != Some(name));
    let Some(called) = told else { return };
    let objects = datacenter.values.iter().copied();
    let agents = datacenter.agents.iter().flat_map(|agent| agent.objects());
    let origins = declarations.origins_of(objects.chain(agents));
    let words = format!("is the datacenter {called} of Consul");
    let statement = Statement {
        openness: 0,
        ..fact(Topic::Mesh, "datacenter".to_owned(), called, words, origins)
    };
    declarations.state(&[own(datacenter)], statement);
}

/// Services that the chart makes and that something outside the cluster can reach: where its values tell of them, of what type they
/// are, and whether they are there unless told otherwise.
const DOORS: &[(&str, &[&str], &str, bool)] = &[
    ("mesh gateways", &["meshGateway"], "LoadBalancer", false),
    ("user interface", &["ui"], "ClusterIP", true),
    (
        "ingress gateways",
        &["ingressGateways", "defaults"],
        "ClusterIP",
        false,
    ),
];

fn doors(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for (name, path, default, is_there) in DOORS {
        let enabled = datacenter.value(&[path[0], "enabled"]);
        let is_enabled = enabled.and_then(|(value, _)| value.truth());
        let Some((_, object)) = datacenter
            .value(&path[..1])
            .filter(|_| is_enabled.unwrap_or(*is_there))
        else {
            continue;
        };
        let of_service = |key: &str| datacenter.value(&[*path, &["service", key]].concat());
        let kind = of_service("type").and_then(|(value, _)| value.text());
        let annotations = annotations(of_service("annotations").map(|(value, _)| value));
        let (value, openness, from) = match kubernetes::opening_of(
            kind.unwrap_or(default),
            &texts_of(annotations.as_ref()),
        ) {
            Some(Opening::Public) => ("internet", 6, "the internet, by a public load balancer"),
            Some(Opening::Internal) => (
                "network",
                4,
                "the network around the cluster, by an internal load balancer",
            ),
            Some(Opening::NodePort) => (
                "nodes",
                4,
                "the network around the cluster, on a port of every node",
            ),
            None => continue,
        };
        let words = format!("has {name} of Consul reached from {from}");
        let origins = declarations.origins_of([object]);
        let statement = Statement {
            openness,
            ..fact(
                Topic::Exposure,
                format!("{name} of Consul"),
                value,
                words,
                origins,
            )
        };
        declarations.state(&[own(datacenter)], statement);
    }
}

/// Annotations in values: a mapping, or YAML in a text.
fn annotations(node: Option<&Node>) -> Option<Node> {
    let node = node?;
    if node.is_map() {
        return Some(node.clone());
    }
    node.embedded().0.into_iter().find(Node::is_map)
}
