//! Parts of a comment that share the room there is.

/// A part of the comment that may hold less than all its items, and never half of one.
#[derive(Default)]
pub(super) struct Section {
    pub(super) before: String,
    pub(super) items: Vec<String>,
    /// The same items in one line each, for those that do not fit in full.
    pub(super) in_short: Vec<String>,
    pub(super) after: String,
    /// What an item is called.
    pub(super) noun: &'static str,
    /// What it gets in any case, if it needs as much.
    pub(super) share: usize,
    /// Who gets first what others do not need: the lowest.
    pub(super) turn: u8,
}

impl Section {
    fn frame(&self) -> usize {
        // With the count of what is left out, should it come to that.
        size(&self.before) + size(&self.after) + size(IN_SHORT) + 60
    }

    pub(super) fn need(&self) -> usize {
        self.frame() + self.items.iter().map(|item| size(item)).sum::<usize>()
    }

    /// The section in so much room, how many items are not in it, and how many in one line alone.
    pub(super) fn within(&self, room: usize) -> (String, usize, usize) {
        if room < self.frame() && room < self.need() {
            return (String::new(), self.items.len(), 0);
        }
        let room = room.saturating_sub(self.frame());
        let mut text = self.before.clone();
        let (mut items, mut shown) = fill(&self.items, room);
        let mut in_short = 0;
        if shown < self.items.len() && !self.in_short.is_empty() {
            (items, shown) = fill(&self.items, room / 2);
            let rest = self.in_short.get(shown..).unwrap_or_default();
            let (lines, listed) = fill(rest, room.saturating_sub(size(&items)));
            items.push_str(IN_SHORT);
            items.push_str(&lines);
            shown += listed;
            in_short = listed;
        }
        text.push_str(&items);
        let missing = self.items.len() - shown;
        if missing > 0 && text.is_empty() {
            return (text, missing, in_short);
        }
        if missing > 0 {
            text.push_str(&format!("\nand {missing} more.\n"));
            if self.after.is_empty() {
                text.push('\n');
            }
        }
        text.push_str(&self.after);
        (text, missing, in_short)
    }
}

/// What stands between items in full and items in short.
const IN_SHORT: &str = "**The others, in one line each:**\n\n";

/// How much room each section gets: its share if it needs as much, and in turn what others do not need.
pub(super) fn grants(sections: &[Section], room: usize) -> Vec<usize> {
    let shares: usize = sections.iter().map(|section| section.share).sum();
    let share = |section: &Section| match section.share {
        share if shares > room => share * room / shares,
        share => share,
    };
    let mut grants: Vec<usize> = sections
        .iter()
        .map(|section| section.need().min(share(section)))
        .collect();
    let mut left = room.saturating_sub(grants.iter().sum());
    let mut in_turn: Vec<usize> = (0..sections.len()).collect();
    in_turn.sort_by_key(|&index| sections[index].turn);
    for index in in_turn {
        let more = (sections[index].need() - grants[index]).min(left);
        grants[index] += more;
        left -= more;
    }
    grants
}

/// As many of the items as fit, from the first on, and how many those are.
pub(super) fn fill(items: &[String], room: usize) -> (String, usize) {
    let mut text = String::new();
    let mut used = 0;
    for (index, item) in items.iter().enumerate() {
        used += size(item);
        if used > room {
            return (text, index);
        }
        text.push_str(item);
    }
    (text, items.len())
}

/// No less than any host counts: bytes, and two for a line break.
pub(super) fn size(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| *byte == b'\n').count()
}
