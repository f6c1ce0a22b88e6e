//! What one source adds to the graph: declarations that name each other by [`Reference`], each with its origin.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{Key, Reference};
use super::link::{Beyond, LinkKind, LinkState};
use super::node::{AddressSpace, Forwards, NodeKind, Opens, Place, SetProperty};
use super::origin::OriginId;
use super::protection::{ProtectionRule, Test};

/// A node as one resource describes it.
#[derive(Debug, Clone)]
pub struct NodeDeclaration {
    /// What it is.
    pub kind: NodeKind,
    /// Its identifiers, the first of which names it; never empty.
    pub keys: Vec<Key>,
    /// What people of its provider call it.
    pub role: String,
    /// The name people gave it.
    pub name: Option<String>,
    /// Weaker names.
    pub labels: BTreeSet<String>,
    /// Where it lies.
    pub place: Place,
    /// What it lies in: a subnet's network, a load balancer's subnets.
    pub within: Vec<Reference>,
    /// Its addresses.
    pub address_space: AddressSpace,
    /// How it passes traffic on.
    pub forwards: Forwards,
    /// What it opens to the internet.
    pub opens: Option<Opens>,
    /// Values that count.
    pub properties: BTreeMap<String, SetProperty>,
    /// See [`Node::incarnation`](super::node::Node::incarnation).
    pub incarnation: Option<String>,
    /// Who says so.
    pub origin: OriginId,
}

/// A link as one resource describes it.
#[derive(Debug, Clone)]
pub struct LinkDeclaration {
    /// How its ends are joined.
    pub kind: LinkKind,
    /// Its identifiers; may be empty for links that nothing refers to.
    pub keys: Vec<Key>,
    /// The provider's word for it.
    pub role: String,
    /// The name people gave it.
    pub name: Option<String>,
    /// Both ends: what is referred to, and what a node made up for an unknown one is.
    pub ends: [End; 2],
    /// How far it has come.
    pub state: LinkState,
    /// Its protection table.
    pub protection: Vec<ProtectionRule>,
    /// The line that carries it, if another resource is that.
    pub carrier: Option<Reference>,
    /// Values that count.
    pub properties: BTreeMap<String, SetProperty>,
    /// Whether the hub's default tables take it in.
    pub joins_default: (Option<bool>, Option<bool>),
    /// Its far side announces prefixes that no table lists.
    pub dynamic_prefixes: bool,
    /// It is one side's half, made by the first end, with what that opens beyond the second.
    pub half: Option<Beyond>,
    /// Who says so.
    pub origin: OriginId,
}

/// One end of a link.
#[derive(Debug, Clone)]
pub struct End {
    /// What it refers to.
    pub reference: Reference,
    /// What it must be, should nothing describe it.
    pub kind: NodeKind,
    /// What to call it then.
    pub role: String,
    /// Where it must lie, should nothing describe it.
    pub place: Place,
    /// Not what is referred to, but what that is part of: what a node of another kind lies in, or the first end of a link.
    pub around: bool,
}

/// A route as one resource describes it.
#[derive(Debug, Clone)]
pub struct RouteDeclaration {
    /// The table it stands in.
    pub table: Reference,
    /// Where its traffic is addressed to.
    pub destination: DestinationDeclaration,
    /// Where it goes; `None` for a blackhole.
    pub target: Option<(Reference, NodeKind)>,
    /// It may only mirror what another resource says.
    pub mirrors: bool,
    /// Who says so.
    pub origin: OriginId,
}

/// A route's destination as one resource describes it.
#[derive(Debug, Clone)]
pub enum DestinationDeclaration {
    /// A prefix as text.
    Prefix(String),
    /// A prefix list or service.
    List(Reference),
    /// Known only after apply.
    Unknown,
}

/// Who uses a table.
#[derive(Debug, Clone)]
pub struct AssociationDeclaration {
    /// The table.
    pub table: Reference,
    /// The subnet, network (as its main table), hub (as its default) or attachment.
    pub member: Reference,
    /// In what way they belong together.
    pub role: AssociationRole,
    /// Comes with the network or hub, or may only mirror another; an association that somebody made overrides it.
    pub implied: bool,
    /// Who says so.
    pub origin: OriginId,
}

/// In what way a member and a table belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssociationRole {
    /// The table decides for this member.
    Uses,
    /// The table decides for all of this network that has no table of its own.
    Main,
    /// The table is where this hub's new attachments are associated.
    DefaultAssociation,
    /// The table is where this hub's new attachments are propagated to.
    DefaultPropagation,
    /// The table learns this member's prefixes.
    Feeds,
}

/// What one resource says of where something else lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainmentDeclaration {
    /// What lies there.
    pub of: Reference,
    /// What it is, should nothing describe it.
    pub kind: NodeKind,
    /// What it lies in.
    pub within: Reference,
    /// What that is, should nothing describe it.
    pub within_kind: NodeKind,
}

/// A value that one resource sets on another.
#[derive(Debug, Clone)]
pub struct PropertyDeclaration {
    /// Whose value.
    pub of: Reference,
    /// Which, and what.
    pub properties: BTreeMap<String, SetProperty>,
    /// Addresses it adds.
    pub address_space: AddressSpace,
    /// Not a value of what is named but of the networks that lies in.
    pub of_networks: bool,
    /// Only where the one it is set on has properties that pass.
    pub where_it_has: Vec<(String, Test)>,
    /// Who says so.
    pub origin: OriginId,
}

/// Values of every network of a provider in one region and account.
#[derive(Debug, Clone)]
pub struct RegionalDeclaration {
    /// The provider, as the first part of its identifiers.
    pub provider: String,
    /// Where the networks lie; what it does not tell is any.
    pub place: Place,
    /// What is set. Whose it is stands for nothing yet.
    pub property: PropertyDeclaration,
}

/// An exposure that one resource makes without a route or gateway: a public load balancer.
#[derive(Debug, Clone)]
pub struct ExposureDeclaration {
    /// What is exposed: a subnet or network.
    pub of: Vec<Reference>,
    /// Addresses, ranges or URLs of what is exposed: the described networks that hold them. Those of nobody expose nothing.
    pub addresses: BTreeSet<String>,
    /// Only what has properties that pass.
    pub where_it_has: Vec<(String, Test)>,
    /// A name that stays the same when the resource is replaced.
    pub subject: String,
    /// What to call it: "internet-facing load balancer api".
    pub words: String,
    /// What it lets through.
    pub opens: Opens,
    /// Who says so.
    pub origin: OriginId,
}

/// Where the other side of traffic in the clear is, as far as a file tells.
///
/// Whether a host is one of the organisation's own is for others to say: that takes the settings and the whole network.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FarSide {
    /// Nothing tells that it is outside the organisation's networks.
    #[default]
    NotTold,
    /// At any of these hosts: names, addresses or ranges of them, with or without a port.
    Hosts(BTreeSet<String>),
    /// Outside, whatever it is called.
    Outside,
}

impl FarSide {
    /// The far side at some hosts.
    #[must_use]
    pub fn at<H: Into<String>>(hosts: impl IntoIterator<Item = H>) -> Self {
        let hosts: BTreeSet<String> = hosts.into_iter().map(Into::into).collect();
        if hosts.is_empty() {
            Self::NotTold
        } else {
            Self::Hosts(hosts)
        }
    }

    /// The far side of what is outside or not told.
    #[must_use]
    pub fn outside_if(is_outside: bool) -> Self {
        if is_outside {
            Self::Outside
        } else {
            Self::NotTold
        }
    }
}

/// Traffic that one resource takes or sends in the clear.
#[derive(Debug, Clone)]
pub struct PlaintextDeclaration {
    /// The resource, as its address.
    pub subject: String,
    /// What is in the clear, to stand after the resource's address.
    pub words: String,
    /// What it lies in.
    pub of: Vec<Reference>,
    /// Only where that has properties that pass.
    pub where_it_has: Vec<(String, Test)>,
    /// Where the other side is.
    pub far_side: FarSide,
    /// Who says so.
    pub origin: OriginId,
}

/// What a stated fact is about, and so what a change of it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What a mesh joins: trust domains, discovery, gateways.
    Mesh,
    /// What one part of a mesh hands to others: of that part, and of nothing beside it.
    Export,
    /// Whether traffic is encrypted.
    Encryption,
    /// Whether callers prove who they are.
    Authentication,
    /// What is reached from outside.
    Exposure,
    /// What packet filters let through inside a boundary: told, and by default no reason to re-justify.
    Filter,
}

/// Where a stated fact counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Counts {
    /// Wherever it is stated.
    #[default]
    Always,
    /// Nowhere: it is as good as not stated, except that no more general fact holds in place of it.
    Nowhere,
    /// Where both snapshots state it: what comes or goes with it takes nothing from anybody.
    OnBothSides,
}

/// A fact that a source knows in so many words, because it follows from no link, route or gateway: the mode of a mesh.
#[derive(Debug, Clone)]
pub struct StatementDeclaration {
    /// Whose it is.
    pub of: Vec<Reference>,
    /// And of the networks that those lie in.
    pub of_networks: bool,
    /// The clusters and namespaces that those lie in hold something of which it is true; of encryption, the networks too.
    pub of_holders: bool,
    /// What sort.
    pub topic: Topic,
    /// Which; the same before and after.
    pub about: String,
    /// What facts have in common that a person would call one.
    pub matter: String,
    /// The facts, by `about`, that hold of the same boundary where this one is not stated; the first that is there counts.
    pub exception_to: Vec<String>,
    /// What is compared.
    pub value: String,
    /// Where it counts.
    pub counts: Counts,
    /// How far it opens: above zero a fact that opens by being there, below zero one that closes. Of two values of one fact
    /// the greater opens more.
    pub openness: i32,
    /// In words, to stand after the boundary's name.
    pub words: String,
    /// The part it takes effect in. When that comes or goes, the fact is no change.
    pub lasts_with: Option<Reference>,
    /// Who says so.
    pub origins: BTreeSet<OriginId>,
}

/// Everything that one snapshot of one source declares.
#[derive(Debug, Clone, Default)]
pub struct Fragment {
    /// Nodes.
    pub nodes: Vec<NodeDeclaration>,
    /// Links.
    pub links: Vec<LinkDeclaration>,
    /// Routes.
    pub routes: Vec<RouteDeclaration>,
    /// Table memberships.
    pub associations: Vec<AssociationDeclaration>,
    /// What lies in what, told from elsewhere.
    pub containments: Vec<ContainmentDeclaration>,
    /// Values set from elsewhere.
    pub properties: Vec<PropertyDeclaration>,
    /// Values set on all networks of a place, until it is known which those are.
    pub regional: Vec<RegionalDeclaration>,
    /// What identifiers that nothing may describe say of themselves by how they begin.
    pub kinds: BTreeMap<Key, NodeKind>,
    /// Exposures.
    pub exposures: Vec<ExposureDeclaration>,
    /// Traffic in the clear.
    pub plaintext: Vec<PlaintextDeclaration>,
    /// Facts in so many words.
    pub statements: Vec<StatementDeclaration>,
    /// Addresses of nodes that may only mirror what another resource describes.
    pub mirrored: BTreeSet<Key>,
    /// Some key has a step that nobody tells.
    pub has_untold_keys: bool,
    /// Some association names its tables by a label.
    pub has_labels: bool,
    /// Some link is one side's half.
    pub has_halves: bool,
}

impl Fragment {
    /// Take in everything of another fragment.
    pub fn extend(&mut self, other: Self) {
        self.nodes.extend(other.nodes);
        self.links.extend(other.links);
        self.routes.extend(other.routes);
        self.associations.extend(other.associations);
        self.containments.extend(other.containments);
        self.properties.extend(other.properties);
        self.regional.extend(other.regional);
        self.kinds.extend(other.kinds);
        self.exposures.extend(other.exposures);
        self.plaintext.extend(other.plaintext);
        self.statements.extend(other.statements);
        self.mirrored.extend(other.mirrored);
        self.has_untold_keys |= other.has_untold_keys;
        self.has_labels |= other.has_labels;
        self.has_halves |= other.has_halves;
    }
}

/// Something the input holds that the tool does not understand, or that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// What sort, in kebab-case: `unrecognised-resource`.
    pub kind: &'static str,
    /// What it is about: an address, a type, a path.
    pub subject: String,
    /// What to know, and what to do if anything.
    pub message: String,
}
