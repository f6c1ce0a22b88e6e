//! One spelling for identifiers that providers write in several ways.

use crate::catalog::schema::{IdentifierRule, ProviderFile};
use crate::graph::identity::Key;

/// The step of an identifier that nobody tells, such as the subscription of a provider configuration that the environment
/// sets.
pub(super) const UNTOLD: &str = "?";

/// The key of an identifier.
pub(super) fn identifier_key(file: &ProviderFile, id: &str) -> Key {
    Key::Provider(format!(
        "{}:{}",
        owner(file),
        canonical(&file.identifiers, id)
    ))
}

/// The provider whose identifiers they are.
pub(super) fn owner(file: &ProviderFile) -> &str {
    file.identifiers.of.as_deref().unwrap_or(&file.provider)
}

/// The canonical form of an identifier, without its provider.
///
/// Amazon: `vpc-1@eu-west-1` (an import id of provider 6) and `arn:aws:ec2:eu-west-1:1:vpc/vpc-1` are `vpc-1`. Accounts keep
/// their kind, `account/222222222222`, and other IAM principals their whole ARN: their last part names nothing by itself.
/// Google: `https://www.googleapis.com/compute/v1/projects/p/global/networks/n` is `projects/p/global/networks/n`. Azure:
/// lower case.
pub(super) fn canonical(rule: &IdentifierRule, id: &str) -> String {
    let id = id.trim();
    if rule.arn {
        return without_arn(id);
    }
    let is_path = !rule.begins_with.is_empty();
    let id = if is_path {
        from_beginning(rule, id).unwrap_or(id).trim_end_matches('/')
    } else {
        id
    };
    if rule.ignore_case {
        id.to_lowercase()
    } else {
        id.to_owned()
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn without_arn(id: &str) -> String {
    if is_account(id) {
        return format!("account/{id}");
    }
    if let Some(arn) = Arn::parse(id) {
        return match (arn.service, arn.resource) {
            ("iam" | "sts", "root") => format!("account/{}", arn.account),
            ("iam" | "sts", _) => id.to_owned(),
            (_, resource) => {
                let tail = resource.rsplit('/').next().unwrap_or(resource);
                tail.rsplit(':').next().unwrap_or(tail).to_owned()
            }
        };
    }
    match id.split_once('@') {
        Some((id, region)) if region.contains('-') && !id.is_empty() => id.to_owned(),
        _ => id.to_owned(),
    }
}

/// The part of an identifier that starts with what full ones begin with, at the start of a step. `None`: it is not full.
fn from_beginning<'t>(rule: &IdentifierRule, id: &'t str) -> Option<&'t str> {
    let starts = |beginning: &String, at: usize| {
        let rest = id.get(at..)?;
        let head = rest.get(..beginning.len())?;
        let same = if rule.ignore_case {
            head.eq_ignore_ascii_case(beginning)
        } else {
            head == beginning
        };
        same.then_some(rest)
    };
    rule.begins_with.iter().find_map(|beginning| {
        let steps = id.match_indices('/').map(|(at, _)| {
            // A beginning with a slash of its own starts at the slash.
            if beginning.starts_with('/') {
                at
            } else {
                at + 1
            }
        });
        std::iter::once(0)
            .chain(steps)
            .find_map(|at| starts(beginning, at))
    })
}

/// What an attribute means that may hold a mere name: the full identifier that a template makes of it.
///
/// A name of several steps (`regions/r/subnetworks/s`) takes the place of as many of the template's last steps. `part` gives
/// the value of a placeholder; one that nobody tells stays [`UNTOLD`].
pub(super) fn in_full(
    rule: &IdentifierRule,
    template: &str,
    name: &str,
    part: &impl Fn(&str) -> Option<String>,
) -> String {
    let name = name.trim().trim_matches('/');
    let name = if rule.arn { name_in_arn(name) } else { name };
    if from_beginning(rule, name).is_some() || name.contains("://") {
        return name.to_owned();
    }
    let steps: Vec<&str> = template.split('/').collect();
    let given = name.split('/').count();
    let kept = if given > 1 {
        steps.len().saturating_sub(given)
    } else {
        steps.len()
    };
    let mut full: Vec<String> = steps[..kept]
        .iter()
        .map(|step| filled_in(step, name, part))
        .collect();
    if given > 1 {
        full.push(name.to_owned());
    }
    full.join("/")
}

/// The mere name within an Amazon resource name, a part of one, or a qualified name: `checkout` in
/// `arn:aws:lambda:eu-west-1:1:function:checkout:live`, in `111122223333:function:checkout` and in `checkout:live`.
fn name_in_arn(text: &str) -> &str {
    let own = Arn::parse(text).map(|arn| arn.resource);
    let of_account = || {
        let (account, rest) = text.split_once(':')?;
        is_account(account).then_some(rest)
    };
    let name = match own.or_else(of_account) {
        Some(resource) => resource
            .split_once([':', '/'])
            .map_or(resource, |(_, name)| name),
        None => text,
    };
    name.split(':').next().unwrap_or(name)
}

/// A step of a template with its placeholders filled in.
fn filled_in(step: &str, name: &str, part: &impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = step;
    while let Some((before, placeholder, after)) =
        rest.split_once('{').and_then(|(before, rest)| {
            let (placeholder, after) = rest.split_once('}')?;
            Some((before, placeholder, after))
        })
    {
        filled.push_str(before);
        match placeholder {
            "" => filled.push_str(name),
            placeholder => match part(placeholder) {
                Some(value) => filled.push_str(value.trim_matches('/')),
                None => return UNTOLD.to_owned(),
            },
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The collection that a full identifier, or a template of one, says it is in: the step before the last.
pub(super) fn collection(id: &str) -> Option<&str> {
    id.rsplit('/').nth(1)
}

/// The step of a full identifier behind the one of this name: the project behind `projects`.
pub(super) fn step_after<'t>(id: &'t str, name: &str) -> Option<&'t str> {
    let mut steps = id.split('/');
    steps.find(|step| step.eq_ignore_ascii_case(name))?;
    steps
        .next()
        .filter(|step| !step.is_empty() && *step != UNTOLD)
}

/// The parts of an Amazon resource name that matter here.
pub(super) struct Arn<'t> {
    pub(super) service: &'t str,
    pub(super) region: &'t str,
    pub(super) account: &'t str,
    pub(super) resource: &'t str,
}

impl<'t> Arn<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let scheme = parts.next()?;
        let _partition = parts.next()?;
        let arn = Self {
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (scheme == "arn").then_some(arn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amazon(id: &str) -> String {
        let rule = IdentifierRule {
            arn: true,
            ..IdentifierRule::default()
        };
        canonical(&rule, id)
    }

    fn google() -> IdentifierRule {
        IdentifierRule {
            begins_with: vec!["projects/".to_owned()],
            ..IdentifierRule::default()
        }
    }

    fn azure() -> IdentifierRule {
        IdentifierRule {
            begins_with: vec!["/subscriptions/".to_owned()],
            ignore_case: true,
            ..IdentifierRule::default()
        }
    }

    #[test]
    fn one_thing_has_one_spelling() {
        assert_eq!(amazon("vpc-1@eu-west-1"), "vpc-1");
        assert_eq!(
            amazon("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"),
            "vpc-1"
        );
        assert_eq!(
            amazon("arn:aws:iam::333333333333:root"),
            amazon("333333333333")
        );
    }

    #[test]
    fn a_template_takes_the_name_out_of_an_amazon_resource_name() {
        let rule = IdentifierRule {
            arn: true,
            ..IdentifierRule::default()
        };
        let full = |name: &str| in_full(&rule, "function/{}", name, &|_| None);
        for name in [
            "checkout",
            "checkout:live",
            "111122223333:function:checkout",
            "arn:aws:lambda:eu-west-1:111122223333:function:checkout",
            "arn:aws:lambda:eu-west-1:111122223333:function:checkout:live",
        ] {
            assert_eq!(full(name), "function/checkout", "{name}");
        }
        assert_eq!(full("checkout-2"), "function/checkout-2");
        // A name with steps of its own stays one.
        assert_eq!(full("team/checkout"), "team/checkout");
    }

    #[test]
    fn principals_are_not_told_by_their_last_part_alone() {
        let role = "arn:aws:iam::333333333333:role/reader";
        assert_eq!(amazon(role), role);
    }

    #[test]
    fn a_google_network_is_the_same_under_any_host_and_version() {
        let full = "projects/p/global/networks/n";
        for spelling in [
            full,
            "https://www.googleapis.com/compute/v1/projects/p/global/networks/n",
            "https://compute.googleapis.com/compute/beta/projects/p/global/networks/n/",
            "//compute.googleapis.com/projects/p/global/networks/n",
        ] {
            assert_eq!(canonical(&google(), spelling), full);
        }
        let named_so = "projects/p/global/networks/my-projects";
        assert_eq!(canonical(&google(), named_so), named_so);
    }

    #[test]
    fn azure_identifiers_do_not_differ_by_case() {
        let spelling =
            "/subscriptions/S1/resourcegroups/Net/providers/Microsoft.Network/virtualNetworks/Hub";
        assert_eq!(
            canonical(&azure(), spelling),
            canonical(
                &azure(),
                &spelling.replace("resourcegroups", "resourceGroups")
            )
        );
    }

    #[test]
    fn a_mere_name_is_completed_and_a_full_one_is_not() {
        let template = "projects/{account}/regions/{region}/subnetworks/{}";
        let part = |name: &str| (name == "account").then(|| "p".to_owned());
        let full = |name: &str| in_full(&google(), template, name, &part);
        assert_eq!(full("s"), "projects/p/regions/?/subnetworks/s");
        assert_eq!(
            full("regions/r/subnetworks/s"),
            "projects/p/regions/r/subnetworks/s"
        );
        assert_eq!(
            full("projects/q/regions/r/subnetworks/s"),
            "projects/q/regions/r/subnetworks/s"
        );
        let strange = "https://example.com/network";
        assert_eq!(full(strange), strange);
        let many = "a/b/c/d/e/f/g/h/i/j";
        assert_eq!(full(many), many);
    }

    #[test]
    fn the_project_of_an_identifier_is_the_step_behind_projects() {
        assert_eq!(
            step_after("projects/p/global/networks/n", "projects"),
            Some("p")
        );
        assert_eq!(step_after("projects/?/global/networks/n", "projects"), None);
        assert_eq!(step_after("networks/n", "projects"), None);
    }
}
