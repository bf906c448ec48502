//! Features exchanged between examples.

use super::examples::Examples;
use super::{FeatureImportance, Masking};
use crate::network::{BlackBox, Copies, Questions};
use crate::random::Seed;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2};
use rand::seq::SliceRandom;

/// The most scores that are kept.
const MOST: usize = 1_000_000_000;

/// Computes how much a measure of the scores falls when each feature is permuted, five times.
///
/// `measure` is told the scores of the first output in the order of the examples; larger is better.
///
/// # Errors
///
/// Fails when `x` has no shape `(n, columns)` that the black box can read, the measure fails, or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, ndarray::{Array1, Array2, ArrayView2}, training::Metric};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((20, 2), |(i, j)| ((i * 7 + j * 3) % 20) as f32);
/// let labels: Array1<f32> = x.column(0).mapv(|v| f32::from(u8::from(v > 9.0)));
/// let first = |x: ArrayView2<f32>| -> Array1<f32> { x.column(0).to_owned() };
/// let auroc = |scores: &Array1<f64>| Metric::Auroc.value(&scores.mapv(|s| s as f32), &labels);
/// let found = attribution::permutation_importance(&first, &x, &auroc)?;
/// assert_eq!(found.measure(), 1.0);
/// assert!(found.mean()[0] > 0.2);
/// assert_eq!(found.mean()[1], 0.0);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Breiman 2001, doi:10.1023/A:1010933404324; scikit-learn's `permutation_importance` is defined in the same way.
pub fn permutation_importance(
    black_box: &dyn BlackBox,
    x: &dyn Input,
    measure: &dyn Fn(&Array1<f64>) -> Result<f64>,
) -> Result<FeatureImportance> {
    PermutationImportance::new().run(black_box, x, measure)
}

/// Permutes features, with options.
///
/// A feature is a column of a table, or a position of sequences, or a group of them that are permuted together. Sequences are taken
/// with a model as [`ModelOutputs`](crate::network::ModelOutputs).
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{Masking, PermutationImportance}, ndarray::Array1, network::{self, ModelOutputs}, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC", "TTTTTCCCCC", "GGATTACAGG"])?;
/// let mean = |scores: &Array1<f64>| Ok(scores.mean().unwrap_or_default());
/// let options = PermutationImportance::new().masking(Masking::new().stretches(5)).repeats(3);
/// let found = options.run(&ModelOutputs(network::deepbind(4)), &peaks, &mean)?;
/// assert_eq!(found.names(), ["0..5", "5..10"]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct PermutationImportance {
    target: usize,
    repeats: usize,
    masking: Masking,
    seed: Seed,
    batch: usize,
}

impl PermutationImportance {
    /// Takes the defaults: the first output, 5 permutations of every column or position, batches of 256.
    pub fn new() -> Self {
        Self {
            target: 0,
            repeats: 5,
            masking: Masking::new(),
            seed: Seed::default(),
            batch: 256,
        }
    }

    /// Sets which output is measured, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets how often every feature is permuted.
    pub fn repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats;
        self
    }

    /// Sets what the features are; nothing stands in for them, since they are exchanged between examples.
    pub fn masking(mut self, masking: Masking) -> Self {
        self.masking = masking;
        self
    }

    /// Sets the seed of the permutations; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Sets the number of examples that are scored at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes how much the measure falls.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the black box cannot read, there is no such output, scores or the measure are not finite, the
    /// measure fails, an option makes no sense, or the user interrupts.
    pub fn run(
        &self,
        black_box: &dyn BlackBox,
        x: &dyn Input,
        measure: &dyn Fn(&Array1<f64>) -> Result<f64>,
    ) -> Result<FeatureImportance> {
        let examples = Examples::of_rows(&self.masking, x)?;
        let (n, features) = (examples.len(), examples.names.len());
        if self.repeats == 0 || self.repeats.saturating_mul(features) > MOST {
            let most = MOST / features;
            return Err(Error::value(
                "repeats",
                format!("1 to {most}"),
                self.repeats,
            ));
        }
        let questions = Questions {
            task: "permutation importance",
            black_box,
            shape: &examples.shape,
            target: self.target,
            batch: self.batch,
        };
        let permuted = |item: usize| {
            // The first item is as it is.
            let Some(item) = item.checked_sub(1) else {
                return Ok(Permuted {
                    examples: &examples,
                    feature: features,
                    order: (0..n).collect(),
                });
            };
            let mut order: Vec<usize> = (0..n).collect();
            order.shuffle(&mut self.seed.indexed(item).generator());
            let feature = item / self.repeats;
            Ok(Permuted {
                examples: &examples,
                feature,
                order,
            })
        };
        let mut before = 0.0;
        let mut drops = Array2::zeros((features, self.repeats));
        questions.ask(features * self.repeats + 1, permuted, |item, _, scores| {
            let found = measure(&scores.into())?;
            if !found.is_finite() {
                return Err(Error::value("measure", "a finite number", found));
            }
            match item.checked_sub(1) {
                None => before = found,
                Some(item) => {
                    drops[[item / self.repeats, item % self.repeats]] = before - found;
                }
            }
            Ok(())
        })?;
        Ok(FeatureImportance::new(examples.names, before, drops))
    }
}

impl Default for PermutationImportance {
    fn default() -> Self {
        Self::new()
    }
}

/// All examples, one feature taken from others.
struct Permuted<'a> {
    examples: &'a Examples,
    feature: usize,
    order: Vec<usize>,
}

impl Copies for Permuted<'_> {
    fn count(&self) -> usize {
        self.order.len()
    }

    fn write(&self, index: usize, numbers: &mut [f32]) {
        let all = &self.examples.numbers;
        let (own, other) = (all.row(index), all.row(self.order[index]));
        for (at, number) in numbers.iter_mut().enumerate() {
            let is_permuted = self.examples.owners[at] == self.feature;
            *number = if is_permuted { other[at] } else { own[at] };
        }
    }

    fn describe(&self, index: usize) -> String {
        let name = self.examples.name(index);
        match self.examples.names.get(self.feature) {
            Some(feature) => format!("{name} with {feature} permuted"),
            None => name,
        }
    }
}
