//! How much of the time a factor sits on a sequence.

use crate::motif::Motif;

/// What is added to a share of a motif, so that no letter is impossible.
const PSEUDOCOUNT: f64 = 1e-5;

/// The odds of binding at each position and letter: the share of the letter over its share in the background.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    odds: Vec<[f64; 4]>,
}

impl Factor {
    pub(super) fn new(motif: &Motif, background: [f64; 4]) -> Self {
        let rows = motif.probability().rows();
        let odds = rows.into_iter().map(|row| {
            std::array::from_fn(|letter| {
                let share = row[letter] * (1.0 - PSEUDOCOUNT) + PSEUDOCOUNT / 4.0;
                share / background[letter]
            })
        });
        Self {
            odds: odds.collect(),
        }
    }

    /// Returns the chance that the factor sits anywhere, when every window is taken by itself; letters are 0 to 3, others bind nothing.
    pub(super) fn occupancy(&self, letters: &[u8]) -> f64 {
        let free: f64 = letters
            .windows(self.odds.len())
            .map(|window| {
                let letters = window.iter().zip(&self.odds);
                let odds: f64 = letters
                    .map(|(&letter, odds)| odds.get(usize::from(letter)).copied().unwrap_or(0.0))
                    .product();
                1.0 / (1.0 + odds)
            })
            .product();
        1.0 - free
    }
}
