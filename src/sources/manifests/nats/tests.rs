//! What short configurations of NATS come to.
#![allow(clippy::unwrap_used)]

use crate::graph::fragment::Topic;

use super::super::testing::{faults_of, reading, reading_of, statements, subjects};

/// What is said of the traffic and the callers of some files' clusters, where it is not as good as can be.
fn weak(files: &[(&str, &str)]) -> Vec<String> {
    let read = reading_of(files);
    let mut all = statements(&read, Topic::Encryption);
    all.extend(statements(&read, Topic::Authentication));
    all.retain(|line| {
        let is_asked = line.contains("callers of ") && !line.ends_with("= nothing");
        let ends = ["= TLS", "= verified"];
        !is_asked && !ends.iter().any(|end| line.ends_with(end))
    });
    all.into_iter()
        .map(|line| line.trim_start_matches("nats:-/").to_owned())
        .collect()
}

const SECURE: &str = "tls { cert_file: c }\nauthorization { token: x }\ncluster { name: a }\n";

#[test]
fn the_weakest_server_speaks_for_its_cluster_and_a_better_one_is_an_exception() {
    assert!(weak(&[("a.conf", SECURE)]).is_empty());
    let plain = SECURE.replace("tls {", "debug: true\n#");
    let told = weak(&[("a.conf", SECURE), ("b.conf", &plain)]);
    assert_eq!(told, ["a: traffic of clients of a = plaintext"]);
    let read = reading_of(&[("a.conf", SECURE), ("b.conf", &plain)]);
    let all = statements(&read, Topic::Encryption);
    assert!(all.contains(&"nats:-/a: traffic of clients of a in a.conf = TLS".to_owned()));
}

#[test]
fn an_included_file_is_part_of_those_that_include_it_and_no_server() {
    let files = [
        (
            "main.conf",
            "listen: 127.0.0.1:4222\ninclude gateway.conf\nauthorization {token: x}\n",
        ),
        ("gateway.conf", "gateway { name: g, port: 7222 }\n"),
    ];
    let told = weak(&files);
    assert_eq!(
        told,
        [
            "g: traffic of clients of g = plaintext",
            "g: traffic of gateways of g = plaintext",
            "g: callers of gateways of g = nothing",
        ]
    );
}

#[test]
fn what_is_missing_is_told_and_so_is_what_cannot_be_read_with_its_line() {
    let read = reading_of(&[("nats.conf", "port: 4222\ninclude auth.conf\n")]);
    assert_eq!(subjects(&read, "include-not-read"), ["nats.conf:2"]);
    let read = reading_of(&[("nats.conf", "port: 4222\ncluster {\n  routes = [,]\n}\n")]);
    assert_eq!(subjects(&read, "unreadable-manifest"), ["nats.conf:3"]);
    let read = reading_of(&[("nats.conf", "listen: \"127.0.0.1:-\"\n")]);
    assert_eq!(subjects(&read, "unreadable-manifest"), ["nats.conf:1"]);
}

#[test]
fn files_of_other_programs_are_none() {
    for text in [
        "port 6379\nbind 127.0.0.1\ntcp-backlog 511\n",
        "server {\n  listen 80;\n  server_name x;\n}\n",
        "akka { cluster { seed-nodes = [\"akka://a@h:1\"] } }\n",
        "listen_addresses = '*'\nport = 5432\n",
        "[Service]\nExecStart=/bin/x\n",
        "http { port = 8080 }\n",
        "a: [1,,]\n",
    ] {
        let read = reading_of(&[("etc/x.conf", text)]);
        assert_eq!((read.counts.0, read.notices.len()), (0, 0), "{text}");
    }
}

#[test]
fn a_config_map_holds_a_server_in_its_namespace_with_the_lines_of_its_file() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nats, namespace: bus}\ndata:\n  nats.conf: |\n    \
               # comment\n    port: 4222\n    include auth.conf\n  auth.conf: |\n    authorization { token: x }\n";
    let read = reading(map);
    let told = statements(&read, Topic::Encryption);
    assert!(
        told.contains(&"nats:-/bus/nats: traffic of clients of bus/nats = plaintext".to_owned())
    );
    assert!(faults_of(&read).is_empty());
    let site = read
        .sites_after
        .iter()
        .find(|site| site.subject.ends_with(" clients"))
        .unwrap();
    assert_eq!(site.lines, [7, 7]);
    let broken = map.replace("port: 4222", "port: [");
    assert_eq!(
        subjects(&reading(&broken), "unreadable-manifest"),
        ["a.yaml:8"]
    );
}

#[test]
fn gateways_join_clusters_and_those_nobody_describes_are_told() {
    let of = |name: &str, other: &str| {
        format!(
            "gateway {{ name: {name}, tls {{}}, reject_unknown: true, port: 7222, gateways: [{{name: {other}, url: \"nats://{other}:1\"}}] }}\nauthorization {{token: x}}\ntls {{}}\n"
        )
    };
    let (a, b) = (of("a", "b"), of("b", "a"));
    let read = reading_of(&[("a.conf", &a), ("b.conf", &b)]);
    assert_eq!(read.after.links.len(), 2);
    assert!(subjects(&read, "mesh-peer-not-seen").is_empty());
    assert!(subjects(&read, "nats-gossip").is_empty());
    let read = reading_of(&[("a.conf", &a.replace("reject_unknown: true,", ""))]);
    assert_eq!(subjects(&read, "mesh-peer-not-seen"), ["NatsServer/a.conf"]);
    assert_eq!(subjects(&read, "nats-gossip"), ["a"]);
}

#[test]
fn values_of_the_chart_are_a_cluster_too() {
    let read = reading(
        "config: {cluster: {enabled: true, merge: {name: bus}}, nats: {tls: {enabled: true}}}\n",
    );
    let told = statements(&read, Topic::Encryption);
    let of = |what: &str| format!("nats:-/bus: traffic of {what} of bus = ");
    assert!(told.contains(&(of("routes") + "plaintext")));
    assert!(told.contains(&(of("clients") + "TLS")));
}
