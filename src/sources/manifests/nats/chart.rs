//! Values of the Helm chart of NATS, as the configuration that the chart makes of them.
//!
//! After `helm/charts/nats` of <https://github.com/nats-io/k8s>, version 1 and later, read 2026-11-22: all listeners but the
//! clients' and the monitoring port are off, and so is TLS everywhere.

use super::super::yaml::{Content, Field, Node};

/// Blocks of `config` that each have `enabled`, `port`, `tls` and `merge`.
const BLOCKS: &[&str] = &["cluster", "gateway", "leafnodes", "websocket", "mqtt"];

/// The values of the chart in a document: the whole of it, or below the chart's name.
pub(super) fn values(root: &Node) -> Option<&Node> {
    let is_chart = |node: &&Node| {
        let Some(config) = node.get("config").filter(|config| config.is_map()) else {
            return false;
        };
        let is_block = |key: &&str| {
            let block = config.get(key);
            block
                .is_some_and(|block| block.get("enabled").is_some() || block.get("merge").is_some())
        };
        let further = ["jetstream", "resolver", "monitor"];
        BLOCKS.iter().chain(&further).any(is_block)
            || config.at(&["nats", "tls"]).is_some()
            || config.get("merge").is_some_and(Node::is_map) && root.get("natsBox").is_some()
    };
    Some(root)
        .filter(is_chart)
        .or_else(|| root.get("nats").filter(is_chart))
}

/// What the chart makes of its values, as far as it moves the perimeter.
pub(super) fn settings(values: &Node) -> Node {
    let mut fields = Vec::new();
    let Some(config) = values.get("config") else {
        return of(values, fields);
    };
    let is_on = |node: &Node| node.get("enabled").and_then(Node::truth) == Some(true);
    for key in BLOCKS {
        let Some(field) = config.field(key).filter(|field| is_on(&field.value)) else {
            continue;
        };
        let mut block = Vec::new();
        if let Some(tls) = field.value.field("tls").filter(|tls| is_on(&tls.value)) {
            add(&mut block, "tls", tls.line, tls_of(&tls.value));
        }
        let port = field.value.field("port");
        let line = port.map_or(field.line, |port| port.line);
        add(&mut block, "port", line, scalar("1", line));
        if let Some(users) = field
            .value
            .get("routeURLs")
            .filter(|urls| urls.get("user").is_some())
        {
            add(&mut block, "authorization", users.line, users.clone());
        }
        // A gateway is called as the chart's release unless something merged in says otherwise.
        merge(&mut block, field.value.get("merge"));
        add(&mut fields, key, field.line, of(&field.value, block));
    }
    if let Some(tls) = config.at(&["nats", "tls"]).filter(|tls| is_on(tls)) {
        add(&mut fields, "tls", tls.line, tls_of(tls));
    }
    let monitor = config.field("monitor");
    let is_monitored = monitor.is_none_or(|monitor| {
        monitor.value.get("enabled").and_then(Node::truth) != Some(false)
            && monitor.value.at(&["tls", "enabled"]).and_then(Node::truth) != Some(true)
    });
    if is_monitored {
        let line = monitor.map_or(config.line, |monitor| monitor.line);
        add(&mut fields, "http_port", line, scalar("8222", line));
    }
    merge(&mut fields, config.get("merge"));
    of(values, fields)
}

/// What the chart cannot be seen to do: patches, and files that only its pods have.
pub(super) fn untold(values: &Node) -> Option<(&'static str, usize)> {
    let config = values.get("config")?;
    let mut nodes = vec![config];
    let mut visited = 0;
    while let Some(node) = nodes.pop() {
        visited += 1;
        if visited > 20_000 {
            break;
        }
        for field in node.fields() {
            if field.key == "patch" && !field.value.items().is_empty() {
                return Some(("patches (`patch`) are not applied", field.line));
            }
            if field.key.ends_with("$include") {
                return Some((
                    "files that it includes in its pods are not read",
                    field.line,
                ));
            }
            nodes.push(&field.value);
        }
    }
    None
}

fn tls_of(tls: &Node) -> Node {
    let mut fields = Vec::new();
    merge(&mut fields, tls.get("merge"));
    of(tls, fields)
}

fn of(like: &Node, fields: Vec<Field>) -> Node {
    Node {
        line: like.line,
        end_line: like.end_line,
        content: Content::Map(fields),
    }
}

fn scalar(text: &str, line: usize) -> Node {
    Node {
        line,
        end_line: line,
        content: Content::Scalar {
            text: text.to_owned(),
            is_plain: true,
            is_literal: false,
        },
    }
}

fn add(fields: &mut Vec<Field>, key: &str, line: usize, value: Node) {
    fields.retain(|field| field.key != key);
    fields.push(Field {
        key: key.to_owned(),
        line,
        value,
    });
}

/// Mappings are merged field by field, anything else is replaced; the trees are as deep as YAML may be.
fn merge(fields: &mut Vec<Field>, over: Option<&Node>) {
    for field in over.map(Node::fields).unwrap_or_default() {
        let known = fields.iter_mut().find(|known| known.key == field.key);
        match known {
            Some(known) if known.value.is_map() && field.value.is_map() => {
                if let Content::Map(inner) = &mut known.value.content {
                    merge(inner, Some(&field.value));
                }
            }
            _ => add(fields, &field.key, field.line, unquoted(&field.value)),
        }
    }
}

/// `<< $TOKEN >>` stands for what is between, without quotes.
fn unquoted(node: &Node) -> Node {
    let inner = node.text().and_then(|text| {
        let inner = text.strip_prefix("<<")?.strip_suffix(">>")?;
        Some(scalar(inner.trim(), node.line))
    });
    inner.unwrap_or_else(|| node.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::super::yaml;
    use super::*;

    fn made(text: &str) -> String {
        let root = yaml::documents(text).0.remove(0);
        settings(values(&root).unwrap()).canonical()
    }

    #[test]
    fn only_what_is_enabled_is_made_and_merges_win() {
        assert_eq!(
            made(
                "config: {cluster: {enabled: true, merge: {name: a}}, gateway: {enabled: false}, merge: {a: << $B >>}}"
            ),
            "{a=$B cluster={name=a port=1} http_port=8222}"
        );
        assert_eq!(
            made(
                "nats: {config: {nats: {tls: {enabled: true, merge: {verify: true}}}, monitor: {enabled: false}}}"
            ),
            "{tls={verify=true}}"
        );
    }

    #[test]
    fn other_values_are_none_of_the_chart() {
        for text in [
            "config: {a: 1}",
            "nats: {url: x}",
            "cluster: {enabled: true}",
        ] {
            assert!(values(&yaml::documents(text).0[0]).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_patched_or_included_in_pods_is_told() {
        let told = |text: &str| untold(&yaml::documents(text).0[0]).map(|(_, line)| line);
        assert_eq!(
            told("config:\n  cluster:\n    patch: [{op: add}]\n"),
            Some(3)
        );
        assert_eq!(told("config:\n  merge:\n    $include: x.conf\n"), Some(3));
        assert_eq!(told("config:\n  cluster:\n    patch: []\n"), None);
    }
}
