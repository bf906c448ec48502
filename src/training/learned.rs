//! How good networks are that have learned from few and from many examples.

use super::Interval;
use super::measures::title;
use super::metric::percent;
use super::validated::mean_and_spread;
use crate::distribution::student;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// How good networks are that have learned from so many examples; cheap to clone, shows itself as a curve.
#[derive(Clone, PartialEq)]
pub struct Learned {
    sizes: Arc<[usize]>,
    values: Arc<Array2<f64>>,
    metric: &'static str,
    level: f64,
}

impl Learned {
    pub(crate) fn new(
        (sizes, values): (Vec<usize>, Array2<f64>),
        metric: &'static str,
        level: f64,
    ) -> Self {
        Self {
            sizes: sizes.into(),
            values: values.into(),
            metric,
            level,
        }
    }

    /// Returns the numbers of examples.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Returns what is measured on the held out examples: `auroc` for labels 0 and 1, the mean over tasks.
    pub fn metric(&self) -> &str {
        self.metric
    }

    /// Returns the metric of every training, shape `(sizes, repeats)`.
    pub fn values(&self) -> &Array2<f64> {
        &self.values
    }

    /// Returns the mean over repeats for every size.
    pub fn mean(&self) -> Array1<f64> {
        self.each(|values| mean_and_spread(values).0)
    }

    /// Returns the standard deviation over repeats for every size, NaN for a single one.
    pub fn spread(&self) -> Array1<f64> {
        self.each(|values| mean_and_spread(values).1)
    }

    /// Returns the variance over repeats for every size, NaN for a single one.
    pub fn variance(&self) -> Array1<f64> {
        self.spread().mapv(|spread| spread * spread)
    }

    /// Returns the confidence of the intervals.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Returns the mean over repeats for a size, counted from 0, with its interval by Student's t, which a single repeat has not.
    ///
    /// # Errors
    ///
    /// Fails when there is no such size.
    pub fn get(&self, size: usize) -> Result<Interval> {
        if size >= self.sizes.len() {
            let expected = format!("below {}", self.sizes.len());
            return Err(Error::value("size", expected, size));
        }
        let (low, high) = (self.low()[size], self.high()[size]);
        Ok(Interval::new(self.mean()[size], (low, high), self.level))
    }

    /// Returns the lower ends of the intervals of the means.
    pub fn low(&self) -> Array1<f64> {
        self.mean() - self.reach()
    }

    /// Returns the upper ends of the intervals of the means; they may lie above the best that a metric can be.
    pub fn high(&self) -> Array1<f64> {
        self.mean() + self.reach()
    }

    /// Returns one row per size: mean, standard deviation, variance, the ends of the interval, and how many trainings there were.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let sizes: Vec<i64> = self.sizes.iter().map(|&size| size as i64).collect();
        let known = self.known().mapv(|count| count as i64).to_vec();
        let mut columns = vec![Column::new("examples".into(), sizes)];
        for (name, values) in [
            (self.metric.to_owned(), self.mean()),
            ("standard_deviation".into(), self.spread()),
            ("variance".into(), self.variance()),
            (format!("{}_low", self.metric), self.low()),
            (format!("{}_high", self.metric), self.high()),
        ] {
            columns.push(Column::new(name.into(), values.to_vec()));
        }
        columns.push(Column::new("trainings".into(), known));
        Ok(DataFrame::new(self.sizes.len(), columns)?)
    }

    /// The number of repeats that have the metric.
    fn known(&self) -> Array1<usize> {
        let rows = self.values.axis_iter(Axis(0));
        rows.map(|row| row.iter().filter(|value| !value.is_nan()).count())
            .collect()
    }

    /// How the metric is written in a picture.
    pub(crate) fn title(&self) -> &'static str {
        title(self.metric)
    }

    /// The confidence of the intervals in percent.
    pub(crate) fn percent(&self) -> f64 {
        percent(self.level)
    }

    /// Half the width of the intervals.
    fn reach(&self) -> Array1<f64> {
        let pairs = self.spread().into_iter().zip(self.known());
        pairs
            .map(|(spread, count)| {
                let t = student::quantile(self.level, count.saturating_sub(1) as f64);
                t * spread / (count as f64).sqrt()
            })
            .collect()
    }

    fn each(&self, of: fn(&Array1<f64>) -> f64) -> Array1<f64> {
        let rows = self.values.axis_iter(Axis(0));
        rows.map(|row| of(&row.to_owned())).collect()
    }
}

impl fmt::Debug for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Learned({self})")
    }
}

impl fmt::Display for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric)?;
        let lines = self.sizes.iter().zip(self.mean()).zip(self.spread());
        for (at, ((size, mean), spread)) in lines.enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma} {mean:.4} ± {spread:.4} with {size} examples")?;
        }
        Ok(())
    }
}
