//! The picture of a verdict, as `perimeter.check/1` holds it: written, and read back to be drawn in a comment.
//!
//! Fields without which the first documents did are given a meaning when they are missing.

use serde::de::IntoDeserializer as _;
use serde::de::value::Error;
use serde::{Deserialize, Serialize};

use crate::graph::node::NodeKind;
use crate::graph::protection::Protection;
use crate::picture::{
    Counted, Direction, Fate, Internet, Knowledge, Member, Picture, PictureLink, PictureNode, Pin,
    Stacking,
};

/// A picture on the wire.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Drawing {
    nodes: Vec<Node>,
    links: Vec<Link>,
    /// Nothing is left out any more; kept, because the contract has it.
    left_out: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    beside: Vec<Held>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(default)]
    stacking: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Node {
    id: String,
    name: String,
    role: String,
    fate: String,
    falling: usize,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    known: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    members: Vec<Named>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    holds: Vec<Held>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    internet: Option<Way>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    among: Vec<(String, usize)>,
    #[serde(default)]
    more_links: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    carve_outs: Vec<Rests>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Link {
    from: usize,
    to: usize,
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label_before: Option<String>,
    fate: String,
    #[serde(default)]
    protection: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    count: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    carve_outs: Vec<Rests>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Named {
    name: String,
    id: String,
    carve_outs: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Held {
    role: String,
    count: usize,
    added: usize,
    removed: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Way {
    gets_in: bool,
    fate: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    of_some: usize,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[derive(Debug, Serialize, Deserialize)]
struct Rests {
    id: String,
    place: String,
    falls: bool,
}

/// A word that no version of the contract knows: what it ought to be, and the word.
pub(super) struct UnknownWord(pub(super) &'static str, pub(super) String);

fn known<T: Copy>(
    all: &[T],
    word_of: impl Fn(T) -> &'static str,
    what: &'static str,
    word: &str,
) -> Result<T, UnknownWord> {
    let found = all.iter().copied().find(|&one| word_of(one) == word);
    found.ok_or_else(|| UnknownWord(what, word.to_owned()))
}

const KNOWLEDGE: [Knowledge; 3] = [
    Knowledge::Described,
    Knowledge::Foreign,
    Knowledge::Unresolved,
];
const DIRECTIONS: [Direction; 4] = [
    Direction::Both,
    Direction::Forward,
    Direction::Backward,
    Direction::Closed,
];
const PROTECTIONS: [Protection; 5] = [
    Protection::None,
    Protection::Unknown,
    Protection::Mesh,
    Protection::Tunnel,
    Protection::Provider,
];
const STACKINGS: [Stacking; 5] = [
    Stacking::Nothing,
    Stacking::Alike,
    Stacking::Together,
    Stacking::Places,
    Stacking::Roles,
];

fn stacking_word(stacking: Stacking) -> &'static str {
    match stacking {
        Stacking::Nothing => "nothing",
        Stacking::Alike => "alike",
        Stacking::Together => "together",
        Stacking::Places => "places",
        Stacking::Roles => "roles",
    }
}

/// The meaning of a word that the first documents did not write.
fn or<T>(
    word: &str,
    otherwise: T,
    read: impl Fn(&str) -> Result<T, UnknownWord>,
) -> Result<T, UnknownWord> {
    if word.is_empty() {
        return Ok(otherwise);
    }
    read(word)
}

fn fate(word: &str) -> Result<Fate, UnknownWord> {
    known(&Fate::ALL, Fate::word, "fate", word)
}

fn kind(word: &str) -> Result<NodeKind, UnknownWord> {
    let name = word.replace('-', "_");
    let deserializer: serde::de::value::StrDeserializer<'_, Error> =
        name.as_str().into_deserializer();
    NodeKind::deserialize(deserializer).map_err(|_| UnknownWord("kind of part", word.to_owned()))
}

impl Held {
    fn of(one: &Counted) -> Self {
        Self {
            role: one.role.clone(),
            count: one.count,
            added: one.added,
            removed: one.removed,
        }
    }

    fn read(self) -> Counted {
        Counted {
            role: self.role,
            count: self.count,
            added: self.added,
            removed: self.removed,
        }
    }
}

impl Rests {
    fn of(pin: &Pin) -> Self {
        Self {
            id: pin.id.clone(),
            place: pin.place.clone(),
            falls: pin.falls,
        }
    }

    fn read(self) -> Pin {
        Pin {
            id: self.id,
            place: self.place,
            falls: self.falls,
        }
    }
}

impl Drawing {
    /// A picture, to be written.
    pub(super) fn of(picture: &Picture) -> Self {
        let nodes = picture.nodes.iter().map(|node| Node {
            id: node.id.clone(),
            name: node.name.clone(),
            role: node.role.clone(),
            fate: node.fate.word().to_owned(),
            falling: node.falling(),
            kind: node.kind.slug().to_owned(),
            known: node.knowledge.word().to_owned(),
            region: node.region.clone(),
            within: node.parent,
            members: node
                .members
                .iter()
                .map(|one| Named {
                    name: one.name.clone(),
                    id: one.id.clone(),
                    carve_outs: one.pins,
                })
                .collect(),
            holds: node.contents.iter().map(Held::of).collect(),
            internet: node.internet.map(|way| Way {
                gets_in: way.gets_in,
                fate: way.fate.word().to_owned(),
                of_some: way.of_some,
            }),
            among: node.among.clone(),
            more_links: node.more_links,
            carve_outs: node.pins.iter().map(Rests::of).collect(),
        });
        let links = picture.links.iter().map(|link| Link {
            from: link.from,
            to: link.to,
            label: link.label.clone(),
            label_before: link.label_before.clone(),
            fate: link.fate.word().to_owned(),
            protection: link.protection.word().to_owned(),
            direction: link.direction.word().to_owned(),
            count: link.count,
            carve_outs: link.pins.iter().map(Rests::of).collect(),
        });
        Self {
            nodes: nodes.collect(),
            links: links.collect(),
            left_out: 0,
            beside: picture.beside.iter().map(Held::of).collect(),
            region: picture.region.clone(),
            stacking: stacking_word(picture.stacking).to_owned(),
        }
    }

    /// The picture that was written.
    pub(super) fn into_picture(self) -> Result<Picture, UnknownWord> {
        let count = self.nodes.len();
        let nodes = self.nodes.into_iter().map(|node| {
            let falling = (0..node.falling).map(|_| Pin {
                id: String::new(),
                place: String::new(),
                falls: true,
            });
            Ok(PictureNode {
                kind: or(&node.kind, NodeKind::Network, kind)?,
                knowledge: or(&node.known, Knowledge::Described, |word| {
                    known(&KNOWLEDGE, Knowledge::word, "standing of a part", word)
                })?,
                region: node.region,
                fate: fate(&node.fate)?,
                parent: node.within.filter(|parent| *parent < count),
                members: node
                    .members
                    .into_iter()
                    .map(|one| Member {
                        name: one.name,
                        id: one.id,
                        pins: one.carve_outs,
                    })
                    .collect(),
                contents: node.holds.into_iter().map(Held::read).collect(),
                internet: match node.internet {
                    Some(way) => Some(Internet {
                        gets_in: way.gets_in,
                        fate: fate(&way.fate)?,
                        of_some: way.of_some,
                    }),
                    None => None,
                },
                among: node.among,
                more_links: node.more_links,
                pins: if node.carve_outs.is_empty() {
                    falling.take(MOST_PINS).collect()
                } else {
                    node.carve_outs.into_iter().map(Rests::read).collect()
                },
                id: node.id,
                name: node.name,
                role: node.role,
            })
        });
        let links = self.links.into_iter().map(|link| {
            Ok(PictureLink {
                from: link.from,
                to: link.to,
                label: link.label,
                label_before: link.label_before,
                protection: or(&link.protection, Protection::Unknown, |word| {
                    known(&PROTECTIONS, Protection::word, "protection", word)
                })?,
                direction: or(&link.direction, Direction::Both, |word| {
                    known(&DIRECTIONS, Direction::word, "direction", word)
                })?,
                count: link.count.max(1),
                fate: fate(&link.fate)?,
                pins: link.carve_outs.into_iter().map(Rests::read).collect(),
            })
        });
        Ok(Picture {
            nodes: nodes.collect::<Result<_, UnknownWord>>()?,
            links: links.collect::<Result<_, UnknownWord>>()?,
            beside: self.beside.into_iter().map(Held::read).collect(),
            region: self.region,
            stacking: or(&self.stacking, Stacking::Nothing, |word| {
                known(&STACKINGS, stacking_word, "stacking", word)
            })?,
        })
    }
}

/// A number alone must not cost memory.
const MOST_PINS: usize = 10_000;
