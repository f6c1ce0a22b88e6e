//! Envoy Gateway's own kinds, as far as they move the perimeter of what the Gateway API describes.
//!
//! A `SecurityPolicy` for a route takes the place of the one for its gateway, whole, unless it says that the two are merged
//! (<https://gateway.envoyproxy.io/docs/concepts/gateway_api_extensions/security-policy/>, read 2026-11-22): one that only sets
//! CORS drops the checks of callers that the gateway had. Its rules are asked in turn, and refuse who fits none of them unless they
//! say otherwise (<https://gateway.envoyproxy.io/docs/tasks/security/restrict-ip-access/>); a `Backend` may have its own TLS, and be
//! believed without a look (<https://gateway.envoyproxy.io/docs/tasks/security/backend-skip-tls-verification/>).

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::{Counts, Topic};

use super::declare::{
    Boundary, Declarations, Extent, FarSide, Fault, FaultKind, Site, Statement, Unproven,
};
use super::estate::{Cluster, Estate};
use super::gateway_api::routes::{Destination, Route};
use super::gateway_api::{self, Gateway};
use super::gateways::BELIEVED;
use super::object::{Identity, Object, selects, texts_of};
use super::systems::{Meaning, System};
use super::yaml::Node;

/// Envoy Gateway.
pub(super) const SYSTEM: System = System {
    name: "Envoy Gateway",
    groups: &[GROUP],
    kinds: &[
        ("SecurityPolicy", Meaning::Modelled),
        ("ClientTrafficPolicy", Meaning::Modelled),
        ("Backend", Meaning::Modelled),
        ("EnvoyProxy", Meaning::Modelled),
        ("EnvoyPatchPolicy", Meaning::Modelled),
        ("BackendTrafficPolicy", Meaning::Irrelevant),
        ("HTTPRouteFilter", Meaning::Irrelevant),
        ("EnvoyGateway", Meaning::Irrelevant),
        (
            "EnvoyExtensionPolicy",
            Meaning::NotYet("code in proxies that can let callers in or keep them out"),
        ),
    ],
    document_words: &[],
    document: |_| None,
    languages: &[],
    cluster: |_, _, _| None,
    is_cluster_wide: |_| false,
    declare,
};

pub(super) const GROUP: &str = "gateway.envoyproxy.io";

/// What the Service of a gateway's proxies is given, with who says so, as its parameters or those of its class tell; `None`:
/// nothing. Of a class that several objects declare, each counts.
pub(super) fn services_of<'m>(
    cluster: &Cluster<'m>,
    gateway: &Object,
    class: &str,
) -> Vec<Option<(&'m Node, &'m Object)>> {
    let given = |reference: &Node| {
        let is_proxy = reference.text_at(&["kind"]) == Some("EnvoyProxy");
        let name = reference.text_at(&["name"]).filter(|_| is_proxy);
        let namespace = reference
            .text_at(&["namespace"])
            .or(gateway.identity.namespace.as_deref());
        let proxies = cluster.of_kind(GROUP, "EnvoyProxy").filter(|one| {
            Some(one.identity.name.as_str()) == name
                && one.identity.namespace.as_deref() == namespace
        });
        let service = ["spec", "provider", "kubernetes", "envoyService"];
        let mut given: Vec<_> = proxies
            .map(|proxy| Some((proxy.root.at(&service)?, proxy)))
            .collect();
        if given.is_empty() {
            given.push(None);
        }
        given
    };
    let own = gateway
        .root
        .at(&["spec", "infrastructure", "parametersRef"]);
    if let Some(own) = own {
        return given(own);
    }
    let classes = cluster.of_kind(gateway_api::GROUP, "GatewayClass");
    classes
        .filter(|one| one.identity.name == class)
        .flat_map(|one| match one.root.at(&["spec", "parametersRef"]) {
            Some(reference) => given(reference),
            None => vec![None],
        })
        .collect()
}

/// What a `Backend` stands for.
pub(super) struct BackEnd {
    /// It is called with TLS.
    pub(super) has_tls: bool,
    /// Where its addresses are.
    pub(super) far_side: FarSide,
}

/// The `Backend` that a route leads to.
pub(super) fn back_end(cluster: &Cluster<'_>, to: &Destination<'_>) -> Option<BackEnd> {
    let mut all = cluster.of_kind(GROUP, "Backend");
    let object = all.find(|one| {
        one.identity.name == to.name && one.identity.namespace.as_deref() == to.namespace
    })?;
    let endpoints = object.root.at(&["spec", "endpoints"]).map(Node::items);
    let hosts = endpoints.unwrap_or_default().iter().filter_map(|endpoint| {
        let host = endpoint.text_at(&["fqdn", "hostname"]);
        host.or_else(|| endpoint.text_at(&["ip", "address"]))
    });
    let far_side = FarSide::at(hosts);
    Some(BackEnd {
        has_tls: object.root.at(&["spec", "tls"]).is_some(),
        far_side,
    })
}

/// What a policy asks callers for, each in words; none: nothing.
fn asked(policy: &Object) -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    let Some(spec) = policy.root.get("spec") else {
        return asked;
    };
    let providers = spec.at(&["jwt", "providers"]).map(Node::items);
    let is_optional = spec.at(&["jwt", "optional"]).and_then(Node::truth) == Some(true);
    for provider in providers.unwrap_or_default() {
        if is_optional {
            continue;
        }
        let of = provider
            .text_at(&["issuer"])
            .or_else(|| provider.text_at(&["name"]));
        let mut audiences = provider
            .get("audiences")
            .map(Node::texts)
            .unwrap_or_default();
        audiences.sort_unstable();
        let audience = match audiences.as_slice() {
            [] => String::new(),
            some => format!(" for {}", some.join(", ")),
        };
        asked.insert(format!("a token of {}{audience}", of.unwrap_or("?")));
    }
    if let Some(issuer) = spec.at(&["oidc", "provider"]) {
        let issuer = issuer.text_at(&["issuer"]).unwrap_or("?");
        asked.insert(format!("a login at {issuer}"));
    }
    for (key, words) in [("basicAuth", "a password"), ("apiKeyAuth", "a key")] {
        if spec.get(key).is_some() {
            asked.insert(words.to_owned());
        }
    }
    if let Some(check) = spec.get("extAuth")
        && check.get("failOpen").and_then(Node::truth) != Some(true)
    {
        asked.insert("what a service for it decides".to_owned());
    }
    asked
}

/// Whether one of the targets of a policy is meant.
fn is_for(policy: &Object, target: &Object) -> bool {
    if policy.identity.namespace != target.identity.namespace {
        return false;
    }
    let Some(spec) = policy.root.get("spec") else {
        return false;
    };
    let several = spec.get("targetRefs").map(Node::items).unwrap_or_default();
    let by_name = several.iter().chain(spec.get("targetRef")).any(|one| {
        one.text_at(&["kind"]) == Some(&target.identity.kind)
            && one.text_at(&["name"]) == Some(&target.identity.name)
    });
    let selectors = spec.get("targetSelectors").map(Node::items);
    let labels = texts_of(target.root.at(&["metadata", "labels"]));
    let by_label = selectors.unwrap_or_default().iter().any(|one| {
        let wanted: BTreeMap<String, String> = texts_of(one.get("matchLabels"));
        one.text_at(&["kind"]) == Some(&target.identity.kind)
            && !wanted.is_empty()
            && selects(&wanted, &labels)
    });
    by_name || by_label
}

fn declare(estate: &Estate<'_>, declarations: &mut Declarations<'_>) {
    for cluster in estate.clusters.values().filter(|one| one.uses(GROUP)) {
        let gateways = Gateway::all(cluster);
        let routes = Route::all(cluster, &gateways);
        let policies: Vec<&Object> = cluster.of_kind(GROUP, "SecurityPolicy").collect();
        let asked: Vec<BTreeSet<String>> = routes
            .iter()
            .map(|route| asked_of(route, &policies))
            .collect();
        // A gateway at which some are asked is one that is trusted to ask.
        let asking: BTreeSet<&Identity> = routes
            .iter()
            .zip(&asked)
            .filter(|(_, asked)| !asked.is_empty())
            .flat_map(|(route, _)| route.through.iter().map(|(gateway, _)| &gateway.identity))
            .collect();
        for (route, asked) in routes.iter().zip(&asked) {
            let mut through = route.through.iter();
            let is_asking = through.any(|(gateway, _)| asking.contains(&gateway.identity));
            callers(cluster, route, asked, is_asking, &policies, declarations);
            for policy in holding(route, &policies) {
                let of = bearers(cluster, route);
                rules(&of, &route.object.identity, policy, declarations);
            }
        }
        for policy in &policies {
            weak(policy, declarations);
            by_address(policy, declarations);
        }
        for back_end in cluster.of_kind(GROUP, "Backend") {
            calls(cluster, &routes, back_end, declarations);
        }
        for policy in cluster.of_kind(GROUP, "ClientTrafficPolicy") {
            certificates(cluster, policy, declarations);
        }
        for patch in cluster.of_kind(GROUP, "EnvoyPatchPolicy") {
            self::patch(patch, declarations);
        }
    }
}

/// The policies that hold for a route: its own, or else those of its gateways.
fn effective<'m>(route: &Route<'m>, policies: &[&'m Object]) -> (Vec<&'m Object>, Vec<&'m Object>) {
    let own: Vec<&Object> = policies
        .iter()
        .copied()
        .filter(|policy| is_for(policy, route.object))
        .collect();
    let general: Vec<&Object> = policies
        .iter()
        .copied()
        .filter(|policy| {
            let mut through = route.through.iter();
            through.any(|(gateway, _)| is_for(policy, gateway))
        })
        .collect();
    (own, general)
}

/// Those of them that are in force.
fn holding<'m>(route: &Route<'m>, policies: &[&'m Object]) -> Vec<&'m Object> {
    let (own, general) = effective(route, policies);
    let is_merged = |policy: &&Object| policy.root.at(&["spec", "mergeType"]).is_some();
    let mut holding = own.clone();
    if own.is_empty() || own.iter().any(is_merged) {
        holding.extend(general);
    }
    holding
}

fn asked_of(route: &Route<'_>, policies: &[&Object]) -> BTreeSet<String> {
    holding(route, policies)
        .into_iter()
        .flat_map(asked)
        .collect()
}

/// What bears the facts of a route: its namespace, and what it leads to.
fn bearers(cluster: &Cluster<'_>, route: &Route<'_>) -> Vec<Boundary> {
    let mut of = BTreeSet::from([Boundary::around(&route.object.identity)]);
    for destination in &route.destinations {
        of.extend(destination.boundaries(cluster));
    }
    of.into_iter().collect()
}

/// What becomes of callers that fit none of the rules of a policy: they are refused unless it says otherwise.
fn lets_others_in(authorization: &Node) -> bool {
    authorization.text_at(&["defaultAction"]) == Some("Allow")
}

/// Whom the rules of a policy let in at a route.
fn rules(of: &[Boundary], route: &Identity, policy: &Object, declarations: &mut Declarations<'_>) {
    let Some(authorization) = policy.root.at(&["spec", "authorization"]) else {
        return;
    };
    let listed = authorization.get("rules").map(Node::items);
    let listed: Vec<String> = listed.unwrap_or_default().iter().map(rule).collect();
    let is_open = lets_others_in(authorization);
    if is_open && listed.is_empty() {
        return;
    }
    let others = if is_open {
        "Allow others"
    } else {
        "Deny others"
    };
    let value = listed
        .iter()
        .map(String::as_str)
        .chain([others])
        .collect::<Vec<_>>()
        .join("; ");
    let letting = listed.iter().filter(|rule| rule.starts_with("Allow"));
    let letting = i32::try_from(letting.count()).unwrap_or(i32::MAX / 2);
    let all = i32::try_from(listed.len()).unwrap_or(i32::MAX / 2);
    let name = route.qualified_name();
    declarations.state(
        of,
        Statement {
            topic: Topic::Authentication,
            about: format!("who is let in at {} {name}", route.kind),
            matter: format!("who is let in at {} {name}", route.kind),
            openness: if is_open {
                letting - all
            } else {
                letting - i32::MAX / 2
            },
            words: format!("decides who is let in at {} {name}: {value}", route.kind),
            value,
            origins: declarations.origins_of([policy]),
        },
    );
}

/// One rule in words.
fn rule(rule: &Node) -> String {
    let action = rule.text_at(&["action"]).unwrap_or("Allow");
    let mut whom = Vec::new();
    let principal = rule.get("principal");
    for field in principal.map(Node::fields).unwrap_or_default() {
        let mut texts = field.value.texts();
        texts.sort_unstable();
        whom.push(match (field.key.as_str(), &field.value) {
            ("clientCIDRs", _) => format!("addresses in {}", texts.join(", ")),
            ("jwt", token) => {
                let provider = token.text_at(&["provider"]).unwrap_or("?");
                let asked = ["scopes", "claims"].iter().filter_map(|key| token.get(key));
                let asked: Vec<String> = asked.map(Node::canonical_unordered).collect();
                format!("tokens of {provider} with {}", asked.join(" and "))
            }
            (key, value) => format!("{key} {}", value.canonical_unordered()),
        });
    }
    if let Some(operation) = rule.get("operation") {
        whom.push(format!("calls {}", operation.canonical_unordered()));
    }
    format!("{action} {}", whom.join(" and "))
}

/// Rules that let callers in by their address, where nothing else is asked of them.
fn by_address(policy: &Object, declarations: &mut Declarations<'_>) {
    let Some(authorization) = policy.root.at(&["spec", "authorization"]) else {
        return;
    };
    if lets_others_in(authorization) || !asked(policy).is_empty() {
        return;
    }
    let listed = authorization.get("rules").map(Node::items);
    let by_address = listed.unwrap_or_default().iter().find(|rule| {
        let has = |key: &str| rule.at(&["principal", key]).is_some();
        rule.text_at(&["action"]) == Some("Allow") && has("clientCIDRs") && !has("jwt")
    });
    if let Some(rule) = by_address {
        declarations.faults.push(Fault {
            kind: FaultKind::AddressAlone,
            subject: format!("{} by address", policy.identity.address()),
            words: "lets callers in by their address alone".to_owned(),
            source: policy.source.clone(),
            lines: [rule.line, rule.end_line],
        });
    }
}

/// How gateways call a `Backend`: a new one, or one that goes, takes nothing from anybody.
fn calls(
    cluster: &Cluster<'_>,
    routes: &[Route<'_>],
    object: &Object,
    declarations: &mut Declarations<'_>,
) {
    let identity = &object.identity;
    let name = identity.qualified_name();
    let is_it = |to: &Destination<'_>| {
        (to.group, to.kind, to.name) == (GROUP, "Backend", identity.name.as_str())
            && to.namespace == identity.namespace.as_deref()
    };
    let mut of = BTreeSet::from([Boundary::around(identity)]);
    for route in routes
        .iter()
        .filter(|route| route.destinations.iter().any(is_it))
    {
        let through = route.through.iter();
        of.extend(through.map(|(gateway, _)| Boundary::around(&gateway.identity)));
    }
    let of: Vec<Boundary> = of.into_iter().collect();
    let extent = || Extent {
        counts: Counts::OnBothSides,
        ..Extent::default()
    };
    let mut policies = cluster.of_kind(gateway_api::GROUP, "BackendTLSPolicy");
    let is_covered = policies.any(|policy| is_for(policy, object));
    let tls = object.root.at(&["spec", "tls"]);
    let (value, openness, how) = if tls.is_some() || is_covered {
        ("TLS", -1, "with TLS")
    } else {
        ("plaintext", 1, "in the clear")
    };
    let statement = |topic, about: String, value: &str, openness, words| Statement {
        topic,
        matter: about.clone(),
        about,
        value: value.to_owned(),
        openness,
        words,
        origins: declarations.origins_of([object]),
    };
    let words = format!("has back end {name} called by gateways {how}");
    let about = format!("calls of gateways to back end {name}");
    let told = statement(Topic::Encryption, about, value, openness, words);
    let about = format!("who answers as back end {name}");
    let Some(tls) = tls else {
        declarations.state_as(&of, told, extent());
        return;
    };
    let skips = tls
        .field("insecureSkipVerify")
        .filter(|field| field.value.truth() == Some(true));
    let references = tls.get("caCertificateRefs").map(Node::items);
    let mut roots: Vec<&str> = references
        .unwrap_or_default()
        .iter()
        .filter_map(|one| one.text_at(&["name"]))
        .collect();
    roots.sort_unstable();
    let roots = match roots.is_empty() {
        true => "those of the system".to_owned(),
        false => roots.join(", "),
    };
    let (value, openness, words) = match skips {
        Some(_) => (
            "anyone",
            2,
            format!("believes whoever answers as back end {name}"),
        ),
        None => (
            roots.as_str(),
            0,
            format!("believes certificates of {roots} at back end {name}"),
        ),
    };
    let believed = statement(Topic::Authentication, about, value, openness, words);
    for statement in [told, believed] {
        declarations.state_as(&of, statement, extent());
    }
    if let Some(field) = skips {
        let words = "has gateways verify no certificate of it".to_owned();
        let subject = format!("{} tls.insecureSkipVerify", identity.address());
        let lines = [field.line, field.line];
        declarations.open_door(subject, (words, BELIEVED), object.source.clone(), lines);
    }
}

/// What callers of a route are asked for.
fn callers(
    cluster: &Cluster<'_>,
    route: &Route<'_>,
    asked: &BTreeSet<String>,
    is_asking: bool,
    policies: &[&Object],
    declarations: &mut Declarations<'_>,
) {
    let (own, general) = effective(route, policies);
    let identity = &route.object.identity;
    let name = identity.qualified_name();
    let of = bearers(cluster, route);
    let deciding = own.iter().chain(&general).copied();
    if !asked.is_empty() {
        let all: Vec<&str> = asked.iter().map(String::as_str).collect();
        let all = all.join(" and ");
        declarations.state(
            &of,
            Statement {
                topic: Topic::Authentication,
                about: format!("callers of {} {name}", identity.kind),
                matter: format!("callers of {} {name}", identity.kind),
                value: all.clone(),
                openness: -1,
                words: format!("asks callers of {} {name} for {all}", identity.kind),
                origins: declarations.origins_of(deciding),
            },
        );
        return;
    }
    let at_gateway = general
        .iter()
        .find(|policy| !self::asked(policy).is_empty());
    let site = |object: &Object, words: String, why: &'static str| Site {
        subject: format!("{} callers", identity.address()),
        words,
        source: object.source.clone(),
        lines: [object.root.line, object.root.line],
        far_side: FarSide::NotTold,
        unproven: Some(Unproven::at_listener(why)),
    };
    if let (Some(own), Some(at_gateway)) = (own.first(), at_gateway) {
        let words = format!(
            "takes the place of what policy {} of the gateway asks of callers of {name}",
            at_gateway.identity.name
        );
        let door = site(own, words, "and asks them for nothing itself");
        declarations.open_doors.push(door);
        return;
    }
    if is_asking && !route.destinations.is_empty() {
        let words = "asks callers for nothing, although other routes of its gateway do".to_owned();
        let door = site(route.object, words, "so that no policy shows who calls");
        declarations.open_doors.push(door);
    }
}

/// Settings of a policy by which a check can be passed by.
fn weak(policy: &Object, declarations: &mut Declarations<'_>) {
    for (path, words) in [
        (
            ["jwt", "optional"],
            "lets callers in without a token, although it looks at one that is there",
        ),
        (
            ["extAuth", "failOpen"],
            "lets callers in when the service that decides does not answer",
        ),
    ] {
        let field = policy.root.field_at(&["spec", path[0], path[1]]);
        let Some(field) = field.filter(|field| field.value.truth() == Some(true)) else {
            continue;
        };
        declarations.open_doors.push(Site {
            subject: format!("{} {}", policy.identity.address(), path.join(".")),
            words: words.to_owned(),
            source: policy.source.clone(),
            lines: [field.line, field.line],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::at_listener(
                "so that it shows nothing of who calls",
            )),
        });
    }
}

/// Certificates that callers of a gateway are asked for.
fn certificates(cluster: &Cluster<'_>, policy: &Object, declarations: &mut Declarations<'_>) {
    let Some(validation) = policy.root.at(&["spec", "tls", "clientValidation"]) else {
        return;
    };
    let identity = &policy.identity;
    let gateways: BTreeSet<String> = cluster
        .of_kind(gateway_api::GROUP, "Gateway")
        .filter(|gateway| is_for(policy, gateway))
        .map(|gateway| gateway.identity.qualified_name())
        .collect();
    let gateways: Vec<String> = gateways.into_iter().collect();
    let gateways = if gateways.is_empty() {
        "its gateways".to_owned()
    } else {
        format!("gateway {}", gateways.join(", "))
    };
    let references = validation.get("caCertificateRefs").map(Node::items);
    let mut roots: Vec<&str> = references
        .unwrap_or_default()
        .iter()
        .filter_map(|one| one.text_at(&["name"]))
        .collect();
    roots.sort_unstable();
    let optional = validation
        .field("optional")
        .filter(|field| field.value.truth() == Some(true));
    let (value, openness) = if optional.is_some() {
        ("optional", -1)
    } else {
        ("asked for", -2)
    };
    declarations.state(
        &[
            Boundary::Cluster(cluster.name.clone()),
            Boundary::around(identity),
        ],
        Statement {
            topic: Topic::Authentication,
            about: format!("certificates of callers of {gateways}"),
            matter: format!("certificates of callers of {gateways}"),
            value: format!("{value} by {}", roots.join(", ")),
            openness,
            words: format!(
                "has certificates of callers of {gateways} {value}, by {}",
                roots.join(", ")
            ),
            origins: declarations.origins_of([policy]),
        },
    );
    if let Some(field) = optional {
        declarations.open_doors.push(Site {
            subject: format!("{} tls.clientValidation.optional", identity.address()),
            words: "lets callers in that show no certificate".to_owned(),
            source: policy.source.clone(),
            lines: [field.line, field.line],
            far_side: FarSide::NotTold,
            unproven: Some(Unproven::at_listener(
                "and nothing of the gateway asks for other proof",
            )),
        });
    }
}

/// A patch to proxies can do anything: it counts as a change that nobody understands.
fn patch(patch: &Object, declarations: &mut Declarations<'_>) {
    let name = patch.identity.qualified_name();
    let text = patch.root.at(&["spec", "jsonPatches"]).map(Node::canonical);
    declarations.state(
        &[Boundary::around(&patch.identity)],
        Statement {
            topic: Topic::Encryption,
            about: format!("patch {name}"),
            matter: format!("patch {name}"),
            value: text.unwrap_or_default(),
            openness: 0,
            words: format!(
                "has its gateway patched by EnvoyPatchPolicy {name}, which can switch off encryption or checks"
            ),
            origins: declarations.origins_of([patch]),
        },
    );
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{faults_of, reading, statements};

    const GATEWAY: &str = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: front, namespace: edge}\nspec: \
                           {gatewayClassName: eg, listeners: [{name: https, port: 443, protocol: HTTPS}]}\n---\n";

    fn route(name: &str) -> String {
        format!(
            "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {{name: {name}, namespace: edge}}\nspec: \
             {{parentRefs: [{{name: front}}], rules: [{{backendRefs: [{{name: web, port: 80}}]}}]}}\n---\n"
        )
    }

    fn policy(name: &str, target: &str, asks: &str) -> String {
        format!(
            "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: SecurityPolicy\nmetadata: {{name: {name}, namespace: edge}}\nspec: \
             {{targetRefs: [{target}], {asks}}}\n---\n"
        )
    }

    const AT_GATEWAY: &str = "{kind: Gateway, name: front}";
    const AT_ROUTE: &str = "{kind: HTTPRoute, name: a}";
    const TOKEN: &str = "jwt: {providers: [{name: x, issuer: issuer.example}]}";

    /// What callers of route `a` are asked for, and whom nothing asks.
    #[track_caller]
    fn check(text: &str, expected: &[&str], doors: usize) {
        let read = reading(text);
        let asked: Vec<String> = statements(&read, Topic::Authentication)
            .iter()
            .filter_map(|line| {
                Some(
                    line.split_once("callers of HTTPRoute edge/a = ")?
                        .1
                        .to_owned(),
                )
            })
            .collect();
        assert_eq!(asked, expected);
        assert_eq!(
            read.open_doors_after.len(),
            doors,
            "{:?}",
            read.open_doors_after
        );
    }

    #[test]
    fn rules_decide_who_is_let_in_and_those_that_let_in_all_say_nothing() {
        let told = |rules: &str| {
            let policy = policy("r", AT_ROUTE, &format!("authorization: {{{rules}}}"));
            let read = reading(&format!("{GATEWAY}{}{policy}", route("a")));
            let told = statements(&read, Topic::Authentication);
            let about = "-/edge: who is let in at HTTPRoute edge/a = ";
            let told = told.iter().find_map(|line| line.strip_prefix(about));
            (told.map(str::to_owned), faults_of(&read).len())
        };
        let claims = "{action: Allow, principal: {jwt: {provider: x, scopes: [read]}}}";
        let words = "Allow tokens of x with [read]; Deny others";
        assert_eq!(
            told(&format!("rules: [{claims}]")),
            (Some(words.to_owned()), 0)
        );
        let addresses = "{action: Allow, principal: {clientCIDRs: [10.0.0.0/8]}}";
        let words = "Allow addresses in 10.0.0.0/8; Deny others";
        assert_eq!(
            told(&format!("rules: [{addresses}]")),
            (Some(words.to_owned()), 1)
        );
        assert_eq!(told("defaultAction: Allow"), (None, 0));
    }

    #[test]
    fn a_back_end_is_called_as_its_own_tls_says_and_believed_without_a_look_only_where_that_is_said()
     {
        let told = |spec: &str| {
            let text = format!(
                "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: Backend\nmetadata: {{name: b, namespace: edge}}\nspec: {{{spec}}}\n"
            );
            let read = reading(&text);
            let value = |topic| {
                let told = statements(&read, topic);
                let told = told.iter().find_map(|line| line.rsplit(" = ").next());
                told.unwrap_or_default().to_owned()
            };
            let values = [Topic::Encryption, Topic::Authentication].map(value);
            (values, read.open_doors_after.len())
        };
        let values = |one: &str, other: &str| [one, other].map(str::to_owned);
        assert_eq!(told(""), (values("plaintext", ""), 0));
        let own = "tls: {caCertificateRefs: [{name: ca}]}";
        assert_eq!(told(own), (values("TLS", "ca"), 0));
        let system = "tls: {wellKnownCACertificates: System}";
        assert_eq!(told(system), (values("TLS", "those of the system"), 0));
        let blind = "tls: {insecureSkipVerify: true}";
        assert_eq!(told(blind), (values("TLS", "anyone"), 1));
    }

    #[test]
    fn a_policy_of_a_route_takes_the_place_of_the_one_of_its_gateway() {
        let base = format!("{GATEWAY}{}{}", route("a"), policy("g", AT_GATEWAY, TOKEN));
        let token = "a token of issuer.example";
        check(&base, &[token], 0);
        let cors = policy("r", AT_ROUTE, "cors: {allowOrigins: [\"*\"]}");
        check(&format!("{base}{cors}"), &[], 1);
        let merged = policy(
            "r",
            AT_ROUTE,
            "mergeType: StrategicMerge, cors: {allowOrigins: [\"*\"]}",
        );
        check(&format!("{base}{merged}"), &[token], 0);
        let key = policy("r", AT_ROUTE, "apiKeyAuth: {}");
        check(&format!("{base}{key}"), &["a key"], 0);
    }

    #[test]
    fn a_route_that_asks_nothing_beside_one_that_does_is_told_and_alone_it_is_not() {
        check(&format!("{GATEWAY}{}", route("a")), &[], 0);
        let beside = policy("r", "{kind: HTTPRoute, name: b}", TOKEN);
        check(
            &format!("{GATEWAY}{}{}{beside}", route("a"), route("b")),
            &[],
            1,
        );
    }

    #[test]
    fn checks_that_can_be_passed_by_are_none() {
        let base = format!("{GATEWAY}{}", route("a"));
        let optional = policy(
            "r",
            AT_ROUTE,
            "jwt: {optional: true, providers: [{name: x}]}",
        );
        check(&format!("{base}{optional}"), &[], 1);
        let open = policy("r", AT_ROUTE, "extAuth: {failOpen: true}");
        check(&format!("{base}{open}"), &[], 1);
        let closed = policy("r", AT_ROUTE, "extAuth: {failOpen: false}");
        check(
            &format!("{base}{closed}"),
            &["what a service for it decides"],
            0,
        );
    }

    #[test]
    fn the_parameters_of_a_class_keep_its_gateways_inside() {
        let class = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: eg}\nspec: {parametersRef: {kind: \
                     EnvoyProxy, name: p, namespace: sys}}\n---\n";
        let proxy = |kind: &str| {
            format!(
                "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: EnvoyProxy\nmetadata: {{name: p, namespace: sys}}\nspec: \
                 {{provider: {{kubernetes: {{envoyService: {{type: {kind}}}}}}}}}\n"
            )
        };
        let entered = |kind: &str| {
            let stated = statements(
                &reading(&format!("{GATEWAY}{class}{}", proxy(kind))),
                Topic::Exposure,
            );
            stated[0].split(" = ").nth(1).map(str::to_owned)
        };
        assert_eq!(
            entered("ClusterIP").as_deref(),
            Some("inside the cluster with TLS")
        );
        assert_eq!(entered("LoadBalancer").as_deref(), Some("outside with TLS"));
    }
}
