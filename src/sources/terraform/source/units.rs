//! Files of tools around Terraform that hand values to modules or say which there are: Terragrunt and Terraform Stacks.
//!
//! None of them is evaluated. What they are, and where they lead, is told, so that nobody takes silence for an answer.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::graph::fragment::Notice;

use super::super::blocks::{is_local, join};
use super::syntax::{SourceBlock, SourceFile};
use super::tree::{Tree, directory_of};

/// Endings of the files of Terraform Stacks.
///
/// <https://developer.hashicorp.com/terraform/language/stacks> (read 2026-11-22)
const STACKS: [&str; 3] = ["tfcomponent", "tfstack", "tfdeploy"];

/// What Terragrunt's own files are called.
///
/// <https://terragrunt.gruntwork.io/docs/reference/hcl/> (read 2026-11-22)
const TERRAGRUNT: [&str; 4] = [
    "terragrunt.hcl",
    "terragrunt.hcl.json",
    "terragrunt.stack.hcl",
    "root.hcl",
];

/// Endings of HCL files of others.
const OF_OTHERS: [&str; 7] = [
    ".tftest.hcl",
    ".tofutest.hcl",
    ".tfquery.hcl",
    ".pkr.hcl",
    ".nomad.hcl",
    ".sentinel.hcl",
    ".lock.hcl",
];

/// What a line of a file begins with that Terragrunt includes, whatever it is called.
const WORDS: [&str; 6] = [
    "locals",
    "inputs",
    "include",
    "dependency",
    "remote_state",
    "generate",
];

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a file may hand values to modules, by its path.
#[must_use]
pub fn may_be_unit(path: &str) -> bool {
    let name = name_of(path);
    let is_hcl = name.ends_with(".hcl") || TERRAGRUNT.contains(&name) || is_of_stack(name);
    is_hcl && !name.starts_with('.') && !OF_OTHERS.iter().any(|end| name.ends_with(end))
}

/// The same, by its path and content.
#[must_use]
pub fn is_unit(path: &str, bytes: &[u8]) -> bool {
    let name = name_of(path);
    let is_by_name = is_of_stack(name) || TERRAGRUNT.contains(&name);
    let begins = |line: &[u8]| {
        WORDS.iter().any(|word| {
            line.strip_prefix(word.as_bytes())
                .and_then(<[u8]>::first)
                .is_some_and(|next| matches!(next, b' ' | b'{' | b'='))
        })
    };
    may_be_unit(path) && (is_by_name || bytes.split(|byte| *byte == b'\n').any(begins))
}

fn is_of_stack(name: &str) -> bool {
    STACKS.iter().any(|kind| {
        let stem = name
            .strip_suffix(".hcl")
            .or_else(|| name.strip_suffix(".json"));
        stem.is_some_and(|stem| stem.ends_with(&format!(".{kind}")))
    })
}

/// Those of some files that count: what Terragrunt may include, only where there is Terragrunt.
pub(super) fn units(files: Vec<Arc<SourceFile>>) -> Vec<Arc<SourceFile>> {
    let name = |file: &Arc<SourceFile>| name_of(file.path()).to_owned();
    let has_terragrunt = files.iter().any(|file| {
        let name = name(file);
        name != "root.hcl" && TERRAGRUNT.contains(&name.as_str())
    });
    let counts = |file: &Arc<SourceFile>| has_terragrunt || is_of_stack(&name(file));
    files.into_iter().filter(counts).collect()
}

/// That there are such files, and where they lead.
pub(super) fn told(tree: &Tree) -> Vec<Notice> {
    let mut modules: BTreeSet<String> = BTreeSet::new();
    for file in &tree.units {
        let directory = directory_of(file.path());
        let sources = file.blocks.iter().filter_map(|block| source_of(block));
        modules.extend(
            sources
                .filter_map(|source| leads_to(&directory, source))
                .filter(|module| tree.definition(module).is_some()),
        );
    }
    let of = |is_stack: bool| {
        let files = tree.units.iter().map(|file| file.path());
        let mut files = files.filter(|path| is_of_stack(name_of(path)) == is_stack);
        let first = files.next()?;
        let subject = match files.count() {
            0 => first.to_owned(),
            more => format!("{first} and {more} more"),
        };
        let leads = match modules.len() {
            0 => String::new(),
            1..=5 => {
                let all: Vec<&str> = modules.iter().map(String::as_str).collect();
                format!(" (modules here: {})", all.join(", "))
            }
            count => format!(" ({count} modules here)"),
        };
        let (what, plan) = if is_stack {
            ("Terraform Stacks", "every deployment")
        } else {
            ("Terragrunt", "every unit")
        };
        Some(Notice {
            kind: "unit-not-evaluated",
            subject,
            message: format!(
                "files of {what} are not evaluated: the values that they hand to modules{leads} are not seen, and modules count as run with \
                 their defaults; check the plans of {plan} with --plan"
            ),
        })
    };
    [false, true].into_iter().filter_map(of).collect()
}

fn source_of(block: &SourceBlock) -> Option<&str> {
    let leads = matches!(
        block.block.kind.as_str(),
        "terraform" | "component" | "unit" | "stack"
    );
    let source = block.body.attributes.get("source").filter(|_| leads)?;
    source.as_str()
}

/// The directory of the tree that a source leads to.
fn leads_to(directory: &str, source: &str) -> Option<String> {
    // Terragrunt marks by two slashes what it copies.
    let source = source.replace("//", "/");
    is_local(&source)
        .then(|| join(directory, &source))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_known_by_name_or_by_what_they_begin_with_and_files_of_others_are_not() {
        for (path, text) in [
            ("live/terragrunt.hcl", ""),
            ("root.hcl", ""),
            ("live/region.hcl", "locals {\n}\n"),
            ("_envcommon/net.hcl", "# of all\ninputs = {}\n"),
            ("net.tfcomponent.hcl", ""),
            ("prod.tfdeploy.hcl", ""),
        ] {
            assert!(is_unit(path, text.as_bytes()), "{path}");
        }
        for (path, text) in [
            (".terraform.lock.hcl", "provider \"x\" {}\n"),
            ("consul/server.hcl", "datacenter = \"dc1\"\n"),
            ("main.tftest.hcl", "locals {\n}\n"),
            ("image.pkr.hcl", "locals {\n}\n"),
            ("main.tf", "locals {\n}\n"),
        ] {
            assert!(!is_unit(path, text.as_bytes()), "{path}");
        }
    }

    #[test]
    fn where_units_lead_is_told_once_and_nothing_where_there_are_none() {
        let tree = |files: &[(&str, &str)]| {
            let files = files
                .iter()
                .map(|(path, text)| Arc::new(SourceFile::parse(path, text)));
            Tree::build(files, &[], BTreeSet::new())
        };
        let unit = "terraform {\n  source = \"../../modules//net\"\n}\n";
        let module = ("modules/net/main.tf", "resource \"a_b\" \"c\" {}\n");
        let notices = told(&tree(&[
            ("live/a/terragrunt.hcl", unit),
            ("live/b/terragrunt.hcl", unit),
            module,
        ]));
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0].subject, "live/a/terragrunt.hcl and 1 more");
        assert!(notices[0].message.contains("modules here: modules/net"));
        assert!(told(&tree(&[module, ("consul/env.hcl", "locals {}\n")])).is_empty());
    }
}
