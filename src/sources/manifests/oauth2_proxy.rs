//! oauth2-proxy as a workload: whom it lets through without asking.
//!
//! After <https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview/>, read 2026-11-22: every option is a flag, and a
//! variable of the environment that begins with `OAUTH2_PROXY_`. Its file of settings is not read.

use std::collections::{BTreeMap, BTreeSet};

use super::declare::{Boundary, Declarations, Fault, FaultKind};
use super::estate::{Cluster, Workload};
use super::gateways::{Entrance, Gateway, Unverified};
use super::yaml::Node;

/// Options that let calls pass unasked.
const PASSING: &[&str] = &["skip-auth-route", "skip-auth-regex"];

/// Options that take tokens without a look at what makes them good.
const UNVERIFIED: &[(&str, &str)] = &[
    (
        "insecure-oidc-skip-issuer-verification",
        "takes tokens of any issuer",
    ),
    (
        "insecure-oidc-skip-nonce",
        "takes tokens that were made for another sign-in",
    ),
    (
        "insecure-oidc-allow-unverified-email",
        "takes addresses that nobody verified for those of its callers",
    ),
    (
        "ssl-insecure-skip-verify",
        "does not verify who signs its tokens",
    ),
];

/// State what every oauth2-proxy of a cluster lets through.
pub(super) fn declare(cluster: &Cluster<'_>, declarations: &mut Declarations<'_>) {
    for workload in &cluster.workloads {
        let containers = workload.pod.at(&["spec", "containers"]).map(Node::items);
        for container in containers.unwrap_or_default() {
            let image = container.text_at(&["image"]).unwrap_or_default();
            if image.contains("oauth2-proxy") || image.contains("oauth2_proxy") {
                proxy(cluster, workload, container, declarations);
            }
        }
    }
}

/// A value of an option, with its line.
type Told<'n> = (&'n str, usize);

/// The options of a container, by their names in the singular.
fn options(container: &Node) -> BTreeMap<String, Vec<Told<'_>>> {
    let mut options: BTreeMap<String, Vec<Told<'_>>> = BTreeMap::new();
    let mut add = |name: &str, value, line| {
        let name = name.trim_end_matches('s').to_owned();
        options.entry(name).or_default().push((value, line));
    };
    let listed = |key: &str| container.get(key).map(Node::items).unwrap_or_default();
    let words: Vec<Told<'_>> = listed("command")
        .iter()
        .chain(listed("args"))
        .filter_map(|word| Some((word.text()?, word.line)))
        .collect();
    for (at, (word, line)) in words.iter().enumerate() {
        let Some(flag) = word.strip_prefix('-') else {
            continue;
        };
        let flag = flag.trim_start_matches('-');
        match flag.split_once('=') {
            Some((name, value)) => add(name, value, *line),
            None => {
                let next = words.get(at + 1).map(|(word, _)| *word);
                let value = next.filter(|word| !word.starts_with('-'));
                add(flag, value.unwrap_or("true"), *line);
            }
        }
    }
    for variable in listed("env") {
        let name = variable.text_at(&["name"]).unwrap_or_default();
        let (Some(name), Some(value)) = (
            name.strip_prefix("OAUTH2_PROXY_"),
            variable.text_at(&["value"]),
        ) else {
            continue;
        };
        let name = name.to_ascii_lowercase().replace('_', "-");
        for value in value.split(',') {
            add(&name, value, variable.line);
        }
    }
    options
}

fn proxy(
    cluster: &Cluster<'_>,
    workload: &Workload<'_>,
    container: &Node,
    declarations: &mut Declarations<'_>,
) {
    let options = options(container);
    let told = |name: &str| {
        let name = name.trim_end_matches('s');
        options.get(name).map(Vec::as_slice).unwrap_or_default()
    };
    let identity = workload.identity();
    let name = format!("proxy {}", identity.qualified_name());
    let boundaries = vec![
        Boundary::Cluster(cluster.name.clone()),
        Boundary::around(identity),
        Boundary::of(workload),
    ];
    let mut gateway = Gateway::new("oauth2-proxy", name, boundaries, workload.object);
    gateway.shown = identity.address();
    gateway.expects_proof = false;
    for (value, line) in PASSING.iter().flat_map(|name| told(name)) {
        gateway.unverified.push(Unverified {
            name: format!("calls to {value}"),
            words: format!("lets calls to {value} through without asking who it is"),
            is_token: false,
            lines: [*line, *line],
        });
    }
    for (name, words) in UNVERIFIED {
        let mut on = told(name).iter().filter(|(value, _)| *value != "false");
        if let Some((_, line)) = on.next() {
            gateway.unverified.push(Unverified {
                name: format!("tokens ({name})"),
                words: (*words).to_owned(),
                is_token: true,
                lines: [*line, *line],
            });
        }
    }
    let whom: BTreeSet<&str> = ["email-domain", "allowed-group", "allowed-role"]
        .iter()
        .flat_map(|name| told(name))
        .map(|(value, _)| *value)
        .collect();
    if !whom.is_empty() {
        let whom: Vec<&str> = whom.into_iter().collect();
        gateway.entrances.push(Entrance {
            name: "whatever is behind it".to_owned(),
            asks: format!("a sign-in of {}", whom.join(", ")),
            lines: [container.line, container.line],
        });
    }
    gateway.declare(declarations);
    for (range, line) in told("trusted-ip") {
        declarations.faults.push(Fault {
            kind: FaultKind::AddressAlone,
            subject: format!("{} --trusted-ip {range}", identity.address()),
            words: format!("lets callers from {range} in by their address alone (--trusted-ip)"),
            source: workload.object.source.clone(),
            lines: [*line, *line],
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{faults, reading, statements};

    fn proxy(image: &str, args: &str, env: &str) -> String {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: p, namespace: shop}}\nspec:\n  template:\n    spec:\n      \
             containers: [{{name: p, image: {image}, args: {args}, env: {env}}}]\n"
        )
    }

    #[test]
    fn what_a_proxy_lets_through_unasked_is_told_and_what_it_asks_for_is_not_a_fault() {
        let image = "quay.io/oauth2-proxy/oauth2-proxy:v7";
        let found = |args: &str, env: &str| faults(&proxy(image, args, env));
        assert!(found("[--email-domain=acme.example]", "[]").is_empty());
        for (args, env) in [
            ("[--skip-auth-route=GET=^/api]", "[]"),
            ("[--skip-auth-route, 'GET=^/api']", "[]"),
            (
                "[]",
                "[{name: OAUTH2_PROXY_SKIP_AUTH_ROUTES, value: 'GET=^/api'}]",
            ),
        ] {
            assert_eq!(
                found(args, env),
                ["Unproven Deployment/shop/p calls to GET=^/api"],
                "{args} {env}"
            );
        }
        assert_eq!(
            found("[--insecure-oidc-skip-issuer-verification=true]", "[]"),
            ["UnverifiedToken Deployment/shop/p tokens (insecure-oidc-skip-issuer-verification)"]
        );
        assert!(found("[--insecure-oidc-skip-issuer-verification=false]", "[]").is_empty());
        assert_eq!(
            found("[--trusted-ip=10.0.0.0/8]", "[]"),
            ["AddressAlone Deployment/shop/p --trusted-ip 10.0.0.0/8"]
        );
        assert!(faults(&proxy("nginx:1", "[--skip-auth-route=/x]", "[]")).is_empty());
    }

    #[test]
    fn whose_sign_in_is_asked_for_is_named() {
        let image = "bitnami/oauth2-proxy";
        let asked = |args: &str| {
            statements(&reading(&proxy(image, args, "[]")), Topic::Authentication)
                .iter()
                .filter(|line| line.starts_with("-/shop: "))
                .map(|line| line.rsplit(" = ").next().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            asked("[--email-domain=b.example, --email-domain=a.example]"),
            ["a sign-in of a.example, b.example"]
        );
        assert_eq!(asked("['--email-domain=*']"), ["a sign-in of *"]);
        assert!(asked("[]").is_empty());
    }
}
