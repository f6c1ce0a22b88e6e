//! JSON of which most is passed over: where a value ends is found 64 bytes at a time, without a look at what is in it.
//!
//! A serde deserializer, for text that is believed to be JSON. What it decodes is checked; of what it passes over only quotes
//! and brackets count, so it accepts a little that is no JSON. Its error gives no reason: whoever gets one parses
//! the text again with `serde_json`, which tells what is wrong and where.

use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;
use wide::u8x16;

/// How deeply values may be nested: as deeply as in `serde_json`.
const MOST_NESTED: usize = 127;
/// As many bytes as a mask has bits.
const BLOCK: usize = 64;

/// JSON text of one value, passed over and not decoded yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// By this name a [`Skimmer`] knows that the text is wanted, not the value.
    const NAME: &'static str = "perimeter::Raw";

    /// The text.
    #[must_use]
    pub fn get(self) -> &'a str {
        self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;

        impl<'de> Visitor<'de> for RawVisitor {
            type Value = Raw<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Raw<'de>, E> {
                Ok(Raw(text))
            }

            /// Any other deserializer than a [`Skimmer`] is that of `serde_json`.
            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Raw<'de>, D::Error> {
                <&RawValue>::deserialize(deserializer).map(|raw| Raw(raw.get()))
            }
        }

        deserializer.deserialize_newtype_struct(Self::NAME, RawVisitor)
    }
}

/// Decode what `T` wants of a JSON text, and pass over the rest.
///
/// # Errors
///
/// If `serde_json` has to be asked.
pub fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, NotSkimmed> {
    with_seed(text, std::marker::PhantomData)
}

/// Decode what `seed` wants of a JSON text, and pass over the rest.
///
/// # Errors
///
/// If `serde_json` has to be asked.
pub fn with_seed<'de, S: DeserializeSeed<'de>>(
    text: &'de str,
    seed: S,
) -> Result<S::Value, NotSkimmed> {
    let mut skimmer = Skimmer {
        text,
        at: 0,
        depth: 0,
    };
    let value = seed.deserialize(&mut skimmer)?;
    match skimmer.peek() {
        None => Ok(value),
        Some(_) => Err(NotSkimmed),
    }
}

/// The text cannot be skimmed: it is no JSON, or not of the shape wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not skimmed")]
pub struct NotSkimmed;

impl de::Error for NotSkimmed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A place in a JSON text.
struct Skimmer<'de> {
    text: &'de str,
    at: usize,
    depth: usize,
}

impl<'de> Skimmer<'de> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
        self.at += blank.count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), NotSkimmed> {
        if self.peek() != Some(byte) {
            return Err(NotSkimmed);
        }
        self.at += 1;
        Ok(())
    }

    /// Pass over a value.
    fn pass(&mut self) -> Result<&'de str, NotSkimmed> {
        let first = self.peek().ok_or(NotSkimmed)?;
        let rest = &self.text.as_bytes()[self.at..];
        let length = match first {
            b'{' | b'[' => length_of_nest(rest).ok_or(NotSkimmed)?,
            b'"' => length_of_string(rest).ok_or(NotSkimmed)?,
            _ => {
                let ends = |byte: &u8| {
                    byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}' | b':')
                };
                rest.iter().position(ends).unwrap_or(rest.len())
            }
        };
        let start = self.at;
        self.at += length;
        self.text.get(start..self.at).ok_or(NotSkimmed)
    }

    /// Into a list or an object, whose members `visit` reads.
    fn nested<T>(
        &mut self,
        end: u8,
        visit: impl FnOnce(Items<'_, 'de>) -> Result<T, NotSkimmed>,
    ) -> Result<T, NotSkimmed> {
        self.at += 1;
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err(NotSkimmed);
        }
        let value = visit(Items {
            skimmer: self,
            end,
            is_first: true,
        })?;
        self.depth -= 1;
        self.expect(end)?;
        Ok(value)
    }
}

/// The text between the quotes of a string, if that is what it means.
fn plain(string: &str) -> Option<&str> {
    let [b'"', inner @ .., b'"'] = string.as_bytes() else {
        return None;
    };
    let means_itself = |&byte: &u8| byte != b'\\' && byte >= b' ';
    let means_itself = inner.iter().all(means_itself);
    string.get(1..=inner.len()).filter(|_| means_itself)
}

impl<'de> Deserializer<'de> for &mut Skimmer<'de> {
    type Error = NotSkimmed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotSkimmed> {
        match self.peek() {
            Some(b'{') => self.nested(b'}', |members| visitor.visit_map(members)),
            Some(b'[') => self.nested(b']', |items| visitor.visit_seq(items)),
            _ => {
                let value = self.pass()?;
                if let Some(text) = plain(value) {
                    return visitor.visit_borrowed_str(text);
                }
                let mut json = serde_json::Deserializer::from_str(value);
                let value = json.deserialize_any(visitor).map_err(|_| NotSkimmed)?;
                json.end().map_err(|_| NotSkimmed)?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotSkimmed> {
        if self.peek() == Some(b'n') {
            return match self.pass()? {
                "null" => visitor.visit_none(),
                _ => Err(NotSkimmed),
            };
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, NotSkimmed> {
        if name == Raw::NAME {
            return visitor.visit_borrowed_str(self.pass()?);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotSkimmed> {
        self.pass()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct enum identifier
    }
}

/// What a list or an object holds.
struct Items<'s, 'de> {
    skimmer: &'s mut Skimmer<'de>,
    end: u8,
    is_first: bool,
}

impl Items<'_, '_> {
    /// Whether one more follows; then it is next.
    fn has_next(&mut self) -> Result<bool, NotSkimmed> {
        let was_first = std::mem::replace(&mut self.is_first, false);
        if self.skimmer.peek() == Some(self.end) {
            return Ok(false);
        }
        if !was_first {
            self.skimmer.expect(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = NotSkimmed;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, NotSkimmed> {
        if !self.has_next()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.skimmer).map(Some)
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = NotSkimmed;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, NotSkimmed> {
        if !self.has_next()? {
            return Ok(None);
        }
        if self.skimmer.peek() != Some(b'"') {
            return Err(NotSkimmed);
        }
        let name = self.skimmer.pass()?;
        match plain(name) {
            Some(text) => seed.deserialize(BorrowedStrDeserializer::new(text)),
            None => {
                let name: String = serde_json::from_str(name).map_err(|_| NotSkimmed)?;
                seed.deserialize(name.into_deserializer())
            }
        }
        .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, NotSkimmed> {
        self.skimmer.expect(b':')?;
        seed.deserialize(&mut *self.skimmer)
    }
}

/// Follows strings from block to block. One bit stands for one byte, the lowest for the first.
#[derive(Default)]
struct Strings {
    /// All bits, if the last byte was inside a string.
    inside: u64,
    /// The lowest bit, if the last byte was a backslash that escapes the next.
    escaped: u64,
}

impl Strings {
    /// Quotes that begin or end a string.
    #[inline]
    fn quotes(&mut self, block: &[u8; BLOCK]) -> u64 {
        let quotes = mask(block, 0, b'"');
        let backslashes = mask(block, 0, b'\\');
        quotes & !self.escapes(backslashes)
    }

    /// Bytes that a backslash escapes. Of backslashes in a row every second is escaped, from the first on: subtracting
    /// makes a borrow run through each row, and where it stops tells whether its length is odd.
    #[inline]
    fn escapes(&mut self, backslashes: u64) -> u64 {
        const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
        if backslashes == 0 {
            return std::mem::take(&mut self.escaped);
        }
        let starts = backslashes & !self.escaped;
        let codes = ((starts << 1) | ODD).wrapping_sub(starts) ^ ODD;
        let escaped = codes ^ (backslashes | self.escaped);
        self.escaped = (codes & backslashes) >> (BLOCK - 1);
        escaped
    }

    /// Bytes inside strings, the quotes that begin them included.
    #[inline]
    fn covered(&mut self, block: &[u8; BLOCK]) -> u64 {
        let mut parity = self.quotes(block);
        for shift in [1, 2, 4, 8, 16, 32] {
            parity ^= parity << shift;
        }
        let covered = parity ^ self.inside;
        self.inside = 0u64.wrapping_sub(covered >> (BLOCK - 1));
        covered
    }
}

/// A bit for each byte that is `wanted` once the bits of `set` are set in it.
#[inline]
fn mask(block: &[u8; BLOCK], set: u8, wanted: u8) -> u64 {
    let (set, wanted) = (u8x16::splat(set), u8x16::splat(wanted));
    let (sixteens, _) = block.as_chunks::<16>();
    let mut mask = 0;
    for (at, sixteen) in sixteens.iter().enumerate() {
        let is_wanted = (u8x16::new(*sixteen) | set).simd_eq(wanted);
        mask |= u64::from(is_wanted.to_bitmask()) << (16 * at);
    }
    mask
}

/// Goes through a text block by block until `end` finds a byte in one; what is missing in the last are spaces.
#[inline]
fn length_until(text: &[u8], mut end: impl FnMut(&[u8; BLOCK]) -> Option<u32>) -> Option<usize> {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let length = |blocks_before: usize, at: u32| {
        let at = usize::try_from(at).ok()?;
        Some(blocks_before * BLOCK + at + 1)
    };
    for (number, block) in blocks.iter().enumerate() {
        if let Some(at) = end(block) {
            return length(number, at);
        }
    }
    let mut last = [b' '; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    length(blocks.len(), end(&last)?)
}

/// The length of the list or object that the text begins with. Whether a bracket is square or curly is not looked at.
fn length_of_nest(text: &[u8]) -> Option<usize> {
    let mut strings = Strings::default();
    let mut depth = 0;
    length_until(text, |block| {
        let outside = !strings.covered(block);
        if outside == 0 {
            return None;
        }
        // `[` and `{` differ in one bit, as do `]` and `}`.
        let opening = mask(block, b' ', b'{') & outside;
        let mut closing = mask(block, b' ', b'}') & outside;
        let mut closed = 0;
        // Most blocks close less than is open.
        while closing.count_ones() + closed >= depth && closing != 0 {
            let at = closing.trailing_zeros();
            closed += 1;
            let opened = (opening & ((1 << at) - 1)).count_ones();
            if depth + opened == closed {
                return Some(at);
            }
            closing &= closing - 1;
        }
        depth = depth + opening.count_ones() - closing.count_ones() - closed;
        None
    })
}

/// The length of the string that the text begins with, quotes included.
fn length_of_string(text: &[u8]) -> Option<usize> {
    let mut strings = Strings::default();
    let mut is_begun = false;
    length_until(text, |block| {
        let mut quotes = strings.quotes(block);
        if !std::mem::replace(&mut is_begun, true) {
            quotes &= quotes.wrapping_sub(1);
        }
        (quotes != 0).then(|| quotes.trailing_zeros())
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn members(text: &str) -> Result<BTreeMap<&str, Raw<'_>>, NotSkimmed> {
        from_str(text)
    }

    #[test]
    fn a_value_passed_over_is_the_text_as_it_stands() {
        let text = r#" {"a" : [1, {"b":"]}\\\""}] ,"c":null,"d":-1.5e3, "e":"x"} "#;
        let members = members(text).unwrap();
        let text_of = |name: &str| members[name].get();
        assert_eq!(text_of("a"), r#"[1, {"b":"]}\\\""}]"#);
        assert_eq!(text_of("c"), "null");
        assert_eq!(text_of("d"), "-1.5e3");
        assert_eq!(text_of("e"), r#""x""#);
    }

    #[test]
    fn quotes_behind_backslashes_are_told_apart_at_every_place_in_a_block() {
        for padding in 0..2 * BLOCK {
            for backslashes in 0..5 {
                let inner = format!("{}{}", "x".repeat(padding), "\\\\".repeat(backslashes));
                for inner in [format!("{inner}\\\"]}}"), inner] {
                    let text = format!(r#"{{"a":["{inner}"],"b":"{inner}"}}"#);
                    let members = members(&text).unwrap();
                    assert_eq!(members["a"].get(), format!("[\"{inner}\"]"));
                    assert_eq!(members["b"].get(), format!("\"{inner}\""));
                }
            }
        }
    }

    #[test]
    fn what_is_cut_off_or_goes_on_behind_its_end_is_not_skimmed() {
        let text = r#"{"a":["x",{"b":"y"}],"c":"z"}"#;
        for end in 0..text.len() {
            assert!(members(&text[..end]).is_err(), "{}", &text[..end]);
        }
        assert!(members(text).is_ok());
        for broken in [
            r#"{"a":1}}"#,
            r#"{"a":1,}"#,
            r#"{"a" 1}"#,
            r#"{a:1}"#,
            "[1]",
        ] {
            assert!(members(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn depth_without_end_is_passed_over_and_never_decoded() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(from_str::<Raw<'_>>(&deep).unwrap().get(), deep);
        assert!(from_str::<Value>(&deep).is_err());
    }

    #[test]
    fn an_absent_option_is_null_and_a_string_with_escapes_is_decoded() {
        let read: (Option<u8>, Option<String>) = from_str(r#"[null,"a\u0041\n"]"#).unwrap();
        assert_eq!(read, (None, Some("aA\n".to_owned())));
        assert!(from_str::<String>("\"a\nb\"").is_err());
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\"\\\\{}\\[\\],: \n\u{e9}]{0,80}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"\\\\]{0,8}", inner, 0..8)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_skimmed_is_what_serde_json_reads(value in json()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(&from_str::<Value>(&text).unwrap(), &value);
                prop_assert_eq!(from_str::<Raw<'_>>(&text).unwrap().get(), &text);
            }
        }
    }
}
