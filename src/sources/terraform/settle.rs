//! What a plan leaves open, settled by the source that it was made of.
//!
//! A plan lists what an expression mentions and not what it does with it: `x[count.index + 1]` looks like `x[count.index]`, and
//! local values and dynamic blocks are not in it. The source tells. It is asked only where the plan leaves something open, and
//! believed only where it does not contradict the plan: it makes everything that the plan makes, and its answer is exact, one of
//! those that the plan allows, and yet to be created.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashSet};

use crate::catalog::Catalog;
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;

use super::address::Address;
use super::plan::Plan;
use super::resolve::{Assumption, Question, References, Resolution, Resolver};
use super::resource::Resource;
use super::source::{RootSource, SourceReferences};

/// Evaluates the root module that a plan was made of, if it is at hand: given the addresses in the plan, and the values of its
/// variables as JSON.
pub type LoadSource<'l> = &'l dyn Fn(&[&str], &str) -> Option<RootSource>;

/// The source of one plan, evaluated when it is first asked for.
pub(super) struct SourceOfPlan<'s> {
    load: Option<LoadSource<'s>>,
    plan: &'s Plan<'s>,
    resources: &'s [Resource<'s>],
    loaded: OnceCell<Option<RootSource>>,
}

impl<'s> SourceOfPlan<'s> {
    pub(super) fn new(
        load: Option<LoadSource<'s>>,
        plan: &'s Plan<'s>,
        resources: &'s [Resource<'s>],
    ) -> Self {
        Self {
            load,
            plan,
            resources,
            loaded: OnceCell::new(),
        }
    }

    fn root(&self) -> Option<&RootSource> {
        let load = || {
            let load = self.load?;
            let planned = self.resources.iter().filter(|one| one.after.is_some());
            let addresses: Vec<&str> = planned.map(|one| &*one.address).collect();
            load(&addresses, &self.variables()).filter(|root| makes_all(root, &addresses))
        };
        self.loaded.get_or_init(load).as_ref()
    }

    /// The values of the plan's variables, as a file of them would have them.
    fn variables(&self) -> String {
        let values = self.plan.variables.iter();
        let members = values.filter_map(|(name, variable)| {
            let name = serde_json::to_string(&name.0).ok()?;
            Some(format!("{name}:{}", variable.value?.get()))
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

/// Whether a source makes every block of these addresses, as far as it has their modules at all.
fn makes_all(source: &RootSource, addresses: &[&str]) -> bool {
    let blocks = |address: &str| {
        let address = Address::parse(address)?;
        let modules: Vec<&str> = address.modules.iter().map(|step| &*step.name).collect();
        Some((modules.join("."), address.without_keys()))
    };
    let (mut modules, mut made) = (HashSet::new(), HashSet::new());
    for (module, block) in source.addresses().into_iter().filter_map(blocks) {
        modules.insert(module);
        made.insert(block);
    }
    let mut planned = addresses.iter().filter_map(|address| blocks(address));
    planned.all(|(module, block)| made.contains(&block) || !modules.contains(&module))
}

/// Resolves references by a plan, and by its source what the plan leaves open.
pub(super) struct Settled<'s> {
    catalog: &'s Catalog,
    scope: &'s str,
    resolver: &'s Resolver<'s>,
    source: &'s SourceOfPlan<'s>,
    answers: OnceCell<Option<SourceReferences<'s>>>,
    /// Resources of which the source settled something.
    settled: RefCell<HashSet<String>>,
}

impl<'s> Settled<'s> {
    pub(super) fn new(
        catalog: &'s Catalog,
        scope: &'s str,
        resolver: &'s Resolver<'s>,
        source: &'s SourceOfPlan<'s>,
    ) -> Self {
        Self {
            catalog,
            scope,
            resolver,
            source,
            answers: OnceCell::new(),
            settled: RefCell::default(),
        }
    }

    /// What the source says, where the plan allows it.
    fn told(
        &self,
        resource: &Resource<'_>,
        question: Question<'_>,
        open: &Resolution,
    ) -> Option<Vec<Reference>> {
        let answers = self.answers.get_or_init(|| {
            let root = self.source.root()?;
            Some(root.answers(self.catalog, self.scope))
        });
        let told = answers.as_ref()?.resolve(resource, question, true)?;
        let granted = &open.granted;
        let mut allowed: BTreeSet<Key> = match &open.reference {
            Reference::To(key) => BTreeSet::from([key.clone()]),
            Reference::OneOf(keys) => keys.iter().cloned().collect(),
            Reference::Unresolved { .. } => BTreeSet::new(),
        };
        let takes_anything = !open.is_whole || granted.contains(&Assumption::LocalValue);
        if granted.contains(&Assumption::SameInstance) {
            let siblings = allowed.iter().flat_map(|key| self.resolver.siblings(key));
            allowed.extend(siblings.collect::<Vec<_>>());
        }
        let is_allowed = |reference: &Reference| match reference {
            Reference::To(key) => {
                (takes_anything || allowed.contains(key)) && self.resolver.is_yet_to_be(key)
            }
            _ => false,
        };
        told.iter().all(is_allowed).then_some(told)
    }
}

impl References for Settled<'_> {
    fn resolve(
        &self,
        resource: &Resource<'_>,
        question: Question<'_>,
        is_after: bool,
    ) -> Option<Vec<Reference>> {
        // What was is known; a plan has no expressions for it.
        if !is_after {
            return None;
        }
        let said = self.resolver.resolve(resource, question);
        let is_open = !said.granted.is_empty() || !matches!(said.reference, Reference::To(_));
        if is_open && let Some(told) = self.told(resource, question, &said) {
            let address = resource.address.to_string();
            self.settled.borrow_mut().insert(address);
            return Some(told);
        }
        self.resolver.note(said.granted, resource, question);
        Some(vec![said.reference])
    }

    fn is_configured(&self, resource: &Resource<'_>, attribute: &str) -> bool {
        self.resolver.is_configured(resource, attribute)
    }

    fn is_left_out(
        &self,
        resource: &Resource<'_>,
        path: &str,
        position: Option<(usize, usize)>,
    ) -> bool {
        self.resolver.is_left_out(resource, path, position)
    }

    fn siblings(&self, key: &Key) -> BTreeSet<Key> {
        self.resolver.siblings(key)
    }

    fn arguments(&self, resource: &Resource<'_>, kind: NodeKind) -> BTreeSet<Key> {
        if self.settled.borrow().contains(&*resource.address) {
            return BTreeSet::new();
        }
        self.resolver.arguments(resource, kind)
    }
}
