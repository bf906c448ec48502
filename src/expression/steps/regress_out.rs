//! Values without what numbers or labels of the cells explain.

use super::super::Cells;
use super::super::groups::Groups;
use super::check::finite;
use super::entries::cell;
use crate::progress::Task;
use crate::{Error, Result};
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Takes off what columns of `obs` explain of every gene by linear regression: the residuals.
///
/// Columns hold numbers, or labels, which are taken as one level each. The mean goes too, so that the result is dense and around 0. A
/// column that others explain already changes nothing. Checked against `scanpy.pp.regress_out` (1.11.5), which reads either numbers or
/// one column of labels, and leaves a constant gene as it is where there are labels.
///
/// # Errors
///
/// Fails when a value is not finite, and when a column is not there, has a number that is not finite, or lacks a label.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array, polars::prelude::Column};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[1.0_f32], [3.0], [5.0]], ["a", "b", "c"], ["CD3D"])?;
/// let cells = cells.with_obs(Column::new("total".into(), [10.0, 20.0, 30.0]))?;
/// let rest = expression::regress_out(&cells, &["total"])?;
/// assert!(rest.gene("CD3D")?.iter().all(|value| value.abs() < 1e-6));
/// # Ok(()) }
/// ```
pub fn regress_out(cells: &Cells, columns: &[&str]) -> Result<Cells> {
    if columns.is_empty() {
        return Err(Error::value(
            "columns",
            "at least one column of obs",
            "none",
        ));
    }
    finite(cells)?;
    let basis = orthonormal(&explaining(cells, columns)?);
    let (n, genes) = cells.shape();
    let values = cells.values();
    // Sums over blocks of cells of a fixed size, added up in order.
    let blocks: Vec<usize> = (0..n).step_by(BLOCK).collect();
    let mut task = Task::new("regress out", blocks.len());
    let mut weights = Array2::<f64>::zeros((basis.ncols(), genes));
    for several in blocks.chunks(rayon::current_num_threads().max(1)) {
        let sums = several.par_iter().map(|start| {
            let mut sums = Array2::<f64>::zeros(weights.raw_dim());
            for place in *start..n.min(start + BLOCK) {
                let (genes, values) = cell(values, place);
                for (level, mut sums) in basis.row(place).iter().zip(sums.rows_mut()) {
                    for (gene, value) in genes.iter().zip(values.iter()) {
                        sums[*gene as usize] += level * f64::from(*value);
                    }
                }
            }
            sums
        });
        for sums in sums.collect::<Vec<_>>() {
            weights += &sums;
            task.step("")?;
        }
    }
    let mut residuals = values.dense().into_owned();
    let rows = residuals.as_slice_mut().unwrap_or_default();
    rows.par_chunks_mut(genes.max(1))
        .enumerate()
        .for_each(|(place, row)| {
            let mut explained = vec![0.0; genes];
            for (level, weights) in basis.row(place).iter().zip(weights.rows()) {
                for (explained, weight) in explained.iter_mut().zip(weights) {
                    *explained += level * weight;
                }
            }
            for (value, explained) in row.iter_mut().zip(explained) {
                *value = (f64::from(*value) - explained) as f32;
            }
        });
    cells.with_values(residuals)
}

/// How many cells are summed up in one go.
const BLOCK: usize = 1024;

/// Returns ones, the numbers, and for labels ones and zeros, as rows.
fn explaining(cells: &Cells, columns: &[&str]) -> Result<Vec<Vec<f64>>> {
    let mut rows = vec![vec![1.0; cells.len()]];
    for name in columns {
        let kind = cells.obs().column(name)?.dtype().clone();
        if kind.is_primitive_numeric() {
            let numbers = cells.obs().numbers(name)?;
            if let Some(place) = numbers.iter().position(|number| !number.is_finite()) {
                let argument = format!("column {name}");
                let got = format!("{} in cell `{}`", numbers[place], cells.cells()[place]);
                return Err(Error::value(&argument, "finite numbers", got));
            }
            rows.push(numbers);
        } else {
            let groups = Groups::new(cells.obs(), name)?;
            rows.extend((0..groups.names.len()).map(|group| {
                let levels = groups
                    .of_cell
                    .iter()
                    .map(|of_cell| f64::from(u8::from(*of_cell == group)));
                levels.collect()
            }));
        }
    }
    Ok(rows)
}

/// Makes rows into columns of length one at right angles, shape `(cells, columns)`, without those that earlier ones explain.
fn orthonormal(rows: &[Vec<f64>]) -> Array2<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut kept: Vec<Vec<f64>> = Vec::new();
    for row in rows {
        let mut rest = row.clone();
        let before = dot(&rest, &rest);
        // Twice, for what rounding leaves.
        for _ in 0..2 {
            for other in &kept {
                let share = dot(other, &rest);
                for (rest, other) in rest.iter_mut().zip(other) {
                    *rest -= share * other;
                }
            }
        }
        let length = dot(&rest, &rest);
        if length > before * 1e-18 {
            for value in &mut rest {
                *value /= length.sqrt();
            }
            kept.push(rest);
        }
    }
    let mut basis = Array2::zeros((rows.first().map_or(0, Vec::len), kept.len()));
    for (mut column, kept) in basis.axis_iter_mut(Axis(1)).zip(kept) {
        column.assign(&ndarray::Array1::from(kept));
    }
    basis
}
