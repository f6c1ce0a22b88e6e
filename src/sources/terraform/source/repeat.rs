//! How often a block is repeated: `count`, `for_each` and OpenTofu's `lifecycle { enabled }`.
//!
//! Where nobody knows, what may be there counts as being there, and what that hangs on is remembered: a change of it is a
//! change of what may be there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl_edit::expr::Expression;

use super::super::resource::InstanceKey;
use super::evaluate::{Fault, Outcome, Repetition, Scope, one_of};
use super::module::{ANY_KEY, Evaluator, MAX_INSTANCES};
use super::syntax::Body;
use super::term::{Term, Unknown, shortened};
use super::tree::nested_attribute;

/// How many instances a block may have.
const MAX_INSTANCES_OF_A_BLOCK: usize = 20_000;

/// How many doubts an instance keeps apart.
const MAX_DOUBTS: usize = 50;

/// How a block is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Single,
    Count,
    ForEach,
}

/// How often a block is repeated, and with what.
pub(super) struct Repetitions {
    pub(super) shape: Shape,
    pub(super) each: Vec<(Option<InstanceKey>, Repetition)>,
}

/// What nobody could decide while something was evaluated.
pub(super) type Doubts = BTreeSet<Doubt>;

/// A condition that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Doubt {
    /// The one element of a collection that it decides on, as text.
    pub(super) about: Option<Arc<str>>,
    /// What it says, with all that is known of it put in.
    pub(super) condition: Arc<str>,
}

impl Repetitions {
    /// The keys of `for_each` that are known.
    pub(super) fn keys(&self) -> BTreeSet<String> {
        let keys = self
            .each
            .iter()
            .filter_map(|(key, _)| text_of(key.as_ref()));
        keys.map(str::to_owned).collect()
    }
}

fn text_of(key: Option<&InstanceKey>) -> Option<&str> {
    match key {
        Some(InstanceKey::Text(key)) => Some(key),
        _ => None,
    }
}

/// The doubts of a block, sorted by the instance that they bear on.
pub(super) struct Sorted {
    of_all: Doubts,
    of_one: BTreeMap<String, Doubts>,
}

impl Sorted {
    /// What is about one of the keys of the block's instances bears on that alone, and everything else on all. What bears on
    /// its module bears on all of them, too.
    pub(super) fn new(doubts: &Doubts, keys: &BTreeSet<String>, of_module: &Doubts) -> Self {
        let mut of_all = of_module.clone();
        let mut of_one: BTreeMap<String, Doubts> = BTreeMap::new();
        for doubt in doubts {
            match doubt.about.as_deref().filter(|about| keys.contains(*about)) {
                Some(about) => {
                    let own = of_one.entry(about.to_owned()).or_default();
                    own.insert(doubt.clone());
                }
                None => {
                    of_all.insert(doubt.clone());
                }
            }
        }
        Self {
            of_all: condensed(of_all),
            of_one,
        }
    }

    /// Those that bear on an instance.
    pub(super) fn of(&self, key: Option<&InstanceKey>) -> Doubts {
        let mut doubts = self.of_all.clone();
        let own = text_of(key).and_then(|key| self.of_one.get(key));
        doubts.extend(own.into_iter().flatten().cloned());
        condensed(doubts)
    }
}

/// Many doubts as one that differs where any of them does: so many instances share so many that copies take no end.
pub(super) fn condensed(doubts: Doubts) -> Doubts {
    if doubts.len() <= MAX_DOUBTS {
        return doubts;
    }
    let mut all = String::new();
    for doubt in &doubts {
        all.push_str(doubt.about.as_deref().unwrap_or_default());
        all.push_str(": ");
        all.push_str(&doubt.condition);
        all.push_str("; ");
    }
    Doubts::from([Doubt {
        about: None,
        condition: shortened(all).into(),
    }])
}

impl Evaluator<'_> {
    /// How often a block is repeated. What cannot be told counts as once, for an instance that stands for all.
    /// Only where it `matters` somebody is told.
    pub(super) fn repetitions(
        &self,
        body: &Body,
        module: usize,
        address: &str,
        matters: bool,
    ) -> Repetitions {
        let scope = Scope::of_module(module);
        if let Some(count) = body.attributes.get("count") {
            let known = self.with_expression(count, |count| self.largest_count(count, scope));
            return self.counted(known, address, matters);
        }
        if let Some(collection) = body.attributes.get("for_each") {
            let known = self.with_expression(collection, |all| self.widest(all, scope));
            return self.keyed(known, address, matters);
        }
        let enabled = nested_attribute(body, "lifecycle", "enabled");
        let is_there = enabled.is_none_or(|enabled| {
            let known = self.value(enabled, scope);
            let truth = known
                .as_ref()
                .ok()
                .and_then(|known| known.revealed().0.to_bool());
            if truth.is_none() {
                self.uncounted(address, "lifecycle.enabled", &known, matters);
            }
            truth.unwrap_or(true)
        });
        let only = is_there.then(|| (None, Repetition::default()));
        Repetitions {
            shape: Shape::Single,
            each: only.into_iter().collect(),
        }
    }

    fn counted(&self, known: Outcome, address: &str, matters: bool) -> Repetitions {
        let number = match &known {
            Ok(term) => term.revealed().0.to_number(),
            Err(_) => None,
        };
        let room = MAX_INSTANCES.saturating_sub(self.instances.get());
        let each = match number {
            Some(number) if number >= 0.0 => {
                // A cast to an integer stops at its largest.
                let wanted = number as usize;
                let allowed = wanted.min(MAX_INSTANCES_OF_A_BLOCK).min(room);
                if allowed < wanted {
                    self.too_many(address, wanted);
                }
                let numbered = (0..allowed).map(|index| {
                    let repetition = Repetition {
                        index: Some(Term::Number(index as f64)),
                        each: None,
                    };
                    (Some(InstanceKey::Number(index as u64)), repetition)
                });
                numbered.collect()
            }
            _ => {
                self.uncounted(address, "count", &known, matters);
                let index = Unknown::hidden(format!("{address} count.index"), "count is not known");
                let repetition = Repetition {
                    index: Some(Term::unknown(index)),
                    each: None,
                };
                vec![(Some(InstanceKey::Number(0)), repetition)]
            }
        };
        Repetitions {
            shape: Shape::Count,
            each,
        }
    }

    /// A count; where a condition that nobody knows decides, the larger one: what may be there counts as being there.
    fn largest_count(&self, count: &Expression, scope: Scope<'_>) -> Outcome {
        let whole = self.evaluate(count, scope)?;
        let Term::Unknown(_) = whole.revealed().0 else {
            return Ok(whole);
        };
        match count {
            Expression::Parenthesis(inner) => self.largest_count(inner.inner(), scope),
            Expression::Conditional(conditional) => {
                let sides = [&conditional.true_expr, &conditional.false_expr];
                let [one, other] = sides.map(|side| {
                    let value = self.largest_count(side, scope)?;
                    Ok(value.revealed().0.to_number())
                });
                Ok(match (one?, other?) {
                    (Some(one), Some(other)) => Term::Number(one.max(other)),
                    _ => whole,
                })
            }
            _ => Ok(whole),
        }
    }

    fn keyed(&self, collection: Outcome, address: &str, matters: bool) -> Repetitions {
        let revealed = collection.map(|term| term.revealed().0.clone());
        let mut each: Vec<(Option<InstanceKey>, Repetition)> = Vec::new();
        let room = MAX_INSTANCES
            .saturating_sub(self.instances.get())
            .min(MAX_INSTANCES_OF_A_BLOCK);
        let some_keys_unknown = || Err(Fault::wrong("some of its keys are not known"));
        let any = |value: &Term| {
            let key = Unknown::hidden(format!("{address} each.key"), "its keys are not known");
            let repetition = Repetition {
                index: None,
                each: Some((Term::unknown(key), value.clone())),
            };
            (Some(InstanceKey::Text(ANY_KEY.to_owned())), repetition)
        };
        let named = |key: &str, value: &Term| {
            let repetition = Repetition {
                index: None,
                each: Some((Term::text(key), value.clone())),
            };
            (Some(InstanceKey::Text(key.to_owned())), repetition)
        };
        match revealed {
            Ok(Term::Object(members)) => {
                if members.entries.len() > room {
                    self.too_many(address, members.entries.len());
                }
                let known = members.entries.iter().take(room);
                each.extend(known.map(|(key, value)| named(key, value)));
                if let Some(rest) = &members.rest {
                    self.uncounted(address, "for_each", &some_keys_unknown(), matters);
                    self.doubt(None, rest.to_string());
                    each.push(any(rest));
                }
            }
            Ok(Term::List(items)) => {
                if items.len() > room {
                    self.too_many(address, items.len());
                }
                let mut seen = BTreeSet::new();
                let mut unknown = Vec::new();
                for item in items.iter().take(room) {
                    match item.revealed().0 {
                        plain if plain.to_text().is_some() => {
                            let key = plain.to_text().unwrap_or_default();
                            if seen.insert(key.clone()) {
                                each.push(named(&key, item));
                            }
                        }
                        // Known by what it is: `x["aws_vpc.a.id"]`. Its real key will be another.
                        Term::Unknown(own) if own.is_exact => {
                            if seen.insert(own.name.clone()) {
                                let (_, repetition) = any(item);
                                let key = InstanceKey::Text(own.name.clone());
                                each.push((Some(key), repetition));
                            }
                        }
                        other => unknown.push(other.clone()),
                    }
                }
                if !unknown.is_empty() {
                    let rest = one_of(&format!("{address} each.value"), &unknown);
                    self.uncounted(address, "for_each", &some_keys_unknown(), matters);
                    self.doubt(None, rest.to_string());
                    each.push(any(&rest));
                }
            }
            Ok(Term::Null) => {}
            other => {
                self.uncounted(address, "for_each", &other, matters);
                let value = match &other {
                    Ok(term) => Unknown::derived(format!("{address} each.value"), [term]),
                    Err(fault) => Unknown::hidden(format!("{address} each.value"), fault.message()),
                };
                each.push(any(&Term::unknown(value)));
            }
        }
        Repetitions {
            shape: Shape::ForEach,
            each,
        }
    }

    /// A collection to go over; where a condition that nobody knows decides, all that may be in it.
    pub(super) fn widest(&self, collection: &Expression, scope: Scope<'_>) -> Outcome {
        match collection {
            Expression::Parenthesis(inner) => self.widest(inner.inner(), scope),
            Expression::FuncCall(call)
                if matches!(call.name.name.as_str(), "toset" | "tomap") && call.args.len() == 1 =>
            {
                let Some(inner) = call.args.get(0) else {
                    return self.evaluate(collection, scope);
                };
                self.widest(inner, scope)
            }
            Expression::Conditional(conditional) => {
                let condition = self.evaluate(&conditional.cond_expr, scope)?;
                if condition.revealed().0.to_bool().is_some() {
                    return self.evaluate(collection, scope);
                }
                let sides = [&conditional.true_expr, &conditional.false_expr];
                let [one, other] = sides.map(|side| self.widest(side, scope));
                if let (Ok(one), Ok(other)) = (&one, &other) {
                    self.doubt_of_choice(&condition, one, other);
                }
                Ok(match (one, other) {
                    (Ok(Term::Object(one)), Ok(Term::Object(other))) => {
                        let mut entries = other.entries.clone();
                        for (key, value) in &one.entries {
                            let value = match other.entries.get(key) {
                                Some(its) => {
                                    let name = format!("{condition} ? {value} : {its}");
                                    one_of(&name, &[value.clone(), its.clone()])
                                }
                                None => value.clone(),
                            };
                            entries.insert(key.clone(), value);
                        }
                        Term::open_object(entries, one.rest.clone().or_else(|| other.rest.clone()))
                    }
                    (Ok(Term::List(one)), Ok(Term::List(other))) => {
                        Term::set(one.iter().chain(other.iter()).cloned().collect())
                    }
                    _ => return self.evaluate(collection, scope),
                })
            }
            _ => self.evaluate(collection, scope),
        }
    }

    fn uncounted(&self, address: &str, argument: &str, found: &Outcome, matters: bool) {
        let condition = match found {
            Ok(term) => term.to_string(),
            Err(fault) => fault.message().to_owned(),
        };
        self.doubt(None, condition);
        if !matters {
            return;
        }
        let why = match found {
            Ok(Term::Unknown(unknown)) => unknown.why.clone(),
            Ok(_) => "it is no number and no collection".to_owned(),
            Err(fault) => fault.message().to_owned(),
        };
        self.notice(
            "unknown-count",
            address.to_owned(),
            if argument == "lifecycle.enabled" {
                format!("its {argument} is not known ({why}); it counts as being there")
            } else {
                format!("its {argument} is not known ({why}); one instance stands for all of them")
            },
        );
    }

    fn too_many(&self, address: &str, wanted: usize) {
        self.notice(
            "budget-exhausted",
            address.to_owned(),
            format!("it asks for {wanted} instances, and the rest of them is not looked at"),
        );
    }

    /// Remember what nobody knows, and what hangs on it.
    pub(super) fn doubt(&self, about: Option<&Term>, condition: impl Into<String>) {
        let about = about.map(|about| match about.to_text() {
            Some(text) => text,
            None => shortened(about.to_string()),
        });
        self.doubts.borrow_mut().insert(Doubt {
            about: about.map(Into::into),
            condition: shortened(condition.into()).into(),
        });
    }

    /// Remember a condition that nobody knows and that decides between two values.
    pub(super) fn doubt_of_choice(&self, condition: &Term, one: &Term, other: &Term) {
        self.doubt(
            None,
            format!("{condition} ? {} : {}", outline(one), outline(other)),
        );
    }

    /// What something comes to, with what was in doubt in it.
    pub(super) fn watched<T>(&self, evaluate: impl FnOnce() -> T) -> (T, Doubts) {
        let outer = self.doubts.take();
        let result = evaluate();
        let own = self.doubts.replace(outer);
        self.inherit(&own);
        (result, own)
    }

    /// What was in doubt in something is in doubt in what is made of it.
    pub(super) fn inherit(&self, doubts: &Doubts) {
        // Who cannot pay any more gets no values either.
        if !doubts.is_empty() && self.pay_elements(doubts.len()).is_ok() {
            self.doubts.borrow_mut().extend(doubts.iter().cloned());
        }
    }
}

/// What of a value bears on whether something is there: of a collection, only whether it is empty. What its elements are,
/// those say themselves.
fn outline(term: &Term) -> String {
    match term {
        Term::List(items) if !items.is_empty() => "[..]".to_owned(),
        Term::Object(members) if !members.entries.is_empty() => "{..}".to_owned(),
        other => other.to_string(),
    }
}
