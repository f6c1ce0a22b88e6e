//! Which traffic every workload port takes in effect, and what its callers have to prove.
//!
//! The mode of a port is a fold: the mesh, its namespace, the workload, the port, each of which may leave it to the one before
//! (`ComposePeerAuthentication` of Istio,
//! <https://github.com/istio/istio/blob/master/pilot/pkg/security/authn/policy_applier.go>, read 2026-11-22). Of several
//! policies at one level the oldest holds; no file tells their age, so each of them counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::Topic;
use crate::graph::origin::OriginId;

use super::super::declare::{Boundary, Declarations, Extent, FarSide, Site, Statement, Unproven};
use super::super::estate::Workload;
use super::super::object::{Object, selector_words, selects};
use super::super::yaml::Node;
use super::install::{Mesh, selector};
use super::membership::{self, Membership};
use super::targets::{self, is_targeted};

/// What a port takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    /// mTLS only.
    Strict,
    /// Both.
    Permissive,
    /// Plaintext only.
    Disable,
}

impl Mode {
    /// `None`: left to the level before.
    fn read(mtls: Option<&Node>) -> Option<Self> {
        match mtls?.text_at(&["mode"])? {
            "STRICT" => Some(Self::Strict),
            "PERMISSIVE" => Some(Self::Permissive),
            "DISABLE" => Some(Self::Disable),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Strict => "mTLS only",
            Self::Permissive => "plaintext beside mTLS",
            Self::Disable => "plaintext only",
        }
    }

    fn openness(self) -> i32 {
        match self {
            Self::Strict => 1,
            Self::Permissive => 2,
            Self::Disable => 3,
        }
    }
}

/// What holds at one level: one mode, or each of several where nobody tells which.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    modes: BTreeSet<Mode>,
    deciding: BTreeSet<OriginId>,
}

impl Outcome {
    fn of(mode: Mode) -> Self {
        Self {
            modes: BTreeSet::from([mode]),
            deciding: BTreeSet::new(),
        }
    }

    fn value(&self) -> String {
        let words: Vec<&str> = self.modes.iter().map(|mode| mode.word()).collect();
        words.join(" or ")
    }

    fn openness(&self) -> i32 {
        self.modes
            .iter()
            .map(|mode| mode.openness())
            .max()
            .unwrap_or(0)
    }

    fn is_strict(&self) -> bool {
        self.modes.iter().all(|mode| *mode == Mode::Strict)
    }

    /// What these policies of one level make of what holds before them.
    fn under(&self, level: &[(Option<Mode>, OriginId)]) -> Self {
        if level.is_empty() {
            return self.clone();
        }
        let mut next = Self {
            modes: BTreeSet::new(),
            deciding: BTreeSet::new(),
        };
        for (mode, origin) in level {
            match mode {
                Some(mode) => {
                    next.modes.insert(*mode);
                    next.deciding.insert(*origin);
                }
                None => {
                    next.modes.extend(&self.modes);
                    next.deciding.extend(&self.deciding);
                }
            }
        }
        next
    }
}

/// What the callers of something have to prove.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Proof {
    /// An identity of the mesh.
    pub(super) identity: bool,
    /// A token of an issuer.
    pub(super) token: bool,
    pub(super) deciding: BTreeSet<OriginId>,
}

impl Proof {
    pub(super) fn value(&self) -> &'static str {
        match (self.identity, self.token) {
            (true, true) => "identity and token",
            (true, false) => "identity",
            (false, true) => "token",
            (false, false) => "nothing",
        }
    }

    fn words(&self) -> &'static str {
        match (self.identity, self.token) {
            (true, true) => "lets callers in only with an identity of the mesh and a token",
            (true, false) => "lets callers in only with an identity of the mesh",
            (false, true) => "lets callers in only with a token",
            (false, false) => "lets callers in that prove nothing to the mesh",
        }
    }

    fn openness(&self) -> i32 {
        3 - i32::from(self.identity) - i32::from(self.token)
    }

    /// With what policies ask that all hold for the same callers.
    pub(super) fn asked_by(
        mut self,
        policies: &[&Object],
        declarations: &Declarations<'_>,
    ) -> Self {
        let action = |policy: &Object| {
            policy
                .root
                .text_at(&["spec", "action"])
                .unwrap_or("ALLOW")
                .to_owned()
        };
        let allow: Vec<&Object> = policies
            .iter()
            .copied()
            .filter(|one| action(one) == "ALLOW")
            .collect();
        let rules: Vec<&Node> = allow
            .iter()
            .flat_map(|policy| {
                policy
                    .root
                    .at(&["spec", "rules"])
                    .map(Node::items)
                    .unwrap_or_default()
            })
            .collect();
        if !allow.is_empty() {
            self.identity |= rules.iter().all(|rule| demands(rule, IDENTITY));
            self.token |= !rules.is_empty() && rules.iter().all(|rule| demands(rule, TOKEN));
            self.deciding.extend(declarations.origins_of(allow));
        }
        for policy in policies.iter().filter(|one| action(one) == "DENY") {
            let rules = policy
                .root
                .at(&["spec", "rules"])
                .map(Node::items)
                .unwrap_or_default();
            if rules
                .iter()
                .any(|rule| denies_all_without(rule, "notPrincipals"))
            {
                self.identity = true;
                self.deciding.insert(declarations.origin(policy));
            }
            if rules
                .iter()
                .any(|rule| denies_all_without(rule, "notRequestPrincipals"))
            {
                self.token = true;
                self.deciding.insert(declarations.origin(policy));
            }
        }
        self
    }
}

/// The policies of one mesh, by what they hold for.
struct Policies<'e, 'm> {
    mesh: &'e Mesh<'e, 'm>,
    peer: Vec<&'m Object>,
    authorization: Vec<&'m Object>,
}

pub(super) fn declare(mesh: &Mesh<'_, '_>, declarations: &mut Declarations<'_>) {
    let policies = Policies {
        mesh,
        peer: mesh
            .cluster
            .of_kind("security.istio.io", "PeerAuthentication")
            .collect(),
        authorization: super::authorization_policies(mesh.cluster).collect(),
    };
    let mesh_wide = policies.mesh_wide(declarations);
    let proof = policies.proof(&mesh_wide, None, None, declarations);
    let whose = Whose {
        of: vec![mesh.boundary()],
        ..Whose::default()
    };
    state_modes(&whose, &mesh_wide, declarations);
    state_proof(&whose, &proof, declarations);
    state_access(&whose, &policies.allowing(None, None), declarations);
    let mut namespaces: BTreeSet<Option<String>> =
        mesh.cluster.namespaces.keys().cloned().map(Some).collect();
    namespaces.extend(
        mesh.cluster
            .workloads
            .iter()
            .map(|one| one.identity().namespace.clone()),
    );
    let all = policies.peer.iter().chain(&policies.authorization);
    namespaces.extend(all.map(|policy| policy.identity.namespace.clone()));
    for namespace in &namespaces {
        policies.namespace(namespace.as_deref(), &mesh_wide, declarations);
    }
    policies.dead(declarations);
    targets::declare(mesh, declarations);
    policies.sites(declarations);
}

/// Whose fact it is, and what it is an exception to.
#[derive(Debug, Clone, Default)]
struct Whose {
    of: Vec<Boundary>,
    /// What is meant of a boundary, to stand behind its name: "holds workload metrics, which".
    which: String,
    /// The part meant: "port 9090", "workload metrics".
    part: Vec<String>,
    carrier: Option<Boundary>,
}

impl Whose {
    fn about(&self, what: &str) -> String {
        std::iter::once(what)
            .chain(self.part.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(" of ")
    }

    /// The more general facts, nearest first.
    fn exception_to(&self, what: &str) -> Vec<String> {
        let mut parts = self.part.clone();
        let mut general = Vec::new();
        while !parts.is_empty() {
            parts.remove(parts.len() - 1);
            let whose = Self {
                part: parts.clone(),
                ..Self::default()
            };
            general.push(whose.about(what));
        }
        general
    }

    fn state(&self, what: &str, statement: Statement, declarations: &mut Declarations<'_>) {
        let extent = Extent {
            exception_to: self.exception_to(what),
            lasts_with: self.carrier.clone(),
            ..Extent::default()
        };
        let words = format!("{}{}", self.which, statement.words);
        declarations.state_as(&self.of, Statement { words, ..statement }, extent);
    }
}

fn state_modes(whose: &Whose, outcome: &Outcome, declarations: &mut Declarations<'_>) {
    const WHAT: &str = "inbound traffic";
    let on = whose.part.iter().find(|part| part.starts_with("port "));
    let on = on.map_or_else(String::new, |port| format!(" on {port}"));
    let statement = Statement {
        topic: Topic::Encryption,
        about: whose.about(WHAT),
        matter: WHAT.to_owned(),
        value: outcome.value(),
        openness: outcome.openness(),
        words: format!("takes {}{on}", outcome.value()),
        origins: outcome.deciding.clone(),
    };
    whose.state(WHAT, statement, declarations);
}

fn state_proof(whose: &Whose, proof: &Proof, declarations: &mut Declarations<'_>) {
    const WHAT: &str = "callers";
    let on = whose.part.iter().find(|part| part.starts_with("port "));
    let on = on.map_or_else(String::new, |port| format!(" on {port}"));
    let statement = Statement {
        topic: Topic::Authentication,
        about: whose.about(WHAT),
        matter: WHAT.to_owned(),
        value: proof.value().to_owned(),
        openness: proof.openness(),
        words: format!("{}{on}", proof.words()),
        origins: proof.deciding.clone(),
    };
    whose.state(WHAT, statement, declarations);
}

/// Whom authorization policies let in, in one fixed spelling.
pub(super) fn let_in(policies: &[&Object]) -> String {
    let mut rules: BTreeSet<String> = BTreeSet::new();
    for policy in policies {
        let action = policy.root.text_at(&["spec", "action"]).unwrap_or("ALLOW");
        let listed = policy
            .root
            .at(&["spec", "rules"])
            .map(Node::items)
            .unwrap_or_default();
        rules.insert(action.to_owned());
        rules.extend(
            listed
                .iter()
                .map(|rule| format!("{action} {}", rule.canonical_unordered())),
        );
    }
    rules.into_iter().collect::<Vec<_>>().join("; ")
}

/// State whom authorization policies let in.
fn state_access(whose: &Whose, policies: &[&Object], declarations: &mut Declarations<'_>) {
    const WHAT: &str = "access";
    if policies.is_empty() && whose.part.is_empty() {
        return;
    }
    let names: BTreeSet<String> = policies
        .iter()
        .map(|policy| policy.identity.qualified_name())
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let statement = Statement {
        topic: Topic::Authentication,
        about: whose.about(WHAT),
        matter: WHAT.to_owned(),
        value: let_in(policies),
        openness: -1,
        words: format!(
            "lets in whom authorization policy {} lets in",
            names.join(", ")
        ),
        origins: declarations.origins_of(policies.iter().copied()),
    };
    whose.state(WHAT, statement, declarations);
}

impl<'m> Policies<'_, 'm> {
    fn is_root(&self, namespace: Option<&str>) -> bool {
        self.mesh.is_root(namespace)
    }

    /// Peer policies of a namespace, those with or without a selector.
    fn peer_of(&self, namespace: Option<&str>, is_for_all: bool) -> Vec<&'m Object> {
        let all = self.peer.iter().copied();
        all.filter(|policy| {
            policy.identity.namespace.as_deref() == namespace
                && selector(policy).is_empty() == is_for_all
        })
        .collect()
    }

    fn level(
        &self,
        policies: &[&Object],
        declarations: &Declarations<'_>,
    ) -> Vec<(Option<Mode>, OriginId)> {
        let read = |policy: &&Object| {
            let mode = Mode::read(policy.root.at(&["spec", "mtls"]));
            (mode, declarations.origin(policy))
        };
        policies.iter().map(read).collect()
    }

    fn mesh_wide(&self, declarations: &mut Declarations<'_>) -> Outcome {
        let root = self.peer_of(Some(&self.mesh.root_namespace), true);
        self.say_ambiguous(&root, declarations);
        let told = Outcome::of(Mode::Permissive).under(&self.level(&root, declarations));
        // One that says no namespace may be applied to the root namespace: it may hold, or not.
        let untold = self.peer_of(None, true);
        let with = told.under(&self.level(&untold, declarations));
        Outcome {
            modes: told.modes.union(&with.modes).copied().collect(),
            deciding: told.deciding.union(&with.deciding).copied().collect(),
        }
    }

    fn say_ambiguous(&self, level: &[&Object], declarations: &mut Declarations<'_>) {
        let modes: BTreeSet<String> = level
            .iter()
            .map(|policy| {
                policy
                    .root
                    .get("spec")
                    .map(Node::canonical)
                    .unwrap_or_default()
            })
            .collect();
        if let ([first, rest @ ..], true) = (level, modes.len() > 1) {
            let others: Vec<String> = rest.iter().map(|one| one.identity.address()).collect();
            declarations.notice(
                "ambiguous-policy",
                first,
                format!(
                    "{} say otherwise at the same level: the oldest holds, no file tells which that is, and each counts",
                    others.join(", ")
                ),
            );
        }
    }

    fn namespace(
        &self,
        namespace: Option<&str>,
        mesh_wide: &Outcome,
        declarations: &mut Declarations<'_>,
    ) {
        let cluster = self.mesh.name().clone();
        let boundary = Boundary::Namespace(cluster.clone(), namespace.map(str::to_owned));
        let level = if self.is_root(namespace) {
            Vec::new()
        } else {
            self.peer_of(namespace, true)
        };
        self.say_ambiguous(&level, declarations);
        let mut outcome = mesh_wide.under(&self.level(&level, declarations));
        let described =
            namespace.and_then(|name| self.mesh.cluster.namespaces.get(name)?.first().copied());
        let membership = described.map_or(Membership::Untold, membership::of_namespace);
        if let (Membership::Out, Some(object)) = (membership, described) {
            outcome = Outcome {
                modes: BTreeSet::from([Mode::Disable]),
                deciding: BTreeSet::from([declarations.origin(object)]),
            };
        }
        let whose = Whose {
            of: vec![boundary.clone()],
            ..Whose::default()
        };
        state_membership(&whose, membership, described, declarations);
        state_modes(&whose, &outcome, declarations);
        let proof = self.proof(&outcome, namespace, None, declarations);
        state_proof(&whose, &proof, declarations);
        state_access(&whose, &self.allowing(namespace, None), declarations);
        self.unseen_callers(&boundary, namespace, declarations);
        let of_namespace = self
            .mesh
            .cluster
            .workloads
            .iter()
            .filter(|one| one.identity().namespace.as_deref() == namespace);
        let selecting = if self.is_root(namespace) {
            Vec::new()
        } else {
            self.peer_of(namespace, false)
        };
        let mut unseen = selecting.clone();
        for workload in of_namespace {
            let own: Vec<&Object> = selecting
                .iter()
                .copied()
                .filter(|policy| selects(&selector(policy), &workload.labels))
                .collect();
            unseen.retain(|policy| !own.iter().any(|one| std::ptr::eq(*one, *policy)));
            self.say_ambiguous(&own, declarations);
            self.workload(workload, &own, (&outcome, &proof), declarations);
        }
        for policy in unseen {
            let words = format!("workloads with {}", selector_words(&selector(policy)));
            declarations.notice(
                "policy-without-workload",
                policy,
                "no workload among the files has the labels that it selects: its namespace speaks for whatever has",
            );
            let inner = outcome.under(&self.level(&[policy], declarations));
            self.exceptions(
                &boundary,
                &words,
                &[policy],
                &inner,
                &outcome,
                None,
                declarations,
            );
        }
    }

    /// A workload bears what it takes itself; its namespace bears in what it differs from the namespace.
    fn workload(
        &self,
        workload: &Workload<'m>,
        own: &[&Object],
        (general, general_proof): (&Outcome, &Proof),
        declarations: &mut Declarations<'_>,
    ) {
        let identity = workload.identity();
        let boundary = Boundary::of(workload);
        let namespace = identity.namespace.as_deref();
        let mut outcome = general.under(&self.level(own, declarations));
        let membership = membership::of_workload(workload);
        if membership == Membership::Out {
            outcome = Outcome {
                modes: BTreeSet::from([Mode::Disable]),
                deciding: BTreeSet::from([declarations.origin(workload.object)]),
            };
        }
        let whose = Whose {
            of: vec![boundary.clone()],
            carrier: Some(boundary.clone()),
            ..Whose::default()
        };
        state_membership(&whose, membership, Some(workload.object), declarations);
        state_modes(&whose, &outcome, declarations);
        let proof = self.proof(&outcome, namespace, Some(&workload.labels), declarations);
        state_proof(&whose, &proof, declarations);
        let allowing = self.allowing(namespace, Some(&workload.labels));
        state_access(&whose, &allowing, declarations);
        let around = Boundary::around(identity);
        let words = format!("workload {}", identity.name);
        let told = Whose {
            of: vec![around.clone()],
            which: format!("holds {words}, which "),
            part: vec![words.clone()],
            carrier: Some(boundary.clone()),
        };
        if outcome.modes != general.modes {
            state_modes(&told, &outcome, declarations);
        }
        if proof.value() != general_proof.value() {
            state_proof(&told, &proof, declarations);
        }
        if self.allowing(namespace, None).len() != allowing.len() {
            state_access(&told, &allowing, declarations);
        }
        if membership != Membership::Out {
            let carrier = Some(workload);
            self.ports(&around, &words, own, &outcome, carrier, declarations);
        }
        membership::around_the_proxy(workload, &around, declarations);
    }

    #[allow(clippy::too_many_arguments)]
    fn exceptions(
        &self,
        boundary: &Boundary,
        words: &str,
        own: &[&Object],
        outcome: &Outcome,
        general: &Outcome,
        workload: Option<&Workload<'m>>,
        declarations: &mut Declarations<'_>,
    ) {
        if outcome.modes != general.modes {
            let told = Whose {
                of: vec![boundary.clone()],
                which: format!("holds {words}, which "),
                part: vec![words.to_owned()],
                carrier: workload.map(Boundary::of),
            };
            state_modes(&told, outcome, declarations);
        }
        self.ports(boundary, words, own, outcome, workload, declarations);
    }

    /// Ports with a mode of their own, as facts of the workload and of its namespace.
    fn ports(
        &self,
        around: &Boundary,
        words: &str,
        own: &[&Object],
        outcome: &Outcome,
        workload: Option<&Workload<'m>>,
        declarations: &mut Declarations<'_>,
    ) {
        let mut ports: BTreeMap<&str, Vec<(Option<Mode>, OriginId)>> = BTreeMap::new();
        for policy in own {
            let origin = declarations.origin(policy);
            let table = policy.root.at(&["spec", "portLevelMtls"]).map(Node::fields);
            for field in table.unwrap_or_default() {
                let slot = ports.entry(field.key.as_str()).or_default();
                slot.push((Mode::read(Some(&field.value)), origin));
            }
        }
        for (port, level) in ports {
            let inner = outcome.under(&level);
            if inner.modes == outcome.modes
                || workload.is_some_and(|one| self.is_service_port_only(one, port))
            {
                continue;
            }
            let part = format!("port {port}");
            if let Some(workload) = workload {
                let boundary = Boundary::of(workload);
                let whose = Whose {
                    of: vec![boundary.clone()],
                    part: vec![part.clone()],
                    carrier: Some(boundary),
                    ..Whose::default()
                };
                state_modes(&whose, &inner, declarations);
                let identity = workload.identity();
                let namespace = identity.namespace.as_deref();
                let proof = self.proof(&inner, namespace, Some(&workload.labels), declarations);
                let base = self.proof(outcome, namespace, Some(&workload.labels), declarations);
                if proof.value() != base.value() {
                    state_proof(&whose, &proof, declarations);
                    let told = Whose {
                        of: vec![around.clone()],
                        which: format!("holds {words}, which "),
                        part: vec![words.to_owned(), part.clone()],
                        carrier: Some(Boundary::of(workload)),
                    };
                    state_proof(&told, &proof, declarations);
                }
            }
            let told = Whose {
                of: vec![around.clone()],
                which: format!("holds {words}, which "),
                part: vec![words.to_owned(), part],
                carrier: workload.map(Boundary::of),
            };
            state_modes(&told, &inner, declarations);
        }
    }

    /// Whether a number is a port of a Service in front of a workload and none of the workload's own: the mode of no port.
    fn is_service_port_only(&self, workload: &Workload<'m>, port: &str) -> bool {
        let in_front = self.mesh.cluster.services.iter().filter(|service| {
            let behind = self.mesh.cluster.behind(service);
            behind.iter().any(|one| std::ptr::eq(*one, workload))
        });
        let is_service_port = in_front
            .clone()
            .any(|service| service.ports.contains_key(port));
        is_service_port && !workload.ports.is_empty() && !workload.ports.contains(port)
    }

    /// Policies that are in force nowhere although they look as if.
    fn dead(&self, declarations: &mut Declarations<'_>) {
        for policy in &self.peer {
            if self.is_root(policy.identity.namespace.as_deref()) && !selector(policy).is_empty() {
                declarations.notice(
                    "policy-without-effect",
                    policy,
                    "Istio ignores a policy with a selector in the root namespace: put it into the namespace of its workloads",
                );
            }
            let table = policy.root.at(&["spec", "portLevelMtls"]);
            if table.is_some() && selector(policy).is_empty() {
                declarations.notice(
                    "policy-without-effect",
                    policy,
                    "Istio reads `portLevelMtls` only of a policy with a selector",
                );
            }
            let selected = self
                .mesh
                .cluster
                .selected(policy.identity.namespace.as_deref(), &EMPTY);
            let own = selected.filter(|one| selects(&selector(policy), &one.labels));
            for workload in own {
                for field in table.map(Node::fields).unwrap_or_default() {
                    if self.is_service_port_only(workload, &field.key) {
                        declarations.notice(
                            "policy-without-effect",
                            policy,
                            format!(
                                "{} is a port of a Service, not of workload {}: `portLevelMtls` names ports of workloads",
                                field.key,
                                workload.identity().name
                            ),
                        );
                    }
                }
            }
        }
    }

    /// The authorization policies that hold for a namespace, or for a workload of it.
    fn allowing(
        &self,
        namespace: Option<&str>,
        labels: Option<&BTreeMap<String, String>>,
    ) -> Vec<&'m Object> {
        let all = self.authorization.iter().copied();
        all.filter(|policy| {
            let own = policy.identity.namespace.as_deref();
            let is_near = self.is_root(own)
                || namespace.is_some() && own == namespace
                || own.is_none() && namespace.is_none();
            let selector = selector(policy);
            is_near
                && !is_targeted(policy)
                && (selector.is_empty() || labels.is_some_and(|labels| selects(&selector, labels)))
        })
        .collect()
    }

    /// Policies on callers of workloads that are not among the files: the namespace speaks for those.
    fn unseen_callers(
        &self,
        boundary: &Boundary,
        namespace: Option<&str>,
        declarations: &mut Declarations<'_>,
    ) {
        let mut unseen: BTreeMap<String, Vec<&Object>> = BTreeMap::new();
        for policy in self.authorization.iter().copied() {
            let own = selector(policy);
            let is_here = policy.identity.namespace.as_deref() == namespace;
            if !is_here || own.is_empty() || is_targeted(policy) {
                continue;
            }
            if self.mesh.cluster.selected(namespace, &own).next().is_none() {
                let name = format!("workloads with {}", selector_words(&own));
                unseen.entry(name).or_default().push(policy);
            }
        }
        for (part, policies) in unseen {
            let told = Whose {
                of: vec![boundary.clone()],
                which: format!("holds {part}, which "),
                part: vec![part.clone()],
                carrier: None,
            };
            state_access(&told, &policies, declarations);
        }
    }

    /// What callers have to prove, by the mode and by policies that no caller without proof gets past.
    fn proof(
        &self,
        outcome: &Outcome,
        namespace: Option<&str>,
        labels: Option<&BTreeMap<String, String>>,
        declarations: &Declarations<'_>,
    ) -> Proof {
        let proof = Proof {
            identity: outcome.is_strict(),
            token: false,
            deciding: outcome.deciding.clone(),
        };
        proof.asked_by(&self.allowing(namespace, labels), declarations)
    }

    /// Settings that let plaintext in: the smallest field that says so.
    fn sites(&self, declarations: &mut Declarations<'_>) {
        for policy in &self.peer {
            let namespace = policy.identity.namespace.as_deref();
            let own = selector(policy);
            if self.is_root(namespace) && !own.is_empty() {
                continue;
            }
            let labels = (!own.is_empty()).then_some(&own);
            let whom = if self.is_root(namespace) {
                None
            } else {
                namespace
            };
            let mut fields = Vec::new();
            if let Some(field) = policy.root.field_at(&["spec", "mtls", "mode"]) {
                let mode = Mode::read(policy.root.at(&["spec", "mtls"]));
                fields.push((
                    "spec.mtls.mode".to_owned(),
                    field.line,
                    field.value.end_line,
                    mode,
                    String::new(),
                ));
            }
            let table = policy
                .root
                .at(&["spec", "portLevelMtls"])
                .filter(|_| !own.is_empty());
            for field in table.map(Node::fields).unwrap_or_default() {
                let mut selected = self.mesh.cluster.selected(namespace, &own).peekable();
                if selected.peek().is_some()
                    && selected.all(|one| self.is_service_port_only(one, &field.key))
                {
                    continue;
                }
                let mode = Mode::read(Some(&field.value));
                let path = format!("spec.portLevelMtls.{}", field.key);
                let on = format!(" on port {}", field.key);
                fields.push((path, field.line, field.value.end_line, mode, on));
            }
            for (path, line, end_line, mode, on) in fields {
                let Some(mode) = mode.filter(|mode| *mode != Mode::Strict) else {
                    continue;
                };
                let proof = self.proof(&Outcome::of(mode), whom, labels, declarations);
                let is_unproven = !proof.identity && !proof.token;
                declarations.sites.push(Site {
                    subject: format!("{} {path}", policy.identity.address()),
                    words: format!("takes {}{on}", mode.word()),
                    source: policy.source.clone(),
                    lines: [line, end_line],
                    far_side: FarSide::NotTold,
                    unproven: is_unproven.then(|| {
                        Unproven::in_mesh("and no policy asks for an identity or a token of callers that come without mTLS")
                    }),
                });
            }
        }
    }
}

static EMPTY: BTreeMap<String, String> = BTreeMap::new();

/// Conditions on the source that only a caller with an identity of the mesh meets.
pub(super) const IDENTITY: &[&str] = &["principals", "namespaces", "serviceAccounts"];

/// Conditions that only a caller with a token meets.
pub(super) const TOKEN: &[&str] = &["requestPrincipals"];

/// Whether every way to meet a rule takes one of these conditions.
pub(super) fn demands(rule: &Node, conditions: &[&str]) -> bool {
    let sources = rule.get("from").map(Node::items).unwrap_or_default();
    let by_source = !sources.is_empty()
        && sources.iter().all(|from| {
            let source = from.get("source");
            let has = |key: &&str| {
                source
                    .and_then(|one| one.get(key))
                    .is_some_and(|list| !list.is_empty())
            };
            conditions.iter().any(has)
        });
    let keys: &[&str] = if conditions == TOKEN {
        &[
            "request.auth.principal",
            "request.auth.claims",
            "request.auth.audiences",
        ]
    } else {
        &["source.principal", "source.namespace"]
    };
    let by_condition = rule
        .get("when")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .any(|when| {
            let key = when.text_at(&["key"]).unwrap_or_default();
            when.get("values").is_some() && keys.iter().any(|known| key.starts_with(known))
        });
    by_source || by_condition
}

/// Whether a rule denies everything to callers that prove nothing: `notPrincipals: ["*"]` and no other condition.
pub(super) fn denies_all_without(rule: &Node, condition: &str) -> bool {
    let [from] = rule.get("from").map(Node::items).unwrap_or_default() else {
        return false;
    };
    let Some(source) = from.get("source") else {
        return false;
    };
    let is_only = rule.fields().len() == 1 && source.fields().len() == 1;
    is_only
        && source
            .get(condition)
            .is_some_and(|list| list.texts() == ["*"])
}

fn state_membership(
    whose: &Whose,
    membership: Membership,
    object: Option<&Object>,
    declarations: &mut Declarations<'_>,
) {
    let (Membership::In, Some(object)) = (membership, object) else {
        return;
    };
    let statement = Statement {
        topic: Topic::Encryption,
        about: "membership".to_owned(),
        matter: "inbound traffic".to_owned(),
        value: "in".to_owned(),
        openness: -1,
        words: "asks to be in the mesh".to_owned(),
        origins: declarations.origins_of([object]),
    };
    whose.state("membership", statement, declarations);
}
