//! The one model of a resource instance that plans and states are read into: what it was, what it will be.
//!
//! `from_plan` and `from_state` gather the instances, `place` reads their addresses, and `selected` decodes the attributes that
//! somebody wants.
//!
//! Does not know what a resource type means, nor resolve references between resources.

mod from_plan;
mod from_state;
mod place;
mod selected;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::graph::origin::Action;
use crate::value::Value;

use super::skim::Raw;

pub use from_plan::resources;
pub(super) use from_plan::{deposed_key, words_of};
pub use from_state::state_resources;
pub(super) use from_state::{collect_objects, state_file_address};
use selected::{masks_of_paths, selected};

/// What tells instances of one resource apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceKey {
    /// The index of `count`.
    Number(u64),
    /// The key of `for_each`.
    Text(String),
}

/// Writes `[0]` or `["a"]`, the way Terraform does.
impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Text(text) => {
                f.write_str("[\"")?;
                let mut characters = text.chars().peekable();
                while let Some(character) = characters.next() {
                    match character {
                        '\n' => f.write_str("\\n")?,
                        '\r' => f.write_str("\\r")?,
                        '\t' => f.write_str("\\t")?,
                        '"' => f.write_str("\\\"")?,
                        '\\' => f.write_str("\\\\")?,
                        '$' | '%' if characters.peek() == Some(&'{') => {
                            write!(f, "{character}{character}")?
                        }
                        _ if character.is_control() => {
                            write!(f, "\\u{:04x}", u32::from(character))?
                        }
                        _ => write!(f, "{character}")?,
                    }
                }
                f.write_str("\"]")
            }
        }
    }
}

/// One instance of a resource or data source, before and after.
#[derive(Debug, Clone)]
pub struct Resource<'a> {
    /// Its full address, after moves, as Terraform writes it.
    pub address: Cow<'a, str>,
    /// Its address before a `moved` block, if that differs.
    pub previous_address: Option<Cow<'a, str>>,
    /// The module instance it is in, `module.net["a"]`; empty for the root module.
    pub module: Cow<'a, str>,
    /// Its type.
    pub resource_type: Cow<'a, str>,
    /// Its name.
    pub name: Cow<'a, str>,
    /// Its instance key.
    pub key: Option<InstanceKey>,
    /// Whether it is a data source: an object that exists, and is managed elsewhere.
    pub is_data: bool,
    /// The provider configuration it uses, `aws.west` or `module.net:aws`; `None` where nothing says so.
    pub provider_key: Option<Cow<'a, str>>,
    /// What happens to it.
    pub action: Action,
    /// The id of the object that an `import` block takes in.
    pub importing: Option<String>,
    /// What it is; `None` if it is not there, or not known to Terraform.
    pub before: Option<Instance<'a>>,
    /// What it will be; `None` if it will be gone.
    pub after: Option<Instance<'a>>,
}

/// The attributes of a resource instance at one time, not yet decoded.
#[derive(Debug, Clone, Copy)]
pub struct Instance<'a> {
    values: Option<Raw<'a>>,
    unknown: Option<Raw<'a>>,
    sensitive: Sensitive<'a>,
    /// Attributes that were evaluated from source; then there is no text to decode.
    evaluated: Option<&'a BTreeMap<String, Value>>,
}

/// The two ways in which Terraform marks secrets.
#[derive(Debug, Clone, Copy)]
enum Sensitive<'a> {
    /// An object of the shape of the values, `true` where secret.
    Mask(Option<Raw<'a>>),
    /// A list of paths.
    Paths(Option<Raw<'a>>),
}

impl<'a> Instance<'a> {
    /// The top-level attributes that `wanted` accepts, with what is unknown and what is secret marked.
    ///
    /// Everything else is skipped without being decoded. The result is an object, unless the instance as a whole
    /// is unknown or secret.
    ///
    /// # Errors
    ///
    /// If a wanted attribute is nested deeper than any provider's schema.
    pub fn read(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Value, serde_json::Error> {
        if let Some(evaluated) = self.evaluated {
            let members = evaluated.iter().filter(|(name, _)| wanted(name));
            let members = members.map(|(name, value)| (name.clone(), value.clone()));
            return Ok(Value::Object(members.collect()));
        }
        let mut value = match self.values {
            Some(values) => selected(values, wanted)?,
            None => Value::Object(BTreeMap::new()),
        };
        if let Some(mask) = self.unknown {
            value.mark_unknown(&selected(mask, wanted)?);
        }
        match self.sensitive {
            Sensitive::Mask(Some(mask)) => value.mark_sensitive(&selected(mask, wanted)?),
            Sensitive::Paths(Some(paths)) => {
                for mask in masks_of_paths(&serde_json::from_str(paths.get())?) {
                    // A mask gives an absent member a place, and unwanted ones shall have none.
                    let is_wanted = match &mask {
                        Value::Object(members) => members.keys().all(|name| wanted(name)),
                        _ => true,
                    };
                    if is_wanted {
                        value.mark_sensitive(&mask);
                    }
                }
            }
            Sensitive::Mask(None) | Sensitive::Paths(None) => {}
        }
        Ok(value)
    }

    /// Attributes that were evaluated from source.
    pub(super) fn evaluated(values: &'a BTreeMap<String, Value>) -> Self {
        Self {
            values: None,
            unknown: None,
            sensitive: Sensitive::Mask(None),
            evaluated: Some(values),
        }
    }

    fn known(values: Raw<'a>, sensitive: Option<Raw<'a>>) -> Self {
        Self {
            values: Some(values),
            unknown: None,
            sensitive: Sensitive::Mask(sensitive),
            evaluated: None,
        }
    }

    /// Whether both hold the same values, letter by letter.
    fn has_values_of(&self, other: &Self) -> bool {
        self.values.map(Raw::get) == other.values.map(Raw::get)
    }
}
