//! Expressions to values: names, operators, templates, `for` and splats, and what they do to the unknown.
//!
//! An unknown operand makes the result unknown and leaves its trace there: what it may come to. A condition that nobody
//! knows counts in the direction that shows more: a list that may be empty is taken as full, with its values in doubt.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{
    BinaryOp, BinaryOperator, Conditional, Expression, ForExpr, FuncCall, ObjectKey, Traversal,
    TraversalOperator, UnaryOperator,
};
use hcl_edit::template::{Directive, Element, Strip, Template};

use super::functions;
use super::module::Evaluator;
use super::term::{Candidate, MAX_VALUE_DEPTH, MAX_VALUE_SIZE, Members, Term, Unknown};

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

    fn traversal(&self, traversal: &Traversal, scope: Scope<'_>) -> Outcome {
        let operators: Vec<&TraversalOperator> = traversal
            .operators
            .iter()
            .map(|operator| operator.value())
            .collect();
        let attribute = |index: usize| match operators.get(index) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            _ => None,
        };
        let Expression::Variable(root) = &traversal.expr else {
            let start = self.evaluate(&traversal.expr, scope)?;
            return self.follow(start, &operators, scope);
        };
        let root = root.as_str();
        if let Some(bound) = scope.bound(root) {
            return self.follow(bound.clone(), &operators, scope);
        }
        let missing = || Fault::wrong(format!("{root} names nothing by itself"));
        let (start, used) = match root {
            "var" => {
                let name = attribute(0).ok_or_else(missing)?;
                (self.variable(scope.module, name)?, 1)
            }
            "local" => {
                let name = attribute(0).ok_or_else(missing)?;
                (self.local(scope.module, name)?, 1)
            }
            "module" => {
                let name = attribute(0).ok_or_else(missing)?;
                (self.module_call(scope.module, name)?, 1)
            }
            "each" => {
                let each = scope
                    .repetition
                    .and_then(|repetition| repetition.each.as_ref());
                let (key, value) = each.ok_or_else(|| Fault::wrong("each without for_each"))?;
                match attribute(0) {
                    Some("key") => (key.clone(), 1),
                    Some("value") => (value.clone(), 1),
                    _ => return Err(missing()),
                }
            }
            "count" => {
                let index = scope
                    .repetition
                    .and_then(|repetition| repetition.index.as_ref());
                let index = index.ok_or_else(|| Fault::wrong("count.index without count"))?;
                (index.clone(), 1)
            }
            "path" => {
                let name = attribute(0).ok_or_else(missing)?;
                (self.path(scope.module, name), 1)
            }
            "terraform" | "tofu" => {
                let name = format!("terraform.{}", attribute(0).unwrap_or_default());
                let why = format!("{name} is known where Terraform runs");
                (Term::unknown(Unknown::symbol(name, why)), 1)
            }
            "self" => {
                return Ok(Term::unknown(Unknown::hidden(
                    "self",
                    "self is not evaluated",
                )));
            }
            "data" | "ephemeral" => {
                let (kind, name) = attribute(0).zip(attribute(1)).ok_or_else(missing)?;
                (
                    self.resource(scope.module, &format!("{root}.{kind}.{name}"))?,
                    2,
                )
            }
            "resource" => {
                let (kind, name) = attribute(0).zip(attribute(1)).ok_or_else(missing)?;
                (self.resource(scope.module, &format!("{kind}.{name}"))?, 2)
            }
            kind => {
                let name = attribute(0).ok_or_else(missing)?;
                (self.resource(scope.module, &format!("{kind}.{name}"))?, 1)
            }
        };
        self.follow(start, operators.get(used..).unwrap_or_default(), scope)
    }

    /// Apply what stands behind a value: attributes, indices, splats.
    fn follow(&self, start: Term, operators: &[&TraversalOperator], scope: Scope<'_>) -> Outcome {
        let mut term = start;
        for (position, operator) in operators.iter().enumerate() {
            self.pay(super::budget::STEP)?;
            let splat_end = match operator {
                TraversalOperator::GetAttr(name) => {
                    term = self.member(&term, name.as_str())?;
                    continue;
                }
                TraversalOperator::Index(index) => {
                    let index = self.evaluate(index, scope)?;
                    term = self.element(&term, &index)?;
                    continue;
                }
                TraversalOperator::LegacyIndex(index) => {
                    term = self.element(&term, &Term::Number(*index.value() as f64))?;
                    continue;
                }
                TraversalOperator::FullSplat(_) => operators.len(),
                TraversalOperator::AttrSplat(_) => {
                    let behind = operators.iter().skip(position + 1);
                    let attributes = behind
                        .take_while(|one| matches!(one, TraversalOperator::GetAttr(_)))
                        .count();
                    position + 1 + attributes
                }
            };
            let each = operators.get(position + 1..splat_end).unwrap_or_default();
            let behind = operators.get(splat_end..).unwrap_or_default();
            let splatted = self.splat(&term, each, scope)?;
            return self.follow(splatted, behind, scope);
        }
        Ok(term)
    }

    fn splat(&self, term: &Term, operators: &[&TraversalOperator], scope: Scope<'_>) -> Outcome {
        let (plain, is_secret) = term.revealed();
        match plain {
            Term::Null => Ok(Term::list(Vec::new())),
            Term::List(items) => {
                self.pay_elements(items.len())?;
                let each = items.iter().map(|item| {
                    let item = item.clone().kept(is_secret);
                    self.follow(item, operators, scope)
                });
                Ok(Term::list(each.collect::<Result<_, _>>()?))
            }
            Term::Unknown(unknown) => {
                let name = format!("{}[*]", unknown.name);
                let list = Term::unknown(Unknown::derived(name, [plain]));
                self.follow(list, operators, scope)
            }
            // Of an object, a splat is the list of it alone; for_each makes no lists.
            other => {
                let only = self.follow(other.clone(), operators, scope)?;
                Ok(Term::list(vec![only]))
            }
        }
    }

    /// A member by name.
    pub(super) fn member(&self, term: &Term, name: &str) -> Outcome {
        match term {
            Term::Secret(inner) => Ok(self.member(inner, name)?.kept(true)),
            Term::Object(members) => match members.entries.get(name).or(members.rest.as_ref()) {
                Some(entry) => Ok(entry.clone()),
                None => Err(Fault::wrong(format!("there is no member {name}"))),
            },
            Term::Instance(handle) => self.attribute(handle, name),
            Term::Module(module) => self.output(*module, name),
            Term::Unknown(unknown) => Ok(part_of(unknown, &format!(".{name}"))),
            // What blocks hold that a provider allows once: `x.block.attribute`.
            Term::List(items) if items.len() == 1 => self.member(&items[0], name),
            _ => Err(Fault::wrong(format!(
                "{name} is asked of what has no members"
            ))),
        }
    }

    /// An element by index or key.
    pub(super) fn element(&self, term: &Term, index: &Term) -> Outcome {
        let (index, _) = index.revealed();
        match term {
            Term::Secret(inner) => return Ok(self.element(inner, index)?.kept(true)),
            Term::Unknown(unknown) => return Ok(part_of(unknown, &format!("[{index}]"))),
            _ => {}
        }
        if let Term::Unknown(_) = index {
            let all: Vec<(String, Term)> = match term {
                Term::List(items) => {
                    let numbered = items.iter().enumerate();
                    numbered
                        .map(|(position, item)| (position.to_string(), item.clone()))
                        .collect()
                }
                Term::Object(members) => {
                    let known = members.entries.iter();
                    let known = known.map(|(key, entry)| (key.clone(), entry.clone()));
                    let rest = members
                        .rest
                        .iter()
                        .map(|rest| ("..".to_owned(), rest.clone()));
                    known.chain(rest).collect()
                }
                _ => Vec::new(),
            };
            return self.any_element(&all, &index.to_string());
        }
        match term {
            Term::List(items) => {
                let number = index.to_number();
                let number = number.ok_or_else(|| Fault::wrong("a list has no such index"))?;
                let position = (number >= 0.0).then_some(number as usize);
                let found = position.and_then(|position| items.get(position));
                found
                    .cloned()
                    .ok_or_else(|| Fault::wrong(format!("the list has no element {number}")))
            }
            _ => {
                let name = index.to_text();
                let name = name.ok_or_else(|| Fault::wrong("a key is no text"))?;
                self.member(term, &name)
            }
        }
    }

    /// One of these elements, and nobody knows which. Members of objects stay apart, each named by what it is in every one.
    fn any_element(&self, all: &[(String, Term)], index: &str) -> Outcome {
        self.pay_elements(all.len())?;
        let Some(_descent) = self.budget.descend() else {
            return Err(Fault::Exhausted);
        };
        let objects: Vec<(&String, &Members)> = all
            .iter()
            .filter_map(|(key, element)| match element {
                Term::Object(members) => Some((key, &**members)),
                _ => None,
            })
            .collect();
        if !objects.is_empty() && objects.len() == all.len() {
            let names: BTreeSet<&String> = objects
                .iter()
                .flat_map(|(_, members)| members.entries.keys())
                .collect();
            let mut merged = BTreeMap::new();
            for name in names {
                let mut values = Vec::with_capacity(objects.len());
                for (key, members) in &objects {
                    let value = members.entries.get(name).or(members.rest.as_ref());
                    values.push(((*key).clone(), value.cloned().unwrap_or(Term::Null)));
                }
                merged.insert(name.clone(), self.any_element(&values, index)?);
            }
            let mut rest = objects
                .iter()
                .filter_map(|(_, members)| members.rest.clone());
            return Ok(Term::open_object(merged, rest.next()));
        }
        let name = Term::object(all.iter().cloned().collect());
        let values: Vec<Term> = all.iter().map(|(_, element)| element.clone()).collect();
        Ok(one_of(&format!("{name}[{index}]"), &values))
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

    /// A template: a text, or the value itself where it consists of one interpolation.
    pub(super) fn template(&self, template: &Template, scope: Scope<'_>) -> Outcome {
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.evaluate(&only.expr, scope);
        }
        let mut written = Written::default();
        self.write(template, scope, &mut written)?;
        Ok(written.finish())
    }

    fn write(
        &self,
        template: &Template,
        scope: Scope<'_>,
        written: &mut Written,
    ) -> Result<(), Fault> {
        let Some(_descent) = self.budget.descend() else {
            return Err(Fault::Exhausted);
        };
        for element in template {
            match element {
                Element::Literal(text) => {
                    self.pay_text(text.len())?;
                    written.literal(text);
                }
                Element::Interpolation(interpolation) => {
                    written.strip_start(interpolation.strip);
                    let value = self.evaluate(&interpolation.expr, scope)?;
                    let (plain, is_secret) = value.revealed();
                    written.is_secret |= is_secret;
                    match plain.to_text() {
                        Some(text) => {
                            self.pay_text(text.len())?;
                            written.value(&text);
                        }
                        None if plain.has_unknown() => written.unknown(plain),
                        None => return Err(Fault::wrong("a template holds what is no text")),
                    }
                    written.strip_end(interpolation.strip);
                }
                Element::Directive(directive) => match &**directive {
                    Directive::If(directive) => {
                        written.strip_start(directive.if_expr.strip);
                        let condition = self.evaluate(&directive.if_expr.cond_expr, scope)?;
                        let (plain, is_secret) = condition.revealed();
                        written.is_secret |= is_secret;
                        match plain.to_bool() {
                            Some(true) => {
                                written.strip_end(directive.if_expr.strip);
                                self.write(&directive.if_expr.template, scope, written)?;
                            }
                            Some(false) => {
                                if let Some(otherwise) = &directive.else_expr {
                                    written.strip_end(otherwise.strip);
                                    self.write(&otherwise.template, scope, written)?;
                                }
                            }
                            None => written.unknown(plain),
                        }
                        written.strip_start(directive.endif_expr.strip);
                        written.strip_end(directive.endif_expr.strip);
                    }
                    Directive::For(directive) => {
                        let intro = &directive.for_expr;
                        written.strip_start(intro.strip);
                        let collection = self.evaluate(&intro.collection_expr, scope)?;
                        let (plain, is_secret) = collection.revealed();
                        written.is_secret |= is_secret;
                        match self.entries(plain)? {
                            Err(unknown) => written.unknown(&unknown),
                            Ok(entries) => {
                                self.pay_elements(entries.len())?;
                                for (key, value) in entries {
                                    let value_binding = Binding {
                                        name: intro.value_var.as_str(),
                                        value,
                                        outer: scope.bindings,
                                    };
                                    let key_binding = intro.key_var.as_ref().map(|name| Binding {
                                        name: name.as_str(),
                                        value: key,
                                        outer: Some(&value_binding),
                                    });
                                    let scope = Scope {
                                        bindings: Some(
                                            key_binding.as_ref().unwrap_or(&value_binding),
                                        ),
                                        ..scope
                                    };
                                    written.strip_end(intro.strip);
                                    self.write(&intro.template, scope, written)?;
                                    written.strip_start(directive.endfor_expr.strip);
                                }
                            }
                        }
                        written.strip_end(directive.endfor_expr.strip);
                    }
                },
            }
        }
        Ok(())
    }
}

/// A text that is being put together.
#[derive(Default)]
struct Written {
    text: String,
    unknown: Vec<Term>,
    is_secret: bool,
    /// White space at the beginning of the next literal goes.
    strips_next: bool,
}

impl Written {
    fn literal(&mut self, text: &str) {
        let text = if std::mem::take(&mut self.strips_next) {
            text.trim_start()
        } else {
            text
        };
        self.text.push_str(text);
    }

    fn value(&mut self, text: &str) {
        self.strips_next = false;
        self.text.push_str(text);
    }

    fn unknown(&mut self, term: &Term) {
        self.strips_next = false;
        // Enough to tell it apart; the name of an unknown is cut short anyway.
        if self.unknown.len() < 64 {
            self.text.push_str(&format!("${{{term}}}"));
        }
        self.unknown.push(term.clone());
    }

    fn strip_start(&mut self, strip: Strip) {
        if matches!(strip, Strip::Start | Strip::Both) {
            self.text.truncate(self.text.trim_end().len());
        }
    }

    fn strip_end(&mut self, strip: Strip) {
        if matches!(strip, Strip::End | Strip::Both) {
            self.strips_next = true;
        }
    }

    fn finish(self) -> Term {
        let term = if self.unknown.is_empty() {
            Term::text(self.text)
        } else {
            let name = if self.is_secret {
                "(sensitive)".to_owned()
            } else {
                format!("\"{}\"", self.text)
            };
            Term::unknown(Unknown::derived(name, &self.unknown))
        };
        term.kept(self.is_secret)
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

/// A part of something unknown. A part of what exists under a name exists under a name, too.
fn part_of(unknown: &Unknown, suffix: &str) -> Term {
    let name = format!("{}{suffix}", unknown.name);
    let symbol = matches!(
        unknown.candidates.first(),
        Some(Candidate::Symbol(_)) if unknown.is_exact
    );
    if symbol {
        return Term::unknown(Unknown::symbol(name, unknown.why.clone()));
    }
    Term::unknown(Unknown {
        name,
        ..unknown.clone()
    })
}

/// What a conditional comes to whose condition is not known.
fn undecided(condition: &Term, one: &Term, other: &Term) -> Term {
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

fn unary(operator: UnaryOperator, operand: &Term) -> Outcome {
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

fn binary(operator: BinaryOperator, left: &Term, right: &Term) -> Outcome {
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
