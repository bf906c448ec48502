//! Whether counts that a model draws look like those that it learned from.

use super::FittedVae;
use super::parameters::Totals;
use super::posterior::AT_ONCE;
use crate::expression::Cells;
use crate::progress::Task;
use crate::random::Seed;
use crate::training::Likelihood;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{Column, DataFrame};
use rand::distr::Distribution;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Gamma, Poisson, StandardNormal, StandardUniform};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Draws counts from what the model thinks of every cell and compares genes, with the defaults of [`PredictiveCheck`].
///
/// # Errors
///
/// As [`PredictiveCheck::run`].
pub fn predictive_check(model: &FittedVae, cells: &Cells) -> Result<CheckedGenes> {
    PredictiveCheck::new().run(model, cells)
}

/// Compares mean, variance and share of zeros of every gene with those of counts that the model draws (posterior predictive check).
///
/// A gene whose share of zeros is far below the drawn one has no need of dropout; one whose variance is far above has more dispersion
/// than the model can say. Gelman et al. 1996, <https://www3.stat.sinica.edu.tw/statistica/j6n4/j6n41/j6n41.htm>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PredictiveCheck {
    draws: usize,
    seed: Seed,
}

impl PredictiveCheck {
    /// Takes the default: every cell is drawn 5 times.
    pub fn new() -> Self {
        Self {
            draws: 5,
            seed: Seed::default(),
        }
    }

    /// Sets how often every cell is drawn.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets from which numbers the draws follow.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Draws counts of cells, shape `(cells, genes)`, and compares.
    ///
    /// # Errors
    ///
    /// As [`FittedVae::latent`], and when `draws` is 0.
    pub fn run(&self, model: &FittedVae, cells: &Cells) -> Result<CheckedGenes> {
        if self.draws == 0 {
            return Err(Error::value("draws", "at least 1", 0));
        }
        let source = model.plan().read(cells)?;
        let genes = model.genes().len();
        let (mut seen, mut drawn) = (Sums::new(genes), Sums::new(genes));
        let rows: Vec<usize> = (0..cells.len()).collect();
        let steps = rows.len().div_ceil(AT_ONCE) * self.draws;
        let mut task = Task::new("predictive check", steps);
        for rows in rows.chunks(AT_ONCE) {
            let posterior = model.posterior(&source, rows)?;
            seen.add(&source.both(rows).1);
            let covariates = source.covariates().select(Axis(0), rows);
            let totals: Vec<f64> = rows.iter().map(|&row| source.totals()[row]).collect();
            for draw in 0..self.draws {
                let seed = self.seed.named("predictive check").indexed(draw);
                let z = posterior.drawn((seed.named("positions"), rows[0]));
                let scores = model.scores(&z, &covariates.view())?;
                drawn.add(&model.drawn((&scores, &totals), (seed, rows[0])));
                task.step("")?;
            }
        }
        Ok(CheckedGenes {
            genes: model.genes().into(),
            seen: Arc::new(seen.moments()),
            drawn: Arc::new(drawn.moments()),
        })
    }
}

impl Default for PredictiveCheck {
    fn default() -> Self {
        Self::new()
    }
}

impl FittedVae {
    /// Draws values of cells from scores of the decoder, each cell from a seed of its own.
    fn drawn(
        &self,
        (scores, totals): (&Array2<f32>, &[f64]),
        (seed, first): (Seed, usize),
    ) -> Array2<f32> {
        let mut values = self.plan().means(scores, Totals::Own(totals));
        let genes = values.ncols();
        if let Some(values) = values.as_slice_mut() {
            values
                .par_chunks_mut(genes)
                .enumerate()
                .for_each(|(row, values)| {
                    let mut generator = seed.indexed(first + row).generator();
                    for (gene, value) in values.iter_mut().enumerate() {
                        let (spread, dropout) = self.plan().shape(&scores.row(row), gene);
                        let likelihood = self.plan().likelihood;
                        *value = one(likelihood, (*value, spread, dropout), &mut generator);
                    }
                });
        }
        values
    }
}

/// Draws one value from its distribution.
fn one(
    likelihood: Likelihood,
    (mean, spread, dropout): (f32, f64, f64),
    generator: &mut ChaCha8Rng,
) -> f32 {
    if likelihood == Likelihood::Gaussian {
        let noise: f64 = StandardNormal.sample(generator);
        return (f64::from(mean) + spread * noise) as f32;
    }
    let uniform: f64 = StandardUniform.sample(generator);
    if uniform < dropout {
        return 0.0;
    }
    let mut rate = f64::from(mean);
    // A negative binomial is Poisson with a rate that is drawn, too; with hardly any dispersion it is Poisson.
    if spread.is_finite()
        && spread < 1e8
        && let Ok(rates) = Gamma::new(spread, rate / spread)
    {
        rate = rates.sample(generator);
    }
    Poisson::new(rate).map_or(0.0, |counts| counts.sample(generator) as f32)
}

/// Sums over values of every gene.
struct Sums {
    count: f64,
    sum: Array1<f64>,
    squares: Array1<f64>,
    zeros: Array1<f64>,
}

impl Sums {
    fn new(genes: usize) -> Self {
        Self {
            count: 0.0,
            sum: Array1::zeros(genes),
            squares: Array1::zeros(genes),
            zeros: Array1::zeros(genes),
        }
    }

    fn add(&mut self, values: &Array2<f32>) {
        self.count += values.nrows() as f64;
        for row in values.rows() {
            for (gene, &value) in row.iter().enumerate() {
                let value = f64::from(value);
                self.sum[gene] += value;
                self.squares[gene] += value * value;
                self.zeros[gene] += f64::from(u8::from(value == 0.0));
            }
        }
    }

    /// Returns means, variances and shares of zeros, one row each.
    fn moments(&self) -> [Vec<f64>; 3] {
        let mean = &self.sum / self.count;
        let variance = (&self.squares / self.count - &mean * &mean).mapv(|v| v.max(0.0));
        let zeros = &self.zeros / self.count;
        [mean.to_vec(), variance.to_vec(), zeros.to_vec()]
    }
}

/// Genes as they are and as a model draws them; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct CheckedGenes {
    genes: Arc<[String]>,
    seen: Arc<[Vec<f64>; 3]>,
    drawn: Arc<[Vec<f64>; 3]>,
}

impl CheckedGenes {
    /// Returns how many genes there are.
    pub fn len(&self) -> usize {
        self.genes.len()
    }

    /// Tells whether there is no gene.
    pub fn is_empty(&self) -> bool {
        self.genes.is_empty()
    }

    /// Means, variances or shares of zeros by number: of the cells, and drawn.
    pub(crate) fn moments(&self, which: usize) -> (&Vec<f64>, &Vec<f64>) {
        (&self.seen[which], &self.drawn[which])
    }

    /// Returns the largest difference between the share of zeros of a gene and the drawn one.
    pub fn worst_zeros(&self) -> f64 {
        let pairs = self.seen[2].iter().zip(&self.drawn[2]);
        pairs.fold(0.0, |most, (a, b)| most.max((a - b).abs()))
    }

    /// Returns a table with one row per gene: `mean`, `variance` and `zeros` of the cells, and `drawn_mean` and so on.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let mut columns = vec![Column::new("gene".into(), self.genes.to_vec())];
        for (side, moments) in [("", &self.seen), ("drawn_", &self.drawn)] {
            for (name, values) in ["mean", "variance", "zeros"].iter().zip(moments.iter()) {
                columns.push(Column::new(format!("{side}{name}").into(), values.clone()));
            }
        }
        Ok(DataFrame::new(self.len(), columns)?)
    }
}

impl fmt::Debug for CheckedGenes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (genes, worst) = (self.len(), self.worst_zeros());
        write!(
            f,
            "CheckedGenes({genes} genes, zeros differ by at most {worst:.3})"
        )
    }
}
