//! The settings as a schema for editors and as a table for people, both made from the types.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::borrow::Cow;
use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, schema_for};
use serde_json::{Map, Value};

use super::{OneOrMany, Settings};

impl JsonSchema for OneOrMany {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "OneOrMany".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}

const BEGIN: &str = "<!-- made from the types: begin -->";
const END: &str = "<!-- made from the types: end -->";

fn resolved<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    let reference = schema["$ref"]
        .as_str()
        .or_else(|| schema["anyOf"][0]["$ref"].as_str());
    match reference.and_then(|path| path.strip_prefix("#/$defs/")) {
        Some(name) => &root["$defs"][name],
        None => schema,
    }
}

/// What a value may be, in words.
fn kind(schema: &Value, root: &Value) -> String {
    let schema = resolved(schema, root);
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let words: Vec<String> = choices
        .filter_map(|one| Some(format!("`{}`", one["const"].as_str()?)))
        .collect();
    if !words.is_empty() {
        return words.join(" or ");
    }
    let names = match &schema["type"] {
        Value::Array(some) => some.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect::<Vec<_>>(),
    };
    let several = schema["anyOf"].is_array();
    match names.iter().find(|name| **name != "null") {
        Some(&"string") => "a text".to_owned(),
        Some(&"integer") => "a number".to_owned(),
        Some(&"array") => format!("a list of {}", plural(&kind(&schema["items"], root))),
        Some(&"object") if schema["additionalProperties"].is_object() => {
            let inner = kind(&schema["additionalProperties"], root);
            format!("names, each with {inner}")
        }
        Some(&"object") => "as below".to_owned(),
        _ if several => "a text, or a list of texts".to_owned(),
        _ => "a value".to_owned(),
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "a text" => "texts".to_owned(),
        "as below" => "entries".to_owned(),
        other => other.to_owned(),
    }
}

/// A row for every setting, each below the one it belongs to.
fn rows(prefix: &str, properties: &Map<String, Value>, root: &Value, table: &mut String) {
    for (name, schema) in properties {
        let path = format!("{prefix}{name}");
        let words = schema["description"]
            .as_str()
            .expect("every setting says what it is");
        table.push_str(&format!(
            "| `{path}` | {} | {} |\n",
            kind(schema, root),
            words.replace('\n', " ").trim()
        ));
        let inside = resolved(schema, root);
        let item = resolved(&inside["items"], root);
        for (inner, mark) in [(inside, "."), (item, "[].")] {
            if let Some(properties) = inner["properties"].as_object() {
                rows(&format!("{path}{mark}"), properties, root, table);
            }
        }
    }
}

#[test]
fn schema_and_table_are_those_of_the_types() {
    let schema = schema_for!(Settings).to_value();
    let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
    let mut table = String::from("| setting | what it is | |\n| --- | --- | --- |\n");
    rows(
        "",
        schema["properties"].as_object().unwrap(),
        &schema,
        &mut table,
    );
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page_path = top.join("docs/settings.md");
    let page = std::fs::read_to_string(&page_path).unwrap();
    let (head, rest) = page
        .split_once(BEGIN)
        .expect("the page has a place for the table");
    let (_, foot) = rest.split_once(END).unwrap();
    let page_now = format!("{head}{BEGIN}\n\n{table}\n{END}{foot}");
    let schema_path = top.join("schemas/settings.schema.json");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        std::fs::write(&schema_path, &text).unwrap();
        std::fs::write(&page_path, &page_now).unwrap();
        return;
    }
    let advice = "INSTA_UPDATE=always cargo test --lib settings::reference";
    assert!(
        page == page_now,
        "the table in docs/settings.md is another: {advice}"
    );
    let there = std::fs::read_to_string(&schema_path).unwrap_or_default();
    assert!(
        there == text,
        "schemas/settings.schema.json is another: {advice}"
    );
}
