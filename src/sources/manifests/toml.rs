//! TOML text to the same trees as YAML.

use toml_edit::{Document, Item, Table, Value};

use super::yaml::{Content, Field, Node, SyntaxError};

/// How deep tables and values may lie in each other.
const MAX_DEPTH: usize = 60;

/// The one document of a text, or why it could not be read.
#[must_use]
pub fn documents(text: &str) -> (Vec<Node>, Vec<SyntaxError>) {
    let fault = |line: usize, message: &str| {
        let message = message.trim().replace('\n', ", ");
        (Vec::new(), vec![SyntaxError { line, message }])
    };
    // A key with many dots makes as many tables, which the parser does not count.
    let too_deep = text.lines().position(|line| {
        let key = line.split(['=', '#']).next().unwrap_or_default();
        key.bytes().filter(|byte| *byte == b'.').count() > MAX_DEPTH
    });
    if let Some(index) = too_deep {
        return fault(index + 1, "nested too deeply");
    }
    let lines = Lines::new(text);
    match Document::parse(text) {
        Ok(document) => {
            let mut root = lines.table(document.as_table());
            (root.line, root.end_line) = (1, lines.starts.len());
            (vec![root], Vec::new())
        }
        Err(error) => {
            let line = error.span().map_or(1, |span| lines.of(span.start));
            fault(line, error.message())
        }
    }
}

/// Knows on which line an offset lies.
struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn new(text: &str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.trim_end().as_bytes());
        Self {
            starts: std::iter::once(0).chain(breaks.map(|at| at + 1)).collect(),
        }
    }

    fn of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    fn table(&self, table: &Table) -> Node {
        let fields = table.iter().filter_map(|(key, item)| {
            let span = table.key(key).and_then(toml_edit::Key::span);
            let value = self.item(item)?;
            let line = span.map_or(value.line, |span| self.of(span.start));
            Some(Field {
                key: key.to_owned(),
                line,
                value,
            })
        });
        self.spanning(table.span(), Content::Map(fields.collect()))
    }

    fn item(&self, item: &Item) -> Option<Node> {
        match item {
            Item::None => None,
            Item::Value(value) => Some(self.value(value)),
            Item::Table(table) => Some(self.table(table)),
            Item::ArrayOfTables(tables) => {
                let items = tables.iter().map(|table| self.table(table)).collect();
                Some(self.spanning(tables.span(), Content::List(items)))
            }
        }
    }

    fn value(&self, value: &Value) -> Node {
        let scalar = |text: String, is_plain: bool| Content::Scalar {
            text,
            is_plain,
            is_literal: false,
        };
        let content = match value {
            Value::String(text) => scalar(text.value().clone(), false),
            Value::Integer(number) => scalar(number.value().to_string(), true),
            Value::Float(number) => scalar(number.value().to_string(), true),
            Value::Boolean(truth) => scalar(truth.value().to_string(), true),
            Value::Datetime(date) => scalar(date.value().to_string(), true),
            Value::Array(array) => {
                Content::List(array.iter().map(|item| self.value(item)).collect())
            }
            Value::InlineTable(table) => {
                let fields = table.iter().map(|(key, value)| {
                    let value = self.value(value);
                    Field {
                        key: key.to_owned(),
                        line: value.line,
                        value,
                    }
                });
                Content::Map(fields.collect())
            }
        };
        self.spanning(value.span(), content)
    }

    /// A node on the lines of its text and of all that lies in it.
    fn spanning(&self, span: Option<std::ops::Range<usize>>, content: Content) -> Node {
        let inner: Vec<(usize, usize)> = match &content {
            Content::Map(fields) => fields
                .iter()
                .map(|field| (field.line, field.value.end_line))
                .collect(),
            Content::List(items) => items
                .iter()
                .map(|item| (item.line, item.end_line))
                .collect(),
            Content::Scalar { .. } => Vec::new(),
        };
        let own = span.map(|span| {
            let last = span.end.saturating_sub(1).max(span.start);
            (self.of(span.start), self.of(last))
        });
        let all = || own.iter().chain(&inner);
        Node {
            line: all().map(|lines| lines.0).min().unwrap_or(1),
            end_line: all().map(|lines| lines.1).max().unwrap_or(1),
            content,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tables_arrays_and_values_know_their_lines() {
        let text = "a = 1\n[b.c]\nd = true\ne = [\n  \"x\",\n  \"y\"\n]\n[[f]]\ng = \"1\"\n[[f]]\ng = \"2\"\nh.i = { j = 2 }\n";
        let (mut all, faults) = documents(text);
        assert_eq!(faults, []);
        let root = all.remove(0);
        assert_eq!(root.at(&["b", "c", "d"]).unwrap().truth(), Some(true));
        let list = root.field_at(&["b", "c", "e"]).unwrap();
        assert_eq!((list.line, list.value.end_line), (4, 7));
        let tables = root.get("f").unwrap().items();
        assert_eq!((tables[1].line, tables[1].end_line), (10, 12));
        assert_eq!(tables[1].text_at(&["h", "i", "j"]), Some("2"));
    }

    #[test]
    fn what_is_no_toml_or_nested_beyond_reason_is_a_fault_with_its_line() {
        assert_eq!(documents("a = 1\nb = = 2\n").1[0].line, 2);
        assert_eq!(
            documents(&format!("x = 1\n[{}a]\n", "a.".repeat(50_000))).1[0].line,
            2
        );
        assert_eq!(
            documents(&format!("a = {}", "[".repeat(100_000))).1.len(),
            1
        );
        assert_eq!(
            documents(&format!("a = {}", "{a=".repeat(100_000))).1.len(),
            1
        );
    }
}
