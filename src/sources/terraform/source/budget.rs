//! How much work and memory the evaluation of one root module may take.
//!
//! Source comes from pull requests: a dozen lines can ask for a list of a billion elements. Everything that is made is paid
//! for before it is made; when the budget has run out, what is left is unknown, and a notice says so.

use std::cell::Cell;

/// What one step of evaluation costs.
pub(super) const STEP: u64 = 1;

/// What an element of a list or object costs.
pub(super) const ELEMENT: u64 = 4;

/// How many bytes of text cost as much as one step.
const BYTES_PER_STEP: usize = 4;

/// How deep expressions may lead into one another, through references, functions and modules.
pub(super) const MAX_DEPTH: usize = 1200;

/// The stack that [`MAX_DEPTH`] needs, with room to spare, in a build without optimisation.
pub const STACK_BYTES: usize = 128 << 20;

/// What is left of the work that may be done.
#[derive(Debug)]
pub(super) struct Budget {
    left: Cell<u64>,
    depth: Cell<usize>,
    is_too_deep: Cell<bool>,
}

impl Budget {
    pub(super) fn new(steps: u64) -> Self {
        Self {
            left: Cell::new(steps),
            depth: Cell::new(0),
            is_too_deep: Cell::new(false),
        }
    }

    /// Pay for something; `false` when there is not enough left, and from then on always.
    pub(super) fn spend(&self, cost: u64) -> bool {
        match self.left.get().checked_sub(cost) {
            Some(left) if self.left.get() > 0 => {
                self.left.set(left);
                true
            }
            _ => {
                self.left.set(0);
                false
            }
        }
    }

    /// Pay for so many elements.
    pub(super) fn spend_elements(&self, count: usize) -> bool {
        self.spend((count as u64).saturating_mul(ELEMENT))
    }

    /// Pay for a text of so many bytes.
    pub(super) fn spend_text(&self, bytes: usize) -> bool {
        self.spend(STEP + (bytes / BYTES_PER_STEP) as u64)
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    pub(super) fn was_too_deep(&self) -> bool {
        self.is_too_deep.get()
    }

    /// Go one step deeper; `None` where it is deep enough.
    pub(super) fn descend(&self) -> Option<Descent<'_>> {
        if self.depth.get() >= MAX_DEPTH {
            self.is_too_deep.set(true);
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        Some(Descent(self))
    }
}

/// One step deeper, until it is dropped.
pub(super) struct Descent<'b>(&'b Budget);

impl Drop for Descent<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get().saturating_sub(1));
    }
}
