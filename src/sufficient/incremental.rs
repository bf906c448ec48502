//! Scores of which only what a mask reaches is computed anew.

use super::Score;
use super::asked::{Asked, METHOD};
use super::examples::{Copied, Examples};
use crate::network::{Edits, Evaluator, Kept, finite};
use crate::{Error, Result, progress};
use ndarray::ArrayView1;
use std::ops::Range;

/// A network that is asked again and again about one sequence.
pub(super) struct Incremental<'a> {
    pub(super) examples: &'a Examples,
    pub(super) index: usize,
    pub(super) score: Score,
    pub(super) target: usize,
    evaluator: &'a Evaluator,
    /// The stretch of each feature; all have one width, so that some hold places of others.
    stretches: Vec<Range<usize>>,
    masked: Vec<bool>,
    /// The sequence as it is now, `(channels, length)`.
    x: Vec<f32>,
    kept: Option<Kept>,
}

impl<'a> Incremental<'a> {
    pub(super) fn new(
        examples: &'a Examples,
        evaluator: &'a Evaluator,
        (index, score, target): (usize, Score, usize),
    ) -> Self {
        let length = examples.layout.places();
        let ends = |group: &Vec<usize>| -> Range<usize> {
            group.first().map_or(0, |&first| first)..group.last().map_or(0, |&last| last + 1)
        };
        let width = examples.groups.iter().map(|group| ends(group).len()).max();
        let width = width.unwrap_or(0);
        let stretches = examples.groups.iter().map(|group| {
            let start = ends(group).start.min(length - width);
            start..start + width
        });
        Self {
            examples,
            index,
            score,
            target,
            evaluator,
            stretches: stretches.collect(),
            masked: examples.masked.clone(),
            x: vec![0.0; examples.stand_in.len()],
            kept: None,
        }
    }

    /// Returns the edits that mask each of some features, too.
    fn edits(&self, features: &[usize]) -> Edits {
        let (examples, length) = (self.examples, self.examples.layout.places());
        let channels = self.x.len() / length;
        let width = self.stretches.first().map_or(0, Range::len);
        let mut edits = Edits::new(channels, width);
        let Some(stand_in) = examples.stand_in.as_slice() else {
            return edits;
        };
        for &feature in features {
            let (stretch, group) = (&self.stretches[feature], &examples.groups[feature]);
            let values = (0..channels).flat_map(|channel| {
                stretch.clone().map(move |place| {
                    let at = channel * length + place;
                    let is_masked = width == 1 || group.binary_search(&place).is_ok();
                    if is_masked { stand_in[at] } else { self.x[at] }
                })
            });
            edits.push(stretch.start, values);
        }
        edits
    }

    fn of(&self, outputs: &ArrayView1<'_, f32>) -> Result<f64> {
        if self.target >= outputs.len() {
            let expected = format!("below {}, the number of outputs", outputs.len());
            return Err(Error::value("target", expected, self.target));
        }
        Ok(self.score.of(&outputs.mapv(f64::from).view(), self.target))
    }

    /// Checks scores of the example with each of some features masked, too.
    fn checked(&self, scores: Vec<f64>, asked: &[Option<usize>]) -> Result<Vec<f64>> {
        let copies = Copied {
            examples: self.examples,
            index: self.index,
            masked: &self.masked,
            asked,
        };
        finite(&scores, &copies, 0)?;
        Ok(scores)
    }
}

impl Asked for Incremental<'_> {
    fn begin(&mut self, masked: &[bool]) -> Result<f64> {
        masked.clone_into(&mut self.masked);
        self.examples.write(self.index, masked, &mut self.x);
        let starts = self.stretches.iter().map(|stretch| stretch.start);
        let kept = Kept::new(self.evaluator, self.x.clone(), starts.collect())?;
        let score = self.of(&ArrayView1::from(kept.before()))?;
        self.kept = Some(kept);
        Ok(self.checked(vec![score], &[None])?[0])
    }

    fn without(&mut self, open: &[usize]) -> Result<Vec<f64>> {
        let mut kept = self.kept.take().ok_or_else(none)?;
        let outputs = kept.outputs(open, &|features: &[usize]| {
            // One sequence can take long: an interrupt must not wait for its end.
            progress::check(METHOD, 0, 1)?;
            Ok(self.edits(features))
        })?;
        self.kept = Some(kept);
        let scores = outputs.rows().into_iter().map(|row| self.of(&row));
        let scores = scores.collect::<Result<Vec<f64>>>()?;
        let asked: Vec<Option<usize>> = open.iter().map(|&one| Some(one)).collect();
        self.checked(scores, &asked)
    }

    fn mask(&mut self, feature: usize) -> Result<()> {
        let mut kept = self.kept.take().ok_or_else(none)?;
        kept.make(feature, &|features: &[usize]| Ok(self.edits(features)))?;
        self.kept = Some(kept);
        self.masked[feature] = true;
        self.examples.write(self.index, &self.masked, &mut self.x);
        Ok(())
    }
}

fn none() -> Error {
    Error::value("x", "an example that was begun", "none")
}
