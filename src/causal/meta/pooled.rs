//! What meta-analysis finds.

use super::MetaAnalysis;
use super::studies::Studies;
use super::tau_squared::TauSquared;
use crate::causal::Heterogeneity;
use crate::distribution::{chi_squared, normal, student};
use crate::progress::Task;
use crate::{Error, Result};
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// One effect of many studies, with the studies; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Pooled {
    pub(super) options: MetaAnalysis,
    pub(super) studies: Arc<[Study]>,
    pub(super) value: f64,
    pub(super) error: f64,
    /// The degrees of freedom of Student's distribution, where it is used.
    pub(super) student: Option<f64>,
    pub(super) tau2: f64,
    pub(super) tau2_error: Option<f64>,
    pub(super) q: f64,
    /// The typical sampling variance.
    pub(super) typical: Option<f64>,
}

/// One of the studies.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Study {
    pub(super) name: String,
    pub(super) effect: f64,
    pub(super) error: f64,
    pub(super) weight: f64,
}

impl Pooled {
    /// Returns how many studies there are.
    pub fn studies(&self) -> usize {
        self.studies.len()
    }

    /// Returns the names of the studies; numbers from 1 where none were given.
    pub fn names(&self) -> Vec<String> {
        self.studies
            .iter()
            .map(|study| study.name.clone())
            .collect()
    }

    /// Returns the effects of the studies, shape `(studies,)`.
    pub fn effects(&self) -> Array1<f64> {
        self.studies.iter().map(|study| study.effect).collect()
    }

    /// Returns the standard errors of the studies, shape `(studies,)`.
    pub fn errors(&self) -> Array1<f64> {
        self.studies.iter().map(|study| study.error).collect()
    }

    /// Returns the pooled effect.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Returns its standard error.
    pub fn standard_error(&self) -> f64 {
        self.error
    }

    /// Returns the effect over its standard error: z, or t with Knapp-Hartung errors.
    pub fn statistic(&self) -> f64 {
        self.value / self.error
    }

    /// Returns the p-value against no effect, both sides.
    pub fn p_value(&self) -> f64 {
        match self.student {
            Some(freedom) => student::both_tails(self.statistic(), freedom),
            None => normal::both_tails(self.statistic()),
        }
    }

    /// Returns the interval of 95 % of the pooled effect.
    pub fn interval(&self) -> (f64, f64) {
        let factor = match self.student {
            Some(freedom) => student::quantile(0.95, freedom),
            None => normal::HALF_OF_95,
        };
        let half = factor * self.error;
        (self.value - half, self.value + half)
    }

    /// Returns the interval in which the true effect of another study lies with a chance of 95 %, from Student's distribution with one
    /// degree of freedom less than studies; nothing with a single study.
    pub fn prediction_interval(&self) -> Option<(f64, f64)> {
        let freedom = self.studies() as f64 - 1.0;
        (freedom > 0.0).then(|| {
            let spread = (self.tau2 + self.error * self.error).sqrt();
            let half = student::quantile(0.95, freedom) * spread;
            (self.value - half, self.value + half)
        })
    }

    /// Returns the variance between studies.
    pub fn tau_squared(&self) -> f64 {
        self.tau2
    }

    /// Returns the standard error of that variance, where its estimator has one.
    pub fn tau_squared_error(&self) -> Option<f64> {
        self.tau2_error
    }

    /// Returns the interval of 95 % of the variance between studies by the Q-profile (Viechtbauer 2007, doi:10.1002/sim.2514); nothing
    /// with a single study.
    pub fn tau_squared_interval(&self) -> Option<(f64, f64)> {
        let (y, v) = self.numbers();
        let studies = Studies { y: &y, v: &v };
        let freedom = studies.freedom();
        (freedom > 0.0).then(|| {
            let at = |level: f64| studies.where_q_is(chi_squared::quantile(level, freedom));
            (at(0.975), at(0.025))
        })
    }

    /// Returns Cochran's Q with its degrees of freedom.
    pub fn heterogeneity(&self) -> Heterogeneity {
        Heterogeneity::new(self.q, self.studies() as f64 - 1.0)
    }

    /// Returns which share of the variance is between studies, from 0 to 1: tau² beside the typical sampling variance, or by Q where tau²
    /// was set to 0.
    pub fn i_squared(&self) -> f64 {
        match self.typical {
            Some(typical) if self.options.estimator() != TauSquared::Fixed => {
                self.tau2 / (self.tau2 + typical)
            }
            _ => self.heterogeneity().i_squared(),
        }
    }

    /// Returns how many times larger the variance is than the sampling variance; not a number with a single study.
    pub fn h_squared(&self) -> f64 {
        match self.typical {
            Some(typical) if self.options.estimator() != TauSquared::Fixed => {
                self.tau2 / typical + 1.0
            }
            _ => self.heterogeneity().h_squared(),
        }
    }

    /// Returns the weights of the studies, which sum to 1, shape `(studies)`.
    pub fn weights(&self) -> Array1<f64> {
        self.studies.iter().map(|study| study.weight).collect()
    }

    /// Returns the pooled effect without each of the studies, one row each: `study` (the one left out), `estimate`, `standard_error`,
    /// `lower`, `upper`, `p_value`, `tau_squared`, `i_squared` and `q`.
    ///
    /// # Errors
    ///
    /// Fails when there is a single study, a variance cannot be found, or the user interrupts.
    pub fn leave_one_out(&self) -> Result<DataFrame> {
        if self.studies() < 2 {
            return Err(Error::value("studies", "two or more", self.studies()));
        }
        let (y, errors): (Vec<f64>, Vec<f64>) =
            self.studies.iter().map(|s| (s.effect, s.error)).unzip();
        let options = self.options.unnamed();
        let mut task = Task::new("leave one out", y.len());
        let mut found = Vec::with_capacity(y.len());
        for at in 0..y.len() {
            let without = |values: &[f64]| [&values[..at], &values[at + 1..]].concat();
            found.push(options.run(&without(&y), &without(&errors))?);
            task.step("")?;
        }
        let names: Vec<&str> = self
            .studies
            .iter()
            .map(|study| study.name.as_str())
            .collect();
        let mut columns = vec![Column::new("study".into(), names)];
        let values: [(&str, Value); 8] = [
            ("estimate", Self::value),
            ("standard_error", Self::standard_error),
            ("lower", |pooled| pooled.interval().0),
            ("upper", |pooled| pooled.interval().1),
            ("p_value", Self::p_value),
            ("tau_squared", Self::tau_squared),
            ("i_squared", Self::i_squared),
            ("q", |pooled| pooled.q),
        ];
        for (name, value) in values {
            let values: Vec<f64> = found.iter().map(value).collect();
            columns.push(Column::new(name.into(), values));
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }

    /// Returns a table with one row for each study and a last one, `pooled`: `study`, `estimate`, `standard_error`, `lower` and `upper`
    /// (95 %), and `weight` (1 in all).
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let (lower, upper) = self.interval();
        let mut names: Vec<&str> = Vec::new();
        let mut numbers: [Vec<f64>; 5] = Default::default();
        for study in self.studies.iter() {
            let half = normal::HALF_OF_95 * study.error;
            names.push(&study.name);
            let row = [
                study.effect,
                study.error,
                study.effect - half,
                study.effect + half,
                study.weight,
            ];
            numbers
                .iter_mut()
                .zip(row)
                .for_each(|(column, value)| column.push(value));
        }
        names.push("pooled");
        let row = [self.value, self.error, lower, upper, 1.0];
        numbers
            .iter_mut()
            .zip(row)
            .for_each(|(column, value)| column.push(value));
        let titles = ["estimate", "standard_error", "lower", "upper", "weight"];
        let columns = titles.into_iter().zip(numbers);
        let columns = columns.map(|(title, values)| Column::new(title.into(), values));
        let columns = [Column::new("study".into(), names)]
            .into_iter()
            .chain(columns);
        Ok(DataFrame::new_infer_height(columns.collect())?)
    }

    fn numbers(&self) -> (Vec<f64>, Vec<f64>) {
        let of = |study: &Study| (study.effect, study.error * study.error);
        self.studies.iter().map(of).unzip()
    }
}

/// What every row of a table has.
type Value = fn(&Pooled) -> f64;

impl fmt::Debug for Pooled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lower, upper) = self.interval();
        write!(
            f,
            "Pooled({} studies: {:.4}, 95 % {lower:.4} to {upper:.4}, tau² {:.4})",
            self.studies(),
            self.value,
            self.tau2
        )
    }
}
