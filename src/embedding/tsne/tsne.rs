//! Maps on which the nearest neighbours stay together, and what is far away keeps no distance.

use super::descent::Descent;
use super::probabilities::joint;
use crate::embedding::{Map, Metric, NeighborSearch, Start};
use crate::random::Seed;
use crate::sparse::Sparse;
use crate::{Error, Input, Result};
use ndarray::{Array2, Axis};

/// The standard deviation of the first axis before points are moved.
const SMALL: f64 = 1e-4;

/// Lays examples out in the plane by t-SNE, with scikit-learn's defaults: perplexity 30, 1000 iterations.
///
/// `x` has shape `(n, features)`, dense or sparse. The same seed gives the same bits, for any number of threads. Only neighbourhoods can
/// be read from the map: sizes of groups, and distances between them, say little.
///
/// Source: van der Maaten and Hinton 2008, JMLR 9:2579, with the trees of van der Maaten 2014, JMLR 15:3221, from the principal
/// components, as Kobak and Berens 2019, doi:10.1038/s41467-019-13056-x, advise. Probabilities are checked against scikit-learn 1.6.1, the
/// gradient against its definition, and whole maps by divergence and trustworthiness against scikit-learn and openTSNE 1.0.4.
///
/// # Errors
///
/// Fails when `x` is not a table of finite numbers with more than 31 rows.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((60, 3), |(row, column)| (row * 7 % 60) as f32 * (column + 1) as f32);
/// let map = embedding::tsne(&x)?;
/// assert_eq!(map.coordinates().dim(), (60, 2));
/// # Ok(()) }
/// ```
pub fn tsne(x: &dyn Input) -> Result<Map> {
    Tsne::new().run(x)
}

/// Makes t-SNE maps, with options.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{Metric, Tsne}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((40, 3), |(row, column)| ((row + 1) * (column + 3) % 17) as f32);
/// let tsne = Tsne::new().perplexity(10.0).metric(Metric::Cosine);
/// let map = tsne.run(&x)?;
/// assert!(map.caption().starts_with("t-SNE of 40 points, perplexity 10"));
/// assert!(tsne.divergence(&x, &map)? < 1.0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tsne {
    search: NeighborSearch,
    perplexity: f64,
    dimensions: usize,
    start: Start,
    exaggeration: f64,
    early: usize,
    iterations: usize,
    learning_rate: Option<f64>,
    theta: f64,
    seed: Seed,
}

impl Default for Tsne {
    fn default() -> Self {
        Self::new()
    }
}

impl Tsne {
    /// Asks for a map as scikit-learn makes it.
    pub fn new() -> Self {
        Self {
            search: NeighborSearch::new(),
            perplexity: 30.0,
            dimensions: 2,
            start: Start::Pca,
            exaggeration: 12.0,
            early: 250,
            iterations: 1000,
            learning_rate: None,
            theta: 0.5,
            seed: Seed::default(),
        }
    }

    /// Sets how many neighbours count, softly: the exponential of the entropy of the neighbours of an example. Three times as many are
    /// searched.
    pub fn perplexity(mut self, perplexity: f64) -> Self {
        self.perplexity = perplexity;
        self
    }

    /// Sets how far apart two examples are.
    pub fn metric(mut self, metric: Metric) -> Self {
        self.search = self.search.metric(metric);
        self
    }

    /// Sets how many dimensions the map has, 1 to 3, 2 unless told.
    pub fn dimensions(mut self, dimensions: usize) -> Self {
        self.dimensions = dimensions;
        self
    }

    /// Sets where the points begin, [`Start::Pca`] unless told; the start is shrunk until its first axis has standard deviation 1e-4.
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Sets how much stronger neighbours attract each other at first, so that groups find together, 12 unless told; 1 leaves it out.
    pub fn early_exaggeration(mut self, factor: f64) -> Self {
        self.exaggeration = factor;
        self
    }

    /// Sets for how many iterations they do, 250 unless told.
    pub fn early_iterations(mut self, iterations: usize) -> Self {
        self.early = iterations;
        self
    }

    /// Sets how often all points are moved, the early iterations counted, 1000 unless told.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// Sets how far points move; unless told the number of examples over four times the exaggeration, and at least 50 (Belkina 2019,
    /// doi:10.1038/s41467-019-13055-y).
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = Some(rate);
        self
    }

    /// Sets how large a square of points may be, as a share of its distance, to push as one point; 0.5 unless told, 0 compares all.
    pub fn theta(mut self, theta: f64) -> Self {
        self.theta = theta;
        self
    }

    /// Sets the seed, which only moves the start a little.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Makes a map of `x`, shape `(n, features)`.
    ///
    /// # Errors
    ///
    /// As [`tsne`], and when an option makes no sense.
    pub fn run(&self, x: &dyn Input) -> Result<Map> {
        let graph = self.graph(x)?;
        let places = self
            .start
            .raw((&graph, Some(x)), self.dimensions, self.seed)?;
        let places = shrunk(places);
        let places = match self.dimensions {
            1 => self.moved::<1>(&graph, &places),
            2 => self.moved::<2>(&graph, &places),
            _ => self.moved::<3>(&graph, &places),
        }?;
        let map = Map::new(places, "t-SNE")?
            .with_note(&format!("perplexity {}", self.perplexity))
            .with_seed(self.seed);
        match x.about() {
            Some(about) => map.with_about(about.clone()),
            None => Ok(map),
        }
    }

    /// Makes the joint probabilities that two examples are neighbours, shape `(n, n)`: symmetric, and 1 in all.
    ///
    /// # Errors
    ///
    /// As [`Tsne::run`].
    pub fn graph(&self, x: &dyn Input) -> Result<Sparse> {
        let n = self.checked(x)?;
        let others = ((3.0 * self.perplexity) as usize + 1).min(n - 1);
        let neighbors = self.search.clone().k(others + 1).run(x)?;
        joint(&neighbors, self.perplexity)
    }

    /// Measures how far the neighbourhoods on any map of `x` are from those in truth: the Kullback-Leibler divergence in nats, which
    /// [`Tsne::run`] makes small.
    ///
    /// # Errors
    ///
    /// As [`Tsne::run`], and when the map has not one point for each example or more than 3 dimensions.
    pub fn divergence(&self, x: &dyn Input, map: &Map) -> Result<f64> {
        let graph = self.graph(x)?;
        let places = map.coordinates().mapv(f64::from);
        if places.nrows() != graph.nrows() {
            let expected = format!("{} points, one for each example", graph.nrows());
            return Err(Error::value("map", expected, places.nrows()));
        }
        let descent = self.descent(places.nrows());
        match places.ncols() {
            1 => Ok(descent.divergence(&graph, &fixed::<1>(&places))),
            2 => Ok(descent.divergence(&graph, &fixed::<2>(&places))),
            3 => Ok(descent.divergence(&graph, &fixed::<3>(&places))),
            more => Err(Error::value("map", "a map of 1 to 3 dimensions", more)),
        }
    }

    /// Returns how many examples there are.
    fn checked(&self, x: &dyn Input) -> Result<usize> {
        let value = |name, fine: bool, expected: &str, got: f64| {
            if fine {
                Ok(())
            } else {
                Err(Error::value(name, expected, got))
            }
        };
        let dimensions = self.dimensions as f64;
        let fine = (1.0..=3.0).contains(&dimensions);
        value("dimensions", fine, "1 to 3", dimensions)?;
        let factor = self.exaggeration;
        let fine = factor >= 1.0 && factor.is_finite();
        value("early_exaggeration", fine, "a finite number from 1", factor)?;
        let rate = self.learning_rate.unwrap_or(1.0);
        let fine = rate > 0.0 && rate.is_finite();
        value("learning_rate", fine, "a finite number above 0", rate)?;
        let fine = (0.0..=1.0).contains(&self.theta);
        value("theta", fine, "0 to 1", self.theta)?;
        let n = match x.sparse() {
            Some(sparse) => sparse.nrows(),
            None => x.array()?.shape().first().copied().unwrap_or(0),
        };
        // With as many neighbours as examples there is no width that gives the perplexity.
        let fine = self.perplexity >= 1.0 && self.perplexity < n as f64 - 1.0;
        let expected = format!(
            "1 to less than {}, the others of {n} examples",
            n.max(1) - 1
        );
        value("perplexity", fine, &expected, self.perplexity)?;
        Ok(n)
    }

    fn descent(&self, n: usize) -> Descent {
        let usual = (n as f64 / self.exaggeration / 4.0).max(50.0);
        Descent {
            iterations: self.iterations,
            early: (self.early, self.exaggeration),
            learning_rate: self.learning_rate.unwrap_or(usual),
            theta: self.theta,
        }
    }

    fn moved<const D: usize>(&self, graph: &Sparse, start: &Array2<f64>) -> Result<Array2<f32>> {
        let n = start.nrows();
        let places = self.descent(n).run(graph, fixed::<D>(start))?;
        let mut places = Array2::from_shape_fn((n, D), |(row, d)| places[row][d]);
        centre(&mut places);
        Ok(places.mapv(|value| value as f32))
    }
}

fn fixed<const D: usize>(places: &Array2<f64>) -> Vec<[f64; D]> {
    let rows = places.rows().into_iter();
    rows.map(|row| std::array::from_fn(|d| row[d])).collect()
}

fn centre(places: &mut Array2<f64>) {
    if let Some(mean) = places.mean_axis(Axis(0)) {
        *places -= &mean;
    }
}

/// Makes a start so small that all begin as neighbours of all.
fn shrunk(mut places: Array2<f64>) -> Array2<f64> {
    centre(&mut places);
    let first = places.column(0);
    let deviation = (first.dot(&first) / first.len() as f64).sqrt();
    if deviation > 0.0 {
        places *= SMALL / deviation;
    }
    places
}
