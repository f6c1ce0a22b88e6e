//! The digest of exactly what a footprint rests on, in the network after a change.
//!
//! A receipt holds as long as this digest is the same. So whatever falls on a footprint has to show in it, and nothing else.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::carveout::ledger::{ASPECT_DIGITS, PerimeterDigest};
use crate::carveout::site::{Footprint, Scope};
use crate::change::diff::Difference;
use crate::change::standing::{Around, Aspect, Standing, View};
use crate::change::{Category, Change};
use crate::graph::origin::Origins;
use crate::graph::{BoundaryId, Graph};
use crate::settings::{CategoryPolicy, Policy};

/// What stands for the whole network, where nobody can tell on what part of it something rests.
pub const EVERYWHERE: &str = "everywhere";

/// The digests of the aspects of one boundary.
type OfAspects = Rc<BTreeMap<Aspect, String>>;

/// The network after a change, as what guarantees stand on. Nothing is computed before somebody asks.
#[derive(Debug)]
pub struct Digests<'d> {
    difference: &'d Difference<'d>,
    changes: &'d [Change],
    origins: &'d Origins,
    /// Whether ways out and packet filters invalidate, too.
    counts_what_is_told: bool,
    standing: OnceCell<Standing<'d>>,
    known: RefCell<BTreeMap<(BoundaryId, View), OfAspects>>,
    everywhere: OnceCell<OfAspects>,
}

impl<'d> Digests<'d> {
    /// The ground under one policy.
    #[must_use]
    pub fn new(
        difference: &'d Difference<'d>,
        changes: &'d [Change],
        origins: &'d Origins,
        policy: &Policy,
    ) -> Self {
        let exposure = policy.categories.get(Category::Exposure.word());
        Self {
            difference,
            changes,
            origins,
            counts_what_is_told: exposure == Some(&CategoryPolicy::Invalidate),
            standing: OnceCell::new(),
            known: RefCell::default(),
            everywhere: OnceCell::new(),
        }
    }

    /// The perimeter that a footprint rests on; `None` where no network change concerns it.
    ///
    /// The order of declarations, names, words and places in files do not show in it.
    #[must_use]
    pub fn under(&self, footprint: &Footprint) -> Option<PerimeterDigest> {
        let scope = match footprint.scope {
            Scope::Local => return None,
            Scope::Inside => "inside",
            Scope::OverLinks => "over_links",
            Scope::Unanchored => "unanchored",
        };
        let mut sides: Vec<(String, OfAspects)> = Vec::new();
        let mut absent: BTreeSet<&BoundaryId> = BTreeSet::new();
        if footprint.scope == Scope::Unanchored {
            let everywhere = self
                .everywhere
                .get_or_init(|| self.digested(self.standing().everywhere()));
            sides.push((EVERYWHERE.to_owned(), everywhere.clone()));
        }
        let graph = &self.difference.after.graph;
        let parts = footprint.parts.iter().chain(&footprint.things);
        let own: BTreeSet<&BoundaryId> = parts.map(|part| &part.boundary).collect();
        for boundary in &own {
            if !is_there(graph, boundary) {
                absent.insert(boundary);
                continue;
            }
            let mut digests = self.of(boundary, View::Own);
            // What never leaves a boundary does not rest on how the links that leave it are protected.
            let is_inside =
                footprint.scope == Scope::Inside && matches!(boundary, BoundaryId::Node(_));
            if is_inside && digests.contains_key(&Aspect::Protection) {
                Rc::make_mut(&mut digests).remove(&Aspect::Protection);
            }
            sides.push((boundary.to_string(), digests));
            if let BoundaryId::Node(id) = boundary
                && graph
                    .node(id)
                    .is_some_and(|node| node.kind.lies_in_networks())
            {
                for outer in graph.ancestors_of(id) {
                    let outer = BoundaryId::Node(outer.id.clone());
                    if !own.contains(&outer) {
                        sides.push((outer.to_string(), self.of(&outer, View::FromInside)));
                    }
                }
            }
        }
        sides.sort();
        sides.dedup();
        let mut hasher = Hasher::new();
        hasher.add(scope);
        for boundary in absent {
            hasher.add("absent");
            hasher.add(boundary.as_str());
        }
        let mut parts = BTreeMap::new();
        for (boundary, digests) in sides {
            // What lies in a boundary without any fact rests on nothing there; what is named rests on its identity.
            if !digests.is_empty() || own.iter().any(|one| one.as_str() == boundary) {
                hasher.add("boundary");
                hasher.add(&boundary);
            }
            for (aspect, digest) in digests.iter() {
                hasher.add(aspect.word());
                hasher.add(digest);
                let short = digest.chars().take(ASPECT_DIGITS).collect();
                parts.insert((boundary.clone(), aspect.word().to_owned()), short);
            }
        }
        Some(PerimeterDigest {
            whole: hasher.finish(),
            parts,
        })
    }

    fn standing(&self) -> &Standing<'d> {
        self.standing
            .get_or_init(|| Standing::new(self.difference, self.changes, self.origins))
    }

    fn of(&self, boundary: &BoundaryId, view: View) -> OfAspects {
        let key = (boundary.clone(), view);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let digests = self.digested(self.standing().around(boundary, view));
        self.known.borrow_mut().insert(key, digests.clone());
        digests
    }

    fn digested(&self, around: Around) -> OfAspects {
        let counts = |aspect: &Aspect| self.counts_what_is_told || !aspect.is_told_only();
        let digests = around.into_iter().filter(|(aspect, _)| counts(aspect));
        let digest = |lines: BTreeSet<Vec<String>>| {
            let mut hasher = Hasher::new();
            for line in lines {
                hasher.add("line");
                line.iter().for_each(|text| hasher.add(text));
            }
            hasher.finish()
        };
        Rc::new(
            digests
                .map(|(aspect, lines)| (aspect, digest(lines)))
                .collect(),
        )
    }
}

fn is_there(graph: &Graph, boundary: &BoundaryId) -> bool {
    match boundary {
        BoundaryId::Node(node) => graph.node(node).is_some(),
        BoundaryId::Link(link) => graph.link(link).is_some(),
    }
}

/// Hashes texts so that no two sequences of them look alike.
struct Hasher(Sha256);

impl Hasher {
    fn new() -> Self {
        Self(Sha256::new())
    }

    fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    fn finish(self) -> String {
        self.0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
