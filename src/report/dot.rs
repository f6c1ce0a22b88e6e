//! A picture in the language of Graphviz.
//!
//! What lies in a part stands in a cluster. A link that ends at such a frame ends, for Graphviz, at an invisible point in it.

use std::fmt::Write as _;

use crate::graph::node::NodeKind;
use crate::graph::protection::Protection;
use crate::picture::{Fate, Knowledge, Picture, PictureLink, PictureNode};

use super::boxes;
use super::svg::{in_lines, legend};
use super::text::{clip, for_terminal};

const LONGEST_NAME: usize = 120;
const NOTE_COLUMNS: usize = 34;
/// Names in one row of a box that lists many.
const NAMES_A_ROW: usize = 3;

/// The picture as DOT, with a line break at the end. `subject` says in a few words what it shows.
#[must_use]
pub fn render(picture: &Picture, subject: &str) -> String {
    let mut has_children = vec![false; picture.nodes.len()];
    for node in &picture.nodes {
        if let Some(parent) = node.parent {
            has_children[parent] = true;
        }
    }
    let mut remarks = legend(picture);
    remarks.extend(boxes::remarks(picture));
    let mut lines = vec![subject.to_owned()];
    lines.extend(remarks.iter().flat_map(|remark| in_lines(remark, 100, 6)));
    let mut text = format!(
        "digraph perimeter {{\n  graph [compound=true, rankdir=LR, label={}, labelloc=t, fontname=\"sans-serif\", nodesep=0.35, ranksep=1.4]\n  \
         node [shape=box, style=\"rounded,filled\", fillcolor=\"#f6f8fa\", color=\"#6e7781\", fontname=\"sans-serif\", fontsize=11]\n  \
         edge [fontname=\"sans-serif\", fontsize=9, color=\"#6e7781\"]\n",
        quoted(&lines)
    );
    // What is written and what is yet to be closed: frames are written around what lies in them.
    enum Step {
        Part(usize, usize),
        Close(usize),
    }
    let roots = (0..picture.nodes.len()).rev();
    let mut todo: Vec<Step> = roots
        .filter(|index| picture.nodes[*index].parent.is_none())
        .map(|index| Step::Part(index, 1))
        .collect();
    while let Some(step) = todo.pop() {
        match step {
            Step::Close(depth) => {
                let _ = writeln!(text, "{}}}", "  ".repeat(depth.min(20)));
            }
            Step::Part(index, depth) => {
                let node = &picture.nodes[index];
                let indent = "  ".repeat(depth.min(20));
                let label = quoted(&box_lines(node));
                let tooltip = quoted(&[tooltip(node)]);
                if has_children[index] {
                    let _ = writeln!(
                        text,
                        "{indent}subgraph cluster_{index} {{\n{indent}  label={label}; tooltip={tooltip}; style=\"rounded{}\"; {}; margin=14\n\
                         {indent}  n{index} [shape=point, style=invis, label=\"\"]",
                        if node.fate == Fate::Removed {
                            ",dashed"
                        } else {
                            ""
                        },
                        colours(node.fate),
                    );
                    todo.push(Step::Close(depth));
                    for child in (0..picture.nodes.len()).rev() {
                        if picture.nodes[child].parent == Some(index) {
                            todo.push(Step::Part(child, depth + 1));
                        }
                    }
                } else {
                    let _ = writeln!(
                        text,
                        "{indent}n{index} [label={label}, tooltip={tooltip}, {}{}]",
                        shape(node),
                        colours(node.fate)
                    );
                }
            }
        }
    }
    for link in &picture.links {
        let _ = writeln!(
            text,
            "  n{} -> n{} [{}{}{}]",
            link.from,
            link.to,
            edge(picture, link),
            if has_children[link.from] {
                format!(", ltail=cluster_{}", link.from)
            } else {
                String::new()
            },
            if has_children[link.to] {
                format!(", lhead=cluster_{}", link.to)
            } else {
                String::new()
            },
        );
    }
    text.push_str("}\n");
    text
}

fn box_lines(node: &PictureNode) -> Vec<String> {
    let words = boxes::words(node);
    let mut lines = vec![
        clip(&words.role, LONGEST_NAME),
        clip(&words.name, LONGEST_NAME),
    ];
    lines.extend(words.notes.iter().map(|note| clip(note, LONGEST_NAME)));
    lines.extend(words.pins);
    for names in node.members.chunks(NAMES_A_ROW) {
        let names: Vec<String> = names
            .iter()
            .map(|one| clip(&one.name, NOTE_COLUMNS))
            .collect();
        lines.push(names.join("   "));
    }
    lines
}

fn tooltip(node: &PictureNode) -> String {
    let mut words = format!("{} {}", node.role, node.id);
    for pin in &node.pins {
        let falls = if pin.falls { ", falls" } else { "" };
        let _ = write!(words, "; carve-out {} at {}{falls}", pin.id, pin.place);
    }
    clip(&words, 1_000)
}

fn edge(picture: &Picture, link: &PictureLink) -> String {
    let (kind, protection) = boxes::link_words(link);
    let mut lines = vec![clip(&kind, LONGEST_NAME)];
    if !protection.is_empty() {
        lines.push(clip(&protection, LONGEST_NAME));
    }
    if let Some(before) = &link.label_before {
        lines.push(format!("(before: {})", clip(before, LONGEST_NAME)));
    }
    let falling = link.pins.iter().filter(|pin| pin.falls).count();
    lines.extend(boxes::pins(link.pins.len(), falling));
    let style = match link.protection {
        Protection::None => "dotted",
        Protection::Unknown => "dashed",
        Protection::Mesh | Protection::Tunnel | Protection::Provider => "solid",
    };
    let (colour, width) = match link.fate {
        Fate::Kept => ("#6e7781", "1.2"),
        Fate::Added => ("#136f31", "3"),
        Fate::Removed => ("#b3261e", "1.5"),
        Fate::Changed => ("#8a4600", "2.5"),
    };
    let direction = match boxes::arrows(link.direction) {
        (true, true) => "both",
        (false, true) => "forward",
        (true, false) => "back",
        (false, false) => "none",
    };
    format!(
        "label={}, tooltip={}, style={style}, dir={direction}, color=\"{colour}\", fontcolor=\"{colour}\", penwidth={width}",
        quoted(&lines),
        quoted(&[super::svg::link_sentence(picture, link)])
    )
}

fn shape(node: &PictureNode) -> &'static str {
    match (node.knowledge, node.kind) {
        (Knowledge::Foreign | Knowledge::Unresolved, _) => "style=\"rounded,dashed\", ",
        (_, NodeKind::Hub) => "shape=box3d, style=filled, fillcolor=\"#dbe9f9\", ",
        (_, NodeKind::External) => "shape=ellipse, ",
        (_, NodeKind::Service | NodeKind::Gateway | NodeKind::LoadBalancer) => {
            "shape=component, style=filled, "
        }
        _ => "",
    }
}

fn colours(fate: Fate) -> &'static str {
    match fate {
        Fate::Kept => "color=\"#6e7781\"",
        Fate::Added => "color=\"#136f31\", penwidth=3",
        Fate::Removed => "color=\"#b3261e\", penwidth=2",
        Fate::Changed => "color=\"#8a4600\", penwidth=3",
    }
}

/// Lines of foreign text as one quoted label.
fn quoted(lines: &[String]) -> String {
    let escaped: Vec<String> = lines
        .iter()
        .map(|line| {
            // A backslash may begin an escape of Graphviz's own, and an ampersand an entity.
            for_terminal(line)
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('&', "&amp;")
                .replace('\n', " ")
        })
        .collect();
    format!("\"{}\"", escaped.join("\\n"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture;

    /// What Graphviz reads as statements: everything outside of quoted text.
    fn statements(source: &str) -> String {
        let mut outside = String::new();
        let mut is_quoted = false;
        let mut characters = source.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' if is_quoted => {
                    characters.next();
                }
                '"' => is_quoted = !is_quoted,
                other if !is_quoted => outside.push(other),
                _ => {}
            }
        }
        outside
    }

    #[test]
    fn what_lies_in_a_part_stands_in_a_cluster_and_links_lead_to_its_border() {
        let mut picture = fixture::verdict().picture;
        picture.nodes[1].parent = Some(3);
        let source = render(&picture, "a picture");
        assert!(source.contains("subgraph cluster_3 {"), "{source}");
        assert!(source.contains("lhead=cluster_3") && !source.contains("cluster_1"));
    }

    #[test]
    fn nothing_to_draw_is_a_graph_all_the_same() {
        let source = render(&Picture::default(), "nothing");
        assert!(source.starts_with("digraph perimeter {") && source.ends_with("}\n"));
    }

    proptest! {
        #[test]
        fn whatever_the_names_the_statements_are_the_same(text in any::<String>()) {
            let of = |text: &str| render(&fixture::of_texts(text).picture, text);
            prop_assert_eq!(statements(&of(&format!("x{text}"))), statements(&of("x")));
        }
    }
}
