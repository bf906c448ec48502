//! Chances to move from cell to cell.

use super::Velocity;
use crate::distribution::order::quantile;
use crate::sparse::Sparse;
use crate::{Error, Result};

/// Turns cosines of a velocity graph into chances to move from one cell to another.
///
/// A cosine `c` weighs `exp(scale c)`, and rows are divided by their sum. Cells whose best cosine is low may stay where they are: their
/// cosine with themselves is how far it is below the 98th percentile. With `signed`, weights are `exp(scale c) - 1` and those of ways
/// against the velocity are negative, as for arrows: rows are divided by the sum of absolute weights. As scVelo's `transition_matrix` with
/// `use_negative_cosines` false and true.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, expression::{self, Transitions}, simulate};
/// # fn main() -> genolens::Result<()> {
/// let cells = simulate::differentiation(80, 1)?;
/// let velocity = expression::velocity(&cells, &embedding::neighbors(&cells)?)?;
/// let chances = Transitions::new().run(&velocity)?;
/// assert!(chances.row_sums().iter().all(|sum| (sum - 1.0).abs() < 1e-5));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Transitions {
    scale: f64,
    signed: bool,
    staying: bool,
}

impl Transitions {
    /// Starts from scVelo's defaults: a scale of 10, chances, and cells that may stay.
    pub fn new() -> Self {
        Self {
            scale: 10.0,
            signed: false,
            staying: true,
        }
    }

    /// Sets by how much larger cosines are preferred, above 0 and at most 50.
    pub fn scale(mut self, scale: f64) -> Self {
        self.scale = scale;
        self
    }

    /// Sets whether ways against the velocity weigh negatively.
    pub fn signed(mut self, signed: bool) -> Self {
        self.signed = signed;
        self
    }

    /// Sets whether cells may stay where they are.
    pub fn staying(mut self, staying: bool) -> Self {
        self.staying = staying;
        self
    }

    /// Computes the matrix, shape `(n, n)`: row by row where a cell moves to.
    ///
    /// # Errors
    ///
    /// Fails when the scale makes no sense.
    pub fn run(&self, velocity: &Velocity) -> Result<Sparse> {
        if !(self.scale > 0.0 && self.scale <= 50.0) {
            return Err(Error::value("scale", "above 0, at most 50", self.scale));
        }
        let (along, against) = (velocity.graph(), velocity.graph_against());
        let stays = if self.staying {
            staying(along)
        } else {
            vec![0.0; along.nrows()]
        };
        let rows = (0..along.nrows()).map(|cell| {
            let weight = |cosine: f32| (self.scale * f64::from(cosine)).exp_m1();
            let plus = if self.signed { 0.0 } else { 1.0 };
            let (others, cosines) = along.row(cell);
            let mut row: Vec<(u32, f64)> = others
                .iter()
                .zip(cosines)
                .map(|(&other, &cosine)| (other, weight(cosine) + plus))
                .collect();
            let (others, cosines) = against.row(cell);
            row.extend(others.iter().zip(cosines).map(|(&other, &cosine)| {
                let weight = if self.signed {
                    -weight(-cosine)
                } else {
                    weight(cosine) + 1.0
                };
                (other, weight)
            }));
            if stays[cell] > 0.0 {
                row.push((cell as u32, weight(stays[cell]) + plus));
            }
            let total: f64 = row.iter().map(|(_, weight)| weight.abs()).sum();
            row.into_iter()
                .map(|(other, weight)| (other, (weight / total) as f32))
                .collect()
        });
        Sparse::from_rows(along.nrows(), rows.collect())
    }
}

impl Default for Transitions {
    fn default() -> Self {
        Self::new()
    }
}

/// How much each cell is inclined to stay: how far its best cosine is below the 98th percentile.
fn staying(along: &Sparse) -> Vec<f32> {
    let best = |cell: usize| along.row(cell).1.iter().copied().fold(0.0_f32, f32::max);
    let best: Vec<f32> = (0..along.nrows()).map(best).collect();
    let numbers: Vec<f64> = best.iter().map(|best| f64::from(*best)).collect();
    let bound = quantile(numbers, 0.98) as f32;
    best.into_iter()
        .map(|best| (bound - best).clamp(0.0, 1.0))
        .collect()
}
