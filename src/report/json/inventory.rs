//! `perimeter.inventory/1`: the carve-outs of repositories as JSON Lines. Described by `schemas/inventory-1.schema.json`.
//!
//! As in [`super::v1`], the types are frozen: fields may be added, none is renamed, removed, or given another meaning. They are
//! read as well as written, by whatever version; what is not known is passed over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::report::text::escape_json;

/// The name of this version, in every line that begins a repository.
pub const SCHEMA: &str = "perimeter.inventory/1";

/// No file that is read has more lines.
const MOST_LINES: usize = 1 << 31;

/// A repository, and what was looked at. Its carve-outs and receipts follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryLine {
    /// [`SCHEMA`].
    pub schema: String,
    /// `repository`.
    pub kind: String,
    /// What makes it the same in two clones: host and path, else its name.
    pub repository: String,
    /// What to call it in reports.
    pub name: String,
    /// Its address for a browser, without credentials; absent where it has none.
    pub remote: Option<String>,
    /// What the host runs, where that is known.
    pub forge: Option<String>,
    /// The full id of the commit; absent before the first.
    pub commit: Option<String>,
    /// When that was made, in UTC.
    pub committed: Option<String>,
    /// Whether the work tree was read and is not as it was committed.
    pub is_dirty: bool,
    /// The marker that was looked for.
    pub marker: String,
    /// Name and version of what wrote this.
    pub tool: String,
    /// How many files were looked at.
    pub files: usize,
    /// How many the settings leave out.
    pub ignored: usize,
    /// How many files have content that the clone lacks.
    pub unreadable: usize,
    /// Files that were not read.
    pub skipped: Vec<SkippedFile>,
    /// Names that people use, and what they stand for, by the repository's settings.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Terraform root modules with carve-outs in their blocks.
    pub roots: Vec<Root>,
    /// How many lines of carve-outs follow.
    pub carve_outs: usize,
    /// How many lines of receipts follow.
    pub receipts: usize,
}

/// A file that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedFile {
    /// The file.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A Terraform root module: enough to tell which plan is of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Its directory.
    pub directory: String,
    /// Digests of the addresses of its resources.
    pub resources: Vec<String>,
}

/// A carve-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarveOutLine {
    /// `carve_out`.
    pub kind: String,
    /// As in the line of its repository.
    pub repository: String,
    /// Stands for its words.
    pub id: String,
    /// Its file.
    pub path: String,
    /// The first line of its marker.
    pub line: usize,
    /// The last.
    pub end_line: usize,
    /// The column of the marker.
    pub column: usize,
    /// What it claims of the network.
    pub guarantee: String,
    /// Why the threat model allows it.
    pub justification: String,
    /// The marker as it is spelled there.
    pub spelled: String,
    /// What is wrong with its form.
    pub fault: Option<Fault>,
    /// Whether the file is in the commit as it was read.
    pub is_committed: bool,
    /// Who owns the file.
    pub owners: Vec<String>,
    /// The commit that last changed its lines, where that can be told.
    pub last_justified: Option<Justified>,
    /// What the repository's settings bind its path to.
    pub rests_on: Vec<String>,
    /// The Terraform block that it stands in.
    pub block: Option<BlockPlace>,
    /// The objects of a cluster that it stands in.
    pub objects: Vec<ObjectPlace>,
    /// Why its place says less than it would in a clone.
    pub not_carried: Option<String>,
}

/// What is wrong with the form of a carve-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The rule.
    pub rule: String,
    /// What to do, where the rule alone does not say it.
    pub help: Option<String>,
}

/// The commit that last changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Justified {
    /// Full id.
    pub commit: String,
    /// The day, in UTC.
    pub date: String,
    /// The author's name.
    pub author: String,
}

/// A Terraform block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockPlace {
    /// Its address, seen from each root module that leads to it.
    pub addresses: Vec<BlockAddress>,
}

/// A block as one root module knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockAddress {
    /// The directory of the root module.
    pub root: String,
    /// A resource, a data source, or a module with all that is in it.
    pub address: String,
}

/// An object of a Kubernetes or mesh cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectPlace {
    /// The cluster, by the repository's settings.
    pub cluster: String,
    /// What that runs in, by the same.
    pub runs_in: Option<String>,
    /// What the object is or lies in: identities in the graph.
    pub boundaries: Vec<String>,
}

/// A receipt of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// `receipt`.
    pub kind: String,
    /// As in the line of its repository.
    pub repository: String,
    /// The digest of the words.
    pub carve_out: String,
    /// When, as a date.
    pub date: String,
    /// Where the carve-out stood.
    pub path: String,
    /// Who, by name.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The perimeter that it holds for.
    pub perimeter: Perimeter,
}

/// A perimeter as digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Perimeter {
    /// Of everything.
    pub digest: String,
    /// Of each aspect of each boundary.
    pub parts: Vec<PerimeterPart>,
}

/// One aspect of one boundary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerimeterPart {
    /// The boundary.
    pub boundary: String,
    /// The aspect.
    pub aspect: String,
    /// Its digest.
    pub digest: String,
}

/// A repository that is not known as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorLine {
    /// [`SCHEMA`].
    pub schema: String,
    /// `error`.
    pub kind: String,
    /// Which, as far as that is known.
    pub repository: String,
    /// `unread`, `undecided` or `missing`.
    pub error: String,
    /// The same in words, with the reason.
    pub message: String,
    /// Of what is undecided: the date of all versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<String>,
    /// Of what is undecided: the versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VersionOfRepository>,
}

/// One of several readings of which none is the newer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionOfRepository {
    /// The commit.
    pub commit: String,
    /// A digest of all lines.
    pub digest: String,
}

/// One line of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Begins a repository.
    Repository(Box<RepositoryLine>),
    /// A carve-out of the repository above.
    CarveOut(Box<CarveOutLine>),
    /// A receipt of the repository above.
    Receipt(Box<ReceiptLine>),
    /// A repository that is not known as it is.
    Error(ErrorLine),
}

/// One line, without its end. What would act in a terminal or turn the direction of writing is escaped.
#[must_use]
pub fn render<T: Serialize>(line: &T) -> String {
    // Nothing here can fail to serialise: every key is text, and nothing but memory is written to.
    escape_json(&serde_json::to_string(line).unwrap_or_default())
}

/// Whether path and lines are such as a repository has: reports make links and annotations of them.
fn stands_somewhere(line: &CarveOutLine) -> bool {
    let is_name = |segment: &str| !matches!(segment, "" | "." | "..");
    line.path.split('/').all(is_name)
        && line.line >= 1
        && line.column >= 1
        && (line.line..=MOST_LINES).contains(&line.end_line)
}

#[derive(Deserialize)]
struct Kind {
    kind: String,
    schema: Option<String>,
}

/// Reads one line.
///
/// # Errors
///
/// If it is not JSON, or none of the lines that this version knows.
pub fn parse(text: &str) -> Result<Line, String> {
    let plain = |error: serde_json::Error| {
        let message = error.to_string();
        // Every line of the file is line 1 to the parser.
        message.replace(" at line 1 column ", " at column ")
    };
    let kind: Kind = serde_json::from_str(text).map_err(plain)?;
    if matches!(kind.kind.as_str(), "repository" | "error")
        && kind.schema.as_deref() != Some(SCHEMA)
    {
        return Err(format!("this version reads {SCHEMA} and no other"));
    }
    Ok(match kind.kind.as_str() {
        "repository" => {
            let line: RepositoryLine = serde_json::from_str(text).map_err(plain)?;
            if line.repository.is_empty() || line.name.is_empty() {
                return Err("a repository without a name".to_owned());
            }
            Line::Repository(Box::new(line))
        }
        "carve_out" => {
            let line: CarveOutLine = serde_json::from_str(text).map_err(plain)?;
            if !stands_somewhere(&line) {
                return Err("a carve-out that stands nowhere in its repository".to_owned());
            }
            Line::CarveOut(Box::new(line))
        }
        "receipt" => Line::Receipt(serde_json::from_str(text).map_err(plain)?),
        "error" => Line::Error(serde_json::from_str(text).map_err(plain)?),
        _ => return Err("a line of no kind that is known".to_owned()),
    })
}
