//! Letters that depend on the one before.

use super::background::pick;
use crate::sequence::{Alphabet, Sequences};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A Markov chain of first order: shares of first letters, and of letters after each letter.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    alphabet: Alphabet,
    first: Array1<f64>,
    next: Array2<f64>,
}

impl Chain {
    pub(super) fn new(next: Array2<f64>) -> Self {
        Self {
            alphabet: Alphabet::Dna,
            first: Array1::ones(4),
            next,
        }
    }

    /// Counts letters and pairs of neighbours, of letters that are known.
    pub(super) fn of(sequences: &Sequences) -> Self {
        let alphabet = sequences.alphabet();
        let letters = alphabet.size();
        let mut next = Array2::zeros((letters, letters));
        for sequence in 0..sequences.len() {
            for two in sequences.letters(sequence).windows(2) {
                if let (Some(a), Some(b)) = (alphabet.index(two[0]), alphabet.index(two[1])) {
                    next[[a, b]] += 1.0;
                }
            }
        }
        let first = sequences.composition();
        // A letter that nothing follows is followed by any, as often as there are.
        for mut row in next.rows_mut() {
            if row.sum() == 0.0 {
                row.assign(&first);
            }
        }
        Self {
            alphabet,
            first,
            next,
        }
    }

    pub(super) fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    pub(super) fn check(&self) -> Result<()> {
        let letters = self.alphabet.size();
        if self.next.dim() != (letters, letters) {
            let expected = format!("({letters}, {letters})");
            return Err(Error::shape("transitions", expected, self.next.shape()));
        }
        if self.first.sum() <= 0.0 {
            let got = "without a known letter";
            return Err(Error::value("like", "sequences with known letters", got));
        }
        let sums = self.next.sum_axis(Axis(1));
        let wrong = self
            .next
            .iter()
            .any(|share| !share.is_finite() || *share < 0.0);
        if wrong || sums.iter().any(|sum| !(*sum > 0.0 && sum.is_finite())) {
            let expected = "shares of 0 or more, not all of a row 0";
            return Err(Error::value(
                "transitions",
                expected,
                format!("{}", self.next).replace('\n', ""),
            ));
        }
        Ok(())
    }

    /// Draws letters; call only after a check.
    pub(super) fn draw(&self, length: usize, generator: &mut ChaCha8Rng) -> Vec<u8> {
        let rows: Vec<Vec<f64>> = self
            .next
            .rows()
            .into_iter()
            .map(|row| row.to_vec())
            .collect();
        let mut letter = pick(&self.first.to_vec(), generator.random());
        let mut letters = Vec::with_capacity(length);
        for _ in 0..length {
            letters.push(self.alphabet.letters()[letter]);
            letter = pick(&rows[letter], generator.random());
        }
        letters
    }
}
