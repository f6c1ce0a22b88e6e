//! AWS Cloud WAN core network policies: segments become route tables, attachments their members.
//!
//! A policy document decides which attachments reach which, by segments, sharing between segments, filters, and rules that
//! sort attachments into segments by tag. No table of a providers file can say that. What is not understood here counts as
//! open and is said: a rule that may match puts the attachment into its segment as well.
//!
//! Source: <https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html>

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::graph::fragment::{
    AssociationDeclaration, AssociationRole, Fragment, LinkDeclaration, NodeDeclaration, Notice,
};
use crate::graph::identity::{Key, Reference};
use crate::graph::link::LinkKind;
use crate::graph::node::{AddressSpace, Forwards, NodeKind, Place};
use crate::graph::origin::OriginId;

/// A policy document with what it governs.
#[derive(Debug)]
pub(super) struct Policy {
    /// The core network.
    pub(super) hub: Reference,
    /// The document; `None` when it is known only after apply.
    pub(super) document: Option<String>,
    /// It holds only until another policy is attached.
    pub(super) is_base: bool,
    /// The resource that carries it.
    pub(super) address: String,
    /// The same, as origin.
    pub(super) origin: OriginId,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Document {
    #[serde(default)]
    segments: Vec<Segment>,
    #[serde(default)]
    segment_actions: Vec<SegmentAction>,
    #[serde(default)]
    attachment_policies: Vec<AttachmentRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Segment {
    name: String,
    #[serde(default)]
    isolate_attachments: bool,
    #[serde(default)]
    allow_filter: Option<Vec<String>>,
    #[serde(default)]
    deny_filter: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct SegmentAction {
    action: String,
    #[serde(default)]
    segment: String,
    #[serde(default)]
    share_with: Json,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct AttachmentRule {
    #[serde(default)]
    rule_number: u64,
    #[serde(default)]
    condition_logic: Option<String>,
    #[serde(default)]
    conditions: Vec<RuleCondition>,
    #[serde(default)]
    action: RuleAction,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct RuleCondition {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    operator: Option<String>,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
struct RuleAction {
    #[serde(default)]
    association_method: Option<String>,
    #[serde(default)]
    segment: Option<String>,
    #[serde(default)]
    tag_value_of_key: Option<String>,
}

/// Add the route tables that a policy amounts to, and say what in it is not understood.
pub(super) fn expand(policy: &Policy, fragment: &mut Fragment) -> Vec<Notice> {
    let notice = |message: String| Notice {
        kind: "policy-not-understood",
        subject: policy.address.clone(),
        message,
    };
    let Some(text) = &policy.document else {
        open_up(&policy.hub, fragment);
        return vec![notice(
            "its core network policy is known only after apply: everything attached counts as reaching everything else".to_owned(),
        )];
    };
    let document: Document = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            open_up(&policy.hub, fragment);
            return vec![notice(format!(
                "its core network policy cannot be read ({error}): everything attached counts as reaching everything else"
            ))];
        }
    };
    let mut notices = Vec::new();
    for action in &document.segment_actions {
        if !matches!(action.action.as_str(), "share" | "create-route") {
            notices.push(notice(format!(
                "the segment action `{}` is not understood: segment {} counts as reaching all others",
                action.action, action.segment
            )));
        }
    }
    let hub_keys = keys_of(&policy.hub, fragment);
    let Some(hub_key) = hub_keys.iter().next().cloned() else {
        return notices;
    };
    let members: Vec<(Key, BTreeSet<String>)> = fragment
        .links
        .iter()
        .filter(|link| {
            link.ends
                .iter()
                .any(|end| matches!(&end.reference, Reference::To(key) if hub_keys.contains(key)))
        })
        .filter_map(|link| Some((link.keys.first()?.clone(), document.segments_of(link))))
        .collect();
    let table_key = |segment: &str| Key::Address(format!("{hub_key}#segment/{segment}"));
    for segment in &document.segments {
        fragment.nodes.push(NodeDeclaration {
            kind: NodeKind::RouteTable,
            keys: vec![table_key(&segment.name)],
            role: "segment".to_owned(),
            name: Some(segment.name.clone()),
            labels: BTreeSet::new(),
            place: Place::default(),
            within: vec![policy.hub.clone()],
            address_space: AddressSpace::default(),
            forwards: Forwards::Nowhere,
            opens: None,
            properties: BTreeMap::new(),
            incarnation: None,
            origin: policy.origin,
        });
    }
    for (member, segments) in &members {
        for segment in segments {
            let mut associate = |table: &str, role: AssociationRole| {
                fragment.associations.push(AssociationDeclaration {
                    table: Reference::To(table_key(table)),
                    member: Reference::To(member.clone()),
                    role,
                    implied: false,
                    origin: policy.origin,
                });
            };
            associate(segment, AssociationRole::Uses);
            for learner in document.learners(segment) {
                associate(&learner, AssociationRole::Feeds);
            }
        }
    }
    notices
}

/// Every key of the node that a reference names.
/// Without a policy that can be read, whatever is attached to the hub counts as reaching everything else.
fn open_up(hub: &Reference, fragment: &mut Fragment) {
    let keys = keys_of(hub, fragment);
    let described = fragment.nodes.iter_mut();
    for node in described.filter(|node| node.keys.iter().any(|key| keys.contains(key))) {
        node.forwards = Forwards::Everywhere;
    }
}

fn keys_of(hub: &Reference, fragment: &Fragment) -> BTreeSet<Key> {
    let Reference::To(key) = hub else {
        return BTreeSet::new();
    };
    let declared = fragment
        .nodes
        .iter()
        .filter(|node| node.keys.contains(key))
        .flat_map(|node| node.keys.iter().cloned());
    declared.chain([key.clone()]).collect()
}

impl Document {
    /// The segments whose tables learn what is attached to a segment.
    fn learners(&self, from: &str) -> BTreeSet<String> {
        let segment = |name: &str| self.segments.iter().find(|segment| segment.name == name);
        let mut learners = BTreeSet::new();
        if segment(from).is_some_and(|segment| !segment.isolate_attachments) {
            learners.insert(from.to_owned());
        }
        for other in self.segments.iter().filter(|other| other.name != from) {
            if self.shares(from, &other.name) && other.accepts(from) {
                learners.insert(other.name.clone());
            }
        }
        learners
    }

    /// Whether two segments share routes. Sharing works both ways.
    fn shares(&self, first: &str, second: &str) -> bool {
        self.segment_actions.iter().any(|action| {
            let names =
                |one: &str, other: &str| action.segment == one && listed(&action.share_with, other);
            match action.action.as_str() {
                "share" => names(first, second) || names(second, first),
                "create-route" => false,
                _ => action.segment == first || action.segment == second,
            }
        })
    }

    /// The segments that an attachment is, or may be, sorted into.
    fn segments_of(&self, link: &LinkDeclaration) -> BTreeSet<String> {
        let property = |name: &str| link.properties.get(name).and_then(|set| set.value.known());
        let mut segments = BTreeSet::new();
        let mut rules: Vec<&AttachmentRule> = self.attachment_policies.iter().collect();
        rules.sort_by_key(|rule| rule.rule_number);
        for rule in rules {
            let matches = rule.matches(link);
            if matches == Some(false) {
                continue;
            }
            let segment = match rule.action.association_method.as_deref() {
                Some("tag") => {
                    let key = rule.action.tag_value_of_key.as_deref().unwrap_or_default();
                    property(&format!("tags.{key}")).map(str::to_owned)
                }
                _ => rule.action.segment.clone(),
            };
            segments.extend(segment);
            if matches == Some(true) {
                return segments;
            }
        }
        if segments.is_empty() {
            segments.extend(property("segment").map(str::to_owned));
        }
        segments
    }
}

impl Segment {
    fn accepts(&self, from: &str) -> bool {
        let named = |names: &Vec<String>| names.iter().any(|name| name == from);
        self.allow_filter.as_ref().is_none_or(named)
            && !self.deny_filter.as_ref().is_some_and(named)
    }
}

impl AttachmentRule {
    /// Whether the rule matches an attachment; `None` when a condition looks at something the input does not tell.
    fn matches(&self, link: &LinkDeclaration) -> Option<bool> {
        let results = self
            .conditions
            .iter()
            .map(|condition| condition.matches(link));
        if self.condition_logic.as_deref() == Some("or") {
            let results: Vec<_> = results.collect();
            return if results.contains(&Some(true)) {
                Some(true)
            } else if results.contains(&None) {
                None
            } else {
                Some(false)
            };
        }
        let results: Vec<_> = results.collect();
        if results.contains(&Some(false)) {
            Some(false)
        } else if results.contains(&None) {
            None
        } else {
            Some(true)
        }
    }
}

impl RuleCondition {
    fn matches(&self, link: &LinkDeclaration) -> Option<bool> {
        let key = self.key.as_deref().unwrap_or_default();
        let tag = link
            .properties
            .get(&format!("tags.{key}"))
            .and_then(|set| set.value.known());
        match self.kind.as_str() {
            "any" => Some(true),
            "tag-exists" => Some(tag.is_some()),
            "tag-value" => Some(tag.is_some_and(|tag| self.compares(tag))),
            "attachment-type" => {
                let kind = match link.kind {
                    LinkKind::Vpn => "site-to-site-vpn",
                    _ if link.ends.iter().any(|end| end.kind == NodeKind::Network) => "vpc",
                    _ => return None,
                };
                Some(self.compares(kind))
            }
            "region" => {
                let region = link
                    .properties
                    .get("edge_location")
                    .and_then(|set| set.value.known());
                region.map(|region| self.compares(region))
            }
            _ => None,
        }
    }

    fn compares(&self, text: &str) -> bool {
        let value = self.value.as_deref().unwrap_or_default();
        match self.operator.as_deref() {
            Some("not-equals") => text != value,
            Some("contains") => text.contains(value),
            Some("begins-with") => text.starts_with(value),
            _ => text == value,
        }
    }
}

/// Whether a `share-with` value names a segment: a list, `"*"`, or everything `except` a list.
fn listed(share_with: &Json, segment: &str) -> bool {
    match share_with {
        Json::String(one) => one == "*" || one == segment,
        Json::Array(names) => names.iter().any(|name| name == segment || name == "*"),
        Json::Object(members) => match members.get("except") {
            Some(Json::Array(names)) => !names.iter().any(|name| name == segment),
            _ => false,
        },
        _ => false,
    }
}
