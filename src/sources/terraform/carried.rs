//! Kubernetes objects that resources of a plan carry in their arguments.

use crate::sources::manifests::yaml::{self, Content, Field, Node};
use crate::value::Value;

use super::resource::{Instance, Resource};

/// The objects of one resource.
#[derive(Debug, Clone)]
pub struct Carried {
    /// The resource's address.
    pub address: String,
    /// As they are.
    pub before: Vec<Node>,
    /// As they will be.
    pub after: Vec<Node>,
}

/// The arguments that hold objects, by resource type: as an object, or as YAML.
const ARGUMENTS: &[(&str, &[&str])] = &[
    ("helm_release", &["values"]),
    ("kubectl_manifest", &["yaml_body_parsed", "yaml_body"]),
    ("kubernetes_manifest", &["manifest"]),
];

/// Whether resources of a type carry objects.
#[must_use]
pub(super) fn carries(resource_type: &str) -> bool {
    ARGUMENTS.iter().any(|(name, _)| *name == resource_type)
}

/// The objects that resources carry. What is secret is left out, what is known only after apply says so.
#[must_use]
pub(super) fn carried(resources: &[Resource<'_>]) -> Vec<Carried> {
    let mut all = Vec::new();
    for resource in resources.iter().filter(|resource| !resource.is_data) {
        let of_its_type = ARGUMENTS
            .iter()
            .find(|(name, _)| *name == resource.resource_type);
        let Some((_, arguments)) = of_its_type else {
            continue;
        };
        let read = |instance: &Option<Instance<'_>>| {
            instance
                .as_ref()
                .map_or_else(Vec::new, |instance| objects(instance, arguments))
        };
        all.push(Carried {
            address: resource.address.to_string(),
            before: read(&resource.before),
            after: read(&resource.after),
        });
    }
    all
}

fn objects(instance: &Instance<'_>, arguments: &[&str]) -> Vec<Node> {
    let Ok(values) = instance.read(&|name| arguments.contains(&name)) else {
        return Vec::new();
    };
    for argument in arguments {
        let found = match values.member(argument) {
            Value::Text(text) => yaml::documents(text).0,
            Value::List(items) => items
                .iter()
                .filter_map(|item| match item {
                    Value::Text(text) => Some(yaml::documents(text).0),
                    _ => None,
                })
                .flatten()
                .collect(),
            object @ Value::Object(_) => vec![node(object)],
            _ => Vec::new(),
        };
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// A value as a tree; all of it stands on the first line. The plan's own bound on depth holds for it.
fn node(value: &Value) -> Node {
    let scalar = |text: &str, is_plain: bool| Content::Scalar {
        text: text.to_owned(),
        is_plain,
        is_literal: false,
    };
    let content = match value {
        Value::Null => scalar("", true),
        Value::Unknown => scalar("(known after apply)", false),
        Value::Sensitive(_) => scalar("(sensitive)", false),
        Value::Bool(truth) => scalar(if *truth { "true" } else { "false" }, true),
        Value::Number(text) => scalar(text, true),
        Value::Text(text) => scalar(text, false),
        Value::List(items) => Content::List(items.iter().map(node).collect()),
        Value::Object(members) => Content::Map(
            members
                .iter()
                .map(|(key, value)| Field {
                    key: key.clone(),
                    line: 1,
                    value: node(value),
                })
                .collect(),
        ),
    };
    Node {
        line: 1,
        end_line: 1,
        content,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_object_of_a_plan_reads_like_one_of_a_file() {
        let text = |text: &str| Value::Text(text.to_owned());
        let metadata = BTreeMap::from([("name".to_owned(), text("web"))]);
        let value = Value::Object(BTreeMap::from([
            ("kind".to_owned(), text("Service")),
            ("metadata".to_owned(), Value::Object(metadata)),
            ("spec".to_owned(), Value::Unknown),
        ]));
        let tree = node(&value);
        assert_eq!(tree.text_at(&["metadata", "name"]), Some("web"));
        assert_eq!(tree.text_at(&["spec"]), Some("(known after apply)"));
        assert!(tree.get("status").is_none());
    }
}
