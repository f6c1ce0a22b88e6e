//! Trees of YAML to be edited, and the text they come to.

use perimeter::sources::manifests::yaml::{Content, Field, Node};

/// A value made up.
pub(crate) fn node(content: Content) -> Node {
    Node {
        line: 1,
        end_line: 1,
        content,
    }
}

/// A plain scalar: `80`, `true`, `ClusterIP`.
pub(crate) fn plain(text: &str) -> Node {
    node(Content::Scalar {
        text: text.to_owned(),
        is_plain: true,
        is_literal: false,
    })
}

/// A sequence of plain scalars.
pub(crate) fn plains(texts: &[&str]) -> Node {
    node(Content::List(
        texts.iter().map(|text| plain(text)).collect(),
    ))
}

/// The value of a field, as it can be changed. It is not made.
pub(crate) fn field<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Content::Map(fields) = &mut node.content else {
        return None;
    };
    let found = fields.iter_mut().find(|field| field.key == key);
    found.map(|field| &mut field.value)
}

/// The value behind several keys, as it can be changed. It is not made.
pub(crate) fn at<'n>(node: &'n mut Node, path: &[&str]) -> Option<&'n mut Node> {
    path.iter().try_fold(node, |node, key| field(node, key))
}

/// The items of a sequence, as they can be changed.
pub(crate) fn items(node: &mut Node) -> &mut [Node] {
    match &mut node.content {
        Content::List(items) => items,
        _ => &mut [],
    }
}

/// Write a field into a mapping, unless that has it. Whether it was written.
pub(crate) fn add(map: &mut Node, key: &str, value: Node) -> bool {
    let Content::Map(fields) = &mut map.content else {
        return false;
    };
    if fields.iter().any(|field| field.key == key) {
        return false;
    }
    fields.push(Field {
        key: key.to_owned(),
        line: 1,
        value,
    });
    true
}

/// The mapping under a key, made where it is missing or null.
pub(crate) fn map_at<'n>(map: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    add(map, key, node(Content::Map(Vec::new())));
    let value = field(map, key)?;
    if value.is_null() {
        value.content = Content::Map(Vec::new());
    }
    Some(value)
}

/// Every mapping of a tree, from the outside in.
pub(crate) fn every_map(node: &mut Node, edit: &mut dyn FnMut(&mut Node)) {
    if node.is_map() {
        edit(node);
    }
    match &mut node.content {
        Content::Map(fields) => {
            for field in fields {
                every_map(&mut field.value, edit);
            }
        }
        Content::List(items) => items.iter_mut().for_each(|item| every_map(item, edit)),
        Content::Scalar { .. } => {}
    }
}

/// Documents as text.
pub(crate) fn written(documents: &[Node]) -> String {
    let mut text = String::new();
    for document in documents {
        text.push_str("---\n");
        write(document, 0, &mut text);
    }
    text
}

fn write(node: &Node, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match &node.content {
        Content::Map(fields) => {
            for field in fields {
                text.push_str(&format!("{indent}{}:", key(&field.key)));
                value(&field.value, depth, text);
            }
        }
        Content::List(items) => {
            for item in items {
                text.push_str(&format!("{indent}-"));
                value(item, depth, text);
            }
        }
        Content::Scalar { .. } => text.push_str(&format!("{indent}{}\n", scalar(node))),
    }
}

fn value(node: &Node, depth: usize, text: &mut String) {
    match &node.content {
        Content::Map(fields) if fields.is_empty() => text.push_str(" {}\n"),
        Content::List(items) if items.is_empty() => text.push_str(" []\n"),
        Content::Scalar { .. } => text.push_str(&format!(" {}\n", scalar(node))),
        _ => {
            text.push('\n');
            write(node, depth + 1, text);
        }
    }
}

fn key(key: &str) -> String {
    if is_simple(key) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

fn scalar(node: &Node) -> String {
    match &node.content {
        Content::Scalar {
            text,
            is_plain: true,
            ..
        } if text.is_empty() || text == "~" || is_simple(text) => text.clone(),
        Content::Scalar { text, .. } => quoted(text),
        _ => String::new(),
    }
}

/// Text in quotes: those of JSON are YAML, too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn is_simple(text: &str) -> bool {
    let ends = |edge: Option<char>| edge.is_some_and(|edge| edge.is_ascii_alphanumeric());
    ends(text.chars().next())
        && ends(text.chars().next_back())
        && text
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "._/-".contains(one))
}
