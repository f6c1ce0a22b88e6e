//! What an entry of the catalog says of the nodes and links that a type becomes.

use crate::catalog::schema::{LinkStatement, NodeStatement, ProviderFile, Statement, TypeEntry};

pub(in super::super) fn nodes(entry: &TypeEntry) -> impl Iterator<Item = &NodeStatement> {
    entry
        .becomes
        .iter()
        .flatten()
        .filter_map(|statement| match statement {
            Statement::Node(node) => Some(node),
            _ => None,
        })
}

fn links(entry: &TypeEntry) -> impl Iterator<Item = &LinkStatement> {
    entry
        .becomes
        .iter()
        .flatten()
        .filter_map(|statement| match statement {
            Statement::Link(link) => Some(link.as_ref()),
            _ => None,
        })
}

/// Whether an attribute names the resource itself rather than something it refers to.
pub(in super::super) fn identifies(
    entry: &TypeEntry,
    file: &ProviderFile,
    attribute: &str,
) -> bool {
    let named = nodes(entry)
        .map(|node| &node.id)
        .chain(links(entry).map(|link| &link.id));
    let mut any_default = false;
    for ids in named {
        let top_level = |id: &String| id.split('.').next() == Some(attribute);
        if ids.iter().any(top_level) {
            return true;
        }
        any_default |= ids.is_empty();
    }
    let is_usual = |name: &str| file.identifiers.attributes().any(|usual| usual == name);
    any_default && (is_usual(attribute) || (attribute == "name" && !entry.known_as.is_empty()))
}
