//! The gradient where the letters are.

use super::Attribution;
use super::gradient::gradient;
use crate::Result;
use crate::network::Model;
use crate::sequence::{Explainable, code};
use ndarray::Axis;

/// Computes the gradient of the first output times the input: the slope at the letters that are there.
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
/// let scores = attribution::gradient_x_input(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores()[[0, 3, 0]], 0.0);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Shrikumar et al. 2016, <https://arxiv.org/abs/1605.01713>. The definition is that of captum's `InputXGradient`.
pub fn gradient_x_input(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    GradientXInput::new().run(model, x)
}

/// Computes the gradient times the input, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradientXInput {
    target: usize,
    mean_corrected: bool,
    batch: usize,
}

impl GradientXInput {
    /// Takes the defaults: the first output, no correction, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            mean_corrected: false,
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Subtracts from the gradient its mean over the letters of each position.
    ///
    /// That part points off the sequences: the letters of a position always sum to one, so a model is free in it and
    /// its gradient there is noise (Majdandzic et al. 2023, doi:10.1186/s13059-023-02956-3).
    pub fn mean_corrected(mut self, corrected: bool) -> Self {
        self.mean_corrected = corrected;
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
        let code = code(x)?;
        let mut scores = gradient(model, &code, (self.target, self.batch))?;
        if self.mean_corrected {
            let letters = scores.dim().1 as f32;
            let mean = scores.sum_axis(Axis(1)).insert_axis(Axis(1)) / letters;
            scores -= &mean;
        }
        scores *= &code;
        let attribution = Attribution::new(x.sequences()?, scores)?;
        Ok(attribution.named("gradient x input").targeted(self.target))
    }
}

impl Default for GradientXInput {
    fn default() -> Self {
        Self::new()
    }
}
