//! Cells without names of their own, labels of cells, and numbers that look random.

use genolens::expression::Cells;
use genolens::polars::prelude::Column;

pub(crate) fn named(values: impl Into<genolens::expression::Values>) -> Cells {
    let values = values.into();
    let (cells, genes) = values.shape();
    let cells = (0..cells).map(|cell| format!("cell {cell}"));
    Cells::new(values, cells, (0..genes).map(|gene| format!("gene {gene}"))).unwrap()
}

/// Says of every cell what it is.
pub(crate) fn labelled(cells: &Cells, column: &str, of: impl Fn(usize) -> &'static str) -> Cells {
    let labels: Vec<&str> = (0..cells.len()).map(of).collect();
    cells.with_obs(Column::new(column.into(), labels)).unwrap()
}

/// Numbers of (0, 1) that look random.
pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 + 0.5) / f64::from(1_u32 << 31)
    };
    (0..count).map(|_| next()).collect()
}
