//! Dataset shift as pictures and tables.

use super::value::shown;
use crate::display::curve::{Curve, curve};
use crate::display::forest::{Forest, forest};
use crate::display::histogram::{Histogram, histogram};
use crate::display::mime::Bundle;
use crate::display::table::Table;
use crate::shift::{EnvironmentFit, FeatureShift, LeftOut, Priors, ShiftTest, Weights};

/// Features that a table shows.
const ROWS: usize = 20;

shown!(ShiftTest, |test| Bundle::text(&test.to_string()));

impl FeatureShift {
    /// Returns the features that differ most for the notebook, with what the test says and what it cannot say.
    pub fn table(&self) -> Table {
        let (statistics, p, adjusted) = (self.statistics(), self.p_values(), self.adjusted());
        let names = self.names();
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
        let rows = order.iter().take(ROWS).map(|&feature| {
            vec![
                names[feature].as_str().into(),
                statistics[feature].into(),
                p[feature].into(),
                adjusted[feature].into(),
            ]
        });
        let columns = ["feature", "difference", "p", "p corrected"];
        let said = self.to_string();
        let said = said.lines().next().unwrap_or_default();
        Table::filled(&columns, rows).note(&format!("{said}."))
    }
}

shown!(FeatureShift, |found| found.table().bundle());

impl Priors {
    /// Draws the shares of classes in both places.
    pub fn plot(&self) -> Forest {
        let names: Vec<usize> = (0..self.source().len()).collect();
        forest(&names, &self.source())
            .name("source")
            .add("target", &self.target())
            .x_label("share of the class")
    }
}

shown!(Priors, |priors| priors.plot().figure().bundle());

impl Weights {
    /// Draws how often examples have which weight.
    pub fn histogram(&self) -> Histogram {
        let size = self.effective_size();
        histogram(&self.values())
            .x_label("weight of a source example")
            .title(&format!("As good as {size:.0} examples of equal weight"))
    }
}

shown!(Weights, |weights| weights.histogram().figure().bundle());

impl EnvironmentFit {
    /// Draws the loss over epochs, a line for every environment.
    pub fn curve(&self) -> Curve {
        let losses = self.losses();
        let epochs: Vec<usize> = (1..=losses.nrows()).collect();
        let mut lines = losses.columns().into_iter().zip(self.names());
        let plot = match lines.next() {
            Some((first, name)) => curve(&epochs, &first).name(name),
            None => curve(&epochs, &[0.0; 0]),
        };
        lines
            .fold(plot, |plot, (line, name)| plot.add(name, &epochs, &line))
            .x_label("epoch")
            .y_label("loss")
    }
}

shown!(EnvironmentFit, |fit| fit.curve().figure().bundle());

impl LeftOut {
    /// Draws the area under the ROC curve in every environment that was left out, beside that in the others.
    pub fn plot(&self) -> Forest {
        forest(&self.names(), &self.auroc())
            .name("left out")
            .add("learned from", &self.seen())
            .x_label("AUROC")
    }
}

shown!(LeftOut, |left_out| left_out.plot().figure().bundle());
