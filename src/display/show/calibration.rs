//! Whether a model means what it says, as pictures.

use super::value::shown;
use crate::calibration::{
    Assessment, BrierParts, Calibrator, ConformalIntervals, ConformalSets, Diagram, Difference,
    Draws, Ensemble, Forecast, ForecastQuality, Information, Intervals, Isotonic, PredictionSets,
    PriorCorrection, Proportions, QuantileCalibration, Recalibrated, Reliability, VarianceScaling,
    matrix,
};
use crate::display::axis;
use crate::display::bars::{Bars, bars};
use crate::display::curve::{Curve, curve};
use crate::display::forest::{Forest, forest};
use crate::display::interval_plot::{IntervalPlot, interval_plot};
use crate::display::mime::Bundle;
use crate::display::reliability_plot::ReliabilityPlot;
use crate::display::table::{Cell, Table};
use crate::distribution::normal::HALF_OF_95;
use crate::{Error, Input, Result};
use ndarray::{Array1, Axis};

/// Tasks and examples that are drawn at most.
const MOST: usize = 6;
const ROWS: usize = 30;
/// What stands at the axes.
const EVENTS: [&str; 2] = ["predicted probability", "observed share"];
const CLASSES: [&str; 2] = ["confidence", "accuracy"];

impl Diagram {
    /// Draws shares of events over mean forecasts with their 95 % intervals, and the number of examples below.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{calibration, ndarray::Array1};
    /// # fn main() -> genolens::Result<()> {
    /// let chances = Array1::from_shape_fn(400, |i| i as f32 / 400.0);
    /// let labels = Array1::from_shape_fn(400, |i| if (i * 37) % 400 < i { 1.0_f32 } else { 0.0 });
    /// let diagram = calibration::reliability(&chances, &labels)?.get(0)?;
    /// assert!(diagram.plot().name("as it came").svg().contains("as it came, ECE"));
    /// assert!(diagram.plot().bars().svg().contains("gap"));
    /// # Ok(()) }
    /// ```
    pub fn plot(&self) -> ReliabilityPlot {
        ReliabilityPlot::new(vec![(String::new(), self.clone())], EVENTS)
    }
}

shown!(Diagram, |diagram| diagram.plot().figure().bundle());

impl Reliability {
    /// Draws the diagram of the most probable class, accuracy over confidence, or of every task; of more than six tasks the six with the
    /// largest expected calibration error.
    pub fn plot(&self) -> ReliabilityPlot {
        if let Some(top) = self.top() {
            return ReliabilityPlot::new(vec![(String::new(), top)], CLASSES);
        }
        let chosen = worst(self).into_iter().take(MOST);
        let named = chosen.filter_map(|task| {
            let name = match self.len() {
                1 => String::new(),
                _ => format!("task {task}"),
            };
            Some((name, self.get(task).ok()?))
        });
        let plot = ReliabilityPlot::new(named.collect(), EVENTS);
        if self.len() > MOST {
            return plot.title(&format!("The worst {MOST} of {} tasks", self.len()));
        }
        plot
    }
}

shown!(Reliability, |reliability| reliability
    .plot()
    .figure()
    .bundle());

impl Assessment {
    /// Draws the diagrams before and after calibration: of the most probable class, or of the task with the largest expected calibration
    /// error before.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{calibration, ndarray::Array1};
    /// # fn main() -> genolens::Result<()> {
    /// let scores = Array1::from_shape_fn(1000, |i| (i % 50) as f32 / 5.0 - 5.0);
    /// let labels = Array1::from_shape_fn(1000, |i| if (i * 37) % 100 < 2 * (i % 50) { 1.0_f32 } else { 0.0 });
    /// let plot = calibration::recalibrate(&scores, &labels)?.assessment().plot();
    /// assert!(plot.description().contains("before, 500 examples"));
    /// # Ok(()) }
    /// ```
    pub fn plot(&self) -> ReliabilityPlot {
        let (before, after) = (self.before(), self.after());
        let task = worst(&before).first().copied().unwrap_or_default();
        let both = [("before", before), ("after", after)];
        let words = if both[0].1.top().is_some() {
            CLASSES
        } else {
            EVENTS
        };
        let tasks = both[0].1.len();
        let drawn = both.into_iter().filter_map(|(name, reliability)| {
            let diagram = reliability.top().or_else(|| reliability.get(task).ok());
            Some((name.to_owned(), diagram?))
        });
        let plot = ReliabilityPlot::new(drawn.collect(), words);
        let method = self.method();
        if words == EVENTS && tasks > 1 {
            return plot.title(&format!("Calibration: {method}, task {task} of {tasks}"));
        }
        plot.title(&format!("Calibration: {method}"))
    }
}

/// Returns the tasks by their expected calibration error, the largest first.
fn worst(reliability: &Reliability) -> Vec<usize> {
    let error = |task: usize| reliability.get(task).map_or(0.0, |diagram| diagram.ece());
    let errors: Vec<f64> = (0..reliability.len()).map(error).collect();
    let mut tasks: Vec<usize> = (0..errors.len()).collect();
    tasks.sort_by(|&a, &b| errors[b].total_cmp(&errors[a]));
    tasks
}

shown!(Assessment, |assessment| assessment.plot().figure().bundle());

shown!(Recalibrated, |found| found
    .assessment()
    .plot()
    .figure()
    .bundle());

impl ForecastQuality {
    /// Draws the shares of true numbers below quantiles, or inside intervals, of every level over the levels; the area to the diagonal is
    /// shaded.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::calibration::{Forecast, Proportions};
    /// use genolens::ndarray::array;
    /// # fn main() -> genolens::Result<()> {
    /// let forecast = Forecast::new(&array![0.0_f32, 1.0, 2.0], &array![1.0_f32, 1.0, 1.0])?;
    /// let quality = forecast.assess(&array![0.5_f32, 0.5, 2.5])?;
    /// assert!(quality.plot(Proportions::Interval).svg().contains("MACE"));
    /// # Ok(()) }
    /// ```
    pub fn plot(&self, proportions: Proportions) -> Curve {
        let (levels, observed) = (self.levels(), self.observed(proportions));
        let pair = |of: fn(f64, f64) -> f64| -> Array1<f64> {
            let pairs = levels.iter().zip(&observed);
            pairs.map(|(level, share)| of(*level, *share)).collect()
        };
        let (x, y) = match proportions {
            Proportions::Quantile => ("level of the quantile", "share of numbers below it"),
            Proportions::Interval => ("level of the interval", "share of numbers inside"),
        };
        curve(&levels, &observed)
            .name(&format!("MACE {}", axis::plain(self.mace(proportions))))
            .band(&levels, &pair(f64::min), &pair(f64::max))
            .x_range(0.0, 1.0)
            .y_range(0.0, 1.0)
            .diagonal()
            .x_label(x)
            .y_label(y)
    }
}

shown!(ForecastQuality, |quality| {
    let both = [Proportions::Quantile, Proportions::Interval];
    let [quantiles, intervals] = both.map(|proportions| quality.plot(proportions));
    quantiles.beside(&intervals).bundle()
});

impl Intervals {
    /// Draws the intervals of an output, counted from 0, over the true numbers, shape `(n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails as [`coverage`](Intervals::coverage), and when there is no such output.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::calibration::Forecast;
    /// use genolens::ndarray::array;
    /// # fn main() -> genolens::Result<()> {
    /// let forecast = Forecast::new(&array![0.0_f32, 1.0, 2.0], &array![1.0_f32, 1.0, 1.0])?;
    /// let plot = forecast.intervals(0.9)?.plot(&array![0.5_f32, 0.5, 5.0], 0)?;
    /// assert!(plot.description().contains("2 of 3 hold the truth"));
    /// # Ok(()) }
    /// ```
    pub fn plot(&self, truth: &dyn Input, output: usize) -> Result<IntervalPlot> {
        self.coverage(truth)?;
        let outputs = self.low().ncols();
        if output >= outputs {
            return Err(Error::value("output", format!("below {outputs}"), output));
        }
        let truth = matrix("truth", truth)?;
        let column = |values: &ndarray::Array2<f64>| values.index_axis(Axis(1), output).to_owned();
        let plot = interval_plot(&column(self.low()), &column(self.high()), &column(&truth));
        Ok(plot.title(&format!("Intervals of level {}", axis::plain(self.level()))))
    }
}

impl QuantileCalibration {
    /// Draws which level of the forecasts is taken for a level that is asked for, a line for every output; the diagonal is no change.
    pub fn curve(&self) -> Curve {
        let levels: Vec<f64> = (1..100).map(|percent| f64::from(percent) / 100.0).collect();
        let of = |output: usize| -> Option<Vec<f64>> {
            let taken = levels.iter().map(|level| self.level(output, *level).ok());
            taken.collect()
        };
        let outputs: Vec<Vec<f64>> = (0..MOST).map_while(of).collect();
        let several = outputs.len() > 1;
        let first = outputs.first().cloned().unwrap_or_default();
        let mut plot = curve(&levels, &first);
        if several {
            plot = plot.name("output 0");
        }
        for (output, taken) in outputs.iter().enumerate().skip(1) {
            plot = plot.add(&format!("output {output}"), &levels, taken);
        }
        plot.x_range(0.0, 1.0)
            .y_range(0.0, 1.0)
            .diagonal()
            .x_label("level asked for")
            .y_label("level of the forecast")
    }
}

shown!(QuantileCalibration, |calibration| calibration
    .curve()
    .figure()
    .bundle());

impl Difference {
    /// Draws the differences in the first output of the first 30 examples, with 95 % intervals from differences within members (paired),
    /// and as they would be if members were not compared with themselves.
    pub fn forest(&self) -> Forest {
        let shown = self.effect().nrows().min(ROWS);
        let first = |values: &ndarray::Array2<f64>| -> Array1<f64> {
            values.column(0).iter().take(shown).copied().collect()
        };
        let effect = first(self.effect());
        let ends = |error: &ndarray::Array2<f64>| {
            let reach = first(error) * HALF_OF_95;
            (&effect - &reach, &effect + &reach)
        };
        let (paired, unpaired) = (ends(self.error()), ends(self.unpaired_error()));
        let names: Vec<usize> = (0..shown).collect();
        forest(&names, &effect)
            .name("paired")
            .intervals(&paired.0, &paired.1)
            .add("unpaired", &effect)
            .intervals(&unpaired.0, &unpaired.1)
            .level(0.0)
            .x_label("difference of scores")
    }
}

shown!(Difference, |difference| difference
    .forest()
    .figure()
    .bundle());

impl PredictionSets {
    /// Draws how many sets hold so many classes.
    pub fn bars(&self) -> Bars {
        let sizes = self.sizes();
        let names: Vec<usize> = (0..=self.held().ncols()).collect();
        let counts: Vec<usize> = names
            .iter()
            .map(|&size| sizes.iter().filter(|&&found| found == size as f64).count())
            .collect();
        bars(&names, &counts)
            .x_label("classes in the set")
            .y_label("sets")
            .title(&format!("Sets of level {}", axis::plain(self.level())))
    }
}

shown!(PredictionSets, |sets| sets.bars().figure().bundle());

impl Information {
    /// Returns the means over examples for the notebook, one row per output.
    pub fn table(&self) -> Table {
        let parts = [
            self.total().clone(),
            self.aleatoric().clone(),
            self.epistemic(),
        ];
        let means = parts.map(|part| part.mean_axis(Axis(0)).unwrap_or_default());
        let rows = (0..self.total().ncols()).map(|output| {
            let mut cells: Vec<Cell> = vec![output.into()];
            cells.extend(means.iter().map(|mean| Cell::from(mean[output])));
            cells
        });
        let columns = ["output", "total", "aleatoric (world)", "epistemic (model)"];
        let note = format!("Means over {} examples.", self.total().nrows());
        Table::filled(&columns, rows).note(&note)
    }
}

shown!(Information, |information| information.table().bundle());

impl BrierParts {
    /// Returns the parts for the notebook.
    pub fn table(&self) -> Table {
        let rows = [
            ("score", self.score(), "mean squared difference, 0 at best"),
            (
                "reliability",
                self.reliability(),
                "gaps to what happened, 0 at best",
            ),
            (
                "− resolution",
                -self.resolution(),
                "what forecasts tell apart",
            ),
            (
                "uncertainty",
                self.uncertainty(),
                "of who always says the share of events",
            ),
            ("within", self.within(), "differences inside of bins"),
        ];
        let row =
            |(name, value, words): (&str, f64, &str)| vec![name.into(), value.into(), words.into()];
        Table::filled(&["part", "value", ""], rows.into_iter().map(row))
    }
}

shown!(BrierParts, |parts| parts.table().bundle());

impl VarianceScaling {
    /// Returns the factors for the notebook.
    pub fn table(&self) -> Table {
        let rows = self.factors().into_iter().enumerate();
        Table::filled(
            &["output", "spread times"],
            rows.map(|(output, factor)| vec![output.into(), factor.into()]),
        )
    }
}

shown!(VarianceScaling, |scaling| scaling.table().bundle());

shown!(Calibrator, |calibrator| Bundle::text(
    &calibrator.to_string()
));
shown!(ConformalSets, |sets| Bundle::text(&sets.to_string()));
shown!(ConformalIntervals, |intervals| Bundle::text(&format!(
    "{intervals:?}"
)));
shown!(Draws, |draws| Bundle::text(&draws.to_string()));
shown!(Ensemble, |ensemble| Bundle::text(&ensemble.to_string()));
shown!(Forecast, |forecast| Bundle::text(&format!("{forecast:?}")));
shown!(Intervals, |intervals| Bundle::text(&intervals.to_string()));
shown!(Isotonic, |curve| Bundle::text(&format!("{curve:?}")));
shown!(PriorCorrection, |correction| Bundle::text(&format!(
    "{correction:?}"
)));
