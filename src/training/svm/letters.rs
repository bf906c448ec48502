//! The words of sequences.

use super::gapped_kmers::GappedKmers;
use crate::{Error, Input, Result};
use ndarray::{ArrayView2, ArrayView3, Ix3};

/// What a position holds that is not one letter.
const NONE: u8 = 4;

/// A word of a sequence, two bits a letter, and how much it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) code: u32,
    pub(super) weight: f32,
}

/// Calls `each` with all words of a sequence, shape `(4, length)`; a word with a position that is not one letter is left out.
pub(super) fn words(
    kernel: &GappedKmers,
    x: &ArrayView2<'_, f32>,
    mut each: impl FnMut(usize, Word),
) {
    let (size, length) = (kernel.size(), x.dim().1);
    let mask = u32::MAX >> (32 - 2 * size);
    let (mut code, mut known) = (0_u32, 0);
    for position in 0..length {
        match letter(x, position) {
            NONE => known = 0,
            letter => {
                code = ((code << 2) | u32::from(letter)) & mask;
                known += 1;
            }
        }
        if known >= size {
            let start = position + 1 - size;
            let weight = kernel.weight_at(start, length + 1 - size);
            each(start, Word { code, weight });
        }
    }
}

/// Returns the row of the only 1 of a column.
fn letter(x: &ArrayView2<'_, f32>, position: usize) -> u8 {
    let mut found = NONE;
    for row in 0..4 {
        let value = x[[usize::from(row), position]];
        if value == 1.0 && found == NONE {
            found = row;
        } else if value != 0.0 {
            return NONE;
        }
    }
    found
}

/// Views input as `(n, 4, length)` with sequences that are long enough for a word, or says what it is instead.
pub(super) fn with_examples<T>(
    (argument, x): (&str, &dyn Input),
    size: usize,
    work: impl FnOnce(&ArrayView3<'_, f32>) -> Result<T>,
) -> Result<T> {
    let array = x.array()?;
    let view = array.view().into_dimensionality::<Ix3>();
    match view {
        Ok(view) if view.dim().1 == 4 && view.dim().2 >= size && view.dim().0 > 0 => {
            // What is no letter is left out, but no number is a mistake.
            if view.iter().any(|value| value.is_nan()) {
                let found = view.indexed_iter().find(|(_, value)| value.is_nan());
                let (row, _, position) = found.map(|(at, _)| at).unwrap_or_default();
                let got = format!("NaN in row {row} at position {position}");
                return Err(Error::value(argument, "numbers", got));
            }
            work(&view)
        }
        _ => {
            let expected = format!("(n, 4, length) with n at least 1 and length at least {size}");
            Err(Error::shape(argument, expected, array.shape()))
        }
    }
}
