//! The functions of the Terraform language, as far as network code uses them.
//!
//! Functions on collections keep what is known of their elements; all others give something unknown if an argument is. What
//! is not here is unknown, by its name. Nothing is made that was not paid for before.

mod addresses;
mod collections;
mod files;
mod texts;

use super::evaluate::{Fault, Outcome, Scope};
use super::module::Evaluator;
use super::term::{Term, Unknown};

/// A value as JSON; what has no JSON is null.
pub(super) fn to_json(term: &Term) -> serde_json::Value {
    texts::to_json(term, 0)
}

/// Call a function.
pub(super) fn call(
    evaluator: &Evaluator<'_>,
    name: &str,
    arguments: Vec<Term>,
    scope: Scope<'_>,
) -> Outcome {
    evaluator.pay_elements(arguments.len())?;
    if let Some(outcome) = collections::call(evaluator, name, &arguments) {
        return outcome;
    }
    let size = arguments
        .iter()
        .fold(0, |size: usize, one| size.saturating_add(one.shape().size));
    evaluator.pay(size as u64)?;
    let is_secret = arguments.iter().any(Term::has_secret);
    // A template may leave some of its variables unused.
    if arguments.iter().any(Term::has_unknown) && !matches!(name, "templatefile" | "templatestring")
    {
        return Ok(unknown(name, &arguments).kept(is_secret));
    }
    let bare: Vec<Term> = if is_secret {
        arguments.iter().map(without_secrets).collect()
    } else {
        arguments
    };
    let outcome = texts::call(evaluator, name, &bare)
        .or_else(|| addresses::call(evaluator, name, &bare))
        .or_else(|| files::call(evaluator, name, &bare, scope));
    match outcome {
        Some(outcome) => Ok(outcome?.kept(is_secret)),
        None => Ok(unknown(name, &bare).kept(is_secret)),
    }
}

/// What a function makes of something unknown.
fn unknown(name: &str, arguments: &[Term]) -> Term {
    let listed = if arguments.iter().any(Term::has_secret) {
        "(sensitive)".to_owned()
    } else {
        let mut listed = String::new();
        for argument in arguments.iter().take(32) {
            if !listed.is_empty() {
                listed.push_str(", ");
            }
            listed.push_str(&argument.to_string());
        }
        listed
    };
    let mut unknown = Unknown::derived(format!("{name}({listed})"), arguments);
    if arguments.iter().all(|argument| !argument.has_unknown()) {
        unknown.is_open = true;
        unknown.why = format!("the function {name} is not evaluated");
    }
    Term::unknown(unknown)
}

/// The same value without its marks. The depth of values is bounded.
fn without_secrets(term: &Term) -> Term {
    if !term.has_secret() {
        return term.clone();
    }
    match term.revealed().0 {
        Term::List(items) => Term::list(items.iter().map(without_secrets).collect()),
        Term::Object(members) => Term::open_object(
            members
                .entries
                .iter()
                .map(|(key, entry)| (key.clone(), without_secrets(entry)))
                .collect(),
            members.rest.as_ref().map(without_secrets),
        ),
        other => other.clone(),
    }
}

fn argument(arguments: &[Term], index: usize) -> Result<&Term, Fault> {
    arguments
        .get(index)
        .ok_or_else(|| Fault::wrong("an argument is missing"))
}

fn text(arguments: &[Term], index: usize) -> Result<String, Fault> {
    argument(arguments, index)?
        .to_text()
        .ok_or_else(|| Fault::wrong("an argument is no text"))
}

fn number(arguments: &[Term], index: usize) -> Result<f64, Fault> {
    argument(arguments, index)?
        .to_number()
        .ok_or_else(|| Fault::wrong("an argument is no number"))
}

fn list(arguments: &[Term], index: usize) -> Result<&[Term], Fault> {
    match argument(arguments, index)? {
        Term::List(items) => Ok(items),
        _ => Err(Fault::wrong("an argument is no list")),
    }
}
