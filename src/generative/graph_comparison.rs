//! What a graph gains over random ones.

use crate::Result;
use crate::distribution::student;
use crate::expression::GeneGraph;
use crate::training::{Interval, Validated};
use ndarray::Array1;
use polars::prelude::{DataFrame, df};
use std::fmt;

/// What a network gains by a graph of genes over random graphs; `Display` says it in a sentence.
#[derive(Clone, PartialEq)]
pub struct GraphComparison {
    edges: usize,
    level: f64,
    folds: usize,
    metric: String,
    pairs: Vec<(f64, f64)>,
    shared: Vec<f64>,
}

impl GraphComparison {
    pub(super) fn new(graph: &GeneGraph, level: f64, folds: usize) -> Self {
        Self {
            edges: graph.len(),
            level,
            folds,
            metric: String::new(),
            pairs: Vec::new(),
            shared: Vec::new(),
        }
    }

    /// Notes what a comparison found, fold by fold, and the share of edges that the random graph has in common with the known one.
    pub(super) fn add(
        &mut self,
        (with, without): (&Validated, &Validated),
        shared: f64,
    ) -> Result<()> {
        let metric = with.metrics().into_iter().next();
        let values = |found: &Validated| match &metric {
            Some(metric) => found.metric(metric),
            // A larger number is better.
            None => Ok(-found.loss()),
        };
        self.pairs
            .extend(values(with)?.into_iter().zip(values(without)?));
        self.shared.push(shared);
        self.metric = metric.unwrap_or_else(|| "negative loss".into());
        Ok(())
    }

    /// Returns the name of what was compared, such as `auroc`; more is better.
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// Returns the metric of held out cells with the graph, comparison by comparison and fold by fold.
    pub fn with_graph(&self) -> Array1<f64> {
        self.pairs.iter().map(|pair| pair.0).collect()
    }

    /// Returns the same with the random graphs.
    pub fn with_random_graphs(&self) -> Array1<f64> {
        self.pairs.iter().map(|pair| pair.1).collect()
    }

    /// Returns the mean gain over random graphs with its interval, by the t test that is corrected for folds which learn from the same cells:
    /// the variance is taken `1 / n + 1 / (folds - 1)` times (Nadeau and Bengio 2003, doi:10.1023/A:1024068626366, for repeated folds
    /// Bouckaert and Frank 2004, doi:10.1007/978-3-540-24775-3_3). Folds without the metric are left out.
    pub fn gain(&self) -> Interval {
        let gains: Vec<f64> = (self.pairs.iter().map(|(with, without)| with - without))
            .filter(|gain| gain.is_finite())
            .collect();
        let count = gains.len() as f64;
        let mean = gains.iter().sum::<f64>() / count;
        if gains.len() < 2 {
            return Interval::point(mean, self.level);
        }
        let variance = gains.iter().map(|gain| (gain - mean).powi(2)).sum::<f64>() / (count - 1.0);
        let spread = (variance * (1.0 / count + 1.0 / (self.folds as f64 - 1.0))).sqrt();
        let reach = student::quantile(self.level, count - 1.0) * spread;
        Interval::new(mean, (mean - reach, mean + reach), self.level)
    }

    /// Tells whether the graph helped: the whole interval of the gain lies above 0.
    pub fn helped(&self) -> bool {
        self.gain().low() > 0.0
    }

    /// Says in words what the interval of the gain says.
    pub fn verdict(&self) -> &'static str {
        let gain = self.gain();
        if !gain.is_known() {
            "nothing can be said"
        } else if self.helped() {
            "the graph helped"
        } else if gain.high() < 0.0 {
            "the graph did harm"
        } else {
            "the graph did not help more than chance"
        }
    }

    /// Returns one row for each fold of each comparison: `comparison`, `fold`, `graph`, `random_graph`, `gain`.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn table(&self) -> Result<DataFrame> {
        let places = || 0..self.pairs.len();
        Ok(df!(
            "comparison" => places().map(|at| (at / self.folds) as i64).collect::<Vec<_>>(),
            "fold" => places().map(|at| (at % self.folds) as i64).collect::<Vec<_>>(),
            "graph" => self.with_graph().to_vec(),
            "random_graph" => self.with_random_graphs().to_vec(),
            "gain" => (self.with_graph() - self.with_random_graphs()).to_vec(),
        )?)
    }
}

fn mean(values: &Array1<f64>) -> f64 {
    let known: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    known.iter().sum::<f64>() / known.len() as f64
}

impl fmt::Debug for GraphComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GraphComparison({self})")
    }
}

impl fmt::Display for GraphComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (with, without) = (mean(&self.with_graph()), mean(&self.with_random_graphs()));
        let (graphs, gain) = (self.shared.len(), self.gain());
        let shared = self.shared.iter().sum::<f64>() / graphs.max(1) as f64;
        write!(
            f,
            "{} {with:.4} with the graph, {without:.4} with {graphs} random graphs of the same degrees; gain {gain}: {} ({} edges, {:.0} % of them also in random graphs)",
            self.metric,
            self.verdict(),
            self.edges,
            100.0 * shared
        )
    }
}
