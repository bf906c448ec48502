//! How well scores foretell what changes of the input do to the output.

use super::near::check;
use crate::attribution::Attribution;
use crate::attribution::gradient::output;
use crate::network::{Model, in_batches, to_tensor};
use crate::progress;
use crate::random::Seed;
use crate::sequence::code;
use crate::{Error, Result};
use candle_core::DType;
use ndarray::{Array1, Array3, Array4, ArrayView2, Axis, Zip, s};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use std::sync::Arc;

/// Computes how far the scores of hidden letters are from what hiding them takes off the output: the mean square for every sequence.
///
/// See [`Infidelity`] for the definition and the options.
///
/// # Errors
///
/// As [`Infidelity::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC", "TTTACGATGC"])?;
/// let model = network::deepbind(4);
/// let scores = attribution::gradient_x_input(&model, &peaks)?;
/// assert_eq!(attribution::infidelity(&model, &scores)?.len(), 2);
/// # Ok(()) }
/// ```
pub fn infidelity(model: &dyn Model, attribution: &Attribution) -> Result<Array1<f64>> {
    Infidelity::new().run(model, attribution)
}

/// What is taken off the code.
#[derive(Clone, Debug)]
enum Change {
    Hidden(f64),
    Noise(f64),
    Given(Arc<Array4<f32>>),
}

/// Measures how well scores foretell changes of the output, with options.
///
/// With a change `d` taken off the input `x`, the output falls by `f(x) - f(x - d)`, and scores foretell the sum of score times `d / x`
/// (times `d` where `x` is 0). Infidelity is the mean square of the difference of both. By default the change hides every position with
/// a chance of one tenth, so that the forecast is the sum of the scores of hidden letters.
///
/// # References
///
/// Yeh and others 2019, <https://arxiv.org/abs/1901.09392>. Checked against captum's `infidelity`, with its decorator for scores that are
/// multiplied by inputs and without, normalised and not.
#[derive(Clone, Debug)]
pub struct Infidelity {
    change: Change,
    samples: usize,
    times_input: bool,
    scaled: bool,
    seed: Seed,
    batch: usize,
}

impl Infidelity {
    /// Takes the defaults: 100 samples that hide a tenth of all positions, scores that are multiplied by the input, no scaling.
    pub fn new() -> Self {
        Self {
            change: Change::Hidden(0.1),
            samples: 100,
            times_input: true,
            scaled: false,
            seed: Seed::default(),
            batch: 64,
        }
    }

    /// Sets how many changes are tried.
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = samples;
        self
    }

    /// Hides every position with this chance: all its letters become 0.
    pub fn hidden(mut self, chance: f64) -> Self {
        self.change = Change::Hidden(chance);
        self
    }

    /// Changes all numbers of the code by normal noise with this standard deviation instead.
    pub fn noise(mut self, spread: f64) -> Self {
        self.change = Change::Noise(spread);
        self
    }

    /// Takes these changes off the code instead, shape `(samples, n, letters, length)`.
    pub fn changes(mut self, changes: &Array4<f32>) -> Self {
        self.change = Change::Given(Arc::new(changes.clone()));
        self
    }

    /// Tells whether scores are already multiplied by the input, as all but those of saliency and `SmoothGrad` are; default yes.
    pub fn times_input(mut self, times_input: bool) -> Self {
        self.times_input = times_input;
        self
    }

    /// Tells whether the scores of a sequence are first multiplied by the number that makes its infidelity smallest.
    ///
    /// Methods whose scores have another scale can then be compared.
    pub fn scaled(mut self, scaled: bool) -> Self {
        self.scaled = scaled;
        self
    }

    /// Sets the seed; default 0. The changes of a sequence follow from it and from the letters.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Sets the number of changed sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the mean square for every sequence, shape `(n)`, in squared units of the output that is explained.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, given changes have another shape, the model cannot read the sequences, or the user interrupts.
    pub fn run(&self, model: &dyn Model, attribution: &Attribution) -> Result<Array1<f64>> {
        const METHOD: &str = "infidelity of explanations";
        let sequences = attribution.sequences();
        let code = code(sequences)?;
        let samples = self.check(&code)?;
        let found = in_batches(METHOD, (code.dim().0, 1, model.device()), |rows| {
            let row = rows.start;
            let x = code.index_axis(Axis(0), row);
            let scores = attribution.scores().index_axis(Axis(0), row);
            let seed = self.seed.named(sequences.text(row));
            let mut generator = seed.generator();
            let before = outputs(
                model,
                &code.slice(s![row..=row, .., ..]).to_owned(),
                attribution,
            )?;
            let (mut squares, mut products, mut falls) = (0.0, 0.0, 0.0);
            for first in (0..samples).step_by(self.batch) {
                // One sequence can take long: an interrupt must not wait for its end.
                progress::check(METHOD, first, samples)?;
                let count = self.batch.min(samples - first);
                let mut changed = Array3::zeros((count, x.nrows(), x.ncols()));
                let mut forecasts = Vec::with_capacity(count);
                for (at, mut changed) in changed.outer_iter_mut().enumerate() {
                    match &self.change {
                        Change::Given(given) => {
                            changed.assign(&given.slice(s![first + at, row, .., ..]));
                        }
                        Change::Noise(spread) => changed.mapv_inplace(|_: f32| {
                            let noise: f64 = generator.sample(StandardNormal);
                            (spread * noise) as f32
                        }),
                        Change::Hidden(chance) => hide(&mut changed, &x, (*chance, &mut generator)),
                    }
                    forecasts.push(self.forecast(&changed.view(), &x, &scores));
                    Zip::from(&mut changed)
                        .and(&x)
                        .for_each(|d, &x| *d = x - *d);
                }
                let after = outputs(model, &changed, attribution)?;
                for (forecast, after) in forecasts.into_iter().zip(after) {
                    let fall = before[0] - after;
                    squares += forecast * forecast;
                    products += forecast * fall;
                    falls += fall * fall;
                }
            }
            let scale = match (self.scaled, squares) {
                (false, _) => 1.0,
                (true, 0.0) => products,
                (true, squares) => products / squares,
            };
            let sum = scale * scale * squares - 2.0 * scale * products + falls;
            Ok(sum.max(0.0) / samples as f64)
        });
        let found = found.inspect_err(|_| progress::clear_interrupt())?;
        Ok(found.into())
    }

    /// What the scores say the output falls by.
    fn forecast(
        &self,
        change: &ArrayView2<'_, f32>,
        x: &ArrayView2<'_, f32>,
        scores: &ArrayView2<'_, f32>,
    ) -> f64 {
        let mut sum = 0.0;
        Zip::from(change)
            .and(x)
            .and(scores)
            .for_each(|&change, &x, &score| {
                let by = if self.times_input && x != 0.0 { x } else { 1.0 };
                sum += f64::from(change) / f64::from(by) * f64::from(score);
            });
        sum
    }

    /// Checks the options and returns the number of samples.
    fn check(&self, code: &Array3<f32>) -> Result<usize> {
        const MOST: usize = 1_000_000;
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        match &self.change {
            Change::Given(given) => {
                check(given, code)?;
                return Ok(given.dim().0);
            }
            Change::Hidden(chance) if !(*chance > 0.0 && *chance <= 1.0) => {
                return Err(Error::value("hidden", "above 0, to 1", chance));
            }
            Change::Noise(spread) if !(*spread > 0.0 && spread.is_finite()) => {
                return Err(Error::value("noise", "a number above 0", spread));
            }
            _ => {}
        }
        if self.samples == 0 || self.samples > MOST {
            return Err(Error::value(
                "samples",
                format!("1 to {MOST}"),
                self.samples,
            ));
        }
        Ok(self.samples)
    }
}

impl Default for Infidelity {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes positions off by chance.
fn hide(
    change: &mut ndarray::ArrayViewMut2<'_, f32>,
    x: &ArrayView2<'_, f32>,
    (chance, generator): (f64, &mut ChaCha8Rng),
) {
    for (mut change, x) in change.columns_mut().into_iter().zip(x.columns()) {
        if generator.random::<f64>() < chance {
            change.assign(&x);
        }
    }
}

/// Computes the output that is explained.
fn outputs(model: &dyn Model, x: &Array3<f32>, attribution: &Attribution) -> Result<Vec<f64>> {
    let x = to_tensor(x, model.device())?;
    let found = output(model, &x, attribution.target())?.to_dtype(DType::F64)?;
    Ok(found.to_vec1()?)
}
