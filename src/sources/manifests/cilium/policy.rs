//! Cilium's policies: packet filters, the handshake that callers are asked for, and what leaves through chosen nodes.
//!
//! A rule without peers is for anyone if it names ports, and lets nothing in if it names none either. A pod is closed in the
//! directions of which a policy that selects it has rules, unless `enableDefaultDeny` says otherwise
//! (<https://docs.cilium.io/en/stable/security/policy/intro/>, read 2026-11-22). The handshake (`authentication`) shows who
//! calls and encrypts nothing
//! (<https://docs.cilium.io/en/stable/network/servicemesh/mutual-authentication/mutual-authentication/>, read 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::super::estate::Workload;
use super::super::object::{Object, selector_words, selects, texts_of};
use super::super::packet_filters::{self, Policy, Rules, Target};
use super::super::yaml::Node;
use super::install::Cilium;

/// The label that stands for a pod's namespace.
const NAMESPACE: &str = "io.kubernetes.pod.namespace";

pub(super) fn declare(cilium: &Cilium<'_, '_>, declarations: &mut Declarations<'_>) {
    let groups = cidr_groups(cilium);
    let mut objects = Vec::new();
    for kind in ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"] {
        for object in cilium.cluster.of_kind("cilium.io", kind) {
            objects.extend(specs(object).map(|spec| (object, spec)));
        }
    }
    handshakes(cilium, &objects, declarations);
    let policies: Vec<Policy<'_, '_>> = objects
        .iter()
        .map(|(object, spec)| policy(cilium, object, spec, &groups))
        .collect();
    // Where policies are not enforced they filter nothing.
    if cilium.enforcement().0 != "never" {
        packet_filters::declare("Cilium", cilium.cluster, &policies, false, declarations);
    }
    egress_gateways(cilium, declarations);
}

fn specs(object: &Object) -> impl Iterator<Item = &Node> {
    let several = object.root.get("specs").map(Node::items);
    object
        .root
        .get("spec")
        .into_iter()
        .chain(several.unwrap_or_default())
}

/// Address ranges that policies know by a name.
fn cidr_groups(cilium: &Cilium<'_, '_>) -> BTreeMap<String, String> {
    let groups = cilium.cluster.of_kind("cilium.io", "CiliumCIDRGroup");
    groups
        .map(|group| {
            let listed = group.root.at(&["spec", "externalCIDRs"]);
            let mut ranges = listed.map(Node::texts).unwrap_or_default();
            ranges.sort_unstable();
            (group.identity.name.clone(), ranges.join(" "))
        })
        .collect()
}

/// Labels without the word for where they come from.
fn labels(node: Option<&Node>) -> BTreeMap<String, String> {
    let plain = |key: String| {
        let bare = key
            .strip_prefix("k8s:")
            .or_else(|| key.strip_prefix("any:"));
        bare.map(str::to_owned).unwrap_or(key)
    };
    let labels = texts_of(node).into_iter();
    labels.map(|(key, value)| (plain(key), value)).collect()
}

fn target<'t>(cilium: &Cilium<'_, '_>, object: &Object, spec: &Node) -> Target<'t> {
    let namespace = object.identity.namespace.clone();
    let is_clusterwide = object.identity.kind == "CiliumClusterwideNetworkPolicy";
    let cluster = Boundary::Cluster(cilium.name().clone());
    if let Some(selector) = spec.get("nodeSelector") {
        let words = selector_words(&labels(selector.get("matchLabels")));
        return Target::Pods {
            around: cluster,
            words: format!("the network of nodes, of those with {words}"),
            selects: Box::new(|_| false),
        };
    }
    let selector = spec.get("endpointSelector");
    let mut wanted = labels(selector.and_then(|selector| selector.get("matchLabels")));
    let has_expressions = selector
        .and_then(|selector| selector.get("matchExpressions"))
        .is_some_and(|list| !list.is_empty());
    let of_namespace = wanted.remove(NAMESPACE);
    let namespace = if is_clusterwide {
        of_namespace.map(Some)
    } else {
        Some(namespace)
    };
    if wanted.is_empty() && !has_expressions {
        match &namespace {
            None => return Target::Cluster,
            Some(Some(name)) => return Target::Namespaces(BTreeSet::from([name.clone()])),
            Some(None) => {}
        }
    }
    let around = match &namespace {
        None => cluster,
        Some(name) => Boundary::Namespace(cilium.name().clone(), name.clone()),
    };
    Target::Pods {
        around,
        words: selector_words(&wanted),
        selects: Box::new(move |workload: &Workload<'_>| {
            let is_near = namespace
                .as_ref()
                .is_none_or(|name| *name == workload.identity().namespace);
            is_near && selects(&wanted, &workload.labels)
        }),
    }
}

fn policy<'m, 't>(
    cilium: &Cilium<'_, '_>,
    object: &'m Object,
    spec: &Node,
    groups: &BTreeMap<String, String>,
) -> Policy<'m, 't> {
    let direction = |allowing: &str, denying: &str| {
        let items = |key: &str| spec.get(key).map(Node::items).unwrap_or_default();
        let (allowed, denied) = (items(allowing), items(denying));
        if allowed.is_empty() && denied.is_empty() {
            return None;
        }
        let closes = spec
            .at(&["enableDefaultDeny", allowing])
            .and_then(Node::truth)
            != Some(false);
        let mut rules = Vec::new();
        for (action, list) in [("allow", allowed), ("deny", denied)] {
            for rule in list {
                rules.extend(atoms(rule, groups).into_iter().map(|atom| (action, atom)));
            }
        }
        Some(Rules { rules, closes })
    };
    Policy {
        object,
        target: target(cilium, object, spec),
        directions: [
            direction("ingress", "ingressDeny"),
            direction("egress", "egressDeny"),
        ],
        rank: (0, String::new()),
    }
}

/// A rule as pairs of peer and port, so that rules split or joined compare equal.
fn atoms(rule: &Node, groups: &BTreeMap<String, String>) -> Vec<String> {
    let mut peers = Vec::new();
    let mut ports = Vec::new();
    for field in rule.fields() {
        match field.key.as_str() {
            "toPorts" => ports.extend(field.value.items().iter().flat_map(ports_of)),
            "icmps" => ports.extend(
                field
                    .value
                    .items()
                    .iter()
                    .map(|one| format!("ICMP {}", one.canonical())),
            ),
            "authentication" => {}
            key => {
                for peer in field.value.items() {
                    let group = peer
                        .text_at(&["cidrGroupRef"])
                        .and_then(|name| groups.get(name));
                    let means = group
                        .map(|ranges| format!(" ({ranges})"))
                        .unwrap_or_default();
                    let side = key.trim_start_matches("from").trim_start_matches("to");
                    peers.push(format!(
                        "{} {}{means}",
                        side.to_lowercase(),
                        peer.canonical_unordered()
                    ));
                }
            }
        }
    }
    if peers.is_empty() && ports.is_empty() {
        return Vec::new();
    }
    if peers.is_empty() {
        peers.push("anyone".to_owned());
    }
    if ports.is_empty() {
        ports.push("any port".to_owned());
    }
    packet_filters::pairs(peers, ports)
}

/// The ports of one entry of `toPorts`, each with what is asked of the calls there.
fn ports_of(entry: &Node) -> Vec<String> {
    let asked = entry
        .get("rules")
        .map(|rules| format!(" if {}", rules.canonical_unordered()))
        .unwrap_or_default();
    let listed = entry.get("ports").map(Node::items).unwrap_or_default();
    let port = |one: &Node| {
        let protocol = one.text_at(&["protocol"]).unwrap_or("ANY");
        let end = one.text_at(&["endPort"]).map(|end| format!("-{end}"));
        let number = one.text_at(&["port"]).unwrap_or("any");
        format!("{protocol} {number}{}{asked}", end.unwrap_or_default())
    };
    if listed.is_empty() {
        return vec![format!("any port{asked}")];
    }
    listed.iter().map(port).collect()
}

/// Rules that ask callers for a handshake, and rules that say they need none: one fact for each set of boundaries.
fn handshakes(
    cilium: &Cilium<'_, '_>,
    objects: &[(&Object, &Node)],
    declarations: &mut Declarations<'_>,
) {
    for (direction, word) in [("ingress", "callers"), ("egress", "those it calls")] {
        let mut asking: BTreeMap<Vec<Boundary>, (BTreeSet<String>, BTreeSet<OriginId>)> =
            BTreeMap::new();
        for (object, spec) in objects {
            let rules = spec.get(direction).map(Node::items).unwrap_or_default();
            for rule in rules {
                let Some(field) = rule.field_at(&["authentication", "mode"]) else {
                    continue;
                };
                let whom = atoms(rule, &BTreeMap::new()).join(", ");
                match field.value.text() {
                    Some("required") if cilium.enforcement().0 != "never" => {
                        let of = about(cilium, object, spec);
                        let (all, origins) = asking.entry(of).or_default();
                        all.insert(whom);
                        origins.insert(declarations.origin(object));
                        if cilium.is_meshed() {
                            declarations.notice(
                                "handshake-in-mesh",
                                object,
                                "it asks for mutual authentication, which Cilium does not support for callers of other clusters",
                            );
                        }
                    }
                    Some("disabled") => declarations.open_doors.push(Site {
                        subject: format!(
                            "{} {direction} {whom} authentication.mode",
                            object.identity.address()
                        ),
                        words: format!("asks {word} for no handshake"),
                        source: object.source.clone(),
                        lines: [field.line, field.line],
                        far_side: FarSide::NotTold,
                        unproven: Some(Unproven::in_mesh(
                            "so that nothing of Cilium shows who they are",
                        )),
                    }),
                    _ => {}
                }
            }
        }
        for (of, (whom, origins)) in asking {
            let whom: Vec<String> = whom.into_iter().collect();
            let whom = whom.join(", ");
            // Where all of a cluster is meant, what is in it is meant too.
            let of = match of.as_slice() {
                [Boundary::Cluster(_)] => Boundary::all_of(cilium.cluster),
                _ => of,
            };
            declarations.state(
                &of,
                Statement {
                    topic: Topic::Authentication,
                    about: format!("{word} by Cilium: {whom}"),
                    matter: format!("{word} by Cilium"),
                    value: "handshake".to_owned(),
                    openness: -1,
                    words: format!(
                        "asks {word} for a handshake that shows who they are, and that encrypts nothing ({whom})"
                    ),
                    origins,
                },
            );
        }
    }
}

/// The boundaries that a policy is about.
fn about(cilium: &Cilium<'_, '_>, object: &Object, spec: &Node) -> Vec<Boundary> {
    let name = cilium.name();
    match target(cilium, object, spec) {
        Target::Cluster => vec![Boundary::Cluster(name.clone())],
        Target::Namespaces(names) => names
            .into_iter()
            .map(|one| Boundary::Namespace(name.clone(), Some(one)))
            .collect(),
        Target::Pods {
            around, selects, ..
        } => {
            let chosen = cilium.cluster.workloads.iter().filter(|one| selects(one));
            let all: BTreeSet<Boundary> = chosen
                .flat_map(|one| [Boundary::of(one), Boundary::around(one.identity())])
                .chain([around])
                .collect();
            all.into_iter().collect()
        }
    }
}

/// Traffic that leaves through chosen nodes, and so with their address.
fn egress_gateways(cilium: &Cilium<'_, '_>, declarations: &mut Declarations<'_>) {
    let policies = cilium
        .cluster
        .of_kind("cilium.io", "CiliumEgressGatewayPolicy");
    for object in policies {
        let Some(spec) = object.root.get("spec") else {
            continue;
        };
        let list = |key: &str| -> String {
            let mut texts = spec.get(key).map(Node::texts).unwrap_or_default();
            texts.sort_unstable();
            texts.join(", ")
        };
        let whose = spec
            .get("selectors")
            .map(Node::canonical)
            .unwrap_or_default();
        let through = spec
            .get("egressGateway")
            .or_else(|| spec.get("egressGateways"))
            .map(Node::canonical);
        let to = list("destinationCIDRs");
        let except = match list("excludedCIDRs") {
            none if none.is_empty() => none,
            some => format!(" without {some}"),
        };
        let name = &object.identity.name;
        declarations.state_as(
            &[Boundary::Cluster(cilium.name().clone())],
            Statement {
                topic: Topic::Filter,
                about: format!("egress by {name}"),
                matter: format!("egress by {name}"),
                value: format!("{whose} to {to}{except} through {}", through.unwrap_or_default()),
                openness: 0,
                words: format!("sends what chosen pods send to {to}{except} out through a gateway node, by {name}"),
                origins: declarations.origins_of([object]),
            },
            Extent::default(),
        );
    }
}
