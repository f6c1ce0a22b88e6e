#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::from_state::state_provider_key;
use super::place::{split_key, without_keys};
use super::*;
use crate::graph::fragment::Notice;
use crate::sources::terraform::input::decode;
use crate::sources::terraform::notices::{plan_notices, state_notices};
use crate::sources::terraform::plan::Document;
use proptest::prelude::*;

const PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.11.4",
    "resource_changes":[
      {"address":"module.net[\"a\"].aws_vpc.main","module_address":"module.net[\"a\"]","mode":"managed","type":"aws_vpc",
       "name":"main","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],"before":null,
       "after":{"cidr_block":"10.0.0.0/16","key":"hunter2"},"after_unknown":{"id":true},"before_sensitive":false,
       "after_sensitive":{"key":true}}},
      {"address":"aws_vpc.kept","mode":"managed","type":"aws_vpc","name":"kept",
       "change":{"actions":["no-op"],"before":{"id":"vpc-1"},"after":{"id":"vpc-1"},"after_unknown":{}}}],
    "configuration":{"root_module":{"resources":[{"address":"aws_vpc.kept","mode":"managed","type":"aws_vpc","name":"kept",
       "provider_config_key":"aws.west"}],
      "module_calls":{"net":{"module":{"resources":[{"address":"aws_vpc.main","mode":"managed","type":"aws_vpc",
       "name":"main","provider_config_key":"module.net:aws"}]}}}}}}"#;

/// Parse, and hand the resources and notices to `then`.
fn with<T>(text: &str, then: impl FnOnce(Vec<Resource<'_>>, Vec<Notice>) -> T) -> T {
    match Document::parse("input.json", text).unwrap() {
        Document::Plan(plan) => then(resources(&plan), plan_notices(&plan)),
        Document::State(state) => then(state_resources(&state), state_notices(&state)),
    }
}

/// `aws_vpc.a` with `change`, in a plan of its own.
fn with_change<T>(members: &str, then: impl FnOnce(&Resource<'_>, &[Notice]) -> T) -> T {
    let text = format!(
        r#"{{"resource_changes":[{{"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a",{members}}}]}}"#
    );
    with(&text, |resources, notices| then(&resources[0], &notices))
}

fn all(instance: Option<&Instance<'_>>) -> Value {
    instance.unwrap().read(&|_| true).unwrap()
}

fn summary(resources: &[Resource<'_>]) -> Vec<String> {
    let line = |resource: &Resource<'_>| {
        let sides = [("before", &resource.before), ("after", &resource.after)];
        let sides: Vec<&str> = sides
            .iter()
            .filter(|(_, side)| side.is_some())
            .map(|(name, _)| *name)
            .collect();
        format!(
            "{} {} {}",
            resource.address,
            resource.action.word(),
            sides.join("+")
        )
    };
    resources.iter().map(line).collect()
}

fn kinds(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.kind).collect()
}

#[test]
fn resources_come_sorted_with_their_provider_and_module() {
    with(PLAN, |resources, notices| {
        assert_eq!(
            summary(&resources),
            [
                "aws_vpc.kept no-op before+after",
                r#"module.net["a"].aws_vpc.main create after"#
            ]
        );
        assert_eq!(resources[0].provider_key.as_deref(), Some("aws.west"));
        assert_eq!(resources[0].module, "");
        assert_eq!(resources[1].provider_key.as_deref(), Some("module.net:aws"));
        assert_eq!(resources[1].module, r#"module.net["a"]"#);
        assert_eq!(notices, []);
    });
}

#[test]
fn only_wanted_attributes_are_decoded_and_masks_lie_over_them() {
    with(PLAN, |resources, _| {
        let after = resources[1].after.unwrap();
        let wanted = after.read(&|name| name != "cidr_block").unwrap();
        assert_eq!(wanted.member("cidr_block"), &Value::Null);
        assert_eq!(wanted.member("id"), &Value::Unknown);
        assert_eq!(
            wanted.member("key"),
            &Value::Sensitive(Box::new(Value::Text("hunter2".into())))
        );
        let ids = after.read(&|name| name == "cidr_block").unwrap();
        assert_eq!(
            ids,
            Value::Object(BTreeMap::from([(
                "cidr_block".into(),
                Value::Text("10.0.0.0/16".into())
            )]))
        );
    });
}

#[test]
fn a_wanted_attribute_nested_too_deeply_is_an_error_and_another_is_not() {
    let deep = format!(
        r#""change":{{"actions":["create"],"after":{{"id":"x","deep":{}{}}}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    with_change(&deep, |resource, _| {
        let after = resource.after.unwrap();
        assert!(after.read(&|name| name == "deep").is_err());
        assert!(after.read(&|name| name == "id").is_ok());
    });
}

#[test]
fn every_action_has_its_sides() {
    for (actions, expected) in [
        (r#"["no-op"]"#, "aws_vpc.a no-op before+after"),
        (r#"["create"]"#, "aws_vpc.a create after"),
        (r#"["read"]"#, "aws_vpc.a read after"),
        (r#"["update"]"#, "aws_vpc.a update before+after"),
        (r#"["delete"]"#, "aws_vpc.a delete before"),
        (r#"["delete","create"]"#, "aws_vpc.a replace before+after"),
        (r#"["create","delete"]"#, "aws_vpc.a replace before+after"),
        (r#"["forget"]"#, "aws_vpc.a forget before+after"),
        ("[]", "aws_vpc.a update before+after"),
        ("null", "aws_vpc.a update before+after"),
    ] {
        let members = format!(
            r#""change":{{"actions":{actions},"before":{{"id":"1"}},"after":{{"id":"2"}}}}"#
        );
        with_change(&members, |resource, _| {
            assert_eq!(summary(std::slice::from_ref(resource)), [expected])
        });
    }
}

#[test]
fn a_forgotten_object_stays_as_it_was() {
    let members = r#""change":{"actions":["forget"],"before":{"id":"vpc-1"},"after":null}"#;
    with_change(members, |resource, notices| {
        assert_eq!(
            all(resource.after.as_ref())
                .member("id")
                .as_text()
                .as_deref(),
            Some("vpc-1")
        );
        assert_eq!(kinds(notices), ["no-longer-managed"]);
    });
}

#[test]
fn an_object_abandoned_for_a_new_one_is_two_resources() {
    let text = r#"{"resource_changes":[{"address":"aws_vpc.a","type":"aws_vpc","name":"a",
        "change":{"actions":["create","forget"],"before":{"id":"vpc-1"},"after":{},"after_unknown":{"id":true}}}]}"#;
    with(text, |resources, _| {
        assert_eq!(
            summary(&resources),
            ["aws_vpc.a forget before+after", "aws_vpc.a create after"]
        );
        assert_eq!(
            all(resources[1].after.as_ref()).member("id"),
            &Value::Unknown
        );
    });
}

#[test]
fn an_unknown_action_is_noticed_and_judged_by_its_values() {
    let members = r#""change":{"actions":["teleport"],"before":{"id":"1"},"after":null}"#;
    with_change(members, |resource, notices| {
        assert_eq!(resource.action, Action::Delete);
        assert_eq!(kinds(notices), ["unrecognised-action"]);
    });
}

#[test]
fn imports_keep_their_id_and_are_noticed() {
    let members = r#""change":{"actions":["no-op"],"before":{"id":"1"},"after":{"id":"1"},"importing":{"id":"vpc-1"}}"#;
    with_change(members, |resource, notices| {
        assert_eq!(resource.importing.as_deref(), Some("vpc-1"));
        assert_eq!(resource.action, Action::Keep);
        assert_eq!(kinds(notices), ["now-visible"]);
    });
}

#[test]
fn deposed_objects_are_left_out_and_noticed() {
    let text = r#"{"resource_changes":[
        {"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a","deposed":"e6a1c8f0","change":{"actions":["delete"],"before":{"id":"old"},"after":null}},
        {"address":"aws_vpc.a","mode":"managed","type":"aws_vpc","name":"a","change":{"actions":["no-op"],"before":{"id":"new"},"after":{"id":"new"}}}]}"#;
    with(text, |resources, notices| {
        assert_eq!(summary(&resources), ["aws_vpc.a no-op before+after"]);
        assert_eq!(
            all(resources[0].before.as_ref())
                .member("id")
                .as_text()
                .as_deref(),
            Some("new")
        );
        assert_eq!(kinds(&notices), ["deposed-object"]);
    });
}

#[test]
fn the_truth_value_of_old_releases_does_not_depose() {
    with_change(
        r#""deposed":true,"change":{"actions":["create"],"after":{}}"#,
        |resource, notices| {
            assert_eq!(resource.action, Action::Create);
            assert_eq!(kinds(notices), [""; 0]);
        },
    );
}

#[test]
fn what_the_plan_does_not_touch_is_kept_from_the_prior_state() {
    let text = r#"{"resource_changes":[{"address":"aws_vpc.b","mode":"managed","type":"aws_vpc","name":"b","previous_address":"aws_vpc.was",
          "change":{"actions":["no-op"],"before":{"id":"b"},"after":{"id":"b"}}}],
        "prior_state":{"values":{"root_module":{"resources":[
          {"address":"data.aws_vpc.d","mode":"data","type":"aws_vpc","name":"d","values":{"id":"d"}},
          {"address":"aws_vpc.was","mode":"managed","type":"aws_vpc","name":"was","values":{"id":"b"}},
          {"address":"aws_vpc.b","mode":"managed","type":"aws_vpc","name":"b","values":{"id":"stale"}}],
          "child_modules":[{"address":"module.x[0]","resources":[
            {"address":"module.x[0].aws_vpc.c[1]","mode":"managed","type":"aws_vpc","name":"c","index":1,"values":{"id":"c"}}]}]}}}}"#;
    with(text, |resources, _| {
        assert_eq!(
            summary(&resources),
            [
                "aws_vpc.b no-op before+after",
                "data.aws_vpc.d no-op before+after",
                "module.x[0].aws_vpc.c[1] no-op before+after"
            ]
        );
        assert_eq!(
            all(resources[0].before.as_ref())
                .member("id")
                .as_text()
                .as_deref(),
            Some("b")
        );
        assert_eq!(
            resources[0].previous_address.as_deref(),
            Some("aws_vpc.was")
        );
        assert!(resources[1].is_data && !resources[0].is_data);
        assert_eq!(resources[2].module, "module.x[0]");
        assert_eq!(resources[2].key, Some(InstanceKey::Number(1)));
    });
}

#[test]
fn without_a_list_of_changes_planned_values_are_compared() {
    let text = r#"{"planned_values":{"root_module":{"resources":[
          {"address":"aws_vpc.a","type":"aws_vpc","name":"a","values":{"cidr_block":"10.0.0.0/8"}},
          {"address":"aws_vpc.b","type":"aws_vpc","name":"b","values":{"cidr_block":"10.0.0.0/8"}}]}},
        "prior_state":{"values":{"root_module":{"resources":[
          {"address":"aws_vpc.a","type":"aws_vpc","name":"a","values":{"cidr_block":"11.0.0.0/8"}},
          {"address":"aws_vpc.b","type":"aws_vpc","name":"b","values":{"cidr_block":"10.0.0.0/8"}}]}}}}"#;
    with(text, |resources, notices| {
        assert_eq!(
            summary(&resources),
            [
                "aws_vpc.a update before+after",
                "aws_vpc.b no-op before+after"
            ]
        );
        assert_eq!(kinds(&notices), ["missing-resource-changes"]);
    });
}

#[test]
fn what_a_filter_left_out_of_the_changes_comes_from_the_planned_values() {
    let planned = r#""planned_values":{"root_module":{"resources":[
          {"address":"aws_vpc.a","type":"aws_vpc","name":"a","values":{"cidr_block":"10.0.0.0/8"}},
          {"address":"aws_vpc.b","type":"aws_vpc","name":"b","values":{"cidr_block":"10.0.0.0/8"}}]}}"#;
    let without_prior_state = format!(
        r#"{{{planned},"resource_changes":[{{"address":"aws_vpc.a","type":"aws_vpc","name":"a",
            "change":{{"actions":["create"],"before":null,"after":{{"cidr_block":"10.0.0.0/8"}}}}}}]}}"#
    );
    with(&without_prior_state, |resources, _| {
        assert_eq!(
            summary(&resources),
            ["aws_vpc.a create after", "aws_vpc.b create after"]
        );
    });
    let without_values = format!(
        r#"{{{planned},"prior_state":{{"values":{{"root_module":{{}}}}}},"resource_changes":[
            {{"address":"aws_vpc.b","type":"aws_vpc","name":"b","change":{{"actions":["create"]}}}}]}}"#
    );
    with(&without_values, |resources, _| {
        assert!(resources.iter().all(|resource| resource.after.is_some()));
        assert_eq!(resources.len(), 2);
    });
}

#[test]
fn parts_that_a_filter_left_out_come_from_the_address() {
    let text = r#"{"resource_changes":[
        {"address":"module.a[\"x.y\"].module.b.data.aws_vpc.main[\"k\"]","change":{"actions":["read"],"after":{}}},
        {"address":"module.c.aws_vpc.main[2]","type":"aws_vpc","change":{"actions":["create"],"after":{}}}]}"#;
    with(text, |resources, _| {
        let data = &resources[0];
        assert_eq!(
            (&*data.module, &*data.resource_type, &*data.name),
            (r#"module.a["x.y"].module.b"#, "aws_vpc", "main")
        );
        assert_eq!(
            (data.is_data, &data.key),
            (true, &Some(InstanceKey::Text("k".into())))
        );
        let managed = &resources[1];
        assert_eq!(
            (&*managed.module, &*managed.name, managed.is_data),
            ("module.c", "main", false)
        );
        assert_eq!(managed.key, Some(InstanceKey::Number(2)));
    });
}

#[test]
fn a_state_file_gives_the_addresses_that_terraform_writes() {
    let text = r#"{"version":4,"serial":1,"lineage":"x","resources":[
        {"module":"module.net[\"a\"]","mode":"managed","type":"aws_vpc","name":"y","provider":"provider[\"registry.terraform.io/hashicorp/aws\"].west",
         "instances":[{"index_key":0,"attributes":{"id":"v"}},{"index_key":"a\"${b}","attributes":{"id":"w"}},
           {"index_key":0,"deposed":"1234abcd","attributes":{}},{"index_key":5,"attributes_flat":{"id":"u"}}]},
        {"mode":"data","type":"aws_vpc","name":"z","provider":"module.m.provider[\"registry.opentofu.org/hashicorp/aws\"]","instances":[
          {"attributes":{"id":"x","key":"hunter2","tags":{"a":"1","b":"2"},"list":[{"c":"3"}]},
           "sensitive_attributes":[[{"type":"get_attr","value":"key"}],
             [{"type":"get_attr","value":"tags"},{"type":"index","value":{"type":"string","value":"a"}}],
             [{"type":"get_attr","value":"list"},{"type":"index","value":{"type":"number","value":0}},{"type":"get_attr","value":"c"}]]}]}]}"#;
    with(text, |resources, notices| {
        assert_eq!(
            summary(&resources),
            [
                "data.aws_vpc.z no-op before+after",
                r#"module.net["a"].aws_vpc.y["a\"$${b}"] no-op before+after"#,
                r#"module.net["a"].aws_vpc.y[0] no-op before+after"#,
            ]
        );
        assert_eq!(resources[0].provider_key.as_deref(), Some("module.m:aws"));
        assert_eq!(resources[1].provider_key.as_deref(), Some("aws.west"));
        let id = resources[0]
            .after
            .unwrap()
            .read(&|name| name == "id")
            .unwrap();
        assert_eq!(
            id,
            Value::Object(BTreeMap::from([("id".into(), Value::Text("x".into()))]))
        );
        let values = all(resources[0].after.as_ref());
        assert_eq!(values.member("id").as_text().as_deref(), Some("x"));
        assert_eq!(values.member("key").as_text(), None);
        assert_eq!(values.member("tags").member("a").as_text(), None);
        assert_eq!(
            values.member("tags").member("b").as_text().as_deref(),
            Some("2")
        );
        assert!(matches!(values.member("list"), Value::Sensitive(_)));
        assert_eq!(kinds(&notices), ["deposed-object", "flat-attributes"]);
    });
}

#[test]
fn provider_keys_of_every_release_are_read() {
    assert_eq!(state_provider_key("provider.aws").as_deref(), Some("aws"));
    assert_eq!(
        state_provider_key("provider.aws.west").as_deref(),
        Some("aws.west")
    );
    assert_eq!(
        state_provider_key(r#"module.a.module.b.provider["x/hashicorp/aws"].west"#).as_deref(),
        Some("module.a.module.b:aws.west")
    );
    assert_eq!(state_provider_key("aws"), None);
    assert_eq!(state_provider_key(r#"provider["x"#), None);
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!(
        "{}/tests/fixtures/plans/{name}",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

#[test]
fn real_plans_and_states_are_read() {
    let read = |name: &str| {
        let bytes = fixture(name);
        let text = decode(name, &bytes).unwrap();
        with(&text, |resources, notices| {
            (summary(&resources), kinds(&notices).join(" "))
        })
    };
    let (moved, _) = read("moved.json");
    assert_eq!(
        moved,
        ["aws_iam_role_policy_attachment.platform_data_lake_export no-op before+after"]
    );
    let (imported, notices) = read("import.json");
    assert_eq!(imported.len(), 3);
    assert_eq!(notices, "now-visible now-visible");
    let (from_powershell, _) = read("utf16.json");
    assert_eq!(from_powershell, ["aws_s3_bucket.data create after"]);
    let (state, _) = read("google.tfstate");
    assert!(
        state.contains(&"google_compute_network.vpc no-op before+after".to_owned()),
        "{state:?}"
    );
}

/// Everything a reader does with any bytes; the result does not matter.
fn read_everything(bytes: Vec<u8>) {
    let Ok(text) = decode("input", &bytes) else {
        return;
    };
    let (resources, _) = match Document::parse("input", &text) {
        Ok(Document::Plan(plan)) => {
            let _ = crate::sources::terraform::providers::provider_regions(&plan);
            (resources(&plan), plan_notices(&plan))
        }
        Ok(Document::State(state)) => (state_resources(&state), state_notices(&state)),
        Err(error) => {
            assert!(!error.to_string().contains("hunter2"), "{error}");
            return;
        }
    };
    for instance in resources
        .iter()
        .flat_map(|resource| [resource.before, resource.after])
        .flatten()
    {
        let _ = instance.read(&|_| true);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_everything(bytes);
    }

    #[test]
    fn no_truncation_and_no_mutation_of_a_plan_makes_a_reader_panic(
        length in 0..=PLAN.len(),
        edits in proptest::collection::vec((0..PLAN.len(), prop_oneof![any::<u8>(), proptest::sample::select(b"{}[]\",:.0a".to_vec())]), 0..4),
        packed in any::<bool>(),
    ) {
        let mut bytes = PLAN.as_bytes().to_vec();
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        bytes.truncate(length);
        if packed {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut encoder, &bytes).unwrap();
            bytes = encoder.finish().unwrap();
        }
        read_everything(bytes);
    }

    #[test]
    fn no_address_makes_a_reader_panic(address in r#"(module|data|a|\.|\[|\]|"|\\|é|0){0,12}"#) {
        let member = serde_json::Value::from(address.as_str());
        read_everything(format!(r#"{{"resource_changes":[{{"address":{member}}}]}}"#).into_bytes());
        let _ = without_keys(&address);
        let _ = state_provider_key(&address);
    }

    #[test]
    fn an_instance_key_is_written_as_it_is_read(key in any::<String>()) {
        prop_assume!(!key.contains("${") && !key.contains("%{"));
        let written = format!("a{}", InstanceKey::Text(key.clone()));
        prop_assert_eq!(split_key(&written), ("a", Some(InstanceKey::Text(key))));
    }
}
