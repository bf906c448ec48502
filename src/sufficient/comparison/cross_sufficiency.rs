//! Whether subsets of one model are enough for another.

use super::CrossScores;
use super::probe::Probe;
use crate::Result;
use crate::network::{BlackBox, Model, ModelOutputs};
use crate::progress::Task;
use crate::sufficient::{Score, Subset, Subsets};
use ndarray::Array1;

/// Asks a model for its score of each subset alone, everything else masked: the subsets may be those of another model.
///
/// # Errors
///
/// Fails when the model cannot read the examples or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, sufficient::{self, SufficientSubsets, Threshold}};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTTGCATG", "CCGGTTAACC"])?;
/// let (one, other) = (network::deepbind(4), network::deepbind(8));
/// let found = SufficientSubsets::new(Threshold::quantile(0.5)).run(&one, &peaks)?;
/// assert_eq!(sufficient::cross_sufficiency(&one, &found)?.share(), 1.0);
/// println!("{:?}", sufficient::cross_sufficiency(&other, &found)?);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Carter, Mueller, Jain and Gifford 2019, <https://proceedings.mlr.press/v89/carter19a.html>, section 5: subsets of one network scored by another.
pub fn cross_sufficiency(model: &dyn Model, subsets: &Subsets) -> Result<CrossScores> {
    CrossSufficiency::new().run(model, subsets)
}

/// Asks a model for its score of each subset alone, with options.
#[derive(Clone, Debug)]
pub struct CrossSufficiency {
    target: Option<usize>,
    score: Option<Score>,
    threshold: Option<f64>,
    batch: usize,
}

impl CrossSufficiency {
    /// Takes the defaults: the output, the kind of score and the threshold of the subsets, batches of 64.
    pub fn new() -> Self {
        Self {
            target: None,
            score: None,
            threshold: None,
            batch: 64,
        }
    }

    /// Sets which output is asked for, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = Some(target);
        self
    }

    /// Sets what kind of score is asked for.
    pub fn score(mut self, score: Score) -> Self {
        self.score = Some(score);
        self
    }

    /// Sets the score from which on a subset is enough, where the model has another scale than that of the subsets.
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
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
    /// Fails when the model cannot read the examples, there is no such output, or the user interrupts.
    pub fn run(&self, model: &dyn Model, subsets: &Subsets) -> Result<CrossScores> {
        self.rows(&ModelOutputs(model), subsets)
    }

    /// Asks any black box.
    ///
    /// # Errors
    ///
    /// Fails when the black box fails or says what is no score, there is no such output, or the user interrupts.
    pub fn rows(&self, black_box: &dyn BlackBox, subsets: &Subsets) -> Result<CrossScores> {
        const TASK: &str = "cross sufficiency";
        let probe = Probe {
            score: self.score.unwrap_or(subsets.score()),
            target: self.target.unwrap_or(subsets.target()),
            ..Probe::new(black_box, subsets, (self.batch, TASK))
        };
        let mut own: Vec<Vec<(usize, Subset)>> = vec![Vec::new(); subsets.examples()];
        for at in 0..subsets.len() {
            let subset = subsets.get(at)?;
            own[subset.example()].push((at, subset));
        }
        own.retain(|own| !own.is_empty());
        let count = subsets.features().len();
        let (mut alone, mut whole) = (Array1::zeros(subsets.len()), Array1::zeros(subsets.len()));
        let mut task = Task::new(TASK, own.len());
        for own in own {
            let mut masks = vec![vec![false; count]];
            for (_, subset) in &own {
                let mut mask = vec![true; count];
                subset
                    .features()
                    .iter()
                    .for_each(|&kept| mask[kept] = false);
                masks.push(mask);
            }
            let found = probe.scores(own[0].1.example(), &masks)?;
            for ((at, _), score) in own.iter().zip(&found[1..]) {
                (alone[*at], whole[*at]) = (*score, found[0]);
            }
            task.step("")?;
        }
        let threshold = self.threshold.unwrap_or(subsets.threshold());
        Ok(CrossScores::new(subsets.clone(), (alone, whole), threshold))
    }
}

impl Default for CrossSufficiency {
    fn default() -> Self {
        Self::new()
    }
}
