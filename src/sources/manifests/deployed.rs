//! What objects have deployed from elsewhere: which folder or chart, of which repository, at which revision.
//!
//! An `Application` of Argo CD (<https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/>), a `Kustomization`,
//! a `HelmRelease` or a source of Flux (<https://fluxcd.io/flux/components/>), a `HelmChart` of K3s; all read 2026-11-22. Nothing is
//! fetched and nothing is rendered: objects count as they stand in the repositories given.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::charts;
use super::object::{Identity, Object, Source};
use super::systems::{Meaning, SYSTEMS};
use super::yaml::{self, Node};

/// What is deployed by one source of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deployed {
    /// The address of the repository it comes from, where it is told.
    pub repository: Option<String>,
    /// The folder in it.
    pub path: Option<String>,
    /// The chart, where it is one that a registry or a repository of charts has.
    pub chart: Option<String>,
    /// The branch, tag or commit, or the version of the chart.
    pub revision: Option<String>,
    /// What else decides what comes of it, by what that is called, in one spelling; of resources and components one a line.
    pub more: BTreeMap<&'static str, String>,
}

/// The group of what kustomize itself reads.
pub const KUSTOMIZE: &str = "kustomize.config.k8s.io";

/// What decides what comes of a kustomization, by what people call it: images, replicas and the like are not among it.
/// <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>
const OF_KUSTOMIZE: &[(&str, &[&str])] = &[
    ("annotations", &["commonAnnotations"]),
    ("components", &["components"]),
    ("charts", &["helmCharts", "helmChartInflationGenerator"]),
    ("generators", &["generators"]),
    ("labels", &["commonLabels", "labels"]),
    ("namespace", &["namespace"]),
    (
        "patches",
        &["patches", "patchesJson6902", "patchesStrategicMerge"],
    ),
    ("replacements", &["replacements"]),
    ("resources", &["bases", "resources"]),
    ("transformers", &["transformers"]),
];

/// What objects have deployed, by object and the place among its sources. `patches` are the files that patch objects and are none.
#[must_use]
pub fn deployed<'o>(
    objects: impl Iterator<Item = &'o Object>,
    patches: &BTreeMap<&str, &Vec<Node>>,
) -> BTreeMap<(Identity, usize), Deployed> {
    let objects: Vec<&Object> = objects.collect();
    let repositories: BTreeMap<(&str, Option<&str>, &str), &str> = objects
        .iter()
        .filter(|object| is_source(object))
        .filter_map(|object| {
            let identity = &object.identity;
            let key = (
                identity.kind.as_str(),
                identity.namespace.as_deref(),
                identity.name.as_str(),
            );
            Some((key, object.root.text_at(&["spec", "url"])?))
        })
        .collect();
    let repository = |reference: Option<&Node>, object: &Object| {
        let text = |key: &str| reference?.text_at(&[key]);
        let own = object.identity.namespace.as_deref();
        let key = (text("kind")?, text("namespace").or(own), text("name")?);
        repositories.get(&key).map(|url| (*url).to_owned())
    };
    let mut all = BTreeMap::new();
    for object in objects {
        if is_of_kustomize(object) {
            all.insert((object.identity.clone(), 0), of_kustomize(object, patches));
            continue;
        }
        for (index, one) in of_object(object, &repository).into_iter().enumerate() {
            all.insert((object.identity.clone(), index), one);
        }
    }
    all
}

/// The cluster that an `Application` of Argo CD, or each of a set of them, is deployed to, where it is told by name.
#[must_use]
pub fn destination(object: &Object) -> Option<&str> {
    told_of_destination(object, "name")
}

/// The namespace there, likewise.
#[must_use]
pub fn destination_namespace(object: &Object) -> Option<&str> {
    told_of_destination(object, "namespace")
}

fn told_of_destination<'o>(object: &'o Object, key: &str) -> Option<&'o str> {
    let spec = if object.is("argoproj.io", "Application") {
        object.root.get("spec")
    } else if object.is("argoproj.io", "ApplicationSet") {
        object.root.at(&["spec", "template", "spec"])
    } else {
        None
    };
    spec?.text_at(&["destination", key])
}

/// Whether an object is one that kustomize itself reads.
fn is_of_kustomize(object: &Object) -> bool {
    object.is(KUSTOMIZE, "Kustomization") || object.is(KUSTOMIZE, "Component")
}

/// Whether an object tells Flux where to get something.
fn is_source(object: &Object) -> bool {
    const KINDS: &[&str] = &["Bucket", "GitRepository", "HelmRepository", "OCIRepository"];
    let mut kinds = KINDS.iter();
    kinds.any(|kind| object.is("source.toolkit.fluxcd.io", kind))
}

/// What a kustomization makes of what it names; that lies in the files around it.
fn of_kustomize(object: &Object, patches: &BTreeMap<&str, &Vec<Node>>) -> Deployed {
    let mut more = BTreeMap::new();
    for (name, keys) in OF_KUSTOMIZE {
        let found = keys.iter().filter_map(|key| object.root.get(key));
        let found: Vec<&Node> = found.filter(|value| !value.is_empty()).collect();
        let folder = &object.identity.name;
        if let "components" | "resources" = *name {
            let paths = found.iter().flat_map(|list| list.texts());
            let paths = paths.map(|path| match path.contains("://") {
                true => path.to_owned(),
                false => within(folder, path).unwrap_or_else(|| path.to_owned()),
            });
            let paths: BTreeSet<String> = paths.collect();
            if !paths.is_empty() {
                more.insert(*name, paths.into_iter().collect::<Vec<_>>().join("\n"));
            }
            continue;
        }
        let mut says: Vec<String> = found
            .iter()
            .map(|value| value.canonical_unordered())
            .collect();
        if *name == "patches" {
            let entries = found.iter().flat_map(|list| list.items());
            let paths = entries.filter_map(|one| one.text_at(&["path"]).or_else(|| one.text()));
            let bodies = paths.filter_map(|path| patches.get(within(folder, path)?.as_str()));
            says.extend(bodies.flat_map(|body| body.iter().map(Node::canonical)));
        }
        if !says.is_empty() {
            more.insert(*name, says.join(" "));
        }
    }
    Deployed {
        more,
        ..Deployed::default()
    }
}

/// What an object patches.
#[derive(Debug)]
pub struct PolicyPatches<'o> {
    /// The file.
    pub source: &'o Source,
    /// The line of the first patch, counted from 1.
    pub line: usize,
    /// What the patches of each kind of object say.
    pub by_kind: BTreeMap<String, BTreeSet<String>>,
}

/// What patches change of policies, for each object that has any: a kustomization, of Flux or its own. A policy is what some
/// system reads and is no workload and no store of settings, which patches change every day.
#[must_use]
pub fn patched_policies<'o>(
    objects: impl Iterator<Item = &'o Object>,
    bodies: &BTreeMap<&str, &Vec<Node>>,
) -> BTreeMap<&'o Identity, PolicyPatches<'o>> {
    const LISTS: &[&[&str]] = &[
        &["patches"],
        &["patchesJson6902"],
        &["patchesStrategicMerge"],
        &["spec", "patches"],
    ];
    let is_kustomization = |object: &&Object| {
        is_of_kustomize(object) || object.is("kustomize.toolkit.fluxcd.io", "Kustomization")
    };
    let mut all = BTreeMap::new();
    for object in objects.filter(is_kustomization) {
        let mut by_kind: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut line = None;
        let lists = LISTS.iter().filter_map(|path| object.root.at(path));
        for patch in lists.flat_map(Node::items) {
            let inline = patch.text_at(&["patch"]).or_else(|| patch.text());
            let path = patch.text_at(&["path"]).or_else(|| patch.text());
            let body =
                path.and_then(|path| bodies.get(within(&object.identity.name, path)?.as_str()));
            let kind_inside = || {
                let mut lines = inline?.lines();
                let kind = lines.find_map(|line| line.strip_prefix("kind:"))?;
                Some(kind.trim())
            };
            // Without one, whatever else tells the target may mean objects of any kind.
            let of_any = || patch.get("target").map(|_| "any kind");
            let kind = patch.text_at(&["target", "kind"]).or_else(kind_inside);
            let kind = kind.map_or_else(of_any, |kind| may_be_policy(kind).then_some(kind));
            let Some(kind) = kind else {
                continue;
            };
            // The same whether it stands here or in a file, and however it is laid out.
            let parsed = inline.map(|text| yaml::documents(text).0);
            let parsed = parsed.iter().flatten().filter(|_| body.is_none());
            let body = body.into_iter().flat_map(|body| body.iter()).chain(parsed);
            let target = patch.get("target").map(Node::canonical);
            let whole: Vec<String> = target
                .into_iter()
                .chain(body.map(Node::canonical))
                .collect();
            let says = by_kind.entry(kind.to_owned()).or_default();
            says.insert(whole.join(" "));
            line = line.or(Some(patch.line));
        }
        if let Some(line) = line {
            let patches = PolicyPatches {
                source: &object.source,
                line,
                by_kind,
            };
            all.insert(&object.identity, patches);
        }
    }
    all
}

/// Whether a kind, which kustomize takes for a regular expression, may mean a policy.
/// <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/>
fn may_be_policy(kind: &str) -> bool {
    const EVERYDAY: &[&str] = &[
        "ConfigMap",
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Job",
        "Pod",
        "ReplicaSet",
        "Rollout",
        "Secret",
        "ServiceAccount",
        "StatefulSet",
    ];
    let Ok(pattern) = Regex::new(&format!("^(?:{kind})$")) else {
        return true;
    };
    let mut kinds = SYSTEMS.iter().flat_map(|system| system.kinds);
    kinds.any(|(own, meaning)| {
        *meaning == Meaning::Modelled && !EVERYDAY.contains(own) && pattern.is_match(own)
    })
}

/// The path from the top that another one means in a folder; `None`: it leaves the repository.
fn within(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn of_object(
    object: &Object,
    repository: &dyn Fn(Option<&Node>, &Object) -> Option<String>,
) -> Vec<Deployed> {
    let root = &object.root;
    let text = |path: &[&str]| root.text_at(path).map(str::to_owned);
    let told = |names: &[(&'static str, &[&str])]| -> BTreeMap<&'static str, String> {
        let found = names.iter().filter_map(|(name, path)| {
            let value = root.at(path).filter(|value| !value.is_empty())?;
            Some((*name, value.canonical()))
        });
        found.collect()
    };
    if is_source(object) {
        return vec![Deployed {
            repository: text(&["spec", "url"]),
            revision: root.at(&["spec", "ref"]).map(Node::canonical),
            ..Deployed::default()
        }];
    }
    if object.is("kustomize.toolkit.fluxcd.io", "Kustomization") {
        return vec![Deployed {
            repository: repository(root.at(&["spec", "sourceRef"]), object),
            path: Some(tidy(root.text_at(&["spec", "path"]).unwrap_or_default())),
            more: told(&[
                ("source", &["spec", "sourceRef"]),
                ("namespace", &["spec", "targetNamespace"]),
                ("patches", &["spec", "patches"]),
                ("components", &["spec", "components"]),
                ("values put in", &["spec", "postBuild"]),
                ("cluster", &["spec", "kubeConfig"]),
            ]),
            ..Deployed::default()
        }];
    }
    if object.is("helm.toolkit.fluxcd.io", "HelmRelease") {
        let source = root.at(&["spec", "chart", "spec", "sourceRef"]);
        let chart = text(&["spec", "chart", "spec", "chart"]);
        let is_folder =
            source.and_then(|source| source.text_at(&["kind"])) == Some("GitRepository");
        let (path, chart) = match chart {
            Some(chart) if is_folder => (Some(tidy(&chart)), None),
            chart => (None, chart.or_else(|| text(&["spec", "chartRef", "name"]))),
        };
        return vec![Deployed {
            repository: repository(source.or_else(|| root.at(&["spec", "chartRef"])), object),
            path,
            chart,
            revision: text(&["spec", "chart", "spec", "version"]),
            more: told(&[
                ("source", &["spec", "chart", "spec", "sourceRef"]),
                ("source of the chart", &["spec", "chartRef"]),
                ("namespace", &["spec", "targetNamespace"]),
                ("patches", &["spec", "postRenderers"]),
                ("cluster", &["spec", "kubeConfig"]),
            ]),
        }];
    }
    if object.is("helm.cattle.io", "HelmChart") {
        return vec![Deployed {
            repository: text(&["spec", "repo"]),
            chart: text(&["spec", "chart"]),
            revision: text(&["spec", "version"]),
            more: told(&[("namespace", &["spec", "targetNamespace"])]),
            ..Deployed::default()
        }];
    }
    let whole = told(&[
        ("destination", &["spec", "destination"]),
        (
            "destination of each",
            &["spec", "template", "spec", "destination"],
        ),
        ("generators", &["spec", "generators"]),
    ]);
    let sources = charts::sources(object).map(|source| {
        let text = |key: &str| source.text_at(&[key]).map(str::to_owned);
        let mut more = whole.clone();
        for (name, path) in [
            ("values files", &["helm", "valueFiles"][..]),
            ("patches", &["kustomize", "patches"]),
            ("components", &["kustomize", "components"]),
            ("namespace", &["kustomize", "namespace"]),
        ] {
            let value = source.at(path).filter(|value| !value.is_empty());
            more.extend(value.map(|value| (name, value.canonical())));
        }
        Deployed {
            repository: text("repoURL"),
            path: source.text_at(&["path"]).map(tidy),
            chart: text("chart"),
            revision: text("targetRevision"),
            more,
        }
    });
    sources.collect()
}

/// A folder without what does not matter: `./a/b/` is `a/b`.
fn tidy(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::super::Manifests;
    use super::*;

    fn of(text: &str) -> Vec<Deployed> {
        let files = [("a.yaml", text)];
        let manifests = Manifests::read(0, files.into_iter(), &|_| vec![None]);
        let objects = manifests.objects.iter().chain(&manifests.elsewhere);
        deployed(objects, &patches(&manifests))
            .into_values()
            .collect()
    }

    fn patches(manifests: &Manifests) -> BTreeMap<&str, &Vec<Node>> {
        let patches = manifests.patches.iter();
        patches.map(|(path, body)| (path.as_str(), body)).collect()
    }

    #[test]
    fn a_kustomization_says_what_it_makes_of_objects_also_by_patches_in_files_and_images_say_nothing()
     {
        let of = |more: &str, patch: &str| {
            let kustomization = format!(
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\npatches: [{{path: ../p.yaml, \
                 target: {{kind: Service}}}}]\n{more}"
            );
            let patch = format!("- {{op: replace, path: /spec/type, value: {patch}}}\n");
            let files = [
                ("prod/kustomization.yaml", kustomization.as_str()),
                ("p.yaml", patch.as_str()),
            ];
            let manifests = Manifests::read(0, files.into_iter(), &|_| vec![None]);
            let objects = manifests.elsewhere.iter();
            deployed(objects, &patches(&manifests))
        };
        let before = of("images: [{name: a, newTag: v1}]", "ClusterIP");
        assert_eq!(before, of("images: [{name: a, newTag: v2}]", "ClusterIP"));
        assert_ne!(before, of("", "LoadBalancer"));
        assert_ne!(before, of("commonAnnotations: {a: b}", "ClusterIP"));
    }

    #[test]
    fn patches_of_policies_are_known_by_kind_and_those_of_workloads_are_none() {
        let kinds = |patches: &str| {
            let text = format!(
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{patches}"
            );
            let files = [("prod/kustomization.yaml", text.as_str())];
            let manifests = Manifests::read(0, files.into_iter(), &|_| vec![None]);
            let found = patched_policies(manifests.elsewhere.iter(), &BTreeMap::new());
            let kinds = found
                .into_values()
                .flat_map(|patches| patches.by_kind.into_keys());
            kinds.collect::<Vec<String>>()
        };
        let targeted = "patches:\n- {target: {kind: PeerAuthentication}, patch: '[]'}\n- {target: {kind: Deployment}, patch: '[]'}\n";
        assert_eq!(kinds(targeted), ["PeerAuthentication"]);
        let merged = "patchesStrategicMerge:\n- |-\n  apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicy\n  metadata: {name: a}\n";
        assert_eq!(kinds(merged), ["NetworkPolicy"]);
        let pattern = "patches:\n- {target: {kind: Peer.*}, patch: '[]'}\n";
        assert_eq!(kinds(pattern), ["Peer.*"]);
        let untold = "patches:\n- {target: {name: default}, patch: '[]'}\n";
        assert_eq!(kinds(untold), ["any kind"]);
        let others = "patches:\n- {target: {kind: Deploy.*}, patch: '[]'}\n- {path: ../p.yaml}\n";
        assert_eq!(kinds(others), Vec::<String>::new());
    }

    #[test]
    fn a_patch_is_the_same_wherever_it_stands_and_however_it_is_laid_out() {
        let says = |entry: &str| {
            let text = format!(
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n{entry}\n"
            );
            let body = "- op: remove\n  path: /spec\n";
            let files = [
                ("prod/kustomization.yaml", text.as_str()),
                ("prod/p.yaml", body),
            ];
            let manifests = Manifests::read(0, files.into_iter(), &|_| vec![None]);
            let found = patched_policies(manifests.elsewhere.iter(), &patches(&manifests));
            let kinds = found.into_values().map(|one| one.by_kind);
            kinds.collect::<Vec<_>>()
        };
        let of = |rest: &str| {
            says(&format!(
                "- {{target: {{kind: PeerAuthentication}}, {rest}}}"
            ))
        };
        let inline = of("patch: '[{op: remove, path: /spec}]'");
        assert_eq!(inline.len(), 1);
        assert_eq!(inline, of("patch: '[{path: /spec, op: remove}]'"));
        assert_eq!(inline, of("path: p.yaml"));
        assert_ne!(inline, of("patch: '[{op: remove, path: /spec/mtls}]'"));
    }

    #[test]
    fn an_application_tells_folder_or_chart_for_each_source() {
        let text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  sources:\n  - {repoURL: \
                    https://git.example/a, path: ./overlays/prod/, targetRevision: main}\n  - {repoURL: https://charts.example, chart: \
                    consul, targetRevision: 1.4.0}\n";
        let all = of(text);
        assert_eq!(all[0].path.as_deref(), Some("overlays/prod"));
        assert_eq!(all[0].revision.as_deref(), Some("main"));
        assert_eq!(all[1].chart.as_deref(), Some("consul"));
        assert_eq!(all[1].path, None);
    }

    #[test]
    fn a_kustomization_of_flux_knows_its_repository_by_the_source_it_names_and_one_of_kustomize_deploys_nothing()
     {
        let text = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: g, namespace: flux}\nspec: {url: \
                    https://git.example/a, ref: {branch: main}}\n---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: \
                    Kustomization\nmetadata: {name: k, namespace: flux}\nspec: {path: ./prod, sourceRef: {kind: GitRepository, name: g}}\n";
        let all = of(text);
        let kustomization = all.iter().find(|one| one.path.is_some());
        let found = kustomization.and_then(|one| one.repository.as_deref());
        assert_eq!(found, Some("https://git.example/a"));
        let own = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n";
        assert_eq!(of(own)[0].path, None);
    }

    #[test]
    fn a_release_of_a_chart_in_a_repository_of_sources_is_a_folder() {
        let release = |source: &str| {
            format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec: {{chart: {{spec: {{chart: \
                 ./charts/shop, version: 1.0.0, sourceRef: {{kind: {source}, name: s}}}}}}}}\n"
            )
        };
        assert_eq!(
            of(&release("GitRepository"))[0].path.as_deref(),
            Some("charts/shop")
        );
        assert_eq!(of(&release("HelmRepository"))[0].path, None);
    }
}
