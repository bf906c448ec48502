//! What values must be before a step makes sense of them.

use super::super::{Cells, Values};
use crate::{Error, Result};
use rayon::prelude::*;

/// Checks that every value is finite and at least 0.
pub(in super::super) fn not_negative(cells: &Cells) -> Result<()> {
    let expected = "finite numbers from 0 (were they scaled?)";
    all(cells, expected, |value| value.is_finite() && value >= 0.0)
}

/// Checks that every value is a whole number from 0.
pub(in super::super) fn counts(cells: &Cells) -> Result<()> {
    let expected =
        "counts: whole numbers from 0 (were they normalised? a layer may have the counts)";
    all(cells, expected, |value| {
        value.is_finite() && value >= 0.0 && is_whole(value)
    })
}

/// Tells whether a finite number has no fraction, which large ones never have, without a call that keeps a loop from being made wide.
fn is_whole(value: f32) -> bool {
    value.abs() >= 8_388_608.0 || value as i32 as f32 == value
}

/// How many values are looked at together.
const BLOCK: usize = 1 << 14;

/// Fails with cell and gene of the first value that does not fit.
fn all(cells: &Cells, expected: &str, fits: impl Fn(f32) -> bool + Sync) -> Result<()> {
    let values = cells.values().stored();
    let odd = |values: &[f32]| values.iter().position(|value| !fits(*value));
    let blocks = values.par_chunks(BLOCK);
    // Whole blocks are looked at without a branch, which is many times faster.
    let wrong = |values: &[f32]| {
        values
            .iter()
            .fold(false, |wrong, value| wrong | !fits(*value))
    };
    let Some(block) = blocks.position_first(wrong) else {
        return Ok(());
    };
    let rest = block * BLOCK;
    let Some(place) = odd(&values[rest..]).map(|place| rest + place) else {
        return Ok(());
    };
    let (cell, gene) = match cells.values() {
        Values::Sparse(sparse) => {
            let cell = sparse.offsets().partition_point(|offset| *offset <= place) - 1;
            (cell, sparse.indices()[place] as usize)
        }
        Values::Dense(dense) => (place / dense.ncols(), place % dense.ncols()),
    };
    let (cell, gene) = (&cells.cells()[cell], &cells.genes()[gene]);
    let got = format!("{} in cell `{cell}`, gene `{gene}`", values[place]);
    Err(Error::value("values", expected, got))
}

/// Tells whether all values are whole numbers and one is above 1: logarithms are not.
pub(in super::super) fn looks_like_counts(values: &Values) -> bool {
    let values = values.stored();
    values.iter().all(|value| is_whole(*value)) && values.iter().any(|value| *value > 1.0)
}

/// Checks that every value is finite.
pub(super) fn finite(cells: &Cells) -> Result<()> {
    all(cells, "finite numbers", f32::is_finite)
}
