//! Cells as they would be at rest.

use super::fit::{Moments, steady_state, stochastic};
use super::flows::LANES;
use super::local_moments::{around, sparse};
use super::{Velocity, VelocityModel};
use crate::Result;
use ndarray::Array2;
use std::ops::Range;

/// What is added to a level before the root is taken that noise is divided by: a share of the mean level of the gene.
const FLOOR: f64 = 0.05;

/// One number for each of some genes; where there are fewer genes, the rest is zero.
pub(super) type Row<T> = [T; LANES];

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

    /// Finds levels and noise of some genes.
    pub(super) fn genes(&self, genes: Range<usize>) -> RestingGenes<'_> {
        let cells = self.around.len();
        let empty = vec![Noisy::default(); cells];
        let (mut spliced, mut unspliced) = (empty.clone(), empty);
        for (lane, gene) in genes.clone().enumerate() {
            let [s, u] = [&self.spliced, &self.unspliced].map(|layer| layer.row(gene));
            let [of_s, of_u] = [s, u].map(|of| of.iter().map(|x| f64::from(*x)).sum::<f64>());
            // Of cells at rest, that of all molecules is the ratio.
            let ratio = if (of_u / of_s).is_finite() {
                of_u / of_s
            } else {
                0.0
            };
            self.noise((gene, lane, 1.0), (&self.spliced, &mut spliced));
            self.noise((gene, lane, ratio), (&self.unspliced, &mut unspliced));
        }
        RestingGenes {
            rest: self,
            count: genes.len(),
            spliced,
            unspliced,
        }
    }

    /// Finds what a layer has beyond `ratio` times the means of a gene, scaled by the root of that level as noise of counts is.
    fn noise(
        &self,
        (gene, lane, ratio): (usize, usize, f64),
        (layer, out): (&Array2<f32>, &mut [Noisy]),
    ) {
        let means = self.means.row(gene);
        let levels: Vec<f64> = means.iter().map(|mean| ratio * f64::from(*mean)).collect();
        let floor = FLOOR * levels.iter().sum::<f64>() / levels.len() as f64;
        for ((out, level), value) in out.iter_mut().zip(levels).zip(layer.row(gene)) {
            let spread = (level + floor).sqrt();
            out.level[lane] = level;
            out.spread[lane] = spread;
            out.noise[lane] = if spread > 0.0 {
                (f64::from(*value) - level) / spread
            } else {
                0.0
            };
        }
    }
}

/// Level, spread and noise of one cell.
#[derive(Clone, Default)]
struct Noisy {
    level: Row<f64>,
    spread: Row<f64>,
    noise: Row<f64>,
}

/// Some genes, to be drawn at rest.
pub(super) struct RestingGenes<'a> {
    rest: &'a Rest,
    count: usize,
    spliced: Vec<Noisy>,
    unspliced: Vec<Noisy>,
}

impl RestingGenes<'_> {
    /// Draws cells at rest, each with the noise of the cell that `order` names, and estimates their velocity: means over neighbours and
    /// velocities.
    pub(super) fn draw(&self, order: &[usize]) -> (Vec<Row<f32>>, Vec<Row<f32>>) {
        let draw = |of: &[Noisy]| -> Vec<Row<f64>> {
            let drawn = of.iter().zip(order).map(|(own, other)| {
                let noise = &of[*other].noise;
                std::array::from_fn(|lane| own.level[lane] + noise[lane] * own.spread[lane])
            });
            drawn.collect()
        };
        let smooth = self.smooth(&draw(&self.spliced), &draw(&self.unspliced));
        let mut x = vec![[0.0; LANES]; order.len()];
        let mut v = x.clone();
        let [mut s, mut u, mut squares, mut products] =
            std::array::from_fn(|_| Vec::with_capacity(order.len()));
        for lane in 0..self.count {
            for (moment, of) in [&mut s, &mut u, &mut squares, &mut products]
                .into_iter()
                .enumerate()
            {
                of.clear();
                of.extend(smooth.iter().map(|cell| cell[moment][lane]));
            }
            let (mut gamma, extreme) = steady_state(&s, &u, self.rest.percentile);
            if self.rest.model == VelocityModel::Stochastic {
                let moments = Moments {
                    spliced: &s,
                    unspliced: &u,
                    squares: &squares,
                    products: &products,
                };
                gamma = stochastic(&moments, (gamma, &extreme), self.rest.percentile);
            }
            for cell in 0..order.len() {
                x[cell][lane] = s[cell];
                v[cell][lane] = (f64::from(u[cell]) - gamma * f64::from(s[cell])) as f32;
            }
        }
        (x, v)
    }

    /// Averages, over the cells around each, spliced and unspliced counts, squares of spliced ones and products of both.
    fn smooth(&self, s: &[Row<f64>], u: &[Row<f64>]) -> Vec<[Row<f32>; 4]> {
        let mean = |cells: &Vec<u32>| {
            let mut sums = [[0.0; LANES]; 4];
            for cell in cells {
                let (s, u) = (&s[*cell as usize], &u[*cell as usize]);
                for lane in 0..LANES {
                    sums[0][lane] += s[lane];
                    sums[1][lane] += u[lane];
                    sums[2][lane] += s[lane] * s[lane];
                    sums[3][lane] += s[lane] * u[lane];
                }
            }
            let count = cells.len() as f64;
            sums.map(|of| of.map(|sum| (sum / count) as f32))
        };
        self.rest.around.iter().map(mean).collect()
    }
}
