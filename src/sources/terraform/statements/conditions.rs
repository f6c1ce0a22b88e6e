//! Whether what an entry of the catalog asks for holds.

use crate::catalog::schema::{Condition, When};
use crate::graph::protection::Test;
use crate::value::Value;

use super::super::paths::leaves;

/// Whether all conditions hold; `None` when that is known only after apply.
pub(in super::super) fn holds(values: &Value, when: &When) -> Option<bool> {
    holds_knowing(values, when, &|_| false)
}

/// The same, given which of the unknown attributes have a value in any case.
pub(super) fn holds_knowing(
    values: &Value,
    when: &When,
    is_surely_set: &dyn Fn(&str) -> bool,
) -> Option<bool> {
    let mut undecided = false;
    for (path, condition) in when {
        let found = leaves(values, path);
        if found.iter().any(|leaf| matches!(leaf, Value::Unknown)) {
            let asks_for_no_value = condition.is.is_empty() && condition.not.is_empty();
            match condition.set {
                Some(wanted) if asks_for_no_value && is_surely_set(path) => {
                    if !wanted {
                        return Some(false);
                    }
                }
                _ => undecided = true,
            }
            continue;
        }
        if !condition_holds(&found, condition) {
            return Some(false);
        }
    }
    if undecided { None } else { Some(true) }
}

fn condition_holds(found: &[&Value], condition: &Condition) -> bool {
    let texts: Vec<String> = found.iter().filter_map(|leaf| leaf.as_text()).collect();
    let is_set = found.iter().any(|leaf| !leaf.is_unset());
    let is = condition.is.is_empty() || texts.iter().any(|text| condition.is.contains(text));
    let not = !texts.iter().any(|text| condition.not.contains(text));
    let last_steps = texts
        .iter()
        .map(|text| text.rsplit('/').next().unwrap_or(text));
    let ends = condition.ends_with.is_empty()
        || last_steps
            .into_iter()
            .any(|step| condition.ends_with.iter().any(|wanted| wanted == step));
    let is_like = |text: &String, forms: &[String]| forms.iter().any(|form| has_form(text, form));
    let like = condition.like.is_empty() || texts.iter().any(|text| is_like(text, &condition.like));
    let unlike = !texts.iter().any(|text| is_like(text, &condition.unlike));
    is && not && ends && like && unlike && condition.set.is_none_or(|wanted| wanted == is_set)
}

/// Whether a text has a form in which `*` stands for any text and `#` for a number, whatever the case.
fn has_form(text: &str, form: &str) -> bool {
    fn matches(text: &[u8], form: &[u8]) -> bool {
        match form.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|at| matches(&text[at..], rest)),
            Some((b'#', rest)) => {
                let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
                digits > 0 && matches(&text[digits..], rest)
            }
            Some((letter, rest)) => text.split_first().is_some_and(|(first, text)| {
                first.eq_ignore_ascii_case(letter) && matches(text, rest)
            }),
        }
    }
    // What is longer than any form of the kind has none; the work stays bounded.
    text.len() <= 256 && matches(text.as_bytes(), form.as_bytes())
}

pub(super) fn tests(condition: &Condition) -> impl Iterator<Item = Test> {
    let is = (!condition.is.is_empty()).then(|| Test::OneOf(condition.is.clone()));
    let not = (!condition.not.is_empty()).then(|| Test::NoneOf(condition.not.clone()));
    is.into_iter().chain(not)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_stands_for_texts_with_any_text_and_any_number_in_it() {
        for text in ["Standard_D4s_v5", "standard_d16S_V5"] {
            assert!(has_form(text, "Standard_D#s_v5"), "{text}");
        }
        for text in ["Standard_DC4s_v5", "Standard_D4ds_v5", "Standard_D4s_v51"] {
            assert!(!has_form(text, "Standard_D#s_v5"), "{text}");
        }
        assert!(has_form(
            "Microsoft.Network/virtualNetworks@2024-05-01",
            "Microsoft.Network/virtualNetworks@*"
        ));
        assert!(!has_form(
            "Microsoft.Network/virtualNetworks/subnets@1",
            "Microsoft.Network/virtualNetworks@*"
        ));
        assert!(!has_form(&"a".repeat(10_000), "*a*a*a*a*b"));
    }
}
