//! The two syntaxes of a Terraform file, native and JSON, to one model: blocks with attributes and nested blocks.
//!
//! Every top-level block knows its lines. Expressions of the native syntax are found here (`skeleton`) and read when somebody
//! asks for them (`attribute`); none is evaluated.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};
use hcl_edit::template::{Element, StringTemplate};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::super::blocks::{Block, Failure, LineNumbers, comment_above, join};
use super::attribute::{Attribute, MAX_PAIRS_OF_MEMBERS, SourceText, TOO_MANY_MEMBERS};
use super::skeleton;

/// One file of a module, or a file of variables.
#[derive(Debug)]
pub struct SourceFile {
    source: Arc<SourceText>,
    /// Its top-level blocks, in order.
    pub(in super::super) blocks: Vec<Arc<SourceBlock>>,
    /// Its top-level attributes: what a file of variables consists of.
    pub(super) attributes: BTreeMap<String, Attribute>,
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
    pub(super) attributes: BTreeMap<String, Attribute>,
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
    is_configuration(path) || is_variables(path) || is_backend(path)
}

/// Whether a file is part of a module, for Terraform or for OpenTofu.
#[must_use]
pub fn is_configuration(path: &str) -> bool {
    // Names that begin with a dot are editors' business, and Terraform passes over them.
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.starts_with('.') {
        return false;
    }
    let path = path.strip_suffix(".json").unwrap_or(path);
    path.ends_with(".tf") || path.ends_with(".tofu")
}

/// The file beside a Terraform file that OpenTofu reads instead, if it is there: `main.tofu` for `main.tf`.
///
/// <https://opentofu.org/docs/language/files/> (read 2026-11-22)
#[must_use]
pub fn hidden_by(path: &str) -> Option<String> {
    if let Some(stem) = path.strip_suffix(".tf") {
        return Some(format!("{stem}.tofu"));
    }
    let stem = path.strip_suffix(".tf.json")?;
    Some(format!("{stem}.tofu.json"))
}

/// Whether a file holds settings of a backend, for whoever tells `terraform init` so.
///
/// <https://developer.hashicorp.com/terraform/language/backend#partial-configuration> (read 2026-11-22)
pub(super) fn is_backend(path: &str) -> bool {
    path.ends_with(".tfbackend")
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
    /// Read one file. A block that cannot be read is missing, and [`failure`](Self::failure) says why. An expression that
    /// cannot be read is found out by whoever asks for it.
    #[must_use]
    pub fn parse(path: &str, text: &str) -> Self {
        Self::of(path, text.into())
    }

    /// The same, of a text that is shared.
    #[must_use]
    pub fn of(path: &str, text: Arc<str>) -> Self {
        let text = match text.strip_prefix('\u{feff}') {
            Some(text) => text.into(),
            None => text,
        };
        let source = Arc::new(SourceText {
            path: path.to_owned(),
            text,
        });
        let mut file = Self {
            source: source.clone(),
            blocks: Vec::new(),
            attributes: BTreeMap::new(),
            failure: None,
        };
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let read = match join("", parent) {
            None => Err((1, "the file is above the top of the repository".to_owned())),
            Some(directory) if path.ends_with(".json") => file.read_json(&directory, &source.text),
            Some(directory) => file.read_native(&directory),
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

    /// Where it is, relative to the top of the repository.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.source.path
    }

    /// Its text.
    pub(super) fn text(&self) -> &str {
        &self.source.text
    }

    /// Whether this is what it was read from.
    #[must_use]
    pub fn is_made_of(&self, text: &str) -> bool {
        text.strip_prefix('\u{feff}').unwrap_or(text) == &*self.source.text
    }

    /// Whether both have the same path and text.
    #[must_use]
    pub fn is_copy_of(&self, other: &Self) -> bool {
        self.path() == other.path() && self.source.text == other.source.text
    }

    /// The same file once more; its blocks are shared.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self {
            source: self.source.clone(),
            blocks: self.blocks.clone(),
            attributes: self.attributes.clone(),
            failure: self.failure.clone(),
        }
    }

    /// Why blocks are missing, and at which line the first fault is.
    #[must_use]
    pub fn failure(&self) -> Option<(usize, &str)> {
        self.failure
            .as_ref()
            .map(|failure| (failure.line, failure.message.as_str()))
    }

    /// Everything in it that cannot be read, with its line: reads all there is.
    #[must_use]
    pub fn faults(&self) -> Vec<(usize, String)> {
        let mut faults: Vec<(usize, String)> = self
            .failure()
            .map(|(line, message)| (line, message.to_owned()))
            .into_iter()
            .collect();
        let mut bodies: Vec<&Body> = self.blocks.iter().map(|block| &block.body).collect();
        let mut add = |attributes: &BTreeMap<String, Attribute>| {
            let failures = attributes.values().filter_map(|one| one.read().err());
            faults.extend(failures.map(|failure| (failure.line, failure.message.clone())));
        };
        add(&self.attributes);
        while let Some(body) = bodies.pop() {
            add(&body.attributes);
            bodies.extend(body.blocks.iter().map(|nested| &nested.body));
        }
        faults.sort();
        faults
    }

    fn read_native(&mut self, directory: &str) -> Result<(), (usize, String)> {
        let source = self.source.clone();
        let text = &*source.text;
        let skeleton = skeleton::read(&source);
        let lines = LineNumbers::new(text);
        self.attributes.extend(skeleton.attributes);
        for top in skeleton.blocks {
            let line = lines.at(top.span.start);
            let comment_line = comment_above(text, top.previous_end..top.span.start, &lines);
            self.blocks.push(Arc::new(SourceBlock {
                block: Block {
                    kind: top.kind,
                    labels: top.labels,
                    path: source.path.clone(),
                    directory: directory.to_owned(),
                    line,
                    end_line: lines.at(top.span.end.saturating_sub(1)).max(line),
                    comment_line,
                },
                body: top.body,
            }));
        }
        match skeleton.fault {
            Some(fault) => Err((lines.at(fault.offset), fault.message.to_owned())),
            None => Ok(()),
        }
    }

    fn read_json(&mut self, directory: &str, text: &str) -> Result<(), (usize, String)> {
        let fault = |error: serde_json::Error| (error.line().max(1), bare(&error));
        let lines = LineNumbers::new(text);
        let mut pairs_left = MAX_PAIRS_OF_MEMBERS;
        let mut afford = |value: &serde_json::Value| {
            let left = pairs_left.checked_sub(pairs_of_members(value));
            pairs_left = left?;
            Some(())
        };
        let too_many = || (1, TOO_MANY_MEMBERS.to_owned());
        if is_variables(self.path()) {
            let Members(members) = serde_json::from_str(text).map_err(fault)?;
            for (name, raw) in members {
                let value = serde_json::from_str(raw.get()).map_err(fault)?;
                afford(&value).ok_or_else(too_many)?;
                self.attributes.insert(name, literal(&value).into());
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
                    afford(&value).ok_or_else(too_many)?;
                    let bodies: Vec<&serde_json::Value> = match &value {
                        serde_json::Value::Array(items) => items.iter().collect(),
                        other => vec![other],
                    };
                    for body in bodies {
                        self.blocks.push(Arc::new(SourceBlock {
                            block: Block {
                                kind: kind.clone(),
                                labels: labels.clone(),
                                path: self.path().to_owned(),
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

/// How many pairs of members the objects in a value have. The depth is bounded by the parser.
fn pairs_of_members(value: &serde_json::Value) -> u64 {
    match value {
        serde_json::Value::Array(items) => items.iter().map(pairs_of_members).sum(),
        serde_json::Value::Object(members) => {
            let count = members.len() as u64;
            let inside: u64 = members.values().map(pairs_of_members).sum();
            count * count / 2 + inside
        }
        _ => 0,
    }
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
            ("lifecycle", serde_json::Value::Array(several)) => {
                body.blocks.extend(several.iter().map(|one| Nested {
                    kind: name.clone(),
                    labels: Vec::new(),
                    body: json_body(one),
                }));
            }
            _ => {
                body.attributes
                    .insert(name.clone(), template(member).into());
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

    /// The second labels of a file's blocks, with the lines of their comments and headers.
    fn blocks_of(file: &SourceFile) -> Vec<(&str, usize, usize)> {
        let blocks = file.blocks.iter().map(|one| {
            let label = one.block.labels.last().map_or("", String::as_str);
            (label, one.block.comment_line, one.block.line)
        });
        blocks.collect()
    }

    #[test]
    fn an_expression_with_a_fault_hides_itself_and_nothing_else() {
        let text = "resource \"a\" \"b\" {\n}\n# of bad\nresource \"a\" \"bad\" {\n  x = = 1\n  y = 1\n}\n";
        let file = SourceFile::parse("main.tf", text);
        assert_eq!(blocks_of(&file), [("b", 1, 1), ("bad", 3, 4)]);
        assert_eq!(file.failure(), None);
        let body = &file.blocks[1].body;
        assert_eq!(body.attributes["x"].read().unwrap_err().line, 5);
        assert!(body.attributes["y"].read().is_ok());
        assert_eq!(file.faults().len(), 1);
    }

    #[test]
    fn a_fault_between_the_braces_hides_its_block_and_no_other() {
        for bad in [
            "resource \"a\" \"bad\" {\n  x = [\n}\n",
            "resource \"a\" \"bad\" {\n  x { y { }\n",
            "resource \"a\" \"bad\" {\n  x = \"open\n}\n",
            "resource \"a\" \"bad\" {\n  ?\n}\n",
            "resource {{\n}\n",
            "resource \"a\" \"bad\" {\n  x = <<EOT\n}\n",
            "}\n\n\n",
        ] {
            let text =
                format!("resource \"a\" \"b\" {{}}\n{bad}# of c\nresource \"a\" \"c\" {{\n}}\n");
            let file = SourceFile::parse("main.tf", &text);
            let names: Vec<&str> = blocks_of(&file).into_iter().map(|one| one.0).collect();
            assert_eq!(names, ["b", "c"], "{bad}");
            assert!((2..=3).contains(&file.failure().unwrap().0), "{bad}");
        }
        let file = SourceFile::parse("main.tf.json", "{\n  \"resource\": [\n}");
        assert_eq!(file.failure().unwrap().0, 3);
    }

    #[test]
    fn an_expression_ends_where_it_ends() {
        let text = r#"
x = { a = "}", b = "${f({ c = "\"]" })}" } # }
/* } */ y = <<-EOT
  }
  ${z} "
  EOT
z = [ # ]
  "$${", 1, // ]
] /* ) */
w { a = 1 }
v = a < b ? 1 : 2
"#;
        let file = SourceFile::parse("main.tf", &text.replace('\n', "\r\n"));
        assert_eq!(file.faults(), []);
        let written = |name: &str| file.attributes[name].expression().unwrap().to_string();
        assert_eq!(written("v"), "a < b ? 1 : 2");
        assert!(written("y").ends_with("EOT"));
        assert!(file.attributes["z"].expression().unwrap().is_array());
        assert_eq!(file.blocks[0].body.attributes["a"].as_str(), None);
    }

    #[test]
    fn a_conditional_may_be_broken_over_lines_inside_brackets() {
        let text = "x = {\n  for k, v in y : k => (\n    v == null # none\n    ? 1\n    : 2\n  )\n  if v != 1\n}\ny = [\n  for v in y :\n  v == null\n  ? 1\n  : 2\n]\nz = {\n  a = 1\n  b = f(\n    1\n    + 2\n  )\n}\n";
        let file = SourceFile::parse("main.tf", text);
        assert_eq!(file.faults(), []);
        let object = file.attributes["z"].expression().unwrap();
        assert_eq!(object.as_object().unwrap().len(), 2);
    }

    #[test]
    fn of_members_with_one_name_the_last_one_counts() {
        let text = "x = {\n  a = { b = 1, \"b\" : 2 }\n  c = 1 # one\n  a = [\n    { d = 1, e = 2, d = 3 }\n  ]\n}\n";
        let file = SourceFile::parse("main.tf", text);
        assert_eq!(file.faults(), []);
        let object = file.attributes["x"].expression().unwrap();
        let written: String = object.to_string().split_whitespace().collect();
        assert_eq!(written, "{c=1#onea=[{e=2,d=3}]}");
    }

    #[test]
    fn nesting_that_is_too_deep_and_expressions_that_are_too_long_are_faults() {
        let repeated = |text: &str| text.repeat(10_000);
        let numbered =
            |count: usize| -> String { (0..count).map(|n| format!("a{n} = 1, ")).collect() };
        let values = [
            format!("{}{}", repeated("["), repeated("]")),
            format!("{}1{}", repeated("f("), repeated(")")),
            format!("{}1{}", repeated("\"${"), repeated("}\"")),
            repeated("["),
            repeated("("),
            repeated("{a="),
            repeated("!"),
            repeated("-"),
            repeated("\"${"),
            repeated("a?"),
            repeated("a?a:"),
            repeated("[for x in "),
            repeated("x["),
            format!("{}1", repeated("1+")),
            format!("{{{}}}", numbered(20_000)),
        ];
        for value in values {
            let text = format!("resource \"a\" \"b\" {{\n  x = {value}\n}}\n");
            let file = SourceFile::parse("main.tf", &text);
            assert_eq!(file.faults().len(), 1, "{}", &value[..10]);
        }
        let file = SourceFile::parse("main.tf", &repeated("b {\n"));
        assert!(file.failure().is_some());
        let members: Vec<String> = (0..20_000).map(|n| format!("\"a{n}\": 1")).collect();
        let text = format!("{{\"locals\": {{\"x\": {{{}}}}}}}", members.join(", "));
        let file = SourceFile::parse("main.tf.json", &text);
        assert_eq!(file.failure().unwrap().1, TOO_MANY_MEMBERS);
    }

    #[test]
    fn files_of_opentofu_are_configuration_and_stand_in_for_those_of_terraform() {
        for path in ["a/main.tf", "main.tf.json", "main.tofu", "a/main.tofu.json"] {
            assert!(is_configuration(path), "{path}");
        }
        for path in [
            "main.tofutest.hcl",
            "tofu",
            "main.tofu.bak",
            "a.json",
            "b.tfvars",
        ] {
            assert!(!is_configuration(path), "{path}");
        }
        assert_eq!(hidden_by("a/main.tf").as_deref(), Some("a/main.tofu"));
        assert_eq!(hidden_by("main.tf.json").as_deref(), Some("main.tofu.json"));
        assert_eq!(hidden_by("main.tofu"), None);
    }

    #[test]
    fn values_of_variables_in_json_are_no_templates() {
        let file = SourceFile::parse("a.auto.tfvars.json", r#"{"x": "${y}"}"#);
        assert_eq!(file.attributes["x"].as_str(), Some("${y}"));
        let file = SourceFile::parse("terraform.tfvars", "x = [1, 2]\n");
        assert!(file.attributes["x"].expression().unwrap().is_array());
    }
}
