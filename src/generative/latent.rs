//! Where a model places cells.

use crate::{Input, Result};
use ndarray::{Array2, CowArray, IxDyn};
use polars::prelude::DataFrame;
use std::fmt;
use std::sync::Arc;

/// Where a model places cells: one row for each; cheap to clone, and an input of `embedding::umap` and the other maps.
#[derive(Clone)]
pub struct Latent {
    coordinates: Arc<Array2<f32>>,
    about: Option<DataFrame>,
}

impl Latent {
    pub(super) fn new(coordinates: Array2<f32>, about: Option<DataFrame>) -> Self {
        Self {
            coordinates: Arc::new(coordinates),
            about,
        }
    }

    /// Returns the coordinates, shape `(cells, dimensions)`.
    pub fn coordinates(&self) -> &Array2<f32> {
        &self.coordinates
    }

    /// Returns how many cells there are.
    pub fn len(&self) -> usize {
        self.coordinates.nrows()
    }

    /// Tells whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many dimensions there are.
    pub fn dimensions(&self) -> usize {
        self.coordinates.ncols()
    }
}

impl Input for Latent {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        self.coordinates.array()
    }

    fn about(&self) -> Option<&DataFrame> {
        self.about.as_ref()
    }
}

impl fmt::Debug for Latent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cells, dimensions) = self.coordinates.dim();
        write!(f, "Latent({cells} cells, {dimensions} dimensions)")
    }
}
