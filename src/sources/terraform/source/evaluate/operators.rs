//! Operators, and what a condition that nobody knows leaves.

use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use super::super::term::{Term, Unknown};
use super::{Fault, Outcome};

/// What a conditional comes to whose condition is not known.
pub(super) fn undecided(condition: &Term, one: &Term, other: &Term) -> Term {
    let is_empty = |term: &Term| match term {
        Term::List(items) => items.is_empty(),
        Term::Object(members) => members.entries.is_empty() && members.rest.is_none(),
        Term::Null => true,
        _ => false,
    };
    let is_collection = |term: &Term| matches!(term, Term::List(_) | Term::Object(_));
    let name = format!("{condition} ? {one} : {other}");
    match (is_empty(one), is_empty(other)) {
        (true, false) if is_collection(other) => in_doubt(&name, other),
        (false, true) if is_collection(one) => in_doubt(&name, one),
        _ => Term::either(name, one, other),
    }
}

/// The same structure, with every value in doubt: it is this, or there is none.
fn in_doubt(name: &str, term: &Term) -> Term {
    match term {
        Term::List(items) => Term::list(items.iter().map(|item| in_doubt(name, item)).collect()),
        Term::Object(members) => Term::open_object(
            members
                .entries
                .iter()
                .map(|(key, value)| (key.clone(), in_doubt(name, value)))
                .collect(),
            members.rest.clone(),
        ),
        Term::Text(_) | Term::Bool(_) | Term::Number(_) => Term::either(name, term, &Term::Null),
        other => other.clone(),
    }
}

pub(super) fn unary(operator: UnaryOperator, operand: &Term) -> Outcome {
    let (plain, is_secret) = operand.revealed();
    if let Term::Unknown(unknown) = plain {
        let name = format!("{}{}", operator.as_str(), unknown.name);
        return Ok(Term::unknown(Unknown::derived(name, [plain])));
    }
    let result = match operator {
        UnaryOperator::Not => plain.to_bool().map(|truth| Term::Bool(!truth)),
        UnaryOperator::Neg => plain.to_number().map(|number| Term::Number(-number)),
    };
    let result = result.ok_or_else(|| Fault::wrong("an operand is of the wrong type"))?;
    Ok(result.kept(is_secret))
}

pub(super) fn binary(operator: BinaryOperator, left: &Term, right: &Term) -> Outcome {
    use BinaryOperator as Op;
    let ((left, left_secret), (right, right_secret)) = (left.revealed(), right.revealed());
    let is_secret = left_secret || right_secret;
    if matches!(operator, Op::Eq | Op::NotEq) {
        if let Some(equal) = equal(left, right) {
            return Ok(Term::Bool(equal == (operator == Op::Eq)).kept(is_secret));
        }
        return Ok(made_of(operator, left, right));
    }
    if matches!(operator, Op::And | Op::Or) {
        return match (left.to_bool(), right.to_bool()) {
            (Some(left), Some(right)) => Ok(Term::Bool(if operator == Op::And {
                left && right
            } else {
                left || right
            })
            .kept(is_secret)),
            (_, Some(right)) if right == (operator == Op::Or) => Ok(Term::Bool(right)),
            _ if left.has_unknown() || right.has_unknown() => Ok(made_of(operator, left, right)),
            _ => Err(Fault::wrong("an operand is neither true nor false")),
        };
    }
    if left.has_unknown() || right.has_unknown() {
        return Ok(made_of(operator, left, right));
    }
    let (Some(one), Some(other)) = (left.to_number(), right.to_number()) else {
        return Err(Fault::wrong("an operand is no number"));
    };
    let result = match operator {
        Op::LessEq => Term::Bool(one <= other),
        Op::GreaterEq => Term::Bool(one >= other),
        Op::Less => Term::Bool(one < other),
        Op::Greater => Term::Bool(one > other),
        Op::Plus => Term::Number(one + other),
        Op::Minus => Term::Number(one - other),
        Op::Mul => Term::Number(one * other),
        Op::Div | Op::Mod if other == 0.0 => return Err(Fault::wrong("a division by zero")),
        Op::Div => Term::Number(one / other),
        Op::Mod => Term::Number(one % other),
        Op::Eq | Op::NotEq | Op::And | Op::Or => return Err(Fault::wrong("no arithmetic")),
    };
    Ok(result.kept(is_secret))
}

fn made_of(operator: BinaryOperator, left: &Term, right: &Term) -> Term {
    let name = format!("{left} {} {right}", operator.as_str());
    Term::unknown(Unknown::derived(name, [left, right]))
}

/// Whether two values are equal; `None` when nobody knows.
fn equal(left: &Term, right: &Term) -> Option<bool> {
    match (left, right) {
        (Term::Unknown(one), Term::Unknown(other)) if one.is_exact && one.name == other.name => {
            Some(true)
        }
        (Term::Unknown(unknown), Term::Null) | (Term::Null, Term::Unknown(unknown))
            if unknown.is_never_null() =>
        {
            Some(false)
        }
        (Term::Instance(_) | Term::Module(_), Term::Null)
        | (Term::Null, Term::Instance(_) | Term::Module(_)) => Some(false),
        (Term::List(_) | Term::Object(_), Term::Null)
        | (Term::Null, Term::List(_) | Term::Object(_)) => Some(false),
        (Term::Unknown(unknown), Term::Text(text)) | (Term::Text(text), Term::Unknown(unknown))
            if text.is_empty() && unknown.is_never_null() =>
        {
            Some(false)
        }
        (Term::List(one), Term::List(other)) if one.len() != other.len() => Some(false),
        _ if left.has_unknown() || right.has_unknown() => None,
        _ => Some(left == right),
    }
}
