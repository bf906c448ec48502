//! Cells as they would be at rest.

use super::fit::{Moments, steady_state, stochastic};
use super::local_moments::{around, sparse};
use super::{Velocity, VelocityModel};
use crate::Result;
use ndarray::{Array2, ArrayView1};

/// What is added to a level before the root is taken that noise is divided by: a share of the mean level of the gene.
const FLOOR: f64 = 0.05;

/// Means and noise of cells, from which cells at rest are drawn.
pub(super) struct Rest {
    /// The cells around each, itself among them.
    around: Vec<Vec<u32>>,
    /// Means over neighbours, and both layers, shape `(used genes, cells)`.
    means: Array2<f32>,
    spliced: Array2<f32>,
    unspliced: Array2<f32>,
    model: VelocityModel,
    percentile: f64,
}

impl Rest {
    pub(super) fn new(velocity: &Velocity) -> Result<Self> {
        let parts = velocity.parts();
        let graph = parts.neighbors.connectivities();
        let layer = |name: &str| -> Result<Array2<f32>> {
            let layer = sparse(parts.cells.layer(name)?)?.select_columns(&parts.used)?;
            Ok(layer.transposed().dense())
        };
        Ok(Self {
            around: (0..velocity.len())
                .map(|cell| around(graph, cell))
                .collect(),
            means: parts.x.t().as_standard_layout().into_owned(),
            spliced: layer("spliced")?,
            unspliced: layer("unspliced")?,
            model: parts.model,
            percentile: parts.percentile,
        })
    }

    /// Draws one gene of cells at rest, each with the noise of the cell that `order` names, and estimates its velocity: means over
    /// neighbours and velocities.
    pub(super) fn draw(&self, gene: usize, order: &[usize]) -> (Vec<f32>, Vec<f32>) {
        let (spliced, unspliced) = (self.spliced.row(gene), self.unspliced.row(gene));
        let sum = |of: &ArrayView1<'_, f32>| of.iter().map(|value| f64::from(*value)).sum::<f64>();
        // Of cells at rest, that of all molecules is the ratio.
        let ratio = sum(&unspliced) / sum(&spliced);
        let ratio = if ratio.is_finite() { ratio } else { 0.0 };
        let s = self.at_rest((gene, 1.0), &spliced, order);
        let u = self.at_rest((gene, ratio), &unspliced, order);
        let times =
            |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a * b).collect() };
        let (x, of_unspliced) = (self.smooth(&s), self.smooth(&u));
        let (mut gamma, _) = steady_state(&x, &of_unspliced, self.percentile);
        if self.model == VelocityModel::Stochastic {
            let moments = Moments {
                spliced: &x,
                unspliced: &of_unspliced,
                squares: &self.smooth(&times(&s, &s)),
                products: &self.smooth(&times(&s, &u)),
            };
            gamma = stochastic(&moments, gamma, self.percentile);
        }
        let velocity = x.iter().zip(&of_unspliced);
        let velocity = velocity.map(|(&s, &u)| (f64::from(u) - gamma * f64::from(s)) as f32);
        let velocity = velocity.collect();
        (x, velocity)
    }

    /// Puts the noise of other cells, scaled by the root of the level as that of counts, on `ratio` times the means of a gene.
    fn at_rest(
        &self,
        (gene, ratio): (usize, f64),
        layer: &ArrayView1<'_, f32>,
        order: &[usize],
    ) -> Vec<f64> {
        let means = self.means.row(gene);
        let levels: Vec<f64> = means.iter().map(|mean| ratio * f64::from(*mean)).collect();
        let floor = FLOOR * levels.iter().sum::<f64>() / levels.len() as f64;
        let spread = |cell: usize| (levels[cell] + floor).sqrt();
        let noise = |cell: usize| match spread(cell) {
            spread if spread > 0.0 => (f64::from(layer[cell]) - levels[cell]) / spread,
            _ => 0.0,
        };
        let draw = |(cell, &other): (usize, &usize)| levels[cell] + noise(other) * spread(cell);
        order.iter().enumerate().map(draw).collect()
    }

    fn smooth(&self, values: &[f64]) -> Vec<f32> {
        let mean = |cells: &Vec<u32>| {
            let sum: f64 = cells.iter().map(|cell| values[*cell as usize]).sum();
            (sum / cells.len() as f64) as f32
        };
        self.around.iter().map(mean).collect()
    }
}
