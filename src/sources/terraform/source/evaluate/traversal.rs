//! Names, and what stands behind them: attributes, indices, splats.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::super::budget::STEP;
use super::super::module::Evaluator;
use super::super::term::{Candidate, Members, Term, Unknown};
use super::{Fault, Outcome, Scope, one_of};

impl Evaluator<'_> {
    pub(super) fn traversal(&self, traversal: &Traversal, scope: Scope<'_>) -> Outcome {
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
            self.pay(STEP)?;
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
    pub(in super::super) fn member(&self, term: &Term, name: &str) -> Outcome {
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
    pub(in super::super) fn element(&self, term: &Term, index: &Term) -> Outcome {
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
