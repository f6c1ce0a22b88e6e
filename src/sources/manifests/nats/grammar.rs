//! The grammar of nats-server's configuration, to the same trees as YAML.
//!
//! After the server's own lexer and parser (<https://github.com/nats-io/nats-server/tree/main/conf>, read 2026-11-22). It is
//! no JSON, YAML or HCL, and takes JSON for a dialect of its own. Included files are read where they are named, as far as they
//! are among the files; nothing is looked up in the environment, so a variable of it stays as it is written.

use super::super::systems::File;
use super::super::yaml::{Content, Field, Node, SyntaxError};

/// How deep values may lie in each other.
const MAX_DEPTH: usize = 100;

/// How deep files may include each other.
const MAX_INCLUDED: usize = 20;

/// How many values a file may come to, with all that it includes and all its variables spelled out.
const MAX_NODES: usize = 200_000;

/// How many entries one mapping may have.
const MAX_ENTRIES: usize = 4_000;

/// The field under which an included mapping tells its file. No key of a text can hold the zero byte.
pub(super) const FILE: &str = "\0file";

/// What a file says, and what it includes.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    /// Its entries and those that it includes.
    pub fields: Vec<Field>,
    /// The files it includes, directly and through others.
    pub includes: Vec<String>,
    /// What it includes that is not among the files, with the line.
    pub missing: Vec<(String, usize)>,
}

/// Read a file.
pub(super) fn read(file: &File<'_>) -> Result<Configuration, SyntaxError> {
    let mut reader = Reader {
        other: file.other,
        nodes: 0,
        open: vec![file.path.to_owned()],
        configuration: Configuration::default(),
    };
    let fields = reader.file(file.path, file.text)?;
    Ok(Configuration {
        fields,
        ..reader.configuration
    })
}

struct Reader<'f> {
    other: &'f dyn Fn(&str) -> Option<&'f str>,
    nodes: usize,
    /// The file being read, and those that include it.
    open: Vec<String>,
    configuration: Configuration,
}

impl Reader<'_> {
    fn file(&mut self, path: &str, text: &str) -> Result<Vec<Field>, SyntaxError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parser = Parser {
            reader: self,
            path,
            text,
            at: 0,
            line: 1,
            scopes: vec![Vec::new()],
        };
        parser.top()?;
        Ok(parser.scopes.pop().unwrap_or_default())
    }
}

struct Parser<'p, 'f, 't> {
    reader: &'p mut Reader<'f>,
    path: &'t str,
    text: &'t str,
    at: usize,
    line: usize,
    /// The mappings around the place where the parser is, outermost first: where variables are looked up.
    scopes: Vec<Vec<Field>>,
}

type Parsed<T> = Result<T, SyntaxError>;

impl Parser<'_, '_, '_> {
    fn fault<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(SyntaxError {
            line: self.line,
            message: message.into(),
        })
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        if character == '\n' {
            self.line += 1;
        }
        Some(character)
    }

    fn is_at(&self, word: &str) -> bool {
        self.text
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word))
    }

    fn skip_while(&mut self, is_skipped: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&is_skipped) {
            self.next();
        }
    }

    fn skip_comment(&mut self) -> bool {
        let is_comment = self.is_at("#") || self.is_at("//");
        if is_comment {
            self.skip_while(|character| !is_line_end(character));
        }
        is_comment
    }

    fn scope(&mut self) -> &mut Vec<Field> {
        if self.scopes.is_empty() {
            self.scopes.push(Vec::new());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    fn set(&mut self, field: Field) -> Parsed<()> {
        let scope = self.scope();
        scope.retain(|known| known.key != field.key);
        scope.push(field);
        if scope.len() > MAX_ENTRIES {
            return self.fault("one mapping has more entries than any real one");
        }
        Ok(())
    }

    fn top(&mut self) -> Parsed<()> {
        loop {
            self.skip_while(char::is_whitespace);
            if self.skip_comment() {
                continue;
            }
            match self.peek() {
                None => return Ok(()),
                Some('{') => {
                    self.next();
                    continue;
                }
                Some('}') => {
                    self.next();
                    self.skip_while(char::is_whitespace);
                    if self.peek().is_some() && !self.is_at("#") && !self.is_at("//") {
                        return self.fault("a `}` that closes nothing");
                    }
                    continue;
                }
                _ => {}
            }
            self.entry(0)?;
            self.skip_while(is_blank);
            if self.skip_comment() {
                continue;
            }
            match self.peek() {
                None => return Ok(()),
                Some(';' | ',' | '}') => {
                    self.next();
                }
                Some(character) if is_line_end(character) => {
                    self.next();
                }
                Some(character) => {
                    return self.fault(format!("expected the end of a value, found `{character}`"));
                }
            }
        }
    }

    /// A key with its value, or an include.
    fn entry(&mut self, depth: usize) -> Parsed<()> {
        let line = self.line;
        let (key, is_bare) = self.key()?;
        let is_blank_next = self.peek().is_some_and(char::is_whitespace);
        if is_bare && is_blank_next && key.eq_ignore_ascii_case("include") {
            return self.include();
        }
        self.skip_while(char::is_whitespace);
        if matches!(self.peek(), Some(':' | '=')) {
            self.next();
            // Inside of a mapping a value may begin on a later line, at the top it may not.
            if depth > 0 {
                self.skip_while(char::is_whitespace);
            }
        }
        self.skip_while(is_blank);
        match self.peek() {
            None => return self.fault(format!("`{key}` has no value")),
            Some(character) if is_line_end(character) => {
                return self.fault(format!(
                    "expected a value for `{key}`, found the end of the line"
                ));
            }
            Some('}' | ']' | ',' | ';') => return self.fault(format!("`{key}` has no value")),
            Some(_) => {}
        }
        let value = self.value(depth)?;
        self.set(Field { key, line, value })
    }

    fn key(&mut self) -> Parsed<(String, bool)> {
        let start = self.at;
        let quote = match self.peek() {
            Some(':' | '=' | ',' | ';' | ']') => {
                return self.fault("expected a key, found a separator");
            }
            Some('/') => return self.fault("expected a key, found `/`"),
            Some(quote @ ('"' | '\'')) => Some(quote),
            _ => None,
        };
        let key = match quote {
            Some(quote) => {
                self.next();
                let start = self.at;
                self.skip_while(|character| character != quote);
                let key = self.text[start..self.at].to_owned();
                if self.next().is_none() {
                    return self.fault("a quoted key has no end");
                }
                key
            }
            None => {
                self.next();
                self.skip_while(|character| {
                    !character.is_whitespace() && !matches!(character, ':' | '=')
                });
                self.text[start..self.at].to_owned()
            }
        };
        if key.contains('\0') {
            return self.fault("a key holds a zero byte");
        }
        Ok((key, quote.is_none()))
    }

    fn node(&mut self, line: usize, content: Content) -> Parsed<Node> {
        self.count(1)?;
        Ok(Node {
            line,
            end_line: self.line,
            content,
        })
    }

    fn count(&mut self, more: usize) -> Parsed<()> {
        self.reader.nodes += more;
        if self.reader.nodes > MAX_NODES {
            return self.fault("it comes to more values than any real file has");
        }
        Ok(())
    }

    fn scalar(&mut self, line: usize, text: String, is_plain: bool) -> Parsed<Node> {
        let content = Content::Scalar {
            text,
            is_plain,
            is_literal: false,
        };
        self.node(line, content)
    }

    fn value(&mut self, depth: usize) -> Parsed<Node> {
        if depth >= MAX_DEPTH {
            return self.fault("nested too deeply");
        }
        let line = self.line;
        match self.peek() {
            None => self.fault("expected a value, found the end of the file"),
            Some('{') => {
                self.next();
                self.scopes.push(Vec::new());
                self.mapping(depth + 1)?;
                let fields = self.scopes.pop().unwrap_or_default();
                self.node(line, Content::Map(fields))
            }
            Some('[') => {
                self.next();
                let items = self.array(depth + 1)?;
                self.node(line, Content::List(items))
            }
            Some('\'') => {
                self.next();
                let start = self.at;
                self.skip_while(|character| character != '\'');
                let text = self.text[start..self.at].to_owned();
                match self.next() {
                    None => self.fault("a quoted text has no end"),
                    Some(_) => self.scalar(line, text, false),
                }
            }
            Some('"') => {
                self.next();
                let text = self.escaped(|character| character == '"')?;
                match self.next() {
                    None => self.fault("a quoted text has no end"),
                    Some(_) => self.scalar(line, text, false),
                }
            }
            Some('(') => self.block(line),
            Some('.') => self.fault("a number must start with a digit, not with `.`"),
            Some('-') => {
                let digits = self
                    .text
                    .get(self.at + 1..)
                    .and_then(|rest| rest.chars().next());
                match digits {
                    Some(character) if character.is_ascii_digit() => self.number(line),
                    _ => self.fault("expected a digit after `-`"),
                }
            }
            Some(character) if character.is_ascii_digit() => self.number(line),
            Some(_) => self.bare(line),
        }
    }

    /// Text up to a character, escapes resolved.
    fn escaped(&mut self, is_end: impl Fn(char) -> bool) -> Parsed<String> {
        let mut text = String::new();
        while let Some(character) = self.peek().filter(|character| !is_end(*character)) {
            self.next();
            if character != '\\' {
                text.push(character);
                continue;
            }
            match self.next() {
                Some('t') => text.push('\t'),
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('"') => text.push('"'),
                Some('\\') => text.push('\\'),
                Some('x') => {
                    let digits = self.text.get(self.at..self.at + 2).unwrap_or_default();
                    let Ok(code) = u8::from_str_radix(digits, 16) else {
                        return self.fault("expected two hexadecimal digits after `\\x`");
                    };
                    self.at += 2;
                    text.push(char::from(code));
                }
                _ => {
                    return self.fault(
                        "an escape that is not known: only \\xXX, \\t, \\n, \\r, \\\" and \\\\ are",
                    );
                }
            }
        }
        Ok(text)
    }

    /// A text without quotes, a truth value or a variable. A comment does not begin in the middle of it.
    fn bare(&mut self, line: usize) -> Parsed<Node> {
        let start = self.at;
        let text = self.escaped(ends_bare)?;
        let is_written_so = self.text[start..self.at] == text;
        if self.peek() == Some('\'') {
            self.next();
        }
        if let Some(name) = text.strip_prefix('$').filter(|_| is_written_so)
            && !name.starts_with("2a$")
            && let Some(value) = self.variable(name)
        {
            self.count(size(&value))?;
            let mut value = value;
            move_to(&mut value, line);
            return Ok(value);
        }
        self.scalar(line, text, is_written_so)
    }

    fn variable(&self, name: &str) -> Option<Node> {
        let scopes = self.scopes.iter().rev();
        let mut found = scopes.filter_map(|scope| scope.iter().find(|field| field.key == name));
        found.next().map(|field| field.value.clone())
    }

    /// An integer, a float, a date, or an address.
    fn number(&mut self, line: usize) -> Parsed<Node> {
        let start = self.at;
        let is_negative = self.peek() == Some('-');
        self.next();
        self.skip_while(|character| character.is_ascii_digit());
        let digits = &self.text[start..self.at];
        match self.peek() {
            Some('-') if !is_negative => return self.date(start, line),
            Some('.') => {
                self.next();
                if !self
                    .peek()
                    .is_some_and(|character| character.is_ascii_digit())
                {
                    return self.fault("a number must have a digit after its `.`");
                }
                self.skip_while(|character| character.is_ascii_digit());
                if self.peek() == Some('.') {
                    self.skip_while(|character| {
                        character.is_ascii_digit() || matches!(character, '.' | ':' | '-')
                    });
                }
                let text = self.text[start..self.at].to_owned();
                return self.scalar(line, text, true);
            }
            _ => {}
        }
        let factors = "kmgtpe";
        let suffix = self
            .peek()
            .map(|character| character.to_ascii_lowercase())
            .and_then(|character| factors.find(character));
        let after = self.at;
        let mut base: i128 = 1000;
        if suffix.is_some() {
            self.next();
            while let Some('b' | 'B' | 'i' | 'I') = self.peek() {
                base = 1024;
                self.next();
            }
        }
        if self.peek().is_some_and(|character| !ends_bare(character)) {
            // Letters behind digits: a text.
            self.at = start;
            return self.bare(line);
        }
        let exponent = suffix.map_or(0, |index| index as u32 + 1);
        let Some(number) = self.text[start..after.min(start + 40)]
            .parse::<i64>()
            .ok()
            .and_then(|number| i128::from(number).checked_mul(base.checked_pow(exponent)?))
        else {
            return self.fault(format!(
                "the number `{}` is out of range",
                &digits[..digits.len().min(30)]
            ));
        };
        self.scalar(line, number.to_string(), true)
    }

    fn date(&mut self, start: usize, line: usize) -> Parsed<Node> {
        const FORM: &[u8] = b"0000-00-00T00:00:00Z";
        let text = self.text.as_bytes().get(start..start + FORM.len());
        let is_date = text.is_some_and(|text| {
            text.iter().zip(FORM).all(|(is, form)| match form {
                b'0' => is.is_ascii_digit(),
                _ => is == form,
            })
        });
        if !is_date {
            return self.fault(
                "digits and a `-` begin a date in full Zulu form: put quotes around anything else",
            );
        }
        self.at = start + FORM.len();
        let text = self.text[start..self.at].to_owned();
        self.scalar(line, text, true)
    }

    /// Raw text up to a `)` alone on a line.
    fn block(&mut self, line: usize) -> Parsed<Node> {
        self.next();
        let start = self.at;
        while let Some(found) = self.text[self.at..].find(")") {
            let end = self.at + found;
            let is_first = self.text[..end].ends_with('\n');
            let rest = &self.text[end + 1..];
            let is_last = rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n");
            self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..=end]).count();
            self.at = end + 1;
            if is_first && is_last {
                let text = self.text[start..end].to_owned();
                return self.scalar(line, text, false);
            }
        }
        self.fault("a block has no `)` alone on a line")
    }

    fn mapping(&mut self, depth: usize) -> Parsed<()> {
        loop {
            self.skip_while(char::is_whitespace);
            if self.skip_comment() {
                continue;
            }
            match self.peek() {
                None => return self.fault("a `{` has no end"),
                Some('}') => {
                    self.next();
                    return Ok(());
                }
                _ => {}
            }
            self.entry(depth)?;
            self.skip_while(is_blank);
            if self.skip_comment() {
                continue;
            }
            match self.peek() {
                None => return self.fault("a `{` has no end"),
                Some('}') => {}
                Some(';' | ',') => {
                    self.next();
                }
                Some(character) if is_line_end(character) => {
                    self.next();
                }
                Some(character) => {
                    return self.fault(format!("expected the end of a value, found `{character}`"));
                }
            }
        }
    }

    fn array(&mut self, depth: usize) -> Parsed<Vec<Node>> {
        let mut items = Vec::new();
        loop {
            self.skip_while(char::is_whitespace);
            if self.skip_comment() {
                continue;
            }
            match self.peek() {
                None => return self.fault("a `[` has no end"),
                Some(']') => {
                    self.next();
                    return Ok(items);
                }
                Some(',') => return self.fault("expected a value, found `,`"),
                Some('}' | ';') => return self.fault("a `[` has no end"),
                Some(_) => {}
            }
            items.push(self.value(depth)?);
            loop {
                self.skip_while(is_blank);
                if !self.skip_comment() {
                    break;
                }
            }
            match self.peek() {
                None => return self.fault("a `[` has no end"),
                Some(']') => {}
                Some(',' | '/') => {
                    self.next();
                }
                Some(character) if is_line_end(character) => {
                    self.next();
                }
                Some(character) => {
                    return self.fault(format!("expected `,` or `]`, found `{character}`"));
                }
            }
        }
    }

    fn include(&mut self) -> Parsed<()> {
        self.skip_while(is_blank);
        let line = self.line;
        let name = match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                self.next();
                let start = self.at;
                self.skip_while(|character| character != quote);
                let name = self.text[start..self.at].to_owned();
                if self.next().is_none() {
                    return self.fault("a quoted path has no end");
                }
                name
            }
            None => return self.fault("`include` names no file"),
            Some(character)
                if is_line_end(character)
                    || character.is_ascii_digit()
                    || matches!(character, '[' | '{' | '(' | '-' | '\\') =>
            {
                return self.fault("`include` names no file");
            }
            Some(_) => {
                let start = self.at;
                self.skip_while(|character| {
                    !character.is_whitespace() && !matches!(character, ';' | '}' | '\'')
                });
                self.text[start..self.at].to_owned()
            }
        };
        self.take_in(&name, line)
    }

    /// The entries of another file come into the mapping that names it.
    fn take_in(&mut self, name: &str, line: usize) -> Parsed<()> {
        let Some(path) = beside(self.path, name) else {
            let missing = (name.to_owned(), line);
            self.reader.configuration.missing.push(missing);
            return Ok(());
        };
        if self.reader.open.contains(&path) {
            return self.fault(format!("{path} includes itself"));
        }
        if self.reader.open.len() > MAX_INCLUDED {
            return self.fault("files include each other too deeply");
        }
        let Some(text) = (self.reader.other)(&path) else {
            self.reader.configuration.missing.push((path, line));
            return Ok(());
        };
        self.count(1 + text.len() / 64)?;
        self.reader.open.push(path.clone());
        let read = self.reader.file(&path, text);
        self.reader.open.pop();
        let fields = read.map_err(|fault| SyntaxError {
            line,
            message: format!(
                "in {path}, included here, line {}: {}",
                fault.line, fault.message
            ),
        })?;
        if !self.reader.configuration.includes.contains(&path) {
            self.reader.configuration.includes.push(path.clone());
        }
        for mut field in fields {
            mark(&mut field.value, &path);
            self.set(field)?;
        }
        Ok(())
    }
}

/// The path that a name means in a file, from the top; `None`: it is outside.
fn beside(file: &str, name: &str) -> Option<String> {
    if name.starts_with('/') || name.contains(['\\', '\0']) {
        return None;
    }
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Tell every mapping in a value which file it is of.
fn mark(node: &mut Node, path: &str) {
    match &mut node.content {
        Content::Scalar { .. } => {}
        Content::List(items) => items.iter_mut().for_each(|item| mark(item, path)),
        Content::Map(fields) => {
            fields
                .iter_mut()
                .for_each(|field| mark(&mut field.value, path));
            if fields.iter().all(|field| field.key != FILE) {
                fields.push(Field {
                    key: FILE.to_owned(),
                    line: node.line,
                    value: Node {
                        line: node.line,
                        end_line: node.line,
                        content: Content::Scalar {
                            text: path.to_owned(),
                            is_plain: false,
                            is_literal: false,
                        },
                    },
                });
            }
        }
    }
}

/// What a variable stands for stands where the variable does.
fn move_to(node: &mut Node, line: usize) {
    (node.line, node.end_line) = (line, line);
    match &mut node.content {
        Content::Scalar { .. } => {}
        Content::List(items) => items.iter_mut().for_each(|item| move_to(item, line)),
        Content::Map(fields) => {
            for field in fields {
                field.line = line;
                move_to(&mut field.value, line);
            }
        }
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.content {
        Content::Scalar { .. } => 0,
        Content::List(items) => items.iter().map(size).sum(),
        Content::Map(fields) => fields.iter().map(|field| size(&field.value)).sum(),
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r')
}

fn ends_bare(character: char) -> bool {
    is_blank(character)
        || is_line_end(character)
        || matches!(character, ';' | ',' | ']' | '}' | '\'')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(text: &str) -> Parsed<Configuration> {
        parse_with(text, &[])
    }

    fn parse_with(text: &str, others: &[(&str, &str)]) -> Parsed<Configuration> {
        let other = |path: &str| {
            let found = others.iter().find(|(known, _)| *known == path);
            found.map(|(_, text)| *text)
        };
        read(&File {
            path: "etc/nats.conf",
            text,
            other: &other,
        })
    }

    /// What a text comes to in one fixed spelling.
    fn spelled(text: &str) -> String {
        let fields = parse(text).unwrap().fields;
        canonical(fields)
    }

    fn canonical(fields: Vec<Field>) -> String {
        let node = Node {
            line: 1,
            end_line: 1,
            content: Content::Map(fields),
        };
        node.canonical()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(spelled(text), format!("{{{expected}}}"), "{text}");
    }

    #[track_caller]
    fn refuse(text: &str, line: usize, message: &str) {
        let fault = parse(text).unwrap_err();
        assert!(fault.message.contains(message), "{}", fault.message);
        assert_eq!(fault.line, line);
    }

    #[test]
    fn a_comment_begins_after_white_space_and_not_within_a_bare_text() {
        check("foo: bar # c", "foo=bar");
        check("foo: bar // c", "foo=bar");
        check("foo: bar#baz", "foo=bar#baz");
        check("url: nats://h:4222\n", "url=nats://h:4222");
    }

    #[test]
    fn a_separator_is_a_matter_of_taste() {
        for text in [
            "cluster { port 1 }",
            "cluster: { port: 1 }",
            "cluster = { port = 1 }",
        ] {
            check(text, "cluster={port=1}");
        }
        check("port 4222", "port=4222");
        check("a: 1; b: 2, c: 3\nd: 4", "a=1 b=2 c=3 d=4");
        check("{\"a\": 1, \"b\": {\"c\": [1, 2]}}", "a=1 b={c=[1 2]}");
        check("{\n\"a\": 1\n}\n", "a=1");
    }

    #[test]
    fn of_equal_keys_the_last_counts_and_nothing_is_merged() {
        check("a { x: 1 }\na { y: 2 }", "a={y=2}");
    }

    #[test]
    fn keys_keep_their_letters() {
        check("TLS { A: 1 }", "TLS={A=1}");
        check("\"a b\": 1\n'c:d': 2", "a b=1 c:d=2");
    }

    #[test]
    fn a_variable_means_what_is_set_around_it_before() {
        check("bar: 1\nfoo: $bar", "bar=1 foo=1");
        check("v: 1\na { v: 2, b: $v }", "a={b=2 v=2} v=1");
        check("v: {x: 1}\na: $v", "a={x=1} v={x=1}");
        check("foo: \"$bar\"\nbar: 1", "bar=1 foo=$bar");
        // Of the environment, which nobody knows.
        check("foo: $BAR", "foo=$BAR");
        check("a: [$x]\nx: 1", "a=[$x] x=1");
    }

    #[test]
    fn a_digest_is_no_variable() {
        check("pass: $2a$11$abc/def.g", "pass=$2a$11$abc/def.g");
    }

    #[test]
    fn numbers_have_suffixes_of_size_and_not_of_time() {
        check(
            "a: 1k, b: 1kb, c: 2MiB, d: 1g, e: -5",
            "a=1000 b=1024 c=2097152 d=1000000000 e=-5",
        );
        check("ping_interval: 5m", "ping_interval=5000000");
        check("t: 2s, u: \"5m\"", "t=2s u=5m");
        refuse("a: 1\nb: 99999999999999999999", 2, "out of range");
        check("a: 9000e", "a=9000000000000000000000");
    }

    #[test]
    fn addresses_are_texts_and_floats_begin_with_a_digit() {
        check(
            "a: 127.0.0.1:4222, b: 10.0.0.1, c: 1.5",
            "a=127.0.0.1:4222 b=10.0.0.1 c=1.5",
        );
        refuse("a: .5", 1, "digit");
        refuse("a: 1.x", 1, "digit after");
        refuse("a: -x", 1, "digit after `-`");
    }

    #[test]
    fn truth_values_are_bare_and_texts_are_quoted() {
        let fields = parse("a: YES\nb: 'yes'\nc: off").unwrap().fields;
        let truths: Vec<_> = fields.iter().map(|field| field.value.truth()).collect();
        assert_eq!(truths, [Some(true), Some(true), Some(false)]);
    }

    #[test]
    fn digits_and_a_dash_begin_a_date_or_a_fault() {
        check("d: 2016-05-04T18:53:41Z", "d=2016-05-04T18:53:41Z");
        refuse("server_name: 2024-prod", 1, "date");
        refuse("server_name: 20-prod", 1, "date");
        check("server_name: \"2024-prod\"", "server_name=2024-prod");
    }

    #[test]
    fn only_some_escapes_are_known_in_double_quotes_and_in_bare_texts() {
        check("a: \"x\\x41\\t\\\"\\\\y\"", "a=xA\t\"\\y");
        check("a: 'x\\y'", "a=x\\y");
        refuse("a: \"\\q\"", 1, "escape");
        refuse("a: C:\\data", 1, "escape");
        refuse("a: \"\\xzz\"", 1, "hexadecimal");
    }

    #[test]
    fn a_key_needs_a_value() {
        refuse("a: 1\nfoo", 2, "no value");
        refuse("foo:", 1, "no value");
        refuse("foo:\nbar: 1", 1, "end of the line");
        refuse("m { foo: }", 1, "no value");
        // Inside of a mapping it may come later.
        check("m { foo:\n  1 }", "m={foo=1}");
        // And without a separator anywhere.
        check("foo\nbar", "foo=bar");
    }

    #[test]
    fn a_slash_alone_is_no_comment() {
        refuse("/ x", 1, "`/`");
        refuse("a: 1\n: x", 2, "separator");
    }

    #[test]
    fn addresses_are_given_as_number_or_text() {
        check(
            "listen: 4222\nl: \"h:4222\"\nm: \":4222\"",
            "l=h:4222 listen=4222 m=:4222",
        );
    }

    #[test]
    fn a_prefix_needs_quotes() {
        refuse("a: 10.0.0.0/24", 1, "end of a value");
        check("a: [10.0.0.0/24]", "a=[10.0.0.0 24]");
        check("a: [\"10.0.0.0/24\"]", "a=[10.0.0.0/24]");
    }

    #[test]
    fn arrays_take_lines_and_commas_and_not_two_of_these() {
        check("a: [1, 2,]\nb [\n1 # one\n2\n]", "a=[1 2] b=[1 2]");
        check("a: [{x: 1}, {y: 2}]", "a=[{x=1} {y=2}]");
        refuse("a: [1,,2]", 1, "`,`");
        refuse("a: [1\n\n", 3, "no end");
        refuse("a {\n b {\n 1: 2\n }\n", 5, "no end");
    }

    #[test]
    fn a_block_is_raw_text_up_to_a_bracket_alone() {
        check("a (\nx { (y) }\n)\nb: 1", "a=\nx { (y) }\n b=1");
        refuse("a (\nx )\n", 2, "block");
    }

    #[test]
    fn every_field_knows_its_lines() {
        let fields = parse("a: 1\nb {\n  c: [\n    1\n  ]\n}\n").unwrap().fields;
        assert_eq!(
            (
                fields[1].line,
                fields[1].value.line,
                fields[1].value.end_line
            ),
            (2, 2, 6)
        );
        assert_eq!(fields[1].value.field("c").unwrap().line, 3);
    }

    #[test]
    fn an_include_comes_into_the_mapping_that_names_it() {
        let others = [("etc/parts/gws.conf", "gateways: [{name: A}]\nname: B")];
        let read = parse_with(
            "gateway { name: A\n include 'parts/gws.conf'\n port: 1 }",
            &others,
        );
        let read = read.unwrap();
        assert_eq!(read.includes, ["etc/parts/gws.conf"]);
        let text = canonical(read.fields).replace("\0file=etc/parts/gws.conf ", "");
        assert_eq!(text, "{gateway={gateways=[{name=A}] name=B port=1}}");
        for text in [
            "INCLUDE \"./parts/gws.conf\"",
            "include parts/../parts/gws.conf; x: 1",
        ] {
            assert_eq!(parse_with(text, &others).unwrap().includes.len(), 1);
        }
        // A key that is only called so.
        check("include: x", "include=x");
    }

    #[test]
    fn a_variable_of_an_included_file_is_known_behind_it_and_none_within_it() {
        let others = [("etc/b.conf", "port: 8222\nx: $outer")];
        let read = parse_with("outer: 1\ninclude b.conf\nhttp_port: $port", &others).unwrap();
        assert_eq!(
            canonical(read.fields),
            "{http_port=8222 outer=1 port=8222 x=$outer}"
        );
    }

    #[test]
    fn what_is_not_among_the_files_or_outside_of_them_is_told_and_not_read() {
        let read = parse_with("include auth.conf\ninclude '../../x'\ninclude /etc/x", &[]).unwrap();
        assert_eq!(
            read.missing,
            [
                ("etc/auth.conf".to_owned(), 1),
                ("../../x".to_owned(), 2),
                ("/etc/x".to_owned(), 3)
            ]
        );
    }

    #[test]
    fn files_that_include_each_other_are_a_fault_and_so_is_what_is_wrong_in_one() {
        let others = [
            ("etc/a.conf", "include b.conf"),
            ("etc/b.conf", "include a.conf"),
            ("etc/c.conf", "x: 1\ny: [1,,]"),
        ];
        let fault = parse_with("\ninclude a.conf", &others).unwrap_err();
        assert!(fault.message.contains("includes itself"), "{fault:?}");
        assert_eq!(fault.line, 2);
        let fault = parse_with("include c.conf", &others).unwrap_err();
        assert!(
            fault.message.contains("etc/c.conf, included here, line 2"),
            "{fault:?}"
        );
    }

    #[test]
    fn texts_made_to_explode_are_refused() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&"a {".repeat(100_000)).is_err());
        let mut text = "v0: [1,1,1,1,1,1,1,1,1,1]\n".to_owned();
        for level in 1..9 {
            let before = level - 1;
            text.push_str(&format!(
                "v{level}: [{}]\n",
                format!("$v{before},").repeat(10)
            ));
        }
        refuse(&text, 6, "more values");
        let twice = |next: usize| format!("include f{next}\n").repeat(2);
        let files: Vec<(String, String)> = (0..40)
            .map(|index| (format!("etc/f{index}"), twice(index + 1)))
            .collect();
        let others: Vec<(&str, &str)> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        assert!(parse_with("include f0", &others).is_err());
    }

    #[test]
    fn nothing_is_nothing() {
        for text in ["", "# only\n// comments\n", "\u{feff}", "{}", "}"] {
            check(text, "");
        }
    }
}
