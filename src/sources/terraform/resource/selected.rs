//! The wanted members of a JSON object, and the paths of secrets in it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::value::Value;

use super::super::plan::Text;
use super::super::skim::{self, Raw};

/// Decode a JSON object's wanted members; anything else than an object as a whole.
pub(super) fn selected(
    raw: Raw<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Value, serde_json::Error> {
    skim::with_seed(raw.get(), Selected(wanted)).or_else(|_| {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        Selected(wanted).deserialize(&mut deserializer)
    })
}

struct Selected<'w>(&'w dyn Fn(&str) -> bool);

impl<'de> DeserializeSeed<'de> for Selected<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Selected<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the attributes of a resource")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        while access.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = access.next_key::<Text<'de>>()? {
            if (self.0)(&name) {
                members.insert(name.0.into_owned(), access.next_value()?);
            } else {
                access.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Value::Object(members))
    }
}

/// Masks for the paths of `sensitive_attributes`.
///
/// A path through a list marks the whole list: sets have no stable index, and marking too much only hides.
/// What is no path at all marks everything.
pub(super) fn masks_of_paths(paths: &Value) -> Vec<Value> {
    let Value::List(paths) = paths else {
        return Vec::new();
    };
    paths
        .iter()
        .map(|path| {
            let steps: &[Value] = if let Value::List(steps) = path {
                steps
            } else {
                &[]
            };
            let names =
                steps
                    .iter()
                    .map_while(|step| match (step.member("value"), step.member("type")) {
                        (Value::Text(name), _) => Some(name.clone()),
                        // An index is wrapped once more: {"type":"index","value":{"type":"string","value":"key"}}.
                        (index @ Value::Object(_), _) => {
                            index.member("value").as_text().filter(|_| {
                                index.member("type").as_text().as_deref() == Some("string")
                            })
                        }
                        _ => None,
                    });
            names
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .fold(Value::Bool(true), |mask, name| {
                    Value::Object(BTreeMap::from([(name, mask)]))
                })
        })
        .collect()
}
