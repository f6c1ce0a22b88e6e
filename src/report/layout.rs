//! Where the parts of a picture go on a page.
//!
//! The part with most links stands in the middle, those linked to it in the columns beside it, and so on outwards: so a
//! link joins neighbouring columns or two parts of one column, and crosses no third part. Links end at a height of their
//! own, where their words have room. What lies in a part stands below its words, within its frame. Drawings that do not
//! hang together stand side by side as far as the page is broad.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;

use crate::picture::{Picture, PictureLink, PictureNode};

/// All in the units of the drawing, about a pixel each.
const MARGIN: usize = 8;
/// Width of a part.
pub(super) const NODE_WIDTH: usize = 176;
/// Height of a part with one line of each, role and name.
const NODE_HEIGHT: usize = 48;
pub(super) const LINE_HEIGHT: usize = 17;
/// Room for links to spread before their words begin.
const FAN: usize = 26;
/// Room for the words of a link.
const LABEL_WIDTH: usize = 112;
/// Height that a link with its words takes; of these, up to two lines of how it is protected.
const LABEL_HEIGHT: usize = 50;
const LABEL_LINE_HEIGHT: usize = 11;
/// Height that the bare end of a link takes.
const END_HEIGHT: usize = 12;
/// Room beside a column for the links between parts of it, with their words.
const ARC_WIDTH: usize = 152;
/// How far below the top of a long column the middle of a short one may stand on a narrow page, so that both are seen at once.
const DEEPEST: usize = 160;
const BETWEEN: usize = 22;
/// Room between a frame and what stands in it.
const PADDING: usize = 12;
/// From so many on, unlinked parts of a frame stand side by side.
const SIDE_BY_SIDE: usize = 5;
/// So many columns on one side of the part with most links, or on both sides together, before they turn back.
const MOST_COLUMNS: usize = 6;
/// With more neighbours than this, they stand on both sides.
const BOTH_SIDES: usize = 5;
/// A name in a box that lists many.
pub(super) const CELL_WIDTH: usize = 132;
pub(super) const CELL_HEIGHT: usize = 16;
const MOST_CELL_COLUMNS: usize = 8;
/// Names listed in a box before the rest is counted.
pub(super) const MOST_CELLS: usize = 800;

/// A drawing: everything that is in it, placed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    /// In the order of the picture.
    pub(super) nodes: Vec<Spot>,
    pub(super) links: Vec<Line>,
}

/// The box of one part.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Height of what is its own: its words, and where its links end. Below stands what lies in it.
    pub(super) own_height: usize,
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
    /// It starts at the second end of its link, which stands farther left.
    pub(super) is_turned: bool,
    /// Where it touches the part it starts at and the one it ends at, and whether from the left.
    pub(super) ends: [(usize, usize, bool); 2],
}

/// How names of many parts stand in a box: columns, rows.
pub(super) fn cells(members: usize) -> (usize, usize) {
    let shown = members.min(MOST_CELLS);
    let columns = (1..MOST_CELL_COLUMNS)
        .find(|columns| columns * columns * 20 >= shown * 3)
        .unwrap_or(MOST_CELL_COLUMNS);
    (columns, shown.div_ceil(columns))
}

/// Place every part and link of a picture. `text_lines` tells how many lines of words a part has beside role and name,
/// `label_lines` how many a link has below its line, or that it has no words at all, `breadth` how broad the page is; 0 for one that is to be narrow.
pub(super) fn lay_out(
    picture: &Picture,
    text_lines: impl Fn(&PictureNode) -> usize,
    label_lines: impl Fn(&PictureLink) -> Option<usize>,
    breadth: usize,
) -> Layout {
    let count = picture.nodes.len();
    if count == 0 {
        return Layout::default();
    }
    let tree = Tree::of(picture);
    let ends: Vec<(usize, usize, usize)> = picture
        .links
        .iter()
        .enumerate()
        .filter(|(_, link)| link.from < count && link.to < count)
        .map(|(index, link)| (index, link.from, link.to))
        .collect();
    let mut neighbours = vec![Vec::new(); count];
    for &(_, from, to) in &ends {
        let (from, to) = (tree.root[from], tree.root[to]);
        if from != to {
            neighbours[from].push(to);
            neighbours[to].push(from);
        }
    }
    let groups = groups(&tree.roots, &neighbours);
    let mut column = vec![0_i64; count];
    for group in &groups {
        for (index, nodes) in group.columns.iter().enumerate() {
            for &node in nodes {
                column[node] = i64::try_from(index).unwrap_or(0) - group.middle;
            }
        }
    }
    let column_of = |node: usize| column[tree.root[node]];

    // Each link ends on the right of the part farther left, and on the left of the other; its words stand at the outer end.
    let mut sides = vec![[Side::default(); 2]; count];
    let oriented: Vec<Oriented> = ends
        .iter()
        .map(|&(link, from, to)| {
            let is_turned = column_of(from) > column_of(to);
            let (from, to) = if is_turned { (to, from) } else { (from, to) };
            Oriented {
                link,
                from,
                to,
                is_turned,
            }
        })
        .collect();
    for &Oriented { link, from, to, .. } in &oriented {
        let (left, right) = (column_of(from), column_of(to));
        let words = label_lines(&picture.links[link]).map_or(END_HEIGHT, height_of_words);
        let [start, end] = match left.abs().cmp(&right.abs()) {
            _ if left == right => [END_HEIGHT; 2],
            Ordering::Greater => [words, END_HEIGHT],
            _ => [END_HEIGHT, words],
        };
        sides[from][1].land(start);
        sides[to][usize::from(left == right)].land(end);
    }
    let own = |index: usize| {
        let node = &picture.nodes[index];
        let (columns, rows) = match node.members.len() {
            0 => (0, 0),
            many => cells(many),
        };
        let words = NODE_HEIGHT
            + LINE_HEIGHT * text_lines(node)
            + if rows > 0 { rows * CELL_HEIGHT + 6 } else { 0 };
        let [on_left, on_right] = sides[index].map(Side::height);
        (
            NODE_WIDTH.max(columns * CELL_WIDTH + 2 * PADDING),
            words.max(on_left).max(on_right),
        )
    };
    let (mut spots, offsets) =
        tree.measure(own, |index| sides[index].iter().any(|side| side.count > 0));

    let mut blocks = Vec::new();
    for group in &groups {
        let arcs: Vec<bool> = (0..group.columns.len())
            .map(|index| {
                let wanted = i64::try_from(index).unwrap_or(0) - group.middle;
                oriented.iter().any(|&Oriented { from, to, .. }| {
                    column_of(from) == column_of(to)
                        && column_of(from) == wanted
                        && group.columns[index].contains(&tree.root[from])
                })
            })
            .collect();
        blocks.push(place_group(&group.columns, &arcs, &mut spots, breadth));
    }
    let (width, mut height) = pack(&groups, &blocks, &mut spots, breadth);
    tree.place_inner(&mut spots, &offsets);
    let is_worded = |link: usize| label_lines(&picture.links[link]).is_some();
    let mut links = lines(&oriented, &spots, &tree, &column, is_worded);
    let words = |line: &Line| label_lines(&picture.links[line.link]).map(height_of_words);
    let lanes = oriented.iter().map(|one| {
        let lane = column_of(one.from);
        (lane == column_of(one.to)).then_some((lane, spots[tree.root[one.from]].x))
    });
    height = height.max(spread(&mut links, lanes, words));
    Layout {
        width,
        height,
        nodes: spots,
        links,
    }
}

/// Height that a link takes with its words, of which so many lines are below it.
fn height_of_words(lines: usize) -> usize {
    LABEL_HEIGHT + LABEL_LINE_HEIGHT * lines.saturating_sub(2)
}

/// Moves the words of links between parts of one column apart, which all stand in one lane beside it; how far down the last
/// reach.
fn spread(
    lines: &mut [Line],
    lanes: impl Iterator<Item = Option<(i64, usize)>>,
    height: impl Fn(&Line) -> Option<usize>,
) -> usize {
    let mut in_lanes: BTreeMap<(i64, usize), Vec<usize>> = BTreeMap::new();
    for (index, lane) in lanes.enumerate() {
        if let (Some(lane), Some(_)) = (lane, height(&lines[index])) {
            in_lanes.entry(lane).or_default().push(index);
        }
    }
    let mut bottom = 0;
    for lane in in_lanes.values_mut() {
        lane.sort_by_key(|&index| lines[index].label.1);
        let mut free = 0;
        for &index in &*lane {
            let own = height(&lines[index]).unwrap_or(0);
            let y = lines[index].label.1.max(free + own / 2);
            lines[index].label.1 = y;
            free = y + own / 2;
        }
        bottom = bottom.max(free + MARGIN);
    }
    bottom
}

/// The links that end at one side of a part.
#[derive(Clone, Copy, Default)]
struct Side {
    count: usize,
    /// Height that the one with most words takes: all get the same.
    tallest: usize,
}

impl Side {
    fn land(&mut self, height: usize) {
        self.count += 1;
        self.tallest = self.tallest.max(height);
    }

    fn height(self) -> usize {
        self.count * self.tallest
    }
}

/// What lies in what.
struct Tree {
    /// Parts that lie in nothing.
    roots: Vec<usize>,
    /// The outermost part around each; itself, if it lies in nothing.
    root: Vec<usize>,
    children: Vec<Vec<usize>>,
    /// Parts, outer ones first.
    outer_first: Vec<usize>,
}

impl Tree {
    fn of(picture: &Picture) -> Self {
        let count = picture.nodes.len();
        let mut children = vec![Vec::new(); count];
        let mut roots = Vec::new();
        for (index, node) in picture.nodes.iter().enumerate() {
            match node.parent.filter(|parent| *parent < count) {
                Some(parent) => children[parent].push(index),
                None => roots.push(index),
            }
        }
        let mut root: Vec<usize> = (0..count).collect();
        let mut outer_first = roots.clone();
        let mut at = 0;
        while at < outer_first.len() {
            let parent = outer_first[at];
            for &child in &children[parent] {
                root[child] = root[parent];
                outer_first.push(child);
            }
            at += 1;
        }
        Self {
            roots,
            root,
            children,
            outer_first,
        }
    }

    /// Sizes of all boxes, from the inside out, and where in its frame each stands.
    ///
    /// Parts with links stand below each other, so that their links leave the frame without crossing another.
    fn measure(
        &self,
        own: impl Fn(usize) -> (usize, usize),
        has_links: impl Fn(usize) -> bool,
    ) -> (Vec<Spot>, Vec<(usize, usize)>) {
        let mut spots = vec![Spot::default(); self.root.len()];
        let mut linked: Vec<bool> = (0..self.root.len()).map(has_links).collect();
        let mut offset = vec![(0, 0); self.root.len()];
        for &index in self.outer_first.iter().rev() {
            let (own_width, own_height) = own(index);
            let (mut width, mut bottom) = (own_width, own_height);
            let children = &self.children[index];
            let (fixed, free): (Vec<usize>, Vec<usize>) =
                children.iter().partition(|child| linked[**child]);
            linked[index] |= !fixed.is_empty();
            for child in fixed {
                offset[child] = (PADDING, bottom);
                bottom += spots[child].height + PADDING;
                width = width.max(spots[child].width + 2 * PADDING);
            }
            let columns = if free.len() >= SIDE_BY_SIDE {
                (1..6).find(|one| one * one * 2 >= free.len()).unwrap_or(6)
            } else {
                1
            };
            for row in free.chunks(columns) {
                let mut left = PADDING;
                let mut tallest = 0;
                for &child in row {
                    offset[child] = (left, bottom);
                    left += spots[child].width + PADDING;
                    tallest = tallest.max(spots[child].height);
                }
                width = width.max(left);
                bottom += tallest + PADDING;
            }
            spots[index] = Spot {
                width,
                height: bottom,
                own_height,
                ..Spot::default()
            };
        }
        (spots, offset)
    }

    fn place_inner(&self, spots: &mut [Spot], offset: &[(usize, usize)]) {
        for &index in &self.outer_first {
            for &child in &self.children[index] {
                spots[child].x = spots[index].x + offset[child].0;
                spots[child].y = spots[index].y + offset[child].1;
            }
        }
    }
}

/// Parts that hang together, in columns.
struct Group {
    columns: Vec<Vec<usize>>,
    /// Which column the others stand around.
    middle: i64,
}

/// Parts that hang together; parts without a link come last, side by side.
fn groups(roots: &[usize], neighbours: &[Vec<usize>]) -> Vec<Group> {
    let mut starts: Vec<usize> = roots.to_vec();
    starts.sort_by_key(|&node| Reverse(neighbours[node].len()));
    let mut is_placed = vec![false; neighbours.len()];
    let mut groups: Vec<Group> = Vec::new();
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
        let branches = branches(start, neighbours);
        let mut beside: Vec<usize> = neighbours[start].clone();
        beside.sort_unstable();
        beside.dedup();
        let mut on_left = vec![false; neighbours.len()];
        if beside.len() > BOTH_SIDES && branches.len() > 1 {
            let mut weight = [0, 0];
            for branch in &branches {
                let is_left = weight[1] > weight[0];
                weight[usize::from(!is_left)] += branch.len();
                for &node in branch {
                    on_left[node] = is_left;
                }
            }
        }
        let mut halves = [true, false].map(|left| {
            let mut columns = vec![vec![start]];
            while let Some(last) = columns.last().filter(|last| !last.is_empty()) {
                let mut next = Vec::new();
                for &neighbour in last.iter().flat_map(|&node| &neighbours[node]) {
                    if !is_placed[neighbour] && on_left[neighbour] == left {
                        is_placed[neighbour] = true;
                        next.push(neighbour);
                    }
                }
                columns.push(next);
            }
            columns.pop();
            untangle(&mut columns, neighbours);
            columns
        });
        let mut columns: Vec<Vec<usize>> = halves[0].drain(1..).rev().collect();
        let middle = i64::try_from(columns.len()).unwrap_or(0);
        columns.append(&mut halves[1]);
        groups.push(folded(Group { columns, middle }));
    }
    if !alone.is_empty() {
        let widest = groups.iter().map(|group| group.columns.len()).max();
        let square = (1..6).find(|one| one * one >= alone.len()).unwrap_or(6);
        let count = widest.unwrap_or(2).max(square).min(alone.len());
        let mut columns = vec![Vec::new(); count];
        for (index, node) in alone.into_iter().enumerate() {
            columns[index % count].push(node);
        }
        groups.push(Group { columns, middle: 0 });
    }
    groups
}

/// The same, broad as a page: what stands farther out comes back towards the middle, below what is there already. Links still
/// join neighbouring columns or parts of one.
fn folded(group: Group) -> Group {
    let most = if group.middle > 0 {
        MOST_COLUMNS / 2
    } else {
        MOST_COLUMNS
    };
    let last = i64::try_from(group.columns.len()).unwrap_or(0) - 1;
    let most = i64::try_from(most).unwrap_or(1);
    let fold = |distance: i64| {
        let step = (distance.abs() - 1).rem_euclid(2 * most);
        let back = if step < most {
            step + 1
        } else {
            2 * most - step
        };
        distance.signum() * back
    };
    let mut columns: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    // From the middle outwards, so that what is nearer stands higher.
    let mut indices: Vec<i64> = (0..=last).collect();
    indices.sort_by_key(|index| (index - group.middle).abs());
    for index in indices {
        let nodes = usize::try_from(index)
            .ok()
            .and_then(|index| group.columns.get(index));
        let place = columns.entry(fold(index - group.middle)).or_default();
        place.extend(nodes.into_iter().flatten());
    }
    let middle = columns.keys().next().map_or(0, |first| -first);
    Group {
        columns: columns.into_values().collect(),
        middle,
    }
}

/// What hangs together once the start is taken away; large ones first.
fn branches(start: usize, neighbours: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut is_seen = vec![false; neighbours.len()];
    is_seen[start] = true;
    let mut branches = Vec::new();
    for &first in &neighbours[start] {
        if is_seen[first] {
            continue;
        }
        is_seen[first] = true;
        let mut branch = vec![first];
        let mut at = 0;
        while at < branch.len() {
            for &next in &neighbours[branch[at]] {
                if !is_seen[next] {
                    is_seen[next] = true;
                    branch.push(next);
                }
            }
            at += 1;
        }
        branches.push(branch);
    }
    branches.sort_by_key(|branch| Reverse(branch.len()));
    branches
}

/// Bring each part to the height of what it is linked to, forth and back, so that fewer links cross.
fn untangle(columns: &mut [Vec<usize>], neighbours: &[Vec<usize>]) {
    let last = columns.len().saturating_sub(1);
    let forth: Vec<(usize, usize)> = (1..=last).map(|index| (index, index - 1)).collect();
    let back = (0..last).rev().map(|index| (index, index + 1));
    let sweeps = forth
        .iter()
        .copied()
        .chain(back)
        .chain(forth.iter().copied());
    for (index, beside) in sweeps {
        let ranks: BTreeMap<usize, usize> = columns[beside]
            .iter()
            .enumerate()
            .map(|(rank, &node)| (node, rank))
            .collect();
        // In thousandths: whole numbers order the same everywhere.
        let rank = |node: usize| {
            let ranks: Vec<usize> = neighbours[node]
                .iter()
                .filter_map(|other| ranks.get(other).copied())
                .collect();
            ranks.iter().sum::<usize>() * 1_000 / ranks.len().max(1)
        };
        columns[index].sort_by_key(|&node| rank(node));
    }
}

/// Place one group at the origin; how wide and high it is.
fn place_group(
    columns: &[Vec<usize>],
    arcs: &[bool],
    spots: &mut [Spot],
    breadth: usize,
) -> (usize, usize) {
    let heights: Vec<usize> = columns
        .iter()
        .map(|nodes| {
            let boxes: usize = nodes.iter().map(|&node| spots[node].height).sum();
            boxes + BETWEEN * nodes.len().saturating_sub(1)
        })
        .collect();
    let height = heights.iter().copied().max().unwrap_or(0);
    let deepest = if breadth == 0 { DEEPEST } else { usize::MAX };
    let (mut left, mut right) = (0, 0);
    for (index, nodes) in columns.iter().enumerate() {
        let width = nodes.iter().map(|&node| spots[node].width).max();
        let width = width.unwrap_or(NODE_WIDTH);
        let mut y = ((height - heights[index]) / 2).min(deepest);
        for &node in nodes {
            // Parts of a column are flush on the side where most links come from: their widths differ little.
            spots[node].x = left;
            spots[node].y = y;
            y += spots[node].height + BETWEEN;
        }
        let arc = if arcs[index] { ARC_WIDTH } else { 0 };
        right = left + width + arc;
        left = right + FAN + LABEL_WIDTH;
    }
    (right, height)
}

/// Put groups side by side in rows; how wide and high all is.
fn pack(
    groups: &[Group],
    blocks: &[(usize, usize)],
    spots: &mut [Spot],
    breadth: usize,
) -> (usize, usize) {
    let widest = blocks.iter().map(|block| block.0).max().unwrap_or(0);
    let breadth = breadth.max(widest);
    let (mut x, mut y, mut row) = (0, 0, 0);
    let (mut right, mut bottom) = (0, 0);
    for (group, &(width, height)) in groups.iter().zip(blocks) {
        if x > 0 && x + width > breadth {
            (x, y, row) = (0, y + row + BETWEEN, 0);
        }
        for &node in group.columns.iter().flatten() {
            spots[node].x += MARGIN + x;
            spots[node].y += MARGIN + y;
        }
        right = right.max(x + width);
        bottom = bottom.max(y + height);
        row = row.max(height);
        x += width + 2 * BETWEEN;
        if breadth == widest {
            x = breadth + 1;
        }
    }
    (right + 2 * MARGIN, bottom + 2 * MARGIN)
}

/// A link from the left to the right.
#[derive(Clone, Copy)]
struct Oriented {
    /// Index in the picture.
    link: usize,
    from: usize,
    to: usize,
    is_turned: bool,
}

/// One end of a link at one side of a part: height of the other end, which link, and whether it is the second end of an arc.
type Landing = (usize, usize, bool);

/// The lines of links, each ending at a height of its own.
fn lines(
    oriented: &[Oriented],
    spots: &[Spot],
    tree: &Tree,
    column: &[i64],
    is_worded: impl Fn(usize) -> bool,
) -> Vec<Line> {
    let column_of = |node: usize| column[tree.root[node]];
    let middle = |node: usize| spots[node].y + spots[node].own_height / 2;
    let mut on_left: Vec<Vec<Landing>> = vec![Vec::new(); spots.len()];
    let mut on_right = on_left.clone();
    for (index, &Oriented { from, to, .. }) in oriented.iter().enumerate() {
        on_right[from].push((middle(to), index, false));
        if column_of(from) == column_of(to) {
            on_right[to].push((middle(from), index, true));
        } else {
            on_left[to].push((middle(from), index, false));
        }
    }
    for side in on_left.iter_mut().chain(&mut on_right) {
        side.sort_unstable();
    }
    let height = |side: &[Landing], node: usize, index: usize, second: bool| {
        let position = side
            .iter()
            .position(|&(_, link, is_second)| (link, is_second) == (index, second))
            .unwrap_or(0);
        spots[node].y + spots[node].own_height * (2 * position + 1) / (2 * side.len().max(1))
    };
    // Where a column ends: words and arcs stand beyond its broadest part.
    let mut edge: BTreeMap<(i64, usize), usize> = BTreeMap::new();
    let group_of = |node: usize| spots[tree.root[node]].x;
    for &root in &tree.roots {
        let right = spots[root].x + spots[root].width;
        let known = edge.entry((column[root], group_of(root))).or_insert(right);
        *known = right.max(*known);
    }
    let edge_of = |node: usize| edge[&(column_of(node), group_of(node))];
    oriented
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let Oriented {
                link,
                from,
                to,
                is_turned,
            } = *one;
            let start = spots[from].x + spots[from].width;
            let y = height(&on_right[from], from, index, false);
            let x = edge_of(from);
            if column_of(from) == column_of(to) {
                let second = spots[to].x + spots[to].width;
                let end = height(&on_right[to], to, index, true);
                // Without words there is room to tell one from another.
                let room = if is_worded(link) { 80 } else { 880 };
                let bulge = x + FAN + y.abs_diff(end).min(room) / 8;
                return Line {
                    link,
                    is_turned,
                    path: format!("M{start} {y}H{x}C{bulge} {y} {bulge} {end} {x} {end}H{second}"),
                    label: (bulge + LABEL_WIDTH / 2, (y + end) / 2),
                    ends: [(start, y, false), (second, end, false)],
                };
            }
            let target = spots[to].x;
            let outside = spots[tree.root[to]].x;
            let end = height(&on_left[to], to, index, false);
            let ends = [(start, y, false), (target, end, true)];
            if column_of(to).abs() >= column_of(from).abs() {
                let words = outside.saturating_sub(LABEL_WIDTH);
                let half = (x + words) / 2;
                return Line {
                    link,
                    is_turned,
                    path: format!(
                        "M{start} {y}H{x}C{half} {y} {half} {end} {words} {end}H{target}"
                    ),
                    label: (words + LABEL_WIDTH / 2, end),
                    ends,
                };
            }
            let words = x + LABEL_WIDTH;
            let half = (words + outside) / 2;
            Line {
                link,
                is_turned,
                path: format!(
                    "M{start} {y}H{words}C{half} {y} {half} {end} {outside} {end}H{target}"
                ),
                label: (x + LABEL_WIDTH / 2, y),
                ends,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::graph::{BoundaryId, NodeId};
    use crate::picture::{Fate, Member};
    use crate::report::fixture;

    fn picture(nodes: &[Option<usize>], links: &[(usize, usize)]) -> Picture {
        let node = |(index, parent): (usize, &Option<usize>)| {
            let id = BoundaryId::Node(NodeId::from(format!("network/{index}")));
            let mut node =
                fixture::node(&id, &format!("net-{index}"), "vpc", Fate::Kept, index % 2);
            node.parent = parent.filter(|parent| *parent < index);
            if index % 7 == 6 {
                let member = |name: usize| Member {
                    name: format!("net-{name}"),
                    id: String::new(),
                    pins: 0,
                };
                node.members = (0..index).map(member).collect();
            }
            node
        };
        let link = |&(from, to): &(usize, usize)| fixture::link(from, to, "peering", Fate::Added);
        Picture {
            nodes: nodes.iter().enumerate().map(node).collect(),
            links: links.iter().map(link).collect(),
            ..Picture::default()
        }
    }

    fn lay(picture: &Picture, breadth: usize) -> Layout {
        lay_out(picture, |node| node.pins.len(), |_| Some(2), breadth)
    }

    #[test]
    fn two_that_are_linked_stand_side_by_side() {
        let layout = lay(&picture(&[None, None], &[(0, 1)]), 0);
        assert!(layout.nodes[0].x + NODE_WIDTH < layout.nodes[1].x);
        assert_eq!(layout.links.len(), 1);
    }

    #[test]
    fn what_lies_in_a_part_stands_in_its_frame_below_its_words() {
        let layout = lay(&picture(&[None, Some(0), Some(1)], &[]), 0);
        for (outer, inner) in [(0, 1), (1, 2)] {
            let (outer, inner) = (layout.nodes[outer], layout.nodes[inner]);
            assert!(outer.x < inner.x && inner.x + inner.width < outer.x + outer.width);
            assert!(outer.y + outer.own_height <= inner.y);
            assert!(inner.y + inner.height < outer.y + outer.height);
        }
    }

    #[test]
    fn a_hub_with_many_stands_between_them() {
        let links: Vec<(usize, usize)> = (1..9).map(|index| (0, index)).collect();
        let layout = lay(&picture(&[None; 9], &links), 0);
        let is_left = |spot: &&Spot| spot.x < layout.nodes[0].x;
        assert_eq!(layout.nodes.iter().filter(is_left).count(), 4);
    }

    #[test]
    fn a_long_chain_turns_back_where_the_page_ends() {
        let links: Vec<(usize, usize)> = (0..49).map(|index| (index, index + 1)).collect();
        let layout = lay(&picture(&[None; 50], &links), 0);
        let columns: std::collections::BTreeSet<usize> =
            layout.nodes.iter().map(|spot| spot.x).collect();
        assert!(columns.len() <= MOST_COLUMNS + 1, "{columns:?}");
        // A short one does not: it starts beside its end, at the part with most links.
        let short = lay(&picture(&[None; 5], &links[..4]), 0);
        let columns: std::collections::BTreeSet<usize> =
            short.nodes.iter().map(|spot| spot.x).collect();
        assert_eq!(columns.len(), 4);
    }

    #[test]
    fn words_of_links_within_a_column_stand_apart() {
        let mut links = Vec::new();
        for index in 0..5 {
            links.extend((index + 1..5).map(|other| (index, other)));
        }
        let layout = lay(&picture(&[None; 5], &links), 0);
        let mut words: Vec<(usize, usize)> = layout.links.iter().map(|one| one.label).collect();
        words.sort_unstable();
        for (index, one) in words.iter().enumerate() {
            for other in &words[index + 1..] {
                let apart = one.0.abs_diff(other.0) >= LABEL_WIDTH
                    || one.1.abs_diff(other.1) >= LABEL_HEIGHT;
                assert!(apart, "{one:?} {other:?}");
            }
            assert!(one.1 + LABEL_HEIGHT / 2 <= layout.height);
        }
    }

    #[test]
    fn nothing_is_laid_out_as_nothing() {
        let layout = lay(&Picture::default(), 0);
        assert!(layout.nodes.is_empty() && layout.links.is_empty());
    }

    proptest! {
        #[test]
        fn parts_do_not_overlap_and_nothing_is_lost(
            nodes in prop::collection::vec(prop::option::of(0usize..70), 0..70),
            links in prop::collection::vec((0usize..72, 0usize..72), 0..130),
            breadth in prop_oneof![Just(0), Just(1_000)],
        ) {
            let picture = picture(&nodes, &links);
            let layout = lay(&picture, breadth);
            let boxes = &layout.nodes;
            prop_assert_eq!(boxes.len(), nodes.len());
            for (index, one) in boxes.iter().enumerate() {
                prop_assert!(one.x + one.width <= layout.width && one.y + one.height <= layout.height);
                for (other_index, other) in boxes.iter().enumerate().skip(index + 1) {
                    if picture.nodes[index].parent != picture.nodes[other_index].parent {
                        continue;
                    }
                    let apart = one.x + one.width <= other.x
                        || other.x + other.width <= one.x
                        || one.y + one.height <= other.y
                        || other.y + other.height <= one.y;
                    prop_assert!(apart, "{one:?} {other:?}");
                }
            }
            prop_assert_eq!(&layout, &lay(&picture, breadth));
            let shown = links.iter().filter(|(from, to)| *from < nodes.len() && *to < nodes.len());
            prop_assert_eq!(layout.links.len(), shown.count());
        }
    }
}
