//! Which lines of a text are still there in a later one.

use git2::{DiffOptions, Patch};

/// For each line of `before`, its index among the lines of `after` where it still stands, as a diff has it; `None` of one
/// that is gone or changed. Indexes count from 0. Texts that cannot be compared have nothing in common.
#[must_use]
pub fn unchanged_lines(before: &str, after: &str) -> Vec<Option<usize>> {
    let count = before.lines().count();
    if before == after {
        return (0..count).map(Some).collect();
    }
    let mut options = DiffOptions::new();
    options.context_lines(0).force_text(true);
    let (old, new) = (before.as_bytes(), after.as_bytes());
    let nothing = || vec![None; count];
    let Ok(patch) = Patch::from_buffers(old, None, new, None, Some(&mut options)) else {
        return nothing();
    };
    let mut lines = Vec::with_capacity(count);
    let mut next_after = 0;
    for index in 0..patch.num_hunks() {
        let Ok((hunk, _)) = patch.hunk(index) else {
            return nothing();
        };
        // Of a side without lines, git tells the line in front of the hunk.
        let begin = |start: u32, lines: u32| start.saturating_sub(u32::from(lines > 0)) as usize;
        let from = begin(hunk.old_start(), hunk.old_lines());
        while lines.len() < from.min(count) {
            lines.push(Some(next_after));
            next_after += 1;
        }
        let gone = hunk.old_lines() as usize;
        lines.extend(std::iter::repeat_n(None, gone.min(count - lines.len())));
        next_after = begin(hunk.new_start(), hunk.new_lines()) + hunk.new_lines() as usize;
    }
    while lines.len() < count {
        lines.push(Some(next_after));
        next_after += 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: &[Option<usize>]) {
        let lines = |text: &str| {
            text.split(' ')
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        };
        assert_eq!(unchanged_lines(&lines(before), &lines(after)), expected);
    }

    #[test]
    fn what_stays_is_found_behind_what_comes_and_goes_and_what_changes_is_not() {
        check("a b c", "a b c", &[Some(0), Some(1), Some(2)]);
        check("a b c", "x a b y c", &[Some(1), Some(2), Some(4)]);
        check("a b c", "b c", &[None, Some(0), Some(1)]);
        check("a b c", "a x c", &[Some(0), None, Some(2)]);
        check("a b c d", "a d z", &[Some(0), None, None, Some(1)]);
        check("a b", "x y z", &[None, None]);
        assert_eq!(unchanged_lines("", "a\n"), []);
        assert_eq!(unchanged_lines("a\nb", ""), [None, None]);
    }

    #[test]
    fn of_equal_lines_each_is_told_by_what_stands_around_it() {
        check(
            "cart: #1 off rates: #2 off",
            "cart: off rates: #2 off",
            &[Some(0), None, Some(1), Some(2), Some(3), Some(4)],
        );
    }
}
