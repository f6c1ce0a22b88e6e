//! Where the provider configurations of a plan work: their region, and their account, project or subscription.
//!
//! Only what the plan spells out: constants, and root variables as they reach a provider block, through module calls
//! if need be. Locals and functions are not exported by Terraform, and give `None`.

use std::collections::BTreeMap;

use crate::value::Value;

use super::plan::{ConfigModule, Plan, ProviderConfig};
use super::skim::Raw;

/// Where a provider configuration works, as far as the plan says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderPlace {
    /// Its region: `eu-west-1`, `europe-west1`.
    pub region: Option<String>,
    /// The AWS account whose role it assumes, the Google project, or the Azure subscription.
    pub account: Option<String>,
}

/// The places of all provider configurations of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProviderRegions {
    places: BTreeMap<String, ProviderPlace>,
}

impl ProviderRegions {
    /// The place of the configuration that `provider_key` names: `aws.west`, `module.net:aws`.
    ///
    /// A module that has no configuration of its own uses the one of the same name in the root module, as
    /// Terraform does; an alias that was passed in under another name cannot be followed and gives `None`.
    #[must_use]
    pub fn place(&self, provider_key: &str) -> Option<&ProviderPlace> {
        self.places.get(provider_key).or_else(|| {
            let (_, name) = provider_key.rsplit_once(':')?;
            self.places.get(name)
        })
    }

    /// Places that were found out elsewhere, by provider key.
    pub(super) fn of(places: BTreeMap<String, ProviderPlace>) -> Self {
        Self { places }
    }

    /// Every configuration by its key, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ProviderPlace)> {
        self.places.iter().map(|(key, place)| (key.as_str(), place))
    }
}

/// Where each provider configuration of a plan works.
#[must_use]
pub fn provider_regions(plan: &Plan<'_>) -> ProviderRegions {
    let configs = &plan.configuration.provider_config;
    let mut places = BTreeMap::new();
    for (key, config) in configs {
        // A module's mere requirement of a provider: the configuration is inherited.
        if config.expressions.is_empty() && key.contains(':') {
            if let Some(inherited) = inherited(plan, config) {
                places.insert(key.to_string(), place_of(plan, inherited));
            }
            continue;
        }
        places.insert(key.to_string(), place_of(plan, config));
    }
    ProviderRegions { places }
}

/// The root configuration without an alias of the same provider.
fn inherited<'p, 'a>(
    plan: &'p Plan<'a>,
    of: &ProviderConfig<'a>,
) -> Option<&'p ProviderConfig<'a>> {
    let is_root =
        |config: &ProviderConfig<'_>| config.module_address.is_none() && config.alias == of.alias;
    plan.configuration.provider_config.values().find(|config| {
        is_root(config)
            && match (&config.full_name, &of.full_name) {
                (Some(theirs), Some(ours)) => theirs == ours,
                _ => config.name == of.name,
            }
    })
}

fn place_of(plan: &Plan<'_>, config: &ProviderConfig<'_>) -> ProviderPlace {
    let scope = Scope::of(plan, config);
    let text = |expression: &Value| {
        scope
            .as_ref()
            .and_then(|scope| scope.value(expression))
            .and_then(|value| value.as_text())
    };
    let argument = |name: &str| {
        config
            .expressions
            .get(name)
            .and_then(|raw| decode(*raw))
            .as_ref()
            .and_then(text)
    };
    let assumed_role = config
        .expressions
        .get("assume_role")
        .and_then(|raw| decode(*raw))
        .and_then(|blocks| {
            let block = match &blocks {
                // With several, each role is assumed through the one before it; the last one counts.
                Value::List(blocks) => blocks.last()?,
                block => block,
            };
            text(block.member("role_arn"))
        });
    let is_aws = config.name.as_deref() == Some("aws");
    ProviderPlace {
        // A text built around a variable looks like that variable alone: accept only what a region looks like.
        region: argument("region").filter(|region| looks_like_region(region, is_aws)),
        account: assumed_role
            .as_deref()
            .and_then(account_of_role)
            .or_else(|| argument("project"))
            .or_else(|| argument("subscription_id")),
    }
}

fn looks_like_region(text: &str, is_aws: bool) -> bool {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let dashes = text.bytes().filter(|&byte| byte == b'-').count();
    is_plain && dashes >= if is_aws { 2 } else { 1 }
}

/// `arn:aws:iam::123456789012:role/network` to `123456789012`.
pub(super) fn account_of_role(arn: &str) -> Option<String> {
    let account = arn.strip_prefix("arn:")?.split(':').nth(3)?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then(|| account.to_owned())
}

fn decode(raw: Raw<'_>) -> Option<Value> {
    serde_json::from_str(raw.get()).ok()
}

/// The modules from the root to where an expression stands.
struct Scope<'p, 'a> {
    plan: &'p Plan<'a>,
    /// Names of module calls.
    path: Vec<&'p str>,
    /// The root module and each module called.
    modules: Vec<&'p ConfigModule<'a>>,
}

impl<'p, 'a> Scope<'p, 'a> {
    /// `None` if the configuration stands in a module that the plan does not describe.
    fn of(plan: &'p Plan<'a>, config: &'p ProviderConfig<'a>) -> Option<Self> {
        let mut scope = Self {
            plan,
            path: Vec::new(),
            modules: vec![&plan.configuration.root_module],
        };
        let address = config.module_address.as_deref().unwrap_or_default();
        for name in address
            .split('.')
            .filter(|step| !step.is_empty() && *step != "module")
        {
            let (name, call) = scope.modules.last()?.module_calls.get_key_value(name)?;
            scope.path.push(name);
            scope.modules.push(&call.module);
        }
        Some(scope)
    }

    /// The value of an expression that is a constant or a variable, or a member of one.
    fn value(&self, expression: &Value) -> Option<Value> {
        self.value_at(self.path.len(), expression)
    }

    /// Each step goes one module up, so this ends at the root.
    fn value_at(&self, depth: usize, expression: &Value) -> Option<Value> {
        if let Value::Object(members) = expression
            && let Some(constant) = members.get("constant_value")
        {
            return Some(constant.clone());
        }
        let (variable, members) = variable_of(expression.member("references"))?;
        let mut value = self.variable(depth, &variable)?;
        for member in members {
            value = value.member(&member).clone();
        }
        Some(value)
    }

    fn variable(&self, depth: usize, name: &str) -> Option<Value> {
        let declaration = self.modules.get(depth)?.variables.get(name);
        if declaration.is_some_and(|variable| variable.sensitive) {
            return None;
        }
        let default = || declaration?.default.and_then(decode);
        let Some(parent) = depth.checked_sub(1) else {
            let given = self
                .plan
                .variables
                .get(name)
                .and_then(|variable| variable.value)
                .and_then(decode);
            return given.or_else(default);
        };
        let call = self.modules[parent].module_calls.get(self.path[parent])?;
        match call.expressions.get(name) {
            Some(expression) => self.value_at(parent, &decode(*expression)?),
            None => default(),
        }
    }
}

/// `["var.regions.main", "var.regions"]` to `regions` and `["main"]`; `None` if anything else is referred to.
fn variable_of(references: &Value) -> Option<(String, Vec<String>)> {
    let Value::List(references) = references else {
        return None;
    };
    let references: Option<Vec<String>> = references.iter().map(Value::as_text).collect();
    let references = references?;
    let (longest, others) = references.split_first()?;
    if !others.iter().all(|other| {
        longest
            .strip_prefix(other.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    }) {
        return None;
    }
    let mut steps = longest.strip_prefix("var.")?.split('.').map(str::to_owned);
    let variable = steps.next()?;
    (!longest.contains('[')).then(|| (variable, steps.collect()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::sources::terraform::plan::Document;

    fn regions(configuration: &str, variables: &str) -> ProviderRegions {
        let text = format!(
            r#"{{"resource_changes":[],"configuration":{configuration},"variables":{variables}}}"#
        );
        match Document::parse("plan.json", &text).unwrap() {
            Document::Plan(plan) => provider_regions(&plan),
            Document::State(_) => panic!("not a plan"),
        }
    }

    fn region_of(expression: &str, variables: &str) -> Option<String> {
        let configuration = format!(
            r#"{{"provider_config":{{"aws":{{"name":"aws","expressions":{{"region":{expression}}}}}}}}}"#
        );
        regions(&configuration, variables)
            .place("aws")
            .unwrap()
            .region
            .clone()
    }

    #[test]
    fn a_region_is_a_constant_or_a_root_variable() {
        let variables = r#"{"region":{"value":"eu-west-1"},"all":{"value":{"main":"us-gov-east-1"}},"short":{"value":"west"}}"#;
        let region = |expression: &str| region_of(expression, variables);
        assert_eq!(
            region(r#"{"constant_value":"eu-north-1"}"#).as_deref(),
            Some("eu-north-1")
        );
        assert_eq!(
            region(r#"{"references":["var.region"]}"#).as_deref(),
            Some("eu-west-1")
        );
        assert_eq!(
            region(r#"{"references":["var.all.main","var.all"]}"#).as_deref(),
            Some("us-gov-east-1")
        );
    }

    #[test]
    fn a_region_made_of_something_else_is_not_known() {
        let variables = r#"{"region":{"value":"eu-west-1"},"short":{"value":"west"},"all":{"value":["eu-west-1"]}}"#;
        for expression in [
            r#"{"references":["local.region"]}"#,
            r#"{"references":["var.short"]}"#,
            r#"{"references":["var.region","var.short"]}"#,
            r#"{"references":["var.all[0]","var.all"]}"#,
            r#"{"references":["var.missing"]}"#,
            r#"{"constant_value":null}"#,
            "7",
        ] {
            assert_eq!(region_of(expression, variables), None, "{expression}");
        }
    }

    #[test]
    fn a_variable_that_was_not_given_has_its_default() {
        let configuration = r#"{"provider_config":{"google":{"name":"google","expressions":{
            "region":{"references":["var.region"]},"project":{"constant_value":"prod"}}}},
            "root_module":{"variables":{"region":{"default":"europe-west1"}}}}"#;
        let place = regions(configuration, "null")
            .place("google")
            .unwrap()
            .clone();
        assert_eq!(place.region.as_deref(), Some("europe-west1"));
        assert_eq!(place.account.as_deref(), Some("prod"));
    }

    #[test]
    fn a_secret_variable_is_not_looked_into() {
        let configuration = r#"{"provider_config":{"aws":{"name":"aws","expressions":{"region":{"references":["var.region"]}}}},
            "root_module":{"variables":{"region":{"sensitive":true,"default":"eu-west-1"}}}}"#;
        let regions = regions(configuration, r#"{"region":{"value":"eu-west-1"}}"#);
        assert_eq!(regions.place("aws"), Some(&ProviderPlace::default()));
    }

    #[test]
    fn the_account_is_that_of_the_assumed_role() {
        let account = |arn: &str| {
            let configuration = format!(
                r#"{{"provider_config":{{"aws.b":{{"name":"aws","alias":"b","expressions":{{"assume_role":[{{"role_arn":{arn}}}]}}}}}}}}"#
            );
            regions(
                &configuration,
                r#"{"arn":{"value":"arn:aws-cn:iam::210987654321:role/x"}}"#,
            )
            .place("aws.b")
            .unwrap()
            .account
            .clone()
        };
        assert_eq!(
            account(r#"{"constant_value":"arn:aws:iam::123456789012:role/net"}"#).as_deref(),
            Some("123456789012")
        );
        assert_eq!(
            account(r#"{"references":["var.arn"]}"#).as_deref(),
            Some("210987654321")
        );
        assert_eq!(account(r#"{"references":["local.arn"]}"#), None);
        assert_eq!(
            account(r#"{"constant_value":"arn:aws:iam::team:role/net"}"#),
            None
        );
    }

    #[test]
    fn modules_inherit_unless_they_configure_their_own() {
        let configuration = r#"{"provider_config":{
            "aws":{"name":"aws","full_name":"r/hashicorp/aws","expressions":{"region":{"constant_value":"eu-west-1"}}},
            "module.a:aws":{"name":"aws","full_name":"r/hashicorp/aws","module_address":"module.a"},
            "module.b:aws":{"name":"aws","full_name":"r/hashicorp/aws","module_address":"module.b",
              "expressions":{"region":{"references":["var.where"]}}}},
          "root_module":{"module_calls":{"a":{"module":{}},
            "b":{"expressions":{"where":{"references":["var.far"]}},"module":{"variables":{"where":{}}}}}}}"#;
        let regions = regions(
            configuration,
            r#"{"far":{"value":"ap-south-1"},"where":{"value":"us-east-1"}}"#,
        );
        let region = |key: &str| regions.place(key).and_then(|place| place.region.as_deref());
        assert_eq!(region("module.a:aws"), Some("eu-west-1"));
        assert_eq!(region("module.b:aws"), Some("ap-south-1"));
        assert_eq!(region("module.c:aws"), Some("eu-west-1"));
        assert_eq!(region("module.c:aws.west"), None);
        assert_eq!(region("google"), None);
    }
}
