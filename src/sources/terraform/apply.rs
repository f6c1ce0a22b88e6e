//! The catalog laid over resources: what each becomes in the graph, before and after.
//!
//! This is the only place where attributes turn into declarations. It knows no resource type: what a type means is said by
//! its providers file. Values known only after apply are handed to the resolver; they never become a default.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use crate::catalog::schema::{ProviderFile, Statement, TypeEntry};
use crate::catalog::{Catalog, Meaning};
use crate::graph::fragment::{AssociationDeclaration, Fragment, NodeDeclaration, Notice};
use crate::graph::identity::{Key, Reference};
use crate::graph::node::NodeKind;
use crate::graph::origin::{Action, Origin, OriginId, Origins};
use crate::value::Value;

use super::canonical::{canonical, identifier_key};
use super::carried::{Carried, carried};
use super::cloud_wan;
use super::clusters::{self, ClusterResource};
use super::network_manager::Piece;
use super::notices::{plan_notices, state_notices};
use super::paths::{leaves, top_level};
use super::plan::{Plan, State};
use super::providers::{ProviderRegions, provider_regions};
use super::resolve::{References, Resolver};
use super::resource::{Resource, resources, state_resources};
use super::settle::{LoadSource, Settled, SourceOfPlan};
use super::statements::{Policies, Side, holds};

/// A call of a module that nobody read, and that the change set changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedCall {
    /// Its address.
    pub address: String,
    /// The resources that it hands to the module, by address.
    pub given: BTreeSet<String>,
}

/// What one plan or state adds to the snapshots before and after.
#[derive(Debug, Default)]
pub struct Reading {
    /// What was.
    pub before: Fragment,
    /// What will be.
    pub after: Fragment,
    /// What was not understood.
    pub notices: Vec<Notice>,
    /// Every resource that carries meaning, as (type, canonical identifier): a state that describes it too is older.
    pub known: HashSet<(String, String)>,
    /// What a network manager does, before and after: it joins networks of all sources.
    pub manager: [Vec<Piece>; 2],
    /// The addresses of all resources, to find the root module's directory by.
    pub addresses: Vec<String>,
    /// What the resources lie in that somebody asked for: keys of graph parts, by address.
    pub placements: BTreeMap<String, BTreeSet<Key>>,
    /// Kubernetes objects in the arguments of resources.
    pub carried: Vec<Carried>,
    /// The resources that are Kubernetes clusters.
    pub clusters: Vec<ClusterResource>,
    /// Calls of modules that nobody read and that the change set changes.
    pub changed_calls: Vec<ChangedCall>,
}

/// Values that must not be shown, numbered in the order in which they are met, so that equal ones compare equal.
#[derive(Debug, Default)]
pub struct Secrets(BTreeMap<Value, usize>);

impl Secrets {
    pub(super) fn stand_in(&mut self, value: &Value) -> String {
        let next = self.0.len() + 1;
        format!(
            "(sensitive value {})",
            self.0.entry(value.clone()).or_insert(next)
        )
    }
}

/// Resources whose place in the graph is of interest: (type, name).
pub type Interest = BTreeSet<(String, String)>;

/// Read a plan. `scope` is put before every address; empty when there is one plan only. `source` is asked for what the plan was
/// made of, where the plan leaves something open.
pub fn read_plan(
    catalog: &Catalog,
    (plan, source): (&Plan<'_>, Option<LoadSource<'_>>),
    scope: &str,
    interest: &Interest,
    origins: &mut Origins,
    secrets: &mut Secrets,
) -> Reading {
    let resources = resources(plan);
    let resolver = Resolver::new(catalog, &plan.configuration.root_module, &resources, scope);
    let source = SourceOfPlan::new(source, plan, &resources);
    let references = Settled::new(catalog, scope, &resolver, &source);
    let mut reading = Reading {
        carried: carried(&resources),
        notices: plan_notices(plan),
        ..Reading::default()
    };
    let places = provider_regions(plan);
    Application {
        catalog,
        scope,
        places: &places,
        resolver: Some(&references),
        origins,
        secrets,
        restored: Vec::new(),
    }
    .read(&resources, &HashSet::new(), &mut reading);
    let locate = |resource: &Resource<'_>| references.location(resource);
    reading.clusters = clusters::clusters(&resources, scope, &locate, origins);
    reading.notices.extend(resolver.assumptions());
    let is_of_interest = |resource: &&Resource<'_>| {
        let name = || {
            (
                resource.resource_type.to_string(),
                resource.name.to_string(),
            )
        };
        clusters::is_cluster(&resource.resource_type)
            || !interest.is_empty() && interest.contains(&name())
    };
    for resource in resources.iter().filter(is_of_interest) {
        let mut keys = resolver.surroundings(resource);
        keys.extend(identifiers_inside(catalog, resource));
        keys.insert(Key::Address(format!("{scope}{}", resource.address)));
        reading
            .placements
            .insert(resource.address.to_string(), keys);
    }
    reading
}

/// Identifiers of networks and subnets among a resource's own values, for what no reference tells.
pub(super) fn identifiers_inside(catalog: &Catalog, resource: &Resource<'_>) -> BTreeSet<Key> {
    let provider = resource.resource_type.split('_').next().unwrap_or_default();
    let Some(file) = catalog.provider(provider) else {
        return BTreeSet::new();
    };
    let is_place = |text: &str| {
        let collection = text.rsplit('/').nth(1);
        let by_path = collection.and_then(|one| file.identifiers.collections.get(one));
        if let Some(kind) = by_path {
            return matches!(kind, NodeKind::Network | NodeKind::Subnet);
        }
        let told = file
            .id_prefixes
            .iter()
            .filter(|(prefix, _)| text.starts_with(prefix.as_str()));
        let kind = told
            .max_by_key(|(prefix, _)| prefix.len())
            .map(|(_, kind)| *kind);
        matches!(kind, Some(NodeKind::Network | NodeKind::Subnet))
    };
    let mut texts = Vec::new();
    for instance in [&resource.before, &resource.after].into_iter().flatten() {
        if let Ok(values) = instance.read(&|_| true) {
            values.collect_texts(&mut texts);
        }
    }
    let canonical = texts
        .iter()
        .map(|text| canonical(&file.identifiers, text))
        .filter(|text| is_place(text));
    canonical.map(|text| identifier_key(file, &text)).collect()
}

/// Read a state as context. Resources that a plan already described are left out: the plan knows better.
pub fn read_state(
    catalog: &Catalog,
    state: &State<'_>,
    scope: &str,
    known: &HashSet<(String, String)>,
    origins: &mut Origins,
    secrets: &mut Secrets,
) -> Reading {
    let resources = state_resources(state);
    let mut reading = Reading {
        notices: state_notices(state),
        ..Reading::default()
    };
    let is_cluster = |one: &&Resource<'_>| clusters::is_cluster(&one.resource_type);
    for resource in resources.iter().filter(is_cluster) {
        let keys = identifiers_inside(catalog, resource);
        let address = resource.address.to_string();
        reading.placements.insert(address, keys);
    }
    let places = ProviderRegions::default();
    Application {
        catalog,
        scope,
        places: &places,
        resolver: None,
        origins,
        secrets,
        restored: Vec::new(),
    }
    .read(&resources, known, &mut reading);
    reading.clusters = clusters::clusters(&resources, scope, &|_| None, origins);
    reading
}

pub(super) struct Application<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) scope: &'a str,
    pub(super) places: &'a ProviderRegions,
    pub(super) resolver: Option<&'a dyn References>,
    pub(super) origins: &'a mut Origins,
    pub(super) secrets: &'a mut Secrets,
    /// Associations that come back when those that replaced them go.
    pub(super) restored: Vec<AssociationDeclaration>,
}

/// How many resources are decoded together, while as many before them are stated.
const CHUNK: usize = 1024;

/// The top-level attributes that the meaning of each type reads.
type Wanted<'c> = HashMap<String, BTreeSet<&'c str>>;

/// A resource's attributes, as far as its type has a meaning.
enum Decoded<'c> {
    /// Its type cannot move a perimeter.
    Meaningless,
    /// Its type is not modelled, in one way or another.
    Unmodelled(Meaning<'c>),
    /// Its attributes are no JSON object of bearable depth.
    Unreadable(serde_json::Error),
    /// Its attributes, and what they mean.
    Modelled(Modelled<'c>),
}

struct Modelled<'c> {
    entry: &'c TypeEntry,
    file: &'c ProviderFile,
    wanted: &'c BTreeSet<&'c str>,
    before: Option<Value>,
    after: Option<Value>,
}

fn wanted_attributes<'c>(catalog: &'c Catalog, resources: &[Resource<'_>]) -> Wanted<'c> {
    let mut wanted = Wanted::new();
    for resource in resources {
        if !wanted.contains_key(&*resource.resource_type)
            && let Meaning::Modelled(entry, file) = catalog.entry(&resource.resource_type)
        {
            let mut names = entry.wanted(file);
            names.extend(["id", "arn"]);
            wanted.insert(resource.resource_type.to_string(), names);
        }
    }
    wanted
}

fn decode<'c>(
    catalog: &'c Catalog,
    wanted: &'c Wanted<'c>,
    resource: &Resource<'_>,
) -> Decoded<'c> {
    let (entry, file, wanted) = match (
        catalog.entry(&resource.resource_type),
        wanted.get(&*resource.resource_type),
    ) {
        (Meaning::Modelled(entry, file), Some(wanted)) => (entry, file, wanted),
        (Meaning::Irrelevant(_) | Meaning::Modelled(..), _) => return Decoded::Meaningless,
        (meaning, _) => return Decoded::Unmodelled(meaning),
    };
    if resource.is_data && !entry.means_the_same_as_data() {
        return Decoded::Meaningless;
    }
    let read = |instance: &Option<super::resource::Instance<'_>>| {
        instance
            .as_ref()
            .map(|instance| instance.read(&|name| wanted.contains(name)))
            .transpose()
    };
    match (read(&resource.before), read(&resource.after)) {
        (Ok(before), Ok(after)) => Decoded::Modelled(Modelled {
            entry,
            file,
            wanted,
            before: before.map(|values| with_documents(entry, values)),
            after: after.map(|values| with_documents(entry, values)),
        }),
        (Err(error), _) | (_, Err(error)) => Decoded::Unreadable(error),
    }
}

/// The attributes with documents read as what they say. What is no document stays a text.
fn with_documents(entry: &TypeEntry, mut values: Value) -> Value {
    if let Value::Object(members) = &mut values {
        for name in &entry.documents {
            let Some(Value::Text(text)) = members.get(name) else {
                continue;
            };
            if let Ok(document @ Value::Object(_)) = serde_json::from_str(text) {
                members.insert(name.clone(), document);
            }
        }
    }
    values
}

/// Types that are not modelled, with how often they occur and change.
#[derive(Default)]
struct Unmodelled {
    why: String,
    kind: &'static str,
    count: usize,
    changing: usize,
}

impl<'a> Application<'a> {
    pub(super) fn read(
        mut self,
        resources: &[Resource<'_>],
        known: &HashSet<(String, String)>,
        reading: &mut Reading,
    ) {
        let mut unmodelled: BTreeMap<String, Unmodelled> = BTreeMap::new();
        let mut policies_before = Policies::default();
        let mut policies_after = Policies::default();
        let catalog = self.catalog;
        let wanted = wanted_attributes(catalog, resources);
        // A chunk is decoded while the one before is stated, so that a large plan is never held decoded as a whole.
        let decode_all = |chunk: &[Resource<'_>]| -> Vec<Decoded<'_>> {
            let chunk = chunk.par_iter();
            chunk
                .map(|resource| decode(catalog, &wanted, resource))
                .collect()
        };
        // What such a resource means is in the objects that it carries.
        let whole: HashSet<String> = reading
            .carried
            .iter()
            .filter(|carried| carried.is_whole)
            .map(|carried| carried.address.clone())
            .collect();
        let mut chunks = resources.chunks(CHUNK);
        let mut current = chunks.next().map(|chunk| (chunk, decode_all(chunk)));
        while let Some((chunk, decoded)) = current.take() {
            let (chunks, next, decode_all) = (&mut chunks, &mut current, &decode_all);
            rayon::in_place_scope(|scope| {
                scope.spawn(move |_| *next = chunks.next().map(|chunk| (chunk, decode_all(chunk))));
                for (resource, decoded) in chunk.iter().zip(decoded) {
                    reading.addresses.push(resource.address.to_string());
                    match decoded {
                        Decoded::Meaningless => {}
                        Decoded::Unmodelled(_)
                            if whole.contains(&*resource.address.to_string()) => {}
                        Decoded::Unmodelled(meaning) => {
                            note_unmodelled(&mut unmodelled, resource, &meaning)
                        }
                        Decoded::Unreadable(error) => reading.notices.push(Notice {
                            kind: "unreadable-resource",
                            subject: resource.address.to_string(),
                            message: format!("its attributes cannot be read: {error}"),
                        }),
                        Decoded::Modelled(modelled) => {
                            self.state(
                                resource,
                                &modelled,
                                known,
                                reading,
                                [&mut policies_before, &mut policies_after],
                            );
                        }
                    }
                }
            });
        }
        // First, so that any other association of the same member wins; and not for what is destroyed as well.
        let has = |fragment: &Fragment, reference: &Reference| {
            let names = |node: &NodeDeclaration| matches!(reference, Reference::To(key) if node.keys.contains(key));
            fragment.nodes.iter().any(names)
        };
        let mut restored = std::mem::take(&mut self.restored);
        restored
            .retain(|one| !has(&reading.before, &one.member) || has(&reading.after, &one.member));
        reading.after.associations.splice(0..0, restored);
        reading.manager = [policies_before.manager, policies_after.manager];
        for (policies, fragment) in [
            (policies_before.core_networks, &mut reading.before),
            (policies_after.core_networks, &mut reading.after),
        ] {
            let attached = policies
                .iter()
                .any(|policy: &cloud_wan::Policy| !policy.is_base);
            for policy in policies
                .iter()
                .filter(|policy| !(attached && policy.is_base))
            {
                reading.notices.extend(cloud_wan::expand(policy, fragment));
            }
        }
        reading.notices.extend(
            unmodelled
                .into_iter()
                .map(|(subject, one)| one.notice(subject)),
        );
    }

    /// State one modelled resource in both snapshots.
    fn state(
        &mut self,
        resource: &Resource<'_>,
        modelled: &Modelled<'_>,
        known: &HashSet<(String, String)>,
        reading: &mut Reading,
        [policies_before, policies_after]: [&mut Policies; 2],
    ) {
        let Modelled {
            entry,
            file,
            wanted,
            before,
            after,
        } = modelled;
        let ids = identifiers(file, before, after);
        let is_known = !known.is_empty();
        if is_known
            && ids
                .iter()
                .any(|id| known.contains(&(resource.resource_type.to_string(), id.clone())))
        {
            return;
        }
        reading.known.extend(
            ids.into_iter()
                .map(|id| (resource.resource_type.to_string(), id)),
        );
        if let (Action::Update | Action::Replace, Some(before), Some(after)) =
            (resource.action, &resource.before, &resource.after)
        {
            unmodelled_attributes(
                entry,
                file,
                resource,
                before,
                after,
                wanted,
                &mut reading.notices,
            );
        }
        if let Some(except) = &entry.except
            && let Some(values) = after.as_ref().or(before.as_ref())
            && holds(values, &except.when) != Some(false)
        {
            reading.notices.push(Notice {
                kind: "not-yet-modelled",
                subject: resource.address.to_string(),
                message: format!("not yet modelled; it would mean: {}", except.not_yet),
            });
        }
        let origin = self.origins.add(Origin {
            address: resource.address.to_string(),
            action: resource.action,
            attributes: self.cause_attributes(
                entry,
                file,
                resource,
                before.as_ref(),
                after.as_ref(),
            ),
            location: self
                .resolver
                .and_then(|resolver| resolver.location(resource)),
            carrier: None,
            stack: self.scope.to_owned(),
            is_imported: resource.action == Action::Create && resource.importing.is_some(),
            steps: Vec::new(),
        });
        if let (Action::Delete, Some(before)) = (resource.action, before) {
            self.restored
                .extend(restorations(entry, file, before, origin));
        }
        let is_abandoned = resource.action == Action::Delete
            && !file.abandoned_when.is_empty()
            && before
                .as_ref()
                .is_some_and(|before| holds(before, &file.abandoned_when) == Some(true));
        if is_abandoned {
            reading.notices.push(Notice {
                kind: "no-longer-managed",
                subject: resource.address.to_string(),
                message:
                    "is abandoned: the plan says that it is destroyed, and it stays in the cloud"
                        .to_owned(),
            });
        }
        let taken_over = entry.adopts && matches!(resource.action, Action::Create | Action::Delete);
        let nodes_so_far = [&reading.before, &reading.after].map(|side| side.nodes.len());
        let mut side = |values: &Value,
                        is_after: bool,
                        only_nodes: bool,
                        fragment: &mut Fragment,
                        policies: &mut Policies| {
            let mut side = Side {
                application: self,
                resource,
                entry,
                file,
                values,
                is_after,
                origin,
                fragment,
                other: if is_after {
                    before.as_ref()
                } else {
                    after.as_ref()
                },
                block: None,
                mirrors: false,
                own_links: Vec::new(),
            };
            side.state(only_nodes, policies);
        };
        if let Some(before) = before {
            side(before, false, false, &mut reading.before, policies_before);
            if after.is_none() && is_abandoned {
                side(before, false, false, &mut reading.after, policies_after);
            } else if after.is_none() && taken_over {
                side(before, false, true, &mut reading.after, policies_after);
            }
        }
        if let Some(after) = after {
            side(after, true, false, &mut reading.after, policies_after);
            if before.is_none() && taken_over {
                side(after, true, true, &mut reading.before, policies_before);
            }
        }
        let [was, is] = [
            &reading.before.nodes[nodes_so_far[0]..],
            &reading.after.nodes[nodes_so_far[1]..],
        ];
        if resource.action == Action::Replace && is_made_again(was, is) {
            reading.notices.push(Notice {
                kind: "outage",
                subject: resource.address.to_string(),
                message: "is destroyed and made again under the same identifier: the same boundary afterwards, and none in between".to_owned(),
            });
        }
    }

    /// The attributes to name as the cause: what differs, or, of a resource that comes or goes, what it joins.
    fn cause_attributes(
        &self,
        entry: &TypeEntry,
        file: &ProviderFile,
        resource: &Resource<'_>,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Vec<String> {
        let action = resource.action;
        // What the provider fills in after apply was nobody's decision.
        let is_decided = |name: &str, value: &Value| match value {
            Value::Unknown => self
                .resolver
                .is_some_and(|resolver| resolver.is_configured(resource, name)),
            value => !value.is_unset(),
        };
        let is_set = |name: &str| {
            [before, after]
                .into_iter()
                .flatten()
                .any(|values| is_decided(name, values.member(name)))
        };
        match (action, before, after) {
            (Action::Update | Action::Replace, Some(before), Some(after)) => entry
                .wanted(file)
                .into_iter()
                .filter(|name| !matches!(*name, "id" | "arn") && !entry.never_matters(file, name))
                .filter(|name| {
                    let (was, is) = (before.member(name), after.member(name));
                    let is_rewritten = || {
                        let resolver = self.resolver;
                        resolver.is_some_and(|resolver| resolver.differs(resource, name))
                    };
                    (was != is || (was.has_unknown() && is_rewritten()))
                        && !(was.is_unset() && is.is_unset())
                        && (action == Action::Update || *is != Value::Unknown)
                })
                .map(str::to_owned)
                .collect(),
            (Action::Create | Action::Delete, ..) => {
                let mut names = BTreeSet::new();
                for statement in entry.becomes.iter().flatten() {
                    match statement {
                        Statement::Link(link) => {
                            names.extend(link.ends.iter().flat_map(|end| end.of.iter()))
                        }
                        Statement::Route(route) => names.extend(route.via.keys().chain(&route.to)),
                        Statement::Association(association) => {
                            names.extend(association.member.iter().chain([&association.table]))
                        }
                        Statement::Containment(containment) => {
                            let named = match &containment.each {
                                Some(block) => std::slice::from_ref(block),
                                None => &containment.within,
                            };
                            names.extend(containment.of.iter().chain(named));
                        }
                        Statement::Property(property) if !property.of_region => {
                            names.insert(&property.of);
                        }
                        Statement::Policy(policy) => names.extend(&policy.reads),
                        _ => {}
                    }
                }
                let top = |path: &String| top_level(path).to_owned();
                let names: BTreeSet<String> = names
                    .into_iter()
                    .filter(|name| *name != "self")
                    .map(top)
                    .collect();
                names.into_iter().filter(|name| is_set(name)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether a replaced network or hub keeps the identifier by which others mean it.
fn is_made_again(was: &[NodeDeclaration], is: &[NodeDeclaration]) -> bool {
    let names = |nodes: &[NodeDeclaration]| -> BTreeSet<Key> {
        let counts = |node: &&NodeDeclaration| {
            let is_boundary = matches!(node.kind, NodeKind::Network | NodeKind::Hub);
            is_boundary && node.within.is_empty()
        };
        let keys = nodes.iter().filter(counts).flat_map(|node| &node.keys);
        keys.filter(|key| matches!(key, Key::Provider(_)))
            .cloned()
            .collect()
    };
    !names(was).is_disjoint(&names(is))
}

impl Unmodelled {
    fn notice(self, subject: String) -> Notice {
        let changing = match self.changing {
            0 => "none of which changes".to_owned(),
            1 => "1 of which changes".to_owned(),
            n => format!("{n} of which change"),
        };
        let resources = if self.count == 1 {
            "resource"
        } else {
            "resources"
        };
        Notice {
            kind: self.kind,
            subject,
            message: format!("{} {resources}, {changing}: {}", self.count, self.why),
        }
    }
}

fn note_unmodelled(
    unmodelled: &mut BTreeMap<String, Unmodelled>,
    resource: &Resource<'_>,
    meaning: &Meaning<'_>,
) {
    if resource.is_data {
        return;
    }
    let provider = resource.resource_type.split('_').next().unwrap_or_default();
    let (subject, kind, why) = match meaning {
        Meaning::NotYet(would_mean) => (
            resource.resource_type.to_string(),
            "not-yet-modelled",
            format!("not yet modelled; it would mean: {would_mean}"),
        ),
        Meaning::Unrecognised(_) => (
            resource.resource_type.to_string(),
            "unrecognised-resource",
            "no providers file describes this type; add it with --providers".to_owned(),
        ),
        _ => (
            provider.to_owned(),
            "unmodelled-provider",
            "no providers file describes this provider: nothing is known of its networks; add one with --providers".to_owned(),
        ),
    };
    let entry = unmodelled.entry(subject).or_default();
    entry.kind = kind;
    entry.why = why;
    entry.count += 1;
    entry.changing += usize::from(resource.action.changes());
}

/// Attributes that an update changes and that neither a statement reads nor a list calls harmless.
fn unmodelled_attributes(
    entry: &TypeEntry,
    file: &ProviderFile,
    resource: &Resource<'_>,
    before: &super::resource::Instance<'_>,
    after: &super::resource::Instance<'_>,
    wanted: &BTreeSet<&str>,
    notices: &mut Vec<Notice>,
) {
    // What is known of it is only whether it takes or sends in the clear: nothing else about it moves the perimeter.
    let is_plaintext = |statement: &Statement| matches!(statement, Statement::Plaintext(_));
    if entry.becomes.iter().flatten().all(is_plaintext) {
        return;
    }
    let strange = |name: &str| !wanted.contains(name) && !entry.never_matters(file, name);
    let (Ok(before), Ok(after)) = (before.read(&strange), after.read(&strange)) else {
        return;
    };
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return;
    };
    let differing: Vec<&String> = after
        .iter()
        .filter(|(name, value)| {
            let was = before.get(*name).unwrap_or(&Value::Null);
            let both_unset = value.is_unset() && was.is_unset();
            !(both_unset || value.has_unknown() || was.says_the_same_as(value))
        })
        .map(|(name, _)| name)
        .collect();
    for name in differing {
        notices.push(Notice {
            kind: "unjudged-attribute",
            subject: resource.address.to_string(),
            message: format!("{name} changes, and no providers file says whether that matters"),
        });
    }
}

/// The associations that take over when a resource is destroyed.
fn restorations(
    entry: &TypeEntry,
    file: &ProviderFile,
    before: &Value,
    origin: OriginId,
) -> Vec<AssociationDeclaration> {
    let mut restored = Vec::new();
    for statement in entry.becomes.iter().flatten() {
        let Statement::Association(association) = statement else {
            continue;
        };
        let key = |path: &String| {
            let text = leaves(before, path).into_iter().find_map(Value::as_text)?;
            Some(Reference::To(identifier_key(file, &text)))
        };
        let table = association.restores.as_ref().and_then(key);
        let member = association.member.iter().find_map(key);
        if let (Some(table), Some(member)) = (table, member) {
            restored.push(AssociationDeclaration {
                table,
                member,
                role: association.role,
                implied: false,
                origin,
            });
        }
    }
    restored
}

fn identifiers(
    file: &ProviderFile,
    before: &Option<Value>,
    after: &Option<Value>,
) -> BTreeSet<String> {
    [before, after]
        .into_iter()
        .flatten()
        .filter_map(|values| values.member("id").as_text())
        .map(|id| canonical(&file.identifiers, &id))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sources::terraform::plan::Document;

    /// A provider that spells identifiers as paths.
    const NIMBUS: &str = "
provider: nimbus
type_prefix: nimbus_
identifiers:
  begins_with: [projects/]
  account_after: projects
  collections: { networks: network }
  in_full: { hub: 'projects/{account}/hubs/{}', network: 'projects/{account}/networks/{}' }
place: { region: [region], account: [project] }
names: [name]
never: [deletion_policy, name]
abandoned_when: { deletion_policy: ABANDON }
types:
- type: nimbus_cluster
  becomes:
  - exposure: { of: [network], says: public nodes of, when: { nodes: public } }
  - exposure: { of: [network], says: public interface of, when: { interface: public } }
- type: nimbus_hub
  known_as: ['projects/{account}/hubs/{name}']
  becomes:
  - node: { kind: hub, forwards: by_tables, tables: [ { part: all } ] }
- type: nimbus_network
  known_as: ['projects/{account}/networks/{name}']
  never: [note.title]
  becomes:
  - node: { kind: network, facts: { notes: note } }
- type: nimbus_relay
  known_as: ['projects/{account}/relays/{name}']
  becomes:
  - node: { kind: hub }
- type: nimbus_spoke
  place: { account_within: [networks] }
  becomes:
  - link:
      kind: attachment
      ends:
      - { of: [networks], kind: network }
      - { of: [hub], kind: hub }
  - association: { table: hub#all, member: [self], role: uses }
";

    /// What a plan with these resource changes comes to: (type, name, actions, before, after).
    fn reading(changes: &[(&str, &str, &str, &str, &str)]) -> Reading {
        let changes: Vec<String> = changes
            .iter()
            .map(|(kind, name, actions, before, after)| {
                format!(
                    r#"{{"address":"{kind}.{name}","mode":"managed","type":"{kind}","name":"{name}",
                    "provider_name":"nimbus","change":{{"actions":[{actions}],"before":{before},"after":{after},
                    "after_unknown":{{}}}}}}"#
                )
            })
            .collect();
        let text = format!(
            r#"{{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[{}]}}"#,
            changes.join(",")
        );
        read(&text)
    }

    fn read(text: &str) -> Reading {
        let files = vec![("nimbus.yaml".to_owned(), NIMBUS.to_owned())];
        let catalog = Catalog::empty().with_directory(files).unwrap();
        let Document::Plan(plan) = Document::parse("plan.json", text).unwrap() else {
            panic!("not a plan");
        };
        read_plan(
            &catalog,
            (&plan, None),
            "",
            &Interest::new(),
            &mut Origins::default(),
            &mut Secrets::default(),
        )
    }

    fn kinds(reading: &Reading) -> Vec<&str> {
        reading.notices.iter().map(|notice| notice.kind).collect()
    }

    #[test]
    fn what_is_abandoned_stays_where_it_is_and_what_is_destroyed_does_not() {
        let deleted = |policy: &str| {
            let before = format!(r#"{{"name":"a","project":"p","deletion_policy":"{policy}"}}"#);
            reading(&[("nimbus_network", "a", r#""delete""#, &before, "null")])
        };
        let abandoned = deleted("ABANDON");
        assert_eq!(abandoned.after.nodes.len(), 1);
        assert_eq!(kinds(&abandoned), ["no-longer-managed"]);
        let destroyed = deleted("DELETE");
        assert!(destroyed.after.nodes.is_empty());
        assert!(kinds(&destroyed).is_empty());
    }

    #[test]
    fn a_network_made_again_under_its_identifier_is_a_notice_and_one_under_another_is_none() {
        let replaced = |name: &str| {
            let after = format!(r#"{{"name":"{name}","project":"p"}}"#);
            let before = r#"{"name":"a","project":"p","id":"projects/p/networks/a"}"#;
            reading(&[(
                "nimbus_network",
                "a",
                r#""delete","create""#,
                before,
                &after,
            )])
        };
        assert_eq!(kinds(&replaced("a")), ["outage"]);
        assert!(kinds(&replaced("b")).is_empty());
    }

    #[test]
    fn each_of_several_links_of_one_resource_is_a_member_of_its_own() {
        let spoke = r#"{"networks":["projects/p/networks/a","projects/p/networks/b"],"hub":"projects/p/hubs/h"}"#;
        let reading = reading(&[("nimbus_spoke", "s", r#""create""#, "null", spoke)]);
        let keys: BTreeSet<&Key> = reading
            .after
            .links
            .iter()
            .flat_map(|link| &link.keys)
            .collect();
        let members: BTreeSet<&Reference> = reading
            .after
            .associations
            .iter()
            .map(|one| &one.member)
            .collect();
        assert_eq!((keys.len(), members.len()), (2, 2));
        assert!(
            keys.iter()
                .all(|key| members.contains(&Reference::To((*key).clone())))
        );
    }

    #[test]
    fn a_fact_that_is_a_block_does_not_depend_on_its_order_or_on_what_never_matters() {
        let noted = |note: &str| {
            let after = format!(r#"{{"name":"a","project":"p","note":{note}}}"#);
            let reading = reading(&[("nimbus_network", "a", r#""create""#, "null", &after)]);
            reading.after.nodes[0].properties["notes"].value.clone()
        };
        let one = noted(r#"[{"title":"x","from":["b","a"],"to":null},{"from":["c"]}]"#);
        assert_eq!(
            one,
            noted(r#"[{"from":["c"]},{"title":"y","from":["a","b"]}]"#)
        );
        assert_ne!(one, noted(r#"[{"from":["c","a"]},{"from":["b"]}]"#));
    }

    #[test]
    fn a_local_value_means_what_the_identifiers_of_its_argument_are_of() {
        // The module creates two hubs, and only one of them is of the collection that `hub` is by its template.
        let created = |kind: &str, name: &str, after: &str, unknown: &str| {
            format!(
                r#"{{"address":"{kind}.{name}","mode":"managed","type":"{kind}","name":"{name}","provider_name":"nimbus",
                "change":{{"actions":["create"],"before":null,"after":{after},"after_unknown":{unknown}}}}}"#
            )
        };
        let spoke = r#"{"networks":["projects/p/networks/a"]}"#;
        let text = format!(
            r#"{{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[{},{},{}],
            "configuration":{{"root_module":{{"resources":[
            {{"address":"nimbus_spoke.s","mode":"managed","type":"nimbus_spoke","name":"s","provider_config_key":"nimbus",
            "expressions":{{"hub":{{"references":["local.hub"]}}}}}}]}}}}}}"#,
            created("nimbus_hub", "h", r#"{"name":"h"}"#, r#"{"id":true}"#),
            created("nimbus_relay", "r", r#"{"name":"r"}"#, r#"{"id":true}"#),
            created("nimbus_spoke", "s", spoke, r#"{"hub":true}"#),
        );
        let reading = read(&text);
        let hub = Key::Address("nimbus_hub.h".to_owned());
        assert_eq!(reading.after.links[0].ends[1].reference, Reference::To(hub));
    }

    #[test]
    fn a_resource_may_be_two_doors_of_which_one_opens() {
        let cluster =
            |nodes: &str| format!(r#"{{"network":"a","nodes":"{nodes}","interface":"public"}}"#);
        let (before, after) = (cluster("private"), cluster("public"));
        let reading = reading(&[("nimbus_cluster", "c", r#""update""#, &before, &after)]);
        let doors = |side: &Fragment| -> BTreeSet<String> {
            side.exposures
                .iter()
                .map(|one| one.subject.clone())
                .collect()
        };
        let (was, is) = (doors(&reading.before), doors(&reading.after));
        assert_eq!((was.len(), is.len()), (1, 2));
        assert!(was.is_subset(&is));
    }

    #[test]
    fn an_account_may_be_told_by_what_a_resource_refers_to() {
        let network =
            r#"{"name":"a","region":"https://nimbus.example/v1/projects/p/regions/north"}"#;
        let spoke = r#"{"networks":["projects/p/networks/a"],"hub":"h"}"#;
        let reading = reading(&[
            ("nimbus_network", "a", r#""create""#, "null", network),
            ("nimbus_spoke", "s", r#""create""#, "null", spoke),
        ]);
        let place = &reading.after.nodes[0].place;
        assert_eq!(place.region.as_deref(), Some("north"));
        assert_eq!(place.account, None);
        let hub = Key::Provider("nimbus:projects/p/hubs/h".to_owned());
        assert_eq!(reading.after.links[0].ends[1].reference, Reference::To(hub));
    }
}
