//! Calico: encryption between nodes, packet filters, address pools and the neighbours that routes are exchanged with.
//!
//! WireGuard is off unless `FelixConfiguration` turns it on; the object called `default` is for all nodes, `node.NAME` for one
//! (<https://docs.tigera.io/calico/latest/reference/resources/felixconfig>, read 2026-11-22). Policies are tried in order of
//! tier, `order` and place in the text; what a policy applies to is closed at the end of its tier.

mod selector;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::graph::fragment::Topic;

use super::charts;
use super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement};
use super::estate::{Cluster, Estate, Workload};
use super::object::{Object, selector_words, texts_of};
use super::packet_filters::{self, Policy, Rules, Target};
use super::systems::{Document, Meaning, System};
use super::yaml::Node;

use selector::Selector;

/// Calico.
pub(super) const SYSTEM: System = System {
    name: "Calico",
    groups: &[".projectcalico.org", "operator.tigera.io"],
    kinds: &[
        ("CalicoValues", Meaning::Modelled),
        ("FelixConfiguration", Meaning::Modelled),
        ("GlobalNetworkPolicy", Meaning::Modelled),
        ("NetworkPolicy", Meaning::Modelled),
        ("Tier", Meaning::Modelled),
        ("GlobalNetworkSet", Meaning::Modelled),
        ("NetworkSet", Meaning::Modelled),
        ("HostEndpoint", Meaning::Modelled),
        ("IPPool", Meaning::Modelled),
        ("BGPPeer", Meaning::Modelled),
        ("BGPConfiguration", Meaning::Modelled),
        ("RemoteClusterConfiguration", Meaning::Modelled),
        ("Installation", Meaning::Modelled),
        ("StagedNetworkPolicy", Meaning::Irrelevant),
        ("StagedGlobalNetworkPolicy", Meaning::Irrelevant),
        ("StagedKubernetesNetworkPolicy", Meaning::Irrelevant),
        ("ClusterInformation", Meaning::Irrelevant),
        ("KubeControllersConfiguration", Meaning::Irrelevant),
        ("CalicoNodeStatus", Meaning::Irrelevant),
        ("IPAMConfig", Meaning::Irrelevant),
        ("IPAMConfiguration", Meaning::Irrelevant),
        ("IPAMBlock", Meaning::Irrelevant),
        ("IPAMHandle", Meaning::Irrelevant),
        ("IPReservation", Meaning::Irrelevant),
        ("BlockAffinity", Meaning::Irrelevant),
        ("APIServer", Meaning::Irrelevant),
        ("Goldmane", Meaning::Irrelevant),
        ("Whisker", Meaning::Irrelevant),
        ("ImageSet", Meaning::Irrelevant),
        ("TigeraStatus", Meaning::Irrelevant),
        (
            "Profile",
            Meaning::NotYet("what packet filters let through where no policy applies"),
        ),
        (
            "BGPFilter",
            Meaning::NotYet("which routes are exchanged with BGP peers"),
        ),
        (
            "GatewayAPI",
            Meaning::NotYet("the installation of a gateway"),
        ),
    ],
    document_words: &["defaultFelixConfiguration", "tigeraOperator"],
    document,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |object| object.is("operator.tigera.io", "Installation"),
    declare,
};

const GROUP: &str = ".projectcalico.org";

/// The label that stands for a pod's namespace.
const NAMESPACE: &str = "projectcalico.org/namespace";

/// What its values files are sorted under.
const VALUES: &str = "CalicoValues";

fn document(root: &Node) -> Option<Document> {
    let is_it = |node: &Node| {
        node.get("defaultFelixConfiguration").is_some() || node.get("tigeraOperator").is_some()
    };
    let inner = root.get("tigera-operator").is_some_and(is_it);
    (inner || is_it(root)).then_some(Document {
        kind: VALUES.to_owned(),
        group: "values.projectcalico.org",
        ..Document::default()
    })
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values() {
        encryption(cluster, declarations);
        filters(cluster, declarations);
        host_endpoints(cluster, declarations);
        pools(cluster, declarations);
        routes(cluster, declarations);
        for object in cluster.of_kind(GROUP, "RemoteClusterConfiguration") {
            let remote = Some(Arc::from(object.identity.name.as_str()));
            declarations.mesh_link(&cluster.name, &remote, "federation", object);
        }
    }
}

/// What one object says of WireGuard.
struct Felix<'m> {
    object: &'m Object,
    /// The node it is for; `None`: all.
    node: Option<&'m str>,
    spec: Node,
}

impl Felix<'_> {
    fn switch(&self, key: &str) -> Option<bool> {
        self.spec.get(key)?.truth()
    }

    fn lines(&self, key: &str) -> [usize; 2] {
        let field = self.spec.field(key);
        field.map_or([self.object.root.line; 2], |field| {
            [field.line, field.value.end_line]
        })
    }
}

fn felixes<'m>(cluster: &Cluster<'m>) -> Vec<Felix<'m>> {
    let mut all = Vec::new();
    for &object in &cluster.objects {
        if object.is(GROUP, "FelixConfiguration") {
            let node = object.identity.name.strip_prefix("node.");
            if let Some(spec) = object.root.get("spec") {
                all.push(Felix {
                    object,
                    node,
                    spec: spec.clone(),
                });
            }
        } else if let Some(handed) = charts::handed(object, "tigera-operator", VALUES) {
            // The chart makes the object only when it is told to, and passes on what stands beside the switch.
            let told = handed.values.get("defaultFelixConfiguration");
            let is_made = told
                .and_then(|told| told.get("enabled"))
                .and_then(Node::truth);
            if let (Some(true), Some(spec)) = (is_made, told) {
                all.push(Felix {
                    object,
                    node: None,
                    spec: spec.clone(),
                });
            }
        }
    }
    all
}

/// The switches, what each covers, and what it leaves in the clear.
const SWITCHES: &[(&str, &str)] = &[
    (
        "wireguardEnabled",
        "traffic between pods of different nodes",
    ),
    (
        "wireguardEnabledV6",
        "IPv6 traffic between pods of different nodes",
    ),
    (
        "wireguardHostEncryptionEnabled",
        "traffic of nodes themselves, and of pods on their network,",
    ),
];

fn encryption(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let all = felixes(cluster);
    let shown = cluster.name.as_deref().map(|name| format!("{name}/"));
    let shown = shown.unwrap_or_default();
    let is_there = cluster.objects.iter().any(|object| {
        object.is("operator.tigera.io", "Installation") || object.identity.kind == VALUES
    });
    for (key, what) in SWITCHES {
        let general: Vec<&Felix<'_>> = all.iter().filter(|one| one.node.is_none()).collect();
        // Of several that say so, the one that turns it off.
        let is_on = general.iter().any(|one| one.switch(key) == Some(true))
            && general.iter().all(|one| one.switch(key) != Some(false));
        let about = format!("{key} by Calico");
        if is_on {
            declarations.state(
                &Boundary::all_of(cluster),
                Statement {
                    topic: Topic::Encryption,
                    about: about.clone(),
                    matter: about.clone(),
                    value: "on".to_owned(),
                    openness: -1,
                    words: format!("has {what} encrypted by Calico"),
                    origins: declarations.origins_of(general.iter().map(|one| one.object)),
                },
            );
        }
        let telling = general.iter().find(|one| one.switch(key).is_some());
        let first = telling.or(general.first());
        let needs_word = *key == "wireguardEnabled" && (first.is_some() || is_there);
        if !is_on && (needs_word || telling.is_some()) && *key != "wireguardEnabledV6" {
            let found = first.map(|one| (one.object, one.lines(key)));
            let installation = || {
                let mut objects = cluster.objects.iter();
                let object = objects.find(|object| {
                    object.is("operator.tigera.io", "Installation")
                        || object.identity.kind == VALUES
                })?;
                Some((*object, [object.root.line; 2]))
            };
            if let Some((object, lines)) = found.or_else(installation) {
                declarations.sites.push(Site {
                    // One for a cluster, whichever file says so, and whether or not it says so.
                    subject: format!("{shown}Calico {key}"),
                    words: format!("leaves {} in the clear", what.trim_end_matches(',')),
                    source: object.source.clone(),
                    lines,
                    far_side: FarSide::NotTold,
                    unproven: None,
                });
            }
        }
        let what = what.trim_end_matches(',');
        let mut differing = BTreeSet::new();
        let mut origins = BTreeSet::new();
        for one in &all {
            let (Some(node), Some(own)) = (one.node, one.switch(key)) else {
                continue;
            };
            if own == is_on {
                continue;
            }
            differing.insert(node);
            origins.insert(declarations.origin(one.object));
            if !own {
                declarations.sites.push(Site {
                    subject: format!("{shown}Calico {key} of node {node}"),
                    words: format!("leaves {what} of node {node} in the clear"),
                    source: one.object.source.clone(),
                    lines: one.lines(key),
                    far_side: FarSide::NotTold,
                    unproven: None,
                });
            }
        }
        if differing.is_empty() {
            continue;
        }
        let nodes: Vec<&str> = differing.iter().copied().collect();
        let nodes = nodes.join(", ");
        let count = i32::try_from(differing.len()).unwrap_or(i32::MAX);
        let (openness, how) = if is_on {
            (count, "in the clear, although that of others is encrypted")
        } else {
            (-count, "encrypted by Calico")
        };
        declarations.state(
            &Boundary::all_of(cluster),
            Statement {
                topic: Topic::Encryption,
                about: format!("{about} on single nodes"),
                matter: format!("{about} on single nodes"),
                value: format!("{} on {nodes}", !is_on),
                openness,
                words: format!("has {what} of node {nodes} {how}"),
                origins,
            },
        );
    }
}

/// Numbers of policies and tiers compare by value; without one a policy comes last.
fn order(node: Option<&Node>) -> i64 {
    let number = node.and_then(|node| node.text()?.parse::<f64>().ok());
    // Three digits behind the point tell orders apart.
    number.map_or(i64::MAX / 4, |number| {
        (number.clamp(-1e12, 1e12) * 1000.0) as i64
    })
}

fn filters(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    // The order of every tier, and whether it refuses what none of its policies lets through.
    let tiers: BTreeMap<&str, (i64, bool)> = cluster
        .of_kind(GROUP, "Tier")
        .map(|tier| {
            let order = order(tier.root.at(&["spec", "order"]));
            let closes = tier.root.text_at(&["spec", "defaultAction"]) != Some("Pass");
            (tier.identity.name.as_str(), (order, closes))
        })
        .collect();
    let mut policies = Vec::new();
    for kind in ["GlobalNetworkPolicy", "NetworkPolicy"] {
        for object in cluster.of_kind(GROUP, kind) {
            let Some(spec) = object.root.get("spec") else {
                continue;
            };
            let tier = spec.text_at(&["tier"]).unwrap_or("default");
            // The tier of that name is of order 1,000,000 unless an object says otherwise.
            let own = if tier == "default" {
                1_000_000_000
            } else {
                i64::MAX / 4
            };
            let (tier_order, closes) = tiers.get(tier).copied().unwrap_or((own, true));
            let place = format!(
                "{tier} {:020} {}",
                order(spec.get("order")).saturating_add(1 << 61),
                object.identity.name
            );
            policies.push(policy(cluster, object, spec, (tier_order, place), closes));
        }
    }
    packet_filters::declare("Calico", cluster, &policies, true, declarations);
    let asked = what_policies_say(cluster);
    for kind in ["GlobalNetworkSet", "NetworkSet"] {
        for object in cluster.of_kind(GROUP, kind) {
            let mut nets = object
                .root
                .at(&["spec", "nets"])
                .map(Node::texts)
                .unwrap_or_default();
            nets.sort_unstable();
            let of = if kind == "NetworkSet" {
                Boundary::around(&object.identity)
            } else {
                Boundary::Cluster(cluster.name.clone())
            };
            let labels = labels_asked_for(object, &asked);
            let name = &object.identity.name;
            declarations.state(
                &[of],
                Statement {
                    topic: Topic::Filter,
                    about: format!("network set {name}"),
                    matter: format!("network set {name}"),
                    value: format!("{labels} {}", nets.join(" ")),
                    openness: 0,
                    words: format!(
                        "has addresses known to policies as {name}: {}",
                        nets.join(", ")
                    ),
                    origins: declarations.origins_of([object]),
                },
            );
        }
    }
}

fn policy<'m, 't>(
    cluster: &Cluster<'_>,
    object: &'m Object,
    spec: &Node,
    rank: (i64, String),
    closes: bool,
) -> Policy<'m, 't> {
    let types = spec.get("types").map(Node::texts);
    let has = |key: &str| spec.get(key).is_some_and(|rules| !rules.is_empty());
    let is_meant = |direction: &str| match &types {
        Some(types) => types.contains(&direction),
        // Without a word on it: in, unless there are rules for the way out only.
        None if direction == "Ingress" => has("ingress") || !has("egress"),
        None => has("egress"),
    };
    let applies_on_forward = spec.get("applyOnForward").and_then(Node::truth) == Some(true);
    let direction = |direction: &str| {
        is_meant(direction).then(|| {
            let rules = spec.get(&direction.to_lowercase()).map(Node::items);
            let rules = rules.unwrap_or_default().iter().map(|rule| {
                let action = match rule.text_at(&["action"]) {
                    Some("Allow") => "allow",
                    Some("Pass") => "pass",
                    Some("Log") => "log",
                    _ => "deny",
                };
                let mut fields: Vec<String> = rule
                    .fields()
                    .iter()
                    .filter(|field| field.key != "action" && field.key != "metadata")
                    .filter(|field| !field.value.is_null())
                    .map(|field| format!("{} {}", field.key, field.value.canonical_unordered()))
                    .collect();
                fields.sort_unstable();
                if fields.is_empty() {
                    fields.push("anything".to_owned());
                }
                if applies_on_forward {
                    fields.push("forwarded too".to_owned());
                }
                (action, fields.join(" "))
            });
            Rules {
                rules: rules.filter(|(action, _)| *action != "log").collect(),
                closes,
            }
        })
    };
    Policy {
        object,
        target: target(cluster, object, spec),
        directions: [direction("Ingress"), direction("Egress")],
        rank,
    }
}

fn target<'t>(cluster: &Cluster<'_>, object: &Object, spec: &Node) -> Target<'t> {
    let is_global = object.identity.kind == "GlobalNetworkPolicy";
    let text = |key: &str| spec.text_at(&[key]).unwrap_or_default();
    let written: Vec<String> = ["selector", "namespaceSelector", "serviceAccountSelector"]
        .iter()
        .filter(|key| !matches!(text(key).trim(), "" | "all()"))
        .map(|key| format!("{key} {}", text(key)))
        .collect();
    let mut selector = Selector::parse(text("selector"));
    let of_namespace = selector
        .as_mut()
        .and_then(|selector| selector.take(NAMESPACE));
    let mut namespaces = Selector::parse(text("namespaceSelector"));
    let by_name = namespaces.as_mut().and_then(|selector| {
        selector
            .take("kubernetes.io/metadata.name")
            .or_else(|| selector.take("projectcalico.org/name"))
    });
    let is_decided = namespaces.as_ref().is_some_and(Selector::is_all)
        && text("serviceAccountSelector").is_empty()
        && selector.is_some();
    let named = if is_global {
        of_namespace.or(by_name)
    } else {
        object.identity.namespace.clone()
    };
    let is_everywhere = is_global && named.is_none();
    let around = if is_everywhere {
        Boundary::Cluster(cluster.name.clone())
    } else {
        Boundary::Namespace(cluster.name.clone(), named.clone())
    };
    if is_decided && selector.as_ref().is_some_and(Selector::is_all) {
        match &named {
            Some(name) => return Target::Namespaces(BTreeSet::from([name.clone()])),
            None if is_global => return Target::Cluster,
            None => {}
        }
    }
    Target::Pods {
        around,
        words: if written.is_empty() {
            "any labels".to_owned()
        } else {
            written.join(", ")
        },
        selects: Box::new(move |workload: &Workload<'_>| {
            let is_near = is_everywhere || workload.identity().namespace == named;
            let chosen = selector.as_ref();
            is_decided && is_near && chosen.is_some_and(|one| one.selects(&workload.labels))
        }),
    }
}

/// All that policies say, to see which labels they ask for.
fn what_policies_say(cluster: &Cluster<'_>) -> String {
    let mut all = String::new();
    for kind in ["GlobalNetworkPolicy", "NetworkPolicy"] {
        for object in cluster.of_kind(GROUP, kind) {
            all.extend(object.root.get("spec").map(Node::canonical));
        }
    }
    all
}

/// The labels of an object that policies ask for: no other changes what they select.
fn labels_asked_for(object: &Object, asked: &str) -> String {
    let mut labels = texts_of(object.root.at(&["metadata", "labels"]));
    labels.retain(|key, _| asked.contains(key.as_str()));
    selector_words(&labels)
}

/// Interfaces of nodes that policies protect: one that is there is closed to what none lets in.
fn host_endpoints(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let asked = what_policies_say(cluster);
    for object in cluster.of_kind(GROUP, "HostEndpoint") {
        let spec = object.root.get("spec");
        let text = |key: &str| spec.and_then(|spec| spec.text_at(&[key])).unwrap_or("any");
        let labels = labels_asked_for(object, &asked);
        let (node, interface) = (text("node"), text("interfaceName"));
        declarations.state(
            &[Boundary::Cluster(cluster.name.clone())],
            Statement {
                topic: Topic::Filter,
                about: format!("host endpoint {node} {interface}"),
                matter: format!("host endpoint {node} {interface}"),
                value: labels,
                openness: -1,
                words: format!("has policies on interface {interface} of node {node}"),
                origins: declarations.origins_of([object]),
            },
        );
    }
}

/// Addresses of pods.
fn pools(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let boundary = Boundary::Cluster(cluster.name.clone());
    let pools = cluster
        .of_kind(GROUP, "IPPool")
        .filter_map(|object| Some((object, object.root.get("spec")?)));
    let installed = cluster
        .of_kind("operator.tigera.io", "Installation")
        .flat_map(|object| {
            let listed = object.root.at(&["spec", "calicoNetwork", "ipPools"]);
            let listed = listed.map(Node::items).unwrap_or_default();
            listed.iter().map(move |pool| (object, pool))
        });
    for (object, pool) in pools.chain(installed) {
        let Some(range) = pool.text_at(&["cidr"]) else {
            continue;
        };
        if pool.get("disabled").and_then(Node::truth) == Some(true) {
            continue;
        }
        let told = pool.get("natOutgoing");
        let is_translated = match told.and_then(Node::text) {
            Some("Enabled") => true,
            // The operator's default differs from that of the object.
            None => object.identity.kind == "Installation",
            Some(_) => told.and_then(Node::truth) == Some(true),
        };
        let (value, how) = if is_translated {
            (
                "translated",
                "behind those of nodes where they leave the cluster",
            )
        } else {
            ("as they are", "and leaves the cluster with them")
        };
        declarations.state(
            std::slice::from_ref(&boundary),
            Statement {
                topic: Topic::Filter,
                about: format!("pool {range} by Calico"),
                matter: format!("pool {range} by Calico"),
                value: value.to_owned(),
                openness: if is_translated { 0 } else { 1 },
                words: format!("gives pods addresses of {range}, {how}"),
                origins: declarations.origins_of([object]),
            },
        );
    }
}

/// Neighbours that routes are exchanged with, and what they are told of.
fn routes(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    let state = |object: &Object,
                 about: String,
                 value: String,
                 words: String,
                 declarations: &mut Declarations<'_>| {
        declarations.state_as(
            &[Boundary::Cluster(cluster.name.clone())],
            Statement {
                topic: Topic::Mesh,
                matter: about.clone(),
                about,
                value,
                openness: 1,
                words,
                origins: declarations.origins_of([object]),
            },
            Extent {
                of_networks: true,
                ..Extent::default()
            },
        );
    };
    for object in cluster.of_kind(GROUP, "BGPPeer") {
        let text = |key: &str| object.root.text_at(&["spec", key]);
        // Peers by selector are nodes of the same cluster.
        let Some(place) = text("peerIP") else {
            continue;
        };
        let number = text("asNumber").unwrap_or("the number of the cluster");
        let from = text("node").map(|node| format!("node {node}"));
        let from = from.or_else(|| text("nodeSelector").map(|one| format!("nodes with {one}")));
        let from = from.unwrap_or_else(|| "all nodes".to_owned());
        state(
            object,
            format!("routes with {place} of {from}"),
            format!("AS {number}"),
            format!("exchanges routes with {place} (AS {number}) from {from}"),
            declarations,
        );
    }
    for object in cluster.of_kind(GROUP, "BGPConfiguration") {
        for (key, what) in [
            ("serviceClusterIPs", "addresses of Services inside"),
            ("serviceExternalIPs", "external addresses of Services"),
            ("serviceLoadBalancerIPs", "addresses of load balancers"),
        ] {
            let listed = object.root.at(&["spec", key]).map(Node::items);
            for range in listed.unwrap_or_default() {
                let Some(range) = range.text_at(&["cidr"]) else {
                    continue;
                };
                state(
                    object,
                    format!("routes to {range}"),
                    "announced".to_owned(),
                    format!("tells its BGP neighbours the way to {range}, {what}"),
                    declarations,
                );
            }
        }
    }
}
