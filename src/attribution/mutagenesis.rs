//! Every letter replaced by every other: always right.

use super::Attribution;
use super::gradient::each_sequence;
use crate::network::{Model, Mutants, evaluator_of, replacements};
use crate::sequence::{Explainable, code};
use crate::{Error, Result};
use ndarray::{Array2, Axis};

/// Computes what every single replacement does to the first output, as scores of the letters that are there.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::saturation_mutagenesis(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores()[[0, 3, 0]], 0.0);
/// # Ok(()) }
/// ```
pub fn saturation_mutagenesis(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    SaturationMutagenesis::new().run(model, x)
}

/// Which numbers a mutagenesis gives, all of shape `(n, letters, length)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The centred effect where the letter is, 0 elsewhere: for logos. A position with an unknown letter is 0.
    #[default]
    Projected,
    /// The centred effect of every letter: the difference less its mean over the letters of the position.
    Hypothetical,
    /// The output with this letter here less the output of the sequence as it is: for heatmaps.
    Difference,
}

/// Replaces every letter by every other, with options.
///
/// With `d` the output after a replacement less the output before, the score of a letter is `d` less the mean of `d` over all
/// letters of the position, as in tangermeme's `saturation_mutagenesis`. An unknown letter is replaced by all letters.
///
/// Of a [`Network`](crate::network::Network) on the CPU only what a replacement reaches is computed anew: behind every layer the few positions that
/// differ, and from the first layer that sees everything on (an LSTM, attention, a layer of a user's own) all of them. The scores are those of whole
/// sequences up to rounding. Nair et al. 2022, <https://doi.org/10.1093/bioinformatics/btac135>, do the same for simpler layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaturationMutagenesis {
    target: usize,
    effect: Effect,
    batch: usize,
    incremental: bool,
}

impl SaturationMutagenesis {
    /// Takes the defaults: the first output, projected scores, incremental, otherwise batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            effect: Effect::Projected,
            batch: 64,
            incremental: true,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets which numbers are given.
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Sets the number of sequences that are computed at once where whole sequences are computed.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets whether only what a replacement reaches is computed anew where that is possible, as it is by default.
    pub fn incremental(mut self, incremental: bool) -> Self {
        self.incremental = incremental;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read, there is no such output, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        const METHOD: &str = "saturation mutagenesis";
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let evaluator = evaluator_of(model, code(x)?.dim(), self.incremental)?;
        let (found, _) = each_sequence(METHOD, (model, x), |_, _, x| {
            let options = (METHOD, self.target, self.batch);
            let mutants = Mutants::new((model, evaluator.as_ref()), x, options)?;
            let all = replacements(x, 0..x.ncols());
            let outputs = mutants.outputs(&all)?;
            let mut scores = Array2::<f64>::zeros(x.dim());
            for (place, after) in all.iter().zip(outputs) {
                scores[*place] = f64::from(after) - f64::from(mutants.before());
            }
            if self.effect != Effect::Difference {
                let mean = scores.sum_axis(Axis(0)) / x.nrows() as f64;
                scores -= &mean;
            }
            if self.effect == Effect::Projected {
                scores.zip_mut_with(x, |score, &share| {
                    *score = if share == 1.0 { *score } else { 0.0 };
                });
            }
            Ok((scores, ()))
        })?;
        Ok(found.targeted(self.target))
    }
}

impl Default for SaturationMutagenesis {
    fn default() -> Self {
        Self::new()
    }
}
