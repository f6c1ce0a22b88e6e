//! Which version of a provider a root module uses, by its lock file or by what its modules ask for.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, ObjectKey};

use super::module::Evaluator;
use super::syntax::{Body, SourceFile};

/// The file in which `terraform init` writes down what it chose.
pub(super) const LOCK_FILE: &str = ".terraform.lock.hcl";

/// A version of a provider: its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u64; 3]);

impl Version {
    /// `5.31.0`, `6`, `v4.0`; what comes before a release counts as that.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let numbers = text.split(['-', '+']).next()?;
        let mut version = [0; 3];
        for (index, number) in numbers.split('.').enumerate() {
            *version.get_mut(index)? = number.parse().ok()?;
        }
        Some(Self(version))
    }
}

/// What is told of the version of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// It is this.
    Locked(Version),
    /// It lies between these: from the first on, and before the second.
    Asked {
        /// The lowest there may be.
        from: Option<Version>,
        /// The first that it may no longer be.
        until: Option<Version>,
    },
}

impl Told {
    /// Whether it comes before another; `None` where nobody knows.
    pub(super) fn is_before(&self, other: &Version) -> Option<bool> {
        match self {
            Self::Locked(version) => Some(version < other),
            Self::Asked { from, until } => match (from, until) {
                (_, Some(until)) if until <= other => Some(true),
                (Some(from), _) if from >= other => Some(false),
                _ => None,
            },
        }
    }

    fn narrow(&mut self, constraint: &str) {
        let Self::Asked { from, until } = self else {
            return;
        };
        for part in constraint.split(',') {
            let part = part.trim();
            let start = part.find(|one: char| one.is_ascii_digit() || one == 'v');
            let (operator, number) = part.split_at(start.unwrap_or(part.len()));
            let Some(version) = Version::parse(number) else {
                continue;
            };
            let lowest = (*from).max(Some(version));
            let highest = |limit: Version| Some(until.map_or(limit, |until| until.min(limit)));
            match operator.trim() {
                ">=" | ">" => *from = lowest,
                "<" => *until = highest(version),
                "<=" => *until = highest(next(version)),
                "=" | "" => {
                    *until = highest(next(version));
                    *from = lowest;
                }
                "~>" => {
                    let Version([major, minor, _]) = version;
                    let limit = match number.split('.').count() {
                        2 => Some(Version([major.saturating_add(1), 0, 0])),
                        3 => Some(Version([major, minor.saturating_add(1), 0])),
                        _ => None,
                    };
                    if let Some(limit) = limit {
                        *until = highest(limit);
                    }
                    *from = lowest;
                }
                _ => {}
            }
        }
    }
}

fn next(Version([major, minor, patch]): Version) -> Version {
    Version([major, minor, patch.saturating_add(1)])
}

impl Evaluator<'_> {
    /// What is told of the versions of providers, by their names without host and namespace.
    pub(super) fn provider_versions(&self) -> BTreeMap<String, Told> {
        let mut told: BTreeMap<String, Told> = BTreeMap::new();
        let mut ask = |provider: String, constraint: &str| {
            let asked = told.entry(provider).or_insert(Told::Asked {
                from: None,
                until: None,
            });
            asked.narrow(constraint);
        };
        for module in 0..self.module_count() {
            let definition = self.node(module).definition;
            for block in &definition.settings {
                for required in block.body.nested("required_providers") {
                    required_providers(&required.body, &mut ask);
                }
            }
            // Before Terraform 0.13 providers said it themselves.
            for block in &definition.providers {
                let name = block.block.labels.first();
                let version = block.body.attributes.get("version");
                let version = version.and_then(|version| version.as_str());
                if let (Some(name), Some(version)) = (name, version) {
                    ask(name.clone(), version);
                }
            }
        }
        let root = self.node(0);
        let directory = root.definition.directory.as_str();
        let path = match directory {
            "" => LOCK_FILE.to_owned(),
            directory => format!("{directory}/{LOCK_FILE}"),
        };
        if let Some(bytes) = self.file(&path) {
            let lock = SourceFile::parse(&path, &String::from_utf8_lossy(&bytes));
            for block in lock
                .blocks
                .iter()
                .filter(|one| one.block.kind == "provider")
            {
                let name = block.block.labels.first().map(|source| last_step(source));
                let version = block.body.attributes.get("version");
                let version = version.and_then(|version| Version::parse(version.as_str()?));
                if let (Some(name), Some(version)) = (name, version) {
                    told.insert(name.to_owned(), Told::Locked(version));
                }
            }
        }
        told
    }
}

fn required_providers(body: &Body, ask: &mut impl FnMut(String, &str)) {
    for (name, attribute) in &body.attributes {
        match attribute.expression() {
            Some(Expression::String(constraint)) => ask(name.clone(), constraint.value()),
            Some(Expression::Object(members)) => {
                let member = |wanted: &str| {
                    members.iter().find_map(|(key, value)| {
                        let key = match key {
                            ObjectKey::Ident(key) => key.as_str(),
                            ObjectKey::Expression(key) => key.as_str()?,
                        };
                        (key == wanted).then(|| value.expr().as_str()).flatten()
                    })
                };
                if let Some(constraint) = member("version") {
                    let provider = member("source").map_or(name.as_str(), last_step);
                    ask(provider.to_owned(), constraint);
                }
            }
            _ => {}
        }
    }
}

fn last_step(source: &str) -> &str {
    source.rsplit('/').next().unwrap_or(source)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn is_before_six(constraints: &[&str]) -> Option<bool> {
        let mut told = Told::Asked {
            from: None,
            until: None,
        };
        for constraint in constraints {
            told.narrow(constraint);
        }
        told.is_before(&Version::parse("6.0.0").unwrap())
    }

    #[test]
    fn a_constraint_tells_whether_a_version_comes_before_another_or_that_nobody_knows() {
        for constraint in [
            "~> 5.0",
            "~> 4.67.0",
            "< 6.0",
            "= 5.31.0",
            "5.1",
            ">= 4, < 6",
        ] {
            assert_eq!(is_before_six(&[constraint]), Some(true), "{constraint}");
        }
        for constraint in [">= 6", "~> 6.2", "6.0.1", ">= 6.0, < 8.0"] {
            assert_eq!(is_before_six(&[constraint]), Some(false), "{constraint}");
        }
        for constraint in [">= 5.0", "~> 5", "<= 6.0.0", "!= 5.1.0", "", "nonsense"] {
            assert_eq!(is_before_six(&[constraint]), None, "{constraint}");
        }
    }

    #[test]
    fn several_constraints_hold_together() {
        assert_eq!(is_before_six(&[">= 4.0", "< 5.50"]), Some(true));
        assert_eq!(is_before_six(&[">= 4.0", ">= 6.1"]), Some(false));
    }
}
