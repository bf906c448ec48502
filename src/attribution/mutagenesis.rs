//! Every letter replaced by every other: slow, and always right.

use super::explainable::code;
use super::gradient::output;
use super::{Attribution, Explainable};
use crate::network::{Model, is_ours};
use crate::progress::{self, Task};
use crate::{Error, Result};
use candle_core::{DType, Tensor};
use ndarray::{Array2, Array3, ArrayView2, Axis};
use rayon::prelude::*;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaturationMutagenesis {
    target: usize,
    effect: Effect,
    batch: usize,
}

impl SaturationMutagenesis {
    /// Takes the defaults: the first output, projected scores, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            effect: Effect::Projected,
            batch: 64,
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

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read, there is no such output, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let code = code(x)?;
        let mut scores = Array3::zeros(code.dim());
        let mut task = Task::new("saturation mutagenesis", code.dim().0);
        for (i, one) in code.axis_iter(Axis(0)).enumerate() {
            let differences = self
                .differences(model, &one, &task)
                .inspect_err(|_| progress::clear_interrupt())?;
            let mut scores = scores.index_axis_mut(Axis(0), i);
            scores.assign(&differences);
            if self.effect != Effect::Difference {
                let letters = one.nrows() as f32;
                let mean = differences.sum_axis(Axis(0)) / letters;
                scores -= &mean;
            }
            if self.effect == Effect::Projected {
                scores.zip_mut_with(&one, |score, &share| {
                    *score = if share == 1.0 { *score } else { 0.0 };
                });
            }
            task.step("")?;
        }
        let attribution = Attribution::new(x.sequences()?, scores)?;
        Ok(attribution
            .named("saturation mutagenesis")
            .targeted(self.target))
    }

    /// Computes the output after every replacement less the output before, shape `(letters, length)`.
    fn differences(
        &self,
        model: &dyn Model,
        x: &ArrayView2<'_, f32>,
        task: &Task,
    ) -> Result<Array2<f32>> {
        let (letters, length) = x.dim();
        let before: Vec<f32> = x.iter().copied().collect();
        // None stands for no replacement.
        let mut edits = vec![None];
        for position in 0..length {
            let known = |letter: &usize| x[[*letter, position]] == 1.0;
            let others = (0..letters).filter(|letter| !known(letter));
            edits.extend(others.map(|letter| Some((letter, position))));
        }
        let one = |edits: &[Option<(usize, usize)>]| -> Result<Vec<f32>> {
            let mut values = before.repeat(edits.len());
            for (copy, edit) in values.chunks_mut(before.len()).zip(edits) {
                if let Some((letter, position)) = *edit {
                    for other in 0..letters {
                        copy[other * length + position] = f32::from(u8::from(other == letter));
                    }
                }
            }
            // One sequence can take long: an interrupt must not wait for its end.
            if progress::is_interrupted() {
                return Err(task.stopped());
            }
            let shape = (edits.len(), letters, length);
            let x = Tensor::from_vec(values, shape, model.device())?;
            Ok(output(model, &x, self.target)?
                .to_dtype(DType::F32)?
                .to_vec1()?)
        };
        let outputs: Vec<Vec<f32>> = if is_ours(model.device()) {
            let batches = edits.par_chunks(self.batch);
            batches.map(one).collect::<Result<_>>()?
        } else {
            edits.chunks(self.batch).map(one).collect::<Result<_>>()?
        };
        let outputs = outputs.concat();
        let mut differences = Array2::zeros((letters, length));
        for (edit, after) in edits.iter().zip(&outputs) {
            if let Some(place) = *edit {
                differences[place] = after - outputs[0];
            }
        }
        Ok(differences)
    }
}

impl Default for SaturationMutagenesis {
    fn default() -> Self {
        Self::new()
    }
}
