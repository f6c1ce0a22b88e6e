//! Functions on lists, sets and maps. What is known of an element stays known, though others are not.

use std::collections::{BTreeMap, BTreeSet};

use super::super::evaluate::{Builder, Fault, Outcome, one_of};
use super::super::module::Evaluator;
use super::super::term::{Members, Term, Unknown, compare};
use super::{argument, number, text, unknown};

/// How many elements of an unknown list `slice` makes up.
const MAX_SLICE: f64 = 64.0;

/// Call a function of this kind; `None` if it is none.
pub(super) fn call(evaluator: &Evaluator<'_>, name: &str, arguments: &[Term]) -> Option<Outcome> {
    let call = Call {
        evaluator,
        name,
        arguments,
    };
    Some(match name {
        "concat" => call.concat(),
        "merge" => call.merge(),
        "flatten" => call.flatten(),
        "lookup" => call.lookup(),
        "element" => call.pick(),
        "keys" => call.keys(),
        "values" => call.values(),
        "zipmap" => call.zipmap(),
        "length" => call.length(),
        "slice" => call.slice(),
        "reverse" => call.with_list(|items| {
            let mut items = items.to_vec();
            items.reverse();
            Ok(Term::list(items))
        }),
        "sort" => call.with_list(|items| {
            let mut items = items.to_vec();
            items.sort_by(compare);
            Ok(Term::list(items))
        }),
        "toset" => call.with_list(|items| Ok(Term::set(items.to_vec()))),
        "distinct" => call.with_list(|items| Ok(Term::list(distinct(items)))),
        "compact" => call.with_list(|items| {
            let is_something = |item: &&Term| match item.revealed().0 {
                Term::Null => false,
                Term::Text(text) => !text.is_empty(),
                _ => true,
            };
            Ok(Term::list(
                items.iter().filter(is_something).cloned().collect(),
            ))
        }),
        "tolist" => call.same().map(|term| match &term {
            Term::List(items) if items.is_set => Term::list(items.to_vec()),
            _ => term,
        }),
        "tomap" => call.same(),
        "one" => call.one(),
        "coalesce" => call.coalesce(),
        "coalescelist" => call.coalesce_list(),
        "contains" => call.contains(),
        "index" => call.index(),
        "setunion" => call.set_operation(|sets| {
            Term::set(sets.iter().flat_map(|set| set.iter().cloned()).collect())
        }),
        "setintersection" => call.set_operation(|sets| {
            let Some((first, others)) = sets.split_first() else {
                return Term::list(Vec::new());
            };
            let others: Vec<BTreeSet<String>> = others.iter().map(|set| names(set)).collect();
            let in_all =
                |item: &&Term| others.iter().all(|other| other.contains(&item.to_string()));
            Term::set(first.iter().filter(in_all).cloned().collect())
        }),
        "setsubtract" => call.set_operation(|sets| {
            let (Some(first), Some(other)) = (sets.first(), sets.get(1)) else {
                return Term::list(Vec::new());
            };
            let taken = names(other);
            let stays = |item: &&Term| !taken.contains(&item.to_string());
            Term::set(first.iter().filter(stays).cloned().collect())
        }),
        "setproduct" => call.set_product(),
        "chunklist" => call.chunks(),
        "matchkeys" => call.match_keys(),
        "transpose" => call.transpose(),
        "alltrue" | "anytrue" => call.truth(),
        "sum" => call.sum(),
        "tostring" | "tonumber" | "tobool" => call.scalar(),
        "sensitive" | "ephemeralasnull" => call.first().map(|one| one.clone().kept(true)),
        "nonsensitive" => call.first().map(|one| one.revealed().0.clone()),
        "issensitive" => call.first().map(|one| Term::Bool(one.has_secret())),
        "defaults" => call.same(),
        _ => return None,
    })
}

fn names(items: &[Term]) -> BTreeSet<String> {
    items.iter().map(ToString::to_string).collect()
}

/// The first of equal elements. Unknown ones are equal if they bear one name.
fn distinct(items: &[Term]) -> Vec<Term> {
    let mut seen = BTreeSet::new();
    let is_first = |item: &&Term| seen.insert(item.to_string());
    items.iter().filter(is_first).cloned().collect()
}

/// A call, and what it is made with.
struct Call<'c, 't> {
    evaluator: &'c Evaluator<'t>,
    name: &'c str,
    arguments: &'c [Term],
}

impl Call<'_, '_> {
    fn unknown(&self) -> Term {
        unknown(self.name, self.arguments)
    }

    fn first(&self) -> Result<&Term, Fault> {
        argument(self.arguments, 0)
    }

    fn same(&self) -> Outcome {
        self.first().cloned()
    }

    /// What a function does with its first argument, a list.
    fn with_list(&self, function: impl Fn(&[Term]) -> Outcome) -> Outcome {
        let (plain, is_secret) = self.first()?.revealed();
        match plain {
            Term::List(items) => {
                self.evaluator.pay_elements(items.len())?;
                self.evaluator.pay(plain.shape().size as u64)?;
                Ok(function(items)?.kept(is_secret))
            }
            // A map where a set is asked for, as a list of its values.
            Term::Object(members) => function(&all_values(members)),
            Term::Unknown(_) | Term::Instance(_) | Term::Module(_) => Ok(self.unknown()),
            _ => Err(Fault::wrong(format!("{} wants a list", self.name))),
        }
    }

    fn concat(&self) -> Outcome {
        let mut all = Vec::new();
        let mut is_secret = false;
        for argument in self.arguments {
            let (plain, secret) = argument.revealed();
            is_secret |= secret;
            match plain {
                Term::List(items) => {
                    self.evaluator.pay_elements(items.len())?;
                    all.extend(items.iter().cloned());
                }
                Term::Unknown(_) => return Ok(self.unknown()),
                _ => return Err(Fault::wrong("concat wants lists")),
            }
        }
        Ok(Term::list(all).kept(is_secret))
    }

    fn merge(&self) -> Outcome {
        let mut entries = BTreeMap::new();
        let mut built = Builder::default();
        let mut is_secret = false;
        for argument in self.arguments {
            let (plain, secret) = argument.revealed();
            is_secret |= secret;
            match plain {
                Term::Object(members) => {
                    self.evaluator.pay_elements(members.entries.len())?;
                    let members_of = members.entries.iter();
                    entries.extend(members_of.map(|(key, value)| (key.clone(), value.clone())));
                    if let Some(rest) = &members.rest {
                        built.add_rest(rest.clone());
                    }
                }
                Term::Null => {}
                Term::Unknown(_) | Term::Instance(_) | Term::Module(_) => {
                    // What it holds may overrule what stands before it.
                    for (key, value) in &mut entries {
                        *value = Term::either(format!("{plain}.{key}"), value, plain);
                    }
                    let member = Unknown::derived(format!("a member of {plain}"), [plain]);
                    built.add_rest(Term::unknown(member));
                }
                _ => return Err(Fault::wrong("merge wants maps")),
            }
        }
        built.entries = entries;
        Ok(built.object().kept(is_secret))
    }

    fn flatten(&self) -> Outcome {
        let mut flat = Vec::new();
        let (plain, is_secret) = self.first()?.revealed();
        if matches!(plain, Term::Unknown(_)) {
            return Ok(self.unknown());
        }
        self.evaluator
            .pay((plain.shape().size as u64).saturating_mul(2))?;
        flatten_into(plain, &mut flat);
        Ok(Term::list(flat).kept(is_secret))
    }

    fn lookup(&self) -> Outcome {
        let (plain, is_secret) = self.first()?.revealed();
        let key = argument(self.arguments, 1)?;
        let default = self.arguments.get(2);
        match (plain, key.revealed().0.to_text()) {
            (Term::Object(members), Some(key)) => {
                let found = members
                    .entries
                    .get(&key)
                    .or(members.rest.as_ref())
                    .or(default);
                let found = found
                    .cloned()
                    .ok_or_else(|| Fault::wrong("lookup finds nothing"))?;
                Ok(found.kept(is_secret))
            }
            (Term::Object(members), None) if key.has_unknown() => {
                let mut all = all_values(members);
                all.extend(default.cloned());
                Ok(one_of(&self.unknown().to_string(), &all))
            }
            (Term::Unknown(_) | Term::Instance(_) | Term::Module(_), _) => Ok(self.unknown()),
            (Term::Object(_), None) => Err(Fault::wrong("lookup is given no key")),
            _ => Err(Fault::wrong("lookup wants a map")),
        }
    }

    fn pick(&self) -> Outcome {
        let (plain, is_secret) = self.first()?.revealed();
        let index = argument(self.arguments, 1)?.revealed().0;
        match (plain, index.to_number()) {
            (Term::List(items), Some(index)) if !items.is_empty() => {
                let position = (index as i64).rem_euclid(items.len() as i64);
                Ok(items[position as usize].clone().kept(is_secret))
            }
            (Term::List(items), None) if index.has_unknown() => {
                Ok(one_of(&self.unknown().to_string(), items))
            }
            (Term::Unknown(_), _) => Ok(self.unknown()),
            _ => Err(Fault::wrong("element wants a list that is not empty")),
        }
    }

    fn keys(&self) -> Outcome {
        match self.first()?.revealed().0 {
            Term::Object(members) if members.rest.is_none() => {
                self.evaluator.pay_elements(members.entries.len())?;
                Ok(Term::list(members.entries.keys().map(Term::text).collect()))
            }
            Term::Object(_) | Term::Unknown(_) | Term::Instance(_) | Term::Module(_) => {
                Ok(self.unknown())
            }
            _ => Err(Fault::wrong("keys wants a map")),
        }
    }

    fn values(&self) -> Outcome {
        let (plain, is_secret) = self.first()?.revealed();
        match plain {
            Term::Object(members) => {
                self.evaluator.pay_elements(members.entries.len())?;
                let values = all_values(members).into_iter();
                Ok(Term::list(
                    values.map(|value| value.kept(is_secret)).collect(),
                ))
            }
            Term::Unknown(_) | Term::Instance(_) | Term::Module(_) => Ok(self.unknown()),
            _ => Err(Fault::wrong("values wants a map")),
        }
    }

    fn zipmap(&self) -> Outcome {
        let (Term::List(keys), Term::List(values)) = (
            self.first()?.revealed().0,
            argument(self.arguments, 1)?.revealed().0,
        ) else {
            return self.unknown_or("zipmap wants two lists");
        };
        self.evaluator.pay_elements(keys.len())?;
        let mut built = Builder::default();
        for (key, value) in keys.iter().zip(values.iter()) {
            built.add(key, value.clone())?;
        }
        Ok(built.object())
    }

    fn unknown_or(&self, message: &str) -> Outcome {
        if self.arguments.iter().any(Term::has_unknown) {
            Ok(self.unknown())
        } else {
            Err(Fault::wrong(message))
        }
    }

    fn length(&self) -> Outcome {
        let length = match self.first()?.revealed().0 {
            Term::List(items) => items.len(),
            Term::Object(members) if members.rest.is_none() => members.entries.len(),
            Term::Text(text) => text.chars().count(),
            Term::Object(_) | Term::Unknown(_) | Term::Instance(_) | Term::Module(_) => {
                return Ok(self.unknown());
            }
            _ => return Err(Fault::wrong("length wants a collection or a text")),
        };
        Ok(Term::Number(length as f64))
    }

    fn slice(&self) -> Outcome {
        if self.arguments.iter().skip(1).any(Term::has_unknown) {
            return Ok(self.unknown());
        }
        let (start, end) = (number(self.arguments, 1)?, number(self.arguments, 2)?);
        // Of a list that nobody knows, so many elements are known to be there: availability zones, mostly.
        if let Term::Unknown(_) = self.first()?.revealed().0
            && start >= 0.0
            && end >= start
            && end - start <= MAX_SLICE
        {
            let indices = (start as usize)..(end as usize);
            let each = indices.map(|index| {
                let index = Term::Number(index as f64);
                self.evaluator.element(self.first()?, &index)
            });
            return Ok(Term::list(each.collect::<Result<_, _>>()?));
        }
        self.with_list(|items| {
            let range = (start as usize)..(end as usize);
            let part = items
                .get(range)
                .ok_or_else(|| Fault::wrong("slice is out of bounds"))?;
            Ok(Term::list(part.to_vec()))
        })
    }

    fn one(&self) -> Outcome {
        let (plain, is_secret) = self.first()?.revealed();
        match plain {
            Term::List(items) => match &items[..] {
                [] => Ok(Term::Null),
                [only] => Ok(only.clone().kept(is_secret)),
                _ => Err(Fault::wrong("one wants at most one element")),
            },
            Term::Null => Ok(Term::Null),
            Term::Unknown(_) => Ok(self.unknown()),
            other => Ok(other.clone()),
        }
    }

    fn coalesce(&self) -> Outcome {
        for (index, argument) in self.arguments.iter().enumerate() {
            match argument.revealed().0 {
                Term::Null => {}
                Term::Text(text) if text.is_empty() => {}
                Term::Unknown(unknown) if !unknown.is_exact => {
                    let rest = self.arguments.get(index..).unwrap_or_default();
                    return Ok(one_of(&self.unknown().to_string(), rest));
                }
                _ => return Ok(argument.clone()),
            }
        }
        Err(Fault::wrong("coalesce finds nothing"))
    }

    fn coalesce_list(&self) -> Outcome {
        for argument in self.arguments {
            match argument.revealed().0 {
                Term::List(items) if items.is_empty() => {}
                Term::Null => {}
                _ => return Ok(argument.clone()),
            }
        }
        Err(Fault::wrong("coalescelist finds nothing"))
    }

    fn contains(&self) -> Outcome {
        let wanted = argument(self.arguments, 1)?;
        let Term::List(items) = self.first()?.revealed().0 else {
            return self.unknown_or("contains wants a list");
        };
        self.evaluator.pay(self.first()?.shape().size as u64)?;
        // A list of texts may hold what is a number here.
        let text = wanted.to_text();
        let is_wanted = |item: &Term| {
            let item = item.revealed().0;
            item == wanted.revealed().0 || (text.is_some() && item.to_text() == text)
        };
        if items.iter().any(is_wanted) {
            return Ok(Term::Bool(true));
        }
        if wanted.has_unknown() || items.iter().any(Term::has_unknown) {
            return Ok(self.unknown());
        }
        Ok(Term::Bool(false))
    }

    fn index(&self) -> Outcome {
        let wanted = argument(self.arguments, 1)?;
        let Term::List(items) = self.first()?.revealed().0 else {
            return self.unknown_or("index wants a list");
        };
        self.evaluator.pay(self.first()?.shape().size as u64)?;
        match items.iter().position(|item| item == wanted) {
            Some(position) => Ok(Term::Number(position as f64)),
            None => self.unknown_or("index finds nothing"),
        }
    }

    fn set_operation(&self, operation: impl Fn(&[&[Term]]) -> Term) -> Outcome {
        let mut sets: Vec<&[Term]> = Vec::new();
        for argument in self.arguments {
            let Term::List(items) = argument.revealed().0 else {
                return self.unknown_or("a set is no list");
            };
            self.evaluator.pay_elements(items.len())?;
            self.evaluator.pay(argument.shape().size as u64)?;
            sets.push(items);
        }
        Ok(operation(&sets))
    }

    fn set_product(&self) -> Outcome {
        let mut product: Vec<Vec<Term>> = vec![Vec::new()];
        for argument in self.arguments {
            let Term::List(items) = argument.revealed().0 else {
                return self.unknown_or("setproduct wants lists");
            };
            let count = product.len().saturating_mul(items.len());
            self.evaluator
                .pay_elements(count.saturating_mul(self.arguments.len()))?;
            product = product
                .iter()
                .flat_map(|row| {
                    items.iter().map(|item| {
                        let mut row = row.clone();
                        row.push(item.clone());
                        row
                    })
                })
                .collect();
        }
        Ok(Term::list(product.into_iter().map(Term::list).collect()))
    }

    fn chunks(&self) -> Outcome {
        if argument(self.arguments, 1)?.has_unknown() {
            return Ok(self.unknown());
        }
        self.with_list(|items| {
            let size = (number(self.arguments, 1)? as usize).max(1);
            let chunks = items.chunks(size).map(|chunk| Term::list(chunk.to_vec()));
            Ok(Term::list(chunks.collect()))
        })
    }

    fn match_keys(&self) -> Outcome {
        let lists = [0, 1, 2].map(|index| self.arguments.get(index).map(|one| one.revealed().0));
        let [
            Some(Term::List(values)),
            Some(Term::List(keys)),
            Some(Term::List(wanted)),
        ] = lists
        else {
            return self.unknown_or("matchkeys wants three lists");
        };
        self.evaluator.pay_elements(values.len() + wanted.len())?;
        let wanted = names(wanted);
        let chosen = values.iter().zip(keys.iter());
        let chosen =
            chosen.filter(|(_, key)| key.has_unknown() || wanted.contains(&key.to_string()));
        Ok(Term::list(chosen.map(|(value, _)| value.clone()).collect()))
    }

    fn transpose(&self) -> Outcome {
        let first = self.first()?;
        if first.has_unknown() {
            return Ok(self.unknown());
        }
        let Term::Object(members) = first.revealed().0 else {
            return Err(Fault::wrong("transpose wants a map"));
        };
        self.evaluator.pay_elements(first.shape().size)?;
        let mut turned: BTreeMap<String, Vec<Term>> = BTreeMap::new();
        for (key, values) in &members.entries {
            let Term::List(values) = values.revealed().0 else {
                return Err(Fault::wrong("transpose wants lists in its map"));
            };
            for value in values.iter().filter_map(Term::to_text) {
                turned.entry(value).or_default().push(Term::text(key));
            }
        }
        let turned = turned
            .into_iter()
            .map(|(key, values)| (key, Term::list(values)));
        Ok(Term::object(turned.collect()))
    }

    fn truth(&self) -> Outcome {
        let decisive = self.name == "anytrue";
        let Term::List(items) = self.first()?.revealed().0 else {
            return self.unknown_or("a list of truth values is wanted");
        };
        self.evaluator.pay_elements(items.len())?;
        let truths: Vec<Option<bool>> = items
            .iter()
            .map(|item| item.revealed().0.to_bool())
            .collect();
        if truths.contains(&Some(decisive)) {
            return Ok(Term::Bool(decisive));
        }
        if items.iter().any(Term::has_unknown) {
            return Ok(self.unknown());
        }
        Ok(Term::Bool(!decisive))
    }

    fn sum(&self) -> Outcome {
        if self.first()?.has_unknown() {
            return Ok(self.unknown());
        }
        self.with_list(|items| {
            let numbers: Option<Vec<f64>> = items.iter().map(Term::to_number).collect();
            let numbers = numbers.ok_or_else(|| Fault::wrong("sum wants numbers"))?;
            Ok(Term::Number(numbers.iter().sum()))
        })
    }

    fn scalar(&self) -> Outcome {
        let (plain, is_secret) = self.first()?.revealed();
        let converted = match (self.name, plain) {
            (_, Term::Null | Term::Unknown(_)) => Some(plain.clone()),
            ("tostring", _) => text(std::slice::from_ref(plain), 0).ok().map(Term::text),
            ("tonumber", _) => plain.to_number().map(Term::Number),
            _ => plain.to_bool().map(Term::Bool),
        };
        let converted = converted.ok_or_else(|| Fault::wrong("a value is of another type"))?;
        Ok(converted.kept(is_secret))
    }
}

fn all_values(members: &Members) -> Vec<Term> {
    members
        .entries
        .values()
        .chain(&members.rest)
        .cloned()
        .collect()
}

/// Recursion is bounded by how deep values may be nested.
fn flatten_into(term: &Term, flat: &mut Vec<Term>) {
    match term {
        Term::List(items) => items.iter().for_each(|item| flatten_into(item, flat)),
        other => flat.push(other.clone()),
    }
}
