//! Genes that a model thinks two groups of cells differ in.

use super::FittedVae;
use super::parameters::Totals;
use super::plan::Counted;
use super::posterior::AT_ONCE;
use crate::distribution::order::{falling, median, quantile};
use crate::expression::Cells;
use crate::progress::Task;
use crate::random::Seed;
use crate::{Error, Result};
use ndarray::{Array2, ArrayView1, Axis, s};
use polars::prelude::{Column, DataFrame};
use rand::RngExt;
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// What is asked of a gene.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DifferentialMode {
    /// Whether its expression is larger in the first group, as scVI `vanilla`.
    Larger,
    /// Whether it changes by more than a threshold, as scVI `change`.
    #[default]
    Change,
}

/// Compares the expression of two groups of cells as the model sees it, with the defaults of [`Differential`].
///
/// `groups` names a column and two of its labels, as in `("type", "B", "T")`.
///
/// # Errors
///
/// As [`Differential::run`].
pub fn differential(
    model: &FittedVae,
    cells: &Cells,
    groups: (&str, &str, &str),
) -> Result<DifferentialGenes> {
    Differential::new().run(model, cells, groups)
}

/// Compares the expression of two groups of cells as a model sees it, with options.
///
/// Cells of both groups are drawn, and positions of each; pairs of one cell of either group say how probable it is that a gene differs. In
/// the mode [`Change`](DifferentialMode::Change), that `|log2((a + c) / (b + c))|` is at least `delta` (0.25), for shares `a` and `b` of
/// the gene in all expression and a pseudo-count `c`; genes are called so that the expected share of false ones is at most `fdr` (0.05).
/// In the mode [`Larger`](DifferentialMode::Larger), that `a > b`. A Bayes factor is the logarithm of the odds (natural), 3 being strong.
///
/// Differences within a donor are not differences between donors: many cells make small effects certain.
///
/// Source: Lopez et al. 2018, doi:10.1038/s41592-018-0229-2; Boyeau et al. 2019, doi:10.1101/794289; modes and defaults as scvi-tools 1.4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Differential {
    mode: DifferentialMode,
    delta: f64,
    fdr: f64,
    draws: usize,
    pairs: usize,
    pseudo_count: Option<f64>,
    batch_free: bool,
    seed: Seed,
}

impl Differential {
    /// Takes the defaults: 5000 draws for each group, 10,000 pairs.
    pub fn new() -> Self {
        Self {
            mode: DifferentialMode::Change,
            delta: 0.25,
            fdr: 0.05,
            draws: 5000,
            pairs: 10_000,
            pseudo_count: None,
            batch_free: false,
            seed: Seed::default(),
        }
    }

    /// Sets what is asked of a gene.
    pub fn mode(mut self, mode: DifferentialMode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets the least change that counts, a logarithm to the base 2.
    pub fn delta(mut self, delta: f64) -> Self {
        self.delta = delta;
        self
    }

    /// Sets the expected share of false genes among those that are called.
    pub fn fdr(mut self, share: f64) -> Self {
        self.fdr = share;
        self
    }

    /// Sets how many positions are drawn for each group.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets how many pairs are compared.
    pub fn pairs(mut self, pairs: usize) -> Self {
        self.pairs = pairs;
        self
    }

    /// Sets what is added to both shares of a gene; without it the 0.9 quantile of the shares of genes that neither group has (that of the
    /// group where it is larger), and 1e-10 where every gene is seen.
    pub fn pseudo_count(mut self, share: f64) -> Self {
        self.pseudo_count = Some(share);
        self
    }

    /// Decodes every cell in all batches and averages, in place of its own.
    pub fn batch_free(mut self, free: bool) -> Self {
        self.batch_free = free;
        self
    }

    /// Sets from which numbers the draws follow.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Compares cells of one label of a column with those of another: `(column, label, other)`.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, the model is not one of counts, a group has no cell, and as [`FittedVae::latent`].
    pub fn run(
        &self,
        model: &FittedVae,
        cells: &Cells,
        (column, label, other): (&str, &str, &str),
    ) -> Result<DifferentialGenes> {
        self.check(model)?;
        let labels = cells.obs().labels(column)?;
        let members = |label: &str| -> Result<Vec<usize>> {
            let own = labels.iter().enumerate().filter(|(_, l)| *l == label);
            let own: Vec<usize> = own.map(|(cell, _)| cell).collect();
            if own.is_empty() {
                let expected = format!("a label of the column `{column}`");
                return Err(Error::value("groups", expected, format!("`{label}`")));
            }
            Ok(own)
        };
        let groups = [members(label)?, members(other)?];
        let source = model.plan().read(cells)?;
        let steps = 2 * self.draws.div_ceil(AT_ONCE);
        let mut task = Task::new("differential expression", steps);
        let first = self.shares(model, (&source, &groups[0], 0), &mut task)?;
        let second = self.shares(model, (&source, &groups[1], 1), &mut task)?;
        let more = match self.pseudo_count {
            Some(count) => count,
            None => unseen(&source, &groups, (&first, &second)),
        };
        let mut generator = self.seed.named("pairs").generator();
        let pairs: Vec<(usize, usize)> = (0..self.pairs)
            .map(|_| {
                let mut row = || generator.random_range(0..self.draws);
                (row(), row())
            })
            .collect();
        let genes: Vec<Gene> = (0..model.genes().len())
            .into_par_iter()
            .map(|gene| self.compare([first.column(gene), second.column(gene)], &pairs, more))
            .collect();
        let called = self.called(&genes);
        Ok(DifferentialGenes {
            names: model.genes().into(),
            genes: genes.into(),
            called: called.into(),
            mode: self.mode,
        })
    }

    /// Compares the shares of a gene in two groups, by pairs of draws.
    fn compare(
        &self,
        shares: [ArrayView1<'_, f32>; 2],
        pairs: &[(usize, usize)],
        more: f64,
    ) -> Gene {
        let (mut certain, mut sum, mut logs) = (0, 0.0, Vec::with_capacity(pairs.len()));
        for &(x, y) in pairs {
            let (x, y) = (f64::from(shares[0][x]), f64::from(shares[1][y]));
            let log = ((x + more) / (y + more)).log2();
            certain += usize::from(match self.mode {
                DifferentialMode::Larger => x > y,
                DifferentialMode::Change => log.abs() >= self.delta,
            });
            sum += log;
            logs.push(log);
        }
        let mean = |of: ArrayView1<'_, f32>| {
            let sum: f64 = of.iter().map(|&share| f64::from(share)).sum();
            sum / of.len() as f64
        };
        Gene {
            probability: certain as f64 / pairs.len() as f64,
            mean: sum / pairs.len() as f64,
            median: median(logs),
            shares: shares.map(mean),
        }
    }

    fn check(&self, model: &FittedVae) -> Result<()> {
        if !model.plan().likelihood.is_of_counts() {
            let expected = "one of counts, whose decoder says shares";
            return Err(Error::value("model", expected, model.plan().likelihood));
        }
        for (name, value) in [("draws", self.draws), ("pairs", self.pairs)] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        // Every change is one of at least 0, and a share of 0 has no logarithm.
        if !self.delta.is_finite() || self.delta <= 0.0 {
            return Err(Error::value("delta", "above 0", self.delta));
        }
        if !(0.0..=1.0).contains(&self.fdr) {
            return Err(Error::value("fdr", "a share, 0 to 1", self.fdr));
        }
        match self.pseudo_count {
            Some(count) if !count.is_finite() || count <= 0.0 => {
                Err(Error::value("pseudo_count", "above 0", count))
            }
            _ => Ok(()),
        }
    }

    /// Draws shares of genes of a group, shape `(draws, genes)`.
    fn shares(
        &self,
        model: &FittedVae,
        (source, members, group): (&Counted, &[usize], usize),
        task: &mut Task,
    ) -> Result<Array2<f32>> {
        let seed = self.seed.named("groups").indexed(group);
        let mut generator = seed.generator();
        let picked: Vec<usize> = (0..self.draws)
            .map(|_| members[generator.random_range(0..members.len())])
            .collect();
        let mut out = Array2::zeros((self.draws, model.genes().len()));
        for (at, rows) in picked.chunks(AT_ONCE).enumerate() {
            let first = at * AT_ONCE;
            let posterior = model.posterior(source, rows)?;
            let z = posterior.drawn((seed.named("positions"), first));
            let covariates = source.covariates().select(Axis(0), rows);
            let means =
                model.means(&z, (covariates.view(), Totals::Same(1.0)), !self.batch_free)?;
            out.slice_mut(s![first..first + rows.len(), ..])
                .assign(&means);
            task.step("")?;
        }
        Ok(out)
    }

    /// Calls the most probable genes, as many as the expected share of false ones allows.
    fn called(&self, genes: &[Gene]) -> Vec<bool> {
        let (mut called, mut falsely) = (vec![false; genes.len()], 0.0);
        for (count, gene) in most_probable(genes).into_iter().enumerate() {
            falsely += 1.0 - genes[gene].probability;
            if falsely / (count + 1) as f64 > self.fdr {
                break;
            }
            called[gene] = true;
        }
        called
    }
}

impl Default for Differential {
    fn default() -> Self {
        Self::new()
    }
}

/// What the model says of genes that no cell of either group has.
fn unseen(source: &Counted, groups: &[Vec<usize>; 2], shares: (&Array2<f32>, &Array2<f32>)) -> f64 {
    let mut seen = vec![false; shares.0.ncols()];
    for rows in groups.iter().flat_map(|group| group.chunks(AT_ONCE)) {
        for row in source.both(rows).1.rows() {
            for (seen, &value) in seen.iter_mut().zip(row) {
                *seen |= value > 0.0;
            }
        }
    }
    let lacking = || (0..seen.len()).filter(|&gene| !seen[gene]);
    let largest = |shares: &Array2<f32>| {
        let values: Vec<f64> = lacking()
            .flat_map(|gene| shares.column(gene).to_vec())
            .map(f64::from)
            .collect();
        if values.is_empty() {
            return 0.0;
        }
        quantile(values, 0.9)
    };
    largest(shares.0).max(largest(shares.1)).max(1e-10)
}

/// Where genes stand, the most probable first.
fn most_probable(genes: &[Gene]) -> Vec<usize> {
    falling(genes.iter().map(|gene| gene.probability))
}

#[derive(Clone, Debug, PartialEq)]
struct Gene {
    probability: f64,
    mean: f64,
    median: f64,
    shares: [f64; 2],
}

/// How two groups of cells differ, gene by gene; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct DifferentialGenes {
    names: Arc<[String]>,
    genes: Arc<[Gene]>,
    called: Arc<[bool]>,
    mode: DifferentialMode,
}

impl DifferentialGenes {
    /// Returns how many genes there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Tells whether there is no gene.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns a table with one row per gene, the most probable first: `probability` of a difference, `bayes_factor` (natural logarithm of
    /// the odds), `log2_change` (mean over pairs) and `median_log2_change`, the mean shares of both groups, and whether it is called.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let order = most_probable(&self.genes);
        let column = |name: &str, of: &dyn Fn(&Gene) -> f64| {
            let values: Vec<f64> = order.iter().map(|&gene| of(&self.genes[gene])).collect();
            Column::new(name.into(), values)
        };
        let odds =
            |gene: &Gene| (gene.probability + 1e-8).ln() - (1.0 - gene.probability + 1e-8).ln();
        let names: Vec<&str> = order
            .iter()
            .map(|&gene| self.names[gene].as_str())
            .collect();
        let called: Vec<bool> = order.iter().map(|&gene| self.called[gene]).collect();
        let columns = vec![
            Column::new("gene".into(), names),
            column("probability", &|gene| gene.probability),
            column("bayes_factor", &odds),
            column("log2_change", &|gene| gene.mean),
            column("median_log2_change", &|gene| gene.median),
            column("share", &|gene| gene.shares[0]),
            column("other_share", &|gene| gene.shares[1]),
            Column::new("called".into(), called),
        ];
        Ok(DataFrame::new(self.len(), columns)?)
    }
}

impl fmt::Debug for DifferentialGenes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let called = self.called.iter().filter(|&&called| called).count();
        write!(
            f,
            "DifferentialGenes({called} of {} called, {:?})",
            self.len(),
            self.mode
        )
    }
}
