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
mod tests;
