//! YAML and JSON text to trees in which every field knows its lines.
//!
//! Aliases and merge keys are resolved, within a bound. What a text means (which field is a number, what is missing) is for
//! those who ask.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

/// The most nodes that one text may come to, aliases resolved.
const MAX_NODES: usize = 500_000;

/// How deep nodes may lie in each other.
const MAX_DEPTH: usize = 100;

/// One value with its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its first line, counted from 1.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A scalar.
    Scalar {
        /// The text, escapes resolved.
        text: String,
        /// It is not quoted, so that `true` is a truth value and an empty text is nothing.
        is_plain: bool,
        /// Its own lines are lines of the file (`|`), so that text inside it has lines too.
        is_literal: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the text; of equal keys the last counts.
    Map(Vec<Field>),
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its key; numbers and truth values as they are written.
    pub key: String,
    /// The line of the key.
    pub line: usize,
    /// Its value.
    pub value: Node,
}

/// Why a text, or one document of it, could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// All documents of a text, and the faults of those that could not be read. Empty documents are left out.
#[must_use]
pub fn documents(text: &str) -> (Vec<Node>, Vec<SyntaxError>) {
    let mut parser = Parser::new_from_str_with_options(
        text,
        granit_parser::options! {
            emit_comments: false,
            emit_unresolved_aliases: true,
            flow_nesting_limit: MAX_DEPTH as _,
            block_nesting_limit: MAX_DEPTH as _,
        },
    );
    let (mut documents, mut faults) = (Vec::new(), Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    let mut builder = Builder::default();
    loop {
        let outcome = match parser.next_event() {
            None => break,
            Some(Ok((Event::StreamEnd, _))) => break,
            Some(Ok((event, span))) => {
                builder.take(event, span.start.line(), end_line(&span, &lines))
            }
            Some(Err(error)) => Err(SyntaxError {
                line: error.marker().line().max(1),
                message: error.info(),
            }),
        };
        match outcome {
            Ok(done) => documents.extend(done),
            Err(fault) => {
                let is_spent = builder.nodes > MAX_NODES;
                faults.push(fault);
                builder.give_up();
                if is_spent || !parser.proceed_next_document().unwrap_or(false) {
                    break;
                }
            }
        }
    }
    documents.retain(|node| !node.is_null());
    (documents, faults)
}

/// The last line of a span. One that ends in the indentation of a line does not touch that line.
fn end_line(span: &granit_parser::Span, lines: &[&str]) -> usize {
    let (start, end) = (span.start.line(), span.end.line());
    let before_end = lines
        .get(end.wrapping_sub(1))
        .map_or("", |line| line.get(..span.end.col()).unwrap_or(line));
    if end > start && before_end.trim().is_empty() {
        end - 1
    } else {
        end
    }
}

/// A collection that is not closed yet.
struct Open {
    node: Node,
    key: Option<(String, usize)>,
    anchor: usize,
    is_flow: bool,
}

/// Builds trees from events, without recursion.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchored: HashMap<usize, (Node, usize)>,
    root: Option<Node>,
    /// How many nodes were made so far, aliases resolved.
    nodes: usize,
}

impl Builder {
    fn give_up(&mut self) {
        self.open.clear();
        self.anchored.clear();
        self.root = None;
    }

    fn take(
        &mut self,
        event: Event<'_>,
        line: usize,
        end_line: usize,
    ) -> Result<Option<Node>, SyntaxError> {
        let fault = |message: &str| SyntaxError {
            line,
            message: message.to_owned(),
        };
        match event {
            Event::DocumentEnd => {
                self.anchored.clear();
                return Ok(self.root.take());
            }
            Event::Scalar(text, style, anchor, _) => {
                let content = Content::Scalar {
                    text: text.into_owned(),
                    is_plain: style == ScalarStyle::Plain,
                    is_literal: style == ScalarStyle::Literal,
                };
                let node = Node {
                    line,
                    end_line,
                    content,
                };
                self.count(1, line)?;
                if anchor != 0 {
                    self.anchored.insert(anchor, (node.clone(), 1));
                }
                self.put(node, line)?;
            }
            Event::SequenceStart(style, anchor, _) => {
                self.open(Content::List(Vec::new()), style, anchor, line)?;
            }
            Event::MappingStart(style, anchor, _) => {
                self.open(Content::Map(Vec::new()), style, anchor, line)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(mut closed) = self.open.pop() else {
                    return Ok(None);
                };
                if closed.is_flow {
                    closed.node.end_line = end_line.max(closed.node.end_line);
                }
                if closed.anchor != 0 {
                    let size = closed.node.size();
                    self.count(size, line)?;
                    self.anchored
                        .insert(closed.anchor, (closed.node.clone(), size));
                }
                self.put(closed.node, line)?;
            }
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchored.get(&anchor) else {
                    return Err(fault("an alias stands inside what it names"));
                };
                let (mut node, size) = (node.clone(), *size);
                self.count(size, line)?;
                // Where the alias stands is where a reader looks.
                (node.line, node.end_line) = (line, line);
                if self.open.len() + node.depth() > MAX_DEPTH {
                    return Err(fault("nested too deeply"));
                }
                self.put(node, line)?;
            }
            Event::UnresolvedAlias(name) => {
                return Err(fault(&format!("nothing is anchored as `{name}`")));
            }
            _ => {}
        }
        Ok(None)
    }

    fn count(&mut self, nodes: usize, line: usize) -> Result<(), SyntaxError> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(SyntaxError {
                line,
                message: format!("it comes to more than {MAX_NODES} values, aliases resolved"),
            });
        }
        Ok(())
    }

    fn open(
        &mut self,
        content: Content,
        style: StructureStyle,
        anchor: usize,
        line: usize,
    ) -> Result<(), SyntaxError> {
        self.count(1, line)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(SyntaxError {
                line,
                message: "nested too deeply".to_owned(),
            });
        }
        self.open.push(Open {
            node: Node {
                line,
                end_line: line,
                content,
            },
            key: None,
            anchor,
            is_flow: style == StructureStyle::Flow,
        });
        Ok(())
    }

    /// Put a finished value where it belongs.
    fn put(&mut self, value: Node, line: usize) -> Result<(), SyntaxError> {
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(value);
            return Ok(());
        };
        let last = value.end_line;
        match &mut parent.node.content {
            Content::List(items) => items.push(value),
            Content::Map(fields) => match parent.key.take() {
                None => {
                    let Content::Scalar { text, .. } = value.content else {
                        return Err(SyntaxError {
                            line,
                            message: "a key is not a plain name".to_owned(),
                        });
                    };
                    parent.key = Some((text, value.line));
                }
                Some((key, _)) if key == "<<" => merge(fields, value),
                Some((key, key_line)) => {
                    // What a merge brought in, or an equal key before, gives way.
                    fields.retain(|field| field.key != key);
                    fields.push(Field {
                        key,
                        line: key_line,
                        value,
                    });
                }
            },
            Content::Scalar { .. } => {}
        }
        parent.node.end_line = parent.node.end_line.max(last);
        Ok(())
    }
}

/// What `<<` brings in; fields of the mapping's own win.
fn merge(fields: &mut Vec<Field>, value: Node) {
    let sources = match value.content {
        Content::List(items) => items,
        _ => vec![value],
    };
    for source in sources {
        let Content::Map(brought) = source.content else {
            continue;
        };
        for field in brought {
            if !fields.iter().any(|known| known.key == field.key) {
                fields.push(field);
            }
        }
    }
}

impl Node {
    /// A field of a mapping.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.key == key)
    }

    /// The value of a field that is there and not null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let value = &self.field(key)?.value;
        (!value.is_null()).then_some(value)
    }

    /// The value behind several keys, one in the other.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The field behind several keys, one in the other.
    #[must_use]
    pub fn field_at(&self, path: &[&str]) -> Option<&Field> {
        let (last, before) = path.split_last()?;
        self.at(before)?.field(last)
    }

    /// The value of a field that is there, to be changed.
    #[must_use]
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.content {
            Content::Map(fields) => {
                let found = fields.iter_mut().find(|field| field.key == key);
                found.map(|field| &mut field.value)
            }
            _ => None,
        }
    }

    /// The items of a sequence, to be changed; of anything else none.
    #[must_use]
    pub fn items_mut(&mut self) -> &mut [Self] {
        match &mut self.content {
            Content::List(items) => items,
            _ => &mut [],
        }
    }

    /// The fields of a mapping; of anything else none.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        match &self.content {
            Content::Map(fields) => fields,
            _ => &[],
        }
    }

    /// The items of a sequence; of anything else none.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar, whatever its type. `None` for null and for collections.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// The text behind several keys.
    #[must_use]
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.text()
    }

    /// The texts of a sequence of scalars; a single scalar counts as a sequence of one.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match self.text() {
            Some(text) => vec![text],
            None => self.items().iter().filter_map(Self::text).collect(),
        }
    }

    /// A truth value. Quoted ones count too: annotations must be strings.
    #[must_use]
    pub fn truth(&self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    /// Whether it is null, spelled out or left out.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, is_plain: true, .. }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_map(&self) -> bool {
        matches!(self.content, Content::Map(_))
    }

    /// Whether it is a sequence or mapping without anything in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.content {
            Content::List(items) => items.is_empty(),
            Content::Map(fields) => fields.is_empty(),
            Content::Scalar { .. } => false,
        }
    }

    /// The documents in a scalar's text, with the lines of the file that it stands in where those can be told.
    #[must_use]
    pub fn embedded(&self) -> (Vec<Self>, Vec<SyntaxError>) {
        self.embedded_as(documents)
    }

    /// The same in another language.
    #[must_use]
    pub fn embedded_as<'n>(
        &'n self,
        read: impl Fn(&'n str) -> (Vec<Self>, Vec<SyntaxError>),
    ) -> (Vec<Self>, Vec<SyntaxError>) {
        let Content::Scalar {
            text, is_literal, ..
        } = &self.content
        else {
            return (Vec::new(), Vec::new());
        };
        let (mut inner, mut faults) = read(text);
        // The span of a literal block begins where its first line of text does, or at its `|`.
        let lines = text.trim_end_matches('\n').split('\n').count();
        let first = (self.end_line + 1).saturating_sub(lines).max(self.line);
        let place = |line: usize| {
            if *is_literal {
                line + first - 1
            } else {
                self.line
            }
        };
        for node in &mut inner {
            node.move_lines(&place);
        }
        for fault in &mut faults {
            fault.line = place(fault.line);
        }
        (inner, faults)
    }

    fn move_lines(&mut self, place: &dyn Fn(usize) -> usize) {
        (self.line, self.end_line) = (place(self.line), place(self.end_line));
        match &mut self.content {
            Content::List(items) => items.iter_mut().for_each(|item| item.move_lines(place)),
            Content::Map(fields) => {
                for field in fields {
                    field.line = place(field.line);
                    field.value.move_lines(place);
                }
            }
            Content::Scalar { .. } => {}
        }
    }

    /// How many values it comes to, itself among them.
    #[must_use]
    pub fn size(&self) -> usize {
        1 + match &self.content {
            Content::Scalar { .. } => 0,
            Content::List(items) => items.iter().map(Self::size).sum(),
            Content::Map(fields) => fields.iter().map(|field| field.value.size()).sum(),
        }
    }

    fn depth(&self) -> usize {
        match &self.content {
            Content::Scalar { .. } => 0,
            Content::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Content::Map(fields) => {
                1 + fields
                    .iter()
                    .map(|field| field.value.depth())
                    .max()
                    .unwrap_or(0)
            }
        }
    }

    /// Whether two values mean the same: order of fields, quotes, empty and absent fields, and lines do not count.
    #[must_use]
    pub fn means_the_same(&self, other: &Self) -> bool {
        self.first_difference(other, "").is_none()
    }

    /// The path of the first field, in the order of the second text, in which two values differ, with its line in the
    /// second (`None` when only the first has it).
    #[must_use]
    pub fn first_difference(&self, other: &Self, path: &str) -> Option<(String, Option<usize>)> {
        let here = |line: usize| Some((path.to_owned(), Some(line)));
        match (&self.content, &other.content) {
            (Content::Map(was), Content::Map(is)) => {
                let counts = |field: &&Field| !field.value.is_null();
                for field in is.iter().filter(counts) {
                    let path = join(path, &field.key);
                    match self.get(&field.key) {
                        None => return Some((path, Some(field.line))),
                        Some(value) => {
                            let found = value.first_difference(&field.value, &path);
                            if found.is_some() {
                                return found;
                            }
                        }
                    }
                }
                let gone = was
                    .iter()
                    .filter(counts)
                    .find(|field| other.get(&field.key).is_none())?;
                Some((join(path, &gone.key), None))
            }
            (Content::List(was), Content::List(is)) => {
                let pairs = was.iter().zip(is).enumerate();
                for (index, (was, is)) in pairs {
                    let found = was.first_difference(is, &format!("{path}[{index}]"));
                    if found.is_some() {
                        return found;
                    }
                }
                if was.len() == is.len() {
                    return None;
                }
                here(is.get(was.len()).map_or(other.line, |added| added.line))
            }
            (Content::Scalar { text: was, .. }, Content::Scalar { text: is, .. }) => {
                if was == is {
                    None
                } else {
                    here(other.line)
                }
            }
            _ => here(other.line),
        }
    }

    /// The value in one fixed spelling, for comparing and sorting. Bounded by the bounds on the text it came from.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.spelled(true)
    }

    /// The same, where the order of lists means nothing.
    #[must_use]
    pub fn canonical_unordered(&self) -> String {
        self.spelled(false)
    }

    fn spelled(&self, is_ordered: bool) -> String {
        match &self.content {
            Content::Scalar { text, .. } => text.clone(),
            Content::List(items) => {
                let mut items: Vec<String> =
                    items.iter().map(|one| one.spelled(is_ordered)).collect();
                if !is_ordered {
                    items.sort_unstable();
                }
                format!("[{}]", items.join(" "))
            }
            Content::Map(fields) => {
                let mut fields: Vec<String> = fields
                    .iter()
                    .filter(|field| !field.value.is_null())
                    .map(|field| format!("{}={}", field.key, field.value.spelled(is_ordered)))
                    .collect();
                fields.sort_unstable();
                format!("{{{}}}", fields.join(" "))
            }
        }
    }

    /// Whether a field or item that begins on one line holds another line; what begins where a document or item does is
    /// all of it.
    #[must_use]
    pub fn holds_from(&self, first: usize, line: usize) -> bool {
        let begins = self.line == first && (first..=self.end_line).contains(&line);
        begins || self.inner_holds_from(first, line)
    }

    fn inner_holds_from(&self, first: usize, line: usize) -> bool {
        match &self.content {
            Content::Scalar { .. } => false,
            Content::List(items) => items.iter().any(|item| item.holds_from(first, line)),
            Content::Map(fields) => fields.iter().any(|field| {
                field.line == first && (first..=field.value.end_line.max(first)).contains(&line)
                    || field.value.inner_holds_from(first, line)
            }),
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn only(text: &str) -> Node {
        let (mut all, faults) = documents(text);
        assert_eq!(faults, []);
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn every_field_knows_its_lines() {
        let node = only("a: 1\nb:\n  c: [x,\n    y]\n  d: |\n    one\n    two\ne: end\n");
        let lines = |path: &[&str]| {
            let field = node.field_at(path).unwrap();
            (field.line, field.value.end_line)
        };
        assert_eq!(lines(&["a"]), (1, 1));
        assert_eq!(lines(&["b"]), (2, 7));
        assert_eq!(lines(&["b", "c"]), (3, 4));
        assert_eq!(lines(&["b", "d"]), (5, 7));
        assert_eq!(lines(&["e"]), (8, 8));
    }

    #[test]
    fn text_in_a_literal_block_has_the_lines_of_its_file() {
        let node = only("data:\n  mesh: |-\n    a: 1\n    b:\n      c: 2\n  other: x\n");
        let (inner, faults) = node.at(&["data", "mesh"]).unwrap().embedded();
        assert_eq!(faults, []);
        assert_eq!(inner[0].field("a").unwrap().line, 3);
        assert_eq!(inner[0].field_at(&["b", "c"]).unwrap().line, 5);
    }

    #[test]
    fn aliases_and_merge_keys_are_resolved_and_own_fields_win() {
        let node = only("base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nagain: *b\n");
        assert_eq!(node.text_at(&["use", "x"]), Some("1"));
        assert_eq!(node.text_at(&["use", "y"]), Some("3"));
        assert_eq!(node.at(&["again"]).unwrap().line, 3);
    }

    #[test]
    fn a_broken_document_is_told_with_its_line_and_the_next_is_read() {
        let (all, faults) = documents("a: 1\n---\nb: [1\nc: }\n---\nd: 4\n");
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].text_at(&["d"]), Some("4"));
        assert_eq!(faults.len(), 1);
        assert!((3..=4).contains(&faults[0].line), "{faults:?}");
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = level - 1;
            let many = vec![format!("*a{before}"); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{many}]\n"));
        }
        let (all, faults) = documents(&text);
        assert_eq!((all.len(), faults.len()), (0, 1));
        let fine = documents("a: &a [x]\nb: [*a, *a]\n");
        assert_eq!((fine.0.len(), fine.1.len()), (1, 0));
    }

    #[test]
    fn deep_nesting_is_refused() {
        for open in ["[", "{a: ", "- "] {
            let (all, faults) = documents(&open.repeat(100_000));
            assert_eq!((all.len(), faults.len()), (0, 1), "{open}");
        }
    }

    #[test]
    fn quotes_order_and_empty_fields_mean_nothing_and_values_do() {
        let one = only("a: \"1\"\nb: {c: x, d: }\n");
        assert!(one.means_the_same(&only("b:\n  c: x\na: 1\n")));
        let other = only("a: 1\nb:\n  c: y\n");
        assert_eq!(
            one.first_difference(&other, ""),
            Some(("b.c".to_owned(), Some(3)))
        );
    }

    #[test]
    fn a_line_belongs_to_what_begins_above_it() {
        let node = only("a:\n  b:\n    c: 1\n  d: 2\n");
        assert!(node.holds_from(2, 3));
        assert!(node.holds_from(1, 3));
        assert!(!node.holds_from(2, 4));
        let item = only("- a: 1\n  b: 2\n- c: 3\n");
        assert!(item.holds_from(1, 2));
        assert!(!node.holds_from(4, 3));
    }
}
