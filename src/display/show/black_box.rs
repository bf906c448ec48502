//! What features contribute, and how much is lost without them.

use super::value::shown;
use crate::attribution::{Contributions, FeatureImportance};
use crate::display::bars::{Bars, bars};

/// Features that are shown of many.
const MOST: usize = 20;

impl Contributions {
    /// Draws the features that contribute most to the first example, with their standard errors; take another example with `get`.
    pub fn bars(&self) -> Bars {
        let row = |of: &ndarray::Array2<f64>| of.row(0).to_vec();
        if self.is_empty() {
            return bars(&[""; 0], &[0.0; 0]);
        }
        let (values, errors) = (row(self.values()), self.standard_errors().map(row));
        let title = format!("{}, score {:.4}", self.method(), self.outputs()[0]);
        largest(self.names(), &values, errors.as_deref())
            .y_label("contribution")
            .title(&title)
    }
}

shown!(Contributions, |found| found.bars().figure().bundle());

impl FeatureImportance {
    /// Draws the features whose permutation costs most, with the standard deviation over permutations.
    pub fn bars(&self) -> Bars {
        let (mean, spread) = (self.mean().to_vec(), self.spread().to_vec());
        let title = format!("Permutation importance, measure {:.4}", self.measure());
        largest(self.names(), &mean, Some(&spread))
            .y_label("drop of the measure")
            .title(&title)
    }
}

shown!(FeatureImportance, |found| found.bars().figure().bundle());

/// Draws the largest values, of either sign.
fn largest(names: &[String], values: &[f64], errors: Option<&[f64]>) -> Bars {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].abs().total_cmp(&values[a].abs()));
    order.truncate(MOST);
    let some = |of: &[f64]| order.iter().map(|&at| of[at]).collect::<Vec<f64>>();
    let names: Vec<&str> = order.iter().map(|&at| names[at].as_str()).collect();
    let drawn = bars(&names, &some(values)).x_label("feature");
    match errors {
        Some(errors) => drawn.errors(&some(errors)),
        None => drawn,
    }
}
