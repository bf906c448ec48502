//! The same network on the graph that is known and on graphs by chance.

use super::GraphComparison;
use crate::expression::GeneGraph;
use crate::network::{Architecture, MaskedDense};
use crate::progress::Task;
use crate::random::Seed;
use crate::training::{CrossValidation, Fit, KFold, Labels, Validated, check_level};
use crate::{Error, Input, Result};
use std::fmt;
use std::sync::Arc;

/// Compares a network that knows a graph of genes with the same network on random graphs, with the defaults of [`GraphControl`].
///
/// # Errors
///
/// As [`GraphControl::run`].
pub fn graph_control(
    graph: &GeneGraph,
    x: &dyn Input,
    labels: &dyn Labels,
) -> Result<GraphComparison> {
    GraphControl::new().run(graph, x, labels)
}

type Design = dyn Fn(&GeneGraph) -> Result<Architecture> + Send + Sync;

/// Trains one network on a graph of genes and on random graphs in which every gene has as many neighbours, and tells the difference.
///
/// A network that may only join neighbours is smaller and sees genes together, whichever graph it is given: only what it gains over random
/// graphs speaks for the graph. Real graphs of genes have often gained little (Dutil et al. 2018, <https://arxiv.org/abs/1806.06975>;
/// Bertin et al. 2020, doi:10.1186/s12859-020-3559-6).
///
/// Each comparison takes a random graph of its own, other folds and other first weights; within it, both networks have the same.
///
/// Defaults: a unit for each gene that reads it and its neighbours, rectified, then one dense layer; [`Fit::new`]; 5 random graphs and 5
/// folds, which is 50 trainings.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::{Array1, Array2};
/// use genolens::{expression::GeneGraph, generative::GraphControl, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// let genes: Vec<String> = (0..8).map(|gene| format!("g{gene}")).collect();
/// let graph = GeneGraph::new(&genes, [("g0", "g1"), ("g2", "g3"), ("g4", "g5"), ("g5", "g6"), ("g6", "g7")])?;
/// let x = Array2::from_shape_fn((40, 8), |(cell, gene)| ((cell * 3 + gene * 5) % 7) as f32);
/// let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] + row[1] > 6.0 { 1.0 } else { 0.0 }).collect();
/// let found = GraphControl::new().graphs(2).folds(2).fit(Fit::new().epochs(3)).run(&graph, &x, &labels)?;
/// assert_eq!(found.with_graph().len(), 4);
/// println!("{found}");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct GraphControl {
    design: Option<Arc<Design>>,
    graphs: usize,
    folds: usize,
    fit: Fit,
    level: f64,
    seed: Seed,
}

impl GraphControl {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self {
            design: None,
            graphs: 5,
            folds: 5,
            fit: Fit::new(),
            level: 0.95,
            seed: Seed::default(),
        }
    }

    /// Sets how a network is made for a graph; its first weights are drawn anew for every comparison.
    pub fn design(
        mut self,
        design: impl Fn(&GeneGraph) -> Result<Architecture> + Send + Sync + 'static,
    ) -> Self {
        self.design = Some(Arc::new(design));
        self
    }

    /// Sets the number of random graphs, at least 2.
    pub fn graphs(mut self, graphs: usize) -> Self {
        self.graphs = graphs;
        self
    }

    /// Sets the number of folds of every comparison, at least 2.
    pub fn folds(mut self, folds: usize) -> Self {
        self.folds = folds;
        self
    }

    /// Sets how networks are trained; what is compared is the first metric of its loss: the AUROC of binary cross-entropy, the accuracy of
    /// cross-entropy, Pearson's correlation of squared error.
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self
    }

    /// Sets the confidence of the interval, 0.95 if not told otherwise.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets the seed of graphs, folds and first weights.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Trains and compares; `x` has shape `(cells, genes)`, one column for each gene of the graph.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, no edge can change its place, and as [`CrossValidation::run`].
    pub fn run(
        &self,
        graph: &GeneGraph,
        x: &dyn Input,
        labels: &dyn Labels,
    ) -> Result<GraphComparison> {
        if self.graphs < 2 {
            return Err(Error::value("graphs", "at least 2", self.graphs));
        }
        check_level(self.level)?;
        let (x, labels) = (x.array()?.into_owned(), labels.labels()?.into_owned());
        let genes = graph.genes().len();
        if x.ndim() != 2 || x.shape()[1] != genes {
            let expected = format!("(cells, {genes}), one column for each gene of the graph");
            return Err(Error::shape("x", expected, x.shape()));
        }
        let outputs = labels.len() / labels.shape().first().copied().unwrap_or(1).max(1);
        let mut comparison = GraphComparison::new(graph, self.level, self.folds);
        let mut task = Task::new("random graphs", self.graphs);
        for number in 0..self.graphs {
            let seed = self.seed.indexed(number);
            let other = graph.randomised(seed);
            if graph.shared(&other) == 1.0 {
                let expected = "one with edges that can change their places while every gene keeps its number of neighbours";
                return Err(Error::value("graph", expected, format!("{graph:?}")));
            }
            let train = |graph: &GeneGraph| -> Result<Validated> {
                let network = self
                    .architecture(graph, outputs)?
                    .seed(seed.named("network"))
                    .build()?;
                let folds = KFold::new(self.folds).seed(seed.named("folds"));
                let validation = CrossValidation::new().split(folds).fit(self.fit.clone());
                validation.run(&network, &x, &labels)
            };
            comparison.add((&train(graph)?, &train(&other)?), graph.shared(&other))?;
            task.step("")?;
        }
        Ok(comparison)
    }

    fn architecture(&self, graph: &GeneGraph, outputs: usize) -> Result<Architecture> {
        match &self.design {
            Some(design) => design(graph),
            None => Ok(Architecture::features(graph.genes().len())
                .then(MaskedDense::new(&graph.reach()?)?)
                .relu()
                .dense(outputs)),
        }
    }
}

impl Default for GraphControl {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for GraphControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "GraphControl({} random graphs, {} folds)",
            self.graphs, self.folds
        )
    }
}
