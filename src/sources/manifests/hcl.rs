//! HCL text to the same trees as YAML: for the systems whose own files are written in it.
//!
//! A block is a field with its body, below its labels; blocks of one name and equal labels are a sequence. Nothing is evaluated:
//! what is no literal is kept as it is written.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};

use super::yaml::{Content, Field, Node, SyntaxError};

/// How deep blocks and values may lie in each other.
const MAX_DEPTH: usize = 100;

/// The one document of a text, and why it could not be read.
#[must_use]
pub fn documents(text: &str) -> (Vec<Node>, Vec<SyntaxError>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if nests_too_deeply(text) {
        let fault = SyntaxError {
            line: 1,
            message: "nested too deeply".to_owned(),
        };
        return (Vec::new(), vec![fault]);
    }
    match hcl_edit::parser::parse_body(text) {
        Ok(body) => {
            let reader = Reader::new(text);
            let mut root = reader.body(&body);
            (root.line, root.end_line) = (1, reader.starts.len());
            (vec![root], Vec::new())
        }
        Err(error) => {
            let fault = SyntaxError {
                line: error.location().line(),
                message: error.message().to_owned(),
            };
            (Vec::new(), vec![fault])
        }
    }
}

/// The parser recurses; brackets in strings and comments count too, which no real file notices.
fn nests_too_deeply(text: &str) -> bool {
    let mut depth = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    })
}

/// Knows on which line an offset lies.
struct Reader<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.trim_end().as_bytes());
        let starts = std::iter::once(0).chain(breaks.map(|at| at + 1)).collect();
        Self { text, starts }
    }

    fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// The first and last line of what was read.
    fn lines(&self, span: Option<std::ops::Range<usize>>) -> (usize, usize) {
        let span = span.unwrap_or_default();
        let last = span.end.saturating_sub(1).max(span.start);
        (self.line(span.start), self.line(last))
    }

    fn body(&self, body: &Body) -> Node {
        let (line, end_line) = self.lines(body.span());
        let mut fields = Vec::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let (line, _) = self.lines(attribute.span());
                    fields.push(Field {
                        key: attribute.key.to_string(),
                        line,
                        value: self.value(&attribute.value),
                    });
                }
                Structure::Block(block) => {
                    let (line, end_line) = self.lines(block.span());
                    let mut value = self.body(&block.body);
                    (value.line, value.end_line) = (line, end_line);
                    let mut path = vec![block.ident.to_string()];
                    path.extend(block.labels.iter().map(|label| label.as_str().to_owned()));
                    add(&mut fields, &path, value);
                }
            }
        }
        Node {
            line,
            end_line,
            content: Content::Map(fields),
        }
    }

    fn value(&self, expression: &Expression) -> Node {
        let (line, end_line) = self.lines(expression.span());
        let scalar = |text: String, is_plain: bool| Content::Scalar {
            text,
            is_plain,
            is_literal: false,
        };
        let content = match expression {
            Expression::Null(_) => scalar(String::new(), true),
            Expression::Bool(value) => scalar(value.to_string(), true),
            Expression::Number(value) => scalar(value.to_string(), true),
            Expression::String(value) => scalar(value.as_str().to_owned(), false),
            Expression::Array(items) => {
                Content::List(items.iter().map(|item| self.value(item)).collect())
            }
            Expression::Object(entries) => {
                let mut fields = Vec::new();
                for (key, value) in entries {
                    let (line, _) = self.lines(key.span());
                    let key = match key {
                        ObjectKey::Ident(name) => name.to_string(),
                        ObjectKey::Expression(Expression::String(name)) => name.to_string(),
                        ObjectKey::Expression(other) => self.written(other),
                    };
                    let value = self.value(value.expr());
                    fields.retain(|field: &Field| field.key != key);
                    fields.push(Field { key, line, value });
                }
                Content::Map(fields)
            }
            Expression::HeredocTemplate(heredoc) => Content::Scalar {
                text: heredoc.template.to_string(),
                is_plain: false,
                is_literal: true,
            },
            other => scalar(self.written(other), true),
        };
        Node {
            line,
            end_line,
            content,
        }
    }

    fn written(&self, expression: &Expression) -> String {
        let text = expression.span().and_then(|span| self.text.get(span));
        text.unwrap_or_default().trim().to_owned()
    }
}

/// Put a block below its name and labels, beside what others put there.
fn add(fields: &mut Vec<Field>, path: &[String], value: Node) {
    let [key, labels @ ..] = path else { return };
    let (line, end_line) = (value.line, value.end_line);
    let known = fields.iter_mut().find(|known| known.key == *key);
    match (known, labels.is_empty()) {
        (None, true) => fields.push(Field {
            key: key.clone(),
            line,
            value,
        }),
        (None, false) => {
            let mut below = Vec::new();
            add(&mut below, labels, value);
            fields.push(Field {
                key: key.clone(),
                line,
                value: Node {
                    line,
                    end_line,
                    content: Content::Map(below),
                },
            });
        }
        (Some(known), is_last) => {
            known.value.end_line = known.value.end_line.max(end_line);
            match &mut known.value.content {
                Content::Map(below) if !is_last => add(below, labels, value),
                Content::List(items) => items.push(value),
                _ => {
                    let first = known.value.clone();
                    known.value.content = Content::List(vec![first, value]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Node {
        let (documents, faults) = documents(text);
        assert_eq!(faults, []);
        documents.into_iter().next().unwrap()
    }

    #[test]
    fn blocks_lie_below_their_labels_and_know_their_lines() {
        let root = read(
            "server {\n  trust_domain = \"one.example\"\n  federates_with \"two.example\" {\n    url = \"https://two\"\n  }\n  \
             federates_with \"three.example\" {\n    url = \"https://three\"\n  }\n}\n",
        );
        let trusted = |domain| root.text_at(&["server", "federates_with", domain, "url"]);
        assert_eq!(trusted("two.example"), Some("https://two"));
        assert_eq!(trusted("three.example"), Some("https://three"));
        let server = root.field("server").unwrap();
        assert_eq!((server.line, server.value.end_line), (1, 9));
        let three = root.field_at(&["server", "federates_with", "three.example", "url"]);
        assert_eq!(three.unwrap().line, 7);
    }

    #[test]
    fn blocks_of_one_name_are_a_sequence() {
        let root = read("sink { to = 1 }\nsink { to = 2 }\nsink { to = 3 }\nonly { to = 4 }\n");
        let sinks: Vec<_> = root.get("sink").unwrap().items().iter().collect();
        let told: Vec<_> = sinks.iter().map(|sink| sink.text_at(&["to"])).collect();
        assert_eq!(told, [Some("1"), Some("2"), Some("3")]);
        assert_eq!(root.text_at(&["only", "to"]), Some("4"));
    }

    #[test]
    fn what_is_no_literal_stays_as_it_is_written() {
        let root =
            read("a = var.b\nc = \"${d}-e\"\nf = [true, null]\ng = { \"h.i\" = 1, j = 2 }\n");
        assert_eq!(root.text_at(&["a"]), Some("var.b"));
        assert_eq!(root.text_at(&["c"]), Some("\"${d}-e\""));
        assert_eq!(root.get("f").unwrap().items().len(), 2);
        assert_eq!(root.text_at(&["g", "h.i"]), Some("1"));
    }

    #[test]
    fn text_that_is_no_hcl_or_nested_beyond_reason_is_a_fault_with_its_line() {
        let (none, faults) = documents("a = 1\nb = = 2\n");
        assert!(none.is_empty());
        assert_eq!(faults[0].line, 2);
        let (none, faults) = documents(&format!("a = {}", "[".repeat(100_000)));
        assert!(none.is_empty());
        assert_eq!(faults[0].message, "nested too deeply");
    }
}
