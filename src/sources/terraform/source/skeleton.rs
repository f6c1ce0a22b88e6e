//! The skeleton of a file in native syntax: its blocks, and where the expressions of its attributes lie.
//!
//! Most of what a repository holds is never asked for: descriptions, outputs, validations, all that makes no network. So
//! expressions are found here and not read: one pass over the bytes tells brackets, texts, heredocs and comments apart.
//! A fault in an expression is met when somebody reads it, and hides that expression alone.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::attribute::{Attribute, SourceText};
use super::syntax::{Body, Nested};

/// How deep blocks may stand in each other.
const MAX_DEPTH: usize = 60;

/// What begins a line that is taken for a block's header after a fault.
const HEADERS: [&str; 12] = [
    "resource",
    "data",
    "module",
    "variable",
    "output",
    "locals",
    "provider",
    "terraform",
    "moved",
    "removed",
    "import",
    "check",
];

/// A top-level block.
pub(super) struct TopBlock {
    pub(super) kind: String,
    pub(super) labels: Vec<String>,
    pub(super) body: Body,
    /// From its first letter to its closing brace.
    pub(super) span: Range<usize>,
    /// Where what stands before it ends: between the two are comments only.
    pub(super) previous_end: usize,
}

/// Something that stands where it cannot.
#[derive(Debug)]
pub(super) struct Misplaced {
    /// The byte.
    pub(super) offset: usize,
    pub(super) message: &'static str,
}

/// What a file consists of.
#[derive(Default)]
pub(super) struct Skeleton {
    pub(super) blocks: Vec<TopBlock>,
    pub(super) attributes: Vec<(String, Attribute)>,
    /// The first thing that makes no block; what is around it was passed over.
    pub(super) fault: Option<Misplaced>,
}

/// Find the blocks and attributes of a file.
pub(super) fn read(source: &Arc<SourceText>) -> Skeleton {
    let mut scanner = Scanner::new(&source.text);
    let mut skeleton = Skeleton::default();
    let mut previous_end = 0;
    loop {
        scanner.skip_trivia();
        let start = scanner.at;
        if scanner.peek().is_none() {
            return skeleton;
        }
        match scanner.structure(source, 0) {
            Ok(Structure::Attribute(name, attribute)) => {
                skeleton.attributes.push((name, attribute));
                previous_end = scanner.at;
            }
            Ok(Structure::Block(nested)) => {
                skeleton.blocks.push(TopBlock {
                    kind: nested.kind,
                    labels: nested.labels,
                    body: nested.body,
                    span: start..scanner.at,
                    previous_end,
                });
                previous_end = scanner.at;
            }
            Err(fault) => {
                skeleton.fault.get_or_insert(fault);
                scanner.at = start;
                scanner.skip_to_next_block();
                previous_end = scanner.at;
            }
        }
    }
}

/// The same text without what Terraform allows and the parser does not: newlines and comments in parentheses, brackets,
/// interpolations and `for` expressions, where they mean nothing, and members of an object that a later one of the same name
/// takes the place of. They are blanked, so that every other byte stays in its place.
pub(super) fn mended(expression: &str) -> String {
    let mut scanner = Scanner::new(expression);
    scanner.mending = Some(Mending::default());
    // A bracket too many is a fault that whoever reads the result will meet.
    let _ = scanner.expression();
    let mut bytes = expression.as_bytes().to_vec();
    for blank in scanner.mending.unwrap_or_default().blanks {
        if let Some(bytes) = bytes.get_mut(blank) {
            bytes.fill(b' ');
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| expression.to_owned())
}

/// How many pairs of members the objects of an expression have.
pub(super) fn pairs_of_members(expression: &str) -> u64 {
    let mut scanner = Scanner::new(expression);
    scanner.mending = Some(Mending::default());
    let _ = scanner.expression();
    scanner
        .mending
        .map_or(0, |mending| mending.pairs_of_members)
}

/// What to blank in an expression.
#[derive(Default)]
struct Mending {
    blanks: Vec<Range<usize>>,
    /// The objects that are open, innermost last.
    objects: Vec<Members>,
    pairs_of_members: u64,
}

/// The members of an object so far.
#[derive(Default)]
struct Members {
    by_key: HashMap<String, Range<usize>>,
    /// Where the member at hand begins.
    start: Option<usize>,
    /// Where its key ends.
    key_end: Option<usize>,
}

impl Mending {
    /// A byte that stands directly in an object, outside of texts.
    fn in_object(&mut self, text: &str, at: usize, byte: u8) {
        let Some(members) = self.objects.last_mut() else {
            return;
        };
        match byte {
            b'\n' | b',' | b'}' => {
                let end = if byte == b',' { at + 1 } else { at };
                if let (Some(start), Some(key_end)) = (members.start, members.key_end) {
                    let key = text.get(start..key_end).unwrap_or_default();
                    let key = key.trim().trim_matches('"').to_owned();
                    self.pairs_of_members += members.by_key.len() as u64;
                    self.blanks.extend(members.by_key.insert(key, start..end));
                }
                (members.start, members.key_end) = (None, None);
                if byte == b'}' {
                    self.objects.pop();
                }
            }
            b'=' | b':' if members.key_end.is_none() => members.key_end = Some(at),
            _ => {
                members.start.get_or_insert(at);
            }
        }
    }
}

enum Structure {
    Attribute(String, Attribute),
    Block(Nested),
}

/// What has been opened and not yet closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Parenthesis,
    Bracket,
    /// An object, in which newlines end members.
    Object,
    /// `{ for ... }`.
    For,
    Quote,
    /// `${` or `%{` in a text.
    Interpolation,
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Where somebody wants an expression mended.
    mending: Option<Mending>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            mending: None,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn fault<T>(&self, message: &'static str) -> Result<T, Misplaced> {
        Err(Misplaced {
            offset: self.at.min(self.bytes.len()),
            message,
        })
    }

    /// To the end of the line, which stays.
    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Over a comment, if there is one: `#` and `//` to the end of the line, `/* */` as a whole.
    fn skip_comment(&mut self) -> bool {
        let rest = self.rest();
        if rest.starts_with(b"/*") {
            let end = memchr::memmem::find(rest, b"*/");
            self.at += end.map_or(rest.len(), |end| end + 2);
            return true;
        }
        let is_line = rest.starts_with(b"#") || rest.starts_with(b"//");
        if is_line {
            self.skip_line();
        }
        is_line
    }

    fn skip_trivia(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'#' | b'/') if self.skip_comment() => {}
                _ => return,
            }
        }
    }

    /// Over what may stand between the words of a line.
    fn skip_space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'/') if self.rest().starts_with(b"/*") => {
                    self.skip_comment();
                }
                _ => return,
            }
        }
    }

    fn name(&mut self) -> Option<&'t str> {
        let is_part = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || !byte.is_ascii()
        };
        let rest = self.rest();
        if rest
            .first()
            .is_none_or(|first| !is_part(first) || matches!(first, b'0'..=b'9' | b'-'))
        {
            return None;
        }
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let name = self.text.get(self.at..self.at + length)?;
        self.at += length;
        Some(name)
    }

    /// One attribute or block.
    fn structure(
        &mut self,
        source: &Arc<SourceText>,
        depth: usize,
    ) -> Result<Structure, Misplaced> {
        if depth > MAX_DEPTH {
            return self.fault("blocks stand too deep in each other");
        }
        let Some(name) = self.name() else {
            return self.fault("a block or an attribute is expected here");
        };
        self.skip_space();
        if self.peek() == Some(b'=') && self.bytes.get(self.at + 1) != Some(&b'=') {
            self.at += 1;
            self.skip_space();
            let value = self.expression()?;
            let attribute = Attribute::unread(source.clone(), value);
            return Ok(Structure::Attribute(name.to_owned(), attribute));
        }
        let mut labels = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'{') => break,
                Some(b'"') => {
                    let start = self.at;
                    self.quoted()?;
                    let label = self.text.get(start + 1..self.at - 1).unwrap_or_default();
                    labels.push(label.to_owned());
                }
                _ => match self.name() {
                    Some(label) => labels.push(label.to_owned()),
                    None => return self.fault("`=`, a label or `{` is expected here"),
                },
            }
        }
        let open = self.at;
        self.at += 1;
        let mut body = Body::default();
        loop {
            self.skip_trivia();
            match self.peek() {
                Some(b'}') => break,
                None => {
                    self.at = open;
                    return self.fault("this brace is not closed");
                }
                Some(_) => match self.structure(source, depth + 1)? {
                    Structure::Attribute(name, attribute) => {
                        body.attributes.insert(name, attribute);
                    }
                    Structure::Block(nested) => body.blocks.push(nested),
                },
            }
        }
        self.at += 1;
        Ok(Structure::Block(Nested {
            kind: name.to_owned(),
            labels,
            body,
        }))
    }

    /// To the end of an expression: the end of its line or block, outside of brackets. Where it lies, without the space and
    /// comments around it.
    fn expression(&mut self) -> Result<Range<usize>, Misplaced> {
        let start = self.at;
        let mut end = start;
        let mut open: Vec<(Open, usize)> = Vec::new();
        loop {
            let inside = open.last().map(|(open, _)| *open);
            let Some(byte) = self.peek() else {
                let Some((_, offset)) = open.last() else {
                    return Ok(start..end);
                };
                self.at = *offset;
                return self.fault("what begins here does not end");
            };
            if inside == Some(Open::Quote) {
                self.in_quotes(byte, &mut open)?;
                end = self.at;
                continue;
            }
            if inside == Some(Open::Object)
                && let Some(mending) = &mut self.mending
                && !matches!(byte, b' ' | b'\t' | b'\r' | b'#' | b'/')
            {
                mending.in_object(self.text, self.at, byte);
            }
            match byte {
                b'\n' if open.is_empty() => return Ok(start..end),
                b'}' if open.is_empty() => return Ok(start..end),
                b'\n' | b'\r' => {
                    self.blank(self.at..self.at + 1, inside);
                    self.at += 1;
                }
                b' ' | b'\t' => self.at += 1,
                b'#' | b'/' => {
                    let comment = self.at;
                    if self.skip_comment() {
                        self.blank(comment..self.at, inside);
                    } else {
                        self.at += 1;
                        end = self.at;
                    }
                }
                b'"' => {
                    open.push((Open::Quote, self.at));
                    self.at += 1;
                }
                b'<' if self.rest().starts_with(b"<<") => {
                    self.heredoc()?;
                    end = self.at;
                }
                b'(' | b'[' | b'{' => {
                    let bracket = match byte {
                        b'(' => Open::Parenthesis,
                        b'[' => Open::Bracket,
                        _ if self.begins_for() => Open::For,
                        _ => Open::Object,
                    };
                    if let (Open::Object, Some(mending)) = (bracket, &mut self.mending) {
                        mending.objects.push(Members::default());
                    }
                    open.push((bracket, self.at));
                    self.at += 1;
                    end = self.at;
                }
                b')' | b']' | b'}' => {
                    let fits = match inside {
                        Some(Open::Parenthesis) => byte == b')',
                        Some(Open::Bracket) => byte == b']',
                        Some(Open::Object | Open::For | Open::Interpolation) => byte == b'}',
                        Some(Open::Quote) | None => false,
                    };
                    if !fits {
                        let Some((_, offset)) = open.last() else {
                            return self.fault("this bracket closes nothing");
                        };
                        self.at = *offset;
                        return self.fault("what begins here does not end");
                    }
                    open.pop();
                    self.at += 1;
                    end = self.at;
                }
                _ => {
                    self.at += 1;
                    end = self.at;
                }
            }
        }
    }

    fn blank(&mut self, range: Range<usize>, inside: Option<Open>) {
        if let Some(mending) = &mut self.mending
            && inside.is_some_and(|inside| inside != Open::Object)
        {
            mending.blanks.push(range);
        }
    }

    /// Whether a brace opens a `for` expression.
    fn begins_for(&self) -> bool {
        let behind = self.rest().get(1..).unwrap_or_default().trim_ascii_start();
        behind.starts_with(b"for") && behind.get(3).is_some_and(u8::is_ascii_whitespace)
    }

    /// One step inside a text in quotes.
    fn in_quotes(&mut self, byte: u8, open: &mut Vec<(Open, usize)>) -> Result<(), Misplaced> {
        let next = |distance: usize| self.bytes.get(self.at + distance).copied();
        self.at += match byte {
            b'"' => {
                open.pop();
                1
            }
            b'\\' => 2,
            b'\n' => return self.fault("a text in quotes does not end on its line"),
            b'$' | b'%' if next(1) == Some(byte) && next(2) == Some(b'{') => 3,
            b'$' | b'%' if next(1) == Some(b'{') => {
                open.push((Open::Interpolation, self.at));
                2
            }
            _ => {
                let rest = self.rest().get(1..).unwrap_or_default();
                let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n' | b'$' | b'%');
                1 + rest.iter().take_while(|byte| !special(byte)).count()
            }
        };
        Ok(())
    }

    /// Over a label in quotes.
    fn quoted(&mut self) -> Result<(), Misplaced> {
        let mut open = vec![(Open::Quote, self.at)];
        self.at += 1;
        while let (Some((Open::Quote, _)), Some(byte)) = (open.last(), self.peek()) {
            self.in_quotes(byte, &mut open)?;
        }
        if open.is_empty() {
            return Ok(());
        }
        self.fault("a label does not end")
    }

    /// Over `<<TAG`, its lines, and the line that ends it, but for its newline. Two `<` that begin none are passed over.
    fn heredoc(&mut self) -> Result<(), Misplaced> {
        let start = self.at;
        self.at += 2;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let Some(tag) = self.name() else {
            return Ok(());
        };
        self.skip_line();
        while self.peek().is_some() {
            self.at += 1;
            let line = self.at;
            self.skip_line();
            let line = self.bytes.get(line..self.at).unwrap_or_default();
            if line.trim_ascii() == tag.as_bytes() {
                // What stands behind the tag is a newline, perhaps one of two bytes.
                self.at -= usize::from(line.ends_with(b"\r"));
                return Ok(());
            }
        }
        self.at = start;
        self.fault("a heredoc does not end")
    }

    /// Behind a fault, to where the next block seems to begin: behind a brace at the beginning of a line, or at the header of
    /// a block, as far as anybody indents.
    fn skip_to_next_block(&mut self) {
        loop {
            self.skip_line();
            if self.peek().is_none() {
                return;
            }
            self.at += 1;
            let line = self.rest();
            if line.starts_with(b"}") {
                self.skip_line();
                return;
            }
            let is_header = HEADERS.iter().any(|header| {
                line.strip_prefix(header.as_bytes()).is_some_and(|behind| {
                    matches!(behind.trim_ascii_start().first(), Some(b'"' | b'{'))
                })
            });
            if is_header {
                return;
            }
        }
    }
}
