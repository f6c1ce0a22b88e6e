#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

#[test]
fn the_same_instance_type_is_not_the_same_instance() {
    let carried = |text: &str| read(text).carried;
    assert_eq!(
        carried("in VPC a, all on the same instance type"),
        Carried::Inside
    );
    assert_eq!(carried("both on the same instance"), Carried::Locally);
}

#[test]
fn a_link_that_is_ruled_out_carries_nothing() {
    let carried = |text: &str| read(text).carried;
    assert_eq!(
        carried("stays inside VPC a and never crosses the peering to b"),
        Carried::Inside
    );
    assert_eq!(
        carried("in VPC a, does not go over the VPN"),
        Carried::Inside
    );
    assert_eq!(carried("in VPC a, not on the same host"), Carried::Inside);
    assert_eq!(
        carried("not peered, and crosses only the VPN to b"),
        Carried::OverLinks(LinkWord::Vpn)
    );
}

fn read(text: &str) -> Guarantee {
    Guarantee::read(text, &NameIndex::default())
}

#[test]
fn loopback_and_sockets_are_no_network() {
    assert_eq!(
        read("loopback only, both processes run in the same pod").carried,
        Carried::Locally
    );
    assert_eq!(
        read("a Unix socket on the same host, no network").carried,
        Carried::Locally
    );
    assert_eq!(
        read("both ends run in the lagoon VPC").carried,
        Carried::Inside
    );
}

#[test]
fn links_are_crossed_and_peerings_denied_are_not() {
    assert_eq!(
        read("only over the peering between a and b").carried,
        Carried::OverLinks(LinkWord::Peering)
    );
    assert_eq!(
        read("crosses only the VPN connection to oslo").carried,
        Carried::OverLinks(LinkWord::Vpn)
    );
    assert_eq!(
        read("stays inside VPC a, which is not peered with any network").carried,
        Carried::Inside
    );
}

#[test]
fn a_ban_on_peering_is_a_claim_and_emphasis_is_not() {
    assert_eq!(
        read("VPC a, which is not peered with any network").claims,
        [Claim::NotPeered(Vec::new())]
    );
    assert_eq!(
        read("in VPC a, no peering, no internet gateway").claims,
        [Claim::NotPeered(Vec::new()), Claim::NoInternetGateway]
    );
    assert!(read("never leaves VPC a, and only there").claims.is_empty());
}

#[test]
fn a_ban_on_peering_with_something_unknown_is_no_ban_on_all() {
    assert!(
        read("VPC a, not peered with the data VPC")
            .claims
            .is_empty()
    );
    assert_eq!(
        read("VPC a, not peered with another VPC").claims,
        [Claim::NotPeered(Vec::new())]
    );
    assert_eq!(
        read("VPC a, not peered").claims,
        [Claim::NotPeered(Vec::new())]
    );
}

#[test]
fn a_place_is_a_claim_only_as_a_word_of_its_own() {
    assert_eq!(
        read("inside VPC core in eu-west-1").claims,
        [Claim::InRegion(vec!["eu-west-1".into()])]
    );
    assert_eq!(
        read("inside VNet core in westeurope").claims,
        [Claim::InRegion(vec!["westeurope".into()])]
    );
    assert!(read("inside VPC orders-eu-west-1").claims.is_empty());
    assert!(read("inside VNet core in the west").claims.is_empty());
}

#[test]
fn exposure_to_the_internet_ruled_out_is_a_claim() {
    assert_eq!(
        read("in VPC shop, never reachable from the internet").claims,
        [Claim::NotExposed]
    );
}
