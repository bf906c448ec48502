//! Where a model places cells.

use crate::expression::{Cells, Frame};
use crate::{Error, Input, Result};
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

    /// Takes coordinates, shape `(cells, dimensions)`, such as those of another latent that were changed.
    ///
    /// # Errors
    ///
    /// Fails when there is no number, or one is not finite.
    pub fn from_coordinates(coordinates: Array2<f32>) -> Result<Self> {
        let latent = Self::new(coordinates, None);
        latent.checked(latent.dimensions().max(1))?;
        Ok(latent)
    }

    /// Returns the coordinates where a model of so many dimensions can read them.
    pub(super) fn checked(&self, dimensions: usize) -> Result<&Array2<f32>> {
        if self.is_empty() || self.dimensions() != dimensions {
            let expected = format!("(n, {dimensions}) with n at least 1");
            return Err(Error::shape("latent", expected, self.coordinates.shape()));
        }
        match self.coordinates.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(Error::value("latent", "finite numbers", value)),
            None => Ok(&self.coordinates),
        }
    }

    /// Returns values, one row for each position, as cells of which is known what is known of the positions.
    pub(super) fn to_cells(&self, values: Array2<f32>, genes: &[String]) -> Result<Cells> {
        let names = (0..self.len()).map(|cell| cell.to_string());
        let mut obs = Frame::new(names);
        if let Some(about) = &self.about {
            for column in about.columns() {
                obs = obs.with(column.clone())?;
            }
        }
        Cells::from_frames(values, obs, Frame::new(genes.to_vec()))
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
