//! Which files form a module, on short inline text.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn tree(files: &[(&str, &str)]) -> Tree {
    let files = files
        .iter()
        .map(|(path, text)| Arc::new(SourceFile::parse(path, text)));
    Tree::build(files, &[], BTreeSet::new())
}

#[test]
fn roots_are_the_modules_that_nobody_calls() {
    let tree = tree(&[
        (
            "live/main.tf",
            "module \"net\" {\n  source = \"../modules/net\"\n}\n",
        ),
        ("modules/net/main.tf", "resource \"a_b\" \"c\" {}\n"),
        ("other/main.tf", "resource \"a_b\" \"c\" {}\n"),
        ("docs/outputs.tf", "output \"x\" {\n  value = 1\n}\n"),
        (
            "other/.terraform/modules/x/main.tf",
            "resource \"a_b\" \"c\" {}\n",
        ),
    ]);
    assert_eq!(tree.roots(), ["live", "other"]);
    assert_eq!(tree.modules(), ["live", "modules/net", "other"]);
}

#[test]
fn a_module_that_makes_nothing_is_no_root_and_is_not_called_by_another_either() {
    let tree = tree(&[
        ("a/providers.tf", "provider \"aws\" {}\n"),
        ("b/main.tf", "module \"m\" {\n  source = \"../m\"\n}\n"),
        ("m/main.tf", "resource \"a_b\" \"c\" {}\n"),
    ]);
    assert_eq!(tree.roots(), ["b"]);
    assert!(tree.calls("m"));
    assert!(!tree.calls("a") && !tree.calls("b"));
}

#[test]
fn an_unused_part_of_a_module_is_no_root_and_what_has_providers_or_lies_elsewhere_is_one() {
    let part = "variable \"net\" {}\nresource \"a_b\" \"c\" {}\n";
    let run = "provider \"aws\" {}\nresource \"a_b\" \"c\" {}\n";
    let caller = "module \"inner\" {\n  source = \"../inner\"\n}\n";
    let all = "module \"net\" {\n  source = \"./modules/net\"\n}\n";
    let tree = tree(&[
        ("main.tf", all),
        ("modules/net/main.tf", part),
        ("modules/net/modules/inner/main.tf", part),
        ("modules/net/modules/outer/main.tf", caller),
        ("modules/net/run/main.tf", run),
        ("modules/other/main.tf", part),
    ]);
    assert_eq!(tree.roots(), ["", "modules/net/run", "modules/other"]);
}

#[test]
fn a_root_module_that_is_only_shown_or_tested_keeps_its_place_and_a_shared_module_has_none() {
    let stack = "provider \"aws\" {}\nresource \"a_b\" \"c\" {}\n";
    let call = "module \"net\" {\n  source = \"../..\"\n}\n";
    let with_backend =
        "terraform {\n  backend \"s3\" {}\n}\nmodule \"net\" {\n  source = \"../..\"\n}\n";
    let roots = |files: &[(&str, &str)]| tree(files).roots();
    assert_eq!(
        roots(&[("net/main.tf", stack), ("net/examples/a/main.tf", call)]),
        ["net"]
    );
    // Whoever keeps a state is run by itself, wherever it lies.
    assert_eq!(
        roots(&[
            ("net/main.tf", stack),
            ("net/examples/a/main.tf", with_backend)
        ]),
        ["net/examples/a"]
    );
    // Neither provider nor backend: it is there to be called.
    assert_eq!(
        roots(&[
            ("net/main.tf", "resource \"a_b\" \"c\" {}\n"),
            ("net/examples/a/main.tf", call)
        ]),
        ["net/examples/a"]
    );
    // A provider alone does not make a root module of what others than examples call.
    assert_eq!(
        roots(&[("net/main.tf", stack), ("net/live/a/main.tf", call)]),
        ["net/live/a"]
    );
}

#[test]
fn a_caller_without_a_state_does_not_take_the_place_of_what_has_one() {
    let stack = "terraform {\n  backend \"s3\" {}\n}\nresource \"a_b\" \"c\" {}\n";
    let all = "module \"net\" {\n  source = \"../net\"\n}\n";
    let files = [("net/main.tf", stack), ("all/main.tf", all)];
    assert_eq!(tree(&files).roots(), ["net"]);
    let more = format!("{all}resource \"a_b\" \"d\" {{}}\n");
    let files = [("net/main.tf", stack), ("all/main.tf", &more)];
    assert_eq!(tree(&files).roots(), ["all", "net"]);
}

#[test]
fn modules_in_a_circle_have_one_root() {
    let tree = tree(&[
        ("a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\n"),
        ("b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\n"),
        ("c/main.tf", "module \"c\" {\n  source = \"./\"\n}\n"),
    ]);
    assert_eq!(tree.roots(), ["a", "c"]);
}

#[test]
fn an_override_changes_what_it_sets_and_nothing_else() {
    let tree = tree(&[
        (
            "main.tf",
            "resource \"a_b\" \"c\" {\n  x = 1\n  y = 1\n  z {}\n  z {}\n}\n",
        ),
        (
            "a_override.tf",
            "resource \"a_b\" \"c\" {\n  y = 2\n  z {}\n}\n",
        ),
    ]);
    let body = &tree.directories[""].resources["a_b.c"].body;
    assert_eq!(body.attributes["x"].expression().unwrap().to_string(), "1");
    assert_eq!(body.attributes["y"].expression().unwrap().to_string(), "2");
    assert_eq!(body.blocks.len(), 1);
}

#[test]
fn later_files_of_values_win_and_others_are_not_read() {
    let tree = tree(&[
        ("a.auto.tfvars", "x = 1\n"),
        ("b.auto.tfvars", "x = 2\n"),
        ("terraform.tfvars", "x = 3\ny = 3\n"),
        ("prod.tfvars", "x = 4\nz = 4\n"),
    ]);
    let text = |name| {
        let value = tree.directories[""].value_of(name);
        value.map(|value| value.expression().unwrap().to_string())
    };
    assert_eq!(text("x").as_deref(), Some("2"));
    assert_eq!(text("y").as_deref(), Some("3"));
    assert_eq!(text("z"), None);
}
