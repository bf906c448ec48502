//! Whether an explanation knows what the network has learned.

use super::spread::mean_and_error;
use crate::attribution::Method;
use crate::network::{Model, Network};
use crate::progress::Task;
use crate::random::Seed;
use crate::sequence::Explainable;
use crate::training::spearman;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Compares explanations of a network with those of networks whose layers are drawn anew, from the last to the first.
///
/// See [`WeightRandomisation`] for the definition and the options.
///
/// # Errors
///
/// As [`WeightRandomisation::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{self, Saliency}, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC", "TTTACGATGC"])?;
/// let found = attribution::weight_randomisation(&network::deepbind(4), &peaks, &Saliency::new())?;
/// // One convolution and two dense layers have weights.
/// assert_eq!(found.correlations().dim(), (3, 2));
/// # Ok(()) }
/// ```
pub fn weight_randomisation(
    model: &dyn Model,
    x: &dyn Explainable,
    method: &dyn Method,
) -> Result<Randomised> {
    WeightRandomisation::new().run(model, x, method)
}

/// Compares explanations before and after weights are drawn anew, with options.
///
/// Layer after layer, beginning at the output, gets first weights as an untrained network has them, and all sequences are explained again.
/// The scores of the letters that are there are compared with the first ones by Spearman's rank correlation in every sequence. A method
/// whose correlation stays high explains the input or the architecture, not what was learned.
///
/// # References
///
/// Adebayo and others 2018, <https://arxiv.org/abs/1810.03292>, cascading and independent randomisation.
#[derive(Clone, Debug)]
pub struct WeightRandomisation {
    cascading: bool,
    absolute: bool,
    seed: Seed,
}

impl WeightRandomisation {
    /// Takes the defaults: layers that were drawn anew stay so, and scores count with their sign.
    pub fn new() -> Self {
        Self {
            cascading: true,
            absolute: false,
            seed: Seed::default(),
        }
    }

    /// Tells whether layers stay drawn anew when the next one is; without, every layer is drawn anew alone.
    pub fn cascading(mut self, cascading: bool) -> Self {
        self.cascading = cascading;
        self
    }

    /// Tells whether only the size of scores is compared.
    pub fn absolute(mut self, absolute: bool) -> Self {
        self.absolute = absolute;
        self
    }

    /// Sets the seed of the new weights; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Computes the rank correlations.
    ///
    /// # Errors
    ///
    /// Fails when there is no network behind the model, it has no weights, the method fails, or the user interrupts.
    pub fn run(
        &self,
        model: &dyn Model,
        x: &dyn Explainable,
        method: &dyn Method,
    ) -> Result<Randomised> {
        let Some(network) = model.network() else {
            let got = "one without a network behind it";
            return Err(Error::value("model", "a network or a trained one", got));
        };
        let layers: Vec<_> = (network.parts().iter().rev())
            .filter(|part| !part.parameters.is_empty())
            .collect();
        if layers.is_empty() {
            return Err(Error::value("model", "a network with weights", "without"));
        }
        let fresh = network.with_seed(self.seed.named("weight randomisation"))?;
        let mut task = Task::new("randomisation of weights", layers.len() + 1);
        let before = self.scores(network, x, method)?;
        task.step("")?;
        let mut correlations = Array2::zeros((layers.len(), before.nrows()));
        let mut weights = network.tensors().to_vec();
        for (at, layer) in layers.iter().enumerate() {
            if !self.cascading {
                weights = network.tensors().to_vec();
            }
            let own = layer.first..layer.first + layer.parameters.len();
            weights[own.clone()].clone_from_slice(&fresh.tensors()[own]);
            let after = self.scores(&network.with_tensors(weights.clone()), x, method)?;
            if after.dim() != before.dim() {
                let expected = format!("{:?}, as with the first weights", before.dim());
                return Err(Error::shape("scores", expected, after.shape()));
            }
            for (row, correlation) in correlations.row_mut(at).iter_mut().enumerate() {
                *correlation = ranks(&before.row(row).to_owned(), &after.row(row).to_owned());
            }
            task.step(&layer.name)?;
        }
        Ok(Randomised {
            layers: layers.iter().map(|layer| layer.name.clone()).collect(),
            correlations: Arc::new(correlations),
        })
    }

    fn scores(
        &self,
        network: &Network,
        x: &dyn Explainable,
        method: &dyn Method,
    ) -> Result<Array2<f32>> {
        let scores = method.explain(network, x)?.observed()?;
        Ok(if self.absolute {
            scores.mapv_into(f32::abs)
        } else {
            scores
        })
    }
}

impl Default for WeightRandomisation {
    fn default() -> Self {
        Self::new()
    }
}

/// Rank correlation; NaN where all scores are equal or one is no number, so that there are no ranks.
fn ranks(a: &Array1<f32>, b: &Array1<f32>) -> f64 {
    spearman(a, b).unwrap_or(f64::NAN)
}

/// Rank correlations of explanations before and after layers were drawn anew; cheap to clone, shows itself as a table.
#[derive(Clone)]
pub struct Randomised {
    layers: Arc<[String]>,
    correlations: Arc<Array2<f64>>,
}

impl Randomised {
    /// Returns the names of the layers in the order in which they were drawn anew, the last of the network first.
    pub fn layers(&self) -> &[String] {
        &self.layers
    }

    /// Returns the rank correlation of every sequence after every step, shape `(layers, n)`; NaN where all scores are equal.
    pub fn correlations(&self) -> &Array2<f64> {
        &self.correlations
    }

    /// Returns the mean over sequences after every step, shape `(layers)`.
    pub fn mean(&self) -> Array1<f64> {
        self.lines().into_iter().map(|(mean, ..)| mean).collect()
    }

    /// Returns one row for every step: the layer, the mean correlation with its standard error, and of how many sequences.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn table(&self) -> Result<DataFrame> {
        let lines = self.lines();
        Ok(df!(
            "layer" => self.layers.to_vec(),
            "correlation" => lines.iter().map(|line| line.0).collect::<Vec<f64>>(),
            "correlation_se" => lines.iter().map(|line| line.1).collect::<Vec<f64>>(),
            "sequences" => lines.iter().map(|line| line.2 as i64).collect::<Vec<i64>>(),
        )?)
    }

    /// Mean, standard error and number of sequences of every step.
    pub(crate) fn lines(&self) -> Vec<(f64, f64, usize)> {
        let line = |row: ndarray::ArrayView1<'_, f64>| {
            let (mean, error) = mean_and_error(row.iter().copied());
            (mean, error, row.iter().filter(|v| !v.is_nan()).count())
        };
        self.correlations.axis_iter(Axis(0)).map(line).collect()
    }
}

impl fmt::Debug for Randomised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Randomised(")?;
        for (at, (layer, (mean, ..))) in self.layers.iter().zip(self.lines()).enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{layer} {mean:.3}")?;
        }
        f.write_str(")")
    }
}
