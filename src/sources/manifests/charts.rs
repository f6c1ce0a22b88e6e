//! Values that something hands to a Helm chart: a file of values as it is, or inside the object that installs the chart.

use crate::graph::fragment::Notice;

use super::object::Object;
use super::yaml::{Content, Field, Node};

/// Charts that are known by their name in whatever installs them. Values of other charts are known by what they hold.
pub const CHARTS: &[&str] = &[
    "cilium",
    "consul",
    "gateway",
    "istiod",
    "kong-mesh",
    "kuma",
    "linkerd-control-plane",
    "nats",
    "spire",
    "submariner-operator",
    "tigera-operator",
];

/// Charts of systems that matter, of which no values are read: whoever installs one is told so.
const NOT_READ: &[(&str, &str)] = &[
    ("appmesh-controller", "AWS App Mesh"),
    ("envoy-gateway", "Envoy Gateway"),
    ("gateway-helm", "Envoy Gateway"),
    ("istio-egress", "Istio"),
    ("istio-ingress", "Istio"),
    ("istio-operator", "Istio"),
    ("kong", "Kong"),
    ("krakend", "KrakenD"),
    ("linkerd-multicluster", "Linkerd"),
    ("linkerd2", "Linkerd"),
    ("nginx-service-mesh", "NGINX Service Mesh"),
    ("osm", "Open Service Mesh"),
    ("spire-nested", "SPIRE"),
    ("submariner-k8s-broker", "Submariner"),
    ("traefik", "Traefik"),
    ("traefik-mesh", "Traefik Mesh"),
];

/// Values for a chart.
pub(super) struct Handed {
    /// The values.
    pub(super) values: Node,
    /// The version of the chart, where it is told.
    pub(super) version: Option<String>,
}

/// A chart that an object installs.
pub(super) struct Installed<'o> {
    /// Its name, without registry, repository or folder.
    pub(super) name: &'o str,
    version: Option<&'o str>,
    written: Written<'o>,
}

/// How values stand in what installs a chart.
enum Written<'o> {
    /// As a tree, if at all, below what is put in its place.
    Tree(Option<&'o Node>, &'o Node),
    /// As text in YAML.
    Text(&'o Node),
    /// In a source of an `Application`, in one of several ways or in all of them.
    Source(&'o Node),
}

impl Installed<'_> {
    /// The values, or none: the chart's defaults hold then.
    pub(super) fn values(&self) -> Node {
        let embedded = |node: &Node| node.embedded().0.into_iter().next();
        match self.written {
            Written::Tree(values, around) => values.cloned().unwrap_or_else(|| nothing(around)),
            Written::Text(text) => embedded(text).unwrap_or_else(|| nothing(text)),
            Written::Source(source) => {
                // An object wins over a text.
                let written = || source.at(&["helm", "values"]).and_then(embedded);
                let values = source.at(&["helm", "valuesObject"]).cloned();
                let mut values = values.or_else(written).unwrap_or_else(|| nothing(source));
                let parameters = source.at(&["helm", "parameters"]).map(Node::items);
                for parameter in parameters.unwrap_or_default() {
                    if let (Some(name), Some(value)) =
                        (parameter.text_at(&["name"]), parameter.get("value"))
                    {
                        put(&mut values, name, value);
                    }
                }
                values
            }
        }
    }
}

/// The charts that an object installs: a `HelmRelease` of Flux, an `Application` of Argo CD or a set of them, a `HelmChart` of K3s.
pub(super) fn installed(object: &Object) -> Vec<Installed<'_>> {
    let root = &object.root;
    let text = |path: &[&str]| root.text_at(path);
    if object.is(".toolkit.fluxcd.io", "HelmRelease") {
        let told = text(&["spec", "chart", "spec", "chart"]);
        let told = told.or_else(|| text(&["spec", "chartRef", "name"]));
        let of = |name| Installed {
            name: bare(name),
            version: text(&["spec", "chart", "spec", "version"]),
            written: Written::Tree(root.at(&["spec", "values"]), root),
        };
        return told.map(of).into_iter().collect();
    }
    if object.is("helm.cattle.io", "HelmChart") || object.is("helm.cattle.io", "HelmChartConfig") {
        let told = text(&["spec", "chart"]).unwrap_or(&object.identity.name);
        let content = root.at(&["spec", "valuesContent"]);
        return vec![Installed {
            name: bare(told),
            version: text(&["spec", "version"]),
            written: content.map_or_else(
                || Written::Tree(root.at(&["spec", "values"]), root),
                Written::Text,
            ),
        }];
    }
    let of = |source| {
        let source: &Node = source;
        // A chart may lie in a repository of sources, too.
        let path = || source.get("helm").and(source.text_at(&["path"]));
        let chart = source.text_at(&["chart"]).or_else(path)?;
        Some(Installed {
            name: bare(chart),
            version: source.text_at(&["targetRevision"]),
            written: Written::Source(source),
        })
    };
    sources(object).filter_map(of).collect()
}

/// The name of a chart without what stands before it.
fn bare(name: &str) -> &str {
    let name = name.trim_end_matches('/');
    let name = name.rsplit('/').next().unwrap_or(name);
    name.strip_prefix("rke2-").unwrap_or(name)
}

/// The sources of an `Application` of Argo CD, or of those that a set makes.
pub(super) fn sources(object: &Object) -> impl Iterator<Item = &Node> {
    let spec = if object.is("argoproj.io", "Application") {
        object.root.get("spec")
    } else if object.is("argoproj.io", "ApplicationSet") {
        object.root.at(&["spec", "template", "spec"])
    } else {
        None
    };
    let several = spec.and_then(|spec| spec.get("sources")).map(Node::items);
    let one = spec.and_then(|spec| spec.get("source"));
    several.unwrap_or_default().iter().chain(one)
}

/// The values that an object hands to a chart, if it does. `kind` is what a values file for the chart is sorted under.
pub(super) fn handed(object: &Object, chart: &str, kind: &str) -> Option<Handed> {
    debug_assert!(CHARTS.contains(&chart), "{chart} is not among the charts");
    let root = &object.root;
    if object.identity.kind == kind {
        let inner = root.get(chart).filter(|inner| inner.is_map());
        return Some(Handed {
            values: inner.unwrap_or(root).clone(),
            version: None,
        });
    }
    let installed = installed(object);
    let it = installed.into_iter().find(|one| one.name == chart)?;
    Some(Handed {
        values: it.values(),
        version: it.version.map(str::to_owned),
    })
}

/// What is not seen of the charts that objects install: whole charts of systems that matter, and values kept elsewhere.
pub(super) fn not_read(objects: &[&Object]) -> Vec<Notice> {
    let mut notices = Vec::new();
    for object in objects {
        for one in installed(object) {
            let unread = NOT_READ.iter().find(|(chart, _)| *chart == one.name);
            if let Some((chart, system)) = unread {
                notices.push(Notice {
                    kind: "object-not-read",
                    subject: object.identity.address(),
                    message: format!(
                        "it installs {system} by the chart {chart}, whose values are not read: changes of them are not seen; keep \
                         what `helm template` makes of them in the repository"
                    ),
                });
            }
            let elsewhere = object.root.at(&["spec", "valuesFrom"]).map(Node::items);
            let elsewhere = elsewhere.unwrap_or_default().iter().map(|one| {
                let text = |key: &str| one.text_at(&[key]).unwrap_or("?");
                format!("{} {}", text("kind"), text("name"))
            });
            let elsewhere: Vec<String> = elsewhere.collect();
            if !elsewhere.is_empty() && CHARTS.contains(&one.name) {
                notices.push(Notice {
                    kind: "object-not-read",
                    subject: object.identity.address(),
                    message: format!(
                        "values for the chart {} come from {} too, which are not looked into: changes of them are not seen",
                        one.name,
                        elsewhere.join(" and ")
                    ),
                });
            }
        }
    }
    notices
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

/// A mapping without fields, in the place of something.
fn nothing(place: &Node) -> Node {
    Node {
        content: Content::Map(Vec::new()),
        line: place.line,
        end_line: place.end_line,
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::fragment::Topic;

    use super::super::testing::{reading, statements, subjects};

    const VALUES: &str = "{global: {datacenter: dc1, tls: {enabled: false}}}";

    fn plaintext(text: &str) -> Vec<String> {
        let mut stated = statements(&reading(text), Topic::Encryption);
        stated.retain(|line| line.contains(" RPC of"));
        stated
    }

    #[test]
    fn values_mean_the_same_in_a_file_and_in_whatever_installs_the_chart() {
        let of_file = plaintext(VALUES);
        assert_eq!(of_file.len(), 2);
        let text = "\"global: {datacenter: dc1, tls: {enabled: false}}\"";
        let sources = [
            format!("chart: consul, helm: {{valuesObject: {VALUES}}}"),
            format!("chart: consul, helm: {{values: {text}}}"),
            format!("path: vendor/consul, helm: {{values: {text}}}"),
            "chart: consul, helm: {parameters: [{name: global.datacenter, value: dc1}]}".to_owned(),
        ];
        let mut installing: Vec<String> = sources
            .iter()
            .map(|source| {
                format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: c}}\nspec: {{source: {{{source}}}}}\n")
            })
            .collect();
        installing.push(format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: c}}\nspec: {{template: {{spec: {{sources: [{{chart: \
             consul, helm: {{valuesObject: {VALUES}}}}}]}}}}}}\n"
        ));
        installing.push(format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: c}}\nspec: {{chart: {{spec: {{chart: \
             consul}}}}, values: {VALUES}}}\n"
        ));
        installing.push(format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: c}}\nspec: {{chart: hashicorp/consul, \
             valuesContent: {text}}}\n"
        ));
        for text in installing {
            assert_eq!(plaintext(&text), of_file, "{text}");
            assert_eq!(plaintext(&text.replace("consul", "console")), [""; 0]);
        }
    }

    #[test]
    fn a_chart_of_a_mesh_that_nobody_reads_is_told_and_any_other_is_not() {
        let release = |chart: &str, more: &str| {
            format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {chart}, namespace: a}}\nspec: {{chart: \
                 {{spec: {{chart: {chart}}}}}{more}}}\n"
            )
        };
        let told =
            |chart: &str, more: &str| subjects(&reading(&release(chart, more)), "object-not-read");
        assert_eq!(
            told("linkerd-multicluster", ""),
            ["HelmRelease/a/linkerd-multicluster"]
        );
        assert_eq!(told("grafana", ""), [""; 0]);
        assert_eq!(told("consul", ""), [""; 0]);
        let elsewhere = ", valuesFrom: [{kind: Secret, name: v}]";
        assert_eq!(told("consul", elsewhere), ["HelmRelease/a/consul"]);
        assert_eq!(told("grafana", elsewhere), [""; 0]);
    }
}
