//! Whether a host that traffic in the clear goes to is outside the organisation.
//!
//! Addresses tell it by their range. Of names, the settings know best (`internal_domains`, `external`); else a name that the public
//! DNS cannot hold is inside, by the list of public suffixes (<https://publicsuffix.org>), and one that it can hold is outside.
//! Where a name may be either, that is what is said. A suffix that was delegated after the list was built in counts as inside.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::graph::Graph;
use crate::graph::fragment::FarSide;
use crate::graph::node::{NodeKind, Standing};
use crate::settings::{Settings, bare_domain};

/// Where something is, the farthest last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whereabouts {
    /// Nothing tells that it is outside.
    Inside,
    /// It may be outside.
    Either {
        /// The host.
        host: String,
        /// Why nobody can tell, as a clause.
        why: &'static str,
    },
    /// Outside, and no setting of ours could tell otherwise.
    Outside,
    /// Outside by its name: the settings do not say that it is the organisation's own.
    PublicName(String),
}

impl Whereabouts {
    /// How far out: what goes farther than before is new.
    #[must_use]
    pub fn distance(&self) -> u8 {
        match self {
            Self::Inside => 0,
            Self::Either { .. } => 1,
            Self::Outside | Self::PublicName(_) => 2,
        }
    }
}

/// What is known of hosts.
#[derive(Debug, Default)]
pub struct KnownHosts {
    /// Ends of names, in small letters, with whether they are outside.
    domains: Vec<(String, bool)>,
    /// Ranges of parties outside.
    parties: Vec<IpNet>,
    /// Ranges of networks that are described.
    networks: Vec<IpNet>,
    /// Names that settings give, and those of what is called by its name in the network described.
    names: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

/// Providers call their customers' services by names below these, those that only their own networks reach too.
const OF_CUSTOMERS: &[&str] = &[
    "aliyuncs.com",
    "amazonaws.com",
    "amazonaws.com.cn",
    "appdomain.cloud",
    "azure.com",
    "azure.net",
    "cloud.goog",
    "confluent.cloud",
    "googleapis.com",
    "hashicorp.cloud",
    "mongodb.net",
    "ondigitalocean.com",
    "oraclecloud.com",
    "oraclevcn.com",
    "snowflakecomputing.com",
    "windows.net",
];

/// Suffixes that nobody would call a namespace of a cluster.
const PLAINLY_PUBLIC: &[&str] = &["com", "edu", "gov", "info", "int", "mil", "net", "org"];

impl KnownHosts {
    /// What settings and both snapshots of a network tell.
    #[must_use]
    pub fn new(settings: &Settings, graphs: &[&Graph]) -> Self {
        let mut known = Self::default();
        let own = settings.internal_domains.iter().map(|name| (name, false));
        let parties = settings.external.iter().flat_map(|party| &party.domains);
        for (name, is_outside) in own.chain(parties.map(|name| (name, true))) {
            known.domains.push((bare_domain(name), is_outside));
        }
        known.parties = settings
            .external
            .iter()
            .flat_map(|party| party.cidrs.iter().copied())
            .collect();
        let aliases = settings.aliases.keys().map(|alias| alias.to_lowercase());
        known.names.extend(aliases);
        for node in graphs.iter().flat_map(|graph| graph.nodes()) {
            let Some(name) = &node.name else { continue };
            // A trust domain, a workload or a network may bear any name: nobody is called by it. What others merely name is
            // not ours for that.
            let is_host = matches!(
                node.kind,
                NodeKind::LoadBalancer | NodeKind::Service | NodeKind::Gateway | NodeKind::Cluster
            );
            let is_described = node.standing == Standing::Described;
            match node.kind {
                NodeKind::Namespace => {
                    known.namespaces.insert(name.to_lowercase());
                }
                _ if is_host && is_described && name.contains('.') => {
                    known.names.insert(name.to_lowercase());
                }
                _ => {}
            }
        }
        let networks = graphs.iter().flat_map(|graph| graph.nodes());
        let networks = networks
            .filter(|node| node.kind == NodeKind::Network && node.standing == Standing::Described);
        known.networks = networks
            .flat_map(|node| node.address_space.prefixes.iter().copied())
            .collect();
        known
    }

    /// Where the other side of some traffic is: of several hosts, the farthest counts.
    #[must_use]
    pub fn whereabouts(&self, far_side: &FarSide) -> Whereabouts {
        match far_side {
            FarSide::NotTold => Whereabouts::Inside,
            FarSide::Outside => Whereabouts::Outside,
            FarSide::Hosts(hosts) => {
                let all = hosts.iter().map(|host| self.of_host(host));
                all.max_by_key(Whereabouts::distance)
                    .unwrap_or(Whereabouts::Inside)
            }
        }
    }

    fn of_host(&self, told: &str) -> Whereabouts {
        if told.starts_with("unix:") || told.starts_with('/') {
            return Whereabouts::Inside;
        }
        let host = without_port(told).trim_end_matches('.').to_lowercase();
        if let Some(range) = range(&host) {
            return self.of_range(range);
        }
        let name = host.strip_prefix("*.").unwrap_or(&host);
        let may_be = |why| Whereabouts::Either {
            host: name.to_owned(),
            why,
        };
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !name.chars().all(is_name) {
            return may_be("what it stands for is put in later");
        }
        if self.names.contains(name) {
            return Whereabouts::Inside;
        }
        let told = self
            .domains
            .iter()
            .filter(|(domain, _)| lies_below(name, domain));
        if let Some((_, is_outside)) = told.max_by_key(|(domain, _)| domain.len()) {
            return if *is_outside {
                Whereabouts::Outside
            } else {
                Whereabouts::Inside
            };
        }
        let Some((_, last)) = name.rsplit_once('.') else {
            let is_number = name.chars().all(|c| c.is_ascii_digit()) || name.starts_with("0x");
            return if is_number && !name.is_empty() {
                may_be("it is an address in other digits")
            } else {
                Whereabouts::Inside
            };
        };
        if last.chars().all(|c| c.is_ascii_digit()) {
            return may_be("it is an address in other digits");
        }
        let is_short = name.matches('.').count() == 1;
        if is_short && self.namespaces.contains(last) || lies_below(name, "home.arpa") {
            return Whereabouts::Inside;
        }
        // Reserved to stand for names of the public DNS in documents.
        let is_example = last == "example";
        let kind = psl::suffix(name.as_bytes()).and_then(|suffix| suffix.typ());
        if kind.is_none() && !is_example {
            return Whereabouts::Inside;
        }
        if kind == Some(psl::Type::Private)
            || OF_CUSTOMERS.iter().any(|domain| lies_below(name, domain))
        {
            return may_be(
                "providers call their customers' own services so, in private networks too",
            );
        }
        if is_short && !is_example && !PLAINLY_PUBLIC.contains(&last) {
            return may_be("a cluster calls the services of a namespace so, too");
        }
        Whereabouts::PublicName(name.to_owned())
    }

    fn of_range(&self, range: IpNet) -> Whereabouts {
        let holds = |all: &[IpNet]| all.iter().any(|one| one.contains(&range));
        let is_foreign = is_of_the_internet(range.addr()) && !holds(&self.networks);
        if holds(&self.parties) || is_foreign {
            Whereabouts::Outside
        } else {
            Whereabouts::Inside
        }
    }
}

fn lies_below(name: &str, domain: &str) -> bool {
    let rest = name.strip_suffix(domain);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) && !domain.is_empty()
}

fn without_port(host: &str) -> &str {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner);
    }
    match host.split_once(':') {
        // More than one colon: an address of version 6 without a port.
        Some((name, port)) if !port.contains(':') => name,
        _ => host,
    }
}

fn range(host: &str) -> Option<IpNet> {
    let of_one = |address: IpAddr| IpNet::from(address.to_canonical());
    host.parse().map(of_one).or_else(|_| host.parse()).ok()
}

/// Whether an address is reached over the internet by whoever does not have it himself.
fn is_of_the_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            let [first, second, ..] = four.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(four.is_private()
                || four.is_loopback()
                || four.is_link_local()
                || four.is_multicast()
                || first == 0
                || first >= 240
                || is_shared)
        }
        IpAddr::V6(six) => {
            !(six.is_loopback()
                || six.is_unspecified()
                || six.is_multicast()
                || six.is_unique_local()
                || six.is_unicast_link_local())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::graph::testing::*;

    use super::*;

    fn known(settings: &str) -> KnownHosts {
        let settings = Settings::parse("perimeter.yaml", settings).unwrap();
        let graph = graph(&[network("own", ["10.1.0.0/16", "198.18.0.0/15"])]);
        KnownHosts::new(&settings, &[&graph])
    }

    #[track_caller]
    fn check(known: &KnownHosts, distance: u8, hosts: &[&str]) {
        for host in hosts {
            let found = known.whereabouts(&FarSide::at([*host]));
            assert_eq!(found.distance(), distance, "{host}: {found:?}");
        }
    }

    #[test]
    fn addresses_are_outside_by_their_range_unless_a_known_network_has_them() {
        let known = known("");
        check(
            &known,
            2,
            &[
                "8.8.8.8:80",
                "203.0.113.0/24",
                "[2001:4860::1]:80",
                "::ffff:8.8.8.8",
            ],
        );
        check(
            &known,
            0,
            &[
                "10.0.0.1",
                "192.168.1.1:80",
                "100.64.0.1",
                "fd00::1",
                "198.18.7.7:80",
                "127.0.0.1",
                "unix:///run/db",
            ],
        );
        check(&known, 1, &["134744072", "127.1", "0x08080808"]);
    }

    #[test]
    fn names_of_the_public_dns_are_outside_and_names_it_cannot_hold_are_not() {
        let known = known("");
        check(
            &known,
            2,
            &[
                "api.vendor.com:80",
                "API.Vendor.Com.",
                "vendor.com",
                "*.vendor.co.uk",
                "rates.vendor.example",
            ],
        );
        check(
            &known,
            0,
            &[
                "ledger:80",
                "ledger.payments:80",
                "ledger.payments.svc.cluster.local",
                "db.service.consul",
                "x.mesh",
                "a.b.internal",
                "nas.lan",
                "ad.corp",
                "router.home.arpa",
                "host.docker.internal",
            ],
        );
    }

    #[test]
    fn a_name_that_may_be_either_is_said_to_be() {
        let known = known("");
        check(
            &known,
            1,
            &[
                "stock.shop",
                "db.abc.eu-west-1.rds.amazonaws.com:5432",
                "shop.privatelink.database.windows.net",
                "acme.github.io",
                "${HOST}",
            ],
        );
    }

    #[test]
    fn what_the_settings_say_of_a_name_counts_and_the_longest_end_wins() {
        let known = known(
            "internal_domains: [Acme.com, \"*.db.net\"]\naliases: {ledger.bank.com: own}\nexternal:\n- {name: partner, \
             domains: [partner.acme.com], cidrs: [10.9.0.0/16]}\n",
        );
        check(
            &known,
            0,
            &["api.acme.com", "acme.com", "x.db.net", "ledger.bank.com"],
        );
        check(
            &known,
            2,
            &["in.partner.acme.com", "10.9.1.1", "notacme.com", "bank.com"],
        );
    }

    #[test]
    fn a_name_of_the_network_is_inside_where_it_is_called_by_it_and_described() {
        let of_kind = |name: &str, kind: NodeKind| hub(name).with_node(|node| node.kind = kind);
        let graph = graph(&[
            of_kind("db.acme.com", NodeKind::LoadBalancer),
            of_kind("bank.com", NodeKind::TrustDomain),
            of_kind("api.vendor.com", NodeKind::Workload),
            network("prod.acme.com", ["10.1.0.0/16"]),
            vpn("far.vendor.com", "own"),
            hub("own"),
        ]);
        let known = KnownHosts::new(&Settings::default(), &[&graph]);
        check(&known, 0, &["db.acme.com:80"]);
        check(
            &known,
            2,
            &[
                "bank.com",
                "api.vendor.com",
                "prod.acme.com",
                "far.vendor.com",
            ],
        );
    }

    #[test]
    fn of_several_hosts_the_farthest_counts() {
        let known = known("");
        let both = known.whereabouts(&FarSide::at(["ledger", "api.vendor.com"]));
        assert_eq!(both, Whereabouts::PublicName("api.vendor.com".to_owned()));
        assert_eq!(known.whereabouts(&FarSide::NotTold), Whereabouts::Inside);
    }
}
