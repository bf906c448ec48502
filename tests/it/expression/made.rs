//! The simulated cells of the golden numbers, and how those are compared.

use crate::golden;
use genolens::expression::{Cells, Frame};
use genolens::ndarray::Array2;
use genolens::polars::prelude::Column;
use genolens::sparse::Sparse;

pub(crate) const STEPS: &str = include_str!("../../golden/expression/steps.tsv");

/// 150 cells of 3 types and 2 batches by 240 genes.
pub(crate) fn cells() -> Cells {
    let counts = golden::table(STEPS, "counts").mapv(|count| count as f32);
    let (n, genes) = counts.dim();
    let label = |name: &str| Column::new(name.into(), &golden::rows(STEPS, name)[0]);
    let mito: Vec<bool> = golden::rows(STEPS, "mito")[0]
        .iter()
        .map(|text| *text == "1")
        .collect();
    let obs = Frame::new((0..n).map(|cell| format!("c{cell:03}")));
    let var = Frame::new((0..genes).map(|gene| format!("g{gene:03}")));
    let obs = obs
        .with(label("batch"))
        .unwrap()
        .with(label("type"))
        .unwrap();
    let var = var.with(Column::new("mito".into(), mito)).unwrap();
    Cells::from_frames(Sparse::from_dense(&counts).unwrap(), obs, var).unwrap()
}

/// The same, every value stored.
pub(crate) fn dense() -> Cells {
    let cells = cells();
    cells
        .with_values(cells.values().dense().into_owned())
        .unwrap()
}

/// One row of golden numbers.
pub(crate) fn row(name: &str) -> Vec<f64> {
    let rows = golden::rows(STEPS, name);
    assert_eq!(rows.len(), 1, "{name}");
    rows[0].iter().map(|text| text.parse().unwrap()).collect()
}

/// Checks numbers one by one: the difference is at most this share of the larger, or of 1. There may be golden numbers of every fourth
/// only.
pub(crate) fn near(what: &str, found: &[f64], golden: &[f64], share: f64) {
    let step = if found.len() == golden.len() { 1 } else { 4 };
    assert_eq!(found.len().div_ceil(step), golden.len(), "{what}");
    for (place, (found, golden)) in found.iter().step_by(step).zip(golden).enumerate() {
        let close = (found - golden).abs() <= share * golden.abs().max(1.0);
        let same = found == golden || (found.is_nan() && golden.is_nan());
        assert!(close || same, "{what} {place}: {found}, expected {golden}");
    }
}

/// Checks the first rows of the values of cells.
pub(crate) fn values_near(what: &str, cells: &Cells, share: f64) {
    let golden = golden::table(STEPS, what);
    let found: Array2<f64> = cells.values().dense().mapv(f64::from);
    let found: Vec<f64> = found
        .rows()
        .into_iter()
        .take(golden.nrows())
        .flatten()
        .copied()
        .collect();
    near(what, &found, &golden.into_iter().collect::<Vec<_>>(), share);
}
