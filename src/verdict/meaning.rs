//! Where what a guarantee speaks of lies, and what its names mean: elsewhere, or something else, after a change.
//!
//! A network that stays as it was is no reason for a claim about a database that is not in it any more.

use std::collections::BTreeSet;

use crate::carveout::site::{Footprint, FootprintPart, Via};
use crate::change::Change;
use crate::change::moves::PassedName;
use crate::graph::{BoundaryId, NodeId};

use super::judge::Judge;

impl Judge<'_, '_> {
    /// What a change says of the things that a guarantee speaks of, in words.
    pub(super) fn things_touched(
        &self,
        footprint: &Footprint,
        change: &Change,
    ) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        for thing in &footprint.things {
            for identity in self.identities(&thing.boundary) {
                let touches = change.touched.get(&identity).into_iter().flatten();
                words.extend(touches.map(|touch| format!("{} {}", thing.name, touch.words)));
            }
        }
        words
    }

    /// What the name that a change passes on means to a guarantee that uses it.
    pub(super) fn meaning_changed(
        &self,
        footprint: &Footprint,
        text: &str,
        change: &Change,
    ) -> Option<String> {
        let name = change.passes_name.as_deref()?;
        let passed = self
            .names_passed(footprint, text)
            .find(|one| one.name == name)?;
        let [from, to] = passed.bearers(self.difference);
        Some(format!("`{name}` means {to} now (before: {from})"))
    }

    /// A footprint as its words mean it after the change: without what a name of theirs has passed from.
    pub(super) fn as_meant_after(&self, footprint: &Footprint, text: &str) -> Footprint {
        let mut footprint = footprint.clone();
        let passed: Vec<&PassedName> = self.names_passed(&footprint, text).collect();
        // Two that exchanged names are both still named where both names are in the words.
        let now: BTreeSet<&NodeId> = passed.iter().flat_map(|one| &one.to).collect();
        let left: BTreeSet<&NodeId> = passed
            .iter()
            .flat_map(|one| &one.from)
            .filter(|id| !now.contains(id))
            .collect();
        let is_left = |part: &FootprintPart| match &part.boundary {
            BoundaryId::Node(id) => left.contains(id),
            BoundaryId::Link(_) => false,
        };
        footprint.parts.retain(|part| !is_left(part));
        footprint
    }

    /// The names that mean something else after the change, of those that a footprint rests on by name.
    fn names_passed(&self, footprint: &Footprint, text: &str) -> impl Iterator<Item = &PassedName> {
        let named = footprint.parts.iter().chain(&footprint.things);
        let named = named.filter(|part| part.via != Via::Block);
        let is_by_words = named.clone().all(|part| part.via == Via::Named);
        let named: BTreeSet<NodeId> = named
            .filter_map(|part| match &part.boundary {
                BoundaryId::Node(id) => Some(id.clone()),
                BoundaryId::Link(_) => None,
            })
            .collect();
        let text = letters(text);
        let passed = self.difference.passed_names.iter();
        passed.filter(move |passed| {
            // Its words lead to both only if both bear the name, one before and one after.
            !named.is_disjoint(&passed.from)
                && !named.is_disjoint(&passed.to)
                && (!is_by_words || text.contains(&letters(&passed.name)))
        })
    }
}

/// A text without what spellings of a name differ in.
fn letters(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::*;
    use crate::verdict::Status;
    use crate::verdict::testing::under;

    fn networks_and(more: impl IntoIterator<Item = Piece>) -> Vec<Piece> {
        let networks = ["prod", "lab"].map(|name| network(name, []));
        networks.into_iter().chain(more).collect()
    }

    #[test]
    fn a_database_that_moves_falls_on_what_names_it_and_on_nothing_else_in_either_network() {
        let before = networks_and([thing("orders-db", "prod"), thing("cache", "prod")]);
        let after = networks_and([thing("orders-db", "lab"), thing("cache", "prod")]);
        let trial = under(&before, &after);
        let together = "orders talk to the database orders-db, both inside VPC prod";
        assert_eq!(trial.status(together), Status::Broken);
        assert_eq!(
            trial.status("orders-db is on our own network"),
            Status::MustRejustify
        );
        for other in ["inside VPC prod", "inside VPC lab", "cache inside VPC prod"] {
            assert_eq!(trial.status(other), Status::Unaffected, "{other}");
        }
    }

    #[test]
    fn what_lies_elsewhere_all_the_time_is_not_this_changes_fault() {
        let before = networks_and([thing("orders-db", "lab")]);
        let after = networks_and([thing("orders-db", "lab"), network("new", [])]);
        let together = "orders-db and its callers, all inside VPC prod";
        assert_eq!(under(&before, &after).status(together), Status::Unaffected);
    }

    #[test]
    fn a_name_that_means_another_network_is_to_be_re_justified_with_the_reason() {
        let named = |name: &str, called: &'static str| {
            network(name, []).with_node(move |node| node.name = Some(called.to_owned()))
        };
        let before = [
            named("one", "blue"),
            named("two", "green"),
            named("three", "red"),
        ];
        let after = [
            named("one", "green"),
            named("two", "blue"),
            named("three", "red"),
        ];
        let trial = under(&before, &after);
        let judged = trial.judged("stays inside VPC blue", Vec::new());
        assert_eq!(judged.status, Status::MustRejustify);
        assert!(
            judged
                .explanation
                .contains("`blue` means vpc two now (before: vpc one)"),
            "{}",
            judged.explanation
        );
        assert!(
            !judged.explanation.contains("`green`"),
            "{}",
            judged.explanation
        );
        assert_eq!(trial.status("stays inside VPC red"), Status::Unaffected);
    }

    #[test]
    fn claims_are_judged_on_what_the_name_means_after() {
        let named = |name: &str, called: &'static str| {
            network(name, []).with_node(move |node| node.name = Some(called.to_owned()))
        };
        let peered = || [network("other", []), peer("two", "other")];
        let networks = |first, second| {
            let networks = [named("one", first), named("two", second)].into_iter();
            networks.chain(peered()).collect::<Vec<_>>()
        };
        let (before, after) = (networks("blue", "green"), networks("green", "blue"));
        let trial = under(&before, &after);
        assert_eq!(trial.status("inside VPC blue, not peered"), Status::Broken);
        assert_eq!(
            trial.status("inside VPC green, not peered"),
            Status::MustRejustify
        );
    }
}
