//! Since when the words of carve-outs stand, wherever they stood in the meantime.

use anyhow::{Context as _, Result};

use crate::carveout::comments::decode;
use crate::carveout::ledger::Receipt;
use crate::carveout::lineage::text_digest;
use crate::carveout::marker::find;
use crate::carveout::near_miss::MarkerPattern;
use crate::carveout::site::LastJustified;
use crate::repos::{Introduction, LastChange, Thread};
use crate::verdict::audit::{Age, Written};

use super::survey::Survey;

/// When the words of each carve-out at head were written, in their order.
///
/// # Errors
///
/// If the repository's history cannot be read.
pub(super) fn written(survey: &Survey, pattern: &MarkerPattern) -> Result<Vec<Written>> {
    let found = survey.at_head.found.iter();
    let threads: Vec<Thread> = found
        .map(|one| Thread {
            path: one.path.clone(),
            key: one.text_digest(),
        })
        .collect();
    let texts_in = |path: &str, bytes: &[u8]| -> Vec<String> {
        if !pattern.may_contain(bytes) {
            return Vec::new();
        }
        let Some(text) = decode(bytes) else {
            return Vec::new();
        };
        let markers = find(path, &text, pattern).into_iter();
        markers
            .map(|marker| text_digest(&marker.guarantee, &marker.justification))
            .collect()
    };
    let introductions = survey
        .repository
        .introductions(survey.head, &threads, &texts_in)
        .with_context(|| format!("failed to follow the carve-outs of {}", survey.name))?;
    Ok(introductions.into_iter().map(of_introduction).collect())
}

fn of_introduction(introduction: Introduction) -> Written {
    let by = |change: LastChange| LastJustified {
        commit: change.commit,
        date: change.date,
        author: change.author,
    };
    match introduction {
        Introduction::By(change) => Written::In(by(change)),
        Introduction::NotCommitted => Written::NotCommitted,
        Introduction::Shallow => Written::NotKnown(
            "this is a shallow clone, and its history ends before: `git fetch --unshallow` gets all of it".to_owned(),
        ),
        Introduction::TooManyFiles(change) => Written::NotKnown(format!(
            "commit {} of {} changes too many files to tell whether it stood in one of them before",
            change.commit.chars().take(12).collect::<String>(),
            change.date
        )),
    }
}

/// How old words are today, that were written then; receipts that hold today make them younger.
pub(super) fn age<'r>(
    written: Written,
    receipts: impl Iterator<Item = &'r Receipt>,
    today: &str,
) -> Age {
    let receipt = receipts.map(|one| one.date.clone()).max();
    let since = match &written {
        Written::In(last) => Some(last.date.as_str()),
        Written::NotCommitted => Some(today),
        Written::NotKnown(_) => None,
    };
    // ISO dates sort by time.
    let since = since.into_iter().chain(receipt.as_deref()).max();
    let days = since.and_then(|since| {
        let past = day_number(today)? - day_number(since)?;
        u64::try_from(past.max(0)).ok()
    });
    Age {
        written,
        receipt,
        days,
    }
}

/// Days since 1 March of the year 0 of an ISO date; `None`: it is none.
pub(super) fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let mut number = |digits: usize| -> Option<i64> {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if parts.next().is_some() || !(1..=last).contains(&day) {
        return None;
    }
    // Counted from March on, so that a leap day ends its year.
    let year = year - i64::from(month <= 2);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    Some(
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::repos::date_of;

    use super::*;

    #[test]
    fn a_date_is_the_day_that_it_says_and_nothing_else_is_a_date() {
        let first = day_number("1970-01-01").unwrap();
        for seconds in (0..4_000_000_000_i64).step_by(86_400 * 17) {
            let date = date_of(seconds).unwrap();
            assert_eq!(day_number(&date), Some(first + seconds / 86_400), "{date}");
        }
        for text in [
            "2026-02-29",
            "2026-13-01",
            "26-01-01",
            "2026-1-1",
            "2026-01-01-",
            "today",
        ] {
            assert_eq!(day_number(text), None, "{text}");
        }
    }

    #[test]
    fn words_are_as_old_as_the_commit_or_the_receipt_that_is_younger() {
        let written = |date: &str| {
            Written::In(LastJustified {
                commit: "c".to_owned(),
                date: date.to_owned(),
                author: "Ada".to_owned(),
            })
        };
        let receipt = |date: &str| Receipt {
            carve_out: String::new(),
            date: date.to_owned(),
            perimeter: crate::carveout::ledger::PerimeterDigest::default(),
            path: String::new(),
            by: String::new(),
            reason: String::new(),
        };
        let days = |written: Written, receipts: &[Receipt]| {
            age(written, receipts.iter(), "2026-11-22").days
        };
        assert_eq!(days(written("2026-11-01"), &[]), Some(21));
        let receipts = [receipt("2026-11-20"), receipt("2026-05-01")];
        assert_eq!(days(written("2026-11-01"), &receipts), Some(2));
        assert_eq!(days(written("2027-01-01"), &[]), Some(0));
        assert_eq!(days(Written::NotCommitted, &[]), Some(0));
        assert_eq!(days(Written::NotKnown(String::new()), &[]), None);
        assert_eq!(days(Written::NotKnown(String::new()), &receipts), Some(2));
    }
}
