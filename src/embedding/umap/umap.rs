//! Maps that keep neighbours together.

use super::curve::Curve;
use super::density::{Density, standardised};
use super::labels::Labels;
use super::layout::{Layout, Radii};
use super::{FittedUmap, Start};
use crate::embedding::neighbors::{Fuzzy, Points, fuzzy_union, log_radii};
use crate::embedding::{Map, Metric, NeighborSearch, Neighbors};
use crate::random::Seed;
use crate::sparse::Sparse;
use crate::{Error, Input, Result};
use ndarray::Array2;

/// Lays examples out in the plane so that neighbours stay neighbours, with umap-learn's defaults.
///
/// `x` has shape `(n, features)`, dense or sparse. The same seed gives the same bits, for any number of threads.
///
/// Source: `McInnes`, Healy and Melville 2018, doi:10.48550/arXiv.1802.03426. Checked against umap-learn 0.5.7, part by part and by the
/// trustworthiness of whole maps; coordinates differ, since points are moved in another order.
///
/// # Errors
///
/// Fails when `x` is not a table of finite numbers with at least 15 rows.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((60, 3), |(row, column)| (row * 7 % 60) as f32 * (column + 1) as f32);
/// let map = embedding::umap(&x)?;
/// assert_eq!(map.coordinates().dim(), (60, 2));
/// # Ok(()) }
/// ```
pub fn umap(x: &dyn Input) -> Result<Map> {
    Umap::new().run(x)
}

/// Makes UMAP maps, with options.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{Metric, Umap}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((40, 3), |(row, column)| ((row + 1) * (column + 3) % 17) as f32);
/// let map = Umap::scanpy().neighbors(10).metric(Metric::Cosine).run(&x)?;
/// assert_eq!(map.caption(), "UMAP of 40 points, 10 neighbours, min_dist 0.5, seed 0");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Umap {
    search: NeighborSearch,
    neighbors: usize,
    dimensions: usize,
    min_dist: f64,
    spread: f64,
    fuzzy: Fuzzy,
    start: Start,
    labels: Option<Labels>,
    label_weight: f64,
    epochs: Option<usize>,
    learning_rate: f64,
    repulsion: f64,
    negatives: usize,
    density: Option<Density>,
    seed: Seed,
}

impl Default for Umap {
    fn default() -> Self {
        Self::new()
    }
}

impl Umap {
    /// Asks for a map as umap-learn makes it: 15 neighbours, `min_dist` 0.1.
    pub fn new() -> Self {
        Self {
            search: NeighborSearch::new(),
            neighbors: 15,
            dimensions: 2,
            min_dist: 0.1,
            spread: 1.0,
            fuzzy: Fuzzy::default(),
            start: Start::Spectral,
            labels: None,
            label_weight: 0.5,
            epochs: None,
            learning_rate: 1.0,
            repulsion: 1.0,
            negatives: 5,
            density: None,
            seed: Seed::default(),
        }
    }

    /// Asks for a map as scanpy makes it: `min_dist` 0.5.
    pub fn scanpy() -> Self {
        Self::new().min_dist(0.5)
    }

    /// Sets how many neighbours each example has, itself counted: few show small groups, many the large picture.
    pub fn neighbors(mut self, k: usize) -> Self {
        self.neighbors = k;
        self
    }

    /// Sets how far apart two examples are.
    pub fn metric(mut self, metric: Metric) -> Self {
        self.search = self.search.metric(metric);
        self
    }

    /// Sets how many dimensions the map has, 2 unless told.
    pub fn dimensions(mut self, dimensions: usize) -> Self {
        self.dimensions = dimensions;
        self
    }

    /// Sets how close points may lie together on the map.
    pub fn min_dist(mut self, distance: f64) -> Self {
        self.min_dist = distance;
        self
    }

    /// Sets the scale of the map, with `min_dist`.
    pub fn spread(mut self, spread: f64) -> Self {
        self.spread = spread;
        self
    }

    /// Sets how many neighbours are connected for certain, 1 unless told.
    pub fn local_connectivity(mut self, neighbors: f64) -> Self {
        self.fuzzy.local_connectivity = neighbors;
        self
    }

    /// Sets how the two directions of an edge are joined: 1 as a union, 0 as an intersection of fuzzy sets.
    pub fn set_op_mix(mut self, mix: f64) -> Self {
        self.fuzzy.mix = mix;
        self
    }

    /// Sets where the points begin.
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Lets labels pull the map, one for each example; an empty one is unknown.
    ///
    /// Such a map shows how examples of one label lie, no longer whether the labels can be told apart: what it separates is what it was
    /// told.
    pub fn labels<L: Into<String>>(mut self, labels: impl IntoIterator<Item = L>) -> Self {
        self.labels = Some(Labels::new(labels.into_iter().map(Into::into).collect()));
        self
    }

    /// Sets how much labels count against the data, 0 to 1, 0.5 unless told.
    pub fn label_weight(mut self, weight: f64) -> Self {
        self.label_weight = weight;
        self
    }

    /// Sets how often all points are moved; unless told 500 times, and 200 times for more than 10,000 examples.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = Some(epochs);
        self
    }

    /// Sets how far points move at first.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = rate;
        self
    }

    /// Sets how strongly points that are not connected repel each other.
    pub fn repulsion(mut self, strength: f64) -> Self {
        self.repulsion = strength;
        self
    }

    /// Sets how many points repel for each that attracts, 5 unless told.
    pub fn negatives(mut self, count: usize) -> Self {
        self.negatives = count;
        self
    }

    /// Asks for a map on which dense groups are dense and loose ones loose (densMAP: Narayan, Berger and Cho 2021,
    /// doi:10.1038/s41587-020-00801-7); it takes 200 epochs more.
    ///
    /// How well that worked says the correlation of [`Neighbors::log_radii`] before and on the map.
    pub fn densmap(mut self) -> Self {
        self.density.get_or_insert_default();
        self
    }

    /// Sets how strongly densities count, 2 unless told, and asks for such a map.
    pub fn density_weight(mut self, weight: f64) -> Self {
        self.density.get_or_insert_default().weight = weight;
        self
    }

    /// Sets in how large a share of the epochs, the last ones, densities count, 0.3 unless told, and asks for such a map.
    pub fn density_share(mut self, share: f64) -> Self {
        self.density.get_or_insert_default().share = share;
        self
    }

    /// Sets what the variance of radii on the map has more, 0.1 unless told, so that one that is nearly 0 does not count too much, and asks
    /// for such a map.
    pub fn density_shift(mut self, shift: f64) -> Self {
        self.density.get_or_insert_default().shift = shift;
        self
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Makes a map of `x`, shape `(n, features)`.
    ///
    /// # Errors
    ///
    /// As [`umap`], and when an option makes no sense.
    pub fn run(&self, x: &dyn Input) -> Result<Map> {
        self.checked()?;
        let neighbors = self.search.clone().k(self.neighbors).run(x)?;
        self.mapped(&neighbors, Some(x))
    }

    /// Makes a map of `x`, shape `(n, features)`, on which new examples can be placed later.
    ///
    /// # Errors
    ///
    /// As [`Umap::run`], and when densities are to be kept, which new examples do not have.
    pub fn fit(&self, x: &dyn Input) -> Result<FittedUmap> {
        self.checked()?;
        if self.density.is_some() {
            let expected = "a map without densities, to place new examples on it";
            return Err(Error::value("densmap", expected, "asked for"));
        }
        let search = self.search.clone().k(self.neighbors);
        let points = Points::new(x, self.search.metric_used())?;
        let neighbors = search.run_points(&points)?;
        let map = self.mapped(&neighbors, Some(x))?;
        let map = match x.about() {
            Some(about) => map.with_about(about.clone())?,
            None => map,
        };
        Ok(FittedUmap::new(self.clone(), points, map))
    }

    /// Places new points among those of a map, joined to them by a graph of shape `(new, n)`.
    pub(super) fn placed(
        &self,
        graph: &Sparse,
        start: &Array2<f32>,
        map: &Map,
    ) -> Result<Array2<f32>> {
        let new = graph.nrows();
        let epochs = match self.epochs {
            Some(epochs) => epochs / 3,
            None if new <= 10_000 => 100,
            None => 30,
        };
        let mut layout = self.layout(new)?;
        layout.epochs = epochs;
        layout.seed = self.seed.named("transform");
        layout.learning_rate /= 4.0;
        let others = map.coordinates();
        match self.dimensions {
            0..=2 => placed::<2>(&layout, graph, (start, others)),
            3..=4 => placed::<4>(&layout, graph, (start, others)),
            5..=8 => placed::<8>(&layout, graph, (start, others)),
            _ => placed::<MOST_DIMENSIONS>(&layout, graph, (start, others)),
        }
    }

    /// The search for neighbours, and how many are connected for certain.
    pub(super) fn graph_options(&self) -> (NeighborSearch, f64) {
        let search = self.search.clone().k(self.neighbors);
        (search, self.fuzzy.local_connectivity)
    }

    /// Makes a map from neighbours that were found before.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, or the points begin at principal components, which neighbours do not have.
    pub fn lay_out(&self, neighbors: &Neighbors) -> Result<Map> {
        self.checked()?;
        self.mapped(neighbors, None)
    }

    fn mapped(&self, neighbors: &Neighbors, x: Option<&dyn Input>) -> Result<Map> {
        let graph = self.graph(neighbors)?;
        let places = self.places((&graph, neighbors), x)?;
        let mut map = Map::new(places, "UMAP")?
            .with_note(&format!("{} neighbours", neighbors.k()))
            .with_note(&format!("min_dist {}", self.min_dist));
        if self.labels.is_some() {
            map = map.with_note(&format!(
                "pulled by labels with weight {}",
                self.label_weight
            ));
        }
        if let Some(density) = self.density {
            map = map.with_note(&format!("densities kept with weight {}", density.weight));
        }
        let map = map.with_seed(self.seed);
        match neighbors.about() {
            Some(about) => map.with_about(about.clone()),
            None => Ok(map),
        }
    }

    fn checked(&self) -> Result<()> {
        let value = |name, fine: bool, expected: &str, got: String| {
            if fine {
                Ok(())
            } else {
                Err(Error::value(name, expected, got))
            }
        };
        let most = MOST_DIMENSIONS;
        let range = format!("1 to {most}");
        let fine = (1..=most).contains(&self.dimensions);
        value("dimensions", fine, &range, self.dimensions.to_string())?;
        let local = self.fuzzy.local_connectivity;
        value(
            "local_connectivity",
            local >= 0.0 && local.is_finite(),
            "a finite number from 0",
            local.to_string(),
        )?;
        let mix = self.fuzzy.mix;
        value(
            "set_op_mix",
            (0.0..=1.0).contains(&mix),
            "0 to 1",
            mix.to_string(),
        )?;
        let rate = self.learning_rate;
        value(
            "learning_rate",
            rate > 0.0 && rate.is_finite(),
            "a finite number above 0",
            rate.to_string(),
        )?;
        let repulsion = self.repulsion;
        value(
            "repulsion",
            repulsion >= 0.0 && repulsion.is_finite(),
            "a finite number from 0",
            repulsion.to_string(),
        )?;
        self.density.map_or(Ok(()), Density::check)?;
        Curve::fitted(self.spread, self.min_dist).map(|_| ())
    }

    /// Makes the graph whose points are laid out.
    ///
    /// # Errors
    ///
    /// Fails when there is not one label for each example.
    pub fn graph(&self, neighbors: &Neighbors) -> Result<Sparse> {
        self.checked()?;
        let graph = if self.fuzzy == Fuzzy::default() {
            neighbors.connectivities().clone()
        } else {
            fuzzy_union((neighbors.indices(), neighbors.nearest()), self.fuzzy)?
        };
        match &self.labels {
            Some(labels) => labels.intersect(&graph, self.label_weight),
            None => Ok(graph),
        }
    }

    fn layout(&self, n: usize) -> Result<Layout> {
        let usual = if n <= 10_000 { 500 } else { 200 };
        let more = if self.density.is_some() { 200 } else { 0 };
        Ok(Layout {
            curve: Curve::fitted(self.spread, self.min_dist)?,
            repulsion: self.repulsion,
            learning_rate: self.learning_rate,
            negatives: self.negatives,
            epochs: self.epochs.unwrap_or(usual + more),
            seed: self.seed.named("umap"),
        })
    }

    fn places(
        &self,
        (graph, neighbors): (&Sparse, &Neighbors),
        x: Option<&dyn Input>,
    ) -> Result<Array2<f32>> {
        let start = self.start.place((graph, x), self.dimensions, self.seed)?;
        let layout = self.layout(graph.nrows())?;
        let radii = self.density.map(|density| {
            // Radii of the edges that attract at all, as umap-learn takes them.
            let strongest = graph.values().iter().fold(0.0_f32, |a, b| a.max(*b));
            let weakest = strongest / layout.epochs.max(1) as f32;
            let graph = graph.map(|weight| if weight < weakest { 0.0 } else { weight });
            let radii = log_radii(&graph, neighbors.distances()).to_vec();
            Radii {
                density,
                radii: standardised(&radii),
            }
        });
        let given = (&start, radii.as_ref());
        match self.dimensions {
            0..=2 => moved::<2>(&layout, graph, given),
            3..=4 => moved::<4>(&layout, graph, given),
            5..=8 => moved::<8>(&layout, graph, given),
            _ => moved::<MOST_DIMENSIONS>(&layout, graph, given),
        }
    }
}

/// Dimensions for which the movement is compiled.
const MOST_DIMENSIONS: usize = 32;

/// Moves points in at least as many dimensions as they have; they stay at 0 in those that they do not have.
fn moved<const D: usize>(
    layout: &Layout,
    graph: &Sparse,
    (start, radii): (&Array2<f64>, Option<&Radii>),
) -> Result<Array2<f32>> {
    let begin = padded::<D>(&start.mapv(|value| value as f32));
    let places = layout.run(graph, &begin, radii)?;
    unpadded(&places, start.ncols())
}

fn placed<const D: usize>(
    layout: &Layout,
    graph: &Sparse,
    (start, others): (&Array2<f32>, &Array2<f32>),
) -> Result<Array2<f32>> {
    let places = layout.place(graph, &padded::<D>(start), &padded::<D>(others))?;
    unpadded(&places, start.ncols())
}

fn padded<const D: usize>(places: &Array2<f32>) -> Vec<[f32; D]> {
    let rows = places.rows().into_iter();
    rows.map(|row| std::array::from_fn(|d| row.get(d).copied().unwrap_or(0.0)))
        .collect()
}

fn unpadded<const D: usize>(places: &[[f32; D]], dimensions: usize) -> Result<Array2<f32>> {
    let is_lost = |place: &[f32; D]| place.iter().any(|value| !value.is_finite());
    if let Some(row) = places.iter().position(is_lost) {
        return Err(Error::Diverged {
            what: "UMAP".into(),
            detail: format!("the place of point {row} is not finite"),
        });
    }
    Ok(Array2::from_shape_fn(
        (places.len(), dimensions),
        |(row, d)| places[row][d],
    ))
}
