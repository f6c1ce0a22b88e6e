//! The changed neighbourhood as a Mermaid flowchart, which code hosts draw in place.

use crate::verdict::{Fate, Picture, PictureNode};

use super::text::{clip, counted, for_mermaid};

/// More than this nobody reads, and a host may refuse to draw.
const MOST_NODES: usize = 60;
const MOST_LINKS: usize = 120;
const LONGEST_NAME: usize = 60;

/// Fill, border and text, so that it reads on a light and on a dark page.
const STYLES: [(&str, &str); 4] = [
    ("kept", "fill:#f6f8fa,stroke:#8c959f,color:#1f2328"),
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
];

/// A drawing as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Mermaid source, one statement a line, without a fence around it.
    pub source: String,
    /// Nodes and links that are not in it.
    pub left_out: usize,
}

/// Draw a picture; `None` when there is nothing in it.
///
/// What comes is green, what goes is red and dashed, what stays and is not the same is orange. Links say it in words too.
#[must_use]
pub fn render(picture: &Picture) -> Option<Drawing> {
    if picture.nodes.is_empty() {
        return None;
    }
    let drawn = picture.nodes.len().min(MOST_NODES);
    let mut lines = vec!["flowchart LR".to_owned()];
    for (index, node) in picture.nodes.iter().take(drawn).enumerate() {
        lines.push(format!(
            "  n{index}[\"{}\"]:::{}",
            label(node),
            node.fate.word()
        ));
    }
    let links = picture
        .links
        .iter()
        .filter(|link| link.from < drawn && link.to < drawn);
    let mut link_styles = Vec::new();
    for link in links.take(MOST_LINKS) {
        let text = for_mermaid(&clip(&link.label, LONGEST_NAME));
        let text = match (link.fate, text.is_empty()) {
            (Fate::Kept, _) => text,
            (fate, true) => fate.word().to_owned(),
            (fate, false) => format!("{text}, {}", fate.word()),
        };
        let line = match link.fate {
            Fate::Kept | Fate::Changed => "---",
            Fate::Added => "===",
            Fate::Removed => "-.-",
        };
        let text = if text.is_empty() {
            text
        } else {
            format!("|\"{text}\"|")
        };
        lines.push(format!("  n{} {line}{text} n{}", link.from, link.to));
        link_styles.push(link.fate);
    }
    let linked = link_styles.len();
    for (fate, stroke) in [
        (Fate::Added, "stroke:#1a7f37,stroke-width:3px"),
        (
            Fate::Removed,
            "stroke:#cf222e,stroke-width:2px,stroke-dasharray:5 4",
        ),
        (Fate::Changed, "stroke:#bc4c00,stroke-width:2px"),
    ] {
        let indices: Vec<String> = link_styles
            .iter()
            .enumerate()
            .filter(|(_, one)| **one == fate)
            .map(|(index, _)| index.to_string())
            .collect();
        if !indices.is_empty() {
            lines.push(format!("  linkStyle {} {stroke}", indices.join(",")));
        }
    }
    for (name, style) in STYLES {
        lines.push(format!("  classDef {name} {style}"));
    }
    let left_out =
        picture.left_out + (picture.nodes.len() - drawn) + (picture.links.len() - linked);
    Some(Drawing {
        source: lines.join("\n"),
        left_out,
    })
}

fn label(node: &PictureNode) -> String {
    let mut label = for_mermaid(&clip(&node.name, LONGEST_NAME));
    // A node without a name would have no size.
    if label.is_empty() {
        label = for_mermaid(&clip(&node.id, LONGEST_NAME));
    }
    if !node.role.is_empty() && !node.name.starts_with(&node.role) {
        label = format!("{} {label}", for_mermaid(&clip(&node.role, LONGEST_NAME)));
    }
    if node.falling > 0 {
        let verb = if node.falling == 1 { "falls" } else { "fall" };
        label = format!("{label}<br>{} {verb}", counted(node.falling, "carve-out"));
    }
    label
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::report::fixture;
    use crate::verdict::PictureLink;

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
            picture.nodes.push(PictureNode {
                id: format!("network/{index}"),
                name: format!("net-{index}"),
                role: "vpc".into(),
                fate: Fate::Kept,
                falling: 0,
            });
            picture.links.push(PictureLink {
                from: index,
                to: index + 1,
                label: String::new(),
                label_before: None,
                fate: Fate::Added,
            });
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
