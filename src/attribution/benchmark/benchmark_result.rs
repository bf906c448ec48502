//! What a benchmark of explanations found.

use super::Differences;
use super::spread::mean_and_error;
use crate::{Error, Result};
use ndarray::{Array2, Array3, s};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// How well every method found the truth in every sequence with every model; cheap to clone, shows itself as a table.
///
/// # Examples
///
/// ```
/// use genolens::attribution::{Benchmark, GradientXInput, Saliency};
/// use genolens::{network, simulate::Grammar};
/// # fn main() -> genolens::Result<()> {
/// let data = Grammar::new().positives(1.0).run(8)?;
/// let result = Benchmark::new()
///     .method("gradient x input", GradientXInput::new())
///     .method("saliency", Saliency::new())
///     .model("untrained", &network::deepbind(4))
///     .run(&data.sequences(), &data.mask())?;
/// assert_eq!(result.table()?.height(), 2);
/// println!("{:?}", result.difference("gradient x input", "saliency")?);
/// assert!(result.plot().svg().contains("saliency"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct BenchmarkResult {
    data: Arc<Data>,
}

/// Arrays have shape `(models, methods, sequences)`, and `(models, methods)`.
pub(super) struct Data {
    pub(super) models: Vec<String>,
    pub(super) methods: Vec<String>,
    pub(super) auroc: Array3<f64>,
    pub(super) auprc: Array3<f64>,
    pub(super) seconds: Array2<f64>,
    /// The sequences that were used.
    pub(super) rows: Vec<usize>,
    pub(super) left_out: usize,
    pub(super) chance: f64,
}

/// One method with one model.
pub(crate) struct Line {
    pub(crate) model: String,
    pub(crate) method: String,
    pub(crate) auroc: (f64, f64),
    pub(crate) auprc: (f64, f64),
    pub(crate) seconds: f64,
}

impl BenchmarkResult {
    pub(super) fn new(data: Data) -> Self {
        Self {
            data: Arc::new(data),
        }
    }

    /// Returns the names of the models.
    pub fn models(&self) -> &[String] {
        &self.data.models
    }

    /// Returns the names of the methods.
    pub fn methods(&self) -> &[String] {
        &self.data.methods
    }

    /// Returns how many sequences were used.
    pub fn len(&self) -> usize {
        self.data.rows.len()
    }

    /// Tells whether no sequence was used; one always was.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns which sequences were used, counted from 0, in order.
    pub fn rows(&self) -> &[usize] {
        &self.data.rows
    }

    /// Returns how many sequences were left out because all or none of their positions are covered.
    pub fn left_out(&self) -> usize {
        self.data.left_out
    }

    /// Returns the area under the ROC curve in every sequence, shape `(models, methods, sequences)`.
    pub fn auroc(&self) -> &Array3<f64> {
        &self.data.auroc
    }

    /// Returns the average precision in every sequence, shape `(models, methods, sequences)`.
    pub fn auprc(&self) -> &Array3<f64> {
        &self.data.auprc
    }

    /// Returns the average precision of scores that know nothing: the share of covered positions.
    pub fn chance(&self) -> f64 {
        self.data.chance
    }

    /// Returns how long one sequence took, in seconds, shape `(models, methods)`.
    pub fn seconds(&self) -> &Array2<f64> {
        &self.data.seconds
    }

    /// Returns the methods by their mean average precision over all models, the best first.
    pub fn order(&self) -> Vec<String> {
        let mean = |method: usize| self.auprc().slice(s![.., method, ..]).mean();
        let mut order: Vec<(usize, f64)> = (0..self.methods().len())
            .map(|method| (method, mean(method).unwrap_or(f64::NAN)))
            .collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        let name = |(method, _): (usize, f64)| self.methods()[method].clone();
        order.into_iter().map(name).collect()
    }

    /// Compares two methods sequence by sequence, for every model and for all together.
    ///
    /// # Errors
    ///
    /// Fails when there is no method of this name.
    pub fn difference(&self, first: &str, second: &str) -> Result<Differences> {
        let pair = (self.method(first)?, self.method(second)?);
        Ok(Differences::of(self, &[pair]))
    }

    /// Compares every method with the next in [`order`](Self::order).
    pub fn differences(&self) -> Differences {
        let order = self.order();
        let place = |name: &String| self.method(name).ok();
        let places: Vec<usize> = order.iter().filter_map(place).collect();
        let pairs: Vec<(usize, usize)> = places.windows(2).map(|two| (two[0], two[1])).collect();
        Differences::of(self, &pairs)
    }

    /// Returns one row for every model and method: the means of both areas with their standard errors, how many sequences they are of,
    /// and how many seconds one took.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn table(&self) -> Result<DataFrame> {
        let lines = self.lines();
        let column = |of: fn(&Line) -> f64| lines.iter().map(of).collect::<Vec<f64>>();
        let names = |of: fn(&Line) -> &str| lines.iter().map(of).collect::<Vec<&str>>();
        Ok(df!(
            "model" => names(|line| &line.model),
            "method" => names(|line| &line.method),
            "auroc" => column(|line| line.auroc.0),
            "auroc_se" => column(|line| line.auroc.1),
            "auprc" => column(|line| line.auprc.0),
            "auprc_se" => column(|line| line.auprc.1),
            "sequences" => vec![self.len() as i64; lines.len()],
            "seconds" => column(|line| line.seconds),
        )?)
    }

    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (at, model) in self.models().iter().enumerate() {
            for (of, method) in self.methods().iter().enumerate() {
                let mean = |values: &Array3<f64>| {
                    mean_and_error(values.slice(s![at, of, ..]).iter().copied())
                };
                lines.push(Line {
                    model: model.clone(),
                    method: method.clone(),
                    auroc: mean(self.auroc()),
                    auprc: mean(self.auprc()),
                    seconds: self.seconds()[[at, of]],
                });
            }
        }
        lines
    }

    fn method(&self, name: &str) -> Result<usize> {
        let found = self.methods().iter().position(|known| known == name);
        found.ok_or_else(|| {
            let expected = format!("one of {}", self.methods().join(", "));
            Error::value("method", expected, format!("`{name}`"))
        })
    }
}

impl fmt::Display for BenchmarkResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (used, left_out) = (self.len(), self.left_out());
        write!(f, "{used} sequences, {left_out} left out")
    }
}

impl fmt::Debug for BenchmarkResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BenchmarkResult({self}")?;
        for line in self.lines() {
            let (mean, error) = line.auprc;
            write!(
                f,
                "; {} on {}: auPRC {mean:.3} ± {error:.3}",
                line.method, line.model
            )?;
        }
        f.write_str(")")
    }
}
