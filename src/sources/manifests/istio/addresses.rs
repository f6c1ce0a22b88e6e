//! Policies that let callers in by their address alone. <https://istio.io/latest/docs/reference/config/security/authorization-policy/>,
//! read 2026-11-22.

use super::super::declare::{Declarations, Fault, FaultKind};
use super::super::object::Object;
use super::super::yaml::Node;
use super::inbound::{IDENTITY, TOKEN, demands, denies_all_without};
use super::install::{Mesh, selector};

/// Conditions on the source that its address meets.
const ADDRESS: &[&str] = &[
    "ipBlocks",
    "remoteIpBlocks",
    "notIpBlocks",
    "notRemoteIpBlocks",
];

/// The same as keys of `when`.
const ADDRESS_KEYS: &[&str] = &["source.ip", "remote.ip"];

pub(super) fn declare(mesh: &Mesh<'_, '_>, declarations: &mut Declarations<'_>) {
    let policies: Vec<&Object> = super::authorization_policies(mesh.cluster).collect();
    for policy in &policies {
        let action = policy.root.text_at(&["spec", "action"]);
        if action.is_some_and(|action| action != "ALLOW")
            || policies
                .iter()
                .any(|other| asks_of_all(mesh, other, policy))
        {
            continue;
        }
        let rules = policy.root.at(&["spec", "rules"]).map(Node::items);
        let by_address = rules
            .unwrap_or_default()
            .iter()
            .filter(|rule| is_by_address(rule));
        for (number, rule) in by_address.enumerate() {
            declarations.faults.push(Fault {
                kind: FaultKind::AddressAlone,
                // Not its place among the rules: reordered, it is the same.
                subject: format!("{} rule by address {number}", policy.identity.address()),
                words: "lets callers in by their address alone".to_owned(),
                source: policy.source.clone(),
                lines: [rule.line, rule.end_line],
            });
        }
    }
}

/// Whether a caller meets a rule by nothing but the address it comes from.
fn is_by_address(rule: &Node) -> bool {
    if demands_proof(rule) {
        return false;
    }
    let sources = rule.get("from").map(Node::items).unwrap_or_default();
    let has = |from: &Node, conditions: &[&str]| {
        let source = from.get("source");
        conditions.iter().any(|key| {
            let list = source.and_then(|source| source.get(key));
            list.is_some_and(|list| !list.is_empty())
        })
    };
    let by_source = sources
        .iter()
        .any(|from| has(from, ADDRESS) && !has(from, IDENTITY) && !has(from, TOKEN));
    let conditions = rule.get("when").map(Node::items).unwrap_or_default();
    let by_condition = sources.is_empty()
        && conditions.iter().any(|when| {
            let key = when.text_at(&["key"]).unwrap_or_default();
            ADDRESS_KEYS.contains(&key)
        });
    by_source || by_condition
}

/// Whether every caller of a rule proves who it is.
fn demands_proof(rule: &Node) -> bool {
    demands(rule, IDENTITY) || demands(rule, TOKEN)
}

/// Whether a policy keeps everybody without an identity or token away from the workloads of another.
fn asks_of_all(mesh: &Mesh<'_, '_>, policy: &Object, other: &Object) -> bool {
    let covers = {
        let own = selector(policy);
        let namespace = policy.identity.namespace.as_deref();
        (mesh.is_root(namespace) && own.is_empty())
            || policy.identity.namespace == other.identity.namespace
                && (own.is_empty() || own == selector(other))
    };
    let rules = policy.root.at(&["spec", "rules"]).map(Node::items);
    covers
        && policy.root.text_at(&["spec", "action"]) == Some("DENY")
        && rules.unwrap_or_default().iter().any(|rule| {
            denies_all_without(rule, "notPrincipals")
                || denies_all_without(rule, "notRequestPrincipals")
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::super::testing::reading;

    /// How many rules of a policy in namespace pay let callers in by address.
    fn check(spec: &str, more: &str, expected: usize) {
        let text = format!(
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {{name: web, namespace: pay}}\nspec: {spec}\n{more}"
        );
        assert_eq!(reading(&text).faults_after.len(), expected, "{spec}");
    }

    #[test]
    fn a_rule_that_only_asks_for_an_address_is_found() {
        check(
            "{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}",
            "",
            1,
        );
        check(
            "{rules: [{from: [{source: {remoteIpBlocks: [10.0.0.0/8]}}, {source: {principals: [a]}}]}]}",
            "",
            1,
        );
        check(
            "{rules: [{when: [{key: source.ip, values: [10.0.0.0/8]}]}]}",
            "",
            1,
        );
    }

    #[test]
    fn an_address_beside_an_identity_or_token_is_none_nor_is_a_rule_that_keeps_out() {
        check(
            "{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8], principals: [a]}}]}]}",
            "",
            0,
        );
        check(
            "{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}], when: [{key: 'request.auth.claims[iss]', values: [b]}]}]}",
            "",
            0,
        );
        check(
            "{action: DENY, rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}",
            "",
            0,
        );
        let deny = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: mtls, namespace: pay}\n\
                    spec: {action: DENY, rules: [{from: [{source: {notPrincipals: ['*']}}]}]}\n";
        check(
            "{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}",
            deny,
            0,
        );
    }
}
