//! Where in a sentence a name stands: beside a word of its kind, as a place, inside of something.

use std::ops::Range;

use super::Kind;
use super::spelling::is_arrow;

/// Labels that, beside a kind word, point at something else than what bears them: "this VPC", "the same network".
pub(super) const POINTING_WORDS: &[&str] = &[
    "all", "an", "any", "both", "each", "every", "its", "one", "our", "own", "same", "that", "the",
    "this",
];

/// Names that are also words of ordinary sentences ("the main reason", "internal traffic").
pub(super) const COMMON_WORDS: &[&str] = &[
    "app",
    "application",
    "base",
    "common",
    "core",
    "data",
    "database",
    "default",
    "external",
    "internal",
    "local",
    "main",
    "primary",
    "private",
    "public",
    "secondary",
    "service",
    "services",
    "shared",
    "test",
    "this",
    "traffic",
    "web",
];

/// Whether a word stands where a sentence names a place ("inside main, ...") rather than as part of something longer
/// ("the main reason").
pub(super) fn stands_as_a_place(words: &[String], first_word: usize, end_word: usize) -> bool {
    const BEHIND: &[&str] = &[
        "alone",
        "and",
        "as",
        "at",
        "but",
        "from",
        "in",
        "is",
        "itself",
        "never",
        "no",
        "not",
        "nowhere",
        "on",
        "only",
        "or",
        "over",
        "throughout",
        "to",
        "via",
        "which",
        "with",
        "without",
    ];
    let ends = words
        .get(end_word)
        .is_none_or(|word| BEHIND.contains(&word.as_str()) || is_arrow(word));
    begins_as_a_place(words, first_word) && ends
}

/// Whether what begins at a word stands behind what a place may follow.
pub(super) fn begins_as_a_place(words: &[String], first_word: usize) -> bool {
    const BEFORE: &[&str] = &[
        "and", "between", "from", "in", "inside", "into", "of", "or", "to", "with", "within",
    ];
    let mut before = words[..first_word].iter().rev();
    let mut word = before.next();
    if word.is_some_and(|word| matches!(word.as_str(), "the" | "our")) {
        word = before.next();
    }
    word.is_none_or(|word| BEFORE.contains(&word.as_str()) || is_arrow(word))
}

/// Whether what begins at a word is what a sentence says something stays inside.
pub(super) fn stands_inside(words: &[String], first_word: usize) -> bool {
    let mut before = words[..first_word].iter().rev();
    let mut word = before.next();
    if word.is_some_and(|word| word == "the") {
        word = before.next();
    }
    word.is_some_and(|word| matches!(word.as_str(), "inside" | "within"))
}

/// The kind that words beside a name say it is of, and which words: "vpc lagoon", "lagoon vpc", "transit gateway core",
/// "the VPC called lagoon".
pub(super) fn said_kind(
    words: &[String],
    first_word: usize,
    end_word: usize,
) -> Option<(Kind, Range<usize>)> {
    let is_called = first_word
        .checked_sub(1)
        .is_some_and(|index| matches!(words[index].as_str(), "called" | "named"));
    let first_word = if is_called {
        first_word - 1
    } else {
        first_word
    };
    let places = [
        first_word.checked_sub(2).map(|start| start..first_word),
        Some(end_word..end_word + 2),
        first_word.checked_sub(1).map(|start| start..first_word),
        Some(end_word..end_word + 1),
    ];
    places.into_iter().flatten().find_map(|place| {
        let phrase = words.get(place.clone())?.join(" ");
        kind_of_word(&phrase).map(|kind| (kind, place))
    })
}

/// The kind that ends or began the list a name stands in: "the data and lake VPCs". How far the word may be is bounded.
pub(super) fn kind_of_list(words: &[String], end_word: usize) -> Option<(Kind, Range<usize>)> {
    const MOST_WORDS: usize = 6;
    if !is_joining(words.get(end_word)?) {
        return None;
    }
    let rest = words[end_word..].iter().take(MOST_WORDS).enumerate();
    for (offset, word) in rest {
        let is_plural = word.ends_with('s') && kind_of_word(word).is_some();
        if is_plural {
            let index = end_word + offset;
            return kind_of_word(word).map(|kind| (kind, index..index + 1));
        }
        if kind_of_word(word).is_some() {
            return None;
        }
    }
    None
}

/// Whether a word joins two names into a list.
pub(in crate::carveout) fn is_joining(word: &str) -> bool {
    matches!(word, "and" | "or" | "nor" | "&" | "+" | "/")
}

/// The kind that a word, or two, speak of.
pub(in crate::carveout) fn kind_of_word(word: &str) -> Option<Kind> {
    Some(match word {
        "vpc" | "vpcs" | "vnet" | "vnets" | "vcn" | "vcns" | "network" | "networks"
        | "virtual network" | "virtual networks" => Kind::Network,
        "subnet" | "subnets" | "subnetwork" | "subnetworks" => Kind::Subnet,
        "transit gateway" | "transit gateways" | "tgw" | "hub" | "hubs" | "core network"
        | "virtual hub" => Kind::Hub,
        "peering" | "peerings" | "vpn" | "vpns" | "tunnel" | "tunnels" | "interconnect"
        | "interconnects" | "vpn connection" | "vpn tunnel" | "peering connection"
        | "direct connect" | "connect connection" => Kind::Link,
        "cluster" | "clusters" => Kind::Cluster,
        "namespace" | "namespaces" | "ns" => Kind::Namespace,
        "workload" | "workloads" | "deployment" | "deployments" | "statefulset" | "daemonset"
        | "pod" | "pods" | "service" => Kind::Workload,
        "trust domain" | "trust domains" => Kind::TrustDomain,
        "mesh" | "service mesh" => Kind::Mesh,
        _ => return None,
    })
}
