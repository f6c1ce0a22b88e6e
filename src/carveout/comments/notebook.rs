//! Jupyter notebooks: comments in the cells that hold code, in the language of the kernel or of the cell's magic.
//!
//! Text of a cell is written in JSON strings, most often one for each line. A comment is given as it is written there,
//! escapes included, so that it can be found in the file.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::languages::Language;
use super::{CommentLine, by_name, by_program, lexer};

#[derive(Deserialize)]
struct Notebook<'t> {
    #[serde(borrow, default)]
    cells: Vec<Cell<'t>>,
    /// Where version 3 has its cells.
    #[serde(borrow, default)]
    worksheets: Vec<Worksheet<'t>>,
    #[serde(borrow, default)]
    metadata: Metadata<'t>,
}

#[derive(Deserialize)]
struct Worksheet<'t> {
    #[serde(borrow, default)]
    cells: Vec<Cell<'t>>,
}

#[derive(Deserialize)]
struct Cell<'t> {
    #[serde(borrow, default)]
    cell_type: Cow<'t, str>,
    #[serde(borrow, alias = "input")]
    source: Option<&'t RawValue>,
}

#[derive(Default, Deserialize)]
struct Metadata<'t> {
    #[serde(borrow, default)]
    kernelspec: Kernel<'t>,
    #[serde(borrow, default)]
    language_info: Kernel<'t>,
}

#[derive(Default, Deserialize)]
struct Kernel<'t> {
    #[serde(borrow)]
    language: Option<Cow<'t, str>>,
    #[serde(borrow)]
    name: Option<Cow<'t, str>>,
}

/// The comments of a notebook. Of one that is broken, as by a merge, whatever begins like a comment in any of its strings.
pub(super) fn comment_lines(text: &str) -> Vec<CommentLine<'_>> {
    let Ok(notebook) = serde_json::from_str::<Notebook<'_>>(text) else {
        return comments_of_strings(text);
    };
    let Metadata {
        kernelspec,
        language_info,
    } = &notebook.metadata;
    let named = [&language_info.name, &kernelspec.language, &kernelspec.name];
    let kernel = named.into_iter().flatten().find_map(|name| language(name));
    let python = language("python");

    let mut comments = Vec::new();
    let mut lines = Lines::new(text);
    let worksheets = notebook.worksheets.iter().flat_map(|sheet| &sheet.cells);
    for cell in notebook.cells.iter().chain(worksheets) {
        if cell.cell_type != "code" {
            continue;
        }
        let Some(code) = cell.source.and_then(|source| Code::read(text, source)) else {
            continue;
        };
        let of_magic = code.text.strip_prefix("%%").and_then(|magic| {
            let end = magic.find(|letter: char| !letter.is_alphanumeric());
            language(&magic[..end.unwrap_or(magic.len())])
        });
        if let Some(language) = of_magic.or(kernel).or(python) {
            code.comments(text, language, &mut lines, &mut comments);
        }
    }
    comments
}

/// What begins a comment in the languages that kernels speak.
const LEADERS: [&str; 4] = ["#", "//", "--", "%"];

fn comments_of_strings(text: &str) -> Vec<CommentLine<'_>> {
    let mut comments = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut rest = line;
        while let Some(open) = memchr::memchr(b'"', rest.as_bytes()) {
            let content = &rest[open + 1..];
            let length = string_length(content);
            for written in content[..length].split("\\n") {
                let shown = written.trim_start();
                let Some(leader) = LEADERS.iter().find(|leader| shown.starts_with(**leader)) else {
                    continue;
                };
                let start = shown.as_ptr() as usize - line.as_ptr() as usize;
                let (leader, text) = shown.split_at(leader.len());
                comments.push(CommentLine {
                    line: index + 1,
                    column: line[..start].chars().count() + 1,
                    leader,
                    text: text.trim_end(),
                    trailing: false,
                    block: Some(index + 1),
                });
            }
            rest = content.get(length + 1..).unwrap_or_default();
        }
    }
    comments
}

/// The length of a JSON string without its quotes, whose first one stands before; to the end where it does not close.
fn string_length(content: &str) -> usize {
    let mut is_escaped = false;
    let close = content.bytes().position(|byte| {
        let closes = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        closes
    });
    close.unwrap_or(content.len())
}

/// By the name of a program (`python3`), of a kernel (`ir`), or by an ending (`sql`).
fn language(name: &str) -> Option<&'static Language> {
    let name = name.to_lowercase();
    match name.as_str() {
        "ir" => by_program("rscript"),
        "javascript" | "typescript" => by_program("node"),
        "rust" => by_name("a.rs"),
        "csharp" | "c#" => by_name("a.cs"),
        _ => by_program(&name).or_else(|| by_name(&format!("a.{name}"))),
    }
}

/// The text of a cell, and where it is written.
struct Code {
    text: String,
    /// Where stretches of the text that are written as they are begin, there and in the file; by both.
    stretches: Vec<(usize, usize)>,
    /// It is one string: its lines are all on one line of the file.
    is_one_line: bool,
}

impl Code {
    fn read(file: &str, source: &RawValue) -> Option<Self> {
        let mut code = Self {
            text: String::new(),
            stretches: Vec::new(),
            is_one_line: source.get().starts_with('"'),
        };
        if code.is_one_line {
            code.push(file, source.get())?;
        } else {
            let strings: Vec<&RawValue> = serde_json::from_str(source.get()).ok()?;
            for string in strings {
                code.push(file, string.get())?;
            }
        }
        Some(code)
    }

    /// Adds a JSON string, quotes included, that is a slice of the file.
    fn push(&mut self, file: &str, string: &str) -> Option<()> {
        let content = string.strip_prefix('"')?.strip_suffix('"')?;
        let start = (content.as_ptr() as usize).checked_sub(file.as_ptr() as usize)?;
        let mut at = 0;
        while let Some(rest) = content.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = rest.find('\\').unwrap_or(rest.len());
            self.stretches.push((self.text.len(), start + at));
            self.text.push_str(&rest[..plain]);
            at += plain;
            let Some(escape) = rest[plain..].chars().nth(1) else {
                continue;
            };
            self.stretches.push((self.text.len(), start + at));
            let length = match escape {
                'u' => 6,
                _ => 2,
            };
            match escape {
                'n' => self.text.push('\n'),
                't' => self.text.push('\t'),
                'u' => {
                    let digits = content.get(at + 2..at + 6)?;
                    let code = u32::from_str_radix(digits, 16).ok()?;
                    // Halves of a pair are of no use alone, and no part of comment syntax.
                    self.text.push(char::from_u32(code).unwrap_or('\u{FFFD}'));
                }
                'r' | 'b' | 'f' => self.text.push(' '),
                other => self.text.push(other),
            }
            at += length;
        }
        self.stretches
            .push((self.text.len(), start + content.len()));
        Some(())
    }

    /// Where a byte of the text is written in the file.
    fn in_file(&self, at: usize) -> usize {
        let after = self.stretches.partition_point(|(text, _)| *text <= at);
        match after
            .checked_sub(1)
            .and_then(|before| self.stretches.get(before))
        {
            Some((text, file)) => file + (at - text),
            None => 0,
        }
    }

    /// Where in the file the end of a range of the text is written: an escape is not cut in two.
    fn end_in_file(&self, start: usize, end: usize) -> usize {
        if end <= start {
            return self.in_file(start);
        }
        // The last stretch that begins before the end.
        let after = self.stretches.partition_point(|(text, _)| *text < end);
        let (text, file) = self.stretches[after.saturating_sub(1)];
        match self.stretches.get(after) {
            Some((next_text, next_file)) if *next_text == end => *next_file,
            _ => file + (end - text),
        }
    }

    fn comments<'t>(
        &self,
        file: &'t str,
        language: &'static Language,
        lines: &mut Lines<'t>,
        comments: &mut Vec<CommentLine<'t>>,
    ) {
        let first_block = comments
            .iter()
            .filter_map(|comment| comment.block)
            .max()
            .unwrap_or(0);
        let found = lexer::comments(&self.text, &[], language.rules, None).0;
        let offset = |part: &str| part.as_ptr() as usize - self.text.as_ptr() as usize;
        let mut run = first_block + found.len();
        let mut previous = 0;
        for comment in &found {
            if comment.line != previous + 1 || comment.trailing {
                run += 1;
            }
            previous = comment.line;
            let (leader, text) = (offset(comment.leader), offset(comment.text));
            let start = self.in_file(leader);
            let text_start = self.in_file(text);
            let text_end = self.end_in_file(text, text + comment.text.len());
            let (line, column) = lines.position(start);
            let (Some(leader), Some(text)) = (
                file.get(start..self.end_in_file(leader, leader + comment.leader.len())),
                file.get(text_start..text_end.max(text_start)),
            ) else {
                continue;
            };
            comments.push(CommentLine {
                line,
                column,
                leader,
                text,
                trailing: comment.trailing,
                // Lines that the file does not break are held together as those of a block are.
                block: match comment.block {
                    None if self.is_one_line => Some(run),
                    block => block.map(|block| first_block + block),
                },
            });
        }
    }
}

/// Tells lines and columns of places in a file, which are asked for in order.
struct Lines<'t> {
    file: &'t str,
    line: usize,
    line_start: usize,
}

impl<'t> Lines<'t> {
    fn new(file: &'t str) -> Self {
        Self {
            file,
            line: 1,
            line_start: 0,
        }
    }

    /// Line and column, from 1, of a byte.
    fn position(&mut self, at: usize) -> (usize, usize) {
        if at < self.line_start {
            *self = Self::new(self.file);
        }
        let between = self.file.get(self.line_start..at).unwrap_or("");
        self.line += memchr::memchr_iter(b'\n', between.as_bytes()).count();
        if let Some(end) = memchr::memrchr(b'\n', between.as_bytes()) {
            self.line_start += end + 1;
        }
        let before = self.file.get(self.line_start..at).unwrap_or("");
        (self.line, before.chars().count() + 1)
    }
}
