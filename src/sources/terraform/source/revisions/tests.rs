//! What two revisions of several root modules come to, on short inline text.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::graph::identity::Reference;
use crate::graph::origin::Origins;

use super::super::super::apply::{Reading, Secrets};
use super::super::compare::read_source;
use super::*;

/// The files of a repository at one revision.
type Files<'f> = &'f [(&'f str, &'f str)];

/// What each root module says at two revisions, with its label.
fn read(base: Files<'_>, head: Files<'_>) -> Vec<(String, Reading)> {
    let catalog = Catalog::embedded();
    let mut parsed: BTreeMap<(String, String), Arc<SourceFile>> = BTreeMap::new();
    let mut tree = |files: Files<'_>| {
        let all = files
            .iter()
            .filter(|(path, _)| !path.ends_with(".lock.hcl"));
        let all: Vec<_> = all
            .map(|(path, text)| {
                let known = parsed.entry(((*path).to_owned(), (*text).to_owned()));
                known
                    .or_insert_with(|| Arc::new(SourceFile::parse(path, text)))
                    .clone()
            })
            .collect();
        Tree::build(all, &[], BTreeSet::new())
    };
    let (at_base, at_head) = (tree(base), tree(head));
    let content = |files: Files<'_>, path: &str| -> Option<Vec<u8>> {
        let found = files.iter().find(|(own, _)| *own == path);
        found.map(|(_, text)| text.as_bytes().to_vec())
    };
    let revisions = Revisions {
        base: Some(&at_base),
        head: &at_head,
        read_base: &|path| content(base, path),
        read_head: &|path| content(head, path),
        values: [&[], &[]],
        runs: &[],
    };
    let interest = Interest::default();
    let request = SourceRequest {
        catalog: &catalog,
        interest: &interest,
        most_steps: MOST_STEPS,
        is_root: None,
    };
    let (mut origins, mut secrets) = (Origins::default(), Secrets::default());
    let roots = revisions.evaluate(&request).unwrap().roots;
    let mut readings = Vec::new();
    for root in &roots {
        let label = root.label();
        let scope = format!("{label}//");
        let (origins, secrets) = (&mut origins, &mut secrets);
        let reading = read_source(&catalog, root, &scope, "", &interest, origins, secrets);
        readings.push((label, reading));
    }
    readings
}

/// The ends of all links of one side, as they are referred to.
fn links(readings: &[(String, Reading)], is_after: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (_, reading) in readings {
        let side = if is_after {
            &reading.after
        } else {
            &reading.before
        };
        for link in &side.links {
            let ends = link.ends.iter().map(|end| match &end.reference {
                Reference::To(key) => key.as_str().to_owned(),
                Reference::OneOf(keys) => {
                    let keys: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
                    keys.join("|")
                }
                Reference::Unresolved { placeholder, .. } => format!("?{placeholder}"),
            });
            found.push(ends.collect::<Vec<_>>().join(" - "));
        }
    }
    found
}

fn notices(readings: &[(String, Reading)]) -> BTreeSet<&str> {
    let all = readings.iter().flat_map(|(_, reading)| &reading.notices);
    all.map(|notice| notice.kind).collect()
}

const NETWORK: &str = r#"
terraform {
  backend "s3" {
    bucket = "acme"
    key    = "network"
  }
}
resource "aws_vpc" "a" { cidr_block = "10.1.0.0/16" }
output "vpc_id" { value = aws_vpc.a.id }
output "vpc" { value = aws_vpc.a }
output "all" { value = { a = [aws_vpc.a.id] } }
"#;

/// A root module that peers its network with what it finds in a state.
fn peering(config: &str, output: &str) -> String {
    format!(
        r#"
variable "b" {{}}
variable "k" {{}}
variable "kind" {{}}
data "terraform_remote_state" "net" {{
  {config}
}}
resource "aws_vpc" "own" {{ cidr_block = "10.2.0.0/16" }}
resource "aws_vpc_peering_connection" "p" {{
  vpc_id      = aws_vpc.own.id
  peer_vpc_id = data.terraform_remote_state.net.outputs.{output}
}}
"#
    )
}

const CONFIG: &str = "backend = \"s3\"\n  config = { bucket = \"acme\", key = \"network\" }";

#[track_caller]
fn check_link(config: &str, output: &str, expected: &str) {
    let peering = peering(config, output);
    let files = [("net/main.tf", NETWORK), ("peer/main.tf", &peering)];
    let readings = read(&[], &files);
    assert_eq!(links(&readings, true), [expected], "{config} {output}");
}

#[test]
fn a_remote_state_of_a_root_module_here_leads_to_what_that_makes() {
    let joined = "peer//aws_vpc.own - net//aws_vpc.a";
    for output in ["vpc_id", "vpc.id", "all[\"a\"][0]", "all.a[0]"] {
        check_link(CONFIG, output, joined);
    }
    let by_workspace = "backend = \"s3\"\n  workspace = terraform.workspace\n  config = { bucket = \"acme\", key = \"network\" }";
    check_link(by_workspace, "vpc_id", joined);
    // The bucket is told where Terraform runs.
    let without_bucket = "backend = \"s3\"\n  config = { bucket = var.b, key = \"network\" }";
    check_link(without_bucket, "vpc_id", joined);
}

#[test]
fn a_remote_state_of_something_else_leads_nowhere_and_that_is_told() {
    let open = "peer//aws_vpc.own - peer//data.terraform_remote_state.net.outputs.vpc_id";
    for config in [
        "backend = \"s3\"\n  config = { bucket = \"acme\", key = \"other\" }",
        "backend = \"s3\"\n  config = { bucket = \"other\", key = \"network\" }",
        "backend = \"gcs\"\n  config = { bucket = \"acme\", prefix = \"network\" }",
        "backend = \"s3\"\n  config = { bucket = \"acme\", key = var.k }",
        "backend = var.kind\n  config = { bucket = \"acme\", key = \"network\" }",
    ] {
        check_link(config, "vpc_id", open);
        let peering = peering(config, "vpc_id");
        let files = [("net/main.tf", NETWORK), ("peer/main.tf", &peering)];
        let readings = read(&files, &files);
        assert!(notices(&readings).contains("remote-state-not-read"));
    }
    let peering = peering(CONFIG, "vpc_id");
    let files = [("net/main.tf", NETWORK), ("peer/main.tf", &peering)];
    assert!(!notices(&read(&files, &files)).contains("remote-state-not-read"));
}

#[test]
fn a_backend_that_is_told_when_it_is_initialised_is_known_by_the_files_for_that_and_one_without_is_told()
 {
    let network = NETWORK.replace("key    = \"network\"", "");
    let peering = peering(CONFIG, "vpc_id");
    let joined = "peer//aws_vpc.own - net//aws_vpc.a";
    let open = "peer//aws_vpc.own - peer//data.terraform_remote_state.net.outputs.vpc_id";
    let backend = |key: &'static str| {
        let files = [
            ("net/main.tf", network.as_str()),
            ("net/backends/prod.s3.tfbackend", key),
            ("peer/main.tf", &peering),
        ];
        links(&read(&[], &files), true)
    };
    assert_eq!(backend("key = \"network\"\n"), [joined]);
    assert_eq!(backend("key = \"another\"\n"), [open]);
    let files = [
        ("net/main.tf", network.as_str()),
        ("peer/main.tf", &peering),
    ];
    let readings = read(&files, &files);
    assert_eq!(links(&readings, true), [open]);
    let told = readings.iter().flat_map(|(_, reading)| &reading.notices);
    let told: Vec<&str> = told.map(|notice| notice.message.as_str()).collect();
    let says_which = |message: &&str| message.contains("(where net keeps its own, only");
    assert!(told.iter().any(says_which), "{told:?}");
}

#[test]
fn a_file_for_the_backend_of_one_environment_goes_with_the_values_of_that() {
    let network = format!(
        "variable \"name\" {{}}\n{}",
        NETWORK.replace("key    = \"network\"", "")
    );
    let peering = format!(
        "terraform {{\n  backend \"s3\" {{\n    bucket = \"acme\"\n    key = \"peer\"\n  }}\n}}\n{}",
        peering(CONFIG, "vpc_id")
    );
    let files = [
        ("net/main.tf", network.as_str()),
        ("net/dev.tfvars", "name = \"dev\"\n"),
        ("net/prod.tfvars", "name = \"prod\"\n"),
        ("net/dev.tfbackend", "key = \"dev\"\n"),
        ("net/prod.tfbackend", "key = \"network\"\n"),
        ("peer/main.tf", &peering),
    ];
    assert_eq!(
        links(&read(&[], &files), true),
        ["peer//aws_vpc.own - net+net/prod.tfvars//aws_vpc.a"]
    );
}

#[test]
fn a_state_that_two_root_modules_keep_is_of_neither() {
    let peering = peering(CONFIG, "vpc_id");
    let files = [
        ("a/main.tf", NETWORK),
        ("b/main.tf", NETWORK),
        ("peer/main.tf", &peering),
    ];
    let readings = read(&[], &files);
    assert_eq!(
        links(&readings, true),
        ["peer//aws_vpc.own - peer//data.terraform_remote_state.net.outputs.vpc_id"]
    );
}

#[test]
fn one_root_module_in_two_workspaces_is_not_taken_for_one_network() {
    let text = format!(
        "{}{}",
        peering(&format!("workspace = \"prod\"\n  {CONFIG}"), "vpc_id"),
        format_args!(
            "data \"terraform_remote_state\" \"dev\" {{\n  workspace = \"dev\"\n  {CONFIG}\n}}\n"
        )
    );
    let files = [("net/main.tf", NETWORK), ("peer/main.tf", text.as_str())];
    let readings = read(&[], &files);
    assert_eq!(
        links(&readings, true),
        ["peer//aws_vpc.own - peer//data.terraform_remote_state.net.outputs.vpc_id"]
    );
}

#[test]
fn local_states_and_those_of_terraform_cloud_are_found_too() {
    let local = "resource \"aws_vpc\" \"a\" { cidr_block = \"10.1.0.0/16\" }\noutput \"vpc_id\" { value = aws_vpc.a.id }\n";
    let cloud = format!(
        "terraform {{\n  cloud {{\n    organization = \"acme\"\n    workspaces {{ name = \"network\" }}\n  }}\n}}\n{local}"
    );
    let by_path =
        "backend = \"local\"\n  config = { path = \"${path.module}/../net/terraform.tfstate\" }";
    let by_name = "backend = \"remote\"\n  config = { organization = \"acme\", workspaces = { name = \"network\" } }";
    for (network, config) in [(local, by_path), (&cloud, by_name)] {
        let peering = peering(config, "vpc_id");
        let files = [("net/main.tf", network), ("peer/main.tf", &peering)];
        let readings = read(&[], &files);
        assert_eq!(
            links(&readings, true),
            ["peer//aws_vpc.own - net//aws_vpc.a"]
        );
    }
}

#[test]
fn states_lead_on_through_states_and_not_in_circles() {
    let reads = |key: &str| {
        format!("backend = \"s3\"\n  config = {{ bucket = \"acme\", key = \"{key}\" }}")
    };
    let between = |own: &str, key: &str| {
        format!(
            "terraform {{\n  backend \"s3\" {{\n    bucket = \"acme\"\n    key    = \"{own}\"\n  }}\n}}\ndata \"terraform_remote_state\" \"net\" {{\n  {}\n}}\noutput \"vpc_id\" {{ value = data.terraform_remote_state.net.outputs.vpc_id }}\n",
            reads(key)
        )
    };
    let peering = peering(&reads("between"), "vpc_id");
    let on = between("between", "network");
    let files = [
        ("net/main.tf", NETWORK),
        ("between/main.tf", &on),
        ("peer/main.tf", &peering),
    ];
    let readings = read(&[], &files);
    assert_eq!(
        links(&readings, true),
        ["peer//aws_vpc.own - net//aws_vpc.a"]
    );
    let (one, other) = (between("between", "back"), between("back", "between"));
    let files = [
        ("back/main.tf", other.as_str()),
        ("between/main.tf", &one),
        ("peer/main.tf", &peering),
    ];
    let readings = read(&[], &files);
    assert_eq!(links(&readings, true).len(), 1);
    assert!(notices(&readings).contains("remote-state-not-read"));
}

#[test]
fn what_another_root_module_renames_stays_the_same_for_whoever_reads_its_state() {
    let renamed = NETWORK
        .replace("aws_vpc.a", "aws_vpc.b")
        .replace("\"aws_vpc\" \"a\"", "\"aws_vpc\" \"b\"")
        + "moved {\n  from = aws_vpc.a\n  to   = aws_vpc.b\n}\n";
    let peering = peering(CONFIG, "vpc_id");
    let base = [("net/main.tf", NETWORK), ("peer/main.tf", &peering)];
    let head = [
        ("net/main.tf", renamed.as_str()),
        ("peer/main.tf", &peering),
    ];
    let readings = read(&base, &head);
    let expected = ["peer//aws_vpc.own - net//aws_vpc.b"];
    assert_eq!(links(&readings, false), expected);
    assert_eq!(links(&readings, true), expected);
}

/// A network that is peered with what a lookup finds.
fn looked_up(lookup: &str) -> String {
    format!(
        r#"
{lookup}
data "aws_ssm_parameter" "unused" {{ name = "/a" }}
resource "aws_vpc" "own" {{ cidr_block = "10.2.0.0/16" }}
resource "aws_vpc_peering_connection" "p" {{
  vpc_id      = aws_vpc.own.id
  peer_vpc_id = data.aws_ssm_parameter.peer.value
}}
"#
    )
}

#[test]
fn a_lookup_of_something_else_finds_another_thing_whatever_its_type() {
    let one = looked_up("data \"aws_ssm_parameter\" \"peer\" { name = \"/lab\" }");
    let other = one.replace("/lab", "/hr");
    let readings = read(&[("main.tf", &one)], &[("main.tf", &other)]);
    assert_ne!(links(&readings, false), links(&readings, true));
    assert!(notices(&readings).contains("looks-for-another"));
    // Through another lookup, whose argument is another one.
    let of = |name: &str| {
        looked_up(&format!(
            "data \"aws_ssm_parameter\" \"first\" {{ name = \"{name}\" }}\ndata \"aws_ssm_parameter\" \"peer\" {{ name = data.aws_ssm_parameter.first.value }}"
        ))
    };
    let readings = read(&[("main.tf", &of("/lab"))], &[("main.tf", &of("/hr"))]);
    assert_ne!(links(&readings, false), links(&readings, true));
}

#[test]
fn a_lookup_that_nothing_of_the_network_rests_on_is_no_news() {
    let one = looked_up("data \"aws_ssm_parameter\" \"peer\" { name = \"/lab\" }");
    let other = one.replace("name = \"/a\"", "name = \"/b\"");
    let readings = read(&[("main.tf", &one)], &[("main.tf", &other)]);
    assert_eq!(links(&readings, false), links(&readings, true));
    assert!(!notices(&readings).contains("looks-for-another"));
    // Said in other words it is the same lookup.
    let spelled = one.replace("\"/lab\"", "\"/${lower(\"LAB\")}\"");
    let readings = read(&[("main.tf", &one)], &[("main.tf", &spelled)]);
    assert_eq!(links(&readings, false), links(&readings, true));
    assert!(!notices(&readings).contains("looks-for-another"));
}

#[test]
fn a_resource_that_hangs_on_a_lookup_of_something_else_may_be_another_one() {
    let of = |name: &str| {
        format!(
            "data \"aws_ssm_parameter\" \"flag\" {{ name = \"{name}\" }}\nresource \"aws_vpc\" \"v\" {{\n  count      = data.aws_ssm_parameter.flag.value == \"on\" ? 1 : 0\n  cidr_block = \"10.1.0.0/16\"\n}}\n"
        )
    };
    let (one, other) = (of("/a"), of("/b"));
    let kinds = |head: &str| {
        let readings = read(&[("main.tf", &one)], &[("main.tf", head)]);
        notices(&readings).contains("may-be-there")
    };
    assert!(kinds(&other));
    assert!(!kinds(&format!("{one}\n# a comment\n")));
}

/// The routes of a table, before and after.
fn routes(lifecycle: &str, head: &str) -> (usize, usize) {
    let of = |body: &str| {
        format!(
            "resource \"aws_route_table\" \"t\" {{\n  vpc_id = \"vpc-1\"\n  tags = {{ Name = \"t\" }}\n  {body}\n  {lifecycle}\n}}\n"
        )
    };
    let readings = read(&[("main.tf", &of(""))], &[("main.tf", &of(head))]);
    let (_, reading) = &readings[0];
    (reading.before.routes.len(), reading.after.routes.len())
}

#[test]
fn what_is_to_be_ignored_stays_as_it_was_and_anything_else_does_not() {
    let route =
        "route {\n    cidr_block = \"10.9.0.0/16\"\n    transit_gateway_id = \"tgw-1\"\n  }";
    for ignored in ["[route]", "[tags, route]", "all", "[\"route\"]"] {
        let lifecycle = format!("lifecycle {{ ignore_changes = {ignored} }}");
        assert_eq!(routes(&lifecycle, route), (0, 0), "{ignored}");
    }
    for lifecycle in [
        "",
        "lifecycle { ignore_changes = [tags] }",
        "lifecycle { ignore_changes = [] }",
    ] {
        assert_eq!(routes(lifecycle, route), (0, 1), "{lifecycle}");
    }
}

#[test]
fn what_is_made_anew_is_made_as_it_is_written() {
    let of = |prefix: &str, more: &str| {
        format!(
            "resource \"aws_vpc\" \"v\" {{\n  cidr_block = \"{prefix}\"\n  {more}\n  lifecycle {{ ignore_changes = [assign_generated_ipv6_cidr_block] }}\n}}\n"
        )
    };
    let base = of("10.1.0.0/16", "");
    let ipv6 = "assign_generated_ipv6_cidr_block = true";
    let untold = |head: &str| {
        let readings = read(&[("main.tf", &base)], &[("main.tf", head)]);
        let nodes = &readings[0].1.after.nodes;
        nodes
            .iter()
            .map(|node| node.address_space.untold.len())
            .sum::<usize>()
    };
    assert_eq!(untold(&of("10.1.0.0/16", ipv6)), 0);
    assert_eq!(untold(&of("10.2.0.0/16", ipv6)), 1);
}

#[test]
fn a_network_that_asks_for_addresses_holds_some_that_nobody_tells() {
    let untold = |arguments: &str| {
        let text = format!(
            "resource \"aws_vpc\" \"v\" {{\n  cidr_block = \"10.1.0.0/16\"\n  {arguments}\n}}\n"
        );
        let readings = read(&[], &[("main.tf", &text)]);
        let nodes = &readings[0].1.after.nodes;
        let mut networks = nodes.iter().map(|node| &node.address_space);
        let space = networks.find(|space| !space.prefixes.is_empty()).unwrap();
        (space.untold.len(), space.partly_unknown)
    };
    assert_eq!(
        untold("assign_generated_ipv6_cidr_block = true"),
        (1, false)
    );
    assert_eq!(untold("ipv6_ipam_pool_id = \"ipam-pool-1\""), (1, false));
    assert_eq!(
        untold("assign_generated_ipv6_cidr_block = false"),
        (0, false)
    );
    assert_eq!(untold(""), (0, false));
    let told = "ipv6_ipam_pool_id = \"ipam-pool-1\"\n  ipv6_cidr_block = \"2001:db8::/56\"";
    assert_eq!(untold(told), (0, false));
}

/// How many doors a warehouse has that does not say whether it has one, and whether its version was missed.
fn doors(files: Files<'_>) -> (usize, bool) {
    let warehouse = "resource \"aws_redshift_cluster\" \"w\" {\n  cluster_identifier = \"w\"\n}\n";
    let mut all = vec![("main.tf", warehouse)];
    all.extend(files);
    let readings = read(&[], &all);
    let is_told = notices(&readings).contains("provider-version-unknown");
    (readings[0].1.after.exposures.len(), is_told)
}

#[test]
fn a_default_is_that_of_the_version_in_use() {
    let lock = |version: &str| {
        format!(
            "provider \"registry.terraform.io/hashicorp/aws\" {{\n  version = \"{version}\"\n}}\n"
        )
    };
    let asks = |version: &str| {
        format!(
            "terraform {{\n  required_providers {{\n    aws = {{ source = \"hashicorp/aws\", version = \"{version}\" }}\n  }}\n}}\n"
        )
    };
    let lock_five = lock("5.31.0");
    let lock_six = lock("6.2.0");
    assert_eq!(doors(&[(".terraform.lock.hcl", &lock_five)]), (1, false));
    assert_eq!(doors(&[(".terraform.lock.hcl", &lock_six)]), (0, false));
    assert_eq!(doors(&[("versions.tf", &asks("~> 5.0"))]), (1, false));
    assert_eq!(doors(&[("versions.tf", &asks(">= 6.0"))]), (0, false));
    let both = [
        ("versions.tf", &*asks(">= 5.0")),
        (".terraform.lock.hcl", &*lock_six),
    ];
    assert_eq!(doors(&both), (0, false));
}

#[test]
fn where_nothing_tells_the_version_either_default_counts_and_that_is_told() {
    assert_eq!(doors(&[]), (1, true));
    let set = "resource \"aws_redshift_cluster\" \"x\" {\n  publicly_accessible = false\n}\n";
    let readings = read(&[], &[("main.tf", set)]);
    assert!(!notices(&readings).contains("provider-version-unknown"));
    assert_eq!(readings[0].1.after.exposures.len(), 0);
}

/// The labels of the root modules that two revisions are compared as.
fn labels(base: Files<'_>, head: Files<'_>) -> Vec<String> {
    let readings = read(base, head);
    readings.into_iter().map(|(label, _)| label).collect()
}

#[test]
fn a_root_module_that_moved_is_the_same_one() {
    let other = NETWORK.replace("\"network\"", "\"other\"");
    assert_eq!(
        labels(
            &[("infra/main.tf", NETWORK)],
            &[("terraform/main.tf", NETWORK)]
        ),
        ["terraform"]
    );
    assert_eq!(
        labels(&[("main.tf", NETWORK)], &[("terraform/main.tf", NETWORK)]),
        ["terraform"]
    );
    // It keeps its state elsewhere: it is a copy in place of another.
    assert_eq!(
        labels(
            &[("infra/main.tf", NETWORK)],
            &[("terraform/main.tf", &other)]
        ),
        ["infra", "terraform"]
    );
    // It declares other things.
    let unlike = NETWORK.replace("aws_vpc", "aws_internet_gateway");
    assert_eq!(
        labels(
            &[("infra/main.tf", NETWORK)],
            &[("terraform/main.tf", &unlike)]
        ),
        ["infra", "terraform"]
    );
    // Two are as good.
    let twice = [("a/main.tf", NETWORK), ("b/main.tf", NETWORK)];
    assert_eq!(
        labels(&[("infra/main.tf", NETWORK)], &twice),
        ["a", "b", "infra"]
    );
}

#[test]
fn a_root_module_stays_one_where_what_calls_it_may_make_nothing_of_it() {
    const UNSTATED: &str = "resource \"aws_vpc\" \"a\" {\n  cidr_block = \"10.1.0.0/16\"\n}\n";
    let called = |arguments: &str| {
        let call = format!("module \"n\" {{\n  source = \"../../network\"\n{arguments}}}\n");
        let head = [
            ("network/main.tf", UNSTATED),
            ("examples/off/main.tf", call.as_str()),
        ];
        labels(&[("network/main.tf", UNSTATED)], &head)
    };
    let stays = vec!["examples/off", "network"];
    assert_eq!(called("  count = 0\n"), stays);
    assert_eq!(called("  for_each = var.none\n"), stays);
    assert_eq!(called(""), ["examples/off"]);
    // What was a part of another all along is no root module of its own.
    let part = [
        ("network/main.tf", UNSTATED),
        (
            "live/main.tf",
            "module \"n\" {\n  source = \"../network\"\n  count = var.some\n}\n",
        ),
    ];
    assert_eq!(labels(&part, &part), ["live"]);
}
