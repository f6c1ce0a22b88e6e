#![allow(clippy::unwrap_used)]

use crate::graph::fragment::{FarSide, Topic};
use crate::graph::link::LinkState;

use super::super::estate::Versions;
use super::super::testing::{of_files, reading, statements, subjects};
use super::super::{Reading, may_hold_objects};

const BILLING: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: billing, namespace: pay}\nspec: {selector: {app: billing}, ports: \
                       [{port: 80}]}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: billing-v2, namespace: pay}\nspec: \
                       {template: {metadata: {labels: {app: billing}, annotations: {consul.hashicorp.com/connect-inject: \"true\"}}}}\n---\n";

fn entry(kind: &str, name: &str, spec: &str) -> String {
    format!(
        "apiVersion: consul.hashicorp.com/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}, namespace: pay}}\nspec: {spec}\n---\n"
    )
}

fn files(files: &[(&str, &str)]) -> Reading {
    of_files([files, files], &Versions::new())
}

/// What is stated of some boundary on inbound traffic.
#[track_caller]
fn check(text: &str, boundary: &str, expected: &str) {
    let wanted = format!("{boundary}: inbound traffic by Consul = ");
    let stated = statements(&reading(text), Topic::Encryption);
    let found: Vec<&str> = stated
        .iter()
        .filter_map(|line| line.strip_prefix(&wanted))
        .collect();
    assert_eq!(found, [expected], "{stated:#?}");
}

fn about(reading: &Reading, topic: Topic, word: &str) -> Vec<String> {
    let all = statements(reading, topic);
    all.into_iter().filter(|line| line.contains(word)).collect()
}

#[test]
fn service_defaults_win_over_proxy_defaults_and_strict_holds_without_a_word() {
    let workload = "-/pay/deployment/billing-v2";
    check(
        &(BILLING.to_owned() + &entry("Mesh", "mesh", "{}")),
        workload,
        "mTLS only",
    );
    let open = entry("ProxyDefaults", "global", "{mutualTLSMode: permissive}");
    check(
        &(BILLING.to_owned() + &open),
        workload,
        "plaintext beside mTLS",
    );
    check(&(BILLING.to_owned() + &open), "-", "plaintext beside mTLS");
    let strict = entry("ServiceDefaults", "billing", "{mutualTLSMode: strict}");
    check(
        &(BILLING.to_owned() + &open + &strict),
        workload,
        "mTLS only",
    );
}

#[test]
fn a_workload_kept_out_takes_plaintext_and_is_a_site() {
    let out = BILLING.replace("\"true\"", "\"false\"");
    check(&out, "-/pay/deployment/billing-v2", "plaintext only");
    assert_eq!(reading(&out).sites_after.len(), 1);
    assert_eq!(reading(BILLING).sites_after.len(), 0);
}

#[test]
fn an_entry_means_the_same_as_an_object_and_as_a_file_in_any_spelling() {
    let object = reading(&entry(
        "ServiceDefaults",
        "billing",
        "{mutualTLSMode: permissive}",
    ));
    let hcl = files(&[(
        "billing.hcl",
        "Kind = \"service-defaults\"\nName = \"billing\"\nNamespace = \"pay\"\nmutual_tls_mode = \"permissive\"\n",
    )]);
    let json = files(&[(
        "billing.json",
        "{\"Kind\": \"service-defaults\", \"Name\": \"billing\", \"Namespace\": \"pay\", \"MutualTLSMode\": \"permissive\"}",
    )]);
    let all = |reading: &Reading| {
        let topics = [Topic::Encryption, Topic::Authentication, Topic::Mesh];
        let stated = topics
            .into_iter()
            .flat_map(|topic| statements(reading, topic));
        // The object's own namespace comes into view with it.
        stated
            .filter(|line| {
                !line.starts_with("-/pay: inbound traffic by Consul = ")
                    && !line.starts_with("-/pay: callers by Consul = ")
                    && !line.starts_with("-/pay: calls without an intention")
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(all(&object).len(), all(&hcl).len());
    assert_eq!(all(&hcl), all(&json));
    assert!(about(&hcl, Topic::Encryption, "plaintext beside mTLS").len() >= 2);
    assert_eq!(hcl.sites_after[0].lines, [4, 4]);
}

#[test]
fn intentions_that_say_what_holds_anyway_say_nothing() {
    let intention = |source: &str, action: &str| {
        let spec = format!(
            "{{destination: {{name: billing}}, sources: [{{name: {source}, action: {action}}}]}}"
        );
        entry("ServiceIntentions", "one", &spec)
    };
    let values = "global: {datacenter: dc1, acls: {manageSystemACLs: true}}\nconnectInject: {enabled: true}\n---\n";
    let open = values.replace("true}}", "false}}");
    let callers = |text: &str| {
        about(
            &reading(&(BILLING.to_owned() + text)),
            Topic::Authentication,
            "callers of billing",
        )
    };
    assert_eq!(
        callers(&(open.clone() + &intention("web", "allow"))),
        [""; 0]
    );
    assert_eq!(callers(&(open + &intention("web", "deny"))).len(), 2);
    // Where nobody tells what holds anyway, all that is said counts.
    assert_eq!(callers(&intention("web", "allow")).len(), 2);
    assert_eq!(callers(&intention("web", "deny")).len(), 2);
    assert_eq!(
        callers(&(values.to_owned() + &intention("web", "allow"))).len(),
        2
    );
    assert_eq!(
        callers(&(values.to_owned() + &intention("web", "deny"))),
        [""; 0]
    );
}

#[test]
fn everyone_allowed_is_an_open_door_and_no_plaintext() {
    let open = entry(
        "ServiceIntentions",
        "all",
        "{destination: {name: \"*\"}, sources: [{name: \"*\", action: allow}]}",
    );
    let read = reading(&open);
    assert_eq!(
        (read.open_doors_after.len(), read.sites_after.len()),
        (1, 0)
    );
    let one = entry(
        "ServiceIntentions",
        "all",
        "{destination: {name: billing}, sources: [{name: web, action: allow}]}",
    );
    assert_eq!(reading(&one).open_doors_after, []);
    let doors = |rights: bool| {
        let values = format!(
            "global: {{datacenter: dc1, acls: {{manageSystemACLs: {rights}}}}}\n---\n{open}"
        );
        let doors = reading(&values).open_doors_after.into_iter();
        doors
            .filter(|door| door.words.contains("every service"))
            .count()
    };
    assert_eq!((doors(true), doors(false)), (1, 0));
}

#[test]
fn a_group_hands_its_services_to_each_member() {
    let group = entry(
        "SamenessGroup",
        "all",
        "{members: [{partition: default}, {peer: dc2}, {peer: dc3}]}",
    );
    let exported = entry(
        "ExportedServices",
        "default",
        "{services: [{name: billing, consumers: [{samenessGroup: all}]}]}",
    );
    let read = reading(&(BILLING.to_owned() + &group + &exported));
    let of_workload: Vec<String> = about(&read, Topic::Export, "-/pay/deployment/billing-v2");
    assert_eq!(of_workload.len(), 2);
    assert!(of_workload[0].contains("to peer dc2"));
    assert_eq!(about(&read, Topic::Mesh, "in group all").len(), 2);
}

#[test]
fn half_a_peering_is_kept_and_said_and_offered_where_the_other_side_could_be_seen() {
    let values =
        |name: &str| format!("global: {{datacenter: {name}}}\nconnectInject: {{enabled: true}}\n");
    let half = |kind: &str, name: &str| {
        format!(
            "apiVersion: consul.hashicorp.com/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\n"
        )
    };
    let (one, two) = (values("dc1"), values("dc2"));
    let acceptor = half("PeeringAcceptor", "dc2");
    let alone = files(&[("dc1.yaml", &one), ("acceptor.yaml", &acceptor)]);
    assert_eq!(alone.after.links.len(), 2);
    assert_eq!(alone.after.links[0].state, LinkState::Effective);
    assert_eq!(
        subjects(&alone, "mesh-peer-not-seen"),
        ["dc1/PeeringAcceptor/dc2"]
    );
    let neither = files(&[("dc1.yaml", &one), ("dc2.yaml", &two)]);
    assert_eq!(neither.after.links.len(), 0);
}

#[test]
fn agents_in_one_folder_are_one_unless_several_say_who_they_are() {
    let head = "datacenter = \"dc1\"\nserver = true\ndata_dir = \"/opt\"\n";
    let tls = "tls {\n  defaults {\n    verify_incoming = true\n    verify_outgoing = true\n  }\n  internal_rpc {\n    \
               verify_server_hostname = true\n  }\n}\n";
    let key = "encrypt = \"${KEY}\"\n";
    let whole = files(&[("c/a.hcl", head), ("c/key.hcl", key), ("c/tls.hcl", tls)]);
    assert_eq!(whole.sites_after, []);
    let other = "datacenter = \"dc1\"\nnode_name = \"two\"\nserver = true\n";
    let several = files(&[
        ("c/a.hcl", head),
        ("c/b.hcl", &(other.to_owned() + key)),
        ("c/tls.hcl", tls),
    ]);
    assert!(!several.sites_after.is_empty());
}

#[test]
fn old_and_new_spellings_of_tls_are_one_and_certificates_alone_are_nothing() {
    let head = "datacenter = \"dc1\"\nserver = true\ndata_dir = \"/opt\"\nencrypt = \"${KEY}\"\n";
    let with = |tls: &str| files(&[("c/a.hcl", &(head.to_owned() + tls))]);
    let old =
        with("verify_incoming = true\nverify_outgoing = true\nverify_server_hostname = true\n");
    let new = with(
        "tls { defaults { verify_incoming = true\n verify_outgoing = true }\n internal_rpc { verify_server_hostname = true } }\n",
    );
    assert_eq!(
        statements(&old, Topic::Encryption),
        statements(&new, Topic::Encryption)
    );
    assert_eq!((old.sites_after.len(), new.sites_after.len()), (0, 0));
    let certificates =
        with("ca_file = \"ca.pem\"\ncert_file = \"cert.pem\"\nverify_incoming = false\n");
    let words: Vec<&str> = certificates
        .sites_after
        .iter()
        .map(|site| site.words.as_str())
        .collect();
    assert_eq!(
        words,
        [
            "has agents that take RPC without TLS",
            "has agents that call each other without TLS"
        ]
    );
    assert_eq!(certificates.sites_after[0].lines, [7, 7]);
}

#[test]
fn a_secondary_datacenter_is_joined_to_its_primary() {
    let agent = |name: &str| {
        format!(
            "{{\"datacenter\": \"{name}\", \"server\": true, \"primary_datacenter\": \"dc1\", \"retry_join_wan\": [\"10.1.0.9\"]}}"
        )
    };
    let read = files(&[("one/a.json", &agent("dc1")), ("two/a.json", &agent("dc2"))]);
    assert_eq!(read.after.links.len(), 1);
    assert_eq!(about(&read, Topic::Mesh, "joins 10.1.0.9").len(), 2);
    assert_eq!(subjects(&read, "mesh-peer-not-seen"), [""; 0]);
}

#[test]
fn two_installations_of_one_datacenter_do_not_lend_each_other_what_they_lack() {
    let sound = "global: {name: consul, datacenter: dc1, tls: {enabled: true}, gossipEncryption: {autoGenerate: true}}\nserver: {}\n";
    let bare = "global: {name: consul, datacenter: dc1}\nserver: {}\n";
    assert_eq!(files(&[("a.yaml", sound)]).sites_after, []);
    let both = files(&[("a.yaml", sound), ("b.yaml", bare)]);
    assert_eq!(both.sites_after.len(), 1);
    assert!(
        both.sites_after
            .iter()
            .all(|site| &*site.source.path == "b.yaml")
    );
}

#[test]
fn other_systems_in_hcl_are_left_alone_and_faults_are_told_with_their_line() {
    for (path, text) in [
        (
            "nomad.hcl",
            "datacenter = \"dc1\"\ndata_dir = \"/opt\"\nserver {\n  enabled = true\n  bootstrap_expect = 3\n}\n",
        ),
        (
            "vault.hcl",
            "storage \"raft\" {\n  retry_join {\n    leader_api_addr = \"https://a\"\n  }\n}\nlistener \"tcp\" {}\n",
        ),
        (
            "terragrunt.hcl",
            "include \"root\" {\n  path = find_in_parent_folders()\n}\n",
        ),
    ] {
        let read = files(&[(path, text)]);
        assert_eq!(read.counts.0, 0, "{path}");
    }
    assert!(!may_hold_objects(
        "terragrunt.hcl",
        b"inputs = { name = \"one\" }"
    ));
    let broken = files(&[(
        "c/a.hcl",
        "retry_join = [\"a\"]\nverify_incoming = = true\n",
    )]);
    let told = subjects(&broken, "unreadable-manifest");
    assert!(!told.is_empty() && told.iter().all(|one| one == "c/a.hcl:2"));
}

#[test]
fn a_terminating_gateway_without_a_certificate_authority_is_plaintext_toward_the_outside() {
    let gateway = |more: &str| {
        format!(
            "Kind = \"terminating-gateway\"\nName = \"egress\"\nServices = [{{ Name = \"rates\" {more} }}]\n"
        )
    };
    let at = |address: &str| {
        format!(
            "Kind = \"service-defaults\"\nName = \"rates\"\nDestination {{\n  Addresses = [\"{address}\"]\n  Port = 443\n}}\n"
        )
    };
    let sites = |gateway: &str, address: &str| {
        let read = files(&[("g.hcl", gateway), ("d.hcl", &at(address))]);
        read.sites_after
            .iter()
            .map(|site| site.far_side.clone())
            .collect::<Vec<_>>()
    };
    for address in ["api.rates.example", "10.1.0.9"] {
        assert_eq!(sites(&gateway(""), address), [FarSide::at([address])]);
    }
    assert_eq!(
        sites(&gateway(", CAFile = \"ca.pem\""), "api.rates.example"),
        []
    );
}

#[test]
fn rights_are_asked_for_where_they_are_on_and_deny_by_default() {
    let server = "{\"datacenter\": \"dc1\", \"data_dir\": \"/opt\", \"server\": true, \"acl\": ";
    let is_open = |acl: &str| {
        let text = format!("{server}{acl}}}");
        let read = files(&[("c/a.json", &text)]);
        let doors = read.open_doors_after.iter();
        let found = doors
            .filter(|door| door.words.contains("what no policy forbids"))
            .count();
        let stated = about(&read, Topic::Authentication, "rights of servers").len();
        assert_eq!(found, stated, "{acl}");
        found == 1
    };
    assert!(!is_open(
        "{\"enabled\": true, \"default_policy\": \"deny\"}"
    ));
    assert!(is_open(
        "{\"enabled\": true, \"default_policy\": \"allow\"}"
    ));
    assert!(is_open("{\"enabled\": true}"));
    let away = |policy: &str| {
        let acl = format!(
            "{{\"enabled\": true, \"default_policy\": \"deny\", \"down_policy\": \"{policy}\"}}"
        );
        let text = format!("{server}{acl}}}");
        let doors = files(&[("c/a.json", &text)]).open_doors_after.into_iter();
        doors
            .filter(|door| door.words.contains("out of reach"))
            .count()
    };
    assert_eq!((away("allow"), away("extend-cache")), (1, 0));
    assert!(is_open(
        "{\"enabled\": false, \"default_policy\": \"deny\"}"
    ));
    let half = files(&[(
        "c/a.json",
        &format!("{server}{{\"default_policy\": \"deny\"}}}}"),
    )]);
    assert_eq!(
        subjects(&half, "policy-without-effect"),
        ["dc1/ConsulAgent"]
    );
}

#[test]
fn rights_decide_for_calls_without_an_intention_unless_that_is_told_apart() {
    let callers = |more: &str| {
        let text = format!("datacenter = \"dc1\"\ndata_dir = \"/opt\"\nserver = true\n{more}\n");
        let entry = "Kind = \"service-defaults\"\nName = \"billing\"\n";
        let read = files(&[("c/a.hcl", &text), ("e/b.hcl", entry)]);
        let stated = about(
            &read,
            Topic::Authentication,
            "dc1: calls without an intention",
        );
        stated[0].rsplit(" = ").next().unwrap().to_owned()
    };
    let denying = "acl {\n enabled = true\n default_policy = \"deny\"\n}";
    assert_eq!(callers(denying), "deny");
    assert_eq!(
        callers("acl {\n enabled = false\n default_policy = \"deny\"\n}"),
        "allow"
    );
    assert_eq!(
        callers(&format!("{denying}\ndefault_intention_policy = \"allow\"")),
        "allow"
    );
    assert_eq!(callers("default_intention_policy = \"deny\""), "deny");
}

#[test]
fn the_api_is_plaintext_where_it_is_reached_over_http_from_beyond_the_machine() {
    let stated = |more: &str| {
        let text = format!("datacenter = \"dc1\"\ndata_dir = \"/opt\"\nserver = true\n{more}\n");
        let read = files(&[("c/a.hcl", &text)]);
        let of = |topic, word| about(&read, topic, word).len();
        [
            of(Topic::Encryption, "HTTP API of servers"),
            of(Topic::Encryption, "gRPC of servers"),
            of(Topic::Authentication, "callers of the API of servers"),
        ]
    };
    assert_eq!(stated(""), [0, 0, 0]);
    assert_eq!(
        stated("client_addr = \"127.0.0.1 ::1\"\nports { grpc = 8502 }"),
        [0, 0, 0]
    );
    assert_eq!(stated("client_addr = \"0.0.0.0\""), [1, 0, 1]);
    assert_eq!(
        stated("client_addr = \"{{ GetPrivateIP }}\"\nports { grpc = 8502 }"),
        [1, 1, 1]
    );
    assert_eq!(stated("addresses { http = \"0.0.0.0\" }"), [1, 0, 1]);
    let secured = "client_addr = \"0.0.0.0\"\nports {\n http = -1\n https = 8501\n}\n";
    assert_eq!(stated(secured), [0, 0, 1]);
    for asking in [
        "tls {\n https {\n verify_incoming = true\n }\n}",
        "tls {\n defaults {\n verify_incoming = true\n }\n}",
        "verify_incoming_https = true",
    ] {
        assert_eq!(stated(&format!("{secured}{asking}")), [0, 0, 0], "{asking}");
    }
    let unasking = "tls {\n defaults {\n verify_incoming = true\n }\n https {\n verify_incoming = false\n }\n}";
    assert_eq!(stated(&format!("{secured}{unasking}")), [0, 0, 1]);
}

#[test]
fn the_chart_takes_http_without_tls_or_where_it_keeps_it_beside() {
    let stated = |global: &str| {
        let values = format!("global: {{datacenter: dc1, {global}}}\n");
        let read = files(&[("v.yaml", &values)]);
        about(&read, Topic::Encryption, "HTTP API of servers").len()
    };
    assert_eq!(stated("tls: {enabled: false}"), 1);
    assert_eq!(stated("tls: {enabled: true}"), 0);
    assert_eq!(stated("tls: {enabled: true, httpsOnly: false}"), 1);
}

#[test]
fn servers_elsewhere_are_named_and_called_with_tls_or_not() {
    let values = |more: &str| {
        format!(
            "global: {{datacenter: dc1, enabled: false, {more}}}\nexternalServers: {{enabled: true, hosts: [consul.example.com]}}\n"
        )
    };
    let plain = values("tls: {enabled: false}");
    let plain = files(&[("v.yaml", &plain)]);
    assert_eq!(about(&plain, Topic::Mesh, "consul.example.com").len(), 1);
    assert_eq!(
        plain.sites_after[0].far_side,
        FarSide::at(["consul.example.com"])
    );
    let secured = values("tls: {enabled: true}");
    let secured = files(&[("v.yaml", &secured)]);
    assert_eq!(secured.sites_after, []);
    // What servers elsewhere do is not for the chart to say.
    assert_eq!(about(&secured, Topic::Encryption, "gossip"), [""; 0]);
}

#[test]
fn the_identifier_of_the_cluster_is_its_trust_domain_whoever_signs() {
    let domain = |provider: &str, id: &str| {
        let text = format!(
            "datacenter = \"dc1\"\ndata_dir = \"/opt\"\nserver = true\nconnect {{\n ca_provider = \"{provider}\"\n ca_config {{\n {id}\n }}\n}}\n"
        );
        let read = files(&[("c/a.hcl", &text)]);
        about(&read, Topic::Mesh, "trust domain of Consul")
    };
    let id = "cluster_id = \"5f1c\"";
    assert_eq!(
        domain("consul", id),
        ["dc1: trust domain of Consul = 5f1c.consul"]
    );
    assert_eq!(domain("vault", id), domain("consul", id));
    assert_eq!(domain("consul", "leaf_cert_ttl = \"72h\""), [""; 0]);
    let values = |id: &str| {
        format!(
            "global: {{datacenter: dc1}}\nserver:\n  extraConfig: |\n    {{\"connect\": {{\"ca_config\": {{\"cluster_id\": \"{id}\"}}}}}}\n"
        )
    };
    let of_chart = files(&[("v.yaml", &values("5f1c"))]);
    assert_eq!(
        about(&of_chart, Topic::Mesh, "trust domain of Consul"),
        domain("consul", id)
    );
    let unrendered = files(&[("v.yaml", &values("${ID}"))]);
    assert_eq!(
        about(&unrendered, Topic::Mesh, "trust domain of Consul"),
        [""; 0]
    );
}

#[test]
fn a_lifetime_of_certificates_that_is_spelled_out_is_told() {
    let told = |ttl: &str| {
        let text = format!(
            "datacenter = \"dc1\"\ndata_dir = \"/opt\"\nserver = true\nconnect {{\n enabled = true\n ca_config {{\n {ttl}\n }}\n}}\n"
        );
        files(&[("c/a.hcl", &text)]).faults_after.len()
    };
    assert_eq!(told("leaf_cert_ttl = \"72h\""), 1);
    assert_eq!(told("cluster_id = \"a\""), 0);
}

#[test]
fn what_is_not_sent_through_proxies_reaches_a_workload_past_its_own() {
    let values = |more: &str| {
        format!("global: {{datacenter: dc1}}\nconnectInject: {{enabled: true, {more}}}\n---\n")
    };
    let workload = "dc1/pay/deployment/billing-v2";
    let taken = |text: String, expected: &str| check(&text, workload, expected);
    taken(values("default: false") + BILLING, "mTLS only");
    let off = "transparentProxy: {defaultEnabled: false}";
    taken(values(off) + BILLING, "plaintext beside mTLS");
    let annotated = |value: &str| {
        let more = format!("\"true\", consul.hashicorp.com/transparent-proxy: \"{value}\"");
        BILLING.replace("\"true\"", &more)
    };
    taken(
        values("default: false") + &annotated("false"),
        "plaintext beside mTLS",
    );
    taken(values(off) + &annotated("true"), "mTLS only");
    let labelled = "apiVersion: v1\nkind: Namespace\nmetadata: {name: pay, labels: {consul.hashicorp.com/transparent-proxy: \"false\"}}\n---\n";
    taken(
        values("default: false") + labelled + BILLING,
        "plaintext beside mTLS",
    );
}

#[test]
fn nobody_is_put_into_the_mesh_without_an_injector() {
    let values = |is_on: bool| {
        format!("global: {{datacenter: dc1}}\nconnectInject: {{enabled: {is_on}}}\n---\n")
    };
    let workload = "dc1/pay/deployment/billing-v2";
    check(&(values(true) + BILLING), workload, "mTLS only");
    check(&(values(false) + BILLING), workload, "plaintext only");
}

/// A gateway with a listener of its own for each port, and routes to services.
fn gateway(listeners: &str, routes: &str) -> Reading {
    let gateway =
        format!("Kind = \"api-gateway\"\nName = \"edge\"\nListeners = [\n{listeners}\n]\n");
    files(&[("g.hcl", &gateway), ("r.yaml", routes)])
}

const TLS: &str = "TLS = { Certificates = [{ Kind = \"inline-certificate\", Name = \"c\" }] }";

fn route(kind: &str, parent: &str, rest: &str) -> String {
    format!("Kind: {kind}\nName: r\nParents: [{{Kind: api-gateway, Name: {parent}}}]\n{rest}\n")
}

#[test]
fn a_route_opens_services_at_the_listeners_of_its_gateway_with_tls_or_without() {
    let plain = "{ Name = \"plain\", Port = 8080, Protocol = \"http\" },";
    let secured = format!("{{ Name = \"secured\", Port = 8443, Protocol = \"http\", {TLS} }},");
    let listeners = format!("{plain}\n{secured}");
    let rules = "Rules: [{Services: [{Name: billing}, {Name: ledger}]}]";
    let open = |read: &Reading| {
        let all = about(read, Topic::Exposure, "gateway edge");
        all.into_iter()
            .filter(|line| line.contains("service/billing"))
            .collect::<Vec<_>>()
    };
    let both = gateway(&listeners, &route("http-route", "edge", rules));
    assert_eq!(
        open(&both),
        [
            "-/-/service/billing: billing on port 8080 of gateway edge = without TLS of its own",
            "-/-/service/billing: billing on port 8443 of gateway edge = with TLS",
        ]
    );
    assert_eq!(both.sites_after.len(), 1);
    assert_eq!(both.sites_after[0].lines[0], 4);
    let one = gateway(
        &listeners,
        &route("http-route", "edge, SectionName: secured", rules),
    );
    assert_eq!((open(&one).len(), one.sites_after.len()), (1, 0));
    let tcp = gateway(
        plain,
        &route("tcp-route", "edge", "Services: [{Name: billing}]"),
    );
    assert_eq!((open(&tcp).len(), tcp.sites_after.len()), (1, 1));
    let none = gateway(
        &listeners,
        &route("http-route", "edge, SectionName: other", rules),
    );
    assert_eq!((open(&none).len(), none.sites_after.len()), (0, 0));
    let elsewhere = gateway(&listeners, &route("http-route", "other", rules));
    let stated = about(
        &elsewhere,
        Topic::Exposure,
        "through gateway other = routed",
    );
    assert!(
        stated
            .iter()
            .any(|line| line.starts_with("-/-/service/billing"))
    );
}

#[test]
fn a_token_is_asked_for_where_every_rule_to_a_service_asks() {
    let listener =
        |more: &str| format!("{{ Name = \"a\", Port = 8443, Protocol = \"http\", {TLS}{more} }},");
    let asked = |more: &str, rules: &str| {
        let read = gateway(&listener(more), &route("http-route", "edge", rules));
        let stated = about(
            &read,
            Topic::Authentication,
            "-/-/service/billing: callers of billing on",
        );
        stated
            .first()
            .map(|line| line.rsplit(" = ").next().unwrap().to_owned())
    };
    let free = "Rules: [{Services: [{Name: billing}]}]";
    let own = "Rules: [{Filters: {JWT: {Providers: [{Name: okta}]}}, Services: [{Name: billing}]}]";
    let half = "Rules: [{Filters: {JWT: {Providers: [{Name: okta}]}}, Services: [{Name: billing}]}, {Services: [{Name: billing}]}]";
    let level =
        |key: &str| format!(", {key} = {{ JWT = {{ Providers = [{{ Name = \"entra\" }}] }} }}");
    assert_eq!(asked("", free), None);
    assert_eq!(asked("", own).as_deref(), Some("okta"));
    assert_eq!(asked("", half), None);
    assert_eq!(asked(&level("default"), free).as_deref(), Some("entra"));
    assert_eq!(asked(&level("default"), own).as_deref(), Some("okta"));
    assert_eq!(
        asked(&level("override"), own).as_deref(),
        Some("entra and okta")
    );
}

const OBJECTS: &str = "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: mesh}\nspec: {controllerName: \
                       consul.hashicorp.com/gateway-controller, parametersRef: {group: consul.hashicorp.com, kind: GatewayClassConfig, name: \
                       c}}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge, namespace: pay, annotations: \
                       {networking.gke.io/load-balancer-type: Internal}}\nspec: {gatewayClassName: mesh, listeners: [{name: a, port: 443, \
                       protocol: HTTPS}]}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r, namespace: \
                       pay}\nspec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: billing, port: 80}]}]}\n---\n";

#[test]
fn gateways_of_the_mesh_in_kubernetes_call_with_mtls_and_those_of_others_do_not() {
    assert_eq!(reading(&(BILLING.to_owned() + OBJECTS)).sites_after, []);
    let other = OBJECTS.replace(
        "consul.hashicorp.com/gateway-controller",
        "example.com/controller",
    );
    assert_eq!(reading(&(BILLING.to_owned() + &other)).sites_after.len(), 1);
}

#[test]
fn how_a_gateway_of_kubernetes_is_reached_is_its_class_s_to_say() {
    let reached = |config: &str| {
        let config = format!(
            "apiVersion: consul.hashicorp.com/v1alpha1\nkind: GatewayClassConfig\nmetadata: {{name: c}}\nspec: {{{config}}}\n---\n"
        );
        let read = reading(&(config + OBJECTS));
        let stated = about(&read, Topic::Exposure, "-: gateway pay/edge * port 443");
        stated[0].rsplit(" = ").next().unwrap().to_owned()
    };
    assert_eq!(reached(""), "inside the cluster with TLS");
    assert_eq!(reached("serviceType: LoadBalancer"), "outside with TLS");
    assert_eq!(
        reached(
            "serviceType: LoadBalancer, copyAnnotations: {service: [networking.gke.io/load-balancer-type]}"
        ),
        "the network around the cluster with TLS"
    );
    assert_eq!(
        reached("serviceType: NodePort"),
        "the network around the cluster with TLS"
    );
}

#[test]
fn policies_and_filters_of_gateways_ask_for_tokens() {
    let policy = |target: &str, level: &str| {
        format!(
            "apiVersion: consul.hashicorp.com/v1alpha1\nkind: GatewayPolicy\nmetadata: {{name: p, namespace: pay}}\nspec: {{targetRef: \
             {{kind: Gateway, name: {target}}}, {level}: {{jwt: {{providers: [{{name: entra}}]}}}}}}\n---\n"
        )
    };
    let filter = "apiVersion: consul.hashicorp.com/v1alpha1\nkind: RouteAuthFilter\nmetadata: {name: f, namespace: pay}\nspec: {jwt: \
                  {providers: [{name: okta}]}}\n---\n";
    let filtered = OBJECTS.replace(
        "backendRefs:",
        "filters: [{type: ExtensionRef, extensionRef: {group: consul.hashicorp.com, kind: RouteAuthFilter, name: f}}], backendRefs:",
    );
    let asked = |text: &str| {
        let read = reading(&(BILLING.to_owned() + text));
        let stated = about(
            &read,
            Topic::Authentication,
            "-/pay/deployment/billing-v2: callers of pay/billing through",
        );
        stated
            .first()
            .map(|line| line.rsplit(" = ").next().unwrap().to_owned())
    };
    assert_eq!(asked(OBJECTS), None);
    let with = |more: &str, objects: &str| asked(&(objects.to_owned() + more));
    assert_eq!(
        with(&policy("edge", "default"), OBJECTS).as_deref(),
        Some("entra")
    );
    assert_eq!(with(&policy("other", "default"), OBJECTS), None);
    assert_eq!(with(filter, &filtered).as_deref(), Some("okta"));
    assert_eq!(
        with(&(filter.to_owned() + &policy("edge", "default")), &filtered).as_deref(),
        Some("okta")
    );
    assert_eq!(
        with(
            &(filter.to_owned() + &policy("edge", "override")),
            &filtered
        )
        .as_deref(),
        Some("entra and okta")
    );
    assert_eq!(
        subjects(
            &reading(&(filter.to_owned() + &filtered)),
            "object-not-read"
        ),
        [""; 0]
    );
}

#[test]
fn whose_tokens_are_believed_is_told_with_whom_they_are_meant_for() {
    let provider = |more: &str| {
        format!(
            "Kind = \"jwt-provider\"\nName = \"okta\"\nIssuer = \"https://id.example\"\n{more}\n"
        )
    };
    let stated = |more: &str| {
        let read = files(&[("p.hcl", &provider(more))]);
        about(&read, Topic::Authentication, "tokens of okta")
    };
    assert_eq!(stated("").len(), 1);
    assert_ne!(stated(""), stated("Audiences = [\"a\"]"));
    assert_eq!(
        stated("Audiences = [\"a\", \"b\"]"),
        stated("Audiences = [\"b\", \"a\"]")
    );
    let faults = |uri: &str| {
        let keys = format!("JSONWebKeySet = {{ Remote = {{ URI = \"{uri}\" }} }}");
        files(&[("p.hcl", &provider(&keys))]).faults_after.len()
    };
    assert_eq!(
        (
            faults("https://id.example/keys"),
            faults("http://id.example/keys")
        ),
        (0, 1)
    );
    let intention = entry(
        "ServiceIntentions",
        "i",
        "{destination: {name: billing}, jwt: {providers: [{name: okta}]}, sources: [{name: web, action: allow}]}",
    );
    let read = reading(&(BILLING.to_owned() + &intention));
    assert_eq!(
        about(&read, Topic::Authentication, "tokens for billing = okta").len(),
        2
    );
}
