//! A picture as a Mermaid flowchart, which code hosts draw in place.

use crate::graph::protection::Protection;
use crate::picture::{Direction, Fate, Knowledge, Picture, PictureLink, PictureNode};

use super::boxes;
use super::text::{clip, for_mermaid};

/// More than this nobody reads in a comment, and a host may refuse to draw.
const MOST_NODES: usize = 60;
const MOST_LINKS: usize = 120;
/// What Mermaid draws where nobody has set it other limits.
const MOST_NODES_OF_A_FILE: usize = 400;
const MOST_LINKS_OF_A_FILE: usize = 480;
const LONGEST_NAME: usize = 60;
/// Names spelled out of a box that stands for several parts.
const NAMES_SPELLED_OUT: usize = 40;

/// Fill, border and text, so that it reads on a light and on a dark page.
const STYLES: [(&str, &str); 7] = [
    ("kept", "fill:#f6f8fa,stroke:#8c959f,color:#1f2328"),
    ("hub", "fill:#dbe9f9,stroke:#1f2328,color:#1f2328"),
    (
        "elsewhere",
        "fill:#ffffff,stroke:#8c959f,stroke-dasharray:2 3,color:#1f2328",
    ),
    (
        "added",
        "fill:#dafbe1,stroke:#1a7f37,stroke-width:2px,color:#1f2328",
    ),
    (
        "removed",
        "fill:#ffebe9,stroke:#cf222e,stroke-width:2px,stroke-dasharray:5 4,color:#1f2328",
    ),
    (
        "changed",
        "fill:#fff1e5,stroke:#bc4c00,stroke-width:2px,color:#1f2328",
    ),
    ("note", "fill:none,stroke:none,color:#6e7781"),
];

/// A drawing as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Mermaid source, one statement a line, without a fence around it.
    pub source: String,
    /// Nodes and links that are not in it.
    pub left_out: usize,
}

/// Draw a picture for a comment; `None` when there is nothing in it.
///
/// What comes is green and thick, what goes is red and ends in crosses, what stays and is not the same is orange; signs say it
/// too. Dashes say how a link is protected.
#[must_use]
pub fn render(picture: &Picture) -> Option<Drawing> {
    (!picture.nodes.is_empty()).then(|| draw(picture, MOST_NODES, MOST_LINKS))
}

/// Draw a picture for a file, as large as Mermaid takes, with what is not in it in words.
#[must_use]
pub fn render_file(picture: &Picture) -> String {
    let Drawing { source, left_out } = draw(picture, MOST_NODES_OF_A_FILE, MOST_LINKS_OF_A_FILE);
    let mut remarks = super::svg::legend(picture);
    remarks.extend(boxes::remarks(picture));
    if picture.nodes.is_empty() {
        remarks.push("nothing to draw".to_owned());
    }
    if left_out > 0 {
        remarks.push(format!(
            "{} more than Mermaid draws are left out",
            super::text::counted(left_out, "part and link")
        ));
    }
    let remarks: Vec<String> = remarks.iter().map(|remark| for_mermaid(remark)).collect();
    if remarks.is_empty() {
        return format!("{source}\n");
    }
    format!("{source}\n  notes[\"{}\"]:::note\n", remarks.join("<br>"))
}

/// What colours and lines mean, as far as the picture has them.
#[must_use]
pub fn legend(picture: &Picture) -> Vec<&'static str> {
    let has = |fate: Fate| {
        let mut links = picture.links.iter();
        picture.nodes.iter().any(|node| node.fate == fate) || links.any(|link| link.fate == fate)
    };
    let protected = |is: &dyn Fn(Protection) -> bool| {
        let mut links = picture.links.iter();
        links.any(|link| is(link.protection))
    };
    [
        (has(Fate::Added), "green, thick: added"),
        (has(Fate::Removed), "red, crossed: removed"),
        (has(Fate::Changed), "orange: changed"),
        (protected(&Protection::encrypts), "solid line: encrypted"),
        (
            protected(&|one| one == Protection::Unknown),
            "dashed line: no documented encryption",
        ),
        (
            protected(&|one| one == Protection::None),
            "dotted line: not encrypted",
        ),
    ]
    .into_iter()
    .filter_map(|(is_there, words)| is_there.then_some(words))
    .collect()
}

fn draw(picture: &Picture, most_nodes: usize, most_links: usize) -> Drawing {
    let drawn = picture.nodes.len().min(most_nodes);
    let mut lines = vec!["flowchart LR".to_owned()];
    lines.extend(boxes_of(picture, drawn));
    let links = picture
        .links
        .iter()
        .filter(|link| link.from < drawn && link.to < drawn);
    let links: Vec<&PictureLink> = links.take(most_links).collect();
    lines.extend(links.iter().map(|link| line(link)));
    let width = |fate: Fate| match fate {
        Fate::Kept => "stroke:#8c959f",
        Fate::Added => "stroke:#1a7f37,stroke-width:3px",
        Fate::Removed => "stroke:#cf222e,stroke-width:2px",
        Fate::Changed => "stroke:#bc4c00,stroke-width:2px",
    };
    let dashes = |protection: Protection| match protection {
        Protection::None => ",stroke-dasharray:2 4",
        Protection::Unknown => ",stroke-dasharray:8 5",
        Protection::Mesh | Protection::Tunnel | Protection::Provider => "",
    };
    let mut styles: Vec<(String, Vec<String>)> = Vec::new();
    for (index, link) in links.iter().enumerate() {
        let style = format!("{}{}", width(link.fate), dashes(link.protection));
        match styles.iter_mut().find(|(known, _)| *known == style) {
            Some((_, indices)) => indices.push(index.to_string()),
            None => styles.push((style, vec![index.to_string()])),
        }
    }
    for (style, indices) in styles {
        lines.push(format!("  linkStyle {} {style}", indices.join(",")));
    }
    let is_used = |name: &str| {
        let mut nodes = picture.nodes[..drawn].iter();
        name == "note" || nodes.any(|node| style(node) == name)
    };
    for (name, style) in STYLES.iter().filter(|(name, _)| is_used(name)) {
        lines.push(format!("  classDef {name} {style}"));
    }
    // Behind the links: one that ends at a frame would give it another look.
    let frames: std::collections::BTreeSet<usize> = picture.nodes[..drawn]
        .iter()
        .filter_map(|node| node.parent.filter(|parent| *parent < drawn))
        .collect();
    for index in frames {
        let style = style(&picture.nodes[index]);
        lines.push(format!("  class n{index} {style}"));
    }
    Drawing {
        source: lines.join("\n"),
        left_out: (picture.nodes.len() - drawn) + (picture.links.len() - links.len()),
    }
}

/// A statement for each part, and frames around what lies in them.
fn boxes_of(picture: &Picture, drawn: usize) -> Vec<String> {
    enum Step {
        Part(usize, usize),
        Close(usize),
    }
    let parent = |index: usize| picture.nodes[index].parent.filter(|parent| *parent < drawn);
    let mut children = vec![Vec::new(); drawn];
    let mut todo = Vec::new();
    for index in (0..drawn).rev() {
        match parent(index) {
            Some(parent) => children[parent].push(index),
            None => todo.push(Step::Part(index, 1)),
        }
    }
    let mut lines = Vec::new();
    while let Some(step) = todo.pop() {
        match step {
            Step::Close(depth) => lines.push(format!("{}end", "  ".repeat(depth))),
            Step::Part(index, depth) => {
                let (node, indent) = (&picture.nodes[index], "  ".repeat(depth));
                if children[index].is_empty() {
                    let (open, close) = shape(node);
                    lines.push(format!(
                        "{indent}n{index}{open}\"{}\"{close}:::{}",
                        label(node),
                        style(node)
                    ));
                } else {
                    let (title, notes) = title_and_notes(node);
                    lines.push(format!("{indent}subgraph n{index}[\"{title}\"]"));
                    if !notes.is_empty() {
                        // There is room for one line above what stands in a frame.
                        let notes = notes.join("<br>");
                        lines.push(format!("{indent}  w{index}[\"{notes}\"]:::note"));
                    }
                    todo.push(Step::Close(depth));
                    let inside = children[index].iter();
                    todo.extend(inside.map(|&child| Step::Part(child, depth + 1)));
                }
            }
        }
    }
    lines
}

fn line(link: &PictureLink) -> String {
    let (kind, protection) = boxes::link_words(link);
    let mut words = for_mermaid(&clip(&kind, LONGEST_NAME));
    if !protection.is_empty() {
        words = format!("{words}, {}", for_mermaid(&clip(&protection, LONGEST_NAME)));
    }
    let falling = link.pins.iter().filter(|pin| pin.falls).count();
    if let Some(pins) = boxes::pins(link.pins.len(), falling) {
        words = format!("{words}<br>{}", for_mermaid(&pins));
    }
    let words = if words.trim().is_empty() {
        String::new()
    } else {
        format!("|\"{words}\"|")
    };
    let (from, to) = match link.direction {
        Direction::Backward => (link.to, link.from),
        _ => (link.from, link.to),
    };
    let is_one_way = matches!(link.direction, Direction::Forward | Direction::Backward);
    let line = match (link.fate, link.direction == Direction::Closed, is_one_way) {
        (Fate::Removed, ..) => "x--x",
        (Fate::Added, true, _) => "===",
        (Fate::Added, _, true) => "==>",
        (Fate::Added, ..) => "<==>",
        (_, true, _) => "---",
        (_, _, true) => "-->",
        _ => "<-->",
    };
    format!("  n{from} {line}{words} n{to}")
}

fn title_and_notes(node: &PictureNode) -> (String, Vec<String>) {
    let words = boxes::words(node);
    let mut title = for_mermaid(&clip(&words.name, LONGEST_NAME));
    // A node without a name would have no size.
    if title.trim().is_empty() {
        title = for_mermaid(&clip(&node.id, LONGEST_NAME));
    }
    let says_its_role = !node.members.is_empty() || node.name.starts_with(&node.role);
    if says_its_role {
        title = format!("{}{title}", for_mermaid(node.fate.sign()));
    } else if !words.role.is_empty() {
        title = format!("{} {title}", for_mermaid(&clip(&words.role, LONGEST_NAME)));
    }
    let notes = words.notes.iter().chain(&words.pins);
    let notes = notes.map(|note| for_mermaid(&clip(note, LONGEST_NAME)));
    (title, notes.collect())
}

fn label(node: &PictureNode) -> String {
    let (mut label, notes) = title_and_notes(node);
    for note in notes {
        label = format!("{label}<br>{note}");
    }
    let names: Vec<String> = node
        .members
        .iter()
        .take(NAMES_SPELLED_OUT)
        .map(|one| for_mermaid(&clip(&one.name, LONGEST_NAME)))
        .collect();
    if !names.is_empty() {
        label = format!("{label}<br>{}", names.join("<br>"));
    }
    if node.members.len() > names.len() {
        label = format!("{label}<br>and {} more", node.members.len() - names.len());
    }
    label
}

fn shape(node: &PictureNode) -> (&'static str, &'static str) {
    use crate::graph::node::NodeKind;
    match node.kind {
        NodeKind::Hub => ("{{", "}}"),
        NodeKind::External => ("([", "])"),
        NodeKind::Service | NodeKind::Gateway | NodeKind::LoadBalancer => ("[[", "]]"),
        _ => ("[", "]"),
    }
}

fn style(node: &PictureNode) -> &'static str {
    use crate::graph::node::NodeKind;
    match (node.fate, node.knowledge, node.kind) {
        (Fate::Kept, Knowledge::Foreign | Knowledge::Unresolved, _) => "elsewhere",
        (Fate::Kept, _, NodeKind::Hub) => "hub",
        (fate, ..) => fate.word(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_changed_neighbourhood() {
        insta::assert_snapshot!(render(&fixture::verdict().picture).unwrap().source);
    }

    #[test]
    fn nothing_to_draw_is_no_drawing() {
        assert_eq!(render(&Picture::default()), None);
    }

    #[test]
    fn a_large_picture_is_cut_at_whole_nodes_and_counted() {
        let mut picture = Picture::default();
        for index in 0..100 {
            let id = crate::graph::NodeId::from(format!("network/{index}"));
            let id = crate::graph::BoundaryId::Node(id);
            let name = format!("net-{index}");
            picture
                .nodes
                .push(fixture::node(&id, &name, "vpc", Fate::Kept, 0));
            picture
                .links
                .push(fixture::link(index, index + 1, "", Fate::Added));
        }
        let drawing = render(&picture).unwrap();
        assert_eq!(drawing.source.matches("[\"").count(), MOST_NODES);
        assert_eq!(drawing.left_out, 40 + (100 - (MOST_NODES - 1)));
    }

    proptest! {
        #[test]
        fn whatever_the_names_the_statements_are_the_same(text in any::<String>()) {
            let skeleton = |source: &str| -> Vec<String> {
                source.lines().map(|line| line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")).collect()
            };
            let hostile = render(&fixture::of_texts(&format!("x{text}")).picture).unwrap().source;
            let calm = render(&fixture::of_texts("x").picture).unwrap().source;
            prop_assert_eq!(skeleton(&hostile), skeleton(&calm));
        }
    }
}
