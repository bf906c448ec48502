//! Explains outputs of models of expression by genes.

use super::engine::Engine;
use super::gene_scores::Sums;
use super::{Baseline, GeneScores};
use crate::embedding::Labels;
use crate::expression::Cells;
use crate::network::{Model, Shape};
use crate::progress::Task;
use crate::{Error, Result};
use std::fmt;

/// Explains the first output of a model of expression by integrated gradients from zeros.
///
/// # Errors
///
/// As [`ExplainGenes::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, expression::Cells, ndarray::array, network::Architecture};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[0.0_f32, 2.0], [1.0, 0.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
/// let model = Architecture::features(2).dense(1).build()?;
/// let scores = attribution::explain_genes(&model, &cells)?;
/// assert_eq!(scores.genes(), ["CD3D", "MS4A1"]);
/// assert!(scores.unexplained().unwrap() < 1e-6);
/// # Ok(()) }
/// ```
pub fn explain_genes(model: &dyn Model, cells: &Cells) -> Result<GeneScores> {
    ExplainGenes::new().run(model, cells)
}

/// How an output of a model of expression is shared among genes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneMethod {
    /// The slope of the output: what a little more of a gene would do. Compares with no baseline.
    Gradient,
    /// The slope times the value: exact for linear models, from zeros.
    GradientXInput,
    /// Slopes along the straight way from the baseline, times the way (Sundararajan et al. 2017, <https://arxiv.org/abs/1703.01365>).
    IntegratedGradients {
        /// Points on the way, by the rule of Gauss and Legendre; 50 are usual.
        steps: usize,
    },
    /// Differences to the baseline, layer by layer (Shrikumar et al. 2017, <https://proceedings.mlr.press/v70/shrikumar17a.html>), the rule
    /// being to rescale. For networks of the library.
    DeepLift,
}

impl GeneMethod {
    /// Tells whether cells are compared with a baseline.
    fn has_baseline(self) -> bool {
        matches!(self, Self::IntegratedGradients { .. } | Self::DeepLift)
    }
}

impl fmt::Display for GeneMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gradient => "gradient",
            Self::GradientXInput => "gradient x input",
            Self::IntegratedGradients { .. } => "integrated gradients",
            Self::DeepLift => "DeepLIFT",
        })
    }
}

/// Explains an output of a model of expression by genes, with options.
///
/// The model reads `(cells, genes)`: a classifier, or the encoder of an autoencoder, whose outputs are the dimensions of its code. Cells are
/// looked at in blocks, of which only sums over cells are kept: memory does not grow with their number, and sparse cells stay sparse. The
/// same bytes come for any number of threads and any size of block but for rounding.
///
/// Defaults: the first output, integrated gradients with 50 points from zeros, all cells as one group, blocks of 256 cells.
///
/// Checked against captum 0.8: `Saliency(abs=False)`, `InputXGradient`, `IntegratedGradients(method="gausslegendre")`, `DeepLift`.
#[derive(Clone, Debug)]
pub struct ExplainGenes {
    target: usize,
    method: GeneMethod,
    baseline: Baseline,
    by: Option<String>,
    block: usize,
}

impl ExplainGenes {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self {
            target: 0,
            method: GeneMethod::IntegratedGradients { steps: 50 },
            baseline: Baseline::zeros(),
            by: None,
            block: 256,
        }
    }

    /// Sets which output to explain, counted from 0: a class, or a dimension of a code.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets how the output is shared among genes.
    pub fn method(mut self, method: GeneMethod) -> Self {
        self.method = method;
        self
    }

    /// Sets what cells are compared with, by integrated gradients and `DeepLIFT`.
    pub fn baseline(mut self, baseline: Baseline) -> Self {
        self.baseline = baseline;
        self
    }

    /// Explains groups of cells apart, named by a column of what is known of them, such as clusters.
    pub fn by(mut self, column: &str) -> Self {
        self.by = Some(column.into());
        self
    }

    /// Sets how many cells are looked at at a time.
    pub fn block(mut self, cells: usize) -> Self {
        self.block = cells;
        self
    }

    /// Computes the scores of all genes.
    ///
    /// # Errors
    ///
    /// Fails without cells, for values that are not finite, when the model reads another number of genes, the baseline has others, or
    /// there is no such output, when it
    /// cannot be differentiated or has no rule for `DeepLIFT`, when there is no such column, and when the user interrupts.
    pub fn run(&self, model: &dyn Model, cells: &Cells) -> Result<GeneScores> {
        let (count, genes) = cells.shape();
        if count == 0 || genes == 0 {
            return Err(Error::value(
                "cells",
                "at least one cell and one gene",
                format!("{cells:?}"),
            ));
        }
        if self.block == 0 {
            return Err(Error::value("block", "at least 1", 0));
        }
        let input = model
            .network()
            .map(|network| network.architecture().input());
        if let Some(Shape::Features(read)) = input.filter(|input| *input != Shape::Features(genes))
        {
            let expected = format!("(n, {read}), the genes that the model reads");
            return Err(Error::shape("cells", expected, &[count, genes]));
        }
        let groups = match &self.by {
            Some(column) => Labels::of(cells, column)?,
            None => Labels::new((0..count).map(|_| "all cells"))?,
        };
        let engine = Engine::new(
            model,
            (self.method, self.target),
            self.baseline.of(cells.genes())?,
        )?;
        let mut sums = Sums::new(groups.groups().len(), genes);
        let rows: Vec<usize> = (0..count).collect();
        let mut task = Task::new("genes", count.div_ceil(self.block));
        for rows in rows.chunks(self.block) {
            let some = cells.values().select_rows(rows)?;
            let x = some.dense();
            if let Some(value) = x.iter().find(|value| !value.is_finite()) {
                return Err(Error::value("values of cells", "finite", value));
            }
            let (scores, unexplained) = engine.explain(&x)?;
            for ((&cell, scores), place) in rows.iter().zip(scores.rows()).zip(0..) {
                let group = groups.codes()[cell] as usize;
                sums.add(group, &scores, unexplained.get(place).copied());
            }
            task.step("")?;
        }
        let method = if self.method.has_baseline() {
            format!("{} from {}", self.method, self.baseline)
        } else {
            self.method.to_string()
        };
        GeneScores::new(
            (cells.genes().into(), groups.groups().into()),
            sums,
            (method, self.target),
        )
    }
}

impl Default for ExplainGenes {
    fn default() -> Self {
        Self::new()
    }
}
