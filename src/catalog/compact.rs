//! The form in which providers files are built in: what their YAML says, without its spelling.
//!
//! The build script writes it and [`decode`] reads it, at a small part of what reading YAML costs at every start. A value
//! is a tag, a length and as much of what the tag tells:
//!
//! | tag | length in | what follows |
//! | --- | --- | --- |
//! | `t` | bytes | a text; also a truth or a number, as YAML spells it |
//! | `l` | values | the values of a list |
//! | `m` | pairs | keys and values of a mapping, each a value |
//!
//! Lengths are four bytes, the least one first. Nothing is checked here beyond the form: a test lays what is decoded beside
//! the YAML it was made of.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};

/// What a text that is not of this form is refused with. Which byte it is would help nobody.
type Error = de::value::Error;

/// Read one value.
///
/// # Errors
///
/// If the bytes are not of this form, or do not say what the type asks for.
pub(super) fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Error> {
    let mut reader = Reader { rest: bytes };
    let value = T::deserialize(&mut reader)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(malformed("something stands behind the value"))
    }
}

fn malformed(what: &str) -> Error {
    de::Error::custom(what)
}

struct Reader<'de> {
    rest: &'de [u8],
}

impl<'de> Reader<'de> {
    /// The tag of the next value, and its length.
    fn head(&mut self) -> Result<(u8, usize), Error> {
        let cut_off = || malformed("the text is cut off");
        let (&tag, rest) = self.rest.split_first().ok_or_else(cut_off)?;
        let (length, rest) = rest.split_first_chunk().ok_or_else(cut_off)?;
        self.rest = rest;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        Ok((tag, length))
    }

    fn text_of(&mut self, length: usize) -> Result<&'de str, Error> {
        let (text, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| malformed("the text is cut off"))?;
        self.rest = rest;
        str::from_utf8(text).map_err(|_| malformed("the text is not UTF-8"))
    }

    fn text(&mut self) -> Result<&'de str, Error> {
        match self.head()? {
            (b't', length) => self.text_of(length),
            _ => Err(malformed("a text should stand here")),
        }
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.head()? {
            (b't', length) => visitor.visit_borrowed_str(self.text_of(length)?),
            (b'l', left) => visitor.visit_seq(Several { reader: self, left }),
            (b'm', left) => visitor.visit_map(Several { reader: self, left }),
            _ => Err(malformed("a tag that means nothing")),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.text()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(malformed("`true` or `false` should stand here")),
        }
    }

    /// What is absent is not written.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// A text is a variant alone, a mapping of one pair a variant with its content.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.head()? {
            (b't', length) => {
                let variant = self.text_of(length)?;
                visitor.visit_enum(BorrowedStrDeserializer::new(variant))
            }
            (b'm', 1) => visitor.visit_enum(self),
            _ => Err(malformed("a variant should stand here")),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

/// The rest of a list or mapping.
struct Several<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Several<'_, 'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Several<'_, 'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> EnumAccess<'de> for &mut Reader<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let variant = seed.deserialize(&mut *self)?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Reader<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Err(malformed("a variant without content has one"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case", deny_unknown_fields)]
    enum Part {
        Nothing,
        List(Vec<String>),
        Flags { on: bool, off: Option<bool> },
    }

    fn text(text: &str) -> Vec<u8> {
        value(b't', text.len(), text.as_bytes())
    }

    fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let content: Vec<u8> = pairs
            .iter()
            .flat_map(|(key, value)| [text(key), value.clone()].concat())
            .collect();
        value(b'm', pairs.len(), &content)
    }

    fn list(values: &[Vec<u8>]) -> Vec<u8> {
        value(b'l', values.len(), &values.concat())
    }

    fn value(tag: u8, length: usize, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(length).unwrap().to_le_bytes();
        [&[tag][..], &length, content].concat()
    }

    #[test]
    fn every_shape_of_a_providers_file_is_read() {
        let bytes = map(&[
            ("a", text("nothing")),
            ("b", map(&[("list", list(&[text("true"), text("7")]))])),
            ("c", map(&[("flags", map(&[("on", text("true"))]))])),
        ]);
        let read: BTreeMap<String, Part> = decode(&bytes).unwrap();
        assert_eq!(read["a"], Part::Nothing);
        assert_eq!(read["b"], Part::List(vec!["true".into(), "7".into()]));
        assert_eq!(
            read["c"],
            Part::Flags {
                on: true,
                off: None
            }
        );
    }

    #[test]
    fn what_is_cut_off_or_followed_by_something_is_refused() {
        let bytes = list(&[text("a"), text("b")]);
        assert!(decode::<Vec<String>>(&bytes).is_ok());
        for end in 0..bytes.len() {
            assert!(decode::<Vec<String>>(&bytes[..end]).is_err(), "{end}");
        }
        let followed = [bytes, text("c")].concat();
        assert!(decode::<Vec<String>>(&followed).is_err());
    }

    #[test]
    fn what_the_type_does_not_ask_for_is_refused() {
        assert!(decode::<bool>(&text("yes")).is_err());
        assert!(decode::<bool>(&text("false")).is_ok());
        assert!(decode::<String>(&list(&[])).is_err());
        assert!(decode::<String>(&value(b'x', 0, &[])).is_err());
        assert!(decode::<String>(&value(b't', 1, &[0xff])).is_err());
        assert!(decode::<Part>(&map(&[])).is_err());
    }
}
