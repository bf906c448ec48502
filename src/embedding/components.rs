//! What a principal component analysis gives.

use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// Examples along the directions in which they differ most; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Components {
    data: Arc<Data>,
}

#[derive(PartialEq)]
pub(crate) struct Data {
    pub(crate) coordinates: Array2<f64>,
    pub(crate) loadings: Array2<f64>,
    pub(crate) variance: Array1<f64>,
    pub(crate) ratio: Array1<f64>,
}

impl Components {
    pub(crate) fn new(data: Data) -> Self {
        Self {
            data: Arc::new(data),
        }
    }

    /// Returns where the examples are, shape `(n, components)`.
    pub fn coordinates(&self) -> &Array2<f64> {
        &self.data.coordinates
    }

    /// Returns the directions as rows of length one, shape `(components, features)`.
    pub fn loadings(&self) -> &Array2<f64> {
        &self.data.loadings
    }

    /// Returns the variance along each direction, over `n - 1`.
    pub fn explained_variance(&self) -> &Array1<f64> {
        &self.data.variance
    }

    /// Returns the share of the whole variance along each direction.
    pub fn explained_variance_ratio(&self) -> &Array1<f64> {
        &self.data.ratio
    }
}

impl fmt::Debug for Components {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, components) = self.data.coordinates.dim();
        write!(f, "Components(n = {n}, components = {components})")
    }
}
