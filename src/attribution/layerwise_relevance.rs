//! The output handed back in shares, layer by layer.

use super::Attribution;
use super::gradient::{output, ruled_gradient};
use crate::network::{Model, Relevance, RelevanceRule, in_batches, to_tensor};
use crate::sequence::{Explainable, code};
use crate::{Error, Result};
use candle_core::DType;
use ndarray::{Array1, Axis, Slice};

/// Computes layer-wise relevance propagation of the first output.
///
/// # Errors
///
/// Fails when the model is no network of the library, a layer has no rule, or `x` has a shape that it cannot read.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::layerwise_relevance(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores().dim(), (1, 4, 10));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Bach et al. 2015, doi:10.1371/journal.pone.0130140; the rules: Montavon et al. 2019, doi:10.1007/978-3-030-28954-6_10. Checked against
/// captum's `LRP`.
pub fn layerwise_relevance(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    LayerwiseRelevance::new().run(model, x)
}

/// How the relevance of a sum is shared among its terms; what a bias adds takes its share and keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sharing {
    /// In proportion to the terms, the size of the sum being raised by this much; the larger, the less weak terms get.
    Epsilon(f64),
    /// In proportion to the terms, positive weights counting so many times more.
    Gamma(f64),
    /// In proportion to the positive terms, biases left out (the rules `alpha 1, beta 0` and `z+`).
    Positive,
}

/// Hands the output back in shares, with options.
///
/// Functions hand on the relevance of what they give as it is, maxima to the largest number, sums in shares. Softmax, products, norms of
/// positions, attention and LSTMs have no such rule: networks with them are refused.
///
/// Scores have shape `(n, letters, length)`, those of letters that are not there are 0, and they add up to the output but for what biases
/// keep: [`unexplained`](Attribution::unexplained) tells how much that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerwiseRelevance {
    target: usize,
    sharing: Sharing,
    batch: usize,
}

impl LayerwiseRelevance {
    /// Takes the defaults: the first output, shares in proportion with an epsilon of 1e-9 as in captum, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            sharing: Sharing::Epsilon(1e-9),
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets how relevance is shared.
    pub fn sharing(mut self, sharing: Sharing) -> Self {
        self.sharing = sharing;
        self
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when the model is no network of the library, a layer has no rule, `x` has a shape that the network cannot read, there is no
    /// such output, epsilon or gamma is no number of 0 or more, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let rule = match self.sharing {
            Sharing::Epsilon(epsilon) => RelevanceRule::Epsilon(checked("epsilon", epsilon)?),
            Sharing::Gamma(gamma) => RelevanceRule::Gamma(checked("gamma", gamma)?),
            Sharing::Positive => RelevanceRule::Positive,
        };
        let code = code(x)?;
        let options = (self.target, self.batch);
        let scores = ruled_gradient(model, &code, (Relevance(rule), options))? * &code;
        let outputs = in_batches(
            "outputs",
            (code.dim().0, self.batch, model.device()),
            |rows| {
                let x = code.slice_axis(Axis(0), Slice::from(rows)).to_owned();
                let x = to_tensor(&x, model.device())?;
                let found = output(model, &x, self.target)?.to_dtype(DType::F64)?;
                Ok(found.to_vec1::<f64>()?)
            },
        )?;
        let sums = scores.mapv(f64::from).sum_axis(Axis(2)).sum_axis(Axis(1));
        let rest = Array1::from(outputs.concat()) - sums;
        Ok(Attribution::new(x.sequences()?, scores)?
            .named("layer-wise relevance")
            .targeted(self.target)
            .lacking(rest))
    }
}

fn checked(name: &str, value: f64) -> Result<f64> {
    if value >= 0.0 && value.is_finite() {
        return Ok(value);
    }
    Err(Error::value(name, "a number of 0 or more", value))
}

impl Default for LayerwiseRelevance {
    fn default() -> Self {
        Self::new()
    }
}
