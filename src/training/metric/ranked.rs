//! Examples of two classes in the order of their scores.

use super::super::Labels;
use super::order::Order;
use super::paired::Paired;
use crate::{Error, Input, Result};

/// Examples in the order of falling scores, ties taken together.
#[derive(Clone, Debug)]
pub(crate) struct Ranked {
    order: Order,
    is_positive: Vec<bool>,
    pub(crate) steps: Steps,
}

/// How many examples score at least so much, threshold after threshold.
#[derive(Clone, Debug)]
pub(crate) struct Steps {
    pub(crate) list: Vec<Step>,
    pub(crate) positives: usize,
    pub(crate) negatives: usize,
}

/// How many of each class score at least this much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) threshold: f32,
    pub(crate) positives: usize,
    pub(crate) negatives: usize,
}

impl Step {
    pub(crate) fn precision(&self) -> f64 {
        self.positives as f64 / (self.positives + self.negatives) as f64
    }
}

impl Ranked {
    pub(crate) fn new(scores: &dyn Input, labels: &dyn Labels) -> Result<Self> {
        Self::of(&Paired::new(scores, labels)?)
    }

    pub(crate) fn of(paired: &Paired) -> Result<Self> {
        paired.check_classes()?;
        let order = Order::falling(&paired.scores)?;
        let is_positive: Vec<bool> = paired.labels.iter().map(|&label| label == 1.0).collect();
        let steps = order.ties().map(|tie| {
            let threshold = paired.scores[tie[0] as usize];
            let is_one = |place: &&u32| is_positive[**place as usize];
            let positives = tie.iter().filter(is_one).count();
            (threshold, positives, tie.len() - positives)
        });
        let steps = Steps::summed(steps);
        if steps.positives == 0 || steps.negatives == 0 {
            let got = format!("{} ones, {} zeros", steps.positives, steps.negatives);
            return Err(Error::value("labels", "both 0 and 1", got));
        }
        Ok(Self {
            order,
            is_positive,
            steps,
        })
    }

    /// Counts every example so many times.
    pub(crate) fn counted(&self, counts: &[u32]) -> Steps {
        Steps::summed(self.order.ties().map(|tie| {
            let (mut positives, mut negatives) = (0, 0);
            for &place in tie {
                let count = counts[place as usize] as usize;
                if self.is_positive[place as usize] {
                    positives += count;
                } else {
                    negatives += count;
                }
            }
            (f32::NAN, positives, negatives)
        }))
    }

    /// Returns the share of the other class that every example is on the right side of, a tie counting one half: the structural
    /// components of `DeLong`, whose mean over either class is the area.
    pub(crate) fn placements(&self) -> Vec<f64> {
        let mut found = vec![0.0; self.is_positive.len()];
        for (tie, (above, below)) in self.order.ties().zip(self.steps.placements()) {
            for &place in tie {
                let is_positive = self.is_positive[place as usize];
                found[place as usize] = if is_positive { below } else { above };
            }
        }
        found
    }

    pub(crate) fn is_positive(&self) -> &[bool] {
        &self.is_positive
    }
}

impl Steps {
    /// Sums up the threshold, the positives and the negatives of every tie.
    fn summed(ties: impl Iterator<Item = (f32, usize, usize)>) -> Self {
        let (mut list, mut positives, mut negatives) = (Vec::new(), 0, 0);
        for (threshold, ones, zeros) in ties {
            if ones + zeros == 0 {
                continue;
            }
            positives += ones;
            negatives += zeros;
            list.push(Step {
                threshold,
                positives,
                negatives,
            });
        }
        Self {
            list,
            positives,
            negatives,
        }
    }

    /// Returns for every tie the share of positives above it and of negatives below it.
    fn placements(&self) -> impl Iterator<Item = (f64, f64)> {
        let mut before = (0, 0);
        self.list.iter().map(move |step| {
            let above = (before.0 + step.positives) as f64 / 2.0 / self.positives as f64;
            let upper = (before.1 + step.negatives) as f64 / 2.0;
            let below = (self.negatives as f64 - upper) / self.negatives as f64;
            before = (step.positives, step.negatives);
            (above, below)
        })
    }

    pub(crate) fn auroc(&self) -> f64 {
        // Twice the number of pairs in order, in whole numbers.
        let (mut twice, mut before) = (0_u128, (0, 0));
        for step in &self.list {
            let new = (step.negatives - before.1) as u128;
            twice += new * (step.positives + before.0) as u128;
            before = (step.positives, step.negatives);
        }
        twice as f64 / 2.0 / (self.positives as f64 * self.negatives as f64)
    }

    /// The variance of the area by `DeLong`; not a number where a class has a single example.
    pub(crate) fn variance(&self) -> f64 {
        let area = self.auroc();
        let (mut ones, mut zeros, mut before) = (0.0, 0.0, (0, 0));
        for (step, (above, below)) in self.list.iter().zip(self.placements()) {
            ones += (step.positives - before.0) as f64 * (below - area).powi(2);
            zeros += (step.negatives - before.1) as f64 * (above - area).powi(2);
            before = (step.positives, step.negatives);
        }
        let mean = |sum: f64, count: usize| sum / (count as f64 - 1.0) / count as f64;
        mean(ones, self.positives) + mean(zeros, self.negatives)
    }

    /// The sum of precision times gain in recall.
    pub(crate) fn average_precision(&self) -> f64 {
        let (mut sum, mut before) = (0.0, 0);
        for step in &self.list {
            sum += step.precision() * (step.positives - before) as f64;
            before = step.positives;
        }
        sum / self.positives as f64
    }

    /// The area below the curve on which true and false positives grow evenly from one threshold to the next.
    pub(crate) fn davis_goadrich(&self) -> f64 {
        let (mut sum, mut before) = (0.0, (0, 0));
        for step in &self.list {
            let new = (step.positives - before.0) as f64;
            if new > 0.0 {
                // Precision is t / (a t + b) with t true positives: its integral has a logarithm, unless b is 0.
                let slope = 1.0 + (step.negatives - before.1) as f64 / new;
                let offset = (before.0 + before.1) as f64 - slope * before.0 as f64;
                let total = (step.positives + step.negatives) as f64;
                sum += if offset == 0.0 {
                    new / slope
                } else {
                    let first = (before.0 + before.1) as f64;
                    (new - offset / slope * (total / first).ln()) / slope
                };
            }
            before = (step.positives, step.negatives);
        }
        sum / self.positives as f64
    }
}
