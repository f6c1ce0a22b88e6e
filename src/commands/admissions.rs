//! What policies of a mesh let in from another domain, past its gateways.

use std::collections::BTreeSet;

use crate::change::diff::Snapshot;
use crate::graph::{BoundaryId, Graph, NodeId};
use crate::sources::manifests::Admission;
use crate::verdict::areas::{Area, Areas};
use crate::verdict::{Finding, Rule, Severity};

use super::binding::{Bound, Domain};
use super::manifests::written_at;
use super::network::Network;
use super::roots::Roots;
use super::survey::Survey;

/// Somebody of one domain who may call something of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Call {
    caller: NodeId,
    callee: NodeId,
    /// The domains of both, as indexes.
    domains: [usize; 2],
}

/// The domains of one snapshot, and what stands between them.
struct Domains<'d> {
    graph: &'d Graph,
    areas: Areas<'d>,
    gateways: BTreeSet<&'d NodeId>,
}

impl<'d> Domains<'d> {
    fn new(domains: &'d [Domain], snapshot: &'d Snapshot) -> Self {
        let areas: Vec<Area> = domains.iter().map(|one| one.area.clone()).collect();
        let gateways = domains.iter().flat_map(|one| &one.gateways);
        Self {
            graph: &snapshot.graph,
            areas: Areas::new(&snapshot.graph, &areas),
            gateways: gateways
                .filter_map(|gateway| match gateway {
                    BoundaryId::Node(id) => Some(id),
                    BoundaryId::Link(_) => None,
                })
                .collect(),
        }
    }

    fn is_at_gateway(&self, id: &NodeId) -> bool {
        let around = self.graph.ancestors_of(id);
        self.gateways.contains(id) || around.iter().any(|node| self.gateways.contains(&node.id))
    }

    /// The calls that an admission lets pass from one domain to another without a gateway at either end.
    fn calls(&self, admission: &Admission) -> BTreeSet<Call> {
        let ends = [&admission.callers, &admission.callees].map(|keys| {
            let nodes = keys.iter().filter_map(|key| self.graph.node_by_key(key));
            let ids = nodes.map(|node| &node.id);
            let open = ids.filter(|id| !self.is_at_gateway(id));
            open.map(|id| (id, self.areas.of(id))).collect::<Vec<_>>()
        });
        let [callers, callees] = &ends;
        let mut calls = BTreeSet::new();
        for (caller, from) in callers {
            for (callee, to) in callees {
                // What both share is a finding of its own.
                let (Some(first), Some(second)) = (from.first(), to.first()) else {
                    continue;
                };
                if from.is_disjoint(to) {
                    calls.insert(Call {
                        caller: (*caller).clone(),
                        callee: (*callee).clone(),
                        domains: [*first, *second],
                    });
                }
            }
        }
        calls
    }

    /// Whether some calls hold this one: by the very ends, or by what these lie in.
    fn is_among(&self, call: &Call, known: &BTreeSet<Call>) -> bool {
        let around = |id: &NodeId| {
            let ancestors = self.graph.ancestors_of(id).into_iter();
            let outer = ancestors.map(|node| node.id.clone());
            std::iter::once(id.clone()).chain(outer).collect::<Vec<_>>()
        };
        let callees = around(&call.callee);
        around(&call.caller).into_iter().any(|caller| {
            callees.iter().any(|callee| {
                known.contains(&Call {
                    caller: caller.clone(),
                    callee: callee.clone(),
                    domains: call.domains,
                })
            })
        })
    }
}

/// Policies that the change set lets callers of one domain call another past the gateways, with how many such were there before.
pub(super) fn admission_findings(
    network: &Network,
    surveys: &[Survey],
    roots: &Roots,
    bound: &Bound,
) -> (Vec<Finding>, usize) {
    let (mut findings, mut from_before) = (Vec::new(), 0);
    if bound.domains.is_empty() {
        return (findings, from_before);
    }
    let manifests = &network.manifests;
    let domains = Domains::new(&bound.domains, &network.before);
    let before = manifests.admissions_before.iter();
    let known: BTreeSet<Call> = before.flat_map(|one| domains.calls(one)).collect();
    let mut told: BTreeSet<Call> = BTreeSet::new();
    let domains = Domains::new(&bound.domains, &network.after);
    for admission in &manifests.admissions_after {
        let calls = domains.calls(admission);
        let is_fresh = |call: &&Call| !domains.is_among(call, &known);
        let fresh: BTreeSet<Call> = calls.iter().filter(is_fresh).cloned().collect();
        if fresh.is_empty() {
            from_before += usize::from(!calls.is_empty());
        }
        // What several policies let in is told of the first.
        let mut untold = fresh.difference(&told);
        let Some(first) = untold.next() else { continue };
        let more = untold.count();
        let written = written_at(&admission.source, admission.lines, surveys, roots);
        let unlocated = || {
            let settings = crate::location::Location::line(&bound.settings_file, 1);
            Some((surveys.first()?, settings))
        };
        if let Some((survey, location)) = written.or_else(unlocated) {
            let (message, help) = words(admission, first, more, bound, domains.graph);
            findings.push(Finding {
                repository: survey.name.clone(),
                location,
                rule: Rule::GatewayBypass,
                severity: Severity::Error,
                message,
                help,
                related: Vec::new(),
            });
        }
        told.extend(fresh);
    }
    (findings, from_before)
}

fn words(
    admission: &Admission,
    call: &Call,
    more: usize,
    bound: &Bound,
    graph: &Graph,
) -> (String, String) {
    let [from, to] = call.domains.map(|index| &bound.domains[index]);
    let name = |id: &NodeId| {
        let node = graph.node(id);
        node.map_or_else(
            || id.to_string(),
            |node| format!("{} {}", node.role, node.display_name()),
        )
    };
    let others = match more {
        0 => String::new(),
        more => format!(", and {more} more such calls"),
    };
    let message = format!(
        "domains {} and {} are joined past their gateways: {} lets {} call {}{others}",
        from.area.name,
        to.area.name,
        admission.policy,
        name(&call.caller),
        name(&call.callee),
    );
    let gateways: BTreeSet<&str> = [from, to]
        .iter()
        .flat_map(|one| &one.gateway_names)
        .map(String::as_str)
        .collect();
    let gateways: Vec<&str> = gateways.into_iter().collect();
    let help = if gateways.is_empty() {
        "let only callers of the own domain in, and others through a gateway that `domains` in the settings names".to_owned()
    } else {
        format!(
            "let only callers of the own domain in, and others through {}",
            gateways.join(" or ")
        )
    };
    (message, help)
}
