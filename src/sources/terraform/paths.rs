//! Attribute paths of a providers file, followed through values and through a plan's configuration.

use serde_json::Value as Json;

use crate::value::Value;

/// The values at a path. Lists on the way are descended without being named; what is unknown on the way is unknown.
pub(super) fn leaves<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for (name, chosen) in steps(path) {
        found = found
            .into_iter()
            .flat_map(|value| elements(value))
            .map(|value| value.member(name))
            .collect();
        if let Some(chosen) = chosen {
            let blocks = found.into_iter().flat_map(|value| elements(value));
            found = blocks.filter(|block| is_called(block, chosen)).collect();
        }
    }
    found
        .into_iter()
        .flat_map(|value| elements(value))
        .collect()
}

/// The steps of a path: each the name of an attribute and, where only blocks of one name are meant, that name.
fn steps(path: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let text = rest?;
        let (name, behind) = text.split_at(text.find(['.', '[']).unwrap_or(text.len()));
        let chosen = behind
            .strip_prefix('[')
            .and_then(|inside| inside.split_once(']'));
        rest = chosen
            .map_or(behind, |(_, behind)| behind)
            .strip_prefix('.');
        Some((name, chosen.map(|(chosen, _)| chosen)))
    })
}

/// The argument at the top level that a path begins with.
pub(super) fn top_level(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// The parts of a path through blocks of one name: the blocks, that name, and the rest below one of them.
pub(super) fn through_blocks(path: &str) -> Option<(&str, &str, &str)> {
    let (blocks, behind) = path.split_once('[')?;
    let (chosen, rest) = behind.split_once("].")?;
    Some((blocks, chosen, rest))
}

/// Whether a block has this `name`.
pub(super) fn is_called(block: &Value, name: &str) -> bool {
    block.member("name").as_text().as_deref() == Some(name)
}

/// The items of a list, or the value itself.
fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::List(items) => items.iter().flat_map(|item| elements(item)).collect(),
        Value::Sensitive(inner) if matches!(**inner, Value::List(_) | Value::Object(_)) => {
            elements(inner)
        }
        other => vec![other],
    }
}

/// What the configuration says at a path: a constant, or references.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expression {
    /// A literal text.
    pub(super) constant: Option<String>,
    /// Everything the expression refers to, most specific first, each once.
    pub(super) references: Vec<String>,
}

/// The expression at the rest of a path below one argument. A block that stands several times contributes only its
/// `position`th, if all of them are listed; otherwise all of them.
pub(super) fn expression(
    argument: &Json,
    rest: &[&str],
    position: Option<(usize, usize)>,
) -> Expression {
    let mut found = Expression::default();
    collect(argument, rest, position, &mut found);
    let all = found.references.clone();
    found
        .references
        .retain(|one| !all.iter().any(|other| is_prefix(one, other)));
    found.references.dedup();
    found
}

fn collect(json: &Json, rest: &[&str], position: Option<(usize, usize)>, found: &mut Expression) {
    match json {
        Json::Array(blocks) => match position {
            Some((index, count)) if blocks.len() == count => {
                collect(&blocks[index], rest, None, found)
            }
            _ => blocks
                .iter()
                .for_each(|block| collect(block, rest, position, found)),
        },
        Json::Object(members) => {
            if let Some(Json::Array(references)) = members.get("references") {
                let texts = references
                    .iter()
                    .filter_map(Json::as_str)
                    .map(str::to_owned);
                for text in texts {
                    if !found.references.contains(&text) {
                        found.references.push(text);
                    }
                }
            } else if let Some(constant) = members.get("constant_value") {
                let mut value = Some(constant);
                for name in rest {
                    value = value.and_then(|value| match value {
                        Json::Array(items) => items
                            .get(position.map_or(0, |(index, _)| index))
                            .and_then(|item| item.get(name)),
                        other => other.get(name),
                    });
                }
                found.constant = value.and_then(Json::as_str).map(str::to_owned);
            } else if let Some((name, rest)) = rest.split_first()
                && let Some(member) = members.get(*name)
            {
                collect(member, rest, position, found);
            }
        }
        _ => {}
    }
}

/// Whether one reference is the beginning of another: `aws_vpc.a` of `aws_vpc.a.id`.
fn is_prefix(short: &str, long: &str) -> bool {
    long.len() > short.len()
        && long.starts_with(short)
        && matches!(long.as_bytes()[short.len()], b'.' | b'[')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn lists_are_descended_without_being_named() {
        let value = value(r#"{"subnet_mapping":[{"subnet_id":"a"},{"subnet_id":"b"}]}"#);
        let found: Vec<_> = leaves(&value, "subnet_mapping.subnet_id")
            .into_iter()
            .filter_map(Value::as_text)
            .collect();
        assert_eq!(found, ["a", "b"]);
    }

    #[test]
    fn of_blocks_those_of_one_name_may_be_meant() {
        let value = value(
            r#"{"filter":[{"name":"vpc-id","values":["v"]},{"name":"tag:Name","values":["a","b"]}]}"#,
        );
        let texts = |path: &str| -> Vec<String> {
            let found = leaves(&value, path).into_iter();
            found.filter_map(Value::as_text).collect()
        };
        assert_eq!(texts("filter[tag:Name].values"), ["a", "b"]);
        assert!(texts("filter[attachment.vpc-id].values").is_empty());
        assert_eq!(
            through_blocks("filter[attachment.vpc-id].values"),
            Some(("filter", "attachment.vpc-id", "values"))
        );
        assert_eq!(top_level("filter[a.b].values"), "filter");
    }

    #[test]
    fn only_the_most_specific_references_remain() {
        let json = serde_json::json!({"references": ["aws_vpc.v[\"a\"].id", "aws_vpc.v[\"a\"]", "aws_vpc.v", "aws_vpc.very.id"]});
        assert_eq!(
            expression(&json, &[], None).references,
            ["aws_vpc.v[\"a\"].id", "aws_vpc.very.id"]
        );
    }

    #[test]
    fn a_block_answers_for_itself_when_all_blocks_are_listed() {
        let json = serde_json::json!([{"id": {"references": ["a.b.id"]}}, {"id": {"references": ["c.d.id"]}}]);
        assert_eq!(
            expression(&json, &["id"], Some((1, 2))).references,
            ["c.d.id"]
        );
        assert_eq!(
            expression(&json, &["id"], Some((1, 3))).references,
            ["a.b.id", "c.d.id"]
        );
    }
}
