//! Bytes of a file or pipe to the JSON text of a plan or state, or one sentence on what the file is instead.
//!
//! Does not parse: [`super::plan::Document::parse`] does, and reports through the same [`InputError`].

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use flate2::read::MultiGzDecoder;
use thiserror::Error;

/// No input may unpack to more bytes than this.
const UNPACKED_BYTES_AT_MOST: u64 = 4 << 30;
/// No input may unpack to more than this many times its size.
const UNPACKED_RATIO_AT_MOST: u64 = 200;
/// Up to this many bytes the ratio does not matter: small repetitive plans pack very well.
const UNPACKED_BYTES_ALWAYS_ALLOWED: u64 = 16 << 20;
/// How much of a text is searched for the phrases of a plan for people.
const SNIFFED_BYTES: usize = 64 << 10;

/// Why an input is no plan or state, and what to run instead.
///
/// Never quotes a value of the input: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{label} {problem}")]
pub struct InputError {
    /// What the input was called: its path, or standard input.
    pub label: String,
    /// What is wrong.
    pub problem: InputProblem,
}

impl InputError {
    /// A problem of the input called `label`.
    #[must_use]
    pub fn new(label: &str, problem: InputProblem) -> Self {
        Self {
            label: label.to_owned(),
            problem,
        }
    }

    /// What an error of the operating system means for the input called `label`.
    #[must_use]
    pub fn unreadable(label: &str, error: &io::Error) -> Self {
        let problem = match error.kind() {
            io::ErrorKind::IsADirectory => InputProblem::Directory,
            io::ErrorKind::NotFound => InputProblem::Missing,
            _ => InputProblem::Unreadable(error.to_string()),
        };
        Self::new(label, problem)
    }
}

/// Everything that can be wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InputProblem {
    /// Nothing bears the name.
    #[error(
        "does not exist; write it with `terraform show -json PLAN > plan.json`, and pass its path"
    )]
    Missing,
    /// Nothing bears the name of a context.
    #[error(
        "does not exist; a context is the state of another stack: write it with `terraform show -json > state.json` in that stack, or name its terraform.tfstate"
    )]
    MissingContext,
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// A directory where a file was expected.
    #[error("is a directory; name the file in it that `terraform show -json` wrote")]
    Directory,
    /// Nothing in it.
    #[error(
        "is empty; the command that wrote it may have failed: run `terraform show -json PLAN > plan.json` and look at its errors"
    )]
    Empty,
    /// What `terraform plan -out` writes.
    #[error(
        "is a binary plan file, not JSON; run `terraform show -json FILE > plan.json` where the plan was made, and pass plan.json"
    )]
    BinaryPlan,
    /// What `terraform plan` prints.
    #[error(
        "is the text of `terraform plan` for people, not JSON; run `terraform plan -out=PLAN`, then `terraform show -json PLAN > plan.json`"
    )]
    PlanText,
    /// What `terraform plan -json` prints.
    #[error(
        "is the progress log of `terraform plan -json` (one JSON object a line), which leaves out the values; run `terraform plan -out=PLAN`, then `terraform show -json PLAN > plan.json`"
    )]
    LineStream,
    /// OpenTofu's encryption at rest.
    #[error(
        "is encrypted by OpenTofu; run `tofu show -json FILE > plan.json` where the key is configured"
    )]
    Encrypted,
    /// Damaged gzip.
    #[error("is damaged gzip data: {0}; pack it again, or pass it unpacked")]
    Gzip(String),
    /// A decompression bomb.
    #[error(
        "unpacks to more than {0} bytes, which no plan of its packed size does; unpack it with `gunzip` and look at it"
    )]
    TooLarge(u64),
    /// Broken UTF-8.
    #[error(
        "is not text: byte {0} is not valid UTF-8; pass the JSON that `terraform show -json PLAN` writes"
    )]
    NotUtf8(usize),
    /// A byte order mark of UTF-16, and then something else.
    #[error(
        "begins like UTF-16 text but is not valid UTF-16; pass the JSON that `terraform show -json PLAN` writes"
    )]
    NotUtf16,
    /// Text that does not begin like JSON.
    #[error("is not JSON; pass what `terraform show -json PLAN` writes")]
    NotJson,
    /// The text ends too early.
    #[error(
        "is cut off: the JSON ends in the middle at line {line}, column {column}; write it again with `terraform show -json PLAN > plan.json`"
    )]
    Truncated {
        /// Line number, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// The text is no JSON.
    #[error(
        "is not valid JSON: {reason} at line {line}, column {column}; pass what `terraform show -json PLAN` writes, unchanged"
    )]
    Syntax {
        /// What the parser says.
        reason: String,
        /// Line number, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// JSON nested deeper than anything Terraform writes.
    #[error(
        "is nested too deeply at line {line}, column {column}: no plan is; pass what `terraform show -json PLAN` writes"
    )]
    TooDeep {
        /// Line number, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// A plan or state whose members are not of the documented types.
    #[error(
        "is not shaped like a Terraform plan or state: {reason} at line {line}, column {column}; pass what `terraform show -json PLAN` writes, unchanged"
    )]
    Shape {
        /// What was expected.
        reason: String,
        /// Line number, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// A format newer than this tool.
    #[error(
        "has format version {0}, and only 0.x and 1.x are understood; use a newer release of this tool"
    )]
    FormatVersion(String),
    /// A state of Terraform 0.11 or older.
    #[error(
        "is a state of version {0}, from Terraform 0.11 or older; upgrade it by an apply with Terraform 0.13 or newer, then `terraform state pull > terraform.tfstate`"
    )]
    OldState(String),
    /// A state newer than this tool.
    #[error(
        "is a state of version {0}, and only version 4 is understood; pass the JSON that `terraform show -json` writes"
    )]
    NewState(String),
    /// A state given as a plan.
    #[error("is a state, not a plan; pass it with --context, and the JSON of a plan with --plan")]
    StateAsPlan,
    /// A plan given as context.
    #[error(
        "is a plan, not a state; pass it with --plan, or pass what `terraform show -json` writes of a state"
    )]
    PlanAsContext,
    /// JSON of some other tool.
    #[error(
        "is not a Terraform plan or state: expected `resource_changes`, `planned_values` or `values`, found {0}; pass what `terraform show -json PLAN` writes"
    )]
    OtherTool(String),
}

/// The JSON text in `bytes`: unpacked if gzip, converted if UTF-16, without a byte order mark.
///
/// Plain UTF-8 is not copied. Lines that a wrapper script printed around a one-line plan are dropped.
///
/// # Errors
///
/// If the bytes are recognisably something else than the JSON of a plan or state; see [`InputProblem`].
pub fn decode<'b>(label: &str, bytes: &'b [u8]) -> Result<Cow<'b, str>, InputError> {
    text_of(bytes)
        .and_then(only_json)
        .map_err(|problem| InputError::new(label, problem))
}

fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, InputProblem> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let unpacked = gunzip(bytes)?;
        return text_of_unpacked(&unpacked).map(|text| Cow::Owned(text.into_owned()));
    }
    text_of_unpacked(bytes)
}

fn text_of_unpacked(bytes: &[u8]) -> Result<Cow<'_, str>, InputProblem> {
    match bytes {
        [] => Err(InputProblem::Empty),
        [b'P', b'K', ..] => Err(InputProblem::BinaryPlan),
        [0xff, 0xfe, rest @ ..] => utf16(rest, UTF_16LE).map(Cow::Owned),
        [0xfe, 0xff, rest @ ..] => utf16(rest, UTF_16BE).map(Cow::Owned),
        // JSON begins with an ASCII character, whose other half is NUL.
        [first, 0, ..] if *first != 0 => utf16(bytes, UTF_16LE).map(Cow::Owned),
        [0, second, ..] if *second != 0 => utf16(bytes, UTF_16BE).map(Cow::Owned),
        _ => {
            let text = std::str::from_utf8(bytes)
                .map_err(|error| InputProblem::NotUtf8(error.valid_up_to() + 1))?;
            Ok(Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)))
        }
    }
}

fn gunzip(packed: &[u8]) -> Result<Vec<u8>, InputProblem> {
    let packed_len = u64::try_from(packed.len()).unwrap_or(u64::MAX);
    let limit = packed_len
        .saturating_mul(UNPACKED_RATIO_AT_MOST)
        .clamp(UNPACKED_BYTES_ALWAYS_ALLOWED, UNPACKED_BYTES_AT_MOST);
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(packed)
        .take(limit + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| InputProblem::Gzip(error.to_string()))?;
    if u64::try_from(unpacked.len()).unwrap_or(u64::MAX) > limit {
        return Err(InputProblem::TooLarge(limit));
    }
    Ok(unpacked)
}

fn utf16(bytes: &[u8], encoding: &'static Encoding) -> Result<String, InputProblem> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or(InputProblem::NotUtf16)
}

/// Tell JSON from the other things people save under the name of a plan.
fn only_json(text: Cow<'_, str>) -> Result<Cow<'_, str>, InputProblem> {
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(InputProblem::Empty);
    }
    if trimmed.starts_with("{\"@level\"") {
        return Err(InputProblem::LineStream);
    }
    if trimmed.starts_with('{') {
        return Ok(text);
    }
    if let Some(line) = text
        .lines()
        .find(|line| line.starts_with("{\"format_version\""))
    {
        // The wrapper of GitHub's setup action writes an escaped line break behind it.
        let line = line.trim_end().trim_end_matches("%0A");
        return Ok(Cow::Owned(line.to_owned()));
    }
    if text.lines().any(|line| line.starts_with("{\"@level\"")) {
        return Err(InputProblem::LineStream);
    }
    if is_plan_text(&text) {
        return Err(InputProblem::PlanText);
    }
    if trimmed.starts_with('[') {
        return Ok(text);
    }
    Err(InputProblem::NotJson)
}

fn is_plan_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let head = &bytes[..bytes.len().min(SNIFFED_BYTES)];
    let tail = &bytes[bytes.len().saturating_sub(SNIFFED_BYTES)..];
    [
        "will perform the following actions",
        "used the selected providers to generate",
        "execution plan has been generated",
        "Refreshing state...",
        "No changes. ",
        "Plan: ",
    ]
    .iter()
    .map(memchr::memmem::Finder::new)
    .any(|finder| finder.find(head).is_some() || finder.find(tail).is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::io::Write;

    use super::*;

    const JSON: &str = r#"{"format_version":"1.2"}"#;

    fn decoded(bytes: impl Into<Vec<u8>>) -> Result<String, InputProblem> {
        let bytes = bytes.into();
        let text = decode("plan.json", &bytes);
        text.map(Cow::into_owned).map_err(|error| error.problem)
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn utf16_bytes(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn plain_text_is_neither_copied_nor_changed() {
        let text = decode("plan.json", JSON.as_bytes()).unwrap();
        assert!(matches!(text, Cow::Borrowed(JSON)));
    }

    #[test]
    fn every_encoding_that_shells_write_gives_the_same_text() {
        let marked = format!("\u{feff}{JSON}");
        for bytes in [
            marked.clone().into_bytes(),
            utf16_bytes(&marked, u16::to_le_bytes),
            utf16_bytes(&marked, u16::to_be_bytes),
            utf16_bytes(JSON, u16::to_le_bytes),
            utf16_bytes(JSON, u16::to_be_bytes),
            gzipped(JSON.as_bytes()),
            gzipped(&utf16_bytes(&marked, u16::to_le_bytes)),
        ] {
            assert_eq!(decoded(bytes).unwrap(), JSON);
        }
    }

    #[test]
    fn broken_text_is_told_from_text() {
        assert_eq!(
            decoded(b"{\"a\":\"\xff\"}".as_slice()),
            Err(InputProblem::NotUtf8(7))
        );
        assert_eq!(
            decoded([0xff, 0xfe, 0x00, 0xd8]),
            Err(InputProblem::NotUtf16)
        );
    }

    #[test]
    fn nothing_is_empty_and_so_is_white_space() {
        assert_eq!(decoded(b"".as_slice()), Err(InputProblem::Empty));
        assert_eq!(decoded(b" \r\n".as_slice()), Err(InputProblem::Empty));
        assert_eq!(decoded([0xff, 0xfe]), Err(InputProblem::Empty));
        assert_eq!(
            decoded(b"\xef\xbb\xbf".as_slice()),
            Err(InputProblem::Empty)
        );
    }

    #[test]
    fn a_binary_plan_is_told_with_the_command_to_run() {
        let error = decode("tfplan", b"PK\x03\x04rest").unwrap_err();
        assert_eq!(error.problem, InputProblem::BinaryPlan);
        assert!(
            error
                .to_string()
                .starts_with("tfplan is a binary plan file")
        );
        assert!(error.to_string().contains("terraform show -json"));
    }

    #[test]
    fn the_text_for_people_is_told_from_other_text() {
        let colored =
            "\u{1b}[1mTerraform will perform the following actions:\u{1b}[0m\n  # aws_vpc.a";
        assert_eq!(decoded(colored), Err(InputProblem::PlanText));
        assert_eq!(
            decoded("resource \"aws_vpc\" \"a\" {}"),
            Err(InputProblem::NotJson)
        );
    }

    #[test]
    fn the_progress_log_is_told_from_a_plan() {
        let log = "{\"@level\":\"info\",\"type\":\"version\"}\n{\"@level\":\"info\"}\n";
        assert_eq!(decoded(log), Err(InputProblem::LineStream));
        assert!(decoded(r#"{"format_version":"1.2","@level":"info"}"#).is_ok());
    }

    #[test]
    fn lines_of_a_wrapper_around_the_plan_are_dropped() {
        let escaped = format!("[command]terraform show\n{JSON}%0A\n::set-output name=stderr::\n");
        assert_eq!(decoded(escaped).unwrap(), JSON);
        let wrapped = format!(
            "[command]/usr/bin/terraform show -json tfplan\n{JSON}\n::debug::exited with code 0\n"
        );
        assert_eq!(decoded(wrapped).unwrap(), JSON);
    }

    #[test]
    fn a_decompression_bomb_is_refused_and_a_repetitive_plan_is_not() {
        let bomb = gzipped(&vec![b' '; 40 << 20]);
        assert!(matches!(decoded(bomb), Err(InputProblem::TooLarge(_))));
        let mut repetitive = JSON.to_owned();
        repetitive.push_str(&" ".repeat(1 << 20));
        assert_eq!(decoded(gzipped(repetitive.as_bytes())).unwrap(), repetitive);
    }

    #[test]
    fn cut_off_gzip_is_damage() {
        let mut packed = gzipped(JSON.as_bytes());
        packed.truncate(packed.len() - 9);
        assert!(matches!(decoded(packed), Err(InputProblem::Gzip(_))));
    }

    #[test]
    fn a_directory_is_told_from_a_missing_file() {
        let directory = std::fs::read(env!("CARGO_MANIFEST_DIR")).unwrap_err();
        let missing = std::fs::read("no such file").unwrap_err();
        assert_eq!(
            InputError::unreadable(".", &directory).problem,
            InputProblem::Directory
        );
        assert_eq!(
            InputError::unreadable(".", &missing).problem,
            InputProblem::Missing
        );
    }
}
