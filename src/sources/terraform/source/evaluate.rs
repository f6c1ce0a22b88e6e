//! Expressions to values: names, operators, templates, `for` and splats, and what they do to the unknown.
//!
//! An unknown operand makes the result unknown and leaves its trace there: what it may come to. A condition that nobody
//! knows counts in the direction that shows more: a list that may be empty is taken as full, with its values in doubt.

mod operators;
mod template;
mod traversal;

use std::collections::BTreeMap;

use hcl_edit::expr::{
    BinaryOp, BinaryOperator, Conditional, Expression, ForExpr, FuncCall, ObjectKey,
};

use super::functions;
use super::module::Evaluator;
use super::term::{Candidate, MAX_VALUE_DEPTH, MAX_VALUE_SIZE, Members, Term, Unknown};

use operators::{binary, unary, undecided};

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Terraform would refuse it, too.
    Wrong(String),
    /// The budget has run out.
    Exhausted,
}

impl Fault {
    pub(super) fn wrong(message: impl Into<String>) -> Self {
        Self::Wrong(message.into())
    }

    pub(super) fn message(&self) -> &str {
        match self {
            Self::Wrong(message) => message,
            Self::Exhausted => "the work that its evaluation may take ran out",
        }
    }
}

/// The value of an expression, or why it has none.
pub(super) type Outcome = Result<Term, Fault>;

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The module instance.
    pub(super) module: usize,
    /// `count.index` and `each`.
    pub(super) repetition: Option<&'s Repetition>,
    /// Names of `for` expressions and `dynamic` blocks, innermost first.
    pub(super) bindings: Option<&'s Binding<'s>>,
    /// The names that a template file is rendered with.
    pub(super) names: Option<&'s Members>,
}

/// What `count` and `for_each` give an instance.
#[derive(Debug, Clone, Default)]
pub(super) struct Repetition {
    /// `count.index`.
    pub(super) index: Option<Term>,
    /// `each.key` and `each.value`.
    pub(super) each: Option<(Term, Term)>,
}

/// A name that an expression brings along.
pub(super) struct Binding<'s> {
    pub(super) name: &'s str,
    pub(super) value: Term,
    pub(super) outer: Option<&'s Binding<'s>>,
}

impl<'s> Scope<'s> {
    pub(super) fn of_module(module: usize) -> Self {
        Self {
            module,
            repetition: None,
            bindings: None,
            names: None,
        }
    }

    fn bound(&self, name: &str) -> Option<&'s Term> {
        let mut next = self.bindings;
        while let Some(binding) = next {
            if binding.name == name {
                return Some(&binding.value);
            }
            next = binding.outer;
        }
        self.names?.entries.get(name)
    }
}

impl Evaluator<'_> {
    /// The value of an expression.
    pub(super) fn evaluate(&self, expression: &Expression, scope: Scope<'_>) -> Outcome {
        self.pay(super::budget::STEP)?;
        let Some(_descent) = self.budget.descend() else {
            return Err(Fault::Exhausted);
        };
        let term = match expression {
            Expression::Null(_) => Term::Null,
            Expression::Bool(truth) => Term::Bool(*truth.value()),
            Expression::Number(number) => Term::Number(number.value().as_f64().unwrap_or_default()),
            Expression::String(text) => Term::text(text.value()),
            Expression::Array(items) => {
                self.pay_elements(items.len())?;
                let items = items.iter().map(|item| self.evaluate(item, scope));
                Term::list(items.collect::<Result<_, _>>()?)
            }
            Expression::Object(object) => {
                self.pay_elements(object.len())?;
                let mut built = Builder::default();
                for (key, value) in object {
                    let key = match key {
                        ObjectKey::Ident(name) => Term::text(name.as_str()),
                        ObjectKey::Expression(Expression::Variable(name)) => {
                            Term::text(name.as_str())
                        }
                        ObjectKey::Expression(key) => self.evaluate(key, scope)?,
                    };
                    built.add(&key, self.evaluate(value.expr(), scope)?)?;
                }
                built.object()
            }
            Expression::StringTemplate(template) => self.template(template, scope)?,
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, scope)?,
            Expression::Parenthesis(inner) => self.evaluate(inner.inner(), scope)?,
            Expression::Variable(name) => match scope.bound(name.as_str()) {
                Some(term) => term.clone(),
                None => return Err(Fault::wrong(format!("nothing is called {}", name.as_str()))),
            },
            Expression::Conditional(conditional) => self.conditional(conditional, scope)?,
            Expression::FuncCall(call) => self.call(call, scope)?,
            Expression::Traversal(traversal) => self.traversal(traversal, scope)?,
            Expression::UnaryOp(operation) => {
                let operand = self.evaluate(&operation.expr, scope)?;
                unary(*operation.operator.value(), &operand)?
            }
            Expression::BinaryOp(operation) => self.binary(operation, scope)?,
            Expression::ForExpr(expression) => self.for_expression(expression, scope)?,
        };
        let shape = term.shape();
        if shape.size > MAX_VALUE_SIZE || shape.depth > MAX_VALUE_DEPTH {
            self.budget.spend(u64::MAX);
            return Err(Fault::Exhausted);
        }
        Ok(term)
    }

    pub(super) fn pay(&self, cost: u64) -> Result<(), Fault> {
        self.budget
            .spend(cost)
            .then_some(())
            .ok_or(Fault::Exhausted)
    }

    pub(super) fn pay_elements(&self, count: usize) -> Result<(), Fault> {
        let paid = self.budget.spend_elements(count);
        paid.then_some(()).ok_or(Fault::Exhausted)
    }

    pub(super) fn pay_text(&self, bytes: usize) -> Result<(), Fault> {
        let paid = self.budget.spend_text(bytes);
        paid.then_some(()).ok_or(Fault::Exhausted)
    }

    fn conditional(&self, conditional: &Conditional, scope: Scope<'_>) -> Outcome {
        let condition = self.evaluate(&conditional.cond_expr, scope)?;
        let (plain, is_secret) = condition.revealed();
        match plain.to_bool() {
            Some(true) => Ok(self
                .evaluate(&conditional.true_expr, scope)?
                .kept(is_secret)),
            Some(false) => Ok(self
                .evaluate(&conditional.false_expr, scope)?
                .kept(is_secret)),
            None if matches!(plain, Term::Unknown(_)) => {
                let sides = (
                    self.evaluate(&conditional.true_expr, scope),
                    self.evaluate(&conditional.false_expr, scope),
                );
                match sides {
                    (Err(Fault::Exhausted), _) | (_, Err(Fault::Exhausted)) => {
                        Err(Fault::Exhausted)
                    }
                    (Ok(one), Ok(other)) => {
                        self.doubt_of_choice(plain, &one, &other);
                        Ok(undecided(plain, &one, &other))
                    }
                    // The other side would be an error: whoever wrote it knows that it is never taken.
                    (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(one),
                    (Err(fault), Err(_)) => Err(fault),
                }
            }
            None => Err(Fault::wrong("a condition is neither true nor false")),
        }
    }

    fn call(&self, call: &FuncCall, scope: Scope<'_>) -> Outcome {
        let name = call.name.name.as_str();
        if call.name.is_namespaced() && call.name.namespace[0].as_str() != "core" {
            let unknown = format!("a function of a provider, {name}");
            return Ok(Term::unknown(Unknown::hidden(&unknown, &unknown)));
        }
        match name {
            "try" => {
                let mut last = Fault::wrong("try has no arguments");
                for argument in call.args.iter() {
                    match self.evaluate(argument, scope) {
                        Err(Fault::Wrong(message)) => last = Fault::Wrong(message),
                        other => return other,
                    }
                }
                Err(last)
            }
            "can" => match call
                .args
                .get(0)
                .map(|argument| self.evaluate(argument, scope))
            {
                Some(Ok(_)) => Ok(Term::Bool(true)),
                Some(Err(Fault::Exhausted)) => Err(Fault::Exhausted),
                _ => Ok(Term::Bool(false)),
            },
            _ => {
                let mut arguments = Vec::with_capacity(call.args.len());
                for argument in call.args.iter() {
                    arguments.push(self.evaluate(argument, scope)?);
                }
                if call.args.expand_final()
                    && let Some(last) = arguments.pop()
                {
                    match last.revealed() {
                        (Term::List(items), is_secret) => {
                            self.pay_elements(items.len())?;
                            arguments.extend(items.iter().map(|item| item.clone().kept(is_secret)));
                        }
                        (Term::Object(members), _) => {
                            arguments.extend(members.entries.values().cloned());
                        }
                        (other, _) => {
                            let parts: Vec<&Term> = arguments.iter().chain([other]).collect();
                            let name = format!("{name}({other}...)");
                            return Ok(Term::unknown(Unknown::derived(name, parts)));
                        }
                    }
                }
                functions::call(self, name, arguments, scope)
            }
        }
    }

    fn binary(&self, operation: &BinaryOp, scope: Scope<'_>) -> Outcome {
        let operator = *operation.operator.value();
        let left = self.evaluate(&operation.lhs_expr, scope)?;
        let decided = matches!(
            (operator, left.revealed().0.to_bool()),
            (BinaryOperator::And, Some(false)) | (BinaryOperator::Or, Some(true))
        );
        if decided {
            return Ok(Term::Bool(operator == BinaryOperator::Or));
        }
        let right = self.evaluate(&operation.rhs_expr, scope);
        let right = match (operator, right) {
            // Before 1.12 both sides are evaluated, and after it the right one only if it matters.
            (BinaryOperator::And | BinaryOperator::Or, Err(Fault::Wrong(_)))
                if left.has_unknown() =>
            {
                left.clone()
            }
            (_, right) => right?,
        };
        self.pay((left.shape().size + right.shape().size) as u64)?;
        binary(operator, &left, &right)
    }

    fn for_expression(&self, expression: &ForExpr, scope: Scope<'_>) -> Outcome {
        let collection = self.evaluate(&expression.intro.collection_expr, scope)?;
        let (plain, is_secret) = collection.revealed();
        let entries = match self.entries(plain)? {
            Ok(entries) => entries,
            Err(unknown) => return Ok(unknown),
        };
        self.pay_elements(entries.len())?;
        let mut items = Vec::new();
        let mut built = Builder::default();
        let mut groups: BTreeMap<String, Vec<Term>> = BTreeMap::new();
        for (key, value) in entries {
            let value_binding = Binding {
                name: expression.intro.value_var.as_str(),
                value: value.kept(is_secret),
                outer: scope.bindings,
            };
            let key_binding;
            let inner = match &expression.intro.key_var {
                Some(name) => {
                    key_binding = Binding {
                        name: name.as_str(),
                        value: key,
                        outer: Some(&value_binding),
                    };
                    &key_binding
                }
                None => &value_binding,
            };
            let scope = Scope {
                bindings: Some(inner),
                ..scope
            };
            let mut filtered = None;
            if let Some(condition) = &expression.cond {
                let holds = self.evaluate(&condition.expr, scope)?;
                // What may pass a filter counts as having passed it.
                match holds.revealed().0.to_bool() {
                    Some(false) => continue,
                    Some(true) => {}
                    None => filtered = Some(holds.to_string()),
                }
            }
            let value = self.evaluate(&expression.value_expr, scope)?;
            let doubt = |about: &Term| {
                if let Some(condition) = &filtered {
                    self.doubt(Some(about), condition.as_str());
                }
            };
            match &expression.key_expr {
                None => {
                    doubt(&value);
                    items.push(value);
                }
                Some(key) => {
                    let key = self.evaluate(key, scope)?;
                    doubt(&key);
                    match key.revealed().0.to_text() {
                        Some(key) if expression.grouping => {
                            groups.entry(key).or_default().push(value)
                        }
                        _ => built.add(&key, value)?,
                    }
                }
            }
        }
        if expression.key_expr.is_none() {
            return Ok(Term::list(items));
        }
        for (key, group) in groups {
            built.entries.insert(key, Term::list(group));
        }
        Ok(built.object())
    }

    /// Keys and values of a collection; the inner error is the unknown that stands for anything made of it.
    pub(super) fn entries(
        &self,
        collection: &Term,
    ) -> Result<Result<Vec<(Term, Term)>, Term>, Fault> {
        match collection {
            Term::List(items) if items.is_set => {
                let each = items.iter();
                Ok(Ok(each.map(|item| (item.clone(), item.clone())).collect()))
            }
            Term::List(items) => {
                let numbered = items.iter().enumerate();
                Ok(Ok(numbered
                    .map(|(index, item)| (Term::Number(index as f64), item.clone()))
                    .collect()))
            }
            Term::Object(members) => {
                let known = members.entries.iter();
                let mut entries: Vec<(Term, Term)> = known
                    .map(|(key, value)| (Term::text(key), value.clone()))
                    .collect();
                if let Some(rest) = &members.rest {
                    let key = Unknown::hidden(format!("a key of {rest}"), "its key is not known");
                    entries.push((Term::unknown(key), rest.clone()));
                }
                Ok(Ok(entries))
            }
            Term::Unknown(_) | Term::Instance(_) | Term::Module(_) => {
                let unknown = Unknown::derived(format!("for {collection}"), [collection]);
                Ok(Err(Term::unknown(unknown)))
            }
            _ => Err(Fault::wrong("for goes over what is no collection")),
        }
    }
}

/// An object that is being put together; members whose keys are unknown come to its rest.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) entries: BTreeMap<String, Term>,
    rest: Option<Term>,
}

impl Builder {
    pub(super) fn add(&mut self, key: &Term, value: Term) -> Result<(), Fault> {
        let (plain, _) = key.revealed();
        match plain.to_text() {
            Some(name) => {
                self.entries.insert(name, value);
            }
            None if plain.has_unknown() => self.add_rest(value),
            None => return Err(Fault::wrong("a key is no text")),
        }
        Ok(())
    }

    /// A member that bears an unknown name.
    pub(super) fn add_rest(&mut self, value: Term) {
        self.rest = Some(match self.rest.take() {
            Some(rest) => one_of("a member", &[rest, value]),
            None => value,
        });
    }

    pub(super) fn object(self) -> Term {
        Term::open_object(self.entries, self.rest)
    }
}

/// One of several values, and nobody knows which.
pub(super) fn one_of(name: &str, all: &[Term]) -> Term {
    let Some((first, others)) = all.split_first() else {
        return Term::unknown(Unknown::hidden(name, format!("{name} is not known")));
    };
    if others.iter().all(|other| other == first) {
        return first.clone();
    }
    // Members of objects that all of them have stay apart: `each.value.vpc_id`.
    if let Term::Object(members) = first {
        let names = members.entries.keys().filter(|name| {
            others.iter().all(
                |other| matches!(other, Term::Object(other) if other.entries.contains_key(*name)),
            )
        });
        let merged: BTreeMap<String, Term> = names
            .map(|member| {
                let values: Vec<Term> = all
                    .iter()
                    .filter_map(|one| match one {
                        Term::Object(one) => one.entries.get(member).cloned(),
                        _ => None,
                    })
                    .collect();
                (member.clone(), one_of(&format!("{name}.{member}"), &values))
            })
            .collect();
        if !merged.is_empty() {
            return Term::object(merged);
        }
    }
    let mut unknown = Unknown::derived(name, all);
    // What is made of a list is made of its elements.
    for one in all {
        let elements = match one {
            Term::List(items) => &***items,
            other => std::slice::from_ref(other),
        };
        for element in elements {
            if let Term::Text(text) = element
                && !text.is_empty()
            {
                unknown.candidates.insert(Candidate::Constant(text.clone()));
            }
        }
    }
    Term::unknown(unknown)
}
