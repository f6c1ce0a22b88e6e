//! Values of resource attributes: what is known, what is known only after apply, what must never be shown.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The seconds in a duration such as `24h`, `1h30m`, `720h0m0s` or `7d`; `None`: it is none. Parts of a second do not count.
#[must_use]
pub fn seconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..unit].parse().ok()?;
        let after = rest[unit..].find(|c: char| c.is_ascii_digit());
        let (name, more) = rest[unit..].split_at(after.unwrap_or(rest.len() - unit));
        let factor = match name {
            "d" => 86_400.0,
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" | "us" | "ns" => 0.0,
            _ => return None,
        };
        total = total.checked_add((number * factor) as u64)?;
        rest = more;
    }
    Some(total)
}

/// One attribute's value.
///
/// `Unknown` is a value of its own: it never becomes a default, and it equals nothing that is known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Absent or null.
    Null,
    /// Known only after apply.
    Unknown,
    /// A secret: usable for comparison, never for display.
    Sensitive(Box<Self>),
    /// A truth value.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// Text.
    Text(String),
    /// A list, set or tuple.
    List(Vec<Self>),
    /// An object, map or block.
    Object(BTreeMap<String, Self>),
}

impl Value {
    /// The member of an object; `Null` where there is none.
    #[must_use]
    pub fn member(&self, name: &str) -> &Self {
        match self {
            Self::Object(members) => members.get(name).unwrap_or(&Self::Null),
            Self::Unknown => &Self::Unknown,
            _ => &Self::Null,
        }
    }

    /// Absent, null, or the empty text that providers write for an unset member.
    #[must_use]
    pub fn is_unset(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Sensitive(inner) => inner.is_unset(),
            _ => false,
        }
    }

    /// Known or unknown, anywhere inside.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Sensitive(inner) => inner.has_unknown(),
            Self::List(items) => items.iter().any(Self::has_unknown),
            Self::Object(members) => members.values().any(Self::has_unknown),
            _ => false,
        }
    }

    /// Equal, or two JSON documents that differ in layout only.
    #[must_use]
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        let document = |value: &Self| match value {
            Self::Text(text) if text.trim_start().starts_with(['{', '[']) => {
                serde_json::from_str::<serde_json::Value>(text).ok()
            }
            _ => None,
        };
        matches!((document(self), document(other)), (Some(one), Some(two)) if one == two)
    }

    /// A scalar as text, the way a person writes it. `None` for unset, unknown and composed values, and for secrets.
    #[must_use]
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text.clone()),
            Self::Bool(truth) => Some(truth.to_string()),
            Self::Number(number) => Some(number.clone()),
            _ => None,
        }
    }

    /// Every text anywhere inside that may be shown.
    pub fn collect_texts(&self, texts: &mut Vec<String>) {
        match self {
            Self::Text(text) => texts.push(text.clone()),
            Self::List(items) => items.iter().for_each(|item| item.collect_texts(texts)),
            Self::Object(members) => members
                .values()
                .for_each(|member| member.collect_texts(texts)),
            _ => {}
        }
    }

    /// Lay Terraform's `after_unknown` over this value: every `true` in the mask becomes `Unknown`.
    pub fn mark_unknown(&mut self, mask: &Self) {
        self.overlay(mask, &|value| *value = Self::Unknown);
    }

    /// Lay Terraform's `*_sensitive` over this value: every `true` in the mask becomes `Sensitive`.
    pub fn mark_sensitive(&mut self, mask: &Self) {
        self.overlay(mask, &|value| {
            let inner = std::mem::replace(value, Self::Null);
            *value = match inner {
                already @ (Self::Sensitive(_) | Self::Null | Self::Unknown) => already,
                plain => Self::Sensitive(Box::new(plain)),
            };
        });
    }

    fn overlay(&mut self, mask: &Self, mark: &impl Fn(&mut Self)) {
        match mask {
            Self::Bool(true) => mark(self),
            Self::Object(masks) => {
                if matches!(self, Self::Null) && masks.values().any(Self::holds_true) {
                    *self = Self::Object(BTreeMap::new());
                }
                if let Self::Object(members) = self {
                    for (name, mask) in masks {
                        if mask.holds_true() {
                            members
                                .entry(name.clone())
                                .or_insert(Self::Null)
                                .overlay(mask, mark);
                        }
                    }
                }
            }
            Self::List(masks) => {
                if matches!(self, Self::Null) && masks.iter().any(Self::holds_true) {
                    *self = Self::List(Vec::new());
                }
                if let Self::List(items) = self {
                    for (index, mask) in masks.iter().enumerate() {
                        if mask.holds_true() {
                            while items.len() <= index {
                                items.push(Self::Null);
                            }
                            items[index].overlay(mask, mark);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn holds_true(&self) -> bool {
        match self {
            Self::Bool(truth) => *truth,
            Self::List(items) => items.iter().any(Self::holds_true),
            Self::Object(members) => members.values().any(Self::holds_true),
            _ => false,
        }
    }
}

/// Never shows a secret, whatever debugging output it lands in.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Unknown => f.write_str("(known after apply)"),
            Self::Sensitive(_) => f.write_str("(sensitive)"),
            Self::Bool(truth) => truth.fmt(f),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => text.fmt(f),
            Self::List(items) => items.fmt(f),
            Self::Object(members) => members.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = access.next_entry()? {
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn durations_are_written_as_go_does_and_with_days() {
        let told = |text: &str| seconds(text);
        assert_eq!(told("24h"), Some(86_400));
        assert_eq!(told("1h30m"), Some(5_400));
        assert_eq!(told("720h0m0s"), Some(2_592_000));
        assert_eq!(told("7d"), Some(604_800));
        assert_eq!(told("1.5h"), Some(5_400));
        for text in ["", "x", "24", "h", "1 day", "24hours"] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn unknown_fills_what_after_leaves_out() {
        let mut after = value(r#"{"cidr_block":"10.0.0.0/16"}"#);
        after.mark_unknown(&value(
            r#"{"id":true,"route":[{"gateway_id":true}],"tags":{}}"#,
        ));
        assert_eq!(after.member("id"), &Value::Unknown);
        assert_eq!(
            after.member("cidr_block"),
            &Value::Text("10.0.0.0/16".into())
        );
        assert!(after.member("route").has_unknown());
        assert_eq!(after.member("tags"), &Value::Null);
    }

    #[test]
    fn a_secret_never_shows() {
        let mut secret = value(r#"{"key":"hunter2"}"#);
        secret.mark_sensitive(&value(r#"{"key":true}"#));
        assert!(!format!("{secret:?}").contains("hunter2"));
        assert_eq!(secret.member("key").as_text(), None);
    }
}
