//! Which of very many rows are remembered.

use super::Loss;
use crate::random::Seed;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Draws so many of all rows, each with the same chance, while they come one after the other (selection sampling; Fan, Muller and Rezucha
/// 1962, doi:10.1080/01621459.1962.10480667).
///
/// The first row of every class of every task is taken whatever is drawn, so that no class is missed that there is. The seed is
/// fixed: the same rows are taken in every epoch.
pub(crate) struct Drawn {
    /// Rows that will come, and how many of them are still to be drawn.
    left: usize,
    wanted: usize,
    generator: ChaCha8Rng,
    /// Classes of a label, and which of those of every label were seen.
    classes: usize,
    seen: Vec<bool>,
    came: usize,
    rows: Vec<usize>,
}

impl Drawn {
    pub(crate) fn new(
        (rows, wanted): (usize, usize),
        loss: Loss,
        (outputs, width): (usize, usize),
    ) -> Self {
        let classes = match loss {
            Loss::CrossEntropy if width == 1 => outputs,
            Loss::BinaryCrossEntropy | Loss::CrossEntropy => 2,
            _ => 0,
        };
        Self {
            left: rows,
            wanted,
            generator: Seed::default().named("remembered").generator(),
            classes,
            seen: vec![false; classes * width],
            came: 0,
            rows: Vec::with_capacity(wanted),
        }
    }

    /// Tells whether the next row, with these labels, is taken.
    pub(crate) fn takes(&mut self, labels: &[f32]) -> bool {
        let drawn = self.generator.random_range(0..self.left.max(1)) < self.wanted;
        self.left = self.left.saturating_sub(1);
        self.wanted -= usize::from(drawn);
        let mut new = false;
        let labels = if self.classes > 0 { labels } else { &[] };
        for (column, &label) in labels.iter().enumerate() {
            if label >= 0.0 && label.fract() == 0.0 && (label as usize) < self.classes {
                let seen = &mut self.seen[column * self.classes + label as usize];
                new |= !std::mem::replace(seen, true);
            }
        }
        if drawn || new {
            self.rows.push(self.came);
        }
        self.came += 1;
        drawn || new
    }

    /// Returns which rows were taken, in order.
    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
    }
}
