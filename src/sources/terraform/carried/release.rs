//! The values that a `helm_release` hands to its chart: documents, each over those before it, and single settings over all of them
//! (<https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release>, read 2026-11-22).

use crate::sources::manifests::charts::CHARTS;
use crate::sources::manifests::yaml::{self, Content, Field, Node};
use crate::value::Value;

use super::super::resource::Instance;
use super::{node, on_first_line};

const ARGUMENTS: &[&str] = &[
    "chart",
    "version",
    "values",
    "set",
    "set_list",
    "set_sensitive",
];
/// A setting may name this many levels, and this place of a list.
const DEEPEST: usize = 40;
const LONGEST_LIST: usize = 1_000;

/// What a release hands to its chart: an object that installs it where charts are known by their names, else the values alone.
pub(super) fn values(instance: &Instance<'_>) -> Option<Node> {
    let told = instance.read(&|name| ARGUMENTS.contains(&name)).ok()?;
    let mut values = map(Vec::new());
    if let Value::List(items) = told.member("values") {
        for item in items {
            if let Value::Text(text) = item {
                for document in yaml::documents(text).0 {
                    values = merged(values, document);
                }
            }
        }
    }
    for argument in ["set", "set_list", "set_sensitive"] {
        for setting in settings(told.member(argument)) {
            if let Value::Text(name) = setting.member("name") {
                let path = path(name);
                if path.len() <= DEEPEST {
                    put(&mut values, &path, setting_value(setting));
                }
            }
        }
    }
    let text = |argument: &str| match told.member(argument) {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    let chart = text("chart").map(|chart| last_part(&chart).to_owned());
    let is_empty = matches!(&values.content, Content::Map(fields) if fields.is_empty());
    match chart.filter(|chart| CHARTS.contains(&chart.as_str())) {
        Some(chart) => Some(release(&chart, text("version"), values)),
        None => (!is_empty).then_some(values),
    }
}

/// A chart's name without its repository, registry or folder.
fn last_part(chart: &str) -> &str {
    chart
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(chart)
}

/// The object by which Flux would install the same.
fn release(chart: &str, version: Option<String>, values: Node) -> Node {
    let mut spec = vec![field("chart", scalar(chart, false))];
    spec.extend(version.map(|version| field("version", scalar(&version, false))));
    let chart_spec = map(vec![field("spec", map(spec))]);
    map(vec![
        field("apiVersion", scalar("helm.toolkit.fluxcd.io/v2", false)),
        field("kind", scalar("HelmRelease", false)),
        field("metadata", map(vec![field("name", scalar(chart, false))])),
        field(
            "spec",
            map(vec![field("chart", chart_spec), field("values", values)]),
        ),
    ])
}

/// The blocks or objects of one argument.
fn settings(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        _ => &[],
    }
}

fn setting_value(setting: &Value) -> Node {
    let is_text = matches!(setting.member("type"), Value::Text(told) if told == "string");
    match setting.member("value") {
        Value::Text(text) => match text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            Some(items) if !is_text => {
                let items = items
                    .split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty());
                on_first_line(Content::List(
                    items.map(|item| scalar(item, true)).collect(),
                ))
            }
            _ => scalar(text, !is_text),
        },
        other => node(other),
    }
}

/// A step into a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
}

/// The steps of a name such as `a.b\\.c[0].d`.
fn path(name: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut key = String::new();
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => key.extend(characters.next()),
            '.' => {
                if !key.is_empty() {
                    steps.push(Step::Key(std::mem::take(&mut key)));
                }
            }
            '[' => {
                if !key.is_empty() {
                    steps.push(Step::Key(std::mem::take(&mut key)));
                }
                let number: String = characters.by_ref().take_while(|one| *one != ']').collect();
                let number = number.trim().parse().unwrap_or(0);
                steps.push(Step::Item(usize::min(number, LONGEST_LIST)));
            }
            other => key.push(other),
        }
    }
    if !key.is_empty() {
        steps.push(Step::Key(key));
    }
    steps
}

/// Set a value in a tree; what stands in its way gives way.
fn put(tree: &mut Node, path: &[Step], value: Node) {
    let Some((step, rest)) = path.split_first() else {
        *tree = value;
        return;
    };
    match step {
        Step::Key(key) => {
            if !matches!(tree.content, Content::Map(_)) {
                tree.content = Content::Map(Vec::new());
            }
            let Content::Map(fields) = &mut tree.content else {
                return;
            };
            let place = match fields.iter().position(|field| field.key == *key) {
                Some(place) => place,
                None => {
                    fields.push(field(key, scalar("", true)));
                    fields.len() - 1
                }
            };
            put(&mut fields[place].value, rest, value);
        }
        Step::Item(index) => {
            if !matches!(tree.content, Content::List(_)) {
                tree.content = Content::List(Vec::new());
            }
            let Content::List(items) = &mut tree.content else {
                return;
            };
            while items.len() <= *index {
                items.push(scalar("", true));
            }
            put(&mut items[*index], rest, value);
        }
    }
}

/// One document over another: maps are joined, all else is replaced. The reader's own bound on depth holds for both.
fn merged(under: Node, over: Node) -> Node {
    let Node { line, end_line, .. } = over;
    match (under.content, over.content) {
        (Content::Map(mut fields), Content::Map(others)) => {
            for other in others {
                match fields.iter().position(|field| field.key == other.key) {
                    Some(place) => {
                        let was = std::mem::replace(&mut fields[place].value, scalar("", true));
                        fields[place].value = merged(was, other.value);
                    }
                    None => fields.push(other),
                }
            }
            Node {
                line,
                end_line,
                content: Content::Map(fields),
            }
        }
        (_, content) => Node {
            line,
            end_line,
            content,
        },
    }
}

fn map(fields: Vec<Field>) -> Node {
    on_first_line(Content::Map(fields))
}

fn field(key: &str, value: Node) -> Field {
    Field {
        key: key.to_owned(),
        line: 1,
        value,
    }
}

fn scalar(text: &str, is_plain: bool) -> Node {
    on_first_line(super::scalar(text, is_plain))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn document(text: &str) -> Node {
        yaml::documents(text).0.remove(0)
    }

    #[test]
    fn a_name_is_its_steps_and_a_masked_dot_is_none() {
        let key = |text: &str| Step::Key(text.to_owned());
        assert_eq!(path("a.b"), [key("a"), key("b")]);
        assert_eq!(path(r"a.b\.io/c"), [key("a"), key("b.io/c")]);
        assert_eq!(path("a[2].b"), [key("a"), Step::Item(2), key("b")]);
        assert_eq!(
            path("a[999999999999]"),
            [key("a"), Step::Item(LONGEST_LIST)]
        );
    }

    #[test]
    fn later_documents_and_single_settings_win_and_the_rest_stays() {
        let mut values = merged(
            document("encryption: {enabled: true, type: wireguard}\nmtu: 1400\n"),
            document("encryption: {enabled: false}\n"),
        );
        assert_eq!(values.text_at(&["encryption", "enabled"]), Some("false"));
        assert_eq!(values.text_at(&["encryption", "type"]), Some("wireguard"));
        put(
            &mut values,
            &path("encryption.enabled"),
            scalar("true", true),
        );
        put(&mut values, &path("hosts[1].name"), scalar("b", true));
        assert_eq!(values.text_at(&["encryption", "enabled"]), Some("true"));
        assert_eq!(values.text_at(&["mtu"]), Some("1400"));
        assert_eq!(
            values.get("hosts").unwrap().items()[1].text_at(&["name"]),
            Some("b")
        );
    }

    #[test]
    fn a_chart_is_known_by_the_last_part_of_its_name() {
        assert_eq!(last_part("cilium"), "cilium");
        assert_eq!(last_part("oci://quay.io/cilium/charts/cilium"), "cilium");
        assert_eq!(last_part("./charts/nats/"), "nats");
    }
}
