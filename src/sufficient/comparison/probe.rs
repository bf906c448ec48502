//! Examples in which some features are masked, shown to a black box.

use crate::network::{BlackBox, Copies, Questions};
use crate::sufficient::asked::scores;
use crate::sufficient::{Score, Subsets};
use crate::{Error, Result};
use ndarray::Axis;

/// How examples of subsets are shown.
pub(super) struct Probe<'a> {
    pub(super) black_box: &'a dyn BlackBox,
    pub(super) subsets: &'a Subsets,
    pub(super) score: Score,
    pub(super) target: usize,
    pub(super) batch: usize,
    pub(super) task: &'a str,
}

impl<'a> Probe<'a> {
    /// Scores as the subsets were scored.
    pub(super) fn new(
        black_box: &'a dyn BlackBox,
        subsets: &'a Subsets,
        (batch, task): (usize, &'a str),
    ) -> Self {
        Self {
            black_box,
            subsets,
            score: subsets.score(),
            target: subsets.target(),
            batch,
            task,
        }
    }

    /// Scores an example as it is with each of some sets of features masked.
    pub(super) fn scores(&self, example: usize, masks: &[Vec<bool>]) -> Result<Vec<f64>> {
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let questions = Questions {
            task: self.task,
            black_box: self.black_box,
            shape: &self.subsets.x().shape()[1..],
            target: self.target,
            batch: self.batch,
        };
        let versions = Versions {
            subsets: self.subsets,
            owners: &owners(self.subsets),
            example,
            masks,
        };
        scores(&questions, self.score, &versions)
    }
}

/// Returns the feature of every place; places that are in none keep their value.
fn owners(subsets: &Subsets) -> Vec<Option<usize>> {
    let mut owners = vec![None; subsets.layout().places()];
    for (feature, places) in subsets.features().iter().enumerate() {
        for &place in places {
            owners[place] = Some(feature);
        }
    }
    owners
}

/// One example, with different features masked.
struct Versions<'a> {
    subsets: &'a Subsets,
    owners: &'a [Option<usize>],
    example: usize,
    masks: &'a [Vec<bool>],
}

impl Copies for Versions<'_> {
    fn count(&self) -> usize {
        self.masks.len()
    }

    fn write(&self, index: usize, numbers: &mut [f32]) {
        let x = self.subsets.x().index_axis(Axis(0), self.example);
        let mask = &self.masks[index];
        let all = numbers.iter_mut().zip(&x).zip(self.subsets.stand_in());
        for (at, ((number, x), other)) in all.enumerate() {
            let owner = self.owners[at % self.owners.len()];
            *number = if owner.is_some_and(|owner| mask[owner]) {
                *other
            } else {
                *x
            };
        }
    }

    fn describe(&self, index: usize) -> String {
        let masked = self.masks[index].iter().filter(|&&masked| masked).count();
        format!("example {} with {masked} features masked", self.example)
    }
}
