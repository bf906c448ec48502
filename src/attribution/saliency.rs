//! The size of the gradient.

use super::Attribution;
use super::gradient::gradient;
use crate::Result;
use crate::network::Model;
use crate::sequence::{Explainable, code};

/// Computes how steeply the first output changes with every letter: the absolute gradient.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, or the model cannot be differentiated.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::saliency(&network::deepbind(4), &peaks)?;
/// assert!(scores.scores().iter().all(|&score| score >= 0.0));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Simonyan et al. 2014, <https://arxiv.org/abs/1312.6034>. The definition is that of captum's `Saliency`.
pub fn saliency(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    Saliency::new().run(model, x)
}

/// Computes the gradient of an output, with options.
///
/// Scores have shape `(n, letters, length)`; letters that are not there have a score, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saliency {
    target: usize,
    absolute: bool,
    batch: usize,
}

impl Saliency {
    /// Takes the defaults: the first output, absolute values, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            absolute: true,
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets whether the sign is dropped; without, the scores are the gradient itself.
    pub fn absolute(mut self, absolute: bool) -> Self {
        self.absolute = absolute;
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
    /// Fails when `x` has a shape that the model cannot read, there is no such output, or the model cannot be differentiated.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let scores = gradient(model, &code(x)?, (self.target, self.batch))?;
        let (scores, name) = if self.absolute {
            (scores.mapv_into(f32::abs), "saliency")
        } else {
            (scores, "gradient")
        };
        Ok(Attribution::new(x.sequences()?, scores)?
            .named(name)
            .targeted(self.target))
    }
}

impl Default for Saliency {
    fn default() -> Self {
        Self::new()
    }
}
