//! Objects of Kubernetes and entries of Consul that resources of a plan carry in their arguments.

mod entry;
mod release;
mod typed;

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
    /// They are all that the resource means, and were read.
    pub is_whole: bool,
}

/// What resources of a type carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An object, in the first of these arguments that can be read: as such, or as YAML.
    Object(&'static [&'static str]),
    /// Itself an object, spelled as arguments.
    Typed(typed::Type),
    /// An entry of Consul: of this kind, or of the one it names.
    Entry(Option<&'static str>),
    /// Values for a chart.
    Values,
}

/// What each resource type carries.
const FORMS: &[(&str, Form)] = &[
    ("consul_config_entry", Form::Entry(None)),
    (
        "consul_config_entry_service_defaults",
        Form::Entry(Some("service-defaults")),
    ),
    (
        "consul_config_entry_service_intentions",
        Form::Entry(Some("service-intentions")),
    ),
    (
        "consul_config_entry_service_resolver",
        Form::Entry(Some("service-resolver")),
    ),
    ("helm_release", Form::Values),
    (
        "kubectl_manifest",
        // The provider marks all of the text as secret, and shows the same again without what is.
        Form::Object(&["yaml_body_parsed", "yaml_body"]),
    ),
    ("kubernetes_ingress", Form::Typed(typed::INGRESS)),
    ("kubernetes_ingress_v1", Form::Typed(typed::INGRESS)),
    ("kubernetes_manifest", Form::Object(&["manifest"])),
    ("kubernetes_namespace", Form::Typed(typed::NAMESPACE)),
    ("kubernetes_namespace_v1", Form::Typed(typed::NAMESPACE)),
    ("kubernetes_service", Form::Typed(typed::SERVICE)),
    ("kubernetes_service_v1", Form::Typed(typed::SERVICE)),
];

/// Whether resources of a type carry objects.
#[must_use]
pub(super) fn carries(resource_type: &str) -> bool {
    form(resource_type).is_some()
}

fn form(resource_type: &str) -> Option<Form> {
    let mut forms = FORMS.iter();
    let found = forms.find(|(name, _)| *name == resource_type);
    found.map(|(_, form)| *form)
}

/// The objects that resources carry. What is secret is left out, what is known only after apply says so.
#[must_use]
pub(super) fn carried(resources: &[Resource<'_>]) -> Vec<Carried> {
    let mut all = Vec::new();
    for resource in resources.iter().filter(|resource| !resource.is_data) {
        let Some(form) = form(&resource.resource_type) else {
            continue;
        };
        let read = |instance: &Option<Instance<'_>>| {
            instance
                .as_ref()
                .map_or_else(Vec::new, |instance| match form {
                    Form::Object(arguments) => objects(instance, arguments),
                    Form::Typed(of) => typed::object(instance, of).into_iter().collect(),
                    Form::Entry(kind) => entry::entry(instance, kind).into_iter().collect(),
                    Form::Values => release::values(instance).into_iter().collect(),
                })
        };
        let (before, after) = (read(&resource.before), read(&resource.after));
        let is_read = |instance: &Option<Instance<'_>>, objects: &[Node]| {
            instance.is_none() || !objects.is_empty()
        };
        all.push(Carried {
            address: resource.address.to_string(),
            is_whole: form != Form::Values
                && is_read(&resource.before, &before)
                && is_read(&resource.after, &after),
            before,
            after,
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
    on_first_line(content)
}

fn scalar(text: &str, is_plain: bool) -> Content {
    Content::Scalar {
        text: text.to_owned(),
        is_plain,
        is_literal: false,
    }
}

fn on_first_line(content: Content) -> Node {
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
