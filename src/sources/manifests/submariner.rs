//! Submariner: clusters that a broker introduces to each other, and the cables between their gateways.
//!
//! Cables are IPsec (`libreswan`, the default) or WireGuard; `vxlan` encrypts nothing
//! (<https://submariner.io/getting-started/architecture/gateway-engine/>, read 2026-11-22).

use std::collections::BTreeSet;

use crate::graph::fragment::Topic;
use crate::graph::protection::{Evidence, InTransit, Protection};

use super::charts;
use super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::estate::Estate;
use super::object::{ClusterName, Object};
use super::systems::{Document, Meaning, System};
use super::yaml::{Field, Node};

/// Submariner.
pub(super) const SYSTEM: System = System {
    name: "Submariner",
    groups: &[
        ".submariner.io",
        "submarineraddon.open-cluster-management.io",
    ],
    kinds: &[
        ("SubmarinerValues", Meaning::Modelled),
        ("Submariner", Meaning::Modelled),
        ("SubmarinerConfig", Meaning::Modelled),
        ("Broker", Meaning::Irrelevant),
        ("ServiceDiscovery", Meaning::Irrelevant),
        ("Cluster", Meaning::Irrelevant),
        ("Endpoint", Meaning::Irrelevant),
        ("Gateway", Meaning::Irrelevant),
        ("RouteAgent", Meaning::Irrelevant),
        ("GatewayRoute", Meaning::Irrelevant),
        ("NonGatewayRoute", Meaning::Irrelevant),
        ("ClusterGlobalEgressIP", Meaning::Irrelevant),
        (
            "GlobalEgressIP",
            Meaning::NotYet("with which addresses pods call other clusters"),
        ),
        (
            "GlobalIngressIP",
            Meaning::NotYet("under which addresses services are reached from other clusters"),
        ),
    ],
    document_words: &["cableDriver"],
    document,
    languages: &[],
    cluster,
    is_cluster_wide: |object| Joined::of(object).is_some(),
    declare,
};

/// What its values files are sorted under.
const VALUES: &str = "SubmarinerValues";

fn document(root: &Node) -> Option<Document> {
    let told = root.get("submariner")?;
    let is_it = told.get("cableDriver").is_some() || told.get("clusterId").is_some();
    is_it.then(|| Document {
        kind: VALUES.to_owned(),
        group: "values.submariner.io",
        cluster: named(told.text_at(&["clusterId"])).map(str::to_owned),
        ..Document::default()
    })
}

fn named(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.is_empty() && !name.contains(['$', '{', '<']))
}

fn cluster<'n>(group: &str, kind: &str, root: &'n Node) -> Option<&'n str> {
    let is_it = kind == "Submariner" && group == "submariner.io";
    named(root.text_at(&["spec", "clusterID"])).filter(|_| is_it)
}

/// What one object says of a cluster's part in it.
struct Joined<'m> {
    object: &'m Object,
    cable: Option<Field>,
    driver: String,
    broker: Option<String>,
    global: Option<String>,
    nat: bool,
    /// The setting by which the broker's certificate is not looked at.
    unverified: Option<usize>,
}

impl<'m> Joined<'m> {
    fn of(object: &'m Object) -> Option<Self> {
        // Each: the tree, and the paths of what counts.
        let handed;
        let (root, [cable, server, namespace, global, nat, insecure]): (&Node, [&[&str]; 6]) =
            if object.is("submariner.io", "Submariner") {
                (
                    &object.root,
                    [
                        &["spec", "cableDriver"],
                        &["spec", "brokerK8sApiServer"],
                        &["spec", "brokerK8sRemoteNamespace"],
                        &["spec", "globalCIDR"],
                        &["spec", "natEnabled"],
                        &["spec", "brokerK8sInsecure"],
                    ],
                )
            } else if object.identity.kind == "SubmarinerConfig" {
                (
                    &object.root,
                    [
                        &["spec", "cableDriver"],
                        &["-"],
                        &["-"],
                        &["spec", "globalCIDR"],
                        &["spec", "NATTEnable"],
                        &["-"],
                    ],
                )
            } else if object.identity.kind == VALUES && object.root.get("submariner").is_some() {
                (
                    &object.root,
                    [
                        &["submariner", "cableDriver"],
                        &["broker", "server"],
                        &["broker", "namespace"],
                        &["submariner", "globalCidr"],
                        &["submariner", "natEnabled"],
                        &["broker", "insecure"],
                    ],
                )
            } else {
                handed = charts::handed(object, "submariner-operator", VALUES)?.values;
                (
                    &handed,
                    [
                        &["submariner", "cableDriver"],
                        &["broker", "server"],
                        &["broker", "namespace"],
                        &["submariner", "globalCidr"],
                        &["submariner", "natEnabled"],
                        &["broker", "insecure"],
                    ],
                )
            };
        let text = |path: &[&str]| root.text_at(path).filter(|text| !text.is_empty());
        let unverified = root
            .field_at(insecure)
            .filter(|field| field.value.truth() == Some(true));
        Some(Self {
            object,
            cable: root.field_at(cable).cloned(),
            driver: text(cable).unwrap_or("libreswan").to_owned(),
            broker: text(server).map(|server| {
                let namespace = text(namespace).unwrap_or("submariner-k8s-broker");
                format!("{namespace} of {server}")
            }),
            global: text(global).map(str::to_owned),
            nat: root.at(nat).and_then(Node::truth) == Some(true),
            unverified: unverified.map(|field| field.line),
        })
    }

    fn encrypts(&self) -> bool {
        matches!(
            self.driver.as_str(),
            "libreswan" | "wireguard" | "amneziawg"
        )
    }

    fn in_transit(&self) -> InTransit {
        let protection = match self.driver.as_str() {
            "vxlan" => Protection::None,
            _ if self.encrypts() => Protection::Tunnel,
            _ => return InTransit::unknown(),
        };
        InTransit {
            protection,
            evidence: Some(Evidence {
                fact: "submariner-cable-driver".to_owned(),
                claim: "cables of libreswan and WireGuard are encrypted, those of VXLAN are not"
                    .to_owned(),
                source: "https://submariner.io/getting-started/architecture/gateway-engine/"
                    .to_owned(),
                read: "2026-11-22".to_owned(),
            }),
        }
    }
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    let all: Vec<(&ClusterName, Joined<'_>)> = estate
        .clusters
        .iter()
        .flat_map(|(name, cluster)| {
            let objects = cluster.objects.iter();
            objects.filter_map(move |object| Some((name, Joined::of(object)?)))
        })
        .collect();
    for (index, (name, joined)) in all.iter().enumerate() {
        let partners: Vec<&(&ClusterName, Joined<'_>)> = all
            .iter()
            .filter(|(other, two)| other != name && two.broker == joined.broker)
            .collect();
        // Each pair once: a cable has no direction.
        let behind: Vec<&(&ClusterName, Joined<'_>)> = all[index + 1..]
            .iter()
            .filter(|(other, two)| other != name && two.broker == joined.broker)
            .collect();
        let mut done = BTreeSet::new();
        for (other, two) in behind {
            if done.insert(*other) {
                let weaker = joined.in_transit().min(two.in_transit());
                let (from, to) = (*name, *other);
                declarations.protected_link(from, to, "cable", joined.object, Some(weaker));
            }
        }
        member(name, joined, partners.is_empty(), declarations);
    }
}

fn member(
    name: &ClusterName,
    joined: &Joined<'_>,
    is_alone: bool,
    declarations: &mut Declarations<'_>,
) {
    let object = joined.object;
    let boundary = Boundary::Cluster(name.clone());
    let everywhere = || Extent {
        of_networks: true,
        ..Extent::default()
    };
    let origins = declarations.origins_of([object]);
    let mut state = |topic, about: &str, value: String, openness, words: String| {
        let statement = Statement {
            topic,
            about: about.to_owned(),
            matter: about.to_owned(),
            value,
            openness,
            words,
            origins: origins.clone(),
        };
        declarations.state_as(std::slice::from_ref(&boundary), statement, everywhere());
    };
    let broker = joined.broker.as_deref().unwrap_or("of its hub");
    state(
        Topic::Mesh,
        "broker of Submariner",
        broker.to_owned(),
        1,
        format!("is joined to the clusters of broker {broker}"),
    );
    if let Some(global) = &joined.global {
        state(
            Topic::Mesh,
            "global addresses of Submariner",
            global.clone(),
            0,
            format!("has the global addresses {global} for other clusters"),
        );
    }
    if joined.nat {
        state(
            Topic::Mesh,
            "cables over public addresses",
            "on".to_owned(),
            1,
            "reaches other clusters by the public addresses of their gateways".to_owned(),
        );
    }
    if is_alone && joined.encrypts() {
        state(
            Topic::Encryption,
            "cables of Submariner",
            "encrypted".to_owned(),
            -1,
            "has traffic to other clusters encrypted by Submariner".to_owned(),
        );
    }
    if is_alone {
        declarations.notice(
            "mesh-peer-not-seen",
            object,
            "it joins the clusters of its broker, and none of those is among the files: only this half of each cable is seen",
        );
    }
    let shown = name.as_deref().map(|name| format!("{name}/"));
    let shown = shown.unwrap_or_default();
    let site = |setting: &str, words: &str, lines, unproven: Option<&'static str>| Site {
        subject: format!("{shown}Submariner {setting}"),
        words: words.to_owned(),
        source: object.source.clone(),
        lines,
        far_side: FarSide::NotTold,
        unproven: unproven.map(Unproven::called),
    };
    if let (false, Some(cable)) = (joined.encrypts(), &joined.cable) {
        let words = "sends traffic to other clusters in the clear";
        let lines = [cable.line, cable.value.end_line];
        declarations
            .sites
            .push(site("cableDriver", words, lines, None));
    }
    if let Some(line) = joined.unverified {
        let words = "takes whoever answers for its broker";
        let why = "without a look at the certificate";
        let door = site("broker.insecure", words, [line, line], Some(why));
        declarations.open_doors.push(door);
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;
    use crate::graph::protection::Protection;

    use super::super::testing::{reading, statements};

    fn cluster(id: &str, driver: &str) -> String {
        format!(
            "apiVersion: submariner.io/v1alpha1\nkind: Submariner\nmetadata: {{name: submariner, namespace: submariner-operator}}\n\
             spec:\n  clusterID: {id}\n  brokerK8sApiServer: broker.example:6443\n  {driver}\n---\n"
        )
    }

    #[track_caller]
    fn check(first: &str, second: &str, expected: Protection) {
        let read = reading(&format!(
            "{}{}",
            cluster("east", first),
            cluster("west", second)
        ));
        let links = &read.after.links;
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].protection[0].in_transit.protection, expected);
    }

    #[test]
    fn a_cable_is_encrypted_unless_a_driver_that_does_not_is_chosen() {
        check(
            "natEnabled: false",
            "cableDriver: libreswan",
            Protection::Tunnel,
        );
        check(
            "cableDriver: wireguard",
            "cableDriver: libreswan",
            Protection::Tunnel,
        );
        check(
            "cableDriver: vxlan",
            "cableDriver: libreswan",
            Protection::None,
        );
        check(
            "cableDriver: new",
            "cableDriver: libreswan",
            Protection::Unknown,
        );
    }

    #[test]
    fn the_driver_spelled_out_is_the_default_and_vxlan_is_a_site() {
        let said = |driver: &str| {
            let read = reading(&cluster("east", driver));
            (statements(&read, Topic::Encryption), read.sites_after.len())
        };
        assert_eq!(said("natEnabled: false"), said("cableDriver: libreswan"));
        assert_eq!(
            said("cableDriver: wireguard"),
            said("cableDriver: libreswan")
        );
        assert_eq!(said("cableDriver: vxlan"), (Vec::new(), 1));
    }

    #[test]
    fn values_of_the_chart_say_the_same_as_the_object() {
        let values = "submariner: {clusterId: east, cableDriver: vxlan}\nbroker: {server: \"broker.example:6443\"}\n";
        let read = reading(values);
        assert_eq!(read.sites_after.len(), 1);
        let object = reading(&cluster("east", "cableDriver: vxlan"));
        assert_eq!(
            statements(&read, Topic::Mesh),
            statements(&object, Topic::Mesh)
        );
    }

    #[test]
    fn a_broker_that_is_not_verified_lets_in_anybody_who_answers() {
        assert_eq!(
            reading(&cluster("east", "brokerK8sInsecure: true"))
                .open_doors_after
                .len(),
            1
        );
        assert!(
            reading(&cluster("east", "brokerK8sInsecure: false"))
                .open_doors_after
                .is_empty()
        );
    }
}
