//! References taken apart, as a plan writes them.

use serde_json::Value as Json;

/// Every reference anywhere in an expression.
pub(super) fn all_references(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| all_references(item, found)),
        Json::Object(members) => match members.get("references") {
            Some(Json::Array(references)) => found.extend(
                references
                    .iter()
                    .filter_map(Json::as_str)
                    .map(str::to_owned),
            ),
            _ => members
                .values()
                .for_each(|member| all_references(member, found)),
        },
        _ => {}
    }
}

/// One step of a reference: a name, with the instance key behind it as Terraform writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) key: Option<String>,
}

/// `module.net["a.b"].vpc_id` as its steps; brackets and quotes keep dots together.
pub(super) fn split_reference(reference: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = reference;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut key = None;
        while rest.starts_with('[') {
            let Some(end) = key_end(rest) else {
                return parts;
            };
            key.get_or_insert_with(|| rest[..end].to_owned());
            rest = &rest[end..];
        }
        parts.push(Part { name, key });
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if parts.len() > 64 {
            break;
        }
    }
    parts
}

/// The length of the bracketed key that a text begins with.
pub(super) fn key_end(text: &str) -> Option<usize> {
    if !text.starts_with('[') {
        return None;
    }
    let mut in_quotes = false;
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            ']' if !in_quotes => return Some(index + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_dots_and_brackets_stay_in_one_piece() {
        let parts = split_reference(r#"module.net["a.b[0]"].vpc_id"#);
        let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["module", "net", "vpc_id"]);
        assert_eq!(parts[1].key.as_deref(), Some(r#"["a.b[0]"]"#));
    }
}
