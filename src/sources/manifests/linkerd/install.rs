//! What an installation of Linkerd sets for all of its cluster, and whom its mesh trusts.
//!
//! Values of the chart of the control plane, in files, in what installs them, and in the ConfigMap that the chart makes of them
//! (<https://github.com/linkerd/linkerd2/tree/main/charts/linkerd-control-plane>, read 2026-11-22).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::super::charts;
use super::super::declare::{Boundary, Declarations, Statement};
use super::super::estate::Cluster;
use super::super::object::Object;
use super::super::proxies;
use super::super::roots;
use super::super::systems::Document;
use super::super::yaml::Node;
use super::Inbound;

/// What values for the chart are sorted under.
pub(super) const VALUES: &str = "LinkerdValues";

const CHART: &str = "linkerd-control-plane";

/// The trust domain of a mesh that is told none.
const DEFAULT_TRUST_DOMAIN: &str = "cluster.local";

/// Values that take traffic of all workloads past the proxy, with what the chart sets and what that does.
const SKIPPING: &[(&str, &str, &str)] = &[
    (
        "ignoreInboundPorts",
        "4567,4568",
        "takes traffic past the proxies of all workloads on ports",
    ),
    (
        "ignoreOutboundPorts",
        "4567,4568",
        "sends traffic past the proxies of all workloads to ports",
    ),
    (
        "skipSubnets",
        "",
        "takes and sends traffic past the proxies of all workloads with",
    ),
];

/// Whether a document is a values file for the chart, nested under its name or not.
pub(super) fn document(root: &Node) -> Option<Document> {
    let is_it = |values: &Node| {
        ["identityTrustAnchorsPEM", "identityTrustDomain"]
            .iter()
            .any(|key| values.get(key).is_some())
            || values.at(&["proxy", "defaultInboundPolicy"]).is_some()
    };
    let nested = root.get(CHART).filter(|inner| inner.is_map());
    (is_it(root) || nested.is_some_and(is_it)).then(|| Document {
        group: "values.linkerd.io",
        kind: VALUES.to_owned(),
        ..Document::default()
    })
}

/// The values that an object tells.
pub(in super::super) fn values(object: &Object) -> Option<Node> {
    if object.is("", "ConfigMap") && object.identity.name == "linkerd-config" {
        let values = object.root.at(&["data", "values"])?;
        return values.embedded().0.into_iter().next();
    }
    charts::handed(object, CHART, VALUES).map(|handed| handed.values)
}

/// What holds of all workloads of a cluster that say nothing else.
pub(super) struct Defaults<'m> {
    told: Vec<(&'m Object, Node)>,
    /// What is taken, with who says so.
    pub(super) inbound: (Inbound, BTreeSet<OriginId>),
}

impl<'m> Defaults<'m> {
    /// Of several installations for one cluster, the most open counts.
    pub(super) fn of(cluster: &Cluster<'m>, declarations: &Declarations<'_>) -> Self {
        let objects = cluster.objects.iter().copied();
        let told: Vec<(&Object, Node)> = objects
            .filter_map(|object| Some((object, values(object)?)))
            .collect();
        let policies = told.iter().filter_map(|(object, values)| {
            let policy = values.text_at(&["proxy", "defaultInboundPolicy"])?;
            Some((Inbound::of_policy(policy), declarations.origin(object)))
        });
        let mut inbound: Option<(Inbound, BTreeSet<OriginId>)> = None;
        for (policy, origin) in policies {
            let (most, origins) = inbound.get_or_insert_with(|| (policy, BTreeSet::new()));
            *most = policy.max(*most);
            origins.insert(origin);
        }
        Self {
            told,
            inbound: inbound.unwrap_or((Inbound::Anyone, BTreeSet::new())),
        }
    }

    /// The texts at a path, with who says so.
    fn texts(&self, path: &[&str]) -> BTreeMap<String, Vec<&'m Object>> {
        let mut texts: BTreeMap<String, Vec<&Object>> = BTreeMap::new();
        for (object, values) in &self.told {
            if let Some(text) = values.text_at(path).filter(|text| !text.is_empty()) {
                texts.entry(text.to_owned()).or_default().push(object);
            }
        }
        texts
    }
}

pub(super) fn declare(
    cluster: &Cluster<'_>,
    defaults: &Defaults<'_>,
    declarations: &mut Declarations<'_>,
) {
    let boundary = Boundary::Cluster(cluster.name.clone());
    let all = proxies::Part {
        boundary: &boundary,
        path: &[],
        which: "",
        carrier: None,
    };
    super::state(&all, &defaults.inbound, declarations);
    trust_domain(&boundary, defaults, declarations);
    anchors(cluster, &boundary, defaults, declarations);
    for (key, usual, words) in SKIPPING {
        let listed = |text: &str| {
            let listed: BTreeSet<&str> = text.split(',').map(str::trim).collect();
            listed.into_iter().collect::<Vec<_>>().join(", ")
        };
        for (text, objects) in defaults.texts(&["proxyInit", key]) {
            let listed_here = listed(&text);
            if listed_here == listed(usual) {
                continue;
            }
            declarations.state(
                &Boundary::all_of(cluster),
                Statement {
                    topic: Topic::Encryption,
                    about: format!("{key} of all"),
                    matter: format!("{key} of all"),
                    words: format!("{words} {listed_here}"),
                    value: listed_here,
                    openness: 1,
                    origins: declarations.origins_of(objects),
                },
            );
        }
    }
}

/// The trust domain of identities: its own, else the domain of the cluster.
fn trust_domain(boundary: &Boundary, defaults: &Defaults<'_>, declarations: &mut Declarations<'_>) {
    let mut told = defaults.texts(&["identityTrustDomain"]);
    if told.is_empty() {
        told = defaults.texts(&["clusterDomain"]);
    }
    if told.is_empty() {
        told.insert(DEFAULT_TRUST_DOMAIN.to_owned(), Vec::new());
    }
    for (name, objects) in told {
        let origins = declarations.origins_of(objects);
        if let (Some(origin), true) = (origins.first(), name != DEFAULT_TRUST_DOMAIN) {
            declarations.trust_domain(&name, *origin);
        }
        declarations.state(
            std::slice::from_ref(boundary),
            Statement {
                topic: Topic::Mesh,
                about: "trust domain of Linkerd".to_owned(),
                matter: "trust domain of Linkerd".to_owned(),
                words: format!("has the trust domain {name}"),
                value: name,
                openness: 0,
                origins,
            },
        );
    }
}

/// The roots whose identities are taken, in the values or in the ConfigMap that may hold them instead.
fn anchors(
    cluster: &Cluster<'_>,
    boundary: &Boundary,
    defaults: &Defaults<'_>,
    declarations: &mut Declarations<'_>,
) {
    let mut told = defaults.texts(&["identityTrustAnchorsPEM"]);
    for object in cluster.of_kind("", "ConfigMap") {
        let is_theirs = object.identity.name == "linkerd-identity-trust-roots";
        let text = object.root.text_at(&["data", "ca-bundle.crt"]);
        if let Some(text) = text.filter(|_| is_theirs) {
            told.entry(text.to_owned()).or_default().push(object);
        }
    }
    let mut trusted: BTreeMap<String, BTreeSet<OriginId>> = BTreeMap::new();
    for (text, objects) in told {
        for root in roots::numbers(&text) {
            let origins = declarations.origins_of(objects.iter().copied());
            trusted.entry(root).or_default().extend(origins);
        }
    }
    roots::state(
        "Linkerd",
        std::slice::from_ref(boundary),
        trusted,
        declarations,
    );
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::super::testing::{reading_of, statements};

    /// What is stated of the cluster with values for the chart of the control plane.
    fn stated(values: &str, topic: Topic) -> Vec<String> {
        let read = reading_of(&[("values.yaml", values)]);
        let mut lines = statements(&read, topic);
        lines.retain(|line| line.starts_with("-: "));
        lines
    }

    #[test]
    fn the_installation_says_what_is_taken_where_nothing_else_does() {
        let takes = |values: &str| {
            let lines = stated(values, Topic::Encryption);
            let mut of_all = lines.iter().filter(|line| line.contains("inbound traffic"));
            of_all
                .next()
                .and_then(|line| line.rsplit(" = ").next())
                .map(str::to_owned)
        };
        let policy = |policy: &str| {
            format!("identityTrustDomain: a\nproxy: {{defaultInboundPolicy: {policy}}}\n")
        };
        assert_eq!(
            takes(&policy("all-unauthenticated")).as_deref(),
            Some("plaintext beside mTLS")
        );
        assert_eq!(
            takes(&policy("cluster-authenticated")).as_deref(),
            Some("mTLS only")
        );
        let nested = format!(
            "linkerd-control-plane: {{{}}}\n",
            "proxy: {defaultInboundPolicy: all-authenticated}"
        );
        assert_eq!(takes(&nested).as_deref(), Some("mTLS only"));
        assert_eq!(
            takes("identityTrustDomain: a\n").as_deref(),
            Some("plaintext beside mTLS")
        );
        assert_eq!(takes("proxy: {logLevel: info}\n"), None);
    }

    #[test]
    fn the_trust_domain_is_its_own_or_the_domain_of_the_cluster() {
        let domain = |values: &str| {
            let lines = stated(values, Topic::Mesh);
            let mut of_it = lines
                .into_iter()
                .filter(|line| line.contains("trust domain"));
            of_it.next().unwrap_or_default()
        };
        let is = |name: &str| format!("-: trust domain of Linkerd = {name}");
        assert_eq!(
            domain("identityTrustDomain: one.example\n"),
            is("one.example")
        );
        let by_cluster = "identityTrustAnchorsPEM: x\nclusterDomain: two.example\n";
        assert_eq!(domain(by_cluster), is("two.example"));
        assert_eq!(domain("identityTrustAnchorsPEM: x\n"), is("cluster.local"));
    }

    #[test]
    fn ports_that_all_workloads_skip_are_told_unless_the_chart_skips_them_anyway() {
        let skipped = |ports: &str| {
            let values =
                format!("identityTrustDomain: a\nproxyInit: {{ignoreOutboundPorts: {ports}}}\n");
            let lines = stated(&values, Topic::Encryption);
            lines
                .iter()
                .filter(|line| line.contains("ignoreOutboundPorts"))
                .count()
        };
        assert_eq!(skipped("'4568,4567'"), 0);
        assert_eq!(skipped("'4567,4568,5432'"), 1);
    }

    #[test]
    fn roots_are_numbers_wherever_they_stand_and_never_spelled_out() {
        let pem = |body: &str| {
            format!(
                "|\n    -----BEGIN CERTIFICATE-----\n    {body}\n    -----END CERTIFICATE-----\n"
            )
        };
        let roots = |text: &str| {
            let mut lines = stated(text, Topic::Mesh);
            lines.retain(|line| line.contains("root "));
            lines
        };
        let values = roots(&format!("identityTrustAnchorsPEM: {}", pem("AAAA")));
        assert_eq!(values.len(), 1);
        assert!(!values[0].contains("AAAA"));
        let parameters = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: l, namespace: argocd}}\nspec:\n  source:\n    \
             chart: linkerd-control-plane\n    helm:\n      parameters:\n      - name: identityTrustAnchorsPEM\n        value: {}",
            pem("AAAA").replace("\n    ", "\n          ")
        );
        assert_eq!(roots(&parameters), values);
        assert_ne!(
            roots(&format!("identityTrustAnchorsPEM: {}", pem("BBBB"))),
            values
        );
    }
}
