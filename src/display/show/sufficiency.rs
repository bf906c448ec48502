//! Sufficient subsets beside attributions and other models, as curves and histograms.

use super::value::shown;
use crate::display::curve::{Curve, curve};
use crate::display::histogram::{Histogram, histogram};
use crate::sufficient::{CrossScores, InsertionDeletionCurves, InsideOutside};
use ndarray::{Array2, Axis};

impl InsertionDeletionCurves {
    /// Draws the mean score over the share of the features that are revealed, and that are masked.
    pub fn curve(&self) -> Curve {
        let mean = |values: &Array2<f64>| {
            let mean = values.mean_axis(Axis(0));
            mean.map_or_else(Vec::new, |mean| mean.to_vec())
        };
        let shares = self.shares();
        curve(shares, &mean(self.insertion()))
            .name("revealed")
            .add("masked", shares, &mean(self.deletion()))
            .x_label("share of the features, the most important first")
            .y_label("mean score")
    }
}

shown!(InsertionDeletionCurves, |curves| curves
    .curve()
    .figure()
    .bundle());

impl InsideOutside {
    /// Draws how much the score loses on average when a feature is masked, in every example, inside its subsets and outside.
    pub fn histogram(&self) -> Histogram {
        let table = self.table();
        let means = |name: &str| {
            let column = table
                .as_ref()
                .ok()
                .and_then(|table| table.column(name).ok());
            let column = column.and_then(|column| column.f64().ok());
            column.map_or_else(Vec::new, |values| {
                values.iter().flatten().collect::<Vec<f64>>()
            })
        };
        histogram(&means("inside"))
            .name("inside")
            .add("outside", &means("outside"))
            .x_label("mean loss of a masked feature")
            .y_label("examples")
    }
}

shown!(InsideOutside, |found| found.histogram().figure().bundle());

impl CrossScores {
    /// Draws the scores of the subsets alone, by the model that they were found with and by the one that was asked.
    pub fn histogram(&self) -> Histogram {
        let share = 100.0 * self.share();
        histogram(self.scores())
            .name("asked")
            .add("own", &self.own())
            .x_label("score of the subset alone")
            .y_label("subsets")
            .title(&format!("{share:.0} % reach {:.3}", self.threshold()))
    }
}

shown!(CrossScores, |scores| scores.histogram().figure().bundle());
