//! The two syntaxes of a Terraform file, native and JSON, to one model: blocks with attributes and nested blocks.
//!
//! Every top-level block knows its lines. Expressions keep the form of the parser and are not evaluated here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};
use hcl_edit::structure::Structure;
use hcl_edit::template::{Element, StringTemplate};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::super::blocks::{Block, Failure, LineNumbers, comment_above, join};

/// One file of a module, or a file of variables.
#[derive(Debug)]
pub struct SourceFile {
    /// Where it is, relative to the top of the repository.
    pub path: String,
    /// Its top-level blocks, in order.
    pub(in super::super) blocks: Vec<Arc<SourceBlock>>,
    /// Its top-level attributes: what a file of variables consists of.
    pub(super) attributes: BTreeMap<String, Expression>,
    /// Why some of its blocks are missing.
    pub(in super::super) failure: Option<Failure>,
}

/// A top-level block with what is in it.
#[derive(Debug, Clone)]
pub(in super::super) struct SourceBlock {
    /// Kind, labels and lines.
    pub(in super::super) block: Block,
    /// What is between the braces.
    pub(super) body: Body,
}

/// What is between the braces of a block.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    pub(super) attributes: BTreeMap<String, Expression>,
    pub(super) blocks: Vec<Nested>,
}

/// A block in a block.
#[derive(Debug, Clone)]
pub(super) struct Nested {
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    pub(super) body: Body,
}

/// Whether a path is that of a file the reader wants: configuration in either syntax, or values of variables.
#[must_use]
pub fn is_source(path: &str) -> bool {
    is_configuration(path) || is_variables(path)
}

/// Whether a file is part of a module.
#[must_use]
pub fn is_configuration(path: &str) -> bool {
    path.ends_with(".tf") || path.ends_with(".tf.json")
}

pub(super) fn is_variables(path: &str) -> bool {
    path.ends_with(".tfvars") || path.ends_with(".tfvars.json")
}

impl SourceBlock {
    /// The literal `source` of a `module` block.
    pub(in super::super) fn literal_source(&self) -> Option<&str> {
        self.body.attributes.get("source")?.as_str()
    }
}

impl SourceFile {
    /// Read one file. A block that cannot be read is missing, and [`failure`](Self::failure) says why.
    #[must_use]
    pub fn parse(path: &str, text: &str) -> Self {
        let mut file = Self {
            path: path.to_owned(),
            blocks: Vec::new(),
            attributes: BTreeMap::new(),
            failure: None,
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let read = match join("", parent) {
            None => Err((1, "the file is above the top of the repository".to_owned())),
            Some(directory) if path.ends_with(".json") => file.read_json(&directory, text),
            Some(directory) => file.read_native(&directory, text),
        };
        if let Err((line, message)) = read {
            file.failure = Some(Failure {
                path: path.to_owned(),
                line,
                message,
            });
        }
        file
    }

    /// The same file once more; its blocks are shared.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self {
            path: self.path.clone(),
            blocks: self.blocks.clone(),
            attributes: self.attributes.clone(),
            failure: self.failure.clone(),
        }
    }

    /// What could not be read, and at which line.
    #[must_use]
    pub fn failure(&self) -> Option<(usize, &str)> {
        self.failure
            .as_ref()
            .map(|failure| (failure.line, failure.message.as_str()))
    }

    fn read_native(&mut self, directory: &str, text: &str) -> Result<(), (usize, String)> {
        match hcl_edit::parser::parse_body(text) {
            Ok(body) => {
                self.take_in(directory, text, body, 0);
                Ok(())
            }
            Err(error) => {
                self.read_what_can_be_read(directory, text);
                Err((error.location().line(), error.message().to_owned()))
            }
        }
    }

    /// The blocks of a file with a fault in it, without the one that has the fault: a brace at the beginning of a line ends
    /// a block, as far as anybody indents.
    fn read_what_can_be_read(&mut self, directory: &str, text: &str) {
        let mut first_line = 0;
        let mut piece = String::new();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            piece.push_str(line);
            if !line.starts_with('}') {
                continue;
            }
            if let Ok(body) = hcl_edit::parser::parse_body(&piece) {
                self.take_in(directory, &piece, body, first_line);
            }
            piece.clear();
            first_line = index + 1;
        }
        if let Ok(body) = hcl_edit::parser::parse_body(&piece) {
            self.take_in(directory, &piece, body, first_line);
        }
    }

    /// Take in the structures of a text that begins behind so many lines of its file.
    fn take_in(
        &mut self,
        directory: &str,
        text: &str,
        body: hcl_edit::structure::Body,
        lines_before: usize,
    ) {
        let lines = LineNumbers::new(text);
        let mut previous_end = 0;
        for structure in body {
            let span = structure.span().unwrap_or(previous_end..previous_end);
            match structure {
                Structure::Attribute(attribute) => {
                    self.attributes
                        .insert(attribute.key.as_str().to_owned(), attribute.value);
                }
                Structure::Block(block) => {
                    let line = lines_before + lines.at(span.start);
                    let end_line = lines_before + lines.at(span.end.saturating_sub(1));
                    let comment_line = comment_above(text, previous_end..span.start, &lines);
                    let labels = block.labels.iter().map(|label| label.as_str().to_owned());
                    self.blocks.push(Arc::new(SourceBlock {
                        block: Block {
                            kind: block.ident.as_str().to_owned(),
                            labels: labels.collect(),
                            path: self.path.clone(),
                            directory: directory.to_owned(),
                            line,
                            end_line: end_line.max(line),
                            comment_line: lines_before + comment_line,
                        },
                        body: Body::from(block.body),
                    }));
                }
            }
            previous_end = span.end;
        }
    }

    fn read_json(&mut self, directory: &str, text: &str) -> Result<(), (usize, String)> {
        let fault = |error: serde_json::Error| (error.line().max(1), bare(&error));
        let lines = LineNumbers::new(text);
        if is_variables(&self.path) {
            let Members(members) = serde_json::from_str(text).map_err(fault)?;
            for (name, raw) in members {
                let value = serde_json::from_str(raw.get()).map_err(fault)?;
                self.attributes.insert(name, literal(&value));
            }
            return Ok(());
        }
        // Blocks are found where their text lies; what is in them is read as a whole.
        let line_at = |raw: &RawValue| {
            let offset = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            let end = offset + raw.get().len();
            (lines.at(offset), lines.at(end.saturating_sub(1)))
        };
        for top in objects(text).map_err(fault)? {
            for (kind, raw) in top.0 {
                let depth = match kind.as_str() {
                    "resource" | "data" | "ephemeral" => 2,
                    "module" | "variable" | "output" | "provider" | "check" => 1,
                    "locals" | "terraform" | "moved" | "removed" | "import" => 0,
                    _ => continue,
                };
                let mut found = vec![(Vec::new(), raw)];
                for _ in 0..depth {
                    let mut next = Vec::new();
                    for (labels, raw) in found {
                        for members in objects(raw.get()).map_err(fault)? {
                            for (label, raw) in members.0.into_iter().filter(|one| one.0 != "//") {
                                let mut labels: Vec<String> = labels.clone();
                                labels.push(label);
                                next.push((labels, raw));
                            }
                        }
                    }
                    found = next;
                }
                for (labels, raw) in found {
                    let (line, end_line) = line_at(raw);
                    let value: serde_json::Value =
                        serde_json::from_str(raw.get()).map_err(fault)?;
                    let bodies: Vec<&serde_json::Value> = match &value {
                        serde_json::Value::Array(items) => items.iter().collect(),
                        other => vec![other],
                    };
                    for body in bodies {
                        self.blocks.push(Arc::new(SourceBlock {
                            block: Block {
                                kind: kind.clone(),
                                labels: labels.clone(),
                                path: self.path.clone(),
                                directory: directory.to_owned(),
                                line,
                                end_line,
                                comment_line: line,
                            },
                            body: json_body(body),
                        }));
                    }
                }
            }
        }
        // Members of one kind stand together, whatever the order of their lines.
        self.blocks.sort_by_key(|one| one.block.line);
        Ok(())
    }
}

/// What serde says, without the position that is told beside it.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text.get(..end).unwrap_or(&text).to_owned()
}

/// The members of a JSON object, in order, unparsed.
struct Members<'a>(Vec<(String, &'a RawValue)>);

/// An object, or the objects of a list.
fn objects(text: &str) -> Result<Vec<Members<'_>>, serde_json::Error> {
    if text.trim_start().starts_with('[') {
        serde_json::from_str(text)
    } else {
        Ok(vec![serde_json::from_str(text)?])
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    members.push(entry);
                }
                Ok(members)
            }
        }
        Ok(Self(deserializer.deserialize_map(MembersVisitor)?))
    }
}

impl From<hcl_edit::structure::Body> for Body {
    fn from(body: hcl_edit::structure::Body) -> Self {
        let mut converted = Self::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    converted
                        .attributes
                        .insert(attribute.key.as_str().to_owned(), attribute.value);
                }
                Structure::Block(block) => converted.blocks.push(Nested {
                    kind: block.ident.as_str().to_owned(),
                    labels: block
                        .labels
                        .iter()
                        .map(|label| label.as_str().to_owned())
                        .collect(),
                    body: Self::from(block.body),
                }),
            }
        }
        converted
    }
}

impl Body {
    /// The nested blocks of a kind.
    pub(super) fn nested<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Nested> {
        self.blocks.iter().filter(move |nested| nested.kind == kind)
    }

    /// Lay an override over it: what it sets takes the place of what was.
    pub(super) fn lay_over(&mut self, other: Self) {
        self.attributes.extend(other.attributes);
        let kinds: Vec<&String> = other.blocks.iter().map(|nested| &nested.kind).collect();
        self.blocks.retain(|nested| !kinds.contains(&&nested.kind));
        self.blocks.extend(other.blocks);
    }
}

/// The body of a block in JSON. Whether a member is an attribute or a block, only a provider's schema tells; a list of
/// objects stands for both.
fn json_body(value: &serde_json::Value) -> Body {
    let mut body = Body::default();
    let serde_json::Value::Object(members) = value else {
        return body;
    };
    for (name, member) in members.iter().filter(|(name, _)| *name != "//") {
        match (name.as_str(), member) {
            ("dynamic", serde_json::Value::Object(kinds)) => {
                for (kind, content) in kinds {
                    let several: Vec<&serde_json::Value> = match content {
                        serde_json::Value::Array(items) => items.iter().collect(),
                        other => vec![other],
                    };
                    body.blocks.extend(several.into_iter().map(|one| Nested {
                        kind: "dynamic".to_owned(),
                        labels: vec![kind.clone()],
                        body: json_body(one),
                    }));
                }
            }
            ("content" | "lifecycle" | "required_providers", serde_json::Value::Object(_)) => {
                body.blocks.push(Nested {
                    kind: name.clone(),
                    labels: Vec::new(),
                    body: json_body(member),
                });
            }
            _ => {
                body.attributes.insert(name.clone(), template(member));
            }
        }
    }
    body
}

/// A JSON value as an expression, its texts read as templates. The depth is bounded by the parser.
fn template(value: &serde_json::Value) -> Expression {
    expression(value, &|text| {
        if !text.contains("${") && !text.contains("%{") {
            return Expression::from(text);
        }
        match hcl_edit::parser::parse_template(text) {
            Ok(template) => {
                let elements: Vec<Element> = template.into_iter().collect();
                Expression::StringTemplate(StringTemplate::from(elements))
            }
            Err(_) => Expression::from(text),
        }
    })
}

/// A JSON value as it stands.
fn literal(value: &serde_json::Value) -> Expression {
    expression(value, &|text| Expression::from(text))
}

fn expression(value: &serde_json::Value, text: &impl Fn(&str) -> Expression) -> Expression {
    match value {
        serde_json::Value::Null => Expression::null(),
        serde_json::Value::Bool(truth) => Expression::from(*truth),
        serde_json::Value::Number(number) => number
            .as_i64()
            .map(Expression::from)
            .or_else(|| number.as_f64().map(Expression::from))
            .unwrap_or_else(Expression::null),
        serde_json::Value::String(own) => text(own),
        serde_json::Value::Array(items) => {
            Expression::from_iter(items.iter().map(|item| expression(item, text)))
        }
        serde_json::Value::Object(members) => {
            let mut object = Object::new();
            for (name, member) in members {
                object.insert(
                    ObjectKey::Expression(text(name)),
                    ObjectValue::new(expression(member, text)),
                );
            }
            Expression::Object(object)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<(String, usize, usize)> {
        let file = SourceFile::parse(path, text);
        assert_eq!(file.failure, None);
        let blocks = file.blocks.iter().map(|one| {
            (
                format!("{} {}", one.block.kind, one.block.labels.join(".")),
                one.block.line,
                one.block.end_line,
            )
        });
        blocks.collect()
    }

    #[test]
    fn blocks_in_json_have_lines_as_blocks_in_native_syntax_have() {
        let text = "{\n  \"resource\": {\n    \"aws_vpc\": {\n      \"a\": {\n        \"cidr_block\": \"10.0.0.0/16\"\n      },\n      \"b\": {}\n    }\n  },\n  \"locals\": { \"x\": \"${1 + 1}\" }\n}\n";
        assert_eq!(
            lines("main.tf.json", text),
            [
                ("resource aws_vpc.a".to_owned(), 4, 6),
                ("resource aws_vpc.b".to_owned(), 7, 7),
                ("locals ".to_owned(), 10, 10),
            ]
        );
    }

    #[test]
    fn several_blocks_of_one_kind_may_stand_in_a_list() {
        let text = r#"{"provider": {"aws": [{"region": "a"}, {"alias": "b"}]}, "resource": [{"x_y": {"z": {}}}]}"#;
        let file = SourceFile::parse("main.tf.json", text);
        assert_eq!(file.blocks.len(), 3);
    }

    #[test]
    fn a_fault_has_its_line_and_takes_the_block_that_it_stands_in_along() {
        let text = "resource \"a\" \"b\" {\n}\n# of bad\nresource \"a\" \"bad\" {\n  x = = 1\n}\n# of c\nresource \"a\" \"c\" {\n}\n";
        let file = SourceFile::parse("main.tf", text);
        let blocks: Vec<_> = file
            .blocks
            .iter()
            .map(|one| {
                (
                    one.block.labels[1].as_str(),
                    one.block.comment_line,
                    one.block.line,
                )
            })
            .collect();
        assert_eq!(blocks, [("b", 1, 1), ("c", 7, 8)]);
        assert_eq!(file.failure().unwrap().0, 5);
        let file = SourceFile::parse("main.tf.json", "{\n  \"resource\": [\n}");
        assert_eq!(file.failure().unwrap().0, 3);
    }

    #[test]
    fn values_of_variables_in_json_are_no_templates() {
        let file = SourceFile::parse("a.auto.tfvars.json", r#"{"x": "${y}"}"#);
        assert_eq!(file.attributes["x"].as_str(), Some("${y}"));
        let file = SourceFile::parse("terraform.tfvars", "x = [1, 2]\n");
        assert!(file.attributes["x"].is_array());
    }
}
