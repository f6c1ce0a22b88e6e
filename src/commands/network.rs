//! Plans and states to the two snapshots of the network.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::catalog::Catalog;
use crate::change::diff::Snapshot;
use crate::graph::fragment::{Fragment, Notice};
use crate::graph::origin::Origins;
use crate::graph::{Key, assemble};
use crate::sources::terraform::apply::{Interest, Secrets, read_plan, read_state};
use crate::sources::terraform::complete::complete;
use crate::sources::terraform::input::{InputError, InputProblem, decode};
use crate::sources::terraform::network_manager::{self, Piece};
use crate::sources::terraform::plan::Document;

/// The network before and after, with where its parts come from.
#[derive(Debug)]
pub struct Network {
    /// As it was.
    pub before: Snapshot,
    /// As it will be.
    pub after: Snapshot,
    /// The resources that declare its parts.
    pub origins: Origins,
    /// What was not understood.
    pub notices: Vec<Notice>,
    /// The addresses of every resource of each plan, to find its root module's directory by.
    pub plan_addresses: Vec<Vec<String>>,
    /// What the resources asked for lie in: keys of graph parts, by plan and address.
    pub placements: Vec<BTreeMap<String, BTreeSet<Key>>>,
    /// What was read, in words.
    pub inputs: Vec<String>,
}

/// A file to read, and what to call it.
#[derive(Debug, Clone)]
pub struct InputFile {
    path: PathBuf,
    label: String,
}

impl InputFile {
    /// A file named on the command line; `-` is standard input.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        let label = if path == Path::new("-") {
            "stdin".to_owned()
        } else {
            slashes(path)
        };
        Self {
            path: path.to_path_buf(),
            label,
        }
    }

    /// A file found below a directory, called by its path from there, so that reports do not differ by machine.
    #[must_use]
    pub fn below(top: &Path, path: PathBuf) -> Self {
        let label = slashes(path.strip_prefix(top).unwrap_or(&path));
        Self { path, label }
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let read = if self.path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map(|_| bytes)
        } else {
            std::fs::read(&self.path)
        };
        read.map_err(|error| InputError::unreadable(&self.label, &error).into())
    }
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Read plans, and states as context. `interest` names resources whose place in the graph is wanted.
///
/// # Errors
///
/// If a file cannot be read, or is not what it is given as.
pub fn read(
    catalog: &Catalog,
    plans: &[InputFile],
    contexts: &[InputFile],
    interest: &Interest,
) -> Result<Network> {
    let mut network = Reader {
        catalog,
        interest,
        placements: Vec::new(),
        origins: Origins::default(),
        secrets: Secrets::default(),
        before: Fragment::default(),
        after: Fragment::default(),
        notices: Vec::new(),
        manager: Default::default(),
        known: HashSet::new(),
        plan_addresses: Vec::new(),
        inputs: Vec::new(),
    };
    for file in plans {
        let scope = if plans.len() > 1 {
            format!("{}//", file.label)
        } else {
            String::new()
        };
        network.plan(file, &scope)?;
    }
    for file in contexts {
        network.context(file)?;
    }
    Ok(network.finish())
}

struct Reader<'c> {
    catalog: &'c Catalog,
    interest: &'c Interest,
    placements: Vec<BTreeMap<String, BTreeSet<Key>>>,
    origins: Origins,
    secrets: Secrets,
    before: Fragment,
    after: Fragment,
    notices: Vec<Notice>,
    manager: [Vec<Piece>; 2],
    known: HashSet<(String, String)>,
    plan_addresses: Vec<Vec<String>>,
    inputs: Vec<String>,
}

impl Reader<'_> {
    fn plan(&mut self, file: &InputFile, scope: &str) -> Result<()> {
        let label = &file.label;
        let text = decode(label, file.bytes()?)?;
        let Document::Plan(plan) = Document::parse(label, &text)? else {
            return Err(InputError::new(label, InputProblem::StateAsPlan).into());
        };
        let reading = read_plan(
            self.catalog,
            &plan,
            scope,
            self.interest,
            &mut self.origins,
            &mut self.secrets,
        );
        self.inputs.push(format!(
            "plan {label}: {} resources",
            reading.addresses.len()
        ));
        self.before.extend(reading.before);
        self.after.extend(reading.after);
        self.notices.extend(reading.notices);
        self.manage(reading.manager);
        self.remember(reading.known);
        self.plan_addresses.push(reading.addresses);
        self.placements.push(reading.placements);
        Ok(())
    }

    fn manage(&mut self, manager: [Vec<Piece>; 2]) {
        for (all, new) in self.manager.iter_mut().zip(manager) {
            all.extend(new);
        }
    }

    fn remember(&mut self, known: HashSet<(String, String)>) {
        if self.known.is_empty() {
            self.known = known;
        } else {
            self.known.extend(known);
        }
    }

    /// A state holds before and after.
    fn context(&mut self, file: &InputFile) -> Result<()> {
        let label = &file.label;
        let text = decode(label, file.bytes()?)?;
        let scope = format!("{label}//");
        let reading = match Document::parse(label, &text)? {
            Document::State(state) => read_state(
                self.catalog,
                &state,
                &scope,
                &self.known,
                &mut self.origins,
                &mut self.secrets,
            ),
            Document::Plan(_) => {
                return Err(InputError::new(label, InputProblem::PlanAsContext).into());
            }
        };
        self.inputs.push(format!(
            "context {label}: {} resources",
            reading.addresses.len()
        ));
        self.before.extend(reading.before);
        self.after.extend(reading.after);
        self.notices.extend(reading.notices);
        self.manage(reading.manager);
        self.remember(reading.known);
        Ok(())
    }

    fn finish(self) -> Network {
        let (mut before, mut after) = (self.before, self.after);
        let open = complete(&mut before, &mut after);
        let [manager_before, manager_after] = &self.manager;
        network_manager::expand(manager_before, &mut before);
        let not_seen = network_manager::expand(manager_after, &mut after);
        let (before, after) = rayon::join(
            || Snapshot::new(assemble(before)),
            || Snapshot::new(assemble(after)),
        );
        let mut notices = self.notices;
        notices.extend(open);
        notices.extend(not_seen);
        notices.extend(after.graph.notices().iter().cloned());
        Network {
            before,
            after,
            origins: self.origins,
            notices,
            plan_addresses: self.plan_addresses,
            placements: self.placements,
            inputs: self.inputs,
        }
    }
}
