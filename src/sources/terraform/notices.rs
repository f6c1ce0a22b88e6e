//! What a person should know about a plan or state beyond its resources.

use std::collections::BTreeSet;

use crate::graph::fragment::Notice;

use super::plan::{ModuleValues, Plan, State};
use super::resource::{collect_objects, deposed_key, state_file_address, words_of};

/// How many addresses a notice that counts them names.
const NAMED_ADDRESSES: usize = 3;

/// What a person should know about a plan beyond its resources, sorted.
#[must_use]
pub fn plan_notices(plan: &Plan<'_>) -> Vec<Notice> {
    let mut notices = BTreeSet::new();
    let mut notice = |kind, subject: &str, message: String| {
        notices.insert(Notice {
            kind,
            subject: subject.to_owned(),
            message,
        });
    };
    if plan.errored {
        let message = "planning failed halfway, so changes are missing here; fix the errors that `terraform plan` reports and plan again";
        notice("errored-plan", "plan", message.to_owned());
    }
    // A plan that failed says that it is incomplete as well.
    if plan.complete == Some(false) && !plan.errored {
        let message = match plan.deferred_changes {
            0 => "parts of the configuration are left to a later plan; analyze that one too"
                .to_owned(),
            1 => "1 change is deferred to a later plan; analyze that one too".to_owned(),
            count => format!("{count} changes are deferred to a later plan; analyze that one too"),
        };
        notice("incomplete-plan", "plan", message);
    }
    if plan.resource_changes.is_none()
        && !plan.errored
        && plan.planned_values.as_ref().is_some_and(has_resources)
    {
        let message = "lists no resource changes: what is known only after apply looks unset; pass what `terraform show -json PLAN` writes, unfiltered";
        notice("missing-resource-changes", "plan", message.to_owned());
    }
    let drifted: Vec<&str> = plan
        .resource_drift
        .iter()
        .filter(|drift| {
            drift
                .change
                .actions
                .iter()
                .any(|action| &**action != "no-op")
        })
        .map(|drift| &*drift.address)
        .collect();
    if !drifted.is_empty() {
        notice("resource-drift", "plan", drift_message(&drifted));
    }
    for change in plan.resource_changes.iter().flatten() {
        let address: &str = &change.address;
        if let Some(key) = deposed_key(change) {
            notice("deposed-object", address, deposed_message(&key));
            continue;
        }
        let (words, known) = words_of(change);
        if words.contains(&"forget") {
            let message = "is no longer managed from here on, and stays in the cloud; nothing will tell when it changes";
            notice("no-longer-managed", address, message.to_owned());
        }
        if !known {
            notice(
                "unrecognised-action",
                address,
                "the plan names an action that is not understood; its values before and after were compared instead".to_owned(),
            );
        }
        if change.change.importing.is_some() {
            let message =
                "is imported: it existed before, and is visible to the analysis from now on";
            notice("now-visible", address, message.to_owned());
        }
    }
    for (address, key) in deposed_objects(plan.prior_state.as_ref()) {
        notice("deposed-object", address, deposed_message(key));
    }
    notices.into_iter().collect()
}

/// What a person should know about a state beyond its resources, sorted.
#[must_use]
pub fn state_notices(state: &State<'_>) -> Vec<Notice> {
    let mut notices = BTreeSet::new();
    let mut notice = |kind, subject: String, message: String| {
        notices.insert(Notice {
            kind,
            subject,
            message,
        });
    };
    match state {
        State::Shown(root) => {
            for (address, key) in deposed_objects(Some(root)) {
                notice("deposed-object", address.to_owned(), deposed_message(key));
            }
        }
        State::File(list) => {
            for (resource, instance) in list
                .iter()
                .flat_map(|resource| resource.instances.iter().map(move |each| (resource, each)))
            {
                if let Some(key) = &instance.deposed {
                    notice(
                        "deposed-object",
                        state_file_address(resource, instance),
                        deposed_message(key),
                    );
                } else if instance.attributes.is_none() && instance.attributes_flat.is_some() {
                    let message = "its attributes are in the form of Terraform 0.11 and are left out; apply once with Terraform 0.13 or newer";
                    notice(
                        "flat-attributes",
                        state_file_address(resource, instance),
                        message.to_owned(),
                    );
                }
            }
        }
    }
    notices.into_iter().collect()
}

fn deposed_message(key: &str) -> String {
    let key: String = key.chars().take(8).flat_map(char::escape_debug).collect();
    format!(
        "an older object ({key}) of it still waits to be destroyed; it is left out of the analysis"
    )
}

fn drift_message(drifted: &[&str]) -> String {
    let named = drifted[..drifted.len().min(NAMED_ADDRESSES)].join(", ");
    let more = match drifted.len().saturating_sub(NAMED_ADDRESSES) {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let verb = if drifted.len() == 1 {
        "resource was"
    } else {
        "resources were"
    };
    format!(
        "{} {verb} changed outside of Terraform since the last apply ({named}{more}); not part of this change, but guarantees may already be broken: run `perimeter audit`",
        drifted.len()
    )
}

/// Whether a state holds any resource at all.
fn has_resources(module: &ModuleValues<'_>) -> bool {
    !module.resources.is_empty() || module.child_modules.iter().any(has_resources)
}

fn deposed_objects<'p>(root: Option<&'p ModuleValues<'_>>) -> Vec<(&'p str, &'p str)> {
    let mut all = Vec::new();
    collect_objects(root, &mut all);
    all.into_iter()
        .filter_map(|resource| Some((&*resource.address, &**resource.deposed_key.as_ref()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sources::terraform::plan::Document;

    fn notices(text: &str) -> Vec<Notice> {
        match Document::parse("input.json", text).unwrap() {
            Document::Plan(plan) => plan_notices(&plan),
            Document::State(state) => state_notices(&state),
        }
    }

    fn kinds(notices: &[Notice]) -> Vec<&str> {
        notices.iter().map(|notice| notice.kind).collect()
    }

    #[test]
    fn drift_is_counted_without_objects_that_only_moved() {
        let drifted = notices(
            r#"{"resource_changes":[],"resource_drift":[
            {"address":"aws_vpc.a","change":{"actions":["update"]}},{"address":"aws_vpc.b","change":{"actions":["no-op"]}}]}"#,
        );
        assert_eq!(kinds(&drifted), ["resource-drift"]);
        assert!(drifted[0].message.starts_with("1 resource was"));
        assert!(
            drifted[0].message.contains("aws_vpc.a") && !drifted[0].message.contains("aws_vpc.b")
        );
        let moved = r#"{"resource_changes":[],"resource_drift":[{"address":"aws_vpc.b","change":{"actions":["no-op"]}}]}"#;
        assert_eq!(notices(moved), []);
    }

    #[test]
    fn much_drift_names_a_few_addresses() {
        let entry = |name: &str| {
            format!(r#"{{"address":"aws_vpc.{name}","change":{{"actions":["update"]}}}}"#)
        };
        let entries: Vec<String> = ["a", "b", "c", "d", "e"].map(entry).to_vec();
        let drifted = notices(&format!(
            r#"{{"resource_changes":[],"resource_drift":[{}]}}"#,
            entries.join(",")
        ));
        assert!(
            drifted[0]
                .message
                .contains("(aws_vpc.a, aws_vpc.b, aws_vpc.c and 2 more)")
        );
    }

    #[test]
    fn a_plan_that_is_not_the_whole_story_says_so() {
        let of = |members: &str| notices(&format!(r#"{{"resource_changes":[]{members}}}"#));
        assert_eq!(
            kinds(&of(r#","errored":true,"complete":false"#)),
            ["errored-plan"]
        );
        let incomplete = of(r#","complete":false,"deferred_changes":[{},{}]"#);
        assert_eq!(kinds(&incomplete), ["incomplete-plan"]);
        assert!(incomplete[0].message.starts_with("2 changes"));
        assert_eq!(
            of(r#","errored":false,"complete":true,"resource_drift":null"#),
            []
        );
        assert_eq!(of(""), []);
    }

    #[test]
    fn a_deposed_object_of_plan_and_prior_state_is_noticed_once() {
        let text = r#"{"resource_changes":[{"address":"aws_vpc.a","deposed":"e6a1c8f0","change":{"actions":["delete"]}}],
            "prior_state":{"values":{"root_module":{"resources":[{"address":"aws_vpc.a","deposed_key":"e6a1c8f0"}]}}}}"#;
        assert_eq!(kinds(&notices(text)), ["deposed-object"]);
        let shown = r#"{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"a.b","deposed_key":"\u001b[2J"}]}}}"#;
        assert!(notices(shown)[0].message.contains("(\\u{1b}[2J)"));
    }
}
