//! Type constraints of variables: what a value becomes when it is handed to a module.
//!
//! Sets lose their order, objects what their type does not have, and optional members come to their defaults. A value that
//! does not fit is kept as it is: Terraform will refuse it, and nothing here rests on it.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, ObjectKey};

use super::evaluate::{Fault, Outcome, Scope};
use super::module::Evaluator;
use super::term::Term;

/// A value as a type constraint wants it. The depth is bounded by the parser of the constraint.
pub(super) fn convert(evaluator: &Evaluator<'_>, value: Term, constraint: &Expression) -> Outcome {
    evaluator.pay(super::budget::STEP)?;
    match &value {
        Term::Null | Term::Unknown(_) | Term::Instance(_) | Term::Module(_) => return Ok(value),
        Term::Secret(inner) => {
            return Ok(convert(evaluator, (**inner).clone(), constraint)?.kept(true));
        }
        _ => {}
    }
    match constraint {
        Expression::Variable(name) => Ok(scalar(value, name.as_str())),
        // How Terraform 0.11 wrote it.
        Expression::String(name) => Ok(scalar(value, name.value())),
        Expression::FuncCall(call) => {
            let inner = call.args.get(0);
            match (call.name.name.as_str(), inner) {
                ("list" | "tuple", Some(Expression::Array(types))) => {
                    let Term::List(items) = &value else {
                        return Ok(value);
                    };
                    evaluator.pay_elements(items.len())?;
                    let each =
                        items
                            .iter()
                            .enumerate()
                            .map(|(index, item)| match types.get(index) {
                                Some(own) => convert(evaluator, item.clone(), own),
                                None => Ok(item.clone()),
                            });
                    Ok(Term::list(each.collect::<Result<_, Fault>>()?))
                }
                (kind @ ("list" | "set"), Some(inner)) => {
                    let Term::List(items) = &value else {
                        return Ok(value);
                    };
                    evaluator.pay_elements(items.len())?;
                    let each = items
                        .iter()
                        .map(|item| convert(evaluator, item.clone(), inner));
                    let each = each.collect::<Result<Vec<_>, Fault>>()?;
                    Ok(if kind == "set" {
                        Term::set(each)
                    } else {
                        Term::list(each)
                    })
                }
                ("map", Some(inner)) => {
                    let Term::Object(members) = &value else {
                        return Ok(value);
                    };
                    evaluator.pay_elements(members.entries.len())?;
                    let mut entries = BTreeMap::new();
                    for (key, entry) in &members.entries {
                        entries.insert(key.clone(), convert(evaluator, entry.clone(), inner)?);
                    }
                    let rest = members.rest.clone();
                    let rest = rest
                        .map(|rest| convert(evaluator, rest, inner))
                        .transpose()?;
                    Ok(Term::open_object(entries, rest))
                }
                ("object", Some(Expression::Object(wanted))) => {
                    let Term::Object(members) = &value else {
                        return Ok(value);
                    };
                    evaluator.pay_elements(wanted.len())?;
                    let mut entries = BTreeMap::new();
                    for (key, own) in wanted {
                        let key = match key {
                            ObjectKey::Ident(name) => name.as_str(),
                            ObjectKey::Expression(Expression::Variable(name)) => name.as_str(),
                            ObjectKey::Expression(key) => match key.as_str() {
                                Some(key) => key,
                                None => continue,
                            },
                        };
                        let given = members.entries.get(key).or(members.rest.as_ref()).cloned();
                        let entry = member(evaluator, given.unwrap_or(Term::Null), own.expr())?;
                        entries.insert(key.to_owned(), entry);
                    }
                    Ok(Term::object(entries))
                }
                _ => Ok(value),
            }
        }
        _ => Ok(value),
    }
}

/// A member of an object, with its default if it is optional and left out.
fn member(evaluator: &Evaluator<'_>, given: Term, constraint: &Expression) -> Outcome {
    let Expression::FuncCall(call) = constraint else {
        return convert(evaluator, given, constraint);
    };
    if call.name.name.as_str() != "optional" {
        return convert(evaluator, given, constraint);
    }
    let Some(inner) = call.args.get(0) else {
        return Ok(given);
    };
    let value = match (given, call.args.get(1)) {
        (Term::Null, Some(default)) => evaluator.evaluate(default, Scope::of_module(0))?,
        (given, _) => given,
    };
    convert(evaluator, value, inner)
}

fn scalar(value: Term, wanted: &str) -> Term {
    match wanted {
        "string" => value.to_text().map_or(value, Term::text),
        "number" => value.to_number().map_or(value, Term::Number),
        "bool" => value.to_bool().map_or(value, Term::Bool),
        _ => value,
    }
}
