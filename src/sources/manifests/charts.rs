//! Values that something hands to a Helm chart: a file of values as it is, or inside the object that installs the chart.

use super::object::Object;
use super::yaml::{Content, Field, Node};

/// Charts that are known by their name in whatever installs them. Values of other charts are known by what they hold.
pub const CHARTS: &[&str] = &[
    "cilium",
    "gateway",
    "istiod",
    "linkerd-control-plane",
    "nats",
    "spire",
    "submariner-operator",
    "tigera-operator",
];

/// Values for a chart.
pub(super) struct Handed {
    /// The values.
    pub(super) values: Node,
    /// The version of the chart, where it is told.
    pub(super) version: Option<String>,
}

/// The values that an object hands to a chart, if it does: a `HelmRelease` of Flux, an `Application` of Argo CD, a `HelmChart`
/// of K3s. `kind` is what a values file for the chart is sorted under.
pub(super) fn handed(object: &Object, chart: &str, kind: &str) -> Option<Handed> {
    debug_assert!(CHARTS.contains(&chart), "{chart} is not among the charts");
    let root = &object.root;
    let is_it = |name: Option<&str>| {
        let name = name.map(|name| name.rsplit('/').next().unwrap_or(name));
        name.is_some_and(|name| name.strip_prefix("rke2-").unwrap_or(name) == chart)
    };
    let embedded = |node: &Node| node.embedded().0.into_iter().next();
    let text = |path: &[&str]| root.text_at(path).map(str::to_owned);
    if object.identity.kind == kind {
        let inner = root.get(chart).filter(|inner| inner.is_map());
        return Some(Handed {
            values: inner.unwrap_or(root).clone(),
            version: None,
        });
    }
    if object.is(".toolkit.fluxcd.io", "HelmRelease") {
        let told = root
            .text_at(&["spec", "chart", "spec", "chart"])
            .or_else(|| root.text_at(&["spec", "chartRef", "name"]));
        return is_it(told).then(|| Handed {
            values: values_or_nothing(root, &["spec", "values"]),
            version: text(&["spec", "chart", "spec", "version"]),
        });
    }
    if object.is("helm.cattle.io", "HelmChart") || object.is("helm.cattle.io", "HelmChartConfig") {
        let told = root.text_at(&["spec", "chart"]);
        return is_it(told.or(Some(&object.identity.name))).then(|| Handed {
            values: root
                .at(&["spec", "valuesContent"])
                .and_then(embedded)
                .unwrap_or_else(|| values_or_nothing(root, &["spec", "values"])),
            version: text(&["spec", "version"]),
        });
    }
    if object.is("argoproj.io", "Application") {
        let spec = root.get("spec")?;
        let several = spec.get("sources").map(Node::items).unwrap_or_default();
        let mut sources = several.iter().chain(spec.get("source"));
        let source = sources.find(|source| is_it(source.text_at(&["chart"])))?;
        // An object wins over a text.
        let written = || source.at(&["helm", "values"]).and_then(embedded);
        let values = source.at(&["helm", "valuesObject"]).cloned();
        let mut values = values
            .or_else(written)
            .unwrap_or_else(|| values_or_nothing(source, &[]));
        let parameters = source.at(&["helm", "parameters"]).map(Node::items);
        for parameter in parameters.unwrap_or_default() {
            if let (Some(name), Some(value)) =
                (parameter.text_at(&["name"]), parameter.get("value"))
            {
                put(&mut values, name, value);
            }
        }
        return Some(Handed {
            values,
            version: source.text_at(&["targetRevision"]).map(str::to_owned),
        });
    }
    None
}

/// The most levels that the name of a parameter may have.
const DEEPEST: usize = 40;

/// Set a value that a parameter names, such as `identity.issuer.scheme`. Places in lists are passed over.
fn put(values: &mut Node, name: &str, value: &Node) {
    let keys: Vec<&str> = name.split('.').collect();
    if keys.len() > DEEPEST || name.contains(['[', '\\']) {
        return;
    }
    let mut node = values;
    for key in keys {
        let (line, end_line) = (value.line, value.end_line);
        let place = |content| Node {
            line,
            end_line,
            content,
        };
        if !node.is_map() {
            *node = place(Content::Map(Vec::new()));
        }
        let Content::Map(fields) = &mut node.content else {
            return;
        };
        let at = match fields.iter().position(|field| field.key == key) {
            Some(at) => at,
            None => {
                fields.push(Field {
                    key: key.to_owned(),
                    line,
                    value: place(Content::Map(Vec::new())),
                });
                fields.len() - 1
            }
        };
        node = &mut fields[at].value;
    }
    *node = value.clone();
}

/// Values, or none: the chart's defaults hold then.
fn values_or_nothing(root: &Node, path: &[&str]) -> Node {
    let told = (!path.is_empty()).then(|| root.at(path)).flatten();
    told.cloned().unwrap_or_else(|| Node {
        content: Content::Map(Vec::new()),
        ..root.clone()
    })
}
