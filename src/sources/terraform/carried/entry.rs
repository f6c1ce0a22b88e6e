//! Configuration entries of Consul that the provider has resources for: any kind with its body as JSON, or one kind as arguments
//! (<https://registry.terraform.io/providers/hashicorp/consul/latest/docs/resources/config_entry>, read 2026-11-22).

use std::collections::BTreeMap;

use crate::sources::manifests::systems::SYSTEMS;
use crate::sources::manifests::yaml::{self, Content, Node};
use crate::value::Value;

use super::super::resource::Instance;
use super::{node, on_first_line};

/// What of a resource is no part of its entry, or the same under another name.
const NOT_OF_THE_BODY: &[&str] = &["config_json", "id", "kind", "meta", "name"];

/// The entry that a resource writes. `kind` is the one its type is for; without, an argument tells it.
pub(super) fn entry(instance: &Instance<'_>, kind: Option<&str>) -> Option<Node> {
    let told = instance.read(&|_| true).ok()?;
    let Value::Object(arguments) = &told else {
        return None;
    };
    let text = |name: &str| match told.member(name) {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    let kind = kind.map(str::to_owned).or_else(|| text("kind"))?;
    let head = [("Kind", Some(kind)), ("Name", text("name"))];
    let head = head
        .into_iter()
        .filter_map(|(key, text)| Some((key.to_owned(), Value::Text(text?))));
    let own = arguments
        .iter()
        .filter(|(key, value)| !NOT_OF_THE_BODY.contains(&key.as_str()) && **value != Value::Null)
        .map(|(key, value)| (key.clone(), value.clone()));
    let mut whole = node(&Value::Object(head.chain(own).collect::<BTreeMap<_, _>>()));
    if arguments.contains_key("config_json") {
        let body = yaml::documents(&text("config_json")?)
            .0
            .into_iter()
            .next()?;
        let (Content::Map(fields), Content::Map(of_body)) = (&mut whole.content, body.content)
        else {
            return None;
        };
        fields.extend(of_body);
        whole = on_first_line(whole.content);
    }
    // Of a kind that nobody knows, nothing is read.
    let mut systems = SYSTEMS.iter();
    let is_known = systems.any(|system| (system.document)(&whole).is_some());
    is_known.then_some(whole)
}
