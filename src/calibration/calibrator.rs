//! Probabilities that mean what they say, learned from examples that were held out.

use super::assessment::Assessment;
use super::binning::{Binning, to_probabilities};
use super::curve::{Curve, at_limit};
use super::logistic::{log_sum, logit};
use super::method::Method;
use super::paired::{Paired, matrix};
use crate::training::Labels;
use crate::{Error, Input, Result};
use ndarray::Array2;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// Turns raw scores into calibrated probabilities, as examples taught that the model had not learned from; cheap to clone.
///
/// Made by [`calibrate`](super::calibrate) and its siblings. It remembers the scores it was fitted on, and does not assess itself on them:
/// what a calibrator does for its own examples says nothing about others.
#[derive(Clone, PartialEq)]
pub struct Calibrator {
    method: Method,
    curves: Arc<[Curve]>,
    /// The temperature, for classes that exclude each other with [`Method::Temperature`].
    temperature: Option<f64>,
    width: usize,
    exclusive: bool,
    reads_probabilities: bool,
    /// One number for the scores of every example it was fitted on, rising.
    fitted: Arc<[u64]>,
}

/// What was learned: curves, or one temperature of classes.
pub(super) type Learned = (Vec<Curve>, Option<f64>);

impl Calibrator {
    pub(super) fn new(
        (method, reads_probabilities): (Method, bool),
        paired: &Paired,
        (curves, temperature): Learned,
    ) -> Self {
        let mut fitted: Vec<u64> = marks(&paired.values).collect();
        fitted.sort_unstable();
        Self {
            method,
            curves: curves.into(),
            temperature,
            width: paired.width(),
            exclusive: paired.classes().is_some(),
            reads_probabilities,
            fitted: fitted.into(),
        }
    }

    /// Turns scores `(n, tasks)` or `(n, classes)`, or `(n)` for one task, into probabilities of the shape `(n, tasks)` or `(n, classes)`.
    ///
    /// # Errors
    ///
    /// Fails when scores have another number of columns than those it was fitted on, or are not finite.
    pub fn apply(&self, scores: &dyn Input) -> Result<Array2<f32>> {
        let chances = self.chances(matrix(self.name(), scores)?)?;
        Ok(chances.mapv(|chance| chance as f32))
    }

    /// The same in double precision, from and to double precision.
    pub(crate) fn chances(&self, values: Array2<f64>) -> Result<Array2<f64>> {
        Ok(self.map(&self.read(values)?))
    }

    /// Turns one score of a task or class, counted from 0, into the probability of its curve: what a picture of the curve shows.
    ///
    /// Of classes it is the probability before all are made to sum to 1, the score being the log-odds of the class against the others.
    ///
    /// # Errors
    ///
    /// Fails when there is no such task, or the score is not finite.
    pub fn at(&self, task: usize, score: f64) -> Result<f64> {
        if task >= self.width {
            let expected = format!("below {}", self.width);
            return Err(Error::value("task", expected, task));
        }
        if !score.is_finite() {
            return Err(Error::value("score", "finite", score));
        }
        let one = Curve::Temperature(self.temperature.unwrap_or(1.0));
        Ok(self.curves.get(task).unwrap_or(&one).at(score))
    }

    /// Compares probabilities before and after with what is true of other examples, in 15 bins that hold about as many examples.
    ///
    /// # Errors
    ///
    /// As [`assess_with`](Self::assess_with).
    pub fn assess(&self, scores: &dyn Input, labels: &dyn Labels) -> Result<Assessment> {
        self.assess_with(
            Binning::new().spacing(super::Spacing::EqualMass),
            scores,
            labels,
        )
    }

    /// Compares probabilities before and after with what is true of other examples.
    ///
    /// # Errors
    ///
    /// Fails when scores and labels do not fit each other or the calibrator, and when all are those it was fitted on.
    pub fn assess_with(
        &self,
        binning: Binning,
        scores: &dyn Input,
        labels: &dyn Labels,
    ) -> Result<Assessment> {
        binning.check()?;
        let mut paired = if self.reads_probabilities {
            Paired::probabilities(scores, labels)?
        } else {
            Paired::scores(scores, labels)?
        };
        let n = paired.values.nrows();
        paired.values = self.read(paired.values)?;
        if paired.classes().is_some() != self.exclusive {
            let kinds = ["0 and 1", "numbers of classes"];
            let (fitted, given) = (
                kinds[usize::from(self.exclusive)],
                kinds[usize::from(!self.exclusive)],
            );
            return Err(Error::value(
                "labels",
                format!("{fitted}, as it was fitted on"),
                given,
            ));
        }
        let known = |mark: &u64| self.fitted.binary_search(mark).is_ok();
        let shared = marks(&paired.values).filter(known).count();
        // Scores of few values are shared by chance.
        let mut different = self.fitted.to_vec();
        different.dedup();
        if shared == n && 2 * different.len() > self.fitted.len() && n <= self.fitted.len() {
            let expected = "those of other examples, such as the test half of `recalibrate`";
            return Err(Error::value(
                self.name(),
                expected,
                "those it was fitted on",
            ));
        }
        let after = binning.of(&Paired {
            values: self.map(&paired.values),
            truth: paired.truth.clone(),
        })?;
        let before = binning.of(&to_probabilities(paired))?;
        Ok(Assessment::new(self.method, (before, after), (shared, n)))
    }

    /// Returns how scores become probabilities.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Returns the number of tasks or classes.
    pub fn len(&self) -> usize {
        self.width
    }

    /// Tells whether there is no task; there always is one.
    pub fn is_empty(&self) -> bool {
        self.width == 0
    }

    /// Returns the number of examples it was fitted on.
    pub fn examples(&self) -> usize {
        self.fitted.len()
    }

    /// Returns what was fitted, one row per task or class: `temperature`, or `a` and `b` of Platt, or `a`, `b` and `c` of beta; curves of
    /// many numbers have none. Of classes with one temperature there is one row.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn parameters(&self) -> Result<DataFrame> {
        let rows: Vec<Vec<(&str, f64)>> = match self.temperature {
            Some(temperature) => vec![vec![("temperature", temperature)]],
            None => self.curves.iter().map(Curve::parameters).collect(),
        };
        let mut columns = vec![Column::new(
            "task".into(),
            (0..rows.len() as i64).collect::<Vec<_>>(),
        )];
        for (at, (name, _)) in rows[0].iter().enumerate() {
            let values: Vec<f64> = rows.iter().map(|row| row[at].1).collect();
            columns.push(Column::new((*name).into(), values));
        }
        Ok(DataFrame::new(rows.len(), columns)?)
    }

    fn name(&self) -> &'static str {
        if self.reads_probabilities {
            "probabilities"
        } else {
            "scores"
        }
    }

    /// Checks numbers and turns probabilities into scores.
    fn read(&self, mut values: Array2<f64>) -> Result<Array2<f64>> {
        if values.ncols() != self.width {
            let expected = format!("(n, {}) as those it was fitted on", self.width);
            return Err(Error::shape(self.name(), expected, values.shape()));
        }
        let fits = |value: &f64| {
            value.is_finite() && (!self.reads_probabilities || (0.0..=1.0).contains(value))
        };
        if let Some(value) = values.iter().find(|value| !fits(value)) {
            let expected = if self.reads_probabilities {
                "0 to 1"
            } else {
                "finite"
            };
            return Err(Error::value(self.name(), expected, value));
        }
        if self.reads_probabilities {
            to_scores(&mut values, self.exclusive);
        }
        Ok(values)
    }

    fn map(&self, scores: &Array2<f64>) -> Array2<f64> {
        let mut chances = scores.clone();
        for mut row in chances.rows_mut() {
            if let Some(temperature) = self.temperature {
                let total = log_sum(row.iter().map(|score| score / temperature));
                row.mapv_inplace(|score| (score / temperature - total).exp());
                continue;
            }
            if self.exclusive {
                let odds = against_others(&row.to_vec());
                row.iter_mut()
                    .zip(odds)
                    .for_each(|(score, odds)| *score = odds);
            }
            row.iter_mut()
                .zip(self.curves.iter())
                .for_each(|(score, curve)| *score = curve.at(*score));
            if self.exclusive {
                let sum = row.sum();
                row.mapv_inplace(|chance| chance / sum);
            }
        }
        chances
    }

    /// What a reader should know, with the task.
    fn warnings(&self) -> Vec<String> {
        let of_classes = self.temperature.and_then(at_limit).map(String::from);
        let tasks = self.curves.iter().enumerate();
        let tasks =
            tasks.filter_map(|(task, curve)| Some(format!("task {task}: {}", curve.warning()?)));
        of_classes.into_iter().chain(tasks).collect()
    }
}

/// Turns probabilities into scores; 0 and 1 count as if they were 6e-8 away, the precision of single numbers near 1.
pub(super) fn to_scores(values: &mut Array2<f64>, exclusive: bool) {
    let tiny = 2_f64.powi(-24);
    if exclusive {
        values.mapv_inplace(|share| share.max(tiny).ln());
    } else {
        values.mapv_inplace(|chance| logit(chance.clamp(tiny, 1.0 - tiny)));
    }
}

/// Returns the log-odds of every class against all others.
pub(super) fn against_others(scores: &[f64]) -> Vec<f64> {
    let others = |class: usize| {
        let others = scores
            .iter()
            .enumerate()
            .filter(move |(other, _)| *other != class);
        log_sum(others.map(|(_, score)| *score))
    };
    (0..scores.len())
        .map(|class| scores[class] - others(class))
        .collect()
}

/// Returns one number for the scores of every example (FNV-1a).
fn marks(scores: &Array2<f64>) -> impl Iterator<Item = u64> {
    scores.rows().into_iter().map(|row| {
        let bytes = row.iter().flat_map(|score| score.to_bits().to_le_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    })
}

impl fmt::Debug for Calibrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Calibrator({}, {}, fitted on {})",
            self.method,
            self.width,
            self.fitted.len()
        )
    }
}

impl fmt::Display for Calibrator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.width {
            1 => "task",
            _ if self.exclusive => "classes",
            _ => "tasks",
        };
        write!(
            f,
            "{} of {} {kind}, fitted on {} examples",
            self.method,
            self.width,
            self.fitted.len()
        )?;
        if let Some(temperature) = self.temperature {
            write!(f, ", temperature {temperature:.4}")?;
        } else if let [curve] = &*self.curves {
            for (name, value) in curve.parameters() {
                write!(f, ", {name} {value:.4}")?;
            }
        }
        self.warnings()
            .iter()
            .try_for_each(|warning| write!(f, "\n{warning}"))
    }
}
