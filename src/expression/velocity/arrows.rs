//! Velocities on a map.

use super::{Grid, Stream, Transitions, Velocity, VelocityGrid};
use crate::distribution::order::quantile;
use crate::embedding::Map;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// The share of the larger side of a map that is taken by an arrow longer than 95 of 100.
const SHARE: f64 = 0.05;

/// One arrow for each cell of a map; cheap to clone.
///
/// An arrow is the mean of the unit vectors that point to the cells around, each weighted by the chance to move there less the mean chance,
/// chances being signed ([`Transitions::signed`]). Its length therefore has no unit: 0 where no direction is preferred, at most 2. It
/// says how decided the direction is, not how fast a cell moves. scVelo divides by a number it takes from a hidden drawing of the arrows;
/// here arrows are kept as they are and [`drawn`](Self::drawn) scales them by a rule.
///
/// # References
///
/// Bergen et al. 2020, <https://doi.org/10.1038/s41587-020-0591-3>.
#[derive(Clone)]
pub struct Arrows {
    data: Arc<(Map, Array2<f64>)>,
}

impl Arrows {
    pub(super) fn new(velocity: &Velocity, map: &Map) -> Result<Self> {
        if map.len() != velocity.len() {
            let expected = format!("one of {} cells", velocity.len());
            return Err(Error::value("map", expected, format!("of {}", map.len())));
        }
        let chances = Transitions::new().signed(true).run(velocity)?;
        let places = map.coordinates();
        let mut vectors = Array2::<f64>::zeros(places.dim());
        for (cell, mut vector) in vectors.rows_mut().into_iter().enumerate() {
            let (others, chances) = chances.row(cell);
            let ways = others
                .iter()
                .zip(chances)
                .filter(|(other, chance)| **other as usize != cell && **chance != 0.0);
            let ways: Vec<(usize, f64)> = ways
                .map(|(other, chance)| (*other as usize, f64::from(*chance)))
                .collect();
            let mean =
                ways.iter().map(|(_, chance)| chance).sum::<f64>() / ways.len().max(1) as f64;
            for (other, chance) in ways {
                let way: Vec<f64> = places
                    .row(other)
                    .iter()
                    .zip(places.row(cell))
                    .map(|(to, from)| f64::from(to - from))
                    .collect();
                let length = way.iter().map(|x| x * x).sum::<f64>().sqrt();
                if length > 0.0 {
                    for (sum, way) in vector.iter_mut().zip(way) {
                        *sum += (chance - mean) * way / length;
                    }
                }
            }
        }
        Ok(Self {
            data: Arc::new((map.clone(), vectors)),
        })
    }

    /// Returns the map on which the arrows start.
    pub fn map(&self) -> &Map {
        &self.data.0
    }

    /// Returns the arrows without scale, shape `(n, dimensions)`.
    pub fn vectors(&self) -> &Array2<f64> {
        &self.data.1
    }

    /// Returns how long each arrow is, 0 to 2.
    pub fn lengths(&self) -> Array1<f64> {
        lengths(&self.data.1)
    }

    /// Returns by what arrows are multiplied to be drawn: an arrow of the 95th percentile is as long as a twentieth of the larger side of
    /// the map.
    pub fn scale(&self) -> f64 {
        scale(&self.data.0, &self.data.1)
    }

    /// Returns the arrows as they are drawn, in units of the map, shape `(n, dimensions)`.
    pub fn drawn(&self) -> Array2<f64> {
        self.vectors() * self.scale()
    }

    /// Averages the arrows on a grid over the map, with the defaults of [`VelocityGrid`].
    ///
    /// # Errors
    ///
    /// As [`VelocityGrid::run`].
    pub fn grid(&self) -> Result<Grid> {
        VelocityGrid::new().run(self)
    }

    /// Averages the arrows on a grid along which streams can be drawn, with the defaults of [`VelocityGrid`].
    ///
    /// # Errors
    ///
    /// As [`VelocityGrid::stream`].
    pub fn stream(&self) -> Result<Stream> {
        VelocityGrid::new().stream(self)
    }
}

impl fmt::Debug for Arrows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Arrows({} cells on {})",
            self.map().len(),
            self.map().method()
        )
    }
}

pub(super) fn lengths(vectors: &Array2<f64>) -> Array1<f64> {
    vectors
        .rows()
        .into_iter()
        .map(|row| row.dot(&row).sqrt())
        .collect()
}

pub(super) fn scale(map: &Map, vectors: &Array2<f64>) -> f64 {
    let side = |column: ndarray::ArrayView1<'_, f32>| {
        let low = column.iter().copied().fold(f32::INFINITY, f32::min);
        let high = column.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        f64::from(high - low)
    };
    let side = map
        .coordinates()
        .columns()
        .into_iter()
        .map(side)
        .fold(0.0, f64::max);
    let long = quantile(lengths(vectors).to_vec(), 0.95);
    if long > 0.0 { SHARE * side / long } else { 1.0 }
}
