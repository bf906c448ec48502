//! Training histories and the curves of classifiers.

use super::value::shown;
use crate::display::axis;
use crate::display::curve::{self, curve};
use crate::display::table::{Cell, Table};
use crate::training::{Curve, Folds, Found, History, Learned, Split, Trained, Validated};

impl History {
    /// Draws training and validation loss over epochs.
    pub fn curve(&self) -> curve::Curve {
        let (epochs, validation) = (self.epochs(), self.validation_loss());
        let train = curve(&epochs, &self.train_loss()).name("training");
        let both = if validation.iter().any(|v| v.is_finite()) {
            train.add("validation", &epochs, &validation)
        } else {
            train
        };
        both.x_label("epoch")
            .y_label("loss")
            .title("Training history")
    }

    /// Draws the area under the ROC curve over epochs.
    pub fn auroc_curve(&self) -> curve::Curve {
        let (epochs, validation) = (self.epochs(), self.validation_auroc());
        let train = curve(&epochs, &self.train_auroc()).name("training");
        let both = if validation.iter().any(|v| v.is_finite()) {
            train.add("validation", &epochs, &validation)
        } else {
            train
        };
        both.x_label("epoch")
            .y_label("AUROC")
            .title("Training history")
    }
}

shown!(History, |history| history.curve().figure().bundle());

shown!(Trained, |trained| trained
    .history()
    .curve()
    .figure()
    .bundle());

impl Curve {
    /// Draws the curve; the legend tells the area under it.
    pub fn plot(&self) -> curve::Curve {
        let name = format!("area {}", axis::plain(self.area()));
        let plain = curve(self.x(), self.y())
            .name(&name)
            .x_range(0.0, 1.0)
            .y_range(0.0, 1.0);
        let plot = plain
            .x_label(self.x_name())
            .y_label(self.y_name())
            .title(self.name());
        if self.x_name().contains("false positive") {
            plot.diagonal()
        } else {
            plot
        }
    }
}

shown!(Curve, |curve| curve.plot().figure().bundle());

shown!(Split, |split| crate::display::Bundle::text(
    &split.to_string()
));

impl Folds {
    /// Returns the sizes of the folds for the notebook.
    pub fn table(&self) -> Table {
        let grouped = self.names().iter().any(|name| !name.is_empty());
        let columns = ["fold", "to learn from", "held out", "groups held out"];
        let folds = (0..self.len()).filter_map(|fold| Some((fold, self.get(fold).ok()?)));
        let rows = folds.map(|(fold, split)| {
            let mut cells: Vec<Cell> = vec![
                (fold + 1).into(),
                split.train().len().into(),
                split.test().len().into(),
            ];
            if grouped {
                cells.push(self.names()[fold].as_str().into());
            }
            cells
        });
        Table::filled(&columns[..3 + usize::from(grouped)], rows)
    }
}

shown!(Folds, |folds| folds.table().bundle());

impl Validated {
    /// Returns what every fold gave for the notebook, with means and standard deviations.
    pub fn table(&self) -> Table {
        let metrics = self.metrics();
        let mut columns = vec!["fold", "to learn from", "held out", "loss"];
        columns.extend(metrics.iter().map(String::as_str));
        let folds = self.folds();
        let mut numbers = vec![self.loss()];
        numbers.extend(metrics.iter().filter_map(|name| self.metric(name).ok()));
        let rows = (0..folds.len()).filter_map(|fold| {
            let split = folds.get(fold).ok()?;
            let mut cells: Vec<Cell> = vec![
                (fold + 1).into(),
                split.train().len().into(),
                split.test().len().into(),
            ];
            cells.extend(numbers.iter().map(|values| Cell::from(short(values[fold]))));
            Some(cells)
        });
        Table::filled(&columns, rows).note(&format!("{self}."))
    }
}

shown!(Validated, |validated| validated.table().bundle());

impl Learned {
    /// Draws the mean over sizes, between one standard deviation less and one more.
    pub fn curve(&self) -> curve::Curve {
        let sizes: Vec<f64> = self.sizes().iter().map(|&size| size as f64).collect();
        let (mean, spread) = (self.mean(), self.spread());
        let line = curve(&sizes, &mean).name("mean");
        let line = if spread.iter().all(|spread| spread.is_finite()) {
            line.add("one standard deviation less", &sizes, &(&mean - &spread))
                .add("one standard deviation more", &sizes, &(&mean + &spread))
        } else {
            line
        };
        line.log_x()
            .x_label("examples")
            .y_label(self.metric())
            .title("Learning curve")
    }

    /// Returns the mean and the standard deviation for every size.
    pub fn table(&self) -> Table {
        let columns = ["examples", self.metric(), "standard deviation"];
        let (mean, spread) = (self.mean(), self.spread());
        let rows = self.sizes().iter().enumerate().map(|(at, &size)| {
            vec![
                size.into(),
                short(mean[at]).into(),
                short(spread[at]).into(),
            ]
        });
        Table::filled(&columns, rows)
    }
}

shown!(Learned, |learned| learned.curve().figure().bundle());

impl Found {
    /// Returns all trials for the notebook, the best first.
    pub fn table(&self) -> Table {
        let names = self.names();
        let mut columns = vec!["trial"];
        columns.extend(names.iter().map(String::as_str));
        columns.push(self.metric());
        let (trials, values) = (self.trials(), self.values());
        let mut order: Vec<usize> = (0..values.len()).collect();
        let key = |trial: usize| {
            if values[trial].is_nan() {
                f64::NEG_INFINITY
            } else {
                values[trial]
            }
        };
        order.sort_by(|&a, &b| key(b).total_cmp(&key(a)));
        let rows = order.into_iter().map(|trial| {
            let mut cells: Vec<Cell> = vec![(trial + 1).into()];
            cells.extend(
                trials
                    .row(trial)
                    .iter()
                    .map(|&value| Cell::from(short(value))),
            );
            cells.push(short(values[trial]).into());
            cells
        });
        let finals: Vec<String> = self.finals().iter().map(|&value| short(value)).collect();
        let note = format!(
            "Trained with the best: {} {}.",
            self.metric(),
            finals.join(", ")
        );
        Table::filled(&columns, rows).note(&note)
    }
}

shown!(Found, |found| found.table().bundle());

/// Four digits, however large or small.
fn short(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) && value.is_finite() {
        format!("{value:.2e}")
    } else {
        format!("{value:.4}")
    }
}
