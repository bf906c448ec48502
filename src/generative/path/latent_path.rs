//! How a way through the space of a model is laid.

use super::Trajectory;
use super::shortest::shortest;
use crate::embedding::NeighborSearch;
use crate::expression::{Cells, Groups};
use crate::generative::{Latent, LatentModel};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};

/// Lays a way through the space of a model, from the middle of one kind of cells to that of another, and decodes what a cell on the way
/// would express.
///
/// The straight way (the default) may lead through places where no cell is, and what a model says there is made up:
/// [`Trajectory::gap`] tells how far the nearest cell is. [`along_neighbors`](Self::along_neighbors) goes from cell to cell instead. Neither
/// is time: cells need not go this way.
///
/// # Examples
///
/// ```
/// use genolens::generative::{Autoencoder, LatentPath};
/// use genolens::{expression::Cells, ndarray::Array2, polars::prelude::Column, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// // One gene falls where the other rises.
/// let values = Array2::from_shape_fn((60, 2), |(cell, gene)| if gene == 0 { 60 - cell } else { cell } as f32 / 20.0);
/// let cells = Cells::new(values, (0..60).map(|c| c.to_string()), ["SOX2", "NEUROD1"])?;
/// let ages: Vec<&str> = (0..60).map(|c| ["young", "middle", "old"][c / 20]).collect();
/// let cells = cells.with_obs(Column::new("age".into(), ages))?;
/// let model = Autoencoder::new(1).hidden(&[]).fit(Fit::new().epochs(200).batch(16).learning_rate(0.01)).run(&cells)?;
/// let way = LatentPath::new("age", "young", "old").points(5).run(&model, &cells)?;
/// let gene = way.decoded().gene("NEUROD1")?;
/// assert!(gene[0] < gene[4]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LatentPath {
    column: String,
    from: String,
    to: String,
    points: usize,
    neighbors: Option<usize>,
}

impl LatentPath {
    /// Names a column of `obs`, and the kinds of cells at both ends; the way is straight, with 20 points.
    pub fn new(column: &str, from: &str, to: &str) -> Self {
        Self {
            column: column.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            points: 20,
            neighbors: None,
        }
    }

    /// Sets how many points there are, both ends counted, equally far from each other.
    pub fn points(mut self, points: usize) -> Self {
        self.points = points;
        self
    }

    /// Goes the shortest way from neighbour to neighbour, of so many that each cell has, itself counted: between the cells that are nearest
    /// to the middles of both kinds.
    pub fn along_neighbors(mut self, neighbors: usize) -> Self {
        self.neighbors = Some(neighbors);
        self
    }

    /// Lays the way.
    ///
    /// # Errors
    ///
    /// Fails when the column or a kind is not there, for fewer than 2 points, when no neighbours join both ends, and as the model does.
    pub fn run(&self, model: &dyn LatentModel, cells: &Cells) -> Result<Trajectory> {
        if self.points < 2 {
            return Err(Error::value("points", "at least 2", self.points));
        }
        let kinds = Groups::new(cells.obs(), &self.column)?;
        let (from, to) = (
            kinds.place("from", &self.from)?,
            kinds.place("to", &self.to)?,
        );
        if from == to {
            return Err(Error::value("to", "another kind than `from`", &self.to));
        }
        let latent = model.encode(cells)?;
        let places = latent.coordinates().mapv(f64::from);
        let members = kinds.members();
        let middle = |kind: usize| -> Array1<f64> {
            let own = places.select(Axis(0), &members[kind]);
            own.sum_axis(Axis(0)) / own.nrows() as f64
        };
        let (first, last) = (middle(from), middle(to));
        let mut rows = Vec::new();
        let corners: Vec<Array1<f64>> = if let Some(k) = self.neighbors {
            let neighbors = NeighborSearch::new().k(k).run(&latent)?;
            let ends = (nearest(&places, &first).0, nearest(&places, &last).0);
            let found = shortest(&neighbors, ends.0, ends.1);
            rows = found.ok_or_else(|| {
                let expected = format!("so many that they join `{}` and `{}`", self.from, self.to);
                Error::value("neighbors", expected, k)
            })?;
            rows.iter().map(|&row| places.row(row).to_owned()).collect()
        } else {
            vec![first, last]
        };
        let points = spread(&corners, self.points);
        let gap = points.rows().into_iter();
        let gap = gap.map(|point| nearest(&places, &point.to_owned()).1);
        let gap = gap.collect();
        let positions = Latent::from_coordinates(points.mapv(|value| value as f32))?;
        let decoded = model.decode(&positions)?;
        Ok(Trajectory::new((positions, decoded), rows, gap))
    }
}

/// Returns the row nearest to a point, and how far it is.
fn nearest(places: &Array2<f64>, point: &Array1<f64>) -> (usize, f64) {
    let rows = places.rows().into_iter().enumerate();
    let squares = rows.map(|(row, place)| {
        let off = &place - point;
        (row, off.dot(&off))
    });
    let best = squares.min_by(|a, b| a.1.total_cmp(&b.1));
    best.map_or((0, f64::NAN), |(row, square)| (row, square.sqrt()))
}

/// Spreads points evenly over a way with corners.
fn spread(corners: &[Array1<f64>], points: usize) -> Array2<f64> {
    let mut lengths = vec![0.0];
    for pair in corners.windows(2) {
        let off = &pair[1] - &pair[0];
        lengths.push(lengths[lengths.len() - 1] + off.dot(&off).sqrt());
    }
    let whole = lengths[lengths.len() - 1];
    let mut out = Array2::zeros((points, corners[0].len()));
    for (point, mut row) in out.rows_mut().into_iter().enumerate() {
        let at = whole * point as f64 / (points - 1) as f64;
        let next = lengths.partition_point(|&length| length <= at);
        let (leg, next) = (next.saturating_sub(1), next.min(corners.len() - 1));
        let length = lengths[next] - lengths[leg];
        let share = if length > 0.0 {
            (at - lengths[leg]) / length
        } else {
            0.0
        };
        row.assign(&(&corners[leg] * (1.0 - share) + &corners[next] * share));
    }
    out
}
