//! What the root modules of a tree define, by address: enough to bind a comment in a block where the tree is not at hand.

use std::collections::{BTreeMap, BTreeSet};

use super::{Block, BlockIndex, Destination};

/// Module calls are followed this deep, and no root module is given more addresses than this: trees that call each other
/// many times over can name any number.
const DEEPEST: usize = 16;
const MOST_ADDRESSES: usize = 20_000;

/// What one root module defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Its directory.
    pub directory: String,
    /// The addresses of its resources and data sources, without keys of `count` and `for_each`.
    pub resources: BTreeSet<String>,
    /// What each block that was asked for is called: a resource, or a module with all that is in it.
    pub called: BTreeMap<(String, usize), BTreeSet<String>>,
    /// Whether the tree defines more than is told here.
    pub is_cut_off: bool,
}

impl BlockIndex {
    /// The root modules (the directories that no module of the tree calls) from which one of these blocks is reached.
    #[must_use]
    pub fn outlines(&self, blocks: &[&Block]) -> Vec<Outline> {
        let wanted: BTreeSet<(&str, usize)> = blocks
            .iter()
            .map(|block| (block.path.as_str(), block.line))
            .collect();
        let mut called = BTreeSet::new();
        for (path, directory) in &self.directories {
            for name in directory.modules.keys() {
                if let Some(Destination::Directory(target)) =
                    self.walk(path, std::iter::once(name.as_str()))
                {
                    called.insert(target);
                }
            }
        }
        let roots = self
            .directories
            .keys()
            .filter(|path| !called.contains(*path));
        roots
            .map(|root| self.outline(root, &wanted))
            .filter(|outline| !outline.called.is_empty())
            .collect()
    }

    fn outline(&self, root: &str, wanted: &BTreeSet<(&str, usize)>) -> Outline {
        let mut outline = Outline {
            directory: root.to_owned(),
            resources: BTreeSet::new(),
            called: BTreeMap::new(),
            is_cut_off: false,
        };
        let mut todo = vec![(root.to_owned(), String::new(), 0)];
        while let Some((directory, prefix, depth)) = todo.pop() {
            let Some(module) = self.directories.get(&directory) else {
                continue;
            };
            if depth > DEEPEST || outline.resources.len() + todo.len() > MOST_ADDRESSES {
                outline.is_cut_off = true;
                break;
            }
            // The index knows one block for each address, and a comment may stand in one that overrides it.
            let in_directory = self.blocks.iter().filter(|one| one.directory == directory);
            let marked = in_directory.filter(|one| wanted.contains(&(one.path.as_str(), one.line)));
            for block in marked {
                let own = block
                    .address_in_module()
                    .or_else(|| Some(format!("module.{}", block.module_name()?)));
                if let Some(own) = own {
                    let place = (block.path.clone(), block.line);
                    let names = outline.called.entry(place).or_default();
                    names.insert(format!("{prefix}{own}"));
                }
            }
            let own = module.resources.keys();
            outline
                .resources
                .extend(own.map(|own| format!("{prefix}{own}")));
            for name in module.modules.keys() {
                let next = self.walk(&directory, std::iter::once(name.as_str()));
                if let Some(Destination::Directory(next)) = next {
                    todo.push((next, format!("{prefix}module.{name}."), depth + 1));
                }
            }
        }
        outline
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_block_in_a_module_is_known_by_every_address_that_leads_to_it_and_one_elsewhere_is_not() {
        let index = BlockIndex::build([
            (
                "live/main.tf",
                "module \"eu\" {\n  source = \"../cache\"\n}\nmodule \"us\" {\n  source = \"../cache\"\n}\nresource \"aws_vpc\" \"main\" {}\n",
            ),
            (
                "cache/main.tf",
                "resource \"aws_elasticache_cluster\" \"this\" {\n}\n",
            ),
            ("other/main.tf", "resource \"aws_vpc\" \"main\" {}\n"),
        ]);
        let block = index.block_at("cache/main.tf", 1).unwrap();
        let outlines = index.outlines(&[block]);
        let [live] = outlines.as_slice() else {
            panic!("{outlines:?}");
        };
        assert_eq!(live.directory, "live");
        let names = &live.called[&("cache/main.tf".to_owned(), 1)];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let eu = "module.eu.aws_elasticache_cluster.this";
        let us = "module.us.aws_elasticache_cluster.this";
        assert_eq!(names, [eu, us]);
        let all: Vec<&str> = live.resources.iter().map(String::as_str).collect();
        assert_eq!(all, ["aws_vpc.main", eu, us]);
        assert!(!live.is_cut_off);
    }

    #[test]
    fn modules_that_call_each_other_end_somewhere() {
        let twice = |name: &str| {
            format!(
                "module \"a\" {{\n  source = \"../{name}\"\n}}\nmodule \"b\" {{\n  source = \"../{name}\"\n}}\n"
            )
        };
        let mut files: Vec<(String, String)> = (0..40)
            .map(|level| {
                (
                    format!("m{level}/main.tf"),
                    twice(&format!("m{}", level + 1)),
                )
            })
            .collect();
        files.push((
            "m0/vpc.tf".to_owned(),
            "resource \"aws_vpc\" \"main\" {}\n".to_owned(),
        ));
        let files = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        let index = BlockIndex::build(files);
        let block = index.block_at("m0/vpc.tf", 1).unwrap();
        let outlines = index.outlines(&[block]);
        assert!(outlines[0].is_cut_off);
        assert_eq!(outlines[0].called.len(), 1);
    }
}
