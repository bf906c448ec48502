//! Samples made of the cells of each.

use super::super::groups::Groups;
use super::super::steps::{cell, counts};
use super::super::{Cells, Frame};
use crate::{Error, Result};
use ndarray::Array2;
use polars::prelude::Column;
use rayon::prelude::*;

/// Sums up the counts of the cells of each sample and group, shape `(pairs that occur, genes)`.
///
/// `sample` and `group` are columns of `obs`, such as the donor and the cell type. A row is named `sample | group`; its `obs` has both
/// labels and `n_cells`, how many cells were summed up. Cells of one sample are not independent: tests of conditions that count each cell
/// find far too much (Squair 2021, doi:10.1038/s41467-021-25960-2); tests of these rows count each sample once. Rows of few cells vary
/// more: look at `n_cells`.
///
/// # Errors
///
/// Fails when a value is no whole number from 0, when a column is not there or a cell has no label in it, and when both columns are one.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array, polars::prelude::Column};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[1.0_f32], [2.0], [4.0]], ["a", "b", "c"], ["CD3D"])?;
/// let cells = cells.with_obs(Column::new("donor".into(), ["x", "x", "y"]))?;
/// let cells = cells.with_obs(Column::new("type".into(), ["T", "T", "T"]))?;
/// let samples = expression::pseudobulk(&cells, "donor", "type")?;
/// assert_eq!(samples.cells(), ["x | T", "y | T"]);
/// assert_eq!(samples.gene("CD3D")?.to_vec(), [3.0, 4.0]);
/// # Ok(()) }
/// ```
pub fn pseudobulk(cells: &Cells, sample: &str, group: &str) -> Result<Cells> {
    counts(cells)?;
    if cells.log_base().is_some() {
        return Err(Error::value("cells", "counts", "log1p already"));
    }
    if sample == group {
        let expected = "another column than the sample";
        return Err(Error::value("group", expected, format!("`{group}`")));
    }
    let samples = Groups::new(cells.obs(), sample)?;
    let groups = Groups::new(cells.obs(), group)?;
    let pairs = samples.names.len() * groups.names.len();
    let mut members = vec![Vec::new(); pairs];
    for place in 0..cells.len() {
        members[samples.of_cell[place] * groups.names.len() + groups.of_cell[place]].push(place);
    }
    let kept: Vec<usize> = (0..pairs)
        .filter(|pair| !members[*pair].is_empty())
        .collect();
    let genes = cells.shape().1;
    let mut sums = Array2::<f32>::zeros((kept.len(), genes));
    let rows = sums.as_slice_mut().unwrap_or_default();
    rows.par_chunks_mut(genes.max(1))
        .zip(&kept)
        .for_each(|(row, pair)| {
            let mut sums = vec![0.0_f64; genes];
            for place in &members[*pair] {
                let (genes, values) = cell(cells.values(), *place);
                for (gene, value) in genes.iter().zip(values.iter()) {
                    sums[*gene as usize] += f64::from(*value);
                }
            }
            for (place, sum) in row.iter_mut().zip(sums) {
                *place = sum as f32;
            }
        });
    let of_pairs =
        |label: &dyn Fn(usize) -> String| kept.iter().map(|pair| label(*pair)).collect::<Vec<_>>();
    let of_sample = |pair: usize| samples.names[pair / groups.names.len()].clone();
    let of_group = |pair: usize| groups.names[pair % groups.names.len()].clone();
    let names = of_pairs(&|pair| format!("{} | {}", of_sample(pair), of_group(pair)));
    let (by_sample, by_group) = (of_pairs(&of_sample), of_pairs(&of_group));
    let sizes: Vec<u32> = kept
        .iter()
        .map(|pair| members[*pair].len() as u32)
        .collect();
    let obs = Frame::new(names)
        .with_categories(Column::new(sample.into(), by_sample), &samples.names)?
        .with_categories(Column::new(group.into(), by_group), &groups.names)?
        .with(Column::new("n_cells".into(), sizes))?;
    Cells::from_frames(sums, obs, cells.var().clone())
}
