//! Where points are before they are moved.

use super::spectral::{features, jittered, random, spectral};
use crate::embedding::Pca;
use crate::random::Seed;
use crate::sparse::Sparse;
use crate::{Error, Input, Result};
use ndarray::{Array2, Axis, s};
use std::sync::Arc;

/// The map begins in a square with sides of this length.
const SIDE: f64 = 10.0;

/// Where the points of a map are before they are moved.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Start {
    /// Along the smoothest functions on the graph of neighbours, its parts that are not connected beside each other.
    #[default]
    Spectral,
    /// Along the directions in which the examples differ most.
    Pca,
    /// Anywhere.
    Random,
    /// Where these coordinates say, shape `(n, dimensions)`.
    Given(Arc<Array2<f32>>),
}

impl Start {
    /// Places the points in a square, shape `(n, dimensions)`.
    pub(super) fn place(
        &self,
        (graph, x): (&Sparse, Option<&dyn Input>),
        dimensions: usize,
        seed: Seed,
    ) -> Result<Array2<f64>> {
        let mut places = self.raw((graph, x), dimensions, seed)?;
        for mut column in places.axis_iter_mut(Axis(1)) {
            let low = column.iter().copied().fold(f64::INFINITY, f64::min);
            let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let width = if high > low { high - low } else { 1.0 };
            column.mapv_inplace(|value| SIDE * (value - low) / width);
        }
        Ok(places)
    }

    /// Places the points at any scale, shape `(n, dimensions)`.
    pub(in crate::embedding) fn raw(
        &self,
        (graph, x): (&Sparse, Option<&dyn Input>),
        dimensions: usize,
        seed: Seed,
    ) -> Result<Array2<f64>> {
        let n = graph.nrows();
        Ok(match self {
            Self::Spectral => jittered(spectral((graph, x), dimensions, seed)?, seed),
            Self::Pca => {
                let Some(x) = x else {
                    let expected = "examples, since neighbours alone have no components";
                    return Err(Error::value("start", expected, "pca"));
                };
                // Axes that the examples do not have are noise.
                let axes = dimensions.min(features(x)?).min(n);
                let mut places = Array2::zeros((n, dimensions));
                let found = Pca::new(axes).run(x)?;
                places.slice_mut(s![.., ..axes]).assign(found.coordinates());
                jittered(places, seed)
            }
            Self::Random => random(n, dimensions, seed),
            Self::Given(given) => {
                if given.dim() != (n, dimensions) {
                    let expected = format!("({n}, {dimensions})");
                    return Err(Error::shape("start", expected, given.shape()));
                }
                if given.iter().any(|value| !value.is_finite()) {
                    return Err(Error::value("start", "finite", "not finite in places"));
                }
                given.mapv(f64::from)
            }
        })
    }
}
