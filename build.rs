//! Builds the providers files in: every `providers/*.yaml`, in the form that `src/catalog/compact.rs` describes and reads.
//!
//! A file that is no YAML fails the build. Whether it says something right a test tells, and `perimeter providers validate`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

fn main() -> Result<(), Box<dyn Error>> {
    let source = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("providers");
    let target = PathBuf::from(std::env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=providers");

    let mut paths = Vec::new();
    for entry in std::fs::read_dir(source)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();

    let mut table = String::from("static EMBEDDED: &[Embedded] = &[\n");
    for (index, path) in paths.iter().enumerate() {
        let failed = |what: &dyn fmt::Display| format!("{}: {what}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
        let file: Value = serde_saphyr::from_str(&text).map_err(|error| failed(&error))?;
        let head = |key: &str| {
            let value = file.text(key);
            value.ok_or_else(|| failed(&format!("`{key}` is missing")))
        };
        let (provider, type_prefix) = (head("provider")?, head("type_prefix")?);
        let mut bytes = Vec::new();
        file.encode(&mut bytes)?;
        std::fs::write(target.join(format!("{index}.provider")), bytes)?;
        writeln!(
            table,
            "    Embedded {{ provider: {provider:?}, type_prefix: {type_prefix:?}, \
             bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{index}.provider\")) }},"
        )?;
    }
    table.push_str("];\n");
    std::fs::write(target.join("embedded.rs"), table)?;
    Ok(())
}

/// What YAML says, with its scalars as they are spelled.
enum Value {
    Text(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Value {
    fn text(&self, wanted: &str) -> Option<&str> {
        let Self::Map(pairs) = self else { return None };
        pairs.iter().find_map(|(key, value)| match value {
            Self::Text(text) if key == wanted => Some(text.as_str()),
            _ => None,
        })
    }

    fn encode(&self, bytes: &mut Vec<u8>) -> Result<(), Box<dyn Error>> {
        let mut head = |tag: u8, length: usize| -> Result<(), Box<dyn Error>> {
            bytes.push(tag);
            bytes.extend(u32::try_from(length)?.to_le_bytes());
            Ok(())
        };
        match self {
            Self::Text(text) => {
                head(b't', text.len())?;
                bytes.extend(text.as_bytes());
            }
            Self::List(values) => {
                head(b'l', values.len())?;
                for value in values {
                    value.encode(bytes)?;
                }
            }
            Self::Map(pairs) => {
                head(b'm', pairs.len())?;
                for (key, value) in pairs {
                    Self::Text(key.clone()).encode(bytes)?;
                    value.encode(bytes)?;
                }
            }
        }
        Ok(())
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
        f.write_str("a text, truth, whole number, list or mapping")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Text(truth.to_string()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Text(number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Text(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Value::Map(pairs))
    }
}
