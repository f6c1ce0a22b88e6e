//! `perimeter audit`: an organisation in August, and the same in November.

use serde_json::Value;

use crate::cases::validator;
use crate::common::{Run, TestRepository, perimeter, project, run};

const DAY: i64 = 86_400;
/// 2026-02-02, 2026-08-20 and 2026-11-20.
const FEBRUARY: i64 = 1_770_026_400;
const AUGUST: i64 = FEBRUARY + 199 * DAY;
const NOVEMBER: i64 = AUGUST + 92 * DAY;

const NETWORK: &str = r#"
provider "aws" {
  region = "eu-north-1"
}

resource "aws_vpc" "shop" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "shop" }
}

resource "aws_vpc" "data" {
  cidr_block = "10.2.0.0/16"
  tags       = { Name = "data" }
}

resource "aws_vpc" "lab" {
  cidr_block = "10.3.0.0/16"
  tags       = { Name = "lab" }
}

resource "aws_vpc_peering_connection" "shop_data" {
  vpc_id      = aws_vpc.shop.id
  peer_vpc_id = aws_vpc.data.id
  auto_accept = true
  tags        = { Name = "shop-data" }
}
"#;

const LAB_IS_PEERED: &str = r#"
resource "aws_vpc_peering_connection" "lab_data" {
  vpc_id      = aws_vpc.lab.id
  peer_vpc_id = aws_vpc.data.id
  auto_accept = true
  tags        = { Name = "lab-data" }
}
"#;

const SETTINGS: &str = r#"
bindings:
- { paths: ["services/cart/**"], rests_on: [shop] }
- { paths: ["services/assay/**"], rests_on: [lab] }
policy: { max_age: 180d }
"#;

const OWNERS: &str = "services/cart/ @acme/checkout\nservices/assay/ @acme/research\nservices/orders/ @acme/orders\n";

const ASSAY: &str = "# ZFN-3 carve-out: assay and its store both run inside VPC lab, which is not peered with any network;
# the samples are synthetic, and the store asks for a SCRAM password.
sslmode: disable
";

const CART: &str = "# ZFN-3 carve-out: cart and stock both run inside VPC shop and the traffic never leaves it; stock levels are public,
# and stock authenticates the cart by its signed token.
tls: false
";

const ORDERS: &str = "// ZFN-3 carve-out: orders run inside VPC shop, which is not peered with any network; orders hold no card numbers, and
// the database asks for a password over SCRAM.
const pool = connect({ ssl: false });
";

const SEARCH: &str = "// ZFN-3 carve-out: search and its index stay inside VPC lab; the index is public, and asks for a token.
var insecure = true
";

const HEARTBEAT: &str = "# ZFN-3 carve-out: loopback only, the agent runs in the same pod; it holds no secrets, and asks for a token.
plaintext = True
";

const NEAR_MISS: &str = "# ZFN3 carve out: invoices stay inside VPC shop; invoices are public, and callers show a token.
tls: off
";

const LEGACY: &str =
    "# ZFN-3 carve-out: internal network only; nobody looks there, and callers show a token.
tls = false
";

/// A namespace that takes plaintext, with nothing that says why.
const MESH: &str = "apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: DISABLE }
";

/// The organisation on 2026-08-20. Its heartbeat is older, and was moved since.
fn august() -> TestRepository {
    let repository = TestRepository::new();
    repository.write("network/main.tf", NETWORK);
    repository.write("agents/beat.py", HEARTBEAT);
    repository.commit_at("a network, and a heartbeat", FEBRUARY);
    std::fs::remove_dir_all(repository.path().join("agents")).unwrap();
    for (path, text) in [
        (
            "services/heartbeat/beat.py",
            &format!("import socket\n\n{HEARTBEAT}")[..],
        ),
        ("perimeter.yaml", SETTINGS),
        (".github/CODEOWNERS", OWNERS),
        ("services/assay/config.yaml", ASSAY),
        ("services/cart/config.yaml", CART),
        ("services/orders/pool.ts", ORDERS),
        ("services/search/main.go", SEARCH),
        ("services/invoices/config.yaml", NEAR_MISS),
        ("services/legacy/config.ini", LEGACY),
        ("deploy/mesh.yaml", MESH),
    ] {
        repository.write(path, text);
    }
    repository.commit_at("services, and the heartbeat among them", AUGUST);
    repository
}

/// Three months later: the lab is peered, two carve-outs were rewritten, one is gone, one lost its comment, one is new.
fn november(repository: &TestRepository) {
    repository.write("network/lab.tf", LAB_IS_PEERED);
    let orders = ORDERS.replace(
        "which is not peered with any network",
        "which is peered with data alone",
    );
    repository.write("services/orders/pool.ts", &orders);
    repository.write("services/legacy/config.ini", "tls = false\n");
    std::fs::remove_dir_all(repository.path().join("services/invoices")).unwrap();
    repository.write(
        "services/cart/cache.yaml",
        &CART.replace("stock", "its cache"),
    );
    std::fs::create_dir_all(repository.path().join("services/cart/main")).unwrap();
    std::fs::rename(
        repository.path().join("services/cart/config.yaml"),
        repository.path().join("services/cart/main/config.yaml"),
    )
    .unwrap();
    repository.commit_at("a quarter's work", NOVEMBER);
}

fn audit(repository: &TestRepository, arguments: &[&str]) -> Run {
    let mut command = perimeter();
    command
        .current_dir(repository.path())
        .arg("audit")
        .args(arguments);
    run(&mut command)
}

fn json(repository: &TestRepository, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--format", "json"]);
    let told = audit(repository, &all);
    assert_eq!(told.stderr, "");
    serde_json::from_str(&told.stdout).unwrap()
}

/// What an audit says of each place: its truth, and whether it is stale.
fn truths(audit: &Value) -> Vec<(String, String, bool)> {
    let sites = audit["carve_outs"].as_array().unwrap().iter();
    sites
        .map(|site| {
            let text = |name: &str| site[name].as_str().unwrap().to_owned();
            (
                text("path"),
                text("truth"),
                site["stale"].as_bool().unwrap(),
            )
        })
        .collect()
}

#[test]
fn every_carve_out_is_true_false_or_undecidable_and_old_where_nobody_rewrote_it() {
    let repository = august();
    let report = json(&repository, &["--today", "2026-08-22"]);
    let expected = [
        ("services/assay/config.yaml", "true", false),
        ("services/cart/config.yaml", "true", false),
        ("services/heartbeat/beat.py", "true", true),
        ("services/invoices/config.yaml", "undecidable", false),
        ("services/legacy/config.ini", "undecidable", false),
        ("services/orders/pool.ts", "false", false),
        ("services/search/main.go", "undecidable", false),
    ];
    let expected = expected.map(|(path, truth, stale)| (path.to_owned(), truth.to_owned(), stale));
    assert_eq!(truths(&report), expected);
    let rules: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    for rule in [
        "guarantee-broken",
        "stale-carve-out",
        "unanchored-guarantee",
        "near-miss-marker",
        "unmarked-plaintext",
    ] {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
    assert_eq!(report["verdict"], "blocked");
}

#[test]
fn a_person_is_told_first_what_needs_someone() {
    let repository = august();
    let told = audit(&repository, &["--today", "2026-08-22"]);
    assert_eq!((told.code, told.stderr.as_str()), (10, ""));
    insta::assert_snapshot!("audit_table", told.stdout);
    let report_only = audit(&repository, &["--today", "2026-08-22", "--exit-zero"]);
    assert_eq!((report_only.code, report_only.stdout), (0, told.stdout));
}

#[test]
fn markdown_and_page_tell_the_same() {
    let repository = august();
    let markdown = audit(
        &repository,
        &["--today", "2026-08-22", "--format", "markdown"],
    );
    insta::assert_snapshot!("audit_markdown", markdown.stdout);
    let page = audit(&repository, &["--today", "2026-08-22", "--format", "html"]).stdout;
    for words in [
        "7 carve-outs: 1 false, 3 undecidable, 3 true",
        "is peered with vpc data",
        "services/heartbeat/beat.py",
        "near-miss-marker",
        "@acme/checkout",
        "default-src &#39;none&#39;",
    ] {
        let words = words.replace("&#39;", "'");
        assert!(page.contains(&words), "{words}");
    }
}

#[test]
fn the_next_quarter_says_what_became_of_each() {
    let repository = august();
    let directory = tempfile::tempdir().unwrap();
    let old_path = directory.path().join("august.json");
    let file = format!("json={}", old_path.display());
    let written = audit(&repository, &["--today", "2026-08-22", "--format", &file]);
    assert_eq!((written.code, written.stdout.as_str()), (10, ""));
    november(&repository);
    let compare = [
        "--today",
        "2026-11-22",
        "--compare",
        old_path.to_str().unwrap(),
    ];
    let report = json(&repository, &compare);
    let differences: Vec<(&str, &str)> = report["comparison"]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["what"].as_str().unwrap(), one["path"].as_str().unwrap()))
        .collect();
    assert_eq!(
        differences,
        [
            ("turned_false", "services/assay/config.yaml"),
            ("turned_undecidable", "services/orders/pool.ts"),
            ("marker_deleted", "services/legacy/config.ini"),
            ("new", "services/cart/cache.yaml"),
            ("reworded", "services/orders/pool.ts"),
            ("gone", "services/invoices/config.yaml"),
        ]
    );
    let table = audit(&repository, &compare).stdout;
    assert!(table.contains("since 2026-08-22"), "{table}");
    assert!(table.contains("1 turned false"), "{table}");
    // The same commit again: nothing differs but the day.
    let same = repository
        .git()
        .revparse_single("HEAD~1")
        .unwrap()
        .id()
        .to_string();
    let same = [
        "--head",
        &same,
        "--today",
        "2026-08-22",
        "--compare",
        old_path.to_str().unwrap(),
    ];
    let report = json(&repository, &same);
    assert_eq!(
        report["comparison"]["differences"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        report["comparison"]["new_findings"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn a_receipt_from_the_audit_makes_a_stale_carve_out_young_until_the_perimeter_changes() {
    let repository = august();
    let directory = tempfile::tempdir().unwrap();
    let report = directory.path().join("audit.json");
    let file = format!("json={}", report.display());
    let late = ["--today", "2027-05-01"];
    audit(&repository, &[&late[..], &["--format", &file]].concat());
    let stale = |today: &str| {
        let report = json(&repository, &["--today", today]);
        let truths = truths(&report).into_iter();
        let stale = truths.filter(|(_, _, is_stale)| *is_stale);
        stale.map(|(path, _, _)| path).collect::<Vec<_>>()
    };
    let path = "services/assay/config.yaml";
    assert!(stale("2027-05-01").contains(&path.to_owned()));
    repository
        .git()
        .config()
        .unwrap()
        .set_str("user.name", "Ada")
        .unwrap();
    repository
        .git()
        .config()
        .unwrap()
        .set_str("user.email", "ada@example.org")
        .unwrap();
    let mut justify = perimeter();
    justify
        .current_dir(repository.path())
        .env("SOURCE_DATE_EPOCH", "1809129600") // 2027-05-01
        .args([
            "justify",
            &format!("{path}:1"),
            "--reason",
            "the lab is as it was",
            "--from",
        ])
        .arg(&report);
    let told = run(&mut justify);
    assert_eq!(
        (told.code, told.stderr.as_str()),
        (0, ""),
        "{}",
        told.stdout
    );
    assert!(!stale("2027-05-01").contains(&path.to_owned()));
    repository.write("network/lab.tf", LAB_IS_PEERED);
    assert!(stale("2027-05-01").contains(&path.to_owned()));
}

#[test]
fn json_and_sarif_keep_to_their_schemas() {
    let repository = august();
    let directory = tempfile::tempdir().unwrap();
    let old = directory.path().join("august.json");
    let file = format!("json={}", old.display());
    audit(&repository, &["--today", "2026-08-22", "--format", &file]);
    november(&repository);
    let compare = ["--today", "2026-11-22", "--compare", old.to_str().unwrap()];
    let audits = validator("schemas/audit-1.schema.json");
    let before: Value = serde_json::from_slice(&std::fs::read(&old).unwrap()).unwrap();
    for report in [before, json(&repository, &compare)] {
        let errors: Vec<String> = audits
            .iter_errors(&report)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    let sarif = audit(&repository, &["--today", "2026-11-22", "--format", "sarif"]).stdout;
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert!(validator("tests/schemas/sarif-2.1.0.schema.json").is_valid(&sarif));
    assert_eq!(
        sarif["runs"][0]["automationDetails"]["id"],
        "perimeter-audit/"
    );
}

#[test]
fn what_was_read_is_told_by_its_digest() {
    let repository = august();
    let report = json(&repository, &["--today", "2026-08-22"]);
    let inputs = &report["inputs"];
    let head = repository
        .git()
        .head()
        .unwrap()
        .target()
        .unwrap()
        .to_string();
    assert_eq!(inputs["repositories"][0]["commit"], head.as_str());
    assert_eq!(inputs["repositories"][0]["has_changes"], false);
    assert_eq!(inputs["files"][0]["name"], "perimeter.yaml");
    assert_eq!(inputs["files"][0]["sha256"].as_str().unwrap().len(), 64);
    repository.write("notes.txt", "not committed");
    let report = json(&repository, &["--today", "2026-08-22"]);
    assert_eq!(report["inputs"]["repositories"][0]["has_changes"], true);
}

#[test]
fn what_is_of_unknown_age_counts_as_too_old_where_there_is_a_limit() {
    let repository = august();
    // What a shallow clone leaves behind: history ends at the head.
    let head = repository.git().head().unwrap().target().unwrap();
    std::fs::write(repository.path().join(".git/shallow"), format!("{head}\n")).unwrap();
    let report = json(&repository, &["--today", "2026-08-22"]);
    assert_eq!(report["counts"]["age_not_known"], 7);
    let stale = |report: &Value| {
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .filter(|one| one["rule"] == "stale-carve-out")
            .count()
    };
    assert_eq!(stale(&report), 7);
    std::fs::write(
        repository.path().join("perimeter.yaml"),
        SETTINGS.replace("policy: { max_age: 180d }", ""),
    )
    .unwrap();
    let report = json(&repository, &["--today", "2026-08-22"]);
    assert_eq!(stale(&report), 0);
    assert_eq!(report["notices"][0]["kind"], "age-not-known");
}

#[test]
fn several_repositories_are_audited_in_one_run() {
    let network = TestRepository::new();
    network
        .git()
        .remote_set_url("origin", "https://git.example/acme/network.git")
        .unwrap();
    network.write("main.tf", &format!("{NETWORK}{LAB_IS_PEERED}"));
    network.write("perimeter.yaml", SETTINGS);
    network.commit_at("the network", FEBRUARY);
    let services = TestRepository::new();
    services.write("services/assay/config.yaml", ASSAY);
    services.commit_at("a service", AUGUST);
    let other = services.path().to_str().unwrap().to_owned();
    let report = json(
        &network,
        &["--today", "2026-08-22", "--repo", ".", "--repo", &other],
    );
    assert_eq!(
        truths(&report),
        [(
            "services/assay/config.yaml".to_owned(),
            "false".to_owned(),
            false
        )]
    );
    assert_eq!(report["carve_outs"][0]["repository"], "platform");
    assert_eq!(
        report["inputs"]["repositories"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn what_stands_at_a_setting_that_leads_outside_stays_inside_nothing() {
    let truth = |location: &str| {
        let repository = TestRepository::new();
        let entry = format!(
            "apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{ name: vendor, namespace: pay }}
spec:
  hosts: [api.vendor.example]
  location: {location}
  resolution: DNS
  ports:
  # ZFN-3 carve-out: stays inside namespace pay; the price list is public, and the vendor asks for a key
  - {{ number: 80, name: http, protocol: HTTP }}
"
        );
        repository.write("deploy/vendor.yaml", &entry);
        repository.commit_at("a vendor", AUGUST);
        truths(&json(&repository, &["--today", "2026-08-22"]))[0]
            .1
            .clone()
    };
    assert_eq!(truth("MESH_EXTERNAL"), "false");
    assert_eq!(truth("MESH_INTERNAL"), "true");
}

#[test]
fn of_a_plan_the_network_after_it_counts() {
    let repository = TestRepository::new();
    repository.lay_out(&project().join("examples/acme/repository"));
    repository.commit("the repository of the example");
    let other = TestRepository::new();
    other.lay_out(&project().join("examples/acme/reports"));
    other.commit("the other repository of the example");
    let today = [
        "--today",
        "2026-01-06",
        "--repo",
        other.path().to_str().unwrap(),
    ];
    let plan = project().join("examples/acme/plan.json");
    let plan = [&today[..], &["--plan", plan.to_str().unwrap()]].concat();
    let truth_of = |report: &Value| {
        let truths = truths(report).into_iter();
        let reports = |(path, ..): &(String, String, bool)| path.contains("nightly");
        truths
            .filter(reports)
            .map(|(_, truth, _)| truth)
            .collect::<Vec<_>>()
    };
    assert_eq!(truth_of(&json(&repository, &today)), ["undecidable"]);
    let planned = json(&repository, &plan);
    assert_eq!(truth_of(&planned), ["false"]);
    assert_eq!(planned["inputs"]["files"][0]["kind"], "plan");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let repository = august();
    let directory = tempfile::tempdir().unwrap();
    let other = directory.path().join("check.json");
    std::fs::write(&other, r#"{"schema": "perimeter.check/1"}"#).unwrap();
    let other = other.to_str().unwrap();
    for (arguments, code, expected) in [
        (&["--today", "tomorrow"][..], 2, "2026-11-22"),
        (&["--max-age", "old"], 2, "90d"),
        (
            &["--format", "junit"],
            2,
            "table, markdown, html, json or sarif",
        ),
        (&["--compare", other], 1, "is of the form perimeter.check/1"),
        (&["--compare", "nowhere.json"], 1, "nowhere.json"),
    ] {
        let told = audit(&repository, arguments);
        assert_eq!(told.code, code, "{arguments:?} {}", told.stderr);
        assert!(told.stderr.contains(expected), "{}", told.stderr);
        assert_eq!(told.stdout, "");
    }
}

#[test]
fn where_nothing_needs_someone_the_exit_code_is_0() {
    let repository = TestRepository::new();
    repository.write("network/main.tf", NETWORK);
    repository.write("perimeter.yaml", SETTINGS);
    repository.write("services/cart/config.yaml", CART);
    repository.commit_at("all is well", AUGUST);
    let told = audit(&repository, &["--today", "2026-08-22"]);
    assert_eq!(told.code, 0, "{}", told.stdout);
    assert!(
        told.stdout
            .starts_with("audit of 2026-08-22: nothing to do\n"),
        "{}",
        told.stdout
    );
}

#[test]
fn what_could_not_be_known_of_many_is_told_once_and_of_few_beside_each() {
    let repository = TestRepository::new();
    repository.write("network/main.tf", NETWORK);
    let at = |name: &str, network: &str| {
        let text = format!(
            "# ZFN-3 carve-out: {name} stays inside VPC {network}; its numbers are public, and callers show a token.\ntls: false\n"
        );
        repository.write(&format!("services/{name}/config.yaml"), &text);
    };
    for index in 0..9 {
        at(&format!("s{index}"), "shop");
    }
    at("lonely", "lab");
    repository.commit_at("services", AUGUST);
    let audit = |format: &str| {
        let mut command = perimeter();
        command.current_dir(repository.path()).args([
            "audit",
            "--today",
            "2026-08-20",
            "--format",
            format,
        ]);
        run(&mut command).stdout
    };
    let table = audit("table");
    assert!(table.contains("10 guarantees undecidable"), "{table}");
    assert!(
        table.contains("9 guarantees for the same reason"),
        "{table}"
    );
    assert!(
        table.contains("and 4 more: --verbose and --format json list them"),
        "{table}"
    );
    let reason = "shows that this code runs in vpc shop";
    assert_eq!(
        table
            .replace("\n              ", " ")
            .matches(reason)
            .count(),
        1,
        "{table}"
    );
    assert!(table.contains("services/lonely/config.yaml:1 ["), "{table}");
    let markdown = audit("markdown");
    assert!(
        markdown.contains("**9 guarantees for the same reason**"),
        "{markdown}"
    );
    assert!(audit("html").contains("9 guarantees for the same reason"));
    let json: Value = serde_json::from_str(&audit("json")).unwrap();
    assert_eq!(json["carve_outs"].as_array().unwrap().len(), 10);
}
