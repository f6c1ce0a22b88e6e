//! Which proxies policies and identities select, found by what they select by: asking each of each would cost their product.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::estate::Workload;
use super::super::object::Object;
use super::super::yaml::Node;
use super::inbound::is_system_namespace;
use super::shape::{Zone, body};

/// Of what is asked whether something selects it.
#[derive(Clone, Copy)]
pub(super) enum Whom<'w, 'm> {
    /// What nothing nearer speaks of.
    All,
    Namespace(&'w str),
    Workload(&'w Workload<'m>),
}

impl Whom<'_, '_> {
    pub(super) fn namespace(&self) -> Option<&str> {
        match self {
            Self::All => None,
            Self::Namespace(name) => Some(name),
            Self::Workload(workload) => workload.identity().namespace.as_deref(),
        }
    }
}

/// The labels that something selects by.
pub(super) fn pairs(target: &Node) -> impl Iterator<Item = (&str, &str)> {
    let tables = ["labels", "tags", "matchLabels"].into_iter();
    tables
        .filter_map(|key| target.get(key))
        .flat_map(Node::fields)
        .filter_map(|field| Some((field.key.as_str(), field.value.text()?)))
}

/// Whether a workload is known as a service: by a Service that sends to it, or by a name of its own. Kuma calls one of Kubernetes
/// `api_shop_svc_80`.
fn is_called(workload: &Workload<'_>, service: &str) -> bool {
    let identity = workload.identity();
    let mut parts = service.split('_');
    let name = parts.next().unwrap_or_default();
    let namespace = parts.next().filter(|_| parts.next() == Some("svc"));
    let is_there = namespace.is_none_or(|one| identity.namespace.as_deref() == Some(one));
    is_there && (identity.name == name || workload.services.contains(name))
}

/// Whether a workload has all the labels that something selects by.
pub(super) fn has_all(workload: &Workload<'_>, target: &Node) -> bool {
    let namespace = workload.identity().namespace.as_deref();
    pairs(target).all(|(key, value)| match key {
        "k8s.kuma.io/namespace" => namespace == Some(value),
        "kuma.io/service" => is_called(workload, value),
        _ => workload.labels.get(key).is_some_and(|own| own == value),
    })
}

/// The namespace that all of what an object of one selects lies in.
fn own_namespace(object: &Object) -> Option<&str> {
    let own = object.identity.namespace.as_deref();
    own.filter(|one| !is_system_namespace(one))
}

/// Which of several policies decides: the greatest. By what they target, then by where they come from and whose they are, then by
/// name, the first in the alphabet last (<https://kuma.io/docs/latest/policies/introduction/>, read 2026-11-22).
pub(super) type Rank<'m> = (u32, bool, bool, Reverse<&'m str>);

/// How a policy for whom is asked of ranks in a zone; `None`: it is for others.
pub(super) fn rank<'m>(
    zone: &Zone<'_, '_>,
    policy: &'m Object,
    whom: Whom<'_, '_>,
) -> Option<Rank<'m>> {
    Some(rank_by_origin(nearness(policy, whom)?, zone, policy))
}

/// How a policy of this nearness ranks.
pub(super) fn rank_by_origin<'m>(
    nearness: u32,
    zone: &Zone<'_, '_>,
    policy: &'m Object,
) -> Rank<'m> {
    let is_of_zone = match policy.label("kuma.io/origin") {
        Some(origin) => origin == "zone",
        None => policy.identity.cluster == *zone.name() && !zone.is_global,
    };
    let name = policy.label("kuma.io/display-name");
    (
        nearness,
        is_of_zone,
        own_namespace(policy).is_some(),
        Reverse(name.unwrap_or(&policy.identity.name)),
    )
}

/// How near a target comes to whom is asked of; `None`: it is another.
pub(super) fn nearness(object: &Object, whom: Whom<'_, '_>) -> Option<u32> {
    const MESH: u32 = 0;
    const ALL_PROXIES: u32 = 1;
    const BY_LABELS: u32 = 2;
    const BY_NAME: u32 = 3;
    let of_namespace = own_namespace(object);
    if of_namespace.is_some() && of_namespace != whom.namespace() {
        return None;
    }
    let target = body(object).get("targetRef");
    let kind = target.and_then(|target| target.text_at(&["kind"]));
    let (Some(target), Some(kind)) = (target, kind) else {
        return Some(MESH);
    };
    if target.get("sectionName").is_some() {
        return None;
    }
    let name = target.text_at(&["name"]);
    if kind == "Mesh" {
        return Some(MESH);
    }
    if name.is_none() && pairs(target).next().is_none() {
        return Some(ALL_PROXIES);
    }
    let Whom::Workload(workload) = whom else {
        return None;
    };
    // A namespace beside the name is that of the service.
    let of = target.text_at(&["namespace"]);
    let is_there = of.is_none_or(|of| whom.namespace() == Some(of));
    let is_named = is_there && name.is_none_or(|name| is_called(workload, name));
    let by = if name.is_some() { BY_NAME } else { BY_LABELS };
    (is_named && has_all(workload, target)).then_some(by)
}

/// Whether a MeshIdentity gives an identity to whom is asked of. A selector without a word selects nothing.
pub(super) fn gives_identity(identity: &Object, whom: Whom<'_, '_>) -> bool {
    let Some(selector) = identity_selector(identity) else {
        return false;
    };
    let mut wanted = pairs(selector);
    match (whom, wanted.next()) {
        (_, None) => true,
        (Whom::Workload(workload), _) => has_all(workload, selector),
        (Whom::Namespace(name), Some(first)) => {
            first == ("k8s.kuma.io/namespace", name) && wanted.next().is_none()
        }
        (Whom::All, _) => false,
    }
}

fn identity_selector(identity: &Object) -> Option<&Node> {
    let selector = body(identity).at(&["selector", "dataplane"])?;
    selector.get("matchLabels").is_some().then_some(selector)
}

/// The workloads of a zone, by what they are selected by.
struct Index<'e, 'm> {
    all: &'e [Workload<'m>],
    by_label: BTreeMap<(&'e str, &'e str), Vec<usize>>,
    by_name: BTreeMap<&'e str, Vec<usize>>,
    by_namespace: BTreeMap<&'e str, Vec<usize>>,
}

impl<'e, 'm> Index<'e, 'm> {
    fn new(all: &'e [Workload<'m>]) -> Self {
        let mut index = Self {
            all,
            by_label: BTreeMap::new(),
            by_name: BTreeMap::new(),
            by_namespace: BTreeMap::new(),
        };
        for (position, workload) in all.iter().enumerate() {
            let identity = workload.identity();
            for (key, value) in &workload.labels {
                let slot = index.by_label.entry((key, value)).or_default();
                slot.push(position);
            }
            let own = std::iter::once(identity.name.as_str());
            let services = workload.services.iter().map(String::as_str);
            for name in own.chain(services).collect::<BTreeSet<&str>>() {
                index.by_name.entry(name).or_default().push(position);
            }
            if let Some(namespace) = &identity.namespace {
                let slot = index.by_namespace.entry(namespace).or_default();
                slot.push(position);
            }
        }
        index
    }

    /// Workloads among which are all that something selects.
    fn among(
        &self,
        namespace: Option<&str>,
        name: Option<&str>,
        selector: Option<&Node>,
    ) -> Vec<&'e Workload<'m>> {
        // Of a service `api_shop_svc_80` the first word is the name of the Service.
        let of_name = |name: &str| {
            let name = name.split('_').next().unwrap_or(name);
            self.by_name.get(name)
        };
        let of_namespace = |name: &str| self.by_namespace.get(name);
        let by_pairs = selector.into_iter().flat_map(pairs);
        let by_pairs = by_pairs.map(|(key, value)| match key {
            "k8s.kuma.io/namespace" => of_namespace(value),
            "kuma.io/service" => of_name(value),
            _ => self.by_label.get(&(key, value)),
        });
        let lists = namespace.map(of_namespace).into_iter();
        let lists = lists.chain(name.map(of_name)).chain(by_pairs);
        let shortest = lists
            .map(|list| list.map(Vec::as_slice).unwrap_or_default())
            .min_by_key(|list| list.len());
        match shortest {
            Some(list) => list.iter().map(|position| &self.all[*position]).collect(),
            None => self.all.iter().collect(),
        }
    }
}

/// Objects of one kind, by whom they may speak of.
#[derive(Default)]
struct Speakers<'m> {
    /// Those that select no workloads, by the namespace they are for.
    wide: BTreeMap<Option<&'m str>, Vec<&'m Object>>,
    /// Those that select one. Asked, never walked.
    of_workload: HashMap<*const (), Vec<&'m Object>>,
}

impl<'m> Speakers<'m> {
    /// Candidates, among which are all that speak of somebody.
    fn of(&self, whom: Whom<'_, '_>) -> Vec<&'m Object> {
        let mut found: Vec<&'m Object> = self.wide.get(&None).cloned().unwrap_or_default();
        if let Some(namespace) = whom.namespace() {
            found.extend(self.wide.get(&Some(namespace)).into_iter().flatten());
        }
        if let Whom::Workload(workload) = whom {
            let chosen = self.of_workload.get(&address(workload));
            found.extend(chosen.into_iter().flatten());
        }
        found
    }
}

fn address(workload: &Workload<'_>) -> *const () {
    std::ptr::from_ref(workload).cast()
}

/// What is selected in one zone.
pub(super) struct Selection<'e, 'm> {
    index: Index<'e, 'm>,
    policies: Speakers<'m>,
    identities: Speakers<'m>,
}

impl<'e, 'm> Selection<'e, 'm> {
    /// Who is selected by policies on TLS, and by identities.
    pub(super) fn new(zone: &Zone<'e, 'm>) -> Self {
        let index = Index::new(&zone.cluster.workloads);
        let mut policies = Speakers::default();
        for policy in zone.of_kind("MeshTLS") {
            let is_wide = nearness(policy, Whom::All).is_some()
                || own_namespace(policy)
                    .is_some_and(|name| nearness(policy, Whom::Namespace(name)).is_some());
            if is_wide {
                let namespace = own_namespace(policy);
                policies.wide.entry(namespace).or_default().push(policy);
                continue;
            }
            for workload in selected(&index, policy) {
                let slot = policies.of_workload.entry(address(workload));
                slot.or_default().push(policy);
            }
        }
        let mut identities = Speakers::default();
        for identity in zone.of_kind("MeshIdentity") {
            let Some(selector) = identity_selector(identity) else {
                continue;
            };
            let mut wanted = pairs(selector);
            let namespace = match (wanted.next(), wanted.next()) {
                (None, _) => Some(None),
                (Some(("k8s.kuma.io/namespace", name)), None) => Some(Some(name)),
                _ => None,
            };
            if let Some(namespace) = namespace {
                identities.wide.entry(namespace).or_default().push(identity);
                continue;
            }
            for workload in index.among(None, None, Some(selector)) {
                if has_all(workload, selector) {
                    let slot = identities.of_workload.entry(address(workload));
                    slot.or_default().push(identity);
                }
            }
        }
        Self {
            index,
            policies,
            identities,
        }
    }

    /// The workloads that a policy is for.
    pub(super) fn selected(&self, policy: &Object) -> Vec<&'e Workload<'m>> {
        selected(&self.index, policy)
    }

    /// Policies among which are all that speak of somebody.
    pub(super) fn policies_on(&self, whom: Whom<'_, '_>) -> Vec<&'m Object> {
        self.policies.of(whom)
    }

    /// The identities that somebody is given.
    pub(super) fn identities_of(&self, whom: Whom<'_, '_>) -> Vec<&'m Object> {
        let mut found = self.identities.of(whom);
        found.retain(|identity| gives_identity(identity, whom));
        found
    }
}

fn selected<'e, 'm>(index: &Index<'e, 'm>, policy: &Object) -> Vec<&'e Workload<'m>> {
    let target = body(policy).get("targetRef");
    let target = target.filter(|target| {
        let kind = target.text_at(&["kind"]);
        kind.is_some_and(|kind| kind != "Mesh")
    });
    let name = target.and_then(|target| target.text_at(&["name"]));
    let mut found = index.among(own_namespace(policy), name, target);
    found.retain(|workload| nearness(policy, Whom::Workload(workload)).is_some());
    found
}
