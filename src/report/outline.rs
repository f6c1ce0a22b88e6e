//! A picture as indented text, for a terminal: what lies in what, and each part's links.

use crate::picture::{Direction, Picture, PictureLink};

use super::boxes;
use super::text::{clip, for_terminal, wrap};

/// Prose wider than this is hard to read.
const WIDTH: usize = 110;
const LONGEST_NAME: usize = 200;

/// The picture as text, with a line break at the end. `not_understood` is how many notices the inputs gave.
#[must_use]
pub fn render(picture: &Picture, not_understood: usize) -> String {
    let mut text = String::new();
    // Parts in the order of an outline; what lies deeper comes behind, however deep.
    let mut todo: Vec<(usize, usize)> = Vec::new();
    let children = |parent: Option<usize>, depth: usize| {
        let inside = picture.nodes.iter().enumerate().rev();
        inside
            .filter(move |(_, node)| node.parent == parent)
            .map(move |(index, _)| (index, depth))
    };
    todo.extend(children(None, 0));
    while let Some((index, depth)) = todo.pop() {
        part(picture, index, depth, &mut text);
        todo.extend(children(Some(index), depth + 1));
    }
    if picture.nodes.is_empty() {
        text.push_str("nothing to draw\n");
    }
    for remark in boxes::remarks(picture) {
        text.push_str(&format!("\n{}\n", wrap(&remark, WIDTH, "")));
    }
    if not_understood > 0 {
        let things = super::text::counted(not_understood, "thing");
        text.push_str(&format!(
            "\n{things} of the input not understood, which may hide more: --format json lists them\n"
        ));
    }
    text
}

fn part(picture: &Picture, index: usize, depth: usize, text: &mut String) {
    let node = &picture.nodes[index];
    let words = boxes::words(node);
    let indent = "  ".repeat(depth.min(20));
    let name = clip(&words.name, LONGEST_NAME);
    let head = if node.members.is_empty() {
        format!("{} {name}", clip(&words.role, LONGEST_NAME))
    } else {
        format!("{}{name}", node.fate.sign())
    };
    let mut line = |words: &str, indent: &str| {
        text.push_str(&format!("{}\n", wrap(words, WIDTH, indent)));
    };
    line(&head, &indent);
    let deeper = format!("{indent}  ");
    let members: Vec<&str> = node.members.iter().map(|one| one.name.as_str()).collect();
    if !members.is_empty() {
        line(&members.join(", "), &deeper);
    }
    for note in words.notes.iter().chain(&words.pins) {
        line(&clip(note, LONGEST_NAME), &deeper);
    }
    for link in &picture.links {
        let (far, direction) = match (link.from == index, link.to == index) {
            (true, _) => (link.to, link.direction),
            (_, true) => (link.from, link.direction.reversed()),
            _ => continue,
        };
        line(&link_line(picture, link, far, direction), &deeper);
    }
}

fn link_line(picture: &Picture, link: &PictureLink, far: usize, direction: Direction) -> String {
    let arrow = match direction {
        Direction::Both => "<->",
        Direction::Forward => "-->",
        Direction::Backward => "<--",
        Direction::Closed => "---",
    };
    let far = picture.nodes.get(far).map_or_else(String::new, |node| {
        let words = boxes::words(node);
        let name = clip(&words.name, LONGEST_NAME);
        if node.members.is_empty() {
            format!("{} {name}", node.role)
        } else {
            name
        }
    });
    let (kind, protection) = boxes::link_words(link);
    let protection = if protection.is_empty() {
        String::new()
    } else {
        format!(", {protection}")
    };
    let falling = link.pins.iter().filter(|pin| pin.falls).count();
    let pins =
        boxes::pins(link.pins.len(), falling).map_or_else(String::new, |pins| format!("; {pins}"));
    for_terminal(&clip(
        &format!("{arrow} {far}: {kind}{protection}{pins}"),
        400,
    ))
}
