//! Objects that the Kubernetes provider has a resource type of its own for: their fields are arguments, spelled its way
//! (<https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs/resources/service_v1>, read 2026-11-22).

use std::collections::BTreeMap;

use crate::sources::manifests::yaml::Node;
use crate::value::Value;

use super::super::resource::Instance;
use super::node;

/// What objects of a type are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    api_version: &'static str,
    kind: &'static str,
    /// Blocks that are the items of a list, and what the list is called.
    lists: &'static [(&'static str, &'static str)],
}

pub(super) const INGRESS: Type = Type {
    api_version: "networking.k8s.io/v1",
    kind: "Ingress",
    lists: &[("path", "paths"), ("rule", "rules"), ("tls", "tls")],
};
pub(super) const NAMESPACE: Type = Type {
    api_version: "v1",
    kind: "Namespace",
    lists: &[],
};
pub(super) const SERVICE: Type = Type {
    api_version: "v1",
    kind: "Service",
    lists: &[("port", "ports")],
};

/// Arguments whose keys are the user's, not the provider's.
const MAPS: &[&str] = &["annotations", "labels", "selector"];

/// The object that a resource is.
pub(super) fn object(instance: &Instance<'_>, of: Type) -> Option<Node> {
    let told = instance
        .read(&|name| matches!(name, "metadata" | "spec"))
        .ok()?;
    let Value::Object(mut fields) = block(&told, of) else {
        return None;
    };
    for (name, text) in [("apiVersion", of.api_version), ("kind", of.kind)] {
        fields.insert(name.to_owned(), Value::Text(text.to_owned()));
    }
    Some(node(&Value::Object(fields)))
}

/// A block as an object spells it.
fn block(value: &Value, of: Type) -> Value {
    let Value::Object(arguments) = value else {
        return value.clone();
    };
    let set = arguments.iter().filter(|(_, value)| **value != Value::Null);
    let fields = set.map(|(name, value)| field(name, value, of));
    Value::Object(fields.collect::<BTreeMap<_, _>>())
}

fn field(name: &str, value: &Value, of: Type) -> (String, Value) {
    if MAPS.contains(&name) {
        return (name.to_owned(), value.clone());
    }
    let Value::List(items) = value else {
        return (camel_case(name), block(value, of));
    };
    let mut blocks: Vec<Value> = items.iter().map(|item| block(item, of)).collect();
    if let Some((_, list)) = of.lists.iter().find(|(one, _)| *one == name) {
        return ((*list).to_owned(), Value::List(blocks));
    }
    let is_one_block = matches!(blocks.as_slice(), [Value::Object(_)]);
    let value = match blocks.pop() {
        Some(only) if is_one_block => only,
        last => Value::List(blocks.into_iter().chain(last).collect()),
    };
    (camel_case(name), value)
}

/// `load_balancer_source_ranges` is `loadBalancerSourceRanges`, and what is an address is written in capitals.
fn camel_case(name: &str) -> String {
    let mut steps = name.split('_');
    let mut spelled = steps.next().unwrap_or_default().to_owned();
    for step in steps {
        match step {
            "ip" => spelled.push_str("IP"),
            "ips" => spelled.push_str("IPs"),
            step => {
                let mut letters = step.chars();
                spelled.extend(letters.next().map(|first| first.to_ascii_uppercase()));
                spelled.push_str(letters.as_str());
            }
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn map(members: &[(&str, Value)]) -> Value {
        let members = members.iter();
        Value::Object(
            members
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_resource_is_the_object_that_a_manifest_would_be() {
        let annotations = map(&[("load_balancer/kind_of", text("internal"))]);
        let metadata = map(&[("name", text("web")), ("annotations", annotations)]);
        let port = map(&[("port", Value::Number("80".to_owned()))]);
        let spec = map(&[
            ("external_ips", Value::List(vec![text("192.0.2.7")])),
            ("load_balancer_class", Value::Null),
            ("port", Value::List(vec![port])),
            ("type", text("LoadBalancer")),
        ]);
        let values = BTreeMap::from([
            ("metadata".to_owned(), Value::List(vec![metadata])),
            ("spec".to_owned(), Value::List(vec![spec])),
            ("timeouts".to_owned(), Value::Null),
        ]);
        let object = object(&Instance::evaluated(&values), SERVICE).unwrap();
        assert_eq!(object.text_at(&["kind"]), Some("Service"));
        assert_eq!(object.text_at(&["spec", "type"]), Some("LoadBalancer"));
        assert_eq!(object.at(&["spec", "ports"]).unwrap().items().len(), 1);
        assert_eq!(
            object.at(&["spec", "externalIPs"]).unwrap().texts(),
            ["192.0.2.7"]
        );
        // What people wrote stays as they spelled it, and what they did not write is not there.
        let written = ["metadata", "annotations", "load_balancer/kind_of"];
        assert_eq!(object.text_at(&written), Some("internal"));
        assert!(object.at(&["spec", "loadBalancerClass"]).is_none());
    }
}
