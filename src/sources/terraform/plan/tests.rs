//! What a plan or state is read as, and what is said of what is neither.

#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;

fn problem(text: &str) -> InputProblem {
    parse(text).expect_err("must be refused")
}

fn plan(text: &str) -> Box<Plan<'_>> {
    match parse(text) {
        Ok(Document::Plan(plan)) => plan,
        other => panic!("not a plan: {other:?}"),
    }
}

#[test]
fn a_plan_is_told_from_a_state_and_a_state_file() {
    let shown = r#"{"format_version":"1.0","values":{"root_module":{}}}"#;
    let file =
        r#"{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"x","resources":[]}"#;
    assert!(matches!(parse(shown), Ok(Document::State(State::Shown(_)))));
    assert!(matches!(parse(file), Ok(Document::State(State::File(_)))));
    assert!(matches!(
        parse(r#"{"format_version":"1.2","planned_values":{}}"#),
        Ok(Document::Plan(_))
    ));
    assert!(matches!(
        parse(r#"{"resource_changes":[]}"#),
        Ok(Document::Plan(_))
    ));
}

#[test]
fn the_show_of_no_state_at_all_is_an_empty_state() {
    assert!(matches!(
        parse(r#"{"format_version":"1.0"}"#),
        Ok(Document::State(State::Shown(_)))
    ));
    assert!(matches!(
        parse(r#"{"format_version":"1.0","valid":true}"#),
        Err(InputProblem::OtherTool(_))
    ));
}

#[test]
fn later_minor_formats_are_read_and_later_major_ones_are_not() {
    for version in ["0.1", "1.2", "1.99"] {
        plan(&format!(
            r#"{{"format_version":"{version}","resource_changes":[]}}"#
        ));
    }
    let error = problem(r#"{"format_version":"2.0","resource_changes":[]}"#);
    assert_eq!(error, InputProblem::FormatVersion("2.0".into()));
    assert!(error.to_string().contains("2.0"));
}

#[test]
fn old_and_future_states_are_told_with_what_to_run() {
    let old = problem(r#"{"version":3,"terraform_version":"0.11.1","serial":1,"modules":[]}"#);
    assert_eq!(old, InputProblem::OldState("3".into()));
    assert!(old.to_string().contains("terraform state pull"));
    assert_eq!(
        problem(r#"{"version":5,"serial":1,"lineage":"x"}"#),
        InputProblem::NewState("5".into())
    );
}

#[test]
fn documents_of_other_tools_are_named_by_their_members() {
    for (text, found) in [
        (
            r#"{"config":{},"steps":[],"duration":1}"#,
            "`config`, `steps`, `duration`",
        ),
        (
            r#"{"version":3,"deployment":{"resources":[]}}"#,
            "`version`, `deployment`",
        ),
        (
            r#"{"AWSTemplateFormatVersion":"2010-09-09","Resources":{}}"#,
            "`AWSTemplateFormatVersion`, `Resources`",
        ),
        (
            r#"{"apiVersion":"v1","kind":"Service"}"#,
            "`apiVersion`, `kind`",
        ),
        (
            r#"{"$schema":"x","resources":{"a":{}}}"#,
            "`$schema`, `resources`",
        ),
        (r"[1]", "a list"),
        (r"{}", "an empty object"),
    ] {
        assert_eq!(
            problem(text),
            InputProblem::OtherTool(found.into()),
            "{text}"
        );
    }
    assert_eq!(
        problem(r#"{"encrypted_data":"x","meta":{}}"#),
        InputProblem::Encrypted
    );
}

#[test]
fn foreign_names_reach_no_terminal_as_they_are() {
    let InputProblem::OtherTool(found) = problem("{\"\\u001b[2Jname\":1}") else {
        panic!()
    };
    assert_eq!(found, "`\\u{1b}[2Jname`");
}

#[test]
fn a_cut_off_plan_is_told_from_a_broken_one() {
    let cut = problem("{\"format_version\":\"1.2\",\n\"resource_changes\":[{");
    assert_eq!(
        cut,
        InputProblem::Truncated {
            line: 2,
            column: 21
        }
    );
    let broken = problem("{\"format_version\":\"1.2\",\n\"resource_changes\":[}");
    assert!(
        matches!(
            broken,
            InputProblem::Syntax {
                line: 2,
                column: 21,
                ..
            }
        ),
        "{broken:?}"
    );
}

#[test]
fn what_is_broken_inside_a_large_part_is_told_with_its_place() {
    let broken = r#"[{"address":tru}]"#;
    let state = format!(r#"{{"root_module":{{"resources":{broken}}}}}"#);
    for part in [
        format!(r#""resource_changes":{broken}"#),
        format!(r#""planned_values":{state}"#),
        format!(r#""resource_changes":[],"prior_state":{{"values":{state}}}"#),
    ] {
        let error = problem(&format!("{{\"format_version\":\"1.2\",\n{part}}}"));
        assert!(
            matches!(error, InputProblem::Syntax { line: 2, .. }),
            "{part}: {error:?}"
        );
    }
}

#[test]
fn a_progress_log_that_slipped_through_is_recognised() {
    assert_eq!(
        problem("{\"type\":\"x\",\"@level\":\"info\"}\n{\"@level\":\"info\"}"),
        InputProblem::LineStream
    );
}

#[test]
fn an_unexpected_shape_is_told_without_the_value() {
    let error = problem(r#"{"format_version":"1.2","resource_changes":"hunter2"}"#);
    assert!(
        matches!(&error, InputProblem::Shape { reason, .. } if reason == "expected a sequence"),
        "{error:?}"
    );
    let error = problem(r#"{"format_version":"1.2","resource_changes":[{"mode":"managed"}]}"#);
    assert!(error.to_string().contains("missing field `address`"));
}

#[test]
fn positions_in_parts_count_from_the_start_of_the_document() {
    let error = problem("{\"version\":4,\"serial\":1,\n \"resources\":[{\"type\":7}]}");
    assert!(
        matches!(
            error,
            InputProblem::Shape {
                line: 2,
                column: 23,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn deep_nesting_is_an_error_and_never_a_crash() {
    let deep = "[".repeat(100_000);
    assert_eq!(problem(&deep), InputProblem::OtherTool("a list".into()));
    let modules = format!(
        r#"{{"planned_values":{{"root_module":{}{}}}}}"#,
        r#"{"child_modules":["#.repeat(100_000),
        "]}".repeat(100_000)
    );
    assert!(matches!(problem(&modules), InputProblem::TooDeep { .. }));
    // Values are not looked into.
    let values = format!(
        r#"{{"resource_changes":[{{"address":"a.b","change":{{"after":{}{}}}}}]}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    plan(&values);
}

#[test]
fn configuration_is_typed_and_null_is_empty() {
    let text = r#"{"resource_changes":null,"planned_values":{"root_module":{"resources":null}},"configuration":{
            "provider_config":{"aws":{"name":"aws","expressions":{"region":{"constant_value":"eu-west-1"}}}},
            "root_module":{"module_calls":{"net":{"source":"./net","expressions":{"cidr":{"references":["var.c"]}},
              "module":{"resources":[{"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a",
                "provider_config_key":"aws","expressions":{"cidr_block":{"references":["var.cidr"]}},
                "for_each_expression":{"references":["var.all"]}}],
                "outputs":{"id":{"expression":{"references":["aws_vpc.a.id"]}}},"variables":{"cidr":{"default":null}}}}}}}}"#;
    let plan = plan(text);
    let call = &plan.configuration.root_module.module_calls["net"];
    assert_eq!(call.source.as_deref(), Some("./net"));
    assert_eq!(
        call.module.resources[0].expressions["cidr_block"].get(),
        r#"{"references":["var.cidr"]}"#
    );
    assert!(call.module.resources[0].for_each_expression.is_some());
    assert!(call.module.resources[0].count_expression.is_none());
    assert!(call.module.outputs["id"].expression.is_some());
    assert!(plan.resource_changes.is_none());
}
