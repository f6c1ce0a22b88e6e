//! What the boxes and lines of a picture say, the same in every format. Nothing is made safe here: each format does that.

use crate::picture::{
    Counted, Direction, Fate, Internet, Knowledge, Picture, PictureLink, PictureNode, Stacking,
};

use super::text::counted;

/// What to do where a picture is too coarse.
const ASK: &str = "`perimeter graph NAME --depth 1` draws one part and what is around it";

/// The words of a box.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// What it is, with a sign if it comes or goes: "+ vpc".
    pub(super) role: String,
    /// What it is called, or how many it stands for.
    pub(super) name: String,
    /// What is to be known of it beside.
    pub(super) notes: Vec<String>,
    /// How many carve-outs rest on it; those that fall, if some do.
    pub(super) pins: Option<String>,
}

pub(super) fn words(node: &PictureNode) -> Words {
    let role = format!("{}{}", node.fate.sign(), node.role);
    let name = match (node.members.len(), node.name.trim().is_empty()) {
        (0, false) => node.name.clone(),
        (0, true) => node.id.clone(),
        (many, _) if node.among.is_empty() => format!("{} alike", counted(many, &node.role)),
        (many, _) => format!("{} joined", counted(many, &node.role)),
    };
    let mut notes = Vec::new();
    notes.extend(node.region.as_ref().map(|region| format!("in {region}")));
    match node.knowledge {
        Knowledge::Described => {}
        Knowledge::Foreign => notes.push("not in the input".to_owned()),
        Knowledge::Unresolved => notes.push("not resolved".to_owned()),
    }
    if let Some(internet) = node.internet {
        let some = match internet.of_some {
            0 => String::new(),
            some => format!(": {some} of {}", node.count()),
        };
        notes.push(format!("{}{some}", internet_words(internet)));
    }
    if !node.contents.is_empty() {
        let contents: Vec<String> = node.contents.iter().map(counted_words).collect();
        notes.push(format!("holds {}", contents.join(", ")));
    }
    for (label, count) in &node.among {
        notes.push(format!("{count} × {label}, among them"));
    }
    if node.more_links > 0 {
        notes.push(format!(
            "{}, not drawn",
            counted(node.more_links, "more link")
        ));
    }
    Words {
        role,
        name,
        notes,
        pins: pins(node.pins.len(), node.falling()),
    }
}

fn internet_words(internet: Internet) -> &'static str {
    match (internet.gets_in, internet.fate) {
        (true, Fate::Added) => "+ open to the internet",
        (true, Fate::Removed) => "− open to the internet",
        (true, Fate::Changed) => "± now open to the internet",
        (true, Fate::Kept) => "⇄ open to the internet",
        (false, Fate::Added) => "+ gets out to the internet",
        (false, Fate::Removed) => "− gets out to the internet",
        (false, Fate::Changed) => "± now only gets out to the internet",
        (false, Fate::Kept) => "→ gets out to the internet",
    }
}

/// "37 subnets (1 comes)".
pub(super) fn counted_words(one: &Counted) -> String {
    let mut words = counted(one.count, &one.role);
    let verb = |count: usize, verb: &str| {
        let ending = if count == 1 { "s" } else { "" };
        format!("{count} {verb}{ending}")
    };
    let changes: Vec<String> = [(one.added, "come"), (one.removed, "go")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| verb(count, word).replace("gos", "goes"))
        .collect();
    if !changes.is_empty() {
        words = format!("{words} ({})", changes.join(", "));
    }
    words
}

/// "2 carve-outs fall", or "3 carve-outs" where none does.
pub(super) fn pins(count: usize, falling: usize) -> Option<String> {
    match (count, falling) {
        (0, _) => None,
        (count, 0) => Some(counted(count, "carve-out")),
        (_, 1) => Some("✕ 1 carve-out falls".to_owned()),
        (_, falling) => Some(format!("✕ {falling} carve-outs fall")),
    }
}

/// What stands on a line: what it is, and below that how it is protected.
pub(super) fn link_words(link: &PictureLink) -> (String, String) {
    split(&link.label, link)
}

/// The same as it was before.
pub(super) fn link_words_before(link: &PictureLink) -> Option<(String, String)> {
    link.label_before.as_ref().map(|label| split(label, link))
}

fn split(label: &str, link: &PictureLink) -> (String, String) {
    let (kind, protection) = label.split_once(", ").unwrap_or((label, ""));
    let mut kind = format!("{}{kind}", link.fate.sign());
    if link.count > 1 {
        kind = format!("{kind} ×{}", link.count);
    }
    (kind, protection.to_owned())
}

/// Whether an arrow stands at the first end, and at the second.
pub(super) fn arrows(direction: Direction) -> (bool, bool) {
    match direction {
        Direction::Both => (true, true),
        Direction::Forward => (false, true),
        Direction::Backward => (true, false),
        Direction::Closed => (false, false),
    }
}

/// What is not drawn, and how the picture was made readable: sentences without a full stop.
pub(super) fn remarks(picture: &Picture) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(region) = &picture.region {
        remarks.push(format!("all in {region}"));
    }
    match picture.stacking {
        Stacking::Nothing => {}
        Stacking::Alike => remarks.push(
            "parts that are joined alike share a box, which lists their names, and in brackets how many carve-outs rest on each"
                .to_owned(),
        ),
        Stacking::Together => remarks.push(format!(
            "parts of one role that are joined with each other more than with the rest share a box, which lists their names; {ASK}"
        )),
        Stacking::Places => remarks.push(format!(
            "parts of one role and region share a box, and what lies in them is counted; {ASK}"
        )),
        Stacking::Roles => remarks.push(format!(
            "parts of one role share a box, and what lies in them is counted; {ASK}"
        )),
    }
    if !picture.beside.is_empty() {
        let counted: Vec<String> = picture.beside.iter().map(counted_words).collect();
        remarks.push(format!(
            "not drawn, because no link ends there: {}",
            counted.join(", ")
        ));
    }
    remarks
}
