//! Arrows averaged on a grid.

use super::Arrows;
use super::arrows::scale;
use crate::distribution::order::quantile;
use crate::embedding::Map;
use crate::progress;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// The most points along one side of a grid.
const FINEST: usize = 1000;

/// Averages arrows on a regular grid, each cell weighted by a normal density of its distance.
///
/// The grid covers the map and 1 % on each side. A point of the grid takes the arrows of the `n / 50` cells nearest to it, summed with
/// weights from a normal density whose deviation is half a step of the grid, and divides by the sum of weights where that is above 1: far
/// from cells arrows fade. As scVelo's `compute_velocity_on_grid` before its automatic scale; since densities are not free of units, the
/// lengths of arrows in thin places depend on the units of the map.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{self, Map}, expression::{self, VelocityGrid}, simulate};
/// # fn main() -> genolens::Result<()> {
/// let cells = simulate::differentiation(100, 1)?;
/// let velocity = expression::velocity(&cells, &embedding::neighbors(&cells)?)?;
/// let arrows = velocity.arrows(&Map::new(cells.obsm("X_path")?.clone(), "path")?)?;
/// let grid = VelocityGrid::new().points(20).run(&arrows)?;
/// assert_eq!(grid.positions().dim(), grid.vectors().dim());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VelocityGrid {
    points: usize,
    smooth: f64,
    neighbors: Option<usize>,
    least_mass: f64,
}

impl VelocityGrid {
    /// Starts from scVelo's defaults: 50 points along each side, a deviation of half a step, `n / 50` cells, mass above 1 % of its 99th
    /// percentile.
    pub fn new() -> Self {
        Self {
            points: 50,
            smooth: 0.5,
            neighbors: None,
            least_mass: 1.0,
        }
    }

    /// Sets how many points there are along each side, 2 to 1000.
    pub fn points(mut self, points: usize) -> Self {
        self.points = points;
        self
    }

    /// Sets the deviation of the weights in steps of the grid, above 0.
    pub fn smooth(mut self, steps: f64) -> Self {
        self.smooth = steps;
        self
    }

    /// Sets how many cells a point takes.
    pub fn neighbors(mut self, cells: usize) -> Self {
        self.neighbors = Some(cells);
        self
    }

    /// Sets below which mass a point is left out, in percent of the 99th percentile of all; for streams, their least length is
    /// ten to the power of this less 6.
    pub fn least_mass(mut self, percent: f64) -> Self {
        self.least_mass = percent;
        self
    }

    /// Averages arrows on a map of two dimensions; points far from all cells are left out.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense or the map does not have two dimensions; when interrupted.
    pub fn run(&self, arrows: &Arrows) -> Result<Grid> {
        let field = self.field(arrows)?;
        let bound = self.least_mass * quantile(field.mass.clone(), 0.99) / 100.0;
        let kept: Vec<usize> = (0..field.mass.len())
            .filter(|point| field.mass[*point] > bound)
            .collect();
        let points = self.points;
        let positions = Array2::from_shape_fn((kept.len(), 2), |(row, axis)| {
            let point = kept[row];
            if axis == 0 {
                field.x[point % points]
            } else {
                field.y[point / points]
            }
        });
        let vectors = Array2::from_shape_fn((kept.len(), 2), |(row, axis)| {
            field.vectors[kept[row]][axis]
        });
        Ok(Grid {
            data: Arc::new((arrows.map().clone(), positions, vectors)),
        })
    }

    /// Averages arrows on a map of two dimensions as a field along which streams can be drawn: NaN where arrows are too short, or the cells
    /// around hardly move.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn stream(&self, arrows: &Arrows) -> Result<Stream> {
        let field = self.field(arrows)?;
        let length = |vector: &[f64; 2]| vector[0].hypot(vector[1]);
        let longest = field.vectors.iter().map(length).fold(0.0, f64::max);
        let least = 10.0_f64.powf(self.least_mass - 6.0).min(0.9 * longest);
        let bound = quantile(field.moving.clone(), 0.05);
        let blank =
            |point: usize| length(&field.vectors[point]) < least || field.moving[point] < bound;
        let along = |axis: usize| {
            Array2::from_shape_fn((self.points, self.points), |(row, column)| {
                let point = row * self.points + column;
                if blank(point) {
                    f64::NAN
                } else {
                    field.vectors[point][axis]
                }
            })
        };
        Ok(Stream {
            data: Arc::new(Streaming {
                along_x: along(0),
                along_y: along(1),
                x: field.x.into(),
                y: field.y.into(),
            }),
        })
    }

    fn field(&self, arrows: &Arrows) -> Result<Field> {
        if !(2..=FINEST).contains(&self.points) {
            return Err(Error::value(
                "points",
                format!("2 to {FINEST}"),
                self.points,
            ));
        }
        if !(self.smooth > 0.0 && self.smooth.is_finite()) {
            return Err(Error::value("smooth", "above 0 and finite", self.smooth));
        }
        if !(0.0..=100.0).contains(&self.least_mass) {
            return Err(Error::value("least_mass", "0 to 100", self.least_mass));
        }
        let places = arrows.map().coordinates();
        let (n, dimensions) = places.dim();
        if dimensions != 2 {
            return Err(Error::shape("map", "(n, 2)", places.shape()));
        }
        let near = self.neighbors.unwrap_or(n / 50).clamp(1, n);
        if self.neighbors.is_some_and(|cells| cells == 0 || cells > n) {
            let got = self.neighbors.unwrap_or_default();
            return Err(Error::value("neighbors", format!("1 to {n}"), got));
        }
        let [x, y] = [0, 1].map(|axis| self.line(&places.column(axis)));
        let step = f64::midpoint(x[1] - x[0], y[1] - y[0]);
        let deviation = step * self.smooth;
        if deviation <= 0.0 {
            return Err(Error::value(
                "map",
                "one with cells in two places or more",
                "one with all in one",
            ));
        }
        let vectors = arrows.vectors();
        let points: Result<Vec<([f64; 2], f64, f64)>> = (0..self.points * self.points)
            .into_par_iter()
            .map(|point| {
                progress::check("velocity grid", point, self.points * self.points)?;
                let at = [x[point % self.points], y[point / self.points]];
                let mut cells: Vec<(f64, usize)> = (0..n)
                    .map(|cell| {
                        let (dx, dy) = (
                            f64::from(places[[cell, 0]]) - at[0],
                            f64::from(places[[cell, 1]]) - at[1],
                        );
                        (dx * dx + dy * dy, cell)
                    })
                    .collect();
                let nearer =
                    |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
                if near < n {
                    cells.select_nth_unstable_by(near - 1, nearer);
                }
                cells.truncate(near);
                cells.sort_by(nearer);
                let (mut sum, mut mass, mut moving) = ([0.0; 2], 0.0, 0.0);
                for (distance, cell) in cells {
                    let weight = (-0.5 * distance / (deviation * deviation)).exp()
                        / (deviation * std::f64::consts::TAU.sqrt());
                    mass += weight;
                    for axis in 0..2 {
                        sum[axis] += weight * vectors[[cell, axis]];
                        moving += vectors[[cell, axis]].abs() / near as f64;
                    }
                }
                Ok((sum.map(|sum| sum / mass.max(1.0)), mass, moving))
            })
            .collect();
        let points = points?;
        Ok(Field {
            x,
            y,
            vectors: points.iter().map(|point| point.0).collect(),
            mass: points.iter().map(|point| point.1).collect(),
            moving: points.iter().map(|point| point.2).collect(),
        })
    }

    /// Returns the points along one side.
    fn line(&self, places: &ArrayView1<'_, f32>) -> Vec<f64> {
        let low = places.iter().copied().fold(f32::INFINITY, f32::min);
        let high = places.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let low = f64::from(low) - 0.01 * f64::from(high - low);
        // The margin above is that of the wider interval, as the peer has it.
        let high = f64::from(high) + 0.01 * (f64::from(high) - low);
        let step = (high - low) / (self.points - 1) as f64;
        (0..self.points)
            .map(|point| low + step * point as f64)
            .collect()
    }
}

impl Default for VelocityGrid {
    fn default() -> Self {
        Self::new()
    }
}

/// What was averaged, row by row of the grid.
struct Field {
    x: Vec<f64>,
    y: Vec<f64>,
    vectors: Vec<[f64; 2]>,
    mass: Vec<f64>,
    /// How long the arrows of the cells around are, by the sum of absolute coordinates.
    moving: Vec<f64>,
}

/// Arrows on the points of a grid that have cells around; cheap to clone.
#[derive(Clone)]
pub struct Grid {
    data: Arc<(Map, Array2<f64>, Array2<f64>)>,
}

impl Grid {
    /// Returns where the arrows start, shape `(points, 2)`.
    pub fn positions(&self) -> &Array2<f64> {
        &self.data.1
    }

    /// Returns the arrows without scale, shape `(points, 2)`.
    pub fn vectors(&self) -> &Array2<f64> {
        &self.data.2
    }

    /// Returns the arrows as they are drawn, in units of the map, shape `(points, 2)`: one of the 95th percentile is as long as a
    /// twentieth of the larger side of the map.
    pub fn drawn(&self) -> Array2<f64> {
        self.vectors() * scale(&self.data.0, &self.data.2)
    }
}

impl fmt::Debug for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grid({} arrows)", self.data.1.nrows())
    }
}

/// A field of velocities on all points of a grid, along which streams can be drawn; cheap to clone.
#[derive(Clone)]
pub struct Stream {
    data: Arc<Streaming>,
}

struct Streaming {
    x: Array1<f64>,
    y: Array1<f64>,
    along_x: Array2<f64>,
    along_y: Array2<f64>,
}

impl Stream {
    /// Returns the points along the first axis of the map.
    pub fn x(&self) -> &Array1<f64> {
        &self.data.x
    }

    /// Returns the points along the second axis of the map.
    pub fn y(&self) -> &Array1<f64> {
        &self.data.y
    }

    /// Returns the velocity along the first axis, shape `(y, x)`, NaN where no stream is drawn.
    pub fn along_x(&self) -> &Array2<f64> {
        &self.data.along_x
    }

    /// Returns the velocity along the second axis, shape `(y, x)`, NaN where no stream is drawn.
    pub fn along_y(&self) -> &Array2<f64> {
        &self.data.along_y
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream({} x {})", self.x().len(), self.y().len())
    }
}
