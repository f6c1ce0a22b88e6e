//! The shapes of `terraform show -json` and of `terraform.tfstate`, as documented, borrowed from the text.
//!
//! Values of resources and expressions of the configuration stay unparsed ([`Raw`]) until somebody wants them:
//! most of a large plan is never looked at. What the documents mean is told by [`super::resource`] and
//! [`super::providers`].
//!
//! Format: <https://developer.hashicorp.com/terraform/internals/json-format>.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use rayon::prelude::*;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;

use super::input::{InputError, InputProblem};
use super::resource::InstanceKey;
use super::skim::{self, Raw};

/// How many member names an error shows.
const SHOWN_NAMES: usize = 8;
/// How many characters of a foreign name an error shows.
const SHOWN_CHARACTERS: usize = 40;

/// Whatever Terraform writes about resources.
#[derive(Debug)]
pub enum Document<'a> {
    /// What is about to happen.
    Plan(Box<Plan<'a>>),
    /// What is.
    State(State<'a>),
}

impl<'a> Document<'a> {
    /// Read the JSON text of a plan or state; `label` is what errors call it.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, or not of a plan or state whose version is known; see [`InputProblem`].
    pub fn parse(label: &str, text: &'a str) -> Result<Self, InputError> {
        parse(text).map_err(|problem| InputError::new(label, problem))
    }
}

/// Text that is copied only if it holds an escape.
///
/// A type of its own, because serde borrows a `Cow` neither inside an `Option` nor as a map's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Unparsed JSON by name.
pub type RawMembers<'a> = BTreeMap<Text<'a>, Raw<'a>>;

/// `terraform show -json PLAN`.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    /// The version of Terraform or OpenTofu that made it.
    pub terraform_version: Option<Text<'a>>,
    /// What happens to each resource instance; `None` when the document has no such member at all.
    pub resource_changes: Option<Vec<ResourceChange<'a>>>,
    /// Changes made outside of Terraform since the last apply.
    pub resource_drift: Vec<ResourceDrift<'a>>,
    /// Changes put off to a later plan.
    pub deferred_changes: usize,
    /// The state before, after refresh.
    pub prior_state: Option<ModuleValues<'a>>,
    /// The state after; what is not known yet is left out. Read only where the rest of the document may lack some of
    /// it: `None` in most plans that Terraform wrote.
    pub planned_values: Option<ModuleValues<'a>>,
    /// The configuration, as far as Terraform exports it.
    pub configuration: Configuration<'a>,
    /// The values of root variables, unparsed, with defaults filled in.
    pub variables: BTreeMap<Text<'a>, PlanVariable<'a>>,
    /// Planning failed halfway.
    pub errored: bool,
    /// `Some(false)`: applying this plan will not be the end of it.
    pub complete: Option<bool>,
}

/// One entry of `resource_changes`.
#[derive(Debug, serde::Deserialize)]
pub struct ResourceChange<'a> {
    /// The full address after the change.
    #[serde(borrow)]
    pub address: Text<'a>,
    /// The address before a `moved` block.
    #[serde(borrow, default)]
    pub previous_address: Option<Text<'a>>,
    /// `module.net["a"]`; absent for the root module.
    #[serde(borrow, default)]
    pub module_address: Option<Text<'a>>,
    /// `managed` or `data`.
    #[serde(borrow, default)]
    pub mode: Option<Text<'a>>,
    /// The resource type.
    #[serde(borrow, default, rename = "type")]
    pub resource_type: Option<Text<'a>>,
    /// The resource name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// The instance key of `count` or `for_each`.
    #[serde(default)]
    pub index: Option<InstanceKey>,
    /// `registry.terraform.io/hashicorp/aws`.
    #[serde(borrow, default)]
    pub provider_name: Option<Text<'a>>,
    /// The key of an object that waits to be destroyed. Terraform 0.12 wrote a truth value here.
    #[serde(borrow, default)]
    pub deposed: Option<Raw<'a>>,
    /// What happens.
    #[serde(borrow, default)]
    pub change: Change<'a>,
    /// Why Terraform chose these actions.
    #[serde(borrow, default)]
    pub action_reason: Option<Text<'a>>,
}

/// What happens to one resource instance.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Change<'a> {
    /// `["no-op"]`, `["delete", "create"]`, ...
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub actions: Vec<Text<'a>>,
    /// The values before.
    #[serde(borrow, default)]
    pub before: Option<Raw<'a>>,
    /// The values after, as far as known.
    #[serde(borrow, default)]
    pub after: Option<Raw<'a>>,
    /// `true` where `after` is not known yet.
    #[serde(borrow, default)]
    pub after_unknown: Option<Raw<'a>>,
    /// `true` where `before` is secret.
    #[serde(borrow, default)]
    pub before_sensitive: Option<Raw<'a>>,
    /// `true` where `after` is secret.
    #[serde(borrow, default)]
    pub after_sensitive: Option<Raw<'a>>,
    /// Present when the object is taken in by an `import` block.
    #[serde(borrow, default)]
    pub importing: Option<Importing<'a>>,
    /// The attributes that force a replacement.
    #[serde(borrow, default)]
    pub replace_paths: Option<Raw<'a>>,
}

/// The object that an `import` block takes in.
#[derive(Debug, serde::Deserialize)]
pub struct Importing<'a> {
    /// Its id.
    #[serde(borrow, default)]
    pub id: Option<Text<'a>>,
    /// Its identity, when it is imported by that.
    #[serde(borrow, default)]
    pub identity: Option<Raw<'a>>,
}

/// One entry of `resource_drift`.
#[derive(Debug, serde::Deserialize)]
pub struct ResourceDrift<'a> {
    /// The full address.
    #[serde(borrow)]
    pub address: Text<'a>,
    /// The resource type.
    #[serde(borrow, default, rename = "type")]
    pub resource_type: Option<Text<'a>>,
    /// What happened.
    #[serde(borrow, default)]
    pub change: DriftChange<'a>,
}

/// What happened outside of Terraform.
#[derive(Debug, Default, serde::Deserialize)]
pub struct DriftChange<'a> {
    /// `["no-op"]` for an object that was only moved.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub actions: Vec<Text<'a>>,
}

/// The value of a root variable.
#[derive(Debug, Default, serde::Deserialize)]
pub struct PlanVariable<'a> {
    /// Unparsed; secret if its declaration says so.
    #[serde(borrow, default)]
    pub value: Option<Raw<'a>>,
}

/// The resources of a module and of the modules it calls, in a state.
#[derive(Debug, Default, serde::Deserialize)]
pub struct ModuleValues<'a> {
    /// `module.net["a"]`; absent for the root module.
    #[serde(borrow, default)]
    pub address: Option<Text<'a>>,
    /// Its own resource instances.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub resources: Vec<StateResource<'a>>,
    /// The modules it calls.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub child_modules: Vec<ModuleValues<'a>>,
}

/// A resource instance in a state.
#[derive(Debug, serde::Deserialize)]
pub struct StateResource<'a> {
    /// The full address.
    #[serde(borrow)]
    pub address: Text<'a>,
    /// `managed` or `data`.
    #[serde(borrow, default)]
    pub mode: Option<Text<'a>>,
    /// The resource type.
    #[serde(borrow, default, rename = "type")]
    pub resource_type: Option<Text<'a>>,
    /// The resource name.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// The instance key of `count` or `for_each`.
    #[serde(default)]
    pub index: Option<InstanceKey>,
    /// The key of an object that waits to be destroyed.
    #[serde(borrow, default)]
    pub deposed_key: Option<Text<'a>>,
    /// Its attributes.
    #[serde(borrow, default)]
    pub values: Option<Raw<'a>>,
    /// `true` where an attribute is secret.
    #[serde(borrow, default)]
    pub sensitive_values: Option<Raw<'a>>,
}

/// The configuration, as far as Terraform exports it: without `dynamic` blocks, locals and functions.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Configuration<'a> {
    /// Provider configurations, by `aws.west` or `module.net:aws`.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub provider_config: BTreeMap<Text<'a>, ProviderConfig<'a>>,
    /// The root module.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub root_module: ConfigModule<'a>,
}

/// A provider configuration, or the mere requirement of one.
#[derive(Debug, Default, serde::Deserialize)]
pub struct ProviderConfig<'a> {
    /// Its local name: `aws`.
    #[serde(borrow, default)]
    pub name: Option<Text<'a>>,
    /// `registry.terraform.io/hashicorp/aws`.
    #[serde(borrow, default)]
    pub full_name: Option<Text<'a>>,
    /// `west` of `aws.west`.
    #[serde(borrow, default)]
    pub alias: Option<Text<'a>>,
    /// The module it stands in, without instance keys; absent for the root module.
    #[serde(borrow, default)]
    pub module_address: Option<Text<'a>>,
    /// Its arguments, unparsed.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub expressions: RawMembers<'a>,
}

/// A module of the configuration.
#[derive(Debug, Default, serde::Deserialize)]
pub struct ConfigModule<'a> {
    /// Its resources, one entry for all instances.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub resources: Vec<ConfigResource<'a>>,
    /// The modules it calls, by name.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub module_calls: BTreeMap<Text<'a>, ModuleCall<'a>>,
    /// Its outputs.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub outputs: BTreeMap<Text<'a>, ConfigOutput<'a>>,
    /// Its variables.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub variables: BTreeMap<Text<'a>, ConfigVariable<'a>>,
}

/// A resource block.
#[derive(Debug, serde::Deserialize)]
pub struct ConfigResource<'a> {
    /// Its address inside its module: `aws_vpc.main`, `data.aws_vpc.other`.
    #[serde(borrow, default)]
    pub address: Text<'a>,
    /// `managed` or `data`.
    #[serde(borrow, default)]
    pub mode: Option<Text<'a>>,
    /// The resource type.
    #[serde(borrow, default, rename = "type")]
    pub resource_type: Text<'a>,
    /// The resource name.
    #[serde(borrow, default)]
    pub name: Text<'a>,
    /// The provider configuration it uses.
    #[serde(borrow, default)]
    pub provider_config_key: Option<Text<'a>>,
    /// Its arguments and blocks, unparsed.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub expressions: RawMembers<'a>,
    /// The expression of `count`.
    #[serde(borrow, default)]
    pub count_expression: Option<Raw<'a>>,
    /// The expression of `for_each`.
    #[serde(borrow, default)]
    pub for_each_expression: Option<Raw<'a>>,
}

/// A `module` block.
#[derive(Debug, Default, serde::Deserialize)]
pub struct ModuleCall<'a> {
    /// Where the module comes from.
    #[serde(borrow, default)]
    pub source: Option<Text<'a>>,
    /// Its arguments, unparsed.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub expressions: RawMembers<'a>,
    /// The expression of `count`.
    #[serde(borrow, default)]
    pub count_expression: Option<Raw<'a>>,
    /// The expression of `for_each`.
    #[serde(borrow, default)]
    pub for_each_expression: Option<Raw<'a>>,
    /// What it calls.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub module: ConfigModule<'a>,
}

/// An `output` block.
#[derive(Debug, Default, serde::Deserialize)]
pub struct ConfigOutput<'a> {
    /// Its value, as an unparsed expression.
    #[serde(borrow, default)]
    pub expression: Option<Raw<'a>>,
}

/// A `variable` block.
#[derive(Debug, Default, serde::Deserialize)]
pub struct ConfigVariable<'a> {
    /// Its default, unparsed.
    #[serde(borrow, default)]
    pub default: Option<Raw<'a>>,
    /// Its values are secret.
    #[serde(default)]
    pub sensitive: bool,
}

/// What is, without what is about to happen.
#[derive(Debug)]
pub enum State<'a> {
    /// `terraform show -json` of a state.
    Shown(ModuleValues<'a>),
    /// A `terraform.tfstate` of version 4.
    File(Vec<StateFileResource<'a>>),
}

/// All instances of a resource in a `terraform.tfstate`.
#[derive(Debug, Default, serde::Deserialize)]
pub struct StateFileResource<'a> {
    /// `module.net["a"]`; absent for the root module.
    #[serde(borrow, default)]
    pub module: Option<Text<'a>>,
    /// `managed` or `data`.
    #[serde(borrow, default)]
    pub mode: Option<Text<'a>>,
    /// The resource type.
    #[serde(borrow, default, rename = "type")]
    pub resource_type: Text<'a>,
    /// The resource name.
    #[serde(borrow, default)]
    pub name: Text<'a>,
    /// `provider["registry.terraform.io/hashicorp/aws"].west`.
    #[serde(borrow, default)]
    pub provider: Option<Text<'a>>,
    /// Its instances.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub instances: Vec<StateFileInstance<'a>>,
}

/// A resource instance in a `terraform.tfstate`.
#[derive(Debug, Default, serde::Deserialize)]
pub struct StateFileInstance<'a> {
    /// The instance key of `count` or `for_each`.
    #[serde(default)]
    pub index_key: Option<InstanceKey>,
    /// The key of an object that waits to be destroyed.
    #[serde(borrow, default)]
    pub deposed: Option<Text<'a>>,
    /// Its attributes.
    #[serde(borrow, default)]
    pub attributes: Option<Raw<'a>>,
    /// Its attributes in the flat form of Terraform 0.11, not yet upgraded by its provider.
    #[serde(borrow, default)]
    pub attributes_flat: Option<Raw<'a>>,
    /// Paths to the attributes that are secret.
    #[serde(borrow, default)]
    pub sensitive_attributes: Option<Raw<'a>>,
}

/// Terraform writes null for many an empty list or map.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Every member that a plan, a state or a state file may have and that matters.
#[derive(serde::Deserialize)]
struct TopLevel<'a> {
    #[serde(borrow, default)]
    format_version: Option<Text<'a>>,
    #[serde(borrow, default)]
    terraform_version: Option<Text<'a>>,
    // What is large is parsed later, on all cores.
    #[serde(borrow, default)]
    resource_changes: Option<Vec<Raw<'a>>>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    resource_drift: Vec<ResourceDrift<'a>>,
    #[serde(default, deserialize_with = "or_default")]
    deferred_changes: Vec<IgnoredAny>,
    #[serde(borrow, default)]
    prior_state: Option<Raw<'a>>,
    #[serde(borrow, default)]
    // A third of a plan, and nothing that a whole one does not say elsewhere too: see `lack_values`.
    planned_values: Option<Raw<'a>>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    configuration: Configuration<'a>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    variables: BTreeMap<Text<'a>, PlanVariable<'a>>,
    #[serde(default, deserialize_with = "or_default")]
    errored: bool,
    #[serde(default)]
    complete: Option<bool>,
    // Other tools have members of these names: they are parsed once it is clear whose document this is.
    #[serde(borrow, default)]
    values: Option<Raw<'a>>,
    #[serde(borrow, default)]
    version: Option<Raw<'a>>,
    #[serde(borrow, default)]
    resources: Option<Raw<'a>>,
    #[serde(default)]
    lineage: Option<IgnoredAny>,
    #[serde(default)]
    serial: Option<IgnoredAny>,
    #[serde(default)]
    modules: Option<IgnoredAny>,
    #[serde(default)]
    encrypted_data: Option<IgnoredAny>,
}

#[derive(Default, serde::Deserialize)]
struct Shown<'a> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    values: Values<'a>,
}

#[derive(Default, serde::Deserialize)]
struct Values<'a> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    root_module: ModuleValues<'a>,
}

fn parse(text: &str) -> Result<Document<'_>, InputProblem> {
    // serde reads a list as a struct, member by member.
    if text.trim_start().starts_with('[') {
        return Err(other_tool(text));
    }
    let top: TopLevel<'_> = skim::from_str(text)
        .or_else(|_| serde_json::from_str(text).map_err(|error| explain(&error, text)))?;
    if top.encrypted_data.is_some() {
        return Err(InputProblem::Encrypted);
    }
    if top.resource_changes.is_some() || top.planned_values.is_some() {
        check_format_version(top.format_version.as_deref())?;
        let changed = || -> Option<Result<Vec<ResourceChange<'_>>, InputProblem>> {
            let entries = top.resource_changes.as_ref()?;
            let skimmed = entries.par_iter();
            let skimmed: Result<_, _> = skimmed.map(|entry| skim::from_str(entry.get())).collect();
            // The first error is told, not the first that some thread meets.
            let in_order = |_| entries.iter().map(|entry| inner(*entry, text)).collect();
            Some(skimmed.or_else(in_order))
        };
        let prior = || {
            top.prior_state
                .map(|raw| inner::<Shown<'_>>(raw, text))
                .transpose()
        };
        let planned = || {
            top.planned_values
                .map(|raw| inner::<Values<'_>>(raw, text))
                .transpose()
        };
        let (resource_changes, (prior_state, planned_values)) = match top.prior_state {
            // Without it the planned values are needed in any case.
            None => rayon::join(changed, || (Ok(None), Some(planned()))),
            Some(_) => rayon::join(changed, || (prior(), None)),
        };
        let (resource_changes, prior_state) = (resource_changes.transpose()?, prior_state?);
        let planned_values = match planned_values {
            Some(planned_values) => planned_values?,
            None if lack_values(resource_changes.as_deref()) => planned()?,
            None => None,
        };
        return Ok(Document::Plan(Box::new(Plan {
            terraform_version: top.terraform_version,
            resource_changes,
            resource_drift: top.resource_drift,
            deferred_changes: top.deferred_changes.len(),
            prior_state: prior_state.map(|state| state.values.root_module),
            planned_values: planned_values.map(|values| values.root_module),
            configuration: top.configuration,
            variables: top.variables,
            errored: top.errored,
            complete: top.complete,
        })));
    }
    if let Some(version) = top.version
        && (top.lineage.is_some() || top.serial.is_some() || top.terraform_version.is_some())
    {
        return match (version.get(), top.resources) {
            ("4", None) => Ok(Document::State(State::File(Vec::new()))),
            ("4", Some(resources)) => {
                inner(resources, text).map(|list| Document::State(State::File(list)))
            }
            (old @ ("1" | "2" | "3"), _) => Err(InputProblem::OldState(old.to_owned())),
            _ if top.modules.is_some() => Err(InputProblem::OldState("unknown".to_owned())),
            (newer, _) if newer.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(InputProblem::NewState(shown_name(newer)))
            }
            _ => Err(other_tool(text)),
        };
    }
    if let (Some(version), Some(values)) = (&top.format_version, top.values) {
        check_format_version(Some(version))?;
        let values: Option<Values<'_>> = inner(values, text)?;
        return Ok(Document::State(State::Shown(
            values.unwrap_or_default().root_module,
        )));
    }
    // `terraform show -json` where there is no state yet writes its version and nothing else.
    let names = member_names(text);
    if top.format_version.is_some()
        && names
            .iter()
            .all(|name| name == "format_version" || name == "terraform_version")
    {
        check_format_version(top.format_version.as_deref())?;
        return Ok(Document::State(State::Shown(ModuleValues::default())));
    }
    Err(other_tool(text))
}

/// Whether a part of the document that says the same as the planned values may have been left out by a filter.
///
/// Terraform writes each planned resource into `resource_changes` with its values, what it keeps as well.
fn lack_values(changes: Option<&[ResourceChange<'_>]>) -> bool {
    let has_values = |change: &ResourceChange<'_>| {
        let change = &change.change;
        change.after.is_some()
            || change.after_unknown.is_some()
            || (change.actions.iter()).all(|action| matches!(&**action, "delete" | "forget"))
    };
    let changes = changes.unwrap_or_default();
    changes.is_empty() || !changes.iter().all(has_values)
}

/// Parse a part of `text` that was put off.
fn inner<'a, T: Deserialize<'a>>(raw: Raw<'a>, text: &str) -> Result<T, InputProblem> {
    if let Ok(skimmed) = skim::from_str(raw.get()) {
        return Ok(skimmed);
    }
    // What is wrong with the whole document comes first.
    serde_json::from_str::<TopLevel<'_>>(text).map_err(|error| explain(&error, text))?;
    serde_json::from_str(raw.get()).map_err(|error| {
        // The part is borrowed from the text, so the distance of their beginnings is where it stands.
        let start = raw
            .get()
            .as_ptr()
            .addr()
            .saturating_sub(text.as_ptr().addr());
        let ahead = text.get(..start).unwrap_or_default();
        let lines = ahead.bytes().filter(|&byte| byte == b'\n').count();
        let columns = if error.line() == 1 {
            ahead.len() - ahead.rfind('\n').map_or(0, |at| at + 1)
        } else {
            0
        };
        let (line, column) = (error.line() + lines, error.column() + columns);
        match error.classify() {
            Category::Data => InputProblem::Shape {
                reason: expectation(&error),
                line,
                column,
            },
            _ => InputProblem::TooDeep { line, column },
        }
    })
}

fn check_format_version(version: Option<&str>) -> Result<(), InputProblem> {
    // Tools that filter a plan may drop its version; the members then speak for themselves.
    let Some(version) = version else {
        return Ok(());
    };
    match version.split('.').next() {
        Some("0" | "1") => Ok(()),
        _ => Err(InputProblem::FormatVersion(shown_name(version))),
    }
}

/// What a failure to parse means, without quoting any value.
fn explain(error: &serde_json::Error, text: &str) -> InputProblem {
    let (line, column) = (error.line(), error.column());
    let message = error.to_string();
    match error.classify() {
        Category::Eof => InputProblem::Truncated { line, column },
        Category::Syntax | Category::Io => {
            let reason = message
                .split(" at line ")
                .next()
                .unwrap_or("syntax error")
                .to_owned();
            if reason.contains("recursion limit") {
                InputProblem::TooDeep { line, column }
            } else if text
                .lines()
                .take(2)
                .any(|first| first.contains("\"@level\""))
            {
                InputProblem::LineStream
            } else {
                InputProblem::Syntax {
                    reason,
                    line,
                    column,
                }
            }
        }
        Category::Data => {
            let names = member_names(text);
            let is_ours = [
                "format_version",
                "resource_changes",
                "planned_values",
                "lineage",
                "resources",
                "root_module",
            ];
            if !names.iter().any(|name| is_ours.contains(&name.as_str())) {
                return other_tool(text);
            }
            InputProblem::Shape {
                reason: expectation(error),
                line,
                column,
            }
        }
    }
}

/// What the parser expected. The value that it found is left out: it may be a secret.
fn expectation(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let without_position = message
        .rsplit_once(" at line ")
        .map_or(&*message, |(reason, _)| reason);
    match without_position.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None if without_position.starts_with("missing field") => without_position.to_owned(),
        None => "unexpected value".to_owned(),
    }
}

fn other_tool(text: &str) -> InputProblem {
    let names = member_names(text);
    let found = if text.trim_start().starts_with('[') {
        "a list".to_owned()
    } else if names.is_empty() {
        "an empty object".to_owned()
    } else {
        let mut shown: Vec<String> = names
            .iter()
            .take(SHOWN_NAMES)
            .map(|name| format!("`{}`", shown_name(name)))
            .collect();
        if names.len() > SHOWN_NAMES {
            shown.push("...".to_owned());
        }
        shown.join(", ")
    };
    InputProblem::OtherTool(found)
}

/// A name from the input, short and without control characters.
fn shown_name(name: &str) -> String {
    name.chars()
        .take(SHOWN_CHARACTERS)
        .flat_map(char::escape_debug)
        .collect()
}

/// The names of the members of the outermost object, as far as it can be read.
fn member_names(text: &str) -> Vec<String> {
    struct Names(Vec<String>);

    impl<'de> Deserialize<'de> for Names {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(NamesVisitor).map(Self)
        }
    }

    struct NamesVisitor;

    impl<'de> Visitor<'de> for NamesVisitor {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Vec<String>, A::Error> {
            let mut names = Vec::new();
            while let Some((name, IgnoredAny)) = access.next_entry::<String, _>()? {
                if names.len() <= SHOWN_NAMES {
                    names.push(name);
                }
            }
            Ok(names)
        }
    }

    serde_json::from_str::<Names>(text)
        .map(|names| names.0)
        .unwrap_or_default()
}

impl<'de> Deserialize<'de> for InstanceKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl Visitor<'_> for KeyVisitor {
            type Value = InstanceKey;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an instance key, a number or text")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<InstanceKey, E> {
                Ok(InstanceKey::Number(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<InstanceKey, E> {
                Ok(InstanceKey::Text(text.to_owned()))
            }
        }

        deserializer.deserialize_any(KeyVisitor)
    }
}

#[cfg(test)]
mod tests;
