//! Where a string with gaps fits a motif best.

use crate::sequence::Alphabet;
use ndarray::Array2;

/// Where a string stands on a motif.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    /// The column of the motif under the first letter; negative when the string begins before the motif.
    pub(super) start: isize,
    /// The log-odds of its letters against background, in bits.
    pub(super) bits: f64,
}

/// Finds the start of a string with the highest sum of weights; gaps, and letters beside the motif, count nothing.
///
/// Of equally good starts the first one is taken. At least one column is covered.
pub(super) fn place(text: &str, weights: &Array2<f64>, alphabet: Alphabet) -> Placed {
    let codes: Vec<Option<usize>> = text.bytes().map(|letter| alphabet.index(letter)).collect();
    let columns = weights.nrows() as isize;
    let bits = |start: isize| -> f64 {
        let letters = codes.iter().enumerate();
        let weight = |(at, code): (usize, &Option<usize>)| {
            let column = usize::try_from(start + at as isize).ok()?;
            weights.get((column, (*code)?)).copied()
        };
        letters.filter_map(weight).sum()
    };
    let mut best = Placed {
        start: 0,
        bits: f64::NEG_INFINITY,
    };
    for start in (1 - codes.len().max(1) as isize)..columns {
        let bits = bits(start);
        if bits > best.bits {
            best = Placed { start, bits };
        }
    }
    best
}

/// Adds the letters of a placed string to counts, shape `(columns, letters)`; under a gap and beside the string every letter gets an equal share.
pub(super) fn count(
    counts: &mut Array2<f64>,
    (text, start): (&str, isize),
    (alphabet, weight): (Alphabet, f64),
) {
    let size = alphabet.size();
    let letters = text.as_bytes();
    for (column, mut row) in counts.rows_mut().into_iter().enumerate() {
        let at = usize::try_from(column as isize - start).ok();
        let letter = at.and_then(|at| letters.get(at));
        match letter.and_then(|&letter| alphabet.index(letter)) {
            Some(code) => row[code] += weight,
            None => row += weight / size as f64,
        }
    }
}
