//! Stories of single providers: small plans, and what becomes of them in the graph.
//!
//! A resource is written as it stands after the change. Where it stood there before, `moves` says which are new.

use perimeter::catalog::Catalog;
use perimeter::change::diff::Snapshot;
use perimeter::change::{changes, compare};
use perimeter::graph::Graph;
use perimeter::graph::assemble;
use perimeter::graph::link::{Link, LinkKind, LinkState};
use perimeter::graph::node::Standing;
use perimeter::graph::origin::Origins;
use perimeter::graph::protection::Protection;
use perimeter::sources::terraform::apply::{Interest, Secrets, read_plan};
use perimeter::sources::terraform::plan::Document;
use serde_json::{Value, json};

/// What a plan says: the graph after it, what changes, and what was not understood.
struct Told {
    after: Graph,
    changes: Vec<String>,
    notices: Vec<String>,
}

impl Told {
    /// The one link between two things, told by how a person knows them.
    fn link(&self, first: &str, second: &str) -> &Link {
        let between = self.links(first, second);
        let [only] = between.as_slice() else {
            panic!("{first} ~ {second}: {:?}", self.all_links());
        };
        only
    }

    fn links(&self, first: &str, second: &str) -> Vec<&Link> {
        let joins = |link: &&Link| {
            let mut ends = self.ends(link);
            let mut wanted = [first.to_owned(), second.to_owned()];
            ends.sort();
            wanted.sort();
            ends == wanted
        };
        self.after.links().filter(joins).collect()
    }

    fn ends(&self, link: &Link) -> [String; 2] {
        let ends = self.after.ends(&link.id).expect("a link has ends");
        ends.map(|node| match node.standing {
            Standing::Unresolved { .. } => "?".to_owned(),
            _ => node.display_name(),
        })
    }

    fn all_links(&self) -> Vec<[String; 2]> {
        self.after.links().map(|link| self.ends(link)).collect()
    }

    /// Whether traffic from one network gets to another through hubs.
    fn reaches(&self, from: &str, to: &str) -> bool {
        let name = |id| self.after.node(id).map(|node| node.display_name());
        self.after.departures().iter().any(|departure| {
            name(&departure.from).as_deref() == Some(from)
                && departure
                    .reach
                    .ends
                    .keys()
                    .any(|end| name(end).as_deref() == Some(to))
        })
    }

    fn says(&self, words: &str) -> bool {
        self.changes.iter().any(|change| change.contains(words))
    }
}

fn is(link: &Link, kind: LinkKind, state: LinkState, protection: Protection) {
    assert_eq!(
        (link.kind, link.state, link.in_transit.protection),
        (kind, state, protection),
        "{}",
        link.id
    );
}

/// A resource that stays as it is.
fn stays(address: &str, values: Value) -> Value {
    change(address, &["no-op"], values.clone(), values)
}

/// A resource that the plan creates.
fn new(address: &str, values: Value) -> Value {
    change(address, &["create"], Value::Null, values)
}

/// A resource that the plan alters.
fn becomes(address: &str, before: Value, after: Value) -> Value {
    change(address, &["update"], before, after)
}

fn change(address: &str, actions: &[&str], before: Value, after: Value) -> Value {
    let (kind, name) = address.split_once('.').unwrap();
    json!({
        "address": address, "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/some/provider",
        "change": {
            "actions": actions, "before": before, "after": after, "after_unknown": {},
            "before_sensitive": {}, "after_sensitive": {},
        },
    })
}

fn told(resources: &[Value]) -> Told {
    let text = json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "resource_changes": resources,
        "configuration": { "root_module": {} },
    })
    .to_string();
    let Ok(Document::Plan(plan)) = Document::parse("plan.json", &text) else {
        panic!("not a plan");
    };
    let catalog = Catalog::embedded();
    let (mut origins, mut secrets) = (Origins::default(), Secrets::default());
    let reading = read_plan(
        &catalog,
        (&plan, None),
        "",
        &Interest::new(),
        &mut origins,
        &mut secrets,
    );
    let before = Snapshot::new(assemble(reading.before));
    let after = Snapshot::new(assemble(reading.after.clone()));
    let found = changes(&compare(&before, &after, &origins), &origins);
    Told {
        after: assemble(reading.after),
        changes: found.into_iter().map(|change| change.summary).collect(),
        notices: reading
            .notices
            .into_iter()
            .map(|notice| format!("{}: {}", notice.subject, notice.message))
            .collect(),
    }
}

fn vcn(name: &str) -> Value {
    stays(
        &format!("oci_core_vcn.{name}"),
        json!({ "id": format!("ocid1.vcn.oc1.eu.{name}"), "display_name": name, "cidr_blocks": ["10.0.0.0/16"] }),
    )
}

fn drg(name: &str) -> Value {
    stays(
        &format!("oci_core_drg.{name}"),
        json!({
            "id": format!("ocid1.drg.oc1.eu.{name}"), "display_name": name,
            "default_drg_route_tables": [{ "vcn": format!("ocid1.drgroutetable.oc1.eu.{name}") }],
        }),
    )
}

#[test]
fn one_of_two_local_peering_gateways_names_the_other() {
    let gateway = |name: &str, peer: Value| {
        json!({
            "id": format!("ocid1.localpeeringgateway.oc1.eu.{name}"), "display_name": format!("{name}-gateway"),
            "vcn_id": format!("ocid1.vcn.oc1.eu.{name}"), "peer_id": peer,
        })
    };
    let to = |name: &str| json!(format!("ocid1.localpeeringgateway.oc1.eu.{name}"));
    let apart = [
        vcn("shop"),
        vcn("bank"),
        stays(
            "oci_core_local_peering_gateway.shop",
            gateway("shop", Value::Null),
        ),
    ];
    let one_side = [
        apart[0].clone(),
        apart[1].clone(),
        apart[2].clone(),
        new(
            "oci_core_local_peering_gateway.bank",
            gateway("bank", to("shop")),
        ),
    ];
    assert!(told(&apart).all_links().is_empty());
    let plan = told(&one_side);
    is(
        plan.link("bank-gateway", "shop-gateway"),
        LinkKind::Peering,
        LinkState::Effective,
        Protection::Unknown,
    );
    assert!(plan.says("peering"), "{:?}", plan.changes);
    // After a refresh both name each other, and that is no second peering.
    let both = told(&[
        apart[0].clone(),
        apart[1].clone(),
        stays(
            "oci_core_local_peering_gateway.shop",
            gateway("shop", to("bank")),
        ),
        stays(
            "oci_core_local_peering_gateway.bank",
            gateway("bank", to("shop")),
        ),
    ]);
    plan.link("bank-gateway", "shop-gateway");
    both.link("bank-gateway", "shop-gateway");
}

#[test]
fn remote_peering_leads_from_network_to_network_over_two_gateways() {
    let attachment = |name: &str| {
        stays(
            &format!("oci_core_drg_attachment.{name}"),
            json!({
                "id": format!("ocid1.drgattachment.oc1.eu.{name}"), "drg_id": format!("ocid1.drg.oc1.eu.{name}"),
                "network_details": [{ "id": format!("ocid1.vcn.oc1.eu.{name}"), "type": "VCN" }],
                "drg_route_table_id": format!("ocid1.drgroutetable.oc1.eu.{name}"),
            }),
        )
    };
    let connection = |name: &str, peer: Value| {
        json!({
            "id": format!("ocid1.remotepeeringconnection.oc1.eu.{name}"), "display_name": format!("{name}-rpc"),
            "drg_id": format!("ocid1.drg.oc1.eu.{name}"), "peer_id": peer,
        })
    };
    let to = |name: &str| json!(format!("ocid1.remotepeeringconnection.oc1.eu.{name}"));
    let world = |shop: Value, bank: Value| {
        told(&[
            vcn("shop"),
            vcn("bank"),
            drg("shop"),
            drg("bank"),
            attachment("shop"),
            attachment("bank"),
            stays(
                "oci_core_remote_peering_connection.shop",
                connection("shop", shop),
            ),
            stays(
                "oci_core_remote_peering_connection.bank",
                connection("bank", bank),
            ),
        ])
    };
    assert!(!world(Value::Null, Value::Null).reaches("shop", "bank"));
    for plan in [
        world(to("bank"), Value::Null),
        world(to("bank"), to("shop")),
    ] {
        assert!(plan.reaches("shop", "bank"), "{:?}", plan.all_links());
        assert!(plan.reaches("bank", "shop"));
        assert!(!plan.links("shop-rpc", "bank-rpc").is_empty());
    }
    // A connection of another tenancy is reached as what it is: nobody describes what lies behind.
    assert!(
        world(to("elsewhere"), Value::Null)
            .reaches("shop", "ocid1.remotepeeringconnection.oc1.eu.elsewhere")
    );
}

#[test]
fn tables_of_a_routing_gateway_narrow_only_where_they_are_described() {
    let attachment = |name: &str| {
        stays(
            &format!("oci_core_drg_attachment.{name}"),
            json!({
                "id": format!("ocid1.drgattachment.oc1.eu.{name}"), "drg_id": "ocid1.drg.oc1.eu.hub",
                "network_details": [{ "id": format!("ocid1.vcn.oc1.eu.{name}"), "type": "VCN" }],
                "drg_route_table_id": "ocid1.drgroutetable.oc1.eu.own",
            }),
        )
    };
    let with_table = |distribution: Value| {
        told(&[
            vcn("shop"),
            vcn("bank"),
            drg("hub"),
            attachment("shop"),
            attachment("bank"),
            stays(
                "oci_core_drg_route_table.own",
                json!({
                    "id": "ocid1.drgroutetable.oc1.eu.own", "drg_id": "ocid1.drg.oc1.eu.hub",
                    "import_drg_route_distribution_id": distribution,
                }),
            ),
        ])
    };
    assert!(!with_table(Value::Null).reaches("shop", "bank"));
    assert!(with_table(json!("ocid1.drgroutedistribution.oc1.eu.x")).reaches("shop", "bank"));
}

#[test]
fn a_fast_connect_circuit_is_as_protected_as_its_line_and_mode() {
    let circuit = |transport_mode: bool, macsec: &str, unprotected: bool| {
        let plan = told(&[
            drg("hub"),
            stays(
                "oci_core_cross_connect.line",
                json!({
                    "id": "ocid1.crossconnect.oc1.eu.line", "display_name": "line",
                    "macsec_properties": [{ "state": macsec, "is_unprotected_traffic_allowed": unprotected }],
                }),
            ),
            new(
                "oci_core_virtual_circuit.office",
                json!({
                    "type": "PRIVATE", "gateway_id": "ocid1.drg.oc1.eu.hub", "is_transport_mode": transport_mode,
                    "cross_connect_mappings": [{ "cross_connect_or_cross_connect_group_id": "ocid1.crossconnect.oc1.eu.line" }],
                }),
            ),
        ]);
        plan.link("hub", "line").in_transit.protection
    };
    assert_eq!(circuit(false, "DISABLED", false), Protection::None);
    assert_eq!(circuit(true, "DISABLED", false), Protection::Tunnel);
    assert_eq!(circuit(false, "ENABLED", false), Protection::Provider);
    assert_eq!(circuit(false, "ENABLED", true), Protection::None);
}

#[test]
fn transit_routers_pass_on_what_their_tables_learn() {
    let vpc = |name: &str, range: &str| {
        stays(
            &format!("alicloud_vpc.{name}"),
            json!({ "id": format!("vpc-{name}"), "vpc_name": name, "cidr_block": range }),
        )
    };
    let attachment = |name: &str| {
        stays(
            &format!("alicloud_cen_transit_router_vpc_attachment.{name}"),
            json!({
                "id": format!("cen-1:tr-attach-{name}"), "transit_router_attachment_id": format!("tr-attach-{name}"),
                "transit_router_id": "tr-1", "vpc_id": format!("vpc-{name}"),
            }),
        )
    };
    let table = |kind: &str, name: &str| {
        stays(
            &format!("alicloud_cen_transit_router_route_table_{kind}.{name}"),
            json!({ "transit_router_route_table_id": "vtb-1", "transit_router_attachment_id": format!("tr-attach-{name}") }),
        )
    };
    let mut plan = vec![
        vpc("shop", "10.1.0.0/16"),
        vpc("bank", "10.2.0.0/16"),
        stays(
            "alicloud_cen_transit_router.hub",
            json!({ "id": "cen-1:tr-1", "transit_router_id": "tr-1", "transit_router_name": "hub" }),
        ),
        attachment("shop"),
        attachment("bank"),
    ];
    // Both use the table that the router came with.
    assert!(told(&plan).reaches("shop", "bank"));
    plan.extend([
        stays(
            "alicloud_cen_transit_router_route_table.own",
            json!({ "id": "tr-1:vtb-1", "transit_router_route_table_id": "vtb-1", "transit_router_id": "tr-1" }),
        ),
        table("association", "shop"),
        table("association", "bank"),
        table("propagation", "shop"),
    ]);
    assert!(told(&plan).reaches("bank", "shop"));
    assert!(!told(&plan).reaches("shop", "bank"));
    is(
        told(&plan).link("shop", "hub"),
        LinkKind::Attachment,
        LinkState::Effective,
        Protection::Unknown,
    );
}

#[test]
fn a_tunnel_of_clients_without_a_cipher_is_not_encrypted() {
    let server = |cipher: &str| {
        let plan = told(&[new(
            "alicloud_ssl_vpn_server.people",
            json!({ "vpn_gateway_id": "vpn-1", "client_ip_pool": "192.168.9.0/24", "cipher": cipher }),
        )]);
        plan.link("vpn-1", "192.168.9.0/24").in_transit.protection
    };
    assert_eq!(server("AES-256-CBC"), Protection::Tunnel);
    assert_eq!(server("none"), Protection::None);
}

#[test]
fn a_direct_link_is_encrypted_when_its_macsec_is_a_must() {
    let policy = |policy: &str, active: bool| {
        let plan = told(&[
            stays(
                "ibm_dl_gateway.line",
                json!({ "id": "dl-1", "name": "line", "cross_connect_router": "xcr01", "location_name": "dal03" }),
            ),
            stays(
                "ibm_dl_gateway_macsec_config.line",
                json!({ "gateway": "dl-1", "active": active, "security_policy": policy }),
            ),
        ]);
        plan.link("line", "xcr01").in_transit.protection
    };
    assert_eq!(policy("must_secure", true), Protection::Provider);
    assert_eq!(policy("should_secure", true), Protection::Unknown);
    assert_eq!(policy("must_secure", false), Protection::Unknown);
}

#[test]
fn a_transit_gateway_joins_networks_and_generic_tunnels_in_the_clear() {
    let connection = |name: &str, values: Value| {
        let mut all = json!({ "id": format!("tg-1/{name}"), "gateway": "tg-1" });
        all.as_object_mut()
            .unwrap()
            .extend(values.as_object().unwrap().clone());
        new(&format!("ibm_tg_connection.{name}"), all)
    };
    let plan = told(&[
        stays(
            "ibm_is_vpc.shop",
            json!({ "id": "r006-1", "crn": "crn:vpc:shop", "name": "shop" }),
        ),
        stays(
            "ibm_tg_gateway.hub",
            json!({ "id": "tg-1", "name": "hub", "global": false }),
        ),
        connection(
            "shop",
            json!({ "network_type": "vpc", "network_id": "crn:vpc:shop" }),
        ),
        connection("classic", json!({ "network_type": "classic" })),
        connection(
            "office",
            json!({ "network_type": "unbound_gre_tunnel", "remote_gateway_ip": "203.0.113.9" }),
        ),
    ]);
    is(
        plan.link("shop", "hub"),
        LinkKind::Attachment,
        LinkState::Effective,
        Protection::Unknown,
    );
    is(
        plan.link("hub", "203.0.113.9"),
        LinkKind::Vpn,
        LinkState::Effective,
        Protection::None,
    );
    assert!(plan.reaches("shop", "classic"));
    assert!(plan.reaches("shop", "203.0.113.9"));
}

#[test]
fn generic_tunnels_and_null_ciphers_do_not_encrypt() {
    let tunnel = |kind: &str, values: Value| {
        let plan = told(&[new(&format!("cloudflare_magic_wan_{kind}.office"), values)]);
        plan.link("acc-1", "203.0.113.9").in_transit.protection
    };
    let ipsec = |null_cipher: bool| {
        tunnel(
            "ipsec_tunnel",
            json!({ "account_id": "acc-1", "customer_endpoint": "203.0.113.9", "allow_null_cipher": null_cipher }),
        )
    };
    assert_eq!(ipsec(false), Protection::Tunnel);
    assert_eq!(ipsec(true), Protection::None);
    let gre = json!({ "account_id": "acc-1", "customer_gre_endpoint": "203.0.113.9" });
    assert_eq!(tunnel("gre_tunnel", gre), Protection::None);
}

#[test]
fn a_line_of_a_tunnel_publishes_a_service_inside() {
    let tunnel = stays(
        "cloudflare_zero_trust_tunnel_cloudflared.office",
        json!({ "id": "tunnel-1", "name": "office", "config_src": "cloudflare" }),
    );
    let config = |names: &[(&str, &str)]| {
        let ingress: Vec<Value> = names
            .iter()
            .map(|(hostname, service)| json!({ "hostname": hostname, "service": service }))
            .collect();
        json!({ "tunnel_id": "tunnel-1", "config": { "ingress": ingress } })
    };
    let wiki = ("wiki.example.com", "https://wiki.internal");
    let bank = ("bank.example.com", "http://10.0.0.7:8080");
    let resource = "cloudflare_zero_trust_tunnel_cloudflared_config.office";
    let more = told(&[
        tunnel.clone(),
        becomes(resource, config(&[wiki]), config(&[wiki, bank])),
    ]);
    assert!(!more.changes.is_empty());
    let same = told(&[tunnel, becomes(resource, config(&[wiki]), config(&[wiki]))]);
    assert_eq!(same.changes, Vec::<String>::new());
}

#[test]
fn one_resource_is_a_whole_peering() {
    let vpc = |name: &str| {
        stays(
            &format!("digitalocean_vpc.{name}"),
            json!({ "id": format!("id-{name}"), "name": name, "ip_range": "10.1.0.0/16" }),
        )
    };
    let plan = told(&[
        vpc("shop"),
        vpc("bank"),
        new(
            "digitalocean_vpc_peering.both",
            json!({ "name": "both", "vpc_ids": ["id-shop", "id-bank"] }),
        ),
    ]);
    is(
        plan.link("shop", "bank"),
        LinkKind::Peering,
        LinkState::Effective,
        Protection::Unknown,
    );
    assert_eq!(plan.after.links().count(), 1, "{:?}", plan.all_links());
}

#[test]
fn a_partner_attachment_leads_its_networks_to_the_partner() {
    let vpc = |name: &str| {
        stays(
            &format!("digitalocean_vpc.{name}"),
            json!({ "id": format!("id-{name}"), "name": name, "ip_range": "10.1.0.0/16" }),
        )
    };
    for vpcs in [&["id-shop"][..], &["id-shop", "id-bank"]] {
        let plan = told(&[
            vpc("shop"),
            vpc("bank"),
            new(
                "digitalocean_partner_network_connect.line",
                json!({ "name": "line", "naas_provider": "MEGAPORT", "vpc_ids": vpcs }),
            ),
        ]);
        assert_eq!(plan.links("shop", "line").len(), 1);
        assert_eq!(plan.links("line", "?").len(), 1, "{:?}", plan.all_links());
        assert_eq!(plan.reaches("shop", "bank"), vpcs.len() == 2);
    }
}

/// A network of a cloud and a vendor's, peered in the plan of the vendor's provider.
fn vendor_peering(vendor: Value, peering: Value) -> Told {
    told(&[
        stays(
            "aws_vpc.shop",
            json!({ "id": "vpc-0a1", "cidr_block": "10.1.0.0/16", "tags": { "Name": "shop" } }),
        ),
        vendor,
        peering,
    ])
}

#[test]
fn a_vendor_peers_with_the_very_network_of_its_customer() {
    let hcp = |state: &str| {
        vendor_peering(
            stays(
                "hcp_hvn.main",
                json!({ "id": "/project/p/hashicorp.network.hvn/main", "hvn_id": "main", "cidr_block": "172.25.16.0/20" }),
            ),
            new(
                "hcp_aws_network_peering.shop",
                json!({ "hvn_id": "main", "peer_vpc_id": "vpc-0a1", "peering_id": "shop", "state": state }),
            ),
        )
    };
    let (pending, active) = (hcp("PENDING_ACCEPTANCE"), hcp("ACTIVE"));
    let states = [&pending, &active].map(|plan| plan.link("main", "shop").state);
    assert_eq!(states, [LinkState::Offered, LinkState::Effective]);
    assert!(active.says("shop"), "{:?}", active.changes);

    let atlas = vendor_peering(
        stays(
            "mongodbatlas_network_container.main",
            json!({ "id": "enc", "container_id": "c1", "atlas_cidr_block": "192.168.248.0/21", "region_name": "EU_WEST_1" }),
        ),
        new(
            "mongodbatlas_network_peering.shop",
            json!({ "container_id": "c1", "vpc_id": "vpc-0a1", "aws_account_id": "111122223333", "status_name": "AVAILABLE" }),
        ),
    );
    is(
        atlas.link("mongodbatlas_network_container.main", "shop"),
        LinkKind::Peering,
        LinkState::Effective,
        Protection::Unknown,
    );

    let aiven = vendor_peering(
        stays(
            "aiven_project_vpc.main",
            json!({ "id": "p/v1", "project_vpc_id": "v1", "project": "p", "network_cidr": "192.168.0.0/24" }),
        ),
        new(
            "aiven_aws_vpc_peering_connection.shop",
            json!({ "vpc_id": "p/v1", "aws_vpc_id": "vpc-0a1", "aws_account_id": "111122223333", "state": "ACTIVE" }),
        ),
    );
    is(
        aiven.link("aiven_project_vpc.main", "shop"),
        LinkKind::Peering,
        LinkState::Effective,
        Protection::Unknown,
    );

    let confluent = vendor_peering(
        stays(
            "confluent_network.main",
            json!({ "id": "n-1", "display_name": "main", "cidr": "10.10.0.0/16", "aws": [{ "vpc": "vpc-0c1" }] }),
        ),
        new(
            "confluent_peering.shop",
            json!({ "network": [{ "id": "n-1" }], "aws": [{ "vpc": "vpc-0a1", "account": "111122223333" }] }),
        ),
    );
    is(
        confluent.link("main", "shop"),
        LinkKind::Peering,
        LinkState::Effective,
        Protection::Unknown,
    );
}

#[test]
fn what_aiven_calls_a_vpc_of_a_transit_gateway_is_the_gateway() {
    let plan = told(&[
        stays(
            "aws_ec2_transit_gateway.hub",
            json!({ "id": "tgw-1", "tags": { "Name": "hub" } }),
        ),
        stays(
            "aiven_project_vpc.main",
            json!({ "id": "p/v1", "project_vpc_id": "v1", "project": "p", "network_cidr": "192.168.0.0/24" }),
        ),
        new(
            "aiven_transit_gateway_vpc_attachment.hub",
            json!({ "vpc_id": "p/v1", "peer_vpc": "tgw-1", "state": "ACTIVE" }),
        ),
    ]);
    is(
        plan.link("aiven_project_vpc.main", "hub"),
        LinkKind::Attachment,
        LinkState::Effective,
        Protection::Unknown,
    );
}

#[test]
fn an_endpoint_to_the_service_of_a_vendor_is_always_tls_there() {
    let plan = told(&[
        stays(
            "confluent_private_link_attachment.main",
            json!({ "id": "platt-1", "display_name": "main" }),
        ),
        new(
            "confluent_private_link_attachment_connection.shop",
            json!({ "private_link_attachment": [{ "id": "platt-1" }], "aws": [{ "vpc_endpoint_id": "vpce-1" }] }),
        ),
    ]);
    is(
        plan.link("vpce-1", "main"),
        LinkKind::PrivateEndpoint,
        LinkState::Effective,
        Protection::Provider,
    );
}

#[test]
fn lines_between_routers_of_a_carrier_join_what_hangs_on_them() {
    let equinix = told(&[
        stays(
            "equinix_fabric_cloud_router.hub",
            json!({ "id": "r-1", "uuid": "r-1", "name": "hub" }),
        ),
        new(
            "equinix_fabric_connection.office",
            json!({
                "a_side": [{ "access_point": [{ "router": [{ "uuid": "r-1" }] }] }],
                "z_side": [{ "access_point": [{ "port": [{ "uuid": "p-1" }] }] }],
            }),
        ),
    ]);
    is(
        equinix.link("hub", "p-1"),
        LinkKind::Interconnect,
        LinkState::Effective,
        Protection::Unknown,
    );

    let megaport = |shutdown: bool| {
        told(&[
            stays(
                "megaport_mcr.hub",
                json!({ "product_uid": "m-1", "product_name": "hub" }),
            ),
            becomes(
                "megaport_vxc.office",
                json!({
                    "product_uid": "x-1", "shutdown": true,
                    "a_end": { "requested_product_uid": "m-1" }, "b_end": { "requested_product_uid": "p-1" },
                }),
                json!({
                    "product_uid": "x-1", "shutdown": shutdown,
                    "a_end": { "requested_product_uid": "m-1" }, "b_end": { "requested_product_uid": "p-1" },
                }),
            ),
        ])
    };
    is(
        megaport(false).link("hub", "p-1"),
        LinkKind::Interconnect,
        LinkState::Effective,
        Protection::Unknown,
    );
    assert!(megaport(true).all_links().is_empty());
    assert!(!megaport(false).changes.is_empty());
}

#[test]
fn a_subnet_route_bridges_a_device_and_what_lies_behind_it() {
    let routes = |routes: &[&str]| json!({ "device_id": "d-1", "routes": routes });
    let plan = told(&[becomes(
        "tailscale_device_subnet_routes.office",
        routes(&["10.0.0.0/16"]),
        routes(&["10.0.0.0/16", "0.0.0.0/0"]),
    )]);
    is(
        plan.link("d-1", "0.0.0.0/0"),
        LinkKind::Vpn,
        LinkState::Effective,
        Protection::Unknown,
    );
    let added = |range: &str| {
        plan.says(&format!(
            "VPN added: subnet router d-1 <-> network behind a subnet router {range}"
        ))
    };
    assert!(added("0.0.0.0/0"), "{:?}", plan.changes);
    assert!(!added("10.0.0.0/16"), "{:?}", plan.changes);
}

#[test]
fn a_database_made_public_exposes_its_network_and_nothing_else_of_it_matters() {
    let world = |public: bool, engine: &str| {
        let database = |public: bool, engine: &str| {
            json!({
                "id": "main", "resource_id": "db-1", "identifier": "main", "db_subnet_group_name": "main",
                "publicly_accessible": public, "engine_version": engine,
            })
        };
        told(&[
            stays(
                "aws_vpc.shop",
                json!({ "id": "vpc-0a1", "cidr_block": "10.1.0.0/16", "tags": { "Name": "shop" } }),
            ),
            stays(
                "aws_subnet.a",
                json!({ "id": "subnet-0a1", "vpc_id": "vpc-0a1", "cidr_block": "10.1.1.0/24" }),
            ),
            stays(
                "aws_db_subnet_group.main",
                json!({ "id": "main", "name": "main", "subnet_ids": ["subnet-0a1"] }),
            ),
            becomes(
                "aws_db_instance.main",
                database(false, "16"),
                database(public, engine),
            ),
        ])
    };
    let public = world(true, "16");
    assert!(public.says("shop"), "{:?}", public.changes);
    let newer = world(false, "17");
    assert_eq!(newer.changes, Vec::<String>::new());
    assert_eq!(newer.notices, Vec::<String>::new());
}

#[test]
fn a_service_network_joins_networks_to_services() {
    let plan = told(&[
        stays(
            "aws_vpc.shop",
            json!({ "id": "vpc-0a1", "cidr_block": "10.1.0.0/16", "tags": { "Name": "shop" } }),
        ),
        stays(
            "aws_vpclattice_service_network.hub",
            json!({ "id": "sn-1", "name": "hub", "auth_type": "NONE" }),
        ),
        stays(
            "aws_vpclattice_service.bank",
            json!({ "id": "svc-1", "name": "bank", "auth_type": "NONE" }),
        ),
        stays(
            "aws_vpclattice_service_network_service_association.bank",
            json!({ "id": "snsa-1", "service_identifier": "svc-1", "service_network_identifier": "sn-1" }),
        ),
        new(
            "aws_vpclattice_service_network_vpc_association.shop",
            json!({ "vpc_identifier": "vpc-0a1", "service_network_identifier": "sn-1" }),
        ),
    ]);
    assert!(plan.reaches("shop", "bank"), "{:?}", plan.all_links());
}
