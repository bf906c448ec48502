//! How well outputs of a network explain the values of an example as draws.

use super::Likelihood;
use crate::{Error, Result};

/// How the scores of a network become the means of counts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Mean {
    /// The exponential of the score.
    Rates,
    /// The exponential of the score, times the total of the example over this typical total, as DCA.
    Sized(f64),
    /// The share of the score among those of all values (softmax), times the total of the example, as scVI.
    Shares,
}

/// How well the outputs of a network explain the values of an example as draws from a [`Likelihood`]: the negative log-likelihood
/// summed over the values, and the mean over examples, in nats.
///
/// Labels are the values, `(n, values)`. Outputs, one block after the other:
///
/// | block | numbers | for |
/// |---|---|---|
/// | score of the mean, see [`Mean`]; for [`Gaussian`](Likelihood::Gaussian) the mean itself | values | all |
/// | logarithm of the inverse dispersion; for Gaussian of the standard deviation | values | Gaussian, negative binomial, ZINB |
/// | logit of dropout | values | ZINB |
/// | mean, then variance of the latent position | 2 times the latent dimensions | a variational model |
///
/// With latent dimensions, the divergence of each position from the standard normal is added, times `beta`: the negative evidence lower
/// bound (ELBO) where `beta` is 1.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::array;
/// use genolens::training::{Likelihood, Loss, Reconstruction};
/// # fn main() -> genolens::Result<()> {
/// let loss = Loss::Reconstruction(Reconstruction::new(Likelihood::Poisson));
/// // One cell, two genes: rates 1 and 2, counts 0 and 1.
/// let value = loss.value(&array![[0.0, 2_f32.ln()]], &array![[0.0_f32, 1.0]])?;
/// assert!((value - (1.0 + 2.0 - 2_f64.ln())).abs() < 1e-6);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reconstruction {
    pub(super) likelihood: Likelihood,
    pub(super) mean: Mean,
    pub(super) latent: usize,
    pub(super) beta: f64,
    pub(super) warm_up: f64,
}

impl Reconstruction {
    /// Describes the negative log-likelihood under this distribution, means being [`Mean::Rates`].
    pub fn new(likelihood: Likelihood) -> Self {
        Self {
            likelihood,
            mean: Mean::Rates,
            latent: 0,
            beta: 1.0,
            warm_up: 0.0,
        }
    }

    /// Sets how scores become means of counts.
    pub fn mean(mut self, mean: Mean) -> Self {
        self.mean = mean;
        self
    }

    /// Adds the divergence of so many latent dimensions, times `beta`.
    pub fn latent(mut self, dimensions: usize, beta: f64) -> Self {
        self.latent = dimensions;
        self.beta = beta;
        self
    }

    /// Lets the weight of the divergence rise from 0 to `beta` over this share of the training, however long that is.
    ///
    /// Validation always weighs it in full, so that epochs can be compared.
    pub fn warm_up(mut self, share: f64) -> Self {
        self.warm_up = share;
        self
    }

    /// Returns the distribution.
    pub fn likelihood(&self) -> Likelihood {
        self.likelihood
    }

    /// Returns how many outputs a network needs for so many values.
    pub fn outputs(&self, values: usize) -> usize {
        self.likelihood.parameters() * values + 2 * self.latent
    }

    /// Returns the same with the weight that the divergence has after this share of the training.
    pub(crate) fn after(mut self, share: f64) -> Self {
        if self.warm_up > 0.0 {
            self.beta *= (share / self.warm_up).min(1.0);
        }
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.likelihood == Likelihood::Categorical {
            let expected = "of numbers; classes have `Loss::CrossEntropy`";
            return Err(Error::value("likelihood", expected, "categorical"));
        }
        if self.likelihood == Likelihood::Gaussian && self.mean != Mean::Rates {
            let expected = "`Mean::Rates` beside a Gaussian, whose mean is the score itself";
            return Err(Error::value("mean", expected, format!("{:?}", self.mean)));
        }
        if let Mean::Sized(typical) = self.mean
            && (!typical.is_finite() || typical <= 0.0)
        {
            return Err(Error::value("typical total", "above 0", typical));
        }
        if !self.beta.is_finite() || self.beta < 0.0 {
            return Err(Error::value("beta", "at least 0", self.beta));
        }
        if !(0.0..=1.0).contains(&self.warm_up) {
            return Err(Error::value("warm_up", "a share, 0 to 1", self.warm_up));
        }
        Ok(())
    }
}
