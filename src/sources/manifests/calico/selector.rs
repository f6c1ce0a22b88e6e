//! Calico's selectors: expressions over labels, such as `app == 'web' && has(tier)`.
//!
//! Only terms joined with `&&` are decided. Of any other expression it is not known what it selects.

use std::collections::BTreeMap;

/// One condition on labels.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Is(String, String),
    IsNot(String, String),
    Has(String),
    HasNot(String),
}

/// What an expression asks for; none: everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Selector(Vec<Term>);

impl Selector {
    /// `None`: not decided here.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut terms = Vec::new();
        if text.is_empty() {
            return Some(Self(terms));
        }
        if text.contains("||") {
            return None;
        }
        for term in text.split("&&").map(str::trim) {
            if matches!(term, "all()" | "global()") {
                continue;
            }
            let (is_wanted, bare) = match term.strip_prefix('!') {
                Some(rest) => (false, rest.trim()),
                None => (true, term),
            };
            if let Some(key) = bare
                .strip_prefix("has(")
                .and_then(|rest| rest.strip_suffix(')'))
            {
                let key = key.trim().to_owned();
                terms.push(if is_wanted {
                    Term::Has(key)
                } else {
                    Term::HasNot(key)
                });
                continue;
            }
            let (operator, make): (_, fn(String, String) -> Term) = if term.contains("==") {
                ("==", Term::Is)
            } else if term.contains("!=") {
                ("!=", Term::IsNot)
            } else {
                return None;
            };
            let (key, value) = term.split_once(operator)?;
            let (key, value) = (key.trim(), value.trim());
            let quote = value
                .chars()
                .next()
                .filter(|one| matches!(one, '\'' | '"'))?;
            let value = value.strip_prefix(quote)?.strip_suffix(quote)?;
            if key.contains(['(', ' ', '!']) || value.contains(quote) {
                return None;
            }
            terms.push(make(key.to_owned(), value.to_owned()));
        }
        Some(Self(terms))
    }

    /// Whether it asks for nothing.
    pub(super) fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// The one value that a label must have, taken out of what is asked.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        let position = self
            .0
            .iter()
            .position(|term| matches!(term, Term::Is(known, _) if known == key))?;
        match self.0.remove(position) {
            Term::Is(_, value) => Some(value),
            _ => None,
        }
    }

    /// Whether labels are as it asks.
    pub(super) fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|term| match term {
            Term::Is(key, value) => labels.get(key) == Some(value),
            Term::IsNot(key, value) => labels.get(key) != Some(value),
            Term::Has(key) => labels.contains_key(key),
            Term::HasNot(key) => !labels.contains_key(key),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<bool>) {
        let labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
        let decided = Selector::parse(text).map(|selector| selector.selects(&labels));
        assert_eq!(decided, expected, "{text}");
    }

    #[test]
    fn terms_that_are_joined_by_and_are_decided_and_others_are_not() {
        check("", Some(true));
        check("all()", Some(true));
        check("app == 'web'", Some(true));
        check("app == \"web\" && !has(tier)", Some(true));
        check("app != 'web'", Some(false));
        check("has(app) && app == 'api'", Some(false));
        check("app == 'web' || has(tier)", None);
        check("app in {'web', 'api'}", None);
        check("!(app == 'web')", None);
        check("app == 'we'b'", None);
        check("== &&", None);
    }

    #[test]
    fn the_value_of_one_label_can_be_taken_out() {
        let mut selector = Selector::parse("app == 'web' && ns == 'pay'").unwrap();
        assert_eq!(selector.take("ns").as_deref(), Some("pay"));
        assert_eq!(selector.take("ns"), None);
        assert!(!selector.is_all());
    }
}
