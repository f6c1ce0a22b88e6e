//! An index of the blocks of Terraform source files.
//!
//! It answers where a plan's resource is written (through modules whose source is a local path), which block a comment
//! belongs to, and which directory a plan was made in. It evaluates nothing: no variables, no `count`, no `for_each`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

mod outline;

pub use outline::Outline;

use super::address::Address;
use super::source::{SourceFile, is_override};
use crate::location::Location;

/// One top-level block, such as `resource "aws_vpc" "this" { .. }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The word the block begins with: `resource`, `data`, `module`, `provider`, ..
    pub kind: String,
    /// The labels between that word and the opening brace.
    pub labels: Vec<String>,
    /// The file, as it was given to the index.
    pub path: String,
    /// The directory of the file, which is the module that the block belongs to; empty at the top of the repository.
    pub directory: String,
    /// The line of the header, counted from 1.
    pub line: usize,
    /// The line of the closing brace.
    pub end_line: usize,
    /// Where the comment directly above the header begins; equal to `line` when there is none.
    ///
    /// A blank line ends a comment, and what stands behind the previous block's brace belongs to that block.
    pub comment_line: usize,
}

impl Block {
    /// The lines from header to closing brace.
    #[must_use]
    pub fn location(&self) -> Location {
        Location {
            path: self.path.clone(),
            line: self.line,
            end_line: self.end_line,
        }
    }

    /// The block's address inside its own module (`aws_vpc.this`, `data.aws_vpc.x`), if it is a resource or data source.
    #[must_use]
    pub fn address_in_module(&self) -> Option<String> {
        match (self.kind.as_str(), self.labels.as_slice()) {
            ("resource", [resource_type, name]) => Some(format!("{resource_type}.{name}")),
            ("data", [resource_type, name]) => Some(format!("data.{resource_type}.{name}")),
            _ => None,
        }
    }

    /// The name of the call, if this is a `module` block.
    fn module_name(&self) -> Option<&str> {
        match (self.kind.as_str(), self.labels.as_slice()) {
            ("module", [name]) => Some(name),
            _ => None,
        }
    }

    /// Whether the file overrides blocks of the other files in its directory.
    fn is_override(&self) -> bool {
        is_override(&self.path)
    }
}

/// A file, or part of one, that the index could not take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub path: String,
    /// The line of the fault, counted from 1.
    pub line: usize,
    /// What is wrong, lowercase.
    pub message: String,
}

/// The directory that a plan was made in, as far as its addresses tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// The one directory that defines most of the addresses.
    Found(String),
    /// Several directories define equally many, for example copies of one stack.
    Ambiguous(Vec<String>),
    /// No directory defines any of the addresses.
    NotFound,
}

/// The blocks of a set of files; equal input in any order gives an equal index.
#[derive(Debug, Default)]
pub struct BlockIndex {
    /// Sorted by path and line.
    blocks: Vec<Block>,
    /// Which part of `blocks` stands in a file.
    files: BTreeMap<String, Range<usize>>,
    directories: BTreeMap<String, Directory>,
    failures: Vec<Failure>,
}

/// What one module defines; the numbers are positions in `BlockIndex::blocks`.
#[derive(Debug, Default)]
struct Directory {
    /// By address inside the module.
    resources: BTreeMap<String, usize>,
    modules: BTreeMap<String, ModuleCall>,
}

#[derive(Debug)]
struct ModuleCall {
    block: usize,
    source: Option<String>,
}

/// Where a path through modules leads.
enum Destination {
    /// A directory of this repository, which need not have blocks.
    Directory(String),
    /// A module that is not here (registry, another repository): the number of the block that calls it.
    Elsewhere(usize),
}

impl BlockIndex {
    /// Reads the blocks of `.tf` files, given as path (relative to the top of the repository) and text.
    ///
    /// A file that cannot be read as a whole is in [`failures`](Self::failures), and lacks the blocks that cannot be read.
    pub fn build<'text>(files: impl IntoIterator<Item = (&'text str, &'text str)>) -> Self {
        let files: BTreeMap<&str, &str> = files.into_iter().collect();
        let parsed: Vec<SourceFile> = files
            .into_par_iter()
            .map(|(path, text)| SourceFile::parse(path, text))
            .collect();
        Self::of(&parsed)
    }

    /// The blocks of files that were read before, in any order.
    pub fn of<'f>(files: impl IntoIterator<Item = &'f SourceFile>) -> Self {
        let files: BTreeMap<&str, &SourceFile> =
            files.into_iter().map(|file| (file.path(), file)).collect();
        let mut index = Self::default();
        for (path, file) in files {
            index.add_file(path, file);
            index.failures.extend(file.failure.clone());
        }
        index
    }

    fn add_file(&mut self, path: &str, file: &SourceFile) {
        let first = self.blocks.len();
        for source_block in &file.blocks {
            let block = source_block.block.clone();
            let source = source_block.literal_source().map(str::to_owned);
            let position = self.blocks.len();
            let directory = self.directories.entry(block.directory.clone()).or_default();
            if let Some(address) = block.address_in_module() {
                let defined = directory.resources.entry(address).or_insert(position);
                // The block that is overridden is the one a person looks for, whichever file comes first.
                if let Some(other) = self.blocks.get(*defined)
                    && other.is_override()
                    && !block.is_override()
                {
                    *defined = position;
                }
            } else if let Some(name) = block.module_name() {
                match directory.modules.get_mut(name) {
                    None => {
                        let call = ModuleCall {
                            block: position,
                            source,
                        };
                        directory.modules.insert(name.to_owned(), call);
                    }
                    Some(call) if block.is_override() => {
                        call.source = source.or(call.source.take())
                    }
                    Some(call) if self.blocks.get(call.block).is_some_and(Block::is_override) => {
                        call.block = position;
                        call.source = call.source.take().or(source);
                    }
                    Some(_) => {}
                }
            }
            self.blocks.push(block);
        }
        self.files.insert(path.to_owned(), first..self.blocks.len());
    }

    /// All blocks, sorted by path and line.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// What could not be read, sorted by path.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The block that a comment at this line belongs to: it stands in the block, or directly above it.
    #[must_use]
    pub fn block_at(&self, path: &str, line: usize) -> Option<&Block> {
        let blocks = self.blocks.get(self.files.get(path)?.clone())?;
        let below = blocks.partition_point(|block| block.line <= line);
        let around = below
            .checked_sub(1)
            .and_then(|position| blocks.get(position));
        around
            .filter(|block| line <= block.end_line)
            .or_else(|| blocks.get(below).filter(|block| block.comment_line <= line))
    }

    /// The literal `source` of the block `module "name"` in a directory.
    ///
    /// `None` also if the source is an expression.
    #[must_use]
    pub fn module_source(&self, directory: &str, name: &str) -> Option<&str> {
        let directory = self.directories.get(&join("", directory)?)?;
        directory.modules.get(name)?.source.as_deref()
    }

    /// Where the block of a plan address is written, for a plan made in the directory `root`.
    ///
    /// An address inside a module that is not in these files (registry, another repository, above the top of this one)
    /// is located at the `module` block that calls it.
    #[must_use]
    pub fn locate(&self, root: &str, address: &str) -> Option<Location> {
        let address = Address::parse(address)?;
        let position = match self.walk(&join("", root)?, module_names(&address))? {
            Destination::Directory(directory) => {
                let directory = self.directories.get(&directory)?;
                *directory.resources.get(&address.in_module())?
            }
            Destination::Elsewhere(call) => call,
        };
        self.blocks.get(position).map(Block::location)
    }

    /// Whether `address`, of a plan made in the directory `root`, is an instance of this block.
    ///
    /// Every instance counts, whatever the keys of `count` and `for_each`, of its modules too. The instances of a
    /// `module` block are all resources inside that module.
    #[must_use]
    pub fn address_matches(&self, root: &str, block: &Block, address: &str) -> bool {
        let (Some(root), Some(address)) = (join("", root), Address::parse(address)) else {
            return false;
        };
        if let Some(name) = block.module_name() {
            let mut directory = root;
            for step in &address.modules {
                if directory == block.directory && step.name == name {
                    return true;
                }
                match self.walk(&directory, std::iter::once(step.name.as_str())) {
                    Some(Destination::Directory(next)) => directory = next,
                    Some(Destination::Elsewhere(_)) | None => return false,
                }
            }
            return false;
        }
        block
            .address_in_module()
            .is_some_and(|own| own == address.in_module())
            && matches!(
                self.walk(&root, module_names(&address)),
                Some(Destination::Directory(directory)) if directory == block.directory
            )
    }

    /// The directory whose blocks, and those of the modules it calls, define the most of these plan addresses.
    ///
    /// All instances of one block count once. What is inside a module that is not in these files counts as defined.
    #[must_use]
    pub fn root_candidates(&self, addresses: &[&str]) -> Root {
        let mut wanted: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
        for address in addresses
            .iter()
            .filter_map(|address| Address::parse(address))
        {
            let in_module = address.in_module();
            let modules = address.modules.into_iter().map(|step| step.name).collect();
            wanted.entry(modules).or_default().insert(in_module);
        }

        // Turned around once, so that the cost follows the matches and not addresses times directories.
        let mut defined_in: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut called_in: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, directory) in &self.directories {
            for address in directory.resources.keys() {
                defined_in.entry(address).or_default().push(path);
            }
            for name in directory.modules.keys() {
                called_in.entry(name).or_default().push(path);
            }
        }

        let mut scores: BTreeMap<&str, usize> = BTreeMap::new();
        for (modules, resources) in &wanted {
            let Some(first) = modules.first() else {
                for resource in resources {
                    for path in defined_in.get(resource.as_str()).into_iter().flatten() {
                        *scores.entry(path).or_default() += 1;
                    }
                }
                continue;
            };
            for path in called_in.get(first.as_str()).into_iter().flatten() {
                let count = match self.walk(path, modules.iter().map(String::as_str)) {
                    Some(Destination::Directory(directory)) => {
                        self.directories.get(&directory).map_or(0, |directory| {
                            let is_defined =
                                |name: &&String| directory.resources.contains_key(*name);
                            resources.iter().filter(is_defined).count()
                        })
                    }
                    Some(Destination::Elsewhere(_)) => resources.len(),
                    None => 0,
                };
                *scores.entry(path).or_default() += count;
            }
        }

        let best = scores.values().copied().max().unwrap_or_default();
        if best == 0 {
            return Root::NotFound;
        }
        let mut directories: Vec<String> = scores
            .into_iter()
            .filter(|(_, score)| *score == best)
            .map(|(path, _)| path.to_owned())
            .collect();
        match directories.len() {
            1 => Root::Found(directories.swap_remove(0)),
            _ => Root::Ambiguous(directories),
        }
    }

    /// Follows module calls from a directory; `None` if one of them does not exist.
    fn walk<'name>(
        &self,
        root: &str,
        modules: impl Iterator<Item = &'name str>,
    ) -> Option<Destination> {
        let mut directory = root.to_owned();
        for name in modules {
            let call = self.directories.get(&directory)?.modules.get(name)?;
            let local = call.source.as_deref().filter(|source| is_local(source));
            match local.and_then(|source| join(&directory, source)) {
                Some(next) => directory = next,
                None => return Some(Destination::Elsewhere(call.block)),
            }
        }
        Some(Destination::Directory(directory))
    }
}

fn module_names(address: &Address) -> impl Iterator<Item = &str> {
    address.modules.iter().map(|step| step.name.as_str())
}

/// Whether a module source is a path in the same tree; everything else is fetched.
pub(super) fn is_local(source: &str) -> bool {
    matches!(source, "." | "..") || source.starts_with("./") || source.starts_with("../")
}

/// The directory that `relative` names, seen from `directory`; `None` above the top of the repository.
pub fn join(directory: &str, relative: &str) -> Option<String> {
    let mut segments: Vec<&str> = Vec::new();
    for segment in directory.split('/').chain(relative.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            _ => segments.push(segment),
        }
    }
    Some(segments.join("/"))
}

/// The line where the comment directly above a header begins, or the header's own line.
///
/// `gap` is the text between the end of what comes before and the header: nothing but white space and comments.
pub(super) fn comment_above(text: &str, gap: Range<usize>, lines: &LineNumbers) -> usize {
    let header_line = lines.at(gap.end);
    // A comment on the last line of what comes before belongs to that.
    let taken_line = (gap.start > 0).then(|| lines.at(gap.start.saturating_sub(1)));

    let mut run: Option<(usize, usize)> = None;
    let mut offset = gap.start;
    while let Some(rest) = text.get(offset..gap.end).filter(|rest| !rest.is_empty()) {
        let length = if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + "*/".len())
        } else if rest.starts_with('#') || rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            // The next place where a comment can begin.
            let mut characters = rest.char_indices().skip(1);
            let next = characters.find(|(_, character)| matches!(character, '#' | '/'));
            offset += next.map_or(rest.len(), |(position, _)| position);
            continue;
        };
        let (first, last) = (
            lines.at(offset),
            lines.at(offset + length.saturating_sub(1)),
        );
        offset += length;
        run = match run {
            _ if Some(first) == taken_line => None,
            Some((start, end)) if first <= end + 1 => Some((start, last)),
            _ => Some((first, last)),
        };
    }
    match run {
        Some((start, end)) if header_line <= end + 1 => start,
        _ => header_line,
    }
}

/// Byte offsets to line numbers.
pub(super) struct LineNumbers {
    /// Where each line but the first begins.
    starts: Vec<usize>,
}

impl LineNumbers {
    pub(super) fn new(text: &str) -> Self {
        let starts = memchr::memchr_iter(b'\n', text.as_bytes())
            .map(|end| end + 1)
            .collect();
        Self { starts }
    }

    /// The line of a byte, counted from 1.
    pub(super) fn at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) + 1
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use proptest::prelude::*;

    /// The block at a line of a single file, by address or name.
    fn name_at(text: &str, line: usize) -> Option<String> {
        let index = BlockIndex::build([("main.tf", text)]);
        assert_eq!(index.failures(), []);
        index
            .block_at("main.tf", line)
            .map(|block| block.labels.join("."))
    }

    fn nested_modules() -> BlockIndex {
        BlockIndex::build([
            (
                "live/main.tf",
                "module \"net\" {\n  source = \"../modules/net\"\n}\n\nmodule \"far\" {\n  source = \"example/vpc/aws\"\n}\n",
            ),
            (
                "modules/net/main.tf",
                "module \"inner\" {\n  source = \"./inner\"\n}\n\ndata \"aws_vpc\" \"x\" {}\n",
            ),
            (
                "modules/net/inner/main.tf",
                "\nresource \"aws_vpc\" \"this\" {\n  count = 2\n}\n",
            ),
        ])
    }

    #[test]
    fn comment_above_a_block_binds_to_it() {
        let text = "# one\n# two\nresource \"a\" \"b\" {\n}\n";
        for line in 1..=4 {
            assert_eq!(name_at(text, line).as_deref(), Some("a.b"), "line {line}");
        }
        assert_eq!(name_at(text, 5), None);
    }

    #[test]
    fn comment_inside_a_block_binds_to_it_and_not_to_its_neighbour() {
        let text = "resource \"a\" \"first\" {\n  # inside\n}\nresource \"a\" \"second\" {\n  x {\n    // inside\n  }\n}\n";
        assert_eq!(name_at(text, 2).as_deref(), Some("a.first"));
        assert_eq!(name_at(text, 6).as_deref(), Some("a.second"));
    }

    #[test]
    fn comment_before_a_blank_line_binds_to_nothing() {
        let text = "# of the file\n\n# of the block\nresource \"a\" \"b\" {\n}\n\n# end\n";
        assert_eq!(name_at(text, 1), None);
        assert_eq!(name_at(text, 2), None);
        assert_eq!(name_at(text, 3).as_deref(), Some("a.b"));
        assert_eq!(name_at(text, 7), None);
    }

    #[test]
    fn comment_behind_a_brace_stays_with_that_block() {
        let text =
            "resource \"a\" \"first\" {\n} # trailing\n# leading\nresource \"a\" \"second\" {\n}\n";
        assert_eq!(name_at(text, 2).as_deref(), Some("a.first"));
        assert_eq!(name_at(text, 3).as_deref(), Some("a.second"));
        let index = BlockIndex::build([("main.tf", text)]);
        assert_eq!(index.blocks()[1].comment_line, 3);
    }

    #[test]
    fn block_comments_lead_too_and_windows_lines_count_once() {
        let text = "/* one # two\r\n\r\n three */\r\n// four\r\nresource \"a\" \"b\" {\r\n}\r\n";
        assert_eq!(name_at(text, 1).as_deref(), Some("a.b"));
        assert_eq!(name_at(text, 6).as_deref(), Some("a.b"));
        assert_eq!(
            name_at("/* x */ resource \"a\" \"b\" {\n}\n", 1).as_deref(),
            Some("a.b")
        );
    }

    #[test]
    fn byte_order_mark_is_no_fault() {
        assert_eq!(
            name_at("\u{feff}# é\nresource \"a\" \"b\" {}\n", 1).as_deref(),
            Some("a.b")
        );
    }

    #[test]
    fn heredoc_that_looks_like_blocks_is_none() {
        let text = "resource \"a\" \"b\" {\n  text = <<EOT\n# not a comment\n}\nresource \"x\" \"y\" {\nEOT\n}\n# c\nlocals {\n}\n";
        let index = BlockIndex::build([("main.tf", text)]);
        let lines: Vec<_> = index
            .blocks()
            .iter()
            .map(|b| (b.kind.as_str(), b.line, b.end_line))
            .collect();
        assert_eq!(lines, [("resource", 1, 7), ("locals", 9, 10)]);
    }

    #[test]
    fn block_is_located_through_nested_modules() {
        let index = nested_modules();
        let location = index
            .locate("live", r#"module.net["a"].module.inner.aws_vpc.this[0]"#)
            .unwrap();
        assert_eq!(
            (location.path.as_str(), location.line, location.end_line),
            ("modules/net/inner/main.tf", 2, 4)
        );
        let location = index
            .locate("./live/", "module.net.data.aws_vpc.x")
            .unwrap();
        assert_eq!(location.to_string(), "modules/net/main.tf:5");
        assert_eq!(index.module_source("live", "net"), Some("../modules/net"));
        assert_eq!(index.module_source("live", "inner"), None);
    }

    #[test]
    fn block_of_another_root_or_kind_is_not_located() {
        let index = nested_modules();
        assert_eq!(index.locate("", "module.net.data.aws_vpc.x"), None);
        assert_eq!(index.locate("live", "module.net.aws_vpc.x"), None);
        assert_eq!(
            index.locate("live", "module.net.module.other.aws_vpc.this"),
            None
        );
        assert_eq!(index.locate("live", "module.net"), None);
        assert_eq!(index.locate("..", "module.net.data.aws_vpc.x"), None);
    }

    #[test]
    fn resource_of_a_registry_module_is_located_at_the_call() {
        let index = nested_modules();
        let location = index
            .locate("live", "module.far.module.deep.aws_vpc.this[0]")
            .unwrap();
        assert_eq!(
            (location.path.as_str(), location.line, location.end_line),
            ("live/main.tf", 5, 7)
        );
    }

    #[test]
    fn module_source_never_climbs_out_of_the_repository() {
        let index = BlockIndex::build([
            (
                "live/main.tf",
                "module \"up\" {\n  source = \"../../etc\"\n}\n",
            ),
            ("etc/main.tf", "resource \"a\" \"b\" {}\n"),
        ]);
        let location = index.locate("live", "module.up.a.b").unwrap();
        assert_eq!(location.to_string(), "live/main.tf:1");
        assert_eq!(BlockIndex::build([("../x.tf", "")]).failures().len(), 1);
    }

    #[test]
    fn every_instance_matches_its_block_and_no_other() {
        let index = nested_modules();
        let block = index.block_at("modules/net/inner/main.tf", 3).unwrap();
        for address in [
            "module.net.module.inner.aws_vpc.this",
            r#"module.net["x.y"].module.inner[3].aws_vpc.this[1]"#,
        ] {
            assert!(index.address_matches("live", block, address), "{address}");
        }
        for address in [
            "aws_vpc.this",
            "module.net.aws_vpc.this",
            "module.net.module.inner.aws_vpc.that",
            "module.net.module.inner.data.aws_vpc.this",
        ] {
            assert!(!index.address_matches("live", block, address), "{address}");
        }
        assert!(!index.address_matches("", block, "module.net.module.inner.aws_vpc.this"));
        assert!(index.address_matches("modules/net/inner", block, "aws_vpc.this[0]"));
    }

    #[test]
    fn everything_in_a_module_matches_its_call() {
        let index = nested_modules();
        let call = index.block_at("modules/net/main.tf", 2).unwrap();
        assert!(index.address_matches("live", call, "module.net[0].module.inner.aws_vpc.this[1]"));
        assert!(!index.address_matches("live", call, "module.net[0].data.aws_vpc.x"));
        let far = index.block_at("live/main.tf", 6).unwrap();
        assert!(index.address_matches("live", far, "module.far.module.deep.aws_vpc.this"));
        assert!(!index.address_matches("live", far, "module.net.module.inner.aws_vpc.this"));
    }

    #[test]
    fn root_is_the_directory_that_defines_most() {
        let index = nested_modules();
        let plan = [
            "module.net.module.inner.aws_vpc.this[0]",
            "module.net.data.aws_vpc.x",
            "module.far.aws_vpc.y",
        ];
        assert_eq!(index.root_candidates(&plan), Root::Found("live".into()));
        assert_eq!(
            index.root_candidates(&["module.inner.aws_vpc.this"]),
            Root::Found("modules/net".into())
        );
        assert_eq!(
            index.root_candidates(&["aws_vpc.this"]),
            Root::Found("modules/net/inner".into())
        );
        assert_eq!(
            index.root_candidates(&["aws_vpc.unknown", "module.none.a.b", "?"]),
            Root::NotFound
        );
        assert_eq!(index.root_candidates(&[]), Root::NotFound);
    }

    #[test]
    fn copies_of_a_stack_are_ambiguous_until_one_defines_more() {
        let index = BlockIndex::build([
            (
                "prod/main.tf",
                "resource \"a\" \"b\" {}\nresource \"a\" \"c\" {}\n",
            ),
            ("test/main.tf", "resource \"a\" \"b\" {}\n"),
        ]);
        assert_eq!(
            index.root_candidates(&["a.b"]),
            Root::Ambiguous(vec!["prod".into(), "test".into()])
        );
        assert_eq!(
            index.root_candidates(&["a.b", "a.c"]),
            Root::Found("prod".into())
        );
        // Many instances of one block weigh no more than one.
        assert_eq!(
            index.root_candidates(&["a.b[0]", "a.b[1]"]),
            Root::Ambiguous(vec!["prod".into(), "test".into()])
        );
    }

    #[test]
    fn root_of_ten_thousand_addresses_is_found_among_many_directories() {
        let text: String = (0..1000)
            .map(|n| format!("resource \"a\" \"r{n}\" {{}}\n"))
            .collect();
        let paths: Vec<String> = (0..20).map(|n| format!("stack{n}/main.tf")).collect();
        let mut files: Vec<_> = paths
            .iter()
            .map(|path| (path.as_str(), text.as_str()))
            .collect();
        files.push(("stack7/extra.tf", "resource \"a\" \"extra\" {}\n"));
        let index = BlockIndex::build(files);
        let mut addresses: Vec<String> = (0..10_000)
            .map(|n| format!("a.r{}[{n}]", n % 1000))
            .collect();
        addresses.push("a.extra".into());
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        assert_eq!(
            index.root_candidates(&addresses),
            Root::Found("stack7".into())
        );
    }

    #[test]
    fn overriding_file_changes_the_source_but_not_the_place() {
        let main = (
            "main.tf",
            "module \"m\" {\n  source = \"./one\"\n}\nresource \"a\" \"b\" {}\n",
        );
        let over = (
            "a_override.tf",
            "module \"m\" {\n  source = \"./two\"\n}\nresource \"a\" \"b\" {}\n",
        );
        let index = BlockIndex::build([main, over]);
        assert_eq!(index.module_source("", "m"), Some("./two"));
        assert_eq!(index.locate("", "a.b").unwrap().path, "main.tf");
        let later = ("z_override.tf", over.1);
        let index = BlockIndex::build([main, later]);
        assert_eq!(index.module_source(".", "m"), Some("./two"));
        assert_eq!(index.locate("", "a.b").unwrap().path, "main.tf");
    }

    #[test]
    fn broken_file_degrades_alone() {
        let index = BlockIndex::build([
            ("broken.tf", "resource {{\n  resource \"a\" \"b\" {}\n"),
            ("good.tf", "resource \"a\" \"c\" {}\n"),
            ("other.tf.json", "{"),
        ]);
        let failed: Vec<_> = index
            .failures()
            .iter()
            .map(|f| (f.path.as_str(), f.line))
            .collect();
        assert_eq!(failed, [("broken.tf", 1), ("other.tf.json", 1)]);
        assert!(index.locate("", "a.c").is_some());
        assert!(index.locate("", "a.b").is_none());
    }

    proptest! {
        #[test]
        fn building_never_panics(text in r##"(resource|module "m"|"a"|source =|"\./x"|[{}#\n"$/* é]|<<E\n|E\n)*"##, line in 0usize..20) {
            let index = BlockIndex::build([("main.tf", text.as_str())]);
            let _ = index.block_at("main.tf", line);
            let _ = index.locate("", "module.m.a.a");
        }
    }
}
