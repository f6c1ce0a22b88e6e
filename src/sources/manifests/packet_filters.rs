//! What packet filters of several policies come to, for every system that has any: NetworkPolicies of Cilium and Calico, and
//! those of whole clusters.
//!
//! A policy's rules are compared as a set or, where their order counts, as a sequence: what is written the same way at another
//! place, or split over more policies, is the same. Peers are compared as they are written, not as what they select.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;

use super::declare::{Boundary, Declarations, Extent, Statement};
use super::estate::{Cluster, Workload};
use super::object::Object;

/// What a policy is for.
pub(super) enum Target<'t> {
    /// All pods of the cluster.
    Cluster,
    /// All pods of some namespaces.
    Namespaces(BTreeSet<String>),
    /// Some pods.
    Pods {
        /// Where they are, as far as it is told.
        around: Boundary,
        /// Which, in words.
        words: String,
        /// Whether a workload makes such pods.
        selects: Box<dyn Fn(&Workload<'_>) -> bool + 't>,
    },
}

/// What a policy says of one direction.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    /// What to do with which traffic, in the order of the text.
    pub(super) rules: Vec<(&'static str, String)>,
    /// What no rule of any policy lets through is refused.
    pub(super) closes: bool,
}

/// A policy.
pub(super) struct Policy<'m, 't> {
    pub(super) object: &'m Object,
    pub(super) target: Target<'t>,
    /// For traffic in and traffic out; `None`: it says nothing of that.
    pub(super) directions: [Option<Rules>; 2],
    /// Where it stands among the others, if order counts: its tier, at the end of which what is closed is refused, and its place
    /// in that.
    pub(super) rank: (i64, String),
}

/// State what policies of one system let through: of the cluster, of every namespace and of every workload that one is about.
pub(super) fn declare(
    system: &str,
    cluster: &Cluster<'_>,
    policies: &[Policy<'_, '_>],
    order_counts: bool,
    declarations: &mut Declarations<'_>,
) {
    let set = Set {
        system,
        order_counts,
    };
    let for_all: Vec<&Policy<'_, '_>> = policies
        .iter()
        .filter(|one| matches!(one.target, Target::Cluster))
        .collect();
    if !for_all.is_empty() {
        let boundary = Boundary::Cluster(cluster.name.clone());
        set.state(&boundary, "", &for_all, None, declarations);
    }
    let named: BTreeSet<&String> = policies
        .iter()
        .filter_map(|one| match &one.target {
            Target::Namespaces(names) => Some(names),
            _ => None,
        })
        .flatten()
        .collect();
    let is_of = |one: &Policy<'_, '_>, namespace: Option<&str>| match &one.target {
        Target::Cluster => true,
        Target::Namespaces(names) => namespace.is_some_and(|name| names.contains(name)),
        Target::Pods { .. } => false,
    };
    for namespace in named {
        let of_it: Vec<&Policy<'_, '_>> = policies
            .iter()
            .filter(|one| is_of(one, Some(namespace)))
            .collect();
        if cluster.namespaces.contains_key(namespace) {
            let boundary = Boundary::Namespace(cluster.name.clone(), Some(namespace.clone()));
            set.state(&boundary, "", &of_it, None, declarations);
        } else {
            // No file has anything in it: the cluster speaks for it.
            let boundary = Boundary::Cluster(cluster.name.clone());
            let whose = format!(" of namespace {namespace}");
            set.state(&boundary, &whose, &of_it, None, declarations);
        }
    }
    let mut seen = BTreeSet::new();
    // By where they are, and which they are: what selects nothing that is among the files.
    let mut unseen: BTreeMap<(Boundary, String), Vec<&Policy<'_, '_>>> = BTreeMap::new();
    for workload in &cluster.workloads {
        let namespace = workload.identity().namespace.as_deref();
        let chosen = |one: &Policy<'_, '_>| matches!(&one.target, Target::Pods { selects, .. } if selects(workload));
        if !policies.iter().any(chosen) {
            continue;
        }
        let mut of_it = Vec::new();
        for (index, policy) in policies.iter().enumerate() {
            if chosen(policy) {
                seen.insert(index);
                of_it.push(policy);
            } else if is_of(policy, namespace) {
                of_it.push(policy);
            }
        }
        let boundary = Boundary::of(workload);
        set.state(&boundary, "", &of_it, Some(&boundary), declarations);
    }
    for (index, policy) in policies.iter().enumerate() {
        if let (false, Target::Pods { around, words, .. }) = (seen.contains(&index), &policy.target)
        {
            let place = (around.clone(), format!(" of pods with {words}"));
            unseen.entry(place).or_default().push(policy);
        }
    }
    for ((around, whose), policies) in unseen {
        set.state(&around, &whose, &policies, None, declarations);
    }
}

/// The most pairs of peer and port that one rule is told in.
const MAX_PAIRS: usize = 4_096;

/// A rule as pairs of peer and port, so that rules split or joined compare equal; a rule of very many as it is.
pub(super) fn pairs(mut peers: Vec<String>, mut ports: Vec<String>) -> Vec<String> {
    if peers.len().saturating_mul(ports.len()) > MAX_PAIRS {
        peers.sort_unstable();
        ports.sort_unstable();
        return vec![format!("{} on {}", peers.join(" or "), ports.join(" or "))];
    }
    let pairs = peers
        .iter()
        .flat_map(|peer| ports.iter().map(move |port| format!("{peer} on {port}")));
    pairs.collect()
}

/// Whose policies they are.
struct Set<'s> {
    system: &'s str,
    order_counts: bool,
}

impl Set<'_> {
    fn state(
        &self,
        boundary: &Boundary,
        whose: &str,
        policies: &[&Policy<'_, '_>],
        carrier: Option<&Boundary>,
        declarations: &mut Declarations<'_>,
    ) {
        let mut ranked = policies.to_vec();
        if self.order_counts {
            ranked.sort_by(|a, b| a.rank.cmp(&b.rank));
        }
        for (direction, word) in ["in", "out"].into_iter().enumerate() {
            let (deciding, tiers): (Vec<(&Object, &Rules)>, Vec<i64>) = ranked
                .iter()
                .filter_map(|one| {
                    let rules = one.directions[direction].as_ref()?;
                    Some(((one.object, rules), one.rank.0))
                })
                .unzip();
            if deciding.is_empty() {
                continue;
            }
            let mut rules: Vec<(&str, &str)> = Vec::new();
            let mut closes = false;
            for (index, (_, own)) in deciding.iter().enumerate() {
                if closes && self.order_counts && index > 0 && tiers[index] != tiers[index - 1] {
                    rules.push(("deny", "what is left of that tier"));
                    closes = false;
                }
                closes |= own.closes;
                rules.extend(
                    own.rules
                        .iter()
                        .map(|(action, what)| (*action, what.as_str())),
                );
            }
            if self.order_counts {
                // Neighbours that do the same may change places.
                for run in rules.chunk_by_mut(|a, b| a.0 == b.0) {
                    run.sort_unstable();
                }
            } else {
                rules.sort_unstable();
            }
            rules.dedup();
            let rest = if closes {
                "nothing else"
            } else {
                "whatever no rule is about"
            };
            let mut value: Vec<String> = rules
                .iter()
                .map(|(action, what)| format!("{action} {what}"))
                .collect();
            value.push(rest.to_owned());
            let names: BTreeSet<&str> = deciding
                .iter()
                .map(|(object, _)| object.identity.name.as_str())
                .collect();
            let names: Vec<&str> = names.into_iter().collect();
            let sorts = match (rules.as_slice(), closes) {
                ([], true) => "lets nothing".to_owned(),
                ([("allow", "anything")], true) => "lets anything".to_owned(),
                ([("allow", what)], true) => format!("lets only {what}"),
                ([_], true) => "lets only what one rule allows".to_owned(),
                (_, true) => format!("lets only what {} rules allow", rules.len()),
                ([_], false) => "has a rule on what goes".to_owned(),
                (_, false) => format!("has {} rules on what goes", rules.len()),
            };
            let policy = if names.len() == 1 {
                "policy"
            } else {
                "policies"
            };
            let system = self.system;
            declarations.state_as(
                std::slice::from_ref(boundary),
                Statement {
                    topic: Topic::Filter,
                    about: format!("filter {word}{whose} by {system}"),
                    matter: format!("packet filter by {system}"),
                    value: value.join(", "),
                    // Each that is there closes; how far two sets of rules differ is for a person to say.
                    openness: -1,
                    words: format!(
                        "{sorts} {word}{whose} by {system} {policy} {}",
                        names.join(", ")
                    ),
                    origins: declarations.origins_of(deciding.iter().map(|(object, _)| *object)),
                },
                Extent {
                    lasts_with: carrier.cloned(),
                    ..Extent::default()
                },
            );
        }
    }
}
