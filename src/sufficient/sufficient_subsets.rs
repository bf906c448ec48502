//! Sufficient input subsets.

use super::asked::{METHOD, Whole, some_scores};
use super::collection::{Search, verify};
use super::descent::Descent;
use super::examples::{Beginnings, Examples, Masking};
use super::incremental::Incremental;
use super::subsets::About;
use super::{Layout, Mask, Score, Subset, Subsets, Threshold};
use crate::network::{
    BlackBox, Evaluator, Grouping, Model, ModelOutputs, Questions, in_batches, same,
};
use crate::sequence::Explainable;
use crate::{Error, Input, Result, progress};
use ndarray::{Array1, Axis};

/// Finds positions whose letters alone suffice for the first output to reach a threshold, again and again until what is left does not.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, or no sequence reaches the threshold.
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, sufficient};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTTGCATG", "CCGGTTAACC"])?;
/// let model = network::deepbind(4);
/// let lowest = network::predict(&model, &peaks)?.iter().copied().fold(f32::INFINITY, f32::min);
/// let found = sufficient::subsets(&model, &peaks, f64::from(lowest))?;
/// assert_eq!(found.strings()?.len(), found.len());
/// # Ok(()) }
/// ```
pub fn subsets(
    model: &dyn Model,
    x: &dyn Explainable,
    threshold: impl Into<Threshold>,
) -> Result<Subsets> {
    SufficientSubsets::new(threshold).run(model, x)
}

/// Finds sufficient input subsets, with options.
///
/// A sufficient input subset is a small set of features whose values alone keep the score `f` at the threshold, all other features being masked. One
/// is found in two steps. Backward selection masks one feature after the other, always the one without which `f` stays largest, and of equal ones
/// the first. The subset are the features that were masked after `f` was at the threshold for the last time. It is then masked itself, and another one
/// is looked for, until `f` is below the threshold. Without options this is exactly what the published code does, whatever computes the scores.
///
/// Of a [`Network`](crate::network::Network) over sequences on the CPU only what a mask reaches is computed anew: the same order and values up to rounding,
/// in a fraction of the time. Every subset is scored once more as a whole example at the end, so that a function that depends on chance is found out.
///
/// # References
///
/// Carter, Mueller, Jain, Gifford 2019, <https://proceedings.mlr.press/v89/carter19a.html>; checked against the cases of google-research's
/// `sufficient_input_subsets`. [`gradient`](Self::gradient): Carter, Jain, Mueller, Gifford 2021, <https://arxiv.org/abs/2003.08907>.
#[derive(Clone, Debug)]
pub struct SufficientSubsets {
    threshold: Threshold,
    target: usize,
    score: Score,
    masking: Masking,
    batch: usize,
    incremental: bool,
    most: Option<usize>,
    gradient: Option<usize>,
}

impl SufficientSubsets {
    /// Takes the defaults: the first output as it is, every column, position or pixel is a feature, all subsets, incremental, otherwise batches of 64.
    ///
    /// The threshold is a number or a [`Threshold`].
    pub fn new(threshold: impl Into<Threshold>) -> Self {
        Self {
            threshold: threshold.into(),
            target: 0,
            score: Score::Raw,
            masking: Masking {
                mask: None,
                grouping: Grouping::Each,
                masked: Vec::new(),
            },
            batch: 64,
            incremental: true,
            most: None,
            gradient: None,
        }
    }

    /// Sets which output is scored, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets what is compared with the threshold: the output, or a probability.
    pub fn score(mut self, score: Score) -> Self {
        self.score = score;
        self
    }

    /// Sets what stands in for masked features: equal shares of all letters if not told otherwise, for what is no sequence 0.
    pub fn mask(mut self, mask: Mask) -> Self {
        self.masking.mask = Some(mask);
        self
    }

    /// Makes one feature of so many columns, positions or pixels that follow each other; the last may have fewer.
    pub fn stretches(mut self, width: usize) -> Self {
        self.masking.grouping = Grouping::Stretches(width);
        self
    }

    /// Makes one feature of each group of columns, positions or pixels, counted from 0; every one must be in one group.
    pub fn groups(mut self, groups: &[impl AsRef<[usize]>]) -> Self {
        self.masking.grouping = Grouping::groups(groups);
        self
    }

    /// Sets the features that are masked from the beginning; they are in no subset.
    pub fn masked(mut self, features: &[usize]) -> Self {
        self.masking.masked = features.to_vec();
        self
    }

    /// Sets the number of examples that are scored at once where whole examples are scored.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets whether only what a mask reaches is computed anew where that is possible, as it is by default.
    pub fn incremental(mut self, incremental: bool) -> Self {
        self.incremental = incremental;
        self
    }

    /// Sets how many subsets of one example are found at most.
    pub fn most(mut self, subsets: usize) -> Self {
        self.most = Some(subsets);
        self
    }

    /// Masks so many features at once, those whose masking costs least as far as the gradient of the score tells: an approximation that needs a
    /// model, and one pass for a step in place of one for every feature.
    ///
    /// A masked example is a mixture `(1 - m) x + m mask`, and the gradient is that with respect to `m`. Subsets consist of whole steps. The published
    /// code breaks ties by noise; here the first of equal features goes first.
    pub fn gradient(mut self, step: usize) -> Self {
        self.gradient = Some(step);
        self
    }

    /// Finds the subsets of sequences: features are positions, all letters of which are masked at once.
    ///
    /// # Errors
    ///
    /// Fails when `x` or the mask has a shape that the model cannot read, there is no such output, no sequence reaches the threshold, scores are not
    /// finite or not the same for the same sequence, an option makes no sense, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Subsets> {
        let examples = Examples::of_sequences(&self.masking, x)?;
        self.find(&ModelOutputs(model), examples)
    }

    /// Finds the subsets of what any function scores: of rows, shape `(n, columns)`, or arrays, shape `(n, channels, length)` or
    /// `(n, channels, height, width)`, whose features are positions or pixels with all their channels.
    ///
    /// [`ModelOutputs`] makes such a function of a model.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{ndarray::{Array1, ArrayView2, array}, sufficient::SufficientSubsets};
    /// # fn main() -> genolens::Result<()> {
    /// let sum = |x: ArrayView2<f32>| -> Array1<f64> {
    ///     x.rows().into_iter().map(|row| f64::from(row.sum())).collect()
    /// };
    /// let found = SufficientSubsets::new(4.0).rows(&sum, &array![[10.0_f32, 5.0, 2.0, 3.0]])?;
    /// assert_eq!(found.len(), 3);
    /// assert_eq!(found.get(2)?.features(), [2, 3]);
    /// # Ok(()) }
    /// ```
    pub fn rows(&self, black_box: &dyn BlackBox, x: &dyn Input) -> Result<Subsets> {
        let examples = Examples::of_rows(&self.masking, x)?;
        self.find(black_box, examples)
    }

    fn check(&self, black_box: &dyn BlackBox) -> Result<()> {
        let sizes = [
            ("batch", Some(self.batch)),
            ("most", self.most),
            ("gradient", self.gradient),
        ];
        for (name, size) in sizes {
            if size == Some(0) {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        if self.gradient.is_some() && black_box.model().is_none() {
            let got = "a function without a gradient";
            return Err(Error::value("black_box", "the outputs of a model", got));
        }
        Ok(())
    }

    fn find(&self, black_box: &dyn BlackBox, examples: Examples) -> Result<Subsets> {
        self.check(black_box)?;
        let questions = Questions {
            task: METHOD,
            black_box,
            shape: examples.shape(),
            target: self.target,
            batch: self.batch,
        };
        let found = self.subsets(&questions, &examples);
        let (scores, base, threshold, subsets) =
            found.inspect_err(|_| progress::clear_interrupt())?;
        let about = About {
            threshold,
            score: self.score,
            target: self.target,
            scores,
            base,
            step: self.gradient,
            x: examples.x,
            sequences: examples.sequences,
            layout: examples.layout,
            groups: examples.groups,
            stand_in: examples.stand_in,
        };
        Ok(Subsets::new(about, subsets))
    }

    /// Returns the scores of all examples, that of none of their features, the threshold and the subsets.
    fn subsets(
        &self,
        questions: &Questions<'_>,
        examples: &Examples,
    ) -> Result<(Array1<f64>, f64, f64, Vec<Subset>)> {
        let (n, device) = (examples.len(), questions.black_box.device());
        let beginnings = Beginnings(examples);
        let ask = |rows| some_scores(questions, self.score, (&beginnings, rows));
        let scores = in_batches("scores", (n, self.batch, device), ask)?.concat();
        let base = ask(n..n + 1)?;
        // What is found of chance would look like any other subset.
        same(&beginnings, &ask(0..1)?, &ask(0..1)?)?;
        let threshold = self.threshold.resolve(&scores)?;
        let reach = |&index: &usize| scores[index] >= threshold;
        let reaching: Vec<usize> = (0..n).filter(reach).collect();
        if reaching.is_empty() {
            let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let expected = format!("at most {highest}, the highest score of the {n} examples");
            return Err(Error::value("threshold", expected, threshold));
        }
        let evaluator = self.evaluator(questions.black_box, examples)?;
        let found = in_batches(METHOD, (reaching.len(), 1, device), |rows| {
            let index = reaching[rows.start];
            let mut whole = Whole {
                examples,
                questions,
                score: self.score,
                index,
                masked: examples.masked.clone(),
            };
            let descent = questions.black_box.model().zip(self.gradient);
            let search = Search {
                examples,
                threshold,
                most: self.most.unwrap_or(usize::MAX),
                descent: descent.map(|(model, step)| Descent {
                    examples,
                    model,
                    index,
                    score: self.score,
                    target: self.target,
                    step,
                }),
            };
            let start = (index, scores[index]);
            let found = match &evaluator {
                Some(evaluator) => {
                    let about = (index, self.score, self.target);
                    search.collection(&mut Incremental::new(examples, evaluator, about), start)?
                }
                None => search.collection(&mut whole, start)?,
            };
            for subset in &found {
                verify(&mut whole, subset)?;
            }
            Ok(found)
        })?;
        Ok((scores.into(), base[0], threshold, found.concat()))
    }

    /// Prepares the network behind a model for masks; nothing where there is none, or that would not be quicker.
    fn evaluator(
        &self,
        black_box: &dyn BlackBox,
        examples: &Examples,
    ) -> Result<Option<Evaluator>> {
        let network = black_box.model().and_then(Model::network);
        match (network, examples.layout, examples.shape()) {
            (Some(network), Layout::Positions(_), &[channels, length])
                if self.incremental && self.gradient.is_none() =>
            {
                let n = examples.x.len_of(Axis(0));
                Evaluator::new(network, (n, channels, length))
            }
            _ => Ok(None),
        }
    }
}
