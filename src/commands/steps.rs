//! What the causes of changes are made of beside their own blocks, with the lines that the change set changes.

use std::collections::BTreeMap;

use crate::change::Change;
use crate::graph::origin::{OriginId, Step};

use super::network::Network;
use super::roots::Roots;
use super::survey::Survey;

/// The steps of every cause that has some.
pub(super) fn steps_of_causes(
    changes: &[Change],
    network: &Network,
    surveys: &[Survey],
    roots: &Roots,
) -> BTreeMap<OriginId, Vec<Step>> {
    let mut found = BTreeMap::new();
    for cause in changes.iter().flat_map(|change| &change.causes) {
        if found.contains_key(cause) {
            continue;
        }
        let origin = network.origins.get(*cause);
        let scope = network.scopes.iter().position(|one| *one == origin.stack);
        let root = scope.and_then(|index| roots.get(index)?.as_ref());
        let Some((index, directory)) = root else {
            continue;
        };
        let survey = &surveys[*index];
        let Some(head) = &survey.at_head.tree else {
            continue;
        };
        let base = survey.at_base.tree.as_ref();
        let address = origin.carrier.as_ref().unwrap_or(&origin.address);
        let run = (directory.as_str(), origin.stack.as_str());
        let mut steps = head.steps(base, run, address);
        if steps.is_empty()
            && let Some(base) = base
        {
            steps = base.steps(None, run, address);
        }
        if network.several_repositories {
            for step in &mut steps {
                step.location.path = format!("{}/{}", survey.name, step.location.path);
            }
        }
        if !steps.is_empty() {
            found.insert(*cause, steps);
        }
    }
    found
}
