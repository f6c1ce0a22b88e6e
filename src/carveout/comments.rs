//! Comment syntax per language, as a table, and the lexer that it drives.
//!
//! A string literal that looks like a comment is none, and prose has no comments at all. This is no parser: a file that
//! is broken, or in a dialect that the table does not know, still gives the comments that a reader would see.

mod languages;
mod lexer;
mod notebook;
mod rule;

use std::borrow::Cow;

use languages::{LANGUAGES, Language, PROSE_EXTENSIONS, PROSE_NAMES, TEMPLATE_EXTENSIONS, UNKNOWN};
use rule::Rule;

/// One line of comment text, stripped of what makes it a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentLine<'t> {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// Column (in characters, counted from 1) where the comment opens on this line; for an inner line of a block
    /// comment, where its text (or its leading star) begins.
    pub column: usize,
    /// What opens the comment, or leads this line of it: `#`, `//`, `/*`, `*`, `##`, or empty for a bare inner line of a block.
    pub leader: &'t str,
    /// The text after the leader, without the closing `*/` and without trailing white space.
    pub text: &'t str,
    /// There is code before the comment on this line.
    pub trailing: bool,
    /// Lines of one block comment share a number; `None` for line comments.
    pub block: Option<usize>,
}

/// What there is to read in a file.
#[derive(Debug, Default)]
pub struct Comments<'t> {
    /// Its comment lines, in order. None in prose (Markdown and its kin), which has no comments.
    pub lines: Vec<CommentLine<'t>>,
    /// The lines on which what was sought stands in what is neither a comment that is known, nor a string, nor prose.
    pub outside: Vec<usize>,
}

/// The comments of one file in which a marker is sought: it is looked for in text inside the text, too.
#[must_use]
pub fn comments_with<'t>(path: &str, text: &'t str, sought: &'t str) -> Comments<'t> {
    read(path, text, Some(sought))
}

/// The comment lines of one file, in order.
#[must_use]
pub fn comment_lines<'t>(path: &str, text: &'t str) -> Vec<CommentLine<'t>> {
    read(path, text, None).lines
}

fn read<'t>(path: &str, text: &'t str, sought: Option<&'t str>) -> Comments<'t> {
    match kind(path, text) {
        Kind::Prose => Comments::default(),
        Kind::Notebook => Comments {
            lines: notebook::comment_lines(text),
            outside: Vec::new(),
        },
        Kind::Language { language, overlay } => {
            let (lines, outside) = lexer::comments(text, overlay, language.rules, sought);
            Comments { lines, outside }
        }
    }
}

/// The text of a file; `None` if it is binary.
///
/// UTF-8 and UTF-16 (with its byte order mark, or with mostly ASCII in it) are known for what they are; anything else is
/// read as Windows-1252, in which no byte is wrong. The byte order mark is not part of the text.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    decode_with(bytes).map(|(text, _)| text)
}

/// The text of a file that is known to hold text, whatever its bytes are: as [`decode`], but that a NUL is a character like
/// any other.
#[must_use]
pub fn decode_any(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(text) = decode(bytes) {
        return text;
    }
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes)
        && encoding != encoding_rs::UTF_8
    {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
        }
    }
}

/// Git looks as far for a NUL to tell a binary file.
const LOOKED_AT: usize = 8 * 1024;

/// How the text of a file is written in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    encoding: &'static encoding_rs::Encoding,
    has_mark: bool,
}

impl Written {
    /// The bytes of a text; `None` if it has characters that cannot be written so.
    #[must_use]
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        if self.encoding == encoding_rs::UTF_16LE || self.encoding == encoding_rs::UTF_16BE {
            let is_little = self.encoding == encoding_rs::UTF_16LE;
            let mark = self.has_mark.then_some(0xFEFF);
            for unit in mark.into_iter().chain(text.encode_utf16()) {
                bytes.extend(if is_little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                });
            }
            return Some(bytes);
        }
        if self.has_mark {
            bytes.extend(b"\xef\xbb\xbf");
        }
        let (encoded, _, has_unwritable) = self.encoding.encode(text);
        bytes.extend(encoded.iter());
        (!has_unwritable).then_some(bytes)
    }
}

/// As [`decode`], and how to write the text again.
#[must_use]
pub fn decode_with(bytes: &[u8]) -> Option<(Cow<'_, str>, Written)> {
    let written = |encoding, has_mark| Written { encoding, has_mark };
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes)
        && encoding != encoding_rs::UTF_8
    {
        let text = encoding.decode_without_bom_handling(&bytes[mark..]).0;
        let is_text = !text.chars().take(LOOKED_AT).any(|letter| letter == '\0');
        return is_text.then_some((text, written(encoding, true)));
    }
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf");
    let (bytes, has_mark) = (unmarked.unwrap_or(bytes), unmarked.is_some());
    let beginning = &bytes[..bytes.len().min(LOOKED_AT)];
    if memchr::memchr(0, beginning).is_some() {
        let encoding = unmarked_utf_16(beginning)?;
        let text = encoding.decode_without_bom_handling(bytes).0;
        return Some((text, written(encoding, false)));
    }
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), written(encoding_rs::UTF_8, has_mark)),
        Err(_) => (
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0,
            written(encoding_rs::WINDOWS_1252, has_mark),
        ),
    })
}

/// Which UTF-16 it is, without a mark: every other byte of ASCII is a NUL there, and none of the others is.
fn unmarked_utf_16(beginning: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let (pairs, _) = beginning.as_chunks::<2>();
    let zeros = |which: usize| pairs.iter().filter(|pair| pair[which] == 0).count();
    let mostly = |zeros: usize| pairs.len() >= 4 && zeros * 10 >= pairs.len() * 7;
    match (zeros(0), zeros(1)) {
        (0, second) if mostly(second) => Some(encoding_rs::UTF_16LE),
        (first, 0) if mostly(first) => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

enum Kind {
    Prose,
    Notebook,
    Language {
        language: &'static Language,
        overlay: &'static [Rule],
    },
}

/// What a file is: by its name, else by its `#!` line.
fn kind(path: &str, text: &str) -> Kind {
    let name = path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(path)
        .to_lowercase();
    // Each round takes off one template ending: `nginx.conf.j2` is an nginx configuration with Jinja comments.
    let mut stem = name.as_str();
    let mut overlay: &'static [Rule] = &[];
    loop {
        if lists(PROSE_NAMES, stem) {
            return Kind::Prose;
        }
        if let Some(language) = by_name(stem) {
            return Kind::Language { language, overlay };
        }
        let Some((before, extension)) = stem.rsplit_once('.') else {
            break;
        };
        if lists(PROSE_EXTENSIONS, extension) {
            return Kind::Prose;
        }
        if extension == "ipynb" {
            return Kind::Notebook;
        }
        let Some((_, rules)) = TEMPLATE_EXTENSIONS
            .iter()
            .find(|(template, _)| *template == extension)
        else {
            break;
        };
        if overlay.is_empty() {
            overlay = rules;
        }
        stem = before;
    }
    // `CHANGELOG-2.0`, but not `changelog.rs`.
    if stem.starts_with("changelog") {
        return Kind::Prose;
    }
    let known = by_beginning(stem).or_else(|| by_interpreter(text));
    Kind::Language {
        language: known.unwrap_or(&UNKNOWN),
        overlay,
    }
}

/// By the whole name, or the ending.
fn by_name(name: &str) -> Option<&'static Language> {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let named = LANGUAGES
        .iter()
        .find(|language| lists(language.names, name));
    named.or_else(|| {
        LANGUAGES.iter().find(|language| {
            extension.is_some_and(|extension| lists(language.extensions, extension))
        })
    })
}

/// By what the name begins with: `Dockerfile.prod`.
fn by_beginning(name: &str) -> Option<&'static Language> {
    let begins = |start: &str| {
        !start.is_empty()
            && name
                .strip_prefix(start)
                .is_some_and(|rest| rest.starts_with('.'))
    };
    LANGUAGES
        .iter()
        .find(|language| language.names.split(' ').any(begins))
}

/// By the program that the `#!` line names: `#!/usr/bin/env -S python3.12 -u`.
fn by_interpreter(text: &str) -> Option<&'static Language> {
    let first_line = text.lines().next()?.strip_prefix("#!")?;
    let program = first_line
        .split_whitespace()
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='))?
        .to_lowercase();
    by_program(&program)
}

/// By the name of an interpreter, with or without its version.
fn by_program(name: &str) -> Option<&'static Language> {
    let name =
        name.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
    LANGUAGES
        .iter()
        .find(|language| lists(language.interpreters, name))
}

/// Whether a list of the table, with spaces in between, has this word.
fn lists(words: &str, wanted: &str) -> bool {
    words.split(' ').any(|word| word == wanted)
}

#[cfg(test)]
mod tests;
