//! The files of `providers/`.

use std::collections::BTreeSet;

use super::*;
use crate::catalog::schema::Statement;

/// The files of `providers/`, as they stand there.
fn built_in_files() -> Vec<(String, String)> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/providers");
    let entries = std::fs::read_dir(directory).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        let text = std::fs::read_to_string(&path).unwrap();
        (format!("providers/{name}"), text)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_embedded_file_is_right_and_says_what_its_yaml_says() {
    let files = built_in_files();
    assert_eq!(files.len(), EMBEDDED.len(), "a file does not end in .yaml");
    let catalog = Catalog::empty().with_directory(files.clone()).unwrap();
    // Only YAML knows positions.
    let position = regex::Regex::new(r"Location \{[^{}]*(\{[^{}]*\}[^{}]*)*\}").unwrap();
    let shown = |file: &ProviderFile| position.replace_all(&format!("{file:?}"), "").into_owned();
    let embedded = Catalog::embedded();
    for ((path, _), (file, other)) in files
        .iter()
        .zip(catalog.providers().zip(embedded.providers()))
    {
        assert!(
            shown(file) == shown(other),
            "{path}: an unquoted scalar is spelled as YAML would not spell it"
        );
    }
}

#[test]
fn a_built_in_file_is_decoded_when_its_provider_is_asked_for() {
    let catalog = Catalog::embedded();
    let decoded = || {
        let is_decoded = |provider: &&Provider| provider.contents.get().is_some();
        let decoded = catalog.providers.iter().filter(is_decoded);
        decoded
            .map(|provider| provider.name.as_str())
            .collect::<Vec<_>>()
    };
    assert!(matches!(
        catalog.entry("nobody_knows"),
        Meaning::OtherProvider
    ));
    assert_eq!(decoded(), Vec::<&str>::new());
    modelled(&catalog, "aws_vpc");
    assert!(catalog.fact("aws", "vpn-ipsec").is_some());
    assert_eq!(decoded(), ["aws"]);
}

fn names(fixture: &str) -> impl Iterator<Item = &str> {
    fixture.lines().filter(|line| !line.starts_with('#'))
}

#[test]
fn every_type_of_a_recent_aws_provider_has_a_considered_state() {
    let catalog = Catalog::embedded();
    let resources = names(include_str!(
        "../../../../tests/fixtures/aws-resource-types.txt"
    ));
    let data_sources = names(include_str!(
        "../../../../tests/fixtures/aws-data-source-types.txt"
    ));
    let unrecognised: Vec<&str> = resources
        .chain(data_sources)
        .filter(|name| {
            matches!(
                catalog.entry(name),
                Meaning::Unrecognised(_) | Meaning::OtherProvider
            )
        })
        .collect();
    assert_eq!(unrecognised, Vec::<&str>::new());
}

/// Names of resource and data source types of other providers, one file each.
macro_rules! provider_types {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_str!(concat!("../../../../tests/fixtures/provider-types/", $name, ".txt")),
        )),*]
    };
}

#[test]
fn every_type_of_the_other_providers_has_a_considered_state() {
    let catalog = Catalog::embedded();
    let all = provider_types![
        "aiven",
        "alicloud",
        "azapi",
        "cloudflare",
        "confluent",
        "consul",
        "digitalocean",
        "equinix",
        "google",
        "hashicups",
        "hcp",
        "helm",
        "ibm",
        "kubectl",
        "kubernetes",
        "megaport",
        "mongodbatlas",
        "oci",
        "snowflake",
        "tailscale",
    ];
    for (provider, types) in all {
        let unrecognised: Vec<&str> = names(types)
            .filter(|name| {
                matches!(
                    catalog.entry(name),
                    Meaning::Unrecognised(_) | Meaning::OtherProvider
                )
            })
            .collect();
        assert_eq!(unrecognised, Vec::<&str>::new(), "{provider}");
    }
}

#[test]
fn every_type_of_a_recent_azure_provider_has_a_considered_state() {
    let catalog = Catalog::embedded();
    let all = names(include_str!(
        "../../../../tests/fixtures/azurerm-resource-types.txt"
    ));
    let unrecognised: Vec<&str> = all
        .filter(|name| {
            matches!(
                catalog.entry(name),
                Meaning::Unrecognised(_) | Meaning::OtherProvider
            )
        })
        .collect();
    assert_eq!(unrecognised, Vec::<&str>::new());
}

#[test]
fn what_makes_up_an_azure_perimeter_is_modelled_and_no_glob_takes_it_in() {
    let catalog = Catalog::embedded();
    let all = names(include_str!(
        "../../../../tests/fixtures/azurerm-network-types.txt"
    ));
    for line in all {
        let (name, state) = line.split_once(' ').unwrap();
        let found = match catalog.entry(name) {
            Meaning::Modelled(..) => "modelled",
            Meaning::NotYet(_) => "not-yet",
            Meaning::Irrelevant(_) => "irrelevant",
            _ => "unrecognised",
        };
        assert_eq!(found, state, "{name}");
    }
    let made_up = "azurerm_virtual_network_tap";
    assert!(
        matches!(catalog.entry(made_up), Meaning::Unrecognised(_)),
        "{made_up}"
    );
}

#[test]
fn what_joins_networks_of_the_other_providers_is_modelled() {
    let catalog = Catalog::embedded();
    for name in [
        "aiven_aws_vpc_peering_connection",
        "aiven_transit_gateway_vpc_attachment",
        "alicloud_cen_transit_router_vpc_attachment",
        "alicloud_vpc_peer_connection",
        "cloudflare_magic_wan_gre_tunnel",
        "cloudflare_zero_trust_tunnel_cloudflared_config",
        "confluent_peering",
        "confluent_private_link_access",
        "consul_peering",
        "digitalocean_vpc_peering",
        "equinix_fabric_connection",
        "google_access_context_manager_service_perimeter_resource",
        "google_compute_interconnect_attachment",
        "google_compute_network_peering",
        "google_compute_service_attachment",
        "google_compute_shared_vpc_service_project",
        "google_compute_vpn_tunnel",
        "google_network_connectivity_spoke",
        "google_service_networking_connection",
        "hcp_aws_network_peering",
        "ibm_dl_gateway",
        "ibm_tg_connection",
        "megaport_vxc",
        "mongodbatlas_network_peering",
        "mongodbatlas_privatelink_endpoint_service",
        "oci_core_drg_attachment",
        "oci_core_local_peering_gateway",
        "oci_core_virtual_circuit",
        "tailscale_device_subnet_routes",
    ] {
        assert!(
            matches!(catalog.entry(name), Meaning::Modelled(..)),
            "{name}"
        );
    }
    for name in [
        "azapi_update_resource",
        "consul_config_entry",
        "helm_release",
        "kubernetes_manifest",
        "snowflake_network_policy",
        "tailscale_acl",
    ] {
        assert!(matches!(catalog.entry(name), Meaning::NotYet(_)), "{name}");
    }
    for name in [
        "cloudflare_dns_record",
        "hashicups_order",
        "ibm_is_security_group",
        "oci_identity_policy",
    ] {
        assert!(
            matches!(catalog.entry(name), Meaning::Irrelevant(_)),
            "{name}"
        );
    }
}

#[test]
fn no_family_takes_in_every_type_of_a_provider() {
    let catalog = Catalog::embedded();
    let with_networks = |file: &&ProviderFile| !file.types.is_empty();
    for file in catalog.providers().filter(with_networks) {
        let made_up = format!("{}surely_no_such_type", file.type_prefix);
        assert!(
            matches!(catalog.entry(&made_up), Meaning::Unrecognised(_)),
            "{made_up}"
        );
    }
}

#[test]
fn what_makes_up_an_aws_perimeter_is_modelled() {
    let catalog = Catalog::embedded();
    for name in [
        "aws_vpc",
        "aws_vpc_peering_connection",
        "aws_ec2_transit_gateway_route_table_propagation",
        "aws_route",
        "aws_vpn_connection",
        "aws_dx_transit_virtual_interface",
        "aws_vpc_endpoint",
        "aws_ram_principal_association",
        "aws_lb",
        "aws_vpc_block_public_access_options",
        "aws_vpc_encryption_control",
        "aws_networkmanager_vpc_attachment",
    ] {
        assert!(
            matches!(catalog.entry(name), Meaning::Modelled(..)),
            "{name}"
        );
    }
    assert!(matches!(
        catalog.entry("aws_security_group"),
        Meaning::Irrelevant(_)
    ));
    assert!(matches!(
        catalog.entry("aws_s3_bucket_versioning"),
        Meaning::Irrelevant(_)
    ));
    assert!(matches!(
        catalog.entry("aws_ec2_traffic_mirror_session"),
        Meaning::NotYet(_)
    ));
}

#[test]
fn tags_matter_to_cloud_wan_attachments_only() {
    let catalog = Catalog::embedded();
    let matters = |name: &str| {
        let (entry, file) = modelled(&catalog, name);
        !entry.never_matters(file, "tags_all")
    };
    assert!(matters("aws_networkmanager_vpc_attachment"));
    assert!(!matters("aws_ec2_transit_gateway_vpc_attachment"));
    assert!(!matters("aws_vpc"));
}

#[test]
fn every_fact_is_used() {
    let catalog = Catalog::embedded();
    for file in catalog.providers() {
        let statements = file
            .types
            .iter()
            .flat_map(|entry| entry.becomes.iter().flatten());
        let used: BTreeSet<&str> = statements
            .filter_map(|statement| match statement {
                Statement::Link(link) => Some(&link.in_transit),
                Statement::Policy(policy) => Some(&policy.in_transit),
                _ => None,
            })
            .flat_map(|rows| rows.iter().map(|row| row.fact.value.as_str()))
            .collect();
        let unused: Vec<&String> = file
            .facts
            .keys()
            .filter(|fact| !used.contains(fact.as_str()))
            .collect();
        assert_eq!(unused, Vec::<&String>::new(), "{}", file.provider);
    }
}
