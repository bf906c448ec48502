//! How much scores of genes change with the seed of the training.

use super::GeneScores;
use crate::distribution::order::falling;
use crate::progress::Task;
use crate::random::Seed;
use crate::training::spearman;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{DataFrame, df};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Explains the same model trained from several seeds: `explain` trains it from a seed and returns the scores of its genes.
///
/// A gene whose score is not far from 0 beside its error was made by the seed as much as by the data. The output must mean the same for
/// all seeds, as a class does; dimensions of a code have no order and no sign, and are compared by
/// [`codes_between_seeds`](super::codes_between_seeds). Scores of one group of cells, `scores.group(..)`, tell more than those of all: from
/// a mean, these add up to nothing.
///
/// # Errors
///
/// Fails for fewer than two seeds, when `explain` does, when it gives other genes for another seed, and when the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, expression::Cells, ndarray::array, network::Architecture};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[1.0_f32, 2.0], [1.0, 0.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
/// let found = attribution::between_seeds(3, |seed| {
///     let model = Architecture::features(2).dense(1).seed(seed).build()?;
///     attribution::explain_genes(&model, &cells)
/// })?;
/// assert_eq!(found.scores().dim(), (3, 2));
/// println!("{found}");
/// # Ok(()) }
/// ```
pub fn between_seeds(
    seeds: usize,
    explain: impl Fn(Seed) -> Result<GeneScores>,
) -> Result<SeedScores> {
    if seeds < 2 {
        return Err(Error::value("seeds", "at least 2", seeds));
    }
    let mut task = Task::new("seeds", seeds);
    let mut gathered = Gathered::default();
    for number in 0..seeds {
        gathered.add(&explain(Seed::default().indexed(number))?, (1.0, true))?;
        task.step("")?;
    }
    gathered.scores()
}

/// Scores of one seed after the other.
#[derive(Default)]
pub(super) struct Gathered {
    genes: Option<Arc<[String]>>,
    seeds: usize,
    rows: Vec<f64>,
    sizes: Vec<f64>,
    unmatched: usize,
}

impl Gathered {
    /// Adds the scores of a seed times a sign; tells whether they are of the same output as those of the others.
    pub(super) fn add(&mut self, scores: &GeneScores, (sign, matched): (f64, bool)) -> Result<()> {
        let known = self.genes.get_or_insert_with(|| scores.genes().into());
        if &**known != scores.genes() {
            let expected = "the same genes in the same order for every seed";
            let got = format!("others for seed {}", self.seeds);
            return Err(Error::value("explain", expected, got));
        }
        self.rows.extend(scores.mean() * sign);
        self.sizes.extend(scores.size());
        self.seeds += 1;
        self.unmatched += usize::from(!matched);
        Ok(())
    }

    pub(super) fn scores(self) -> Result<SeedScores> {
        let genes = self.genes.unwrap_or_default();
        let shape = (self.seeds, genes.len());
        let matrix = |rows| {
            Array2::from_shape_vec(shape, rows)
                .map_err(|_| Error::shape("scores", "(seeds, genes)", &[shape.0, shape.1]))
        };
        let scores = SeedScores::new(genes, (matrix(self.rows)?, matrix(self.sizes)?))?;
        Ok(SeedScores {
            unmatched: self.unmatched,
            ..scores
        })
    }
}

/// Scores of genes for several seeds of the same training, and how far they agree; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct SeedScores {
    genes: Arc<[String]>,
    scores: Arc<Array2<f64>>,
    /// Mean absolute scores, by which genes are put in order.
    sizes: Arc<Array2<f64>>,
    agreement: f64,
    unmatched: usize,
}

/// Genes whose overlap is told.
const TOP: usize = 20;

impl SeedScores {
    fn new(genes: Arc<[String]>, (scores, sizes): (Array2<f64>, Array2<f64>)) -> Result<Self> {
        let rows = sizes.rows().into_iter();
        let rows: Vec<Array1<f32>> = rows.map(|row| row.mapv(|size| size as f32)).collect();
        let (mut sum, mut pairs) = (0.0, 0.0);
        // As those of a unit that is never active: they have no order.
        let alike = |row: &Array1<f32>| row.iter().all(|size| *size == row[0]);
        if !rows.iter().any(alike) {
            for (at, a) in rows.iter().enumerate() {
                for b in &rows[..at] {
                    sum += spearman(a, b)?;
                    pairs += 1.0;
                }
            }
        }
        Ok(Self {
            genes,
            scores: Arc::new(scores),
            sizes: Arc::new(sizes),
            agreement: sum / pairs,
            unmatched: 0,
        })
    }

    /// Returns the names of the genes.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// Returns the mean score of every gene for each seed, shape `(seeds, genes)`.
    pub fn scores(&self) -> &Array2<f64> {
        &self.scores
    }

    /// Returns the mean over seeds.
    pub fn mean(&self) -> Array1<f64> {
        self.scores.sum_axis(Axis(0)) / self.scores.nrows() as f64
    }

    /// Returns the mean absolute score of every gene, over cells and seeds.
    pub fn size(&self) -> Array1<f64> {
        self.sizes.sum_axis(Axis(0)) / self.sizes.nrows() as f64
    }

    /// Returns the standard error of the mean over seeds.
    pub fn error(&self) -> Array1<f64> {
        let (seeds, mean) = (self.scores.nrows() as f64, self.mean());
        let squares = (&*self.scores - &mean)
            .mapv(|off| off * off)
            .sum_axis(Axis(0));
        squares.mapv(|sum| (sum / (seeds - 1.0) / seeds).sqrt())
    }

    /// Returns Spearman's correlation of the mean absolute scores of two seeds, the mean over all pairs: 1 where every seed puts genes in
    /// the same order, 0 where the order is that of the seed. NaN for a single gene, or sizes that are all alike.
    pub fn rank_agreement(&self) -> f64 {
        self.agreement
    }

    /// Returns the share of the `count` genes with the largest mean absolute scores that two seeds have in common, the mean over all pairs.
    pub fn overlap(&self, count: usize) -> f64 {
        let count = count.clamp(1, self.genes.len().max(1));
        let tops: Vec<BTreeSet<usize>> = (self.sizes.rows().into_iter())
            .map(|row| {
                falling(row.iter().copied())
                    .into_iter()
                    .take(count)
                    .collect()
            })
            .collect();
        let (mut sum, mut pairs) = (0.0, 0.0);
        for (at, a) in tops.iter().enumerate() {
            for b in &tops[..at] {
                sum += a.intersection(b).count() as f64 / count as f64;
                pairs += 1.0;
            }
        }
        sum / pairs
    }

    /// Returns the genes with the largest mean absolute scores alone, the largest first; the agreement stays that of all genes.
    pub fn top(&self, count: usize) -> Self {
        let mut order = falling(self.size());
        order.truncate(count);
        Self {
            genes: order.iter().map(|&gene| self.genes[gene].clone()).collect(),
            scores: Arc::new(self.scores.select(Axis(1), &order)),
            sizes: Arc::new(self.sizes.select(Axis(1), &order)),
            ..self.clone()
        }
    }

    /// Returns how many seeds have no dimension that is surely the one of the first seed: their scores may be those of another. Always 0 for
    /// outputs that mean the same for all seeds.
    pub fn unmatched(&self) -> usize {
        self.unmatched
    }

    /// Says in words how many seeds do not match; nothing where all do.
    pub(crate) fn warning(&self) -> String {
        match self.unmatched {
            0 => String::new(),
            count => format!(" ({count} without this dimension)"),
        }
    }

    /// Returns one row for each gene: `gene`, `score`, `error`, `size`, and `seeds_agree`, the share of seeds that give it the sign of the
    /// mean.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn table(&self) -> Result<DataFrame> {
        let mean = self.mean();
        let agree = |(column, mean): (ndarray::ArrayView1<'_, f64>, &f64)| {
            let same = column.iter().filter(|&&score| score * mean > 0.0).count();
            same as f64 / column.len() as f64
        };
        let agree: Vec<f64> = self
            .scores
            .columns()
            .into_iter()
            .zip(&mean)
            .map(agree)
            .collect();
        Ok(df!(
            "gene" => self.genes.to_vec(),
            "score" => mean.to_vec(),
            "error" => self.error().to_vec(),
            "size" => self.size().to_vec(),
            "seeds_agree" => agree,
        )?)
    }
}

impl fmt::Debug for SeedScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SeedScores({} seeds, {} genes)",
            self.scores.nrows(),
            self.genes.len()
        )
    }
}

impl fmt::Display for SeedScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = TOP.min(self.genes.len());
        write!(
            f,
            "{} seeds{}, rank agreement {:.3}, {:.0} % of the top {count} genes in common:",
            self.scores.nrows(),
            self.warning(),
            self.agreement,
            100.0 * self.overlap(count)
        )?;
        let top = self.top(10);
        for ((gene, score), error) in top.genes.iter().zip(top.mean()).zip(top.error()) {
            write!(f, " {gene} {score:.3} ± {error:.3}")?;
        }
        Ok(())
    }
}
