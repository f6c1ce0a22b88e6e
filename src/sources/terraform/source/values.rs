//! Files of values that Terraform reads only when it is told to: which root module each is for, and which are for none.
//!
//! A root module that is run once for each of several such files makes as many networks. So it is evaluated once for each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::attribute::Attribute;
use super::syntax::SourceFile;
use super::tree::{Tree, directory_of};

/// How often a root module is evaluated at most, for as many files.
const MAX_RUNS: usize = 64;

/// What somebody says of the files that a root module is run with.
#[derive(Debug, Clone)]
pub struct NamedRun {
    /// The root module's directory; empty at the top of the repository.
    pub root: String,
    /// Paths from the top of the repository, in the order in which later ones win.
    pub files: Vec<String>,
}

/// One run of a root module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    /// The root module's directory.
    pub(super) root: String,
    /// The files that it is told to read; none: those that it reads by itself are all.
    pub(super) files: Vec<String>,
    /// The root module's directory at the base, if it was another.
    pub(super) was: Option<String>,
}

/// A file that differs between base and head, and that no evaluation reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreadFile {
    /// Its path from the top of the repository.
    pub path: String,
    /// What it is.
    pub kind: UnreadKind,
}

/// The directories that root modules had at the base, where those were others, by those at head.
pub(super) type Renamed = BTreeMap<String, String>;

/// What kind of file was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnreadKind {
    /// Values of variables.
    Values,
    /// Values of variables, where somebody named others to evaluate with: those of another run.
    OtherValues,
    /// What hands values to modules, or says which modules there are, and is not understood: Terragrunt, Stacks.
    Unit,
    /// A file that could not be read, with the reason.
    Skipped(String),
    /// A symbolic link to what is not read, with what it leads to.
    Astray(String),
    /// A Terraform file that OpenTofu passes over, with the one that it reads instead.
    Hidden(String),
    /// What `terraform init` should have fetched, written by the change set.
    Fetched,
}

/// The runs of root modules, at any of two revisions: one for each file of values that is theirs.
pub(super) fn runs(
    (base, head): (Option<&Tree>, &Tree),
    roots: &[String],
    renamed: &Renamed,
    named: &[NamedRun],
    values_are_given: bool,
) -> Vec<Run> {
    let mut found: BTreeMap<&str, BTreeSet<Vec<String>>> = BTreeMap::new();
    for root in roots {
        let own = named.iter().filter(|one| one.root == *root);
        let files = own.map(|one| one.files.clone());
        found.insert(root, files.collect());
    }
    let is_free = |root: &str| !named.iter().any(|one| one.root == root);
    if !values_are_given {
        let mut at = |tree: &Tree, own: &[String]| {
            for file in tree.loose_values() {
                for place in roots_of(tree, file, own) {
                    let root = own.iter().position(|one| one == place);
                    let Some(root) = root.and_then(|position| roots.get(position)) else {
                        continue;
                    };
                    if is_free(root)
                        && let Some(runs) = found.get_mut(root.as_str())
                        && runs.len() < MAX_RUNS
                    {
                        runs.insert(vec![moved_path(file.path(), place, root)]);
                    }
                }
            }
        };
        if let Some(base) = base {
            let was = |root: &String| renamed.get(root).unwrap_or(root).clone();
            let at_base: Vec<String> = roots.iter().map(was).collect();
            at(base, &at_base);
        }
        at(head, roots);
    }
    let mut runs = Vec::new();
    for (root, own) in found {
        let run = |files: Vec<String>| Run {
            root: root.to_owned(),
            files,
            was: renamed.get(root).cloned(),
        };
        if own.is_empty() {
            runs.push(run(Vec::new()));
        }
        runs.extend(own.into_iter().map(run));
    }
    runs
}

/// A path below one directory as it is below another.
fn moved_path(path: &str, from: &str, to: &str) -> String {
    let below = match from {
        "" => Some(path),
        from => path
            .strip_prefix(from)
            .and_then(|rest| rest.strip_prefix('/')),
    };
    match (below, to) {
        (Some(below), "") => below.to_owned(),
        (Some(below), to) => format!("{to}/{below}"),
        (None, _) => path.to_owned(),
    }
}

/// The root modules that a file of values is for: the one that it lies in or below, if that declares any of what it sets;
/// else all that declare everything that it sets.
fn roots_of<'r>(tree: &Tree, file: &SourceFile, roots: &'r [String]) -> Vec<&'r str> {
    let declares = |root: &str, name: &String| {
        let definition = tree.definition(root);
        definition.is_some_and(|definition| definition.variables.contains_key(name))
    };
    let mut directory = Some(directory_of(file.path()));
    while let Some(here) = directory {
        if tree
            .definition(&here)
            .is_some_and(|one| one.is_configured())
        {
            let root = roots.iter().find(|root| **root == here);
            let takes = |root: &&String| file.attributes.keys().any(|name| declares(root, name));
            if let Some(root) = root.filter(takes) {
                return vec![root];
            }
            break;
        }
        directory = (!here.is_empty()).then(|| directory_of(&here));
    }
    let takes_all = |root: &&String| {
        !file.attributes.is_empty() && file.attributes.keys().all(|name| declares(root, name))
    };
    let all = roots.iter().filter(takes_all);
    all.map(String::as_str).collect()
}

impl Run {
    /// The values that it is given at a revision; `None` if it is no run there, because its files are only at the other one.
    pub(super) fn values(
        &self,
        (tree, is_head): (&Tree, bool),
        all: &[Run],
    ) -> Option<BTreeMap<String, Attribute>> {
        let of = |run: &Run| -> Vec<Arc<SourceFile>> {
            let files = run.files.iter();
            let files = files.map(|path| run.path_at(path, is_head));
            files.filter_map(|path| tree.values_file(&path)).collect()
        };
        let own = of(self);
        let is_another = |run: &&Run| run.root == self.root && !of(run).is_empty();
        if own.is_empty() && !self.files.is_empty() && all.iter().any(|run| is_another(&run)) {
            return None;
        }
        let mut values = BTreeMap::new();
        for file in own {
            let read = file.attributes.iter();
            values.extend(read.map(|(name, value)| (name.clone(), value.clone())));
        }
        Some(values)
    }

    /// Its root module's directory at the base or at head.
    pub(super) fn directory(&self, is_head: bool) -> &str {
        let was = self.was.as_ref().filter(|_| !is_head);
        was.unwrap_or(&self.root)
    }

    /// Where a file that it is told to read lies at the base or at head.
    fn path_at(&self, path: &str, is_head: bool) -> String {
        moved_path(path, &self.root, self.directory(is_head))
    }

    /// Whether what it is told to read is the same at two revisions.
    pub(super) fn reads_the_same(&self, one: &Tree, other: &Tree) -> bool {
        self.files.iter().all(
            |path| match (one.values_file(path), other.values_file(path)) {
                (None, None) => true,
                (Some(one), Some(other)) => one.is_copy_of(&other),
                _ => false,
            },
        )
    }

    /// Whether the files that it is told to read are called as those of another run.
    pub(super) fn is_named_like(&self, other: &Self) -> bool {
        let names = |run: &Self| -> Vec<String> {
            let names = run.files.iter().filter_map(|path| path.rsplit('/').next());
            names.map(str::to_owned).collect()
        };
        !self.files.is_empty() && names(self) == names(other)
    }

    /// Whether a file that tells a backend may be meant for this run: one called as its files of values are, or as their
    /// directory is. Where it is told to read none, any may.
    pub(super) fn goes_with(&self, backend: &str) -> bool {
        let stems = |path: &str| -> Vec<String> {
            let mut parts = path.rsplit('/');
            let name = parts.next().and_then(|name| name.split('.').next());
            let all = [name, parts.next()].into_iter().flatten();
            all.map(str::to_owned).collect()
        };
        let own = stems(backend);
        self.files.is_empty()
            || self.files.iter().any(|path| {
                let others = stems(path);
                own.first().is_some_and(|stem| others.contains(stem))
                    || others.first().is_some_and(|stem| own.contains(stem))
            })
    }

    /// What tells it from other runs of its root module; empty if it is the only one.
    pub(super) fn label(&self) -> String {
        self.files.join("+")
    }
}

/// The files that differ between two revisions and that none of these runs reads, nor anybody who named some.
pub(super) fn changed_unread(
    [base, head]: [&Tree; 2],
    runs: &[Run],
    named: &BTreeSet<&str>,
) -> BTreeSet<UnreadFile> {
    let read: BTreeSet<String> = runs
        .iter()
        .flat_map(|run| {
            let of_run = run.files.iter();
            of_run.flat_map(|path| [path.clone(), run.path_at(path, false)])
        })
        .chain(named.iter().map(|path| (*path).to_owned()))
        .collect();
    let values = if named.is_empty() {
        UnreadKind::Values
    } else {
        UnreadKind::OtherValues
    };
    // What a root module reads by itself at head, it reads, wherever it was before.
    let loose = head.loose_values().map(|file| file.path().to_owned());
    let gone = base.loose_values().map(|file| file.path().to_owned());
    let gone = gone.filter(|path| head.values_file(path).is_none());
    let of_values = loose.chain(gone).filter(|path| {
        let sides = [base, head].map(|tree| tree.values_file(path));
        !is_same(sides) && !read.contains(path.as_str())
    });
    let units = [base, head].map(|tree| -> BTreeMap<&str, &Arc<SourceFile>> {
        let files = tree.units.iter();
        files.map(|file| (file.path(), file)).collect()
    });
    let paths: BTreeSet<&str> = units.iter().flat_map(BTreeMap::keys).copied().collect();
    let of_units = paths.into_iter().filter(|path| {
        let sides = [0, 1].map(|side: usize| units[side].get(path).map(|file| (*file).clone()));
        !is_same(sides)
    });
    let of_units = of_units.map(str::to_owned);
    let unread = of_values.map(|path| (path, values.clone()));
    let unread = unread.chain(of_units.map(|path| (path, UnreadKind::Unit)));
    unread
        .map(|(path, kind)| UnreadFile { path, kind })
        .collect()
}

fn is_same(sides: [Option<Arc<SourceFile>>; 2]) -> bool {
    match sides {
        [Some(base), Some(head)] => base.is_copy_of(&head),
        [base, head] => base.is_none() && head.is_none(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    const ROOT: &str = "variable \"peer\" {}\nvariable \"cidr\" {}\nresource \"a_b\" \"c\" {}\n";

    fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files
            .iter()
            .map(|(path, text)| Arc::new(SourceFile::parse(path, text)));
        Tree::build(files, &[], BTreeSet::new())
    }

    fn runs_of(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let tree = tree(files);
        let all = runs((None, &tree), &tree.roots(), &Renamed::new(), &[], false);
        all.into_iter()
            .map(|run| (run.root.clone(), run.label()))
            .collect()
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[(&str, &str)]) {
        let owned = |(root, label): &(&str, &str)| ((*root).to_owned(), (*label).to_owned());
        let expected: Vec<_> = expected.iter().map(owned).collect();
        assert_eq!(runs_of(files), expected);
    }

    #[test]
    fn a_root_module_is_run_once_for_each_file_of_values_that_is_for_it() {
        check(
            &[
                ("net/main.tf", ROOT),
                ("net/envs/dev.tfvars", "peer = false\n"),
                ("net/envs/prod/terraform.tfvars", "peer = true\nother = 1\n"),
                ("net/terraform.tfvars", "cidr = 1\n"),
                ("net/x.auto.tfvars", "cidr = 1\n"),
                ("net/notes.tfvars", "nobody = 1\n"),
            ],
            &[
                ("net", "net/envs/dev.tfvars"),
                ("net", "net/envs/prod/terraform.tfvars"),
            ],
        );
        check(&[("main.tf", ROOT)], &[("", "")]);
    }

    #[test]
    fn a_file_beside_root_modules_is_for_those_that_declare_all_it_sets() {
        check(
            &[
                ("net/main.tf", ROOT),
                (
                    "app/main.tf",
                    "variable \"peer\" {}\nresource \"a_b\" \"c\" {}\n",
                ),
                ("envs/prod.tfvars", "peer = true\ncidr = 1\n"),
            ],
            &[("app", ""), ("net", "envs/prod.tfvars")],
        );
    }

    #[test]
    fn what_somebody_names_counts_and_a_module_that_is_called_has_no_runs() {
        let files = [
            ("main.tf", ROOT),
            ("dev.tfvars", "peer = false\n"),
            (
                "m/main.tf",
                "variable \"peer\" {}\nresource \"a_b\" \"c\" {}\n",
            ),
            ("call.tf", "module \"m\" {\n  source = \"./m\"\n}\n"),
            ("m/test.tfvars", "peer = true\n"),
        ];
        check(&files[..2], &[("", "dev.tfvars")]);
        let tree = tree(&files);
        let named = [NamedRun {
            root: String::new(),
            files: vec!["a.tfvars".to_owned(), "dev.tfvars".to_owned()],
        }];
        let all = runs((None, &tree), &tree.roots(), &Renamed::new(), &named, false);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].label(), "a.tfvars+dev.tfvars");
        // Whoever names values on the command line means those.
        let all = runs((None, &tree), &tree.roots(), &Renamed::new(), &[], true);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].label(), "");
    }

    fn changed(base: &[(&str, &str)], head: &[(&str, &str)]) -> Vec<(String, UnreadKind)> {
        let [base, head] = [base, head].map(tree);
        let all = runs(
            (Some(&base), &head),
            &head.roots(),
            &Renamed::new(),
            &[],
            false,
        );
        let unread = changed_unread([&base, &head], &all, &BTreeSet::new());
        unread.into_iter().map(|one| (one.path, one.kind)).collect()
    }

    #[test]
    fn a_file_of_values_that_changes_and_that_nothing_reads_is_told_and_one_that_is_read_is_not() {
        let base = [
            ("main.tf", ROOT),
            ("prod.tfvars", "peer = false\n"),
            ("lost.tfvars", "nobody = 1\n"),
            ("same.tfvars", "nobody = 1\n"),
        ];
        let head = [
            ("main.tf", ROOT),
            ("prod.tfvars", "peer = true\n"),
            ("lost.tfvars", "nobody = 2\n"),
            ("same.tfvars", "nobody = 1\n"),
        ];
        let expected = [("lost.tfvars".to_owned(), UnreadKind::Values)];
        assert_eq!(changed(&base, &head), expected);
    }

    #[test]
    fn values_that_a_new_root_module_reads_by_itself_are_read() {
        let base = [("env/terraform.tfvars", "peer = true\n")];
        let head = [
            ("env/terraform.tfvars", "peer = false\n"),
            ("env/main.tf", ROOT),
        ];
        assert_eq!(changed(&base, &head), []);
    }

    #[test]
    fn a_run_whose_file_is_new_was_the_plain_one_before_or_none_beside_others() {
        let before = tree(&[("main.tf", ROOT)]);
        let one = tree(&[("main.tf", ROOT), ("a.tfvars", "peer = 1\n")]);
        let two = tree(&[
            ("main.tf", ROOT),
            ("a.tfvars", "peer = 1\n"),
            ("b.tfvars", "peer = 2\n"),
        ]);
        let all = runs(
            (Some(&before), &two),
            &two.roots(),
            &Renamed::new(),
            &[],
            false,
        );
        assert!(all[1].values((&before, false), &all).unwrap().is_empty());
        assert!(all[1].values((&one, true), &all).is_none());
        assert!(
            all[1]
                .values((&two, true), &all)
                .unwrap()
                .contains_key("peer")
        );
    }

    #[test]
    fn the_files_of_a_root_module_that_moved_move_with_it() {
        let base = tree(&[
            ("infra/main.tf", ROOT),
            ("infra/envs/a.tfvars", "peer = 1\n"),
        ]);
        let head = tree(&[("net/main.tf", ROOT), ("net/envs/a.tfvars", "peer = 2\n")]);
        let renamed = Renamed::from([("net".to_owned(), "infra".to_owned())]);
        let all = runs((Some(&base), &head), &head.roots(), &renamed, &[], false);
        let labels: Vec<String> = all.iter().map(Run::label).collect();
        assert_eq!(labels, ["net/envs/a.tfvars"]);
        for (tree, is_head) in [(&base, false), (&head, true)] {
            let values = all[0].values((tree, is_head), &all).unwrap();
            assert!(values.contains_key("peer"));
        }
        assert_eq!(
            changed_unread([&base, &head], &all, &BTreeSet::new()).len(),
            0
        );
    }

    #[test]
    fn files_of_terragrunt_and_stacks_that_change_are_told_and_other_hcl_is_not() {
        let of = |inputs: &str| {
            [
                (
                    "live/terragrunt.hcl",
                    format!("inputs = {{ peer = {inputs} }}\n"),
                ),
                (
                    "live/env.hcl",
                    format!("locals {{\n  peer = {inputs}\n}}\n"),
                ),
                (
                    "net.tfdeploy.hcl",
                    format!("deployment \"a\" {{\n  x = {inputs}\n}}\n"),
                ),
            ]
        };
        let files = |texts: &[(&'static str, String)]| -> Tree {
            let texts: Vec<(&str, &str)> =
                texts.iter().map(|(path, text)| (*path, &**text)).collect();
            tree(&texts)
        };
        let (base, head) = (files(&of("false")), files(&of("true")));
        let unread = changed_unread([&base, &head], &[], &BTreeSet::new());
        let paths: Vec<&str> = unread.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(
            paths,
            ["live/env.hcl", "live/terragrunt.hcl", "net.tfdeploy.hcl"]
        );
        assert!(changed_unread([&head, &head], &[], &BTreeSet::new()).is_empty());
    }
}
