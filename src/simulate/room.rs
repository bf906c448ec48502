//! Which places of a sequence are taken.

use std::ops::Range;

/// The places that are taken in one sequence.
#[derive(Clone)]
pub(super) struct Room {
    length: usize,
    taken: Vec<Range<usize>>,
}

impl Room {
    pub(super) fn new(length: usize) -> Self {
        Self {
            length,
            taken: Vec::new(),
        }
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    pub(super) fn is_free(&self, start: usize, width: usize) -> bool {
        let Some(end) = start.checked_add(width).filter(|&end| end <= self.length) else {
            return false;
        };
        self.taken
            .iter()
            .all(|taken| end <= taken.start || taken.end <= start)
    }

    pub(super) fn take(&mut self, places: Range<usize>) {
        self.taken.push(places);
    }
}
