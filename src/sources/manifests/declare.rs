//! What systems say of the graph: statements on clusters, namespaces and workloads, mesh links, and plaintext sites.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::{
    Counts, End, Fragment, LinkDeclaration, NodeDeclaration, Notice, StatementDeclaration, Topic,
};
use crate::graph::identity::{Key, Reference};
use crate::graph::link::{LinkKind, LinkState};
use crate::graph::node::{AddressSpace, Forwards, NodeKind, Place};
use crate::graph::origin::OriginId;
use crate::graph::protection::{InTransit, ProtectionRule};

use super::admissions::Admission;
use super::estate::{Cluster, Estate, Workload};
use super::fates::Clusters;
use super::object::{ClusterName, Identity, Object, Source};

pub use crate::graph::fragment::FarSide;

/// A boundary that configuration speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundary {
    /// A cluster.
    Cluster(ClusterName),
    /// A namespace; without a name, the one that a file does not tell.
    Namespace(ClusterName, Option<String>),
    /// A workload.
    Workload(Identity),
    /// A trust domain.
    TrustDomain(String),
    /// A NATS cluster, by the Kubernetes cluster whose files tell of it and its name.
    NatsCluster(ClusterName, String),
    /// A gateway in front of services that is no Kubernetes object: its kind and name.
    Gateway(ClusterName, String),
}

impl Boundary {
    /// The namespace that an object lies in.
    #[must_use]
    pub fn around(identity: &Identity) -> Self {
        Self::Namespace(identity.cluster.clone(), identity.namespace.clone())
    }

    /// The boundary of a workload.
    #[must_use]
    pub fn of(workload: &Workload<'_>) -> Self {
        Self::Workload(workload.identity().clone())
    }

    /// A cluster with all namespaces and workloads that are known of it.
    #[must_use]
    pub fn all_of(cluster: &Cluster<'_>) -> Vec<Self> {
        let mut all = vec![Self::Cluster(cluster.name.clone())];
        let namespaces = cluster.namespaces.keys();
        all.extend(namespaces.map(|one| Self::Namespace(cluster.name.clone(), Some(one.clone()))));
        all.extend(cluster.workloads.iter().map(Self::of));
        all
    }

    /// Its key in the graph.
    #[must_use]
    pub fn key(&self) -> Key {
        let cluster = |name: &ClusterName| name.as_deref().unwrap_or("-").to_owned();
        Key::Provider(match self {
            Self::Cluster(name) => format!("kubernetes:{}", cluster(name)),
            Self::Namespace(name, namespace) => format!(
                "kubernetes:{}/{}",
                cluster(name),
                namespace.as_deref().unwrap_or("-")
            ),
            Self::Workload(identity) => format!(
                "kubernetes:{}/{}/{}/{}",
                cluster(&identity.cluster),
                identity.namespace.as_deref().unwrap_or("-"),
                identity.kind.to_lowercase(),
                identity.name
            ),
            Self::TrustDomain(name) => format!("spiffe:{name}"),
            Self::NatsCluster(around, name) => format!("nats:{}/{name}", cluster(around)),
            Self::Gateway(around, name) => format!("gateway:{}/{name}", cluster(around)),
        })
    }

    /// What refers to it.
    #[must_use]
    pub fn reference(&self) -> Reference {
        Reference::To(self.key())
    }
}

/// A fact that holds of boundaries.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What sort.
    pub topic: Topic,
    /// Which; the same before and after.
    pub about: String,
    /// What it has in common with facts that a person would call one.
    pub matter: String,
    /// What is compared.
    pub value: String,
    /// See [`StatementDeclaration::openness`].
    pub openness: i32,
    /// In words, to stand after the boundary's name. Other values have other words.
    pub words: String,
    /// The objects it follows from.
    pub origins: BTreeSet<OriginId>,
}

/// A setting that lets traffic go in the clear.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// The setting, the same before and after: an object's address and the path of the field.
    pub subject: String,
    /// What it does, to stand after the object's address.
    pub words: String,
    /// Where it is.
    pub source: Source,
    /// Its lines.
    pub lines: [usize; 2],
    /// Where the other side is.
    pub far_side: FarSide,
    /// Why nothing shows that callers still prove who they are, if so.
    pub unproven: Option<Unproven>,
}

/// What goes from where to where in the clear, whichever objects say so: another name of one, or two in place of one, are no news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// What all of it has in common: the caller, or what is called.
    pub of: String,
    /// The other ends.
    pub ends: BTreeSet<String>,
}

impl Hop {
    /// A hop from or to some ends.
    #[must_use]
    pub fn new<E: Into<String>>(of: String, ends: impl IntoIterator<Item = E>) -> Self {
        Self {
            of,
            ends: ends.into_iter().map(Into::into).collect(),
        }
    }
}

/// Why nothing shows who the other side is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unproven {
    /// To stand after the words of the setting.
    pub why: Cow<'static, str>,
    /// What would show it.
    pub remedy: Remedy,
}

/// What shows who the other side is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// A policy of the mesh, or its mTLS.
    Policy,
    /// What the listener itself asks of those who connect.
    Credentials,
    /// Looking at the certificate of who is called.
    Verification,
}

impl Unproven {
    /// Where a mesh could ask.
    #[must_use]
    pub fn in_mesh(why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            why: why.into(),
            remedy: Remedy::Policy,
        }
    }

    /// Where a listener could ask.
    #[must_use]
    pub fn at_listener(why: &'static str) -> Self {
        Self {
            why: Cow::Borrowed(why),
            remedy: Remedy::Credentials,
        }
    }

    /// Where the other side answers, and is not looked at.
    #[must_use]
    pub fn called(why: &'static str) -> Self {
        Self {
            why: Cow::Borrowed(why),
            remedy: Remedy::Verification,
        }
    }
}

impl Remedy {
    /// What to do, for a person.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Policy => {
                "ask for a token or an identity in an authorization policy for the same workloads, or keep mTLS"
            }
            Self::Credentials => "ask whoever connects there for a token, a user or a certificate",
            Self::Verification => {
                "verify the certificate of the other side: name the authority that it must come from"
            }
        }
    }
}

/// Which rule a setting breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// Tokens are taken that nobody verified, or verified as they themselves ask.
    UnverifiedToken,
    /// Certificates that identities are shown by last so many seconds.
    CertificateLifetime(u64),
    /// Callers are let in by their address alone.
    AddressAlone,
    /// Callers are let in by their address, and what is behind may ask for more.
    AddressListed,
}

/// A setting that breaks a rule whatever network it is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Which rule.
    pub kind: FaultKind,
    /// The setting, the same before and after; its first word is what a person would cite.
    pub subject: String,
    /// What it does, to stand after that word.
    pub words: String,
    /// Where it is.
    pub source: Source,
    /// Its lines.
    pub lines: [usize; 2],
}

/// Collects what the systems say of one snapshot.
pub struct Declarations<'d> {
    /// For the graph.
    pub fragment: Fragment,
    /// What was not understood.
    pub notices: Vec<Notice>,
    /// Settings that let traffic go in the clear.
    pub sites: Vec<Site>,
    /// What goes where by them, by their subjects, as far as that is told.
    pub hops: BTreeMap<String, Hop>,
    /// Settings that let callers in who prove nothing, although their traffic may be encrypted.
    pub open_doors: Vec<Site>,
    /// Settings that break a rule whatever network they are in.
    pub faults: Vec<Fault>,
    /// Whom policies let call what.
    pub admissions: Vec<Admission>,
    origins: &'d BTreeMap<Identity, OriginId>,
    nobody: OriginId,
}

impl<'d> Declarations<'d> {
    /// Nothing yet. `nobody` stands for what no object says.
    #[must_use]
    pub fn new(origins: &'d BTreeMap<Identity, OriginId>, nobody: OriginId) -> Self {
        Self {
            fragment: Fragment::default(),
            notices: Vec::new(),
            sites: Vec::new(),
            hops: BTreeMap::new(),
            open_doors: Vec::new(),
            faults: Vec::new(),
            admissions: Vec::new(),
            origins,
            nobody,
        }
    }

    /// A setting that lets traffic go in the clear, and what goes where by it.
    pub fn site(&mut self, site: Site, hop: Hop) {
        self.hops.insert(site.subject.clone(), hop);
        self.sites.push(site);
    }

    /// What stands for an object among the causes of changes.
    #[must_use]
    pub fn origin(&self, object: &Object) -> OriginId {
        self.origins
            .get(&object.identity)
            .copied()
            .unwrap_or(self.nobody)
    }

    /// The same for several.
    #[must_use]
    pub fn origins_of<'o>(
        &self,
        objects: impl IntoIterator<Item = &'o Object>,
    ) -> BTreeSet<OriginId> {
        objects
            .into_iter()
            .map(|object| self.origin(object))
            .collect()
    }

    /// Clusters, namespaces and workloads, each in the one around it, before (`side` 0) or after. `namespaces` are
    /// those that are there although this snapshot has nothing in them; `unnamed` is what to call a cluster that nothing names.
    pub fn boundaries(
        &mut self,
        estate: &Estate<'_>,
        side: usize,
        clusters: &Clusters,
        namespaces: &BTreeSet<(ClusterName, String)>,
        unnamed: &str,
    ) {
        for (name, within) in &clusters.known {
            let boundary = Boundary::Cluster(name.clone());
            let earlier = clusters.earlier_names.get(name).filter(|_| side == 0);
            let shown = earlier.or(name.as_ref()).map_or(unnamed, |name| &**name);
            let fate = clusters.fates.get(name);
            let told = fate.map(|fate| fate.origins.clone());
            let origins = told.filter(|origins| !origins.is_empty());
            for origin in origins.unwrap_or_else(|| BTreeSet::from([self.nobody])) {
                self.node(
                    &boundary,
                    NodeKind::Cluster,
                    "cluster",
                    shown,
                    within.clone(),
                    origin,
                );
            }
            if let (Some(node), Some(fate)) = (self.fragment.nodes.last_mut(), fate) {
                node.incarnation.clone_from(&fate.incarnations[side]);
            }
        }
        for (cluster, namespace) in namespaces {
            let boundary = Boundary::Namespace(cluster.clone(), Some(namespace.clone()));
            let within = vec![Boundary::Cluster(cluster.clone()).reference()];
            let described = estate
                .clusters
                .get(cluster)
                .and_then(|cluster| cluster.namespaces.get(namespace)?.first().copied());
            let origin = described.map_or(self.nobody, |object| self.origin(object));
            self.node(
                &boundary,
                NodeKind::Namespace,
                "namespace",
                namespace,
                within,
                origin,
            );
        }
        for cluster in estate.clusters.values() {
            let untold = Boundary::Namespace(cluster.name.clone(), None);
            if cluster.has_untold {
                let within = vec![Boundary::Cluster(cluster.name.clone()).reference()];
                let origin = self.nobody;
                // No name of its own, so that no sentence means it.
                let shown = "(not told)";
                self.node(
                    &untold,
                    NodeKind::Namespace,
                    "namespace",
                    shown,
                    within,
                    origin,
                );
            }
            for workload in &cluster.workloads {
                let identity = workload.identity();
                let boundary = Boundary::of(workload);
                let within = vec![Boundary::around(identity).reference()];
                let origin = self.origin(workload.object);
                self.node(
                    &boundary,
                    NodeKind::Workload,
                    "workload",
                    &identity.name,
                    within,
                    origin,
                );
            }
        }
    }

    /// A trust domain.
    pub fn trust_domain(&mut self, name: &str, origin: OriginId) {
        let boundary = Boundary::TrustDomain(name.to_owned());
        let within = Vec::new();
        self.node(
            &boundary,
            NodeKind::TrustDomain,
            "trust domain",
            name,
            within,
            origin,
        );
    }

    /// A setting that leaves nothing to show who the other side is. `why` is what follows from that.
    pub fn open_door(
        &mut self,
        subject: String,
        (words, why): (String, Unproven),
        source: Source,
        lines: [usize; 2],
    ) {
        let site = Site {
            subject,
            words,
            source,
            lines,
            far_side: FarSide::NotTold,
            unproven: Some(why),
        };
        if !self.open_doors.contains(&site) {
            self.open_doors.push(site);
        }
    }

    /// A gateway that is no Kubernetes object, in the namespace of what holds its configuration, or in the cluster of its file, and in
    /// the cluster of its name that settings know.
    pub fn gateway(
        &mut self,
        boundary: &Boundary,
        name: &str,
        estate: &Estate<'_>,
        object: &Object,
    ) {
        let same: ClusterName = Some(std::sync::Arc::from(name));
        let mut within = Vec::new();
        let is_in_a_file = object.identity.name == *object.source.path;
        if object.identity.namespace.is_some() || !is_in_a_file {
            within.push(Boundary::around(&object.identity));
        } else if object.identity.cluster.is_some() {
            within.push(Boundary::Cluster(object.identity.cluster.clone()));
        }
        if estate.known.contains(&same) && object.identity.cluster != same {
            within.push(Boundary::Cluster(same));
        }
        let origin = self.origin(object);
        self.boundary(
            boundary,
            (NodeKind::Workload, "gateway"),
            name,
            &within,
            origin,
        );
    }

    /// A boundary of a system's own, inside others.
    pub fn boundary(
        &mut self,
        boundary: &Boundary,
        (kind, role): (NodeKind, &str),
        name: &str,
        within: &[Boundary],
        origin: OriginId,
    ) {
        let within = within.iter().map(Boundary::reference).collect();
        self.node(boundary, kind, role, name, within, origin);
    }

    /// A part of the graph, in those around it.
    pub fn node(
        &mut self,
        boundary: &Boundary,
        kind: NodeKind,
        role: &str,
        name: &str,
        within: Vec<Reference>,
        origin: OriginId,
    ) {
        self.fragment.nodes.push(NodeDeclaration {
            kind,
            keys: vec![boundary.key()],
            role: role.to_owned(),
            name: Some(name.to_owned()),
            labels: BTreeSet::new(),
            place: Place::default(),
            within,
            address_space: AddressSpace::default(),
            forwards: Forwards::Nowhere,
            opens: None,
            properties: BTreeMap::new(),
            incarnation: None,
            origin,
        });
    }

    /// A fact of some boundaries.
    pub fn state(&mut self, of: &[Boundary], statement: Statement) {
        self.state_as(of, statement, Extent::default());
    }

    /// A fact of some boundaries that holds further, or only in part.
    pub fn state_as(&mut self, of: &[Boundary], statement: Statement, extent: Extent) {
        self.fragment.statements.push(StatementDeclaration {
            of: of.iter().map(Boundary::reference).collect(),
            of_networks: extent.of_networks,
            of_holders: extent.of_holders,
            topic: statement.topic,
            about: statement.about,
            matter: statement.matter,
            exception_to: extent.exception_to,
            value: statement.value,
            counts: extent.counts,
            openness: statement.openness,
            words: statement.words,
            lasts_with: extent.lasts_with.map(|boundary| boundary.reference()),
            origins: statement.origins,
        });
    }

    /// One cluster finds and calls the services of another.
    pub fn mesh_link(&mut self, from: &ClusterName, to: &ClusterName, role: &str, by: &Object) {
        self.protected_link(from, to, role, by, None);
    }

    /// The same, where it is known how the traffic between the two is protected.
    pub fn protected_link(
        &mut self,
        from: &ClusterName,
        to: &ClusterName,
        role: &str,
        by: &Object,
        in_transit: Option<InTransit>,
    ) {
        let [from, to] = [from, to].map(|name| Boundary::Cluster(name.clone()));
        self.link(&from, &to, role, by, in_transit);
    }

    /// One cluster calls another, of whichever system. `in_transit` is how the traffic between the two is protected, where that
    /// is known.
    pub fn link(
        &mut self,
        from: &Boundary,
        to: &Boundary,
        role: &str,
        by: &Object,
        in_transit: Option<InTransit>,
    ) {
        let rule = |in_transit| ProtectionRule {
            when: Vec::new(),
            in_transit,
        };
        let end = |boundary: &Boundary| End {
            reference: boundary.reference(),
            kind: NodeKind::Cluster,
            role: "cluster".to_owned(),
            place: Place::default(),
            around: false,
        };
        self.fragment.links.push(LinkDeclaration {
            kind: LinkKind::Mesh,
            keys: Vec::new(),
            role: role.to_owned(),
            name: None,
            ends: [end(from), end(to)],
            state: LinkState::Effective,
            protection: in_transit.map(rule).into_iter().collect(),
            carrier: None,
            properties: BTreeMap::new(),
            joins_default: (None, None),
            dynamic_prefixes: false,
            half: None,
            origin: self.origin(by),
        });
    }

    /// Something to know.
    pub fn notice(&mut self, kind: &'static str, object: &Object, message: impl Into<String>) {
        self.notices.push(Notice {
            kind,
            subject: object.identity.address(),
            message: message.into(),
        });
    }
}

/// How far a fact holds.
#[derive(Debug, Clone, Default)]
pub struct Extent {
    /// It holds of the networks around its boundaries too.
    pub of_networks: bool,
    /// See [`StatementDeclaration::of_holders`].
    pub of_holders: bool,
    /// See [`StatementDeclaration::counts`].
    pub counts: Counts,
    /// See [`StatementDeclaration::exception_to`].
    pub exception_to: Vec<String>,
    /// The workload it takes effect in: when that comes or goes, the fact is no change.
    pub lasts_with: Option<Boundary>,
}
