//! Values that something hands to a Helm chart: a file of values as it is, or inside the object that installs the chart.

use super::object::Object;
use super::yaml::Node;

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
        return Some(Handed {
            values: values
                .or_else(written)
                .unwrap_or_else(|| values_or_nothing(source, &[])),
            version: source.text_at(&["targetRevision"]).map(str::to_owned),
        });
    }
    None
}

/// Values, or none: the chart's defaults hold then.
fn values_or_nothing(root: &Node, path: &[&str]) -> Node {
    let told = (!path.is_empty()).then(|| root.at(path)).flatten();
    told.cloned().unwrap_or_else(|| Node {
        content: super::yaml::Content::Map(Vec::new()),
        ..root.clone()
    })
}
