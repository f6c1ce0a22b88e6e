//! What would be if a link or part came or went: a wish in words, and the declarations edited as it says.
//!
//! Nothing is judged here: two snapshots are compared as those of any change are.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::fragment::{
    End, ExposureDeclaration, Fragment, LinkDeclaration, NodeDeclaration,
};
use crate::graph::identity::Reference;
use crate::graph::link::{LinkKind, LinkState};
use crate::graph::node::{AddressSpace, Forwards, Node, NodeKind, Opens, Place};
use crate::graph::origin::OriginId;
use crate::graph::{BoundaryId, Graph, Key, LinkId, NodeId};

/// What can be added. Words of the command line.
pub const ADDED_KINDS: [&str; 7] = [
    "peering",
    "attachment",
    "vpn",
    "interconnect",
    "private-endpoint",
    "exposure",
    "network",
];

/// What can be done.
pub const VERBS: [&str; 2] = ["add", "remove"];

/// One thing to suppose, with the names as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// `add KIND NAME...`
    Add(Added, Vec<String>),
    /// `remove NAME`
    Remove(String),
}

/// What is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// A link of a kind, between two parts.
    Link(LinkKind),
    /// A way in from the internet.
    Exposure,
    /// A network, alone.
    Network,
}

/// Why words are no wish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoWish {
    /// Nothing but white space.
    #[error("nothing is to be added or removed: say `add peering A B`, or `remove NAME`")]
    Empty,
    /// Neither `add` nor `remove`.
    #[error("what-if cannot `{0}`: it knows add and remove")]
    Verb(String),
    /// A kind that is not in [`ADDED_KINDS`].
    #[error("`{0}` cannot be added")]
    Kind(String),
    /// More or fewer names than wanted.
    #[error("`{what}` wants {wanted}; a name with blanks goes in double quotes")]
    Names {
        /// What was begun.
        what: String,
        /// What ought to follow.
        wanted: &'static str,
    },
    /// A quote without an end.
    #[error("a double quote is not closed")]
    Quote,
}

/// Read wishes: `add peering "the shop network" analytics; remove aws_vpn_connection.office`.
///
/// # Errors
///
/// If they are none; the first that is wrong is told.
pub fn wishes(text: &str) -> Result<Vec<Wish>, NoWish> {
    let mut wishes = Vec::new();
    for words in sentences(text)? {
        let mut rest = words.iter();
        let Some(verb) = rest.next() else {
            continue;
        };
        let names = |rest: std::slice::Iter<'_, String>| rest.cloned().collect::<Vec<_>>();
        wishes.push(match verb.to_lowercase().as_str() {
            "add" => {
                let kind = rest.next().map_or("", String::as_str);
                let added = match kind.to_lowercase().replace('_', "-").as_str() {
                    "peering" => Added::Link(LinkKind::Peering),
                    "attachment" => Added::Link(LinkKind::Attachment),
                    "vpn" => Added::Link(LinkKind::Vpn),
                    "interconnect" => Added::Link(LinkKind::Interconnect),
                    "private-endpoint" => Added::Link(LinkKind::PrivateEndpoint),
                    "exposure" => Added::Exposure,
                    "network" => Added::Network,
                    _ => return Err(NoWish::Kind(kind.to_owned())),
                };
                let names = names(rest);
                let (count, wanted) = match added {
                    Added::Link(LinkKind::Peering) => (2, "two networks"),
                    Added::Link(LinkKind::Attachment) => (2, "a network and a hub"),
                    Added::Link(LinkKind::PrivateEndpoint) => (2, "a network and a service"),
                    Added::Link(_) => (2, "a network or hub, and a party outside"),
                    Added::Exposure => (1, "one part"),
                    Added::Network => (1, "a new name"),
                };
                if names.len() != count {
                    let what = format!("add {kind}");
                    return Err(NoWish::Names { what, wanted });
                }
                Wish::Add(added, names)
            }
            "remove" => match names(rest).as_slice() {
                [name] => Wish::Remove(name.clone()),
                _ => {
                    return Err(NoWish::Names {
                        what: "remove".to_owned(),
                        wanted: "one part or link",
                    });
                }
            },
            _ => return Err(NoWish::Verb(verb.clone())),
        });
    }
    if wishes.is_empty() {
        return Err(NoWish::Empty);
    }
    Ok(wishes)
}

/// Words, by sentence: blanks part words and semicolons sentences, but not between double quotes.
fn sentences(text: &str) -> Result<Vec<Vec<String>>, NoWish> {
    let mut sentences = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    for character in text.chars() {
        let ends_word = !is_quoted && (character.is_whitespace() || character == ';');
        if ends_word {
            if let (Some(done), Some(sentence)) = (word.take(), sentences.last_mut()) {
                sentence.push(done);
            }
            if character == ';' {
                sentences.push(Vec::new());
            }
        } else if character == '"' && (is_quoted || word.is_none()) {
            // Within a word it is part of an address: `aws_vpc.a["b"]`.
            is_quoted = !is_quoted;
            word.get_or_insert_default();
        } else {
            word.get_or_insert_default().push(character);
        }
    }
    if is_quoted {
        return Err(NoWish::Quote);
    }
    if let (Some(done), Some(sentence)) = (word, sentences.last_mut()) {
        sentence.push(done);
    }
    Ok(sentences)
}

/// One end of something that is added.
#[derive(Debug, Clone)]
pub enum Named<'g> {
    /// A part that is there.
    There(&'g Node),
    /// One that is not, by the name that it is to have.
    New(String),
}

impl Named<'_> {
    fn key(&self) -> Key {
        match self {
            Self::There(node) => node.keys.first().cloned(),
            Self::New(_) => None,
        }
        .unwrap_or_else(|| Key::Address(format!("what-if.{}", self.name())))
    }

    fn name(&self) -> String {
        match self {
            Self::There(node) => node.display_name(),
            Self::New(name) => name.clone(),
        }
    }

    fn kind(&self, if_new: NodeKind) -> NodeKind {
        match self {
            Self::There(node) => node.kind,
            Self::New(_) => if_new,
        }
    }
}

/// Declare a network that is joined to nothing.
pub fn add_network(fragment: &mut Fragment, name: &str, origin: OriginId) {
    fragment.nodes.push(new_node(
        &Named::New(name.to_owned()),
        NodeKind::Network,
        "network",
        origin,
    ));
}

/// Declare that the internet gets in somewhere.
pub fn add_exposure(fragment: &mut Fragment, of: &Node, origin: OriginId) {
    fragment.exposures.push(ExposureDeclaration {
        of: vec![Reference::To(Named::There(of).key())],
        addresses: BTreeSet::new(),
        where_it_has: Vec::new(),
        subject: "what-if".to_owned(),
        words: "the way in that is supposed".to_owned(),
        opens: Opens::BothWays,
        origin,
    });
}

/// Declare a link between two ends. What is new is declared too; a line from a network to a party outside gets a gateway.
///
/// Nothing tells how the link would protect its traffic, so that is unknown.
pub fn add_link(
    fragment: &mut Fragment,
    kind: LinkKind,
    first: &Named<'_>,
    second: &Named<'_>,
    origin: OriginId,
) {
    let (role, far) = match kind {
        LinkKind::Peering => ("peering", NodeKind::Network),
        LinkKind::Attachment => ("attachment", NodeKind::Hub),
        LinkKind::Vpn => ("VPN", NodeKind::External),
        LinkKind::Interconnect => ("interconnect", NodeKind::External),
        _ => ("private endpoint", NodeKind::Service),
    };
    if let Named::New(_) = second {
        let role = if far == NodeKind::Service {
            "service"
        } else {
            "party outside"
        };
        fragment.nodes.push(new_node(second, far, role, origin));
    }
    let is_line = matches!(kind, LinkKind::Vpn | LinkKind::Interconnect);
    let gateway;
    let mut near = first;
    if is_line && first.kind(NodeKind::Network) != NodeKind::Hub {
        gateway = Named::New(format!("{}-gateway", first.name()));
        let mut node = new_node(&gateway, NodeKind::Hub, "gateway", origin);
        node.forwards = Forwards::BetweenOutsideAndInside;
        fragment.nodes.push(node);
        fragment.links.push(new_link(
            LinkKind::Attachment,
            "attachment",
            [
                (first, first.kind(NodeKind::Network)),
                (&gateway, NodeKind::Hub),
            ],
            origin,
        ));
        near = &gateway;
    }
    let ends = [(near, near.kind(NodeKind::Hub)), (second, second.kind(far))];
    fragment.links.push(new_link(kind, role, ends, origin));
}

fn new_node(place: &Named<'_>, kind: NodeKind, role: &str, origin: OriginId) -> NodeDeclaration {
    NodeDeclaration {
        kind,
        keys: vec![place.key()],
        role: role.to_owned(),
        name: Some(place.name()),
        labels: BTreeSet::new(),
        place: Place::default(),
        within: Vec::new(),
        address_space: AddressSpace::default(),
        forwards: Forwards::default(),
        opens: None,
        properties: BTreeMap::new(),
        incarnation: None,
        origin,
    }
}

fn new_link(
    kind: LinkKind,
    role: &str,
    ends: [(&Named<'_>, NodeKind); 2],
    origin: OriginId,
) -> LinkDeclaration {
    LinkDeclaration {
        kind,
        keys: Vec::new(),
        role: role.to_owned(),
        name: None,
        ends: ends.map(|(place, kind)| End {
            reference: Reference::To(place.key()),
            kind,
            role: kind.slug().to_owned(),
            place: Place::default(),
            around: false,
        }),
        state: LinkState::Effective,
        protection: Vec::new(),
        carrier: None,
        properties: BTreeMap::new(),
        joins_default: (None, None),
        dynamic_prefixes: false,
        half: None,
        origin,
    }
}

/// Take out what declares parts and links, with what lies in them and the links at them; the resources that are gone then.
pub fn remove(
    fragment: &mut Fragment,
    graph: &Graph,
    wanted: &BTreeSet<BoundaryId>,
) -> BTreeSet<OriginId> {
    let mut nodes: BTreeSet<NodeId> = BTreeSet::new();
    let mut links: BTreeSet<LinkId> = BTreeSet::new();
    for boundary in wanted {
        match boundary {
            BoundaryId::Node(id) => {
                nodes.insert(id.clone());
            }
            BoundaryId::Link(id) => {
                links.insert(id.clone());
            }
        }
    }
    let inside = graph.nodes().filter(|node| {
        let around = graph.ancestors_of(&node.id);
        around.iter().any(|outer| nodes.contains(&outer.id))
    });
    let inside: Vec<NodeId> = inside.map(|node| node.id.clone()).collect();
    nodes.extend(inside);
    for link in graph.links() {
        let ends = graph.ends(&link.id).into_iter().flatten();
        if ends.into_iter().any(|end| nodes.contains(&end.id)) {
            links.insert(link.id.clone());
        }
    }
    let node_keys = nodes.iter().filter_map(|id| graph.node(id));
    let link_keys = links.iter().filter_map(|id| graph.link(id));
    let keys: BTreeSet<Key> = node_keys
        .flat_map(|node| &node.keys)
        .chain(link_keys.flat_map(|link| &link.keys))
        .cloned()
        .collect();
    let origins: BTreeSet<OriginId> = nodes
        .iter()
        .filter_map(|id| graph.node(id))
        .flat_map(|node| node.origins.iter().copied())
        .collect();
    let goes =
        |reference: &Reference| matches!(reference, Reference::To(key) if keys.contains(key));
    let id_of = |reference: &Reference| match reference {
        Reference::To(key) => graph.node_by_key(key).map(|node| node.id.clone()),
        _ => None,
    };
    fragment
        .nodes
        .retain(|node| !node.keys.iter().any(|key| keys.contains(key)));
    fragment.links.retain(|link| {
        if link.keys.iter().any(|key| keys.contains(key)) {
            return false;
        }
        let declared: BTreeSet<Option<NodeId>> =
            link.ends.iter().map(|end| id_of(&end.reference)).collect();
        !links.iter().any(|id| {
            graph.link(id).is_some_and(|gone| {
                let ends = graph.ends(id).into_iter().flatten();
                let ends: BTreeSet<Option<NodeId>> = ends.map(|end| Some(end.id.clone())).collect();
                let says_so = gone.origins.contains(&link.origin);
                gone.kind == link.kind && says_so && (declared == ends || declared.contains(&None))
            })
        })
    });
    fragment.routes.retain(|route| {
        !goes(&route.table)
            && !route
                .target
                .as_ref()
                .is_some_and(|(target, _)| goes(target))
    });
    fragment
        .associations
        .retain(|one| !goes(&one.table) && !goes(&one.member));
    fragment
        .containments
        .retain(|one| !goes(&one.of) && !goes(&one.within));
    fragment.properties.retain(|one| !goes(&one.of));
    // What a resource opens goes with the resource, and with the last part that it opens.
    let keeps_any = |of: &mut Vec<Reference>| {
        let had_any = !of.is_empty();
        of.retain(|reference| !goes(reference));
        !had_any || !of.is_empty()
    };
    fragment
        .exposures
        .retain_mut(|one| keeps_any(&mut one.of) && !origins.contains(&one.origin));
    fragment
        .plaintext
        .retain_mut(|one| keeps_any(&mut one.of) && !origins.contains(&one.origin));
    fragment
        .statements
        .retain_mut(|one| keeps_any(&mut one.of) && !one.lasts_with.as_ref().is_some_and(goes));
    let of_links = links.iter().filter_map(|id| graph.link(id));
    let mut gone = origins;
    gone.extend(of_links.flat_map(|link| link.origins.iter().copied()));
    for node in &fragment.nodes {
        gone.remove(&node.origin);
    }
    gone
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn wishes_are_read_in_words_with_quotes_and_semicolons() {
        let peering = Added::Link(LinkKind::Peering);
        assert_eq!(
            wishes("add peering \"the shop network\" analytics; remove aws_vpc.old[\"a\"]")
                .unwrap(),
            [
                Wish::Add(peering, vec!["the shop network".into(), "analytics".into()]),
                Wish::Remove("aws_vpc.old[\"a\"]".into()),
            ]
        );
        assert_eq!(
            wishes("ADD Private_Endpoint a b;").unwrap(),
            [Wish::Add(
                Added::Link(LinkKind::PrivateEndpoint),
                vec!["a".into(), "b".into()]
            )]
        );
    }

    #[test]
    fn what_is_no_wish_says_what_is_missing() {
        for (text, wrong) in [
            ("", NoWish::Empty),
            (" ; ", NoWish::Empty),
            ("drop a", NoWish::Verb("drop".into())),
            ("add tunnel a b", NoWish::Kind("tunnel".into())),
            ("remove \"a", NoWish::Quote),
        ] {
            assert_eq!(wishes(text), Err(wrong), "{text}");
        }
        for text in ["add peering a", "add exposure", "remove", "remove a b"] {
            assert!(matches!(wishes(text), Err(NoWish::Names { .. })), "{text}");
        }
    }
}
