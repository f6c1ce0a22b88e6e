//! A guarantee held against two networks, for the tests of this room.

use crate::carveout::footprint::{Surroundings, bind_with_ground};
use crate::carveout::guarantee::Guarantee;
use crate::carveout::ledger::Receipt;
use crate::carveout::names::NameIndex;
use crate::carveout::site::CarveOut;
use crate::change::compare;
use crate::graph::testing::{Piece, Scene};
use crate::location::Location;
use crate::settings::Policy;

use super::ground::Digests;
use super::judge::{Case, Fate, Judge};
use super::{Judged, Status};

/// A guarantee under a change, with what became of its words.
pub(super) struct Trial<'t> {
    pub(super) before: &'t [Piece],
    pub(super) after: &'t [Piece],
    pub(super) fate: Fate,
    pub(super) policy: Policy,
}

impl Trial<'_> {
    pub(super) fn status(&self, guarantee: &str) -> Status {
        self.judged(guarantee, Vec::new()).status
    }

    pub(super) fn judged(&self, guarantee: &str, receipts: Vec<Receipt>) -> Judged {
        self.judged_by(guarantee, None, receipts)
    }

    /// The same of words that meant at base what `at_base` says.
    pub(super) fn held_to(&self, guarantee: &str, at_base: &str) -> Judged {
        self.judged_by(guarantee, Some(at_base), Vec::new())
    }

    fn judged_by(&self, guarantee: &str, at_base: Option<&str>, receipts: Vec<Receipt>) -> Judged {
        let scene = Scene::new(self.before, self.after);
        let difference = compare(&scene.before, &scene.after, &scene.origins);
        let changes = scene.changes();
        let graphs = [&scene.before.graph, &scene.after.graph];
        let names = NameIndex::new(&graphs);
        let read = Guarantee::read(guarantee, &names);
        let judge = Judge {
            difference: &difference,
            changes: &changes,
            policy: &self.policy,
            digests: &Digests::new(&difference, &changes, &scene.origins, &self.policy),
            names_after: &NameIndex::new(&[&scene.after.graph]),
        };
        let (footprint, ground) = bind_with_ground(&read, &Surroundings::default(), &graphs);
        let carve_out = CarveOut {
            id: "1".to_owned(),
            repository: "r".to_owned(),
            location: Location::line("a.rs", 1),
            guarantee: guarantee.to_owned(),
            justification: "because".to_owned(),
            footprint,
            owners: Vec::new(),
            last_justified: None,
            excerpt: Vec::new(),
            permalink: None,
        };
        let mut case = Case {
            carve_out,
            guarantee: read,
            ground,
            footprint_at_base: None,
            fate: self.fate,
            receipts,
        };
        if let Some(at_base) = at_base {
            let read = Guarantee::read(at_base, &names);
            case.hold_to(bind_with_ground(&read, &Surroundings::default(), &graphs).0);
        }
        judge.status(case)
    }
}

/// Words that stay under a change, by the policy that holds where nothing is set.
pub(super) fn under<'t>(before: &'t [Piece], after: &'t [Piece]) -> Trial<'t> {
    Trial {
        before,
        after,
        fate: Fate::Same,
        policy: Policy::default(),
    }
}
