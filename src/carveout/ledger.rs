//! The ledger of a repository: receipts of carve-outs that were justified anew without new words.
//!
//! A receipt holds for one text and exactly one perimeter. This module reads and writes the file; it does not know what a
//! perimeter is made of, and judges nothing. Writing adds and takes away whole blocks of lines, so that what people wrote
//! between them stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::location::positioned;

/// Where the ledger lies in its repository.
pub const PATH: &str = ".perimeter/ledger.yaml";

/// The form that this version reads and writes.
pub const SCHEMA: &str = "perimeter.ledger/1";

/// Digits of a text's digest, of a perimeter's, and of that of one aspect.
const TEXT_DIGITS: usize = 32;
const PERIMETER_DIGITS: usize = 64;
/// Digits of the digest of one aspect of one boundary.
pub const ASPECT_DIGITS: usize = 16;

/// What stands above the first receipt.
const HEAD: &str = "# Carve-outs that were justified anew without new words, each for exactly one perimeter.
# `perimeter justify` and `perimeter review` add receipts, `perimeter justify --prune` removes those of carve-outs
# that are gone. Comments stay.
";

/// What a justification was made against, as digests.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PerimeterDigest {
    /// Of everything: 64 hexadecimal digits. Only this decides.
    pub whole: String,
    /// Of each aspect of each boundary, to tell what differs: boundary, aspect, 16 digits.
    pub parts: BTreeMap<(String, String), String>,
}

impl PerimeterDigest {
    /// Boundaries and aspects in which two perimeters differ.
    #[must_use]
    pub fn differing<'d>(&'d self, other: &'d Self) -> BTreeSet<(&'d str, &'d str)> {
        let keys = self.parts.keys().chain(other.parts.keys());
        keys.filter(|key| self.parts.get(*key) != other.parts.get(*key))
            .map(|(boundary, aspect)| (boundary.as_str(), aspect.as_str()))
            .collect()
    }
}

/// Somebody says that a carve-out still holds in one perimeter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    /// The digest of guarantee and justification, as [`super::lineage::text_digest`] makes it.
    pub carve_out: String,
    /// When, as an ISO date.
    pub date: String,
    /// The perimeter it holds for.
    pub perimeter: PerimeterDigest,
    /// Where the carve-out stood; for readers.
    pub path: String,
    /// Who, as git calls them.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The receipts of one repository, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Sorted.
    pub receipts: Vec<Receipt>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: Spanned<String>,
    #[serde(default)]
    receipts: Option<Vec<Spanned<Entry>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    carve_out: Spanned<String>,
    path: Spanned<String>,
    by: Spanned<String>,
    date: Spanned<String>,
    reason: Spanned<String>,
    perimeter: Spanned<String>,
    #[serde(default)]
    rests_on: Vec<Spanned<String>>,
}

impl Ledger {
    /// Read a ledger; `path` is for messages.
    ///
    /// # Errors
    ///
    /// With file and line, if it is not YAML of this form.
    pub fn parse(path: &str, text: &str) -> Result<Self, String> {
        let mut receipts: Vec<Receipt> = blocks(path, text)?
            .into_iter()
            .map(|(_, receipt)| receipt)
            .collect();
        receipts.sort();
        Ok(Self { receipts })
    }

    /// The receipts for a text.
    pub fn of<'l>(&'l self, carve_out: &'l str) -> impl Iterator<Item = &'l Receipt> {
        self.receipts
            .iter()
            .filter(move |receipt| receipt.carve_out == carve_out)
    }
}

/// The text of a ledger with one receipt more. One that is there already, for the same text and perimeter, stays as it is.
///
/// # Errors
///
/// If the text is no ledger.
pub fn with(path: &str, text: &str, receipt: &Receipt) -> Result<String, String> {
    let blocks = blocks(path, text)?;
    let is_there = |known: &Receipt| {
        known.carve_out == receipt.carve_out && known.perimeter.whole == receipt.perimeter.whole
    };
    if blocks.iter().any(|(_, known)| is_there(known)) {
        return Ok(text.to_owned());
    }
    let mut wanted: Vec<Receipt> = blocks.iter().map(|(_, known)| known.clone()).collect();
    wanted.push(receipt.clone());
    wanted.sort();
    let lines: Vec<&str> = text.lines().collect();
    let spliced = are_blocks(&lines, &blocks).then(|| {
        let next = blocks.iter().find(|(_, known)| known > receipt);
        let at = next.map_or(lines.len(), |(line, _)| lead(&lines, *line));
        let mut all = lines.clone();
        let indent = blocks
            .first()
            .map_or("", |(line, _)| indent_of(lines[*line]));
        let block = block(receipt, indent);
        all.splice(at..at, block.lines());
        joined(&all)
    });
    Ok(settled(path, spliced, wanted))
}

/// The text of a ledger without the receipts that are not to be kept.
///
/// # Errors
///
/// If the text is no ledger.
pub fn without(
    path: &str,
    text: &str,
    is_kept: &dyn Fn(&Receipt) -> bool,
) -> Result<String, String> {
    let blocks = blocks(path, text)?;
    let mut wanted: Vec<Receipt> = blocks
        .iter()
        .map(|(_, known)| known.clone())
        .filter(|known| is_kept(known))
        .collect();
    if wanted.len() == blocks.len() {
        return Ok(text.to_owned());
    }
    wanted.sort();
    let lines: Vec<&str> = text.lines().collect();
    let can_splice = are_blocks(&lines, &blocks) && !wanted.is_empty();
    let spliced = can_splice.then(|| {
        let mut dropped: BTreeSet<usize> = BTreeSet::new();
        for (index, (line, receipt)) in blocks.iter().enumerate() {
            if is_kept(receipt) {
                continue;
            }
            let next = blocks.get(index + 1);
            let end = next.map_or(lines.len(), |(line, _)| lead(&lines, *line));
            let is_comment = |line: &&str| line.trim_start().starts_with('#');
            let remarks = lines[..*line]
                .iter()
                .rev()
                .take_while(|line| is_comment(line))
                .count();
            // What stands above the first receipt is said of all of them.
            let remarks = if index == 0 { 0 } else { remarks };
            dropped.extend(line - remarks..end);
        }
        let kept = lines
            .iter()
            .enumerate()
            .filter(|(index, _)| !dropped.contains(index));
        joined(&kept.map(|(_, line)| *line).collect::<Vec<_>>())
    });
    Ok(settled(path, spliced, wanted))
}

/// What was spliced, if it says what it should; else everything written anew.
fn settled(path: &str, spliced: Option<String>, wanted: Vec<Receipt>) -> String {
    spliced
        .filter(|text| Ledger::parse(path, text).is_ok_and(|ledger| ledger.receipts == wanted))
        .unwrap_or_else(|| {
            if wanted.is_empty() {
                return format!("{HEAD}schema: {SCHEMA}\nreceipts: []\n");
            }
            let blocks: String = wanted.iter().map(|receipt| block(receipt, "")).collect();
            format!("{HEAD}schema: {SCHEMA}\nreceipts:\n{blocks}")
        })
}

/// Every receipt with the index of its first line.
fn blocks(path: &str, text: &str) -> Result<Vec<(usize, Receipt)>, String> {
    let is_idle = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_idle) {
        return Ok(Vec::new());
    }
    let file: File =
        serde_saphyr::from_str(text).map_err(|error| positioned(path, text, &error))?;
    if file.schema.value != SCHEMA {
        return Err(fault(
            path,
            &file.schema,
            &format!("this version reads {SCHEMA} and no other"),
        ));
    }
    let entries = file.receipts.unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| {
            let line = usize::try_from(entry.defined.line()).unwrap_or(usize::MAX);
            Ok((line.saturating_sub(1), receipt(path, entry.value)?))
        })
        .collect()
}

fn receipt(path: &str, entry: Entry) -> Result<Receipt, String> {
    for (digest, digits) in [
        (&entry.carve_out, TEXT_DIGITS),
        (&entry.perimeter, PERIMETER_DIGITS),
    ] {
        if !is_digest(&digest.value, digits) {
            return Err(fault(
                path,
                digest,
                &format!("must be {digits} hexadecimal digits, in small letters"),
            ));
        }
    }
    for text in [&entry.by, &entry.reason, &entry.path] {
        if text.value.trim().is_empty() {
            return Err(fault(path, text, "must not be empty"));
        }
    }
    if !is_date(&entry.date.value) {
        return Err(fault(
            path,
            &entry.date,
            "must be a date such as 2026-03-14",
        ));
    }
    let mut parts = BTreeMap::new();
    for part in &entry.rests_on {
        let mut words = part.value.rsplitn(3, ' ');
        let (digest, aspect, boundary) = (words.next(), words.next(), words.next());
        let (Some(digest), Some(aspect), Some(boundary)) = (digest, aspect, boundary) else {
            return Err(fault(
                path,
                part,
                "must be a boundary, an aspect and a digest",
            ));
        };
        if !is_digest(digest, ASPECT_DIGITS) {
            return Err(fault(
                path,
                part,
                &format!("must end with {ASPECT_DIGITS} hexadecimal digits"),
            ));
        }
        parts.insert((boundary.to_owned(), aspect.to_owned()), digest.to_owned());
    }
    Ok(Receipt {
        carve_out: entry.carve_out.value,
        date: entry.date.value,
        perimeter: PerimeterDigest {
            whole: entry.perimeter.value,
            parts,
        },
        path: entry.path.value,
        by: entry.by.value,
        reason: entry.reason.value,
    })
}

fn fault(path: &str, at: &Spanned<String>, message: &str) -> String {
    let shown: String = at.value.chars().take(80).collect();
    format!(
        "{path}:{}:{}: `{shown}` {message}",
        at.defined.line(),
        at.defined.column()
    )
}

/// Whether a text is a digest of so many digits.
#[must_use]
pub fn is_digest(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits)?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| part.parse::<u32>().ok())?
    };
    let (year, month, day) = (number(4), number(2), number(2));
    let in_range = |value: Option<u32>, range: std::ops::RangeInclusive<u32>| {
        value.is_some_and(|value| range.contains(&value))
    };
    year.is_some() && in_range(month, 1..=12) && in_range(day, 1..=31) && parts.next().is_none()
}

/// Whether every receipt is a block of lines of its own.
fn are_blocks(lines: &[&str], blocks: &[(usize, Receipt)]) -> bool {
    let begins = |line: usize| {
        lines
            .get(line)
            .is_some_and(|text| text.trim_start().starts_with("- "))
    };
    !blocks.is_empty()
        && blocks.iter().all(|(line, _)| begins(*line))
        && blocks.windows(2).all(|pair| pair[0].0 < pair[1].0)
}

/// The first line that belongs to a block: empty lines and comments above it are its own.
fn lead(lines: &[&str], start: usize) -> usize {
    let is_idle = |line: &&&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let above = lines
        .get(..start)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(is_idle)
        .count();
    // What stands above the first receipt is said of all of them.
    let at = start - above;
    if lines
        .get(..at)
        .unwrap_or_default()
        .iter()
        .any(|line| line.trim_start().starts_with("- "))
    {
        at
    } else {
        start
    }
}

fn indent_of(line: &str) -> &str {
    let text = line.trim_start();
    &line[..line.len() - text.len()]
}

fn joined(lines: &[&str]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn block(receipt: &Receipt, indent: &str) -> String {
    let mut text = String::new();
    let fields = [
        ("- carve_out", &receipt.carve_out),
        ("  path", &receipt.path),
        ("  by", &receipt.by),
        ("  date", &receipt.date),
        ("  reason", &receipt.reason),
        ("  perimeter", &receipt.perimeter.whole),
    ];
    for (name, value) in fields {
        // Nothing but memory is written to.
        let _ = writeln!(text, "{indent}{name}: {}", quoted(value));
    }
    if !receipt.perimeter.parts.is_empty() {
        let _ = writeln!(text, "{indent}  rests_on:");
    }
    for ((boundary, aspect), digest) in &receipt.perimeter.parts {
        let part = quoted(&format!("{boundary} {aspect} {digest}"));
        let _ = writeln!(text, "{indent}  - {part}");
    }
    text
}

/// A YAML scalar in double quotes, on one line, without any letter that acts unseen.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            ' '..='~' => quoted.push(letter),
            _ if letter.is_alphanumeric() => quoted.push(letter),
            _ => {
                let number = u32::from(letter);
                let _ = match number {
                    0..=0xFFFF => write!(quoted, "\\u{number:04X}"),
                    _ => write!(quoted, "\\U{number:08X}"),
                };
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use proptest::prelude::*;

    use super::*;

    fn receipt_of(letter: char, reason: &str) -> Receipt {
        let digits = |count: usize| letter.to_string().repeat(count);
        Receipt {
            carve_out: digits(TEXT_DIGITS),
            date: "2026-03-14".to_owned(),
            perimeter: PerimeterDigest {
                whole: digits(PERIMETER_DIGITS),
                parts: BTreeMap::from([(
                    ("network/aws:vpc-0a1".to_owned(), "peering".to_owned()),
                    digits(ASPECT_DIGITS),
                )]),
            },
            path: "services/cart/config.yaml".to_owned(),
            by: "Ada Park <ada@example.org>".to_owned(),
            reason: reason.to_owned(),
        }
    }

    fn added(text: &str, receipt: &Receipt) -> String {
        with(PATH, text, receipt).unwrap()
    }

    fn letters(text: &str) -> String {
        let ledger = Ledger::parse(PATH, text).unwrap();
        ledger
            .receipts
            .iter()
            .map(|receipt| &receipt.carve_out[..1])
            .collect()
    }

    #[test]
    fn the_form_as_people_see_it() {
        insta::assert_snapshot!(added(
            "",
            &receipt_of('a', "the \"analytics\" network\tholds no tenant")
        ));
    }

    #[test]
    fn receipts_stand_in_order_however_they_came() {
        let [a, b, c] = ['a', 'b', 'c'].map(|letter| receipt_of(letter, "still true"));
        let one = [&b, &c, &a]
            .into_iter()
            .fold(String::new(), |text, receipt| added(&text, receipt));
        let other = [&a, &b, &c]
            .into_iter()
            .fold(String::new(), |text, receipt| added(&text, receipt));
        assert_eq!(one, other);
        assert_eq!(letters(&one), "abc");
        assert_eq!(
            added(&one, &a),
            one,
            "the same receipt again is no second one"
        );
    }

    #[test]
    fn what_people_wrote_between_receipts_stays() {
        let text = added(&added("", &receipt_of('a', "x")), &receipt_of('c', "y"));
        let text = text.replace(
            "- carve_out: \"c",
            "\n# reviewed by Max too\n- carve_out: \"c",
        );
        let more = added(&text, &receipt_of('b', "z"));
        assert_eq!(letters(&more), "abc");
        assert!(
            more.contains("# reviewed by Max too\n- carve_out: \"c"),
            "{more}"
        );
        let fewer = without(PATH, &more, &|one| !one.carve_out.starts_with('b')).unwrap();
        assert_eq!(fewer, text);
        let without_its_remark =
            without(PATH, &more, &|one| !one.carve_out.starts_with('c')).unwrap();
        assert_eq!(
            (
                letters(&without_its_remark).as_str(),
                without_its_remark.contains("Max")
            ),
            ("ab", false)
        );
    }

    #[test]
    fn no_entry_is_lost_however_the_file_is_laid_out() {
        let [a, b] = ['a', 'b'].map(|letter| receipt_of(letter, "x"));
        let block = added("", &a);
        let body = block.split_once("receipts:\n").unwrap().1;
        let indented: String = body.lines().map(|line| format!("    {line}\n")).collect();
        let deeper = format!("schema: {SCHEMA}\nreceipts:\n{indented}# the end");
        let more = added(&deeper, &b);
        assert_eq!(letters(&more), "ab");
        let entry = |receipt: &Receipt| {
            let Receipt {
                carve_out,
                date,
                perimeter,
                path,
                by,
                reason,
            } = receipt;
            format!(
                "{{carve_out: \"{carve_out}\", path: {path}, by: {by}, date: {date}, reason: {reason}, perimeter: \"{}\"}}",
                perimeter.whole
            )
        };
        let flow = format!(
            "{{schema: {SCHEMA}, receipts: [{}, {}]}}\n",
            entry(&a),
            entry(&b)
        );
        assert_eq!(letters(&added(&flow, &receipt_of('c', "x"))), "abc");
        let gone = without(PATH, &flow, &|_| false).unwrap();
        assert_eq!(letters(&gone), "");
        assert_eq!(letters(&added(&gone, &b)), "b");
    }

    #[test]
    fn merged_branches_need_not_be_in_order() {
        let [a, b] = ['a', 'b'].map(|letter| added("", &receipt_of(letter, "x")));
        let merged = b + a.split_once("receipts:\n").unwrap().1;
        assert_eq!(letters(&merged), "ab");
        assert_eq!(letters(&added(&merged, &receipt_of('0', "x"))), "0ab");
    }

    #[test]
    fn a_fault_is_named_with_its_line_and_nothing_unknown_is_taken() {
        let good = added("", &receipt_of('a', "x"));
        let first = good
            .lines()
            .position(|line| line.starts_with("- "))
            .unwrap()
            + 1;
        for (from, to, offset, says) in [
            (
                "  date: \"2026-03-14\"",
                "  date: \"yesterday\"",
                3,
                "must be a date",
            ),
            (
                "  date: \"2026-03-14\"",
                "  date: \"2026-13-14\"",
                3,
                "must be a date",
            ),
            ("  reason: \"x\"", "  reason: \" \"", 4, "must not be empty"),
            (
                "  reason: \"x\"",
                "  reasons: \"x\"",
                4,
                "unknown field `reasons`",
            ),
            (
                "carve_out: \"aaaa",
                "carve_out: \"AAAA",
                0,
                "32 hexadecimal digits",
            ),
            (
                "peering aaaa",
                "peering_aaaa",
                7,
                "a boundary, an aspect and a digest",
            ),
        ] {
            let text = good.replace(from, to);
            assert_ne!(text, good, "{from}");
            let error = Ledger::parse(PATH, &text).unwrap_err();
            let place = format!("{PATH}:{}:", first + offset);
            assert!(error.starts_with(&place) && error.contains(says), "{error}");
        }
        let later = good.replace(SCHEMA, "perimeter.ledger/2");
        let error = Ledger::parse(PATH, &later).unwrap_err();
        assert!(error.contains("reads perimeter.ledger/1"), "{error}");
        assert!(
            Ledger::parse(PATH, "receipts: []")
                .unwrap_err()
                .contains("schema")
        );
        assert_eq!(letters("# nothing yet\n"), "");
        assert_eq!(letters(&format!("schema: {SCHEMA}\nreceipts:\n")), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

        #[test]
        fn any_text_comes_back_as_it_was(reason in "\\PC{1,40}|.{1,40}", path in any::<String>()) {
            prop_assume!(!reason.trim().is_empty() && !path.trim().is_empty());
            let receipt = Receipt { path, ..receipt_of('a', &reason) };
            let text = added("", &receipt);
            prop_assert_eq!(text.lines().count(), 13);
            prop_assert_eq!(Ledger::parse(PATH, &text).unwrap().receipts, vec![receipt]);
        }

        #[test]
        fn nothing_that_a_file_may_hold_makes_it_panic(text in "(schema: perimeter.ledger/1\n)?[-a-z{}\\[\\]:\"&*!#| \n]{0,120}") {
            let _ = Ledger::parse(PATH, &text);
            let _ = with(PATH, &text, &receipt_of('a', "x"));
            let _ = without(PATH, &text, &|_| false);
        }
    }
}
