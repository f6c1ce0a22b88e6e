//! Which files form a module, which modules are the roots, and where a call leads.
//!
//! Touches no disk: files are handed in, and functions that read one ask a closure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl_edit::expr::Expression;
use hcl_edit::template::Element;

use super::super::blocks::{Failure, is_local, join};
use super::attribute::Attribute;
use super::links::Links;
use super::reads::Reads;
use super::remote::{REMOTE_STATE, backend_of, lacks_name};
use super::syntax::{
    Body, SourceBlock, SourceFile, is_backend, is_configuration, is_source, is_variables,
};
use super::units::units;

/// Where Terraform puts modules that it fetched, below a root module.
const VENDORED: &str = ".terraform/modules";

/// How many values may lead on from one another to the source of a call.
const MAX_CONSTANT_DEPTH: usize = 8;

/// How many modules are looked through for something that matters: each leads one deeper.
const MAX_CALLEES: usize = 200;

/// Reads a file of the tree by path; `None` if there is none, or none that may be read.
pub type ReadFile<'r> = &'r (dyn Fn(&str) -> Option<Vec<u8>> + Sync);

/// Reads the files of a directory that the settings leave out.
pub(super) type ReadLeftOut<'r> = &'r mut dyn FnMut(&str) -> Vec<Arc<SourceFile>>;

/// What a tree is built of.
pub struct Parts<'p> {
    /// Its files.
    pub files: Vec<Arc<SourceFile>>,
    /// The `modules.json` of fetched modules, by path.
    pub manifests: &'p [(String, Vec<u8>)],
    /// All paths there are.
    pub paths: BTreeSet<String>,
    /// Its symbolic links.
    pub links: Links,
    /// The commits of its submodules, by path.
    pub submodules: BTreeMap<String, String>,
    /// Asked for directories that modules call and that have no files here.
    pub left_out: ReadLeftOut<'p>,
}

/// All configuration of a repository at one revision.
#[derive(Default)]
pub struct Tree {
    directories: BTreeMap<String, Definition>,
    /// By root directory and module key (`vpc`, `vpc.inner`): what was fetched, and where it lies.
    vendored: BTreeMap<String, BTreeMap<String, Vendored>>,
    /// Every path of the tree, for functions that look for files.
    pub(super) paths: BTreeSet<String>,
    /// Files of tools around Terraform, by path.
    pub(super) units: Vec<Arc<SourceFile>>,
    root_set: BTreeSet<String>,
    /// The directories that another module calls.
    called: BTreeSet<String>,
    pub(super) links: Links,
    submodules: BTreeMap<String, String>,
    /// Directories that are read only because a module calls them.
    left_out: BTreeSet<String>,
}

/// A module that `terraform init` fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vendored {
    pub(super) directory: String,
    pub(super) source: String,
    pub(super) version: String,
}

/// What the files of one directory define.
#[derive(Debug, Default)]
pub(super) struct Definition {
    pub(super) directory: String,
    pub(super) variables: BTreeMap<String, Arc<SourceBlock>>,
    /// The block that each local value stands in.
    locals: BTreeMap<String, Arc<SourceBlock>>,
    /// Resources and data sources, by address inside the module.
    pub(super) resources: BTreeMap<String, Arc<SourceBlock>>,
    pub(super) calls: BTreeMap<String, Arc<SourceBlock>>,
    pub(super) outputs: BTreeMap<String, Arc<SourceBlock>>,
    pub(super) providers: Vec<Arc<SourceBlock>>,
    /// `terraform` blocks: backends and versions of providers. Those of overrides come first.
    pub(super) settings: Vec<Arc<SourceBlock>>,
    pub(super) moved: Vec<Arc<SourceBlock>>,
    pub(super) removed: Vec<Arc<SourceBlock>>,
    pub(super) imports: Vec<Arc<SourceBlock>>,
    /// Values of variables that Terraform reads by itself, in the order in which later ones win.
    values: Vec<Arc<SourceFile>>,
    /// Settings of backends that Terraform reads when it is told to.
    backends: Vec<Arc<SourceFile>>,
    /// Files whose blocks are missing here.
    pub(super) failures: Vec<Failure>,
    /// All its files, sorted.
    files: Vec<Arc<SourceFile>>,
}

/// Where a call of a module leads.
pub(super) enum Called<'t> {
    /// Into this directory.
    Here(&'t Definition),
    /// Out of the repository.
    Outside,
    /// To a directory without configuration.
    Empty(String),
    /// Into a submodule: the directory, and the commit of that.
    Submodule(String, &'t str),
    /// To a registry or another repository, and it was not fetched.
    Elsewhere(String),
}

impl Tree {
    /// Sort files into modules. `manifests` are the `modules.json` of fetched modules, by path; `paths` all there are.
    #[must_use]
    pub fn build(
        files: impl IntoIterator<Item = Arc<SourceFile>>,
        manifests: &[(String, Vec<u8>)],
        paths: BTreeSet<String>,
    ) -> Self {
        Self::of(Parts {
            files: files.into_iter().collect(),
            manifests,
            paths,
            links: Links::default(),
            submodules: BTreeMap::new(),
            left_out: &mut |_| Vec::new(),
        })
    }

    /// The same, of all that a revision has.
    #[must_use]
    pub fn of(parts: Parts<'_>) -> Self {
        let mut tree = Self {
            paths: parts.paths,
            links: parts.links,
            submodules: parts.submodules,
            ..Self::default()
        };
        tree.add_files(parts.files);
        tree.add_left_out(parts.left_out);
        for definition in tree.directories.values_mut() {
            definition
                .values
                .sort_by_key(|file| (precedence(file.path()), file.path().to_owned()));
        }
        for (path, bytes) in parts.manifests {
            let root = path
                .strip_suffix("modules.json")
                .and_then(|path| path.trim_end_matches('/').strip_suffix(VENDORED))
                .map(|root| root.trim_end_matches('/').to_owned());
            if let Some(root) = root {
                let modules = read_manifest(&root, bytes);
                tree.vendored.insert(root, modules);
            }
        }
        (tree.root_set, tree.called) = tree.find_roots();
        tree
    }

    fn add_files(&mut self, mut files: Vec<Arc<SourceFile>>) {
        files.sort_by(|one, other| one.path().cmp(other.path()));
        let (files, others): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| is_source(file.path()));
        self.units.extend(units(others));
        // Overrides come after what they override, whatever the files are called.
        let (overrides, plain): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| is_override(file.path()));
        for (file, is_override) in plain
            .into_iter()
            .map(|file| (file, false))
            .chain(overrides.into_iter().map(|file| (file, true)))
        {
            let directory = directory_of(file.path());
            let definition = self
                .directories
                .entry(directory.clone())
                .or_insert_with(|| Definition {
                    directory,
                    ..Definition::default()
                });
            definition.failures.extend(file.failure.clone());
            definition.files.push(file.clone());
            if is_configuration(file.path()) {
                for block in &file.blocks {
                    definition.add(block, is_override);
                }
            } else if is_variables(file.path()) {
                definition.values.push(file);
            } else if is_backend(file.path()) {
                definition.backends.push(file);
            }
        }
    }

    /// What the settings leave out is read where a module calls it that they do not leave out, or that is read itself.
    fn add_left_out(&mut self, read: ReadLeftOut<'_>) {
        let mut todo: Vec<String> = self.directories.keys().cloned().collect();
        while let Some(directory) = todo.pop() {
            let Some(definition) = self.directories.get(&directory) else {
                continue;
            };
            let callees: Vec<String> = definition
                .local_callees()
                .filter_map(|callee| self.links.resolve(&callee))
                .filter(|callee| !self.is_configured(callee) && !self.left_out.contains(callee))
                .collect();
            for callee in callees {
                let files = read(&callee);
                if !files.is_empty() && self.left_out.insert(callee.clone()) {
                    self.add_files(files);
                    todo.push(callee);
                }
            }
        }
    }

    /// The links that lead to root modules, with the directories of these.
    pub fn linked_roots(&self) -> impl Iterator<Item = (&str, &str)> {
        self.links.iter().filter_map(|(path, _)| {
            let real = self.links.resolve(path)?;
            let root = self.root_set.get(&real)?;
            Some((path, root.as_str()))
        })
    }

    fn is_configured(&self, directory: &str) -> bool {
        let found = self.directories.get(directory);
        found.is_some_and(Definition::is_configured)
    }

    /// The configured directory that a path leads to, through links where there are some.
    fn led_to(&self, directory: &str) -> Option<&Definition> {
        let direct = self.directories.get(directory);
        direct.or_else(|| self.directories.get(&self.links.resolve(directory)?))
    }

    /// Whether it was left out, and is read because somebody calls it.
    fn is_left_out(&self, definition: &Definition) -> bool {
        self.left_out.contains(&definition.directory)
    }

    /// The modules that nobody in the tree calls: what people run Terraform in. Sorted.
    ///
    /// Where modules call each other in a circle, the first of them counts as one.
    #[must_use]
    pub fn roots(&self) -> Vec<String> {
        self.root_set.iter().cloned().collect()
    }

    /// The modules of the tree itself that make something or call others, whoever calls them. Sorted.
    pub(super) fn modules(&self) -> Vec<String> {
        let modules = self.directories.values().filter(is_module);
        let modules = modules.filter(|module| !self.is_left_out(module));
        modules.map(|module| module.directory.clone()).collect()
    }

    /// The roots, and what any module calls but itself.
    fn find_roots(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let mut called = BTreeMap::new();
        let mut usages: BTreeSet<&str> = BTreeSet::new();
        for definition in self.directories.values() {
            let all: BTreeSet<String> = self.callees(definition).collect();
            let (stacks, callees): (BTreeSet<String>, BTreeSet<String>) = all
                .into_iter()
                .partition(|callee| self.only_shows(definition, callee));
            let makes_more = !is_example(&definition.directory)
                && (!definition.resources.is_empty() || !callees.is_empty());
            if !stacks.is_empty() && !makes_more {
                usages.insert(&definition.directory);
            }
            called.insert(definition.directory.as_str(), callees);
        }
        let all: BTreeSet<&str> = called
            .iter()
            .flat_map(|(caller, callees)| {
                let others = callees.iter().filter(move |callee| callee != caller);
                others.map(String::as_str)
            })
            .collect();
        let mut roots: BTreeSet<String> = BTreeSet::new();
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let candidates = self.directories.values().filter(is_module);
        let candidates: Vec<&Definition> = candidates
            .filter(|module| !usages.contains(module.directory.as_str()))
            .filter(|module| !self.is_left_out(module))
            .collect();
        let (uncalled, in_circles): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .partition(|definition| !all.contains(definition.directory.as_str()));
        for definition in uncalled.into_iter().chain(in_circles) {
            if reached.contains(definition.directory.as_str()) {
                continue;
            }
            if !is_unused_part(definition, &called) {
                roots.insert(definition.directory.clone());
            }
            let mut todo = vec![definition.directory.as_str()];
            while let Some(directory) = todo.pop() {
                if reached.insert(directory) {
                    let callees = called.get(directory).into_iter().flatten();
                    todo.extend(callees.map(String::as_str));
                }
            }
        }
        let all = all.into_iter().map(str::to_owned).collect();
        (roots, all)
    }

    /// Whether a call shows or tests how a root module is used, and does not make a part of the caller of it: what keeps a state
    /// of its own is run by itself.
    fn only_shows(&self, caller: &Definition, callee: &str) -> bool {
        let Some(callee) = self.directories.get(callee) else {
            return false;
        };
        let keeps_state = backend_of(callee).is_some();
        let is_run = keeps_state || !callee.providers.is_empty();
        backend_of(caller).is_none()
            && caller.directory != callee.directory
            && (keeps_state || (is_run && is_example(&caller.directory)))
    }

    /// Whether another module calls what lies in a directory.
    pub(super) fn calls(&self, directory: &str) -> bool {
        self.called.contains(directory)
    }

    /// Whether a directory is one of the roots, or called by modules of a circle only.
    pub(super) fn roots_contain(&self, directory: &str) -> bool {
        self.root_set.contains(directory)
    }

    /// What the roots make in any case: what they call, and what that calls, as often as is for no value to say.
    pub(super) fn made_in_any_case(&self) -> BTreeSet<String> {
        let mut made = BTreeSet::new();
        let mut todo: Vec<String> = self.root_set.iter().cloned().collect();
        while let Some(directory) = todo.pop() {
            let Some(definition) = self.directories.get(&directory) else {
                continue;
            };
            let is_repeated = |call: &SourceBlock| {
                let arguments = &call.body.attributes;
                arguments.contains_key("count") || arguments.contains_key("for_each")
            };
            let calls = definition.calls.values().filter(|call| !is_repeated(call));
            let callees = calls.filter_map(|call| self.led_to(&definition.local_callee(call)?));
            for callee in callees {
                if made.insert(callee.directory.clone()) {
                    todo.push(callee.directory.clone());
                }
            }
        }
        made
    }

    /// The directories in this tree that a module calls.
    fn callees<'t>(&'t self, definition: &'t Definition) -> impl Iterator<Item = String> + 't {
        let callees = definition.local_callees();
        callees.filter_map(|callee| Some(self.led_to(&callee)?.directory.clone()))
    }

    /// Whether any module reads the state of a root module.
    pub(super) fn reads_states(&self) -> bool {
        let blocks = self
            .directories
            .values()
            .flat_map(|definition| definition.resources.values());
        let mut types = blocks.map(|block| block.block.labels.first());
        types.any(|own| own.is_some_and(|own| own == REMOTE_STATE))
    }

    /// Whether a call leads to modules of the tree that make nothing but what does not `matter`, by type and name, and call
    /// nothing that is not here. `known` remembers directories.
    pub(super) fn makes_nothing_that(
        &self,
        matters: &dyn Fn(&str, &str) -> bool,
        caller: &Definition,
        call: &SourceBlock,
        known: &mut BTreeMap<String, bool>,
    ) -> bool {
        let directory = caller.local_callee(call);
        let Some(callee) = directory.and_then(|directory| self.led_to(&directory)) else {
            return false;
        };
        if let Some(known) = known.get(&callee.directory) {
            return *known;
        }
        // What leads back to itself is told where it is evaluated.
        known.insert(callee.directory.clone(), false);
        let mut blocks = callee.resources.values();
        let makes_nothing = callee.failures.is_empty()
            && callee.imports.is_empty()
            && !blocks.any(|block| match block.block.labels.as_slice() {
                [own, name] => own == REMOTE_STATE || matters(own, name),
                _ => true,
            })
            && known.len() < MAX_CALLEES
            && callee
                .calls
                .values()
                .all(|call| self.makes_nothing_that(matters, callee, call, known));
        known.insert(callee.directory.clone(), makes_nothing);
        makes_nothing
    }

    /// The files of values that Terraform reads only when it is told to, by path.
    pub(super) fn loose_values(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        let own = self
            .directories
            .values()
            .filter(|definition| !is_vendored(&definition.directory));
        own.flat_map(|definition| {
            let is_module = definition.is_configured();
            let values = definition.values.iter();
            values.filter(move |file| !is_module || precedence(file.path()) == 0)
        })
    }

    /// The files of values that a root module reads by itself, and those that it is `told` to: where nobody says which, those
    /// that lie in its directory or below.
    pub(super) fn values_read<'t>(
        &'t self,
        root: &str,
        told: &'t str,
    ) -> impl Iterator<Item = &'t Arc<SourceFile>> {
        let own = self.directories.get(root).into_iter();
        let own = own.flat_map(|definition| &definition.values);
        let own = own.filter(|file| precedence(file.path()) > 0);
        let below = if root.is_empty() {
            String::new()
        } else {
            format!("{root}/")
        };
        let is_told = told.contains(".tfvars");
        own.chain(self.loose_values().filter(move |file| match is_told {
            true => told.contains(file.path()),
            false => file.path().starts_with(&below),
        }))
    }

    /// The settings of backends that lie in the directory of a root module or below.
    pub(super) fn backends_of<'t>(
        &'t self,
        root: &str,
    ) -> impl Iterator<Item = &'t Arc<SourceFile>> {
        let below = if root.is_empty() {
            String::new()
        } else {
            format!("{root}/")
        };
        let all = self.directories.values();
        let own = all.filter(move |one| format!("{}/", one.directory).starts_with(&below));
        own.flat_map(|definition| &definition.backends)
    }

    /// Root modules that keep their state in a backend of this kind, and where in it only those tell who run them.
    pub(super) fn untold_states(&self, backend: &str) -> Vec<&str> {
        let roots = self
            .root_set
            .iter()
            .filter_map(|root| self.directories.get(root));
        let untold = roots.filter(|root| {
            let own = backend_of(root).filter(|(kind, _)| *kind == backend);
            own.is_some_and(|(kind, body)| lacks_name(kind, body))
                && self.backends_of(&root.directory).next().is_none()
        });
        untold.map(|root| root.directory.as_str()).collect()
    }

    /// A file of values by its path.
    pub(super) fn values_file(&self, path: &str) -> Option<Arc<SourceFile>> {
        let definition = self.definition(&directory_of(path))?;
        let mut values = definition.values.iter();
        values.find(|file| file.path() == path).cloned()
    }

    pub(super) fn definition(&self, directory: &str) -> Option<&Definition> {
        self.directories.get(directory)
    }

    /// Where a call with this source leads: from a module, for the root module and the key that `terraform init` knows it by.
    pub(super) fn called<'t>(
        &'t self,
        from: &Definition,
        (call, source): (&SourceBlock, Option<&str>),
        root: &str,
        key: &str,
    ) -> Called<'t> {
        let Some(source) = source else {
            return Called::Elsewhere("an expression that nobody knows".to_owned());
        };
        if is_local(source) {
            return match join(&from.directory, source) {
                None => Called::Outside,
                Some(directory) => match self.led_to(&directory) {
                    Some(definition) => Called::Here(definition),
                    None => self.called_elsewhere(directory),
                },
            };
        }
        let version = call
            .body
            .attributes
            .get("version")
            .and_then(Attribute::as_str)
            .unwrap_or_default();
        let fetched = self
            .vendored
            .get(root)
            .and_then(|modules| modules.get(key))
            .filter(|fetched| fetched.is_of(source, version) && is_vendored(&fetched.directory))
            .and_then(|fetched| self.directories.get(&fetched.directory));
        match fetched {
            Some(definition) => Called::Here(definition),
            None if version.is_empty() => Called::Elsewhere(source.to_owned()),
            None => Called::Elsewhere(format!("{source} {version}")),
        }
    }

    /// Where a call of a directory leads that holds no configuration here.
    fn called_elsewhere<'t>(&'t self, directory: String) -> Called<'t> {
        let Some(real) = self.links.resolve(&directory) else {
            return Called::Outside;
        };
        let mut submodules = self.submodules.iter();
        let holder = submodules.find(|(path, _)| {
            let rest = real.strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        match holder {
            Some((_, commit)) => Called::Submodule(directory, commit),
            None => Called::Empty(directory),
        }
    }

    /// Whether what was read of another tree to evaluate one of its root modules is the same here, but for the files that
    /// functions read.
    pub(super) fn has_the_same(&self, other: &Self, root: &str, reads: &Reads) -> bool {
        fn of_directory<'t>(tree: &'t Tree, directory: &str) -> Option<&'t [Arc<SourceFile>]> {
            let definition = tree.definition(directory);
            definition.map(|definition| definition.files.as_slice())
        }
        let is_same = |directory: &String| match (
            of_directory(self, directory),
            of_directory(other, directory),
        ) {
            (None, None) => true,
            (Some(own), Some(others)) => {
                own.len() == others.len()
                    && own
                        .iter()
                        .zip(others)
                        .all(|(own, other)| Arc::ptr_eq(own, other))
            }
            _ => false,
        };
        reads.directories.iter().all(is_same)
            && self.vendored.get(root) == other.vendored.get(root)
            && self.links == other.links
            && self.submodules == other.submodules
            && (!reads.lists_files || self.paths == other.paths)
    }

    /// Files that could not be read, by path.
    pub fn failures(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.directories
            .values()
            .flat_map(|definition| &definition.failures)
            .map(|failure| {
                (
                    failure.path.as_str(),
                    failure.line,
                    failure.message.as_str(),
                )
            })
    }
}

impl Vendored {
    /// Whether it is what a call asks for. An exact version must be this one; what a constraint allows, Terraform checked.
    fn is_of(&self, source: &str, version: &str) -> bool {
        let same_source = self.source == source || self.source.ends_with(&format!("/{source}"));
        let wanted = version.trim_start_matches('=').trim();
        let is_exact = !wanted.is_empty()
            && wanted
                .chars()
                .all(|character| character.is_ascii_digit() || character == '.');
        same_source && (!is_exact || self.version == wanted)
    }
}

impl Definition {
    /// Whether any file of it is part of a module.
    pub(super) fn is_configured(&self) -> bool {
        let mut files = self.files.iter();
        files.any(|file| is_configuration(file.path()))
    }

    /// The directory of the repository that a call leads to, where its source is one and can be told without evaluating
    /// anything.
    fn local_callee(&self, call: &SourceBlock) -> Option<String> {
        let source = self.source_of(call)?;
        let is_local = is_local(&source);
        is_local.then(|| join(&self.directory, &source)).flatten()
    }

    /// The source of a call, where it can be told without evaluating anything.
    pub(super) fn source_of(&self, call: &SourceBlock) -> Option<String> {
        let source = call.body.attributes.get("source")?.expression()?;
        self.constant(source, 0)
    }

    /// One of its files.
    pub(super) fn file(&self, path: &str) -> Option<&Arc<SourceFile>> {
        self.files.iter().find(|file| file.path() == path)
    }

    /// Every directory of the repository that it calls, whether there is anything or not.
    fn local_callees(&self) -> impl Iterator<Item = String> + '_ {
        let calls = self.calls.values();
        calls.filter_map(|call| self.local_callee(call))
    }

    /// What it declares, by address inside the module.
    pub(super) fn declares(&self) -> BTreeSet<String> {
        let calls = self.calls.keys().map(|call| format!("module.{call}"));
        calls.chain(self.resources.keys().cloned()).collect()
    }

    /// The expression of a local value.
    pub(super) fn local(&self, name: &str) -> Option<&Attribute> {
        self.locals.get(name)?.body.attributes.get(name)
    }

    /// What the source of a call comes to, which OpenTofu lets be made of local values and variables: as far as that can be
    /// told without evaluating anything.
    ///
    /// <https://opentofu.org/docs/language/modules/sources/> (read 2026-11-22)
    fn constant(&self, source: &Expression, depth: usize) -> Option<String> {
        match source {
            Expression::String(text) => Some(text.value().clone()),
            Expression::StringTemplate(template) if depth < MAX_CONSTANT_DEPTH => {
                let parts = template.iter().map(|element| match element {
                    Element::Literal(text) => Some(text.value().clone()),
                    Element::Interpolation(inner) => self.constant(&inner.expr, depth + 1),
                    Element::Directive(_) => None,
                });
                parts.collect()
            }
            Expression::Traversal(_) if depth < MAX_CONSTANT_DEPTH => {
                let named = reference_text(source)?;
                match named.split_once('.')? {
                    ("local", name) => self.constant(self.local(name)?.expression()?, depth + 1),
                    ("var", name) => {
                        let attributes = &self.variables.get(name)?.body.attributes;
                        let value = self.value_of(name).or_else(|| attributes.get("default"))?;
                        self.constant(value.expression()?, depth + 1)
                    }
                    ("path", "module") => Some(".".to_owned()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn add(&mut self, block: &Arc<SourceBlock>, is_override: bool) {
        let labels: Vec<&str> = block.block.labels.iter().map(String::as_str).collect();
        let (slot, name) = match (block.block.kind.as_str(), labels.as_slice()) {
            ("locals", _) => {
                for name in block.body.attributes.keys() {
                    self.locals.insert(name.clone(), block.clone());
                }
                return;
            }
            ("resource", [_, _]) | ("data", [_, _]) => {
                let name = block.block.address_in_module().unwrap_or_default();
                (&mut self.resources, name)
            }
            ("variable", [name]) => (&mut self.variables, (*name).to_owned()),
            ("module", [name]) => (&mut self.calls, (*name).to_owned()),
            ("output", [name]) => (&mut self.outputs, (*name).to_owned()),
            ("provider", [_]) => {
                let alias = block
                    .body
                    .attributes
                    .get("alias")
                    .and_then(Attribute::as_str);
                let same = self.providers.iter_mut().find(|known| {
                    let own = known
                        .body
                        .attributes
                        .get("alias")
                        .and_then(Attribute::as_str);
                    known.block.labels == block.block.labels && own == alias
                });
                match same {
                    Some(known) if is_override => {
                        Arc::make_mut(known).body.lay_over(block.body.clone());
                    }
                    _ => self.providers.push(block.clone()),
                }
                return;
            }
            ("terraform", _) if is_override => return self.settings.insert(0, block.clone()),
            ("terraform", _) => return self.settings.push(block.clone()),
            ("moved", _) => return self.moved.push(block.clone()),
            ("removed", _) => return self.removed.push(block.clone()),
            ("import", _) => return self.imports.push(block.clone()),
            _ => return,
        };
        match slot.get_mut(&name) {
            Some(known) if is_override => {
                Arc::make_mut(known).body.lay_over(block.body.clone());
            }
            // Terraform refuses two blocks of one name; the first one counts here.
            Some(_) => {}
            None => {
                slot.insert(name, block.clone());
            }
        }
    }

    /// The value that a file gives a variable of a root module.
    pub(super) fn value_of(&self, variable: &str) -> Option<&Attribute> {
        let files = self
            .values
            .iter()
            .filter(|file| precedence(file.path()) > 0);
        let mut values = files.filter_map(|file| file.attributes.get(variable));
        values.next_back()
    }
}

/// Zero for files that Terraform reads only when it is told to.
fn precedence(path: &str) -> u8 {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        "terraform.tfvars" => 1,
        "terraform.tfvars.json" => 2,
        _ if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => 3,
        _ => 0,
    }
}

/// Whether a file overrides blocks of the other files in its directory.
pub(in super::super) fn is_override(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    stem == "override" || stem.ends_with("_override")
}

pub(super) fn directory_of(path: &str) -> String {
    path.rsplit_once('/')
        .map_or_else(String::new, |(directory, _)| directory.to_owned())
}

/// The way from one directory of the tree to another: `.`, `modules/net`, `../net`.
pub(super) fn relative(from: &str, to: &str) -> String {
    let segments = |path: &str| -> Vec<String> {
        let all = path.split('/').filter(|segment| !segment.is_empty());
        all.map(str::to_owned).collect()
    };
    let (from, to) = (segments(from), segments(to));
    let shared = from
        .iter()
        .zip(&to)
        .take_while(|(one, other)| one == other)
        .count();
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    let steps: Vec<String> = up.chain(to.iter().skip(shared).cloned()).collect();
    if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.join("/")
    }
}

/// Whether a module is a part of a vendored one that nobody uses: it lies below a module that somebody outside of that calls, and
/// has neither providers, values nor a state of its own.
fn is_unused_part(module: &Definition, called: &BTreeMap<&str, BTreeSet<String>>) -> bool {
    let is_inside = |inner: &str, outer: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_vendored = |directory: &str| {
        let mut callers = called.iter();
        callers
            .any(|(caller, callees)| callees.contains(directory) && !is_inside(caller, directory))
    };
    let mut above = module.directory.as_str();
    let mut directories = std::iter::from_fn(|| {
        above = above.rsplit_once('/')?.0;
        Some(above)
    });
    module.providers.is_empty()
        && module.values.is_empty()
        && backend_of(module).is_none()
        && directories.any(is_vendored)
        && !called
            .values()
            .any(|callees| callees.contains(&module.directory))
}

/// Whether a directory holds examples or tests of something else.
fn is_example(directory: &str) -> bool {
    let mut segments = directory.split('/');
    segments.any(|segment| matches!(segment, "example" | "examples" | "test" | "tests"))
}

/// Whether a directory holds what Terraform fetched.
pub(super) fn is_vendored(directory: &str) -> bool {
    directory.split('/').any(|segment| segment == ".terraform")
}

fn read_manifest(root: &str, bytes: &[u8]) -> BTreeMap<String, Vendored> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        #[serde(rename = "Modules", default)]
        modules: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        #[serde(rename = "Key", default)]
        key: String,
        #[serde(rename = "Source", default)]
        source: String,
        #[serde(rename = "Version", default)]
        version: String,
        #[serde(rename = "Dir", default)]
        directory: String,
    }
    let Ok(manifest) = serde_json::from_slice::<Manifest>(bytes) else {
        return BTreeMap::new();
    };
    let entries = manifest.modules.into_iter().filter_map(|entry| {
        let vendored = Vendored {
            directory: join(root, &entry.directory)?,
            source: entry.source,
            version: entry.version,
        };
        Some((entry.key, vendored))
    });
    entries.collect()
}

/// The attributes of a body in a form that tells a reference from a text: `aws.west`, `module.a.aws_vpc.b`.
pub(super) fn reference_text(expression: &Expression) -> Option<String> {
    match expression {
        Expression::String(text) => Some(text.value().clone()),
        Expression::Variable(_) | Expression::Traversal(_) => {
            let text = expression.to_string();
            Some(text.split_whitespace().collect())
        }
        _ => None,
    }
}

/// The attributes of a nested block or object: `lifecycle { destroy = false }`.
pub(super) fn nested_attribute<'b>(
    body: &'b Body,
    kind: &'b str,
    name: &str,
) -> Option<&'b Attribute> {
    body.nested(kind)
        .find_map(|nested| nested.body.attributes.get(name))
}

fn is_module(definition: &&Definition) -> bool {
    let makes_something = !definition.resources.is_empty() || !definition.calls.is_empty();
    makes_something && !is_vendored(&definition.directory)
}

#[cfg(test)]
mod tests;
