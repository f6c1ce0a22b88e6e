//! What agents ask of each other, and what joins datacenters through them.
//!
//! Without `verify_incoming` an agent takes calls without TLS, and from anyone; without `verify_outgoing` it makes none with TLS;
//! certificates alone change nothing (<https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file/tls>, read
//! 2026-11-22). The top-level spellings before `tls {}` mean the same. The chart turns all of it on with `global.tls.enabled`
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

const TRAITS: &[Trait] = &[
    Trait {
        topic: Topic::Encryption,
        about: "incoming RPC",
        words: "take RPC without TLS",
        fields: INCOMING,
        holds: |agent, chart| {
            let of_chart = agent.is_of_chart() && chart.has_tls && chart.verifies;
            agent.truth(INCOMING).unwrap_or(of_chart)
        },
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
        is_plaintext: false,
        unproven: None,
    },
    Trait {
        topic: Topic::Encryption,
        about: "outgoing RPC",
        words: "call each other without TLS",
        fields: OUTGOING,
        holds: sends_tls,
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
    certificates(datacenter, declarations);
    open_policies(datacenter, declarations);
    doors(datacenter, declarations);
}

fn own(datacenter: &Datacenter<'_, '_>) -> Boundary {
    Boundary::Cluster(datacenter.name().clone())
}

fn chart(agent: &Agent<'_>) -> Chart {
    let truth = |path: &[&str]| agent.value(path).and_then(|(value, _)| value.truth());
    let has_text = |path: &[&str]| {
        let value = agent.value(path).and_then(|(value, _)| value.text());
        value.is_some_and(|text| !text.is_empty())
    };
    Chart {
        has_tls: truth(&["global", "tls", "enabled"]) == Some(true),
        verifies: truth(&["global", "tls", "verify"]) != Some(false),
        has_gossip_key: truth(&["global", "gossipEncryption", "autoGenerate"]) == Some(true)
            || has_text(&["global", "gossipEncryption", "secretName"]),
    }
}

/// What the agents of a datacenter do, each thing as the weakest of them does it.
fn traits(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for one in TRAITS {
        for (role, is_server) in [("servers", true), ("clients", false)] {
            let agents: Vec<&Agent<'_>> = datacenter
                .agents
                .iter()
                .filter(|agent| agent.is_server() == is_server)
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
            let statement = fact(
                one.topic,
                format!("{} of {role}", one.about),
                "no",
                format!("has {role} of Consul that {}", one.words),
                origins,
            );
            declarations.state(&[own(datacenter)], statement);
            for agent in lacking {
                site(agent, one, declarations);
            }
        }
    }
}

fn site(agent: &Agent<'_>, one: &Trait, declarations: &mut Declarations<'_>) {
    if !one.is_plaintext && one.unproven.is_none() {
        return;
    }
    let told = agent
        .first(one.fields)
        .map(|(value, object)| (value.line, value.end_line, object));
    let of_chart = || {
        let path: &[&str] = if one.about == "gossip" {
            &["global", "gossipEncryption"]
        } else {
            &["global", "tls"]
        };
        let (value, object) = agent.value(path).or_else(|| agent.value(&["global"]))?;
        Some((value.line, value.end_line, object))
    };
    let first = || {
        agent
            .objects()
            .next()
            .map(|object| (object.root.line, object.root.line, object))
    };
    let place = match (told, agent.is_of_chart()) {
        (Some(told), _) => Some(told),
        (None, true) => of_chart(),
        (None, false) => first(),
    };
    let Some((line, end_line, object)) = place else {
        return;
    };
    let address = object.identity.address();
    // Two agents may bear one address; the file tells them apart, and not when all is moved.
    let name = object.source.path.rsplit('/').next().unwrap_or_default();
    let name = name.split('.').next().unwrap_or(name);
    let site = Site {
        subject: format!("{address} {} {name}", one.about),
        words: format!("has agents that {}", one.words),
        source: object.source.clone(),
        lines: [line, end_line],
        far_side: FarSide::NotTold,
        unproven: one.unproven.map(Unproven::at_listener),
    };
    if one.is_plaintext {
        declarations.sites.push(site);
    } else {
        declarations.open_doors.push(site);
    }
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

/// Who signs the certificates of services.
fn certificates(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    let told = datacenter.agents.iter().find_map(|agent| {
        let (value, object) = agent.at(&["connect", "ca_provider"])?;
        let provider = value.text()?.to_owned();
        let mut parts = vec![provider];
        for key in [
            "address",
            "root_pki_path",
            "intermediate_pki_path",
            "cluster_id",
        ] {
            let found = agent.at(&["connect", "ca_config", key]);
            parts.extend(found.and_then(|(value, _)| value.text()).map(str::to_owned));
        }
        Some((parts.join(" "), object))
    });
    let of_chart = || {
        let vault = ["global", "secretsBackend", "vault"];
        let connect = datacenter.value(&[&vault[..], &["connectCA"]].concat())?;
        let address = connect
            .0
            .text_at(&["address"])
            .filter(|text| !text.is_empty())?;
        let root = connect.0.text_at(&["rootPKIPath"]).unwrap_or_default();
        Some((
            format!("vault {address} {root}").trim().to_owned(),
            connect.1,
        ))
    };
    let Some((provider, object)) = told.or_else(of_chart).filter(|(one, _)| one != "consul") else {
        return;
    };
    let words = format!("has the certificates of its services signed by {provider}");
    let origins = declarations.origins_of([object]);
    let statement = Statement {
        openness: 0,
        ..fact(
            Topic::Mesh,
            "signer of certificates".to_owned(),
            &provider,
            words,
            origins,
        )
    };
    declarations.state(&[own(datacenter)], statement);
}

/// Servers that say in so many words that whoever has no rights may do everything.
fn open_policies(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for agent in &datacenter.agents {
        let told = agent.first(&[&["acl", "default_policy"], &["acl_default_policy"]]);
        let Some((value, object)) = told.filter(|(value, _)| value.text() == Some("allow")) else {
            continue;
        };
        declarations.open_doors.push(Site {
            subject: format!("{} acl.default_policy", object.identity.address()),
            words: "lets everyone do what no policy forbids".to_owned(),
            source: object.source.clone(),
            lines: [value.line, value.end_line],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::at_listener("with or without a token")),
        });
    }
}

/// Services that the chart makes and that something outside the cluster can reach.
const DOORS: &[(&str, &[&str], &str)] = &[
    ("mesh gateways", &["meshGateway"], "LoadBalancer"),
    ("user interface", &["ui"], "ClusterIP"),
    (
        "ingress gateways",
        &["ingressGateways", "defaults"],
        "ClusterIP",
    ),
];

fn doors(datacenter: &Datacenter<'_, '_>, declarations: &mut Declarations<'_>) {
    for (name, path, default) in DOORS {
        let enabled = [&path[..1], &["enabled"]].concat();
        let is_enabled = datacenter
            .value(&enabled)
            .and_then(|(value, _)| value.truth());
        let Some((_, object)) = datacenter
            .value(&enabled)
            .filter(|_| is_enabled == Some(true))
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
