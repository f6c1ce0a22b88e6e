//! Functions on texts, and between texts and values.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;
use sha2::{Digest as _, Sha256};

use super::super::evaluate::{Fault, Outcome};
use super::super::module::Evaluator;
use super::super::reads::Decoded;
use super::super::term::{MAX_VALUE_DEPTH, Term, number_text};
use super::addresses::texts;
use super::{argument, number, text};

/// How wide `format` may pad.
const MAX_WIDTH: usize = 1000;

/// Call a function of this kind; `None` if it is none.
pub(super) fn call(evaluator: &Evaluator<'_>, name: &str, arguments: &[Term]) -> Option<Outcome> {
    let changed =
        |change: &dyn Fn(&str) -> String| text(arguments, 0).map(|own| Term::text(change(&own)));
    let asked = |ask: &dyn Fn(&str, &str) -> bool| {
        Ok(Term::Bool(ask(&text(arguments, 0)?, &text(arguments, 1)?)))
    };
    let trimmed = |trim: &dyn Fn(&str, &str) -> String| {
        Ok(Term::text(trim(&text(arguments, 0)?, &text(arguments, 1)?)))
    };
    Some(match name {
        "lower" => changed(&str::to_lowercase),
        "upper" => changed(&str::to_uppercase),
        "title" => changed(&title),
        "trimspace" => changed(&|own| own.trim().to_owned()),
        "chomp" => changed(&|own| own.trim_end_matches(['\n', '\r']).to_owned()),
        "strrev" => changed(&|own| own.chars().rev().collect()),
        "trim" => trimmed(&|own, set| own.trim_matches(|one| set.contains(one)).to_owned()),
        "trimprefix" => trimmed(&|own, start| own.strip_prefix(start).unwrap_or(own).to_owned()),
        "trimsuffix" => trimmed(&|own, end| own.strip_suffix(end).unwrap_or(own).to_owned()),
        "startswith" => asked(&|own, start| own.starts_with(start)),
        "endswith" => asked(&|own, end| own.ends_with(end)),
        "strcontains" => asked(&|own, part| own.contains(part)),
        "dirname" => changed(&|own| {
            own.rsplit_once('/')
                .map_or(".", |(directory, _)| directory)
                .to_owned()
        }),
        // Paths are taken from the root module's directory here, however they are spelled.
        "pathexpand" | "abspath" => changed(&str::to_owned),
        "basename" => changed(&|own| own.rsplit('/').next().unwrap_or(own).to_owned()),
        "sha256" => changed(&|own| {
            let digest = Sha256::digest(own.as_bytes());
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        }),
        "base64encode" => changed(&|own| encode_base64(own.as_bytes())),
        "base64decode" => text(arguments, 0).and_then(|own| {
            decode_base64(&own)
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .map(Term::text)
                .ok_or_else(|| Fault::wrong("base64decode finds no text"))
        }),
        "urlencode" => changed(&encode_url),
        "join" => join(evaluator, arguments),
        "split" => split(evaluator, arguments),
        "replace" => replace(evaluator, arguments),
        "substr" => substr(arguments),
        "indent" => indent(evaluator, arguments),
        "format" => format(evaluator, arguments),
        "formatlist" => format_list(evaluator, arguments),
        "regex" => regex(evaluator, arguments),
        "regexall" => regex_all(evaluator, arguments),
        "jsonencode" => json_encode(evaluator, arguments),
        "jsondecode" => decoded(evaluator, arguments, 4, |decoded, own| {
            decoded.json(own, |own| {
                from_json(&serde_json::from_str(own).ok()?, 0).into()
            })
        })
        .and_then(|term| term.ok_or_else(|| Fault::wrong("jsondecode finds no JSON"))),
        "yamldecode" => decoded(evaluator, arguments, 8, |decoded, own| {
            decoded.yaml(own, |own| {
                from_json(&serde_saphyr::from_str(own).ok()?, 0).into()
            })
        })
        .and_then(|term| term.ok_or_else(|| Fault::wrong("yamldecode finds no YAML"))),
        "csvdecode" => csv(evaluator, arguments),
        _ => return None,
    })
}

/// What a text holds, for so much a byte, whoever decoded it before.
fn decoded(
    evaluator: &Evaluator<'_>,
    arguments: &[Term],
    cost: usize,
    decode: impl FnOnce(&Decoded, &Arc<str>) -> Option<Term>,
) -> Result<Option<Term>, Fault> {
    let own: Arc<str> = text(arguments, 0)?.into();
    evaluator.pay_text(own.len() * cost)?;
    Ok(decode(evaluator.decoded, &own))
}

fn title(own: &str) -> String {
    let mut at_start = true;
    own.chars()
        .map(|character| {
            let written = if at_start {
                character.to_ascii_uppercase()
            } else {
                character
            };
            at_start = character.is_whitespace();
            written
        })
        .collect()
}

fn join(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let separator = text(arguments, 0)?;
    let mut all = Vec::new();
    for index in 1..arguments.len() {
        all.extend(texts(arguments, index)?);
    }
    let length = all.iter().fold(0_usize, |sum, one| {
        sum.saturating_add(one.len() + separator.len())
    });
    evaluator.pay_text(length)?;
    Ok(Term::text(all.join(&separator)))
}

fn split(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let (separator, own) = (text(arguments, 0)?, text(arguments, 1)?);
    evaluator.pay_elements(own.len() + 1)?;
    if separator.is_empty() {
        let letters = own.chars().map(|letter| Term::text(letter.to_string()));
        return Ok(Term::list(letters.collect()));
    }
    if own.is_empty() {
        return Ok(Term::list(vec![Term::text("")]));
    }
    Ok(Term::list(own.split(&separator).map(Term::text).collect()))
}

fn compiled(evaluator: &Evaluator<'_>, pattern: &str) -> Result<Regex, Fault> {
    // A pattern of a few letters can ask for a large machine.
    evaluator.pay_text(pattern.len() * 64 + 1024)?;
    evaluator
        .decoded
        .pattern(pattern)
        .ok_or_else(|| Fault::wrong("a regular expression cannot be read"))
}

fn replace(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let [own, from, to] = [
        text(arguments, 0)?,
        text(arguments, 1)?,
        text(arguments, 2)?,
    ];
    let pattern = from
        .strip_prefix('/')
        .and_then(|inner| inner.strip_suffix('/'))
        .filter(|inner| !inner.is_empty());
    let Some(pattern) = pattern else {
        let matches = if from.is_empty() {
            own.chars().count() + 1
        } else {
            own.matches(&from).count()
        };
        evaluator.pay_text(own.len().saturating_add(matches.saturating_mul(to.len())))?;
        return Ok(Term::text(own.replace(&from, &to)));
    };
    let regex = compiled(evaluator, pattern)?;
    evaluator.pay_text(own.len() * 8)?;
    let inserted = to.bytes().filter(|byte| *byte == b'$').count();
    let mut replaced = String::new();
    let mut end = 0;
    for captures in regex.captures_iter(&own) {
        let Some(whole) = captures.get(0) else { break };
        let most = to
            .len()
            .saturating_add(inserted.saturating_mul(whole.len()));
        evaluator.pay_text(most + (whole.start() - end))?;
        replaced.push_str(&own[end..whole.start()]);
        captures.expand(&to, &mut replaced);
        end = whole.end();
    }
    replaced.push_str(&own[end..]);
    Ok(Term::text(replaced))
}

fn substr(arguments: &[Term]) -> Outcome {
    let own: Vec<char> = text(arguments, 0)?.chars().collect();
    let (offset, length) = (number(arguments, 1)?, number(arguments, 2)?);
    let start = if offset < 0.0 {
        own.len().saturating_sub((-offset) as usize)
    } else {
        (offset as usize).min(own.len())
    };
    let end = if length < 0.0 {
        own.len()
    } else {
        start.saturating_add(length as usize).min(own.len())
    };
    Ok(Term::text(own[start..end].iter().collect::<String>()))
}

fn indent(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let (width, own) = (number(arguments, 0)? as usize, text(arguments, 1)?);
    let lines = own.matches('\n').count();
    evaluator.pay_text(own.len().saturating_add(lines.saturating_mul(width)))?;
    Ok(Term::text(
        own.replace('\n', &format!("\n{}", " ".repeat(width))),
    ))
}

fn format(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let pattern = text(arguments, 0)?;
    let values = arguments.get(1..).unwrap_or_default();
    Ok(Term::text(formatted(evaluator, &pattern, values)?))
}

fn format_list(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let pattern = text(arguments, 0)?;
    let values = arguments.get(1..).unwrap_or_default();
    let lengths = values.iter().filter_map(|value| match value {
        Term::List(items) => Some(items.len()),
        _ => None,
    });
    let Some(length) = lengths.min() else {
        return Ok(Term::list(vec![Term::text(formatted(
            evaluator, &pattern, values,
        )?)]));
    };
    evaluator.pay_elements(length.saturating_mul(values.len()))?;
    let mut all = Vec::new();
    for index in 0..length {
        let row = values.iter().map(|value| match value {
            Term::List(items) => items.get(index).cloned().unwrap_or(Term::Null),
            other => other.clone(),
        });
        let row: Vec<Term> = row.collect();
        all.push(Term::text(formatted(evaluator, &pattern, &row)?));
    }
    Ok(Term::list(all))
}

/// What `format` writes, by the verbs that Terraform knows.
fn formatted(evaluator: &Evaluator<'_>, pattern: &str, values: &[Term]) -> Result<String, Fault> {
    let mut written = String::new();
    let mut next = 0;
    let mut characters = pattern.chars().peekable();
    evaluator.pay_text(pattern.len())?;
    while let Some(character) = characters.next() {
        if character != '%' {
            written.push(character);
            continue;
        }
        let mut flags = String::new();
        while let Some(flag) = characters.next_if(|one| matches!(one, '-' | '+' | '0' | ' ' | '#'))
        {
            flags.push(flag);
        }
        let mut digits = String::new();
        while let Some(digit) = characters.next_if(|one| one.is_ascii_digit() || *one == '.') {
            digits.push(digit);
        }
        if characters.next_if_eq(&'[').is_some() {
            let mut position = String::new();
            for digit in characters.by_ref().take_while(|one| *one != ']') {
                position.push(digit);
            }
            let position: usize = position.parse().unwrap_or(1);
            next = position.saturating_sub(1);
        }
        let verb = characters
            .next()
            .ok_or_else(|| Fault::wrong("format ends with %"))?;
        if verb == '%' {
            written.push('%');
            continue;
        }
        let (width, precision) = match digits.split_once('.') {
            Some((width, precision)) => (width, Some(precision)),
            None => (digits.as_str(), None),
        };
        let width: usize = width.parse().unwrap_or(0);
        let precision: Option<usize> = precision.map(|text| text.parse().unwrap_or(0));
        if width > MAX_WIDTH || precision.is_some_and(|precision| precision > MAX_WIDTH) {
            return Err(Fault::wrong("format pads too far"));
        }
        let value = values
            .get(next)
            .ok_or_else(|| Fault::wrong("format has too few arguments"))?;
        next += 1;
        let number = || {
            value
                .to_number()
                .ok_or_else(|| Fault::wrong("format wants a number"))
        };
        let own = match verb {
            'd' => number_text(number()?.trunc()),
            'b' => format!("{:b}", number()? as i64),
            'o' => format!("{:o}", number()? as i64),
            'x' => match value {
                Term::Text(text) => text.bytes().map(|byte| format!("{byte:02x}")).collect(),
                _ => format!("{:x}", number()? as i64),
            },
            'X' => format!("{:X}", number()? as i64),
            'f' => format!("{:.*}", precision.unwrap_or(6), number()?),
            'e' => format!("{:e}", number()?),
            'g' | 'G' => number_text(number()?),
            't' => value
                .to_bool()
                .ok_or_else(|| Fault::wrong("format wants a truth value"))?
                .to_string(),
            'q' => format!("{:?}", value.to_text().unwrap_or_default()),
            's' | 'v' => match value.to_text() {
                Some(text) => match precision {
                    Some(precision) => text.chars().take(precision).collect(),
                    None => text,
                },
                None => to_json(value, 0).to_string(),
            },
            _ => return Err(Fault::wrong("format knows no such verb")),
        };
        evaluator.pay_text(own.len() + width)?;
        let missing = width.saturating_sub(own.chars().count());
        let is_numeric = matches!(verb, 'd' | 'f' | 'x' | 'X' | 'b' | 'o');
        if flags.contains('-') {
            written.push_str(&own);
            written.push_str(&" ".repeat(missing));
        } else if flags.contains('0') && is_numeric {
            let (sign, digits) = match own.strip_prefix('-') {
                Some(digits) => ("-", digits),
                None => ("", own.as_str()),
            };
            written.push_str(sign);
            written.push_str(&"0".repeat(missing));
            written.push_str(digits);
        } else {
            written.push_str(&" ".repeat(missing));
            written.push_str(&own);
        }
    }
    Ok(written)
}

/// What a match gives: its groups by name or position, or all of it where there are none.
fn captured(regex: &Regex, captures: &regex::Captures<'_>) -> Term {
    let group = |index: usize| match captures.get(index) {
        Some(found) => Term::text(found.as_str()),
        None => Term::Null,
    };
    let named: BTreeMap<String, Term> = regex
        .capture_names()
        .enumerate()
        .filter_map(|(index, name)| Some((name?.to_owned(), group(index))))
        .collect();
    if !named.is_empty() {
        return Term::object(named);
    }
    match regex.captures_len() {
        1 => group(0),
        count => Term::list((1..count).map(group).collect()),
    }
}

fn regex(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let (pattern, own) = (text(arguments, 0)?, text(arguments, 1)?);
    let regex = compiled(evaluator, &pattern)?;
    evaluator.pay_text(own.len() * 8)?;
    regex
        .captures(&own)
        .map(|captures| captured(&regex, &captures))
        .ok_or_else(|| Fault::wrong("a regular expression does not match"))
}

fn regex_all(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let (pattern, own) = (text(arguments, 0)?, text(arguments, 1)?);
    let regex = compiled(evaluator, &pattern)?;
    evaluator.pay_text(own.len() * 8)?;
    let mut all = Vec::new();
    for captures in regex.captures_iter(&own) {
        evaluator.pay_elements(captures.len())?;
        all.push(captured(&regex, &captures));
    }
    Ok(Term::list(all))
}

fn json_encode(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let value = to_json(argument(arguments, 0)?, 0);
    let text = value.to_string();
    evaluator.pay_text(text.len())?;
    Ok(Term::text(text))
}

/// Recursion is bounded by how deep values may be nested.
pub(super) fn to_json(term: &Term, depth: usize) -> serde_json::Value {
    if depth > MAX_VALUE_DEPTH {
        return serde_json::Value::Null;
    }
    match term {
        Term::Bool(truth) => (*truth).into(),
        Term::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
            (*number as i64).into()
        }
        Term::Number(number) => (*number).into(),
        Term::Text(text) => text.to_string().into(),
        Term::List(items) => items.iter().map(|item| to_json(item, depth + 1)).collect(),
        Term::Object(members) => members
            .entries
            .iter()
            .map(|(key, entry)| (key.clone(), to_json(entry, depth + 1)))
            .collect(),
        Term::Secret(inner) => to_json(inner, depth + 1),
        Term::Null | Term::Instance(_) | Term::Module(_) | Term::Unknown(_) => {
            serde_json::Value::Null
        }
    }
}

/// Recursion is bounded by the reader of the text; what is deeper than values may be is left out.
pub(super) fn from_json(value: &serde_json::Value, depth: usize) -> Term {
    if depth > MAX_VALUE_DEPTH {
        return Term::Null;
    }
    match value {
        serde_json::Value::Null => Term::Null,
        serde_json::Value::Bool(truth) => Term::Bool(*truth),
        serde_json::Value::Number(number) => Term::Number(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Term::text(text),
        serde_json::Value::Array(items) => Term::list(
            items
                .iter()
                .map(|item| from_json(item, depth + 1))
                .collect(),
        ),
        serde_json::Value::Object(members) => Term::object(
            members
                .iter()
                .map(|(key, member)| (key.clone(), from_json(member, depth + 1)))
                .collect(),
        ),
    }
}

fn csv(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let own = text(arguments, 0)?;
    evaluator.pay_elements(own.len())?;
    if own.contains('"') {
        return Err(Fault::wrong("csvdecode meets quotes, which are not read"));
    }
    let mut lines = own.lines().filter(|line| !line.trim().is_empty());
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let rows = lines.map(|line| {
        let cells = names.iter().zip(line.split(','));
        Term::object(
            cells
                .map(|(name, cell)| ((*name).to_owned(), Term::text(cell)))
                .collect(),
        )
    });
    Ok(Term::list(rows.collect()))
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn encode_base64(bytes: &[u8]) -> String {
    let mut encoded = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .enumerate()
            .fold(0_u32, |group, (index, byte)| {
                group | u32::from(*byte) << (16 - 8 * index)
            });
        for index in 0..4 {
            if index <= chunk.len() {
                let letter = (group >> (18 - 6 * index)) & 63;
                encoded.push(char::from(BASE64[letter as usize]));
            } else {
                encoded.push('=');
            }
        }
    }
    encoded
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut bits) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = BASE64.iter().position(|own| *own == letter)?;
        group = (group << 6 | value as u32) & 0x00ff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            decoded.push((group >> bits & 0xff) as u8);
        }
    }
    Some(decoded)
}

fn encode_url(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
