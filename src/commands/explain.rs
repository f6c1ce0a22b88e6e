//! What a rule means.

use anyhow::Result;

use crate::verdict::Rule;

/// A rule that this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("no rule is called `{0}`; run `perimeter explain` to list them")]
pub struct UnknownRule(String);

/// The description of a rule, or the list of all.
///
/// # Errors
///
/// If there is no such rule.
pub fn run(rule: Option<&str>) -> Result<String> {
    let Some(wanted) = rule else {
        let width = Rule::ALL
            .iter()
            .map(|rule| rule.id().len())
            .max()
            .unwrap_or(0);
        let lines: Vec<String> = Rule::ALL
            .iter()
            .map(|rule| format!("{:width$}  {}\n", rule.id(), rule.summary()))
            .collect();
        return Ok(lines.concat());
    };
    let rule = Rule::ALL
        .iter()
        .find(|rule| rule.id() == wanted)
        .ok_or_else(|| UnknownRule(wanted.to_owned()))?;
    Ok(format!(
        "{}: {}\n\n{}\n",
        rule.id(),
        rule.summary(),
        rule.description()
    ))
}
