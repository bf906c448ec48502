//! How much every class counts.

use super::Loss;
use super::fit::Fit;
use crate::{Error, Result};

/// Weights of classes: pairs for 0 and 1 of every task, or one number for each class, or none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Classes(Vec<f64>);

impl Classes {
    /// Takes the weights that the user gave.
    pub(crate) fn given(fit: &Fit, (outputs, width): (usize, usize)) -> Result<Self> {
        let weights = &fit.class_weights;
        if weights.is_empty() {
            return Ok(Self::default());
        }
        let fail = |expected: String| {
            let got = format!("{weights:?}");
            Err(Error::value("class_weights", expected, got))
        };
        if weights.iter().any(|w| !w.is_finite() || *w < 0.0) || weights.iter().all(|w| *w == 0.0) {
            return fail("at least 0, and above 0 somewhere".into());
        }
        if fit.balance {
            return fail("none with `balance`, which sets them".into());
        }
        match fit.loss {
            Loss::BinaryCrossEntropy if weights.len() == 2 => Ok(Self(weights.repeat(width))),
            Loss::BinaryCrossEntropy if weights.len() == 2 * width => Ok(Self(weights.to_vec())),
            Loss::BinaryCrossEntropy => {
                fail("the weights of 0 and 1, or as many pairs as tasks".into())
            }
            Loss::CrossEntropy if weights.len() == outputs => Ok(Self(weights.to_vec())),
            Loss::CrossEntropy => fail(format!("{outputs} numbers, one for each class")),
            _ => fail("none without classes".into()),
        }
    }

    /// Gives all classes of a task the same total weight, and examples the mean weight 1.
    pub(crate) fn balanced(loss: Loss, labels: &[f32], (outputs, width): (usize, usize)) -> Self {
        // Labels that are missing count for no class.
        let column = |task: usize| {
            let column = labels.iter().skip(task).step_by(width);
            column.filter(|label| !label.is_nan())
        };
        let n = column(0).count();
        let share = |classes: usize, total: f64| n as f64 / (classes as f64 * total.max(1.0));
        let totals = |task: usize| -> f64 { column(task).map(|&label| f64::from(label)).sum() };
        Self(match loss {
            Loss::CrossEntropy if width == 1 => (0..outputs)
                .map(|class| {
                    let is_it = |label: &&f32| **label == class as f32;
                    share(outputs, labels.iter().filter(is_it).count() as f64)
                })
                .collect(),
            Loss::CrossEntropy => (0..outputs)
                .map(|class| share(outputs, totals(class)))
                .collect(),
            _ => (0..width)
                .flat_map(|task| {
                    let (n, ones) = (column(task).count() as f64, totals(task));
                    let share = |total: f64| n / (2.0 * total.max(1.0));
                    [share(n - ones), share(ones)]
                })
                .collect(),
        })
    }

    pub(crate) fn weights(&self) -> &[f64] {
        &self.0
    }
}
