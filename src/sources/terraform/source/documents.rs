//! Data sources that ask nobody: documents that are made of nothing but their own arguments.

use std::collections::BTreeMap;

use super::evaluate::Outcome;
use super::functions::to_json;
use super::module::Evaluator;
use super::term::{Handle, Term, Unknown};

/// The block of a Cloud WAN policy, without its name.
///
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/networkmanager_core_network_policy_document>
/// (read 2026-11-22)
const CORE_NETWORK_POLICY: &str = "data.aws_networkmanager_core_network_policy_document.";

/// Blocks of a Cloud WAN policy that a document holds once, as an object and not as a list.
const SINGLE_BLOCKS: [&str; 5] = [
    "action",
    "core_network_configuration",
    "edge_location_association",
    "via",
    "when_sent_to",
];

/// Members whose name in the document is not their argument's with dashes.
const OTHER_NAMES: [(&str, &str); 1] = [("with_edge_override", "with-edge-overrides")];

impl Evaluator<'_> {
    /// An attribute that a data source makes of its own arguments; `None` for any other.
    pub(super) fn document(&self, handle: &Handle, name: &str) -> Option<Outcome> {
        let is_one = name == "json" && handle.block.starts_with(CORE_NETWORK_POLICY);
        is_one.then(|| self.core_network_policy(handle))
    }

    fn core_network_policy(&self, handle: &Handle) -> Outcome {
        let said = self.all_written(handle)?;
        self.pay(said.shape().size as u64)?;
        let document = policy(&said);
        if document.has_unknown() {
            // By all that is known of it: one that says something else is another document.
            let name = format!("{}.json of {document}", handle.address);
            return Ok(Term::unknown(Unknown::derived(name, [&document])));
        }
        let text = to_json(&document).to_string();
        self.pay_text(text.len())?;
        Ok(Term::text(text).kept(document.has_secret()))
    }
}

/// Arguments as the document spells them. The depth of values is bounded.
fn policy(term: &Term) -> Term {
    match term {
        Term::List(items) => Term::list(items.iter().map(policy).collect()),
        Term::Secret(inner) => policy(inner).kept(true),
        Term::Object(members) => {
            let mut entries = BTreeMap::new();
            for (name, value) in &members.entries {
                let value = match policy(value) {
                    Term::Null => continue,
                    Term::List(items) if SINGLE_BLOCKS.contains(&name.as_str()) => {
                        match items.first() {
                            Some(only) => only.clone(),
                            None => continue,
                        }
                    }
                    value => value,
                };
                if name == "share_with_except" {
                    let except = BTreeMap::from([("except".to_owned(), value)]);
                    entries.insert("share-with".to_owned(), Term::object(except));
                    continue;
                }
                let other = OTHER_NAMES.iter().find(|(own, _)| own == name);
                let spelled = other.map_or_else(|| name.replace('_', "-"), |(_, is)| (*is).into());
                entries.entry(spelled).or_insert(value);
            }
            Term::open_object(entries, members.rest.clone())
        }
        other => other.clone(),
    }
}
