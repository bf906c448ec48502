//! Every letter replaced by every other, seen by every member of an ensemble.

use super::MutationEffects;
use crate::calibration::{Draws, Ensemble, QuantileCalibration};
use crate::network::{Evaluator, Model, Mutants, evaluator_of, in_batches, replacements};
use crate::progress;
use crate::sequence::{Explainable, code};
use crate::{Error, Result};
use ndarray::{Array2, Array3, Array4, ArrayView2, Axis, concatenate, stack};
use std::sync::Arc;

const METHOD: &str = "ensemble mutagenesis";

/// Computes what every single replacement of a letter does to every output of every member.
///
/// # Errors
///
/// As [`EnsembleMutagenesis::run`].
///
/// # Examples
///
/// ```
/// use genolens::{calibration::Ensemble, causal, network::Architecture, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::sequences(4).convolution(4, 3).relu().global_max_pool().dense(2).build()?;
/// let ensemble = Ensemble::new(&[network.with_seed(1)?, network.with_seed(2)?, network.with_seed(3)?])?;
/// let effects = causal::ensemble_mutagenesis(&ensemble, &Sequences::dna(["ACGTACGTAC", "TTTTCCCCAA"])?)?;
/// assert_eq!(effects.values().dim(), (2, 2, 3, 4, 10));
/// # Ok(()) }
/// ```
pub fn ensemble_mutagenesis(ensemble: &Ensemble, x: &dyn Explainable) -> Result<MutationEffects> {
    EnsembleMutagenesis::new().run(ensemble, x)
}

/// In-silico mutagenesis of several models at once, with options.
///
/// All outputs are read in one pass of every member. Of networks on the CPU only what a replacement reaches is computed anew, as
/// [`SaturationMutagenesis`](crate::attribution::SaturationMutagenesis) says.
#[derive(Clone, Debug, PartialEq)]
pub struct EnsembleMutagenesis {
    outputs: Option<Arc<[usize]>>,
    calibration: Option<QuantileCalibration>,
    batch: usize,
    incremental: bool,
}

impl EnsembleMutagenesis {
    /// Takes the defaults: all outputs, as the members give them, incremental, otherwise batches of 64.
    pub fn new() -> Self {
        Self {
            outputs: None,
            calibration: None,
            batch: 64,
            incremental: true,
        }
    }

    /// Keeps only these outputs, in this order, counted from 0: effects take `4 × 4 × length × members` bytes for each output.
    pub fn outputs(mut self, outputs: &[usize]) -> Self {
        self.outputs = Some(outputs.into());
        self
    }

    /// Recalibrates the members before they are subtracted, as [`Draws::recalibrated`]: every member keeps its place in a forecast whose
    /// quantiles are right, and the levels never reach 0 or 1.
    ///
    /// The calibration must come from sequences of which neither the training nor this analysis knows. One that was fitted on measured
    /// numbers widens the members until they cover the noise of the measurement, too, which no effect of a mutation has: errors are
    /// then too large rather than too small.
    pub fn recalibrated(mut self, calibration: &QuantileCalibration) -> Self {
        self.calibration = Some(calibration.clone());
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

    /// Computes the effects.
    ///
    /// # Errors
    ///
    /// Fails when a member cannot read `x`, members have different outputs, there is no such output, a calibration is one of other
    /// outputs or members agree where it needs them to differ, an effect is not finite, or the user interrupts.
    pub fn run(&self, ensemble: &Ensemble, x: &dyn Explainable) -> Result<MutationEffects> {
        let members: Vec<_> = (0..ensemble.len())
            .map(|member| ensemble.get(member))
            .collect::<Result<_>>()?;
        let models: Vec<&dyn Model> = members.iter().map(|member| member as &dyn Model).collect();
        self.run_models(&models, x)
    }

    /// Computes the effects on models of any kind that predict the same, two or more.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and for fewer than two models.
    pub fn run_models(
        &self,
        models: &[&dyn Model],
        x: &dyn Explainable,
    ) -> Result<MutationEffects> {
        if models.len() < 2 {
            return Err(Error::value("models", "at least 2", models.len()));
        }
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let (code, sequences) = (code(x)?, x.sequences()?);
        let shape = code.dim();
        let members: Vec<Member<'_>> = models
            .iter()
            .map(|model| Ok((*model, evaluator_of(*model, shape, self.incremental)?)))
            .collect::<Result<_>>()?;
        let found = in_batches(METHOD, (shape.0, 1, models[0].device()), |rows| {
            self.of_sequence(&members, &code.index_axis(Axis(0), rows.start))
        });
        let found = found.inspect_err(|_| progress::clear_interrupt())?;
        let outputs = found[0].0.len_of(Axis(0));
        let views: Vec<_> = found.iter().map(|(effects, _)| effects.view()).collect();
        let values = stack(Axis(0), &views).map_err(|_| others(outputs))?;
        let views: Vec<_> = found.iter().map(|(_, levels)| levels.view()).collect();
        let levels = stack(Axis(0), &views).map_err(|_| others(outputs))?;
        MutationEffects::new(&sequences, &values)?.with_levels(&levels)
    }

    /// The effects in one sequence, shape `(outputs, members, letters, length)`, and its own scores, shape `(outputs, members)`.
    fn of_sequence(
        &self,
        members: &[Member<'_>],
        x: &ArrayView2<'_, f32>,
    ) -> Result<(Array4<f32>, Array2<f32>)> {
        let places = replacements(x, 0..x.ncols());
        let mut scores: Vec<Array2<f32>> = Vec::with_capacity(members.len());
        for (model, evaluator) in members {
            let mutants = Mutants::new((*model, evaluator.as_ref()), x, (METHOD, 0, self.batch))?;
            let before =
                ArrayView2::from_shape((1, mutants.all_before().len()), mutants.all_before());
            let before = before.map_err(|_| others(mutants.all_before().len()))?;
            let after = mutants.all_outputs(&places)?;
            let both = concatenate(Axis(0), &[before, after.view()]);
            scores.push(both.map_err(|_| others(before.ncols()))?);
        }
        let views: Vec<_> = scores.iter().map(|scores| scores.view()).collect();
        let together = stack(Axis(0), &views).map_err(|_| others(scores[0].ncols()))?;
        let together = self.calibrated(together)?;
        let all = together.len_of(Axis(2));
        let outputs: Vec<usize> = self
            .outputs
            .as_ref()
            .map_or_else(|| (0..all).collect(), |chosen| chosen.to_vec());
        if outputs.is_empty() {
            return Err(Error::value("outputs", "at least one", "none"));
        }
        if let Some(odd) = outputs.iter().find(|output| **output >= all) {
            let expected = format!("below {all}, the number of outputs");
            return Err(Error::value("outputs", expected, odd));
        }
        let mut effects = Array4::zeros((outputs.len(), members.len(), x.nrows(), x.ncols()));
        let mut levels = Array2::zeros((outputs.len(), members.len()));
        for (to, output) in outputs.into_iter().enumerate() {
            for (member, scores) in together.outer_iter().enumerate() {
                let before = f64::from(scores[[0, output]]);
                levels[[to, member]] = scores[[0, output]];
                for (row, (letter, position)) in places.iter().enumerate() {
                    let after = f64::from(scores[[row + 1, output]]);
                    effects[[to, member, *letter, *position]] = (after - before) as f32;
                }
            }
        }
        Ok((effects, levels))
    }

    fn calibrated(&self, scores: Array3<f32>) -> Result<Array3<f32>> {
        match &self.calibration {
            None => Ok(scores),
            Some(calibration) => Ok(Draws::new(&scores)?
                .recalibrated(calibration)?
                .values()
                .clone()),
        }
    }
}

/// A model, and what computes only changes where there is such a thing.
type Member<'a> = (&'a dyn Model, Option<Evaluator>);

fn others(outputs: usize) -> Error {
    Error::value(
        "models",
        format!("{outputs} outputs of every one"),
        "others",
    )
}

impl Default for EnsembleMutagenesis {
    fn default() -> Self {
        Self::new()
    }
}
