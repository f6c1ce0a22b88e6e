//! What expressions and blocks come to, on short inline text.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::STACK_BYTES;
use super::reads::{Decoded, Files};
use super::snapshot::{Request, Snapshot, evaluate};
use super::syntax::{SourceFile, is_source};
use super::term::{Candidate, Term};
use super::tree::Tree;

/// How much work a test may ask for.
const STEPS: u64 = 20_000_000;

fn tree_of(files: &[(&str, &str)]) -> Tree {
    let sources = files.iter().filter(|(path, _)| is_source(path));
    let parsed: Vec<Arc<SourceFile>> = sources
        .map(|(path, text)| {
            let file = SourceFile::parse(path, text);
            assert_eq!(file.failure(), None, "{path}");
            Arc::new(file)
        })
        .collect();
    let paths = files.iter().map(|(path, _)| (*path).to_owned());
    Tree::build(parsed, &[], paths.collect())
}

/// Evaluate a root module, on a stack as large as a run has.
fn snapshot_with(files: &[(&str, &str)], directory: &str, steps: u64) -> Snapshot {
    let tree = tree_of(files);
    let texts: BTreeMap<String, Vec<u8>> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    let read = |path: &str| texts.get(path).cloned();
    let given = BTreeMap::new();
    let (files, decoded) = (Files::new(&read), Decoded::default());
    let request = Request {
        files: &files,
        decoded: &decoded,
        given: &given,
        states: &BTreeMap::new(),
        hands_out: false,
        steps,
        is_wanted: &|_| true,
        is_versioned: &|_| false,
        is_of_interest: &|_, _| true,
    };
    std::thread::scope(|scope| {
        let evaluation = std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || evaluate(&tree, directory, &request));
        evaluation.unwrap().join().unwrap()
    })
}

fn snapshot(files: &[(&str, &str)]) -> Snapshot {
    snapshot_with(files, "", STEPS)
}

fn addresses(snapshot: &Snapshot) -> Vec<String> {
    let all = snapshot.resources.iter();
    all.map(|one| one.address.to_string()).collect()
}

fn attribute(snapshot: &Snapshot, address: &str, name: &str) -> String {
    let index = snapshot.by_address[address];
    let term = snapshot.resources[index].terms.get(name);
    term.map_or_else(|| "(absent)".to_owned(), ToString::to_string)
}

fn kinds(snapshot: &Snapshot) -> BTreeSet<&str> {
    snapshot.notices.iter().map(|notice| notice.kind).collect()
}

/// What an expression comes to, with some declarations around it.
fn value_among(declarations: &str, expression: &str) -> String {
    let text = format!("{declarations}\nresource \"a_b\" \"c\" {{\n  x = {expression}\n}}\n");
    let snapshot = snapshot(&[("main.tf", &text)]);
    attribute(&snapshot, "a_b.c", "x")
}

fn value(expression: &str) -> String {
    value_among("", expression)
}

#[track_caller]
fn check(expression: &str, expected: &str) {
    assert_eq!(value(expression), expected, "{expression}");
}

#[test]
fn operators_and_conditionals_come_to_values() {
    check("1 + 2 * 3", "7");
    check("(1 + 2) * 3 % 5", "4");
    check("!(1 < 2) || 2 >= 2", "true");
    check("1 == 1 ? \"yes\" : \"no\"", "\"yes\"");
    check("[1, 2] == [1, 2]", "true");
    check("-1", "-1");
    check(
        "{ a = 1, \"b\" = [2], (\"c\") = null }",
        "{a = 1, b = [2], c = null}",
    );
}

#[test]
fn templates_are_put_together() {
    check("\"a${1 + 1}b${true}\"", "\"a2btrue\"");
    check("\"${[1]}\"", "[1]");
    check("\"%{ if true }yes%{ else }no%{ endif }\"", "\"yes\"");
    check("\"%{ for x in [1, 2] }<${x}>%{ endfor }\"", "\"<1><2>\"");
    check("\"a ${~ 1 ~} b\"", "\"a1b\"");
    check("\"$${x}\"", "\"${x}\"");
    check("<<-EOT\n    a\n      b\n  EOT", "\"a\\n  b\\n\"");
}

#[test]
fn for_expressions_and_splats_go_over_collections() {
    check("[for x in [1, 2, 3] : x * 2 if x != 2]", "[2, 6]");
    check(
        "[for k, v in { a = 1, b = 2 } : \"${k}${v}\"]",
        "[\"a1\", \"b2\"]",
    );
    check(
        "{ for k, v in { a = 1 } : v => k }",
        "{1 = a}".replace("a}", "\"a\"}").as_str(),
    );
    check(
        "{ for x in [\"a\", \"b\", \"ab\"] : length(x) => x... }",
        "{1 = [\"a\", \"b\"], 2 = [\"ab\"]}",
    );
    check("[{ a = 1 }, { a = 2 }][*].a", "[1, 2]");
    check("[{ a = [1] }, { a = [2] }].*.a[0]", "[1]");
    check("[{ a = [1] }, { a = [2] }][*].a[0]", "[1, 2]");
    check("null[*]", "[]");
    check("\"x\"[*]", "[\"x\"]");
}

#[test]
fn address_functions_count_as_terraform_does() {
    check("cidrsubnet(\"10.0.0.0/16\", 8, 2)", "\"10.0.2.0/24\"");
    check("cidrsubnet(\"10.1.2.3/16\", 4, 15)", "\"10.1.240.0/20\"");
    check(
        "cidrsubnet(\"fd00:fd12:3456:7890::/56\", 16, 162)",
        "\"fd00:fd12:3456:7800:a200::/72\"",
    );
    check(
        "cidrsubnets(\"10.1.0.0/16\", 4, 4, 8, 4)",
        "[\"10.1.0.0/20\", \"10.1.16.0/20\", \"10.1.32.0/24\", \"10.1.48.0/20\"]",
    );
    check("cidrhost(\"10.12.112.0/20\", 16)", "\"10.12.112.16\"");
    check("cidrhost(\"10.12.112.0/20\", -1)", "\"10.12.127.255\"");
    check("cidrnetmask(\"172.16.0.0/12\")", "\"255.240.0.0\"");
    check("can(cidrsubnet(\"10.0.0.0/30\", 8, 0))", "false");
    check("can(cidrsubnet(\"10.0.0.0/16\", 2, 4))", "false");
    check("can(cidrhost(\"10.0.0.0/30\", 9))", "false");
}

#[test]
fn collection_functions_come_to_values() {
    for (expression, expected) in [
        ("concat([1], [], [2, 3])", "[1, 2, 3]"),
        ("merge({ a = 1, b = 1 }, null, { b = 2 })", "{a = 1, b = 2}"),
        ("lookup({ a = 1 }, \"b\", 2)", "2"),
        ("flatten([[1], [2, [3]], 4])", "[1, 2, 3, 4]"),
        ("element([1, 2, 3], 4)", "2"),
        ("element([1, 2, 3], -1)", "3"),
        ("keys({ b = 1, a = 2 })", "[\"a\", \"b\"]"),
        ("values({ b = 1, a = 2 })", "[2, 1]"),
        ("zipmap([\"a\", \"b\"], [1, 2])", "{a = 1, b = 2}"),
        ("length([1, 2]) + length({ a = 1 }) + length(\"äb\")", "5"),
        ("slice([1, 2, 3], 1, 3)", "[2, 3]"),
        ("reverse([1, 2])", "[2, 1]"),
        ("sort([\"b\", \"a\"])", "[\"a\", \"b\"]"),
        ("toset([\"b\", \"a\", \"b\"])", "[\"a\", \"b\"]"),
        (
            "[for k, v in toset([\"b\", \"a\"]) : \"${k}=${v}\"]",
            "[\"a=a\", \"b=b\"]",
        ),
        (
            "[for k, v in tolist(toset([\"b\", \"a\"])) : \"${k}=${v}\"]",
            "[\"0=a\", \"1=b\"]",
        ),
        ("distinct([2, 1, 2])", "[2, 1]"),
        ("compact([\"a\", \"\", null])", "[\"a\"]"),
        ("one([])", "null"),
        ("one([5])", "5"),
        ("coalesce(null, \"\", \"x\")", "\"x\""),
        ("coalescelist([], [1])", "[1]"),
        ("contains([\"a\"], \"a\")", "true"),
        ("contains([\"a\"], \"b\")", "false"),
        ("index([\"a\", \"b\"], \"b\")", "1"),
        ("setunion([\"a\"], [\"b\", \"a\"])", "[\"a\", \"b\"]"),
        ("setintersection([\"a\", \"b\"], [\"b\"])", "[\"b\"]"),
        ("setsubtract([\"a\", \"b\"], [\"b\"])", "[\"a\"]"),
        (
            "setproduct([\"a\", \"b\"], [1, 2])",
            "[[\"a\", 1], [\"a\", 2], [\"b\", 1], [\"b\", 2]]",
        ),
        ("chunklist([1, 2, 3], 2)", "[[1, 2], [3]]"),
        ("matchkeys([1, 2], [\"a\", \"b\"], [\"b\"])", "[2]"),
        (
            "transpose({ a = [\"x\"], b = [\"x\"] })",
            "{x = [\"a\", \"b\"]}",
        ),
        ("alltrue([true, false])", "false"),
        ("anytrue([true, false])", "true"),
        ("sum([1, 2])", "3"),
        ("max([1, 5, 3]...)", "5"),
        ("min(2, 1)", "1"),
        ("range(1, 7, 2)", "[1, 3, 5]"),
        ("range(3)", "[0, 1, 2]"),
        ("tostring(1)", "\"1\""),
        ("tonumber(\"1\") + 1", "2"),
        ("try({}.a, 2)", "2"),
        ("can({ a = 1 }.a)", "true"),
        ("parseint(\"ff\", 16)", "255"),
    ] {
        check(expression, expected);
    }
}

#[test]
fn text_functions_come_to_values() {
    for (expression, expected) in [
        (
            "format(\"%s-%02d-%5.1f|%-4s|%t%%\", \"a\", 7, 2.25, \"b\", true)",
            "\"a-07-  2.2|b   |true%\"",
        ),
        (
            "format(\"%v %q\", [1, \"a\"], \"x\")",
            "\"[1,\\\"a\\\"] \\\"x\\\"\"",
        ),
        (
            "formatlist(\"%s.%s\", [\"a\", \"b\"], \"c\")",
            "[\"a.c\", \"b.c\"]",
        ),
        ("join(\"-\", [\"a\", \"b\"])", "\"a-b\""),
        ("split(\",\", \"a,b\")", "[\"a\", \"b\"]"),
        ("replace(\"a-b\", \"-\", \"_\")", "\"a_b\""),
        ("replace(\"abc\", \"/b(.)/\", \"<$1>\")", "\"a<c>\""),
        ("lower(\"AB\")", "\"ab\""),
        ("upper(\"ab\")", "\"AB\""),
        ("title(\"ab cd\")", "\"Ab Cd\""),
        ("substr(\"hello\", 1, 3)", "\"ell\""),
        ("substr(\"hello\", -2, -1)", "\"lo\""),
        ("trimspace(\" a \")", "\"a\""),
        ("trim(\"?!a?\", \"!?\")", "\"a\""),
        ("trimprefix(\"ab\", \"a\")", "\"b\""),
        ("trimsuffix(\"ab\", \"b\")", "\"a\""),
        ("startswith(\"ab\", \"a\")", "true"),
        ("regex(\"[a-z]+\", \"12ab\")", "\"ab\""),
        ("regex(\"(\\\\d)(\\\\d)\", \"12ab\")", "[\"1\", \"2\"]"),
        ("regex(\"(?P<x>\\\\d)\", \"12ab\").x", "\"1\""),
        ("regexall(\"[0-9]\", \"1a2\")", "[\"1\", \"2\"]"),
        ("can(regex(\"z\", \"a\"))", "false"),
        (
            "jsonencode({ b = [1, true, null], a = \"x\" })",
            "\"{\\\"a\\\":\\\"x\\\",\\\"b\\\":[1,true,null]}\"",
        ),
        ("jsondecode(\"{\\\"a\\\": [1]}\").a[0]", "1"),
        ("yamldecode(\"a: [1, b]\").a[1]", "\"b\""),
        ("base64decode(base64encode(\"Hällo\"))", "\"Hällo\""),
        ("base64encode(\"ab\")", "\"YWI=\""),
        (
            "sha256(\"\")",
            "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
        ),
        ("indent(2, \"a\\nb\")", "\"a\\n  b\""),
    ] {
        check(expression, expected);
    }
}

#[test]
fn variables_come_from_files_of_values_before_defaults() {
    let declarations =
        "variable \"v\" {\n  default = 1\n}\nresource \"a_b\" \"c\" {\n  x = var.v\n}\n";
    let with = |files: &[(&str, &str)]| {
        let all: Vec<(&str, &str)> = files
            .iter()
            .copied()
            .chain([("main.tf", declarations)])
            .collect();
        attribute(&snapshot(&all), "a_b.c", "x")
    };
    assert_eq!(with(&[]), "1");
    assert_eq!(with(&[("terraform.tfvars", "v = 2\n")]), "2");
    assert_eq!(
        with(&[
            ("terraform.tfvars", "v = 2\n"),
            ("x.auto.tfvars", "v = 3\n")
        ]),
        "3"
    );
    assert_eq!(with(&[("prod.tfvars", "v = 4\n")]), "1");
}

#[test]
fn a_variable_without_a_value_is_unknown_by_its_name_and_said() {
    let snapshot = snapshot(&[(
        "main.tf",
        "variable \"v\" {}\nresource \"a_b\" \"c\" {\n  x = var.v\n  y = \"${var.v}-a\"\n}\n",
    )]);
    assert_eq!(attribute(&snapshot, "a_b.c", "x"), "var.v");
    assert_eq!(attribute(&snapshot, "a_b.c", "y"), "\"${var.v}-a\"");
    assert_eq!(kinds(&snapshot), BTreeSet::from(["variable-without-value"]));
}

#[test]
fn type_constraints_fill_in_what_is_optional_and_make_sets() {
    let declarations = "variable \"v\" {\n  type = map(object({ a = optional(number, 5), b = string, c = optional(string) }))\n  default = { x = { b = 1, z = 2 } }\n}\nvariable \"s\" {\n  type = set(string)\n  default = [\"b\", \"a\", \"b\"]\n}";
    assert_eq!(
        value_among(declarations, "var.v"),
        "{x = {a = 5, b = \"1\", c = null}}"
    );
    assert_eq!(value_among(declarations, "var.s"), "[\"a\", \"b\"]");
}

#[test]
fn count_and_for_each_make_instances_with_their_keys() {
    let snapshot = snapshot(&[(
        "main.tf",
        "resource \"a_b\" \"n\" {\n  count = 2\n  x = \"i${count.index}\"\n}\nresource \"a_b\" \"m\" {\n  for_each = { p = 1, q = 2 }\n  x = \"${each.key}${each.value}\"\n}\nresource \"a_b\" \"s\" {\n  for_each = toset([\"z\"])\n  x = each.value\n}\nresource \"a_b\" \"none\" {\n  count = 0\n}\nresource \"a_b\" \"last\" {\n  x = a_b.n[1].id\n  y = a_b.m[\"p\"].x\n  z = a_b.n[*].id\n  w = [for k, v in a_b.m : v.id]\n}\n",
    )]);
    assert_eq!(
        addresses(&snapshot),
        [
            "a_b.last",
            "a_b.m[\"p\"]",
            "a_b.m[\"q\"]",
            "a_b.n[0]",
            "a_b.n[1]",
            "a_b.s[\"z\"]"
        ]
    );
    assert_eq!(attribute(&snapshot, "a_b.n[1]", "x"), "\"i1\"");
    assert_eq!(attribute(&snapshot, "a_b.m[\"q\"]", "x"), "\"q2\"");
    assert_eq!(attribute(&snapshot, "a_b.last", "x"), "a_b.n[1].id");
    assert_eq!(attribute(&snapshot, "a_b.last", "y"), "\"p1\"");
    assert_eq!(
        attribute(&snapshot, "a_b.last", "z"),
        "[a_b.n[0].id, a_b.n[1].id]"
    );
    assert_eq!(
        attribute(&snapshot, "a_b.last", "w"),
        "[a_b.m[\"p\"].id, a_b.m[\"q\"].id]"
    );
    assert!(snapshot.notices.is_empty());
}

#[test]
fn what_cannot_be_counted_is_there_once_for_all_and_said() {
    let text = "variable \"many\" {}\nresource \"a_b\" \"n\" {\n  count = var.many\n}\nresource \"a_b\" \"m\" {\n  for_each = var.many\n  x = each.value.vpc\n}\nresource \"a_b\" \"r\" {\n  x = a_b.n[*].id\n  y = a_b.m[\"k\"].id\n}\n";
    let snapshot = snapshot(&[("main.tf", text)]);
    assert_eq!(addresses(&snapshot), ["a_b.m[\"*\"]", "a_b.n[0]", "a_b.r"]);
    assert_eq!(attribute(&snapshot, "a_b.r", "x"), "[a_b.n[0].id]");
    assert_eq!(attribute(&snapshot, "a_b.r", "y"), "a_b.m[\"*\"].id");
    assert!(kinds(&snapshot).contains("unknown-count"));
}

#[test]
fn an_unknown_condition_counts_as_what_shows_more() {
    let text = "variable \"on\" {}\nresource \"a_b\" \"n\" {\n  count = var.on ? 2 : 0\n}\nresource \"a_b\" \"m\" {\n  for_each = var.on ? { a = 1 } : {}\n}\nresource \"a_b\" \"r\" {\n  x = var.on ? \"enforce\" : null\n}\n";
    let snapshot = snapshot(&[("main.tf", text)]);
    assert_eq!(
        addresses(&snapshot),
        ["a_b.m[\"a\"]", "a_b.n[0]", "a_b.n[1]", "a_b.r"]
    );
    // But never as a value that may not hold.
    assert_eq!(
        attribute(&snapshot, "a_b.r", "x"),
        "var.on ? \"enforce\" : null"
    );
}

/// What hangs on what nobody knows, of each instance.
fn doubts(snapshot: &Snapshot) -> Vec<(&str, Vec<&str>)> {
    let all = snapshot.resources.iter();
    all.map(|one| {
        let doubts = one.doubts.iter().map(|doubt| &*doubt.condition);
        (&*one.address, doubts.collect())
    })
    .collect()
}

#[test]
fn what_hangs_on_an_unknown_condition_remembers_it_and_what_does_not_remembers_nothing() {
    let text = "variable \"on\" {}\nlocals {\n  peer = { prod = var.x, dev = true }\n  many = local.peer[terraform.workspace] ? 1 : 0\n}\nvariable \"x\" {\n  default = false\n}\nresource \"a_b\" \"n\" {\n  count = local.many\n}\nresource \"a_b\" \"m\" {\n  for_each = toset(var.on ? [\"a\"] : [])\n}\nresource \"a_b\" \"sure\" {\n  count = 1\n  x     = var.on\n}\nmodule \"inner\" {\n  source = \"./inner\"\n  count  = var.on ? 1 : 0\n}\n";
    let inner = "resource \"a_b\" \"i\" {}\n";
    let snapshot = snapshot(&[("main.tf", text), ("inner/main.tf", inner)]);
    assert_eq!(
        doubts(&snapshot),
        [
            ("a_b.m[\"a\"]", vec!["var.on ? [..] : []"]),
            (
                "a_b.n[0]",
                vec!["{dev = true, prod = false}[terraform.workspace] ? 1 : 0"]
            ),
            ("a_b.sure[0]", vec![]),
            ("module.inner[0].a_b.i", vec!["var.on ? 1 : 0"]),
        ]
    );
}

#[test]
fn a_filter_that_nobody_can_decide_bears_on_its_own_element_alone() {
    let text = "variable \"env\" {}\nlocals {\n  peers = { a = \"prod\", b = \"dev\" }\n}\nresource \"a_b\" \"m\" {\n  for_each = { for k, v in local.peers : k => v if v == var.env }\n}\n";
    let snapshot = snapshot(&[("main.tf", text)]);
    assert_eq!(
        doubts(&snapshot),
        [
            ("a_b.m[\"a\"]", vec!["\"prod\" == var.env"]),
            ("a_b.m[\"b\"]", vec!["\"dev\" == var.env"]),
        ]
    );
}

#[test]
fn an_element_by_an_unknown_key_is_each_of_them_and_nothing_else_of_the_collection() {
    let around = "variable \"env\" {}\nlocals {\n  of = { prod = { vpc = \"vpc-1\", size = 3 }, dev = { vpc = \"vpc-2\", size = 1, only = true } }\n  same = { prod = 1, dev = 1 }\n}\n";
    let check = |expression: &str, expected: &str| {
        assert_eq!(value_among(around, expression), expected, "{expression}");
    };
    check(
        "local.of[var.env].vpc",
        "{dev = \"vpc-2\", prod = \"vpc-1\"}[var.env]",
    );
    check("local.same[var.env]", "1");
    // Where some have no such member, nobody knows whether there is one.
    check(
        "try(local.of[var.env].only, false)",
        "{dev = true, prod = null}[var.env]",
    );
    let text = format!(
        "{around}resource \"a_b\" \"c\" {{\n  x = {{ prod = [\"vpc-1\"], dev = [] }}[var.env]\n}}\n"
    );
    let snapshot = snapshot(&[("main.tf", &text)]);
    let Term::Unknown(unknown) = &snapshot.resources[0].terms["x"] else {
        panic!("not unknown");
    };
    let candidates: Vec<&Candidate> = unknown.candidates.iter().collect();
    assert!(candidates.contains(&&Candidate::Constant("vpc-1".into())));
    assert_eq!(candidates.len(), 1);
}

#[test]
fn opentofu_makes_what_is_enabled_and_nothing_that_is_not() {
    let block = |name: &str, enabled: &str| {
        format!(
            "resource \"a_b\" \"{name}\" {{\n  lifecycle {{\n    enabled = {enabled}\n  }}\n}}\n"
        )
    };
    let text = format!(
        "variable \"on\" {{}}\n{}{}{}resource \"a_b\" \"r\" {{\n  x = a_b.off == null\n  y = a_b.on.id\n}}\nmodule \"off\" {{\n  source = \"./inner\"\n  lifecycle {{\n    enabled = false\n  }}\n}}\n",
        block("on", "true"),
        block("off", "1 > 2"),
        block("maybe", "var.on"),
    );
    let inner = "resource \"a_b\" \"i\" {}\n";
    let snapshot = snapshot(&[("main.tofu", &text), ("inner/main.tf", inner)]);
    assert_eq!(addresses(&snapshot), ["a_b.maybe", "a_b.on", "a_b.r"]);
    assert_eq!(attribute(&snapshot, "a_b.r", "x"), "true");
    assert_eq!(attribute(&snapshot, "a_b.r", "y"), "a_b.on.id");
    assert_eq!(doubts(&snapshot)[0], ("a_b.maybe", vec!["var.on"]));
    assert_eq!(
        kinds(&snapshot),
        BTreeSet::from(["unknown-count", "variable-without-value"])
    );
}

#[test]
fn the_source_of_a_call_may_be_made_of_constants() {
    let text = "locals {\n  dir = \"./modules\"\n}\nmodule \"m\" {\n  source = \"${local.dir}/peer\"\n}\nmodule \"n\" {\n  source = \"${terraform.workspace}/peer\"\n}\n";
    let inner = "resource \"a_b\" \"i\" {}\n";
    let files = [("main.tf", text), ("modules/peer/main.tf", inner)];
    let snapshot = snapshot(&files);
    assert_eq!(addresses(&snapshot), ["module.m.a_b.i"]);
    assert_eq!(kinds(&snapshot), BTreeSet::from(["module-not-found"]));
    assert_eq!(tree_of(&files).roots(), [""]);
}

#[test]
fn a_set_of_things_yet_to_be_made_has_one_instance_each() {
    let text = "resource \"a_v\" \"a\" {}\nresource \"a_v\" \"b\" {}\nresource \"a_b\" \"n\" {\n  for_each = toset([a_v.a.id, a_v.b.id])\n  x = each.value\n}\n";
    let snapshot = snapshot(&[("main.tf", text)]);
    assert_eq!(attribute(&snapshot, "a_b.n[\"a_v.a.id\"]", "x"), "a_v.a.id");
    assert_eq!(snapshot.resources.len(), 4);
}

#[test]
fn dynamic_blocks_and_plain_ones_make_one_list() {
    let text = "resource \"a_b\" \"c\" {\n  route {\n    to = 1\n  }\n  dynamic \"route\" {\n    for_each = { k = 2 }\n    content {\n      to  = route.value\n      key = route.key\n    }\n  }\n  dynamic \"other\" {\n    for_each = [\"p\"]\n    iterator = it\n    content {\n      v = it.value\n    }\n  }\n}\n";
    let snapshot = snapshot(&[("main.tf", text)]);
    assert_eq!(
        attribute(&snapshot, "a_b.c", "route"),
        "[{to = 1}, {key = \"k\", to = 2}]"
    );
    assert_eq!(attribute(&snapshot, "a_b.c", "other"), "[{v = \"p\"}]");
}

const CALLER: &str = "module \"net\" {\n  source   = \"./net\"\n  for_each = { a = \"10.0.0.0/16\", b = \"10.1.0.0/16\" }\n  cidr     = each.value\n}\nresource \"a_b\" \"r\" {\n  x = module.net[\"a\"].vpc\n  y = { for k, n in module.net : k => n.cidr }\n  z = values(module.net)[*].vpc\n}\n";
const CALLED: &str = "variable \"cidr\" {}\nlocals {\n  half = cidrsubnet(var.cidr, 1, 0)\n}\nresource \"a_v\" \"this\" {\n  cidr = local.half\n}\noutput \"vpc\" {\n  value = a_v.this.id\n}\noutput \"cidr\" {\n  value = a_v.this.cidr\n}\n";

#[test]
fn modules_hand_values_down_and_references_up() {
    let snapshot = snapshot(&[("main.tf", CALLER), ("net/main.tf", CALLED)]);
    assert_eq!(
        addresses(&snapshot),
        [
            "a_b.r",
            "module.net[\"a\"].a_v.this",
            "module.net[\"b\"].a_v.this"
        ]
    );
    assert_eq!(
        attribute(&snapshot, "module.net[\"b\"].a_v.this", "cidr"),
        "\"10.1.0.0/17\""
    );
    assert_eq!(
        attribute(&snapshot, "a_b.r", "x"),
        "module.net[\"a\"].a_v.this.id"
    );
    assert_eq!(
        attribute(&snapshot, "a_b.r", "y"),
        "{a = \"10.0.0.0/17\", b = \"10.1.0.0/17\"}"
    );
    assert_eq!(
        attribute(&snapshot, "a_b.r", "z"),
        "[module.net[\"a\"].a_v.this.id, module.net[\"b\"].a_v.this.id]"
    );
    let inside = snapshot.by_address["module.net[\"a\"].a_v.this"];
    assert_eq!(snapshot.resources[inside].location.path, "net/main.tf");
    assert_eq!(snapshot.resources[inside].location.line, 5);
}

#[test]
fn a_module_that_is_not_here_is_unknown_by_its_name_and_said() {
    let text = "module \"vpc\" {\n  source = \"terraform-aws-modules/vpc/aws\"\n}\nresource \"a_b\" \"c\" {\n  x = module.vpc.vpc_id\n}\n";
    let outside = text.replace("terraform-aws-modules/vpc/aws", "../../elsewhere");
    for text in [text, &outside] {
        let snapshot = snapshot(&[("main.tf", text)]);
        assert_eq!(attribute(&snapshot, "a_b.c", "x"), "module.vpc.vpc_id");
        assert_eq!(kinds(&snapshot), BTreeSet::from(["module-not-found"]));
    }
}

#[test]
fn a_fetched_module_is_read_if_it_is_what_the_call_asks_for() {
    let read = |version: &str| {
        let call = format!(
            "module \"v\" {{\n  source  = \"org/net/aws\"\n  version = \"{version}\"\n}}\n"
        );
        let manifest = r#"{"Modules":[{"Key":"","Dir":"."},{"Key":"v","Source":"registry.terraform.io/org/net/aws","Version":"1.2.0","Dir":".terraform/modules/v"}]}"#;
        let files = [
            ("live/main.tf", call.as_str()),
            (".terraform/modules/v/main.tf", ""),
            (
                "live/.terraform/modules/v/main.tf",
                "resource \"a_v\" \"this\" {}\n",
            ),
        ];
        let parsed = files
            .iter()
            .map(|(path, text)| Arc::new(SourceFile::parse(path, text)));
        let manifests = [(
            "live/.terraform/modules/modules.json".to_owned(),
            manifest.as_bytes().to_vec(),
        )];
        let tree = Tree::build(parsed, &manifests, BTreeSet::new());
        assert_eq!(tree.roots(), ["live"]);
        let given = BTreeMap::new();
        let (files, decoded) = (Files::new(&|_| None), Decoded::default());
        let request = Request {
            files: &files,
            decoded: &decoded,
            given: &given,
            states: &BTreeMap::new(),
            hands_out: false,
            steps: STEPS,
            is_wanted: &|_| true,
            is_versioned: &|_| false,
            is_of_interest: &|_, _| false,
        };
        let snapshot = evaluate(&tree, "live", &request);
        let location = snapshot
            .resources
            .first()
            .map(|one| one.location.to_string());
        (addresses(&snapshot), location)
    };
    let found = (
        vec!["module.v.a_v.this".to_owned()],
        Some("live/main.tf:1".to_owned()),
    );
    assert_eq!(read("1.2.0"), found);
    assert_eq!(read("~> 1.0"), found);
    assert_eq!(read("1.3.0"), (Vec::new(), None));
}

#[test]
fn both_syntaxes_say_the_same() {
    let json = r#"{"variable": {"c": {"default": "10.0.0.0/16"}}, "resource": {"a_v": {"x": {"for_each": "${toset([\"k\"])}", "cidr": "${cidrsubnet(var.c, 8, 1)}", "name": "n-${each.key}", "dynamic": {"route": {"for_each": [1], "content": {"to": "${route.value}"}}}}}}, "output": {"o": {"value": "${a_v.x[\"k\"].id}"}}}"#;
    let snapshot = snapshot(&[("main.tf.json", json)]);
    assert_eq!(
        attribute(&snapshot, "a_v.x[\"k\"]", "cidr"),
        "\"10.0.1.0/24\""
    );
    assert_eq!(attribute(&snapshot, "a_v.x[\"k\"]", "name"), "\"n-k\"");
    assert_eq!(attribute(&snapshot, "a_v.x[\"k\"]", "route"), "[{to = 1}]");
}

#[test]
fn provider_aliases_are_followed_into_modules() {
    let text = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\nprovider \"aws\" {\n  alias  = \"far\"\n  region = join(\"-\", [\"us\", \"east\", \"1\"])\n}\nmodule \"m\" {\n  source    = \"./m\"\n  providers = { aws = aws.far }\n}\nmodule \"n\" {\n  source = \"./m\"\n}\nresource \"aws_v\" \"r\" {\n  provider = aws.far\n}\n";
    let snapshot = snapshot(&[
        ("main.tf", text),
        ("m/main.tf", "resource \"aws_v\" \"x\" {}\n"),
    ]);
    let region = |address: &str| {
        let one = &snapshot.resources[snapshot.by_address[address]];
        let place = snapshot
            .places
            .place(one.provider_key.as_deref().unwrap())
            .unwrap();
        place.region.clone().unwrap()
    };
    assert_eq!(region("module.m.aws_v.x"), "us-east-1");
    assert_eq!(region("module.n.aws_v.x"), "eu-west-1");
    assert_eq!(region("aws_v.r"), "us-east-1");
}

#[test]
fn a_member_of_a_block_that_nobody_wrote_is_the_providers_and_one_that_is_written_is_not() {
    let machine = "resource \"a_m\" \"m\" {\n  nic {\n    net = \"n\"\n    access {}\n  }\n}";
    let value = |expression: &str| value_among(machine, expression);
    assert_eq!(value("a_m.m.nic[0].net"), "\"n\"");
    assert_eq!(value("a_m.m.nic[0].ip"), "a_m.m.nic.*");
    assert_eq!(value("a_m.m.nic[0].access[0].nat"), "a_m.m.nic.*");
    assert_eq!(value("{ a = a_m.m.nic[0].ip, b = 1 }.b"), "1");
    // A block that is not there has no members.
    assert_eq!(
        value("length(a_m.m.nic[0].access) + length(a_m.m.nic)"),
        "2"
    );
}

#[test]
fn a_name_made_of_unknown_parts_leads_to_what_bears_it() {
    let declarations = "resource \"a_p\" \"p\" {}\nresource \"a_v\" \"v\" {\n  name = \"v-${a_p.p.id}\"\n  size = \"s-${a_p.p.id}\"\n}";
    let text = format!(
        "{declarations}\nresource \"a_b\" \"c\" {{\n  name = a_v.v.name\n  size = a_v.v.size\n}}\n"
    );
    let snapshot = snapshot(&[("main.tf", &text)]);
    let candidates = |name: &str| {
        let terms = &snapshot.resources[snapshot.by_address["a_b.c"]].terms;
        match terms.get(name) {
            Some(Term::Unknown(unknown)) => unknown.candidates.iter().cloned().collect(),
            _ => Vec::new(),
        }
    };
    let attribute = |address: &str, name: &str| Candidate::Attribute(address.into(), name.into());
    assert_eq!(candidates("name"), [attribute("a_v.v", "name")]);
    assert_eq!(candidates("size"), [attribute("a_p.p", "id")]);
}

#[test]
fn secrets_stay_secrets_in_all_that_is_made_of_them() {
    let declarations = "variable \"s\" {\n  sensitive = true\n  default = \"hunter2\"\n}";
    for expression in [
        "var.s",
        "\"a-${var.s}\"",
        "upper(var.s)",
        "{ a = var.s }.a",
        "[for x in [var.s] : x][0]",
        "concat([var.s], [1])[0]",
        "true ? var.s : null",
        "jsonencode([var.s])",
    ] {
        let shown = value_among(declarations, expression);
        assert_eq!(shown, "(sensitive)", "{expression}");
    }
    assert_eq!(
        value_among(declarations, "nonsensitive(var.s)"),
        "\"hunter2\""
    );
}

#[test]
fn files_are_read_inside_the_tree_only() {
    let files = |text: &'static str| {
        [
            ("live/main.tf", text),
            ("live/a.json", "{\"k\": \"v\"}"),
            ("live/t.tpl", "x = ${x}, %{ for y in ys }${y};%{ endfor }"),
            ("live/conf/b.yaml", "k: 1"),
            ("other.txt", "above"),
        ]
    };
    let value = |expression: &str| {
        let text: &'static str =
            format!("resource \"a_b\" \"c\" {{\n  x = {expression}\n}}\n").leak();
        let snapshot = snapshot_with(&files(text)[..], "live", STEPS);
        let kinds: Vec<String> = kinds(&snapshot).into_iter().map(str::to_owned).collect();
        (attribute(&snapshot, "a_b.c", "x"), kinds)
    };
    assert_eq!(
        value("jsondecode(file(\"${path.module}/a.json\")).k").0,
        "\"v\""
    );
    assert_eq!(
        value("templatefile(\"t.tpl\", { x = 1, ys = [\"p\", \"q\"] })").0,
        "\"x = 1, p;q;\""
    );
    assert_eq!(
        value("fileset(path.module, \"conf/*.yaml\")").0,
        "[\"conf/b.yaml\"]"
    );
    assert_eq!(value("file(\"../other.txt\")").0, "\"above\"");
    assert_eq!(value("fileexists(\"nothing\")").0, "false");
    for outside in [
        "file(\"../../secret\")",
        "file(\"/etc/passwd\")",
        "file(\"~/.ssh/id\")",
        "templatefile(\"../../x\", {})",
    ] {
        let (shown, kinds) = value(outside);
        assert!(!shown.contains("root:"), "{shown}");
        assert_eq!(kinds, ["outside-the-tree"], "{outside}");
    }
}

#[test]
fn what_leads_back_to_itself_has_no_value_and_is_said() {
    for text in [
        "locals {\n  a = local.b\n  b = local.a\n}\nresource \"a_b\" \"c\" {\n  x = local.a\n}\n",
        "resource \"a_b\" \"c\" {\n  x = a_b.c.x\n}\n",
        "resource \"a_b\" \"c\" {\n  count = length(a_b.c)\n}\n",
        "module \"m\" {\n  source = \"./m\"\n  v = module.m.o\n}\nresource \"a_b\" \"c\" {\n  x = module.m.o\n}\n",
    ] {
        let module = "variable \"v\" {}\noutput \"o\" {\n  value = var.v\n}\n";
        let snapshot = snapshot(&[("main.tf", text), ("m/main.tf", module)]);
        assert!(kinds(&snapshot).contains("cyclic-reference"), "{text}");
    }
}

#[test]
fn modules_that_call_themselves_come_to_an_end() {
    let twice = "module \"a\" {\n  source = \"./\"\n}\nmodule \"b\" {\n  source = \"./\"\n}\nresource \"a_b\" \"c\" {}\n";
    let snapshot = snapshot_with(&[("main.tf", twice)], "", 3_000_000);
    assert!(kinds(&snapshot).contains("budget-exhausted"));
}

#[test]
fn hostile_source_runs_out_of_budget_and_not_of_memory_or_stack() {
    let doubling = |first: &str, next: &dyn Fn(usize) -> String| {
        let mut text = format!("locals {{\n  l0 = {first}\n");
        for level in 1..80 {
            text.push_str(&format!("  l{level} = {}\n", next(level - 1)));
        }
        text.push_str("}\nresource \"a_b\" \"c\" {\n  x = local.l79\n}\n");
        text
    };
    let exploding = [
        doubling("\"ab\"", &|n| format!("\"${{local.l{n}}}${{local.l{n}}}\"")),
        doubling("[1, 2]", &|n| format!("[local.l{n}, local.l{n}]")),
        doubling("[1, 2]", &|n| format!("concat(local.l{n}, local.l{n})")),
        doubling("{ a = 1 }", &|n| {
            format!("{{ x = local.l{n}, y = local.l{n} }}")
        }),
        doubling("[1, 2]", &|n| format!("setproduct(local.l{n}, local.l{n})")),
        doubling("\"aa\"", &|n| format!("replace(local.l{n}, \"a\", \"aa\")")),
        doubling("\"aa\"", &|n| format!("jsonencode([local.l{n}])")),
        doubling("\"aa\"", &|n| {
            format!("replace(local.l{n}, \"/a/\", \"$0$0$0\")")
        }),
        doubling("var.u", &|n| format!("[local.l{n}, local.l{n}]")) + "variable \"u\" {}\n",
    ];
    for text in &exploding {
        let snapshot = snapshot_with(&[("main.tf", text)], "", 3_000_000);
        assert!(
            kinds(&snapshot).contains("budget-exhausted"),
            "{}",
            &text[..120]
        );
    }
    let chain: String = (1..20_000)
        .map(|level| format!("  l{level} = local.l{}\n", level - 1))
        .collect();
    let deep = format!(
        "locals {{\n  l0 = 1\n{chain}}}\nresource \"a_b\" \"c\" {{\n  x = local.l19999\n}}\n"
    );
    assert!(kinds(&snapshot(&[("main.tf", &deep)])).contains("budget-exhausted"));
}

#[test]
fn a_million_instances_are_not_made() {
    for repeat in [
        "count = 1000000",
        "for_each = toset([for a in range(1000) : [for b in range(1000) : \"${a}-${b}\"]]...)",
        "for_each = { for p in setproduct(range(1000), range(1000)) : \"${p[0]}-${p[1]}\" => p }",
    ] {
        let text = format!("resource \"a_b\" \"c\" {{\n  {repeat}\n}}\n");
        let snapshot = snapshot_with(&[("main.tf", &text)], "", 5_000_000);
        assert!(snapshot.resources.len() <= 20_000, "{repeat}");
        assert!(!snapshot.notices.is_empty(), "{repeat}");
    }
    check("can(range(1000000))", "false");
    check("can(format(\"%999999999d\", 1))", "false");
}

#[test]
fn what_an_import_takes_in_is_known_for_each_key() {
    let text = r#"
resource "a_vpc" "a" {
  for_each = toset(["x", "y"])
}
resource "a_vpc" "b" {
  count = 2
}
import {
  for_each = { x = "vpc-1", y = "vpc-2" }
  to       = a_vpc.a[each.key]
  id       = each.value
}
import {
  to = a_vpc.b[0]
  id = "vpc-3"
}
import {
  for_each = var.nobody_knows
  to       = a_vpc.b[each.key]
  id       = each.value
}
variable "nobody_knows" {}
"#;
    let imports = snapshot(&[("main.tf", text)]).imports;
    let imports: Vec<(&str, &str)> = imports
        .iter()
        .map(|(address, id)| (address.as_str(), id.as_str()))
        .collect();
    assert_eq!(
        imports,
        [
            ("a_vpc.a[\"x\"]", "vpc-1"),
            ("a_vpc.a[\"y\"]", "vpc-2"),
            ("a_vpc.b[0]", "vpc-3")
        ]
    );
}

#[test]
fn functions_of_providers_are_unknown_by_name() {
    let (shown, kinds) = (
        value("provider::aws::arn_parse(\"x\").account"),
        value("core::upper(\"x\")"),
    );
    assert!(shown.contains("arn_parse"), "{shown}");
    assert_eq!(kinds, "\"X\"");
}

#[test]
fn an_expression_that_cannot_be_read_is_unknown_and_said() {
    let text = "locals {\n  bad = 1 +\n  good = 1\n}\nresource \"a_b\" \"c\" {\n  x = local.good\n  y = try(local.bad, 2)\n  z = = 3\n}\noutput \"never_asked_for\" {\n  value = = 4\n}\n";
    let snapshot = snapshot(&[("main.tf", text)]);
    assert_eq!(attribute(&snapshot, "a_b.c", "x"), "1");
    // What cannot be read is not what fails: `try` must not pass over it.
    assert_eq!(attribute(&snapshot, "a_b.c", "y"), "1 +");
    assert_eq!(attribute(&snapshot, "a_b.c", "z"), "= 3");
    let subjects: Vec<&str> = snapshot
        .notices
        .iter()
        .map(|notice| notice.subject.as_str())
        .collect();
    assert_eq!(subjects, ["main.tf:2", "main.tf:8"]);
}

#[test]
fn what_was_read_is_told_so_that_nothing_is_evaluated_twice() {
    let files = [
        (
            "live/main.tf",
            "module \"m\" {\n  source = \"../m\"\n}\nmodule \"n\" {\n  source = \"../none\"\n}\n",
        ),
        (
            "m/main.tf",
            "resource \"a_b\" \"c\" {\n  x = yamldecode(file(\"${path.module}/x.yaml\"))\n}\n",
        ),
        ("m/x.yaml", "a: 1\n"),
        ("other/main.tf", "resource \"a_b\" \"c\" {}\n"),
    ];
    let snapshot = snapshot_with(&files, "live", STEPS);
    let reads = &snapshot.reads;
    let directories: Vec<&str> = reads.directories.iter().map(String::as_str).collect();
    assert_eq!(directories, ["live", "m", "none"]);
    assert_eq!(reads.files.iter().collect::<Vec<_>>(), ["m/x.yaml"]);
    let tree = tree_of(&files);
    assert!(tree.has_the_same(&tree, "live", reads));
    // Parsed once more, the files are others; of a module that is not read they do not matter.
    assert!(!tree.has_the_same(&tree_of(&files), "live", reads));
}
