//! How far a run over many repositories has come, for whoever waits at a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::inputs::Environment;

/// Fewer repositories than this are read before anybody wonders.
const WORTH_A_BAR: usize = 8;

/// A bar on standard error, and nothing where that is no terminal or CI reads it.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Begins to count so many repositories.
    pub(super) fn of(repositories: usize, environment: Environment<'_>) -> Self {
        let in_ci = environment("CI").is_some_and(|value| !value.is_empty() && value != "false");
        let target = if in_ci || repositories < WORTH_A_BAR {
            ProgressDrawTarget::hidden()
        } else {
            // Hidden by itself where standard error is no terminal.
            ProgressDrawTarget::stderr()
        };
        let length = u64::try_from(repositories).unwrap_or(u64::MAX);
        let bar = ProgressBar::with_draw_target(Some(length), target);
        let template = "{bar:40} {pos}/{len} repositories, {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// One more is done.
    pub(super) fn one_more(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
