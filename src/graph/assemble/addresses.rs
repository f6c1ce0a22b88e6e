//! What is named by addresses only: the described networks that hold them.

use std::collections::BTreeSet;

use ipnet::IpNet;
use petgraph::graph::NodeIndex;

use super::super::fragment::End;
use super::super::identity::{Key, Reference};
use super::super::node::{NodeKind, Standing};
use super::super::table::Destination;
use super::links::LinkGroup;
use super::{Assembly, parse_prefix};

impl Assembly {
    /// The addresses of described networks, once all that adds some is read.
    pub(super) fn survey_addresses(&mut self) {
        let mut spaces = BTreeSet::new();
        for &index in self.graph.by_id.values() {
            let node = &self.graph.inner[index];
            let holds = matches!(node.kind, NodeKind::Network | NodeKind::Subnet)
                && node.standing == Standing::Described;
            if holds {
                for network in self.graph.network_indices(index) {
                    let prefixes = node.address_space.prefixes.iter();
                    spaces.extend(prefixes.map(|prefix| (*prefix, network)));
                }
            }
        }
        self.spaces = spaces.into_iter().collect();
    }

    /// The described networks to which an address, a range or a URL leads. A name and a default route lead to none.
    pub(super) fn networks_at(&self, text: &str) -> BTreeSet<NodeIndex> {
        let Some(wanted) = address_in(text).filter(|net| net.prefix_len() > 0) else {
            return BTreeSet::new();
        };
        let meeting = self
            .spaces
            .iter()
            .filter(|(own, _)| own.contains(&wanted) || wanted.contains(own));
        meeting.map(|(_, network)| *network).collect()
    }

    /// Let ends outside that are addresses of described networks be those networks: each of them, where several hold them.
    pub(super) fn place_ends(&self, groups: &mut [LinkGroup]) {
        let ends = groups
            .iter_mut()
            .flat_map(|group| &mut group.declarations)
            .flat_map(|declaration| &mut declaration.ends);
        for end in ends {
            let Some((key, text)) = addressed(end) else {
                continue;
            };
            if self.graph.by_key.contains_key(key) {
                continue;
            }
            let networks = self.networks_at(text).into_iter();
            let keys: Vec<Key> = networks
                .filter_map(|index| self.graph.inner[index].keys.first().cloned())
                .collect();
            if keys.is_empty() {
                continue;
            }
            end.reference = match keys.as_slice() {
                [only] => Reference::To(only.clone()),
                _ => Reference::OneOf(keys),
            };
            end.kind = NodeKind::Network;
            end.role = "network".to_owned();
        }
    }
}

impl LinkGroup {
    /// Whether an end may be an address and nothing more.
    pub(super) fn has_addressed_end(&self) -> bool {
        let mut ends = self.declarations.iter().flat_map(|one| &one.ends);
        ends.any(|end| addressed(end).is_some_and(|(_, text)| address_in(text).is_some()))
    }
}

/// The identifier of an end outside, and what of it the provider does not put before all.
fn addressed(end: &End) -> Option<(&Key, &str)> {
    let is_outside = end.kind == NodeKind::External && !end.around;
    match &end.reference {
        Reference::To(key @ Key::Provider(id)) if is_outside => Some((
            key,
            id.split_once(':').map_or(id.as_str(), |(_, text)| text),
        )),
        _ => None,
    }
}

/// The address or range that a text is or, in a URL, leads to: `10.1.0.0/16`, `http://10.1.0.5:8080/stock`.
fn address_in(text: &str) -> Option<IpNet> {
    let prefix = |text: &str| match parse_prefix(text) {
        Destination::Prefix(prefix) => Some(prefix),
        _ => None,
    };
    if let Some(whole) = prefix(text) {
        return Some(whole);
    }
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or(host);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(inside) => prefix(inside.split_once(']')?.0),
        None => prefix(host.rsplit_once(':').map_or(host, |(host, _)| host)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::testing::*;

    use super::*;

    #[test]
    fn an_address_may_stand_in_a_url_and_a_name_is_none() {
        for (text, expected) in [
            ("10.1.0.0/16", "10.1.0.0/16"),
            ("http://10.1.0.5:8080/stock", "10.1.0.5/32"),
            ("tcp://user@10.1.0.5", "10.1.0.5/32"),
            ("https://[fd00::1]:443", "fd00::1/128"),
        ] {
            assert_eq!(address_in(text).unwrap().to_string(), expected);
        }
        for name in [
            "http://stock:8080",
            "http_status:404",
            "",
            "://",
            "[",
            "10.1.0",
        ] {
            assert_eq!(address_in(name), None, "{name}");
        }
    }

    #[test]
    fn a_line_to_addresses_of_described_networks_leads_to_those() {
        let reached = |addresses: &str| {
            let line = vpn(addresses, "t");
            let pieces = [
                hub("t"),
                network("a", ["10.1.0.0/16"]),
                network("b", ["10.2.0.0/16"]),
                line,
            ];
            let graph = graph(&pieces);
            let names = ["a", "b"].into_iter();
            names
                .filter(|name| {
                    let index = graph.index(&network_id(name)).unwrap();
                    !graph.links_at(index).is_empty()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(reached("10.1.3.0/24"), ["a"]);
        assert!(reached("10.3.0.0/16").is_empty());
        assert!(reached("0.0.0.0/0").is_empty());
        assert!(reached("oslo").is_empty());
    }
}
