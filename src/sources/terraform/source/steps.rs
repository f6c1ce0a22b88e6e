//! What a resource is made of beside its own block: the calls that lead to it, and what a change set changes of what these are
//! given. It reads text, and evaluates nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::graph::origin::Step;
use crate::location::Location;

use super::super::address::Address;
use super::super::blocks::Block;
use super::attribute::Attribute;
use super::syntax::{SourceBlock, SourceFile};
use super::tree::{Called, Definition, Tree, is_vendored};

/// How many values and provider configurations are named.
const MOST_GIVEN: usize = 3;

/// How many local values may lead on from one another.
const MAX_LOCALS_IN_A_ROW: usize = 4;

impl Tree {
    /// The calls that lead to a resource of a root module, outermost first; and where neither these nor its own block differ
    /// from base, what differs of the values and providers that they name. `run` holds the paths of the files of values that
    /// the root module is told to read.
    #[must_use]
    pub fn steps(
        &self,
        base: Option<&Self>,
        (root, run): (&str, &str),
        address: &str,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        let (Some(address), Some(mut here)) = (Address::parse(address), self.definition(root))
        else {
            return steps;
        };
        let mut way = vec![here];
        let mut texts: Vec<&str> = Vec::new();
        let mut what = String::new();
        let mut key = String::new();
        for step in &address.modules {
            let Some(call) = here.calls.get(&step.name) else {
                break;
            };
            for (text, part) in [(&mut what, "module."), (&mut key, "")] {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(part);
                text.push_str(&step.name);
            }
            if !is_vendored(&here.directory) {
                texts.extend(here.text_of(&call.block));
                let was = |base: &'_ Definition| base.calls.get(&step.name).cloned();
                steps.push(Step {
                    what: what.clone(),
                    location: call.block.location(),
                    differs: differs(base, here, call, &was),
                });
            }
            let source = here.source_of(call);
            match self.called(here, (call, source.as_deref()), root, &key) {
                Called::Here(next) => here = next,
                _ => break,
            }
            way.push(here);
        }
        let own_name = address.in_module();
        let own = here.resources.get(&own_name);
        texts.extend(own.and_then(|own| here.text_of(&own.block)));
        let was = |base: &Definition| base.resources.get(&own_name).cloned();
        let own_differs = own.is_none_or(|own| differs(base, here, own, &was));
        if let Some(base) = base
            && !own_differs
            && !steps.iter().any(|step| step.differs)
        {
            let mentioned = mentioned(&way, texts);
            let mut given = self.values_that_differ(base, (root, run), &mentioned);
            way.retain(|module| !is_vendored(&module.directory));
            for module in way {
                given.extend(module.given_that_differs(base, &mentioned, &address.resource_type));
            }
            given.truncate(MOST_GIVEN);
            steps.extend(given);
        }
        steps
    }

    /// Values of variables that a root module is run with, where they are not the same as at base.
    fn values_that_differ(
        &self,
        base: &Self,
        (root, run): (&str, &str),
        mentioned: &BTreeSet<String>,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        for file in self.values_read(root, run) {
            let was = base.values_file(file.path());
            for (name, value) in &file.attributes {
                let before = was.as_ref().and_then(|was| was.attributes.get(name));
                let what = format!("var.{name}");
                if mentioned.contains(&what) && before.map(Attribute::text) != Some(value.text()) {
                    steps.push(at(value, file.path(), what));
                }
            }
        }
        steps
    }
}

impl Definition {
    /// Variables, local values and provider configurations that differ from base.
    fn given_that_differs(
        &self,
        base: &Tree,
        mentioned: &BTreeSet<String>,
        resource_type: &str,
    ) -> Vec<Step> {
        let Some(was) = base.definition(&self.directory) else {
            return Vec::new();
        };
        let mut steps = Vec::new();
        let of_block = |what: String, block: &SourceBlock| Step {
            what,
            location: block.block.location(),
            differs: true,
        };
        let texts = |one: &Self, block: Option<&Arc<SourceBlock>>| {
            block.and_then(|block| one.text_of(&block.block).map(str::to_owned))
        };
        for (name, block) in &self.variables {
            let what = format!("var.{name}");
            let before = texts(was, was.variables.get(name));
            if mentioned.contains(&what) && before != texts(self, Some(block)) {
                steps.push(of_block(what, block));
            }
        }
        for what in mentioned {
            let Some(name) = what.strip_prefix("local.") else {
                continue;
            };
            if let Some(value) = self.local(name)
                && was.local(name).map(Attribute::text) != Some(value.text())
            {
                steps.push(at(value, &self.directory, what.clone()));
            }
        }
        let prefix = resource_type.split('_').next().unwrap_or_default();
        let of_provider = |one: &Self| -> Vec<Option<String>> {
            let providers = one.providers.iter();
            let own = providers
                .filter(|block| block.block.labels.first().is_some_and(|own| own == prefix));
            own.map(|block| texts(one, Some(block))).collect()
        };
        let before = of_provider(was);
        for block in &self.providers {
            let is_own = block.block.labels.first().is_some_and(|own| own == prefix);
            if is_own && !before.contains(&texts(self, Some(block))) {
                steps.push(of_block(format!("provider {prefix}"), block));
            }
        }
        steps
    }

    /// The text of a block of its own.
    fn text_of(&self, block: &Block) -> Option<&str> {
        let file = self.file(&block.path)?;
        Some(file.lines(block.line, block.end_line).trim())
    }
}

/// Whether a block is not what it was at base; what has no base at all does not.
fn differs(
    base: Option<&Tree>,
    module: &Definition,
    block: &SourceBlock,
    was: &dyn Fn(&Definition) -> Option<Arc<SourceBlock>>,
) -> bool {
    let Some(before) = base.and_then(|base| base.definition(&module.directory)) else {
        return false;
    };
    match was(before) {
        Some(was) => before.text_of(&was.block) != module.text_of(&block.block),
        None => true,
    }
}

fn at(value: &Attribute, path: &str, what: String) -> Step {
    let (path, line) = value.place().unwrap_or((path, 1));
    Step {
        what,
        location: Location::line(path, line),
        differs: true,
    }
}

/// The variables and local values that texts mention, and those that these local values mention, in any of some modules.
fn mentioned(way: &[&Definition], texts: Vec<&str>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut new: BTreeSet<String> = texts.into_iter().flat_map(names_in).collect();
    for _ in 0..MAX_LOCALS_IN_A_ROW {
        let locals = new.iter().filter_map(|name| name.strip_prefix("local."));
        let values = locals.flat_map(|name| way.iter().filter_map(|module| module.local(name)));
        let next: BTreeSet<String> = values.flat_map(|value| names_in(value.text())).collect();
        all.append(&mut new);
        new = next.difference(&all).cloned().collect();
    }
    all.append(&mut new);
    all
}

/// Every `var.name` and `local.name` in a text.
fn names_in(text: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let mut found = Vec::new();
    for kind in ["var.", "local."] {
        for (start, _) in text.match_indices(kind) {
            let before = text[..start].chars().next_back();
            if before.is_some_and(|letter| is_part(letter) || letter == '.') {
                continue;
            }
            let rest = &text[start + kind.len()..];
            let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            found.push(format!("{kind}{}", &rest[..end]));
        }
    }
    found
}

impl SourceFile {
    /// The text of some lines, counted from 1, both included.
    fn lines(&self, first: usize, last: usize) -> &str {
        let text = self.text();
        let start_of = |line: usize| match line {
            0 | 1 => 0,
            line => {
                let mut ends = memchr::memchr_iter(b'\n', text.as_bytes());
                ends.nth(line - 2).map_or(text.len(), |end| end + 1)
            }
        };
        text.get(start_of(first)..start_of(last + 1))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::collections::BTreeSet;

    use super::*;

    const MAIN: &str = "variable \"open\" {}\nvariable \"other\" {}\nlocals {\n  door = var.open\n}\nprovider \"aws\" {\n  region = \"here\"\n}\nmodule \"net\" {\n  source = \"../net\"\n  door = local.door\n}\n";
    const NET: &str = "variable \"door\" {}\nresource \"aws_vpc\" \"a\" {\n  x = var.door\n}\n";

    fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files
            .iter()
            .map(|(path, text)| Arc::new(SourceFile::parse(path, text)));
        Tree::build(files, &[], BTreeSet::new())
    }

    /// What leads to the network, where these files are others at base.
    #[track_caller]
    fn check(changed: &[(&str, &str, &str)], expected: &[&str]) {
        let all = [
            ("live/main.tf", MAIN),
            ("live/terraform.tfvars", "other = 1\nopen = true\n"),
            ("net/main.tf", NET),
        ];
        let base: Vec<(&str, String)> = all
            .iter()
            .map(|(path, text)| {
                let edits = changed.iter().filter(|(own, _, _)| own == path);
                let text = edits.fold((*text).to_owned(), |text, (_, is, was)| {
                    assert!(text.contains(is));
                    text.replace(is, was)
                });
                (*path, text)
            })
            .collect();
        let base: Vec<(&str, &str)> = base.iter().map(|(path, text)| (*path, &**text)).collect();
        let (base, head) = (tree(&base), tree(&all));
        let steps = head.steps(Some(&base), ("live", "live//"), "module.net.aws_vpc.a");
        let told: Vec<String> = steps
            .iter()
            .map(|step| format!("{} {}", step.location, step.words()))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn the_calls_that_lead_to_a_resource_are_named_and_what_differs_of_what_they_are_given() {
        let call = "live/main.tf:9 through module.net";
        check(&[], &[call]);
        check(
            &[("live/main.tf", "door = local.door", "door = 1")],
            &["live/main.tf:9 through module.net, which differs"],
        );
        let values = "live/terraform.tfvars:2 with var.open, which differs";
        check(
            &[("live/terraform.tfvars", "open = true", "open = false")],
            &[call, values],
        );
        let local = "live/main.tf:4 with local.door, which differs";
        check(&[("live/main.tf", "var.open", "false")], &[call, local]);
        let provider = "live/main.tf:6 with provider aws, which differs";
        check(
            &[("live/main.tf", "\"here\"", "\"there\"")],
            &[call, provider],
        );
        // What the resource has nothing of, and what its own block says anyway.
        check(
            &[("live/terraform.tfvars", "other = 1", "other = 2")],
            &[call],
        );
        let both = [
            ("net/main.tf", "x = var.door", "x = 1"),
            ("live/terraform.tfvars", "open = true", "open = false"),
        ];
        check(&both, &[call]);
    }

    #[test]
    fn a_resource_of_the_root_module_itself_is_led_to_by_nothing() {
        let files = [("main.tf", NET)];
        let (base, head) = (tree(&files), tree(&files));
        assert_eq!(head.steps(Some(&base), ("", ""), "aws_vpc.a"), []);
        assert_eq!(head.steps(None, ("", ""), "module.none.aws_vpc.a"), []);
        assert_eq!(head.steps(None, ("", ""), "Deployment shop/cart"), []);
    }
}
