//! Objects under another name: of some kinds the name is in force nowhere, so one that is the same but for its name is the same.

use std::collections::{BTreeMap, BTreeSet};

use super::object::{Identity, Object};
use super::yaml::Node;

/// Kinds that nothing refers to by name and whose names decide nothing.
const KINDS: &[(&str, &str)] = &[
    ("networking.istio.io", "DestinationRule"),
    ("networking.istio.io", "Sidecar"),
    ("networking.k8s.io", "NetworkPolicy"),
    ("policy.linkerd.io", "AuthorizationPolicy"),
    ("policy.linkerd.io", "ServerAuthorization"),
    ("security.istio.io", "AuthorizationPolicy"),
    ("security.istio.io", "PeerAuthentication"),
    ("security.istio.io", "RequestAuthentication"),
    (".traefik.io", "IngressRoute"),
    (".traefik.io", "IngressRouteTCP"),
    ("traefik.containo.us", "IngressRoute"),
    ("traefik.containo.us", "IngressRouteTCP"),
];

/// Give objects of the first snapshot the names that they have in the second, where it has as many new ones that mean the same.
pub(super) fn carry(before: &mut [Object], after: &[Object]) {
    let gone = missing(before, after);
    let come = missing(after, before);
    let renamed: BTreeMap<Identity, String> = gone
        .iter()
        .filter_map(|(what, was)| Some((was, come.get(what)?)))
        .filter(|(was, is)| was.len() == is.len())
        .flat_map(|(was, is)| was.iter().zip(is))
        .map(|(was, is)| ((*was).clone(), is.name.clone()))
        .collect();
    for object in before {
        if let Some(name) = renamed.get(&object.identity) {
            object.identity.name.clone_from(name);
        }
    }
}

/// What an object is but for its name: the name left empty, and what it says.
type Meaning = (Identity, String);

/// The objects of these kinds that the other snapshot lacks, by what they are but for their name.
fn missing<'o>(
    objects: &'o [Object],
    others: &[Object],
) -> BTreeMap<Meaning, BTreeSet<&'o Identity>> {
    let is_such = |object: &&Object| {
        let mut kinds = KINDS.iter();
        kinds.any(|(group, kind)| object.is(group, kind))
    };
    let known: BTreeSet<&Identity> = others
        .iter()
        .filter(is_such)
        .map(|object| &object.identity)
        .collect();
    let mut missing: BTreeMap<Meaning, BTreeSet<&Identity>> = BTreeMap::new();
    for object in objects.iter().filter(is_such) {
        if known.contains(&object.identity) {
            continue;
        }
        let identity = Identity {
            name: String::new(),
            ..object.identity.clone()
        };
        let says = object
            .root
            .get("spec")
            .map(Node::canonical)
            .unwrap_or_default();
        let alike = missing.entry((identity, says)).or_default();
        alike.insert(&object.identity);
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::super::testing::between;

    fn policy(name: &str, mode: &str) -> String {
        format!(
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{name: {name}, namespace: shop}}\n\
             spec: {{selector: {{matchLabels: {{app: web}}}}, mtls: {{mode: {mode}}}}}\n---\n"
        )
    }

    /// The settings that let traffic go in the clear, which only the second text has.
    fn new_sites(before: &str, after: &str) -> usize {
        let reading = between(before, after);
        let was = |subject: &str| {
            reading
                .sites_before
                .iter()
                .any(|one| one.subject == subject)
        };
        let new = reading.sites_after.iter();
        new.filter(|one| !was(&one.subject)).count()
    }

    #[test]
    fn a_route_of_traefik_under_another_name_is_the_same_and_one_to_another_service_is_not() {
        let route = |name: &str, service: &str| {
            format!(
                "apiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{tls: {{}}, routes: \
                 [{{match: Host(`a.example`), services: [{{name: {service}, port: 80, scheme: h2c}}]}}]}}\n"
            )
        };
        assert_eq!(new_sites(&route("a", "web"), &route("b", "web")), 0);
        assert_eq!(new_sites(&route("a", "web"), &route("b", "api")), 1);
    }

    #[test]
    fn a_policy_under_another_name_is_the_same_and_one_that_says_otherwise_is_another() {
        let before = policy("web", "PERMISSIVE");
        assert_eq!(new_sites(&before, &policy("web-tls", "PERMISSIVE")), 0);
        assert_eq!(new_sites(&before, &policy("web-tls", "DISABLE")), 1);
        // Beside the one that stays, it is a second one.
        let both = before.clone() + &policy("web-tls", "PERMISSIVE");
        assert_eq!(new_sites(&before, &both), 1);
    }
}
