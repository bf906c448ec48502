//! By how much one method is better than another in the same sequences.

use super::BenchmarkResult;
use super::spread::mean_and_error;
use crate::Result;
use ndarray::{Array1, Array2, Array3, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Pairs of methods compared sequence by sequence; cheap to clone, shows itself as a table.
///
/// In the row of all models the difference in a sequence is the mean over models. Its standard error tells what other sequences would
/// give, not other models; how many models agree stands beside it.
#[derive(Clone)]
pub struct Differences {
    lines: Arc<[Line]>,
    sequences: usize,
}

pub(crate) struct Line {
    pub(crate) first: String,
    pub(crate) second: String,
    /// Nothing for all models together.
    pub(crate) model: Option<String>,
    pub(crate) auroc: (f64, f64),
    pub(crate) auprc: (f64, f64),
    /// Models in which the first has the higher average precision, and models.
    pub(crate) ahead: (usize, usize),
}

impl Differences {
    pub(super) fn of(result: &BenchmarkResult, pairs: &[(usize, usize)]) -> Self {
        let models = result.models().len();
        let mut lines = Vec::new();
        for &(first, second) in pairs {
            let less = |values: &Array3<f64>| -> Array2<f64> {
                &values.index_axis(Axis(1), first) - &values.index_axis(Axis(1), second)
            };
            let sums = less(result.auprc()).sum_axis(Axis(1));
            let is_ahead = |model: &usize| sums[*model] > 0.0;
            let line = |model: Option<usize>| {
                let mean = |values: &Array3<f64>| {
                    let each = less(values);
                    let of = model.map(|model| each.row(model).to_owned());
                    let of = of.or_else(|| each.mean_axis(Axis(0)));
                    mean_and_error(of.unwrap_or_default().into_iter())
                };
                let ahead = match model {
                    Some(model) => (usize::from(is_ahead(&model)), 1),
                    None => ((0..models).filter(is_ahead).count(), models),
                };
                Line {
                    first: result.methods()[first].clone(),
                    second: result.methods()[second].clone(),
                    model: model.map(|model| result.models()[model].clone()),
                    auroc: mean(result.auroc()),
                    auprc: mean(result.auprc()),
                    ahead,
                }
            };
            lines.extend((0..models).map(|model| line(Some(model))));
            if models > 1 {
                lines.push(line(None));
            }
        }
        Self {
            lines: lines.into(),
            sequences: result.len(),
        }
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Tells whether nothing is compared, as where there is only one method.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns how many sequences the means are of.
    pub fn sequences(&self) -> usize {
        self.sequences
    }

    /// Returns the mean differences in average precision, the first method less the second, one for every row.
    pub fn auprc(&self) -> Array1<f64> {
        self.lines.iter().map(|line| line.auprc.0).collect()
    }

    /// Returns their standard errors.
    pub fn auprc_error(&self) -> Array1<f64> {
        self.lines.iter().map(|line| line.auprc.1).collect()
    }

    /// Returns one row for every pair and model, and one for all models where there are several: the mean of the first method less the
    /// second with its standard error, and in how many models the first is ahead in average precision.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn table(&self) -> Result<DataFrame> {
        let column = |of: fn(&Line) -> f64| self.lines.iter().map(of).collect::<Vec<f64>>();
        let names = |of: fn(&Line) -> &str| self.lines.iter().map(of).collect::<Vec<&str>>();
        let count = |of: fn(&Line) -> usize| -> Vec<i64> {
            self.lines.iter().map(|line| of(line) as i64).collect()
        };
        Ok(df!(
            "first" => names(|line| &line.first),
            "second" => names(|line| &line.second),
            "model" => self.lines.iter().map(|line| line.model.as_deref()).collect::<Vec<Option<&str>>>(),
            "auroc" => column(|line| line.auroc.0),
            "auroc_se" => column(|line| line.auroc.1),
            "auprc" => column(|line| line.auprc.0),
            "auprc_se" => column(|line| line.auprc.1),
            "ahead" => count(|line| line.ahead.0),
            "models" => count(|line| line.ahead.1),
        )?)
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

impl fmt::Debug for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Differences({} sequences", self.sequences)?;
        for line in self.lines.iter() {
            let model = line.model.as_deref().unwrap_or("all models");
            let (mean, error) = line.auprc;
            write!(
                f,
                "; {} less {} on {model}: auPRC {mean:+.3} ± {error:.3}",
                line.first, line.second
            )?;
        }
        f.write_str(")")
    }
}
