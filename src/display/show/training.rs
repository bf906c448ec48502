//! Training histories and the curves of classifiers.

use super::value::shown;
use crate::display::axis;
use crate::display::curve::{self, curve};
use crate::display::table::{Cell, Table};
use crate::training::{
    Comparison, Curve, Folds, Found, History, Interval, Learned, Measurement, Split, Trained,
    Validated,
};

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
    /// Draws the mean over sizes with the interval of the mean shaded, and every training as a dot.
    pub fn curve(&self) -> curve::Curve {
        let sizes: Vec<f64> = self.sizes().iter().map(|&size| size as f64).collect();
        let values = self.values();
        let repeats = values.ncols();
        let places: Vec<f64> = sizes.iter().flat_map(|&size| vec![size; repeats]).collect();
        let dots: Vec<f64> = values.iter().copied().collect();
        let line = curve(&sizes, &self.mean()).dots(&places, &dots);
        let line = if repeats > 1 {
            let percent = self.percent();
            line.name(&format!("mean, {percent} % interval")).band(
                &sizes,
                &self.low(),
                &self.high(),
            )
        } else {
            line
        };
        line.log_x()
            .x_label("examples")
            .y_label(self.title())
            .title("Learning curve")
    }

    /// Returns the mean with its interval, the standard deviation and the variance for every size.
    pub fn table(&self) -> Table {
        let columns = [
            "examples",
            self.metric(),
            "low",
            "high",
            "standard deviation",
            "variance",
        ];
        let columns_of = [
            self.mean(),
            self.low(),
            self.high(),
            self.spread(),
            self.variance(),
        ];
        let rows = self.sizes().iter().enumerate().map(|(at, &size)| {
            let mut cells: Vec<Cell> = vec![size.into()];
            cells.extend(columns_of.iter().map(|of| Cell::from(short(of[at]))));
            cells
        });
        let percent = self.percent();
        let note = format!(
            "{} trainings of each size; low and high are the {percent} % interval of the mean.",
            self.values().ncols()
        );
        Table::filled(&columns, rows).note(&note)
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

shown!(Interval, |interval| crate::display::Bundle::text(
    &interval.to_string()
));

impl Comparison {
    /// Returns both areas and their difference for the notebook.
    pub fn table(&self) -> Table {
        let rows = [
            ("first", self.first()),
            ("second", self.second()),
            ("difference", self.difference()),
        ];
        let rows = rows.map(|(name, value)| {
            let (low, high) = ends(&value);
            vec![name.into(), short(value.estimate()).into(), low, high]
        });
        let note = format!("z {:.3}, p {} (two-sided).", self.z(), short(self.p()));
        Table::filled(&["", "AUROC", "low", "high"], rows.into_iter()).note(&note)
    }
}

shown!(Comparison, |comparison| comparison.table().bundle());

impl Measurement {
    /// Returns one row per task for the notebook, every metric with the ends of its interval.
    pub fn table(&self) -> Table {
        let with_ends: Vec<bool> = (0..self.metrics().len())
            .map(|metric| {
                let values = self.tasks().iter().map(|task| &task.values[metric]);
                values.flatten().any(Interval::is_known)
            })
            .collect();
        let names: Vec<String> = self.metrics().iter().map(ToString::to_string).collect();
        let mut columns = vec!["task", "examples", "positives"];
        for (name, &with_ends) in names.iter().zip(&with_ends) {
            columns.push(name);
            if with_ends {
                columns.extend(["low", "high"]);
            }
        }
        let rows = self.tasks().iter().map(|task| {
            let positives = task.classes.map_or("".into(), |classes| classes.0.into());
            let mut cells: Vec<Cell> =
                vec![task.name.as_str().into(), task.examples.into(), positives];
            for (value, &with_ends) in task.values.iter().zip(&with_ends) {
                let (low, high) = value.as_ref().map_or(("".into(), "".into()), ends);
                cells.push(match value {
                    Ok(value) => short(value.estimate()).into(),
                    Err(problem) => (*problem).into(),
                });
                if with_ends {
                    cells.extend([low, high]);
                }
            }
            cells
        });
        Table::filled(&columns, rows).note(&format!("{self}."))
    }
}

shown!(Measurement, |measurement| measurement.table().bundle());

/// The ends of an interval, empty where they are not known.
fn ends(interval: &Interval) -> (Cell, Cell) {
    if interval.is_known() {
        (short(interval.low()).into(), short(interval.high()).into())
    } else {
        ("".into(), "".into())
    }
}

/// Four digits, however large or small.
fn short(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) && value.is_finite() {
        format!("{value:.2e}")
    } else {
        format!("{value:.4}")
    }
}
