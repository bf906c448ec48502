//! The phase of the cell cycle.

use super::super::Cells;
use super::ScoreGenes;
use crate::Result;
use polars::prelude::Column;

/// Scores the genes of the S phase and of the phases G2 and M, and tells the phase; adds `S_score`, `G2M_score` and `phase` to `obs`.
///
/// A cell with two negative scores is in `G1`, else in the phase of the higher score. As many controls are drawn of every bin as the
/// shorter list has genes. Genes that are not there are left out, since lists were made for other annotations. Checked against
/// `scanpy.tl.score_genes_cell_cycle` (1.11.5), which draws other controls.
///
/// # Errors
///
/// Fails when none of the genes of a list is there, when a value is negative or not finite, and when no control is left.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let values = Array2::from_shape_fn((3, 60), |(cell, gene)| if (cell + gene) % 3 == 0 { 3.0 } else { 1.0 });
/// let cells = Cells::new(values, ["a", "b", "c"], (0..60).map(|gene| format!("g{gene}")))?;
/// let cells = expression::cell_cycle(&cells, &["g0", "g3", "g6", "g9"], &["g1", "g4", "g7", "g10"])?;
/// let phases = cells.obs().labels("phase")?;
/// assert_eq!((phases[0].as_str(), phases[2].as_str()), ("S", "G2M"));
/// # Ok(()) }
/// ```
pub fn cell_cycle(cells: &Cells, s_genes: &[&str], g2m_genes: &[&str]) -> Result<Cells> {
    let controls = s_genes.len().min(g2m_genes.len()).max(1);
    let score = ScoreGenes::new().controls(controls).skip_missing(true);
    let cells = score.run(cells, s_genes, "S_score")?;
    let cells = score.run(&cells, g2m_genes, "G2M_score")?;
    let s_scores = cells.obs().numbers("S_score")?;
    let g2m_scores = cells.obs().numbers("G2M_score")?;
    let phase = |(s, g2m): (&f64, &f64)| match (*s, *g2m) {
        (s, g2m) if s < 0.0 && g2m < 0.0 => "G1",
        (s, g2m) if g2m > s => "G2M",
        _ => "S",
    };
    let phases: Vec<&str> = s_scores.iter().zip(&g2m_scores).map(phase).collect();
    cells.with_obs(Column::new("phase".into(), phases))
}
