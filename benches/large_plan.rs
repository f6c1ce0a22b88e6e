//! How long a large plan takes from bytes to changes, beside a plain parse into `serde_json::Value` and `jq`.
//!
//! The plan is made up here in the shape that Terraform writes for a hub-and-spoke network: modules of thirteen resources, each
//! with an endpoint policy of many statements. `PERIMETER_PLAN=FILE cargo bench` measures a plan of your own instead.
#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

/// Modules and policy statements that together make about 100 MB.
const MODULES: usize = 730;
const STATEMENTS: usize = 300;

fn plan_file(directory: &Path) -> PathBuf {
    if let Some(given) = std::env::var_os("PERIMETER_PLAN") {
        return given.into();
    }
    let path = directory.join("plan.json");
    std::fs::write(&path, made_up_plan()).unwrap();
    path
}

fn made_up_plan() -> String {
    let mut changes = Vec::new();
    let mut planned = String::new();
    let mut change = |module: &str, kind: &str, name: &str, values: &str, unknown: &str| {
        let address = if module.is_empty() {
            format!("{kind}.{name}")
        } else {
            format!("{module}.{kind}.{name}")
        };
        let quoted = address.replace('"', "\\\"");
        let in_module = if module.is_empty() {
            String::new()
        } else {
            format!(r#""module_address":"{module}","#)
        };
        changes.push(format!(
            r#"{{"address":"{quoted}",{in_module}"mode":"managed","type":"{kind}","name":"{name}","provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["create"],"before":null,"after":{values},"after_unknown":{unknown},"before_sensitive":false,"after_sensitive":{{}}}}}}"#
        ));
        write!(planned, r#"{}{{"address":"{quoted}","mode":"managed","type":"{kind}","name":"{name}","values":{values},"sensitive_values":{{}}}}"#, if planned.is_empty() { "" } else { "," }).unwrap();
    };
    let id = r#"{"id":true,"arn":true}"#;
    change(
        "",
        "aws_ec2_transit_gateway",
        "hub",
        r#"{"description":"hub","default_route_table_association":"enable","default_route_table_propagation":"enable"}"#,
        id,
    );
    change(
        "",
        "aws_vpc",
        "hub",
        r#"{"cidr_block":"10.255.0.0/16","tags":{"Name":"hub"}}"#,
        id,
    );
    let statement = r#"{\"Action\":[\"s3:GetObject\"],\"Effect\":\"Allow\",\"Principal\":\"*\",\"Resource\":\"arn:aws:s3:::bucket/*\"}"#;
    let policy = vec![statement; STATEMENTS].join(",");
    for number in 0..MODULES {
        let module = format!("module.net[{number}]");
        let network = format!("10.{}.{}", number / 256, number % 256);
        change(
            &module,
            "aws_vpc",
            "this",
            &format!(r#"{{"cidr_block":"{network}.0/24","tags":{{"Name":"net-{number}"}}}}"#),
            id,
        );
        for zone in 0..4 {
            let values = format!(
                r#"{{"cidr_block":"{network}.{}/26","map_public_ip_on_launch":false}}"#,
                zone * 64
            );
            change(
                &module,
                "aws_subnet",
                &format!("z{zone}"),
                &values,
                r#"{"id":true,"arn":true,"vpc_id":true}"#,
            );
            change(
                &module,
                "aws_route_table_association",
                &format!("z{zone}"),
                "{}",
                r#"{"id":true,"subnet_id":true,"route_table_id":true}"#,
            );
        }
        change(
            &module,
            "aws_route_table",
            "this",
            "{}",
            r#"{"id":true,"arn":true,"vpc_id":true,"route":true}"#,
        );
        let endpoint = format!(
            r#"{{"service_name":"com.amazonaws.eu-west-1.s3","vpc_endpoint_type":"Gateway","policy":"{{\"Statement\":[{policy}]}}"}}"#
        );
        change(
            &module,
            "aws_vpc_endpoint",
            "s3",
            &endpoint,
            r#"{"id":true,"vpc_id":true,"route_table_ids":true}"#,
        );
        change(
            &module,
            "aws_vpc_peering_connection",
            "hub",
            r#"{"auto_accept":true}"#,
            r#"{"id":true,"vpc_id":true,"peer_vpc_id":true}"#,
        );
        change(
            &module,
            "aws_ec2_transit_gateway_vpc_attachment",
            "hub",
            r#"{"dns_support":"enable"}"#,
            r#"{"id":true,"vpc_id":true,"transit_gateway_id":true,"subnet_ids":true}"#,
        );
    }
    let refers = |attribute: &str, target: &str| {
        format!(r#""{attribute}":{{"references":["{target}.id","{target}"]}}"#)
    };
    let variable =
        |attribute: &str, name: &str| format!(r#""{attribute}":{{"references":["var.{name}"]}}"#);
    let mut inside = vec![config("aws_vpc", "this", "")];
    for zone in 0..4 {
        inside.push(config(
            "aws_subnet",
            &format!("z{zone}"),
            &refers("vpc_id", "aws_vpc.this"),
        ));
        let ends = [
            refers("subnet_id", &format!("aws_subnet.z{zone}")),
            refers("route_table_id", "aws_route_table.this"),
        ];
        inside.push(config(
            "aws_route_table_association",
            &format!("z{zone}"),
            &ends.join(","),
        ));
    }
    inside.push(config(
        "aws_route_table",
        "this",
        &refers("vpc_id", "aws_vpc.this"),
    ));
    inside.push(config(
        "aws_vpc_endpoint",
        "s3",
        &refers("vpc_id", "aws_vpc.this"),
    ));
    inside.push(config(
        "aws_vpc_peering_connection",
        "hub",
        &[
            refers("vpc_id", "aws_vpc.this"),
            variable("peer_vpc_id", "hub_vpc_id"),
        ]
        .join(","),
    ));
    inside.push(config(
        "aws_ec2_transit_gateway_vpc_attachment",
        "hub",
        &[
            refers("vpc_id", "aws_vpc.this"),
            variable("transit_gateway_id", "tgw_id"),
        ]
        .join(","),
    ));
    let arguments = [
        refers("hub_vpc_id", "aws_vpc.hub"),
        refers("tgw_id", "aws_ec2_transit_gateway.hub"),
    ]
    .join(",");
    format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{{"root_module":{{"resources":[{planned}]}}}},"resource_changes":[{}],"configuration":{{"provider_config":{{"aws":{{"name":"aws","expressions":{{"region":{{"constant_value":"eu-west-1"}}}}}}}},"root_module":{{"resources":[{},{}],"module_calls":{{"net":{{"source":"./net","expressions":{{{arguments}}},"count_expression":{{"constant_value":{MODULES}}},"module":{{"resources":[{}],"variables":{{"hub_vpc_id":{{}},"tgw_id":{{}}}}}}}}}}}}}}}}"#,
        changes.join(","),
        config("aws_ec2_transit_gateway", "hub", ""),
        config("aws_vpc", "hub", ""),
        inside.join(","),
    )
}

fn config(kind: &str, name: &str, expressions: &str) -> String {
    format!(
        r#"{{"address":"{kind}.{name}","mode":"managed","type":"{kind}","name":"{name}","provider_config_key":"aws","expressions":{{{expressions}}}}}"#
    )
}

fn large_plan(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().unwrap();
    let plan = plan_file(directory.path());
    let repository = directory.path().join("repository");
    git2::Repository::init(&repository).unwrap();
    let megabytes = std::fs::metadata(&plan).unwrap().len() / 1_000_000;
    let mut group = criterion.benchmark_group(format!("plan of {megabytes} MB"));
    group.sample_size(10);
    group.bench_function("perimeter check", |bencher| {
        bencher.iter(|| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_perimeter"));
            command
                .args(["check", "--exit-zero", "--plan"])
                .arg(&plan)
                .arg("--repo")
                .arg(&repository);
            assert!(command.stdout(Stdio::null()).status().unwrap().success());
        });
    });
    group.bench_function("serde_json::Value", |bencher| {
        bencher.iter(|| {
            serde_json::from_slice::<serde_json::Value>(&std::fs::read(&plan).unwrap()).unwrap()
        });
    });
    if Command::new("jq")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok()
    {
        group.bench_function("jq .resource_changes|length", |bencher| {
            bencher.iter(|| {
                let mut command = Command::new("jq");
                command.arg(".resource_changes|length").arg(&plan);
                assert!(command.stdout(Stdio::null()).status().unwrap().success());
            });
        });
    }
    group.finish();
}

criterion_group!(benches, large_plan);
criterion_main!(benches);
