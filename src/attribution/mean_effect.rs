//! The mean of differences, and whether it may be chance.

use crate::distribution::student;
use ndarray::ArrayView1;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// The mean of paired differences over sequences, with a t interval and a t test.
///
/// With one sequence there is a mean and nothing else: the other numbers are NaN. Differences that are all the same have an interval
/// without width, and the chance 0, or 1 when all are 0.
#[derive(Clone, Debug, PartialEq)]
pub struct MeanEffect {
    /// What was done.
    pub name: String,
    /// Which output, counted from 0.
    pub output: usize,
    /// How many sequences were averaged over.
    pub sequences: usize,
    /// The mean of the differences.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The low end of the 95 % interval of the mean.
    pub low: f64,
    /// Its high end.
    pub high: f64,
    /// The chance of a mean at least that far from 0 if there were no effect, by a paired t test.
    pub p: f64,
}

impl MeanEffect {
    pub(super) fn of(differences: &ArrayView1<'_, f64>) -> Self {
        let n = differences.len();
        let mean = differences.sum() / n as f64;
        let freedom = n.saturating_sub(1);
        let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
        let standard_error = (squares / freedom as f64 / n as f64).sqrt();
        let reach = student::quantile(0.95, freedom as f64) * standard_error;
        let p = match (freedom, standard_error == 0.0) {
            (0, _) => f64::NAN,
            (_, true) => f64::from(u8::from(mean == 0.0)),
            (_, false) => student::both_tails(mean / standard_error, freedom as f64),
        };
        Self {
            name: String::new(),
            output: 0,
            sequences: n,
            mean,
            standard_error,
            low: mean - reach,
            high: mean + reach,
            p,
        }
    }

    /// The mean, or less than any where it is no number.
    pub(super) fn rank(&self) -> f64 {
        if self.mean.is_nan() {
            f64::NEG_INFINITY
        } else {
            self.mean
        }
    }

    /// Says of what and of which output it is the effect.
    pub(super) fn at(self, name: &str, output: usize) -> Self {
        Self {
            name: name.into(),
            output,
            ..self
        }
    }
}

/// Mean effects in order; cheap to clone.
#[derive(Clone)]
pub struct MeanEffects {
    effects: Arc<[MeanEffect]>,
}

impl MeanEffects {
    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.effects.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }

    /// Returns one of them.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`MeanEffects::len`].
    pub fn get(&self, index: usize) -> MeanEffect {
        self.effects[index].clone()
    }

    /// Returns them in order.
    pub fn as_slice(&self) -> &[MeanEffect] {
        &self.effects
    }

    /// Returns them with the largest mean first; means that are no numbers come last.
    pub fn sorted(&self) -> Self {
        let mut effects = self.effects.to_vec();
        effects.sort_by(|a, b| b.rank().total_cmp(&a.rank()));
        effects.into_iter().collect()
    }

    /// Returns a table with the columns name, output, sequences, mean, `standard_error`, low, high and p.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> crate::Result<DataFrame> {
        let number = |get: fn(&MeanEffect) -> f64| self.effects.iter().map(get).collect::<Vec<_>>();
        let count = |get: fn(&MeanEffect) -> usize| {
            self.effects
                .iter()
                .map(|e| get(e) as i64)
                .collect::<Vec<_>>()
        };
        let name: Vec<&str> = self.effects.iter().map(|e| e.name.as_str()).collect();
        Ok(df!(
            "name" => name,
            "output" => count(|effect| effect.output),
            "sequences" => count(|effect| effect.sequences),
            "mean" => number(|effect| effect.mean),
            "standard_error" => number(|effect| effect.standard_error),
            "low" => number(|effect| effect.low),
            "high" => number(|effect| effect.high),
            "p" => number(|effect| effect.p),
        )?)
    }
}

impl FromIterator<MeanEffect> for MeanEffects {
    fn from_iter<I: IntoIterator<Item = MeanEffect>>(effects: I) -> Self {
        Self {
            effects: effects.into_iter().collect(),
        }
    }
}

impl fmt::Debug for MeanEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.effects.iter()).finish()
    }
}
