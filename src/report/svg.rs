//! A picture as SVG: the drawing that pages show, and a file of its own that needs nothing else.
//!
//! Every foreign text goes through [`text`](super::text) and is then escaped by `maud`. There are no scripts; light and dark
//! follow the reader's choice. A line says three things: its colour and sign what happens to the link, its dashes how the
//! link is protected, its arrows which way traffic gets.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};
use unicode_width::UnicodeWidthStr as _;

use crate::graph::node::NodeKind;
use crate::graph::protection::Protection;
use crate::picture::{Fate, Knowledge, Picture, PictureLink, PictureNode};

use super::boxes;
use super::layout::{
    CELL_HEIGHT, CELL_WIDTH, LINE_HEIGHT, Layout, MOST_CELLS, Spot, cells, lay_out,
};
use super::text::{clip, counted, for_terminal, prose};

/// Colours for light and dark, by name.
pub(super) const COLOURS: &str = include_str!("colours.css");
/// How parts and links look.
pub(super) const STYLE: &str = include_str!("picture.css");

/// Characters of one text.
const LONGEST_TEXT: usize = 300;
/// Columns of a line in a part of the picture, and lines of its name.
const NAME_COLUMNS: usize = 21;
const NOTE_COLUMNS: usize = 31;
const NAME_LINES: usize = 2;
const NOTE_LINES: usize = 4;
const CELL_COLUMNS: usize = 20;
/// Columns of a line at a link, and lines of how it is protected.
const LABEL_COLUMNS: usize = 16;
const LABEL_LINES: usize = 2;
/// From so many lines on that would say the same, it is said once for all, beside the drawing.
const SAID_ONCE_FROM: usize = 13;
/// How far below the top of a high part its words may begin.
const HIGHEST_WORDS: usize = 60;
/// How broad a file is, if it need not be broader, and how many columns its title and remarks take.
const BREADTH: usize = 1_150;
const REMARK_COLUMNS: usize = 118;
/// Room above the drawing for the title, and for each line below it.
const TITLE_HEIGHT: usize = 34;
const TITLE_LINE_HEIGHT: usize = 21;
const TITLE_COLUMNS: usize = 80;
const REMARK_HEIGHT: usize = 18;

/// The words of one part, broken into the lines that fit.
struct Lines {
    role: String,
    name: Vec<String>,
    notes: Vec<String>,
    pins: Option<String>,
}

impl Lines {
    fn of(node: &PictureNode, more: &str) -> Self {
        let words = boxes::words(node);
        let role = format!("{}{more}", words.role);
        let notes = words.notes.iter();
        // A box that lists names is as broad as they are.
        let columns = match node.members.len() {
            0 => NOTE_COLUMNS,
            many => NOTE_COLUMNS.max(CELL_COLUMNS * cells(many).0),
        };
        Self {
            role: cut(&role, NOTE_COLUMNS),
            name: in_lines(&words.name, NAME_COLUMNS, NAME_LINES),
            notes: notes
                .flat_map(|note| in_lines(note, columns, NOTE_LINES))
                .collect(),
            pins: words.pins,
        }
    }

    /// Beside role and one line of name.
    fn further(&self) -> usize {
        self.name.len() - 1 + self.notes.len() + usize::from(self.pins.is_some())
    }

    fn count(&self) -> usize {
        2 + self.further()
    }
}

/// Place a picture on a page; `breadth` as for [`lay_out`].
pub(super) fn layout(picture: &Picture, breadth: usize) -> Layout {
    let usual = usual(picture);
    lay_out(
        picture,
        |node| Lines::of(node, "").further(),
        |link| {
            if is_usual(link, usual) {
                return None;
            }
            let now = below(&boxes::link_words(link).1, link).len();
            let then = boxes::link_words_before(link);
            Some(now.max(then.map_or(0, |(_, words)| below(&words, link).len())))
        },
        breadth,
    )
}

/// What so many lines would say that their words hid each other.
fn usual(picture: &Picture) -> Option<&str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let plain = picture.links.iter().filter(|link| is_plain(link));
    for link in plain {
        *counts.entry(&link.label).or_default() += 1;
    }
    let (label, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count >= SAID_ONCE_FROM && !label.trim().is_empty()).then_some(label)
}

/// Whether there is nothing to say of a line but what it is.
fn is_plain(link: &PictureLink) -> bool {
    link.fate == Fate::Kept
        && link.count == 1
        && link.pins.is_empty()
        && link.label_before.is_none()
}

fn is_usual(link: &PictureLink, usual: Option<&str>) -> bool {
    is_plain(link) && usual == Some(link.label.as_str())
}

/// What is said once for many lines: "lines without words: peering, no documented encryption".
pub(super) fn said_once(picture: &Picture) -> Option<String> {
    usual(picture).map(|label| format!("lines without words: {label}"))
}

/// Links, then parts, to stand within an `svg` element. With `links_to`, each part leads to a place of the page.
pub(super) fn drawing(
    picture: &Picture,
    layout: &Layout,
    links_to: bool,
    more_of_role: &dyn Fn(&PictureNode) -> String,
) -> Markup {
    // Frames first, so that what lies in them stands on them, and lines between the two.
    let is_frame = |index: usize| picture.nodes.iter().any(|node| node.parent == Some(index));
    let (frames, leaves): (Vec<usize>, Vec<usize>) = outer_first(picture)
        .into_iter()
        .partition(|index| is_frame(*index));
    let part = |index: usize| {
        let node = &picture.nodes[index];
        let content = part(node, &layout.nodes[index], &more_of_role(node));
        html! {
            @if links_to {
                a.node .(classes(node)) href={ "#part-" (index) } data-node=(index) { (content) }
            } @else {
                g.node .(classes(node)) { (content) }
            }
        }
    };
    let usual = usual(picture);
    html! {
        @for index in frames { (part(index)) }
        @for line in &layout.links {
            @let link = &picture.links[line.link];
            @let (first, second) = boxes::arrows(link.direction);
            @let arrows = if line.is_turned { [second, first] } else { [first, second] };
            g.link .had[link.label_before.is_some()] .(protection_class(link.protection)) .(fate_class(link.fate))
                data-from=[links_to.then_some(link.from)] data-to=[links_to.then_some(link.to)] {
                title { (link_sentence(picture, link)) }
                path d=(line.path) {}
                @for ((x, y, from_left), arrow) in line.ends.iter().zip(arrows) {
                    @if arrow {
                        @let back = if *from_left { x.saturating_sub(9) } else { x + 9 };
                        polygon points={ (x) "," (y) " " (back) "," (y.saturating_sub(4)) " " (back) "," (y + 4) } {}
                    }
                }
                @if !is_usual(link, usual) { (label(&boxes::link_words(link), link, line.label, "now")) }
                @if let Some(before) = boxes::link_words_before(link) {
                    (label(&before, link, line.label, "then"))
                }
            }
        }
        @for index in leaves { (part(index)) }
    }
}

fn outer_first(picture: &Picture) -> Vec<usize> {
    let depth = |index: usize| {
        let mut depth = 0;
        let mut at = index;
        while let Some(parent) = picture.nodes.get(at).and_then(|node| node.parent) {
            depth += 1;
            at = parent;
            if depth > picture.nodes.len() {
                break;
            }
        }
        depth
    };
    let mut order: Vec<usize> = (0..picture.nodes.len()).collect();
    order.sort_by_key(|index| depth(*index));
    order
}

fn part(node: &PictureNode, spot: &Spot, more_of_role: &str) -> Markup {
    let lines = Lines::of(node, more_of_role);
    let middle = spot.x + spot.width / 2;
    let shown = node.members.len().min(MOST_CELLS);
    let (columns, rows) = if shown > 0 { cells(shown) } else { (0, 0) };
    let words = lines.count() * LINE_HEIGHT + rows * CELL_HEIGHT;
    let top = spot.y + (spot.own_height.saturating_sub(words) / 2).min(HIGHEST_WORDS) + 12;
    let round = match node.kind {
        NodeKind::Hub => 1,
        NodeKind::External => 24,
        NodeKind::Gateway | NodeKind::Service | NodeKind::LoadBalancer => 3,
        _ => 8,
    };
    let grid = spot.x + (spot.width.saturating_sub(columns * CELL_WIDTH)) / 2;
    let below = top + lines.count() * LINE_HEIGHT;
    html! {
        title { (tooltip(node)) }
        rect x=(spot.x) y=(spot.y) width=(spot.width) height=(spot.height) rx=(round) {}
        text.role x=(middle) y=(top) { (lines.role) }
        @for (count, line) in lines.name.iter().enumerate() {
            text.name x=(middle) y=(top + (count + 1) * LINE_HEIGHT) { (line) }
        }
        @for (count, line) in lines.notes.iter().enumerate() {
            text.note x=(middle) y=(top + (count + 1 + lines.name.len()) * LINE_HEIGHT) { (line) }
        }
        @if let Some(pins) = &lines.pins {
            text .(if node.falling() > 0 { "falls" } else { "pins" })
                x=(middle) y=(top + (lines.count() - 1) * LINE_HEIGHT) { (pins) }
        }
        @for (count, member) in node.members.iter().take(shown).enumerate() {
            text.cell x=(grid + (count / rows.max(1)) * CELL_WIDTH + 4) y=(below + (count % rows.max(1)) * CELL_HEIGHT) {
                @let name = if member.pins > 0 { format!("{} [{}]", member.name, member.pins) } else { member.name.clone() };
                (cut(&name, CELL_COLUMNS))
            }
        }
    }
}

/// What a reader is told who points at a part.
fn tooltip(node: &PictureNode) -> String {
    let mut words = part_words(node);
    for pin in node.pins.iter().take(20) {
        let falls = if pin.falls { ", falls" } else { "" };
        words.push_str(&format!("; carve-out {} at {}{falls}", pin.id, pin.place));
    }
    if node.pins.len() > 20 {
        words.push_str(&format!("; and {} more", node.pins.len() - 20));
    }
    for_terminal(&clip(&words, 2_000))
}

/// "vpc prod: is added".
pub(super) fn part_words(node: &PictureNode) -> String {
    let words = boxes::words(node);
    let name = for_terminal(&clip(&words.name, LONGEST_TEXT));
    let role = for_terminal(&clip(&node.role, LONGEST_TEXT));
    let subject = if node.members.is_empty() {
        format!("{role} {name}")
    } else {
        name
    };
    format!("{subject}: {}", fate_words(node.fate))
}

/// "+ peering, encrypted by the provider, between vpc a and vpc b: added".
pub(super) fn link_sentence(picture: &Picture, link: &PictureLink) -> String {
    let end = |index: usize| {
        picture.nodes.get(index).map_or_else(String::new, |node| {
            let words = boxes::words(node);
            let name = for_terminal(&clip(&words.name, LONGEST_TEXT));
            if node.members.is_empty() {
                format!("{} {name}", for_terminal(&clip(&node.role, LONGEST_TEXT)))
            } else {
                name
            }
        })
    };
    let before = match (&link.label_before, link.fate) {
        (Some(before), Fate::Changed) => format!(" (before: {})", words(before)),
        _ => String::new(),
    };
    let label = if link.label.trim().is_empty() {
        "link".to_owned()
    } else {
        words(&link.label)
    };
    let times = if link.count > 1 {
        format!("{} links: ", link.count)
    } else {
        String::new()
    };
    let pins = boxes::pins(
        link.pins.len(),
        link.pins.iter().filter(|pin| pin.falls).count(),
    );
    format!(
        "{}{times}{label}{before}, between {} and {}{}{}",
        link.fate.sign(),
        end(link.from),
        end(link.to),
        match link.fate {
            Fate::Kept => "",
            Fate::Added => ": added",
            Fate::Removed => ": removed",
            Fate::Changed => ": changed",
        },
        pins.map(|pins| format!("; {pins}")).unwrap_or_default()
    )
}

/// The picture as a file. `subject` says in a few words what it shows.
#[must_use]
pub fn render(picture: &Picture, subject: &str) -> String {
    let layout = layout(picture, BREADTH);
    let title = words(subject);
    let heading = in_lines(subject, TITLE_COLUMNS, 3);
    let top = TITLE_HEIGHT + TITLE_LINE_HEIGHT * (heading.len() - 1);
    let mut remarks = legend(picture);
    remarks.extend(said_once(picture));
    remarks.extend(boxes::remarks(picture));
    let remarks: Vec<String> = remarks
        .iter()
        .flat_map(|remark| in_lines(remark, REMARK_COLUMNS, 6))
        .collect();
    let width = layout.width.max(760);
    let left = (width - layout.width.min(width)) / 2;
    let height = top + layout.height + REMARK_HEIGHT * remarks.len() + 16;
    let markup = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
            role="img" aria-labelledby="title description" {
            title #title { (title) }
            desc #description { (description(picture)) }
            style { (PreEscaped(COLOURS)) (PreEscaped(STYLE)) }
            rect.paper width=(width) height=(height) {}
            @for (index, line) in heading.iter().enumerate() {
                text.title x="12" y=(23 + TITLE_LINE_HEIGHT * index) { (line) }
            }
            g transform={ "translate(" (left) " " (top) ")" } {
                @if picture.nodes.is_empty() { text.remark x="12" y="4" { "nothing to draw" } }
                (drawing(picture, &layout, false, &|_| String::new()))
            }
            @for (index, remark) in remarks.iter().enumerate() {
                text.remark x="12" y=(top + layout.height + REMARK_HEIGHT * (index + 1)) { (remark) }
            }
        }
    };
    let mut text = markup.into_string();
    text.push('\n');
    text
}

/// What the picture holds, for those who cannot see it.
fn description(picture: &Picture) -> String {
    let mut sentences = vec![format!(
        "{} and {} between them",
        counted(picture.nodes.iter().map(PictureNode::count).sum(), "part"),
        counted(picture.links.iter().map(|link| link.count).sum(), "link")
    )];
    let links = picture.links.iter().take(40);
    sentences.extend(links.map(|link| link_sentence(picture, link)));
    if picture.links.len() > 40 {
        sentences.push(format!("and {} more lines", picture.links.len() - 40));
    }
    format!("{}.", sentences.join(". "))
}

/// What lines and boxes mean, as far as the picture has them.
pub(super) fn legend(picture: &Picture) -> Vec<String> {
    let has = |fate: Fate| {
        picture.nodes.iter().any(|node| node.fate == fate)
            || picture.links.iter().any(|link| link.fate == fate)
    };
    let mut fates = Vec::new();
    if has(Fate::Added) {
        fates.push("+ green, thick: added");
    }
    if has(Fate::Removed) {
        fates.push("− red: removed");
    }
    if has(Fate::Changed) {
        fates.push("± amber: changed");
    }
    let mut legend = Vec::new();
    if !fates.is_empty() {
        legend.push(fates.join(" · "));
    }
    legend.extend(line_legend(picture));
    legend
}

/// What the dashes and arrows of lines mean, as far as the picture has them.
pub(super) fn line_legend(picture: &Picture) -> Option<String> {
    let is_any = |wanted: &dyn Fn(Protection) -> bool| {
        picture.links.iter().any(|link| wanted(link.protection))
    };
    let mut lines = Vec::new();
    if is_any(&Protection::encrypts) {
        lines.push("solid line: encrypted");
    }
    if is_any(&|one| one == Protection::Unknown) {
        lines.push("dashed: no documented encryption");
    }
    if is_any(&|one| one == Protection::None) {
        lines.push("dotted: not encrypted");
    }
    if lines.is_empty() {
        return None;
    }
    lines.push("arrows: which way traffic may get, or who may call whom");
    Some(lines.join(" · "))
}

/// The words at a link: what it is above the line, how it is protected below.
fn label(
    (kind, protection): &(String, String),
    link: &PictureLink,
    (x, y): (usize, usize),
    class: &str,
) -> Markup {
    let below = below(protection, link);
    html! {
        text.label .(class) x=(x) y=(y.saturating_sub(7)) { (cut(kind, LABEL_COLUMNS + 2)) }
        @for (count, line) in below.iter().enumerate() {
            text.protection .(class) x=(x) y=(y + 13 + 11 * count) { (line) }
        }
    }
}

/// The lines below a link: how it is protected, and the carve-outs that rest on it.
fn below(protection: &str, link: &PictureLink) -> Vec<String> {
    let mut lines = if protection.is_empty() {
        Vec::new()
    } else {
        in_lines(protection, LABEL_COLUMNS, LABEL_LINES)
    };
    let falling = link.pins.iter().filter(|pin| pin.falls).count();
    let pins = boxes::pins(link.pins.len(), falling);
    lines.extend(pins.map(|pins| cut(&pins, LABEL_COLUMNS + 4)));
    lines
}

/// Foreign prose.
fn words(text: &str) -> String {
    prose(&clip(text, LONGEST_TEXT))
}

/// Foreign text in a few lines of so many columns, broken behind blanks and dashes where there are any; at least one.
pub(super) fn in_lines(text: &str, columns: usize, most: usize) -> Vec<String> {
    let text = words(text);
    let mut lines = Vec::new();
    let mut rest = text.trim();
    while lines.len() + 1 < most && rest.width() > columns {
        let mut end = 0;
        let mut at_break = 0;
        for (at, character) in rest.char_indices() {
            let next = at + character.len_utf8();
            if rest[..next].width() > columns {
                break;
            }
            end = next;
            if matches!(character, ' ' | '-' | '.' | '_' | '/' | ':') {
                at_break = next;
            }
        }
        let end = match (at_break, end) {
            (0, 0) => break,
            (0, end) => end,
            (at_break, _) => at_break,
        };
        let (line, remainder) = rest.split_at(end);
        lines.push(line.trim_end().to_owned());
        rest = remainder.trim_start();
    }
    lines.push(end_of(rest, columns));
    lines
}

/// The end of a text in so many columns: it is there that long names differ.
fn end_of(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut begin = text.len();
    for (at, _) in text.char_indices().rev() {
        if text[at..].width() + 1 > columns {
            break;
        }
        begin = at;
    }
    format!("…{}", text[begin..].trim_start())
}

/// Foreign text in so many columns.
pub(super) fn cut(text: &str, columns: usize) -> String {
    let text = words(text);
    if text.width() <= columns {
        return text;
    }
    let mut shown = String::new();
    for character in text.chars() {
        if shown.width() + 2 > columns {
            break;
        }
        shown.push(character);
    }
    format!("{}…", shown.trim_end())
}

fn classes(node: &PictureNode) -> String {
    let kind = match (node.kind, node.parent, node.knowledge) {
        (_, _, Knowledge::Foreign | Knowledge::Unresolved) => "elsewhere ",
        (NodeKind::External, _, _) => "outside ",
        (NodeKind::Hub, _, _) => "hub ",
        (_, Some(_), _) => "inner ",
        _ => "",
    };
    format!("{kind}{}", fate_class(node.fate))
}

pub(super) fn fate_class(fate: Fate) -> &'static str {
    fate.word()
}

fn protection_class(protection: Protection) -> &'static str {
    match protection {
        Protection::None => "clear",
        Protection::Unknown => "unknown",
        Protection::Mesh | Protection::Tunnel | Protection::Provider => "protected",
    }
}

pub(super) fn fate_words(fate: Fate) -> &'static str {
    match fate {
        Fate::Kept => "stays",
        Fate::Added => "is added",
        Fate::Removed => "is removed",
        Fate::Changed => "is not the same",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;
    use crate::graph::{BoundaryId, NodeId};
    use crate::report::fixture;

    /// The elements of a drawing, in order, but for lines of text, of which a longer name has more.
    fn elements(svg: &str) -> Vec<String> {
        let mut reader = Reader::from_str(svg);
        let mut found = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => return found,
                Event::Start(tag) if tag.name().as_ref() != "text" => {
                    found.push(tag.name().as_ref().to_owned());
                }
                _ => {}
            }
        }
    }

    /// One part linked to so many others, all alike; the first link comes.
    fn star(others: usize) -> Picture {
        let id = |index: usize| BoundaryId::Node(NodeId::from(format!("network/{index}")));
        let node = |index: usize| {
            let name = format!("net-{index}");
            fixture::node(&id(index), &name, "vpc", Fate::Kept, 0)
        };
        let link = |index: usize| {
            let fate = if index == 1 { Fate::Added } else { Fate::Kept };
            fixture::link(0, index, "peering, encrypted", fate)
        };
        Picture {
            nodes: (0..=others).map(node).collect(),
            links: (1..=others).map(link).collect(),
            ..Picture::default()
        }
    }

    #[test]
    fn what_many_lines_would_say_is_said_once_and_what_changes_says_it_itself() {
        let many = render(&star(SAID_ONCE_FROM + 1), "many");
        assert!(many.contains("lines without words: peering, encrypted"));
        assert_eq!(many.matches("class=\"label").count(), 1);
        assert!(many.contains(">+ peering<"), "{many}");
        // Who points at one still hears it.
        assert_eq!(
            many.matches("<title>peering, encrypted, between").count(),
            SAID_ONCE_FROM
        );

        let few = render(&star(SAID_ONCE_FROM), "few");
        assert!(!few.contains("lines without words"));
        assert_eq!(few.matches("class=\"label").count(), SAID_ONCE_FROM);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_the_names_a_file_is_well_formed_and_has_the_same_elements(
            text in prop_oneof![any::<String>(), "[<>&\"'/= a-z]{1,40}", Just("</text><script>alert(1)</script>".to_owned())]
        ) {
            let of = |text: &str| elements(&render(&fixture::of_texts(text).picture, text));
            prop_assert_eq!(of(&format!("x{text}")), of("x"));
        }
    }

    #[test]
    fn long_names_break_where_they_can_and_keep_their_ends() {
        assert_eq!(in_lines("shop-prod", 17, 2), ["shop-prod"]);
        assert_eq!(
            in_lines("payments-prod-eu-network-1", 17, 2),
            ["payments-prod-eu-", "network-1"]
        );
        assert_eq!(
            in_lines("no documented encryption", 16, 2),
            ["no documented", "encryption"]
        );
        assert_eq!(
            in_lines(&"x".repeat(40), 17, 2),
            ["x".repeat(17), format!("…{}", "x".repeat(16))]
        );
        let [east, west] = ["east", "west"].map(|side| {
            in_lines(
                &format!("deprecated/tgw/cross-region-hub-connector//hub.{side}"),
                22,
                2,
            )
        });
        assert_ne!(east, west);
        assert_eq!(in_lines("", 17, 2), [""]);
    }
}
