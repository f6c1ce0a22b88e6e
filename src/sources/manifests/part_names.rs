//! Parts of a gateway's configuration under another name: what Kong calls a service or route, and Envoy a cluster or listener, is in
//! force nowhere, so one that is the same but for its name is the same.

use std::collections::{BTreeMap, BTreeSet};

use super::object::{Identity, Object};
use super::yaml::{Content, Node};
use super::{envoy, kong};

/// Names that parts have in the second snapshot, by those in the first.
type Names = BTreeMap<String, String>;

/// Give parts of the first snapshot the names that they have in the second, where it has as many new ones that say the same.
pub(super) fn carry(before: &mut [Object], after: &[Object]) {
    let later: BTreeMap<&Identity, &Object> = after
        .iter()
        .filter(|object| kong::is_configuration(object) || envoy::is_configuration(object))
        .map(|object| (&object.identity, object))
        .collect();
    for object in before {
        let Some(later) = later.get(&object.identity) else {
            continue;
        };
        if kong::is_configuration(later) {
            of_kong(&mut object.root, &later.root);
        } else {
            of_envoy(&mut object.root, &later.root);
        }
    }
}

fn of_kong(before: &mut Node, after: &Node) {
    let says = |part: &Node| spelled(part, &["id", "name", "tags"], "routes");
    let services = renamed(listed(before, "services"), listed(after, "services"), says);
    rename(before, "services", &services);
    for list in ["plugins", "routes"] {
        refer(before, list, "service", &services);
    }
    let later: BTreeMap<&str, &Node> = listed(after, "services")
        .iter()
        .filter_map(|service| Some((service.text_at(&["name"])?, service)))
        .collect();
    let mut routes = renamed(listed(before, "routes"), listed(after, "routes"), says);
    rename(before, "routes", &routes);
    let services = before.get_mut("services").map(Node::items_mut);
    for service in services.unwrap_or_default() {
        let name = service.text_at(&["name"]).unwrap_or_default();
        let Some(later) = later.get(name) else {
            continue;
        };
        let own = renamed(listed(service, "routes"), listed(later, "routes"), says);
        rename(service, "routes", &own);
        routes.extend(own);
    }
    refer(before, "plugins", "route", &routes);
}

fn of_envoy(before: &mut Node, after: &Node) {
    let (Some(before), Some(after)) = (
        before.get_mut("static_resources"),
        after.get("static_resources"),
    ) else {
        return;
    };
    for list in ["clusters", "listeners"] {
        let says = |part: &Node| spelled(part, &["cluster_name", "name"], "load_assignment");
        let names = renamed(listed(before, list), listed(after, list), says);
        rename(before, list, &names);
    }
}

fn listed<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map(Node::items).unwrap_or_default()
}

/// What a part says but for some fields, also of what one field of it holds.
fn spelled(part: &Node, but: &[&str], inner: &str) -> String {
    let mut fields: Vec<String> = part
        .fields()
        .iter()
        .filter(|field| !but.contains(&field.key.as_str()) && !field.value.is_null())
        .map(|field| {
            let value = match (field.key == inner, &field.value.content) {
                (true, Content::List(items)) => {
                    let mut items: Vec<String> =
                        items.iter().map(|item| spelled(item, but, "")).collect();
                    items.sort_unstable();
                    items.join(" ")
                }
                (true, Content::Map(_)) => spelled(&field.value, but, ""),
                _ => field.value.canonical(),
            };
            format!("{}={value}", field.key)
        })
        .collect();
    fields.sort_unstable();
    fields.join(" ")
}

/// The parts that only one of two lists knows by name, by what they say.
fn unknown<'n>(
    parts: &'n [Node],
    others: &[Node],
    says: impl Fn(&Node) -> String,
) -> BTreeMap<String, Vec<&'n str>> {
    let name = |part: &'n Node| part.text_at(&["name"]);
    let known: BTreeSet<&str> = others
        .iter()
        .filter_map(|part| part.text_at(&["name"]))
        .collect();
    let mut unknown: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for part in parts {
        if let Some(name) = name(part).filter(|name| !known.contains(name)) {
            unknown.entry(says(part)).or_default().push(name);
        }
    }
    unknown
}

fn renamed(before: &[Node], after: &[Node], says: impl Fn(&Node) -> String) -> Names {
    let gone = unknown(before, after, &says);
    let come = unknown(after, before, &says);
    gone.iter()
        .filter_map(|(what, was)| Some((was, come.get(what)?)))
        .filter(|(was, is)| was.len() == is.len())
        .flat_map(|(was, is)| was.iter().zip(is))
        .map(|(was, is)| ((*was).to_owned(), (*is).to_owned()))
        .collect()
}

/// Put a new name in place of the old one, if that has one.
fn put(text: Option<&mut Node>, names: &Names) {
    if let Some(Content::Scalar { text, .. }) = text.map(|node| &mut node.content)
        && let Some(name) = names.get(text)
    {
        text.clone_from(name);
    }
}

fn rename(node: &mut Node, list: &str, names: &Names) {
    let parts = node.get_mut(list).map(Node::items_mut);
    for part in parts.unwrap_or_default() {
        put(part.get_mut("name"), names);
    }
}

/// The same for what refers to a part: by its name, or by a mapping that holds it.
fn refer(node: &mut Node, list: &str, key: &str, names: &Names) {
    let parts = node.get_mut(list).map(Node::items_mut);
    for part in parts.unwrap_or_default() {
        let Some(reference) = part.get_mut(key) else {
            continue;
        };
        if reference.is_map() {
            put(reference.get_mut("name"), names);
        } else {
            put(Some(reference), names);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::StatementDeclaration;

    use super::super::testing::between;

    /// What is said of one text alone, of what counts on either side.
    fn differing(before: &str, after: &str) -> usize {
        let reading = between(before, after);
        let told = |all: &[StatementDeclaration]| -> Vec<(String, String)> {
            let all = all.iter();
            all.map(|one| (one.about.clone(), one.value.clone()))
                .collect()
        };
        let (was, is) = (
            told(&reading.before.statements),
            told(&reading.after.statements),
        );
        let alone = |one: &[(String, String)], other: &[(String, String)]| {
            one.iter().filter(|fact| !other.contains(fact)).count()
        };
        alone(&was, &is) + alone(&is, &was)
    }

    fn kong(service: &str, route: &str, more: &str) -> String {
        format!(
            "_format_version: '3.0'\n_workspace: w\nservices: [{{name: {service}, url: 'http://api', routes: [{{name: {route}, paths: [/a]{more}}}]}}]\n\
             plugins: [{{name: key-auth, service: {service}}}, {{name: jwt, route: {{name: {route}}}}}]\n"
        )
    }

    #[test]
    fn a_service_or_route_of_kong_under_another_name_is_the_same_and_one_that_says_otherwise_is_another()
     {
        let before = kong("api", "r", "");
        for same in [
            kong("api-v2", "r", ""),
            kong("api", "r-v2", ""),
            kong("api-v2", "r-v2", ""),
        ] {
            assert_eq!(differing(&before, &same), 0, "{same}");
        }
        assert_ne!(
            differing(&before, &kong("api", "r-v2", ", protocols: [https]")),
            0
        );
        // Nothing refers to it any longer, so nothing asks.
        let unbound = kong("api", "r-v2", "").replace("{name: r-v2}", "{name: other}");
        assert_ne!(differing(&before, &unbound), 0);
    }

    #[test]
    fn a_cluster_of_envoy_under_another_name_is_the_same_and_one_to_another_host_is_not() {
        let envoy = |name: &str, host: &str| {
            format!(
                "node: {{id: e}}\nstatic_resources:\n  clusters:\n  - name: {name}\n    load_assignment: {{cluster_name: {name}, endpoints: \
                 [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: {host}, port_value: 1}}}}}}}}]}}]}}\n"
            )
        };
        assert_eq!(differing(&envoy("a", "api"), &envoy("b", "api")), 0);
        assert_ne!(differing(&envoy("a", "api"), &envoy("b", "other")), 0);
    }
}
