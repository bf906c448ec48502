//! How examples with masked features are scored.

use super::Score;
use super::examples::{Copied, Examples};
use crate::Result;
use crate::network::{Copies, Questions, finite, is_ours};
use rayon::prelude::*;
use std::ops::Range;

/// The name of the work, for those who watch it.
pub(super) const METHOD: &str = "sufficient subsets";

/// One example whose features are masked one after the other.
pub(super) trait Asked {
    /// Starts again with these features masked, and returns the score.
    fn begin(&mut self, masked: &[bool]) -> Result<f64>;

    /// Computes the score with each of some features masked, too; they come in ascending order.
    fn without(&mut self, open: &[usize]) -> Result<Vec<f64>>;

    /// Masks a feature, one of those that were asked for just before.
    fn mask(&mut self, feature: usize) -> Result<()>;
}

/// Asks with whole examples: any black box can answer.
pub(super) struct Whole<'a> {
    pub(super) examples: &'a Examples,
    pub(super) questions: &'a Questions<'a>,
    pub(super) score: Score,
    pub(super) index: usize,
    pub(super) masked: Vec<bool>,
}

impl Whole<'_> {
    fn ask(&self, asked: &[Option<usize>]) -> Result<Vec<f64>> {
        let copies = Copied {
            examples: self.examples,
            index: self.index,
            masked: &self.masked,
            asked,
        };
        scores(self.questions, self.score, &copies)
    }
}

impl Asked for Whole<'_> {
    fn begin(&mut self, masked: &[bool]) -> Result<f64> {
        masked.clone_into(&mut self.masked);
        Ok(self.ask(&[None])?[0])
    }

    fn without(&mut self, open: &[usize]) -> Result<Vec<f64>> {
        self.ask(
            &open
                .iter()
                .map(|&feature| Some(feature))
                .collect::<Vec<_>>(),
        )
    }

    fn mask(&mut self, feature: usize) -> Result<()> {
        self.masked[feature] = true;
        Ok(())
    }
}

/// Scores all copies, in batches.
pub(super) fn scores(
    questions: &Questions<'_>,
    score: Score,
    copies: &dyn Copies,
) -> Result<Vec<f64>> {
    let count = copies.count();
    let starts: Vec<usize> = (0..count).step_by(questions.batch.max(1)).collect();
    let end = |start: usize| count.min(start.saturating_add(questions.batch));
    let one = |&start: &usize| some_scores(questions, score, (copies, start..end(start)));
    let found: Vec<Vec<f64>> = if is_ours(questions.black_box.device()) {
        starts.par_iter().map(one).collect::<Result<_>>()?
    } else {
        starts.iter().map(one).collect::<Result<_>>()?
    };
    Ok(found.concat())
}

/// Scores some copies at once.
pub(super) fn some_scores(
    questions: &Questions<'_>,
    score: Score,
    (copies, rows): (&dyn Copies, Range<usize>),
) -> Result<Vec<f64>> {
    let first = rows.start;
    let outputs = questions.outputs(copies, rows)?;
    score.check(outputs.ncols())?;
    let scores = outputs.rows().into_iter();
    let scores: Vec<f64> = scores.map(|row| score.of(&row, questions.target)).collect();
    finite(&scores, copies, first)?;
    Ok(scores)
}
