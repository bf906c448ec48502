//! Examples shown to a black box, batch by batch.

use super::{BlackBox, is_ours};
use crate::progress::Task;
use crate::{Error, Result};
use ndarray::{Array2, ArrayD, IxDyn};
use rayon::prelude::*;
use std::ops::Range;

/// Changed copies of one example, or of a batch.
pub(crate) trait Copies: Sync {
    /// Returns how many there are.
    fn count(&self) -> usize;

    /// Writes the numbers of one.
    fn write(&self, index: usize, numbers: &mut [f32]);

    /// Says which one it is, as in `example 3`.
    fn describe(&self, index: usize) -> String;
}

/// How a black box is asked.
pub(crate) struct Questions<'a> {
    pub(crate) task: &'a str,
    pub(crate) black_box: &'a dyn BlackBox,
    /// The shape of one example.
    pub(crate) shape: &'a [usize],
    pub(crate) target: usize,
    pub(crate) batch: usize,
}

impl Questions<'_> {
    /// Scores the copies that `copies` makes of every item, and hands them to `done` item by item.
    ///
    /// A batch has copies of one item only, so that what is found of an item does not depend on others.
    pub(crate) fn ask<C: Copies>(
        &self,
        items: usize,
        copies: impl Fn(usize) -> Result<C>,
        mut done: impl FnMut(usize, C, Vec<f64>) -> Result<()>,
    ) -> Result<()> {
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let together = if is_ours(self.black_box.device()) {
            rayon::current_num_threads().max(1)
        } else {
            1
        };
        let mut task = None;
        let mut item = 0;
        while item < items {
            let (mut some, mut jobs) = (Vec::new(), Vec::new());
            while item + some.len() < items && jobs.len() < together {
                let next = copies(item + some.len())?;
                let starts = (0..next.count()).step_by(self.batch);
                let end = |start: usize| next.count().min(start.saturating_add(self.batch));
                jobs.extend(starts.map(|start| (some.len(), start..end(start))));
                some.push(next);
            }
            // Items need about as many batches each.
            let steps = items.saturating_mul(jobs.len()) / some.len().max(1);
            let task = task.get_or_insert_with(|| Task::new(self.task, steps));
            let mut scores: Vec<Vec<f64>> = some.iter().map(|_| Vec::new()).collect();
            for jobs in jobs.chunks(together) {
                let one = |(at, rows): &(usize, Range<usize>)| self.batch(&some[*at], rows.clone());
                let found: Vec<Result<Vec<f64>>> = if together == 1 {
                    jobs.iter().map(one).collect()
                } else {
                    jobs.par_iter().map(one).collect()
                };
                for ((at, _), found) in jobs.iter().zip(found) {
                    scores[*at].extend(found?);
                    task.step("")?;
                }
            }
            for (copies, scores) in some.into_iter().zip(scores) {
                done(item, copies, scores)?;
                item += 1;
            }
        }
        if let Some(mut task) = task {
            task.finish("");
        }
        Ok(())
    }

    /// Scores some copies.
    pub(crate) fn batch(&self, copies: &dyn Copies, rows: Range<usize>) -> Result<Vec<f64>> {
        let scores = self.outputs(copies, rows.clone())?;
        let scores = scores.column(self.target).to_vec();
        finite(&scores, copies, rows.start)?;
        Ok(scores)
    }

    /// Computes all outputs for some copies, shape `(copies, outputs)`; that of the target is one of them.
    pub(crate) fn outputs(&self, copies: &dyn Copies, rows: Range<usize>) -> Result<Array2<f64>> {
        let size: usize = self.shape.iter().product();
        let mut numbers = vec![0.0; rows.len() * size];
        for (index, numbers) in rows.clone().zip(numbers.chunks_mut(size)) {
            copies.write(index, numbers);
        }
        let shape: Vec<usize> = [&[rows.len()], self.shape].concat();
        let x = ArrayD::from_shape_vec(IxDyn(&shape), numbers)
            .map_err(|_| Error::shape("x", "that of the examples", &shape))?;
        let scores = self.black_box.scores(&x)?;
        let (count, outputs) = scores.dim();
        if count != rows.len() || outputs == 0 {
            let expected = format!(
                "({}, outputs), one row for each example and at least 1 output",
                rows.len()
            );
            return Err(Error::shape("scores", expected, scores.shape()));
        }
        if self.target >= outputs {
            let expected = format!("below {outputs}, the number of outputs");
            return Err(Error::value("target", expected, self.target));
        }
        Ok(scores)
    }
}

/// Fails at the first score that is none, and says of which copy it is; `first` is the index of the first copy.
pub(crate) fn finite(scores: &[f64], copies: &dyn Copies, first: usize) -> Result<()> {
    let Some(at) = scores.iter().position(|score| !score.is_finite()) else {
        return Ok(());
    };
    let got = format!("{} for {}", scores[at], copies.describe(first + at));
    Err(Error::value("scores", "finite numbers", got))
}

/// Fails when a copy was scored twice and the scores differ.
pub(crate) fn same(copies: &dyn Copies, once: &[f64], again: &[f64]) -> Result<()> {
    for (index, (a, b)) in once.iter().zip(again).enumerate() {
        // Sums on a GPU may differ in their last bits, also where little is left of them.
        if (a - b).abs() > 1e-4 * a.abs().max(b.abs()) + 1e-7 {
            let got = format!("{a} and then {b} for {}", copies.describe(index));
            return Err(Error::value("score", "the same for the same example", got));
        }
    }
    Ok(())
}
