//! Resource addresses as plans and states write them.
//!
//! `module.net["a"].module.inner.aws_vpc.this[0]` names one instance of one block. This module takes such an address
//! apart; it does not know which blocks exist (see [`blocks`](super::blocks)).

use std::fmt;

/// The address of one resource instance, relative to the root module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The module calls from the root module down to the resource; empty for a resource of the root module.
    pub modules: Vec<ModuleStep>,
    /// Whether this is a `data` source rather than a managed resource.
    pub is_data: bool,
    /// The type, for example `aws_vpc`.
    pub resource_type: String,
    /// The name of the block, for example `this`.
    pub name: String,
    /// The `count` index in digits, or the `for_each` key with its escapes undone; `None` for the only instance.
    pub key: Option<String>,
}

/// One call of a child module on the way to a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// The label of the `module` block.
    pub name: String,
    /// As [`Address::key`], of the module instance.
    pub key: Option<String>,
}

impl Address {
    /// Takes apart the address of a resource or data source.
    ///
    /// `None` for everything else: the address of a whole module, an output, an expression, broken text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut modules = Vec::new();
        loop {
            let first = take_name(&mut rest)?;
            take_dot(&mut rest)?;
            if first == "module" {
                let name = take_name(&mut rest)?.to_owned();
                let key = take_key(&mut rest)?;
                take_dot(&mut rest)?;
                modules.push(ModuleStep { name, key });
                continue;
            }
            let is_data = first == "data";
            let resource_type = if is_data {
                let resource_type = take_name(&mut rest)?;
                take_dot(&mut rest)?;
                resource_type
            } else {
                first
            };
            let name = take_name(&mut rest)?.to_owned();
            let key = take_key(&mut rest)?;
            return rest.is_empty().then(|| Self {
                modules,
                is_data,
                resource_type: resource_type.to_owned(),
                name,
                key,
            });
        }
    }

    /// The address of the block behind this instance: no `count` index and no `for_each` key, of modules neither.
    ///
    /// ```
    /// # use perimeter::sources::terraform::address::Address;
    /// let address = Address::parse(r#"module.net["a"].data.aws_vpc.this[0]"#).unwrap();
    /// assert_eq!(address.without_keys(), "module.net.data.aws_vpc.this");
    /// ```
    #[must_use]
    pub fn without_keys(&self) -> String {
        let mut text = String::new();
        for step in &self.modules {
            text.push_str("module.");
            text.push_str(&step.name);
            text.push('.');
        }
        text.push_str(&self.in_module());
        text
    }

    /// The block's address inside its own module, for example `data.aws_vpc.this`.
    pub(crate) fn in_module(&self) -> String {
        let data = if self.is_data { "data." } else { "" };
        format!("{data}{}.{}", self.resource_type, self.name)
    }
}

/// Writes the block's address, as [`Address::without_keys`].
impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.without_keys())
    }
}

/// Takes a name: everything up to a dot, a bracket, a quote or white space.
fn take_name<'text>(rest: &mut &'text str) -> Option<&'text str> {
    let is_end =
        |character: char| matches!(character, '.' | '[' | ']' | '"') || character.is_whitespace();
    let (name, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
    *rest = after;
    (!name.is_empty()).then_some(name)
}

fn take_dot(rest: &mut &str) -> Option<()> {
    *rest = rest.strip_prefix('.')?;
    Some(())
}

/// Takes an instance key in brackets, if there is one. The outer `None` stands for broken text.
fn take_key(rest: &mut &str) -> Option<Option<String>> {
    let Some(after_bracket) = rest.strip_prefix('[') else {
        return Some(None);
    };
    let (key, after_key) = if let Some(quoted) = after_bracket.strip_prefix('"') {
        unquote(quoted)?
    } else {
        let end = after_bracket.find(']')?;
        let (digits, after) = after_bracket.split_at(end);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| (digits.to_owned(), after))?
    };
    *rest = after_key.strip_prefix(']')?;
    Some(Some(key))
}

/// Reads a quoted key up to its closing quote, undoing the escapes of the configuration language.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut key = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Some((key, characters.as_str())),
            '\\' => key.push(unescape(&mut characters)?),
            // `$${` and `%%{` are how a literal `${` and `%{` are written.
            '$' | '%' => {
                key.push(character);
                let mut ahead = characters.clone();
                if ahead.next() == Some(character) && ahead.as_str().starts_with('{') {
                    characters = ahead;
                }
            }
            _ => key.push(character),
        }
    }
    None
}

/// Reads what follows a backslash.
fn unescape(characters: &mut std::str::Chars<'_>) -> Option<char> {
    let digits = match characters.next()? {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        character @ ('"' | '\\') => return Some(character),
        'u' => 4,
        'U' => 8,
        _ => return None,
    };
    let mut code = 0_u32;
    for _ in 0..digits {
        // Eight hexadecimal digits fit exactly, so that this cannot overflow.
        code = code << 4 | characters.next()?.to_digit(16)?;
    }
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use proptest::prelude::*;

    fn key_of(text: &str) -> Option<String> {
        Address::parse(text).unwrap().key
    }

    #[test]
    fn nested_modules_and_keys_are_taken_apart() {
        let address = Address::parse(r#"module.net["a"].module.inner.aws_vpc.this[0]"#).unwrap();
        assert_eq!(
            address,
            Address {
                modules: vec![
                    ModuleStep {
                        name: "net".into(),
                        key: Some("a".into())
                    },
                    ModuleStep {
                        name: "inner".into(),
                        key: None
                    },
                ],
                is_data: false,
                resource_type: "aws_vpc".into(),
                name: "this".into(),
                key: Some("0".into()),
            }
        );
        assert_eq!(
            address.without_keys(),
            "module.net.module.inner.aws_vpc.this"
        );
    }

    #[test]
    fn data_source_is_not_a_managed_resource() {
        let address = Address::parse("data.aws_vpc.x").unwrap();
        assert!(address.is_data);
        assert_eq!(address.without_keys(), "data.aws_vpc.x");
        assert!(!Address::parse("aws_vpc.data").unwrap().is_data);
    }

    #[test]
    fn keys_keep_their_dots_brackets_quotes_and_escapes() {
        assert_eq!(key_of(r#"a.b["x.y[0]"]"#).as_deref(), Some("x.y[0]"));
        assert_eq!(
            key_of(r#"a.b["say \"hi\"]\\"]"#).as_deref(),
            Some(r#"say "hi"]\"#)
        );
        assert_eq!(key_of(r#"a.b["\u00e9\n"]"#).as_deref(), Some("é\n"));
        assert_eq!(key_of(r#"a.b["\U0001F600"]"#).as_deref(), Some("😀"));
        assert_eq!(
            key_of(r#"a.b["$${x} %%{y} $$"]"#).as_deref(),
            Some("${x} %{y} $$")
        );
        assert_eq!(key_of(r#"a.b[""]"#).as_deref(), Some(""));
        assert_eq!(key_of("a.b"), None);
    }

    #[test]
    fn whole_modules_and_broken_text_are_no_resource_addresses() {
        for text in [
            "",
            ".",
            "aws_vpc",
            "module.net",
            "module.net.aws_vpc",
            "data.aws_vpc",
            "aws_vpc.this.id",
            "aws_vpc.this[",
            "aws_vpc.this[]",
            "aws_vpc.this[x]",
            "aws_vpc.this[-1]",
            r#"aws_vpc.this["x]"#,
            r#"aws_vpc.this["\q"]"#,
            r#"aws_vpc.this["\UFFFFFFFF"]"#,
            "aws_vpc.this[0][1]",
            "aws_vpc..this",
            "aws vpc.this",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in r#"(module|data|aws_vpc|[.\[\]"\\$%{}u0aé])*"#) {
            let _ = Address::parse(&text);
        }

        #[test]
        fn a_block_address_reads_back_as_itself(text in r"(module\.[a-z]{1,3}(\[[0-9]\])?\.){0,3}(data\.)?[a-c_]{1,3}\.[a-z]{1,3}") {
            let address = Address::parse(&text).unwrap();
            let again = Address::parse(&address.without_keys()).unwrap();
            prop_assert_eq!(address.without_keys(), again.without_keys());
        }
    }
}
