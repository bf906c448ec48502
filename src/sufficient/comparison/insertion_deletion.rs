//! The score as features are revealed, and as they are masked, the most important first.

use super::InsertionDeletionCurves;
use super::importances::{ascending, importances};
use super::probe::Probe;
use crate::network::{BlackBox, Model, ModelOutputs};
use crate::progress::Task;
use crate::sufficient::Subsets;
use crate::{Error, Input, Result};
use ndarray::{Array2, ArrayView1};

/// Follows the score of every example as its features are revealed in what is masked altogether (insertion), and as they are masked (deletion), by
/// descending importance.
///
/// Examples, masks and the kind of score are those of the subsets. `scores` has shape `(examples, features)`, such
/// as those of an attribution summed over the letters of each position. Good explanations let the first curve rise early and the
/// second fall early: a large area under the one, a small one under the other.
///
/// # Errors
///
/// Fails when `scores` has another shape or numbers that are not finite, the model cannot read the examples, or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, ndarray::Axis, network, sequence::Sequences, sufficient::{self, SufficientSubsets, Threshold}};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTTGCATG", "CCGGTTAACC"])?;
/// let model = network::deepbind(4);
/// let found = SufficientSubsets::new(Threshold::quantile(0.5)).run(&model, &peaks)?;
/// let scores = attribution::integrated_gradients(&model, &peaks)?.scores().sum_axis(Axis(1));
/// let curves = sufficient::insertion_deletion(&model, &found, &scores)?;
/// assert_eq!(curves.insertion().dim(), (2, 11));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Petsiuk, Das and Saenko 2018, <https://arxiv.org/abs/1806.07421>.
pub fn insertion_deletion(
    model: &dyn Model,
    subsets: &Subsets,
    scores: &dyn Input,
) -> Result<InsertionDeletionCurves> {
    InsertionDeletion::new().run(model, subsets, scores)
}

/// Follows the score as features are revealed and as they are masked, with options.
#[derive(Clone, Debug)]
pub struct InsertionDeletion {
    steps: Option<usize>,
    batch: usize,
}

impl InsertionDeletion {
    /// Takes the defaults: a step for every feature, batches of 64.
    pub fn new() -> Self {
        Self {
            steps: None,
            batch: 64,
        }
    }

    /// Sets in how many steps all features are revealed, as equal as can be; no more than there are features.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = Some(steps);
        self
    }

    /// Sets the number of examples that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Asks a model.
    ///
    /// # Errors
    ///
    /// As [`insertion_deletion`].
    pub fn run(
        &self,
        model: &dyn Model,
        subsets: &Subsets,
        scores: &dyn Input,
    ) -> Result<InsertionDeletionCurves> {
        self.rows(&ModelOutputs(model), subsets, scores)
    }

    /// Asks any black box.
    ///
    /// # Errors
    ///
    /// As [`insertion_deletion`], and when the black box fails or says what is no score.
    pub fn rows(
        &self,
        black_box: &dyn BlackBox,
        subsets: &Subsets,
        scores: &dyn Input,
    ) -> Result<InsertionDeletionCurves> {
        const TASK: &str = "insertion and deletion";
        let importances = importances(subsets, scores)?;
        let (n, features) = importances.dim();
        let steps = self.steps.unwrap_or(features).min(features);
        if steps == 0 {
            return Err(Error::value("steps", "at least 1", 0));
        }
        let probe = Probe::new(black_box, subsets, (self.batch, TASK));
        let counts: Vec<usize> = (0..=steps).map(|step| step * features / steps).collect();
        let mut inserted = Array2::zeros((n, steps + 1));
        let mut deleted = inserted.clone();
        let mut task = Task::new(TASK, n);
        for example in 0..n {
            let mut order = ascending(&importances.row(example));
            order.reverse();
            let masks = |masked: bool| {
                let mask = |&count: &usize| {
                    let mut mask = vec![!masked; features];
                    order[..count]
                        .iter()
                        .for_each(|&feature| mask[feature] = masked);
                    mask
                };
                counts.iter().map(mask).collect::<Vec<Vec<bool>>>()
            };
            let found = probe.scores(example, &[masks(false), masks(true)].concat())?;
            let (insertion, deletion) = found.split_at(steps + 1);
            inserted
                .row_mut(example)
                .assign(&ArrayView1::from(insertion));
            deleted.row_mut(example).assign(&ArrayView1::from(deletion));
            task.step("")?;
        }
        let shares = counts.iter().map(|&count| count as f64 / features as f64);
        Ok(InsertionDeletionCurves::new(
            shares.collect(),
            inserted,
            deleted,
        ))
    }
}

impl Default for InsertionDeletion {
    fn default() -> Self {
        Self::new()
    }
}
