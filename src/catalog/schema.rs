//! The shape of a providers file. `docs/providers.md` explains it with examples.
//!
//! A file lists resource types. Each is *modelled* (`becomes`), *irrelevant* (with the reason) or *not yet modelled* (with
//! what it would mean). The vocabulary is closed: a statement says which part of the graph a resource becomes and
//! which of its attributes fill it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::graph::fragment::{AssociationRole, Topic};
use crate::graph::link::LinkKind;
use crate::graph::node::{Forwards, NodeKind, Opens};
use crate::graph::protection::Protection;

/// One `providers/*.yaml` file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// Short name of the provider, the first part of every identifier: `aws`.
    pub provider: String,
    /// What all its resource types begin with: `aws_`.
    pub type_prefix: String,
    /// Destroying a resource leaves the thing itself where it is when these hold: `deletion_policy: ABANDON`.
    #[serde(default)]
    pub abandoned_when: When,
    /// Beginnings of identifiers and what they identify: `vpc-: network`.
    #[serde(default)]
    pub id_prefixes: BTreeMap<String, NodeKind>,
    /// How identifiers are spelled.
    #[serde(default)]
    pub identifiers: IdentifierRule,
    /// Attributes that tell where a resource lies, best first.
    #[serde(default)]
    pub place: PlaceRule,
    /// Attributes that hold the name people gave a resource, best first.
    #[serde(default)]
    pub names: Vec<String>,
    /// Attributes that never matter, whatever the type.
    #[serde(default)]
    pub never: Vec<String>,
    /// Documented facts on encryption in transit, by identifier.
    #[serde(default)]
    pub facts: BTreeMap<String, FactEntry>,
    /// The types.
    #[serde(default)]
    pub types: Vec<TypeEntry>,
    /// Families of types that become nothing, each with one reason for all.
    #[serde(default)]
    pub families: Vec<FamilyEntry>,
}

/// How a provider spells identifiers, so that one thing has one spelling.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierRule {
    /// They are Amazon resource names, or the last part of one.
    #[serde(default)]
    pub arn: bool,
    /// They are the identifiers of another provider, whose things the resources are.
    #[serde(default)]
    pub of: Option<String>,
    /// What a full identifier begins with: `projects/`. What stands before that (a host, a version) is left out.
    #[serde(default)]
    pub begins_with: Vec<String>,
    /// Upper and lower case do not tell identifiers apart.
    #[serde(default)]
    pub ignore_case: bool,
    /// Attributes that identify a resource, best first; `id` and `arn` when not given.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// The step of a full identifier before its account, project or subscription: `projects`.
    #[serde(default)]
    pub account_after: Option<String>,
    /// The step of a full identifier before its region: `regions`.
    #[serde(default)]
    pub region_after: Option<String>,
    /// What a full identifier identifies, by the step before its last one: `networks: network`.
    #[serde(default)]
    pub collections: BTreeMap<String, NodeKind>,
    /// What an attribute that holds a mere name means, as a full identifier in which `{}` is that name, `{account}` and
    /// `{region}` the resource's place, and `{attribute}` the value of an attribute.
    #[serde(default)]
    pub in_full: BTreeMap<String, String>,
}

impl IdentifierRule {
    /// The attributes that identify a resource, best first.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let usual: &[&str] = if self.attributes.is_empty() {
            &["id", "arn"]
        } else {
            &[]
        };
        let usual = usual.iter().copied();
        usual.chain(self.attributes.iter().map(String::as_str))
    }
}

/// Attributes that tell where a resource lies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceRule {
    /// Region or location; without a value the region of the resource's provider configuration holds.
    #[serde(default)]
    pub region: Vec<String>,
    /// Account, project or subscription.
    #[serde(default)]
    pub account: Vec<String>,
    /// Attributes that hold a full identifier of something in the same account.
    #[serde(default)]
    pub account_within: Vec<String>,
    /// It lies in no region at all, not even that of its provider configuration.
    #[serde(default)]
    pub global: bool,
    /// Upper and lower case and spaces do not tell regions apart: `West Europe` and `westeurope`.
    #[serde(default)]
    pub loosely: bool,
}

/// A documented fact on encryption in transit. Without source and date it does not load.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactEntry {
    /// What then holds.
    pub protection: Protection,
    /// What the provider documents, in our words.
    pub says: String,
    /// The page that says so.
    pub source: String,
    /// When it was read, as an ISO date.
    pub read: String,
}

/// One resource type. Exactly one of `becomes`, `irrelevant` and `not_yet` is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeEntry {
    /// The resource type; nothing for a block of one.
    #[serde(rename = "type", default)]
    pub resource_type: String,
    /// What a person calls it.
    #[serde(default)]
    pub role: Option<String>,
    /// What it becomes in the graph.
    #[serde(default)]
    pub becomes: Option<Vec<Statement>>,
    /// Why it cannot move the perimeter.
    #[serde(default)]
    pub irrelevant: Option<String>,
    /// What it would mean, were it modelled.
    #[serde(default)]
    pub not_yet: Option<String>,
    /// Its attributes that never matter; `*` stands for all that no statement reads.
    #[serde(default)]
    pub never: Vec<String>,
    /// The data source of the same name means the same thing. Default: true when it becomes a node.
    #[serde(default)]
    pub data: Option<bool>,
    /// Where it lies, if other attributes than the provider's usual ones tell.
    #[serde(default)]
    pub place: Option<PlaceRule>,
    /// Creating it takes over what exists already, and destroying it leaves that in place.
    #[serde(default)]
    pub adopts: bool,
    /// Full identifiers made of its own attributes, known before there is an `id`: in the form of
    /// [`IdentifierRule::in_full`].
    #[serde(default)]
    pub known_as: Vec<String>,
    /// What its attributes mean that hold a mere name, where that differs from the provider's usual.
    #[serde(default)]
    pub in_full: BTreeMap<String, String>,
    /// Attributes that hold a JSON document as text, such as a policy: paths lead on into it.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Defaults that changed with a version of the provider: plans tell them, source does not.
    #[serde(default)]
    pub defaults: Vec<VersionedDefault>,
    /// Which resources of the type are not modelled yet.
    #[serde(default)]
    pub except: Option<ExceptRule>,
    /// Blocks that stand for things which may also be resources of their own. In them `parent` is the resource they stand in.
    #[serde(default)]
    pub blocks: BTreeMap<String, TypeEntry>,
}

/// A default that changed with a version of the provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionedDefault {
    /// The attribute, at the top level.
    pub attribute: String,
    /// What it came to where nothing set it.
    pub value: String,
    /// The first version for which that no longer holds; then it comes to nothing.
    pub before: String,
    /// The page that says so.
    pub source: String,
    /// When it was read, as an ISO date.
    pub read: String,
}

/// A prefix that the provider chooses when it is asked to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignedPrefix {
    /// The attribute that tells it, once it is chosen.
    pub prefix: String,
    /// What asks for it.
    pub when: When,
}

/// Resources of a modelled type that are not modelled yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptRule {
    /// Those for which these hold, or may.
    pub when: When,
    /// What they would mean.
    pub not_yet: String,
}

/// A family of types without entries of their own. Exactly one of `irrelevant` and `not_yet` is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyEntry {
    /// Names of types, and globs of names. A name wins over a glob, and the first of several globs wins.
    pub types: Vec<String>,
    /// Why none of them can move the perimeter.
    #[serde(default)]
    pub irrelevant: Option<String>,
    /// What they would mean, were they modelled.
    #[serde(default)]
    pub not_yet: Option<String>,
}

/// One thing that a resource becomes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Statement {
    /// A node.
    Node(NodeStatement),
    /// A link between two nodes.
    Link(Box<LinkStatement>),
    /// Lines of a route table.
    Route(RouteStatement),
    /// Who uses or feeds a table.
    Association(AssociationStatement),
    /// What something else lies in.
    Containment(ContainmentStatement),
    /// Values of another node or link.
    Property(PropertyStatement),
    /// A door to the internet without a gateway or route.
    Exposure(ExposureStatement),
    /// Traffic that the resource itself takes or sends in the clear.
    Plaintext(PlaintextStatement),
    /// What else holds of something and of the networks that it lies in, in so many words.
    Stated(StatedStatement),
    /// A routing policy document that no table can describe; understood by code.
    Policy(PolicyStatement),
}

/// Conditions on a resource's own attributes; all must hold.
pub type When = BTreeMap<String, Condition>;

/// A test of one value. A plain value, or a list of them, stands for `is`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// Known and one of these.
    pub is: Vec<String>,
    /// Absent, or known and none of these.
    pub not: Vec<String>,
    /// Set at all (`true`), or absent (`false`).
    pub set: Option<bool>,
    /// Known, and its last step (behind the last `/`) is one of these.
    pub ends_with: Vec<String>,
    /// Known, and of one of these forms, in which `*` stands for any text and `#` for a number.
    pub like: Vec<String>,
    /// Absent, or known and of none of these forms.
    pub unlike: Vec<String>,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ConditionVisitor)
    }
}

struct ConditionVisitor;

/// The written-out form of a [`Condition`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOut {
    #[serde(default)]
    is: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    set: Option<bool>,
    #[serde(default)]
    ends_with: Vec<String>,
    #[serde(default)]
    like: Vec<String>,
    #[serde(default)]
    unlike: Vec<String>,
}

impl<'de> Visitor<'de> for ConditionVisitor {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list of values, or an object of `is`, `not`, `set`, `ends_with`, `like` and `unlike`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Condition, E> {
        Ok(Condition {
            is: vec![text.to_owned()],
            ..Condition::default()
        })
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Condition, E> {
        self.visit_str(if value { "true" } else { "false" })
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Condition, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Condition, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Condition, A::Error> {
        let is = Vec::deserialize(SeqAccessDeserializer::new(sequence))?;
        Ok(Condition {
            is,
            ..Condition::default()
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Condition, A::Error> {
        let WrittenOut {
            is,
            not,
            set,
            ends_with,
            like,
            unlike,
        } = WrittenOut::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Condition {
            is,
            not,
            set,
            ends_with,
            like,
            unlike,
        })
    }
}

/// A node.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeStatement {
    /// What it is.
    pub kind: NodeKind,
    /// What a person calls it, if its type may be several things.
    #[serde(default)]
    pub role: Option<String>,
    /// Attributes that identify it, best first; the provider's usual ones when not given.
    #[serde(default)]
    pub id: Vec<String>,
    /// Attributes that say what it lies in.
    #[serde(default)]
    pub within: Vec<String>,
    /// Attributes that say so where none of `within` is told: what it is part of, and lies with.
    #[serde(default)]
    pub else_within: Vec<String>,
    /// Attributes that hold its prefixes.
    #[serde(default)]
    pub address_space: Vec<String>,
    /// Prefixes that the provider chooses, and that nothing but an attribute it fills in tells.
    #[serde(default)]
    pub assigned: Vec<AssignedPrefix>,
    /// How it passes traffic on, for hubs; an external party may forward `everywhere`: from one of its lines to the others.
    #[serde(default)]
    pub forwards: Forwards,
    /// What it opens to the internet, for gateways.
    #[serde(default)]
    pub opens: Option<Opens>,
    /// Tables it brings along.
    #[serde(default)]
    pub tables: Vec<OwnedTable>,
    /// Values that only conditions use: property name to attribute.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// Values that are facts of its perimeter: property name to attribute.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Only when these hold.
    #[serde(default)]
    pub when: When,
    /// Place, if other attributes tell.
    #[serde(default)]
    pub place: Option<PlaceRule>,
}

/// A route table that comes with a network or hub.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnedTable {
    /// Attributes that identify it: the first known one alone. When all are unknown they name one and the same table.
    #[serde(default)]
    pub id: Vec<String>,
    /// What other resources call it where it has no identifier of its own: `edge`, for `hub#edge`.
    #[serde(default)]
    pub part: Option<String>,
    /// What it is to its owner; nothing, for a table that only some of its attachments use.
    #[serde(default)]
    pub role: Option<AssociationRole>,
    /// Labels by which associations name it.
    #[serde(default)]
    pub labels: Vec<String>,
    /// For hubs: the attribute that says whether new attachments join it.
    #[serde(default)]
    pub enabled_by: Option<String>,
    /// The value of `enabled_by` that says yes; also its default.
    #[serde(default)]
    pub enabled: Option<String>,
}

/// A link.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkStatement {
    /// How its ends are joined.
    pub kind: LinkKind,
    /// What a person calls it, if its type may be several things.
    #[serde(default)]
    pub role: Option<String>,
    /// Attributes that identify it, best first; the provider's usual ones when not given.
    #[serde(default)]
    pub id: Vec<String>,
    /// Both ends.
    pub ends: [EndStatement; 2],
    /// When any of these holds the link is effective, else only offered. Without conditions it is effective.
    #[serde(default)]
    pub effective_when: Vec<When>,
    /// It is never more than an offer: accepting it is a resource of its own.
    #[serde(default)]
    pub offer: bool,
    /// It is one side's half, from the first end to the second: effective once the other side has its own, or when one of
    /// `effective_when` tells that it has.
    #[serde(default)]
    pub half: bool,
    /// What a peering opens beyond its two ends.
    #[serde(default)]
    pub beyond: BeyondRule,
    /// The attribute that names the line that carries it.
    #[serde(default)]
    pub carrier: Option<String>,
    /// Its protection table: the first row that holds decides.
    #[serde(default)]
    pub in_transit: Vec<InTransitRow>,
    /// Values that only conditions and policies use: property name to attribute.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// Values that are facts of the link: property name to attribute.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Attributes saying whether the hub's default tables take it in: `association`, `propagation`.
    #[serde(default)]
    pub joins_default: BTreeMap<String, String>,
    /// Its far side announces prefixes that no table lists.
    #[serde(default)]
    pub dynamic_prefixes: bool,
    /// Only when these hold.
    #[serde(default)]
    pub when: When,
}

/// What a peering opens beyond its two ends: conditions on the attributes of the half that the first end makes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeyondRule {
    /// The first end lets the second use the gateways it has to parties outside.
    #[serde(default)]
    pub lends_gateways: When,
    /// The first end uses the gateways of the second, if that one lets it.
    #[serde(default)]
    pub borrows_gateways: When,
    /// The first end takes in traffic that the second only passes on.
    #[serde(default)]
    pub takes_forwarded: When,
}

/// One end of a link. When none of its attributes is set there is no link.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndStatement {
    /// Attributes that name it, first set one wins; `self` is the resource's own node. An attribute with several values
    /// makes one link each. Empty: a party that no attribute names, unknown unless another resource with an identifier of
    /// this link tells.
    pub of: Vec<String>,
    /// What it is, should nothing describe it.
    pub kind: NodeKind,
    /// What to call it then.
    #[serde(default)]
    pub role: Option<String>,
    /// Attributes telling its place.
    #[serde(default)]
    pub place: Option<PlaceRule>,
    /// Not what is named, but what that is part of, of this `kind`: the network that a machine lies in, the gateway at the
    /// first end of a tunnel.
    #[serde(default)]
    pub around: bool,
}

/// One row of a link's protection table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InTransitRow {
    /// Conditions on the resource's own attributes.
    #[serde(default)]
    pub when: When,
    /// Both ends lie in one region (true) or in two (false).
    #[serde(default)]
    pub same_region: Option<bool>,
    /// Conditions on properties of both ends.
    #[serde(default)]
    pub both_ends: When,
    /// Conditions on properties of the carrier.
    #[serde(default)]
    pub carrier: When,
    /// Conditions on properties of anything that an end lies in.
    #[serde(default)]
    pub around: When,
    /// The fact that then holds.
    pub fact: Spanned<String>,
}

/// Lines of a route table. With `each`, all attributes but `table` are relative to the line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteStatement {
    /// The attribute that names the table, or `self`.
    pub table: String,
    /// The block or list attribute that holds one line each; the resource itself when not given.
    #[serde(default)]
    pub each: Option<String>,
    /// Attributes that hold a destination prefix.
    #[serde(default)]
    pub to: Vec<String>,
    /// Attributes that name a prefix list.
    #[serde(default)]
    pub to_list: Vec<String>,
    /// Attributes that name the target, and what each names; `=text` is a target that no attribute names.
    pub via: BTreeMap<String, NodeKind>,
    /// Only lines for which these hold.
    #[serde(default)]
    pub each_when: When,
    /// Conditions under which the line drops its traffic.
    #[serde(default)]
    pub blackhole_when: When,
    /// Only when these hold of the resource.
    #[serde(default)]
    pub when: When,
}

/// Who uses or feeds a table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssociationStatement {
    /// The attribute that names the table; several make several associations. `hub#edge` is the part `edge` of what the
    /// attribute `hub` names.
    #[serde(default)]
    pub table: String,
    /// Instead of `table`: attributes that hold labels, or `=label`; every table with that label is meant.
    #[serde(default)]
    pub tables_labelled: Vec<String>,
    /// Attributes that name the member, first set one wins.
    pub member: Vec<String>,
    /// In what way they belong together.
    pub role: AssociationRole,
    /// The attribute that names the table which takes over when the association is destroyed.
    #[serde(default)]
    pub restores: Option<String>,
    /// Only when these hold.
    #[serde(default)]
    pub when: When,
}

/// What something else lies in: a backend pool where its machines are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainmentStatement {
    /// Attributes that name what lies there, or `self`.
    pub of: Vec<String>,
    /// Attributes that name what it lies in, or `self`; with `each`, of the block.
    pub within: Vec<String>,
    /// The block or list attribute that names one place each; the resource itself when not given.
    #[serde(default)]
    pub each: Option<String>,
    /// Only blocks for which these hold.
    #[serde(default)]
    pub each_when: When,
    /// Only when these hold of the resource.
    #[serde(default)]
    pub when: When,
}

/// Values of another node or link.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyStatement {
    /// The attribute that names whose values these are, or `self`; empty with `of_region`.
    #[serde(default)]
    pub of: String,
    /// Only when these hold.
    #[serde(default)]
    pub when: When,
    /// Values that only conditions use: property name to attribute, or to `=text` for a constant.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// Values that are facts of its perimeter.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
    /// Attributes that hold prefixes it adds.
    #[serde(default)]
    pub address_space: Vec<String>,
    /// Not of what `of` names but of the networks that lies in.
    #[serde(default)]
    pub of_networks: bool,
    /// Of all networks of the provider in the region and account that the resource is for.
    #[serde(default)]
    pub of_region: bool,
    /// Several resources may say the same of one thing, and each says it for itself.
    #[serde(default)]
    pub each_its_own: bool,
    /// Only where the one they are set on has properties that pass.
    #[serde(default)]
    pub where_it_has: When,
}

/// A door to the internet without a gateway or route.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExposureStatement {
    /// Attributes that name what is exposed.
    #[serde(default)]
    pub of: Vec<String>,
    /// Attributes that hold addresses or URLs of what is exposed: the networks that hold those.
    #[serde(default)]
    pub of_addresses: Vec<String>,
    /// What to call the door.
    pub says: String,
    /// Only what has properties that pass.
    #[serde(default)]
    pub where_it_has: When,
    /// Only when these hold; a value known only after apply counts as holding.
    #[serde(default)]
    pub when: When,
    /// What it lets through.
    #[serde(default)]
    pub opens: Opens,
}

/// Traffic that a resource takes or sends in the clear: a listener without TLS, a cache with encryption switched off.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaintextStatement {
    /// What is in the clear, to stand after the resource's address: "takes connections without TLS".
    pub says: String,
    /// Attributes that name what it lies in: subnets, networks.
    #[serde(default)]
    pub of: Vec<String>,
    /// Only where what `of` names has properties that pass.
    #[serde(default)]
    pub where_it_has: When,
    /// Only when these hold; a value known only after apply counts as not holding, and one that nobody set as absent.
    #[serde(default)]
    pub when: When,
    /// The block that says so: only when `each_when` holds of one of these.
    #[serde(default)]
    pub each: Option<String>,
    /// Conditions on the attributes of such a block.
    #[serde(default)]
    pub each_when: When,
    /// The other side is outside the organisation's networks when these hold.
    #[serde(default)]
    pub external_when: When,
    /// The attribute that names the host of the other side, where one does.
    #[serde(default)]
    pub host: Option<String>,
}

/// What holds of something and follows from no link, route or door: where a managed service sends what it does not keep.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatedStatement {
    /// What a change of it is called.
    pub topic: Topic,
    /// Attributes that name what it holds of, or `self`; the networks that lies in bear it too.
    pub of: Vec<String>,
    /// What holds, to stand after the name of whoever bears it; `{}` is the address of the resource.
    pub says: String,
    /// It protects: losing it widens. Else it opens.
    #[serde(default)]
    pub protects: bool,
    /// Only when these hold; a value known only after apply counts for what opens, and not for what protects.
    #[serde(default)]
    pub when: When,
    /// The block that says so: only when `each_when` holds of one of these.
    #[serde(default)]
    pub each: Option<String>,
    /// Conditions on the attributes of such a block.
    #[serde(default)]
    pub each_when: When,
}

/// What only code understands: a routing policy document, or a piece of a policy that stands in several resources.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyStatement {
    /// The attribute that names the hub, for a document.
    #[serde(default)]
    pub hub: String,
    /// The attribute that holds the document.
    #[serde(default)]
    pub document: String,
    /// The language it is written in.
    pub language: PolicyLanguage,
    /// Which piece of a policy the resource is, in languages that have several.
    #[serde(default)]
    pub piece: Option<ManagerPiece>,
    /// The attributes that the piece consists of.
    #[serde(default)]
    pub reads: Vec<String>,
    /// The protection table of the links that it makes.
    #[serde(default)]
    pub in_transit: Vec<InTransitRow>,
}

/// Policy languages that code understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyLanguage {
    /// AWS Cloud WAN core network policy.
    CloudWan,
    /// Azure Virtual Network Manager: groups of networks, and configurations that join them once they are deployed.
    NetworkManager,
}

/// What a resource is to Azure Virtual Network Manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManagerPiece {
    /// A group of networks.
    Group,
    /// A network's place in a group.
    Member,
    /// How the networks of groups are joined.
    Configuration,
    /// Which configurations are in effect in a region.
    Deployment,
}
