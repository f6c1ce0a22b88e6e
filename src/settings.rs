//! The organisation's file, `perimeter.yaml`. All of it is optional.

#[cfg(test)]
mod reference;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::change::Category;
use crate::location::positioned;
use crate::value::seconds;

/// The marker of the note, unless the settings say otherwise.
pub const DEFAULT_MARKER: &str = "ZFN-3 carve-out:";

/// Where the settings lie in a repository.
pub const PATH: &str = "perimeter.yaml";

/// What an organisation can say about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What the file is called, for messages.
    #[serde(skip)]
    pub file: String,
    /// The marker's exact spelling.
    pub marker: Option<String>,
    /// Which files to look at.
    pub sources: Sources,
    /// Names that people use, and what they stand for.
    pub aliases: BTreeMap<String, OneOrMany>,
    /// What the carve-outs of certain paths rest on, when their words name nothing.
    pub bindings: Vec<Binding>,
    /// Places of the organisation.
    pub sites: Vec<Site>,
    /// Parties outside the organisation.
    pub external: Vec<External>,
    /// Domains of the DNS whose names are the organisation's own: `acme.com`.
    pub internal_domains: Vec<String>,
    /// What invalidates, and what blocks.
    pub policy: Policy,
    /// Clusters, where they run, and which manifests are theirs.
    pub clusters: Vec<Cluster>,
    /// Versions of systems of which one version means what another does not.
    pub versions: Versions,
    /// Paths where no carve-out is accepted.
    pub high_trust: Vec<HighTrust>,
    /// Groups of services, each behind gateways of its own.
    pub domains: Vec<Domain>,
}

/// Which files to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// Plans, when the command line names none.
    pub plans: Vec<String>,
    /// States of other stacks: files or globs, relative to the top of the repository's work tree.
    pub context: Vec<String>,
    /// Directories of root modules, as globs, when no plan is given: by default all that no other module calls.
    pub roots: Vec<String>,
    /// What root modules are run with, when no plan is given: each entry is one run, and makes a network of its own.
    pub var_files: Vec<VarFiles>,
    /// Kubernetes and mesh configuration: globs; without any, every file that holds such counts.
    pub mesh: Vec<String>,
    /// Paths without call sites of the organisation's own: globs.
    pub ignore: Vec<String>,
}

/// One run of a root module.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VarFiles {
    /// The root module's directory; `.` is the top of the repository.
    pub root: String,
    /// The files of variables that it is told to read together, as paths from the top of the repository; later ones win.
    pub files: Vec<String>,
}

/// A Kubernetes or mesh cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// A network, or the cluster's own resource: an address, identifier or name.
    #[serde(default)]
    pub runs_in: Option<String>,
    /// The files whose objects are applied to it: globs.
    #[serde(default)]
    pub manifests: Vec<String>,
}

/// Major versions of systems, where no file tells them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Versions {
    /// Kuma: 2 or 3.
    pub kuma: Option<u64>,
}

/// One reference, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a name, or a list of names")
            }

            fn visit_str<E>(self, text: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![text.to_owned()]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut access: A,
            ) -> Result<OneOrMany, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = access.next_element()? {
                    names.push(name);
                }
                Ok(OneOrMany(names))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// What the carve-outs of certain paths rest on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Globs of paths in the repository.
    pub paths: Vec<String>,
    /// What they rest on.
    pub rests_on: Vec<String>,
}

/// A place of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// The boundaries and gateways that are there.
    pub networks: Vec<String>,
}

/// Code where no carve-out is accepted, whatever its words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HighTrust {
    /// What it is for: "secret distribution".
    pub name: String,
    /// Globs of paths in the repositories.
    pub paths: Vec<String>,
}

/// A group of services that others reach through its gateways only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// The boundaries that it is made of.
    pub networks: Vec<String>,
    /// What a path to or from another domain must pass.
    #[serde(default)]
    pub gateways: Vec<String>,
}

/// A party outside the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct External {
    /// Its name.
    pub name: String,
    /// Its address ranges.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub cidrs: Vec<ipnet::IpNet>,
    /// Its accounts.
    #[serde(default)]
    pub accounts: Vec<String>,
    /// Its domains of the DNS.
    #[serde(default)]
    pub domains: Vec<String>,
}

/// What invalidates, and what blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// What a category does: `invalidate` (the default) or `report`.
    pub categories: BTreeMap<String, CategoryPolicy>,
    /// Whether changes that only narrow the perimeter keep a justification.
    pub narrowing: Narrowing,
    /// How old a justification may be before `audit` asks for a new one: `90d`.
    pub max_age: Option<String>,
    /// How long a certificate that shows an identity may live: `24h`, `90m`, `7d`.
    pub max_certificate_lifetime: Option<String>,
}

/// What changes of a category do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CategoryPolicy {
    /// Carve-outs that rest on what changed must be re-justified.
    Invalidate,
    /// Reported, and nothing else.
    Report,
}

/// What changes that only narrow the perimeter do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Narrowing {
    /// Like any other.
    #[default]
    Invalidate,
    /// Justifications stand.
    Keep,
}

/// A domain as it is compared: in small letters, without a leading wildcard.
#[must_use]
pub fn bare_domain(told: &str) -> String {
    let name = told.trim().trim_start_matches('*').trim_matches('.');
    name.to_lowercase()
}

impl Settings {
    /// Read a settings file.
    ///
    /// # Errors
    ///
    /// With line and column, if it is not YAML, has a key that is not known, or a value that is not one of its kind.
    pub fn parse(path: &str, text: &str) -> Result<Self, String> {
        if text
            .lines()
            .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
        {
            return Ok(Self::default());
        }
        let mut settings: Self =
            serde_saphyr::from_str(text).map_err(|error| positioned(path, text, &error))?;
        path.clone_into(&mut settings.file);
        for category in settings.policy.categories.keys() {
            if !Category::ALL.iter().any(|known| known.word() == category) {
                let known = Category::ALL.map(Category::word);
                return Err(format!(
                    "{path}: policy.categories: no category `{category}`; known are {}",
                    known.join(", ")
                ));
            }
        }
        if settings
            .marker
            .as_deref()
            .is_some_and(|marker| marker.chars().filter(|c| c.is_alphanumeric()).count() < 4)
        {
            return Err(format!(
                "{path}: marker: too short to be told from prose; it needs four letters or digits at least"
            ));
        }
        let policy = &settings.policy;
        for (setting, given, example) in [
            (
                "max_certificate_lifetime",
                &policy.max_certificate_lifetime,
                "24h or 7d",
            ),
            ("max_age", &policy.max_age, "90d"),
        ] {
            if let Some(given) = given.as_ref().filter(|given| seconds(given).is_none()) {
                return Err(format!(
                    "{path}: policy.{setting}: `{given}` is no duration, such as {example}"
                ));
            }
        }
        for domain in &settings.internal_domains {
            let name = bare_domain(domain);
            let of_all = psl::suffix(name.as_bytes())
                .filter(|suffix| suffix.typ() == Some(psl::Type::Icann));
            if name.is_empty() || of_all.is_some_and(|suffix| suffix.as_bytes() == name.as_bytes())
            {
                return Err(format!(
                    "{path}: internal_domains: `{domain}` is no domain of one organisation: names of others end so too"
                ));
            }
        }
        for (setting, patterns) in settings.globs() {
            for pattern in patterns {
                globset::Glob::new(pattern).map_err(|error| {
                    let reason = error.kind();
                    format!("{path}: {setting}: `{pattern}` is no glob: {reason}")
                })?;
            }
        }
        Ok(settings)
    }

    /// Every setting that holds globs of paths, by its name.
    #[must_use]
    pub fn globs(&self) -> Vec<(&'static str, &[String])> {
        let mut globs: Vec<(&str, &[String])> = vec![
            ("sources.plans", &self.sources.plans),
            ("sources.context", &self.sources.context),
            ("sources.roots", &self.sources.roots),
            ("sources.mesh", &self.sources.mesh),
            ("sources.ignore", &self.sources.ignore),
        ];
        globs.extend(
            self.bindings
                .iter()
                .map(|binding| ("bindings: paths", binding.paths.as_slice())),
        );
        let high_trust = self.high_trust.iter();
        globs.extend(high_trust.map(|one| ("high_trust: paths", one.paths.as_slice())));
        let clusters = self.clusters.iter();
        globs.extend(clusters.map(|one| ("clusters: manifests", one.manifests.as_slice())));
        globs
    }

    /// Where the settings are, or would be.
    #[must_use]
    pub fn file_or_default(&self) -> &str {
        if self.file.is_empty() {
            PATH
        } else {
            &self.file
        }
    }

    /// The marker in force.
    #[must_use]
    pub fn marker(&self) -> &str {
        self.marker.as_deref().unwrap_or(DEFAULT_MARKER)
    }

    /// How long a certificate that shows an identity may live, in seconds.
    #[must_use]
    pub fn max_certificate_lifetime(&self) -> u64 {
        let given = self.policy.max_certificate_lifetime.as_deref();
        given.and_then(seconds).unwrap_or(24 * 3600)
    }

    /// How old a justification may be, in seconds; `None`: as old as it likes.
    #[must_use]
    pub fn max_age(&self) -> Option<u64> {
        self.policy.max_age.as_deref().and_then(seconds)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = Settings::parse(
            "perimeter.yaml",
            "marker: \"ZFN-3 carve-out:\"\nalias: {}\n",
        )
        .unwrap_err();
        assert!(
            error.starts_with("perimeter.yaml:2:1: unknown field `alias`")
                && error.contains("aliases")
                && !error.contains('\n'),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_category_is_refused_with_the_known_ones() {
        let error = Settings::parse(
            "perimeter.yaml",
            "policy: { categories: { rooting: report } }",
        )
        .unwrap_err();
        assert!(
            error.contains("rooting") && error.contains("routing"),
            "{error}"
        );
    }

    #[test]
    fn a_bad_glob_is_refused_wherever_it_stands_and_a_good_one_is_not() {
        for (setting, text) in [
            ("sources.ignore", "sources: { ignore: [\"vendor/{a\"] }"),
            ("sources.context", "sources: { context: [\"states/[\"] }"),
            (
                "bindings: paths",
                "bindings: [ { paths: [\"services/[\"], rests_on: [prod] } ]",
            ),
            (
                "high_trust: paths",
                "high_trust: [ { name: secrets, paths: [\"vault/[\"] } ]",
            ),
        ] {
            let error = Settings::parse("perimeter.yaml", text).unwrap_err();
            assert!(
                error.starts_with(&format!("perimeter.yaml: {setting}: `")),
                "{error}"
            );
        }
        assert!(Settings::parse("perimeter.yaml", "sources: { ignore: [\"vendor/**\"] }").is_ok());
    }

    #[test]
    fn a_domain_that_others_have_names_in_is_refused_and_one_of_ones_own_is_not() {
        for own in ["com", "*.co.uk", "*"] {
            let text = format!("internal_domains: [\"{own}\"]");
            let error = Settings::parse("perimeter.yaml", &text).unwrap_err();
            assert!(error.contains("internal_domains"), "{error}");
        }
        let text = "internal_domains: [acme.com, \"*.acme.co.uk\", corp]";
        assert!(Settings::parse("perimeter.yaml", text).is_ok());
    }

    #[test]
    fn a_file_of_comments_is_empty_settings() {
        assert_eq!(
            Settings::parse("perimeter.yaml", "# nothing yet\n")
                .unwrap()
                .marker(),
            DEFAULT_MARKER
        );
    }
}
