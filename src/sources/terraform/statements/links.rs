//! Blocks that are links: their ends, and how they are protected.

use crate::catalog::schema::{EndStatement, InTransitRow, LinkStatement, When};
use crate::graph::fragment::{End, LinkDeclaration};
use crate::graph::identity::{Key, Reference};
use crate::graph::link::{Beyond, LinkKind, LinkState};
use crate::graph::node::{NodeKind, Place};
use crate::graph::protection::{Evidence, InTransit, LinkCondition, ProtectionRule};
use crate::value::Value;

use super::super::canonical::step_after;
use super::super::paths::{leaves, top_level};

use super::Side;
use super::conditions::tests;
use super::identity::part_key;

impl Side<'_, '_> {
    pub(super) fn link(&mut self, statement: &LinkStatement) {
        if self.holds(&statement.when) == Some(false) {
            return;
        }
        let [near, far] = [0, 1].map(|side| self.ends(statement, side));
        let [near, far] = self.computed_ends(statement, [near, far]);
        if near.is_empty() || far.is_empty() {
            return;
        }
        let far = self.other_than(&near, far);
        let keys = self.link_keys(statement);
        let effective = (statement.effective_when.is_empty() && !statement.half)
            || statement
                .effective_when
                .iter()
                .any(|when| self.holds(when) == Some(true));
        let carrier = statement.carrier.as_ref().and_then(|path| {
            self.references(path, NodeKind::External, None)
                .into_iter()
                .next()
        });
        let protection = self.protection(&statement.in_transit);
        let mut properties = self.properties(&statement.properties, false);
        properties.extend(self.properties(&statement.facts, true));
        let joins = |name: &str| {
            let path = statement.joins_default.get(name)?;
            leaves(self.values, path)
                .into_iter()
                .find_map(|leaf| match leaf {
                    Value::Bool(truth) => Some(*truth),
                    Value::Text(text) => Some(matches!(text.as_str(), "true" | "enable")),
                    _ => None,
                })
        };
        let joins_default = (joins("association"), joins("propagation"));
        let beyond = statement.half.then(|| {
            // What is known only after apply counts as open.
            let opens = |when: &When| !when.is_empty() && self.holds(when) != Some(false);
            Beyond {
                lends_gateways: opens(&statement.beyond.lends_gateways),
                borrows_gateways: opens(&statement.beyond.borrows_gateways),
                takes_forwarded: opens(&statement.beyond.takes_forwarded),
            }
        });
        self.fragment.has_halves |= beyond.is_some();
        let several = near.len() * far.len() > 1;
        let shares_itself = statement.kind == LinkKind::Sharing && has_itself_as_end(statement);
        for first in &near {
            for second in &far {
                let keys = if several && !has_itself_as_end(statement) {
                    vec![self.key_of_another_link()]
                } else {
                    keys.clone()
                };
                self.fragment.links.push(LinkDeclaration {
                    kind: statement.kind,
                    keys,
                    role: statement.role.clone().unwrap_or_else(|| self.role()),
                    // What a thing shares is not what it is.
                    name: self.name().filter(|_| !shares_itself),
                    ends: [first.clone(), second.clone()],
                    state: if effective && !statement.offer {
                        LinkState::Effective
                    } else {
                        LinkState::Offered
                    },
                    protection: protection.clone(),
                    carrier: carrier.clone(),
                    properties: properties.clone(),
                    joins_default,
                    dynamic_prefixes: statement.dynamic_prefixes,
                    half: beyond,
                    origin: self.origin,
                });
            }
        }
    }

    /// The ends of a link that its resource only names by an identifier: the provider looks them up, and source lacks them.
    pub(super) fn computed_ends(
        &self,
        statement: &LinkStatement,
        ends: [Vec<End>; 2],
    ) -> [Vec<End>; 2] {
        let Some(resolver) = self.application.resolver else {
            return ends;
        };
        let names_link = |path: &&String| {
            !matches!(path.as_str(), "id" | "arn")
                && resolver.is_configured(self.resource, top_level(path))
        };
        if !resolver.leaves_out_computed() || !statement.id.iter().any(|path| names_link(&path)) {
            return ends;
        }
        let mut sides = statement.ends.iter();
        ends.map(|found| {
            let end = sides.next();
            match end {
                Some(end) if found.is_empty() => {
                    let path = end.of.first().map_or("end", String::as_str);
                    let reference = Reference::Unresolved {
                        placeholder: format!("{}.{path}", self.resource.address),
                        why: format!(
                            "{}.{path} is known to the provider only",
                            self.resource.address
                        ),
                    };
                    vec![self.computed_end(end, reference)]
                }
                _ => found,
            }
        })
    }

    pub(super) fn computed_end(&self, end: &EndStatement, reference: Reference) -> End {
        // Where the other side's place is told, it is told by what the provider looks up, too.
        let place = if end.place.is_some() {
            Place::default()
        } else {
            self.place(None)
        };
        let role = end.role.clone();
        End {
            kind: end.kind,
            reference,
            role: role.unwrap_or_else(|| end.kind.slug().replace('-', " ")),
            place,
            around: end.around,
        }
    }

    /// Several links of one statement have no identifier of their own: a key that tells each from the others.
    pub(super) fn key_of_another_link(&mut self) -> Key {
        let number = self.own_links.len() + 1;
        let key = part_key(&self.address_key(), &number.to_string());
        self.own_links.push(key.clone());
        key
    }

    /// The identifiers of a link. The resource itself stands for the first of its links only, and for none that it has beside
    /// being a thing itself: links that share a key are one.
    pub(super) fn link_keys(&mut self, statement: &LinkStatement) -> Vec<Key> {
        if statement.id.is_empty() && has_itself_as_end(statement) {
            return Vec::new();
        }
        let declared = self.fragment.links.last();
        if declared.is_none_or(|link| link.origin != self.origin) {
            return self.keys(&statement.id);
        }
        if statement.id.is_empty() {
            return Vec::new();
        }
        let own = self.address_key();
        let mut keys = self.keys(&statement.id);
        keys.retain(|key| *key != own);
        keys
    }

    /// Far ends that are not the near one: nothing is linked to itself, so a local value taken for that means something else.
    pub(super) fn other_than(&self, near: &[End], mut far: Vec<End>) -> Vec<End> {
        if let ([near], [far], Some(resolver)) =
            (near, far.as_mut_slice(), self.application.resolver)
            && near.reference == far.reference
            && let Reference::To(same @ Key::Address(_)) = &near.reference
        {
            let mut others = resolver.siblings(same);
            if others.is_empty() {
                others = resolver.arguments(self.resource, far.kind);
                others.remove(same);
            }
            let mut others: Vec<Key> = others.into_iter().collect();
            far.reference = match (others.pop(), others.is_empty()) {
                (Some(only), true) => Reference::To(only),
                (Some(last), false) => {
                    others.push(last);
                    Reference::OneOf(others)
                }
                (None, _) => Reference::Unresolved {
                    placeholder: format!("{}.end", self.resource.address),
                    why: format!(
                        "the plan does not say what {} leads to",
                        self.resource.address
                    ),
                },
            };
        }
        far
    }

    pub(super) fn ends(&mut self, statement: &LinkStatement, side: usize) -> Vec<End> {
        let end: &EndStatement = &statement.ends[side];
        let place = end.place.as_ref().map_or_else(
            || Place {
                region: None,
                account: None,
            },
            |rule| {
                self.spelled(Place {
                    region: self.first_text(&rule.region),
                    account: self.first_text(&rule.account),
                })
            },
        );
        let references = if end.of.is_empty() {
            vec![Reference::Unresolved {
                placeholder: format!("{}.end", self.resource.address),
                why: format!("{} does not name its far side", self.resource.address),
            }]
        } else {
            // What something is part of says nothing of what it is itself.
            let kind = if end.around {
                NodeKind::Other
            } else {
                end.kind
            };
            self.first_set(&end.of, kind)
        };
        let role = end
            .role
            .clone()
            .unwrap_or_else(|| end.kind.slug().replace('-', " "));
        references
            .into_iter()
            .map(|reference| End {
                kind: if end.around {
                    end.kind
                } else {
                    self.kind_of(&reference, end.kind)
                },
                role: role.clone(),
                place: self.end_place(&place, end, &reference),
                around: end.around,
                reference,
            })
            .collect()
    }

    pub(super) fn end_place(
        &self,
        told: &Place,
        end: &EndStatement,
        reference: &Reference,
    ) -> Place {
        let mut place = told.clone();
        if let Reference::To(Key::Provider(id)) = reference {
            let told_by_id = |name: &Option<String>| {
                let name = name.as_ref()?;
                step_after(id, name).map(str::to_owned)
            };
            let identifiers = &self.file.identifiers;
            place.fill_from(&Place {
                region: told_by_id(&identifiers.region_after),
                account: told_by_id(&identifiers.account_after),
            });
        }
        let own = self.place(None);
        let untold = |paths: &[String]| {
            let mut leaves = paths.iter().flat_map(|path| leaves(self.values, path));
            leaves.any(|leaf| *leaf == Value::Unknown)
        };
        // An end lies where the resource does, unless an attribute tells otherwise, or will tell after apply.
        let rule = end.place.as_ref();
        if place.region.is_none() && !rule.is_some_and(|rule| rule.global || untold(&rule.region)) {
            place.region = own.region;
        }
        if place.account.is_none() && !rule.is_some_and(|rule| untold(&rule.account)) {
            place.account = own.account;
        }
        place
    }

    pub(super) fn protection(&self, rows: &[InTransitRow]) -> Vec<ProtectionRule> {
        let mut rules = Vec::new();
        for row in rows {
            let own = self.holds(&row.when);
            if own == Some(false) {
                continue;
            }
            let Some(fact) = self.file.facts.get(&row.fact.value) else {
                continue;
            };
            let mut when: Vec<LinkCondition> = row
                .same_region
                .map(LinkCondition::SameRegion)
                .into_iter()
                .collect();
            for (name, condition) in &row.both_ends {
                when.extend(
                    tests(condition).map(|test| LinkCondition::BothEnds(name.clone(), test)),
                );
            }
            for (name, condition) in &row.carrier {
                when.extend(
                    tests(condition).map(|test| LinkCondition::Carrier(name.clone(), test)),
                );
            }
            for (name, condition) in &row.around {
                when.extend(tests(condition).map(|test| LinkCondition::Around(name.clone(), test)));
            }
            let in_transit = InTransit {
                protection: fact.protection,
                evidence: Some(Evidence {
                    fact: row.fact.value.clone(),
                    claim: fact.says.clone(),
                    source: fact.source.clone(),
                    read: fact.read.clone(),
                }),
            };
            // A row whose own condition is known only after apply decides nothing, and hides what comes after it.
            rules.push(ProtectionRule {
                when,
                in_transit: if own.is_none() {
                    InTransit::unknown()
                } else {
                    in_transit
                },
            });
        }
        rules
    }
}

pub(super) fn has_itself_as_end(statement: &LinkStatement) -> bool {
    let mut paths = statement.ends.iter().flat_map(|end| &end.of);
    paths.any(|path| path == "self")
}
