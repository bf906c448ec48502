//! Gradients of which only what speaks for the output passes a rectifier.

use super::Attribution;
use super::gradient::ruled_gradient;
use crate::Result;
use crate::network::{Gated, Model};
use crate::sequence::{Explainable, code};

/// Computes guided backpropagation of the first output.
///
/// # Errors
///
/// Fails when the model is no network of the library or `x` has a shape that it cannot read.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::guided_backpropagation(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores().dim(), (1, 4, 10));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Springenberg et al. 2015, <https://arxiv.org/abs/1412.6806>; checked against captum's `GuidedBackprop`.
pub fn guided_backpropagation(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    GuidedBackpropagation::new().run(model, x)
}

/// Computes the deconvolution network of the first output.
///
/// # Errors
///
/// Fails when the model is no network of the library or `x` has a shape that it cannot read.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::deconvolution(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.method(), "deconvolution");
/// # Ok(()) }
/// ```
///
/// # References
///
/// Zeiler and Fergus 2014, <https://arxiv.org/abs/1311.2901>; checked against captum's `Deconvolution`.
pub fn deconvolution(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    GuidedBackpropagation::new().deconvolution().run(model, x)
}

/// Lets only positive numbers back through rectifiers, with options.
///
/// Guided backpropagation lets them back where the rectifier was open, a deconvolution network everywhere. Both show what could raise
/// the output, and little of what the network made of it: see the sanity checks of Adebayo et al. 2018, <https://arxiv.org/abs/1810.03307>.
///
/// Rectifiers are `max(x, 0)` and [`Threshold`](crate::network::Activation::Threshold); other functions hand back their gradient. Scores
/// have shape `(n, letters, length)`; letters that are not there have a score, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuidedBackpropagation {
    target: usize,
    gate: Gated,
    batch: usize,
}

impl GuidedBackpropagation {
    /// Takes the defaults: the first output, rectifiers that were open, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            gate: Gated::Guided,
            batch: 64,
        }
    }

    /// Lets positive numbers back through all rectifiers, open or not.
    pub fn deconvolution(mut self) -> Self {
        self.gate = Gated::Deconvolved;
        self
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
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
    /// Fails when the model is no network of the library, `x` has a shape that it cannot read, there is no such output, or the user
    /// interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let name = match self.gate {
            Gated::Guided => "guided backpropagation",
            Gated::Deconvolved => "deconvolution",
        };
        let options = (self.target, self.batch);
        let scores = ruled_gradient(model, &code(x)?, (self.gate, options))?;
        Ok(Attribution::new(x.sequences()?, scores)?
            .named(name)
            .targeted(self.target))
    }
}

impl Default for GuidedBackpropagation {
    fn default() -> Self {
        Self::new()
    }
}
