//! Where the parts of a picture go on a page.
//!
//! The part with most links stands on the left, those linked to it in the next column, and so on: so a link joins
//! neighbouring columns or two parts of one column, and crosses no third part. Links end at a height of their own, where
//! their words have room. Columns are narrow, because a phone is, and pages are long.

use std::cmp::Reverse;

use crate::verdict::{Picture, PictureNode};

/// More than this nobody reads.
const MOST_NODES: usize = 60;
const MOST_LINKS: usize = 120;

/// All in the units of the drawing, about a pixel each.
const MARGIN: usize = 8;
/// Width of a part.
pub(super) const NODE_WIDTH: usize = 150;
/// Height of a part with one line of each: role, name, and carve-outs that fall.
const NODE_HEIGHT: usize = 48;
pub(super) const LINE_HEIGHT: usize = 17;
/// Room for links to spread before their words begin.
const FAN: usize = 26;
/// Room for the words of a link.
const LABEL_WIDTH: usize = 112;
/// Height that a link with its words takes.
const LABEL_HEIGHT: usize = 50;
/// Room beside a column for the links between parts of it, with their words.
const ARC_WIDTH: usize = 152;
/// How far below the top of a long column the middle of a short one may stand, so that both are seen at once.
const DEEPEST: usize = 160;
const BETWEEN: usize = 22;

/// A drawing: everything that is in it, placed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    /// In the order of the picture.
    pub(super) nodes: Vec<Spot>,
    pub(super) links: Vec<Line>,
    /// Parts and links that are not in it.
    pub(super) left_out: usize,
}

/// The box of one part.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) height: usize,
}

/// One link: its line, and where its words go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Index in the picture.
    pub(super) link: usize,
    /// The `d` of an SVG path.
    pub(super) path: String,
    /// Middle of the words, on the line.
    pub(super) label: (usize, usize),
}

/// Columns of parts that hang together.
type Columns = Vec<Vec<usize>>;

/// Place every part and link of a picture; `extra_lines` tells of each part how many lines it has beside role and name.
pub(super) fn lay_out(picture: &Picture, extra_lines: impl Fn(&PictureNode) -> usize) -> Layout {
    let count = picture.nodes.len().min(MOST_NODES);
    let ends: Vec<(usize, usize, usize)> = picture
        .links
        .iter()
        .enumerate()
        .filter(|(_, link)| link.from < count && link.to < count)
        .map(|(index, link)| (index, link.from, link.to))
        .take(MOST_LINKS)
        .collect();
    let mut neighbours = vec![Vec::new(); count];
    for &(_, from, to) in &ends {
        if from != to {
            neighbours[from].push(to);
            neighbours[to].push(from);
        }
    }
    let groups = groups(&neighbours);
    let mut column = vec![0; count];
    for (index, nodes) in groups.iter().flat_map(|group| group.iter().enumerate()) {
        for &node in nodes {
            column[node] = index;
        }
    }

    // Each link ends on the left of the part farther right, and on the right of the other.
    let mut sides = vec![(0, 0); count];
    let columns = column.iter().max().map_or(0, |last| last + 1);
    let mut has_arcs = vec![false; columns];
    let oriented: Vec<(usize, usize, usize)> = ends
        .iter()
        .map(|&(link, from, to)| {
            if column[from] <= column[to] {
                (link, from, to)
            } else {
                (link, to, from)
            }
        })
        .collect();
    for &(_, from, to) in &oriented {
        sides[from].1 += 1;
        if column[from] == column[to] {
            has_arcs[column[from]] = true;
            sides[to].1 += 1;
        } else {
            sides[to].0 += 1;
        }
    }

    let mut left = MARGIN;
    let mut x_of = Vec::new();
    for &arcs in &has_arcs {
        x_of.push(left);
        left += NODE_WIDTH + FAN + LABEL_WIDTH + if arcs { ARC_WIDTH } else { 0 };
    }
    let width = match has_arcs.last() {
        Some(true) => left - FAN - LABEL_WIDTH + MARGIN,
        _ => (left + MARGIN).saturating_sub(FAN + LABEL_WIDTH),
    };

    let height_of = |node: usize| {
        let (on_left, on_right) = sides[node];
        let words = NODE_HEIGHT + LINE_HEIGHT * extra_lines(&picture.nodes[node]);
        words.max(on_left * LABEL_HEIGHT).max(on_right * 12)
    };
    let mut spots = vec![Spot::default(); count];
    let mut top = MARGIN;
    for group in &groups {
        let heights: Vec<usize> = group
            .iter()
            .map(|nodes| {
                let boxes: usize = nodes.iter().map(|&node| height_of(node)).sum();
                boxes + BETWEEN * nodes.len().saturating_sub(1)
            })
            .collect();
        let height = heights.iter().copied().max().unwrap_or(0);
        for (index, nodes) in group.iter().enumerate() {
            let mut y = top + ((height - heights[index]) / 2).min(DEEPEST);
            for &node in nodes {
                spots[node] = Spot {
                    x: x_of[index],
                    y,
                    height: height_of(node),
                };
                y += height_of(node) + BETWEEN;
            }
        }
        top += height + BETWEEN;
    }

    let links = lines(&oriented, &spots, &column);
    Layout {
        width,
        height: (top + MARGIN).saturating_sub(BETWEEN),
        left_out: picture.left_out
            + (picture.nodes.len() - count)
            + (picture.links.len() - links.len()),
        nodes: spots,
        links,
    }
}

/// Parts that hang together, each group in columns; parts without a link come last, side by side.
fn groups(neighbours: &[Vec<usize>]) -> Vec<Columns> {
    let mut starts: Vec<usize> = (0..neighbours.len()).collect();
    starts.sort_by_key(|&node| Reverse(neighbours[node].len()));
    let mut is_placed = vec![false; neighbours.len()];
    let mut groups: Vec<Columns> = Vec::new();
    let mut alone = Vec::new();
    for start in starts {
        if is_placed[start] {
            continue;
        }
        if neighbours[start].is_empty() {
            alone.push(start);
            continue;
        }
        is_placed[start] = true;
        let mut columns = vec![vec![start]];
        while let Some(last) = columns.last().filter(|last| !last.is_empty()) {
            let mut next = Vec::new();
            for &neighbour in last.iter().flat_map(|&node| &neighbours[node]) {
                if !is_placed[neighbour] {
                    is_placed[neighbour] = true;
                    next.push(neighbour);
                }
            }
            columns.push(next);
        }
        columns.pop();
        untangle(&mut columns, neighbours);
        groups.push(columns);
    }
    if !alone.is_empty() {
        let widest = groups.iter().map(Vec::len).max().unwrap_or(2);
        let mut columns = vec![Vec::new(); widest.min(alone.len())];
        let count = columns.len();
        for (index, node) in alone.into_iter().enumerate() {
            columns[index % count].push(node);
        }
        groups.push(columns);
    }
    groups
}

/// Bring each part to the height of what it is linked to, forth and back, so that fewer links cross.
fn untangle(columns: &mut Columns, neighbours: &[Vec<usize>]) {
    let last = columns.len().saturating_sub(1);
    let forth: Vec<(usize, usize)> = (1..=last).map(|index| (index, index - 1)).collect();
    let back = (0..last).rev().map(|index| (index, index + 1));
    let sweeps = forth
        .iter()
        .copied()
        .chain(back)
        .chain(forth.iter().copied());
    for (index, beside) in sweeps {
        let rank = |node: usize| {
            let ranks: Vec<usize> = neighbours[node]
                .iter()
                .filter_map(|other| columns[beside].iter().position(|one| one == other))
                .collect();
            // In thousandths: whole numbers order the same everywhere.
            ranks.iter().sum::<usize>() * 1_000 / ranks.len().max(1)
        };
        let mut nodes: Vec<(usize, usize)> = columns[index]
            .iter()
            .map(|&node| (rank(node), node))
            .collect();
        nodes.sort_by_key(|&(rank, _)| rank);
        columns[index] = nodes.into_iter().map(|(_, node)| node).collect();
    }
}

/// The lines of links, each ending at a height of its own.
fn lines(oriented: &[(usize, usize, usize)], spots: &[Spot], column: &[usize]) -> Vec<Line> {
    let middle = |node: usize| spots[node].y + spots[node].height / 2;
    // What ends at one side of one part: height of the other end, link, and whether it is the second end of an arc.
    let mut on_left: Vec<Vec<(usize, usize, bool)>> = vec![Vec::new(); spots.len()];
    let mut on_right = on_left.clone();
    for (index, &(_, from, to)) in oriented.iter().enumerate() {
        on_right[from].push((middle(to), index, false));
        if column[from] == column[to] {
            on_right[to].push((middle(from), index, true));
        } else {
            on_left[to].push((middle(from), index, false));
        }
    }
    for side in on_left.iter_mut().chain(&mut on_right) {
        side.sort_unstable();
    }
    let height = |side: &[(usize, usize, bool)], node: usize, index: usize, second: bool| {
        let position = side
            .iter()
            .position(|&(_, link, is_second)| (link, is_second) == (index, second))
            .unwrap_or(0);
        spots[node].y + spots[node].height * (2 * position + 1) / (2 * side.len().max(1))
    };
    oriented
        .iter()
        .enumerate()
        .map(|(index, &(link, from, to))| {
            let x = spots[from].x + NODE_WIDTH;
            let y = height(&on_right[from], from, index, false);
            if column[from] == column[to] {
                let end = height(&on_right[to], to, index, true);
                let bulge = x + FAN + y.abs_diff(end).min(80) / 8;
                return Line {
                    link,
                    path: format!("M{x} {y}C{bulge} {y} {bulge} {end} {x} {end}"),
                    label: (bulge + LABEL_WIDTH / 2, (y + end) / 2),
                };
            }
            let (target, end) = (spots[to].x, height(&on_left[to], to, index, false));
            let words = target - LABEL_WIDTH;
            let half = (x + words) / 2;
            Line {
                link,
                path: format!("M{x} {y}C{half} {y} {half} {end} {words} {end}H{target}"),
                label: (words + LABEL_WIDTH / 2, end),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verdict::{Fate, PictureLink};

    fn picture(nodes: usize, links: &[(usize, usize)]) -> Picture {
        let node = |index: usize| PictureNode {
            id: format!("network/{index}"),
            name: format!("net-{index}"),
            role: "vpc".into(),
            fate: Fate::Kept,
            falling: index % 2,
        };
        let link = |&(from, to): &(usize, usize)| PictureLink {
            from,
            to,
            label: "peering".into(),
            label_before: None,
            fate: Fate::Added,
        };
        Picture {
            nodes: (0..nodes).map(node).collect(),
            links: links.iter().map(link).collect(),
            left_out: 0,
        }
    }

    fn lines(node: &PictureNode) -> usize {
        usize::from(node.falling > 0)
    }

    #[test]
    fn two_that_are_linked_stand_side_by_side() {
        let layout = lay_out(&picture(2, &[(0, 1)]), lines);
        assert!(layout.nodes[0].x + NODE_WIDTH < layout.nodes[1].x);
        assert_eq!(layout.links.len(), 1);
        assert_eq!(layout.left_out, 0);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let chain: Vec<(usize, usize)> = (0..100).map(|index| (index, index + 1)).collect();
        let layout = lay_out(&picture(100, &chain), lines);
        assert_eq!(layout.nodes.len(), MOST_NODES);
        assert_eq!(layout.left_out, 40 + (100 - (MOST_NODES - 1)));
    }

    #[test]
    fn nothing_is_laid_out_as_nothing() {
        let layout = lay_out(&Picture::default(), lines);
        assert!(layout.nodes.is_empty() && layout.links.is_empty());
    }

    proptest! {
        #[test]
        fn parts_do_not_overlap_and_nothing_is_lost(
            nodes in 0usize..70, links in prop::collection::vec((0usize..72, 0usize..72), 0..130)
        ) {
            let layout = lay_out(&picture(nodes, &links), lines);
            let boxes = &layout.nodes;
            for (index, one) in boxes.iter().enumerate() {
                prop_assert!(one.x + NODE_WIDTH <= layout.width && one.y + one.height <= layout.height);
                for other in &boxes[index + 1..] {
                    let apart = one.x != other.x
                        || one.y + one.height <= other.y
                        || other.y + other.height <= one.y;
                    prop_assert!(apart, "{one:?} {other:?}");
                }
            }
            prop_assert_eq!(&layout, &lay_out(&picture(nodes, &links), lines));
            prop_assert_eq!(layout.nodes.len() + layout.links.len() + layout.left_out, nodes + links.len());
        }
    }
}
