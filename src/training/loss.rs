//! What training makes small.

use super::batch::at;
use super::likelihood::misfit;
use super::scored::{Measured, Scored};
use super::{Labels, Reconstruction};
use crate::{Error, Input, Result};
use ndarray::{ArrayD, IxDyn};

/// What training makes small, as a mean over examples and tasks; from raw scores, in nats where it is a cross-entropy.
///
/// Values and gradients are computed in double precision, without overflow, and checked against `PyTorch`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Loss {
    /// Binary cross-entropy of every task on its own, labels 0 to 1 (`BCEWithLogitsLoss`).
    #[default]
    BinaryCrossEntropy,
    /// Cross-entropy over the outputs as classes that exclude each other (`CrossEntropyLoss`); labels `(n)` are class numbers from
    /// 0, labels `(n, classes)` the shares of the classes.
    CrossEntropy,
    /// The squared difference of scores and labels of any size (`MSELoss`).
    SquaredError,
    /// Poisson, the scores being logarithms of rates and the labels counts (`PoissonNLLLoss`): `exp(score) - label * score`.
    Poisson,
    /// Poisson, the scores being rates, which the network must keep above 0: `score - label * ln(score + 1e-8)`.
    PoissonRate,
    /// A profile of counts as a multinomial over its positions, and the logarithm of one plus their total by squared error, as
    /// `BPNet` (Avsec et al. 2021, doi:10.1038/s41588-021-00782-6) in the form of `bpnet-lite`.
    ///
    /// Labels are counts `(n, strands, positions)` or `(n, positions)`; the outputs of the network are the scores of all positions,
    /// strand after strand, then the predicted logarithms of the totals. One total puts all strands in one multinomial; as many
    /// totals as strands give each strand its own.
    Multinomial {
        /// Weight of the profile, 1 in `bpnet-lite`.
        profile: f64,
        /// Weight of the total counts, 1 in `bpnet-lite`.
        counts: f64,
    },
    /// How well the outputs explain the values of an example as draws: the loss of autoencoders and variational models.
    Reconstruction(Reconstruction),
    /// The negative log-likelihood of one label under a mixture of so many normal distributions (Bishop 1994, Mixture density networks):
    /// outputs are the logits of their shares, then their means, then the logarithms of their standard deviations.
    GaussianMixture(usize),
    /// The squared difference of one label and what the outputs, responses to draws that are independent of each other, are on average
    /// (Hartford, Lewis, Leyton-Brown and Taddy 2017, <https://proceedings.mlr.press/v70/hartford17a.html>).
    ///
    /// The loss and its gradient are unbiased: one half of the draws gives one factor, the other half the other, so their number is even.
    /// It can be below 0.
    Expectation {
        /// The mean over draws of the squared difference instead, which is larger by the variance of the responses, and less noisy.
        upper_bound: bool,
    },
}

impl Loss {
    /// Computes the loss of raw scores `(n, outputs)` against labels.
    ///
    /// # Errors
    ///
    /// Fails when scores and labels do not fit each other or the loss.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{ndarray::array, training::Loss};
    /// # fn main() -> genolens::Result<()> {
    /// let loss = Loss::CrossEntropy.value(&array![[0.0_f32, 0.0, 0.0]], &array![2.0_f32])?;
    /// assert!((loss - 3_f64.ln()).abs() < 1e-12);
    /// # Ok(()) }
    /// ```
    pub fn value(self, scores: &dyn Input, labels: &dyn Labels) -> Result<f64> {
        Ok(self.both(scores, labels)?.0)
    }

    /// Computes the derivative of the loss by every score, in the shape of the scores.
    ///
    /// # Errors
    ///
    /// Fails when scores and labels do not fit each other or the loss.
    pub fn gradient(self, scores: &dyn Input, labels: &dyn Labels) -> Result<ArrayD<f32>> {
        Ok(self.both(scores, labels)?.1)
    }

    fn both(self, scores: &dyn Input, labels: &dyn Labels) -> Result<(f64, ArrayD<f32>)> {
        self.check_options()?;
        let (scores, labels) = (scores.array()?, labels.labels()?);
        let (scores, labels) = (scores.as_standard_layout(), labels.as_standard_layout());
        let n = scores.shape().first().copied().unwrap_or_default();
        if n == 0 || scores.is_empty() || labels.shape().first() != Some(&n) || labels.is_empty() {
            let expected = format!("({n}, ...), one row per example of the scores, at least 1");
            return Err(Error::shape("labels", expected, labels.shape()));
        }
        let (Some(numbers), Some(truth)) = (scores.as_slice(), labels.as_slice()) else {
            return Err(Error::value("scores", "in standard layout", "a view"));
        };
        let outputs = numbers.len() / n;
        self.check_shape(outputs, labels.shape())?;
        self.check(truth, outputs, truth.len() / n)?;
        let scored = Scored::new(numbers, truth, n);
        let Measured { sum, size, slopes } = scored.measure(self, &[]);
        let array = ArrayD::from_shape_vec(IxDyn(scores.shape()), slopes);
        let gradient = array.map_err(|_| Error::shape("scores", "(n, outputs)", scores.shape()))?;
        Ok((sum / size, gradient))
    }

    /// Checks that so many outputs can be compared with labels of this shape.
    pub(crate) fn check_shape(self, outputs: usize, labels: &[usize]) -> Result<()> {
        let width: usize = labels[1..].iter().product();
        let fits = match self {
            Self::CrossEntropy => outputs > 1 && (width == 1 || width == outputs),
            Self::Multinomial { .. } => {
                outputs > width && width.is_multiple_of(outputs - width) && width > 1
            }
            Self::Reconstruction(loss) => outputs == loss.outputs(width),
            Self::GaussianMixture(components) => width == 1 && outputs == 3 * components,
            Self::Expectation { upper_bound } => {
                width == 1 && (upper_bound || outputs.is_multiple_of(2))
            }
            _ => width == outputs,
        };
        if fits {
            return Ok(());
        }
        let mut got = vec![labels[0]];
        got.push(outputs);
        let what = match self {
            Self::CrossEntropy => {
                "(n, classes) for class numbers (n) or shares (n, classes)".into()
            }
            Self::Multinomial { .. } => format!(
                "(n, {width} + totals) for labels of {width} positions, the totals dividing the positions"
            ),
            Self::Reconstruction(loss) => {
                let (outputs, what) = (loss.outputs(width), loss.likelihood());
                format!("(n, {outputs}) for {width} values, {what}")
            }
            Self::GaussianMixture(components) => {
                let outputs = 3 * components;
                format!("(n, {outputs}) for {components} distributions of one label")
            }
            Self::Expectation { .. } => "(n, draws) for one label, draws even".into(),
            _ => format!("(n, {width}) as the labels"),
        };
        Err(Error::shape("output of the network", what, &got))
    }

    /// Checks labels, so many for each example.
    pub(crate) fn check(self, labels: &[f32], outputs: usize, width: usize) -> Result<()> {
        let fail = |expected: String, index: usize| {
            Err(Error::value("labels", expected, at(labels[index], index)))
        };
        let find = |wrong: &dyn Fn(f32) -> bool| labels.iter().position(|&label| wrong(label));
        let finite = misfit(labels, f32::is_finite);
        if let Some(index) = finite {
            return fail("finite".into(), index);
        }
        match self {
            Self::BinaryCrossEntropy => {
                match misfit(labels, |label| (0.0..=1.0).contains(&label)) {
                    Some(index) => fail("0 to 1 for binary cross-entropy".into(), index),
                    None => Ok(()),
                }
            }
            Self::CrossEntropy if width == 1 => {
                let classes = 0.0..outputs as f32;
                match find(&|label| !classes.contains(&label) || label.fract() != 0.0) {
                    Some(index) => fail(format!("class numbers 0 to {}", outputs - 1), index),
                    None => Ok(()),
                }
            }
            Self::CrossEntropy => {
                let is_share = |row: &[f32]| {
                    row.iter().all(|&share| share >= 0.0)
                        && (row.iter().sum::<f32>() - 1.0).abs() < 1e-3
                };
                match labels.chunks(width).position(|row| !is_share(row)) {
                    Some(row) => {
                        let got = format!("{:?} in row {row}", &labels[row * width..][..width]);
                        let expected = "shares of classes, which sum to 1";
                        Err(Error::value("labels", expected, got))
                    }
                    None => Ok(()),
                }
            }
            Self::Poisson | Self::PoissonRate | Self::Multinomial { .. } => {
                match find(&|label| label < 0.0) {
                    Some(index) => fail("counts, at least 0".into(), index),
                    None => Ok(()),
                }
            }
            Self::Reconstruction(loss) => match loss.likelihood().wrong(labels, 0) {
                Some((expected, index)) => fail(expected, index),
                None => Ok(()),
            },
            Self::SquaredError | Self::GaussianMixture(_) | Self::Expectation { .. } => Ok(()),
        }
    }

    /// Checks that labels tell classes apart, so many numbers for each example.
    pub(crate) fn check_classes(self, labels: &[f32], width: usize) -> Result<()> {
        let alone = |task: usize| {
            let column = labels.iter().skip(task).step_by(width);
            let mut column = column.filter(|label| !label.is_nan());
            let first = column.next().copied().unwrap_or_default();
            let hard = self == Self::CrossEntropy || first == 0.0 || first == 1.0;
            hard && column.all(|&label| label == first)
        };
        match self {
            Self::BinaryCrossEntropy if (0..width).all(alone) => {
                let ones = labels.iter().filter(|&&label| label == 1.0).count();
                let got = format!("{ones} ones, {} zeros", labels.len() - ones);
                Err(Error::value("labels", "both 0 and 1", got))
            }
            Self::CrossEntropy if (0..width).all(alone) => {
                let got = format!("all {}", labels[0]);
                Err(Error::value("labels", "at least two classes", got))
            }
            _ => Ok(()),
        }
    }

    /// Returns the loss as it is after this share of the training.
    pub(crate) fn after(self, share: f64) -> Self {
        match self {
            Self::Reconstruction(loss) => Self::Reconstruction(loss.after(share)),
            other => other,
        }
    }

    /// Checks the options of the loss.
    pub(crate) fn check_options(self) -> Result<()> {
        if let Self::Reconstruction(loss) = self {
            return loss.check();
        }
        if self == Self::GaussianMixture(0) {
            return Err(Error::value("components", "at least 1", 0));
        }
        if let Self::Multinomial { profile, counts } = self {
            for (name, weight) in [("profile", profile), ("counts", counts)] {
                if !weight.is_finite() || weight < 0.0 {
                    return Err(Error::value(name, "at least 0", weight));
                }
            }
        }
        Ok(())
    }
}
