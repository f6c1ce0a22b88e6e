//! Files that nobody reads the usual way: behind links, in submodules, in the place of others, left out by the settings. What can
//! be read is read, and what cannot is told where it changes. Beside each stands what is no reason to say anything.

use serde_json::Value;

use crate::change_set::{CARVE_OUT, NETWORK, PEERING, branch, kinds, report, statuses};
use crate::common::TestRepository;
use crate::held::{rules, with};

const FALLS: &str = "platform services/metrics.py must_rejustify";
const STAYS: &str = "platform services/metrics.py unaffected";

fn checked(repository: &TestRepository) -> Value {
    report(repository.path(), &["--base", "main"])
}

/// What a check says of a branch with these files, from one without them.
fn changed_from(base: &[(&str, &str)], head: &[(&str, &str)]) -> Value {
    let repository = with(base);
    for (path, text) in head {
        repository.write(path, text);
    }
    repository.commit("after");
    checked(&repository)
}

/// The findings that say so, each with its path.
fn not_read(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    let unread =
        findings.filter(|one| one["rule"] == "unread-source" && one["severity"] == "error");
    unread.map(|one| one["path"].as_str().unwrap()).collect()
}

#[cfg(unix)]
fn link(repository: &TestRepository, path: &str, target: &str) {
    let path = repository.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = std::fs::remove_file(&path);
    std::os::unix::fs::symlink(target, path).unwrap();
}

/// A module that peers what it is given.
fn peers() -> String {
    let made = PEERING
        .replace("aws_vpc.prod.id", "var.a")
        .replace("aws_vpc.lab.id", "var.b");
    format!("variable \"a\" {{}}\nvariable \"b\" {{}}\n{made}")
}

const NOTHING: &str = "variable \"a\" {}\nvariable \"b\" {}\n";

fn call(source: &str) -> String {
    format!(
        "module \"peers\" {{\n  source = \"{source}\"\n  a = aws_vpc.prod.id\n  b = aws_vpc.lab.id\n}}\n"
    )
}

#[cfg(unix)]
#[test]
fn what_links_lead_to_in_the_repository_is_read_whatever_it_is_called() {
    let conditional = PEERING.replacen("{\n", "{\n  count = var.peered ? 1 : 0\n", 1);
    let by_file = PEERING.replacen("{\n", "{\n  count = tonumber(file(\"count.txt\"))\n", 1);
    let variable = "variable \"peered\" {\n  default = false\n}\n";
    let peers = peers();
    let call = call("./modules/peers");
    let repository = with(&[
        ("shared/peering.tf.inc", PEERING),
        ("shared/values.txt", "peered = true\n"),
        ("shared/one.txt", "1"),
        ("shared/none.txt", "0"),
        ("library/v1/main.tf", NOTHING),
        ("library/v2/main.tf", &peers),
        ("variable.tf", &format!("{variable}{conditional}")),
        ("by_file.tf", &by_file.replace("\"lab\"", "\"by_file\"")),
        ("call.tf", &call),
    ]);
    link(&repository, "count.txt", "shared/none.txt");
    link(&repository, "modules", "library");
    link(&repository, "library/peers", "v1");
    repository.commit("links");
    let git = repository.git();
    let head = git.head().unwrap().peel_to_commit().unwrap();
    git.branch("main", &head, true).unwrap();
    assert_eq!(statuses(&checked(&repository)), [STAYS]);
    for (path, target) in [
        ("peering.tf", "shared/peering.tf.inc"),
        ("terraform.tfvars", "./shared/values.txt"),
        ("count.txt", "shared/one.txt"),
        ("library/peers", "v2"),
    ] {
        link(&repository, path, target);
        let in_the_work_tree = checked(&repository);
        repository.commit("a link leads elsewhere");
        for told in [in_the_work_tree, checked(&repository)] {
            assert_eq!(statuses(&told), [FALLS], "{path}");
            assert_eq!(not_read(&told), [""; 0], "{path}");
        }
        crate::change_set::switch(&repository, "main");
        branch(&repository, "change");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_to_nothing_in_the_repository_is_told_and_an_error_where_it_changes() {
    let repository = with(&[]);
    link(&repository, "peering.tf", "/etc/peering.tf");
    let told = checked(&repository);
    assert_eq!(not_read(&told), ["peering.tf"]);
    assert!(kinds(&told).contains(&"link-not-followed"));
    repository.commit("a link");
    let git = repository.git();
    let head = git.head().unwrap().peel_to_commit().unwrap();
    git.branch("main", &head, true).unwrap();
    repository.write("README.md", "# Network\n");
    let told = checked(&repository);
    assert_eq!(told["verdict"], "clear");
    assert_eq!(kinds(&told), ["link-not-followed"]);
    link(&repository, "peering.tf", "../elsewhere/peering.tf");
    assert_eq!(not_read(&checked(&repository)), ["peering.tf"]);
    // Links with other names are nobody's business.
    std::fs::remove_file(repository.path().join("peering.tf")).unwrap();
    link(&repository, "tool", "/usr/bin/tool");
    assert_eq!(kinds(&checked(&repository)), [""; 0]);
}

#[cfg(unix)]
#[test]
fn manifests_behind_links_are_those_of_the_cluster_that_the_link_lies_in() {
    let strict = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec: { mtls: { mode: STRICT } }\n";
    let permissive = strict.replace("STRICT", "PERMISSIVE");
    let settings = "clusters:\n- { name: one, manifests: [\"deploy/one/**\"] }\n- { name: two, manifests: [\"deploy/two/**\"] }\n";
    let repository = with(&[
        ("perimeter.yaml", settings),
        ("deploy/one/mesh.yaml", strict),
        ("deploy/two/mesh.yaml", strict),
        ("common/mesh.txt", &permissive),
        ("common/all/mesh.yaml", &permissive),
    ]);
    assert_eq!(checked(&repository)["changes"].as_array().unwrap().len(), 0);
    link(&repository, "deploy/one/mesh.yaml", "../../common/mesh.txt");
    assert!(rules(&checked(&repository)).contains(&"unmarked-plaintext"));
    std::fs::remove_file(repository.path().join("deploy/one/mesh.yaml")).unwrap();
    repository.write("deploy/one/mesh.yaml", strict);
    assert_eq!(rules(&checked(&repository)), [""; 0]);
    std::fs::remove_file(repository.path().join("deploy/two/mesh.yaml")).unwrap();
    link(&repository, "deploy/two/all", "../../common/all");
    assert!(rules(&checked(&repository)).contains(&"unmarked-plaintext"));
}

#[test]
fn a_terraform_file_that_opentofu_passes_over_is_an_error_where_it_changes_alone() {
    let told = changed_from(
        &[],
        &[("peering.tf", PEERING), ("peering.tofu", "# none\n")],
    );
    assert_eq!(not_read(&told), ["peering.tf"]);
    // Both say the same.
    let told = changed_from(&[], &[("peering.tf", PEERING), ("peering.tofu", PEERING)]);
    assert_eq!(
        (not_read(&told), statuses(&told)),
        (vec![], vec![FALLS.to_owned()])
    );
    // It was hidden before, and stays as it was.
    let pair = [("peering.tf", "# old\n"), ("peering.tofu", "# new\n")];
    let told = changed_from(&pair, &[("README.md", "# Network\n")]);
    assert_eq!(told["verdict"], "clear");
    let told = changed_from(&pair, &[("peering.tf", PEERING)]);
    assert_eq!(not_read(&told), ["peering.tf"]);
    // Only OpenTofu finds all that there is.
    let own = "resource \"aws_vpc\" \"more\" {\n  cidr_block = \"10.7.0.0/16\"\n}\n";
    let told = changed_from(
        &[("more.tofu", own), pair[0], pair[1]],
        &[("peering.tf", PEERING)],
    );
    assert_eq!(told["verdict"], "clear");
}

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nsize 120\n";

#[test]
fn a_pointer_to_content_elsewhere_is_an_error_where_it_changes_and_takes_no_carve_out_away() {
    let told = changed_from(&[], &[("peering.tf", POINTER)]);
    assert_eq!(not_read(&told), ["peering.tf"]);
    let told = changed_from(&[("more.tf", POINTER)], &[("README.md", "# Network\n")]);
    assert_eq!(told["verdict"], "clear");
    assert!(kinds(&told).contains(&"skipped-file"));
    let policy = "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec: { mtls: { mode: STRICT } }\n";
    let told = changed_from(&[("mesh.yaml", policy)], &[("mesh.yaml", POINTER)]);
    assert_eq!(not_read(&told), ["mesh.yaml"]);
    // A file that may say nothing of the network.
    let told = changed_from(&[], &[("model.bin", POINTER), ("prices.json", POINTER)]);
    assert_eq!(told["verdict"], "clear");

    let told = changed_from(
        &[],
        &[("services/metrics.py", POINTER), ("peering.tf", PEERING)],
    );
    assert_eq!(statuses(&told), [FALLS]);
    assert!(kinds(&told).contains(&"unreadable-now"));
    assert!(rules(&told).contains(&"unmarked-plaintext"));
}

#[test]
fn a_nul_hides_nothing_in_a_terraform_file_or_a_manifest() {
    let text = format!("# \0\n{PEERING}");
    assert_eq!(
        statuses(&changed_from(&[], &[("peering.tf", &text)])),
        [FALLS]
    );
    let told = changed_from(&[], &[("harmless.tf", "# \0\n")]);
    assert_eq!(statuses(&told), [STAYS]);
    let policy = |mode: &str| {
        format!(
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {{ name: default, namespace: shop }}\nspec: {{ mtls: {{ mode: {mode} }} }}\n"
        )
    };
    let opened = format!("# \0\n{}", policy("PERMISSIVE"));
    let told = changed_from(
        &[("mesh.yaml", &policy("STRICT"))],
        &[("mesh.yaml", &opened)],
    );
    assert!(
        rules(&told).contains(&"unmarked-plaintext")
            || kinds(&told).contains(&"unreadable-manifest"),
        "{told}"
    );
}

#[test]
fn a_module_that_the_settings_leave_out_is_read_where_somebody_calls_it_and_only_there() {
    let settings = "sources: { ignore: [\"vendor/**\"] }\n";
    let peers = peers();
    let marked = format!("{CARVE_OUT}\n");
    let called = call("./vendor/peers");
    let root = format!("{NETWORK}{PEERING}");
    let base = [
        ("perimeter.yaml", settings),
        ("vendor/peers/main.tf", NOTHING),
        ("vendor/peers/app.py", marked.as_str()),
        ("vendor/other/main.tf", NOTHING),
        ("call.tf", called.as_str()),
    ];
    let told = changed_from(&base, &[("vendor/peers/main.tf", &peers)]);
    assert_eq!(statuses(&told), [FALLS]);
    // Neither a carve-out nor a root module is looked for in it.
    let told = changed_from(&base, &[("vendor/other/main.tf", &root)]);
    assert_eq!(statuses(&told), [STAYS]);
    assert_eq!(told["changes"].as_array().unwrap().len(), 0);
    // One file of a directory that is looked at stays left out.
    let settings = "sources: { ignore: [\"lab_*.tf\"] }\n";
    let told = changed_from(&[("perimeter.yaml", settings)], &[("lab_x.tf", PEERING)]);
    assert_eq!(statuses(&told), [STAYS]);
}

/// Commit what is in the index, with a submodule at a path.
fn with_submodule(repository: &TestRepository, path: &str, commit: &str) {
    let git = repository.git();
    let mut index = git.index().unwrap();
    index
        .add_all(["*"], git2::IndexAddOption::FORCE, None)
        .unwrap();
    let entry = git2::IndexEntry {
        mode: 0o160_000,
        id: git2::Oid::from_str(&commit.repeat(40)).unwrap(),
        path: path.as_bytes().to_vec(),
        ctime: git2::IndexTime::new(0, 0),
        mtime: git2::IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        uid: 0,
        gid: 0,
        file_size: 0,
        flags: 0,
        flags_extended: 0,
    };
    index.add(&entry).unwrap();
    let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
    let author = git2::Signature::new("Ada", "ada@example.org", &git2::Time::new(1_767_600_000, 0));
    let author = author.unwrap();
    let parent = git.head().unwrap().peel_to_commit().unwrap();
    git.commit(
        Some("HEAD"),
        &author,
        &author,
        "submodule",
        &tree,
        &[&parent],
    )
    .unwrap();
}

#[test]
fn a_submodule_whose_commit_changes_is_an_error_for_what_a_called_module_in_it_is_handed() {
    let at_head = |path: &str, before: &str, after: &str| {
        let repository = with(&[("call.tf", &call("./modules/peers"))]);
        with_submodule(&repository, path, before);
        let git = repository.git();
        let head = git.head().unwrap().peel_to_commit().unwrap();
        git.branch("main", &head, true).unwrap();
        with_submodule(&repository, path, after);
        report(repository.path(), &["--base", "main", "--head", "change"])
    };
    for path in ["modules", "modules/peers"] {
        let told = at_head(path, "a", "b");
        assert_eq!(not_read(&told), ["services/metrics.py"], "{path}");
        assert_eq!(not_read(&at_head(path, "a", "a")), [""; 0]);
    }
    // Nobody calls anything in this one.
    let told = at_head("tools", "a", "b");
    assert_eq!(not_read(&told), [""; 0]);
}

#[test]
fn what_a_change_set_writes_for_terraform_init_is_not_believed_and_what_was_there_is() {
    let manifest = r#"{"Modules":[{"Key":"peers","Source":"registry.terraform.io/acme/peers/aws","Version":"1.0.0","Dir":".terraform/modules/peers"}]}"#;
    let called = call("acme/peers/aws").replace("  a =", "  version = \"1.0.0\"\n  a =");
    let peers = peers();
    let [list, module] = [
        ".terraform/modules/modules.json",
        ".terraform/modules/peers/main.tf",
    ];
    let told = changed_from(
        &[],
        &[("call.tf", &called), (list, manifest), (module, NOTHING)],
    );
    assert_eq!(not_read(&told), [list, "services/metrics.py"]);
    // Vendored and merged before: it counts, and its change does not.
    let base = [
        ("call.tf", called.as_str()),
        (list, manifest),
        (module, NOTHING),
    ];
    let told = changed_from(&base, &[("README.md", "# Network\n")]);
    assert_eq!(
        (told["verdict"].as_str(), kinds(&told)),
        (Some("clear"), vec![])
    );
    let told = changed_from(&base, &[(module, &peers)]);
    assert_eq!(not_read(&told), [module]);
    assert_eq!(told["changes"].as_array().unwrap().len(), 0);
    // What git does not know is the work of `terraform init`.
    let repository = with(&[(".gitignore", ".terraform/\n")]);
    repository.write(list, manifest);
    repository.write(module, &peers);
    repository.write("call.tf", &called);
    assert_eq!(statuses(&checked(&repository)), [FALLS]);
}

#[test]
fn what_is_imported_is_a_change_and_what_was_imported_before_is_none() {
    let import = "import {\n  to = aws_vpc_peering_connection.lab\n  id = \"pcx-0a1\"\n}\n";
    let imported = format!("{PEERING}{import}");
    let told = changed_from(&[], &[("peering.tf", &imported)]);
    assert_eq!(statuses(&told), [FALLS]);
    let change = &told["changes"][0];
    assert!(
        change["summary"].as_str().unwrap().ends_with("(imported)"),
        "{change}"
    );
    assert_eq!(change["causes"][0]["imported"], true);
    assert!(kinds(&told).contains(&"now-visible"));
    let told = changed_from(&[("peering.tf", &imported)], &[("peering.tf", PEERING)]);
    assert_eq!(statuses(&told), [STAYS]);
    let each = PEERING.replacen("{\n", "{\n  for_each = toset([\"x\"])\n", 1)
        + "import {\n  for_each = { x = \"pcx-0a1\" }\n  to = aws_vpc_peering_connection.lab[each.key]\n  id = each.value\n}\n";
    let told = changed_from(&[], &[("peering.tf", &each)]);
    assert_eq!(statuses(&told), [FALLS]);
}

#[test]
fn a_cause_names_the_call_and_the_value_that_the_change_set_changes() {
    let conditional = format!(
        "variable \"peered\" {{}}\n{}",
        peers().replacen(
            "connection\" \"lab\" {\n",
            "connection\" \"lab\" {\n  count = var.peered ? 1 : 0\n",
            1
        )
    );
    let called = call("./modules/peers").replace("  a =", "  peered = var.peered\n  a =");
    let called = format!("variable \"peered\" {{}}\n{called}");
    let base = [
        ("call.tf", called.as_str()),
        ("modules/peers/main.tf", conditional.as_str()),
        ("terraform.tfvars", "# Peers\npeered = false\n"),
    ];
    let head = [("terraform.tfvars", "# Peers\npeered = true\n")];
    let told = changed_from(&base, &head);
    assert_eq!(statuses(&told), [FALLS]);
    let steps: Vec<String> = told["changes"][0]["causes"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            format!(
                "{} {} {} {}",
                step["what"], step["file"], step["line"], step["differs"]
            )
        })
        .collect();
    assert_eq!(
        steps,
        [
            "\"module.peers\" \"call.tf\" 2 false",
            "\"var.peered\" \"terraform.tfvars\" 2 true"
        ]
    );
    let finding = &told["findings"].as_array().unwrap()[0];
    let related: Vec<&str> = finding["related"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert_eq!(
        related,
        ["call.tf", "modules/peers/main.tf", "terraform.tfvars"]
    );
}

#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_a_file_takes_no_carve_out_away_and_one_that_moves_moves() {
    let repository = with(&[("plain.py", "URL = 'http://metrics'\n")]);
    repository.write("peering.tf", PEERING);
    link(&repository, "services/metrics.py", "../plain.py");
    let told = checked(&repository);
    assert_eq!(statuses(&told), [FALLS]);
    assert!(kinds(&told).contains(&"unreadable-now"));
    repository.write("metrics.py", CARVE_OUT);
    link(&repository, "services/metrics.py", "../metrics.py");
    let told = checked(&repository);
    assert_eq!(statuses(&told), ["platform metrics.py must_rejustify"]);
    assert!(!kinds(&told).contains(&"unreadable-now"));
}
