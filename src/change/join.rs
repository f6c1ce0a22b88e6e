//! What differs at several places and is one change to a person: both directions of a link, and a line with its gateway.

use std::collections::BTreeMap;

use crate::graph::node::{Forwards, NodeKind};
use crate::graph::{LinkId, NodeId};

use super::diff::Difference;
use super::subject::{Group, Subject};

/// Two sides that come to call each other, or stop, are one change.
pub(super) fn join_ways_back<'d>(
    difference: &Difference<'_>,
    groups: &mut BTreeMap<Subject, Group<'d>>,
) {
    let links = groups.keys().filter_map(|subject| match subject {
        Subject::Link(link) => Some((link.clone(), difference.way_back(link)?)),
        _ => None,
    });
    let both_ways: Vec<_> = links.filter(|(link, back)| link < back).collect();
    for (link, back) in both_ways {
        if let Some(other) = groups.remove(&Subject::Link(back)) {
            let group = groups.entry(Subject::Link(link)).or_default();
            group.facts.extend(other.facts);
            group.reach.extend(other.reach);
        }
    }
}

/// A line to the outside that comes or goes together with the gateway it ends at is one change with that, and with what joins the
/// gateway to its network: nobody makes any of them for itself.
pub(super) fn join_gateways<'d>(
    difference: &Difference<'_>,
    groups: &mut BTreeMap<Subject, Group<'d>>,
) {
    let is_one_sided = |subject: &Subject| match subject {
        Subject::Link(link) => difference.is_one_sided(&difference.known_link(link)),
        _ => false,
    };
    let ends = |link: &LinkId| {
        let graphs = [&difference.after.graph, &difference.before.graph];
        graphs.into_iter().find_map(|graph| graph.ends(link))
    };
    let mut lines: BTreeMap<NodeId, Vec<LinkId>> = BTreeMap::new();
    let mut attachments: BTreeMap<NodeId, Vec<LinkId>> = BTreeMap::new();
    for subject in groups.keys().filter(|subject| is_one_sided(subject)) {
        let Subject::Link(link) = subject else {
            continue;
        };
        let all = match link.as_str().split('/').next() {
            Some("vpn" | "interconnect") => &mut lines,
            _ => &mut attachments,
        };
        let hubs = ends(link).into_iter().flatten();
        // A hub with tables is there to join networks with each other.
        let gateways =
            hubs.filter(|end| end.kind == NodeKind::Hub && end.forwards != Forwards::ByTables);
        for gateway in gateways {
            all.entry(gateway.id.clone())
                .or_default()
                .push(link.clone());
        }
    }
    for (gateway, lines) in lines {
        let subject = Subject::Boundary(gateway.clone());
        let Some(line) = lines.first().filter(|_| groups.contains_key(&subject)) else {
            continue;
        };
        let attached = attachments.remove(&gateway).unwrap_or_default();
        if attached.len() > 1 {
            continue;
        }
        let attached = attached.into_iter();
        let parts = std::iter::once(subject).chain(attached.map(Subject::Link));
        let parts: Vec<Group<'d>> = parts.filter_map(|part| groups.remove(&part)).collect();
        let group = groups.entry(Subject::Link(line.clone())).or_default();
        for part in parts {
            group.facts.extend(part.facts);
            group.reach.extend(part.reach);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::node::Forwards;
    use crate::graph::testing::*;

    /// The changes between two networks, by their summaries.
    fn summaries(before: &[Piece], after: &[Piece]) -> Vec<String> {
        let changes = Scene::new(before, after).changes().into_iter();
        changes
            .map(|change| format!("{}: {}", change.category.word(), change.summary))
            .collect()
    }

    #[test]
    fn a_line_that_comes_with_its_gateway_is_one_change_and_one_at_a_gateway_that_was_there_is_too()
    {
        let gateway = || {
            [
                hub_forwarding("g", Forwards::BetweenOutsideAndInside),
                attach("a", "g"),
            ]
        };
        let alone = vec![network("a", [])];
        let idle = [alone.clone(), gateway().to_vec()].concat();
        let used = [idle.clone(), vec![vpn("oslo", "g")]].concat();
        for before in [&alone, &idle] {
            let told = summaries(before, &used);
            assert!(
                matches!(told.as_slice(), [only] if only.starts_with("vpn: VPN added")),
                "{told:?}"
            );
        }
        // Without a line there is no other change to be part of; a hub between networks stands for itself.
        assert_eq!(summaries(&alone, &idle).len(), 2);
        let hub = [
            alone.clone(),
            vec![
                hub_forwarding("t", Forwards::ByTables),
                attach("a", "t"),
                vpn("oslo", "t"),
            ],
        ];
        assert_eq!(summaries(&alone, &hub.concat()).len(), 3);
    }
}
